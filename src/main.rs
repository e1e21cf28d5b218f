//! The `ferrocast` program.
fn main() {}
