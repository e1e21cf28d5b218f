//! Header blocks: what streams a feed has (FORMAT.md, sections 1 and 2).

use bytes::Bytes;

use super::block::BLOCK_SIZE;
use super::fields::{AudioFields, FieldError, FieldList, VideoFields};
use super::{NAME, ffm1, ffm2};
use crate::DemuxError;

/// Largest header that is read, in bytes. The original needs exactly one block.
pub const MAX_HEADER_SIZE: usize = 16 * BLOCK_SIZE;

/// Most streams that are read. The original stops at 20.
pub const MAX_STREAMS: usize = 32;

/// Flag of a stream: its header holds extradata.
pub(super) const FLAG_GLOBAL_HEADER: u32 = 0x0040_0000;

/// A header: magic, block size, write index, then the streams in one of two syntaxes.
///
/// | byte | bits | field       | meaning                                                      |
/// |-----:|-----:|-------------|--------------------------------------------------------------|
/// |    0 |   32 | magic       | `FFM1` or `FFM2`                                             |
/// |    4 |   32 | block size  | 4096                                                         |
/// |    8 |   64 | write index | offset of the next block to be written; 0: not a ring        |
/// |   16 |      | streams     | `FFM1`: fixed fields; `FFM2`: chunks; then zeros up to a block |
#[derive(Debug, Clone, PartialEq)]
pub struct Header {
    /// Which syntax the header had.
    pub syntax: Syntax,
    /// Offset of the next block to be written; 0 in what is not a ring.
    pub write_index: u64,
    /// Bit rate of all streams together, in bit/s.
    pub bit_rate: u32,
    /// The streams.
    pub streams: Vec<Stream>,
    /// Chunks of FFM2 with unknown tags, in order.
    pub unknown: Vec<Chunk>,
}

/// The syntax of a header.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Syntax {
    /// FFM1 as the 0.8 releases wrote it.
    Ffm1V08,
    /// FFM1 with the shorter field list of the 2.x releases.
    Ffm1Later,
    /// FFM2.
    Ffm2,
}

/// A chunk of an FFM2 header.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Chunk {
    /// Four characters.
    pub tag: [u8; 4],
    /// What it holds.
    pub data: Bytes,
}

/// A stream of a header.
#[derive(Debug, Clone, PartialEq)]
pub struct Stream {
    /// Number of the codec.
    pub codec_id: u32,
    /// Video or audio.
    pub kind: StreamKind,
    /// Bit rate in bit/s.
    pub bit_rate: u32,
    /// Setting of the original's encoder; FFM1 of the 0.8 releases only.
    pub quality: u32,
    /// Encoder flags; 0x00400000 says that there is extradata.
    pub flags: u32,
    /// More encoder flags.
    pub flags2: u32,
    /// Setting of the original's encoder.
    pub debug: u32,
    /// Out-of-band configuration of the codec; written only with the flag 0x00400000.
    pub extradata: Bytes,
    /// Settings of the encoder.
    pub settings: Settings,
}

/// Video or audio, `codec_type` in the header.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StreamKind {
    /// 0.
    Video,
    /// 1.
    Audio,
}

/// How a header tells encoder settings.
#[derive(Debug, Clone, PartialEq)]
pub enum Settings {
    /// Fixed fields: FFM1, and the chunk `STVI` of FFM2.
    Video(Box<VideoFields>),
    /// Fixed fields: FFM1, and the chunk `STAU` of FFM2.
    Audio(AudioFields),
    /// Text: FFM2.
    Text {
        /// The chunk `S2VI` or `S2AU`: settings that all codecs share; absent without settings.
        shared: Option<String>,
        /// The chunk `CPRV`: settings of this codec alone.
        private: Option<String>,
    },
}

impl StreamKind {
    pub(super) fn from_byte(byte: u8) -> Result<Self, FieldError> {
        match byte {
            0 => Ok(Self::Video),
            1 => Ok(Self::Audio),
            _ => Err(FieldError::Bad(
                "codec type is neither 0 (video) nor 1 (audio)",
            )),
        }
    }

    pub(super) const fn to_byte(self) -> u8 {
        match self {
            Self::Video => 0,
            Self::Audio => 1,
        }
    }
}

impl Header {
    /// Bytes in front of the streams.
    pub(super) const FIXED_LEN: usize = 16;

    /// Reads a header, and how many bytes it and its zeros take: whole blocks. `None` if there are
    /// not enough bytes. More bytes than the header's never change what is read.
    ///
    /// # Errors
    /// [`DemuxError`] if the bytes are no header, or one beyond the limits set here.
    pub fn parse(bytes: &[u8]) -> Result<Option<(Self, usize)>, DemuxError> {
        check_start(bytes)?;
        let mut blocks = 1;
        loop {
            let len = blocks * BLOCK_SIZE;
            let Some(view) = bytes.get(..len) else {
                return Ok(None);
            };
            match Self::parse_blocks(view) {
                Ok(header) => return Ok(Some((header, len))),
                Err(FieldError::Short) if len < MAX_HEADER_SIZE => blocks += 1,
                Err(FieldError::Short) => {
                    return Err(DemuxError::Limit {
                        format: NAME,
                        offset: 0,
                        what: "header size",
                        value: (len + 1) as u64,
                        limit: MAX_HEADER_SIZE as u64,
                    });
                }
                Err(FieldError::Bad(reason)) => return Err(malformed(reason)),
            }
        }
    }

