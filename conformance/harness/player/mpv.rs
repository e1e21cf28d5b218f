//! mpv 0.35: returns 0 after the pictures asked for.

use std::process::Command;
use std::time::Duration;

use super::{ENOUGH_PICTURES, Played, files_in, picture_dir};
use crate::harness::process::run;
use crate::harness::scratch::Scratch;

pub(super) fn play(url: &str, scratch: &Scratch) -> Result<Played, String> {
    let dir = picture_dir(scratch, "mpv");
    let mut command = Command::new("mpv");
    command
        .args([
            "--no-config",
            "--ao=null",
            "--vo=image",
            "--vo-image-format=png",
        ])
        .arg(format!("--vo-image-outdir={}", dir.display()))
        .arg(format!("--frames={ENOUGH_PICTURES}"))
        .args(["--msg-level=all=warn", url]);
    let finished = run(&mut command, Duration::from_secs(40));
    let pictures = files_in(&dir, "png");
    if !finished.success() {
        return Err(format!(
            "{}; {}",
            finished.describe(),
            finished.stdout_text()
        ));
    }
    if pictures.len() < ENOUGH_PICTURES {
        return Err(format!(
            "{} pictures; {}",
            pictures.len(),
            finished.stdout_text()
        ));
    }
    Ok(Played { pictures })
}
