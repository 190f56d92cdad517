//! What stays beside a profile's plan until a card is made of it.

use sscard_apdu::FileId;
use sscard_core::{KeyId, Profile};
use sscard_crypto::Key;

use crate::bank::Recipes;
use crate::delivery::Delivery;
use crate::psam::OwnModuleKeys;
use crate::social::OwnKey;

/// What a profile says of single cards: no plan holds it, and no image.
#[derive(Default)]
pub(crate) struct Companion {
    /// Keys by value.
    pub(crate) keys: Vec<OwnKey>,
    /// Keys of a security module by value.
    pub(crate) psam: OwnModuleKeys,
    /// Holder and state at delivery.
    pub(crate) delivery: Delivery,
    /// What the banks' accounts are made of.
    pub(crate) recipes: Recipes,
}

impl Companion {
    /// That of a profile that was loaded from a text.
    pub(crate) fn of(profile: &Profile) -> Option<&Self> {
        profile.companion()
    }

    /// The value that the profile gives a key.
    pub(crate) fn key(&self, application: FileId, id: KeyId, version: u8) -> Option<&Key> {
        let place = (application, id, version);
        let found = self.keys.iter().find(|key| (key.application, key.id, key.version) == place);
        found.map(|key| &key.key)
    }
}
