//! The pictures themselves: a still background, drawn once, and what moves over it.

use std::array;

use media::{Timestamp, VideoFrame};

use super::canvas::{Colour, disc, rectangle};
use super::noise::Noise;

/// A picture that moves.
#[derive(Debug)]
pub(super) enum Scene {
    /// Colour columns over a grey ramp; a bar sweeps, a disc bounces.
    Card(VideoFrame),
    /// Diagonal waves that run over the whole picture; two discs bounce.
    Waves(Waves),
    /// The bars of SMPTE EG 1; a block runs along under them.
    Bars(VideoFrame),
    /// A panning texture under noise.
    Noise(Noise),
}

impl Scene {
    /// Frame `index` without text and stamp.
    pub(super) fn frame(&self, index: u64, pts: Timestamp) -> VideoFrame {
        match self {
            Self::Card(background) => {
                let mut frame = background.clone();
                let (width, height) = size(&frame);
                let x = travel(index, 4, width);
                let bar = x..x + width.div_ceil(40);
                rectangle(&mut frame, bar, 0..height * 3 / 4, Colour::WHITE);
                bounce(&mut frame, index, 5, 3, Colour::rgb(100, 40, 0));
                at(frame, pts)
            }
            Self::Waves(waves) => {
                let mut frame = waves.frame(index);
                bounce(&mut frame, index, 7, 4, Colour::WHITE);
                bounce(&mut frame, index.wrapping_add(400), 3, 5, Colour::BLACK);
                at(frame, pts)
            }
            Self::Bars(background) => {
                let mut frame = background.clone();
                let (width, height) = size(&frame);
                let x = travel(index, 3, width);
                let block = x..x + width.div_ceil(20);
                rectangle(
                    &mut frame,
                    block,
                    height * 2 / 3..height * 3 / 4,
                    Colour::WHITE,
                );
                at(frame, pts)
            }
            Self::Noise(noise) => at(noise.frame(index), pts),
        }
    }
}

pub(super) fn card(width: u32, height: u32) -> VideoFrame {
    let mut frame = VideoFrame::black(width, height, Timestamp::ZERO);
    let (width, height) = size(&frame);
    let colours = [
        (90, 90, 90),
        (90, 80, 10),
        (20, 80, 80),
        (20, 75, 25),
        (75, 30, 75),
        (80, 20, 20),
        (20, 20, 80),
        (15, 15, 15),
    ];
    for (index, (red, green, blue)) in colours.into_iter().enumerate() {
        let columns = index * width / 8..(index + 1) * width / 8;
        rectangle(
            &mut frame,
            columns,
            0..height * 3 / 4,
            Colour::rgb(red, green, blue),
        );
    }
    for x in 0..width {
        let y = 16 + u8::try_from(x * 219 / width).unwrap_or(219);
        rectangle(
            &mut frame,
            x..x + 1,
            height * 3 / 4..height,
            Colour::grey(y),
        );
    }
    frame
}

/// SMPTE EG 1-1990: bars over two thirds of the height, the reverse bars over a twelfth, below them
/// -I, white, +Q and the steps around black, each as wide as 5/4 of a bar.
pub(super) fn bars(width: u32, height: u32) -> VideoFrame {
    const BARS: [(u8, u8, u8); 7] = [
        (75, 75, 75),
        (75, 75, 0),
        (0, 75, 75),
        (0, 75, 0),
        (75, 0, 75),
        (75, 0, 0),
        (0, 0, 75),
    ];
    let mut frame = VideoFrame::black(width, height, Timestamp::ZERO);
    let (width, height) = size(&frame);
    let lines = [height * 2 / 3, height * 3 / 4];
    for (index, (red, green, blue)) in BARS.into_iter().enumerate() {
        let columns = index * width / 7..(index + 1) * width / 7;
        let colour = Colour::rgb(red, green, blue);
        rectangle(&mut frame, columns, 0..lines[0], colour);
        if index % 2 == 0 {
            let columns = (6 - index) * width / 7..(7 - index) * width / 7;
            rectangle(&mut frame, columns, lines[0]..lines[1], colour);
        }
    }
    let minus_i = Colour {
        y: 16,
        cb: 158,
        cr: 95,
    };
    let plus_q = Colour {
        y: 16,
        cb: 174,
        cr: 149,
    };
    let below: [(usize, Colour); 7] = [
        (0, minus_i),
        (15, Colour::WHITE),
        (30, plus_q),
        (45, Colour::BLACK),
        (60, Colour::grey(7)),
        (64, Colour::BLACK),
        (68, Colour::grey(25)),
    ];
    for (start, colour) in below {
        rectangle(
            &mut frame,
            start * width / 84..width,
            lines[1]..height,
            colour,
        );
    }
    rectangle(
        &mut frame,
        72 * width / 84..width,
        lines[1]..height,
        Colour::BLACK,
    );
    frame
}

