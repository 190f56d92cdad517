//! Who may find a fault: the model that soaks the card, and the tests.

use std::path::PathBuf;
use std::process::Command;
use std::time::Duration;

use serde::Serialize;
use serde_json::Value;

use super::table::Fault;
use super::tree::VARIABLE;
use super::watch::{Ending, watch};

/// No suite takes longer; one that does was stopped by the fault.
const LONGEST_SUITE: Duration = Duration::from_secs(600);

/// What soaking may take beyond what it was told, before it counts as stuck.
const GRACE: Duration = Duration::from_secs(30);

/// How it is searched.
pub(crate) struct Search {
    /// What each run of the model may take.
    pub(crate) seconds: Duration,
    /// The model's seeds.
    pub(crate) seeds: Vec<u64>,
    /// The first finder is enough.
    pub(crate) is_brief: bool,
    /// Nobody but the model is asked.
    pub(crate) only_model: bool,
}

/// A program of tests.
#[derive(Clone)]
pub(crate) struct TestProgram {
    pub(crate) package: String,
    pub(crate) name: String,
    pub(crate) path: PathBuf,
    /// Where cargo would run it.
    pub(crate) folder: PathBuf,
}

/// Of which sort a finder is.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Sort {
    Model,
    Tests,
}

/// One who looks for faults.
pub(crate) enum Finder {
    /// `sscard soak`: random operations, each answer foretold.
    Soak { program: PathBuf, seed: u64 },
    /// Tests whose names begin so, or all.
    Tests { program: TestProgram, names: Vec<String> },
}

/// What a finder found.
#[derive(Clone, Serialize)]
pub(crate) struct Found {
    pub(crate) sort: Sort,
    /// Who found it.
    pub(crate) finder: String,
    /// After how many seconds.
    pub(crate) seconds: f64,
    /// By what: the test's name, the violation.
    pub(crate) detail: String,
}

impl Finder {
    pub(crate) const fn sort(&self) -> Sort {
        match self {
            Self::Soak { .. } => Sort::Model,
            Self::Tests { .. } => Sort::Tests,
        }
    }

    /// Who it is, in a few words.
    pub(crate) fn name(&self) -> String {
        match self {
            Self::Soak { seed, .. } => format!("soak, seed {seed}"),
            Self::Tests { program, names } if names.is_empty() => {
                format!("{} ({})", program.package, program.name)
            }
            Self::Tests { program, names } => format!("{} {}", program.package, names.join(" ")),
        }
    }

    /// Looks for a fault, or for nothing; `alone` on this machine or not.
    ///
    /// # Errors
    /// It cannot be run.
    pub(crate) fn look(
        &self,
        fault: Option<&Fault>,
        search: &Search,
        alone: bool,
    ) -> Result<Option<Found>, String> {
        let mut command = self.command(search, alone);
        command.env_remove(VARIABLE).env("RUST_BACKTRACE", "0");
        if let Some(fault) = fault {
            command.env(VARIABLE, fault.number.to_string());
        }
        let (limit, is_test) = match self {
            Self::Soak { .. } => (search.seconds + GRACE, false),
            Self::Tests { .. } => (LONGEST_SUITE, true),
        };
        let (ending, lasted) = watch(command, limit, |line| failed(line).filter(|_| is_test))?;
        let detail = match ending {
            Ending::Said(test) => test,
            Ending::Late => format!("no end within {} s", limit.as_secs()),
            Ending::Exited(status, _) if status.success() => return Ok(None),
            Ending::Exited(status, lines) => match (is_test, status.code()) {
                (false, Some(1)) => violation(&lines.join("\n")),
                (false, Some(2)) => return Err(format!("{} cannot be run: {status}", self.name())),
                _ => format!("it dies: {status}"),
            },
        };
        let seconds = lasted.as_secs_f64();
        Ok(Some(Found { sort: self.sort(), finder: self.name(), seconds, detail }))
    }

    fn command(&self, search: &Search, alone: bool) -> Command {
        match self {
            Self::Soak { program, seed } => {
                let mut command = Command::new(program);
                let (seconds, seed) = (search.seconds.as_secs().to_string(), seed.to_string());
                command.args(["soak", "--json", "--seconds", &seconds, "--seed", &seed]);
                command.args(["--threads", if alone { "2" } else { "1" }]);
                command
            }
            Self::Tests { program, names } => {
                let mut command = Command::new(&program.path);
                command
                    .current_dir(&program.folder)
                    .args(names)
                    .args(["--test-threads", if alone { "2" } else { "1" }]);
                // The same inputs in every run, and what is found with them is not kept: the fault is planted.
                command.env("PROPTEST_RNG_SEED", "1");
                command.env("PROPTEST_DISABLE_FAILURE_PERSISTENCE", "1");
                command
            }
        }
    }
}

/// The name of the test that a line of a test program says to have failed.
fn failed(line: &str) -> Option<String> {
    let name = line.strip_prefix("test ")?.strip_suffix(" ... FAILED")?;
    Some(name.trim_end_matches(" - should panic").to_owned())
}

/// The first violation of a soak's document, in a line.
fn violation(document: &str) -> String {
    let document: Value = serde_json::from_str(document).unwrap_or_default();
    let first = document.pointer("/violations/0").cloned().unwrap_or_default();
    let named =
        ["invariant", "message", "what", "text", "summary"].iter().find_map(|name| first.get(name));
    let text = match named.unwrap_or(&first) {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    let line: String = text.lines().next().unwrap_or_default().chars().take(160).collect();
    if line.is_empty() || line == "null" { "a violation".to_owned() } else { line }
}

#[cfg(test)]
mod tests {
    use super::{failed, violation};

    #[test]
    fn a_failed_test_is_named() {
        assert_eq!(failed("test spec::s2_pin::a ... FAILED").as_deref(), Some("spec::s2_pin::a"));
        assert_eq!(failed("test spec::s2_pin::a ... ok"), None);
        assert_eq!(failed("test a - should panic ... FAILED").as_deref(), Some("a"));
    }

    #[test]
    fn a_violation_is_told_in_a_line() {
        assert_eq!(violation(r#"{"violations": [{"what": "I-5: two\nlines"}]}"#), "I-5: two");
        assert_eq!(violation(r#"{"violations": ["I-5"]}"#), "I-5");
        assert_eq!(violation("nothing"), "a violation");
    }
}
