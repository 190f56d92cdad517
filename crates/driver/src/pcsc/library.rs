//! The functions of PC/SC that are used, looked up by their names.
//!
//! Everything that is unsafe about PC/SC stands here: types of the system's library, raw handles, buffers.
#![allow(unsafe_code, reason = "calls a C library")]

use std::ffi::{CString, c_char, c_void};
use std::sync::Arc;

use libloading::Library;
use sscard_host::{Disposition, TransportError};

use super::error_of;

/// `DWORD`, `LONG` and handles of the system's library.
#[cfg(all(unix, not(target_os = "macos")))]
mod width {
    pub(super) type Word = std::ffi::c_ulong;
    pub(super) type Status = std::ffi::c_long;
    pub(super) type Handle = std::ffi::c_long;
}
#[cfg(target_os = "macos")]
mod width {
    pub(super) type Word = u32;
    pub(super) type Status = i32;
    pub(super) type Handle = i32;
}
#[cfg(not(unix))]
mod width {
    pub(super) type Word = u32;
    pub(super) type Status = i32;
    pub(super) type Handle = usize;
}
use width::{Handle, Status, Word};

const SCOPE_SYSTEM: Word = 2;
const EXCLUSIVE: Word = 1;
const T0: Word = 1;
const T1: Word = 2;
const LEAVE: Word = 0;
const RESET: Word = 1;
const UNPOWER: Word = 2;
/// As large as a short response can be, and an ATR.
const ROOM: usize = 264;
/// The most names of readers, in bytes.
const NAMES: usize = 0x4000;

#[repr(C)]
struct IoRequest {
    protocol: Word,
    length: Word,
}

type Establish =
    unsafe extern "system" fn(Word, *const c_void, *const c_void, *mut Handle) -> Status;
type Release = unsafe extern "system" fn(Handle) -> Status;
type ListReaders =
    unsafe extern "system" fn(Handle, *const c_char, *mut c_char, *mut Word) -> Status;
type Connect =
    unsafe extern "system" fn(Handle, *const c_char, Word, Word, *mut Handle, *mut Word) -> Status;
type Reconnect = unsafe extern "system" fn(Handle, Word, Word, Word, *mut Word) -> Status;
type Disconnect = unsafe extern "system" fn(Handle, Word) -> Status;
type CardStatus = unsafe extern "system" fn(
    Handle,
    *mut c_char,
    *mut Word,
    *mut Word,
    *mut Word,
    *mut u8,
    *mut Word,
) -> Status;
type Transmit = unsafe extern "system" fn(
    Handle,
    *const IoRequest,
    *const u8,
    Word,
    *mut IoRequest,
    *mut u8,
    *mut Word,
) -> Status;

struct Functions {
    release: Release,
    list_readers: ListReaders,
    connect: Connect,
    reconnect: Reconnect,
    disconnect: Disconnect,
    status: CardStatus,
    transmit: Transmit,
    /// Keeps the functions where they are.
    _library: Library,
}

/// The loaded library with a context of its own.
pub(crate) struct PcscLibrary {
    functions: Arc<Functions>,
    context: Handle,
}

/// A connected card; without power when this goes.
pub(crate) struct Connection {
    functions: Arc<Functions>,
    reader: String,
    card: Option<Handle>,
    protocol: Word,
}

impl Connection {
    pub(super) fn reader(&self) -> &str {
        &self.reader
    }

    pub(super) fn is_t1(&self) -> bool {
        self.protocol == T1
    }

    /// Disconnects, if nobody has.
    pub(super) fn forsake(&mut self) -> Result<(), TransportError> {
        self.end(UNPOWER)
    }

    fn end(&mut self, disposition: Word) -> Result<(), TransportError> {
        let Some(card) = self.card.take() else { return Ok(()) };
        // SAFETY: the handle is one of this library's, and not used again: it was taken out.
        let status = unsafe { (self.functions.disconnect)(card, disposition) };
        checked("SCardDisconnect", status, &self.reader)
    }

