//! Whole files: golden bytes, the corpus, prefixes, splits, damage, seeking, gaps.

use bytes::Bytes;
use hex_literal::hex;
use media::{
    AudioParameters, CodecId, CodecParameters, FrameRate, MediaKind, MediaParameters, Packet,
    TimeBase, Timestamp, Track, VideoParameters,
};

use super::{AviDemuxer, AviMuxer};
use crate::testing::{Driven, Random, codecs, corpus, drive, drive_splits, listed, mutated};
use crate::{DemuxError, Demuxed, Demuxer, MuxError, Muxer, Need};

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

/// 25 frames per second, times in ms.
fn video(codec: CodecId) -> Track {
    let media = MediaParameters::Video(VideoParameters {
        width_px: 320,
        height_px: 240,
        frame_rate: FrameRate::new(25, 1),
    });
    track(codec, &[], TimeBase::MILLIS, media)
}

/// Times in samples.
fn audio(codec: CodecId, config: &[u8], sample_rate_hz: u32, channels: u16) -> Track {
    let media = MediaParameters::Audio(AudioParameters {
        sample_rate_hz,
        channels,
    });
    track(
        codec,
        config,
        TimeBase::new(1, sample_rate_hz).unwrap(),
        media,
    )
}

fn packet(track: usize, dts: i64, key: bool, data: &[u8]) -> Packet {
    Packet {
        track,
        pts: Timestamp(dts),
        dts: Timestamp(dts),
        duration: 0,
        key,
        discontinuity: false,
        data: Bytes::copy_from_slice(data),
    }
}

/// Writes header, packets and end.
fn write(mut muxer: AviMuxer, packets: &[Packet], patched: bool) -> Vec<u8> {
    let mut out = Vec::new();
    muxer.write_header(Timestamp(77), &mut out).unwrap();
    for packet in packets {
        muxer.write_packet(packet, &mut out).unwrap();
    }
    let patches = muxer.finish(&mut out).unwrap();
    for patch in patches.iter().filter(|_| patched) {
        let at = usize::try_from(patch.offset).unwrap();
        out[at..at + patch.bytes.len()].copy_from_slice(&patch.bytes);
    }
    out
}

fn live(tracks: &[Track], packets: &[Packet]) -> Vec<u8> {
    write(AviMuxer::new(tracks).unwrap(), packets, false)
}

fn file(tracks: &[Track], limit: u32, packets: &[Packet]) -> Vec<u8> {
    write(AviMuxer::file(tracks, limit).unwrap(), packets, true)
}

fn read(source: &[u8]) -> Driven {
    drive(&mut AviDemuxer::new(), source, source.len().max(1))
}

/// Track, dts, size and key flag of each packet.
fn summary(packets: &[Packet]) -> Vec<(usize, i64, usize, bool)> {
    packets
        .iter()
        .map(|packet| (packet.track, packet.dts.0, packet.data.len(), packet.key))
        .collect()
}

/// H.264 and AAC: a lost frame, and sizes that want padding.
fn two_tracks() -> ([Track; 2], Vec<Packet>) {
    let tracks = [
        video(CodecId::H264),
        audio(CodecId::Aac, &hex!("1208"), 44_100, 1),
    ];
    let idr = [&CONFIG[..], &hex!("000001 6588")].concat();
    let packets = vec![
        packet(0, 1000, true, &idr),
        packet(1, 44_100, true, &hex!("211004")),
        packet(1, 44_100 + 1024, true, &hex!("2110")),
        packet(0, 1080, false, &hex!("00000001 419a")),
    ];
    (tracks, packets)
}

