//! Feeds: what an encoder pushes.

pub mod assign;
pub mod recorder;
pub mod encodings;
pub mod ring_file;
pub mod store;
mod live;
pub mod timeline;

pub use live::{Feed, Feeder, Session};
