//! Heads of replies, and the small pages of errors and redirections.

use std::fmt::Write as _;
use std::time::SystemTime;

use super::head::Version;
use super::status::RequestError;

/// What a body is, as the head tells it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BodyLength {
    /// So many bytes; the connection can stay.
    Known(u64),
    /// Until the connection closes: live media.
    UntilClose,
}

/// The head of a reply.
#[derive(Debug, Clone)]
pub struct ResponseHead {
    /// Status code.
    pub status: u16,
    /// Reason phrase.
    pub reason: &'static str,
    fields: Vec<(&'static str, String)>,
}

impl ResponseHead {
    /// A head without fields.
    #[must_use]
    pub const fn new(status: u16, reason: &'static str) -> Self {
        Self {
            status,
            reason,
            fields: Vec::new(),
        }
    }

    /// 200.
    #[must_use]
    pub const fn ok() -> Self {
        Self::new(200, "OK")
    }

    /// Adds a field. Control characters in the value become spaces, so that no value of ours can
    /// start another line.
    #[must_use]
    pub fn with(mut self, name: &'static str, value: impl Into<String>) -> Self {
        let mut value = value.into();
        if value.chars().any(char::is_control) {
            value = value.replace(char::is_control, " ");
        }
        self.fields.push((name, value));
        self
    }

    /// Live media is stored by nobody.
    #[must_use]
    pub fn uncached(self) -> Self {
        self.with("Cache-Control", "no-cache")
            .with("Pragma", "no-cache")
    }

    /// The bytes of the head. `keep_alive` is what the peer asked for; it holds only for a body of
    /// known length.
    #[must_use]
    pub fn to_bytes(
        &self,
        version: Version,
        length: BodyLength,
        keep_alive: bool,
        now: SystemTime,
    ) -> Vec<u8> {
        let version = match version {
            Version::Http10 => "HTTP/1.0",
            Version::Http11 => "HTTP/1.1",
        };
        let mut head = format!("{version} {} {}\r\n", self.status, self.reason);
        let mut field = |name: &str, value: &dyn std::fmt::Display| {
            // Writing to a String cannot fail.
            let _ = write!(head, "{name}: {value}\r\n");
        };
        field("Date", &httpdate::fmt_http_date(now));
        field("Server", &concat!("ferrocast/", env!("CARGO_PKG_VERSION")));
        for (name, value) in &self.fields {
            field(name, value);
        }
        match length {
            BodyLength::Known(len) if self.status != 304 => field("Content-Length", &len),
            _ => {}
        }
        let stays = keep_alive && matches!(length, BodyLength::Known(_));
        field("Connection", &if stays { "keep-alive" } else { "close" });
        head.push_str("\r\n");
        head.into_bytes()
    }
}

/// Head and page of an error.
#[must_use]
pub fn error_reply(error: &RequestError) -> (ResponseHead, String) {
    let (status, reason) = error.status();
    let mut head = ResponseHead::new(status, reason)
        .with("Content-Type", "text/html; charset=utf-8")
        .with("Cache-Control", "no-cache");
    match error {
        RequestError::RangeNotSatisfiable { len } => {
            head = head.with("Content-Range", format!("bytes */{len}"));
        }
        RequestError::NotAFeed { .. } => head = head.with("Allow", "GET, HEAD"),
        RequestError::NoSource { .. } | RequestError::TooManyClients { .. } => {
            head = head.with("Retry-After", "5");
        }
        _ => {}
    }
    (
        head,
        page(&format!("{status} {reason}"), &escape(&error.to_string())),
    )
}

/// Head and page of a `<Redirect>`.
#[must_use]
pub fn redirect_reply(url: &str) -> (ResponseHead, String) {
    let head = ResponseHead::new(301, "Moved Permanently")
        .with("Location", url)
        .with("Content-Type", "text/html; charset=utf-8");
    let url = escape(url);
    let body = format!("You should be <a href=\"{url}\">redirected</a>.");
    (head, page("301 Moved Permanently", &body))
}

/// Text as it may stand in HTML, in attributes too.
#[must_use]
pub fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            other => out.push(other),
        }
    }
    out
}

fn page(title: &str, body: &str) -> String {
    format!(
        "<!DOCTYPE html>\n<html>\n<head>\n<meta charset=\"UTF-8\">\n<title>{title}</title>\n\
         </head>\n<body>{body}</body>\n</html>\n"
    )
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, UNIX_EPOCH};

    use super::*;

    fn text(head: &ResponseHead, length: BodyLength, keep_alive: bool) -> String {
        let now = UNIX_EPOCH + Duration::from_secs(1_700_000_000);
        String::from_utf8(head.to_bytes(Version::Http11, length, keep_alive, now)).unwrap()
    }

    #[test]
    fn live_media_closes() {
        let head = ResponseHead::ok()
            .with("Content-Type", "video/x-flv")
            .uncached();
        let text = text(&head, BodyLength::UntilClose, true);
        assert!(text.starts_with("HTTP/1.1 200 OK\r\nDate: Tue, 14 Nov 2023 22:13:20 GMT\r\n"));
        assert!(text.contains("\r\nCache-Control: no-cache\r\n"));
        assert!(!text.contains("Content-Length"));
        assert!(text.ends_with("\r\nConnection: close\r\n\r\n"));
    }

    #[test]
    fn nothing_of_a_peer_breaks_out_of_a_page_or_a_line() {
        let (_, page) = error_reply(&RequestError::NotFound {
            path: "/<b>\"'&".into(),
        });
        assert!(
            page.contains("File &#39;/&lt;b&gt;&quot;&#39;&amp;&#39; not found"),
            "{page}"
        );
        let head = ResponseHead::ok().with("Location", "http://a/\r\nSet-Cookie: x");
        let text = text(&head, BodyLength::Known(0), true);
        assert!(!text.contains("\r\nSet-Cookie"), "{text}");
        assert!(
            text.contains("\r\nContent-Length: 0\r\nConnection: keep-alive\r\n"),
            "{text}"
        );
    }
}
