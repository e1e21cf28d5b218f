//! The header block of a ring.

use std::hash::{BuildHasher, Hasher, RandomState};

use bytes::{Buf, Bytes};
use formats::ffm::{BLOCK_SIZE, Chunk, Header};
use media::{CodecId, MediaParameters, TimeBase, Track};

use super::error::{Anew, RingError};
use super::seal::Block;

/// What the ring keeps of its header.
#[derive(Debug, Clone)]
pub(super) struct RingHeader {
    pub(super) id: u64,
    pub(super) tracks: Vec<Track>,
    /// The newest block at the last sync, as the header tells; 0: none.
    pub(super) synced: u64,
    /// Offset of the chunk's data.
    chunk_at: usize,
}

/// Offset of the write index in a header.
pub(super) const WRITE_INDEX_AT: u64 = 8;

/// Chunk `RING` of the FFM2 header, big-endian (FORMAT.md, section 6). Other readers pass over it.
///
/// | byte | bits | name       | meaning                                                         |
/// |-----:|-----:|------------|-----------------------------------------------------------------|
/// |    0 |   64 | id         | random, so that no block of an earlier ring is taken for one of this |
/// |    8 |   32 | header crc | CRC-32 of the block with write index, this field and those below 0 |
/// |   12 |   64 | synced     | newest block at the last sync                                   |
/// |   20 |   32 | synced crc | CRC-32 of id and synced                                         |
const CHUNK_LEN: usize = 24;
const TAG: [u8; 4] = *b"RING";
const VARIABLE_AT: usize = 8;
const SYNCED_AT: usize = 12;

impl RingHeader {
    /// The header of a new ring, and its block.
    ///
    /// # Errors
    /// [`RingError::Packet`] if FFM cannot tell the tracks in one block.
    pub(super) fn new(tracks: &[Track]) -> Result<(Self, Block), RingError> {
        let id = RandomState::new().build_hasher().finish();
        let mut data = id.to_be_bytes().to_vec();
        data.resize(CHUNK_LEN, 0);
        let mut tracks = tracks.to_vec();
        for track in &mut tracks {
            track.time_base = TimeBase::MICROS;
        }
        let mut header = Header::from_tracks(&tracks)?;
        header.unknown.push(Chunk {
            tag: TAG,
            data: Bytes::from(data),
        });
        let mut bytes = Vec::new();
        header.write_ffm2(&mut bytes);
        let no_room = || {
            RingError::Packet(formats::MuxError::TrackCount {
                format: "the ring's header",
                count: tracks.len(),
                allowed: "as many as one block can tell",
            })
        };
        let mut block: Block = bytes.try_into().map_err(|_| no_room())?;
        let chunk_at = find_chunk(&block).ok_or_else(no_room)?;
        let crc = crc32fast::hash(&block);
        put(&mut block, chunk_at + VARIABLE_AT, &crc.to_be_bytes());
        let header = Self {
            id,
            tracks,
            synced: 0,
            chunk_at,
        };
        Ok((header, block))
    }

    /// Reads a header block.
    pub(super) fn parse(block: &Block) -> Result<Self, Anew> {
        let header = match Header::parse(block) {
            Ok(Some((header, BLOCK_SIZE))) => header,
            _ if block.starts_with(b"FFM") => return Err(Anew::HeaderDamaged),
            _ => return Err(Anew::Foreign),
        };
        let chunk_at = find_chunk(block).ok_or(Anew::Foreign)?;
        let mut chunk = block
            .get(chunk_at..chunk_at + CHUNK_LEN)
            .ok_or(Anew::HeaderDamaged)?;
        let id = chunk.get_u64();
        let crc = chunk.get_u32();
        let synced = chunk.get_u64();
        let synced_crc = chunk.get_u32();
        let mut constant = *block;
        put(&mut constant, 8, &[0; 8]);
        put(
            &mut constant,
            chunk_at + VARIABLE_AT,
            &[0; CHUNK_LEN - VARIABLE_AT],
        );
        if crc32fast::hash(&constant) != crc {
            return Err(Anew::HeaderDamaged);
        }
        let tracks = header.tracks().map_err(|_| Anew::Foreign)?;
        Ok(Self {
            id,
            tracks,
            synced: if crc_of_synced(id, synced) == synced_crc {
                synced
            } else {
                0
            },
            chunk_at,
        })
    }

    /// Bytes, and where they go, that tell the newest block at a sync.
    pub(super) fn synced(&self, newest: u64) -> (u64, [u8; CHUNK_LEN - SYNCED_AT]) {
        let mut bytes = [0; CHUNK_LEN - SYNCED_AT];
        let crc = crc_of_synced(self.id, newest).to_be_bytes();
        let fields = newest.to_be_bytes().into_iter().chain(crc);
        for (to, from) in bytes.iter_mut().zip(fields) {
            *to = from;
        }
        ((self.chunk_at + SYNCED_AT) as u64, bytes)
    }
}

/// How two lists of tracks differ as far as a reader of old packets would notice, in words. H.264
/// carries its parameter sets in the packets.
pub(super) fn difference(old: &[Track], new: &[Track]) -> Option<String> {
    if old.len() != new.len() {
        return Some(format!("it has {} tracks, not {}", old.len(), new.len()));
    }
    let differs = |(index, (old, new)): (usize, (&Track, &Track))| {
        let (old, new) = (&old.params, &new.params);
        if old.codec != new.codec {
            let (old, new) = (old.codec, new.codec);
            return Some(format!("track {index} is {old} in it, not {new}"));
        }
        let size = |media: &MediaParameters| match media {
            MediaParameters::Video(video) => (video.width_px, video.height_px),
            MediaParameters::Audio(audio) => (audio.sample_rate_hz, audio.channels.into()),
        };
        if size(&old.media) != size(&new.media) {
            return Some(format!("track {index} has another size or rate in it"));
        }
        (old.codec != CodecId::H264 && old.config != new.config)
            .then(|| format!("track {index} has another configuration in it"))
    };
    old.iter().zip(new).enumerate().find_map(differs)
}

/// Offset of the chunk's data. It is the last chunk, so what settings say cannot be taken for it.
fn find_chunk(block: &Block) -> Option<usize> {
    let head = [0x52, 0x49, 0x4e, 0x47, 0, 0, 0, 24]; // tag and size
    let at = block.windows(head.len()).rposition(|bytes| bytes == head)?;
    Some(at + head.len())
}

fn crc_of_synced(id: u64, synced: u64) -> u32 {
    let mut crc = crc32fast::Hasher::new();
    crc.update(&id.to_be_bytes());
    crc.update(&synced.to_be_bytes());
    crc.finalize()
}

fn put(block: &mut Block, at: usize, bytes: &[u8]) {
    for (to, from) in block.iter_mut().skip(at).zip(bytes) {
        *to = *from;
    }
}
