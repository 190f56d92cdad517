//! Issuer scripts: MAC and encipherment of their commands.

use alloc::vec::Vec;

use sm4::cipher::{BlockCipherEncrypt, KeyInit};
use zeroize::Zeroizing;

use super::{Cipher, Fold, mac};
use crate::block::{decrypt_ecb, encrypt_ecb};
use crate::cipher::{Aes128, Sm4, TdesEde2};
use crate::{Key, NULL_CRYPTO};

/// The MAC of a script command, 4 bytes: over header (its Lc counts the MAC), ATC, the cryptogram of
/// the first GENERATE AC, and the data as it is sent.
///
/// # Reference
/// JR/T 0025.5 annex C.2, .7 §11.1.2.
#[must_use]
pub fn script_mac(
    cipher: Cipher,
    session_key: &Key,
    header: [u8; 5],
    atc: [u8; 2],
    cryptogram: &[u8; 8],
    data: &[u8],
    fold: Fold,
) -> [u8; 4] {
    let parts: [&[u8]; 4] = [&header, &atc, cryptogram, data];
    let [a, b, c, d, ..] = mac(cipher, session_key, &parts, fold);
    [a, b, c, d]
}

/// Enciphers script data: its length, the data, padding 80 00… unless aligned; ECB.
///
/// `None` when the data is longer than 255 bytes.
///
/// # Reference
/// JR/T 0025.5 annex C.3, .7 §11.1.3.
#[must_use]
pub fn encipher_script(cipher: Cipher, session_key: &Key, data: &[u8]) -> Option<Vec<u8>> {
    let block = block_length(cipher);
    let mut bytes = Zeroizing::new(Vec::with_capacity(data.len().saturating_add(block)));
    bytes.push(u8::try_from(data.len()).ok()?);
    bytes.extend_from_slice(data);
    pad_unless_aligned(&mut bytes, block);
    match cipher {
        _ if NULL_CRYPTO => {}
        Cipher::TripleDes => encrypt_ecb(&TdesEde2::new(session_key.expose().into()), &mut bytes),
        Cipher::Sm4 => encrypt_ecb(&Sm4::new(session_key.expose().into()), &mut bytes),
        Cipher::Aes => encrypt_ecb(&Aes128::new(session_key.expose().into()), &mut bytes),
    }
    Some(core::mem::take(&mut *bytes))
}

/// The data that [`encipher_script`] enciphered; `None` when length or padding are wrong.
#[must_use]
pub fn decipher_script(
    cipher: Cipher,
    session_key: &Key,
    enciphered: &[u8],
) -> Option<Zeroizing<Vec<u8>>> {
    let block = block_length(cipher);
    if enciphered.is_empty() || !enciphered.len().is_multiple_of(block) {
        return None;
    }
    let mut bytes = Zeroizing::new(enciphered.to_vec());
    match cipher {
        _ if NULL_CRYPTO => {}
        Cipher::TripleDes => decrypt_ecb(&TdesEde2::new(session_key.expose().into()), &mut bytes),
        Cipher::Sm4 => decrypt_ecb(&Sm4::new(session_key.expose().into()), &mut bytes),
        Cipher::Aes => decrypt_ecb(&Aes128::new(session_key.expose().into()), &mut bytes),
    }
    let (length, rest) = bytes.split_first()?;
    let (data, padding) = rest.split_at_checked(usize::from(*length))?;
    let is_padding = match padding {
        [] => true,
        [0x80, zeros @ ..] => {
            padding.len() < block.saturating_add(1) && zeros.iter().all(|byte| *byte == 0)
        }
        _ => false,
    };
    is_padding.then(|| Zeroizing::new(data.to_vec()))
}

/// Script data in CBC under triple DES without padding when aligned, as M/Chip issuers do.
#[must_use]
pub fn encipher_script_mastercard(session_key: &Key, data: &[u8]) -> Vec<u8> {
    let mut bytes = data.to_vec();
    pad_unless_aligned(&mut bytes, 8);
    cbc(session_key, bytes)
}

/// Script data in CBC under triple DES with padding 80 00… always (EMV Book 2 annex A1.1).
#[must_use]
pub fn encipher_script_emv(session_key: &Key, data: &[u8]) -> Vec<u8> {
    let mut bytes = data.to_vec();
    bytes.push(0x80);
    bytes.resize(bytes.len().next_multiple_of(8), 0x00);
    cbc(session_key, bytes)
}

