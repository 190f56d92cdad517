//! The town: its desk, its cards, its people, and what is planned for which day.

use std::collections::BTreeMap;
use std::path::Path;

use chacha20::ChaCha20Rng;
use jiff::ToSpan;
use jiff::civil::Date;
use rand_core::{Rng, SeedableRng};
use sscard_core::Card;
use sscard_host::InProcess;

use super::incident::Incident;
use super::life::Task;
use super::person::{Person, Phase, resident};
use super::{Progress, RATES, Report, SimulationSettings};
use crate::register::CardRow;
use crate::{
    Batch, Cents, Counter, Desk, DeskError, Durability, NewRegister, Operation, Papers, Rule,
    ServicePoint, Visit, WorkFactor,
};
use crate::{CardId, HolderId};

/// First day.
const FIRST: Date = jiff::civil::date(2026, 1, 1);
/// Days that a batch is open.
pub(super) const OPEN_DAYS: u32 = 45;
/// Day that the latecomers' batch is produced.
pub(super) const SECOND_BATCH: u32 = 10;

/// Where batches are delivered to, in turn.
pub(super) const fn counter(turn: usize) -> &'static str {
    match turn % 3 {
        0 => "village",
        1 => "community",
        _ => "convenience-center",
    }
}

const NOBODY: DeskError = DeskError::Broken("the simulation, which has lost a person,");

pub(super) struct Town {
    pub(super) desk: Desk,
    /// Cards by their rows; each lies here when it is not at the desk.
    pub(super) cards: Vec<Option<Card>>,
    pub(super) people: Vec<Person>,
    pub(super) random: ChaCha20Rng,
    pub(super) days: u32,
    pub(super) day: u32,
    pub(super) plan: BTreeMap<u32, Vec<(usize, Task)>>,
    pub(super) incidents: BTreeMap<u32, Vec<Incident>>,
    pub(super) report: Report,
    /// Medical money credited, in cents: the town's own account of it.
    pub(super) credited: Cents,
    /// Medical money paid out to bank accounts, in cents.
    pub(super) paid_out: Cents,
}

impl Town {
    /// Registers everybody and produces the first batches.
    pub(super) fn found(
        settings: SimulationSettings,
        register: &Path,
        progress: &mut dyn FnMut(Progress),
    ) -> Result<Self, DeskError> {
        let new = NewRegister {
            seed: settings.seed,
            work: WorkFactor::MINIMUM,
            // It is thrown away at the end: what is simulated is a city, not a loss of power.
            durability: Durability::System,
            ..NewRegister::default()
        };
        let mut town = Self {
            desk: Desk::create(register, &new)?,
            cards: Vec::new(),
            people: Vec::new(),
            random: ChaCha20Rng::seed_from_u64(settings.seed),
            days: settings.days,
            day: 0,
            plan: BTreeMap::new(),
            incidents: BTreeMap::new(),
            report: Report::default(),
            credited: Cents::ZERO,
            paid_out: Cents::ZERO,
        };
        let latecomers = settings.residents / 20;
        let first = settings.residents.saturating_sub(latecomers);
        let share = first.div_ceil(3).max(1);
        for (turn, start) in (0..first).step_by(share as usize).enumerate() {
            town.import(start..first.min(start.saturating_add(share)))?;
            town.batch(turn, 0, progress)?;
        }
        town.import(first..settings.residents)?;
        town.plan_incidents(settings.residents)?;
        Ok(town)
    }

    fn import(&mut self, indices: std::ops::Range<u32>) -> Result<(), DeskError> {
        let drawn = indices.map(|index| resident(index, &mut self.random));
        let (residents, people): (Vec<_>, Vec<_>) = drawn.unzip();
        let brought = residents.iter().map(|resident| resident.medical).sum();
        self.credited = self.credited.saturating_add(brought);
        let today = self.today();
        let cards = &mut self.cards;
        let start = self.people.len();
        self.people.extend(people);
        let mut old_cards = Vec::new();
        self.desk.import(&residents, today, &mut |row: &CardRow, card| {
            old_cards.push((row.holder, row.id));
            keep(cards, row.id, card)
        })?;
        for (holder, card) in old_cards {
            let at = person_of(holder)?;
            debug_assert!(at >= start);
            self.person_mut(at)?.old_card = Some(card);
        }
        Ok(())
    }

