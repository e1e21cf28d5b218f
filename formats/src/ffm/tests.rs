//! The recorded files, in full.

use media::{CodecId, MediaParameters, Packet, Track};

use super::*;
use crate::{DemuxError, Demuxed, Demuxer, InputBuffer, Need};

macro_rules! corpus {
    ($path:literal) => {
        include_bytes!(concat!("../../../conformance/corpus/ffserver/", $path)).as_slice()
    };
}

const FFM1_RING: &[u8] = corpus!("ffm1/feed_filled.ffm");
const FFM1_EMPTY: &[u8] = corpus!("ffm1/feed_fresh_empty.ffm");
const RUNNING: &[u8] = corpus!("ffm2/feed1_running.ffm");
const EMPTY: &[u8] = corpus!("ffm2/feed_fresh_empty.ffm");
const GET_1: &[u8] = corpus!("ffm2/get_feed1_header_body.ffm");
const GET_2: &[u8] = corpus!("ffm2/get_feed2_header_body.ffm");
const GET_64K: &[u8] = corpus!("ffm2/ring64K_get_header_body.ffm");
const MIDWAY: &[u8] = corpus!("ffm2/ring64K_midway.ffm");
const WRAPPED: &[u8] = corpus!("ffm2/ring64K_wrapped.ffm");
const RELEASE: &[u8] = corpus!("ffm2/32rel_feed2_header.ffm");
const PLAIN: &[u8] = corpus!("media/av_h264_aac_plain.ffm");
const GET_08: &[u8] = corpus!("http/08_feeder_get.response");
const POST_08: &[u8] = corpus!("http/08_feeder_post.request.head200k");
const POST_32: &[u8] = corpus!("http/32_feeder_post_feed1.request.head200k");

/// What a demuxer gave.
#[derive(Debug, Default, PartialEq)]
struct Read {
    tracks: Vec<Vec<Track>>,
    packets: Vec<Packet>,
    errors: Vec<DemuxError>,
}

/// Reads `source` in pieces whose sizes come from `sizes`, over and over.
fn read(demuxer: &mut FfmDemuxer, source: &[u8], sizes: &[usize]) -> Read {
    let mut read = Read::default();
    let mut at = 0;
    let mut sizes = sizes.iter().cycle();
    loop {
        match demuxer.next() {
            Ok(Demuxed::Tracks(tracks)) => read.tracks.push(tracks),
            Ok(Demuxed::Packet(packet)) => read.packets.push(packet),
            Ok(Demuxed::Need(Need::Bytes)) if at >= source.len() => demuxer.push_end(),
            Ok(Demuxed::Need(Need::Bytes)) => {
                let end = source.len().min(at + sizes.next().unwrap());
                demuxer.push(&source[at..end]);
                at = end;
            }
            Ok(Demuxed::Need(Need::Seek(offset))) => at = usize::try_from(offset).unwrap(),
            Ok(Demuxed::End) => return read,
            Err(error) => read.errors.push(error),
        }
    }
}

fn read_file(source: &[u8]) -> Read {
    read(&mut FfmDemuxer::new(), source, &[1 << 20])
}

/// The body of a recorded post: chunked coding taken off, the last chunk cut.
fn body(post: &[u8]) -> Vec<u8> {
    let start = post
        .windows(4)
        .position(|bytes| bytes == b"\r\n\r\n")
        .unwrap()
        + 4;
    let mut rest = &post[start..];
    let mut body = Vec::new();
    while let Some(line) = rest.windows(2).position(|bytes| bytes == b"\r\n") {
        let size = std::str::from_utf8(&rest[..line]).unwrap();
        let size = usize::from_str_radix(size, 16).unwrap();
        rest = &rest[line + 2..];
        body.extend(&rest[..size.min(rest.len())]);
        rest = rest.get(size + 2..).unwrap_or_default();
    }
    body
}

fn codecs(read: &Read) -> Vec<CodecId> {
    let tracks = read.tracks.last().unwrap().iter();
    tracks.map(|track| track.params.codec).collect()
}

fn truncated(read: &Read) -> bool {
    matches!(&read.errors[..], [DemuxError::Truncated { .. }])
}

