//! The functions that C programs call: pointers and numbers become values here, errors become numbers, panics end here.
//!
//! Names, arguments and numbers are those of pcsc-lite's `winscard.h`.
#![allow(non_snake_case, non_upper_case_globals, reason = "the names of PC/SC")]

use std::cell::RefCell;
use std::ffi::{c_char, c_uchar, c_void};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::ptr;

use sscard_readers::{
    LONGEST_ATTRIBUTE, LONGEST_EXCHANGE, LONGEST_READER_NAME, MOST_READERS, ReaderReport,
    ScardError, protocols,
};

use crate::abi::{ATR_SIZE, Dword, IoRequest, Long, ReaderStateRecord};
use crate::calls::{self, AnswerPlaces, Asked, StatusPlaces, Wanted};
use crate::memory::{self, Place, Room};
use crate::process::state;

/// The record of a protocol.
const fn pci(protocol: u32) -> IoRequest {
    IoRequest { protocol: protocol as Dword, length: size_of::<IoRequest>() as Dword }
}

/// What commands by T=0 are sent with.
#[unsafe(no_mangle)]
pub static g_rgSCardT0Pci: IoRequest = pci(protocols::T0);

/// What commands by T=1 are sent with.
#[unsafe(no_mangle)]
pub static g_rgSCardT1Pci: IoRequest = pci(protocols::T1);

/// What bytes to the reader itself are sent with.
#[unsafe(no_mangle)]
pub static g_rgSCardRawPci: IoRequest = pci(protocols::RAW);

/// A call's number; a panic is an internal error, and goes no further.
fn answered(call: impl FnOnce() -> Result<(), ScardError>) -> Long {
    let done = catch_unwind(AssertUnwindSafe(call)).unwrap_or(Err(ScardError::INTERNAL_ERROR));
    // Where a word has 32 bits the number is a negative one, as in C.
    done.map_or_else(|error| error.code() as Long, |()| 0)
}

/// Begins a context.
///
/// # Safety
/// `context` is null or may be written.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SCardEstablishContext(
    scope: Dword,
    _reserved1: *const c_void,
    _reserved2: *const c_void,
    context: *mut Long,
) -> Long {
    // SAFETY: by the promise of the caller.
    let context = unsafe { Place::new(context) };
    answered(|| calls::establish(state(), scope, context))
}

/// Ends a context.
#[unsafe(no_mangle)]
pub extern "C" fn SCardReleaseContext(context: Long) -> Long {
    answered(|| calls::release(state(), context))
}

/// Whether a context is one.
#[unsafe(no_mangle)]
pub extern "C" fn SCardIsValidContext(context: Long) -> Long {
    answered(|| calls::is_valid(state(), context))
}

/// Connects to a reader.
///
/// # Safety
/// `reader` is null or a text with a zero byte; `card` and `protocol` are null or may be written.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SCardConnect(
    context: Long,
    reader: *const c_char,
    share: Dword,
    protocols: Dword,
    card: *mut Long,
    protocol: *mut Dword,
) -> Long {
    // SAFETY: by the promise of the caller.
    let (name, card, protocol) = unsafe {
        (memory::name(reader, LONGEST_READER_NAME), Place::new(card), Place::new(protocol))
    };
    let name = (!reader.is_null()).then_some(name);
    let wanted = Wanted { share, protocols };
    answered(|| calls::connect(state(), context, name, &wanted, card, protocol))
}

/// Connects anew.
///
/// # Safety
/// `protocol` is null or may be written.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SCardReconnect(
    card: Long,
    share: Dword,
    protocols: Dword,
    first: Dword,
    protocol: *mut Dword,
) -> Long {
    // SAFETY: by the promise of the caller.
    let protocol = unsafe { Place::new(protocol) };
    answered(|| calls::reconnect(state(), card, &Wanted { share, protocols }, first, protocol))
}

/// Ends a connection.
#[unsafe(no_mangle)]
pub extern "C" fn SCardDisconnect(card: Long, last: Dword) -> Long {
    answered(|| calls::disconnect(state(), card, last))
}

/// Begins a transaction.
#[unsafe(no_mangle)]
pub extern "C" fn SCardBeginTransaction(card: Long) -> Long {
    answered(|| calls::begin(state(), card))
}

/// Ends a transaction.
#[unsafe(no_mangle)]
pub extern "C" fn SCardEndTransaction(card: Long, last: Dword) -> Long {
    answered(|| calls::end(state(), card, last))
}

