//! What a packet of a codec becomes in its PES packet: what has to stand in front of it.

use bytes::Bytes;
use media::bitstream::aac::AudioSpecificConfig;
use media::bitstream::nal;
use media::{CodecId, CodecParameters, Packet};

/// How the packets of a track are carried.
#[derive(Debug, Clone)]
pub(super) enum Payload {
    /// Annex B with a delimiter.
    H264,
    /// Annex B with a delimiter.
    Hevc,
    /// A header in front of key frames where the packet has none of its own: start codes of the
    /// header, and the header.
    WithHeader(StartCode, Bytes),
    /// Each packet behind its ADTS header.
    Adts(AudioSpecificConfig),
    /// As it is.
    Plain,
}

/// A start code value, `00 00 01 xx`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct StartCode(u8);

/// sequence_header_code (ISO/IEC 13818-2, table 6-1).
const SEQUENCE_HEADER: StartCode = StartCode(0xb3);
/// visual_object_sequence_start_code (ISO/IEC 14496-2, table 6-3).
const VISUAL_OBJECT_SEQUENCE: StartCode = StartCode(0xb0);

/// Access unit delimiter with primary_pic_type 7, any slices (ITU-T H.264, 7.3.2.4).
const H264_DELIMITER: [u8; 6] = [0, 0, 0, 1, 0x09, 0xf0];
/// Access unit delimiter with pic_type 2, any slices (ITU-T H.265, 7.3.2.5).
const HEVC_DELIMITER: [u8; 7] = [0, 0, 0, 1, 0x46, 0x01, 0x50];

impl Payload {
    /// How packets with these parameters are carried; the reason if they cannot be.
    pub(super) fn of(params: &CodecParameters) -> Result<Self, &'static str> {
        Ok(match params.codec {
            CodecId::H264 => Self::H264,
            CodecId::Hevc => Self::Hevc,
            CodecId::Mpeg1Video | CodecId::Mpeg2Video => {
                Self::WithHeader(SEQUENCE_HEADER, params.config.clone())
            }
            CodecId::Mpeg4 => Self::WithHeader(VISUAL_OBJECT_SEQUENCE, params.config.clone()),
            CodecId::Aac => Self::Adts(adts_config(&params.config)?),
            _ => Self::Plain,
        })
    }

    /// Appends what stands in front of the packet's data.
    pub(super) fn write_front(
        &self,
        packet: &Packet,
        out: &mut Vec<u8>,
    ) -> Result<(), &'static str> {
        match self {
            Self::H264 => {
                if first_nal(&packet.data).is_none_or(|first| first & 0x1f != 9) {
                    out.extend(H264_DELIMITER);
                }
            }
            Self::Hevc => {
                if first_nal(&packet.data).is_none_or(|first| first >> 1 & 0x3f != 35) {
                    out.extend(HEVC_DELIMITER);
                }
            }
            Self::WithHeader(code, header) => {
                if packet.key && !starts_with(*code, &packet.data) {
                    out.extend(header);
                }
            }
            Self::Adts(config) => {
                let header = config.adts_header(packet.data.len());
                out.extend(header.ok_or("ADTS frames have at most 8191 bytes")?);
            }
            Self::Plain => {}
        }
        Ok(())
    }
}

/// The configuration as ADTS says it: extensions (SBR, PS) are found by the decoder in the data.
fn adts_config(config: &[u8]) -> Result<AudioSpecificConfig, &'static str> {
    const LC: u8 = 2;
    const SBR: u8 = 5;
    const PS: u8 = 29;
    let mut config = AudioSpecificConfig::parse(config).ok_or("no AudioSpecificConfig")?;
    if matches!(config.object_type, SBR | PS) {
        config.object_type = LC;
    }
    match config.adts_header(0) {
        Some(_) => Ok(config),
        None => Err("ADTS has neither this object type nor this sampling rate"),
    }
}

