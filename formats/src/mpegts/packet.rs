//! Transport packets (ISO/IEC 13818-1:2019, 2.4.3.2).

use super::adaptation::AdaptationField;

/// Bytes of a transport packet.
pub(super) const PACKET_LEN: usize = 188;
/// First byte of every transport packet.
pub(super) const SYNC_BYTE: u8 = 0x47;
/// PID of the program association table.
pub(super) const PID_PAT: u16 = 0;
/// PID of packets without meaning.
pub(super) const PID_NULL: u16 = 0x1fff;

/// What stands at the start of each packet.
///
/// | byte | bits | name                         | meaning                                    |
/// |-----:|-----:|------------------------------|--------------------------------------------|
/// |    0 |    8 | sync_byte                    | 0x47                                       |
/// |    1 |    1 | transport_error_indicator    | the packet is damaged                      |
/// |      |    1 | payload_unit_start_indicator | a PES packet or section starts here        |
/// |      |    1 | transport_priority           |                                            |
/// |      |   13 | PID                          | what the payload belongs to                |
/// |    3 |    2 | transport_scrambling_control | 0: not scrambled                           |
/// |      |    2 | adaptation_field_control     | 1 payload, 2 adaptation field, 3 both      |
/// |      |    4 | continuity_counter           | rises with each packet that has a payload  |
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct TsHeader {
    /// transport_error_indicator.
    pub(super) error: bool,
    /// payload_unit_start_indicator.
    pub(super) unit_start: bool,
    /// PID.
    pub(super) pid: u16,
    /// transport_scrambling_control is not 0.
    pub(super) scrambled: bool,
    /// continuity_counter.
    pub(super) continuity_counter: u8,
}

/// A packet taken apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct TsPacket<'a> {
    /// The header.
    pub(super) header: TsHeader,
    /// The adaptation field, if there is one.
    pub(super) adaptation: Option<AdaptationField>,
    /// The payload, if there is one; may be empty.
    pub(super) payload: Option<&'a [u8]>,
}

impl<'a> TsPacket<'a> {
    /// Takes a packet apart; `None` if its fields contradict each other.
    pub(super) fn parse(bytes: &'a [u8; PACKET_LEN]) -> Option<Self> {
        let [sync, b1, b2, b3, rest @ ..] = bytes;
        if *sync != SYNC_BYTE {
            return None;
        }
        let header = TsHeader {
            error: b1 & 0x80 != 0,
            unit_start: b1 & 0x40 != 0,
            pid: u16::from_be_bytes([b1 & 0x1f, *b2]),
            scrambled: b3 & 0xc0 != 0,
            continuity_counter: b3 & 0xf,
        };
        let (adaptation, payload) = match b3 >> 4 & 3 {
            1 => (None, Some(&rest[..])),
            2 => (Some(AdaptationField::parse(rest)?.0), None),
            3 => {
                let (field, payload) = AdaptationField::parse(rest)?;
                (Some(field), Some(payload))
            }
            _ => return None,
        };
        Some(Self {
            header,
            adaptation,
            payload,
        })
    }
}

/// Appends one packet: as much of `payload` as fits, stuffed if it is less. Returns how much that
/// was. The counter rises if there is any.
pub(super) fn write_packet(
    pid: u16,
    unit_start: bool,
    continuity_counter: &mut u8,
    adaptation: Option<AdaptationField>,
    payload: [&[u8]; 2],
    out: &mut Vec<u8>,
) -> usize {
    let [head, body] = payload;
    let wanted = head.len() + body.len();
    let field_len = adaptation.map_or(0, |field| field.len());
    let room = PACKET_LEN - 4 - field_len;
    let taken = wanted.min(room);
    let stuffing = room - taken;
    let control = u8::from(field_len + stuffing > 0) << 5 | u8::from(taken > 0) << 4;
    if taken > 0 {
        *continuity_counter = (*continuity_counter + 1) & 0xf;
    }
    let [pid_high, pid_low] = pid.to_be_bytes();
    out.extend([
        SYNC_BYTE,
        u8::from(unit_start) << 6 | pid_high & 0x1f,
        pid_low,
        control | *continuity_counter,
    ]);
    AdaptationField::write(adaptation, stuffing, out);
    let of_head = taken.min(head.len());
    out.extend_from_slice(&head[..of_head]);
    out.extend_from_slice(&body[..taken - of_head]);
    taken
}

