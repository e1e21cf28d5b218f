//! Why a request is not served, and the one mapping from reasons to status codes.

use std::time::Duration;

/// Why a request is not served.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum RequestError {
    /// The head breaks the grammar.
    #[error("the request is malformed: {reason}")]
    Malformed {
        /// What is wrong.
        reason: String,
    },
    /// The head is longer than is read.
    #[error("the request head is longer than {limit} bytes")]
    HeadTooLong {
        /// The limit in bytes.
        limit: usize,
    },
    /// Too many header fields.
    #[error("the request has more than {limit} header fields")]
    TooManyFields {
        /// The limit.
        limit: usize,
    },
    /// Not HTTP/1.0 or HTTP/1.1.
    #[error("only HTTP/1.0 and HTTP/1.1 are spoken here")]
    Version,
    /// A method that is not implemented.
    #[error("the method {method} is not implemented, only GET, HEAD and POST are")]
    Method {
        /// The method.
        method: String,
    },
    /// The head or body did not arrive in time.
    #[error("nothing was received for {} s", .after.as_secs())]
    Timeout {
        /// How long was waited.
        after: Duration,
    },
    /// No such name, or the peer may not know it.
    #[error("File '{path}' not found")]
    NotFound {
        /// The path asked for.
        path: String,
    },
    /// POST to something that is no feed.
    #[error("POST command not handled: '{path}' is no feed")]
    NotAFeed {
        /// The path asked for.
        path: String,
    },
    /// A feeder is connected; told to old feeders, which cannot wait.
    #[error("This feed is already being received.")]
    FeedTaken,
    /// A second feeder.
    #[error("feed {feed} is already being received from {peer} since {} s", .since.as_secs())]
    FeedBusy {
        /// Name of the feed.
        feed: String,
        /// Address of the feeder that is connected.
        peer: String,
        /// For how long.
        since: Duration,
    },
    /// The body of a post cannot be understood.
    #[error("the body cannot be understood: {reason}")]
    Body {
        /// What is wrong.
        reason: String,
    },
    /// The transfer coding is not implemented.
    #[error("the transfer coding {coding} is not implemented, only chunked is")]
    TransferCoding {
        /// The coding.
        coding: String,
    },
    /// The range lies outside the file.
    #[error("the range lies outside the file of {len} bytes")]
    RangeNotSatisfiable {
        /// Bytes of the file.
        len: u64,
    },
    /// Too many clients.
    #[error(
        "The number of current connections is {current}, and this exceeds the limit of {limit}."
    )]
    TooManyClients {
        /// Clients with this one.
        current: u64,
        /// `MaxClients` or `MaxHTTPConnections`.
        limit: u64,
    },
    /// Too much bandwidth.
    #[error(
        "The bandwidth being served (including your stream) is {current_kbps}kbit/s, and this exceeds the limit of {limit_kbps}kbit/s."
    )]
    TooMuchBandwidth {
        /// Sum of nominal rates with this stream.
        current_kbps: u64,
        /// `MaxBandwidth`.
        limit_kbps: u64,
    },
    /// The stream has nothing to send now.
    #[error("stream {stream} has no picture: {reason}")]
    NoSource {
        /// Name of the stream.
        stream: String,
        /// Why, and what to do.
        reason: String,
    },
    /// The stream exists but this program cannot package it.
    #[error("stream {stream} cannot be served: {reason}")]
    NotImplemented {
        /// Name of the stream.
        stream: String,
        /// Why.
        reason: String,
    },
    /// Reading a file failed.
    #[error("{path} cannot be read: {reason}")]
    Internal {
        /// The path asked for.
        path: String,
        /// What the system said.
        reason: String,
    },
}

impl RequestError {
    /// The status code and its reason phrase (RFC 9110, section 15).
    #[must_use]
    pub const fn status(&self) -> (u16, &'static str) {
        match self {
            Self::Malformed { .. } | Self::Body { .. } => (400, "Bad Request"),
            Self::HeadTooLong { .. } | Self::TooManyFields { .. } => {
                (431, "Request Header Fields Too Large")
            }
            Self::Version => (505, "HTTP Version Not Supported"),
            Self::Method { .. } | Self::TransferCoding { .. } | Self::NotImplemented { .. } => {
                (501, "Not Implemented")
            }
            Self::Timeout { .. } => (408, "Request Timeout"),
            Self::NotFound { .. } | Self::FeedTaken => (404, "Not Found"),
            Self::NotAFeed { .. } => (405, "Method Not Allowed"),
            Self::FeedBusy { .. } => (409, "Conflict"),
            Self::RangeNotSatisfiable { .. } => (416, "Range Not Satisfiable"),
            Self::TooManyClients { .. } | Self::TooMuchBandwidth { .. } | Self::NoSource { .. } => {
                (503, "Service Unavailable")
            }
            Self::Internal { .. } => (500, "Internal Server Error"),
        }
    }
}
