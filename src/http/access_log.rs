//! Lines of the access log, in Apache's combined format.

use std::fmt;
use std::net::IpAddr;
use std::time::SystemTime;

/// What is told of a request when it is over.
///
/// Written as `host - - [22/Nov/2026:10:00:00 +0000] "GET /test.avi HTTP/1.1" 200 1234 "-" "agent"`.
#[derive(Debug)]
pub struct Entry<'a> {
    /// Address of the peer.
    pub peer: IpAddr,
    /// When the request came.
    pub time: SystemTime,
    /// Request line.
    pub request: &'a str,
    /// Status of the reply.
    pub status: u16,
    /// Bytes of the body: sent, or received of a post.
    pub bytes: u64,
    /// `Referer`.
    pub referer: Option<&'a str>,
    /// `User-Agent`.
    pub user_agent: Option<&'a str>,
}

impl fmt::Display for Entry<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} - - [{}] \"{}\" {} {} \"{}\" \"{}\"",
            self.peer.to_canonical(),
            ApacheTime(self.time),
            Quoted(self.request),
            self.status,
            self.bytes,
            Quoted(self.referer.unwrap_or("-")),
            Quoted(self.user_agent.unwrap_or("-")),
        )
    }
}

/// Text between quotes, with what could forge a line or an escape sequence written as `\x1b`.
struct Quoted<'a>(&'a str);

impl fmt::Display for Quoted<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for character in self.0.chars() {
            match character {
                '"' | '\\' => write!(f, "\\{character}")?,
                other if other.is_control() => write!(f, "\\x{:02x}", u32::from(other))?,
                other => write!(f, "{other}")?,
            }
        }
        Ok(())
    }
}

/// `22/Nov/2026:10:00:00 +0000`, taken from the parts of `Sun, 22 Nov 2026 10:00:00 GMT`.
struct ApacheTime(SystemTime);

impl fmt::Display for ApacheTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let date = httpdate::fmt_http_date(self.0);
        let mut parts = date.split(' ').skip(1);
        let mut part = || parts.next().unwrap_or_default();
        let (day, month, year, time) = (part(), part(), part(), part());
        write!(f, "{day}/{month}/{year}:{time} +0000")
    }
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, UNIX_EPOCH};

    use super::*;

    #[test]
    fn line_is_apache_combined_and_cannot_be_forged() {
        let entry = Entry {
            peer: "::ffff:127.0.0.1".parse().unwrap(),
            time: UNIX_EPOCH + Duration::from_secs(1_700_000_000),
            request: "GET /a\"b HTTP/1.1",
            status: 200,
            bytes: 42,
            referer: None,
            user_agent: Some("x\r\n\u{1b}[31m"),
        };
        assert_eq!(
            entry.to_string(),
            "127.0.0.1 - - [14/Nov/2023:22:13:20 +0000] \"GET /a\\\"b HTTP/1.1\" 200 42 \"-\" \
             \"x\\x0d\\x0a\\x1b[31m\""
        );
    }
}
