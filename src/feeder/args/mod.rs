//! The command line of the feeder: the part of ffmpeg's that feeding needs.
//!
//! Options before `-i` concern the input, those after it the output. One row of `table::OPTIONS`
//! per option; the help text is made from the same rows. Left out: more than one input, stream
//! mapping, filters and encoder options. (What to encode is the feed's to say.)

mod table;
pub(super) mod value;

use std::ffi::OsString;
use std::time::Duration;

use formats::Format;
use media::FrameRate;

use super::console::Level;
use super::url::{FeedUrl, UrlError};
use table::{OPTIONS, OptionRow};

/// What a command line asks for.
#[derive(Debug, Clone, PartialEq)]
pub enum Command {
    /// `-h`: print [`help`].
    Help,
    /// `-version`.
    Version,
    /// Feed.
    Feed(Box<FeedOptions>),
}

/// What to feed, and how.
#[derive(Debug, Clone, PartialEq)]
pub struct FeedOptions {
    /// The input.
    pub input: InputOptions,
    /// The feed.
    pub url: FeedUrl,
    /// `-readrate`: seconds of media read per second; 0 is as fast as it goes. 1 unless given.
    pub read_rate: f64,
    /// `-c copy`, `-c:v copy`.
    pub copy_video: bool,
    /// `-c copy`, `-c:a copy`.
    pub copy_audio: bool,
    /// `-vn`.
    pub no_video: bool,
    /// `-an`.
    pub no_audio: bool,
    /// `-t`.
    pub duration: Option<Duration>,
    /// `-loglevel`.
    pub level: Level,
    /// `-stats`, `-nostats`.
    pub stats: Option<bool>,
    /// Options that were understood but that the feed overrules, with the reason.
    pub overruled: Vec<String>,
}

/// What to read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InputOptions {
    /// The argument of `-i`.
    pub name: OsString,
    /// `-f`; `None`: found out.
    pub format: Option<InputFormat>,
    /// `-framerate`, `-r`.
    pub frame_rate: Option<FrameRate>,
    /// `-video_size`, `-s`.
    pub size_px: Option<(u32, u32)>,
}

/// What `-f` may name before `-i`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum InputFormat {
    /// A container or raw format.
    Container(Format),
    /// `lavfi`: a test source.
    Lavfi,
    /// `v4l2`: a camera.
    V4l2,
    /// `yuv4mpegpipe`.
    Y4m,
}

impl InputFormat {
    /// The format of one of ffmpeg's names.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Some(match name {
            "lavfi" => Self::Lavfi,
            "video4linux2" | "v4l2" => Self::V4l2,
            "yuv4mpegpipe" => Self::Y4m,
            "mov" | "m4a" | "mj2" => Self::Container(Format::Mp4),
            other => Self::Container(Format::from_name(other)?),
        })
    }
}

/// Why a command line cannot be followed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ArgsError {
    /// No such option.
    #[error("unknown option {option}{}", suggestion(.nearest))]
    Unknown {
        /// As it was written.
        option: String,
        /// One that is spelt much like it.
        nearest: Option<String>,
    },
    /// The value is missing.
    #[error("{option} needs a value: {form}")]
    NoValue {
        /// The option.
        option: String,
        /// What belongs there.
        form: &'static str,
    },
    /// The value cannot be used.
    #[error("{option} {value}: {form}")]
    Value {
        /// The option.
        option: String,
        /// The value.
        value: String,
        /// What belongs there.
        form: &'static str,
    },
    /// The option stands on the wrong side of `-i`.
    #[error("{option} concerns the {side}: write it {place} -i")]
    Side {
        /// The option.
        option: String,
        /// "input" or "output".
        side: &'static str,
        /// "before" or "after".
        place: &'static str,
    },
    /// An argument that is no text.
    #[error("{argument:?} is not valid UTF-8")]
    NotText {
        /// The argument.
        argument: OsString,
    },
    /// More than there may be.
    #[error("{second:?} is a second {what}; one is all that can be had")]
    Second {
        /// "input" or "output".
        what: &'static str,
        /// The second one.
        second: String,
    },
    /// No `-i`.
    #[error("no input: say what to feed with -i, as -f lavfi -i testsrc")]
    NoInput,
    /// No address of a feed.
    #[error("no output: say where to feed to, as http://localhost:8090/feed1.ffm")]
    NoOutput,
    /// The output is no feed.
    #[error(transparent)]
    Url(#[from] UrlError),
}

fn suggestion(nearest: &Option<String>) -> String {
    nearest
        .as_ref()
        .map(|nearest| format!("; did you mean {nearest}?"))
        .unwrap_or_default()
}