#[test]
fn live_stream_is_these_bytes() {
    let (mut tracks, packets) = two_tracks();
    tracks[0].params.bit_rate_bps = Some(44_150);
    let mut want = Vec::new();
    want.extend(hex!("52494646 ffffffff 41564920")); // RIFF, open, AVI
    want.extend(hex!("4c495354 40010000 6864726c")); // LIST of 320 bytes, hdrl
    want.extend(hex!("61766968 38000000 409c0000 8f150000")); // avih: 40000 us, 5519 bytes/s
    want.extend(hex!("00000000 00090000 00000000 00000000")); // interleaved, trust the type
    want.extend(hex!("02000000 00000000 40010000 f0000000")); // two streams, 320x240
    want.extend(hex!("00000000 00000000 00000000 00000000"));
    want.extend(hex!("4c495354 74000000 7374726c")); // LIST of 116 bytes, strl
    want.extend(hex!("73747268 38000000 76696473 48323634")); // strh: vids H264
    want.extend(hex!("00000000 0000 0000 00000000 01000000 19000000")); // 1/25 s
    want.extend(hex!("00000000 00000000 00000000 ffffffff 00000000"));
    want.extend(hex!("0000 0000 4001 f000")); // rcFrame
    want.extend(hex!("73747266 28000000 28000000 40010000 f0000000")); // strf
    want.extend(hex!(
        "0100 1800 48323634 00840300 00000000 00000000 00000000 00000000"
    ));
    want.extend(hex!("4c495354 60000000 7374726c")); // LIST of 96 bytes, strl
    want.extend(hex!("73747268 38000000 61756473 00000000")); // strh: auds
    want.extend(hex!("00000000 0000 0000 00000000 00040000 44ac0000")); // 1024/44100 s
    want.extend(hex!("00000000 00000000 00000000 ffffffff 00000000"));
    want.extend(hex!("0000 0000 0000 0000"));
    want.extend(hex!("73747266 14000000 ff00 0100 44ac0000 89150000")); // strf
    want.extend(hex!("0003 1000 0200 1208"));
    want.extend(hex!(
        "4c495354 10000000 6f646d6c 646d6c68 04000000 00000000"
    )); // odml dmlh
    want.extend(hex!("4c495354 ffffffff 6d6f7669")); // LIST, open, movi
    want.extend(hex!("30306463 1d000000")); // 00dc
    want.extend(CONFIG);
    want.extend(hex!("000001 6588 00"));
    want.extend(hex!("30317762 03000000 211004 00")); // 01wb, padded
    want.extend(hex!("30317762 02000000 2110"));
    want.extend(hex!("30306463 00000000")); // the lost frame
    want.extend(hex!("30306463 06000000 00000001 419a"));
    assert_eq!(words(&live(&tracks, &packets)), words(&want));
}

#[test]
fn complete_file_differs_from_a_live_stream_in_sizes_counts_and_index() {
    let (tracks, packets) = two_tracks();
    let open = write(AviMuxer::file(&tracks, 1 << 30).unwrap(), &packets, false);
    let closed = file(&tracks, 1 << 30, &packets);
    let movi = closed.windows(4).position(|w| w == b"movi").unwrap();
    let idx1 = closed.windows(4).position(|w| w == b"idx1").unwrap();
    let le = |value: usize| u32::try_from(value).unwrap().to_le_bytes();
    let mut want = open;
    for (at, field) in [
        (4, le(closed.len() - 8)),   // RIFF
        (movi - 4, le(idx1 - movi)), // LIST movi
        (44, le(0x910)),             // dwFlags: AVIF_HASINDEX
        (48, le(3)),                 // dwTotalFrames
        (60, le(29)),                // dwSuggestedBufferSize
        (0x8c, le(3)),               // dwLength, dwSuggestedBufferSize of video
        (0x90, le(29)),
        (0x8c + 124 + 4128, le(2)), // and of audio, behind JUNK
        (0x90 + 124 + 4128, le(3)),
        (movi - 12, le(3)), // dmlh
    ] {
        want[at..at + 4].copy_from_slice(&field);
    }
    assert_eq!(words(&closed), words(&want));
    let index = hex!(
        "69647831 50000000" // idx1 of 80 bytes
        "30306463 10000000 04000000 1d000000"
        "30317762 10000000 2a000000 03000000"
        "30317762 10000000 36000000 02000000"
        "30306463 00000000 40000000 00000000"
        "30306463 00000000 48000000 06000000"
    );
    assert_eq!(words(&closed[idx1..]), words(&index));
}

