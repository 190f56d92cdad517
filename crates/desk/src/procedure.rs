//! The procedures of the counter: a decision of the rules, its effect on the chip, its rows.
//!
//! ```text
//! who is it? ─► may ─► begun in the register ─► APDUs, each repeatable ─► one change: rows, journal, done
//! ```
//!
//! What enters: a visit, the cards on the counter. What leaves: [`Done`], or an error. Cut anywhere,
//! there is the old state, the new state, or an operation that [`Desk::resume`] finishes; money moves
//! in the last change only. Invariant owned here: I-21.

mod begin;
mod delivery;
mod finish;
mod request;
mod resume;
mod subject;

use jiff::civil::Date;
use sscard_core::{Card, LifeCycle};
use sscard_host::{Follow, Transport};
use zeroize::Zeroizing;

use crate::CardId;
use crate::Rule;
use crate::chip::{self, Chip};
use crate::register::{CardRow, NewHolder, OperationRow};
use crate::rules::{Standing, Step, check_collector, may, may_collect, refuse};
use crate::{Cents, Desk, DeskError, Operation, Papers, ServicePoint, password};

use begin::operation_row;
use delivery::Nothing;
pub use delivery::{Delivery, InHand};
pub use request::{Ending, Request};
pub use resume::Resumed;
use subject::Subject;

/// Somebody at a service point.
#[derive(Clone, Debug)]
pub struct Visit {
    /// Where.
    pub at: ServicePoint,
    /// What is shown.
    pub papers: Papers,
    /// Which day it is.
    pub today: Date,
}

/// The cards on the counter.
#[derive(Default)]
pub struct Counter<'c> {
    pub(crate) card: Option<Chip<'c>>,
    pub(crate) old: Option<Chip<'c>>,
}

impl<'c> Counter<'c> {
    /// No card.
    #[must_use]
    pub fn empty() -> Self {
        Self::default()
    }

    /// The card that it is about.
    pub fn with_card(mut self, card: impl Transport + 'c) -> Self {
        self.card = Some(Follow::new(Box::new(card)));
        self
    }

    /// The old card, which the other one follows.
    pub fn with_old_card(mut self, card: impl Transport + 'c) -> Self {
        self.old = Some(Follow::new(Box::new(card)));
        self
    }
}

/// An operation that came to its end.
#[derive(Clone, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub struct Done {
    /// Name of the operation.
    pub operation: String,
    /// The rules that led to it.
    pub rules: Vec<Rule>,
    /// Social security number of the holder.
    pub holder: String,
    /// The card that it was about, as it is now.
    pub card: CardRow,
    /// The card that was issued.
    pub new_card: Option<CardRow>,
    /// Medical money that moved or was paid out.
    pub moved: Cents,
    /// What else there is to say, a line each.
    pub remarks: Vec<String>,
}

/// What an operation needs beside its plan; never stored.
#[derive(Default)]
struct Values {
    old_pin: Zeroizing<Vec<u8>>,
    new_pin: Zeroizing<Vec<u8>>,
    mobile: String,
    query_password: Option<Zeroizing<String>>,
}

impl Values {
    /// What is brought, when it has the form that it must have.
    fn of(request: &Request<'_>) -> Result<Self, DeskError> {
        let mut values = Self::default();
        match request {
            Request::ChangePin { old, new } => {
                values.old_pin = password::transaction_password(old)?;
                values.new_pin = password::transaction_password(new)?;
            }
            Request::ChangeQueryPassword { new } => {
                password::check_query_password(new)?;
                values.query_password = Some(Zeroizing::new((*new).to_owned()));
            }
            Request::ChangeMobile { mobile, .. } => {
                crate::import::check_mobile(mobile)
                    .map_err(|reason| DeskError::BadPassword { what: "mobile number", reason })?;
                values.mobile = (*mobile).to_owned();
            }
            _ => {}
        }
        Ok(values)
    }
}

