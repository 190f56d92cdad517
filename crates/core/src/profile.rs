//! What a card is made from: the plan of one kind of card, as data.
//!
//! A [`Blueprint`] is what a person writes down (by way of a TOML file) and what an image carries;
//! a [`Profile`] is the same, checked, with every address of the card's memory laid out once and
//! shared by all cards made from it.

mod cryptogram;
mod financial;
mod layout;
mod names;
mod own_plan;
mod pin;
mod pki;
mod psam;
mod purse;
mod stored;

use alloc::string::String;
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::any::Any;
use core::fmt;
use core::hash::{Hash, Hasher};

use serde::{Deserialize, Serialize};
use sscard_apdu::{FileId, Protocol, Sfi};
use sscard_crypto::{Algorithm, Suite};

use crate::access::{AccessRule, KeyId};
use crate::mixer::Mixer;
pub use cryptogram::{CryptogramElement, CryptogramPlan, ResponseMethod};
pub use financial::{
    DataObject, DirectoryState, FinancialApplication, FinancialOptions, FinancialPlan,
    FinancialRecord, Log, Path, ProcessingOptions, SharedKeys, SmSupport,
};
pub(crate) use layout::{
    ATR_LENGTH, Area, CardArea, FinancialLayout, LOAD_LOG_HEAD, Layout, PinArea, PkiArea, PsamArea,
    PurseArea,
};
pub use names::OwnNames;
pub use own_plan::ControlObject;
pub(crate) use own_plan::OwnPlan;
pub use pin::PinDigits;
pub(crate) use pki::{
    CERTIFICATE as PKI_CERTIFICATE, PRIVATE as PKI_PRIVATE, PUBLIC as PKI_PUBLIC,
    is_pin as is_pki_pin, pairs as pki_pairs, private_key_file, public_key_file,
};
pub use pki::{PkiKeyPair, PkiPin, PkiPlan};
pub use psam::{PsamKeySlot, PsamPlan};
pub use purse::PursePlan;
pub(crate) use purse::{RECORD as PURSE_RECORD, is_day};

/// File identifier of the social security environment.
pub(crate) const ENVIRONMENT: FileId = FileId::new(0xDDF1);

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
}

/// What images carry of a plan beside the rest of it.
pub(crate) struct Beside<'b> {
    pub(crate) financial: &'b FinancialPlan,
    pub(crate) purse: Option<&'b PursePlan>,
    pub(crate) pin_digits: PinDigits,
    pub(crate) psam: Option<&'b PsamPlan>,
    pub(crate) pki: Option<&'b PkiPlan>,
}

impl Blueprint {
    /// What images carry beside the plan, each in a section of its own. The other fields stand here by
    /// name: one more does not compile until it is among these or those.
    pub(crate) const fn beside(&self) -> Beside<'_> {
        let Self {
            financial,
            purse,
            pin_digits,
            pki,
            psam,
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
        }
    }
}

/// Why a blueprint cannot become a card.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub enum ProfileError {
    /// The number of logical channels is not 1…20.
    Channels(u8),
    /// The PIN's tries are not 3…15.
    PinTries(u8),
    /// A PIN's digits are not at least 3, at most 16, the fewest first.
    PinDigits(PinDigits),
    /// A key's tries are not 1…15, or its identifier's number does not fit its DF.
    Key(KeyId),
    /// Extended length needs T=1.
    ExtendedLengthNeedsT1,
    /// The DFs are none, or too many, or one lies in a DF that comes later.
    Tree,
    /// The memory would be larger than 1 MiB.
    TooLarge(usize),
    /// A file's short identifier, size or content does not fit its structure.
    File(FileId),
    /// The financial function cannot be as it is planned; says what must hold.
    Financial(&'static str),
    /// The medical purse cannot be as it is planned; says what must hold.
    Purse(&'static str),
    /// The PKI application cannot be as it is planned; says what must hold.
    Pki(&'static str),
    /// The security module cannot be as it is planned; says what must hold.
    Psam(&'static str),
}

impl fmt::Display for ProfileError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Channels(n) => write!(f, "{n} logical channels: use 1 to 20"),
            Self::PinTries(n) => write!(f, "{n} PIN tries: use 3 to 15"),
            Self::PinDigits(PinDigits { min, max }) => {
                write!(
                    f,
                    "a PIN of {min} to {max} digits: use 3 to 16, with the minimum not above the maximum"
                )
            }
            Self::Key(id) => {
                write!(f, "key {:02X}: tries must be 1 to 15 and the identifier fit its DF", id.0)
            }
            Self::ExtendedLengthNeedsT1 => f.write_str("extended length needs protocol T=1"),
            Self::Tree => f.write_str("the DF tree is empty, too large or out of order"),
            Self::TooLarge(size) => write!(f, "{size} bytes of memory: at most 1 MiB"),
            Self::File(fid) => {
                write!(f, "file {fid}: its short identifier, size or content does not fit")
            }
            Self::Financial(what) => write!(f, "financial function: {what}"),
            Self::Purse(what) => write!(f, "medical purse: {what}"),
            Self::Pki(what) => write!(f, "PKI application: {what}"),
            Self::Psam(what) => write!(f, "security module (PSAM): {what}"),
        }
    }
}

