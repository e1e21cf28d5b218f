use media::bitstream::nal::{self, NalType};
use media::bitstream::sps::Sps;
use media::{CodecId, FrameRate, Packet, TimeBase, Timestamp, VideoFrame};

use crate::{CodecError, VideoEncoder, VideoEncoderConfig, video_encoder};

fn config(width_px: u32, height_px: u32) -> VideoEncoderConfig {
    VideoEncoderConfig {
        width_px,
        height_px,
        frame_rate: FrameRate::new(25, 1).unwrap(),
        bit_rate_bps: 300_000,
        gop_size: 10,
        quantizer: None,
        skip_frames: false,
    }
}

/// A picture with a moving gradient, so that frames differ.
fn gradient(width: u32, height: u32, index: i64) -> VideoFrame {
    let pts = FrameRate::new(25, 1)
        .unwrap()
        .frame_time(index, TimeBase::MICROS);
    let mut frame = VideoFrame::black(width, height, pts);
    let stride = frame.planes[0].stride_bytes;
    for (at, sample) in frame.planes[0].data.iter_mut().enumerate() {
        let value = at % stride + at / stride + 3 * usize::try_from(index).unwrap();
        *sample = 16 + u8::try_from(value % 220).unwrap();
    }
    frame
}

fn encode(encoder: &mut dyn VideoEncoder, frame: &VideoFrame) -> Vec<Packet> {
    encoder.send_frame(frame).unwrap();
    std::iter::from_fn(|| encoder.receive_packet().unwrap()).collect()
}

fn nal_types(data: &[u8]) -> Vec<u8> {
    nal::annex_b(data)
        .filter_map(NalType::of)
        .map(|nal| nal.0)
        .collect()
}

#[test]
fn parameters_are_valid_before_the_first_frame_and_stay_true() {
    let mut encoder = video_encoder(CodecId::H264, &config(352, 288)).unwrap();
    let parameters = encoder.parameters().clone();
    assert_eq!(nal_types(&parameters.config), [7, 8]);
    let sps = Sps::find(&parameters.config).unwrap();
    assert_eq!(
        (sps.profile_idc, sps.width_px, sps.height_px),
        (66, 352, 288)
    );
    assert_eq!(sps.max_num_reorder_frames, Some(0));

    let packet = encode(&mut *encoder, &gradient(352, 288, 0)).remove(0);
    assert_eq!(nal::parameter_sets(&packet.data), parameters.config);
}

#[test]
fn key_frames_come_every_gop_size_and_when_asked_for() {
    let mut encoder = video_encoder(CodecId::H264, &config(64, 48)).unwrap();
    let mut keys = Vec::new();
    for index in 0..40 {
        if index == 14 {
            encoder.request_key_frame();
        }
        let packets = encode(&mut *encoder, &gradient(64, 48, index));
        assert_eq!(packets.len(), 1);
        let packet = &packets[0];
        assert_eq!(
            (packet.pts, packet.dts),
            (Timestamp(index * 40_000), Timestamp(index * 40_000))
        );
        assert_eq!(packet.duration, 40_000);
        assert!(packet.data.starts_with(&nal::START_CODE));
        let want: &[u8] = if packet.key { &[7, 8, 5] } else { &[1] };
        assert_eq!(nal_types(&packet.data), want, "frame {index}");
        if packet.key {
            keys.push(index);
        }
    }
    assert_eq!(keys, [0, 10, 14, 24, 34]);
}

#[test]
fn sizes_out_of_bounds_are_refused_and_odd_ones_grow() {
    for (width, height, coded) in [
        (14, 16, None),
        (16, 16, Some((16, 16))),
        (353, 287, Some((354, 288))),
        (3840, 2160, Some((3840, 2160))),
        (2160, 3840, Some((2160, 3840))),
        (3842, 2160, None),
        (3840, 2162, None),
        (0, 0, None),
        (u32::MAX, u32::MAX, None),
    ] {
        match (video_encoder(CodecId::H264, &config(width, height)), coded) {
            (Ok(encoder), Some(coded)) => {
                let video = *encoder.parameters().video().unwrap();
                assert_eq!((video.width_px, video.height_px), coded);
                let sps = Sps::find(&encoder.parameters().config).unwrap();
                assert_eq!((sps.width_px, sps.height_px), coded);
            }
            (Err(CodecError::Size { .. }), None) => {}
            (result, _) => panic!("{width}x{height}: {result:?}"),
        }
    }
}

#[test]
fn frames_of_any_size_are_taken_and_broken_ones_refused() {
    let mut encoder = video_encoder(CodecId::H264, &config(64, 48)).unwrap();
    for (width, height) in [(64, 48), (63, 47), (1, 1), (640, 480), (65, 333)] {
        assert_eq!(encode(&mut *encoder, &gradient(width, height, 0)).len(), 1);
    }
    let mut short = gradient(64, 48, 0);
    short.planes[1].data.pop();
    let mut narrow = gradient(64, 48, 0);
    narrow.planes[0].stride_bytes = 63;
    let mut two_planes = gradient(64, 48, 0);
    two_planes.planes.pop();
    let mut empty = gradient(64, 48, 0);
    empty.width_px = 0;
    for frame in [short, narrow, two_planes, empty] {
        let result = encoder.send_frame(&frame);
        assert!(
            matches!(result, Err(CodecError::BadFrame { .. })),
            "{result:?}"
        );
    }
    assert_eq!(encode(&mut *encoder, &gradient(64, 48, 1)).len(), 1);
}
