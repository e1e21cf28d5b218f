//! The reader of MP4 files: walks the boxes of the top level, then takes the samples that the index
//! names, in the order they are decoded.
//!
//! The bytes on hand are a window of the source. Samples are taken out of it in the order of their
//! decoding times over all tracks, so a file with the index in front and its tracks interleaved is
//! read from front to back. Only what lies outside the window (the index at the end, tracks far
//! apart, an edit of the file in place) is asked for with [`Need::Seek`]. No memory grows with the
//! file but that of the index, which stays as compact as it stands in the file.

use std::collections::VecDeque;
use std::ops::Range;

use media::{MediaKind, Timestamp, Track};

use super::boxes::{BoxError, BoxHeader};
use super::fragment;
use super::moov::{Movie, MovieTrack};
use super::reader::TrackReader;
use super::sample::Sample;
use super::{FORMAT, window::Window};
use crate::{DemuxError, Demuxed, Demuxer, Need};

/// Bytes of the largest `moov`: about 100 hours of video and audio.
const MAX_MOOV: u64 = 128 << 20;
/// Bytes of the largest `moof`.
const MAX_MOOF: u64 = 16 << 20;
/// Bytes of the largest sample.
const MAX_SAMPLE: u32 = 32 << 20;
/// Microseconds that a track may run ahead of another where keeping them together would cost a
/// jump in the source per sample.
const MAX_LEAD_US: i64 = 500_000;

/// Reads MP4 files.
#[derive(Debug, Default)]
pub struct Mp4Demuxer {
    window: Window,
    state: State,
    /// Offset of the next box of the top level; `None`: the one before reaches to the end.
    next_box: Option<u64>,
    readers: Vec<TrackReader>,
    /// `mvex` is there: fragments follow.
    fragmented: bool,
    /// Where the boxes after `moov` start.
    after_moov: u64,
    /// Faults found at once, told one by one.
    faults: VecDeque<DemuxError>,
    /// Samples were missing at the end of the source.
    truncated: bool,
    search: Option<Search>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
enum State {
    /// At a box of the top level; the tracks are known after `moov`.
    #[default]
    Boxes,
    /// The tracks are to be told next.
    Tracks,
    /// At the samples of the index known so far.
    Samples,
    Ended,
}

/// A search for a time in the fragments.
#[derive(Debug, Clone, Copy)]
struct Search {
    /// Microseconds of presentation time.
    to: Timestamp,
    /// The last fragment seen that has a sample to start with.
    found: Option<u64>,
    /// The fragments up to the wanted time are seen: what is read now is the one found.
    over: bool,
}

impl Mp4Demuxer {
    /// A reader at the start of a source.
    #[must_use]
    pub fn new() -> Self {
        Self {
            next_box: Some(0),
            ..Self::default()
        }
    }

    /// Bytes of the source in memory.
    #[cfg(test)]
    pub(super) fn buffered(&self) -> usize {
        self.window.bytes().len()
    }
}

impl Demuxer for Mp4Demuxer {
    fn push(&mut self, bytes: &[u8]) {
        self.window.push(bytes);
    }

    fn push_end(&mut self) {
        self.window.push_end();
    }

    fn next(&mut self) -> Result<Demuxed, DemuxError> {
        loop {
            if let Some(fault) = self.faults.pop_front() {
                return Err(fault);
            }
            let step = match self.state {
                State::Boxes => self.read_box()?,
                State::Tracks => self.tell_tracks(),
                State::Samples => self.read_sample()?,
                State::Ended => return Ok(Demuxed::End),
            };
            if let Some(demuxed) = step {
                return Ok(demuxed);
            }
        }
    }

