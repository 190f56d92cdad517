//! A security module in software: master keys in memory, and what is derived from them.

use chacha20::ChaCha20Rng;
use rand_core::{Rng, SeedableRng};
use sscard_core::KeyId;
use sscard_core::catalogue::all_keys;
use sscard_crypto::{Key, SessionKey, Suite};
use sscard_profile::{MasterKeys, SocialKeys};

use crate::security_module::{DiversifiedKey, ModuleError, SecurityModule};

/// Master keys and a random number generator.
///
/// ```
/// use sscard_crypto::Key;
/// use sscard_host::{Follow, InProcess};
/// use sscard_profile::{MasterKeys, built_in, issue, synthetic_holder};
/// use sscard_terminal::{ReadError, ReadOptions, SoftwareModule, read_card};
///
/// // A city with keys of its own: its cards and its terminals derive from the same roots.
/// let city = || MasterKeys::with_roots("bench keys", |_, id, version| {
///     let mut root = [0x42; 16];
///     root[0] = id.0;
///     root[1] = version;
///     Key::new(root)
/// });
/// let profile = built_in("gen3").ok_or("no gen3")?;
/// let card = issue(&profile, &synthetic_holder(1), &city())?;
/// let mut card = Follow::new(InProcess::power_on(card)?);
/// let mut module = SoftwareModule::new(city(), 1);
/// assert!(read_card(&mut card, &mut module, ReadOptions::default()).is_ok());
///
/// // To the terminal of another city it is a stranger.
/// let stranger = read_card(&mut card, &mut SoftwareModule::test(1), ReadOptions::default());
/// assert_eq!(stranger.err(), Some(ReadError::NotGenuine { keys: "TEST keys".to_owned() }));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct SoftwareModule {
    masters: MasterKeys,
    own: Option<SocialKeys>,
    random: ChaCha20Rng,
}

impl SoftwareModule {
    /// A module with these master keys; `seed` decides its random numbers.
    #[must_use]
    pub fn new(masters: MasterKeys, seed: u64) -> Self {
        Self { masters, own: None, random: ChaCha20Rng::seed_from_u64(seed) }
    }

    /// The module with keys that count before its master keys.
    #[must_use]
    pub fn with_keys(self, keys: SocialKeys) -> Self {
        Self { own: Some(keys), ..self }
    }

    /// A module with the test keys; `seed` decides its random numbers.
    #[must_use]
    pub fn test(seed: u64) -> Self {
        Self::new(MasterKeys::test(), seed)
    }

    fn derive(&self, key: DiversifiedKey<'_>) -> Result<Key, ModuleError> {
        let DiversifiedKey { card, application, id } = key;
        let own = self.own.as_ref().and_then(|own| {
            own.of_card(self.suite(key), &card.division, &card.factor, application, id, 1)
        });
        if let Some(own) = own {
            return Ok(own);
        }
        let entry = all_keys().find(|entry| entry.application == application && entry.id == id);
        let entry = entry.ok_or_else(|| ModuleError::no_key(key))?;
        Ok(self.masters.card(card.suite, &card.division, &card.factor, entry))
    }

    fn session(
        &self,
        key: DiversifiedKey<'_>,
        process_factor: &[u8],
    ) -> Result<SessionKey, ModuleError> {
        Ok(self.suite(key).session_key(&self.derive(key)?, process_factor))
    }

    /// The recipes of a key: those that it is told with, else the card's.
    fn suite(&self, key: DiversifiedKey<'_>) -> Suite {
        let own = self.own.as_ref().and_then(|own| own.suite(key.application, key.id));
        own.unwrap_or(key.card.suite)
    }
}

impl SecurityModule for SoftwareModule {
    fn keys(&self) -> &str {
        self.own.as_ref().map_or_else(|| self.masters.name(), SocialKeys::name)
    }

    fn has(&self, key: DiversifiedKey<'_>) -> bool {
        self.own.as_ref().is_some_and(|own| own.names(key.application, key.id))
            || all_keys().any(|entry| entry.application == key.application && entry.id == key.id)
    }

    fn told_keys(&self, application: &str) -> Vec<KeyId> {
        self.own.as_ref().map(|own| own.told(application)).unwrap_or_default()
    }

    fn random(&mut self) -> Result<[u8; 8], ModuleError> {
        let mut bytes = [0; 8];
        self.random.fill_bytes(&mut bytes);
        Ok(bytes)
    }

    fn authentication_data(
        &mut self,
        key: DiversifiedKey<'_>,
        process_factor: &[u8],
        original: &[u8; 8],
    ) -> Result<[u8; 8], ModuleError> {
        Ok(self.session(key, process_factor)?.authentication_data(original))
    }

    fn mac(
        &mut self,
        key: DiversifiedKey<'_>,
        process_factor: &[u8],
        parts: &[&[u8]],
    ) -> Result<[u8; 4], ModuleError> {
        Ok(self.session(key, process_factor)?.mac_parts(parts))
    }

    fn encipher(
        &mut self,
        key: DiversifiedKey<'_>,
        process_factor: &[u8],
        plain: &[u8],
    ) -> Result<Vec<u8>, ModuleError> {
        Ok(self.session(key, process_factor)?.encipher(plain)?)
    }

    fn certificate(
        &mut self,
        key: DiversifiedKey<'_>,
        parts: &[&[u8]],
    ) -> Result<[u8; 4], ModuleError> {
        let derived = self.derive(key)?;
        Ok(self.suite(key).certificate_key(&derived).mac_parts(parts))
    }
}
