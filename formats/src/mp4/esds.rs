//! The elementary stream descriptor, `esds` (ISO/IEC 14496-14:2003, 5.6; descriptors: ISO/IEC
//! 14496-1:2010, 7.2.6), as it is read, and the object types it names.
//!
//! Descriptors nest: ES_Descriptor > DecoderConfigDescriptor > DecoderSpecificInfo. They are
//! entered at these fixed levels only, so that none can be nested deeper than the standard says.

use bytes::Bytes;
use media::{CodecId, CodecParameters};

use super::boxes::slice;

/// `streamType` of video.
pub(super) const VISUAL_STREAM: u8 = 4;
/// `streamType` of audio.
pub(super) const AUDIO_STREAM: u8 = 5;

/// `objectTypeIndication` (ISO/IEC 14496-1, table 5, and the MP4 registration authority).
mod object_type {
    pub(super) const MPEG4_VISUAL: u8 = 0x20;
    pub(super) const MPEG4_AUDIO: u8 = 0x40;
    /// MPEG-2 video, Simple to 4:2:2 profile.
    pub(super) const MPEG2_VISUAL: std::ops::RangeInclusive<u8> = 0x60..=0x65;
    /// MPEG-2 AAC, Main to Scalable Sampling Rate profile.
    pub(super) const MPEG2_AAC: std::ops::RangeInclusive<u8> = 0x66..=0x68;
    /// MPEG-2 audio layers I to III: half the sampling rates of MPEG-1.
    pub(super) const MPEG2_AUDIO: u8 = 0x69;
    pub(super) const MPEG1_VISUAL: u8 = 0x6a;
    pub(super) const MPEG1_AUDIO: u8 = 0x6b;
    pub(super) const JPEG: u8 = 0x6c;
}

/// The lowest sampling rate of MPEG-1 audio in Hz (ISO/IEC 11172-3, 2.4.2.3).
const MPEG1_MIN_RATE_HZ: u32 = 32_000;

/// The `objectTypeIndication` of a track that is written; `None` for codecs without one.
pub(super) fn object_type(params: &CodecParameters) -> Option<u8> {
    match params.codec {
        CodecId::Mpeg4 => Some(object_type::MPEG4_VISUAL),
        CodecId::Mjpeg => Some(object_type::JPEG),
        CodecId::Aac => Some(object_type::MPEG4_AUDIO),
        CodecId::Mp2 | CodecId::Mp3 => {
            let rate_hz = params.audio()?.sample_rate_hz;
            Some(if rate_hz < MPEG1_MIN_RATE_HZ {
                object_type::MPEG2_AUDIO
            } else {
                object_type::MPEG1_AUDIO
            })
        }
        _ => None,
    }
}

/// What `esds` says of a track.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct EsDescription {
    /// `objectTypeIndication`.
    pub(super) object_type: u8,
    /// `avgBitrate` in bit/s; 0 if unknown.
    pub(super) avg_bitrate: u32,
    /// The bytes of DecoderSpecificInfo; empty if there are none.
    pub(super) decoder_specific: Bytes,
}

impl EsDescription {
    /// Reads the body of `esds`, version and flags included; `None` if it is cut off or the
    /// descriptors are not in their places.
    ///
    /// | bits | field                | meaning                                       |
    /// |-----:|----------------------|-----------------------------------------------|
    /// |   16 | ES_ID                |                                               |
    /// |    1 | streamDependenceFlag | 16 bits dependsOn_ES_ID follow                |
    /// |    1 | URL_Flag             | a URL with a length of 8 bits follows         |
    /// |    1 | OCRstreamFlag        | 16 bits OCR_ES_Id follow                      |
    /// |    5 | streamPriority       |                                               |
    /// |      | DecoderConfigDescr   | 8 objectTypeIndication, 6 streamType, 1, 1,   |
    /// |      |                      | 24 bufferSizeDB, 32 maxBitrate, 32 avgBitrate |
    pub(super) fn parse(body: &Bytes) -> Option<Self> {
        const ES_DESCR_TAG: u8 = 3;
        const DECODER_CONFIG_TAG: u8 = 4;
        const DECODER_SPECIFIC_TAG: u8 = 5;
        let es = find(slice(body, 4..)?, ES_DESCR_TAG)?;
        let [_, _, flags, ..] = es[..] else {
            return None;
        };
        let mut at = 3;
        if flags & 0x80 != 0 {
            at += 2;
        }
        if flags & 0x40 != 0 {
            at += 1 + usize::from(*es.get(at)?);
        }
        if flags & 0x20 != 0 {
            at += 2;
        }
        let config = find(slice(&es, at..)?, DECODER_CONFIG_TAG)?;
        let object_type = *config.first()?;
        let avg_bitrate = u32::from_be_bytes(*config.get(9..)?.first_chunk()?);
        Some(Self {
            object_type,
            avg_bitrate,
            decoder_specific: find(slice(&config, 13..)?, DECODER_SPECIFIC_TAG).unwrap_or_default(),
        })
    }

    /// The codec; `None` for those that are not read. MPEG audio says here neither layer II nor
    /// III: layer III is assumed until the first frame is seen.
    pub(super) fn codec(&self) -> Option<CodecId> {
        match self.object_type {
            object_type::MPEG4_VISUAL => Some(CodecId::Mpeg4),
            object_type::MPEG4_AUDIO => Some(CodecId::Aac),
            kind if object_type::MPEG2_VISUAL.contains(&kind) => Some(CodecId::Mpeg2Video),
            kind if object_type::MPEG2_AAC.contains(&kind) => Some(CodecId::Aac),
            object_type::MPEG1_VISUAL => Some(CodecId::Mpeg1Video),
            object_type::MPEG2_AUDIO | object_type::MPEG1_AUDIO => Some(CodecId::Mp3),
            object_type::JPEG => Some(CodecId::Mjpeg),
            _ => None,
        }
    }
}

/// The body of the first descriptor with this tag in a row of descriptors.
fn find(mut descriptors: Bytes, tag: u8) -> Option<Bytes> {
    loop {
        let found = *descriptors.first()?;
        let (len, len_bytes) = expandable_size(descriptors.get(1..)?)?;
        let start = 1 + len_bytes;
        let end = start.checked_add(len)?;
        if found == tag {
            return slice(&descriptors, start..end);
        }
        descriptors = slice(&descriptors, end..)?;
    }
}

/// A size in groups of seven bits, the high ones first, at most four (ISO/IEC 14496-1, 8.3.3), and
/// its bytes.
fn expandable_size(data: &[u8]) -> Option<(usize, usize)> {
    let mut size = 0;
    for (index, byte) in data.iter().take(4).enumerate() {
        size = size << 7 | usize::from(byte & 0x7f);
        if byte & 0x80 == 0 {
            return Some((size, index + 1));
        }
    }
    None
}
