//! Keys at rest and the comparison of secrets.

use core::fmt;

use subtle::ConstantTimeEq;
use zeroize::{Zeroize, ZeroizeOnDrop};

/// A 16-byte key (密钥) of a card, a PSAM or an issuer; both suites use this length.
///
/// It has no equality and does not print: compare with [`secrets_equal`] where it must be.
#[derive(Clone)]
pub struct Key([u8; 16]);

impl Zeroize for Key {
    fn zeroize(&mut self) {
        self.0.zeroize();
    }
}

impl Drop for Key {
    fn drop(&mut self) {
        self.zeroize();
    }
}

impl ZeroizeOnDrop for Key {}

impl Key {
    /// The length in bytes.
    pub const LENGTH: usize = 16;

    /// Takes the bytes as they are; DES parity bits are not looked at.
    pub const fn new(bytes: [u8; 16]) -> Self {
        Self(bytes)
    }

    /// The bytes, for a key store or an injection into a card.
    pub fn expose(&self) -> &[u8; 16] {
        &self.0
    }
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Key(..)")
    }
}

/// Compares in a time that tells nothing but whether the lengths differ.
pub fn secrets_equal(a: &[u8], b: &[u8]) -> bool {
    a.ct_eq(b).into()
}

/// Whether MACs and cryptograms are looked at for their length alone: a build for fuzzers, by the feature `null-crypto`.
pub const NULL_CRYPTO: bool = cfg!(feature = "null-crypto");

/// Whether somebody who presents `shown` knows the key that makes `expected`: a MAC, a cryptogram, a response to a challenge. PINs are
/// compared by [`secrets_equal`], in every build.
pub fn proves(expected: &[u8], shown: &[u8]) -> bool {
    if NULL_CRYPTO { expected.len() == shown.len() } else { secrets_equal(expected, shown) }
}

#[cfg(test)]
mod tests {
    use alloc::format;

    use super::*;

    #[test]
    fn debug_shows_no_key_bytes() {
        assert_eq!(format!("{:?}", Key::new([0xA5; 16])), "Key(..)");
        assert_eq!(format!("{:#?}", Some(Key::new([0xA5; 16]))), "Some(\n    Key(..),\n)");
    }

    #[test]
    fn zeroize_wipes_the_bytes() {
        let mut key = Key::new([0xA5; Key::LENGTH]);
        assert_eq!(key.expose(), &[0xA5; 16]);
        key.zeroize();
        assert_eq!(key.expose(), &[0; 16]);
    }

    #[test]
    fn secrets_equal_by_content_and_length() {
        assert!(secrets_equal(&[], &[]));
        assert!(secrets_equal(&[1, 2, 3], &[1, 2, 3]));
        assert!(!secrets_equal(&[1, 2, 3], &[1, 2, 4]));
        assert!(!secrets_equal(&[1, 2, 3], &[1, 2, 3, 0]));
        assert!(!secrets_equal(&[1], &[]));
    }
}
