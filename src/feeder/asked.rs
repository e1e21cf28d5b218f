//! What a feed asks for: the streams of the header that its GET answers.

use formats::ffm::{Settings, Stream, StreamKind, options};
use media::{CodecId, FrameRate, MediaParameters};

/// One encoding that a feed asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Asked {
    /// The codec; `None` where its number is unknown.
    pub(super) codec: Option<CodecId>,
    /// Bit rate in bit/s, if told.
    pub(super) bit_rate_bps: Option<u32>,
    /// What depends on the medium.
    pub(super) media: AskedMedia,
}

/// What depends on the medium.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum AskedMedia {
    /// Pictures.
    Video(AskedVideo),
    /// Sound.
    Audio {
        /// Sampling rate in Hz, if told.
        sample_rate_hz: Option<u32>,
        /// Number of channels, if told.
        channels: Option<u16>,
    },
}

/// Settings of a video encoding, as far as they are told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct AskedVideo {
    /// Width and height in pixels.
    pub(super) size_px: Option<(u32, u32)>,
    /// Frames a second.
    pub(super) frame_rate: Option<FrameRate>,
    /// Frames from key frame to key frame.
    pub(super) gop_size: Option<u32>,
    /// Bounds of the quantizer.
    pub(super) quantizer: Option<(u8, u8)>,
}

impl Asked {
    /// What a stream of the header asks for. A value of 0 means that nothing is told.
    pub(super) fn from_stream(stream: &Stream) -> Self {
        let track = stream.track().ok();
        let params = track.as_ref().map(|track| &track.params);
        let media = match (stream.kind, params.map(|params| &params.media)) {
            (StreamKind::Video, Some(MediaParameters::Video(video))) => {
                AskedMedia::Video(AskedVideo {
                    size_px: Some((video.width_px, video.height_px))
                        .filter(|(width, height)| *width > 0 && *height > 0),
                    frame_rate: video.frame_rate,
                    ..encoder_settings(stream)
                })
            }
            (StreamKind::Video, _) => AskedMedia::Video(encoder_settings(stream)),
            (StreamKind::Audio, Some(MediaParameters::Audio(audio))) => AskedMedia::Audio {
                sample_rate_hz: Some(audio.sample_rate_hz).filter(|rate| *rate > 0),
                channels: Some(audio.channels).filter(|channels| *channels > 0),
            },
            (StreamKind::Audio, _) => AskedMedia::Audio {
                sample_rate_hz: None,
                channels: None,
            },
        };
        Self {
            codec: params.map(|params| params.codec),
            bit_rate_bps: Some(stream.bit_rate).filter(|rate| *rate > 0),
            media,
        }
    }

    /// The codec in words.
    pub(super) fn codec_name(&self) -> &'static str {
        self.codec.map_or("an unknown codec", CodecId::name)
    }
}

/// Key-frame distance and quantizer bounds.
fn encoder_settings(stream: &Stream) -> AskedVideo {
    let (gop_size, quantizer) = match &stream.settings {
        Settings::Video(fields) => (
            Some(u32::from(fields.gop_size)),
            Some((fields.qmin, fields.qmax)),
        ),
        Settings::Audio(_) | Settings::Text { .. } => {
            let given = stream.options();
            let bounds = (
                options::number(&given, "qmin"),
                options::number(&given, "qmax"),
            );
            let quantizer = match bounds {
                (None, None) => None,
                (low, high) => Some((low.unwrap_or(QMIN), high.unwrap_or(QMAX))),
            };
            (options::number(&given, "g"), quantizer)
        }
    };
    AskedVideo {
        size_px: None,
        frame_rate: None,
        gop_size: gop_size.filter(|frames| *frames > 0),
        quantizer: quantizer.filter(|(low, high)| (1..=*high).contains(low)),
    }
}

/// The bounds of the original's encoders.
const QMIN: u8 = 2;
const QMAX: u8 = 31;

#[cfg(test)]
mod tests {
    use formats::ffm::Header;

    use super::*;

    fn asked(body: &[u8]) -> Vec<Asked> {
        let (header, len) = Header::parse(body).unwrap().unwrap();
        assert_eq!(len, 4096);
        header.streams.iter().map(Asked::from_stream).collect()
    }

    fn video(
        codec: CodecId,
        bit_rate_bps: u32,
        size_px: (u32, u32),
        rate: u32,
        gop_size: Option<u32>,
        quantizer: Option<(u8, u8)>,
    ) -> Asked {
        Asked {
            codec: Some(codec),
            bit_rate_bps: Some(bit_rate_bps),
            media: AskedMedia::Video(AskedVideo {
                size_px: Some(size_px),
                frame_rate: FrameRate::new(rate, 1),
                gop_size,
                quantizer,
            }),
        }
    }

    #[test]
    fn recorded_headers_of_the_original_are_understood() {
        let response =
            include_bytes!("../../conformance/corpus/ffserver/http/08_feeder_get.response");
        let bounds = Some((2, 31));
        assert_eq!(
            asked(&response[response.len() - 4096..]),
            [
                video(CodecId::Mpeg4, 100_000, (352, 288), 10, Some(30), bounds),
                video(CodecId::Flv1, 256_000, (320, 240), 25, Some(12), bounds),
                Asked {
                    codec: Some(CodecId::Mp2),
                    bit_rate_bps: Some(64_000),
                    media: AskedMedia::Audio {
                        sample_rate_hz: Some(44_100),
                        channels: Some(1),
                    },
                },
                video(
                    CodecId::Mpeg1Video,
                    256_000,
                    (320, 240),
                    25,
                    Some(12),
                    bounds
                ),
            ]
        );
        let response =
            include_bytes!("../../conformance/corpus/ffserver/http/32_feeder_get_2.response");
        assert_eq!(
            asked(&response[response.len() - 4096..]),
            [
                Asked {
                    codec: Some(CodecId::Aac),
                    bit_rate_bps: Some(64_000),
                    media: AskedMedia::Audio {
                        sample_rate_hz: Some(44_100),
                        channels: Some(1),
                    },
                },
                video(CodecId::H264, 800_000, (640, 360), 25, Some(25), None),
            ]
        );
    }
}
