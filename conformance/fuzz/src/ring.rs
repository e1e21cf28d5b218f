//! Ring files that something else has written to.

use bytes::Bytes;
use ferrocast::feed::ring_file::{RingFile, RingOptions, RingRead};
use ferrocast::feed::store::MemoryStorage;
use media::{MediaKind, Packet, Timestamp};

// Invariant: any bytes open as a ring, of which the sound frames can be read to an end; it can be
// appended to where its tracks are known, and what was appended is read back; opened once more, it
// holds what it held.
pub(super) fn check(data: &[u8]) {
    for max_size_bytes in [None, Some(65_536)] {
        let options = RingOptions {
            max_size_bytes,
            ..RingOptions::default()
        };
        let storage = MemoryStorage::new(data.to_vec());
        let Ok((mut ring, _)) = RingFile::open(storage, options, None) else {
            continue;
        };
        let before = read(&ring, data.len());
        if let Some(track) = ring.tracks().first() {
            let key = track.params.kind() == MediaKind::Video;
            let last = before.iter().map(|packet| packet.dts).max();
            let packet = packet(last.unwrap_or(Timestamp(0)).plus(40_000), key);
            if ring.append(&packet).is_ok() {
                ring.end_session().expect("memory does not fail");
                let after = read(&ring, data.len() + 65_536);
                let newest = after.last().expect("what was just appended");
                assert_eq!((&newest.data, newest.dts), (&packet.data, packet.dts));
            }
        }
        let kept = read(&ring, data.len() + 65_536);
        let (again, _) = RingFile::open(ring.into_storage(), options, None).expect("as before");
        assert_eq!(read(&again, data.len() + 65_536), kept, "opened again");
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
