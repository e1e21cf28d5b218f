//! Whole files: golden bytes, the corpus, prefixes, splits, damage, seeking.

use bytes::Bytes;
use hex_literal::hex;
use media::{
    AudioParameters, CodecId, CodecParameters, FrameRate, MediaKind, MediaParameters, Packet,
    TimeBase, Timestamp, Track, VideoParameters,
};

use super::{FlvDemuxer, FlvMuxer};
use crate::testing::{self, Listed, Random, corpus, drive, drive_splits, mutated};
use crate::{DemuxError, MuxError, Muxer};

const SPS: [u8; 12] = hex!("6742c01e d900a0 47fe c8 0102");
const CONFIG: [u8; 24] = hex!("00000001 6742c01ed900a047fec80102 00000001 68ce3c80");

fn track(codec: CodecId, config: &[u8], time_base: TimeBase, media: MediaParameters) -> Track {
    let params = CodecParameters {
        codec,
        bit_rate_bps: None,
        config: Bytes::copy_from_slice(config),
        media,
    };
    Track { time_base, params }
}

fn video(codec: CodecId, config: &[u8]) -> Track {
    let media = MediaParameters::Video(VideoParameters {
        width_px: 320,
        height_px: 240,
        frame_rate: FrameRate::new(25, 1),
    });
    track(codec, config, TimeBase::MICROS, media)
}

fn audio(codec: CodecId, config: &[u8], sample_rate_hz: u32, channels: u16) -> Track {
    let media = MediaParameters::Audio(AudioParameters {
        sample_rate_hz,
        channels,
    });
    track(codec, config, TimeBase::MPEG, media)
}

fn packet(track: usize, dts: i64, pts: i64, key: bool, data: &[u8]) -> Packet {
    Packet {
        track,
        pts: Timestamp(pts),
        dts: Timestamp(dts),
        duration: 0,
        key,
        discontinuity: false,
        data: Bytes::copy_from_slice(data),
    }
}

/// Writes header, packets and end, and applies the patches.
fn mux(tracks: &[Track], start: i64, packets: &[Packet]) -> Vec<u8> {
    let mut muxer = FlvMuxer::new(tracks).unwrap();
    let mut out = Vec::new();
    muxer.write_header(Timestamp(start), &mut out).unwrap();
    for packet in packets {
        muxer.write_packet(packet, &mut out).unwrap();
    }
    for patch in muxer.finish(&mut out).unwrap() {
        let at = usize::try_from(patch.offset).unwrap();
        out[at..at + patch.bytes.len()].copy_from_slice(&patch.bytes);
    }
    out
}

#[test]
fn file_of_h264_and_aac_is_these_bytes() {
    let tracks = [
        video(CodecId::H264, &CONFIG),
        audio(CodecId::Aac, &hex!("1208"), 44_100, 1),
    ];
    let idr = [&CONFIG[..], &hex!("000001 6588 84")].concat();
    let packets = [
        packet(0, 500_000, 580_000, true, &idr),
        packet(1, 45_900, 45_900, true, &hex!("2110")),
        packet(0, 540_000, 540_000, false, &hex!("00000001 419a")),
    ];
    let mut want = Vec::new();
    want.extend(hex!("464c56 01 05 00000009 00000000"));
    want.extend(hex!("12 0000c9 000000 00 000000")); // script data at 0
    want.extend(hex!("02 000a 6f6e4d65746144617461 08 00000009")); // "onMetaData", 9 properties
    want.extend(hex!("0008 6475726174696f6e 00 3fa47ae147ae147b")); // duration: 0.04 s
    want.extend(hex!("0005 7769647468 00 4074000000000000")); // width: 320
    want.extend(hex!("0006 686569676874 00 406e000000000000")); // height: 240
    want.extend(hex!("0009 6672616d6572617465 00 4039000000000000")); // framerate: 25
    want.extend(hex!("000c 766964656f636f6465636964 00 401c000000000000")); // videocodecid: 7
    want.extend(hex!(
        "000f 617564696f73616d706c6572617465 00 40e5888000000000"
    )); // 44100
    want.extend(hex!(
        "000f 617564696f73616d706c6573697a65 00 4030000000000000"
    )); // 16 bits
    want.extend(hex!("0006 73746572656f 01 00")); // stereo: false
    want.extend(hex!("000c 617564696f636f6465636964 00 4024000000000000")); // audiocodecid: 10
    want.extend(hex!("0000 09 000000d4"));
    want.extend(hex!("09 000020 0001f4 00 000000 17 00 000000")); // AVC sequence header
    want.extend(hex!(
        "01 42c01e ff e1 000c 6742c01ed900a047fec80102 01 0004 68ce3c80 0000002b"
    ));
    want.extend(hex!("08 000004 0001f4 00 000000 af 00 1208 0000000f")); // AAC sequence header
    want.extend(hex!("09 000024 0001f4 00 000000 17 01 000050")); // key frame, shown 80 ms later
    want.extend(hex!(
        "0000000c 6742c01ed900a047fec80102 00000004 68ce3c80 00000003 658884 0000002f"
    ));
    want.extend(hex!("08 000004 0001fe 00 000000 af 01 2110 0000000f")); // AAC at 510 ms
    want.extend(hex!(
        "09 00000b 00021c 00 000000 27 01 000000 00000002 419a 00000016"
    ));
    want.extend(hex!("09 000005 00021c 00 000000 17 02 000000 00000010")); // end of sequence
    assert_eq!(mux(&tracks, 500_000, &packets), want);
}

