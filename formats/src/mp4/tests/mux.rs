//! The writer, byte by byte.

use expect_test::expect;
use hex_literal::hex;
use media::{CodecId, Timestamp};

use super::super::Mp4Muxer;
use super::{IDR, PARAMETER_SETS, SLICE, aac, h264, live_stream, packet, track};
use crate::{MuxError, Muxer};

/// A box tree with the bytes of its leaves.
fn dump(data: &[u8], depth: usize, out: &mut String) {
    use std::fmt::Write;
    let mut rest = data;
    while let Some((head, after)) = rest.split_first_chunk::<8>() {
        let size = u32::from_be_bytes(head[..4].try_into().unwrap()) as usize;
        let kind = head[4..].escape_ascii().to_string();
        let (body, next) = after.split_at(size - 8);
        write!(out, "{:depth$}{kind} {size}", "").unwrap();
        match &kind[..] {
            "moov" | "trak" | "mdia" | "minf" | "stbl" | "mvex" | "moof" | "traf" | "dinf" => {
                out.push('\n');
                dump(body, depth + 1, out);
            }
            _ => {
                for word in body.chunks(4) {
                    out.push(' ');
                    word.iter()
                        .for_each(|byte| write!(out, "{byte:02x}").unwrap());
                }
                out.push('\n');
            }
        }
        rest = next;
    }
}

fn dumped(data: &[u8]) -> String {
    let mut out = String::new();
    dump(data, 0, &mut out);
    out
}

