//! The directives: name, syntax, documentation, parser and test of each in a file of its own.
//!
//! The parser, the reference page and the tests read this one table.

mod audio;
mod av_option;
mod feed;
mod global;
mod redirect;
mod stream;
mod video;

use media::MediaKind;

use super::args::Args;
use super::draft::{FeedDraft, GlobalDraft, RedirectDraft, StreamDraft};
use super::tag::Section;

/// A keyword of the language.
#[derive(Debug)]
pub(crate) struct Directive {
    /// The keyword, as the reference prints it.
    pub(crate) name: &'static str,
    /// Other spellings that mean the same.
    pub(crate) aliases: &'static [&'static str],
    /// Syntax of the arguments; empty if it takes none.
    pub(crate) args: &'static str,
    /// What holds without the line, in Markdown; empty if nothing is worth saying.
    pub(crate) default: &'static str,
    /// What becomes of it here.
    pub(crate) standing: Standing,
    /// Whether several lines of it in one section add up.
    pub(crate) repeats: bool,
    /// What it does, in Markdown.
    pub(crate) doc: &'static str,
    /// Its parser.
    pub(crate) apply: Apply,
}

impl Directive {
    /// What most directives have in common.
    const BASE: Self = Self {
        name: "",
        aliases: &[],
        args: "",
        default: "",
        standing: Standing::Honoured,
        repeats: false,
        doc: "",
        apply: Apply::Global(|_, _| {}),
    };

    /// Whether a word is this keyword, in any case.
    pub(crate) fn is(&self, word: &str) -> bool {
        self.names().any(|name| name.eq_ignore_ascii_case(word))
    }

    /// Name and aliases.
    pub(crate) fn names(&self) -> impl Iterator<Item = &'static str> {
        std::iter::once(self.name).chain(self.aliases.iter().copied())
    }

    /// The medium whose encoder it is a setting of.
    pub(crate) fn medium(&self) -> Option<MediaKind> {
        let is_in = |list: &[&Self]| list.iter().any(|known| std::ptr::eq(*known, self));
        match () {
            () if is_in(video::ALL) => Some(MediaKind::Video),
            () if is_in(audio::ALL) => Some(MediaKind::Audio),
            () => None,
        }
    }

    /// Where it stands.
    pub(crate) const fn section(&self) -> Section {
        match self.apply {
            Apply::Global(_) => Section::Global,
            Apply::Feed(_) => Section::Feed,
            Apply::Stream(_) => Section::Stream,
            Apply::Redirect(_) => Section::Redirect,
        }
    }
}

/// What a directive does in this version.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Standing {
    /// As in ffserver, or better.
    Honoured,
    /// ffserver did not know it.
    Ours,
    /// Handed on to old feeders in the feed's header; the feeder of this program has no such
    /// setting.
    OldFeeders,
    /// Not in this version: what to do instead.
    NotYet(&'static str),
    /// Nothing, and nothing is lost: the reason.
    NoEffect(&'static str),
}

/// Puts the arguments of a line into the draft of its section.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Apply {
    /// Outside of sections.
    Global(fn(&mut GlobalDraft, &mut Args<'_, '_>)),
    /// In a `<Feed>`.
    Feed(fn(&mut FeedDraft, &mut Args<'_, '_>)),
    /// In a `<Stream>`.
    Stream(fn(&mut StreamDraft, &mut Args<'_, '_>)),
    /// In a `<Redirect>`.
    Redirect(fn(&mut RedirectDraft, &mut Args<'_, '_>)),
}

/// Directives that belong together.
#[derive(Debug)]
pub(crate) struct Topic {
    /// Heading in the reference.
    pub(crate) title: &'static str,
    /// One word for `help`.
    pub(crate) slug: &'static str,
    /// Introduction in the reference, in Markdown.
    pub(crate) intro: &'static str,
    /// Its directives in the order of the reference.
    pub(crate) directives: &'static [&'static Directive],
}

