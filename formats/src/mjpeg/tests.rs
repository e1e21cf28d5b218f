//! Whole files of the three formats of JPEG images.

use bytes::Bytes;
use hex_literal::hex;
use media::{CodecId, FrameRate, Packet, TimeBase, Timestamp};

use super::{MjpegDemuxer, MjpegMuxer};
use crate::testing::{Driven, Random, corpus, drive, drive_splits, listed, mutated};
use crate::{Demuxer, Format, JpegDemuxer, JpegMuxer, MpJpegDemuxer, MpJpegMuxer, MuxError, Muxer};

/// 16x8 with a DRI segment, SOS, two bytes of scan.
const IMAGE: &[u8] = &hex!("ffd8 ffc0 000b 08 0008 0010 01 01 11 00 ffda 0003 00 1234 ffd9");

fn read(mut demuxer: impl Demuxer, source: &[u8]) -> Driven {
    drive(&mut demuxer, source, source.len().max(1))
}

fn images(driven: &Driven) -> Vec<Bytes> {
    driven
        .packets
        .iter()
        .map(|packet| packet.data.clone())
        .collect()
}

fn errors(driven: &Driven) -> Vec<String> {
    driven.errors.iter().map(ToString::to_string).collect()
}

/// A muxer's bytes for what a demuxer gave.
fn write(mut muxer: impl Muxer, packets: &[Packet]) -> Vec<u8> {
    let mut out = Vec::new();
    muxer.write_header(Timestamp::ZERO, &mut out).unwrap();
    for packet in packets {
        muxer.write_packet(packet, &mut out).unwrap();
    }
    assert_eq!(muxer.finish(&mut out), Ok(vec![]));
    out
}

#[test]
fn concatenated_images_are_read_as_ffprobe_lists_them_and_written_the_same() {
    let source = corpus("v_mjpeg.mjpeg");
    let driven = read(MjpegDemuxer::new(), &source);
    assert_eq!(driven.errors, []);
    let got: Vec<_> = driven
        .packets
        .iter()
        .map(|p| (p.dts.0, p.data.len(), p.key))
        .collect();
    let want: Vec<_> = listed("v_mjpeg.mjpeg")
        .into_iter()
        .map(|l| (l.dts, l.size, l.key))
        .collect();
    assert_eq!(got, want);
    let tracks = &driven.tracks[0].1;
    assert_eq!(tracks[0].time_base, TimeBase::new(1, 25).unwrap());
    let video = tracks[0].params.video().unwrap();
    assert_eq!(
        (video.width_px, video.height_px, video.frame_rate),
        (320, 240, None)
    );
    assert!(write(MjpegMuxer::new(tracks).unwrap(), &driven.packets) == source);
}

#[test]
fn multipart_images_of_ffmpeg_are_read_and_written_byte_for_byte() {
    let source = corpus("v_mjpeg.mpjpeg");
    let driven = read(MpJpegDemuxer::new(), &source);
    assert_eq!(driven.errors, []);
    assert_eq!(
        images(&driven),
        images(&read(MjpegDemuxer::new(), &corpus("v_mjpeg.mjpeg")))
    );
    let tracks = &driven.tracks[0].1;
    assert!(write(MpJpegMuxer::new(tracks).unwrap(), &driven.packets) == source);

    let source = corpus("served_32_live.mjpg"); // cut off by the client
    let driven = read(MpJpegDemuxer::new(), &source);
    assert_eq!(
        errors(&driven),
        ["mpjpeg ends at byte 122880 inside an image"]
    );
    let again = write(
        MpJpegMuxer::new(&driven.tracks[0].1).unwrap(),
        &driven.packets,
    );
    assert!(source.starts_with(&again) && again.len() > 100_000);
}

