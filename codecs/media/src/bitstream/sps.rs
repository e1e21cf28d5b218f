//! The fields of a sequence parameter set that containers and feeders need (ITU-T H.264, 7.3.2.1.1
//! and E.1.1). Scaling lists, HRD parameters and the like are parsed over.

use super::bits::BitReader;
use crate::FrameRate;

/// What a container has to know of a sequence parameter set.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sps {
    /// `seq_parameter_set_id`.
    pub id: u8,
    /// `profile_idc`.
    pub profile_idc: u8,
    /// The byte of constraint flags.
    pub constraint_flags: u8,
    /// `level_idc`, ten times the level.
    pub level_idc: u8,
    /// `chroma_format_idc`: 0 monochrome, 1 4:2:0, 2 4:2:2, 3 4:4:4.
    pub chroma_format_idc: u8,
    /// Bits of a luma sample, 8 to 14.
    pub bit_depth_luma: u8,
    /// Bits of a chroma sample, 8 to 14.
    pub bit_depth_chroma: u8,
    /// `separate_colour_plane_flag`.
    pub separate_colour_plane: bool,
    /// How pictures are numbered.
    pub numbering: PictureNumbering,
    /// Width after cropping, in pixels.
    pub width_px: u32,
    /// Height after cropping, in pixels.
    pub height_px: u32,
    /// Frames only, no fields.
    pub frame_mbs_only: bool,
    /// Frame rate that the VUI states, if it does.
    pub frame_rate: Option<FrameRate>,
    /// `max_num_reorder_frames`: frames that may precede a frame in decoding order and follow it in
    /// display order. 0 means no B frames; `None` if the SPS leaves it open.
    pub max_num_reorder_frames: Option<u32>,
    /// `video_full_range_flag`: samples use 0 to 255, as JPEG does; else limited range.
    pub full_range: bool,
}

/// What a slice header needs to tell one picture from the next (7.4.2.1.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PictureNumbering {
    /// Bits of `frame_num`, 4 to 16.
    pub log2_max_frame_num: u8,
    /// `pic_order_cnt_type`, 0 to 2.
    pub pic_order_cnt_type: u8,
    /// Type 0: bits of `pic_order_cnt_lsb`, 4 to 16; else 0.
    pub log2_max_pic_order_cnt_lsb: u8,
    /// Type 1: `delta_pic_order_always_zero_flag`.
    pub delta_pic_order_always_zero: bool,
}

/// Why a sequence parameter set cannot be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SpsError {
    /// It ends early or holds a number out of range.
    #[error("sequence parameter set of {len} bytes is cut off or damaged")]
    Damaged {
        /// Bytes of the NAL unit.
        len: usize,
    },
    /// Another NAL unit.
    #[error("NAL unit of type {nal_type} where a sequence parameter set (7) belongs")]
    NotSps {
        /// The type found.
        nal_type: u8,
    },
}

impl Sps {
    /// Reads a NAL unit without start code.
    ///
    /// # Errors
    /// [`SpsError`] if it is another NAL unit, cut off, or out of the standard's ranges.
    pub fn parse(nal: &[u8]) -> Result<Self, SpsError> {
        let damaged = SpsError::Damaged { len: nal.len() };
        let (header, payload) = nal.split_first().ok_or(damaged)?;
        if header & 0x1f != 7 {
            return Err(SpsError::NotSps {
                nal_type: header & 0x1f,
            });
        }
        parse_rbsp(&unescape(payload)).ok_or(damaged)
    }

    /// The first SPS of Annex B bytes.
    #[must_use]
    pub fn find(annex_b: &[u8]) -> Option<Self> {
        super::nal::annex_b(annex_b).find_map(|nal| Self::parse(nal).ok())
    }

    /// The `codecs` parameter of RFC 6381, as browsers want it: `avc1.42c01e`.
    #[must_use]
    pub fn rfc6381(&self) -> String {
        format!(
            "avc1.{:02x}{:02x}{:02x}",
            self.profile_idc, self.constraint_flags, self.level_idc
        )
    }
}

/// Removes the emulation prevention bytes of a NAL unit (7.3.1): `00 00 03` stands for `00 00`.
#[must_use]
pub fn unescape(payload: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(payload.len());
    let mut zeros = 0;
    for byte in payload {
        if zeros >= 2 && *byte == 3 {
            zeros = 0;
            continue;
        }
        zeros = if *byte == 0 { zeros + 1 } else { 0 };
        out.push(*byte);
    }
    out
}

