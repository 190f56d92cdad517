//! VERIFY: the offline PIN of the bank account.
//!
//! The try counter is written before the comparison and past any transaction (I-5, I-6).

use sscard_apdu::StatusWord;
use sscard_crypto::secrets_equal;
use sscard_elements::{ApplicationDefaultAction, CardVerificationResults};
use zeroize::Zeroizing;

use super::authentication;
use super::session::Session;
use super::transaction::Stage;
use crate::profile::Area;

/// VERIFY (INS 20, P2 = 80) with a plaintext PIN block.
///
/// # Status
/// `9000`; `63Cx` wrong, x tries left; `6983` the last try went in this transaction; `6984` it went
/// in an earlier one and this is the first try since; `6985` a cryptogram was given already; a profile
/// option (6985) before GET PROCESSING OPTIONS.
///
/// # Reference
/// JR/T 0025.5 §11.4, annex B.13.
pub(super) fn verify(session: &mut Session<'_>, block: &[u8; 8]) -> Result<StatusWord, StatusWord> {
    match session.transaction.stage {
        Stage::Initiated(_) => {}
        Stage::Selected => {
            return Err(StatusWord::new(session.plan.options.status_before_initiation));
        }
        _ => return Err(StatusWord::CONDITIONS_OF_USE_NOT_SATISFIED),
    }
    session.transaction.cvr.set(CardVerificationResults::PIN_PERFORMED);
    session.transaction.pin.presented = true;
    let Some(left) = session.pin_tries().checked_sub(1) else {
        session.transaction.cvr.set(CardVerificationResults::PIN_TRIES_EXCEEDED);
        session.transaction.cvr.set(CardVerificationResults::PIN_FAILED);
        let refused = core::mem::replace(&mut session.transaction.pin.refused, true);
        return Err(if refused || session.transaction.pin.exhausted {
            StatusWord::AUTHENTICATION_METHOD_BLOCKED
        } else {
            StatusWord::REFERENCE_DATA_NOT_USABLE
        });
    };
    session.set_through(Area::PIN_TRIES, left)?;
    let reference = Zeroizing::new(session.array::<8>(Area::PIN));
    if secrets_equal(&*reference, block) {
        session.transaction.cvr.clear(CardVerificationResults::PIN_FAILED);
        session.set_through(Area::PIN_TRIES, session.plan.pin_tries)?;
        return Ok(StatusWord::SUCCESS);
    }
    session.transaction.cvr.set(CardVerificationResults::PIN_FAILED);
    if left == 0 {
        session.transaction.pin.exhausted = true;
        session.transaction.cvr.set(CardVerificationResults::PIN_TRIES_EXCEEDED);
        if session.default_action().has(ApplicationDefaultAction::PIN_EXCEEDED_BLOCK) {
            session.transaction.cvr.set(CardVerificationResults::BLOCKED_BY_PIN);
            session.set_blocked(true)?;
        }
    }
    // Not an error to undo: the block must stay.
    Ok(StatusWord::with_tries_left(left))
}

/// VERIFY (INS 20, P2 = 88) with a PIN enciphered under the card's RSA key; PBOC cards have none.
///
/// # Status
/// As [`verify`]; `6A86` the profile does not offer it; `6984` no challenge, or not this card's key.
///
/// # Reference
/// EMV Book 2 §7, Book 3 §6.5.12.
pub(super) fn verify_enciphered(
    session: &mut Session<'_>,
    data: &[u8],
) -> Result<StatusWord, StatusWord> {
    if !session.plan.options.enciphered_pin {
        return Err(StatusWord::INCORRECT_P1_P2);
    }
    let challenge =
        session.transaction.challenge.take().ok_or(StatusWord::REFERENCE_DATA_NOT_USABLE)?;
    let plain = authentication::decipher_pin(session, data)?;
    let (header, rest) = plain.split_first().ok_or(StatusWord::REFERENCE_DATA_NOT_USABLE)?;
    let (block, rest) =
        rest.split_first_chunk::<8>().ok_or(StatusWord::REFERENCE_DATA_NOT_USABLE)?;
    if *header != 0x7F || !rest.starts_with(&challenge) {
        return Err(StatusWord::REFERENCE_DATA_NOT_USABLE);
    }
    verify(session, block)
}
