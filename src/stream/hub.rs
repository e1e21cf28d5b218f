//! A live stream, muxed once and shared by all its viewers.
//!
//! The hub keeps the newest chunks of the stream in reference-counted buffers. A viewer is a
//! [`Cursor`]: it starts at a key frame that is already here, never waits for the next one, and is
//! overtaken when it is slower than the stream. Nothing a viewer does reaches the feeder.

use std::collections::VecDeque;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use event_listener::{Event, EventListener};
use formats::{Format, MuxError, Muxer};
use media::{MediaKind, Packet, Timestamp, Track};

/// How far behind the live edge a viewer may fall before it is overtaken.
pub const LAG_WINDOW: Duration = Duration::from_secs(10);
/// The most that is kept of a stream, in bytes, whatever the windows say.
const MAX_BYTES: usize = 32 << 20;
/// The most chunks that are kept of a stream.
const MAX_CHUNKS: usize = 1 << 15;
/// The most chunks that one read gives: as many as one vectored write takes at once.
const MAX_CHUNKS_PER_READ: usize = 64;
/// The most bytes that one read gives, but for a single larger chunk.
const MAX_BYTES_PER_READ: usize = 256 << 10;

/// One muxed live stream.
pub struct Hub {
    format: Format,
    /// What is kept for viewers that start or lag behind the live edge, in microseconds.
    window_us: i64,
    state: Mutex<State>,
    changed: Event,
}

struct State {
    muxer: Option<Box<dyn Muxer>>,
    tracks: Vec<Track>,
    /// Why there is no muxer.
    idle: Arc<str>,
    chunks: VecDeque<Chunk>,
    /// Sequence number of `chunks[0]`.
    first: u64,
    bytes: usize,
    /// Rises when viewers cannot be carried over; a cursor of an older one has come to its end.
    generation: u64,
    /// Packets are dropped up to the next key frame.
    awaiting_key: bool,
    scratch: Vec<u8>,
}

struct Chunk {
    bytes: Bytes,
    generation: u64,
    /// A viewer may start here.
    start: bool,
    dts: Timestamp,
    /// The last chunk of its generation, and why.
    end: Option<Arc<str>>,
}

/// The place of a viewer in the stream.
#[derive(Debug, Clone)]
pub struct Cursor {
    next: u64,
    generation: u64,
}

/// What a viewer gets next.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Read {
    /// Chunks were appended to the caller's list; `skipped` chunks before them were lost because
    /// the viewer was overtaken.
    Chunks {
        /// Chunks the viewer has missed; 0 as long as it keeps up.
        skipped: u64,
    },
    /// Nothing new: wait for [`Hub::listen`].
    Wait,
    /// The stream has ended for this viewer, for this reason.
    Ended(Arc<str>),
}

impl Hub {
    /// A hub that viewers find idle for the given reason until tracks come.
    #[must_use]
    pub fn new(format: Format, preroll: Duration, idle: &str) -> Self {
        let window = LAG_WINDOW.max(preroll.saturating_add(Duration::from_secs(1)));
        Self {
            format,
            window_us: i64::try_from(window.as_micros()).unwrap_or(i64::MAX),
            state: Mutex::new(State {
                muxer: None,
                tracks: Vec::new(),
                idle: idle.into(),
                chunks: VecDeque::new(),
                first: 0,
                bytes: 0,
                generation: 0,
                awaiting_key: true,
                scratch: Vec::new(),
            }),
            changed: Event::new(),
        }
    }

    /// The container.
    #[must_use]
    pub const fn format(&self) -> Format {
        self.format
    }

    /// The tracks that are on the air.
    #[must_use]
    pub fn tracks(&self) -> Vec<Track> {
        self.lock().tracks.clone()
    }

    /// A feeder announces its tracks; times in them and in the packets are microseconds. `at` is
    /// the stream's time now. Viewers stay if the tracks are those of before or the container lets
    /// new ones stand in the middle.
    ///
    /// # Errors
    /// [`MuxError`] if the container cannot carry the tracks; viewers then find the hub idle with
    /// that reason.
    pub fn begin(&self, tracks: &[Track], at: Timestamp) -> Result<(), MuxError> {
        let mut state = self.lock();
        state.awaiting_key = true;
        let result = state.begin(self.format, tracks, at);
        if let Err(error) = &result {
            state.end(&error.to_string(), at);
        }
        drop(state);
        self.changed.notify(usize::MAX);
        result
    }

    /// Muxes a packet and wakes the viewers. Packets before the first key frame after
    /// [`Hub::begin`] are dropped.
    ///
    /// # Errors
    /// [`MuxError`] if this packet cannot be muxed; it is left out.
    pub fn push(&self, packet: &Packet) -> Result<(), MuxError> {
        let pushed = self.lock().push(packet, self.window_us)?;
        if pushed {
            self.changed.notify(usize::MAX);
        }
        Ok(())
    }