#[test]
fn tags_of_every_other_codec_are_these_bytes() {
    for (track, data, want) in [
        (
            video(CodecId::Flv1, &[]),
            &hex!("000084")[..],
            &hex!("12 000084")[..],
        ),
        (
            audio(CodecId::Mp3, &[], 44_100, 2),
            &hex!("fffb92"),
            &hex!("2f fffb92"),
        ),
        (
            audio(CodecId::PcmS16Le, &[], 22_050, 1),
            &hex!("0102"),
            &hex!("3a 0102"),
        ),
        (
            audio(CodecId::PcmU8, &[], 11_025, 1),
            &hex!("80"),
            &hex!("34 80"),
        ),
        (
            audio(CodecId::PcmALaw, &[], 8_000, 1),
            &hex!("d5"),
            &hex!("72 d5"),
        ),
        (
            audio(CodecId::PcmMuLaw, &[], 8_000, 1),
            &hex!("ff"),
            &hex!("82 ff"),
        ),
        (
            audio(CodecId::Speex, &[], 16_000, 1),
            &hex!("01"),
            &hex!("b2 01"),
        ),
    ] {
        let codec = track.params.codec;
        let mut muxer = FlvMuxer::new(&[track]).unwrap();
        let mut out = Vec::new();
        muxer
            .write_packet(&packet(0, 0, 0, true, data), &mut out)
            .unwrap();
        assert_eq!(out[11..out.len() - 4], *want, "{codec}");
    }
}

#[test]
fn tracks_that_flv_cannot_carry_are_refused() {
    let h264 = video(CodecId::H264, &CONFIG);
    let mp3 = audio(CodecId::Mp3, &[], 44_100, 2);
    for (tracks, want) in [
        (
            vec![],
            "flv cannot carry 0 tracks, only one of video, one of audio, or both",
        ),
        (
            vec![h264.clone(), mp3.clone(), h264.clone()],
            "flv cannot carry 3 tracks, only one of video, one of audio, or both",
        ),
        (
            vec![h264, video(CodecId::Mjpeg, &[])],
            "flv cannot carry 2 tracks, only one of video, one of audio, or both",
        ),
        (
            vec![mp3, video(CodecId::Mpeg4, &[])],
            "flv cannot carry mpeg4 (track 1)",
        ),
        (
            vec![video(CodecId::H264, &[])],
            "h264 of track 0 has no usable configuration for flv: H.264 parameter sets are missing: 0 SPS and 0 PPS",
        ),
        (
            vec![audio(CodecId::Aac, &hex!("12"), 44_100, 1)],
            "aac of track 0 has no usable configuration for flv: no AudioSpecificConfig",
        ),
        (
            vec![audio(CodecId::Mp3, &[], 48_000, 2)],
            "mp3 of track 0 has no usable configuration for flv: the sampling rate is 48000 Hz, not 5512, 11025, 22050 or 44100",
        ),
    ] {
        assert_eq!(FlvMuxer::new(&tracks).unwrap_err().to_string(), want);
    }
}

