//! H.264 (ITU-T H.264) by OpenH264, built from source: constrained baseline out, baseline to high
//! profile (4:2:0, 8 bits, frames only) in.

#[cfg(test)]
mod corpus;
mod decoder;
mod encoder;
mod foreign;
#[cfg(test)]
mod tests;

pub(crate) use decoder::Decoder;
pub(crate) use encoder::Encoder;
pub(crate) use foreign::simd;

use crate::CodecError;
use media::CodecId;

fn back_end(direction: &'static str, error: &openh264::Error) -> CodecError {
    CodecError::BackEnd {
        codec: CodecId::H264,
        direction,
        reason: error.to_string(),
    }
}
