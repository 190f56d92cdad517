//! A quick transaction (qPBOC): the card decides in its answer to GET PROCESSING OPTIONS.
//!
//! Source: JR/T 0025.12 §7; .6 annex for the terminal.

use sscard_crypto::financial::IssuerApplicationData;
use sscard_elements::tag;
use sscard_host::Transport;

use super::issuer::AuthorisationRequest;
use super::kernel::Kernel;
use super::{
    Cryptogram, HolderVerification, Issuer, IssuerAnswer, Outcome, Payment, PaymentError,
    authentication, checks, completion, records,
};

const OPTIONS: &str = "GET PROCESSING OPTIONS";
/// TVR byte 2: expired, not yet effective, not allowed.
const RESTRICTED: u8 = 0x70;
/// Terminal transaction qualifiers byte 1.
const CONTACT: u8 = 0x10;
const OFFLINE_ONLY: u8 = 0x08;
/// Card transaction qualifiers byte 1: what to do when offline data authentication fails.
const ONLINE_WITHOUT_AUTHENTICATION: u8 = 0x20;
const CONTACT_WITHOUT_AUTHENTICATION: u8 = 0x10;

/// Carries a quick transaction to its end.
pub(super) fn transact<T: Transport>(
    mut kernel: Kernel<'_, T>,
    issuer: &mut dyn Issuer,
) -> Result<Payment, PaymentError> {
    let malformed = |tag, reason| PaymentError::Malformed { command: OPTIONS, tag, reason };
    let (tag, value) = records::process(&mut kernel)?;
    if tag != tag::RESPONSE_FORMAT_2 {
        return Err(malformed(
            tag::RESPONSE_FORMAT_1,
            "is not the template of a quick transaction",
        ));
    }
    kernel.take_once(OPTIONS, tag::RESPONSE_FORMAT_2, &value)?;
    let issuer_data = kernel.need(OPTIONS, tag::ISSUER_APPLICATION_DATA)?.to_vec();
    let parsed = IssuerApplicationData::parse(&issuer_data)
        .ok_or(malformed(tag::ISSUER_APPLICATION_DATA, "is not issuer application data"))?;
    // The kind stands in the CVR: there is no tag 9F27.
    let [_, second, ..] = parsed.cvr;
    let cid = (second << 2) & 0xC0;
    let first = Cryptogram {
        cid,
        atc: kernel
            .data
            .array(tag::TRANSACTION_COUNTER)
            .ok_or(malformed(tag::TRANSACTION_COUNTER, "has not two bytes"))?,
        cryptogram: kernel
            .data
            .array(tag::CRYPTOGRAM)
            .ok_or(malformed(tag::CRYPTOGRAM, "has not eight bytes"))?,
        issuer_data,
    };
    let [qualifiers, _] = kernel.data.array(tag::CARD_QUALIFIERS).unwrap_or([0, 0]);
    if qualifiers & 0x80 != 0 && kernel.qualifiers[0] & 0x04 == 0 {
        // No PIN can be entered here, and none was offered.
        kernel.holder = HolderVerification::Failed;
        return Ok(Payment { first: Some(first), ..kernel.finish(Outcome::Declined) });
    } else if qualifiers & 0x80 != 0 {
        kernel.holder = HolderVerification::OnlinePin;
    } else if qualifiers & 0x40 != 0 {
        kernel.holder = HolderVerification::Signature;
    } else {
        kernel.holder = HolderVerification::NoneRequired;
    }
    match cid {
        0x40 => offline(kernel, issuer, first),
        0x80 if kernel.settings.online => online(kernel, issuer, first),
        _ => Ok(Payment { first: Some(first), ..kernel.finish(Outcome::Declined) }),
    }
}

/// The card approves offline: its records, restrictions, fDDA.
///
/// `[choice]` Restrictions are checked before the last record is read: the card debits there, and
/// what cannot be approved leaves it without a debit. An application that has expired, is not yet
/// effective or not for this service is declined.
fn offline<T: Transport>(
    mut kernel: Kernel<'_, T>,
    issuer: &mut dyn Issuer,
    first: Cryptogram,
) -> Result<Payment, PaymentError> {
    let places = records::places(&kernel)?;
    if let Some((last, before)) = places.split_last() {
        before.iter().try_for_each(|place| records::read_one(&mut kernel, *place))?;
        checks::restrict(&mut kernel);
        if kernel.tvr[1] & RESTRICTED != 0 {
            return Ok(Payment { first: Some(first), ..kernel.finish(Outcome::Declined) });
        }
        records::read_one(&mut kernel, *last)?;
    }
    authentication::verify_quick(&mut kernel);
    let outcome = if kernel.authentication.ok {
        let recognised = issuer.recognises(&first, &kernel.data);
        if recognised { Outcome::Approved } else { Outcome::Failed }
    } else {
        let [card, _] = kernel.data.array(tag::CARD_QUALIFIERS).unwrap_or([0, 0]);
        let [terminal, ..] = kernel.qualifiers;
        let is_online = kernel.settings.online && terminal & OFFLINE_ONLY == 0;
        if card & ONLINE_WITHOUT_AUTHENTICATION != 0 && is_online {
            return online(kernel, issuer, first);
        }
        if card & CONTACT_WITHOUT_AUTHENTICATION != 0 && terminal & CONTACT != 0 {
            Outcome::TryContact
        } else {
            Outcome::Declined
        }
    };
    Ok(Payment { first: Some(first), ..kernel.finish(outcome) })
}

/// The issuer decides.
///
/// `[choice]` After a failed offline data authentication it sees the TC that the card gave, in the
/// place of an ARQC: the card gives one cryptogram in a quick transaction. Scripts cannot be brought to
/// a card that has left the field; their results say so.
fn online<T: Transport>(
    mut kernel: Kernel<'_, T>,
    issuer: &mut dyn Issuer,
    first: Cryptogram,
) -> Result<Payment, PaymentError> {
    let online_pin = kernel.online_pin();
    let request = AuthorisationRequest { cryptogram: &first, data: &kernel.data, online_pin };
    let answer = issuer.authorise(&request);
    let outcome = match &answer {
        Some(answer) if !answer.cryptogram_ok => Outcome::Failed,
        Some(answer) if &answer.response_code == b"00" => Outcome::Approved,
        _ => Outcome::Declined,
    };
    let unsent = answer.as_ref().map(|answer| &answer.scripts[..]).unwrap_or_default();
    let scripts = completion::leave_scripts(&mut kernel, unsent);
    let issuer = answer.map(|answer| IssuerAnswer {
        arqc_ok: answer.cryptogram_ok,
        idd_ok: answer.idd_ok,
        response_code: answer.response_code,
        arpc: answer.arpc,
        status: None,
    });
    Ok(Payment { first: Some(first), issuer, scripts, ..kernel.finish(outcome) })
}
