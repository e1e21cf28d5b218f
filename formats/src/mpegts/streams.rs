//! The elementary streams of the chosen program: packets in, tracks and packets out.

use std::collections::VecDeque;

use media::{CodecId, MediaKind, Packet, TimeBase, Timestamp};

use crate::lineup::Lineup;
use crate::unwrap::Unwrapper;
use crate::{DemuxError, Demuxed};

use super::FORMAT;
use super::frames::Frames;
use super::packet::TsPacket;
use super::pes::TIME_BITS;
use super::pmt::ProgramMap;
use super::reassembly::{MAX_PES_BYTES, Pes, Reassembly, TooLarge};
use super::stream_type::StreamType;
use super::units::Units;

/// Stream time that packets are held back while a stream of the map has not shown its parameters: a
/// group of pictures, in 90 kHz ticks.
const MAX_WAIT: i64 = 5 * 90_000;
/// Bytes that are held back at most meanwhile, but for the last packet.
const MAX_WAIT_BYTES: usize = 16 << 20;
/// Streams of a program that are read.
pub(super) const MAX_STREAMS: usize = 32;

/// The streams of the chosen program.
#[derive(Debug)]
pub(super) struct Streams {
    lineup: Lineup,
    streams: Vec<Stream>,
    times: Unwrapper,
    pcr_pid: u16,
    /// The first time of the source, where a search starts to count.
    first_time: Option<i64>,
}

#[derive(Debug)]
struct Stream {
    pid: u16,
    stream_type: StreamType,
    codec: CodecId,
    slot: usize,
    counter: Option<u8>,
    reassembly: Reassembly,
    coding: Coding,
    last_dts: Option<i64>,
    /// The next packet does not follow the one before it.
    broken: bool,
    told_scrambled: bool,
}

#[derive(Debug)]
enum Coding {
    Video(Units),
    Audio(Frames),
}

impl Streams {
    pub(super) fn new() -> Self {
        Self {
            lineup: Lineup::new(TimeBase::MPEG, MAX_WAIT, MAX_WAIT_BYTES),
            streams: Vec::new(),
            times: Unwrapper::new(TIME_BITS),
            pcr_pid: 0,
            first_time: None,
        }
    }

    /// Whether the tracks have been told.
    pub(super) const fn announced(&self) -> bool {
        self.lineup.announced()
    }

    /// PID and codec of the stream that a search goes by: video if there is any.
    pub(super) fn searched(&self) -> Option<(u16, CodecId)> {
        let video = self
            .streams
            .iter()
            .find(|stream| stream.codec.kind() == MediaKind::Video);
        video
            .or(self.streams.first())
            .map(|stream| (stream.pid, stream.codec))
    }

    /// The time of a place in the source, counted from its first.
    pub(super) fn time_from_start(&self, raw: u64) -> i64 {
        let first = self.first_time.unwrap_or(0);
        let mut times = Unwrapper::new(TIME_BITS);
        // Half a turn after the start, all later times are the nearest.
        times.expect_near(first.saturating_add((1 << (TIME_BITS - 1)) - 90_000));
        times.unwrap(raw)
    }

    /// Takes a new map: streams that are in it stay, others go, new ones come.
    pub(super) fn take_map(&mut self, map: &ProgramMap, offset: u64) -> Result<(), DemuxError> {
        self.pcr_pid = map.pcr_pid;
        let lineup = &mut self.lineup;
        self.streams.retain(|stream| {
            let stays = map
                .streams
                .iter()
                .any(|entry| entry.pid == stream.pid && entry.stream_type == stream.stream_type);
            if !stays {
                lineup.remove(stream.slot);
            }
            stays
        });
        let mut result = Ok(());
        for entry in &map.streams {
            if self.streams.iter().any(|stream| stream.pid == entry.pid) {
                continue;
            }
            match entry.codec() {
                Some(codec) if self.streams.len() < MAX_STREAMS => {
                    let slot = self.lineup.add(true);
                    self.streams
                        .push(Stream::new(entry.pid, entry.stream_type, codec, slot));
                }
                Some(_) => {
                    result = Err(DemuxError::Limit {
                        format: FORMAT,
                        offset,
                        what: "number of streams",
                        value: map.streams.len() as u64,
                        limit: MAX_STREAMS as u64,
                    });
                }
                None => {
                    let feature = format!("stream type {:#04x}", entry.stream_type.0);
                    result = Err(DemuxError::Unsupported {
                        format: FORMAT,
                        offset,
                        feature,
                    });
                }
            }
        }
        result
    }

