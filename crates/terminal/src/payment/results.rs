//! What a transaction came to: its outcome, its steps' results, its exchanges.

use sscard_apdu::StatusWord;
use sscard_apdu::hex::encode as hex;
use sscard_apdu::tlv::Tag;
use sscard_commands::redact;
use sscard_crypto::financial::certificate::CertificateError;
use sscard_elements::{
    CryptogramInformationData, TerminalVerificationResults, TransactionStatusInformation,
};
use sscard_lexicon::financial;

use super::DataStore;

/// How a transaction ended.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Outcome {
    /// Approved offline, or by the issuer and the card.
    Approved,
    /// Declined by terminal, card or issuer.
    Declined,
    /// The card gave a cryptogram that the issuer cannot recognise, or it broke the rules.
    Failed,
    /// A qPBOC transaction ends here; the card wants to be put into the contact reader (CTQ B1b5).
    TryContact,
}

impl Outcome {
    /// `approved`, `declined`, `failed`, `try_contact`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Approved => "approved",
            Self::Declined => "declined",
            Self::Failed => "failed",
            Self::TryContact => "try_contact",
        }
    }
}

/// Why a payment was not approved.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PaymentReason {
    /// A combined cryptogram (CDA) does not hold; why, says the offline data authentication.
    #[error("the combined cryptogram does not hold")]
    NotCombined,
    /// The card gave a cryptogram that says more than it was asked for.
    #[error("the card gave {given} where {asked} was asked for")]
    WentFurther {
        /// What it gave.
        given: &'static str,
        /// What it was asked for.
        asked: &'static str,
    },
    /// The issuer would not recognise the cryptogram of a card that approved.
    #[error("the issuer does not recognise the card's cryptogram")]
    NotRecognised,
    /// The terminal asked for an AAC.
    #[error("the terminal declined")]
    Terminal,
    /// The card gave an AAC.
    #[error("the card declined")]
    Card,
    /// The issuer declined.
    #[error("the issuer declined: {0}")]
    Issuer(IssuerReason),
    /// The issuer cannot be reached.
    #[error("the issuer cannot be reached")]
    Unreachable,
    /// Expired, not yet effective, or not for this service: TVR byte 2 has which.
    #[error("the application may not be used here now")]
    Restricted,
    /// The signature of a qPBOC transaction does not hold; why, says the offline data authentication.
    #[error("the card's signature (fDDA) does not hold")]
    NotSigned,
    /// The card wants a verification of its holder that cannot be done here.
    #[error("the card wants an online PIN, and none can be entered here")]
    NoPinPad,
    /// The terminal needs the holder to be verified, and the card names no way that the terminal has.
    #[error(
        "the holder has to be verified, and the card's qualifiers (9F6C) name no way that the terminal has"
    )]
    HolderNotVerified,
    /// The card answered later than one in this field can.
    #[error("the card answered too late to lie in this field")]
    TooLate,
}

/// Why an issuer declined.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, thiserror::Error)]
#[non_exhaustive]
pub enum IssuerReason {
    /// It has its own reasons.
    #[default]
    #[error("it does not say why")]
    Unsaid,
    /// It does not know the card, or cannot read tag 9F10.
    #[error("it does not know the card")]
    UnknownCard,
    /// The cryptogram is another one than the card's.
    #[error("the cryptogram is wrong")]
    WrongCryptogram,
    /// The online PIN is wrong.
    #[error("the PIN is wrong")]
    WrongPin,
    /// The terminal says that the card checked the PIN, and the card says that it did not.
    #[error("the terminal says that the card checked the PIN, and the card saw none")]
    PinNotSeen,
    /// The terminal says that no PIN try is left, and the card says that there is one.
    #[error("the terminal says that the card has no PIN try left, and the card says that it has")]
    TriesDiffer,
    /// Offline data authentication failed, and no PIN stands in for it although one could be entered.
    #[error("the card's data authentication failed, and no PIN was checked")]
    NotAuthentic,
    /// The card's counter is not above that of an earlier transaction.
    #[error("the card's counter (9F36) was seen before")]
    CounterSeen,
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
    /// Fast dynamic, of a qPBOC transaction.
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
    pub reason: Option<AuthenticationFailure>,
}