#[test]
fn bad_packets_leave_the_output_alone_and_the_stream_goes_on() {
    let mut muxer = FlvMuxer::new(&[video(CodecId::H264, &CONFIG)]).unwrap();
    let mut out = vec![1, 2, 3];
    let unit = hex!("00000001 6588");
    let error = muxer
        .write_packet(&packet(1, 0, 0, true, &unit), &mut out)
        .unwrap_err();
    assert_eq!(
        error,
        MuxError::NoSuchTrack {
            track: 1,
            tracks: 1
        }
    );
    let late = packet(0, 0, 8_388_608_000, true, &unit);
    let error = muxer.write_packet(&late, &mut out).unwrap_err();
    assert!(
        matches!(
            error,
            MuxError::Time {
                time: 8_388_608,
                ..
            }
        ),
        "{error}"
    );
    let large = packet(
        0,
        0,
        0,
        true,
        &[&hex!("00000001 65")[..], &[0x55; 0x100_0000]].concat(),
    );
    let error = muxer.write_packet(&large, &mut out).unwrap_err();
    assert!(
        matches!(
            error,
            MuxError::PacketTooLarge {
                limit: 0xff_ffff,
                ..
            }
        ),
        "{error}"
    );
    assert_eq!(out, [1, 2, 3]);
    muxer
        .write_packet(&packet(0, 0, 0, true, &unit), &mut out)
        .unwrap();
    assert_eq!(out.len(), 3 + 11 + 5 + 6 + 4);
}

#[test]
fn times_run_over_the_extended_byte_and_the_32_bits() {
    let tracks = [video(CodecId::Flv1, &[])];
    for (name, ms, bytes, first) in [
        (
            "extended byte begins",
            0xff_ffff_i64,
            hex!("ffffff 00"),
            0xff_ffff,
        ),
        ("30 h", 108_000_000, hex!("6ff300 06"), 108_000_000),
        (
            "signed readers wrap",
            0x7fff_ffff,
            hex!("ffffff 7f"),
            0x7fff_ffff,
        ),
        (
            "the field wraps",
            0xffff_ffff,
            hex!("ffffff ff"),
            0xffff_ffff,
        ),
        (
            "300 days",
            25_920_000_000,
            hex!("f3d000 08"),
            25_920_000_000 - (6_i64 << 32),
        ),
    ] {
        let packets: Vec<_> = (0..3)
            .map(|n| {
                packet(
                    0,
                    (ms + n) * 1000,
                    (ms + n) * 1000,
                    true,
                    &hex!("0000840292a6"),
                )
            })
            .collect();
        let file = mux(&tracks, ms * 1000, &packets);
        let first_tag = 13 + 15 + usize::from(file[16]);
        assert_eq!(file[first_tag + 4..first_tag + 8], bytes, "{name}");
        let driven = drive(&mut FlvDemuxer::new(), &file, 4096);
        let times: Vec<_> = driven.packets.iter().map(|packet| packet.dts.0).collect();
        assert_eq!(times, [first, first + 1, first + 2], "{name}");
    }
}

#[test]
fn late_viewer_starts_at_his_time_and_at_a_key_frame() {
    let tracks = [
        video(CodecId::H264, &CONFIG),
        audio(CodecId::Aac, &hex!("1208"), 44_100, 1),
    ];
    let mut muxer = FlvMuxer::new(&tracks).unwrap();
    let idr = [&CONFIG[..], &hex!("00000001 6588")].concat();
    let epoch = 30 * 3600 * 1_000_000;
    let mut chunk = Vec::new();
    for n in 0..50 {
        let data = if n % 25 == 0 {
            &idr[..]
        } else {
            &hex!("00000001 419a")
        };
        let dts = epoch + n * 40_000;
        if n == 25 {
            chunk.clear();
            muxer.write_header(Timestamp(dts), &mut chunk).unwrap();
        }
        muxer
            .write_packet(&packet(0, dts, dts, n % 25 == 0, data), &mut chunk)
            .unwrap();
        let audio = Timestamp(dts).rescale(TimeBase::MICROS, TimeBase::MPEG).0;
        muxer
            .write_packet(&packet(1, audio, audio, true, &hex!("2110")), &mut chunk)
            .unwrap();
    }
    let mut at = 13 + 15 + usize::from(chunk[16]); // onMetaData is at 0
    let mut last_ms = 108_001_000;
    while at < chunk.len() {
        let header = super::tag::TagHeader::parse(*chunk[at..].first_chunk().unwrap());
        assert!(header.timestamp_ms >= last_ms, "tag at byte {at} goes back");
        last_ms = header.timestamp_ms;
        at += 15 + header.data_size as usize;
    }
    let driven = drive(&mut FlvDemuxer::new(), &chunk, 1000);
    assert_eq!(driven.packets.len(), 50);
    assert_eq!(driven.packets[0].dts, Timestamp(108_001_000));
    assert!(driven.packets[0].key && driven.packets[0].data == idr);
    assert_eq!(driven.errors, []);
}

