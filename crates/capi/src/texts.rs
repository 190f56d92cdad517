//! Texts that are given away, so that each is freed once. Nothing here waits: a process that forks in the middle of another thread's call
//! goes on.

use std::ffi::{CString, c_char};
use std::ptr;
use std::sync::atomic::{AtomicUsize, Ordering};

use crate::refusal::{Refusal, sscard_error};

/// Texts that can be out at a time.
const MOST: usize = 1 << 16;
/// An allocation's address is a multiple of this.
const STEP: usize = 16;

/// Addresses of texts that are out; 0 where there is none.
static GIVEN: [AtomicUsize; MOST] = [const { AtomicUsize::new(0) }; MOST];

/// The places for an address, the likeliest first.
fn places(at: usize) -> impl Iterator<Item = &'static AtomicUsize> {
    let first = (at / STEP) % MOST;
    GIVEN.iter().cycle().skip(first).take(MOST)
}

/// Whether a place went from one value to the other.
fn goes(place: &AtomicUsize, from: usize, to: usize) -> bool {
    place.compare_exchange(from, to, Ordering::AcqRel, Ordering::Relaxed).is_ok()
}

/// Gives a text away; its address is remembered until it comes back.
pub(crate) fn give(text: CString) -> Result<*mut c_char, Refusal> {
    let at = text.into_raw();
    // Whoever can read the address can give the text back.
    if places(at.expose_provenance()).any(|place| goes(place, 0, at.addr())) {
        return Ok(at);
    }
    // SAFETY: it was given away just now, and nobody has seen it.
    drop(unsafe { CString::from_raw(at) });
    let reason = format!("{MOST} texts are out: free some of them with sscard_string_free");
    Err(Refusal::new(sscard_error::SSCARD_E_TOO_MANY, reason))
}

/// Takes a text back, which ends it.
pub(crate) fn take_back(at: *mut c_char) -> Result<(), Refusal> {
    let is_ours = at.addr() != 0 && places(at.addr()).any(|place| goes(place, at.addr(), 0));
    if is_ours {
        // SAFETY: `into_raw` gave this address, and the one place that held it is empty now: nobody else takes it back.
        drop(unsafe { CString::from_raw(ptr::with_exposed_provenance_mut(at.addr())) });
        return Ok(());
    }
    let text = "this text was freed already, or is none that this library gave";
    Err(Refusal::new(sscard_error::SSCARD_E_HANDLE, text))
}
