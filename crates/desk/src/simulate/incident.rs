//! What happens to people, and what they do wrong.

use rand_core::Rng;

use super::life::Task;
use super::person::{Person, Phase, digits};
use super::town::{OPEN_DAYS, SECOND_BATCH, Town, counter};
use crate::{
    Counter, DeskError, Ending, InHand, NewPerson, Operation, Paper, Papers, PrintedItem, Reason,
    Request,
};

/// One kind of incident; the table of rates says in words what each is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Incident {
    ComesTooEarly,
    ComesTooLate,
    ComesToTheWrongPlace,
    HasNoCardYet,
    UsesTooEarly,
    ForgetsIdentityCard,
    WantsBankInVillage,
    GoesToAnotherBank,
    AgentWithoutCopy,
    SendsAgent,
    ChildInVillage,
    ChildStaysHome,
    UsesOldCard,
    ChangesPin,
    ChangesPinAtKiosk,
    MistypesPin,
    LocksCard,
    ForgetsPin,
    ResetsAtPharmacy,
    ChangesQueryPassword,
    ChangesMobile,
    ChangesMobileOnline,
    ChangesMobileAtBank,
    LosesCard,
    DamagesCard,
    ReplacesAtAnotherBank,
    LeavesDamagedCardAtHome,
    ChangesName,
    ChangesWithoutReason,
    ChangesBank,
    ChangesBankOutOfOrder,
    Dies,
    LeavesCountry,
    ClosesTooEarly,
}

fn in_use(person: &Person) -> bool {
    !person.busy && matches!(person.phase, Phase::Social | Phase::Both)
}

fn is_both(person: &Person) -> bool {
    !person.busy && person.phase == Phase::Both
}

fn waits_for_activation(person: &Person) -> bool {
    !person.busy && person.phase == Phase::Inactive
}

impl Incident {
    /// First and last day of a simulation of so many days that it happens on; `after` per cent of
    /// them pass before it.
    pub(super) fn days(self, days: u32, after: u32) -> (u32, u32) {
        match self {
            // The first batches open on the third day.
            Self::ComesTooEarly => (0, 2),
            Self::HasNoCardYet => (1, SECOND_BATCH),
            Self::ComesTooLate => (OPEN_DAYS + 3, days),
            _ => (days.saturating_mul(after) / 100, days.saturating_sub(self.tail())),
        }
    }

    /// Days that its further steps take.
    const fn tail(self) -> u32 {
        match self {
            Self::ChangesBank | Self::LeavesCountry => 12,
            Self::Dies | Self::LocksCard => 8,
            _ => 2,
        }
    }

    /// Whom it can happen to.
    fn fits(self, person: &Person, day: u32) -> bool {
        match self {
            Self::ComesTooEarly | Self::ComesToTheWrongPlace => person.phase == Phase::Waiting,
            Self::ComesTooLate => person.phase == Phase::Waiting && person.busy,
            Self::HasNoCardYet => person.phase == Phase::Registered && day < SECOND_BATCH,
            Self::UsesTooEarly | Self::GoesToAnotherBank => waits_for_activation(person),
            Self::ForgetsIdentityCard
            | Self::WantsBankInVillage
            | Self::AgentWithoutCopy
            | Self::SendsAgent => waits_for_activation(person) && !person.is_child,
            Self::ChildInVillage => waits_for_activation(person) && person.is_child,
            Self::ChildStaysHome => {
                waits_for_activation(person) && person.is_child && person.bank() == "ICBC"
            }
            Self::UsesOldCard => in_use(person) && person.old_card.is_some(),
            Self::ChangesMobileOnline => in_use(person) && person.query_password.is_some(),
            Self::LosesCard
            | Self::DamagesCard
            | Self::ReplacesAtAnotherBank
            | Self::LeavesDamagedCardAtHome
            | Self::ChangesName
            | Self::ChangesWithoutReason
            | Self::ChangesBank
            | Self::ChangesBankOutOfOrder
            | Self::Dies
            | Self::LeavesCountry
            | Self::ClosesTooEarly => is_both(person),
            _ => in_use(person),
        }
    }
}

impl Town {
    /// Lets an incident happen to somebody; `false` when there is nobody whom it fits.
    pub(super) fn happens(&mut self, incident: Incident) -> Result<bool, DeskError> {
        let day = self.day;
        let Some(who) = self.draw(|person| incident.fits(person, day)) else { return Ok(false) };
        self.happens_to(incident, who)?;
        Ok(true)
    }

