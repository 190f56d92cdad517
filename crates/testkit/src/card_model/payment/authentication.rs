//! GET CHALLENGE and INTERNAL AUTHENTICATE; what a signature of the card has to cover.
//!
//! # Reference
//! JR/T 0025.5 §9.4, annex B.9; .17 §8.2; EMV Book 2 §6.5; docs/decisions.md (ICC dynamic number).

use std::ops::Range;

use sscard_apdu::StatusWord;
use sscard_apdu::tlv::Writer;
use sscard_crypto::financial::{certificate, sm_certificate};
use sscard_elements::{CardVerificationResults as Cvr, tag};

use super::{Account, Challenge, Plan, Stage, Unknown};
use crate::card_model::answer::{self, Answer};
use crate::card_model::stand::{Outcome, Plain};

/// GET CHALLENGE: 4 or 8 bytes; 8 of them are for an enciphered PIN.
pub(super) fn challenge(
    plain: Plain<'_>,
    account: &mut Account<'_>,
    answer: &mut Answer,
) -> Outcome {
    if [plain.p1, plain.p2] != [0, 0] {
        return Err(StatusWord::INCORRECT_P1_P2);
    }
    let length = match plain.ne {
        _ if !plain.data.is_empty() => return Err(StatusWord::WRONG_LENGTH),
        4 => 4,
        8 | 256.. => 8,
        _ => return Err(StatusWord::WRONG_LENGTH),
    };
    account.session.challenge = Challenge::None;
    if length == 8 {
        account.session.challenge = Challenge::Hidden;
        answer.hole(length, answer::Unknown::Payment(Unknown::Challenge));
    } else {
        answer.hole(length, answer::Unknown::Free);
    }
    Ok(StatusWord::SUCCESS)
}

/// INTERNAL AUTHENTICATE: signs what the DDOL asks for, before the first cryptogram.
pub(super) fn sign(plain: Plain<'_>, account: &mut Account<'_>, answer: &mut Answer) -> Outcome {
    if [plain.p1, plain.p2] != [0, 0] {
        return Err(StatusWord::INCORRECT_P1_P2);
    }
    let plan = account.plan;
    match account.session.stage {
        Stage::Selected => {
            return Err(StatusWord::new(plan.application.options.status_before_initiation));
        }
        Stage::Initiated if plan.can_sign(account.session.sm) => {}
        _ => return Err(StatusWord::CONDITIONS_OF_USE_NOT_SATISFIED),
    }
    if plain.data.len() != plan.ddol.length {
        return Err(StatusWord::WRONG_LENGTH);
    }
    account.session.note(Cvr::DDA_PERFORMED);
    let signed = Signed::numbered(account, &[], plain.data);
    let length = signed.length(plan);
    Writer::new(&mut answer.data).primitive(tag::RESPONSE_FORMAT_1, &vec![0; length]);
    answer.hole_at_end(length, signed.into());
    Ok(StatusWord::SUCCESS)
}

/// What a signature covers, to be held against it when it was seen.
#[derive(Clone, PartialEq, Debug)]
pub(crate) struct Signed {
    place: u8,
    sm: bool,
    /// ICC dynamic data.
    dynamic: Vec<u8>,
    /// Which of them are random.
    random: Range<usize>,
    /// What the terminal gave.
    message: Vec<u8>,
}

impl Signed {
    /// Dynamic data that begin with the ICC dynamic number: 07, the counter, five random bytes.
    pub(super) fn numbered(account: &Account<'_>, behind: &[u8], message: &[u8]) -> Self {
        let [high, low] = account.session.atc;
        let mut dynamic = vec![0x07, high, low, 0, 0, 0, 0, 0];
        dynamic.extend_from_slice(behind);
        Self::of(account, dynamic, 3..8, message)
    }

    /// Dynamic data of which nothing is random: 02 and the counter, as qPBOC has them.
    pub(super) fn quick(account: &Account<'_>, message: &[u8]) -> Self {
        let [high, low] = account.session.atc;
        Self::of(account, vec![0x02, high, low], 0..0, message)
    }

    /// The same over another message.
    pub(super) fn over(self, message: &[u8]) -> Self {
        Self { message: message.to_vec(), ..self }
    }

    fn of(account: &Account<'_>, dynamic: Vec<u8>, random: Range<usize>, message: &[u8]) -> Self {
        let message = message.to_vec();
        Self { place: account.place, sm: account.session.sm, dynamic, random, message }
    }

    /// Bytes of the signature.
    pub(super) fn length(&self, plan: &Plan) -> usize {
        if self.sm {
            // 15, a length, the dynamic data, r and s.
            return self.dynamic.len() + 66;
        }
        plan.rsa.as_ref().map_or(0, |(public, _)| public.modulus().len())
    }

    pub(super) fn verify(&self, plans: &[Plan], signature: &[u8]) -> Result<(), String> {
        let plan = &plans[usize::from(self.place)];
        let opened = if self.sm {
            let key = plan.sm2.as_ref().ok_or("no SM2 key")?;
            sm_certificate::verify_dynamic_data(key, signature, &self.message)
        } else {
            let (key, _) = plan.rsa.as_ref().ok_or("no RSA key")?;
            certificate::verify_dynamic_data(key, signature, &self.message)
        };
        let mut dynamic = opened.map_err(|error| format!("signature: {error}"))?;
        if dynamic.len() == self.dynamic.len() {
            dynamic[self.random.clone()].fill(0);
        }
        if dynamic == self.dynamic {
            return Ok(());
        }
        Err(format!("signed are {dynamic:02X?}, not {:02X?}", self.dynamic))
    }
}

impl From<Signed> for answer::Unknown {
    fn from(signed: Signed) -> Self {
        Self::Payment(Unknown::Signature(Box::new(signed)))
    }
}