    fn seek(&mut self, to: Timestamp) -> Result<(), DemuxError> {
        if self.readers.is_empty() {
            return Err(DemuxError::NotSeekable);
        }
        let reference = self.reference();
        let start = self.readers.get_mut(reference).and_then(|reader| {
            reader.clear_fragments();
            reader.seek_key(to)
        });
        for (index, reader) in self.readers.iter_mut().enumerate() {
            if index != reference {
                reader.clear_fragments();
                reader.seek_decoded(start.unwrap_or(to));
            }
        }
        if self.fragmented && self.readers.iter().any(|reader| reader.tables_end() <= to) {
            self.readers.iter_mut().for_each(TrackReader::abandon);
        }
        self.truncated = false;
        self.next_box = Some(self.after_moov);
        self.search = (self.fragmented).then_some(Search {
            to,
            found: None,
            over: false,
        });
        if self.state != State::Tracks {
            self.state = State::Samples;
        }
        Ok(())
    }
}

impl Mp4Demuxer {
    /// Reads the box of the top level that is next. `None`: go on.
    fn read_box(&mut self) -> Result<Option<Demuxed>, DemuxError> {
        let Some(offset) = self.next_box else {
            return self.end();
        };
        if let Some(need) = self.window.go_to(offset) {
            return if self.window.ended() {
                self.end()
            } else {
                Ok(Some(Demuxed::Need(need)))
            };
        }
        let header = match BoxHeader::parse(self.window.bytes()) {
            Ok(Some(header)) if header.kind.iter().all(|c| matches!(c, 0x20..=0x7e | 0xa9)) => {
                header
            }
            Ok(None) if !self.window.ended() => return Ok(Some(Demuxed::Need(Need::Bytes))),
            Ok(None) => return self.end(),
            Ok(Some(header)) => {
                self.state = State::Ended;
                return Err(DemuxError::Malformed {
                    format: FORMAT,
                    offset,
                    reason: format!("no box type: {}", header.kind.escape_ascii()),
                });
            }
            Err(error) => {
                self.state = State::Ended;
                return Err(error.at(offset));
            }
        };
        match &header.kind {
            b"moov" => self.read_moov(offset, header),
            b"moof" => self.read_moof(offset, header),
            _ => {
                self.pass_box(offset, header);
                Ok(None)
            }
        }
    }

    fn pass_box(&mut self, offset: u64, header: BoxHeader) {
        self.next_box = header.size.and_then(|size| offset.checked_add(size));
    }

    /// The source has no more boxes.
    fn end(&mut self) -> Result<Option<Demuxed>, DemuxError> {
        if let Some(search) = &mut self.search
            && !search.over
        {
            search.over = true;
            self.next_box = search.found;
            if self.next_box.is_some() {
                return Ok(None);
            }
        }
        self.state = State::Ended;
        let offset = self.window.end();
        if self.readers.is_empty() {
            return Err(BoxError::Missing { kind: *b"moov" }.at(offset));
        }
        let cut = self.next_box.is_some_and(|next_box| next_box != offset);
        if cut || self.truncated {
            return Err(DemuxError::Truncated {
                format: FORMAT,
                offset,
                what: if self.truncated { "a sample" } else { "a box" },
            });
        }
        Ok(None)
    }

    /// Takes the body of a box out of the window; `None`: more bytes are needed.
    fn take_body(
        &mut self,
        offset: u64,
        header: BoxHeader,
        limit: u64,
    ) -> Result<Option<bytes::Bytes>, DemuxError> {
        let error = match header.size {
            None => BoxError::OpenSize { kind: header.kind },
            Some(size) if size > limit => BoxError::Limit {
                what: "size of an index box",
                value: size,
                limit,
            },
            Some(size) => {
                let len = usize::try_from(size).unwrap_or(usize::MAX);
                if self.window.bytes().len() < len {
                    if self.window.ended() {
                        self.state = State::Ended;
                        return Err(DemuxError::Truncated {
                            format: FORMAT,
                            offset: self.window.end(),
                            what: "an index box",
                        });
                    }
                    return Ok(None);
                }
                let mut body = self.window.take(len);
                let header_len = usize::try_from(header.len).unwrap_or(8);
                self.pass_box(offset, header);
                return Ok(Some(body.split_off(header_len.min(body.len()))));
            }
        };
        self.pass_box(offset, header);
        Err(error.at(offset))
    }

