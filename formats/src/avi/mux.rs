//! Writes AVI, live or as a file.

use bytes::Bytes;
use media::bitstream::mpeg_audio::MpegAudioHeader;
use media::{CodecId, Packet, TimeBase, Timestamp, Track};

use super::FORMAT;
use super::file_index::FileIndex;
use super::header::{self, Totals};
use super::placement::{Origin, Place};
use super::riff::write_chunk;
use super::silence::silent_frame;
use super::stream::{Chunking, Stream};
use crate::{MuxError, Muxer, Patch};

/// Streams that the two digits of a chunk's code can number.
const MAX_TRACKS: usize = 100;
/// Bytes of a chunk: bit 31 of an index entry's size is a flag.
const MAX_CHUNK: usize = 0x7fff_ffff;
/// A gap between samples that is filled with silence, in µs; below it is taken for jitter.
const MIN_SILENCE: i64 = 100_000;

/// Writes AVI.
///
/// [`AviMuxer::new`] makes the live form: chunks that depend on nothing before them, no index,
/// constant memory, no end. [`AviMuxer::file`] makes a file with indexes, in more than one RIFF when
/// it grows large; until `finish` and its patches it is readable as a live stream is.
///
/// A gap of a video track becomes zero-length chunks, one of audio silence, or zero-length chunks
/// too where no frame of silence is known (`silence`). A viewer who starts at a key frame after a gap gets the fill too and sees the picture that much
/// later against the sound, at most 10 s.
#[derive(Debug)]
pub struct AviMuxer {
    streams: Vec<Stream>,
    origin: Origin,
    header: Bytes,
    /// Bytes written so far, header included.
    position: u64,
    /// Files only.
    index: Option<FileIndex>,
    finished: bool,
}

impl AviMuxer {
    /// The size of a RIFF in bytes after which a file goes on in another.
    pub const RIFF_LIMIT: u32 = 1 << 30;

    /// A muxer for a live stream.
    ///
    /// # Errors
    /// [`MuxError`] if there is no track or more than 100, one has a codec without a code, or AAC or
    /// PCM lack what their header tells.
    pub fn new(tracks: &[Track]) -> Result<Self, MuxError> {
        Self::build(tracks, None)
    }

    /// A muxer for a file with indexes. `riff_limit` is the size in bytes after which the file goes
    /// on in another RIFF, at most (and usually) [`Self::RIFF_LIMIT`].
    ///
    /// # Errors
    /// As [`Self::new`].
    pub fn file(tracks: &[Track], riff_limit: u32) -> Result<Self, MuxError> {
        let limit = riff_limit.min(Self::RIFF_LIMIT);
        Self::build(tracks, Some(FileIndex::new(tracks.len(), limit)))
    }

    fn build(tracks: &[Track], mut index: Option<FileIndex>) -> Result<Self, MuxError> {
        if tracks.is_empty() || tracks.len() > MAX_TRACKS {
            return Err(MuxError::TrackCount {
                format: FORMAT,
                count: tracks.len(),
                allowed: "1 to 100",
            });
        }
        let streams: Vec<_> = tracks
            .iter()
            .enumerate()
            .map(|(index, track)| Stream::new(index, track))
            .collect::<Result<_, _>>()?;
        let mut header = Vec::new();
        header::write(&streams, index.as_ref(), &Totals::OPEN, &mut header);
        let position = header.len() as u64;
        if let Some(index) = &mut index {
            index.begin(position);
        }
        Ok(Self {
            streams,
            origin: Origin::default(),
            header: header.into(),
            position,
            index,
            finished: false,
        })
    }

    /// Frames of the first video stream.
    fn frames(&self) -> u32 {
        let video = self.streams.iter().find(|stream| stream.size_px.is_some());
        let frames = video.map_or(0, |video| video.places.taken());
        u32::try_from(frames).unwrap_or(u32::MAX)
    }

    /// In a file, goes on in another RIFF if this one has no room for `len` bytes more.
    fn make_room(&mut self, len: usize, out: &mut Vec<u8>) -> Result<(), MuxError> {
        let frames = self.frames();
        let start = out.len();
        if let Some(index) = &mut self.index {
            index.split_if_full(&self.streams, self.position, len, frames, out)?;
        }
        self.position += (out.len() - start) as u64;
        Ok(())
    }

    /// Appends a chunk and, in a file, notes where it is.
    fn write_data(&mut self, track: usize, key: bool, data: &[u8], out: &mut Vec<u8>) {
        let stream = &mut self.streams[track];
        let start = out.len();
        write_chunk(stream.chunk_id, out, |out| out.extend(data));
        let size = u32::try_from(data.len()).unwrap_or(u32::MAX);
        stream.largest = stream.largest.max(size);
        if let Some(index) = &mut self.index {
            index.record(track, stream.chunk_id, self.position, size, key);
        }
        self.position += (out.len() - start) as u64;
    }