fn words(bytes: &[u8]) -> Vec<String> {
    let hex = |word: &[u8]| word.iter().map(|byte| format!("{byte:02x}")).collect();
    bytes.chunks(4).map(hex).collect()
}

/// The sizes of every RIFF and list lead to the next one, the last to the end. Returns the number of
/// RIFFs, none of them larger than `limit`.
fn check_sizes(file: &[u8], limit: usize) -> usize {
    let size = |at: usize| u32::from_le_bytes(file[at + 4..at + 8].try_into().unwrap()) as usize;
    let (mut at, mut riffs) = (0, 0);
    while at < file.len() {
        assert_eq!(&file[at..at + 4], b"RIFF");
        let end = at + 8 + size(at);
        assert!(end - at <= limit, "{} bytes, limit {limit}", end - at);
        let mut inner = at + 12;
        while inner < end {
            let next = inner + 8 + size(inner) + size(inner) % 2;
            assert!(next <= end, "a chunk at {inner} reaches over its RIFF");
            inner = next;
        }
        (at, riffs) = (end, riffs + 1);
    }
    riffs
}

/// 20 s of MJPEG frames, named by their number, and sound.
fn long() -> ([Track; 2], Vec<Packet>) {
    let tracks = [video(CodecId::Mjpeg), audio(CodecId::PcmU8, &[], 8_000, 1)];
    let packets = (0..500)
        .flat_map(|frame: i64| {
            let [high, low] = u16::try_from(frame).unwrap().to_be_bytes();
            let image = [0xff, 0xd8, high, low, 0xff, 0xd9];
            [
                packet(0, frame * 40, true, &image),
                packet(1, frame * 320, true, &[high ^ low; 320]),
            ]
        })
        .collect();
    (tracks, packets)
}

#[test]
fn file_goes_on_in_other_riffs_and_every_time_is_found_in_it() {
    let (tracks, packets) = long();
    for (limit, riffs) in [(1 << 30, 1), (60_000, 4), (10_000, 22)] {
        let bytes = file(&tracks, limit, &packets);
        assert_eq!(check_sizes(&bytes, limit as usize), riffs, "limit {limit}");
        let driven = read(&bytes);
        assert_eq!(driven.errors, [], "limit {limit}");
        assert_eq!(summary(&driven.packets).len(), packets.len());
        for (got, sent) in driven.packets.iter().zip(&packets) {
            assert_eq!((got.track, &got.data), (sent.track, &sent.data));
        }
        for ms in [0_i64, 39, 40, 7_777, 12_345, 19_960, 99_999] {
            let (found, _) = seek(&bytes, ms * 1000);
            let frame = (ms / 40).min(499);
            let want = [(0, frame, 6, true), (1, frame * 320, 320, true)];
            assert_eq!(summary(&found[..2]), want, "{ms} ms, limit {limit}");
            assert!(found[0].discontinuity && found[1].discontinuity);
        }
    }
}

/// Reads up to the tracks, seeks, reads what comes then.
fn seek(source: &[u8], to_micros: i64) -> (Vec<Packet>, Vec<DemuxError>) {
    let mut demuxer = AviDemuxer::new();
    demuxer.push(&source[..source.len().min(9000)]);
    while !matches!(demuxer.next(), Ok(Demuxed::Tracks(_))) {}
    demuxer.seek(Timestamp(to_micros)).unwrap();
    let driven = drive_on(&mut demuxer, source);
    (driven.packets, driven.errors)
}

