//! Writing FFM2.

use media::{CodecId, CodecParameters, MediaParameters, Packet, TimeBase, Timestamp, Track};

use super::block::BLOCK_SIZE;
use super::frame::Frame;
use super::header::{
    FLAG_GLOBAL_HEADER, Header, MAX_STREAMS, Settings, Stream, StreamKind, Syntax,
};
use super::packer::BlockPacker;
use super::{NAME, codec_ids, options};
use crate::{MuxError, Muxer, Patch};

/// Writes FFM2: a header block, then blocks with frames.
///
/// For viewers of a live stream, who share what is written, every packet ends on a block border; so
/// each can begin at any key frame, and none waits for a block to fill. A file is written densely.
#[derive(Debug)]
pub struct FfmMuxer {
    header: Header,
    bases: Vec<TimeBase>,
    packer: BlockPacker,
    dense: bool,
}

impl FfmMuxer {
    /// Writes a live stream: every packet takes whole blocks.
    ///
    /// # Errors
    /// [`MuxError`] if the header, which is one block, has no room for the tracks, or FFM no number
    /// for a codec.
    pub fn new(tracks: &[Track]) -> Result<Self, MuxError> {
        Ok(Self {
            header: Header::from_tracks(tracks)?,
            bases: tracks.iter().map(|track| track.time_base).collect(),
            packer: BlockPacker::new(),
            dense: false,
        })
    }

    /// Writes a file: blocks are filled up, and the last is written by `finish`.
    ///
    /// # Errors
    /// As [`FfmMuxer::new`].
    pub fn dense(tracks: &[Track]) -> Result<Self, MuxError> {
        let mut muxer = Self::new(tracks)?;
        muxer.dense = true;
        Ok(muxer)
    }
}

/// Whether FFM has a number for the codec.
#[must_use]
pub fn can_carry(codec: CodecId) -> bool {
    codec_ids::number(codec).is_some()
}

impl Muxer for FfmMuxer {
    fn write_header(&self, _start: Timestamp, out: &mut Vec<u8>) -> Result<(), MuxError> {
        self.header.write_ffm2(out);
        Ok(())
    }

    fn write_packet(&mut self, packet: &Packet, out: &mut Vec<u8>) -> Result<(), MuxError> {
        let base = self.bases.get(packet.track).ok_or(MuxError::NoSuchTrack {
            track: packet.track,
            tracks: self.bases.len(),
        })?;
        let header = Frame::header_of(packet, *base)?;
        if packet.discontinuity {
            self.packer.flush(out);
            self.packer.start_session();
        }
        // header_of has checked what push would refuse.
        self.packer.push(&header, &packet.data, out);
        if !self.dense {
            self.packer.flush(out);
        }
        Ok(())
    }

    fn finish(&mut self, out: &mut Vec<u8>) -> Result<Vec<Patch>, MuxError> {
        self.packer.flush(out);
        Ok(Vec::new())
    }
}

impl Header {
    /// The FFM2 header of tracks: write index 0.
    ///
    /// # Errors
    /// [`MuxError`] if one block has no room for it, or FFM no number for a codec.
    pub fn from_tracks(tracks: &[Track]) -> Result<Self, MuxError> {
        if tracks.is_empty() || tracks.len() > MAX_STREAMS {
            return Err(MuxError::TrackCount {
                format: NAME,
                count: tracks.len(),
                allowed: "1 to 32",
            });
        }
        let streams = tracks
            .iter()
            .enumerate()
            .map(|(index, track)| stream_of(index, &track.params))
            .collect::<Result<Vec<_>, _>>()?;
        let header = Self {
            syntax: Syntax::Ffm2,
            write_index: 0,
            bit_rate: streams
                .iter()
                .fold(0, |sum, stream| u32::saturating_add(sum, stream.bit_rate)),
            streams,
            unknown: Vec::new(),
        };
        let mut bytes = Vec::new();
        header.write_ffm2(&mut bytes);
        if bytes.len() > BLOCK_SIZE {
            return Err(no_room(tracks));
        }
        Ok(header)
    }
}

