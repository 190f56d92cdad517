//! `sscard new`: makes a card.

use std::io::Write;
use std::path::{Path, PathBuf};

use sscard_core::{
    DeliveryState, Holder, HolderError, ItemOverride, LifeCycle, PersonalisationError, Profile,
};
use sscard_host::whole_file;
use sscard_lexicon::{counted, shown};
use sscard_profile::{
    BUILT_IN, BUILT_IN_MODULES, IccKeys, LONG_AGO, MasterKeys, block, built_in, fields, holder_of,
    issue_in, set_file, set_pin_tries_left, state_of, warnings,
};

use super::hex;
use crate::args::{NewArgs, State};
use crate::failure::Failure;
use crate::image_file;
use crate::outside::shown_path;
use crate::read_file;

/// Record identifiers of EF06.
const NAME: u8 = 0x09;
const NAME_EXTENSION: u8 = 0x4E;
/// Record identifier of EF05.
const EXPIRY: u8 = 0x06;

pub(crate) fn run(args: &NewArgs, out: &mut dyn Write) -> Result<(), Failure> {
    let profile = match &args.dgi {
        Some(path) => super::profile::from_groups(path, &args.profile)?,
        None => profile(&args.profile)?,
    };
    let mut holder = holder(&profile, args.seed, args.state);
    for assignment in &args.set {
        fields::set(&mut holder, assignment)
            .map_err(|error| input(&format!("--set {assignment}"), &shown(&error.to_string())))?;
    }
    if args.expired {
        holder.overrides.push(ItemOverride { tag: EXPIRY, value: LONG_AGO.to_vec() });
    }
    let state = state(args, &profile)?;
    for warning in warnings(&profile, &holder, &state) {
        complain!("sscard: warning: {}", shown(&warning));
    }
    let card = issue_in(&profile, &holder, &MasterKeys::test(), IccKeys::Shared, &state)
        .map_err(|error| cannot_be_made(error, &holder, &profile, args))?;
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
fn cannot_be_made(
    error: PersonalisationError,
    holder: &Holder,
    profile: &Profile,
    args: &NewArgs,
) -> Failure {
    // Options say nothing of holder and state: then the profile does.
    let by_option = !args.set.is_empty() || args.expired || args.dgi.is_some();
    if !by_option && built_in(&args.profile).is_none() {
        return super::profile::refused_by_card(&args.profile, error);
    }
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

/// The holder that the profile names, or that of a seed; and how far the card has come.
pub(crate) fn holder(profile: &Profile, seed: Option<u64>, state: Option<State>) -> Holder {
    let mut holder = holder_of(profile, seed);
    holder.life_cycle = match state {
        Some(State::Produced) => LifeCycle::Deactivated,
        Some(State::Active) => LifeCycle::Activated,
        None => holder.life_cycle,
    };
    holder
}

/// The state at delivery: the profile's, and what options say instead.
fn state(args: &NewArgs, profile: &Profile) -> Result<DeliveryState, Failure> {
    let mut state = state_of(profile);
    let blueprint = profile.blueprint();
    if args.state.is_some() {
        state.environment = None;
    }
    if args.state == Some(State::Produced) && blueprint.psam.is_some() {
        let reason = "a security module (PSAM) has no function that waits for its activation";
        return Err(input("--state produced", &reason));
    }
    if let Some(text) = &args.atr {
        let atr = hex::decode(text).ok().filter(|atr| (2..=33).contains(&atr.len()));
        let wanted = "an ATR has 2 to 33 bytes in hexadecimal";
        state.atr = Some(atr.ok_or_else(|| Failure::Usage(format!("--atr {text}: {wanted}")))?);
    }
    if let Some(left) = args.pin_tries_left {
        set_pin_tries_left(&mut state, blueprint, left)
            .map_err(|reason| input(&format!("--pin-tries-left {left}"), &reason))?;
    }
    for name in &args.blocked {
        block(&mut state, blueprint, name)
            .map_err(|reason| input(&format!("--blocked {name}"), &reason))?;
    }
    for assignment in &args.file {
        let place = format!("--file {assignment}");
        let (path, file) = assignment.split_once('=').ok_or_else(|| {
            Failure::Usage(format!("{place}: it is PATH=FILE, such as SSSE/EF08=photo.jpg"))
        })?;
        let path_of = PathBuf::from(file);
        let bytes = read_file::read(&path_of)
            .map_err(|source| Failure::Unreadable { path: path_of, source })?;
        set_file(&mut state, blueprint, path, bytes).map_err(|reason| input(&place, &reason))?;
    }
    Ok(state)
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
