//! Names of files.

use std::path::PathBuf;

use super::Wrong;

/// A file name.
pub(crate) fn path(word: &str) -> Result<PathBuf, Wrong> {
    if word.starts_with("~/") {
        return Err(Wrong::new("`~` stands for nothing here").help("write the whole path"));
    }
    if word.len() > MAX_PATH_BYTES {
        return Err(Wrong::new(format!(
            "a path has at most {MAX_PATH_BYTES} bytes"
        )));
    }
    Ok(PathBuf::from(word))
}

/// Longer paths are no paths on Linux (`PATH_MAX`, limits.h).
const MAX_PATH_BYTES: usize = 4096;

/// The path without the space that crept in before its extension: `a/test. FLV` is `a/test.flv`.
pub(crate) fn without_space_before_extension(word: &str) -> Option<String> {
    let (folder, name) = word
        .rfind('/')
        .map_or(("", word), |at| word.split_at(at + 1));
    let (stem, extension) = name.rsplit_once('.')?;
    let bare = extension.trim_start();
    let crept_in = bare.len() < extension.len()
        && (1..=5).contains(&bare.len())
        && bare.chars().all(|c| c.is_ascii_alphanumeric());
    crept_in.then(|| format!("{folder}{}.{}", stem.trim_end(), bare.to_ascii_lowercase()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_space_before_the_extension_is_recognised() {
        for (word, want) in [
            (
                "/project/apps/ffserver/test. FLV",
                Some("/project/apps/ffserver/test.flv"),
            ),
            ("test. avi", Some("test.avi")),
            ("/a b/c d. flv", Some("/a b/c d.flv")),
            ("/a/b.flv", None),
            ("/a. b/c.flv", None),
            ("/a/Mr. Smith goes home.flv", None),
            ("/a/no extension", None),
            ("/a/b. not an extension", None),
        ] {
            assert_eq!(
                without_space_before_extension(word).as_deref(),
                want,
                "{word}"
            );
        }
    }
}
