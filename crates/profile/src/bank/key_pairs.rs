//! Key pairs of an authority, an issuer and a card: the tables `[financial.authority]`, `[financial.issuer]`,
//! `[financial.icc]`.
//!
//! A pair is told by value, as PEM (PKCS #8, PKCS #1, SEC 1), as a file with PEM, or made from a seed. No
//! message quotes a private key.

use chacha20::ChaCha20Rng;
use crypto_bigint::BoxedUint;
use pkcs1::der::{Decode, SecretDocument};
use rand_core::SeedableRng;
use serde::Deserialize;
use sscard_crypto::financial::rsa::{Exponent, RsaPrivateKey};
use sscard_crypto::financial::{sm2, sm3};
use zeroize::{Zeroize, Zeroizing};

use super::values::{bytes, contradiction, digits, hexadecimal};
use crate::LoadError;
use crate::account::OwnChain;
use crate::test_keys::RsaPair;

/// `rsaEncryption`, PKCS #1.
const RSA_ENCRYPTION: &str = "1.2.840.113549.1.1.1";
/// `id-ecPublicKey`, whose parameter names the curve.
const EC_PUBLIC_KEY: &str = "1.2.840.10045.2.1";
/// The curve SM2 (GM/T 0006).
const CURVE_SM2: &str = "1.2.156.10197.1.301";

/// Gives what is in a file that a profile names, or says why not.
pub(crate) type ReadFile<'r> = dyn Fn(&str) -> Result<Vec<u8>, String> + 'r;

/// Text that no message quotes.
#[derive(Clone, Default, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(transparent)]
pub(super) struct SecretText(String);

impl Drop for SecretText {
    fn drop(&mut self) {
        self.0.zeroize();
    }
}

/// An RSA pair as a file tells it.
#[derive(Clone, Default, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, default)]
pub(crate) struct RsaTable {
    file: Option<String>,
    pem: Option<SecretText>,
    p: Option<SecretText>,
    q: Option<SecretText>,
    exponent: Option<u32>,
    seed: Option<u64>,
    bits: Option<u32>,
}

/// An SM2 pair as a file tells it.
#[derive(Clone, Default, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Sm2Table {
    file: Option<String>,
    pem: Option<SecretText>,
    private: Option<SecretText>,
    seed: Option<u64>,
}

/// `[financial.authority]`, `[financial.issuer]` or `[financial.icc]`.
#[derive(Clone, Default, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, default)]
pub(crate) struct PairTable {
    rsa: Option<RsaTable>,
    sm2: Option<Sm2Table>,
    rsa_index: Option<String>,
    sm2_index: Option<String>,
    identification: Option<String>,
    expiry: Option<String>,
}

impl PairTable {
    /// What this table says, and what the one below says where it is silent.
    pub(super) fn over(self, below: Self) -> Self {
        Self {
            rsa: self.rsa.or(below.rsa),
            sm2: self.sm2.or(below.sm2),
            rsa_index: self.rsa_index.or(below.rsa_index),
            sm2_index: self.sm2_index.or(below.sm2_index),
            identification: self.identification.or(below.identification),
            expiry: self.expiry.or(below.expiry),
        }
    }

    /// Reads the files that it names.
    pub(super) fn read_files(&mut self, table: &str, read: &ReadFile<'_>) -> Result<(), LoadError> {
        if let Some(rsa) = &mut self.rsa
            && let Some(name) = rsa.file.take()
        {
            only(
                &format!("{table}.rsa"),
                rsa.pem.is_none() && rsa.p.is_none() && rsa.seed.is_none(),
            )?;
            rsa.pem = Some(read_file(&format!("{table}.rsa.file"), read, &name)?);
        }
        if let Some(sm2) = &mut self.sm2
            && let Some(name) = sm2.file.take()
        {
            only(
                &format!("{table}.sm2"),
                sm2.pem.is_none() && sm2.private.is_none() && sm2.seed.is_none(),
            )?;
            sm2.pem = Some(read_file(&format!("{table}.sm2.file"), read, &name)?);
        }
        Ok(())
    }

