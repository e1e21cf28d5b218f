//! Packets to a transport stream.

use media::{MediaKind, Packet, TimeBase, Timestamp, Track};

use crate::{MuxError, Muxer, Patch};

use super::FORMAT;
use super::adaptation::AdaptationField;
use super::packet::{PID_PAT, write_packet};
use super::pat::ProgramEntry;
use super::payload::Payload;
use super::pcr::Pcr;
use super::pes::{self, PesHeader};
use super::pmt::{ProgramMap, StreamEntry};
use super::section::{Section, TABLE_PAT, TABLE_PMT, write_section};

/// Writes one program.
///
/// There is no header: continuity counters run through all that is written, so tables written for
/// one viewer would break them for him. A key frame of video comes with the tables instead, and a
/// viewer who starts there has a whole stream. Without video the tables come every 500 ms.
///
/// The clock (PCR) is `DELAY` before the decoding time. A frame that is shown at most 120 ms after
/// it is decoded is thus at most 200 ms ahead of the clock. In the first 80 ms of the stream's time
/// the clock is in the turn of 2^33 before zero.
#[derive(Debug)]
pub struct TsMuxer {
    tracks: Vec<TsTrack>,
    /// The track whose access units carry the clock.
    clock_track: usize,
    map: ProgramMap,
    version: u8,
    counters: Counters,
    /// Times of the stream, not of the clock, in 90 kHz ticks.
    tables_at: Option<i64>,
    clock_at: Option<i64>,
}

#[derive(Debug)]
struct TsTrack {
    time_base: TimeBase,
    payload: Payload,
    pid: u16,
    stream_id: u8,
    video: bool,
    params: media::CodecParameters,
}

/// Continuity counters by PID. They outlive the tracks.
#[derive(Debug, Default)]
struct Counters(Vec<(u16, u8)>);

/// From clock to decoding, in 90 kHz ticks: 80 ms.
const DELAY: i64 = 80 * MS;
/// The tables come again after this.
const TABLES_EVERY: i64 = 500 * MS;
/// The clock comes again after this.
const CLOCK_EVERY: i64 = 100 * MS;
/// A longer silence is not filled with clocks but marked as a discontinuity.
const MAX_GAP: i64 = 10_000 * MS;
/// A track further behind the clock than this is no matter of interleaving: time went back.
const MAX_LAG: i64 = 1_000 * MS;
const MS: i64 = 90;

const PID_PMT: u16 = 0x1000;
/// Video tracks, in order.
const PID_VIDEO: u16 = 0x100;
/// Audio tracks, in order.
const PID_AUDIO: u16 = 0x110;
/// Tracks of a kind; what the PIDs and stream_ids above leave room for.
const MAX_TRACKS: u16 = 16;
const PROGRAM_NUMBER: u16 = 1;
const TRANSPORT_STREAM_ID: u16 = 1;

impl TsMuxer {
    /// A muxer of these tracks.
    ///
    /// # Errors
    /// [`MuxError`] if there is a codec without stream type, an AAC configuration that ADTS cannot
    /// say, no track, or more than 16 of a kind.
    pub fn new(tracks: &[Track]) -> Result<Self, MuxError> {
        let count = |kind| {
            tracks
                .iter()
                .filter(|track| track.params.kind() == kind)
                .count()
        };
        let most = count(MediaKind::Video).max(count(MediaKind::Audio));
        if tracks.is_empty() || most > usize::from(MAX_TRACKS) {
            return Err(MuxError::TrackCount {
                format: FORMAT,
                count: tracks.len(),
                allowed: "1 to 16 of video and of audio",
            });
        }
        let mut numbers = (0, 0);
        let mut streams = Vec::new();
        let mut ts_tracks = Vec::new();
        for (index, track) in tracks.iter().enumerate() {
            let (number, base) = match track.params.kind() {
                MediaKind::Video => (&mut numbers.0, PID_VIDEO),
                MediaKind::Audio => (&mut numbers.1, PID_AUDIO),
            };
            let pid = base + *number;
            *number += 1;
            ts_tracks.push(TsTrack::new(index, track, pid)?);
            streams.extend(StreamEntry::of(&track.params, pid));
        }
        let clock_track = ts_tracks.iter().position(|track| track.video).unwrap_or(0);
        let pcr_pid = ts_tracks
            .get(clock_track)
            .map_or(PID_VIDEO, |track| track.pid);
        Ok(Self {
            tracks: ts_tracks,
            clock_track,
            map: ProgramMap { pcr_pid, streams },
            version: 0,
            counters: Counters::default(),
            tables_at: None,
            clock_at: None,
        })
    }

