//! `sscard_restore` onto a card of the same origin allocates nothing, and neither does a command.
#![allow(clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

use std::alloc::{GlobalAlloc, Layout, System};
use std::sync::atomic::{AtomicU64, Ordering};

use sscard::{
    sscard_card_clone, sscard_card_new, sscard_digest, sscard_power_cut, sscard_power_on,
    sscard_restore, sscard_transmit,
};

struct Counting;

static COUNTED: AtomicU64 = AtomicU64::new(0);

// SAFETY: the system's allocator, counted.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        COUNTED.fetch_add(1, Ordering::Relaxed);
        // SAFETY: the caller's word.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, at: *mut u8, layout: Layout) {
        // SAFETY: the caller's word.
        unsafe { System.dealloc(at, layout) }
    }

    unsafe fn realloc(&self, at: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        COUNTED.fetch_add(1, Ordering::Relaxed);
        // SAFETY: the caller's word.
        unsafe { System.realloc(at, layout, size) }
    }
}

#[global_allocator]
static COUNTING: Counting = Counting;

#[test]
fn restore_allocates_nothing() {
    const COMMANDS: [&[u8]; 4] = [
        b"\x00\xA4\x04\x00\x0Fsx1.sh.\xC9\xE7\xBB\xE1\xB1\xA3\xD5\xCF",
        &[0x00, 0x20, 0x00, 0x00, 0x03, 0x11, 0x11, 0x11],
        &[0x00, 0x84, 0x00, 0x00, 0x08],
        &[0x00, 0xB0, 0x85, 0x00, 0x10],
    ];
    for profile in [c"gen1", c"gen2", c"gen3"] {
        // SAFETY: a text that ends with NUL.
        let card = unsafe { sscard_card_new(profile.as_ptr(), 1) };
        assert_eq!(sscard_power_on(card), 0);
        let before = sscard_card_clone(card);
        let expected = digest(before);
        let mut counted = Vec::with_capacity(64);
        for round in 0..32 {
            for command in COMMANDS {
                let (mut answer, mut length) = ([0; 258], 258);
                // SAFETY: slices of these lengths.
                let code = unsafe {
                    sscard_transmit(
                        card,
                        command.as_ptr(),
                        command.len(),
                        answer.as_mut_ptr(),
                        &mut length,
                    )
                };
                assert_eq!(code, 0);
            }
            sscard_power_cut(card, 10_000);
            let start = COUNTED.load(Ordering::Relaxed);
            assert_eq!(sscard_restore(card, before), 0);
            counted.push((round, COUNTED.load(Ordering::Relaxed).saturating_sub(start)));
            assert_eq!(digest(card), expected);
        }
        // The first one may make room for what the snapshot has and the card had not.
        assert!(counted.iter().skip(1).all(|(_, times)| *times == 0), "{profile:?}: {counted:?}");
    }
}

fn digest(card: *const sscard::sscard_card) -> u64 {
    let mut digest = 0;
    // SAFETY: a number.
    assert_eq!(unsafe { sscard_digest(card, &mut digest) }, 0);
    digest
}
