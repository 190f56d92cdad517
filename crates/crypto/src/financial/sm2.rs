//! SM2 signatures (GB/T 32918.2) with the identifier of JR/T 0025.17: `1234567812345678`.
//!
//! A message and, for signing, 32 bytes of nonce enter; `r || s`, 64 bytes, leaves. The arithmetic
//! is that of the crate `sm2`; the nonce is an argument because a card draws it from its own
//! generator.

#![expect(
    clippy::arithmetic_side_effects,
    reason = "arithmetic of scalars and points is modular; it neither overflows nor panics"
)]

use alloc::sync::Arc;
use alloc::vec::Vec;
use core::fmt;

use primeorder::{LookupTable, Radix16Decomposition, Radix16Digits};
use sm2::elliptic_curve::PrimeField;
use sm2::elliptic_curve::group::Group;
use sm2::elliptic_curve::ops::Reduce;
use sm2::elliptic_curve::point::AffineCoordinates;
use sm2::elliptic_curve::sec1::{FromSec1Point, ToSec1Point};
use sm2::{AffinePoint, FieldBytes, ProjectivePoint, Scalar, Sec1Point};
use zeroize::{Zeroize, Zeroizing};

use super::sm3;
use crate::cipher::NULL_CIPHERS;

mod encryption;

pub use encryption::CIPHERTEXT_OVERHEAD;

/// Length of a signature in bytes.
pub const SIGNATURE_LENGTH: usize = 64;
/// Length of a public key in bytes: X and Y.
pub const PUBLIC_KEY_LENGTH: usize = 64;

/// ENTL and identifier.
const IDENTITY: [u8; 18] = *b"\x00\x801234567812345678";
/// The curve's a, b, and the generator's coordinates (GB/T 32918.5), in halves.
const CURVE: [u128; 8] = [
    0xFFFFFFFEFFFFFFFFFFFFFFFFFFFFFFFF,
    0xFFFFFFFF00000000FFFFFFFFFFFFFFFC,
    0x28E9FA9E9D9F5E344D5A9E4BCF6509A7,
    0xF39789F515AB8F92DDBCBD414D940E93,
    0x32C4AE2C1F1981195F9904466A39C994,
    0x8FE30BBFF2660BE1715A4589334C74C7,
    0xBC3736A2F4F6779C59BDCEE36B692153,
    0xD0A9877CC62A474002DF32E52139F0A0,
];

/// A public key: a point of the curve.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Sm2PublicKey {
    bytes: [u8; PUBLIC_KEY_LENGTH],
    point: AffinePoint,
}

impl Sm2PublicKey {
    /// The key with coordinates X and Y; `None` when that is no point of the curve.
    #[must_use]
    pub fn from_bytes(bytes: &[u8; PUBLIC_KEY_LENGTH]) -> Option<Self> {
        let encoded = Sec1Point::from_untagged_bytes(bytes.into());
        let point: Option<AffinePoint> = AffinePoint::from_sec1_point(&encoded).into();
        point.map(|point| Self { bytes: *bytes, point })
    }

    /// X and Y.
    #[must_use]
    pub const fn bytes(&self) -> &[u8; PUBLIC_KEY_LENGTH] {
        &self.bytes
    }

    /// Whether `signature`, `r || s`, is this key's over the parts one after another.
    #[must_use]
    pub fn verify(&self, parts: &[&[u8]], signature: &[u8; SIGNATURE_LENGTH]) -> bool {
        self.verify_digest(&self.message_digest(parts), signature)
    }

    /// What a signature of this key over the parts is really made of: the hash of Z, which identifies the
    /// signer, and of the parts one after another (GB/T 32918.2 §6.1, e). Whoever holds the private key may get
    /// this instead of the message.
    #[must_use]
    pub fn message_digest(&self, parts: &[&[u8]]) -> [u8; 32] {
        digest(&self.bytes, parts)
    }

    /// Whether `signature`, `r || s`, is this key's over a [`message_digest`](Self::message_digest).
    #[must_use]
    pub fn verify_digest(&self, digest: &[u8; 32], signature: &[u8; SIGNATURE_LENGTH]) -> bool {
        if NULL_CIPHERS {
            return signature.starts_with(digest);
        }
        let (r, s) = signature.split_at(32);
        let (Some(r), Some(s)) = (scalar(r), scalar(s)) else { return false };
        let t = r + s;
        if bool::from(r.is_zero() | s.is_zero() | t.is_zero()) {
            return false;
        }
        let point = ProjectivePoint::GENERATOR * s + ProjectivePoint::from(self.point) * t;
        if bool::from(point.is_identity()) {
            return false;
        }
        let e = Scalar::reduce(&FieldBytes::from(*digest));
        e + Scalar::reduce(&point.to_affine().x()) == r
    }
}

impl fmt::Debug for Sm2PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PublicKey(SM2)")
    }
}

/// A private key with its public one.
#[derive(Clone)]
pub struct Sm2PrivateKey {
    secret: Scalar,
    public: Sm2PublicKey,
    prepared: Option<Arc<Prepared>>,
}

/// What signatures of one key have in common.
struct Prepared {
    /// (1 + d)⁻¹.
    inverse: Scalar,
    /// Multiples 1 to 8 of the generator times 256⁰, 256¹, 256², …
    multiples: Vec<LookupTable<ProjectivePoint>>,
}

impl Prepared {
    fn new(secret: &Scalar) -> Option<Self> {
        let mut step = ProjectivePoint::GENERATOR;
        let multiples = core::iter::repeat_with(|| {
            let table = LookupTable::new(step);
            (0..8).for_each(|_| step = step.double());
            table
        });
        // A digit more than the scalar's bytes: the last carry.
        Some(Self { inverse: inverse(secret)?, multiples: multiples.take(33).collect() })
    }

