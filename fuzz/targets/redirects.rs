//! Entry point of libFuzzer for the target `redirects`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| fuzz::redirects(data));