    /// Reads a header that takes exactly `view`.
    fn parse_blocks(view: &[u8]) -> Result<Self, FieldError> {
        let (fixed, streams) = view
            .split_first_chunk::<{ Self::FIXED_LEN }>()
            .ok_or(FieldError::Short)?;
        let [magic @ .., _, _, _, _, w0, w1, w2, w3, w4, w5, w6, w7] = *fixed;
        let mut header = if magic.starts_with(b"FFM2") {
            ffm2::parse(streams)?
        } else {
            Self::parse_ffm1(streams)?
        };
        header.write_index = u64::from_be_bytes([w0, w1, w2, w3, w4, w5, w6, w7]);
        Ok(header)
    }

    /// Two field lists go by the name of FFM1, and nothing says which. With the wrong one, something
    /// other than zeros is left, or a value cannot be.
    fn parse_ffm1(streams: &[u8]) -> Result<Self, FieldError> {
        match (
            ffm1::parse(streams, FieldList::V08),
            ffm1::parse(streams, FieldList::Later),
        ) {
            (Ok(_), Ok(_)) => Err(FieldError::Bad("both field lists of FFM1 fit")),
            (Ok(header), _) | (_, Ok(header)) => Ok(header),
            (Err(FieldError::Short), _) | (_, Err(FieldError::Short)) => Err(FieldError::Short),
            (Err(reason), Err(_)) => Err(reason),
        }
    }

    /// Appends the header as FFM2, with zeros up to a block. Fixed fields of FFM1 cannot be told in
    /// FFM2; such streams keep their codec, rate and extradata.
    pub fn write_ffm2(&self, out: &mut Vec<u8>) {
        let start = self.write_fixed(*b"FFM2", out);
        ffm2::write(self, out);
        pad(start, out);
    }

    /// Appends the header as FFM1 of the 0.8 releases, with zeros up to a block. `None`, with `out`
    /// unchanged, if a stream has its settings as text.
    pub fn write_ffm1_08(&self, out: &mut Vec<u8>) -> Option<()> {
        let start = self.write_fixed(*b"FFM1", out);
        let written = ffm1::write_08(self, out);
        match written {
            Some(()) => pad(start, out),
            None => out.truncate(start),
        }
        written
    }

    fn write_fixed(&self, magic: [u8; 4], out: &mut Vec<u8>) -> usize {
        let start = out.len();
        out.extend(magic);
        out.extend([0, 0, 0x10, 0]); // block size
        out.extend(self.write_index.to_be_bytes());
        start
    }
}

/// Whether `prefix` can be the start of FFM; a prefix shorter than the magic is not.
pub(super) fn has_magic(prefix: &[u8]) -> bool {
    prefix.starts_with(b"FFM1") || prefix.starts_with(b"FFM2")
}

/// Refuses what cannot become a header, as early as it shows.
fn check_start(bytes: &[u8]) -> Result<(), DemuxError> {
    let magic = bytes.first_chunk::<4>();
    if magic.is_some_and(|magic| !has_magic(magic)) {
        return Err(malformed("the magic is neither FFM1 nor FFM2"));
    }
    let size = bytes.get(4..8);
    if size.is_some_and(|size| size != [0, 0, 0x10, 0]) {
        return Err(malformed("the block size is not 4096"));
    }
    Ok(())
}

fn malformed(reason: &str) -> DemuxError {
    DemuxError::Malformed {
        format: NAME,
        offset: 0,
        reason: reason.into(),
    }
}

fn pad(start: usize, out: &mut Vec<u8>) {
    let len = (out.len() - start).next_multiple_of(BLOCK_SIZE);
    out.resize(start + len, 0);
}

/// Reads the extradata of a stream with `flags`.
pub(super) fn parse_extradata(buf: &mut &[u8], flags: u32) -> Result<Bytes, FieldError> {
    use bytes::Buf;

    if flags & FLAG_GLOBAL_HEADER == 0 {
        return Ok(Bytes::new());
    }
    let len = usize::try_from(buf.try_get_u32()?).unwrap_or(usize::MAX);
    if len > MAX_HEADER_SIZE {
        return Err(FieldError::Bad("extradata is larger than a header can be"));
    }
    let (extradata, rest) = buf.split_at_checked(len).ok_or(FieldError::Short)?;
    *buf = rest;
    Ok(Bytes::copy_from_slice(extradata))
}

/// Appends the extradata of a stream with its length, if its flags say that it has any.
pub(super) fn write_extradata(stream: &Stream, out: &mut Vec<u8>) {
    if stream.flags & FLAG_GLOBAL_HEADER != 0 {
        let len = u32::try_from(stream.extradata.len()).unwrap_or(u32::MAX);
        out.extend(len.to_be_bytes());
        out.extend(&stream.extradata);
    }
}
