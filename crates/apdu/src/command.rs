//! Command APDUs: bytes to borrowed fields and back.
//!
//! What enters: any bytes. What leaves: the four cases of ISO/IEC 7816-3 §12.1, short and extended,
//! or a [`ParseError`]. Parsing borrows, copies nothing and never panics.

use alloc::vec::Vec;
use core::fmt;

use crate::ClassByte;

/// Why bytes are no command, or no response.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ParseError {
    /// Fewer than 4 bytes of a command, or 2 of a response.
    TooShort,
    /// Lc asks for more bytes than there are.
    LcMismatch,
    /// An extended length field is cut or is zero where it must not be.
    ExtendedLengthMalformed,
    /// Bytes are left behind the command.
    TrailingBytes,
}

impl fmt::Display for ParseError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::TooShort => "too few bytes",
            Self::LcMismatch => "Lc does not match the data",
            Self::ExtendedLengthMalformed => "malformed extended length",
            Self::TrailingBytes => "bytes after the end",
        })
    }
}

impl core::error::Error for ParseError {}

/// Why a command cannot be written.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum EmitError {
    /// More than 65,535 bytes of data.
    DataTooLong,
    /// Ne above 65,536.
    NeTooLarge,
}

impl fmt::Display for EmitError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::DataTooLong => "more than 65535 bytes of data",
            Self::NeTooLarge => "Ne above 65536",
        })
    }
}

impl core::error::Error for EmitError {}

/// Which fields a command has, ISO/IEC 7816-3 table 12.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Case {
    /// Header alone.
    One,
    /// Le.
    Two,
    /// Lc and data.
    Three,
    /// Lc, data and Le.
    Four,
}

/// A command APDU. What prints it says how long its data are, and not what they are: they may be a PIN.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct CommandApdu<'a> {
    /// CLA.
    pub class: ClassByte,
    /// INS.
    pub ins: u8,
    /// P1.
    pub p1: u8,
    /// P2.
    pub p2: u8,
    /// Data field, 0…65,535 bytes.
    pub data: &'a [u8],
    /// Expected length: 0 when Le is absent, 256 for short Le 00, 65,536 for extended Le 0000.
    pub ne: usize,
    /// Whether the length fields are extended.
    pub extended: bool,
}

impl fmt::Debug for CommandApdu<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CommandApdu")
            .field("class", &self.class)
            .field("ins", &self.ins)
            .field("p1", &self.p1)
            .field("p2", &self.p2)
            .field("data", &format_args!("{} bytes", self.data.len()))
            .field("ne", &self.ne)
            .field("extended", &self.extended)
            .finish()
    }
}

impl<'a> CommandApdu<'a> {
    /// A case 1 command.
    #[must_use]
    #[inline]
    pub const fn new(class: ClassByte, ins: u8, p1: u8, p2: u8) -> Self {
        Self { class, ins, p1, p2, data: &[], ne: 0, extended: false }
    }

    /// The same with a data field.
    #[must_use]
    #[inline]
    pub const fn with_data(self, data: &'a [u8]) -> Self {
        Self { data, ..self }
    }

    /// The same with an expected length; 0 leaves Le out.
    #[must_use]
    #[inline]
    pub const fn with_ne(self, ne: usize) -> Self {
        Self { ne, ..self }
    }

    /// Which fields it has.
    #[must_use]
    #[inline]
    pub const fn case(&self) -> Case {
        match (self.data.is_empty(), self.ne == 0) {
            (true, true) => Case::One,
            (true, false) => Case::Two,
            (false, true) => Case::Three,
            (false, false) => Case::Four,
        }
    }

    /// Reads a command.
    ///
    /// # Errors
    /// Where the bytes leave the four cases.
    #[inline]
    pub fn parse(bytes: &'a [u8]) -> Result<Self, ParseError> {
        let (&[class, ins, p1, p2], body) =
            bytes.split_first_chunk::<4>().ok_or(ParseError::TooShort)?;
        // The fields are put together once: this is the hottest path of a card.
        let (data, ne, extended) = match body {
            [] => (&[][..], 0, false),
            [le] => (&[][..], short(*le), false),
            [0, rest @ ..] => {
                let (data, ne) = extended_body(rest)?;
                (data, ne, true)
            }
            [lc, rest @ ..] => {
                let (data, rest) =
                    rest.split_at_checked(usize::from(*lc)).ok_or(ParseError::LcMismatch)?;
                match rest {
                    [] => (data, 0, false),
                    [le] => (data, short(*le), false),
                    _ => return Err(ParseError::TrailingBytes),
                }
            }
        };
        Ok(Self { class: ClassByte::new(class), ins, p1, p2, data, ne, extended })
    }

    /// Appends the command's bytes: short length fields unless `extended` is set or they do not
    /// suffice.
    ///
    /// # Errors
    /// A length that no length field can say; nothing is appended then.
    pub fn emit(&self, out: &mut Vec<u8>) -> Result<(), EmitError> {
        let lc = u16::try_from(self.data.len()).map_err(|_| EmitError::DataTooLong)?;
        if self.ne > 0x1_0000 {
            return Err(EmitError::NeTooLarge);
        }
        // 256 and 65,536 are written as zeros: their low bytes.
        let [.., le_high, le_low] = self.ne.to_be_bytes();
        out.extend_from_slice(&[self.class.byte(), self.ins, self.p1, self.p2]);
        let [lc_high, lc_low] = lc.to_be_bytes();
        if self.extended || lc > 0xFF || self.ne > 0x100 {
            if lc > 0 {
                out.extend_from_slice(&[0, lc_high, lc_low]);
                out.extend_from_slice(self.data);
            }
            if self.ne > 0 {
                if lc == 0 {
                    out.push(0);
                }
                out.extend_from_slice(&[le_high, le_low]);
            }
        } else {
            if lc > 0 {
                out.push(lc_low);
                out.extend_from_slice(self.data);
            }
            if self.ne > 0 {
                out.push(le_low);
            }
        }
        Ok(())
    }
}

/// Data and Ne behind the 00 that begins an extended body.
fn extended_body(rest: &[u8]) -> Result<(&[u8], usize), ParseError> {
    let (length, rest) =
        rest.split_first_chunk::<2>().ok_or(ParseError::ExtendedLengthMalformed)?;
    if rest.is_empty() {
        return Ok((&[], extended(*length)));
    }
    let lc = usize::from(u16::from_be_bytes(*length));
    if lc == 0 {
        return Err(ParseError::ExtendedLengthMalformed);
    }
    let (data, rest) = rest.split_at_checked(lc).ok_or(ParseError::LcMismatch)?;
    match rest {
        [] => Ok((data, 0)),
        [high, low] => Ok((data, extended([*high, *low]))),
        [_] => Err(ParseError::ExtendedLengthMalformed),
        _ => Err(ParseError::TrailingBytes),
    }
}

#[inline]
fn short(le: u8) -> usize {
    if le == 0 { 0x100 } else { usize::from(le) }
}

#[inline]
fn extended(le: [u8; 2]) -> usize {
    match u16::from_be_bytes(le) {
        0 => 0x1_0000,
        le => usize::from(le),
    }
}

#[cfg(test)]
mod tests;
