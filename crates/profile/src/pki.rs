//! The table `[pki]` of a profile, and what the PKI application of a test card is delivered with.
//!
//! All cards of a built-in profile share two TEST pairs and their certificates, as they share the ICC key, so
//! that a further card costs nothing for them; `keys = "own"` gives each card pairs of its own from its seed,
//! with certificates that name its holder.

mod certificate;

use std::sync::OnceLock;

use serde::Deserialize;
use sscard_core::{Holder, PkiKeyPair, PkiPin, PkiPlan, Profile};
use sscard_crypto::financial::sm2::Sm2PrivateKey;
use sscard_crypto::financial::sm3;
use zeroize::Zeroizing;

pub use certificate::{
    CardCertificate, CardCertificateError, CertificateUse, signature_from_der, signature_to_der,
};
use certificate::{Request, issue};

use crate::LoadError;
use crate::test_keys::TestKeys;

const TEXT: &str = include_str!("../keys/pki.toml");
/// The user's TEST PIN, BCD: 123456.
pub const PKI_USER_PIN: [u8; 3] = [0x12, 0x34, 0x56];
/// The administrator's TEST PIN, BCD: 12345678.
pub const PKI_ADMINISTRATOR_PIN: [u8; 4] = [0x12, 0x34, 0x56, 0x78];
/// Common name of the test authority.
const AUTHORITY: &str = "TEST authority";
const TRIES: u8 = 6;
/// Items of EF05 and EF06 that a certificate repeats.
const ISSUED: u8 = 0x05;
const EXPIRES: u8 = 0x06;
const NUMBER: u8 = 0x08;
const NAME: u8 = 0x09;
const NAME_EXTENSION: u8 = 0x4E;

/// What can be set; the application is there when the table is, unless it says `present = false`.
#[derive(Clone, Default, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, default)]
pub(crate) struct PkiFile {
    present: Option<bool>,
    pin: Option<String>,
    administrator_pin: Option<String>,
    pin_tries: Option<u8>,
    administrator_pin_tries: Option<u8>,
    keys: Option<String>,
    signature_key: Option<String>,
    signature_certificate: Option<String>,
    encryption_key: Option<String>,
    encryption_certificate: Option<String>,
}

impl PkiFile {
    /// What this table says, and what the one below says where it is silent.
    pub(crate) fn over(self, below: Self) -> Self {
        Self {
            present: self.present.or(below.present),
            pin: self.pin.or(below.pin),
            administrator_pin: self.administrator_pin.or(below.administrator_pin),
            pin_tries: self.pin_tries.or(below.pin_tries),
            administrator_pin_tries: self.administrator_pin_tries.or(below.administrator_pin_tries),
            keys: self.keys.or(below.keys),
            signature_key: self.signature_key.or(below.signature_key),
            signature_certificate: self.signature_certificate.or(below.signature_certificate),
            encryption_key: self.encryption_key.or(below.encryption_key),
            encryption_certificate: self.encryption_certificate.or(below.encryption_certificate),
        }
    }