    fn happens_to(&mut self, incident: Incident, who: usize) -> Result<(), DeskError> {
        let papers = self.person(who)?.papers();
        let bank = self.branch(who)?;
        let outlet = format!("card-outlet:{}", self.person(who)?.bank());
        let other_branch = format!("bank-branch:{}", self.person(who)?.another_bank());
        let other_outlet = format!("card-outlet:{}", self.person(who)?.another_bank());
        match incident {
            Incident::ComesTooEarly | Incident::ComesTooLate | Incident::HasNoCardYet => {
                self.tries_to_collect(who)
            }
            Incident::ComesToTheWrongPlace => {
                // A pharmacy hands out nothing.
                let number = self.person(who)?.number.clone();
                let visit = self.visit("pharmacy", papers)?;
                let outcome = self
                    .desk
                    .perform(Request::Collect, &visit, Some(&number), &mut Counter::empty())
                    .map(drop);
                self.refusal_of(outcome)
            }
            Incident::UsesTooEarly => {
                self.changes_pin(who, "pharmacy", "123456", [6, 5, 4, 3, 2, 1])
            }
            Incident::ForgetsIdentityCard => self.activates_at(who, &bank, Papers::NONE).map(drop),
            Incident::WantsBankInVillage => self.wants_bank_in_village(who),
            Incident::GoesToAnotherBank => self.activates_at(who, &other_branch, papers).map(drop),
            Incident::AgentWithoutCopy => {
                self.activates_at(who, &bank, Self::agent_papers(false)).map(drop)
            }
            Incident::SendsAgent => {
                self.activates_at(who, &bank, Self::agent_papers(true)).map(drop)
            }
            Incident::ChildInVillage => self.activates_at(who, "village", papers).map(drop),
            Incident::ChildStaysHome => {
                let without_child = papers.iter().filter(|paper| *paper != Paper::Child).collect();
                self.activates_at(who, &bank, without_child).map(drop)
            }
            Incident::UsesOldCard => self.uses_old_card(who),
            Incident::ChangesPin => {
                let new = self.draw_pin();
                let place = match who % 3 {
                    0 => bank,
                    1 => "pharmacy".to_owned(),
                    _ => counter(who).to_owned(),
                };
                let old = self.person(who)?.pin();
                self.changes_pin(who, &place, &old, new)
            }
            Incident::ChangesPinAtKiosk => {
                let old = self.person(who)?.pin();
                self.changes_pin(who, "kiosk", &old, [6; 6])
            }
            Incident::MistypesPin => {
                let wrong = self.wrong_pin(who)?;
                self.changes_pin(who, "village", &wrong, [6; 6])
            }
            Incident::LocksCard => self.locks_card(who),
            Incident::ForgetsPin => self.carry_out(who, Task::Reset),
            Incident::ResetsAtPharmacy => {
                let (card, visit) = (self.person(who)?.card, self.visit("pharmacy", papers)?);
                let outcome = self.at_counter(Some(card), None, |desk, counter| {
                    desk.perform(Request::ResetPin, &visit, None, counter)
                });
                self.count(Operation::PinReset, outcome).map(drop)
            }
            Incident::ChangesQueryPassword => self.changes_query_password(who),
            Incident::ChangesMobile => self.changes_mobile(who, counter(who), None),
            Incident::ChangesMobileOnline => {
                let password =
                    self.person(who)?.query_password.map(|number| format!("{number:08}"));
                let place = if who.is_multiple_of(2) { "website" } else { "kiosk" };
                self.changes_mobile(who, place, password.as_deref())
            }
            Incident::ChangesMobileAtBank => self.changes_mobile(who, &bank, None),
            Incident::LosesCard => self.replaces(who, &outlet, Reason::Lost, false),
            Incident::DamagesCard => self.replaces(who, &outlet, Reason::Damaged, true),
            Incident::ReplacesAtAnotherBank => {
                self.replaces(who, &other_outlet, Reason::Lost, false)
            }
            Incident::LeavesDamagedCardAtHome => {
                self.replaces(who, &outlet, Reason::Damaged, false)
            }
            Incident::ChangesName => self.changes_name(who, &outlet, true),
            Incident::ChangesWithoutReason => self.changes_name(who, &outlet, false),
            Incident::ChangesBank => self.begins_to_change_bank(who),
            Incident::ChangesBankOutOfOrder => self.changes_bank_out_of_order(who),
            Incident::Dies => self.goes(who, Reason::Death, Ending::PaidOut),
            Incident::LeavesCountry => self.goes(who, Reason::Abroad, Ending::PaidOutLater),
            Incident::ClosesTooEarly => self.carry_out(who, Task::Close),
        }
    }