#[test]
fn header_bytes() {
    let mut out = Vec::new();
    let muxer = Mp4Muxer::new(&[h264(90_000), aac()]).unwrap();
    muxer
        .write_header(Timestamp(108_000_000_000), &mut out)
        .unwrap();
    expect![[r#"
        ftyp 28 69736f36 00000000 69736f36 69736f6d 6d703432
        moov 1105
         mvhd 120 01000000 00000000 00000000 00000000 00000000 000003e8 00000000 00000000 00010000 01000000 00000000 00000000 00010000 00000000 00000000 00000000 00010000 00000000 00000000 00000000 40000000 00000000 00000000 00000000 00000000 00000000 00000000 00000003
         trak 476
          tkhd 104 01000007 00000000 00000000 00000000 00000000 00000001 00000000 00000000 00000000 00000000 00000000 00000000 00000000 00010000 00000000 00000000 00000000 00010000 00000000 00000000 00000000 40000000 02800000 01e00000
          mdia 364
           mdhd 44 01000000 00000000 00000000 00000000 00000000 00015f90 00000000 00000000 55c40000
           hdlr 38 00000000 00000000 76696465 00000000 00000000 00000000 76696465 6f00
           minf 274
            vmhd 20 00000001 00000000 00000000
            dinf 36
             dref 28 00000000 00000001 0000000c 75726c20 00000001
            stbl 210
             stsd 134 00000000 00000001 00000076 61766331 00000000 00000001 00000000 00000000 00000000 00000000 028001e0 00480000 00480000 00000000 00010000 00000000 00000000 00000000 00000000 00000000 00000000 00000000 00000018 ffff0000 00206176 63430142 c01effe1 00096742 c01eda02 80f68401 000468ce 3c80
             stts 16 00000000 00000000
             stsc 16 00000000 00000000
             stsz 20 00000000 00000000 00000000
             stco 16 00000000 00000000
         trak 429
          tkhd 104 01000007 00000000 00000000 00000000 00000000 00000002 00000000 00000000 00000000 00000000 00000000 00000000 01000000 00010000 00000000 00000000 00000000 00010000 00000000 00000000 00000000 40000000 00000000 00000000
          mdia 317
           mdhd 44 01000000 00000000 00000000 00000000 00000000 0000ac44 00000000 00000000 55c40000
           hdlr 38 00000000 00000000 736f756e 00000000 00000000 00000000 61756469 6f00
           minf 227
            smhd 16 00000000 00000000
            dinf 36
             dref 28 00000000 00000001 0000000c 75726c20 00000001
            stbl 167
             stsd 91 00000000 00000001 0000004b 6d703461 00000000 00000001 00000000 00000000 00020010 00000000 ac440000 00000027 65736473 00000000 03190000 00041140 15000000 00000000 00000000 05021210 060102
             stts 16 00000000 00000000
             stsc 16 00000000 00000000
             stsz 20 00000000 00000000 00000000
             stco 16 00000000 00000000
         mvex 72
          trex 32 00000000 00000001 00000001 00000000 00000000 01010000
          trex 32 00000000 00000002 00000001 00000000 00000000 02000000
    "#]].assert_eq(&dumped(&out));
}

#[test]
fn sample_entry_bytes_of_each_codec() {
    for (name, track, want) in [
        (
            "MPEG-1 layer III",
            track(CodecId::Mp3, 44_100, &[]),
            &hex!(
                "00000047 6d703461 000000000000 0001 0000000000000000 0002 0010 00000000 ac440000"
                "00000023 65736473 00000000 03 15 0000 00 04 0d 6b 15 000000 00000000 00000000 06 01 02"
            )[..],
        ),
        (
            "MPEG-4 Part 2",
            track(CodecId::Mpeg4, 90_000, &hex!("000001b0 01")),
            &hex!(
                "00000080 6d703476 000000000000 0001 0000 0000 000000000000000000000000 0280 01e0"
                "00480000 00480000 00000000 0001"
                "0000000000000000000000000000000000000000000000000000000000000000 0018 ffff"
                "0000002a 65736473 00000000 03 1c 0000 00 04 14 20 11 000000 00000000 00000000"
                "05 05 000001b001 06 01 02"
            ),
        ),
        (
            "AV1",
            track(CodecId::Av1, 90_000, &hex!("81 04 0c 00")),
            &hex!(
                "00000062 61763031 000000000000 0001 0000 0000 000000000000000000000000 0280 01e0"
                "00480000 00480000 00000000 0001"
                "0000000000000000000000000000000000000000000000000000000000000000 0018 ffff"
                "0000000c 61763143 81040c00"
            ),
        ),
    ] {
        let mut out = Vec::new();
        let muxer = Mp4Muxer::new(&[track]).unwrap();
        muxer.write_header(Timestamp::ZERO, &mut out).unwrap();
        let found = out.windows(want.len()).any(|window| window == want);
        assert!(found, "{name}:\n{}", dumped(&out));
    }
}

#[test]
fn fragment_bytes() {
    let mut muxer = Mp4Muxer::new(&[h264(90_000), aac()]).unwrap();
    let key = [&PARAMETER_SETS[..], &IDR].concat();
    let mut key = packet(0, 0x2_4159_ee80, 0x2_4159_ee80, true, &key);
    key.duration = 3600;
    for (name, packet, want) in [
        (
            "key frame after 30 hours, without the parameter sets that avcC has",
            key,
            &hex!(
                "00000064 6d6f6f66"
                "00000010 6d666864 00000000 00000001"
                "0000004c 74726166"
                "00000010 74666864 00020000 00000001"
                "00000014 74666474 01000000 000000024159ee80"
                "00000020 7472756e 01000305 00000001 0000006c 02000000 00000e10 00000006"
                "0000000e 6d646174 00000002 6588"
            )[..],
        ),
        (
            "B frame reference: composition offset of two frames, duration by the frame rate",
            packet(0, 0x2_4159_fc90, 0x2_415a_18b0, false, &SLICE),
            &hex!(
                "00000068 6d6f6f66"
                "00000010 6d666864 00000000 00000003"
                "00000050 74726166"
                "00000010 74666864 00020000 00000001"
                "00000014 74666474 01000000 000000024159fc90"
                "00000024 7472756e 01000b05 00000001 00000070 01010000 00000e10 00000006 00001c20"
                "0000000e 6d646174 00000002 4188"
            ),
        ),
        (
            "AAC, duration by the samples of a frame",
            packet(1, 0x1_1cab_3b40, 0x1_1cab_3b40, true, &hex!("2107")),
            &hex!(
                "00000064 6d6f6f66"
                "00000010 6d666864 00000000 00000005"
                "0000004c 74726166"
                "00000010 74666864 00020000 00000002"
                "00000014 74666474 01000000 000000011cab3b40"
                "00000020 7472756e 01000305 00000001 0000006c 02000000 00000400 00000002"
                "0000000a 6d646174 2107"
            ),
        ),
    ] {
        let mut out = b"before".to_vec();
        muxer.write_packet(&packet, &mut out).unwrap();
        assert_eq!(&out[6..], want, "{name}:\n{}", dumped(&out[6..]));
    }
}

#[test]
fn duration_is_what_can_be_told_now() {
    let mut no_rate = h264(1000);
    let media::MediaParameters::Video(video) = &mut no_rate.params.media else {
        panic!()
    };
    video.frame_rate = None;
    let mp3 = track(CodecId::Mp3, 44_100, &[]);
    // Two whole frames of 418 and 417 bytes.
    let mut frames = vec![0; 835];
    frames[..4].copy_from_slice(&hex!("fffb9200"));
    frames[418..422].copy_from_slice(&hex!("fffb9000"));
    let mut told = packet(0, 0, 0, false, &SLICE);
    told.duration = 41;
    let at = |dts| packet(0, dts, dts, false, &SLICE);
    for (name, track, packets, want) in [
        ("told by the packet", h264(1000), vec![told], 41),
        ("by the frame rate", h264(1000), vec![at(0)], 40),
        (
            "two MP3 frames",
            mp3,
            vec![packet(0, 0, 0, true, &frames)],
            2304,
        ),
        ("nothing known", no_rate.clone(), vec![at(0)], 0),
        (
            "the distance to the sample before",
            no_rate,
            vec![at(0), at(33)],
            33,
        ),
    ] {
        let mut muxer = Mp4Muxer::new(&[track]).unwrap();
        let mut out = Vec::new();
        for packet in packets {
            out.clear();
            muxer.write_packet(&packet, &mut out).unwrap();
        }
        let trun = out.windows(4).position(|window| window == b"trun").unwrap();
        assert_eq!(out[trun + 20..trun + 24], u32::to_be_bytes(want), "{name}");
    }
}

#[test]
fn times_before_the_epoch_move_the_stream_by_whole_seconds() {
    for (name, first_dts, want) in [
        ("at the epoch", 0, 0),
        ("after it", 5, 5),
        ("just before it", -1, 89_999),
        ("a second before it", -90_000, 0),
        ("more than a second before it", -90_001, 89_999),
    ] {
        let mut muxer = Mp4Muxer::new(&[h264(90_000)]).unwrap();
        let mut out = Vec::new();
        muxer
            .write_packet(&packet(0, first_dts, 0, false, &SLICE), &mut out)
            .unwrap();
        let tfdt = out.windows(4).position(|window| window == b"tfdt").unwrap();
        assert_eq!(out[tfdt + 8..tfdt + 16], u64::to_be_bytes(want), "{name}");
    }
}

#[test]
fn what_cannot_be_written_is_refused_and_leaves_no_bytes() {
    let new = |tracks: &[_]| Mp4Muxer::new(tracks).unwrap_err().to_string();
    for (name, error, want) in [
        (
            "no tracks",
            new(&[]),
            "mp4 cannot carry 0 tracks, only one or more",
        ),
        (
            "Sorenson H.263",
            new(&[aac(), track(CodecId::Flv1, 1000, &[])]),
            "mp4 cannot carry flv1 (track 1)",
        ),
        (
            "H.264 without parameter sets",
            new(&[track(CodecId::H264, 1000, &[])]),
            "h264 of track 0 has no usable configuration for mp4: H.264 parameter sets are \
             missing: 0 SPS and 0 PPS",
        ),
        (
            "AAC without AudioSpecificConfig",
            new(&[track(CodecId::Aac, 1000, &[])]),
            "aac of track 0 has no usable configuration for mp4: no AudioSpecificConfig",
        ),
        (
            "AV1 with something else than its record",
            new(&[track(CodecId::Av1, 1000, &hex!("0a0b"))]),
            "av1 of track 0 has no usable configuration for mp4: no \
             AV1CodecConfigurationRecord: unknown version: 10",
        ),
    ] {
        assert_eq!(error, want, "{name}");
    }
    let mut wide = h264(1000);
    let media::MediaParameters::Video(video) = &mut wide.params.media else {
        panic!()
    };
    video.width_px = 65_536;
    assert_eq!(
        new(&[wide]),
        "h264 of track 0 has no usable configuration for mp4: a side of 65536 pixels, the limit \
         is 65535"
    );

    let mut muxer = Mp4Muxer::new(&[h264(1000)]).unwrap();
    let mut out = b"before".to_vec();
    muxer
        .write_packet(&packet(0, 0, 0, false, &SLICE), &mut out)
        .unwrap();
    let len = out.len();
    for (name, packet, want) in [
        (
            "track 1 of 1",
            packet(1, 0, 0, true, &IDR),
            "packet of track 1, but there are 1 tracks",
        ),
        (
            "no start code",
            packet(0, 1, 1, true, &hex!("6588")),
            "packet of track 0 is no h264: no NAL unit with a start code beside parameter sets",
        ),
        (
            "before the first packet",
            packet(0, -1, 0, true, &IDR),
            "time -1 of track 0 cannot be told in mp4: it is before the stream's first packet or \
             its epoch",
        ),
        (
            "shown a year after it is decoded",
            packet(0, 5, 5 + (1 << 31), true, &IDR),
            "time 5 of track 0 cannot be told in mp4: pts and dts are over 31 bits apart",
        ),
    ] {
        let error = muxer.write_packet(&packet, &mut out).unwrap_err();
        assert_eq!(
            (error.to_string().as_str(), out.len()),
            (want, len),
            "{name}"
        );
    }
    let huge = packet(0, 1, 1, true, &vec![0; (64 << 20) + 1]);
    assert_eq!(
        muxer.write_packet(&huge, &mut out),
        Err(MuxError::PacketTooLarge {
            format: "mp4",
            len: (64 << 20) + 1,
            limit: 64 << 20
        })
    );
    // The stream goes on with the next number.
    muxer
        .write_packet(&packet(0, 40, 40, false, &SLICE), &mut out)
        .unwrap();
    assert_eq!(out[len + 20..len + 24], hex!("00000003"));
}

#[test]
fn a_viewer_in_mid_stream_gets_the_same_fragments() {
    let (stream, _) = live_stream(20, 0, false);
    let mut header = Vec::new();
    let muxer = Mp4Muxer::new(&[h264(90_000), aac()]).unwrap();
    muxer.write_header(Timestamp(400_000), &mut header).unwrap();
    assert!(
        stream.starts_with(&header),
        "the header depends on nothing but the tracks"
    );
}

#[test]
fn temporal_delimiters_of_av1_stay_out() {
    for (name, unit, want) in [
        (
            "delimiter first",
            &hex!("1200 0a02aabb 3201cc")[..],
            Some(&hex!("0a02aabb 3201cc")[..]),
        ),
        ("none", &hex!("3201cc"), Some(&hex!("3201cc"))),
        (
            "last without a size",
            &hex!("1200 30cccc"),
            Some(&hex!("30cccc")),
        ),
        (
            "with an extension byte",
            &hex!("3600 01cc"),
            Some(&hex!("3600 01cc")),
        ),
        ("size past the end", &hex!("3203cc"), None),
        ("size without end", &hex!("32ffffffffffffffffff"), None),
        ("cut after the header", &hex!("32"), None),
    ] {
        let track = track(CodecId::Av1, 1000, &hex!("81 04 0c 00"));
        let mut muxer = Mp4Muxer::new(&[track]).unwrap();
        let mut out = Vec::new();
        let result = muxer.write_packet(&packet(0, 0, 0, true, unit), &mut out);
        assert_eq!(result.is_ok(), want.is_some(), "{name}");
        assert_eq!(out.get(108..), want.or(out.get(108..)), "{name}");
    }
}
