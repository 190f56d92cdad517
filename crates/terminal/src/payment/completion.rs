//! First cryptogram, issuer, second cryptogram, scripts.
//!
//! Source: EMV Book 3 §10.8 to §10.11; JR/T 0025.6 §14 to §17.

use sscard_apdu::tlv::{Tag, begins_with};
use sscard_commands::{Command, CryptogramType};
use sscard_core::ResponseMethod;
use sscard_elements::{
    ApplicationInterchangeProfile as Aip, CryptogramInformationData as Cid,
    TerminalVerificationResults as Tvr, TransactionStatusInformation as Tsi, tag,
};
use sscard_host::Transport;

use super::issuer::AuthorisationRequest;
use super::kernel::{Course, Kernel, has_room, need, template};
use super::results::kind_name;
use super::{
    AuthenticationMethod, Authorisation, Cryptogram, Issuer, IssuerAnswer, Outcome, Payment,
    PaymentError, PaymentReason, ScriptResult, ScriptTemplate, authentication, checks,
};

const GENERATE: &str = "GENERATE AC";
/// Carries the transaction from the first cryptogram to its end.
pub(super) fn complete<T: Transport>(
    mut kernel: Kernel<'_, T>,
    mut course: Course,
    issuer: &mut dyn Issuer,
    wish: Cid,
) -> Result<Payment, PaymentError> {
    let takes_cash = checks::is_electronic_cash(kernel.settings, &kernel.data);
    kernel.tsi.set(Tsi::CARD_RISK_MANAGEMENT);
    let (first, asked_first) = generate(&mut kernel, &mut course, wish, tag::CDOL1, &[])?;
    let Some(first) = first else {
        let reason = Some(PaymentReason::NotCombined);
        return Ok(kernel.finish(course, Outcome::Failed, reason));
    };
    let kind = first.cid.kind();
    // The card debits when it gives a TC on the e-cash path (JR/T 0025.13 §7.6).
    let electronic_cash = takes_cash && kind == Cid::TC;
    if exceeds(kind, wish) {
        return Ok(Payment {
            electronic_cash,
            first: Some(first),
            ..kernel.finish(course, Outcome::Failed, Some(went_further(kind, wish)))
        });
    }
    if kind != Cid::ARQC {
        let recognised = issuer.recognises(&first, &kernel.data);
        let mut payment = if kind == Cid::TC && recognised {
            kernel.finish(course, Outcome::Approved, None)
        } else if kind == Cid::TC {
            kernel.finish(course, Outcome::Failed, Some(PaymentReason::NotRecognised))
        } else {
            // A declined card is told what the issuer wants of it: the unblock session.
            let scripts = unblock(&mut kernel, &mut course, issuer, &first)?;
            let reason =
                if wish == Cid::AAC { PaymentReason::Terminal } else { PaymentReason::Card };
            let mut payment = kernel.finish(course, Outcome::Declined, Some(reason));
            payment.scripts = scripts;
            payment
        };
        payment.electronic_cash = electronic_cash;
        payment.first = Some(first);
        return Ok(payment);
    }
    let answer = if kernel.settings.online {
        issuer.authorise(&AuthorisationRequest {
            cryptogram: &first,
            data: &kernel.data,
            online_pin: kernel.online_pin(course.holder),
        })
    } else {
        None
    };
    let (wish, issuer_answer) = match &answer {
        Some(answer) => authenticate(&mut kernel, answer)?,
        // EMV Book 3 §10.7: what cannot go online, the default action codes decide.
        None if checks::declines_by_default(kernel.settings, &kernel.data, kernel.tvr) => {
            kernel.data.set(tag::RESPONSE_CODE, *b"Z3");
            (Cid::AAC, None)
        }
        None => {
            kernel.data.set(tag::RESPONSE_CODE, *b"Y3");
            (Cid::TC, None)
        }
    };
    // Who declined before the card was asked again.
    let declined = (wish == Cid::AAC).then(|| match &answer {
        Some(answer) => PaymentReason::Issuer(answer.reason.unwrap_or_default()),
        None if kernel.settings.online => PaymentReason::Unreachable,
        None => PaymentReason::Terminal,
    });
    let scripts = answer.as_ref().map(|answer| &answer.scripts[..]).unwrap_or_default();
    // Even terminals send scripts of template 72 after the second cryptogram.
    let (second, _) = generate(&mut kernel, &mut course, wish, tag::CDOL2, &[&asked_first])?;
    let results = send_scripts(&mut kernel, &mut course, scripts)?;
    let (outcome, reason) = match &second {
        None => (Outcome::Failed, Some(PaymentReason::NotCombined)),
        Some(second) if exceeds(second.cid.kind(), wish) => {
            (Outcome::Failed, Some(went_further(second.cid.kind(), wish)))
        }
        Some(second) if !issuer.recognises(second, &kernel.data) => {
            (Outcome::Failed, Some(declined.unwrap_or(PaymentReason::NotRecognised)))
        }
        Some(second) if second.cid.kind() == Cid::TC => (Outcome::Approved, None),
        Some(_) => (Outcome::Declined, Some(declined.unwrap_or(PaymentReason::Card))),
    };
    Ok(Payment {
        first: Some(first),
        issuer: issuer_answer,
        second,
        scripts: results,
        ..kernel.finish(course, outcome, reason)
    })
}

