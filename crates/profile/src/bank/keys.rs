//! Keys of an issuer's accounts: the tables `[financial.keys]` and `[financial.keys.sm4]`.
//!
//! What enters: hexadecimal keys by their use. What leaves: the keys of one account, the test bank's where
//! the tables are silent. A key that is refused is never quoted.

use std::fmt;

use serde::{Deserialize, Deserializer, de};
use sscard_core::{CryptogramPlan, TransactionKeys};
use sscard_crypto::Key;
use sscard_crypto::financial::{Cipher, DerivationOption, PanError, card_key};
use zeroize::Zeroizing;

use super::account_settings::known_lists;
use super::file::{BankFile, Records};
use super::scheme;
use super::values::hexadecimal;
use crate::account::bank_master_key;
use crate::refusal::{self, LoadError, ProfileRefusal};

/// What a key of an account is for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum BankKeyUse {
    /// Application cryptograms and the issuer's answers to them.
    Cryptogram,
    /// MACs of scripts and of discretionary data.
    Mac,
    /// What scripts encipher.
    Encipherment,
}

/// The keys of an issuer, or of one card, as a profile tells them; what it does not tell is the test
/// bank's.
///
/// ```
/// use sscard_crypto::financial::Cipher;
/// use sscard_profile::{BankKeyUse, BankKeys, bank_master_key};
///
/// let keys = BankKeys::test();
/// let master = keys.master(Cipher::TripleDes, BankKeyUse::Mac);
/// assert_eq!(master.expose(), bank_master_key("MAC").expose());
/// ```
#[derive(Clone, Default)]
pub struct BankKeys {
    triple_des: Family,
    sm4: Family,
    option: DerivationOption,
    cryptogram: CryptogramPlan,
    lists: KnownLists,
    /// Those of applications that have tables of their own, by AID.
    applications: Vec<(Vec<u8>, Self)>,
}

/// The lists of a card's data elements as far as its profile names them.
#[derive(Clone, Default, Debug)]
pub struct KnownLists {
    /// PDOL over the contactless interface.
    pub contactless_pdol: Option<Vec<u8>>,
    /// CDOL1.
    pub cdol1: Option<Vec<u8>>,
    /// CDOL2.
    pub cdol2: Option<Vec<u8>>,
}

/// Keys of one family of algorithms, by [`BankKeyUse`].
#[derive(Clone, Default)]
struct Family {
    masters: [Option<Key>; 3],
    of_card: [Option<Key>; 3],
}

impl BankKeys {
    /// The test bank's.
    #[must_use]
    pub fn test() -> Self {
        Self::default()
    }

    /// The issuer's master key, 16 bytes.
    #[must_use]
    pub fn master(&self, cipher: Cipher, usage: BankKeyUse) -> Key {
        let [cryptogram, mac, encipherment] = &self.family(cipher).masters;
        let (own, name) = match usage {
            BankKeyUse::Cryptogram => (cryptogram, "AC"),
            BankKeyUse::Mac => (mac, "MAC"),
            BankKeyUse::Encipherment => (encipherment, "ENC"),
        };
        own.clone().unwrap_or_else(|| bank_master_key(name))
    }

    /// A card's key: its own where the profile tells it, else out of the master key by PAN and sequence
    /// number.
    ///
    /// # Errors
    /// [`PanError`] when PAN or sequence number are no digits or too long.
    pub fn card(
        &self,
        cipher: Cipher,
        usage: BankKeyUse,
        pan: &str,
        sequence: &str,
    ) -> Result<Key, PanError> {
        let [cryptogram, mac, encipherment] = &self.family(cipher).of_card;
        let own = match usage {
            BankKeyUse::Cryptogram => cryptogram,
            BankKeyUse::Mac => mac,
            BankKeyUse::Encipherment => encipherment,
        };
        match own {
            Some(key) => Ok(key.clone()),
            None => card_key(cipher, self.option, &self.master(cipher, usage), pan, sequence),
        }
    }

    /// The three keys of a card.
    ///
    /// # Errors
    /// [`PanError`] when PAN or sequence number are no digits or too long.
    pub fn of_card(
        &self,
        cipher: Cipher,
        pan: &str,
        sequence: &str,
    ) -> Result<TransactionKeys, PanError> {
        let key = |usage| self.card(cipher, usage, pan, sequence);
        Ok(TransactionKeys {
            cryptogram: key(BankKeyUse::Cryptogram)?,
            mac: key(BankKeyUse::Mac)?,
            encipherment: key(BankKeyUse::Encipherment)?,
        })
    }

