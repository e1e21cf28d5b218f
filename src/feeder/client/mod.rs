//! The feeder's side of HTTP/1.1: a GET that reads a feed's header, and a POST without end.
//!
//! Both are plain blocking sockets under deadlines. The reply to the GET may be HTTP/1.0,
//! close-delimited, chunked or of known length; nothing is read beyond what is needed.

mod connect;
mod get;
mod open;
mod post;
mod reply;

pub(super) use connect::{ConnectError, connect};
pub(super) use get::{HeaderReply, get_header};
pub(crate) use open::{OpenUrlError, open_url};
pub(super) use post::{Post, PostEnd};
pub(super) use reply::Refusal;

/// What the feeder calls itself.
pub(super) const USER_AGENT: &str = concat!("ferrocast/", env!("CARGO_PKG_VERSION"));

#[cfg(test)]
mod tests;
