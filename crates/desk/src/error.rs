//! Why the desk did not do what it was asked.

use std::path::{Path, PathBuf};

use sscard_apdu::StatusWord;
use sscard_host::TransportError;
use sscard_terminal::ReadError;
use sscard_terminal::payment::PaymentError;
use sscard_terminal::purse::PurseError;

use crate::{CardId, Refusal};

/// An operation that was refused, or did not come to its end.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum DeskError {
    /// A rule refuses; nothing was changed.
    #[error("{0}")]
    Refused(Box<Refusal>),
    /// The card in the reader is not the one that it has to be; nothing was written.
    #[error("the card in the reader is {found}, not {expected}; nothing was written")]
    WrongCard {
        /// What is in the reader.
        found: String,
        /// What has to be there.
        expected: String,
    },
    /// The transaction password was wrong.
    #[error("wrong transaction password: {}", tries(*tries_left))]
    WrongPassword {
        /// Tries left; none means locked.
        tries_left: u8,
    },
    /// A password that cannot be one.
    #[error("{what}: {reason}")]
    BadPassword {
        /// Which password.
        what: &'static str,
        /// What it has to be.
        reason: &'static str,
    },
    /// A value that somebody gave and that cannot be one.
    #[error("{what}: {reason}; nothing was changed")]
    BadValue {
        /// Which value.
        what: &'static str,
        /// What does not fit.
        reason: String,
    },
    /// Another operation of this holder has begun and is not finished.
    #[error(
        "an interrupted operation waits to be finished first: {operation} of {date}; present its card to 'sscard desk resume'"
    )]
    Pending {
        /// Name of the operation.
        operation: String,
        /// Day it began.
        date: String,
    },
    /// Nobody with this social security number.
    #[error("{0} is not in the register; residents are added by 'sscard desk import'")]
    UnknownHolder(String),
    /// Neither a number nor a card says who it is.
    #[error("nobody is named: give a social security number, or put a card on the counter")]
    Nobody,
    /// The holder has no card yet.
    #[error("{0} has no card yet")]
    NoCard(String),
    /// No such bank.
    #[error("{0} is not a cooperating bank of this register")]
    UnknownBank(String),
    /// No such profile.
    #[error("'{0}' is not a built-in profile; there are gen1, gen2 and gen3")]
    UnknownProfile(String),
    /// A batch of this name is there already.
    #[error("batch {0} is there already")]
    BatchExists(String),
    /// The batch's days are in the wrong order.
    #[error("a batch that opens on {opens} cannot close on {closes}")]
    BatchDays {
        /// First day.
        opens: String,
        /// Last day.
        closes: String,
    },
    /// The residents cannot be imported.
    #[error(transparent)]
    Import(#[from] crate::ImportError),
    /// A card cannot be made.
    #[error("the card of {holder} cannot be made: {reason}")]
    Card {
        /// Holder.
        holder: String,
        /// What does not fit.
        reason: String,
    },
    /// Card numbers are used up.
    #[error(
        "there is no number left for card {0}: a register has 9,999,999 cards; nothing was changed"
    )]
    NoNumber(CardId),
    /// The card refused a command.
    #[error("the card refused {command}: {status}")]
    CardRefused {
        /// The command in words.
        command: &'static str,
        /// What the card said.
        status: StatusWord,
    },
    /// Nothing is known of the card behind the exchange.
    #[error(transparent)]
    Transport(#[from] TransportError),
    /// The card cannot be read.
    #[error(transparent)]
    Read(ReadError),
    /// The session with the payment application broke off.
    #[error("financial function: {0}")]
    Payment(PaymentError),
    /// The load of the medical purse broke off.
    #[error("medical purse: {0}")]
    Purse(PurseError),
    /// The session ended before the card was sent its issuer's command.
    #[error("the card ended the session before {command} could be sent")]
    Unsent {
        /// The command in words.
        command: &'static str,
    },
    /// No file there.
    #[error("{}: there is no register; make one with 'sscard desk init'", path.display())]
    NoRegister {
        /// The file.
        path: PathBuf,
    },
    /// A file is there.
    #[error("{}: a file is there already; nothing was changed", path.display())]
    RegisterExists {
        /// The file.
        path: PathBuf,
    },
    /// A file stands where a new card is to go.
    #[error("{}: a file is there already; a new card gets a file of its own; nothing was changed", path.display())]
    FileThere {
        /// The file.
        path: PathBuf,
    },
    /// Another kind of file.
    #[error("{}: not a register of sscard; the file is untouched", path.display())]
    NotARegister {
        /// The file.
        path: PathBuf,
    },
    /// Made by a later version.
    #[error("{}: the register has version {version}, which this program does not know; the file is untouched", path.display())]
    RegisterTooNew {
        /// The file.
        path: PathBuf,
        /// Its version.
        version: usize,
    },
    /// Tables or columns are missing.
    #[error("{}: the register lacks this program's tables: {what}; nothing was changed in it", path.display())]
    OtherSchema {
        /// The file.
        path: PathBuf,
        /// What is missing.
        what: String,
    },
    /// A row holds what this program never writes.
    #[error("{}: the register was changed by hand or is damaged: {what}; nothing was changed in it", path.display())]
    Unsound {
        /// The file.
        path: PathBuf,
        /// What it holds.
        what: String,
    },
    /// Another program holds it.
    #[error("{}: another program is using the register; nothing was changed in it", path.display())]
    RegisterBusy {
        /// The file.
        path: PathBuf,
    },
    /// Damaged.
    #[error("{}: the register is damaged; nothing was changed in it. Work with a copy: sqlite3 FILE .recover", path.display())]
    RegisterCorrupt {
        /// The file.
        path: PathBuf,
    },
    /// Anything else that the register reports.
    #[error("{}: {reason}; nothing was changed in it", path.display())]
    Register {
        /// The file.
        path: PathBuf,
        /// What was reported.
        reason: String,
    },
    /// The program was to end here, as [`crate::Register::fail_after`] asked for.
    #[error("interrupted")]
    Interrupted,
    /// The image of a new card cannot be written.
    #[error("the new card cannot be handed out: {0}")]
    Delivery(String),
    /// The sealed message cannot be opened.
    #[error(
        "message {message} cannot be opened: it was sealed with a key that is not in {}; put that file beside the register again",
        key.display()
    )]
    Seal {
        /// Number of the message.
        message: i64,
        /// Where the key has to be.
        key: PathBuf,
    },
    /// The register's own key cannot be read, or not be made.
    #[error("{}: {}{reason}", path.display(), if *is_new { "the register's key cannot be written: " } else { "" })]
    Key {
        /// The key's file.
        path: PathBuf,
        /// What is wrong.
        reason: String,
        /// Whether it was to be made.
        is_new: bool,
    },
    /// The system has no random numbers.
    #[error("the system gives no random numbers: {0}")]
    NoRandomNumbers(String),
    /// The register's work factor is one that the hash function does not take.
    #[error(
        "the query password cannot be hashed: the register's hashing parameters cannot be used"
    )]
    NoHash,
    /// A message cannot be sealed.
    #[error("message {0} cannot be sealed")]
    Unsealed(i64),
    /// What is to be done cannot be written down.
    #[error("the operation cannot be recorded: {0}; nothing was changed")]
    Plan(String),
    /// A part of the program ended in the middle of its work.
    #[error("{0} ended early: this is a bug")]
    Broken(&'static str),
}

