//! Who may find a fault: the model that soaks the card, and the tests.

use std::path::PathBuf;
use std::process::Command;
use std::time::Duration;

use serde::{Deserialize, Serialize};

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
    /// Those who are asked; both without it.
    pub(crate) by: Option<Sort>,
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
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, clap::ValueEnum)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Sort {
    /// `sscard soak`: each answer is foretold.
    Model,
    /// The tests of the workspace.
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
            Self::Tests { program, names } => match names.as_slice() {
                [.., _, _, _, _] => format!("{}, {} names", program.package, names.len()),
                few => format!("{} {}", program.package, few.join(" ")),
            },
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
        let mut seconds = lasted.as_secs_f64();
        let detail = match ending {
            Ending::Said(test) => test,
            Ending::Late => format!("no end within {} s", limit.as_secs()),
            Ending::Exited(status, _) if status.success() => return Ok(None),
            Ending::Exited(status, lines) => match (is_test, status.code()) {
                (false, Some(1)) => {
                    let document = SoakDocument::read(&lines.join("\n"));
                    // What shortening the finding took is not counted.
                    seconds = document.seconds.unwrap_or(seconds);
                    document.violation()
                }
                (false, Some(2)) => return Err(format!("{} cannot be run: {status}", self.name())),
                _ => format!("it dies: {status}"),
            },
        };
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
                // What looks at sources sees this copy's.
                for about_sources in ["architecture::", "citations::", "house::"] {
                    command.args(["--skip", about_sources]);
                }
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

/// What `sscard soak --json` says, as far as it is needed here.
#[derive(Deserialize, Default)]
#[serde(default)]
struct SoakDocument {
    seconds: Option<f64>,
    violations: Vec<Violation>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Violation {
    card: String,
    command: String,
    answered: String,
    expected: String,
    what: String,
    operations: Vec<String>,
}

impl SoakDocument {
    fn read(text: &str) -> Self {
        serde_json::from_str(text).unwrap_or_default()
    }

    /// The shortest violation, in a line.
    fn violation(&self) -> String {
        let shortest = self.violations.iter().min_by_key(|violation| violation.operations.len());
        let Some(Violation { card, command, answered, expected, what, operations }) = shortest
        else {
            return "a violation".to_owned();
        };
        let cut = |text: &str| -> String {
            let line = text.lines().next().unwrap_or_default();
            line.chars().take(80).collect()
        };
        let count = operations.len();
        if what.is_empty() {
            let (command, answered, expected) = (cut(command), cut(answered), cut(expected));
            format!("{card}, {count} operations: {command} answered {answered}, not {expected}")
        } else {
            format!("{card}, {count} operations: {}", cut(what))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{SoakDocument, failed};

    #[test]
    fn a_failed_test_is_named() {
        assert_eq!(failed("test spec::s2_pin::a ... FAILED").as_deref(), Some("spec::s2_pin::a"));
        assert_eq!(failed("test spec::s2_pin::a ... ok"), None);
        assert_eq!(failed("test a - should panic ... FAILED").as_deref(), Some("a"));
    }

    #[test]
    fn the_shortest_violation_is_told_in_a_line() {
        let text = r#"{"seconds": 0.5, "violations": [
            {"card": "gen2", "what": "a counter\nwent up", "operations": ["a", "b"]},
            {"card": "gen3", "command": "00840000", "answered": "9000", "expected": "6700", "operations": ["a"]}]}"#;
        let document = SoakDocument::read(text);
        assert_eq!(document.seconds, Some(0.5));
        assert_eq!(document.violation(), "gen3, 1 operations: 00840000 answered 9000, not 6700");
        assert_eq!(SoakDocument::read("nothing").violation(), "a violation");
    }
}