/// Blames the track with the largest configuration.
fn no_room(tracks: &[Track]) -> MuxError {
    let largest = tracks
        .iter()
        .enumerate()
        .max_by_key(|(_, track)| track.params.config.len());
    let (track, codec, len) = largest.map_or((0, CodecId::H264, 0), |(index, track)| {
        (index, track.params.codec, track.params.config.len())
    });
    MuxError::Config {
        format: NAME,
        codec,
        track,
        reason: format!("with its {len} bytes the header is larger than a block"),
    }
}

fn stream_of(track: usize, params: &CodecParameters) -> Result<Stream, MuxError> {
    let codec_id = codec_ids::number(params.codec).ok_or(MuxError::UnsupportedCodec {
        format: NAME,
        codec: params.codec,
        track,
    })?;
    let kind = match params.media {
        MediaParameters::Video(_) => StreamKind::Video,
        MediaParameters::Audio(_) => StreamKind::Audio,
    };
    let settings = settings(params);
    let pairs = settings.iter().map(|(key, value)| (*key, value.as_str()));
    Ok(Stream {
        codec_id,
        kind,
        bit_rate: params.bit_rate_bps.unwrap_or(0),
        quality: 0,
        flags: if params.config.is_empty() {
            0
        } else {
            FLAG_GLOBAL_HEADER
        },
        flags2: 0,
        debug: 0,
        extradata: params.config.clone(),
        settings: Settings::Text {
            shared: Some(options::to_text(pairs)),
            private: None,
        },
    })
}

