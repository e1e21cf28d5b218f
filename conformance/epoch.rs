//! A server that has been up for 30 hours: beyond FLV's extended timestamp byte (4 h 40 min) and the
//! wrap of MPEG-TS's 33-bit clock (26 h 30 min). Every player shows a picture as fast as on a fresh
//! one.

use std::process::Command;
use std::time::{Duration, Instant};

use crate::harness::feeder::Feeder;
use crate::harness::player::Player;
use crate::harness::scratch::Scratch;
use crate::harness::server::{Server, binary, h264_stream, live_config};
use crate::harness::skip::has_tools;

/// 30 hours.
const UPTIME_S: &str = "108000";

/// What a player may take longer: noise of a busy machine, not a wait for a clock.
const SLACK: Duration = Duration::from_secs(4);

fn up_for(scratch: &Scratch, config: &str, seconds: &str) -> Server {
    let path = scratch.write("server.conf", config);
    Server::start_command(
        Command::new(binary())
            .args(["serve", "--stream-time", seconds, "-f"])
            .arg(path),
    )
}

fn time_to_play(player: Player, server: &Server, format: &str, scratch: &Scratch) -> Duration {
    let start = Instant::now();
    let played = player.play(&server.url(&format!("/live.{format}")), format, scratch);
    assert!(played.is_ok(), "{format}: {played:?}");
    start.elapsed()
}

fn as_fast_as_at_first(player: Player, formats: &[&str]) {
    if !has_tools(player.tools()) {
        return;
    }
    let streams: String = formats
        .iter()
        .map(|format| h264_stream(&format!("live.{format}"), format))
        .collect();
    let (fresh_scratch, old_scratch) = (Scratch::new(), Scratch::new());
    let fresh = up_for(&fresh_scratch, &live_config(&fresh_scratch, &streams), "0");
    let old = up_for(&old_scratch, &live_config(&old_scratch, &streams), UPTIME_S);
    let _fresh_feeder = Feeder::test_picture(&fresh, "feed1.ffm");
    let _old_feeder = Feeder::test_picture(&old, "feed1.ffm");
    for format in formats {
        let at_first = time_to_play(player, &fresh, format, &fresh_scratch);
        let later = time_to_play(player, &old, format, &old_scratch);
        assert!(
            later < at_first + SLACK,
            "{format}: {later:?} after 30 h, {at_first:?} at first"
        );
    }
}

#[test]
fn ffmpeg_does_not_mind_30_hours() {
    as_fast_as_at_first(Player::Ffmpeg, &["avi", "flv", "mpegts", "mp4"]);
}

#[test]
fn ffplay_does_not_mind_30_hours() {
    as_fast_as_at_first(Player::Ffplay, &["avi", "flv", "mpegts", "mp4"]);
}

#[test]
fn vlc_does_not_mind_30_hours() {
    as_fast_as_at_first(Player::Vlc, &["avi", "flv", "mpegts", "mp4"]);
}

#[test]
fn gstreamer_does_not_mind_30_hours() {
    as_fast_as_at_first(Player::GStreamer, &["avi", "flv", "mpegts", "mp4"]);
}

#[test]
fn mpv_does_not_mind_30_hours() {
    as_fast_as_at_first(Player::Mpv, &["avi", "flv", "mpegts", "mp4"]);
}

#[test]
fn chromium_does_not_mind_30_hours() {
    as_fast_as_at_first(Player::Chromium, &["mp4"]);
}
