//! Streams made by x264 through ffmpeg, beside ffmpeg's list of their packets and of the frames that
//! it decodes from them (`-f framecrc`: stream, dts, pts, duration, bytes, Adler-32 from 0).

use std::fs;
use std::path::PathBuf;

use media::{CodecId, Packet, PixelFormat, Timestamp, VideoFrame};

use crate::{CodecError, VideoDecoder, video_decoder};

fn read(name: &str) -> Vec<u8> {
    let corpus = concat!(env!("CARGO_MANIFEST_DIR"), "/../conformance/corpus/h264");
    fs::read(PathBuf::from(corpus).join(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
}

/// Columns of a framecrc list.
struct Line {
    dts: i64,
    pts: i64,
    bytes: usize,
    adler32: u32,
}

fn lines(name: &str) -> Vec<Line> {
    let text = String::from_utf8(read(name)).unwrap();
    text.lines()
        .map(|line| {
            let columns: Vec<&str> = line.split(',').map(str::trim).collect();
            Line {
                dts: columns[1].parse().unwrap(),
                pts: columns[2].parse().unwrap(),
                bytes: columns[4].parse().unwrap(),
                adler32: u32::from_str_radix(&columns[5][2..], 16).unwrap(),
            }
        })
        .collect()
}

fn packets(name: &str) -> Vec<Packet> {
    let stream = read(&format!("{name}.h264"));
    let mut rest = stream.as_slice();
    lines(&format!("{name}.packets"))
        .into_iter()
        .map(|line| {
            let (data, after) = rest.split_at(line.bytes);
            rest = after;
            Packet {
                track: 0,
                pts: Timestamp(line.pts),
                dts: Timestamp(line.dts),
                duration: 0,
                key: media::bitstream::nal::is_idr(data),
                discontinuity: false,
                data: data.to_vec().into(),
            }
        })
        .collect()
}

fn adler32(frame: &VideoFrame) -> u32 {
    let (mut a, mut b) = (0_u32, 0_u32);
    for sample in frame.planes.iter().flat_map(|plane| &plane.data) {
        a = (a + u32::from(*sample)) % 65_521;
        b = (b + a) % 65_521;
    }
    b << 16 | a
}

fn receive(decoder: &mut dyn VideoDecoder, frames: &mut Vec<VideoFrame>) {
    frames.extend(std::iter::from_fn(|| decoder.receive_frame().unwrap()));
}

const STREAMS: [(&str, PixelFormat); 5] = [
    ("x264_baseline", PixelFormat::I420),
    ("x264_main_b2", PixelFormat::I420),
    ("x264_high_b_pyramid", PixelFormat::I420),
    ("x264_high_no_b", PixelFormat::I420),
    ("x264_full_range", PixelFormat::J420),
];

#[test]
fn frames_equal_ffmpegs_bit_for_bit_in_display_order_with_their_times() {
    for (name, format) in STREAMS {
        let packets = packets(name);
        let mut times: Vec<i64> = packets.iter().map(|packet| packet.pts.0).collect();
        times.sort_unstable();
        let mut decoder = video_decoder(CodecId::H264, &[]).unwrap();
        let mut frames = Vec::new();
        for packet in &packets {
            decoder.send_packet(packet).unwrap();
            receive(&mut *decoder, &mut frames);
        }
        decoder.flush().unwrap();
        receive(&mut *decoder, &mut frames);

        let got: Vec<_> = frames
            .iter()
            .map(|frame| (frame.pts.0, adler32(frame)))
            .collect();
        let crcs = lines(&format!("{name}.frames"))
            .into_iter()
            .map(|line| line.adler32);
        let want: Vec<_> = times.into_iter().zip(crcs).collect();
        assert_eq!(got, want, "{name}");
        assert!(frames.iter().all(|frame| frame.format == format), "{name}");
    }
}

#[test]
fn without_b_frames_each_packet_gives_its_frame_at_once() {
    for name in ["x264_baseline", "x264_high_no_b"] {
        let mut decoder = video_decoder(CodecId::H264, &[]).unwrap();
        for packet in packets(name) {
            let mut frames = Vec::new();
            decoder.send_packet(&packet).unwrap();
            receive(&mut *decoder, &mut frames);
            let times: Vec<_> = frames.iter().map(|frame| frame.pts).collect();
            assert_eq!(times, [packet.pts], "{name}");
        }
    }
}

#[test]
fn what_cannot_be_decoded_is_named() {
    for (name, want) in [
        (
            "x264_interlaced",
            "h264 with interlaced pictures cannot be decoded",
        ),
        ("x264_422", "h264 with 4:2:2 samples cannot be decoded"),
        ("x264_10bit", "h264 with 10 bits a sample cannot be decoded"),
    ] {
        let packet = packets(name).remove(0);
        let config = media::bitstream::nal::parameter_sets(&packet.data);
        let error = video_decoder(CodecId::H264, &config).unwrap_err();
        assert!(matches!(error, CodecError::Feature { .. }));
        assert_eq!(error.to_string(), want);
        let mut decoder = video_decoder(CodecId::H264, &[]).unwrap();
        assert_eq!(decoder.send_packet(&packet).unwrap_err().to_string(), want);
    }
}

#[test]
fn after_a_lost_packet_decoding_goes_on_at_the_next_key_frame() {
    let packets = packets("x264_high_no_b");
    let want = lines("x264_high_no_b.frames");
    let lost = 3;
    let next_key = (lost..).find(|index| packets[*index].key).unwrap();
    let mut decoder = video_decoder(CodecId::H264, &[]).unwrap();
    let mut frames = Vec::new();
    for (index, packet) in packets.iter().enumerate() {
        if index != lost {
            let result = decoder.send_packet(packet);
            assert!(
                index < lost || index < next_key || result.is_ok(),
                "{index}: {result:?}"
            );
        }
        receive(&mut *decoder, &mut frames);
    }
    let after: Vec<_> = frames
        .iter()
        .filter(|frame| frame.pts >= packets[next_key].pts)
        .map(adler32)
        .collect();
    let want: Vec<_> = want[next_key..].iter().map(|line| line.adler32).collect();
    assert_eq!(after, want);
}

#[test]
fn damaged_packets_are_survived() {
    let packets = packets("x264_high_b_pyramid");
    // Every prefix of a key frame, then every packet with a damaged byte here and there.
    for len in 0..packets[0].data.len() {
        let mut decoder = video_decoder(CodecId::H264, &[]).unwrap();
        let cut = Packet {
            data: packets[0].data.slice(..len),
            ..packets[0].clone()
        };
        let _result = decoder.send_packet(&cut); // whether it can be used is the back end's guess
        decoder.flush().unwrap();
    }
    let mut decoder = video_decoder(CodecId::H264, &[]).unwrap();
    let mut frames = Vec::new();
    for step in [3, 7, 31] {
        for packet in &packets {
            let mut data = packet.data.to_vec();
            for byte in data.iter_mut().skip(5).step_by(step * 8) {
                *byte = byte.rotate_left(3) ^ 0x55;
            }
            let _result = decoder.send_packet(&Packet {
                data: data.into(),
                ..packet.clone()
            });
            receive(&mut *decoder, &mut frames);
        }
    }
    // It still works.
    frames.clear();
    for packet in &packets {
        let _result = decoder.send_packet(packet);
        receive(&mut *decoder, &mut frames);
    }
    let last = frames.last().map(adler32);
    let crcs: Vec<_> = lines("x264_high_b_pyramid.frames")
        .iter()
        .map(|line| line.adler32)
        .collect();
    assert!(crcs.contains(&last.unwrap()));
}
