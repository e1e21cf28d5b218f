//! The judges are judged: a player that is given a good file must pass, one that is given a damaged
//! file must not. Without this the suite could not fail.

use std::fs;

use crate::harness::fixture::Fixture;
use crate::harness::player::{Player, decode, probe_packets};
use crate::harness::scratch::{Scratch, corpus};
use crate::harness::skip::has_tools;
use std::time::Duration;

/// A clip of the corpus in a format that the player opens.
fn clip(player: Player) -> (&'static str, &'static str, &'static str) {
    match player {
        Player::Chromium => ("media/v_h264.mp4", "mp4", "video/mp4"),
        _ => ("media/av_h264_aac.ts", "mpegts", "video/MP2T"),
    }
}

fn judge(player: Player) {
    if !has_tools(player.tools()) {
        return;
    }
    let (path, format, mime_type) = clip(player);
    let scratch = Scratch::new();
    let whole = fs::read(corpus(path)).expect("a clip of the corpus");
    let good = Fixture::of_bytes(mime_type, whole.clone());
    let played = player.play(&good.url("/clip"), format, &scratch);
    assert!(played.is_ok(), "a good file: {played:?}");

    let bad = Fixture::of_bytes(mime_type, damage(&whole));
    let played = player.play(&bad.url("/clip"), format, &scratch);
    assert!(played.is_err(), "a damaged file: {played:?}");
}

/// All but the first 2000 bytes turned over.
fn damage(whole: &[u8]) -> Vec<u8> {
    let flip = |(at, byte): (usize, &u8)| if at < 2000 { *byte } else { !byte };
    whole.iter().enumerate().map(flip).collect()
}

#[test]
fn ffmpeg_tells_good_from_bad() {
    judge(Player::Ffmpeg);
}

#[test]
fn ffplay_tells_good_from_bad() {
    judge(Player::Ffplay);
}

#[test]
fn vlc_tells_good_from_bad() {
    judge(Player::Vlc);
}

#[test]
fn gstreamer_tells_good_from_bad() {
    judge(Player::GStreamer);
}

#[test]
fn mpv_tells_good_from_bad() {
    judge(Player::Mpv);
}

#[test]
fn chromium_tells_good_from_bad() {
    judge(Player::Chromium);
}

#[test]
fn ffprobe_counts_packets() {
    if !has_tools(&["ffprobe", "ffmpeg"]) {
        return;
    }
    let whole = fs::read(corpus("media/v_h264.mp4")).expect("a clip of the corpus");
    let cut = Fixture::of_bytes("video/mp4", whole[..whole.len() / 2].to_vec());
    let decoded = decode(&["-i", &cut.url("/clip")], "9", Duration::from_secs(20));
    assert!(decoded.is_err(), "half a file: {decoded:?}");

    let whole = fs::read(corpus("media/av_h264_aac.flv")).expect("a clip of the corpus");
    let server = Fixture::of_bytes("video/x-flv", whole);
    let video = probe_packets(&server.url("/clip"), "%+2").expect("a good file");
    assert_eq!(video["codec_name"], "h264");
    assert_eq!(video["width"], 320);
    let packets: u32 = video["nb_read_packets"]
        .as_str()
        .expect("a count")
        .parse()
        .expect("a number");
    assert!(
        (50..=53).contains(&packets),
        "2 s of 25 pictures: {packets}"
    );
}
