//! A city's year: everybody collects, activates, errs, forgets, loses, changes bank, dies.
//!
//! ```text
//! residents, days, seed ─► Town: days of visits at a Desk ─► Report, checked against every card
//! ```
//!
//! What enters: how many residents, how many days, a seed. What leaves: totals, and whether money,
//! cards and register agree. All cards are real virtual cards, and everything is done at the desk by
//! its procedures. The same seed gives the same report.

mod check;
mod incident;
mod life;
mod person;
mod rates;
mod town;

use std::collections::BTreeMap;
use std::path::Path;

pub use rates::{RATES, Rate};

use crate::{Cents, DeskError, Operation, Rule};
use town::Town;

/// What is simulated.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct SimulationSettings {
    /// Residents.
    pub residents: u32,
    /// Days from 1 January 2026 on.
    pub days: u32,
    /// Seed of everything.
    pub seed: u64,
}

/// How far the simulation is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Progress {
    /// So many cards were produced.
    Cards(u64),
    /// So many days have passed.
    Days(u32),
}

/// Totals, and whether everything agrees.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Report {
    /// Operations that came to their end, and collections.
    pub operations: BTreeMap<&'static str, u64>,
    /// Refusals by the rule that refused.
    pub refusals: BTreeMap<Rule, u64>,
    /// Cards ever made.
    pub cards: u64,
    /// Accounts ever opened.
    pub accounts: u64,
    /// All medical money ever credited, in cents.
    pub medical_issued: Cents,
    /// Medical money on living holders' cards and paid out, in cents.
    pub medical_held: Cents,
    /// Where register, accounts and cards do not agree; empty when they do.
    pub faults: Vec<String>,
}

impl Report {
    /// Whether money, cards and register agree.
    #[must_use]
    pub fn is_consistent(&self) -> bool {
        self.faults.is_empty()
    }

    /// Name of a collection among the operations.
    pub const COLLECT: &'static str = "collect";

    fn count(&mut self, operation: Operation) {
        self.count_as(operation.name());
    }

    fn count_as(&mut self, name: &'static str) {
        let count = self.operations.entry(name).or_default();
        *count = count.saturating_add(1);
    }

    fn count_refusal(&mut self, rule: Rule) {
        let count = self.refusals.entry(rule).or_default();
        *count = count.saturating_add(1);
    }
}

/// Lives the city's days; its register is made at `register`.
///
/// # Errors
/// An error of the desk that no rule explains: none is expected.
pub fn simulate(
    settings: SimulationSettings,
    register: &Path,
    progress: &mut dyn FnMut(Progress),
) -> Result<Report, DeskError> {
    let mut town = Town::found(settings, register, progress)?;
    for (day, passed) in (0..settings.days).zip(1..) {
        town.live(day)?;
        progress(Progress::Days(passed));
    }
    town.settle()?;
    town.check()
}
