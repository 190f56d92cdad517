//! Everything that ends the program early, and its exit code.

use std::io;
use std::path::PathBuf;

use sscard_core::ImageError;
use sscard_host::TransportError;
use sscard_terminal::ReadError;
use sscard_terminal::payment::PaymentError;

/// Why the program did not do what it was asked.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Failure {
    /// A status word was not 9000 under `--check`; the output shows which.
    #[error("a status word is not 9000")]
    Check,
    /// A cryptogram is not the one that key and data give; the output shows that one.
    #[error("the cryptogram is not the one that key and data give")]
    Cryptogram,
    /// Two sessions are not the same; the output shows where.
    #[error("{0}")]
    Differs(&'static str),
    #[error("trace {}: {source}; it is incomplete", path.display())]
    Trace { path: PathBuf, source: io::Error },
    #[error("{}: {source}", path.display())]
    Unreadable { path: PathBuf, source: io::Error },
    #[error("{}: {source}; the file is untouched", path.display())]
    Image { path: PathBuf, source: ImageError },
    #[error("{place}: {reason}")]
    Input { place: String, reason: String },
    #[error("{}: another sscard is using this card", path.display())]
    InUse { path: PathBuf },
    #[error("{}: cannot be written: {source}; nothing was changed", path.display())]
    Unwritable { path: PathBuf, source: io::Error },
    #[error("output: {0}")]
    Output(#[from] io::Error),
    #[error(transparent)]
    Transport(#[from] TransportError),
    #[error(transparent)]
    Read(ReadError),
    #[error("payment: {0}")]
    Broken(PaymentError),
    /// The card gave a cryptogram that the issuer does not recognise; the output shows it.
    #[error("the payment failed: the card's cryptogram is not the one that the issuer computes")]
    Payment,
    /// Ctrl-C; what became of the work.
    #[error("interrupted{0}")]
    Interrupted(&'static str),
    /// `doctor` found something missing; its output says what.
    #[error("PC/SC cannot be used yet; the commands above mend it")]
    NotReady,
    #[cfg(not(feature = "pcsc"))]
    #[error("this build has no PC/SC; build it with: cargo build --release --features pcsc")]
    NoPcsc,
}

impl From<ReadError> for Failure {
    fn from(error: ReadError) -> Self {
        match error {
            ReadError::Transport(error) => Self::Transport(error),
            other => Self::Read(other),
        }
    }
}

impl From<PaymentError> for Failure {
    fn from(error: PaymentError) -> Self {
        match error {
            PaymentError::Transport(error) => Self::Transport(error),
            other => Self::Broken(other),
        }
    }
}

impl Failure {
    /// The exit code of the table in the README.
    pub(crate) fn exit_code(&self) -> u8 {
        match self {
            Self::Check
            | Self::Cryptogram
            | Self::Differs(_)
            | Self::Read(_)
            | Self::Broken(_)
            | Self::Payment => 1,
            Self::Unreadable { .. } | Self::Image { .. } | Self::Input { .. } => 3,
            Self::InUse { .. } => 5,
            Self::Unwritable { .. } | Self::Trace { .. } | Self::Output(_) => 6,
            Self::NotReady => 4,
            Self::Interrupted(_) => 130,
            #[cfg(not(feature = "pcsc"))]
            Self::NoPcsc => 4,
            Self::Transport(error) => match error {
                TransportError::NoService { .. }
                | TransportError::NoReader { .. }
                | TransportError::NoCard { .. } => 4,
                TransportError::Busy { .. } | TransportError::Timeout { .. } => 5,
                TransportError::Reset | TransportError::Removed => 7,
                TransportError::Protocol(_) | TransportError::Other { .. } => 6,
            },
        }
    }
}
