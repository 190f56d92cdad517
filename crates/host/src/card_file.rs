//! A card in a file: what was answered is kept (I-22).
//!
//! ```text
//! command ─► card ─► CardFile::keep: what changed goes behind the image ─► the answer leaves
//!                    CardFile::settle: the image is written anew, when there is time
//! ```
//! What enters: a card that has carried out a command and not answered yet. What leaves: its file, in which
//! the change is, or a refusal, and the card as the file has it. The file is locked while this value
//! lives. A change that cost nothing writes nothing.

mod error;

use std::fs::{self, File, TryLockError};
use std::io::{self, ErrorKind, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use sscard_core::{Card, CardImage, Change, ImageEnd};

use crate::whole_file::{self, Audience};
pub use error::{CardFileError, NotKept, Told};

/// Changes behind an image, in bytes, above which it is written anew.
const LONG: u64 = 0x10_0000;

/// When this long has passed, a file's end is compared with what it was before it is written; its length
/// each time.
const LOOK: Duration = Duration::from_millis(5);

/// When what was written is put where a crash of the operating system leaves it. That the program is
/// killed loses nothing either way.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Sync {
    /// Before each answer.
    Always,
    /// When there is time, and at the end.
    #[default]
    Idle,
}

/// A file that holds a card.
pub struct CardFile {
    path: PathBuf,
    /// Where it lies, links followed.
    real: PathBuf,
    /// The handle that holds the lock, and that changes are written through.
    file: File,
    /// The card as the file has it.
    kept: Card,
    end: ImageEnd,
    /// Bytes of the image.
    image: u64,
    /// Whether the image is of the format that is written now; an older one is written anew at the first
    /// change.
    current: bool,
    /// Bytes of image and changes.
    length: u64,
    /// Bytes behind them that were never answered; they go with the next change.
    torn: u64,
    sync: Sync,
    /// Whether the handle may be written through; a file that may not is written anew each time.
    writable: bool,
    /// Since when a crash of the operating system may lose something.
    unsynced: Option<Instant>,
    /// Whether the image could not be written anew, with nothing changed since.
    stuck: bool,
    commands: u64,
    last: Option<Told>,
    /// When the file was last looked at for what others did to it.
    looked: Option<Instant>,
}

impl CardFile {
    /// Opens, locks and loads; the card has no power.
    ///
    /// # Errors
    /// [`CardFileError`].
    pub fn open(path: &Path, sync: Sync) -> Result<(Self, Card), CardFileError> {
        let unreadable = |source| CardFileError::Unreadable { path: path.to_owned(), source };
        let real = fs::canonicalize(path).map_err(unreadable)?;
        if !fs::metadata(&real).map_err(unreadable)?.is_file() {
            return Err(unreadable(io::Error::other("a card lives in a regular file")));
        }
        let (file, writable) = lock(path, &real)?;
        Self::load(path, real, (file, writable), sync)
    }

    /// Opens the file anew, also what another program has put in its place, while this value holds what it holds. On an error
    /// nothing has changed.
    ///
    /// # Errors
    /// As [`CardFile::open`].
    pub fn reopen(&self) -> Result<(Self, Card), CardFileError> {
        let unreadable = |source| CardFileError::Unreadable { path: self.path.clone(), source };
        let real = fs::canonicalize(&self.path).map_err(unreadable)?;
        if !is_at(&self.file, &real) {
            return Self::open(&self.path, self.sync);
        }
        // The same file: a second lock of it would wait for the first.
        let file = self.file.try_clone().map_err(unreadable)?;
        Self::load(&self.path, real, (file, self.writable), self.sync)
    }

    fn load(
        path: &Path,
        real: PathBuf,
        (mut file, writable): (File, bool),
        sync: Sync,
    ) -> Result<(Self, Card), CardFileError> {
        let unreadable = |source| CardFileError::Unreadable { path: path.to_owned(), source };
        let mut bytes = Vec::new();
        file.seek(SeekFrom::Start(0)).map_err(unreadable)?;
        file.read_to_end(&mut bytes).map_err(unreadable)?;
        let there = bytes.len() as u64;
        let image = CardImage::from_bytes(bytes);
        let loaded = image
            .load()
            .map_err(|source| CardFileError::Image { path: path.to_owned(), source })?;
        let length = loaded.sound as u64;
        let card = loaded.card;
        let file = Self {
            path: path.to_owned(),
            real,
            file,
            kept: card.clone(),
            end: loaded.end,
            image: if loaded.changes == 0 { length } else { 0 },
            current: loaded.current,
            length,
            torn: there.saturating_sub(length),
            sync,
            writable,
            unsynced: None,
            stuck: false,
            commands: 0,
            last: None,
            looked: None,
        };
        Ok((file, card))
    }

