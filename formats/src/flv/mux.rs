//! Packets to FLV.

use bytes::Bytes;
use media::bitstream::aac::AudioSpecificConfig;
use media::bitstream::avc_config::AvcConfig;
use media::bitstream::nal::{self, NalType};
use media::{CodecId, MediaKind, Packet, TimeBase, Timestamp, Track};

use crate::{MuxError, Muxer, Patch};

use super::FORMAT;
use super::audio::{AAC_RAW, AAC_SEQUENCE_HEADER, AudioTagHeader};
use super::header::FileHeader;
use super::metadata::{self, DURATION_OFFSET};
use super::tag::{self, write_tag};
use super::video::{
    AVC_END_OF_SEQUENCE, AVC_NALU, AVC_SEQUENCE_HEADER, COMPOSITION_TIME_RANGE_MS, INTER_FRAME,
    KEY_FRAME, VideoCodec, VideoTagHeader,
};

/// Writes FLV: at most one video and one audio track.
///
/// The header of each viewer carries onMetaData at time 0, as the first tag of a file must (E.4.1;
/// ffmpeg 5.1 takes a later one for a data track), and the configurations of AVC and AAC at the time
/// where the viewer starts, so that times never go back for him. A key frame with parameter sets
/// that the configuration lacks (a camera that was switched) is preceded by a new configuration.
///
/// [`finish`](Muxer::finish) patches `duration`.
#[derive(Debug)]
pub struct FlvMuxer {
    tracks: Vec<Track>,
    payloads: Vec<Payload>,
    /// Decoding times in ms of the first packet and of the latest.
    first_and_last_ms: Option<(i64, i64)>,
}

/// How the packets of a track become tags.
#[derive(Debug)]
enum Payload {
    Flv1,
    Avc(AvcConfig),
    Aac(Bytes),
    Audio(AudioTagHeader),
}

impl FlvMuxer {
    /// A muxer of these tracks.
    ///
    /// # Errors
    /// [`MuxError`] if there is a codec that FLV has no number for, a second track of a kind, no
    /// track at all, a sampling rate that a tag cannot say, or a configuration missing.
    pub fn new(tracks: &[Track]) -> Result<Self, MuxError> {
        let count = |kind| {
            tracks
                .iter()
                .filter(|track| track.params.kind() == kind)
                .count()
        };
        if tracks.is_empty() || count(MediaKind::Video) > 1 || count(MediaKind::Audio) > 1 {
            return Err(MuxError::TrackCount {
                format: FORMAT,
                count: tracks.len(),
                allowed: "one of video, one of audio, or both",
            });
        }
        let payloads = tracks
            .iter()
            .enumerate()
            .map(|(index, track)| Payload::new(index, track));
        Ok(Self {
            payloads: payloads.collect::<Result<_, _>>()?,
            tracks: tracks.to_vec(),
            first_and_last_ms: None,
        })
    }

    fn write_metadata(&self, at_ms: i64, out: &mut Vec<u8>) -> Result<(), MuxError> {
        write_tag(tag::SCRIPT, wrap(at_ms), out, |out| {
            metadata::write(&self.tracks, out)
        })
    }

    fn write_configs(&self, at_ms: i64, out: &mut Vec<u8>) -> Result<(), MuxError> {
        let timestamp = wrap(at_ms);
        for payload in &self.payloads {
            match payload {
                Payload::Avc(config) => write_avc_config(config, timestamp, out)?,
                Payload::Aac(config) => write_tag(tag::AUDIO, timestamp, out, |out| {
                    out.extend([AAC_BYTE, AAC_SEQUENCE_HEADER]);
                    out.extend(config);
                })?,
                Payload::Flv1 | Payload::Audio(_) => {}
            }
        }
        Ok(())
    }

    fn kinds(&self) -> (bool, bool) {
        let has = |kind| self.tracks.iter().any(|track| track.params.kind() == kind);
        (has(MediaKind::Audio), has(MediaKind::Video))
    }
}

