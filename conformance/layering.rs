//! The arrows of ARCHITECTURE.md that the compiler cannot see.

use std::fs;
use std::path::{Path, PathBuf};

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Every Rust file below a file or folder of the repository.
fn sources(below: &str) -> Vec<PathBuf> {
    let start = root().join(below);
    if start.is_file() {
        return vec![start];
    }
    let mut found = Vec::new();
    let mut folders = vec![start];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
            let path = entry.path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                found.push(path);
            }
        }
    }
    found
}

/// A source file without its comments.
fn code(path: &Path) -> String {
    let text = fs::read_to_string(path).expect("a source file");
    text.lines()
        .map(|line| line.split_once("//").map_or(line, |(code, _)| code))
        .collect::<Vec<_>>()
        .join("\n")
}

/// Whether `word` stands in `code` as a path or a crate, not as a part of another word.
fn names(code: &str, word: &str) -> bool {
    let part = |c: char| c.is_alphanumeric() || c == '_';
    code.match_indices(word)
        .any(|(at, _)| !code[..at].ends_with(part) && !code[at + word.len()..].starts_with(part))
}

#[test]
fn message_and_ring_code_never_names_the_runtime() {
    for below in [
        "src/config",
        "src/feed/ring",
        "src/http",
        "src/rtsp/message",
        "src/rtsp/session",
        "src/web",
    ] {
        for path in sources(below) {
            let code = code(&path);
            for runtime in [
                "smol",
                "async_io",
                "async_net",
                "async_executor",
                "blocking",
                "tokio",
            ] {
                assert!(!names(&code, runtime), "{} names {runtime}", path.display());
            }
        }
    }
}

#[test]
fn containers_and_codecs_are_siblings() {
    for (below, forbidden) in [
        ("codecs/media/src", ["codecs", "formats", "ferrocast"]),
        ("codecs/src", ["formats", "ferrocast", "smol"]),
        ("formats/src", ["codecs", "ferrocast", "smol"]),
    ] {
        for path in sources(below) {
            let code = code(&path);
            for name in forbidden {
                let prefix = format!("{name}::");
                let named = code.match_indices(&prefix).any(|(at, _)| {
                    !code[..at].ends_with(|c: char| c.is_alphanumeric() || c == '_' || c == ':')
                });
                assert!(!named, "{} names {name}", path.display());
            }
        }
    }
}

#[test]
fn formats_do_no_input_or_output() {
    for path in sources("formats/src") {
        let code = code(&path);
        let code = code.split("#[cfg(test)]").next().unwrap_or_default();
        if path.ends_with("testing.rs")
            || path.ends_with("tests.rs")
            || path.components().any(|part| part.as_os_str() == "tests")
        {
            continue;
        }
        for name in [
            "std::fs",
            "std::net",
            "std::time::Instant",
            "SystemTime",
            "tracing",
            "println!",
        ] {
            assert!(!code.contains(name), "{} names {name}", path.display());
        }
    }
}

#[test]
fn no_test_is_left_out() {
    // `conformance/run` runs all tests of the other crates, `--lib --bins` of this one, this suite.
    assert!(!root().join("tests").exists(), "tests/ would not be run");
}

#[test]
fn the_folders_of_the_table_are_there() {
    for folder in [
        "src/config",
        "src/http",
        "formats/src",
        "codecs/src",
        "codecs/media/src",
    ] {
        assert!(!sources(folder).is_empty(), "{folder} has no source file");
    }
}
