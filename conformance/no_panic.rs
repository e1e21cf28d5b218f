//! No input makes a parser panic, loop or fill the memory: each check of `conformance/fuzz` over the
//! corpus and over damaged pieces of it, from a fixed seed. Needs neither nightly nor cargo-fuzz.

#![expect(
    clippy::print_stdout,
    reason = "how many cases ran is part of the answer"
)]

use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

use crate::fuzz;

/// How much the process may grow while a target's cases run. Inputs have at most [`MAX_CASE`] bytes.
const MAX_GROWTH_BYTES: u64 = 96 << 20;

/// The longest damaged piece of a corpus file, in bytes.
const MAX_CASE: usize = 24 << 10;

/// A case that takes longer shows a loop that is more than linear.
const MAX_TIME: Duration = Duration::from_secs(5);

/// Files of the corpus for each target, by what their paths contain; and how many damaged pieces.
const SEEDS: [(&str, &[&str], usize); 18] = [
    ("bitstream", &["/h264/", ".jpg", ".h264", ".mjpeg"], 20_000),
    ("config", &[".conf"], 600),
    ("demux_avi", &[".avi"], 2000),
    ("demux_ffm", &[".ffm"], 1500),
    ("demux_flv", &[".flv"], 2000),
    ("demux_h264", &[".h264"], 1500),
    ("demux_jpeg", &[".jpg"], 2000),
    ("demux_mjpeg", &[".mjpeg", ".jpg"], 1500),
    ("demux_mp4", &[".mp4", ".mov"], 2500),
    ("demux_mpegts", &[".ts"], 1500),
    ("demux_mpjpeg", &[".mpjpeg", ".mjpg"], 1500),
    ("ffm_blocks", &[".ffm"], 4000),
    ("http_body", &["/http/"], 20_000),
    ("http_head", &["/http/", "/rtsp/"], 10_000),
    ("http_target", &["/conf/", "/http/"], 20_000),
    (
        "remux",
        &[
            ".avi",
            ".flv",
            ".mp4",
            ".mov",
            ".ts",
            ".h264",
            ".jpg",
            ".mpjpeg",
            "plain.ffm",
        ],
        800,
    ),
    ("ring_file", &["/ffm2/"], 400),
    ("round_trip", &["/media/"], 2000),
];

/// Inputs that no file of the corpus is near to.
const TEXTS: [&[u8]; 12] = [
    b"",
    b"5\r\nhello\r\n6;name=value\r\n world\r\n0\r\nTrailer: x\r\n\r\nGET / HTTP/1.1\r\n",
    b"fffffffffffff\r\n",
    b"0\r\n\r\n",
    b"GET /live.flv?buffer=0&date=1 HTTP/1.1\r\nHost: a\r\nRange: bytes=0-1\r\nIf-Range: \"x\"\r\n\r\n",
    b"POST /feed1.ffm HTTP/1.0\r\nContent-Length: 18446744073709551615\r\n\r\n",
    b"POST /f HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nExpect: 100-continue\r\n\r\n",
    b"bytes=0-499",
    b"bytes=-500",
    b"bytes=9223372036854775807-18446744073709551615",
    b"http://host:80/%2e%2e%2f%c0%ae?a=%00&b",
    b"\r\n\r\nGET / HTTP/1.1\nHost: x\n\n",
];

/// A test for each target, so that they have a process each and the list of tests tells them.
macro_rules! no_panic {
    ($($target:ident),+ $(,)?) => {$(
        #[test]
        fn $target() {
            run(stringify!($target));
        }
    )+};
}

no_panic!(
    bitstream,
    config,
    demux_avi,
    demux_ffm,
    demux_flv,
    demux_h264,
    demux_jpeg,
    demux_mjpeg,
    demux_mp4,
    demux_mpegts,
    demux_mpjpeg,
    ffm_blocks,
    http_body,
    http_head,
    http_target,
    remux,
    ring_file,
    round_trip,
);

#[test]
fn every_target_has_a_file_for_the_fuzzer_and_a_test_here() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("conformance/fuzz");
    let manifest = fs::read_to_string(root.join("Cargo.toml")).expect("the manifest");
    for ((name, _), (seeded, ..)) in fuzz::TARGETS.iter().zip(SEEDS) {
        assert_eq!(*name, seeded);
        let target = root.join(format!("fuzz_targets/{name}.rs"));
        let text = fs::read_to_string(&target).expect("a libFuzzer target");
        assert!(text.starts_with("// Invariant: "), "{name}");
        assert!(text.contains(&format!("fuzz::run(\"{name}\"")), "{name}");
        assert!(manifest.contains(&format!("name = \"{name}\"")), "{name}");
    }
}

/// Runs a target over its seeds whole, then over damaged pieces of them.
fn run(target: &str) {
    let (_, parts, count) = SEEDS
        .iter()
        .find(|(name, ..)| *name == target)
        .expect("its seeds");
    let seeds = seeds(parts);
    let mut memory = Memory::start();
    let mut bytes = 0_usize;
    let mut slowest = Duration::ZERO;
    let mut try_case = |label: &str, data: &[u8]| {
        let start = Instant::now();
        let case = Failing {
            target,
            label,
            data,
        };
        fuzz::run(target, data);
        std::mem::forget(case);
        slowest = slowest.max(start.elapsed());
        bytes += data.len();
    };
    for (name, data) in &seeds {
        try_case(name, data);
    }
    let mut random = Random(0x5eed_0000_0000_0001);
    for index in 0..*count {
        let data = damaged(&seeds, &mut random);
        try_case(&format!("damaged {index}"), &data);
    }
    let growth = memory.growth();
    println!(
        "no panic: {target}: {} cases ({} whole), {} KiB, slowest {slowest:?}, memory grew by at most {} KiB",
        seeds.len() + count,
        seeds.len(),
        bytes >> 10,
        growth >> 10
    );
    assert!(slowest < MAX_TIME, "{slowest:?} for one case");
    assert!(growth <= MAX_GROWTH_BYTES, "{growth} bytes of growth");
}

