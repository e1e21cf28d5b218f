// Invariant: demux(mux(x)) == x.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| fuzz::run("round_trip", data));
