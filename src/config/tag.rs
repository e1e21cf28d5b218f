//! Section tags: `<Feed NAME>`, `<Stream NAME>`, `<Redirect NAME>` and their ends.
//!
//! White space next to the brackets means nothing. (ffserver crashed on `<Feed f.ffm >`.)

use super::diagnostic::{Diagnostic, Diagnostics, quoted};
use super::lex::{is_space, odd_spaces, report_odd_spaces};
use super::nearest::nearest;
use super::source::{Source, Span, Spanned};

/// The kinds of section.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Section {
    /// Outside of all sections.
    Global,
    /// `<Feed>`.
    Feed,
    /// `<Stream>`.
    Stream,
    /// `<Redirect>`.
    Redirect,
}

impl Section {
    /// The sections that have tags.
    pub(crate) const TAGGED: [Self; 3] = [Self::Feed, Self::Stream, Self::Redirect];

    /// The name in the tag.
    #[must_use]
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Global => "global",
            Self::Feed => "Feed",
            Self::Stream => "Stream",
            Self::Redirect => "Redirect",
        }
    }

    fn from_name(name: &str) -> Option<Self> {
        Self::TAGGED
            .into_iter()
            .find(|section| section.name().eq_ignore_ascii_case(name))
    }
}

/// A line that begins with `<`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Tag {
    /// A section begins. The kind is `None` where the word is none that is known.
    Open {
        section: Option<Section>,
        name: Spanned<String>,
        span: Span,
    },
    /// A section ends.
    Close {
        section: Option<Section>,
        span: Span,
    },
}

/// Reads a line whose first word begins with `<`.
pub(crate) fn tag(source: &Source<'_>, line: Span, found: &mut Diagnostics) -> Tag {
    let text = source.slice(line);
    let start = line.start + text.find('<').unwrap_or(0);
    let span = trimmed(source, Span::new(start, line.end));
    report_odd_spaces(line, &odd_spaces(source, span), false, found);
    let close = source.slice(span).find('>').map(|at| span.start + at);
    let inside = Span::new(
        span.start + 1,
        close.unwrap_or(span.end).max(span.start + 1),
    );
    if let Some(close) = close {
        report_surplus(source, Span::new(close + 1, span.end), found);
    }
    let span = Span::new(span.start, close.map_or(span.end, |at| at + 1));
    let inside = trimmed(source, inside);
    match source.slice(inside).strip_prefix('/') {
        Some(_) => closing(
            source,
            span,
            Span::new(inside.start + 1, inside.end),
            close,
            found,
        ),
        None => opening(source, span, inside, close, found),
    }
}

fn closing(
    source: &Source<'_>,
    span: Span,
    inside: Span,
    close: Option<usize>,
    found: &mut Diagnostics,
) -> Tag {
    let keyword = trimmed(source, inside);
    let section = section(source, keyword, found);
    if close.is_none() {
        found.push(
            Diagnostic::error(span, "the tag is not closed")
                .label("`>` missing")
                .help(format!("write `{}>`", source.slice(span)))
                .repair(Span::at(span.end), ">"),
        );
    }
    Tag::Close { section, span }
}

fn opening(
    source: &Source<'_>,
    span: Span,
    inside: Span,
    close: Option<usize>,
    found: &mut Diagnostics,
) -> Tag {
    let text = source.slice(inside);
    let keyword_len = text.find(is_space).unwrap_or(text.len());
    let mut keyword = Span::new(inside.start, inside.start + keyword_len);
    let glued = Section::TAGGED.into_iter().find_map(|section| {
        let len = section.name().len();
        let start = text.get(..len)?;
        let next = text.get(len..)?.chars().next()?;
        let hit = start.eq_ignore_ascii_case(section.name()) && !next.is_alphabetic();
        (hit && !is_space(next)).then_some(inside.start + len)
    });
    if let Some(end) = glued {
        keyword = Span::new(inside.start, end);
        found.push(
            Diagnostic::error(span, "a space is missing behind the section's keyword")
                .label(format!(
                    "keyword and name of the {} are one word",
                    source.slice(keyword)
                ))
                .help(format!(
                    "write `<{} {}>`",
                    source.slice(keyword),
                    name_text(source, keyword, inside)
                ))
                .repair(Span::at(end), " "),
        );
    }
    let section = section(source, keyword, found);
    let name = name(
        source,
        span,
        trimmed(source, Span::new(keyword.end, inside.end)),
        found,
    );
    if close.is_none() {
        found.push(
            Diagnostic::error(span, "the tag is not closed")
                .label("`>` missing")
                .help(format!("write `{}>`", source.slice(span)))
                .repair(Span::at(span.end), ">"),
        );
    }
    Tag::Open {
        section,
        name,
        span,
    }
}

