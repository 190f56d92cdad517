//! Faults of the command line: read, checked against the channel, put around a card, and kept as a recipe.
//!
//! What enters: the options. What leaves: [`Faults`] for one card, and the recipe of what they came to. Everything wrong is said
//! before a card is opened.

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf, absolute};

use sscard_core::Card;
use sscard_faults::{EvilCard, Fault, Faults, Fired, Recipe};
use sscard_host::whole_file::{self, Audience, WholeFile};

use sscard_profile::{IccKeys, MasterKeys, holder_of, issue_in, load, state_of};

use crate::args::FaultArgs;
use crate::commands::{refuse_card, write_file};
use crate::failure::Failure;
use crate::outside::shown_path;
use crate::read_file;

/// Faults that are asked for, and where what they came to is written.
#[derive(Clone, Default)]
pub(crate) struct Misbehaviour {
    recipe: Recipe,
    log: Option<PathBuf>,
    /// Whether faults may be set later, by a person or a script.
    is_open: bool,
    /// Whether this is one of many runs that look for the smallest recipe.
    is_trial: bool,
}

impl FaultArgs {
    /// What the options ask for; `in_reader`: the card is in a reader, and its channel cannot do everything.
    pub(crate) fn misbehaviour(&self, in_reader: bool) -> Result<Misbehaviour, Failure> {
        if let Some(path) = &self.fault_trial {
            let (recipe, log) = (recipe_of(path)?, self.fault_log.clone());
            return Ok(Misbehaviour { recipe, log, is_open: false, is_trial: true });
        }
        let mut recipe = match (&self.evil, &self.faults) {
            (Some(name), _) => evil(name)?,
            (None, Some(path)) => recipe_of(path)?,
            (None, None) => Recipe::default(),
        };
        let more: Vec<Fault> =
            self.fault.iter().map(|text| spec(text)).collect::<Result<_, _>>()?;
        if let Some(seed) = self.fault_seed {
            recipe.seed = seed;
            recipe.fired = None;
        }
        if let Some(fired) = &mut recipe.fired {
            fired.extend(more.iter().cloned().map(Fired::of));
        }
        recipe.faults.extend(more);
        let asked =
            Misbehaviour { recipe, log: self.fault_log.clone(), is_open: false, is_trial: false };
        if in_reader {
            asked.for_reader()?;
        }
        if let Some(path) = &asked.log {
            self.check_output("--fault-log", path)?;
        }
        Ok(asked)
    }

    /// What is written at the end can be written, and is nothing that is read here.
    pub(crate) fn check_output(&self, option: &str, path: &Path) -> Result<(), Failure> {
        if path == Path::new("-") {
            let reason = "a recipe is written to a file: name it, ./- if it is to be called so";
            return Err(Failure::Usage(format!("{option} -: {reason}")));
        }
        refuse_card(path)?;
        if is_named_twice(path, std::env::args_os().skip(1)) {
            let reason = "the command line names this file for something else, too, and it would be \
                          overwritten: choose another file";
            return Err(Failure::Usage(format!("{option} {}: {reason}", shown_path(path))));
        }
        let unwritable = |source| Failure::Unwritable { path: path.to_owned(), source };
        // A pipe is opened once.
        if whole_file::regular(path).map_err(unwritable)?.is_some() {
            // Nobody sees it before it is whole, and this one never is.
            WholeFile::create(path, Audience::Owner).map_err(unwritable)?;
        }
        Ok(())
    }
}

/// Whether a command line names a file in two places: `FILE`, `--option=FILE` or `item=@FILE`, by whatever path.
fn is_named_twice(file: &Path, arguments: impl Iterator<Item = OsString>) -> bool {
    let whole = |path: &Path| fs::canonicalize(path).or_else(|_| absolute(path)).ok();
    let Some(wanted) = whole(file) else { return false };
    let is_it = |text: &str| !text.is_empty() && whole(Path::new(text)) == Some(wanted.clone());
    let names = |argument: &OsString| {
        let text = argument.to_string_lossy();
        let value = text.split_once('=').map_or("", |(_, value)| value);
        let behind = text.rsplit_once('@').map_or("", |(_, file)| file);
        [&*text, value, behind].into_iter().any(is_it) || Path::new(argument) == file
    };
    arguments.filter(names).take(2).count() == 2
}

/// The recipe of an evil card.
fn evil(name: &str) -> Result<Recipe, Failure> {
    match EvilCard::named(name) {
        Ok(card) => Ok(card.recipe.clone()),
        Err(error) => Err(Failure::Usage(format!("--evil: {error}"))),
    }
}