/// What a reader needs to know beside the codec, under the names of its encoder settings.
fn settings(params: &CodecParameters) -> Vec<(&'static str, String)> {
    let mut settings = Vec::new();
    match &params.media {
        MediaParameters::Video(video) => {
            if let Some(rate) = video.frame_rate {
                settings.push(("time_base", format!("{}/{}", rate.den(), rate.num())));
            }
            if video.width_px != 0 && video.height_px != 0 {
                let size = format!("{}x{}", video.width_px, video.height_px);
                settings.push(("video_size", size));
            }
        }
        MediaParameters::Audio(audio) => {
            settings.push(("ar", audio.sample_rate_hz.to_string()));
            settings.push(("ac", audio.channels.to_string()));
        }
    }
    if let Some(bit_rate) = params.bit_rate_bps {
        settings.push(("b", bit_rate.to_string()));
    }
    settings
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use hex_literal::hex;
    use media::{AudioParameters, FrameRate, VideoParameters};

    use super::super::{BlockHeader, FfmDemuxer, PAYLOAD_SIZE};
    use super::*;
    use crate::{Demuxed, Demuxer, Need};

    const SETS: [u8; 20] = hex!("00000001 6742c01eda02c0 00000001 68ce3c80 00");

    fn tracks() -> Vec<Track> {
        let video = CodecParameters {
            codec: CodecId::Mjpeg,
            bit_rate_bps: Some(500_000),
            config: Bytes::new(),
            media: MediaParameters::Video(VideoParameters {
                width_px: 640,
                height_px: 480,
                frame_rate: FrameRate::new(30_000, 1001),
            }),
        };
        let audio = CodecParameters {
            codec: CodecId::Aac,
            bit_rate_bps: None,
            config: Bytes::from_static(&hex!("1208")),
            media: MediaParameters::Audio(AudioParameters {
                sample_rate_hz: 44_100,
                channels: 1,
            }),
        };
        let track = |time_base, params| Track { time_base, params };
        vec![track(TimeBase::MPEG, video), track(TimeBase::MILLIS, audio)]
    }

    fn packet(track: usize, dts: i64, len: usize) -> Packet {
        Packet {
            track,
            pts: Timestamp(dts),
            dts: Timestamp(dts),
            duration: 0,
            key: true,
            discontinuity: false,
            data: vec![0x5a; len].into(),
        }
    }

    #[test]
    fn header_bytes() {
        let mut out = Vec::new();
        let muxer = FfmMuxer::new(&tracks()).unwrap();
        muxer.write_header(Timestamp::ZERO, &mut out).unwrap();
        assert_eq!(out.len(), BLOCK_SIZE);
        let mut want = Vec::new();
        want.extend(hex!("46464d32 00001000 0000000000000000"));
        want.extend(hex!("4d41494e 00000008 00000002 0007a120"));
        want.extend(hex!(
            "434f4d4d 00000015 00000008 00 0007a120 00000000 00000000 00000000"
        ));
        want.extend(hex!("53325649 00000030"));
        want.extend(b"time_base=1001/30000,video_size=640x480,b=500000\0");
        want.extend(hex!(
            "434f4d4d 0000001b 00015002 01 00000000 00400000 00000000 00000000"
        ));
        want.extend(hex!("00000002 1208 53324155 0000000e"));
        want.extend(b"ar=44100,ac=1\0");
        let settings = want.windows(4).position(|tag| tag == b"S2VI").unwrap();
        want[settings + 7] = 49; // 48 characters and a NUL
        assert_eq!(out[..want.len()], want);
        assert!(out[want.len()..].iter().all(|byte| *byte == 0));
    }

    #[test]
    fn live_packets_take_whole_blocks_and_files_do_not() {
        let lens = [10, PAYLOAD_SIZE - 16, PAYLOAD_SIZE, 0];
        for (name, muxer, want) in [
            ("live", FfmMuxer::new(&tracks()), [1, 1, 2, 1, 0]),
            ("file", FfmMuxer::dense(&tracks()), [0, 1, 1, 0, 1]),
        ] {
            let mut muxer = muxer.unwrap();
            let mut blocks = Vec::new();
            let mut all = Vec::new();
            for (index, len) in (0..).zip(lens) {
                let mut out = Vec::new();
                muxer
                    .write_packet(&packet(0, index * 3000, len), &mut out)
                    .unwrap();
                assert_eq!(out.len() % BLOCK_SIZE, 0, "{name}");
                blocks.push(out.len() / BLOCK_SIZE);
                all.extend(out);
            }
            let mut out = Vec::new();
            assert_eq!(muxer.finish(&mut out).unwrap(), []);
            blocks.push(out.len() / BLOCK_SIZE);
            all.extend(out);
            assert_eq!(blocks, want, "{name}");
            let flags = all.chunks(BLOCK_SIZE).map(|block| block[12] & 0x80 != 0);
            assert_eq!(flags.filter(|flag| *flag).count(), 1, "{name}: one session");
        }
    }

    #[test]
    fn viewer_can_start_at_any_packet() {
        let mut muxer = FfmMuxer::new(&tracks()).unwrap();
        let mut header = Vec::new();
        muxer.write_header(Timestamp::ZERO, &mut header).unwrap();
        let mut chunks = Vec::new();
        let packets: Vec<_> = (0..6)
            .map(|n| packet(n % 2, i64::try_from(n).unwrap() * 90, n * 3000))
            .collect();
        for packet in &packets {
            let mut out = Vec::new();
            muxer.write_packet(packet, &mut out).unwrap();
            chunks.push(out);
        }
        for start in 0..chunks.len() {
            let mut demuxer = FfmDemuxer::new();
            demuxer.push(&header);
            demuxer.push(&chunks[start..].concat());
            demuxer.push_end();
            let mut found = Vec::new();
            loop {
                match demuxer.next().unwrap() {
                    Demuxed::Tracks(tracks) => assert_eq!(tracks.len(), 2),
                    Demuxed::Packet(packet) => found.push(packet),
                    Demuxed::Need(need) => assert_eq!(need, Need::Bytes),
                    Demuxed::End => break,
                }
            }
            let times: Vec<_> = found.iter().map(|packet| packet.pts.0).collect();
            let want: Vec<_> = (start..6)
                .map(|n| {
                    if n % 2 == 0 {
                        n as i64 * 1000
                    } else {
                        n as i64 * 90_000
                    }
                })
                .collect();
            assert_eq!(times, want, "from packet {start}");
            assert!(
                found
                    .iter()
                    .zip(&packets[start..])
                    .all(|(a, b)| a.data == b.data)
            );
        }
    }

    #[test]
    fn what_cannot_be_written_is_refused() {
        let mut out = vec![1];
        let mut muxer = FfmMuxer::new(&tracks()).unwrap();
        let refused = muxer.write_packet(&packet(2, 0, 1), &mut out);
        assert_eq!(
            refused,
            Err(MuxError::NoSuchTrack {
                track: 2,
                tracks: 2
            })
        );
        let early = Packet {
            pts: Timestamp(-1),
            ..packet(0, 0, 1)
        };
        let refused = muxer.write_packet(&early, &mut out);
        assert!(
            matches!(refused, Err(MuxError::Time { track: 0, .. })),
            "{refused:?}"
        );
        assert_eq!(out, [1]);

        let mut large = tracks();
        large[1].params.config = vec![0; BLOCK_SIZE].into();
        let refused = FfmMuxer::new(&large).map(|_| ());
        assert!(
            matches!(refused, Err(MuxError::Config { track: 1, .. })),
            "{refused:?}"
        );
        let mut opus = tracks();
        opus[1].params.codec = CodecId::Opus;
        let refused = FfmMuxer::new(&opus).map(|_| ());
        assert!(matches!(
            refused,
            Err(MuxError::UnsupportedCodec { track: 1, .. })
        ));
        let refused = FfmMuxer::new(&[]).map(|_| ());
        assert!(matches!(
            refused,
            Err(MuxError::TrackCount { count: 0, .. })
        ));
    }

    #[test]
    fn session_starts_at_a_discontinuity() {
        let mut muxer = FfmMuxer::dense(&tracks()).unwrap();
        let mut out = Vec::new();
        muxer.write_packet(&packet(0, 0, 5000), &mut out).unwrap();
        let broken = Packet {
            discontinuity: true,
            ..packet(0, 90, 10)
        };
        muxer.write_packet(&broken, &mut out).unwrap();
        muxer.finish(&mut out).unwrap();
        let headers: Vec<_> = out
            .chunks(BLOCK_SIZE)
            .map(|block| BlockHeader::parse(*block.first_chunk().unwrap()).unwrap())
            .map(|header| (header.discontinuity, header.frame_offset, header.fill_size))
            .collect();
        assert_eq!(headers, [(true, 14, 0), (false, 0, 3148), (true, 14, 4056)]);
    }

    #[test]
    fn avc_comes_back_as_annex_b_with_parameter_sets_before_each_key_frame() {
        let mut tracks = tracks();
        tracks[0].params.codec = CodecId::H264;
        tracks[0].params.config = Bytes::from_static(&SETS[..19]);
        let mut muxer = FfmMuxer::new(&tracks).unwrap();
        let mut out = Vec::new();
        muxer.write_header(Timestamp::ZERO, &mut out).unwrap();
        let mut key = packet(0, 0, 0);
        key.data = Bytes::from_static(&hex!("00000001 09f0 000001 6588"));
        muxer.write_packet(&key, &mut out).unwrap();
        let mut demuxer = FfmDemuxer::endless();
        demuxer.push(&out);
        let Ok(Demuxed::Tracks(found)) = demuxer.next() else {
            panic!("tracks come first");
        };
        assert_eq!(found[0].params.config, SETS[..19]);
        let Ok(Demuxed::Packet(found)) = demuxer.next() else {
            panic!("the packet comes at once");
        };
        let want = [
            &hex!("00000001 09f0")[..],
            &SETS[..19],
            &hex!("00000001 6588"),
        ]
        .concat();
        assert_eq!(found.data, want);
    }
}
