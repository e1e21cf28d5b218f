//! The ring of a feed: what its feeder sent last, on disk, as FFM2
//! (`formats/src/ffm/FORMAT.md`, sections 3 and 6).
//!
//! - Frames are packed densely; a packet is written when it is appended, into the last block, which
//!   is rewritten in place until it is full.
//! - Data goes first, then the write index. On opening neither the index nor anything else is
//!   trusted: the blocks' seals are checked, and what a crash left torn or stale is cut.
//! - Nothing here reads a clock, and everything blocks: the ring belongs on a thread of its own.
//!
//! What a crash of the program (not of the system) can lose is the packet that is being appended.
//! What a crash of the system can lose is what was written after the last sync, see [`SyncPolicy`].

mod cursor;
mod error;
mod header;
mod keys;
mod layout;
mod scan;
mod seal;

#[cfg(test)]
mod tests;

use std::time::Duration;

use formats::ffm::{BLOCK_SIZE, BlockHeader, BlockPacker, Frame};
use media::{MediaKind, Packet, TimeBase, Timestamp, Track};

use super::store::Storage;
pub use cursor::{RingCursor, RingRead};
pub use error::{Anew, RingError};
use header::RingHeader;
use keys::{Key, KeyIndex};
use layout::Layout;
use seal::{Block, SEAL_SIZE, Seal};

/// Smallest ring, in bytes: header and three blocks.
pub const MIN_SIZE_BYTES: u64 = 16_384;

/// How a ring is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct RingOptions {
    /// `FileMaxSize`: where the ring begins anew, in bytes; the file can be up to a block longer.
    /// `None`: never.
    pub max_size_bytes: Option<u64>,
    /// When what was written is forced to the medium.
    pub sync: SyncPolicy,
}

/// When what was written is forced to the medium. Each time costs a wait for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum SyncPolicy {
    /// Never but when a ring is made or mended: the system writes when it likes, within half a
    /// minute on Linux as it comes.
    Never,
    /// Also when a session ends.
    #[default]
    SessionEnd,
    /// Also each time so much media time has been appended.
    Every(Duration),
}

/// What was found on opening.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Opened {
    /// Whole frames that were kept.
    pub frames: u64,
    /// Blocks that were cut because they were torn, stale or cut off from the others.
    pub cut_blocks: u64,
    /// Why the ring starts anew, if it does.
    pub anew: Option<Anew>,
}

/// A ring in a storage.
#[derive(Debug)]
pub struct RingFile<S> {
    storage: S,
    options: RingOptions,
    /// `None` until the tracks are known.
    header: Option<RingHeader>,
    layout: Layout,
    keys: KeyIndex,
    packer: BlockPacker,
    seal: Seal,
    /// The newest block, as it was written last, and where its frames end.
    head: Box<Block>,
    head_end: usize,
    in_session: bool,
    /// A write has failed: what the storage holds is not known.
    failed: bool,
    /// Time of the last sync within the session.
    synced_at: Option<Timestamp>,
    blocks: Vec<u8>,
}

impl<S: Storage> RingFile<S> {
    /// Opens the ring in `storage`, or prepares to make one. With `tracks`, content is kept only if
    /// it has the same; without, whatever is there is kept until [`RingFile::set_tracks`].
    ///
    /// # Errors
    /// [`RingError`] if the storage fails, the size is below [`MIN_SIZE_BYTES`], or FFM cannot tell
    /// the tracks.
    pub fn open(
        storage: S,
        options: RingOptions,
        tracks: Option<&[Track]>,
    ) -> Result<(Self, Opened), RingError> {
        if let Some(size) = options.max_size_bytes.filter(|size| *size < MIN_SIZE_BYTES) {
            return Err(RingError::TooSmall { size });
        }
        let mut ring = Self {
            storage,
            options,
            header: None,
            layout: Layout::new(options.max_size_bytes),
            keys: KeyIndex::default(),
            packer: BlockPacker::new(),
            seal: Seal::new(0, 0),
            head: Box::new([0; BLOCK_SIZE]),
            head_end: 0,
            in_session: false,
            failed: false,
            synced_at: None,
            blocks: Vec::new(),
        };
        let mut opened = ring.load()?;
        if let Some(tracks) = tracks
            && let Some(anew) = ring.set_tracks(tracks)?
        {
            let anew = opened.anew.take().unwrap_or(anew);
            opened = Opened {
                anew: Some(anew),
                ..Opened::default()
            };
        }
        Ok((ring, opened))
    }

