//! Every clip of the corpus into every container and back: packets, times and flags are those of
//! the source after rounding to the container's time base, but for what [`CONTAINERS`] says that
//! the container cannot carry; and that is asserted as exactly as the rest.
#![expect(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    reason = "a test that reads the corpus"
)]

use std::collections::BTreeSet;

use formats::{Demuxed, Demuxer, Format, Need};
use media::bitstream::{
    mpeg4,
    nal::{self, NalType},
};
use media::{CodecId, MediaKind, Packet, TimeBase, Timestamp, Track};

/// What a container keeps of packets.
struct Container {
    format: Format,
    /// Of the codecs in the corpus, those it carries.
    codecs: &'static [CodecId],
    times: Times,
    /// Packets it has room for.
    packets: usize,
    /// Frames of silence stand where a track of counted frames has none.
    silence: bool,
}

/// What a container keeps of times.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Times {
    /// All of them.
    Kept,
    /// All of them, but modulo 2^32 ms: those before zero come back 49 days later.
    KeptModulo32Bits,
    /// All of them; a stream that starts before zero is moved by the whole seconds it takes.
    MovedBySeconds,
    /// All of them, but modulo 2^33 ticks of 1/90000 s: those before zero come back 26 hours later.
    KeptModulo33Bits,
    /// A packet's place in its track, from the start of the stream. The order that pictures are
    /// shown in is told by H.264 itself.
    Counted,
}

const ALL: &[CodecId] = &[
    CodecId::H264,
    CodecId::Flv1,
    CodecId::Mjpeg,
    CodecId::Mpeg4,
    CodecId::Aac,
];
const JPEG: &[CodecId] = &[CodecId::Mjpeg];

const CONTAINERS: &[Container] = &[
    Container {
        silence: true,
        ..container(Format::Avi, ALL, Times::Counted)
    },
    container(Format::Ffm, ALL, Times::Kept),
    container(
        Format::Flv,
        &[CodecId::H264, CodecId::Flv1, CodecId::Aac],
        Times::KeptModulo32Bits,
    ),
    container(Format::H264, &[CodecId::H264], Times::Counted),
    Container {
        packets: 1,
        ..container(Format::Jpeg, JPEG, Times::Counted)
    },
    container(Format::Mjpeg, JPEG, Times::Counted),
    container(
        Format::Mp4,
        &[CodecId::H264, CodecId::Mjpeg, CodecId::Mpeg4, CodecId::Aac],
        Times::MovedBySeconds,
    ),
    container(
        Format::MpegTs,
        &[CodecId::H264, CodecId::Mpeg4, CodecId::Aac],
        Times::KeptModulo33Bits,
    ),
    container(Format::MpJpeg, JPEG, Times::Counted),
];

const fn container(format: Format, codecs: &'static [CodecId], times: Times) -> Container {
    Container {
        format,
        codecs,
        times,
        packets: usize::MAX,
        silence: false,
    }
}

const SOURCES: [&str; 15] = [
    "media/av_h264_aac.avi",
    "media/av_h264_aac.flv",
    "media/av_h264_aac.mp4",
    "media/av_h264_aac_plain.ffm",
    "media/av_h264_aac.ts",
    "media/v_mpeg4.ts",
    "media/served_08_live.flv",
    "media/served_08_test.avi",
    "media/source_mpeg4.avi",
    "media/v_flv1.flv",
    "media/v_h264.mp4",
    "media/v_mjpeg.avi",
    "media/v_mjpeg.mjpeg",
    "media/v_mjpeg.mpjpeg",
    "media/v_mpeg4.mp4",
];

/// A source or what came back of it.
#[derive(Debug)]
struct Clip {
    tracks: Vec<Track>,
    packets: Vec<Packet>,
}

#[test]
fn remuxed_clips_come_back_as_the_table_says() {
    let mut compared = 0;
    for name in SOURCES {
        let source = read(name, &corpus(name), None);
        for container in CONTAINERS {
            let label = format!("{name} as {}", container.format.name());
            let Some(sent) = carried(&source, container) else {
                continue;
            };
            let bytes = write(&sent, container, &label);
            assert_eq!(Format::probe(&bytes), Some(container.format), "{label}");
            let got = read(&label, &bytes, Some(container.format));
            compare(&sent, &got, container, &label);
            compared += got.packets.len();
        }
    }
    println!("{compared} packets compared");
    assert!(compared > 5000, "{compared} packets compared");
}

