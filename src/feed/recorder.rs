//! Stores a feed in its ring, on a thread of its own.
//!
//! Live streaming never waits for a disk: packets go to the thread through a bounded queue, and
//! what does not fit is left out of the ring, not out of the streams. A disk that fails is tried
//! again after a while; meanwhile the streams go on from memory.

use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use media::{MediaKind, Packet, Track};
use tracing::{error, info, warn};

use super::ring_file::{Anew, Opened, RingError, RingFile, RingOptions, SyncPolicy};
use super::store::FileStorage;
use crate::config::model::FeedConfig;

/// Packets that wait for the disk at most: tens of seconds of video.
const QUEUE_PACKETS: usize = 1024;
/// Pause after a failure before the disk is tried again.
const RETRY_AFTER: Duration = Duration::from_secs(5);
/// Media time between two syncs: what a power cut may cost.
const SYNC_EVERY: Duration = Duration::from_secs(10);

/// The storing half of a feed.
#[derive(Debug)]
pub struct Recorder {
    /// `None` when it has been stopped.
    queue: Option<SyncSender<Message>>,
    thread: Option<JoinHandle<()>>,
    left_out: Arc<AtomicU64>,
}

enum Message {
    Begin(Vec<Track>),
    Packet(Packet),
    End,
}

/// Why the ring cannot be used at all.
#[derive(Debug, thiserror::Error)]
#[error("cannot open the feed file {path}", path = .path.display())]
pub struct OpenError {
    path: PathBuf,
    source: Box<dyn std::error::Error + Send + Sync>,
}

impl OpenError {
    fn new(path: &Path, source: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        Self {
            path: path.to_owned(),
            source: source.into(),
        }
    }
}

/// A feed file is written over when it does not fit. What is no feed file at all has been named by
/// mistake, and is left alone.
fn refuse_other_files(path: &Path) -> Result<(), OpenError> {
    let mut magic = Vec::new();
    let read = File::open(path).and_then(|file| file.take(4).read_to_end(&mut magic));
    read.map_err(|error| OpenError::new(path, error))?;
    let ours = magic.is_empty() || magic.starts_with(b"FFM1") || magic.starts_with(b"FFM2");
    if ours {
        return Ok(());
    }
    Err(OpenError::new(
        path,
        "it is no feed file, and would be written over; name another file",
    ))
}

impl Recorder {
    /// Opens the ring of a feed and starts its thread.
    ///
    /// # Errors
    /// [`OpenError`] if the file cannot be opened: a wrong path or permission, most likely.
    pub fn start(config: &FeedConfig) -> Result<Self, OpenError> {
        let path = &config.file;
        let storage = FileStorage::open(path).map_err(|error| OpenError::new(path, error))?;
        refuse_other_files(path)?;
        let options = RingOptions {
            max_size_bytes: config.max_size_bytes,
            sync: SyncPolicy::Every(SYNC_EVERY),
        };
        let (ring, opened) =
            RingFile::open(storage, options, None).map_err(|error| OpenError::new(path, error))?;
        tell_opened(&config.name, path, &ring, &opened);
        let (sender, receiver) = sync_channel(QUEUE_PACKETS);
        let left_out = Arc::new(AtomicU64::new(0));
        let writer = Writer {
            name: config.name.clone(),
            truncate: config.truncate,
            ring,
            broken_since: None,
            left_out: Arc::clone(&left_out),
        };
        let thread = thread::Builder::new()
            .name(format!("ring {}", config.name))
            .spawn(move || writer.run(&receiver))
            .map_err(|error| OpenError::new(path, error))?;
        Ok(Self {
            queue: Some(sender),
            thread: Some(thread),
            left_out,
        })
    }

    /// A feeder has announced its tracks.
    pub fn begin(&self, tracks: &[Track]) {
        self.send(Message::Begin(tracks.to_vec()));
    }

    /// A packet of the announced tracks, times in microseconds.
    pub fn push(&self, packet: &Packet) {
        self.send(Message::Packet(packet.clone()));
    }

    /// The feeder has gone.
    pub fn end(&self) {
        self.send(Message::End);
    }

    /// Packets that are missing in the ring because the disk was too slow or failed.
    #[must_use]
    pub fn left_out(&self) -> u64 {
        self.left_out.load(Ordering::Relaxed)
    }

