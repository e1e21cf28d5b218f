//! Any file through any writer, as a stream whose `Format` is not that of its `File`.

use formats::Format;
use media::{Packet, Timestamp, Track};

use super::demux;

// Invariant: whatever a demuxer gives, a muxer writes or refuses it: no panic, and on an error the
// output is left as it was. What was written, our own demuxer reads to an end.
pub(super) fn check(data: &[u8]) {
    let Some(source) = Format::probe(data) else {
        return;
    };
    let given = demux::read(source, data, |_| usize::MAX);
    let Some((_, tracks)) = given.tracks.first() else {
        return;
    };
    for format in Format::ALL {
        let carried = |index: &usize| format.can_carry(tracks[*index].params.codec);
        let kept: Vec<usize> = (0..tracks.len()).filter(carried).collect();
        let kept_tracks: Vec<Track> = kept.iter().map(|index| tracks[*index].clone()).collect();
        let Ok(mut muxer) = format.muxer(&kept_tracks) else {
            continue;
        };
        let mut out = Vec::new();
        let start = given
            .packets
            .first()
            .map_or(Timestamp(0), |packet| packet.dts);
        if muxer.write_header(start, &mut out).is_err() {
            assert!(out.is_empty(), "bytes of a header that was refused");
            continue;
        }
        for packet in given.packets.iter().take(MAX_PACKETS) {
            let Some(track) = kept.iter().position(|index| *index == packet.track) else {
                continue;
            };
            let packet = Packet {
                track,
                ..packet.clone()
            };
            let before = out.len();
            if muxer.write_packet(&packet, &mut out).is_err() {
                assert_eq!(out.len(), before, "bytes of a packet that was refused");
            }
        }
        let before = out.len();
        match muxer.finish(&mut out) {
            Ok(patches) => {
                for patch in patches {
                    let end = patch.offset + patch.bytes.len() as u64;
                    assert!(end <= out.len() as u64, "a patch behind the end");
                }
            }
            Err(_) => assert_eq!(out.len(), before),
        }
        let _ = demux::read(format, &out, |_| usize::MAX);
    }
}

/// More packets show nothing new.
const MAX_PACKETS: usize = 500;
