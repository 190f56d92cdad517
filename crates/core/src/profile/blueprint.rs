//! The plan of one kind of card, as data.

use alloc::string::String;
use alloc::vec::Vec;

use serde::{Deserialize, Serialize};
use sscard_apdu::{FileId, Protocol, Sfi};
use sscard_crypto::Algorithm;

use super::{FinancialPlan, OwnNames, PinDigits, PkiPlan, PsamPlan, PursePlan, stored};
use crate::access::{AccessRule, KeyId};

/// Structure of an elementary file.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub enum Structure {
    /// Raw records of equal length, the newest is number 1, the oldest is overwritten.
    Cyclic {
        /// How many records it holds.
        records: u8,
        /// Length of each in bytes.
        length: u8,
    },
    /// Records of equal length, each a simple-TLV object.
    LinearFixed {
        /// How many records it holds.
        records: u8,
        /// Length of each in bytes, tag and length included.
        length: u8,
    },
    /// Simple-TLV records of any length.
    LinearVariable {
        /// Bytes for all records together, tags and lengths included.
        capacity: u16,
    },
    /// Bytes.
    Transparent {
        /// Size in bytes.
        size: u16,
    },
}

/// What a key is for.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub enum KeyPurpose {
    /// External authentication with the block key, whose failures never lock it (part 7 §13.1).
    Block,
    /// EXTERNAL AUTHENTICATE.
    ExternalAuthentication,
    /// INTERNAL AUTHENTICATE.
    InternalAuthentication,
    /// MAC and encipherment of commands.
    SecureMessaging,
    /// Purchases with the medical purse (DPK).
    Purchase,
    /// Loading of the medical purse (DLK).
    Load,
    /// Transaction certificates of the medical purse (DTK).
    TransactionCertificate,
    /// EXTERNAL AUTHENTICATE with the locking key of an application (LK), which APPLICATION BLOCK of it needs.
    Lock,
}

impl KeyPurpose {
    /// Whether only the medical purse uses such a key.
    #[must_use]
    pub const fn is_of_purse(self) -> bool {
        matches!(self, Self::Purchase | Self::Load | Self::TransactionCertificate)
    }
}

/// A place for one version of one key.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct KeySlot {
    /// P2 identifier.
    pub id: KeyId,
    /// Version, 1 for the first; a 17th byte of authentication data selects another.
    pub version: u8,
    /// What it is for.
    pub purpose: KeyPurpose,
    /// Wrong tries until it locks.
    pub tries: u8,
}

/// The algorithm of one key, where it is another than the card's.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct KeyAlgorithm {
    /// The DF it belongs to.
    #[serde(with = "stored::file_id")]
    pub application: FileId,
    /// P2 identifier.
    pub id: KeyId,
    /// Version.
    pub version: u8,
    /// What it is a key of.
    #[serde(with = "stored::algorithm")]
    pub algorithm: Algorithm,
}

/// An elementary file.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct ElementaryFile {
    /// File identifier.
    #[serde(with = "stored::file_id")]
    pub fid: FileId,
    /// Short identifier.
    #[serde(with = "stored::sfi")]
    pub sfi: Sfi,
    /// Structure and size.
    pub structure: Structure,
    /// Who may read.
    pub read: AccessRule,
    /// Who may update.
    pub update: AccessRule,
    /// Content before personalisation: records one after another, those of a cyclic file the oldest first,
    /// or bytes; the rest is 00.
    pub content: Vec<u8>,
}

/// A dedicated file: the MF, the environment (DDF), or an application (ADF).
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct DedicatedFile {
    /// File identifier.
    #[serde(with = "stored::file_id")]
    pub fid: FileId,
    /// DF name, 0…16 bytes.
    pub name: Vec<u8>,
    /// Position of the DF it lies in; the MF has none.
    pub parent: Option<u8>,
    /// Short identifier of a DIR file, shown in the FCI.
    #[serde(with = "stored::optional_sfi")]
    pub dir: Option<Sfi>,
    /// Its keys.
    pub keys: Vec<KeySlot>,
    /// Its elementary files.
    pub files: Vec<ElementaryFile>,
}

