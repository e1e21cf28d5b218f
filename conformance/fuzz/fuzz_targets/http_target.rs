// Invariant: a range lies within its file, a target never grows, neither panics.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| fuzz::run("http_target", data));
