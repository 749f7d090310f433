//! The player against a real sound server: what the card plays is recorded and compared with what
//! was played and with what the player said is heard.
//!
//! Runs where `with-sound-card` (see CONTRIBUTING) and what it needs is there; says so and passes
//! elsewhere.

// A helper of a test is a test too, which the lint does not see.
#![allow(clippy::unwrap_used)]

#[allow(dead_code, reason = "shared with the other test binary")]
mod util;

use serde_json::Value;
use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, SystemTime, UNIX_EPOCH};
use util::{Desk, root, wav};

/// The recorder's rate.
const RATE: f64 = 48_000.0;
/// The episode has a beep of a tenth of a second in the middle of every half second, each higher
/// than the one before by this factor; so each tells its place.
const STEP: f64 = 1.025;
const LOWEST: f64 = 400.0;
const BEEPS: usize = 80;
const LOUD: f64 = 0.5;

fn pitch(beep: usize) -> f64 {
    LOWEST * STEP.powi(beep as i32)
}

/// The middle of a beep in the episode, in seconds.
fn middle(beep: usize) -> f64 {
    beep as f64 * 0.5 + 0.25
}

fn episode() -> Vec<u8> {
    let sample = |i: usize| {
        let (t, beep) = (i as f64 / 16_000.0, i / 8_000);
        let inside = 0.05 - (t - middle(beep)).abs();
        if inside <= 0.0 {
            return 0.0;
        }
        // Five milliseconds of rise and fall, so that the beep itself does not click.
        let edge = (inside / 0.005).min(1.0);
        let gain = LOUD * (std::f64::consts::FRAC_PI_2 * edge).sin().powi(2);
        (gain * (std::f64::consts::TAU * pitch(beep) * t).sin()) as f32
    };
    wav(&(0..BEEPS * 8_000).map(sample).collect::<Vec<_>>())
}

fn now() -> f64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs_f64()
}

/// A beep that was heard.
#[derive(Clone, Copy, Debug)]
struct Heard {
    beep: usize,
    /// How far its pitch is off, as a part.
    off: f64,
    /// In the recording, in seconds.
    begin: f64,
    end: f64,
}

/// The first channel of a 16-bit stereo WAV file.
fn read_recording(path: &Path) -> Vec<f64> {
    let bytes = fs::read(path).unwrap();
    let data = bytes.windows(4).position(|w| w == b"data").unwrap() + 8;
    bytes[data..]
        .chunks_exact(4)
        .map(|frame| f64::from(i16::from_le_bytes([frame[0], frame[1]])) / 32_768.0)
        .collect()
}

fn find_beeps(sound: &[f64]) -> Vec<Heard> {
    // Within 30 ms it is one beep: slowed down, the end of one comes back softly.
    let mut spans: Vec<(usize, usize)> = Vec::new();
    for (i, _) in sound.iter().enumerate().filter(|(_, x)| x.abs() > 0.02) {
        match spans.last_mut() {
            Some((_, end)) if i - *end < 1_440 => *end = i,
            _ => spans.push((i, i)),
        }
    }
    spans
        .into_iter()
        .filter(|(begin, end)| end - begin > 480)
        .map(|(begin, end)| heard(sound, begin, end))
        .collect()
}

/// The pitch by its zero crossings, between samples.
fn heard(sound: &[f64], begin: usize, end: usize) -> Heard {
    let quarter = (end - begin) / 4;
    let crossings: Vec<f64> = (begin + quarter..end - quarter)
        .filter(|&i| sound[i] < 0.0 && sound[i + 1] >= 0.0)
        .map(|i| i as f64 - sound[i] / (sound[i + 1] - sound[i]))
        .collect();
    let n = crossings.len();
    assert!(n > 2, "no tone between {} and {} s", begin as f64 / RATE, end as f64 / RATE);
    let hz = (n - 1) as f64 * RATE / (crossings[n - 1] - crossings[0]);
    let beep = ((hz / LOWEST).ln() / STEP.ln()).round().max(0.0) as usize;
    Heard {
        beep,
        off: (hz / pitch(beep) - 1.0).abs(),
        begin: begin as f64 / RATE,
        end: end as f64 / RATE,
    }
}

fn tool() -> PathBuf {
    root().join("../shared/tools/with-sound-card")
}

