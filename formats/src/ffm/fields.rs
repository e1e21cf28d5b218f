//! The fixed fields that FFM1, and the old chunks of FFM2, keep of a stream (FORMAT.md, section 2.1).
//!
//! Most of them are settings of the original's encoders. Nothing here but the sizes and rates means
//! anything to a reader; they are kept so that a header can be written as it was read.

use bytes::{Buf, TryGetError};

/// Which of the two field lists that share the magic "FFM1".
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum FieldList {
    /// That of the 0.8 releases.
    V08,
    /// That of the 2.x releases, and of the chunks `STVI` and `STAU`.
    Later,
}

/// Why fields cannot be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum FieldError {
    /// There are not enough bytes.
    Short,
    /// A value cannot be.
    Bad(&'static str),
}

impl From<TryGetError> for FieldError {
    fn from(_: TryGetError) -> Self {
        Self::Short
    }
}

/// Fixed fields of a video stream, all big-endian (FORMAT.md, section 2.1).
///
/// | field | bytes | meaning |
/// |-------|------:|---------|
/// | `time_base_num`, `time_base_den` | 4, 4 | seconds per frame |
/// | `width`, `height` | 2, 2 | pixels |
/// | `gop_size` | 2 | frames from key frame to key frame |
/// | `pix_fmt` | 4 | number of the pixel format, 0xffffffff: none |
/// | `qmin`, `qmax`, `max_qdiff` | 1, 1, 1 | quantizer bounds |
/// | `qcompress_e4`, `qblur_e4` | 2, 2 | times 10 000 |
/// | `bit_rate_tolerance` | 4 | bit/s |
/// | `rc_eq` | to NUL | rate control equation |
/// | `rc_max_rate`, `rc_min_rate`, `rc_buffer_size` | 4, 4, 4 | bit/s, bit/s, bits |
/// | `i_quant_factor`, `b_quant_factor`, `i_quant_offset`, `b_quant_offset` | 8 each | IEEE 754 doubles |
/// | `dct_algo`, `strict`, `max_b_frames` | 4 each | |
/// | `luma_elim`, `chroma_elim` | 4, 4 | 0.8 only |
/// | `mpeg_quant`, `intra_dc_precision`, `me_method`, `mb_decision`, `nsse_weight`, `frame_skip_cmp` | 4 each | |
/// | `rc_buffer_aggressivity` | 8 | IEEE 754 double |
/// | `codec_tag` | 4 | |
/// | `thread_count` | 1 | |
/// | `coder_type`, `me_cmp` | 4, 4 | |
/// | `partitions` | 4 | 0.8 only |
/// | `me_subpel_quality`, `me_range`, `keyint_min`, `scenechange_threshold`, `b_frame_strategy` | 4 each | |
/// | `qcompress`, `qblur` | 8, 8 | IEEE 754 doubles |
/// | `max_qdiff_32`, `refs` | 4, 4 | |
/// | `directpred` | 4 | 0.8 only |
#[expect(missing_docs, reason = "the table names all fields in file order")]
#[derive(Debug, Clone, PartialEq)]
pub struct VideoFields {
    pub time_base_num: u32,
    pub time_base_den: u32,
    pub width: u16,
    pub height: u16,
    pub gop_size: u16,
    pub pix_fmt: u32,
    pub qmin: u8,
    pub qmax: u8,
    pub max_qdiff: u8,
    pub qcompress_e4: u16,
    pub qblur_e4: u16,
    pub bit_rate_tolerance: u32,
    pub rc_eq: Vec<u8>,
    pub rc_max_rate: u32,
    pub rc_min_rate: u32,
    pub rc_buffer_size: u32,
    pub i_quant_factor: f64,
    pub b_quant_factor: f64,
    pub i_quant_offset: f64,
    pub b_quant_offset: f64,
    pub dct_algo: u32,
    pub strict: u32,
    pub max_b_frames: u32,
    pub luma_elim: u32,
    pub chroma_elim: u32,
    pub mpeg_quant: u32,
    pub intra_dc_precision: u32,
    pub me_method: u32,
    pub mb_decision: u32,
    pub nsse_weight: u32,
    pub frame_skip_cmp: u32,
    pub rc_buffer_aggressivity: f64,
    pub codec_tag: u32,
    pub thread_count: u8,
    pub coder_type: u32,
    pub me_cmp: u32,
    pub partitions: u32,
    pub me_subpel_quality: u32,
    pub me_range: u32,
    pub keyint_min: u32,
    pub scenechange_threshold: u32,
    pub b_frame_strategy: u32,
    pub qcompress: f64,
    pub qblur: f64,
    pub max_qdiff_32: u32,
    pub refs: u32,
    pub directpred: u32,
}