    fn read_moov(&mut self, offset: u64, header: BoxHeader) -> Result<Option<Demuxed>, DemuxError> {
        if !self.readers.is_empty() {
            self.pass_box(offset, header);
            return Err(DemuxError::Malformed {
                format: FORMAT,
                offset,
                reason: "a second moov".to_owned(),
            });
        }
        let Some(body) = self.take_body(offset, header, MAX_MOOV)? else {
            return Ok(Some(Demuxed::Need(Need::Bytes)));
        };
        let movie = Movie::parse(&body).map_err(|error| error.at(offset))?;
        self.faults
            .extend(movie.faults.into_iter().map(|error| error.at(offset)));
        if movie.tracks.is_empty() {
            if self.faults.is_empty() {
                let feature = match movie.unsupported.is_empty() {
                    true => "a file without video and audio tracks".to_owned(),
                    false => format!("sample entry {}", movie.unsupported.join(", ")),
                };
                self.faults.push_back(DemuxError::Unsupported {
                    format: FORMAT,
                    offset,
                    feature,
                });
            }
            self.state = State::Ended;
            return Ok(None);
        }
        self.fragmented = movie.fragmented;
        self.after_moov = self.next_box.unwrap_or(u64::MAX);
        let reader = |track: MovieTrack| TrackReader::new(track);
        self.readers = movie.tracks.into_iter().map(reader).collect();
        self.state = State::Tracks;
        Ok(None)
    }

    fn read_moof(&mut self, offset: u64, header: BoxHeader) -> Result<Option<Demuxed>, DemuxError> {
        if self.readers.is_empty() {
            self.pass_box(offset, header);
            return Err(DemuxError::Malformed {
                format: FORMAT,
                offset,
                reason: "moof before moov".to_owned(),
            });
        }
        let Some(body) = self.take_body(offset, header, MAX_MOOF)? else {
            return Ok(Some(Demuxed::Need(Need::Bytes)));
        };
        let trex = |id| {
            let reader = self.readers.iter().find(|reader| reader.id == id)?;
            reader.trex.clone()
        };
        let fragments = fragment::parse(&body, offset, trex).map_err(|error| error.at(offset))?;
        for fragment in fragments {
            let id = fragment.track_id;
            if let Some(reader) = self.readers.iter_mut().find(|reader| reader.id == id) {
                reader.push_fragment(fragment);
            }
        }
        if self.search.is_some() {
            self.search_fragment(offset);
        } else {
            self.state = State::Samples;
        }
        Ok(None)
    }

    /// Looks at the fragment just read: is it the one that the wanted time is in?
    fn search_fragment(&mut self, offset: u64) {
        let Some(mut search) = self.search.take() else {
            return;
        };
        let reference = self.reference();
        let Some(reader) = self.readers.get_mut(reference) else {
            return;
        };
        if search.over {
            // The fragment found: what precedes the key frame goes.
            reader.drop_before_key(search.to);
            reader.restart();
            self.state = State::Samples;
            return;
        }
        let (starts, passed) = reader.look_for(search.to);
        let first = search.found.is_none() && reader.peek().is_some();
        if starts || first {
            search.found = Some(offset);
        }
        for reader in &mut self.readers {
            reader.clear_runs();
        }
        if passed {
            search.over = true;
            self.next_box = search.found;
        }
        self.search = Some(search);
    }

    /// Tells the tracks, when the first samples that they depend on are seen.
    fn tell_tracks(&mut self) -> Option<Demuxed> {
        while let Some(index) = self
            .readers
            .iter()
            .position(TrackReader::wants_first_sample)
        {
            let sample = self.readers[index].peek();
            let data = match sample.map(|sample| self.locate(&sample)) {
                Some(Place::Window(range)) => self.window.bytes().get(range).unwrap_or_default(),
                Some(Place::Need(need)) => return Some(Demuxed::Need(need)),
                Some(Place::Nowhere) | None => &[],
            };
            self.readers[index].set_first_sample(data);
        }
        let tracks: Vec<Track> = self
            .readers
            .iter()
            .map(|reader| reader.track.clone())
            .collect();
        self.state = State::Samples;
        Some(Demuxed::Tracks(tracks))
    }