fn cbc(key: &Key, mut bytes: Vec<u8>) -> Vec<u8> {
    let cipher = TdesEde2::new(key.expose().into());
    let mut before = [0; 8];
    let (blocks, _) = bytes.as_chunks_mut::<8>();
    for block in blocks {
        block.iter_mut().zip(before).for_each(|(byte, above)| *byte ^= above);
        let mut enciphered = (*block).into();
        cipher.encrypt_block(&mut enciphered);
        *block = enciphered.into();
        before = *block;
    }
    bytes
}

fn pad_unless_aligned(bytes: &mut Vec<u8>, block: usize) {
    if !bytes.len().is_multiple_of(block) {
        bytes.push(0x80);
        bytes.resize(bytes.len().next_multiple_of(block), 0x00);
    }
}

const fn block_length(cipher: Cipher) -> usize {
    match cipher {
        Cipher::TripleDes => 8,
        Cipher::Sm4 | Cipher::Aes => 16,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::financial::vectors::{bytes, hex, key};

    const KEY: &str = "0123456789ABCDEFFEDCBA9876543210";

    /// What comes out of these bytes, enciphered as they are.
    fn deciphered(plain: &str) -> Option<Vec<u8>> {
        let mut bytes = bytes(plain);
        encrypt_ecb(&TdesEde2::new(key(KEY).expose().into()), &mut bytes);
        decipher_script(Cipher::TripleDes, &key(KEY), &bytes).map(|data| data.to_vec())
    }

    /// Computed with OpenSSL.
    #[test]
    fn jrt_0025_5_c_3_length_data_and_padding_unless_aligned() {
        for (data, enciphered) in
            [("11223344556677", "1F20366CCB0A91EA"), ("112233", "AC57918CEE68F4B2")]
        {
            let made = encipher_script(Cipher::TripleDes, &key(KEY), &bytes(data)).unwrap();
            assert_eq!(hex(&made), enciphered);
            let plain = decipher_script(Cipher::TripleDes, &key(KEY), &made).unwrap();
            assert_eq!(plain.as_slice(), bytes(data));
        }
        assert_eq!(encipher_script(Cipher::Sm4, &key(KEY), &[0; 256]), None);
    }

    #[test]
    fn script_data_is_whole_blocks() {
        let decipher = |bytes: &[u8]| decipher_script(Cipher::TripleDes, &key(KEY), bytes);
        assert_eq!(decipher(&[]), None);
        let aligned = bytes("1F20366CCB0A91EA");
        assert!(decipher(&aligned).is_some());
        assert_eq!(decipher(&aligned[..7]), None);
        // As it stands, the ninth byte would be padding.
        assert_eq!(decipher(&[&aligned[..], &[0x80]].concat()), None);
        assert_eq!(decipher_script(Cipher::Sm4, &key(KEY), &[0x5A; 8]), None);
    }

    #[test]
    fn the_padding_of_script_data_is_80_and_zeros_for_at_most_a_block() {
        let three = Some(bytes("112233"));
        assert_eq!(deciphered("0311223380000000"), three);
        assert_eq!(deciphered("06112233445566 80"), Some(bytes("112233445566")));
        assert_eq!(deciphered("0000000000000000"), None, "no padding");
        assert_eq!(deciphered("0311223300000000"), None, "zeros");
        assert_eq!(deciphered("0311223380000001"), None, "80, then not zeros");
        assert_eq!(deciphered("03112233FFFFFFFF"), None, "another filling");
        assert_eq!(deciphered("08112233445566 77"), None, "more than there is");
        let whole = "0711223344556677 8000000000000000";
        assert_eq!(deciphered(whole), Some(bytes("11223344556677")), "a whole block");
        let more = "0611223344556680 0000000000000000";
        assert_eq!(deciphered(more), None, "a byte more");
    }

    /// Computed with OpenSSL: the second block is xored with the first.
    #[test]
    fn other_issuers_chain_blocks() {
        let block = bytes("241234FFFFFFFFFF");
        let two = [&block[..], &block].concat();
        let made = encipher_script_mastercard(&key(KEY), &two);
        assert_eq!(hex(&made), "9859240AE52820C373529E134610E1CD");
        let longer = [&block[..], &bytes("241234")].concat();
        let padded = "9859240AE52820C3A237B44823FA2771";
        assert_eq!(hex(&encipher_script_mastercard(&key(KEY), &longer)), padded);
        assert_eq!(hex(&encipher_script_emv(&key(KEY), &longer)), padded);
    }
}
