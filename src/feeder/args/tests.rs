//! Command lines as people and old scripts write them.

use super::*;

fn command(line: &str) -> Result<Command, ArgsError> {
    parse(line.split_whitespace().map(OsString::from))
}

fn options(line: &str) -> FeedOptions {
    match command(line) {
        Ok(Command::Feed(options)) => *options,
        other => panic!("{line}: {other:?}"),
    }
}

fn error(line: &str) -> String {
    command(line).unwrap_err().to_string()
}

#[test]
fn the_tutorials_command_line_is_understood() {
    let options =
        options("-f video4linux2 -framerate 30 -i /dev/video0 http://127.0.0.1:8090/feed1.ffm");
    assert_eq!(options.input.format, Some(InputFormat::V4l2));
    assert_eq!(options.input.frame_rate, FrameRate::new(30, 1));
    assert_eq!(options.input.name, "/dev/video0");
    assert_eq!(options.url.to_string(), "http://127.0.0.1:8090/feed1.ffm");
    assert_eq!(options.read_rate, 1.0);
    assert_eq!(options.level, Level::Info);
}

#[test]
fn every_option_reaches_its_place() {
    let options = options(
        "-hide_banner -y -nostdin -v warning -stats -re -readrate 0 -f flv -r 25 -s cif -i in.flv \
         -c:v copy -acodec copy -an -vn -t 1:05 -f ffm http://h/f",
    );
    let want = FeedOptions {
        input: InputOptions {
            name: "in.flv".into(),
            format: Some(InputFormat::Container(Format::Flv)),
            frame_rate: FrameRate::new(25, 1),
            size_px: Some((352, 288)),
        },
        url: FeedUrl::parse("http://h/f").unwrap(),
        read_rate: 0.0,
        copy_video: true,
        copy_audio: true,
        no_video: true,
        no_audio: true,
        duration: Some(Duration::from_secs(65)),
        level: Level::Warning,
        stats: Some(true),
        overruled: Vec::new(),
    };
    assert_eq!(options, want);
}

#[test]
fn copy_concerns_the_medium_it_names() {
    for (line, want) in [
        ("-i a -c copy http://h/f", (true, true)),
        ("-i a -codec:v copy http://h/f", (true, false)),
        ("-i a -c:a copy http://h/f", (false, true)),
        ("-i a -vcodec copy http://h/f", (true, false)),
        ("-i a http://h/f", (false, false)),
    ] {
        let options = options(line);
        assert_eq!((options.copy_video, options.copy_audio), want, "{line}");
    }
}

#[test]
fn what_cannot_be_followed_is_named() {
    for (line, want) in [
        (
            "-F avi -i a http://h/f",
            "unknown option -F; did you mean -f?",
        ),
        ("-I a http://h/f", "unknown option -I; did you mean -i?"),
        (
            "-frame_rate 25 -i a http://h/f",
            "unknown option -frame_rate; did you mean -framerate?",
        ),
        ("-i a -b:v 100k http://h/f", "unknown option -b:v"),
        ("-i a -c:s copy http://h/f", "unknown option -c:s"),
        ("-i a -preset fast http://h/f", "unknown option -preset"),
        (
            "-i a http://h/f -t",
            "-t needs a value: seconds, as 10 or 0.5, or [HH:]MM:SS",
        ),
        (
            "-f matroska -i a http://h/f",
            "-f matroska: lavfi, v4l2, yuv4mpegpipe, avi, flv, mpegts, mp4, mpjpeg, mjpeg, h264 \
             or ffm",
        ),
        (
            "-i a -f flv http://h/f",
            "-f flv: a feed takes ffm only; the format of the input goes before -i",
        ),
        (
            "-i a -c:v libx264 http://h/f",
            "-c:v libx264: only copy can be given; what to encode is the feed's to say",
        ),
        (
            "-i a -re http://h/f",
            "-re concerns the input: write it before -i",
        ),
        (
            "-c copy -i a http://h/f",
            "-c concerns the output: write it after -i",
        ),
        (
            "-i a -i b http://h/f",
            "\"b\" is a second input; one is all that can be had",
        ),
        (
            "-i a http://h/f http://h/g",
            "\"http://h/g\" is a second output; one is all that can be had",
        ),
        (
            "http://h/f",
            "no input: say what to feed with -i, as -f lavfi -i testsrc",
        ),
        (
            "-i a",
            "no output: say where to feed to, as http://localhost:8090/feed1.ffm",
        ),
        (
            "-i a out.avi",
            "\"out.avi\" is no feed: a feed's address begins with http://",
        ),
    ] {
        assert_eq!(error(line), want, "{line}");
    }
}

#[test]
fn sizes_and_rates_after_the_input_are_overruled_aloud() {
    let options = options("-i a -r 10 -s 640x480 http://h/f");
    assert_eq!(
        options.overruled,
        [
            "-r 10 after -i has no effect: VideoFrameRate of the feed's streams decides",
            "-s 640x480 after -i has no effect: VideoSize of the feed's streams decides",
        ]
    );
    assert_eq!(options.input.frame_rate, None);
}

#[test]
fn standard_input_is_an_input() {
    assert_eq!(options("-f yuv4mpegpipe -i - http://h/f").input.name, "-");
}

#[test]
fn help_and_version_come_before_what_is_missing() {
    assert_eq!(command("-h"), Ok(Command::Help));
    assert_eq!(command("--help"), Ok(Command::Help));
    assert_eq!(command("-version"), Ok(Command::Version));
}

#[test]
fn help_names_every_option() {
    let help = help("ffmpeg");
    for row in &OPTIONS {
        for name in row.names {
            assert!(help.contains(&format!("-{name}")), "{name}");
        }
    }
    assert!(
        help.contains("usage: ffmpeg [input options] -i INPUT"),
        "{help}"
    );
}