#[test]
fn every_packet_of_the_recorded_files_is_read() {
    use CodecId::{Aac, Flv1, H264, Mjpeg, Mp2, Mpeg1Video, Mpeg4, MsMpeg4V3};
    let four = [Mpeg4, Flv1, Mp2, Mpeg1Video];
    let six = [Mpeg4, Flv1, MsMpeg4V3, Mp2, Mpeg1Video, Mjpeg];
    // Counted by an independent script: packets, of which key frames; whether the end is cut.
    for (name, source, want, packets, cut) in [
        ("FFM1 ring, wrapped", FFM1_RING, &four[..], 1211, false),
        ("FFM1 ring, empty", FFM1_EMPTY, &four, 0, false),
        (
            "FFM2 ring, wrapped, feeder running",
            RUNNING,
            &six,
            816,
            true,
        ),
        ("FFM2 ring, empty", EMPTY, &six, 0, false),
        ("answer to a GET", GET_1, &six, 0, false),
        (
            "answer to a GET, global headers",
            GET_2,
            &[Aac, H264],
            0,
            false,
        ),
        ("answer to a GET, one track", GET_64K, &[Mpeg4], 0, false),
        ("FFM2 ring, not wrapped", MIDWAY, &[Mpeg4], 28, true),
        ("FFM2 ring, wrapped", WRAPPED, &[Mpeg4], 47, false),
        ("file with B frames", PLAIN, &[H264, Aac], 138, false),
    ] {
        let read = read_file(source);
        assert_eq!(codecs(&read), want, "{name}");
        assert_eq!(read.packets.len(), packets, "{name}");
        assert_eq!(read.tracks.len(), 1, "{name}");
        assert_eq!(truncated(&read), cut, "{name}: {:?}", read.errors);
        assert_eq!(
            read.errors.len(),
            usize::from(cut),
            "{name}: {:?}",
            read.errors
        );
    }
}

#[test]
fn dts_never_falls_within_a_track() {
    for (name, source) in [
        ("FFM1 ring", FFM1_RING),
        ("FFM2 ring, running", RUNNING),
        ("FFM2 ring", WRAPPED),
        ("file", PLAIN),
    ] {
        let mut last = [i64::MIN; 8];
        for packet in read_file(source).packets {
            assert!(last[packet.track] < packet.dts.0, "{name}: {packet:?}");
            assert!(packet.pts >= packet.dts, "{name}: {packet:?}");
            last[packet.track] = packet.dts.0;
        }
    }
}

#[test]
fn recorded_posts_give_every_whole_frame_and_tell_the_cut() {
    // Per stream, counted by an independent script.
    for (name, post, want, cut_frame) in [
        ("0.8.9", POST_08, &[41, 40, 62, 41][..], 211),
        ("3.2", POST_32, &[11, 26, 26, 39, 27, 5], 4067),
    ] {
        let body = body(post);
        for sizes in [&[1][..], &[1 << 20], &[4096], &[7, 4090, 13]] {
            let read = read(&mut FfmDemuxer::endless(), &body, sizes);
            assert!(truncated(&read), "{name}: {:?}", read.errors);
            let count = |track| read.packets.iter().filter(|p| p.track == track).count();
            let counts: Vec<_> = (0..want.len()).map(count).collect();
            assert_eq!(counts, want, "{name}");
        }
        // Without the bytes of the cut frame nothing is missing: all before it has been read.
        let read = read(
            &mut FfmDemuxer::endless(),
            &body[..body.len() - cut_frame],
            &[999],
        );
        assert_eq!(read.packets.len(), want.iter().sum::<usize>(), "{name}");
    }
}

#[test]
fn tracks_tell_sizes_and_rates() {
    let read = read_file(FFM1_RING);
    let tracks = &read.tracks[0];
    let MediaParameters::Video(video) = tracks[1].params.media else {
        panic!("track 1 is FLV1");
    };
    assert_eq!((video.width_px, video.height_px), (320, 240));
    assert_eq!(video.frame_rate, media::FrameRate::new(25, 1));
    assert_eq!(tracks[1].params.bit_rate_bps, Some(256_000));
    let audio = tracks[2].params.audio().unwrap();
    assert_eq!((audio.sample_rate_hz, audio.channels), (44_100, 1));
}

/// A recorded file taken apart: bytes of a frame begun before its first block, and its frames.
struct Parts {
    head: Vec<u8>,
    frames: Vec<Frame>,
    /// Bytes of a frame that its last block leaves open.
    tail: Vec<u8>,
}

/// The data blocks of a ring, oldest first.
fn oldest_first(file: &[u8], header: &Header) -> Vec<u8> {
    let data = &file[BLOCK_SIZE..];
    let at = usize::try_from(header.write_index).unwrap();
    let at = at.saturating_sub(BLOCK_SIZE).min(data.len());
    [&data[at..], &data[..at]].concat()
}

