#![no_main]

use sscard_testkit::mutate;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| sscard_fuzz::card_vs_model(bytes));

libfuzzer_sys::fuzz_mutator!(|data: &mut [u8], size: usize, max_size: usize, seed: u32| {
    mutate::mutate(data, size, max_size, seed.into())
});

libfuzzer_sys::fuzz_crossover!(|data1: &[u8], data2: &[u8], out: &mut [u8], seed: u32| {
    mutate::cross(data1, data2, out, seed.into())
});