    /// Fills the places before a packet whose first chunk is `next`.
    fn write_gap(&mut self, track: usize, gap: u64, next: &[u8], out: &mut Vec<u8>) {
        if gap == 0 {
            return;
        }
        let stream = &self.streams[track];
        if let Chunking::Samples {
            block_align,
            silence,
        } = stream.chunking
        {
            // The places restart before a gap gets longer than a chunk may be.
            let samples = usize::try_from(gap).unwrap_or(0);
            let silence = vec![silence; samples.saturating_mul(block_align.into())];
            self.write_data(track, true, &silence, out);
            return;
        }
        let silence = silent_frame(stream.codec, &stream.config, next);
        let fill = silence.unwrap_or_default();
        for _ in 0..gap {
            self.write_data(track, !fill.is_empty(), &fill, out);
        }
    }

    /// Where a packet goes. A gap between samples that is no longer than jitter counts as none.
    fn find_place(&self, stream: &Stream, dts: Timestamp) -> Place {
        let place = stream.places.find(&self.origin, dts);
        let jitter = Timestamp(MIN_SILENCE).rescale(TimeBase::MICROS, stream.places.unit());
        match stream.chunking {
            Chunking::Samples { .. } if place.gap <= jitter.0.unsigned_abs() => place.without_gap(),
            _ => place,
        }
    }
}

impl Muxer for AviMuxer {
    /// AVI counts from frame 0 for each reader: `start` has no place in it.
    fn write_header(&self, _start: Timestamp, out: &mut Vec<u8>) -> Result<(), MuxError> {
        out.extend(&self.header);
        Ok(())
    }

    fn write_packet(&mut self, packet: &Packet, out: &mut Vec<u8>) -> Result<(), MuxError> {
        let track = packet.track;
        let stream = self.streams.get(track).ok_or(MuxError::NoSuchTrack {
            track,
            tracks: self.streams.len(),
        })?;
        if packet.data.len() > MAX_CHUNK {
            return Err(MuxError::PacketTooLarge {
                format: FORMAT,
                len: packet.data.len(),
                limit: MAX_CHUNK,
            });
        }
        let (parts, units) = split(stream, packet)?;
        let place = self.find_place(stream, packet.dts);
        self.make_room(packet.data.len(), out)?;
        let first = parts.first().copied().unwrap_or_default();
        self.write_gap(track, place.gap, first, out);
        for part in parts {
            self.write_data(track, packet.key, part, out);
        }
        self.streams[track]
            .places
            .take(&mut self.origin, place, units);
        Ok(())
    }

    /// The patch of a live stream completes its sizes, if they fit their fields; it has no index.
    fn finish(&mut self, out: &mut Vec<u8>) -> Result<Vec<Patch>, MuxError> {
        if std::mem::replace(&mut self.finished, true) {
            return Ok(Vec::new());
        }
        let frames = self.frames();
        let mut totals = Totals::without_index(self.position, self.header.len(), frames);
        let mut patches = Vec::new();
        if let Some(index) = &mut self.index {
            let closing = index.finish(&self.streams, self.position, frames, out);
            totals = closing.totals;
            patches = closing.patches;
        }
        let mut header = Vec::new();
        header::write(&self.streams, self.index.as_ref(), &totals, &mut header);
        patches.push(Patch {
            offset: 0,
            bytes: header.into(),
        });
        Ok(patches)
    }
}

/// The chunks that a packet becomes, and the places it takes.
fn split<'a>(stream: &Stream, packet: &'a Packet) -> Result<(Vec<&'a [u8]>, u64), MuxError> {
    let data = &packet.data[..];
    let error = |reason| MuxError::Bitstream {
        track: packet.track,
        codec: stream.codec,
        reason,
    };
    if data.is_empty() {
        return Err(error("it is empty"));
    }
    match stream.chunking {
        Chunking::Packets => Ok((vec![data], 1)),
        Chunking::MpegFrames => {
            let frames = mpeg_frames(stream.codec, data).map_err(error)?;
            let count = frames.len() as u64;
            Ok((frames, count))
        }
        Chunking::Samples { block_align, .. } => {
            let block_align = usize::from(block_align);
            if !data.len().is_multiple_of(block_align) {
                return Err(error("it ends inside a sample"));
            }
            Ok((vec![data], (data.len() / block_align) as u64))
        }
    }
}

/// The MPEG audio frames in a packet.
fn mpeg_frames(codec: CodecId, data: &[u8]) -> Result<Vec<&[u8]>, &'static str> {
    let mut frames = Vec::new();
    let mut rest = data;
    while !rest.is_empty() {
        let header = MpegAudioHeader::parse(rest).ok_or("no frame header where one belongs")?;
        if header.codec() != codec || header.layer == 1 {
            return Err("the frame is of another layer");
        }
        let (frame, after) = rest
            .split_at_checked(header.frame_len)
            .ok_or("the last frame is cut off")?;
        frames.push(frame);
        rest = after;
    }
    Ok(frames)
}