    fn refusal_of(&mut self, outcome: Result<(), DeskError>) -> Result<(), DeskError> {
        match outcome {
            Ok(()) => Ok(()),
            Err(error) => match error.refusal() {
                Some(refusal) => {
                    self.report.count_refusal(refusal.rule);
                    Ok(())
                }
                None => Err(error),
            },
        }
    }

    /// Asks where the card was delivered to, or at a village when nothing waits.
    fn tries_to_collect(&mut self, who: usize) -> Result<(), DeskError> {
        let number = self.person(who)?.number.clone();
        let delivered = self.desk.register().look(|ledger| {
            let cards = ledger.cards_of(ledger.holder(&number)?.id)?;
            Ok(cards.into_iter().find(|card| card.delivered_to.is_some()))
        })?;
        let place =
            delivered.and_then(|card| card.delivered_to).unwrap_or_else(|| counter(0).to_owned());
        let visit = self.visit(&place, self.person(who)?.papers())?;
        let outcome = self
            .desk
            .perform(Request::Collect, &visit, Some(&number), &mut Counter::empty())
            .map(drop);
        self.refusal_of(outcome)
    }

    fn wants_bank_in_village(&mut self, who: usize) -> Result<(), DeskError> {
        let (card, visit) =
            (self.person(who)?.card, self.visit("village", self.person(who)?.papers())?);
        let outcome = self.at_counter(Some(card), None, |desk, counter| {
            desk.perform(Request::ActivateBy(Operation::ActivateBoth), &visit, None, counter)
        });
        self.count(Operation::ActivateBoth, outcome).map(drop)
    }

    fn uses_old_card(&mut self, who: usize) -> Result<(), DeskError> {
        let Some(old) = self.person(who)?.old_card else { return Ok(()) };
        let visit = self.visit("pharmacy", Papers::NONE)?;
        let outcome = self.at_counter(Some(old), None, |desk, counter| {
            desk.perform(Request::ChangePin { old: "123456", new: "654321" }, &visit, None, counter)
        });
        self.count(Operation::PinChange, outcome).map(drop)
    }

    fn changes_pin(
        &mut self,
        who: usize,
        place: &str,
        old: &str,
        new: [u8; 6],
    ) -> Result<(), DeskError> {
        let (card, visit) = (self.person(who)?.card, self.visit(place, Papers::NONE)?);
        let text = digits(&new);
        let outcome = self.at_counter(Some(card), None, |desk, counter| {
            desk.perform(Request::ChangePin { old, new: &text }, &visit, None, counter)
        });
        if self.count(Operation::PinChange, outcome)?.is_some() {
            self.person_mut(who)?.pin = new;
        }
        Ok(())
    }

    fn draw_pin(&mut self) -> [u8; 6] {
        let number = self.random.next_u32();
        let mut rest = number;
        std::array::from_fn(|_| {
            let [digit, ..] = (rest % 10).to_le_bytes();
            rest /= 10;
            digit
        })
    }

    fn wrong_pin(&self, who: usize) -> Result<String, DeskError> {
        let mut wrong = self.person(who)?.clone();
        wrong.pin[0] = wrong.pin[0].saturating_add(1) % 10;
        Ok(wrong.pin())
    }

    /// Six wrong passwords, a refused modification, and a reset some days later.
    fn locks_card(&mut self, who: usize) -> Result<(), DeskError> {
        let wrong = self.wrong_pin(who)?;
        for _ in 0..7 {
            self.changes_pin(who, "village", &wrong, [6; 6])?;
        }
        self.person_mut(who)?.busy = true;
        let day = self.day_after(self.day, 1, 5);
        self.schedule(day, who, Task::Reset);
        Ok(())
    }

    fn changes_query_password(&mut self, who: usize) -> Result<(), DeskError> {
        let new = self.random.next_u32() % 100_000_000;
        let visit = self.visit(counter(who), self.person(who)?.papers())?;
        let (number, text) = (self.person(who)?.number.clone(), format!("{new:08}"));
        let outcome = self.desk.perform(
            Request::ChangeQueryPassword { new: &text },
            &visit,
            Some(&number),
            &mut Counter::empty(),
        );
        if self.count(Operation::QueryPinChange, outcome)?.is_some() {
            self.person_mut(who)?.query_password = Some(new);
        }
        Ok(())
    }

