//! Tests that measure delays: each runs while nothing else does (`.config/nextest.toml`).

mod fanout;
mod first_picture;
mod page;
mod slow_reader;