    /// The first setting whose place in a card is part of the state that `[state]` sets as a whole.
    pub(crate) fn of_state(&self) -> Option<&'static str> {
        let settings = [
            ("pki.pin", self.pin.is_some()),
            ("pki.administrator_pin", self.administrator_pin.is_some()),
            ("pki.keys", self.keys.as_deref().is_some_and(|keys| keys != "none")),
            ("pki.signature_key", self.signature_key.is_some()),
            ("pki.signature_certificate", self.signature_certificate.is_some()),
            ("pki.encryption_key", self.encryption_key.is_some()),
            ("pki.encryption_certificate", self.encryption_certificate.is_some()),
        ];
        settings.into_iter().find(|(_, is_there)| *is_there).map(|(setting, _)| setting)
    }

    /// The plan; `None` when there is to be no such application.
    pub(crate) fn plan(&self) -> Result<Option<PkiPlan>, LoadError> {
        if self.present == Some(false) {
            return Ok(None);
        }
        let pin = |setting, text: &Option<String>, default: &[u8], tries: Option<u8>| {
            let value = match text {
                None => default.to_vec(),
                Some(text) => digits(text).ok_or_else(|| secret(setting, "4 to 16 digits"))?,
            };
            Ok::<_, LoadError>(PkiPin { value, tries: tries.unwrap_or(TRIES) })
        };
        for (setting, tries) in [
            ("pki.pin_tries", self.pin_tries),
            ("pki.administrator_pin_tries", self.administrator_pin_tries),
        ] {
            if let Some(tries) = tries.filter(|tries| !(1..=15).contains(tries)) {
                return Err(LoadError::Value {
                    setting: setting.to_owned(),
                    value: tries.to_string(),
                    wanted: "a number of tries from 1 to 15",
                });
            }
        }
        let shared = match self.keys.as_deref().unwrap_or("shared") {
            "shared" => true,
            // Pairs of a card's own come with the card.
            "own" | "none" => false,
            other => {
                return Err(LoadError::Value {
                    setting: "pki.keys".to_owned(),
                    value: other.to_owned(),
                    wanted: "shared, own or none",
                });
            }
        };
        let pair = |purpose: &str, key: &Option<String>, certificate: &Option<String>| {
            let mut pair = match key {
                None if shared => test_pairs().pair(purpose),
                None => PkiKeyPair::default(),
                Some(text) => {
                    let setting = format!("pki.{purpose}_key");
                    given(text).ok_or_else(|| secret(&setting, "an SM2 key of 64 hex digits"))?
                }
            };
            if let Some(text) = certificate {
                pair.certificate = hex::decode(text).map_err(|_| LoadError::Value {
                    setting: format!("pki.{purpose}_certificate"),
                    value: text.clone(),
                    wanted: "a certificate in DER as hexadecimal digits",
                })?;
            }
            Ok::<_, LoadError>(pair)
        };
        Ok(Some(PkiPlan {
            user: pin("pki.pin", &self.pin, &PKI_USER_PIN, self.pin_tries)?,
            administrator: pin(
                "pki.administrator_pin",
                &self.administrator_pin,
                &PKI_ADMINISTRATOR_PIN,
                self.administrator_pin_tries,
            )?,
            signature: pair("signature", &self.signature_key, &self.signature_certificate)?,
            encryption: pair("encryption", &self.encryption_key, &self.encryption_certificate)?,
            own_keys: self.keys.as_deref() == Some("own"),
        }))
    }
}

/// What was given is a secret, and is not repeated.
fn secret(setting: &str, wanted: &'static str) -> LoadError {
    LoadError::Contradiction {
        setting: setting.to_owned(),
        reason: format!("what is there is not {wanted}"),
    }
}

/// BCD of 4 to 16 digits, an odd one filled with F.
fn digits(text: &str) -> Option<Vec<u8>> {
    let fits = (4..=16).contains(&text.len()) && text.bytes().all(|c| c.is_ascii_digit());
    let filled = if text.len().is_multiple_of(2) { text.to_owned() } else { format!("{text}F") };
    hex::decode(filled).ok().filter(|_| fits)
}

/// A pair by its private key, without a certificate.
fn given(text: &str) -> Option<PkiKeyPair> {
    let bytes = Zeroizing::new(hex::decode(text).ok()?);
    let key = Sm2PrivateKey::from_bytes(bytes.as_slice().try_into().ok()?)?;
    Some(pair_of(&key, Vec::new()))
}

fn pair_of(key: &Sm2PrivateKey, certificate: Vec<u8>) -> PkiKeyPair {
    PkiKeyPair {
        private: key.to_bytes().to_vec(),
        public: key.public_key().bytes().to_vec(),
        certificate,
    }
}

/// The pairs that test cards share, and the authority's certificate.
struct TestPairs {
    authority: Vec<u8>,
    signature: PkiKeyPair,
    encryption: PkiKeyPair,
}

impl TestPairs {
    fn pair(&self, purpose: &str) -> PkiKeyPair {
        if purpose == "signature" { self.signature.clone() } else { self.encryption.clone() }
    }
}

