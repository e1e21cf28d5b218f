//! Streams: source, format and settings that fit each other.

use std::collections::BTreeSet;

use formats::Format;

use crate::config::diagnostic::{Diagnostic, Diagnostics, quoted};
use crate::config::draft::StreamDraft;
use crate::config::model::{
    AudioSettings, StreamConfig, StreamFormat, StreamSource, VideoSettings,
};
use crate::config::nearest::nearest;
use crate::config::source::{Span, Spanned};
use crate::config::value::acl;
use crate::config::value::format::{format_of_name, instead_of, names_text};

/// Makes a stream of its draft. `inherited` is what holds without `UseDefaults` or `NoDefaults`.
pub(super) fn stream(
    draft: StreamDraft,
    feeds: &BTreeSet<String>,
    inherited: bool,
    found: &mut Diagnostics,
) -> StreamConfig {
    let format = format(&draft, found);
    let source = source(&draft, format, feeds, found);
    let use_defaults = draft
        .use_defaults
        .as_ref()
        .map_or(inherited, |given| given.value);
    if let StreamSource::Feed(_) = source {
        media(&draft, format, found);
        if let StreamFormat::Container(format) = format {
            codecs(&draft, format, found);
        }
        if !use_defaults {
            required(&draft, format, found);
        }
    } else {
        encoder_lines(&draft, found);
    }
    let video = draft.no_video.is_none().then(|| VideoSettings {
        codec: draft.video_codec.map(|codec| codec.value),
        options: draft.video_options.into_pairs(),
        ..draft.video
    });
    let audio = draft.no_audio.is_none().then(|| AudioSettings {
        codec: draft.audio_codec.map(|codec| codec.value),
        options: draft.audio_options.into_pairs(),
        ..draft.audio
    });
    StreamConfig {
        name: draft.name.value,
        source,
        format,
        video: video.filter(|_| format != StreamFormat::Status),
        audio: audio.filter(|_| has_sound(format)),
        preroll: draft.preroll,
        start_send_on_key: draft.start_send_on_key,
        max_time: draft.max_time,
        metadata: draft.metadata,
        bit_exact: draft.bit_exact,
        acl: if draft.dynamic_acl {
            acl::nobody()
        } else {
            draft.acl
        },
        use_defaults,
    }
}

/// The format: the stated one, else that of the stream's name, else that of the file's.
fn format(draft: &StreamDraft, found: &mut Diagnostics) -> StreamFormat {
    let file = draft
        .file
        .as_ref()
        .map(|file| file.value.to_string_lossy().into_owned());
    let guess = || format_of_name(&draft.name.value).or_else(|| format_of_name(&file?));
    let (format, span) = match &draft.format {
        Some(Spanned { value, span }) => (*value, *span),
        None => match guess() {
            Some(format) => (format, draft.name.span),
            None => {
                unknown_format(draft, found);
                return StreamFormat::Unavailable("");
            }
        },
    };
    match format {
        StreamFormat::Rtp => found.push(
            Diagnostic::warning(span, "`rtp` streams are served over RTSP only")
                .label("RTSP is not served in this version")
                .help("publish it over HTTP as well: a `<Stream NAME>` with `Format mpegts`"),
        ),
        StreamFormat::Unavailable(name) => found.push(
            Diagnostic::warning(
                span,
                format!("{} cannot be written in this version", quoted(name)),
            )
            .label("viewers of this stream are answered 501")
            .help(format!("write `Format` with {}", instead_of(name))),
        ),
        StreamFormat::Container(_) | StreamFormat::Status => {}
    }
    format
}

fn unknown_format(draft: &StreamDraft, found: &mut Diagnostics) {
    let name = quoted(&draft.name.value);
    if !draft.refused.contains(&"Format") {
        found.push(
            Diagnostic::error(draft.name.span, format!("the stream {name} has no format"))
                .label("no `Format`, and the name's extension is none that is known")
                .help(format!("write `Format` with one of {}", names_text())),
        );
    }
}

fn source(
    draft: &StreamDraft,
    format: StreamFormat,
    feeds: &BTreeSet<String>,
    found: &mut Diagnostics,
) -> StreamSource {
    let name = quoted(&draft.name.value);
    match (&draft.feed, &draft.file) {
        (feed, file) if format == StreamFormat::Status => {
            let feed_span = feed.as_ref().map(|feed| feed.span);
            if let Some(span) = feed_span.or_else(|| file.as_ref().map(|file| file.span)) {
                found.push(
                    Diagnostic::warning(span, "a status page publishes nothing").label("ignored"),
                );
            }
            StreamSource::Server
        }
        (Some(feed), file) => {
            if let Some(file) = file {
                found.push(
                    Diagnostic::error(
                        feed.span,
                        format!("the stream {name} has a feed and a file"),
                    )
                    .label("either this")
                    .related(file.span, "or this")
                    .help("publish the other under a name of its own"),
                );
            }
            if !feeds.contains(&feed.value) && !found.is_hopeless() {
                unknown_feed(feed, feeds, found);
            }
            StreamSource::Feed(feed.value.clone())
        }
        (None, Some(file)) => StreamSource::File(file.value.clone()),
        (None, None)
            if ["Feed", "File", "ReadOnlyFile"]
                .iter()
                .any(|name| draft.refused.contains(name)) =>
        {
            StreamSource::Server
        }
        (None, None) => {
            found.push(
                Diagnostic::error(
                    draft.name.span,
                    format!("the stream {name} publishes nothing"),
                )
                .label("neither `Feed` nor `File` in the section")
                .help("write `Feed NAME` for a live stream or `File PATH` for a file"),
            );
            StreamSource::Server
        }
    }
}

