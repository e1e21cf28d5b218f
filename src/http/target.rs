//! The request target: path and query (RFC 9112, section 3.2; RFC 3986, section 3).

/// A request target, taken apart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Target {
    /// The name after the leading slash, percent-decoded. Names are looked up in the configuration,
    /// never in the file system, so `..` means nothing here.
    pub name: String,
    query: Vec<(String, String)>,
}

impl Target {
    /// Takes a target apart: origin form (`/name?query`) or absolute form (`http://host/name`).
    /// `None` if it is neither.
    #[must_use]
    pub fn parse(target: &str) -> Option<Self> {
        let path_and_query = match target.strip_prefix('/') {
            Some(rest) => rest,
            None => {
                let (scheme, rest) = target.split_once("://")?;
                if !scheme.eq_ignore_ascii_case("http") {
                    return None;
                }
                rest.split_once('/').map_or("", |(_, path)| path)
            }
        };
        let without_fragment = path_and_query.split('#').next().unwrap_or_default();
        let (path, query) = without_fragment
            .split_once('?')
            .unwrap_or((without_fragment, ""));
        let query = query
            .split('&')
            .filter(|pair| !pair.is_empty())
            .map(|pair| {
                let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
                (percent_decode(key), percent_decode(value))
            })
            .collect();
        Some(Self {
            name: percent_decode(path),
            query,
        })
    }

    /// The first value of a query key.
    #[must_use]
    pub fn query(&self, key: &str) -> Option<&str> {
        self.query
            .iter()
            .find(|(name, _)| name == key)
            .map(|(_, value)| &value[..])
    }
}

/// Decodes `%41`; what is no valid escape stays as it is, bytes that are no UTF-8 become U+FFFD.
fn percent_decode(text: &str) -> String {
    let hex = |byte: Option<&u8>| byte.and_then(|byte| (*byte as char).to_digit(16));
    let bytes = text.as_bytes();
    let mut out = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while let Some(byte) = bytes.get(at) {
        match (byte, hex(bytes.get(at + 1)), hex(bytes.get(at + 2))) {
            (b'%', Some(high), Some(low)) => {
                out.push(u8::try_from(high << 4 | low).unwrap_or(b'?'));
                at += 3;
            }
            _ => {
                out.push(*byte);
                at += 1;
            }
        }
    }
    String::from_utf8_lossy(&out).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn targets() {
        for (target, name) in [
            ("/", ""),
            ("/test.avi", "test.avi"),
            ("/test.avi?buffer=5", "test.avi"),
            ("/a%20b.flv", "a b.flv"),
            ("/../../etc/passwd", "../../etc/passwd"),
            ("/%2e%2e%2fetc", "../etc"),
            ("/%", "%"),
            ("/%zz", "%zz"),
            ("/%ff", "\u{fffd}"),
            ("http://host:80/live.ts", "live.ts"),
            ("http://host", ""),
        ] {
            assert_eq!(
                Target::parse(target).map(|target| target.name).as_deref(),
                Some(name),
                "{target}"
            );
        }
        for target in ["*", "ftp://host/x", "live.ts", ""] {
            assert_eq!(Target::parse(target), None, "{target}");
        }
    }

    #[test]
    fn queries() {
        let target = Target::parse("/x?buffer=5&&date=10%3A00&empty").unwrap();
        assert_eq!(target.query("buffer"), Some("5"));
        assert_eq!(target.query("date"), Some("10:00"));
        assert_eq!(target.query("empty"), Some(""));
        assert_eq!(target.query("none"), None);
    }
}