/// Goes on with a demuxer that has asked for nothing yet or asks for an offset first.
fn drive_on(demuxer: &mut AviDemuxer, source: &[u8]) -> Driven {
    let mut driven = Driven::default();
    let mut at = source.len();
    loop {
        match demuxer.next() {
            Ok(Demuxed::Packet(packet)) => driven.packets.push(packet),
            Ok(Demuxed::Tracks(_)) => {}
            Ok(Demuxed::Need(Need::Seek(offset))) => {
                at = source.len().min(usize::try_from(offset).unwrap());
            }
            Ok(Demuxed::Need(Need::Bytes)) if at < source.len() => {
                let end = source.len().min(at + 1000);
                demuxer.push(&source[at..end]);
                at = end;
            }
            Ok(Demuxed::Need(Need::Bytes)) => demuxer.push_end(),
            Ok(Demuxed::End) => return driven,
            Err(error) => driven.errors.push(error),
        }
    }
}

#[test]
fn without_an_index_there_is_no_seeking_and_reading_goes_on() {
    let (tracks, packets) = long();
    let source = live(&tracks, &packets);
    let mut demuxer = AviDemuxer::new();
    demuxer.push(&source[..400]);
    while !matches!(demuxer.next(), Ok(Demuxed::Tracks(_))) {}
    assert_eq!(
        demuxer.seek(Timestamp(1_000_000)),
        Err(DemuxError::NotSeekable)
    );
    let mut closed = file(&tracks, 1 << 30, &packets);
    let idx1 = closed.windows(4).position(|w| w == b"idx1").unwrap();
    closed.truncate(idx1 + 100);
    let (found, errors) = seek(&closed, 19_000_000);
    assert_eq!(errors[0], DemuxError::NotSeekable);
    assert_eq!(found.len(), packets.len(), "from where it was");
}

#[test]
fn corpus_is_read_as_ffprobe_lists_it() {
    for name in [
        "v_mjpeg.avi",
        "v_mpeg4.avi",
        "source_mpeg4.avi",
        "served_08_test.avi",
    ] {
        let driven = read(&corpus(name));
        let got = summary(&driven.packets);
        let want: Vec<_> = listed(name)
            .into_iter()
            .map(|listed| (listed.stream, listed.dts, listed.size, listed.key))
            .collect();
        assert_eq!(got, want, "{name}");
        let cut = name.starts_with("served");
        assert_eq!(
            driven.errors.len(),
            usize::from(cut),
            "{name}: {:?}",
            driven.errors
        );
    }
}

#[test]
fn reordered_video_gets_the_times_that_mp4_tells() {
    // The same clip in FLV, where ffprobe lists dts and pts (in ms, first dts 0).
    let of_video = |listed: crate::testing::Listed| (listed.stream == 0).then_some(listed);
    let want: Vec<_> = listed("av_h264_aac.flv")
        .into_iter()
        .filter_map(of_video)
        .map(|listed| ((listed.pts - listed.dts) / 40, listed.key))
        .collect();
    let driven = read(&corpus("av_h264_aac.avi"));
    let tracks = &driven.tracks[0].1;
    assert_eq!(
        codecs(tracks),
        [
            (CodecId::H264, MediaKind::Video),
            (CodecId::Aac, MediaKind::Audio)
        ]
    );
    // Two chunks of 1/50 s for each frame.
    let video = driven.packets.iter().filter(|packet| packet.track == 0);
    let got: Vec<_> = video
        .clone()
        .map(|packet| (packet.pts.since(packet.dts) / 2, packet.key))
        .collect();
    assert_eq!(got, want);
    for (frame, packet) in video.enumerate() {
        assert_eq!(packet.dts.0, 2 * i64::try_from(frame).unwrap());
        let sps = media::bitstream::nal::has_sps(&packet.data);
        assert_eq!(sps, packet.key, "parameter sets before every IDR picture");
    }
}

