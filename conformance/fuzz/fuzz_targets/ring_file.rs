// Invariant: any bytes open as a ring that can be read to an end, appended to, and opened again.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| fuzz::run("ring_file", data));
