//! The C interface: pointers in, numbers out.
//!
//! What every function promises: one call at a time, others wait; no panic passes; a null pointer, an argument without end or
//! a number that is none is −14, and nothing is written beyond the room that the function's comment names. What it wants:
//! arguments that are text up to 00 and can be read that far, and outputs with that room.
#![allow(unsafe_code, reason = "takes pointers of a C program")]
#![allow(non_snake_case, reason = "the names are the field's")]

mod hsm;
mod own;
mod pki;
mod reader;

use std::cell::{Cell, RefCell};
use std::ffi::{c_char, c_int, c_long};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Mutex, OnceLock, PoisonError};

use zeroize::Zeroizing;

use crate::code::{DriverCode, DriverError};
use crate::driver::Driver;

pub use hsm::*;
pub use own::*;
pub use pki::*;
pub use reader::*;

/// Room for `pOutInfo`, with the 00 behind the text.
pub const ROOM: usize = 1024;
/// Room for `pOutInfo` of functions that give files, certificates or envelopes.
pub const LARGE_ROOM: usize = 0x8000;
/// An argument that has no 00 within so many bytes has no end.
pub const LONGEST_ARGUMENT: usize = 0x8000;

/// The drivers of this process and of those that it was forked from, each with its process: a child may be born while another thread
/// of its parent uses the parent's, which is never let go in the child.
static DRIVERS: [OnceLock<(u32, Mutex<Driver>)>; GENERATIONS] =
    [const { OnceLock::new() }; GENERATIONS];

/// So many forks in a row, each in the child of the one before, are borne.
const GENERATIONS: usize = 64;

/// This process's driver.
fn driver() -> Result<&'static Mutex<Driver>, DriverError> {
    let process = std::process::id();
    let own = DRIVERS.iter().map(|place| place.get_or_init(|| (process, Mutex::default())));
    let found = own.into_iter().find(|(of, _)| *of == process).map(|(_, driver)| driver);
    let detail = "this process is a child of too many forks: start a program anew";
    found.ok_or_else(|| DriverError::new(DriverCode::Internal, detail))
}

thread_local! {
    static INSIDE: Cell<bool> = const { Cell::new(false) };
    static LAST: RefCell<String> = const { RefCell::new(String::new()) };
}

/// What happened in this thread's last function that failed, for a person.
fn last() -> String {
    LAST.with_borrow(Clone::clone)
}

/// Runs work on the one driver: other threads wait, the same thread is refused (a PIN function that calls the driver).
fn guarded<R>(work: impl FnOnce(&mut Driver) -> Result<R, DriverError>) -> Result<R, DriverError> {
    if INSIDE.replace(true) {
        let detail = "the driver was called by the PIN function that it calls itself";
        return Err(noted(DriverError::new(DriverCode::NotSupported, detail)));
    }
    let result = catch_unwind(AssertUnwindSafe(|| {
        let mut driver = driver()?.lock().unwrap_or_else(PoisonError::into_inner);
        work(&mut driver)
    }));
    INSIDE.set(false);
    let result = result.unwrap_or_else(|_| {
        Err(DriverError::new(DriverCode::Internal, "a mistake of this library: it panicked"))
    });
    result.map_err(noted)
}

fn noted(error: DriverError) -> DriverError {
    LAST.with_borrow_mut(|last| last.clone_from(&error.detail));
    error
}

fn argument(detail: &str) -> DriverError {
    noted(DriverError::new(DriverCode::Argument, detail))
}

/// The bytes of an argument up to 00. They may be a PIN, so they do not stay in memory.
///
/// # Safety
/// The pointer is null, or leads to bytes that can be read up to 00 or [`LONGEST_ARGUMENT`].
unsafe fn bytes(pointer: *const c_char) -> Result<Zeroizing<Vec<u8>>, DriverError> {
    if pointer.is_null() {
        return Err(argument("an argument is a null pointer"));
    }
    let first = pointer.cast::<u8>();
    // SAFETY: no 00 stands before this place, so it can be read.
    let end = (0..LONGEST_ARGUMENT).find(|place| unsafe { first.add(*place).read() } == 0);
    let end = end.ok_or_else(|| argument("an argument has no end"))?;
    // SAFETY: so many bytes were just read.
    Ok(Zeroizing::new(unsafe { std::slice::from_raw_parts(first, end) }.to_vec()))
}