#[test]
fn every_split_and_every_prefix_gives_the_same_packets() {
    let (tracks, packets) = two_tracks();
    for source in [live(&tracks, &packets), file(&tracks, 1 << 30, &packets)] {
        let whole = read(&source);
        assert_eq!((whole.packets.len(), whole.errors.len()), (4, 0));
        for split in 0..source.len() {
            let pieces = |at: usize| {
                if at < split {
                    split - at
                } else {
                    usize::MAX / 2
                }
            };
            let driven = drive_splits(&mut AviDemuxer::new(), &source, pieces);
            assert_eq!(driven, whole, "split at {split}");
            let prefix = read(&source[..split]);
            let given = prefix.packets.len();
            assert_eq!(
                prefix.packets[..],
                whole.packets[..given],
                "prefix of {split}"
            );
        }
        assert_eq!(drive(&mut AviDemuxer::new(), &source, 1), whole);
    }
}

#[test]
fn header_list_without_room_for_its_own_kind_holds_no_streams() {
    for size in 0..4_u8 {
        let mut source = b"RIFF\xff\xff\xff\xffAVI LIST".to_vec();
        source.extend([size, 0, 0, 0]);
        source.extend(b"hdrl____");
        let read = read(&source);
        assert!(
            read.tracks.iter().all(|(_, tracks)| tracks.is_empty()),
            "{size}"
        );
        assert!(read.packets.is_empty(), "{size}");
        assert!(!read.errors.is_empty(), "{size}");
    }
}

#[test]
fn damage_never_panics_nor_loops() {
    let (tracks, packets) = two_tracks();
    let (long_tracks, long_packets) = long();
    let mut random = Random(0x5eed);
    for source in [
        file(&tracks, 1 << 30, &packets),
        file(&long_tracks, 2000, &long_packets[..60]),
        corpus("av_h264_aac.avi")[..60_000].to_vec(),
    ] {
        for _ in 0..200 {
            let damaged = mutated(&source, &mut random);
            let step = 1 + random.below(5000);
            drive(&mut AviDemuxer::new(), &damaged, step);
            let mut demuxer = AviDemuxer::new();
            demuxer.push(&damaged);
            if (0..50).any(|_| matches!(demuxer.next(), Ok(Demuxed::Tracks(_)))) {
                let time = i64::try_from(random.below(3_000_000)).unwrap();
                if demuxer.seek(Timestamp(time)).is_ok() {
                    drive_on(&mut demuxer, &damaged);
                }
            }
        }
    }
}

/// What AVI loses, and nothing else.
#[test]
fn a_reader_gets_what_the_table_says() {
    let tracks = [video(CodecId::Mpeg4), audio(CodecId::Mp3, &[], 44_100, 2)];
    let mut frame = hex!("fffb 9000").to_vec();
    frame.resize(417, 0x55);
    let two_frames = [&frame[..], &frame].concat();
    let sent = [
        packet(0, 5_000, true, &hex!("000001b6 10")),
        packet(1, 5 * 44_100, true, &two_frames),
        packet(0, 5_043, false, &hex!("000001b6 50")),
        packet(0, 5_160, false, &hex!("000001b6 51")),
        packet(1, 5 * 44_100 + 2 * 1152, true, &frame),
    ];
    let driven = read(&live(&tracks, &sent));
    // First time 0, times in frames, a packet for each MPEG audio frame, durations of a frame.
    let want = [
        (0, 0, 5, true),
        (1, 0, 417, true),
        (1, 1152, 417, true),
        (0, 1, 5, false),
        (0, 4, 5, false),
        (1, 2304, 417, true),
    ];
    assert_eq!(summary(&driven.packets), want);
    assert!(
        driven
            .packets
            .iter()
            .all(|p| p.pts == p.dts && !p.discontinuity)
    );
    let durations: Vec<_> = driven.packets.iter().map(|p| p.duration).collect();
    assert_eq!(durations, [1, 1152, 1152, 1, 1, 1152]);
    let told = &driven.tracks[0].1;
    assert_eq!(told[0].time_base, TimeBase::new(1, 25).unwrap());
    assert_eq!(told[1].time_base, TimeBase::new(1, 44_100).unwrap());
    assert_eq!(told[0].params, tracks[0].params);
    assert_eq!(told[1].params.media, tracks[1].params.media);
}

