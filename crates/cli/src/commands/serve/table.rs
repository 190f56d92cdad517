//! All cards: those in slots, and those that wait.

use std::sync::Arc;

use sscard_lexicon::shown;
use sscard_stand::{CardSlot, Problem, SlotContent, Stand};

use super::keys::{self, Action};
use crate::failure::Failure;

/// The snapshot of the key.
const OF_THE_KEY: &str = "key-s";

/// A stand, and the cards that wait beside it.
pub(super) struct Table {
    stand: Arc<Stand>,
    waiting: Vec<SlotContent>,
    line_end: &'static str,
    /// Slots whose file did not take its card last.
    complained: Vec<bool>,
}

/// A card that cannot be kept ends the program with its own code.
pub(crate) fn failure(problem: Problem) -> Failure {
    Failure::Api { text: problem.to_string(), exit_code: 6 }
}

fn complaint(kept: Result<(), Problem>) -> String {
    kept.map_or_else(|problem| format!("; NOT KEPT: {problem}"), |()| String::new())
}

fn name_in(slot: &CardSlot) -> String {
    slot.view().card.map_or_else(|| "empty".to_owned(), |(name, _)| name)
}

impl Table {
    pub(super) fn new(
        stand: Arc<Stand>,
        waiting: Vec<SlotContent>,
        line_end: &'static str,
    ) -> Self {
        let complained = vec![false; stand.slots().len()];
        Self { stand, waiting, line_end, complained }
    }

    /// Carries out what a key asks for and says what happened.
    pub(super) fn act(&mut self, action: Action) {
        let said = match action {
            Action::Eject(slot) => self.in_slot(slot, |slot, name| match slot.eject() {
                Ok(()) => format!("{name} ejected"),
                Err(problem) => format!("{name} ejected{}", complaint(Err(problem))),
            }),
            Action::Insert(slot) => self.in_slot(slot, |slot, name| {
                // One that is in stays in.
                let _ = slot.insert_again();
                format!("{name} inserted")
            }),
            Action::Snapshot(slot) => {
                self.in_slot(slot, |slot, name| match slot.take_snapshot(OF_THE_KEY) {
                    Ok(()) => format!("snapshot of {name} taken"),
                    Err(problem) => problem.to_string(),
                })
            }
            Action::Restore(slot) => {
                self.in_slot(slot, |slot, name| match slot.restore_snapshot(OF_THE_KEY) {
                    Ok(()) => format!("{name} is as at its snapshot{}", complaint(slot.settle())),
                    Err(Problem::Unknown(_)) => "there is no snapshot".to_owned(),
                    Err(problem) => format!("{name}: {problem}"),
                })
            }
            Action::Swap(slot) => self.swap(slot),
            Action::Help => keys::HELP.to_owned(),
            Action::Quit | Action::Interrupt => String::new(),
        };
        complain_on!("{}{}", shown(&said), self.line_end);
    }

    fn in_slot(&self, number: usize, act: impl FnOnce(&CardSlot, &str) -> String) -> String {
        match self.stand.slots().get(number) {
            Some(slot) if slot.view().card.is_none() => format!("slot {number}: empty"),
            Some(slot) => format!("slot {number}: {}", act(slot, &name_in(slot))),
            None => format!("slot {number} is not in use"),
        }
    }

    /// Exchanges a slot's card with the one that waits longest, or with another slot's.
    fn swap(&mut self, number: usize) -> String {
        let slots = self.stand.slots();
        let Some(slot) = slots.get(number) else {
            return format!("slot {number} is not in use");
        };
        if !self.waiting.is_empty() {
            let (old, kept) = slot.insert(self.waiting.remove(0));
            self.waiting.extend(old);
            return format!("slot {number}: {} inserted{}", name_in(slot), complaint(kept));
        }
        let used = |other: &&Arc<CardSlot>| other.number() != number && other.view().card.is_some();
        let Some(other) = slots.iter().find(used) else {
            return "there is no other card: start sscard serve with more of them".to_owned();
        };
        // One lock at a time: each slot's thread sees its card go, then the other's come.
        let (mine, kept) = slot.take();
        let (theirs, also_kept) = match mine {
            Some(mine) => other.insert(mine),
            None => other.take(),
        };
        if let Some(theirs) = theirs {
            // The slot is empty: nothing is there to be kept.
            drop(slot.insert(theirs));
        }
        let said = complaint(kept.and(also_kept));
        let other = other.number();
        format!(
            "slots {number} and {other}: swapped, slot {number}: {} inserted{said}",
            name_in(slot)
        )
    }

    /// Writes files anew whose slots are quiet; says it when one does not take its card, once as long as that lasts.
    pub(super) fn settle_when_quiet(&mut self) {
        for (slot, complained) in self.stand.slots().iter().zip(&mut self.complained) {
            match slot.settle_when_quiet() {
                Ok(()) => *complained = false,
                Err(problem) if !*complained => {
                    *complained = true;
                    let text = format!("slot {}: NOT KEPT: {problem}; trying again", slot.number());
                    complain_on!("{}{}", shown(&text), self.line_end);
                }
                Err(_) => {}
            }
        }
    }

    /// Writes every file anew; the first that cannot be is what the program ends with.
    pub(super) fn settle_all(&mut self) -> Result<(), Failure> {
        let mut outcome = Ok(());
        for slot in self.stand.slots() {
            outcome = outcome.and(slot.settle());
        }
        for card in &mut self.waiting {
            outcome = outcome.and(card.settle());
        }
        outcome.map_err(failure)
    }
}