    /// Takes up where the storage stands, after a write has failed.
    ///
    /// # Errors
    /// [`RingError::Io`] if the storage still fails.
    pub fn recover(&mut self) -> Result<Opened, RingError> {
        self.load()
    }

    /// The tracks of what the ring holds; empty until they are known. Times are in microseconds.
    #[must_use]
    pub fn tracks(&self) -> &[Track] {
        self.header.as_ref().map_or(&[], |header| &header.tracks)
    }

    /// A feeder comes: ends the session before, and begins the ring anew if the tracks are others.
    ///
    /// # Errors
    /// [`RingError`] if the storage fails or FFM cannot tell the tracks; the ring is as it was then.
    pub fn set_tracks(&mut self, tracks: &[Track]) -> Result<Option<Anew>, RingError> {
        self.in_session = false;
        let anew = match &self.header {
            Some(header) => match header::difference(&header.tracks, tracks) {
                Some(difference) => Anew::TracksDiffer(difference),
                None => return Ok(None),
            },
            None => Anew::Empty,
        };
        self.reset(tracks)?;
        Ok(Some(anew))
    }

    /// Drops everything (`Truncate`).
    ///
    /// # Errors
    /// [`RingError`] if the storage fails.
    pub fn clear(&mut self) -> Result<(), RingError> {
        let tracks = self.tracks().to_vec();
        if tracks.is_empty() {
            return Ok(());
        }
        self.reset(&tracks)
    }

    /// Appends a packet. It is with the storage when this returns.
    ///
    /// # Errors
    /// [`RingError`] if the packet does not fit, or the storage fails: then the ring takes nothing
    /// until [`RingFile::recover`].
    pub fn append(&mut self, packet: &Packet) -> Result<(), RingError> {
        if self.failed {
            return Err(RingError::Failed);
        }
        if self.header.is_none() {
            return Err(RingError::NoTracks);
        }
        if packet.track >= self.tracks().len() {
            return Err(RingError::Packet(formats::MuxError::NoSuchTrack {
                track: packet.track,
                tracks: self.tracks().len(),
            }));
        }
        let header = Frame::header_of(packet, TimeBase::MICROS)?;
        self.check_room(packet.data.len())?;
        if !self.in_session || packet.discontinuity {
            self.packer = BlockPacker::with_reserved(SEAL_SIZE);
            self.in_session = true;
            self.synced_at = None;
        }
        let begun = self.packer.partial_end();
        let start = match begun {
            0 => (self.layout.newest() + 1, BlockHeader::LEN),
            end => (self.layout.newest(), end),
        };
        self.blocks.clear();
        // header_of has checked what push would refuse.
        self.packer.push(&header, &packet.data, &mut self.blocks);
        self.blocks.extend(self.packer.partial().iter().flatten());
        if let Err(error) = self.store(begun != 0) {
            self.failed = true;
            return Err(error);
        }
        if self.is_seekable(packet) {
            self.keys.push(Key {
                time: packet.dts,
                track: packet.track,
                sequence: start.0,
                offset: start.1,
            });
        }
        self.keys.evict_before(self.layout.oldest());
        self.sync_if_due(packet.dts)
    }

    /// The feeder has gone.
    ///
    /// # Errors
    /// [`RingError::Io`] if the storage fails.
    pub fn end_session(&mut self) -> Result<(), RingError> {
        let was_in_session = std::mem::take(&mut self.in_session);
        if was_in_session && self.options.sync != SyncPolicy::Never {
            self.sync()?;
        }
        Ok(())
    }

    /// Forces what was written to the medium.
    ///
    /// # Errors
    /// [`RingError::Io`] if the storage fails.
    pub fn sync(&mut self) -> Result<(), RingError> {
        self.storage
            .sync()
            .map_err(RingError::io("force to the medium"))?;
        // A crash before this is written costs nothing but a hint.
        if let Some(header) = &self.header {
            let (offset, bytes) = header.synced(self.layout.newest());
            self.storage
                .write_at(offset, &bytes)
                .map_err(RingError::io("write"))?;
        }
        Ok(())
    }

    /// Times of the oldest and the newest key frame held of `track`.
    #[must_use]
    pub fn span(&self, track: usize) -> Option<(Timestamp, Timestamp)> {
        self.keys.span(track)
    }

