//! The reader, by files of others and what an independent reader lists of them.

use media::{CodecId, MediaParameters, Timestamp};

use super::super::Mp4Demuxer;
use super::{h264, live_stream, packet};
use crate::testing::{Driven, Listed, codecs, corpus, corpus_in, drive, drive_splits, listed};
use crate::{Demuxed, Demuxer, Need};

fn read(source: &[u8]) -> Driven {
    drive(&mut Mp4Demuxer::new(), source, 1 << 16)
}

fn file(name: &str) -> Vec<u8> {
    if name.starts_with("ffmpeg_") {
        corpus_in("mp4", name)
    } else {
        corpus(name)
    }
}

const FILES: [&str; 11] = [
    "av_h264_aac.mp4",
    "v_h264.mp4",
    "v_mpeg4.mp4",
    "ffmpeg_bframes_faststart.mp4",
    "ffmpeg_bframes.mov",
    "ffmpeg_fragments.mp4",
    "ffmpeg_fragments_no_offset.mp4",
    "ffmpeg_hybrid.mp4",
    "ffmpeg_negative_offsets.mp4",
    "ffmpeg_mpeg4_mp2.mp4",
    "ffmpeg_mjpeg_mp3.mp4",
];

#[test]
fn packets_are_those_that_ffprobe_lists() {
    for name in FILES {
        let driven = read(&file(name));
        assert_eq!(driven.errors, [], "{name}");
        let tracks = &driven.tracks[0].1;
        for (stream, track) in tracks.iter().enumerate() {
            let params = &track.params;
            let got: Vec<_> = driven
                .packets
                .iter()
                .filter(|packet| packet.track == stream)
                .map(|packet| Listed {
                    stream,
                    pts: packet.pts.0,
                    dts: packet.dts.0,
                    // The start codes take the room of the lengths; parameter sets come on top.
                    size: packet.data.len()
                        - if packet.key && params.codec == CodecId::H264 {
                            params.config.len()
                        } else {
                            0
                        },
                    key: packet.key,
                })
                .collect();
            let want: Vec<_> = listed(name)
                .into_iter()
                .filter(|listed| listed.stream == stream)
                .collect();
            assert_eq!(got, want, "{name}, stream {stream}");
        }
    }
}

#[test]
fn tracks_are_told_with_what_the_samples_show() {
    use CodecId::{Aac, H264, Mjpeg, Mp2, Mp3, Mpeg4};
    for (name, want) in [
        ("av_h264_aac.mp4", &[H264, Aac][..]),
        ("ffmpeg_bframes.mov", &[H264, Aac]),
        ("ffmpeg_fragments.mp4", &[H264, Aac]),
        ("ffmpeg_mpeg4_mp2.mp4", &[Mpeg4, Mp2]),
        ("ffmpeg_mjpeg_mp3.mp4", &[Mjpeg, Mp3]),
    ] {
        let driven = read(&file(name));
        let got: Vec<_> = codecs(&driven.tracks[0].1)
            .into_iter()
            .map(|(codec, _)| codec)
            .collect();
        assert_eq!(got, want, "{name}");
    }
    let driven = read(&file("av_h264_aac.mp4"));
    let [video, audio] = &driven.tracks[0].1[..] else {
        panic!("two tracks")
    };
    let MediaParameters::Video(picture) = video.params.media else {
        panic!("video")
    };
    assert_eq!((picture.width_px, picture.height_px), (320, 240));
    assert_eq!(picture.frame_rate.unwrap().to_string(), "25");
    assert_eq!(audio.time_base.to_string(), "1/44100");
    assert_eq!(
        audio.params.bit_rate_bps,
        Some(64_573),
        "bytes of the samples by their time"
    );
    assert_eq!(audio.params.config[..2], [0x12, 0x08]);
}

