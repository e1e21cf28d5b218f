//! Sample entries and samples as they are written: `avc1` (ISO/IEC 14496-15:2017, 5.4.2.1), `mp4a`
//! and `mp4v` (ISO/IEC 14496-14:2003, 5.6), `av01` (AV1 Codec ISO Media File Format Binding 1.2).

use media::bitstream::{
    avc_config::AvcConfig,
    nal::{self, NalType},
};
use media::{CodecId, CodecParameters, MediaKind, MediaParameters, Packet};
use mp4_atom::esds::{DecoderConfig, DecoderSpecific, EsDescriptor, SLConfig};
use mp4_atom::{
    Atom, Audio, Av01, Av1c, Avc1, Avcc, BufMut, Encode, Esds, FixedPoint, Mp4a, Visual,
};

use super::{FORMAT, esds};
use crate::MuxError;

/// How the samples of a track are described and written.
#[derive(Debug)]
pub(super) struct SampleEntry {
    /// The box.
    pub(super) bytes: Vec<u8>,
    kind: MediaKind,
    form: SampleForm,
}

/// What becomes of a packet's bytes.
#[derive(Debug)]
enum SampleForm {
    /// Written as they are.
    Unchanged,
    /// From Annex B to NAL units with a length of 4 bytes each, without the parameter sets that
    /// `avcC` holds.
    LengthPrefixed(AvcConfig),
    /// Without temporal delimiters, which the binding forbids (2.4).
    NoTemporalDelimiters,
}

impl SampleEntry {
    /// The entry of a track.
    ///
    /// # Errors
    /// [`MuxError`] if the codec has none or its configuration is missing or damaged.
    pub(super) fn new(index: usize, params: &CodecParameters) -> Result<Self, MuxError> {
        let config_error = |reason: String| MuxError::Config {
            format: FORMAT,
            codec: params.codec,
            track: index,
            reason,
        };
        let (bytes, form) = match params.codec {
            CodecId::H264 => avc1(params).map_err(config_error)?,
            CodecId::Av1 => (
                av01(params).map_err(config_error)?,
                SampleForm::NoTemporalDelimiters,
            ),
            CodecId::Mpeg4 | CodecId::Mjpeg => {
                (mp4v(params).map_err(config_error)?, SampleForm::Unchanged)
            }
            CodecId::Aac | CodecId::Mp2 | CodecId::Mp3 => {
                (mp4a(params).map_err(config_error)?, SampleForm::Unchanged)
            }
            codec => {
                return Err(MuxError::UnsupportedCodec {
                    format: FORMAT,
                    codec,
                    track: index,
                });
            }
        };
        Ok(Self {
            bytes,
            kind: params.kind(),
            form,
        })
    }

    /// The medium.
    pub(super) const fn kind(&self) -> MediaKind {
        self.kind
    }

    /// Appends the sample that a packet becomes.
    ///
    /// # Errors
    /// [`MuxError::Bitstream`] if the packet is not in the form its codec has in this program.
    pub(super) fn write_sample(&self, packet: &Packet, out: &mut Vec<u8>) -> Result<(), MuxError> {
        let start = out.len();
        match &self.form {
            SampleForm::Unchanged => out.extend_from_slice(&packet.data),
            SampleForm::LengthPrefixed(config) => write_length_prefixed(config, &packet.data, out),
            SampleForm::NoTemporalDelimiters => {
                write_without_temporal_delimiters(&packet.data, out).ok_or(
                    MuxError::Bitstream {
                        track: packet.track,
                        codec: CodecId::Av1,
                        reason: "the size of an OBU is missing or too large",
                    },
                )?;
            }
        }
        if out.len() == start && matches!(self.form, SampleForm::LengthPrefixed(_)) {
            return Err(MuxError::Bitstream {
                track: packet.track,
                codec: CodecId::H264,
                reason: "no NAL unit with a start code beside parameter sets",
            });
        }
        Ok(())
    }
}

/// `avc1` demands that parameter sets stand in `avcC` alone; others than those would be changes in
/// mid-stream, which stay where they are, since a decoder can use them there.
fn write_length_prefixed(config: &AvcConfig, access_unit: &[u8], out: &mut Vec<u8>) {
    for nal in nal::annex_b(access_unit) {
        let known = match NalType::of(nal) {
            Some(NalType::SPS) => config.sps.iter().any(|set| set == nal),
            Some(NalType::PPS) => config.pps.iter().any(|set| set == nal),
            _ => false,
        };
        if known {
            continue;
        }
        // MAX_PACKET keeps the length far below 32 bits.
        out.extend(u32::try_from(nal.len()).unwrap_or(u32::MAX).to_be_bytes());
        out.extend_from_slice(nal);
    }
}

/// Copies the OBUs of a temporal unit but for the delimiters; `None` if the sizes do not add up.
fn write_without_temporal_delimiters(mut unit: &[u8], out: &mut Vec<u8>) -> Option<()> {
    const OBU_TEMPORAL_DELIMITER: u8 = 2;
    while let Some(header) = unit.first() {
        let header_len = if header & 4 != 0 { 2 } else { 1 };
        let len = if header & 2 != 0 {
            let (payload_len, leb_len) = leb128(unit.get(header_len..)?)?;
            payload_len.checked_add(header_len + leb_len)?
        } else {
            unit.len() // obu_has_size_field 0: the last one
        };
        let (obu, rest) = unit.split_at_checked(len)?;
        if header >> 3 & 0xf != OBU_TEMPORAL_DELIMITER {
            out.extend_from_slice(obu);
        }
        unit = rest;
    }
    Some(())
}

