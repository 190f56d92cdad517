//! MACs: ISO 9797-1 algorithms 1 and 3 under DES, the SM4 CBC-MAC, AES-CMAC.

use cmac::{Cmac, Mac};
use sm4::cipher::{BlockCipherDecrypt, BlockCipherEncrypt, KeyInit};

use super::Cipher;
use crate::Key;
use crate::block::cbc_mac;
use crate::cipher::{Aes128, Des, Sm4, TdesEde2};

/// Padding of the last block, ISO 9797-1.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Padding {
    /// Method 1: zeros, and nothing when the message is aligned.
    Zeros,
    /// Method 2: 80, then zeros; always there.
    Bit,
}

/// Which eight bytes of the last SM4 block are the MAC.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Fold {
    /// The left half (JR/T 0025.17 §8.1.2, .5 annexes C and D).
    #[default]
    Left,
    /// Both halves xored (JR/T 0025.7 §11.1.2.2, the older text for 128-bit ciphers).
    Xor,
}

/// The MAC of an application's cipher with padding 80 00…, 8 bytes.
///
/// Triple DES: ISO 9797-1 algorithm 3. SM4: CBC-MAC, folded. AES: CMAC, the left half.
#[must_use]
pub fn mac(cipher: Cipher, key: &Key, parts: &[&[u8]], fold: Fold) -> [u8; 8] {
    match cipher {
        Cipher::TripleDes => mac_algorithm_3(key, parts, Padding::Bit),
        Cipher::Sm4 => {
            let last: [u8; 16] = cbc_mac(&Sm4::new(key.expose().into()), parts).into();
            let (left, right) = halves(&last);
            match fold {
                Fold::Left => left,
                Fold::Xor => {
                    let mut folded = left;
                    folded.iter_mut().zip(right).for_each(|(byte, other)| *byte ^= other);
                    folded
                }
            }
        }
        Cipher::Aes => halves(&aes_cmac(key, parts)).0,
    }
}

/// ISO 9797-1 MAC algorithm 1 under single DES.
#[must_use]
pub fn mac_algorithm_1(key: &[u8; 8], parts: &[&[u8]], padding: Padding) -> [u8; 8] {
    chain(&Des::new(key.into()), parts, padding)
}

/// ISO 9797-1 MAC algorithm 3: single DES under the left half, the last block through the right
/// half and the left one again.
#[must_use]
pub fn mac_algorithm_3(key: &Key, parts: &[&[u8]], padding: Padding) -> [u8; 8] {
    let (left, right) = halves(key.expose());
    let left = Des::new((&left).into());
    let mut block = chain(&left, parts, padding).into();
    Des::new((&right).into()).decrypt_block(&mut block);
    left.encrypt_block(&mut block);
    block.into()
}

/// AES-CMAC (RFC 4493), 16 bytes.
#[must_use]
pub fn aes_cmac(key: &Key, parts: &[&[u8]]) -> [u8; 16] {
    let mut mac = <Cmac<Aes128> as KeyInit>::new(key.expose().into());
    parts.iter().for_each(|part| mac.update(part));
    mac.finalize().into_bytes().into()
}

/// The last block of the chain under single DES with a zero initial value.
fn chain(cipher: &Des, parts: &[&[u8]], padding: Padding) -> [u8; 8] {
    match padding {
        Padding::Bit => cbc_mac(cipher, parts).into(),
        Padding::Zeros => {
            let mut block = [0; 8].into();
            let mut bytes = parts.iter().copied().flatten().peekable();
            while bytes.peek().is_some() {
                let cells: &mut [u8; 8] = AsMut::as_mut(&mut block);
                cells.iter_mut().zip(bytes.by_ref()).for_each(|(cell, byte)| *cell ^= byte);
                cipher.encrypt_block(&mut block);
            }
            block.into()
        }
    }
}

/// Triple DES of one block.
pub(super) fn tdes_block(key: &Key, block: [u8; 8]) -> [u8; 8] {
    let mut block = block.into();
    TdesEde2::new(key.expose().into()).encrypt_block(&mut block);
    block.into()
}

pub(super) fn halves(block: &[u8; 16]) -> ([u8; 8], [u8; 8]) {
    let [a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p] = *block;
    ([a, b, c, d, e, f, g, h], [i, j, k, l, m, n, o, p])
}
