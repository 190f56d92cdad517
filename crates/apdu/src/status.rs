//! Status words with the wording of ISO/IEC 7816-4 §5.6.

use core::fmt;
use core::str::FromStr;

use crate::hex::{self, FromHexError, LengthError};

/// SW1 SW2.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct StatusWord(u16);

/// What kind of outcome a status word reports.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum StatusClass {
    /// 67xx…6Fxx except 6Cxx: the command was not accepted.
    CheckingError,
    /// 64xx…66xx: the command failed.
    ExecutionError,
    /// Neither 6xxx nor 9xxx, or 60xx.
    Invalid,
    /// 61xx: more data waits.
    MoreData,
    /// 9xxx except 9000: an application's own.
    Proprietary,
    /// 9000.
    Success,
    /// 62xx, 63xx.
    Warning,
    /// 6Cxx: wrong Le, the right one is xx.
    WrongLength,
}

macro_rules! statuses {
    ($($(#[$doc:meta])* $name:ident = $value:literal, $meaning:literal;)+) => {
        impl StatusWord {
            $(#[doc = concat!($meaning, ".")] $(#[$doc])* pub const $name: Self = Self($value);)+
        }

        const fn known(value: u16) -> Option<&'static str> {
            match value {
                $($value => Some($meaning),)+
                _ => None,
            }
        }
    };
}

statuses! {
    SUCCESS = 0x9000, "normal processing";
    END_OF_FILE_REACHED = 0x6282, "end of file or record reached before reading Ne bytes";
    SELECTED_FILE_DEACTIVATED = 0x6283, "selected file deactivated";
    AUTHENTICATION_FAILED = 0x6300, "authentication failed";
    MEMORY_FAILURE = 0x6581, "memory failure";
    WRONG_LENGTH = 0x6700, "wrong length";
    LOGICAL_CHANNEL_NOT_SUPPORTED = 0x6881, "logical channel not supported";
    SECURE_MESSAGING_NOT_SUPPORTED = 0x6882, "secure messaging not supported";
    LAST_COMMAND_OF_CHAIN_EXPECTED = 0x6883, "last command of the chain expected";
    COMMAND_CHAINING_NOT_SUPPORTED = 0x6884, "command chaining not supported";
    COMMAND_NOT_ACCEPTED = 0x6901, "command not accepted in this state";
    COMMAND_INCOMPATIBLE_WITH_FILE_STRUCTURE = 0x6981, "command incompatible with file structure";
    SECURITY_STATUS_NOT_SATISFIED = 0x6982, "security status not satisfied";
    AUTHENTICATION_METHOD_BLOCKED = 0x6983, "authentication method blocked";
    REFERENCE_DATA_NOT_USABLE = 0x6984, "reference data not usable";
    CONDITIONS_OF_USE_NOT_SATISFIED = 0x6985, "conditions of use not satisfied";
    COMMAND_NOT_ALLOWED_NO_CURRENT_EF = 0x6986, "command not allowed, no current EF";
    EXPECTED_SECURE_MESSAGING_OBJECTS_MISSING = 0x6987,
        "expected secure messaging data objects missing";
    INCORRECT_SECURE_MESSAGING_OBJECTS = 0x6988, "incorrect secure messaging data objects";
    INCORRECT_DATA = 0x6A80, "incorrect parameters in the command data field";
    FUNCTION_NOT_SUPPORTED = 0x6A81, "function not supported";
    FILE_NOT_FOUND = 0x6A82, "file or application not found";
    RECORD_NOT_FOUND = 0x6A83, "record not found";
    NOT_ENOUGH_MEMORY = 0x6A84, "not enough memory space in the file";
    NC_INCONSISTENT_WITH_TLV = 0x6A85, "Nc inconsistent with TLV structure";
    INCORRECT_P1_P2 = 0x6A86, "incorrect parameters P1-P2";
    NC_INCONSISTENT_WITH_P1_P2 = 0x6A87, "Nc inconsistent with parameters P1-P2";
    REFERENCED_DATA_NOT_FOUND = 0x6A88, "referenced data or reference data not found";
    WRONG_P1_P2 = 0x6B00, "wrong parameters P1-P2";
    INS_NOT_SUPPORTED = 0x6D00, "instruction code not supported or invalid";
    CLASS_NOT_SUPPORTED = 0x6E00, "class not supported";
    NO_PRECISE_DIAGNOSIS = 0x6F00, "no precise diagnosis";
    /// Source: 《社会保障（个人）卡规范》 part 5, table 5.
    MAC_INVALID = 0x9302, "MAC invalid";
    /// Source: 《社会保障（个人）卡规范》 part 5, table 5.
    APPLICATION_PERMANENTLY_BLOCKED = 0x9303, "application permanently blocked";
    /// Source: 《社会保障（个人）卡规范》 part 5, table 5.
    INSUFFICIENT_BALANCE = 0x9401, "insufficient balance";
    /// Source: 《社会保障（个人）卡规范》 part 5, table 5.
    TRANSACTION_COUNTER_EXHAUSTED = 0x9402, "transaction counter exhausted";
    /// Source: 《社会保障（个人）卡规范》 part 5, table 5.
    KEY_INDEX_NOT_SUPPORTED = 0x9403, "key index not supported";
    /// Source: 《社会保障（个人）卡规范》 part 5, table 5.
    MAC_NOT_AVAILABLE = 0x9406, "required MAC not available";
}

impl StatusWord {
    /// A status word from its value.
    #[must_use]
    #[inline]
    pub const fn new(value: u16) -> Self {
        Self(value)
    }

    /// A status word from SW1 and SW2.
    #[must_use]
    #[inline]
    pub const fn from_bytes(bytes: [u8; 2]) -> Self {
        Self(u16::from_be_bytes(bytes))
    }

    /// SW1 and SW2.
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

    /// SW1.
    #[must_use]
    #[inline]
    pub const fn sw1(self) -> u8 {
        self.0.to_be_bytes()[0]
    }

    /// SW2.
    #[must_use]
    #[inline]
    pub const fn sw2(self) -> u8 {
        self.0.to_be_bytes()[1]
    }

    /// What kind of outcome it is.
    #[must_use]
    #[inline]
    pub const fn class(self) -> StatusClass {
        match self.0 {
            0x9000 => StatusClass::Success,
            0x9001..=0x9FFF => StatusClass::Proprietary,
            0x6100..=0x61FF => StatusClass::MoreData,
            0x6200..=0x63FF => StatusClass::Warning,
            0x6400..=0x66FF => StatusClass::ExecutionError,
            0x6C00..=0x6CFF => StatusClass::WrongLength,
            0x6700..=0x6FFF => StatusClass::CheckingError,
            _ => StatusClass::Invalid,
        }
    }

    /// Whether it is 9000.
    #[must_use]
    #[inline]
    pub const fn is_success(self) -> bool {
        self.0 == 0x9000
    }

    /// Tries left of 63Cx.
    #[must_use]
    #[inline]
    pub const fn tries_left(self) -> Option<u8> {
        if self.0 & 0xFFF0 == 0x63C0 { Some(self.sw2() & 0x0F) } else { None }
    }

    /// Bytes that wait, of 61xx; 00 is 256 or more.
    #[must_use]
    #[inline]
    pub fn bytes_available(self) -> Option<usize> {
        (self.sw1() == 0x61).then(|| length(self.sw2()))
    }

    /// The right Ne, of 6Cxx; 00 is 256.
    #[must_use]
    #[inline]
    pub fn exact_ne(self) -> Option<usize> {
        (self.sw1() == 0x6C).then(|| length(self.sw2()))
    }

    /// 63Cx; more than 15 tries count as 15.
    #[must_use]
    #[inline]
    pub const fn with_tries_left(tries: u8) -> Self {
        Self::from_bytes([0x63, 0xC0 | if tries > 15 { 15 } else { tries }])
    }

    /// 61xx; 256 and more are 00.
    #[must_use]
    #[inline]
    pub const fn with_bytes_available(bytes: usize) -> Self {
        Self::from_bytes([0x61, low(bytes)])
    }

    /// 6Cxx; 256 and more are 00.
    #[must_use]
    #[inline]
    pub const fn with_exact_ne(ne: usize) -> Self {
        Self::from_bytes([0x6C, low(ne)])
    }

    /// ISO's wording, or that of its class.
    #[must_use]
    pub const fn meaning(self) -> &'static str {
        if let Some(meaning) = known(self.0) {
            return meaning;
        }
        if self.tries_left().is_some() {
            return "verification failed, tries left in the last digit";
        }
        match self.class() {
            StatusClass::Success => "normal processing",
            StatusClass::MoreData => "response bytes still available",
            StatusClass::Warning => "warning",
            StatusClass::WrongLength => "wrong Le field, the right one in SW2",
            StatusClass::ExecutionError => "execution error",
            StatusClass::CheckingError => "checking error",
            StatusClass::Proprietary => "proprietary status word",
            StatusClass::Invalid => "unknown status word",
        }
    }
}

fn length(sw2: u8) -> usize {
    if sw2 == 0 { 256 } else { usize::from(sw2) }
}

const fn low(length: usize) -> u8 {
    let [.., low] = length.to_be_bytes();
    if length > 0xFF { 0 } else { low }
}

impl TryFrom<&[u8]> for StatusWord {
    type Error = LengthError;

    fn try_from(bytes: &[u8]) -> Result<Self, LengthError> {
        let pair = bytes.try_into().map_err(|_| LengthError { bytes: bytes.len() })?;
        Ok(Self::from_bytes(pair))
    }
}

impl FromStr for StatusWord {
    type Err = FromHexError;

    /// Reads two bytes in hexadecimal, such as `6A82`.
    fn from_str(text: &str) -> Result<Self, FromHexError> {
        Ok(Self::try_from(hex::decode(text)?.as_slice())?)
    }
}

impl fmt::Display for StatusWord {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04X}", self.0)
    }
}

