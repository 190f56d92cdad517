//! TEST keys of the financial function: a certification authority, an issuer, the pairs that test
//! cards share, and the pool they draw pairs of their own from. Generated once; everybody has the
//! private halves.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use serde::Deserialize;
use sscard_crypto::financial::rsa::{Exponent, RsaPrivateKey, RsaPublicKey};
use sscard_crypto::financial::sm2;
use zeroize::Zeroizing;

const TEXT: &str = include_str!("../keys/test-ca.toml");
const POOL: &str = include_str!("../keys/card-pool.toml");

/// Registered application provider identifier that the test authority's keys go under.
pub const RID: [u8; 5] = [0xA0, 0x00, 0x00, 0x03, 0x33];
/// Index of the 1984-bit RSA key of the test authority.
pub const AUTHORITY_1984: u8 = 0x01;
/// Index of the 1408-bit RSA key of the test authority.
pub const AUTHORITY_1408: u8 = 0x02;
/// Index of the SM2 key of the test authority.
pub const AUTHORITY_SM2: u8 = 0x03;

/// An RSA key pair.
#[derive(Clone)]
pub struct RsaPair {
    /// Modulus and exponent.
    pub public: RsaPublicKey,
    /// Primes, exponents, coefficient.
    pub private: RsaPrivateKey,
}

/// Test keys by the names of their file, `keys/test-ca.toml` or `keys/card-pool.toml`.
pub struct TestKeys {
    rsa: BTreeMap<String, RsaPair>,
    sm2: BTreeMap<String, Sm2Entry>,
}

/// An SM2 key; the arithmetic waits until the key is used.
struct Sm2Entry {
    private: Zeroizing<[u8; 32]>,
    public: [u8; 64],
    key: OnceLock<Option<sm2::Sm2PrivateKey>>,
}

#[derive(Deserialize)]
struct KeyFile {
    rsa: BTreeMap<String, RsaFile>,
    sm2: BTreeMap<String, Sm2File>,
}

#[derive(Deserialize)]
struct RsaFile {
    exponent: u32,
    modulus: String,
    p: String,
    q: String,
    dp: String,
    dq: String,
    q_inverse: String,
}

#[derive(Deserialize)]
struct Sm2File {
    private: String,
    public: String,
}

impl TestKeys {
    /// Authority, issuer and shared pairs, read once.
    pub fn get() -> &'static Self {
        static KEYS: OnceLock<TestKeys> = OnceLock::new();
        KEYS.get_or_init(|| Self::read(TEXT))
    }

    /// The card pool, pairs `0` to `15`; read when the first card draws from it.
    pub fn pool() -> &'static Self {
        static KEYS: OnceLock<TestKeys> = OnceLock::new();
        KEYS.get_or_init(|| Self::read(POOL))
    }

    fn read(text: &str) -> Self {
        let read = || {
            let file: KeyFile = toml::from_str(text).ok()?;
            let rsa = file.rsa.into_iter().map(|(name, key)| Some((name, rsa_pair(&key)?)));
            let sm2 = file.sm2.into_iter().map(|(name, key)| Some((name, sm2_key(&key)?)));
            Some(Self { rsa: rsa.collect::<Option<_>>()?, sm2: sm2.collect::<Option<_>>()? })
        };
        // The files are part of the program; a test reads them.
        read().unwrap_or(Self { rsa: BTreeMap::new(), sm2: BTreeMap::new() })
    }

    /// An RSA pair by name, of [`get`](Self::get): `ca-1984`, `ca-1408`, `issuer-1408`, `issuer-1152`, `card-1152`,
    /// `card-1024`, `card-768`; of the pool: `0` to `15`.
    #[must_use]
    pub fn rsa(&self, name: &str) -> Option<&RsaPair> {
        self.rsa.get(name)
    }

    /// An SM2 key by name, of [`get`](Self::get): `ca`, `issuer`, `card`; of the pool: `0` to `15`.
    #[must_use]
    pub fn sm2(&self, name: &str) -> Option<&sm2::Sm2PrivateKey> {
        let entry = self.sm2.get(name)?;
        entry.key.get_or_init(|| sm2::Sm2PrivateKey::from_bytes(&entry.private)).as_ref()
    }

    /// The 32 bytes of a private SM2 key.
    #[must_use]
    pub fn sm2_private(&self, name: &str) -> Option<Zeroizing<[u8; 32]>> {
        self.sm2.get(name).map(|entry| entry.private.clone())
    }

    /// X and Y of a public SM2 key.
    #[must_use]
    pub fn sm2_public(&self, name: &str) -> Option<&[u8; 64]> {
        self.sm2.get(name).map(|entry| &entry.public)
    }

    /// The authority's RSA key by its index.
    #[must_use]
    pub fn authority(&self, index: u8) -> Option<&RsaPublicKey> {
        let name = match index {
            AUTHORITY_1984 => "ca-1984",
            AUTHORITY_1408 => "ca-1408",
            _ => return None,
        };
        self.rsa(name).map(|pair| &pair.public)
    }

    /// The authority's SM2 key by its index.
    #[must_use]
    pub fn sm2_authority(&self, index: u8) -> Option<&sm2::Sm2PublicKey> {
        (index == AUTHORITY_SM2).then(|| self.sm2("ca").map(sm2::Sm2PrivateKey::public_key))?
    }
}

