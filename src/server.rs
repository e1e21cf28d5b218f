//! The server: a configuration put on sockets.

use std::io;
use std::net::{IpAddr, SocketAddr, TcpListener};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use media::Timestamp;

use crate::access::AccessLog;
use crate::config::model::{Config, LogTarget};
use crate::feed::recorder::OpenError;
use crate::net::{Bound, EXECUTOR, bind, serve_http, start_executor};
use crate::site::Site;

/// How long viewers have to take the ends of their streams when the server stops.
const STOP_TIMEOUT: Duration = Duration::from_secs(4);
/// How often it is looked whether they have.
const STOP_POLL: Duration = Duration::from_millis(20);
/// How many ports after a busy one are tried, to name a free one.
const FREE_PORT_TRIES: u16 = 100;

/// A server with its sockets open.
#[derive(Debug)]
pub struct Server {
    site: Arc<Site>,
    http: Vec<Bound>,
}

/// What is not in the configuration file.
#[derive(Debug, Clone, Copy, Default)]
pub struct Options {
    /// Stream time of the first packet of every live stream: how a server looks to its viewers that
    /// has been up for that long.
    pub origin: Timestamp,
}

/// Why the server cannot start.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StartError {
    /// Another program has the port.
    #[error("port {port} is taken by another program{}", free_hint(*.free))]
    PortTaken {
        /// The port.
        port: u16,
        /// The next port that is free, if one was found.
        free: Option<u16>,
    },
    /// The system refuses the address.
    #[error("cannot listen on {address}: {source}{}", privilege_hint(*.address))]
    Bind {
        /// The address.
        address: SocketAddr,
        /// What the system said.
        source: io::Error,
    },
    /// The configuration names no port.
    #[error("the configuration has no HTTPPort: there is nothing to serve on")]
    NoPort,
    /// The access log cannot be opened.
    #[error("cannot open the access log {path}: {source}", path = .path.display())]
    AccessLog {
        /// `CustomLog`.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// A feed file cannot be used.
    #[error(transparent)]
    FeedFile(#[from] OpenError),
    /// A thread cannot be started.
    #[error("cannot start a thread: {0}")]
    Thread(io::Error),
}

impl Server {
    /// Opens the sockets and files of a configuration.
    ///
    /// # Errors
    /// [`StartError`] says what is in the way.
    pub fn bind(config: Config, options: Options) -> Result<Self, StartError> {
        let port = config.http_port.ok_or(StartError::NoPort)?;
        let http = bind(config.http_bind, port)
            .map_err(|(address, error)| explain(address, error, config.http_bind))?;
        let access_log = AccessLog::open(config.custom_log.as_ref()).map_err(|source| {
            let path = match &config.custom_log {
                Some(LogTarget::File(path)) => path.clone(),
                _ => PathBuf::from("-"),
            };
            StartError::AccessLog { path, source }
        })?;
        Ok(Self {
            site: Arc::new(Site::new(config, access_log, options.origin)?),
            http,
        })
    }

    /// Where HTTP listens.
    pub fn http_addresses(&self) -> impl Iterator<Item = SocketAddr> {
        self.http.iter().map(|bound| bound.address)
    }

    /// Serves in the background until [`Running::stop`].
    ///
    /// # Errors
    /// [`StartError::Thread`].
    pub fn start(self) -> Result<Running, StartError> {
        allow_many_files();
        start_executor().map_err(StartError::Thread)?;
        let tasks = self
            .http
            .into_iter()
            .map(|bound| EXECUTOR.spawn(serve_http(bound, Arc::clone(&self.site))))
            .collect();
        Ok(Running {
            site: self.site,
            accepting: tasks,
        })
    }
}

/// A server at work.
#[derive(Debug)]
pub struct Running {
    site: Arc<Site>,
    accepting: Vec<smol::Task<()>>,
}

impl Running {
    /// Stops accepting, ends all streams with their trailers, and waits for the viewers to take
    /// them, but not for ever.
    pub fn stop(self) {
        drop(self.accepting);
        for feed in self.site.feeds() {
            feed.end_streams("the server is stopping");
        }
        let deadline = Instant::now() + STOP_TIMEOUT;
        while self.site.admission().clients() > 0 && Instant::now() < deadline {
            std::thread::sleep(STOP_POLL);
        }
    }
}

/// Every viewer takes a descriptor, and the usual soft limit of 1024 is meant for programs that use
/// select(2). Where it cannot be raised, connections beyond it wait in the kernel.
fn allow_many_files() {
    use rustix::process::{Resource, getrlimit, setrlimit};
    let limit = getrlimit(Resource::Nofile);
    let raised = rustix::process::Rlimit {
        current: limit.maximum,
        ..limit
    };
    let _ = setrlimit(Resource::Nofile, raised);
}

fn explain(address: SocketAddr, source: io::Error, bind: Option<IpAddr>) -> StartError {
    if source.kind() != io::ErrorKind::AddrInUse {
        return StartError::Bind { address, source };
    }
    let port = address.port();
    let on = bind.unwrap_or_else(|| address.ip());
    let is_free = |port: &u16| TcpListener::bind(SocketAddr::new(on, *port)).is_ok();
    let free = (port.saturating_add(1)..=port.saturating_add(FREE_PORT_TRIES)).find(is_free);
    StartError::PortTaken { port, free }
}

fn free_hint(free: Option<u16>) -> String {
    free.map(|port| format!("; port {port} is free"))
        .unwrap_or_default()
}

fn privilege_hint(address: SocketAddr) -> &'static str {
    if address.port() < 1024 {
        " (ports below 1024 need privileges: choose a higher one, or grant CAP_NET_BIND_SERVICE)"
    } else {
        ""
    }
}
