#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| sscard_fuzz::apdu_codec(bytes));
