//! Names of applications and files: DF names, file identifiers, short identifiers.

use core::fmt;
use core::str::FromStr;

use crate::hex::{self, FromHexError, LengthError};

/// A DF name or application identifier, 1…16 bytes (ISO/IEC 7816-4 §7.3.1).
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Aid {
    bytes: [u8; 16],
    length: u8,
}

impl Aid {
    /// A name; `None` when it is empty or longer than 16 bytes.
    #[must_use]
    #[inline]
    pub fn new(name: &[u8]) -> Option<Self> {
        let mut bytes = [0; 16];
        bytes.get_mut(..name.len())?.copy_from_slice(name);
        let length = u8::try_from(name.len()).ok().filter(|length| *length > 0)?;
        Some(Self { bytes, length })
    }

    /// The name's bytes.
    #[must_use]
    #[inline]
    pub fn as_bytes(&self) -> &[u8] {
        self.bytes.get(..usize::from(self.length)).unwrap_or(&[])
    }

    /// Whether the name begins with `partial`, as selection by partial name asks.
    #[must_use]
    #[inline]
    pub fn starts_with(&self, partial: &[u8]) -> bool {
        self.as_bytes().starts_with(partial)
    }
}

impl TryFrom<&[u8]> for Aid {
    type Error = LengthError;

    fn try_from(name: &[u8]) -> Result<Self, LengthError> {
        Self::new(name).ok_or(LengthError { bytes: name.len() })
    }
}

impl FromStr for Aid {
    type Err = FromHexError;

    /// Reads 1 to 16 bytes in hexadecimal.
    fn from_str(text: &str) -> Result<Self, FromHexError> {
        Ok(Self::try_from(hex::decode(text)?.as_slice())?)
    }
}

impl fmt::Display for Aid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.as_bytes().iter().try_for_each(|byte| write!(f, "{byte:02X}"))
    }
}

impl fmt::Debug for Aid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// A file identifier, two bytes (ISO/IEC 7816-4 §7.3.1).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FileId(u16);

impl FileId {
    /// 3F00.
    pub const MASTER_FILE: Self = Self(0x3F00);

    /// An identifier from its value.
    #[must_use]
    #[inline]
    pub const fn new(value: u16) -> Self {
        Self(value)
    }

    /// An identifier from its two bytes.
    #[must_use]
    #[inline]
    pub const fn from_bytes(bytes: [u8; 2]) -> Self {
        Self(u16::from_be_bytes(bytes))
    }

    /// The two bytes.
    #[must_use]
    #[inline]
    pub const fn to_bytes(self) -> [u8; 2] {
        self.0.to_be_bytes()
    }

    /// The value.
    #[must_use]
    #[inline]
    pub const fn value(self) -> u16 {
        self.0
    }

    /// The short identifier that the low byte is; `None` when it is none, as in 3F00.
    #[must_use]
    #[inline]
    pub const fn sfi(self) -> Option<Sfi> {
        let [_, low] = self.to_bytes();
        Sfi::new(low)
    }
}

impl TryFrom<&[u8]> for FileId {
    type Error = LengthError;

    fn try_from(bytes: &[u8]) -> Result<Self, LengthError> {
        let pair = bytes.try_into().map_err(|_| LengthError { bytes: bytes.len() })?;
        Ok(Self::from_bytes(pair))
    }
}

impl FromStr for FileId {
    type Err = FromHexError;

    /// Reads two bytes in hexadecimal, such as `EF05`.
    fn from_str(text: &str) -> Result<Self, FromHexError> {
        Ok(Self::try_from(hex::decode(text)?.as_slice())?)
    }
}

impl fmt::Display for FileId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04X}", self.0)
    }
}

impl fmt::Debug for FileId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "FileId({:04X})", self.0)
    }
}

/// A short EF identifier, 1…30 (ISO/IEC 7816-4 §7.3.1).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Sfi(u8);

impl Sfi {
    /// 30, the DIR file's in the social security environment.
    pub const DIR: Self = Self(30);

    /// A short identifier; `None` outside 1…30.
    #[must_use]
    #[inline]
    pub const fn new(number: u8) -> Option<Self> {
        if matches!(number, 1..=30) { Some(Self(number)) } else { None }
    }

    /// The number.
    #[must_use]
    #[inline]
    pub const fn number(self) -> u8 {
        self.0
    }

    /// From P2 of READ and UPDATE RECORD: the top five bits; 0 and 31 are none.
    #[must_use]
    #[inline]
    pub const fn from_record_p2(p2: u8) -> Option<Self> {
        Self::new(p2 >> 3)
    }

    /// From P1 of READ and UPDATE BINARY: the low five bits when bit 8 is set.
    #[must_use]
    #[inline]
    pub const fn from_binary_p1(p1: u8) -> Option<Self> {
        if p1 & 0x80 == 0 { None } else { Self::new(p1 & 0x1F) }
    }
}

/// A number is no short EF identifier.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct SfiError {
    /// The number.
    pub number: u8,
}

impl fmt::Display for SfiError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "a short EF identifier is 1 to 30, not {}", self.number)
    }
}

impl core::error::Error for SfiError {}

impl TryFrom<u8> for Sfi {
    type Error = SfiError;

    fn try_from(number: u8) -> Result<Self, SfiError> {
        Self::new(number).ok_or(SfiError { number })
    }
}

#[cfg(test)]
mod tests {
    use alloc::format;

    use super::*;

    #[test]
    fn file_identifiers_are_two_bytes() {
        let fid = FileId::from_bytes([0xEF, 0x05]);
        assert_eq!((fid.value(), fid.to_bytes()), (0xEF05, [0xEF, 0x05]));
        assert_eq!(format!("{fid} {fid:?}"), "EF05 FileId(EF05)");
    }

    #[test]
    fn names_have_one_to_sixteen_bytes() {
        assert!(Aid::new(&[]).is_none());
        assert!(Aid::new(&[0; 17]).is_none());
        let aid = Aid::new(&[0xD1, 0x56, 0, 0, 5, 0]).unwrap();
        assert!(aid.starts_with(&[0xD1, 0x56]) && !aid.starts_with(&[0xD2]));
        assert_eq!(format!("{aid:?}"), "D15600000500");
    }

    #[test]
    fn short_identifiers_of_p1_and_p2() {
        assert_eq!(Sfi::from_record_p2(0x2C).map(Sfi::number), Some(5));
        assert_eq!(Sfi::from_record_p2(0x04), None);
        assert_eq!(Sfi::from_record_p2(0xFC), None);
        assert_eq!(Sfi::from_binary_p1(0x87).map(Sfi::number), Some(7));
        assert_eq!(Sfi::from_binary_p1(0x07), None);
    }

    #[test]
    fn file_identifiers_print_in_hex() {
        assert_eq!(format!("{}", FileId::from_bytes([0xEF, 0x05])), "EF05");
        assert_eq!(FileId::MASTER_FILE.to_bytes(), [0x3F, 0x00]);
    }
}
