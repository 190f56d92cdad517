//! Where new cards go: images in a folder, each named after its card number, or one file.
//!
//! An image takes its name whole, and only where nothing is. A file that is there already stays as it
//! is; it is right when it is this very card, which a program that ended early has made.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use sscard_core::{Card, CardImage};
use sscard_desk::register::CardRow;
use sscard_desk::{Delivery, DeskError};
use sscard_host::whole_file::{Audience, WholeFile};
use sscard_host::{Follow, InProcess, Transport};
use sscard_terminal::Environment;

use crate::failure::Failure;

/// What is longer is no image of a card.
const LONGEST: u64 = 0x100_0000;

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

    /// Writes a card, unless it is there already.
    pub(super) fn put(&mut self, row: &CardRow, card: &Card) -> Result<(), DeskError> {
        let path = self.path.join(format!("{}.img", row.number));
        if is_free(&path, card)? {
            Draft::of(&path, card)?.lay(&path)?;
            self.written.push(path);
        }
        Ok(())
    }

    /// Removes what was written here, and nothing else: the register knows none of these cards.
    pub(super) fn take_back(&self) {
        for path in &self.written {
            if let Err(error) = fs::remove_file(path) {
                let path = crate::outside::shown_path(path);
                complain!("sscard: {path}: this card is not in the register: {}", error.kind());
            }
        }
    }
}

/// An image that has no name yet.
struct Draft(WholeFile);

fn refused(path: &Path, reason: impl std::fmt::Display) -> DeskError {
    DeskError::Delivery(format!("{}: {reason}", path.display()))
}

impl Draft {
    fn of(path: &Path, card: &Card) -> Result<Self, DeskError> {
        let unwritable =
            |error: io::Error| refused(path, format!("cannot be written: {}", error.kind()));
        // Locked before it has its name: no other sscard takes the card before it is handed over.
        let mut draft = Self(WholeFile::create(path, Audience::Owner).map_err(unwritable)?);
        draft.write(card).map_err(unwritable)?;
        Ok(draft)
    }

    fn write(&mut self, card: &Card) -> io::Result<()> {
        self.0.begin_again()?;
        self.0.write_all(card.image().as_bytes())
    }

    /// Gives it its name, where nothing is; the handle that holds its lock.
    fn lay(self, path: &Path) -> Result<File, DeskError> {
        self.0.finish_new().map_err(|error| match error.kind() {
            io::ErrorKind::AlreadyExists => refused(path, "another file is there already"),
            kind => refused(path, format!("cannot be written: {kind}")),
        })
    }
}

/// Somebody reads at the other end of a pipe.
#[cfg(unix)]
fn is_pipe(there: &fs::Metadata) -> bool {
    use std::os::unix::fs::FileTypeExt;
    there.file_type().is_fifo()
}

#[cfg(not(unix))]
fn is_pipe(_there: &fs::Metadata) -> bool {
    false
}

/// Whether nothing is there: this very card may be, anything else must not.
fn is_free(path: &Path, card: &Card) -> Result<bool, DeskError> {
    match fs::symlink_metadata(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(true),
        Err(error) => Err(refused(path, error.kind())),
        Ok(_) if holds(path, card) => Ok(false),
        Ok(_) => Err(refused(path, "another card is there already")),
    }
}

/// Whether a file holds this very card: the same image, or, when it was used since or made on another
/// day, a card of the same number, serial and life cycle for the same person.
fn holds(path: &Path, card: &Card) -> bool {
    let Some(there) = load(path) else { return false };
    // A card that does not say who it is, is nobody's.
    there.image() == card.image()
        || identity(card).is_some_and(|this| identity(&there) == Some(this))
}

/// The card of an image, when it is one.
fn load(path: &Path) -> Option<Card> {
    let metadata = fs::metadata(path).ok()?;
    if !metadata.is_file() || metadata.len() > LONGEST {
        return None;
    }
    Card::from_image(&CardImage::from_bytes(fs::read(path).ok()?)).ok()
}

/// What does not change on a card that is used, read from a copy of it.
fn identity(card: &Card) -> Option<impl PartialEq + use<>> {
    let life_cycle = card.life_cycle();
    // EF05 has the days of issue and expiry, which may be others.
    let person: Vec<_> = card
        .inspect()
        .into_iter()
        .flat_map(|directory| directory.files)
        .filter(|file| file.path == "SSSE/EF06")
        .map(|file| file.records)
        .collect();
    let mut chip = Follow::new(InProcess::power_on(card.clone()).ok()?);
    let serial = chip.atr().to_vec();
    let number = Environment::new(&mut chip).identify().ok()?.number;
    Some((serial, number, life_cycle, person))
}

/// Where the card of one operation goes.
pub(super) struct Output {
    path: PathBuf,
    state: State,
    /// Whether the file was made here.
    is_ours: bool,
}

