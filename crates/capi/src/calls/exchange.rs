//! Commands and what may become of them.

use std::ffi::{c_char, c_int};

use crate::boundary::{Room, bytes, text};
use crate::held::Held;
use crate::last_error::code_of;
use crate::table::{self, sscard_card};

/// Sends a command and takes the response, data and status word. Whatever the status word is, the
/// call succeeds; whatever the bytes are, the card answers.
///
/// `*rsp_len` is the capacity of `rsp` before the call and the response's length after it. A
/// response that does not fit is SSCARD_E_BUFFER: then `*rsp_len` says how many bytes it needs, and
/// the command was not carried out, so that it can be sent again. `rsp` may be NULL when `*rsp_len`
/// is 0. 258 bytes are enough for every command that is not of extended length. After any other
/// error `*rsp_len` is 0. The two buffers may be the same.
///
/// Returns SSCARD_OK, SSCARD_E_NULL, SSCARD_E_HANDLE, SSCARD_E_BUSY, SSCARD_E_ARGUMENT,
/// SSCARD_E_BUFFER, SSCARD_E_NO_POWER, SSCARD_E_POWER_LOST, SSCARD_E_MUTE, SSCARD_E_REMOVED,
/// SSCARD_E_RESET, SSCARD_E_INTERNAL.
///
/// # Safety
/// `cmd` is NULL or points at `cmd_len` bytes; `rsp_len` is NULL or points at a length; `rsp` is
/// NULL or points at `*rsp_len` bytes that may be written.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sscard_transmit(
    card: *mut sscard_card,
    cmd: *const u8,
    cmd_len: usize,
    rsp: *mut u8,
    rsp_len: *mut usize,
) -> c_int {
    code_of(|| {
        // SAFETY: the caller's word.
        let mut room = unsafe { Room::new(rsp, rsp_len, ["rsp", "rsp_len"]) }?;
        // SAFETY: the caller's word; the response is written when the command is not read any more.
        let command = unsafe { bytes(cmd, cmd_len, "cmd") }?;
        table::change(card, |held| room.give(held.transmit(command, room.capacity())?))
    })
}

/// One more fault, from the next command on: what happens and when, as docs/faults.md says it, such
/// as `mute@7` or `sw=6F00@ins=B2`. Commands are counted from the first fault on that is set while
/// there is none.
///
/// Returns SSCARD_OK, SSCARD_E_NULL, SSCARD_E_HANDLE, SSCARD_E_BUSY, SSCARD_E_ARGUMENT (not UTF-8),
/// SSCARD_E_FAULT, SSCARD_E_INTERNAL.
///
/// # Safety
/// `fault` is NULL or a text that ends with NUL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sscard_set_fault(card: *mut sscard_card, fault: *const c_char) -> c_int {
    code_of(|| {
        // SAFETY: the caller's word.
        let fault = unsafe { text(fault, "fault") }?;
        table::change(card, |held| held.set_fault(fault))
    })
}

/// No fault any more, from the next command on. A card that one of them took away comes back with
/// the next power-on or reset.
///
/// Returns SSCARD_OK, SSCARD_E_NULL, SSCARD_E_HANDLE, SSCARD_E_BUSY, SSCARD_E_INTERNAL.
#[unsafe(no_mangle)]
pub extern "C" fn sscard_clear_faults(card: *mut sscard_card) -> c_int {
    code_of(|| table::change(card, Held::clear_faults))
}
