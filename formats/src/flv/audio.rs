//! Audio tags (annex E.4.2).

use media::{AudioParameters, CodecId, CodecParameters};

/// The first byte of an audio tag's data. With SoundFormat 10 (AAC) the AACPacketType follows: 0
/// for the AudioSpecificConfig, 1 for a raw access unit.
///
/// | bits | name        | meaning                                              |
/// |-----:|-------------|------------------------------------------------------|
/// |    4 | SoundFormat | see [`codec`](Self::codec)                           |
/// |    2 | SoundRate   | 0: 5.5 kHz, 1: 11 kHz, 2: 22 kHz, 3: 44 kHz (or AAC) |
/// |    1 | SoundSize   | 0: 8 bits, 1: 16 bits (or compressed)                |
/// |    1 | SoundType   | 0: mono, 1: stereo (or AAC)                          |
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct AudioTagHeader {
    /// SoundFormat.
    pub(super) sound_format: u8,
    /// SoundRate.
    pub(super) sound_rate: u8,
    /// SoundSize: 16 bits.
    pub(super) sound_size_16: bool,
    /// SoundType: stereo.
    pub(super) stereo: bool,
}

/// AACPacketType.
pub(super) const AAC_SEQUENCE_HEADER: u8 = 0;
/// AACPacketType.
pub(super) const AAC_RAW: u8 = 1;

const PCM_PLATFORM_ENDIAN: u8 = 0;
const ADPCM: u8 = 1;
const MP3: u8 = 2;
const PCM_LITTLE_ENDIAN: u8 = 3;
const NELLYMOSER_16_KHZ: u8 = 4;
const NELLYMOSER_8_KHZ: u8 = 5;
const NELLYMOSER: u8 = 6;
const A_LAW: u8 = 7;
const MU_LAW: u8 = 8;
const AAC: u8 = 10;
const SPEEX: u8 = 11;
const MP3_8_KHZ: u8 = 14;

/// Sampling rates by SoundRate. 5512.5 Hz is told as whole number.
const RATES_HZ: [u32; 4] = [5_512, 11_025, 22_050, 44_100];

impl AudioTagHeader {
    /// The header of a track's tags; the reason if there is none.
    pub(super) fn of(params: &CodecParameters) -> Result<Self, String> {
        let audio = params
            .audio()
            .ok_or("an audio codec without audio parameters")?;
        let rate = audio.sample_rate_hz;
        let of_rates = |sound_format| {
            let index = RATES_HZ.iter().position(|known| *known == rate);
            let sound_rate = index
                .and_then(|index| u8::try_from(index).ok())
                .ok_or(format!(
                    "the sampling rate is {rate} Hz, not 5512, 11025, 22050 or 44100"
                ))?;
            let stereo = stereo(audio)?;
            Ok(Self {
                sound_format,
                sound_rate,
                sound_size_16: true,
                stereo,
            })
        };
        let fixed = |sound_format, rate_hz| {
            if rate != rate_hz {
                return Err(format!("the sampling rate is {rate} Hz, not {rate_hz}"));
            }
            let stereo = stereo(audio)?;
            Ok(Self {
                sound_format,
                sound_rate: 0,
                sound_size_16: true,
                stereo,
            })
        };
        match params.codec {
            // Both are fixed by the standard; the configuration says the truth.
            CodecId::Aac => Ok(Self {
                sound_format: AAC,
                sound_rate: 3,
                sound_size_16: true,
                stereo: true,
            }),
            CodecId::Mp3 if rate == 8_000 => fixed(MP3_8_KHZ, 8_000),
            CodecId::Mp3 => of_rates(MP3),
            CodecId::PcmS16Le => of_rates(PCM_LITTLE_ENDIAN),
            CodecId::PcmU8 => of_rates(PCM_LITTLE_ENDIAN).map(|header| Self {
                sound_size_16: false,
                ..header
            }),
            CodecId::PcmALaw => fixed(A_LAW, 8_000),
            CodecId::PcmMuLaw => fixed(MU_LAW, 8_000),
            CodecId::Speex if audio.channels != 1 => Err("Speex in FLV is mono".to_owned()),
            CodecId::Speex => fixed(SPEEX, 16_000),
            codec => Err(format!("{codec} has no SoundFormat")),
        }
    }

    /// The codec; the number if it is none that is known here.
    pub(super) const fn codec(self) -> Result<CodecId, u8> {
        Ok(match self.sound_format {
            // Platform endian has been little endian on every platform that has FLV.
            PCM_PLATFORM_ENDIAN | PCM_LITTLE_ENDIAN if self.sound_size_16 => CodecId::PcmS16Le,
            PCM_PLATFORM_ENDIAN | PCM_LITTLE_ENDIAN => CodecId::PcmU8,
            ADPCM => CodecId::AdpcmSwf,
            MP3 | MP3_8_KHZ => CodecId::Mp3,
            NELLYMOSER_16_KHZ | NELLYMOSER_8_KHZ | NELLYMOSER => CodecId::Nellymoser,
            A_LAW => CodecId::PcmALaw,
            MU_LAW => CodecId::PcmMuLaw,
            AAC => CodecId::Aac,
            SPEEX => CodecId::Speex,
            other => return Err(other),
        })
    }