enum State {
    /// Nothing was tried yet.
    Unknown,
    /// Its image lies beside its place.
    Drafted(Draft),
    /// A pipe or a device, open; it is written into once.
    Stream(File),
    /// Its image lies there; locked, when it was laid here.
    Laid(#[expect(dead_code, reason = "it holds the lock")] Option<File>),
}

impl Output {
    /// A file that nobody has, or a pipe or a device.
    pub(super) fn new(path: &Path) -> Result<Self, Failure> {
        let path = std::path::absolute(path)
            .map_err(|source| Failure::Unwritable { path: path.to_owned(), source })?;
        Ok(Self { path, state: State::Unknown, is_ours: false })
    }
}

impl Delivery for Output {
    fn goes_to(&self) -> Option<&Path> {
        match self.state {
            State::Stream(_) => None,
            _ => Some(&self.path),
        }
    }

    fn reserve(&mut self, card: &Card) -> Result<(), DeskError> {
        let path = &self.path;
        self.state = match fs::metadata(path).or_else(|_| fs::symlink_metadata(path)) {
            Err(_) => State::Drafted(Draft::of(path, card)?),
            Ok(there) if there.is_dir() => return Err(refused(path, "is a folder")),
            Ok(there) if there.is_file() && holds(path, card) => State::Laid(None),
            Ok(there) if there.is_file() || there.is_symlink() => {
                return Err(DeskError::FileThere { path: path.clone() });
            }
            Ok(there) if !is_pipe(&there) => {
                return Err(refused(path, "is a device, where the card would be lost"));
            }
            Ok(_) => {
                let stream = File::options().write(true).open(path);
                State::Stream(stream.map_err(|error| refused(path, error.kind()))?)
            }
        };
        Ok(())
    }

    fn lay(&mut self, _: &CardRow, card: &Card, _: Option<&Path>) -> Result<(), DeskError> {
        self.state = match std::mem::replace(&mut self.state, State::Unknown) {
            State::Drafted(mut draft) => {
                // Another program may have made a card meanwhile: this one has another number then.
                draft.write(card).map_err(|error| refused(&self.path, error.kind()))?;
                let file = draft.lay(&self.path)?;
                self.is_ours = true;
                State::Laid(Some(file))
            }
            State::Stream(mut stream) => {
                stream
                    .write_all(card.image().as_bytes())
                    .map_err(|error| refused(&self.path, error.kind()))?;
                State::Laid(None)
            }
            State::Laid(_) if !holds(&self.path, card) => {
                return Err(DeskError::FileThere { path: self.path.clone() });
            }
            state => state,
        };
        Ok(())
    }

    /// It lies there already.
    fn hand_over(&mut self, _: &CardRow, _: Card) -> Result<(), DeskError> {
        Ok(())
    }

    fn take_back(&mut self) -> Result<(), DeskError> {
        if self.is_ours {
            fs::remove_file(&self.path)
                .map_err(|error| refused(&self.path, format!("stays there: {}", error.kind())))?;
        }
        Ok(())
    }
}

/// Where new cards of interrupted operations go: where they lie already, else to a file or a folder
/// that is named now, else where they were to go.
pub(super) struct Resumption<'a> {
    pub(super) output: Option<&'a Path>,
    pub(super) folder: Option<&'a Path>,
    /// Card numbers with the files that they lie in.
    pub(super) lie: Vec<(String, PathBuf)>,
}

impl Delivery for Resumption<'_> {
    fn lay(&mut self, row: &CardRow, card: &Card, goes_to: Option<&Path>) -> Result<(), DeskError> {
        let in_folder = self.folder.map(|folder| folder.join(format!("{}.img", row.number)));
        let named = [self.output, in_folder.as_deref()];
        let mut places = [goes_to].into_iter().chain(named).flatten();
        let found = places.find(|place| holds(place, card));
        let path = match found {
            Some(found) => found.to_owned(),
            None => {
                let place = named.into_iter().flatten().next().or(goes_to);
                let Some(place) = place else {
                    let what = format!("say where {} goes: -o FILE or --cards FOLDER", row.number);
                    return Err(DeskError::Delivery(what));
                };
                if let (Some(folder), true) = (self.folder, self.output.is_none()) {
                    fs::create_dir_all(folder).map_err(|error| refused(folder, error.kind()))?;
                }
                if fs::symlink_metadata(place).is_ok() {
                    let what =
                        "another file is there; say where the card goes: -o FILE or --cards FOLDER";
                    return Err(refused(place, what));
                }
                drop(Draft::of(place, card)?.lay(place)?);
                place.to_owned()
            }
        };
        self.lie.push((row.number.clone(), path));
        Ok(())
    }

    fn hand_over(&mut self, _: &CardRow, _: Card) -> Result<(), DeskError> {
        Ok(())
    }
}
