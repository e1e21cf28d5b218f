//! Reads raw H.264.

use std::collections::VecDeque;

use bytes::Bytes;
use media::bitstream::nal;
use media::{
    CodecId, CodecParameters, FrameRate, MediaParameters, Packet, Timestamp, Track, VideoParameters,
};

use super::display_order::DisplayOrder;
use super::splitter::{AccessUnit, Splitter};
use super::{FORMAT, with_parameter_sets};
use crate::{DemuxError, Demuxed, Demuxer, InputBuffer, Need};

/// Bytes of an access unit, and of a NAL unit.
const MAX_ACCESS_UNIT: usize = 32 << 20;
/// Pictures per second of a stream that does not tell.
const DEFAULT_FRAME_RATE: FrameRate = FrameRate::new(25, 1).unwrap();

/// Reads raw H.264. An access unit comes out when the first NAL unit of the next one is complete;
/// if pictures may be reordered, the first 16 wait for the 17th.
///
/// What comes before the first parameter sets cannot be decoded and is dropped, with an error.
#[derive(Debug)]
pub struct H264Demuxer {
    input: InputBuffer,
    /// Bytes of the buffer that hold no start code but the first.
    scanned: usize,
    splitter: Splitter,
    frame_rate: Option<FrameRate>,
    /// As told last.
    track: Option<Track>,
    next: i64,
    order: DisplayOrder,
    /// An access unit without parameter sets has been reported.
    dropping: bool,
    discontinuity: bool,
    ready: VecDeque<Demuxed>,
    ended: bool,
}

impl H264Demuxer {
    /// A demuxer that takes the frame rate from the stream.
    #[must_use]
    pub fn new() -> Self {
        Self::build(None)
    }

    /// A demuxer that gives the pictures times of this rate, whatever the stream says.
    #[must_use]
    pub fn with_frame_rate(rate: FrameRate) -> Self {
        Self::build(Some(rate))
    }

    fn build(frame_rate: Option<FrameRate>) -> Self {
        Self {
            input: InputBuffer::new(),
            scanned: 0,
            splitter: Splitter::default(),
            frame_rate,
            track: None,
            next: 0,
            order: DisplayOrder::new(),
            dropping: false,
            discontinuity: false,
            ready: VecDeque::new(),
            ended: false,
        }
    }

    /// `None`: goes on; else what comes out.
    fn step(&mut self) -> Result<Option<Demuxed>, DemuxError> {
        let bytes = self.input.bytes();
        let Some((start, payload)) = nal::find_start_code(bytes) else {
            // Without a start code only the zeros at the end can belong to one.
            let zeros = bytes.iter().rev().take(3).take_while(|byte| **byte == 0);
            let passed = bytes.len() - zeros.count();
            self.input.skip(passed as u64);
            return self.starved();
        };
        if start > 1 || start == 1 && bytes[0] != 0 {
            // What stands before is no NAL unit; a zero belongs to the start code.
            let passed = start - usize::from(bytes[start - 1] == 0);
            self.input.skip(passed as u64);
            self.scanned = 0;
            return Ok(None);
        }
        let from = self.scanned.max(payload);
        match nal::find_start_code(bytes.get(from..).unwrap_or_default()) {
            Some((at, _)) => {
                let end = from + at;
                let end = end - usize::from(end > payload && bytes[end - 1] == 0);
                self.scanned = 0;
                self.take_nal(payload, end)
            }
            None if bytes.len() > MAX_ACCESS_UNIT => self.too_large(bytes.len()),
            None if self.input.ended() => self.take_nal(payload, bytes.len()),
            None => {
                // The next search starts where a start code could be cut in two.
                self.scanned = bytes.len().saturating_sub(2);
                Ok(Some(Demuxed::Need(Need::Bytes)))
            }
        }
    }

    /// Takes the NAL unit that ends at `end`, with its payload behind the start code at `payload`.
    fn take_nal(&mut self, payload: usize, end: usize) -> Result<Option<Demuxed>, DemuxError> {
        let raw = self.input.take(end).unwrap_or_default();
        let nal = nal::annex_b(&raw[payload - 3..]).next().unwrap_or_default();
        if self.splitter.len() + raw.len() > MAX_ACCESS_UNIT {
            return self.too_large(self.splitter.len() + raw.len());
        }
        if let Some(unit) = self.splitter.push(&raw, nal) {
            self.emit(unit)?;
        }
        Ok(None)
    }

