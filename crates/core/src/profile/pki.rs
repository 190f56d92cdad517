//! The plan of the PKI application (非对称认证应用).

use alloc::vec::Vec;
use core::fmt;

use serde::{Deserialize, Serialize};
use zeroize::Zeroize;

use super::ProfileError;

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

impl PkiPlan {
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
