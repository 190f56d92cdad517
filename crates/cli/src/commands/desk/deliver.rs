//! Where new cards go: images in a folder, each named after its card number.

use std::fs;
use std::path::{Path, PathBuf};

use sscard_core::Card;
use sscard_desk::DeskError;
use sscard_desk::register::CardRow;

use crate::failure::Failure;
use crate::image_file;

/// A folder of card images.
pub(super) struct Folder {
    path: PathBuf,
    written: Vec<PathBuf>,
}

impl Folder {
    /// The folder, made when it is not there.
    pub(super) fn open(path: &Path) -> Result<Self, Failure> {
        fs::create_dir_all(path)
            .map_err(|source| Failure::Unwritable { path: path.to_owned(), source })?;
        Ok(Self { path: path.to_owned(), written: Vec::new() })
    }

    /// Writes a card. One that is there already stays, and is right when it is this very card: a
    /// program that ended early had made it.
    pub(super) fn put(&mut self, row: &CardRow, card: &Card) -> Result<(), DeskError> {
        let path = self.path.join(format!("{}.img", row.number));
        let image = card.image();
        match fs::read(&path) {
            Ok(there) if there == image.as_bytes() => return Ok(()),
            Ok(_) => {
                let reason = format!("{}: another card is there already", path.display());
                return Err(DeskError::Delivery(reason));
            }
            Err(_) => {}
        }
        file(&path, card)?;
        self.written.push(path);
        Ok(())
    }

    /// Removes what was written: nothing else of it came about.
    pub(super) fn take_back(&self) {
        for path in &self.written {
            // The register does not know these cards; one that stays harms nobody.
            let _ = fs::remove_file(path);
        }
    }
}

/// Writes a card into a file.
pub(super) fn file(path: &Path, card: &Card) -> Result<(), DeskError> {
    image_file::write(path, &card.image())
        .map_err(|failure| DeskError::Delivery(failure.to_string()))
}
