//! Response APDUs: data, which a warning may accompany, and a status word.
//!
//! What enters: at least two bytes. Parsing borrows and never panics.

use alloc::vec::Vec;

use crate::command::copy_into;
use crate::{EmitError, ParseError, StatusWord};

/// A response APDU.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct ResponseApdu<'a> {
    /// Data field; may come with a warning too.
    pub data: &'a [u8],
    /// SW1 SW2.
    pub status: StatusWord,
}

impl<'a> ResponseApdu<'a> {
    /// Reads a response (ISO/IEC 7816-4 §5.2).
    ///
    /// # Errors
    /// [`ParseError::TooShort`] below two bytes.
    #[inline]
    pub fn parse(bytes: &'a [u8]) -> Result<Self, ParseError> {
        let (data, status) = bytes.split_last_chunk::<2>().ok_or(ParseError::TooShort)?;
        Ok(Self { data, status: StatusWord::from_bytes(*status) })
    }

    /// Appends the response's bytes.
    #[inline]
    pub fn emit(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(self.data);
        out.extend_from_slice(&self.status.to_bytes());
    }

    /// The response's bytes.
    #[must_use]
    pub fn to_vec(&self) -> Vec<u8> {
        [self.data, &self.status.to_bytes()].concat()
    }

    /// Writes the response's bytes to the beginning of a slice; how many they are.
    ///
    /// # Errors
    /// [`EmitError::BufferTooShort`]; nothing is written then.
    pub fn emit_into(&self, out: &mut [u8]) -> Result<usize, EmitError> {
        copy_into(&[self.data, &self.status.to_bytes()], out)
    }
}

impl<'a> TryFrom<&'a [u8]> for ResponseApdu<'a> {
    type Error = ParseError;

    /// [`ResponseApdu::parse`].
    #[inline]
    fn try_from(bytes: &'a [u8]) -> Result<Self, ParseError> {
        Self::parse(bytes)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn data_may_come_with_a_warning() {
        let response = ResponseApdu::parse(&[0x6F, 0x00, 0x62, 0x83]).unwrap();
        assert_eq!(response.data, [0x6F, 0x00]);
        assert_eq!(response.status, StatusWord::SELECTED_FILE_DEACTIVATED);
        let mut out = Vec::new();
        response.emit(&mut out);
        assert_eq!(out, [0x6F, 0x00, 0x62, 0x83]);
    }

    #[test]
    fn one_byte_is_too_short() {
        assert_eq!(ResponseApdu::parse(&[]), Err(ParseError::TooShort));
        assert_eq!(ResponseApdu::parse(&[0x90]), Err(ParseError::TooShort));
    }

    proptest! {
        #[test]
        fn i_17_emit_of_parse_is_identity(bytes in proptest::collection::vec(any::<u8>(), 2..300)) {
            let mut out = Vec::new();
            ResponseApdu::parse(&bytes).unwrap().emit(&mut out);
            prop_assert_eq!(out, bytes);
        }
    }
}