/// Writes text and 00, or nothing where it does not fit.
///
/// # Safety
/// The pointer is not null and leads to so much room.
unsafe fn put(pointer: *mut c_char, room: usize, text: &[u8]) -> bool {
    if text.len() >= room {
        return false;
    }
    // SAFETY: there is room for the text and the 00, and it is nobody else's.
    unsafe {
        pointer.cast::<u8>().copy_from_nonoverlapping(text.as_ptr(), text.len());
        pointer.cast::<u8>().add(text.len()).write(0);
    }
    true
}

/// Runs a function and writes what it gives, or the words of its failure.
///
/// # Safety
/// The pointer is null or leads to so much room.
unsafe fn answered(
    output: *mut c_char,
    room: usize,
    work: impl FnOnce(&mut Driver) -> Result<Vec<u8>, DriverError>,
) -> c_long {
    if output.is_null() {
        return number(&argument("pOutInfo is a null pointer"));
    }
    let result = guarded(|driver| {
        let answer = work(driver)?;
        if answer.len() < room && !answer.contains(&0) {
            return Ok(answer);
        }
        let detail = format!("the answer has {} bytes, more than {room} or with 00", answer.len());
        Err(DriverError::new(DriverCode::Length, detail))
    });
    match result {
        Ok(answer) => {
            // SAFETY: the caller's promise.
            unsafe { put(output, room, &answer) };
            0
        }
        Err(error) => {
            let words = guarded(|driver| {
                let encoding = driver.settings().map(|settings| settings.encoding);
                Ok(encoding.unwrap_or_default().encode(&error.code.text()))
            });
            // What was told stays the error's, not that of its words.
            let words = words.unwrap_or_default();
            let error = noted(error);
            // SAFETY: the caller's promise.
            unsafe { put(output, room, &words) };
            number(&error)
        }
    }
}

fn number(error: &DriverError) -> c_long {
    c_long::from(error.code.number())
}

/// An argument as text of the configured coding.
fn text(
    driver: &mut Driver,
    bytes: Result<Zeroizing<Vec<u8>>, DriverError>,
) -> Result<Zeroizing<String>, DriverError> {
    let bytes = bytes?;
    Ok(Zeroizing::new(driver.settings()?.encoding.decode(&bytes)?))
}

/// Text for `pOutInfo`.
fn coded(driver: &mut Driver, answer: Result<String, DriverError>) -> Result<Vec<u8>, DriverError> {
    let answer = answer?;
    Ok(driver.settings()?.encoding.encode(&answer))
}

/// Basic data (读基本信息): `division|social security number|card number|card code|name|historical bytes|version|issue
/// date|expiry date|terminal|device|`.
///
/// # Safety
/// `pOutInfo` is null or has room for 1,024 bytes.
#[unsafe(no_mangle)]
pub unsafe extern "system" fn iReadCardBas(iType: c_int, pOutInfo: *mut c_char) -> c_long {
    // SAFETY: the caller's promise.
    unsafe {
        answered(pOutInfo, ROOM, |driver| {
            let answer = driver.read_basic(iType);
            coded(driver, answer)
        })
    }
}

/// Items of files (通用读卡): the form of `pFileAddr`, values in the place of identifiers.
///
/// # Safety
/// Text arguments are null or end in 00; `pOutInfo` is null or has room for 32,768 bytes.
#[unsafe(no_mangle)]
pub unsafe extern "system" fn iReadCard(
    iType: c_int,
    iAuthType: c_int,
    pCardInfo: *const c_char,
    pFileAddr: *const c_char,
    pOutInfo: *mut c_char,
) -> c_long {
    // SAFETY: the caller's promise.
    unsafe {
        let (card, files) = (bytes(pCardInfo), bytes(pFileAddr));
        answered(pOutInfo, LARGE_ROOM, |driver| {
            let (card, files) = (text(driver, card)?, text(driver, files)?);
            let answer = driver.read_card(iType, iAuthType, &card, &files);
            coded(driver, answer)
        })
    }
}