impl fmt::Debug for StatusWord {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "StatusWord({:04X})", self.0)
    }
}

#[cfg(test)]
mod tests {
    use alloc::string::ToString;

    use super::*;

    #[test]
    fn counts_live_in_sw2() {
        assert_eq!(StatusWord::new(0x63C5).tries_left(), Some(5));
        assert_eq!(StatusWord::new(0x6300).tries_left(), None);
        assert_eq!(StatusWord::new(0x6100).bytes_available(), Some(256));
        assert_eq!(StatusWord::new(0x6C10).exact_ne(), Some(16));
        assert_eq!(StatusWord::with_tries_left(20).value(), 0x63CF);
        assert_eq!(StatusWord::with_bytes_available(255).value(), 0x61FF);
        assert_eq!(StatusWord::with_bytes_available(30).value(), 0x611E);
        assert_eq!(StatusWord::with_bytes_available(256).value(), 0x6100);
        assert_eq!(StatusWord::with_bytes_available(436).value(), 0x6100);
        assert_eq!(StatusWord::with_exact_ne(256).value(), 0x6C00);
    }

    #[test]
    fn classes_by_range() {
        use StatusClass as C;
        for (value, class) in [
            (0x9000, C::Success),
            (0x9303, C::Proprietary),
            (0x61FF, C::MoreData),
            (0x6283, C::Warning),
            (0x63C0, C::Warning),
            (0x6581, C::ExecutionError),
            (0x6700, C::CheckingError),
            (0x6C00, C::WrongLength),
            (0x6F00, C::CheckingError),
            (0x6000, C::Invalid),
            (0x0000, C::Invalid),
            (0xA000, C::Invalid),
        ] {
            assert_eq!(StatusWord::new(value).class(), class, "{value:04X}");
        }
    }

