//! Posts a clip to a feed in real time, over and over.

use std::io::{self, Write};
use std::net::{SocketAddr, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, JoinHandle};
use std::time::Instant;

use formats::Format;
use media::Timestamp;

use super::clip::{Clip, INTERVAL};

/// A feeder at work on a thread of its own. Dropping it ends the post.
#[derive(Debug)]
pub(crate) struct Feeder {
    stop: Arc<AtomicBool>,
    thread: Option<JoinHandle<io::Result<()>>>,
}

impl Feeder {
    /// Starts posting to `/feed` of the server.
    pub(crate) fn start(server: SocketAddr, feed: &str, clip: Arc<Clip>) -> Self {
        let stop = Arc::new(AtomicBool::new(false));
        let (stopped, feed) = (Arc::clone(&stop), feed.to_owned());
        let thread = thread::spawn(move || post(server, &feed, &clip, &stopped));
        Self {
            stop,
            thread: Some(thread),
        }
    }
}

impl Drop for Feeder {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
        if let Some(Ok(Err(error))) = self.thread.take().map(JoinHandle::join) {
            eprintln!("the feeder failed: {error}");
        }
    }
}

fn post(server: SocketAddr, feed: &str, clip: &Clip, stop: &AtomicBool) -> io::Result<()> {
    let mut stream = TcpStream::connect(server)?;
    stream.set_nodelay(true)?;
    let mut muxer = Format::Ffm.muxer(&clip.tracks).map_err(io::Error::other)?;
    let mut bytes = format!(
        "POST /{feed} HTTP/1.1\r\nHost: {server}\r\nTransfer-Encoding: chunked\r\n\
         Connection: close\r\n\r\n"
    )
    .into_bytes();
    stream.write_all(&bytes)?;
    bytes.clear();
    muxer
        .write_header(Timestamp::ZERO, &mut bytes)
        .map_err(io::Error::other)?;
    let mut due = Instant::now();
    for index in 0.. {
        if stop.load(Ordering::Relaxed) {
            break;
        }
        muxer
            .write_packet(&clip.packet(index), &mut bytes)
            .map_err(io::Error::other)?;
        let chunk = [format!("{:x}\r\n", bytes.len()).as_bytes(), &bytes, b"\r\n"].concat();
        stream.write_all(&chunk)?;
        bytes.clear();
        due += INTERVAL;
        thread::sleep(due.saturating_duration_since(Instant::now()));
    }
    stream.write_all(b"0\r\n\r\n")
}
