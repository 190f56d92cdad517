//! Runs and errors as one document.

use std::time::Duration;

use sscard_script::report::{Observer, ReportStep, RunReport, Skipped, explained};
use sscard_script::{Program, ScriptError, Summary};

use super::{
    CaseStep, ExchangeStep, ExpectationStep, PrintStep, ResetStep, RunDocument, RunScript, RunStep,
    ScriptFault,
};
use crate::SCHEMA;
use crate::unit::Hex;

/// What became of a script.
#[derive(Default)]
pub struct ScriptOutcome {
    /// The script, as it was named.
    pub name: String,
    /// What happened.
    pub report: RunReport,
    /// How it ended.
    pub summary: Summary,
    /// Why it cannot be used.
    pub errors: Vec<ScriptError>,
    /// What went wrong beside it: there was no card, or the card could not be kept.
    pub trouble: Option<String>,
    /// Whether it was not begun, because something else went wrong before.
    pub skipped: bool,
}

impl ScriptOutcome {
    /// A script that was not begun, with its cases.
    #[must_use]
    pub fn skipped(name: String, program: Option<&Program>) -> Self {
        let cases = program.map(sscard_script::skipped).unwrap_or_default();
        let mut report = RunReport::default();
        cases.iter().for_each(|case| report.skipped(case));
        Self { name, report, skipped: true, ..Self::default() }
    }

    /// `passed`, `failed`, `broken`, `error` or `skipped`.
    #[must_use]
    pub fn outcome(&self) -> &'static str {
        if self.skipped {
            "skipped"
        } else if !self.errors.is_empty() || self.trouble.is_some() {
            "error"
        } else if self.summary.broken.is_some() {
            "broken"
        } else if self.summary.passed() {
            "passed"
        } else {
            "failed"
        }
    }

    /// Whether it passed.
    #[must_use]
    pub fn passed(&self) -> bool {
        self.outcome() == "passed"
    }
}

/// Scripts that were not run: some cannot be used.
pub fn errors<'e>(
    errors: impl Iterator<Item = &'e ScriptError>,
    unused: &[ScriptOutcome],
) -> RunDocument {
    RunDocument {
        schema: SCHEMA,
        passed: false,
        errors: Some(errors.map(fault).collect()),
        scripts: unused.iter().map(script).collect(),
    }
}

/// Something wrong, and its place.
#[must_use]
pub fn fault(error: &ScriptError) -> ScriptFault {
    ScriptFault {
        file: error.name.clone(),
        line: error.line,
        column: error.column,
        message: error.message.clone(),
        advice: error.advice.clone(),
    }
}

/// Scripts that were run.
#[must_use]
pub fn runs(done: &[ScriptOutcome]) -> RunDocument {
    RunDocument {
        schema: SCHEMA,
        passed: done.iter().all(ScriptOutcome::passed),
        errors: None,
        scripts: done.iter().map(script).collect(),
    }
}

fn script(done: &ScriptOutcome) -> RunScript {
    RunScript {
        script: done.name.clone(),
        passed: done.passed(),
        outcome: done.outcome(),
        commands: done.summary.commands,
        expectations: done.summary.expectations,
        duration_us: micros(done.summary.duration),
        failures: done.summary.failures.iter().map(fault).collect(),
        broken: done.summary.broken.as_ref().map(|(_, at)| fault(at)),
        errors: done.errors.iter().map(fault).collect(),
        error: done.trouble.clone(),
        steps: steps(&done.report.steps),
    }
}

fn steps(all: &[ReportStep]) -> Vec<RunStep> {
    all.iter().map(step).collect()
}

fn step(step: &ReportStep) -> RunStep {
    match step {
        ReportStep::Reset { atr } => RunStep::Reset(ResetStep { reset: Hex::of(atr) }),
        ReportStep::Case { name, place, steps: inner, passed, duration } => {
            RunStep::Case(CaseStep {
                case: name.clone(),
                place: place.clone(),
                passed: *passed,
                outcome: outcome(*passed, inner),
                duration_us: micros(*duration),
                steps: steps(inner),
            })
        }
        ReportStep::Skipped(case) => skipped(case),
        ReportStep::Exchange { exchange, application, place } => {
            let (name, meaning) = explained(exchange, *application);
            let (status, meaning) = meaning.unzip();
            RunStep::Exchange(ExchangeStep {
                command: exchange.command_hex(),
                response: exchange.response_hex(),
                name,
                status: status.map(Hex::written),
                meaning,
                place: place.clone(),
                duration_us: micros(exchange.duration.unwrap_or_default()),
            })
        }
        ReportStep::Expectation { text, place, failure } => RunStep::Expectation(ExpectationStep {
            expectation: text.clone(),
            place: place.clone(),
            passed: failure.is_none(),
            message: failure.as_ref().map(|failure| failure.message.clone()),
            difference: failure.as_ref().map(|failure| failure.difference.clone()),
        }),
        ReportStep::Print { text } => RunStep::Print(PrintStep { print: text.clone() }),
    }
}

/// A case that failed has an expectation that did not hold; else the card was gone.
fn outcome(passed: bool, inner: &[ReportStep]) -> &'static str {
    if passed {
        "passed"
    } else if inner.iter().any(has_failed) {
        "failed"
    } else {
        "broken"
    }
}

fn has_failed(step: &ReportStep) -> bool {
    match step {
        ReportStep::Expectation { failure, .. } => failure.is_some(),
        ReportStep::Case { steps, .. } => steps.iter().any(has_failed),
        ReportStep::Reset { .. }
        | ReportStep::Exchange { .. }
        | ReportStep::Print { .. }
        | ReportStep::Skipped(_) => false,
    }
}

fn skipped(case: &Skipped) -> RunStep {
    RunStep::Case(CaseStep {
        case: case.name.clone(),
        place: case.place.clone(),
        passed: false,
        outcome: "skipped",
        duration_us: 0,
        steps: case.cases.iter().map(skipped).collect(),
    })
}

fn micros(duration: Duration) -> u64 {
    u64::try_from(duration.as_micros()).unwrap_or(u64::MAX)
}
