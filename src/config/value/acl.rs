//! The arguments of `ACL`: `allow|deny FIRST [LAST]`, where FIRST is an address, a host name or a
//! network in CIDR form.
//!
//! Ranges compare addresses as numbers. (ffserver compared them with the last byte first.)

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use super::Wrong;
use super::address::addresses;
use crate::config::args::Args;
use crate::config::diagnostic::{Diagnostic, quoted};
use crate::config::model::{Acl, AclRule};
use crate::config::nearest::nearest;
use crate::config::world::World;

/// More rules would slow every request.
const MAX_RULES: usize = 1000;

/// Reads the arguments of a line and appends its rules.
pub(crate) fn read(acl: &mut Acl, args: &mut Args<'_, '_>) {
    let Some(allow) = args.value("`allow` or `deny`", action) else {
        return;
    };
    let world = args.world;
    let Some(first) = args.value("an address, a network or a host name", |word| {
        ranges(word, world)
    }) else {
        return;
    };
    let mut found = first.value;
    if let Some(last) = args.optional() {
        match through(&found, last.text, world) {
            Ok(range) => found = vec![range],
            Err(wrong) => {
                let message = format!("ACL {}: {}", quoted(last.text), wrong.why);
                let mut diagnostic =
                    Diagnostic::error(last.span, message).label("last of the range");
                if let Some(help) = wrong.help {
                    diagnostic = diagnostic.help(help);
                }
                args.push(diagnostic);
            }
        }
    }
    if acl.rules.len() + found.len() > MAX_RULES {
        let message = format!("more than {MAX_RULES} rules in one list");
        args.push(Diagnostic::error(args.line(), message).help("write networks: `10.0.0.0/8`"));
        return;
    }
    let rule = |(first, last)| AclRule {
        allow: allow.value,
        first,
        last,
    };
    acl.rules.extend(found.into_iter().map(rule));
}

/// Rules that nobody passes.
pub(crate) fn nobody() -> Acl {
    let everybody: [(IpAddr, IpAddr); 2] = [
        (Ipv4Addr::UNSPECIFIED.into(), Ipv4Addr::BROADCAST.into()),
        (
            Ipv6Addr::UNSPECIFIED.into(),
            Ipv6Addr::from_bits(u128::MAX).into(),
        ),
    ];
    let rule = |(first, last)| AclRule {
        allow: false,
        first,
        last,
    };
    Acl {
        rules: everybody.map(rule).into(),
    }
}

fn action(word: &str) -> Result<bool, Wrong> {
    match word.to_ascii_lowercase().as_str() {
        "allow" => Ok(true),
        "deny" => Ok(false),
        _ => {
            Err(Wrong::new("`allow` or `deny` is wanted").perhaps(nearest(word, ["allow", "deny"])))
        }
    }
}

type Range = (IpAddr, IpAddr);

/// What one word stands for. 127.0.0.1 alone is this machine, so it brings `::1` with it: which of
/// the two a local peer comes from is not its choice.
fn ranges(word: &str, world: World) -> Result<Vec<Range>, Wrong> {
    if let Some((address, bits)) = word.split_once('/') {
        return network(address, bits).map(|range| vec![range]);
    }
    if let Some((first, last)) = word.split_once('-')
        && first.parse::<IpAddr>().is_ok()
        && last.parse::<IpAddr>().is_ok()
    {
        return Err(Wrong::new("a range is two words").surely(format!("{first} {last}")));
    }
    let mut found = addresses(word, world)?;
    if found == [IpAddr::from(Ipv4Addr::LOCALHOST)] {
        found.push(Ipv6Addr::LOCALHOST.into());
    }
    Ok(found
        .into_iter()
        .map(|address| (address, address))
        .collect())
}

/// A network `address/bits` from its first to its last address.
fn network(address: &str, bits: &str) -> Result<Range, Wrong> {
    let wrong = || Wrong::new("a network is written like `192.168.0.0/16` or `2001:db8::/32`");
    let address: IpAddr = address.parse().map_err(|_| wrong())?;
    let digits = bits.chars().all(|c| c.is_ascii_digit());
    let bits: u32 = if digits {
        bits.parse().map_err(|_| wrong())?
    } else {
        return Err(wrong());
    };
    match address {
        IpAddr::V4(address) if bits <= 32 => {
            let host = u32::MAX.checked_shr(bits).unwrap_or(0);
            let (first, last) = (address.to_bits() & !host, address.to_bits() | host);
            Ok((
                Ipv4Addr::from_bits(first).into(),
                Ipv4Addr::from_bits(last).into(),
            ))
        }
        IpAddr::V6(address) if bits <= 128 => {
            let host = u128::MAX.checked_shr(bits).unwrap_or(0);
            let (first, last) = (address.to_bits() & !host, address.to_bits() | host);
            Ok((
                Ipv6Addr::from_bits(first).into(),
                Ipv6Addr::from_bits(last).into(),
            ))
        }
        _ => Err(wrong()),
    }
}