    #[test]
    fn wording() {
        assert_eq!(StatusWord::FILE_NOT_FOUND.meaning(), "file or application not found");
        assert_eq!(StatusWord::new(0x6411).meaning(), "execution error");
        assert_eq!(StatusWord::SUCCESS.to_string(), "9000");
        assert_eq!(alloc::format!("{:?}", StatusWord::WRONG_LENGTH), "StatusWord(6700)");
    }

    #[test]
    fn iso7816_4_5_6_constants() {
        use StatusWord as S;
        for (status, value) in [
            (S::SUCCESS, 0x9000),
            (S::END_OF_FILE_REACHED, 0x6282),
            (S::SELECTED_FILE_DEACTIVATED, 0x6283),
            (S::AUTHENTICATION_FAILED, 0x6300),
            (S::MEMORY_FAILURE, 0x6581),
            (S::WRONG_LENGTH, 0x6700),
            (S::LOGICAL_CHANNEL_NOT_SUPPORTED, 0x6881),
            (S::SECURE_MESSAGING_NOT_SUPPORTED, 0x6882),
            (S::LAST_COMMAND_OF_CHAIN_EXPECTED, 0x6883),
            (S::COMMAND_CHAINING_NOT_SUPPORTED, 0x6884),
            (S::COMMAND_NOT_ACCEPTED, 0x6901),
            (S::COMMAND_INCOMPATIBLE_WITH_FILE_STRUCTURE, 0x6981),
            (S::SECURITY_STATUS_NOT_SATISFIED, 0x6982),
            (S::AUTHENTICATION_METHOD_BLOCKED, 0x6983),
            (S::REFERENCE_DATA_NOT_USABLE, 0x6984),
            (S::CONDITIONS_OF_USE_NOT_SATISFIED, 0x6985),
            (S::COMMAND_NOT_ALLOWED_NO_CURRENT_EF, 0x6986),
            (S::EXPECTED_SECURE_MESSAGING_OBJECTS_MISSING, 0x6987),
            (S::INCORRECT_SECURE_MESSAGING_OBJECTS, 0x6988),
            (S::INCORRECT_DATA, 0x6A80),
            (S::FUNCTION_NOT_SUPPORTED, 0x6A81),
            (S::FILE_NOT_FOUND, 0x6A82),
            (S::RECORD_NOT_FOUND, 0x6A83),
            (S::NOT_ENOUGH_MEMORY, 0x6A84),
            (S::NC_INCONSISTENT_WITH_TLV, 0x6A85),
            (S::INCORRECT_P1_P2, 0x6A86),
            (S::NC_INCONSISTENT_WITH_P1_P2, 0x6A87),
            (S::REFERENCED_DATA_NOT_FOUND, 0x6A88),
            (S::WRONG_P1_P2, 0x6B00),
            (S::INS_NOT_SUPPORTED, 0x6D00),
            (S::CLASS_NOT_SUPPORTED, 0x6E00),
            (S::NO_PRECISE_DIAGNOSIS, 0x6F00),
            (S::MAC_INVALID, 0x9302),
            (S::APPLICATION_PERMANENTLY_BLOCKED, 0x9303),
            (S::INSUFFICIENT_BALANCE, 0x9401),
            (S::TRANSACTION_COUNTER_EXHAUSTED, 0x9402),
            (S::KEY_INDEX_NOT_SUPPORTED, 0x9403),
            (S::MAC_NOT_AVAILABLE, 0x9406),
        ] {
            assert_eq!(status.value(), value, "{status}");
            assert_eq!(S::from_bytes([status.sw1(), status.sw2()]), status);
            assert_eq!(status.is_success(), value == 0x9000);
        }
    }

    #[test]
    fn wording_of_families() {
        for (value, meaning) in [
            (0x63C3, "verification failed, tries left in the last digit"),
            (0x6120, "response bytes still available"),
            (0x6C08, "wrong Le field, the right one in SW2"),
            (0x6299, "warning"),
            (0x6999, "checking error"),
            (0x9001, "proprietary status word"),
            (0x1234, "unknown status word"),
        ] {
            assert_eq!(StatusWord::new(value).meaning(), meaning, "{value:04X}");
        }
    }
}
