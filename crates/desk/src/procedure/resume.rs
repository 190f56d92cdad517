//! Finishing what was interrupted.

use jiff::civil::Date;

use crate::chip;
use crate::register::OperationRow;
use crate::rules::Step;
use crate::{Desk, DeskError};

use super::delivery::Delivery;
use super::{Counter, Done, Values};

/// An operation that was interrupted, and what became of it.
#[derive(Debug)]
pub enum Resumed {
    /// It came to its end.
    Done(Box<Done>),
    /// It waits for this card to be presented.
    Waits {
        /// Name of the operation.
        operation: String,
        /// Day it began.
        date: Date,
        /// Number of the card.
        card: String,
    },
}

impl Desk {
    /// Finishes what was interrupted: all that needs no card, and what is about the cards on the
    /// counter. A modification of the transaction password ends with the card in either state: the
    /// register never knew the passwords. New cards go to `delivery`.
    ///
    /// # Errors
    /// [`DeskError::WrongCard`], or what broke off again.
    pub fn resume(
        &mut self,
        counter: &mut Counter<'_>,
        delivery: &mut dyn Delivery,
    ) -> Result<Vec<Resumed>, DeskError> {
        let seen = counter.card.as_mut().map(chip::look).transpose()?;
        let seen_old = counter.old.as_mut().map(chip::look).transpose()?;
        let mut outcomes = Vec::new();
        for row in self.register.look(|ledger| ledger.operations(None))? {
            let (card, old) = self.register.look(|ledger| {
                Ok((ledger.card(row.card)?, row.old_card.map(|id| ledger.card(id)).transpose()?))
            })?;
            let is_here = seen.as_ref().is_some_and(|seen| seen.is(&card));
            if needs_card(&row) && !is_here {
                outcomes.push(Resumed::Waits {
                    operation: row.pending.operation.clone(),
                    date: row.date,
                    card: card.number,
                });
                continue;
            }
            if let Some(found) = &seen_old
                && is_here
                && !old.as_ref().is_some_and(|old| found.is(old))
            {
                return Err(DeskError::WrongCard {
                    found: found.words(),
                    expected: old.map_or("no old card".to_owned(), |old| old.number),
                });
            }
            outcomes.push(self.resume_one(row, is_here, counter, delivery)?);
        }
        Ok(outcomes)
    }

    fn resume_one(
        &mut self,
        mut row: OperationRow,
        is_here: bool,
        counter: &mut Counter<'_>,
        delivery: &mut dyn Delivery,
    ) -> Result<Resumed, DeskError> {
        let values = Values::default();
        if row.pending.steps.contains(&Step::ChangePin) {
            row.pending.steps.clear();
            row.pending.operation.push_str(" (interrupted: the old or the new password)");
        }
        let mut nothing = Counter::empty();
        let counter = if is_here { counter } else { &mut nothing };
        let done = self.carry_out(&row, counter, &values, delivery, false)?;
        Ok(Resumed::Done(Box::new(done)))
    }
}

/// Whether an operation did something to its card's chip. What was planned for an absent card
/// (cancelled, closed, invalidated without it) needs none.
fn needs_card(row: &OperationRow) -> bool {
    row.pending.card_was_here
        && row.pending.steps.iter().any(|step| {
            matches!(
                step,
                Step::ActivateSocial
                    | Step::ActivateFinancial
                    | Step::MoveMedicalBalance
                    | Step::ReloadPin
                    | Step::Recycle
                    | Step::CancelSocial
                    | Step::CloseAccount
            )
        })
}
