//! A slot of the bench as the resource manager's: what a program's PC/SC calls come to.

use std::sync::Arc;
use std::time::{Duration, Instant};

use sscard_lexicon::shown;
use sscard_readers::{IccOutcome, IccSlot, PowerUp};
use sscard_stand::{CardSlot, Given, NoAnswer, Origin, PowerChange, Problem, SlotOutcome, Ticket};

/// How often a card that says nothing is looked at: whether somebody has ejected or reset it.
const LOOK: Duration = Duration::from_millis(50);

/// A reader over a slot.
pub(super) struct SlotReader {
    slot: Arc<CardSlot>,
    /// Whether somebody can free a mute card: without the API nobody can, and it is a time-out at once.
    is_freed_from_outside: bool,
}

impl SlotReader {
    pub(super) fn new(slot: Arc<CardSlot>, is_freed_from_outside: bool) -> Self {
        Self { slot, is_freed_from_outside }
    }

    fn is_freed_within(&self, ticket: Ticket, delay: Duration) -> bool {
        !delay.is_zero() && self.slot.wait_until_freed(ticket, delay)
    }

    fn given(&self, outcome: SlotOutcome, answer: &mut Vec<u8>) -> IccOutcome {
        match outcome.given {
            Given::Answer { response, delay, .. } => {
                if self.is_freed_within(outcome.ticket, delay) {
                    return self.silent();
                }
                if response.is_empty() {
                    return self.mute(outcome.ticket);
                }
                *answer = response;
                IccOutcome::Answered
            }
            Given::Nothing(NoAnswer::Mute) => self.mute(outcome.ticket),
            Given::Nothing(NoAnswer::Removed) => IccOutcome::Removed,
            Given::Nothing(NoAnswer::Unpowered | NoAnswer::Reset) => self.silent(),
        }
    }

    /// Nothing comes: until the card is ejected or reset, where somebody can do that.
    fn mute(&self, ticket: Ticket) -> IccOutcome {
        while self.is_freed_from_outside && !self.slot.wait_until_freed(ticket, LOOK) {}
        self.silent()
    }

    fn silent(&self) -> IccOutcome {
        if self.slot.generation().is_some() { IccOutcome::Silent } else { IccOutcome::Removed }
    }

    fn complain(&self, problem: &Problem) {
        if let Problem::Failed(text) = problem {
            complain!("sscard: reader {}: NOT KEPT: {}", self.slot.number(), shown(text));
        }
    }
}

impl IccSlot for SlotReader {
    fn card(&self) -> Option<u64> {
        self.slot.generation()
    }

    fn power_up(&self, how: PowerUp) -> Option<Vec<u8>> {
        let change = match how {
            PowerUp::Cold => {
                // An empty slot has no power to take.
                let _ = self.slot.power_off();
                PowerChange::On
            }
            PowerUp::Warm => PowerChange::Reset,
        };
        let powered = self.slot.power_on(Origin::Driver, change);
        powered.inspect_err(|problem| self.complain(problem)).ok()
    }

    fn power_down(&self) {
        // Nor has it any here.
        let _ = self.slot.power_off();
    }

    fn transmit(&self, command: &[u8], answer: &mut Vec<u8>) -> IccOutcome {
        answer.clear();
        match self.slot.transmit(Origin::Driver, command) {
            Ok(outcome) => self.given(outcome, answer),
            Err(problem) => {
                self.complain(&problem);
                self.silent()
            }
        }
    }

    fn wait_for_change(&self, known: Option<u64>, patience: Duration) -> Option<u64> {
        let begun = Instant::now();
        loop {
            let rest = patience.saturating_sub(begun.elapsed());
            let now = self.slot.wait_for_another(known, rest);
            if now != known || rest.is_zero() {
                return now;
            }
        }
    }
}
