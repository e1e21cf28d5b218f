//! `ferrocast check CONF [--fix]`: explains a configuration, or repairs it.

use std::io::{self, IsTerminal, Write};
use std::iter;
use std::path::Path;
use std::process::ExitCode;

use super::diagnostic::{Diagnostic, Severity};
use super::fix::fix_in;
use super::world::World;
use super::{File, parse_in, render, wants_colour};

/// Checks the file at `path`: everything that is to be said goes to `out`. With `fix` the repaired
/// text goes there, and what is left to decide to `err`.
///
/// Fails if the file, repaired or not, cannot be read or has an error.
pub fn run<O, E>(path: &Path, fix: bool, out: &mut O, err: &mut E) -> ExitCode
where
    O: Write + IsTerminal,
    E: Write + IsTerminal,
{
    let colours = (wants_colour(out), wants_colour(err));
    match check(path, fix, colours, out, err) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            // There is nowhere else to say it.
            let _ = writeln!(err, "{}: {error}", path.display());
            ExitCode::FAILURE
        }
    }
}

/// Whether the server can start with the file, repaired or not.
fn check(
    path: &Path,
    fix: bool,
    (out_colour, err_colour): (bool, bool),
    out: &mut dyn Write,
    err: &mut dyn Write,
) -> io::Result<bool> {
    let file = File::read(path)?;
    let name = path.to_string_lossy();
    if fix {
        let fixed = fix_in(&file.text, World::SYSTEM);
        let (config, mut left) = parse_in(&fixed, &name, World::SYSTEM);
        left.retain(|found| found.severity > Severity::Note);
        out.write_all(fixed.as_bytes())?;
        err.write_all(render(&left, &fixed, err_colour).as_bytes())?;
        return Ok(config.is_some());
    }
    file.tell(Severity::Note, out_colour, out)?;
    writeln!(out, "{name}: {}", summary(&file.found))?;
    Ok(file.config.is_some())
}

/// The numbers of findings, and what `--fix` can do about them.
fn summary(found: &[Diagnostic]) -> String {
    let counted = |(severity, one): (Severity, &str)| match found
        .iter()
        .filter(|found| found.severity == severity)
        .count()
    {
        0 => None,
        1 => Some(format!("1 {one}")),
        n => Some(format!("{n} {one}s")),
    };
    let parts = [
        (Severity::Error, "error"),
        (Severity::Warning, "warning"),
        (Severity::Note, "note"),
    ];
    let parts: Vec<_> = parts.into_iter().filter_map(counted).collect();
    let counts = if parts.is_empty() {
        "no problems".to_owned()
    } else {
        parts.join(", ")
    };
    let repairable = found
        .iter()
        .filter(|found| !found.repairs.is_empty())
        .count();
    let repair = (repairable > 0).then(|| format!("`--fix` repairs {repairable} of them"));
    iter::once(counts)
        .chain(repair)
        .collect::<Vec<_>>()
        .join("; ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn checked(text: &[u8], fix: bool) -> (bool, String, String) {
        let folder = Folder::new();
        let path = folder.0.join("test.conf");
        std::fs::write(&path, text).unwrap();
        let (mut out, mut err) = (Vec::new(), Vec::new());
        let usable = check(&path, fix, (false, false), &mut out, &mut err).unwrap();
        let text = |bytes| {
            String::from_utf8(bytes)
                .unwrap()
                .replace(folder.0.to_str().unwrap(), "")
        };
        (usable, text(out), text(err))
    }

    /// A folder of the test's own, gone when the test ends.
    struct Folder(std::path::PathBuf);

    impl Folder {
        fn new() -> Self {
            use std::sync::atomic::{AtomicU32, Ordering};
            static NEXT: AtomicU32 = AtomicU32::new(0);
            let next = NEXT.fetch_add(1, Ordering::Relaxed);
            let name = format!("ferrocast-check-{}-{next}", std::process::id());
            let path = std::env::temp_dir().join(name);
            std::fs::create_dir(&path).unwrap();
            Self(path)
        }
    }

    impl Drop for Folder {
        fn drop(&mut self) {
            let _ = std::fs::remove_dir_all(&self.0);
        }
    }

    #[test]
    fn a_good_file_passes() {
        let (usable, out, err) = checked(b"HTTPPort 8090\n", false);
        assert_eq!(
            (usable, out.as_str(), err.as_str()),
            (true, "/test.conf: no problems\n", "")
        );
    }

    #[test]
    fn a_bad_file_is_explained_and_refused() {
        let (usable, out, err) = checked(b"HTTPPort 8090,\nLoadModule x\n", false);
        assert!(!usable);
        assert!(out.contains("/test.conf:1:10"), "{out}");
        assert!(
            out.ends_with("/test.conf: 1 error, 1 warning; `--fix` repairs 1 of them\n"),
            "{out}"
        );
        assert_eq!(err, "");
    }

    #[test]
    fn a_repaired_file_goes_to_the_output_and_the_rest_to_the_errors() {
        let (usable, out, err) = checked(b"HTTPPort 8090,\nLoadModule x\n", true);
        assert_eq!(
            (usable, out.as_str()),
            (true, "HTTPPort 8090\nLoadModule x\n")
        );
        assert!(
            err.contains("`LoadModule` does not work in this version"),
            "{err}"
        );
    }

    #[test]
    fn a_media_file_that_is_missing_is_a_warning() {
        let text = b"HTTPPort 8090\n<Stream a.avi>\nFile /nonexistent.avi\n</Stream>\n";
        let (usable, out, _) = checked(text, false);
        assert!(usable);
        assert!(out.contains("warning: no file `/nonexistent.avi`"), "{out}");
    }

    #[test]
    fn other_encodings_are_read_as_latin_1() {
        let (usable, out, _) = checked(b"# gr\xfc\xdfe\nHTTPPort\xa08090\n", false);
        assert!(usable);
        assert!(out.contains("the file is not UTF-8"), "{out}");
        assert!(out.contains("/test.conf:1:5"), "{out}");
        assert!(out.contains("special space"), "{out}");
        let (_, out, _) = checked(b"# gr\xfc\xdfe\nFile \x93/a b\x94\n", false);
        assert!(out.contains("typographic quotes"), "{out}");
    }

    #[test]
    fn a_file_that_is_not_there_is_an_error() {
        let path = Path::new("/nonexistent.conf");
        let (mut out, mut err) = (Vec::new(), Vec::new());
        assert!(check(path, false, (false, false), &mut out, &mut err).is_err());
    }
}
