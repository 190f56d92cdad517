//! The plan of the PKI application (非对称认证应用).

use alloc::vec::Vec;
use core::fmt;

use serde::{Deserialize, Serialize};
use sscard_apdu::tlv::{Tag, Writer};
use sscard_crypto::pki::pin_key;
use sscard_elements::pki as tag;
use zeroize::{Zeroize, Zeroizing};

use super::{PkiArea, ProfileError};

/// Length of a certificate file in bytes.
pub(crate) const CERTIFICATE: usize = 1020;

/// What is settled for the PKI application of all cards of a profile.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct PkiPlan {
    /// The user's PIN before anybody changes it.
    pub user: PkiPin,
    /// The administrator's PIN before anybody changes it.
    pub administrator: PkiPin,
    /// The pair for signatures on a card that brings none of its own.
    pub signature: PkiKeyPair,
    /// The pair for encryption, likewise.
    pub encryption: PkiKeyPair,
    /// Whether each card is made with pairs of its own.
    pub own_keys: bool,
}

/// A PIN of the PKI application.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PkiPin {
    /// Its digits in BCD, 2 to 8 bytes.
    pub value: Vec<u8>,
    /// Wrong tries until it locks, 1…15.
    pub tries: u8,
}

/// An SM2 key pair and the certificate of its public key.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PkiKeyPair {
    /// The private key, 32 bytes; empty for no pair.
    pub private: Vec<u8>,
    /// X and Y of the public key, 64 bytes; empty for no pair.
    pub public: Vec<u8>,
    /// The certificate as it lies in its file, at most 1,020 bytes; empty for none.
    pub certificate: Vec<u8>,
}

impl fmt::Debug for PkiPin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PkiPin(.., {} tries)", self.tries)
    }
}

impl fmt::Debug for PkiKeyPair {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PkiKeyPair(.., {} bytes of certificate)", self.certificate.len())
    }
}

impl Drop for PkiPin {
    fn drop(&mut self) {
        self.value.zeroize();
    }
}

impl Drop for PkiKeyPair {
    fn drop(&mut self) {
        self.private.zeroize();
    }
}

/// A public key's file: tag CA, length, X, Y.
pub(crate) const PUBLIC: usize = 2 + 64;
/// A private key's file: tag CB, length, the key.
pub(crate) const PRIVATE: usize = 2 + 32;

/// The file of a key: tag, length, value.
fn framed<const N: usize>(tag: Tag, value: &[u8]) -> Zeroizing<[u8; N]> {
    let mut written = Zeroizing::new(Vec::with_capacity(N));
    Writer::new(&mut written).primitive(tag, value);
    let mut bytes = Zeroizing::new([0; N]);
    bytes.iter_mut().zip(written.iter()).for_each(|(place, byte)| *place = *byte);
    bytes
}

/// A public key as its file has it.
pub(crate) fn public_key_file(key: &[u8; 64]) -> Zeroizing<[u8; PUBLIC]> {
    framed(tag::PUBLIC_KEY, key)
}

/// A private key as its file has it.
pub(crate) fn private_key_file(key: &[u8; 32]) -> Zeroizing<[u8; PRIVATE]> {
    framed(tag::PRIVATE_KEY, key)
}

/// The files of both key pairs, for signatures and for encryption; what is not there is 00. `put` takes an
/// offset in the application's area, and bytes.
pub(crate) fn pairs(pairs: [&PkiKeyPair; 2], mut put: impl FnMut(usize, &[u8])) {
    const PLACES: [[usize; 3]; 2] = [
        [PkiArea::SIGNATURE_PUBLIC, PkiArea::SIGNATURE_PRIVATE, PkiArea::SIGNATURE_CERTIFICATE],
        [PkiArea::ENCRYPTION_PUBLIC, PkiArea::ENCRYPTION_PRIVATE, PkiArea::ENCRYPTION_CERTIFICATE],
    ];
    for ([public, private, certificate], pair) in PLACES.into_iter().zip(pairs) {
        let keys = <&[u8; 64]>::try_from(&pair.public[..]).ok();
        if let Some((x_y, d)) = keys.zip(<&[u8; 32]>::try_from(&pair.private[..]).ok()) {
            put(public, public_key_file(x_y).as_ref());
            put(private, private_key_file(d).as_ref());
        } else {
            put(public, &[0; PUBLIC]);
            put(private, &[0; PRIVATE]);
        }
        let mut whole = pair.certificate.clone();
        whole.resize(CERTIFICATE, 0);
        put(certificate, &whole);
    }
}

impl PkiPlan {
    /// The application's area before personalisation, as [`pairs`].
    pub(super) fn blank(&self, mut put: impl FnMut(usize, &[u8])) {
        let pins = [(PkiArea::USER, &self.user), (PkiArea::ADMINISTRATOR, &self.administrator)];
        for (offset, pin) in pins {
            put(offset, &[pin.tries]);
            put(offset.saturating_add(1), pin_key(&pin.value).expose());
        }
        pairs([&self.signature, &self.encryption], put);
    }

    pub(super) fn check(&self) -> Result<(), ProfileError> {
        for pin in [&self.user, &self.administrator] {
            if !(1..=15).contains(&pin.tries) {
                return Err(ProfileError::Pki("a PIN has 1 to 15 tries"));
            }
            if !is_pin(&pin.value) {
                return Err(ProfileError::Pki("a PIN has 4 to 16 digits, two to a byte"));
            }
        }
        [&self.signature, &self.encryption].into_iter().try_for_each(PkiKeyPair::check)
    }
}

impl PkiKeyPair {
    /// Lengths; whether the two keys belong together is not looked at.
    pub(crate) fn check(&self) -> Result<(), ProfileError> {
        if !matches!((self.private.len(), self.public.len()), (0, 0) | (32, 64)) {
            return Err(ProfileError::Pki(
                "a key pair has 32 bytes of private and 64 of public key",
            ));
        }
        if self.certificate.len() > CERTIFICATE {
            return Err(ProfileError::Pki("a certificate has at most 1,020 bytes"));
        }
        Ok(())
    }
}

/// Whether these bytes can be a PIN of the PKI application: 2 to 8 bytes of BCD digits, an odd digit filled
/// with F.
pub(crate) fn is_pin(bytes: &[u8]) -> bool {
    (2..=8).contains(&bytes.len())
        && sscard_apdu::bcd::is_cn(bytes)
        && bytes.last().is_some_and(|last| last >> 4 <= 9)
}
