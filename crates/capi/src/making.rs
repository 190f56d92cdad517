//! Where cards come from: a profile and a seed, or an image.

use std::fs::{self, File};
use std::io::{self, Read};
use std::path::Path;

use sscard_core::{Card, CardImage, Profile};
use sscard_host::CardFile;
use sscard_profile::{
    BUILT_IN, BUILT_IN_MODULES, IccKeys, MasterKeys, built_in, holder_of, issue_in, load_beside,
    state_of,
};

use crate::refusal::{Refusal, sscard_error};

/// What is longer is no text that somebody wrote.
const LONGEST: u64 = 0x400_0000;

/// The card that `sscard new --profile PROFILE --seed SEED` makes.
pub(crate) fn issue(profile: &str, seed: u64) -> Result<Card, Refusal> {
    let made = profile_of(profile)?;
    let (holder, state) = (holder_of(&made, Some(seed)), state_of(&made));
    issue_in(&made, &holder, &MasterKeys::test(), IccKeys::Shared, &state)
        .map_err(|error| refused(format!("no card can be made of {profile}: {error}")))
}

fn profile_of(name: &str) -> Result<Profile, Refusal> {
    if let Some(profile) = built_in(name) {
        return Ok(profile);
    }
    let path = Path::new(name);
    if !path.exists() && path.extension().is_none() {
        let known = BUILT_IN.iter().chain(&BUILT_IN_MODULES).map(|(name, _)| *name);
        let known: Vec<_> = known.collect();
        let text = format!("no profile {name}; use {} or a TOML file", known.join(", "));
        return Err(refused(text));
    }
    let text = file(path).and_then(|bytes| {
        String::from_utf8(bytes).map_err(|_| io::Error::other("it is not UTF-8 text"))
    });
    let text = text
        .map_err(|error| Refusal::new(sscard_error::SSCARD_E_FILE, format!("{name}: {error}")))?;
    let folder = path.parent().unwrap_or(Path::new("."));
    let beside = |other: &str| file(&folder.join(other)).map_err(|error| error.to_string());
    load_beside(&text, &beside).map_err(|refusal| {
        let place = [refusal.line, refusal.column].map(|number| number.to_string()).join(":");
        refused(format!("{name}:{place}: {}", refusal.error))
    })
}

fn refused(text: String) -> Refusal {
    Refusal::new(sscard_error::SSCARD_E_PROFILE, text)
}

/// A file as a whole.
fn file(path: &Path) -> io::Result<Vec<u8>> {
    if !fs::metadata(path)?.is_file() {
        return Err(io::Error::other("it is not a file"));
    }
    let mut bytes = Vec::new();
    // One byte more: what is cut off is never taken for the whole.
    let read = File::open(path)?.take(LONGEST.saturating_add(1)).read_to_end(&mut bytes)?;
    if u64::try_from(read).is_ok_and(|read| read <= LONGEST) {
        return Ok(bytes);
    }
    Err(io::Error::other(format!("it has more than {LONGEST} bytes")))
}

/// The card of an image, without power.
pub(crate) fn of_image(bytes: &[u8]) -> Result<Card, Refusal> {
    let image = CardImage::from_bytes(bytes.to_vec());
    Card::from_image(&image)
        .map_err(|error| Refusal::new(sscard_error::SSCARD_E_IMAGE, error.to_string()))
}

/// The card of an image in a file, which stays as it is.
pub(crate) fn of_file(path: &str) -> Result<Card, Refusal> {
    CardFile::read(Path::new(path)).map_err(|error| {
        let is_image = fs::metadata(path).is_ok_and(|found| found.is_file());
        let code =
            if is_image { sscard_error::SSCARD_E_IMAGE } else { sscard_error::SSCARD_E_FILE };
        Refusal::new(code, error.to_string())
    })
}
