//! Plans for the feeds and inputs that people have.

use bytes::Bytes;
use media::{AudioParameters, MediaParameters, Packet, Timestamp, VideoParameters};

use super::*;
use crate::pipeline::tests::HoldingEncoder;

fn rate(frames: u32) -> FrameRate {
    FrameRate::new(frames, 1).unwrap()
}

fn asked(codec: CodecId, size_px: (u32, u32), frames: u32) -> Asked {
    Asked {
        codec: Some(codec),
        bit_rate_bps: Some(100_000),
        media: AskedMedia::Video(AskedVideo {
            size_px: Some(size_px),
            frame_rate: Some(rate(frames)),
            gop_size: Some(30),
            quantizer: None,
        }),
    }
}

fn asked_audio(codec: CodecId) -> Asked {
    Asked {
        codec: Some(codec),
        bit_rate_bps: Some(64_000),
        media: AskedMedia::Audio {
            sample_rate_hz: Some(44_100),
            channels: Some(1),
        },
    }
}

fn track(codec: CodecId) -> Track {
    let media = match codec.kind() {
        MediaKind::Video => MediaParameters::Video(VideoParameters {
            width_px: 352,
            height_px: 288,
            frame_rate: Some(rate(10)),
        }),
        MediaKind::Audio => MediaParameters::Audio(AudioParameters {
            sample_rate_hz: 44_100,
            channels: 1,
        }),
    };
    Track {
        time_base: TimeBase::MILLIS,
        params: CodecParameters {
            codec,
            bit_rate_bps: None,
            config: Bytes::new(),
            media,
        },
    }
}

/// What fits `asked(_, (352, 288), 10)`.
fn fitting() -> Observation {
    let mut observed = Observation::default();
    for index in 0..61 {
        observed.add(&Packet {
            track: 0,
            pts: Timestamp(index * 100_000),
            dts: Timestamp(index * 100_000),
            duration: 0,
            key: index % 30 == 0,
            discontinuity: false,
            data: Bytes::from_static(b"small"),
        });
    }
    observed
}

/// Encoders of H.264 and MJPEG, as the program has.
fn fake_encoder(
    codec: CodecId,
    config: &VideoEncoderConfig,
) -> Result<Box<dyn VideoEncoder>, CodecError> {
    match codec {
        CodecId::H264 | CodecId::Mjpeg => {
            Ok(Box::new(HoldingEncoder::with_parameters(CodecParameters {
                codec,
                bit_rate_bps: Some(config.bit_rate_bps),
                config: Bytes::new(),
                media: MediaParameters::Video(VideoParameters {
                    width_px: config.width_px,
                    height_px: config.height_px,
                    frame_rate: Some(config.frame_rate),
                }),
            })))
        }
        _ => Err(CodecError::Unsupported {
            codec,
            direction: "encoder",
        }),
    }
}

fn make_plan(asked: &[Asked], kind: &InputKind, wishes: Wishes) -> Result<Plan, PlanError> {
    let tracks = match kind {
        InputKind::Frames { .. } => 0,
        InputKind::Packets(tracks) => tracks.len(),
    };
    let observed = vec![fitting(); tracks];
    let source = Source {
        kind,
        observed: &observed,
    };
    make(asked, &source, wishes, &fake_encoder)
}

/// Jobs in short: `encode 10 -> [0, 2]`, `copy 1 -> [1]`.
fn jobs(plan: &Plan) -> Vec<String> {
    let job = |job: &Job| match job {
        Job::Encode {
            frame_rate, tracks, ..
        } => format!("encode {frame_rate} -> {tracks:?}"),
        Job::Copy { source, tracks } => format!("copy {source} -> {tracks:?}"),
    };
    plan.jobs.iter().map(job).collect()
}

fn codecs_of(plan: &Plan) -> Vec<CodecId> {
    plan.tracks.iter().map(|track| track.params.codec).collect()
}

const FRAMES: InputKind = InputKind::Frames {
    size_px: (640, 480),
    frame_rate: FrameRate::new(25, 1).unwrap(),
};

#[test]
fn encodings_that_come_out_alike_are_made_once_and_sent_for_each() {
    let asked = [
        asked(CodecId::Mpeg4, (352, 288), 10),
        asked(CodecId::H264, (352, 288), 10),
        asked(CodecId::Mjpeg, (352, 288), 10),
        asked(CodecId::Flv1, (352, 288), 25),
    ];
    let plan = make_plan(&asked, &FRAMES, Wishes::default()).unwrap();
    assert_eq!(
        jobs(&plan),
        [
            "encode 10 -> [0, 1]",
            "encode 10 -> [2]",
            "encode 25 -> [3]"
        ]
    );
    assert_eq!(
        codecs_of(&plan),
        [CodecId::H264, CodecId::H264, CodecId::Mjpeg, CodecId::H264]
    );
    assert_eq!(
        plan.warnings,
        [
            "stream 0 of the feed is to be mpeg4, for which there is no encoder here; it becomes \
             h264",
            "stream 3 of the feed is to be flv1, for which there is no encoder here; it becomes \
             h264",
        ]
    );
}

