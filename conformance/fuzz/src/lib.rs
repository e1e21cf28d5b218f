//! What no input may break: one function for each parser. It takes any bytes and panics if the
//! invariant in its first comment does not hold.
//!
//! libFuzzer calls them from `fuzz_targets`, the conformance suite from `no_panic.rs`, which takes
//! this file in as a module.

mod bitstream;
mod config;
mod demux;
mod ffm;
mod http;
mod remux;
mod ring;
mod round_trip;

use formats::Format;

/// A function that takes any bytes and panics where its invariant does not hold.
pub type Check = fn(&[u8]);

/// Every check by the name of its libFuzzer target.
pub const TARGETS: [(&str, Check); 18] = [
    ("bitstream", bitstream::check),
    ("config", config::check),
    ("demux_avi", |data| demux::check(Format::Avi, data)),
    ("demux_ffm", |data| demux::check(Format::Ffm, data)),
    ("demux_flv", |data| demux::check(Format::Flv, data)),
    ("demux_h264", |data| demux::check(Format::H264, data)),
    ("demux_jpeg", |data| demux::check(Format::Jpeg, data)),
    ("demux_mjpeg", |data| demux::check(Format::Mjpeg, data)),
    ("demux_mp4", |data| demux::check(Format::Mp4, data)),
    ("demux_mpegts", |data| demux::check(Format::MpegTs, data)),
    ("demux_mpjpeg", |data| demux::check(Format::MpJpeg, data)),
    ("ffm_blocks", ffm::check),
    ("http_body", http::check_body),
    ("http_head", http::check_head),
    ("http_target", http::check_target),
    ("remux", remux::check),
    ("ring_file", ring::check),
    ("round_trip", round_trip::check),
];

/// Runs the check of a target.
///
/// # Panics
/// If the invariant does not hold, or there is no such target.
pub fn run(target: &str, data: &[u8]) {
    let (_, check) = TARGETS
        .iter()
        .find(|(name, _)| *name == target)
        .expect("a target of the table");
    check(data);
}
