//! HTTP/1.0 and 1.1 messages, sans-IO: what is on the wire and what it means, nothing that reads a
//! socket. (RFC 9110 semantics, RFC 9112 framing.)

pub mod access_log;
pub mod body;
pub mod conditional;
pub mod head;
pub mod range;
pub mod response;
pub mod status;
pub mod target;