#[test]
fn containers_carry_the_codecs_of_the_table_and_no_others_of_the_corpus() {
    for container in CONTAINERS {
        for codec in ALL {
            let want = container.codecs.contains(codec);
            let got = container.format.can_carry(*codec);
            assert_eq!(got, want, "{codec} in {}", container.format.name());
        }
    }
}

fn corpus(name: &str) -> Vec<u8> {
    let folder = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../conformance/corpus/ffserver"
    );
    std::fs::read(format!("{folder}/{name}")).unwrap()
}

/// Reads a clip to its end, without an error.
fn read(label: &str, source: &[u8], format: Option<Format>) -> Clip {
    let format = format
        .or_else(|| Format::probe(&source[..source.len().min(1024)]))
        .unwrap();
    let mut demuxer = format.demuxer();
    let mut clip = Clip {
        tracks: Vec::new(),
        packets: Vec::new(),
    };
    let mut at = 0;
    loop {
        match demuxer.next() {
            Ok(Demuxed::Tracks(tracks)) => {
                assert!(clip.tracks.is_empty(), "{label}: the tracks change");
                clip.tracks = tracks;
            }
            Ok(Demuxed::Packet(packet)) => clip.packets.push(packet),
            Ok(Demuxed::Need(need)) => feed(demuxer.as_mut(), need, source, &mut at),
            Ok(Demuxed::End) => return clip,
            // The captures of live streams end where the client left.
            Err(formats::DemuxError::Truncated { .. }) if label.contains("/served_") => {}
            Err(error) => panic!("{label}: {error}"),
        }
    }
}

fn feed(demuxer: &mut dyn Demuxer, need: Need, source: &[u8], at: &mut usize) {
    match need {
        Need::Bytes if *at < source.len() => {
            let end = source.len().min(*at + 4096);
            demuxer.push(&source[*at..end]);
            *at = end;
        }
        Need::Bytes => demuxer.push_end(),
        Need::Seek(offset) => *at = source.len().min(usize::try_from(offset).unwrap()),
    }
}

/// The tracks that a container has a mapping for; `None` if there are none.
fn carried(source: &Clip, container: &Container) -> Option<Clip> {
    let kept: Vec<usize> = (0..source.tracks.len())
        .filter(|index| {
            container
                .format
                .can_carry(source.tracks[*index].params.codec)
        })
        .collect();
    let place = |index| kept.iter().position(|kept| *kept == index);
    let packets = source.packets.iter().filter_map(|packet| {
        Some(Packet {
            track: place(packet.track)?,
            ..packet.clone()
        })
    });
    (!kept.is_empty()).then(|| Clip {
        tracks: kept
            .iter()
            .map(|index| source.tracks[*index].clone())
            .collect(),
        packets: packets.take(container.packets).collect(),
    })
}

fn write(clip: &Clip, container: &Container, label: &str) -> Vec<u8> {
    let fail = |error: formats::MuxError| -> ! { panic!("{label}: {error}") };
    let mut muxer = container
        .format
        .muxer(&clip.tracks)
        .unwrap_or_else(|error| fail(error));
    let mut bytes = Vec::new();
    muxer
        .write_header(start(clip), &mut bytes)
        .unwrap_or_else(|error| fail(error));
    for packet in &clip.packets {
        muxer
            .write_packet(packet, &mut bytes)
            .unwrap_or_else(|error| fail(error));
    }
    for patch in muxer.finish(&mut bytes).unwrap_or_else(|error| fail(error)) {
        let at = usize::try_from(patch.offset).unwrap();
        bytes[at..at + patch.bytes.len()].copy_from_slice(&patch.bytes);
    }
    bytes
}

/// The dts of the first packet in microseconds.
fn start(clip: &Clip) -> Timestamp {
    let first = &clip.packets[0];
    first
        .dts
        .rescale(clip.tracks[first.track].time_base, TimeBase::MICROS)
}

