//! An EMV terminal and the issuer behind it: a whole PBOC transaction over any transport.
//!
//! ```text
//! Settings, Issuer ─► pay ─► selection ─► options, records ─► offline authentication
//!   ─► restrictions, holder, risk, action ─► first AC ─► issuer ─► second AC ─► Payment
//! ```
//!
//! What enters: a card, what the terminal is to do, an issuer. What leaves: a [`Payment`] with every
//! exchange and every data element, or an error that names the command and the tag.

mod authentication;
mod cardholder;
mod checks;
mod completion;
mod data;
mod issuer;
mod kernel;
mod quick;
mod records;
mod script;
mod selection;

use sscard_apdu::StatusWord;
use sscard_host::{Follow, Transport, TransportError};
use sscard_lexicon::financial;

pub use data::DataStore;
pub use issuer::{Authorisation, AuthorisationRequest, Issuer, TestIssuer};
pub use script::{IssuerScript, ParseScriptError};

use kernel::Kernel;

/// What the terminal is and is to do.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Amount in the currency's smallest unit (cents), tag 9F02.
    pub amount: u64,
    /// Currency, ISO 4217 numeric, BCD, tag 5F2A.
    pub currency: [u8; 2],
    /// Terminal's country, ISO 3166 numeric, BCD, tag 9F1A.
    pub country: [u8; 2],
    /// Date, BCD YYMMDD, tag 9A.
    pub date: [u8; 3],
    /// Time, BCD HHMMSS, tag 9F21.
    pub time: [u8; 3],
    /// Transaction type, tag 9C: 00 purchase.
    pub transaction_type: u8,
    /// Unpredictable number, tag 9F37.
    pub unpredictable: [u8; 4],
    /// Whether the terminal can reach the issuer.
    pub online: bool,
    /// Whether the terminal supports e-cash (tag 9F7A).
    pub electronic_cash: bool,
    /// Whether the terminal supports the SM algorithms (tag DF69).
    pub sm: bool,
    /// Whether the card lies in the field of a contactless reader.
    pub contactless: bool,
    /// Amount from which a transaction goes online, in cents.
    pub floor_limit: u64,
    /// Terminal capabilities, tag 9F33.
    pub capabilities: [u8; 3],
    /// Terminal transaction qualifiers, tag 9F66.
    pub qualifiers: [u8; 4],
    /// PIN that the holder enters. Without one the terminal has no PIN pad; an empty one is an
    /// entry that the holder skips.
    pub pin: Option<String>,
    /// Application to select; without it the first of the directory.
    pub aid: Option<Vec<u8>>,
    /// Terminal action codes: default, denial, online.
    pub action_codes: [[u8; 5]; 3],
    /// The merchant wants the first cryptogram to be this: 00 AAC, 80 ARQC; without it the terminal
    /// decides.
    pub wish: Option<u8>,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            amount: 0,
            currency: [0x01, 0x56],
            country: [0x01, 0x56],
            date: [0x26, 0x01, 0x01],
            time: [0x12, 0x00, 0x00],
            transaction_type: 0x00,
            unpredictable: [0x1E, 0x78, 0xEE, 0xBC],
            online: true,
            electronic_cash: false,
            sm: false,
            contactless: false,
            floor_limit: 0,
            // IC, magnetic stripe, manual; plaintext and online PIN, signature, no CVM; SDA, DDA, CDA.
            capabilities: [0xE0, 0xE8, 0xC8],
            // qPBOC and contact, online PIN, signature; fDDA version 01.
            qualifiers: [0x36, 0x00, 0x00, 0x80],
            pin: None,
            aid: None,
            action_codes: [
                [0xD8, 0x40, 0x00, 0xA8, 0x00],
                [0x00, 0x10, 0x00, 0x00, 0x00],
                [0xD8, 0x40, 0x04, 0xF8, 0x00],
            ],
            wish: None,
        }
    }
}

/// How a transaction ended.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Outcome {
    /// Approved offline, or by the issuer and the card.
    Approved,
    /// Declined by terminal, card or issuer.
    Declined,
    /// The card gave a cryptogram that the issuer cannot recognise, or it broke the rules.
    Failed,
}

impl Outcome {
    /// `approved`, `declined`, `failed`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Approved => "approved",
            Self::Declined => "declined",
            Self::Failed => "failed",
        }
    }
}

/// Kind of offline data authentication.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum AuthenticationMethod {
    /// None was possible.
    #[default]
    None,
    /// Static.
    Sda,
    /// Dynamic, by INTERNAL AUTHENTICATE.
    Dda,
    /// Combined with the cryptogram.
    Cda,
    /// Fast dynamic, of a quick transaction.
    Fdda,
}

impl AuthenticationMethod {
    /// `none`, `SDA`, `DDA`, `CDA`, `fDDA`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Sda => "SDA",
            Self::Dda => "DDA",
            Self::Cda => "CDA",
            Self::Fdda => "fDDA",
        }
    }
}

/// Outcome of offline data authentication.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct OfflineAuthentication {
    /// What was done.
    pub method: AuthenticationMethod,
    /// Under SM2 instead of RSA.
    pub sm: bool,
    /// Whether it held; `false` also when nothing was done.
    pub ok: bool,
    /// Why it failed.
    pub reason: Option<String>,
}

/// Outcome of cardholder verification.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum HolderVerification {
    /// The card does not ask for any.
    #[default]
    NotPerformed,
    /// Nothing was demanded.
    NoneRequired,
    /// Plaintext PIN, right.
    OfflinePin,
    /// PIN for the issuer.
    OnlinePin,
    /// Signature on paper.
    Signature,
    /// Every rule failed.
    Failed,
}