impl Desk {
    /// Does what somebody asks for at a service point, when the rules let him. Without a card on the
    /// counter, `holder` says whose it is, by the social security number.
    ///
    /// # Errors
    /// [`DeskError::Refused`] by a rule, [`DeskError::WrongCard`], [`DeskError::WrongPassword`] with the
    /// tries left, what a delivery says, or what broke off.
    pub fn perform(
        &mut self,
        request: Request<'_>,
        visit: &Visit,
        holder: Option<&str>,
        counter: &mut Counter<'_>,
    ) -> Result<Done, DeskError> {
        if let Request::Collect = request {
            return self.collect(visit, holder.ok_or(DeskError::Nobody)?);
        }
        let values = Values::of(&request)?;
        let mut subject = self.subject(holder, counter, request.reason(), visit)?;
        let operation = request.operation(visit.at.kind(), subject.card.social);
        let mut nothing = Nothing;
        let mut delivery: &mut dyn Delivery = &mut nothing;
        match request {
            Request::ChangeMobile { query_password, .. } => {
                subject.query_password_shown = query_password
                    .map_or(Some(false), |password| {
                        password::is_password(password, subject.holder.query_hash.as_deref())
                    })
                    .ok_or_else(|| DeskError::unsound("a query password's hash is none"))
                    .map_err(|error| error.at(self.register.path()))?;
            }
            Request::Replace { delivery: place, .. } => delivery = place,
            Request::ChangeCard { person, delivery: place, .. } => {
                let before = &subject.holder.person;
                self.register
                    .look(|ledger| crate::import::check_printed(ledger, &person, before))?;
                subject.person = person;
                delivery = place;
            }
            Request::Cancel { ending, .. } => subject.ending = ending,
            _ => {}
        }
        self.perform_for(subject, operation, visit, counter, &values, delivery)
    }

    /// A resident collects the card of a batch (D01, D02).
    fn collect(&mut self, visit: &Visit, holder: &str) -> Result<Done, DeskError> {
        let (holder, waiting) = self.register.look(|ledger| {
            let holder = ledger.holder(holder)?;
            let cards = ledger.cards_of(holder.id)?;
            Ok((holder, ledger.waiting(&cards)?))
        })?;
        let collection = waiting.as_ref().map(|waiting| &waiting.collection);
        may_collect(&visit.at, visit.today, collection)?;
        let Some(waiting) = waiting else {
            return refuse(Rule::D02, "there is no card in this batch", "the next batch");
        };
        check_collector(&visit.at, visit.papers, holder.person.is_child)?;
        let card = self.register.change(|ledger| {
            ledger.set_standing(waiting.card.id, Standing::Held, false)?;
            finish::note_collection(ledger, visit, holder.id, waiting.card.id)?;
            ledger.card(waiting.card.id)
        })?;
        Ok(Done {
            operation: "collect".to_owned(),
            rules: vec![Rule::D01],
            holder: holder.person.number,
            card,
            new_card: None,
            moved: Cents::ZERO,
            remarks: Vec::new(),
        })
    }

    fn perform_for(
        &mut self,
        subject: Subject,
        operation: Operation,
        visit: &Visit,
        counter: &mut Counter<'_>,
        values: &Values,
        delivery: &mut dyn Delivery,
    ) -> Result<Done, DeskError> {
        self.check_nothing_pending(&subject, operation)?;
        let state = subject.state();
        let mut plan = may(operation, &visit.at, visit.papers, &state)?;
        if subject.ending == Ending::PaidOutLater {
            plan.steps.retain(|step| *step != Step::PayOut);
        }
        // What no card is needed for is one change, with nothing to be resumed.
        let is_rows_only = |step: &Step| matches!(step, Step::SetMobile | Step::SetQueryPassword);
        if plan.steps.iter().all(is_rows_only) {
            let row = operation_row(&subject, &state, &plan, visit, None);
            return self.finish(&row, counter, values);
        }
        if plan.steps.contains(&Step::IssueCard) {
            // The card as it will be: its place is tried before anything begins.
            let id = self.register.look(|ledger| {
                let id = ledger.next_card()?;
                Ok(id)
            })?;
            let person = subject.person.over(&subject.holder.person);
            delivery.reserve(&self.make(id, &person, visit.today)?)?;
        }
        let row = self.begin(&subject, &state, &plan, visit, delivery.goes_to())?;
        self.carry_out(&row, counter, values, delivery, true)
    }

