//! GET DATA and PUT DATA: which data objects a reader sees, and which the issuer may change.

use sscard_apdu::StatusWord;
use sscard_apdu::bcd;
use sscard_apdu::tlv::Tag;
use sscard_elements::{CardVerificationResults, tag};

use super::session::Session;
use super::{log, qpboc};
use crate::applet::Reply;
use crate::profile::Area;

/// GET DATA (INS CA): one data object with tag and length, blocked application or not.
///
/// # Status
/// `9000`; `6A88` unknown, or not to be returned; `6Cxx`.
///
/// # Reference
/// JR/T 0025.5 annex B.5, .13 §6.
pub(super) fn get(
    session: &mut Session<'_>,
    wanted: Tag,
    reply: &mut Reply<'_>,
) -> Result<StatusWord, StatusWord> {
    let not_found = Err(StatusWord::REFERENCED_DATA_NOT_FOUND);
    let mut answer = |value: &[u8]| {
        reply.tlv().primitive(wanted, value);
        Ok(StatusWord::SUCCESS)
    };
    match wanted {
        tag::TRANSACTION_COUNTER => answer(&session.array::<2>(Area::ATC)),
        tag::LAST_ONLINE_COUNTER => answer(&session.array::<2>(Area::LAST_ONLINE_ATC)),
        tag::PIN_TRY_COUNTER if session.plan.options.shows_pin_tries => {
            let tries = session.pin_tries();
            if tries == 0 {
                session.transaction.cvr.set(CardVerificationResults::PIN_TRIES_EXCEEDED);
            }
            answer(&[tries])
        }
        tag::TRANSACTION_LOG_FORMAT | tag::LOAD_LOG_FORMAT => {
            let of_loads = wanted == tag::LOAD_LOG_FORMAT;
            let log = if of_loads { &session.plan.load_log } else { &session.plan.transaction_log };
            match log {
                Some(log) => answer(&log.format),
                None => not_found,
            }
        }
        tag::AVAILABLE_OFFLINE_AMOUNT => match session.object::<1>(wanted) {
            Some([1]) => answer(&bcd::n12(qpboc::available_offline(session))),
            _ => not_found,
        },
        tag::CARD_AUTHENTICATION_DATA | tag::CARD_QUALIFIERS | tag::ISSUER_APPLICATION_DATA => {
            not_found
        }
        _ => {
            let (address, length) =
                session.place.object(wanted).ok_or(StatusWord::REFERENCED_DATA_NOT_FOUND)?;
            let mut value = alloc::vec::Vec::with_capacity(length);
            session.nvm.read_into(address, length, &mut value);
            answer(&value)
        }
    }
}

/// PUT DATA (INS DA) after its MAC was right.
///
/// # Status
/// `9000`; `6700` not the object's length; `6A80` not to be changed, no digits, or an e-cash balance
/// over its limit.
///
/// # Reference
/// JR/T 0025.5 §17.4, .13 §5.8.
pub(super) fn put(
    session: &mut Session<'_>,
    wanted: Tag,
    value: &[u8],
) -> Result<StatusWord, StatusWord> {
    let puttable = matches!(
        wanted,
        tag::INTERNATIONAL_COUNTRY_LIMIT
            | tag::INTERNATIONAL_CURRENCY_LIMIT
            | tag::CUMULATIVE_LIMIT
            | tag::DUAL_CUMULATIVE_LIMIT
            | tag::CUMULATIVE_UPPER_LIMIT
            | tag::CONVERSION_FACTOR
            | tag::LOWER_OFFLINE_LIMIT_OF_CARD
            | tag::UPPER_OFFLINE_LIMIT_OF_CARD
            | tag::CASH_BALANCE
            | tag::CASH_BALANCE_LIMIT
            | tag::CASH_SINGLE_LIMIT
            | tag::CASH_RESET_THRESHOLD
            | tag::CARD_CVM_LIMIT
    );
    let (_, length) =
        session.place.object(wanted).filter(|_| puttable).ok_or(StatusWord::INCORRECT_DATA)?;
    if value.len() != length {
        return Err(StatusWord::WRONG_LENGTH);
    }
    let is_amount = length == 6;
    if is_amount && value.iter().any(|byte| byte >> 4 > 9 || byte & 0x0F > 9) {
        return Err(StatusWord::INCORRECT_DATA);
    }
    if wanted == tag::CASH_BALANCE {
        let limit = session.limit(tag::CASH_BALANCE_LIMIT);
        if limit.is_some_and(|limit| bcd::number(value) > limit) {
            return Err(StatusWord::new(session.plan.options.status_of_balance_over_limit));
        }
        let old = session.object::<6>(wanted).unwrap_or_default();
        session.set_object(wanted, value)?;
        log::note_load(session, wanted, &old, value)?;
        return Ok(StatusWord::SUCCESS);
    }
    session.set_object(wanted, value)?;
    Ok(StatusWord::SUCCESS)
}
