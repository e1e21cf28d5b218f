//! From lines to a draft: sections, directives, and what is misspelled about them.

use std::collections::HashMap;

use media::MediaKind;

use super::args::Args;
use super::diagnostic::{Diagnostic, Diagnostics, quoted};
use super::directive::{self, Apply, Directive, Standing};
use super::draft::{Draft, FeedDraft, RedirectDraft, StreamDraft};
use super::lex::{MAX_LINE_BYTES, Word, is_space, words};
use super::nearest::nearest;
use super::source::{Source, Span, Spanned};
use super::tag::{Section, Tag, tag};
use super::world::World;

/// More sections are no configuration.
const MAX_SECTIONS: usize = 10_000;

/// Reads all lines of a text.
pub(crate) fn read(source: &Source<'_>, world: World, found: &mut Diagnostics) -> Draft {
    let mut reader = Reader {
        source,
        world,
        found,
        draft: Draft::default(),
        open: Open::Nothing,
        open_tag: Span::default(),
        given: HashMap::new(),
        given_globally: HashMap::new(),
    };
    for line in source.lines() {
        if reader.line(line).is_none() {
            break;
        }
    }
    reader.end();
    reader.draft
}

/// The section that the lines belong to.
enum Open {
    Nothing,
    /// A tag whose word is unknown: its lines cannot be judged.
    Unknown,
    Feed(FeedDraft),
    Stream(Box<StreamDraft>),
    Redirect(RedirectDraft),
}

impl Open {
    const fn section(&self) -> Section {
        match self {
            Self::Nothing | Self::Unknown => Section::Global,
            Self::Feed(_) => Section::Feed,
            Self::Stream(_) => Section::Stream,
            Self::Redirect(_) => Section::Redirect,
        }
    }
}

struct Reader<'a, 'r> {
    source: &'r Source<'a>,
    world: World,
    found: &'r mut Diagnostics,
    draft: Draft,
    open: Open,
    open_tag: Span,
    /// The directives that this section has had, and the last line of each.
    given: HashMap<&'static str, Span>,
    given_globally: HashMap<&'static str, Span>,
}

