//! PES packets (ISO/IEC 13818-1, 2.4.3.6).

/// Bits of a PTS or DTS.
pub(super) const TIME_BITS: u32 = 33;

/// stream_id of private_stream_1, in which AC-3 travels (ATSC A/53 Part 3, 6.6).
pub(super) const PRIVATE_STREAM_1: u8 = 0xbd;
/// stream_id of the first MPEG audio stream.
pub(super) const AUDIO_STREAM: u8 = 0xc0;
/// stream_id of the first video stream.
pub(super) const VIDEO_STREAM: u8 = 0xe0;

/// What stands before the data of an elementary stream.
///
/// | byte | bits | name                      | meaning                                        |
/// |-----:|-----:|---------------------------|------------------------------------------------|
/// |    0 |   24 | packet_start_code_prefix  | 1                                              |
/// |    3 |    8 | stream_id                 | 0xe0 video, 0xc0 audio, 0xbd private           |
/// |    4 |   16 | PES_packet_length         | bytes that follow; 0: not told (video only)    |
/// |    6 |    2 | '10'                      |                                                |
/// |      |    2 | PES_scrambling_control    | 0                                              |
/// |      |    1 | PES_priority              | 0                                              |
/// |      |    1 | data_alignment_indicator  | 1: an access unit starts with the data         |
/// |      |    2 | copyright, original       | 0                                              |
/// |    7 |    2 | PTS_DTS_flags             | 2: PTS, 3: both                                |
/// |      |    6 | other flags               | what they announce follows the times           |
/// |    8 |    8 | PES_header_data_length    | bytes of optional fields and stuffing          |
/// |    9 |   40 | PTS                       | see [`parse_time`]                             |
/// |   14 |   40 | DTS                       | if it differs from the PTS                     |
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct PesHeader {
    /// stream_id.
    pub(super) stream_id: u8,
    /// PES_packet_length; `None` if it is not told.
    pub(super) packet_length: Option<u16>,
    /// PTS modulo 2^33.
    pub(super) pts: Option<u64>,
    /// DTS modulo 2^33, if it is told besides the PTS.
    pub(super) dts: Option<u64>,
}

/// A look at the start of a PES packet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum PesStart {
    /// The header and its length in bytes.
    Header(PesHeader, usize),
    /// More bytes are needed.
    Short,
    /// No PES packet.
    Not,
}

impl PesHeader {
    /// Reads the header at the start of `data`.
    pub(super) fn parse(data: &[u8]) -> PesStart {
        let Some(([0, 0, 1, stream_id, l1, l0], rest)) = data.split_first_chunk() else {
            let prefix = [0, 0, 1];
            let may_become = data.len() < 6 && prefix.iter().zip(data).all(|(a, b)| a == b);
            return if may_become {
                PesStart::Short
            } else {
                PesStart::Not
            };
        };
        let length = u16::from_be_bytes([*l1, *l0]);
        let mut header = Self {
            stream_id: *stream_id,
            packet_length: (length > 0).then_some(length),
            pts: None,
            dts: None,
        };
        if !has_optional_header(*stream_id) {
            return PesStart::Header(header, 6);
        }
        let Some(([marker, flags, header_data_length], rest)) = rest.split_first_chunk() else {
            return PesStart::Short;
        };
        if marker >> 6 != 2 {
            return PesStart::Not;
        }
        let Some(fields) = rest.get(..usize::from(*header_data_length)) else {
            return PesStart::Short;
        };
        let times = fields.split_first_chunk::<5>();
        match (flags >> 6, times) {
            (2, Some((pts, _))) => header.pts = parse_time(*pts),
            (3, Some((pts, rest))) => {
                header.pts = parse_time(*pts);
                header.dts = rest.first_chunk().and_then(|dts| parse_time(*dts));
            }
            _ => {}
        }
        PesStart::Header(header, 9 + fields.len())
    }

    /// Appends the header before `data_len` bytes. A length that the field cannot say is left
    /// untold, which only video may do.
    pub(super) fn write(stream_id: u8, pts: i64, dts: i64, data_len: usize, out: &mut Vec<u8>) {
        let both = pts != dts;
        let fields: u8 = if both { 10 } else { 5 };
        let length = data_len.saturating_add(3 + usize::from(fields));
        let told = u16::try_from(length)
            .ok()
            .filter(|_| stream_id & 0xf0 != VIDEO_STREAM);
        out.extend([0, 0, 1, stream_id]);
        out.extend(told.unwrap_or(0).to_be_bytes());
        out.extend([0x84, if both { 0xc0 } else { 0x80 }, fields]);
        out.extend(time_field(if both { 3 } else { 2 }, pts));
        if both {
            out.extend(time_field(1, dts));
        }
    }
}