    fn handle(&self) -> Result<Handle, TransportError> {
        self.card.ok_or(TransportError::Removed)
    }
}

/// `LONG` of a function as the 32 bits that its documentation lists.
fn checked(function: &str, status: Status, reader: &str) -> Result<(), TransportError> {
    let [a, b, c, d] = low(i128::from(status));
    let code = u32::from_le_bytes([a, b, c, d]);
    if code == 0 { Ok(()) } else { Err(error_of(function, code, reader)) }
}

fn low(number: i128) -> [u8; 4] {
    let [a, b, c, d, ..] = number.to_le_bytes();
    [a, b, c, d]
}

fn word(length: usize) -> Word {
    Word::try_from(length).unwrap_or(Word::MAX)
}

fn length(word: Word) -> usize {
    usize::try_from(word).unwrap_or(usize::MAX)
}

/// The name of a function whose Windows form takes ANSI text.
const fn ansi(plain: &'static [u8], windows: &'static [u8]) -> &'static [u8] {
    if cfg!(windows) { windows } else { plain }
}

/// The loader's own words, which stand below what failed.
fn told(error: &libloading::Error, name: &str) -> String {
    let below = std::error::Error::source(error).map(|source| format!(": {source}"));
    format!("{name}: {error}{}", below.unwrap_or_default())
}

impl PcscLibrary {
    /// Loads the library and asks it for a context.
    ///
    /// # Errors
    /// The loader's words in `Err(Err(…))`: there is no such library; what PC/SC says in `Err(Ok(…))`.
    pub(crate) fn load(name: &str) -> Result<Self, Result<TransportError, String>> {
        // SAFETY: a PC/SC library's initialisers do nothing but prepare it; which library it is was said by whoever
        // runs this program.
        let library = unsafe { Library::new(name) }.map_err(|error| Err(told(&error, name)))?;
        let missing = |error: libloading::Error| Err(told(&error, name));
        // SAFETY: each name is that of a function of PC/SC with this signature (pcsc-lite's winscard.h, Windows'
        // winscard.h); the pointers are kept together with the library.
        let (establish, functions) = unsafe {
            let establish = *library.get::<Establish>(b"SCardEstablishContext").map_err(missing)?;
            let list = ansi(b"SCardListReaders", b"SCardListReadersA");
            let functions = Functions {
                release: *library.get(b"SCardReleaseContext").map_err(missing)?,
                list_readers: *library.get(list).map_err(missing)?,
                connect: *library.get(ansi(b"SCardConnect", b"SCardConnectA")).map_err(missing)?,
                reconnect: *library.get(b"SCardReconnect").map_err(missing)?,
                disconnect: *library.get(b"SCardDisconnect").map_err(missing)?,
                status: *library.get(ansi(b"SCardStatus", b"SCardStatusA")).map_err(missing)?,
                transmit: *library.get(b"SCardTransmit").map_err(missing)?,
                _library: library,
            };
            (establish, functions)
        };
        let mut context: Handle = 0;
        // SAFETY: the reserved arguments are null, as they have to be; `context` is ours.
        let status = unsafe {
            establish(SCOPE_SYSTEM, std::ptr::null(), std::ptr::null(), &raw mut context)
        };
        checked("SCardEstablishContext", status, "").map_err(Ok)?;
        Ok(Self { functions: Arc::new(functions), context })
    }

    /// The names of the readers.
    pub(super) fn readers(&self) -> Result<Vec<String>, TransportError> {
        let mut names = vec![0_u8; NAMES];
        let mut filled = word(names.len());
        // SAFETY: the context is ours, no groups are named, and the buffer is as long as is said.
        let status = unsafe {
            (self.functions.list_readers)(
                self.context,
                std::ptr::null(),
                names.as_mut_ptr().cast(),
                &raw mut filled,
            )
        };
        checked("SCardListReaders", status, "")?;
        names.truncate(length(filled));
        let names = names.split(|byte| *byte == 0).filter(|name| !name.is_empty());
        Ok(names.map(|name| String::from_utf8_lossy(name).into_owned()).collect())
    }

