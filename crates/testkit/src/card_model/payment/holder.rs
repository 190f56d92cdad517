//! VERIFY: the offline PIN of the account, plain and enciphered.

use sscard_apdu::StatusWord;

use crate::card_model::stand::{Outcome, Plain, Stand};

pub(super) fn verify(_plain: Plain<'_>, _place: u8, _stand: &mut Stand<'_>) -> Outcome {
    Err(StatusWord::NO_PRECISE_DIAGNOSIS)
}
