//! VERIFY: the PIN of the account, plain or enciphered.
//!
//! A try is counted before the PIN is looked at, whatever becomes of the command (I-5).
//!
//! # Reference
//! JR/T 0025.5 §11.4, annex B.13; EMV Book 2 §7, Book 3 §6.5.12; spec/financial-details.md §1.1, §7.

use sscard_apdu::StatusWord;
use sscard_elements::{ApplicationDefaultAction as Ada, CardVerificationResults as Cvr};

use super::{Account, Challenge, Stage};
use crate::card_model::stand::{Outcome, Plain, Stand};

const PLAIN: u8 = 0x80;
const ENCIPHERED: u8 = 0x88;

pub(super) fn verify(plain: Plain<'_>, place: u8, stand: &mut Stand<'_>) -> Outcome {
    let mut account = Account::open(place, stand);
    let block: [u8; 8] = match [plain.p1, plain.p2] {
        [0x00, PLAIN] => plain.data.try_into().map_err(|_| StatusWord::WRONG_LENGTH)?,
        [0x00, ENCIPHERED] if account.plan.application.options.enciphered_pin => {
            deciphered(&mut account, plain.data)?
        }
        _ => return Err(StatusWord::INCORRECT_P1_P2),
    };
    match account.session.stage {
        Stage::Initiated => {}
        Stage::Selected => {
            let options = &account.plan.application.options;
            return Err(StatusWord::new(options.status_before_initiation));
        }
        _ => return Err(StatusWord::CONDITIONS_OF_USE_NOT_SATISFIED),
    }
    compare(block, place, stand)
}

/// `7F | block | challenge | filling`, under the card's RSA key.
fn deciphered(account: &mut Account<'_>, data: &[u8]) -> Result<[u8; 8], StatusWord> {
    let unusable = StatusWord::REFERENCE_DATA_NOT_USABLE;
    // It serves once, whatever it served for.
    let challenge = std::mem::take(&mut account.session.challenge);
    if challenge == Challenge::None {
        return Err(unusable);
    }
    let (_, key) = account.plan.rsa.as_ref().ok_or(unusable)?;
    if data.len() != key.modulus_length() {
        return Err(StatusWord::WRONG_LENGTH);
    }
    let plain = key.apply(data).ok_or(unusable)?;
    let Challenge::Seen(challenge) = challenge else { return Err(unusable) };
    match plain.split_first_chunk::<9>() {
        Some(([0x7F, block @ ..], rest)) if rest.starts_with(&challenge) => Ok(*block),
        _ => Err(unusable),
    }
}

fn compare(block: [u8; 8], place: u8, stand: &mut Stand<'_>) -> Outcome {
    let account = Account::open(place, stand);
    let (tries, pin) = (account.held().tries, account.held().pin);
    let (most, blocks) =
        (account.plan.application.pin_tries, account.acts(Ada::PIN_EXCEEDED_BLOCK));
    let session = account.session;
    session.note(Cvr::PIN_PERFORMED);
    session.pin.came = true;
    if tries == 0 {
        session.note(Cvr::PIN_TRIES_EXCEEDED);
        session.note(Cvr::PIN_FAILED);
        let first = !session.pin.refused && !session.pin.used_up;
        session.pin.refused = true;
        // Once in a transaction it says that the tries went before.
        return Err(if first {
            StatusWord::REFERENCE_DATA_NOT_USABLE
        } else {
            StatusWord::AUTHENTICATION_METHOD_BLOCKED
        });
    }
    let left = tries - 1;
    set_tries(place, left, stand);
    let is_right = block == pin;
    if is_right {
        stand.channel.payment.clear(Cvr::PIN_FAILED);
        set_tries(place, most, stand);
        return Ok(StatusWord::SUCCESS);
    }
    let mut account = Account::open(place, stand);
    account.session.note(Cvr::PIN_FAILED);
    if left == 0 {
        account.session.pin.used_up = true;
        account.session.note(Cvr::PIN_TRIES_EXCEEDED);
        if blocks {
            account.session.note(Cvr::BLOCKED_BY_PIN);
            account.change().is_blocked = true;
        }
    }
    // No error: the block stays.
    Ok(StatusWord::with_tries_left(left))
}

fn set_tries(place: u8, tries: u8, stand: &mut Stand<'_>) {
    stand.at_once(|lasting| lasting.payment_mut(place).tries = tries);
}