    /// Reads the sample that is next. `None`: go on.
    fn read_sample(&mut self) -> Result<Option<Demuxed>, DemuxError> {
        let Some((index, sample)) = self.choose() else {
            if self.fragmented {
                self.state = State::Boxes;
            } else {
                self.next_box = None;
                return self.end();
            }
            return Ok(None);
        };
        let reader = &mut self.readers[index];
        if sample.size > MAX_SAMPLE {
            reader.advance();
            return Err(BoxError::Limit {
                what: "size of a sample",
                value: sample.size.into(),
                limit: MAX_SAMPLE.into(),
            }
            .at(sample.offset));
        }
        match self.locate(&sample) {
            Place::Need(need) => Ok(Some(Demuxed::Need(need))),
            Place::Nowhere => {
                self.readers[index].abandon();
                self.truncated = true;
                Ok(None)
            }
            Place::Window(range) => {
                let reader = &mut self.readers[index];
                let data = self.window.bytes().get(range).unwrap_or_default();
                let packet = reader.packet(index, &sample, data);
                reader.advance();
                match packet {
                    Some(packet) => Ok(Some(Demuxed::Packet(packet))),
                    None if sample.size == 0 => Ok(None),
                    None => Err(DemuxError::Malformed {
                        format: FORMAT,
                        offset: sample.offset,
                        reason: format!("a sample of track {index} is not in its codec's form"),
                    }),
                }
            }
        }
    }

    /// The track whose sample is due, and the sample.
    fn choose(&self) -> Option<(usize, Sample)> {
        let due = |within: &dyn Fn(&Sample) -> bool| {
            let next = self.readers.iter().enumerate();
            next.filter_map(|(index, reader)| {
                let sample = reader.peek().filter(within)?;
                Some((reader.decode_time(&sample), index, sample))
            })
            .min_by_key(|(time, index, _)| (*time, *index))
        };
        let (time, index, sample) = due(&|_| true)?;
        let at_hand = |sample: &Sample| self.window.reaches(sample.offset);
        if !at_hand(&sample)
            && let Some((other_time, other, other_sample)) = due(&at_hand)
            && other_time.since(time) <= MAX_LEAD_US
        {
            return Some((other, other_sample));
        }
        Some((index, sample))
    }

    /// Where the bytes of a sample are, once all that nobody needs is dropped.
    fn locate(&mut self, sample: &Sample) -> Place {
        self.drop_unneeded(sample.offset);
        let Some(end) = sample.offset.checked_add(sample.size.into()) else {
            return Place::Nowhere;
        };
        if sample.size == 0 {
            return Place::Window(0..0);
        }
        if !self.window.reaches(sample.offset) {
            return Place::Need(self.window.seek(sample.offset));
        }
        match self.window.range(sample.offset, end) {
            Some(range) => Place::Window(range),
            None if self.window.ended() => Place::Nowhere,
            None => Place::Need(Need::Bytes),
        }
    }

    /// Drops what lies before the next samples of all tracks and, with fragments to come, before
    /// the next box of the top level.
    fn drop_unneeded(&mut self, wanted: u64) {
        let start = self.window.start();
        let mut keep = wanted;
        for reader in &self.readers {
            if let Some(sample) = reader.peek()
                && sample.offset >= start
            {
                keep = keep.min(sample.offset);
            }
        }
        if self.fragmented {
            while let Some(next_box) = self.next_box.filter(|next_box| *next_box < keep) {
                let Some(bytes) = self.window.bytes_from(next_box) else {
                    break;
                };
                match BoxHeader::parse(bytes) {
                    Ok(Some(header)) if !matches!(&header.kind, b"moof" | b"moov") => {
                        self.pass_box(next_box, header);
                    }
                    _ => {
                        keep = next_box;
                        break;
                    }
                }
            }
        }
        self.window.drop_to(keep);
    }

    /// The track that a search goes by: the first video track, else the first.
    fn reference(&self) -> usize {
        let video = |reader: &TrackReader| reader.track.params.kind() == MediaKind::Video;
        self.readers.iter().position(video).unwrap_or(0)
    }
}

/// Where the bytes of a sample are.
enum Place {
    /// In the window.
    Window(Range<usize>),
    /// Not there yet.
    Need(Need),
    /// Behind the end of the source.
    Nowhere,
}
