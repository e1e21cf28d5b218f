//! Every row of `cases.toml`: the same live feed in every format, in every player.

use crate::harness::feeder::Feeder;
use crate::harness::picture::frame_numbers;
use crate::harness::player::{Played, Player};
use crate::harness::scratch::Scratch;
use crate::harness::server::{Server, h264_stream, live_config, mjpeg_stream};
use crate::harness::skip::has_tools;
use crate::table::{Case, Expect, cases, formats};

/// Snapshots of one player that may have no readable frame number: VLC saves a few such now and
/// then, of raw H.264 most often, for which it has to make up the times.
const UNREADABLE_LIMIT: usize = 3;

/// A server that publishes the test picture in every format of the table, at `/live.FORMAT`.
fn every_format(scratch: &Scratch) -> (Server, Feeder) {
    let streams: String = formats()
        .iter()
        .map(|format| {
            let name = format!("live.{format}");
            match format.as_str() {
                "mpjpeg" | "mjpeg" => mjpeg_stream(&name, format),
                _ => h264_stream(&name, format),
            }
        })
        .collect();
    let server = Server::start(scratch, &live_config(scratch, &streams));
    let feeder = Feeder::test_picture(&server, "feed1.ffm");
    (server, feeder)
}

/// Runs every row of a player; all that is not as expected, at once.
fn run_rows(player: Player) {
    if !has_tools(player.tools()) {
        return;
    }
    let scratch = Scratch::new();
    let (mut server, mut feeder) = every_format(&scratch);
    let mut surprises = Vec::new();
    for case in cases().iter().filter(|case| case.player == player.name()) {
        let url = server.url(&format!("/live.{}", case.format));
        let result = player
            .play(&url, &case.format, &scratch)
            .and_then(|played| moves(&played));
        surprises.extend(surprise(case, result));
        server.assert_alive();
        feeder.assert_running();
    }
    assert!(
        surprises.is_empty(),
        "{}\nserver: {}\nfeeder: {}",
        surprises.join("\n"),
        server.output(),
        feeder.output()
    );
}

/// What is not as the row says.
fn surprise(case: &Case, result: Result<(), String>) -> Option<String> {
    match (case.expect, result) {
        (Expect::Plays, Err(why)) => Some(format!("{}: {why}", case.format)),
        (Expect::Fails, Ok(())) => Some(format!(
            "{}: plays, though cases.toml says: {}",
            case.format,
            case.reason.as_deref().unwrap_or_default()
        )),
        (Expect::Plays, Ok(())) | (Expect::Fails, Err(_)) => None,
    }
}

/// The frame numbers of the saved pictures rise, or stay where a player shows a picture twice.
fn moves(played: &Played) -> Result<(), String> {
    if played.pictures.is_empty() {
        return Ok(()); // ffplay saves none; its clock was looked at instead
    }
    let numbers = frame_numbers(&played.pictures, UNREADABLE_LIMIT)?;
    let rises = numbers.is_sorted() && numbers.first() < numbers.last();
    if rises {
        Ok(())
    } else {
        Err(format!("the frame number does not rise: {numbers:?}"))
    }
}

#[test]
fn ffmpeg_decodes_every_format_without_a_word() {
    run_rows(Player::Ffmpeg);
}

#[test]
fn ffplay_plays_every_format() {
    run_rows(Player::Ffplay);
}

#[test]
fn vlc_plays_every_format() {
    run_rows(Player::Vlc);
}

#[test]
fn gstreamer_plays_every_format() {
    run_rows(Player::GStreamer);
}

#[test]
fn mpv_plays_every_format() {
    run_rows(Player::Mpv);
}

#[test]
fn chromium_plays_what_browsers_can() {
    run_rows(Player::Chromium);
}