    /// Connects to the card in a reader, which nobody else may use then.
    pub(super) fn connect(&self, reader: &str) -> Result<Connection, TransportError> {
        let name = CString::new(reader).map_err(|_| TransportError::NoReader {
            wanted: reader.to_owned(),
            found: Vec::new(),
        })?;
        let (mut card, mut protocol): (Handle, Word) = (0, 0);
        // SAFETY: the context is ours, the name ends in 00, both results are ours.
        let status = unsafe {
            (self.functions.connect)(
                self.context,
                name.as_ptr(),
                EXCLUSIVE,
                T0 | T1,
                &raw mut card,
                &raw mut protocol,
            )
        };
        checked("SCardConnect", status, reader)?;
        let functions = Arc::clone(&self.functions);
        Ok(Connection { functions, reader: reader.to_owned(), card: Some(card), protocol })
    }

    /// Resets the card: what it had proved is gone.
    pub(super) fn reset(&self, connection: &mut Connection) -> Result<(), TransportError> {
        let card = connection.handle()?;
        let mut protocol: Word = 0;
        // SAFETY: the handle is connected, the result is ours.
        let status = unsafe {
            (self.functions.reconnect)(card, EXCLUSIVE, T0 | T1, RESET, &raw mut protocol)
        };
        checked("SCardReconnect", status, &connection.reader)?;
        connection.protocol = protocol;
        Ok(())
    }

    /// The card's answer to reset.
    pub(super) fn atr(&self, connection: &Connection) -> Result<Vec<u8>, TransportError> {
        let card = connection.handle()?;
        let (mut name, mut atr) = (vec![0_u8; NAMES], vec![0_u8; ROOM]);
        let (mut name_length, mut atr_length) = (word(name.len()), word(atr.len()));
        let (mut state, mut protocol): (Word, Word) = (0, 0);
        // SAFETY: the handle is connected; both buffers are as long as is said, the other results are ours.
        let status = unsafe {
            (self.functions.status)(
                card,
                name.as_mut_ptr().cast(),
                &raw mut name_length,
                &raw mut state,
                &raw mut protocol,
                atr.as_mut_ptr(),
                &raw mut atr_length,
            )
        };
        checked("SCardStatus", status, &connection.reader)?;
        atr.truncate(length(atr_length));
        Ok(atr)
    }

    /// One exchange, raw.
    pub(super) fn transmit(
        &self,
        connection: &Connection,
        command: &[u8],
        response: &mut Vec<u8>,
    ) -> Result<(), TransportError> {
        let card = connection.handle()?;
        let request =
            IoRequest { protocol: connection.protocol, length: word(size_of::<IoRequest>()) };
        response.resize(ROOM, 0);
        let mut filled = word(response.len());
        // SAFETY: the handle is connected; command and response are as long as is said; no PCI is wanted back.
        let status = unsafe {
            (self.functions.transmit)(
                card,
                &raw const request,
                command.as_ptr(),
                word(command.len()),
                std::ptr::null_mut(),
                response.as_mut_ptr(),
                &raw mut filled,
            )
        };
        let result = checked("SCardTransmit", status, &connection.reader);
        response.truncate(if result.is_ok() { length(filled) } else { 0 });
        result
    }

    /// Says good-bye.
    pub(super) fn disconnect(
        &self,
        connection: &mut Connection,
        disposition: Disposition,
    ) -> Result<(), TransportError> {
        connection.end(match disposition {
            Disposition::Leave => LEAVE,
            Disposition::Reset => RESET,
            Disposition::PowerOff => UNPOWER,
        })
    }
}

impl Drop for PcscLibrary {
    fn drop(&mut self) {
        // SAFETY: the context is ours and not used again.
        let _ = unsafe { (self.functions.release)(self.context) };
    }
}
