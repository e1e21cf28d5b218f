//! The start of a slice header: what tells one picture from the next (ITU-T H.264, 7.3.3).

use media::bitstream::bits::BitReader;
use media::bitstream::nal::NalType;
use media::bitstream::sps::unescape;

use super::parameter_sets::ParameterSets;

/// The fields that 7.4.1.2.4 compares.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct SliceHeader {
    pub(crate) nal_ref_idc: u8,
    pub(crate) idr: bool,
    pub(crate) pps_id: u8,
    pub(crate) frame_num: u32,
    pub(crate) field: Field,
    pub(crate) idr_pic_id: u32,
    pub(crate) pic_order_cnt_type: u8,
    pub(crate) pic_order_cnt_lsb: u32,
    pub(crate) delta_pic_order_cnt_bottom: i32,
    pub(crate) delta_pic_order_cnt: [i32; 2],
}

/// `field_pic_flag` and `bottom_field_flag`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Field {
    Frame,
    Top,
    Bottom,
}

impl SliceHeader {
    /// Reads a slice NAL unit (types 1, 2 and 5) without start code; `None` if it is cut off or its
    /// parameter sets have not come.
    pub(crate) fn parse(nal: &[u8], sets: &ParameterSets) -> Option<Self> {
        // The longest fields here make 30 bytes.
        const ENOUGH: usize = 64;
        let (header, payload) = nal.split_first()?;
        let idr = NalType(header & 0x1f) == NalType::IDR;
        let rbsp = unescape(&payload[..payload.len().min(ENOUGH)]);
        let mut r = BitReader::new(&rbsp);
        r.ue()?; // first_mb_in_slice
        r.ue()?; // slice_type
        let pps_id = u8::try_from(r.ue()?).ok()?;
        let (sps, pps) = sets.of_slice(pps_id)?;
        let numbering = sps.numbering;
        if sps.separate_colour_plane {
            r.skip(2)?; // colour_plane_id
        }
        let frame_num = r.bits(numbering.log2_max_frame_num.into())?;
        let field = match !sps.frame_mbs_only && r.flag()? {
            false => Field::Frame,
            true if r.flag()? => Field::Bottom,
            true => Field::Top,
        };
        let idr_pic_id = if idr { r.ue()? } else { 0 };
        let mut slice = Self {
            nal_ref_idc: header >> 5 & 3,
            idr,
            pps_id,
            frame_num,
            field,
            idr_pic_id,
            pic_order_cnt_type: numbering.pic_order_cnt_type,
            pic_order_cnt_lsb: 0,
            delta_pic_order_cnt_bottom: 0,
            delta_pic_order_cnt: [0; 2],
        };
        let both_fields = pps.bottom_field_pic_order && field == Field::Frame;
        if numbering.pic_order_cnt_type == 0 {
            slice.pic_order_cnt_lsb = r.bits(numbering.log2_max_pic_order_cnt_lsb.into())?;
            if both_fields {
                slice.delta_pic_order_cnt_bottom = r.se()?;
            }
        }
        if numbering.pic_order_cnt_type == 1 && !numbering.delta_pic_order_always_zero {
            slice.delta_pic_order_cnt[0] = r.se()?;
            if both_fields {
                slice.delta_pic_order_cnt[1] = r.se()?;
            }
        }
        Some(slice)
    }

    /// Whether this slice and the one before it are of different primary coded pictures (7.4.1.2.4).
    pub(crate) fn starts_picture(&self, before: &Self) -> bool {
        self.frame_num != before.frame_num
            || self.pps_id != before.pps_id
            || self.field != before.field
            || (self.nal_ref_idc == 0) != (before.nal_ref_idc == 0)
            || self.pic_order_cnt_type != before.pic_order_cnt_type
            || self.pic_order_cnt_lsb != before.pic_order_cnt_lsb
            || self.delta_pic_order_cnt_bottom != before.delta_pic_order_cnt_bottom
            || self.delta_pic_order_cnt != before.delta_pic_order_cnt
            || self.idr != before.idr
            || self.idr_pic_id != before.idr_pic_id
    }

    /// Whether this picture is the second field of the frame whose first field is `first`.
    pub(crate) fn completes_frame(&self, first: &Self) -> bool {
        let opposite = matches!(
            (first.field, self.field),
            (Field::Top, Field::Bottom) | (Field::Bottom, Field::Top)
        );
        // The second field of an IDR picture is no IDR picture; a reference field and a
        // non-reference field make no complementary pair unless the first is the reference.
        opposite && self.frame_num == first.frame_num && !self.idr
    }
}
