//! Decimal digits two to a byte: `cn`, left-aligned and filled with nibbles F, and `n`, right-aligned and filled with 0.
//!
//! What enters: digits, or any bytes. What leaves: bytes, or digits; or a [`BcdError`]. No panics.
//! Source: 《社会保障（个人）卡规范》 part 6; EMV Book 3 §4.3.

use alloc::vec::Vec;
use core::fmt;

/// Why digits cannot be coded, or bytes are no digits.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub enum BcdError {
    /// More digits than the field holds.
    TooLong {
        /// Digits given.
        digits: usize,
        /// Digits that fit.
        capacity: usize,
    },
    /// No digit at this position, counted from 0: a character, or a nibble.
    NotADigit {
        /// Position of the character or nibble.
        position: usize,
    },
}

impl fmt::Display for BcdError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TooLong { digits, capacity } => {
                write!(f, "{digits} digits, but only {capacity} fit")
            }
            Self::NotADigit { position } => write!(f, "position {position} is not a digit"),
        }
    }
}

impl core::error::Error for BcdError {}

/// Writes digits into `out` and fills the rest with F.
///
/// # Errors
/// Too many digits, or a character that is none; `out` is unchanged then.
pub fn encode(digits: &str, out: &mut [u8]) -> Result<(), BcdError> {
    let text = digits.as_bytes();
    if let Some(position) = text.iter().position(|character| !character.is_ascii_digit()) {
        return Err(BcdError::NotADigit { position });
    }
    let capacity = out.len().saturating_mul(2);
    if text.len() > capacity {
        return Err(BcdError::TooLong { digits: text.len(), capacity });
    }
    let mut nibbles = text.iter().map(|character| character & 0x0F);
    for byte in out {
        *byte = nibbles.next().unwrap_or(0x0F) << 4 | nibbles.next().unwrap_or(0x0F);
    }
    Ok(())
}

/// Digits as a `cn` field that is as long as they need.
///
/// # Errors
/// A character that is no digit.
pub fn packed(digits: &str) -> Result<Vec<u8>, BcdError> {
    let mut bytes = alloc::vec![0; digits.len().div_ceil(2)];
    encode(digits, &mut bytes)?;
    Ok(bytes)
}

/// The digits of a `cn` field, checked.
#[derive(Clone, Debug)]
pub struct Digits<'a> {
    bytes: &'a [u8],
    position: usize,
}

/// Reads a `cn` field: digits up to the first F.
///
/// # Errors
/// [`BcdError::NotADigit`] for a nibble A…E, or a digit behind an F.
pub fn digits(bytes: &[u8]) -> Result<Digits<'_>, BcdError> {
    let mut filled = false;
    for position in 0..bytes.len().saturating_mul(2) {
        match nibble(bytes, position) {
            Some(0x0F) => filled = true,
            Some(0..=9) if !filled => {}
            _ => return Err(BcdError::NotADigit { position }),
        }
    }
    Ok(Digits { bytes, position: 0 })
}

/// Six ASCII digits as three bytes.
#[must_use]
pub fn pairs(digits: &[u8; 6]) -> [u8; 3] {
    let [a, b, c, d, e, f] = digits.map(|digit| digit & 0x0F);
    [a << 4 | b, c << 4 | d, e << 4 | f]
}

/// YYMMDD with its century: a year below 50 is of this one (EMV 4.3 book 4 §6.7.3).
#[must_use]
pub const fn full_date([year, month, day]: [u8; 3]) -> [u8; 4] {
    [if year < 0x50 { 0x20 } else { 0x19 }, year, month, day]
}

/// The number in an `n` field, such as an amount in cents; a digit above 9 counts as its binary value, as in an adder.
#[must_use]
#[inline]
pub fn number(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0_u64, |sum, byte| {
        let pair = u64::from(byte >> 4).saturating_mul(10).saturating_add(u64::from(byte & 0x0F));
        sum.saturating_mul(100).saturating_add(pair)
    })
}

/// An amount in cents as an `n 12` field; what is above 999,999,999,999 stays there.
#[must_use]
#[inline]
pub fn n12(cents: u64) -> [u8; 6] {
    let mut rest = cents.min(999_999_999_999);
    let mut bytes = [0; 6];
    for byte in bytes.iter_mut().rev() {
        let pair = rest % 100;
        rest /= 100;
        let [.., packed] = ((pair / 10) << 4 | (pair % 10)).to_be_bytes();
        *byte = packed;
    }
    bytes
}