/// What a connected reader is like.
///
/// # Safety
/// Each pointer is null or may be read and written; `name` and `atr` hold as many bytes as their lengths say, or one pointer where
/// the length is `SCARD_AUTOALLOCATE`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SCardStatus(
    card: Long,
    name: *mut c_char,
    name_length: *mut Dword,
    status: *mut Dword,
    protocol: *mut Dword,
    atr: *mut c_uchar,
    atr_length: *mut Dword,
) -> Long {
    // SAFETY: by the promise of the caller.
    let places = unsafe {
        StatusPlaces {
            name: Room::new(name.cast()),
            name_length: Place::new(name_length),
            state: Place::new(status),
            protocol: Place::new(protocol),
            atr: Room::new(atr),
            atr_length: Place::new(atr_length),
        }
    };
    answered(|| calls::status(state(), card, &places))
}

/// Waits for a change.
///
/// # Safety
/// `states` is null or holds `count` records, whose names are null or texts with a zero byte.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SCardGetStatusChange(
    context: Long,
    timeout: Dword,
    states: *mut ReaderStateRecord,
    count: Dword,
) -> Long {
    // SAFETY: by the promise of the caller; more than can be asked for are not looked at.
    let asked = unsafe { asked(states, count) };
    let mut reports = Vec::new();
    let code = answered(|| {
        calls::status_change(state(), context, timeout, asked.as_deref(), &mut reports)
    });
    // SAFETY: there are as many records as were asked for, and no more reports.
    unsafe { tell(states, &reports) };
    code
}

/// What a program asks of readers; none when it asks for too many, or has none where it says some.
///
/// # Safety
/// As [`SCardGetStatusChange`].
unsafe fn asked(states: *const ReaderStateRecord, count: Dword) -> Option<Vec<Asked>> {
    let count = usize::try_from(count).ok().filter(|count| *count <= MOST_READERS)?;
    if count > 0 && states.is_null() {
        return None;
    }
    let one = |at: usize| {
        // SAFETY: `at` is below `count`.
        let state = unsafe { states.add(at).read_unaligned() };
        // SAFETY: the name is null or a text. One that is too long is that of no reader.
        let name = unsafe { memory::name(state.reader, LONGEST_READER_NAME) };
        let reader = (!state.reader.is_null()).then(|| name.unwrap_or_default().to_vec());
        Asked { reader, current: state.current_state }
    };
    Some((0..count).map(one).collect())
}

/// # Safety
/// `states` holds as many records as there are reports.
unsafe fn tell(states: *mut ReaderStateRecord, reports: &[ReaderReport]) {
    for (at, report) in reports.iter().enumerate() {
        // SAFETY: `at` is below their number.
        let place = unsafe { states.add(at) };
        // SAFETY: as above.
        let mut state = unsafe { place.read_unaligned() };
        state.event_state = Dword::from(report.event);
        if let Some(atr) = &report.atr {
            let length = atr.len().min(ATR_SIZE);
            state.atr_length = Dword::try_from(length).unwrap_or_default();
            state.atr.iter_mut().zip(atr).for_each(|(place, byte)| *place = *byte);
        }
        // SAFETY: as above.
        unsafe { place.write_unaligned(state) };
    }
}

/// Asks something of the reader itself.
///
/// # Safety
/// `input` holds `input_length` bytes, `output` has room for `output_length`, `returned` may be written; or they are null.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SCardControl(
    card: Long,
    code: Dword,
    input: *const c_void,
    input_length: Dword,
    output: *mut c_void,
    output_length: Dword,
    returned: *mut Dword,
) -> Long {
    // SAFETY: by the promise of the caller.
    let (input, places) = unsafe {
        let places = AnswerPlaces { room: Room::new(output.cast()), length: Place::new(returned) };
        (memory::bytes(input.cast(), input_length, LONGEST_EXCHANGE), places)
    };
    answered(|| calls::control(state(), card, code, input, output_length, &places))
}