    fn send(&self, message: Message) {
        let Some(queue) = &self.queue else { return };
        match queue.try_send(message) {
            Ok(()) | Err(TrySendError::Disconnected(_)) => {}
            Err(TrySendError::Full(Message::Packet(_))) => {
                self.left_out.fetch_add(1, Ordering::Relaxed);
            }
            // These are rare and must not be lost; the feeder's task waits for the disk this once.
            Err(TrySendError::Full(rare)) => drop(queue.send(rare)),
        }
    }
}

impl Drop for Recorder {
    /// Waits until what is queued has been written.
    fn drop(&mut self) {
        self.queue = None;
        if let Some(thread) = self.thread.take() {
            // A panic there has been printed by its own thread.
            let _ = thread.join();
        }
    }
}

struct Writer {
    name: String,
    truncate: bool,
    ring: RingFile<FileStorage>,
    /// When the disk failed last.
    broken_since: Option<Instant>,
    left_out: Arc<AtomicU64>,
}

impl Writer {
    fn run(mut self, queue: &Receiver<Message>) {
        let mut tracks = Vec::new();
        while let Ok(message) = queue.recv() {
            if !self.usable(&tracks) {
                if let Message::Packet(_) = message {
                    self.left_out.fetch_add(1, Ordering::Relaxed);
                }
                if let Message::Begin(announced) = message {
                    tracks = announced;
                }
                continue;
            }
            let result = match message {
                Message::Begin(announced) => {
                    tracks = announced;
                    self.begin(&tracks)
                }
                Message::Packet(packet) => self.ring.append(&packet),
                Message::End => self.ring.end_session(),
            };
            if let Err(error) = result {
                self.fail(&error);
            }
        }
        let _ = self.ring.end_session();
    }

    fn begin(&mut self, tracks: &[Track]) -> Result<(), RingError> {
        if self.truncate {
            self.ring.clear()?;
        }
        if let Some(anew) = self.ring.set_tracks(tracks)?
            && anew != Anew::Empty
        {
            info!("{}: the ring starts anew: {anew}", self.name);
        }
        Ok(())
    }

    /// Whether the ring can be written; a broken one is tried again from time to time.
    fn usable(&mut self, tracks: &[Track]) -> bool {
        match self.broken_since {
            None => true,
            Some(since) if since.elapsed() < RETRY_AFTER => false,
            Some(_) => match self
                .ring
                .recover()
                .and_then(|_| self.ring.set_tracks(tracks))
            {
                Ok(_) => {
                    let missing = self.left_out.load(Ordering::Relaxed);
                    warn!(
                        "{}: the ring can be written again; {missing} packets are missing",
                        self.name
                    );
                    self.broken_since = None;
                    true
                }
                Err(_) => {
                    self.broken_since = Some(Instant::now());
                    false
                }
            },
        }
    }

    /// A packet that does not fit is left out; a disk that fails is left alone for a while.
    fn fail(&mut self, error: &RingError) {
        self.left_out.fetch_add(1, Ordering::Relaxed);
        if matches!(error, RingError::Io { .. }) {
            error!(
                "{}: the ring cannot be written, live streams go on without it: {error}",
                self.name
            );
            self.broken_since = Some(Instant::now());
        } else {
            warn!("{}: a packet is not in the ring: {error}", self.name);
        }
    }
}

fn tell_opened(name: &str, path: &Path, ring: &RingFile<FileStorage>, opened: &Opened) {
    let path = path.display();
    if let Some(anew) = opened.anew.as_ref().filter(|anew| **anew != Anew::Empty) {
        warn!("{name}: {path} starts anew: {anew}");
    }
    if opened.cut_blocks > 0 {
        warn!(
            "{name}: {} damaged blocks of {path} were cut off",
            opened.cut_blocks
        );
    }
    let video = ring
        .tracks()
        .iter()
        .position(|track| track.params.kind() == MediaKind::Video);
    if let Some((oldest, newest)) = ring.span(video.unwrap_or(0)) {
        let seconds = newest.since(oldest) / 1_000_000;
        info!("{name}: {path} holds {} frames, {seconds} s", opened.frames);
    }
}
