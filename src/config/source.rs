//! Places in a configuration text: byte spans, and lines and columns as an editor shows them.

use std::iter;

/// Bytes `start..end` of the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Span {
    /// Offset of the first byte.
    pub start: usize,
    /// Offset behind the last byte.
    pub end: usize,
}

impl Span {
    /// Bytes `start..end`.
    #[must_use]
    pub const fn new(start: usize, end: usize) -> Self {
        Self { start, end }
    }

    /// The empty span in front of `offset`.
    #[must_use]
    pub const fn at(offset: usize) -> Self {
        Self::new(offset, offset)
    }

    /// From the start of this span to the end of `last`.
    #[must_use]
    pub const fn to(self, last: Self) -> Self {
        Self::new(self.start, last.end)
    }
}

/// A value and where it was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Spanned<T> {
    pub(crate) value: T,
    pub(crate) span: Span,
}

/// A text and where its lines begin.
#[derive(Debug)]
pub(crate) struct Source<'a> {
    pub(crate) text: &'a str,
    line_starts: Vec<usize>,
}

impl<'a> Source<'a> {
    pub(crate) fn new(text: &'a str) -> Self {
        let behind_breaks = text.match_indices('\n').map(|(at, _)| at + 1);
        Self {
            text,
            line_starts: iter::once(0).chain(behind_breaks).collect(),
        }
    }

    /// Line and column of a byte offset, both from 1; the column counts characters.
    pub(crate) fn position(&self, offset: usize) -> (usize, usize) {
        let line = self
            .line_starts
            .partition_point(|&start| start <= offset)
            .max(1);
        let start = self.line_starts.get(line - 1).copied().unwrap_or(0);
        let before = self.text.get(start..offset).unwrap_or("");
        (line, before.chars().count() + 1)
    }

    /// The lines without their line breaks (`\n` or `\r\n`).
    pub(crate) fn lines(&self) -> impl Iterator<Item = Span> {
        let ends = self.line_starts.iter().skip(1).map(|next| next - 1);
        let ends = ends.chain(iter::once(self.text.len()));
        self.line_starts.iter().zip(ends).map(|(&start, end)| {
            let line = self.text.get(start..end).unwrap_or("");
            Span::new(start, start + line.strip_suffix('\r').unwrap_or(line).len())
        })
    }

    /// The text of a span; empty if it is none of this text's.
    pub(crate) fn slice(&self, span: Span) -> &'a str {
        self.text.get(span.start..span.end).unwrap_or("")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn positions_count_lines_and_characters_from_one() {
        let source = Source::new("ab\r\n\u{a0}c\n");
        for (name, offset, want) in [
            ("first byte", 0, (1, 1)),
            ("line break belongs to its line", 3, (1, 4)),
            ("second line", 4, (2, 1)),
            ("behind a two-byte character", 6, (2, 2)),
            ("end of the text", 8, (3, 1)),
        ] {
            assert_eq!(source.position(offset), want, "{name}");
        }
        let lines: Vec<_> = source.lines().map(|line| source.slice(line)).collect();
        assert_eq!(lines, ["ab", "\u{a0}c", ""]);
    }
}
