//! What stands in the place of a card that does not see a command.

use std::time::Duration;

use sscard_apdu::StatusWord;

use super::Before;
use crate::spec::{Action, Buffer};

/// What stands for the card.
#[derive(Default)]
pub(super) struct Standing {
    data: Vec<u8>,
    status: Option<StatusWord>,
    whole: Option<Vec<u8>>,
    delay: Duration,
    mute: Option<Buffer>,
}

impl Standing {
    pub(super) fn take(&mut self, action: &Action, last: &[u8]) {
        match action {
            Action::StatusWord(status) => self.status = Some(*status),
            Action::Data(data) => self.data.clone_from(data),
            Action::Answer(answer) => self.whole = Some(answer.clone()),
            Action::Stale => self.whole = Some(last.to_vec()),
            Action::Slow(time) => self.delay = self.delay.saturating_add(*time),
            Action::Mute(buffer) => self.mute = Some(*buffer),
            _ => {}
        }
    }

    pub(super) fn before(self) -> Before {
        if let Some(buffer) = self.mute {
            return Before::Mute(buffer);
        }
        let status = self.status.unwrap_or(StatusWord::SUCCESS);
        let answer = self.whole.unwrap_or_else(|| [&self.data[..], &status.to_bytes()].concat());
        Before::Answer { answer, delay: self.delay }
    }
}