/// Writes items of one file (通用写卡).
///
/// # Safety
/// Text arguments are null or end in 00; `pOutInfo` is null or has room for 1,024 bytes.
#[unsafe(no_mangle)]
pub unsafe extern "system" fn iWriteCard(
    iType: c_int,
    pCardInfo: *const c_char,
    pFileAddr: *const c_char,
    pWriteData: *const c_char,
    pOutInfo: *mut c_char,
) -> c_long {
    // SAFETY: the caller's promise.
    unsafe {
        let (card, files, data) = (bytes(pCardInfo), bytes(pFileAddr), bytes(pWriteData));
        answered(pOutInfo, ROOM, |driver| {
            let (card, files) = (text(driver, card)?, text(driver, files)?);
            let data = text(driver, data)?;
            let answer = driver.write_card(iType, &card, &files, &data);
            coded(driver, answer)
        })
    }
}

/// Has the holder's PIN checked (PIN 校验).
///
/// # Safety
/// `pOutInfo` is null or has room for 1,024 bytes.
#[unsafe(no_mangle)]
pub unsafe extern "system" fn iVerifyPIN(iType: c_int, pOutInfo: *mut c_char) -> c_long {
    // SAFETY: the caller's promise.
    unsafe {
        answered(pOutInfo, ROOM, |driver| {
            let answer = driver.verify_pin(iType);
            coded(driver, answer)
        })
    }
}

/// Changes the holder's PIN (PIN 修改).
///
/// # Safety
/// `pOutInfo` is null or has room for 1,024 bytes.
#[unsafe(no_mangle)]
pub unsafe extern "system" fn iChangePIN(iType: c_int, pOutInfo: *mut c_char) -> c_long {
    // SAFETY: the caller's promise.
    unsafe {
        answered(pOutInfo, ROOM, |driver| {
            let answer = driver.change_pin(iType);
            coded(driver, answer)
        })
    }
}

/// Sets a new PIN without the old one (PIN 重置).
///
/// # Safety
/// Text arguments are null or end in 00; `pOutInfo` is null or has room for 1,024 bytes.
#[unsafe(no_mangle)]
pub unsafe extern "system" fn iReloadPIN(
    iType: c_int,
    pCardInfo: *const c_char,
    pOutInfo: *mut c_char,
) -> c_long {
    // SAFETY: the caller's promise.
    unsafe {
        let card = bytes(pCardInfo);
        answered(pOutInfo, ROOM, |driver| {
            let card = text(driver, card)?;
            let answer = driver.reload_pin(iType, &card);
            coded(driver, answer)
        })
    }
}

/// Gives the PIN its tries back (PIN 解锁).
///
/// # Safety
/// Text arguments are null or end in 00; `pOutInfo` is null or has room for 1,024 bytes.
#[unsafe(no_mangle)]
pub unsafe extern "system" fn iUnblockPIN(
    iType: c_int,
    pCardInfo: *const c_char,
    pOutInfo: *mut c_char,
) -> c_long {
    // SAFETY: the caller's promise.
    unsafe {
        let card = bytes(pCardInfo);
        answered(pOutInfo, ROOM, |driver| {
            let card = text(driver, card)?;
            let answer = driver.unblock_pin(iType, &card);
            coded(driver, answer)
        })
    }
}

/// Pays with the medical purse (消费交易).
///
/// # Safety
/// Text arguments are null or end in 00; `pOutInfo` is null or has room for 1,024 bytes.
#[unsafe(no_mangle)]
pub unsafe extern "system" fn iDoDebit(
    iType: c_int,
    pCardInfo: *const c_char,
    pPayInfo: *const c_char,
    pOutInfo: *mut c_char,
) -> c_long {
    // SAFETY: the caller's promise.
    unsafe {
        let (card, pay) = (bytes(pCardInfo), bytes(pPayInfo));
        answered(pOutInfo, ROOM, |driver| {
            let (card, pay) = (text(driver, card)?, text(driver, pay)?);
            let answer = driver.debit(iType, &card, &pay);
            coded(driver, answer)
        })
    }
}

/// The purse's transactions (读消费交易记录), the latest first.
///
/// # Safety
/// `pOutInfo` is null or has room for 32,768 bytes.
#[unsafe(no_mangle)]
pub unsafe extern "system" fn iReadDebitRecord(iType: c_int, pOutInfo: *mut c_char) -> c_long {
    // SAFETY: the caller's promise.
    unsafe {
        answered(pOutInfo, LARGE_ROOM, |driver| {
            let answer = driver.read_debits(iType);
            coded(driver, answer)
        })
    }
}
