//! What a card is made from: the plan of one kind of card, as data.
//!
//! A [`Blueprint`] is what a person writes down (by way of a TOML file) and what an image carries;
//! a [`Profile`] is the same, checked, with every address of the card's memory laid out once and
//! shared by all cards made from it.

mod blueprint;
mod cryptogram;
mod financial;
mod layout;
mod names;
mod own_plan;
mod pin;
mod pki;
mod psam;
mod purse;
mod soundness;
mod stored;

use alloc::sync::Arc;
use core::any::Any;
use core::fmt;
use core::hash::{Hash, Hasher};

use sscard_apdu::FileId;
use sscard_crypto::{Algorithm, Suite};

use crate::mixer::Mixer;
pub(crate) use blueprint::Beside;
pub use blueprint::{
    Blueprint, DedicatedFile, ElementaryFile, KeyAlgorithm, KeyPurpose, KeySlot, Structure,
};
pub use cryptogram::{CryptogramElement, CryptogramPlan, ResponseMethod};
pub use financial::{
    DataObject, DirectoryState, FinancialApplication, FinancialOptions, FinancialPlan,
    FinancialRecord, Log, Path, ProcessingOptions, SharedKeys, SmSupport,
};
#[cfg(debug_assertions)]
pub(crate) use layout::Watched;
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
pub use soundness::ProfileError;
use soundness::check;

/// File identifier of the social security environment.
pub(crate) const ENVIRONMENT: FileId = FileId::new(0xDDF1);

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

    /// The recipes of a key's algorithm; most cards have one algorithm.
    #[inline]
    pub(crate) fn key_suite(&self, application: FileId, slot: &KeySlot) -> Option<Suite> {
        self.0.blueprint.key_algorithm(application, slot.id, slot.version).suite()
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

    /// Address of the first file of this identifier, in whatever DF it lies.
    pub(crate) fn file_address(&self, fid: FileId) -> Option<usize> {
        self.df_positions().find_map(|df| {
            let position = self.df(df)?.files.iter().position(|file| file.fid == fid)?;
            Some(self.layout().file(df, u8::try_from(position).ok()?))
        })
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
    let Beside { financial, purse, pin_digits, psam, pki, key_algorithms } = blueprint.beside();
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
    if !key_algorithms.is_empty() {
        let own = postcard::serialize_with_flavor(&key_algorithms, Mixer::default());
        whole.write_u64(own.unwrap_or(0));
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
