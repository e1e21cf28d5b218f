//! The nearest right spelling.

use strsim::damerau_levenshtein;

/// The candidate most like `word` in any case, if one is like it at all: a third of the letters
/// may differ.
pub(crate) fn nearest<'a>(
    word: &str,
    candidates: impl IntoIterator<Item = &'a str>,
) -> Option<&'a str> {
    const MAX_WORD_BYTES: usize = 64;
    const MAX_CANDIDATES: usize = 1000;
    if word.is_empty() || word.len() > MAX_WORD_BYTES {
        return None;
    }
    let word = word.to_lowercase();
    let allowed = (word.chars().count() / 3).max(1);
    candidates
        .into_iter()
        .take(MAX_CANDIDATES)
        .map(|candidate| {
            (
                damerau_levenshtein(&word, &candidate.to_lowercase()),
                candidate,
            )
        })
        .min_by_key(|&(distance, _)| distance)
        .filter(|&(distance, _)| distance <= allowed)
        .map(|(_, candidate)| candidate)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nearest_is_close_or_nothing() {
        const WORDS: [&str; 4] = ["VideoSize", "VideoBitRate", "Feed", "Preroll"];
        for (name, word, want) in [
            ("letter missing", "VidoSize", Some("VideoSize")),
            ("letters swapped", "Fede", Some("Feed")),
            ("another case", "PREROL", Some("Preroll")),
            ("nothing like it", "Banana", None),
            ("empty", "", None),
        ] {
            assert_eq!(nearest(word, WORDS), want, "{name}");
        }
        assert_eq!(nearest(&"x".repeat(100_000), WORDS), None);
    }
}
