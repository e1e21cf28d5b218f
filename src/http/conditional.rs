//! Conditional requests for files (RFC 9110, section 13).

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use super::head::RequestHead;

/// Identity of a file's content, as far as the file system tells: size and time of change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Validators {
    /// `ETag`, quotes included.
    pub etag: String,
    /// `Last-Modified`, to the second.
    pub last_modified: SystemTime,
}

impl Validators {
    /// Validators of a file.
    #[must_use]
    pub fn new(len: u64, modified: SystemTime) -> Self {
        let since_epoch = modified.duration_since(UNIX_EPOCH).unwrap_or_default();
        Self {
            etag: format!("\"{:x}-{len:x}\"", since_epoch.as_nanos()),
            last_modified: UNIX_EPOCH + Duration::from_secs(since_epoch.as_secs()),
        }
    }

    /// Whether the client has this very content already: the reply is 304.
    #[must_use]
    pub fn not_modified(&self, head: &RequestHead) -> bool {
        if let Some(tags) = head.field("if-none-match") {
            // Weak comparison (13.1.2), so the prefix W/ does not matter.
            return tags
                .split(',')
                .map(|tag| tag.trim().trim_start_matches("W/"))
                .any(|tag| tag == "*" || tag == self.etag);
        }
        head.field("if-modified-since")
            .and_then(|date| httpdate::parse_http_date(date).ok())
            .is_some_and(|date| self.last_modified <= date)
    }

    /// Whether a `Range` counts: no `If-Range`, or one that names this very content (13.1.5).
    #[must_use]
    pub fn range_applies(&self, head: &RequestHead) -> bool {
        match head.field("if-range") {
            None => true,
            Some(tag) if tag.starts_with('"') => tag == self.etag,
            Some(date) => {
                httpdate::parse_http_date(date).is_ok_and(|date| date == self.last_modified)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::head::Parsed;
    use super::*;

    fn head(fields: &str) -> RequestHead {
        let text = format!("GET / HTTP/1.0\r\n{fields}\r\n");
        match RequestHead::parse(text.as_bytes()) {
            Ok(Parsed::Complete(head, _)) => head,
            other => panic!("{fields}: {other:?}"),
        }
    }

    #[test]
    fn validators_decide() {
        let modified = UNIX_EPOCH + Duration::from_millis(1_700_000_000_500);
        let file = Validators::new(0x64, modified);
        let tag = file.etag.clone();
        let other = "\"x\"";
        for (fields, not_modified, range_applies) in [
            (String::new(), false, true),
            (format!("If-None-Match: {tag}\r\n"), true, true),
            (format!("If-None-Match: {other}, W/{tag}\r\n"), true, true),
            (String::from("If-None-Match: *\r\n"), true, true),
            (format!("If-None-Match: {other}\r\n"), false, true),
            (
                String::from("If-Modified-Since: Tue, 14 Nov 2023 22:13:20 GMT\r\n"),
                true,
                true,
            ),
            (
                String::from("If-Modified-Since: Tue, 14 Nov 2023 22:13:19 GMT\r\n"),
                false,
                true,
            ),
            (
                String::from("If-Modified-Since: yesterday\r\n"),
                false,
                true,
            ),
            (format!("If-Range: {tag}\r\n"), false, true),
            (format!("If-Range: W/{tag}\r\n"), false, false),
            (format!("If-Range: {other}\r\n"), false, false),
            (
                String::from("If-Range: Tue, 14 Nov 2023 22:13:20 GMT\r\n"),
                false,
                true,
            ),
            (
                String::from("If-Range: Tue, 14 Nov 2023 22:13:21 GMT\r\n"),
                false,
                false,
            ),
        ] {
            let head = head(&fields);
            assert_eq!(file.not_modified(&head), not_modified, "{fields}");
            assert_eq!(file.range_applies(&head), range_applies, "{fields}");
        }
    }
}
