//! Why a card cannot be read.

use sscard_apdu::StatusWord;
use sscard_commands::ins;
use sscard_crypto::Algorithm;
use sscard_host::TransportError;
use sscard_lexicon::status_meaning;

use crate::ModuleError;

/// A reading that did not come to its end.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ReadError {
    /// The exchange itself failed.
    #[error(transparent)]
    Transport(#[from] TransportError),
    /// The card has no social security environment.
    #[error("not a social security card: SELECT sx1.sh.社会保障 answered {0}")]
    NotSocialSecurityCard(StatusWord),
    /// The environment is blocked for good, or the card is.
    #[error("the card is blocked: {0} {meaning}", meaning = status_meaning(*.0, ins::SELECT))]
    Blocked(StatusWord),
    /// The card refused a command that reading cannot do without.
    #[error("{command} answered {status}: {meaning}", meaning = status_meaning(*.status, *.ins))]
    Refused {
        /// The command in words.
        command: &'static str,
        /// Its instruction.
        ins: u8,
        /// What the card said.
        status: StatusWord,
    },
    /// The card does not hold the key that a genuine card of this city holds.
    #[error("internal authentication failed: the card is not one of this city's (keys are {keys})")]
    NotGenuine {
        /// What the security module's keys are called: a card of other keys is a stranger to them.
        keys: String,
    },
    /// The security module does not do what the terminal asks of it.
    #[error(transparent)]
    Module(#[from] ModuleError),
    /// The security module cannot compute the card's algorithm.
    #[error("the card's algorithm {} is not available: it is not public", .0.name())]
    AlgorithmNotAvailable(Algorithm),
    /// What the card sent cannot be understood.
    #[error("{what} cannot be understood: {reason}")]
    Malformed {
        /// Which answer.
        what: &'static str,
        /// What is wrong with it.
        reason: String,
    },
}
