//! The head of a request: request line and header fields (RFC 9112, sections 3 and 5).

use super::status::RequestError;

/// The longest head that is read, in bytes.
pub const MAX_HEAD_BYTES: usize = 8192;

/// The most header fields in a head.
pub const MAX_FIELDS: usize = 100;

/// HTTP version of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Version {
    /// HTTP/1.0: the connection ends after the reply unless `Connection: keep-alive` is agreed.
    Http10,
    /// HTTP/1.1: the connection stays unless `Connection: close` is said.
    Http11,
}

/// Methods that are answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Method {
    /// GET.
    Get,
    /// HEAD: as GET, without the body.
    Head,
    /// POST: a feeder's stream.
    Post,
}

impl Method {
    /// The name on the wire.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Head => "HEAD",
            Self::Post => "POST",
        }
    }
}

/// A request head that is fit to be answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RequestHead {
    /// The method.
    pub method: Method,
    /// The request target as sent.
    pub target: String,
    /// The version.
    pub version: Version,
    fields: Vec<(String, Vec<u8>)>,
}

/// What came of parsing the bytes received so far.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Parsed {
    /// More bytes are needed.
    Partial,
    /// A head, and how many bytes it took.
    Complete(RequestHead, usize),
}

impl RequestHead {
    /// Parses the bytes received so far. Empty lines before the request line are passed over
    /// (RFC 9112, 2.2), lines may end in LF alone.
    ///
    /// # Errors
    /// [`RequestError`] says which status the peer gets.
    pub fn parse(received: &[u8]) -> Result<Parsed, RequestError> {
        let mut fields = [httparse::EMPTY_HEADER; MAX_FIELDS];
        let mut request = httparse::Request::new(&mut fields);
        match request.parse(received) {
            Ok(httparse::Status::Complete(len)) if len <= MAX_HEAD_BYTES => {
                Ok(Parsed::Complete(Self::from_parsed(&request)?, len))
            }
            Ok(httparse::Status::Partial) if received.len() < MAX_HEAD_BYTES => Ok(Parsed::Partial),
            Ok(_) => Err(RequestError::HeadTooLong {
                limit: MAX_HEAD_BYTES,
            }),
            Err(httparse::Error::TooManyHeaders) => {
                Err(RequestError::TooManyFields { limit: MAX_FIELDS })
            }
            Err(httparse::Error::Version) => Err(RequestError::Version),
            Err(error) => Err(RequestError::Malformed {
                reason: error.to_string(),
            }),
        }
    }

    fn from_parsed(request: &httparse::Request<'_, '_>) -> Result<Self, RequestError> {
        let method = match request.method.unwrap_or_default() {
            "GET" => Method::Get,
            "HEAD" => Method::Head,
            "POST" => Method::Post,
            other => {
                return Err(RequestError::Method {
                    method: other.to_owned(),
                });
            }
        };
        let version = if request.version == Some(0) {
            Version::Http10
        } else {
            Version::Http11
        };
        let fields: Vec<_> = request
            .headers
            .iter()
            .map(|field| (field.name.to_ascii_lowercase(), field.value.to_vec()))
            .collect();
        let head = Self {
            method,
            target: request.path.unwrap_or_default().to_owned(),
            version,
            fields,
        };
        head.check_framing()?;
        Ok(head)
    }

    /// Refuses what two readers of the same bytes could understand differently (RFC 9112, 6.1 and
    /// 11.2): doubled or conflicting framing fields.
    fn check_framing(&self) -> Result<(), RequestError> {
        let lengths = self.all("content-length").count();
        let codings = self.all("transfer-encoding").count();
        let refuse = |reason| {
            Err(RequestError::Malformed {
                reason: String::from(reason),
            })
        };
        if lengths > 0 && codings > 0 {
            return refuse("both Content-Length and Transfer-Encoding");
        }
        if lengths > 1 {
            return refuse("more than one Content-Length");
        }
        if codings > 1 {
            return refuse("more than one Transfer-Encoding");
        }
        match (self.version, self.all("host").count()) {
            (Version::Http11, 0) => refuse("HTTP/1.1 without Host"), // RFC 9112, 3.2
            (_, 0 | 1) => Ok(()),
            _ => refuse("more than one Host"),
        }
    }

