//! What a feed asks its feeder to encode, and how it says so.

use formats::Format;
use formats::ffm::{
    self, AudioEncoding, EncodingKind, FeedHeader, VideoEncoding, options::Options,
};
use media::{CodecId, FrameRate, MediaKind};

use super::assign::Wanted;
use crate::config::model::{
    AudioSettings, StreamConfig, StreamFormat, StreamSource, VideoSettings,
};

/// A distinct encoding of a feed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Encoding {
    /// The codec, if the configuration names one. If not, each kind of feeder has its own default.
    pub codec: Option<CodecId>,
    /// What an old feeder is told, its default codec included.
    pub settings: ffm::Encoding,
    /// What the codec becomes for our own feeder; `None` where it has no encoder to fall back to.
    own_codec: Option<CodecId>,
    /// The streams that it serves, as indexes into the configuration's list.
    pub streams: Vec<usize>,
}

/// Defaults that ffserver fills in.
const BIT_RATE_BPS: u32 = 64_000;
const SAMPLE_RATE_HZ: u32 = 22_050;
const CHANNELS: u16 = 1;
const SIZE_PX: (u32, u32) = (160, 128);
const FRAME_RATE: FrameRate = match FrameRate::new(5, 1) {
    Some(rate) => rate,
    None => unreachable!(),
};

/// The distinct encodings that `streams` want of the feed `feed_name`, in ffserver's order: stream
/// by stream, audio before video. Streams that agree in codec, size, rate, bit rate and key frame
/// distance share one; its other settings are those of the first of them.
#[must_use]
pub fn encodings(feed_name: &str, streams: &[StreamConfig]) -> Vec<Encoding> {
    let mut encodings: Vec<Encoding> = Vec::new();
    for (index, stream) in streams.iter().enumerate() {
        if stream.source != StreamSource::Feed(feed_name.to_string()) {
            continue;
        }
        let audio = stream
            .audio
            .as_ref()
            .and_then(|settings| audio(settings, stream.format));
        let video = stream
            .video
            .as_ref()
            .map(|settings| video(settings, stream.format));
        for mut wanted in audio.into_iter().chain(video) {
            match encodings.iter_mut().find(|known| known.same(&wanted)) {
                Some(known) => known.streams.push(index),
                None => {
                    wanted.streams.push(index);
                    encodings.push(wanted);
                }
            }
        }
    }
    encodings
}

/// The encodings that serve stream `stream`, as indexes into `encodings`.
#[must_use]
pub fn of_stream(encodings: &[Encoding], stream: usize) -> Vec<usize> {
    let serving = |(_, encoding): &(usize, &Encoding)| encoding.streams.contains(&stream);
    let serving = encodings.iter().enumerate().filter(serving);
    serving.map(|(index, _)| index).collect()
}

/// The body that answers a GET of the feed, up to the first packet.
///
/// FFM1 in the layout of 0.8.9 to `Lavf53.*` and to `Lavf54` below 54.59, else FFM2. Our own feeder
/// is told H.264 where the configuration names no video codec (MJPEG stays), and no audio where it
/// names no audio codec; all others are told ffserver's defaults.
#[must_use]
pub fn feed_header(encodings: &[Encoding], user_agent: &str) -> Vec<u8> {
    let own = user_agent
        .get(..OWN_AGENT.len())
        .is_some_and(|start| start.eq_ignore_ascii_case(OWN_AGENT));
    let offered = encodings.iter().filter_map(|encoding| {
        let mut settings = encoding.settings.clone();
        if own {
            settings.codec = encoding.codec.or(encoding.own_codec)?;
        }
        Some(settings)
    });
    let header = FeedHeader {
        encodings: offered.collect(),
    };
    let mut body = Vec::new();
    if wants_ffm1(user_agent) {
        header.write_ffm1_08(&mut body);
    } else {
        header.write_ffm2(&mut body);
    }
    body
}

const OWN_AGENT: &str = "ferrocast/";