#[test]
fn one_image_is_one_image() {
    let source = corpus("served_32_snap.jpg");
    let driven = read(JpegDemuxer::new(), &[&source[..], IMAGE].concat());
    assert_eq!(
        (images(&driven), errors(&driven)),
        (vec![Bytes::from(source.clone())], vec![])
    );
    let mut muxer = JpegMuxer::new(&driven.tracks[0].1).unwrap();
    let mut out = Vec::new();
    muxer.write_packet(&driven.packets[0], &mut out).unwrap();
    let full = MuxError::Full {
        format: "jpeg",
        bytes: source.len() as u64,
    };
    assert_eq!(muxer.write_packet(&driven.packets[0], &mut out), Err(full));
    assert_eq!(out, source);
    assert_eq!(Format::probe(&source), Some(Format::Jpeg));
    assert_eq!(
        Format::probe(&corpus("v_mjpeg.mjpeg")[..1024]),
        Some(Format::Mjpeg)
    );
    assert_eq!(
        Format::probe(&corpus("v_mjpeg.mpjpeg")[..1024]),
        Some(Format::MpJpeg)
    );
}

#[test]
fn multipart_bodies_of_other_servers_are_read() {
    let body = |parts: &[&[u8]]| parts.concat();
    for (name, source, count, want) in [
        (
            "another boundary, no length, close delimiter, epilogue",
            body(&[
                b"--a:b\r\nContent-Type: image/jpeg\r\n\r\n",
                IMAGE,
                b"\r\n--a:b\r\n\r\n",
                IMAGE,
                b"\r\n--a:b--\r\nbye",
            ]),
            2,
            &[][..],
        ),
        (
            "line feeds, CRLF first, spaces, length in capitals",
            body(&[
                b"\r\n--x  \nCONTENT-LENGTH :  24 \n\n",
                IMAGE,
                b"\n--x\nX: y\n\n",
                IMAGE,
                b"\n--x\n",
            ]),
            2,
            &[],
        ),
        (
            "no line break behind a sized image",
            body(&[
                b"--x\r\nContent-Length: 24\r\n\r\n",
                IMAGE,
                b"--x\r\nContent-Length: 24\r\n\r\n",
                IMAGE,
            ]),
            2,
            &[],
        ),
        (
            "no length and no delimiter at the end",
            body(&[b"--x\r\n\r\n", IMAGE]),
            1,
            &[],
        ),
        (
            "a length that lies",
            body(&[
                b"--x\r\nContent-Length: 29\r\n\r\n",
                IMAGE,
                b"\r\n--x\r\nContent-Length: 24\r\n\r\n",
                IMAGE,
                b"\r\n--x\r\n",
            ]),
            1,
            &["mpjpeg at byte 58: no delimiter where one belongs"],
        ),
        (
            "lengths that are none",
            body(&[
                b"--x\r\nContent-Length: -1\r\n\r\n",
                IMAGE,
                b"\r\n--x\r\nContent-Length: 99999999999999999999\r\n\r\n",
                IMAGE,
                b"\r\n--x\r\n\r\n",
                IMAGE,
                b"\r\n--x--",
            ]),
            1,
            &[
                "mpjpeg at byte 5: a Content-Length that is no number",
                "mpjpeg at byte 58: a Content-Length that is no number",
            ],
        ),
        (
            "a part that is text",
            body(&[b"--x\r\n\r\nhello\r\n--x\r\n\r\n", IMAGE, b"\r\n--x--\r\n"]),
            1,
            &["mpjpeg at byte 7: a part that is no JPEG image"],
        ),
        (
            "no delimiter",
            body(&[b"hello\r\n--x\r\n\r\n", IMAGE, b"\r\n--x--\r\n"]),
            1,
            &["mpjpeg at byte 0: no delimiter where one belongs"],
        ),
    ] {
        let driven = read(MpJpegDemuxer::new(), &source);
        assert_eq!(
            (driven.packets.len(), &errors(&driven)[..]),
            (
                count,
                &want.iter().map(ToString::to_string).collect::<Vec<_>>()[..]
            ),
            "{name}"
        );
        for split in 0..source.len() {
            let pieces = |at: usize| {
                if at < split {
                    split - at
                } else {
                    usize::MAX / 2
                }
            };
            let split_driven = drive_splits(&mut MpJpegDemuxer::new(), &source, pieces);
            assert_eq!(split_driven, driven, "{name}, split at {split}");
            let prefix = read(MpJpegDemuxer::new(), &source[..split]);
            assert!(prefix.packets.len() <= count, "{name}, prefix of {split}");
        }
    }
}

