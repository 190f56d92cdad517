//! What a call comes to when it does not succeed: a code for the program, a text for its reader.

use std::borrow::Cow;
use std::ffi::{CStr, c_int};

/// What a function returns. The numbers stay; new ones may come.
#[allow(non_camel_case_types, reason = "it is a name of C")]
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(C)]
pub enum sscard_error {
    /// It was done.
    SSCARD_OK = 0,
    /// A pointer is NULL that must not be.
    SSCARD_E_NULL = 1,
    /// The card was freed already, or never was one.
    SSCARD_E_HANDLE = 2,
    /// Another thread is using this card; nothing was done.
    SSCARD_E_BUSY = 3,
    /// An argument cannot be what it is; the text says why.
    SSCARD_E_ARGUMENT = 4,
    /// The buffer is too short. Its length says how many bytes are needed; nothing was done.
    SSCARD_E_BUFFER = 5,
    /// The card has no power; the command was not sent.
    SSCARD_E_NO_POWER = 6,
    /// The card lost its power before it could answer.
    SSCARD_E_POWER_LOST = 7,
    /// There is no such profile, or the file of one is none.
    SSCARD_E_PROFILE = 8,
    /// The bytes are no image of a card.
    SSCARD_E_IMAGE = 9,
    /// A file cannot be read.
    SSCARD_E_FILE = 10,
    /// A fault that cannot be read (docs/faults.md).
    SSCARD_E_FAULT = 11,
    /// No answer: a fault made the card mute.
    SSCARD_E_MUTE = 12,
    /// A fault took the card away. It comes back with the power-on or reset after
    /// sscard_clear_faults.
    SSCARD_E_REMOVED = 13,
    /// A fault reset the card; the command was not sent.
    SSCARD_E_RESET = 14,
    /// There are as many cards as there can be at a time; free one.
    SSCARD_E_TOO_MANY = 15,
    /// A defect of this library. The card of the call may be in the middle of something: every
    /// later call on it gives this code again, until it is freed, or sscard_restore puts another
    /// card's state in its place.
    SSCARD_E_INTERNAL = 16,
}

use sscard_error as Code;

impl sscard_error {
    /// All of them.
    pub(crate) const ALL: [Self; 17] = [
        Self::SSCARD_OK,
        Self::SSCARD_E_NULL,
        Self::SSCARD_E_HANDLE,
        Self::SSCARD_E_BUSY,
        Self::SSCARD_E_ARGUMENT,
        Self::SSCARD_E_BUFFER,
        Self::SSCARD_E_NO_POWER,
        Self::SSCARD_E_POWER_LOST,
        Self::SSCARD_E_PROFILE,
        Self::SSCARD_E_IMAGE,
        Self::SSCARD_E_FILE,
        Self::SSCARD_E_FAULT,
        Self::SSCARD_E_MUTE,
        Self::SSCARD_E_REMOVED,
        Self::SSCARD_E_RESET,
        Self::SSCARD_E_TOO_MANY,
        Self::SSCARD_E_INTERNAL,
    ];

    /// As C gets it.
    #[must_use]
    pub const fn code(self) -> c_int {
        self as c_int
    }

    /// Its name in the header.
    pub(crate) const fn name(self) -> &'static CStr {
        match self {
            Self::SSCARD_OK => c"SSCARD_OK",
            Self::SSCARD_E_NULL => c"SSCARD_E_NULL",
            Self::SSCARD_E_HANDLE => c"SSCARD_E_HANDLE",
            Self::SSCARD_E_BUSY => c"SSCARD_E_BUSY",
            Self::SSCARD_E_ARGUMENT => c"SSCARD_E_ARGUMENT",
            Self::SSCARD_E_BUFFER => c"SSCARD_E_BUFFER",
            Self::SSCARD_E_NO_POWER => c"SSCARD_E_NO_POWER",
            Self::SSCARD_E_POWER_LOST => c"SSCARD_E_POWER_LOST",
            Self::SSCARD_E_PROFILE => c"SSCARD_E_PROFILE",
            Self::SSCARD_E_IMAGE => c"SSCARD_E_IMAGE",
            Self::SSCARD_E_FILE => c"SSCARD_E_FILE",
            Self::SSCARD_E_FAULT => c"SSCARD_E_FAULT",
            Self::SSCARD_E_MUTE => c"SSCARD_E_MUTE",
            Self::SSCARD_E_REMOVED => c"SSCARD_E_REMOVED",
            Self::SSCARD_E_RESET => c"SSCARD_E_RESET",
            Self::SSCARD_E_TOO_MANY => c"SSCARD_E_TOO_MANY",
            Self::SSCARD_E_INTERNAL => c"SSCARD_E_INTERNAL",
        }
    }
}

/// Why a call did nothing, or not what it was to do.
#[derive(Debug)]
pub(crate) struct Refusal(Box<(sscard_error, Cow<'static, str>)>);

impl Refusal {
    #[cold]
    pub(crate) fn new(code: sscard_error, text: impl Into<Cow<'static, str>>) -> Self {
        Self(Box::new((code, text.into())))
    }

    /// The code and the text.
    pub(crate) fn parts(self) -> (sscard_error, Cow<'static, str>) {
        *self.0
    }

    /// A pointer that is NULL; `name` is the argument's in the header.
    #[cold]
    pub(crate) fn null(name: &str) -> Self {
        Self::new(Code::SSCARD_E_NULL, format!("{name} is NULL"))
    }

    #[cold]
    pub(crate) fn no_power() -> Self {
        let text = "the card has no power: call sscard_power_on or sscard_enter_field first";
        Self::new(Code::SSCARD_E_NO_POWER, text)
    }

    #[cold]
    pub(crate) fn power_lost() -> Self {
        let text =
            "the card lost its power before it could answer; sscard_power_on gives it power again";
        Self::new(Code::SSCARD_E_POWER_LOST, text)
    }

    #[cold]
    pub(crate) fn too_short(capacity: usize, needed: usize) -> Self {
        let text =
            format!("{needed} bytes are needed, the buffer has {capacity}; nothing was done");
        Self::new(Code::SSCARD_E_BUFFER, text)
    }

    #[cold]
    pub(crate) fn internal(what: &str) -> Self {
        let text = format!("a defect of this library: {what}");
        Self::new(Code::SSCARD_E_INTERNAL, text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_stay_and_each_has_its_name() {
        for (number, code) in (0..).zip(Code::ALL) {
            assert_eq!(code.code(), number, "{code:?}");
            assert_eq!(code.name().to_str(), Ok(&*format!("{code:?}")));
        }
    }
}
