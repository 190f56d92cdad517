//! `sscard profile`: profiles themselves, before and after they are cards.

use std::io::Write;
use std::path::Path;

use sscard_core::Profile;
use sscard_lexicon::shown;
use sscard_profile::{MasterKeys, holder_of, issue, load_beside, state_of, warnings};

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
    let holder = holder_of(&profile, None);
    for warning in warnings(&profile, &holder, &state_of(&profile)) {
        complain!("{}: warning: {}", shown_path(path), shown(&warning));
    }
    issue(&profile, &holder, &MasterKeys::test()).map_err(|error| Failure::Input {
        place: path.display().to_string(),
        reason: format!("no card can be made of it: {error}"),
    })?;
    let name = shown(&profile.blueprint().name);
    writeln!(out, "{}: sound, its cards are called {name}", shown_path(path))?;
    Ok(())
}

/// A profile from a TOML file; what is wrong is said with its place.
pub(crate) fn from_file(path: &Path) -> Result<Profile, Failure> {
    let bytes = read_file::read(path)
        .map_err(|source| Failure::Unreadable { path: path.to_owned(), source })?;
    let file = || path.display().to_string();
    let text = String::from_utf8(bytes).map_err(|_| Failure::Input {
        place: file(),
        reason: "not UTF-8 text; a profile is a TOML file".to_owned(),
    })?;
    let folder = path.parent().unwrap_or(Path::new("."));
    let read = |name: &str| read_file::read(&folder.join(name)).map_err(|error| error.to_string());
    load_beside(&text, &read).map_err(|refusal| Failure::Placed {
        file: file(),
        line: refusal.line,
        column: refusal.column,
        reason: refusal.error.to_string(),
    })
}