#[test]
fn what_fits_is_copied_by_itself_and_what_does_not_is_encoded_with_the_reason() {
    let input = InputKind::Packets(vec![track(CodecId::Aac), track(CodecId::Mjpeg)]);
    let asked = [
        asked(CodecId::Mjpeg, (352, 288), 10),
        asked(CodecId::Mjpeg, (176, 144), 10),
    ];
    let plan = make_plan(&asked, &input, Wishes::default()).unwrap();
    assert_eq!(jobs(&plan), ["copy 1 -> [0]", "encode 10 -> [1]"]);
    assert_eq!(plan.warnings, [""; 0]);
    assert!(
        plan.notes.contains(
            &"stream 1 is encoded, the input does not fit: it is 352x288, not 176x144".to_owned()
        ),
        "{:?}",
        plan.notes
    );
}

#[test]
fn copy_is_obeyed_where_nothing_fits() {
    let input = InputKind::Packets(vec![track(CodecId::Hevc), track(CodecId::Aac)]);
    let asked = [
        asked(CodecId::H264, (64, 48), 5),
        asked_audio(CodecId::Mp2),
        asked(CodecId::Mjpeg, (32, 24), 5),
    ];
    let wishes = Wishes {
        copy_video: true,
        copy_audio: true,
        ..Wishes::default()
    };
    let plan = make_plan(&asked, &input, wishes).unwrap();
    assert_eq!(jobs(&plan), ["copy 0 -> [0, 2]", "copy 1 -> [1]"]);
    assert_eq!(
        codecs_of(&plan),
        [CodecId::Hevc, CodecId::Aac, CodecId::Hevc]
    );
    assert_eq!(plan.warnings.len(), 2);
}

#[test]
fn audio_is_copied_where_it_is_alike_and_left_out_with_the_reason_elsewhere() {
    for (name, input, codec, wishes, tracks, warning) in [
        (
            "alike",
            InputKind::Packets(vec![track(CodecId::Mjpeg), track(CodecId::Aac)]),
            CodecId::Aac,
            Wishes::default(),
            2,
            None,
        ),
        (
            "another codec",
            InputKind::Packets(vec![track(CodecId::Mjpeg), track(CodecId::Aac)]),
            CodecId::Mp2,
            Wishes::default(),
            1,
            Some(
                "stream 1 of the feed (mp2) is left out: there is no audio encoder here, and the \
                 input has aac 44100 Hz, 1 channel; -c:a copy sends that",
            ),
        ),
        (
            "pictures only",
            FRAMES,
            CodecId::Mp2,
            Wishes::default(),
            1,
            Some("stream 1 of the feed (mp2) is left out: the input has no audio"),
        ),
        (
            "not wanted",
            FRAMES,
            CodecId::Mp2,
            Wishes {
                no_audio: true,
                ..Wishes::default()
            },
            1,
            Some("stream 1 of the feed (mp2) is left out: as -an says"),
        ),
    ] {
        let asked = [asked(CodecId::Mjpeg, (352, 288), 10), asked_audio(codec)];
        let plan = make_plan(&asked, &input, wishes).unwrap();
        assert_eq!(plan.tracks.len(), tracks, "{name}");
        let warnings: Vec<_> = plan.warnings.iter().map(String::as_str).collect();
        assert_eq!(warnings, warning.into_iter().collect::<Vec<_>>(), "{name}");
    }
}

#[test]
fn what_the_feed_leaves_open_is_taken_from_the_input() {
    let open = Asked {
        codec: None,
        bit_rate_bps: None,
        media: AskedMedia::Video(AskedVideo::default()),
    };
    let plan = make_plan(&[open], &FRAMES, Wishes::default()).unwrap();
    let params = &plan.tracks[0].params;
    assert_eq!(params.codec, CodecId::H264);
    assert_eq!(params.bit_rate_bps, Some(768_000));
    let video = params.video().unwrap();
    assert_eq!((video.width_px, video.height_px), (640, 480));
    assert_eq!(video.frame_rate, Some(rate(25)));
    assert!(
        plan.notes[0].ends_with("key frame every 50"),
        "{:?}",
        plan.notes
    );
}

#[test]
fn plans_that_come_to_nothing_say_why() {
    let error = make_plan(&[], &FRAMES, Wishes::default()).unwrap_err();
    assert_eq!(error.to_string(), "the feed asks for no streams");
    let error = make_plan(&[asked_audio(CodecId::Mp2)], &FRAMES, Wishes::default()).unwrap_err();
    assert_eq!(
        error.to_string(),
        "nothing of what the feed asks for can be made of this input: stream 0 of the feed (mp2) \
         is left out: the input has no audio"
    );
    let input = InputKind::Packets(vec![track(CodecId::Hevc)]);
    let asked = [asked(CodecId::H264, (352, 288), 10)];
    let error = make_plan(&asked, &input, Wishes::default()).unwrap_err();
    assert_eq!(
        crate::feeder::chain(&error),
        "the input cannot be decoded; -c copy sends it as it is: no decoder for hevc in this build"
    );
}
