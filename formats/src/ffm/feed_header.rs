//! The answer to a feeder that asks what to encode: a header whose streams tell settings.

use bytes::Bytes;
use media::{CodecId, FrameRate, MediaParameters};

use super::codec_ids;
use super::fields::{AudioFields, VideoFields};
use super::header::{FLAG_GLOBAL_HEADER, Header, Settings, Stream, StreamKind, Syntax};
use super::options::{self, Options};
use super::{NAME, tracks};
use crate::DemuxError;

/// The encodings wanted of a feeder.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct FeedHeader {
    /// The encodings, in the order of the streams that the feeder is to post.
    pub encodings: Vec<Encoding>,
}

/// An encoding wanted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Encoding {
    /// The codec.
    pub codec: CodecId,
    /// Bit rate in bit/s.
    pub bit_rate_bps: u32,
    /// What depends on the medium.
    pub kind: EncodingKind,
    /// Encoder settings as they were configured, in order: names of FORMAT.md, section 2.2, those
    /// with fields here included.
    pub options: Options,
}

/// What depends on the medium.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EncodingKind {
    /// Video.
    Video(VideoEncoding),
    /// Audio.
    Audio(AudioEncoding),
}

/// Video wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct VideoEncoding {
    /// Width in pixels.
    pub width_px: u32,
    /// Height in pixels.
    pub height_px: u32,
    /// Frames per second.
    pub frame_rate: FrameRate,
    /// Frames from key frame to key frame, if configured.
    pub gop_size: Option<u32>,
}

/// Audio wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AudioEncoding {
    /// Sampling rate in Hz.
    pub sample_rate_hz: u32,
    /// Number of channels.
    pub channels: u16,
}

/// Settings that only one codec knows, so that they stand in `CPRV`. (Readers join both texts.)
const PRIVATE_KEYS: [&str; 9] = [
    "preset",
    "tune",
    "profile",
    "crf",
    "qp",
    "x264opts",
    "x264-params",
    "fastfirstpass",
    "wpredp",
];

/// The equation that the original sets for every video encoding.
const RC_EQ: &str = "tex^qComp";

impl FeedHeader {
    /// Reads the answer to a feeder's GET, in any syntax; `None` until `bytes` hold all of it.
    ///
    /// # Errors
    /// [`DemuxError`] if the bytes are no header, or ask for a codec that is not known here.
    pub fn parse(bytes: &[u8]) -> Result<Option<Self>, DemuxError> {
        let Some((header, _)) = Header::parse(bytes)? else {
            return Ok(None);
        };
        let encodings = header.streams.iter().map(Encoding::of_stream);
        let encodings = encodings.collect::<Result<_, _>>();
        let encodings = encodings.map_err(|feature| DemuxError::Unsupported {
            format: NAME,
            offset: 0,
            feature,
        })?;
        Ok(Some(Self { encodings }))
    }

    /// Appends the answer as FFM2. Encodings whose codec has no number are left out.
    pub fn write_ffm2(&self, out: &mut Vec<u8>) {
        self.header(Syntax::Ffm2, stream_ffm2).write_ffm2(out);
    }

    /// Appends the answer as FFM1 in the layout of the 0.8 releases. Encodings whose codec has no
    /// number are left out.
    pub fn write_ffm1_08(&self, out: &mut Vec<u8>) {
        let header = self.header(Syntax::Ffm1V08, stream_ffm1);
        // stream_ffm1 makes fixed fields only, so there is nothing that could be refused.
        header.write_ffm1_08(out);
    }

    fn header(&self, syntax: Syntax, stream: impl Fn(&Encoding, u32) -> Stream) -> Header {
        let streams: Vec<_> = self
            .encodings
            .iter()
            .filter_map(|encoding| Some(stream(encoding, codec_ids::number(encoding.codec)?)))
            .collect();
        Header {
            syntax,
            write_index: 0,
            bit_rate: streams
                .iter()
                .fold(0, |sum, stream| u32::saturating_add(sum, stream.bit_rate)),
            streams,
            unknown: Vec::new(),
        }
    }
}