    /// The value of a header field by its lower-case name, if it is there and is text; of the first
    /// where there are several.
    #[must_use]
    pub fn field(&self, name: &str) -> Option<&str> {
        self.all(name)
            .next()
            .and_then(|value| std::str::from_utf8(value).ok())
            .map(str::trim)
    }

    fn all<'s>(&'s self, name: &str) -> impl Iterator<Item = &'s [u8]> {
        self.fields
            .iter()
            .filter(move |(field, _)| field == name)
            .map(|(_, value)| &value[..])
    }

    /// Whether a comma-separated list field holds `token`, in any case.
    #[must_use]
    pub fn lists(&self, name: &str, token: &str) -> bool {
        self.all(name)
            .filter_map(|value| std::str::from_utf8(value).ok())
            .flat_map(|value| value.split(','))
            .any(|item| item.trim().eq_ignore_ascii_case(token))
    }

    /// Whether the connection stays after a reply of known length (RFC 9112, 9.3).
    #[must_use]
    pub fn keep_alive(&self) -> bool {
        match self.version {
            Version::Http11 => !self.lists("connection", "close"),
            Version::Http10 => self.lists("connection", "keep-alive"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<Parsed, RequestError> {
        RequestHead::parse(text.as_bytes())
    }

    #[test]
    fn every_prefix_is_partial() {
        let text =
            "GET /test.avi?buffer=0 HTTP/1.1\r\nHost: a\r\nConnection: Keep-Alive, X\r\n\r\n";
        for len in 0..text.len() {
            assert_eq!(parse(&text[..len]), Ok(Parsed::Partial), "{len} bytes");
        }
        let Ok(Parsed::Complete(head, len)) = parse(text) else {
            panic!("complete")
        };
        assert_eq!(len, text.len());
        assert_eq!((head.method, head.version), (Method::Get, Version::Http11));
        assert_eq!(head.target, "/test.avi?buffer=0");
        assert_eq!(head.field("host"), Some("a"));
        assert!(head.lists("connection", "keep-alive") && head.keep_alive());
    }

    #[test]
    fn old_clients_are_understood() {
        let Ok(Parsed::Complete(head, _)) = parse("\r\nGET / HTTP/1.0\n\n") else {
            panic!("complete")
        };
        assert_eq!(head.version, Version::Http10);
        assert!(!head.keep_alive());
    }

    #[test]
    fn what_cannot_be_answered_is_refused() {
        let long_line = format!("GET /{} HTTP/1.1\r\n", "a".repeat(MAX_HEAD_BYTES));
        let many_fields = format!(
            "GET / HTTP/1.1\r\n{}\r\n",
            "A: b\r\n".repeat(MAX_FIELDS + 1)
        );
        for (name, text) in [
            ("endless line", &long_line[..]),
            ("endless fields", &many_fields),
            ("unknown method", "BREW / HTTP/1.1\r\n\r\n"),
            ("lower-case method", "get / HTTP/1.1\r\n\r\n"),
            ("HTTP/2", "GET / HTTP/2.0\r\n\r\n"),
            ("no version", "GET /\r\n\r\n"),
            ("space in the target", "GET /a b HTTP/1.1\r\n\r\n"),
            ("NUL in the target", "GET /a\0b HTTP/1.1\r\n\r\n"),
            (
                "space before the colon",
                "GET / HTTP/1.1\r\nHost : a\r\n\r\n",
            ),
            ("folded line", "GET / HTTP/1.1\r\nHost: a\r\n b\r\n\r\n"),
            (
                "length and chunked",
                "POST /f HTTP/1.1\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n",
            ),
            (
                "two lengths",
                "POST /f HTTP/1.1\r\nContent-Length: 4\r\nContent-Length: 5\r\n\r\n",
            ),
            ("two hosts", "GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n"),
            ("no host", "GET / HTTP/1.1\r\n\r\n"),
        ] {
            assert!(parse(text).is_err(), "{name}: {:?}", parse(text));
        }
    }
}