#[test]
fn gaps_of_sound_become_silence() {
    for (codec, silence) in [
        (CodecId::PcmU8, 0x80),
        (CodecId::PcmALaw, 0xd5),
        (CodecId::PcmMuLaw, 0xff),
    ] {
        let tracks = [audio(codec, &[], 8_000, 2)];
        let sent = [
            packet(0, 0, true, &[1; 160]),
            packet(0, 80 + 800, true, &[2; 160]), // 100 ms: jitter
            packet(0, 240 + 4000, true, &[3; 160]), // 510 ms in all: a gap
        ];
        let got = read(&live(&tracks, &sent)).packets;
        let want = [
            (0, 0, 160, true),
            (0, 80, 160, true),
            (0, 160, 8160, true),
            (0, 4240, 160, true),
        ];
        assert_eq!(summary(&got), want, "{codec}");
        assert!(got[2].data.iter().all(|byte| *byte == silence), "{codec}");
    }
}

#[test]
fn late_viewer_starts_at_a_key_frame_with_the_same_chunks() {
    let (tracks, packets) = two_tracks();
    let mut muxer = AviMuxer::new(&tracks).unwrap();
    let mut early = Vec::new();
    muxer.write_header(Timestamp(0), &mut early).unwrap();
    let header_len = early.len();
    for packet in &packets {
        muxer.write_packet(packet, &mut early).unwrap();
    }
    let mut late = Vec::new();
    muxer.write_header(Timestamp(9_000_000), &mut late).unwrap();
    assert_eq!(
        late,
        early[..header_len],
        "the header tells nothing of the time"
    );
    let mut key = packets[0].clone();
    key.dts = Timestamp(1120);
    muxer.write_packet(&key, &mut late).unwrap();
    let got = read(&late).packets;
    assert_eq!(summary(&got), [(0, 0, 29, true)]);
}

#[test]
fn tracks_and_packets_that_avi_cannot_carry_are_refused() {
    let refused = |tracks: &[Track]| AviMuxer::new(tracks).unwrap_err().to_string();
    let none: [Track; 0] = [];
    let many = vec![video(CodecId::Mjpeg); 101];
    for (tracks, want) in [
        (&none[..], "avi cannot carry 0 tracks, only 1 to 100"),
        (&many, "avi cannot carry 101 tracks, only 1 to 100"),
        (&[video(CodecId::Vp8)], "avi cannot carry vp8 (track 0)"),
        (
            &[audio(CodecId::Aac, &[], 44_100, 1)],
            "aac of track 0 has no usable configuration for avi: it is no AudioSpecificConfig",
        ),
        (
            &[audio(CodecId::PcmU8, &[], 8_000, 0)],
            "pcm_u8 of track 0 has no usable configuration for avi: the number of channels is 0",
        ),
    ] {
        assert_eq!(refused(tracks), want);
    }
    let tracks = [
        video(CodecId::H264),
        audio(CodecId::Mp2, &[], 44_100, 1),
        audio(CodecId::PcmS16Le, &[], 44_100, 1),
    ];
    let mut muxer = AviMuxer::new(&tracks).unwrap();
    let mut out = vec![1];
    for (packet, want) in [
        (
            packet(3, 0, true, &[1]),
            "packet of track 3, but there are 3 tracks",
        ),
        (
            packet(0, 0, true, &[]),
            "packet of track 0 is no h264: it is empty",
        ),
        (
            packet(1, 0, true, &hex!("fffd40c4")),
            "packet of track 1 is no mp2: the last frame is cut off",
        ),
        (
            packet(1, 0, true, &hex!("0102030405")),
            "packet of track 1 is no mp2: no frame header where one belongs",
        ),
        (
            packet(2, 0, true, &[1, 2, 3]),
            "packet of track 2 is no pcm_s16le: it ends inside a sample",
        ),
    ] {
        let error: MuxError = muxer.write_packet(&packet, &mut out).unwrap_err();
        assert_eq!(error.to_string(), want);
        assert_eq!(out, [1]);
    }
}

