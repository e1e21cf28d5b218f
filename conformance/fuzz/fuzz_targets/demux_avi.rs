// Invariant: any split of the input gives the same tracks, packets and errors; each call makes progress.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| fuzz::run("demux_avi", data));
