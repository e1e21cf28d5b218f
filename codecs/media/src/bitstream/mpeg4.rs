//! MPEG-4 Part 2: size and frame kind (ISO/IEC 14496-2, 6.2).

use super::bits::BitReader;

/// The fields of a video object layer that containers need.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct VideoObjectLayer {
    /// Width in pixels.
    pub width_px: u32,
    /// Height in pixels.
    pub height_px: u32,
    /// `vop_time_increment_resolution`: ticks per second of the VOP times.
    pub time_increment_resolution: u32,
}

/// The bytes before the first VOP (`000001b6`): the `config` of a track; empty if there are none.
#[must_use]
pub fn config(data: &[u8]) -> &[u8] {
    let vop = data.windows(4).position(|window| window == [0, 0, 1, 0xb6]);
    match vop {
        Some(at) if data.starts_with(&[0, 0, 1]) => &data[..at],
        _ => &[],
    }
}

/// Whether the first VOP of a packet is an I-VOP: a key frame.
#[must_use]
pub fn is_key(data: &[u8]) -> bool {
    let vop = data.windows(4).position(|window| window == [0, 0, 1, 0xb6]);
    vop.and_then(|at| data.get(at + 4))
        .is_some_and(|byte| byte >> 6 == 0)
}

impl VideoObjectLayer {
    /// Finds and reads the layer header (start codes `00000120` to `0000012f`) of a rectangular
    /// layer; `None` if there is none or it is cut off.
    #[must_use]
    pub fn find(data: &[u8]) -> Option<Self> {
        let at = data
            .windows(4)
            .position(|window| window[..3] == [0, 0, 1] && matches!(window[3], 0x20..=0x2f))?;
        Self::parse(&data[at + 4..])
    }

    fn parse(layer: &[u8]) -> Option<Self> {
        const EXTENDED_PAR: u32 = 15;
        let mut r = BitReader::new(layer);
        r.skip(9)?; // random_accessible_vol, video_object_type_indication
        let mut version = 1;
        if r.flag()? {
            version = r.bits(4)?;
            r.skip(3)?; // video_object_layer_priority
        }
        if r.bits(4)? == EXTENDED_PAR {
            r.skip(16)?;
        }
        if r.flag()? {
            r.skip(3)?; // chroma_format, low_delay
            if r.flag()? {
                r.skip(79)?; // vbv_parameters
            }
        }
        let shape = r.bits(2)?;
        if shape != 0 || version > 15 {
            return None;
        }
        marker(&mut r)?;
        let time_increment_resolution = r.bits(16)?;
        marker(&mut r)?;
        if r.flag()? {
            // fixed_vop_time_increment has as many bits as the resolution less one needs.
            let bits =
                (u32::BITS - time_increment_resolution.saturating_sub(1).leading_zeros()).max(1);
            r.skip(bits as usize)?;
        }
        marker(&mut r)?;
        let width_px = r.bits(13)?;
        marker(&mut r)?;
        let height_px = r.bits(13)?;
        (width_px > 0 && height_px > 0).then_some(Self {
            width_px,
            height_px,
            time_increment_resolution,
        })
    }
}

fn marker(r: &mut BitReader<'_>) -> Option<()> {
    r.flag()?.then_some(())
}
