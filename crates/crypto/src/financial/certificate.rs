//! RSA certificates and signatures with message recovery of offline data authentication.
//!
//! What enters: public data and a key. What leaves, issuing: the values of tags 90, 92, 9F46, 9F48,
//! 93, 9F4B; verifying: what they recover, or what is wrong with them. Dates are returned, not
//! judged.
//!
//! Source: EMV Book 2 §5, §6; JR/T 0025.7 §5, §6.

use alloc::vec::Vec;
use core::fmt;

use super::rsa::{Exponent, RsaPrivateKey, RsaPublicKey};
use super::sha1;

/// Bytes of a recovered block that are not certified data: header, hash, trailer.
const FRAME: usize = 22;
const HASH_SHA_1: u8 = 0x01;
const SIGNATURE_RSA: u8 = 0x01;

/// What is wrong with a certificate or a signature.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub enum CertificateError {
    /// It is not as long as the key that signed it.
    Length,
    /// Recovered, it does not begin with 6A and end with BC.
    Frame,
    /// Recovered, it is of another format than 02, 03, 04, 05.
    Format,
    /// Hash or signature algorithm are not 01.
    Algorithm,
    /// The hash over the recovered data does not match.
    Hash,
    /// The key inside, with its remainder and exponent, is no key.
    Key,
    /// The account it was made for is another one.
    Account,
    /// The dynamic data inside is not as it should be.
    DynamicData,
}

impl fmt::Display for CertificateError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Length => "it is not as long as the key that signed it",
            Self::Frame => "recovered, it does not begin with 6A and end with BC",
            Self::Format => "recovered, it has another format",
            Self::Algorithm => "its hash or signature algorithm is not supported",
            Self::Hash => "its hash does not match",
            Self::Key => "the key inside is not a key",
            Self::Account => "it was made for another account",
            Self::DynamicData => "the dynamic data inside is not as it should be",
        })
    }
}

impl core::error::Error for CertificateError {}

/// What a certificate says beside the key.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Validity {
    /// Expiry, BCD MMYY.
    pub expiry: [u8; 2],
    /// Serial number.
    pub serial: [u8; 3],
}

/// A certificate in parts: its value and what of the key did not fit into it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Certificate {
    /// Tag 90 or 9F46: as long as the signing key.
    pub certificate: Vec<u8>,
    /// Tag 92 or 9F48; empty when everything fitted.
    pub remainder: Vec<u8>,
}

/// Issues an issuer's certificate (tag 90, format 02). `issuer` is the first 3 to 8 digits of the
/// PAN, packed and filled with F.
#[must_use]
pub fn issue_issuer_certificate(
    authority: &RsaPrivateKey,
    issuer: [u8; 4],
    validity: Validity,
    key: &RsaPublicKey,
) -> Option<Certificate> {
    issue(authority, 0x02, &issuer, validity, key, &[])
}

/// Issues a card's certificate (tag 9F46, format 04). `account` is the PAN in ten bytes, filled with
/// F; the hash covers the static data to be authenticated.
#[must_use]
pub fn issue_card_certificate(
    issuer: &RsaPrivateKey,
    account: [u8; 10],
    validity: Validity,
    key: &RsaPublicKey,
    static_data: &[u8],
) -> Option<Certificate> {
    issue(issuer, 0x04, &account, validity, key, static_data)
}

fn issue(
    signer: &RsaPrivateKey,
    format: u8,
    subject: &[u8],
    validity: Validity,
    key: &RsaPublicKey,
    static_data: &[u8],
) -> Option<Certificate> {
    let exponent = key.exponent().bytes();
    let mut block = Vec::with_capacity(signer.modulus_length());
    block.extend_from_slice(&[0x6A, format]);
    block.extend_from_slice(subject);
    block.extend_from_slice(&validity.expiry);
    block.extend_from_slice(&validity.serial);
    block.extend_from_slice(&[HASH_SHA_1, SIGNATURE_RSA]);
    block.push(u8::try_from(key.modulus().len()).ok()?);
    block.push(u8::try_from(exponent.len()).ok()?);
    let room = signer.modulus_length().checked_sub(block.len())?.checked_sub(21)?;
    let (inside, remainder) = key.modulus().split_at(room.min(key.modulus().len()));
    block.extend_from_slice(inside);
    block.resize(block.len().saturating_add(room.saturating_sub(inside.len())), 0xBB);
    let hash = sha1(&[block.get(1..)?, remainder, exponent, static_data]);
    block.extend_from_slice(&hash);
    block.push(0xBC);
    Some(Certificate { certificate: signer.apply(&block)?, remainder: remainder.to_vec() })
}

