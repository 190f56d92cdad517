//! From the key of a card to the key of one transaction.

use sm4::cipher::KeyInit;
use zeroize::{Zeroize, Zeroizing};

use super::Cipher;
use crate::Key;
use crate::block::encrypt_ecb;
use crate::cipher::{Aes128, Sm4, TdesEde2};

/// The schemes of the field, by their names.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum SessionKeyScheme {
    /// The card key itself (Visa CVN 10).
    CardKeyItself,
    /// EMV common session key: cryptograms by ATC, scripts by the cryptogram (EMV Book 2 annex A1.3.1).
    EmvCommon,
    /// EMV 2000, a tree of branch factor 4 and height 8 with a zero initial vector.
    Emv2000,
    /// M/Chip: ATC and unpredictable number.
    MChip,
    /// PBOC: ATC and its complement (JR/T 0025.7 §11.1.3, .17 §6.2).
    Pboc,
    /// Visa secure messaging: the key xored with ATC and its complement.
    VisaXor,
}

impl SessionKeyScheme {
    /// The key of cryptograms.
    #[must_use]
    pub fn for_cryptogram(
        self,
        cipher: Cipher,
        key: &Key,
        atc: [u8; 2],
        unpredictable: [u8; 4],
    ) -> Key {
        let [high, low] = atc;
        match self {
            Self::CardKeyItself => key.clone(),
            Self::EmvCommon => common(cipher, key, [high, low, 0, 0, 0, 0, 0, 0]),
            Self::Emv2000 => tree(key, u16::from_be_bytes(atc)),
            Self::MChip => {
                let [a, b, c, d] = unpredictable;
                common(cipher, key, [high, low, 0, 0, a, b, c, d])
            }
            Self::Pboc => pboc_session_key(cipher, key, atc),
            Self::VisaXor => xored(key, atc),
        }
    }

    /// The key of script MACs and of encipherment; `cryptogram` is that of the first GENERATE AC.
    #[must_use]
    pub fn for_script(self, cipher: Cipher, key: &Key, atc: [u8; 2], cryptogram: [u8; 8]) -> Key {
        match self {
            Self::EmvCommon | Self::MChip => common(cipher, key, cryptogram),
            other => other.for_cryptogram(cipher, key, atc, [0; 4]),
        }
    }
}

/// The PBOC session key, alike for cryptograms, MACs and encipherment.
///
/// Triple DES: `E(00*6 ATC) || E(00*6 !ATC)`; SM4: `E(00*6 ATC 00*6 !ATC)`; AES likewise.
///
/// # Reference
/// JR/T 0025.7 §11.1.3, .17 §6.2.
#[must_use]
pub fn pboc_session_key(cipher: Cipher, key: &Key, atc: [u8; 2]) -> Key {
    let [a, b] = atc;
    encipher(cipher, key, [0, 0, 0, 0, 0, 0, a, b, 0, 0, 0, 0, 0, 0, !a, !b])
}

fn encipher(cipher: Cipher, key: &Key, block: [u8; 16]) -> Key {
    let mut block = Zeroizing::new(block);
    match cipher {
        Cipher::TripleDes => encrypt_ecb(&TdesEde2::new(key.expose().into()), block.as_mut()),
        Cipher::Sm4 => encrypt_ecb(&Sm4::new(key.expose().into()), block.as_mut()),
        Cipher::Aes => encrypt_ecb(&Aes128::new(key.expose().into()), block.as_mut()),
    }
    Key::new(*block)
}

/// R with its third byte F0, then 0F; under AES R alone, filled with zeros.
fn common(cipher: Cipher, key: &Key, r: [u8; 8]) -> Key {
    let [a, b, _, d, e, f, g, h] = r;
    match cipher {
        Cipher::TripleDes => {
            encipher(cipher, key, [a, b, 0xF0, d, e, f, g, h, a, b, 0x0F, d, e, f, g, h])
        }
        Cipher::Sm4 | Cipher::Aes => {
            let [_, _, c, ..] = r;
            encipher(cipher, key, [a, b, c, d, e, f, g, h, 0, 0, 0, 0, 0, 0, 0, 0])
        }
    }
}

fn xored(key: &Key, atc: [u8; 2]) -> Key {
    let [a, b] = atc;
    let mut bytes = Zeroizing::new(*key.expose());
    let [.., g, h, _, _, _, _, _, _, o, p] = &mut *bytes;
    *g ^= a;
    *h ^= b;
    *o ^= !a;
    *p ^= !b;
    Key::new(*bytes)
}

const BRANCHES: u16 = 4;
const HEIGHT: u32 = 8;

/// EMV 2000 (Book 2 version 4.0, annex A1.3): the path from the root to leaf ATC.
fn tree(key: &Key, atc: u16) -> Key {
    let mut line = [[0; 16], [0; 16], *key.expose()];
    for level in 1..=HEIGHT {
        let shift = BRANCHES.pow(HEIGHT.saturating_sub(level));
        let digit = atc.checked_div(shift).unwrap_or(0) % BRANCHES;
        let [_, grandparent, parent] = line;
        line = [grandparent, parent, step(&parent, &grandparent, digit)];
    }
    // The leaf is xored with its grandparent.
    let [mut grandparent, mut parent, mut leaf] = line;
    leaf.iter_mut().zip(grandparent).for_each(|(byte, above)| *byte ^= above);
    let key = Key::new(leaf);
    line.iter_mut().for_each(Zeroize::zeroize);
    [&mut grandparent, &mut parent, &mut leaf].into_iter().for_each(Zeroize::zeroize);
    key
}

fn step(parent: &[u8; 16], grandparent: &[u8; 16], digit: u16) -> [u8; 16] {
    let (left, right) = grandparent.split_at(8);
    let [.., low] = digit.to_be_bytes();
    let mut block = [0; 16];
    for (cell, byte) in block.iter_mut().zip(left.iter().chain(right)) {
        *cell = *byte;
    }
    let [.., seventh, _, _, _, _, _, _, _, last] = &mut block;
    *seventh ^= low;
    *last ^= low ^ 0xF0;
    encrypt_ecb(&TdesEde2::new(parent.into()), block.as_mut());
    block
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::financial::vectors::{hex, key};

    #[test]
    fn visa_keys_are_xored_with_the_atc_and_its_complement() {
        let card = key("0123456789ABCDEFFEDCBA9876543210");
        let scheme = SessionKeyScheme::VisaXor;
        let session = scheme.for_cryptogram(Cipher::TripleDes, &card, [0x12, 0x24], [0; 4]);
        assert_eq!(hex(session.expose()), "0123456789ABDFCBFEDCBA987654DFCB");
        let again = scheme.for_script(Cipher::TripleDes, &card, [0x12, 0x24], [0x5A; 8]);
        assert_eq!(hex(again.expose()), hex(session.expose()));
    }
}
