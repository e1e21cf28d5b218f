//! Reads one stream: chunks to packets.

use bytes::{Bytes, BytesMut};
use media::bitstream::aac::{AdtsHeader, AudioSpecificConfig};
use media::bitstream::avc_config::AvcConfig;
use media::bitstream::jpeg::image_len;
use media::bitstream::mpeg_audio::MpegAudioHeader;
use media::bitstream::nal::{self, NalType};
use media::bitstream::sps::Sps;
use media::{
    AudioParameters, CodecId, CodecParameters, FrameRate, MediaParameters, Packet, TimeBase,
    Timestamp, Track,
};

use super::index::SuperEntry;
use super::key_frame::is_key;
use super::search::Indexed;
use crate::h264::{DisplayOrder, ParameterSets, SliceHeader, with_parameter_sets};

/// Bytes kept of an MPEG audio frame that goes on in the next chunk.
const MAX_AUDIO_FRAME: usize = 4096;

/// A stream and where it is.
#[derive(Debug)]
pub(super) struct StreamReader {
    /// Index in the track list.
    track: usize,
    params: CodecParameters,
    /// Unit of the packets' times.
    time_base: TimeBase,
    count: Count,
    framing: Framing,
    /// The dts before which no packet may come.
    earliest: i64,
    /// Mark the next packet.
    pub(super) discontinuity: bool,
}

/// How far a stream has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Count {
    /// Seconds per sample of the stream.
    pub(super) unit: TimeBase,
    /// dwSampleSize: bytes of a sample; 0: a chunk is a sample.
    pub(super) sample_size: u32,
    /// Chunks, or bytes if samples have a size.
    pub(super) position: u64,
    /// dwStart: samples before the first chunk.
    pub(super) start: u32,
}

impl Count {
    /// Counts a chunk of `len` bytes.
    pub(super) const fn pass(&mut self, len: u64) {
        let step = if self.sample_size == 0 { 1 } else { len };
        self.position = self.position.saturating_add(step);
    }

    /// The time of the next chunk.
    pub(super) fn time(&self, base: TimeBase) -> Timestamp {
        let samples = self.position / u64::from(self.sample_size.max(1)) + u64::from(self.start);
        Timestamp(i64::try_from(samples).unwrap_or(i64::MAX)).rescale(self.unit, base)
    }
}

/// What turns the chunks of an H.264 stream into packets.
#[derive(Debug)]
pub(super) struct H264Framing {
    /// Bytes of a NAL length; `None`: start codes.
    length_size: Option<usize>,
    sets: ParameterSets,
    order: DisplayOrder,
}

/// What the chunks of a stream hold.
#[derive(Debug)]
pub(super) enum Framing {
    /// A packet each.
    Packets,
    /// A JPEG image each, perhaps with bytes behind it.
    Mjpeg,
    /// An access unit each, with start codes or lengths.
    H264(Box<H264Framing>),
    /// A raw access unit each, or some with ADTS headers.
    Aac,
    /// Frames, which may go on in the next chunk: what is left, and the time it starts.
    MpegAudio { rest: BytesMut, dts: Timestamp },
    /// Samples of so many bytes for all channels.
    Pcm { block_align: usize },
}

impl StreamReader {
    pub(super) fn new(
        track: usize,
        mut params: CodecParameters,
        count: Count,
        block_align: u16,
    ) -> Self {
        let framing = match params.codec {
            CodecId::H264 => Self::h264(&mut params),
            CodecId::Mjpeg => Framing::Mjpeg,
            CodecId::Aac => Framing::Aac,
            CodecId::Mp2 | CodecId::Mp3 => Framing::MpegAudio {
                rest: BytesMut::new(),
                dts: Timestamp::ZERO,
            },
            CodecId::PcmALaw | CodecId::PcmMuLaw | CodecId::PcmS16Le | CodecId::PcmU8 => {
                Framing::Pcm {
                    block_align: usize::from(block_align.max(1)),
                }
            }
            _ => Framing::Packets,
        };
        let time_base = match (&framing, &params.media) {
            (Framing::MpegAudio { .. } | Framing::Pcm { .. }, MediaParameters::Audio(audio)) => {
                TimeBase::new(1, audio.sample_rate_hz).unwrap_or(count.unit)
            }
            _ => count.unit,
        };
        Self {
            track,
            params,
            time_base,
            count,
            framing,
            earliest: i64::MIN,
            discontinuity: false,
        }
    }

