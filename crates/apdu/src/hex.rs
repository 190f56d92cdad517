//! Hexadecimal text: two digits a byte.
//!
//! What enters: text, or bytes. What leaves: bytes, or a [`HexError`] that says where the text leaves hex; or text in upper
//! case. Of text, upper and lower case are equal; white space may stand between bytes, never inside one.

use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

use crate::ParseError;

/// Why text is not hexadecimal.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
#[non_exhaustive]
pub enum HexError {
    /// The last byte has one digit.
    OddLength,
    /// Something else than a digit.
    NotADigit {
        /// Where it stands, in bytes of the text.
        position: usize,
    },
}

impl fmt::Display for HexError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::OddLength => f.write_str("an odd number of hexadecimal digits"),
            Self::NotADigit { position } => {
                write!(f, "position {position} is not a hexadecimal digit")
            }
        }
    }
}

impl core::error::Error for HexError {}

/// Why text does not parse into a value that is written in hexadecimal.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
#[non_exhaustive]
pub enum FromHexError {
    /// The text is not hexadecimal.
    Hex(HexError),
    /// The bytes are not an APDU.
    Apdu(ParseError),
    /// The value has another number of bytes.
    Length(LengthError),
}

impl fmt::Display for FromHexError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Hex(error) => error.fmt(f),
            Self::Apdu(error) => error.fmt(f),
            Self::Length(error) => error.fmt(f),
        }
    }
}

impl core::error::Error for FromHexError {}

impl From<HexError> for FromHexError {
    fn from(error: HexError) -> Self {
        Self::Hex(error)
    }
}

impl From<ParseError> for FromHexError {
    fn from(error: ParseError) -> Self {
        Self::Apdu(error)
    }
}

impl From<LengthError> for FromHexError {
    fn from(error: LengthError) -> Self {
        Self::Length(error)
    }
}

/// A value of a fixed or limited size was to be made of too few or too many bytes.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
#[non_exhaustive]
pub struct LengthError {
    /// How many bytes there were.
    pub bytes: usize,
}

impl fmt::Display for LengthError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "wrong number of bytes: {}", self.bytes)
    }
}

impl core::error::Error for LengthError {}

/// Reads bytes.
///
/// # Errors
/// Where the text leaves hexadecimal.
pub fn decode(text: &str) -> Result<Vec<u8>, HexError> {
    let mut bytes = Vec::with_capacity(text.len() / 2);
    let mut high = None;
    for (position, character) in text.char_indices() {
        if high.is_none() && character.is_ascii_whitespace() {
            continue;
        }
        let digit = character
            .to_digit(16)
            .and_then(|digit| u8::try_from(digit).ok())
            .ok_or(HexError::NotADigit { position })?;
        match high.take() {
            None => high = Some(digit << 4),
            Some(high) => bytes.push(high | digit),
        }
    }
    if high.is_some() { Err(HexError::OddLength) } else { Ok(bytes) }
}

/// Writes bytes, in upper case and without space.
#[must_use]
pub fn encode(bytes: &[u8]) -> String {
    let digit = |nibble: u8| {
        char::from(if nibble < 10 { b'0' | nibble } else { nibble.wrapping_add(b'A' - 10) })
    };
    let mut text = String::with_capacity(bytes.len().saturating_mul(2));
    text.extend(bytes.iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 0x0F)]));
    text
}

#[cfg(test)]
mod tests {
    use alloc::string::ToString;
    use alloc::vec;

    use super::*;

    #[test]
    fn bytes_in_both_cases_and_with_space_between() {
        assert_eq!(decode("00a4 04\t0C\n"), Ok(vec![0x00, 0xA4, 0x04, 0x0C]));
        assert_eq!(decode(""), Ok(vec![]));
        let all: Vec<u8> = (0..=0xFF).collect();
        assert_eq!(decode(&encode(&all)), Ok(all));
        assert_eq!(encode(&[0x00, 0xA4, 0x9F]), "00A49F");
    }

    #[test]
    fn what_is_not_hexadecimal_is_said_with_its_place() {
        assert_eq!(decode("00A"), Err(HexError::OddLength));
        assert_eq!(decode("0 0"), Err(HexError::NotADigit { position: 1 }));
        assert_eq!(decode("00é0"), Err(HexError::NotADigit { position: 2 }));
        assert_eq!(decode("+1"), Err(HexError::NotADigit { position: 0 }));
        assert_eq!(
            FromHexError::from(HexError::NotADigit { position: 4 }).to_string(),
            "position 4 is not a hexadecimal digit"
        );
        assert_eq!(
            FromHexError::from(LengthError { bytes: 3 }).to_string(),
            "wrong number of bytes: 3"
        );
    }
}
