//! Listening sockets and the accept loop.

use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use smol::net::{TcpListener, TcpStream};
use socket2::{Domain, Protocol, Socket, Type};
use tracing::warn;

use super::connection::Connection;
use super::executor::EXECUTOR;
use super::http;
use crate::site::Site;

/// Connections that the kernel holds while we are busy.
const BACKLOG: i32 = 1024;
/// Connections over `MaxHTTPConnections` that are still read from, to be told why they are refused.
const REFUSED_AT_ONCE: u64 = 64;
/// Pause after a failed accept (no descriptors, most likely), so as not to spin.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

/// A bound listening socket.
#[derive(Debug)]
pub(crate) struct Bound {
    listener: TcpListener,
    /// Where it listens.
    pub address: SocketAddr,
}

/// Binds a port on one address, or without one on all, IPv4 and IPv6. Port 0 takes a free port,
/// the same for both. A machine without IPv6 gets IPv4 alone.
///
/// # Errors
/// The address that cannot be bound and the system's error.
pub(crate) fn bind(
    address: Option<IpAddr>,
    port: u16,
) -> Result<Vec<Bound>, (SocketAddr, io::Error)> {
    let bind_one = |address, port| {
        let address = SocketAddr::new(address, port);
        listen(address).map_err(|error| (address, error))
    };
    if let Some(address) = address {
        return Ok(vec![bind_one(address, port)?]);
    }
    let v4 = bind_one(IpAddr::V4(Ipv4Addr::UNSPECIFIED), port)?;
    let port = v4.address.port();
    match bind_one(IpAddr::V6(Ipv6Addr::UNSPECIFIED), port) {
        Ok(v6) => Ok(vec![v4, v6]),
        Err((_, error)) if no_ipv6(&error) => Ok(vec![v4]),
        Err(other) => Err(other),
    }
}

fn no_ipv6(error: &io::Error) -> bool {
    let codes = [
        rustix::io::Errno::AFNOSUPPORT,
        rustix::io::Errno::ADDRNOTAVAIL,
    ];
    codes
        .iter()
        .any(|code| error.raw_os_error() == Some(code.raw_os_error()))
}

fn listen(address: SocketAddr) -> io::Result<Bound> {
    let socket = Socket::new(
        Domain::for_address(address),
        Type::STREAM,
        Some(Protocol::TCP),
    )?;
    if address.is_ipv6() {
        // IPv4 has a socket of its own, so that peers are told by their IPv4 addresses.
        socket.set_only_v6(true)?;
    }
    socket.set_reuse_address(true)?;
    socket.bind(&address.into())?;
    socket.listen(BACKLOG)?;
    socket.set_nonblocking(true)?;
    let listener: std::net::TcpListener = socket.into();
    let address = listener.local_addr()?;
    Ok(Bound {
        listener: TcpListener::try_from(listener)?,
        address,
    })
}

/// Accepts connections for ever.
pub(crate) async fn serve_http(bound: Bound, site: Arc<Site>) {
    let open = Arc::new(AtomicU64::new(0));
    loop {
        match bound.listener.accept().await {
            Ok((stream, peer)) => accept(stream, peer, &site, &open),
            Err(error) => {
                warn!("cannot accept a connection on {}: {error}", bound.address);
                smol::Timer::after(ACCEPT_PAUSE).await;
            }
        }
    }
}

fn accept(stream: TcpStream, peer: SocketAddr, site: &Arc<Site>, open: &Arc<AtomicU64>) {
    let limit = u64::from(site.config().max_http_connections);
    let guard = OpenConnection::new(open);
    if guard.count > limit + REFUSED_AT_ONCE {
        warn!(
            "{peer}: closed at once, {} connections are open",
            guard.count
        );
        return;
    }
    // Without this every small write would wait for the peer's acknowledgement of the one before.
    if let Err(error) = stream.set_nodelay(true) {
        warn!("{peer}: {error}");
    }
    let site = Arc::clone(site);
    let task = async move {
        let refused = (guard.count > limit).then_some((guard.count, limit));
        http::serve(&site, Connection::new(stream, peer), refused).await;
        drop(guard);
    };
    EXECUTOR.spawn(task).detach();
}

/// Counts a connection as long as it lives.
struct OpenConnection {
    open: Arc<AtomicU64>,
    count: u64,
}

impl OpenConnection {
    fn new(open: &Arc<AtomicU64>) -> Self {
        let count = open.fetch_add(1, Ordering::Relaxed) + 1;
        Self {
            open: Arc::clone(open),
            count,
        }
    }
}

impl Drop for OpenConnection {
    fn drop(&mut self) {
        self.open.fetch_sub(1, Ordering::Relaxed);
    }
}
