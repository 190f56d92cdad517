//! Master keys: what the desk of a city and its terminals derive card keys from.
//!
//! What enters: TEST roots, or one's own; a city and a card. What leaves: keys of that card. Every TEST root is
//! readable in hex: `TEST SSSE 0Ag vA` in ASCII. They protect nothing.

mod psam;

use std::sync::Mutex;

use sscard_apdu::FileId;
use sscard_core::catalogue::{KeyEntry, applications};
use sscard_core::{CardKey, Holder, KeyId, KeyPurpose, Keys, Profile, historical_bytes};
use sscard_crypto::{Key, Suite, factor};

use crate::companion::Companion;

/// Master keys on three levels: root → province → city → card.
///
/// Source of the levels and factors: 《社会保障（个人）卡规范》 part 9 §7.
///
/// ```
/// use sscard_crypto::Key;
/// use sscard_profile::MasterKeys;
///
/// // Roots of one's own: here one key for everything, which a test bench may do.
/// let masters = MasterKeys::with_roots("bench keys", |_application, _id, _version| Key::new([0x42; 16]));
/// assert_eq!(masters.name(), "bench keys");
/// ```
#[derive(Default)]
pub struct MasterKeys {
    /// The roots and what they are called; without them the TEST roots.
    own: Option<OwnRoots>,
    /// City keys already derived: the first two levels are the same for a whole city.
    cities: Mutex<Vec<CityKey>>,
}

type Root = dyn Fn(FileId, KeyId, u8) -> Key + Send + Sync;

struct OwnRoots {
    name: String,
    root: Box<Root>,
}

#[derive(Clone)]
struct CityKey {
    suite: Suite,
    division: [u8; 6],
    application: FileId,
    id: KeyId,
    version: u8,
    key: Key,
}

impl MasterKeys {
    /// The test keys.
    #[must_use]
    pub fn test() -> Self {
        Self::default()
    }

    /// Keys under roots of one's own; `name` is what messages call them, `roots` gives the root of an
    /// application's key by identifier and version.
    #[must_use]
    pub fn with_roots(
        name: impl Into<String>,
        roots: impl Fn(FileId, KeyId, u8) -> Key + Send + Sync + 'static,
    ) -> Self {
        let own = OwnRoots { name: name.into(), root: Box::new(roots) };
        Self { own: Some(own), cities: Mutex::default() }
    }

    /// What messages call these keys: `TEST keys`, or the name of one's own.
    #[must_use]
    pub fn name(&self) -> &str {
        self.own.as_ref().map_or("TEST keys", |own| &own.name)
    }

    fn root_of(&self, application: FileId, id: KeyId, version: u8) -> Key {
        match &self.own {
            Some(own) => (own.root)(application, id, version),
            None => Self::root(application, id, version),
        }
    }

    /// TEST root key of one kind of key: 16 ASCII characters, plainly marked as a test key: `TEST`, the
    /// application, the key's identifier with a letter, the version as a letter of its own.
    ///
    /// DES does not look at the lowest bit of a byte, and digits such as 4 and 5 differ in nothing
    /// else: the letter behind the identifier says what it would lose, so that no two keys are the
    /// same to DES.
    #[must_use]
    pub fn root(application: FileId, id: KeyId, version: u8) -> Key {
        let name = applications()
            .find(|entry| entry.fid == application.value())
            .map_or_else(|| application.to_string(), |entry| entry.name.to_owned());
        let lowest = |character: Option<char>| character.is_some_and(|c| u32::from(c) % 2 == 1);
        let number = format!("{:02X}", id.0);
        let letter = match (lowest(name.chars().last()), lowest(number.chars().last())) {
            (false, false) => 'a',
            (false, true) => 'c',
            (true, false) => 'e',
            (true, true) => 'g',
        };
        // A, C, E …: versions are told apart by more than the lowest bit too.
        let version = char::from(b'A'.saturating_add(version.saturating_sub(1).saturating_mul(2)));
        let text = format!("TEST {name:4.4} {number}{letter} v{version}");
        let mut bytes = [b' '; Key::LENGTH];
        for (place, byte) in bytes.iter_mut().zip(text.bytes()) {
            *place = byte;
        }
        Key::new(bytes)
    }

    /// Key of a city: the root key diversified by province and city factor.
    #[must_use]
    pub fn city(
        &self,
        suite: Suite,
        division: &[u8; 6],
        application: FileId,
        id: KeyId,
        version: u8,
    ) -> Key {
        let derive = || {
            let root = self.root_of(application, id, version);
            let province = suite.diversify(&root, &factor::province(division));
            suite.diversify(&province, &factor::city(division))
        };
        let Ok(mut cities) = self.cities.lock() else { return derive() };
        let known = cities.iter().find(|city| {
            (city.suite, city.division, city.application, city.id, city.version)
                == (suite, *division, application, id, version)
        });
        if let Some(known) = known {
            return known.key.clone();
        }
        let key = derive();
        cities.push(CityKey {
            suite,
            division: *division,
            application,
            id,
            version,
            key: key.clone(),
        });
        key
    }

