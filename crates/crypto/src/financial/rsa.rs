//! Raw RSA: what signatures with message recovery need (ISO/IEC 9796-2, EMV Book 2 annex A2.1).
//!
//! Numbers enter and leave as bytes, most significant first, as long as the modulus. The arithmetic
//! is `crypto-bigint`'s; its private exponentiation runs in constant time.

use alloc::vec::Vec;
use core::fmt;

use crypto_bigint::modular::{BoxedMontyForm, BoxedMontyParams, FixedMontyForm, FixedMontyParams};
use crypto_bigint::{
    BoxedUint, ConcatenatingMul, ConcatenatingSquare, NonZero, Odd, Resize, U576, U704, Uint,
};
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

use crate::cipher::NULL_CIPHERS;

/// Lengths of a modulus in bytes: 512 to 1984 bits.
const LENGTHS: core::ops::RangeInclusive<usize> = 64..=248;

/// Public exponents of EMV (Book 2 annex A2.1).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Exponent {
    /// 3.
    Three,
    /// 65537.
    FermatFour,
}

impl Exponent {
    /// The value of tags 9F32 and 9F47.
    #[must_use]
    pub const fn bytes(self) -> &'static [u8] {
        match self {
            Self::Three => &[0x03],
            Self::FermatFour => &[0x01, 0x00, 0x01],
        }
    }

    /// The exponent out of the value of tags 9F32 and 9F47; leading zeros are fine.
    #[must_use]
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let start = bytes.iter().position(|byte| *byte != 0)?;
        match bytes.get(start..)? {
            [0x03] => Some(Self::Three),
            [0x01, 0x00, 0x01] => Some(Self::FermatFour),
            _ => None,
        }
    }
}

/// A public key.
#[derive(Clone, PartialEq, Eq)]
pub struct RsaPublicKey {
    modulus: Vec<u8>,
    exponent: Exponent,
}

impl RsaPublicKey {
    /// A key; `None` when the modulus is even or not 64 to 248 bytes without a leading zero.
    #[must_use]
    pub fn new(modulus: &[u8], exponent: Exponent) -> Option<Self> {
        let is_modulus = LENGTHS.contains(&modulus.len())
            && modulus.first() != Some(&0)
            && modulus.last().is_some_and(|last| last & 1 == 1);
        is_modulus.then(|| Self { modulus: modulus.to_vec(), exponent })
    }

    /// The modulus, most significant byte first.
    #[must_use]
    pub fn modulus(&self) -> &[u8] {
        &self.modulus
    }

    /// The exponent.
    #[must_use]
    pub const fn exponent(&self) -> Exponent {
        self.exponent
    }

    /// `message` to the power of the exponent; `None` unless it is as long as the modulus and below
    /// it.
    #[must_use]
    pub fn apply(&self, message: &[u8]) -> Option<Vec<u8>> {
        if message.len() != self.modulus.len() || message >= &self.modulus[..] {
            return None;
        }
        if NULL_CIPHERS {
            return Some(message.to_vec());
        }
        let modulus = BoxedUint::from_be_slice_vartime(&self.modulus);
        let precision = modulus.bits_precision();
        let message = BoxedUint::from_be_slice(message, precision).ok()?;
        let power = match self.exponent {
            // Two divisions are quicker than the way into Montgomery's form.
            Exponent::Three => {
                let modulus: NonZero<BoxedUint> = Option::from(NonZero::new(modulus))?;
                let square = message.concatenating_square().rem_vartime(&modulus);
                square.concatenating_mul(&message).rem_vartime(&modulus)
            }
            Exponent::FermatFour => {
                let modulus: Odd<BoxedUint> = Option::from(Odd::new(modulus))?;
                let params = BoxedMontyParams::new_vartime(modulus);
                let base = BoxedMontyForm::new(message, &params);
                let mut power = base.clone();
                for _ in 0..16 {
                    power = power.square();
                }
                power.mul(&base).retrieve()
            }
        };
        fixed_length(&power, self.modulus.len())
    }
}

impl fmt::Debug for RsaPublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PublicKey({} bits)", self.modulus.len().saturating_mul(8))
    }
}

/// A private key as a card holds it: both primes, both exponents, the coefficient.
#[derive(Clone)]
pub struct RsaPrivateKey {
    p: Vec<u8>,
    q: Vec<u8>,
    dp: Vec<u8>,
    dq: Vec<u8>,
    q_inverse: Vec<u8>,
    length: usize,
}

