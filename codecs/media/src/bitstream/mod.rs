//! The codec syntax that a container has to know, one file each. Nothing here decodes pictures.

pub mod aac;
pub mod avc_config;
pub mod bits;
pub mod jpeg;
pub mod mpeg4;
pub mod mpeg_audio;
pub mod mpeg_video;
pub mod nal;
pub mod sps;