    /// Gives the storage back.
    pub fn into_storage(self) -> S {
        self.storage
    }

    /// The storage.
    pub const fn storage(&self) -> &S {
        &self.storage
    }

    /// Key frames of video are indexed; in a ring without video every packet is as good.
    fn is_seekable(&self, packet: &Packet) -> bool {
        let kind = |track: &Track| track.params.kind();
        let tracks = self.tracks();
        let video = tracks.iter().any(|track| kind(track) == MediaKind::Video);
        let is_video = tracks.get(packet.track).map(kind) == Some(MediaKind::Video);
        packet.key && is_video == video
    }

    fn check_room(&self, len: usize) -> Result<(), RingError> {
        let capacity = (BLOCK_SIZE - BlockHeader::LEN - SEAL_SIZE) as u64;
        // A block for what is begun, one for what the last frame leaves.
        let blocks = len as u64 / capacity + 2;
        match self.layout.slots() {
            Some(slots) if blocks > slots => Err(RingError::FrameTooLarge { len, slots }),
            _ => Ok(()),
        }
    }

    /// Begins an empty ring with `tracks`.
    fn reset(&mut self, tracks: &[Track]) -> Result<(), RingError> {
        let (header, block) = RingHeader::new(tracks)?;
        self.header = None;
        self.layout = Layout::new(self.options.max_size_bytes);
        self.keys = KeyIndex::default();
        self.in_session = false;
        self.head_end = 0;
        self.storage.set_len(0).map_err(RingError::io("cut"))?;
        self.storage
            .write_at(0, &block)
            .map_err(RingError::io("write"))?;
        self.storage
            .sync()
            .map_err(RingError::io("force to the medium"))?;
        self.header = Some(header);
        self.failed = false;
        Ok(())
    }

    /// Seals `self.blocks` and writes them; the first goes where the newest is if it `continues` it.
    /// Then the write index, if it moves.
    fn store(&mut self, continues: bool) -> Result<(), RingError> {
        let ring = self.header.as_ref().map_or(0, |header| header.id);
        let before = self.layout.newest();
        let mut continues = continues;
        let mut run: Option<(u64, usize)> = None;
        let mut runs = Vec::new();
        let (blocks, _) = self.blocks.as_chunks_mut::<BLOCK_SIZE>();
        for (index, block) in blocks.iter_mut().enumerate() {
            if !std::mem::take(&mut continues) {
                self.seal = Seal::new(self.layout.advance(), self.head_end);
            }
            let header = block
                .first_chunk()
                .and_then(|bytes| BlockHeader::parse(*bytes));
            let end = header.unwrap_or_default().end().min(BLOCK_SIZE - SEAL_SIZE);
            self.seal.apply(ring, block, end);
            *self.head = *block;
            self.head_end = end;
            let offset = self.layout.offset(self.layout.newest());
            match run {
                // Only the wrap parts blocks that follow each other.
                Some((start, first)) if start < offset => run = Some((start, first)),
                Some((start, first)) => {
                    runs.push((start, first * BLOCK_SIZE..index * BLOCK_SIZE));
                    run = Some((offset, index));
                }
                None => run = Some((offset, index)),
            }
        }
        if let Some((start, first)) = run {
            runs.push((start, first * BLOCK_SIZE..self.blocks.len()));
        }
        for (offset, range) in runs {
            let bytes = self.blocks.get(range).unwrap_or_default();
            self.storage
                .write_at(offset, bytes)
                .map_err(RingError::io("write"))?;
        }
        if self.layout.newest() != before {
            self.write_index()?;
        }
        Ok(())
    }

    fn write_index(&mut self) -> Result<(), RingError> {
        let index = self.layout.write_index().to_be_bytes();
        self.storage
            .write_at(header::WRITE_INDEX_AT, &index)
            .map_err(RingError::io("write"))
    }

    fn sync_if_due(&mut self, now: Timestamp) -> Result<(), RingError> {
        let SyncPolicy::Every(interval) = self.options.sync else {
            return Ok(());
        };
        let last = *self.synced_at.get_or_insert(now);
        let interval_us = i64::try_from(interval.as_micros()).unwrap_or(i64::MAX);
        if now.since(last) < interval_us {
            return Ok(());
        }
        self.synced_at = Some(now);
        self.sync()
    }
}
