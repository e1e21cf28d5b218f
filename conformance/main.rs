//! Conformance suite.
fn main() {}
