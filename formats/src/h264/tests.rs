//! Whole streams: the corpus, prefixes, splits, damage.

use bytes::Bytes;
use hex_literal::hex;
use media::bitstream::nal;
use media::{
    CodecId, CodecParameters, FrameRate, MediaParameters, Packet, TimeBase, Timestamp, Track,
    VideoParameters,
};

use super::{H264Demuxer, H264Muxer, probe};
use crate::testing::{Driven, Random, drive, drive_splits, listed, mutated};
use crate::{MuxError, Muxer};

const CLIP: &[u8] = include_bytes!("../../../conformance/corpus/h264/ffmpeg_b_frames.h264");

fn read(source: &[u8]) -> Driven {
    drive(&mut H264Demuxer::new(), source, source.len().max(1))
}

#[test]
fn byte_stream_is_read_as_ffprobe_lists_it_with_the_times_of_its_source() {
    let driven = read(CLIP);
    assert_eq!(driven.errors, []);
    let got: Vec<_> = driven
        .packets
        .iter()
        .map(|packet| (packet.pts.0, packet.dts.0, packet.data.len(), packet.key))
        .collect();
    let want: Vec<_> = listed("ffmpeg_b_frames.h264")
        .into_iter()
        .map(|listed| (listed.pts, listed.dts, listed.size, listed.key))
        .collect();
    assert_eq!(got, want);
    let [(0, tracks)] = &driven.tracks[..] else {
        panic!("tracks once, first: {:?}", driven.tracks);
    };
    assert_eq!(tracks[0].time_base, TimeBase::new(1, 25).unwrap());
    let config = nal::parameter_sets(&driven.packets[0].data);
    assert_eq!(tracks[0].params.config, config);
    let joined: Vec<u8> = driven
        .packets
        .iter()
        .flat_map(|p| p.data.to_vec())
        .collect();
    assert_eq!(joined, CLIP, "nothing is lost or added");
}

#[test]
fn parameter_sets_are_put_before_every_idr_picture() {
    // The sets of the clip stand before its first picture only.
    let driven = read(CLIP);
    let mut muted = Vec::new();
    for (number, packet) in driven.packets.iter().enumerate() {
        for nal in nal::annex_b(&packet.data) {
            if number == 0 || !matches!(nal[0] & 0x1f, 7 | 8) {
                nal::push_annex_b(nal, &mut muted);
            }
        }
    }
    let driven = read(&muted);
    let keys: Vec<_> = driven.packets.iter().filter(|packet| packet.key).collect();
    assert!(keys.len() > 1);
    assert!(keys.iter().all(|packet| nal::has_sps(&packet.data)));
}

#[test]
fn every_split_gives_the_same_packets_and_every_prefix_fewer() {
    let source = &CLIP[..6000];
    let whole = read(source);
    assert!(whole.packets.len() > 3);
    for split in (0..source.len()).step_by(7).chain(0..200) {
        let pieces = |at: usize| {
            if at < split {
                split - at
            } else {
                usize::MAX / 2
            }
        };
        let driven = drive_splits(&mut H264Demuxer::new(), source, pieces);
        assert_eq!(driven, whole, "split at {split}");
        let prefix = read(&source[..split]);
        // The last one is cut.
        let done = prefix.packets.len().saturating_sub(1);
        assert_eq!(
            prefix.packets[..done],
            whole.packets[..done],
            "prefix of {split}"
        );
    }
    assert_eq!(drive(&mut H264Demuxer::new(), source, 1), whole);
}

#[test]
fn damage_never_panics_nor_loops() {
    let mut random = Random(0x264);
    for _ in 0..200 {
        let damaged = mutated(CLIP, &mut random);
        let step = 1 + random.below(9000);
        drive(&mut H264Demuxer::new(), &damaged, step);
    }
    for junk in [
        &[0; 5000][..],
        &[0xff; 5000],
        &hex!("000001"),
        &hex!("00000167"),
    ] {
        assert_eq!(read(junk).packets, []);
    }
}

