//! A program without the standard library around the card.
//!
//! It brings its own panic handler. Were `std` linked by `apdu`, `crypto`, `core` or anything they
//! depend on, there would be two, and this crate would not build (E0152).
#![no_std]

extern crate alloc;

use alloc::vec::Vec;
use core::alloc::{GlobalAlloc, Layout};
use core::panic::PanicInfo;

use sscard_core::Card;
use sscard_crypto::{Key, Suite};

/// Memory that is always full: this program is built, never run.
struct Full;

// SAFETY: a null pointer is what `alloc` returns when there is no memory; nothing is ever freed.
unsafe impl GlobalAlloc for Full {
    unsafe fn alloc(&self, _layout: Layout) -> *mut u8 {
        core::ptr::null_mut()
    }

    unsafe fn dealloc(&self, _pointer: *mut u8, _layout: Layout) {}
}

#[global_allocator]
static MEMORY: Full = Full;

#[panic_handler]
fn panic(_info: &PanicInfo<'_>) -> ! {
    loop {}
}

/// Uses each of the three crates, so that all of them are linked.
pub fn exchange(card: &mut Card, command: &[u8]) -> Option<[u8; 4]> {
    let mut response = Vec::new();
    card.transmit(command, &mut response);
    let status = sscard_apdu::ResponseApdu::parse(&response).ok()?.status;
    let session = Suite::Sm4.session_key(&Key::new([0; 16]), &status.to_bytes());
    Some(session.mac(&response))
}