/// What came of a run: what the probe wrote, the recording, and the time on the wall at its start.
struct Ran {
    log: Vec<Value>,
    sound: Vec<f64>,
    start: f64,
}

/// Plays by a script under a sound server of its own; `None` where there is none.
fn play(script: &str) -> Option<Ran> {
    let desk = Desk::new();
    let (script, audio) = (desk.put("script", script), desk.put("episode.wav", episode()));
    let (recording, log) = (desk.path().join("recording.wav"), desk.path().join("log"));
    fs::create_dir(desk.path().join("tmp")).unwrap();
    let mut child = Command::new(tool())
        .arg(&recording)
        .arg(env!("CARGO_BIN_EXE_aloud"))
        .arg("player-probe")
        .args([&script, &audio])
        .env("TMPDIR", desk.path().join("tmp"))
        .env("HOME", desk.path().join("home"))
        .stdout(fs::File::create(&log).unwrap())
        .stderr(Stdio::piped())
        .spawn()
        .ok()?;
    // The recorder writes as it hears: how much is there when tells when it began.
    let mut start = f64::MAX;
    let status = loop {
        if let Some(status) = child.try_wait().unwrap() {
            break status;
        }
        if let Some(size) = raw_size(&desk.path().join("tmp")) {
            start = start.min(now() - size as f64 / 4.0 / RATE);
        }
        std::thread::sleep(Duration::from_millis(3));
    };
    let said = std::io::read_to_string(child.stderr.take().unwrap()).unwrap();
    if status.code() == Some(2) && said.contains("with-sound-card:") {
        let _ = writeln!(std::io::stderr(), "\nskipped: sound: {}", said.trim());
        return None;
    }
    assert!(status.success(), "{said}");
    assert_eq!(said, "", "something was printed");
    let log = fs::read_to_string(log)
        .unwrap()
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    Some(Ran { log, sound: read_recording(&recording), start })
}

fn raw_size(tmp: &Path) -> Option<u64> {
    let folder = fs::read_dir(tmp).ok()?.flatten().next()?;
    fs::metadata(folder.path().join("recording.raw"))
        .ok()
        .map(|file| file.len())
        .filter(|&size| size > 0)
}

impl Ran {
    fn wall(entry: &Value) -> f64 {
        entry["wall"].as_f64().unwrap()
    }

    /// When a step of the script was done.
    fn did(&self, what: &str) -> f64 {
        self.log.iter().find(|entry| entry["did"] == what).map(Self::wall).unwrap()
    }

    /// What the player said was heard, in seconds.
    fn position(&self, wall: f64) -> f64 {
        let known: Vec<(f64, f64)> = self
            .log
            .iter()
            .filter_map(|entry| Some((Self::wall(entry), entry["position"].as_f64()? / 1000.0)))
            .collect();
        let i = known.partition_point(|(at, _)| *at < wall).clamp(1, known.len() - 1);
        let ((a, x), (b, y)) = (known[i - 1], known[i]);
        x + (y - x) * ((wall - a) / (b - a)).clamp(0.0, 1.0)
    }

    fn says(&self, event: &str) -> bool {
        self.log
            .iter()
            .any(|entry| entry["event"].as_str().is_some_and(|text| text.starts_with(event)))
    }
}