/// The plan of one kind of card.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Blueprint {
    /// Name of the profile, such as `gen3`.
    pub name: String,
    /// Specification version in EF05 tag 03, such as `3.00`.
    pub version: [u8; 4],
    /// The algorithm of the social security function.
    #[serde(with = "stored::algorithm")]
    pub algorithm: Algorithm,
    /// Whether the environment's FCI names the algorithm (9F0C).
    pub announces_algorithm: bool,
    /// The protocol the ATR announces.
    #[serde(with = "stored::StoredProtocol")]
    pub protocol: Protocol,
    /// Whether the ATR announces extended length (T=1 only).
    pub extended_length: bool,
    /// T1…T7 of the historical bytes: chip vendor, vendor's data, card maker.
    pub historical: [u8; 7],
    /// Logical channels, 1…20.
    pub channels: u8,
    /// Wrong PINs until the PIN locks, 3…15.
    pub pin_tries: u8,
    /// Whether a wrong Le on T=0 gets what fits instead of 6Cxx.
    pub lenient_le: bool,
    /// Whether the card identification code ends in an authentication code; else in FFFFFFFF.
    pub authenticated_identification: bool,
    /// The MF first, then each DF after the one it lies in.
    pub dfs: Vec<DedicatedFile>,
    /// The financial function. An image carries it behind the rest, where older images end.
    #[serde(skip)]
    pub financial: FinancialPlan,
    /// The medical purse, when the card has one. An image carries it behind the financial function.
    #[serde(skip)]
    pub purse: Option<PursePlan>,
    /// How many digits a PIN has. An image carries it in a section of its own.
    #[serde(skip)]
    pub pin_digits: PinDigits,
    /// The PKI application, when the card has one. An image carries it in a section of its own.
    #[serde(skip)]
    pub pki: Option<PkiPlan>,
    /// Names of what the catalogue does not know. An image carries them in a section of their own.
    #[serde(skip)]
    pub names: OwnNames,
    /// What makes the card a terminal's security module. An image carries it in a section of its own.
    #[serde(skip)]
    pub psam: Option<PsamPlan>,
    /// Keys of another algorithm than the card's. An image carries them in a section of its own.
    #[serde(skip)]
    pub key_algorithms: Vec<KeyAlgorithm>,
}

/// What images carry of a plan beside the rest of it.
pub(crate) struct Beside<'b> {
    pub(crate) financial: &'b FinancialPlan,
    pub(crate) purse: Option<&'b PursePlan>,
    pub(crate) pin_digits: PinDigits,
    pub(crate) psam: Option<&'b PsamPlan>,
    pub(crate) pki: Option<&'b PkiPlan>,
    pub(crate) key_algorithms: &'b [KeyAlgorithm],
}

impl Blueprint {
    /// What images carry beside the plan, each in a section of its own. The other fields stand here by
    /// name: one more does not compile until it is among these or those.
    pub(crate) fn beside(&self) -> Beside<'_> {
        let Self {
            financial,
            purse,
            pin_digits,
            pki,
            psam,
            key_algorithms,
            name: _,
            version: _,
            algorithm: _,
            announces_algorithm: _,
            protocol: _,
            extended_length: _,
            historical: _,
            channels: _,
            pin_tries: _,
            lenient_le: _,
            authenticated_identification: _,
            dfs: _,
            // Nothing depends on them: they stand where they are used.
            names: _,
        } = self;
        Beside {
            financial,
            purse: purse.as_ref(),
            pin_digits: *pin_digits,
            psam: psam.as_ref(),
            pki: pki.as_ref(),
            key_algorithms,
        }
    }

    /// The algorithm of a key: its own, else the card's.
    #[must_use]
    pub fn key_algorithm(&self, application: FileId, id: KeyId, version: u8) -> Algorithm {
        let own = self
            .key_algorithms
            .iter()
            .find(|own| (own.application, own.id, own.version) == (application, id, version));
        own.map_or(self.algorithm, |own| own.algorithm)
    }
}
