// Invariant: no prefix of a head contradicts the whole; an accepted head keeps to the limits.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| fuzz::run("http_head", data));
