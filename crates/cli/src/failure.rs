//! Everything that ends the program early, and its exit code.

use std::io;
use std::path::PathBuf;

use sscard_desk::DeskError;
use sscard_host::{CardFileError, NotKept, TransportError};
use sscard_lexicon::{shown, shown_lines};
use sscard_terminal::ReadError;
use sscard_terminal::payment::PaymentError;
use sscard_terminal::pki::PkiError;

use crate::outside::shown_path;
use crate::signals;

/// Why the program did not do what it was asked.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Failure {
    /// A status word was not 9000 under `--check`; the output shows which.
    #[error("a status word is not 9000")]
    Check,
    /// A recipe that lets nothing fail.
    #[error("--shrink: the command does not fail with these faults: its exit code is 0")]
    Sound,
    /// A card and its model are not of one mind; the output shows on what.
    #[error("an answer had to be another")]
    Violated,
    /// A cryptogram is not the one that key and data give; the output shows that one.
    #[error("the cryptogram is not the one that key and data give")]
    Cryptogram,
    /// A signature is not the certificate's key's over that file; the output says so.
    #[error("the signature is wrong: it is not this certificate's, or not of this file")]
    Signature,
    /// A PKI application that did not do what it was asked.
    #[error("{}", shown(&.0.to_string()))]
    Pki(PkiError),
    /// Scripts are wrong; stderr shows where.
    #[error("nothing was sent")]
    Script,
    /// Expectations of a script did not hold; stderr shows which.
    #[error("{count} expectation{} failed", if *count == 1 { "" } else { "s" })]
    Expectation { count: usize },
    /// Two cards answered a script differently; the output shows where.
    #[error("the cards differ")]
    Compared,
    /// Two sessions are not the same; the output shows where.
    #[error("{0}")]
    Differs(&'static str),
    #[error("trace {}: {source}; it is incomplete", shown_path(path))]
    Trace { path: PathBuf, source: io::Error },
    #[error("{}: {source}", shown_path(path))]
    Unreadable { path: PathBuf, source: io::Error },
    #[error("{}", shown(&.0.to_string()))]
    CardFile(#[from] CardFileError),
    /// A card's file does not take what became of the card.
    #[error("{}", shown(&.0.to_string()))]
    NotKept(#[from] NotKept),
    #[error(transparent)]
    Import(#[from] sscard_dialect::DialectError),
    #[error("{}: {}", shown(place), shown(reason))]
    Input { place: String, reason: String },
    /// A place in a text that cannot be used.
    #[error("{}:{line}:{column}: {}", shown(file), shown(reason))]
    Placed { file: String, line: usize, column: usize, reason: String },
    /// An input that cannot be used, with a reason of many lines.
    #[error("{}: {}", shown(place), shown_lines(reason))]
    Lines { place: String, reason: String },
    #[error("{}: cannot be written: {source}; nothing was changed", shown_path(path))]
    Unwritable { path: PathBuf, source: io::Error },
    #[error("output: {0}")]
    Output(#[from] io::Error),
    #[error("{}", shown(&.0.to_string()))]
    Transport(#[from] TransportError),
    #[error("{}", shown(&.0.to_string()))]
    Read(ReadError),
    /// A payment that broke off, and what may help.
    #[error("payment: {}{hint}", shown(&error.to_string()))]
    Broken { error: PaymentError, hint: &'static str },
    /// The card gave a cryptogram that the issuer does not recognise, or broke the rules; the output shows it. Why, and
    /// what may help.
    #[error("the payment failed: {reason}{hint}")]
    Payment { reason: String, hint: &'static str },
    /// Options that have no effect together, or miss another.
    #[error("{}", shown(.0))]
    Usage(String),
    #[error("{}", shown(&.0.to_string()))]
    Desk(DeskError),
    /// The output says it all already.
    #[error("")]
    Told { exit_code: u8 },
    /// A signal; what became of the work.
    #[error("interrupted{note}")]
    Interrupted { signal: i32, note: &'static str },
    /// `doctor` found something missing; its output says what.
    #[error("PC/SC cannot be used yet; run the commands above to fix it")]
    NotReady,
    /// The served cards, their API or its client.
    #[error("{}", shown(text))]
    Api { text: String, exit_code: u8 },
    #[cfg(not(target_os = "linux"))]
    #[error(
        "readers for a program are there on Linux only; sscard serve puts cards into the system's own"
    )]
    NotHere,
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

impl From<PkiError> for Failure {
    fn from(error: PkiError) -> Self {
        match error {
            PkiError::Transport(error) => Self::Transport(error),
            other => Self::Pki(other),
        }
    }
}

impl From<DeskError> for Failure {
    fn from(error: DeskError) -> Self {
        match error {
            DeskError::Transport(error) => Self::Transport(error),
            other => Self::Desk(other),
        }
    }
}

impl Failure {
    /// The same, when its text was shown with its place already.
    pub(crate) fn shown(failure: Self) -> Self {
        Self::Told { exit_code: failure.exit_code() }
    }

    /// The exit code of the table in `docs/exit-codes.md`.
    pub(crate) fn exit_code(&self) -> u8 {
        match self {
            Self::Check
            | Self::Sound
            | Self::Compared
            | Self::Differs(_)
            | Self::Cryptogram
            | Self::Violated
            | Self::Signature
            | Self::Pki(_)
            | Self::Expectation { .. }
            | Self::Read(_)
            | Self::Broken { .. }
            | Self::Payment { .. } => 1,
            Self::Usage(_) => 2,
            Self::Unreadable { .. }
            | Self::Import(_)
            | Self::Input { .. }
            | Self::Placed { .. }
            | Self::Lines { .. }
            | Self::Script => 3,
            Self::CardFile(CardFileError::InUse { .. }) => 5,
            Self::CardFile(_) => 3,
            Self::NotKept(_) | Self::Unwritable { .. } | Self::Trace { .. } | Self::Output(_) => 6,
            Self::NotReady => 4,
            Self::Interrupted { signal, .. } => signals::exit_code(*signal),
            Self::Desk(error) => of_desk(error),
            Self::Told { exit_code } | Self::Api { exit_code, .. } => *exit_code,
            #[cfg(not(target_os = "linux"))]
            Self::NotHere => 4,
            #[cfg(not(feature = "pcsc"))]
            Self::NoPcsc => 4,
            Self::Transport(error) => match error {
                TransportError::NoService { .. }
                | TransportError::NoReader { .. }
                | TransportError::Ambiguous { .. }
                | TransportError::NoCard { .. } => 4,
                TransportError::Busy { .. } | TransportError::Timeout { .. } => 5,
                TransportError::Reset | TransportError::Removed => 7,
                TransportError::Interrupted => signals::caught().map_or(6, signals::exit_code),
                // What was not kept, what cannot be sent, what the protocol or the system refuses.
                _ => 6,
            },
        }
    }
}

/// A value of the command line that cannot be one is 2, what cannot be used 3, what cannot be written 6; all else is the desk's or the card's no.
const fn of_desk(error: &DeskError) -> u8 {
    match error {
        DeskError::BadPassword { .. }
        | DeskError::BadValue { .. }
        | DeskError::UnknownProfile(_)
        | DeskError::BatchDays { .. }
        | DeskError::Nobody => 2,
        DeskError::UnknownHolder(_)
        | DeskError::UnknownBank(_)
        | DeskError::BatchExists(_)
        | DeskError::Import(_)
        | DeskError::FileThere { .. }
        | DeskError::OtherSchema { .. }
        | DeskError::Unsound { .. }
        | DeskError::NoNumber(_)
        | DeskError::NoHash
        | DeskError::Key { is_new: false, .. }
        | DeskError::Card { .. }
        | DeskError::NoRegister { .. }
        | DeskError::RegisterExists { .. }
        | DeskError::NotARegister { .. }
        | DeskError::RegisterTooNew { .. }
        | DeskError::RegisterCorrupt { .. }
        | DeskError::Seal { .. } => 3,
        DeskError::RegisterBusy { .. } => 5,
        DeskError::Register { .. }
        | DeskError::Interrupted
        | DeskError::Delivery(_)
        | DeskError::Key { .. }
        | DeskError::NoRandomNumbers(_)
        | DeskError::Unsealed(_)
        | DeskError::Plan(_)
        | DeskError::Broken(_) => 6,
        _ => 1,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_desk_ends_with_the_codes_of_the_table() {
        let path = || PathBuf::from("city.db");
        let reason = || "full".to_owned();
        for (error, code) in [
            (DeskError::WrongPassword { tries_left: 5 }, 1),
            (DeskError::BadValue { what: "name", reason: reason() }, 2),
            (DeskError::UnknownProfile(reason()), 2),
            (DeskError::NotARegister { path: path() }, 3),
            (DeskError::OtherSchema { path: path(), what: reason() }, 3),
            (DeskError::Unsound { path: path(), what: reason() }, 3),
            (DeskError::FileThere { path: path() }, 3),
            (DeskError::Key { path: path(), reason: reason(), is_new: false }, 3),
            (DeskError::Key { path: path(), reason: reason(), is_new: true }, 6),
            (DeskError::NoRandomNumbers(reason()), 6),
            (DeskError::RegisterCorrupt { path: path() }, 3),
            (DeskError::Transport(TransportError::Busy { code: None }), 5),
            (DeskError::RegisterBusy { path: path() }, 5),
            (DeskError::Register { path: path(), reason: reason() }, 6),
            (DeskError::Delivery(reason()), 6),
            (DeskError::Transport(TransportError::Removed), 7),
        ] {
            assert_eq!(Failure::from(error).exit_code(), code);
        }
    }

    /// `docs/exit-codes.md` has the rows of the help, in its words.
    #[test]
    fn the_page_on_exit_codes_says_what_the_help_says() {
        let page = include_str!("../../../docs/exit-codes.md");
        let rows = page.lines().filter_map(|line| line.strip_prefix("| ")?.strip_suffix(" |"));
        let rows: Vec<_> = rows.filter_map(|row| row.split_once(" | ")).collect();
        let said = crate::args::EXIT_CODES.trim_start_matches("Exit codes: ").trim_end_matches('.');
        for (at, text) in said.split("; ").enumerate() {
            let (code, words) = text.split_once(' ').expect("a code and its meaning");
            let (row, meaning) = rows[at + 1];
            match code.parse::<u8>().expect("a code") {
                130 => assert_eq!(row, "128 + n"),
                _ => assert_eq!(row, code),
            }
            let words = words.split([',', '(']).next().unwrap_or_default().trim();
            assert!(code == "130" || meaning.starts_with(words), "{code}: {meaning}, not {words}");
        }
    }
}
