//! What encoding costs, in frames per second of processor time: the bare encoders beside the same
//! encoders behind the trait, and the way from the test pattern to the packet.
//!
//! `cargo bench --bench encode`. Each row is the median of five rounds; within a round the variants
//! take turns, so that a busy machine slows all of them.

#![expect(clippy::print_stdout, reason = "a bench's result is what it prints")]

use std::hint::black_box;

use codecs::{VideoEncoder, VideoEncoderConfig, video_decoder, video_encoder};
use ferrocast::capture::test_pattern::{TestPattern, TestPatternKind};
use media::{CodecId, FrameRate, Packet, VideoFrame};
use openh264::OpenH264API;
use openh264::encoder::{
    BitRate, Complexity, Encoder, EncoderConfig, FrameRate as RateHz, RateControlMode,
};
use openh264::formats::YUVSlices;
use rustix::time::{ClockId, clock_gettime};

const ROUNDS: usize = 5;
const FRAMES: u64 = 100;

/// One way of doing the work: its name and the processor seconds that a round took.
struct Variant<'a> {
    name: &'a str,
    run: Box<dyn FnMut() + 'a>,
    seconds: Vec<f64>,
}

fn cpu_seconds() -> f64 {
    let now = clock_gettime(ClockId::ThreadCPUTime);
    now.tv_sec as f64 + now.tv_nsec as f64 / 1e9
}

fn compare<'a>(title: &str, variants: impl IntoIterator<Item = (&'a str, Box<dyn FnMut() + 'a>)>) {
    let mut variants: Vec<Variant<'a>> = variants
        .into_iter()
        .map(|(name, run)| Variant {
            name,
            run,
            seconds: Vec::new(),
        })
        .collect();
    for _ in 0..ROUNDS {
        for variant in &mut variants {
            let start = cpu_seconds();
            (variant.run)();
            variant.seconds.push(cpu_seconds() - start);
        }
    }
    println!("\n{title}");
    for variant in &mut variants {
        variant.seconds.sort_by(f64::total_cmp);
        let fps = |seconds: f64| FRAMES as f64 / seconds;
        let (slow, fast) = (variant.seconds[ROUNDS - 1], variant.seconds[0]);
        println!(
            "  {:32} {:8.0} fps ({:.0} to {:.0})",
            variant.name,
            fps(variant.seconds[ROUNDS / 2]),
            fps(slow),
            fps(fast)
        );
    }
}

fn config(width_px: u32, height_px: u32, bit_rate_bps: u32) -> VideoEncoderConfig {
    VideoEncoderConfig {
        width_px,
        height_px,
        frame_rate: FrameRate::new(25, 1).expect("not 0"),
        bit_rate_bps,
        gop_size: 50,
        quantizer: None,
        skip_frames: false,
    }
}

fn encode<'a>(
    codec: CodecId,
    config: &VideoEncoderConfig,
    frames: impl IntoIterator<Item = &'a VideoFrame>,
) -> Vec<Packet> {
    let mut encoder = video_encoder(codec, config).expect("an encoder");
    let mut packets = Vec::new();
    for frame in frames {
        send(&mut *encoder, frame, &mut packets);
    }
    packets
}

fn send(encoder: &mut dyn VideoEncoder, frame: &VideoFrame, packets: &mut Vec<Packet>) {
    encoder.send_frame(frame).expect("encoded");
    packets.extend(std::iter::from_fn(|| {
        encoder.receive_packet().expect("a packet")
    }));
}

/// OpenH264 as its wrapper gives it, with our settings.
fn encode_bare(config: &VideoEncoderConfig, frames: &[VideoFrame]) {
    let settings = EncoderConfig::new()
        .bitrate(BitRate::from_bps(config.bit_rate_bps))
        .max_frame_rate(RateHz::from_hz(25.0))
        .rate_control_mode(RateControlMode::Bitrate)
        .skip_frames(false)
        .complexity(Complexity::Low)
        .adaptive_quantization(false)
        .background_detection(false)
        .scene_change_detect(false)
        .intra_frame_period(openh264::encoder::IntraFramePeriod::from_num_frames(50));
    let mut encoder =
        Encoder::with_api_config(OpenH264API::from_source(), settings).expect("an encoder");
    for frame in frames {
        let [y, u, v] = [0, 1, 2].map(|index| &frame.planes[index]);
        let picture = YUVSlices::new(
            (&y.data, &u.data, &v.data),
            (frame.width_px as usize, frame.height_px as usize),
            (y.stride_bytes, u.stride_bytes, v.stride_bytes),
        );
        black_box(encoder.encode(&picture).expect("encoded").to_vec());
    }
}