fn parse_rbsp(rbsp: &[u8]) -> Option<Sps> {
    let mut r = BitReader::new(rbsp);
    let profile_idc = u8::try_from(r.bits(8)?).ok()?;
    let constraint_flags = u8::try_from(r.bits(8)?).ok()?;
    let level_idc = u8::try_from(r.bits(8)?).ok()?;
    let id = u8::try_from(in_range(r.ue()?, 31)?).ok()?;
    let chroma = match profile_idc {
        100 | 110 | 122 | 244 | 44 | 83 | 86 | 118 | 128 | 138 | 139 | 134 | 135 => {
            Chroma::parse(&mut r)?
        }
        _ => Chroma {
            format_idc: 1,
            separate_planes: false,
            depth_luma: 8,
            depth_chroma: 8,
        },
    };
    let numbering = parse_numbering(&mut r)?;
    in_range(r.ue()?, 16)?; // max_num_ref_frames
    r.flag()?; // gaps_in_frame_num_value_allowed_flag
    let width_mbs = in_range(r.ue()?, 4096)? + 1;
    let height_map_units = in_range(r.ue()?, 4096)? + 1;
    let frame_mbs_only = r.flag()?;
    if !frame_mbs_only {
        r.flag()?; // mb_adaptive_frame_field_flag
    }
    r.flag()?; // direct_8x8_inference_flag
    let field_factor = if frame_mbs_only { 1 } else { 2 };
    let crop = if r.flag()? {
        parse_crop(&mut r)?
    } else {
        [0; 4]
    };
    let (unit_x, unit_y) = chroma.crop_unit();
    let cropped = |size: u32, before: u32, after: u32, unit: u32| {
        size.checked_sub(before.checked_add(after)?.checked_mul(unit)?)
            .filter(|size| *size > 0)
    };
    let [left, right, top, bottom] = crop;
    let vui = if r.flag()? {
        parse_vui(&mut r)
    } else {
        Vui::default()
    };
    Some(Sps {
        id,
        profile_idc,
        constraint_flags,
        level_idc,
        chroma_format_idc: chroma.format_idc,
        bit_depth_luma: chroma.depth_luma,
        bit_depth_chroma: chroma.depth_chroma,
        separate_colour_plane: chroma.separate_planes,
        numbering,
        width_px: cropped(width_mbs * 16, left, right, unit_x)?,
        height_px: cropped(
            height_map_units * 16 * field_factor,
            top,
            bottom,
            unit_y * field_factor,
        )?,
        frame_mbs_only,
        frame_rate: vui.frame_rate,
        max_num_reorder_frames: vui.max_num_reorder_frames.or(match profile_idc {
            66 => Some(0), // the Baseline profiles have no B slices (A.2.1)
            _ => None,
        }),
        full_range: vui.full_range,
    })
}

struct Chroma {
    format_idc: u8,
    separate_planes: bool,
    depth_luma: u8,
    depth_chroma: u8,
}

impl Chroma {
    fn parse(r: &mut BitReader<'_>) -> Option<Self> {
        let format_idc = u8::try_from(in_range(r.ue()?, 3)?).ok()?;
        let separate_planes = format_idc == 3 && r.flag()?;
        let depth_luma = u8::try_from(in_range(r.ue()?, 6)? + 8).ok()?;
        let depth_chroma = u8::try_from(in_range(r.ue()?, 6)? + 8).ok()?;
        r.flag()?; // qpprime_y_zero_transform_bypass_flag
        if r.flag()? {
            for list in 0..if format_idc == 3 { 12 } else { 8 } {
                if r.flag()? {
                    skip_scaling_list(r, if list < 6 { 16 } else { 64 })?;
                }
            }
        }
        Some(Self {
            format_idc,
            separate_planes,
            depth_luma,
            depth_chroma,
        })
    }

    /// CropUnitX and CropUnitY without the field factor (7-19 to 7-22).
    const fn crop_unit(&self) -> (u32, u32) {
        match (self.separate_planes, self.format_idc) {
            (false, 1) => (2, 2),
            (false, 2) => (2, 1),
            _ => (1, 1),
        }
    }
}

fn skip_scaling_list(r: &mut BitReader<'_>, len: u32) -> Option<()> {
    let (mut last, mut next) = (8_i32, 8_i32);
    for _ in 0..len {
        if next != 0 {
            next = last.checked_add(r.se()?)?.checked_add(256)?.rem_euclid(256);
        }
        last = if next == 0 { last } else { next };
    }
    Some(())
}

