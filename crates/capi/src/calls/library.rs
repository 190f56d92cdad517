//! The library itself, and what its last failing call came to.

use std::ffi::{CStr, c_char, c_int};

use crate::last_error;
use crate::refusal::sscard_error;

/// Number of the binary interface. It changes whenever a program that was built for the one before
/// would no longer work.
pub const SSCARD_ABI_VERSION: u32 = 1;

const VERSION: &str = if sscard_crypto::NULL_CRYPTO {
    concat!(env!("CARGO_PKG_VERSION"), " null-crypto (for fuzzing only)\0")
} else {
    concat!(env!("CARGO_PKG_VERSION"), "\0")
};

/// What the last failing call of this thread came to, in English. It stands until the thread's next
/// failing call, and is empty before the first; a call that succeeds leaves it. Never NULL.
#[unsafe(no_mangle)]
pub extern "C" fn sscard_last_error() -> *const c_char {
    last_error::text()
}

/// The code of the last failing call of this thread, for functions that return a card or nothing;
/// SSCARD_OK before the first.
#[unsafe(no_mangle)]
pub extern "C" fn sscard_last_code() -> c_int {
    last_error::code().code()
}

/// The name of a code, such as `SSCARD_E_BUSY`; "unknown" for a number that is none. Never NULL.
#[unsafe(no_mangle)]
pub extern "C" fn sscard_error_name(code: c_int) -> *const c_char {
    let known = sscard_error::ALL.iter().find(|known| known.code() == code);
    known.map_or(c"unknown", |known| known.name()).as_ptr()
}

/// The version of this library, such as `0.1.0`. Behind it stands `null-crypto` when MACs are not
/// checked (docs/c.md). Never NULL.
#[unsafe(no_mangle)]
pub extern "C" fn sscard_version() -> *const c_char {
    CStr::from_bytes_with_nul(VERSION.as_bytes()).unwrap_or(c"unknown").as_ptr()
}

/// The number of this binary interface: 1. A program that loads the library at run time compares it
/// with SSCARD_ABI_VERSION.
#[unsafe(no_mangle)]
pub extern "C" fn sscard_abi_version() -> u32 {
    SSCARD_ABI_VERSION
}
