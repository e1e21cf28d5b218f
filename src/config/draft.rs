//! What the lines of a file have said so far, before anything is compared with anything else.

use std::net::IpAddr;
use std::path::PathBuf;
use std::time::Duration;

use media::CodecId;

use super::args::Args;
use super::diagnostic::{Diagnostic, quoted};
use super::model::{Acl, AudioSettings, LogTarget, StreamFormat, VideoSettings};
use super::source::{Span, Spanned};

/// A whole file.
#[derive(Debug, Default)]
pub(crate) struct Draft {
    pub(crate) global: GlobalDraft,
    pub(crate) feeds: Vec<FeedDraft>,
    pub(crate) streams: Vec<StreamDraft>,
    pub(crate) redirects: Vec<RedirectDraft>,
}

/// Lines outside of sections.
#[derive(Debug, Default)]
pub(crate) struct GlobalDraft {
    pub(crate) http_port: Option<Spanned<u16>>,
    pub(crate) http_bind: Option<IpAddr>,
    pub(crate) rtsp_port: Option<Spanned<u16>>,
    pub(crate) rtsp_bind: Option<IpAddr>,
    pub(crate) max_http_connections: Option<Spanned<u32>>,
    pub(crate) max_clients: Option<Spanned<u32>>,
    pub(crate) max_bandwidth_kbps: Option<u64>,
    pub(crate) custom_log: Option<LogTarget>,
    pub(crate) no_defaults: bool,
    /// Directives that stand here and were refused: not to be called missing as well.
    pub(crate) refused: Vec<&'static str>,
}

/// A `<Feed>`.
#[derive(Debug)]
pub(crate) struct FeedDraft {
    pub(crate) name: Spanned<String>,
    pub(crate) file: Option<Spanned<PathBuf>>,
    pub(crate) read_only: bool,
    pub(crate) max_size: Option<Option<u64>>,
    pub(crate) truncate: bool,
    pub(crate) acl: Acl,
    pub(crate) hold_viewers: Option<Duration>,
}

impl FeedDraft {
    pub(crate) fn new(name: Spanned<String>) -> Self {
        Self {
            name,
            file: None,
            read_only: false,
            max_size: None,
            truncate: false,
            acl: Acl::default(),
            hold_viewers: None,
        }
    }
}

/// A `<Stream>`.
#[derive(Debug)]
pub(crate) struct StreamDraft {
    pub(crate) name: Spanned<String>,
    pub(crate) feed: Option<Spanned<String>>,
    pub(crate) file: Option<Spanned<PathBuf>>,
    pub(crate) format: Option<Spanned<StreamFormat>>,
    pub(crate) video_codec: Option<Spanned<CodecId>>,
    /// The settings but for codec and options.
    pub(crate) video: VideoSettings,
    pub(crate) video_options: Options,
    /// The first line with a video setting.
    pub(crate) video_line: Option<Span>,
    pub(crate) no_video: Option<Span>,
    pub(crate) audio_codec: Option<Spanned<CodecId>>,
    /// The settings but for codec and options.
    pub(crate) audio: AudioSettings,
    pub(crate) audio_options: Options,
    /// The first line with an audio setting.
    pub(crate) audio_line: Option<Span>,
    pub(crate) no_audio: Option<Span>,
    pub(crate) preroll: Duration,
    pub(crate) start_send_on_key: bool,
    pub(crate) max_time: Option<Duration>,
    pub(crate) metadata: Vec<(String, String)>,
    pub(crate) bit_exact: bool,
    pub(crate) acl: Acl,
    pub(crate) dynamic_acl: bool,
    pub(crate) use_defaults: Option<Spanned<bool>>,
    /// Directives that stand here and were refused: not to be called missing as well.
    pub(crate) refused: Vec<&'static str>,
}

impl StreamDraft {
    pub(crate) fn new(name: Spanned<String>) -> Self {
        Self {
            name,
            feed: None,
            file: None,
            format: None,
            video_codec: None,
            video: VideoSettings::default(),
            video_options: Options::default(),
            video_line: None,
            no_video: None,
            audio_codec: None,
            audio: AudioSettings::default(),
            audio_options: Options::default(),
            audio_line: None,
            no_audio: None,
            preroll: Duration::ZERO,
            start_send_on_key: false,
            max_time: None,
            metadata: Vec::new(),
            bit_exact: false,
            acl: Acl::default(),
            dynamic_acl: false,
            use_defaults: None,
            refused: Vec::new(),
        }
    }
}

/// A `<Redirect>`.
#[derive(Debug)]
pub(crate) struct RedirectDraft {
    pub(crate) name: Spanned<String>,
    pub(crate) url: Option<Spanned<String>>,
    /// Directives that stand here and were refused: not to be called missing as well.
    pub(crate) refused: Vec<&'static str>,
}

/// Encoder options under their AVOption names, in file order.
#[derive(Debug, Default)]
pub(crate) struct Options {
    list: Vec<OptionDraft>,
}

#[derive(Debug)]
struct OptionDraft {
    key: String,
    value: String,
    span: Span,
    keyword: String,
}

impl Options {
    /// Sets an option. Flags add up; another value replaces the one before, with a warning.
    pub(crate) fn set(&mut self, args: &mut Args<'_, '_>, key: &str, value: impl Into<String>) {
        let value = value.into();
        let (span, keyword) = (args.line(), args.keyword.text.to_ascii_lowercase());
        let Some(old) = self.list.iter_mut().find(|old| old.key == key) else {
            self.list.push(OptionDraft {
                key: key.to_owned(),
                value,
                span,
                keyword,
            });
            return;
        };
        if value.starts_with(['+', '-']) && old.value.starts_with(['+', '-']) {
            if !old.value.contains(&value) {
                old.value.push_str(&value);
            }
            return;
        }
        // The same keyword twice is reported by the caller for every directive.
        if old.keyword != keyword || keyword.starts_with("avoption") {
            let message = format!("the encoder option {} is set twice", quoted(key));
            args.push(
                Diagnostic::warning(span, message)
                    .label("this one counts")
                    .related(old.span, format!("set to {} here", quoted(&old.value))),
            );
        }
        *old = OptionDraft {
            key: key.to_owned(),
            value,
            span,
            keyword,
        };
    }

    /// The options as pairs.
    pub(crate) fn into_pairs(self) -> Vec<(String, String)> {
        self.list
            .into_iter()
            .map(|option| (option.key, option.value))
            .collect()
    }
}
