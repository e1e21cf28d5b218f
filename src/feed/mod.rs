//! Feeds: what an encoder pushes.

pub mod assign;
mod live;
pub mod timeline;

pub use live::{Feed, Feeder, Session};
