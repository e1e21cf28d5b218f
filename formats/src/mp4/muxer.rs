//! The writer of live fragmented MP4 (ISO/IEC 14496-12:2015, 8.8): `ftyp` and `moov` for each
//! viewer, then one `moof` and `mdat` per packet, shared by all viewers.
//!
//! # Time
//! A track's timescale is the denominator of its time base, so every time is exact. `tfdt` counts
//! from the stream's epoch. It is unsigned: if the first packet is decoded before the epoch, as in
//! files with B frames or primed audio, all times are moved by the whole seconds that this takes.
//!
//! There is no edit list, although it could make each viewer's time start at zero: GStreamer 1.22
//! reads `tfdt` relative to the first fragment but the edit not, and shows nothing for as many
//! hours as the edit cuts. Without one, a stream that is 30 h old starts at once in ffmpeg 5.1,
//! GStreamer 1.22, VLC 3.0.24, mpv 0.35 and Chromium 156 (Media Source Extensions).
//!
//! # Sequence numbers
//! `sequence_number` rises by [`SEQUENCE_STEP`]. VLC 3.0.24 takes the time of a fragment from its
//! `tfdt` only where the number does not follow the one before; where it does, it counts on from
//! the track's last sample, or from zero for a track not seen yet. A viewer who joins in mid-stream
//! would see one track hours away from the other, and rounded durations would add up. The standard
//! asks for increasing numbers and calls steps of one usual (8.8.5).
//!
//! # Duration
//! A live sample's duration is not known before the next sample is there, and waiting for it would
//! cost a frame of delay. The packet's own duration is written, else what the codec or the frame
//! rate says, else the distance to the sample before. The next `tfdt` corrects it in any case.

use std::num::NonZeroU32;

use media::bitstream::mpeg_audio::MpegAudioHeader;
use media::{CodecId, MediaParameters, Packet, TimeBase, Timestamp, Track};
use mp4_atom::{Encode, Mfhd, Moof, Tfdt, Tfhd, Traf, Trun, TrunEntry};

use super::{FORMAT, movie, sample_entry::SampleEntry};
use crate::{MuxError, Muxer, Patch};

/// Seconds before the epoch that a stream may begin.
const MAX_SHIFT_S: i64 = 3600;

/// What `sequence_number` rises by with each fragment; see the module.
const SEQUENCE_STEP: u32 = 2;

/// Bytes of the largest packet that is written.
const MAX_PACKET: usize = 64 << 20;

/// `sample_flags` of a sample that a decoder can start at: sample_depends_on 2 (no other).
pub(super) const KEY_FLAGS: u32 = 0x0200_0000;
/// `sample_flags` of any other: sample_depends_on 1, sample_is_non_sync_sample.
pub(super) const NON_KEY_FLAGS: u32 = 0x0101_0000;

/// Samples per channel of an AAC access unit.
const AAC_FRAME_SAMPLES: u32 = media::bitstream::aac::SAMPLES_PER_FRAME;

/// Writes live fragmented MP4.
#[derive(Debug)]
pub struct Mp4Muxer {
    tracks: Vec<TrackWriter>,
    sequence_number: u32,
    /// Seconds added to every time; known from the first packet on.
    shift_s: Option<i64>,
}

/// A track and what its next sample needs.
#[derive(Debug)]
pub(super) struct TrackWriter {
    pub(super) track: Track,
    pub(super) entry: SampleEntry,
    /// One tick is one unit of the track's timescale.
    pub(super) timescale: NonZeroU32,
    last_dts: Option<i64>,
    last_duration: u32,
}