#[test]
fn pictures_before_the_first_parameter_sets_are_dropped_with_one_error() {
    let slices = hex!("000001 6588 000001 419a 000001 419b");
    let driven = read(&[&slices[..], CLIP].concat());
    assert_eq!(driven.packets.len(), read(CLIP).packets.len());
    assert!(driven.packets[0].discontinuity);
    let errors: Vec<_> = driven.errors.iter().map(ToString::to_string).collect();
    assert_eq!(errors.len(), 1, "{errors:?}");
    assert!(errors[0].ends_with("no parameter sets come before the first picture"));
}

#[test]
fn two_fields_make_one_packet() {
    // SPS: Main, order count type 0, 4-bit numbers, frame_mbs_only_flag 0. PPS 0. Then slices of
    // first_mb 0 and PPS 0, bit by bit: slice_type, PPS, frame_num, field flags, idr_pic_id, lsb.
    let mut stream = hex!("000001 674d401e f45240 000001 68ce3880").to_vec();
    assert!(media::bitstream::sps::Sps::find(&stream).is_some_and(|sps| !sps.frame_mbs_only));
    stream.extend(hex!("000001 65 88 85 08")); // IDR picture, frame_num 0, top field
    stream.extend(hex!("000001 41 9a 18 c0")); // frame_num 0, bottom field, lsb 1
    stream.extend(hex!("000001 41 9a 22 80")); // frame_num 1, a frame
    let driven = read(&stream);
    assert_eq!(driven.packets.len(), 2, "{:?}", driven.packets);
}

#[test]
fn muxer_writes_access_units_and_an_end() {
    let track = |codec| Track {
        time_base: TimeBase::MILLIS,
        params: CodecParameters {
            codec,
            bit_rate_bps: None,
            config: Bytes::from_static(&hex!("00000001 6742 00000001 68ce")),
            media: MediaParameters::Video(VideoParameters {
                width_px: 16,
                height_px: 16,
                frame_rate: FrameRate::new(25, 1),
            }),
        },
    };
    assert!(matches!(
        H264Muxer::new(&[track(CodecId::Mjpeg)]),
        Err(MuxError::UnsupportedCodec { .. })
    ));
    assert!(matches!(
        H264Muxer::new(&[track(CodecId::H264), track(CodecId::H264)]),
        Err(MuxError::TrackCount { count: 2, .. })
    ));
    let mut muxer = H264Muxer::new(&[track(CodecId::H264)]).unwrap();
    let mut packet = Packet {
        track: 0,
        pts: Timestamp::ZERO,
        dts: Timestamp::ZERO,
        duration: 0,
        key: true,
        discontinuity: false,
        data: Bytes::from_static(&hex!("00000001 6588")),
    };
    let mut out = Vec::new();
    muxer.write_header(Timestamp::ZERO, &mut out).unwrap();
    muxer.write_packet(&packet, &mut out).unwrap();
    packet.data = Bytes::from_static(&hex!("00000002 6588"));
    assert!(muxer.write_packet(&packet, &mut out).is_err());
    assert_eq!(muxer.finish(&mut out), Ok(vec![]));
    assert_eq!(
        out,
        hex!("00000001 6742 00000001 68ce 00000001 6588 00000001 0b")
    );
}

#[test]
fn probe_wants_an_sps_first() {
    for (name, prefix, want) in [
        ("the clip", &CLIP[..1024], true),
        ("SPS", &hex!("000001 6742c01e"), true),
        (
            "delimiter and SPS",
            &hex!("00000001 09f0 00000001 6742"),
            true,
        ),
        ("slice", &hex!("000001 6588"), false),
        ("MPEG-2 video", &hex!("000001b3 1400f0"), false),
        ("MPEG program stream", &hex!("000001ba 44000400"), false),
        ("nothing", &hex!(""), false),
    ] {
        assert_eq!(probe(prefix), want, "{name}");
    }
}