/// Recovers an issuer's key out of its certificate (tag 90), remainder (92) and exponent (9F32).
///
/// # Errors
/// What is wrong, by [`CertificateError`]; [`CertificateError::Account`] when `pan` (digits packed,
/// filled with F) does not begin with the issuer's.
pub fn recover_issuer_key(
    authority: &RsaPublicKey,
    certificate: &[u8],
    remainder: &[u8],
    exponent: &[u8],
    pan: &[u8],
) -> Result<(RsaPublicKey, Validity), CertificateError> {
    let recovered = recover_key::<4>(authority, 0x02, certificate, remainder, exponent, &[])?;
    if begins_with(pan, &recovered.subject) {
        Ok((recovered.key, recovered.validity))
    } else {
        Err(CertificateError::Account)
    }
}

/// Recovers a card's key out of its certificate (tag 9F46), remainder (9F48) and exponent (9F47).
///
/// # Errors
/// As [`recover_issuer_key`]; the PAN must be the whole one.
pub fn recover_card_key(
    issuer: &RsaPublicKey,
    certificate: &[u8],
    remainder: &[u8],
    exponent: &[u8],
    static_data: &[u8],
    pan: &[u8],
) -> Result<(RsaPublicKey, Validity), CertificateError> {
    let recovered = recover_key::<10>(issuer, 0x04, certificate, remainder, exponent, static_data)?;
    if digits(&recovered.subject).eq(digits(pan)) {
        Ok((recovered.key, recovered.validity))
    } else {
        Err(CertificateError::Account)
    }
}

struct Recovered<const N: usize> {
    subject: [u8; N],
    validity: Validity,
    key: RsaPublicKey,
}

fn recover_key<const N: usize>(
    signer: &RsaPublicKey,
    format: u8,
    certificate: &[u8],
    remainder: &[u8],
    exponent: &[u8],
    static_data: &[u8],
) -> Result<Recovered<N>, CertificateError> {
    let (block, hash) = open(signer, certificate, format)?;
    let rest = block.get(1..).ok_or(CertificateError::Frame)?;
    let (subject, rest) = rest.split_first_chunk::<N>().ok_or(CertificateError::Length)?;
    let (expiry, rest) = rest.split_first_chunk::<2>().ok_or(CertificateError::Length)?;
    let (serial, rest) = rest.split_first_chunk::<3>().ok_or(CertificateError::Length)?;
    let (algorithms, rest) = rest.split_first_chunk::<4>().ok_or(CertificateError::Length)?;
    let [hash_algorithm, key_algorithm, key_length, exponent_length] = *algorithms;
    if (hash_algorithm, key_algorithm) != (HASH_SHA_1, SIGNATURE_RSA) {
        return Err(CertificateError::Algorithm);
    }
    if sha1(&[&block, remainder, exponent, static_data]) != hash {
        return Err(CertificateError::Hash);
    }
    let length = usize::from(key_length);
    let inside = rest.get(..length.min(rest.len())).ok_or(CertificateError::Key)?;
    let modulus = [inside, remainder].concat();
    let is_key = modulus.len() == length && exponent.len() == usize::from(exponent_length);
    let exponent = Exponent::from_bytes(exponent).filter(|_| is_key);
    let key = exponent.and_then(|exponent| RsaPublicKey::new(&modulus, exponent));
    Ok(Recovered {
        subject: *subject,
        validity: Validity { expiry: *expiry, serial: *serial },
        key: key.ok_or(CertificateError::Key)?,
    })
}

/// Signs static data (tag 93, format 03) with a data authentication code.
#[must_use]
pub fn sign_static_data(
    issuer: &RsaPrivateKey,
    authentication_code: [u8; 2],
    static_data: &[u8],
) -> Option<Vec<u8>> {
    let [a, b] = authentication_code;
    sign(issuer, &[0x03, HASH_SHA_1, a, b], static_data)
}

/// Verifies signed static data (tag 93); the data authentication code.
///
/// # Errors
/// What is wrong, by [`CertificateError`].
pub fn verify_static_data(
    issuer: &RsaPublicKey,
    signature: &[u8],
    static_data: &[u8],
) -> Result<[u8; 2], CertificateError> {
    let (block, hash) = open(issuer, signature, 0x03)?;
    let [_, algorithm, a, b, ..] = block[..] else { return Err(CertificateError::Length) };
    if algorithm != HASH_SHA_1 {
        return Err(CertificateError::Algorithm);
    }
    if sha1(&[&block, static_data]) != hash {
        return Err(CertificateError::Hash);
    }
    Ok([a, b])
}

/// Signs dynamic data (tag 9F4B, format 05) together with what the terminal sent.
#[must_use]
pub fn sign_dynamic_data(
    card: &RsaPrivateKey,
    dynamic_data: &[u8],
    terminal_data: &[u8],
) -> Option<Vec<u8>> {
    let length = u8::try_from(dynamic_data.len()).ok()?;
    let head = [&[0x05, HASH_SHA_1, length], dynamic_data].concat();
    sign(card, &head, terminal_data)
}

