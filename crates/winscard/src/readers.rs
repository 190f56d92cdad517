//! Which readers there are: what the environment says becomes cards.
//!
//! | variable | what it says |
//! |---|---|
//! | `SSCARD_PCSC_SOCKET` | the server whose readers these are |
//! | `SSCARD_PCSC_CARDS` | card files, separated by `:`, a reader for each |
//! | `SSCARD_PCSC_PROFILE`, `SSCARD_PCSC_SEED` | else a fresh card of that profile, for the synthetic holder of that seed |
//! | `SSCARD_PCSC_CONTACTLESS` | `1` or `true`: the cards lie in the field of a contactless reader |
//! | `SSCARD_PCSC_FAULTS` | faults, separated by `;`, for the first card |
//!
//! What enters: the environment. What leaves: readers of this process, or a sentence that says why not.

use std::collections::HashSet;
use std::env;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use sscard_core::Card;
use sscard_faults::{Fault, Faults};
use sscard_host::{CardFile, CardFileError, InProcess, Sync, TransportError};
use sscard_profile::{MasterKeys, holder_of, issue, named};
use sscard_readers::{HeldCard, IccSlot, LocalContext, ResourceManager, complain};

/// Where the readers are.
pub(crate) enum Source {
    Server(PathBuf),
    Here(Cards),
}

/// Cards of this process.
pub(crate) struct Cards {
    files: Vec<PathBuf>,
    profile: Option<OsString>,
    seed: Option<OsString>,
    faults: Option<OsString>,
    contactless: Option<OsString>,
}

fn variable(name: &str) -> Option<OsString> {
    env::var_os(name).filter(|value| !value.is_empty())
}

impl Source {
    pub(crate) fn of_environment() -> Self {
        if let Some(socket) = variable("SSCARD_PCSC_SOCKET") {
            return Self::Server(socket.into());
        }
        let files = variable("SSCARD_PCSC_CARDS");
        Self::Here(Cards {
            files: files.map(|files| env::split_paths(&files).collect()).unwrap_or_default(),
            profile: variable("SSCARD_PCSC_PROFILE"),
            seed: variable("SSCARD_PCSC_SEED"),
            faults: variable("SSCARD_PCSC_FAULTS"),
            contactless: variable("SSCARD_PCSC_CONTACTLESS"),
        })
    }
}

/// Readers of this process.
pub(crate) struct Here {
    manager: Arc<ResourceManager>,
    cards: Vec<Arc<HeldCard>>,
    is_in_files: bool,
}

impl Here {
    pub(crate) fn establish(&self) -> LocalContext {
        self.manager.establish()
    }

    pub(crate) fn is_in_files(&self) -> bool {
        self.is_in_files
    }

    /// Writes the cards' files anew.
    pub(crate) fn settle(&self) {
        for card in &self.cards {
            if let Err(refusal) = card.settle() {
                complain(&format!("NOT KEPT: {refusal}"));
            }
        }
    }
}

impl Cards {
    pub(crate) fn is_in_files(&self) -> bool {
        !self.files.is_empty()
    }

    /// Powers the cards.
    pub(crate) fn open(&self) -> Result<Here, String> {
        self.check_files()?;
        let is_contactless = self.is_contactless()?;
        let mut faults = self.faults()?;
        let mut cards = Vec::new();
        if self.files.is_empty() {
            cards.push(held(self.fresh()?, None, is_contactless, &mut faults)?);
        }
        for file in &self.files {
            let (file, card) = CardFile::open(file, Sync::Idle).map_err(|error| match error {
                CardFileError::InUse { path } => format!(
                    "{}: another program is using this card: run both programs under `sscard with`",
                    path.display()
                ),
                error => error.to_string(),
            })?;
            cards.push(held(card, Some(file), is_contactless, &mut faults)?);
        }
        let slots = cards.iter().map(|card| Arc::clone(card) as Arc<dyn IccSlot>);
        let manager = ResourceManager::new(slots.collect::<Vec<_>>());
        Ok(Here { manager, cards, is_in_files: self.is_in_files() })
    }

    /// Each file is named, and named once.
    fn check_files(&self) -> Result<(), String> {
        let mut known = HashSet::new();
        for file in &self.files {
            if file.as_os_str().is_empty() {
                return Err(
                    "SSCARD_PCSC_CARDS has an empty name: names are separated by one `:`, \
                            with none before the first or after the last"
                        .to_owned(),
                );
            }
            // What cannot be found is said when it is opened.
            if file.canonicalize().is_ok_and(|real| !known.insert(real)) {
                return Err(format!(
                    "SSCARD_PCSC_CARDS names {} twice: a card is in one reader",
                    file.display()
                ));
            }
        }
        Ok(())
    }

    fn is_contactless(&self) -> Result<bool, String> {
        match text("SSCARD_PCSC_CONTACTLESS", self.contactless.as_ref())? {
            Some("1" | "true") => Ok(true),
            None | Some("0" | "false") => Ok(false),
            Some(other) => Err(format!("SSCARD_PCSC_CONTACTLESS={other}: 1 or 0 is wanted")),
        }
    }

    /// A card of the profile that is named, or of generation 3.
    fn fresh(&self) -> Result<Card, String> {
        let name = text("SSCARD_PCSC_PROFILE", self.profile.as_ref())?.unwrap_or("gen3");
        let seed = text("SSCARD_PCSC_SEED", self.seed.as_ref())?;
        let seed = seed
            .map(|seed| {
                seed.parse().map_err(|_| format!("SSCARD_PCSC_SEED={seed}: a number is wanted"))
            })
            .transpose()?;
        let profile = named(name, Path::new(""));
        let profile = profile.map_err(|error| format!("SSCARD_PCSC_PROFILE={name}: {error}"))?;
        let holder = holder_of(&profile, seed);
        issue(&profile, &holder, &MasterKeys::test()).map_err(|error| error.to_string())
    }

    fn faults(&self) -> Result<Option<Faults>, String> {
        let Some(faults) = text("SSCARD_PCSC_FAULTS", self.faults.as_ref())? else {
            return Ok(None);
        };
        let faults = faults.split(';').map(str::trim).filter(|fault| !fault.is_empty());
        let faults = faults.map(|fault| {
            fault
                .parse::<Fault>()
                .map_err(|error| format!("SSCARD_PCSC_FAULTS: '{fault}': {error}"))
        });
        Ok(Some(Faults::new(faults.collect::<Result<Vec<_>, _>>()?, 0)))
    }
}

fn held(
    card: Card,
    file: Option<CardFile>,
    is_contactless: bool,
    faults: &mut Option<Faults>,
) -> Result<Arc<HeldCard>, String> {
    let wrong = |error: TransportError| error.to_string();
    let powered =
        if is_contactless { InProcess::enter_field(card) } else { InProcess::power_on(card) };
    let mut powered = powered.map_err(wrong)?;
    if let Some(file) = file {
        powered = powered.keep_in(file).map_err(wrong)?;
    }
    Ok(Arc::new(match faults.take() {
        Some(faults) => HeldCard::misbehaving(powered, faults),
        None => HeldCard::new(powered),
    }))
}

fn text<'v>(name: &str, value: Option<&'v OsString>) -> Result<Option<&'v str>, String> {
    value.map(|value| value.to_str().ok_or_else(|| format!("{name} is not UTF-8"))).transpose()
}