#[test]
fn new_tracks_go_on_in_the_same_stream() {
    let mut muxer = FlvMuxer::new(&[video(CodecId::H264, &CONFIG)]).unwrap();
    let mut out = Vec::new();
    muxer.write_header(Timestamp(0), &mut out).unwrap();
    let idr = [&CONFIG[..], &hex!("00000001 6588")].concat();
    muxer
        .write_packet(&packet(0, 0, 0, true, &idr), &mut out)
        .unwrap();

    let refused = muxer.new_tracks(&[video(CodecId::Vp8, &[])], Timestamp(0), &mut Vec::new());
    assert!(matches!(refused, Err(MuxError::UnsupportedCodec { .. })));
    let other = hex!("00000001 6742c00ad90141fb 00000001 68ce3c80");
    let tracks = [
        audio(CodecId::Aac, &hex!("1208"), 44_100, 1),
        video(CodecId::H264, &other),
    ];
    let seam = out.len();
    muxer
        .new_tracks(&tracks, Timestamp(2_000_000), &mut out)
        .unwrap();
    assert_eq!(
        out[seam..seam + 11][4..8],
        hex!("0007d0 00"),
        "onMetaData at 2 s"
    );
    let idr = [&other[..], &hex!("00000001 6588")].concat();
    muxer
        .write_packet(&packet(1, 2_000_000, 2_000_000, true, &idr), &mut out)
        .unwrap();
    muxer
        .write_packet(&packet(0, 180_900, 180_900, true, &hex!("2110")), &mut out)
        .unwrap();

    let driven = drive(&mut FlvDemuxer::new(), &out, 100);
    let tracks: Vec<_> = driven
        .tracks
        .iter()
        .map(|(before, tracks)| {
            (
                *before,
                testing::codecs(tracks),
                tracks[0].params.config.clone(),
            )
        })
        .collect();
    let h264 = (CodecId::H264, MediaKind::Video);
    assert_eq!(
        tracks,
        [
            (0, vec![h264], Bytes::copy_from_slice(&CONFIG)),
            (
                1,
                vec![h264, (CodecId::Aac, MediaKind::Audio)],
                Bytes::copy_from_slice(&other)
            ),
        ]
    );
    let times: Vec<_> = driven
        .packets
        .iter()
        .map(|packet| (packet.track, packet.dts.0))
        .collect();
    assert_eq!(times, [(0, 0), (0, 2000), (1, 2010)]);
}

#[test]
fn key_frame_with_other_parameter_sets_is_preceded_by_them() {
    let mut muxer = FlvMuxer::new(&[video(CodecId::H264, &CONFIG)]).unwrap();
    let other = hex!("00000001 6742c00ad90141fb 00000001 68ce3c80");
    let mut out = Vec::new();
    let idr = [&other[..], &hex!("00000001 6588")].concat();
    muxer
        .write_packet(&packet(0, 40_000, 40_000, true, &idr), &mut out)
        .unwrap();
    assert_eq!(out[..16], hex!("09 00001c 000028 00 000000 17 00 000000"));
    let again = out.len();
    muxer
        .write_packet(&packet(0, 80_000, 80_000, true, &idr), &mut out)
        .unwrap();
    assert_eq!(out[again..][11..13], hex!("17 01"), "not again");
    let mut header = Vec::new();
    muxer.write_header(Timestamp(0), &mut header).unwrap();
    let sps = &other[4..12];
    assert!(
        header.windows(8).any(|window| window == sps),
        "later viewers get them"
    );
    assert!(!header.windows(SPS.len()).any(|window| window == SPS));
}

