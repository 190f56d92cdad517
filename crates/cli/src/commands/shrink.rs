//! `--shrink`: the smallest recipe with which a command still ends as it does.
//!
//! The program runs itself: the same command line, with a recipe in the place of its faults (`--fault-trial`), which leaves the
//! card's file as it is. What a run says is nobody's; its exit code is all.

use std::ffi::OsString;
use std::io::{self, Read, Write};
use std::path::Path;
use std::process::{Command as Process, Stdio};

use sscard_faults::Recipe;
use sscard_host::whole_file::Audience;
use sscard_lexicon::counted;

use crate::args::Shrinking;
use crate::failure::Failure;
use crate::outside::shown_path;
use crate::read_file;
use crate::signals;

/// How a command is run with a recipe.
struct Trial {
    program: std::path::PathBuf,
    /// The subcommand, and what stands behind it.
    subcommand: OsString,
    rest: Vec<OsString>,
    /// What it reads.
    input: Vec<u8>,
    folder: tempfile::TempDir,
    runs: usize,
}

pub(crate) fn run(asked: &Shrinking<'_>, out: &mut dyn Write) -> Result<(), Failure> {
    let refuse = |reason: String| Err(Failure::Usage(format!("--shrink: {reason}")));
    if let Some(option) = asked.writes {
        return refuse(format!("the command is run many times: leave out {option}"));
    }
    if asked.in_reader {
        let reason = "a card in a reader is another one after each run: use a virtual card";
        return refuse(reason.to_owned());
    }
    let asked_for = asked.faults.misbehaviour(false)?;
    let whole = asked_for.recipe();
    if whole.faults.is_empty() && whole.fired.is_none() {
        return refuse(
            "there is nothing to leave out: give --faults, --evil or --fault".to_owned(),
        );
    }
    asked.faults.check_output("--shrink", asked.output)?;
    let mut trial = Trial::new(asked)?;
    let (code, decided) = trial.first(whole, asked.has_log)?;
    if code == 0 {
        return Err(Failure::Sound);
    }
    let smallest = decided.shrink(|recipe| {
        // After a signal nothing is tried any more.
        signals::caught().is_none() && trial.ends_with(recipe, code)
    });
    if let Some(signal) = signals::caught() {
        return Err(Failure::Interrupted { signal, note: "; no recipe was written" });
    }
    super::write_file(asked.output, smallest.to_string().as_bytes(), Audience::Owner)?;
    let (left, all) = (length(&smallest), length(&decided));
    let runs = counted(trial.runs, "run");
    let name = shown_path(asked.output);
    writeln!(out, "{name}: {left} of {}, exit code {code}, {runs}", counted(all, "fault"))?;
    if left == 0 {
        complain!("sscard: the command ends with exit code {code} without any fault");
    }
    Ok(())
}

fn length(recipe: &Recipe) -> usize {
    recipe.fired.as_ref().map_or(recipe.faults.len(), Vec::len)
}

impl Trial {
    fn new(asked: &Shrinking<'_>) -> Result<Self, Failure> {
        let mut arguments = std::env::args_os().skip(1);
        let subcommand = arguments.next().unwrap_or_default();
        let rest: Vec<OsString> = arguments.collect();
        // A PIN may come that way.
        let is_dash =
            |argument: &OsString| argument.to_string_lossy().rsplit(['=', ':']).next() == Some("-");
        let mut input = Vec::new();
        if asked.reads_input || rest.iter().any(is_dash) {
            io::stdin().lock().read_to_end(&mut input)?;
        }
        let folder = tempfile::tempdir()?;
        let program = std::env::current_exe()?;
        Ok(Self { program, subcommand, rest, input, folder, runs: 0 })
    }

    /// How the command ends with all its faults, and what those came to, if that alone leads to the same end.
    fn first(&mut self, whole: &Recipe, has_log: bool) -> Result<(i32, Recipe), Failure> {
        let log = self.folder.path().join("log.toml");
        let code = self.run(whole, has_log.then_some(&log))?;
        let text = has_log.then(|| read_file::text(&log).ok()).flatten();
        let decided = text.and_then(|text| Recipe::parse(&text).ok());
        match decided {
            Some(decided) if self.ends_with(&decided, code) => Ok((code, decided)),
            _ => Ok((code, whole.clone())),
        }
    }

    fn ends_with(&mut self, recipe: &Recipe, code: i32) -> bool {
        self.run(recipe, None).is_ok_and(|ended| ended == code)
    }

    /// One run; its exit code.
    fn run(&mut self, recipe: &Recipe, log: Option<&std::path::PathBuf>) -> Result<i32, Failure> {
        self.runs += 1;
        let path = self.folder.path().join("trial.toml");
        write_trial(&path, recipe)?;
        let mut process = Process::new(&self.program);
        process.arg(&self.subcommand).arg("--fault-trial").arg(&path);
        if let Some(log) = log {
            process.arg("--fault-log").arg(log);
        }
        process.args(&self.rest).stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null());
        let mut child = process.spawn()?;
        if let Some(mut stdin) = child.stdin.take() {
            // Whoever does not read to the end has ended already.
            let _ = stdin.write_all(&self.input);
        }
        let status = child.wait()?;
        Ok(status.code().unwrap_or(-1))
    }
}

fn write_trial(path: &Path, recipe: &Recipe) -> Result<(), Failure> {
    std::fs::write(path, recipe.to_string())
        .map_err(|source| Failure::Unwritable { path: path.to_owned(), source })
}