#[test]
fn tracks_come_interleaved_by_decoding_time() {
    for name in FILES {
        let driven = read(&file(name));
        let tracks = &driven.tracks[0].1;
        let mut latest = vec![i64::MIN; tracks.len()];
        for packet in &driven.packets {
            let base = tracks[packet.track].time_base;
            let time = packet.dts.rescale(base, media::TimeBase::MICROS).0;
            assert!(packet.dts <= packet.pts, "{name}: {packet:?}");
            assert!(latest[packet.track] < time, "{name}: {packet:?}");
            latest[packet.track] = time;
            let ahead = time
                - latest
                    .iter()
                    .filter(|time| **time > i64::MIN)
                    .min()
                    .unwrap();
            assert!(ahead < 600_000, "{name}: {packet:?} is {ahead} us ahead");
        }
    }
}

#[test]
fn every_split_gives_the_same_packets() {
    for name in [
        "ffmpeg_bframes_faststart.mp4",
        "ffmpeg_hybrid.mp4",
        "ffmpeg_mpeg4_mp2.mp4",
    ] {
        let source = file(name);
        let whole = read(&source);
        for step in [1, 7, 4096, source.len()] {
            let driven = drive(&mut Mp4Demuxer::new(), &source, step);
            assert_eq!(driven.packets, whole.packets, "{name}, {step} bytes a push");
        }
    }
    let (source, _) = live_stream(4, 0, false);
    let whole = read(&source);
    for split in 1..source.len() {
        let step = |at| if at == 0 { split } else { source.len() };
        let driven = drive_splits(&mut Mp4Demuxer::new(), &source, step);
        assert_eq!(driven.packets, whole.packets, "split at {split}");
    }
}

#[test]
fn index_in_front_is_read_without_a_jump_and_index_at_the_end_with_two() {
    for name in [
        "ffmpeg_bframes_faststart.mp4",
        "ffmpeg_fragments.mp4",
        "ffmpeg_hybrid.mp4",
    ] {
        assert!(read(&file(name)).seeks.is_empty(), "{name}");
    }
    assert_eq!(
        read(&file("av_h264_aac.mp4")).seeks,
        [48],
        "back to the first sample"
    );
}

#[test]
fn a_source_cut_off_gives_what_is_whole_and_says_so() {
    let source = file("ffmpeg_bframes_faststart.mp4");
    let whole = read(&source);
    let mut counts = Vec::new();
    for len in (0..source.len()).step_by(97) {
        let driven = read(&source[..len]);
        assert_eq!(driven.errors.len(), 1, "{len} bytes: {:?}", driven.errors);
        for packet in &driven.packets {
            assert!(whole.packets.contains(packet), "{len} bytes: {packet:?}");
        }
        counts.push(driven.packets.len());
    }
    assert!(
        counts.is_sorted() && counts.last() > Some(&130),
        "{counts:?}"
    );
}

#[test]
fn parameter_sets_stand_before_every_key_frame() {
    let driven = read(&file("ffmpeg_fragments.mp4"));
    let config = &driven.tracks[0].1[0].params.config;
    let video = driven.packets.iter().filter(|packet| packet.track == 0);
    for packet in video {
        assert_eq!(packet.data.starts_with(config), packet.key, "{packet:?}");
    }
}

/// A source of any size whose bytes are made when they are read.
struct Sparse {
    pieces: Vec<(u64, Vec<u8>)>,
    len: u64,
}

impl Sparse {
    fn read(&self, at: u64, len: u64) -> Vec<u8> {
        let len = usize::try_from(len.min(self.len - at)).unwrap();
        let mut bytes = vec![0; len];
        for (offset, piece) in &self.pieces {
            for (index, byte) in piece.iter().enumerate() {
                if let Some(place) = (offset + index as u64).checked_sub(at)
                    && let Some(target) = bytes.get_mut(usize::try_from(place).unwrap())
                {
                    *target = *byte;
                }
            }
        }
        bytes
    }
}

