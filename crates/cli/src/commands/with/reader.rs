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

    /// Waits; whether the card was freed meanwhile, or whoever waited for it is no more.
    fn is_freed_within(
        &self,
        ticket: Ticket,
        delay: Duration,
        is_there: &dyn Fn() -> bool,
    ) -> bool {
        let begun = Instant::now();
        loop {
            let left = delay.saturating_sub(begun.elapsed());
            if left.is_zero() {
                return false;
            }
            if self.slot.wait_until_freed(ticket, left.min(LOOK)) || !is_there() {
                return true;
            }
        }
    }

    fn given(
        &self,
        outcome: SlotOutcome,
        answer: &mut Vec<u8>,
        is_there: &dyn Fn() -> bool,
    ) -> IccOutcome {
        match outcome.given {
            Given::Answer { response, delay, .. } => {
                if self.is_freed_within(outcome.ticket, delay, is_there) {
                    return self.silent();
                }
                if response.is_empty() {
                    return self.mute(outcome.ticket, is_there);
                }
                *answer = response;
                IccOutcome::Answered
            }
            Given::Nothing(NoAnswer::Mute) => self.mute(outcome.ticket, is_there),
            Given::Nothing(NoAnswer::Removed) => IccOutcome::Removed,
            Given::Nothing(NoAnswer::Unpowered | NoAnswer::Reset) => self.silent(),
        }
    }

    /// Nothing comes: until the card is ejected or reset, where somebody can do that, or nobody waits for it.
    fn mute(&self, ticket: Ticket, is_there: &dyn Fn() -> bool) -> IccOutcome {
        while self.is_freed_from_outside && is_there() && !self.slot.wait_until_freed(ticket, LOOK)
        {
        }
        self.silent()
    }

    fn silent(&self) -> IccOutcome {
        let view = self.slot.view();
        match (self.slot.generation(), view.powered) {
            (None, _) => IccOutcome::Removed,
            (Some(_), true) => IccOutcome::Silent,
            (Some(_), false) => IccOutcome::Unpowered,
        }
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

    fn transmit(
        &self,
        command: &[u8],
        answer: &mut Vec<u8>,
        is_there: &dyn Fn() -> bool,
    ) -> IccOutcome {
        answer.clear();
        match self.slot.transmit(Origin::Driver, command) {
            Ok(outcome) => self.given(outcome, answer, is_there),
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
