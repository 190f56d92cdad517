//! Calls that make no sense, function by function and argument by argument: a number, never a crash.
#![allow(
    clippy::cast_possible_truncation,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test fails by panicking"
)]

use std::ffi::{CStr, c_char, c_void};
use std::ptr::{null, null_mut};

use sscard_pcsc::*;

const INVALID_HANDLE: Long = 0x8010_0003;
const INVALID_PARAMETER: Long = 0x8010_0004;
const INSUFFICIENT_BUFFER: Long = 0x8010_0008;
const UNKNOWN_READER: Long = 0x8010_0009;
const INVALID_VALUE: Long = 0x8010_0011;
const PROTO_MISMATCH: Long = 0x8010_000F;
const NOT_TRANSACTED: Long = 0x8010_0016;
const AUTO: Dword = Dword::MAX;
const READER: &CStr = c"sscard 00 00";
const CHALLENGE: [u8; 5] = [0x00, sscard_commands::ins::GET_CHALLENGE, 0x00, 0x00, 0x08];

fn context() -> Long {
    let mut context = 0;
    // SAFETY: the place is there.
    assert_eq!(unsafe { SCardEstablishContext(2, null(), null(), &raw mut context) }, 0);
    context
}

fn connect(context: Long) -> Long {
    let (mut card, mut protocol) = (0, 0);
    // SAFETY: the places are there, the name ends.
    let code =
        unsafe { SCardConnect(context, READER.as_ptr(), 2, 3, &raw mut card, &raw mut protocol) };
    assert_eq!((code, protocol), (0, 1));
    card
}

/// A context and a handle that were, and some that never were.
fn wrong_handles() -> Vec<Long> {
    let context = context();
    let card = connect(context);
    assert_eq!(SCardDisconnect(card, 0), 0);
    assert_eq!(SCardReleaseContext(context), 0);
    vec![context, card, 0, -1, 1, Long::MAX, Long::MIN]
}

#[test]
fn a_wrong_context_is_an_invalid_handle_to_every_function() {
    for wrong in wrong_handles() {
        let (mut number, mut card) = (0, 0);
        let mut state = ReaderStateRecord {
            reader: READER.as_ptr(),
            user_data: null_mut(),
            current_state: 0,
            event_state: 0,
            atr_length: 0,
            atr: [0; 33],
        };
        assert_eq!(SCardReleaseContext(wrong), INVALID_HANDLE);
        assert_eq!(SCardIsValidContext(wrong), INVALID_HANDLE);
        assert_eq!(SCardCancel(wrong), INVALID_HANDLE);
        // SAFETY: all places are there.
        unsafe {
            let name = READER.as_ptr();
            let code = SCardConnect(wrong, name, 2, 3, &raw mut card, &raw mut number);
            assert_eq!(code, INVALID_HANDLE);
            let code = SCardListReaders(wrong, null(), null_mut(), &raw mut number);
            assert_eq!(code, INVALID_HANDLE);
            let code = SCardListReaderGroups(wrong, null_mut(), &raw mut number);
            assert_eq!(code, INVALID_HANDLE);
            assert_eq!(SCardFreeMemory(wrong, null()), INVALID_HANDLE);
            assert_eq!(SCardGetStatusChange(wrong, 0, &raw mut state, 1), INVALID_HANDLE);
        }
    }
}

#[test]
fn a_wrong_card_is_an_invalid_handle_to_every_function() {
    for wrong in wrong_handles() {
        let (mut number, mut answer) = (10, [0; 10]);
        assert_eq!(SCardDisconnect(wrong, 0), INVALID_HANDLE);
        assert_eq!(SCardBeginTransaction(wrong), INVALID_HANDLE);
        assert_eq!(SCardEndTransaction(wrong, 0), INVALID_HANDLE);
        // SAFETY: all places are there.
        unsafe {
            assert_eq!(SCardReconnect(wrong, 2, 3, 0, &raw mut number), INVALID_HANDLE);
            let code = SCardStatus(
                wrong,
                null_mut(),
                null_mut(),
                null_mut(),
                null_mut(),
                null_mut(),
                null_mut(),
            );
            assert_eq!(code, INVALID_HANDLE);
            let room = answer.as_mut_ptr();
            let code = SCardControl(wrong, 1, null(), 0, room.cast(), 10, &raw mut number);
            assert_eq!(code, INVALID_HANDLE);
            number = 10;
            assert_eq!(SCardGetAttrib(wrong, 1, room, &raw mut number), INVALID_HANDLE);
            assert_eq!(SCardSetAttrib(wrong, 1, room, 10), INVALID_HANDLE);
            let (command, pci) = (CHALLENGE.as_ptr(), &raw const g_rgSCardT0Pci);
            let code = SCardTransmit(wrong, pci, command, 5, null_mut(), room, &raw mut number);
            assert_eq!((code, number), (INVALID_HANDLE, 0));
        }
    }
}

