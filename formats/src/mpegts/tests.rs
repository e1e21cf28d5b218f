//! Whole streams: golden bytes, the corpus, prefixes, splits, damage, seeking.

use bytes::Bytes;
use hex_literal::hex;
use media::{
    AudioParameters, CodecId, CodecParameters, FrameRate, MediaKind, MediaParameters, Packet,
    TimeBase, Timestamp, Track, VideoParameters,
};

use super::packet::{PACKET_LEN, TsPacket};
use super::{TsDemuxer, TsMuxer};
use crate::testing::{self, Driven, Listed, Random, corpus, drive, drive_splits, mutated};
use crate::{Demuxer, MuxError, Muxer};

const SETS: [u8; 20] = hex!("00000001 6742c00ad90141fb 00000001 68ce3c80");

fn track(codec: CodecId, config: &[u8], time_base: TimeBase, media: MediaParameters) -> Track {
    let config = Bytes::copy_from_slice(config);
    Track {
        time_base,
        params: CodecParameters {
            codec,
            bit_rate_bps: None,
            config,
            media,
        },
    }
}

fn video(codec: CodecId, config: &[u8]) -> Track {
    let media = MediaParameters::Video(VideoParameters {
        width_px: 320,
        height_px: 240,
        frame_rate: FrameRate::new(25, 1),
    });
    track(codec, config, TimeBase::MICROS, media)
}

