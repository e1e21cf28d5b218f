//! An encoder for tests: real packets of nothing, with the delays and faults asked for.

use std::collections::VecDeque;

use bytes::Bytes;
use codecs::{CodecError, VideoEncoder};
use media::{CodecId, CodecParameters, MediaParameters, Packet, VideoFrame, VideoParameters};

/// Holds back as many packets as it is told, as an encoder with lookahead does.
#[derive(Debug)]
pub(crate) struct HoldingEncoder {
    parameters: CodecParameters,
    hold: usize,
    held: VecDeque<Packet>,
    /// Frames of these times are refused.
    pub(crate) refuse: fn(i64) -> bool,
}

impl HoldingEncoder {
    pub(crate) fn new(hold: usize) -> Self {
        let parameters = CodecParameters {
            codec: CodecId::H264,
            bit_rate_bps: Some(100_000),
            config: Bytes::new(),
            media: MediaParameters::Video(VideoParameters {
                width_px: 2,
                height_px: 2,
                frame_rate: None,
            }),
        };
        Self {
            hold,
            ..Self::with_parameters(parameters)
        }
    }

    pub(crate) fn with_parameters(parameters: CodecParameters) -> Self {
        Self {
            parameters,
            hold: 0,
            held: VecDeque::new(),
            refuse: |_| false,
        }
    }
}

impl VideoEncoder for HoldingEncoder {
    fn parameters(&self) -> &CodecParameters {
        &self.parameters
    }

    fn send_frame(&mut self, frame: &VideoFrame) -> Result<(), CodecError> {
        if (self.refuse)(frame.pts.0) {
            return Err(CodecError::BackEnd {
                codec: CodecId::H264,
                direction: "encoder",
                reason: "refused".to_owned(),
            });
        }
        self.held.push_back(Packet {
            track: 0,
            pts: frame.pts,
            dts: frame.pts,
            duration: 0,
            key: true,
            discontinuity: false,
            data: Bytes::from_static(b"packet"),
        });
        Ok(())
    }

    fn receive_packet(&mut self) -> Result<Option<Packet>, CodecError> {
        Ok((self.held.len() > self.hold)
            .then(|| self.held.pop_front())
            .flatten())
    }

    fn flush(&mut self) -> Result<(), CodecError> {
        self.hold = 0;
        Ok(())
    }

    fn request_key_frame(&mut self) {}
}