    /// Takes a packet of any PID.
    pub(super) fn handle(
        &mut self,
        packet: &TsPacket<'_>,
        offset: u64,
        ready: &mut VecDeque<Demuxed>,
    ) -> Result<(), DemuxError> {
        let adaptation = packet.adaptation.unwrap_or_default();
        if adaptation.discontinuity && packet.header.pid == self.pcr_pid {
            // The clock starts anew, and with it the times of all streams.
            self.streams
                .iter_mut()
                .for_each(|stream| stream.broken = true);
        }
        let Some(index) = self.streams.iter().position(|s| s.pid == packet.header.pid) else {
            return Ok(());
        };
        let result = self.handle_stream(index, packet, offset);
        self.lineup.release(ready);
        result
    }

    fn handle_stream(
        &mut self,
        index: usize,
        packet: &TsPacket<'_>,
        offset: u64,
    ) -> Result<(), DemuxError> {
        let Some(payload) = packet.payload else {
            return Ok(());
        };
        let adaptation = packet.adaptation.unwrap_or_default();
        let stream = &mut self.streams[index];
        if packet.header.scrambled {
            self.lineup.expect(stream.slot, false);
            return stream.refuse_scrambled(offset);
        }
        let counter = packet.header.continuity_counter;
        match stream.counter.replace(counter) {
            Some(last) if last == counter && !adaptation.discontinuity => return Ok(()), // repeated
            Some(last) if (last + 1) & 0xf != counter && !adaptation.discontinuity => stream.lose(),
            _ => {}
        }
        stream.broken |= adaptation.discontinuity;
        let mut result = Ok(());
        if packet.header.unit_start {
            let whole = stream.reassembly.start(adaptation.random_access, offset);
            result = self.take_pes(index, whole, offset);
        }
        let stream = &mut self.streams[index];
        let pushed = stream.reassembly.push(payload);
        if packet.header.unit_start
            && stream
                .reassembly
                .header()
                .is_some_and(|header| header.pts.is_some())
        {
            // The next unit begins, so the one before it is whole.
            self.flush(index);
        }
        match pushed {
            Ok(whole) => result.and(self.take_pes(index, whole, offset)),
            Err(TooLarge) => Err(too_large(offset)),
        }
    }

    /// Takes a PES packet that is whole.
    fn take_pes(&mut self, index: usize, pes: Option<Pes>, offset: u64) -> Result<(), DemuxError> {
        let Some(pes) = pes else {
            return Ok(());
        };
        let pts = pes.header.pts;
        let dts = pes.header.dts.or(pts).map(|dts| self.times.unwrap(dts));
        let pts = pts.map(|pts| self.times.peek(pts));
        self.first_time = self.first_time.or(dts);
        if pts.is_some() {
            self.flush(index); // where the header was spread over packets
        }
        let stream = &mut self.streams[index];
        match &mut stream.coding {
            Coding::Video(units) => units
                .push(pts.zip(dts), pes.random_access, pes.data)
                .map_err(|_| too_large(pes.offset)),
            Coding::Audio(frames) => {
                let new = frames.push(pts, &pes.data);
                let skipped = frames.take_skipped();
                for frame in new {
                    self.lineup.set_params(stream.slot, frame.params);
                    let packet = Packet {
                        track: 0, // known when the tracks are told
                        pts: Timestamp(frame.pts),
                        dts: Timestamp(frame.pts),
                        duration: frame.duration,
                        key: true,
                        discontinuity: stream.breaks(frame.pts),
                        data: frame.data,
                    };
                    self.lineup.queue(stream.slot, packet);
                }
                match skipped {
                    0 => Ok(()),
                    _ => Err(malformed(
                        offset,
                        format!("{skipped} bytes of audio are no frame"),
                    )),
                }
            }
        }
    }

