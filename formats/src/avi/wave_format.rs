//! `strf` of an audio stream (Microsoft mmreg.h and RFC 2361, WAVEFORMATEX).

use super::riff::Fields;

/// Rate, channels and codec of an audio stream, 18 bytes, little-endian; the codec's header
/// follows.
///
/// | byte | bits | field           | meaning                                              |
/// |-----:|-----:|-----------------|------------------------------------------------------|
/// |    0 |   16 | wFormatTag      | codec                                                |
/// |    2 |   16 | nChannels       | channels                                             |
/// |    4 |   32 | nSamplesPerSec  | Hz                                                   |
/// |    8 |   32 | nAvgBytesPerSec | bytes per second                                     |
/// |   12 |   16 | nBlockAlign     | bytes of the smallest unit                           |
/// |   14 |   16 | wBitsPerSample  | bits of a sample of one channel; 0 if compressed     |
/// |   16 |   16 | cbSize          | bytes of the codec's header; the field may be missing |
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct WaveFormat<'a> {
    pub(super) format_tag: u16,
    pub(super) channels: u16,
    pub(super) samples_per_sec: u32,
    pub(super) avg_bytes_per_sec: u32,
    pub(super) block_align: u16,
    pub(super) bits_per_sample: u16,
    /// The codec's header.
    pub(super) extra: &'a [u8],
}

impl<'a> WaveFormat<'a> {
    const LEN: usize = 18;
    /// WAVE_FORMAT_EXTENSIBLE: the codec stands in the first two bytes of a GUID.
    const EXTENSIBLE: u16 = 0xfffe;

    pub(super) fn write(&self, out: &mut Vec<u8>) {
        out.extend(self.format_tag.to_le_bytes());
        out.extend(self.channels.to_le_bytes());
        out.extend(self.samples_per_sec.to_le_bytes());
        out.extend(self.avg_bytes_per_sec.to_le_bytes());
        out.extend(self.block_align.to_le_bytes());
        out.extend(self.bits_per_sample.to_le_bytes());
        let extra = &self.extra[..self.extra.len().min(usize::from(u16::MAX))];
        out.extend(u16::try_from(extra.len()).unwrap_or(u16::MAX).to_le_bytes());
        out.extend(extra);
    }

    /// Reads the header; `None` if it is cut off before cbSize.
    pub(super) fn parse(data: &'a [u8]) -> Option<Self> {
        const SUB_FORMAT: usize = 6;
        let mut fields = Fields(data);
        let mut wave = Self {
            format_tag: fields.u16()?,
            channels: fields.u16()?,
            samples_per_sec: fields.u32()?,
            avg_bytes_per_sec: fields.u32()?,
            block_align: fields.u16()?,
            bits_per_sample: fields.u16()?,
            extra: &[],
        };
        let size = usize::from(fields.u16().unwrap_or_default());
        let extra = data.get(Self::LEN..).unwrap_or_default();
        wave.extra = &extra[..extra.len().min(size)];
        if wave.format_tag == Self::EXTENSIBLE
            && let Some(tag) = wave.extra.get(SUB_FORMAT..)
        {
            wave.format_tag = Fields(tag).u16()?;
        }
        Some(wave)
    }
}

#[cfg(test)]
mod tests {
    use hex_literal::hex;

    use super::*;

    #[test]
    fn wave_format_bytes() {
        let wave = WaveFormat {
            format_tag: 0xff,
            channels: 1,
            samples_per_sec: 44_100,
            avg_bytes_per_sec: 8071,
            block_align: 768,
            bits_per_sample: 16,
            extra: &hex!("1208"),
        };
        let mut out = Vec::new();
        wave.write(&mut out);
        let want = hex!("ff00 0100 44ac0000 871f0000 0003 1000 0200 1208");
        assert_eq!(out, want);
        assert_eq!(WaveFormat::parse(&want), Some(wave));
        for len in 0..16 {
            assert_eq!(WaveFormat::parse(&want[..len]), None, "{len} bytes");
        }
        let without_extra = WaveFormat { extra: &[], ..wave };
        assert_eq!(WaveFormat::parse(&want[..16]), Some(without_extra));
    }

    #[test]
    fn extensible_names_the_codec_in_its_guid() {
        let bytes = hex!(
            "feff 0200 80bb0000 00ee0200 0400 1000 1600 1000 03000000 0100 0000 0000 1000 8000"
            "00aa00389b71"
        );
        assert_eq!(
            WaveFormat::parse(&bytes).map(|wave| wave.format_tag),
            Some(1)
        );
    }
}
