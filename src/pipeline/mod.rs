//! From frames to packets: decoding, frame-rate conversion, and encoders on threads of their own
//! that share frames by reference count.

pub mod encoder;
pub mod queue;
pub mod rate;

#[cfg(test)]
pub(crate) mod tests;