#[derive(Deserialize)]
struct PairsFile {
    authority: AuthorityFile,
    signature: PairFile,
    encryption: PairFile,
}

#[derive(Deserialize)]
struct AuthorityFile {
    certificate: String,
}

#[derive(Deserialize)]
struct PairFile {
    private: String,
    public: String,
    certificate: String,
}

fn test_pairs() -> &'static TestPairs {
    static PAIRS: OnceLock<TestPairs> = OnceLock::new();
    PAIRS.get_or_init(|| {
        // The file is part of the program; a test reads it.
        read().unwrap_or(TestPairs {
            authority: Vec::new(),
            signature: PkiKeyPair::default(),
            encryption: PkiKeyPair::default(),
        })
    })
}

fn read() -> Option<TestPairs> {
    let file: PairsFile = toml::from_str(TEXT).ok()?;
    let pair = |file: &PairFile| {
        Some(PkiKeyPair {
            private: hex::decode(&file.private).ok()?,
            public: hex::decode(&file.public).ok()?,
            certificate: hex::decode(&file.certificate).ok()?,
        })
    };
    Some(TestPairs {
        authority: hex::decode(&file.authority.certificate).ok()?,
        signature: pair(&file.signature)?,
        encryption: pair(&file.encryption)?,
    })
}

/// The test authority's own certificate in DER; its key is the SM2 key `ca` of the test keys.
#[must_use]
pub fn pki_authority() -> &'static [u8] {
    &test_pairs().authority
}

/// Pairs of a card's own, from its seed, with certificates that name its holder; `None` when the profile has
/// none such.
pub(crate) fn own_pairs(profile: &Profile, holder: &Holder) -> Option<[PkiKeyPair; 2]> {
    let plan = profile.blueprint().pki.as_ref().filter(|plan| plan.own_keys)?;
    let uses = [CertificateUse::Signature, CertificateUse::Encryption];
    let planned = [&plan.signature, &plan.encryption];
    let mut pairs = [PkiKeyPair::default(), PkiKeyPair::default()];
    for ((pair, usage), planned) in pairs.iter_mut().zip(uses).zip(planned) {
        *pair = if planned.private.is_empty() { own_pair(usage, holder)? } else { planned.clone() };
    }
    Some(pairs)
}

fn own_pair(usage: CertificateUse, holder: &Holder) -> Option<PkiKeyPair> {
    let draw = |round: u8| {
        let bytes = Zeroizing::new(sm3(&[b"TEST PKI key", &[usage as u8, round], &holder.seed]));
        Sm2PrivateKey::from_bytes(&bytes)
    };
    let key = (0..=u8::MAX).find_map(draw)?;
    // What stands in the card's own items is what the certificate says.
    let item = |tag: u8, value: &[u8]| {
        let other = holder.overrides.iter().rev().find(|item| item.tag == tag);
        other.map_or_else(|| value.to_vec(), |item| item.value.clone())
    };
    let day = |tag, day: [u8; 4]| <[u8; 4]>::try_from(item(tag, &day)).unwrap_or(day);
    let name = [item(NAME, &holder.name), item(NAME_EXTENSION, &holder.name_extension)].concat();
    let (name, ..) = encoding_rs::GBK.decode(&name);
    let name = name.trim_matches(|c: char| c.is_whitespace() || c == '\0');
    let number = item(NUMBER, &holder.social_security_number);
    let number = String::from_utf8_lossy(&number);
    let number = number.trim_matches(|c: char| c.is_whitespace() || c == '\0');
    let request = Request {
        usage,
        name: if name.is_empty() { "TEST holder" } else { name },
        number,
        public: key.public_key().bytes(),
        days: [day(ISSUED, holder.issue_date), day(EXPIRES, holder.expiry_date)],
    };
    // A holder whose data are no name or no date for X.509 has keys all the same.
    let certificate = issue(&request, AUTHORITY, TestKeys::get().sm2("ca")?).unwrap_or_default();
    Some(pair_of(&key, certificate))
}

#[cfg(test)]
mod tests;
