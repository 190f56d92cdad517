//! One key of a certification authority, as terminals are set up with it.

use sscard_apdu::hex;
use sscard_apdu::tlv::{Reader, Tag, Writer};
use sscard_crypto::financial::certificate::authority_key_check;
use sscard_crypto::financial::rsa::{Exponent, RsaPublicKey};
use sscard_crypto::financial::sm2::Sm2PublicKey;
use sscard_profile::{AUTHORITY_1408, AUTHORITY_1984, AUTHORITY_SM2, RID, TestKeys};

/// A public key of either family.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum AuthorityPublicKey {
    /// Modulus and exponent.
    Rsa(RsaPublicKey),
    /// A point of the curve.
    Sm2(Sm2PublicKey),
}

/// A key of a certification authority: whose it is, the key, how long it is good.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct AuthorityKey {
    /// Registered application provider identifier: the first five bytes of an AID.
    pub rid: [u8; 5],
    /// The index that cards name in tag 8F.
    pub index: u8,
    /// The key.
    pub key: AuthorityPublicKey,
    /// Its last day, BCD YYMMDD, where it is known. The terminal here takes none for too old: the
    /// certificates under it have expiries of their own.
    pub expiry: Option<[u8; 3]>,
}

impl std::fmt::Debug for AuthorityKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("AuthorityKey")
            .field("rid", &hex::encode(&self.rid))
            .field("index", &self.index)
            .finish_non_exhaustive()
    }
}

/// The last day of the test authority's keys.
const TEST_EXPIRY: [u8; 3] = [0x49, 0x12, 0x31];

impl AuthorityKey {
    /// A key without an expiry.
    #[must_use]
    pub const fn new(rid: [u8; 5], index: u8, key: AuthorityPublicKey) -> Self {
        Self { rid, index, key, expiry: None }
    }

    /// The keys of the test authority, by their index: everybody has the private halves.
    #[must_use]
    pub fn of_the_test_authority() -> Vec<Self> {
        let keys = TestKeys::get();
        let rsa = [AUTHORITY_1984, AUTHORITY_1408].into_iter().filter_map(|index| {
            Some((index, AuthorityPublicKey::Rsa(keys.authority(index)?.clone())))
        });
        let sm2 = keys.sm2_authority(AUTHORITY_SM2);
        let sm2 = sm2.map(|key| (AUTHORITY_SM2, AuthorityPublicKey::Sm2(*key)));
        let all = rsa.chain(sm2);
        all.map(|(index, key)| Self { rid: RID, index, key, expiry: Some(TEST_EXPIRY) }).collect()
    }

    /// The check value that terminals compare: SHA-1 over RID, index, modulus and exponent (EMV Book 2
    /// §11.2). Of an SM2 key there is none here: how it is computed is not public.
    #[must_use]
    pub fn check_value(&self) -> Option<[u8; 20]> {
        match &self.key {
            AuthorityPublicKey::Rsa(key) => Some(authority_key_check(self.rid, self.index, key)),
            AuthorityPublicKey::Sm2(_) => None,
        }
    }

    /// The key as a SubjectPublicKeyInfo in DER (RFC 5280 §4.1.2.7, GM/T 0009).
    #[must_use]
    pub fn to_der(&self) -> Vec<u8> {
        let mut info = Vec::new();
        Writer::new(&mut info).constructed(SEQUENCE, |out| match &self.key {
            AuthorityPublicKey::Rsa(key) => {
                out.constructed(SEQUENCE, |out| {
                    out.primitive(IDENTIFIER, RSA_ENCRYPTION);
                    out.primitive(NULL, &[]);
                });
                let mut bits = vec![0];
                Writer::new(&mut bits).constructed(SEQUENCE, |out| {
                    out.primitive(INTEGER, &positive(key.modulus()));
                    out.primitive(INTEGER, &positive(key.exponent().bytes()));
                });
                out.primitive(BIT_STRING, &bits);
            }
            AuthorityPublicKey::Sm2(key) => {
                out.constructed(SEQUENCE, |out| {
                    out.primitive(IDENTIFIER, EC_PUBLIC_KEY);
                    out.primitive(IDENTIFIER, SM2_CURVE);
                });
                out.primitive(BIT_STRING, &[&[0, UNCOMPRESSED][..], key.bytes()].concat());
            }
        });
        info
    }
}

impl AuthorityPublicKey {
    /// The key out of a SubjectPublicKeyInfo in DER; `None` when it is none, or of another family.
    #[must_use]
    pub fn from_der(der: &[u8]) -> Option<Self> {
        let [info] = objects(der)?;
        let [algorithm, bits] = objects(value(info, SEQUENCE)?)?;
        let [family, parameter] = objects(value(algorithm, SEQUENCE)?)?;
        let (0, bits) = value(bits, BIT_STRING)?.split_first()? else { return None };
        let family = value(family, IDENTIFIER)?;
        if family == RSA_ENCRYPTION {
            let [key] = objects(bits)?;
            let [modulus, exponent] = objects(value(key, SEQUENCE)?)?;
            let modulus = value(modulus, INTEGER)?;
            let modulus = modulus.strip_prefix(&[0]).unwrap_or(modulus);
            let exponent = Exponent::from_bytes(value(exponent, INTEGER)?)?;
            return RsaPublicKey::new(modulus, exponent).map(Self::Rsa);
        }
        if family != EC_PUBLIC_KEY || value(parameter, IDENTIFIER)? != SM2_CURVE {
            return None;
        }
        let (&UNCOMPRESSED, point) = bits.split_first()? else { return None };
        Sm2PublicKey::from_bytes(point.try_into().ok()?).map(Self::Sm2)
    }
}

const SEQUENCE: Tag = Tag::from_number(0x30);
const INTEGER: Tag = Tag::from_number(0x02);
const BIT_STRING: Tag = Tag::from_number(0x03);
const NULL: Tag = Tag::from_number(0x05);
const IDENTIFIER: Tag = Tag::from_number(0x06);
/// 1.2.840.113549.1.1.1
const RSA_ENCRYPTION: &[u8] = &[0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x01, 0x01];
/// 1.2.840.10045.2.1
const EC_PUBLIC_KEY: &[u8] = &[0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x02, 0x01];
/// 1.2.156.10197.1.301
const SM2_CURVE: &[u8] = &[0x2A, 0x81, 0x1C, 0xCF, 0x55, 0x01, 0x82, 0x2D];
/// X and Y follow (SEC 1 §2.3.3).
const UNCOMPRESSED: u8 = 0x04;

type Object<'a> = (Tag, &'a [u8]);

fn value<'a>((found, value): Object<'a>, wanted: Tag) -> Option<&'a [u8]> {
    (found == wanted).then_some(value)
}

/// Exactly so many objects.
fn objects<const N: usize>(bytes: &[u8]) -> Option<[Object<'_>; N]> {
    let objects = Reader::new(bytes).map(|object| object.map(|found| (found.tag, found.value)));
    let objects: Vec<Object<'_>> = objects.collect::<Result<_, _>>().ok()?;
    objects.try_into().ok()
}

/// An INTEGER that is not negative: no leading zeros but the one before a set bit 8.
fn positive(bytes: &[u8]) -> Vec<u8> {
    let start = bytes.iter().position(|byte| *byte != 0).unwrap_or(bytes.len());
    let bytes = bytes.get(start..).unwrap_or_default();
    let is_high = bytes.first().is_none_or(|first| first & 0x80 != 0);
    [if is_high { &[0][..] } else { &[] }, bytes].concat()
}
