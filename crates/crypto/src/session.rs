//! What is done with the key of one exchange: authentication data, MACs and cryptograms.
//!
//! Command bytes enter and are never copied to be MACed; a cryptogram's plaintext lives in wiped
//! memory only. The key itself never leaves.

mod blocks;

use alloc::vec::Vec;
use core::fmt;

use sm4::cipher::KeyInit;
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

use crate::cipher::{Des, Sm4};
use crate::{
    NULL_CRYPTO, Suite,
    block::{cbc_mac, decrypt_ecb, encrypt_ecb, zero_padded},
    proves,
};

pub use blocks::Chaining;

/// The session key (过程密钥) of one random, made by [`Suite::session_key`].
///
/// It has no equality and does not print.
#[derive(Clone)]
pub struct SessionKey(Material);

#[derive(Clone)]
enum Material {
    Des([u8; 8]),
    Sm4([u8; 16]),
}

impl Zeroize for SessionKey {
    fn zeroize(&mut self) {
        match &mut self.0 {
            Material::Des(key) => key.zeroize(),
            Material::Sm4(key) => key.zeroize(),
        }
    }
}

impl Drop for SessionKey {
    fn drop(&mut self) {
        self.zeroize();
    }
}

impl ZeroizeOnDrop for SessionKey {}

impl SessionKey {
    /// The most plaintext bytes a cryptogram holds.
    const LONGEST_PLAIN: u8 = 254;

    pub(crate) fn des(bytes: &[u8; 8]) -> Self {
        Self(Material::Des(*bytes))
    }

    pub(crate) fn sm4(bytes: &[u8; 16]) -> Self {
        Self(Material::Sm4(*bytes))
    }

    /// The suite this key was made with.
    pub fn suite(&self) -> Suite {
        match self.0 {
            Material::Des(_) => Suite::TripleDes,
            Material::Sm4(_) => Suite::Sm4,
        }
    }

    /// The authentication data (认证数据) that INTERNAL AUTHENTICATE answers and EXTERNAL
    /// AUTHENTICATE presents for the original information (原始信息).
    ///
    /// Triple DES: `E(original)`. SM4: the two halves of `E(original || 00 x 8)`, XORed.
    ///
    /// # Reference
    /// 《社会保障（个人）卡规范》 part 4 §9.3
    pub fn authentication_data(&self, original: &[u8; 8]) -> [u8; 8] {
        match &self.0 {
            Material::Des(key) => {
                let mut block = *original;
                encrypt_ecb(&Des::new(key.into()), &mut block);
                block
            }
            Material::Sm4(key) => {
                let mut block: [u8; 16] = zero_padded(original);
                encrypt_ecb(&Sm4::new(key.into()), &mut block);
                let data = fold(&block);
                block.zeroize();
                data
            }
        }
    }

    /// The MAC (安全报文鉴别码) of `data`: see [`mac_parts`](Self::mac_parts).
    pub fn mac(&self, data: &[u8]) -> [u8; 4] {
        self.mac_parts(&[data])
    }

    /// The MAC of the concatenated parts, padded with `80 00 ..` always: an aligned message gets a
    /// whole block of padding.
    ///
    /// CBC with a zero initial value. Triple DES: single DES, the leftmost 4 bytes of the last
    /// block. SM4: the four words of the last block, XORed.
    ///
    /// For a command the parts are `CLA INS P1 P2 Lc`, where Lc counts the 4 bytes of the MAC, and
    /// the data field without the MAC, enciphered where it is sent enciphered.
    ///
    /// # Reference
    /// 《社会保障（个人）卡规范》 part 4 §8.2
    pub fn mac_parts(&self, parts: &[&[u8]]) -> [u8; 4] {
        match &self.0 {
            Material::Des(key) => {
                let mut last = cbc_mac(&Des::new(key.into()), parts);
                let mac = zero_padded(&last);
                last.zeroize();
                mac
            }
            Material::Sm4(key) => {
                let mut last = cbc_mac(&Sm4::new(key.into()), parts);
                let mac = fold(&last);
                last.zeroize();
                mac
            }
        }
    }

