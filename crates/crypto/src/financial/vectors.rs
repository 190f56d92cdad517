//! Vectors of the field (V1, V2, V3, V5, V6, V8) and own, self-consistent ones (V11 to V13), as in
//! docs/standards/vectors.md.

use alloc::string::String;
use alloc::vec::Vec;

mod emv;
mod own;
mod pboc;

use super::*;
use crate::Key;

pub(super) fn bytes(hex: &str) -> Vec<u8> {
    let digits: Vec<u8> =
        hex.chars().filter(|c| !c.is_whitespace()).map(|c| c.to_digit(16).unwrap() as u8).collect();
    digits.chunks(2).map(|pair| pair[0] << 4 | pair[1]).collect()
}

pub(super) fn array<const N: usize>(hex: &str) -> [u8; N] {
    bytes(hex).try_into().unwrap()
}

pub(super) fn key(hex: &str) -> Key {
    Key::new(array(hex))
}

pub(super) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| alloc::format!("{byte:02X}")).collect()
}

const PAN: &str = "6228000100001";
const ATC: [u8; 2] = [0x02, 0x40];
const IMK_AC: &str = "F0C34A8124CEE0A91A0B034AA97D6EAC";
const IMK_ENC: &str = "D30F45EABC12AC3EF56B0C0D7F8654DE";
const IMK_MAC: &str = "12B1AC4AF070CC35612BFE2D30AB600D";
const AC_DATA: &str = "000000000001 000000000000 0156 0080046000 0156 140701 00 1E78EEBC 7D00 \
    0240 03A04002";

fn udk(cipher: Cipher, master: &str) -> Key {
    card_key(cipher, DerivationOption::A, &key(master), PAN, "01").unwrap()
}

fn session(cipher: Cipher, master: &str) -> Key {
    pboc_session_key(cipher, &udk(cipher, master), ATC)
}
