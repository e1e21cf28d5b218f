//! `AVOptionVideo` and `AVOptionAudio`: encoder options by their ffmpeg names.

use media::FrameRate;

use crate::config::args::Args;
use crate::config::diagnostic::{Diagnostic, quoted};
use crate::config::draft::StreamDraft;
use crate::config::lex::Word;
use crate::config::nearest::nearest;
use crate::config::value::Wrong;
use crate::config::value::frame_rate::frame_rate;
use crate::config::value::number::{number, number_u32};
use crate::config::value::video_size::video_size;

/// Options of ffmpeg's encoders that configurations use, after its documentation of codec options,
/// libx264 and libvpx. Others are handed on with a warning.
const KNOWN: &str = "ab ac ar audio_service_type b b_qfactor b_qoffset b_strategy bf bidir_refine \
    block_align bt bufsize bug cmp codec_tag coder color_primaries color_range color_trc colorspace \
    compression_level context crf cutoff dark_mask dct deadline debug dia_size ec err_detect \
    field_order flags flags2 frame_size g global_quality i_qfactor i_qoffset idct ildctcmp \
    intra_refresh keyint_min last_pred level lmin lmax lumi_mask max-intra-rate max_prediction_order \
    maxrate mb_threshold mbcmp mbd me_method me_range mepc mepre min_prediction_order minrate mpeg_quant \
    mpv_flags nr nsse p_mask partitions passlogfile pixel_format precmp pre_dia_size preme preset \
    profile ps qblur qcomp qdiff qmax qmin qscale quality rc rc_eq rc_init_cplx rc_init_occupancy \
    rc_lookahead rc_max_vbv_use rc_min_vbv_use refs sc_factor sc_threshold scplx_mask skip_bottom \
    skip_factor skip_threshold skip_top slices speed strict subcmp subq tcplx_mask thread_type \
    threads time_base trellis tune vbr video_size wpredp x264-params x264opts";

/// Reads an `AVOptionVideo`.
pub(super) fn video(stream: &mut StreamDraft, args: &mut Args<'_, '_>) {
    let Some((name, key)) = key(args) else { return };
    let video = &mut stream.video;
    let value = match key {
        "b" => {
            let Some(rate) = args.value(WANTED, bits) else {
                return;
            };
            video.bit_rate_bps = Some(rate.value);
            rate.value.to_string()
        }
        "g" => {
            let Some(size) = args.value(WANTED, |word| number_u32(word, 1, 65_535)) else {
                return;
            };
            video.gop_size = Some(size.value);
            size.value.to_string()
        }
        "qmin" | "qmax" => {
            let Some(q) = args.value(WANTED, |word| number(word, 1, 69)) else {
                return;
            };
            let field = if key == "qmin" {
                &mut video.qmin
            } else {
                &mut video.qmax
            };
            *field = u8::try_from(q.value).ok();
            q.value.to_string()
        }
        "video_size" => {
            let Some(size) = args.value(WANTED, video_size) else {
                return;
            };
            video.size_px = Some(size.value);
            format!("{}x{}", size.value.0, size.value.1)
        }
        "time_base" => {
            let Some(rate) = args.value(WANTED, period) else {
                return;
            };
            video.frame_rate = Some(rate.value);
            format!("{}/{}", rate.value.den(), rate.value.num())
        }
        _ => {
            let Some(value) = other(args, name, key) else {
                return;
            };
            value.to_owned()
        }
    };
    stream.video_options.set(args, key, value);
}

/// Reads an `AVOptionAudio`.
pub(super) fn audio(stream: &mut StreamDraft, args: &mut Args<'_, '_>) {
    let Some((name, key)) = key(args) else { return };
    let audio = &mut stream.audio;
    let value = match key {
        "b" | "ab" => {
            let Some(rate) = args.value(WANTED, bits) else {
                return;
            };
            audio.bit_rate_bps = Some(rate.value);
            rate.value.to_string()
        }
        "ar" => {
            let Some(rate) = args.value(WANTED, |word| number_u32(word, 1000, 384_000)) else {
                return;
            };
            audio.sample_rate_hz = Some(rate.value);
            rate.value.to_string()
        }
        "ac" => {
            let Some(count) = args.value(WANTED, |word| number(word, 1, 8)) else {
                return;
            };
            audio.channels = u16::try_from(count.value).ok();
            count.value.to_string()
        }
        _ => {
            let Some(value) = other(args, name, key) else {
                return;
            };
            value.to_owned()
        }
    };
    stream.audio_options.set(args, key, value);
}

const WANTED: &str = "a name and a value";

/// The word and the name in it, which may have the encoder's in front: `libx264:preset`.
fn key<'a>(args: &mut Args<'a, '_>) -> Option<(Word<'a>, &'a str)> {
    let word = args.word(WANTED)?;
    let (_, key) = word.text.rsplit_once(':').unwrap_or(("", word.text));
    let plain = key
        .chars()
        .all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-'));
    if key.is_empty() || !plain {
        let message = format!(
            "{} {}: the name of an option is wanted",
            args.keyword.text,
            quoted(word.text)
        );
        args.push(Diagnostic::error(word.span, message).label("not understood"));
        return None;
    }
    Some((word, key))
}

/// An option that only ffmpeg's own feeders understand.
fn other<'a>(args: &mut Args<'a, '_>, name: Word<'a>, key: &str) -> Option<&'a str> {
    let value = args.word(WANTED)?;
    let known = || KNOWN.split_whitespace();
    if known().any(|known| known == key) || name.text.contains(':') {
        let message = format!(
            "the encoder option {} reaches ffmpeg's own feeders only",
            quoted(key)
        );
        args.push(
            Diagnostic::note(name.span.to(value.span), message)
                .label("the feeder of this program has no such setting"),
        );
    } else {
        let message = format!("the encoder option {} is unknown", quoted(key));
        let mut diagnostic =
            Diagnostic::warning(name.span, message).label("handed to feeders as it is");
        if let Some(near) = nearest(key, known()) {
            diagnostic = diagnostic.help(format!("did you mean `{near}`?"));
        }
        args.push(diagnostic);
    }
    Some(value.text)
}

/// Bit/s, with `k` or `M` for a thousand or a million, as ffmpeg writes them.
fn bits(word: &str) -> Result<u32, Wrong> {
    let (digits, factor) = match word.as_bytes().last() {
        Some(b'k' | b'K') => (word.get(..word.len() - 1).unwrap_or(""), 1000),
        Some(b'M') => (word.get(..word.len() - 1).unwrap_or(""), 1_000_000),
        _ => (word, 1),
    };
    let value = number_u32(digits, 1, u32::MAX)?.checked_mul(factor);
    value.ok_or_else(|| Wrong::new("at most 4294967295 bit/s are possible"))
}

/// A frame rate as the time of a frame: `1/25`.
fn period(word: &str) -> Result<FrameRate, Wrong> {
    let wrong = || Wrong::new("the time of a frame is wanted, such as `1/25`");
    let rate = frame_rate(word).map_err(|_| wrong())?;
    FrameRate::new(rate.den(), rate.num()).ok_or_else(wrong)
}
