//! The index as it is read: `moov` and its `trak`s (ISO/IEC 14496-12:2015, 8.2 to 8.5).

use std::num::NonZeroU32;

use bytes::Bytes;
use media::{FrameRate, MediaParameters, TimeBase, Track};
use mp4_atom::{Hdlr, Mdhd, Mvhd, Tkhd, Trex};

use super::boxes::{BoxError, children, decode, find, find_all, require};
use super::description::{self, Description};
use super::edit_list;
use super::sample_table::SampleTable;

/// Tracks of a file that are looked at.
const MAX_TRACKS: usize = 64;

/// What a `moov` says.
#[derive(Debug)]
pub(super) struct Movie {
    /// The tracks that can be read, in the order of the file.
    pub(super) tracks: Vec<MovieTrack>,
    /// What is wrong with tracks that ought to be readable.
    pub(super) faults: Vec<BoxError>,
    /// The sample entries of video and audio tracks that are not read here.
    pub(super) unsupported: Vec<String>,
    /// `mvex` is there: fragments follow.
    pub(super) fragmented: bool,
}

/// A track that can be read.
#[derive(Debug)]
pub(super) struct MovieTrack {
    /// `track_ID`.
    pub(super) id: u32,
    pub(super) track: Track,
    /// By `sample_description_index` less one; `None`: not read here.
    pub(super) descriptions: Vec<Option<Description>>,
    pub(super) samples: SampleTable,
    /// Ticks to take from a media time to get the time of presentation.
    pub(super) shift: i64,
    /// Defaults for fragments.
    pub(super) trex: Option<Trex>,
}

enum Read {
    Track(Box<MovieTrack>),
    Unsupported(String),
    /// Subtitles, hints, time codes and the like.
    OtherKind,
}

impl Movie {
    /// Reads the body of a `moov`.
    ///
    /// # Errors
    /// [`BoxError`] if its own children do not fit into it.
    pub(super) fn parse(moov: &Bytes) -> Result<Self, BoxError> {
        if let Some(error) = children(moov).find_map(Result::err) {
            return Err(error);
        }
        let mvex = find(moov, *b"mvex");
        let trexes: Vec<Trex> = mvex
            .iter()
            .flat_map(|mvex| find_all(mvex, *b"trex").filter_map(|body| decode(&body).ok()))
            .take(MAX_TRACKS)
            .collect();
        let mvhd = find(moov, *b"mvhd").and_then(|body| decode::<Mvhd>(&body).ok());
        let timescale = mvhd.and_then(|mvhd| NonZeroU32::new(mvhd.timescale));
        let mut movie = Self {
            tracks: Vec::new(),
            faults: Vec::new(),
            unsupported: Vec::new(),
            fragmented: mvex.is_some(),
        };
        for trak in find_all(moov, *b"trak").take(MAX_TRACKS) {
            match read_trak(&trak, timescale) {
                Ok(Read::Track(mut track)) => {
                    let id = track.id;
                    track.trex = trexes.iter().find(|trex| trex.track_id == id).cloned();
                    movie.tracks.push(*track);
                }
                Ok(Read::Unsupported(entry)) => movie.unsupported.push(entry),
                Ok(Read::OtherKind) => {}
                Err(error) => movie.faults.push(error),
            }
        }
        Ok(movie)
    }
}

fn read_trak(trak: &Bytes, movie_timescale: Option<NonZeroU32>) -> Result<Read, BoxError> {
    let mdia = require(trak, *b"mdia")?;
    let hdlr: Hdlr = decode(&require(&mdia, *b"hdlr")?)?;
    let handler: [u8; 4] = hdlr.handler.into();
    if !matches!(&handler, b"vide" | b"soun") {
        return Ok(Read::OtherKind);
    }
    let tkhd: Tkhd = decode(&require(trak, *b"tkhd")?)?;
    let mdhd: Mdhd = decode(&require(&mdia, *b"mdhd")?)?;
    let timescale = NonZeroU32::new(mdhd.timescale).ok_or(BoxError::Damaged { kind: *b"mdhd" })?;
    let time_base = TimeBase::per_second(timescale);
    let stbl = require(&require(&mdia, *b"minf")?, *b"stbl")?;
    let (names, descriptions): (Vec<_>, Vec<_>) =
        description::parse_all(&require(&stbl, *b"stsd")?)
            .into_iter()
            .unzip();
    let Some(first) = descriptions.iter().flatten().next() else {
        return Ok(Read::Unsupported(names.join(", ")));
    };
    let samples = SampleTable::parse(&stbl)?;
    let mut params = first.params.clone();
    if let MediaParameters::Video(video) = &mut params.media {
        video.frame_rate = frame_rate(&samples, timescale);
    }
    params.bit_rate_bps = bit_rate(&samples, timescale).or(params.bit_rate_bps);
    Ok(Read::Track(Box::new(MovieTrack {
        id: tkhd.track_id,
        track: Track { time_base, params },
        descriptions,
        samples,
        shift: edit_list::shift(trak, time_base, movie_timescale),
        trex: None,
    })))
}

/// Samples per second on average.
fn frame_rate(samples: &SampleTable, timescale: NonZeroU32) -> Option<FrameRate> {
    let num = u64::from(samples.count()) * u64::from(timescale.get());
    let den = samples.total_duration();
    let divisor = greatest_common_divisor(num, den);
    let part = |value: u64| u32::try_from(value / divisor.max(1)).ok();
    FrameRate::new(part(num)?, part(den)?)
}

/// Bits per second on average.
fn bit_rate(samples: &SampleTable, timescale: NonZeroU32) -> Option<u32> {
    let bits = u128::from(samples.total_size()) * 8 * u128::from(timescale.get());
    let rate = bits.checked_div(u128::from(samples.total_duration()))?;
    u32::try_from(rate).ok().filter(|rate| *rate > 0)
}

const fn greatest_common_divisor(mut a: u64, mut b: u64) -> u64 {
    while b != 0 {
        (a, b) = (b, a % b);
    }
    a
}
