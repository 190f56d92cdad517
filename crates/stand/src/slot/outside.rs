//! What is done to a slot's card from outside: changes, snapshots, faults.

use std::time::Duration;

use sscard_core::Card;
use sscard_faults::{Fault, Fired};

use super::{CardSlot, SlotContent};
use crate::problem::Problem;

impl CardSlot {
    /// Takes the card out, puts in its place what `again` makes of it, if anything, and puts it in again. Its snapshots stay with it.
    ///
    /// # Errors
    /// [`Problem::Empty`] without a card; what `again` says, and then nothing has changed.
    pub(crate) fn reload(
        &self,
        again: impl FnOnce(&SlotContent) -> Result<Option<SlotContent>, Problem>,
    ) -> Result<(), Problem> {
        let mut state = self.lock();
        let new = again(state.content.as_ref().ok_or_else(Problem::empty)?)?;
        let was_inserted = state.is_inserted;
        if was_inserted {
            self.leave(&mut state);
        }
        if let (Some(content), Some(new)) = (&mut state.content, new) {
            content.give_way(new);
        }
        if was_inserted {
            self.put_in(&mut state);
        }
        Ok(())
    }

    /// Changes the card from outside, and keeps it; sets the slot's clock: so long ago the card was inserted. All or nothing.
    ///
    /// # Errors
    /// [`Problem::Empty`] without a card, [`Problem::Conflict`] for one of anybody's, [`Problem::Empty`] for a clock without one in the slot, [`Problem::Wrong`] for a clock that would go back, what `change` says,
    /// [`Problem::Failed`] when it could not be kept.
    pub fn change(
        &self,
        clock: Option<Duration>,
        change: impl FnOnce(&mut Card) -> Result<(), Problem>,
    ) -> Result<(), Problem> {
        let mut state = self.lock();
        if clock.is_some() {
            // A card that lies beside the slot has no clock there.
            state.present()?;
        }
        let ahead = clock.map(|clock| state.ahead_at(clock)).transpose()?;
        let content = state.content.as_mut().ok_or_else(Problem::empty)?;
        let card = content.card.ours_mut()?;
        let before = card.snapshot();
        // What is changed from outside is no writing of the card's own: a cut neither strikes it nor counts it.
        let until_cut = card.bytes_until_cut();
        card.disarm_cut();
        if let Err(problem) = change(card) {
            card.restore(&before);
            return Err(problem);
        }
        if let Some(bytes) = until_cut {
            card.cut_power_after(bytes);
        }
        content.keep(None)?;
        state.ahead = ahead.unwrap_or(state.ahead);
        Ok(())
    }

    /// Takes a snapshot, session and power included, in the place of one of the same name.
    ///
    /// # Errors
    /// [`Problem::Empty`] without a card, [`Problem::Conflict`] when there are too many.
    pub fn take_snapshot(&self, name: &str) -> Result<(), Problem> {
        self.lock().content.as_mut().ok_or_else(Problem::empty)?.take_snapshot(name)
    }

    /// Goes back to a snapshot, session included; a card that has power keeps it, one that has none stays without.
    ///
    /// # Errors
    /// [`Problem::Unknown`] when there is none of that name, [`Problem::Failed`] when the card could not be kept.
    pub fn restore_snapshot(&self, name: &str) -> Result<(), Problem> {
        let mut state = self.lock();
        let is_inserted = state.is_inserted;
        let content = state.content.as_mut().ok_or_else(Problem::empty)?;
        let restored = content.restore(name);
        if !is_inserted {
            content.card.power_off();
        }
        restored
    }

    /// Forgets a snapshot.
    ///
    /// # Errors
    /// [`Problem::Unknown`] when there is none of that name.
    pub fn forget_snapshot(&self, name: &str) -> Result<(), Problem> {
        self.lock().content.as_mut().ok_or_else(Problem::empty)?.forget(name)
    }

    /// Sets faults in the place of those that were. The card stays inserted: its commands stay counted.
    pub fn set_faults(&self, faults: Vec<Fault>, seed: u64) {
        let mut state = self.lock();
        state.faults.replace(faults, seed);
        state.fired.clear();
        if let Some(content) = &mut state.content {
            // One that waited for the card to write is gone with the others.
            content.card.disarm_cut();
        }
    }

    /// The faults, their seed, and what of them has struck, the latest few thousand.
    #[must_use]
    pub fn faults_set(&self) -> (Vec<Fault>, u64, Vec<Fired>) {
        let state = self.lock();
        let faults = state.faults.faults().cloned().collect();
        (faults, state.faults.seed(), state.fired.iter().cloned().collect())
    }
}
