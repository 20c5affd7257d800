//! Entry point of libFuzzer for the target `pipeline`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| fuzz::pipeline(data));
