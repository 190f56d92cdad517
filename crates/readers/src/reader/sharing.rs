//! Transactions.

use std::time::Duration;

use super::state::Turn;
use super::{CardDisposition, PowerUp, Reader, ScardError, lock};

impl Reader {
    /// Begins a transaction, or one more inside it.
    pub(crate) fn begin(&self, handle: u32) -> Result<(), ScardError> {
        {
            let mut state = lock(&self.state);
            state.check_event(handle)?;
            state.check_turn(handle)?;
            if let Some(turn) = &mut state.turn {
                turn.depth = turn.depth.saturating_add(1);
                return Ok(());
            }
        }
        // What another has begun to ask is answered first.
        let _line = lock(&self.line);
        let mut state = lock(&self.state);
        state.check_event(handle)?;
        state.check_turn(handle)?;
        let depth = state.turn.map_or(0, |turn| turn.depth).saturating_add(1);
        state.turn = Some(Turn { owner: handle, depth });
        Ok(())
    }

    /// Ends a transaction, the innermost one.
    pub(crate) fn end(&self, handle: u32, last: CardDisposition) -> Result<(), ScardError> {
        {
            let state = lock(&self.state);
            state.check_event(handle)?;
            state.check_turn(handle)?;
        }
        let resets = matches!(last, CardDisposition::Reset | CardDisposition::Unpower);
        if resets {
            let _line = lock(&self.line);
            lock(&self.state).check_turn(handle)?;
            if last == CardDisposition::Reset {
                self.power_up(PowerUp::Warm);
            } else {
                self.power_down();
            }
            lock(&self.state).note_reset();
        }
        let mut state = lock(&self.state);
        state.check_turn(handle)?;
        let turn = state.turn.ok_or(ScardError::NOT_TRANSACTED)?;
        let depth = turn.depth.saturating_sub(1);
        state.turn = (depth > 0).then_some(Turn { depth, ..turn });
        drop(state);
        self.freed.notify_all();
        if resets {
            self.news.tell();
        }
        // No reader gives a card out, and the transaction is over all the same.
        if last == CardDisposition::Eject { Err(ScardError::UNSUPPORTED_FEATURE) } else { Ok(()) }
    }

    /// Waits until no other connection has a transaction.
    pub(crate) fn wait_for_turn(&self, handle: u32, patience: Duration) {
        let state = lock(&self.state);
        drop(
            self.freed
                .wait_timeout_while(state, patience, |state| state.check_turn(handle).is_err()),
        );
    }
}
