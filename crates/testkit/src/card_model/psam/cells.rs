//! Which state a security module is in, in small numbers for a fuzzer.

use crate::card_model::CardModel;
use crate::card_model::channel::Next;

/// First cell of what a channel has loaded and left.
const LOADED: usize = 3584;
/// First cell of the master key's tries and of free places.
const MASTER: usize = 3648;

impl CardModel {
    /// The cells from 3584 to 3711.
    pub(in crate::card_model) fn psam_cells(&self, cell: &mut dyn FnMut(usize)) {
        if self.plan.psam.is_none() {
            return;
        }
        for channel in self.channels.iter().flatten() {
            let loaded = channel.loaded.as_ref().map_or(0, |loaded| loaded.state());
            let begun = usize::from(matches!(channel.next, Some(Next::Module(_))));
            let df = usize::from(channel.social.df().min(3));
            let challenge = usize::from(channel.challenge.is_some());
            cell(LOADED + loaded * 16 + df * 4 + begun * 2 + challenge);
        }
        let free = self.lasting.psam.keys.iter().filter(|key| key.is_none()).count().min(3);
        cell(MASTER + usize::from(self.lasting.psam.master_tries.min(15)) * 4 + free);
    }
}
