//! Looks for nasm, which assembles the fast paths of the H.264 encoder and decoder on x86.
//!
//! Its own build script leaves them out without a word if nasm is missing; here the feature `simd`
//! makes that an error, and without the feature a warning.

use std::env;
use std::process::{Command, Stdio};

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-env-changed=OPENH264_NO_ASM");
    println!("cargo::rerun-if-env-changed=PATH");
    let arch = env::var("CARGO_CFG_TARGET_ARCH").unwrap_or_default();
    if !matches!(arch.as_str(), "x86" | "x86_64") {
        return; // NEON is assembled by the C compiler; elsewhere there is no assembly
    }
    let missing = if env::var_os("OPENH264_NO_ASM").is_some() {
        "OPENH264_NO_ASM is set"
    } else if !has_nasm() {
        "nasm was not found"
    } else {
        return;
    };
    let effect = "the H.264 encoder and decoder are built without assembly, 2 to 4 times slower";
    if env::var_os("CARGO_FEATURE_SIMD").is_some() {
        println!("cargo::error=feature `simd`: {missing}; {effect}");
    } else {
        println!("cargo::warning={missing}: {effect}");
    }
}

fn has_nasm() -> bool {
    Command::new("nasm")
        .arg("-v")
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .is_ok_and(|status| status.success())
}