    /// Key of one card: the city key diversified by the card factor, the last eight historical
    /// bytes of its ATR.
    #[must_use]
    pub fn card(
        &self,
        suite: Suite,
        division: &[u8; 6],
        card_factor: &[u8; 8],
        entry: &KeyEntry,
    ) -> Key {
        let application = application_of(entry);
        let city = self.city(suite, division, application, entry.id, 1);
        of_card(suite, entry.purpose, suite.diversify(&city, card_factor))
    }

    /// All keys of one card: those that the profile gives by value, the others derived. A card that names SSF33, which is not public, holds the TEST root keys, or
    /// zeros where the roots are one's own: nothing can be computed with them.
    #[must_use]
    pub fn keys_of(&self, profile: &Profile, holder: &Holder) -> Keys {
        let factor = factor::card(&historical_bytes(profile, holder));
        let blueprint = profile.blueprint();
        let slots =
            blueprint.dfs.iter().flat_map(|df| df.keys.iter().map(move |slot| (df.fid, slot)));
        let own = Companion::of(profile);
        let keys = slots.map(|(application, slot)| {
            if let Some(key) = own.and_then(|own| own.key(application, slot.id, slot.version)) {
                let key = key.clone();
                return CardKey { application, id: slot.id, version: slot.version, key };
            }
            let algorithm = blueprint.key_algorithm(application, slot.id, slot.version);
            let key = match (algorithm.suite(), factor) {
                (Some(suite), Some(factor)) => {
                    let city =
                        self.city(suite, &holder.division, application, slot.id, slot.version);
                    of_card(suite, slot.purpose, suite.diversify(&city, &factor))
                }
                // A root of one's own never goes into a card.
                _ if self.own.is_some() => Key::new([0; Key::LENGTH]),
                _ => self.root_of(application, slot.id, slot.version),
            };
            CardKey { application, id: slot.id, version: slot.version, key }
        });
        Keys::new(keys.collect())
    }
}

/// A key as the card holds it: that of secure messaging is the shorter one.
fn of_card(suite: Suite, purpose: KeyPurpose, key: Key) -> Key {
    if purpose == KeyPurpose::SecureMessaging { suite.single(&key) } else { key }
}

fn application_of(entry: &KeyEntry) -> FileId {
    let found = applications().find(|application| application.name == entry.application);
    FileId::new(found.map_or(0, |application| application.fid))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn root_keys_are_readable_and_marked() {
        let key = MasterKeys::root(FileId::new(0xDDF1), KeyId::RK_SSSE, 1);
        assert_eq!(key.expose(), b"TEST SSSE 0Ag vA");
        let key = MasterKeys::root(FileId::new(0xDF03), KeyId(0x8D), 2);
        assert_eq!(key.expose(), b"TEST DF03 8De vC");
    }

    #[test]
    fn no_two_root_keys_are_the_same_to_des() {
        let mut seen = std::collections::BTreeSet::new();
        for entry in sscard_core::catalogue::all_keys() {
            for version in 1..=3 {
                let root = MasterKeys::root(application_of(entry), entry.id, version);
                let without_parity = root.expose().map(|byte| byte & 0xFE);
                assert!(
                    seen.insert(without_parity),
                    "{} {:?} {version}",
                    entry.application,
                    entry.id
                );
            }
        }
    }

    #[test]
    fn roots_of_ones_own_do_not_go_into_a_card_that_can_compute_nothing() {
        let own = MasterKeys::with_roots("own", |_, _, _| Key::new([0x5A; Key::LENGTH]));
        let profile = crate::load("base = \"gen1\"\nalgorithm = \"SSF33\"").expect("profile");
        let holder = crate::synthetic_holder(1);
        let mut card = sscard_core::personalise(&profile, &holder, &own.keys_of(&profile, &holder))
            .expect("card");
        card.power_off();
        let image = card.image();
        assert!(!image.as_bytes().windows(16).any(|bytes| bytes == [0x5A; 16]));
    }

    #[test]
    fn levels_are_province_then_city_then_card() {
        let masters = MasterKeys::test();
        let (environment, id) = (FileId::new(0xDDF1), KeyId::IRK);
        let suite = Suite::Sm4;
        let root = MasterKeys::root(environment, id, 1);
        let province = suite.diversify(&root, b"990000sh");
        let city = suite.diversify(&province, b"999900sx");
        assert_eq!(masters.city(suite, b"999900", environment, id, 1).expose(), city.expose());
        let again = masters.city(suite, b"999900", environment, id, 1);
        assert_eq!(again.expose(), city.expose());
    }
}