impl<'a> Reader<'a, '_> {
    /// Reads a line; `None` when the rest of the file is not worth reading.
    fn line(&mut self, mut line: Span) -> Option<()> {
        if self.found.is_hopeless() {
            return None;
        }
        if line.start == 0 && self.source.text.starts_with('\u{feff}') {
            line.start = '\u{feff}'.len_utf8();
        }
        if line.end - line.start > MAX_LINE_BYTES {
            let text = format!("the line is longer than {MAX_LINE_BYTES} bytes");
            self.found
                .push(Diagnostic::error(line, text).label("not read"));
            return Some(());
        }
        if self
            .source
            .slice(line)
            .trim_start_matches(is_space)
            .starts_with('<')
        {
            return self.tag(line);
        }
        let words = words(self.source, line, self.found);
        if let Some((keyword, rest)) = words.split_first() {
            self.directive(*keyword, rest);
        }
        Some(())
    }

    fn tag(&mut self, line: Span) -> Option<()> {
        match tag(self.source, line, self.found) {
            Tag::Close { section, span } => self.close(section, span),
            Tag::Open {
                section,
                name,
                span,
            } => {
                self.close_before(line, span);
                self.open(section, name, span)?;
            }
        }
        Some(())
    }

    fn open(&mut self, section: Option<Section>, name: Spanned<String>, tag: Span) -> Option<()> {
        let Draft {
            feeds,
            streams,
            redirects,
            ..
        } = &self.draft;
        if feeds.len() + streams.len() + redirects.len() >= MAX_SECTIONS {
            let text = format!("more than {MAX_SECTIONS} sections");
            self.found
                .push(Diagnostic::error(tag, text).label("the rest is not read"));
            return None;
        }
        self.open_tag = tag;
        self.given.clear();
        self.open = match section {
            Some(Section::Feed) => Open::Feed(FeedDraft::new(name)),
            Some(Section::Stream) => Open::Stream(Box::new(StreamDraft::new(name))),
            Some(Section::Redirect) => Open::Redirect(RedirectDraft {
                name,
                url: None,
                refused: vec![],
            }),
            Some(Section::Global) | None => Open::Unknown,
        };
        Some(())
    }

    /// Takes the open section into the draft.
    fn keep(&mut self) {
        match std::mem::replace(&mut self.open, Open::Nothing) {
            Open::Nothing | Open::Unknown => {}
            Open::Feed(feed) => self.draft.feeds.push(feed),
            Open::Stream(stream) => self.draft.streams.push(*stream),
            Open::Redirect(redirect) => self.draft.redirects.push(redirect),
        }
    }

    fn close(&mut self, section: Option<Section>, tag: Span) {
        let text = self.source.slice(tag);
        match (&self.open, section) {
            (Open::Nothing, _) => self.found.push(
                Diagnostic::error(tag, format!("{} closes nothing", quoted(text)))
                    .label("no section is open here")
                    .help("delete the line, or write the opening tag that is missing above it"),
            ),
            (Open::Unknown, _) | (_, None) => {}
            (open, Some(section)) if open.section() == section => {}
            (open, Some(_)) => {
                let right = format!("</{}>", open.section().name());
                let message = format!("{} ends a `<{}>`", quoted(text), open.section().name());
                self.found.push(
                    Diagnostic::error(tag, message)
                        .label("the wrong end")
                        .related(self.open_tag, "begins here")
                        .help(format!("write `{right}`"))
                        .repair(tag, right),
                );
            }
        }
        self.keep();
    }

    /// A section begins while another is open: sections do not nest, so the end is missing.
    fn close_before(&mut self, line: Span, tag: Span) {
        let name = match &self.open {
            Open::Nothing => return,
            Open::Unknown => return self.keep(),
            open => open.section().name(),
        };
        self.found.push(
            Diagnostic::error(self.open_tag, format!("`</{name}>` is missing"))
                .label("is still open")
                .related(tag, "where the next section begins")
                .help(format!("write `</{name}>` where the section ends"))
                .repair(Span::at(line.start), format!("</{name}>\n")),
        );
        self.keep();
    }

    fn end(&mut self) {
        let name = match &self.open {
            Open::Nothing => return,
            Open::Unknown => return self.keep(),
            open => open.section().name(),
        };
        let text = self.source.text;
        let line_break = if text.ends_with('\n') { "" } else { "\n" };
        self.found.push(
            Diagnostic::error(self.open_tag, format!("`</{name}>` is missing"))
                .label("is still open at the end of the file")
                .help(format!("write `</{name}>` where the section ends"))
                .repair(Span::at(text.len()), format!("{line_break}</{name}>\n")),
        );
        self.keep();
    }

    fn directive(&mut self, keyword: Word<'a>, rest: &[Word<'a>]) {
        if matches!(self.open, Open::Unknown) {
            return;
        }
        let section = self.open.section();
        if let Some(directive) = directive::find(section, keyword.text) {
            let rest = self.without_sign(keyword, rest);
            return self.apply(directive, keyword, rest);
        }
        let Some((directive, word)) = self.glued(section, keyword) else {
            return self.unknown(section, keyword);
        };
        let words: Vec<_> = word.into_iter().chain(rest.iter().copied()).collect();
        self.apply(directive, keyword, &words);
    }

    /// `Port = 80`: the sign is reported and passed over.
    fn without_sign<'w>(&mut self, keyword: Word<'a>, rest: &'w [Word<'a>]) -> &'w [Word<'a>] {
        let [sign, behind @ ..] = rest else {
            return rest;
        };
        let Some(value) = behind.first().filter(|_| matches!(sign.text, "=" | ":")) else {
            return rest;
        };
        self.found.push(
            Diagnostic::error(sign.span, format!("{} behind a keyword", quoted(sign.text)))
                .label("nothing stands between keyword and value")
                .help(format!("write `{} {}`", keyword.text, value.text))
                .repair(Span::new(sign.span.start, value.span.start), ""),
        );
        behind
    }

    /// A keyword that its argument hangs on to: `File/tmp/feed1.ffm`, `Port=80`.
    fn glued(
        &mut self,
        section: Section,
        word: Word<'a>,
    ) -> Option<(&'static Directive, Option<Word<'a>>)> {
        let names = directive::of_section(section)
            .flat_map(|directive| directive.names().map(move |name| (name, directive)));
        let hangs_on = |name: &str| {
            let start = word
                .text
                .get(..name.len())
                .filter(|start| start.eq_ignore_ascii_case(name));
            let next = word
                .text
                .get(name.len()..)
                .and_then(|rest| rest.chars().next());
            start.is_some() && next.is_some_and(|next| !next.is_alphabetic())
        };
        let (name, directive) = names
            .filter(|(name, _)| hangs_on(name))
            .max_by_key(|(name, _)| name.len())?;
        let (keyword, rest) = word.text.split_at(name.len());
        let argument = rest.strip_prefix(['=', ':']).unwrap_or(rest);
        let start = word.span.end - argument.len();
        let gap = Span::new(word.span.start + keyword.len(), start);
        let space = if argument.is_empty() { "" } else { " " };
        self.found.push(
            Diagnostic::error(
                word.span,
                format!("a space is missing behind {}", quoted(keyword)),
            )
            .label("keyword and value are one word")
            .help(format!("write `{keyword}{space}{argument}`"))
            .repair(gap, space),
        );
        let span = Span::new(start, word.span.end);
        let argument = (!argument.is_empty()).then_some(Word {
            text: argument,
            span,
        });
        Some((directive, argument))
    }

    fn unknown(&mut self, section: Section, keyword: Word<'a>) {
        let elsewhere: Vec<_> = directive::all()
            .filter(|directive| directive.is(keyword.text))
            .map(|directive| place(directive.section()))
            .collect();
        let message = match section {
            _ if !elsewhere.is_empty() => format!("{} does not stand here", quoted(keyword.text)),
            Section::Global => format!("unknown keyword {}", quoted(keyword.text)),
            section => format!(
                "unknown keyword {} in a `<{}>`",
                quoted(keyword.text),
                section.name()
            ),
        };
        let mut diagnostic = Diagnostic::error(keyword.span, message);
        if elsewhere.is_empty() {
            let names = |of: &mut dyn Iterator<Item = &'static Directive>| {
                nearest(
                    keyword.text,
                    of.flat_map(Directive::names).collect::<Vec<_>>(),
                )
            };
            let near = names(&mut directive::of_section(section));
            diagnostic = diagnostic.label("no such directive");
            if let Some(near) = near.or_else(|| names(&mut directive::all())) {
                diagnostic = diagnostic.help(format!("did you mean `{near}`?"));
            }
        } else {
            let here = place(section);
            diagnostic = diagnostic
                .label(format!("this is {here}"))
                .help(format!("write it {}", elsewhere.join(" or ")));
        }
        self.found.push(diagnostic);
    }

    fn apply(&mut self, directive: &'static Directive, keyword: Word<'a>, rest: &[Word<'a>]) {
        let errors = self.found.errors();
        let mut args = Args::new(keyword, rest, self.world, self.found);
        let line = args.line();
        match (directive.apply, &mut self.open) {
            (Apply::Global(apply), _) => apply(&mut self.draft.global, &mut args),
            (Apply::Feed(apply), Open::Feed(feed)) => apply(feed, &mut args),
            (Apply::Stream(apply), Open::Stream(stream)) => {
                match directive.medium() {
                    Some(MediaKind::Video) => stream.video_line = stream.video_line.or(Some(line)),
                    Some(MediaKind::Audio) => stream.audio_line = stream.audio_line.or(Some(line)),
                    None => {}
                }
                apply(stream, &mut args);
            }
            (Apply::Redirect(apply), Open::Redirect(redirect)) => apply(redirect, &mut args),
            _ => {}
        }
        let left = args.all();
        let left = left
            .first()
            .zip(left.last())
            .map(|(first, last)| first.span.to(last.span));
        if self.found.errors() == errors {
            if let Some(left) = left {
                self.surplus(keyword, left);
            }
            self.standing(directive, keyword, line);
        } else {
            match &mut self.open {
                Open::Nothing => self.draft.global.refused.push(directive.name),
                Open::Stream(stream) => stream.refused.push(directive.name),
                Open::Redirect(redirect) => redirect.refused.push(directive.name),
                Open::Feed(_) | Open::Unknown => {}
            }
        }
        self.repetition(directive, keyword, line);
    }

    fn surplus(&mut self, keyword: Word<'a>, span: Span) {
        let (text, keyword) = (quoted(self.source.slice(span)), quoted(keyword.text));
        self.found.push(
            Diagnostic::warning(span, format!("{text} is more than {keyword} takes"))
                .label("ignored")
                .help("begin a comment with `#`; put a value with spaces in quotes"),
        );
    }

    fn standing(&mut self, directive: &Directive, keyword: Word<'a>, line: Span) {
        let name = quoted(keyword.text);
        self.found.push(match directive.standing {
            Standing::Honoured | Standing::Ours => return,
            Standing::OldFeeders => {
                Diagnostic::note(line, format!("{name} reaches ffmpeg's own feeders only"))
                    .label("the feeder of this program has no such setting")
            }
            Standing::NotYet(instead) => {
                Diagnostic::warning(line, format!("{name} does not work in this version"))
                    .label("without effect")
                    .help(instead)
            }
            Standing::NoEffect(why) => {
                Diagnostic::note(line, format!("{name} has no effect")).label(why)
            }
        });
    }

    fn repetition(&mut self, directive: &'static Directive, keyword: Word<'a>, line: Span) {
        let given = match self.open {
            Open::Nothing => &mut self.given_globally,
            _ => &mut self.given,
        };
        if let Some(first) = given.insert(directive.name, line)
            && !directive.repeats
        {
            self.found.push(
                Diagnostic::warning(line, format!("{} is given twice", quoted(keyword.text)))
                    .label("this one counts")
                    .related(first, "given here before"),
            );
        }
    }
}

/// Where the directives of a section stand, for people.
fn place(section: Section) -> String {
    match section {
        Section::Global => "outside of all sections".to_owned(),
        section => format!("inside `<{0}>`\u{2026}`</{0}>`", section.name()),
    }
}
