//! Reads `hdrl`: what streams there are.

use bytes::Bytes;
use media::{
    AudioParameters, CodecId, CodecParameters, FrameRate, MediaParameters, TimeBase,
    VideoParameters,
};

use super::bitmap_info::BitmapInfo;
use super::index::{IndexHeader, SuperEntry};
use super::main_header::MainHeader;
use super::reader::{Count, StreamReader};
use super::riff::{FourCc, chunks};
use super::stream_header::StreamHeader;
use super::tags::{audio_codec, video_codec};
use super::wave_format::WaveFormat;

/// Streams that the two digits of a chunk's code can number.
const MAX_STREAMS: usize = 100;
/// Frames of a video stream without a rate of its own or of the file, per second.
const DEFAULT_FRAME_RATE: u32 = 25;

/// The streams of a file, in the order of their numbers.
#[derive(Debug, Default)]
pub(super) struct StreamList {
    /// `None`: a stream that cannot be read.
    pub(super) readers: Vec<Option<StreamReader>>,
    /// For each stream, where its indexes are.
    pub(super) super_indexes: Vec<Vec<SuperEntry>>,
    /// What cannot be read, in words.
    pub(super) unsupported: Vec<String>,
}

impl StreamList {
    /// Reads the data of the list, behind its code.
    pub(super) fn parse(data: &[u8]) -> Self {
        let mut list = Self::default();
        let mut main = MainHeader::default();
        let mut tracks = 0;
        for (id, data, _) in chunks(data) {
            match (&id, data.split_first_chunk()) {
                (b"avih", _) => main = MainHeader::parse(data).unwrap_or_default(),
                (b"LIST", Some((b"strl", data))) if list.readers.len() < MAX_STREAMS => {
                    let strl = StreamChunks::find(data);
                    list.super_indexes.push(strl.super_index());
                    match strl.reader(tracks, &main) {
                        Ok(reader) => {
                            list.readers.push(Some(reader));
                            tracks += 1;
                        }
                        Err(what) => {
                            let stream = list.readers.len();
                            list.unsupported.push(format!("stream {stream}, {what},"));
                            list.readers.push(None);
                        }
                    }
                }
                _ => {}
            }
        }
        list
    }
}

/// The chunks of a `strl` list that are read.
#[derive(Debug, Default)]
struct StreamChunks<'a> {
    header: Option<StreamHeader>,
    format: &'a [u8],
    /// `strd`, where some writers put what belongs behind `strf`.
    codec_data: &'a [u8],
    index: &'a [u8],
}

impl<'a> StreamChunks<'a> {
    fn find(data: &'a [u8]) -> Self {
        let mut found = Self::default();
        for (id, data, _) in chunks(data) {
            match &id {
                b"strh" => found.header = StreamHeader::parse(data),
                b"strf" => found.format = data,
                b"strd" => found.codec_data = data,
                b"indx" => found.index = data,
                _ => {}
            }
        }
        found
    }

    /// The entries of `indx`, if it is an index of indexes.
    fn super_index(&self) -> Vec<SuperEntry> {
        match IndexHeader::parse(self.index) {
            Some(header) if header.index_type == IndexHeader::OF_INDEXES => {
                let entries = &self.index[IndexHeader::LEN..];
                let count = usize::try_from(header.entries).unwrap_or(usize::MAX);
                entries
                    .chunks_exact(SuperEntry::LEN)
                    .take(count)
                    .filter_map(SuperEntry::parse)
                    .collect()
            }
            _ => Vec::new(),
        }
    }

    fn reader(&self, track: usize, main: &MainHeader) -> Result<StreamReader, String> {
        let header = self.header.ok_or("without a header")?;
        match header.kind {
            StreamHeader::VIDEO => self.video(track, &header, main),
            StreamHeader::AUDIO => self.audio(track, &header),
            kind => Err(format!("of type {}", printable(kind))),
        }
    }

    fn video(
        &self,
        track: usize,
        header: &StreamHeader,
        main: &MainHeader,
    ) -> Result<StreamReader, String> {
        let info = BitmapInfo::parse(self.format).ok_or("video without a format")?;
        let codec = video_codec(info.compression)
            .or_else(|| video_codec(header.handler))
            .ok_or_else(|| format!("video coded as {}", printable(info.compression)))?;
        let unit = TimeBase::new(header.scale, header.rate)
            .or_else(|| TimeBase::new(main.micro_sec_per_frame, 1_000_000))
            .or_else(|| TimeBase::new(1, DEFAULT_FRAME_RATE))
            .ok_or("video without a rate")?;
        let config = match (info.extra, codec) {
            (_, CodecId::Mjpeg) => &[],
            ([], CodecId::H264) => self.codec_data,
            (extra, _) => extra,
        };
        let params = CodecParameters {
            codec,
            bit_rate_bps: None,
            config: Bytes::copy_from_slice(config),
            media: MediaParameters::Video(VideoParameters {
                width_px: info.width,
                height_px: info.height,
                frame_rate: FrameRate::new(unit.den(), unit.num()),
            }),
        };
        let count = Count {
            unit,
            sample_size: 0, // a video chunk is a frame, whatever the header says
            position: 0,
            start: header.start,
        };
        Ok(StreamReader::new(track, params, count, 0))
    }

    fn audio(&self, track: usize, header: &StreamHeader) -> Result<StreamReader, String> {
        let wave = WaveFormat::parse(self.format).ok_or("audio without a format")?;
        let codec = audio_codec(wave.format_tag, wave.bits_per_sample)
            .ok_or_else(|| format!("audio coded as 0x{:04x}", wave.format_tag))?;
        if wave.channels == 0 || wave.samples_per_sec == 0 {
            return Err(format!("{codec} without channels or rate"));
        }
        let unit = TimeBase::new(header.scale, header.rate)
            .or_else(|| TimeBase::new(1, wave.samples_per_sec))
            .ok_or("audio without a rate")?;
        let params = CodecParameters {
            codec,
            bit_rate_bps: wave
                .avg_bytes_per_sec
                .checked_mul(8)
                .filter(|rate| *rate > 0),
            config: match codec {
                CodecId::Aac => Bytes::copy_from_slice(wave.extra),
                _ => Bytes::new(), // in every frame
            },
            media: MediaParameters::Audio(AudioParameters {
                sample_rate_hz: wave.samples_per_sec,
                channels: wave.channels,
            }),
        };
        let count = Count {
            unit,
            sample_size: header.sample_size,
            position: 0,
            start: header.start,
        };
        Ok(StreamReader::new(track, params, count, wave.block_align))
    }
}

/// A code as text, or in hexadecimal.
fn printable(code: FourCc) -> String {
    if code
        .iter()
        .all(|byte| byte.is_ascii_graphic() || *byte == b' ')
    {
        code.iter().copied().map(char::from).collect()
    } else {
        format!("0x{:08x}", u32::from_be_bytes(code))
    }
}
