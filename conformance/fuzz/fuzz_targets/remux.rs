// Invariant: whatever a demuxer gives, a muxer writes or refuses it and leaves its output as it was.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| fuzz::run("remux", data));
