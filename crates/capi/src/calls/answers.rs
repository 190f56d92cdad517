//! What can be learned of a card without asking it.

use std::ffi::c_int;

use crate::boundary::{Room, put};
use crate::last_error::code_of;
use crate::table::{self, sscard_card};

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
