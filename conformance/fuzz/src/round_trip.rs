//! Packets of any content, written and read again.

use bytes::Bytes;
use formats::Format;
use media::bitstream::nal;
use media::{
    AudioParameters, CodecId, CodecParameters, FrameRate, MediaParameters, Packet, TimeBase,
    Timestamp, Track, VideoParameters,
};

use super::demux;

/// A stream whose parameter sets and first picture are borrowed.
const H264: &[u8] = include_bytes!("../../corpus/h264/x264_baseline.h264");
/// An image whose headers are borrowed.
const JPEG: &[u8] = include_bytes!("../../corpus/mjpeg/ffmpeg_yuvj420p.jpg");
/// AAC-LC, 44100 Hz, two channels (ISO/IEC 14496-3, 1.6.2.1).
const AAC: &[u8] = &[0x12, 0x10];

/// Types of NAL units (ITU-T H.264, table 7-1).
const SPS: u8 = 7;
const PPS: u8 = 8;
/// Access unit delimiter, end of sequence, end of stream.
const NOT_CONTENT: [u8; 3] = [9, 10, 11];

const FRAME_US: i64 = 40_000;
const MAX_PACKETS: usize = 100;
/// ADTS has 13 bits for the length of an AAC frame with its header.
const MAX_CONTENT: usize = 8000;

/// What is written where.
#[derive(Debug, Clone, Copy)]
enum Load {
    H264,
    H264AndAac,
    Mjpeg,
}

const PAIRS: [(Format, Load); 14] = [
    (Format::Avi, Load::H264),
    (Format::Avi, Load::Mjpeg),
    (Format::Ffm, Load::H264),
    (Format::Ffm, Load::H264AndAac),
    (Format::Ffm, Load::Mjpeg),
    (Format::Flv, Load::H264),
    (Format::Flv, Load::H264AndAac),
    (Format::H264, Load::H264),
    (Format::Mjpeg, Load::Mjpeg),
    (Format::Mp4, Load::H264),
    (Format::Mp4, Load::H264AndAac),
    (Format::MpegTs, Load::H264),
    (Format::MpegTs, Load::H264AndAac),
    (Format::MpJpeg, Load::Mjpeg),
];

// Invariant: what a muxer wrote, the demuxer of the same format gives back without an error: the
// same packets of each track in the same order, byte for byte but for H.264's delimiters, key frames where they were, and dts
// as far from the first as before, to a millisecond (where the container has times).
pub(super) fn check(data: &[u8]) {
    let Some((which, rest)) = data.split_first() else {
        return;
    };
    let (format, load) = PAIRS[usize::from(*which) % PAIRS.len()];
    let tracks = tracks(load);
    let sent = packets(load, rest);
    if sent.is_empty() {
        return; // not every container has a form for nothing
    }
    let mut muxer = format.muxer(&tracks).expect("tracks that it carries");
    let mut bytes = Vec::new();
    muxer
        .write_header(Timestamp(0), &mut bytes)
        .expect("a header");
    for packet in &sent {
        muxer.write_packet(packet, &mut bytes).expect("a packet");
    }
    let patches = muxer.finish(&mut bytes).expect("an end");
    for patch in patches {
        let start = usize::try_from(patch.offset).expect("a place in memory");
        bytes[start..start + patch.bytes.len()].copy_from_slice(&patch.bytes);
    }
    let given = demux::read(format, &bytes, |_| usize::MAX);
    let label = || format!("{load:?} in {}", format.name());
    assert_eq!(given.errors, [], "{}", label());
    let got_tracks = given.tracks.last().map(|(_, tracks)| &tracks[..]);
    for track in 0..tracks.len() {
        let of = |packets: &[Packet]| -> Vec<Packet> {
            let of_track = packets.iter().filter(|packet| packet.track == track);
            of_track.cloned().collect()
        };
        let (sent, got) = (of(&sent), of(&given.packets));
        assert_eq!(
            got.len(),
            sent.len(),
            "packets of track {track}, {}",
            label()
        );
        // A track without packets need not be told.
        let base = got_tracks
            .and_then(|tracks| tracks.get(track))
            .map_or(TimeBase::MICROS, |track| track.time_base);
        let time = |packet: &Packet| packet.dts.rescale(base, TimeBase::MICROS).0;
        for (sent_packet, got_packet) in sent.iter().zip(&got) {
            let (want, have) = (content(sent_packet, load), content(got_packet, load));
            assert_eq!(have, want, "{}", label());
            assert_eq!(got_packet.key, sent_packet.key, "{}", label());
            let sent_time = sent_packet.dts.0 - sent[0].dts.0;
            let got_time = time(got_packet) - time(&got[0]);
            let has_times = matches!(
                format,
                Format::Ffm | Format::Flv | Format::Mp4 | Format::MpegTs
            );
            assert!(
                !has_times || (sent_time - got_time).abs() <= 1000,
                "{sent_time} us became {got_time} us, {}",
                label()
            );
        }
    }
}

