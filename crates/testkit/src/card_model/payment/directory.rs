//! The payment directories, PSE and PPSE.

use sscard_apdu::StatusWord;

use crate::card_model::answer::Answer;
use crate::card_model::channel::Selected;
use crate::card_model::stand::{Outcome, Plain, Stand};

/// Name of the directory of contact readers.
pub(in crate::card_model) const PSE: &[u8] = b"1PAY.SYS.DDF01";
/// Name of that of contactless readers.
pub(in crate::card_model) const PPSE: &[u8] = b"2PAY.SYS.DDF01";

pub(super) fn select(_here: Selected, _stand: &mut Stand<'_>, _answer: &mut Answer) -> Outcome {
    Err(StatusWord::NO_PRECISE_DIAGNOSIS)
}

pub(super) fn process(_plain: Plain<'_>, _stand: &mut Stand<'_>, _answer: &mut Answer) -> Outcome {
    Err(StatusWord::NO_PRECISE_DIAGNOSIS)
}
