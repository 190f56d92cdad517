//! One reader: the card in its slot, who is connected, whose turn it is.
//!
//! What enters: calls of connections, by handle. What leaves: answers, and news when something is to be told to whoever waits.
//! Invariants owned here: one command at a time; none of another connection inside a transaction; whoever is connected while the
//! card is reset or taken away hears of it once, before anything else of his reaches a card.
//!
//! Two locks, in this order: `line` lets one command or reset at a time to the card and is held as long as the card takes; `state`
//! is held for a moment only.

mod power;
mod sharing;
mod state;

use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use crate::attribute;
use crate::control;
use crate::icc_slot::{IccOutcome, IccSlot, PowerUp};
use crate::news::News;
use crate::session::ConnectionStatus;
use crate::words::{CardDisposition, ShareMode, protocols};
use crate::{LONGEST_ATTRIBUTE, LONGEST_EXCHANGE, ScardError};
use state::{Power, ReaderState, Sharing};

pub(crate) use state::Seen;

/// One reader.
pub(crate) struct Reader {
    name: String,
    slot: Arc<dyn IccSlot>,
    /// The way to the card, with room for its answer.
    line: Mutex<Vec<u8>>,
    state: Mutex<ReaderState>,
    /// A transaction has ended.
    freed: Condvar,
    news: Arc<News>,
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Reader {
    /// A reader over a slot; the card that is in has power.
    pub(crate) fn new(name: String, slot: Arc<dyn IccSlot>, news: Arc<News>) -> Self {
        let line = Mutex::new(Vec::new());
        let (state, freed) = (Mutex::new(ReaderState::new()), Condvar::new());
        let reader = Self { name, slot, line, state, freed, news };
        reader.refresh();
        // A card that was there from the beginning did not come.
        lock(&reader.state).events = 0;
        reader
    }

    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    /// What whoever waits for a change gets to see.
    pub(crate) fn seen(&self) -> Seen {
        lock(&self.state).seen()
    }

    /// Waits at the slot for a card to come or go, and notes it.
    pub(crate) fn watch(&self, patience: Duration) {
        let known = lock(&self.state).card;
        if self.slot.wait_for_change(known, patience) != known {
            self.refresh();
        }
    }

    /// Connects; none when a transaction was in the way for so long.
    pub(crate) fn connect(
        &self,
        handle: u32,
        share: ShareMode,
        wanted: u32,
        patience: Duration,
    ) -> Result<Option<u32>, ScardError> {
        self.refresh();
        let state = lock(&self.state);
        if state.sharing == Sharing::Exclusive {
            return Err(ScardError::SHARING_VIOLATION);
        }
        let waited = self.freed.wait_timeout_while(state, patience, |state| state.turn.is_some());
        if waited.unwrap_or_else(PoisonError::into_inner).1.timed_out() {
            return Ok(None);
        }
        let _line = lock(&self.line);
        self.connect_on_line(handle, share, wanted)
    }

    fn connect_on_line(
        &self,
        handle: u32,
        share: ShareMode,
        wanted: u32,
    ) -> Result<Option<u32>, ScardError> {
        if share != ShareMode::Direct {
            self.wake()?;
        }
        let mut state = lock(&self.state);
        if state.turn.is_some() && state.sharing != Sharing::Exclusive {
            return Ok(None);
        }
        if state.sharing == Sharing::Exclusive {
            return Err(ScardError::SHARING_VIOLATION);
        }
        let protocol = state.agree(share, wanted)?;
        if share == ShareMode::Exclusive && state.sharing != Sharing::With(0) {
            return Err(ScardError::SHARING_VIOLATION);
        }
        state.enter(handle, share);
        drop(state);
        self.news.tell();
        Ok(Some(protocol))
    }

    /// Connects anew.
    pub(crate) fn reconnect(
        &self,
        handle: u32,
        share: ShareMode,
        wanted: u32,
        first: CardDisposition,
    ) -> Result<u32, ScardError> {
        if first == CardDisposition::Eject {
            return Err(ScardError::INVALID_VALUE);
        }
        self.refresh();
        let _line = lock(&self.line);
        let power = {
            let state = lock(&self.state);
            state.check_turn(handle)?;
            state.power
        };
        match first {
            _ if power == Power::Absent => return Err(ScardError::NO_SMARTCARD),
            CardDisposition::Reset => self.reset_for(handle, PowerUp::Warm)?,
            CardDisposition::Unpower => self.reset_for(handle, PowerUp::Cold)?,
            _ if power == Power::Mute => return Err(ScardError::UNRESPONSIVE_CARD),
            // Somebody left it without.
            _ if power == Power::Off => {
                self.power_up(PowerUp::Cold);
            }
            CardDisposition::Leave | CardDisposition::Eject => {}
        }
        let mut state = lock(&self.state);
        let protocol = state.agree(share, wanted)?;
        state.share_anew(handle, share)?;
        state.forget_event(handle);
        let is_free = state.turn.is_none();
        drop(state);
        if is_free {
            self.freed.notify_all();
        }
        self.news.tell();
        Ok(protocol)
    }

    /// Ends a connection.
    pub(crate) fn disconnect(&self, handle: u32, last: CardDisposition) -> Result<(), ScardError> {
        let resets = matches!(last, CardDisposition::Reset | CardDisposition::Unpower);
        let line = resets.then(|| lock(&self.line));
        {
            let mut state = lock(&self.state);
            match state.check_turn(handle) {
                Ok(()) => state.turn = None,
                Err(error) if resets => return Err(error),
                Err(_) => {}
            }
        }
        match last {
            CardDisposition::Reset => {
                self.power_up(PowerUp::Warm);
            }
            CardDisposition::Unpower => self.power_down(),
            CardDisposition::Leave | CardDisposition::Eject => {}
        }
        let mut state = lock(&self.state);
        if resets {
            state.note_reset();
        }
        state.leave(handle);
        drop(state);
        drop(line);
        self.freed.notify_all();
        self.news.tell();
        Ok(())
    }

    /// Ends the connection of a program that is done with its context, or that is no more.
    pub(crate) fn abandon(&self, handle: u32) {
        let last = {
            let mut state = lock(&self.state);
            let held = state.turn.is_some_and(|turn| turn.owner == handle);
            if held {
                state.turn = None;
            }
            // A card that was in the middle of something is not left there.
            let is_clean = !held || state.check_event(handle).is_err();
            if is_clean { CardDisposition::Leave } else { CardDisposition::Reset }
        };
        // Whoever was quicker to begin has the card as it is.
        if self.disconnect(handle, last).is_err() {
            let _ = self.disconnect(handle, CardDisposition::Leave);
        }
    }

    /// What the reader is like.
    pub(crate) fn status(&self, handle: u32) -> Result<ConnectionStatus, ScardError> {
        self.refresh();
        let state = lock(&self.state);
        state.check_turn(handle)?;
        state.check_event(handle)?;
        Ok(ConnectionStatus {
            name: self.name.clone(),
            state: u32::from(state.events) << 16 | state.power.bits(),
            protocol: state.protocol,
            atr: state.atr.clone(),
        })
    }

    /// One command.
    pub(crate) fn transmit(
        &self,
        handle: u32,
        protocol: u32,
        command: &[u8],
        take: &mut dyn FnMut(&[u8]),
        is_there: &dyn Fn() -> bool,
    ) -> Result<(), ScardError> {
        let mut line = lock(&self.line);
        {
            let state = lock(&self.state);
            state.check_turn(handle)?;
            state.check_event(handle)?;
            if protocol != protocols::RAW {
                if state.power == Power::Absent {
                    return Err(ScardError::NO_SMARTCARD);
                }
                if protocol != protocols::ANY_OLD && protocol != state.protocol {
                    return Err(ScardError::PROTO_MISMATCH);
                }
            }
            if command.len() > LONGEST_EXCHANGE {
                return Err(ScardError::INSUFFICIENT_BUFFER);
            }
        }
        match self.slot.transmit(command, &mut line, is_there) {
            IccOutcome::Answered if line.len() <= LONGEST_EXCHANGE => {
                take(&line);
                return Ok(());
            }
            IccOutcome::Answered => return Err(ScardError::INSUFFICIENT_BUFFER),
            IccOutcome::Unpowered => self.note_power_lost(),
            IccOutcome::Silent | IccOutcome::Removed => {}
        }
        drop(line);
        self.refresh();
        // Of a card that is gone the next call hears.
        Err(ScardError::NOT_TRANSACTED)
    }

    /// Asks the reader itself.
    pub(crate) fn control(
        &self,
        handle: u32,
        code: u32,
        input: &[u8],
    ) -> Result<Vec<u8>, ScardError> {
        let state = lock(&self.state);
        state.check_turn(handle)?;
        state.check_event(handle)?;
        control::answer(code, input)
    }

    pub(crate) fn attribute(&self, handle: u32, number: u32) -> Result<Vec<u8>, ScardError> {
        let state = lock(&self.state);
        state.check_turn(handle)?;
        state.check_event(handle)?;
        attribute::value(number, &self.name, &state.atr, state.protocol)
    }

    pub(crate) fn set_attribute(
        &self,
        handle: u32,
        number: u32,
        value: &[u8],
    ) -> Result<(), ScardError> {
        if value.len() > LONGEST_ATTRIBUTE {
            return Err(ScardError::INSUFFICIENT_BUFFER);
        }
        let state = lock(&self.state);
        state.check_turn(handle)?;
        state.check_event(handle)?;
        attribute::set(number)
    }
}