/// Waves along the diagonal: each row is the row above shifted by one, so a frame is made of copies.
#[derive(Debug)]
pub(super) struct Waves {
    width: u32,
    height: u32,
    /// One line per plane, [`PERIOD`] samples longer than the plane.
    lines: [Vec<u8>; 3],
}

impl Waves {
    pub(super) fn new(width: u32, height: u32) -> Self {
        let waves = [(90.0, 126.0, 1.0), (60.0, 128.0, 0.0), (60.0, 128.0, 0.25)];
        let lines = array::from_fn(|plane| {
            let (amplitude, middle, phase) = waves[plane];
            (0..width as usize + PERIOD)
                .map(|x| {
                    let turn = (x % PERIOD) as f64 / PERIOD as f64;
                    let waves = if plane == 0 { 4.0 } else { 1.0 };
                    let angle = (turn * waves + phase) * std::f64::consts::TAU;
                    (middle + amplitude * angle.sin()).round() as u8
                })
                .collect()
        });
        Self {
            width,
            height,
            lines,
        }
    }

    fn frame(&self, index: u64) -> VideoFrame {
        let mut frame = VideoFrame::black(self.width, self.height, Timestamp::ZERO);
        for (number, (plane, line)) in frame.planes.iter_mut().zip(&self.lines).enumerate() {
            let speed = if number == 0 { 2 } else { 1 };
            let shift = usize::try_from(index % PERIOD as u64).unwrap_or(0) * speed;
            let width = plane.stride_bytes;
            for (y, row) in plane.data.chunks_exact_mut(width).enumerate() {
                let start = (y + shift) % PERIOD;
                row.copy_from_slice(&line[start..start + width]);
            }
        }
        frame
    }
}

/// Draws a disc that is reflected at the edges, `dx` and `dy` 400ths of the picture per frame.
fn bounce(frame: &mut VideoFrame, index: u64, dx: u64, dy: u64, colour: Colour) {
    let (width, height) = size(frame);
    let radius = width.min(height) / 10;
    let reflected = |step: u64, span: usize| {
        let place = usize::try_from(index.wrapping_mul(step) % 800).unwrap_or(0);
        let place = if place < 400 { place } else { 800 - place };
        radius + place * span.saturating_sub(2 * radius) / 400
    };
    let centre = (reflected(dx, width), reflected(dy, height));
    disc(frame, centre, radius, colour);
}

/// Where something is that crosses `span` from the left, `step` 400ths per frame, over and over.
fn travel(index: u64, step: u64, span: usize) -> usize {
    usize::try_from(index.wrapping_mul(step) % 400).unwrap_or(0) * span / 400
}

fn size(frame: &VideoFrame) -> (usize, usize) {
    (frame.width_px as usize, frame.height_px as usize)
}

fn at(frame: VideoFrame, pts: Timestamp) -> VideoFrame {
    VideoFrame { pts, ..frame }
}

/// Samples after which the waves repeat.
const PERIOD: usize = 256;
