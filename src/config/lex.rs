//! Lines and words (FFSERVER.md 1.1).
//!
//! A line is words between white space. A word in `"` or `'` keeps its spaces; there are no escapes,
//! and a quote counts only where a word begins. A word that begins with `#` starts a comment.
//! What word processors and web pages put in place of ASCII (no-break spaces, curly quotes) is
//! recognised, named, and read as what it stands for.

use super::diagnostic::{Diagnostic, Diagnostics, quoted};
use super::source::{Source, Span};

/// Longer lines are refused unread. (ffserver's limit was 1023 bytes, and it split them in two.)
pub(crate) const MAX_LINE_BYTES: usize = 4096;

/// A word of a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Word<'a> {
    /// The word without its quotes.
    pub(crate) text: &'a str,
    /// Where it stands, quotes included.
    pub(crate) span: Span,
}

/// Splits a line into words and reports what is no plain text in it.
pub(crate) fn words<'a>(source: &Source<'a>, line: Span, found: &mut Diagnostics) -> Vec<Word<'a>> {
    let mut words = Vec::new();
    let mut odd = Vec::new();
    let mut at = line.start;
    loop {
        let (next, spaces) = skip_spaces(source, Span::new(at, line.end));
        odd.extend(spaces);
        let rest = source.slice(Span::new(next, line.end));
        let Some(first) = rest.chars().next().filter(|&c| c != '#') else {
            break;
        };
        let word = match Quote::of(first) {
            Some(quote) => quoted_word(source, Span::new(next, line.end), quote, found),
            None => {
                let len = rest.find(is_space).unwrap_or(rest.len());
                let span = Span::new(next, next + len);
                Word {
                    text: source.slice(span),
                    span,
                }
            }
        };
        at = word.span.end;
        words.push(word);
    }
    report_odd_spaces(line, &odd, words.is_empty(), found);
    report_controls(&words, found);
    words
}

/// Where the next word begins, and which spaces before it are not the ordinary ones.
fn skip_spaces(source: &Source<'_>, rest: Span) -> (usize, Vec<Span>) {
    let text = source.slice(rest);
    let len = text.find(|c| !is_space(c)).unwrap_or(text.len());
    (
        rest.start + len,
        odd_spaces(source, Span::new(rest.start, rest.start + len)),
    )
}

/// The spaces of a span that are not ASCII.
pub(crate) fn odd_spaces(source: &Source<'_>, span: Span) -> Vec<Span> {
    let found = source
        .slice(span)
        .char_indices()
        .filter(|&(_, c)| is_odd_space(c));
    let place = |(at, c): (usize, char)| Span::new(span.start + at, span.start + at + c.len_utf8());
    found.map(place).collect()
}

/// One warning a line for all its odd spaces.
pub(crate) fn report_odd_spaces(line: Span, odd: &[Span], blank: bool, found: &mut Diagnostics) {
    let Some(&first) = odd.first() else { return };
    let message = "a no-break or other special space, as web pages and word processors use";
    let mut diagnostic = Diagnostic::warning(first, message).label("read as an ordinary space");
    if blank {
        diagnostic = diagnostic
            .help("the line is blank otherwise: empty it")
            .repair(line, "");
    } else {
        diagnostic = diagnostic.help("write an ordinary space");
        for &span in odd {
            diagnostic = diagnostic.repair(span, " ");
        }
    }
    found.push(diagnostic);
}

fn report_controls(words: &[Word<'_>], found: &mut Diagnostics) {
    for word in words
        .iter()
        .filter(|word| word.text.contains(char::is_control))
    {
        let message = format!("control characters in {}", quoted(word.text));
        found.push(
            Diagnostic::error(word.span, message)
                .label("not text")
                .help("type the word anew; the file may be damaged"),
        );
    }
}

/// White space, with what people and programs paste instead of it.
pub(crate) fn is_space(c: char) -> bool {
    c.is_ascii_whitespace() || c == '\u{b}' || is_odd_space(c)
}

fn is_odd_space(c: char) -> bool {
    (!c.is_ascii() && c.is_whitespace())
        || matches!(c, '\u{200b}'..='\u{200d}' | '\u{2060}' | '\u{feff}')
}

/// Which quote a word begins with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Quote {
    Double,
    Single,
}

impl Quote {
    fn of(c: char) -> Option<Self> {
        match c {
            '"' | '\u{201c}'..='\u{201f}' | '\u{ab}' | '\u{bb}' => Some(Self::Double),
            '\'' | '\u{2018}'..='\u{201b}' | '\u{2039}' | '\u{203a}' => Some(Self::Single),
            _ => None,
        }
    }

    const fn ascii(self) -> char {
        match self {
            Self::Double => '"',
            Self::Single => '\'',
        }
    }
}

