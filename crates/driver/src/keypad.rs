//! What the holder enters: by a function of the host program, by the environment, by the configuration.
//!
//! What enters: which PIN is asked for. What leaves: its digits, or that the holder does not enter it. Nobody at the keypad is a
//! time-out.
#![allow(unsafe_code, reason = "calls a function of the host program")]

use std::env;
use std::ffi::{c_char, c_int, c_long};

use zeroize::Zeroizing;

use crate::code::{DriverCode, DriverError};
use crate::configuration::PinTable;

/// Which PIN is asked for; the numbers are those that a keypad of the field is told.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum PinPrompt {
    /// 1: the PIN.
    Pin,
    /// 2: the new PIN once more.
    Again,
    /// 3: the old PIN.
    Old,
    /// 4: the new PIN.
    New,
}

impl PinPrompt {
    const fn number(self) -> c_int {
        match self {
            Self::Pin => 1,
            Self::Again => 2,
            Self::Old => 3,
            Self::New => 4,
        }
    }
}

/// A function of the host program: the prompt, where the digits go, how many bytes are there with the 00 behind them. It
/// returns 0, −31 when the holder cancels, −32 when nothing comes.
pub type PinCallback = unsafe extern "C" fn(c_int, *mut c_char, c_int) -> c_long;

/// The most digits, and 00.
const ROOM: usize = 64;

/// Asks for a PIN's digits.
pub(crate) fn ask(
    prompt: PinPrompt,
    callback: Option<PinCallback>,
    settings: &PinTable,
) -> Result<Zeroizing<String>, DriverError> {
    if let Some(callback) = callback {
        return called(prompt, callback);
    }
    let (variable, set) = match prompt {
        PinPrompt::Pin | PinPrompt::Old => ("SSCARD_DRIVER_PIN", settings.pin.as_ref()),
        PinPrompt::New => ("SSCARD_DRIVER_NEW_PIN", settings.new.as_ref()),
        PinPrompt::Again => {
            ("SSCARD_DRIVER_NEW_PIN", settings.again.as_ref().or(settings.new.as_ref()))
        }
    };
    let by_environment = env::var(variable).ok().filter(|pin| !pin.is_empty());
    let entered = by_environment.or_else(|| set.cloned()).map(Zeroizing::new);
    match entered.as_deref().map(String::as_str) {
        Some("cancel") => Err(cancelled()),
        Some("timeout") => {
            Err(DriverError::new(DriverCode::TimedOut, "the holder entered nothing"))
        }
        Some(_) => Ok(entered.unwrap_or_default()),
        None => Err(DriverError::new(
            DriverCode::TimedOut,
            format!(
                "nobody entered a PIN: set {variable}, [pin] of the configuration, or a callback"
            ),
        )),
    }
}

fn cancelled() -> DriverError {
    DriverError::new(DriverCode::Cancelled, "the holder cancelled")
}

fn called(prompt: PinPrompt, callback: PinCallback) -> Result<Zeroizing<String>, DriverError> {
    let mut digits = Zeroizing::new([0_u8; ROOM]);
    let room = c_int::try_from(ROOM).unwrap_or(0);
    // SAFETY: the host program gave this function for this purpose; the buffer is as long as is said.
    let answer = unsafe { callback(prompt.number(), digits.as_mut_ptr().cast(), room) };
    match answer {
        0 => {}
        -31 => return Err(cancelled()),
        _ => {
            let detail = format!("the host program's PIN function answered {answer}");
            return Err(DriverError::new(DriverCode::TimedOut, detail));
        }
    }
    let end = digits.iter().position(|byte| *byte == 0).unwrap_or(ROOM);
    let text = digits.get(..end).and_then(|digits| std::str::from_utf8(digits).ok());
    let text = text.map(|text| Zeroizing::new(text.to_owned()));
    text.ok_or_else(|| DriverError::new(DriverCode::Character, "the PIN is no text"))
}
