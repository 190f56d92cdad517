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
//! `faults` is what was asked for, `fired` what came of it, with all that was drawn decided. Whoever replays takes `fired` where
//! it stands, else `faults` and `seed`.

use serde::{Deserialize, Serialize};

use crate::engine::{Faults, Fired};
use crate::spec::{Fault, SpecError};

/// Faults, the seed of what is drawn, and what has struck.
#[derive(Clone, PartialEq, Debug, Default)]
#[non_exhaustive]
pub struct Recipe {
    /// Seed of what is drawn.
    pub seed: u64,
    /// What was asked for.
    pub faults: Vec<Fault>,
    /// What struck, in its order; `None` in a recipe that nobody ran yet.
    pub fired: Option<Vec<Fired>>,
}

/// Why a text is no recipe.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RecipeError {
    /// It is no TOML, or a key is not one of a recipe's; says line and column.
    #[error("{0}")]
    Syntax(String),
    /// A fault in it is none.
    #[error("line {line}: {error}")]
    Fault {
        /// The line, counted from 1.
        line: usize,
        /// What is wrong with it.
        error: SpecError,
    },
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(default)]
    seed: u64,
    #[serde(default)]
    faults: Vec<toml::Spanned<String>>,
    fired: Option<Vec<FiredFile>>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct FiredFile {
    command: u64,
    fault: toml::Spanned<String>,
}

#[derive(Serialize)]
struct Written {
    seed: u64,
    faults: Vec<String>,
    fired: Option<Vec<WrittenFired>>,
}

#[derive(Serialize)]
struct WrittenFired {
    command: u64,
    fault: String,
}

impl Recipe {
    /// A recipe that nobody ran yet.
    #[must_use]
    pub const fn new(faults: Vec<Fault>, seed: u64) -> Self {
        Self { seed, faults, fired: None }
    }

    /// What a run came to.
    #[must_use]
    pub fn of_run(&self, run: &Faults) -> Self {
        Self { fired: Some(run.fired().to_vec()), ..self.clone() }
    }

    /// The faults to be replayed.
    #[must_use]
    pub fn replay(&self) -> Faults {
        match &self.fired {
            Some(fired) => Faults::new(fired.iter().map(|fired| fired.fault.clone()), self.seed),
            None => Faults::new(self.faults.iter().cloned(), self.seed),
        }
    }

    /// Reads a recipe.
    ///
    /// # Errors
    /// [`RecipeError`], with the line.
    pub fn parse(text: &str) -> Result<Self, RecipeError> {
        let file: File = toml::from_str(text)
            .map_err(|error| RecipeError::Syntax(error.to_string().trim_end().to_owned()))?;
        let fault = |spanned: &toml::Spanned<String>| {
            spanned.get_ref().parse().map_err(|error| {
                let before = text.get(..spanned.span().start).unwrap_or(text);
                let line = before.matches('\n').count().saturating_add(1);
                RecipeError::Fault { line, error }
            })
        };
        let faults = file.faults.iter().map(fault).collect::<Result<_, _>>()?;
        let fired = file.fired.map(|fired| {
            let one = |fired: &FiredFile| {
                Ok(Fired { command: fired.command, fault: fault(&fired.fault)? })
            };
            fired.iter().map(one).collect::<Result<_, _>>()
        });
        Ok(Self { seed: file.seed, faults, fired: fired.transpose()? })
    }

    /// The smallest recipe that still fails, by a test that says whether one does: faults are left out one by one and in
    /// halves, until none can be spared.
    #[must_use]
    pub fn shrink(&self, mut fails: impl FnMut(&Self) -> bool) -> Self {
        let mut smallest = self.clone();
        let mut faults = smallest.decided();
        let mut piece = faults.len().div_ceil(2).max(1);
        while !faults.is_empty() {
            let mut start = 0;
            let mut spared = false;
            while start < faults.len() {
                let end = start.saturating_add(piece).min(faults.len());
                let mut fewer = faults.clone();
                fewer.drain(start..end);
                let candidate = self.with(fewer.clone());
                if fails(&candidate) {
                    faults = fewer;
                    smallest = candidate;
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
        smallest
    }

    fn decided(&self) -> Vec<Fault> {
        match &self.fired {
            Some(fired) => fired.iter().map(|fired| fired.fault.clone()).collect(),
            None => self.faults.clone(),
        }
    }

    fn with(&self, faults: Vec<Fault>) -> Self {
        Self { seed: self.seed, faults, fired: None }
    }
}

impl std::fmt::Display for Recipe {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let written = Written {
            seed: self.seed,
            faults: self.faults.iter().map(ToString::to_string).collect(),
            fired: self.fired.as_ref().map(|fired| {
                let one = |fired: &Fired| WrittenFired {
                    command: fired.command,
                    fault: fired.fault.to_string(),
                };
                fired.iter().map(one).collect()
            }),
        };
        f.write_str(&toml::to_string(&written).map_err(|_| std::fmt::Error)?)
    }
}
