//! From an issuer's master key to the key of one card.
//!
//! PAN and sequence number enter as digits, a 16-byte key leaves.

use core::fmt;

use sha1::{Digest, Sha1};
use sm4::cipher::KeyInit;
use zeroize::Zeroizing;

use super::Cipher;
use crate::Key;
use crate::block::encrypt_ecb;
use crate::cipher::{Aes128, Sm4, TdesEde2};

/// How the 16 digits that a key is derived from come out of PAN and sequence number.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum DerivationOption {
    /// The rightmost 16 digits; the only one of JR/T 0025 (EMV Book 2 annex A1.4.1).
    #[default]
    A,
    /// For PANs longer than 16 digits: 16 decimal digits out of SHA-1 (annex A1.4.2).
    B,
}

/// A PAN is 1 to 19 digits, a sequence number two or none.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct PanError;

impl fmt::Display for PanError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a PAN has 1 to 19 digits and a sequence number two or none")
    }
}

impl core::error::Error for PanError {}

/// The card's key (UDK), without adjusted parity. Triple DES: `E(Y) || E(!Y)`; SM4: `E(Y || !Y)`; AES: `E(00… Y)`.
///
/// # Errors
/// [`PanError`] when PAN or sequence number are no digits or too long.
///
/// # Reference
/// JR/T 0025.7 §11.1.1, .17 §6; EMV Book 2 annex A1.4.
pub fn card_key(
    cipher: Cipher,
    option: DerivationOption,
    master: &Key,
    pan: &str,
    sequence_number: &str,
) -> Result<Key, PanError> {
    let digits = digits(pan, sequence_number)?;
    let y = match option {
        DerivationOption::B if pan.len() > 16 => hashed(&digits, pan.len().saturating_add(2)),
        _ => rightmost(&digits),
    };
    let mut block = Zeroizing::new([0; 16]);
    match cipher {
        Cipher::TripleDes | Cipher::Sm4 => {
            let complement = y.map(|byte| !byte);
            for (cell, byte) in block.iter_mut().zip(y.iter().chain(&complement)) {
                *cell = *byte;
            }
        }
        Cipher::Aes => {
            for (cell, byte) in block.iter_mut().skip(8).zip(&y) {
                *cell = *byte;
            }
        }
    }
    Ok(encipher(cipher, master, block))
}

/// The three keys of a card's personalisation, each by a number.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum PersonalisationKey {
    /// `K_ENC`: session keys of the card's and the host's cryptograms.
    Encipherment = 1,
    /// `K_MAC`: session keys of MACs.
    Mac = 2,
    /// `K_DEK`: session keys that encipher secret data.
    Data = 3,
}

/// A card's personalisation key out of the personaliser's master key (KMC) and the last six bytes of
/// KEYDATA: the six bytes, F0, the key's number, the six bytes, 0F, the number, enciphered.
///
/// # Reference
/// JR/T 0025.17 §10.6; .10 for triple DES, whose two halves are the blocks.
#[must_use]
pub fn personalisation_key(
    cipher: Cipher,
    master: &Key,
    key_data: [u8; 6],
    which: PersonalisationKey,
) -> Key {
    let number = which as u8;
    let [a, b, c, d, e, f] = key_data;
    let block = [a, b, c, d, e, f, 0xF0, number, a, b, c, d, e, f, 0x0F, number];
    encipher(cipher, master, Zeroizing::new(block))
}

fn encipher(cipher: Cipher, master: &Key, mut block: Zeroizing<[u8; 16]>) -> Key {
    let master = master.expose().into();
    match cipher {
        Cipher::TripleDes => encrypt_ecb(&TdesEde2::new(master), block.as_mut()),
        Cipher::Sm4 => encrypt_ecb(&Sm4::new(master), block.as_mut()),
        Cipher::Aes => encrypt_ecb(&Aes128::new(master), block.as_mut()),
    }
    Key::new(*block)
}

/// The key with odd parity in every byte: DES ignores it, the PIN CHANGE block does not (JR/T
/// 0025.7 §11.1.4).
#[must_use]
pub fn with_odd_parity(key: &Key) -> Key {
    let adjusted = Zeroizing::new(key.expose().map(|byte| {
        let high = byte & 0xFE;
        high | u8::from(high.count_ones() % 2 == 0)
    }));
    Key::new(*adjusted)
}