    /// Writes the trailer and ends the stream for all viewers, for this reason.
    pub fn end(&self, reason: &str) {
        let mut state = self.lock();
        let at = state
            .chunks
            .back()
            .map_or(Timestamp::ZERO, |chunk| chunk.dts);
        state.end(reason, at);
        drop(state);
        self.changed.notify(usize::MAX);
    }

    /// Lets a viewer in: its header and its place, at the newest key frame that is at least `back`
    /// behind the live edge (the oldest one kept if there is none).
    ///
    /// # Errors
    /// The reason why there is nothing to see yet: wait for [`Hub::listen`] or give up.
    pub fn join(&self, back: Duration) -> Result<(Bytes, Cursor), Arc<str>> {
        self.lock().join(back)
    }

    /// A place for who wants what comes next, whatever it is.
    #[must_use]
    pub fn cursor_at_end(&self) -> Cursor {
        let state = self.lock();
        let next = state.first + state.chunks.len() as u64;
        Cursor {
            next,
            generation: state.generation,
        }
    }

    /// Why there is nothing to see; `None` while the stream is on the air.
    #[must_use]
    pub fn idle_reason(&self) -> Option<Arc<str>> {
        let state = self.lock();
        state.muxer.is_none().then(|| Arc::clone(&state.idle))
    }

    /// Appends the chunks at the cursor to `out`, as many as one write should take.
    pub fn read(&self, cursor: &mut Cursor, out: &mut Vec<Bytes>) -> Read {
        self.lock().read(cursor, out)
    }

    /// Resolves at the next change. Listen first, then read, then wait: so no change is missed.
    #[must_use]
    pub fn listen(&self) -> EventListener {
        self.changed.listen()
    }

    /// Nominal bit rate in kbit/s, rounded up: the sum of what the tracks state, the average of
    /// what is kept where one states nothing.
    #[must_use]
    pub fn nominal_kbps(&self) -> u64 {
        let state = self.lock();
        let stated: Option<u64> = state
            .tracks
            .iter()
            .map(|track| track.params.bit_rate_bps.map(u64::from))
            .sum();
        let bps = stated
            .filter(|bps| *bps > 0)
            .unwrap_or_else(|| state.average_bps());
        bps.div_ceil(1000)
    }

    /// Average bit rate of what is kept, in bit/s; 0 while there is nothing.
    #[must_use]
    pub fn average_bps(&self) -> u64 {
        self.lock().average_bps()
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        // A panic while the lock was held has left no half-made chunk: they are pushed whole.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for Hub {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Hub")
            .field("format", &self.format)
            .finish_non_exhaustive()
    }
}

impl State {
    fn begin(&mut self, format: Format, tracks: &[Track], at: Timestamp) -> Result<(), MuxError> {
        if self.muxer.is_some() && self.tracks == tracks {
            return Ok(());
        }
        match &mut self.muxer {
            Some(muxer) if format.survives_new_tracks() => {
                let mut headers = Vec::new();
                muxer.new_tracks(tracks, at, &mut headers)?;
                self.tracks = tracks.to_vec();
                self.forget_starts();
                self.keep(headers.into(), false, at, None);
            }
            _ => {
                self.end("the feeder came back with other parameters", at);
                self.muxer = Some(writer(format).muxer(tracks)?);
                self.tracks = tracks.to_vec();
                self.generation += 1;
            }
        }
        Ok(())
    }

    /// Returns whether something was added.
    fn push(&mut self, packet: &Packet, window_us: i64) -> Result<bool, MuxError> {
        let start = packet.key && self.starts_viewers(packet.track);
        if self.awaiting_key && !start {
            return Ok(false);
        }
        let Some(muxer) = &mut self.muxer else {
            return Ok(false);
        };
        self.scratch.clear();
        muxer.write_packet(packet, &mut self.scratch)?;
        self.awaiting_key = false;
        let bytes = Bytes::copy_from_slice(&self.scratch);
        self.keep(bytes, start, packet.dts, None);
        self.trim(window_us);
        Ok(true)
    }

    fn end(&mut self, reason: &str, at: Timestamp) {
        if let Some(mut muxer) = self.muxer.take() {
            let mut trailer = Vec::new();
            // The patches are for files. Without a trailer the viewers are closed all the same.
            let _ = muxer.finish(&mut trailer);
            self.keep(trailer.into(), false, at, Some(reason.into()));
        }
        self.tracks.clear();
        self.idle = reason.into();
    }

    fn join(&self, back: Duration) -> Result<(Bytes, Cursor), Arc<str>> {
        let Some(muxer) = &self.muxer else {
            return Err(Arc::clone(&self.idle));
        };
        let live = self
            .chunks
            .back()
            .map_or(Timestamp::ZERO, |chunk| chunk.dts);
        let back_us = i64::try_from(back.as_micros()).unwrap_or(i64::MAX);
        let wanted = live.plus(-back_us);
        let mut starts = self.starts().rev().peekable();
        let newest = starts.peek().copied();
        let (sequence, chunk) = match starts.clone().find(|(_, chunk)| chunk.dts <= wanted) {
            Some(found) => found,
            None => starts
                .last()
                .or(newest)
                .ok_or_else(|| Arc::from("waiting for a key frame"))?,
        };
        let mut header = Vec::new();
        muxer
            .write_header(chunk.dts, &mut header)
            .map_err(|error| Arc::from(error.to_string()))?;
        Ok((
            header.into(),
            Cursor {
                next: sequence,
                generation: self.generation,
            },
        ))
    }