fn compare(sent: &Clip, got: &Clip, container: &Container, label: &str) {
    let codecs = |clip: &Clip| -> Vec<_> { clip.tracks.iter().map(|t| t.params.codec).collect() };
    assert_eq!(codecs(got), codecs(sent), "{label}");
    for track in 0..sent.tracks.len() {
        let of_track = |clip: &Clip| -> Vec<Packet> {
            clip.packets
                .iter()
                .filter(|packet| packet.track == track)
                .cloned()
                .collect()
        };
        let (want, mut have) = (of_track(sent), of_track(got));
        let (from, base) = (sent.tracks[track].time_base, got.tracks[track].time_base);
        let expected = |packet| expected_times(packet, from, base, start(sent), container.times);
        if container.silence && sent.tracks[track].params.kind() == MediaKind::Audio {
            let places: BTreeSet<Timestamp> =
                want.iter().map(|packet| expected(packet).0).collect();
            have.retain(|packet| places.contains(&packet.dts));
        }
        assert_eq!(have.len(), want.len(), "{label}, track {track}");
        for (index, (want, have)) in want.iter().zip(&have).enumerate() {
            let label = format!("{label}, track {track}, packet {index}");
            assert_eq!((have.dts, have.pts), expected(want), "{label}");
            assert_eq!(have.key, want.key, "{label}: key");
            compare_data(sent.tracks[track].params.codec, want, have, &label);
        }
    }
}

/// The dts and pts that a packet has after it was in a container.
fn expected_times(
    packet: &Packet,
    from: TimeBase,
    to: TimeBase,
    start: Timestamp,
    times: Times,
) -> (Timestamp, Timestamp) {
    let moved = |seconds: i64| {
        let shift = seconds * i64::from(from.den()) / i64::from(from.num());
        let at = |time: Timestamp| time.plus(shift).rescale(from, to);
        (at(packet.dts), at(packet.pts))
    };
    match times {
        Times::Kept => moved(0),
        Times::MovedBySeconds => moved((-start.0.div_euclid(1_000_000)).max(0)),
        Times::KeptModulo32Bits | Times::KeptModulo33Bits => {
            let (dts, pts) = moved(0);
            let modulus = if times == Times::KeptModulo32Bits {
                1 << 32
            } else {
                1 << 33
            };
            let wrap = if start.0 < 0 { modulus } else { 0 };
            (dts.plus(wrap), pts.plus(wrap))
        }
        Times::Counted => {
            let count = |time: Timestamp| {
                let since_start = time.rescale(from, TimeBase::MICROS).since(start);
                Timestamp(since_start).rescale(TimeBase::MICROS, to)
            };
            (count(packet.dts), count(packet.pts))
        }
    }
}

/// The same bytes, but for the configuration that may stand before a key frame of MPEG-4; of H.264
/// the same NAL units, while delimiters, the end of the stream, and the
/// parameter sets before a key frame may come and go, as long as the sets are there.
fn compare_data(codec: CodecId, want: &Packet, have: &Packet, label: &str) {
    if codec != CodecId::H264 {
        let coded = |packet: &Packet| match codec {
            CodecId::Mpeg4 => packet.data.slice(mpeg4::config(&packet.data).len()..),
            _ => packet.data.clone(),
        };
        assert!(coded(have) == coded(want), "{label}: the bytes differ");
        return;
    }
    let coded = |packet: &Packet| -> Vec<Vec<u8>> {
        let aside = [
            NalType::SPS,
            NalType::PPS,
            NalType::AUD,
            NalType::END_OF_STREAM,
        ];
        nal::annex_b(&packet.data)
            .filter(|nal| NalType::of(nal).is_none_or(|kind| !aside.contains(&kind)))
            .map(<[u8]>::to_vec)
            .collect()
    };
    assert!(coded(have) == coded(want), "{label}: the NAL units differ");
    assert!(
        !have.key || nal::has_sps(&have.data),
        "{label}: a key frame without SPS"
    );
}

#[test]
fn the_corpus_has_every_codec_and_kind_that_the_table_speaks_of() {
    let clips = SOURCES.map(|name| read(name, &corpus(name), None));
    let params = || {
        clips
            .iter()
            .flat_map(|clip| clip.tracks.iter().map(|track| &track.params))
    };
    let codecs: BTreeSet<CodecId> = params().map(|params| params.codec).collect();
    assert!(ALL.iter().all(|codec| codecs.contains(codec)), "{codecs:?}");
    assert!(params().any(|params| params.kind() == MediaKind::Audio));
    let reordered = clips
        .iter()
        .filter(|clip| clip.packets.iter().any(|p| p.pts != p.dts));
    assert!(reordered.count() >= 4, "clips with B frames");
}
