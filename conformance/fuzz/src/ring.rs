//! Ring files that something else has written to.

use std::sync::LazyLock;

use bytes::Bytes;
use ferrocast::feed::ring_file::{RingFile, RingOptions, RingRead};
use ferrocast::feed::store::MemoryStorage;
use media::{
    CodecId, CodecParameters, FrameRate, MediaKind, MediaParameters, Packet, TimeBase, Timestamp,
    Track, VideoParameters,
};

// Invariant: any bytes, and any ring of ours with any damage, open as a ring, of which the sound frames can be read to an end; it can be
// appended to where its tracks are known, and what was appended is read back; opened once more, it
// holds what it held.
pub(super) fn check(data: &[u8]) {
    open(data.to_vec());
    let mut bytes = RING.clone();
    for change in data.chunks_exact(4).take(MAX_CHANGES) {
        let at = usize::from(u16::from_le_bytes([change[0], change[1]])) % (bytes.len() + 1);
        match change[2] % 16 {
            0 => bytes.truncate(at),
            1 => bytes[at..].iter_mut().take(4096).for_each(|byte| *byte = 0),
            2 => bytes[at..]
                .iter_mut()
                .take(512)
                .for_each(|byte| *byte = change[3]),
            3 => bytes.extend(std::iter::repeat_n(change[3], at.min(8192))),
            _ => bytes[at..]
                .iter_mut()
                .take(1)
                .for_each(|byte| *byte = change[3]),
        }
    }
    open(bytes);
}

/// Changes made to a ring of ours, four bytes of input each: where, what, to which value.
const MAX_CHANGES: usize = 8;

static RING: LazyLock<Vec<u8>> = LazyLock::new(ring_of_ours);

/// A ring that has been once around.
fn ring_of_ours() -> Vec<u8> {
    let options = RingOptions {
        max_size_bytes: Some(32_768),
        ..RingOptions::default()
    };
    let track = Track {
        time_base: TimeBase::MICROS,
        params: CodecParameters {
            codec: CodecId::Mjpeg,
            bit_rate_bps: Some(100_000),
            config: Bytes::new(),
            media: MediaParameters::Video(VideoParameters {
                width_px: 64,
                height_px: 48,
                frame_rate: FrameRate::new(25, 1),
            }),
        },
    };
    let (mut ring, _) =
        RingFile::open(MemoryStorage::default(), options, Some(&[track])).expect("a new ring");
    for index in 0..40_i64 {
        let len = 500 + 37 * usize::try_from(index).expect("below 40");
        let packet = Packet {
            data: vec![0xa5; len].into(),
            ..packet(Timestamp(40_000 * index), index % 5 == 0)
        };
        ring.append(&packet).expect("a packet that fits");
    }
    ring.end_session().expect("memory does not fail");
    ring.into_storage().bytes().to_vec()
}

fn open(data: Vec<u8>) {
    let len = data.len();
    for max_size_bytes in [None, Some(65_536)] {
        let options = RingOptions {
            max_size_bytes,
            ..RingOptions::default()
        };
        let storage = MemoryStorage::new(data.clone());
        let Ok((mut ring, _)) = RingFile::open(storage, options, None) else {
            continue;
        };
        let before = read(&ring, len);
        if let Some(track) = ring.tracks().first() {
            let key = track.params.kind() == MediaKind::Video;
            let last = before.iter().map(|packet| packet.dts).max();
            let packet = packet(last.unwrap_or(Timestamp(0)).plus(40_000), key);
            if ring.append(&packet).is_ok() {
                ring.end_session().expect("memory does not fail");
                let after = read(&ring, len + 65_536);
                let newest = after.last().expect("what was just appended");
                assert_eq!((&newest.data, newest.dts), (&packet.data, packet.dts));
            }
        }
        let kept = read(&ring, len + 65_536);
        let (again, _) = RingFile::open(ring.into_storage(), options, None).expect("as before");
        assert_eq!(read(&again, len + 65_536), kept, "opened again");
    }
}

fn packet(time: Timestamp, key: bool) -> Packet {
    Packet {
        track: 0,
        pts: time,
        dts: time,
        duration: 40_000,
        key,
        discontinuity: false,
        data: Bytes::from_static(b"a packet of the check itself"),
    }
}

fn read(ring: &RingFile<MemoryStorage>, len: usize) -> Vec<Packet> {
    let mut cursor = ring.rewind();
    let mut packets = Vec::new();
    for _ in 0..=len {
        match ring.read(&mut cursor).expect("memory does not fail") {
            RingRead::Packet(packet) => packets.push(packet),
            RingRead::Lapped { .. } => {}
            RingRead::CaughtUp => return packets,
        }
    }
    panic!("the ring does not come to an end");
}
