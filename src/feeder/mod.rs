//! The feeder: asks a feed what to encode, encodes it, posts it.

pub mod args;
pub mod console;
mod lavfi;
mod url;