/// Verifies signed dynamic data (tag 9F4B); the ICC dynamic data inside.
///
/// # Errors
/// What is wrong, by [`CertificateError`].
pub fn verify_dynamic_data(
    card: &RsaPublicKey,
    signature: &[u8],
    terminal_data: &[u8],
) -> Result<Vec<u8>, CertificateError> {
    let (block, hash) = open(card, signature, 0x05)?;
    let [_, algorithm, length, ref rest @ ..] = block[..] else {
        return Err(CertificateError::Length);
    };
    if algorithm != HASH_SHA_1 {
        return Err(CertificateError::Algorithm);
    }
    if sha1(&[&block, terminal_data]) != hash {
        return Err(CertificateError::Hash);
    }
    let dynamic = rest.get(..usize::from(length)).ok_or(CertificateError::DynamicData)?;
    Ok(dynamic.to_vec())
}

/// ICC dynamic data of a combined cryptogram: number with its length, CID, cryptogram, hash of the
/// transaction's data.
#[must_use]
pub fn combined_dynamic_data(
    number: &[u8],
    cid: u8,
    cryptogram: &[u8; 8],
    transaction_hash: &[u8],
) -> Vec<u8> {
    let length = u8::try_from(number.len()).unwrap_or(u8::MAX);
    [&[length], number, &[cid], cryptogram, transaction_hash].concat()
}

/// The parts of the ICC dynamic data of a combined cryptogram.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct CombinedData<'d> {
    /// ICC dynamic number.
    pub number: &'d [u8],
    /// Cryptogram information data.
    pub cid: u8,
    /// The cryptogram.
    pub cryptogram: [u8; 8],
    /// Hash of the transaction's data.
    pub transaction_hash: &'d [u8],
}

impl<'d> CombinedData<'d> {
    /// Takes the dynamic data apart.
    ///
    /// # Errors
    /// [`CertificateError::DynamicData`] when it is too short.
    pub fn parse(dynamic: &'d [u8]) -> Result<Self, CertificateError> {
        let parts = || {
            let (length, rest) = dynamic.split_first()?;
            let (number, rest) = rest.split_at_checked(usize::from(*length))?;
            let (cid, rest) = rest.split_first()?;
            let (cryptogram, transaction_hash) = rest.split_first_chunk::<8>()?;
            Some(Self { number, cid: *cid, cryptogram: *cryptogram, transaction_hash })
        };
        parts().ok_or(CertificateError::DynamicData)
    }
}

/// Check value of an authority's key: SHA-1 over RID, index, modulus, exponent.
#[must_use]
pub fn authority_key_check(rid: [u8; 5], index: u8, key: &RsaPublicKey) -> [u8; 20] {
    sha1(&[&rid, &[index], key.modulus(), key.exponent().bytes()])
}

/// `6A | head | BB… | SHA-1(head BB… || covered) | BC`, signed.
fn sign(key: &RsaPrivateKey, head: &[u8], covered: &[u8]) -> Option<Vec<u8>> {
    let length = key.modulus_length();
    let inner = length.checked_sub(FRAME)?;
    if head.len() > inner {
        return None;
    }
    let mut block = Vec::with_capacity(length);
    block.push(0x6A);
    block.extend_from_slice(head);
    block.resize(inner.saturating_add(1), 0xBB);
    let hash = sha1(&[block.get(1..)?, covered]);
    block.extend_from_slice(&hash);
    block.push(0xBC);
    key.apply(&block)
}

/// The recovered data, from its format byte on, and the hash behind it.
fn open(
    key: &RsaPublicKey,
    signature: &[u8],
    format: u8,
) -> Result<(Vec<u8>, [u8; 20]), CertificateError> {
    if signature.len() != key.modulus().len() {
        return Err(CertificateError::Length);
    }
    // A signature at or above the modulus recovers nothing.
    let mut block = key.apply(signature).ok_or(CertificateError::Frame)?;
    if block.pop() != Some(0xBC) || block.first() != Some(&0x6A) {
        return Err(CertificateError::Frame);
    }
    let (rest, hash) = block.split_last_chunk::<20>().ok_or(CertificateError::Length)?;
    let data = rest.get(1..).ok_or(CertificateError::Length)?;
    if data.first() != Some(&format) {
        return Err(CertificateError::Format);
    }
    Ok((data.to_vec(), *hash))
}

/// Packed digits up to the filling F.
fn digits(packed: &[u8]) -> impl Iterator<Item = u8> + '_ {
    packed.iter().flat_map(|byte| [byte >> 4, byte & 0x0F]).take_while(|digit| *digit != 0x0F)
}

/// Whether a PAN begins with an issuer's 3 to 8 digits.
pub(super) fn begins_with(pan: &[u8], issuer: &[u8; 4]) -> bool {
    let count = digits(issuer).count();
    (3..=8).contains(&count) && digits(issuer).eq(digits(pan).take(count))
}

pub(super) fn same_account(a: &[u8], b: &[u8]) -> bool {
    digits(a).eq(digits(b))
}

#[cfg(test)]
mod tests;
