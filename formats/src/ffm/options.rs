//! Encoder settings as text, `key=value,key=value` (FORMAT.md, section 2.2).

/// Keys and values, in order.
pub type Options = Vec<(String, String)>;

/// Reads option text. In keys and values a backslash makes the next character stand for itself.
/// What has no `=` becomes a key with an empty value.
#[must_use]
pub fn parse(text: &str) -> Options {
    let mut options = Vec::new();
    let mut key = None;
    let mut part = String::new();
    let mut chars = text.chars();
    let mut finish = |key: &mut Option<String>, part: &mut String| {
        let last = std::mem::take(part);
        match key.take() {
            Some(key) => options.push((key, last)),
            None if last.is_empty() => {}
            None => options.push((last, String::new())),
        }
    };
    while let Some(c) = chars.next() {
        match c {
            '\\' => part.extend(chars.next()),
            '=' if key.is_none() => key = Some(std::mem::take(&mut part)),
            ',' => finish(&mut key, &mut part),
            c => part.push(c),
        }
    }
    finish(&mut key, &mut part);
    options
}

/// The text of options, without the NUL that ends it in a header.
#[must_use]
pub fn to_text<'a>(options: impl IntoIterator<Item = (&'a str, &'a str)>) -> String {
    let mut text = String::new();
    for (key, value) in options {
        if !text.is_empty() {
            text.push(',');
        }
        push_escaped(key, &mut text);
        text.push('=');
        push_escaped(value, &mut text);
    }
    text
}

/// The last value given for `key`.
#[must_use]
pub fn value<'a>(options: &'a [(String, String)], key: &str) -> Option<&'a str> {
    let mut values = options.iter().rev().filter(|(name, _)| name == key);
    values.next().map(|(_, value)| value.as_str())
}

/// The value of `key` as a number.
#[must_use]
pub fn number<T: std::str::FromStr>(options: &[(String, String)], key: &str) -> Option<T> {
    value(options, key)?.parse().ok()
}

fn push_escaped(part: &str, text: &mut String) {
    for c in part.chars() {
        // A NUL would end the text early.
        if c == '\0' {
            continue;
        }
        if matches!(c, '=' | ',' | '\\') {
            text.push('\\');
        }
        text.push(c);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_and_options() {
        for (name, text, want) in [
            ("empty", "", &[][..]),
            ("one", "b=100000", &[("b", "100000")]),
            (
                "two, from a recorded header",
                "rc_eq=tex^qComp,flags=+bitexact",
                &[("rc_eq", "tex^qComp"), ("flags", "+bitexact")],
            ),
            (
                "escapes",
                r"x264opts=a\=1\,b\=2,path=c:\\d",
                &[("x264opts", "a=1,b=2"), ("path", r"c:\d")],
            ),
            ("empty value", "a=,b=1", &[("a", ""), ("b", "1")]),
        ] {
            let want: Options = want
                .iter()
                .map(|(key, value)| (String::from(*key), String::from(*value)))
                .collect();
            assert_eq!(parse(text), want, "{name}");
            let pairs = want
                .iter()
                .map(|(key, value)| (key.as_str(), value.as_str()));
            assert_eq!(to_text(pairs), text, "{name}");
        }
    }

    #[test]
    fn sloppy_text_is_read() {
        for (name, text, want) in [
            ("no value", "a,b=1", &[("a", ""), ("b", "1")][..]),
            ("second equals sign", "a=b=c", &[("a", "b=c")]),
            ("commas only", ",,", &[]),
            ("backslash at the end", r"a=1\", &[("a", "1")]),
        ] {
            let found = parse(text);
            let found: Vec<_> = found
                .iter()
                .map(|(key, value)| (key.as_str(), value.as_str()))
                .collect();
            assert_eq!(found, want, "{name}");
        }
        let twice = parse("b=1,b=2");
        assert_eq!(value(&twice, "b"), Some("2"), "the last one counts");
        assert_eq!(number::<u32>(&twice, "b"), Some(2));
        assert_eq!(number::<u32>(&twice, "g"), None);
    }
}