    /// Produces and plans the collection of a batch.
    pub(super) fn batch(
        &mut self,
        turn: usize,
        opens_in: u32,
        progress: &mut dyn FnMut(Progress),
    ) -> Result<(), DeskError> {
        let name = format!("2026-{}", turn.saturating_add(1));
        let to = place(counter(turn))?;
        let today = self.today();
        let opens = today.saturating_add(i64::from(opens_in.saturating_add(2)).days());
        let closes = opens.saturating_add(i64::from(OPEN_DAYS).days());
        let cards = &mut self.cards;
        let mut made = Vec::new();
        let batch = Batch { name: &name, opens, closes, to: &to };
        self.desk.batch(&batch, today, &mut |row, card| {
            keep(cards, row.id, card)?;
            made.push((row.holder, row.id));
            if made.len().is_multiple_of(512) {
                progress(Progress::Cards(cards.len() as u64));
            }
            Ok(())
        })?;
        for (holder, card) in made {
            let at = person_of(holder)?;
            let person = self.person_mut(at)?;
            (person.card, person.phase) = (card, Phase::Waiting);
            let day = self.day_after(self.day, opens_in.saturating_add(2), 30);
            self.schedule(day, at, Task::Collect(counter(turn)));
        }
        Ok(())
    }

    pub(super) fn today(&self) -> Date {
        FIRST.saturating_add(i64::from(self.day).days())
    }

    /// A day so many days after another or later: `spread` days are possible.
    pub(super) fn day_after(&mut self, day: u32, least: u32, spread: u32) -> u32 {
        let later = self.random.next_u32().checked_rem(spread).unwrap_or(0);
        day.saturating_add(least).saturating_add(later)
    }

    pub(super) fn person(&self, who: usize) -> Result<&Person, DeskError> {
        self.people.get(who).ok_or(NOBODY)
    }

    pub(super) fn person_mut(&mut self, who: usize) -> Result<&mut Person, DeskError> {
        self.people.get_mut(who).ok_or(NOBODY)
    }

    pub(super) fn schedule(&mut self, day: u32, who: usize, task: Task) {
        self.plan.entry(day).or_default().push((who, task));
    }

    /// Spreads each kind of incident over the days it may happen on.
    fn plan_incidents(&mut self, residents: u32) -> Result<(), DeskError> {
        for rate in RATES {
            let people_days = u64::from(residents).saturating_mul(u64::from(self.days));
            let times = people_days.saturating_mul(u64::from(rate.times)) / 60_000;
            let (first, last) = rate.incident.days(self.days, rate.after);
            let room = u64::from(last.saturating_sub(first).max(1));
            for number in 0..times {
                // At most `room` days later.
                let later = number.saturating_mul(room).checked_div(times).unwrap_or(0);
                let day = u64::from(first).saturating_add(later);
                let day = u32::try_from(day).unwrap_or(last);
                self.incidents.entry(day).or_default().push(rate.incident);
                if rate.incident == Incident::ComesTooLate
                    && let Some(who) =
                        self.draw(|person| person.phase == Phase::Waiting && !person.busy)
                {
                    // Forgets the batch until it has closed.
                    self.person_mut(who)?.busy = true;
                }
            }
        }
        Ok(())
    }

    /// One day.
    pub(super) fn live(&mut self, day: u32) -> Result<(), DeskError> {
        self.day = day;
        if day == SECOND_BATCH {
            self.batch(3, 0, &mut |_| {})?;
        }
        for (who, task) in self.plan.remove(&day).unwrap_or_default() {
            self.carry_out(who, task)?;
        }
        for incident in self.incidents.remove(&day).unwrap_or_default() {
            if !self.happens(incident)? {
                // Nobody is in the state for it: tomorrow.
                self.incidents.entry(day.saturating_add(1)).or_default().push(incident);
            }
        }
        if day % 30 == 29 {
            self.credit_everybody()?;
        }
        Ok(())
    }

    /// What has begun comes to its end.
    pub(super) fn settle(&mut self) -> Result<(), DeskError> {
        while let Some((day, tasks)) = self.plan.pop_first() {
            self.day = self.day.max(day);
            for (who, task) in tasks {
                if task.must_end() {
                    self.carry_out(who, task)?;
                }
            }
        }
        Ok(())
    }

