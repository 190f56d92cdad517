//! Where cards come from: a profile and a seed, or an image.

use std::path::Path;

use sscard_core::{Card, CardImage, Profile};
use sscard_host::CardFile;
use sscard_profile::{
    IccKeys, MasterKeys, NamedProfileError, holder_of, issue_in, named, state_of,
};

use crate::refusal::{Refusal, sscard_error};

/// The card that `sscard new --profile PROFILE --seed SEED` makes.
pub(crate) fn issue(profile: &str, seed: u64) -> Result<Card, Refusal> {
    let made = profile_of(profile)?;
    let (holder, state) = (holder_of(&made, Some(seed)), state_of(&made));
    issue_in(&made, &holder, &MasterKeys::test(), IccKeys::Shared, &state)
        .map_err(|error| refused(format!("no card can be made of {profile}: {error}")))
}

fn profile_of(name: &str) -> Result<Profile, Refusal> {
    named(name, Path::new("")).map_err(|error| match error {
        NamedProfileError::Unreadable { .. } => {
            Refusal::new(sscard_error::SSCARD_E_FILE, error.to_string())
        }
        _ => refused(error.to_string()),
    })
}

fn refused(text: String) -> Refusal {
    Refusal::new(sscard_error::SSCARD_E_PROFILE, text)
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
        let is_image = std::fs::metadata(path).is_ok_and(|found| found.is_file());
        let code =
            if is_image { sscard_error::SSCARD_E_IMAGE } else { sscard_error::SSCARD_E_FILE };
        Refusal::new(code, error.to_string())
    })
}
