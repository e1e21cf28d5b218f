// Invariant: any split of a chunked body gives the same data and the same verdict.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| fuzz::run("http_body", data));
