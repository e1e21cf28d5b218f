// Invariant: a header that was read can be written and read again; blocks give the same frames in any split.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| fuzz::run("ffm_blocks", data));