/// Sends a command.
///
/// # Safety
/// `sent` may be read, `received` is null or may be written; `command` holds `command_length` bytes, `answer` has room for as many
/// as `answer_length` says.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SCardTransmit(
    card: Long,
    sent: *const IoRequest,
    command: *const c_uchar,
    command_length: Dword,
    received: *mut IoRequest,
    answer: *mut c_uchar,
    answer_length: *mut Dword,
) -> Long {
    if command.is_null() || answer.is_null() || answer_length.is_null() || sent.is_null() {
        return answered(|| Err(ScardError::INVALID_PARAMETER));
    }
    // SAFETY: by the promise of the caller.
    let (sent, received, command, places) = unsafe {
        let places = AnswerPlaces { room: Room::new(answer), length: Place::new(answer_length) };
        let command = memory::bytes(command, command_length, LONGEST_EXCHANGE);
        (sent.read_unaligned(), Place::new(received), command, places)
    };
    answered(|| {
        // The answer may go where the command came from: then it is read before.
        let copy = command.ok().filter(|command| places.reaches(command)).map(<[u8]>::to_vec);
        let command = copy.as_deref().map_or(command, Ok);
        calls::transmit(state(), card, sent.protocol, command, &places)?;
        // It came the way the command went.
        received.write(IoRequest { protocol: sent.protocol, ..g_rgSCardT0Pci });
        Ok(())
    })
}

/// The groups of readers.
///
/// # Safety
/// `groups` has room for as many bytes as `length` says, or for one pointer; or they are null.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SCardListReaderGroups(
    context: Long,
    groups: *mut c_char,
    length: *mut Dword,
) -> Long {
    // SAFETY: by the promise of the caller.
    let places =
        unsafe { AnswerPlaces { room: Room::new(groups.cast()), length: Place::new(length) } };
    answered(|| calls::list_groups(state(), context, &places))
}

/// The readers.
///
/// # Safety
/// `readers` has room for as many bytes as `length` says, or for one pointer; or they are null.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SCardListReaders(
    context: Long,
    _groups: *const c_char,
    readers: *mut c_char,
    length: *mut Dword,
) -> Long {
    // SAFETY: by the promise of the caller.
    let places =
        unsafe { AnswerPlaces { room: Room::new(readers.cast()), length: Place::new(length) } };
    answered(|| calls::list_readers(state(), context, &places))
}

/// Frees what the library allocated.
///
/// # Safety
/// Nobody uses it any more.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SCardFreeMemory(context: Long, memory: *const c_void) -> Long {
    answered(|| {
        calls::is_valid(state(), context)?;
        memory::free(memory, state())
    })
}

/// Ends the wait of a context.
#[unsafe(no_mangle)]
pub extern "C" fn SCardCancel(context: Long) -> Long {
    answered(|| calls::cancel(state(), context))
}

/// Gets an attribute.
///
/// # Safety
/// `value` has room for as many bytes as `length` says, or for one pointer; or they are null.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SCardGetAttrib(
    card: Long,
    number: Dword,
    value: *mut c_uchar,
    length: *mut Dword,
) -> Long {
    // SAFETY: by the promise of the caller.
    let places = unsafe { AnswerPlaces { room: Room::new(value), length: Place::new(length) } };
    answered(|| calls::attribute(state(), card, number, &places))
}

/// Sets an attribute.
///
/// # Safety
/// `value` holds `length` bytes, or is null.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SCardSetAttrib(
    card: Long,
    number: Dword,
    value: *const c_uchar,
    length: Dword,
) -> Long {
    // SAFETY: by the promise of the caller.
    let value = unsafe { memory::bytes(value, length, LONGEST_ATTRIBUTE) };
    answered(|| calls::set_attribute(state(), card, number, value))
}

thread_local! {
    /// The text of a number that PC/SC does not know, until the next one.
    static UNKNOWN: RefCell<[u8; 64]> = const { RefCell::new([0; 64]) };
}

/// The text of an error.
#[unsafe(no_mangle)]
pub extern "C" fn pcsc_stringify_error(code: Long) -> *const c_char {
    let known = u32::try_from(code).ok().map(ScardError::from_code);
    match known {
        Some(None) => return c"Command successful.".as_ptr(),
        Some(Some(error)) => {
            if let Some(text) = error.text() {
                return text.as_ptr();
            }
        }
        None => {}
    }
    let text = format!("Unknown error: 0x{code:08X}\0");
    UNKNOWN
        .try_with(|place| {
            let mut place = place.borrow_mut();
            place.iter_mut().zip(text.bytes()).for_each(|(place, byte)| *place = byte);
            place.as_ptr().cast()
        })
        .unwrap_or(ptr::from_ref(c"Unknown error").cast())
}
