//! Whole files: the corpus, and text that is no configuration.

use std::fs;
use std::path::PathBuf;

use super::{fix, parse};

/// A file of the corpus.
fn corpus(name: &str) -> String {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("conformance/corpus/ffserver/conf");
    fs::read_to_string(folder.join(name)).unwrap()
}

#[test]
fn configurations_that_ran_on_ffserver_are_understood() {
    for name in [
        "t08.conf",
        "t32.conf",
        "last.conf",
        "perf.conf",
        "lat.conf",
        "up.conf",
        "crash.conf",
    ] {
        assert!(parse(&corpus(name), name).0.is_some(), "{name}");
    }
}

#[test]
fn the_repaired_tutorial_has_its_two_streams() {
    let (config, _) = parse(&fix(&corpus("tutorial_verbatim.conf")), "tutorial.conf");
    let config = config.unwrap();
    let names: Vec<_> = config
        .streams
        .iter()
        .map(|stream| stream.name.as_str())
        .collect();
    assert_eq!(names, ["test.avi", "test.flv"]);
}