fn went_further(given: Cid, asked: Cid) -> PaymentReason {
    PaymentReason::WentFurther { given: kind_name(given), asked: kind_name(asked) }
}

/// Whether a card went further than it was asked to: it may answer TC, ARQC, AAC in this order, never
/// the other way round (EMV Book 3 §9.3).
const fn exceeds(kind: Cid, asked: Cid) -> bool {
    const fn rank(kind: Cid) -> u8 {
        match kind {
            Cid::AAC => 0,
            Cid::ARQC => 1,
            Cid::TC => 2,
            _ => u8::MAX,
        }
    }
    rank(kind) > rank(asked)
}

/// How GENERATE AC asks for this kind of cryptogram.
fn cryptogram_type(wish: Cid) -> CryptogramType {
    if wish == Cid::TC {
        CryptogramType::Tc
    } else if wish == Cid::ARQC {
        CryptogramType::Arqc
    } else {
        CryptogramType::Aac
    }
}

/// GENERATE AC by the list in `list`; the cryptogram, unless it is combined and does not hold, and
/// what was asked. `earlier` is what earlier lists were answered with.
fn generate<T: Transport>(
    kernel: &mut Kernel<'_, T>,
    course: &mut Course,
    wish: Cid,
    list: Tag,
    earlier: &[&[u8]],
) -> Result<(Option<Cryptogram>, Vec<u8>), PaymentError> {
    let tvr = kernel.tvr;
    kernel.data.set(tag::TERMINAL_VERIFICATION_RESULTS, tvr.bytes());
    let asked = need(&kernel.data, "READ RECORD", list).map(<[u8]>::to_vec)?;
    let asked = kernel.data.answer(&asked).map_err(|_| PaymentError::Malformed {
        command: "READ RECORD",
        tag: list,
        reason: "is not a data object list",
    })?;
    has_room("READ RECORD", list, &asked, 0)?;
    let is_combined = course.authentication.method == AuthenticationMethod::Cda
        && !kernel.tvr.has(Tvr::CDA_FAILED)
        && wish != Cid::AAC;
    let answer = kernel.demand(
        GENERATE,
        Command::GenerateAc {
            cryptogram: cryptogram_type(wish),
            combined: is_combined,
            data: &asked,
            ne: 256,
        },
    )?;
    let malformed = |tag, reason| PaymentError::Malformed { command: GENERATE, tag, reason };
    // What GET DATA or an earlier cryptogram said is not this answer.
    for tag in [
        tag::ISSUER_APPLICATION_DATA,
        tag::CRYPTOGRAM,
        tag::CRYPTOGRAM_INFORMATION,
        tag::TRANSACTION_COUNTER,
        tag::SIGNED_DYNAMIC_DATA,
    ] {
        kernel.data.forget(tag);
    }
    if begins_with(&answer, tag::RESPONSE_FORMAT_1) {
        let value = template(GENERATE, &answer, tag::RESPONSE_FORMAT_1)?;
        let (head, issuer_data) = value
            .split_first_chunk::<11>()
            .ok_or(malformed(tag::RESPONSE_FORMAT_1, "is too short"))?;
        let [cid, a, b, cryptogram @ ..] = *head;
        kernel.data.set(tag::CRYPTOGRAM_INFORMATION, [cid]);
        kernel.data.set(tag::TRANSACTION_COUNTER, [a, b]);
        kernel.data.set(tag::CRYPTOGRAM, cryptogram);
        kernel.data.set(tag::ISSUER_APPLICATION_DATA, issuer_data);
        let (cid, issuer_data) = (Cid::new([cid]), issuer_data.to_vec());
        if is_combined && cid.kind() != Cid::AAC {
            authentication::miss_combined(kernel, course);
            return Ok((None, asked));
        }
        return Ok((Some(Cryptogram { cid, atc: [a, b], cryptogram, issuer_data }), asked));
    }
    let value = template(GENERATE, &answer, tag::RESPONSE_FORMAT_2)?.to_vec();
    kernel
        .data
        .take(&value)
        .map_err(|_| malformed(tag::RESPONSE_FORMAT_2, "holds an object that cannot be read"))?;
    let has_signature = sscard_apdu::tlv::Reader::new(&value)
        .filter_map(Result::ok)
        .any(|object| object.tag == tag::SIGNED_DYNAMIC_DATA);
    if has_signature {
        let mut parts = earlier.to_vec();
        parts.push(&asked);
        let cryptogram = authentication::verify_combined(kernel, course, &value, &parts);
        if let Some(cryptogram) = &cryptogram {
            kernel.data.set(tag::CRYPTOGRAM, cryptogram.cryptogram);
        }
        return Ok((cryptogram, asked));
    }
    let cid = kernel
        .data
        .array(tag::CRYPTOGRAM_INFORMATION)
        .map(Cid::new)
        .ok_or(malformed(tag::CRYPTOGRAM_INFORMATION, "is missing"))?;
    if is_combined && cid.kind() != Cid::AAC {
        authentication::miss_combined(kernel, course);
        return Ok((None, asked));
    }
    let cryptogram = Cryptogram {
        cid,
        atc: kernel
            .data
            .array(tag::TRANSACTION_COUNTER)
            .ok_or(malformed(tag::TRANSACTION_COUNTER, "is missing"))?,
        cryptogram: kernel
            .data
            .array(tag::CRYPTOGRAM)
            .ok_or(malformed(tag::CRYPTOGRAM, "is missing"))?,
        issuer_data: need(&kernel.data, GENERATE, tag::ISSUER_APPLICATION_DATA)?.to_vec(),
    };
    Ok((Some(cryptogram), asked))
}

