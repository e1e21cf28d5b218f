//! The only sockets of the server: short loops round sans-IO messages.

mod connection;
mod executor;
mod file;
mod http;
mod listener;
mod live;
mod page;
mod post;

pub(crate) use executor::{EXECUTOR, start_executor};
pub(crate) use listener::{Bound, bind, serve_http};
