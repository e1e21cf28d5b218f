//! The crate `mp4`, which shares nothing with this one, reads what is written here and writes what
//! is read here.

use std::io::Cursor;

use bytes::Bytes;
use mp4::{
    AacConfig, AvcConfig, ChannelConfig, MediaConfig, Mp4Config, Mp4Reader, Mp4Sample, Mp4Writer,
    SampleFreqIndex, TrackConfig,
};

use super::super::Mp4Demuxer;
use super::{PARAMETER_SETS, live_stream};
use crate::testing::drive;

#[test]
fn a_live_stream_is_read_as_it_was_meant() {
    let (stream, packets) = live_stream(25, 100, true);
    let len = stream.len() as u64;
    let reader = Mp4Reader::read_header(Cursor::new(stream), len).unwrap();
    assert!(reader.is_fragmented());
    let video = &reader.tracks()[&1];
    assert_eq!(
        (video.width(), video.height(), video.timescale()),
        (640, 480, 90_000)
    );
    assert_eq!(
        video.sequence_parameter_set().unwrap(),
        &PARAMETER_SETS[4..13]
    );
    assert_eq!(
        video.picture_parameter_set().unwrap(),
        &PARAMETER_SETS[17..]
    );
    let audio = &reader.tracks()[&2];
    assert_eq!(
        audio.sample_freq_index().unwrap(),
        SampleFreqIndex::Freq44100
    );
    assert_eq!(audio.channel_config().unwrap(), ChannelConfig::Stereo);
    assert_eq!(reader.sample_count(1).unwrap(), 25);
    assert_eq!(reader.sample_count(2).unwrap(), 50);

    let moofs = reader.moofs.clone();
    assert_eq!(moofs.len(), packets.len());
    for (moof, packet) in moofs.iter().zip(&packets) {
        let traf = &moof.trafs[0];
        let time = traf.tfdt.as_ref().unwrap().base_media_decode_time;
        assert_eq!(traf.tfhd.track_id as usize, packet.track + 1);
        assert_eq!(i64::try_from(time).unwrap(), packet.dts.0);
        let trun = traf.trun.as_ref().unwrap();
        assert_eq!(
            trun.first_sample_flags.unwrap() == 0x0200_0000,
            packet.key,
            "{packet:?}"
        );
        let offset = packet.pts.since(packet.dts);
        let cts = trun.sample_cts.first().map_or(0, |cts| i64::from(*cts));
        assert_eq!(cts, offset);
    }
    // It cannot read the samples: data offsets count from the file's start for it, whatever
    // default-base-is-moof says.
}

#[test]
fn a_file_of_its_writer_is_read() {
    let mut writer = Mp4Writer::write_start(
        Cursor::new(Vec::new()),
        &Mp4Config {
            major_brand: "isom".parse().unwrap(),
            minor_version: 0,
            compatible_brands: vec!["isom".parse().unwrap()],
            timescale: 1000,
        },
    )
    .unwrap();
    let configs = [
        MediaConfig::AvcConfig(AvcConfig {
            width: 640,
            height: 480,
            seq_param_set: PARAMETER_SETS[4..13].to_vec(),
            pic_param_set: PARAMETER_SETS[17..].to_vec(),
        }),
        MediaConfig::AacConfig(AacConfig {
            bitrate: 64_000,
            freq_index: SampleFreqIndex::Freq48000,
            ..AacConfig::default()
        }),
    ];
    for (media_conf, timescale) in configs.into_iter().zip([25, 48_000]) {
        let config = TrackConfig {
            timescale,
            ..TrackConfig::from(media_conf)
        };
        writer.add_track(&config).unwrap();
    }
    let mut want = Vec::new();
    for picture in 0..60_i32 {
        let is_sync = picture % 20 == 0;
        let rendering_offset = [1, 3, 0][(picture % 3) as usize];
        let nal = [if is_sync { 0x65 } else { 0x41 }, picture as u8 + 1];
        let video = Mp4Sample {
            start_time: picture as u64,
            duration: 1,
            rendering_offset,
            is_sync,
            bytes: Bytes::from([&[0, 0, 0, 2][..], &nal].concat()),
        };
        writer.write_sample(1, &video).unwrap();
        let dts = i64::from(picture);
        want.push((
            0,
            dts,
            dts + i64::from(rendering_offset),
            is_sync,
            nal.to_vec(),
        ));
        let audio = Mp4Sample {
            start_time: picture as u64 * 1024,
            duration: 1024,
            rendering_offset: 0,
            is_sync: true,
            bytes: Bytes::from(vec![picture as u8; 1 + picture as usize]),
        };
        writer.write_sample(2, &audio).unwrap();
        want.push((1, dts * 1024, dts * 1024, true, audio.bytes.to_vec()));
    }
    writer.write_end().unwrap();
    let source = writer.into_writer().into_inner();

    let driven = drive(&mut Mp4Demuxer::new(), &source, 1000);
    assert_eq!(driven.errors, []);
    let mut got: Vec<_> = driven
        .packets
        .iter()
        .map(|packet| {
            let data = match packet.track {
                0 => packet.data[packet.data.len() - 2..].to_vec(),
                _ => packet.data.to_vec(),
            };
            (packet.track, packet.dts.0, packet.pts.0, packet.key, data)
        })
        .collect();
    got.sort_by_key(|packet| packet.0);
    want.sort_by_key(|packet| packet.0);
    assert_eq!(got, want);
}
