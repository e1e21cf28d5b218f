//! What a configuration's meaning needs to know of the machine: names of hosts, files that exist.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, ToSocketAddrs};
use std::path::Path;

/// Two questions to the machine.
#[derive(Debug, Clone, Copy)]
pub(crate) struct World {
    /// The addresses of a host name; none if it has none or cannot be found out.
    pub(crate) resolve: fn(&str) -> Vec<IpAddr>,
    /// Whether a file is there, if that can be known.
    pub(crate) exists: fn(&Path) -> Option<bool>,
}

impl World {
    /// This machine. Looking up a name blocks as long as the system's resolver does.
    pub(crate) const SYSTEM: Self = Self {
        resolve: system_resolve,
        exists: |path| Some(path.exists()),
    };

    /// No machine: `localhost` is the only host, and nothing is known of files.
    pub(crate) const NONE: Self = Self {
        resolve: localhost,
        exists: |_| None,
    };
}

fn localhost(host: &str) -> Vec<IpAddr> {
    if host.eq_ignore_ascii_case("localhost") {
        vec![Ipv4Addr::LOCALHOST.into(), Ipv6Addr::LOCALHOST.into()]
    } else {
        Vec::new()
    }
}

fn system_resolve(host: &str) -> Vec<IpAddr> {
    let known = localhost(host);
    if !known.is_empty() {
        return known;
    }
    let Ok(found) = (host, 0).to_socket_addrs() else {
        return Vec::new();
    };
    let mut addresses: Vec<_> = found.map(|address| address.ip()).collect();
    addresses.sort_unstable();
    addresses.dedup();
    addresses
}
