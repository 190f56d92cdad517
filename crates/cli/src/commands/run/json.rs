//! Runs and errors as one JSON document.

use serde_json::{Value, json};
use sscard_script::ScriptError;
use sscard_script::report::{Skipped, Step, explained};

use super::Done;
use crate::commands::hex;

/// Scripts that were not run: some cannot be used.
pub(super) fn errors<'e>(errors: impl Iterator<Item = &'e ScriptError>, unused: &[Done]) -> Value {
    json!({
        "schema": 1,
        "passed": false,
        "errors": errors.map(error).collect::<Vec<_>>(),
        "scripts": unused.iter().map(script).collect::<Vec<_>>(),
    })
}

pub(super) fn error(error: &ScriptError) -> Value {
    json!({
        "file": error.name,
        "line": error.line,
        "column": error.column,
        "message": error.message,
        "advice": error.advice,
    })
}

pub(super) fn runs(done: &[Done]) -> Value {
    let passed = done.iter().all(Done::passed);
    let scripts = done.iter().map(script).collect::<Vec<_>>();
    json!({ "schema": 1, "passed": passed, "scripts": scripts })
}

fn script(done: &Done) -> Value {
    json!({
        "script": done.name,
        "passed": done.passed(),
        "outcome": done.outcome(),
        "commands": done.summary.commands,
        "expectations": done.summary.expectations,
        "duration_us": micros(done.summary.duration),
        "failures": done.summary.failures.iter().map(error).collect::<Vec<_>>(),
        "broken": done.summary.broken.as_ref().map(|(_, at)| error(at)),
        "errors": done.errors.iter().map(error).collect::<Vec<_>>(),
        "error": done.trouble,
        "steps": steps(&done.report.steps),
    })
}

fn steps(all: &[Step]) -> Value {
    all.iter().map(step).collect()
}

fn step(step: &Step) -> Value {
    match step {
        Step::Reset { atr } => json!({ "reset": hex(atr) }),
        Step::Case { name, place, steps: inner, passed, duration } => json!({
            "case": name,
            "place": place,
            "passed": passed,
            "outcome": outcome(*passed, inner),
            "duration_us": micros(*duration),
            "steps": steps(inner),
        }),
        Step::Skipped(case) => skipped(case),
        Step::Exchange { exchange, application, place } => {
            let (words, meaning) = explained(exchange, *application);
            json!({
                "command": exchange.command_hex(),
                "response": exchange.response_hex(),
                "name": words,
                "status": meaning.as_ref().map(|(status, _)| status.to_string()),
                "meaning": meaning.map(|(_, meaning)| meaning),
                "place": place,
                "duration_us": micros(exchange.duration),
            })
        }
        Step::Expectation { text, place, failure } => json!({
            "expectation": text,
            "place": place,
            "passed": failure.is_none(),
            "message": failure.as_ref().map(|failure| &failure.message),
            "difference": failure.as_ref().map(|failure| &failure.difference),
        }),
        Step::Print { text } => json!({ "print": text }),
    }
}

/// A case that failed has an expectation that did not hold; else the card was gone.
fn outcome(passed: bool, inner: &[Step]) -> &'static str {
    if passed {
        "passed"
    } else if inner.iter().any(has_failed) {
        "failed"
    } else {
        "broken"
    }
}

fn has_failed(step: &Step) -> bool {
    match step {
        Step::Expectation { failure, .. } => failure.is_some(),
        Step::Case { steps, .. } => steps.iter().any(has_failed),
        Step::Reset { .. } | Step::Exchange { .. } | Step::Print { .. } | Step::Skipped(_) => false,
    }
}

fn skipped(case: &Skipped) -> Value {
    json!({
        "case": case.name,
        "place": case.place,
        "passed": false,
        "outcome": "skipped",
        "duration_us": 0,
        "steps": case.cases.iter().map(skipped).collect::<Vec<_>>(),
    })
}

fn micros(duration: std::time::Duration) -> u64 {
    u64::try_from(duration.as_micros()).unwrap_or(u64::MAX)
}
