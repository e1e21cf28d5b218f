//! What muxing costs: each container beside a copy of the same packets.
//!
//! `cargo bench --bench mux`. Each number is the median of the rounds, least and most in brackets;
//! within a round the containers take turns, so that a busy machine slows all of them.

#![expect(clippy::print_stdout, reason = "a bench's result is what it prints")]

#[expect(dead_code, reason = "the other benches use the rest of it")]
mod load;

use std::hint::black_box;

use formats::Format;
use load::clip::Clip;
use media::Timestamp;
use rustix::time::{ClockId, clock_gettime};

const ROUNDS: usize = 9;
const PACKETS: usize = 20_000;

const CONTAINERS: [Format; 6] = [
    Format::Avi,
    Format::Flv,
    Format::MpegTs,
    Format::Mp4,
    Format::Ffm,
    Format::H264,
];

fn cpu_seconds() -> f64 {
    let now = clock_gettime(ClockId::ThreadCPUTime);
    now.tv_sec as f64 + now.tv_nsec as f64 / 1e9
}

/// Muxes the clip again and again, a buffer per packet used anew as the server does. Returns the
/// processor seconds and the bytes written.
fn mux(clip: &Clip, format: Format) -> (f64, u64) {
    let mut muxer = format.muxer(&clip.tracks).expect("H.264 fits");
    let mut out = Vec::new();
    muxer
        .write_header(Timestamp::ZERO, &mut out)
        .expect("a header");
    let mut written = 0;
    let start = cpu_seconds();
    for index in 0..PACKETS {
        out.clear();
        muxer
            .write_packet(&clip.packet(index), &mut out)
            .expect("a packet");
        written += black_box(&out).len() as u64;
    }
    (cpu_seconds() - start, written)
}

/// The reference: the packets copied to the same buffer, and nothing else.
fn copy(clip: &Clip) -> (f64, u64) {
    let mut out = Vec::new();
    let mut written = 0;
    let start = cpu_seconds();
    for index in 0..PACKETS {
        out.clear();
        out.extend_from_slice(&clip.packet(index).data);
        written += black_box(&out).len() as u64;
    }
    (cpu_seconds() - start, written)
}

fn main() {
    let clip = Clip::encode();
    let payload = copy(&clip).1;
    let mut seconds = vec![Vec::new(); 1 + CONTAINERS.len()];
    let mut written = vec![payload; 1 + CONTAINERS.len()];
    for _ in 0..ROUNDS {
        seconds[0].push(copy(&clip).0);
        for (index, format) in CONTAINERS.into_iter().enumerate() {
            let (took, bytes) = mux(&clip, format);
            seconds[index + 1].push(took);
            written[index + 1] = bytes;
        }
    }
    println!("{PACKETS} packets of {} bytes", payload / PACKETS as u64);
    println!("load {}\n", load::process::load());
    println!("| container | ns per packet | times the copy | MB/s | overhead % |");
    println!("|---|---|---|---|---|");
    let names = ["copy of the packets"].into_iter();
    let names = names.chain(CONTAINERS.iter().map(|format| format.name()));
    let mut copy_ns = None;
    for ((name, mut times), bytes) in names.zip(seconds).zip(written) {
        times.sort_by(f64::total_cmp);
        let ns = |seconds: f64| seconds * 1e9 / PACKETS as f64;
        let median = times[ROUNDS / 2];
        let reference = *copy_ns.get_or_insert(ns(median));
        println!(
            "| {name} | {:.0} ({:.0} to {:.0}) | {:.1} | {:.0} | {:.2} |",
            ns(median),
            ns(times[0]),
            ns(times[ROUNDS - 1]),
            ns(median) / reference,
            payload as f64 / 1e6 / median,
            (bytes as f64 / payload as f64 - 1.0) * 100.0,
        );
    }
}