impl Muxer for FlvMuxer {
    fn write_header(&self, start: Timestamp, out: &mut Vec<u8>) -> Result<(), MuxError> {
        all_or_nothing(out, |out| {
            let (audio, video) = self.kinds();
            FileHeader::write(audio, video, out);
            self.write_metadata(0, out)?;
            self.write_configs(start.rescale(TimeBase::MICROS, TimeBase::MILLIS).0, out)
        })
    }

    fn write_packet(&mut self, packet: &Packet, out: &mut Vec<u8>) -> Result<(), MuxError> {
        let index = packet.track;
        let unknown = MuxError::NoSuchTrack {
            track: index,
            tracks: self.tracks.len(),
        };
        let track = self.tracks.get(index).zip(self.payloads.get_mut(index));
        let (track, payload) = track.ok_or(unknown)?;
        let dts_ms = packet.dts.rescale(track.time_base, TimeBase::MILLIS).0;
        let pts_ms = packet.pts.rescale(track.time_base, TimeBase::MILLIS).0;
        all_or_nothing(out, |out| payload.write(packet, dts_ms, pts_ms, out))?;
        let (first_ms, last_ms) = self.first_and_last_ms.unwrap_or((dts_ms, dts_ms));
        self.first_and_last_ms = Some((first_ms, last_ms.max(dts_ms)));
        Ok(())
    }

    /// Appends the end of the AVC sequence. The patch is the duration: the time from the first
    /// packet to the last.
    fn finish(&mut self, out: &mut Vec<u8>) -> Result<Vec<Patch>, MuxError> {
        let Some((first_ms, last_ms)) = self.first_and_last_ms else {
            return Ok(Vec::new());
        };
        if self
            .payloads
            .iter()
            .any(|payload| matches!(payload, Payload::Avc(_)))
        {
            write_tag(tag::VIDEO, wrap(last_ms), out, |out| {
                avc_header(KEY_FRAME, AVC_END_OF_SEQUENCE, 0).write(out);
            })?;
        }
        // Exact up to 2^53 ms.
        let seconds = last_ms.saturating_sub(first_ms) as f64 / 1000.0;
        let bytes = Bytes::copy_from_slice(&seconds.to_be_bytes());
        Ok(vec![Patch {
            offset: DURATION_OFFSET,
            bytes,
        }])
    }

    fn new_tracks(
        &mut self,
        tracks: &[Track],
        at: Timestamp,
        out: &mut Vec<u8>,
    ) -> Result<(), MuxError> {
        let next = Self {
            first_and_last_ms: self.first_and_last_ms,
            ..Self::new(tracks)?
        };
        let at_ms = at.rescale(TimeBase::MICROS, TimeBase::MILLIS).0;
        all_or_nothing(out, |out| {
            next.write_metadata(at_ms, out)?;
            next.write_configs(at_ms, out)
        })?;
        *self = next;
        Ok(())
    }
}

impl Payload {
    fn new(index: usize, track: &Track) -> Result<Self, MuxError> {
        let params = &track.params;
        let codec = params.codec;
        let config_error = |reason| MuxError::Config {
            format: FORMAT,
            codec,
            track: index,
            reason,
        };
        match codec {
            CodecId::Flv1 => Ok(Self::Flv1),
            CodecId::H264 => AvcConfig::from_annex_b(&params.config)
                .map(Self::Avc)
                .map_err(|error| config_error(error.to_string())),
            CodecId::Aac if AudioSpecificConfig::parse(&params.config).is_none() => {
                Err(config_error("no AudioSpecificConfig".to_owned()))
            }
            CodecId::Aac => Ok(Self::Aac(params.config.clone())),
            _ if super::can_carry(codec) => AudioTagHeader::of(params)
                .map(Self::Audio)
                .map_err(config_error),
            _ => Err(MuxError::UnsupportedCodec {
                format: FORMAT,
                codec,
                track: index,
            }),
        }
    }