    /// The card of a file, which stays as it is.
    ///
    /// # Errors
    /// As [`CardFile::open`].
    pub fn read(path: &Path) -> Result<Card, CardFileError> {
        Self::open(path, Sync::Idle).map(|(_, card)| card)
    }

    /// Whether a program uses the card in this file; `false` where there is no file, or none with a lock.
    #[must_use]
    pub fn is_in_use(path: &Path) -> bool {
        let Ok(there) = fs::metadata(path) else { return false };
        there.is_file()
            && File::open(path)
                .is_ok_and(|file| matches!(file.try_lock(), Err(TryLockError::WouldBlock)))
    }

    /// The file as it was named.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Keeps what a command, or being powered, made of the card. To be called before its answer leaves.
    ///
    /// # Errors
    /// [`NotKept`]: the answer must not leave; the card is as the file has it, without power.
    pub fn keep(&mut self, card: &mut Card, command: Option<&[u8]>) -> Result<(), NotKept> {
        let told = command.map(|command| self.told(command));
        let kept = match card.change_since(&self.kept, self.end) {
            Change::Nothing => Ok(false),
            Change::Entry(entry, end) => self.append(card, &entry, end).map(|()| true),
            Change::Everything => self.rewrite(card).map(|()| true),
        };
        match kept {
            Ok(changed) => {
                if changed {
                    self.kept.clone_from(card);
                }
                self.last = told.or(self.last);
                Ok(())
            }
            Err(error) => {
                card.fall_back(&self.kept);
                Err(self.refusal(&error, told))
            }
        }
    }

    /// Keeps the card and writes its image anew when changes follow it, safe from a crash of the operating
    /// system. An image that cannot be written anew goes on with its changes.
    ///
    /// # Errors
    /// [`NotKept`], as [`CardFile::keep`], or when it is not safe from such a crash.
    pub fn settle(&mut self, card: &mut Card) -> Result<(), NotKept> {
        self.keep(card, None)?;
        self.anew(card).map_err(|error| self.refusal(&error, None))
    }

    fn refusal(&self, error: &io::Error, command: Option<Told>) -> NotKept {
        NotKept { path: self.path.clone(), reason: error.to_string(), command, last: self.last }
    }

    fn anew(&mut self, card: &Card) -> io::Result<()> {
        if self.length > self.image || self.torn > 0 {
            self.look(true)?;
            if self.rewrite(card).is_ok() {
                return Ok(());
            }
            self.stuck = true;
        }
        self.put_down()
    }

    /// Makes safe from a crash of the operating system what has waited for it so long.
    ///
    /// # Errors
    /// [`NotKept`].
    pub fn put_down_after(&mut self, patience: Duration) -> Result<(), NotKept> {
        if self.unsynced.is_none_or(|since| since.elapsed() < patience) {
            return Ok(());
        }
        self.put_down().map_err(|error| self.refusal(&error, None))
    }

    /// Whether [`CardFile::settle`] has anything to do.
    #[must_use]
    pub fn is_settled(&self) -> bool {
        self.unsynced.is_none() && (self.stuck || (self.length == self.image && self.torn == 0))
    }

    /// Makes what was written safe from a crash of the operating system.
    fn put_down(&mut self) -> io::Result<()> {
        if self.unsynced.is_some() {
            self.file.sync_data()?;
            self.unsynced = None;
        }
        Ok(())
    }

    fn told(&mut self, command: &[u8]) -> Told {
        self.commands = self.commands.saturating_add(1);
        Told::of(self.commands, command)
    }

    fn append(&mut self, card: &Card, entry: &[u8], end: ImageEnd) -> io::Result<()> {
        if !self.look(false)? || !self.writable || !self.current {
            return self.rewrite(card);
        }
        let is_long = self.length.saturating_sub(self.image) > LONG;
        if is_long && !self.stuck && self.rewrite(card).is_ok() {
            return Ok(());
        }
        self.stuck = is_long;
        if let Err(error) = self.write_behind(entry) {
            // What is there of it is no change, and is passed over where it cannot be taken back.
            self.torn = match self.file.set_len(self.length) {
                Ok(()) => 0,
                Err(_) => {
                    self.file.metadata().map_or(1, |now| now.len().saturating_sub(self.length))
                }
            };
            return Err(error);
        }
        self.length = self.length.saturating_add(entry.len() as u64);
        self.end = end;
        Ok(())
    }

    fn write_behind(&mut self, entry: &[u8]) -> io::Result<()> {
        if self.torn > 0 {
            self.file.set_len(self.length)?;
            self.torn = 0;
        }
        write_all_at(&mut self.file, entry, self.length)?;
        self.unsynced = self.unsynced.or_else(|| Some(Instant::now()));
        if self.sync == Sync::Always {
            self.put_down()?;
        }
        Ok(())
    }