    fn changes_mobile(
        &mut self,
        who: usize,
        place: &str,
        password: Option<&str>,
    ) -> Result<(), DeskError> {
        let mobile = format!("139{:08}", self.random.next_u32() % 100_000_000);
        let visit = self.visit(place, self.person(who)?.papers())?;
        let number = self.person(who)?.number.clone();
        let outcome = self.desk.perform(
            Request::ChangeMobile { mobile: &mobile, query_password: password },
            &visit,
            Some(&number),
            &mut Counter::empty(),
        );
        self.count(Operation::MobileChange, outcome).map(drop)
    }

    fn replaces(
        &mut self,
        who: usize,
        place: &str,
        reason: Reason,
        brings: bool,
    ) -> Result<(), DeskError> {
        let visit = self.visit(place, self.person(who)?.papers())?;
        let number = self.person(who)?.number.clone();
        self.gets_card(who, brings, Operation::Replace, |desk, counter, deliver| {
            desk.perform(
                Request::Replace { reason, delivery: &mut InHand::new(deliver) },
                &visit,
                Some(&number),
                counter,
            )
        })
        .map(drop)
    }

    fn changes_name(&mut self, who: usize, place: &str, named: bool) -> Result<(), DeskError> {
        let visit = self.visit(place, self.person(who)?.papers())?;
        let reason = if named { Reason::Changed(PrintedItem::Name) } else { Reason::None };
        let person = NewPerson { name: Some("孙测改".to_owned()), ..NewPerson::default() };
        self.gets_card(who, true, Operation::ChangeCard, |desk, counter, deliver| {
            desk.perform(
                Request::ChangeCard { reason, person, delivery: &mut InHand::new(deliver) },
                &visit,
                None,
                counter,
            )
        })
        .map(drop)
    }

    fn begins_to_change_bank(&mut self, who: usize) -> Result<(), DeskError> {
        let (card, visit) =
            (self.person(who)?.card, self.visit("hr-outlet", self.person(who)?.papers())?);
        let reason = Reason::NewBank(self.person(who)?.another_bank().to_owned());
        let outcome = self.at_counter(Some(card), None, |desk, counter| {
            desk.perform(Request::Cancel { reason, ending: Ending::PaidOut }, &visit, None, counter)
        });
        if self.count(Operation::CancelSocial, outcome)?.is_some() {
            let person = self.person_mut(who)?;
            (person.phase, person.busy) = (Phase::Moving, true);
            let day = self.day_after(self.day, 1, 3);
            self.schedule(day, who, Task::LeaveBank);
            let next = self.day_after(day, 1, 3);
            self.schedule(next, who, Task::EnterBank);
        }
        Ok(())
    }

    /// The new bank before everything else; then the original one before the HR outlet.
    fn changes_bank_out_of_order(&mut self, who: usize) -> Result<(), DeskError> {
        let busy = self.person(who)?.busy;
        self.carry_out(who, Task::EnterBank)?;
        self.carry_out(who, Task::LeaveBank)?;
        self.person_mut(who)?.busy = busy;
        Ok(())
    }

    /// The HR outlet cancels, the benefits are paid out, the bank closes; somebody who leaves the
    /// country tries to close before the benefits are paid out.
    fn goes(&mut self, who: usize, reason: Reason, ending: Ending) -> Result<(), DeskError> {
        let (card, visit) =
            (self.person(who)?.card, self.visit("hr-outlet", self.person(who)?.papers())?);
        let outcome = self.at_counter(Some(card), None, |desk, counter| {
            desk.perform(Request::Cancel { reason, ending }, &visit, None, counter)
        });
        let Some(done) = self.count(Operation::CancelSocial, outcome)? else { return Ok(()) };
        self.paid_out = self.paid_out.saturating_add(done.moved);
        let person = self.person_mut(who)?;
        (person.phase, person.busy) = (Phase::Gone, true);
        let day = self.day_after(self.day, 1, 3);
        if ending == Ending::PaidOutLater {
            self.schedule(day, who, Task::Close);
            self.schedule(day.saturating_add(2), who, Task::PayOut);
        }
        self.schedule(day.saturating_add(4), who, Task::Close);
        Ok(())
    }
}