    fn write(
        &mut self,
        packet: &Packet,
        dts_ms: i64,
        pts_ms: i64,
        out: &mut Vec<u8>,
    ) -> Result<(), MuxError> {
        let timestamp = wrap(dts_ms);
        let frame_type = if packet.key { KEY_FRAME } else { INTER_FRAME };
        out.reserve(packet.data.len() + 64);
        match self {
            Self::Flv1 => write_tag(tag::VIDEO, timestamp, out, |out| {
                VideoTagHeader {
                    frame_type,
                    codec: VideoCodec::Flv1,
                }
                .write(out);
                out.extend_from_slice(&packet.data);
            }),
            Self::Avc(config) => {
                let composition_time_ms = composition_time(packet.track, dts_ms, pts_ms)?;
                let changed = packet
                    .key
                    .then(|| changed_config(config, &packet.data))
                    .flatten();
                if let Some(changed) = &changed {
                    write_avc_config(changed, timestamp, out)?;
                }
                write_tag(tag::VIDEO, timestamp, out, |out| {
                    avc_header(frame_type, AVC_NALU, composition_time_ms).write(out);
                    nal::annex_b_to_length_prefixed(&packet.data, out);
                })?;
                if let Some(changed) = changed {
                    *config = changed;
                }
                Ok(())
            }
            Self::Aac(_) => write_tag(tag::AUDIO, timestamp, out, |out| {
                out.extend([AAC_BYTE, AAC_RAW]);
                out.extend_from_slice(&packet.data);
            }),
            Self::Audio(header) => write_tag(tag::AUDIO, timestamp, out, |out| {
                out.push(header.to_byte());
                out.extend_from_slice(&packet.data);
            }),
        }
    }
}

/// SoundFormat 10 with the rate, size and type that the standard demands for it.
const AAC_BYTE: u8 = 0xaf;

/// Time modulo 2^32.
fn wrap(ms: i64) -> u32 {
    (ms & 0xffff_ffff) as u32
}

fn composition_time(track: usize, dts_ms: i64, pts_ms: i64) -> Result<i32, MuxError> {
    let ms = pts_ms.saturating_sub(dts_ms);
    i32::try_from(ms)
        .ok()
        .filter(|_| COMPOSITION_TIME_RANGE_MS.contains(&ms))
        .ok_or(MuxError::Time {
            format: FORMAT,
            track,
            time: pts_ms,
            reason: "display is more than 8388 s off decoding",
        })
}

const fn avc_header(frame_type: u8, packet_type: u8, composition_time_ms: i32) -> VideoTagHeader {
    VideoTagHeader {
        frame_type,
        codec: VideoCodec::Avc {
            packet_type,
            composition_time_ms,
        },
    }
}

fn write_avc_config(config: &AvcConfig, timestamp: u32, out: &mut Vec<u8>) -> Result<(), MuxError> {
    write_tag(tag::VIDEO, timestamp, out, |out| {
        avc_header(KEY_FRAME, AVC_SEQUENCE_HEADER, 0).write(out);
        config.write(out);
    })
}

/// The configuration that a key frame demands, if it has parameter sets that `known` lacks.
fn changed_config(known: &AvcConfig, key_frame: &[u8]) -> Option<AvcConfig> {
    let mut sets = nal::annex_b(key_frame)
        .take_while(|nal| NalType::of(nal).is_none_or(|nal_type| !nal_type.is_slice()));
    let same = sets.all(|nal| match NalType::of(nal) {
        Some(NalType::SPS) => known.sps.iter().any(|sps| sps == nal),
        Some(NalType::PPS) => known.pps.iter().any(|pps| pps == nal),
        _ => true,
    });
    if same {
        return None;
    }
    AvcConfig::from_annex_b(key_frame).ok()
}

/// Runs `write`; if it fails, `out` is cut back to what it was.
fn all_or_nothing(
    out: &mut Vec<u8>,
    write: impl FnOnce(&mut Vec<u8>) -> Result<(), MuxError>,
) -> Result<(), MuxError> {
    let len = out.len();
    write(out).inspect_err(|_| out.truncate(len))
}