/// Whether bytes are a `cn` field.
#[must_use]
pub fn is_cn(bytes: &[u8]) -> bool {
    digits(bytes).is_ok()
}

fn nibble(bytes: &[u8], position: usize) -> Option<u8> {
    let byte = bytes.get(position / 2)?;
    Some(if position.is_multiple_of(2) { byte >> 4 } else { byte & 0x0F })
}

impl Iterator for Digits<'_> {
    type Item = char;

    fn next(&mut self) -> Option<char> {
        let digit = nibble(self.bytes, self.position).filter(|nibble| *nibble <= 9)?;
        self.position = self.position.saturating_add(1);
        Some(char::from(b'0' | digit))
    }
}

impl fmt::Display for Digits<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.clone().try_for_each(|digit| write!(f, "{digit}"))
    }
}

#[cfg(test)]
mod tests {
    use alloc::string::ToString;

    use proptest::prelude::*;

    use super::*;

    #[test]
    fn digits_are_left_aligned_and_filled_with_f() {
        let mut out = [0; 4];
        encode("12345", &mut out).unwrap();
        assert_eq!(out, [0x12, 0x34, 0x5F, 0xFF]);
        assert_eq!(digits(&out).unwrap().to_string(), "12345");
        encode("", &mut out).unwrap();
        assert_eq!(out, [0xFF; 4]);
        assert_eq!(digits(&out).unwrap().next(), None);
    }

    #[test]
    fn what_is_no_digit_is_named() {
        let mut out = [7; 1];
        assert_eq!(encode("1a", &mut out), Err(BcdError::NotADigit { position: 1 }));
        assert_eq!(encode("123", &mut out), Err(BcdError::TooLong { digits: 3, capacity: 2 }));
        assert_eq!(out, [7]);
        assert!(!is_cn(&[0xA0]) && !is_cn(&[0x1F, 0x11]) && is_cn(&[0x1F]));
    }

    #[test]
    fn n12_is_read_and_written() {
        assert_eq!(number(&[0, 0, 0, 0x01, 0x23, 0x45]), 12_345);
        assert_eq!(n12(12_345), [0, 0, 0, 0x01, 0x23, 0x45]);
        assert_eq!(n12(999_999_999_999), [0x99; 6]);
        assert_eq!(n12(u64::MAX), [0x99; 6]);
        assert_eq!(number(&[0x0A]), 10, "as an adder does");
        assert_eq!(packed("123").unwrap(), [0x12, 0x3F]);
        assert_eq!(full_date([0x49, 0x12, 0x31])[0], 0x20);
        assert_eq!(full_date([0x50, 0x01, 0x01])[0], 0x19);
        assert_eq!(pairs(b"310115"), [0x31, 0x01, 0x15]);
    }

    #[test]
    fn errors_say_what_is_wrong() {
        assert_eq!(
            BcdError::TooLong { digits: 3, capacity: 2 }.to_string(),
            "3 digits, but only 2 fit"
        );
        assert_eq!(BcdError::NotADigit { position: 1 }.to_string(), "position 1 is not a digit");
    }

    #[test]
    fn every_nibble_in_every_place() {
        for value in 0..=0xFF_u8 {
            let position = match (value >> 4, value & 0x0F) {
                (0..=9, 0..=9 | 0x0F) | (0x0F, 0x0F) => None,
                (0..=9, _) | (0x0F, _) => Some(1),
                _ => Some(0),
            };
            let error = position.map(|position| BcdError::NotADigit { position });
            assert_eq!(digits(&[value]).err(), error, "{value:02X}");
        }
    }

    proptest! {
        #[test]
        fn i_17_encode_then_decode(text in "[0-9]{0,20}") {
            let mut out = [0; 10];
            encode(&text, &mut out).unwrap();
            prop_assert_eq!(digits(&out).unwrap().to_string(), text);
        }

        #[test]
        fn i_17_any_bytes_are_read_without_panic(bytes in proptest::collection::vec(any::<u8>(), 0..20)) {
            prop_assert_eq!(is_cn(&bytes), digits(&bytes).is_ok());
        }

        #[test]
        fn i_17_decode_then_encode(bytes in proptest::collection::vec(
            prop_oneof![(0..=9_u8, 0..=9_u8).prop_map(|(high, low)| high << 4 | low), Just(0xFF), any::<u8>()],
            0..4,
        )) {
            if let Ok(found) = digits(&bytes) {
                let mut out = alloc::vec![0; bytes.len()];
                encode(&found.to_string(), &mut out).unwrap();
                prop_assert_eq!(out, bytes);
            }
        }
    }
}
