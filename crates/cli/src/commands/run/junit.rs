//! Runs as a JUnit report: a suite for each script, a test case for each case and one for what
//! stands outside of them.

use std::path::Path;
use std::time::Duration;

use quick_junit::{NonSuccessKind, Report as Document, TestCase, TestCaseStatus, TestSuite};
use sscard_host::whole_file::Audience;
use sscard_lexicon::{shown, shown_lines};
use sscard_script::report::{Failure as Failed, Skipped, Step, explained};

use super::Done;
use crate::commands::write_file;
use crate::failure::Failure;

pub(super) fn write(path: &Path, done: &[Done]) -> Result<(), Failure> {
    let mut document = Document::new("sscard run");
    for done in done {
        let mut suite = TestSuite::new(&*shown(&done.name));
        suite.set_time(done.summary.duration);
        let skipped = done.skipped && done.report.steps.is_empty();
        let outside = Collected { broken: broken(done), skipped, ..Collected::default() };
        collect(&done.report.steps, &done.name, &done.name, outside, None, &mut suite);
        document.add_test_suite(suite);
    }
    let text = document.to_string().map_err(|error| Failure::Unwritable {
        path: path.to_owned(),
        source: std::io::Error::other(error),
    })?;
    write_file(path, text.as_bytes(), Audience::Owner)
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
    steps: &[Step],
    script: &str,
    name: &str,
    mut own: Collected,
    duration: Option<Duration>,
    suite: &mut TestSuite,
) {
    let mut says_something = own.broken.is_some() || own.skipped || duration.is_some();
    for step in steps {
        match step {
            Step::Case { name: inner, steps, duration: own_time, .. } => {
                let inner =
                    if duration.is_none() { inner.clone() } else { format!("{name} / {inner}") };
                collect(steps, script, &inner, Collected::default(), Some(*own_time), suite);
            }
            Step::Exchange { exchange, application, .. } => {
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
            Step::Expectation { text, place, failure: Some(failure) } => {
                says_something = true;
                if own.failure.is_none() {
                    own.failure = Some((format!("{place}: {text}"), failure.clone()));
                }
            }
            Step::Expectation { .. } => says_something = true,
            Step::Print { text } => {
                own.output.push_str(&shown(text));
                own.output.push('\n');
            }
            Step::Skipped(case) => {
                let outer = duration.map(|_| name);
                skip(case, script, outer, suite);
            }
            Step::Reset { .. } => {}
        }
    }
    if !says_something {
        return;
    }
    let status = match (&own.failure, &own.broken) {
        (_, Some(broken)) => {
            let mut status = TestCaseStatus::non_success(NonSuccessKind::Error);
            status.set_message(&*shown(broken));
            status
        }
        (Some((place, failure)), None) => {
            let mut status = TestCaseStatus::non_success(NonSuccessKind::Failure);
            status.set_message(&*shown(&failure.message));
            let difference = shown_lines(&failure.difference);
            status.set_description(format!("{}\n{difference}", shown(place)));
            status
        }
        (None, None) if own.skipped => TestCaseStatus::skipped(),
        (None, None) => TestCaseStatus::success(),
    };
    let mut case = TestCase::new(&*shown(name), status);
    case.set_classname(&*shown(script));
    if let Some(duration) = duration {
        case.set_time(duration);
    }
    if !own.output.is_empty() {
        case.set_system_out(&*shown_lines(&own.output));
    }
    suite.add_test_case(case);
}

/// A case that was not run, and those in it.
fn skip(case: &Skipped, script: &str, outer: Option<&str>, suite: &mut TestSuite) {
    let name = outer.map_or_else(|| case.name.clone(), |outer| format!("{outer} / {}", case.name));
    case.cases.iter().for_each(|inner| skip(inner, script, Some(&name), suite));
    let mut skipped = TestCase::new(&*shown(&name), TestCaseStatus::skipped());
    skipped.set_classname(&*shown(script));
    suite.add_test_case(skipped);
}
