//! Recipes of the PKI application (非对称认证应用) that card and terminal share.
//!
//! A PIN becomes a key by SM3, and is shown by what SM4 under that key makes of a challenge. A key pair for
//! encryption comes to the card in an envelope: a session key for the card's signature pair, and the private
//! key under that session key.

use alloc::vec::Vec;

use sm4::cipher::KeyInit;
use zeroize::Zeroizing;

use crate::Key;
use crate::block::{decrypt_ecb, encrypt_ecb, zero_padded};
use crate::cipher::Sm4;
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

/// `data` under a key that is used for nothing else: SM4 in CBC with a zero initial value, padded with as many
/// bytes as it takes to fill the last block, each of them that number (1 to 16).
#[must_use]
pub fn seal(key: &Key, data: &[u8]) -> Vec<u8> {
    let missing = 16_usize.saturating_sub(data.len() % 16);
    let mut blocks = data.to_vec();
    blocks.resize(data.len().saturating_add(missing), u8::try_from(missing).unwrap_or(16));
    let mut chain = [0; 16];
    for block in blocks.chunks_mut(16) {
        block.iter_mut().zip(chain).for_each(|(byte, before)| *byte ^= before);
        encipher(key, block);
        chain.iter_mut().zip(block).for_each(|(place, byte)| *place = *byte);
    }
    blocks
}

/// What [`seal`] made; `None` when the blocks or the padding are none.
#[must_use]
pub fn open(key: &Key, blocks: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
    if blocks.is_empty() || !blocks.len().is_multiple_of(16) {
        return None;
    }
    let mut plain = Zeroizing::new(blocks.to_vec());
    decipher(key, &mut plain);
    let before = [0; 16].iter().chain(blocks);
    plain.iter_mut().zip(before).for_each(|(byte, before)| *byte ^= before);
    let padding = *plain.last()?;
    let length = plain.len().checked_sub(usize::from(padding))?;
    let is_padding = plain.get(length..)?.iter().all(|byte| *byte == padding);
    if !(1..=16).contains(&padding) || !is_padding {
        return None;
    }
    plain.truncate(length);
    Some(plain)
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

    /// Own vector, computed with `openssl enc -sm4-cbc -iv 0`.
    #[test]
    fn sealed_data_is_sm4_in_cbc() {
        let key = Key::new(0x0123456789ABCDEF_FEDCBA9876543210_u128.to_be_bytes());
        for length in [0, 1, 15, 16, 17, 100] {
            let data = alloc::vec![0x5A; length];
            let sealed = seal(&key, &data);
            assert_eq!(sealed.len(), length / 16 * 16 + 16);
            assert_eq!(open(&key, &sealed).unwrap()[..], data);
            assert!(open(&key, &sealed[1..]).is_none());
        }
        assert!(open(&key, &[]).is_none());
        assert!(open(&key, &[0; 16]).is_none());
        assert_eq!(seal(&key, b"sealed"), 0x49B447415E9A3844_00C97CE07278476A_u128.to_be_bytes());
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