    /// Rate and channels as far as the header tells them; not for AAC.
    pub(super) fn parameters(self) -> AudioParameters {
        let (sample_rate_hz, fixed_mono) = match self.sound_format {
            NELLYMOSER_16_KHZ | SPEEX => (16_000, true),
            NELLYMOSER_8_KHZ => (8_000, true),
            A_LAW | MU_LAW | MP3_8_KHZ => (8_000, false),
            _ => (RATES_HZ[usize::from(self.sound_rate & 3)], false),
        };
        let channels = if self.stereo && !fixed_mono { 2 } else { 1 };
        AudioParameters {
            sample_rate_hz,
            channels,
        }
    }

    /// Reads the byte.
    pub(super) const fn parse(byte: u8) -> Self {
        Self {
            sound_format: byte >> 4,
            sound_rate: byte >> 2 & 3,
            sound_size_16: byte & 2 != 0,
            stereo: byte & 1 != 0,
        }
    }

    /// The byte.
    pub(super) fn to_byte(self) -> u8 {
        self.sound_format << 4
            | self.sound_rate << 2
            | u8::from(self.sound_size_16) << 1
            | u8::from(self.stereo)
    }
}

fn stereo(audio: &AudioParameters) -> Result<bool, String> {
    match audio.channels {
        1 => Ok(false),
        2 => Ok(true),
        channels => Err(format!("there are {channels} channels, not 1 or 2")),
    }
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use media::MediaParameters;

    use super::*;

    fn params(codec: CodecId, sample_rate_hz: u32, channels: u16) -> CodecParameters {
        CodecParameters {
            codec,
            bit_rate_bps: None,
            config: Bytes::new(),
            media: MediaParameters::Audio(AudioParameters {
                sample_rate_hz,
                channels,
            }),
        }
    }

    #[test]
    fn header_bytes() {
        for (codec, rate, channels, want) in [
            (CodecId::Aac, 48_000, 1, 0xaf),
            (CodecId::Aac, 8_000, 6, 0xaf),
            (CodecId::Mp3, 44_100, 2, 0x2f),
            (CodecId::Mp3, 22_050, 1, 0x2a),
            (CodecId::Mp3, 8_000, 1, 0xe2),
            (CodecId::PcmS16Le, 44_100, 2, 0x3f),
            (CodecId::PcmS16Le, 11_025, 1, 0x36),
            (CodecId::PcmU8, 5_512, 1, 0x30),
            (CodecId::PcmALaw, 8_000, 1, 0x72),
            (CodecId::PcmMuLaw, 8_000, 2, 0x83),
            (CodecId::Speex, 16_000, 1, 0xb2),
        ] {
            let params = params(codec, rate, channels);
            let header = AudioTagHeader::of(&params).unwrap();
            assert_eq!(header.to_byte(), want, "{codec} {rate}");
            let parsed = AudioTagHeader::parse(want);
            assert_eq!(parsed, header, "{codec} {rate}");
            assert_eq!(parsed.codec(), Ok(codec), "{codec} {rate}");
            if codec != CodecId::Aac {
                assert_eq!(Some(&parsed.parameters()), params.audio(), "{codec} {rate}");
            }
        }
    }

    #[test]
    fn what_the_header_cannot_say_is_refused() {
        for (codec, rate, channels, want) in [
            (
                CodecId::Mp3,
                48_000,
                2,
                "the sampling rate is 48000 Hz, not 5512, 11025, 22050 or 44100",
            ),
            (
                CodecId::PcmS16Le,
                44_100,
                6,
                "there are 6 channels, not 1 or 2",
            ),
            (
                CodecId::PcmALaw,
                16_000,
                1,
                "the sampling rate is 16000 Hz, not 8000",
            ),
            (CodecId::Speex, 16_000, 2, "Speex in FLV is mono"),
            (CodecId::Mp2, 44_100, 2, "mp2 has no SoundFormat"),
        ] {
            let result = AudioTagHeader::of(&params(codec, rate, channels));
            assert_eq!(result, Err(want.to_owned()));
        }
    }

    #[test]
    fn formats_that_are_only_read() {
        for (byte, codec, rate, channels) in [
            (0x16, Ok(CodecId::AdpcmSwf), 11_025, 1),
            (0x42, Ok(CodecId::Nellymoser), 16_000, 1),
            (0x53, Ok(CodecId::Nellymoser), 8_000, 1),
            (0x6f, Ok(CodecId::Nellymoser), 44_100, 2),
            (0x0f, Ok(CodecId::PcmS16Le), 44_100, 2),
            (0xff, Err(15), 44_100, 2),
            (0x90, Err(9), 5_512, 1),
        ] {
            let header = AudioTagHeader::parse(byte);
            let want = AudioParameters {
                sample_rate_hz: rate,
                channels,
            };
            assert_eq!(
                (header.codec(), header.parameters()),
                (codec, want),
                "{byte:02x}"
            );
        }
    }
}
