//! A quick transaction (qPBOC): the card decides in its answer to GET PROCESSING OPTIONS.
//!
//! Source: JR/T 0025.12 §7; .6 annex for the terminal.

use sscard_crypto::financial::IssuerApplicationData;
use sscard_host::Transport;

use super::issuer::AuthorisationRequest;
use super::kernel::Kernel;
use super::{
    Cryptogram, HolderVerification, Issuer, IssuerAnswer, Outcome, Payment, PaymentError,
    authentication, records,
};

const OPTIONS: &str = "GET PROCESSING OPTIONS";

/// Carries a quick transaction to its end.
pub(super) fn transact<T: Transport>(
    mut kernel: Kernel<'_, T>,
    issuer: &mut dyn Issuer,
) -> Result<Payment, PaymentError> {
    let malformed = |tag, reason| PaymentError::Malformed { command: OPTIONS, tag, reason };
    let (tag, value) = records::process(&mut kernel)?;
    if tag != 0x77 {
        return Err(malformed(0x80, "is not the template of a quick transaction"));
    }
    kernel.data.take(&value).map_err(|_| malformed(0x77, "holds an object that cannot be read"))?;
    let issuer_data = kernel.need(OPTIONS, 0x9F10)?.to_vec();
    let parsed = IssuerApplicationData::parse(&issuer_data)
        .ok_or(malformed(0x9F10, "is no issuer application data"))?;
    // The kind stands in the CVR: there is no tag 9F27.
    let [_, second, ..] = parsed.cvr;
    let cid = (second << 2) & 0xC0;
    let first = Cryptogram {
        cid,
        atc: kernel.data.array(0x9F36).ok_or(malformed(0x9F36, "has not two bytes"))?,
        cryptogram: kernel.data.array(0x9F26).ok_or(malformed(0x9F26, "has not eight bytes"))?,
        issuer_data,
    };
    let recognised = issuer.recognises(&first, &kernel.data);
    let [qualifiers, _] = kernel.data.array(0x9F6C).unwrap_or([0, 0]);
    if qualifiers & 0x80 != 0 {
        kernel.holder = HolderVerification::OnlinePin;
    } else if qualifiers & 0x40 != 0 {
        kernel.holder = HolderVerification::Signature;
    } else {
        kernel.holder = HolderVerification::NoneRequired;
    }
    match cid {
        0x40 => {
            records::read(&mut kernel)?;
            if kernel.data.value(0x9F4B).is_some() {
                authentication::verify_quick(&mut kernel);
            }
            let trusted = kernel.authentication.ok || kernel.profile() & 0x20 == 0;
            let recognised = recognised || issuer.recognises(&first, &kernel.data);
            let outcome = match (trusted, recognised) {
                (true, true) => Outcome::Approved,
                (false, _) => Outcome::Declined,
                (true, false) => Outcome::Failed,
            };
            Ok(Payment { first: Some(first), ..kernel.finish(outcome) })
        }
        0x80 if kernel.settings.online => {
            let request = AuthorisationRequest { cryptogram: &first, data: &kernel.data };
            let answer = issuer.authorise(&request);
            let outcome = match &answer {
                Some(answer) if !answer.cryptogram_ok => Outcome::Failed,
                Some(answer) if &answer.response_code == b"00" => Outcome::Approved,
                _ => Outcome::Declined,
            };
            let issuer = answer.map(|answer| IssuerAnswer {
                arqc_ok: answer.cryptogram_ok,
                response_code: answer.response_code,
                arpc: answer.arpc,
                status: None,
            });
            Ok(Payment { first: Some(first), issuer, ..kernel.finish(outcome) })
        }
        _ => Ok(Payment { first: Some(first), ..kernel.finish(Outcome::Declined) }),
    }
}