impl Encoding {
    fn of_stream(stream: &Stream) -> Result<Self, String> {
        let params = tracks::track(stream)?.params;
        let options = tracks::all_options(stream);
        let gop_size = match &stream.settings {
            Settings::Video(fields) => Some(fields.gop_size.into()),
            Settings::Audio(_) | Settings::Text { .. } => options::number(&options, "g"),
        };
        let kind = match params.media {
            MediaParameters::Video(video) => EncodingKind::Video(VideoEncoding {
                width_px: video.width_px,
                height_px: video.height_px,
                frame_rate: video.frame_rate.ok_or("video without a frame rate")?,
                gop_size,
            }),
            MediaParameters::Audio(audio) => EncodingKind::Audio(AudioEncoding {
                sample_rate_hz: audio.sample_rate_hz,
                channels: audio.channels,
            }),
        };
        Ok(Self {
            codec: params.codec,
            bit_rate_bps: stream.bit_rate,
            kind,
            options,
        })
    }

    const fn stream_kind(&self) -> StreamKind {
        match self.kind {
            EncodingKind::Video(_) => StreamKind::Video,
            EncodingKind::Audio(_) => StreamKind::Audio,
        }
    }

    fn number(&self, key: &str) -> Option<u32> {
        options::number(&self.options, key)
    }

    /// `bt`, `rc_eq`, `maxrate` and `bufsize`, where they are not configured.
    fn rate_control_defaults(&self, video: &VideoEncoding) -> Options {
        let rate = u64::from(self.bit_rate_bps);
        let per_frame =
            rate * u64::from(video.frame_rate.den()) / u64::from(video.frame_rate.num());
        let max_rate = options::number::<u64>(&self.options, "maxrate").unwrap_or(rate * 2);
        [
            ("bt", (rate / 4).max(per_frame).to_string()),
            ("rc_eq", RC_EQ.to_string()),
            ("maxrate", max_rate.to_string()),
            ("bufsize", max_rate.to_string()),
        ]
        .into_iter()
        .filter(|(key, _)| options::value(&self.options, key).is_none())
        .map(|(key, value)| (key.to_string(), value))
        .collect()
    }
}

fn stream_ffm2(encoding: &Encoding, codec_id: u32) -> Stream {
    let mut all = encoding.options.clone();
    if let EncodingKind::Video(video) = &encoding.kind {
        all.extend(encoding.rate_control_defaults(video));
    }
    let is_private = |key: &str| {
        PRIVATE_KEYS.contains(&key) || (key == "rc_eq" && keeps_rc_eq_private(encoding.codec))
    };
    let text = |private: bool| {
        let pairs = all
            .iter()
            .map(|(key, value)| (key.as_str(), value.as_str()))
            .filter(|(key, _)| is_private(key) == private);
        Some(options::to_text(pairs)).filter(|text| !text.is_empty())
    };
    Stream {
        codec_id,
        kind: encoding.stream_kind(),
        bit_rate: encoding.bit_rate_bps,
        quality: 0,
        flags: 0,
        flags2: 0,
        debug: 0,
        extradata: Bytes::new(),
        settings: Settings::Text {
            shared: text(false),
            private: text(true),
        },
    }
}

/// Seen with MPEG-4, FLV1, MS-MPEG-4, MPEG-1 and MJPEG, but not with H.264.
const fn keeps_rc_eq_private(codec: CodecId) -> bool {
    matches!(
        codec,
        CodecId::Flv1
            | CodecId::H263
            | CodecId::Mjpeg
            | CodecId::Mpeg1Video
            | CodecId::Mpeg2Video
            | CodecId::Mpeg4
            | CodecId::MsMpeg4V1
            | CodecId::MsMpeg4V2
            | CodecId::MsMpeg4V3
            | CodecId::Rv10
            | CodecId::Rv20
            | CodecId::Wmv1
            | CodecId::Wmv2
    )
}

fn stream_ffm1(encoding: &Encoding, codec_id: u32) -> Stream {
    let settings = match &encoding.kind {
        EncodingKind::Video(video) => Settings::Video(Box::new(video_fields(encoding, video))),
        EncodingKind::Audio(audio) => Settings::Audio(AudioFields {
            sample_rate: audio.sample_rate_hz,
            channels: audio.channels,
            frame_size: 0,
            sample_fmt: u16::MAX,
        }),
    };
    Stream {
        codec_id,
        kind: encoding.stream_kind(),
        bit_rate: encoding.bit_rate_bps,
        quality: encoding.number("global_quality").unwrap_or(0),
        flags: flags(&encoding.options),
        flags2: FLAGS2_08,
        debug: encoding.number("debug").unwrap_or(0),
        extradata: Bytes::new(),
        settings,
    }
}

