//! `sscard new`: makes a card.

use std::fs;
use std::io::Write;
use std::path::Path;

use sscard_core::{Holder, LifeCycle, Profile};
use sscard_lexicon::shown;
use sscard_profile::{
    BUILT_IN, LoadError, MasterKeys, built_in, fields, issue, load, synthetic_holder,
};

use super::hex;
use crate::args::{NewArgs, State};
use crate::failure::Failure;
use crate::image_file;
use crate::outside::shown_path;

pub(crate) fn run(args: &NewArgs, out: &mut dyn Write) -> Result<(), Failure> {
    let profile = profile(&args.profile)?;
    let mut holder = holder(args.seed, args.state);
    for assignment in &args.set {
        fields::set(&mut holder, assignment)
            .map_err(|error| input(&format!("--set {assignment}"), &shown(&error.to_string())))?;
    }
    let card = issue(&profile, &holder, &MasterKeys::test())
        .map_err(|error| input("this card cannot be made", &error))?;
    image_file::write(&args.output, &card.image())?;
    let name = &profile.blueprint().name;
    writeln!(
        out,
        "{}: {} card, {}, ATR {}",
        shown_path(&args.output),
        shown(name),
        card.life_cycle().name(),
        hex(&card.atr())
    )?;
    Ok(())
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
        let known: Vec<_> = BUILT_IN.iter().map(|(name, _)| *name).collect();
        let reason = format!("no such profile; use {} or a TOML file", known.join(", "));
        return Err(Failure::Input { place: format!("--profile {name}"), reason });
    }
    let bytes =
        fs::read(path).map_err(|source| Failure::Unreadable { path: path.to_owned(), source })?;
    let text = String::from_utf8(bytes)
        .map_err(|_| input(name, &"not UTF-8 text; a profile is a TOML file"))?;
    load(&text).map_err(|error| match error {
        // With the place in the file.
        LoadError::Syntax(reason) => Failure::Lines { place: name.to_owned(), reason },
        error => input(name, &error),
    })
}

fn input(place: &str, error: &dyn std::fmt::Display) -> Failure {
    Failure::Input { place: place.to_owned(), reason: error.to_string() }
}
