//! AC-3 synchronization frames (ATSC A/52:2018, 5.3 and 5.4).

use media::bitstream::bits::BitReader;

/// The fields of `syncinfo` and `bsi` that a container needs.
///
/// | bits | name       | meaning                                        |
/// |-----:|------------|------------------------------------------------|
/// |   16 | syncword   | 0x0b77                                         |
/// |   16 | crc1       |                                                |
/// |    2 | fscod      | 0: 48 kHz, 1: 44.1 kHz, 2: 32 kHz              |
/// |    6 | frmsizecod | bit rate, and of 44.1 kHz one word more        |
/// |    5 | bsid       | at most 8; above it is another codec           |
/// |    3 | bsmod      |                                                |
/// |    3 | acmod      | channels, see the table                        |
/// |  2   | cmixlev, surmixlev, dsurmod | each only for some acmod      |
/// |    1 | lfeon      | one channel more                               |
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Ac3Header {
    /// Sampling rate in Hz.
    pub(super) sample_rate_hz: u32,
    /// Number of channels.
    pub(super) channels: u16,
    /// Bytes of the frame.
    pub(super) frame_len: usize,
}

/// kbit/s by frmsizecod / 2 (table 5.18).
const BIT_RATES_KBPS: [u32; 19] = [
    32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 384, 448, 512, 576, 640,
];
/// Channels by acmod (table 5.8).
const CHANNELS: [u16; 8] = [2, 1, 2, 3, 3, 4, 4, 5];

impl Ac3Header {
    /// Samples per channel of a frame.
    pub(super) const SAMPLES: u32 = 1536;

    /// Reads the header at the start of `data`; `None` if there is none or it is cut off.
    pub(super) fn parse(data: &[u8]) -> Option<Self> {
        let mut r = BitReader::new(data);
        if r.bits(16)? != 0x0b77 {
            return None;
        }
        r.skip(16)?;
        let fscod = r.bits(2)?;
        let frmsizecod = r.bits(6)?;
        let kbps = *BIT_RATES_KBPS.get((frmsizecod / 2) as usize)?;
        // A frame lasts 1536 samples: 96 words of 16 bits per kbit and 48 kHz.
        let (sample_rate_hz, words) = match fscod {
            0 => (48_000, kbps * 2),
            1 => (44_100, kbps * 320 / 147 + frmsizecod % 2),
            2 => (32_000, kbps * 3),
            _ => return None,
        };
        if r.bits(5)? > 8 {
            return None;
        }
        r.skip(3)?; // bsmod
        let acmod = r.bits(3)?;
        if acmod & 1 != 0 && acmod != 1 {
            r.skip(2)?; // cmixlev
        }
        if acmod & 4 != 0 {
            r.skip(2)?; // surmixlev
        }
        if acmod == 2 {
            r.skip(2)?; // dsurmod
        }
        let lfe = u16::from(r.flag()?);
        let channels = *CHANNELS.get(acmod as usize)? + lfe;
        Some(Self {
            sample_rate_hz,
            channels,
            frame_len: words as usize * 2,
        })
    }
}

#[cfg(test)]
mod tests {
    use hex_literal::hex;

    use super::*;

    #[test]
    fn headers() {
        for (name, bytes, want) in [
            (
                "48 kHz stereo 192k",
                hex!("0b77 a1b2 14 40 43"),
                Some((48_000, 2, 768)),
            ),
            (
                "48 kHz 5.1 448k",
                hex!("0b77 0000 1e 40 e1"),
                Some((48_000, 6, 1792)),
            ),
            (
                "44.1 kHz mono 64k",
                hex!("0b77 0000 48 40 20"),
                Some((44_100, 1, 278)),
            ),
            (
                "44.1 kHz mono 64k, a word more",
                hex!("0b77 0000 49 40 20"),
                Some((44_100, 1, 280)),
            ),
            (
                "32 kHz stereo 32k",
                hex!("0b77 0000 80 40 40"),
                Some((32_000, 2, 192)),
            ),
            ("no syncword", hex!("0b78 0000 14 40 40"), None),
            ("reserved rate", hex!("0b77 0000 c0 40 40"), None),
            ("reserved size", hex!("0b77 0000 26 40 40"), None),
            ("E-AC-3", hex!("0b77 0000 14 80 40"), None),
        ] {
            let got = Ac3Header::parse(&bytes);
            let got = got.map(|header| (header.sample_rate_hz, header.channels, header.frame_len));
            assert_eq!(got, want, "{name}");
        }
        assert_eq!(Ac3Header::parse(&hex!("0b77 0000 14 40")), None, "cut off");
    }
}
