//! Puts right what surely was meant otherwise.

use super::diagnostic::{Diagnostic, Repair};
use super::parse_in;
use super::world::World;

/// One repair can bring another to light; more rounds than this mean that they disagree.
const MAX_ROUNDS: usize = 8;

/// The text with every safe repair made. Lines keep their order, and comments and blank lines stay.
///
/// What needs a decision is left as it is: [`parse`](super::parse) of the result names it.
#[must_use]
pub fn fix(text: &str) -> String {
    fix_in(text, World::NONE)
}

pub(crate) fn fix_in(text: &str, world: World) -> String {
    let mut text = text.to_owned();
    for _ in 0..MAX_ROUNDS {
        let (_, found) = parse_in(&text, "", world);
        let Some(repaired) = apply(&text, &found) else {
            break;
        };
        text = repaired;
    }
    text
}

/// The text with the repairs of one round; `None` if there are none. Of findings whose repairs
/// overlap the first is repaired, the others in the next round.
fn apply(text: &str, found: &[Diagnostic]) -> Option<String> {
    let mut repairs: Vec<&Repair> = Vec::new();
    for diagnostic in found {
        let free = |new: &Repair| repairs.iter().rev().take(64).all(|old| apart(old, new));
        if diagnostic.repairs.iter().all(free) {
            repairs.extend(&diagnostic.repairs);
        }
    }
    repairs.sort_by_key(|repair| repair.span);
    let mut repaired = String::with_capacity(text.len());
    let mut done = 0;
    for repair in &repairs {
        // Spans come from this very text; one that did not would be left out.
        if repair.span.start >= done
            && let Some(kept) = text.get(done..repair.span.start)
        {
            repaired.push_str(kept);
            repaired.push_str(&repair.text);
            done = repair.span.end;
        }
    }
    repaired.push_str(text.get(done..).unwrap_or(""));
    (!repairs.is_empty()).then_some(repaired)
}

fn apart(a: &Repair, b: &Repair) -> bool {
    a.span.end < b.span.start || b.span.end < a.span.start
}
