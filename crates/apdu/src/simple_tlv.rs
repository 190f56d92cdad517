//! Simple-TLV, the record format of the social security card: tag 01…FE, length in one byte or FF
//! and two bytes (ISO/IEC 7816-4 §6.2).
//!
//! What enters: any bytes. What leaves: objects that borrow from them. No panics.

use alloc::vec::Vec;
use core::fmt;

/// Why bytes are no simple-TLV.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub enum SimpleTlvError {
    /// Tag 00 or FF.
    InvalidTag,
    /// The length is cut or missing.
    TruncatedLength,
    /// Fewer bytes than the length says.
    TruncatedValue,
    /// Bytes are left behind the object.
    TrailingBytes,
}

impl fmt::Display for SimpleTlvError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::InvalidTag => "the tag is 00 or FF",
            Self::TruncatedLength => "the length is cut",
            Self::TruncatedValue => "the value is cut",
            Self::TrailingBytes => "bytes after the value",
        })
    }
}

impl core::error::Error for SimpleTlvError {}

/// One object.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct SimpleTlv<'a> {
    /// Tag 01…FE.
    pub tag: u8,
    /// Value, 0…65,535 bytes.
    pub value: &'a [u8],
}

impl<'a> SimpleTlv<'a> {
    /// Reads exactly one object.
    ///
    /// # Errors
    /// What is wrong with it, or that bytes are left behind it.
    #[inline]
    pub fn parse_exact(bytes: &'a [u8]) -> Result<Self, SimpleTlvError> {
        let (object, rest) = Self::split_from(bytes)?;
        if rest.is_empty() { Ok(object) } else { Err(SimpleTlvError::TrailingBytes) }
    }

    /// Appends the object; the length takes one byte up to FE, three bytes above.
    ///
    /// A tag 00 or FF, or a value longer than 65,535 bytes, is written as it is and does not parse
    /// back.
    pub fn emit(&self, out: &mut Vec<u8>) {
        out.push(self.tag);
        match u8::try_from(self.value.len()) {
            Ok(length) if length < 0xFF => out.push(length),
            _ => {
                let length = u16::try_from(self.value.len()).unwrap_or(u16::MAX);
                out.push(0xFF);
                out.extend_from_slice(&length.to_be_bytes());
            }
        }
        out.extend_from_slice(self.value);
    }

    #[inline]
    fn split_from(bytes: &'a [u8]) -> Result<(Self, &'a [u8]), SimpleTlvError> {
        let (tag, rest) = match bytes {
            [0x00 | 0xFF, ..] => return Err(SimpleTlvError::InvalidTag),
            [tag, rest @ ..] => (*tag, rest),
            [] => return Err(SimpleTlvError::TruncatedLength),
        };
        let (length, rest) = match rest {
            [0xFF, high, low, rest @ ..] => (u16::from_be_bytes([*high, *low]), rest),
            [0xFF, ..] | [] => return Err(SimpleTlvError::TruncatedLength),
            [length, rest @ ..] => (u16::from(*length), rest),
        };
        let (value, rest) =
            rest.split_at_checked(usize::from(length)).ok_or(SimpleTlvError::TruncatedValue)?;
        Ok((Self { tag, value }, rest))
    }
}

/// Objects one after another; ends after the first error.
#[derive(Clone, Debug)]
pub struct SimpleTlvReader<'a> {
    rest: &'a [u8],
}

impl<'a> SimpleTlvReader<'a> {
    /// A reader over `bytes`.
    #[must_use]
    pub const fn new(bytes: &'a [u8]) -> Self {
        Self { rest: bytes }
    }
}

impl<'a> Iterator for SimpleTlvReader<'a> {
    type Item = Result<SimpleTlv<'a>, SimpleTlvError>;

