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

use crate::register::CardRow;
use crate::rules::Reason;
use crate::{Desk, DeskError, Operation};

use super::{Counter, Done, NewPerson, Values, Visit};

/// Takes the new card of a row.
pub(crate) type Deliver<'d> = &'d mut dyn FnMut(&CardRow, Card) -> Result<(), DeskError>;

/// Where a new card goes. Each step may be left out; a card that was handed over is never asked for
/// again.
pub trait Delivery {
    /// Where it goes, absolute: kept with what has begun, so that [`Desk::resume`] finds it.
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
pub(super) struct InHand<'d>(pub(super) Deliver<'d>);

impl Delivery for InHand<'_> {
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

impl Desk {
    /// Replaces a lost or damaged card (D17, D18); `deliver` takes the new one.
    ///
    /// # Errors
    /// [`DeskError::Refused`], or what `deliver` says.
    pub fn replace(
        &mut self,
        visit: &Visit,
        holder: Option<&str>,
        counter: &mut Counter<'_>,
        reason: Reason,
        deliver: &mut dyn FnMut(&CardRow, Card) -> Result<(), DeskError>,
    ) -> Result<Done, DeskError> {
        self.replace_to(visit, holder, counter, reason, &mut InHand(deliver))
    }

    /// The same, with a place that is tried before the old card is given up.
    ///
    /// # Errors
    /// [`DeskError::Refused`], or what `delivery` says.
    pub fn replace_to(
        &mut self,
        visit: &Visit,
        holder: Option<&str>,
        counter: &mut Counter<'_>,
        reason: Reason,
        delivery: &mut dyn Delivery,
    ) -> Result<Done, DeskError> {
        let subject = self.subject(holder, counter, reason, visit)?;
        let values = Values::default();
        self.perform_for(subject, Operation::Replace, visit, counter, &values, delivery)
    }

    /// Changes a card for another one (D19, D20); `person` is what is printed differently.
    ///
    /// # Errors
    /// [`DeskError::Refused`], or what `deliver` says.
    pub fn change_card(
        &mut self,
        visit: &Visit,
        holder: Option<&str>,
        counter: &mut Counter<'_>,
        reason: Reason,
        person: NewPerson,
        deliver: &mut dyn FnMut(&CardRow, Card) -> Result<(), DeskError>,
    ) -> Result<Done, DeskError> {
        self.change_card_to(visit, holder, counter, reason, person, &mut InHand(deliver))
    }

    /// The same, with a place that is tried before the old card is given up.
    ///
    /// # Errors
    /// [`DeskError::Refused`], or what `delivery` says.
    pub fn change_card_to(
        &mut self,
        visit: &Visit,
        holder: Option<&str>,
        counter: &mut Counter<'_>,
        reason: Reason,
        person: NewPerson,
        delivery: &mut dyn Delivery,
    ) -> Result<Done, DeskError> {
        let mut subject = self.subject(holder, counter, reason, visit)?;
        self.register
            .look(|ledger| crate::import::check_printed(ledger, &person, &subject.holder.person))?;
        subject.person = person;
        let values = Values::default();
        self.perform_for(subject, Operation::ChangeCard, visit, counter, &values, delivery)
    }
}