    fn credit_everybody(&mut self) -> Result<(), DeskError> {
        let today = self.today();
        for person in &self.people {
            if matches!(person.phase, Phase::Social | Phase::Both) {
                let cents = (self.random.next_u32() % 20_000).saturating_add(1_000);
                self.desk.credit_medical(&person.number, Cents::from(cents), today)?;
                self.credited = self.credited.saturating_add(Cents::from(cents));
            }
        }
        Ok(())
    }

    /// Somebody who fits, drawn; `None` when nobody does.
    pub(super) fn draw(&mut self, fits: impl Fn(&Person) -> bool) -> Option<usize> {
        let count = self.people.len() as u64;
        let start = self.random.next_u64().checked_rem(count)?;
        let start = usize::try_from(start).ok()?;
        let (before, behind) = self.people.split_at_checked(start)?;
        let mut from_there = (start..).zip(behind).chain((0..).zip(before));
        from_there.find(|(_, person)| fits(person)).map(|(at, _)| at)
    }

    pub(super) fn visit(&self, place_name: &str, papers: Papers) -> Result<Visit, DeskError> {
        Ok(Visit { at: place(place_name)?, papers, today: self.today() })
    }

    /// Puts cards on the counter; they are back in their holder's hands afterwards.
    pub(super) fn at_counter<T>(
        &mut self,
        card: Option<CardId>,
        old: Option<CardId>,
        act: impl FnOnce(&mut Desk, &mut Counter<'_>) -> Result<T, DeskError>,
    ) -> Result<T, DeskError> {
        let mut take = |id: Option<CardId>| {
            let Some(id) = id else { return Ok(None) };
            let card = self.cards.get_mut(index(id)?).and_then(Option::take);
            let card = card.ok_or(DeskError::Broken("the simulation, which has lost a card,"))?;
            Ok::<_, DeskError>(Some((id, InProcess::power_on(card)?)))
        };
        let (mut card, mut old) = (take(card)?, take(old)?);
        let outcome = {
            let mut counter = Counter::empty();
            let (card, old) = (&mut card, &mut old);
            if let Some((_, card)) = card {
                counter = counter.with_card(card);
            }
            if let Some((_, old)) = old {
                counter = counter.with_old_card(old);
            }
            act(&mut self.desk, &mut counter)
        };
        for (id, card) in [card, old].into_iter().flatten() {
            keep(&mut self.cards, id, card.into_card())?;
        }
        outcome
    }

    /// Counts what came of an operation; `None` when a rule refused.
    pub(super) fn count<T>(
        &mut self,
        operation: Operation,
        outcome: Result<T, DeskError>,
    ) -> Result<Option<T>, DeskError> {
        match outcome {
            Ok(done) => {
                self.report.count(operation);
                Ok(Some(done))
            }
            Err(DeskError::WrongPassword { .. }) => {
                self.report.count_refusal(Rule::D15);
                Ok(None)
            }
            Err(error) => match error.refusal() {
                Some(refusal) => {
                    self.report.count_refusal(refusal.rule);
                    Ok(None)
                }
                None => Err(error),
            },
        }
    }
}

fn place(name: &str) -> Result<ServicePoint, DeskError> {
    name.parse().map_err(|_| DeskError::Broken("the simulation, which knows no such place,"))
}

/// Where the card of a row lies.
pub(super) fn index(card: CardId) -> Result<usize, DeskError> {
    usize::try_from(card.0).map_err(|_| DeskError::unsound(format!("a card has the row {card}")))
}

/// Who the holder of a row is: rows are numbered from 1 on, as holders are added.
fn person_of(holder: HolderId) -> Result<usize, DeskError> {
    let at = usize::try_from(holder.0).ok().and_then(|row| row.checked_sub(1));
    at.ok_or_else(|| DeskError::unsound(format!("a holder has the row {holder}")))
}

pub(super) fn keep(cards: &mut Vec<Option<Card>>, id: CardId, card: Card) -> Result<(), DeskError> {
    let at = index(id)?;
    match cards.get_mut(at) {
        Some(place) => *place = Some(card),
        None => {
            cards.resize_with(at, || None);
            cards.push(Some(card));
        }
    }
    Ok(())
}
