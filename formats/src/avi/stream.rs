//! A stream as the muxer writes it: `strh` and `strf` for each codec, and how its chunks count.

use bytes::Bytes;
use media::bitstream::aac::{AudioSpecificConfig, SAMPLES_PER_FRAME};
use media::{
    AudioParameters, CodecId, CodecParameters, FrameRate, MediaParameters, TimeBase, Track,
    VideoParameters,
};

use super::FORMAT;
use super::bitmap_info::BitmapInfo;
use super::placement::Places;
use super::riff::FourCc;
use super::stream_header::StreamHeader;
use super::tags::{audio_tag, four_cc};
use super::wave_format::WaveFormat;
use crate::MuxError;

/// Frames per second of a video track that does not tell and whose time base is no frame either.
const DEFAULT_FRAME_RATE: FrameRate = FrameRate::new(25, 1).unwrap();
/// The shortest ticks of a time base that are taken for frames, per second.
const MAX_FRAME_RATE: u32 = 240;
/// The most chunks a gap is filled with.
const MAX_FILL_CHUNKS: i64 = 1_000;
/// The most bytes of silence a gap is filled with.
const MAX_FILL_BYTES: i64 = 16 << 20;

/// How the data of a packet becomes chunks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Chunking {
    /// A packet is a chunk and takes one place.
    Packets,
    /// A packet holds MPEG audio frames; each is a chunk and takes one place.
    MpegFrames,
    /// A packet is a chunk of samples and takes a place for each.
    Samples {
        /// Bytes of a sample of all channels.
        block_align: u16,
        /// The byte that silence is made of.
        silence: u8,
    },
}

/// One stream of the file.
#[derive(Debug)]
pub(super) struct Stream {
    pub(super) codec: CodecId,
    /// Code of the data chunks, `00dc`.
    pub(super) chunk_id: FourCc,
    pub(super) chunking: Chunking,
    pub(super) places: Places,
    /// Bytes of the largest chunk so far.
    pub(super) largest: u32,
    pub(super) bit_rate_bps: Option<u32>,
    pub(super) config: Bytes,
    /// `strh`, lengths and buffer size still 0.
    header: StreamHeader,
    /// `strf`.
    pub(super) format: Vec<u8>,
    /// Width and height of a video stream.
    pub(super) size_px: Option<(u32, u32)>,
}

impl Stream {
    /// How track `index` is written.
    ///
    /// # Errors
    /// [`MuxError::UnsupportedCodec`] without a code for its codec, [`MuxError::Config`] if AAC has
    /// no configuration or PCM no channels or rate.
    pub(super) fn new(index: usize, track: &Track) -> Result<Self, MuxError> {
        match &track.params.media {
            MediaParameters::Video(video) => Self::video(index, track, video),
            MediaParameters::Audio(audio) => Self::audio(index, track, *audio),
        }
    }

    /// `strh`; of a complete file with its length and buffer size.
    pub(super) fn stream_header(&self, complete: bool) -> StreamHeader {
        if !complete {
            return self.header;
        }
        StreamHeader {
            length: u32::try_from(self.places.taken()).unwrap_or(u32::MAX),
            suggested_buffer_size: self.largest,
            ..self.header
        }
    }

    /// Code of the chunks of this stream's index, `ix00`.
    pub(super) fn index_id(&self) -> FourCc {
        let [tens, units, _, _] = self.chunk_id;
        [b'i', b'x', tens, units]
    }

    fn video(index: usize, track: &Track, video: &VideoParameters) -> Result<Self, MuxError> {
        let codec = track.params.codec;
        let code = four_cc(codec).ok_or(unsupported(index, codec))?;
        let unit = frame_rate(track, video).time_base();
        let extra = match codec {
            // In band before every IDR, where every reader looks; not all know Annex B here.
            CodecId::H264 => Bytes::new(),
            _ => track.params.config.clone(),
        };
        let mut format = Vec::new();
        BitmapInfo {
            width: video.width_px,
            height: video.height_px,
            compression: code,
            extra: &extra,
        }
        .write(&mut format);
        Ok(Self {
            codec,
            chunk_id: chunk_id(index, *b"dc"),
            chunking: Chunking::Packets,
            places: Places::new(track.time_base, unit, MAX_FILL_CHUNKS),
            largest: 0,
            bit_rate_bps: track.params.bit_rate_bps,
            config: track.params.config.clone(),
            header: StreamHeader {
                kind: StreamHeader::VIDEO,
                handler: code,
                scale: unit.num(),
                rate: unit.den(),
                frame: (
                    u16::try_from(video.width_px).unwrap_or(0),
                    u16::try_from(video.height_px).unwrap_or(0),
                ),
                ..StreamHeader::default()
            },
            format,
            size_px: Some((video.width_px, video.height_px)),
        })
    }