/// The first byte of the first NAL unit, if the data starts with one.
fn first_nal(data: &[u8]) -> Option<u8> {
    let (_, at) = nal::find_start_code(data.get(..8).unwrap_or(data))?;
    data.get(at).copied()
}

fn starts_with(code: StartCode, data: &[u8]) -> bool {
    matches!(data, [0, 0, 1, first, ..] if *first == code.0)
}

#[cfg(test)]
mod tests {
    use hex_literal::hex;
    use media::{AudioParameters, MediaParameters, Timestamp};

    use super::*;

    fn front(
        codec: CodecId,
        config: &[u8],
        key: bool,
        data: &[u8],
    ) -> Result<Vec<u8>, &'static str> {
        let params = CodecParameters {
            codec,
            bit_rate_bps: None,
            config: Bytes::copy_from_slice(config),
            media: MediaParameters::Audio(AudioParameters {
                sample_rate_hz: 44_100,
                channels: 1,
            }),
        };
        let packet = Packet {
            track: 0,
            pts: Timestamp(0),
            dts: Timestamp(0),
            duration: 0,
            key,
            discontinuity: false,
            data: Bytes::copy_from_slice(data),
        };
        let mut out = Vec::new();
        Payload::of(&params)?.write_front(&packet, &mut out)?;
        Ok(out)
    }

    #[test]
    fn what_stands_in_front() {
        let vos = hex!("000001b0 01 00000120 00");
        let sequence = hex!("000001b3 1400f0");
        for (name, codec, config, key, data, want) in [
            (
                "H.264",
                CodecId::H264,
                &[][..],
                true,
                &hex!("00000001 65")[..],
                &H264_DELIMITER[..],
            ),
            (
                "H.264, short code",
                CodecId::H264,
                &[],
                false,
                &hex!("000001 41"),
                &H264_DELIMITER,
            ),
            (
                "H.264 that has one",
                CodecId::H264,
                &[],
                true,
                &hex!("00000001 0910 000001 65"),
                &[],
            ),
            (
                "H.265",
                CodecId::Hevc,
                &[],
                true,
                &hex!("00000001 4001"),
                &HEVC_DELIMITER,
            ),
            (
                "H.265 that has one",
                CodecId::Hevc,
                &[],
                true,
                &hex!("000001 4601 50"),
                &[],
            ),
            (
                "MPEG-4 I-VOP",
                CodecId::Mpeg4,
                &vos,
                true,
                &hex!("000001b6 10"),
                &vos,
            ),
            ("MPEG-4 that has it", CodecId::Mpeg4, &vos, true, &vos, &[]),
            (
                "MPEG-4 P-VOP",
                CodecId::Mpeg4,
                &vos,
                false,
                &hex!("000001b6 50"),
                &[],
            ),
            (
                "MPEG-2",
                CodecId::Mpeg2Video,
                &sequence,
                true,
                &hex!("00000100 00"),
                &sequence,
            ),
            (
                "MPEG-2 that has it",
                CodecId::Mpeg2Video,
                &sequence,
                true,
                &sequence,
                &[],
            ),
            (
                "AAC",
                CodecId::Aac,
                &hex!("1208"),
                true,
                &hex!("2110"),
                &hex!("fff15040 013ffc"),
            ),
            (
                "AAC with SBR",
                CodecId::Aac,
                &hex!("2b0a0800"),
                true,
                &hex!("21"),
                &hex!("fff15840 011ffc"),
            ),
            ("MP2", CodecId::Mp2, &[], true, &hex!("fffd40c4"), &[]),
        ] {
            assert_eq!(
                front(codec, config, key, data).as_deref(),
                Ok(want),
                "{name}"
            );
        }
        let error = front(CodecId::Aac, &[], true, &[]);
        assert_eq!(error, Err("no AudioSpecificConfig"));
        let error = front(CodecId::Aac, &hex!("1208"), true, &[0; 8185]);
        assert_eq!(error, Err("ADTS frames have at most 8191 bytes"));
    }
}
