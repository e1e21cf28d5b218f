//! The head of a reply (RFC 9112, 4 and 6.3) and, where it is a refusal, the reason in its body.

use std::io::{self, Read};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use crate::http::body::{BodyDecoder, ChunkedDecoder};

/// The head of a reply and the start of what follows it.
#[derive(Debug)]
pub(in crate::feeder) struct Reply {
    /// Status code.
    pub(in crate::feeder) status: u16,
    /// Reason phrase of the status line.
    pub(in crate::feeder) phrase: String,
    body: BodyDecoder,
    /// Bytes received behind the head, not yet decoded.
    rest: Vec<u8>,
}

/// Why a reply cannot be read.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ReplyError {
    /// The server closed the connection before its reply was whole.
    #[error("the server closed the connection without a reply")]
    Closed,
    /// The reply did not come in time.
    #[error("the server did not reply within {} s", .after.as_secs())]
    Timeout {
        /// How long was waited.
        after: Duration,
    },
    /// The connection broke.
    #[error("the connection broke")]
    Broken(#[source] io::Error),
    /// The reply is no HTTP.
    #[error("the server's reply is no HTTP: {reason}")]
    NotHttp {
        /// What is wrong.
        reason: String,
    },
    /// The reply is HTTP but cannot be followed.
    #[error("the server's reply is damaged: {reason}")]
    Damaged {
        /// What is wrong.
        reason: String,
    },
}

impl Reply {
    /// Reads the head of the final reply, passing over interim ones (1xx).
    pub(in crate::feeder) fn read(stream: &mut Deadline<'_>) -> Result<Self, ReplyError> {
        let mut received = Vec::new();
        loop {
            match parse_head(&received)? {
                Some((head, len)) => {
                    received.drain(..len);
                    if !(100..200).contains(&head.status) {
                        return Ok(Self {
                            rest: received,
                            ..head
                        });
                    }
                }
                None => {
                    if stream.read_into(&mut received)? == 0 {
                        return Err(ReplyError::Closed);
                    }
                }
            }
        }
    }

    /// The next bytes of the body, or `None` at its end.
    pub(in crate::feeder) fn next_bytes(
        &mut self,
        stream: &mut Deadline<'_>,
    ) -> Result<Option<Vec<u8>>, ReplyError> {
        loop {
            if self.body.finished() {
                return Ok(None);
            }
            if self.rest.is_empty() && stream.read_into(&mut self.rest)? == 0 {
                return match self.body.may_end_at_close() {
                    true => Ok(None),
                    false => Err(ReplyError::Closed),
                };
            }
            let decoded = self
                .body
                .decode(&self.rest)
                .map_err(|error| ReplyError::Damaged {
                    reason: error.to_string(),
                })?;
            let (consumed, data) = (decoded.consumed, decoded.data.to_vec());
            self.rest.drain(..consumed);
            if !data.is_empty() {
                return Ok(Some(data));
            }
        }
    }

    /// The body as one line of plain text, as far as it comes; pages lose their tags.
    pub(in crate::feeder) fn reason(mut self, stream: &mut Deadline<'_>) -> Refusal {
        let mut text = Vec::new();
        while text.len() < MAX_REASON_BYTES
            && let Ok(Some(bytes)) = self.next_bytes(stream)
        {
            text.extend(bytes);
        }
        text.truncate(MAX_REASON_BYTES);
        Refusal {
            status: self.status,
            phrase: self.phrase,
            text: plain_text(&String::from_utf8_lossy(&text)),
        }
    }
}

/// A reply that is not what was hoped for, with what the server wrote about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Refusal {
    /// Status code.
    pub(in crate::feeder) status: u16,
    /// Reason phrase of the status line.
    pub(in crate::feeder) phrase: String,
    /// The body as a line of text; may be empty.
    pub(in crate::feeder) text: String,
}

impl std::fmt::Display for Refusal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} {}", self.status, self.phrase)?;
        if !self.text.is_empty() {
            write!(f, ": {}", self.text)?;
        }
        Ok(())
    }
}

/// A socket whose reads all end at one moment.
#[derive(Debug)]
pub(in crate::feeder) struct Deadline<'a> {
    stream: &'a TcpStream,
    end: Option<Instant>,
    after: Duration,
}

impl<'a> Deadline<'a> {
    /// Reads end `after` from now.
    pub(in crate::feeder) fn after(stream: &'a TcpStream, after: Duration) -> Self {
        Self {
            stream,
            end: Instant::now().checked_add(after),
            after,
        }
    }

    /// Reads end when the connection does.
    pub(in crate::feeder) const fn never(stream: &'a TcpStream) -> Self {
        Self {
            stream,
            end: None,
            after: Duration::MAX,
        }
    }

    /// Appends what comes next; 0: the peer has closed.
    fn read_into(&mut self, out: &mut Vec<u8>) -> Result<usize, ReplyError> {
        let mut buffer = [0; 4096];
        loop {
            let left = match self.end {
                None => None,
                Some(end) => match end.checked_duration_since(Instant::now()) {
                    Some(left) if !left.is_zero() => Some(left),
                    _ => return Err(ReplyError::Timeout { after: self.after }),
                },
            };
            self.stream
                .set_read_timeout(left)
                .map_err(ReplyError::Broken)?;
            match self.stream.read(&mut buffer) {
                Ok(len) => {
                    out.extend(&buffer[..len]);
                    return Ok(len);
                }
                Err(error) => match error.kind() {
                    // The loop looks at the clock again.
                    io::ErrorKind::Interrupted
                    | io::ErrorKind::WouldBlock
                    | io::ErrorKind::TimedOut => {}
                    _ => return Err(ReplyError::Broken(error)),
                },
            }
        }
    }
}

