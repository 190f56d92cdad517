//! Recipes of the PKI application (非对称认证应用) that card and terminal share.
//!
//! A PIN becomes a key by SM3, and is shown by what SM4 under that key makes of a challenge. A key pair for
//! encryption comes to the card in an envelope: a session key for the card's signature pair, and the private
//! key under that session key.

use sm4::{Sm4, cipher::KeyInit};
use zeroize::Zeroizing;

use crate::Key;
use crate::block::{decrypt_ecb, encrypt_ecb, zero_padded};
use crate::financial::sm3;

/// The key that a PIN stands for: the first 16 bytes of SM3 over its BCD bytes.
#[must_use]
pub fn pin_key(pin: &[u8]) -> Key {
    let hash = Zeroizing::new(sm3(&[pin]));
    Key::new(hash.first_chunk().copied().unwrap_or([0; Key::LENGTH]))
}

/// What VERIFY presents: the challenge, of 16 bytes or padded with 00 at the right, under the PIN's key.
#[must_use]
pub fn pin_proof(key: &Key, challenge: &[u8]) -> [u8; 16] {
    let mut block = zero_padded(challenge);
    encrypt_ecb(&Sm4::new(key.expose().into()), &mut block);
    block
}

/// Enciphers whole blocks of 16 bytes by SM4 in ECB; what is no whole block stays.
pub fn encipher(key: &Key, blocks: &mut [u8]) {
    encrypt_ecb(&Sm4::new(key.expose().into()), blocks);
}

/// Deciphers whole blocks of 16 bytes by SM4 in ECB; what is no whole block stays.
pub fn decipher(key: &Key, blocks: &mut [u8]) {
    decrypt_ecb(&Sm4::new(key.expose().into()), blocks);
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The hash of 123456 as programs in the field have it begins so.
    #[test]
    fn sm3_of_the_pin_123456_begins_3de741f4() {
        let key = pin_key(&[0x12, 0x34, 0x56]);
        assert_eq!(key.expose()[..8], 0x3DE741F445DD357B_u64.to_be_bytes());
    }

    #[test]
    fn a_challenge_of_8_bytes_is_padded_with_zeros() {
        let key = pin_key(&[0x12, 0x34, 0x56]);
        let mut padded = [0; 16];
        padded[..8].copy_from_slice(&[7; 8]);
        assert_eq!(pin_proof(&key, &[7; 8]), pin_proof(&key, &padded));
        let mut block = pin_proof(&key, &padded);
        decipher(&key, &mut block);
        assert_eq!(block, padded);
        encipher(&key, &mut block);
        assert_eq!(block, pin_proof(&key, &padded));
    }
}
