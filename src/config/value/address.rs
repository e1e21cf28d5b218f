//! Addresses and host names.

use std::net::IpAddr;

use super::Wrong;
use crate::config::world::World;

/// The addresses a word stands for: one for an IPv4 or IPv6 address, all for a host name.
pub(crate) fn addresses(word: &str, world: World) -> Result<Vec<IpAddr>, Wrong> {
    if let Ok(address) = word.parse::<IpAddr>() {
        return Ok(vec![address]);
    }
    if let Some(bare) = word
        .strip_prefix('[')
        .and_then(|word| word.strip_suffix(']'))
        && bare.parse::<IpAddr>().is_ok()
    {
        return Err(Wrong::new("an address has no brackets here").surely(bare));
    }
    if word == "*" {
        return Err(Wrong::new("an address or a host name is wanted")
            .help("for all addresses leave the line out, or write `0.0.0.0` for all of IPv4"));
    }
    if let Some((host, port)) = word.rsplit_once(':')
        && host.parse::<IpAddr>().is_ok()
        && port.parse::<u16>().is_ok()
    {
        return Err(Wrong::new("a port has a directive of its own").perhaps(Some(host)));
    }
    if !is_host_name(word) {
        return Err(Wrong::new(
            "neither an IPv4 or IPv6 address nor a host name",
        ));
    }
    match (world.resolve)(word) {
        found if found.is_empty() => Err(Wrong::new("no address is known for this host name")),
        found => Ok(found),
    }
}

/// One address to listen on: the first of a host name's, IPv4 before IPv6.
pub(crate) fn bind_address(word: &str, world: World) -> Result<IpAddr, Wrong> {
    let mut found = addresses(word, world)?;
    found.sort_unstable();
    found
        .first()
        .copied()
        .ok_or_else(|| Wrong::new("no address is known for this host name"))
}

/// Letters, digits, `-` and dots (RFC 1123, 2.1), and not only digits and dots: that would be a
/// mistyped address.
fn is_host_name(word: &str) -> bool {
    let label = |label: &str| {
        (1..=63).contains(&label.len())
            && label
                .chars()
                .all(|c| c.is_ascii_alphanumeric() || c == '-' || c == '_')
    };
    word.len() <= 253 && word.split('.').all(label) && word.chars().any(|c| c.is_ascii_alphabetic())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_of_both_families_and_localhost() {
        for (word, want) in [
            ("127.0.0.1", &["127.0.0.1"][..]),
            ("0.0.0.0", &["0.0.0.0"]),
            ("::1", &["::1"]),
            ("2001:db8::7", &["2001:db8::7"]),
            ("localhost", &["127.0.0.1", "::1"]),
            ("LOCALHOST", &["127.0.0.1", "::1"]),
            ("1.2.3.999", &[]),
            ("0.0.0.0,", &[]),
            ("*", &[]),
            ("unknown.example", &[]),
            ("a b", &[]),
            ("", &[]),
        ] {
            let got = addresses(word, World::NONE).unwrap_or_default();
            let want: Vec<IpAddr> = want.iter().map(|text| text.parse().unwrap()).collect();
            assert_eq!(got, want, "{word}");
        }
        for (word, want) in [("[::1]", "::1"), ("127.0.0.1:8090", "127.0.0.1")] {
            let wrong = addresses(word, World::NONE).unwrap_err();
            assert_eq!(wrong.instead.as_deref(), Some(want), "{word}");
        }
    }
}