    fn audio(index: usize, track: &Track, audio: AudioParameters) -> Result<Self, MuxError> {
        let codec = track.params.codec;
        let tag = audio_tag(codec).ok_or(unsupported(index, codec))?;
        let layout = AudioLayout::new(&track.params, audio)
            .map_err(|reason| config_error(index, codec, reason))?;
        let mut format = Vec::new();
        WaveFormat {
            format_tag: tag.tag,
            channels: audio.channels,
            samples_per_sec: audio.sample_rate_hz,
            avg_bytes_per_sec: layout.avg_bytes_per_sec,
            block_align: layout.block_align,
            bits_per_sample: tag.bits_per_sample,
            extra: &layout.extra,
        }
        .write(&mut format);
        let max_fill = match layout.chunking {
            Chunking::Samples { block_align, .. } => MAX_FILL_BYTES / i64::from(block_align),
            Chunking::Packets | Chunking::MpegFrames => MAX_FILL_CHUNKS,
        };
        Ok(Self {
            codec,
            chunk_id: chunk_id(index, *b"wb"),
            chunking: layout.chunking,
            places: Places::new(track.time_base, layout.unit, max_fill),
            largest: 0,
            bit_rate_bps: track.params.bit_rate_bps,
            config: track.params.config.clone(),
            header: StreamHeader {
                kind: StreamHeader::AUDIO,
                scale: layout.unit.num(),
                rate: layout.unit.den(),
                sample_size: layout.sample_size,
                ..StreamHeader::default()
            },
            format,
            size_px: None,
        })
    }
}

/// How an audio codec counts and what its `strf` says.
struct AudioLayout {
    chunking: Chunking,
    /// Seconds per place.
    unit: TimeBase,
    /// dwSampleSize.
    sample_size: u32,
    block_align: u16,
    avg_bytes_per_sec: u32,
    extra: Vec<u8>,
}

impl AudioLayout {
    fn new(params: &CodecParameters, audio: AudioParameters) -> Result<Self, &'static str> {
        let unit = |samples, rate| TimeBase::new(samples, rate).ok_or("the sampling rate is 0");
        let rate = audio.sample_rate_hz;
        if audio.channels == 0 {
            return Err("the number of channels is 0");
        }
        let framed = |chunking, unit, block_align, extra| Self {
            chunking,
            unit,
            sample_size: 0,
            block_align,
            // A reader may divide by it, so an unknown rate is told as that of one bit per sample.
            avg_bytes_per_sec: params.bit_rate_bps.unwrap_or(rate).div_ceil(8).max(1),
            extra,
        };
        Ok(match params.codec {
            CodecId::PcmU8 => Self::pcm(audio, 1, 0x80)?,
            CodecId::PcmS16Le => Self::pcm(audio, 2, 0x00)?,
            CodecId::PcmALaw => Self::pcm(audio, 1, 0xd5)?,
            CodecId::PcmMuLaw => Self::pcm(audio, 1, 0xff)?,
            CodecId::Aac => {
                let config = AudioSpecificConfig::parse(&params.config)
                    .ok_or("it is no AudioSpecificConfig")?;
                // An access unit has at most 6144 bits per channel (ISO/IEC 14496-3, 4.5.3.2).
                let block_align = audio.channels.saturating_mul(6144 / 8);
                framed(
                    Chunking::Packets,
                    unit(SAMPLES_PER_FRAME, config.sample_rate_hz)?,
                    block_align,
                    params.config.to_vec(),
                )
            }
            // The longest frame of layer II has 384 kbit/s at 32 kHz: 1728 bytes.
            CodecId::Mp2 => framed(
                Chunking::MpegFrames,
                unit(1152, rate)?,
                1728,
                mpeg1_wave_format(params, audio),
            ),
            CodecId::Mp3 => {
                // MPEG-2 halves the frame with the sampling rate (ISO/IEC 13818-3, 2.4.2.3).
                let samples: u16 = if rate < 32_000 { 576 } else { 1152 };
                framed(
                    Chunking::MpegFrames,
                    unit(samples.into(), rate)?,
                    samples,
                    mpeg_layer3_wave_format(samples),
                )
            }
            // Six blocks of 256 samples, at most 1920 words (ATSC A/52, 5.4.1.3 and 5.4.1.4).
            _ => framed(Chunking::Packets, unit(1536, rate)?, 3840, Vec::new()),
        })
    }

    fn pcm(audio: AudioParameters, bytes: u16, silence: u8) -> Result<Self, &'static str> {
        let block_align = audio
            .channels
            .checked_mul(bytes)
            .ok_or("a sample of all channels is longer than 65535 bytes")?;
        Ok(Self {
            chunking: Chunking::Samples {
                block_align,
                silence,
            },
            unit: TimeBase::new(1, audio.sample_rate_hz).ok_or("the sampling rate is 0")?,
            sample_size: block_align.into(),
            block_align,
            avg_bytes_per_sec: audio.sample_rate_hz.saturating_mul(block_align.into()),
            extra: Vec::new(),
        })
    }
}

