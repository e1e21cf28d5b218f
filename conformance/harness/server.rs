//! The real program as a server, on ports that the system chose.

use std::env;
use std::net::SocketAddr;
use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use super::client::{self, Reply};
use super::process::Program;
use super::scratch::Scratch;
use super::wait::wait_for;

/// How long the program may take from its start to its `ready` line.
const START_LIMIT: Duration = Duration::from_secs(20);

/// The program under test: the one just built, or the one that `FERROCAST_BIN` names.
pub(crate) fn binary() -> PathBuf {
    env::var_os("FERROCAST_BIN").map_or_else(
        || PathBuf::from(env!("CARGO_BIN_EXE_ferrocast")),
        PathBuf::from,
    )
}

/// A server that is up.
#[derive(Debug)]
pub(crate) struct Server {
    program: Program,
    http: SocketAddr,
}

impl Server {
    /// Starts `ferrocast serve -f CONF` with this configuration. `HTTPPort 0` lets the system
    /// choose.
    pub(crate) fn start(scratch: &Scratch, config: &str) -> Self {
        let path = scratch.write("server.conf", config);
        Self::start_command(Command::new(binary()).arg("serve").arg("-f").arg(path))
    }

    /// Starts the server by a command of the caller's.
    pub(crate) fn start_command(command: &mut Command) -> Self {
        let mut program = Program::start(command);
        let http = wait_for("the server's ready line", START_LIMIT, || {
            let exit = program.poll_exit();
            let out = program.stdout();
            if out.lines().any(|line| line == "ready") {
                return Some(http_address(&out));
            }
            assert!(
                exit.is_none(),
                "the server ended ({exit:?}) before it was ready\n{out}\n{}",
                program.stderr()
            );
            None
        });
        Self { program, http }
    }

    /// Its HTTP address.
    pub(crate) fn http(&self) -> SocketAddr {
        self.http
    }

    /// Its process.
    pub(crate) fn id(&self) -> u32 {
        self.program.id()
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.http)
    }

    pub(crate) fn get(&self, path: &str) -> Reply {
        client::get(self.http, path)
    }

    /// All it has written so far, log included.
    pub(crate) fn output(&self) -> String {
        format!("{}{}", self.program.stdout(), self.program.stderr())
    }

    /// `kill -9`.
    pub(crate) fn kill(&mut self) {
        self.program.kill();
    }

    /// Resident memory in bytes.
    pub(crate) fn memory_bytes(&self) -> u64 {
        let path = format!("/proc/{}/status", self.program.id());
        let status = std::fs::read_to_string(path).expect("a running server");
        let line = status
            .lines()
            .find(|line| line.starts_with("VmRSS:"))
            .expect("VmRSS");
        let kib: u64 = line
            .split_whitespace()
            .nth(1)
            .and_then(|word| word.parse().ok())
            .expect("VmRSS in kB");
        kib * 1024
    }

    /// Fails the test if the server is gone: every test of bad input ends here.
    pub(crate) fn assert_alive(&mut self) {
        if let Some(exit) = self.program.poll_exit() {
            panic!(
                "the server ended: {exit} (signal {:?})\n{}",
                exit.signal(),
                self.output()
            );
        }
    }
}

/// The address in `listening http ADDRESS`; IPv4 if there are several.
fn http_address(out: &str) -> SocketAddr {
    let mut found: Vec<SocketAddr> = out
        .lines()
        .filter_map(|line| line.strip_prefix("listening http "))
        .map(|text| {
            text.parse()
                .unwrap_or_else(|_| panic!("not an address: {text}"))
        })
        .collect();
    found.sort_by_key(SocketAddr::is_ipv6);
    let mut first = *found
        .first()
        .unwrap_or_else(|| panic!("no HTTP socket in:\n{out}"));
    if first.ip().is_unspecified() {
        first.set_ip([127, 0, 0, 1].into());
    }
    first
}

/// The text of a configuration: HTTP on loopback, generous limits, one feed, and `streams` of it.
pub(crate) fn live_config(scratch: &Scratch, streams: &str) -> String {
    format!(
        "HTTPPort 0\nHTTPBindAddress 127.0.0.1\nMaxHTTPConnections 2000\nMaxClients 1000\n\
         MaxBandwidth 1000000\nCustomLog {}\n\
         <Feed feed1.ffm>\nFile {}\nFileMaxSize 16M\nACL allow 127.0.0.1\n</Feed>\n{streams}",
        scratch.file("access.log").display(),
        scratch.file("feed1.ffm").display(),
    )
}

/// One live H.264 stream of `feed1.ffm`: 320x240, 25 pictures a second, a key frame each second.
pub(crate) fn h264_stream(name: &str, format: &str) -> String {
    format!(
        "<Stream {name}>\nFeed feed1.ffm\nFormat {format}\nVideoCodec libx264\nVideoSize 320x240\n\
         VideoFrameRate 25\nVideoBitRate 500\nVideoGopSize 25\nNoAudio\n</Stream>\n"
    )
}

/// One live Motion JPEG stream of `feed1.ffm`: 320x240, 25 pictures a second.
pub(crate) fn mjpeg_stream(name: &str, format: &str) -> String {
    format!(
        "<Stream {name}>\nFeed feed1.ffm\nFormat {format}\nVideoCodec mjpeg\nVideoSize 320x240\n\
         VideoFrameRate 25\nVideoBitRate 2000\nVideoQMin 2\nVideoQMax 8\nNoAudio\n</Stream>\n"
    )
}

/// The lines of the access log whose request names `path`.
pub(crate) fn access_log(path: &Path, of: &str) -> Vec<String> {
    let log = std::fs::read_to_string(path).unwrap_or_default();
    log.lines()
        .filter(|line| line.contains(of))
        .map(str::to_owned)
        .collect()
}