/// EXTERNAL AUTHENTICATE, and what to ask the card for then.
fn authenticate<T: Transport>(
    kernel: &mut Kernel<'_, T>,
    answer: &Authorisation,
) -> Result<(Cid, Option<IssuerAnswer>), PaymentError> {
    kernel.data.set(tag::RESPONSE_CODE, answer.response_code);
    let mut status = None;
    let data = answer.arpc.map(|arpc| match answer.response {
        ResponseMethod::One => [&arpc[..], &answer.response_code].concat(),
        ResponseMethod::Two => arpc.to_vec(),
    });
    if let Some(data) = &data {
        // For cards that ask for it in CDOL2, too.
        kernel.data.set(tag::ISSUER_AUTHENTICATION_DATA, data.clone());
    }
    if let Some(data) = &data
        && kernel.profile().has(Aip::ISSUER_AUTHENTICATION)
    {
        kernel.tsi.set(Tsi::ISSUER_AUTHENTICATION);
        let (_, said) = kernel
            .send("EXTERNAL AUTHENTICATE", Command::ExternalAuthenticate { key: 0x00, data })?;
        if !said.is_success() {
            kernel.tvr.set(Tvr::ISSUER_AUTHENTICATION_FAILED);
        }
        status = Some(said);
    }
    let approved = matches!(&answer.response_code, b"00" | b"10" | b"11");
    let issuer = IssuerAnswer {
        arqc_ok: answer.cryptogram_ok,
        idd_ok: answer.idd_ok,
        response_code: answer.response_code,
        arpc: answer.arpc,
        status,
    };
    Ok((if approved { Cid::TC } else { Cid::AAC }, Some(issuer)))
}