/// Reads a command line without the program's name (and without `feed`).
///
/// # Errors
/// [`ArgsError`] about the first argument that cannot be followed.
pub fn parse(args: impl IntoIterator<Item = OsString>) -> Result<Command, ArgsError> {
    let mut draft = Draft::default();
    let mut args = args.into_iter();
    while let Some(argument) = args.next() {
        let text = argument
            .to_str()
            .filter(|text| text.len() > 1 && text.starts_with('-'));
        let Some(option) = text else {
            draft.set_output(argument)?;
            continue;
        };
        let (row, specifier) = OptionRow::find(option).ok_or_else(|| unknown(option))?;
        let value = match row.form {
            Some(form) => {
                let no_value = || ArgsError::NoValue {
                    option: option.to_owned(),
                    form,
                };
                args.next().ok_or_else(no_value)?
            }
            None => OsString::new(),
        };
        match row.apply(&mut draft, option, specifier, value)? {
            None => {}
            Some(command) => return Ok(command),
        }
    }
    draft
        .finish()
        .map(|options| Command::Feed(Box::new(options)))
}

/// The text of `-h`; `command` is what stands before the options.
#[must_use]
pub fn help(command: &str) -> String {
    let mut text = format!(
        "Feeds a live stream: asks the feed what to encode, encodes it and sends it.\n\n\
         usage: {command} [input options] -i INPUT [output options] http://HOST:PORT/FEED\n\n"
    );
    for row in &OPTIONS {
        let names: Vec<String> = row.names.iter().map(|name| format!("-{name}")).collect();
        let call = match row.form {
            Some(_) => format!("{} {}", names.join(", "), row.value_name),
            None => names.join(", "),
        };
        text.push_str(&format!("  {call:<34} {}\n", row.doc));
    }
    text.push_str(&format!(
        "\nexamples:\n  \
         {command} -f lavfi -i testsrc=size=640x480:rate=25 http://localhost:8090/feed1.ffm\n  \
         {command} -i film.mp4 http://localhost:8090/feed1.ffm\n"
    ));
    text
}

/// What was read of a command line so far.
#[derive(Debug, Default)]
struct Draft {
    format: Option<InputFormat>,
    frame_rate: Option<FrameRate>,
    size_px: Option<(u32, u32)>,
    input: Option<InputOptions>,
    output: Option<FeedUrl>,
    read_rate: Option<f64>,
    copy_video: bool,
    copy_audio: bool,
    no_video: bool,
    no_audio: bool,
    duration: Option<Duration>,
    level: Option<Level>,
    stats: Option<bool>,
    overruled: Vec<String>,
}

impl Draft {
    fn set_input(&mut self, name: OsString) -> Result<(), ArgsError> {
        if self.input.is_some() {
            return Err(ArgsError::Second {
                what: "input",
                second: name.to_string_lossy().into_owned(),
            });
        }
        self.input = Some(InputOptions {
            name,
            format: self.format.take(),
            frame_rate: self.frame_rate.take(),
            size_px: self.size_px.take(),
        });
        Ok(())
    }

    fn set_output(&mut self, argument: OsString) -> Result<(), ArgsError> {
        let text = argument
            .into_string()
            .map_err(|argument| ArgsError::NotText { argument })?;
        if self.output.is_some() {
            return Err(ArgsError::Second {
                what: "output",
                second: text,
            });
        }
        self.output = Some(FeedUrl::parse(&text)?);
        Ok(())
    }

    fn finish(self) -> Result<FeedOptions, ArgsError> {
        Ok(FeedOptions {
            input: self.input.ok_or(ArgsError::NoInput)?,
            url: self.output.ok_or(ArgsError::NoOutput)?,
            read_rate: self.read_rate.unwrap_or(1.0),
            copy_video: self.copy_video,
            copy_audio: self.copy_audio,
            no_video: self.no_video,
            no_audio: self.no_audio,
            duration: self.duration,
            level: self.level.unwrap_or(Level::Info),
            stats: self.stats,
            overruled: self.overruled,
        })
    }
}

fn unknown(option: &str) -> ArgsError {
    let bare = table::bare(option);
    let distance = |name: &str| strsim::osa_distance(name, bare);
    let lower = bare.to_ascii_lowercase();
    let names = || OPTIONS.iter().flat_map(|row| row.names).copied();
    let nearest = names().find(|name| *name == lower).or_else(|| {
        names()
            .filter(|name| name.len() > 2 && distance(name) <= MAX_TYPOS)
            .min_by_key(|name| distance(name))
    });
    ArgsError::Unknown {
        option: option.to_owned(),
        nearest: nearest.map(|name| format!("-{name}")),
    }
}

/// Edits between a misspelt option and the one that is suggested.
const MAX_TYPOS: usize = 2;

#[cfg(test)]
mod tests;
