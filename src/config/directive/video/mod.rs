//! Video settings of a `<Stream>`.

mod av_option_video;
mod av_preset_video;
mod bit_exact;
mod chroma_elim;
mod dark_mask;
mod dct_fastint;
mod debug;
mod idct_simple;
mod luma_elim;
mod lumi_mask;
mod pixel_format;
mod qscale;
mod strict;
mod video_4_motion_vector;
mod video_bit_rate;
mod video_bit_rate_range;
mod video_bit_rate_tolerance;
mod video_buffer_size;
mod video_codec;
mod video_frame_rate;
mod video_gop_size;
mod video_high_quality;
mod video_intra_only;
mod video_qdiff;
mod video_qmax;
mod video_qmin;
mod video_size;
mod video_tag;

use super::Directive;

/// In the order of the reference.
pub(super) const ALL: &[&Directive] = &[
    &video_codec::DIRECTIVE,
    &video_size::DIRECTIVE,
    &video_frame_rate::DIRECTIVE,
    &video_bit_rate::DIRECTIVE,
    &video_gop_size::DIRECTIVE,
    &video_intra_only::DIRECTIVE,
    &video_qmin::DIRECTIVE,
    &video_qmax::DIRECTIVE,
    &video_qdiff::DIRECTIVE,
    &video_bit_rate_tolerance::DIRECTIVE,
    &video_buffer_size::DIRECTIVE,
    &video_bit_rate_range::DIRECTIVE,
    &bit_exact::DIRECTIVE,
    &video_high_quality::DIRECTIVE,
    &video_4_motion_vector::DIRECTIVE,
    &dct_fastint::DIRECTIVE,
    &idct_simple::DIRECTIVE,
    &pixel_format::DIRECTIVE,
    &video_tag::DIRECTIVE,
    &qscale::DIRECTIVE,
    &lumi_mask::DIRECTIVE,
    &dark_mask::DIRECTIVE,
    &luma_elim::DIRECTIVE,
    &chroma_elim::DIRECTIVE,
    &debug::DIRECTIVE,
    &strict::DIRECTIVE,
    &av_option_video::DIRECTIVE,
    &av_preset_video::DIRECTIVE,
];
