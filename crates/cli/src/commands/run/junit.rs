//! Runs as a JUnit report: a suite for each script, a test case for each case and one for what
//! stands outside of them.

mod document;

use std::path::Path;
use std::time::Duration;

use sscard_host::whole_file::Audience;
use sscard_lexicon::{shown, shown_lines};
use sscard_script::report::{Failure as Failed, ReportStep, Skipped, explained};

use super::Done;
use document::{TestCase, TestStatus, TestSuite};

use crate::commands::write_file;
use crate::failure::Failure;

pub(super) fn write(path: &Path, done: &[Done]) -> Result<(), Failure> {
    let suites: Vec<TestSuite> = done.iter().map(suite).collect();
    let text = document::text("sscard run", &suites)
        .map_err(|source| Failure::Unwritable { path: path.to_owned(), source })?;
    write_file(path, text.as_bytes(), Audience::Owner)
}

/// The suite of a script.
fn suite(done: &Done) -> TestSuite {
    let mut suite = TestSuite::new(&shown(&done.name), done.summary.duration);
    let skipped = done.skipped && done.report.steps.is_empty();
    let outside = Collected { broken: broken(done), skipped, ..Collected::default() };
    collect(&done.report.steps, &done.name, &done.name, outside, None, &mut suite);
    suite
}

fn broken(done: &Done) -> Option<String> {
    let at = done.summary.broken.as_ref().map(|(_, at)| at.to_string());
    let errors = || done.errors.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n");
    let unusable = (!done.errors.is_empty()).then(errors);
    at.or(unusable).or_else(|| done.trouble.clone())
}

/// What belongs to one test case.
#[derive(Default)]
struct Collected {
    failure: Option<(String, Failed)>,
    broken: Option<String>,
    skipped: bool,
    output: String,
}

/// One test case out of these steps, behind those of the cases among them.
fn collect(
    steps: &[ReportStep],
    script: &str,
    name: &str,
    mut own: Collected,
    duration: Option<Duration>,
    suite: &mut TestSuite,
) {
    let mut says_something = own.broken.is_some() || own.skipped || duration.is_some();
    for step in steps {
        match step {
            ReportStep::Case { name: inner, steps, duration: own_time, .. } => {
                let inner =
                    if duration.is_none() { inner.clone() } else { format!("{name} / {inner}") };
                collect(steps, script, &inner, Collected::default(), Some(*own_time), suite);
            }
            ReportStep::Exchange { exchange, application, .. } => {
                says_something = true;
                let (words, meaning) = explained(exchange, *application);
                let meaning = meaning.map(|(status, meaning)| format!(": {status} {meaning}"));
                let meaning = meaning.unwrap_or_default();
                own.output.push_str(&format!(
                    "> {}\n< {}\n# {words}{meaning}\n",
                    exchange.command_hex(),
                    exchange.response_hex()
                ));
            }
            ReportStep::Expectation { text, place, failure: Some(failure) } => {
                says_something = true;
                if own.failure.is_none() {
                    own.failure = Some((format!("{place}: {text}"), failure.clone()));
                }
            }
            ReportStep::Expectation { .. } => says_something = true,
            ReportStep::Print { text } => {
                own.output.push_str(&shown(text));
                own.output.push('\n');
            }
            ReportStep::Skipped(case) => {
                let outer = duration.map(|_| name);
                skip(case, script, outer, suite);
            }
            ReportStep::Reset { .. } => {}
        }
    }
    if !says_something {
        return;
    }
    let status = match (&own.failure, &own.broken) {
        (_, Some(broken)) => TestStatus::Error { message: shown(broken).into_owned() },
        (Some((place, failure)), None) => TestStatus::Failure {
            message: shown(&failure.message).into_owned(),
            text: format!("{}\n{}", shown(place), shown_lines(&failure.difference)),
        },
        (None, None) if own.skipped => TestStatus::Skipped,
        (None, None) => TestStatus::Success,
    };
    suite.cases.push(TestCase {
        name: shown(name).into_owned(),
        script: shown(script).into_owned(),
        status,
        duration,
        output: shown_lines(&own.output).into_owned(),
    });
}

/// A case that was not run, and those in it.
fn skip(case: &Skipped, script: &str, outer: Option<&str>, suite: &mut TestSuite) {
    let name = outer.map_or_else(|| case.name.clone(), |outer| format!("{outer} / {}", case.name));
    case.cases.iter().for_each(|inner| skip(inner, script, Some(&name), suite));
    suite.cases.push(TestCase {
        name: shown(&name).into_owned(),
        script: shown(script).into_owned(),
        status: TestStatus::Skipped,
        duration: None,
        output: String::new(),
    });
}