/// Tells which case panics, and keeps it for the fuzzer's folder.
struct Failing<'a> {
    target: &'a str,
    label: &'a str,
    data: &'a [u8],
}

impl Drop for Failing<'_> {
    fn drop(&mut self) {
        let path = std::env::temp_dir().join(format!("no_panic-{}", self.target));
        // The panic itself is what is told; this only helps.
        let kept = fs::write(&path, self.data).is_ok();
        eprintln!(
            "{}: {}: {} bytes{}",
            self.target,
            self.label,
            self.data.len(),
            if kept {
                format!(", kept in {}", path.display())
            } else {
                String::new()
            }
        );
    }
}

fn seeds(parts: &[&str]) -> Vec<(String, Vec<u8>)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("conformance/corpus");
    let mut folders = vec![root.clone()];
    let mut found = Vec::new();
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).expect("the corpus").flatten() {
            let path = entry.path();
            let name = format!("/{}", path.strip_prefix(&root).unwrap_or(&path).display());
            if path.is_dir() {
                folders.push(path);
            } else if parts
                .iter()
                .any(|part| name.contains(part) && !name.ends_with(".packets"))
            {
                found.push((name, fs::read(&path).expect("a file of the corpus")));
            }
        }
    }
    assert!(!found.is_empty(), "no seeds");
    found.extend(
        TEXTS
            .iter()
            .enumerate()
            .map(|(index, text)| (format!("text {index}"), text.to_vec())),
    );
    found.sort();
    found
}

/// A piece of a seed with some damage: what a broken disk, a broken sender or an attacker makes.
fn damaged(seeds: &[(String, Vec<u8>)], random: &mut Random) -> Vec<u8> {
    let (_, seed) = &seeds[random.below(seeds.len())];
    // From the start mostly, since that is where the headers are.
    let start = if random.below(4) == 0 {
        random.below(seed.len() + 1)
    } else {
        0
    };
    let limit = if random.below(3) == 0 {
        MAX_CASE
    } else {
        1 << (4 + random.below(10))
    };
    let mut data: Vec<u8> = seed[start..].iter().take(limit).copied().collect();
    for _ in 0..random.below(8) {
        damage(&mut data, seeds, random);
    }
    data
}

fn damage(data: &mut Vec<u8>, seeds: &[(String, Vec<u8>)], random: &mut Random) {
    const NUMBERS: [u32; 10] = [
        0,
        1,
        2,
        8,
        0x7f,
        0x7fff_ffff,
        0x8000_0000,
        0xffff_ffff,
        0xffff_fff8,
        0x0001_0000,
    ];
    const WORDS: [&[u8]; 12] = [
        b"\r\n",
        b"\r\n\r\n",
        b"\0",
        b"\xff\xd9",
        b"\xff\xff",
        b"\0\0\x01",
        b"0",
        b";",
        b"<Feed a.ffm>\n",
        b"ffffffff",
        b"%2e",
        b"-",
    ];
    let len = data.len();
    if len == 0 {
        data.extend(WORDS[random.below(WORDS.len())]);
        return;
    }
    let reach = if random.below(2) == 0 {
        len.min(400)
    } else {
        len
    };
    let at = random.below(reach);
    match random.below(9) {
        0 => data[at] ^= 1 << random.below(8),
        1 => data[at] = [0, 1, 0x7f, 0x80, 0xff][random.below(5)],
        2 | 3 => {
            let number = NUMBERS[random.below(NUMBERS.len())];
            let bytes = if random.below(2) == 0 {
                number.to_be_bytes()
            } else {
                number.to_le_bytes()
            };
            for (to, from) in data[at..].iter_mut().zip(bytes) {
                *to = from;
            }
        }
        4 => drop(data.drain(at..(at + 1 + random.below(64)).min(len))),
        5 => {
            let word = WORDS[random.below(WORDS.len())];
            data.splice(at..at, word.iter().copied());
        }
        6 => {
            let end = (at + 1 + random.below(512)).min(len);
            let copy = data[at..end].to_vec();
            data.splice(at..at, copy);
        }
        7 => {
            let (_, other) = &seeds[random.below(seeds.len())];
            let from = random.below(other.len() + 1);
            let piece: Vec<u8> = other[from..]
                .iter()
                .take(random.below(2000))
                .copied()
                .collect();
            data.splice(at..at, piece);
        }
        _ => data.truncate(at),
    }
}

/// Seeded random numbers (xorshift64*).
struct Random(u64);

impl Random {
    /// A number below `limit`.
    fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        let value = self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 16;
        usize::try_from(value).expect("48 bits") % limit
    }
}

/// The largest resident size since the start (Linux: `VmHWM`, reset through `clear_refs`).
struct Memory {
    before: u64,
}

impl Memory {
    fn start() -> Self {
        // Where this is refused the peak is that of the whole process, and the test only stricter.
        let _ = fs::write("/proc/self/clear_refs", "5");
        Self { before: peak() }
    }

    fn growth(&mut self) -> u64 {
        peak().saturating_sub(self.before)
    }
}

fn peak() -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kib = line.and_then(|line| {
        line.trim()
            .trim_end_matches("kB")
            .trim()
            .parse::<u64>()
            .ok()
    });
    kib.unwrap_or(0) << 10
}
