//! What can be learned of a card without asking it.

use std::ffi::{CString, c_char, c_int};
use std::ptr;

use serde_json::Value;
use sscard_core::Card;
use sscard_crypto::NULL_CRYPTO;
use sscard_documents::inspect;

use crate::boundary::{Room, put};
use crate::last_error::{code_of, value_of};
use crate::refusal::Refusal;
use crate::table::{self, sscard_card};
use crate::texts;

/// The answer to reset, 2 to 33 bytes, as the reader sees it; of a card without power the one that
/// it will give.
///
/// `*length` is the capacity of `atr` before the call and the length after it, as with
/// sscard_transmit.
///
/// Returns SSCARD_OK, SSCARD_E_NULL, SSCARD_E_HANDLE, SSCARD_E_BUSY, SSCARD_E_BUFFER,
/// SSCARD_E_INTERNAL.
///
/// # Safety
/// `length` is NULL or points at a length; `atr` is NULL or points at `*length` bytes that may be
/// written.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sscard_atr(
    card: *const sscard_card,
    atr: *mut u8,
    length: *mut usize,
) -> c_int {
    code_of(|| {
        // SAFETY: the caller's word.
        let mut room = unsafe { Room::new(atr, length, ["atr", "length"]) }?;
        room.give(&table::look(card)?.atr()?)
    })
}

/// The card as bytes, for sscard_card_from_image, for a file that the program sscard works with:
/// all but power and session. They hold the card's keys and PIN.
///
/// `*length` is the capacity of `image` before the call and the length after it, as with
/// sscard_transmit: with NULL and 0 it says what is needed.
///
/// Returns SSCARD_OK, SSCARD_E_NULL, SSCARD_E_HANDLE, SSCARD_E_BUSY, SSCARD_E_BUFFER,
/// SSCARD_E_INTERNAL.
///
/// # Safety
/// `length` is NULL or points at a length; `image` is NULL or points at `*length` bytes that may be
/// written.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sscard_image(
    card: *const sscard_card,
    image: *mut u8,
    length: *mut usize,
) -> c_int {
    code_of(|| {
        // SAFETY: the caller's word.
        let mut room = unsafe { Room::new(image, length, ["image", "length"]) }?;
        room.give(table::look(card)?.card()?.image().as_bytes())
    })
}

/// One number for everything that decides what the card answers from now on: equal cards have equal
/// digests. It is cheap enough to be taken after every command, for comparing within one process,
/// and not for keeping. Faults and an armed power cut do not count.
///
/// Returns SSCARD_OK, SSCARD_E_NULL, SSCARD_E_HANDLE, SSCARD_E_BUSY, SSCARD_E_INTERNAL.
///
/// # Safety
/// `digest` is NULL or may be written.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sscard_digest(card: *const sscard_card, digest: *mut u64) -> c_int {
    code_of(|| {
        // SAFETY: the caller's word.
        unsafe { put(digest, 0, "digest") }?;
        let value = table::look(card)?.card()?.digest().value();
        // SAFETY: as above.
        unsafe { put(digest, value, "digest") }
    })
}

/// Everything on the card as JSON: what `sscard inspect --json` prints (docs/json.md), without
/// keys, in one line. A build without cryptography says `"null_crypto":true` in it. The text is to
/// be freed by sscard_string_free.
///
/// Returns NULL when there is none: SSCARD_E_NULL, SSCARD_E_HANDLE, SSCARD_E_BUSY,
/// SSCARD_E_TOO_MANY, SSCARD_E_INTERNAL.
#[unsafe(no_mangle)]
pub extern "C" fn sscard_inspect_json(card: *const sscard_card) -> *mut c_char {
    value_of(ptr::null_mut(), || texts::give(document(table::look(card)?.card()?)?))
}

fn document(card: &Card) -> Result<CString, Refusal> {
    let defect = |_| Refusal::internal("a document is no text");
    let mut document = serde_json::to_value(inspect::document(card, false)).map_err(defect)?;
    if NULL_CRYPTO && let Some(fields) = document.as_object_mut() {
        fields.insert("null_crypto".to_owned(), Value::Bool(true));
    }
    CString::new(document.to_string()).map_err(|_| Refusal::internal("a document has a NUL"))
}

/// Frees a text that sscard_inspect_json gave; NULL is harmless. One that was freed already, or
/// that this library did not give, is left alone: then sscard_last_code says SSCARD_E_HANDLE.
#[unsafe(no_mangle)]
pub extern "C" fn sscard_string_free(text: *mut c_char) {
    if !text.is_null() {
        code_of(|| texts::take_back(text));
    }
}
