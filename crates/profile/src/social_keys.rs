//! Keys of the social security side as a terminal is told them: the tables `[[keys]]` and `[[master_keys]]`.
//!
//! What enters: a TOML text; a whole profile is one, whose other tables are passed over. What leaves: keys of a card,
//! as far as the tables say any. A key that is refused is never quoted.

use std::fmt;

use serde::{Deserialize, Deserializer};
use sscard_core::KeyId;
use sscard_core::catalogue::APPLICATIONS;
use sscard_crypto::{Key, Suite, factor};
use zeroize::Zeroizing;

use crate::refusal::{self, LoadError, ProfileRefusal};

/// Card keys and master keys of one's own.
///
/// ```
/// use sscard_core::KeyId;
/// use sscard_crypto::Suite;
/// use sscard_profile::social_keys;
///
/// let keys = social_keys(
///     "[[keys]]\ndf = \"SSSE\"\nid = \"00\"\nvalue = \"00112233445566778899AABBCCDDEEFF\"\n",
/// )?;
/// let irk = keys.of_card(Suite::Sm4, b"999900", &[0; 8], "SSSE", KeyId::IRK, 1);
/// assert_eq!(irk.map(|key| key.expose()[1]), Some(0x11));
/// assert!(keys.of_card(Suite::Sm4, b"999900", &[0; 8], "DF01", KeyId(0x83), 1).is_none());
/// # Ok::<(), sscard_profile::ProfileRefusal>(())
/// ```
#[derive(Clone, Default)]
pub struct SocialKeys {
    name: Option<String>,
    of_card: Vec<Named>,
    masters: Vec<(Level, Named)>,
}

impl fmt::Debug for SocialKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SocialKeys(..)")
    }
}

#[derive(Clone)]
struct Named {
    application: String,
    id: KeyId,
    version: u8,
    key: Key,
    /// Where it is another than the card's.
    suite: Option<Suite>,
}

/// Where a master key stands: 《社会保障（个人）卡规范》 part 9 §7.
#[derive(Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Level {
    /// Above the provinces.
    #[default]
    Root,
    /// Of a province.
    Province,
    /// Of a city: card keys are derived from it.
    City,
}

impl SocialKeys {
    /// The same keys; `name` is what messages call them.
    #[must_use]
    pub fn called(self, name: impl Into<String>) -> Self {
        Self { name: Some(name.into()), ..self }
    }

    /// What messages call these keys.
    #[must_use]
    pub fn name(&self) -> &str {
        self.name.as_deref().unwrap_or("keys of one's own")
    }

    /// Whether the text named no key.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.of_card.is_empty() && self.masters.is_empty()
    }

    /// Whether a key of this application and identifier was named, in any version.
    #[must_use]
    pub fn names(&self, application: &str, id: KeyId) -> bool {
        let masters = self.masters.iter().map(|(_, named)| named);
        let mut all = self.of_card.iter().chain(masters);
        all.any(|named| named.application == application && named.id == id)
    }

    /// The recipes of a key whose algorithm is named, and so may be another than the card's.
    #[must_use]
    pub fn suite(&self, application: &str, id: KeyId) -> Option<Suite> {
        let masters = self.masters.iter().map(|(_, named)| named);
        let mut all = self.of_card.iter().chain(masters);
        all.find(|named| named.application == application && named.id == id)?.suite
    }

    /// Identifiers of the keys of an application that are named, but for those of secure messaging.
    #[must_use]
    pub fn told(&self, application: &str) -> Vec<KeyId> {
        let masters = self.masters.iter().map(|(_, named)| named);
        let mut told: Vec<KeyId> = Vec::new();
        for named in self.of_card.iter().chain(masters) {
            let is_mac = matches!(named.id, KeyId::STK | KeyId::STK_OF_APPLICATION);
            if named.application == application && !is_mac && !told.contains(&named.id) {
                told.push(named.id);
            }
        }
        told
    }

    /// A key of a card of this city: the card's own where it was named, else out of a master key.
    #[must_use]
    pub fn of_card(
        &self,
        suite: Suite,
        division: &[u8; 6],
        card_factor: &[u8; 8],
        application: &str,
        id: KeyId,
        version: u8,
    ) -> Option<Key> {
        let is_it = |named: &Named| {
            (named.application.as_str(), named.id, named.version) == (application, id, version)
        };
        if let Some(own) = self.of_card.iter().find(|named| is_it(named)) {
            return Some(own.key.clone());
        }
        let (level, master) = self.masters.iter().find(|(_, named)| is_it(named))?;
        let mut key = master.key.clone();
        if *level == Level::Root {
            key = suite.diversify(&key, &factor::province(division));
        }
        if *level != Level::City {
            key = suite.diversify(&key, &factor::city(division));
        }
        Some(suite.diversify(&key, card_factor))
    }
}