/// Results of a script: not done, failed; done (EMV Book 4 annex A5).
const SCRIPT_NOT_DONE: u8 = 0x00;
const SCRIPT_FAILED: u8 = 0x10;
const SCRIPT_DONE: u8 = 0x20;
/// The number of the fifteenth command and of all after it.
const LATE_COMMAND: u8 = 0x0F;

/// Sends each script's commands until one fails (JR/T 0025.6 §17).
fn send_scripts<T: Transport>(
    kernel: &mut Kernel<'_, T>,
    course: &mut Course,
    scripts: &[ScriptTemplate],
) -> Result<Vec<ScriptResult>, PaymentError> {
    let mut results = Vec::new();
    for script in scripts {
        let mut report = if script.commands.is_empty() { SCRIPT_NOT_DONE } else { SCRIPT_DONE };
        for (number, (name, command)) in (1_u8..=u8::MAX).zip(&script.commands) {
            let mut status = None;
            if report == SCRIPT_DONE {
                kernel.tsi.set(Tsi::SCRIPT_PROCESSING);
                let (_, said) = kernel.send_bytes(command.clone())?;
                if !matches!(said.sw1(), 0x90 | 0x62 | 0x63) {
                    report = SCRIPT_FAILED | number.min(LATE_COMMAND);
                    kernel.tvr.set(Tvr::SCRIPT_FAILED_AFTER_LAST_CRYPTOGRAM);
                }
                status = Some(said);
            }
            results.push(ScriptResult { name: name.clone(), status });
        }
        note_script(course, report, script);
    }
    Ok(results)
}

/// Scripts that cannot be sent.
pub(super) fn leave_scripts(course: &mut Course, scripts: &[ScriptTemplate]) -> Vec<ScriptResult> {
    for script in scripts {
        note_script(course, SCRIPT_NOT_DONE, script);
    }
    let commands = scripts.iter().flat_map(|script| &script.commands);
    commands.map(|(name, _)| ScriptResult { name: name.clone(), status: None }).collect()
}

fn note_script(course: &mut Course, report: u8, script: &ScriptTemplate) {
    let [a, b, c, d] = script.identifier;
    course.script_results.push([report, a, b, c, d]);
}

/// Scripts over the AAC of a blocked application: only the issuer that has some is asked.
fn unblock<T: Transport>(
    kernel: &mut Kernel<'_, T>,
    course: &mut Course,
    issuer: &mut dyn Issuer,
    first: &Cryptogram,
) -> Result<Vec<ScriptResult>, PaymentError> {
    if !kernel.settings.online {
        return Ok(Vec::new());
    }
    let request = AuthorisationRequest { cryptogram: first, data: &kernel.data, online_pin: None };
    let scripts = issuer.authorise(&request).map(|answer| answer.scripts).unwrap_or_default();
    send_scripts(kernel, course, &scripts)
}
