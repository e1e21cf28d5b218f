//! Feeds: what an encoder pushes.

pub mod assign;
pub mod recorder;
pub mod encodings;
mod live;
pub mod timeline;

pub use live::{Feed, Feeder, Session};
