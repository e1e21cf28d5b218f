use media::{FrameRate, VideoFrame};

use super::{TestPattern, TestPatternError, TestPatternKind};
use crate::capture::stamp;

const KINDS: [TestPatternKind; 4] = [
    TestPatternKind::Testsrc,
    TestPatternKind::Testsrc2,
    TestPatternKind::Smptebars,
    TestPatternKind::Noise { level: 12 },
];

fn pattern(kind: TestPatternKind, width: u32, height: u32) -> TestPattern {
    TestPattern::new(kind, width, height, FrameRate::new(25, 1).unwrap()).unwrap()
}

fn mean_difference(a: &VideoFrame, b: &VideoFrame) -> f64 {
    let (a, b) = (&a.planes[0].data, &b.planes[0].data);
    let sum: u64 = a
        .iter()
        .zip(b)
        .map(|(a, b)| u64::from(a.abs_diff(*b)))
        .sum();
    sum as f64 / a.len() as f64
}

#[test]
fn names_are_read_back() {
    for kind in KINDS {
        assert_eq!(kind.to_string().parse(), Ok(kind));
    }
    for name in [
        "",
        "testsrc3",
        "noise",
        "noise:",
        "noise:48",
        "noise:-1",
        "noise:1.5",
    ] {
        let error = TestPatternError::Kind(name.to_owned());
        assert_eq!(name.parse::<TestPatternKind>(), Err(error));
    }
}

#[test]
fn every_size_can_be_drawn() {
    for kind in KINDS {
        for (width, height) in [(1, 1), (2, 1), (31, 17), (64, 40), (160, 120), (353, 287)] {
            let frame = pattern(kind, width, height).frame(u64::MAX, u64::MAX);
            assert_eq!((frame.width_px, frame.height_px), (width, height));
            let samples: usize = frame.planes.iter().map(|plane| plane.data.len()).sum();
            let chroma = width.div_ceil(2) * height.div_ceil(2);
            assert_eq!(samples as u32, width * height + 2 * chroma, "{kind}");
        }
        let rate = FrameRate::new(25, 1).unwrap();
        for (width_px, height_px) in [(0, 1), (1, 0), (8193, 1), (1, u32::MAX)] {
            let error = TestPattern::new(kind, width_px, height_px, rate).unwrap_err();
            assert_eq!(
                error,
                TestPatternError::Size {
                    width_px,
                    height_px
                }
            );
        }
    }
}

#[test]
fn frames_carry_time_and_stamp() {
    let rate = FrameRate::new(30_000, 1001).unwrap();
    for kind in KINDS {
        let pattern = TestPattern::new(kind, 352, 288, rate).unwrap();
        let frame = pattern.frame(30, 3_600_000);
        assert_eq!(frame.pts.0, 1_001_000, "{kind}");
        let stamp = stamp::read(&frame.planes[0].data, 352, 288, 352).unwrap();
        assert_eq!((stamp.frame, stamp.clock_ms), (30, 3_600_000), "{kind}");
    }
}

#[test]
fn pictures_move_and_repeat_exactly() {
    for kind in KINDS {
        let pattern = pattern(kind, 320, 240);
        let [a, again, b] = [(7, 0), (7, 0), (8, 0)].map(|(index, ms)| pattern.frame(index, ms));
        assert_eq!(a.planes, again.planes, "{kind}");
        // The text and the stamp alone change less than 0.5 a sample.
        assert!(
            mean_difference(&a, &b) > 1.0,
            "{kind}: {}",
            mean_difference(&a, &b)
        );
    }
}

#[test]
fn noise_rises_with_its_level() {
    let difference = |level| {
        let pattern = pattern(TestPatternKind::Noise { level }, 320, 240);
        // Frames one pan apart: the texture is the same, the noise is not.
        mean_difference(&pattern.frame(0, 0), &pattern.frame(512, 0))
    };
    let differences = [0, 4, 16, 47].map(difference);
    assert!(
        differences.is_sorted_by(|a, b| a + 1.0 < *b),
        "{differences:?}"
    );
}

#[test]
fn clock_and_number_are_legible() {
    let frame = pattern(TestPatternKind::Smptebars, 144, 96).frame(1_234_567, 45_296_789);
    let luma = &frame.planes[0];
    let rows: Vec<String> = (8..27)
        .map(|y| {
            let row = &luma.data[y * 144 + 7..y * 144 + 81];
            row.iter()
                .map(|sample| if *sample == 235 { '#' } else { ' ' })
                .collect()
        })
        .map(|row: String| format!("|{}", row.trim_end()))
        .collect();
    expect_test::expect![[r#"
        |
        |   #    ###        ####  #  #        #####   ##        #####  ###   ###
        |  ##   #   #   #       # #  #    #   #      #              # #   # #   #
        | # #       #   #       # #  #    #   #     #              #  #   # #   #
        |   #     ##         ###  #####       ####  ####           #   ###   ####
        |   #    #      #       #    #    #       # #   #         #   #   #     #
        |   #   #       #       #    #    #       # #   #  ##     #   #   #    #
        | ##### #####       ####     #        ####   ###   ##     #    ###   ##
        |
        |
        |
        |  # #   ###    #    ###  ####  #  #  #####   ##  #####
        |  # #  #   #  ##   #   #     # #  #  #      #        #
        | ##### #   # # #       #     # #  #  #     #        #
        |  # #  # # #   #     ##   ###  ##### ####  ####     #
        | ##### #   #   #    #        #    #      # #   #   #
        |  # #  #   #   #   #         #    #      # #   #   #
        |  # #   ###  ##### ##### ####     #  ####   ###    #
        |"#]]
    .assert_eq(&rows.join("\n"));
}
