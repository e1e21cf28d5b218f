//! Where a server of ours does listen on this machine: the hint when a connection is refused.
//!
//! Linux only (`proc(5)`: `/proc/net/tcp`, `/proc/PID/fd`), and only processes whose files this
//! user may see; elsewhere there is no hint.

use std::collections::HashSet;
use std::fs;
use std::path::Path;

/// Ports on which a process called like one of ours listens, in rising order.
pub(super) fn ports() -> Vec<u16> {
    let mut sockets = HashSet::new();
    for entry in fs::read_dir("/proc").into_iter().flatten().flatten() {
        let is_process = entry
            .file_name()
            .to_string_lossy()
            .bytes()
            .all(|byte| byte.is_ascii_digit());
        if is_process && is_ours(&entry.path()) {
            sockets.extend(sockets_of(&entry.path()));
        }
    }
    if sockets.is_empty() {
        return Vec::new();
    }
    let mut ports: Vec<u16> = ["/proc/net/tcp", "/proc/net/tcp6"]
        .iter()
        .filter_map(|table| fs::read_to_string(table).ok())
        .flat_map(|table| listeners(&table))
        .filter(|(_, inode)| sockets.contains(inode))
        .map(|(port, _)| port)
        .collect();
    ports.sort_unstable();
    ports.dedup();
    ports
}

/// Whether the program, or the name it was called by, is one of ours. A script called ffserver and
/// the original server pass, too: they are what was looked for.
fn is_ours(process: &Path) -> bool {
    let program = fs::read_link(process.join("exe")).ok();
    let program = program.as_deref().and_then(Path::file_name);
    let name = fs::read_to_string(process.join("comm")).unwrap_or_default();
    PROGRAMS
        .iter()
        .any(|ours| name.trim_end() == *ours || program.is_some_and(|program| program == *ours))
}

/// Inodes of the sockets that a process holds.
fn sockets_of(process: &Path) -> impl Iterator<Item = u64> {
    fs::read_dir(process.join("fd"))
        .into_iter()
        .flatten()
        .flatten()
        .filter_map(|entry| {
            let target = fs::read_link(entry.path()).ok()?;
            let inode = target.to_str()?.strip_prefix("socket:[")?;
            inode.strip_suffix(']')?.parse().ok()
        })
}

/// Ports and inodes of the listening sockets in the text of `/proc/net/tcp`.
///
/// | word | example         | meaning                                    |
/// |-----:|-----------------|--------------------------------------------|
/// |    1 | `0100007F:2927` | local address and port, hexadecimal        |
/// |    3 | `0A`            | state, 0A is listening                     |
/// |    9 | `31337`         | inode of the socket                        |
fn listeners(table: &str) -> Vec<(u16, u64)> {
    let listener = |line: &str| {
        let words: Vec<&str> = line.split_whitespace().collect();
        let (_, port) = words.get(1)?.split_once(':')?;
        let port = u16::from_str_radix(port, 16).ok()?;
        let inode = words.get(9)?.parse().ok()?;
        (*words.get(3)? == LISTENING).then_some((port, inode))
    };
    table.lines().skip(1).filter_map(listener).collect()
}

const LISTENING: &str = "0A";

/// Names of the server's program.
const PROGRAMS: [&str; 2] = ["ferrocast", "ffserver"];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn listening_sockets_are_picked_from_the_table() {
        let table = "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n   \
            0: 00000000:2927 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 31337 1 0000000000000000 100 0 0 10 0\n   \
            1: 0100007F:2927 0100007F:C350 01 00000000:00000000 00:00000000 00000000     0        0 31338 1 0000000000000000 20 4 30 10 -1\n   \
            2: 00000000000000000000000000000000:1F9A 00000000000000000000000000000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 7 1 0\n   \
            3: damaged\n";
        assert_eq!(listeners(table), [(0x2927, 31337), (8090, 7)]);
    }

    #[test]
    fn a_socket_of_this_process_is_found() {
        let listener = std::net::TcpListener::bind(("127.0.0.1", 0)).unwrap();
        let port = listener.local_addr().unwrap().port();
        let own: HashSet<u64> = sockets_of(Path::new("/proc/self")).collect();
        let table = fs::read_to_string("/proc/net/tcp").unwrap();
        assert!(
            listeners(&table)
                .iter()
                .any(|(found, inode)| *found == port && own.contains(inode))
        );
    }
}
