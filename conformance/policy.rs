//! The rules of `deny.toml` that can be checked without cargo-deny: licences, sources, bans.

use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;

use serde::Deserialize;
use serde_json::Value;

#[derive(Debug, Deserialize)]
struct Deny {
    licenses: Licenses,
    bans: Bans,
    sources: Sources,
}

#[derive(Debug, Deserialize)]
struct Licenses {
    allow: Vec<String>,
}

#[derive(Debug, Deserialize)]
struct Bans {
    deny: Vec<Banned>,
}

#[derive(Debug, Deserialize)]
struct Banned {
    #[serde(rename = "crate")]
    name: String,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "kebab-case")]
struct Sources {
    allow_registry: Vec<String>,
}

fn rules() -> Deny {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("deny.toml");
    let text = std::fs::read_to_string(path).expect("deny.toml");
    toml::from_str(&text).expect("deny.toml")
}

/// Every package that a build for this platform uses, development included.
fn packages() -> Vec<Value> {
    let target = std::env::consts::ARCH.to_owned() + "-unknown-linux-gnu";
    let output = Command::new(env!("CARGO"))
        .args([
            "metadata",
            "--format-version=1",
            "--all-features",
            "--locked",
            "--offline",
        ])
        .args(["--filter-platform", &target])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .expect("cargo metadata");
    let answer: Value = serde_json::from_slice(&output.stdout)
        .unwrap_or_else(|error| panic!("{error}: {}", String::from_utf8_lossy(&output.stderr)));
    answer["packages"]
        .as_array()
        .expect("a list of packages")
        .clone()
}

/// Whether an SPDX expression can be satisfied by allowed licences. (`OR`, `AND`, brackets, and `/`
/// as old manifests write for `OR`.)
fn satisfied(expression: &str, allowed: &BTreeSet<&str>) -> bool {
    let spaced = expression
        .replace('(', " ( ")
        .replace(')', " ) ")
        .replace('/', " OR ");
    let words: Vec<&str> = spaced.split_whitespace().collect();
    let mut rest = &words[..];
    any_of(&mut rest, allowed) && rest.is_empty()
}

fn any_of(words: &mut &[&str], allowed: &BTreeSet<&str>) -> bool {
    let mut holds = all_of(words, allowed);
    while let Some(("OR", rest)) = words.split_first().map(|(word, rest)| (*word, rest)) {
        *words = rest;
        holds |= all_of(words, allowed);
    }
    holds
}

fn all_of(words: &mut &[&str], allowed: &BTreeSet<&str>) -> bool {
    let mut holds = one(words, allowed);
    while let Some(("AND", rest)) = words.split_first().map(|(word, rest)| (*word, rest)) {
        *words = rest;
        holds &= one(words, allowed);
    }
    holds
}

fn one(words: &mut &[&str], allowed: &BTreeSet<&str>) -> bool {
    let Some((word, rest)) = words.split_first() else {
        return false;
    };
    *words = rest;
    if *word == "(" {
        let holds = any_of(words, allowed);
        *words = words.split_first().map_or(&[][..], |(_, rest)| rest);
        return holds;
    }
    let mut license = (*word).to_owned();
    if let Some(("WITH", rest)) = words.split_first().map(|(word, rest)| (*word, rest)) {
        let exception = rest.first().copied().unwrap_or_default();
        license = format!("{license} WITH {exception}");
        *words = rest.get(1..).unwrap_or_default();
    }
    allowed.contains(license.as_str())
}

#[test]
fn every_licence_is_allowed() {
    let rules = rules();
    let allowed = rules.licenses.allow.iter().map(String::as_str).collect();
    for package in packages() {
        let license = package["license"].as_str().unwrap_or("none stated");
        let name = &package["name"];
        assert!(satisfied(license, &allowed), "{name} is under {license}");
    }
}

#[test]
fn every_package_comes_from_an_allowed_registry() {
    let rules = rules();
    for package in packages() {
        // A package of this workspace, or a patch in it, has no source.
        if let Some(source) = package["source"].as_str() {
            let known = rules
                .sources
                .allow_registry
                .iter()
                .any(|registry| source.strip_prefix("registry+") == Some(registry));
            assert!(known, "{} comes from {source}", package["name"]);
        }
    }
}

#[test]
fn banned_packages_are_absent() {
    let rules = rules();
    let names: Vec<String> = packages()
        .iter()
        .filter_map(|package| package["name"].as_str().map(str::to_owned))
        .collect();
    for banned in rules.bans.deny {
        assert!(!names.contains(&banned.name), "{} is banned", banned.name);
    }
}

#[test]
fn licence_expressions_are_understood() {
    let allowed = ["MIT", "Apache-2.0", "Apache-2.0 WITH LLVM-exception"]
        .into_iter()
        .collect();
    for (expression, want) in [
        ("MIT", true),
        ("MIT OR Apache-2.0", true),
        ("GPL-3.0 OR MIT", true),
        ("GPL-3.0 AND MIT", false),
        ("(GPL-3.0 OR MIT) AND Apache-2.0", true),
        ("(GPL-3.0 OR BSD-2-Clause) AND Apache-2.0", false),
        ("Apache-2.0 WITH LLVM-exception OR GPL-3.0", true),
        ("GPL-2.0 WITH Classpath-exception-2.0", false),
        ("Unlicense/MIT", true),
        ("none stated", false),
    ] {
        assert_eq!(satisfied(expression, &allowed), want, "{expression}");
    }
}
