// Invariant: a configuration is there exactly if no finding is an error; a fixed text needs no more fixing.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| fuzz::run("config", data));
