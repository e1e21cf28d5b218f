//! Streams of a header as tracks.

use bytes::Bytes;
use media::bitstream::aac::AudioSpecificConfig;
use media::bitstream::avc_config::AvcConfig;
use media::bitstream::nal;
use media::bitstream::sps::Sps;
use media::{
    AudioParameters, CodecId, CodecParameters, FrameRate, MediaKind, MediaParameters, TimeBase,
    Track, VideoParameters,
};

use super::codec_ids;
use super::header::{Header, Settings, Stream, StreamKind};
use super::options::{self, Options};

impl Stream {
    /// The stream as a track, times in microseconds.
    ///
    /// # Errors
    /// What is not supported, in words: a codec number that is unknown here, or one of the other
    /// medium.
    pub fn track(&self) -> Result<Track, String> {
        track(self)
    }

    /// The encoder settings that the header tells as text; those of fixed fields are in
    /// [`Stream::settings`].
    #[must_use]
    pub fn options(&self) -> Options {
        all_options(self)
    }
}

impl Header {
    /// The tracks that the header tells.
    ///
    /// # Errors
    /// The reason for the first stream that is not supported, in words.
    pub fn tracks(&self) -> Result<Vec<Track>, String> {
        self.streams.iter().map(track).collect()
    }
}

/// The track of a stream; else what is not supported, in words.
pub(super) fn track(stream: &Stream) -> Result<Track, String> {
    let Some(codec) = codec_ids::codec(stream.codec_id) else {
        return Err(format!("codec number {:#x}", stream.codec_id));
    };
    let kind = match stream.kind {
        StreamKind::Video => MediaKind::Video,
        StreamKind::Audio => MediaKind::Audio,
    };
    if codec.kind() != kind {
        return Err(format!("{codec} as the other medium"));
    }
    let media = match kind {
        MediaKind::Video => MediaParameters::Video(video(stream)),
        MediaKind::Audio => MediaParameters::Audio(audio(stream)),
    };
    let mut params = CodecParameters {
        codec,
        bit_rate_bps: (stream.bit_rate != 0).then_some(stream.bit_rate),
        config: Bytes::new(),
        media,
    };
    params.config = config(stream, &params);
    size_from_config(&mut params);
    Ok(Track {
        time_base: TimeBase::MICROS,
        params,
    })
}

/// Completes a picture size that the header does not tell.
pub(super) fn size_from_config(params: &mut CodecParameters) {
    if let MediaParameters::Video(video) = &mut params.media
        && (video.width_px == 0 || video.height_px == 0)
        && let Some(sps) = Sps::find(&params.config)
    {
        video.width_px = sps.width_px;
        video.height_px = sps.height_px;
    }
}

/// Bytes of a NAL length prefix, if the extradata says that frames have such.
pub(super) fn nal_length_size(stream: &Stream) -> Option<usize> {
    let record = AvcConfig::parse(&stream.extradata).ok()?;
    Some(record.length_size)
}

fn config(stream: &Stream, params: &CodecParameters) -> Bytes {
    match params.codec {
        CodecId::H264 => match AvcConfig::parse(&stream.extradata) {
            Ok(record) => record.to_annex_b().into(),
            Err(_) => nal::parameter_sets(&stream.extradata).into(),
        },
        CodecId::Aac if AudioSpecificConfig::parse(&stream.extradata).is_none() => {
            low_complexity(params).unwrap_or_default()
        }
        CodecId::Mjpeg | CodecId::Mp2 | CodecId::Mp3 => Bytes::new(),
        _ => stream.extradata.clone(),
    }
}

/// Feeders without global headers leave the AudioSpecificConfig out; their encoders make AAC LC.
fn low_complexity(params: &CodecParameters) -> Option<Bytes> {
    let audio = params.audio()?;
    let channel_config = match audio.channels {
        channels @ 1..=6 => u8::try_from(channels).ok()?,
        8 => 7,
        _ => return None,
    };
    let config = AudioSpecificConfig {
        object_type: 2,
        sample_rate_hz: audio.sample_rate_hz,
        channel_config,
    };
    Some(config.write().into())
}

fn video(stream: &Stream) -> VideoParameters {
    match &stream.settings {
        Settings::Video(fields) => VideoParameters {
            width_px: fields.width.into(),
            height_px: fields.height.into(),
            frame_rate: FrameRate::new(fields.time_base_den, fields.time_base_num),
        },
        Settings::Audio(_) | Settings::Text { .. } => {
            let options = all_options(stream);
            let (width_px, height_px) = options::value(&options, "video_size")
                .and_then(|size| pair(size, 'x'))
                .unwrap_or((0, 0));
            VideoParameters {
                width_px,
                height_px,
                frame_rate: options::value(&options, "time_base")
                    .and_then(|base| pair(base, '/'))
                    .and_then(|(num, den)| FrameRate::new(den, num)),
            }
        }
    }
}

fn audio(stream: &Stream) -> AudioParameters {
    match &stream.settings {
        Settings::Audio(fields) => AudioParameters {
            sample_rate_hz: fields.sample_rate,
            channels: fields.channels,
        },
        Settings::Video(_) | Settings::Text { .. } => {
            let options = all_options(stream);
            AudioParameters {
                sample_rate_hz: options::number(&options, "ar").unwrap_or(0),
                channels: options::number(&options, "ac").unwrap_or(0),
            }
        }
    }
}

/// The settings of a stream as options; fixed fields give none.
pub(super) fn all_options(stream: &Stream) -> Options {
    let mut all = Options::new();
    if let Settings::Text { shared, private } = &stream.settings {
        for text in [shared, private].into_iter().flatten() {
            all.extend(options::parse(text));
        }
    }
    all
}

fn pair(text: &str, separator: char) -> Option<(u32, u32)> {
    let (first, second) = text.split_once(separator)?;
    Some((first.parse().ok()?, second.parse().ok()?))
}

/// The frame rate that a frame of `duration_us` shows: durations are cut to microseconds, so the
/// whole (or NTSC) rate nearby is meant.
pub(super) fn rate_of_duration(duration_us: u32) -> Option<FrameRate> {
    if duration_us == 0 {
        return None;
    }
    let whole = (1_000_000 + duration_us / 2) / duration_us;
    for (num, den) in [(whole, 1), (whole.checked_mul(1000)?, 1001)] {
        let Some(rate) = FrameRate::new(num, den) else {
            continue;
        };
        let meant = 1_000_000 * u64::from(rate.den()) / u64::from(rate.num());
        if meant.abs_diff(duration_us.into()) <= 1 {
            return Some(rate);
        }
    }
    FrameRate::new(1_000_000, duration_us)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rates_of_durations() {
        for (duration_us, want) in [
            (0, None),
            (40_000, Some((25, 1))),
            (200_000, Some((5, 1))),
            (33_333, Some((30, 1))),
            (33_366, Some((30_000, 1001))),
            (33_367, Some((30_000, 1001))),
            (41_708, Some((24_000, 1001))),
            (66_000, Some((1_000_000, 66_000))),
            (2_000_000, Some((1_000_000, 2_000_000))),
            (1, Some((1_000_000, 1))),
        ] {
            let want = want.and_then(|(num, den)| FrameRate::new(num, den));
            assert_eq!(rate_of_duration(duration_us), want, "{duration_us} us");
        }
    }
}
