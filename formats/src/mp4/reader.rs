//! A track while it is read: where its next sample is, and what becomes of it.

use std::collections::VecDeque;

use media::{Packet, TimeBase, Timestamp, Track};
use mp4_atom::Trex;

use super::description::Description;
use super::fragment::{Run, TrackFragment};
use super::moov::MovieTrack;
use super::sample::Sample;
use super::sample_table::{Position, SampleTable};

/// A track and the place it is read at.
#[derive(Debug)]
pub(super) struct TrackReader {
    pub(super) id: u32,
    pub(super) track: Track,
    pub(super) trex: Option<Trex>,
    descriptions: Vec<Option<Description>>,
    /// Ticks to take from a media time to get the time of presentation.
    shift: i64,
    /// Ticks to take from decoding times besides: the most that a composition offset is below 0,
    /// so that no packet is decoded after it is shown. `None` until a sample tells.
    reorder: Option<i64>,
    samples: SampleTable,
    position: Position,
    runs: VecDeque<Run>,
    /// Media time of the first sample of a fragment that does not tell it.
    next_fragment: i64,
    last_dts: Option<i64>,
    discontinuity: bool,
}

impl TrackReader {
    /// A reader at the first sample.
    pub(super) fn new(track: MovieTrack) -> Self {
        let position = track.samples.start();
        let reorder = (track.samples.count() > 0).then(|| -track.samples.min_composition_offset());
        let next_fragment = i64::try_from(track.samples.total_duration()).unwrap_or(i64::MAX);
        Self {
            id: track.id,
            track: track.track,
            trex: track.trex,
            descriptions: track.descriptions,
            shift: track.shift,
            reorder: reorder.map(|ticks| ticks.max(0)),
            samples: track.samples,
            position,
            runs: VecDeque::new(),
            next_fragment,
            last_dts: None,
            discontinuity: false,
        }
    }

    /// The next sample; `None` if the index known so far has no more.
    pub(super) fn peek(&self) -> Option<Sample> {
        self.samples
            .sample(&self.position)
            .or_else(|| self.runs.front()?.sample())
    }

    /// Goes on to the next sample.
    pub(super) fn advance(&mut self) {
        if self.samples.sample(&self.position).is_some() {
            self.samples.advance(&mut self.position);
            return;
        }
        if let Some(run) = self.runs.front_mut() {
            run.advance();
        }
        while self.runs.front().is_some_and(|run| run.sample().is_none()) {
            self.runs.pop_front();
        }
    }

    /// Gives up what is left of the index known so far: the source ends before it.
    pub(super) fn abandon(&mut self) {
        while self.samples.sample(&self.position).is_some() {
            self.samples.advance(&mut self.position);
        }
        self.runs.clear();
    }

    /// Appends the runs of a fragment.
    pub(super) fn push_fragment(&mut self, fragment: TrackFragment) {
        let start = match fragment.base_media_decode_time {
            Some(time) => i64::try_from(time).unwrap_or(i64::MAX),
            None => self.next_fragment,
        };
        let duration = i64::try_from(fragment.duration).unwrap_or(i64::MAX);
        self.next_fragment = start.saturating_add(duration);
        for mut run in fragment.runs {
            if self.reorder.is_none() {
                self.reorder = Some(-run.min_composition_offset());
            }
            run.set_start(start);
            if run.sample().is_some() {
                self.runs.push_back(run);
            }
        }
    }

    /// Forgets the runs of fragments and where fragments would go on.
    pub(super) fn clear_fragments(&mut self) {
        self.runs.clear();
        self.next_fragment = i64::try_from(self.samples.total_duration()).unwrap_or(i64::MAX);
    }

    /// When a sample is decoded, in microseconds of presentation time.
    pub(super) fn decode_time(&self, sample: &Sample) -> Timestamp {
        Timestamp(self.dts(sample)).rescale(self.track.time_base, TimeBase::MICROS)
    }

    /// When a sample is shown, in microseconds of presentation time.
    pub(super) fn presentation_time(&self, sample: &Sample) -> Timestamp {
        Timestamp(self.pts(sample)).rescale(self.track.time_base, TimeBase::MICROS)
    }

    fn pts(&self, sample: &Sample) -> i64 {
        sample
            .dts
            .saturating_add(sample.composition_offset)
            .saturating_sub(self.shift)
    }

    fn dts(&self, sample: &Sample) -> i64 {
        sample
            .dts
            .saturating_sub(self.shift)
            .saturating_sub(self.reorder.unwrap_or(0))
    }