/// Why offline data authentication failed.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum AuthenticationFailure {
    /// A certificate or a signature is wrong; which, and how.
    #[error("{0}: {1}")]
    Certificate(&'static str, CertificateError),
    /// A certificate has expired.
    #[error("{certificate}: it expired with {:02X}/{:02X}", .expiry[0], .expiry[1])]
    Expired {
        /// Which.
        certificate: &'static str,
        /// Its last month, BCD MMYY.
        expiry: [u8; 2],
    },
    /// The issuer's certificate is on the revocation list.
    #[error("issuer certificate (90): number {:02X}{:02X}{:02X} is revoked", .serial[0], .serial[1], .serial[2])]
    Revoked {
        /// Its serial number.
        serial: [u8; 3],
    },
    /// A data element is not there.
    #[error("tag {0} is missing")]
    Missing(Tag),
    /// The terminal does not have the authority's key.
    #[error("the terminal has no authority key with index {0:02X}")]
    UnknownAuthority(u8),
    /// Something else does not fit.
    #[error("{0}")]
    Mismatch(&'static str),
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
    /// Cryptogram information data, tag 9F27; of a qPBOC transaction by the CVR.
    pub cid: CryptogramInformationData,
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
        kind_name(self.cid.kind())
    }
}

/// `AAC`, `TC`, `ARQC`.
pub(super) const fn kind_name(kind: CryptogramInformationData) -> &'static str {
    match kind {
        CryptogramInformationData::TC => "TC",
        CryptogramInformationData::ARQC => "ARQC",
        _ => "AAC",
    }
}

/// What the issuer said.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct IssuerAnswer {
    /// Whether the ARQC is the one that the issuer computes.
    pub arqc_ok: bool,
    /// Whether the MAC of the issuer discretionary data is the one that the issuer computes; `None`
    /// when there is none.
    pub idd_ok: Option<bool>,
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
#[derive(Clone, PartialEq, Eq)]
pub struct PaymentExchange {
    /// The command as it was sent.
    pub command: Vec<u8>,
    /// Data and status word.
    pub response: Vec<u8>,
}

impl std::fmt::Debug for PaymentExchange {
    /// Without PINs.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "> {} < {}", hex(&self.shown_command()), hex(&self.response))
    }
}

impl PaymentExchange {
    /// The command with zeros in the place of PINs and keys.
    #[must_use]
    pub fn shown_command(&self) -> Vec<u8> {
        let mut command = self.command.clone();
        redact(&mut command);
        command
    }

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
#[non_exhaustive]
pub struct Payment {
    /// How it ended.
    pub outcome: Outcome,
    /// Why it was not approved; `None` when it was.
    pub reason: Option<PaymentReason>,
    /// AID of the application.
    pub aid: Vec<u8>,
    /// Whether the application was blocked when it was selected.
    pub blocked: bool,
    /// Whether a TC debited the e-cash: the e-cash path was taken to its end.
    pub electronic_cash: bool,
    /// Offline data authentication.
    pub authentication: OfflineAuthentication,
    /// Cardholder verification.
    pub holder: HolderVerification,
    /// Terminal verification results, tag 95.
    pub tvr: TerminalVerificationResults,
    /// Transaction status information, tag 9B.
    pub tsi: TransactionStatusInformation,
    /// First cryptogram.
    pub first: Option<Cryptogram>,
    /// Issuer's answer, when the transaction went online.
    pub issuer: Option<IssuerAnswer>,
    /// Second cryptogram.
    pub second: Option<Cryptogram>,
    /// Issuer scripts.
    pub scripts: Vec<ScriptResult>,
    /// Issuer script results, tag DF31: of each script its result (0 not done, 1 failed, 2 done) and
    /// the number of the command that failed, in one byte, and its identifier (tag 9F18).
    pub issuer_script_results: Vec<[u8; 5]>,
    /// Everything the card and the terminal know, by tag.
    pub data: DataStore,
    /// Every exchange.
    pub exchanges: Vec<PaymentExchange>,
}