    /// How the cards' cryptograms come about.
    #[must_use]
    pub const fn cryptogram(&self) -> &CryptogramPlan {
        &self.cryptogram
    }

    /// The keys of one application of the card: its own where a table `[[financial.application]]` has its AID.
    #[must_use]
    pub fn of_application(&self, aid: &[u8]) -> &Self {
        let own = self.applications.iter().find(|(known, _)| known == aid);
        own.map_or(self, |(_, keys)| keys)
    }

    /// The lists that the profile names.
    #[must_use]
    pub const fn lists(&self) -> &KnownLists {
        &self.lists
    }

    /// The same keys of cards whose cryptograms come about in this way.
    #[must_use]
    pub fn with_cryptogram(self, cryptogram: CryptogramPlan) -> Self {
        Self { cryptogram, ..self }
    }

    const fn family(&self, cipher: Cipher) -> &Family {
        match cipher {
            Cipher::TripleDes | Cipher::Aes => &self.triple_des,
            Cipher::Sm4 => &self.sm4,
        }
    }
}

impl fmt::Debug for BankKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("BankKeys(..)")
    }
}

/// The table `[financial.keys]` as it stands in a file.
#[derive(Clone, Default, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[cfg_attr(test, schemars(rename = "BankKeyTable"))]
#[serde(deny_unknown_fields, default)]
pub(crate) struct KeyTable {
    ac: Option<SecretKey>,
    mac: Option<SecretKey>,
    enc: Option<SecretKey>,
    card_ac: Option<SecretKey>,
    card_mac: Option<SecretKey>,
    card_enc: Option<SecretKey>,
    derivation: Option<Derivation>,
    sm4: Option<Sm4Table>,
}

#[derive(Clone, Default, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, default)]
struct Sm4Table {
    ac: Option<SecretKey>,
    mac: Option<SecretKey>,
    enc: Option<SecretKey>,
    card_ac: Option<SecretKey>,
    card_mac: Option<SecretKey>,
    card_enc: Option<SecretKey>,
}

#[derive(Clone, Copy, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
enum Derivation {
    A,
    B,
}

/// 16 bytes that no message quotes.
#[derive(Clone)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[cfg_attr(test, schemars(transparent))]
struct SecretKey(#[cfg_attr(test, schemars(with = "String"))] Key);

impl<'de> Deserialize<'de> for SecretKey {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let text = Zeroizing::new(String::deserialize(from)?);
        let compact = Zeroizing::new(text.replace(' ', ""));
        let refuse = || {
            let digits = compact.chars().count();
            de::Error::custom(format!("a key is 32 hexadecimal digits, and here are {digits}"))
        };
        if compact.len() == 32 && !compact.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return Err(de::Error::custom("a key is 32 hexadecimal digits, and one here is none"));
        }
        let bytes = Zeroizing::new(hex::decode(&*compact).map_err(|_| refuse())?);
        let bytes: [u8; 16] = bytes.as_slice().try_into().map_err(|_| refuse())?;
        Ok(Self(Key::new(bytes)))
    }
}

impl KeyTable {
    /// What this table says, and what the one below says where it is silent.
    pub(crate) fn over(self, below: Self) -> Self {
        Self {
            ac: self.ac.or(below.ac),
            mac: self.mac.or(below.mac),
            enc: self.enc.or(below.enc),
            card_ac: self.card_ac.or(below.card_ac),
            card_mac: self.card_mac.or(below.card_mac),
            card_enc: self.card_enc.or(below.card_enc),
            derivation: self.derivation.or(below.derivation),
            sm4: match (self.sm4, below.sm4) {
                (Some(own), Some(below)) => Some(own.over(below)),
                (own, below) => own.or(below),
            },
        }
    }

