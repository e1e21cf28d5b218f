//! The options, one row each.

use std::ffi::OsString;

use super::{ArgsError, Command, Draft, InputFormat, value};
use crate::feeder::console::Level;

/// An option: its spellings, what it takes, what it does.
pub(super) struct OptionRow {
    /// Spellings without the dash, the usual one first.
    pub(super) names: &'static [&'static str],
    /// The value in the help text.
    pub(super) value_name: &'static str,
    /// What a value looks like; `None`: the option takes none.
    pub(super) form: Option<&'static str>,
    /// What it does, for the help text.
    pub(super) doc: &'static str,
    action: Action,
}

enum Action {
    /// Takes the value and what stands after a colon in the option's name.
    Set(fn(&mut Draft, Given<'_>) -> Result<(), ArgsError>),
    /// Takes the value as it is, text or not.
    Input,
    Show(fn() -> Command),
}

/// An option as it stands on the command line.
struct Given<'a> {
    option: &'a str,
    /// `v` of `-c:v`.
    specifier: &'a str,
    value: &'a str,
    form: &'static str,
}

impl Given<'_> {
    fn bad(&self) -> ArgsError {
        ArgsError::Value {
            option: self.option.to_owned(),
            value: self.value.to_owned(),
            form: self.form,
        }
    }

    fn read<T>(&self, parse: fn(&str) -> Option<T>) -> Result<T, ArgsError> {
        parse(self.value).ok_or_else(|| self.bad())
    }
}

impl OptionRow {
    /// The row of an option as written, and the stream specifier after its colon.
    pub(super) fn find(option: &str) -> Option<(&'static Self, &str)> {
        let (name, specifier) = match bare(option).split_once(':') {
            Some((name, specifier)) if !specifier.is_empty() => (name, specifier),
            Some(_) => return None,
            None => (bare(option), ""),
        };
        let row = OPTIONS.iter().find(|row| row.names.contains(&name))?;
        let specifiable = row.names == CODEC || specifier.is_empty();
        let known = matches!(specifier, "" | "v" | "a");
        (specifiable && known).then_some((row, specifier))
    }

    /// Takes the option over into the draft; a [`Command`] ends the command line.
    pub(super) fn apply(
        &self,
        draft: &mut Draft,
        option: &str,
        specifier: &str,
        value: OsString,
    ) -> Result<Option<Command>, ArgsError> {
        let set = match self.action {
            Action::Input => return draft.set_input(value).map(|()| None),
            Action::Show(command) => return Ok(Some(command())),
            Action::Set(set) => set,
        };
        let value = value.to_str().ok_or_else(|| ArgsError::NotText {
            argument: value.clone(),
        })?;
        let form = self.form.unwrap_or_default();
        set(
            draft,
            Given {
                option,
                specifier,
                value,
                form,
            },
        )
        .map(|()| None)
    }
}

/// The option without its dashes; two are as good as one.
pub(super) fn bare(option: &str) -> &str {
    let option = option.strip_prefix('-').unwrap_or(option);
    option.strip_prefix('-').unwrap_or(option)
}

const fn row(
    names: &'static [&'static str],
    value_name: &'static str,
    form: &'static str,
    doc: &'static str,
    set: fn(&mut Draft, Given<'_>) -> Result<(), ArgsError>,
) -> OptionRow {
    OptionRow {
        names,
        value_name,
        form: Some(form),
        doc,
        action: Action::Set(set),
    }
}

const fn switch(
    names: &'static [&'static str],
    doc: &'static str,
    set: fn(&mut Draft, Given<'_>) -> Result<(), ArgsError>,
) -> OptionRow {
    OptionRow {
        names,
        value_name: "",
        form: None,
        doc,
        action: Action::Set(set),
    }
}

const CODEC: &[&str] = &["c", "codec"];

