//! Memory that belongs to somebody else: what a program gives to be read and filled, and what it is given to free.
//!
//! What enters: pointers of a program. What leaves: values. Invariant owned here: nothing is read or written but what the program
//! said is there, and nothing is freed that this library did not allocate.

use std::ffi::{c_char, c_void};
use std::ptr;

use sscard_readers::ScardError;

use crate::abi::{AUTO_ALLOCATE, Dword};
use crate::process::State;

/// A place for a value that the program may have left out.
#[derive(Clone, Copy)]
pub(crate) struct Place<T>(*mut T);

impl<T: Copy> Place<T> {
    /// # Safety
    /// `place` is null, or may be read and written while this value lives.
    pub(crate) unsafe fn new(place: *mut T) -> Self {
        Self(place)
    }

    pub(crate) fn is_missing(self) -> bool {
        self.0.is_null()
    }

    /// What is there.
    pub(crate) fn read(self) -> Option<T> {
        // SAFETY: whoever made this value promised that it may be read, unless it is null. C programs align badly now and then.
        (!self.0.is_null()).then(|| unsafe { self.0.read_unaligned() })
    }

    /// Puts a value there, unless the place is missing.
    pub(crate) fn write(self, value: T) {
        if !self.0.is_null() {
            // SAFETY: as in `read`.
            unsafe { self.0.write_unaligned(value) }
        }
    }
}

/// Room for bytes, or a place for a pointer to bytes that the library allocates.
#[derive(Clone, Copy)]
pub(crate) struct Room(*mut u8);

impl Room {
    /// # Safety
    /// `room` is null, or holds as many bytes as the length beside it says, or, where that is `SCARD_AUTOALLOCATE`, one pointer.
    pub(crate) unsafe fn new(room: *mut u8) -> Self {
        Self(room)
    }

    pub(crate) fn is_missing(self) -> bool {
        self.0.is_null()
    }

    pub(crate) fn address(self) -> usize {
        self.0.addr()
    }

    /// Copies bytes into the room, as many as fit into its capacity; whether it were all.
    pub(crate) fn fill(self, bytes: &[u8], capacity: Dword) -> bool {
        if self.0.is_null() {
            return false;
        }
        let capacity = usize::try_from(capacity).unwrap_or(usize::MAX);
        let count = bytes.len().min(capacity);
        // SAFETY: the room holds `capacity` bytes, and `count` is no more. It may be where `bytes` came from: `copy` allows it.
        unsafe { ptr::copy(bytes.as_ptr(), self.0, count) };
        count == bytes.len()
    }

    /// Gives the program a copy of its own, to be freed by `SCardFreeMemory`.
    pub(crate) fn give(self, bytes: &[u8], state: &State) -> Result<(), ScardError> {
        if self.0.is_null() {
            return Err(ScardError::INVALID_PARAMETER);
        }
        // SAFETY: `malloc` takes any size; what is not used of it is one byte.
        let copy = unsafe { libc::malloc(bytes.len().max(1)) }.cast::<u8>();
        if copy.is_null() {
            return Err(ScardError::NO_MEMORY);
        }
        // SAFETY: the copy is new and holds as many bytes.
        unsafe { ptr::copy_nonoverlapping(bytes.as_ptr(), copy, bytes.len()) };
        state.note_given(copy.addr());
        // SAFETY: the room is that of one pointer.
        unsafe { self.0.cast::<*mut u8>().write_unaligned(copy) };
        Ok(())
    }

    /// Answers by the length that the program gave: a copy of its own, the bytes, or, where it gave no room, nothing. Returns
    /// whether it was too short.
    pub(crate) fn answer(
        self,
        bytes: &[u8],
        capacity: Dword,
        state: &State,
    ) -> Result<bool, ScardError> {
        if capacity == AUTO_ALLOCATE {
            return self.give(bytes, state).map(|()| false);
        }
        Ok(!self.is_missing() && !self.fill(bytes, capacity))
    }
}

/// Frees what this library gave; anything else is left alone.
pub(crate) fn free(memory: *const c_void, state: &State) -> Result<(), ScardError> {
    if memory.is_null() {
        return Ok(());
    }
    if !state.take_given(memory.addr()) {
        return Err(ScardError::INVALID_PARAMETER);
    }
    // SAFETY: `malloc` gave it, and it has not been freed since: it was in the list.
    unsafe { libc::free(memory.cast_mut()) };
    Ok(())
}

/// Bytes that a program gives to be read, at most so many. Of more, none is looked at: the length is wrong, or it is of no use.
///
/// # Errors
/// [`ScardError::INVALID_PARAMETER`] where they are missing, [`ScardError::INSUFFICIENT_BUFFER`] where there are more.
///
/// # Safety
/// `bytes` is null, or holds `length` bytes that nobody writes while they are used.
pub(crate) unsafe fn bytes<'p>(
    bytes: *const u8,
    length: Dword,
    longest: usize,
) -> Result<&'p [u8], ScardError> {
    if length == 0 {
        return Ok(&[]);
    }
    if bytes.is_null() {
        return Err(ScardError::INVALID_PARAMETER);
    }
    let length = usize::try_from(length).ok().filter(|length| *length <= longest);
    let length = length.ok_or(ScardError::INSUFFICIENT_BUFFER)?;
    // SAFETY: by the promise of the caller; the length was checked.
    Ok(unsafe { std::slice::from_raw_parts(bytes, length) })
}

/// A name that a program gives, at most so many bytes; none for one that is longer, `Some(None)` when it is no text.
///
/// # Safety
/// `name` is null, or holds bytes up to a zero byte.
pub(crate) unsafe fn name<'p>(name: *const c_char, longest: usize) -> Option<&'p [u8]> {
    if name.is_null() {
        return None;
    }
    // SAFETY: no byte behind the zero byte is read.
    let length = unsafe { libc::strnlen(name, longest.saturating_add(1)) };
    // SAFETY: so many bytes are there.
    let name = unsafe { std::slice::from_raw_parts(name.cast::<u8>(), length) };
    (length <= longest).then_some(name)
}
