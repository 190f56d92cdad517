//! The card that a script runs on.

use std::path::{Path, PathBuf};
use std::time::Duration;

use sscard_core::{Card, CardImage};
use sscard_host::CardFileError;
use sscard_profile::{BUILT_IN, BUILT_IN_MODULES, MasterKeys, issue, load};
use sscard_script::ast::{CardState as Said, Directive, Protocol};
use sscard_script::{Program, ScriptError, ScriptSettings, Target};

use crate::args::{RunArgs, State};
use crate::commands::new;
use crate::failure::Failure;
use crate::misbehaviour::Misbehaviour;
use crate::read_file;
use crate::source::Source;

/// Where the card is.
pub(super) enum Place {
    /// An image whose state is kept.
    Image(PathBuf),
    /// A reader.
    Reader(String),
    /// Wherever the script says.
    Script,
}

impl Place {
    /// What the command line says, else the environment, else the script.
    pub(super) fn of(args: &RunArgs) -> Self {
        let from_environment = || {
            // A name that is no UTF-8 is that of no reader: it is looked for and not found.
            let name = std::env::var_os("SSCARD_READER").filter(|name| !name.is_empty())?;
            Some(name.to_string_lossy().into_owned())
        };
        match (&args.card, args.reader.clone()) {
            (Some(path), _) => Self::Image(path.clone()),
            (None, Some(reader)) => Self::Reader(reader),
            (None, None) => match from_environment() {
                Some(reader) => Self::Reader(reader),
                None => Self::Script,
            },
        }
    }

    /// A card image when it is a path or there is such a file, else a reader.
    pub(super) fn named(name: &str) -> Self {
        let path = Path::new(name);
        let is_path = name.contains('/') || path.extension().is_some_and(|end| end == "img");
        if is_path || path.is_file() {
            Self::Image(PathBuf::from(name))
        } else {
            Self::Reader(name.to_owned())
        }
    }

    /// What is at stake.
    pub(super) fn target(&self, args: &RunArgs) -> Target {
        let compares_reader = args
            .compare
            .as_deref()
            .is_some_and(|name| matches!(Self::named(name), Self::Reader(_)));
        let is_reader = |name: &str| matches!(Self::named(name), Self::Reader(_));
        let psam_in_reader = args.psam.as_deref().is_some_and(is_reader);
        match self {
            Self::Reader(_) => Target::Reader,
            _ if compares_reader || psam_in_reader => Target::Reader,
            Self::Image(_) | Self::Script => Target::Virtual,
        }
    }

    /// Whether the cards that a script names can be had; the error stands where they are named.
    pub(super) fn check(&self, program: &Program, args: &RunArgs) -> Result<(), Vec<ScriptError>> {
        if args.psam.is_none()
            && let Err(failure) = module_of_script(&program.settings)
        {
            let names_module = |said: &Directive| matches!(said, Directive::Psam(_));
            let at = program.directive(names_module);
            return Err(vec![*ScriptError::new(program.source(), at, reason_of(failure))]);
        }
        let Self::Script = self else { return Ok(()) };
        let Err(failure) = of_script(&program.settings) else { return Ok(()) };
        let names_card =
            |said: &Directive| matches!(said, Directive::Card(_) | Directive::Profile(_));
        let at = program.directive(names_card);
        Err(vec![*ScriptError::new(program.source(), at, reason_of(failure))])
    }

    /// Opens it.
    pub(super) fn open(
        &self,
        settings: &ScriptSettings,
        args: &RunArgs,
        faults: &Misbehaviour,
    ) -> Result<Source, Failure> {
        // A recipe's card takes the place of the one that a script gets without saying which.
        let is_built_in =
            matches!(self, Self::Script) && settings.card.is_none() && settings.profile.is_none();
        match faults.card()? {
            Some(own) if is_built_in => return Source::of_card(own, settings.contactless),
            Some(_) => faults.say_card_stays(),
            None => {}
        }
        match self {
            Self::Image(path) if args.compare.is_none() && args.faults.fault_trial.is_none() => {
                Source::open_image(path, settings.contactless, args.sync.into())
            }
            // Compared cards, and those that faults are tried on, stay as they are.
            Self::Image(path) => Source::of_card(image(path)?, settings.contactless),
            Self::Reader(name) => {
                Source::connect(name, settings.timeout.map(Duration::from_millis))
            }
            Self::Script => Source::of_card(of_script(settings)?, settings.contactless),
        }
    }
}