/// Longest rate control equation, without its NUL; the original writes 9 bytes.
const MAX_RC_EQ: usize = 255;

/// Largest picture side; more is a header read with the wrong list.
const MAX_SIDE_PX: u16 = 16_384;

/// Highest sampling rate; more is a header read with the wrong list.
const MAX_SAMPLE_RATE_HZ: u32 = 768_000;

/// Most channels; more is a header read with the wrong list.
const MAX_CHANNELS: u16 = 64;

impl VideoFields {
    /// Reads the fields off the front of `buf`. A flat list in file order.
    pub(super) fn parse(buf: &mut &[u8], list: FieldList) -> Result<Self, FieldError> {
        let v08 = |buf: &mut &[u8]| match list {
            FieldList::V08 => buf.try_get_u32(),
            FieldList::Later => Ok(0),
        };
        let fields = Self {
            time_base_num: buf.try_get_u32()?,
            time_base_den: buf.try_get_u32()?,
            width: buf.try_get_u16()?,
            height: buf.try_get_u16()?,
            gop_size: buf.try_get_u16()?,
            pix_fmt: buf.try_get_u32()?,
            qmin: buf.try_get_u8()?,
            qmax: buf.try_get_u8()?,
            max_qdiff: buf.try_get_u8()?,
            qcompress_e4: buf.try_get_u16()?,
            qblur_e4: buf.try_get_u16()?,
            bit_rate_tolerance: buf.try_get_u32()?,
            rc_eq: parse_string(buf)?,
            rc_max_rate: buf.try_get_u32()?,
            rc_min_rate: buf.try_get_u32()?,
            rc_buffer_size: buf.try_get_u32()?,
            i_quant_factor: buf.try_get_f64()?,
            b_quant_factor: buf.try_get_f64()?,
            i_quant_offset: buf.try_get_f64()?,
            b_quant_offset: buf.try_get_f64()?,
            dct_algo: buf.try_get_u32()?,
            strict: buf.try_get_u32()?,
            max_b_frames: buf.try_get_u32()?,
            luma_elim: v08(buf)?,
            chroma_elim: v08(buf)?,
            mpeg_quant: buf.try_get_u32()?,
            intra_dc_precision: buf.try_get_u32()?,
            me_method: buf.try_get_u32()?,
            mb_decision: buf.try_get_u32()?,
            nsse_weight: buf.try_get_u32()?,
            frame_skip_cmp: buf.try_get_u32()?,
            rc_buffer_aggressivity: buf.try_get_f64()?,
            codec_tag: buf.try_get_u32()?,
            thread_count: buf.try_get_u8()?,
            coder_type: buf.try_get_u32()?,
            me_cmp: buf.try_get_u32()?,
            partitions: v08(buf)?,
            me_subpel_quality: buf.try_get_u32()?,
            me_range: buf.try_get_u32()?,
            keyint_min: buf.try_get_u32()?,
            scenechange_threshold: buf.try_get_u32()?,
            b_frame_strategy: buf.try_get_u32()?,
            qcompress: buf.try_get_f64()?,
            qblur: buf.try_get_f64()?,
            max_qdiff_32: buf.try_get_u32()?,
            refs: buf.try_get_u32()?,
            directpred: v08(buf)?,
        };
        fields.check()?;
        Ok(fields)
    }

    fn check(&self) -> Result<(), FieldError> {
        if self.time_base_num == 0 || self.time_base_den == 0 {
            return Err(FieldError::Bad("video time base has a zero"));
        }
        let sides = 1..=MAX_SIDE_PX;
        if !sides.contains(&self.width) || !sides.contains(&self.height) {
            return Err(FieldError::Bad("video size is out of range"));
        }
        Ok(())
    }