fn take_apart(blocks: &[u8], header: &Header) -> Parts {
    let payload = |block: &[u8; BLOCK_SIZE]| {
        let header = BlockHeader::parse(*block.first_chunk().unwrap()).unwrap();
        block[BlockHeader::LEN..header.end()].to_vec()
    };
    let stream: Vec<u8> = blocks.as_chunks().0.iter().flat_map(payload).collect();
    let mut unpacker = Unpacker::new(u8::try_from(header.streams.len()).unwrap());
    let mut input = InputBuffer::new();
    input.push(blocks);
    let mut frames = Vec::new();
    loop {
        match unpacker.next(&mut input) {
            Unpacked::Frame(frame) => frames.push(frame),
            Unpacked::Starved => break,
            Unpacked::Damaged { what, .. } => panic!("{what}"),
        }
    }
    // No recorded block in front of the first whole frame has fill.
    let start = usize::try_from(frames[0].start).unwrap();
    let head_len = start / BLOCK_SIZE * PAYLOAD_SIZE + start % BLOCK_SIZE - BlockHeader::LEN;
    Parts {
        head: stream[..head_len].to_vec(),
        frames,
        tail: stream[stream.len() - unpacker.pending_len()..].to_vec(),
    }
}

#[test]
fn frames_of_every_recorded_file_are_packed_into_the_same_bytes() {
    for (name, file) in [
        ("FFM1 ring", FFM1_RING),
        ("running", RUNNING),
        ("midway", MIDWAY),
        ("wrapped", WRAPPED),
        ("plain", PLAIN),
    ] {
        let (header, _) = Header::parse(file).unwrap().unwrap();
        let blocks = oldest_first(file, &header);
        let parts = take_apart(&blocks, &header);
        let first = BlockHeader::parse(*blocks.first_chunk().unwrap()).unwrap();

        let mut packer = if first.discontinuity {
            BlockPacker::new()
        } else {
            BlockPacker::resume(first.dts_us)
        };
        let mut out = Vec::new();
        packer.push_bytes(&parts.head, &mut out);
        for frame in parts.frames {
            let stream = usize::from(frame.stream);
            let packet = frame.into_packet(stream);
            let header = Frame::header_of(&packet, media::TimeBase::MICROS).unwrap();
            packer.push(&header, &packet.data, &mut out).unwrap();
        }
        if let frame::ParsedHeader::Whole(header, len) = FrameHeader::parse(&parts.tail) {
            packer.push(&header, &parts.tail[len..], &mut out).unwrap();
        }
        packer.flush(&mut out);
        assert_eq!(out.len(), blocks.len(), "{name}");
        let differing = out
            .iter()
            .zip(&blocks)
            .position(|(ours, theirs)| ours != theirs);
        assert_eq!(differing, None, "{name}");
    }
}

#[test]
fn every_recorded_header_is_written_as_it_was_read() {
    for (name, file) in [
        ("running", RUNNING),
        ("empty", EMPTY),
        ("GET 1", GET_1),
        ("GET 2", GET_2),
        ("GET 64K", GET_64K),
        ("midway", MIDWAY),
        ("wrapped", WRAPPED),
        ("release", RELEASE),
        ("plain", PLAIN),
        ("FFM1 ring", FFM1_RING),
        ("FFM1 empty", FFM1_EMPTY),
        ("FFM1 post", &body(POST_08)),
        ("FFM1 GET", &GET_08[53..]),
        ("FFM2 post", &body(POST_32)),
    ] {
        let (header, len) = Header::parse(file).unwrap().unwrap();
        assert_eq!(len, BLOCK_SIZE, "{name}");
        let mut out = Vec::new();
        match header.syntax {
            Syntax::Ffm2 => header.write_ffm2(&mut out),
            Syntax::Ffm1V08 => header.write_ffm1_08(&mut out).unwrap(),
            Syntax::Ffm1Later => panic!("{name} is of 0.8.9"),
        }
        let differing = out
            .iter()
            .zip(file)
            .position(|(ours, theirs)| ours != theirs);
        assert_eq!((out.len(), differing), (BLOCK_SIZE, None), "{name}");
    }
}

#[test]
fn any_split_of_the_input_reads_the_same() {
    for (name, source) in [
        ("FFM2 ring, midway", MIDWAY),
        ("FFM2 ring, wrapped", WRAPPED),
        ("file", PLAIN),
        (
            "FFM1 ring, short",
            &[&FFM1_EMPTY[..8], &[0; 8], &FFM1_RING[16..24 * 1024]].concat(),
        ),
    ] {
        let whole = read_file(source);
        assert!(!whole.packets.is_empty(), "{name}");
        for sizes in [
            &[1][..],
            &[2, 3, 5],
            &[13, 1],
            &[4095],
            &[4096],
            &[4097],
            &[4110, 20],
        ] {
            let split = read(&mut FfmDemuxer::new(), source, sizes);
            assert_eq!(split, whole, "{name} in pieces of {sizes:?}");
        }
    }
}

