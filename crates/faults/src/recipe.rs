//! A run's faults as a file that replays them.
//!
//! ```toml
//! seed = 7
//! faults = ["flip@ins=B2", "slow=3s@5"]
//!
//! [[fired]]
//! command = 3
//! fault = "flip=17@3"
//! ```
//!
//! A recipe of a card that comes by name also has the table `[evil]`, which says what it is; `card` is a profile, for what faults
//! cannot do to the built-in card.
//!
//! `faults` is what was asked for, `fired` what came of it, with all that was drawn decided. Whoever replays takes `fired` where
//! it stands, else `faults` and `seed`.

use std::ops::Range;

use serde::Deserialize;
use toml::Spanned;

use crate::engine::{Faults, Fired};
use crate::evil::EvilFile;
use crate::spec::{Fault, SpecError};

/// Faults, the seed of what is drawn, and what has struck.
#[derive(Clone, PartialEq, Debug, Default)]
#[non_exhaustive]
pub struct Recipe {
    /// Seed of what is drawn.
    pub seed: u64,
    /// What was asked for.
    pub faults: Vec<Fault>,
    /// Profile, as TOML, of the card that takes the place of the built-in one.
    pub card: Option<String>,
    /// What struck, in its order; `None` in a recipe that nobody ran yet.
    pub fired: Option<Vec<Fired>>,
}

/// Why a text is no recipe.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("{line}:{column}: {problem}")]
pub struct RecipeError {
    /// The line, counted from 1.
    pub line: usize,
    /// The character in it, counted from 1.
    pub column: usize,
    /// What is wrong there, and what would be right.
    pub problem: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(default)]
    seed: u64,
    #[serde(default)]
    faults: Vec<Spanned<String>>,
    card: Option<String>,
    #[serde(rename = "evil")]
    _evil: Option<EvilFile>,
    fired: Option<Vec<FiredFile>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FiredFile {
    command: Spanned<u64>,
    fault: Spanned<String>,
}

impl Recipe {
    /// The largest seed that a recipe can say: a whole number of TOML.
    pub const LARGEST_SEED: u64 = i64::MAX.unsigned_abs();

    /// A recipe that nobody ran yet.
    #[must_use]
    pub const fn new(faults: Vec<Fault>, seed: u64) -> Self {
        Self { seed, faults, card: None, fired: None }
    }

    /// What a run came to.
    #[must_use]
    pub fn of_run(&self, run: &Faults) -> Self {
        Self { fired: Some(run.fired().to_vec()), ..self.clone() }
    }

    /// The faults of a run, or what it came to, again.
    #[must_use]
    pub fn replay(&self) -> Faults {
        match &self.fired {
            Some(fired) => Faults::replaying(fired.iter().cloned(), self.seed),
            None => Faults::new(self.faults.iter().cloned(), self.seed),
        }
    }

    /// Reads a recipe.
    ///
    /// # Errors
    /// [`RecipeError`], with its place.
    pub fn parse(text: &str) -> Result<Self, RecipeError> {
        let file: File = toml::from_str(text).map_err(|error| {
            let at = error.span().map_or(0, |span| span.start);
            // The library says the type.
            let wanted = "expected a whole number from 0 to 9223372036854775807";
            placed(text, at, error.message().replace("expected u64", wanted))
        })?;
        let faults = file.faults.iter().map(|fault| spec(text, fault)).collect::<Result<_, _>>()?;
        let fired = file.fired.map(|fired| {
            let one = |fired: &FiredFile| {
                let fault = spec(text, &fired.fault)?;
                let command = *fired.command.get_ref();
                let number = fault.when.number.unwrap_or(0);
                if number != command {
                    let problem = format!(
                        "command = {command} and the fault {fault} do not belong together: behind @ stands the command's number, \
                         and an answer to reset has command = 0"
                    );
                    return Err(placed(text, fired.command.span().start, problem));
                }
                Ok(Fired::of(fault))
            };
            fired.iter().map(one).collect::<Result<_, _>>()
        });
        Ok(Self { seed: file.seed, faults, card: file.card, fired: fired.transpose()? })
    }