    /// Appends the fields as the 0.8 releases have them. A flat list in file order.
    pub(super) fn write_08(&self, out: &mut Vec<u8>) {
        out.extend(self.time_base_num.to_be_bytes());
        out.extend(self.time_base_den.to_be_bytes());
        out.extend(self.width.to_be_bytes());
        out.extend(self.height.to_be_bytes());
        out.extend(self.gop_size.to_be_bytes());
        out.extend(self.pix_fmt.to_be_bytes());
        out.extend([self.qmin, self.qmax, self.max_qdiff]);
        out.extend(self.qcompress_e4.to_be_bytes());
        out.extend(self.qblur_e4.to_be_bytes());
        out.extend(self.bit_rate_tolerance.to_be_bytes());
        out.extend(&self.rc_eq);
        out.push(0);
        out.extend(self.rc_max_rate.to_be_bytes());
        out.extend(self.rc_min_rate.to_be_bytes());
        out.extend(self.rc_buffer_size.to_be_bytes());
        out.extend(self.i_quant_factor.to_be_bytes());
        out.extend(self.b_quant_factor.to_be_bytes());
        out.extend(self.i_quant_offset.to_be_bytes());
        out.extend(self.b_quant_offset.to_be_bytes());
        out.extend(self.dct_algo.to_be_bytes());
        out.extend(self.strict.to_be_bytes());
        out.extend(self.max_b_frames.to_be_bytes());
        out.extend(self.luma_elim.to_be_bytes());
        out.extend(self.chroma_elim.to_be_bytes());
        out.extend(self.mpeg_quant.to_be_bytes());
        out.extend(self.intra_dc_precision.to_be_bytes());
        out.extend(self.me_method.to_be_bytes());
        out.extend(self.mb_decision.to_be_bytes());
        out.extend(self.nsse_weight.to_be_bytes());
        out.extend(self.frame_skip_cmp.to_be_bytes());
        out.extend(self.rc_buffer_aggressivity.to_be_bytes());
        out.extend(self.codec_tag.to_be_bytes());
        out.push(self.thread_count);
        out.extend(self.coder_type.to_be_bytes());
        out.extend(self.me_cmp.to_be_bytes());
        out.extend(self.partitions.to_be_bytes());
        out.extend(self.me_subpel_quality.to_be_bytes());
        out.extend(self.me_range.to_be_bytes());
        out.extend(self.keyint_min.to_be_bytes());
        out.extend(self.scenechange_threshold.to_be_bytes());
        out.extend(self.b_frame_strategy.to_be_bytes());
        out.extend(self.qcompress.to_be_bytes());
        out.extend(self.qblur.to_be_bytes());
        out.extend(self.max_qdiff_32.to_be_bytes());
        out.extend(self.refs.to_be_bytes());
        out.extend(self.directpred.to_be_bytes());
    }
}

/// Fixed fields of an audio stream (FORMAT.md, section 2.1). The 16-bit fields are little-endian.
///
/// | field | bytes | meaning |
/// |-------|------:|---------|
/// | `sample_rate` | 4 | Hz, big-endian |
/// | `channels` | 2 | |
/// | `frame_size` | 2 | samples in a frame, 0: not told |
/// | `sample_fmt` | 2 | 0.8 only: number of the sample format, 0xffff: none |
#[expect(missing_docs, reason = "the table names all fields in file order")]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AudioFields {
    pub sample_rate: u32,
    pub channels: u16,
    pub frame_size: u16,
    pub sample_fmt: u16,
}

impl AudioFields {
    /// Reads the fields off the front of `buf`.
    pub(super) fn parse(buf: &mut &[u8], list: FieldList) -> Result<Self, FieldError> {
        let fields = Self {
            sample_rate: buf.try_get_u32()?,
            channels: buf.try_get_u16_le()?,
            frame_size: buf.try_get_u16_le()?,
            sample_fmt: match list {
                FieldList::V08 => buf.try_get_u16_le()?,
                FieldList::Later => u16::MAX,
            },
        };
        if !(1..=MAX_SAMPLE_RATE_HZ).contains(&fields.sample_rate) {
            return Err(FieldError::Bad("sampling rate is out of range"));
        }
        if !(1..=MAX_CHANNELS).contains(&fields.channels) {
            return Err(FieldError::Bad("number of channels is out of range"));
        }
        Ok(fields)
    }

    /// Appends the fields as the 0.8 releases have them.
    pub(super) fn write_08(&self, out: &mut Vec<u8>) {
        out.extend(self.sample_rate.to_be_bytes());
        out.extend(self.channels.to_le_bytes());
        out.extend(self.frame_size.to_le_bytes());
        out.extend(self.sample_fmt.to_le_bytes());
    }
}

fn parse_string(buf: &mut &[u8]) -> Result<Vec<u8>, FieldError> {
    match buf.iter().take(MAX_RC_EQ + 1).position(|byte| *byte == 0) {
        Some(len) => {
            let string = buf.iter().take(len).copied().collect();
            buf.advance(len + 1);
            Ok(string)
        }
        None if buf.len() > MAX_RC_EQ => Err(FieldError::Bad("rate control equation has no end")),
        None => Err(FieldError::Short),
    }
}
