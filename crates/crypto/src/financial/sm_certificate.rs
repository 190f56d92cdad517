//! SM2 certificates and signatures of offline data authentication: the data in the clear, then
//! `r || s` over it; nothing is recovered.
//!
//! Source: JR/T 0025.17 §5, §8.2.

use alloc::vec::Vec;

use super::certificate::{CertificateError, Validity, begins_with, same_account};
use super::sm2::{PUBLIC_KEY_LENGTH, SIGNATURE_LENGTH, Sm2PrivateKey, Sm2PublicKey};

/// Signature SM2 with SM3, no encipherment, curve SM2, length of the key.
const ALGORITHMS: [u8; 4] = [0x04, 0x00, 0x11, 0x40];

/// Issues an issuer's certificate (tag 90, 142 bytes); `issuer` is the beginning of the PAN, packed
/// and filled with F. `None` when the nonce is unusable.
#[must_use]
pub fn issue_issuer_certificate(
    authority: &Sm2PrivateKey,
    nonce: &[u8; 32],
    issuer: [u8; 4],
    validity: Validity,
    key: &Sm2PublicKey,
) -> Option<Vec<u8>> {
    issue(authority, nonce, 0x12, &issuer, validity, key, &[])
}

/// Issues a card's certificate (tag 9F46, 148 bytes) that covers the static data.
#[must_use]
pub fn issue_card_certificate(
    issuer: &Sm2PrivateKey,
    nonce: &[u8; 32],
    account: [u8; 10],
    validity: Validity,
    key: &Sm2PublicKey,
    static_data: &[u8],
) -> Option<Vec<u8>> {
    issue(issuer, nonce, 0x14, &account, validity, key, static_data)
}

fn issue(
    signer: &Sm2PrivateKey,
    nonce: &[u8; 32],
    format: u8,
    subject: &[u8],
    validity: Validity,
    key: &Sm2PublicKey,
    static_data: &[u8],
) -> Option<Vec<u8>> {
    let mut certificate = Vec::with_capacity(148);
    certificate.push(format);
    certificate.extend_from_slice(subject);
    certificate.extend_from_slice(&validity.expiry);
    certificate.extend_from_slice(&validity.serial);
    certificate.extend_from_slice(&ALGORITHMS);
    certificate.extend_from_slice(key.bytes());
    let signature = signer.sign(&[&certificate, static_data], nonce)?;
    certificate.extend_from_slice(&signature);
    Some(certificate)
}

/// Verifies an issuer's certificate (tag 90); its key.
///
/// # Errors
/// What is wrong, by [`CertificateError`].
pub fn verify_issuer_certificate(
    authority: &Sm2PublicKey,
    certificate: &[u8],
    pan: &[u8],
) -> Result<(Sm2PublicKey, Validity), CertificateError> {
    let (subject, key, validity) = verify::<4>(authority, 0x12, certificate, &[])?;
    if begins_with(pan, &subject) { Ok((key, validity)) } else { Err(CertificateError::Account) }
}

/// Verifies a card's certificate (tag 9F46); its key.
///
/// # Errors
/// What is wrong, by [`CertificateError`].
pub fn verify_card_certificate(
    issuer: &Sm2PublicKey,
    certificate: &[u8],
    static_data: &[u8],
    pan: &[u8],
) -> Result<(Sm2PublicKey, Validity), CertificateError> {
    let (subject, key, validity) = verify::<10>(issuer, 0x14, certificate, static_data)?;
    if same_account(&subject, pan) { Ok((key, validity)) } else { Err(CertificateError::Account) }
}

