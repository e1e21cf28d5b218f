//! Text that nobody wrote on purpose: random configurations, damaged files, and too much of it.

use std::fmt::Write as _;

use super::corpus;
use crate::config::directive;
use crate::config::tag::Section;
use crate::config::{Severity, decode, fix, parse, render};

/// A random number generator whose numbers are the same in every run (Marsaglia's xorshift).
struct Random(u64);

impl Random {
    fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % u64::try_from(limit).unwrap()).unwrap()
    }

    fn one<'a, T: ?Sized>(&mut self, of: &[&'a T]) -> &'a T {
        of[self.below(of.len())]
    }
}

/// Words of every kind, right and wrong.
const WORDS: [&str; 56] = [
    "0",
    "1",
    "10",
    "99",
    "8090",
    "65535",
    "65536",
    "-1",
    "1.5",
    "0x10",
    "1m",
    "5M",
    "1 m",
    "64K",
    "cif",
    "352x288",
    "352 x 288",
    "0x0",
    "111x111",
    "pal",
    "30000/1001",
    "1/0",
    "25fps",
    "avi",
    "flv",
    "mpegts",
    "mpjpeg",
    "rtp",
    "status",
    "asf",
    "nosuch",
    "libx264",
    "mjpeg",
    "aac",
    "mp2",
    "allow",
    "deny",
    "allow 10.0.0.1 10.0.0.9",
    "allow 10.0.0.0/8",
    "deny ::1",
    "127.0.0.1",
    "localhost",
    "a.flv",
    "f.ffm",
    "\"a b\"",
    "'x",
    "\u{201c}a b\u{201d}",
    "\u{a0}",
    "#",
    "/tmp/a",
    "\"/a/b. FLV\"",
    "http://a/b",
    "g 3",
    "flags +global_header",
    "title \"A b\"",
    "\0",
];

fn line(random: &mut Random, out: &mut String) {
    let section = random.one(&[
        &Section::Global,
        &Section::Feed,
        &Section::Stream,
        &Section::Redirect,
    ]);
    let known: Vec<_> = directive::of_section(*section)
        .flat_map(directive::Directive::names)
        .collect();
    let keyword = random.one(&known);
    let gap = random.one(&[" ", "  ", "\t", "", "=", " = ", ", ", "\u{a0}"]);
    let _ = write!(out, "{keyword}{gap}{}", random.one(&WORDS));
    out.push_str(random.one(&[
        "\n", "\n", "\n", "\r\n", " # x\n", ",\n", " more\n", "\n\n", "",
    ]));
}

fn section(random: &mut Random, out: &mut String) {
    let open = random.one(&[
        "<Feed ",
        "<Stream ",
        "<Redirect ",
        "<feed ",
        "<Steam ",
        "<Stream",
        "< Feed ",
    ]);
    let name = random.one(&[
        "f.ffm", "a.flv", "b. Avi", "\"c\"", "", "/d", "a?b", "\u{a0}e",
    ]);
    let _ = write!(
        out,
        "{open}{name}{}",
        random.one(&[">\n", " >\n", "> # x\n", "\n", "> x\n"])
    );
    for _ in 0..random.below(8) {
        line(random, out);
    }
    out.push_str(random.one(&[
        "</Feed>\n",
        "</Stream>\n",
        "</Redirect>\n",
        "</Stream\n",
        "",
        "</ Feed >\n",
    ]));
}

/// What holds for every text.
fn check(text: &str) {
    let (config, found) = parse(text, "t");
    let errors = found
        .iter()
        .filter(|found| found.severity == Severity::Error)
        .count();
    assert_eq!(config.is_none(), errors > 0, "{text:?}");
    let lines = text.split('\n').count();
    for finding in &found {
        assert!((1..=lines).contains(&finding.line), "{finding} of {text:?}");
        assert!(finding.column >= 1, "{finding} of {text:?}");
        assert!(
            text.get(finding.span.start..finding.span.end).is_some(),
            "{finding} of {text:?}"
        );
        assert!(
            !finding.message.is_empty() && !finding.message.contains(char::is_control),
            "{text:?}"
        );
    }
    let shown = render(&found, text, false);
    assert!(
        !shown.contains('\u{1b}') && !shown.contains('\0'),
        "{text:?}"
    );
    let fixed = fix(text);
    let (_, left) = parse(&fixed, "t");
    assert!(
        left.iter().all(|found| found.repairs.is_empty()),
        "{text:?} became {fixed:?}: {left:#?}"
    );
}

