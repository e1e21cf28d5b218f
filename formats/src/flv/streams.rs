//! Tags to tracks and packets.

use std::collections::VecDeque;

use bytes::Bytes;
use media::bitstream::aac::AudioSpecificConfig;
use media::bitstream::avc_config::AvcConfig;
use media::bitstream::mpeg_audio::MpegAudioHeader;
use media::bitstream::nal;
use media::bitstream::sps::Sps;
use media::{
    AudioParameters, CodecId, CodecParameters, MediaParameters, Packet, TimeBase, Timestamp,
    VideoParameters,
};

use crate::lineup::Lineup;
use crate::unwrap::Unwrapper;
use crate::{DemuxError, Demuxed};

use super::FORMAT;
use super::audio::{AAC_RAW, AAC_SEQUENCE_HEADER, AudioTagHeader};
use super::header::FileHeader;
use super::metadata::Metadata;
use super::tag::{self, TagHeader};
use super::video::{self, AVC_NALU, AVC_SEQUENCE_HEADER, VideoCodec, VideoTagHeader};

/// Stream time that packets are held back while a track that the header promises has not shown its
/// parameters.
const MAX_WAIT_MS: i64 = 1_000;
/// Bytes that are held back at most meanwhile, but for the last packet.
const MAX_WAIT_BYTES: usize = 4 << 20;

/// Place of the video in the lineup.
const VIDEO: usize = 0;
/// Place of the audio in the lineup.
const AUDIO: usize = 1;

/// The tracks of a file and what is known of them.
#[derive(Debug)]
pub(super) struct Streams {
    lineup: Lineup,
    /// By place.
    streams: [Stream; 2],
    avc: Option<AvcConfig>,
    metadata: Metadata,
    times: Unwrapper,
    told_encrypted: bool,
}

#[derive(Debug, Default)]
struct Stream {
    /// It cannot be read; its tags are passed over.
    refused: bool,
    last_dts_ms: Option<i64>,
    /// The next packet does not follow the one before it.
    broken: bool,
}

impl Streams {
    pub(super) fn new() -> Self {
        let mut lineup = Lineup::new(TimeBase::MILLIS, MAX_WAIT_MS, MAX_WAIT_BYTES);
        lineup.add(false); // VIDEO
        lineup.add(false); // AUDIO
        Self {
            lineup,
            streams: Default::default(),
            avc: None,
            metadata: Metadata::default(),
            times: Unwrapper::new(32),
            told_encrypted: false,
        }
    }

    /// Takes the promises of the file header. One that promises nothing is not believed.
    pub(super) fn expect(&mut self, header: FileHeader) {
        let silent = !header.audio && !header.video;
        self.lineup.expect(VIDEO, header.video || silent);
        self.lineup.expect(AUDIO, header.audio || silent);
    }

    /// Whether the tracks have been told.
    pub(super) const fn announced(&self) -> bool {
        self.lineup.announced()
    }

    /// Whether there is a video track.
    pub(super) fn has_video(&self) -> bool {
        self.lineup.params(VIDEO).is_some()
    }

    /// The key frame index of the file, if it has one.
    pub(super) fn keyframes(&self) -> &[(i64, u64)] {
        &self.metadata.keyframes
    }

    /// The time of a tag, near that of the tag before.
    pub(super) fn time_ms(&mut self, header: &TagHeader) -> i64 {
        self.times.unwrap(u64::from(header.timestamp_ms))
    }

    /// The source was left and goes on at a time near `near_ms`, or at the start of the file.
    pub(super) fn jump(&mut self, near_ms: Option<i64>) {
        self.times = Unwrapper::new(32);
        if let Some(near_ms) = near_ms {
            self.times.expect_near(near_ms);
        }
        self.lineup.clear();
        for stream in &mut self.streams {
            stream.broken = true;
            stream.last_dts_ms = None;
        }
    }

    /// Reads the data of a tag that starts at `offset`.
    pub(super) fn handle(
        &mut self,
        header: &TagHeader,
        data: &Bytes,
        offset: u64,
        ready: &mut VecDeque<Demuxed>,
    ) -> Result<(), DemuxError> {
        if header.filter {
            if std::mem::replace(&mut self.told_encrypted, true) {
                return Ok(());
            }
            return Err(DemuxError::Unsupported {
                format: FORMAT,
                offset,
                feature: "encryption".to_owned(),
            });
        }
        match header.tag_type {
            tag::VIDEO => self.handle_video(header, data, offset)?,
            tag::AUDIO => self.handle_audio(header, data, offset)?,
            tag::SCRIPT => {
                let metadata = Metadata::parse(data);
                if let Some(metadata) =
                    metadata.map_err(|error| malformed(offset, error.to_string()))?
                {
                    self.metadata = metadata;
                }
            }
            _ => {}
        }
        self.lineup.release(ready);
        Ok(())
    }

