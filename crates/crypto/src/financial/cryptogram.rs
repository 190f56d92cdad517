//! Application cryptograms (TC, ARQC, AAC) and the issuer's answers to them (ARPC).

use sm4::cipher::{BlockCipherEncrypt, KeyInit};

use super::mac::{halves, tdes_block};
use super::{Cipher, Fold, Padding, SessionKeyScheme, mac, mac_algorithm_3};
use crate::Key;
use crate::cipher::{Aes128, Sm4};

/// Cryptogram schemes of the field, by their names.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum CryptogramScheme {
    /// EMV common session key, padding 80 00….
    EmvCsk,
    /// PBOC CVN 01 and 17: PBOC session key, padding 80 00….
    Pboc,
    /// Visa CVN 10: the card key itself, padding with zeros.
    VisaCvn10,
    /// Visa CVN 18: EMV common session key, padding 80 00…, ARPC method 2.
    VisaCvn18,
}

impl CryptogramScheme {
    /// How the session key comes about.
    #[must_use]
    pub const fn session_keys(self) -> SessionKeyScheme {
        match self {
            Self::EmvCsk | Self::VisaCvn18 => SessionKeyScheme::EmvCommon,
            Self::Pboc => SessionKeyScheme::Pboc,
            Self::VisaCvn10 => SessionKeyScheme::CardKeyItself,
        }
    }

    /// How the session keys of scripts come about; Visa has its own.
    #[must_use]
    pub const fn script_keys(self) -> SessionKeyScheme {
        match self {
            Self::EmvCsk => SessionKeyScheme::EmvCommon,
            Self::Pboc => SessionKeyScheme::Pboc,
            Self::VisaCvn10 | Self::VisaCvn18 => SessionKeyScheme::VisaXor,
        }
    }

    /// The key of cryptograms, out of the card's key.
    #[must_use]
    pub fn session_key(self, cipher: Cipher, card_key: &Key, atc: [u8; 2]) -> Key {
        self.session_keys().for_cryptogram(cipher, card_key, atc, [0; 4])
    }

    /// The cryptogram over `data` under a session key.
    #[must_use]
    pub fn cryptogram(self, cipher: Cipher, key: &Key, data: &[u8], fold: Fold) -> [u8; 8] {
        match (self, cipher) {
            (Self::VisaCvn10, Cipher::TripleDes) => mac_algorithm_3(key, &[data], Padding::Zeros),
            _ => mac(cipher, key, &[data], fold),
        }
    }
}

/// A cryptogram over the parts, in the order of the cryptogram's version: 8 bytes.
///
/// # Reference
/// JR/T 0025.5 annex D, .17 §8.1; EMV Book 2 §8.1.
#[must_use]
pub fn application_cryptogram(
    cipher: Cipher,
    session_key: &Key,
    parts: &[&[u8]],
    fold: Fold,
) -> [u8; 8] {
    mac(cipher, session_key, parts, fold)
}

/// ARPC method 1: the cryptogram xored with the response code, enciphered; 8 bytes.
///
/// # Reference
/// EMV Book 2 §8.2.1; JR/T 0025.5 annex D.3, .17 §8.3 (SM4: the left half of one block).
#[must_use]
pub fn arpc_method_1(
    cipher: Cipher,
    session_key: &Key,
    cryptogram: &[u8; 8],
    response_code: [u8; 2],
) -> [u8; 8] {
    let mut block = *cryptogram;
    block.iter_mut().zip(response_code).for_each(|(byte, code)| *byte ^= code);
    let [a, b, c, d, e, f, g, h] = block;
    let wide = [a, b, c, d, e, f, g, h, 0, 0, 0, 0, 0, 0, 0, 0];
    match cipher {
        Cipher::TripleDes => tdes_block(session_key, block),
        Cipher::Sm4 => {
            let mut wide = wide.into();
            Sm4::new(session_key.expose().into()).encrypt_block(&mut wide);
            halves(&wide.into()).0
        }
        Cipher::Aes => {
            let mut wide = wide.into();
            Aes128::new(session_key.expose().into()).encrypt_block(&mut wide);
            halves(&wide.into()).0
        }
    }
}

/// ARPC method 2: a MAC over cryptogram, card status update and issuer's own data; 4 bytes.
///
/// # Reference
/// EMV Book 2 §8.2.2.
#[must_use]
pub fn arpc_method_2(
    cipher: Cipher,
    session_key: &Key,
    cryptogram: &[u8; 8],
    card_status_update: [u8; 4],
    proprietary: &[u8],
) -> [u8; 4] {
    let parts: [&[u8]; 3] = [cryptogram, &card_status_update, proprietary];
    let [a, b, c, d, ..] = mac(cipher, session_key, &parts, Fold::Left);
    [a, b, c, d]
}

/// The MAC of the issuer discretionary data in tag 9F10: over ATC and the low five bytes of one
/// amount, filled to 8 bytes, or of two, filled to 16.
///
/// # Reference
/// JR/T 0025.13 §7.6, .12 annex A.
#[must_use]
pub fn discretionary_mac(
    cipher: Cipher,
    session_key: &Key,
    atc: [u8; 2],
    amounts: &[[u8; 5]],
    fold: Fold,
) -> [u8; 4] {
    let fill: &[u8] = if amounts.len() > 1 { &[0; 4] } else { &[0; 1] };
    let mut parts = alloc::vec::Vec::with_capacity(4);
    parts.push(&atc[..]);
    parts.extend(amounts.iter().map(<[u8; 5]>::as_slice));
    parts.push(fill);
    let [a, b, c, d, ..] = mac(cipher, session_key, &parts, fold);
    [a, b, c, d]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::financial::vectors::{array, hex, key};

    /// V1 with a second amount; computed with OpenSSL over the 8 and the 16 bytes.
    #[test]
    fn jrt_0025_13_7_6_one_amount_is_filled_to_8_bytes_and_two_to_16() {
        let amounts = [array("0000001000"), array("0000002500")];
        for (cipher, session, one, two) in [
            (Cipher::TripleDes, "EA80DA2ED32A471AC343F55484147A0F", "D1F61152", "A60009E2"),
            (Cipher::Sm4, "E2B942FD34AA3832A0719593D4737CD2", "9BA7776C", "6A4B09B2"),
        ] {
            let mac = |amounts: &[[u8; 5]]| {
                let atc = [0x02, 0x40];
                hex(&discretionary_mac(cipher, &key(session), atc, amounts, Fold::Left))
            };
            assert_eq!(mac(&amounts[..1]), one);
            assert_eq!(mac(&amounts), two);
        }
    }
}
