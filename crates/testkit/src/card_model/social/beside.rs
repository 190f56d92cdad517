//! What the medical purse and a security module need of the file system that they lie in.

use std::sync::Arc;

use sscard_apdu::StatusWord;
use sscard_commands::ins;
use sscard_core::{LifeCycle, Structure};

use super::lasting::Content;
use super::plan::File;
use super::{Lasting, Plan};
use crate::card_model::stand::Stand;

/// Nothing but an activated environment lets the purse through, and an application that was not blocked by itself.
pub(in crate::card_model) fn require_activated(stand: &Stand<'_>) -> Result<(), StatusWord> {
    let social = &stand.lasting.social;
    match social.environment {
        LifeCycle::Activated if !social.is_blocked(stand.channel.social.df) => Ok(()),
        LifeCycle::Deactivated => Err(StatusWord::CONDITIONS_OF_USE_NOT_SATISFIED),
        _ => Err(StatusWord::APPLICATION_PERMANENTLY_BLOCKED),
    }
}

impl Plan {
    fn file(&self, (df, file): (u8, u8)) -> File {
        self.files(df)[usize::from(file)]
    }
}

impl Lasting {
    /// Whether a PIN is set.
    pub(in crate::card_model) fn has_pin(&self) -> bool {
        !self.pin.is_empty()
    }

    /// A further record of a cyclic file: its newest.
    pub(in crate::card_model) fn append_record(
        &mut self,
        plan: &Plan,
        place: (u8, u8),
        record: &[u8],
    ) {
        let file = plan.file(place);
        if let (Structure::Cyclic { records: most, .. }, Content::Records(records)) =
            (file.structure, self.content_mut(file.index))
        {
            records.insert(0, Arc::from(record));
            records.truncate(most.into());
        }
    }

    /// What lies in a transparent file.
    pub(in crate::card_model) fn bytes_of(&self, plan: &Plan, place: (u8, u8)) -> &[u8] {
        self.bytes(plan.file(place).index)
    }

    /// Writes at the beginning of a transparent file.
    pub(in crate::card_model) fn write_bytes(&mut self, plan: &Plan, place: (u8, u8), new: &[u8]) {
        if let Content::Bytes(bytes) = self.content_mut(plan.file(place).index) {
            bytes[..new.len()].copy_from_slice(new);
        }
    }

    /// VERIFY of the holder's PIN, or of another.
    pub(in crate::card_model) fn write_verify(&self, channel: u8, right: bool, out: &mut Vec<u8>) {
        out.extend([channel, ins::VERIFY, 0x00, 0x00]);
        let mut pin = self.pin.to_vec();
        if let (false, Some(first)) = (right, pin.first_mut()) {
            *first ^= 0x01;
        }
        if !pin.is_empty() {
            out.push(u8::try_from(pin.len()).unwrap_or(u8::MAX));
            out.extend(pin);
        }
    }
}
