//! Issuer scripts (发卡行脚本), bound to the first cryptogram.

use sscard_apdu::StatusWord;

use super::Account;
use crate::card_model::stand::{Outcome, Plain};

pub(super) fn carry_out(_plain: Plain<'_>, _account: &mut Account<'_>) -> Outcome {
    Err(StatusWord::NO_PRECISE_DIAGNOSIS)
}
