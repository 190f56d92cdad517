//! READ RECORD: records in template 70, logs as they are.

use sscard_apdu::StatusWord;

use super::Account;
use crate::card_model::answer::Answer;
use crate::card_model::stand::{Outcome, Plain};

pub(super) fn read(_plain: Plain<'_>, _account: &mut Account<'_>, _answer: &mut Answer) -> Outcome {
    Err(StatusWord::NO_PRECISE_DIAGNOSIS)
}