    /// The video unit that is there is whole.
    fn flush(&mut self, index: usize) {
        let stream = &mut self.streams[index];
        let Coding::Video(units) = &mut stream.coding else {
            return;
        };
        for unit in units.flush() {
            if let Some(params) = units.params() {
                self.lineup.set_params(stream.slot, params.clone());
            }
            let back = stream
                .last_dts
                .replace(unit.dts)
                .is_some_and(|last| unit.dts < last);
            let packet = Packet {
                track: 0, // known when the tracks are told
                pts: Timestamp(unit.pts),
                dts: Timestamp(unit.dts),
                duration: 0,
                key: unit.key,
                discontinuity: std::mem::replace(&mut stream.broken, false) || back,
                data: unit.data,
            };
            self.lineup.queue(stream.slot, packet);
        }
    }

    /// No more will come.
    pub(super) fn finish(&mut self, offset: u64, ready: &mut VecDeque<Demuxed>) {
        for index in 0..self.streams.len() {
            let last = self.streams[index].reassembly.finish();
            // What is wrong with the last audio packet is of no use to anybody any more.
            let _told_before = self.take_pes(index, last, offset);
            self.flush(index);
        }
        self.lineup.finish(ready);
    }

    /// Packets of unknown PIDs are missing.
    pub(super) fn lose(&mut self) {
        self.streams.iter_mut().for_each(Stream::lose);
    }

    /// The source was left and goes on at a time near `near`, or at the start of the file.
    pub(super) fn jump(&mut self, near: Option<i64>) {
        self.times = Unwrapper::new(TIME_BITS);
        if let Some(near) = near {
            self.times.expect_near(near);
        }
        self.lineup.clear();
        for stream in &mut self.streams {
            stream.lose();
            stream.counter = None;
            stream.last_dts = None;
        }
    }
}

impl Stream {
    fn new(pid: u16, stream_type: StreamType, codec: CodecId, slot: usize) -> Self {
        let coding = match codec.kind() {
            MediaKind::Video => Coding::Video(Units::new(codec)),
            MediaKind::Audio => Coding::Audio(Frames::new(codec)),
        };
        Self {
            pid,
            stream_type,
            codec,
            slot,
            counter: None,
            reassembly: Reassembly::default(),
            coding,
            last_dts: None,
            broken: false,
            told_scrambled: false,
        }
    }

    /// Packets are missing: what is not whole is dropped.
    fn lose(&mut self) {
        self.broken = true;
        self.reassembly.lose();
        match &mut self.coding {
            Coding::Video(units) => units.lose(),
            Coding::Audio(frames) => frames.lose(),
        }
    }

    /// Whether a packet of this time does not follow the one before it.
    fn breaks(&mut self, dts: i64) -> bool {
        let back = self.last_dts.replace(dts).is_some_and(|last| dts < last);
        std::mem::replace(&mut self.broken, false) || back
    }

    fn refuse_scrambled(&mut self, offset: u64) -> Result<(), DemuxError> {
        if std::mem::replace(&mut self.told_scrambled, true) {
            return Ok(());
        }
        let feature = format!("scrambling (PID {:#06x})", self.pid);
        Err(DemuxError::Unsupported {
            format: FORMAT,
            offset,
            feature,
        })
    }
}

fn too_large(offset: u64) -> DemuxError {
    DemuxError::Limit {
        format: FORMAT,
        offset,
        what: "PES packet",
        value: MAX_PES_BYTES as u64 + 1,
        limit: MAX_PES_BYTES as u64,
    }
}

fn malformed(offset: u64, reason: String) -> DemuxError {
    DemuxError::Malformed {
        format: FORMAT,
        offset,
        reason,
    }
}
