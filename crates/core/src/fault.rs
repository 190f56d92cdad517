//! What can go wrong inside the card, and the one table that turns it into status words.

use sscard_apdu::StatusWord;

/// An internal failure of the card's memory.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Fault {
    /// Power went away in the middle of a write; nothing more is answered.
    PowerLost,
    /// One command changed more places than the journal can hold.
    JournalFull,
    /// An address outside the memory: the profile and the image do not fit each other.
    OutOfRange,
}

impl From<Fault> for StatusWord {
    fn from(fault: Fault) -> Self {
        match fault {
            // Never seen outside: a card without power does not answer.
            Fault::PowerLost => Self::NO_PRECISE_DIAGNOSIS,
            Fault::JournalFull | Fault::OutOfRange => Self::MEMORY_FAILURE,
        }
    }
}
