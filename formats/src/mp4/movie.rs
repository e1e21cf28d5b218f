//! The header of a live stream as it is written: `ftyp`, and `moov` with `mvex` and no samples
//! (ISO/IEC 14496-12:2015, 4.3, 8.2 and 8.8.1).

use media::{MediaKind, MediaParameters};
use mp4_atom::{
    BufMut, Dinf, Dref, DrefEntry, Encode, FixedPoint, FourCC, Ftyp, Hdlr, Matrix, Mdhd, Mvex,
    Mvhd, Smhd, Stco, Stsc, Stsz, Stts, Tkhd, Trex, Url, Vmhd,
};

use super::FORMAT;
use super::muxer::{KEY_FLAGS, NON_KEY_FLAGS, TrackWriter, track_id};
use crate::MuxError;

/// Ticks per second of `mvhd`; nothing in a live header counts in them.
const MOVIE_TIMESCALE: u32 = 1000;

/// Appends `ftyp` and `moov`.
pub(super) fn write(tracks: &[TrackWriter], out: &mut Vec<u8>) -> Result<(), MuxError> {
    let len = out.len();
    let written = write_ftyp(out).and_then(|()| write_moov(tracks, out));
    written.map_err(|_| {
        out.truncate(len);
        MuxError::TrackCount {
            format: FORMAT,
            count: tracks.len(),
            allowed: "fewer",
        }
    })
}

fn write_ftyp(out: &mut Vec<u8>) -> mp4_atom::Result<()> {
    Ftyp {
        // iso6 is the oldest brand that asks readers for tfdt and default-base-is-moof.
        major_brand: FourCC::new(b"iso6"),
        minor_version: 0,
        compatible_brands: [b"iso6", b"isom", b"mp42"].map(FourCC::new).to_vec(),
    }
    .encode(out)
}

fn write_moov(tracks: &[TrackWriter], out: &mut Vec<u8>) -> mp4_atom::Result<()> {
    out.encode_atom(b"moov", |out| {
        Mvhd {
            creation_time: 0,
            modification_time: 0,
            timescale: MOVIE_TIMESCALE,
            duration: 0,
            rate: FixedPoint::new(1, 0),
            volume: FixedPoint::new(1, 0),
            matrix: Matrix::default(),
            next_track_id: track_id(tracks.len()),
        }
        .encode(out)?;
        for (index, track) in tracks.iter().enumerate() {
            out.encode_atom(b"trak", |out| write_trak(index, track, out))?;
        }
        Mvex {
            mehd: None,
            trex: tracks.iter().enumerate().map(trex).collect(),
        }
        .encode(out)
    })
}

fn trex((index, track): (usize, &TrackWriter)) -> Trex {
    Trex {
        track_id: track_id(index),
        default_sample_description_index: 1,
        default_sample_duration: 0,
        default_sample_size: 0,
        default_sample_flags: match track.entry.kind() {
            MediaKind::Video => NON_KEY_FLAGS,
            MediaKind::Audio => KEY_FLAGS,
        },
    }
}

fn write_trak(index: usize, track: &TrackWriter, out: &mut Vec<u8>) -> mp4_atom::Result<()> {
    let (width, height) = match track.track.params.media {
        MediaParameters::Video(video) => (px(video.width_px), px(video.height_px)),
        MediaParameters::Audio(_) => (0, 0),
    };
    Tkhd {
        track_id: track_id(index),
        enabled: true,
        in_movie: true,
        volume: FixedPoint::new(u8::from(track.entry.kind() == MediaKind::Audio), 0),
        width: FixedPoint::new(width, 0),
        height: FixedPoint::new(height, 0),
        ..Tkhd::default()
    }
    .encode(out)?;
    out.encode_atom(b"mdia", |out| write_mdia(track, out))
}

fn write_mdia(track: &TrackWriter, out: &mut Vec<u8>) -> mp4_atom::Result<()> {
    let kind = track.entry.kind();
    let (handler, name) = match kind {
        MediaKind::Video => (b"vide", "video"),
        MediaKind::Audio => (b"soun", "audio"),
    };
    Mdhd {
        timescale: track.timescale.get(),
        language: "und".to_owned(),
        ..Mdhd::default()
    }
    .encode(out)?;
    Hdlr {
        handler: FourCC::new(handler),
        name: name.to_owned(),
    }
    .encode(out)?;
    out.encode_atom(b"minf", |out| {
        match kind {
            MediaKind::Video => Vmhd::default().encode(out)?,
            MediaKind::Audio => Smhd::default().encode(out)?,
        }
        Dinf {
            dref: Dref {
                entries: vec![DrefEntry::Url(Url::default())], // empty: this file
            },
        }
        .encode(out)?;
        out.encode_atom(b"stbl", |out| write_stbl(track, out))
    })
}

/// The sample entry, and the tables that have to be there, empty.
fn write_stbl(track: &TrackWriter, out: &mut Vec<u8>) -> mp4_atom::Result<()> {
    out.encode_atom(b"stsd", |out| {
        out.extend([0, 0, 0, 0, 0, 0, 0, 1]); // version, flags; entry_count
        out.extend(&track.entry.bytes);
        Ok(())
    })?;
    Stts::default().encode(out)?;
    Stsc::default().encode(out)?;
    Stsz::default().encode(out)?;
    Stco::default().encode(out)
}

/// Pixels as the whole part of 16.16; the sample entry has refused sides that do not fit.
fn px(side: u32) -> u16 {
    u16::try_from(side).unwrap_or(u16::MAX)
}