impl Mp4Muxer {
    /// Makes a writer.
    ///
    /// # Errors
    /// [`MuxError`] if there is no track, a codec has no sample entry, or a configuration is
    /// missing or damaged.
    pub fn new(tracks: &[Track]) -> Result<Self, MuxError> {
        if tracks.is_empty() {
            return Err(MuxError::TrackCount {
                format: FORMAT,
                count: 0,
                allowed: "one or more",
            });
        }
        let tracks = tracks
            .iter()
            .enumerate()
            .map(|(index, track)| TrackWriter::new(index, track))
            .collect::<Result<_, _>>()?;
        Ok(Self {
            tracks,
            sequence_number: 0_u32.wrapping_sub(1), // the first fragment is number 1
            shift_s: None,
        })
    }
}

impl Muxer for Mp4Muxer {
    fn write_header(&self, _start: Timestamp, out: &mut Vec<u8>) -> Result<(), MuxError> {
        movie::write(&self.tracks, out)
    }

    fn write_packet(&mut self, packet: &Packet, out: &mut Vec<u8>) -> Result<(), MuxError> {
        let count = self.tracks.len();
        let track = self
            .tracks
            .get_mut(packet.track)
            .ok_or(MuxError::NoSuchTrack {
                track: packet.track,
                tracks: count,
            })?;
        let start = out.len();
        let sequence_number = self.sequence_number.wrapping_add(SEQUENCE_STEP);
        let shift_s = self.shift_s.unwrap_or_else(|| track.shift_s(packet.dts));
        let result = track.write_fragment(packet, sequence_number, shift_s, out);
        match result {
            Ok(()) => {
                self.sequence_number = sequence_number;
                self.shift_s = Some(shift_s);
            }
            Err(_) => out.truncate(start),
        }
        result
    }

    fn finish(&mut self, _out: &mut Vec<u8>) -> Result<Vec<Patch>, MuxError> {
        // A fragmented file is whole after each fragment; its end carries nothing.
        Ok(Vec::new())
    }
}

impl TrackWriter {
    fn new(index: usize, track: &Track) -> Result<Self, MuxError> {
        let timescale = NonZeroU32::new(track.time_base.den()).unwrap_or(NonZeroU32::MIN);
        Ok(Self {
            track: track.clone(),
            entry: SampleEntry::new(index, &track.params)?,
            timescale,
            last_dts: None,
            last_duration: 0,
        })
    }

    /// The time base of the timescale.
    const fn time_base(&self) -> TimeBase {
        TimeBase::per_second(self.timescale)
    }

    /// Whole seconds that bring a dts to the epoch or behind it.
    fn shift_s(&self, dts: Timestamp) -> i64 {
        let ticks = dts.rescale(self.track.time_base, self.time_base());
        let timescale = i64::from(self.timescale.get());
        (-(ticks.0.div_euclid(timescale))).clamp(0, MAX_SHIFT_S)
    }

