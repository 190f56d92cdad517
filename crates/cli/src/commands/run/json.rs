//! Runs and errors as one JSON document.

use serde_json::{Value, json};
use sscard_script::ScriptError;
use sscard_script::report::{Step, explained};

use super::Done;
use crate::commands::hex;

pub(super) fn errors(errors: &[ScriptError]) -> Value {
    json!({ "schema": 1, "passed": false, "errors": errors.iter().map(error).collect::<Vec<_>>() })
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
    let scripts = done.iter().map(|done| {
        json!({
            "script": done.name,
            "passed": done.summary.passed(),
            "commands": done.summary.commands,
            "expectations": done.summary.expectations,
            "duration_us": micros(done.summary.duration),
            "failures": done.summary.failures.iter().map(error).collect::<Vec<_>>(),
            "broken": done.summary.broken.as_ref().map(|(_, at)| error(at)),
            "steps": steps(&done.report.steps),
        })
    });
    let passed = done.iter().all(|done| done.summary.passed());
    json!({ "schema": 1, "passed": passed, "scripts": scripts.collect::<Vec<_>>() })
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
            "duration_us": micros(*duration),
            "steps": steps(inner),
        }),
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

fn micros(duration: std::time::Duration) -> u64 {
    u64::try_from(duration.as_micros()).unwrap_or(u64::MAX)
}