#[test]
fn what_the_card_plays_is_what_was_asked_for() {
    // A sink that nobody used has written two seconds of silence ahead: let them pass.
    let script = "2200 play\n4700 pause\n5200 play\n6200 seek 12000\n7700 rate 0.5\n10700 rate 1.5\n12700 rate 2\n\
                  14200 rate 3\n15400 rate 1\n15500 seek 5250\n16700 volume 0.5\n17400 quit\n";
    let Some(ran) = play(script) else { return };
    assert!(
        ran.says("sounding"),
        "{:?}",
        ran.log.iter().filter(|entry| entry.get("event").is_some()).collect::<Vec<_>>()
    );
    let beeps = find_beeps(&ran.sound);
    assert!(beeps.len() > 30, "{beeps:?}");

    // Right order: one after the other, but for the two jumps.
    let jumps: Vec<(usize, usize)> = beeps
        .windows(2)
        .filter(|w| w[1].beep != w[0].beep + 1)
        .map(|w| (w[0].beep, w[1].beep))
        .collect();
    assert!(matches!(jumps[..], [(_, 24), (_, 10)]), "{jumps:?}");
    assert_eq!(beeps[0].beep, 0);

    let speeds =
        [("rate 0.5", 0.5), ("rate 1.5", 1.5), ("rate 2", 2.0), ("rate 3", 3.0), ("rate 1", 1.0)]
            .map(|(what, speed)| (ran.did(what), speed));
    let speed_at =
        |wall: f64| speeds.iter().rev().find(|(at, _)| *at < wall).map_or(1.0, |(_, speed)| *speed);
    let changes: Vec<f64> =
        ran.log.iter().filter(|entry| entry.get("did").is_some()).map(Ran::wall).collect();
    let mut worst = 0.0f64;
    let mut seen = Vec::new();
    for one in &beeps {
        let wall = ran.start + (one.begin + one.end) / 2.0;
        // Beeps that a step of the script cut are looked at below.
        if changes.iter().any(|at| (at - wall).abs() < 0.3) {
            continue;
        }
        let speed = speed_at(wall);
        assert!(
            one.off < 0.01,
            "beep {}: the pitch is off by {:.4} at speed {speed}",
            one.beep,
            one.off
        );
        let length = (one.end - one.begin) * speed;
        assert!(
            (length - 0.1).abs() < 0.035 * speed.max(1.0),
            "beep {}: {length:.3} s at speed {speed}",
            one.beep
        );
        let apart = ran.position(wall) - middle(one.beep);
        assert!(
            apart.abs() < 0.1,
            "beep {} at speed {speed}: the player is {apart:.3} s off",
            one.beep
        );
        worst = worst.max(apart.abs());
        seen.push(speed);
    }
    for speed in [0.5, 1.0, 1.5, 2.0, 3.0] {
        assert!(seen.contains(&speed), "no beep was compared at speed {speed}: {seen:?}");
    }

    // A jump into the middle of a beep: what is left of it sounds.
    let jump = beeps.windows(2).find(|w| w[1].beep == 10 && w[0].beep > 10).map(|w| w[1]).unwrap();
    assert!((jump.end - jump.begin - 0.05).abs() < 0.01, "{jump:?}");
    let delay = ran.start + jump.begin - ran.did("seek 5250");
    assert!((0.0..0.2).contains(&delay), "a jump took {delay:.3} s to be heard");

    // No clicks: nothing moves faster than the highest beep heard.
    let highest = beeps.iter().map(|one| pitch(one.beep)).fold(0.0, f64::max);
    let own = LOUD * std::f64::consts::TAU * highest / RATE;
    let step = ran.sound.windows(2).map(|w| (w[1] - w[0]).abs()).fold(0.0, f64::max);
    assert!(step < own * 1.1, "a step of {step:.4} where the sound's own are {own:.4}");
    let _ = writeln!(
        std::io::stderr(),
        "sound: {} beeps, {worst:.3} s off at most, a jump in {delay:.3} s",
        beeps.len()
    );
}

/// With a broken sound system nothing is printed, and time goes on.
#[test]
fn trouble_with_sound_is_silent() {
    let desk = Desk::new();
    let script = desk.put("script", "0 play\n2500 seek 20000\n3200 quit\n");
    let audio = desk.put("episode.wav", episode());
    let config = desk
        .put("asound.conf", "pcm.!default { type hw card 77 }\nctl.!default { type hw card 77 }\n");
    let mut command = desk.command(&["player-probe"]);
    command
        .args([&script, &audio])
        .env("ALSA_CONFIG_PATH", config)
        .env("PULSE_SERVER", "unix:/nonexistent");
    let output = command.output().unwrap();
    assert!(output.status.success());
    assert_eq!(String::from_utf8_lossy(&output.stderr), "");
    let log: Vec<Value> = String::from_utf8(output.stdout)
        .unwrap()
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    let ran = Ran { log, sound: Vec::new(), start: 0.0 };
    assert!(ran.says("silent: ") && !ran.says("sounding"));
    let (begin, end) = (ran.did("play"), ran.did("seek 20000"));
    let went = ran.position(end - 0.01) - ran.position(begin + 0.5);
    assert!(
        (went - (end - begin - 0.51)).abs() < 0.05,
        "{went:.3} s in {:.3} s",
        end - begin - 0.51
    );
    assert!((ran.position(end + 0.3) - 20.3).abs() < 0.15, "{}", ran.position(end + 0.3));
}
