//! The encoders before independent decoders: bit rates, key frames, quality, and the marks that later
//! tests read off pictures.

use std::fs;

use codecs::{VideoEncoder, VideoEncoderConfig, video_decoder, video_encoder};
use ferrocast::capture::stamp::{self, Stamp};
use ferrocast::capture::test_pattern::{TestPattern, TestPatternKind};
use media::{CodecId, FrameRate, Packet, VideoFrame};

use crate::harness::picture::Picture;
use crate::harness::scratch::Scratch;
use crate::harness::skip::has_tools;

/// Any moment; midnight UTC falls into none of the tests.
const START_MS: u64 = 1_700_000_000_000;

fn config(size: (u32, u32), fps: u32, bit_rate_bps: u32) -> VideoEncoderConfig {
    VideoEncoderConfig {
        width_px: size.0,
        height_px: size.1,
        frame_rate: FrameRate::new(fps, 1).expect("not 0"),
        bit_rate_bps,
        gop_size: 2 * fps,
        quantizer: None,
        skip_frames: false,
    }
}

/// The frames of a test pattern with the encoder's rate.
fn frames(
    kind: TestPatternKind,
    size: (u32, u32),
    config: &VideoEncoderConfig,
    count: u64,
) -> impl Iterator<Item = VideoFrame> {
    let pattern = TestPattern::new(kind, size.0, size.1, config.frame_rate).expect("a size");
    let frame_ms = 1000 / u64::from(config.frame_rate.num());
    (0..count).map(move |index| pattern.frame(index, START_MS + index * frame_ms))
}

fn encode(
    codec: CodecId,
    config: &VideoEncoderConfig,
    frames: impl Iterator<Item = VideoFrame>,
) -> Vec<Packet> {
    let mut encoder = video_encoder(codec, config).expect("an encoder");
    let mut packets = Vec::new();
    let drain = |encoder: &mut dyn VideoEncoder, packets: &mut Vec<Packet>| {
        packets.extend(std::iter::from_fn(|| {
            encoder.receive_packet().expect("a packet")
        }));
    };
    for frame in frames {
        encoder.send_frame(&frame).expect("encoded");
        drain(&mut *encoder, &mut packets);
    }
    encoder.flush().expect("flushed");
    drain(&mut *encoder, &mut packets);
    packets
}

fn bit_rate(packets: &[Packet], fps: u32) -> f64 {
    let bytes: usize = packets.iter().map(|packet| packet.data.len()).sum();
    bytes as f64 * 8.0 * f64::from(fps) / packets.len() as f64
}

/// The pictures as ffmpeg decodes them, which must not find an error; `None` without ffmpeg.
fn by_ffmpeg(format: &str, packets: &[Packet]) -> Option<Vec<Picture>> {
    if !has_tools(&["ffmpeg"]) {
        return None;
    }
    let scratch = Scratch::new();
    let path = scratch.file("stream");
    let stream: Vec<u8> = packets
        .iter()
        .flat_map(|packet| packet.data.to_vec())
        .collect();
    fs::write(&path, stream).expect("written");
    let path = path.to_str().expect("a text path");
    let pictures = Picture::decode_all(&["-f", format, "-i", path], packets.len() + 1);
    Some(pictures.expect("decoded without an error"))
}

fn read_stamp(luma: &[u8], width: usize, height: usize, stride: usize) -> Stamp {
    stamp::read(luma, width, height, stride).expect("a mark on every picture")
}

#[test]
fn h264_holds_its_bit_rate_and_its_gop_on_a_source_that_needs_the_rate() {
    for (size, fps, bit_rate_bps, level) in [
        ((352, 288), 10, 100_000, 8),
        ((640, 480), 25, 500_000, 6),
        ((1280, 720), 25, 2_000_000, 6),
    ] {
        let config = config(size, fps, bit_rate_bps);
        let kind = TestPatternKind::Noise { level };
        // At a fixed high quality the source takes far more.
        let fixed = VideoEncoderConfig {
            quantizer: Some((4, 4)),
            ..config
        };
        let needed = bit_rate(
            &encode(
                CodecId::H264,
                &fixed,
                frames(kind, size, &config, 2 * u64::from(fps)),
            ),
            fps,
        );
        assert!(needed > 3.0 * f64::from(bit_rate_bps), "{size:?}: {needed}");

        let count = 20 * u64::from(fps);
        let packets = encode(CodecId::H264, &config, frames(kind, size, &config, count));
        let got = bit_rate(&packets, fps) / f64::from(bit_rate_bps);
        eprintln!(
            "{size:?} at {bit_rate_bps} bit/s: {got:.4} of it, quantizer 4 needs {needed:.0}"
        );
        assert!(
            (0.9..1.1).contains(&got),
            "{size:?}: {got} of {bit_rate_bps} bit/s"
        );

        assert_eq!(packets.len() as u64, count, "no frame is skipped");
        let is_right = |(index, packet): (usize, &Packet)| {
            packet.key == (index % config.gop_size as usize == 0)
        };
        assert!(packets.iter().enumerate().all(is_right), "key frames");
        if let Some(pictures) = by_ffmpeg("h264", &packets) {
            assert_eq!(pictures.len(), packets.len());
        }
    }
}

