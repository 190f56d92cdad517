//! How a new card gets from the desk into somebody's hands.
//!
//! ```text
//! reserve ─► begun in the register ─► lay ─► APDUs to the old card ─► hand over ─► rows
//! ```
//!
//! What enters: a new card. What leaves: a card that lies where its holder gets it, before the old one
//! is given up; or an error before anything was changed.

use std::path::Path;

use sscard_core::Card;

use crate::DeskError;
use crate::register::CardRow;

/// Where a new card goes. Each step may be left out; a card that was handed over is never asked for
/// again.
pub trait Delivery {
    /// Where it goes, absolute: kept with what has begun, so that [`resume`](crate::Desk::resume) finds it.
    fn goes_to(&self) -> Option<&Path> {
        None
    }

    /// Makes sure that the card can go there, before anything is written down. It may become another
    /// one yet, when another program makes a card meanwhile.
    ///
    /// # Errors
    /// Why it cannot; nothing was changed then.
    fn reserve(&mut self, card: &Card) -> Result<(), DeskError> {
        let _ = card;
        Ok(())
    }

    /// Lays the card there: it is written down what began, and the old card is as it was. `goes_to` is
    /// where it was to go when it began.
    ///
    /// # Errors
    /// Why it cannot lie there; what began is taken back then, or waits.
    fn lay(&mut self, row: &CardRow, card: &Card, goes_to: Option<&Path>) -> Result<(), DeskError> {
        let _ = (row, card, goes_to);
        Ok(())
    }

    /// The old card is given up: the new one goes to its holder.
    ///
    /// # Errors
    /// Why it does not; what began waits then.
    fn hand_over(&mut self, row: &CardRow, card: Card) -> Result<(), DeskError>;

    /// The operation was taken back: what [`Delivery::lay`] made is removed, and nothing else.
    ///
    /// # Errors
    /// Why it stays.
    fn take_back(&mut self) -> Result<(), DeskError> {
        Ok(())
    }
}

/// A card that is handed over, and nothing before.
pub struct InHand<F>(F);

impl<F: FnMut(&CardRow, Card) -> Result<(), DeskError>> InHand<F> {
    /// `deliver` takes the card of a row.
    pub fn new(deliver: F) -> Self {
        Self(deliver)
    }
}

impl<F: FnMut(&CardRow, Card) -> Result<(), DeskError>> Delivery for InHand<F> {
    fn hand_over(&mut self, row: &CardRow, card: Card) -> Result<(), DeskError> {
        (self.0)(row, card)
    }
}

/// No card is made.
pub(super) struct Nothing;

impl Delivery for Nothing {
    fn hand_over(&mut self, _: &CardRow, _: Card) -> Result<(), DeskError> {
        Ok(())
    }
}
