//! The FCI of a payment application.

use super::Account;
use crate::card_model::answer::Answer;

pub(super) fn write(_account: &Account<'_>, _answer: &mut Answer) {}
