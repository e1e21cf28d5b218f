//! Movie fragments as they are read: `moof`, `traf`, `tfhd`, `tfdt`, `trun` (ISO/IEC
//! 14496-12:2015, 8.8.4 to 8.8.12).

use bytes::{Buf, Bytes};
use mp4_atom::{Tfdt, Tfhd, Trex};

use super::boxes::{BoxError, decode, find, find_all, require, slice, u32_at};
use super::sample::{MAX_SAMPLES, Sample};

/// `sample_is_non_sync_sample` of `sample_flags` (8.8.3.1).
const NON_SYNC: u32 = 0x0001_0000;

/// The runs of one track in one fragment.
#[derive(Debug)]
pub(super) struct TrackFragment {
    /// `track_ID`.
    pub(super) track_id: u32,
    /// The first sample's dts, if the fragment tells it.
    pub(super) base_media_decode_time: Option<u64>,
    /// The runs, their times counted from the first sample of the fragment.
    pub(super) runs: Vec<Run>,
    /// Ticks of all runs.
    pub(super) duration: u64,
}

/// The samples of a `trun`, kept as it stands in the file and walked from sample to sample.
///
/// | bits | field                          | in the run if flag |
/// |-----:|--------------------------------|--------------------|
/// |   32 | version, flags                 | always             |
/// |   32 | sample_count                   | always             |
/// |   32 | data_offset                    | 0x1                |
/// |   32 | first_sample_flags             | 0x4                |
/// |   32 | sample_duration                | 0x100, each sample |
/// |   32 | sample_size                    | 0x200, each sample |
/// |   32 | sample_flags                   | 0x400, each sample |
/// |   32 | sample_composition_time_offset | 0x800, each sample |
#[derive(Debug, Clone)]
pub(super) struct Run {
    /// The per-sample fields of the samples left.
    entries: Bytes,
    fields: Fields,
    /// Samples left.
    count: u32,
    first_sample_flags: Option<u32>,
    defaults: Defaults,
    offset: u64,
    dts: i64,
}

#[derive(Debug, Clone, Copy)]
struct Fields {
    flags: u32,
    signed_offsets: bool,
}

/// What holds for samples without fields of their own: `tfhd`, else `trex`.
#[derive(Debug, Clone, Copy)]
struct Defaults {
    description: u32,
    duration: u32,
    size: u32,
    flags: u32,
}

/// Reads the body of a `moof` that starts at `moof_offset`; `trex` finds a track's defaults.
///
/// # Errors
/// [`BoxError`] if a box is missing, damaged or says more samples than it holds.
pub(super) fn parse(
    moof: &Bytes,
    moof_offset: u64,
    trex: impl Fn(u32) -> Option<Trex>,
) -> Result<Vec<TrackFragment>, BoxError> {
    let mut fragments = Vec::new();
    // Without an offset of its own, a traf's data follows that of the traf before (8.8.7.1).
    let mut data_end = moof_offset;
    for traf in find_all(moof, *b"traf") {
        let tfhd: Tfhd = decode(&require(&traf, *b"tfhd")?)?;
        let trex = trex(tfhd.track_id).unwrap_or_default();
        let defaults = Defaults {
            description: tfhd
                .sample_description_index
                .unwrap_or(trex.default_sample_description_index),
            duration: tfhd
                .default_sample_duration
                .unwrap_or(trex.default_sample_duration),
            size: tfhd.default_sample_size.unwrap_or(trex.default_sample_size),
            flags: tfhd
                .default_sample_flags
                .unwrap_or(trex.default_sample_flags),
        };
        let base = match tfhd.base_data_offset {
            Some(offset) => offset,
            None if tfhd.default_base_is_moof => moof_offset,
            None => data_end,
        };
        let tfdt = match find(&traf, *b"tfdt") {
            Some(body) => Some(decode::<Tfdt>(&body)?.base_media_decode_time),
            None => None,
        };
        let fragment = read_runs(&traf, tfhd.track_id, tfdt, base, defaults, &mut data_end)?;
        fragments.push(fragment);
    }
    Ok(fragments)
}

fn read_runs(
    traf: &Bytes,
    track_id: u32,
    base_media_decode_time: Option<u64>,
    base: u64,
    defaults: Defaults,
    data_end: &mut u64,
) -> Result<TrackFragment, BoxError> {
    let mut fragment = TrackFragment {
        track_id,
        base_media_decode_time,
        runs: Vec::new(),
        duration: 0,
    };
    let mut next = base;
    let mut samples = 0_u32;
    for trun in find_all(traf, *b"trun") {
        let dts = i64::try_from(fragment.duration).unwrap_or(i64::MAX);
        let run = Run::parse(&trun, base, next, dts, defaults)?;
        samples = samples.saturating_add(run.count);
        if samples > MAX_SAMPLES {
            return Err(BoxError::Limit {
                what: "number of samples of a fragment",
                value: samples.into(),
                limit: MAX_SAMPLES.into(),
            });
        }
        let (size, duration) = run.totals();
        next = run.offset.saturating_add(size);
        fragment.duration = fragment.duration.saturating_add(duration);
        *data_end = next;
        fragment.runs.push(run);
    }
    Ok(fragment)
}

