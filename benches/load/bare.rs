//! The reference: the least that a server can do. One thread, one epoll loop, one `write` for each
//! viewer and picture; no parsing, no limits, no lag policy.

use std::io::{self, ErrorKind, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::time::Instant;

use rustix::event::{Timespec, epoll};

use super::clip::{INTERVAL, Muxed};

const HEAD: &[u8] = b"HTTP/1.1 200 OK\r\nContent-Type: video/x-flv\r\nConnection: close\r\n\r\n";
/// What epoll tells of the listening socket; viewers are told by their index.
const LISTENER: u64 = u64::MAX;

struct Viewer {
    stream: TcpStream,
    /// Its request came and it has the group of pictures so far.
    joined: bool,
}

/// Serves the clip in real time to whoever connects, until the process ends.
pub(crate) fn serve(listener: &TcpListener, clip: &Muxed) -> io::Result<()> {
    listener.set_nonblocking(true)?;
    let epoll = epoll::create(epoll::CreateFlags::CLOEXEC)?;
    let data = epoll::EventData::new_u64(LISTENER);
    epoll::add(&epoll, listener, data, epoll::EventFlags::IN)?;
    let mut viewers: Vec<Option<Viewer>> = Vec::new();
    let mut events = Vec::with_capacity(1024);
    let mut due = Instant::now();
    for index in 0.. {
        let next = index % clip.pictures.len();
        due += INTERVAL;
        loop {
            let left = due.saturating_duration_since(Instant::now());
            let timeout = Timespec::try_from(left).map_err(io::Error::other)?;
            events.clear();
            epoll::wait(
                &epoll,
                rustix::buffer::spare_capacity(&mut events),
                Some(&timeout),
            )?;
            for event in &events {
                match event.data.u64() {
                    LISTENER => accept(listener, &epoll, &mut viewers)?,
                    viewer => hear(
                        &mut viewers[usize::try_from(viewer).unwrap_or(0)],
                        clip,
                        next,
                    ),
                }
            }
            if left.is_zero() {
                break;
            }
        }
        let picture = &clip.pictures[next];
        for viewer in &mut viewers {
            if viewer.as_ref().is_some_and(|viewer| viewer.joined) {
                write(viewer, &picture.bytes);
            }
        }
    }
    Ok(())
}

fn accept(
    listener: &TcpListener,
    epoll: &rustix::fd::OwnedFd,
    viewers: &mut Vec<Option<Viewer>>,
) -> io::Result<()> {
    loop {
        let stream = match listener.accept() {
            Ok((stream, _)) => stream,
            Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(()),
            Err(error) => return Err(error),
        };
        stream.set_nonblocking(true)?;
        stream.set_nodelay(true)?;
        let data = epoll::EventData::new_u64(viewers.len() as u64);
        epoll::add(epoll, &stream, data, epoll::EventFlags::IN)?;
        let joined = false;
        viewers.push(Some(Viewer { stream, joined }));
    }
}

/// The request came, or the viewer left.
fn hear(slot: &mut Option<Viewer>, clip: &Muxed, next: usize) {
    let Some(viewer) = slot else { return };
    match viewer.stream.read(&mut [0; 2048]) {
        Ok(1..) if viewer.joined => {}
        Ok(1..) => {
            viewer.joined = true;
            let pictures = &clip.pictures[..next];
            let start = pictures.iter().rposition(|picture| picture.key);
            let group = start.map_or(&[][..], |start| &pictures[start..]);
            let group: Vec<u8> = group.iter().flat_map(|p| p.bytes.iter().copied()).collect();
            write(slot, &[HEAD, &clip.header, &group].concat());
        }
        Err(error) if error.kind() == ErrorKind::WouldBlock => {}
        Ok(0) | Err(_) => *slot = None,
    }
}

/// One write. What a viewer has no room for is lost to it; one that is gone is forgotten.
fn write(slot: &mut Option<Viewer>, bytes: &[u8]) {
    let Some(viewer) = slot else { return };
    match viewer.stream.write(bytes) {
        Ok(_) => {}
        Err(error) if error.kind() == ErrorKind::WouldBlock => {}
        Err(_) => *slot = None,
    }
}