    /// Appends `moof` and `mdat` of one packet.
    fn write_fragment(
        &mut self,
        packet: &Packet,
        sequence_number: u32,
        shift_s: i64,
        out: &mut Vec<u8>,
    ) -> Result<(), MuxError> {
        if packet.data.len() > MAX_PACKET {
            return Err(MuxError::PacketTooLarge {
                format: FORMAT,
                len: packet.data.len(),
                limit: MAX_PACKET,
            });
        }
        let dts = packet.dts.rescale(self.track.time_base, self.time_base());
        let pts = packet.pts.rescale(self.track.time_base, self.time_base());
        let time_error = |reason| MuxError::Time {
            format: FORMAT,
            track: packet.track,
            time: dts.0,
            reason,
        };
        let shift = shift_s * i64::from(self.timescale.get());
        let base_media_decode_time = u64::try_from(dts.plus(shift).0)
            .map_err(|_| time_error("it is before the stream's first packet or its epoch"))?;
        let offset = i32::try_from(pts.since(dts))
            .map_err(|_| time_error("pts and dts are over 31 bits apart"))?;
        let duration = self.duration(packet, dts);
        let is_key = packet.key || self.entry.kind() == media::MediaKind::Audio;
        let with_offset = offset != 0;

        let moof_at = out.len();
        // Room for the moof, whose size the offset decides alone; the size of the sample is known
        // when it is written.
        let moof_len = if with_offset { MOOF_LEN + 4 } else { MOOF_LEN };
        out.resize(moof_at + moof_len + BOX_HEADER_LEN, 0);
        let sample_at = out.len();
        self.entry.write_sample(packet, out)?;
        let size = u32::try_from(out.len() - sample_at).unwrap_or(u32::MAX);

        let moof = Moof {
            mfhd: Mfhd { sequence_number },
            traf: vec![Traf {
                tfhd: Tfhd {
                    track_id: track_id(packet.track),
                    default_base_is_moof: true,
                    ..Tfhd::default()
                },
                tfdt: Some(Tfdt {
                    base_media_decode_time,
                }),
                trun: vec![Trun {
                    data_offset: i32::try_from(moof_len + BOX_HEADER_LEN).ok(),
                    samples: vec![TrunEntry {
                        duration: Some(duration),
                        size: Some(size),
                        flags: Some(if is_key { KEY_FLAGS } else { NON_KEY_FLAGS }),
                        cts: with_offset.then_some(i64::from(offset)),
                    }]
                    .into(),
                }],
                ..Traf::default()
            }],
        };
        let mut head = Vec::with_capacity(moof_len + BOX_HEADER_LEN);
        moof.encode(&mut head)
            .map_err(|_| time_error("the fragment cannot be written"))?;
        debug_assert_eq!(head.len(), moof_len, "the moof has the size foreseen");
        head.extend(size.saturating_add(8).to_be_bytes());
        head.extend(b"mdat");
        out[moof_at..sample_at].copy_from_slice(&head);
        self.last_dts = Some(dts.0);
        self.last_duration = duration;
        Ok(())
    }

    /// Ticks the sample lasts, as far as that can be told now; see the module.
    fn duration(&self, packet: &Packet, dts: Timestamp) -> u32 {
        let told = || {
            let ticks = i64::try_from(packet.duration).ok()?;
            positive(Timestamp(ticks).rescale(self.track.time_base, self.time_base()))
        };
        let nominal = || {
            let (count, base) = match self.track.params.media {
                MediaParameters::Video(video) => (1, video.frame_rate?.time_base()),
                MediaParameters::Audio(audio) => {
                    let base = TimeBase::new(1, audio.sample_rate_hz)?;
                    (self.samples(packet)?, base)
                }
            };
            positive(Timestamp(count).rescale(base, self.time_base()))
        };
        let distance = || positive(Timestamp(dts.since(Timestamp(self.last_dts?))));
        told()
            .or_else(nominal)
            .or_else(distance)
            .unwrap_or(self.last_duration)
    }

    /// Samples per channel of an audio packet.
    fn samples(&self, packet: &Packet) -> Option<i64> {
        match self.track.params.codec {
            CodecId::Aac => Some(i64::from(AAC_FRAME_SAMPLES)),
            CodecId::Mp2 | CodecId::Mp3 => {
                let mut samples = 0;
                let mut rest = &packet.data[..];
                while let Some(header) = MpegAudioHeader::parse(rest) {
                    samples += i64::from(header.samples);
                    rest = rest.get(header.frame_len..).unwrap_or_default();
                }
                Some(samples)
            }
            _ => None,
        }
    }
}

/// The `track_ID` of a track: counted from 1.
pub(super) fn track_id(index: usize) -> u32 {
    u32::try_from(index + 1).unwrap_or(u32::MAX)
}

fn positive(ticks: Timestamp) -> Option<u32> {
    u32::try_from(ticks.0).ok().filter(|ticks| *ticks > 0)
}

const BOX_HEADER_LEN: usize = 8;

/// Bytes of a `moof` with one sample and no composition offset: the headers of `moof` and `traf`,
/// `mfhd`, `tfhd` (track_ID alone), `tfdt` (64 bits), `trun` (count, data_offset,
/// first_sample_flags, one duration and size).
const MOOF_LEN: usize = 8 + 8 + 16 + 16 + 20 + 32;