/// A number of at most 32 bits in groups of seven, the low ones first (AV1, 4.10.5), and its bytes.
fn leb128(data: &[u8]) -> Option<(usize, usize)> {
    let mut value = 0_u64;
    for (index, byte) in data.iter().take(8).enumerate() {
        value |= u64::from(byte & 0x7f) << (7 * index);
        if byte & 0x80 == 0 {
            let value = u32::try_from(value).ok()?;
            return Some((usize::try_from(value).ok()?, index + 1));
        }
    }
    None
}

fn visual(params: &CodecParameters) -> Result<Visual, String> {
    let MediaParameters::Video(video) = params.media else {
        return Err("a video codec on a track of another kind".to_owned());
    };
    let size = |px: u32| {
        u16::try_from(px).map_err(|_| format!("a side of {px} pixels, the limit is {}", u16::MAX))
    };
    Ok(Visual {
        data_reference_index: 1,
        width: size(video.width_px)?,
        height: size(video.height_px)?,
        ..Visual::default()
    })
}

fn audio(params: &CodecParameters) -> Result<Audio, String> {
    let MediaParameters::Audio(audio) = params.media else {
        return Err("an audio codec on a track of another kind".to_owned());
    };
    Ok(Audio {
        data_reference_index: 1,
        channel_count: audio.channels,
        sample_size: 16,
        // 16.16 holds no rate above 65 535 Hz; readers then take it from the configuration.
        sample_rate: FixedPoint::new(u16::try_from(audio.sample_rate_hz).unwrap_or(0), 0),
    })
}

fn avc1(params: &CodecParameters) -> Result<(Vec<u8>, SampleForm), String> {
    let config = AvcConfig::from_annex_b(&params.config).map_err(|error| error.to_string())?;
    let mut record = Vec::new();
    config.write(&mut record);
    let avcc = Avcc::decode_body(&mut &record[..]).map_err(|error| error.to_string())?;
    let entry = Avc1 {
        visual: visual(params)?,
        avcc,
        ..Avc1::default()
    };
    Ok((encode(&entry)?, SampleForm::LengthPrefixed(config)))
}

fn av01(params: &CodecParameters) -> Result<Vec<u8>, String> {
    let av1c = Av1c::decode_body(&mut &params.config[..])
        .map_err(|error| format!("no AV1CodecConfigurationRecord: {error}"))?;
    let entry = Av01 {
        visual: visual(params)?,
        av1c,
        ..Av01::default()
    };
    encode(&entry)
}

/// `mp4a`'s sibling for video, which mp4-atom has no type for.
fn mp4v(params: &CodecParameters) -> Result<Vec<u8>, String> {
    let mut out = Vec::new();
    let visual = visual(params)?;
    out.encode_atom(b"mp4v", |out| {
        visual.encode(out)?;
        descriptor(params).encode(out)
    })
    .map_err(|error| error.to_string())?;
    Ok(out)
}

fn mp4a(params: &CodecParameters) -> Result<Vec<u8>, String> {
    if params.codec == CodecId::Aac
        && media::bitstream::aac::AudioSpecificConfig::parse(&params.config).is_none()
    {
        return Err("no AudioSpecificConfig".to_owned());
    }
    let entry = Mp4a {
        audio: audio(params)?,
        esds: descriptor(params),
        btrt: None,
        taic: None,
    };
    encode(&entry)
}

fn encode(entry: &impl Encode) -> Result<Vec<u8>, String> {
    let mut out = Vec::new();
    entry.encode(&mut out).map_err(|error| error.to_string())?;
    Ok(out)
}

fn descriptor(params: &CodecParameters) -> Esds {
    let bit_rate_bps = params.bit_rate_bps.unwrap_or(0);
    let stream_type = match params.kind() {
        MediaKind::Video => esds::VISUAL_STREAM,
        MediaKind::Audio => esds::AUDIO_STREAM,
    };
    Esds {
        es_desc: EsDescriptor {
            es_id: 0, // in a file the track_ID takes its place (14496-14, 3.1.2)
            dec_config: DecoderConfig {
                object_type_indication: esds::object_type(params).unwrap_or(0),
                stream_type,
                max_bitrate: bit_rate_bps,
                avg_bitrate: bit_rate_bps,
                dec_specific: decoder_specific(params),
                ..DecoderConfig::default()
            },
            sl_config: SLConfig::default(),
            ..EsDescriptor::default()
        },
    }
}

fn decoder_specific(params: &CodecParameters) -> Option<DecoderSpecific> {
    let carried = matches!(params.codec, CodecId::Aac | CodecId::Mpeg4);
    (carried && !params.config.is_empty()).then(|| DecoderSpecific {
        raw: params.config.to_vec(),
        ..DecoderSpecific::default()
    })
}
