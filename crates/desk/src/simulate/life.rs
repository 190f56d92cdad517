//! What is planned: collection, activation, and the further steps of what has begun.

use sscard_core::Card;

use super::Report;
use super::person::Phase;
use super::town::{Town, counter, keep};
use crate::register::CardRow;
use crate::{
    Counter, Desk, DeskError, Done, Ending, InHand, Operation, Paper, Papers, Reason, Request,
};

/// Something that somebody does on a certain day.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Task {
    /// Collects the card at a counter.
    Collect(&'static str),
    /// Activates it, at the bank or at a counter.
    Activate,
    /// Goes to the bank for the financial function.
    ActivateFinancial,
    /// Has the password reset.
    Reset,
    /// The original bank closes the account.
    LeaveBank,
    /// The new bank issues the card.
    EnterBank,
    /// Benefits that were left are paid out.
    PayOut,
    /// The bank closes the account of somebody who is gone.
    Close,
}

impl Task {
    /// Whether it is done even when the days are over: money and rules would stay half done.
    pub(super) const fn must_end(self) -> bool {
        matches!(self, Self::LeaveBank | Self::EnterBank | Self::PayOut | Self::Close)
    }
}

impl Town {
    pub(super) fn carry_out(&mut self, who: usize, task: Task) -> Result<(), DeskError> {
        match task {
            Task::Collect(counter) => self.collects(who, counter),
            Task::Activate => self.activates(who),
            Task::ActivateFinancial => self.activates_financial(who),
            Task::Reset => self.resets(who),
            Task::LeaveBank => self.leaves_bank(who),
            Task::EnterBank => self.enters_bank(who),
            Task::PayOut => self.pays_out(who),
            Task::Close => self.closes(who),
        }
    }

    fn collects(&mut self, who: usize, counter: &str) -> Result<(), DeskError> {
        if self.person(who)?.phase != Phase::Waiting || self.person(who)?.busy {
            return Ok(());
        }
        let visit = self.visit(counter, self.person(who)?.papers())?;
        let number = self.person(who)?.number.clone();
        self.desk.perform(Request::Collect, &visit, Some(&number), &mut Counter::empty())?;
        self.report.count_as(Report::COLLECT);
        self.person_mut(who)?.phase = Phase::Inactive;
        let day = self.day_after(self.day, 0, 15);
        self.schedule(day.max(self.day.saturating_add(1)), who, Task::Activate);
        Ok(())
    }

    /// Half of the adults go to the bank at once; children have to.
    fn activates(&mut self, who: usize) -> Result<(), DeskError> {
        if self.person(who)?.phase != Phase::Inactive {
            return Ok(());
        }
        let at_bank = self.person(who)?.is_child || who.is_multiple_of(2);
        let place = if at_bank { self.branch(who)? } else { counter(who).to_owned() };
        let papers = self.person(who)?.papers();
        self.activates_at(who, &place, papers)?;
        if !at_bank {
            let day = self.day_after(self.day, 1, 20);
            self.schedule(day, who, Task::ActivateFinancial);
        }
        Ok(())
    }

    /// Activates what the place activates; one in two brings the old card.
    pub(super) fn activates_at(
        &mut self,
        who: usize,
        place: &str,
        papers: Papers,
    ) -> Result<bool, DeskError> {
        let person = self.person(who)?;
        let operation = match (place.starts_with("bank-branch"), person.phase) {
            (true, Phase::Social) => Operation::ActivateFinancial,
            (true, _) => Operation::ActivateBoth,
            (false, _) => Operation::ActivateSocial,
        };
        let brings_old = who % 4 < 2 && person.phase == Phase::Inactive;
        let (card, old) = (person.card, person.old_card.filter(|_| brings_old));
        let visit = self.visit(place, papers)?;
        let outcome = self.at_counter(Some(card), old, |desk, counter| {
            desk.perform(Request::Activate, &visit, None, counter)
        });
        if self.count(operation, outcome)?.is_none() {
            return Ok(false);
        }
        self.person_mut(who)?.phase =
            if operation == Operation::ActivateSocial { Phase::Social } else { Phase::Both };
        Ok(true)
    }

    fn activates_financial(&mut self, who: usize) -> Result<(), DeskError> {
        if self.person(who)?.phase != Phase::Social {
            return Ok(());
        }
        let (place, papers) = (self.branch(who)?, self.person(who)?.papers());
        self.activates_at(who, &place, papers).map(drop)
    }

