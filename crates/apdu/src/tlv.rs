//! BER-TLV: a borrowing reader with limits, and a writer.
//!
//! What enters: any bytes. What leaves: objects that borrow from them, or a [`TlvError`]; reading
//! neither allocates nor recurses, and nothing panics. Definite lengths up to four length bytes; 00
//! between objects is padding (ISO/IEC 7816-4 §6.3).

use alloc::vec::Vec;
use core::fmt;

use crate::hex::{self, FromHexError, LengthError};

/// A tag of one to four bytes, as a number: `6F`, `9F0C`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Tag(u32);

impl Tag {
    /// A tag from its bytes as a number; `None` when those bytes do not read back as one tag (ISO/IEC 7816-4
    /// §5.2.2): 00, which is padding, `9F`, whose second byte is missing, `1234`, of which 12 is the tag.
    ///
    /// ```
    /// use sscard_apdu::tlv::Tag;
    ///
    /// assert_eq!(Tag::new(0x9F36).map(Tag::number), Some(0x9F36));
    /// assert_eq!([Tag::new(0x00), Tag::new(0x9F), Tag::new(0x1234)], [None; 3]);
    /// ```
    #[must_use]
    pub const fn new(number: u32) -> Option<Self> {
        let (first, behind) = match number.to_be_bytes() {
            [0, 0, 0, first] => (first, [0x80, 0x80, 0x00]),
            [0, 0, first, last] => (first, [0x80, 0x80, last]),
            [0, first, middle, last] => (first, [0x80, middle, last]),
            [first, second, third, last] => (first, [second, third, last]),
        };
        let has_more = number > 0xFF;
        let goes_on = first & 0x1F == 0x1F;
        let [second, third, last] = behind;
        let ends = second & 0x80 != 0 && third & 0x80 != 0 && last & 0x80 == 0;
        if first != 0 && has_more == goes_on && ends { Some(Self(number)) } else { None }
    }

    /// A tag from whatever stands where one should: a constant of the field, P1 and P2 of GET DATA. What
    /// [`new`](Self::new) refuses is found nowhere, and read back as something else when it is written.
    #[must_use]
    #[inline]
    pub const fn from_number(number: u32) -> Self {
        Self(number)
    }

    /// Its bytes as a number.
    #[must_use]
    #[inline]
    pub const fn number(self) -> u32 {
        self.0
    }

    /// Whether the value is made of further objects (bit 6 of the first byte).
    #[must_use]
    #[inline]
    pub fn is_constructed(self) -> bool {
        self.0.to_be_bytes().iter().find(|byte| **byte != 0).is_some_and(|byte| byte & 0x20 != 0)
    }

    /// Appends the tag's bytes.
    pub fn emit(self, out: &mut Vec<u8>) {
        let bytes = self.0.to_be_bytes();
        let first = bytes.iter().position(|byte| *byte != 0).unwrap_or(3);
        out.extend_from_slice(bytes.get(first..).unwrap_or(&[]));
    }

    /// The tag that bytes begin with, one to four bytes, and what follows it.
    ///
    /// # Errors
    /// [`TlvError::TruncatedTag`], [`TlvError::TagTooLong`].
    #[inline]
    pub fn parse(bytes: &[u8]) -> Result<(Self, &[u8]), TlvError> {
        let (first, mut rest) = bytes.split_first().ok_or(TlvError::TruncatedTag)?;
        let mut number = u32::from(*first);
        if first & 0x1F == 0x1F {
            for position in 1.. {
                if position > 3 {
                    return Err(TlvError::TagTooLong);
                }
                let (next, after) = rest.split_first().ok_or(TlvError::TruncatedTag)?;
                number = number << 8 | u32::from(*next);
                rest = after;
                if next & 0x80 == 0 {
                    break;
                }
            }
        }
        Ok((Self(number), rest))
    }
}

impl TryFrom<u32> for Tag {
    type Error = NumberError;

    fn try_from(number: u32) -> Result<Self, NumberError> {
        Self::new(number).ok_or(NumberError { number })
    }
}

impl core::str::FromStr for Tag {
    type Err = FromHexError;

