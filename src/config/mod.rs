//! The configuration language of ffserver: an `ffserver.conf` of 0.8 or 3.x is read as it is.
//!
//! Lines of words, a keyword and its arguments, in three kinds of section (FFSERVER.md 1). Each
//! keyword has one file under `directive`; the reference page is made of them. All problems of a
//! file are found at once, each with its place and a remedy.
//!
//! [`load`] is for programs: it reads the file, asks the machine for host names and files, and says
//! what is wrong. [`parse`] is the pure half of it.

pub mod check;
pub mod model;
pub mod reference;

mod args;
mod diagnostic;
mod directive;
mod draft;
mod finish;
mod fix;
mod lex;
mod nearest;
mod parse;
mod render;
mod source;
mod tag;
#[cfg(test)]
mod testing;
#[cfg(test)]
mod tests;
mod value;
mod world;

use std::io::{self, IsTerminal, Write};
use std::path::Path;

pub use self::diagnostic::{Diagnostic, Repair, Severity};
pub use self::fix::fix;
pub use self::model::Config;
pub use self::render::render;
pub use self::source::Span;

use self::diagnostic::Diagnostics;
use self::source::Source;
use self::world::World;

/// Larger files are refused unread.
const MAX_TEXT_BYTES: usize = 16 << 20;

/// Reads a configuration. Of host names only `localhost` is known, and files are not looked for:
/// see [`load`] for that.
///
/// The configuration is there exactly if no finding is an error. Findings come in the order of the
/// text; `file_name` is what they call the file.
#[must_use]
pub fn parse(text: &str, file_name: &str) -> (Option<Config>, Vec<Diagnostic>) {
    parse_in(text, file_name, World::NONE)
}

fn parse_in(text: &str, file_name: &str, world: World) -> (Option<Config>, Vec<Diagnostic>) {
    let mut found = Diagnostics::default();
    if text.len() > MAX_TEXT_BYTES {
        let message = format!(
            "the file has {} bytes, the limit is {MAX_TEXT_BYTES}",
            text.len()
        );
        found.push(Diagnostic::error(Span::default(), message));
        return (None, found.finish(&Source::new(""), file_name));
    }
    let source = Source::new(text);
    let draft = parse::read(&source, world, &mut found);
    let config = finish::finish(draft, world, &mut found);
    let config = (found.errors() == 0).then_some(config);
    (config, found.finish(&source, file_name))
}

/// Reads a configuration file for use: host names are looked up, which blocks as long as the
/// system's resolver does, and media files are looked for. Warnings and errors go to `err`, with
/// colours if it is a terminal.
///
/// `None` when the file cannot be read or has an error.
pub fn load<W: Write + IsTerminal>(path: &Path, err: &mut W) -> Option<Config> {
    let file = match File::read(path) {
        Ok(file) => file,
        Err(error) => {
            // There is nowhere else to say it.
            let _ = writeln!(err, "{}: {error}", path.display());
            return None;
        }
    };
    file.tell(Severity::Warning, wants_colour(err), err).ok()?;
    file.config
}

/// As [`load`], of a text that the program made itself.
pub fn load_text<W: Write + IsTerminal>(name: &str, text: &str, err: &mut W) -> Option<Config> {
    let (config, found) = parse_in(text, name, World::SYSTEM);
    let file = File {
        text: text.to_owned(),
        config,
        found,
    };
    file.tell(Severity::Warning, wants_colour(err), err).ok()?;
    file.config
}

/// Colours are for terminals whose user did not decline them (<https://no-color.org>).
fn wants_colour(out: &impl IsTerminal) -> bool {
    out.is_terminal() && std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty())
}

/// A configuration file that was read.
#[derive(Debug)]
struct File {
    text: String,
    config: Option<Config>,
    found: Vec<Diagnostic>,
}

impl File {
    fn read(path: &Path) -> io::Result<Self> {
        let (text, not_utf8) = decode(read_limited(path)?);
        let name = path.to_string_lossy();
        let (config, mut found) = parse_in(&text, &name, World::SYSTEM);
        if let Some(offset) = not_utf8 {
            let first = text.get(offset..).and_then(|rest| rest.chars().next());
            let span = Span::new(offset, first.map_or(offset, |c| offset + c.len_utf8()));
            let mut more = Diagnostics::default();
            more.push(
                Diagnostic::warning(span, "the file is not UTF-8")
                    .label("read as Latin-1")
                    .help("save the file as UTF-8"),
            );
            found.splice(0..0, more.finish(&Source::new(&text), &name));
        }
        Ok(Self {
            text,
            config,
            found,
        })
    }

    /// Writes the findings from `least` on.
    fn tell(&self, least: Severity, colour: bool, out: &mut dyn Write) -> io::Result<()> {
        let shown = self.found.iter().filter(|found| found.severity >= least);
        let shown: Vec<_> = shown.cloned().collect();
        out.write_all(render(&shown, &self.text, colour).as_bytes())
    }
}

/// The file, up to one byte more than the limit: enough to refuse it.
fn read_limited(path: &Path) -> io::Result<Vec<u8>> {
    use io::Read as _;
    let limit = u64::try_from(MAX_TEXT_BYTES)
        .unwrap_or(u64::MAX)
        .saturating_add(1);
    let mut bytes = Vec::new();
    std::fs::File::open(path)?
        .take(limit)
        .read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// The text of a file, and where it stops being UTF-8 if it does. Such a file is Latin-1, as those
/// of ffserver's time often are: every byte is a character.
fn decode(bytes: Vec<u8>) -> (String, Option<usize>) {
    match String::from_utf8(bytes) {
        Ok(text) => (text, None),
        Err(error) => {
            let (before, behind) = error.as_bytes().split_at(error.utf8_error().valid_up_to());
            let before: String = before.iter().copied().map(windows_1252).collect();
            let offset = before.len();
            (
                before + &behind.iter().copied().map(windows_1252).collect::<String>(),
                Some(offset),
            )
        }
    }
}

/// Latin-1 with the quotes and dashes that Windows put into its unused range.
fn windows_1252(byte: u8) -> char {
    match byte {
        0x91 => '\u{2018}',
        0x92 => '\u{2019}',
        0x93 => '\u{201c}',
        0x94 => '\u{201d}',
        0x96 => '\u{2013}',
        0x97 => '\u{2014}',
        _ => char::from(byte),
    }
}