impl Run {
    const DATA_OFFSET: u32 = 0x1;
    const FIRST_SAMPLE_FLAGS: u32 = 0x4;
    const DURATION: u32 = 0x100;
    const SIZE: u32 = 0x200;
    const FLAGS: u32 = 0x400;
    const COMPOSITION_OFFSET: u32 = 0x800;

    /// Reads a body. `base` is what data_offset counts from, `next` where the data is without it.
    fn parse(
        body: &Bytes,
        base: u64,
        next: u64,
        dts: i64,
        defaults: Defaults,
    ) -> Result<Self, BoxError> {
        let kind = *b"trun";
        let damaged = BoxError::Damaged { kind };
        let field = |at| u32_at(body, at).ok_or(damaged);
        let version_and_flags = field(0)?;
        let fields = Fields {
            flags: version_and_flags & 0x00ff_ffff,
            signed_offsets: version_and_flags >> 24 != 0,
        };
        let count = field(4)?;
        let mut at = 8;
        let mut offset = next;
        if fields.has(Self::DATA_OFFSET) {
            let data_offset = i64::from(field(at)?.cast_signed());
            offset = base.checked_add_signed(data_offset).ok_or(damaged)?;
            at += 4;
        }
        let mut first_sample_flags = None;
        if fields.has(Self::FIRST_SAMPLE_FLAGS) {
            first_sample_flags = Some(field(at)?);
            at += 4;
        }
        let entries = slice(body, at..).ok_or(damaged)?;
        let room = match fields.width() {
            0 => u64::from(MAX_SAMPLES),
            width => (entries.len() / width) as u64,
        };
        if u64::from(count) > room {
            return Err(BoxError::Entries { kind, count, room });
        }
        Ok(Self {
            entries,
            fields,
            count,
            first_sample_flags,
            defaults,
            offset,
            dts,
        })
    }

    /// The first of the samples left.
    pub(super) fn sample(&self) -> Option<Sample> {
        if self.count == 0 {
            return None;
        }
        let field = |flag, default| self.fields.get(&self.entries, flag).unwrap_or(default);
        let flags = self
            .first_sample_flags
            .unwrap_or_else(|| field(Self::FLAGS, self.defaults.flags));
        let composition_offset = field(Self::COMPOSITION_OFFSET, 0);
        Some(Sample {
            offset: self.offset,
            size: field(Self::SIZE, self.defaults.size),
            dts: self.dts,
            composition_offset: if self.fields.signed_offsets {
                i64::from(composition_offset.cast_signed())
            } else {
                i64::from(composition_offset)
            },
            duration: field(Self::DURATION, self.defaults.duration),
            key: flags & NON_SYNC == 0,
            description: self.defaults.description,
        })
    }

    /// Goes on to the next sample.
    pub(super) fn advance(&mut self) {
        let Some(sample) = self.sample() else {
            return;
        };
        self.offset = self.offset.saturating_add(u64::from(sample.size));
        self.dts = self.dts.saturating_add(i64::from(sample.duration));
        self.first_sample_flags = None;
        self.count -= 1;
        let width = self.fields.width().min(self.entries.len());
        self.entries.advance(width);
    }

    /// Counts the run's times from another start.
    pub(super) fn set_start(&mut self, start: i64) {
        self.dts = self.dts.saturating_add(start);
    }

    /// Bytes and ticks of all samples.
    fn totals(&self) -> (u64, u64) {
        if self.fields.width() == 0 {
            let count = u64::from(self.count);
            let total = |each: u32| u64::from(each) * count;
            return (total(self.defaults.size), total(self.defaults.duration));
        }
        let mut run = self.clone();
        let (mut size, mut duration) = (0_u64, 0_u64);
        while let Some(sample) = run.sample() {
            size += u64::from(sample.size);
            duration += u64::from(sample.duration);
            run.advance();
        }
        (size, duration)
    }

    /// The smallest composition offset of the samples left.
    pub(super) fn min_composition_offset(&self) -> i64 {
        if !self.fields.has(Self::COMPOSITION_OFFSET) {
            return 0;
        }
        let mut run = self.clone();
        let mut min = 0;
        while let Some(sample) = run.sample() {
            min = min.min(sample.composition_offset);
            run.advance();
        }
        min
    }
}

impl Fields {
    const fn has(self, flag: u32) -> bool {
        self.flags & flag != 0
    }

    /// Bytes of one sample's fields.
    fn width(self) -> usize {
        (self.flags & 0xf00).count_ones() as usize * 4
    }

    /// A field of the first sample in `entries`.
    fn get(self, entries: &[u8], flag: u32) -> Option<u32> {
        let before = (self.flags & 0xf00 & (flag - 1)).count_ones() as usize * 4;
        self.has(flag).then(|| u32_at(entries, before)).flatten()
    }
}
