//! Which sound of a recording is heard, where it has several tracks, two channels, or two that
//! mirror each other.

use crate::util::{demo_sound, skip, wav};

/// As [`wav`], with two channels.
fn stereo(left: &[f32], right: &[f32]) -> Vec<u8> {
    let both: Vec<f32> = left.iter().zip(right).flat_map(|(left, right)| [*left, *right]).collect();
    let mut bytes = wav(&both);
    bytes[22] = 2;
    bytes[28..32].copy_from_slice(&64_000u32.to_le_bytes());
    bytes[32] = 4;
    bytes
}

#[test]
fn one_channel_of_two() {
    let Some(desk) = crate::synth::desk() else { return };
    let voice = demo_sound(0.0, 90.0);
    let mirrored: Vec<f32> = voice.iter().map(|sample| -sample).collect();
    let backwards: Vec<f32> = voice.iter().rev().copied().collect();
    desk.put("mirrored.wav", stereo(&voice, &mirrored));
    desk.put("two.wav", stereo(&voice, &backwards));
    desk.put("one.wav", wav(&voice));
    for (audio, more, code, says) in [
        ("mirrored.wav", &[][..], 0, "mirror each other"),
        ("two.wav", &["--channel", "left"], 0, ""),
        ("two.wav", &["--channel", "right"], 5, "does not belong"),
        ("one.wav", &["--channel", "left"], 2, "`one.wav` has 1 channel"),
        ("two.wav", &["--track", "2"], 2, "no sound track `2`\nhint: it has one"),
    ] {
        let all = [&["align", audio, "en.txt", "--method", "synth", "--json"], more].concat();
        desk.aloud(&all).code(code).says(says);
    }
    // What is found is said of the file that was named, which is not written over.
    let find = [
        "find",
        "courthouse",
        "two.wav",
        "--article",
        "en.txt",
        "--method",
        "synth",
        "--channel",
        "left",
    ];
    assert!(desk.aloud(&find).code(0).out().starts_with("two.wav:"));
    assert!(desk.aloud(&[&find[..], &["--json"]].concat()).code(0).out().contains("\"two.wav\""));
    desk.aloud(&[&find[..], &["--clip", "two.wav", "--force"]].concat()).code(2);
    desk.aloud(&["find", "courthouse", ".", "--channel", "left"]).code(2).says("named one by one");
    // A channel that is chosen is a recording of its own: nothing of it is taken for the other's.
    let listed = desk.aloud(&["cache", "list"]).code(0).out();
    assert!(listed.contains("two (left).m3u8"), "{listed}");
}

#[test]
fn one_track_of_several() {
    let Some(desk) = crate::synth::desk() else { return };
    if std::process::Command::new("ffmpeg").arg("-version").output().is_err() {
        return skip("there is no ffmpeg here");
    }
    for (film, codec) in [("film.mkv", "copy"), ("film.mp4", "aac")] {
        let mut ffmpeg = std::process::Command::new("ffmpeg");
        ffmpeg.args([
            "-v",
            "error",
            "-t",
            "90",
            "-i",
            "radio.mp3",
            "-t",
            "90",
            "-i",
            "en.mp3",
            "-map",
            "0:a",
            "-map",
            "1:a",
        ]);
        ffmpeg.args([
            "-c:a",
            codec,
            "-metadata:s:a:0",
            "language=chi",
            "-metadata:s:a:1",
            "language=eng",
            film,
        ]);
        assert!(ffmpeg.current_dir(desk.path()).status().unwrap().success());
        for (more, code, says) in [
            (
                &[][..],
                0,
                "2 sound tracks (1 Chinese, 2 English): number 2 is heard; `--track` chooses",
            ),
            (&["--track", "2"], 0, "number 2 is heard"),
            (&["--track", "english"], 0, "number 2 is heard"),
            (&["--track", "1"], 5, "number 1 is heard"),
            (
                &["--track", "fr"],
                2,
                "no sound track `fr`\nhint: it has 2 sound tracks (1 Chinese, 2 English)",
            ),
            (&["--track", "3"], 2, "no sound track `3`"),
        ] {
            let all = [&["align", film, "en.txt", "--method", "synth", "--json"], more].concat();
            desk.aloud(&all).code(code).says(says);
        }
        // A browser would play the other track.
        desk.aloud(&["subs", film, "en.txt", "--method", "synth", "-o", "page.html"])
            .code(2)
            .says("-map 0:a:1");
        desk.aloud(&["find", "courthouse", film, "--article", "en.txt", "--method", "synth"])
            .code(0);
    }
}
