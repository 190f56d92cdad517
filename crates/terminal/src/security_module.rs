//! What a terminal asks of its security module (安全模块, PSAM): a card's authentication data, MACs,
//! enciphered data. The keys that they are made with never leave it.
//!
//! What enters: which card, which of its keys, the bytes. What leaves: what the key makes of them, or a
//! [`ModuleError`]. [`SoftwareModule`](crate::SoftwareModule) has its keys in memory; a module behind a
//! [`Transport`](sscard_host::Transport) is another implementation.

use sscard_apdu::StatusWord;
use sscard_core::KeyId;
use sscard_crypto::{Algorithm, EncipherError, Suite, secrets_equal};
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
    /// What is in the slot is no security module.
    #[error(
        "not a security module (PSAM): SELECT of its environment, its files or its application answered {0}"
    )]
    NotAModule(StatusWord),
    /// The module's algorithm is not public.
    #[error("the security module's algorithm {} is not available: it is not public", .0.name())]
    Algorithm(Algorithm),
    /// The module is for cards of another algorithm.
    #[error(
        "the security module is for cards with {}, and this card has {}: take the module for that",
        .module.name(),
        .card.name()
    )]
    OtherAlgorithm {
        /// The module's.
        module: Algorithm,
        /// The card's.
        card: Algorithm,
    },
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

/// A purchase with the medical purse, as the purse answered to INITIALIZE PURCHASE and as the terminal says.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct PursePurchase {
    /// The purse's random number.
    pub random: [u8; 4],
    /// The purse's counter.
    pub counter: [u8; 2],
    /// Version of the purse's key.
    pub key_version: u8,
    /// The purse's algorithm byte.
    pub algorithm: u8,
    /// From the account, by the holder, by the pooled fund, in cents.
    pub amounts: [[u8; 4]; 3],
    /// Type of the transaction.
    pub kind: u8,
    /// Number of the terminal, BCD.
    pub terminal: [u8; 6],
    /// Date and time, BCD YYYYMMDDHHMMSS.
    pub time: [u8; 7],
    /// The terminal's own counter, where the module does not count.
    pub sequence: [u8; 4],
}

impl PursePurchase {
    /// What the session key is made of.
    fn process_factor(&self) -> [u8; 8] {
        let ([r1, r2, r3, r4], [c1, c2]) = (self.random, self.counter);
        let [_, _, q3, q4] = self.sequence;
        [r1, r2, r3, r4, c1, c2, q3, q4]
    }
}

/// MAC1 of a purchase, and the terminal's counter that is in it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct PurchaseMac {
    /// The terminal's counter.
    pub sequence: [u8; 4],
    /// MAC1.
    pub mac: [u8; 4],
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

    /// Keys of an application that the module was told for it, and not derives as any other: those of a city's own
    /// applications. Which file they open nobody knows.
    fn told_keys(&self, application: &str) -> Vec<KeyId> {
        let _ = application;
        Vec::new()
    }

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

    /// The terminal's number, where the module has it: it stands in the MACs that the module makes.
    fn terminal(&self) -> Option<[u8; 6]> {
        None
    }

    /// MAC1 of a purchase with the medical purse, under the purchase key; a module that counts the terminal's
    /// purchases says which one it is.
    ///
    /// # Errors
    /// Why there is none.
    fn begin_purchase(
        &mut self,
        key: DiversifiedKey<'_>,
        purchase: &PursePurchase,
    ) -> Result<PurchaseMac, ModuleError> {
        let PursePurchase { amounts: [account, holder, fund], kind, terminal, time, .. } = purchase;
        let parts: [&[u8]; 6] = [account, holder, fund, &[*kind], terminal, time];
        let mac = self.mac(key, &purchase.process_factor(), &parts)?;
        Ok(PurchaseMac { sequence: purchase.sequence, mac })
    }

    /// Whether `mac` is MAC2 of the purchase that was begun.
    ///
    /// # Errors
    /// Why that cannot be said.
    fn check_purchase(
        &mut self,
        key: DiversifiedKey<'_>,
        purchase: &PursePurchase,
        begun: &PurchaseMac,
        mac: &[u8; 4],
    ) -> Result<bool, ModuleError> {
        let [account, holder, fund] = &purchase.amounts;
        let counted = PursePurchase { sequence: begun.sequence, ..*purchase };
        let expected = self.mac(key, &counted.process_factor(), &[account, holder, fund])?;
        Ok(secrets_equal(&expected, mac))
    }
}