fn name_text<'a>(source: &Source<'a>, keyword: Span, inside: Span) -> &'a str {
    source
        .slice(Span::new(keyword.end, inside.end))
        .trim_matches(is_space)
}

/// The section a keyword names, or the nearest.
fn section(source: &Source<'_>, keyword: Span, found: &mut Diagnostics) -> Option<Section> {
    let word = source.slice(keyword);
    if let Some(section) = Section::from_name(word) {
        return Some(section);
    }
    let near = nearest(word, Section::TAGGED.map(Section::name));
    let diagnostic = Diagnostic::error(keyword, format!("unknown section {}", quoted(word)));
    found.push(match near {
        Some(near) => diagnostic
            .label("no such section")
            .help(format!("did you mean `{near}`?")),
        None => diagnostic
            .label("no such section")
            .help("there are `<Feed NAME>`, `<Stream NAME>` and `<Redirect NAME>`"),
    });
    near.and_then(Section::from_name)
}

/// Checks the name of a section; an impossible one is reported and, where its meaning is plain,
/// put right.
fn name(source: &Source<'_>, tag: Span, span: Span, found: &mut Diagnostics) -> Spanned<String> {
    let text = source.slice(span).trim_matches(['"', '\'']);
    let value = |value: &str| Spanned {
        value: value.to_owned(),
        span,
    };
    if text.is_empty() {
        found.push(Diagnostic::error(tag, "the section has no name").label("`NAME` missing"));
        return value("");
    }
    if text.contains(is_space) {
        let joined = without_spaces(text);
        let mut diagnostic =
            Diagnostic::error(span, format!("spaces inside the name {}", quoted(text)))
                .label("a name is one word, as in the URL")
                .help(format!("write `{joined}`"));
        if text
            .split('.')
            .all(|part| !part.trim_matches(is_space).contains(is_space))
        {
            diagnostic = diagnostic.repair(span, &joined);
        }
        found.push(diagnostic);
        return value(&joined);
    }
    if let Some(rest) = text.strip_prefix('/').filter(|rest| !rest.is_empty()) {
        found.push(
            Diagnostic::error(span, "the name begins with `/`")
                .label("a name is the URL's path without the first `/`")
                .help(format!("write `{rest}`"))
                .repair(span, rest),
        );
        return value(rest);
    }
    if let Some(bad) = text
        .chars()
        .find(|&c| matches!(c, '?' | '#' | '<' | '>' | '"') || c.is_control())
    {
        found.push(
            Diagnostic::error(
                span,
                format!("{} cannot stand in a name", quoted(&bad.to_string())),
            )
            .label("a name is the path of a URL"),
        );
    }
    value(text)
}

/// A name whose spaces were put in by accident: `test. Avi` is `test.avi`.
pub(crate) fn without_spaces(text: &str) -> String {
    let joined: String = text.split(is_space).collect();
    match joined.rsplit_once('.') {
        Some((stem, extension)) => format!("{stem}.{}", extension.to_ascii_lowercase()),
        None => joined,
    }
}

fn report_surplus(source: &Source<'_>, rest: Span, found: &mut Diagnostics) {
    let rest = trimmed(source, rest);
    let text = source.slice(rest);
    if !text.is_empty() && !text.starts_with('#') {
        found.push(
            Diagnostic::warning(rest, format!("{} behind the tag is ignored", quoted(text)))
                .label("only a comment may stand here"),
        );
    }
}

/// The span without the spaces at its ends.
fn trimmed(source: &Source<'_>, span: Span) -> Span {
    let text = source.slice(span);
    let start = span.start + (text.len() - text.trim_start_matches(is_space).len());
    Span::new(start, start + text.trim_matches(is_space).len())
}