/// Every directive by topic, in the order of the reference.
pub(crate) const TOPICS: [Topic; 6] = [
    Topic {
        title: "The server",
        slug: "server",
        intro: "These lines stand outside of all sections.",
        directives: global::ALL,
    },
    Topic {
        title: "Feeds: `<Feed NAME>`",
        slug: "feed",
        intro: "A feed is what an encoder pushes, and the ring file that keeps the last of it. \
                A feeder asks for `http://HOST:PORT/NAME` and posts to it.",
        directives: feed::ALL,
    },
    Topic {
        title: "Streams: `<Stream NAME>`",
        slug: "stream",
        intro: "A stream is what viewers open at `http://HOST:PORT/NAME`: a feed in a container, a \
                file, or a page of the server's own. Feeds, streams and redirects share one set of \
                names; the case of a name counts.",
        directives: stream::ALL,
    },
    Topic {
        title: "Video of a stream",
        slug: "video",
        intro: "These lines in a `<Stream>` with a `Feed` say what the feeder is asked to encode. \
                What it announces when it posts is what counts. The name in brackets is the \
                encoder option that a feeder reads in the feed's header.",
        directives: video::ALL,
    },
    Topic {
        title: "Audio of a stream",
        slug: "audio",
        intro: "As for video.",
        directives: audio::ALL,
    },
    Topic {
        title: "Redirects: `<Redirect NAME>`",
        slug: "redirect",
        intro: "A redirect answers `http://HOST:PORT/NAME` with the address of another page.",
        directives: redirect::ALL,
    },
];

/// Every directive.
pub(crate) fn all() -> impl Iterator<Item = &'static Directive> {
    TOPICS
        .iter()
        .flat_map(|topic| topic.directives.iter().copied())
}

/// The directives of a section.
pub(crate) fn of_section(section: Section) -> impl Iterator<Item = &'static Directive> {
    all().filter(move |directive| directive.section() == section)
}

/// The directive that a word names in a section.
pub(crate) fn find(section: Section, word: &str) -> Option<&'static Directive> {
    of_section(section).find(|directive| directive.is(word))
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    /// FFSERVER.md 1.2 to 1.5: the words of 0.8.9 and of 3.2.
    const FFSERVER: [(Section, &str); 4] = [
        (
            Section::Global,
            "HTTPPort Port HTTPBindAddress BindAddress RTSPPort RTSPBindAddress MaxHTTPConnections \
             MaxClients MaxBandwidth CustomLog NoDaemon LoadModule UseDefaults NoDefaults",
        ),
        (
            Section::Feed,
            "File ReadOnlyFile FileMaxSize Truncate Launch ACL",
        ),
        (
            Section::Stream,
            "Feed File ReadOnlyFile Format InputFormat FaviconURL Title Author Comment Copyright \
             Metadata Preroll StartSendOnKey MaxTime NoVideo NoAudio ACL DynamicACL RTSPOption \
             MulticastAddress MulticastPort MulticastTTL NoLoop UseDefaults NoDefaults AudioCodec \
             VideoCodec AudioBitRate AudioChannels AudioSampleRate AudioQuality VideoBitRate \
             VideoBitRateRange VideoBitRateTolerance VideoBufferSize VideoSize VideoFrameRate \
             VideoGopSize VideoIntraOnly VideoHighQuality Video4MotionVector PixelFormat VideoTag \
             VideoQMin VideoQMax VideoQDiff Qscale BitExact DctFastint IdctSimple LumiMask DarkMask \
             LumaElim ChromaElim Debug Strict AVOptionVideo AVOptionAudio AVPresetVideo \
             AVPresetAudio",
        ),
        (Section::Redirect, "URL"),
    ];

    #[test]
    fn every_directive_of_ffserver_is_known() {
        let mut known = 0;
        for (section, words) in FFSERVER {
            for word in words.split_whitespace() {
                assert!(
                    find(section, word).is_some(),
                    "{word} in {}",
                    section.name()
                );
                assert!(
                    find(section, &word.to_lowercase()).is_some(),
                    "{word} in lower case"
                );
                known += 1;
            }
        }
        let ours = all()
            .filter(|directive| directive.standing == Standing::Ours)
            .count();
        let spelled: usize = all().map(|directive| directive.names().count()).sum();
        assert_eq!(
            spelled,
            known + ours,
            "a directive that is neither ffserver's nor marked ours"
        );
    }

    #[test]
    fn every_directive_is_documented_and_named_once_in_its_section() {
        let mut seen = HashSet::new();
        for directive in all() {
            assert!(
                directive.doc.len() > 20 && directive.doc.ends_with('.'),
                "{}",
                directive.name
            );
            for name in directive.names() {
                assert!(
                    seen.insert((directive.section(), name.to_lowercase())),
                    "{name}"
                );
            }
        }
    }
}
