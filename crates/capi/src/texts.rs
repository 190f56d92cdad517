//! Texts that are given away, so that each is freed once.

use std::collections::BTreeMap;
use std::ffi::{CString, c_char};
use std::sync::{Mutex, PoisonError};

use crate::refusal::{Refusal, sscard_error};

/// By the address that was given.
static GIVEN: Mutex<BTreeMap<usize, CString>> = Mutex::new(BTreeMap::new());

/// Gives a text away; it stays here until it comes back.
pub(crate) fn give(text: CString) -> Result<*mut c_char, Refusal> {
    let at = text.as_ptr().cast_mut();
    GIVEN.lock().unwrap_or_else(PoisonError::into_inner).insert(at.addr(), text);
    Ok(at)
}

/// Takes a text back, which ends it.
pub(crate) fn take_back(at: *mut c_char) -> Result<(), Refusal> {
    let given = GIVEN.lock().unwrap_or_else(PoisonError::into_inner).remove(&at.addr());
    given.map(drop).ok_or_else(|| {
        let text = "this text was freed already, or is none that this library gave";
        Refusal::new(sscard_error::SSCARD_E_HANDLE, text)
    })
}