    /// The smallest recipe that still fails, by a test that says whether one does: faults are left out one by one and in
    /// halves, until none can be spared. It replays, as one that was run does.
    #[must_use]
    pub fn shrink(&self, mut fails: impl FnMut(&Self) -> bool) -> Self {
        let mut left = self.decided();
        let mut piece = left.len().div_ceil(2).max(1);
        while !left.is_empty() {
            let mut start = 0;
            let mut spared = false;
            while start < left.len() {
                let end = start.saturating_add(piece).min(left.len());
                let mut fewer = left.clone();
                fewer.drain(start..end);
                if fails(&self.with(fewer.clone())) {
                    left = fewer;
                    spared = true;
                } else {
                    start = end;
                }
            }
            if piece == 1 && !spared {
                break;
            }
            piece = piece.div_ceil(2).max(1);
        }
        self.with(left)
    }

    /// What struck, else what was asked for, which strikes where it says.
    fn decided(&self) -> Vec<Fired> {
        self.fired.clone().unwrap_or_else(|| {
            let one = |fault: &Fault| Fired { insertion: 1, command: 0, fault: fault.clone() };
            self.faults.iter().map(one).collect()
        })
    }

    fn with(&self, fired: Vec<Fired>) -> Self {
        let faults = fired.iter().map(Fired::said).collect();
        let card = self.card.clone();
        Self { seed: self.seed, faults, card, fired: self.fired.as_ref().map(|_| fired) }
    }
}

fn spec(text: &str, written: &Spanned<String>) -> Result<Fault, RecipeError> {
    let fault = written.get_ref();
    fault.parse().map_err(|SpecError { text: shown, place, problem }| {
        let Range { start, end } = written.span();
        // Between plain quotes a character of the fault is one of the text.
        let is_plain = text.get(start..end).is_some_and(|quoted| {
            quoted.strip_prefix(['"', '\'']).and_then(|rest| rest.strip_suffix(['"', '\'']))
                == Some(fault)
        });
        let inside =
            |fault: &String| fault.chars().take(place.saturating_sub(1)).map(char::len_utf8).sum();
        let behind: usize = if is_plain { inside(fault) } else { 0 };
        let at = start.saturating_add(usize::from(is_plain)).saturating_add(behind);
        placed(text, at, format!("{shown}: {problem}"))
    })
}

fn placed(text: &str, at: usize, problem: String) -> RecipeError {
    let before = text.get(..at).unwrap_or(text);
    let line = before.matches('\n').count().saturating_add(1);
    let column = before.rsplit('\n').next().map_or(0, |line| line.chars().count());
    RecipeError { line, column: column.saturating_add(1), problem }
}

impl std::fmt::Display for Recipe {
    /// As TOML: a fault's text has no character that a string has to escape.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        writeln!(f, "seed = {}", self.seed)?;
        match &self.faults[..] {
            [] => writeln!(f, "faults = []")?,
            [fault] => writeln!(f, "faults = [\"{fault}\"]")?,
            faults => {
                writeln!(f, "faults = [")?;
                faults.iter().try_for_each(|fault| writeln!(f, "    \"{fault}\","))?;
                writeln!(f, "]")?;
            }
        }
        if let Some(card) = &self.card {
            match card.contains("'''") {
                false => writeln!(f, "card = '''\n{card}'''")?,
                true => writeln!(f, "card = {}", toml::Value::String(card.clone()))?,
            }
        }
        match self.fired.as_deref() {
            None => Ok(()),
            Some([]) => writeln!(f, "fired = []"),
            Some(fired) => fired.iter().try_for_each(|fired| {
                let (command, fault) = (fired.command, fired.said());
                writeln!(f, "\n[[fired]]\ncommand = {command}\nfault = \"{fault}\"")
            }),
        }
    }
}