    /// Looks at what others did to the file, in a busy moment only at what costs little: whether it is
    /// there. What another program wrote into it, or in its place, is not written over.
    fn look(&mut self, closely: bool) -> io::Result<bool> {
        let there = self.file.metadata()?;
        if is_gone(&there, &self.real)? {
            return Ok(false);
        }
        let mut is_untouched = there.len() == self.length.saturating_add(self.torn);
        if closely || self.looked.is_none_or(|then| then.elapsed() > LOOK) {
            let mut tail = [0; 4];
            let behind = self.length.checked_sub(tail.len() as u64);
            is_untouched = is_untouched
                && behind.is_some_and(|at| read_exact_at(&mut self.file, &mut tail, at).is_ok())
                && tail == self.end.to_bytes();
            self.looked = Some(Instant::now());
        }
        if is_untouched {
            return Ok(true);
        }
        Err(io::Error::other("another program has written into the card's file"))
    }

    /// The image anew, in the old one's place.
    fn rewrite(&mut self, card: &Card) -> io::Result<()> {
        if self.look(true)? && !is_at(&self.file, &self.real) {
            return Err(io::Error::other("the card's file was moved away"));
        }
        let image = card.image();
        let file = whole_file::replace(&self.real, image.as_bytes(), Audience::Owner)?;
        self.file = file;
        self.end = image.end();
        self.current = true;
        self.image = image.as_bytes().len() as u64;
        self.length = self.image;
        self.torn = 0;
        self.unsynced = None;
        (self.writable, self.stuck) = (true, false);
        Ok(())
    }
}

/// Opens and locks; for writing where that is allowed.
fn lock(path: &Path, real: &Path) -> Result<(File, bool), CardFileError> {
    let unreadable = |source| CardFileError::Unreadable { path: path.to_owned(), source };
    loop {
        let mut writable = true;
        let opened = match File::options().read(true).write(true).open(real) {
            Err(error)
                if matches!(
                    error.kind(),
                    ErrorKind::PermissionDenied | ErrorKind::ReadOnlyFilesystem
                ) =>
            {
                writable = false;
                File::open(real)
            }
            opened => opened,
        };
        let file = opened.map_err(unreadable)?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                return Err(CardFileError::InUse { path: path.to_owned() });
            }
            Err(TryLockError::Error(source)) => return Err(unreadable(source)),
        }
        // Somebody may have replaced the file between opening and locking.
        if is_at(&file, real) {
            return Ok((file, writable));
        }
    }
}

#[cfg(unix)]
fn is_at(file: &File, path: &Path) -> bool {
    use std::os::unix::fs::MetadataExt;
    match (file.metadata(), fs::metadata(path)) {
        (Ok(opened), Ok(there)) => (opened.dev(), opened.ino()) == (there.dev(), there.ino()),
        _ => false,
    }
}

#[cfg(not(unix))]
fn is_at(_file: &File, path: &Path) -> bool {
    path.exists()
}

/// Whether the file was removed, so that what is written into it is nowhere. Where another file has taken
/// its place, that one is not ours to write over.
#[cfg(unix)]
fn is_gone(there: &fs::Metadata, path: &Path) -> io::Result<bool> {
    use std::os::unix::fs::MetadataExt;
    if there.nlink() > 0 {
        return Ok(false);
    }
    if path.exists() {
        return Err(io::Error::other("another file has taken the place of the card's"));
    }
    Ok(true)
}

#[cfg(not(unix))]
fn is_gone(_there: &fs::Metadata, path: &Path) -> io::Result<bool> {
    Ok(!path.exists())
}

#[cfg(unix)]
fn write_all_at(file: &mut File, bytes: &[u8], at: u64) -> io::Result<()> {
    std::os::unix::fs::FileExt::write_all_at(file, bytes, at)
}

#[cfg(unix)]
fn read_exact_at(file: &mut File, bytes: &mut [u8], at: u64) -> io::Result<()> {
    std::os::unix::fs::FileExt::read_exact_at(file, bytes, at)
}

#[cfg(not(unix))]
fn write_all_at(file: &mut File, bytes: &[u8], at: u64) -> io::Result<()> {
    use std::io::{Seek, SeekFrom, Write};
    file.seek(SeekFrom::Start(at))?;
    file.write_all(bytes)
}

#[cfg(not(unix))]
fn read_exact_at(file: &mut File, bytes: &mut [u8], at: u64) -> io::Result<()> {
    use std::io::{Seek, SeekFrom};
    file.seek(SeekFrom::Start(at))?;
    file.read_exact(bytes)
}
