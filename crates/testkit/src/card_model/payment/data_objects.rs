//! GET DATA, and what PUT DATA may change.

use sscard_apdu::StatusWord;

use super::Account;
use crate::card_model::answer::Answer;
use crate::card_model::stand::{Outcome, Plain};

pub(super) fn give(_plain: Plain<'_>, _account: &mut Account<'_>, _answer: &mut Answer) -> Outcome {
    Err(StatusWord::NO_PRECISE_DIAGNOSIS)
}