fn rsa_pair(file: &RsaFile) -> Option<RsaPair> {
    let bytes = |text: &str| hex::decode(text).ok();
    let exponent = match file.exponent {
        3 => Exponent::Three,
        65_537 => Exponent::FermatFour,
        _ => return None,
    };
    Some(RsaPair {
        public: RsaPublicKey::new(&bytes(&file.modulus)?, exponent)?,
        private: RsaPrivateKey::from_parts(
            &bytes(&file.p)?,
            &bytes(&file.q)?,
            &bytes(&file.dp)?,
            &bytes(&file.dq)?,
            &bytes(&file.q_inverse)?,
        )?,
    })
}

fn sm2_key(file: &Sm2File) -> Option<Sm2Entry> {
    let private = Zeroizing::new(hex::decode(&file.private).ok()?);
    Some(Sm2Entry {
        private: Zeroizing::new(private.as_slice().try_into().ok()?),
        public: hex::decode(&file.public).ok()?.try_into().ok()?,
        key: OnceLock::new(),
    })
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_test_key_is_there_and_a_pair() {
        let keys = TestKeys::get();
        let names = [
            "ca-1984",
            "ca-1408",
            "issuer-1408",
            "issuer-1152",
            "card-1152",
            "card-1024",
            "card-768",
        ];
        assert_eq!(keys.rsa.len(), names.len());
        names.iter().for_each(|name| check_rsa(keys, name));
        assert_eq!(keys.sm2.len(), 3);
        ["ca", "issuer", "card"].iter().for_each(|name| check_sm2(keys, name));
    }

    #[test]
    fn the_card_pool_has_sixteen_pairs_and_no_two_are_the_same() {
        let keys = TestKeys::pool();
        assert_eq!((keys.rsa.len(), keys.sm2.len()), (16, 16));
        let (mut moduli, mut points) = (BTreeSet::new(), BTreeSet::new());
        for name in (0..16).map(|n: u8| n.to_string()) {
            check_rsa(keys, &name);
            check_sm2(keys, &name);
            let public = &keys.rsa(&name).unwrap().public;
            assert_eq!((public.modulus().len(), public.exponent()), (144, Exponent::Three));
            moduli.insert(public.modulus());
            points.insert(keys.sm2_public(&name).unwrap());
        }
        assert_eq!((moduli.len(), points.len()), (16, 16));
    }

    fn check_rsa(keys: &TestKeys, name: &str) {
        let pair = keys.rsa(name).unwrap();
        let mut message = vec![0x5A; pair.public.modulus().len()];
        message[0] = 0x00;
        let signature = pair.private.apply(&message).unwrap();
        assert_eq!(pair.public.apply(&signature).unwrap(), message, "{name}");
    }

    fn check_sm2(keys: &TestKeys, name: &str) {
        let derived = keys.sm2(name).unwrap().public_key();
        assert_eq!(Some(derived.bytes()), keys.sm2_public(name), "{name}");
    }
}
