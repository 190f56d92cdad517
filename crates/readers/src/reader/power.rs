//! Cards that come, go, and are powered.

use std::time::Duration;

use super::{Instant, Power, PowerUp, Reader, ScardError, lock};
use crate::words::protocols;

/// A card that nobody is connected to loses its power, and what it had proved with it.
const GRACE: Duration = Duration::from_secs(5);

impl Reader {
    /// Notes a card that came or went.
    pub(super) fn refresh(&self) {
        let now = self.slot.card();
        {
            let mut state = lock(&self.state);
            if state.card == now {
                return;
            }
            if state.card.is_some() {
                state.note_removal();
            }
        }
        self.freed.notify_all();
        self.news.tell();
        let _line = lock(&self.line);
        let now = self.slot.card();
        if now.is_none() || lock(&self.state).card.is_some() {
            return;
        }
        let atr = self.slot.power_up(PowerUp::Cold);
        let mut state = lock(&self.state);
        state.card = now;
        state.power = if atr.is_some() { Power::On } else { Power::Mute };
        state.atr = atr.unwrap_or_default();
        state.protocol = protocols::UNDEFINED;
        state.events = state.events.wrapping_add(1);
        // Whoever was connected to another one is to connect anew.
        state.note_reset();
        if state.sharing == super::Sharing::With(0) {
            state.idle = Some(Instant::now());
        }
        drop(state);
        self.news.tell();
    }

    /// A card that is to be spoken to has power. The line is held.
    pub(super) fn wake(&self) -> Result<(), ScardError> {
        let is_asleep = {
            let state = lock(&self.state);
            match state.power {
                Power::Absent => return Err(ScardError::NO_SMARTCARD),
                Power::Mute => return Err(ScardError::UNRESPONSIVE_CARD),
                Power::Off => true,
                Power::On => state.idle.is_some_and(|since| since.elapsed() > GRACE),
            }
        };
        if is_asleep && !self.power_up(PowerUp::Cold) {
            return Err(ScardError::UNRESPONSIVE_CARD);
        }
        Ok(())
    }

    /// Powers or resets the card; whether it answers. The line is held.
    pub(super) fn power_up(&self, how: PowerUp) -> bool {
        let atr = self.slot.power_up(how);
        let mut state = lock(&self.state);
        let answers = atr.is_some();
        if state.power.is_there() {
            state.power = if answers { Power::On } else { Power::Mute };
            state.atr = atr.unwrap_or_default();
        }
        state.protocol = protocols::UNDEFINED;
        answers
    }

    /// Takes the card's power away. The line is held.
    pub(super) fn power_down(&self) {
        self.slot.power_down();
        let mut state = lock(&self.state);
        if state.power.is_there() {
            state.power = Power::Off;
        }
        state.protocol = protocols::UNDEFINED;
    }

    /// The card lost its power in the middle of a command: it is as after a reset for all, and whoever connects powers it. The line
    /// is held.
    pub(super) fn note_power_lost(&self) {
        let now = self.slot.card();
        let mut state = lock(&self.state);
        if state.card == now && state.power == Power::On {
            state.power = Power::Off;
            state.protocol = protocols::UNDEFINED;
            state.note_reset();
        }
        drop(state);
        self.news.tell();
    }

    /// A reset that a connection asks for, with what the others are to hear. The line is held.
    pub(super) fn reset_for(&self, handle: u32, how: PowerUp) -> Result<(), ScardError> {
        if how == PowerUp::Cold {
            self.slot.power_down();
        }
        let answers = self.power_up(how);
        let mut state = lock(&self.state);
        match state.check_event(handle) {
            Ok(()) => state.note_reset(),
            // It knows of one already.
            Err(ScardError::RESET_CARD) => {}
            Err(error) => return Err(error),
        }
        if answers {
            Ok(())
        } else if state.power.is_there() {
            Err(ScardError::UNRESPONSIVE_CARD)
        } else {
            Err(ScardError::NO_SMARTCARD)
        }
    }
}