    /// Reads a tag of one to four bytes in hexadecimal.
    fn from_str(text: &str) -> Result<Self, FromHexError> {
        let bytes = hex::decode(text)?;
        match Self::parse(&bytes) {
            Ok((tag, [])) if tag.0 != 0 => Ok(tag),
            _ => Err(LengthError { bytes: bytes.len() }.into()),
        }
    }
}

/// A number is no tag.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
#[non_exhaustive]
pub struct NumberError {
    /// The number.
    pub number: u32,
}

impl fmt::Display for NumberError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:X} is not the number of one tag", self.number)
    }
}

impl core::error::Error for NumberError {}

impl fmt::Display for Tag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            0..=0xFF => write!(f, "{:02X}", self.0),
            0x100..=0xFFFF => write!(f, "{:04X}", self.0),
            0x1_0000..=0xFF_FFFF => write!(f, "{:06X}", self.0),
            _ => write!(f, "{:08X}", self.0),
        }
    }
}

impl fmt::Debug for Tag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Tag({self})")
    }
}

/// Why bytes are no BER-TLV.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub enum TlvError {
    /// The tag is cut.
    TruncatedTag,
    /// More than four tag bytes.
    TagTooLong,
    /// The length is cut.
    TruncatedLength,
    /// More than four length bytes.
    LengthTooLong,
    /// 80, the indefinite length.
    IndefiniteLength,
    /// Fewer bytes than the length says.
    TruncatedValue,
    /// Nested more deeply than the limit.
    TooDeep,
    /// Longer than the limit.
    TooLong,
}

impl fmt::Display for TlvError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::TruncatedTag => "the tag is cut",
            Self::TagTooLong => "the tag has more than four bytes",
            Self::TruncatedLength => "the length is cut",
            Self::LengthTooLong => "the length has more than four bytes",
            Self::IndefiniteLength => "the length is indefinite",
            Self::TruncatedValue => "the value is cut",
            Self::TooDeep => "objects are nested too deeply",
            Self::TooLong => "the bytes are too long",
        })
    }
}

impl core::error::Error for TlvError {}

/// One object.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Tlv<'a> {
    /// Tag.
    pub tag: Tag,
    /// Value.
    pub value: &'a [u8],
}

impl<'a> Tlv<'a> {
    /// The objects in the value.
    #[must_use]
    #[inline]
    pub fn children(&self) -> Reader<'a> {
        Reader::new(self.value)
    }
}

/// Objects one after another; ends after the first error.
#[derive(Clone, Debug)]
pub struct Reader<'a> {
    rest: &'a [u8],
}

impl<'a> Reader<'a> {
    /// A reader over `bytes`.
    #[must_use]
    #[inline]
    pub const fn new(bytes: &'a [u8]) -> Self {
        Self { rest: bytes }
    }

    fn object(&mut self) -> Result<Tlv<'a>, TlvError> {
        let (tag, rest) = Tag::parse(self.rest)?;
        let (length, rest) = length(rest)?;
        let (value, rest) = rest.split_at_checked(length).ok_or(TlvError::TruncatedValue)?;
        self.rest = rest;
        Ok(Tlv { tag, value })
    }
}

impl<'a> Iterator for Reader<'a> {
    type Item = Result<Tlv<'a>, TlvError>;

    #[inline]
    fn next(&mut self) -> Option<Self::Item> {
        while let [0x00, rest @ ..] = self.rest {
            self.rest = rest;
        }
        if self.rest.is_empty() {
            return None;
        }
        let object = self.object();
        if object.is_err() {
            self.rest = &[];
        }
        Some(object)
    }
}

fn length(bytes: &[u8]) -> Result<(usize, &[u8]), TlvError> {
    let (first, rest) = bytes.split_first().ok_or(TlvError::TruncatedLength)?;
    let count = match first {
        0x00..=0x7F => return Ok((usize::from(*first), rest)),
        0x80 => return Err(TlvError::IndefiniteLength),
        0x81..=0x84 => usize::from(first & 0x7F),
        _ => return Err(TlvError::LengthTooLong),
    };
    let (bytes, rest) = rest.split_at_checked(count).ok_or(TlvError::TruncatedLength)?;
    let length = bytes.iter().fold(0_u32, |length, byte| length << 8 | u32::from(*byte));
    Ok((usize::try_from(length).map_err(|_| TlvError::LengthTooLong)?, rest))
}