/// The word that begins with a quote at the start of `rest`.
fn quoted_word<'a>(
    source: &Source<'a>,
    rest: Span,
    quote: Quote,
    found: &mut Diagnostics,
) -> Word<'a> {
    let text = source.slice(rest);
    let open = text.chars().next().map_or(0, char::len_utf8);
    let inside = text.get(open..).unwrap_or("");
    let plain = text
        .starts_with(quote.ascii())
        .then(|| inside.find(quote.ascii()))
        .flatten();
    let close = plain.or_else(|| inside.find(|c| Quote::of(c) == Some(quote)));
    let Some(close) = close else {
        return unclosed(source, rest, open, quote, found);
    };
    let word_end = rest.start + open + close;
    let close_len = inside
        .get(close..)
        .and_then(|text| text.chars().next())
        .map_or(0, char::len_utf8);
    let span = Span::new(rest.start, word_end + close_len);
    let ends = [
        Span::new(rest.start, rest.start + open),
        Span::new(word_end, span.end),
    ];
    let curly = ends
        .into_iter()
        .filter(|&end| source.slice(end) != quote.ascii().to_string());
    let mut diagnostic = Diagnostic::error(span, "typographic quotes do not quote")
        .label("quotes of a word processor")
        .help(format!("write {0}\u{2026}{0}", quote.ascii()));
    for end in curly {
        diagnostic = diagnostic.repair(end, quote.ascii());
    }
    if !diagnostic.repairs.is_empty() {
        found.push(diagnostic);
    }
    Word {
        text: source.slice(Span::new(rest.start + open, word_end)),
        span,
    }
}

/// A quote without its partner: the word goes to the end of the line.
fn unclosed<'a>(
    source: &Source<'a>,
    rest: Span,
    open: usize,
    quote: Quote,
    found: &mut Diagnostics,
) -> Word<'a> {
    let text = source.slice(rest).trim_end_matches(is_space);
    let span = Span::new(rest.start, rest.start + text.len());
    let mut diagnostic = Diagnostic::error(span, "the quote is not closed")
        .label("runs to the end of the line")
        .help(format!("write {} at the end of the word", quote.ascii()));
    if text.len() > open {
        diagnostic = diagnostic
            .repair(Span::new(span.start, span.start + open), quote.ascii())
            .repair(Span::at(span.end), quote.ascii());
    }
    found.push(diagnostic);
    Word {
        text: source.slice(Span::new(span.start + open, span.end)),
        span,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lexed(line: &str) -> (Vec<String>, Vec<String>) {
        let source = Source::new(line);
        let mut found = Diagnostics::default();
        let words = words(&source, Span::new(0, line.len()), &mut found);
        let found = found
            .finish(&source, "t")
            .into_iter()
            .map(|d| d.message)
            .collect();
        (
            words.into_iter().map(|word| word.text.to_owned()).collect(),
            found,
        )
    }

    #[test]
    fn words_are_split_at_white_space_and_kept_in_quotes() {
        for (name, line, want) in [
            ("plain", "Port 80", &["Port", "80"][..]),
            (
                "leading and many spaces",
                "  \t Port\t 80  ",
                &["Port", "80"],
            ),
            ("comment line", "# Port 80", &[]),
            ("comment behind words", "Port 80 # why", &["Port", "80"]),
            ("number sign inside a word", "Title a#b", &["Title", "a#b"]),
            ("double quotes", "File \"/a b.flv\"", &["File", "/a b.flv"]),
            (
                "single quotes",
                "File '/a \"b.flv'",
                &["File", "/a \"b.flv"],
            ),
            ("empty quotes", "Title \"\"", &["Title", ""]),
            (
                "quotes inside a word",
                "Title a\"b c",
                &["Title", "a\"b", "c"],
            ),
            (
                "text behind a closing quote",
                "Title \"a\"b",
                &["Title", "a", "b"],
            ),
            ("number sign in quotes", "Title \"# 1\"", &["Title", "# 1"]),
        ] {
            assert_eq!(
                lexed(line),
                (want.iter().map(ToString::to_string).collect(), vec![]),
                "{name}"
            );
        }
    }

    #[test]
    fn pasted_characters_are_named_and_understood() {
        let space = "a no-break or other special space, as web pages and word processors use";
        let curly = "typographic quotes do not quote";
        for (name, line, words, found) in [
            (
                "no-break space",
                "Port\u{a0}80",
                &["Port", "80"][..],
                &[space][..],
            ),
            (
                "two odd spaces, one report",
                "A\u{a0}b\u{2003}c",
                &["A", "b", "c"],
                &[space],
            ),
            ("nothing but a no-break space", "\u{a0} ", &[], &[space]),
            ("no-break space in a comment", "# a\u{a0}b", &[], &[]),
            (
                "no-break space in quotes",
                "File \"a\u{a0}b\"",
                &["File", "a\u{a0}b"],
                &[],
            ),
            (
                "curly quotes",
                "File \u{201c}/a b\u{201d}",
                &["File", "/a b"],
                &[curly],
            ),
            (
                "straight, then curly",
                "File \"/a b\u{201d}",
                &["File", "/a b"],
                &[curly],
            ),
            (
                "open quote",
                "File \"/a b",
                &["File", "/a b"],
                &["the quote is not closed"],
            ),
            (
                "NUL",
                "Po\0rt 1",
                &["Po\0rt", "1"],
                &["control characters in `Po\u{fffd}rt`"],
            ),
        ] {
            let (got_words, got_found) = lexed(line);
            assert_eq!(got_words, words, "{name}");
            assert_eq!(got_found, found, "{name}");
        }
    }
}
