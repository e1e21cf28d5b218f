//! The vocabulary shared by codecs, formats and the server: [`Packet`], [`VideoFrame`],
//! [`AudioFrame`], [`Track`], [`CodecParameters`], [`TimeBase`], [`Timestamp`], and the bitstream
//! syntax a container has to know ([`bitstream`]).
//!
//! No I/O, no clock, no logging. One convention holds everywhere between a demuxer and a muxer:
//!
//! | codec | [`Packet::data`] | [`CodecParameters::config`] |
//! |-------|------------------|-----------------------------|
//! | H.264 | one access unit in Annex B form, SPS and PPS before every IDR | SPS and PPS in Annex B form |
//! | AAC | one raw access unit without ADTS header | AudioSpecificConfig (ISO/IEC 14496-3, 1.6.2.1) |
//! | MPEG-4 Part 2 | one VOP | visual object sequence up to the first VOP, or empty if in band |
//! | MJPEG | one JPEG image, from SOI to EOI | empty |
//! | MP2, MP3 | one or more whole frames with their headers | empty |
//! | others | one access unit as the encoder made it | the encoder's global header, or empty |

pub mod bitstream;
mod codec;
mod frame;
mod packet;
mod time;
mod track;

pub use codec::{CodecId, MediaKind};
pub use frame::{AudioFrame, PixelFormat, Plane, VideoFrame};
pub use packet::Packet;
pub use time::{FrameRate, TimeBase, Timestamp};
pub use track::{AudioParameters, CodecParameters, MediaParameters, Track, VideoParameters};
