//! `sscard new`: makes a card.

use std::io::Write;
use std::path::Path;

use sscard_core::{Holder, HolderError, LifeCycle, PersonalisationError, Profile};
use sscard_host::whole_file;
use sscard_lexicon::{counted, shown};
use sscard_profile::{
    BUILT_IN, BUILT_IN_MODULES, MasterKeys, built_in, fields, issue, synthetic_holder,
};

use super::hex;
use crate::args::{NewArgs, State};
use crate::failure::Failure;
use crate::image_file;
use crate::outside::shown_path;

/// Record identifiers of EF06.
const NAME: u8 = 0x09;
const NAME_EXTENSION: u8 = 0x4E;

pub(crate) fn run(args: &NewArgs, out: &mut dyn Write) -> Result<(), Failure> {
    let profile = match &args.dgi {
        Some(path) => super::profile::from_groups(path, &args.profile)?,
        None => profile(&args.profile)?,
    };
    let mut holder = holder(args.seed, args.state);
    for assignment in &args.set {
        fields::set(&mut holder, assignment)
            .map_err(|error| input(&format!("--set {assignment}"), &shown(&error.to_string())))?;
    }
    let card = issue(&profile, &holder, &MasterKeys::test())
        .map_err(|error| cannot_be_made(error, &holder, &profile))?;
    let is_file = whole_file::regular(&args.output).is_ok_and(|file| file.is_some());
    image_file::write(&args.output, &card.image())?;
    let said = format!(
        "{}: {} card, {}, ATR {}",
        shown_path(&args.output),
        shown(&profile.blueprint().name),
        card.life_cycle().name(),
        hex(&card.atr())
    );
    if is_file {
        writeln!(out, "{said}")?;
    } else {
        // A stream may be standard output itself, which then holds the image and nothing else.
        complain!("{said}");
    }
    Ok(())
}

/// Says what fits where a name is too long for a card without a name extension.
fn cannot_be_made(error: PersonalisationError, holder: &Holder, profile: &Profile) -> Failure {
    let long_name = || {
        let bytes = |tag| holder.overrides.iter().rfind(|item| item.tag == tag);
        let (name, rest) = (bytes(NAME)?.value.len(), bytes(NAME_EXTENSION)?.value.len());
        let reason = format!(
            "{} in GBK, but a {} card has {name} for it and no item 4E (name extension): shorten the \
             name, or make a card that has one (gen2, gen3)",
            counted(name + rest, "byte"),
            profile.blueprint().name
        );
        Some(Failure::Input { place: "--set name".to_owned(), reason })
    };
    let no_extension = HolderError::NoSuchItem(NAME_EXTENSION);
    let is_long_name = error == PersonalisationError::Holder(no_extension);
    let of_name = is_long_name.then(long_name).flatten();
    of_name.unwrap_or_else(|| input("this card cannot be made", &error))
}

/// A synthetic holder whose card has come so far.
pub(crate) fn holder(seed: u64, state: State) -> Holder {
    let mut holder = synthetic_holder(seed);
    holder.life_cycle = match state {
        State::Produced => LifeCycle::Deactivated,
        State::Active => LifeCycle::Activated,
    };
    holder
}

/// A built-in profile, or one from a TOML file.
pub(crate) fn profile(name: &str) -> Result<Profile, Failure> {
    if let Some(profile) = built_in(name) {
        return Ok(profile);
    }
    let path = Path::new(name);
    if !path.exists() && path.extension().is_none() {
        let known = BUILT_IN.iter().chain(&BUILT_IN_MODULES).map(|(name, _)| *name);
        let known: Vec<_> = known.collect();
        let reason = format!("no such profile; use {} or a TOML file", known.join(", "));
        return Err(Failure::Input { place: format!("--profile {name}"), reason });
    }
    super::profile::from_file(path)
}

fn input(place: &str, error: &dyn std::fmt::Display) -> Failure {
    Failure::Input { place: place.to_owned(), reason: error.to_string() }
}
