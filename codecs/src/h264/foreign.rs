//! What the safe wrapper of OpenH264 has no function for.
#![expect(unsafe_code, reason = "wraps a foreign interface")]

use std::ffi::c_int;
use std::{ptr, slice};

use openh264::decoder::Decoder;
use openh264::encoder::Encoder;
use openh264_sys2::{
    DECODING_STATE, ENCODER_OPTION_TRACE_LEVEL, SBufferInfo, SSysMEMBuffer, WELS_LOG_QUIET,
};

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

/// What a decoder call gave.
pub(super) struct Decoded<'a> {
    /// Bits of `DECODING_STATE`; 0 is success. A picture may come with an error: it is an earlier one.
    pub(super) state: DECODING_STATE,
    pub(super) picture: Option<DecodedPicture<'a>>,
}

/// A decoded 4:2:0 picture in the decoder's memory.
pub(super) struct DecodedPicture<'a> {
    pub(super) width: usize,
    pub(super) height: usize,
    /// Samples and stride of Y, U and V; the last row may end with its last sample.
    pub(super) planes: [(&'a [u8], usize); 3],
    /// What was passed to [`decode`] with the access unit that holds it. The wrapper has no way to
    /// pass it, and pictures come out in another order than they go in.
    pub(super) time: u64,
}

/// Decodes an access unit.
pub(super) fn decode<'a>(decoder: &'a mut Decoder, data: &[u8], time: u64) -> Decoded<'a> {
    let mut planes = [ptr::null_mut::<u8>(); 3];
    let mut info = SBufferInfo {
        uiInBsTimeStamp: time,
        ..SBufferInfo::default()
    };
    let len = c_int::try_from(data.len()).unwrap_or(c_int::MAX);
    // SAFETY: `data` is `len` bytes or more, both pointers outlive the call, and the decoder is
    // initialised by its constructor.
    let state = unsafe {
        decoder.raw_api().decode_frame_no_delay(
            data.as_ptr(),
            len,
            ptr::from_mut(&mut planes).cast(),
            &raw mut info,
        )
    };
    Decoded {
        state,
        // SAFETY: the decoder just filled both, and is borrowed as long as the picture.
        picture: unsafe { picture(planes, &info) },
    }
}

/// Takes out a picture that the decoder holds back for reordering; `None` if there is none.
pub(super) fn flush(decoder: &mut Decoder) -> Option<DecodedPicture<'_>> {
    let mut planes = [ptr::null_mut::<u8>(); 3];
    let mut info = SBufferInfo::default();
    // SAFETY: both pointers outlive the call; the decoder is initialised by its constructor.
    unsafe {
        decoder
            .raw_api()
            .flush_frame(ptr::from_mut(&mut planes).cast(), &raw mut info);
        picture(planes, &info)
    }
}

/// Makes slices of what the decoder pointed to.
///
/// # Safety
/// `planes` and `info` were filled by a call of the decoder, which does not change them during `'a`.
unsafe fn picture<'a>(planes: [*mut u8; 3], info: &SBufferInfo) -> Option<DecodedPicture<'a>> {
    if info.iBufferStatus != 1 || planes.iter().any(|plane| plane.is_null()) {
        return None;
    }
    // SAFETY: the union has one member, plain numbers.
    let SSysMEMBuffer {
        iWidth,
        iHeight,
        iStride,
        ..
    } = unsafe { info.UsrData.sSystemBuffer };
    let size = |value: c_int| usize::try_from(value).ok().filter(|value| *value > 0);
    let (width, height) = (size(iWidth)?, size(iHeight)?);
    let [luma_stride, chroma_stride] = [size(iStride[0])?, size(iStride[1])?];
    let plane = |index: usize, stride: usize, width: usize, height: usize| {
        let len = stride * (height - 1) + width;
        // SAFETY: the decoder's planes hold `height` rows of `width` samples, `stride` apart.
        (unsafe { slice::from_raw_parts(planes[index], len) }, stride)
    };
    let (half_width, half_height) = (width.div_ceil(2), height.div_ceil(2));
    Some(DecodedPicture {
        width,
        height,
        planes: [
            plane(0, luma_stride, width, height),
            plane(1, chroma_stride, half_width, half_height),
            plane(2, chroma_stride, half_width, half_height),
        ],
        time: info.uiOutYuvTimeStamp,
    })
}