    /// Only authorities have indices, only issuers an identification and an expiry.
    fn only_names(&self, table: &str, allowed: &[&str]) -> Result<(), LoadError> {
        let named = [
            ("rsa_index", self.rsa_index.is_some()),
            ("sm2_index", self.sm2_index.is_some()),
            ("identification", self.identification.is_some()),
            ("expiry", self.expiry.is_some()),
        ];
        for (name, is_named) in named {
            if is_named && !allowed.contains(&name) {
                let reason = "this table has no such setting: see docs/profiles.md";
                return Err(contradiction(&format!("{table}.{name}"), reason));
            }
        }
        Ok(())
    }

    fn rsa(&self, table: &str) -> Result<Option<RsaPair>, LoadError> {
        self.rsa.as_ref().map(|rsa| rsa.pair(&format!("{table}.rsa"))).transpose()
    }

    fn sm2(&self, table: &str) -> Result<Option<sm2::Sm2PrivateKey>, LoadError> {
        self.sm2.as_ref().map(|sm2| sm2.key(&format!("{table}.sm2"))).transpose()
    }
}

fn only(setting: &str, alone: bool) -> Result<(), LoadError> {
    if alone {
        return Ok(());
    }
    Err(contradiction(setting, "a key is told once: by file, pem, value or seed"))
}

fn read_file(setting: &str, read: &ReadFile<'_>, name: &str) -> Result<SecretText, LoadError> {
    let bytes = read(name).map_err(|reason| contradiction(setting, format!("{name}: {reason}")))?;
    let text = String::from_utf8(bytes);
    text.map(SecretText).map_err(|_| contradiction(setting, format!("{name}: it is no text")))
}

/// Authority and issuer of a profile.
pub(super) fn chain(
    authority: &PairTable,
    issuer: &PairTable,
    identification: Option<[u8; 4]>,
) -> Result<OwnChain, LoadError> {
    authority.only_names("authority", &["rsa_index", "sm2_index"])?;
    issuer.only_names("issuer", &["identification", "expiry"])?;
    let index = |name: &str, text: &Option<String>| {
        let setting = format!("authority.{name}");
        let text = text.as_deref();
        let byte = text.map(|text| bytes::<1>(&setting, text, "a byte as two hexadecimal digits"));
        byte.transpose().map(|byte| byte.map(|[byte]| byte))
    };
    let own = issuer.identification.as_deref().map(|text| {
        let wanted = "3 to 8 digits, the beginning of the account numbers";
        let digits = digits("issuer.identification", text, 3..=8, wanted)?;
        let packed = hexadecimal(&format!("{digits:F<8}")).unwrap_or_default();
        packed.try_into().map_err(|_| contradiction("issuer.identification", wanted))
    });
    let expiry = issuer.expiry.as_deref().map(|text| {
        let wanted = "a month as MMYY, such as 1249";
        let digits = digits("issuer.expiry", text, 4..=4, wanted)?;
        let month = digits.get(..2).and_then(|month| month.parse::<u8>().ok());
        if !month.is_some_and(|month| (1..=12).contains(&month)) {
            return Err(super::values::value("issuer.expiry", text, wanted));
        }
        bytes("issuer.expiry", text, wanted)
    });
    let chain = OwnChain {
        rsa_index: index("rsa_index", &authority.rsa_index)?,
        rsa_authority: authority.rsa("authority")?,
        sm2_index: index("sm2_index", &authority.sm2_index)?,
        sm2_authority: authority.sm2("authority")?,
        rsa_issuer: issuer.rsa("issuer")?,
        // It signs twice for every card.
        sm2_issuer: issuer.sm2("issuer")?.map(|key| key.prepared()),
        identification: own.transpose()?.or(identification),
        expiry: expiry.transpose()?,
    };
    Ok(chain)
}

/// The card's own pairs.
pub(super) fn card_pairs(
    table: &PairTable,
) -> Result<(Option<RsaPair>, Option<sm2::Sm2PrivateKey>), LoadError> {
    table.only_names("icc", &[])?;
    Ok((table.rsa("icc")?, table.sm2("icc")?))
}