    /// Gives up the access unit and looks for another.
    fn too_large(&mut self, len: usize) -> Result<Option<Demuxed>, DemuxError> {
        let offset = self.input.position();
        self.input.skip(self.input.bytes().len() as u64);
        self.scanned = 0;
        self.splitter.discard();
        self.discontinuity = true;
        Err(DemuxError::Limit {
            format: FORMAT,
            offset,
            what: "size of an access unit",
            value: len as u64,
            limit: MAX_ACCESS_UNIT as u64,
        })
    }

    fn starved(&mut self) -> Result<Option<Demuxed>, DemuxError> {
        if !self.input.ended() {
            return Ok(Some(Demuxed::Need(Need::Bytes)));
        }
        self.ended = true;
        let last = self.splitter.take();
        let result = last.map_or(Ok(()), |unit| self.emit(unit));
        self.flush();
        result.map(|()| None)
    }

    fn emit(&mut self, unit: AccessUnit) -> Result<(), DemuxError> {
        // The sets of the unit after this one may have come already; they may only be newer.
        let Some(config) = self.splitter.sets.config() else {
            self.discontinuity = true;
            if std::mem::replace(&mut self.dropping, true) {
                return Ok(());
            }
            return Err(DemuxError::Malformed {
                format: FORMAT,
                offset: self.input.position(),
                reason: "no parameter sets come before the first picture".to_owned(),
            });
        };
        self.dropping = false;
        self.tell_track(&config);
        let data = with_parameter_sets(unit.data.into(), &config);
        let time = Timestamp(self.next);
        self.next += 1;
        let packet = Packet {
            track: 0,
            pts: time,
            dts: time,
            duration: 1,
            key: nal::is_idr(&data),
            discontinuity: std::mem::take(&mut self.discontinuity),
            data,
        };
        let slice = unit.slice.as_ref();
        let sps = self.splitter.sps_of(slice);
        let mut packets = Vec::new();
        self.order.push(packet, slice, sps, &mut packets);
        self.ready.extend(packets.into_iter().map(Demuxed::Packet));
        Ok(())
    }

    fn flush(&mut self) {
        let mut packets = Vec::new();
        self.order.flush(&mut packets);
        self.ready.extend(packets.into_iter().map(Demuxed::Packet));
    }

    /// Tells the track if it is new or another.
    fn tell_track(&mut self, config: &[u8]) {
        let Some(sps) = self.splitter.sets.sps() else {
            return;
        };
        let frame_rate = self.frame_rate.or(sps.frame_rate);
        let track = Track {
            time_base: frame_rate.unwrap_or(DEFAULT_FRAME_RATE).time_base(),
            params: CodecParameters {
                codec: CodecId::H264,
                bit_rate_bps: None,
                config: Bytes::copy_from_slice(config),
                media: MediaParameters::Video(VideoParameters {
                    width_px: sps.width_px,
                    height_px: sps.height_px,
                    frame_rate,
                }),
            },
        };
        if self.track.as_ref() != Some(&track) {
            self.flush();
            self.order = DisplayOrder::new();
            if let Some(before) = &self.track {
                let next = Timestamp(self.next);
                self.next = next.rescale(before.time_base, track.time_base).0;
            }
            self.track = Some(track.clone());
            self.ready.push_back(Demuxed::Tracks(vec![track]));
        }
    }
}

impl Default for H264Demuxer {
    fn default() -> Self {
        Self::new()
    }
}

impl Demuxer for H264Demuxer {
    fn push(&mut self, bytes: &[u8]) {
        self.input.push(bytes);
    }

    fn push_end(&mut self) {
        self.input.push_end();
    }

    fn next(&mut self) -> Result<Demuxed, DemuxError> {
        loop {
            if let Some(ready) = self.ready.pop_front() {
                return Ok(ready);
            }
            if self.ended {
                return Ok(Demuxed::End);
            }
            if let Some(demuxed) = self.step()? {
                return Ok(demuxed);
            }
        }
    }
}
