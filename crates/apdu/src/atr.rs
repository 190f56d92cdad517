//! Answer-to-reset: parser and builder (ISO/IEC 7816-3:2006 §8).
//!
//! What enters: any bytes. What leaves: interface bytes, historical bytes, protocols and timing, or
//! an [`AtrError`]. No panics.

mod builder;

use core::fmt;

pub use builder::Builder;

/// Longest ATR in bytes.
pub const MAX_LENGTH: usize = 33;

/// Why bytes are no ATR.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub enum AtrError {
    /// Fewer than two bytes.
    TooShort,
    /// More than 33 bytes, or more than 15 historical bytes.
    TooLong,
    /// TS is neither 3B nor 3F.
    BadInitialCharacter,
    /// Bytes that T0 or a TD announces are missing.
    Truncated,
    /// Bytes are left behind the end.
    TrailingBytes,
    /// TCK does not make the exclusive-or of T0…TCK zero.
    BadChecksum,
    /// A protocol other than T=0 is announced and TCK is missing.
    ChecksumMissing,
}

impl fmt::Display for AtrError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::TooShort => "an ATR has at least two bytes",
            Self::TooLong => "an ATR has at most 33 bytes, 15 of them historical",
            Self::BadInitialCharacter => "an ATR begins with 3B or 3F",
            Self::Truncated => "announced bytes are missing",
            Self::TrailingBytes => "bytes after the end",
            Self::BadChecksum => "the checksum TCK is wrong",
            Self::ChecksumMissing => "the checksum TCK is missing",
        })
    }
}

impl core::error::Error for AtrError {}

/// How the card sends bits.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Convention {
    /// TS = 3B.
    Direct,
    /// TS = 3F.
    Inverse,
}

/// The interface bytes with one index.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub struct InterfaceGroup {
    /// TAi.
    pub ta: Option<u8>,
    /// TBi.
    pub tb: Option<u8>,
    /// TCi.
    pub tc: Option<u8>,
    /// TDi.
    pub td: Option<u8>,
}

/// A checked ATR.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Atr<'a> {
    bytes: &'a [u8],
    historical: &'a [u8],
    tck: Option<u8>,
}

/// Walks the groups of interface bytes.
#[derive(Clone, Debug)]
struct Groups<'a> {
    rest: &'a [u8],
    /// High nibble of T0 or of the TD before: which bytes follow.
    announced: u8,
    cut: bool,
}

impl<'a> Groups<'a> {
    fn new(bytes: &'a [u8]) -> Self {
        let announced = bytes.get(1).map_or(0, |t0| t0 & 0xF0);
        Self { rest: bytes.get(2..).unwrap_or(&[]), announced, cut: false }
    }

    fn take(&mut self, bit: u8) -> Option<u8> {
        if self.announced & bit == 0 {
            return None;
        }
        let Some((byte, rest)) = self.rest.split_first() else {
            self.cut = true;
            return None;
        };
        self.rest = rest;
        Some(*byte)
    }
}

impl Iterator for Groups<'_> {
    type Item = InterfaceGroup;

    fn next(&mut self) -> Option<InterfaceGroup> {
        if self.announced == 0 || self.cut {
            return None;
        }
        let (ta, tb) = (self.take(0x10), self.take(0x20));
        let (tc, td) = (self.take(0x40), self.take(0x80));
        self.announced = td.map_or(0, |td| td & 0xF0);
        Some(InterfaceGroup { ta, tb, tc, td })
    }
}

impl<'a> Atr<'a> {
    /// Reads and checks an ATR.
    ///
    /// # Errors
    /// Where it leaves the standard.
    pub fn parse(bytes: &'a [u8]) -> Result<Self, AtrError> {
        let [ts, t0, ..] = bytes else { return Err(AtrError::TooShort) };
        if bytes.len() > MAX_LENGTH {
            return Err(AtrError::TooLong);
        }
        if !matches!(ts, 0x3B | 0x3F) {
            return Err(AtrError::BadInitialCharacter);
        }
        let mut groups = Groups::new(bytes);
        let mut needs_checksum = false;
        for group in groups.by_ref() {
            needs_checksum |= group.td.is_some_and(|td| td & 0x0F != 0);
        }
        if groups.cut {
            return Err(AtrError::Truncated);
        }
        let (historical, rest) =
            groups.rest.split_at_checked(usize::from(t0 & 0x0F)).ok_or(AtrError::Truncated)?;
        let tck = match (needs_checksum, rest) {
            (false, []) => None,
            (true, []) => return Err(AtrError::ChecksumMissing),
            (true, [tck]) => Some(*tck),
            _ => return Err(AtrError::TrailingBytes),
        };
        if tck.is_some() && bytes.iter().skip(1).fold(0, |sum, byte| sum ^ byte) != 0 {
            return Err(AtrError::BadChecksum);
        }
        Ok(Self { bytes, historical, tck })
    }

