//! `sscard profile`: profiles themselves, before and after they are cards.

use std::io::Write;
use std::path::Path;

use sscard_core::{PersonalisationError, Profile};
use sscard_host::CardFile;
use sscard_host::whole_file::Audience;
use sscard_lexicon::shown;
use sscard_profile::{
    BUILT_IN, MasterKeys, SCHEMA, built_in, holder_of, issue, load, load_beside, load_dgi,
    refusal_of, state_of, warnings,
};

use super::{inspect, new};
use crate::args::{ProfileArgs, ProfileCommand};
use crate::failure::Failure;
use crate::outside::shown_path;
use crate::read_file;
use crate::source::built_in_card;

pub(crate) fn run(args: &ProfileArgs, out: &mut dyn Write) -> Result<(), Failure> {
    match &args.command {
        ProfileCommand::Check { file } => check(file, out),
        ProfileCommand::Show { profile, keys, json } => {
            let made = new::profile(profile)?;
            let made = issue(&made, &holder_of(&made, None), &MasterKeys::test());
            let card = made.map_err(|error| refused_by_card(profile, error))?;
            inspect::show(&card, *keys, *json, out)
        }
        ProfileCommand::Export { card, output } => export(card.as_deref(), output.as_deref(), out),
        ProfileCommand::Schema => Ok(out.write_all(SCHEMA.as_bytes())?),
    }
}

/// Why no card can be made of a profile by this name: at the place of its text, where it is a file.
pub(super) fn refused_by_card(name: &str, error: PersonalisationError) -> Failure {
    let path = Path::new(name);
    let is_file = built_in(name).is_none();
    if let Some(text) = is_file.then(|| read_file::text(path).ok()).flatten() {
        return placed(path, &refusal_of(&text, error));
    }
    let reason = format!("no card can be made of it: {error}");
    Failure::Input { place: name.to_owned(), reason }
}

fn export(path: Option<&Path>, output: Option<&Path>, out: &mut dyn Write) -> Result<(), Failure> {
    let original = match path {
        Some(path) => CardFile::read(path)?,
        None => built_in_card()?,
    };
    let place = path.map_or_else(|| "gen3".to_owned(), |path| path.display().to_string());
    let refused = |reason: String| Failure::Input { place: place.clone(), reason };
    let text = sscard_profile::export(&original);
    // What cannot be said in a profile, such as a card's own RSA key, must not be lost in silence.
    let made =
        load(&text).map_err(|error| refused(format!("its profile would not load: {error}")))?;
    let made = issue(&made, &holder_of(&made, None), &MasterKeys::test())
        .map_err(|error| refused(format!("no card can be made of its profile: {error}")))?;
    if let Some(what) = inspect::difference(&original, &made)? {
        return Err(refused(format!("a profile cannot say all of this card: {what} would differ")));
    }
    match output {
        Some(path) => super::write_file(path, text.as_bytes(), Audience::Owner)?,
        None => out.write_all(text.as_bytes())?,
    }
    Ok(())
}

fn check(path: &Path, out: &mut dyn Write) -> Result<(), Failure> {
    let profile = from_file(path)?;
    let holder = holder_of(&profile, None);
    for warning in warnings(&profile, &holder, &state_of(&profile)) {
        complain!("{}: warning: {}", shown_path(path), shown(&warning));
    }
    let made = issue(&profile, &holder, &MasterKeys::test());
    made.map_err(|error| refused_by_card(&path.display().to_string(), error))?;
    let name = shown(&profile.blueprint().name);
    writeln!(out, "{}: sound, its cards are called {name}", shown_path(path))?;
    Ok(())
}

/// A profile from a TOML file; what is wrong is said with its place.
pub(crate) fn from_file(path: &Path) -> Result<Profile, Failure> {
    let folder = path.parent().unwrap_or(Path::new("."));
    let read = |name: &str| read_file::read(&folder.join(name)).map_err(|error| error.to_string());
    from_file_beside(path, &read)
}

/// A profile from a TOML file; `read` gives the files that it names.
pub(crate) fn from_file_beside(
    path: &Path,
    read: &dyn Fn(&str) -> Result<Vec<u8>, String>,
) -> Result<Profile, Failure> {
    let text = text_of(path, "a profile is a TOML file")?;
    load_beside(&text, read).map_err(|refusal| placed(path, &refusal))
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
    String::from_utf8(bytes).map_err(|_| Failure::Input {
        place: path.display().to_string(),
        reason: format!("not UTF-8 text; {wanted}"),
    })
}

fn placed(path: &Path, refusal: &sscard_profile::ProfileRefusal) -> Failure {
    Failure::Placed {
        file: path.display().to_string(),
        line: refusal.line,
        column: refusal.column,
        reason: refusal.error.to_string(),
    }
}
