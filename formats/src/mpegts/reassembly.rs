//! Transport packets of one PID to PES packets.

use bytes::Bytes;

use super::pes::{PesHeader, PesStart};

/// A PES packet is given up beyond this.
pub(super) const MAX_PES_BYTES: usize = 16 << 20;

/// A whole PES packet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Pes {
    /// Its header.
    pub(super) header: PesHeader,
    /// What follows the header.
    pub(super) data: Bytes,
    /// random_access_indicator stood with its start.
    pub(super) random_access: bool,
    /// Offset of its first transport packet in the source.
    pub(super) offset: u64,
}

/// Collects the PES packets of one PID.
#[derive(Debug, Default)]
pub(super) struct Reassembly {
    bytes: Vec<u8>,
    /// Between a start and its end.
    open: bool,
    random_access: bool,
    offset: u64,
}

/// The PES packet is larger than [`MAX_PES_BYTES`].
#[derive(Debug, PartialEq, Eq)]
pub(super) struct TooLarge;

impl Reassembly {
    /// Forgets what is not whole.
    pub(super) fn lose(&mut self) {
        self.bytes = Vec::new();
        self.open = false;
    }

    /// A new PES packet starts: gives the one before it, if its end was open.
    pub(super) fn start(&mut self, random_access: bool, offset: u64) -> Option<Pes> {
        let before = self.finish();
        self.open = true;
        self.random_access = random_access;
        self.offset = offset;
        before
    }

    /// Takes the payload of a packet; gives the PES packet if its stated end is reached.
    pub(super) fn push(&mut self, payload: &[u8]) -> Result<Option<Pes>, TooLarge> {
        if !self.open {
            return Ok(None);
        }
        if self.bytes.len() + payload.len() > MAX_PES_BYTES {
            self.lose();
            return Err(TooLarge);
        }
        self.bytes.extend_from_slice(payload);
        let end = match self.bytes.first_chunk::<6>() {
            Some([.., 0, 0]) | None => return Ok(None),
            Some([.., l1, l0]) => 6 + usize::from(u16::from_be_bytes([*l1, *l0])),
        };
        if self.bytes.len() < end {
            return Ok(None);
        }
        self.bytes.truncate(end);
        Ok(self.finish())
    }

    /// The header of the PES packet that is open, if it is there already.
    pub(super) fn header(&self) -> Option<PesHeader> {
        match PesHeader::parse(&self.bytes) {
            PesStart::Header(header, _) if self.open => Some(header),
            _ => None,
        }
    }

    /// The PES packet as far as it has come, as no more will.
    pub(super) fn finish(&mut self) -> Option<Pes> {
        let bytes = std::mem::take(&mut self.bytes);
        let was_open = std::mem::replace(&mut self.open, false);
        let PesStart::Header(header, len) = PesHeader::parse(&bytes) else {
            return None;
        };
        let short = header
            .packet_length
            .is_some_and(|told| bytes.len() < 6 + usize::from(told));
        if !was_open || short {
            return None;
        }
        let data = Bytes::from(bytes).slice(len..);
        Some(Pes {
            header,
            data,
            random_access: self.random_access,
            offset: self.offset,
        })
    }
}

#[cfg(test)]
mod tests {
    use hex_literal::hex;

    use super::*;

    #[test]
    fn packets_end_by_their_length_or_by_the_next_start() {
        let bounded = hex!("000001 c0 000a 84 80 05 21 0005 bf21 aabb");
        let mut reassembly = Reassembly::default();
        assert_eq!(reassembly.push(&bounded), Ok(None), "no start yet");
        assert_eq!(reassembly.start(true, 188), None);
        for len in [3, 12] {
            assert_eq!(reassembly.push(&bounded[len - 3..len]), Ok(None));
            reassembly.lose();
            reassembly.start(true, 188);
        }
        assert_eq!(reassembly.push(&bounded[..9]), Ok(None));
        assert_eq!(reassembly.header(), None);
        assert_eq!(reassembly.push(&bounded[9..14]), Ok(None));
        assert_eq!(
            reassembly.header().and_then(|header| header.pts),
            Some(90_000)
        );
        let pes = reassembly
            .push(&[0xaa, 0xbb, 0xcc])
            .unwrap()
            .expect("whole");
        assert_eq!(
            (&pes.data[..], pes.random_access, pes.offset),
            (&hex!("aabb")[..], true, 188)
        );

        let open = hex!("000001 e0 0000 84 80 05 21 0005 bf21 aabb");
        reassembly.start(false, 376);
        assert_eq!(reassembly.push(&open), Ok(None));
        assert_eq!(reassembly.push(&[0xcc]), Ok(None));
        let pes = reassembly.start(false, 564).expect("whole");
        assert_eq!((&pes.data[..], pes.offset), (&hex!("aabbcc")[..], 376));
        assert_eq!(reassembly.finish(), None, "nothing came");
    }

    #[test]
    fn cut_and_oversized_packets_are_dropped() {
        let mut reassembly = Reassembly::default();
        reassembly.start(false, 0);
        reassembly
            .push(&hex!("000001 c0 000a 84 80 05 21 0005 bf21 aa"))
            .unwrap();
        assert_eq!(reassembly.start(false, 0), None, "a byte is missing");
        reassembly
            .push(&hex!("000001 e0 0000 84 80 05 21 0005 bf21"))
            .unwrap();
        let chunk = vec![0; 1 << 20];
        let pushed: Result<Vec<_>, _> = (0..16).map(|_| reassembly.push(&chunk)).collect();
        assert_eq!(pushed, Err(TooLarge));
        assert_eq!(reassembly.start(false, 0), None);
    }
}
