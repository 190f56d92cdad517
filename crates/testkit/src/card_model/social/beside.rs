//! What the medical purse and a security module need of the file system that they lie in.

use sscard_apdu::StatusWord;
use sscard_commands::ins;
use sscard_core::LifeCycle;

use super::{Lasting, Plan};
use crate::card_model::stand::Stand;

/// Nothing but an activated environment lets the purse through.
pub(in crate::card_model) fn require_activated(stand: &Stand<'_>) -> Result<(), StatusWord> {
    match stand.lasting.social.environment {
        LifeCycle::Activated => Ok(()),
        LifeCycle::Deactivated => Err(StatusWord::CONDITIONS_OF_USE_NOT_SATISFIED),
        _ => Err(StatusWord::APPLICATION_PERMANENTLY_BLOCKED),
    }
}

impl Lasting {
    /// Whether a PIN is set.
    pub(in crate::card_model) fn has_pin(&self) -> bool {
        true
    }

    /// A further record of a cyclic file.
    pub(in crate::card_model) fn append_record(&mut self, _df: u8, _file: u8, _record: Vec<u8>) {}

    /// What lies in a transparent file.
    pub(in crate::card_model) fn bytes_of(&self, _: &Plan, _: (u8, u8)) -> &[u8] {
        &[0; 16]
    }

    /// Writes at the beginning of a transparent file.
    pub(in crate::card_model) fn write_bytes(&mut self, _: &Plan, _: (u8, u8), _: &[u8]) {}

    /// VERIFY of the holder's PIN.
    pub(in crate::card_model) fn write_verify(&self, channel: u8, _right: bool, out: &mut Vec<u8>) {
        out.extend([channel, ins::VERIFY, 0x00, 0x00]);
    }
}