/// The header of layer II after WAVEFORMATEX: MPEG1WAVEFORMAT (mmreg.h), 22 bytes.
///
/// | byte | bits | field          | meaning                       |
/// |-----:|-----:|----------------|-------------------------------|
/// |    0 |   16 | fwHeadLayer    | 2: layer II                   |
/// |    2 |   32 | dwHeadBitrate  | bit/s, 0 unknown              |
/// |    6 |   16 | fwHeadMode     | 1 stereo, 8 mono              |
/// |    8 |   16 | fwHeadModeExt  | 0                             |
/// |   10 |   16 | wHeadEmphasis  | 1: none                       |
/// |   12 |   16 | fwHeadFlags    | 0x10: MPEG-1                  |
/// |   14 |   64 | dwPTSLow, High | 0                             |
fn mpeg1_wave_format(params: &CodecParameters, audio: AudioParameters) -> Vec<u8> {
    let mut out = Vec::new();
    out.extend(2_u16.to_le_bytes());
    out.extend(params.bit_rate_bps.unwrap_or(0).to_le_bytes());
    let mode: u16 = if audio.channels == 1 { 8 } else { 1 };
    for field in [mode, 0, 1, 0x10] {
        out.extend(field.to_le_bytes());
    }
    out.extend([0; 8]);
    out
}

/// The header of layer III after WAVEFORMATEX: MPEGLAYER3WAVEFORMAT (mmreg.h), 12 bytes.
///
/// | byte | bits | field           | meaning                             |
/// |-----:|-----:|-----------------|-------------------------------------|
/// |    0 |   16 | wID             | 1: MPEGLAYER3_ID_MPEG               |
/// |    2 |   32 | fdwFlags        | 0: padded as the standard says      |
/// |    6 |   16 | nBlockSize      | bytes of a block                    |
/// |    8 |   16 | nFramesPerBlock | 1                                   |
/// |   10 |   16 | nCodecDelay     | samples, 0                          |
fn mpeg_layer3_wave_format(block_size: u16) -> Vec<u8> {
    let mut out = Vec::new();
    for field in [1, 0, 0, block_size, 1, 0] {
        out.extend(field.to_le_bytes());
    }
    out
}

/// The rate of a track: as told, or its time base's if that can be a frame, or 25.
fn frame_rate(track: &Track, video: &VideoParameters) -> FrameRate {
    let base = track.time_base;
    let as_frames = FrameRate::new(base.den(), base.num())
        .filter(|_| base.num() <= base.den() && base.den() / base.num() <= MAX_FRAME_RATE);
    video.frame_rate.or(as_frames).unwrap_or(DEFAULT_FRAME_RATE)
}

fn chunk_id(index: usize, kind: [u8; 2]) -> FourCc {
    // The muxer has at most 100 tracks, so both are digits.
    let digit = |value: usize| b'0' + u8::try_from(value % 10).unwrap_or(0);
    [digit(index / 10), digit(index), kind[0], kind[1]]
}

const fn unsupported(track: usize, codec: CodecId) -> MuxError {
    MuxError::UnsupportedCodec {
        format: FORMAT,
        codec,
        track,
    }
}

fn config_error(track: usize, codec: CodecId, reason: &str) -> MuxError {
    MuxError::Config {
        format: FORMAT,
        codec,
        track,
        reason: reason.to_owned(),
    }
}