impl core::error::Error for ProfileError {}

/// A checked blueprint with its memory laid out; cheap to clone, shared by all its cards.
#[derive(Clone)]
pub struct Profile(Arc<Plan>);

struct Plan {
    blueprint: Blueprint,
    layout: Layout,
    blank: Arc<[u8]>,
    /// Position of the social security environment.
    environment: Option<u8>,
    /// Position of the application that holds the medical purse.
    purse: Option<u8>,
    digest: u64,
    companion: Option<Arc<dyn Any + Send + Sync>>,
}

impl Profile {
    /// Checks a blueprint and lays out the memory.
    ///
    /// # Errors
    /// What does not hold, by [`ProfileError`].
    pub fn new(blueprint: Blueprint) -> Result<Self, ProfileError> {
        Self::assemble(blueprint, None)
    }

    /// The same with what the maker of its cards needs beside the plan, such as an issuer's master keys.
    /// No card holds it; images, digests and comparisons do not know of it.
    ///
    /// # Errors
    /// What does not hold, by [`ProfileError`].
    pub fn with_companion<T: Any + Send + Sync>(
        blueprint: Blueprint,
        companion: T,
    ) -> Result<Self, ProfileError> {
        Self::assemble(blueprint, Some(Arc::new(companion)))
    }

    /// What the maker of the cards keeps beside the plan, when it is of this type.
    #[must_use]
    pub fn companion<T: Any>(&self) -> Option<&T> {
        self.0.companion.as_deref()?.downcast_ref()
    }

    fn assemble(
        blueprint: Blueprint,
        companion: Option<Arc<dyn Any + Send + Sync>>,
    ) -> Result<Self, ProfileError> {
        check(&blueprint)?;
        blueprint.financial.check()?;
        if cfg!(not(feature = "financial")) && !blueprint.financial.applications.is_empty() {
            return Err(ProfileError::Financial(
                "sscard-core is built without its feature `financial`",
            ));
        }
        if let Some(purse) = &blueprint.purse {
            purse.check(&blueprint.dfs)?;
        }
        if let Some(pki) = &blueprint.pki {
            if cfg!(not(feature = "pki")) {
                return Err(ProfileError::Pki("sscard-core is built without its feature `pki`"));
            }
            pki.check()?;
        }
        if let Some(psam) = &blueprint.psam {
            psam.check(&blueprint.dfs)?;
            if blueprint.pki.is_some() {
                return Err(ProfileError::Psam(
                    "a security module has no PKI application beside it",
                ));
            }
        }
        let layout = Layout::new(&blueprint);
        if layout.size() > 0x10_0000 {
            return Err(ProfileError::TooLarge(layout.size()));
        }
        let blank = Arc::from(layout.blank_memory(&blueprint));
        let position = |fid| {
            let found = blueprint.dfs.iter().position(|df| df.fid == fid);
            found.and_then(|position| u8::try_from(position).ok())
        };
        let environment = position(ENVIRONMENT);
        let purse = blueprint.purse.as_ref().and_then(|purse| position(purse.application));
        let digest = digest(&blueprint);
        let plan = Plan { blueprint, layout, blank, environment, purse, digest, companion };
        Ok(Self(Arc::new(plan)))
    }

    /// The plan as data.
    #[must_use]
    pub fn blueprint(&self) -> &Blueprint {
        &self.0.blueprint
    }

    /// The algorithm the card names.
    #[must_use]
    pub fn algorithm(&self) -> Algorithm {
        self.0.blueprint.algorithm
    }

    pub(crate) fn suite(&self) -> Option<Suite> {
        self.0.blueprint.algorithm.suite()
    }

    /// Plan and addresses of a payment application.
    pub(crate) fn application(
        &self,
        index: u8,
    ) -> Option<(&FinancialApplication, &FinancialLayout)> {
        let index = usize::from(index);
        let plan = self.0.blueprint.financial.applications.get(index)?;
        Some((plan, self.0.layout.financial(index)?))
    }

    #[inline]
    pub(crate) fn layout(&self) -> &Layout {
        &self.0.layout
    }

    /// A digest of the plan.
    pub(crate) fn digest(&self) -> u64 {
        self.0.digest
    }

    /// Whether both are the same plan in memory.
    pub(crate) fn is(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }

    pub(crate) fn blank(&self) -> Arc<[u8]> {
        Arc::clone(&self.0.blank)
    }