    /// No more tags will come: what waits is let go.
    pub(super) fn finish(&mut self, ready: &mut VecDeque<Demuxed>) {
        self.lineup.finish(ready);
    }

    /// The track of this kind cannot be read.
    fn refuse(&mut self, slot: usize, offset: u64, feature: String) -> DemuxError {
        self.lineup.expect(slot, false);
        self.streams[slot].refused = true;
        DemuxError::Unsupported {
            format: FORMAT,
            offset,
            feature,
        }
    }

    fn handle_video(
        &mut self,
        header: &TagHeader,
        data: &Bytes,
        offset: u64,
    ) -> Result<(), DemuxError> {
        if self.streams[VIDEO].refused {
            return Ok(());
        }
        let Some((video, payload)) = VideoTagHeader::parse(data) else {
            return Err(malformed(
                offset,
                "video tag ends inside its header".to_owned(),
            ));
        };
        if video.frame_type == video::INFO_FRAME {
            return Ok(());
        }
        match video.codec {
            VideoCodec::Flv1 => {
                self.set_flv1(payload);
                let payload = data.slice_ref(payload);
                self.queue(VIDEO, header, 0, video.is_key(), payload);
            }
            VideoCodec::Avc {
                packet_type: AVC_SEQUENCE_HEADER,
                ..
            } => {
                self.set_avc(payload)
                    .map_err(|reason| malformed(offset, reason))?;
            }
            VideoCodec::Avc {
                packet_type: AVC_NALU,
                composition_time_ms,
            } => {
                let unit = self
                    .access_unit(payload, video.is_key())
                    .map_err(|reason| malformed(offset, reason))?;
                let display = i64::from(composition_time_ms);
                self.queue(VIDEO, header, display, video.is_key(), unit);
            }
            VideoCodec::Avc { .. } => {} // end of sequence
            VideoCodec::Unknown(codec_id) => {
                let feature = if video.frame_type & 8 != 0 {
                    "the extended video tag header".to_owned()
                } else {
                    format!("video CodecID {codec_id}")
                };
                return Err(self.refuse(VIDEO, offset, feature));
            }
        }
        Ok(())
    }

    fn handle_audio(
        &mut self,
        header: &TagHeader,
        data: &Bytes,
        offset: u64,
    ) -> Result<(), DemuxError> {
        let Some((first, payload)) = data.split_first().filter(|_| !self.streams[AUDIO].refused)
        else {
            return Ok(());
        };
        let audio = AudioTagHeader::parse(*first);
        let codec = match audio.codec() {
            Ok(codec) => codec,
            Err(sound_format) => {
                return Err(self.refuse(
                    AUDIO,
                    offset,
                    format!("audio SoundFormat {sound_format}"),
                ));
            }
        };
        if codec != CodecId::Aac {
            self.set_audio(codec, audio.parameters(), payload);
            let payload = data.slice_ref(payload);
            self.queue(AUDIO, header, 0, true, payload);
            return Ok(());
        }
        match payload.split_first() {
            Some((&AAC_SEQUENCE_HEADER, config)) => {
                let reason = || "AAC sequence header without AudioSpecificConfig".to_owned();
                self.set_aac(data.slice_ref(config))
                    .ok_or_else(|| malformed(offset, reason()))
            }
            Some((&AAC_RAW, _)) if self.lineup.params(AUDIO).is_none() => Err(malformed(
                offset,
                "AAC before its AudioSpecificConfig".to_owned(),
            )),
            Some((&AAC_RAW, unit)) => {
                let unit = data.slice_ref(unit);
                self.queue(AUDIO, header, 0, true, unit);
                Ok(())
            }
            Some((other, _)) => Err(malformed(offset, format!("AACPacketType is {other}"))),
            None => Err(malformed(
                offset,
                "audio tag ends inside its header".to_owned(),
            )),
        }
    }

