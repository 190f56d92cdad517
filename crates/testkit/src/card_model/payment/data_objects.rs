//! GET DATA: what a reader sees of the card's own data; PUT DATA: what the issuer may change of it.
//!
//! # Reference
//! JR/T 0025.5 annex B.5, §17.4; .12 annex C; .13 §5.8, §6; spec/financial-details.md §6, §7; docs/decisions.md, "The bank card".

use sscard_apdu::tlv::{Tag, Writer};
use sscard_apdu::{StatusWord, bcd};
use sscard_elements::{CardVerificationResults as Cvr, tag};

use super::{Account, log, qpboc};
use crate::card_model::answer::Answer;
use crate::card_model::stand::{Outcome, Plain};

/// What PUT DATA takes.
const PUTTABLE: [Tag; 13] = [
    tag::INTERNATIONAL_COUNTRY_LIMIT,
    tag::INTERNATIONAL_CURRENCY_LIMIT,
    tag::CUMULATIVE_LIMIT,
    tag::DUAL_CUMULATIVE_LIMIT,
    tag::CUMULATIVE_UPPER_LIMIT,
    tag::CONVERSION_FACTOR,
    tag::LOWER_OFFLINE_LIMIT_OF_CARD,
    tag::UPPER_OFFLINE_LIMIT_OF_CARD,
    tag::CASH_BALANCE,
    tag::CASH_BALANCE_LIMIT,
    tag::CASH_SINGLE_LIMIT,
    tag::CASH_RESET_THRESHOLD,
    tag::CARD_CVM_LIMIT,
];

/// Bytes of an amount.
const AMOUNT: usize = 6;

pub(super) fn give(plain: Plain<'_>, account: &mut Account<'_>, answer: &mut Answer) -> Outcome {
    if !plain.data.is_empty() {
        return Err(StatusWord::WRONG_LENGTH);
    }
    let wanted = tag_of(plain);
    let value = value(account, wanted).ok_or(StatusWord::REFERENCED_DATA_NOT_FOUND)?;
    Writer::new(&mut answer.data).primitive(wanted, &value);
    Ok(StatusWord::SUCCESS)
}

/// The tag in P1 and P2.
pub(super) fn tag_of(plain: Plain<'_>) -> Tag {
    Tag::from_number(u16::from_be_bytes([plain.p1, plain.p2]).into())
}

fn value(account: &mut Account<'_>, wanted: Tag) -> Option<Vec<u8>> {
    let application = &account.plan.application;
    let format = |log: &Option<sscard_core::Log>| log.as_ref().map(|log| log.format.clone());
    match wanted {
        tag::TRANSACTION_COUNTER => Some(account.held().atc.to_be_bytes().to_vec()),
        tag::LAST_ONLINE_COUNTER => Some(account.held().last_online_atc.to_be_bytes().to_vec()),
        tag::PIN_TRY_COUNTER if application.options.shows_pin_tries => {
            let tries = account.held().tries;
            if tries == 0 {
                account.session.note(Cvr::PIN_TRIES_EXCEEDED);
            }
            Some(vec![tries])
        }
        tag::TRANSACTION_LOG_FORMAT => format(&application.transaction_log),
        tag::LOAD_LOG_FORMAT => format(&application.load_log),
        // 01 lets it be seen; what is seen is computed.
        tag::AVAILABLE_OFFLINE_AMOUNT => shown_available(account).map(|amount| amount.to_vec()),
        // For the card alone.
        tag::CARD_AUTHENTICATION_DATA | tag::CARD_QUALIFIERS | tag::ISSUER_APPLICATION_DATA => None,
        other => account.held().object(other).map(<[u8]>::to_vec),
    }
}

/// 9F5D, where the profile lets it be seen.
pub(super) fn shown_available(account: &Account<'_>) -> Option<[u8; AMOUNT]> {
    let held = account.held();
    (held.fixed(tag::AVAILABLE_OFFLINE_AMOUNT) == Some([0x01]))
        .then(|| bcd::n12(qpboc::available_offline(held)))
}

/// PUT DATA behind its MAC: 6A80 not to be changed, not decimal, or above the balance's limit; 6700 another length.
pub(super) fn put(account: &mut Account<'_>, wanted: Tag, new: &[u8]) -> Result<(), StatusWord> {
    let held = account.held();
    let old = held.object(wanted).filter(|_| PUTTABLE.contains(&wanted));
    let old = old.ok_or(StatusWord::INCORRECT_DATA)?;
    if new.len() != old.len() {
        return Err(StatusWord::WRONG_LENGTH);
    }
    let is_digit = |nibble: u8| nibble <= 9;
    let is_decimal = new.iter().all(|byte| is_digit(byte >> 4) && is_digit(byte & 0x0F));
    if new.len() == AMOUNT && !is_decimal {
        return Err(StatusWord::INCORRECT_DATA);
    }
    if wanted == tag::CASH_BALANCE {
        let limit = held.amount(tag::CASH_BALANCE_LIMIT);
        if limit.is_some_and(|limit| bcd::number(new) > limit) {
            let status = account.plan.application.options.status_of_balance_over_limit;
            return Err(StatusWord::new(status));
        }
        if let (Ok(old), Ok(new)) = (old.try_into(), new.try_into()) {
            let [high, low] = u16::try_from(wanted.number()).unwrap_or_default().to_be_bytes();
            log::note_load(account, [high, low], old, new);
        }
    }
    account.change().put(wanted, new);
    Ok(())
}