/// Packets as the independent reader lists them: it leaves the parameter sets out.
fn as_listed(packet: &Packet, tracks: &[Track], order: &[usize]) -> Listed {
    let config = &tracks[packet.track].params.config;
    let stripped = packet
        .data
        .strip_prefix(&config[..])
        .unwrap_or(&packet.data);
    Listed {
        stream: order[packet.track],
        pts: packet.pts.0,
        dts: packet.dts.0,
        size: if tracks[packet.track].params.codec == CodecId::H264 {
            stripped.len()
        } else {
            packet.data.len()
        },
        key: packet.key,
    }
}

#[test]
fn packets_of_the_corpus_are_those_that_ffprobe_lists() {
    for (name, cut, size_px) in [
        ("av_h264_aac.flv", false, (320, 240)),
        ("v_flv1.flv", false, (320, 240)),
        ("source_flv1_352x288.flv", false, (352, 288)),
        ("served_08_live.flv", true, (320, 240)),
        ("served_32_live.flv", true, (320, 240)),
    ] {
        let driven = drive(&mut FlvDemuxer::new(), &corpus(name), 4096);
        let tracks = &driven.tracks[0].1;
        assert_eq!(driven.tracks.len(), 1, "{name}");
        let video = tracks[0].params.video().unwrap();
        assert_eq!((video.width_px, video.height_px), size_px, "{name}");
        let packets: Vec<_> = driven
            .packets
            .iter()
            .map(|packet| as_listed(packet, tracks, &[0, 1]))
            .collect();
        let mut want = testing::listed(name);
        if cut {
            // ffprobe also lists the frame that is cut off at the end of the capture.
            want.truncate(packets.len());
            assert!(
                matches!(driven.errors[..], [DemuxError::Truncated { .. }]),
                "{name}"
            );
        } else {
            assert_eq!(driven.errors, [], "{name}");
        }
        assert_eq!(packets, want, "{name}");
    }
}

#[test]
fn every_split_of_the_input_gives_the_same_packets() {
    let source = &corpus("av_h264_aac.flv")[..30_000];
    let whole = drive(&mut FlvDemuxer::new(), source, usize::MAX);
    assert!(whole.packets.len() > 40);
    for step in [1, 2, 3, 7, 11, 188, 4096] {
        assert_eq!(
            drive(&mut FlvDemuxer::new(), source, step),
            whole,
            "{step} bytes"
        );
    }
    let mut random = Random(7);
    for case in 0..200 {
        let split = drive_splits(&mut FlvDemuxer::new(), source, |_| 1 + random.below(3000));
        assert_eq!(split, whole, "random split {case}");
    }
}

#[test]
fn every_prefix_gives_the_packets_that_are_whole() {
    let source = &corpus("av_h264_aac.flv")[..9_000];
    let whole = drive(&mut FlvDemuxer::new(), source, usize::MAX).packets;
    assert!(whole.len() > 10);
    for len in 0..source.len() {
        let driven = drive(&mut FlvDemuxer::new(), &source[..len], usize::MAX);
        assert_eq!(driven.packets, whole[..driven.packets.len()], "{len} bytes");
        assert!(driven.errors.len() <= 1, "{len} bytes: {:?}", driven.errors);
    }
}

#[test]
fn no_damage_makes_the_demuxer_panic_or_run_for_ever() {
    let sources = [corpus("av_h264_aac.flv"), corpus("v_flv1.flv")];
    let mut random = Random(11);
    for case in 0..3000 {
        let source = &sources[case % 2][..12_000];
        let damaged = mutated(source, &mut random);
        let mut demuxer = FlvDemuxer::new();
        if case % 5 == 0 {
            crate::Demuxer::seek(&mut demuxer, Timestamp(300_000)).unwrap();
        }
        drive(&mut demuxer, &damaged, 1 + case % 500);
    }
}

