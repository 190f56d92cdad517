//! The terminal's security module in software: TEST master keys, and what is derived from them.

use chacha20::ChaCha20Rng;
use rand_core::{Rng, SeedableRng};
use sscard_core::KeyId;
use sscard_core::catalogue::KEYS;
use sscard_crypto::{Key, Suite};
use sscard_profile::MasterKeys;

/// Master keys and a random number generator.
pub struct SecurityModule {
    masters: MasterKeys,
    random: ChaCha20Rng,
}

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

impl SecurityModule {
    /// A module with the test keys; `seed` decides its random numbers.
    #[must_use]
    pub fn test(seed: u64) -> Self {
        Self { masters: MasterKeys::test(), random: ChaCha20Rng::seed_from_u64(seed) }
    }

    /// Eight random bytes.
    pub fn random(&mut self) -> [u8; 8] {
        let mut bytes = [0; 8];
        self.random.fill_bytes(&mut bytes);
        bytes
    }

    /// Key `id` of `application` (`SSSE`, `DF01`…) on this card; `None` when the catalogue has no
    /// such key.
    #[must_use]
    pub fn key(&self, card: &CardSecurity, application: &str, id: KeyId) -> Option<Key> {
        let entry = KEYS.iter().find(|key| key.application == application && key.id == id)?;
        Some(self.masters.card(card.suite, &card.division, &card.factor, entry))
    }
}