#[test]
fn bytes_between_images_are_passed_over_and_broken_images_told() {
    let small = [&IMAGE[..7], &hex!("0010 0020"), &IMAGE[11..]].concat();
    let source = [
        &hex!("0000ff")[..],
        IMAGE,
        &[0; 9],
        &hex!("ffd8 1234"),
        &small,
        IMAGE,
    ]
    .concat();
    let driven = read(
        MjpegDemuxer::with_frame_rate(FrameRate::new(10, 1).unwrap()),
        &source,
    );
    assert_eq!(images(&driven), [IMAGE, &small, IMAGE]);
    assert_eq!(
        errors(&driven),
        ["mjpeg at byte 38: no JPEG marker where one belongs"]
    );
    let sizes: Vec<_> = driven
        .tracks
        .iter()
        .map(|(before, tracks)| (*before, tracks[0].params.video().unwrap().width_px))
        .collect();
    assert_eq!(
        sizes,
        [(0, 16), (1, 32), (2, 16)],
        "tracks are told when the size changes"
    );
    assert_eq!(driven.tracks[0].1[0].params.codec, CodecId::Mjpeg);
    assert!(driven.packets[1].discontinuity && !driven.packets[2].discontinuity);
    for step in 1..source.len() {
        let rate = FrameRate::new(10, 1).unwrap();
        let again = drive(&mut MjpegDemuxer::with_frame_rate(rate), &source, step);
        assert_eq!(again, driven, "steps of {step}");
        let prefix = read(MjpegDemuxer::with_frame_rate(rate), &source[..step]);
        assert_eq!(prefix.packets[..], driven.packets[..prefix.packets.len()]);
    }
}

#[test]
fn damage_never_panics_nor_loops() {
    let mut random = Random(0x00ff_d8ff);
    let sources = [
        corpus("v_mjpeg.mjpeg")[..40_000].to_vec(),
        corpus("v_mjpeg.mpjpeg")[..40_000].to_vec(),
    ];
    for _ in 0..200 {
        for source in &sources {
            let damaged = mutated(source, &mut random);
            let step = 1 + random.below(9000);
            drive(&mut MjpegDemuxer::new(), &damaged, step);
            drive(&mut MpJpegDemuxer::new(), &damaged, step);
            drive(&mut JpegDemuxer::new(), &damaged, step);
        }
    }
}

#[test]
fn packets_that_are_no_images_are_refused() {
    let driven = read(MjpegDemuxer::new(), IMAGE);
    let tracks = &driven.tracks[0].1;
    let mut packet = driven.packets[0].clone();
    let mut muxer = MpJpegMuxer::new(tracks).unwrap();
    let mut out = Vec::new();
    for (data, want) in [
        (
            &b"GIF89a"[..],
            "packet of track 0 is no mjpeg: it does not start with SOI",
        ),
        (
            &IMAGE[..20],
            "packet of track 0 is no mjpeg: it does not end with EOI",
        ),
    ] {
        packet.data = Bytes::copy_from_slice(data);
        let error = muxer.write_packet(&packet, &mut out).unwrap_err();
        assert_eq!((error.to_string().as_str(), out.len()), (want, 0));
    }
    packet.track = 1;
    assert!(matches!(
        muxer.write_packet(&packet, &mut out),
        Err(MuxError::NoSuchTrack {
            track: 1,
            tracks: 1
        })
    ));
}