/// The second word of flags in every recorded answer of 0.8.9.
const FLAGS2_08: u32 = 0x000e_0100;

/// The number of `flags=+name+name`.
fn flags(options: &Options) -> u32 {
    let values = options.iter().filter(|(key, _)| key == "flags");
    let names = values.flat_map(|(_, value)| value.split('+'));
    names.fold(0, |flags, name| {
        flags
            | match name {
                "qscale" => 0x0002,
                "mv4" => 0x0004,
                "global_header" => FLAG_GLOBAL_HEADER,
                "bitexact" => 0x0080_0000,
                _ => 0,
            }
    })
}

/// The fields of a video encoding. The numbers that no setting changes are those of recorded
/// answers of 0.8.9.
fn video_fields(encoding: &Encoding, video: &VideoEncoding) -> VideoFields {
    let number = |key| encoding.number(key);
    let small = |key, default| options::number(&encoding.options, key).unwrap_or(default);
    let max_rate = number("maxrate").unwrap_or(encoding.bit_rate_bps.saturating_mul(2));
    let max_qdiff: u8 = small("qdiff", 3);
    VideoFields {
        time_base_num: video.frame_rate.den(),
        time_base_den: video.frame_rate.num(),
        width: u16::try_from(video.width_px).unwrap_or(u16::MAX),
        height: u16::try_from(video.height_px).unwrap_or(u16::MAX),
        gop_size: u16::try_from(video.gop_size.unwrap_or(12)).unwrap_or(u16::MAX),
        pix_fmt: u32::MAX,
        qmin: small("qmin", 2),
        qmax: small("qmax", 31),
        max_qdiff,
        qcompress_e4: 5000,
        qblur_e4: 5000,
        bit_rate_tolerance: number("bt").unwrap_or(4_000_000),
        rc_eq: RC_EQ.into(),
        rc_max_rate: max_rate,
        rc_min_rate: number("minrate").unwrap_or(0),
        rc_buffer_size: number("bufsize").unwrap_or(max_rate),
        // The factor was stored in single precision.
        i_quant_factor: f64::from(-0.8_f32),
        b_quant_factor: 1.25,
        i_quant_offset: 0.0,
        b_quant_offset: 1.25,
        dct_algo: match options::value(&encoding.options, "dct") {
            Some("fastint") => 1,
            _ => 0,
        },
        // Two's complement: "strict=-1" is 0xffffffff.
        strict: options::number(&encoding.options, "strict").map_or(0, i32::cast_unsigned),
        max_b_frames: number("bf").unwrap_or(0),
        luma_elim: 0,
        chroma_elim: 0,
        mpeg_quant: 0,
        intra_dc_precision: 0,
        me_method: 5,
        mb_decision: u32::from(options::value(&encoding.options, "mbd").is_some()),
        nsse_weight: 8,
        frame_skip_cmp: 13,
        rc_buffer_aggressivity: 1.0,
        codec_tag: 0,
        thread_count: 1,
        coder_type: 0,
        me_cmp: 0,
        partitions: 0,
        me_subpel_quality: 8,
        me_range: 0,
        keyint_min: 25,
        scenechange_threshold: 0,
        b_frame_strategy: 0,
        qcompress: 0.5,
        qblur: 0.5,
        max_qdiff_32: max_qdiff.into(),
        refs: 1,
        directpred: 2,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn assert_same(ours: &[u8], recorded: &[u8]) {
        assert_eq!(ours.len(), recorded.len());
        let differing = ours.iter().zip(recorded).position(|(a, b)| a != b);
        assert_eq!(differing, None, "first byte that differs");
    }

    fn encoding(codec: CodecId, kind: EncodingKind, bit_rate_bps: u32, text: &str) -> Encoding {
        Encoding {
            codec,
            bit_rate_bps,
            kind,
            options: options::parse(text),
        }
    }

    fn video(width_px: u32, height_px: u32, rate: u32, gop_size: Option<u32>) -> EncodingKind {
        EncodingKind::Video(VideoEncoding {
            width_px,
            height_px,
            frame_rate: FrameRate::new(rate, 1).unwrap(),
            gop_size,
        })
    }

    const MONO: EncodingKind = EncodingKind::Audio(AudioEncoding {
        sample_rate_hz: 44_100,
        channels: 1,
    });

    #[test]
    fn answer_of_0_8_9_byte_for_byte() {
        let response =
            include_bytes!("../../../conformance/corpus/ffserver/http/08_feeder_get.response");
        let head = "HTTP/1.0 200 OK\r\nPragma: no-cache\r\nContent-Type: \r\n\r\n";
        let body = response.strip_prefix(head.as_bytes()).unwrap();
        let small = video(320, 240, 25, None);
        let feed = FeedHeader {
            encodings: vec![
                encoding(
                    CodecId::Mpeg4,
                    video(352, 288, 10, Some(30)),
                    100_000,
                    "flags=+bitexact,dct=fastint,idct=simple,b=100000,g=30",
                ),
                encoding(CodecId::Flv1, small, 256_000, "b=256000"),
                encoding(CodecId::Mp2, MONO, 64_000, "b=64000"),
                encoding(CodecId::Mpeg1Video, small, 256_000, "b=256000"),
            ],
        };
        let mut out = Vec::new();
        feed.write_ffm1_08(&mut out);
        assert_same(&out, body);
    }

    #[test]
    fn answer_of_3_2_byte_for_byte() {
        let recorded =
            include_bytes!("../../../conformance/corpus/ffserver/ffm2/get_feed2_header_body.ffm");
        let global = "flags=+global_header";
        let feed = FeedHeader {
            encodings: vec![
                encoding(
                    CodecId::Aac,
                    MONO,
                    64_000,
                    &format!("b=64000,ar=44100,ac=1,{global}"),
                ),
                encoding(
                    CodecId::H264,
                    video(640, 360, 25, Some(25)),
                    800_000,
                    &format!(
                        "time_base=1/25,video_size=640x360,b=800000,g=25,preset=veryfast,{global}"
                    ),
                ),
            ],
        };
        let mut out = Vec::new();
        feed.write_ffm2(&mut out);
        assert_same(&out, recorded);

        let read = FeedHeader::parse(recorded).unwrap().unwrap();
        let what = |feed: &FeedHeader| {
            let each = feed.encodings.iter();
            let each = each.map(|wanted| (wanted.codec, wanted.kind, wanted.bit_rate_bps));
            each.collect::<Vec<_>>()
        };
        assert_eq!(what(&read), what(&feed));
        assert_eq!(FeedHeader::parse(&recorded[..4095]), Ok(None));
    }

    #[test]
    fn settings_reach_the_fields_of_ffm1() {
        let text = "flags=+qscale+mv4,strict=-1,qmin=3,qmax=20,qdiff=5,minrate=1000,maxrate=9000,\
                    bufsize=16384,bt=700,mbd=+bits,dct=fastint,global_quality=354,debug=2,bf=2";
        let wanted = encoding(CodecId::Mpeg4, video(64, 48, 5, Some(1)), 5000, text);
        let stream = stream_ffm1(&wanted, 13);
        assert_eq!((stream.flags, stream.quality, stream.debug), (6, 354, 2));
        let Settings::Video(fields) = stream.settings else {
            panic!("fixed fields");
        };
        assert_eq!((fields.time_base_num, fields.time_base_den), (1, 5));
        assert_eq!((fields.width, fields.height, fields.gop_size), (64, 48, 1));
        assert_eq!((fields.qmin, fields.qmax), (3, 20));
        assert_eq!((fields.max_qdiff, fields.max_qdiff_32), (5, 5));
        assert_eq!((fields.rc_min_rate, fields.rc_max_rate), (1000, 9000));
        assert_eq!(
            (fields.rc_buffer_size, fields.bit_rate_tolerance),
            (16_384, 700)
        );
        assert_eq!((fields.strict, fields.max_b_frames), (u32::MAX, 2));
        assert_eq!((fields.mb_decision, fields.dct_algo), (1, 1));
    }
}