    fn read(&self, cursor: &mut Cursor, out: &mut Vec<Bytes>) -> Read {
        let mut skipped = 0;
        if cursor.next < self.first {
            let resume = self
                .starts()
                .next_back()
                .filter(|_| cursor.generation == self.generation);
            let Some((sequence, _)) = resume else {
                return Read::Ended("overtaken by the end of the stream".into());
            };
            skipped = sequence - cursor.next;
            cursor.next = sequence;
        }
        let index = usize::try_from(cursor.next - self.first).unwrap_or(usize::MAX);
        let mut bytes = 0;
        let before = out.len();
        for chunk in self.chunks.range(index.min(self.chunks.len())..) {
            let full = out.len() - before == MAX_CHUNKS_PER_READ
                || (bytes > 0 && bytes + chunk.bytes.len() > MAX_BYTES_PER_READ);
            if full || chunk.generation != cursor.generation {
                break;
            }
            bytes += chunk.bytes.len();
            cursor.next += 1;
            if !chunk.bytes.is_empty() {
                out.push(chunk.bytes.clone());
            }
            if chunk.end.is_some() {
                break;
            }
        }
        if out.len() > before {
            return Read::Chunks { skipped };
        }
        match self.end_behind(cursor) {
            Some(reason) => Read::Ended(reason),
            None => Read::Wait,
        }
    }

    /// Why nothing more comes for this cursor, if its generation has ended just before it.
    fn end_behind(&self, cursor: &Cursor) -> Option<Arc<str>> {
        let previous = cursor
            .next
            .checked_sub(self.first + 1)
            .and_then(|i| usize::try_from(i).ok());
        if let Some(reason) = previous
            .and_then(|i| self.chunks.get(i))
            .and_then(|c| c.end.clone())
        {
            return Some(reason);
        }
        (cursor.generation != self.generation).then(|| "the stream was started anew".into())
    }

    /// The places where a viewer can start now, with their sequence numbers.
    fn starts(&self) -> impl DoubleEndedIterator<Item = (u64, &Chunk)> + Clone {
        let (first, generation) = (self.first, self.generation);
        self.chunks
            .iter()
            .enumerate()
            .map(move |(index, chunk)| (first + index as u64, chunk))
            .filter(move |(_, chunk)| chunk.start && chunk.generation == generation)
    }

    /// The header of new viewers now tells other tracks, so older places do not fit it.
    fn forget_starts(&mut self) {
        for chunk in &mut self.chunks {
            chunk.start = false;
        }
    }

    fn keep(&mut self, bytes: Bytes, start: bool, dts: Timestamp, end: Option<Arc<str>>) {
        self.bytes += bytes.len();
        self.chunks.push_back(Chunk {
            bytes,
            generation: self.generation,
            start,
            dts,
            end,
        });
    }

    /// Drops what no window needs: older than the window and than the newest key frame, or beyond
    /// the limits of memory.
    fn trim(&mut self, window_us: i64) {
        let Some(live) = self.chunks.back().map(|chunk| chunk.dts) else {
            return;
        };
        let newest_start = self.starts().next_back().map(|(sequence, _)| sequence);
        while let Some(oldest) = self.chunks.front() {
            let outside_window = live.since(oldest.dts) > window_us;
            let before_newest_start = newest_start.is_some_and(|start| self.first < start);
            let too_much = self.bytes > MAX_BYTES || self.chunks.len() > MAX_CHUNKS;
            if !(too_much || outside_window && before_newest_start) {
                break;
            }
            self.bytes -= oldest.bytes.len();
            self.chunks.pop_front();
            self.first += 1;
        }
    }

    /// Whether key frames of this track let viewers start: the video's, or any where there is none.
    fn starts_viewers(&self, track: usize) -> bool {
        let kind = |track: &Track| track.params.kind();
        let has_video = self
            .tracks
            .iter()
            .any(|track| kind(track) == MediaKind::Video);
        self.tracks
            .get(track)
            .is_some_and(|t| !has_video || kind(t) == MediaKind::Video)
    }

    fn average_bps(&self) -> u64 {
        let (Some(oldest), Some(newest)) = (self.chunks.front(), self.chunks.back()) else {
            return 0;
        };
        match u64::try_from(newest.dts.since(oldest.dts)) {
            Ok(span_us @ 1..) => (self.bytes as u64 * 8).saturating_mul(1_000_000) / span_us,
            _ => 0,
        }
    }
}

/// The format that is written for a stream: a single picture is cut from a stream of them.
const fn writer(format: Format) -> Format {
    match format {
        Format::Jpeg => Format::Mjpeg,
        other => other,
    }
}

#[cfg(test)]
mod tests;
