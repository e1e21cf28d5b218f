//! Text in places where some characters mean something else.

use std::fmt::Write as _;

/// Text as HTML, between tags and in double-quoted attributes.
pub(super) fn html(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            _ => out.push(c),
        }
    }
    out
}

/// A JSON string with its quotes (RFC 8259, 7).
pub(super) fn json(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    out.push('"');
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            c if u32::from(c) < 0x20 => {
                push_formatted(&mut out, format_args!("\\u{:04x}", u32::from(c)))
            }
            _ => out.push(c),
        }
    }
    out.push('"');
    out
}

/// One path segment: everything but RFC 3986's unreserved characters as `%XX`.
pub(super) fn percent_encoded(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            out.push(char::from(byte));
        } else {
            push_formatted(&mut out, format_args!("%{byte:02X}"));
        }
    }
    out
}

/// A word of a POSIX shell: quoted only where it has to be.
pub(super) fn shell(text: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-._~/:@%+,=".contains(c);
    if !text.is_empty() && text.chars().all(plain) {
        return text.to_owned();
    }
    format!("'{}'", text.replace('\'', "'\\''"))
}

fn push_formatted(out: &mut String, arguments: std::fmt::Arguments<'_>) {
    // Writing to a string cannot fail.
    let _ = out.write_fmt(arguments);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn markup_becomes_text() {
        assert_eq!(
            html("<script>alert(\"1\" & '2')</script>"),
            "&lt;script&gt;alert(&quot;1&quot; &amp; &#39;2&#39;)&lt;/script&gt;"
        );
    }

    #[test]
    fn json_strings_escape_what_rfc_8259_says() {
        for (name, text, want) in [
            ("plain", "live.flv", r#""live.flv""#),
            ("quote and backslash", r#"a"b\c"#, r#""a\"b\\c""#),
            ("control characters", "a\nb\u{1b}", r#""a\u000ab\u001b""#),
            ("beyond ASCII", "ä€", "\"ä€\""),
        ] {
            assert_eq!(json(text), want, "{name}");
        }
    }

    #[test]
    fn shell_words_are_quoted_where_needed() {
        for (name, text, want) in [
            (
                "URL",
                "http://127.0.0.1:8090/live.flv",
                "http://127.0.0.1:8090/live.flv",
            ),
            ("IPv6 URL", "http://[::1]:8090/a", "'http://[::1]:8090/a'"),
            ("query", "http://h/a?buffer=0&x", "'http://h/a?buffer=0&x'"),
            ("quote", "http://h/it's", "'http://h/it'\\''s'"),
            ("empty", "", "''"),
        ] {
            assert_eq!(shell(text), want, "{name}");
        }
    }
}
