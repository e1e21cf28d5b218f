//! Tests of the format as a whole.

mod demux;
mod hostile;
mod mux;
mod peer;

use bytes::Bytes;
use hex_literal::hex;
use media::{
    AudioParameters, CodecId, CodecParameters, FrameRate, MediaKind, MediaParameters, Packet,
    TimeBase, Timestamp, Track, VideoParameters,
};

use super::Mp4Muxer;
use crate::Muxer;

/// Parameter sets of a 640x480 Baseline stream at level 3.
const PARAMETER_SETS: [u8; 21] = hex!("00000001 6742c01eda0280f684 00000001 68ce3c80");

/// A track with times in `1 / timescale` seconds.
fn track(codec: CodecId, timescale: u32, config: &[u8]) -> Track {
    let media = match codec.kind() {
        MediaKind::Video => MediaParameters::Video(VideoParameters {
            width_px: 640,
            height_px: 480,
            frame_rate: FrameRate::new(25, 1),
        }),
        MediaKind::Audio => MediaParameters::Audio(AudioParameters {
            sample_rate_hz: 44_100,
            channels: 2,
        }),
    };
    Track {
        time_base: TimeBase::new(1, timescale).unwrap(),
        params: CodecParameters {
            codec,
            bit_rate_bps: None,
            config: Bytes::copy_from_slice(config),
            media,
        },
    }
}

fn h264(timescale: u32) -> Track {
    track(CodecId::H264, timescale, &PARAMETER_SETS)
}

fn aac() -> Track {
    track(CodecId::Aac, 44_100, &hex!("1210"))
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

/// A slice of an IDR picture, and of another.
const IDR: [u8; 6] = hex!("00000001 6588");
const SLICE: [u8; 6] = hex!("00000001 4188");

/// A live stream of two tracks: `count` pictures of 40 ms, a key frame every ten, with two B frames
/// between the others if `reorder`; two AAC frames per picture. Returns the bytes and the packets.
fn live_stream(count: i64, start: i64, reorder: bool) -> (Vec<u8>, Vec<Packet>) {
    let tracks = [h264(90_000), aac()];
    let mut muxer = Mp4Muxer::new(&tracks).unwrap();
    let mut out = Vec::new();
    let mut packets = Vec::new();
    muxer.write_header(Timestamp::ZERO, &mut out).unwrap();
    for picture in 0..count {
        let dts = (start + picture) * 3600;
        let key = picture % 10 == 0;
        let delay = match (reorder, picture % 3) {
            (false, _) => 0,
            (true, 1) => 3,
            (true, _) => 1,
        };
        let mut data = if key {
            [&PARAMETER_SETS[..], &IDR].concat()
        } else {
            SLICE.to_vec()
        };
        data.push(u8::try_from(picture % 200).unwrap() + 1);
        let mut video = packet(0, dts, dts + delay * 3600, key, &data);
        video.duration = 3600;
        packets.push(video);
        for frame in 0..2 {
            let dts = (start + picture) * 1764 + frame * 882;
            let mut audio = packet(1, dts, dts, true, &[0x21, 7, u8::try_from(frame).unwrap()]);
            audio.duration = 882;
            packets.push(audio);
        }
    }
    for packet in &packets {
        muxer.write_packet(packet, &mut out).unwrap();
    }
    assert_eq!(muxer.finish(&mut out).unwrap(), []);
    (out, packets)
}