/// Streams whose packets have no fields behind the length (2.4.3.7).
const fn has_optional_header(stream_id: u8) -> bool {
    // program_stream_map, padding, private_stream_2, ECM, EMM, DSM-CC, H.222.1 type E, directory
    !matches!(
        stream_id,
        0xbc | 0xbe | 0xbf | 0xf0 | 0xf1 | 0xf2 | 0xf8 | 0xff
    )
}

/// Reads a time field; `None` if a marker bit is 0.
///
/// | bits | meaning              |
/// |-----:|----------------------|
/// |    4 | 2 PTS, 3 PTS with DTS, 1 DTS |
/// |    3 | bits 32 to 30        |
/// |    1 | marker               |
/// |   15 | bits 29 to 15        |
/// |    1 | marker               |
/// |   15 | bits 14 to 0         |
/// |    1 | marker               |
fn parse_time(field: [u8; 5]) -> Option<u64> {
    let [b0, b1, b2, b3, b4] = field;
    if b0 & b2 & b4 & 1 == 0 {
        return None;
    }
    let bits = u64::from_be_bytes([0, 0, 0, b0, b1, b2, b3, b4]);
    Some(bits >> 3 & 7 << 30 | bits >> 2 & 0x7fff << 15 | bits >> 1 & 0x7fff)
}

fn time_field(prefix: u64, time: i64) -> [u8; 5] {
    let time = time.cast_unsigned();
    let bits = prefix << 36
        | (time >> 30 & 7) << 33
        | (time >> 15 & 0x7fff) << 17
        | (time & 0x7fff) << 1
        | 0x1_0001_0001;
    let [_, _, _, field @ ..] = bits.to_be_bytes();
    field
}

#[cfg(test)]
mod tests {
    use hex_literal::hex;

    use super::*;

    #[test]
    fn header_bytes() {
        for (name, stream_id, pts, dts, data_len, want) in [
            (
                "audio",
                0xc0,
                90_000,
                90_000,
                100,
                &hex!("000001 c0 006c 84 80 05 21 0005 bf21")[..],
            ),
            (
                "video, length untold",
                0xe0,
                3,
                3,
                100,
                &hex!("000001 e0 0000 84 80 05 21 0001 0007"),
            ),
            (
                "reordered",
                0xe0,
                0x1_ffff_ffff,
                0,
                100,
                &hex!("000001 e0 0000 84 c0 0a 3f ffff ffff 11 0001 0001"),
            ),
            (
                "longest told",
                0xbd,
                0,
                0,
                65_527,
                &hex!("000001 bd ffff 84 80 05 21 0001 0001"),
            ),
            (
                "longer",
                0xbd,
                0,
                0,
                65_528,
                &hex!("000001 bd 0000 84 80 05 21 0001 0001"),
            ),
        ] {
            let mut out = Vec::new();
            PesHeader::write(stream_id, pts, dts, data_len, &mut out);
            assert_eq!(out, want, "{name}");
            let PesStart::Header(header, len) = PesHeader::parse(&out) else {
                panic!("{name}: no header");
            };
            assert_eq!((header.stream_id, len), (stream_id, out.len()), "{name}");
            assert_eq!(header.pts, Some(pts.cast_unsigned()), "{name}");
            assert_eq!(
                header.dts,
                (dts != pts).then_some(dts.cast_unsigned()),
                "{name}"
            );
            for cut in 0..out.len() {
                assert_eq!(
                    PesHeader::parse(&out[..cut]),
                    PesStart::Short,
                    "{name}, {cut} bytes"
                );
            }
        }
    }

    #[test]
    fn what_is_no_header() {
        for (name, data) in [
            ("other prefix", &hex!("000002 e0 0000")[..]),
            ("other prefix, cut off", &hex!("01")),
            ("MPEG-1 system packet", &hex!("000001 e0 0000 21 0001 0007")),
        ] {
            assert_eq!(PesHeader::parse(data), PesStart::Not, "{name}");
        }
        let padding = hex!("000001 be 0002 ffff");
        let PesStart::Header(header, 6) = PesHeader::parse(&padding) else {
            panic!("padding has no optional header");
        };
        assert_eq!((header.pts, header.packet_length), (None, Some(2)));
        let no_marker = hex!("000001 c0 0008 80 80 05 20 0005 bf21");
        let PesStart::Header(header, _) = PesHeader::parse(&no_marker) else {
            panic!("the rest of the header holds");
        };
        assert_eq!(header.pts, None);
    }
}
