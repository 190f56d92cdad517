//! Class bytes of the instructions, without channel, chaining and secure messaging.

/// ISO/IEC 7816-4.
pub const INTERINDUSTRY: u8 = 0x00;
/// The same under secure messaging, the header in the MAC.
pub const INTERINDUSTRY_PROTECTED: u8 = 0x04;
/// Proprietary: the social security and the financial application.
pub const PROPRIETARY: u8 = 0x80;
/// The same under secure messaging.
pub const PROPRIETARY_PROTECTED: u8 = 0x84;
/// The medical purse.
pub const PURSE: u8 = 0xB0;
/// Loading of a key in a terminal's security module (PSAM).
pub const PSAM: u8 = 0xBF;
/// Commands to the reader itself, which no card gets as they are (PC/SC part 3 §3.2.2).
pub const READER: u8 = 0xFF;
