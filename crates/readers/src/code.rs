//! What a call of PC/SC comes back with when it fails, by number, name and text.

use std::ffi::CStr;
use std::fmt;

/// Why a call of PC/SC failed, as programs know it.
///
/// The numbers are those of PC/SC part 5; where pcsc-lite has its own, `UNSUPPORTED_FEATURE`, it is that one.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct ScardError(u32);

macro_rules! errors {
    ($($name:ident = $number:literal, $text:literal;)*) => {
        impl ScardError {
            $(#[doc = $text] pub const $name: Self = Self($number);)*

            /// Its name without the prefix, and its text with a zero byte; none for one that PC/SC does not know.
            fn words(self) -> Option<(&'static str, &'static [u8])> {
                match self.0 {
                    $($number => Some((stringify!($name), concat!($text, "\0").as_bytes())),)*
                    _ => None,
                }
            }
        }
    };
}

errors! {
    INTERNAL_ERROR = 0x8010_0001, "Internal error.";
    CANCELLED = 0x8010_0002, "Command cancelled.";
    INVALID_HANDLE = 0x8010_0003, "Invalid handle.";
    INVALID_PARAMETER = 0x8010_0004, "Invalid parameter given.";
    INVALID_TARGET = 0x8010_0005, "Invalid target given.";
    NO_MEMORY = 0x8010_0006, "Not enough memory.";
    WAITED_TOO_LONG = 0x8010_0007, "Waited too long.";
    INSUFFICIENT_BUFFER = 0x8010_0008, "Insufficient buffer.";
    UNKNOWN_READER = 0x8010_0009, "Unknown reader specified.";
    TIMEOUT = 0x8010_000A, "Command timeout.";
    SHARING_VIOLATION = 0x8010_000B, "Sharing violation.";
    NO_SMARTCARD = 0x8010_000C, "No smart card inserted.";
    UNKNOWN_CARD = 0x8010_000D, "Unknown card.";
    CANT_DISPOSE = 0x8010_000E, "Cannot dispose handle.";
    PROTO_MISMATCH = 0x8010_000F, "Card protocol mismatch.";
    NOT_READY = 0x8010_0010, "Subsystem not ready.";
    INVALID_VALUE = 0x8010_0011, "Invalid value given.";
    SYSTEM_CANCELLED = 0x8010_0012, "System cancelled.";
    COMM_ERROR = 0x8010_0013, "RPC transport error.";
    UNKNOWN_ERROR = 0x8010_0014, "Unknown error.";
    INVALID_ATR = 0x8010_0015, "Invalid ATR.";
    NOT_TRANSACTED = 0x8010_0016, "Transaction failed.";
    READER_UNAVAILABLE = 0x8010_0017, "Reader is unavailable.";
    PCI_TOO_SMALL = 0x8010_0019, "PCI struct too small.";
    READER_UNSUPPORTED = 0x8010_001A, "Reader is unsupported.";
    DUPLICATE_READER = 0x8010_001B, "Reader already exists.";
    CARD_UNSUPPORTED = 0x8010_001C, "Card is unsupported.";
    NO_SERVICE = 0x8010_001D, "Service not available.";
    SERVICE_STOPPED = 0x8010_001E, "Service was stopped.";
    UNSUPPORTED_FEATURE = 0x8010_001F, "Feature not supported.";
    NO_READERS_AVAILABLE = 0x8010_002E, "Cannot find a smart card reader.";
    UNSUPPORTED_CARD = 0x8010_0065, "Card is not supported.";
    UNRESPONSIVE_CARD = 0x8010_0066, "Card is unresponsive.";
    UNPOWERED_CARD = 0x8010_0067, "Card is unpowered.";
    RESET_CARD = 0x8010_0068, "Card was reset.";
    REMOVED_CARD = 0x8010_0069, "Card was removed.";
    SECURITY_VIOLATION = 0x8010_006A, "Access denied.";
}

impl ScardError {
    /// The error of a number that is not 0, which is success; any other is taken as it is.
    #[must_use]
    pub const fn from_code(code: u32) -> Option<Self> {
        if code == 0 { None } else { Some(Self(code)) }
    }

    /// Its text as C programs get it; none for one that PC/SC does not know.
    #[must_use]
    pub fn text(self) -> Option<&'static CStr> {
        self.words().and_then(|(_, text)| CStr::from_bytes_with_nul(text).ok())
    }

    /// Its number.
    #[must_use]
    pub const fn code(self) -> u32 {
        self.0
    }
}

impl fmt::Display for ScardError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.text() {
            Some(text) => f.write_str(&text.to_string_lossy()),
            None => write!(f, "Unknown error: 0x{:08X}", self.0),
        }
    }
}

impl fmt::Debug for ScardError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.words() {
            Some((name, _)) => f.write_str(name),
            None => write!(f, "{:08X}", self.0),
        }
    }
}

impl std::error::Error for ScardError {}
