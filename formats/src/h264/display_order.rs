//! Presentation times for streams that have none, from the picture order count.
//!
//! A picture that is the i-th in decoding order and the k-th in display order since the last IDR
//! picture is shown `delay + k - i` frames after it is decoded, where `delay` is the number of frames
//! that the stream reorders (`max_num_reorder_frames`, or what the first pictures need). k is the
//! picture order count over its step, which is 2 for frames (ITU-T H.264, 8.2.1 and E.2.1), 1 in
//! the streams of some encoders.
//!
//! Left out: order count type 1, whose pictures are taken to be in display order, and memory
//! management control operation 5, after which times are off until the next IDR picture.

use std::collections::VecDeque;

use media::Packet;
use media::bitstream::sps::Sps;

use super::slice::SliceHeader;

/// The most frames that a stream can reorder (A.3.1).
const MAX_REORDER: usize = 16;

/// Sets the pts of packets whose dts are known.
#[derive(Debug)]
pub(crate) struct DisplayOrder {
    /// Ticks of a frame.
    unit: i64,
    order: Order,
    count: OrderCount,
    /// Pictures since the last IDR picture.
    since_idr: i64,
    /// Packets whose pts is not known yet.
    held: VecDeque<(Packet, Position)>,
}

/// What is known of the order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Order {
    /// The first pictures have not come.
    Unknown { declared: Option<u32> },
    /// Decoding order.
    Decoding,
    /// Of the picture order count.
    Count { delay: i64, step: i64 },
}

/// Where a picture stands since the last IDR picture.
#[derive(Debug, Clone, Copy)]
struct Position {
    /// In decoding order.
    index: i64,
    /// In display order: the order count less that of the IDR picture.
    count: i64,
}

impl DisplayOrder {
    pub(crate) const fn new() -> Self {
        Self {
            unit: 1,
            order: Order::Unknown { declared: None },
            count: OrderCount::new(),
            since_idr: 0,
            held: VecDeque::new(),
        }
    }

    /// A frame lasts `ticks`, 1 unless told.
    pub(crate) const fn set_unit(&mut self, ticks: i64) {
        self.unit = ticks;
    }

    /// Whether packets come out as they come in.
    pub(crate) const fn is_known(&self) -> bool {
        !matches!(self.order, Order::Unknown { .. })
    }

    /// Ticks from the dts of a key frame to its pts.
    pub(crate) const fn delay(&self) -> i64 {
        match self.order {
            Order::Count { delay, .. } => delay * self.unit,
            _ => 0,
        }
    }

    /// Takes a packet and what is known of its picture; gives those whose pts is known.
    pub(crate) fn push(
        &mut self,
        packet: Packet,
        slice: Option<&SliceHeader>,
        sps: Option<&Sps>,
        out: &mut impl Extend<Packet>,
    ) {
        let position = self.position(slice, sps);
        if let (Order::Unknown { .. }, Some(sps)) = (self.order, sps) {
            let in_order =
                sps.max_num_reorder_frames == Some(0) || sps.numbering.pic_order_cnt_type != 0;
            self.order = match in_order {
                true => Order::Decoding,
                false => Order::Unknown {
                    declared: sps.max_num_reorder_frames,
                },
            };
        }
        self.held.push_back((packet, position));
        if self.held.len() > MAX_REORDER {
            self.decide();
        }
        if self.is_known() {
            self.release(out);
        }
    }

    /// Gives what is held, at the end of the stream.
    pub(crate) fn flush(&mut self, out: &mut impl Extend<Packet>) {
        self.decide();
        self.release(out);
    }

    /// Drops what is held: the stream goes on at another place.
    pub(crate) fn jump(&mut self) {
        self.held.clear();
        self.count = OrderCount::new();
        self.since_idr = 0;
    }

    fn position(&mut self, slice: Option<&SliceHeader>, sps: Option<&Sps>) -> Position {
        let Some((slice, sps)) = slice.zip(sps) else {
            self.since_idr += 1;
            return Position {
                index: self.since_idr,
                count: self.since_idr * 2,
            };
        };
        if slice.idr {
            self.since_idr = -1;
        }
        self.since_idr += 1;
        Position {
            index: self.since_idr,
            count: self.count.next(slice, sps),
        }
    }

    /// Settles on an order by the pictures held.
    fn decide(&mut self) {
        let Order::Unknown { declared } = self.order else {
            return;
        };
        let odd = self
            .held
            .iter()
            .any(|(_, position)| position.count % 2 != 0);
        let step = if odd { 1 } else { 2 };
        let needed = self.held.iter().map(|(_, at)| at.index - at.count / step);
        let needed = needed.max().unwrap_or(0).clamp(0, MAX_REORDER as i64);
        let delay = declared.map_or(needed, i64::from);
        self.order = Order::Count { delay, step };
    }

    fn release(&mut self, out: &mut impl Extend<Packet>) {
        let (order, unit) = (self.order, self.unit);
        out.extend(self.held.drain(..).map(|(mut packet, position)| {
            if let Order::Count { delay, step } = order {
                let frames = delay + position.count / step - position.index;
                // Lost pictures, and damage, take it out of its range until the next IDR picture.
                let frames = frames.clamp(0, 2 * MAX_REORDER as i64);
                packet.pts = packet.dts.plus(frames * unit);
            }
            packet
        }));
    }
}

/// PicOrderCnt of type 0 (8.2.1.1), less that of the last IDR picture.
#[derive(Debug)]
struct OrderCount {
    previous_msb: i64,
    previous_lsb: i64,
    idr: i64,
}

impl OrderCount {
    const fn new() -> Self {
        Self {
            previous_msb: 0,
            previous_lsb: 0,
            idr: 0,
        }
    }

    fn next(&mut self, slice: &SliceHeader, sps: &Sps) -> i64 {
        if slice.idr {
            *self = Self::new();
        }
        let lsb = i64::from(slice.pic_order_cnt_lsb);
        let range = 1 << sps.numbering.log2_max_pic_order_cnt_lsb;
        let msb = if lsb < self.previous_lsb && self.previous_lsb - lsb >= range / 2 {
            self.previous_msb + range
        } else if lsb > self.previous_lsb && lsb - self.previous_lsb > range / 2 {
            self.previous_msb - range
        } else {
            self.previous_msb
        };
        if slice.nal_ref_idc != 0 {
            self.previous_msb = msb;
            self.previous_lsb = lsb;
        }
        if slice.idr {
            self.idr = msb + lsb;
        }
        msb + lsb - self.idr
    }
}
