//! Input made to break a reader: sizes, counts, offsets and depths that lie.

use super::super::Mp4Demuxer;
use super::live_stream;
use crate::testing::{Driven, Random, corpus, corpus_in, drive, mutated};

/// Position behind the type of the first box of a kind.
fn body(source: &[u8], kind: &[u8; 4]) -> usize {
    source.windows(4).position(|window| window == kind).unwrap() + 4
}

fn set(source: &mut [u8], at: usize, value: u32) {
    source[at..at + 4].copy_from_slice(&value.to_be_bytes());
}

fn read(source: &[u8]) -> Driven {
    drive(&mut Mp4Demuxer::new(), source, 4096)
}

/// A box of a kind around bytes.
fn boxed(kind: &[u8; 4], body: &[u8]) -> Vec<u8> {
    let size = u32::try_from(body.len() + 8).unwrap();
    [&size.to_be_bytes()[..], kind, body].concat()
}

/// What a change to a file does: the first error, and the packets that still come.
struct Case {
    name: &'static str,
    change: fn(&mut Vec<u8>),
    error: &'static str,
    packets: usize,
}

#[test]
fn lies_in_a_file_are_told_and_cost_no_more_than_they_must() {
    let whole = corpus_in("mp4", "ffmpeg_bframes_faststart.mp4");
    assert_eq!(read(&whole).packets.len(), 138);
    let mut wrong = Vec::new();
    for case in FILE_CASES {
        let mut source = whole.clone();
        (case.change)(&mut source);
        let driven = read(&source);
        let error = driven
            .errors
            .first()
            .map(ToString::to_string)
            .unwrap_or_default();
        if (error.as_str(), driven.packets.len()) != (case.error, case.packets) {
            wrong.push((case.name, error, driven.packets.len()));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

const FILE_CASES: &[Case] = &[
    Case {
        name: "box of the top level smaller than its header",
        change: |s| set(s, 0, 7),
        error: "mp4 at byte 0: box ftyp of 7 bytes is smaller than its header",
        packets: 0,
    },
    Case {
        name: "largesize smaller than its header",
        change: |s| {
            set(s, 0, 1);
            s[8..16].copy_from_slice(&15_u64.to_be_bytes());
        },
        error: "mp4 at byte 0: box ftyp of 15 bytes is smaller than its header",
        packets: 0,
    },
    Case {
        name: "box of 2^64 - 1 bytes",
        change: |s| {
            set(s, 0, 1);
            s[8..16].fill(0xff);
        },
        error: "mp4 at byte 18446744073709551615: box moov is missing",
        packets: 0,
    },
    Case {
        name: "first box to the end of the file",
        change: |s| set(s, 0, 0),
        error: "mp4 at byte 4096: box moov is missing",
        packets: 0,
    },
    Case {
        name: "no box at all",
        change: |s| s[4..8].fill(0),
        error: "mp4 at byte 0: no box type: \\x00\\x00\\x00\\x00",
        packets: 0,
    },
    Case {
        name: "moov to the end of the file",
        change: |s| {
            let at = body(s, b"moov") - 8;
            set(s, at, 0);
        },
        error: "mp4 at byte 32: box moov inside another leaves its size open",
        packets: 0,
    },
    Case {
        name: "moov of 4 GiB",
        change: |s| {
            let at = body(s, b"moov") - 8;
            set(s, at, u32::MAX);
        },
        error: "mp4 at byte 32: size of an index box is 4294967295, the limit is 134217728",
        packets: 0,
    },
    Case {
        name: "trak larger than moov",
        change: |s| {
            let at = body(s, b"trak") - 8;
            set(s, at, 0x00ff_ffff);
        },
        error: "mp4 at byte 32: box trak of 16777215 bytes has 2609 bytes left in the box around it",
        packets: 0,
    },
    Case {
        name: "child of size 0",
        change: |s| {
            let at = body(s, b"stts") - 8;
            set(s, at, 0);
        },
        error: "mp4 at byte 32: box stts inside another leaves its size open",
        packets: 88,
    },
    Case {
        name: "timescale 0",
        change: |s| {
            let at = body(s, b"mdhd") + 12;
            set(s, at, 0);
        },
        error: "mp4 at byte 32: box mdhd is damaged",
        packets: 88,
    },
    Case {
        name: "stsz says 2^32 - 1 samples",
        change: |s| {
            let at = body(s, b"stsz") + 8;
            set(s, at, u32::MAX);
        },
        error: "mp4 at byte 32: box stsz says 4294967295 entries and has room for 50",
        packets: 88,
    },
    Case {
        name: "stsz says 2^32 - 1 samples of one size",
        change: |s| {
            let at = body(s, b"stsz");
            set(s, at + 4, 1);
            set(s, at + 8, u32::MAX);
        },
        error: "mp4 at byte 32: number of samples of a track is 4294967295, the limit is 16777216",
        packets: 88,
    },
    Case {
        name: "stts says 2^32 - 1 entries",
        change: |s| {
            let at = body(s, b"stts") + 4;
            set(s, at, u32::MAX);
        },
        error: "mp4 at byte 32: box stts says 4294967295 entries and has room for 1",
        packets: 88,
    },
    Case {
        name: "stts without entries: every sample at once",
        change: |s| {
            let at = body(s, b"stts") + 4;
            set(s, at, 0);
        },
        error: "",
        packets: 138,
    },
    Case {
        name: "stts with deltas of 2^32 - 1",
        change: |s| {
            let at = body(s, b"stts") + 12;
            set(s, at, u32::MAX);
        },
        error: "",
        packets: 138,
    },
    Case {
        name: "stsc without entries",
        change: |s| {
            let at = body(s, b"stsc") + 4;
            set(s, at, 0);
        },
        error: "",
        packets: 88,
    },
    Case {
        name: "chunks of 2^32 - 1 samples",
        change: |s| {
            let at = body(s, b"stsc") + 12;
            set(s, at, u32::MAX);
        },
        error: "mp4 at byte 5360: a sample of track 0 is not in its codec's form",
        packets: 90,
    },
    Case {
        name: "chunk offset behind the end",
        change: |s| {
            let at = body(s, b"stco") + 8;
            set(s, at, 0xffff_fff0);
        },
        error: "mp4 ends at byte 26159 inside a sample",
        packets: 88,
    },
    Case {
        name: "chunk offset in the index: bytes that are no samples",
        change: |s| {
            let at = body(s, b"stco") + 8;
            set(s, at, 40);
        },
        error: "mp4 at byte 40: a sample of track 0 is not in its codec's form",
        packets: 136,
    },
    Case {
        name: "sample of 4 GiB",
        change: |s| {
            let at = body(s, b"stsz") + 12;
            set(s, at, u32::MAX);
        },
        error: "mp4 at byte 2773: size of a sample is 4294967295, the limit is 33554432",
        packets: 88,
    },
    Case {
        name: "sample description that is not there",
        change: |s| {
            let at = body(s, b"stsc") + 16;
            set(s, at, 9);
        },
        error: "mp4 at byte 2773: a sample of track 0 is not in its codec's form",
        packets: 136,
    },
    Case {
        name: "avcC cut off",
        change: |s| {
            let at = body(s, b"avcC") - 8;
            set(s, at, 20);
        },
        error: "",
        packets: 88,
    },
    Case {
        name: "a codec that is not read, and one that is",
        change: |s| {
            // The first one is a brand.
            let at = s.windows(4).rposition(|window| window == b"avc1").unwrap();
            s[at..at + 4].copy_from_slice(b"hvc1");
        },
        error: "",
        packets: 88,
    },
    Case {
        name: "codecs that are not read",
        change: |s| {
            for (old, new) in [(b"avc1", b"hvc1"), (b"mp4a", b"ac-3")] {
                while let Some(at) = s.windows(4).position(|window| window == old) {
                    s[at..at + 4].copy_from_slice(new);
                }
            }
        },
        error: "mp4 at byte 32: sample entry hvc1, ac-3 is not supported",
        packets: 0,
    },
    Case {
        name: "second moov",
        change: |s| {
            let at = body(s, b"moov") - 8;
            let moov = s[at..].to_vec();
            s.extend(moov);
        },
        error: "",
        packets: 138,
    },
];

#[test]
fn lies_in_fragments_are_told_and_cost_one_fragment() {
    let (whole, packets) = live_stream(10, 0, true);
    assert_eq!(read(&whole).packets.len(), packets.len());
    let mut wrong = Vec::new();
    for case in FRAGMENT_CASES {
        let mut source = whole.clone();
        (case.change)(&mut source);
        let driven = read(&source);
        let error = driven
            .errors
            .first()
            .map(ToString::to_string)
            .unwrap_or_default();
        if (error.as_str(), driven.packets.len()) != (case.error, case.packets) {
            wrong.push((case.name, error, driven.packets.len()));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

const FRAGMENT_CASES: &[Case] = &[
    Case {
        name: "second moov",
        change: |s| {
            let at = body(s, b"moov") - 8;
            let end = body(s, b"moof") - 8;
            let moov = s[at..end].to_vec();
            s.splice(end..end, moov);
        },
        error: "mp4 at byte 1133: a second moov",
        packets: 30,
    },
    Case {
        name: "moof before moov",
        change: |s| {
            s.splice(0..0, boxed(b"moof", &[]));
        },
        error: "mp4 at byte 0: moof before moov",
        packets: 30,
    },
    Case {
        name: "trun says 2^32 - 1 samples",
        change: |s| {
            let at = body(s, b"trun") + 4;
            set(s, at, u32::MAX);
        },
        error: "mp4 at byte 1133: box trun says 4294967295 entries and has room for 1",
        packets: 29,
    },
    Case {
        name: "trun counts 2^32 - 1 samples without fields",
        change: |s| {
            let at = body(s, b"trun");
            set(s, at, 0x0100_0001);
            set(s, at + 4, u32::MAX);
        },
        error: "mp4 at byte 1133: box trun says 4294967295 entries and has room for 16777216",
        packets: 29,
    },
    Case {
        name: "data_offset before the file",
        change: |s| {
            let at = body(s, b"trun") + 8;
            set(s, at, 0x8000_0000);
        },
        error: "mp4 at byte 1133: box trun is damaged",
        packets: 29,
    },
    Case {
        name: "base_media_decode_time of 2^64 - 1",
        change: |s| {
            let at = body(s, b"tfdt") + 4;
            s[at..at + 8].fill(0xff);
        },
        error: "",
        packets: 30,
    },
    Case {
        name: "tfhd cut off",
        change: |s| {
            let at = body(s, b"tfhd") - 8;
            set(s, at, 12);
        },
        error: "mp4 at byte 1133: box tfhd is damaged",
        packets: 29,
    },
    Case {
        name: "fragment of a track that is not there",
        change: |s| {
            let at = body(s, b"tfhd") + 4;
            set(s, at, 77);
        },
        error: "",
        packets: 29,
    },
    Case {
        name: "moof of 4 GiB",
        change: |s| {
            let at = body(s, b"moof") - 8;
            set(s, at, u32::MAX);
        },
        error: "mp4 at byte 1133: size of an index box is 4294967295, the limit is 16777216",
        packets: 0,
    },
];

#[test]
fn descriptors_nested_without_end_are_entered_no_further_than_the_standard_goes() {
    // 60 000 ES descriptors, each in the one before.
    let mut descriptor = Vec::new();
    for _ in 0..60_000 {
        let len = u32::try_from(descriptor.len() + 3).unwrap();
        let size = [21, 14, 7, 0].map(|shift| {
            let more = if shift == 0 { 0 } else { 0x80 };
            u8::try_from(len >> shift & 0x7f).unwrap() | more
        });
        descriptor = [&[3][..], &size, &[0, 0, 0], &descriptor].concat();
        if descriptor.len() > 400_000 {
            break;
        }
    }
    let esds = boxed(b"esds", &[&[0; 4][..], &descriptor].concat());
    let entry = boxed(b"mp4a", &[&[0; 28][..], &esds].concat());
    let stsd = boxed(b"stsd", &[&[0, 0, 0, 0, 0, 0, 0, 1][..], &entry].concat());
    let children = super::super::boxes::children(&bytes::Bytes::from(stsd))
        .next()
        .unwrap()
        .unwrap();
    let descriptions = super::super::description::parse_all(&children.body);
    assert_eq!(descriptions, [("mp4a".to_owned(), None)]);
}

#[test]
fn boxes_nested_without_end_are_passed_over() {
    let mut nested = Vec::new();
    for _ in 0..2000 {
        nested = boxed(b"moov", &nested);
    }
    let driven = read(&nested);
    assert_eq!(
        driven.errors[0].to_string(),
        "mp4 at byte 0: a file without video and audio tracks is not supported"
    );
}

#[test]
fn damaged_files_neither_panic_nor_loop() {
    let sources = [
        corpus_in("mp4", "ffmpeg_bframes_faststart.mp4"),
        corpus_in("mp4", "ffmpeg_bframes.mov"),
        corpus_in("mp4", "ffmpeg_fragments.mp4"),
        corpus_in("mp4", "ffmpeg_hybrid.mp4"),
        corpus_in("mp4", "ffmpeg_mpeg4_mp2.mp4"),
        corpus("v_mpeg4.mp4"),
        live_stream(20, 0, true).0,
    ];
    let mut random = Random(0x6d70_3400);
    let (mut cases, mut packets) = (0, 0);
    for source in &sources {
        // Half of the damage goes where the structure is.
        let index = source
            .windows(4)
            .position(|window| window == b"moov")
            .unwrap();
        for round in 0..300 {
            let damaged = if round % 2 == 0 {
                mutated(source, &mut random)
            } else {
                let end = source.len().min(index + 3000);
                let middle = mutated(&source[index..end], &mut random);
                [&source[..index], &middle, &source[end..]].concat()
            };
            let mut demuxer = Mp4Demuxer::new();
            packets += drive(&mut demuxer, &damaged, 4096).packets.len();
            assert!(demuxer.buffered() < 1 << 20);
            let to = i64::try_from(random.below(3_000_000)).unwrap();
            if crate::Demuxer::seek(&mut demuxer, media::Timestamp(to)).is_ok() {
                packets += drive(&mut demuxer, &damaged, 4096).packets.len();
            }
            cases += 1;
        }
    }
    println!("{cases} damaged files, {packets} packets");
    assert!(
        packets > cases,
        "most of the damage leaves something to read"
    );
}