fn spec(text: &str) -> Result<Fault, Failure> {
    text.parse()
        .map_err(|error: sscard_faults::SpecError| Failure::Usage(format!("--fault {error}")))
}

/// A recipe in a file; what is wrong is said with its place.
fn recipe_of(path: &Path) -> Result<Recipe, Failure> {
    let text = read_file::text(path)
        .map_err(|source| Failure::Unreadable { path: path.to_owned(), source })?;
    Recipe::parse(&text).map_err(|error| Failure::Placed {
        file: path.display().to_string(),
        line: error.line,
        column: error.column,
        reason: error.problem,
    })
}

impl Misbehaviour {
    /// The same, for a card at which faults are set later as well.
    pub(crate) fn open(self) -> Self {
        Self { is_open: true, ..self }
    }

    /// The faults for one card.
    pub(crate) fn faults(&self) -> Faults {
        let faults = self.recipe.replay();
        if self.is_open { faults.attentive() } else { faults }
    }

    /// Whether the card's file stays as it is.
    pub(crate) fn is_trial(&self) -> bool {
        self.is_trial
    }

    /// The card that the recipe has in the place of the built-in one.
    pub(crate) fn card(&self) -> Result<Option<Card>, Failure> {
        let Some(text) = self.recipe.card.as_deref() else { return Ok(None) };
        let refused =
            |reason: String| Failure::Input { place: "the recipe's card".to_owned(), reason };
        let profile = load(text).map_err(|error| refused(error.to_string()))?;
        let (holder, state) = (holder_of(&profile, None), state_of(&profile));
        let made = issue_in(&profile, &holder, &MasterKeys::test(), IccKeys::Shared, &state);
        made.map(Some).map_err(|error| refused(format!("no card can be made of it: {error}")))
    }

    /// Says that a card stays what it is, where the recipe has another one in the place of the built-in one.
    pub(crate) fn say_card_stays(&self) {
        if self.recipe.card.is_some() {
            complain!(
                "sscard: the recipe has a card of its own in the place of the built-in one: this card stays what it is"
            );
        }
    }

    /// The recipe that is asked for.
    pub(crate) fn recipe(&self) -> &Recipe {
        &self.recipe
    }

    fn for_reader(&self) -> Result<(), Failure> {
        let fired = self.recipe.fired.iter().flatten().map(|fired| &fired.fault);
        let refused = self.recipe.faults.iter().chain(fired).find_map(|fault| {
            fault.not_in_a_reader().map(|reason| format!("--fault {}: {reason}", fault.redacted()))
        });
        refused.map_or(Ok(()), |refusal| Err(Failure::Usage(refusal)))
    }

    /// Writes what a run came to, when that is asked for.
    pub(crate) fn log(&self, run: &Faults) -> Result<(), Failure> {
        let mut recipe = self.recipe.of_run(run);
        if self.recipe.fired.is_none() {
            // Those that were set on the way, too.
            recipe.faults = run.given().to_vec();
        }
        self.write(&recipe)
    }

    /// Whether what a run comes to is written.
    pub(crate) fn has_log(&self) -> bool {
        self.log.is_some()
    }

    /// Writes what has struck, when that is asked for.
    pub(crate) fn log_fired(&self, fired: Vec<Fired>) -> Result<(), Failure> {
        let mut recipe = self.recipe.clone();
        recipe.fired = Some(fired);
        self.write(&recipe)
    }

    fn write(&self, recipe: &Recipe) -> Result<(), Failure> {
        let Some(path) = &self.log else { return Ok(()) };
        write_file(path, recipe.to_string().as_bytes(), Audience::Owner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_that_is_read_or_written_by_another_option_is_told_by_whatever_path() {
        let folder = tempfile::tempdir().expect("a folder");
        let there = folder.path().join("keys.toml");
        fs::write(&there, "x").expect("written");
        let fresh = folder.path().join("fresh");
        let (there, fresh) = (there.display().to_string(), fresh.display().to_string());
        let roundabout = format!("{}/./keys.toml", folder.path().display());
        for (file, line, twice) in [
            (&there, vec!["read", "--keys", &there, "--fault-log", &there], true),
            (&there, vec!["read", &format!("--keys={roundabout}"), "--fault-log", &there], true),
            (&there, vec!["new", &format!("09=@{there}"), "--fault-log", &there], true),
            (&fresh, vec!["run", "--trace", &fresh, "--fault-log", &fresh], true),
            (&there, vec!["read", "--fault-log", &there], false),
            (&fresh, vec!["read", "--keys", &there, "--fault-log", &fresh], false),
        ] {
            let arguments = line.iter().map(OsString::from);
            assert_eq!(is_named_twice(Path::new(file), arguments), twice, "{line:?}");
        }
    }
}