    /// Whether `mac` is the MAC of the concatenated parts, told in constant time; a `mac` of other
    /// than 4 bytes is not.
    pub fn verify_mac(&self, parts: &[&[u8]], mac: &[u8]) -> bool {
        proves(&self.mac_parts(parts), mac)
    }

    /// The cryptogram (密文) of `plain`: `LD || plain || 80 00 ..` in ECB, where LD is the length of
    /// `plain` in one byte and the padding is absent when `LD || plain` fills its blocks.
    ///
    /// `[choice]` LD is at most 254; the standard leaves the bound to the one byte.
    ///
    /// # Errors
    /// [`EncipherError::TooLong`] for more than 254 bytes.
    ///
    /// # Reference
    /// 《社会保障（个人）卡规范》 part 4 §8.3
    pub fn encipher(&self, plain: &[u8]) -> Result<Vec<u8>, EncipherError> {
        let ld = u8::try_from(plain.len())
            .ok()
            .filter(|ld| *ld <= Self::LONGEST_PLAIN)
            .ok_or(EncipherError::TooLong)?;
        let filled = plain.len().saturating_add(1);
        let length = filled.next_multiple_of(self.suite().block_length());

        // Of the final capacity from the start: growing would leave plaintext behind.
        let mut bytes = Vec::with_capacity(length);
        bytes.push(ld);
        bytes.extend_from_slice(plain);
        if filled < length {
            bytes.push(0x80);
            bytes.resize(length, 0x00);
        }
        match &self.0 {
            _ if NULL_CRYPTO => {}
            Material::Des(key) => encrypt_ecb(&Des::new(key.into()), &mut bytes),
            Material::Sm4(key) => encrypt_ecb(&Sm4::new(key.into()), &mut bytes),
        }
        Ok(bytes)
    }

    /// The plaintext of a cryptogram; `None` unless [`encipher`](Self::encipher) can have made it:
    /// at least one block and whole blocks only, LD at most 254 and within the blocks, the padding
    /// `80 00 ..` to the bit and shorter than a block.
    ///
    /// # Reference
    /// 《社会保障（个人）卡规范》 part 4 §8.3
    pub fn decipher(&self, cipher: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
        let block_length = self.suite().block_length();
        if !cipher.len().is_multiple_of(block_length) {
            return None;
        }
        let mut bytes = Zeroizing::new(cipher.to_vec());
        match &self.0 {
            _ if NULL_CRYPTO => {}
            Material::Des(key) => decrypt_ecb(&Des::new(key.into()), &mut bytes),
            Material::Sm4(key) => decrypt_ecb(&Sm4::new(key.into()), &mut bytes),
        }
        let (&ld, rest) = bytes.split_first()?;
        if ld > Self::LONGEST_PLAIN {
            return None;
        }
        let (plain, padding) = rest.split_at_checked(usize::from(ld))?;
        let exact = match padding {
            [] => true,
            [0x80, zeros @ ..] => {
                padding.len() < block_length && zeros.iter().all(|byte| *byte == 0x00)
            }
            _ => false,
        };
        exact.then(|| Zeroizing::new(plain.to_vec()))
    }

    #[cfg(test)]
    pub(crate) fn expose(&self) -> &[u8] {
        match &self.0 {
            Material::Des(bytes) => bytes,
            Material::Sm4(bytes) => bytes,
        }
    }
}

impl fmt::Debug for SessionKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SessionKey(..)")
    }
}

/// Why no cryptogram was made.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub enum EncipherError {
    /// The plaintext is longer than 254 bytes.
    TooLong,
}

impl fmt::Display for EncipherError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TooLong => f.write_str("plaintext longer than 254 bytes"),
        }
    }
}

impl core::error::Error for EncipherError {}

/// The XOR of the N-byte pieces of a block.
fn fold<const N: usize>(block: &[u8]) -> [u8; N] {
    let mut folded = [0; N];
    for piece in block.chunks(N) {
        for (cell, byte) in folded.iter_mut().zip(piece) {
            *cell ^= byte;
        }
    }
    folded
}

#[cfg(test)]
mod tests;
