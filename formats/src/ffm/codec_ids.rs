//! Codec numbers of stream headers (FORMAT.md, section 5).
//!
//! Seen in recorded headers: 1, 8, 13, 17, 22, 28, 0x15000 and 0x15002. The others are the numbers
//! that libavcodec's public enumeration had from 2011 to 2017. Numbers that moved between its
//! releases (VP8, FLAC, Speex and later additions) are left out: a feeder's could not be told.

use media::CodecId;

const TABLE: [(u32, CodecId); 27] = [
    (1, CodecId::Mpeg1Video),
    (2, CodecId::Mpeg2Video),
    (5, CodecId::H263),
    (6, CodecId::Rv10),
    (7, CodecId::Rv20),
    (8, CodecId::Mjpeg),
    (13, CodecId::Mpeg4),
    (15, CodecId::MsMpeg4V1),
    (16, CodecId::MsMpeg4V2),
    (17, CodecId::MsMpeg4V3),
    (18, CodecId::Wmv1),
    (19, CodecId::Wmv2),
    (22, CodecId::Flv1),
    (28, CodecId::H264),
    (31, CodecId::Theora),
    (0x1_0000, CodecId::PcmS16Le),
    (0x1_0001, CodecId::PcmS16Be),
    (0x1_0005, CodecId::PcmU8),
    (0x1_0006, CodecId::PcmMuLaw),
    (0x1_0007, CodecId::PcmALaw),
    (0x1_5000, CodecId::Mp2),
    (0x1_5001, CodecId::Mp3),
    (0x1_5002, CodecId::Aac),
    (0x1_5003, CodecId::Ac3),
    (0x1_5005, CodecId::Vorbis),
    (0x1_5007, CodecId::Wma1),
    (0x1_5008, CodecId::Wma2),
];

/// The codec of a number.
pub(super) fn codec(number: u32) -> Option<CodecId> {
    let mut rows = TABLE.iter().filter(|(known, _)| *known == number);
    rows.next().map(|(_, codec)| *codec)
}

/// The number of a codec, if it has one.
pub(super) fn number(codec: CodecId) -> Option<u32> {
    let mut rows = TABLE.iter().filter(|(_, known)| *known == codec);
    rows.next().map(|(number, _)| *number)
}
