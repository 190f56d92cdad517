//! What a terminal asks of its security module (安全模块, PSAM): a card's authentication data, MACs,
//! enciphered data. The keys that they are made with never leave it.
//!
//! What enters: which card, which of its keys, the bytes. What leaves: what the key makes of them, or a
//! [`ModuleError`]. [`SoftwareModule`](crate::SoftwareModule) has its keys in memory; a module behind a
//! [`Transport`](sscard_host::Transport) is another implementation.

use sscard_apdu::StatusWord;
use sscard_core::KeyId;
use sscard_crypto::{EncipherError, Suite};
use sscard_host::TransportError;

/// What the keys of one card are derived with.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct CardSecurity {
    /// Its algorithm.
    pub suite: Suite,
    /// Its city: six ASCII digits from the card identification code.
    pub division: [u8; 6],
    /// Its factor: the last eight historical bytes.
    pub factor: [u8; 8],
}

impl CardSecurity {
    /// Key `id` of `application` (`SSSE`, `DF01`…) on this card; a global one is the environment's.
    #[must_use]
    pub fn key<'c>(&'c self, application: &'c str, id: KeyId) -> DiversifiedKey<'c> {
        let application = if id.is_global() { "SSSE" } else { application };
        DiversifiedKey { card: self, application, id }
    }
}

/// A key of one card by its name: the module derives it and keeps it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct DiversifiedKey<'c> {
    /// Of which card.
    pub card: &'c CardSecurity,
    /// Of which application: `SSSE`, `DF01`…
    pub application: &'c str,
    /// Its identifier.
    pub id: KeyId,
}

/// Why a security module does not do what it is asked.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ModuleError {
    /// It does not hold this key.
    #[error("the security module has no key {:02X} of {application}", .id.0)]
    NoKey {
        /// The application.
        application: String,
        /// The key's identifier.
        id: KeyId,
    },
    /// The data cannot be enciphered.
    #[error(transparent)]
    Encipher(#[from] EncipherError),
    /// A module in a slot cannot be reached.
    #[error("the security module: {0}")]
    Transport(#[from] Box<TransportError>),
    /// A module in a slot refused.
    #[error("the security module answered {status}: {meaning}", status = .0, meaning = .0.meaning())]
    Refused(StatusWord),
}

impl From<TransportError> for ModuleError {
    fn from(error: TransportError) -> Self {
        Self::Transport(Box::new(error))
    }
}

impl ModuleError {
    /// That the module does not hold this key.
    #[must_use]
    pub fn no_key(key: DiversifiedKey<'_>) -> Self {
        Self::NoKey { application: key.application.to_owned(), id: key.id }
    }
}

/// A terminal's security module.
///
/// `process_factor` is the random number that a session key is made of: the card's challenge, or what the
/// terminal sent it.
pub trait SecurityModule {
    /// What messages call its keys: `TEST keys`.
    fn keys(&self) -> &str;

    /// Whether it holds this key; asked before the card is, so that no challenge is fetched in vain.
    fn has(&self, key: DiversifiedKey<'_>) -> bool;

    /// Eight random bytes.
    ///
    /// # Errors
    /// Why there are none.
    fn random(&mut self) -> Result<[u8; 8], ModuleError>;

    /// Authentication data (鉴别数据) of `original`: what INTERNAL and EXTERNAL AUTHENTICATE prove a key by.
    ///
    /// # Errors
    /// Why there are none.
    fn authentication_data(
        &mut self,
        key: DiversifiedKey<'_>,
        process_factor: &[u8],
        original: &[u8; 8],
    ) -> Result<[u8; 8], ModuleError>;

    /// The MAC of the parts, one after another, under the session key.
    ///
    /// # Errors
    /// Why there is none.
    fn mac(
        &mut self,
        key: DiversifiedKey<'_>,
        process_factor: &[u8],
        parts: &[&[u8]],
    ) -> Result<[u8; 4], ModuleError>;

    /// The cryptogram of `plain` under the session key, as it stands in front of a MAC.
    ///
    /// # Errors
    /// Why there is none; more than 254 bytes are too many.
    fn encipher(
        &mut self,
        key: DiversifiedKey<'_>,
        process_factor: &[u8],
        plain: &[u8],
    ) -> Result<Vec<u8>, ModuleError>;

    /// The transaction certificate (TAC) of the parts, which no session key is needed for.
    ///
    /// # Errors
    /// Why there is none.
    fn certificate(
        &mut self,
        key: DiversifiedKey<'_>,
        parts: &[&[u8]],
    ) -> Result<[u8; 4], ModuleError>;
}