impl Zeroize for RsaPrivateKey {
    fn zeroize(&mut self) {
        let Self { p, q, dp, dq, q_inverse, length } = self;
        [p, q, dp, dq, q_inverse].into_iter().for_each(Zeroize::zeroize);
        length.zeroize();
    }
}

impl Drop for RsaPrivateKey {
    fn drop(&mut self) {
        self.zeroize();
    }
}

impl ZeroizeOnDrop for RsaPrivateKey {}

impl RsaPrivateKey {
    /// A key from its five parts, each at most half a modulus long; `None` when they cannot be one.
    #[must_use]
    pub fn from_parts(p: &[u8], q: &[u8], dp: &[u8], dq: &[u8], q_inverse: &[u8]) -> Option<Self> {
        let length = p.len().checked_add(q.len())?;
        let is_odd = |prime: &[u8]| prime.last().is_some_and(|last| last & 1 == 1);
        let top = |prime: &[u8]| prime.first().is_some_and(|first| *first != 0);
        let fits = p.len() == q.len()
            && LENGTHS.contains(&length)
            && [dp, dq, q_inverse].iter().all(|part| part.len() == p.len());
        if !fits || !is_odd(p) || !is_odd(q) || !top(p) || !top(q) {
            return None;
        }
        Some(Self {
            p: p.to_vec(),
            q: q.to_vec(),
            dp: dp.to_vec(),
            dq: dq.to_vec(),
            q_inverse: q_inverse.to_vec(),
            length,
        })
    }

    /// A key from its primes, with its public half; `None` when they are of different lengths, or the
    /// exponent divides one of them less one.
    #[must_use]
    pub fn from_primes(p: &[u8], q: &[u8], exponent: Exponent) -> Option<(RsaPublicKey, Self)> {
        let half = bits(p.len())?;
        let odd = (prime(p, half)?, prime(q, bits(q.len())?)?);
        let modulus = odd.0.as_ref().concatenating_mul(odd.1.as_ref());
        let public =
            RsaPublicKey::new(&fixed_length(&modulus, p.len().checked_add(q.len())?)?, exponent)?;
        // By Fermat: q^(p-2) is the inverse of q.
        let two = BoxedUint::from(2_u8).resize(half);
        let inverse_exponent = odd.0.as_ref().wrapping_sub(&two);
        let exponent_bytes = Zeroizing::new(fixed_length(&inverse_exponent, p.len())?);
        let q_inverse = power(odd.1.as_ref(), &odd.0, &exponent_bytes, half)?;
        let q_inverse = Zeroizing::new(fixed_length(&q_inverse, p.len())?);
        let dp = Zeroizing::new(private_exponent(p, exponent)?);
        let dq = Zeroizing::new(private_exponent(q, exponent)?);
        Some((public, Self::from_parts(p, q, &dp, &dq, &q_inverse)?))
    }

    /// Length of the modulus in bytes.
    #[must_use]
    pub const fn modulus_length(&self) -> usize {
        self.length
    }

    /// The five parts one after another, as a card's memory holds them.
    #[must_use]
    pub fn to_bytes(&self) -> Zeroizing<Vec<u8>> {
        Zeroizing::new([&self.p[..], &self.q, &self.dp, &self.dq, &self.q_inverse].concat())
    }

    /// `message` to the power of the private exponent; `None` unless it is as long as the modulus.
    #[must_use]
    pub fn apply(&self, message: &[u8]) -> Option<Vec<u8>> {
        if message.len() != self.length {
            return None;
        }
        if NULL_CIPHERS {
            return Some(message.to_vec());
        }
        let half = bits(self.p.len())?;
        let whole = bits(self.length)?;
        let message = BoxedUint::from_be_slice(message, whole).ok()?;
        let (p, q) = (prime(&self.p, half)?, prime(&self.q, half)?);
        let m1 = power(&message, &p, &self.dp, half)?;
        let m2 = power(&message, &q, &self.dq, half)?;
        // h = (m1 - m2) * q⁻¹ mod p; the result is m2 + h * q.
        let params = BoxedMontyParams::new(p.clone());
        let form = |number: BoxedUint| BoxedMontyForm::new(number.rem(p.as_nz_ref()), &params);
        let inverse = BoxedUint::from_be_slice(&self.q_inverse, half).ok()?;
        let h = form(m1).sub(&form(m2.clone())).mul(&form(inverse)).retrieve();
        let product = h.concatenating_mul(&*q).resize(whole);
        let result = m2.resize(whole).wrapping_add(&product);
        fixed_length(&result, self.length)
    }
}