    fn resets(&mut self, who: usize) -> Result<(), DeskError> {
        let person = self.person(who)?;
        if !matches!(person.phase, Phase::Social | Phase::Both) {
            return Ok(());
        }
        let (card, visit) = (person.card, self.visit(counter(who), person.papers())?);
        let outcome = self.at_counter(Some(card), None, |desk, counter| {
            desk.perform(Request::ResetPin, &visit, None, counter)
        });
        if self.count(Operation::PinReset, outcome)?.is_some() {
            self.person_mut(who)?.pin = [1, 2, 3, 4, 5, 6];
            self.person_mut(who)?.busy = false;
        }
        Ok(())
    }

    /// A new card from an outlet, to be activated some days later. `brings` says whether the card
    /// before it is there.
    pub(super) fn gets_card(
        &mut self,
        who: usize,
        brings: bool,
        operation: Operation,
        act: impl FnOnce(
            &mut Desk,
            &mut Counter<'_>,
            &mut dyn FnMut(&CardRow, Card) -> Result<(), DeskError>,
        ) -> Result<Done, DeskError>,
    ) -> Result<bool, DeskError> {
        let before = self.person(who)?.card;
        let mut made = None;
        let outcome = self.at_counter(brings.then_some(before), None, |desk, counter| {
            act(desk, counter, &mut |_, card| {
                made = Some(card);
                Ok(())
            })
        });
        let Some(done) = self.count(operation, outcome)? else { return Ok(false) };
        let (Some(row), Some(card)) = (done.new_card, made) else {
            return Err(DeskError::Broken("an operation, which issued no card,"));
        };
        keep(&mut self.cards, row.id, card)?;
        let inactive = self.person(who)?.phase == Phase::Inactive;
        let person = self.person_mut(who)?;
        (person.card, person.phase) = (row.id, Phase::Inactive);
        person.pin = [1, 2, 3, 4, 5, 6];
        if !inactive {
            // The card before the one before is settled: this one follows the card just given up.
            person.old_card = None;
        }
        let day = self.day_after(self.day, 1, 4);
        self.schedule(day, who, Task::Activate);
        Ok(true)
    }

    fn leaves_bank(&mut self, who: usize) -> Result<(), DeskError> {
        let (card, place) = (self.person(who)?.card, self.branch(who)?);
        let visit = self.visit(&place, self.person(who)?.papers())?;
        let reason = Reason::NewBank(self.person(who)?.another_bank().to_owned());
        let outcome = self.at_counter(Some(card), None, |desk, counter| {
            desk.perform(Request::CloseAccount { reason }, &visit, None, counter)
        });
        self.count(Operation::CloseAccount, outcome)?;
        Ok(())
    }

    fn enters_bank(&mut self, who: usize) -> Result<(), DeskError> {
        let new = self.person(who)?.another_bank();
        let visit = self.visit(&format!("card-outlet:{new}"), self.person(who)?.papers())?;
        let reason = Reason::NewBank(new.to_owned());
        let done = self.gets_card(who, true, Operation::ChangeCard, |desk, counter, deliver| {
            desk.perform(
                Request::ChangeCard {
                    reason,
                    person: crate::NewPerson::default(),
                    delivery: &mut InHand::new(deliver),
                },
                &visit,
                None,
                counter,
            )
        })?;
        if done {
            let person = self.person_mut(who)?;
            person.bank = person.bank.next();
            person.busy = false;
        }
        Ok(())
    }

    fn pays_out(&mut self, who: usize) -> Result<(), DeskError> {
        let number = self.person(who)?.number.clone();
        let visit = self.visit("hr-outlet", self.person(who)?.papers())?;
        let outcome = self.desk.perform(
            Request::Cancel { reason: Reason::Abroad, ending: Ending::PaidOut },
            &visit,
            Some(&number),
            &mut Counter::empty(),
        );
        if let Some(done) = self.count(Operation::CancelSocial, outcome)? {
            self.paid_out = self.paid_out.saturating_add(done.moved);
        }
        Ok(())
    }

    fn closes(&mut self, who: usize) -> Result<(), DeskError> {
        let (card, place) = (self.person(who)?.card, self.branch(who)?);
        let visit = self.visit(&place, self.person(who)?.papers())?;
        let outcome = self.at_counter(Some(card), None, |desk, counter| {
            desk.perform(Request::CloseAccount { reason: Reason::None }, &visit, None, counter)
        });
        self.count(Operation::CloseAccount, outcome).map(drop)
    }

    pub(super) fn branch(&self, who: usize) -> Result<String, DeskError> {
        Ok(format!("bank-branch:{}", self.person(who)?.bank()))
    }

    /// The holder's papers with those of an agent.
    pub(super) fn agent_papers(with_copy: bool) -> Papers {
        let papers = [Paper::IdentityCard, Paper::AgentIdentityCard, Paper::AgentPhotocopy];
        Papers::of(if with_copy { &papers } else { &papers[..2] })
    }
}
