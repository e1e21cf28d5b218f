//! The parameter sets of a stream, as they come and change.

use std::collections::BTreeMap;

use media::bitstream::bits::BitReader;
use media::bitstream::nal::{self, NalType};
use media::bitstream::sps::{Sps, unescape};

/// The highest `pic_parameter_set_id` (7.4.2.2).
const MAX_PPS_ID: u32 = 255;
/// The highest `seq_parameter_set_id` (7.4.2.1.1).
const MAX_SPS_ID: u32 = 31;
/// Bytes of a parameter set that are kept: an avcC record can hold no more.
const MAX_LEN: usize = u16::MAX as usize;

/// The parameter sets seen last, by their numbers.
#[derive(Debug, Default)]
pub(crate) struct ParameterSets {
    sps: BTreeMap<u8, (Sps, Vec<u8>)>,
    pps: BTreeMap<u8, (Pps, Vec<u8>)>,
}

/// The fields of a picture parameter set that a slice header depends on (7.3.2.2).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Pps {
    /// `pic_parameter_set_id`.
    pub(crate) id: u8,
    /// `seq_parameter_set_id`.
    pub(crate) sps_id: u8,
    /// `bottom_field_pic_order_in_frame_present_flag`.
    pub(crate) bottom_field_pic_order: bool,
}

impl Pps {
    /// Reads a NAL unit without start code; `None` if it is cut off or out of range.
    pub(crate) fn parse(nal: &[u8]) -> Option<Self> {
        const ENOUGH: usize = 16;
        let payload = nal.get(1..)?;
        let rbsp = unescape(&payload[..payload.len().min(ENOUGH)]);
        let mut r = BitReader::new(&rbsp);
        let id = r.ue().filter(|id| *id <= MAX_PPS_ID)?;
        let sps_id = r.ue().filter(|id| *id <= MAX_SPS_ID)?;
        r.flag()?; // entropy_coding_mode_flag
        Some(Self {
            id: u8::try_from(id).ok()?,
            sps_id: u8::try_from(sps_id).ok()?,
            bottom_field_pic_order: r.flag()?,
        })
    }
}

impl ParameterSets {
    /// Takes a NAL unit if it is a parameter set.
    pub(crate) fn add(&mut self, nal: &[u8]) {
        if nal.len() > MAX_LEN {
            return;
        }
        match NalType::of(nal) {
            Some(NalType::SPS) => {
                if let Ok(sps) = Sps::parse(nal) {
                    self.sps.insert(sps.id, (sps, nal.to_vec()));
                }
            }
            Some(NalType::PPS) => {
                if let Some(pps) = Pps::parse(nal) {
                    self.pps.insert(pps.id, (pps, nal.to_vec()));
                }
            }
            _ => {}
        }
    }

    /// What a slice with this `pic_parameter_set_id` depends on.
    pub(crate) fn of_slice(&self, pps_id: u8) -> Option<(&Sps, &Pps)> {
        let (pps, _) = self.pps.get(&pps_id)?;
        let (sps, _) = self.sps.get(&pps.sps_id)?;
        Some((sps, pps))
    }

    /// The first SPS.
    pub(crate) fn sps(&self) -> Option<&Sps> {
        self.sps.values().next().map(|(sps, _)| sps)
    }

    /// All of them in Annex B form, SPS first; `None` unless there is one of each kind.
    pub(crate) fn config(&self) -> Option<Vec<u8>> {
        if self.sps.is_empty() || self.pps.is_empty() {
            return None;
        }
        let mut out = Vec::new();
        let sps = self.sps.values().map(|(_, nal)| nal);
        let pps = self.pps.values().map(|(_, nal)| nal);
        sps.chain(pps)
            .for_each(|nal| nal::push_annex_b(nal, &mut out));
        Some(out)
    }
}