    /// The header of an H.264 stream is empty, parameter sets in Annex B form, or an avcC record;
    /// chunks have length prefixes with the last.
    fn h264(params: &mut CodecParameters) -> Framing {
        let record = AvcConfig::parse(&params.config).ok();
        let config = match &record {
            Some(record) => record.to_annex_b(),
            None => nal::parameter_sets(&params.config),
        };
        params.config = Bytes::new();
        learn_parameter_sets(params, &config);
        let mut sets = ParameterSets::default();
        nal::annex_b(&config).for_each(|nal| sets.add(nal));
        Framing::H264(Box::new(H264Framing {
            length_size: record.map(|record| record.length_size),
            sets,
            order: DisplayOrder::new(),
        }))
    }

    /// The track; `None` while its configuration, or the order of its pictures, is not known.
    pub(super) fn track(&self) -> Option<Track> {
        let waits = match &self.framing {
            Framing::H264(h264) => self.params.config.is_empty() || !h264.order.is_known(),
            Framing::Aac => self.params.config.is_empty(),
            _ => false,
        };
        (!waits).then(|| Track {
            time_base: self.time_base,
            params: self.params.clone(),
        })
    }

    pub(super) const fn is_video(&self) -> bool {
        self.params.video().is_some()
    }

    /// What a search needs to know.
    pub(super) fn indexed(&self, indexes: Vec<SuperEntry>) -> Indexed {
        Indexed {
            count: Count {
                position: 0,
                ..self.count
            },
            delay: match &self.framing {
                Framing::H264(h264) => {
                    let delay = Timestamp(h264.order.delay());
                    delay.rescale(self.time_base, TimeBase::MICROS).0
                }
                _ => 0,
            },
            all_key: self.params.codec == CodecId::Mjpeg || !self.is_video(),
            indexes,
        }
    }

    /// Goes on at another place of the stream.
    pub(super) fn jump(&mut self, position: u64) {
        self.count.position = position;
        self.earliest = i64::MIN;
        self.discontinuity = true;
        match &mut self.framing {
            Framing::MpegAudio { rest, .. } => rest.clear(),
            Framing::H264(h264) => h264.order.jump(),
            _ => {}
        }
    }

    /// Reads the data of a chunk.
    pub(super) fn read(&mut self, data: Bytes, out: &mut Vec<Packet>) {
        let dts = self.count.time(self.time_base);
        self.count.pass(data.len() as u64);
        if data.is_empty() {
            return; // a frame that was left out
        }
        match &mut self.framing {
            Framing::Packets => self.emit(dts, 1, data, out),
            Framing::Mjpeg => self.emit(dts, 1, trim_image(data), out),
            Framing::H264(_) => self.read_h264(dts, data, out),
            Framing::Aac => self.read_aac(dts, data, out),
            Framing::MpegAudio { .. } => self.read_mpeg_audio(dts, &data, out),
            Framing::Pcm { block_align } => {
                let samples = data.len() / *block_align;
                let whole = data.slice(..samples * *block_align);
                if samples > 0 {
                    self.emit(dts, samples as u64, whole, out);
                }
            }
        }
    }

    fn emit(&mut self, dts: Timestamp, duration: u64, data: Bytes, out: &mut Vec<Packet>) {
        let dts = Timestamp(dts.0.max(self.earliest));
        self.earliest = dts.0.saturating_add(1);
        out.push(Packet {
            track: self.track,
            pts: dts,
            dts,
            duration,
            key: self.params.audio().is_some() || is_key(self.params.codec, &data),
            discontinuity: std::mem::take(&mut self.discontinuity),
            data,
        });
    }

    /// Gives what is held, at the end of the file.
    pub(super) fn flush(&mut self, out: &mut Vec<Packet>) {
        if let Framing::H264(h264) = &mut self.framing {
            h264.order.flush(out);
        }
    }

    fn read_h264(&mut self, dts: Timestamp, data: Bytes, out: &mut Vec<Packet>) {
        let mut packets = Vec::with_capacity(1);
        let Framing::H264(h264) = &mut self.framing else {
            return;
        };
        let data = match h264.length_size {
            Some(size) => to_annex_b(data, size),
            None => data,
        };
        nal::annex_b(&data).for_each(|nal| h264.sets.add(nal));
        if nal::has_sps(&data) {
            learn_parameter_sets(&mut self.params, &nal::parameter_sets(&data));
        }
        let data = with_parameter_sets(data, &self.params.config);
        self.emit(dts, 1, data, &mut packets);
        let Framing::H264(h264) = &mut self.framing else {
            return;
        };
        for packet in packets {
            let slice = nal::annex_b(&packet.data)
                .filter(|nal| NalType::of(nal).is_some_and(|kind| matches!(kind.0, 1 | 2 | 5)))
                .find_map(|nal| SliceHeader::parse(nal, &h264.sets));
            let sps = slice.and_then(|slice| h264.sets.of_slice(slice.pps_id));
            let sps = sps.map_or_else(|| h264.sets.sps(), |(sps, _)| Some(sps));
            if let Some(rate) = sps.and_then(|sps| sps.frame_rate) {
                h264.order.set_unit(chunks_per_frame(self.count.unit, rate));
            }
            h264.order.push(packet, slice.as_ref(), sps, out);
        }
    }

