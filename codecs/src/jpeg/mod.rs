//! Motion JPEG: each packet is a baseline JPEG image (ITU-T T.81) in a JFIF 1.02 wrapper.

mod decoder;
mod encoder;
mod rate;
#[cfg(test)]
mod tests;

pub(crate) use decoder::Decoder;
pub(crate) use encoder::Encoder;

use crate::CodecError;
use media::CodecId;

fn back_end(direction: &'static str, error: &impl ToString) -> CodecError {
    CodecError::BackEnd {
        codec: CodecId::Mjpeg,
        direction,
        reason: error.to_string(),
    }
}