#[test]
fn unknown_tags_are_passed_over_and_unknown_codecs_told_once() {
    let header = hex!("464c56 01 05 00000009 00000000");
    let unknown = hex!("0f 000003 000000 00 000000 aabbcc 0000000e");
    let vp6 = hex!("09 000002 000000 00 000000 14 aa 0000000d");
    let mp3 = hex!("08 000005 000000 00 000000 2f fffb9200 00000010");
    let file = [&header[..], &unknown, &vp6, &vp6, &mp3, &unknown].concat();
    let driven = drive(&mut FlvDemuxer::new(), &file, 5);
    assert_eq!(
        testing::codecs(&driven.tracks[0].1),
        [(CodecId::Mp3, MediaKind::Audio)]
    );
    assert_eq!(driven.packets.len(), 1);
    let errors: Vec<_> = driven.errors.iter().map(ToString::to_string).collect();
    assert_eq!(errors, ["flv at byte 31: video CodecID 4 is not supported"]);
}

#[test]
fn promised_audio_that_never_comes_is_waited_for_one_second() {
    let packets: Vec<_> = (0..60)
        .map(|n| packet(0, n * 40_000, n * 40_000, n == 0, &hex!("0000840292a6")))
        .collect();
    let mut file = mux(&[video(CodecId::Flv1, &[])], 0, &packets);
    file[4] |= 4; // TypeFlagsAudio
    let driven = drive(&mut FlvDemuxer::new(), &file, 1);
    assert_eq!(driven.packets.len(), 60);
    assert_eq!(driven.tracks.len(), 1);
    let mut demuxer = FlvDemuxer::new();
    let second = file
        .windows(4)
        .position(|window| window == hex!("0003e8 00"))
        .unwrap();
    crate::Demuxer::push(&mut demuxer, &file[..second - 4]);
    assert_eq!(
        crate::Demuxer::next(&mut demuxer),
        Ok(crate::Demuxed::Need(crate::Need::Bytes))
    );
    crate::Demuxer::push(&mut demuxer, &file[second - 4..second + 20]);
    assert!(matches!(
        crate::Demuxer::next(&mut demuxer),
        Ok(crate::Demuxed::Tracks(_))
    ));
}

#[test]
fn limits_are_told_with_their_numbers() {
    let header = hex!("464c56 01 01 00000009 00000000");
    let script = [&header[..], &hex!("12 400001 000000 00 000000")].concat();
    let driven = drive(&mut FlvDemuxer::new(), &script, 5);
    assert_eq!(
        driven.errors[0].to_string(),
        "flv at byte 13: script data is 4194305, the limit is 4194304"
    );
    let offset = hex!("464c56 01 01 00010001 00000000");
    let driven = drive(&mut FlvDemuxer::new(), &offset, 5);
    assert_eq!(
        driven.errors[0].to_string(),
        "flv at byte 5: DataOffset is 65537, the limit is 65536"
    );
}

/// The first packet of each track after a seek to `to` µs.
fn seek(file: &[u8], to: i64) -> (Vec<Packet>, Vec<u64>) {
    let mut demuxer = FlvDemuxer::new();
    crate::Demuxer::seek(&mut demuxer, Timestamp(to)).unwrap();
    let driven = drive(&mut demuxer, file, 512);
    assert_eq!(driven.errors, []);
    (driven.packets, driven.seeks)
}

#[test]
fn seek_finds_the_last_key_frame_before_the_time_with_and_without_index() {
    let file = corpus("av_h264_aac.flv"); // a key frame each second, the first shown at 80 ms
    for (to, want) in [
        (-5, 0),
        (0, 0),
        (999_000, 0),
        (1_000_000, 1000),
        (2_999_999, 2000),
        (3_500_000, 3000),
        (99_000_000, 3000),
    ] {
        let (packets, _) = seek(&file, to);
        let first = packets.iter().find(|packet| packet.track == 0).unwrap();
        assert_eq!(
            (first.dts.0, first.key, first.discontinuity),
            (want, true, true),
            "{to}"
        );
    }
}

#[test]
fn probe_knows_flv() {
    for (name, prefix, want) in [
        ("corpus", &corpus("served_08_live.flv")[..32], true),
        ("header only", &hex!("464c56 01 05 00000009"), true),
        ("cut off", &hex!("464c56 01 05 000000"), false),
        ("reserved flags", &hex!("464c56 01 ff 00000009"), false),
        ("F4V", &hex!("00000018 66747970 66347620"), false),
        ("empty", &[], false),
    ] {
        assert_eq!(super::probe(prefix), want, "{name}");
    }
}
