//! Numbers and records as C has them: those of pcsc-lite, where a word is as long as a pointer but on macOS.

use std::ffi::{c_char, c_uchar, c_void};
#[cfg(target_os = "macos")]
use std::ffi::{c_int as word, c_uint as unsigned_word};
#[cfg(not(target_os = "macos"))]
use std::ffi::{c_long as word, c_ulong as unsigned_word};

/// `LONG`.
pub type Long = word;

/// `DWORD`.
pub type Dword = unsigned_word;

/// `SCARD_AUTOALLOCATE`: the library allocates.
pub(crate) const AUTO_ALLOCATE: Dword = Dword::MAX;

/// Bytes of an ATR.
pub(crate) const ATR_SIZE: usize = 33;

/// `SCARD_IO_REQUEST`.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct IoRequest {
    /// The protocol.
    pub protocol: Dword,
    /// Bytes of this record.
    pub length: Dword,
}

/// `SCARD_READERSTATE`.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct ReaderStateRecord {
    /// The reader's name.
    pub reader: *const c_char,
    /// The program's own.
    pub user_data: *mut c_void,
    /// What the program believes.
    pub current_state: Dword,
    /// What is so.
    pub event_state: Dword,
    /// Bytes of the ATR.
    pub atr_length: Dword,
    /// The ATR.
    pub atr: [c_uchar; ATR_SIZE],
}