#[test]
fn three_gigabytes_with_the_index_at_the_end_need_no_more_memory_than_a_window() {
    // The samples of a small file, moved apart: one every 30 MB.
    const APART: u64 = 30_000_000;
    let small = file("v_h264.mp4");
    let position = |kind: &[u8]| small.windows(4).position(|window| window == kind).unwrap();
    let mut moov = small[position(b"moov") - 4..].to_vec();
    let samples: Vec<_> = read(&small).packets;
    let co64 = samples.len();
    let at = |kind: &[u8], moov: &[u8]| moov.windows(4).position(|w| w == kind).unwrap();
    // stsc: one sample in each chunk; stco becomes co64, the boxes around grow.
    let stsc = at(b"stsc", &moov);
    moov[stsc + 16..stsc + 20].copy_from_slice(&1_u32.to_be_bytes());
    let stsz = at(b"stsz", &moov);
    let sizes: Vec<u32> = (0..co64)
        .map(|index| {
            let from = stsz + 16 + index * 4;
            u32::from_be_bytes(moov[from..from + 4].try_into().unwrap())
        })
        .collect();
    let stco = at(b"stco", &moov) - 4;
    let mut table = u32::try_from(16 + 8 * co64).unwrap().to_be_bytes().to_vec();
    table.extend(b"co64\0\0\0\0");
    table.extend(u32::try_from(co64).unwrap().to_be_bytes());
    for index in 0..co64 as u64 {
        table.extend((48 + index * APART).to_be_bytes());
    }
    let grown = u32::try_from(table.len() - 20).unwrap();
    moov.splice(stco..stco + 20, table);
    for kind in [b"moov", b"trak", b"mdia", b"minf", b"stbl"] {
        let size = at(kind, &moov) - 4;
        let old = u32::from_be_bytes(moov[size..size + 4].try_into().unwrap());
        moov[size..size + 4].copy_from_slice(&(old + grown).to_be_bytes());
    }
    let mdat_end = 48 + co64 as u64 * APART;
    let mut mdat = b"\0\0\0\x01mdat".to_vec();
    mdat.extend((mdat_end - 32).to_be_bytes());
    let mut pieces = vec![
        (0, small[..32].to_vec()),
        (32, mdat),
        (mdat_end, moov.clone()),
    ];
    let mut offset = 48;
    for (index, size) in sizes.iter().enumerate() {
        let sample = small[offset..offset + *size as usize].to_vec();
        pieces.push((48 + index as u64 * APART, sample));
        offset += *size as usize;
    }
    let source = Sparse {
        pieces,
        len: mdat_end + moov.len() as u64,
    };
    assert!(source.len > 3_000_000_000);

    let mut demuxer = Mp4Demuxer::new();
    let (mut at, mut seeks, mut pushed, mut most) = (0, 0, 0, 0);
    let mut packets = Vec::new();
    loop {
        most = most.max(demuxer.buffered());
        match demuxer.next().unwrap() {
            Demuxed::Need(Need::Bytes) => {
                let bytes = source.read(at, 16_384);
                at += bytes.len() as u64;
                pushed += bytes.len();
                demuxer.push(&bytes);
            }
            Demuxed::Need(Need::Seek(offset)) => {
                at = offset;
                seeks += 1;
            }
            Demuxed::Packet(packet) => packets.push(packet),
            Demuxed::Tracks(_) => {}
            Demuxed::End => break,
        }
    }
    assert_eq!(packets, samples);
    assert_eq!(seeks, 1 + 100, "past mdat, then to each sample");
    assert!(pushed < 4_000_000, "{pushed} bytes read");
    assert!(most < 64 << 10, "{most} bytes in memory");
}