/// libavformat writes its version as `Lavf53.5.0`, later as `Lavf/57.66.102`.
fn wants_ffm1(user_agent: &str) -> bool {
    let Some(version) = user_agent.strip_prefix("Lavf") else {
        return false;
    };
    let version = version.strip_prefix('/').unwrap_or(version);
    let mut parts = version.split(|c: char| !c.is_ascii_digit());
    let mut number = || parts.next().and_then(|part| part.parse::<u32>().ok());
    match number() {
        Some(53) => true,
        Some(54) => number().is_some_and(|minor| minor < 59),
        _ => false,
    }
}

impl Encoding {
    /// What of it recognises a posted track.
    #[must_use]
    pub const fn wanted(&self) -> Wanted {
        let (kind, size_px) = match &self.settings.kind {
            EncodingKind::Video(video) => {
                (MediaKind::Video, Some((video.width_px, video.height_px)))
            }
            EncodingKind::Audio(_) => (MediaKind::Audio, None),
        };
        Wanted {
            kind,
            codec: self.codec,
            size_px,
        }
    }

    fn same(&self, other: &Self) -> bool {
        let (ours, theirs) = (&self.settings, &other.settings);
        ours.codec == theirs.codec
            && ours.bit_rate_bps == theirs.bit_rate_bps
            && ours.kind == theirs.kind
    }
}

fn video(settings: &VideoSettings, format: StreamFormat) -> Encoding {
    let (default_codec, own_codec) = default_video_codec(format);
    let codec = settings.codec.unwrap_or(default_codec);
    let bit_rate_bps = settings.bit_rate_bps.unwrap_or(BIT_RATE_BPS);
    let (width_px, height_px) = settings.size_px.unwrap_or(SIZE_PX);
    let frame_rate = settings.frame_rate.unwrap_or(FRAME_RATE);
    let mut options = settings.options.clone();
    let time_base = format!("{}/{}", frame_rate.den(), frame_rate.num());
    complete(&mut options, "b", || bit_rate_bps.to_string());
    complete(&mut options, "time_base", || time_base);
    complete(&mut options, "video_size", || {
        format!("{width_px}x{height_px}")
    });
    let numbers = [
        ("g", settings.gop_size),
        ("qmin", settings.qmin.map(u32::from)),
        ("qmax", settings.qmax.map(u32::from)),
    ];
    for (key, number) in numbers {
        if let Some(number) = number {
            complete(&mut options, key, || number.to_string());
        }
    }
    Encoding {
        codec: settings.codec,
        settings: ffm::Encoding {
            codec,
            bit_rate_bps,
            kind: EncodingKind::Video(VideoEncoding {
                width_px,
                height_px,
                frame_rate,
                gop_size: settings.gop_size,
            }),
            options,
        },
        own_codec: Some(own_codec),
        streams: Vec::new(),
    }
}

/// `None` if neither the configuration nor the format says how audio is coded.
fn audio(settings: &AudioSettings, format: StreamFormat) -> Option<Encoding> {
    let codec = settings.codec.or_else(|| default_audio_codec(format))?;
    let bit_rate_bps = settings.bit_rate_bps.unwrap_or(BIT_RATE_BPS);
    let sample_rate_hz = settings.sample_rate_hz.unwrap_or(SAMPLE_RATE_HZ);
    let channels = settings.channels.unwrap_or(CHANNELS);
    let mut options = settings.options.clone();
    complete(&mut options, "b", || bit_rate_bps.to_string());
    complete(&mut options, "ar", || sample_rate_hz.to_string());
    complete(&mut options, "ac", || channels.to_string());
    Some(Encoding {
        codec: settings.codec,
        settings: ffm::Encoding {
            codec,
            bit_rate_bps,
            kind: EncodingKind::Audio(AudioEncoding {
                sample_rate_hz,
                channels,
            }),
            options,
        },
        own_codec: None,
        streams: Vec::new(),
    })
}

