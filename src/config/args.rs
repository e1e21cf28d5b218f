//! The words behind a directive's keyword, as its parser takes them.

use super::diagnostic::{Diagnostic, Diagnostics, quoted};
use super::lex::Word;
use super::source::{Span, Spanned};
use super::value::Wrong;
use super::world::World;

/// The arguments of one line. A parser takes the words it wants in order and reports what is
/// wrong with them; what it leaves is reported by the caller.
#[derive(Debug)]
pub(crate) struct Args<'a, 'd> {
    pub(crate) keyword: Word<'a>,
    pub(crate) world: World,
    rest: &'d [Word<'a>],
    found: &'d mut Diagnostics,
}

impl<'a, 'd> Args<'a, 'd> {
    pub(crate) const fn new(
        keyword: Word<'a>,
        rest: &'d [Word<'a>],
        world: World,
        found: &'d mut Diagnostics,
    ) -> Self {
        Self {
            keyword,
            world,
            rest,
            found,
        }
    }

    pub(crate) fn push(&mut self, diagnostic: Diagnostic) {
        self.found.push(diagnostic);
    }

    /// Keyword and arguments, taken or not.
    pub(crate) fn line(&self) -> Span {
        self.rest
            .last()
            .map_or(self.keyword.span, |last| self.keyword.span.to(last.span))
    }

    /// The next word, if there is one.
    pub(crate) fn optional(&mut self) -> Option<Word<'a>> {
        let (first, rest) = self.rest.split_first()?;
        self.rest = rest;
        Some(*first)
    }

    /// The next word, without taking it.
    pub(crate) fn peek(&self) -> Option<Word<'a>> {
        self.rest.first().copied()
    }

    /// All words that are left.
    pub(crate) fn all(&mut self) -> &'d [Word<'a>] {
        std::mem::take(&mut self.rest)
    }

    /// The next word; reported if it is missing. `what` says what is wanted, with its article.
    pub(crate) fn word(&mut self, what: &str) -> Option<Word<'a>> {
        let word = self.optional().filter(|word| !word.text.is_empty());
        if word.is_none() {
            let message = format!("{} wants {what}", quoted(self.keyword.text));
            self.push(Diagnostic::error(self.keyword.span, message).label("nothing behind it"));
        }
        word
    }

    /// The next word as a value.
    pub(crate) fn value<T>(
        &mut self,
        what: &str,
        parse: impl Fn(&str) -> Result<T, Wrong>,
    ) -> Option<Spanned<T>> {
        let word = self.word(what)?;
        match parse(word.text) {
            Ok(value) => Some(Spanned {
                value,
                span: word.span,
            }),
            Err(wrong) => self.refuse(word, &wrong, parse),
        }
    }

    /// As [`value`](Self::value), for values that people write with spaces inside: `1 m`,
    /// `352 x 288`. Two numbers side by side are never joined.
    pub(crate) fn joined<T>(
        &mut self,
        what: &str,
        parse: impl Fn(&str) -> Result<T, Wrong>,
    ) -> Option<Spanned<T>> {
        let digit = |c: Option<char>| c.is_some_and(|c| c.is_ascii_digit());
        let two_numbers = self.rest.windows(2).any(|pair| {
            let [left, right] = pair else { return false };
            digit(left.text.chars().next_back()) && digit(right.text.chars().next())
        });
        let span = self
            .rest
            .first()
            .zip(self.rest.last())
            .map(|(a, z)| a.span.to(z.span));
        let text: String = self.rest.iter().map(|word| word.text).collect();
        if let Some(span) = span
            && self.rest.len() > 1
            && !two_numbers
            && let Ok(value) = parse(&text)
        {
            self.rest = &[];
            let message = format!("spaces inside the value of {}", quoted(self.keyword.text));
            self.push(
                Diagnostic::error(span, message)
                    .label(format!("{what} is one word"))
                    .help(format!("write `{text}`"))
                    .repair(span, text),
            );
            return Some(Spanned { value, span });
        }
        self.value(what, parse)
    }

    /// Reports a wrong value, and goes on with the right one where it is plain.
    fn refuse<T>(
        &mut self,
        word: Word<'a>,
        wrong: &Wrong,
        parse: impl Fn(&str) -> Result<T, Wrong>,
    ) -> Option<Spanned<T>> {
        let bare = word.text.trim_end_matches([',', ';', '.']);
        if bare.len() < word.text.len()
            && let Ok(value) = parse(bare)
        {
            let tail = word.text.get(bare.len()..).unwrap_or("");
            let message = format!("{} behind the value {}", quoted(tail), quoted(bare));
            self.push(
                Diagnostic::error(word.span, message)
                    .label("the value ends before it")
                    .help(format!("write `{bare}`"))
                    .repair(word.span, bare),
            );
            return Some(Spanned {
                value,
                span: word.span,
            });
        }
        let message = format!("{} {}: {}", self.keyword.text, quoted(word.text), wrong.why);
        let mut diagnostic = Diagnostic::error(word.span, message).label("not understood");
        let sure = wrong.sure.then_some(wrong.instead.as_deref()).flatten();
        if let Some(instead) = sure {
            diagnostic = diagnostic
                .help(format!("write `{instead}`"))
                .repair(word.span, instead);
        } else if let Some(instead) = &wrong.instead {
            diagnostic = diagnostic.help(format!("did you mean `{instead}`?"));
        } else if let Some(help) = &wrong.help {
            diagnostic = diagnostic.help(help);
        }
        self.push(diagnostic);
        let value = parse(sure?).ok()?;
        Some(Spanned {
            value,
            span: word.span,
        })
    }
}
