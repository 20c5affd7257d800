//! Entry point of libFuzzer for the target `content`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| fuzz::content(data));
