//! The feeder: asks a feed what to encode, encodes it, posts it.

pub mod args;
mod backoff;
mod client;
pub mod console;
mod lavfi;
mod pace;
mod timeline;
mod url;