/// `1 try left`.
fn tries(left: u8) -> String {
    format!("{left} {} left", if left == 1 { "try" } else { "tries" })
}

impl DeskError {
    /// The refusal, if it is one.
    #[must_use]
    pub fn refusal(&self) -> Option<&Refusal> {
        match self {
            Self::Refused(refusal) => Some(refusal),
            _ => None,
        }
    }

    /// A row holds what this program never writes; the register is named by [`Self::at`].
    pub(crate) fn unsound(what: impl Into<String>) -> Self {
        Self::Unsound { path: PathBuf::new(), what: what.into() }
    }

    /// Says which register an error is about.
    pub(crate) fn at(mut self, register: &Path) -> Self {
        if let Self::RegisterBusy { path }
        | Self::RegisterCorrupt { path }
        | Self::NotARegister { path }
        | Self::RegisterTooNew { path, .. }
        | Self::OtherSchema { path, .. }
        | Self::Unsound { path, .. }
        | Self::Register { path, .. } = &mut self
            && path.as_os_str().is_empty()
        {
            register.clone_into(path);
        }
        self
    }
}

impl From<ReadError> for DeskError {
    fn from(error: ReadError) -> Self {
        match error {
            ReadError::Transport(error) => Self::Transport(error),
            other => Self::Read(other),
        }
    }
}

impl From<PaymentError> for DeskError {
    fn from(error: PaymentError) -> Self {
        match error {
            PaymentError::Transport(error) => Self::Transport(error),
            other => Self::Payment(other),
        }
    }
}

impl From<PurseError> for DeskError {
    fn from(error: PurseError) -> Self {
        match error {
            PurseError::Transport(error) => Self::Transport(error),
            other => Self::Purse(other),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_try_is_one_try() {
        let text = |tries_left| DeskError::WrongPassword { tries_left }.to_string();
        assert_eq!(text(0), "wrong transaction password: 0 tries left");
        assert_eq!(text(1), "wrong transaction password: 1 try left");
        assert_eq!(text(2), "wrong transaction password: 2 tries left");
    }
}
