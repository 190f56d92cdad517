//! A soak: random operations on cards and their models, for seconds or for hours, on all cores.
//!
//! ```text
//! seed, number of a run ─► start, mix ─► records ─► Bench ─► Finding ─► shrink ─► Rust, script, recipe
//!                                                    └─► cells, counts ─► ledger
//! ```
//!
//! What enters: what to begin with (a card and its model, by name), a seed, how long. What leaves: how many operations were held
//! against the model, the abstract states that were seen, and the first answer that had to be another. A run is the same for the same
//! seed and number, whichever thread takes it. A panic, of the card or of its model, is a finding like any other.

mod cells;
mod finding;
pub mod ledger;
mod mix;
pub mod recipe;
mod script;
mod work;

use std::fmt;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use crate::bench::Bench;
use crate::model::Model;
use crate::op::OpRecord;
use crate::subject::TestSubject;
pub use cells::CellSet;
pub use finding::Finding;
pub use mix::{Mix, records_of_run};
pub use script::script;

/// Makes a card and its model, powered.
type Make<S, M> = Box<dyn Fn() -> Bench<S, M> + Send + Sync>;

/// A campaign of random operations.
pub struct Soak<S, M> {
    seed: u64,
    first_run: u64,
    threads: usize,
    time: Option<Duration>,
    operations: Option<u64>,
    mix: Mix,
    starts: Vec<Start<S, M>>,
}

/// What runs begin with.
struct Start<S, M> {
    name: String,
    make: Make<S, M>,
}

/// How far a soak is; somebody else may look, and end it.
#[derive(Debug, Default)]
pub struct SoakProgress {
    operations: AtomicU64,
    ended: AtomicBool,
}

impl SoakProgress {
    /// Operations that were held against the model so far.
    pub fn operations(&self) -> u64 {
        self.operations.load(Ordering::Relaxed)
    }

    /// Lets it end within a moment.
    pub fn end(&self) {
        self.ended.store(true, Ordering::Relaxed);
    }

    /// Whether it is to end.
    pub fn is_ended(&self) -> bool {
        self.ended.load(Ordering::Relaxed)
    }
}

/// What came of a soak.
#[derive(Clone, Debug)]
pub struct SoakOutcome {
    /// Exchanges and power-ons that were held against the model.
    pub operations: u64,
    /// Number of the first run that was not begun.
    pub next_run: u64,
    /// How long it took.
    pub time: Duration,
    /// Abstract states that were seen.
    pub states: CellSet,
    /// Mostly none: the soak ends with the first; one for each thread at most.
    pub findings: Vec<Finding>,
}

impl SoakOutcome {
    /// Operations a second.
    #[must_use]
    pub fn operations_per_second(&self) -> f64 {
        self.operations as f64 / self.time.as_secs_f64().max(1e-9)
    }
}

impl<S: TestSubject, M: Model + 'static> Soak<S, M> {
    /// A soak with this seed, on one thread, for ten seconds, from nothing yet.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        Self {
            seed,
            first_run: 0,
            threads: 1,
            time: Some(Duration::from_secs(10)),
            operations: None,
            mix: Mix::default(),
            starts: Vec::new(),
        }
    }

    /// One more card to begin runs with. `make` gives it and its model, powered; each thread asks for it once, and copies it where
    /// [`TestSubject::snapshot`] can, else for every run.
    #[must_use]
    pub fn start(
        mut self,
        name: impl Into<String>,
        make: impl Fn() -> Bench<S, M> + Send + Sync + 'static,
    ) -> Self {
        self.starts.push(Start { name: name.into(), make: Box::new(make) });
        self
    }

    /// How many threads.
    #[must_use]
    pub fn threads(mut self, threads: usize) -> Self {
        self.threads = threads.max(1);
        self
    }

    /// How long; `None`: as long as operations say.
    #[must_use]
    pub fn time(mut self, time: Option<Duration>) -> Self {
        self.time = time;
        self
    }

    /// So many operations in all, a few more at most; `None`: as long as time says.
    #[must_use]
    pub fn operations(mut self, operations: Option<u64>) -> Self {
        self.operations = operations;
        self
    }

    /// Goes on with this run, where another soak with this seed has ended.
    #[must_use]
    pub fn first_run(mut self, run: u64) -> Self {
        self.first_run = run;
        self
    }

    /// Draws records otherwise.
    #[must_use]
    pub fn mix(mut self, mix: Mix) -> Self {
        self.mix = mix;
        self
    }

    /// Runs it to its end.
    ///
    /// # Panics
    /// Without a start.
    pub fn run(&self) -> SoakOutcome {
        self.run_watched(&SoakProgress::default())
    }

    /// Runs it to its end, or to that which somebody else sets.
    ///
    /// # Panics
    /// Without a start.
    pub fn run_watched(&self, progress: &SoakProgress) -> SoakOutcome {
        assert!(!self.starts.is_empty(), "a soak begins with a card");
        let begun = Instant::now();
        let limits = work::Limits {
            until: self.time.map(|time| begun + time),
            operations: self.operations.map(|all| all.div_ceil(self.threads as u64)),
        };
        let outcome = Mutex::new(SoakOutcome {
            operations: 0,
            next_run: self.first_run,
            time: Duration::ZERO,
            states: CellSet::default(),
            findings: Vec::new(),
        });
        thread::scope(|scope| {
            for thread in 0..self.threads {
                let outcome = &outcome;
                scope.spawn(move || {
                    let done = work::work(self, thread, limits, progress);
                    let mut all = outcome.lock().unwrap_or_else(PoisonError::into_inner);
                    all.operations += done.operations;
                    all.next_run = all.next_run.max(done.next_run);
                    all.states.add(&done.states);
                    all.findings.extend(done.finding);
                });
            }
        });
        let mut outcome = outcome.into_inner().unwrap_or_else(PoisonError::into_inner);
        outcome.findings.sort_by_key(|finding| finding.run);
        outcome.time = begun.elapsed();
        outcome
    }

    /// The shortest operations, with the simplest parameters, on which this card and its model still differ. `goes_on` is asked before
    /// each trial.
    #[must_use]
    pub fn shrink(&self, finding: &Finding, goes_on: impl Fn() -> bool) -> Finding {
        let Some(start) = self.starts.iter().find(|start| start.name == finding.start) else {
            return finding.clone();
        };
        finding.shrunk(&*start.make, goes_on)
    }

    /// Carries out records on the start of this name: the violation that comes of them. `None` without such a start, or without a violation.
    pub fn replay(&self, start: &str, records: &[OpRecord]) -> Option<crate::Violation> {
        let start = self.starts.iter().find(|known| known.name == start)?;
        finding::outcome_of(&*start.make, records).map(|(_, violation)| violation)
    }
}

impl<S, M> fmt::Debug for Soak<S, M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let starts: Vec<&str> = self.starts.iter().map(|start| start.name.as_str()).collect();
        f.debug_struct("Soak").field("seed", &self.seed).field("starts", &starts).finish()
    }
}
