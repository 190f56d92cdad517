//! Alphabets: the inputs that a card is learnt with, as text.
//!
//! ```text
//! # what follows is a remark
//! select:    select payment
//! wrong-pin: payment-pin wrong
//! cut:       cut 1 payment-pin wrong
//! tries:     show apdu 80CA9F1700
//! ```
//!
//! What enters: a text, or a name. What leaves: inputs, each with a name and what it does. `docs/learn.md` lists the commands.

mod parse;

use sscard_commands::{CryptogramType, class, ins};
use sscard_core::KeyId;

pub use parse::AlphabetError;

/// What an input does. Whatever needs the live session (the latest challenge, the cryptogram that an issuer answers) is made
/// when it is sent.
#[derive(Clone, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub enum InputAction {
    /// Resets the card.
    Reset,
    /// Sends these bytes.
    Apdu(Vec<u8>),
    /// SELECT by DF name.
    Select(Vec<u8>),
    /// SELECT of the first payment application.
    SelectPayment,
    /// GET CHALLENGE for so many bytes; the answer is what the next proof is made of.
    Challenge(u8),
    /// VERIFY of the bank account's PIN.
    PaymentPin {
        /// Whether it is the right one.
        right: bool,
    },
    /// GET PROCESSING OPTIONS with what the card's PDOL asks for.
    ProcessingOptions,
    /// GENERATE AC: the second one when the first gave an ARQC, else the first.
    GenerateAc {
        /// What is asked for.
        kind: CryptogramType,
        /// Whether the terminal says that it could not go online (response code Y3).
        unable: bool,
    },
    /// EXTERNAL AUTHENTICATE of the issuer with its response to the latest cryptogram.
    IssuerAuthenticate {
        /// Whether the response is right.
        right: bool,
    },
    /// A command of an issuer's script.
    Script {
        /// CLA, INS, P1, P2 without and with protection alike.
        header: [u8; 4],
        /// The data before the MAC.
        data: Vec<u8>,
        /// Whether the MAC is right.
        right: bool,
    },
    /// VERIFY of the holder's PIN of the social security function; `None` asks for the tries left.
    Pin {
        /// Whether it is the right one.
        right: Option<bool>,
    },
    /// CHANGE PIN from the holder's PIN to the same.
    ChangePin {
        /// Whether the old one is right.
        right: bool,
    },
    /// EXTERNAL AUTHENTICATE with a key of the social security function, over the latest challenge.
    Authenticate {
        /// The application of the key: `SSSE`, `DF01`…
        application: String,
        /// Which key.
        key: KeyId,
        /// Whether the proof is right.
        right: bool,
    },
    /// A command under secure messaging with a key of the social security function, over the latest challenge.
    Protected {
        /// CLA, INS, P1, P2 without and with protection alike.
        header: [u8; 4],
        /// The data before the MAC.
        data: Vec<u8>,
        /// The application of the key.
        application: String,
        /// Which key.
        key: KeyId,
        /// Whether the MAC is right.
        right: bool,
    },
}

/// What an input may take from a card for good.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum InputWear {
    /// A value of the transaction counter, of which a card has 65,535.
    Counter,
    /// It may write: flags, logs, records.
    Memory,
    /// A try of a PIN or a key.
    Tries,
    /// It takes the power away in the middle.
    Power,
}

/// One input.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct AlphabetInput {
    /// Its name.
    pub name: String,
    /// What it does.
    pub action: InputAction,
    /// Whether the data of the answer count, and not its status word alone.
    pub shows_data: bool,
    /// After how many bytes that the card writes meanwhile the power fails.
    pub cut: Option<u64>,
}

/// The inputs that a card is learnt with.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Alphabet {
    /// What it is called.
    pub name: String,
    /// Its inputs, at least one; no name comes twice.
    pub inputs: Vec<AlphabetInput>,
}

/// Name, text and purpose of each alphabet that is there without a file.
pub const BUILT_IN_ALPHABETS: [(&str, &str, &str); 5] = [
    (
        "bank",
        include_str!("../../alphabets/bank.txt"),
        "a payment over contacts with wrong PINs, wrong issuers and a power cut",
    ),
    (
        "social",
        include_str!("../../alphabets/social.txt"),
        "PIN, keys, protected commands and a power cut in the social security application",
    ),
    (
        "payment",
        include_str!("../../alphabets/payment.txt"),
        "a payment over contacts without anything wrong: what is published of bank cards is learnt so",
    ),
    (
        "issuer",
        include_str!("../../alphabets/issuer.txt"),
        "what an issuer does to a payment application by scripts: block, unblock, change",
    ),
    (
        "look",
        include_str!("../../alphabets/look.txt"),
        "selections and reading alone: nothing that a card could lose",
    ),
];

impl Alphabet {
    /// The alphabet of this name that is there without a file.
    #[must_use]
    pub fn built_in(name: &str) -> Option<Self> {
        let (name, text, _) = BUILT_IN_ALPHABETS.iter().find(|(known, ..)| *known == name)?;
        // A test reads them all.
        Self::parse(name, text).ok()
    }

    /// Reads an alphabet's text.
    ///
    /// # Errors
    /// The line that is wrong, and why.
    pub fn parse(name: &str, text: &str) -> Result<Self, AlphabetError> {
        Ok(Self { name: name.to_owned(), inputs: parse::inputs(text)? })
    }

    /// Inputs that take something from a card for good, with the worst of it.
    pub fn wearing(&self) -> impl Iterator<Item = (&AlphabetInput, InputWear)> {
        self.inputs.iter().filter_map(|input| input.wear().map(|wear| (input, wear)))
    }
}

impl AlphabetInput {
    /// What the input may take from a card for good, if anything.
    #[must_use]
    pub fn wear(&self) -> Option<InputWear> {
        use InputAction as Do;
        if self.cut.is_some() {
            return Some(InputWear::Power);
        }
        match &self.action {
            Do::Reset | Do::Select(_) | Do::SelectPayment | Do::Challenge(_) => None,
            Do::Pin { right: None } => None,
            Do::Apdu(command) => (!is_harmless(command)).then_some(InputWear::Memory),
            Do::ProcessingOptions => Some(InputWear::Counter),
            Do::PaymentPin { right: false }
            | Do::Pin { right: Some(false) }
            | Do::ChangePin { right: false }
            | Do::Authenticate { right: false, .. }
            | Do::Protected { right: false, .. } => Some(InputWear::Tries),
            _ => Some(InputWear::Memory),
        }
    }
}

/// Whether a command only reads.
fn is_harmless(command: &[u8]) -> bool {
    let Some([cla, command, ..]) = command.first_chunk::<4>() else { return false };
    let reads: &[u8] = match *cla {
        class::INTERINDUSTRY => &[
            ins::SELECT,
            ins::READ_BINARY,
            ins::READ_RECORD,
            ins::GET_CHALLENGE,
            ins::GET_RESPONSE,
            ins::MANAGE_CHANNEL,
        ],
        class::PROPRIETARY => &[ins::GET_DATA],
        class::PURSE => &[ins::GET_BALANCE],
        _ => &[],
    };
    reads.contains(command)
}

impl std::fmt::Display for InputWear {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Counter => "uses up the transaction counter",
            Self::Memory => "writes to the card",
            Self::Tries => "uses up tries",
            Self::Power => "cuts the power",
        })
    }
}

#[cfg(test)]
mod tests;