#[test]
fn random_configurations_are_understood_or_refused_with_a_line() {
    let mut random = Random(0x005e_ed0f_c0ff_ee11);
    let mut usable = 0;
    for _ in 0..3000 {
        let mut text = String::new();
        for _ in 0..random.below(4) {
            line(&mut random, &mut text);
        }
        for _ in 0..random.below(4) {
            section(&mut random, &mut text);
        }
        check(&text);
        usable += usize::from(parse(&text, "").0.is_some());
    }
    assert!(
        (30..2900).contains(&usable),
        "{usable} of 3000 are usable: the grammar tests nothing"
    );
}

#[test]
fn damaged_files_are_understood_or_refused_with_a_line() {
    let files = ["tutorial_verbatim.conf", "t32.conf", "bad32.conf"].map(corpus);
    let mut random = Random(0x00da_3a6e_d0f1_1e55);
    for _ in 0..2000 {
        let mut bytes = random.one(&files.each_ref()).clone().into_bytes();
        for _ in 0..=random.below(8) {
            if bytes.is_empty() {
                break;
            }
            let at = random.below(bytes.len());
            match random.below(5) {
                0 => bytes[at] ^= 1 << random.below(8),
                1 => bytes.insert(at, u8::try_from(random.below(256)).unwrap()),
                2 => drop(bytes.remove(at)),
                3 => bytes.truncate(at.max(1)),
                _ => {
                    let copy = bytes[at..bytes.len().min(at + 40)].to_vec();
                    let to = random.below(bytes.len());
                    bytes.splice(to..to, copy);
                }
            }
        }
        check(&decode(bytes).0);
    }
}

#[test]
fn every_prefix_of_a_file_is_understood_or_refused_with_a_line() {
    let text = corpus("tutorial_verbatim.conf");
    for end in (0..=text.len()).filter(|&end| text.is_char_boundary(end)) {
        check(&text[..end]);
    }
}

#[test]
fn too_much_text_is_refused_in_bounded_time_and_space() {
    let long = "x".repeat(1 << 20);
    let sections = "<Feed f>\n</Feed>\n".repeat(100_000);
    let words = "a ".repeat(500_000);
    let mut names = String::new();
    for n in 0..20_000 {
        let _ = write!(names, "<Stream s{n}.flv>\nFeed f{n}\n</Stream>\n");
    }
    for (name, text, problem) in [
        (
            "a long line",
            format!("File {long}\n"),
            "the line is longer than 4096 bytes",
        ),
        ("many words", words, "the line is longer than 4096 bytes"),
        ("many sections", sections, "more than 10000 sections"),
        ("many names", names, "more than 10000 sections"),
        (
            "many errors",
            "Nonsense 1\n".repeat(100_000),
            "1000 errors: the rest of the file is not read",
        ),
        ("NULs", "\0".repeat(3000), "control characters in"),
        (
            "too large",
            "#\n".repeat(9 << 20),
            "the file has 18874368 bytes, the limit is 16777216",
        ),
    ] {
        let (config, found) = parse(&text, name);
        assert!(config.is_none(), "{name}");
        let hit = found.iter().any(|found| found.message.starts_with(problem));
        assert!(
            hit || found.iter().any(|found| found.message.contains(problem)),
            "{name}"
        );
        assert!(found.len() <= 2001, "{name}");
        let shown = render(&found, &text, false);
        assert!(shown.len() < 1 << 20, "{name}: {} bytes", shown.len());
    }
}