fn unknown_feed(feed: &Spanned<String>, feeds: &BTreeSet<String>, found: &mut Diagnostics) {
    let diagnostic = Diagnostic::error(feed.span, format!("no feed {}", quoted(&feed.value)))
        .label("no `<Feed>` has this name");
    let near = nearest(&feed.value, feeds.iter().map(String::as_str));
    found.push(match (near, feeds.first()) {
        (Some(near), _) => diagnostic.help(format!("did you mean `{near}`?")),
        (None, Some(first)) => diagnostic.help(format!("there is `{first}`, for one")),
        (None, None) => diagnostic.help(format!("write a `<Feed {}>` section", feed.value)),
    });
}

/// Whether sound has a place in the format.
const fn has_sound(format: StreamFormat) -> bool {
    !matches!(
        format,
        StreamFormat::Status
            | StreamFormat::Container(Format::H264 | Format::Jpeg | Format::Mjpeg | Format::MpJpeg)
    )
}

fn media(draft: &StreamDraft, format: StreamFormat, found: &mut Diagnostics) {
    let silent = !has_sound(format);
    if let Some(span) = draft.no_video
        && (silent || draft.no_audio.is_some())
    {
        let message = format!(
            "the stream {} has neither video nor audio",
            quoted(&draft.name.value)
        );
        let diagnostic = Diagnostic::error(span, message).label("no video");
        found.push(match draft.no_audio {
            Some(span) => diagnostic.related(span, "and no audio"),
            None => diagnostic.help("the format has no place for audio"),
        });
    }
    if let Some(span) = draft.audio_line
        && silent
    {
        found.push(
            Diagnostic::warning(span, "the format has no place for audio")
                .label("without effect")
                .help("leave it out, or write `NoAudio`"),
        );
    }
}

/// Codecs that the container has no place for.
fn codecs(draft: &StreamDraft, format: Format, found: &mut Diagnostics) {
    let video = draft
        .video_codec
        .as_ref()
        .filter(|_| draft.no_video.is_none());
    let sound = draft.no_audio.is_none() && has_sound(StreamFormat::Container(format));
    let audio = draft.audio_codec.as_ref().filter(|_| sound);
    for codec in [video, audio].into_iter().flatten() {
        if format.can_carry(codec.value) {
            continue;
        }
        let carry = |format: &Format| format.can_carry(codec.value);
        let others: Vec<_> = Format::ALL
            .into_iter()
            .filter(carry)
            .map(|format| format!("`{}`", format.name()))
            .collect();
        let message = format!("{} has no place for {}", quoted(format.name()), codec.value);
        let diagnostic =
            Diagnostic::error(codec.span, message).label("cannot be written in this container");
        found.push(if others.is_empty() {
            diagnostic.help("no container of this version carries this codec; write another")
        } else {
            diagnostic.help(format!("formats with this codec: {}", others.join(", ")))
        });
    }
}

/// What must be stated where `NoDefaults` leaves nothing to fill in.
fn required(draft: &StreamDraft, format: StreamFormat, found: &mut Diagnostics) {
    let span = draft
        .use_defaults
        .as_ref()
        .map_or(draft.name.span, |given| given.span);
    let video = draft.no_video.is_none();
    let audio = draft.no_audio.is_none() && has_sound(format);
    for (wanted, name) in [
        (video && draft.video.size_px.is_none(), "VideoSize"),
        (audio && draft.audio.bit_rate_bps.is_none(), "AudioBitRate"),
        (
            audio && draft.audio.sample_rate_hz.is_none(),
            "AudioSampleRate",
        ),
    ] {
        if wanted && !draft.refused.contains(&name) {
            found.push(
                Diagnostic::error(span, format!("`NoDefaults` and no `{name}`"))
                    .label("nothing is filled in")
                    .help(format!("write `{name}`, or leave `NoDefaults` out")),
            );
        }
    }
}

/// Settings for an encoder where nothing is encoded.
fn encoder_lines(draft: &StreamDraft, found: &mut Diagnostics) {
    let first: Option<Span> = [draft.video_line, draft.audio_line]
        .into_iter()
        .flatten()
        .min();
    if let Some(span) = first {
        found.push(
            Diagnostic::warning(span, "settings for an encoder in a stream without a feed")
                .label("this and the like are without effect")
                .help("a file is published as it is"),
        );
    }
}