#[test]
fn mjpeg_holds_its_bit_rate() {
    let size = (352, 288);
    let config = config(size, 10, 1_500_000);
    let kind = TestPatternKind::Noise { level: 8 };
    let packets = encode(CodecId::Mjpeg, &config, frames(kind, size, &config, 200));
    let got = bit_rate(&packets, 10) / 1_500_000.0;
    eprintln!("{got:.4} of the bit rate");
    assert!((0.9..1.1).contains(&got), "{got} of the bit rate");
    if let Some(pictures) = by_ffmpeg("mjpeg", &packets) {
        assert_eq!(pictures.len(), packets.len());
    }
}

#[test]
fn marks_survive_scaling_and_hard_compression() {
    for (codec, format, to, quantizer, bit_rate_bps) in [
        (CodecId::H264, "h264", (352, 288), None, 100_000),
        (CodecId::Mjpeg, "mjpeg", (160, 120), Some((31, 31)), 64_000),
    ] {
        for kind in [
            TestPatternKind::Testsrc,
            TestPatternKind::Testsrc2,
            TestPatternKind::Smptebars,
            TestPatternKind::Noise { level: 16 },
        ] {
            let config = VideoEncoderConfig {
                quantizer,
                ..config(to, 10, bit_rate_bps)
            };
            let packets = encode(codec, &config, frames(kind, (640, 480), &config, 50));
            let want: Vec<Stamp> = (0..50)
                .map(|index| Stamp::new(index, START_MS + index * 100))
                .collect();

            let mut decoder = video_decoder(codec, &[]).expect("a decoder");
            let mut got = Vec::new();
            for packet in &packets {
                decoder.send_packet(packet).expect("decoded");
                while let Some(frame) = decoder.receive_frame().expect("a frame") {
                    let (width, height) = (frame.width_px as usize, frame.height_px as usize);
                    let luma = &frame.planes[0];
                    got.push(read_stamp(&luma.data, width, height, luma.stride_bytes));
                }
            }
            assert_eq!(got, want, "{codec} {kind}");
            if let Some(pictures) = by_ffmpeg(format, &packets) {
                let stamps = pictures.iter().map(|picture| {
                    let (width, height) = (picture.width_px, picture.height_px);
                    read_stamp(&picture.gray, width, height, width)
                });
                assert_eq!(stamps.collect::<Vec<_>>(), want, "{codec} {kind} by ffmpeg");
            }
        }
    }
}

#[test]
fn ffmpeg_sees_what_was_encoded() {
    let size = (640, 480);
    for (codec, format, bit_rate_bps, least_db) in [
        (CodecId::H264, "h264", 1_500_000, 34.0),
        (CodecId::Mjpeg, "mjpeg", 12_000_000, 34.0),
    ] {
        let config = config(size, 25, bit_rate_bps);
        let sources: Vec<VideoFrame> =
            frames(TestPatternKind::Testsrc, size, &config, 50).collect();
        let packets = encode(codec, &config, sources.iter().cloned());
        let Some(pictures) = by_ffmpeg(format, &packets) else {
            return;
        };
        assert_eq!(pictures.len(), sources.len());
        for (index, (picture, source)) in pictures.iter().zip(&sources).enumerate() {
            // ffmpeg's gray is full range.
            let expand =
                |sample: u8| ((f64::from(sample) - 16.0) * 255.0 / 219.0).clamp(0.0, 255.0);
            let pairs = picture.gray.iter().zip(&source.planes[0].data);
            let squares: f64 = pairs
                .map(|(a, b)| (f64::from(*a) - expand(*b)).powi(2))
                .sum();
            let psnr_db = 10.0 * (65_025.0 * picture.gray.len() as f64 / squares.max(1.0)).log10();
            if index % 10 == 0 {
                eprintln!("{codec} frame {index}: {psnr_db:.1} dB");
            }
            assert!(psnr_db > least_db, "{codec} frame {index}: {psnr_db} dB");
        }
    }
}