/// Up to 21 digits, one a byte, right-aligned.
fn digits(pan: &str, sequence_number: &str) -> Result<[u8; 21], PanError> {
    let sequence_number = match sequence_number.len() {
        0 => "00",
        2 => sequence_number,
        _ => return Err(PanError),
    };
    if !(1..=19).contains(&pan.len()) {
        return Err(PanError);
    }
    let mut digits = [0; 21];
    let given = pan.bytes().chain(sequence_number.bytes());
    for (place, byte) in digits.iter_mut().rev().zip(given.rev()) {
        *place = byte.checked_sub(b'0').filter(|digit| *digit <= 9).ok_or(PanError)?;
    }
    Ok(digits)
}

fn rightmost(digits: &[u8; 21]) -> [u8; 8] {
    let mut packed = [0; 8];
    let (_, last) = digits.split_at(5);
    for (byte, pair) in packed.iter_mut().zip(last.as_chunks::<2>().0) {
        let [high, low] = *pair;
        *byte = high << 4 | low;
    }
    packed
}

/// The first 16 decimal digits of the hash over the digits, an odd number of them after a zero;
/// hexadecimal ones fill the rest, A as 0 to F as 5.
fn hashed(digits: &[u8; 21], count: usize) -> [u8; 8] {
    let mut packed = [0; 11];
    let mut nibbles = digits.iter().rev();
    for byte in packed.iter_mut().rev() {
        let (low, high) = (nibbles.next().unwrap_or(&0), nibbles.next().unwrap_or(&0));
        *byte = high << 4 | low;
    }
    let used = packed.len().saturating_sub(count.div_ceil(2));
    let hash = Sha1::digest(packed.get(used..).unwrap_or(&packed));
    let nibbles = hash.iter().flat_map(|byte| [byte >> 4, byte & 0x0F]);
    let decimal = nibbles.clone().filter(|nibble| *nibble <= 9);
    let others = nibbles.filter(|nibble| *nibble > 9).map(|nibble| nibble.wrapping_sub(10));
    let mut y = [0; 8];
    let mut chosen = decimal.chain(others);
    for byte in &mut y {
        let (high, low) = (chosen.next().unwrap_or(0), chosen.next().unwrap_or(0));
        *byte = high << 4 | low;
    }
    y
}

#[cfg(test)]
mod tests {
    use alloc::string::ToString;

    use super::*;
    use crate::financial::vectors::{hex, key};

    /// Accounts whose hash has 14 decimal digits: two hexadecimal ones make up for the rest. The
    /// digits are computed with Python's `hashlib`, the keys with OpenSSL.
    #[test]
    fn emv_book_2_a1_4_2_hexadecimal_digits_fill_the_rest() {
        for (pan, y, card) in [
            // An odd number of digits is hashed after a zero, an even one as it is.
            ("9999990000000123444", "4498176404515751", "E94F7876F5FD96C9CD94AA236761CB64"),
            ("999999000000062642", "4096536112839400", "2EA0A6F9B43E34E5E59A25CDFE91FB31"),
        ] {
            let taken = digits(pan, "01").unwrap();
            assert_eq!(hex(&hashed(&taken, pan.len() + 2)), y);
            let master = key("0123456789ABCDEFFEDCBA9876543210");
            let derived =
                card_key(Cipher::TripleDes, DerivationOption::B, &master, pan, "01").unwrap();
            assert_eq!(hex(derived.expose()), card);
        }
    }

    #[test]
    fn a_pan_has_1_to_19_digits_and_a_sequence_number_two_or_none() {
        for (pan, sequence_number) in [
            ("", "01"),
            ("99999900000001234440", "01"),
            ("999999A", "01"),
            ("999999", "1"),
            ("999999", "001"),
            ("999999", "0/"),
            ("999999", "0:"),
        ] {
            assert_eq!(digits(pan, sequence_number), Err(PanError), "{pan} {sequence_number}");
        }
        let text = "a PAN has 1 to 19 digits and a sequence number two or none";
        assert_eq!(PanError.to_string(), text);
    }
}
