//! A card image in a file: loaded whole, written whole or not at all, locked in between.

use std::fs::{self, File, TryLockError};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

use sscard_core::{Card, CardImage};
use tempfile::NamedTempFile;

use crate::failure::Failure;

/// A file that holds a card, locked against other sscards while this value lives.
pub(crate) struct ImageFile {
    path: PathBuf,
    /// The handle that holds the lock.
    locked: File,
    /// What the file holds.
    saved: CardImage,
}

impl ImageFile {
    /// Opens, locks and loads.
    pub(crate) fn open(path: &Path) -> Result<(Self, Card), Failure> {
        let unreadable = |source| Failure::Unreadable { path: path.to_owned(), source };
        let real = fs::canonicalize(path).map_err(unreadable)?;
        if !fs::metadata(&real).map_err(unreadable)?.is_file() {
            return Err(unreadable(io::Error::other("a card lives in a regular file")));
        }
        let mut locked = lock(&real)?;
        let mut bytes = Vec::new();
        locked.read_to_end(&mut bytes).map_err(unreadable)?;
        let saved = CardImage::from_bytes(bytes);
        let card = Card::from_image(&saved)
            .map_err(|source| Failure::Image { path: path.to_owned(), source })?;
        Ok((Self { path: real, locked, saved }, card))
    }

    /// Writes the card, if it differs from what the file holds.
    pub(crate) fn save(&mut self, card: &Card) -> Result<(), Failure> {
        let image = card.image();
        if image != self.saved {
            // The new file is locked before it takes the old one's place.
            self.locked = replace(&self.path, &image)?;
            self.saved = image;
        }
        Ok(())
    }
}

/// Writes an image as a new file, or in place of an old one. What is no regular file (a pipe,
/// `/dev/null`) is written into and stays what it is.
pub(crate) fn write(path: &Path, image: &CardImage) -> Result<(), Failure> {
    if fs::metadata(path).is_ok_and(|there| !there.is_file()) {
        return File::options()
            .write(true)
            .open(path)
            .and_then(|mut stream| stream.write_all(image.as_bytes()))
            .map_err(|source| Failure::Unwritable { path: path.to_owned(), source });
    }
    let target = match fs::canonicalize(path) {
        Ok(real) => {
            drop(lock(&real)?);
            real
        }
        Err(_) => path.to_owned(),
    };
    replace(&target, image).map(drop)
}

fn lock(path: &Path) -> Result<File, Failure> {
    let unreadable = |source| Failure::Unreadable { path: path.to_owned(), source };
    loop {
        let file = File::open(path).map_err(unreadable)?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                return Err(Failure::InUse { path: path.to_owned() });
            }
            Err(TryLockError::Error(source)) => return Err(unreadable(source)),
        }
        // Somebody may have replaced the file between opening and locking.
        if is_at(&file, path) {
            return Ok(file);
        }
    }
}

#[cfg(unix)]
fn is_at(file: &File, path: &Path) -> bool {
    use std::os::unix::fs::MetadataExt;
    match (file.metadata(), fs::metadata(path)) {
        (Ok(opened), Ok(there)) => (opened.dev(), opened.ino()) == (there.dev(), there.ino()),
        _ => true,
    }
}

#[cfg(not(unix))]
fn is_at(_file: &File, _path: &Path) -> bool {
    true
}

fn replace(path: &Path, image: &CardImage) -> Result<File, Failure> {
    // The kind alone: the library's message names a temporary file that nobody asked for.
    let unwritable = |source: io::Error| Failure::Unwritable {
        path: path.to_owned(),
        source: source.kind().into(),
    };
    let folder = match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    };
    let mut fresh = NamedTempFile::new_in(folder).map_err(unwritable)?;
    if let Ok(old) = fs::metadata(path) {
        fresh.as_file().set_permissions(old.permissions()).map_err(unwritable)?;
    }
    fresh.write_all(image.as_bytes()).map_err(unwritable)?;
    fresh.as_file().sync_all().map_err(unwritable)?;
    match fresh.as_file().try_lock() {
        Ok(()) | Err(TryLockError::WouldBlock) => {}
        Err(TryLockError::Error(source)) => return Err(unwritable(source)),
    }
    let file = fresh.persist(path).map_err(|error| unwritable(error.error))?;
    // The name survives a crash only when the folder is written too.
    #[cfg(unix)]
    File::open(folder).and_then(|folder| folder.sync_all()).map_err(unwritable)?;
    Ok(file)
}