#[cfg(test)]
mod tests {
    use hex_literal::hex;

    use super::*;

    #[test]
    fn packet_bytes() {
        let pcr = AdaptationField {
            discontinuity: false,
            random_access: true,
            pcr: Some(super::super::pcr::Pcr {
                base: 1,
                extension: 2,
            }),
        };
        for (name, adaptation, payload_len, want, taken) in [
            ("full", None, 200, &hex!("47 4100 16 5555")[..], 184),
            (
                "one byte of stuffing",
                None,
                183,
                &hex!("47 4100 36 00 5555"),
                183,
            ),
            (
                "two bytes of stuffing",
                None,
                182,
                &hex!("47 4100 36 01 00 5555"),
                182,
            ),
            (
                "three bytes of stuffing",
                None,
                181,
                &hex!("47 4100 36 02 00 ff 5555"),
                181,
            ),
            (
                "PCR",
                Some(pcr),
                184,
                &hex!("47 4100 36 07 50 00000000fe02 5555"),
                176,
            ),
            (
                "PCR, stuffed",
                Some(pcr),
                175,
                &hex!("47 4100 36 08 50 00000000fe02 ff 5555"),
                175,
            ),
            (
                "PCR alone",
                Some(pcr),
                0,
                &hex!("47 4100 25 b7 50 00000000fe02 ffff"),
                0,
            ),
        ] {
            let payload = vec![0x55; payload_len];
            let (head, body) = payload.split_at(payload_len / 3);
            let mut out = Vec::new();
            let mut counter = 5;
            let written = write_packet(
                0x100,
                true,
                &mut counter,
                adaptation,
                [head, body],
                &mut out,
            );
            assert_eq!((out.len(), written), (188, taken), "{name}");
            assert_eq!(out[..want.len()], *want, "{name}");
            let packet = TsPacket::parse(out.first_chunk().unwrap()).unwrap();
            assert_eq!(packet.payload.map_or(0, <[u8]>::len), taken, "{name}");
            assert!(
                packet
                    .payload
                    .unwrap_or_default()
                    .iter()
                    .all(|byte| *byte == 0x55),
                "{name}"
            );
            assert_eq!(packet.header.pid, 0x100, "{name}");
            assert_eq!(
                packet.adaptation.and_then(|field| field.pcr),
                adaptation.and_then(|f| f.pcr)
            );
        }
    }

    #[test]
    fn counter_wraps_and_stands_still_without_payload() {
        let mut counter = 14;
        let mut out = Vec::new();
        for want in [15, 0, 1] {
            write_packet(1, false, &mut counter, None, [b"x", b""], &mut out);
            assert_eq!(counter, want);
        }
        write_packet(1, false, &mut counter, None, [b"", b""], &mut out);
        assert_eq!(counter, 1);
        assert_eq!(out[3 * 188..][..6], hex!("47 0001 21 b7 00"));
    }

    #[test]
    fn packets_that_contradict_themselves_are_none() {
        for (name, start) in [
            ("no sync byte", hex!("46 0100 10 00 00")),
            ("reserved control", hex!("47 0100 00 00 00")),
            ("field longer than the packet", hex!("47 0100 30 b8 00")),
            ("PCR longer than its field", hex!("47 0100 30 06 10")),
        ] {
            let mut packet = [0; PACKET_LEN];
            packet[..6].copy_from_slice(&start);
            assert_eq!(TsPacket::parse(&packet), None, "{name}");
        }
        let mut packet = [0xff; PACKET_LEN];
        packet[..5].copy_from_slice(&hex!("47 8101 d7 aa"));
        let parsed = TsPacket::parse(&packet).unwrap().header;
        assert!(parsed.error && parsed.scrambled && !parsed.unit_start);
        assert_eq!((parsed.pid, parsed.continuity_counter), (0x101, 7));
    }
}