#[test]
fn seek_goes_to_the_key_frame_before() {
    for (name, second, want_us) in [
        // Key frames every 400 ms.
        ("ffmpeg_bframes_faststart.mp4", 1_000_000, 800_000),
        ("ffmpeg_bframes_faststart.mp4", 800_000, 800_000),
        ("ffmpeg_bframes_faststart.mp4", 799_999, 400_000),
        ("ffmpeg_bframes_faststart.mp4", -5, 0),
        ("ffmpeg_bframes_faststart.mp4", i64::MAX, 1_600_000),
        ("ffmpeg_bframes.mov", 1_000_000, 800_000),
        // Without an edit list times start at the reordering delay.
        ("ffmpeg_fragments.mp4", 1_000_000, 880_000),
        ("ffmpeg_fragments.mp4", 0, 80_000),
        ("ffmpeg_fragments.mp4", i64::MAX, 1_680_000),
        ("ffmpeg_fragments_no_offset.mp4", 1_000_000, 880_000),
        ("ffmpeg_hybrid.mp4", 1_000_000, 880_000),
        ("ffmpeg_hybrid.mp4", 200_000, 80_000),
    ] {
        let source = file(name);
        let mut demuxer = Mp4Demuxer::new();
        let before = drive(&mut demuxer, &source, 4096);
        let tracks = &before.tracks[0].1;
        demuxer.seek(Timestamp(second)).unwrap();
        let after = drive(&mut demuxer, &source, 4096);
        let first = |track| {
            after
                .packets
                .iter()
                .find(|packet| packet.track == track)
                .unwrap()
        };
        let us = |packet: &media::Packet| {
            let base = tracks[packet.track].time_base;
            packet.pts.rescale(base, media::TimeBase::MICROS).0
        };
        let video = first(0);
        assert!(
            video.key && video.discontinuity,
            "{name} to {second}: {video:?}"
        );
        assert_eq!(us(video), want_us, "{name} to {second}");
        let distance = us(first(1)) - us(video);
        assert!(
            (-500_000..=30_000).contains(&distance),
            "{name} to {second}: audio {distance}"
        );
        // From there on the packets are the same as without the jump.
        let tail = before
            .packets
            .iter()
            .filter(|packet| packet.track == 0 && packet.dts >= video.dts);
        let seeked = after.packets.iter().filter(|packet| packet.track == 0);
        assert!(
            tail.map(|p| (p.pts, p.dts))
                .eq(seeked.map(|p| (p.pts, p.dts))),
            "{name}"
        );
    }
}

#[test]
fn seek_before_the_tracks_are_known_is_refused() {
    let mut demuxer = Mp4Demuxer::new();
    assert_eq!(
        demuxer.seek(Timestamp(0)),
        Err(crate::DemuxError::NotSeekable)
    );
}

#[test]
fn live_stream_comes_back_as_it_was_written() {
    for (name, start, reorder) in [
        ("from zero", 0, false),
        ("with B frames", 0, true),
        ("30 hours old", 2_700_000, true),
    ] {
        let (source, mut want) = live_stream(25, start, reorder);
        let driven = read(&source);
        assert_eq!(driven.errors, [], "{name}");
        want.sort_by_key(|packet| packet.track);
        let mut got = driven.packets;
        got.sort_by_key(|packet| packet.track);
        assert_eq!(got, want, "{name}");
    }
}

#[test]
fn times_before_the_epoch_come_back_moved_by_whole_seconds() {
    use crate::Muxer;
    let mut muxer = super::super::Mp4Muxer::new(&[h264(90_000)]).unwrap();
    let mut source = Vec::new();
    muxer.write_header(Timestamp(-80_000), &mut source).unwrap();
    for dts in [-7200, -3600, 0, 3600] {
        let data = [&super::PARAMETER_SETS[..], &super::IDR].concat();
        muxer
            .write_packet(&packet(0, dts, dts + 7200, true, &data), &mut source)
            .unwrap();
    }
    let times: Vec<_> = read(&source)
        .packets
        .iter()
        .map(|p| (p.dts.0, p.pts.0))
        .collect();
    assert_eq!(
        times,
        [
            (82_800, 90_000),
            (86_400, 93_600),
            (90_000, 97_200),
            (93_600, 100_800)
        ]
    );
}
