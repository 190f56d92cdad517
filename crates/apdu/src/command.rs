//! Command APDUs: bytes to borrowed fields and back.
//!
//! What enters: any bytes. What leaves: the four cases of ISO/IEC 7816-3 §12.1, short and extended,
//! or a [`ParseError`]. Parsing borrows, copies nothing and never panics.

use alloc::vec::Vec;
use core::fmt;

use crate::ClassByte;

/// Why bytes are no command, or no response.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
#[non_exhaustive]
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

/// Why a command or a response cannot be written.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
#[non_exhaustive]
pub enum EmitError {
    /// The slice is shorter than what is to be written.
    BufferTooShort {
        /// How many bytes it has to have.
        needed: usize,
    },
    /// More than 65,535 bytes of data.
    DataTooLong,
    /// Ne above 65,536.
    NeTooLarge,
}

impl fmt::Display for EmitError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::BufferTooShort { needed } => write!(f, "a buffer of {needed} bytes is needed"),
            Self::DataTooLong => f.write_str("more than 65535 bytes of data"),
            Self::NeTooLarge => f.write_str("Ne above 65536"),
        }
    }
}

impl core::error::Error for EmitError {}

/// Which fields a command has, ISO/IEC 7816-3 table 12.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
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
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
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
        let lengths = self.lengths()?;
        for piece in self.pieces(&lengths) {
            out.extend_from_slice(piece);
        }
        Ok(())
    }

    /// The command's bytes, as [`CommandApdu::emit`] writes them.
    ///
    /// # Errors
    /// A length that no length field can say.
    pub fn to_vec(&self) -> Result<Vec<u8>, EmitError> {
        let mut out = Vec::with_capacity(self.emitted_len()?);
        self.emit(&mut out)?;
        Ok(out)
    }

    /// Writes the command's bytes, as [`CommandApdu::emit`] does, to the beginning of a slice; how many
    /// they are.
    ///
    /// # Errors
    /// A length that no length field can say, or [`EmitError::BufferTooShort`]; nothing is written then.
    pub fn emit_into(&self, out: &mut [u8]) -> Result<usize, EmitError> {
        let lengths = self.lengths()?;
        copy_into(&self.pieces(&lengths), out)
    }

    /// How many bytes [`CommandApdu::emit`] writes.
    ///
    /// # Errors
    /// A length that no length field can say.
    pub fn emitted_len(&self) -> Result<usize, EmitError> {
        let lengths = self.lengths()?;
        Ok(self.pieces(&lengths).iter().map(|piece| piece.len()).sum())
    }

    fn lengths(&self) -> Result<Lengths, EmitError> {
        let lc = u16::try_from(self.data.len()).map_err(|_| EmitError::DataTooLong)?;
        if self.ne > 0x1_0000 {
            return Err(EmitError::NeTooLarge);
        }
        let [lc_high, lc_low] = lc.to_be_bytes();
        // 256 and 65,536 are written as zeros: their low bytes.
        let [.., le_high, le_low] = self.ne.to_be_bytes();
        let (has_lc, has_le) = (lc > 0, self.ne > 0);
        Ok(if self.extended || lc > 0xFF || self.ne > 0x100 {
            Lengths {
                header: [self.class.byte(), self.ins, self.p1, self.p2],
                lc: [0, lc_high, lc_low],
                lc_length: if has_lc { 3 } else { 0 },
                // The 00 that begins an extended body stands before Le only when there is no Lc.
                le: if has_lc { [le_high, le_low, 0] } else { [0, le_high, le_low] },
                le_length: if !has_le {
                    0
                } else if has_lc {
                    2
                } else {
                    3
                },
            }
        } else {
            Lengths {
                header: [self.class.byte(), self.ins, self.p1, self.p2],
                lc: [lc_low, 0, 0],
                lc_length: usize::from(has_lc),
                le: [le_low, 0, 0],
                le_length: usize::from(has_le),
            }
        })
    }

    fn pieces<'p>(&'p self, lengths: &'p Lengths) -> [&'p [u8]; 4] {
        let Lengths { header, lc, lc_length, le, le_length } = lengths;
        let lc = lc.get(..*lc_length).unwrap_or(lc);
        let le = le.get(..*le_length).unwrap_or(le);
        [header, lc, self.data, le]
    }
}

/// Header and length fields of a command.
struct Lengths {
    header: [u8; 4],
    lc: [u8; 3],
    lc_length: usize,
    le: [u8; 3],
    le_length: usize,
}

impl<'a> TryFrom<&'a [u8]> for CommandApdu<'a> {
    type Error = ParseError;

    /// [`CommandApdu::parse`].
    #[inline]
    fn try_from(bytes: &'a [u8]) -> Result<Self, ParseError> {
        Self::parse(bytes)
    }
}

/// Copies pieces one behind the other; all of them or none.
pub(crate) fn copy_into(pieces: &[&[u8]], out: &mut [u8]) -> Result<usize, EmitError> {
    let needed = pieces.iter().map(|piece| piece.len()).fold(0, usize::saturating_add);
    let mut rest = out.get_mut(..needed).ok_or(EmitError::BufferTooShort { needed })?;
    for piece in pieces {
        let Some((place, after)) = rest.split_at_mut_checked(piece.len()) else { break };
        place.copy_from_slice(piece);
        rest = after;
    }
    Ok(needed)
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