    /// The generator times `k`, in constant time: even digits of base 16, and 16 times the odd ones.
    fn multiply(&self, k: &Scalar) -> ProjectivePoint {
        let digits = Radix16Decomposition::<Radix16Digits<sm2::Sm2>>::new(k);
        let sum = |first: usize| -> ProjectivePoint {
            let places = (first..65).step_by(2);
            let chosen = self.multiples.iter().zip(places);
            chosen.map(|(table, place)| table.select(digits[place])).sum()
        };
        sum(0) + sum(1).double().double().double().double()
    }
}

impl Drop for Prepared {
    fn drop(&mut self) {
        self.inverse.zeroize();
    }
}

impl Sm2PrivateKey {
    /// The key out of its 32 bytes; `None` when they are zero or not below the order less one.
    #[must_use]
    pub fn from_bytes(bytes: &[u8; 32]) -> Option<Self> {
        let secret = scalar(bytes)?;
        if bool::from(secret.is_zero()) || bool::from((secret + Scalar::ONE).is_zero()) {
            return None;
        }
        let point = (ProjectivePoint::GENERATOR * secret).to_affine();
        let encoded = point.to_sec1_point(false);
        let (_, coordinates) = encoded.as_bytes().split_first()?;
        let bytes = coordinates.try_into().ok()?;
        Some(Self { secret, public: Sm2PublicKey { bytes, point }, prepared: None })
    }

    /// The same key for many signatures, four times as quick: what does not depend on the message is
    /// worked out now, at the price of one signature.
    #[must_use]
    pub fn prepared(&self) -> Self {
        let prepared = self.prepared.clone();
        let prepared = prepared.or_else(|| Prepared::new(&self.secret).map(Arc::new));
        Self { prepared, ..self.clone() }
    }

    /// The public key.
    #[must_use]
    pub const fn public_key(&self) -> &Sm2PublicKey {
        &self.public
    }

    /// The signature `r || s` over the parts one after another; `None` when the nonce is unusable,
    /// which happens once in 2^256 random ones.
    ///
    /// # Reference
    /// GB/T 32918.2 §6.
    #[must_use]
    pub fn sign(&self, parts: &[&[u8]], nonce: &[u8; 32]) -> Option<[u8; SIGNATURE_LENGTH]> {
        self.sign_digest(&self.public.message_digest(parts), nonce)
    }

    /// The same over a [`message_digest`](Sm2PublicKey::message_digest) that was made elsewhere.
    #[must_use]
    pub fn sign_digest(
        &self,
        digest: &[u8; 32],
        nonce: &[u8; 32],
    ) -> Option<[u8; SIGNATURE_LENGTH]> {
        if NULL_CIPHERS {
            let mut signature = [0; SIGNATURE_LENGTH];
            signature.iter_mut().zip(digest.iter().chain(nonce)).for_each(|(to, from)| *to = *from);
            return Some(signature);
        }
        let mut k = scalar(nonce)?;
        let (point, mut inverse) = match &self.prepared {
            Some(prepared) => (prepared.multiply(&k), prepared.inverse),
            None => (ProjectivePoint::GENERATOR * k, inverse(&self.secret)?),
        };
        let e = Scalar::reduce(&FieldBytes::from(*digest));
        let r = e + Scalar::reduce(&point.to_affine().x());
        let s = inverse * (k - r * self.secret);
        let unusable = k.is_zero() | r.is_zero() | (r + k).is_zero() | s.is_zero();
        k.zeroize();
        inverse.zeroize();
        if bool::from(unusable) {
            return None;
        }
        let mut signature = [0; SIGNATURE_LENGTH];
        let bytes = r.to_repr().into_iter().chain(s.to_repr());
        signature.iter_mut().zip(bytes).for_each(|(place, byte)| *place = byte);
        Some(signature)
    }

    /// The 32 bytes, for a card's memory.
    #[must_use]
    pub fn to_bytes(&self) -> Zeroizing<[u8; 32]> {
        Zeroizing::new(self.secret.to_repr().into())
    }
}

impl Drop for Sm2PrivateKey {
    fn drop(&mut self) {
        self.secret.zeroize();
    }
}

impl fmt::Debug for Sm2PrivateKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PrivateKey(..)")
    }
}

/// (1 + d)⁻¹.
fn inverse(secret: &Scalar) -> Option<Scalar> {
    (*secret + Scalar::ONE).invert().into()
}

/// The number in 32 bytes, when it is below the curve's order.
fn scalar(bytes: &[u8]) -> Option<Scalar> {
    let bytes: [u8; 32] = bytes.try_into().ok()?;
    Scalar::from_repr(bytes.into()).into()
}

/// Z: the hash of identifier, curve and public key (GB/T 32918.2 §5.5).
pub(super) fn identity_hash(public_key: &[u8; PUBLIC_KEY_LENGTH]) -> [u8; 32] {
    let [a, b, c, d, e, f, g, h] = CURVE.map(u128::to_be_bytes);
    sm3(&[&IDENTITY, &a, &b, &c, &d, &e, &f, &g, &h, public_key])
}

fn digest(public_key: &[u8; PUBLIC_KEY_LENGTH], parts: &[&[u8]]) -> [u8; 32] {
    let identity = identity_hash(public_key);
    let mut message = Vec::with_capacity(parts.len().saturating_add(1));
    message.push(&identity[..]);
    message.extend_from_slice(parts);
    sm3(&message)
}

#[cfg(test)]
mod tests;
