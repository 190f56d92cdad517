//! An answer that had to be another, and the operations that led to it.

use std::any::Any;
use std::fmt::Write;
use std::panic::{AssertUnwindSafe, catch_unwind};

use crate::bench::{Bench, Violation};
use crate::model::Model;
use crate::op::{Op, OpRecord};
use crate::shrink::shrink;
use crate::subject::TestSubject;

/// Most trials of one search for the shortest operations.
const TRIALS: u32 = 20_000;

/// What a soak has found.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Finding {
    /// Name of what the run began with.
    pub start: String,
    /// Seed of the soak.
    pub seed: u64,
    /// Number of the run.
    pub run: u64,
    /// The operations, with the one that failed at the end.
    pub records: Vec<OpRecord>,
    /// What is wrong.
    pub violation: Violation,
}

/// What a panic said, as a violation.
pub(super) fn panicked(panic: &(dyn Any + Send)) -> Violation {
    let text = panic.downcast_ref::<&str>().copied();
    let text = text.or_else(|| panic.downcast_ref::<String>().map(String::as_str));
    Violation {
        command: Vec::new(),
        answered: Vec::new(),
        expected: Vec::new(),
        what: format!("a panic: {}", text.unwrap_or("it said nothing")),
    }
}

/// How many of the records were carried out until one failed, and how it did.
pub(super) fn outcome_of<S: TestSubject, M: Model>(
    make: &dyn Fn() -> Bench<S, M>,
    records: &[OpRecord],
) -> Option<(usize, Violation)> {
    let mut at = 0;
    let carried = catch_unwind(AssertUnwindSafe(|| {
        let mut bench = make();
        records.iter().try_for_each(|record| {
            at += 1;
            bench.step(record)
        })
    }));
    match carried {
        Ok(outcome) => outcome.err().map(|violation| (at, violation)),
        Err(panic) => Some((at, panicked(&*panic))),
    }
}

impl Finding {
    /// The shortest that fails.
    pub(super) fn shrunk<S: TestSubject, M: Model>(
        &self,
        make: &dyn Fn() -> Bench<S, M>,
        goes_on: impl Fn() -> bool,
    ) -> Self {
        let kept = make();
        let again = || kept.copy().unwrap_or_else(make);
        let mut left = TRIALS;
        let records = shrink(&self.records, |records| {
            if left == 0 || !goes_on() {
                return None;
            }
            left -= 1;
            outcome_of(&again, records).map(|(length, _)| length)
        });
        let Some((length, violation)) = outcome_of(&again, &records) else { return self.clone() };
        Self { records: records[..length].to_vec(), violation, ..self.clone() }
    }

    /// The operations, one a line.
    #[must_use]
    pub fn operations<M: Model>(&self) -> Vec<String> {
        let decode = |record: &OpRecord| format!("{:?}", Op::decode(record, M::decode));
        self.records.iter().map(decode).collect()
    }

    /// A Rust item that compiles: the records, each with what it stands for.
    #[must_use]
    pub fn rust<M: Model>(&self) -> String {
        let mut text = String::new();
        let Self { start, seed, run, records, violation } = self;
        let _ = writeln!(text, "/// {start}, seed {seed}, run {run}: {violation}");
        let count = records.len();
        let _ = writeln!(text, "pub const FOUND: [sscard_testkit::op::OpRecord; {count}] = [");
        for (record, operation) in records.iter().zip(self.operations::<M>()) {
            let bytes: Vec<String> = record.iter().map(|byte| format!("0x{byte:02X}")).collect();
            let _ = writeln!(text, "    // {operation}\n    [{}],", bytes.join(", "));
        }
        text.push_str("];\n");
        text
    }

    /// The same and the test around it, for a card that is one of [`StartingCard`](crate::StartingCard)'s.
    #[must_use]
    pub fn rust_test<M: Model>(&self) -> String {
        format!(
            "{}\n#[test]\nfn what_was_found_stays_mended() {{\n    \
             assert_eq!(sscard_testkit::starting_card::replay({:?}, &FOUND), Ok(()));\n}}\n",
            self.rust::<M>(),
            self.start
        )
    }
}