/// The head at the start of `received` and its length, or `None` if it is not whole.
fn parse_head(received: &[u8]) -> Result<Option<(Reply, usize)>, ReplyError> {
    let not_http = |reason: String| ReplyError::NotHttp { reason };
    let mut fields = [httparse::EMPTY_HEADER; MAX_FIELDS];
    let mut response = httparse::Response::new(&mut fields);
    let parsed = response
        .parse(received)
        .map_err(|error| not_http(error.to_string()))?;
    let httparse::Status::Complete(len) = parsed else {
        if received.len() >= MAX_HEAD_BYTES {
            return Err(not_http(format!("its head is over {MAX_HEAD_BYTES} bytes")));
        }
        return Ok(None);
    };
    let reply = Reply {
        status: response.code.unwrap_or_default(),
        phrase: response.reason.unwrap_or_default().to_owned(),
        body: framing(response.headers)?,
        rest: Vec::new(),
    };
    Ok(Some((reply, len)))
}

/// How the end of the body is found (RFC 9112, 6.3).
fn framing(fields: &[httparse::Header<'_>]) -> Result<BodyDecoder, ReplyError> {
    let field = |name: &str| {
        fields
            .iter()
            .find(|field| field.name.eq_ignore_ascii_case(name))
            .map(|field| String::from_utf8_lossy(field.value))
    };
    if let Some(coding) = field("transfer-encoding") {
        if coding.eq_ignore_ascii_case("chunked") {
            return Ok(BodyDecoder::Chunked(ChunkedDecoder::default()));
        }
        return Err(ReplyError::Damaged {
            reason: format!("Transfer-Encoding is {coding:?}"),
        });
    }
    let Some(length) = field("content-length") else {
        return Ok(BodyDecoder::UntilClose);
    };
    let digits_only = length.bytes().all(|byte| byte.is_ascii_digit());
    match length.parse() {
        Ok(length) if digits_only => Ok(BodyDecoder::Length(length)),
        _ => Err(ReplyError::Damaged {
            reason: format!("Content-Length is {length:?}"),
        }),
    }
}

/// The text of a page, or of plain text, in one line.
fn plain_text(text: &str) -> String {
    let body = match text.split_once("<body") {
        Some((_, body)) => body.split_once('>').map_or("", |(_, body)| body),
        None => text,
    };
    let mut plain = String::new();
    let mut in_tag = false;
    for character in body.chars() {
        match character {
            '<' => {
                in_tag = true;
                plain.push(' ');
            }
            '>' if in_tag => in_tag = false,
            _ if in_tag => {}
            _ if character.is_control() => plain.push(' '),
            _ => plain.push(character),
        }
    }
    let plain = plain
        .replace("&lt;", "<")
        .replace("&gt;", ">")
        .replace("&quot;", "\"")
        .replace("&amp;", "&");
    let words: Vec<&str> = plain.split_whitespace().collect();
    words.join(" ")
}

/// The longest head that is read.
const MAX_HEAD_BYTES: usize = 8192;
const MAX_FIELDS: usize = 64;

/// How much of a refusal's body is read.
const MAX_REASON_BYTES: usize = 4096;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_become_one_line_of_text() {
        for (text, want) in [
            (
                "<!DOCTYPE html>\n<html>\n<head>\n<meta charset=\"UTF-8\">\n<title>404 Not \
                 Found</title>\n</head>\n<body>This feed is already being received.</body>\n</html>\n",
                "This feed is already being received.",
            ),
            ("plain\r\n reason\u{1b}[0m", "plain reason [0m"),
            (
                "<body class=x>File '/a&lt;b&gt;' not <b>found</b>",
                "File '/a<b>' not found",
            ),
            ("a &amp;lt; b", "a &lt; b"),
            ("", ""),
        ] {
            assert_eq!(plain_text(text), want);
        }
    }

    #[test]
    fn heads_are_read_at_every_length() {
        let head = b"HTTP/1.0 200 OK\r\nPragma: no-cache\r\nContent-Type: \r\n\r\nFFM1";
        for len in 0..head.len() - 4 {
            assert!(parse_head(&head[..len]).unwrap().is_none(), "{len}");
        }
        let (reply, len) = parse_head(head).unwrap().unwrap();
        assert_eq!(
            (reply.status, &*reply.phrase, len),
            (200, "OK", head.len() - 4)
        );
        assert!(matches!(reply.body, BodyDecoder::UntilClose));
    }

    #[test]
    fn hostile_heads_are_refused() {
        let endless = [&b"HTTP/1.1 200 OK\r\nX: "[..], &[b'a'; MAX_HEAD_BYTES]].concat();
        let many = [
            &b"HTTP/1.1 200 OK\r\n"[..],
            "A: b\r\n".repeat(MAX_FIELDS + 1).as_bytes(),
            b"\r\n",
        ]
        .concat();
        for (name, bytes) in [
            ("other protocol", &b"RTSP/1.0 200 OK\r\n\r\n"[..]),
            ("binary", b"\x00\x01\x02"),
            ("endless", &endless),
            ("too many fields", &many),
            (
                "negative length",
                b"HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n",
            ),
            (
                "signed length",
                b"HTTP/1.1 200 OK\r\nContent-Length: +1\r\n\r\n",
            ),
            (
                "unknown coding",
                b"HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\n",
            ),
        ] {
            assert!(parse_head(bytes).is_err(), "{name}");
        }
    }
}