    #[inline]
    pub(crate) fn df(&self, position: u8) -> Option<&DedicatedFile> {
        self.0.blueprint.dfs.get(usize::from(position))
    }

    #[inline]
    pub(crate) fn ef(&self, df: u8, position: u8) -> Option<&ElementaryFile> {
        self.df(df)?.files.get(usize::from(position))
    }

    /// Positions of all DFs.
    pub(crate) fn df_positions(&self) -> core::ops::Range<u8> {
        0..u8::try_from(self.0.blueprint.dfs.len()).unwrap_or(u8::MAX)
    }

    /// Position of the social security environment.
    #[inline]
    pub(crate) fn environment(&self) -> Option<u8> {
        self.0.environment
    }

    /// Position of the application that holds the medical purse.
    #[inline]
    pub(crate) fn purse(&self) -> Option<u8> {
        self.0.purse
    }

    /// Whether a DF is the environment or lies in it.
    #[inline]
    pub(crate) fn is_in_environment(&self, mut df: u8) -> bool {
        loop {
            if self.0.environment == Some(df) {
                return true;
            }
            match self.df(df).and_then(|df| df.parent) {
                Some(parent) => df = parent,
                None => return false,
            }
        }
    }
}

impl fmt::Debug for Profile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Profile").field(&self.0.blueprint.name).finish()
    }
}

/// Equal for equal plans; all that a card's digest needs to know of its own.
fn digest(blueprint: &Blueprint) -> u64 {
    let Beside { financial, purse, pin_digits, psam, pki } = blueprint.beside();
    let parts = [
        postcard::serialize_with_flavor(blueprint, Mixer::default()),
        postcard::serialize_with_flavor(financial, Mixer::default()),
        postcard::serialize_with_flavor(&purse, Mixer::default()),
        postcard::serialize_with_flavor(&pki, Mixer::default()),
        postcard::serialize_with_flavor(&psam, Mixer::default()),
    ];
    let mut whole = Mixer::default();
    pin_digits.hash(&mut whole);
    if !blueprint.names.is_empty() {
        blueprint.names.hash(&mut whole);
    }
    for application in &financial.applications {
        application.options.read_before_initiation.hash(&mut whole);
        if let Some(own) = OwnPlan::of(application) {
            let own = postcard::serialize_with_flavor(&own, Mixer::default());
            whole.write_u64(own.unwrap_or(0));
        }
    }
    for part in parts {
        whole.write_u64(part.unwrap_or(0));
    }
    whole.finish()
}

fn check(blueprint: &Blueprint) -> Result<(), ProfileError> {
    if !(1..=20).contains(&blueprint.channels) {
        return Err(ProfileError::Channels(blueprint.channels));
    }
    if !(3..=15).contains(&blueprint.pin_tries) {
        return Err(ProfileError::PinTries(blueprint.pin_tries));
    }
    if !blueprint.pin_digits.is_sound() {
        return Err(ProfileError::PinDigits(blueprint.pin_digits));
    }
    if blueprint.extended_length && blueprint.protocol != Protocol::T1 {
        return Err(ProfileError::ExtendedLengthNeedsT1);
    }
    if blueprint.dfs.is_empty() || blueprint.dfs.len() > 64 {
        return Err(ProfileError::Tree);
    }
    for (position, df) in blueprint.dfs.iter().enumerate() {
        let in_order = match df.parent {
            None => position == 0,
            Some(parent) => usize::from(parent) < position,
        };
        if !in_order || df.name.len() > 16 || df.files.len() > 254 || df.keys.len() > 254 {
            return Err(ProfileError::Tree);
        }
        let global = df.fid == ENVIRONMENT;
        for key in &df.keys {
            let low_nibble_only = key.id.0 & 0x70 == 0;
            if !(1..=15).contains(&key.tries) || key.id.is_global() != global || !low_nibble_only {
                return Err(ProfileError::Key(key.id));
            }
        }
        for file in &df.files {
            if !fits(file) {
                return Err(ProfileError::File(file.fid));
            }
        }
    }
    Ok(())
}

fn fits(file: &ElementaryFile) -> bool {
    use sscard_apdu::simple_tlv::SimpleTlvReader;
    let content = file.content.len();

    match file.structure {
        Structure::Transparent { size } => content <= usize::from(size),
        Structure::LinearVariable { capacity } => {
            content <= usize::from(capacity)
                && SimpleTlvReader::new(&file.content).all(|record| record.is_ok())
        }
        Structure::LinearFixed { records, length } => {
            records > 0
                && length > 2
                && content <= usize::from(records).saturating_mul(usize::from(length))
                && content.is_multiple_of(usize::from(length))
        }
        Structure::Cyclic { records, length } => {
            records > 0
                && length > 0
                && content <= usize::from(records).saturating_mul(usize::from(length))
                && content.is_multiple_of(usize::from(length))
        }
    }
}
