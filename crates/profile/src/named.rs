//! A profile by what a person calls it: a built-in one, or a TOML file with what it names beside it.

use std::fs::{self, File};
use std::io::{self, ErrorKind, Read};
use std::path::{Path, PathBuf};

use sscard_core::Profile;

use crate::refusal::ProfileRefusal;
use crate::{BUILT_IN, BUILT_IN_MODULES, built_in, load_beside};

/// What is longer is no profile that somebody wrote, and nothing that belongs into one.
const LONGEST: u64 = 0x400_0000;

/// Why there is no profile of a name.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum NamedProfileError {
    /// It is no built-in one, and looks like no file.
    #[error("no profile {name}; use {} or a TOML file", known())]
    Unknown {
        /// The name.
        name: String,
    },
    /// The file cannot be read: what the system says, or that it is no text ([`ErrorKind::InvalidData`]).
    #[error("{}: {source}", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The text makes no profile.
    #[error("{}:{refusal}", path.display())]
    Refused {
        /// The file.
        path: PathBuf,
        /// What is wrong, and where.
        refusal: ProfileRefusal,
    },
}

fn known() -> String {
    let names = BUILT_IN.iter().chain(&BUILT_IN_MODULES).map(|(name, _)| *name);
    names.collect::<Vec<_>>().join(", ")
}

/// A built-in profile, or that of a TOML file; a relative path begins in `folder`.
///
/// ```
/// use std::path::Path;
///
/// use sscard_profile::named;
///
/// assert!(named("gen3", Path::new(".")).is_ok());
/// let unknown = named("gen9", Path::new(".")).map_err(|error| error.to_string());
/// assert!(unknown.is_err_and(|text| text.starts_with("no profile gen9; use gen1, ")));
/// ```
///
/// # Errors
/// [`NamedProfileError`].
pub fn named(name: &str, folder: &Path) -> Result<Profile, NamedProfileError> {
    if let Some(profile) = built_in(name) {
        return Ok(profile);
    }
    let path = folder.join(name);
    if path.extension().is_none() && !path.exists() {
        return Err(NamedProfileError::Unknown { name: name.to_owned() });
    }
    from_file(&path)
}

/// The profile of a TOML file; the files that it names lie beside it.
///
/// # Errors
/// [`NamedProfileError`].
pub fn from_file(path: &Path) -> Result<Profile, NamedProfileError> {
    let unreadable = |source| NamedProfileError::Unreadable { path: path.to_owned(), source };
    let text = String::from_utf8(read(path).map_err(unreadable)?);
    let no_text = |_| io::Error::new(ErrorKind::InvalidData, "it is not UTF-8 text");
    let text = text.map_err(|error| unreadable(no_text(error)))?;
    let folder = path.parent().unwrap_or_else(|| Path::new("."));
    let beside = |other: &str| read(&folder.join(other)).map_err(|error| error.to_string());
    load_beside(&text, &beside)
        .map_err(|refusal| NamedProfileError::Refused { path: path.to_owned(), refusal })
}

/// A file as a whole: a regular one, so that nobody waits for a pipe, and no longer than a profile can be.
fn read(path: &Path) -> io::Result<Vec<u8>> {
    if !fs::metadata(path)?.is_file() {
        return Err(io::Error::other("it is not a regular file"));
    }
    let mut bytes = Vec::new();
    // One byte more: what is cut off is never taken for the whole.
    let read = File::open(path)?.take(LONGEST.saturating_add(1)).read_to_end(&mut bytes)?;
    if u64::try_from(read).is_ok_and(|read| read <= LONGEST) {
        return Ok(bytes);
    }
    Err(io::Error::other(format!("it has more than {LONGEST} bytes")))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(name: &str, folder: &Path) -> String {
        named(name, folder).err().map(|error| error.to_string()).expect("refused")
    }

    #[test]
    fn a_file_may_name_others_beside_it() {
        let folder = tempfile::tempdir().expect("folder");
        fs::write(folder.path().join("photo.bin"), [0xFF; 4]).expect("written");
        let text = "base = \"gen2\"\n[state.files]\n\"SSSE/EF08\" = \"@photo.bin\"\n";
        fs::write(folder.path().join("p.toml"), text).expect("written");
        named("p.toml", folder.path()).expect("a profile");
        fs::remove_file(folder.path().join("photo.bin")).expect("removed");
        assert!(refused("p.toml", folder.path()).contains("photo.bin"));
    }

    #[test]
    fn what_is_no_profile_is_refused_with_its_reason() {
        let folder = tempfile::tempdir().expect("folder");
        let known = "no profile gen9; use gen1, gen2, gen3, psam-3des, psam-sm4 or a TOML file";
        assert_eq!(refused("gen9", folder.path()), known);
        fs::write(folder.path().join("a.toml"), b"\xFF").expect("written");
        assert!(refused("a.toml", folder.path()).ends_with("a.toml: it is not UTF-8 text"));
        fs::write(folder.path().join("b.toml"), "base = 7").expect("written");
        assert!(refused("b.toml", folder.path()).contains("b.toml:1:8: "));
        assert!(refused(".", folder.path()).ends_with("it is not a regular file"));
        assert!(refused("c.toml", folder.path()).contains("c.toml: No such file"));
        let long = File::create(folder.path().join("d.toml")).expect("made");
        long.set_len(LONGEST + 1).expect("long");
        assert!(refused("d.toml", folder.path()).ends_with("it has more than 67108864 bytes"));
    }
}
