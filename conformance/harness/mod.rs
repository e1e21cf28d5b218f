//! What the tests stand on: real processes, real sockets, real players. Nothing here knows the
//! program's inside.

pub(crate) mod browser;
pub(crate) mod client;
pub(crate) mod feeder;
pub(crate) mod fixture;
pub(crate) mod page;
pub(crate) mod picture;
pub(crate) mod player;
pub(crate) mod process;
pub(crate) mod proxy;
pub(crate) mod scratch;
pub(crate) mod server;
pub(crate) mod skip;
pub(crate) mod wait;