    #[inline]
    fn next(&mut self) -> Option<Self::Item> {
        if self.rest.is_empty() {
            return None;
        }
        match SimpleTlv::split_from(self.rest) {
            Ok((object, rest)) => {
                self.rest = rest;
                Some(Ok(object))
            }
            Err(error) => {
                self.rest = &[];
                Some(Err(error))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn errors_say_what_is_wrong() {
        let of = |bytes| SimpleTlv::parse_exact(bytes).unwrap_err();
        for (bytes, text) in [
            (&[0x00, 0][..], "the tag is 00 or FF"),
            (&[0x02], "the length is cut"),
            (&[0x02, 1], "the value is cut"),
            (&[0x02, 0, 0], "bytes after the value"),
        ] {
            assert_eq!(alloc::format!("{}", of(bytes)), text);
        }
    }

    #[test]
    fn records_of_a_card() {
        let bytes = [0x02, 1, b'3', 0x05, 4, 0x20, 0x24, 1, 1];
        let records: Vec<_> = SimpleTlvReader::new(&bytes).map(Result::unwrap).collect();
        assert_eq!(records[0], SimpleTlv { tag: 2, value: b"3" });
        assert_eq!(records[1], SimpleTlv { tag: 5, value: &[0x20, 0x24, 1, 1] });
        assert_eq!(SimpleTlv::parse_exact(&bytes), Err(SimpleTlvError::TrailingBytes));
    }

    #[test]
    fn damage_is_named() {
        let error = |bytes: &'static [u8]| SimpleTlv::parse_exact(bytes).unwrap_err();
        assert_eq!(error(&[]), SimpleTlvError::TruncatedLength);
        assert_eq!(error(&[0, 0]), SimpleTlvError::InvalidTag);
        assert_eq!(error(&[0xFF, 0]), SimpleTlvError::InvalidTag);
        assert_eq!(error(&[8]), SimpleTlvError::TruncatedLength);
        assert_eq!(error(&[8, 0xFF, 1]), SimpleTlvError::TruncatedLength);
        assert_eq!(error(&[8, 2, 1]), SimpleTlvError::TruncatedValue);
    }

    #[test]
    fn length_forms() {
        for (length, field) in [
            (0x00, &[0x00][..]),
            (0xFE, &[0xFE]),
            (0xFF, &[0xFF, 0x00, 0xFF]),
            (0x100, &[0xFF, 0x01, 0x00]),
            (0xFFFF, &[0xFF, 0xFF, 0xFF]),
        ] {
            let value = alloc::vec![7; length];
            let object = SimpleTlv { tag: 0xFE, value: &value };
            let mut out = Vec::new();
            object.emit(&mut out);
            assert_eq!((out[0], &out[1..=field.len()]), (0xFE, field));
            assert_eq!(SimpleTlv::parse_exact(&out), Ok(object));
        }
        let longer = SimpleTlv::parse_exact(&[8, 0xFF, 0, 1, 7]);
        assert_eq!(longer, Ok(SimpleTlv { tag: 8, value: &[7] }));
    }

    #[test]
    fn the_reader_ends_after_an_error() {
        let mut reader = SimpleTlvReader::new(&[8, 1, 7, 9, 2, 1]);
        assert_eq!(reader.next(), Some(Ok(SimpleTlv { tag: 8, value: &[7] })));
        assert_eq!(reader.next(), Some(Err(SimpleTlvError::TruncatedValue)));
        assert_eq!(reader.next(), None);
    }

    proptest! {
        #[test]
        fn i_17_emit_then_parse(tag in 1..=0xFE_u8, value in proptest::collection::vec(any::<u8>(), 0..600)) {
            let object = SimpleTlv { tag, value: &value };
            let mut out = Vec::new();
            object.emit(&mut out);
            prop_assert_eq!(SimpleTlv::parse_exact(&out), Ok(object));
        }

        #[test]
        fn i_17_any_bytes_are_read_without_panic(bytes in proptest::collection::vec(any::<u8>(), 0..100)) {
            let read = SimpleTlvReader::new(&bytes).map_while(Result::ok).map(|object| object.value.len()).sum::<usize>();
            prop_assert!(read <= bytes.len());
        }
    }
}
