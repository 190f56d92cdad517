//! `sscard profile`: profiles themselves, before and after they are cards.

use std::io::Write;
use std::path::Path;

use sscard_core::Profile;
use sscard_lexicon::shown;
use sscard_profile::{BUILT_IN, MasterKeys, issue, load_dgi, load_in, synthetic_holder};

use crate::args::{ProfileArgs, ProfileCommand};
use crate::failure::Failure;
use crate::outside::shown_path;
use crate::read_file;

pub(crate) fn run(args: &ProfileArgs, out: &mut dyn Write) -> Result<(), Failure> {
    match &args.command {
        ProfileCommand::Check { file } => check(file, out),
    }
}

fn check(path: &Path, out: &mut dyn Write) -> Result<(), Failure> {
    let profile = from_file(path)?;
    issue(&profile, &synthetic_holder(1), &MasterKeys::test()).map_err(|error| Failure::Input {
        place: path.display().to_string(),
        reason: format!("no card can be made of it: {error}"),
    })?;
    let name = shown(&profile.blueprint().name);
    writeln!(out, "{}: sound, its cards are called {name}", shown_path(path))?;
    Ok(())
}

/// A profile from a TOML file; what is wrong is said with its place.
pub(crate) fn from_file(path: &Path) -> Result<Profile, Failure> {
    let text = text_of(path, "a profile is a TOML file")?;
    // What it names lies beside it.
    let folder = path.parent().unwrap_or(Path::new(""));
    load_in(&text, folder).map_err(|refusal| placed(path, &refusal))
}

/// A profile whose bank's account is made of personalisation data; the rest is that of a built-in one.
pub(crate) fn from_groups(path: &Path, base: &str) -> Result<Profile, Failure> {
    if !BUILT_IN.iter().any(|(name, _)| *name == base) {
        let reason = "beside --dgi it is a built-in profile: gen1, gen2 or gen3".to_owned();
        return Err(Failure::Input { place: format!("--profile {base}"), reason });
    }
    let text = text_of(path, "personalisation data are lines of hexadecimal digits")?;
    load_dgi(&text, base).map_err(|refusal| placed(path, &refusal))
}

fn text_of(path: &Path, wanted: &str) -> Result<String, Failure> {
    let bytes = read_file::read(path)
        .map_err(|source| Failure::Unreadable { path: path.to_owned(), source })?;
    let text = String::from_utf8(bytes).map_err(|_| Failure::Input {
        place: path.display().to_string(),
        reason: format!("not UTF-8 text; {wanted}"),
    })?;
    Ok(text)
}

fn placed(path: &Path, refusal: &sscard_profile::Refusal) -> Failure {
    Failure::Placed {
        file: path.display().to_string(),
        line: refusal.line,
        column: refusal.column,
        reason: refusal.error.to_string(),
    }
}