fn complete(options: &mut Options, key: &str, value: impl FnOnce() -> String) {
    if options.iter().all(|(known, _)| known != key) {
        options.push((key.to_string(), value()));
    }
}

/// The video codec of a format for old feeders, and for our own.
fn default_video_codec(format: StreamFormat) -> (CodecId, CodecId) {
    match format {
        StreamFormat::Container(Format::Mjpeg | Format::MpJpeg | Format::Jpeg) => {
            (CodecId::Mjpeg, CodecId::Mjpeg)
        }
        StreamFormat::Container(format) => (container_video_codec(format), CodecId::H264),
        StreamFormat::Unavailable("mpeg" | "mpeg1video" | "vcd") => {
            (CodecId::Mpeg1Video, CodecId::H264)
        }
        StreamFormat::Unavailable("dvd" | "svcd" | "vob") => (CodecId::Mpeg2Video, CodecId::H264),
        StreamFormat::Unavailable("swf") => (CodecId::Flv1, CodecId::H264),
        StreamFormat::Unavailable("asf" | "asf_stream") => (CodecId::MsMpeg4V3, CodecId::H264),
        StreamFormat::Unavailable("rm") => (CodecId::Rv10, CodecId::H264),
        StreamFormat::Rtp | StreamFormat::Status | StreamFormat::Unavailable(_) => {
            (CodecId::Mpeg4, CodecId::H264)
        }
    }
}

const fn container_video_codec(format: Format) -> CodecId {
    match format {
        Format::Flv => CodecId::Flv1,
        Format::MpegTs => CodecId::Mpeg2Video,
        Format::H264 | Format::Mp4 => CodecId::H264,
        _ => CodecId::Mpeg4,
    }
}