fn verify<const N: usize>(
    signer: &Sm2PublicKey,
    format: u8,
    certificate: &[u8],
    static_data: &[u8],
) -> Result<([u8; N], Sm2PublicKey, Validity), CertificateError> {
    let length = Err(CertificateError::Length);
    let Some((signed, signature)) = certificate.split_last_chunk::<SIGNATURE_LENGTH>() else {
        return length;
    };
    let Some((first, rest)) = signed.split_first() else { return length };
    let Some((subject, rest)) = rest.split_first_chunk::<N>() else { return length };
    let Some((expiry, rest)) = rest.split_first_chunk::<2>() else { return length };
    let Some((serial, rest)) = rest.split_first_chunk::<3>() else { return length };
    let Some((algorithms, key)) = rest.split_first_chunk::<4>() else { return length };
    let Ok(key) = <&[u8; PUBLIC_KEY_LENGTH]>::try_from(key) else { return length };
    if *first != format {
        return Err(CertificateError::Format);
    }
    if *algorithms != ALGORITHMS {
        return Err(CertificateError::Algorithm);
    }
    if !signer.verify(&[signed, static_data], signature) {
        return Err(CertificateError::Hash);
    }
    let key = Sm2PublicKey::from_bytes(key).ok_or(CertificateError::Key)?;
    Ok((*subject, key, Validity { expiry: *expiry, serial: *serial }))
}

/// Signs static data (tag 93, 67 bytes).
#[must_use]
pub fn sign_static_data(
    issuer: &Sm2PrivateKey,
    nonce: &[u8; 32],
    authentication_code: [u8; 2],
    static_data: &[u8],
) -> Option<Vec<u8>> {
    let [a, b] = authentication_code;
    let head = [0x13, a, b];
    let signature = issuer.sign(&[&head, static_data], nonce)?;
    Some([&head[..], &signature].concat())
}

/// Verifies signed static data (tag 93); the data authentication code.
///
/// # Errors
/// What is wrong, by [`CertificateError`].
pub fn verify_static_data(
    issuer: &Sm2PublicKey,
    signed: &[u8],
    static_data: &[u8],
) -> Result<[u8; 2], CertificateError> {
    let (head, signature) =
        signed.split_last_chunk::<SIGNATURE_LENGTH>().ok_or(CertificateError::Length)?;
    match *head {
        [0x13, a, b] if issuer.verify(&[head, static_data], signature) => Ok([a, b]),
        [0x13, _, _] => Err(CertificateError::Hash),
        [_, _, _] => Err(CertificateError::Format),
        _ => Err(CertificateError::Length),
    }
}

/// Signs dynamic data (tag 9F4B): `15 | length | dynamic data | r s`, over that and what the
/// terminal sent.
#[must_use]
pub fn sign_dynamic_data(
    card: &Sm2PrivateKey,
    nonce: &[u8; 32],
    dynamic_data: &[u8],
    terminal_data: &[u8],
) -> Option<Vec<u8>> {
    let length = u8::try_from(dynamic_data.len()).ok()?;
    let mut signed = [&[0x15, length], dynamic_data].concat();
    let signature = card.sign(&[&signed, terminal_data], nonce)?;
    signed.extend_from_slice(&signature);
    Some(signed)
}

/// Verifies signed dynamic data (tag 9F4B); the ICC dynamic data inside.
///
/// # Errors
/// What is wrong, by [`CertificateError`].
pub fn verify_dynamic_data(
    card: &Sm2PublicKey,
    signed: &[u8],
    terminal_data: &[u8],
) -> Result<Vec<u8>, CertificateError> {
    let (head, signature) =
        signed.split_last_chunk::<SIGNATURE_LENGTH>().ok_or(CertificateError::Length)?;
    let [format, length, dynamic @ ..] = head else { return Err(CertificateError::Length) };
    if *format != 0x15 {
        return Err(CertificateError::Format);
    }
    if usize::from(*length) != dynamic.len() {
        return Err(CertificateError::DynamicData);
    }
    if !card.verify(&[head, terminal_data], signature) {
        return Err(CertificateError::Hash);
    }
    Ok(dynamic.to_vec())
}

#[cfg(test)]
mod tests;