    fn write_tables(&mut self, now: i64, out: &mut Vec<u8>) {
        let version = self.version;
        let section = |table_id, extension, data| {
            Section {
                table_id,
                extension,
                version,
                current: true,
                number: 0,
                last_number: 0,
                data,
            }
            .to_bytes()
        };
        let program = ProgramEntry {
            program_number: PROGRAM_NUMBER,
            program_map_pid: PID_PMT,
        }
        .to_bytes();
        let pat = section(TABLE_PAT, TRANSPORT_STREAM_ID, &program);
        write_section(PID_PAT, &pat, self.counters.of(PID_PAT), out);
        let pmt = section(TABLE_PMT, PROGRAM_NUMBER, &self.map.to_bytes());
        write_section(PID_PMT, &pmt, self.counters.of(PID_PMT), out);
        self.tables_at = Some(now);
    }

    /// Keeps the clock running up to `now`, where another packet follows. Tells whether it broke.
    fn run_clock(&mut self, now: i64, out: &mut Vec<u8>) -> bool {
        let Some(mut last) = self.clock_at else {
            return false;
        };
        if !(-MAX_LAG..=MAX_GAP).contains(&(now - last)) {
            return true;
        }
        while now - last > CLOCK_EVERY {
            last += CLOCK_EVERY;
            self.write_clock(last, false, out);
        }
        false
    }

    /// A packet with nothing but the clock.
    fn write_clock(&mut self, now: i64, discontinuity: bool, out: &mut Vec<u8>) {
        let pid = self.map.pcr_pid;
        let pcr = Some(Pcr::at(now - DELAY));
        let field = AdaptationField {
            discontinuity,
            random_access: false,
            pcr,
        };
        write_packet(
            pid,
            false,
            self.counters.of(pid),
            Some(field),
            [&[], &[]],
            out,
        );
        self.clock_at = Some(now);
    }

    fn write_unit(&mut self, unit: &Unit<'_>, broke: bool, out: &mut Vec<u8>) {
        // The clock may have run ahead with another track; it never goes back.
        let ahead = self.clock_at.is_some_and(|at| unit.dts <= at);
        let clocked = unit.packet.track == self.clock_track && (broke || !ahead);
        if clocked {
            self.clock_at = Some(unit.dts);
        }
        let field = AdaptationField {
            discontinuity: broke && clocked,
            random_access: unit.packet.key,
            pcr: clocked.then(|| Pcr::at(unit.dts - DELAY)),
        };
        let counter = self.counters.of(unit.pid);
        let needed = field != AdaptationField::default();
        let mut first = needed.then_some(field);
        let mut unit_start = true;
        let [mut head, mut body] = [unit.head, &unit.packet.data[..]];
        while unit_start || !head.is_empty() || !body.is_empty() {
            let written = write_packet(
                unit.pid,
                unit_start,
                counter,
                first.take(),
                [head, body],
                out,
            );
            let of_head = written.min(head.len());
            head = &head[of_head..];
            body = &body[written - of_head..];
            unit_start = false;
        }
    }
}

/// An access unit about to be written.
struct Unit<'a> {
    packet: &'a Packet,
    /// PES header and what stands in front of the data.
    head: &'a [u8],
    pid: u16,
    dts: i64,
}

impl Muxer for TsMuxer {
    /// Appends nothing: see the type.
    fn write_header(&self, _start: Timestamp, _out: &mut Vec<u8>) -> Result<(), MuxError> {
        Ok(())
    }

