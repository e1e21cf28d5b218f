//! What is wrong with a configuration: where, why, and what to write instead.

use std::fmt;
use std::sync::Arc;

use super::source::{Source, Span};

/// How bad it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// Good to know when the file is checked; not worth a line at every start.
    Note,
    /// Does not do what the line says; the server starts nevertheless.
    Warning,
    /// The server does not start.
    Error,
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Note => "note",
            Self::Warning => "warning",
            Self::Error => "error",
        })
    }
}

/// A change of the text that puts something right.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Repair {
    /// What is replaced.
    pub span: Span,
    /// By what.
    pub text: String,
}

/// One finding.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Diagnostic {
    /// How bad it is.
    pub severity: Severity,
    /// The file, as the user named it.
    pub file: Arc<str>,
    /// Line, from 1.
    pub line: usize,
    /// Column in characters, from 1.
    pub column: usize,
    /// The bytes that are underlined.
    pub span: Span,
    /// What is wrong, in one line.
    pub message: String,
    /// What stands under the underlined text.
    pub label: String,
    /// Other places that belong to it.
    pub related: Vec<(Span, String)>,
    /// What to write instead.
    pub help: Option<String>,
    /// Changes that surely mean what the author meant; all of them belong together.
    pub repairs: Vec<Repair>,
}

impl Diagnostic {
    pub(crate) fn new(severity: Severity, span: Span, message: impl Into<String>) -> Self {
        Self {
            severity,
            file: Arc::from(""),
            line: 0,
            column: 0,
            span,
            message: clean(&message.into()),
            label: String::new(),
            related: Vec::new(),
            help: None,
            repairs: Vec::new(),
        }
    }

    pub(crate) fn error(span: Span, message: impl Into<String>) -> Self {
        Self::new(Severity::Error, span, message)
    }

    pub(crate) fn warning(span: Span, message: impl Into<String>) -> Self {
        Self::new(Severity::Warning, span, message)
    }

    pub(crate) fn note(span: Span, message: impl Into<String>) -> Self {
        Self::new(Severity::Note, span, message)
    }

    pub(crate) fn label(mut self, label: impl Into<String>) -> Self {
        self.label = clean(&label.into());
        self
    }

    pub(crate) fn related(mut self, span: Span, label: impl Into<String>) -> Self {
        self.related.push((span, clean(&label.into())));
        self
    }

    pub(crate) fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(clean(&help.into()));
        self
    }

    pub(crate) fn repair(mut self, span: Span, text: impl Into<String>) -> Self {
        self.repairs.push(Repair {
            span,
            text: text.into(),
        });
        self
    }
}

/// `file:line:column: severity: message`, one line.
impl fmt::Display for Diagnostic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            severity,
            file,
            line,
            column,
            message,
            ..
        } = self;
        write!(f, "{file}:{line}:{column}: {severity}: {message}")
    }
}

/// A file with more errors than this is no configuration. Of warnings and notes as many are kept.
const MAX_KEPT: usize = 1000;

/// The findings so far.
#[derive(Debug, Default)]
pub(crate) struct Diagnostics {
    list: Vec<Diagnostic>,
    errors: usize,
    dropped: usize,
}

impl Diagnostics {
    pub(crate) fn push(&mut self, diagnostic: Diagnostic) {
        let is_error = diagnostic.severity == Severity::Error;
        let kept = if is_error {
            self.errors
        } else {
            self.list.len() - self.errors
        };
        if kept >= MAX_KEPT {
            self.dropped += 1;
        } else {
            self.errors += usize::from(is_error);
            self.list.push(diagnostic);
        }
    }

    /// Errors so far.
    pub(crate) const fn errors(&self) -> usize {
        self.errors
    }

    /// Whether there are so many errors that the rest of the text is not worth reading.
    pub(crate) const fn is_hopeless(&self) -> bool {
        self.errors >= MAX_KEPT
    }

    /// All findings in the order of the text, with file, line and column filled in.
    pub(crate) fn finish(mut self, source: &Source<'_>, file: &str) -> Vec<Diagnostic> {
        self.list.sort_by_key(|diagnostic| diagnostic.span.start);
        let end = Span::at(source.text.len());
        if self.is_hopeless() {
            let text = format!("{MAX_KEPT} errors: the rest of the file is not read");
            self.list.push(Diagnostic::error(end, text));
        } else if self.dropped > 0 {
            let text = format!("{} more warnings are not shown", self.dropped);
            self.list.push(Diagnostic::warning(end, text));
        }
        let file: Arc<str> = Arc::from(file);
        for diagnostic in &mut self.list {
            (diagnostic.line, diagnostic.column) = source.position(diagnostic.span.start);
            diagnostic.file = Arc::clone(&file);
        }
        self.list
    }
}

/// Text for a terminal: what the file says must not reach it as a command.
fn clean(text: &str) -> String {
    text.chars()
        .map(|c| if c.is_control() { '\u{fffd}' } else { c })
        .collect()
}

/// A word of the file inside a message: in back quotes, and cut to a size that fits a line.
pub(crate) fn quoted(word: &str) -> String {
    const MAX_CHARS: usize = 60;
    let mut text: String = word.chars().take(MAX_CHARS).collect();
    if word.chars().nth(MAX_CHARS).is_some() {
        text.push('\u{2026}');
    }
    format!("`{text}`")
}