#[derive(Deserialize)]
struct KeyFile {
    #[serde(default)]
    keys: Vec<Table>,
    #[serde(default)]
    master_keys: Vec<Table>,
}

/// A table; of `[[keys]]` what a profile says beside it is passed over.
#[derive(Deserialize)]
struct Table {
    df: String,
    id: String,
    version: Option<u8>,
    value: Option<Digits>,
    algorithm: Option<String>,
    #[serde(default)]
    level: Level,
}

/// Hexadecimal digits that no message shows.
struct Digits(Zeroizing<String>);

impl<'de> Deserialize<'de> for Digits {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        String::deserialize(from).map(|text| Self(Zeroizing::new(text)))
    }
}

/// The keys in a TOML file with the tables `[[keys]]` (`df`, `id`, `version`, `value`: a card's key) and
/// `[[master_keys]]` (the same, and `level`: `root`, `province` or `city`). Keys without a value are passed
/// over.
///
/// # Errors
/// What is wrong with the text or a key, with line and column; no key is quoted.
pub fn social_keys(text: &str) -> Result<SocialKeys, ProfileRefusal> {
    refusal::placed(text, |text| {
        let file: KeyFile = toml::from_str(text).map_err(|error| LoadError::syntax(&error))?;
        let mut keys = SocialKeys::default();
        for (place, table) in file.keys.iter().enumerate() {
            keys.of_card.extend(table.named(&format!("keys[{place}]"))?);
        }
        for (place, table) in file.master_keys.iter().enumerate() {
            let named = table.named(&format!("master_keys[{place}]"))?;
            keys.masters.extend(named.map(|named| (table.level, named)));
        }
        Ok(keys)
    })
}

impl Table {
    fn named(&self, table: &str) -> Result<Option<Named>, LoadError> {
        let refuse = |setting: &str, value: &str, wanted| LoadError::Value {
            setting: format!("{table}.{setting}"),
            value: value.to_owned(),
            wanted,
        };
        let application = application(&self.df)
            .ok_or_else(|| refuse("df", &self.df, "SSSE, DF01 or a file identifier"))?;
        let id = u8::from_str_radix(&self.id, 16).ok().filter(|_| self.id.len() == 2);
        let id = id.ok_or_else(|| refuse("id", &self.id, "a key identifier of two digits"))?;
        let Some(Digits(digits)) = &self.value else { return Ok(None) };
        let compact = Zeroizing::new(digits.replace(' ', ""));
        let bytes = hex::decode(&*compact).map(Zeroizing::new).ok();
        // Single DES is 3DES with one half twice.
        let whole = bytes.and_then(|bytes| match bytes.len() {
            8 => Some(Zeroizing::new(bytes.repeat(2))),
            Key::LENGTH => Some(bytes),
            _ => None,
        });
        let key = whole.and_then(|bytes| <[u8; Key::LENGTH]>::try_from(&bytes[..]).ok());
        let key = key.ok_or_else(|| LoadError::Contradiction {
            setting: format!("{table}.value"),
            reason: "a key has 16 bytes in hexadecimal, or 8 of single DES".to_owned(),
        })?;
        let version = self.version.unwrap_or(1);
        let suite = match self.algorithm.as_deref() {
            None => None,
            Some("3DES" | "DES") => Some(Suite::TripleDes),
            Some("SM4") => Some(Suite::Sm4),
            Some(name) => return Err(refuse("algorithm", name, "3DES, DES or SM4")),
        };
        Ok(Some(Named { application, id: KeyId(id), version, key: Key::new(key), suite }))
    }
}

