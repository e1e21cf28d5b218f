//! Published streams: live ones, muxed once and shared, and files.

pub mod hub;
pub mod live;