/// Whether bytes begin with this tag.
#[must_use]
pub fn begins_with(bytes: &[u8], tag: Tag) -> bool {
    Tag::parse(bytes).is_ok_and(|(first, _)| first == tag)
}

/// The value at a path of tags, the first of each.
///
/// # Errors
/// An object on the way that cannot be read.
pub fn find<'a>(bytes: &'a [u8], path: &[Tag]) -> Result<Option<&'a [u8]>, TlvError> {
    let mut value = bytes;
    for tag in path {
        let mut found = None;
        for object in Reader::new(value) {
            let object = object?;
            if object.tag == *tag {
                found = Some(object.value);
                break;
            }
        }
        match found {
            Some(inner) => value = inner,
            None => return Ok(None),
        }
    }
    Ok(Some(value))
}

/// How much of a tree is admitted.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Limits {
    /// Levels of nesting, at most [`Limits::MAX_DEPTH`]; the outermost objects are on level 1.
    pub depth: usize,
    /// Bytes in all.
    pub length: usize,
}

impl Limits {
    /// 16 levels, 65,538 bytes: the longest response.
    pub const DEFAULT: Self = Self { depth: 16, length: 0x1_0002 };

    /// Levels that [`check`] follows at most; a greater depth counts as this one.
    pub const MAX_DEPTH: usize = 64;
}

/// Walks a whole tree, entering every constructed object.
///
/// # Errors
/// The first object that cannot be read, or the limit that is passed.
pub fn check(bytes: &[u8], limits: Limits) -> Result<(), TlvError> {
    if bytes.len() > limits.length {
        return Err(TlvError::TooLong);
    }
    let mut outer = [const { Reader::new(&[]) }; Limits::MAX_DEPTH];
    let mut level = 0_usize;
    let mut reader = Reader::new(bytes);
    loop {
        if let Some(object) = reader.next() {
            let object = object?;
            let place = outer.get_mut(level).filter(|_| level < limits.depth);
            let place = place.ok_or(TlvError::TooDeep)?;
            if object.tag.is_constructed() {
                *place = core::mem::replace(&mut reader, object.children());
                level = level.saturating_add(1);
            }
        } else {
            let Some(above) = level.checked_sub(1) else { return Ok(()) };
            level = above;
            if let Some(place) = outer.get(level) {
                reader = place.clone();
            }
        }
    }
}

/// Appends objects to a buffer, lengths in the shortest form.
#[derive(Debug)]
pub struct Writer<'v> {
    out: &'v mut Vec<u8>,
}

impl<'v> Writer<'v> {
    /// A writer at the end of `out`.
    #[inline]
    pub const fn new(out: &'v mut Vec<u8>) -> Self {
        Self { out }
    }

    /// Appends an object with this value.
    pub fn primitive(&mut self, tag: Tag, value: &[u8]) {
        tag.emit(self.out);
        let (bytes, count) = length_bytes(value.len());
        self.out.extend(bytes.into_iter().take(count));
        self.out.extend_from_slice(value);
    }

    /// Appends an object whose value `write` appends.
    pub fn constructed(&mut self, tag: Tag, write: impl FnOnce(&mut Writer<'_>)) {
        tag.emit(self.out);
        let start = self.out.len();
        write(&mut Writer { out: self.out });
        let (bytes, count) = length_bytes(self.out.len().saturating_sub(start));
        self.out.splice(start..start, bytes.into_iter().take(count));
    }
}

/// The shortest length field: its bytes and how many of them count.
fn length_bytes(length: usize) -> ([u8; 5], usize) {
    let long = u32::try_from(length).unwrap_or(u32::MAX);
    let [a, b, c, d] = long.to_be_bytes();
    match long {
        0..=0x7F => ([d, 0, 0, 0, 0], 1),
        0x80..=0xFF => ([0x81, d, 0, 0, 0], 2),
        0x100..=0xFFFF => ([0x82, c, d, 0, 0], 3),
        0x1_0000..=0xFF_FFFF => ([0x83, b, c, d, 0], 4),
        _ => ([0x84, a, b, c, d], 5),
    }
}

#[cfg(test)]
mod tests;
