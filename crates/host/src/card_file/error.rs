//! Why a card's file cannot be used, or does not take what became of its card.

use std::fmt;
use std::io;
use std::path::PathBuf;

use sscard_core::ImageError;

/// Why a card's file cannot be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CardFileError {
    /// It cannot be read.
    #[error("{}: {source}", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// It holds no card, or a damaged one.
    #[error("{}: {source}; the file is untouched{}", path.display(), advice(source))]
    Image {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        source: ImageError,
    },
    /// Another program uses the card.
    #[error("{}: another sscard is using this card", path.display())]
    InUse {
        /// The file.
        path: PathBuf,
    },
}

fn advice(error: &ImageError) -> &'static str {
    match error {
        ImageError::Entry { .. } => "; the state before it is there: sscard repair",
        _ => "",
    }
}

/// A change that could not be kept. The command is not answered, and the card is as its file has it,
/// without power.
#[derive(Clone, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub struct NotKept {
    /// The card's file.
    pub path: PathBuf,
    /// What the system says.
    pub reason: String,
    /// The command that is not answered; none when the card was being powered.
    pub command: Option<Told>,
    /// The last command whose answer is kept; none when there was none yet.
    pub last: Option<Told>,
}

/// A command as far as it may be told: its number since the card's file was opened, from 1, and CLA INS
/// P1 P2.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Told {
    /// Its number.
    pub number: u64,
    /// Its header; zeros where it is shorter.
    pub header: [u8; 4],
}

impl Told {
    pub(super) fn of(number: u64, command: &[u8]) -> Self {
        let mut header = [0; 4];
        header.iter_mut().zip(command).for_each(|(place, byte)| *place = *byte);
        Self { number, header }
    }
}

impl fmt::Display for Told {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [a, b, c, d] = self.header;
        write!(f, "command {} ({a:02X}{b:02X}{c:02X}{d:02X})", self.number)
    }
}

impl fmt::Display for NotKept {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { path, reason, command, last } = self;
        write!(f, "{}: {reason}: ", path.display())?;
        match command {
            Some(command) => write!(f, "{command} is not answered, since it cannot be kept; ")?,
            None => write!(f, "what the card became cannot be kept; ")?,
        }
        match last {
            Some(last) => write!(f, "the card is as after {last}, the last one that is kept"),
            None => write!(f, "the card is as it was"),
        }
    }
}

impl std::error::Error for NotKept {}