/// The range from what FIRST said through LAST.
fn through(first: &[Range], last: &str, world: World) -> Result<Range, Wrong> {
    let ends = addresses(last, world)?;
    let pair = |start: IpAddr| {
        ends.iter()
            .find(|end| end.is_ipv4() == start.is_ipv4())
            .map(|end| (start, *end))
    };
    let singles = first.iter().filter(|(first, last)| first == last);
    let Some((start, end)) = singles.map(|(first, _)| *first).find_map(pair) else {
        return Err(Wrong::new(
            "both ends of a range are single addresses of the same family",
        ));
    };
    if let IpAddr::V4(mask) = end
        && let Some(bits) = mask_bits(mask)
    {
        return Err(
            Wrong::new("this looks like a netmask; here it would be the last address")
                .help(format!("write `{start}/{bits}`")),
        );
    }
    if start > end {
        return Err(
            Wrong::new("the range ends before it begins").help(format!("write `{end} {start}`"))
        );
    }
    Ok((start, end))
}

/// The length of a netmask from `/8` on; `255.255.255.255` is the end of everything instead.
fn mask_bits(mask: Ipv4Addr) -> Option<u32> {
    let (ones, zeros) = (
        mask.to_bits().leading_ones(),
        mask.to_bits().trailing_zeros(),
    );
    (ones + zeros == 32 && (8..32).contains(&ones)).then_some(ones)
}

#[cfg(test)]
mod tests {
    use crate::config::testing::{feed, problems};

    #[test]
    fn rules_are_ranges_of_addresses() {
        for (line, want) in [
            ("ACL allow 10.0.0.1", "allow 10.0.0.1-10.0.0.1"),
            ("ACL DENY 10.0.0.1", "deny 10.0.0.1-10.0.0.1"),
            (
                "ACL allow 127.0.0.1",
                "allow 127.0.0.1-127.0.0.1 allow ::1-::1",
            ),
            (
                "ACL allow localhost",
                "allow 127.0.0.1-127.0.0.1 allow ::1-::1",
            ),
            ("ACL allow ::1", "allow ::1-::1"),
            ("ACL allow 126.0.0.0 128.0.0.0", "allow 126.0.0.0-128.0.0.0"),
            ("ACL allow 127.0.0.1 127.0.0.9", "allow 127.0.0.1-127.0.0.9"),
            (
                "ACL allow 0.0.0.0 255.255.255.255",
                "allow 0.0.0.0-255.255.255.255",
            ),
            (
                "ACL deny 192.168.7.9/16",
                "deny 192.168.0.0-192.168.255.255",
            ),
            ("ACL deny 0.0.0.0/0", "deny 0.0.0.0-255.255.255.255"),
            ("ACL allow 1.2.3.4/32", "allow 1.2.3.4-1.2.3.4"),
            (
                "ACL allow 2001:db8::/112",
                "allow 2001:db8::-2001:db8::ffff",
            ),
        ] {
            let rules = feed(line).acl.rules;
            let text = |rule: &super::AclRule| {
                let action = if rule.allow { "allow" } else { "deny" };
                format!("{action} {}-{}", rule.first, rule.last)
            };
            assert_eq!(
                rules.iter().map(text).collect::<Vec<_>>().join(" "),
                want,
                "{line}"
            );
        }
    }

    #[test]
    fn a_rule_that_is_not_understood_stops_the_start() {
        for (line, want) in [
            ("ACL", "`ACL` wants `allow` or `deny`"),
            (
                "ACL maybe 1.2.3.4",
                "ACL `maybe`: `allow` or `deny` is wanted",
            ),
            (
                "ACL allow",
                "`ACL` wants an address, a network or a host name",
            ),
            (
                "ACL allow 1.2.3.999",
                "ACL `1.2.3.999`: neither an IPv4 or IPv6 address nor a host name",
            ),
            (
                "ACL allow no.such.host",
                "ACL `no.such.host`: no address is known for this host name",
            ),
            (
                "ACL allow 10.0.0.0/33",
                "ACL `10.0.0.0/33`: a network is written like `192.168.0.0/16` or `2001:db8::/32`",
            ),
            (
                "ACL allow 10.0.0.9 10.0.0.1",
                "ACL `10.0.0.1`: the range ends before it begins",
            ),
            (
                "ACL allow 10.0.0.0 255.255.255.0",
                "ACL `255.255.255.0`: this looks like a netmask; here it would be the last address",
            ),
            (
                "ACL allow 10.0.0.0 ::1",
                "ACL `::1`: both ends of a range are single addresses of the same family",
            ),
            (
                "ACL allow 10.0.0.0/8 10.0.0.1",
                "ACL `10.0.0.1`: both ends of a range are single addresses of the same family",
            ),
            (
                "ACL allow 10.0.0.1-10.0.0.9",
                "ACL `10.0.0.1-10.0.0.9`: a range is two words",
            ),
        ] {
            assert_eq!(problems("Feed", line), [format!("error: {want}")], "{line}");
        }
    }
}