fn main() {
    println!(
        "assembly in the H.264 encoder and decoder: {}",
        codecs::simd()
    );
    let noise = TestPatternKind::Noise { level: 6 };
    for (width, height, bit_rate_bps) in [
        (352, 288, 400_000),
        (640, 480, 800_000),
        (1280, 720, 2_000_000),
    ] {
        let config = config(width, height, bit_rate_bps);
        let pattern =
            |kind| TestPattern::new(kind, width, height, config.frame_rate).expect("a size");
        let source = pattern(noise);
        let frames: Vec<VideoFrame> = (0..FRAMES).map(|index| source.frame(index, 0)).collect();

        compare(
            &format!("{width}x{height}: test patterns"),
            [
                TestPatternKind::Testsrc,
                TestPatternKind::Testsrc2,
                TestPatternKind::Smptebars,
                noise,
            ]
            .map(|kind| {
                let pattern = pattern(kind);
                let run = move || {
                    (0..FRAMES).for_each(|index| drop(black_box(pattern.frame(index, index * 40))))
                };
                (name(kind), Box::new(run) as Box<dyn FnMut()>)
            }),
        );

        compare(
            &format!("{width}x{height}: H.264 at {} kbit/s", bit_rate_bps / 1000),
            [
                (
                    "bare encoder",
                    Box::new(|| encode_bare(&config, &frames)) as Box<dyn FnMut()>,
                ),
                (
                    "behind the trait",
                    Box::new(|| drop(encode(CodecId::H264, &config, &frames))),
                ),
                (
                    "from test pattern to packet",
                    Box::new(|| {
                        let mut encoder =
                            video_encoder(CodecId::H264, &config).expect("an encoder");
                        let mut packets = Vec::new();
                        for index in 0..FRAMES {
                            send(
                                &mut *encoder,
                                &source.frame(index, index * 40),
                                &mut packets,
                            );
                        }
                    }),
                ),
            ],
        );

        let half = VideoEncoderConfig {
            width_px: width / 2,
            height_px: height / 2,
            ..config
        };
        let jpeg = VideoEncoderConfig {
            quantizer: Some((4, 4)),
            ..config
        };
        compare(
            &format!("{width}x{height}: others"),
            [
                (
                    "MJPEG, quantizer 4",
                    Box::new(|| drop(encode(CodecId::Mjpeg, &jpeg, &frames))) as Box<dyn FnMut()>,
                ),
                (
                    "H.264, scaled to a quarter",
                    Box::new(|| drop(encode(CodecId::H264, &half, &frames))),
                ),
            ],
        );

        let streams = [(CodecId::H264, config), (CodecId::Mjpeg, jpeg)]
            .map(|(codec, config)| (codec, encode(codec, &config, &frames)));
        compare(
            &format!("{width}x{height}: decoders"),
            streams.iter().map(|(codec, packets)| {
                let run = move || {
                    let mut decoder = video_decoder(*codec, &[]).expect("a decoder");
                    for packet in packets {
                        decoder.send_packet(packet).expect("decoded");
                        while let Some(frame) = decoder.receive_frame().expect("a frame") {
                            black_box(frame);
                        }
                    }
                };
                (codec.name(), Box::new(run) as Box<dyn FnMut()>)
            }),
        );
    }
}

const fn name(kind: TestPatternKind) -> &'static str {
    match kind {
        TestPatternKind::Testsrc => "testsrc",
        TestPatternKind::Testsrc2 => "testsrc2",
        TestPatternKind::Smptebars => "smptebars",
        _ => "noise",
    }
}