/// The name under which a terminal asks for the keys of a DF.
fn application(df: &str) -> Option<String> {
    if let Some(known) = APPLICATIONS.iter().find(|known| known.name == df) {
        return Some(known.name.to_owned());
    }
    let fid = u16::from_str_radix(df, 16).ok().filter(|_| df.len() == 4)?;
    let known = APPLICATIONS.iter().find(|known| known.fid == fid);
    Some(known.map_or_else(|| df.to_uppercase(), |known| known.name.to_owned()))
}

#[cfg(test)]
mod tests {
    use sscard_apdu::FileId;

    use super::*;
    use crate::MasterKeys;

    const DIVISION: [u8; 6] = *b"999900";
    const FACTOR: [u8; 8] = [0x86, 0x00, 0x99, 0x99, 0x79, 0x07, 0x76, 0xA7];

    fn irk(text: &str) -> Option<Key> {
        let keys = social_keys(text).unwrap();
        keys.of_card(Suite::Sm4, &DIVISION, &FACTOR, "SSSE", KeyId::IRK, 1)
    }

    fn refused(text: &str) -> String {
        social_keys(text).unwrap_err().to_string()
    }

    #[test]
    fn a_master_key_of_any_level_gives_the_key_that_the_test_masters_give() {
        let (root, id) = (MasterKeys::root(FileId::new(0xDDF1), KeyId::IRK, 1), KeyId::IRK);
        let province = Suite::Sm4.diversify(&root, &factor::province(&DIVISION));
        let city = MasterKeys::test().city(Suite::Sm4, &DIVISION, FileId::new(0xDDF1), id, 1);
        let card = Suite::Sm4.diversify(&city, &FACTOR);
        for (level, key) in [("root", root), ("province", province), ("city", city)] {
            let text = format!(
                "[[master_keys]]\ndf = \"SSSE\"\nid = \"00\"\nlevel = \"{level}\"\nvalue = \"{}\"\n",
                hex::encode(key.expose())
            );
            assert_eq!(irk(&text).unwrap().expose(), card.expose(), "{level}");
        }
    }

    #[test]
    fn a_key_of_the_card_counts_before_a_master_key() {
        let text = format!(
            "[[master_keys]]\ndf = \"DDF1\"\nid = \"00\"\nvalue = \"{}\"\n[[keys]]\ndf = \"SSSE\"\nid = \"00\"\n\
             version = 1\nname = \"IRK\"\nvalue = \"{}\"\n",
            "11".repeat(16),
            "22 ".repeat(16),
        );
        assert_eq!(irk(&text).unwrap().expose(), &[0x22; 16]);
        assert!(irk(&text.replace("version = 1", "version = 2")).is_some(), "the master key's");
    }

    #[test]
    fn a_whole_profile_is_such_a_file() {
        let text = "base = \"gen3\"\npin_tries = 3\n[[keys]]\ndf = \"DF0A\"\nid = \"84\"\nuse = \"external\"\n";
        let keys = social_keys(text).unwrap();
        assert!(keys.is_empty(), "a key without a value is derived as others are");
        assert!(!keys.names("DF0A", KeyId(0x84)));
    }

    #[test]
    fn what_is_wrong_is_said_with_its_place_and_without_the_key() {
        let table = |df: &str, id: &str, value: &str| {
            format!("\n[[keys]]\ndf = \"{df}\"\nid = \"{id}\"\nvalue = \"{value}\"\n")
        };
        let secret = "0123456789ABCDEF0123456789ABCD";
        let error = refused(&table("SSSE", "00", secret));
        assert_eq!(
            error,
            "5:9: keys[0].value: a key has 16 bytes in hexadecimal, or 8 of single DES"
        );
        assert_eq!(
            refused(&table("SSSE", "8", secret)),
            "4:6: keys[0].id: '8' is not a key identifier of two digits"
        );
        assert_eq!(
            refused(&table("DF", "00", secret)),
            "3:6: keys[0].df: 'DF' is not SSSE, DF01 or a file identifier"
        );
        assert!(
            refused("[[master_keys]]\ndf = \"SSSE\"\nid = \"00\"\nlevel = \"moon\"")
                .starts_with("4:9: ")
        );
    }
}