#[test]
fn a_place_that_is_missing_is_an_invalid_parameter() {
    let context = context();
    let card = connect(context);
    let (mut number, mut handle, mut answer) = (10, 0, [0_u8; 10]);
    let (name, room) = (READER.as_ptr(), answer.as_mut_ptr());
    let (command, pci) = (CHALLENGE.as_ptr(), &raw const g_rgSCardT0Pci);
    // SAFETY: what is not missing is there.
    unsafe {
        let code = SCardEstablishContext(2, null(), null(), null_mut());
        assert_eq!(code, INVALID_PARAMETER);
        let code = SCardConnect(context, name, 2, 3, null_mut(), &raw mut number);
        assert_eq!(code, INVALID_PARAMETER);
        let code = SCardConnect(context, name, 2, 3, &raw mut handle, null_mut());
        assert_eq!(code, INVALID_PARAMETER);
        let code = SCardConnect(context, null(), 2, 3, &raw mut handle, &raw mut number);
        assert_eq!(code, UNKNOWN_READER);
        assert_eq!(SCardReconnect(card, 2, 3, 0, null_mut()), INVALID_PARAMETER);
        let code = SCardListReaders(context, null(), null_mut(), null_mut());
        assert_eq!(code, INVALID_PARAMETER);
        let code = SCardListReaderGroups(context, null_mut(), null_mut());
        assert_eq!(code, INVALID_PARAMETER);
        assert_eq!(SCardGetStatusChange(context, 0, null_mut(), 1), INVALID_PARAMETER);
        assert_eq!(SCardGetStatusChange(context, 0, null_mut(), 17), INVALID_PARAMETER);
        assert_eq!(SCardGetStatusChange(context, 0, null_mut(), 0), 0);
        assert_eq!(SCardGetAttrib(card, 1, room, null_mut()), INVALID_PARAMETER);
        number = AUTO;
        assert_eq!(SCardGetAttrib(card, 1, null_mut(), &raw mut number), INVALID_PARAMETER);
        assert_eq!(SCardSetAttrib(card, 1, null(), 10), INVALID_PARAMETER);
        assert_eq!(SCardSetAttrib(card, 1, room, 0), INVALID_PARAMETER);
        number = 10;
        for (pci, command, room, length) in [
            (null(), command, room, &raw mut number),
            (pci, null(), room, &raw mut number),
            (pci, command, null_mut(), &raw mut number),
            (pci, command, room, null_mut()),
        ] {
            let code = SCardTransmit(card, pci, command, 5, null_mut(), room, length);
            assert_eq!(code, INVALID_PARAMETER);
        }
        assert_eq!(SCardControl(card, 1, null(), 5, null_mut(), 0, null_mut()), INVALID_PARAMETER);
    }
    assert_eq!(SCardReleaseContext(context), 0);
}

#[test]
fn a_number_that_means_nothing_is_an_invalid_value() {
    let context = context();
    let card = connect(context);
    let (mut number, mut handle) = (0, 0);
    let long = [b'x'; 200];
    // SAFETY: all places are there.
    unsafe {
        assert_eq!(SCardEstablishContext(4, null(), null(), &raw mut handle), INVALID_VALUE);
        for share in [0, 4, Dword::MAX] {
            let name = READER.as_ptr();
            let code = SCardConnect(context, name, share, 3, &raw mut handle, &raw mut number);
            assert_eq!((code, handle), (INVALID_VALUE, 0));
            assert_eq!(SCardReconnect(card, share, 3, 0, &raw mut number), INVALID_VALUE);
        }
        for protocols in [0, 8, Dword::MAX << 32] {
            let name = READER.as_ptr();
            let code = SCardConnect(context, name, 2, protocols, &raw mut handle, &raw mut number);
            assert_eq!(code, PROTO_MISMATCH);
        }
        for first in [3, 4, Dword::MAX] {
            assert_eq!(SCardReconnect(card, 2, 3, first, &raw mut number), INVALID_VALUE);
        }
        let name = long.as_ptr().cast::<c_char>();
        let code = SCardConnect(context, name, 2, 3, &raw mut handle, &raw mut number);
        assert_eq!(code, INVALID_VALUE);
    }
    assert_eq!(SCardDisconnect(card, 4), INVALID_VALUE);
    assert_eq!(SCardEndTransaction(card, 4), INVALID_VALUE);
    assert_eq!(SCardEndTransaction(card, 0), NOT_TRANSACTED);
    assert_eq!(SCardReleaseContext(context), 0);
}