    /// The Annex B form of a sample, parameter sets in front of a key frame.
    fn access_unit(&self, sample: &[u8], key: bool) -> Result<Bytes, String> {
        let Some(config) = &self.avc else {
            return Err("AVC picture before the AVCDecoderConfigurationRecord".to_owned());
        };
        let mut unit = Vec::with_capacity(sample.len() + 256);
        nal::length_prefixed_to_annex_b(sample, config.length_size, &mut unit)
            .map_err(|error| error.to_string())?;
        if (key || nal::is_idr(&unit)) && !nal::has_sps(&unit) && !unit.is_empty() {
            let mut whole = config.to_annex_b();
            whole.append(&mut unit);
            unit = whole;
        }
        Ok(unit.into())
    }

    fn set_avc(&mut self, record: &[u8]) -> Result<(), String> {
        let config = AvcConfig::parse(record).map_err(|error| error.to_string())?;
        let annex_b = config.to_annex_b();
        let sps = Sps::find(&annex_b);
        let size_px = sps
            .map(|sps| (sps.width_px, sps.height_px))
            .or(self.metadata.size_px);
        let (width_px, height_px) = size_px.unwrap_or_default();
        let frame_rate = self
            .metadata
            .frame_rate
            .or(sps.and_then(|sps| sps.frame_rate));
        self.avc = Some(config);
        self.lineup.set_params(
            VIDEO,
            CodecParameters {
                codec: CodecId::H264,
                bit_rate_bps: self.metadata.video_bps,
                config: annex_b.into(),
                media: MediaParameters::Video(VideoParameters {
                    width_px,
                    height_px,
                    frame_rate,
                }),
            },
        );
        Ok(())
    }

    fn set_flv1(&mut self, picture: &[u8]) {
        let known = self.lineup.params(VIDEO).and_then(CodecParameters::video);
        let known = known.map(|video| (video.width_px, video.height_px));
        let size_px = video::flv1_size_px(picture)
            .or(known)
            .or(self.metadata.size_px);
        let (width_px, height_px) = size_px.unwrap_or_default();
        let frame_rate = self.metadata.frame_rate;
        self.lineup.set_params(
            VIDEO,
            CodecParameters {
                codec: CodecId::Flv1,
                bit_rate_bps: self.metadata.video_bps,
                config: Bytes::new(),
                media: MediaParameters::Video(VideoParameters {
                    width_px,
                    height_px,
                    frame_rate,
                }),
            },
        );
    }

    fn set_aac(&mut self, config: Bytes) -> Option<()> {
        let parsed = AudioSpecificConfig::parse(&config)?;
        let audio = AudioParameters {
            sample_rate_hz: parsed.sample_rate_hz,
            channels: parsed.channels(),
        };
        self.lineup.set_params(
            AUDIO,
            CodecParameters {
                codec: CodecId::Aac,
                bit_rate_bps: self.metadata.audio_bps,
                config,
                media: MediaParameters::Audio(audio),
            },
        );
        Some(())
    }

    /// Takes the parameters from the tag, of MP3 from the frame, which knows more rates.
    fn set_audio(&mut self, codec: CodecId, mut audio: AudioParameters, payload: &[u8]) {
        if codec == CodecId::Mp3
            && let Some(frame) = MpegAudioHeader::parse(payload)
        {
            audio.sample_rate_hz = frame.sample_rate_hz;
            audio.channels = frame.channels;
        }
        self.lineup.set_params(
            AUDIO,
            CodecParameters {
                codec,
                bit_rate_bps: self.metadata.audio_bps,
                config: Bytes::new(),
                media: MediaParameters::Audio(audio),
            },
        );
    }

    fn queue(&mut self, slot: usize, header: &TagHeader, display_ms: i64, key: bool, data: Bytes) {
        let dts_ms = self.time_ms(header);
        if data.is_empty() {
            return;
        }
        let stream = &mut self.streams[slot];
        let back = stream.last_dts_ms.is_some_and(|last_ms| dts_ms < last_ms);
        stream.last_dts_ms = Some(dts_ms);
        let packet = Packet {
            track: slot,
            // Some writers state display before decoding, which no decoder can do.
            pts: Timestamp(dts_ms).plus(display_ms.max(0)),
            dts: Timestamp(dts_ms),
            duration: 0,
            key,
            discontinuity: std::mem::replace(&mut stream.broken, false) || back,
            data,
        };
        self.lineup.queue(slot, packet);
    }
}

fn malformed(offset: u64, reason: String) -> DemuxError {
    DemuxError::Malformed {
        format: FORMAT,
        offset,
        reason,
    }
}
