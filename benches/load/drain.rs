//! Viewers that only drain: any number of them in one epoll loop, which throws the bytes away in the
//! kernel (`MSG_TRUNC`), so that most of the machine is left to the server.

use std::io::{self, ErrorKind, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::{Duration, Instant};

use rustix::event::{Timespec, epoll};
use rustix::net::{RecvFlags, recv};

/// What to do.
#[derive(Debug, Clone)]
pub(crate) struct Plan {
    pub(crate) server: SocketAddr,
    pub(crate) path: String,
    pub(crate) clients: usize,
    /// All clients come within this time, evenly.
    pub(crate) arrival: Duration,
    /// Between the last arrival and the window.
    pub(crate) warm_up: Duration,
    /// The time that is measured.
    pub(crate) window: Duration,
    /// A viewer that has so many bytes has its first picture.
    pub(crate) first_picture_bytes: usize,
}

/// What the viewers saw.
#[derive(Debug, Clone, Default)]
pub(crate) struct Seen {
    /// Bytes received in the window, by all.
    pub(crate) bytes: u64,
    /// Length of the window.
    pub(crate) window: Duration,
    /// From `connect` to the first byte, sorted, one for each viewer that got one.
    pub(crate) first_byte: Vec<Duration>,
    /// From `connect` to the first picture, sorted.
    pub(crate) first_picture: Vec<Duration>,
    /// Viewers whose connection ended before the window did.
    pub(crate) lost: usize,
}

struct Viewer {
    stream: TcpStream,
    since: Instant,
    bytes: u64,
}

/// Runs it. `at_window` is called when the window begins.
pub(crate) fn run(plan: &Plan, at_window: impl FnOnce()) -> io::Result<Seen> {
    let mut drain = Drain {
        plan,
        epoll: epoll::create(epoll::CreateFlags::CLOEXEC)?,
        viewers: Vec::with_capacity(plan.clients),
        seen: Seen::default(),
        trash: vec![0; 1 << 20],
    };
    let start = Instant::now();
    for index in 0..plan.clients {
        let share = index as f64 / plan.clients as f64;
        drain.until(start + plan.arrival.mul_f64(share))?;
        drain.connect()?;
    }
    drain.until(start + plan.arrival + plan.warm_up)?;
    drain.seen.bytes = 0;
    at_window();
    let window = Instant::now();
    drain.until(window + plan.window)?;
    let mut seen = drain.seen;
    seen.window = window.elapsed();
    seen.first_byte.sort();
    seen.first_picture.sort();
    Ok(seen)
}

struct Drain<'a> {
    plan: &'a Plan,
    epoll: rustix::fd::OwnedFd,
    viewers: Vec<Viewer>,
    seen: Seen,
    trash: Vec<u8>,
}

impl Drain<'_> {
    fn connect(&mut self) -> io::Result<()> {
        let since = Instant::now();
        let mut stream = TcpStream::connect(self.plan.server)?;
        write!(
            stream,
            "GET {} HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n\r\n",
            self.plan.path, self.plan.server
        )?;
        stream.set_nonblocking(true)?;
        let data = epoll::EventData::new_u64(self.viewers.len() as u64);
        epoll::add(&self.epoll, &stream, data, epoll::EventFlags::IN)?;
        self.viewers.push(Viewer {
            stream,
            since,
            bytes: 0,
        });
        Ok(())
    }

    fn until(&mut self, end: Instant) -> io::Result<()> {
        let mut events = Vec::with_capacity(1024);
        loop {
            let left = end.saturating_duration_since(Instant::now());
            let timeout = Timespec::try_from(left).map_err(io::Error::other)?;
            events.clear();
            epoll::wait(
                &self.epoll,
                rustix::buffer::spare_capacity(&mut events),
                Some(&timeout),
            )?;
            for event in &events {
                let index = usize::try_from(event.data.u64()).map_err(io::Error::other)?;
                self.drain(index)?;
            }
            if left.is_zero() {
                return Ok(());
            }
        }
    }

    fn drain(&mut self, index: usize) -> io::Result<()> {
        let viewer = &mut self.viewers[index];
        let received = match recv(&viewer.stream, &mut self.trash[..], RecvFlags::TRUNC) {
            Ok((_, len)) => len,
            Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(()),
            Err(_) => 0,
        };
        if received == 0 {
            self.seen.lost += 1;
            return Ok(epoll::delete(&self.epoll, &viewer.stream)?);
        }
        let before = viewer.bytes;
        viewer.bytes += received as u64;
        self.seen.bytes += received as u64;
        if before == 0 {
            self.seen.first_byte.push(viewer.since.elapsed());
        }
        let picture = self.plan.first_picture_bytes as u64;
        if before < picture && viewer.bytes >= picture {
            self.seen.first_picture.push(viewer.since.elapsed());
        }
        Ok(())
    }
}

/// The value below which the share `of_100` of a sorted list lies.
pub(crate) fn percentile(sorted: &[Duration], of_100: usize) -> Duration {
    let index = (sorted.len() * of_100 / 100).min(sorted.len().saturating_sub(1));
    sorted.get(index).copied().unwrap_or_default()
}
