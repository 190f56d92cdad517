//! Functions of the header as C calls them, with slices for their pointers: for a program in Rust that measures them.

use std::ffi::c_int;

use crate::calls::exchange::sscard_transmit;
use crate::calls::life::sscard_card_from_image;
use crate::table::sscard_card;

/// [`sscard_card_from_image`].
#[must_use]
pub fn card_from_image(image: &[u8]) -> *mut sscard_card {
    // SAFETY: a slice.
    unsafe { sscard_card_from_image(image.as_ptr(), image.len()) }
}

/// [`sscard_transmit`]: its code, and the length that it gives.
#[inline]
#[allow(
    clippy::not_unsafe_ptr_arg_deref,
    reason = "a handle is a number, which nothing dereferences"
)]
pub fn transmit(card: *mut sscard_card, command: &[u8], response: &mut [u8]) -> (c_int, usize) {
    let mut length = response.len();
    let (at, of) = (command.as_ptr(), command.len());
    // SAFETY: slices of these lengths.
    let code = unsafe { sscard_transmit(card, at, of, response.as_mut_ptr(), &raw mut length) };
    (code, length)
}
