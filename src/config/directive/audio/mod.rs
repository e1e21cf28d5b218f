//! Audio settings of a `<Stream>`.

mod audio_bit_rate;
mod audio_channels;
mod audio_codec;
mod audio_quality;
mod audio_sample_rate;
mod av_option_audio;
mod av_preset_audio;

use super::Directive;

/// In the order of the reference.
pub(super) const ALL: &[&Directive] = &[
    &audio_codec::DIRECTIVE,
    &audio_bit_rate::DIRECTIVE,
    &audio_sample_rate::DIRECTIVE,
    &audio_channels::DIRECTIVE,
    &audio_quality::DIRECTIVE,
    &av_option_audio::DIRECTIVE,
    &av_preset_audio::DIRECTIVE,
];
