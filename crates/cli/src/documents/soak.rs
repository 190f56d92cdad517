//! `soak --json`.

use serde::Serialize;

/// What a soak came to.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct SoakDocument {
    /// Version of this document: 1.
    pub(crate) schema: u32,
    /// Version of the program.
    pub(crate) version: &'static str,
    /// Seed of all that was drawn.
    pub(crate) seed: u64,
    /// Threads.
    pub(crate) threads: u64,
    /// How long it took.
    pub(crate) seconds: f64,
    /// Exchanges and power-ons that were held against the model.
    pub(crate) operations: u64,
    /// The same by the time.
    pub(crate) operations_per_second: u64,
    /// What was seen.
    pub(crate) coverage: SoakCoverage,
    /// Answers that had to be others; one for each thread at most.
    pub(crate) violations: Vec<FoundViolation>,
    /// All soaks of the ledger; `null` without one.
    pub(crate) ledger: Option<LedgerSum>,
}

/// How much of what is possible was seen.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct SoakCoverage {
    /// Abstract states of the model ([fuzzing.md](fuzzing.md)).
    pub(crate) states: u64,
}

/// An answer that had to be another.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct FoundViolation {
    /// What the run began with.
    pub(crate) card: String,
    /// Number of the run.
    pub(crate) run: u64,
    /// The command, in hexadecimal; empty for power and for a panic.
    pub(crate) command: String,
    /// What came.
    pub(crate) answered: String,
    /// What had to come.
    pub(crate) expected: String,
    /// What is wrong where bytes do not say it; else empty.
    pub(crate) what: String,
    /// The shortest operations that lead there, in words.
    pub(crate) operations: Vec<String>,
    /// The same as Rust.
    pub(crate) rust: String,
    /// The same as a script.
    pub(crate) script: String,
    /// The same as a recipe for `--replay`.
    pub(crate) recipe: String,
}

/// What a ledger comes to.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct LedgerSum {
    /// Operations in all.
    pub(crate) operations: u64,
    /// Violations in all.
    pub(crate) violations: u64,
}