fn audio(codec: CodecId, config: &[u8]) -> Track {
    let media = MediaParameters::Audio(AudioParameters {
        sample_rate_hz: 44_100,
        channels: 1,
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

fn idr(len: usize) -> Vec<u8> {
    let mut data = [&SETS[..], &hex!("00000001 6588")].concat();
    data.resize(data.len() + len, 0x77);
    data
}

/// Pictures `from..to` of a stream with a key frame each second.
fn pictures(from: i64, to: i64, epoch: i64) -> Vec<Packet> {
    let picture = |n: i64| {
        let data = if n % 25 == 0 {
            idr(3000)
        } else {
            hex!("00000001 419a").to_vec()
        };
        packet(
            0,
            epoch + n * 40_000,
            epoch + n * 40_000,
            n % 25 == 0,
            &data,
        )
    };
    (from..to).map(picture).collect()
}

fn write_all(muxer: &mut TsMuxer, packets: &[Packet]) -> Vec<u8> {
    let mut out = Vec::new();
    for packet in packets {
        muxer.write_packet(packet, &mut out).unwrap();
    }
    out
}

/// Takes a stream apart and checks what holds for every stream: whole packets, counters in order.
fn packets(stream: &[u8]) -> Vec<TsPacket<'_>> {
    let (chunks, rest) = stream.as_chunks::<PACKET_LEN>();
    assert!(rest.is_empty(), "a packet is cut");
    let mut counters = std::collections::HashMap::new();
    let parse = |(index, bytes)| {
        let packet = TsPacket::parse(bytes).unwrap_or_else(|| panic!("packet {index}"));
        let counter = packet.header.continuity_counter;
        let last = counters.insert(packet.header.pid, counter);
        let rises = u8::from(packet.payload.is_some());
        if let Some(last) = last {
            assert_eq!(counter, (last + rises) & 0xf, "counter of packet {index}");
        }
        packet
    };
    chunks.iter().enumerate().map(parse).collect()
}

#[test]
fn key_frame_is_these_bytes() {
    let tracks = [
        video(CodecId::H264, &SETS),
        audio(CodecId::Aac, &hex!("1208")),
    ];
    let mut muxer = TsMuxer::new(&tracks).unwrap();
    let mut out = Vec::new();
    muxer.write_header(Timestamp(1_000_000), &mut out).unwrap();
    assert!(out.is_empty(), "there is no header");
    muxer
        .write_packet(&packet(0, 1_000_000, 1_080_000, true, &idr(140)), &mut out)
        .unwrap();
    muxer
        .write_packet(&packet(1, 90_000, 90_000, true, &hex!("2110")), &mut out)
        .unwrap();

    let mut want = Vec::new();
    let mut add = |bytes: &[u8]| {
        want.extend(bytes);
        want.resize(want.len().next_multiple_of(188), 0xff);
    };
    // PAT: transport stream 1, program 1 on PID 0x1000.
    add(&hex!(
        "47 4000 10 00  00 b00d 0001 c1 00 00  0001 f000  2ab104b2"
    ));
    // PMT: clock on 0x100; H.264 on 0x100, AAC on 0x110.
    add(&hex!(
        "47 5000 10 00  02 b017 0001 c1 00 00  e100 f000  1b e100 f000  0f e110 f000  3316dd6c"
    ));
    // Random access and clock 80 ms before the decoding time: 82 800 ticks.
    let mut first = hex!("47 4100 30 07 50 0000a1b87e00").to_vec();
    first.extend(hex!("000001 e0 0000 84 c0 0a 31 0005 f761 11 0005 bf21")); // PTS 97 200, DTS 90 000
    first.extend(hex!("00000001 09f0")); // access unit delimiter
    first.extend(&idr(140)[..188 - first.len()]);
    add(&first);
    let rest = &idr(140)[188 - 12 - 19 - 6..];
    let stuffing = 184 - rest.len();
    let mut second = hex!("47 0100 31").to_vec();
    second.extend([u8::try_from(stuffing - 1).unwrap(), 0]);
    second.resize(4 + stuffing, 0xff);
    second.extend(rest);
    add(&second);
    // AAC: random access, stuffing, ADTS header.
    let mut aac = hex!("47 4110 30 a0 40").to_vec();
    aac.resize(188 - 23, 0xff);
    aac.extend(hex!(
        "000001 c0 0011 84 80 05 21 0005 bf21  fff15040 013ffc 2110"
    ));
    add(&aac);
    for (index, (got, want)) in out.chunks(188).zip(want.chunks(188)).enumerate() {
        assert_eq!(got, want, "packet {index}");
    }
    assert_eq!(out.len(), want.len());
}

#[test]
fn tables_come_with_key_frames_and_every_500_ms() {
    let mut muxer = TsMuxer::new(&[video(CodecId::H264, &SETS)]).unwrap();
    let mut with_tables = Vec::new();
    for picture in pictures(0, 60, 0) {
        let chunk = write_all(&mut muxer, &[picture]);
        let pids: Vec<_> = packets(&chunk)
            .iter()
            .map(|packet| packet.header.pid)
            .collect();
        with_tables.push(pids.starts_with(&[0, 0x1000]));
        assert_eq!(pids.contains(&0), pids[0] == 0, "tables stand first");
    }
    let at: Vec<_> = (0..60).filter(|n| with_tables[*n]).collect();
    assert_eq!(at, [0, 13, 25, 38, 50]);
}

#[test]
fn clock_stands_with_each_unit_and_at_most_100_ms_apart() {
    for (name, interval_us) in [
        ("25 fps", 40_000),
        ("10 fps", 100_000),
        ("9 fps", 111_111),
        ("1 fps", 1_000_000),
        ("5 s", 5_000_000),
    ] {
        let mut muxer = TsMuxer::new(&[video(CodecId::H264, &SETS)]).unwrap();
        let units: Vec<_> = (0..20)
            .map(|n| packet(0, n * interval_us, n * interval_us, n == 0, &idr(500)))
            .collect();
        let stream = write_all(&mut muxer, &units);
        let mut clocks: Vec<i64> = Vec::new();
        for packet in packets(&stream) {
            let clock = packet.adaptation.and_then(|field| field.pcr);
            assert!(!packet.header.unit_start || packet.header.pid != 0x100 || clock.is_some());
            // In the turn before zero for the first 80 ms.
            let ticks = clock.map(|pcr| i64::try_from(pcr.base).unwrap());
            clocks.extend(ticks.map(|ticks| {
                if ticks > 1 << 32 {
                    ticks - (1 << 33)
                } else {
                    ticks
                }
            }));
        }
        assert_eq!(clocks[0], -7200, "{name}");
        for pair in clocks.windows(2) {
            assert!(
                (1..=9000).contains(&(pair[1] - pair[0])),
                "{name}: {pair:?}"
            );
        }
    }
}

#[test]
fn silence_is_filled_up_to_10_s_and_then_marked() {
    let mut muxer = TsMuxer::new(&[video(CodecId::H264, &SETS)]).unwrap();
    write_all(&mut muxer, &pictures(0, 1, 0));
    let stream = write_all(
        &mut muxer,
        &[packet(0, 10_000_000, 10_000_000, true, &idr(0))],
    );
    let filled = packets(&stream);
    assert_eq!(
        filled
            .iter()
            .filter(|packet| packet.payload.is_none())
            .count(),
        99
    );
    for at in [20_100_000, 0, 3_600_000_000_000] {
        let stream = write_all(&mut muxer, &[packet(0, at, at, true, &idr(0))]);
        let marked = packets(&stream);
        assert_eq!(marked.len(), 3, "to {at}: tables and one packet");
        assert!(marked[2].adaptation.unwrap().discontinuity, "to {at}");
    }
}

#[test]
fn discontinuities_are_marked_on_the_clock() {
    let tracks = [video(CodecId::H264, &SETS), audio(CodecId::Mp2, &[])];
    let mut muxer = TsMuxer::new(&tracks).unwrap();
    write_all(&mut muxer, &pictures(0, 3, 0));
    for track in [0, 1] {
        let dts = if track == 0 { 120_000 } else { 12_000 };
        let mut broken = packet(track, dts, dts, true, &idr(0));
        broken.discontinuity = true;
        let stream = write_all(&mut muxer, &[broken]);
        let marked: Vec<_> = packets(&stream)
            .iter()
            .filter(|packet| packet.adaptation.is_some_and(|field| field.discontinuity))
            .map(|packet| (packet.header.pid, packet.adaptation.unwrap().pcr.is_some()))
            .collect();
        assert_eq!(marked, [(0x100, true)], "track {track}");
    }
}

#[test]
fn clock_never_goes_back_when_another_track_ran_ahead() {
    let tracks = [video(CodecId::H264, &SETS), audio(CodecId::Mp2, &[])];
    let mut muxer = TsMuxer::new(&tracks).unwrap();
    write_all(&mut muxer, &pictures(0, 1, 1_000_000));
    let stream = write_all(
        &mut muxer,
        &[
            packet(1, 100_000, 100_000, true, &hex!("fffd40c4")),
            packet(0, 1_040_000, 1_040_000, false, &hex!("00000001 419a")),
            packet(0, 1_120_000, 1_120_000, false, &hex!("00000001 419a")),
        ],
    );
    let clocks: Vec<_> = packets(&stream)
        .iter()
        .filter_map(|packet| packet.adaptation?.pcr)
        .map(|pcr| pcr.base)
        .collect();
    assert_eq!(clocks, [91_800, 93_600]);
}

#[test]
fn new_tracks_bump_the_version_and_go_on_counting() {
    let mut muxer = TsMuxer::new(&[video(CodecId::H264, &SETS)]).unwrap();
    let mut stream = write_all(&mut muxer, &pictures(0, 30, 0));
    let refused = muxer.new_tracks(&[video(CodecId::Flv1, &[])], Timestamp(0), &mut Vec::new());
    assert!(matches!(refused, Err(MuxError::UnsupportedCodec { .. })));
    let tracks = [audio(CodecId::Mp2, &[]), video(CodecId::H264, &SETS)];
    muxer
        .new_tracks(&tracks, Timestamp(1_200_000), &mut stream)
        .unwrap();
    let mut moved = pictures(50, 76, -800_000);
    moved.iter_mut().for_each(|packet| packet.track = 1);
    stream.extend(write_all(&mut muxer, &moved));
    let mut mp2 = hex!("fffd40c4").to_vec();
    mp2.resize(208, 0);
    stream.extend(write_all(
        &mut muxer,
        &[packet(0, 110_000, 110_000, true, &mp2)],
    ));
    packets(&stream);

    let driven = drive(&mut TsDemuxer::new(), &stream, 1000);
    let told: Vec<_> = driven
        .tracks
        .iter()
        .map(|(before, tracks)| (*before, testing::codecs(tracks)))
        .collect();
    let h264 = (CodecId::H264, MediaKind::Video);
    // The new track is last in the list, as it came last.
    assert_eq!(
        told,
        [
            (0, vec![h264]),
            (55, vec![h264, (CodecId::Mp2, MediaKind::Audio)])
        ]
    );
    assert_eq!(driven.packets.len(), 57);
    assert!(driven.packets.iter().all(|packet| !packet.discontinuity));
}

#[test]
fn streams_may_start_at_30_hours_and_run_over_the_wrap() {
    const WRAP: i64 = 1 << 33;
    let micros = |ticks| Timestamp(ticks).rescale(TimeBase::MPEG, TimeBase::MICROS).0;
    for (name, start) in [
        ("zero", 0),
        ("30 h", 30 * 3600 * 90_000),
        ("over the wrap", WRAP - 90_000),
        ("over the fifth wrap", 5 * WRAP - 90_000),
    ] {
        let mut muxer = TsMuxer::new(&[video(CodecId::H264, &SETS)]).unwrap();
        let stream = write_all(&mut muxer, &pictures(0, 100, micros(start)));
        let driven = drive(&mut TsDemuxer::new(), &stream, 1000);
        let times: Vec<_> = driven.packets.iter().map(|packet| packet.dts.0).collect();
        let first = start.rem_euclid(WRAP);
        let want: Vec<_> = (0..100).map(|n| first + n * 3600).collect();
        assert_eq!(times, want, "{name}");
        assert!(
            driven.packets.iter().all(|packet| !packet.discontinuity),
            "{name}"
        );
        assert_eq!(driven.errors, [], "{name}");
    }
}

#[test]
fn tracks_that_a_transport_stream_cannot_carry_are_refused() {
    for (tracks, want) in [
        (
            vec![],
            "mpegts cannot carry 0 tracks, only 1 to 16 of video and of audio",
        ),
        (
            vec![audio(CodecId::Mp2, &[]); 17],
            "mpegts cannot carry 17 tracks, only 1 to 16 of video and of audio",
        ),
        (
            vec![video(CodecId::Mjpeg, &[])],
            "mpegts cannot carry mjpeg (track 0)",
        ),
        (
            vec![video(CodecId::H264, &SETS), audio(CodecId::Aac, &[])],
            "aac of track 1 has no usable configuration for mpegts: no AudioSpecificConfig",
        ),
        (
            vec![audio(CodecId::Aac, &hex!("17 80 15 f9 08"))],
            "aac of track 0 has no usable configuration for mpegts: ADTS has neither this object type nor this sampling rate",
        ),
    ] {
        assert_eq!(TsMuxer::new(&tracks).unwrap_err().to_string(), want);
    }
}

#[test]
fn bad_packets_leave_the_output_alone() {
    let tracks = [audio(CodecId::Aac, &hex!("1208")), audio(CodecId::Mp2, &[])];
    let mut muxer = TsMuxer::new(&tracks).unwrap();
    let mut out = vec![1, 2, 3];
    for (packet, want) in [
        (
            packet(2, 0, 0, true, &[]),
            "packet of track 2, but there are 2 tracks",
        ),
        (
            packet(0, 0, 0, true, &[0; 8185]),
            "packet of track 0 is no aac: ADTS frames have at most 8191 bytes",
        ),
        (
            packet(1, 0, 0, true, &[0; 65_523]),
            "packet of 65523 bytes, mpegts allows 65522",
        ),
    ] {
        assert_eq!(
            muxer
                .write_packet(&packet, &mut out)
                .unwrap_err()
                .to_string(),
            want
        );
    }
    assert_eq!(out, [1, 2, 3]);
    muxer
        .write_packet(&packet(1, 0, 0, true, &[0; 65_522]), &mut out)
        .unwrap();
    packets(&out[3..]);
}

/// Packets of a track in the listing's terms; `front` is what the listing counts besides.
fn as_listed(packets: &[Packet], stream: usize, front: impl Fn(&Packet) -> usize) -> Vec<Listed> {
    let of = packets.iter().filter(|packet| packet.track == stream);
    of.map(|packet| Listed {
        stream,
        pts: packet.pts.0,
        dts: packet.dts.0,
        size: packet.data.len() + front(packet),
        key: packet.key,
    })
    .collect()
}

#[test]
fn packets_of_the_corpus_are_those_that_ffprobe_lists() {
    for (name, cut) in [
        ("av_h264_aac.ts", false),
        ("av_mpeg4_mp2.ts", false),
        ("served_32_h264.ts", true),
        ("v_mpeg4.ts", false),
    ] {
        let driven = drive(&mut TsDemuxer::new(), &corpus(name), 4096);
        assert_eq!(driven.tracks.len(), 1, "{name}");
        for (stream, track) in driven.tracks[0].1.iter().enumerate() {
            let params = &track.params;
            // The listing counts delimiters, ADTS headers and the configuration of MPEG-4.
            let got = as_listed(&driven.packets, stream, |packet| match params.codec {
                CodecId::H264 => 6,
                CodecId::Aac => 7,
                CodecId::Mpeg4 if packet.key => params.config.len(),
                _ => 0,
            });
            let listed = testing::listed(name);
            let mut want: Vec<_> = listed
                .into_iter()
                .filter(|packet| packet.stream == stream)
                .collect();
            if cut {
                // ffprobe also lists what is cut off at the end of the capture.
                assert!(want.len() - got.len() <= 1, "{name}");
                want.truncate(got.len());
                let last = want.len() - 1;
                want[last].size = got[last].size;
            }
            assert_eq!(got.len(), want.len(), "{name}, stream {stream}");
            for (got, want) in got.iter().zip(&want) {
                // Only the first frame of a PES packet has a stated time; the others are counted
                // from it, and who counts rounds to one tick or the other.
                let tolerance = i64::from(params.kind() == MediaKind::Audio);
                assert!(
                    (got.pts - want.pts).abs() <= tolerance,
                    "{name}: {got:?} {want:?}"
                );
                assert!(
                    (got.dts - want.dts).abs() <= tolerance,
                    "{name}: {got:?} {want:?}"
                );
                assert_eq!(
                    (got.size, got.key),
                    (want.size, want.key),
                    "{name}: {got:?}"
                );
            }
        }
        assert_eq!(
            driven.errors.len(),
            usize::from(cut),
            "{name}: {:?}",
            driven.errors
        );
    }
}

#[test]
fn every_split_of_the_input_gives_the_same_packets() {
    for name in ["av_h264_aac.ts", "av_mpeg4_mp2.ts"] {
        let source = &corpus(name)[..188 * 200];
        let whole = drive(&mut TsDemuxer::new(), source, usize::MAX);
        assert!(whole.packets.len() > 40, "{name}");
        for step in [1, 3, 7, 187, 188, 189, 4096] {
            assert_eq!(
                drive(&mut TsDemuxer::new(), source, step),
                whole,
                "{name}, {step} bytes"
            );
        }
        let mut random = Random(7);
        for case in 0..50 {
            let split = drive_splits(&mut TsDemuxer::new(), source, |_| 1 + random.below(3000));
            assert_eq!(split, whole, "{name}, random split {case}");
        }
    }
}

#[test]
fn every_prefix_ends_without_a_panic_and_gives_no_other_packets() {
    let source = &corpus("av_h264_aac.ts")[..188 * 60];
    let whole = drive(&mut TsDemuxer::new(), source, usize::MAX).packets;
    for len in 0..source.len() {
        let driven = drive(&mut TsDemuxer::new(), &source[..len], usize::MAX);
        for stream in [0, 1] {
            let got = as_listed(&driven.packets, stream, |_| 0);
            let want = as_listed(&whole, stream, |_| 0);
            // The last video unit has no other end than that of the source.
            let sure = got.len().saturating_sub(1);
            assert!(got.len() <= want.len(), "{len} bytes");
            assert_eq!(got[..sure], want[..sure], "{len} bytes");
        }
        assert!(driven.errors.len() <= 1, "{len} bytes: {:?}", driven.errors);
    }
}

#[test]
fn no_damage_makes_the_demuxer_panic_or_run_for_ever() {
    let sources = [corpus("av_h264_aac.ts"), corpus("av_mpeg4_mp2.ts")];
    let mut random = Random(13);
    for case in 0..3000 {
        let source = &sources[case % 2][..188 * 70];
        let damaged = mutated(source, &mut random);
        let mut demuxer = TsDemuxer::new();
        if case % 5 == 0 {
            demuxer.set_source_len(damaged.len() as u64);
            demuxer.seek(Timestamp(1_700_000)).unwrap();
        }
        drive(&mut demuxer, &damaged, 1 + case % 1000);
    }
}

#[test]
fn a_lost_packet_costs_one_frame_and_is_told() {
    let source = corpus("av_h264_aac.ts");
    let whole = drive(&mut TsDemuxer::new(), &source, 4096);
    let (chunks, _) = source.as_chunks::<PACKET_LEN>();
    let in_video = |index: &usize| {
        let packet = TsPacket::parse(&chunks[*index]).unwrap();
        packet.header.pid == 0x100 && !packet.header.unit_start && *index > 100
    };
    let lost = (0..chunks.len()).find(in_video).unwrap();
    let mut damaged = source.clone();
    damaged.drain(lost * PACKET_LEN..(lost + 1) * PACKET_LEN);
    let driven = drive(&mut TsDemuxer::new(), &damaged, 4096);
    assert_eq!(driven.packets.len(), whole.packets.len() - 1);
    let marked: Vec<_> = driven
        .packets
        .iter()
        .filter(|packet| packet.discontinuity)
        .collect();
    assert_eq!(marked.len(), 1);
    let index = driven
        .packets
        .iter()
        .position(|packet| packet.discontinuity)
        .unwrap();
    assert_eq!(driven.packets[..index], whole.packets[..index]);
}

fn seek(source: &[u8], to_us: i64, step: usize) -> Driven {
    let mut demuxer = TsDemuxer::new();
    assert_eq!(
        demuxer.seek(Timestamp(to_us)),
        Err(crate::DemuxError::NotSeekable)
    );
    demuxer.set_source_len(source.len() as u64);
    demuxer.seek(Timestamp(to_us)).unwrap();
    drive(&mut demuxer, source, step)
}

#[test]
fn seek_finds_the_last_key_frame_before_the_time() {
    let mut muxer = TsMuxer::new(&[video(CodecId::H264, &SETS)]).unwrap();
    let epoch = 95_400_000_000; // the wrap is 43.7 s later
    let source = write_all(&mut muxer, &pictures(0, 2000, epoch));
    for (name, to_s, want_s) in [
        ("before the start", -5.0, 0),
        ("the start", 0.0, 0),
        ("a key frame", 30.0, 30),
        ("between", 30.9, 30),
        ("behind the wrap", 60.5, 60),
        ("the last second", 79.99, 79),
        ("behind the end", 500.0, 79),
    ] {
        let driven = seek(&source, epoch + (to_s * 1e6) as i64, 65_536);
        let first = &driven.packets[0];
        assert_eq!(
            first.dts.0,
            (epoch + want_s * 1_000_000) / 1_000_000 * 90_000,
            "{name}"
        );
        assert!(first.key && first.discontinuity, "{name}");
        assert_eq!(driven.errors, [], "{name}");
        assert!(
            driven.seeks.len() < 8,
            "{name}: {} jumps",
            driven.seeks.len()
        );
    }
    let corpus = corpus("av_h264_aac.ts");
    for (to_us, want) in [
        (2_399_999, 216_000),
        (2_400_000, 216_000),
        (4_000_000, 306_000),
    ] {
        let driven = seek(&corpus, to_us, 4096);
        let first = driven
            .packets
            .iter()
            .find(|packet| packet.track == 0)
            .unwrap();
        assert_eq!((first.dts.0, first.key), (want, true), "{to_us}");
    }
}

#[test]
fn probe_knows_transport_streams() {
    for (name, prefix, want) in [
        ("corpus", &corpus("v_mpeg4.ts")[..1024], true),
        ("FLV", &corpus("v_flv1.flv")[..1024], false),
        ("empty", &[], false),
    ] {
        assert_eq!(super::probe(prefix), want, "{name}");
    }
}