    /// A key of a card that this table names beside the master key that it would come from.
    pub(super) fn named_twice(&self) -> Option<(&'static str, &'static str)> {
        let sm4 = self.sm4.clone().unwrap_or_default();
        let pairs = [
            ("ac", "card_ac", &self.ac, &self.card_ac),
            ("mac", "card_mac", &self.mac, &self.card_mac),
            ("enc", "card_enc", &self.enc, &self.card_enc),
            ("sm4.ac", "sm4.card_ac", &sm4.ac, &sm4.card_ac),
            ("sm4.mac", "sm4.card_mac", &sm4.mac, &sm4.card_mac),
            ("sm4.enc", "sm4.card_enc", &sm4.enc, &sm4.card_enc),
        ];
        let both = pairs.iter().find(|(_, _, master, card)| master.is_some() && card.is_some());
        both.map(|(master, card, ..)| (*master, *card))
    }

    pub(crate) fn keys(&self) -> BankKeys {
        let key = |key: &Option<SecretKey>| key.as_ref().map(|key| key.0.clone());
        let sm4 = self.sm4.clone().unwrap_or_default();
        BankKeys {
            triple_des: Family {
                masters: [&self.ac, &self.mac, &self.enc].map(key),
                of_card: [&self.card_ac, &self.card_mac, &self.card_enc].map(key),
            },
            sm4: Family {
                masters: [&sm4.ac, &sm4.mac, &sm4.enc].map(key),
                of_card: [&sm4.card_ac, &sm4.card_mac, &sm4.card_enc].map(key),
            },
            option: match self.derivation {
                Some(Derivation::B) => DerivationOption::B,
                Some(Derivation::A) | None => DerivationOption::A,
            },
            cryptogram: CryptogramPlan::default(),
            lists: KnownLists::default(),
            applications: Vec::new(),
        }
    }
}

impl Sm4Table {
    fn over(self, below: Self) -> Self {
        Self {
            ac: self.ac.or(below.ac),
            mac: self.mac.or(below.mac),
            enc: self.enc.or(below.enc),
            card_ac: self.card_ac.or(below.card_ac),
            card_mac: self.card_mac.or(below.card_mac),
            card_enc: self.card_enc.or(below.card_enc),
        }
    }
}

/// A file with these tables; others may stand beside them, so that a whole profile is one.
#[derive(Deserialize)]
struct KeyFile {
    #[serde(default)]
    financial: FinancialKeys,
}

#[derive(Clone, Default, Deserialize)]
#[serde(default)]
struct FinancialKeys {
    aid: Option<String>,
    keys: KeyTable,
    scheme: Option<String>,
    cryptogram_version: Option<String>,
    cryptogram_elements: Option<String>,
    arpc_method: Option<u8>,
    pdol_contactless: Option<String>,
    cdol1: Option<String>,
    cdol2: Option<String>,
    records: Records,
    application: Vec<Self>,
}

impl FinancialKeys {
    /// As settings of a profile that says nothing else.
    fn settings(self) -> BankFile {
        BankFile {
            aid: self.aid,
            scheme: self.scheme,
            cryptogram_version: self.cryptogram_version,
            cryptogram_elements: self.cryptogram_elements,
            arpc_method: self.arpc_method,
            pdol_contactless: self.pdol_contactless,
            cdol1: self.cdol1,
            cdol2: self.cdol2,
            keys: self.keys,
            records: self.records,
            ..BankFile::default()
        }
    }
}

fn keys_of(settings: &BankFile) -> Result<BankKeys, LoadError> {
    Ok(BankKeys {
        lists: known_lists(settings)?,
        cryptogram: scheme::cryptogram(settings)?,
        ..settings.keys.keys()
    })
}

/// The issuer's keys in a TOML file with the key tables of a profile, and how its cryptograms come about;
/// whatever else stands in it is passed over, so that a whole profile is such a file.
///
/// # Errors
/// What is wrong with the text or a key, with line and column; no key is quoted.
pub fn bank_keys(text: &str) -> Result<BankKeys, ProfileRefusal> {
    refusal::placed(text, |text| {
        let file: KeyFile = toml::from_str(text).map_err(|error| LoadError::syntax(&error))?;
        let mut common = file.financial;
        let own = std::mem::take(&mut common.application);
        common.records.note_places("");
        let common = common.settings();
        let mut applications = Vec::new();
        for (position, mut table) in own.into_iter().enumerate() {
            table.records.note_places(&format!("application[{position}]."));
            let settings = table.settings().over(common.clone());
            let aid = settings.aid.as_deref().and_then(hexadecimal);
            if let Some(aid) = aid {
                applications.push((aid, keys_of(&settings)?));
            }
        }
        Ok(BankKeys { applications, ..keys_of(&common)? })
    })
}