/// The audio codec of a format for old feeders: one that their builds have without further
/// libraries, but for FLV.
const fn default_audio_codec(format: StreamFormat) -> Option<CodecId> {
    match format {
        StreamFormat::Container(Format::Avi | Format::MpegTs | Format::Ffm) => Some(CodecId::Mp2),
        StreamFormat::Container(Format::Flv) => Some(CodecId::Mp3),
        StreamFormat::Container(Format::Mp4) => Some(CodecId::Aac),
        StreamFormat::Container(_) | StreamFormat::Status => None,
        StreamFormat::Rtp | StreamFormat::Unavailable(_) => Some(CodecId::Mp2),
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use formats::ffm::options;

    use super::*;

    fn stream(name: &str, feed: &str, format: StreamFormat) -> StreamConfig {
        StreamConfig {
            name: name.into(),
            source: StreamSource::Feed(feed.into()),
            format,
            video: None,
            audio: None,
            preroll: Duration::ZERO,
            start_send_on_key: false,
            use_defaults: true,
            max_time: None,
            metadata: Vec::new(),
            bit_exact: false,
            acl: Default::default(),
        }
    }

    /// Video settings as the parser leaves them: text in file order, fields beside it.
    fn video(codec: Option<CodecId>, text: &str) -> VideoSettings {
        let options = options::parse(text);
        let pair = |key, by| {
            let (a, b) = options::value(&options, key)?.split_once(by)?;
            Some((a.parse::<u32>().unwrap(), b.parse::<u32>().unwrap()))
        };
        VideoSettings {
            codec,
            bit_rate_bps: options::number(&options, "b"),
            size_px: pair("video_size", 'x'),
            frame_rate: pair("time_base", '/').and_then(|(num, den)| FrameRate::new(den, num)),
            gop_size: options::number(&options, "g"),
            qmin: options::number(&options, "qmin"),
            qmax: options::number(&options, "qmax"),
            options,
        }
    }

    fn audio(codec: Option<CodecId>, text: &str) -> AudioSettings {
        let options = options::parse(text);
        AudioSettings {
            codec,
            bit_rate_bps: options::number(&options, "b"),
            sample_rate_hz: options::number(&options, "ar"),
            channels: options::number(&options, "ac"),
            options,
        }
    }

    const MPEG: StreamFormat = StreamFormat::Unavailable("mpeg");
    const AVI: StreamFormat = StreamFormat::Container(Format::Avi);
    const FLV: StreamFormat = StreamFormat::Container(Format::Flv);
    const TS: StreamFormat = StreamFormat::Container(Format::MpegTs);

    /// The live streams of conf/t08.conf.
    fn t08() -> Vec<StreamConfig> {
        let mut avi = stream("test.avi", "feed1.ffm", AVI);
        avi.video = Some(video(
            None,
            "flags=+bitexact,dct=fastint,idct=simple,time_base=1/10,video_size=352x288,b=100000,\
             g=30",
        ));
        let small = "time_base=1/25,video_size=320x240,b=256000";
        let mut flv = stream("live.flv", "feed1.ffm", FLV);
        flv.video = Some(video(None, small));
        let mut mpg = stream("live.mpg", "feed1.ffm", MPEG);
        mpg.video = Some(video(None, small));
        mpg.audio = Some(audio(Some(CodecId::Mp2), "b=64000,ar=44100,ac=1"));
        let mut rtp = stream("live.rtp", "feed1.ffm", StreamFormat::Rtp);
        rtp.video = Some(video(
            Some(CodecId::Mpeg4),
            "time_base=1/10,video_size=352x288,b=100000,g=30",
        ));
        vec![avi, flv, mpg, rtp]
    }

    /// The live streams of conf/t32.conf.
    fn t32() -> Vec<StreamConfig> {
        let mut streams = t08();
        let small = "time_base=1/25,video_size=320x240,b=256000,flags=+global_header";
        let mut asf = stream("live.asf", "feed1.ffm", StreamFormat::Unavailable("asf"));
        asf.video = Some(video(Some(CodecId::MsMpeg4V3), small));
        streams.insert(2, asf);
        let tiny = "time_base=1/5,video_size=160x128,b=500000,qmin=2,qmax=10,strict=-1";
        for (index, name, format) in [
            (4, "live.mjpg", Format::MpJpeg),
            (5, "snap.jpg", Format::Jpeg),
        ] {
            let mut picture = stream(name, "feed1.ffm", StreamFormat::Container(format));
            picture.video = Some(video(None, tiny));
            streams.insert(index, picture);
        }
        let large = "time_base=1/25,video_size=640x360,b=800000,g=25,preset=veryfast,\
                     flags=+global_header";
        let sound = "b=64000,ar=44100,ac=1,flags=+global_header";
        for (name, format) in [("h264.ts", TS), ("h264.rtp", StreamFormat::Rtp)] {
            let mut h264 = stream(name, "feed2.ffm", format);
            h264.video = Some(video(Some(CodecId::H264), large));
            h264.audio = Some(audio(Some(CodecId::Aac), sound));
            streams.push(h264);
        }
        streams
    }

    fn corpus(path: &str) -> Vec<u8> {
        let root = concat!(env!("CARGO_MANIFEST_DIR"), "/conformance/corpus/ffserver/");
        std::fs::read(format!("{root}{path}")).unwrap()
    }

    fn body(response: &[u8]) -> &[u8] {
        let head = response
            .windows(4)
            .position(|bytes| bytes == b"\r\n\r\n")
            .unwrap();
        &response[head + 4..]
    }

    #[test]
    fn answers_equal_the_recorded_ones() {
        const OLD: &str = "Lavf53.5.0";
        const NEW: &str = "Lavf/57.66.102";
        for (name, streams, feed, agent, recorded) in [
            (
                "0.8.9",
                t08(),
                "feed1.ffm",
                OLD,
                "http/08_feeder_get.response",
            ),
            (
                "3.2, feed 1",
                t32(),
                "feed1.ffm",
                NEW,
                "http/32_feeder_get_1.response",
            ),
            (
                "3.2, feed 2",
                t32(),
                "feed2.ffm",
                NEW,
                "http/32_feeder_get_2.response",
            ),
        ] {
            let answer = feed_header(&encodings(feed, &streams), agent);
            let recorded = corpus(recorded);
            let recorded = body(&recorded);
            let differing = answer.iter().zip(recorded).position(|(a, b)| a != b);
            assert_eq!((answer.len(), differing), (recorded.len(), None), "{name}");
        }
    }

    #[test]
    fn streams_share_encodings_that_agree() {
        let wanted = encodings("feed1.ffm", &t32());
        let streams: Vec<_> = wanted
            .iter()
            .map(|encoding| encoding.streams.clone())
            .collect();
        assert_eq!(
            streams,
            [vec![0, 6], vec![1], vec![2], vec![3], vec![3], vec![4, 5]]
        );
        assert_eq!(of_stream(&wanted, 3), [3, 4], "audio before video");
        assert_eq!(of_stream(&wanted, 6), [0]);
        assert!(encodings("feed3.ffm", &t32()).is_empty());
    }

    #[test]
    fn what_is_not_configured_is_filled_in() {
        let mut bare = stream("bare.ts", "feed1.ffm", TS);
        bare.video = Some(video(None, ""));
        bare.audio = Some(audio(None, ""));
        let wanted = encodings("feed1.ffm", &[bare]);
        assert_eq!(wanted[0].settings.codec, CodecId::Mp2);
        assert_eq!(wanted[0].codec, None);
        assert_eq!(
            wanted[0].settings.options,
            options::parse("b=64000,ar=22050,ac=1")
        );
        let text = "b=64000,time_base=1/5,video_size=160x128";
        assert_eq!(wanted[1].settings.options, options::parse(text));
        assert_eq!(wanted[1].wanted().size_px, Some((160, 128)));
    }

    #[test]
    fn our_own_feeder_is_told_codecs_that_it_has() {
        let codecs = |streams: &[StreamConfig], agent: &str| {
            let answer = feed_header(&encodings("feed1.ffm", streams), agent);
            let header = FeedHeader::parse(&answer).unwrap().unwrap();
            let codecs = header.encodings.iter().map(|encoding| encoding.codec);
            codecs.collect::<Vec<_>>()
        };
        use CodecId::{Flv1, H264, Mjpeg, Mp2, Mp3, Mpeg1Video, Mpeg4, MsMpeg4V3};
        let old = [Mpeg4, Flv1, MsMpeg4V3, Mp2, Mpeg1Video, Mjpeg];
        assert_eq!(codecs(&t32(), "curl/8.5.0"), old);
        // A codec that the configuration names stands: live.asf's, and live.mpg's audio.
        let own = [H264, H264, MsMpeg4V3, Mp2, H264, Mjpeg];
        assert_eq!(codecs(&t32(), "ferrocast/0.1.0"), own);

        let mut noisy = stream("noisy.flv", "feed1.ffm", FLV);
        noisy.video = Some(video(None, ""));
        noisy.audio = Some(audio(None, ""));
        assert_eq!(codecs(&[noisy.clone()], "Lavf/57.66.102"), [Mp3, Flv1]);
        assert_eq!(codecs(&[noisy], "ferrocast/0.1.0"), [H264]);
    }

    #[test]
    fn header_syntax_goes_by_the_version_of_the_feeder() {
        for (agent, ffm1) in [
            ("Lavf53.5.0", true),
            ("Lavf53.32.100", true),
            ("Lavf/53.5.0", true),
            ("Lavf54.0.0", true),
            ("Lavf54.58.100", true),
            ("Lavf54.59.100", false),
            ("Lavf54", false),
            ("Lavf55.0.0", false),
            ("Lavf/57.66.102", false),
            ("Lavf", false),
            ("Lavfx53", false),
            ("curl/8.5.0", false),
            ("", false),
        ] {
            assert_eq!(wants_ffm1(agent), ffm1, "{agent}");
        }
    }
}
