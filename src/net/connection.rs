//! One TCP connection: reads and writes under deadlines.

use std::future::Future;
use std::io::{self, IoSlice};
use std::net::{Shutdown, SocketAddr};
use std::pin::Pin;
use std::time::{Duration, Instant};

use bytes::Bytes;
use smol::future::{self, FutureExt};
use smol::io::{AsyncReadExt, AsyncWrite, AsyncWriteExt};
use smol::net::TcpStream;
use socket2::SockRef;

use crate::http::head::{Parsed, RequestHead};
use crate::http::status::RequestError;

/// How long a connection may take to send a whole request head, waiting included.
pub(super) const HEAD_TIMEOUT: Duration = Duration::from_secs(15);
/// How long a peer may take none of what is sent before it is given up.
pub(super) const STALL_TIMEOUT: Duration = Duration::from_secs(10);
/// How long, and how much, is read from a peer that was refused, so that it sees the reply before
/// the connection is reset.
const DRAIN_TIMEOUT: Duration = Duration::from_secs(3);
const DRAIN_BYTES: usize = 64 << 20;
/// How much of a live stream the kernel may hold that is not on its way to the viewer. Without a
/// bound it takes up to 4 MiB (`tcp_wmem`), half a minute of 1 Mbit/s, before a slow viewer is seen
/// to be one; a smaller send buffer would slow down fast viewers that are far away.
const UNSENT_BYTES: u32 = 256 << 10;
/// Bytes asked of the socket at a time.
const READ_BYTES: usize = 16 << 10;

/// A connection and what was received on it but not yet used.
#[derive(Debug)]
pub(super) struct Connection {
    stream: TcpStream,
    pub(super) peer: SocketAddr,
    received: Vec<u8>,
}

/// Why no request came.
#[derive(Debug)]
pub(super) enum NoRequest {
    /// The peer has closed between requests, or sent nothing in time.
    Idle,
    /// The peer is to be told.
    Refuse(RequestError),
    /// The connection failed.
    Io(io::Error),
}

impl Connection {
    pub(super) fn new(stream: TcpStream, peer: SocketAddr) -> Self {
        let peer = SocketAddr::new(peer.ip().to_canonical(), peer.port());
        Self {
            stream,
            peer,
            received: Vec::new(),
        }
    }

    /// Where the peer reached us, as `address:port`.
    pub(super) fn local_address(&self) -> String {
        self.stream
            .local_addr()
            .map_or_else(|_| "localhost".to_owned(), |a| a.to_string())
    }

    /// The next request head.
    pub(super) async fn read_head(&mut self) -> Result<RequestHead, NoRequest> {
        let deadline = Instant::now() + HEAD_TIMEOUT;
        loop {
            match RequestHead::parse(&self.received) {
                Ok(Parsed::Complete(head, len)) => {
                    self.received.drain(..len);
                    return Ok(head);
                }
                Ok(Parsed::Partial) => {}
                Err(error) => return Err(NoRequest::Refuse(error)),
            }
            let left = deadline.saturating_duration_since(Instant::now());
            match within(left, self.read_more()).await {
                Ok(0) => return Err(self.ended_early()),
                Ok(_) => {}
                Err(error) if error.kind() == io::ErrorKind::TimedOut => {
                    return Err(self.timed_out());
                }
                Err(error) => return Err(NoRequest::Io(error)),
            }
        }
    }

    fn ended_early(&self) -> NoRequest {
        if self.received.is_empty() {
            return NoRequest::Idle;
        }
        let reason = "the connection ended inside the request".to_owned();
        NoRequest::Refuse(RequestError::Malformed { reason })
    }

    fn timed_out(&self) -> NoRequest {
        if self.received.is_empty() {
            return NoRequest::Idle;
        }
        NoRequest::Refuse(RequestError::Timeout {
            after: HEAD_TIMEOUT,
        })
    }

    /// Bytes received and not yet used.
    pub(super) fn received(&self) -> &[u8] {
        &self.received
    }

    /// Marks received bytes as used.
    pub(super) fn consume(&mut self, len: usize) {
        self.received.drain(..len.min(self.received.len()));
    }

    /// Makes the connection one that lives long and is only written to: gives back what reading the
    /// request took, and bounds what the kernel holds for a viewer that takes nothing.
    pub(super) fn prepare_for_live(&mut self) -> io::Result<()> {
        self.received.shrink_to_fit();
        SockRef::from(&self.stream).set_tcp_notsent_lowat(UNSENT_BYTES)
    }

    /// Reads what there is; 0 at the end.
    pub(super) async fn read_more(&mut self) -> io::Result<usize> {
        let before = self.received.len();
        self.received.resize(before + READ_BYTES, 0);
        let result = self.stream.read(&mut self.received[before..]).await;
        self.received
            .truncate(before + result.as_ref().copied().unwrap_or(0));
        result
    }

    /// Writes all of it, as long as the peer takes some of it every [`STALL_TIMEOUT`].
    pub(super) async fn write_all(&mut self, mut bytes: &[u8]) -> io::Result<()> {
        while !bytes.is_empty() {
            let written = within(STALL_TIMEOUT, self.stream.write(bytes)).await?;
            if written == 0 {
                return Err(io::ErrorKind::WriteZero.into());
            }
            bytes = &bytes[written..];
        }
        Ok(())
    }

    /// Writes all chunks with as few system calls as the socket allows, and empties the list.
    /// Returns the bytes written.
    pub(super) async fn write_chunks(&mut self, chunks: &mut Vec<Bytes>) -> io::Result<u64> {
        let total = chunks.iter().map(|chunk| chunk.len() as u64).sum();
        if let [single] = &chunks[..] {
            let single = single.clone();
            self.write_all(&single).await?;
        } else {
            let mut slices: Vec<IoSlice<'_>> = chunks.iter().map(|c| IoSlice::new(c)).collect();
            let mut rest = &mut slices[..];
            while !rest.is_empty() {
                let stream = &mut self.stream;
                let write =
                    future::poll_fn(|cx| Pin::new(&mut *stream).poll_write_vectored(cx, rest));
                let written = within(STALL_TIMEOUT, write).await?;
                if written == 0 {
                    return Err(io::ErrorKind::WriteZero.into());
                }
                IoSlice::advance_slices(&mut rest, written);
            }
        }
        chunks.clear();
        Ok(total)
    }

    /// Ends our side, then reads on for a while, so that a peer that is still sending gets to read
    /// the reply: a close with unread bytes would be a reset that throws the reply away.
    pub(super) async fn close_after_reply(&mut self) {
        if self.stream.shutdown(Shutdown::Write).is_err() {
            return;
        }
        let drain = async {
            let mut drained = 0;
            while drained < DRAIN_BYTES {
                self.received.clear();
                match self.read_more().await {
                    Ok(len @ 1..) => drained += len,
                    _ => break,
                }
            }
            Ok(())
        };
        // Whatever comes of it, the connection is closed.
        let _ = within(DRAIN_TIMEOUT, drain).await;
    }
}

/// Gives up with [`io::ErrorKind::TimedOut`] when `limit` has passed.
pub(super) async fn within<T>(
    limit: Duration,
    work: impl Future<Output = io::Result<T>>,
) -> io::Result<T> {
    let timeout = async {
        smol::Timer::after(limit).await;
        Err(io::ErrorKind::TimedOut.into())
    };
    // `or` polls the work first, so that the timer is never set up for what is ready at once.
    work.or(timeout).await
}