    fn write_packet(&mut self, packet: &Packet, out: &mut Vec<u8>) -> Result<(), MuxError> {
        let unknown = MuxError::NoSuchTrack {
            track: packet.track,
            tracks: self.tracks.len(),
        };
        let track = self.tracks.get(packet.track).ok_or(unknown)?;
        let dts = packet.dts.rescale(track.time_base, TimeBase::MPEG).0;
        let pts = packet
            .pts
            .rescale(track.time_base, TimeBase::MPEG)
            .0
            .max(dts);
        let mut head = Vec::with_capacity(64);
        track.write_head(packet, pts, dts, &mut head)?;
        let (pid, video) = (track.pid, track.video);

        out.reserve((head.len() + packet.data.len()) / 180 * 188 + 4 * 188);
        let jumped = self.run_clock(dts, out);
        let stale = self
            .tables_at
            .is_none_or(|at| !(0..TABLES_EVERY).contains(&(dts - at)));
        if stale || video && packet.key {
            self.write_tables(dts, out);
        }
        let broke = packet.discontinuity || jumped;
        if broke && packet.track != self.clock_track {
            self.write_clock(dts, true, out);
        }
        self.write_unit(
            &Unit {
                packet,
                head: &head,
                pid,
                dts,
            },
            broke,
            out,
        );
        Ok(())
    }

    /// Appends nothing: a transport stream just ends.
    fn finish(&mut self, _out: &mut Vec<u8>) -> Result<Vec<Patch>, MuxError> {
        Ok(Vec::new())
    }

    /// Appends the tables with the next version. A track keeps the PID of the one of its kind and
    /// place before it, and all counters go on.
    fn new_tracks(
        &mut self,
        tracks: &[Track],
        at: Timestamp,
        out: &mut Vec<u8>,
    ) -> Result<(), MuxError> {
        let next = Self::new(tracks)?;
        *self = Self {
            version: (self.version + 1) & 0x1f,
            counters: std::mem::take(&mut self.counters),
            clock_at: self.clock_at,
            ..next
        };
        self.write_tables(at.rescale(TimeBase::MICROS, TimeBase::MPEG).0, out);
        Ok(())
    }
}

impl TsTrack {
    fn new(index: usize, track: &Track, pid: u16) -> Result<Self, MuxError> {
        let params = track.params.clone();
        let codec = params.codec;
        if !super::can_carry(codec) {
            return Err(MuxError::UnsupportedCodec {
                format: FORMAT,
                codec,
                track: index,
            });
        }
        let payload = Payload::of(&params).map_err(|reason| MuxError::Config {
            format: FORMAT,
            codec,
            track: index,
            reason: reason.to_owned(),
        })?;
        let video = params.kind() == MediaKind::Video;
        let stream_id = match codec {
            media::CodecId::Ac3 => pes::PRIVATE_STREAM_1,
            // Masked to the 16 ids of each kind.
            _ if video => pes::VIDEO_STREAM | (pid & 0xf) as u8,
            _ => pes::AUDIO_STREAM | (pid & 0xf) as u8,
        };
        Ok(Self {
            time_base: track.time_base,
            payload,
            pid,
            stream_id,
            video,
            params,
        })
    }

    /// Appends the PES header and what stands in front of the data.
    fn write_head(
        &self,
        packet: &Packet,
        pts: i64,
        dts: i64,
        head: &mut Vec<u8>,
    ) -> Result<(), MuxError> {
        let mut front = Vec::new();
        self.payload
            .write_front(packet, &mut front)
            .map_err(|reason| MuxError::Bitstream {
                track: packet.track,
                codec: self.params.codec,
                reason,
            })?;
        let len = front.len() + packet.data.len();
        if !self.video && len > MAX_AUDIO_BYTES {
            return Err(MuxError::PacketTooLarge {
                format: FORMAT,
                len,
                limit: MAX_AUDIO_BYTES,
            });
        }
        PesHeader::write(self.stream_id, pts, dts, len, head);
        head.append(&mut front);
        Ok(())
    }
}

/// What PES_packet_length can say, less the header fields.
const MAX_AUDIO_BYTES: usize = 65_535 - 13;

impl Counters {
    /// The counter of a PID.
    fn of(&mut self, pid: u16) -> &mut u8 {
        let index = self
            .0
            .iter()
            .position(|(known, _)| *known == pid)
            .unwrap_or_else(|| {
                self.0.push((pid, 0xf)); // the first packet gets 0
                self.0.len() - 1
            });
        &mut self.0[index].1
    }
}