#[test]
fn a_buffer_that_is_too_short_is_told_its_length_and_not_overrun() {
    let context = context();
    let card = connect(context);
    let mut bytes = [0xEE_u8; 64];
    // SAFETY: all places are there, and as long as is said.
    unsafe {
        let pci = &raw const g_rgSCardT0Pci;
        for length in 0..10 {
            let mut number = length;
            let code = SCardTransmit(
                card,
                pci,
                CHALLENGE.as_ptr(),
                5,
                null_mut(),
                bytes.as_mut_ptr(),
                &raw mut number,
            );
            assert_eq!((code, number), (INSUFFICIENT_BUFFER, 10));
            assert_eq!(bytes, [0xEE; 64]);
        }
        let mut number = 13;
        let room = bytes.as_mut_ptr();
        let code = SCardListReaders(context, null(), room.cast(), &raw mut number);
        assert_eq!((code, number, bytes[0]), (INSUFFICIENT_BUFFER, 14, 0xEE));
        let code = SCardListReaders(context, null(), room.cast(), &raw mut number);
        assert_eq!((code, number, &bytes[..14]), (0, 14, &b"sscard 00 00\0\0"[..]));
        number = 4;
        let code = SCardGetAttrib(card, 0x9_0303, room, &raw mut number);
        assert_eq!(code, INSUFFICIENT_BUFFER);
        assert_eq!((number > 4, bytes[4]), (true, b'r'));
        number = 265;
        assert_eq!(SCardGetAttrib(card, 0x9_0303, room, &raw mut number), INSUFFICIENT_BUFFER);
    }
    assert_eq!(SCardReleaseContext(context), 0);
}

#[test]
fn a_length_that_no_command_has_is_refused_before_anything_is_read() {
    const LONGEST: Dword = 65_548;
    let context = context();
    let card = connect(context);
    let mut bytes = [0_u8; 64];
    let room = bytes.as_mut_ptr();
    for length in [LONGEST + 1, 0xFFFF_FFFF, 0x1_0000_0000, Dword::MAX >> 1, Dword::MAX] {
        // SAFETY: nobody may look at bytes that are not there; the answer's room is in the command's, and before and behind it.
        unsafe {
            for answer in [0, 16, 32] {
                let mut number = 32;
                let (pci, answer) = (&raw const g_rgSCardT0Pci, room.add(answer));
                let command = room.add(16);
                let number = &raw mut number;
                let code = SCardTransmit(card, pci, command, length, null_mut(), answer, number);
                assert_eq!(code, INSUFFICIENT_BUFFER);
            }
            let mut number = 0;
            let input = room.cast_const().cast();
            let code = SCardControl(card, 1, input, length, room.cast(), 32, &raw mut number);
            assert_eq!(code, INSUFFICIENT_BUFFER);
            let code = SCardControl(card, 1, null(), length, room.cast(), 32, &raw mut number);
            assert_eq!(code, INVALID_PARAMETER);
            assert_eq!(SCardSetAttrib(card, 1, room, length), INSUFFICIENT_BUFFER);
            assert_eq!(SCardSetAttrib(card, 1, null(), length), INVALID_PARAMETER);
            // Records of more readers than there can be are not looked at.
            let state = room.cast();
            assert_eq!(SCardGetStatusChange(context, 0, state, length), INVALID_PARAMETER);
        }
    }
    // SAFETY: as above.
    let code = unsafe { SCardSetAttrib(card, 1, room, 265) };
    assert_eq!(code, INSUFFICIENT_BUFFER);
    assert_eq!(SCardReleaseContext(context), 0);
}

#[test]
fn an_answer_may_go_where_its_command_came_from() {
    let context = context();
    let card = connect(context);
    let mut bytes = [0; 16];
    bytes[..5].copy_from_slice(&CHALLENGE);
    let (mut number, room) = (16, bytes.as_mut_ptr());
    // SAFETY: the bytes are there.
    let code = unsafe {
        let pci = &raw const g_rgSCardT0Pci;
        SCardTransmit(card, pci, room, 5, null_mut(), room, &raw mut number)
    };
    assert_eq!((code, number, &bytes[8..10]), (0, 10, &[0x90, 0x00][..]));
    assert_eq!(SCardReleaseContext(context), 0);
}

#[test]
fn what_was_given_is_freed_once_and_nothing_else_is() {
    let context = context();
    let mut given: *mut c_char = null_mut();
    let (mut number, own) = (AUTO, [0_u8; 8]);
    // SAFETY: the place for the pointer is there.
    unsafe {
        let place = (&raw mut given).cast();
        assert_eq!(SCardListReaders(context, null(), place, &raw mut number), 0);
        assert_eq!(CStr::from_ptr(given), READER);
        let given = given.cast_const().cast::<c_void>();
        assert_eq!(SCardFreeMemory(context, given), 0);
        assert_eq!(SCardFreeMemory(context, given), INVALID_PARAMETER);
        assert_eq!(SCardFreeMemory(context, own.as_ptr().cast()), INVALID_PARAMETER);
        assert_eq!(SCardFreeMemory(context, null()), 0);
    }
    assert_eq!(SCardReleaseContext(context), 0);
}

#[test]
fn every_number_has_a_text() {
    for (code, text) in [
        (0, c"Command successful."),
        (INVALID_HANDLE, c"Invalid handle."),
        (0x8010_002E, c"Cannot find a smart card reader."),
        (0x8010_0018, c"Unknown error: 0x80100018"),
        (-1, c"Unknown error: 0xFFFFFFFFFFFFFFFF"),
    ] {
        // SAFETY: the library gives a text.
        assert_eq!(unsafe { CStr::from_ptr(pcsc_stringify_error(code)) }, text);
    }
}
