//! Diagnostics as text for people: the line, the underlined part, the reason, the remedy.

use std::io::Write as _;

use ariadne::{Color, Config, IndexType, Label, Report, ReportKind, Source};

use super::diagnostic::{Diagnostic, Severity};
use super::lex::MAX_LINE_BYTES;
use super::source::Span;

/// Renders `diagnostics` of `text`; with `colour` for a terminal.
#[must_use]
pub fn render(diagnostics: &[Diagnostic], text: &str, colour: bool) -> String {
    let shown = Source::from(visible(text));
    let mut out = Vec::new();
    for diagnostic in diagnostics {
        if text.is_empty()
            || on_long_line(diagnostic, text)
            || !report(diagnostic, &shown, colour, &mut out)
        {
            plain(diagnostic, &mut out);
        }
    }
    let out = String::from_utf8_lossy(&out);
    if colour {
        out.into_owned()
    } else {
        uncoloured(&out)
    }
}

fn report(
    diagnostic: &Diagnostic,
    source: &Source<String>,
    colour: bool,
    out: &mut Vec<u8>,
) -> bool {
    let file = diagnostic.file.to_string();
    let place = |span: Span| (file.clone(), span.start..span.end);
    let kind = kind(diagnostic.severity);
    let mut labels = vec![(
        diagnostic.span,
        diagnostic.label.as_str(),
        tint(diagnostic.severity),
    )];
    labels.extend(
        diagnostic
            .related
            .iter()
            .map(|(span, text)| (*span, text.as_str(), Color::Cyan)),
    );
    labels.sort_by_key(|&(span, ..)| span);
    let mut builder = Report::build(kind, place(diagnostic.span))
        .with_config(
            Config::default()
                .with_color(colour)
                .with_index_type(IndexType::Byte),
        )
        .with_message(&diagnostic.message);
    for (span, text, tint) in labels {
        let label = Label::new(place(span)).with_color(tint);
        builder.add_label(if text.is_empty() {
            label
        } else {
            label.with_message(text)
        });
    }
    if let Some(help) = &diagnostic.help {
        builder.set_help(help);
    }
    let written = builder
        .finish()
        .write((file.clone(), source), &mut *out)
        .is_ok();
    written && out.write_all(b"\n").is_ok()
}

/// ariadne 0.6 colours the word in front of a report of our own kind whatever its configuration
/// says. The text has no escape of its own, [`visible`] and `quoted` see to that.
fn uncoloured(text: &str) -> String {
    const RED_YELLOW_BLUE_RESET: [&str; 4] =
        ["\u{1b}[31m", "\u{1b}[33m", "\u{1b}[34m", "\u{1b}[0m"];
    RED_YELLOW_BLUE_RESET
        .iter()
        .fold(text.to_owned(), |text, code| text.replace(code, ""))
}

/// The same without the line: for a text whose line is no use on a screen.
fn plain(diagnostic: &Diagnostic, out: &mut Vec<u8>) {
    out.extend(format!("{diagnostic}\n").bytes());
    for text in [Some(&diagnostic.label), diagnostic.help.as_ref()]
        .into_iter()
        .flatten()
    {
        if !text.is_empty() {
            out.extend(format!("    {text}\n").bytes());
        }
    }
    out.push(b'\n');
}

const fn kind(severity: Severity) -> ReportKind<'static> {
    match severity {
        Severity::Error => ReportKind::Custom("error", tint(severity)),
        Severity::Warning => ReportKind::Custom("warning", tint(severity)),
        Severity::Note => ReportKind::Custom("note", tint(severity)),
    }
}

const fn tint(severity: Severity) -> Color {
    match severity {
        Severity::Error => Color::Red,
        Severity::Warning => Color::Yellow,
        Severity::Note => Color::Blue,
    }
}

fn on_long_line(diagnostic: &Diagnostic, text: &str) -> bool {
    let spans = std::iter::once(diagnostic.span).chain(diagnostic.related.iter().map(|(s, _)| *s));
    spans.into_iter().any(|span| {
        let (before, behind) = (text.get(..span.start), text.get(span.end..));
        let before = before.map_or(0, |text| {
            text.len() - text.rfind('\n').map_or(0, |at| at + 1)
        });
        let behind = behind.map_or(0, |text| text.find('\n').unwrap_or(text.len()));
        before + (span.end - span.start) + behind > MAX_LINE_BYTES
    })
}

/// The text with every invisible character replaced by a visible one of as many bytes, so that
/// spans still fit, nothing reaches the terminal as a command, and lines end where ours do.
fn visible(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        let line_break = c == '\n' || (c == '\r' && chars.peek() == Some(&'\n'));
        shown.push(match c {
            _ if line_break => c,
            '\t' => c,
            _ if c.is_ascii_control() => '?',
            _ if c.is_ascii() || !hides(c) => c,
            _ if c.len_utf8() == 2 => '\u{b7}',
            _ if c.len_utf8() == 3 => '\u{2423}',
            _ => c,
        });
    }
    shown
}

/// Spaces other than the ordinary one, controls, and marks that turn or hide text.
fn hides(c: char) -> bool {
    c.is_control()
        || c.is_whitespace()
        || matches!(c, '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}'
            | '\u{2060}'..='\u{2069}' | '\u{feff}')
}
