//! A qPBOC transaction: the card decides in its answer to GET PROCESSING OPTIONS.
//!
//! Source: JR/T 0025.12 §7; .6 annex for the terminal.

use sscard_crypto::financial::IssuerApplicationData;
use sscard_elements::{
    CardTransactionQualifiers as Ctq, CardVerificationResults, CryptogramInformationData as Cid,
    TerminalTransactionQualifiers as Ttq, TerminalVerificationResults as Tvr, tag,
};
use sscard_host::Transport;

use super::issuer::AuthorisationRequest;
use super::kernel::{Course, Kernel, need};
use super::records::Reading;
use super::{
    Cryptogram, HolderVerification, Issuer, IssuerAnswer, Outcome, Payment, PaymentError,
    authentication, checks, completion, records,
};

const OPTIONS: &str = "GET PROCESSING OPTIONS";

/// Carries a qPBOC transaction to its end.
pub(super) fn transact<T: Transport>(
    mut kernel: Kernel<'_, T>,
    mut course: Course,
    issuer: &mut dyn Issuer,
) -> Result<Payment, PaymentError> {
    let malformed = |tag, reason| PaymentError::Malformed { command: OPTIONS, tag, reason };
    let (tag, value) = records::process(&mut kernel, &mut course)?;
    if tag != tag::RESPONSE_FORMAT_2 {
        return Err(malformed(
            tag::RESPONSE_FORMAT_1,
            "is not the template of a qPBOC transaction",
        ));
    }
    let mut reading = Reading::default();
    reading.take_once(&mut kernel.data, OPTIONS, tag::RESPONSE_FORMAT_2, &value)?;
    let issuer_data = need(&kernel.data, OPTIONS, tag::ISSUER_APPLICATION_DATA)?.to_vec();
    let parsed = IssuerApplicationData::parse(&issuer_data)
        .ok_or(malformed(tag::ISSUER_APPLICATION_DATA, "is not issuer application data"))?;
    // The kind stands in the CVR: there is no tag 9F27.
    let cid = CardVerificationResults::new(parsed.cvr).first();
    let first = Cryptogram {
        cid,
        atc: kernel
            .data
            .array(tag::TRANSACTION_COUNTER)
            .ok_or(malformed(tag::TRANSACTION_COUNTER, "is not two bytes long"))?,
        cryptogram: kernel
            .data
            .array(tag::CRYPTOGRAM)
            .ok_or(malformed(tag::CRYPTOGRAM, "is not eight bytes long"))?,
        issuer_data,
    };
    let card = Ctq::new(kernel.data.array(tag::CARD_QUALIFIERS).unwrap_or([0, 0]));
    if card.has(Ctq::ONLINE_PIN) && !kernel.qualifiers.has(Ttq::ONLINE_PIN) {
        // No PIN can be entered here, and none was offered.
        course.holder = HolderVerification::Failed;
        return Ok(Payment { first: Some(first), ..kernel.finish(course, Outcome::Declined) });
    } else if card.has(Ctq::ONLINE_PIN) {
        course.holder = HolderVerification::OnlinePin;
    } else if card.has(Ctq::SIGNATURE) {
        course.holder = HolderVerification::Signature;
    } else {
        course.holder = HolderVerification::NoneRequired;
    }
    match cid {
        Cid::TC => offline(kernel, course, reading, issuer, first),
        Cid::ARQC if kernel.settings.online => online(kernel, course, issuer, first),
        _ => Ok(Payment { first: Some(first), ..kernel.finish(course, Outcome::Declined) }),
    }
}

/// The card approves offline: its records, restrictions, fDDA.
///
/// `[choice]` Restrictions are checked before the last record is read: the card debits there, and
/// what cannot be approved leaves it without a debit. An application that has expired, is not yet
/// effective or not for this service is declined.
fn offline<T: Transport>(
    mut kernel: Kernel<'_, T>,
    mut course: Course,
    mut reading: Reading,
    issuer: &mut dyn Issuer,
    first: Cryptogram,
) -> Result<Payment, PaymentError> {
    let places = records::places(&kernel.data)?;
    if let Some((last, before)) = places.split_last() {
        before.iter().try_for_each(|place| reading.read_one(&mut kernel, *place))?;
        checks::restrict(kernel.settings, &kernel.data, &mut kernel.tvr);
        let restricted = Tvr::EXPIRED | Tvr::NOT_YET_EFFECTIVE | Tvr::SERVICE_NOT_ALLOWED;
        if kernel.tvr.has(restricted) {
            return Ok(Payment { first: Some(first), ..kernel.finish(course, Outcome::Declined) });
        }
        reading.read_one(&mut kernel, *last)?;
    }
    course.static_data = reading.static_data;
    authentication::verify_quick(&mut kernel, &mut course);
    let outcome = if course.authentication.ok {
        let recognised = issuer.recognises(&first, &kernel.data);
        if recognised { Outcome::Approved } else { Outcome::Failed }
    } else {
        let card = Ctq::new(kernel.data.array(tag::CARD_QUALIFIERS).unwrap_or([0, 0]));
        let terminal = kernel.qualifiers;
        let is_online = kernel.settings.online && !terminal.has(Ttq::OFFLINE_ONLY);
        if card.has(Ctq::ONLINE_WITHOUT_AUTHENTICATION) && is_online {
            return online(kernel, course, issuer, first);
        }
        if card.has(Ctq::CONTACT_WITHOUT_AUTHENTICATION) && terminal.has(Ttq::CONTACT) {
            Outcome::TryContact
        } else {
            Outcome::Declined
        }
    };
    Ok(Payment { first: Some(first), ..kernel.finish(course, outcome) })
}

/// The issuer decides.
///
/// `[choice]` After a failed offline data authentication it sees the TC that the card gave, in the
/// place of an ARQC: the card gives one cryptogram in a qPBOC transaction. Scripts cannot be brought to
/// a card that has left the field; their results say so.
fn online<T: Transport>(
    kernel: Kernel<'_, T>,
    mut course: Course,
    issuer: &mut dyn Issuer,
    first: Cryptogram,
) -> Result<Payment, PaymentError> {
    let online_pin = kernel.online_pin(course.holder);
    let request = AuthorisationRequest { cryptogram: &first, data: &kernel.data, online_pin };
    let answer = issuer.authorise(&request);
    let outcome = match &answer {
        Some(answer) if !answer.cryptogram_ok => Outcome::Failed,
        Some(answer) if &answer.response_code == b"00" => Outcome::Approved,
        _ => Outcome::Declined,
    };
    let unsent = answer.as_ref().map(|answer| &answer.scripts[..]).unwrap_or_default();
    let scripts = completion::leave_scripts(&mut course, unsent);
    let issuer = answer.map(|answer| IssuerAnswer {
        arqc_ok: answer.cryptogram_ok,
        idd_ok: answer.idd_ok,
        response_code: answer.response_code,
        arpc: answer.arpc,
        status: None,
    });
    Ok(Payment { first: Some(first), issuer, scripts, ..kernel.finish(course, outcome) })
}