/// A file with the given streams (`strh`, `strf`) and what stands in `movi`.
fn build(streams: &[(&[u8], &[u8])], movi: &[u8]) -> Vec<u8> {
    use super::riff::{write_chunk, write_list};
    let mut out = b"RIFF\0\0\0\0AVI ".to_vec();
    write_list(*b"hdrl", &mut out, |out| {
        write_chunk(*b"avih", out, |out| out.extend([0; 56]));
        for (header, format) in streams {
            write_list(*b"strl", out, |out| {
                write_chunk(*b"strh", out, |out| out.extend(*header));
                write_chunk(*b"strf", out, |out| out.extend(*format));
            });
        }
    });
    write_chunk(*b"JUNK", &mut out, |out| out.extend([9; 7]));
    out.extend(b"LIST\0\0\0\0movi");
    out.extend(movi);
    out
}

const VIDEO_HEADER: [u8; 48] = hex!(
    "76696473 00000000 00000000 00000000 00000000 01000000 19000000 00000000 00000000 00000000"
    "ffffffff 00000000"
);
const AUDIO_HEADER: [u8; 48] = hex!(
    "61756473 00000000 00000000 00000000 00000000 00040000 44ac0000 00000000 00000000 00000000"
    "ffffffff 00000000"
);

fn bitmap(code: &[u8; 4], extra: &[u8]) -> Vec<u8> {
    let mut out = hex!("28000000 10000000 10000000 0100 1800").to_vec();
    out.extend(code);
    out.extend([0; 20]);
    out.extend(extra);
    out
}

#[test]
fn lists_junk_foreign_streams_and_garbage_are_passed_over() {
    let mjpeg = bitmap(b"MJPG", &[]);
    let indeo = bitmap(b"IV50", &[]);
    let mut movi = Vec::new();
    movi.extend(hex!("4c495354 00000000 72656320")); // LIST rec
    movi.extend(hex!("30306463 05000000 ffd801ffd9 00")); // padded
    movi.extend(hex!("30316463 03000000 010203 00")); // of the stream that is not read
    movi.extend(hex!("4a554e4b 02000000 0102 69783030 02000000 0102")); // JUNK, ix00
    movi.extend(hex!("30306463 06000000 ffd802ffd9aa")); // a byte behind the image
    movi.extend(hex!("00010203 04050607 0809")); // no chunk
    movi.extend(hex!("30306462 05000000 ffd803ffd9 00"));
    movi.extend(hex!("4c495354 04000000 494e464f")); // LIST INFO
    movi.extend(hex!("30306463 ffffffff 30306463 05000000 ffd804ffd9 00")); // a size that lies
    let source = build(&[(&VIDEO_HEADER, &mjpeg), (&VIDEO_HEADER, &indeo)], &movi);
    let driven = read(&source);
    let images: Vec<_> = driven.packets.iter().map(|packet| packet.data[2]).collect();
    assert_eq!(images, [1, 2, 3, 4]);
    let broken: Vec<_> = driven
        .packets
        .iter()
        .map(|packet| packet.discontinuity)
        .collect();
    assert_eq!(broken, [false, false, true, true]);
    let errors: Vec<_> = driven.errors.iter().map(ToString::to_string).collect();
    assert_eq!(errors.len(), 3, "{errors:?}");
    assert_eq!(
        errors[0],
        "avi at byte 12: stream 1, video coded as IV50, is not supported"
    );
    assert!(
        errors[1].ends_with("no chunk starts with [00, 01, 02, 03]"),
        "{}",
        errors[1]
    );
    assert!(errors[2].ends_with("size of a chunk is 4294967295, the limit is 67108864"));
}

