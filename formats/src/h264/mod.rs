//! Raw H.264: a byte stream of NAL units (ITU-T H.264, Annex B), and what containers without
//! timestamps share with it.
//!
//! | lost | what a reader gets |
//! |------|--------------------|
//! | times, pts and dts | multiples of the frame duration of the VUI (E.2.1), or of 1/25 s |
//! | pts of reordered pictures | reckoned from the picture order count |

mod access_unit;
mod demux;
mod display_order;
mod mux;
mod parameter_sets;
mod slice;
mod splitter;
#[cfg(test)]
mod tests;

pub(crate) use access_unit::with_parameter_sets;
pub use demux::H264Demuxer;
pub(crate) use display_order::DisplayOrder;
pub use mux::H264Muxer;
pub(crate) use parameter_sets::ParameterSets;
pub(crate) use slice::SliceHeader;

use media::CodecId;
use media::bitstream::nal::{self, NalType};

/// Name of the format in errors.
const FORMAT: &str = "h264";

/// Whether the format has a place for the codec.
pub(crate) const fn can_carry(codec: CodecId) -> bool {
    matches!(codec, CodecId::H264)
}

/// Whether a file starts as a byte stream does: a start code, then a delimiter, an SPS, or SEI with
/// an SPS behind it.
pub(crate) fn probe(prefix: &[u8]) -> bool {
    let starts = matches!(prefix, [0, 0, 1, ..] | [0, 0, 0, 1, ..]);
    let mut types = nal::annex_b(prefix).map(|nal| (NalType::of(nal), nal[0] >> 7));
    starts
        && types.all(|(_, forbidden_zero_bit)| forbidden_zero_bit == 0)
        && nal::annex_b(prefix)
            .filter_map(NalType::of)
            .find(|kind| !matches!(*kind, NalType::AUD | NalType::SEI))
            == Some(NalType::SPS)
}
