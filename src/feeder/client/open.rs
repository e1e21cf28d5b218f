//! The body of a GET as a stream of bytes, for looking into streams.

use std::io::{self, Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use super::connect::{ConnectError, connect};
use super::reply::{Deadline, Refusal, Reply, ReplyError};
use crate::feeder::client::USER_AGENT;
use crate::feeder::url::{FeedUrl, UrlError};

/// Why an address cannot be read.
#[derive(Debug, thiserror::Error)]
pub(crate) enum OpenUrlError {
    /// The address is none.
    #[error(transparent)]
    Url(#[from] UrlError),
    /// There is no connection.
    #[error(transparent)]
    Connect(#[from] ConnectError),
    /// There is no reply to be understood.
    #[error(transparent)]
    Reply(#[from] ReplyError),
    /// The answer is another than 200.
    #[error("{url}: {refusal}")]
    Refused {
        /// The address.
        url: String,
        /// The answer.
        refusal: Refusal,
    },
}

/// Opens an `http://` address for reading.
///
/// # Errors
/// [`OpenUrlError`] if it cannot be had.
pub(crate) fn open_url(text: &str) -> Result<Box<dyn Read + Send>, OpenUrlError> {
    let url = FeedUrl::parse(text)?;
    let mut stream = connect(&url, TIMEOUT)?;
    let request = format!(
        "GET {} HTTP/1.1\r\nHost: {}\r\nUser-Agent: {USER_AGENT}\r\nAccept: */*\r\n\
         Connection: close\r\n\r\n",
        url.path,
        url.authority()
    );
    stream
        .write_all(request.as_bytes())
        .map_err(ReplyError::Broken)?;
    let reply = {
        let mut input = Deadline::after(&stream, TIMEOUT);
        let reply = Reply::read(&mut input)?;
        if reply.status != 200 {
            return Err(OpenUrlError::Refused {
                url: url.to_string(),
                refusal: reply.reason(&mut input),
            });
        }
        reply
    };
    Ok(Box::new(Body {
        stream,
        reply,
        rest: Vec::new(),
    }))
}

struct Body {
    stream: TcpStream,
    reply: Reply,
    /// Decoded bytes that are not read yet.
    rest: Vec<u8>,
}

impl Read for Body {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.rest.is_empty() {
            let mut input = Deadline::after(&self.stream, TIMEOUT);
            match self.reply.next_bytes(&mut input) {
                Ok(Some(bytes)) => self.rest = bytes,
                Ok(None) => return Ok(0),
                Err(ReplyError::Broken(error)) => return Err(error),
                Err(error) => return Err(io::Error::other(error)),
            }
        }
        let len = self.rest.len().min(buffer.len());
        buffer[..len].copy_from_slice(&self.rest[..len]);
        self.rest.drain(..len);
        Ok(len)
    }
}

/// How long the server may be silent.
const TIMEOUT: Duration = Duration::from_secs(15);