impl HolderVerification {
    /// `not_performed`, `none_required`, `offline_pin`, `online_pin`, `signature`, `failed`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::NotPerformed => "not_performed",
            Self::NoneRequired => "none_required",
            Self::OfflinePin => "offline_pin",
            Self::OnlinePin => "online_pin",
            Self::Signature => "signature",
            Self::Failed => "failed",
        }
    }
}

/// A cryptogram as the card gave it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Cryptogram {
    /// Cryptogram information data, tag 9F27; of a quick transaction by the CVR.
    pub cid: u8,
    /// Application transaction counter, tag 9F36.
    pub atc: [u8; 2],
    /// The cryptogram, tag 9F26.
    pub cryptogram: [u8; 8],
    /// Issuer application data, tag 9F10.
    pub issuer_data: Vec<u8>,
}

impl Cryptogram {
    /// `AAC`, `TC`, `ARQC`.
    #[must_use]
    pub const fn kind(&self) -> &'static str {
        match self.cid & 0xC0 {
            0x40 => "TC",
            0x80 => "ARQC",
            _ => "AAC",
        }
    }
}

/// What the issuer said.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct IssuerAnswer {
    /// Whether the ARQC is the one that the issuer computes.
    pub arqc_ok: bool,
    /// Authorisation response code, two ASCII digits.
    pub response_code: [u8; 2],
    /// Response cryptogram, when one was sent.
    pub arpc: Option<[u8; 8]>,
    /// What the card said to EXTERNAL AUTHENTICATE.
    pub status: Option<StatusWord>,
}

/// One script command and what the card said.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ScriptResult {
    /// The command in words.
    pub name: String,
    /// The card's answer; `None` when it was not sent because an earlier one failed.
    pub status: Option<StatusWord>,
}

/// One exchange of the transaction.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct PaymentExchange {
    /// The command as it was sent.
    pub command: Vec<u8>,
    /// Data and status word.
    pub response: Vec<u8>,
}

impl PaymentExchange {
    /// What it is, in words: the command's name and what it addresses, and the status word's meaning
    /// when that is not 9000.
    #[must_use]
    pub fn meaning(&self) -> String {
        let command = financial::describe_command(&self.command);
        match self.status() {
            Some(StatusWord::SUCCESS) => command,
            Some(status) => {
                let ins = self.command.get(1).copied().unwrap_or(0);
                format!("{command}: {}", financial::status_meaning(status, ins).en)
            }
            None => command,
        }
    }

    /// The status word, the last two bytes of the response.
    #[must_use]
    pub fn status(&self) -> Option<StatusWord> {
        self.response.last_chunk::<2>().map(|bytes| StatusWord::from_bytes(*bytes))
    }

    /// The response without its status word.
    #[must_use]
    pub fn data(&self) -> &[u8] {
        self.response.split_last_chunk::<2>().map_or(&[], |(data, _)| data)
    }
}

/// A transaction from selection to completion.
#[derive(Clone, Debug)]
pub struct Payment {
    /// How it ended.
    pub outcome: Outcome,
    /// AID of the application.
    pub aid: Vec<u8>,
    /// Whether the e-cash path was taken.
    pub electronic_cash: bool,
    /// Offline data authentication.
    pub authentication: OfflineAuthentication,
    /// Cardholder verification.
    pub holder: HolderVerification,
    /// Terminal verification results, tag 95.
    pub tvr: [u8; 5],
    /// Transaction status information, tag 9B.
    pub tsi: [u8; 2],
    /// First cryptogram.
    pub first: Option<Cryptogram>,
    /// Issuer's answer, when the transaction went online.
    pub issuer: Option<IssuerAnswer>,
    /// Second cryptogram.
    pub second: Option<Cryptogram>,
    /// Issuer scripts.
    pub scripts: Vec<ScriptResult>,
    /// Everything the card and the terminal know, by tag.
    pub data: DataStore,
    /// Every exchange.
    pub exchanges: Vec<PaymentExchange>,
}

/// Why a transaction could not be carried to an outcome.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum PaymentError {
    /// The exchange itself failed.
    #[error(transparent)]
    Transport(#[from] TransportError),
    /// The card has no payment application that the terminal knows.
    #[error("the card has no payment application: {0}")]
    NoApplication(StatusWord),
    /// The card refused a command that cannot be done without.
    #[error("{command} answered {status}: {}", .status.meaning())]
    Refused {
        /// The command in words.
        command: &'static str,
        /// What the card said.
        status: StatusWord,
    },
    /// What the card sent cannot be understood.
    #[error("the answer to {command} cannot be used: tag {tag:02X} {reason}")]
    Malformed {
        /// The command in words.
        command: &'static str,
        /// The data element.
        tag: u32,
        /// What is wrong with it.
        reason: &'static str,
    },
}

/// Carries out a transaction.
///
/// # Errors
/// [`PaymentError`] when the card breaks off or cannot be understood; a declined transaction is none.
pub fn pay<T: Transport>(
    card: &mut Follow<T>,
    issuer: &mut dyn Issuer,
    settings: &Settings,
) -> Result<Payment, PaymentError> {
    let mut kernel = Kernel::new(card, settings);
    selection::select(&mut kernel)?;
    if settings.contactless && settings.qualifiers[0] & 0x20 != 0 {
        return quick::transact(kernel, issuer);
    }
    records::initiate(&mut kernel)?;
    records::read(&mut kernel)?;
    authentication::authenticate(&mut kernel)?;
    checks::restrict(&mut kernel);
    cardholder::verify(&mut kernel)?;
    checks::manage_risk(&mut kernel)?;
    let wish = checks::analyse(&mut kernel)?;
    completion::complete(kernel, issuer, wish)
}
