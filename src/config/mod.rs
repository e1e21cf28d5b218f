//! The configuration language of ffserver.

pub mod model;