impl fmt::Debug for RsaPrivateKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PrivateKey(..)")
    }
}

/// The inverse of a public exponent modulo an odd prime less one: (1 + k (p - 1)) / e, with the k below e
/// that makes it a whole number; `None` when there is none.
fn private_exponent(prime: &[u8], exponent: Exponent) -> Option<Vec<u8>> {
    let e: u64 = match exponent {
        Exponent::Three => 3,
        Exponent::FermatFour => 65_537,
    };
    let mut less_one = Zeroizing::new(prime.to_vec());
    let last = less_one.last_mut()?;
    *last &= 0xFE;
    let step = |rest: u64, byte: &u8| (rest << 8 | u64::from(*byte)).checked_rem(e);
    let rest = less_one.iter().try_fold(0, step)?;
    // At most 65,536 steps, for a key that is made once.
    let last = e.checked_sub(1);
    let k = (1..e).find(|k| k.checked_mul(rest).and_then(|it| it.checked_rem(e)) == last)?;
    let mut carry = 1_u64;
    let mut product = Zeroizing::new(Vec::with_capacity(prime.len().saturating_add(8)));
    for byte in less_one.iter().rev() {
        let sum = u64::from(*byte).checked_mul(k)?.checked_add(carry)?;
        let [.., low] = sum.to_be_bytes();
        product.push(low);
        carry = sum >> 8;
    }
    product.extend(carry.to_le_bytes());
    let mut rest = 0_u64;
    let mut quotient = Zeroizing::new(Vec::with_capacity(product.len()));
    for byte in product.iter().rev() {
        let value = rest << 8 | u64::from(*byte);
        let [.., low] = value.checked_div(e)?.to_be_bytes();
        quotient.push(low);
        rest = value.checked_rem(e)?;
    }
    let surplus = quotient.len().checked_sub(prime.len())?;
    let (leading, kept) = quotient.split_at_checked(surplus)?;
    leading.iter().all(|byte| *byte == 0).then(|| kept.to_vec())
}

fn bits(bytes: usize) -> Option<u32> {
    u32::try_from(bytes.checked_mul(8)?).ok()
}

fn prime(bytes: &[u8], precision: u32) -> Option<Odd<BoxedUint>> {
    Option::from(Odd::new(BoxedUint::from_be_slice(bytes, precision).ok()?))
}

fn power(
    message: &BoxedUint,
    modulus: &Odd<BoxedUint>,
    exponent: &[u8],
    precision: u32,
) -> Option<BoxedUint> {
    let exponent = BoxedUint::from_be_slice(exponent, precision).ok()?;
    let reduced = message.rem(modulus.as_nz_ref());
    match precision {
        // Half a card's and half an issuer's modulus: most of what is ever signed.
        U576::BITS => fixed_power::<{ U576::LIMBS }>(&reduced, modulus, &exponent),
        U704::BITS => fixed_power::<{ U704::LIMBS }>(&reduced, modulus, &exponent),
        _ => {
            let params = BoxedMontyParams::new(modulus.clone());
            Some(BoxedMontyForm::new(reduced, &params).pow(&exponent).retrieve())
        }
    }
}

/// The same with a length that the compiler knows, a fifth quicker.
fn fixed_power<const LIMBS: usize>(
    base: &BoxedUint,
    modulus: &BoxedUint,
    exponent: &BoxedUint,
) -> Option<BoxedUint> {
    let fixed = |number: &BoxedUint| {
        let words = number.as_words().try_into().ok()?;
        Some(Uint::<LIMBS>::from_words(words))
    };
    let modulus: Odd<Uint<LIMBS>> = Option::from(Odd::new(fixed(modulus)?))?;
    let params = FixedMontyParams::new(modulus);
    let power = FixedMontyForm::new(&fixed(base)?, &params).pow(&fixed(exponent)?);
    Some(BoxedUint::from(power.retrieve()))
}

fn fixed_length(number: &BoxedUint, length: usize) -> Option<Vec<u8>> {
    let bytes = number.to_be_bytes();
    let surplus = bytes.len().checked_sub(length)?;
    let (leading, kept) = bytes.split_at_checked(surplus)?;
    leading.iter().all(|byte| *byte == 0).then(|| kept.to_vec())
}

#[cfg(test)]
mod tests;
