use media::bitstream::jpeg::{EOI, JpegHeader, SOI};
use media::{CodecId, FrameRate, Packet, PixelFormat, Timestamp, VideoFrame};

use crate::{CodecError, VideoEncoderConfig, video_decoder, video_encoder};

fn config(width_px: u32, height_px: u32) -> VideoEncoderConfig {
    VideoEncoderConfig {
        width_px,
        height_px,
        frame_rate: FrameRate::new(10, 1).unwrap(),
        bit_rate_bps: 400_000,
        gop_size: 12,
        quantizer: None,
        skip_frames: false,
    }
}

/// Smooth in all planes, so that JPEG keeps it nearly exactly.
fn smooth(format: PixelFormat, width: u32, height: u32) -> VideoFrame {
    let mut frame = VideoFrame::black(width, height, Timestamp(123_456));
    frame.format = format;
    for (index, plane) in frame.planes.iter_mut().enumerate() {
        let stride = plane.stride_bytes;
        for (at, sample) in plane.data.iter_mut().enumerate() {
            *sample = 60 + u8::try_from((at % stride + at / stride) / (index + 1) % 130).unwrap();
        }
    }
    frame
}

fn encode_one(config: &VideoEncoderConfig, frame: &VideoFrame) -> Packet {
    let mut encoder = video_encoder(CodecId::Mjpeg, config).unwrap();
    encoder.send_frame(frame).unwrap();
    encoder.receive_packet().unwrap().unwrap()
}

fn decode_one(packet: &Packet) -> Result<VideoFrame, CodecError> {
    let mut decoder = video_decoder(CodecId::Mjpeg, &[]).unwrap();
    decoder.send_packet(packet)?;
    Ok(decoder.receive_frame().unwrap().unwrap())
}

fn largest_difference(a: &VideoFrame, b: &VideoFrame) -> u8 {
    let planes = a.planes.iter().zip(&b.planes);
    let samples = planes.flat_map(|(a, b)| a.data.iter().zip(&b.data));
    samples.map(|(a, b)| a.abs_diff(*b)).max().unwrap()
}

#[test]
fn images_are_baseline_420_with_tables_and_decode_to_the_source() {
    for (width, height) in [(64, 48), (63, 47), (16, 16), (353, 1), (1, 1), (1, 90)] {
        let config = VideoEncoderConfig {
            quantizer: Some((1, 1)),
            ..config(width, height)
        };
        let source = smooth(PixelFormat::J420, width, height);
        let packet = encode_one(&config, &source);
        assert!(packet.data.starts_with(&SOI) && packet.data.ends_with(&EOI));
        assert!(
            packet.data.windows(2).any(|marker| marker == [0xff, 0xc0]),
            "baseline frame"
        );
        assert!(packet.key && packet.pts == source.pts && packet.duration == 100_000);
        let header = JpegHeader::parse(&packet.data).unwrap();
        assert_eq!((header.width_px, header.height_px), (width, height));
        assert_eq!((header.luma_sampling, header.components), ((2, 2), 3));
        assert!(header.has_huffman_tables);

        let decoded = decode_one(&packet).unwrap();
        assert_eq!(
            (decoded.format, decoded.pts),
            (PixelFormat::J420, source.pts)
        );
        let difference = largest_difference(&source, &decoded);
        assert!(difference <= 12, "{width}x{height}: {difference}");
    }
}

#[test]
fn limited_range_becomes_full() {
    let config = VideoEncoderConfig {
        quantizer: Some((1, 1)),
        ..config(64, 48)
    };
    let mut source = VideoFrame::black(64, 48, Timestamp::ZERO);
    source.planes[0].data[64 * 24..].fill(235);
    let decoded = decode_one(&encode_one(&config, &source)).unwrap();
    assert!(decoded.planes[0].data[0] <= 1 && decoded.planes[0].data[64 * 47] >= 254);
}

#[test]
fn quantizer_bounds_hold_whatever_the_bit_rate() {
    // The first luma quantizer of annex K is 16; it is scaled by quantizer / 8.
    for (bounds, bit_rate_bps, want) in [
        ((2, 2), 1, 4),
        ((8, 8), 1, 16),
        ((31, 31), u32::MAX, 62),
        ((3, 16), u32::MAX, 6),
        ((3, 16), 1, 32),
        ((16, 3), 1, 32),
    ] {
        let config = VideoEncoderConfig {
            quantizer: Some(bounds),
            bit_rate_bps,
            ..config(64, 48)
        };
        let packet = encode_one(&config, &smooth(PixelFormat::J420, 64, 48));
        let dqt = packet
            .data
            .windows(2)
            .position(|marker| marker == [0xff, 0xdb])
            .unwrap();
        let first = i32::from(packet.data[dqt + 5]);
        assert!(
            (first - want).abs() <= 2,
            "{bounds:?} at {bit_rate_bps}: {first}, not {want}"
        );
    }
}

