//! The copy, compiled once for all faults: the program, and the tests.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde::Deserialize;
use serde_json::Value;

use super::finder::{Finder, Search, Sort, TestProgram};
use super::table::Fault;

/// The package of the tests that every fault is shown to.
const TESTS: &str = "sscard-tests";

/// Its one program.
const TESTS_PROGRAM: &str = "sscard";

/// Crates in which the card lies: the model sees what is wrong there.
pub(crate) const CARD: [&str; 6] = ["apdu", "commands", "elements", "crypto", "core", "profile"];

/// What was compiled.
pub(crate) struct Built {
    program: Option<PathBuf>,
    tests: Vec<TestProgram>,
}

/// The package that a crate's folder holds.
fn package(folder: &str) -> String {
    if folder == "cli" { "sscard".to_owned() } else { format!("sscard-{folder}") }
}

/// Compiles what the chosen faults are shown to.
///
/// # Errors
/// It does not compile.
pub(crate) fn build(
    tree: &Path,
    target: &Path,
    chosen: &[&Fault],
    search: &Search,
) -> Result<Built, String> {
    let program = target.join("debug/sscard");
    cargo(tree, target, &["build", "--profile", "test", "--package", "sscard"])?;
    let mut packages = BTreeSet::from([TESTS.to_owned()]);
    for fault in chosen {
        if !search.is_brief {
            packages.insert(package(fault.crate_name()));
        }
        packages.extend(fault.packages.iter().cloned());
    }
    let mut arguments = vec!["test", "--no-run"];
    packages.iter().for_each(|package| arguments.extend(["--package", package]));
    let tests = if search.by == Some(Sort::Model) {
        Vec::new()
    } else {
        programs(&cargo(tree, target, &arguments)?)
    };
    let can_soak = Command::new(&program)
        .args(["soak", "--help"])
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .is_ok_and(|status| status.success());
    Ok(Built { program: can_soak.then_some(program), tests })
}

/// What cargo says of an artefact; the rest of its messages lacks a field.
#[derive(Deserialize)]
struct Message {
    manifest_path: PathBuf,
    target: MessageTarget,
    profile: MessageProfile,
    executable: Option<PathBuf>,
}

#[derive(Deserialize)]
struct MessageTarget {
    name: String,
}

#[derive(Deserialize)]
struct MessageProfile {
    test: bool,
}

fn programs(messages: &str) -> Vec<TestProgram> {
    let artefacts = messages.lines().filter_map(|line| serde_json::from_str::<Message>(line).ok());
    let tests = artefacts.filter(|message| message.profile.test);
    tests
        .filter_map(|message| {
            let folder = message.manifest_path.parent()?.to_path_buf();
            let crate_folder = folder.file_name()?.to_string_lossy().into_owned();
            // The folder `tests` is the package sscard-tests.
            let package = package(&crate_folder);
            let (name, path) = (message.target.name, message.executable?);
            // Its library holds no test.
            if package == TESTS && name != TESTS_PROGRAM {
                return None;
            }
            Some(TestProgram { package, name, path, folder })
        })
        .collect()
}

/// Runs cargo in the copy; its messages, of which the errors alone are shown: warnings of a switch are nobody's.
fn cargo(tree: &Path, target: &Path, arguments: &[&str]) -> Result<String, String> {
    let mut command = Command::new(std::env::var_os("CARGO").unwrap_or("cargo".into()));
    command.current_dir(tree).args(arguments).args(["--quiet", "--message-format", "json"]);
    // The card and the model run for minutes: they are worth their optimisation.
    for folder in CARD.iter().chain(&["testkit"]) {
        command.args(["--config", &format!("profile.test.package.sscard-{folder}.opt-level=3")]);
    }
    command.env("CARGO_TARGET_DIR", target).env("CARGO_INCREMENTAL", "0").stderr(Stdio::inherit());
    let output = command.output().map_err(|error| format!("cargo: {error}"))?;
    let messages = String::from_utf8_lossy(&output.stdout).into_owned();
    if output.status.success() {
        return Ok(messages);
    }
    for message in messages.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok()) {
        let is_error = message.pointer("/message/level").and_then(Value::as_str) == Some("error");
        let text = message.pointer("/message/rendered").and_then(Value::as_str);
        if let Some(text) = text.filter(|_| is_error) {
            eprintln!("{text}");
        }
    }
    Err(format!("`cargo {}` fails in {}", arguments.join(" "), tree.display()))
}

/// All tests of a program.
fn whole(program: &TestProgram) -> Finder {
    Finder::Tests { program: program.clone(), names: Vec::new() }
}

impl Built {
    /// The model, with each seed.
    fn soaking(&self, search: &Search) -> Vec<Finder> {
        let Some(program) = self.program.as_ref().filter(|_| search.by != Some(Sort::Tests)) else {
            return Vec::new();
        };
        search
            .seeds
            .iter()
            .map(|seed| Finder::Soak { program: program.clone(), seed: *seed })
            .collect()
    }

    /// Those of `sscard-tests`: the tests of these names.
    fn named(&self, names: &[String]) -> Vec<Finder> {
        let general = self.tests.iter().filter(|tests| tests.package == TESTS && !names.is_empty());
        general
            .map(|program| Finder::Tests { program: program.clone(), names: names.to_vec() })
            .collect()
    }

    /// Who has to be silent when nothing is planted; of the tests of `chosen` those that are asked first, when one finder is
    /// enough.
    pub(crate) fn silent(&self, search: &Search, chosen: &[&Fault]) -> Vec<Finder> {
        let mut finders = self.soaking(search);
        match (search.by, search.is_brief) {
            (Some(Sort::Model), _) => {}
            (_, true) => {
                let names: BTreeSet<_> =
                    chosen.iter().flat_map(|fault| fault.tests.clone()).collect();
                finders.extend(self.named(&Vec::from_iter(names)));
            }
            (_, false) => finders.extend(self.tests.iter().map(whole)),
        }
        finders
    }

    /// Who looks for a fault, in the order in which they are asked.
    pub(crate) fn finders(&self, search: &Search, fault: &Fault) -> Vec<Finder> {
        let is_of_card = CARD.contains(&fault.crate_name());
        let mut finders = if is_of_card { self.soaking(search) } else { Vec::new() };
        if search.by == Some(Sort::Model) {
            return finders;
        }
        finders.extend(self.named(&fault.tests));
        let (general, own): (Vec<_>, Vec<_>) =
            self.tests.iter().partition(|tests| tests.package == TESTS);
        finders.extend(general.into_iter().map(whole));
        let asked = |tests: &&TestProgram| {
            tests.package == package(fault.crate_name()) || fault.packages.contains(&tests.package)
        };
        finders.extend(own.into_iter().filter(asked).map(whole));
        finders
    }
}
