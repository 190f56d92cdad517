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
    PaymentReason, authentication, checks, completion, records,
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
    if kernel.settings.relay_limit.is_some_and(|limit| kernel.took > limit) {
        return Ok(kernel.finish(course, Outcome::Declined, Some(PaymentReason::TooLate)));
    }
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
        let reason = Some(PaymentReason::NoPinPad);
        let payment = kernel.finish(course, Outcome::Declined, reason);
        return Ok(Payment { first: Some(first), ..payment });
    } else if card.has(Ctq::ONLINE_PIN) {
        course.holder = HolderVerification::OnlinePin;
    } else if card.has(Ctq::SIGNATURE) && kernel.qualifiers.has(Ttq::SIGNATURE) {
        course.holder = HolderVerification::Signature;
    } else if kernel.qualifiers.has(Ttq::HOLDER_VERIFICATION) && cid != Cid::AAC {
        // `[choice]` Whatever else the qualifiers say: of a device that verified its holder itself, say, which this
        // terminal did not offer to believe.
        course.holder = HolderVerification::Failed;
        let reason = Some(PaymentReason::HolderNotVerified);
        let payment = kernel.finish(course, Outcome::Declined, reason);
        return Ok(Payment { first: Some(first), ..payment });
    } else {
        course.holder = HolderVerification::NoneRequired;
    }
    match cid {
        Cid::TC => offline(kernel, course, reading, issuer, first),
        Cid::ARQC if kernel.settings.online => online(kernel, course, issuer, first),
        Cid::ARQC => {
            let reason = Some(PaymentReason::Unreachable);
            let payment = kernel.finish(course, Outcome::Declined, reason);
            Ok(Payment { first: Some(first), ..payment })
        }
        _ => {
            let payment = kernel.finish(course, Outcome::Declined, Some(PaymentReason::Card));
            Ok(Payment { first: Some(first), ..payment })
        }
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
            let reason = Some(PaymentReason::Restricted);
            let payment = kernel.finish(course, Outcome::Declined, reason);
            return Ok(Payment { first: Some(first), ..payment });
        }
        reading.read_one(&mut kernel, *last)?;
    }
    course.static_data = reading.static_data;
    records::agree(&kernel.data)?;
    authentication::verify_quick(&mut kernel, &mut course);
    let (outcome, reason) = if course.authentication.ok {
        let recognised = issuer.recognises(&first, &kernel.data);
        if recognised {
            (Outcome::Approved, None)
        } else {
            (Outcome::Failed, Some(PaymentReason::NotRecognised))
        }
    } else {
        let card = Ctq::new(kernel.data.array(tag::CARD_QUALIFIERS).unwrap_or([0, 0]));
        let terminal = kernel.qualifiers;
        let is_online = kernel.settings.online && !terminal.has(Ttq::OFFLINE_ONLY);
        if card.has(Ctq::ONLINE_WITHOUT_AUTHENTICATION) && is_online {
            return online(kernel, course, issuer, first);
        }
        let wants_contact =
            card.has(Ctq::CONTACT_WITHOUT_AUTHENTICATION) && terminal.has(Ttq::CONTACT);
        let outcome = if wants_contact { Outcome::TryContact } else { Outcome::Declined };
        (outcome, Some(PaymentReason::NotSigned))
    };
    Ok(Payment { first: Some(first), ..kernel.finish(course, outcome, reason) })
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
    let (outcome, reason) = match &answer {
        Some(answer) if !answer.cryptogram_ok => (Outcome::Failed, answer.reason),
        Some(answer) if &answer.response_code == b"00" => (Outcome::Approved, None),
        Some(answer) => (Outcome::Declined, answer.reason),
        None => (Outcome::Declined, None),
    };
    let reason = match (outcome, &answer) {
        (Outcome::Approved, _) => None,
        (_, Some(_)) => Some(PaymentReason::Issuer(reason.unwrap_or_default())),
        (_, None) => Some(PaymentReason::Unreachable),
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
    Ok(Payment { first: Some(first), issuer, scripts, ..kernel.finish(course, outcome, reason) })
}