#[test]
fn images_without_huffman_tables_get_the_standard_ones() {
    let source = smooth(PixelFormat::J420, 64, 48);
    let packet = encode_one(&config(64, 48), &source);
    let mut stripped = packet.data[..2].to_vec();
    let mut rest = &packet.data[2..];
    while rest[1] != 0xda {
        let len = 2 + usize::from(u16::from_be_bytes([rest[2], rest[3]]));
        if rest[1] != 0xc4 {
            stripped.extend_from_slice(&rest[..len]);
        }
        rest = &rest[len..];
    }
    stripped.extend_from_slice(rest);
    assert!(!JpegHeader::parse(&stripped).unwrap().has_huffman_tables);
    let bare = Packet {
        data: stripped.into(),
        ..packet.clone()
    };
    let (with, without) = (decode_one(&packet).unwrap(), decode_one(&bare).unwrap());
    assert_eq!(with.planes, without.planes);
}

#[test]
fn every_prefix_and_every_flipped_byte_is_survived() {
    let packet = encode_one(&config(32, 16), &smooth(PixelFormat::J420, 32, 16));
    for len in 0..packet.data.len() {
        let cut = Packet {
            data: packet.data.slice(..len),
            ..packet.clone()
        };
        let header_complete = JpegHeader::parse(&cut.data).is_some();
        assert!(header_complete || decode_one(&cut).is_err(), "{len} bytes");
        for bit in [0x01, 0x80, 0xff] {
            let mut data = packet.data.to_vec();
            data[len] ^= bit;
            // The result does not matter: decoders disagree on damaged images.
            let _result = decode_one(&Packet {
                data: data.into(),
                ..packet.clone()
            });
        }
    }
}

#[test]
fn sizes_out_of_bounds_are_refused() {
    for (width, height) in [(0, 1), (1, 0), (16_385, 1), (1, u32::MAX)] {
        let result = video_encoder(CodecId::Mjpeg, &config(width, height));
        assert!(
            matches!(result, Err(CodecError::Size { .. })),
            "{width}x{height}"
        );
    }
}

#[test]
fn images_of_other_programs_and_samplings_decode_as_there() {
    let corpus = concat!(env!("CARGO_MANIFEST_DIR"), "/../conformance/corpus/mjpeg");
    // How many chroma samples of the image one of the frame is the mean of; none without colour.
    for (name, block) in [
        ("yuvj420p", Some((1, 1))),
        ("yuvj422p", Some((1, 2))),
        ("yuvj444p", Some((2, 2))),
        ("gray", None),
    ] {
        let read = |suffix| std::fs::read(format!("{corpus}/ffmpeg_{name}.{suffix}")).unwrap();
        let packet = Packet {
            track: 0,
            pts: Timestamp(40_000),
            dts: Timestamp(40_000),
            duration: 0,
            key: true,
            discontinuity: false,
            data: read("jpg").into(),
        };
        let frame = decode_one(&packet).unwrap();
        assert_eq!(
            (frame.format, frame.pts),
            (PixelFormat::J420, Timestamp(40_000))
        );
        assert_eq!((frame.width_px, frame.height_px), (62, 46), "{name}");
        let decoded = read("yuv"); // as ffmpeg decodes it, not converted
        let (luma, mut rest) = decoded.split_at(62 * 46);
        let mut want = vec![luma.to_vec()];
        for _ in 0..2 {
            let Some((across, down)) = block else {
                want.push(vec![128; 31 * 23]);
                continue;
            };
            let (plane, after) = rest.split_at(31 * across * 23 * down);
            rest = after;
            want.push(mean_of_blocks(plane, across, down));
        }
        for (plane, want) in frame.planes.iter().zip(&want) {
            assert_eq!(plane.data.len(), want.len());
            let pairs = plane.data.iter().zip(want);
            let squares: f64 = pairs.map(|(a, b)| f64::from(a.abs_diff(*b)).powi(2)).sum();
            let rms = (squares / want.len() as f64).sqrt();
            assert!(rms < 1.0, "{name}: {rms}");
        }
    }
}

/// A chroma plane of 31x23 samples, each the mean of a block.
fn mean_of_blocks(plane: &[u8], across: usize, down: usize) -> Vec<u8> {
    let mean = |at: usize| {
        let (x, y) = (at % 31 * across, at / 31 * down);
        let lines = (y..y + down).map(|y| &plane[y * 31 * across + x..][..across]);
        let sum: usize = lines.flatten().map(|sample| usize::from(*sample)).sum();
        u8::try_from((sum + across * down / 2) / (across * down)).unwrap()
    };
    (0..31 * 23).map(mean).collect()
}