/// The security module in the second slot, when there is to be one.
pub(super) fn module(settings: &ScriptSettings, args: &RunArgs) -> Result<Option<Source>, Failure> {
    match args.psam.as_deref().map(Place::named) {
        Some(Place::Image(path)) if args.faults.fault_trial.is_some() => {
            Source::of_card(image(&path)?, false).map(Some)
        }
        Some(Place::Image(path)) => Source::open_image(&path, false, args.sync.into()).map(Some),
        Some(Place::Reader(name)) => {
            Source::connect(&name, settings.timeout.map(Duration::from_millis)).map(Some)
        }
        Some(Place::Script) | None => {
            module_of_script(settings)?.map(|card| Source::of_card(card, false)).transpose()
        }
    }
}

/// The module that a script names: a profile's, or an image that is not written to.
fn module_of_script(settings: &ScriptSettings) -> Result<Option<Card>, Failure> {
    let Some(name) = &settings.psam else { return Ok(None) };
    let is_image = Path::new(name).extension().is_some_and(|ending| ending == "img");
    let card = if is_image {
        image(Path::new(name))?
    } else {
        let profile = new::profile(name)?;
        let holder = new::holder(&profile, settings.seed, Some(State::Active));
        issue(&profile, &holder, &MasterKeys::test()).map_err(|error| Failure::Input {
            place: format!("@psam {name}"),
            reason: error.to_string(),
        })?
    };
    if card.inspect_psam().is_none() {
        let reason = "it is a holder's card, and no security module: use psam-3des or psam-sm4";
        return Err(Failure::Input { place: format!("@psam {name}"), reason: reason.to_owned() });
    }
    Ok(Some(card))
}

fn reason_of(failure: Failure) -> String {
    match failure {
        Failure::Input { reason, .. } | Failure::Lines { reason, .. } => reason,
        failure => failure.to_string(),
    }
}

fn of_script(settings: &ScriptSettings) -> Result<Card, Failure> {
    if let Some(path) = &settings.card {
        return image(path);
    }
    let name = settings.profile.as_deref().unwrap_or("gen3");
    let mut built_in = BUILT_IN.iter().chain(&BUILT_IN_MODULES);
    let is_built_in = built_in.any(|(known, _)| *known == name);
    let input = |error: &dyn std::fmt::Display| Failure::Input {
        place: format!("@profile {name}"),
        reason: error.to_string(),
    };
    let profile = match settings.protocol {
        Some(protocol) if is_built_in => {
            let protocol = match protocol {
                Protocol::T0 => "T=0",
                Protocol::T1 => "T=1",
            };
            let text = format!("base = \"{name}\"\nprotocol = \"{protocol}\"\n");
            load(&text).map_err(|error| input(&error))?
        }
        _ => new::profile(name)?,
    };
    let state = match settings.state {
        Some(Said::Produced) => Some(State::Produced),
        Some(Said::Active) => Some(State::Active),
        None => None,
    };
    let holder = new::holder(&profile, settings.seed, state);
    issue(&profile, &holder, &MasterKeys::test()).map_err(|error| input(&error))
}

/// A card of an image that is not written to, whoever else uses it.
fn image(path: &Path) -> Result<Card, Failure> {
    let bytes = read_file::read(path)
        .map_err(|source| Failure::Unreadable { path: path.to_owned(), source })?;
    Card::from_image(&CardImage::from_bytes(bytes))
        .map_err(|source| CardFileError::Image { path: path.to_owned(), source }.into())
}