/// Every option, in the order of the help text.
pub(super) const OPTIONS: [OptionRow; 20] = [
    OptionRow {
        names: &["i"],
        value_name: "INPUT",
        form: Some("a file, - for standard input, or the name of a lavfi source"),
        doc: "what to feed: a file, - for standard input, or with -f lavfi a test source",
        action: Action::Input,
    },
    row(
        &["f"],
        "FORMAT",
        "lavfi, v4l2, yuv4mpegpipe, avi, flv, mpegts, mp4, mpjpeg, mjpeg, h264 or ffm",
        "format of the input where it cannot be found out (lavfi, v4l2, yuv4mpegpipe, avi ...)",
        set_format,
    ),
    row(
        &["framerate", "r"],
        "RATE",
        "frames a second, as 25 or 30000/1001",
        "frame rate of an input that states none (before -i)",
        set_frame_rate,
    ),
    row(
        &["video_size", "s"],
        "WxH",
        "a size is WIDTHxHEIGHT, as 640x480",
        "picture size of an input that can choose (before -i)",
        set_size,
    ),
    switch(
        &["re"],
        "read the input at its own speed; what is done anyhow",
        |draft, given| set_read_rate(draft, &given, 1.0),
    ),
    row(
        &["readrate"],
        "FACTOR",
        "a number, 1 for the input's own speed, 0 for as fast as it goes",
        "read this many seconds of the input per second, 0 for as fast as it goes",
        |draft, given| {
            let factor = given.read(value::factor)?;
            set_read_rate(draft, &given, factor)
        },
    ),
    row(
        &["t"],
        "TIME",
        "seconds, as 10 or 0.5, or [HH:]MM:SS",
        "stop after this time of the input",
        |draft, given| {
            draft.duration = Some(given.read(value::duration)?);
            Ok(())
        },
    ),
    row(
        CODEC,
        "copy",
        "only copy can be given; what to encode is the feed's to say",
        "-c copy, -c:v copy, -c:a copy: send the input's packets as they are",
        set_codec,
    ),
    row(
        &["vcodec"],
        "copy",
        "only copy can be given; what to encode is the feed's to say",
        "as -c:v",
        |draft, given| {
            set_codec(
                draft,
                Given {
                    specifier: "v",
                    ..given
                },
            )
        },
    ),
    row(
        &["acodec"],
        "copy",
        "only copy can be given; what to encode is the feed's to say",
        "as -c:a",
        |draft, given| {
            set_codec(
                draft,
                Given {
                    specifier: "a",
                    ..given
                },
            )
        },
    ),
    switch(&["an"], "send no audio", |draft, _| {
        draft.no_audio = true;
        Ok(())
    }),
    switch(&["vn"], "send no video", |draft, _| {
        draft.no_video = true;
        Ok(())
    }),
    row(
        &["v", "loglevel"],
        "LEVEL",
        "quiet, error, warning, info or verbose",
        "how much to say on standard error: quiet, error, warning, info or verbose",
        |draft, given| {
            draft.level = Some(given.read(Level::from_name)?);
            Ok(())
        },
    ),
    switch(
        &["stats"],
        "show the progress line also off a terminal",
        |draft, _| {
            draft.stats = Some(true);
            Ok(())
        },
    ),
    switch(&["nostats"], "show no progress line", |draft, _| {
        draft.stats = Some(false);
        Ok(())
    }),
    // What scripts write before everything else: true here without being asked.
    switch(&["hide_banner"], "for scripts: there is no banner", nothing),
    switch(&["nostdin"], "for scripts: keys are never read", nothing),
    switch(
        &["y"],
        "for scripts: a feed needs no leave to be written",
        nothing,
    ),
    OptionRow {
        names: &["h", "help"],
        value_name: "",
        form: None,
        doc: "this text",
        action: Action::Show(|| Command::Help),
    },
    OptionRow {
        names: &["version"],
        value_name: "",
        form: None,
        doc: "the version",
        action: Action::Show(|| Command::Version),
    },
];

fn nothing(_: &mut Draft, _: Given<'_>) -> Result<(), ArgsError> {
    Ok(())
}

fn set_format(draft: &mut Draft, given: Given<'_>) -> Result<(), ArgsError> {
    if draft.input.is_none() {
        draft.format = Some(given.read(InputFormat::from_name)?);
        return Ok(());
    }
    // After the input it names the output, and feeds are FFM.
    if given.value == "ffm" {
        return Ok(());
    }
    Err(ArgsError::Value {
        option: given.option.to_owned(),
        value: given.value.to_owned(),
        form: "a feed takes ffm only; the format of the input goes before -i",
    })
}

fn set_frame_rate(draft: &mut Draft, given: Given<'_>) -> Result<(), ArgsError> {
    let rate = given.read(value::frame_rate)?;
    if draft.input.is_none() {
        draft.frame_rate = Some(rate);
    } else {
        overrule(draft, &given, "VideoFrameRate");
    }
    Ok(())
}

fn set_size(draft: &mut Draft, given: Given<'_>) -> Result<(), ArgsError> {
    let size = given.read(value::size_px)?;
    if draft.input.is_none() {
        draft.size_px = Some(size);
    } else {
        overrule(draft, &given, "VideoSize");
    }
    Ok(())
}

/// Old scripts ask for sizes and rates of the output; ffmpeg, too, then took the feed's.
fn overrule(draft: &mut Draft, given: &Given<'_>, directive: &str) {
    draft.overruled.push(format!(
        "{} {} after -i has no effect: {directive} of the feed's streams decides",
        given.option, given.value
    ));
}

fn set_read_rate(draft: &mut Draft, given: &Given<'_>, factor: f64) -> Result<(), ArgsError> {
    if draft.input.is_some() {
        return Err(ArgsError::Side {
            option: given.option.to_owned(),
            side: "input",
            place: "before",
        });
    }
    draft.read_rate = Some(factor);
    Ok(())
}

fn set_codec(draft: &mut Draft, given: Given<'_>) -> Result<(), ArgsError> {
    if draft.input.is_none() {
        return Err(ArgsError::Side {
            option: given.option.to_owned(),
            side: "output",
            place: "after",
        });
    }
    if given.value != "copy" {
        return Err(given.bad());
    }
    draft.copy_video |= given.specifier != "a";
    draft.copy_audio |= given.specifier != "v";
    Ok(())
}