#[test]
fn every_prefix_is_read_up_to_its_last_whole_frame() {
    let whole = read_file(PLAIN);
    let header_len = BLOCK_SIZE;
    let mut lens: Vec<usize> = (0..300).collect();
    lens.extend(header_len - 2..header_len + 3000);
    lens.extend((header_len + 3000..PLAIN.len()).step_by(97));
    for len in lens {
        let cut = read_file(&PLAIN[..len]);
        let count = cut.packets.len();
        // Discontinuity and times included.
        assert_eq!(cut.packets, whole.packets[..count], "{len} bytes");
        if len < header_len {
            assert_eq!((count, truncated(&cut)), (0, true), "{len} bytes");
        }
        assert!(cut.errors.len() <= 1, "{len} bytes: {:?}", cut.errors);
    }
}

#[test]
fn damage_costs_the_frames_it_touches_and_is_counted() {
    let whole = read_file(PLAIN);
    let block = |index: usize| BLOCK_SIZE * index;
    let first_frame = usize::from(PLAIN[block(4) + 12]) << 8 | usize::from(PLAIN[block(4) + 13]);
    let corrupt = |at: usize, bytes: &[u8]| {
        let mut file = PLAIN.to_vec();
        file[at..at + bytes.len()].copy_from_slice(bytes);
        file
    };
    for (name, file) in [
        ("no magic", corrupt(block(4), b"xx")),
        ("zeroed block", corrupt(block(4), &[0; BLOCK_SIZE])),
        ("fill too large", corrupt(block(4) + 2, &[0xff, 0xff])),
        (
            "another frame offset",
            corrupt(block(4) + 12, &[0x0f, 0x00]),
        ),
        ("no frame offset", corrupt(block(4) + 12, &[0, 0])),
        (
            "session inside a frame",
            corrupt(block(4) + 12, &[PLAIN[block(4) + 12] | 0x80]),
        ),
        (
            "stream that does not exist",
            corrupt(block(4) + first_frame, &[9]),
        ),
        (
            "flag that does not exist",
            corrupt(block(4) + first_frame + 1, &[7]),
        ),
        (
            "block missing",
            [&PLAIN[..block(4)], &PLAIN[block(5)..]].concat(),
        ),
    ] {
        let mut demuxer = FfmDemuxer::new();
        let read = read(&mut demuxer, &file, &[1000]);
        assert!(demuxer.damages() >= 1, "{name}");
        assert_eq!(
            demuxer.damages(),
            read.errors.len() as u64,
            "{name}: {:?}",
            read.errors
        );
        let breaks = read
            .packets
            .iter()
            .filter(|packet| packet.discontinuity)
            .count();
        assert!(breaks >= 1, "{name}: the break is marked");
        for packet in &read.packets {
            let mut packet = packet.clone();
            packet.discontinuity = false;
            assert!(
                whole.packets.contains(&packet),
                "{name}: {packet:?} was in the file"
            );
        }
        let lost = whole.packets.len() - read.packets.len();
        assert!((1..60).contains(&lost), "{name}: {lost} packets lost");
        assert_eq!(
            read.packets.last(),
            whole.packets.last(),
            "{name}: found its way again"
        );
    }
}

#[test]
fn ring_cut_by_a_crash_is_read_from_its_first_block() {
    // The write index stands past the end of the file.
    let cut = &MIDWAY[..BLOCK_SIZE * 6];
    let found = read_file(cut);
    let whole = read_file(MIDWAY);
    assert!(found.packets.len() > 10);
    assert_eq!(found.packets, whole.packets[..found.packets.len()]);
}

#[test]
fn unknown_codecs_are_reported_and_left_out() {
    let mut file = PLAIN.to_vec();
    assert_eq!(
        file[0xa2..0xa4],
        hex_literal::hex!("5002"),
        "low half of the audio codec"
    );
    file[0xa2..0xa4].copy_from_slice(&[0x50, 0xff]);
    let read = read_file(&file);
    let unsupported = DemuxError::Unsupported {
        format: "FFM",
        offset: 0,
        feature: "stream 1: codec number 0x150ff".into(),
    };
    assert_eq!(read.errors, [unsupported]);
    assert_eq!(codecs(&read), [CodecId::H264]);
    assert!(read.packets.iter().all(|packet| packet.track == 0));
}
