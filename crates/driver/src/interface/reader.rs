//! The reader below: handles, power, commands.

use std::ffi::{c_char, c_long, c_uchar};

use super::{argument, bytes, guarded, number, put, text};

/// Manufacturer, 16 characters, device, 14, version, 2.
const INFO: &[u8; 32] = b"sscard          virtual reader10";

/// Bytes of an answer, and how many they are.
///
/// # Safety
/// The pointer has room for as many bytes.
unsafe fn given(output: *mut c_uchar, answer: &[u8]) -> c_long {
    // SAFETY: the caller's promise.
    unsafe { output.copy_from_nonoverlapping(answer.as_ptr(), answer.len()) };
    c_long::try_from(answer.len()).unwrap_or(c_long::MAX)
}

/// Opens the reader: a handle above 0, or an error number.
///
/// # Safety
/// `dev_Name` is null or ends in 00.
#[unsafe(no_mangle)]
pub unsafe extern "system" fn ICC_Reader_Open(dev_Name: *const c_char) -> c_long {
    // SAFETY: the caller's promise.
    let device = unsafe { bytes(dev_Name) };
    let opened = guarded(|driver| {
        let device = text(driver, device)?;
        driver.icc_open(&device)
    });
    opened.unwrap_or_else(|error| number(&error))
}

/// Closes a handle.
#[unsafe(no_mangle)]
pub extern "system" fn ICC_Reader_Close(ReaderHandle: c_long) -> c_long {
    let closed = guarded(|driver| driver.icc_close(ReaderHandle));
    closed.map_or_else(|error| number(&error), |()| 0)
}

/// Powers the card in a slot: the length of its answer to reset, which stands in `Response`.
///
/// # Safety
/// `Response` is null or has room for 33 bytes.
#[unsafe(no_mangle)]
pub unsafe extern "system" fn ICC_Reader_PowerOn(
    ReaderHandle: c_long,
    ICC_Slot_No: c_uchar,
    Response: *mut c_uchar,
) -> c_long {
    if Response.is_null() {
        return number(&argument("Response is a null pointer"));
    }
    match guarded(|driver| driver.icc_power_on(ReaderHandle, ICC_Slot_No)) {
        // SAFETY: the caller's promise; no answer to reset is longer.
        Ok(atr) => unsafe { given(Response, atr.get(..33).unwrap_or(&atr)) },
        Err(error) => number(&error),
    }
}

/// Takes the power off a slot.
#[unsafe(no_mangle)]
pub extern "system" fn ICC_Reader_PowerOff(ReaderHandle: c_long, ICC_Slot_No: c_uchar) -> c_long {
    let off = guarded(|driver| driver.icc_power_off(ReaderHandle, ICC_Slot_No));
    off.map_or_else(|error| number(&error), |()| 0)
}

/// 0 for a card with power, −3 for one without, −2 for none.
#[unsafe(no_mangle)]
pub extern "system" fn ICC_Reader_GetStatus(ReaderHandle: c_long, ICC_Slot_No: c_uchar) -> c_long {
    let status = guarded(|driver| driver.icc_status(ReaderHandle, ICC_Slot_No));
    status.map_or_else(|error| number(&error), |()| 0)
}

/// One command: the length of its answer, which stands in `Response_APDU` with the status word.
///
/// # Safety
/// `Command_APDU` is null or has as many bytes as is said; `Response_APDU` is null or has room for 258.
#[unsafe(no_mangle)]
pub unsafe extern "system" fn ICC_Reader_Application(
    ReaderHandle: c_long,
    ICC_Slot_No: c_uchar,
    Lenth_of_Command_APDU: c_long,
    Command_APDU: *const c_uchar,
    Response_APDU: *mut c_uchar,
) -> c_long {
    if Command_APDU.is_null() || Response_APDU.is_null() {
        return number(&argument("a pointer is null"));
    }
    let length = usize::try_from(Lenth_of_Command_APDU).ok().filter(|length| *length <= 261);
    let Some(length) = length else {
        return number(&argument("a command has 4 to 261 bytes"));
    };
    // SAFETY: the caller's promise.
    let command = unsafe { std::slice::from_raw_parts(Command_APDU, length) }.to_vec();
    let answer = guarded(|driver| driver.icc_application(ReaderHandle, ICC_Slot_No, &command));
    match answer {
        // SAFETY: the caller's promise; a longer answer is an error.
        Ok(answer) => unsafe { given(Response_APDU, &answer) },
        Err(error) => number(&error),
    }
}

/// Which library this is: 32 characters and 00.
///
/// # Safety
/// `info` is null or has room for 33 bytes.
#[unsafe(no_mangle)]
pub unsafe extern "system" fn ICC_Reader_Libinfo(info: *mut c_char) -> c_long {
    if info.is_null() {
        return number(&argument("info is a null pointer"));
    }
    // SAFETY: the caller's promise.
    unsafe { put(info, 33, INFO) };
    0
}
