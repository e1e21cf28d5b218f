//! Feeds: what an encoder pushes.

pub mod assign;
pub mod encodings;
mod live;
pub mod recorder;
pub mod ring_file;
pub mod store;
pub mod timeline;

pub use live::{Feed, Feeder, Session};
