//! The first connection: what does the feed want?

use std::io::Write;
use std::net::TcpStream;
use std::time::Duration;

use super::reply::{Deadline, Refusal, Reply, ReplyError};
use crate::feeder::client::USER_AGENT;
use crate::feeder::url::FeedUrl;

/// What came of asking for a feed's header.
#[derive(Debug)]
pub(in crate::feeder) enum HeaderReply<H> {
    /// The header.
    Header(H),
    /// Another status than 200.
    Refused(Refusal),
    /// The body is no feed's header.
    NoFeed(String),
}

/// Asks for a feed and reads the header in front of it; the connection is closed then, since the
/// server would go on with the feed's packets. `parse` is given all bytes so far and answers `None`
/// until they hold the whole header.
///
/// # Errors
/// [`ReplyError`] if there was no reply to be understood.
pub(in crate::feeder) fn get_header<H>(
    mut stream: TcpStream,
    url: &FeedUrl,
    timeout: Duration,
    parse: impl Fn(&[u8]) -> Result<Option<H>, String>,
) -> Result<HeaderReply<H>, ReplyError> {
    let request = format!(
        "GET {} HTTP/1.1\r\nHost: {}\r\nUser-Agent: {USER_AGENT}\r\nAccept: */*\r\n\
         Connection: close\r\n\r\n",
        url.path,
        url.authority()
    );
    stream
        .write_all(request.as_bytes())
        .map_err(ReplyError::Broken)?;
    let mut input = Deadline::after(&stream, timeout);
    let mut reply = Reply::read(&mut input)?;
    if reply.status != 200 {
        return Ok(HeaderReply::Refused(reply.reason(&mut input)));
    }
    let mut body = Vec::new();
    loop {
        match parse(&body) {
            Ok(Some(header)) => return Ok(HeaderReply::Header(header)),
            Ok(None) => {}
            Err(reason) => return Ok(HeaderReply::NoFeed(reason)),
        }
        match reply.next_bytes(&mut input)? {
            Some(bytes) => body.extend(bytes),
            None => return Err(ReplyError::Closed),
        }
    }
}
