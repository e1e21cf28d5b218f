// Invariant: no bytes make a parser of elementary streams panic; what was parsed and written parses as the same.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| fuzz::run("bitstream", data));
