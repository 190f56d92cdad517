//! What is ours and not the field's: configuration, keypad, the reason of a failure.

use std::ffi::{c_char, c_int, c_long};

use super::{argument, bytes, guarded, last, number, put};
use crate::code::{DriverCode, DriverError};
use crate::configuration::DriverConfiguration;
use crate::keypad::PinCallback;

/// Another configuration, the text of an `SSCardDriver.toml` in UTF-8; a null pointer has it looked for again.
///
/// # Safety
/// `pToml` is null or ends in 00.
#[unsafe(no_mangle)]
pub unsafe extern "system" fn SSCardDriver_Configure(pToml: *const c_char) -> c_long {
    // SAFETY: the caller's promise.
    let given = (!pToml.is_null()).then(|| unsafe { bytes(pToml) });
    let configured = guarded(|driver| {
        let settings = given.transpose()?.map(|given| {
            let text = std::str::from_utf8(&given).map_err(|error| {
                DriverError::new(DriverCode::Argument, format!("the configuration: {error}"))
            })?;
            DriverConfiguration::parse(text)
        });
        driver.configure(settings.transpose()?);
        Ok(())
    });
    configured.map_or_else(|error| number(&error), |()| 0)
}

/// The function that PINs come from; a null pointer takes it away.
///
/// # Safety
/// The function may be called as long as this library is used.
#[unsafe(no_mangle)]
pub unsafe extern "system" fn SSCardDriver_SetPinCallback(callback: Option<PinCallback>) -> c_long {
    let set = guarded(|driver| {
        driver.set_callback(callback);
        Ok(())
    });
    set.map_or_else(|error| number(&error), |()| 0)
}

/// What happened in this thread's last function that failed, in English, cut to the room there is.
///
/// # Safety
/// `pText` is null or has as much room as is said.
#[unsafe(no_mangle)]
pub unsafe extern "system" fn SSCardDriver_LastError(pText: *mut c_char, iRoom: c_int) -> c_long {
    let room = usize::try_from(iRoom).unwrap_or(0);
    if pText.is_null() || room == 0 {
        return number(&argument("there is no room for a text"));
    }
    let said = last();
    let end = room.saturating_sub(1).min(said.len());
    let end = (0..=end).rev().find(|end| said.is_char_boundary(*end)).unwrap_or(0);
    // SAFETY: the caller's promise.
    unsafe { put(pText, room, said.get(..end).unwrap_or_default().as_bytes()) };
    0
}