    fn read_aac(&mut self, mut dts: Timestamp, mut data: Bytes, out: &mut Vec<Packet>) {
        while let Some(header) = AdtsHeader::parse(&data)
            && header.frame_len <= data.len()
        {
            if self.params.config.is_empty() {
                self.params.config = header.config.write().into();
            }
            let frame = data.split_to(header.frame_len).slice(header.header_len..);
            self.emit(dts, 1, frame, out);
            dts = dts.plus(1);
            if data.is_empty() {
                return;
            }
        }
        if self.params.config.is_empty()
            && let Some(config) = self.params.audio().and_then(low_complexity)
        {
            self.params.config = config.write().into();
        }
        self.emit(dts, 1, data, out);
    }

    /// Cuts frames at their headers, wherever the chunks end. Bytes that are no frame are dropped.
    fn read_mpeg_audio(&mut self, dts: Timestamp, data: &[u8], out: &mut Vec<Packet>) {
        let Framing::MpegAudio { rest, dts: began } = &mut self.framing else {
            return;
        };
        let mut dts = if rest.is_empty() { dts } else { *began };
        rest.extend_from_slice(data);
        let mut buffered = std::mem::take(rest).freeze();
        while buffered.len() >= 4 {
            match MpegAudioHeader::parse(&buffered) {
                Some(header) if header.frame_len > buffered.len() => break,
                Some(header) => {
                    let frame = buffered.split_to(header.frame_len);
                    let samples = header.samples.into();
                    self.emit(dts, samples, frame, out);
                    self.earliest = self.earliest.saturating_add(i64::from(header.samples) - 1);
                    dts = Timestamp(self.earliest);
                }
                None => drop(buffered.split_to(1)),
            }
        }
        if buffered.len() <= MAX_AUDIO_FRAME {
            self.framing = Framing::MpegAudio {
                rest: BytesMut::from(&buffered[..]),
                dts,
            };
        }
    }
}

/// How many chunks of a stream, most of them empty then, last as long as a frame.
fn chunks_per_frame(unit: TimeBase, rate: FrameRate) -> i64 {
    const MAX: i64 = 1000;
    Timestamp(1).rescale(rate.time_base(), unit).0.clamp(1, MAX)
}

/// Takes parameter sets as the configuration, if they are whole, and the size from them.
fn learn_parameter_sets(params: &mut CodecParameters, sets: &[u8]) {
    if AvcConfig::from_annex_b(sets).is_err() {
        return;
    }
    if params.config != sets {
        params.config = Bytes::copy_from_slice(sets);
    }
    if let (Some(sps), MediaParameters::Video(video)) = (Sps::find(sets), &mut params.media) {
        video.width_px = sps.width_px;
        video.height_px = sps.height_px;
    }
}

/// An access unit with length prefixes as Annex B; one that has start codes all the same stays.
fn to_annex_b(data: Bytes, length_size: usize) -> Bytes {
    let mut out = Vec::with_capacity(data.len() + 16);
    match nal::length_prefixed_to_annex_b(&data, length_size, &mut out) {
        Ok(()) => out.into(),
        Err(_) => data,
    }
}

/// The image without the bytes behind it, unless these are another field's image.
fn trim_image(data: Bytes) -> Bytes {
    const SOI_LEN: usize = 2;
    match image_len(&data) {
        Some(len) if !data[len..].windows(SOI_LEN).any(|w| w == [0xff, 0xd8]) => data.slice(..len),
        _ => data,
    }
}

/// What AAC without any configuration is.
const fn low_complexity(audio: &AudioParameters) -> Option<AudioSpecificConfig> {
    let channel_config = match audio.channels {
        1..=6 => audio.channels as u8,
        8 => 7,
        _ => return None,
    };
    Some(AudioSpecificConfig {
        object_type: 2,
        sample_rate_hz: audio.sample_rate_hz,
        channel_config,
    })
}