fn tracks(load: Load) -> Vec<Track> {
    let video = |codec, config: Vec<u8>| Track {
        time_base: TimeBase::MICROS,
        params: CodecParameters {
            codec,
            bit_rate_bps: None,
            config: config.into(),
            media: MediaParameters::Video(VideoParameters {
                width_px: 64,
                height_px: 48,
                frame_rate: FrameRate::new(25, 1),
            }),
        },
    };
    let audio = Track {
        time_base: TimeBase::MICROS,
        params: CodecParameters {
            codec: CodecId::Aac,
            bit_rate_bps: None,
            config: Bytes::from_static(AAC),
            media: MediaParameters::Audio(AudioParameters {
                sample_rate_hz: 44_100,
                channels: 2,
            }),
        },
    };
    match load {
        Load::H264 => vec![video(CodecId::H264, parameter_sets())],
        Load::H264AndAac => vec![video(CodecId::H264, parameter_sets()), audio],
        Load::Mjpeg => vec![video(CodecId::Mjpeg, Vec::new())],
    }
}

/// SPS and PPS of the borrowed stream, in Annex B form.
fn parameter_sets() -> Vec<u8> {
    let mut sets = Vec::new();
    for kind in [SPS, PPS] {
        let unit = nal::annex_b(H264).find(|unit| unit[0] & 0x1f == kind);
        nal::push_annex_b(unit.expect("parameter sets at the start"), &mut sets);
    }
    sets
}

/// What has to come back: of H.264 the NAL units without delimiters and ends, which containers add and drop.
fn content(packet: &Packet, load: Load) -> Vec<&[u8]> {
    if matches!(load, Load::Mjpeg) || packet.track > 0 {
        return vec![&packet.data];
    }
    nal::annex_b(&packet.data)
        .filter(|unit| {
            unit.first()
                .is_none_or(|first| !NOT_CONTENT.contains(&(first & 0x1f)))
        })
        .collect()
}

/// Cuts `data` into packets: a byte tells the kind, two the length.
fn packets(load: Load, mut data: &[u8]) -> Vec<Packet> {
    let mut packets = Vec::new();
    let mut frames = 0;
    while let Some((&[kind, low, high], rest)) = data.split_first_chunk()
        && packets.len() < MAX_PACKETS
    {
        let len = usize::from(u16::from_le_bytes([low, high]))
            .min(rest.len())
            .min(MAX_CONTENT);
        let (content, rest) = rest.split_at(len);
        data = rest;
        let is_audio = matches!(load, Load::H264AndAac) && frames > 0 && kind & 2 != 0;
        let first = frames == 0;
        let key = is_audio || matches!(load, Load::Mjpeg) || first || kind & 1 != 0;
        if !is_audio {
            frames += 1;
        }
        let time = Timestamp(FRAME_US * frames);
        packets.push(Packet {
            track: usize::from(is_audio),
            pts: time,
            dts: time,
            duration: FRAME_US.unsigned_abs(),
            key,
            discontinuity: false,
            data: match load {
                _ if is_audio => [&[0x21][..], content].concat().into(),
                Load::Mjpeg => image(content).into(),
                Load::H264 | Load::H264AndAac => access_unit(content, key).into(),
            },
        });
    }
    packets
}

/// An access unit with a delimiter. Its one slice starts with macroblock 0, and has no byte that
/// would have to be escaped.
fn access_unit(content: &[u8], key: bool) -> Vec<u8> {
    let mut unit = Vec::new();
    nal::push_annex_b(&[0x09, 0xf0], &mut unit);
    if key {
        unit.extend(parameter_sets());
    }
    let mut slice = vec![if key { 0x65 } else { 0x41 }, 0x88];
    slice.extend(content.iter().map(|byte| byte | 0x10));
    nal::push_annex_b(&slice, &mut unit);
    unit
}

/// The borrowed image, with more in its scan than belongs there.
fn image(content: &[u8]) -> Vec<u8> {
    let (without_end, end) = JPEG.split_at(JPEG.len() - 2);
    let scan: Vec<u8> = content.iter().map(|byte| byte & 0x7f).collect();
    [without_end, &scan, end].concat()
}
