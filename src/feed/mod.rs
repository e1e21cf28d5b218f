//! Feeds: what an encoder pushes.

pub mod timeline;