    /// All bytes.
    #[must_use]
    pub const fn bytes(&self) -> &'a [u8] {
        self.bytes
    }

    /// T1…TK, at most 15 bytes.
    #[must_use]
    pub const fn historical_bytes(&self) -> &'a [u8] {
        self.historical
    }

    /// The checksum.
    #[must_use]
    pub const fn tck(&self) -> Option<u8> {
        self.tck
    }

    /// TS.
    #[must_use]
    pub fn convention(&self) -> Convention {
        if self.bytes.first() == Some(&0x3F) { Convention::Inverse } else { Convention::Direct }
    }

    /// TAi, TBi, TCi and TDi; the first index is 1.
    #[must_use]
    pub fn interface_bytes(&self, index: usize) -> InterfaceGroup {
        match index.checked_sub(1) {
            Some(skipped) => Groups::new(self.bytes).nth(skipped).unwrap_or_default(),
            None => InterfaceGroup::default(),
        }
    }

    /// The announced protocols in their order; T=0 when there is no TD1. 15 marks global bytes and
    /// is no protocol.
    pub fn protocols(&self) -> impl Iterator<Item = u8> + use<'a> {
        let announced = Groups::new(self.bytes).filter_map(|group| group.td).map(|td| td & 0x0F);
        let none = self.interface_bytes(1).td.is_none();
        announced.filter(|protocol| *protocol != 15).chain(none.then_some(0))
    }

    /// The first protocol offered.
    #[must_use]
    pub fn first_protocol(&self) -> u8 {
        self.protocols().next().unwrap_or(0)
    }

    /// Clock rate conversion integer Fi from TA1, default 372; `None` for a reserved value.
    #[must_use]
    pub fn fi(&self) -> Option<u16> {
        let fi = [372, 372, 558, 744, 1116, 1488, 1860, 0, 0, 512, 768, 1024, 1536, 2048, 0, 0];
        let ta1 = self.interface_bytes(1).ta.unwrap_or(0x11);
        fi.get(usize::from(ta1 >> 4)).copied().filter(|fi| *fi != 0)
    }

    /// Baud rate adjustment integer Di from TA1, default 1; `None` for a reserved value.
    #[must_use]
    pub fn di(&self) -> Option<u8> {
        let di = [0, 1, 2, 4, 8, 16, 32, 64, 12, 20];
        let ta1 = self.interface_bytes(1).ta.unwrap_or(0x11);
        di.get(usize::from(ta1 & 0x0F)).copied().filter(|di| *di != 0)
    }

    /// Extra guard time N from TC1, default 0.
    #[must_use]
    pub fn extra_guard_time(&self) -> u8 {
        self.interface_bytes(1).tc.unwrap_or(0)
    }

    /// TA2: the card is in specific mode.
    #[must_use]
    pub fn specific_mode(&self) -> Option<u8> {
        self.interface_bytes(2).ta
    }

    /// Waiting time integer WI of T=0 from TC2, default 10.
    #[must_use]
    pub fn waiting_integer(&self) -> u8 {
        self.interface_bytes(2).tc.unwrap_or(10)
    }

    /// The first interface bytes that are specific to T=1 (§11.4.2): the group behind the first TDi
    /// with i > 1 that names T=1.
    fn block_bytes(&self) -> InterfaceGroup {
        let mut groups = Groups::new(self.bytes).skip(1);
        let named = groups.find(|group| group.td.is_some_and(|td| td & 0x0F == 1));
        named.and_then(|_| groups.next()).unwrap_or_default()
    }

    /// Information field size of the card for T=1, default 32.
    #[must_use]
    pub fn ifsc(&self) -> u8 {
        self.block_bytes().ta.unwrap_or(32)
    }

    /// Block waiting time integer for T=1, default 4.
    #[must_use]
    pub fn bwi(&self) -> u8 {
        self.block_bytes().tb.unwrap_or(0x4D) >> 4
    }

    /// Character waiting time integer for T=1, default 13.
    #[must_use]
    pub fn cwi(&self) -> u8 {
        self.block_bytes().tb.unwrap_or(0x4D) & 0x0F
    }

    /// Whether T=1 uses CRC and not LRC.
    #[must_use]
    pub fn uses_crc(&self) -> bool {
        self.block_bytes().tc.is_some_and(|tc| tc & 0x01 != 0)
    }

    /// The card capabilities in compact-TLV historical bytes, shorter ones filled with 00
    /// (ISO/IEC 7816-4 §12.1.1.9). `None` when there are none, or when they cannot be read.
    #[must_use]
    pub fn card_capabilities(&self) -> Option<[u8; 3]> {
        let mut rest = match self.historical {
            [0x80, rest @ ..] => rest,
            // Category 00: the last three bytes are the status indicator.
            [0x00, rest @ ..] => rest.split_last_chunk::<3>()?.0,
            _ => return None,
        };
        while let [head, after @ ..] = rest {
            let (value, after) = after.split_at_checked(usize::from(head & 0x0F))?;
            if head >> 4 == 7 {
                let mut capabilities = [0; 3];
                for (place, byte) in capabilities.iter_mut().zip(value) {
                    *place = *byte;
                }
                return Some(capabilities);
            }
            rest = after;
        }
        None
    }

    /// Whether the card takes extended length fields.
    #[must_use]
    pub fn announces_extended_length(&self) -> bool {
        self.card_capabilities().is_some_and(|[_, _, third]| third & 0x40 != 0)
    }

    /// Whether the card takes command chaining.
    #[must_use]
    pub fn announces_chaining(&self) -> bool {
        self.card_capabilities().is_some_and(|[_, _, third]| third & 0x80 != 0)
    }
}

#[cfg(test)]
mod tests;
