//! The address of a feed, `http://HOST[:PORT]/NAME` (RFC 3986, as far as feeds need it).

use std::fmt;

/// Where a feed is. Credentials, queries and TLS are left out and refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FeedUrl {
    /// Name or address of the server, IPv6 without brackets.
    pub host: String,
    /// Its HTTP port.
    pub port: u16,
    /// Path with the leading slash, as it goes into the request.
    pub path: String,
}

impl FeedUrl {
    /// Reads an address.
    ///
    /// # Errors
    /// [`UrlError`] that says what is wrong with it.
    pub fn parse(text: &str) -> Result<Self, UrlError> {
        let error = |reason| UrlError {
            url: text.to_owned(),
            reason,
        };
        let rest = strip_scheme(text).ok_or(error("a feed's address begins with http://"))?;
        if text.bytes().any(|byte| byte <= b' ' || byte == 0x7f) {
            return Err(error("spaces and control characters cannot stand in it"));
        }
        let (authority, path) = match rest.find('/') {
            Some(at) => rest.split_at(at),
            None => (rest, ""),
        };
        if authority.contains('@') {
            return Err(error("user names and passwords are not supported"));
        }
        let (host, port) =
            split_port(authority).ok_or(error("the port is a number, 1 to 65535"))?;
        if host.is_empty() {
            return Err(error("the server's name is missing"));
        }
        if path.len() < 2 {
            return Err(error("the feed's name is missing, as in /feed1.ffm"));
        }
        if path.contains(['?', '#']) {
            return Err(error("a feed's address has no ? or #"));
        }
        Ok(Self {
            host: host.to_owned(),
            port,
            path: path.to_owned(),
        })
    }

    /// The value of the `Host` header.
    #[must_use]
    pub fn authority(&self) -> String {
        if self.host.contains(':') {
            format!("[{}]:{}", self.host, self.port)
        } else {
            format!("{}:{}", self.host, self.port)
        }
    }

    /// The same feed at another port.
    #[must_use]
    pub fn with_port(&self, port: u16) -> Self {
        Self {
            port,
            ..self.clone()
        }
    }
}

impl fmt::Display for FeedUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "http://{}{}", self.authority(), self.path)
    }
}

/// Why an address cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{url:?} is no feed: {reason}")]
pub struct UrlError {
    /// The text.
    pub url: String,
    /// What is wrong with it.
    pub reason: &'static str,
}

fn strip_scheme(text: &str) -> Option<&str> {
    let (scheme, rest) = text.split_at_checked("http://".len())?;
    scheme.eq_ignore_ascii_case("http://").then_some(rest)
}

fn split_port(authority: &str) -> Option<(&str, u16)> {
    let (host, port) = match authority.strip_prefix('[') {
        Some(bracketed) => {
            let (host, port) = bracketed.split_once(']')?;
            let port = match port {
                "" => "",
                port => port.strip_prefix(':')?,
            };
            (host, port)
        }
        None => authority.rsplit_once(':').unwrap_or((authority, "")),
    };
    let port = match port {
        "" => DEFAULT_PORT,
        digits => digits.parse().ok().filter(|port| *port > 0)?,
    };
    Some((host, port))
}

const DEFAULT_PORT: u16 = 80;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses() {
        for (text, want) in [
            (
                "http://localhost:10535/feed1.ffm",
                Ok(("localhost", 10535, "/feed1.ffm")),
            ),
            ("HTTP://h/f", Ok(("h", 80, "/f"))),
            ("http://[::1]:8090/a/b", Ok(("::1", 8090, "/a/b"))),
            ("http://[::1]/a", Ok(("::1", 80, "/a"))),
            ("out.mp4", Err("a feed's address begins with http://")),
            ("https://h/f", Err("a feed's address begins with http://")),
            ("http://h:0/f", Err("the port is a number, 1 to 65535")),
            ("http://h:65536/f", Err("the port is a number, 1 to 65535")),
            ("http://:80/f", Err("the server's name is missing")),
            (
                "http://h:80",
                Err("the feed's name is missing, as in /feed1.ffm"),
            ),
            (
                "http://h:80/",
                Err("the feed's name is missing, as in /feed1.ffm"),
            ),
            (
                "http://u:p@h/f",
                Err("user names and passwords are not supported"),
            ),
            (
                "http://h/f g",
                Err("spaces and control characters cannot stand in it"),
            ),
            (
                "http://h/f\r\nX: y",
                Err("spaces and control characters cannot stand in it"),
            ),
            ("http://h/f?x", Err("a feed's address has no ? or #")),
        ] {
            let got = FeedUrl::parse(text);
            match want {
                Ok((host, port, path)) => {
                    let url = got.unwrap();
                    assert_eq!((&*url.host, url.port, &*url.path), (host, port, path));
                }
                Err(reason) => assert_eq!(got.unwrap_err().reason, reason, "{text}"),
            }
        }
    }

    #[test]
    fn addresses_are_shown_as_they_are_typed() {
        for text in ["http://h:8090/feed1.ffm", "http://[::1]:8090/f"] {
            assert_eq!(FeedUrl::parse(text).unwrap().to_string(), text);
        }
    }
}