fn parse_numbering(r: &mut BitReader<'_>) -> Option<PictureNumbering> {
    let bits = |minus4: u32| u8::try_from(in_range(minus4, 12)? + 4).ok();
    let log2_max_frame_num = bits(r.ue()?)?;
    let pic_order_cnt_type = u8::try_from(in_range(r.ue()?, 2)?).ok()?;
    let mut numbering = PictureNumbering {
        log2_max_frame_num,
        pic_order_cnt_type,
        log2_max_pic_order_cnt_lsb: 0,
        delta_pic_order_always_zero: false,
    };
    match pic_order_cnt_type {
        0 => numbering.log2_max_pic_order_cnt_lsb = bits(r.ue()?)?,
        1 => {
            numbering.delta_pic_order_always_zero = r.flag()?;
            r.se()?; // offset_for_non_ref_pic
            r.se()?; // offset_for_top_to_bottom_field
            for _ in 0..in_range(r.ue()?, 255)? {
                r.se()?; // offset_for_ref_frame
            }
        }
        _ => {}
    }
    Some(numbering)
}

/// Left, right, top and bottom offsets in crop units.
fn parse_crop(r: &mut BitReader<'_>) -> Option<[u32; 4]> {
    Some([r.ue()?, r.ue()?, r.ue()?, r.ue()?])
}

#[derive(Default)]
struct Vui {
    frame_rate: Option<FrameRate>,
    max_num_reorder_frames: Option<u32>,
    full_range: bool,
}

/// VUI parameters (E.1.1). Cameras cut them short, so what was read until then counts.
fn parse_vui(r: &mut BitReader<'_>) -> Vui {
    let mut vui = Vui::default();
    let _complete = parse_vui_fields(r, &mut vui);
    vui
}

fn parse_vui_fields(r: &mut BitReader<'_>, vui: &mut Vui) -> Option<()> {
    const EXTENDED_SAR: u32 = 255;
    if r.flag()? && r.bits(8)? == EXTENDED_SAR {
        r.skip(32)?; // sar_width, sar_height
    }
    if r.flag()? {
        r.flag()?; // overscan_appropriate_flag
    }
    if r.flag()? {
        r.skip(3)?; // video_format
        vui.full_range = r.flag()?;
        if r.flag()? {
            r.skip(24)?; // colour_primaries, transfer_characteristics, matrix_coefficients
        }
    }
    if r.flag()? {
        r.ue()?; // chroma_sample_loc_type_top_field
        r.ue()?; // chroma_sample_loc_type_bottom_field
    }
    if r.flag()? {
        let num_units_in_tick = r.bits(32)?;
        let time_scale = r.bits(32)?;
        r.flag()?; // fixed_frame_rate_flag
        // A tick is a field, so a frame lasts two (E.2.1).
        vui.frame_rate = num_units_in_tick.checked_mul(2).and_then(|den| {
            FrameRate::new(time_scale, den).map(|rate| {
                let divisor = gcd(rate.num(), rate.den());
                FrameRate::new(rate.num() / divisor, rate.den() / divisor).unwrap_or(rate)
            })
        });
    }
    let nal_hrd = r.flag()?;
    if nal_hrd {
        skip_hrd(r)?;
    }
    let vcl_hrd = r.flag()?;
    if vcl_hrd {
        skip_hrd(r)?;
    }
    if nal_hrd || vcl_hrd {
        r.flag()?; // low_delay_hrd_flag
    }
    r.flag()?; // pic_struct_present_flag
    if r.flag()? {
        r.flag()?; // motion_vectors_over_pic_boundaries_flag
        r.ue()?; // max_bytes_per_pic_denom
        r.ue()?; // max_bits_per_mb_denom
        r.ue()?; // log2_max_mv_length_horizontal
        r.ue()?; // log2_max_mv_length_vertical
        vui.max_num_reorder_frames = Some(in_range(r.ue()?, 16)?);
    }
    Some(())
}

fn skip_hrd(r: &mut BitReader<'_>) -> Option<()> {
    let count = in_range(r.ue()?, 31)? + 1;
    r.skip(8)?; // bit_rate_scale, cpb_size_scale
    for _ in 0..count {
        r.ue()?; // bit_rate_value_minus1
        r.ue()?; // cpb_size_value_minus1
        r.flag()?; // cbr_flag
    }
    r.skip(20) // four fields of 5 bits
}

fn in_range(value: u32, max: u32) -> Option<u32> {
    (value <= max).then_some(value)
}

const fn gcd(a: u32, b: u32) -> u32 {
    if b == 0 { a } else { gcd(b, a % b) }
}
