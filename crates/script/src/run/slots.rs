//! The slots of a session: the card's, and perhaps a second one with a security module (PSAM).

use sscard_host::{Disposition, Layer, Transport, TransportError};

use crate::ast::ScriptSlot;

/// One or two cards, of which one is spoken to.
pub struct Slots<T> {
    card: T,
    psam: Option<T>,
    in_use: ScriptSlot,
}

impl<T: Transport> Slots<T> {
    pub(super) fn new(card: T, psam: Option<T>) -> Self {
        Self { card, psam, in_use: ScriptSlot::Card }
    }

    /// Which slot is spoken to.
    #[must_use]
    pub fn in_use(&self) -> ScriptSlot {
        self.in_use
    }

    /// Speaks to this slot from now on; `false` when nothing is in it.
    pub(super) fn choose(&mut self, slot: ScriptSlot) -> bool {
        let is_there = slot == ScriptSlot::Card || self.psam.is_some();
        if is_there {
            self.in_use = slot;
        }
        is_there
    }

    pub(super) fn psam(&self) -> Option<&T> {
        self.psam.as_ref()
    }

    /// The card, whichever slot is spoken to.
    pub fn card_mut(&mut self) -> &mut T {
        &mut self.card
    }

    pub(super) fn into_cards(self) -> (T, Option<T>) {
        (self.card, self.psam)
    }
}

impl<T: Transport> Layer for Slots<T> {
    type Inner = T;

    fn below(&self) -> &T {
        match (&self.psam, self.in_use) {
            (Some(psam), ScriptSlot::Psam) => psam,
            _ => &self.card,
        }
    }

    fn below_mut(&mut self) -> &mut T {
        match (&mut self.psam, self.in_use) {
            (Some(psam), ScriptSlot::Psam) => psam,
            _ => &mut self.card,
        }
    }

    fn on_close(self: Box<Self>, disposition: Disposition) -> Result<(), TransportError> {
        let closed = Box::new(self.card).close(disposition);
        match self.psam {
            Some(psam) => Box::new(psam).close(disposition).and(closed),
            None => closed,
        }
    }
}
