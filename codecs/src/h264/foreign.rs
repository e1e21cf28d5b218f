//! What the safe wrapper of OpenH264 has no function for.
#![expect(unsafe_code, reason = "wraps a foreign interface")]

use std::ffi::c_int;
use std::ptr;

use openh264::encoder::Encoder;
use openh264_sys2::{ENCODER_OPTION_TRACE_LEVEL, WELS_LOG_QUIET};

unsafe extern "C" {
    /// The processor features that OpenH264 was built to use and finds here, as a set of bits; 0 in
    /// a build without assembly (`codec/common/inc/cpu.h`).
    fn WelsCPUFeatureDetect(logical_processors: *mut c_int) -> u32;
}

/// Whether OpenH264 has assembly for this processor.
pub(crate) fn simd() -> bool {
    let mut logical_processors: c_int = 0;
    // SAFETY: the function only reads the processor's identification and writes one int.
    unsafe { WelsCPUFeatureDetect(&raw mut logical_processors) != 0 }
}

/// Keeps a fresh encoder from writing to stderr: the wrapper does that only after initialisation,
/// which warns of switched-off frame skipping.
pub(super) fn silence(encoder: &mut Encoder) {
    let mut level: c_int = WELS_LOG_QUIET;
    // SAFETY: the trace level is an int, may be set before initialisation, and is copied.
    unsafe {
        encoder
            .raw_api()
            .set_option(ENCODER_OPTION_TRACE_LEVEL, ptr::from_mut(&mut level).cast());
    }
}
