#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| sscard_testkit::targets::trace_readers(bytes));
