//! `cases.toml`: what every player is expected to make of every format, and the README's table,
//! which is made from it.

use std::path::Path;

use serde::Deserialize;

use crate::harness::player::Player;

/// A row.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Case {
    pub(crate) player: String,
    pub(crate) format: String,
    pub(crate) transport: String,
    pub(crate) expect: Expect,
    pub(crate) reason: Option<String>,
}

/// What is expected.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Expect {
    Plays,
    Fails,
}

#[derive(Debug, Deserialize)]
struct Table {
    case: Vec<Case>,
}

/// Every row.
pub(crate) fn cases() -> Vec<Case> {
    let table: Table = toml::from_str(include_str!("cases.toml")).expect("cases.toml");
    table.case
}

/// Formats in the order of their first row.
pub(crate) fn formats() -> Vec<String> {
    let mut formats: Vec<String> = Vec::new();
    for case in cases() {
        if !formats.contains(&case.format) {
            formats.push(case.format);
        }
    }
    formats
}

/// The table of the README: formats down, players across, reasons below.
fn markdown() -> String {
    let players: Vec<&str> = Player::ALL.iter().map(|player| player.name()).collect();
    let mut reasons: Vec<String> = Vec::new();
    let mut out = format!(
        "| format | {} |\n|---|{}\n",
        players.join(" | "),
        "---|".repeat(players.len())
    );
    for format in formats() {
        let cells: Vec<String> = players
            .iter()
            .map(|player| cell(player, &format, &mut reasons))
            .collect();
        out.push_str(&format!("| `{format}` | {} |\n", cells.join(" | ")));
    }
    for (at, reason) in reasons.iter().enumerate() {
        out.push_str(&format!("\n({}) {reason}\n", at + 1));
    }
    out
}

fn cell(player: &str, format: &str, reasons: &mut Vec<String>) -> String {
    let case = cases()
        .into_iter()
        .find(|case| case.player == player && case.format == format)
        .unwrap_or_else(|| panic!("no row for {player} and {format}"));
    let Some(reason) = case.reason else {
        return "yes".to_owned();
    };
    let at = reasons
        .iter()
        .position(|known| *known == reason)
        .unwrap_or_else(|| {
            reasons.push(reason);
            reasons.len() - 1
        });
    format!("no ({})", at + 1)
}

#[test]
fn every_player_has_one_row_for_every_format() {
    for player in Player::ALL {
        for format in formats() {
            let rows = cases()
                .iter()
                .filter(|case| case.player == player.name() && case.format == format)
                .count();
            assert_eq!(rows, 1, "{} and {format}", player.name());
        }
    }
    for case in cases() {
        assert_eq!(case.transport, "http", "{case:?}");
        let known = Player::ALL
            .iter()
            .any(|player| player.name() == case.player);
        assert!(known, "no such player: {case:?}");
    }
}

#[test]
fn whatever_does_not_play_has_a_reason() {
    for case in cases() {
        let wants_reason = case.expect != Expect::Plays;
        assert_eq!(case.reason.is_some(), wants_reason, "{case:?}");
    }
}

#[test]
fn the_readme_shows_this_table() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("README.md");
    let readme = std::fs::read_to_string(&path).expect("README.md");
    let (before, rest) = readme.split_once(START).expect("the start mark");
    let (shown, after) = rest.split_once(END).expect("the end mark");
    let table = format!("\n{}", markdown());
    if std::env::var_os("UPDATE_EXPECT").is_some() {
        let updated = format!("{before}{START}{table}{END}{after}");
        std::fs::write(&path, updated).expect("README.md");
    } else {
        assert_eq!(
            shown, table,
            "UPDATE_EXPECT=1 cargo test --test conformance table:: rewrites it"
        );
    }
}

const START: &str = "<!-- made from conformance/cases.toml -->";
const END: &str = "<!-- end -->";