#[test]
fn h264_with_lengths_becomes_annex_b_with_parameter_sets() {
    let avcc = hex!("01 42c01e ff e1 000c 6742c01ed900a047fec80102 01 0004 68ce3c80");
    let format = bitmap(b"avc1", &avcc);
    let movi = hex!("30306463 07000000 00000003 658884 00 30306463 06000000 00000002 419a");
    let driven = read(&build(&[(&VIDEO_HEADER, &format)], &movi));
    assert_eq!(driven.errors, []);
    assert_eq!(driven.tracks[0].1[0].params.config, CONFIG[..]);
    let idr = [&CONFIG[..], &hex!("00000001 658884")].concat();
    assert_eq!(driven.packets[0].data, idr);
    assert_eq!(driven.packets[1].data, hex!("00000001 419a")[..]);
    assert!(driven.packets[0].key && !driven.packets[1].key);
}

#[test]
fn h264_without_parameter_sets_is_told_at_the_end() {
    let movi = hex!("30306463 06000000 00000001 419a");
    let driven = read(&build(&[(&VIDEO_HEADER, &bitmap(b"H264", &[]))], &movi));
    assert_eq!((driven.tracks.len(), driven.packets.len()), (0, 0));
    assert!(
        driven.errors[0]
            .to_string()
            .ends_with("stream 0 has no configuration")
    );
}

#[test]
fn aac_configuration_comes_from_adts_or_the_rate() {
    let format = hex!("ff00 0100 44ac0000 00000000 0000 1000 0000");
    for (name, data, want) in [
        ("ADTS", &hex!("fff15040 013ffc 2110")[..], &hex!("1208")[..]),
        ("raw", &hex!("2110"), &hex!("1208")),
    ] {
        let mut movi = b"00wb".to_vec();
        movi.extend(u32::try_from(data.len()).unwrap().to_le_bytes());
        movi.extend(data);
        movi.push(0);
        let driven = read(&build(&[(&AUDIO_HEADER, &format)], &movi));
        assert_eq!(driven.tracks[0].1[0].params.config, want, "{name}");
        assert_eq!(driven.packets[0].data, hex!("2110")[..], "{name}");
    }
}

#[test]
fn mpeg_audio_frames_are_cut_wherever_chunks_end() {
    let format = hex!("5000 0100 44ac0000 401f0000 0100 0000 0000");
    let mut header = AUDIO_HEADER;
    header[20..28].copy_from_slice(&hex!("01000000 401f0000")); // 8000 bytes per second
    header[44..48].copy_from_slice(&hex!("01000000")); // dwSampleSize
    let mut frame = hex!("fffd 40c4").to_vec();
    frame.resize(208, 0x11);
    let sound = [&frame[..], &frame, &frame].concat();
    for cut in 2..sound.len() - 2 {
        let mut movi = Vec::new();
        for part in [&sound[..cut], &sound[cut..]] {
            movi.extend(b"00wb");
            movi.extend(u32::try_from(part.len()).unwrap().to_le_bytes());
            movi.extend(part);
            movi.resize(movi.len() + part.len() % 2, 0);
        }
        let driven = read(&build(&[(&header, &format)], &movi));
        let sizes: Vec<_> = driven
            .packets
            .iter()
            .map(|packet| packet.data.len())
            .collect();
        assert_eq!(sizes, [208; 3], "cut at {cut}");
        assert_eq!(driven.packets[0].dts.0, 0);
        assert!(
            driven
                .packets
                .windows(2)
                .all(|two| two[1].dts.0 - two[0].dts.0 >= 1152)
        );
    }
}
