#![no_main]

//! Operations against the model: libFuzzer sees the model's abstract states, and changes whole records.

use std::sync::LazyLock;
use std::sync::atomic::{AtomicU8, AtomicU64, Ordering};
use std::time::Instant;

use sscard_testkit::model::CELLS;
use sscard_testkit::mutate;

/// Which abstract states an input has reached. libFuzzer clears them before each.
#[unsafe(link_section = "__libfuzzer_extra_counters")]
static SEEN: [AtomicU8; CELLS] = [const { AtomicU8::new(0) }; CELLS];

static BEGUN: LazyLock<Instant> = LazyLock::new(Instant::now);
static OPERATIONS: AtomicU64 = AtomicU64::new(0);

/// So often the rate is said.
const STRETCH: u64 = 1 << 20;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let begun = *BEGUN;
    let seen = &mut |cell: usize| SEEN[cell % CELLS].store(1, Ordering::Relaxed);
    let done = sscard_fuzz::card_ops_seen(bytes, seen);
    let before = OPERATIONS.fetch_add(done, Ordering::Relaxed);
    if before / STRETCH < (before + done) / STRETCH {
        let rate = (before + done) as f64 / begun.elapsed().as_secs_f64();
        eprintln!("operations: {} {rate:.0}/s", before + done);
    }
});

libfuzzer_sys::fuzz_mutator!(|data: &mut [u8], size: usize, max_size: usize, seed: u32| {
    mutate::mutate(data, size, max_size, seed.into())
});

libfuzzer_sys::fuzz_crossover!(|data1: &[u8], data2: &[u8], out: &mut [u8], seed: u32| {
    mutate::cross(data1, data2, out, seed.into())
});