impl RsaTable {
    fn pair(&self, setting: &str) -> Result<RsaPair, LoadError> {
        let exponent = match self.exponent {
            None | Some(3) => Exponent::Three,
            Some(65_537) => Exponent::FermatFour,
            Some(_) => {
                let reason = "EMV has the exponents 3 and 65537";
                return Err(contradiction(&format!("{setting}.exponent"), reason));
            }
        };
        match (&self.pem, (&self.p, &self.q), self.seed) {
            (Some(pem), (None, None), None) => rsa_of_pem(setting, &pem.0),
            (None, (Some(p), Some(q)), None) => {
                let number = |text: &SecretText| hexadecimal(&text.0).map(Zeroizing::new);
                let pair = || RsaPrivateKey::from_primes(&number(p)?, &number(q)?, exponent);
                let reason =
                    "p and q are two primes of one length in hexadecimal digits, 256 to 992 bits";
                let (public, private) = pair().ok_or_else(|| contradiction(setting, reason))?;
                Ok(RsaPair { public, private })
            }
            (None, (None, None), Some(seed)) => {
                let bits = self.bits.unwrap_or(1152);
                if !(512..=1984).contains(&bits) || !bits.is_multiple_of(16) {
                    let reason = "a modulus has 512 to 1984 bits, a multiple of 16";
                    return Err(contradiction(&format!("{setting}.bits"), reason));
                }
                generated(seed, bits, exponent)
                    .ok_or_else(|| contradiction(setting, "no key comes of this seed"))
            }
            _ => {
                Err(contradiction(setting, "a key is told by file, by pem, by p and q, or by seed"))
            }
        }
    }
}

impl Sm2Table {
    fn key(&self, setting: &str) -> Result<sm2::Sm2PrivateKey, LoadError> {
        let refuse = |reason: &str| contradiction(setting, reason);
        let secret: Zeroizing<Vec<u8>> = match (&self.pem, &self.private, self.seed) {
            (Some(pem), None, None) => sm2_of_pem(setting, &pem.0)?,
            (None, Some(private), None) => {
                let read = hexadecimal(&private.0).filter(|bytes| bytes.len() == 32);
                Zeroizing::new(read.ok_or_else(|| refuse("private is 64 hexadecimal digits"))?)
            }
            (None, None, Some(seed)) => {
                Zeroizing::new(sm3(&[b"TEST SM2 key by seed", &seed.to_be_bytes()]).to_vec())
            }
            _ => return Err(refuse("a key is told by file, by pem, by private, or by seed")),
        };
        let bytes = secret.as_slice().try_into().ok();
        bytes.and_then(sm2::Sm2PrivateKey::from_bytes).ok_or_else(|| {
            refuse("it is no private key of SM2: zero, or not below the curve's order")
        })
    }
}

/// An RSA pair from a seed: the same seed, the same pair.
fn generated(seed: u64, bits: u32, exponent: Exponent) -> Option<RsaPair> {
    use crypto_primes::{Flavor, random_prime};
    let mut random = ChaCha20Rng::seed_from_u64(seed);
    let length = usize::try_from(bits / 16).ok()?;
    let mut prime = || {
        let prime: BoxedUint = random_prime(&mut random, Flavor::Any, bits / 2);
        let bytes = Zeroizing::new(prime.to_be_bytes().to_vec());
        let surplus = bytes.len().checked_sub(length)?;
        Some(Zeroizing::new(bytes.get(surplus..)?.to_vec()))
    };
    // Two primes in three are unfit for the exponent 3, and some products are short.
    for _ in 0..200 {
        let (p, q) = (prime()?, prime()?);
        let pair = RsaPrivateKey::from_primes(&p, &q, exponent);
        let whole = pair.filter(|(public, _)| {
            public.modulus().first().is_some_and(|first| first & 0x80 != 0) && p != q
        });
        if let Some((public, private)) = whole {
            return Some(RsaPair { public, private });
        }
    }
    None
}

