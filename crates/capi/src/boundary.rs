//! Pointers of C become what Rust can hold.
//!
//! What enters: pointers as the header describes them. What leaves: slices and texts that live as long as the call, and [`Room`], where
//! an answer is put. NULL and lengths that no object has are refused; that another pointer points at what it should is the caller's
//! word, since nothing can tell.

use std::ffi::{CStr, c_char};

use crate::refusal::{Refusal, sscard_error};

/// So many bytes at a pointer.
///
/// # Safety
/// `at` is NULL or points at `length` bytes that stay as they are while the slice is used.
#[inline]
pub(crate) unsafe fn bytes<'a>(
    at: *const u8,
    length: usize,
    name: &str,
) -> Result<&'a [u8], Refusal> {
    if at.is_null() {
        return Err(Refusal::null(name));
    }
    if isize::try_from(length).is_err() {
        return Err(no_length(name, length));
    }
    // SAFETY: not NULL, no longer than an object can be, and the caller's word for the rest.
    Ok(unsafe { std::slice::from_raw_parts(at, length) })
}

#[cold]
fn no_length(name: &str, length: usize) -> Refusal {
    let text = format!("{name}: nothing has {length} bytes");
    Refusal::new(sscard_error::SSCARD_E_ARGUMENT, text)
}

/// A text that ends with NUL.
///
/// # Safety
/// `at` is NULL or points at a text that ends with NUL and stays as it is while it is used.
pub(crate) unsafe fn text<'a>(at: *const c_char, name: &str) -> Result<&'a str, Refusal> {
    if at.is_null() {
        return Err(Refusal::null(name));
    }
    // SAFETY: not NULL, and the caller's word for the rest.
    let text = unsafe { CStr::from_ptr(at) };
    text.to_str().map_err(|_| {
        Refusal::new(sscard_error::SSCARD_E_ARGUMENT, format!("{name} is not UTF-8 text"))
    })
}

/// Where one value is put.
///
/// # Safety
/// `at` is NULL or may be written.
pub(crate) unsafe fn put<T>(at: *mut T, value: T, name: &str) -> Result<(), Refusal> {
    if at.is_null() {
        return Err(Refusal::null(name));
    }
    // SAFETY: not NULL, and the caller's word for the rest.
    unsafe { at.write_unaligned(value) };
    Ok(())
}

/// Where an answer is put: a buffer of the caller's and its length, capacity in and length out.
pub(crate) struct Room {
    at: *mut u8,
    capacity: usize,
    length: *mut usize,
}

impl Room {
    /// Takes both; the length is 0 until something is put here. A buffer that is NULL has room for
    /// nothing.
    ///
    /// # Safety
    /// `length` is NULL or may be read and written, `at` is NULL or `*length` bytes at it may be
    /// written, as long as the room is used.
    #[inline]
    pub(crate) unsafe fn new(
        at: *mut u8,
        length: *mut usize,
        names: [&str; 2],
    ) -> Result<Self, Refusal> {
        let [of_buffer, of_length] = names;
        if length.is_null() {
            return Err(Refusal::null(of_length));
        }
        // SAFETY: not NULL, and the caller's word for the rest.
        let capacity = unsafe { length.read_unaligned() };
        // SAFETY: as above.
        unsafe { length.write_unaligned(0) };
        if at.is_null() && capacity != 0 {
            return Err(Refusal::null(of_buffer));
        }
        Ok(Self { at, capacity, length })
    }

    #[inline]
    pub(crate) const fn capacity(&self) -> usize {
        self.capacity
    }

    /// Puts an answer here.
    ///
    /// # Errors
    /// It does not fit; then the length says how many bytes it has.
    #[inline]
    pub(crate) fn give(&mut self, bytes: &[u8]) -> Result<(), Refusal> {
        let fits = bytes.len() <= self.capacity;
        // SAFETY: `new` was given a length that may be written as long as this room is used.
        unsafe { self.length.write_unaligned(bytes.len()) };
        if !fits {
            return Err(Refusal::too_short(self.capacity, bytes.len()));
        }
        // A status word was written after the data: taken with the data, it would be waited for.
        let (data, status) = match bytes.split_last_chunk::<2>() {
            Some((data, status)) => (data, Some(status)),
            None => (bytes, None),
        };
        // SAFETY: `new` was given a buffer with room for its capacity, which is not less than both together; NULL has room for
        // nothing, and copying nothing writes nothing. The bytes are of this library, and the buffer is not.
        unsafe {
            self.at.copy_from_nonoverlapping(data.as_ptr(), data.len());
            if let Some(status) = status {
                self.at.add(data.len()).cast::<[u8; 2]>().write_unaligned(*status);
            }
        }
        Ok(())
    }
}