    /// A card as it leaves production.
    fn make(&self, id: CardId, person: &NewHolder, day: Date) -> Result<Card, DeskError> {
        let production = &self.production;
        production.make(&production.profile, id, person, day, LifeCycle::Deactivated)
    }

    /// The chips' side of an operation, then its rows. An operation that was refused before any card
    /// changed is taken back; one that broke off waits.
    fn carry_out(
        &mut self,
        row: &OperationRow,
        counter: &mut Counter<'_>,
        values: &Values,
        delivery: &mut dyn Delivery,
        is_new: bool,
    ) -> Result<Done, DeskError> {
        let mut done_something = !is_new;
        let outcome = self.at_chips(row, counter, values, delivery, &mut done_something);
        if let Err(error) = outcome {
            let refused = matches!(
                error,
                DeskError::CardRefused { .. }
                    | DeskError::Unsent { .. }
                    | DeskError::WrongPassword { .. }
                    | DeskError::Delivery(_)
                    | DeskError::FileThere { .. }
                    | DeskError::Card { .. }
            );
            if refused && !done_something {
                self.register.change(|ledger| {
                    ledger.end_operation(row.id)?;
                    row.pending.new_card.map_or(Ok(()), |id| ledger.remove_card(id))
                })?;
                delivery.take_back()?;
            }
            return Err(error);
        }
        self.finish(row, counter, values)
    }

    /// The new card is laid ready; then every step, in its order.
    fn at_chips(
        &mut self,
        row: &OperationRow,
        counter: &mut Counter<'_>,
        values: &Values,
        delivery: &mut dyn Delivery,
        done_something: &mut bool,
    ) -> Result<(), DeskError> {
        let mut made = self.new_card(row)?;
        if let Some((new, card)) = &made {
            delivery.lay(new, card, row.pending.goes_to.as_deref())?;
        }
        for step in &row.pending.steps {
            if *step == Step::IssueCard {
                if let Some((new, card)) = made.take() {
                    delivery.hand_over(&new, card)?;
                }
                continue;
            }
            *done_something |= self.at_chip(*step, row, counter, values)?;
        }
        Ok(())
    }

    /// What a step does to a chip; whether it did anything that cannot be taken back.
    fn at_chip(
        &mut self,
        step: Step,
        row: &OperationRow,
        counter: &mut Counter<'_>,
        values: &Values,
    ) -> Result<bool, DeskError> {
        let module = &mut self.module;
        match (step, &mut counter.card, &mut counter.old) {
            (Step::ActivateSocial, Some(card), _) => chip::activate_social(card, module)?,
            (Step::ActivateFinancial, Some(card), _) => chip::activate_financial(card, row.date)?,
            (Step::InvalidateOld, _, Some(old)) => chip::block_social(old, module)?,
            (Step::MoveMedicalBalance, Some(card), _) => {
                let Some(cents) = row.pending.purse_cents else { return Ok(false) };
                let unsound = |_| {
                    let cents = cents.value();
                    DeskError::unsound(format!("a purse that waits is to hold {cents} cents"))
                        .at(self.register.path())
                };
                let target = u32::try_from(cents.value()).map_err(unsound)?;
                chip::load_purse(card, module, target, row.date)?;
            }
            (Step::ChangePin, Some(card), _) => {
                chip::change_pin(card, &values.old_pin, &values.new_pin)?;
            }
            (Step::ReloadPin, Some(card), _) => {
                chip::reload_pin(card, module, &sscard_profile::INITIAL_PIN)?;
            }
            (Step::CancelSocial, Some(card), _) => chip::block_social(card, module)?,
            (Step::CloseAccount, Some(card), _) => chip::block_financial(card, row.date)?,
            (Step::Recycle, Some(card), _) => chip::block_card(card, module, row.date)?,
            _ => return Ok(false),
        }
        Ok(true)
    }

    /// The card that an operation issues, and its row.
    fn new_card(&self, row: &OperationRow) -> Result<Option<(CardRow, Card)>, DeskError> {
        let Some(id) = row.pending.new_card else { return Ok(None) };
        let (holder, new) = self
            .register
            .look(|ledger| Ok((ledger.holder_by_id(row.holder)?, ledger.card(id)?)))?;
        let person = row.pending.person.over(&holder.person);
        Ok(Some((new, self.make(id, &person, row.date)?)))
    }
}