/// What stands in a PEM text: its label and its bytes.
fn document(setting: &str, pem: &str) -> Result<(String, SecretDocument), LoadError> {
    // What stands in front, such as the parameters of a curve, is passed over.
    let begin = pem
        .match_indices("-----BEGIN ")
        .find(|(at, _)| {
            pem.get(*at..).is_some_and(|rest| {
                rest.lines().next().is_some_and(|line| line.ends_with("PRIVATE KEY-----"))
            })
        })
        .map(|(at, _)| at);
    let text = begin.and_then(|at| pem.get(at..)).unwrap_or(pem);
    let end = text.find("-----END ").and_then(|at| {
        text.get(at..)?.find('\n').map(|line| at.saturating_add(line).saturating_add(1))
    });
    let text = end.and_then(|end| text.get(..end)).unwrap_or(text);
    let read = SecretDocument::from_pem(text);
    let (label, document) = read.map_err(|_| {
        contradiction(setting, "no private key in PEM: -----BEGIN PRIVATE KEY-----")
    })?;
    Ok((label.to_owned(), document))
}

fn rsa_of_pem(setting: &str, pem: &str) -> Result<RsaPair, LoadError> {
    let refuse = |reason: &str| contradiction(setting, reason);
    let (label, document) = document(setting, pem)?;
    let no_key = "the PEM text holds no RSA private key";
    let inner;
    let der = match label.as_str() {
        "PRIVATE KEY" => {
            inner = pkcs8::PrivateKeyInfoRef::from_der(document.as_bytes())
                .map_err(|_| refuse(no_key))?;
            if inner.algorithm.oid.to_string() != RSA_ENCRYPTION {
                return Err(refuse(no_key));
            }
            inner.private_key.as_bytes()
        }
        "RSA PRIVATE KEY" => document.as_bytes(),
        _ => {
            return Err(refuse(
                "a PEM text of an RSA key begins with PRIVATE KEY or RSA PRIVATE KEY",
            ));
        }
    };
    let key = pkcs1::RsaPrivateKeyRef::from_der(der).map_err(|_| refuse(no_key))?;
    let exponent = Exponent::from_bytes(key.public_exponent.as_bytes());
    let exponent = exponent.ok_or_else(|| refuse("EMV has the public exponents 3 and 65537"))?;
    let pair = RsaPrivateKey::from_primes(key.prime1.as_bytes(), key.prime2.as_bytes(), exponent);
    let reason = "it is no RSA key of 512 to 1984 bits with two primes of one length";
    let (public, private) = pair.ok_or_else(|| refuse(reason))?;
    if public.modulus() != key.modulus.as_bytes() {
        return Err(refuse("modulus and primes do not belong together"));
    }
    Ok(RsaPair { public, private })
}

fn sm2_of_pem(setting: &str, pem: &str) -> Result<Zeroizing<Vec<u8>>, LoadError> {
    let refuse = |reason: &str| contradiction(setting, reason);
    let (label, document) = document(setting, pem)?;
    let no_key = "the PEM text holds no private key on the curve SM2";
    let der = match label.as_str() {
        "PRIVATE KEY" => {
            let info = pkcs8::PrivateKeyInfoRef::from_der(document.as_bytes())
                .map_err(|_| refuse(no_key))?;
            let curve = info.algorithm.parameters_oid().map(|oid| oid.to_string());
            let is_sm2 = info.algorithm.oid.to_string() == CURVE_SM2
                || info.algorithm.oid.to_string() == EC_PUBLIC_KEY
                    && curve.is_ok_and(|curve| curve == CURVE_SM2);
            if !is_sm2 {
                return Err(refuse(no_key));
            }
            Zeroizing::new(info.private_key.as_bytes().to_vec())
        }
        "EC PRIVATE KEY" | "SM2 PRIVATE KEY" => Zeroizing::new(document.as_bytes().to_vec()),
        _ => {
            return Err(refuse(
                "a PEM text of an SM2 key begins with PRIVATE KEY or EC PRIVATE KEY",
            ));
        }
    };
    let key = sec1::EcPrivateKey::from_der(&der).map_err(|_| refuse(no_key))?;
    let named = key.parameters.and_then(sec1::EcParameters::named_curve);
    if named.is_some_and(|curve| curve.to_string() != CURVE_SM2) {
        return Err(refuse(no_key));
    }
    Ok(Zeroizing::new(key.private_key.to_vec()))
}
