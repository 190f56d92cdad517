//! The words of PC/SC that a program says and hears: share modes, dispositions, protocols, states.

use crate::ScardError;

/// Bits of protocols.
pub mod protocols {
    /// None was agreed upon yet.
    pub const UNDEFINED: u32 = 0;
    /// T=0.
    pub const T0: u32 = 1;
    /// T=1.
    pub const T1: u32 = 2;
    /// Bytes to the reader itself.
    pub const RAW: u32 = 4;
    /// Whatever the card speaks: what old programs ask for.
    pub const ANY_OLD: u32 = 0x1000;
}

/// Bits of what `SCardStatus` says of a reader.
pub mod reader_bits {
    /// No card.
    pub const ABSENT: u32 = 0x02;
    /// A card.
    pub const PRESENT: u32 = 0x04;
    /// A card that does not answer a reset.
    pub const SWALLOWED: u32 = 0x08;
    /// It has power.
    pub const POWERED: u32 = 0x10;
    /// It waits to be spoken to.
    pub const NEGOTIABLE: u32 = 0x20;
}

/// Bits of what `SCardGetStatusChange` says of a reader.
pub mod state_bits {
    /// The program knows nothing yet.
    pub const UNAWARE: u32 = 0;
    /// The program does not want to know.
    pub const IGNORE: u32 = 0x01;
    /// It is not as the program believed.
    pub const CHANGED: u32 = 0x02;
    /// There is no such reader.
    pub const UNKNOWN: u32 = 0x04;
    /// It cannot be told.
    pub const UNAVAILABLE: u32 = 0x08;
    /// No card.
    pub const EMPTY: u32 = 0x10;
    /// A card.
    pub const PRESENT: u32 = 0x20;
    /// Somebody has it for himself.
    pub const EXCLUSIVE: u32 = 0x80;
    /// Somebody is connected.
    pub const INUSE: u32 = 0x100;
    /// It does not answer a reset.
    pub const MUTE: u32 = 0x200;
}

/// The reader that stands for "readers come and go"; its name counts in any case of letters.
pub const PLUG_AND_PLAY: &str = r"\\?PnP?\Notification";

/// The one group of readers there is.
pub const READER_GROUP: &str = "SCard$DefaultReaders";

/// The longest name of a reader.
pub const LONGEST_READER_NAME: usize = 128;

/// How many readers one question may name, and how many there may be.
pub const MOST_READERS: usize = 16;

/// Bytes of the longest command or answer: 64 KiB, header, both length fields, status word.
pub const LONGEST_EXCHANGE: usize = 4 + 3 + (1 << 16) + 3 + 2;

/// Bytes of the longest attribute.
pub const LONGEST_ATTRIBUTE: usize = 264;

/// With whom a program shares a card.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ShareMode {
    /// With nobody.
    Exclusive,
    /// With everybody.
    Shared,
    /// The program wants the reader; a card need not be there.
    Direct,
}

impl ShareMode {
    /// By its number.
    ///
    /// # Errors
    /// [`ScardError::INVALID_VALUE`].
    pub fn parse(number: u32) -> Result<Self, ScardError> {
        match number {
            1 => Ok(Self::Exclusive),
            2 => Ok(Self::Shared),
            3 => Ok(Self::Direct),
            _ => Err(ScardError::INVALID_VALUE),
        }
    }
}

/// What is done with a card when a program is done with it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum CardDisposition {
    /// Nothing.
    Leave,
    /// A warm reset.
    Reset,
    /// Its power is taken away.
    Unpower,
    /// It is given out, by a reader that can; these cannot, so nothing.
    Eject,
}

impl CardDisposition {
    /// By its number.
    ///
    /// # Errors
    /// [`ScardError::INVALID_VALUE`].
    pub fn parse(number: u32) -> Result<Self, ScardError> {
        match number {
            0 => Ok(Self::Leave),
            1 => Ok(Self::Reset),
            2 => Ok(Self::Unpower),
            3 => Ok(Self::Eject),
            _ => Err(ScardError::INVALID_VALUE),
        }
    }
}