    /// The packet of a sample; `None` if the bytes are not in the form of their description.
    pub(super) fn packet(&mut self, track: usize, sample: &Sample, data: &[u8]) -> Option<Packet> {
        let description = self.description(sample)?;
        let (data, key) = description.packet_data(data, sample.key)?;
        let key = key || self.track.params.kind() == media::MediaKind::Audio;
        // Equal or falling times come from tables with zeros, or from overlapping fragments.
        let dts = match self.last_dts {
            Some(last) => self.dts(sample).max(last.saturating_add(1)),
            None => self.dts(sample),
        };
        self.last_dts = Some(dts);
        Some(Packet {
            track,
            pts: Timestamp(self.pts(sample).max(dts)),
            dts: Timestamp(dts),
            duration: sample.duration.into(),
            key,
            discontinuity: std::mem::take(&mut self.discontinuity),
            data,
        })
    }

    fn description(&self, sample: &Sample) -> Option<&Description> {
        let index = usize::try_from(sample.description.checked_sub(1)?).ok()?;
        let description = self.descriptions.get(index)?.as_ref()?;
        (description.params.codec == self.track.params.codec).then_some(description)
    }

    /// Whether the track can be told only when its first sample has been seen.
    pub(super) fn wants_first_sample(&self) -> bool {
        self.first_description()
            .is_some_and(Description::wants_first_sample)
    }

    /// Completes the track by its first sample, which may be missing (empty).
    pub(super) fn set_first_sample(&mut self, data: &[u8]) {
        for description in self.descriptions.iter_mut().flatten() {
            description.set_first_sample(data);
        }
        if let Some(first) = self.first_description() {
            let (codec, media) = (first.params.codec, first.params.media);
            self.track.params.codec = codec;
            self.track.params.media = media;
        }
    }

    fn first_description(&self) -> Option<&Description> {
        self.descriptions.iter().flatten().next()
    }

    /// Goes to the last sync sample of the `moov`'s tables that is shown at or before `to`
    /// (microseconds), or to the first sample. Returns when that sample is decoded.
    pub(super) fn seek_key(&mut self, to: Timestamp) -> Option<Timestamp> {
        self.seek_last(
            |reader, sample| sample.key && reader.presentation_time(sample) <= to,
            to,
        )
    }

    /// Goes to the last sample of the `moov`'s tables that is decoded at or before `to`.
    pub(super) fn seek_decoded(&mut self, to: Timestamp) {
        self.seek_last(|reader, sample| reader.decode_time(sample) <= to, to);
    }

    fn seek_last(
        &mut self,
        wanted: impl Fn(&Self, &Sample) -> bool,
        to: Timestamp,
    ) -> Option<Timestamp> {
        let mut position = self.samples.start();
        let mut found = position;
        while let Some(sample) = self.samples.sample(&position) {
            if self.decode_time(&sample) > to {
                break;
            }
            if wanted(self, &sample) {
                found = position;
            }
            self.samples.advance(&mut position);
        }
        self.position = found;
        self.restart();
        let sample = self.peek()?;
        Some(self.decode_time(&sample))
    }

    /// When the samples of the `moov`'s tables end, in microseconds of presentation time.
    pub(super) fn tables_end(&self) -> Timestamp {
        let end = i64::try_from(self.samples.total_duration()).unwrap_or(i64::MAX);
        Timestamp(end.saturating_sub(self.shift)).rescale(self.track.time_base, TimeBase::MICROS)
    }

    /// Forgets the runs of fragments.
    pub(super) fn clear_runs(&mut self) {
        self.runs.clear();
    }

    /// Whether a sync sample of the runs is shown at or before `to` (microseconds), and whether a
    /// sample is decoded after it.
    pub(super) fn look_for(&self, to: Timestamp) -> (bool, bool) {
        let mut starts = false;
        let mut passed = false;
        for run in &self.runs {
            let mut run = run.clone();
            while let Some(sample) = run.sample() {
                starts |= sample.key && self.presentation_time(&sample) <= to;
                passed |= self.decode_time(&sample) > to;
                run.advance();
            }
        }
        (starts, passed)
    }

    /// Drops the samples of the runs before the last sync sample shown at or before `to`.
    pub(super) fn drop_before_key(&mut self, to: Timestamp) {
        let mut reader_runs = self.runs.clone();
        let mut passed = 0_u32;
        let mut drop = 0;
        while let Some(run) = reader_runs.front_mut() {
            match run.sample() {
                Some(sample) => {
                    if sample.key && self.presentation_time(&sample) <= to {
                        drop = passed;
                    }
                    passed += 1;
                    run.advance();
                }
                None => {
                    reader_runs.pop_front();
                }
            }
        }
        for _ in 0..drop {
            self.advance();
        }
    }

    /// Lets times begin anew: the next packet follows a jump.
    pub(super) const fn restart(&mut self) {
        self.last_dts = None;
        self.discontinuity = true;
    }
}
