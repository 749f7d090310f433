//! Text tied to sound by each method, through the program itself: how many words have the right
//! time, what it costs in time, processor and memory, and what becomes of it when the sound or the
//! text is not as it should be.

use crate::aims::Aims;
use crate::truth::Episode;
use serde_json::Value;
use std::collections::HashMap;
use std::fmt::Write as _;
use std::fs;
use std::io::{Seek, Write};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

pub const RATE: usize = 16_000;

/// What a line must reach: percent of read words within 0.1 and 0.2 s. No more than [`UNREAD_S`] go
/// to unread text besides.
type Aim = Option<(f64, f64)>;

const ENOUGH: Aim = Some((95.0, 98.0));
/// Under noise.
const NOISY: Aim = Some((78.0, 94.0));
/// What a very small recogniser says by itself.
const ALONE: Aim = Some((90.0, 95.0));
const UNREAD_S: f64 = 2.0;

/// Prints the figures.
pub fn report(aims: &mut Aims) {
    println!(
        "\nText tied to sound (read words within so many ms of their start; seconds given to unread text; seconds, CPU seconds, MB)"
    );
    println!(
        "{:<44} {:>6} {:>6} {:>6} {:>6} {:>7} {:>8} {:>6} {:>6} {:>5}",
        "", "50", "100", "200", "500", "median", "unread s", "took", "CPU", "MB"
    );
    let desk = tempfile::tempdir().unwrap();
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    for (name, text) in
        [("open-models.en", "open-models.en.txt"), ("old-radio.zh", "old-radio.zh-Hant.txt")]
    {
        let episode = Episode::load(name);
        let wanted = starts_of(&episode);
        let (audio, text) =
            (root.join(format!("audio/{name}.mp3")), root.join("transcripts").join(text));
        for (method, aim) in [("estimate", None), ("synth", ENOUGH)] {
            line(
                aims,
                &format!("{name} {method}"),
                aim,
                &audio,
                &text,
                &["--method", method],
                &wanted,
                desk.path(),
            );
        }
        if name == "open-models.en" {
            for (method, what, aim) in [("whisper", "whisper", ALONE), ("auto", "together", ENOUGH)]
            {
                let arguments = ["--method", method, "--model", "micro", "-l", "en", "--beam", "1"];
                line(
                    aims,
                    &format!("{name} {what} (micro)"),
                    aim,
                    &audio,
                    &text,
                    &arguments,
                    &wanted,
                    desk.path(),
                );
            }
            for (what, aim, sound, wanted) in spoilt(&samples(&audio), &wanted) {
                let path = desk.path().join("spoilt.wav");
                fs::write(&path, wav(&sound)).unwrap();
                line(
                    aims,
                    &format!("{name} synth, {what}"),
                    aim,
                    &path,
                    &text,
                    &["--method", "synth"],
                    &wanted,
                    desk.path(),
                );
            }
            part_and_other(aims, &audio, &text, &wanted, desk.path());
            long(aims, &episode, &samples(&audio), desk.path());
        }
    }
    people(aims, root, desk.path());
}

/// Where each read word begins, in seconds, by the byte where it stands; `None` for one that is not
/// read.
type Starts = HashMap<u64, Option<f64>>;

fn starts_of(episode: &Episode) -> Starts {
    let words = episode.article.words.iter().zip(&episode.read);
    words
        .map(|(word, read)| (word.bytes.start as u64, read.map(|span| span.start().secs())))
        .collect()
}

/// One run of the program, and a line about it.
#[allow(clippy::too_many_arguments, reason = "a row of a table")]
fn line(
    aims: &mut Aims,
    what: &str,
    aim: Aim,
    audio: &Path,
    text: &Path,
    arguments: &[&str],
    wanted: &Starts,
    desk: &Path,
) {
    let ran = run(audio, text, arguments, desk);
    let Some(json) = ran.json else {
        println!("{what:<44} {}", ran.said);
        return aims.holds(&format!("{what}: {}", ran.said), aim.is_none());
    };
    let (mut offs, mut unread, mut n) = (Vec::new(), 0.0, 0);
    let got = words(&json);
    for (place, want) in wanted {
        let span = got.get(place);
        match (want, span) {
            (Some(want), Some((start, _))) => offs.push((start - want).abs()),
            (None, Some((start, end))) => unread += end - start,
            _ => {}
        }
        n += usize::from(want.is_some());
    }
    offs.sort_by(f64::total_cmp);
    let within = |limit: f64| {
        100.0 * offs.iter().filter(|off| **off <= limit + 1e-9).count() as f64 / n.max(1) as f64
    };
    let mut shares = String::new();
    for limit in [0.05, 0.1, 0.2, 0.5] {
        let _ = write!(shares, " {:>6.2}", within(limit));
    }
    let median = 1000.0 * offs.get(offs.len() / 2).copied().unwrap_or(f64::NAN);
    println!(
        "{what:<44}{shares} {median:>5.0}ms {unread:>8.2} {:>6.1} {:>6.1} {:>5.0}",
        ran.took, ran.cpu, ran.megabytes
    );
    if let Some((near, nearly)) = aim {
        aims.at_least(&format!("{what}, percent within 0.1 s"), within(0.1), near);
        aims.at_least(&format!("{what}, percent within 0.2 s"), within(0.2), nearly);
        aims.at_most(&format!("{what}, unread seconds"), unread, UNREAD_S);
    }
}

/// The words with times of an `aloud-alignment/1`: start and end in seconds by the byte where they
/// stand.
fn words(json: &Value) -> HashMap<u64, (f64, f64)> {
    let sentences = json["sentences"].as_array().into_iter().flatten();
    let words = sentences.flat_map(|sentence| sentence["words"].as_array().into_iter().flatten());
    words
        .filter_map(|word| {
            Some((word["bytes"][0].as_u64()?, (word["start"].as_f64()?, word["end"].as_f64()?)))
        })
        .collect()
}

struct Ran {
    json: Option<Value>,
    said: String,
    took: f64,
    cpu: f64,
    megabytes: f64,
}

/// `aloud align` in a store of its own.
fn run(audio: &Path, text: &Path, arguments: &[&str], desk: &Path) -> Ran {
    let cache = tempfile::tempdir_in(desk).unwrap();
    let (begun, before) = (Instant::now(), cpu());
    let mut command = Command::new(env!("CARGO_BIN_EXE_aloud"));
    command
        .arg("align")
        .args([audio, text])
        .args(arguments)
        .arg("--json")
        .arg("--cache")
        .arg(cache.path());
    let output = desk.join("alignment.json");
    command
        .args(["--force", "-o"])
        .arg(&output)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::piped());
    let _ = fs::remove_file(&output);
    let mut child = command.spawn().unwrap();
    let mut megabytes = 0.0f64;
    while child.try_wait().unwrap().is_none() {
        megabytes = megabytes.max(peak(child.id()));
        std::thread::sleep(Duration::from_millis(20));
    }
    let said = child.wait_with_output().unwrap();
    let said = String::from_utf8_lossy(&said.stderr).trim().replace('\n', "; ");
    let json = fs::read(&output).ok().and_then(|bytes| serde_json::from_slice(&bytes).ok());
    Ran { json, said, took: begun.elapsed().as_secs_f64(), cpu: cpu() - before, megabytes }
}

/// The most memory that a process had so far, in MB, where the system tells it as Linux does.
fn peak(process: u32) -> f64 {
    let status = fs::read_to_string(format!("/proc/{process}/status")).unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap_or_default();
    line.split_whitespace()
        .next()
        .and_then(|kib| kib.parse().ok())
        .map_or(0.0, |kib: f64| kib / 1024.0)
}

/// The processor time of all children that have ended, in seconds, likewise.
fn cpu() -> f64 {
    let stat = fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let fields: Vec<f64> = stat
        .rsplit(')')
        .next()
        .unwrap_or_default()
        .split_whitespace()
        .map(|f| f.parse().unwrap_or(0.0))
        .collect();
    fields.get(13..15).map_or(0.0, |times| times.iter().sum::<f64>() / 100.0)
}

pub fn samples(audio: &Path) -> Vec<f32> {
    let mut decoder = aloud::decode::open(audio).unwrap();
    let mut samples = Vec::new();
    while let Some(block) = decoder.next_block().unwrap() {
        samples.extend_from_slice(block);
    }
    samples
}

pub fn wav(samples: &[f32]) -> Vec<u8> {
    let mut bytes = header(samples.len());
    bytes.extend(pcm(samples));
    bytes
}

/// The head of a WAV file of so many samples.
fn header(n: usize) -> Vec<u8> {
    let n = (n * 2) as u32;
    let mut bytes = b"RIFF".to_vec();
    bytes.extend((36 + n).to_le_bytes());
    bytes.extend(b"WAVEfmt \x10\0\0\0\x01\0\x01\0");
    bytes.extend((RATE as u32).to_le_bytes());
    bytes.extend((2 * RATE as u32).to_le_bytes());
    bytes.extend(b"\x02\0\x10\0data");
    bytes.extend(n.to_le_bytes());
    bytes
}

fn pcm(samples: &[f32]) -> impl Iterator<Item = u8> + '_ {
    samples.iter().flat_map(|sample| ((sample.clamp(-1.0, 1.0) * 32_767.0) as i16).to_le_bytes())
}

/// The sound as it should not be, with where words begin then.
fn spoilt(samples: &[f32], wanted: &Starts) -> Vec<(&'static str, Aim, Vec<f32>, Starts)> {
    let moved = |by: &dyn Fn(f64) -> f64| {
        wanted.iter().map(|(place, start)| (*place, start.map(by))).collect::<Starts>()
    };
    let power = (samples.iter().map(|x| x * x).sum::<f32>() / samples.len() as f32).sqrt();
    let mut random = crate::damage::Random(7);
    let mut noise = || random.below(2001) as f32 / 1000.0 - 1.0;
    // White noise of that amplitude has a third of its square as power.
    let loud = power * 0.316 * 3f32.sqrt();
    let noisy = samples.iter().map(|x| x + loud * noise()).collect();
    let at = 200 * RATE;
    let music = (0..40 * RATE).map(music);
    let gap: Vec<f32> =
        samples[..at].iter().copied().chain(music).chain(samples[at..].iter().copied()).collect();
    vec![
        ("noise at 10 dB", NOISY, noisy, wanted.clone()),
        ("1.4 times as fast", ENOUGH, faster(samples, 1.4), moved(&|at| at / 1.4)),
        (
            "40 s of music inside",
            ENOUGH,
            gap,
            moved(&|at| if at >= 200.0 { at + 40.0 } else { at }),
        ),
    ]
}

/// A chord that changes every two seconds.
fn music(i: usize) -> f32 {
    let root = [220.0, 174.6, 261.6, 196.0][i / (2 * RATE) % 4];
    let tone = |ratio: f32| (std::f32::consts::TAU * root * ratio * i as f32 / RATE as f32).sin();
    let swell = 0.6 + 0.4 * (std::f32::consts::TAU * 2.0 * i as f32 / RATE as f32).cos();
    0.06 * swell * (tone(1.0) + tone(1.25) + tone(1.5) + 0.5 * tone(2.0) + 0.3 * tone(3.0))
}

/// The sound at another speed and the same pitch, by overlapping pieces where they fit best (as the
/// player does it).
fn faster(samples: &[f32], rate: f64) -> Vec<f32> {
    const PIECE: usize = 480;
    const REACH: usize = 160;
    let mut out: Vec<f32> = Vec::new();
    let mut at = 0.0f64;
    while at as usize + 2 * PIECE + REACH < samples.len() {
        let near = at as usize;
        let tail = out.len().saturating_sub(PIECE);
        let fit =
            |from: usize| out[tail..].iter().zip(&samples[from..]).map(|(a, b)| a * b).sum::<f32>();
        let from = (near..near + REACH)
            .step_by(2)
            .max_by(|a, b| fit(*a).total_cmp(&fit(*b)))
            .unwrap_or(near);
        let from = if out.is_empty() { near } else { from };
        for (i, place) in (tail..out.len()).enumerate() {
            let share = i as f32 / PIECE as f32;
            out[place] = out[place] * (1.0 - share) + samples[from + i] * share;
        }
        let done = out.len() - tail;
        out.extend_from_slice(&samples[from + done..from + 2 * PIECE]);
        at += PIECE as f64 * rate;
    }
    out
}

/// A text that is not read, and one paragraph of the one that is.
fn part_and_other(aims: &mut Aims, audio: &Path, text: &Path, wanted: &Starts, desk: &Path) {
    let written = fs::read_to_string(text).unwrap();
    let (start, end) = paragraph(&written, 10);
    let file = desk.join("paragraph.txt");
    fs::write(&file, &written[start..end]).unwrap();
    let inside = |place: &u64| (start as u64..end as u64).contains(place);
    let wanted = wanted
        .iter()
        .filter(|(place, _)| inside(place))
        .map(|(place, want)| (place - start as u64, *want))
        .collect();
    line(
        aims,
        "  synth, one paragraph of the article",
        ENOUGH,
        audio,
        &file,
        &["--method", "synth"],
        &wanted,
        desk,
    );
    fs::write(&file, include_str!("other.txt")).unwrap();
    let ran = run(audio, &file, &["--method", "synth"], desk);
    println!("  synth, another article: {}", ran.said);
    aims.holds("synth, another article is doubted", ran.said.contains("does not seem to belong"));
}

/// Where the `n`th paragraph stands.
fn paragraph(text: &str, n: usize) -> (usize, usize) {
    let start = text.match_indices("\n\n").nth(n - 1).map_or(0, |(at, _)| at + 2);
    (start, text[start..].find("\n\n").map_or(text.len(), |at| start + at))
}

/// Hours of the episode's sentences, each round in another order: time and memory should grow with
/// the length, and words keep their times. `ACCURACY_HOURS` says how many (`1,10`).
fn long(aims: &mut Aims, episode: &Episode, samples: &[f32], desk: &Path) {
    let hours: Vec<f64> = std::env::var("ACCURACY_HOURS")
        .ok()
        .map_or_else(Vec::new, |list| list.split(',').filter_map(|n| n.parse().ok()).collect());
    for hours in hours {
        let (audio, article) = (desk.join("long.wav"), desk.join("long.txt"));
        let wanted =
            shuffled(episode, samples, (hours * 3600.0 * RATE as f64) as usize, &audio, &article);
        line(
            aims,
            &format!("{} synth, {hours} h in another order", episode.name),
            ENOUGH,
            &audio,
            &article,
            &["--method", "synth"],
            &wanted,
            desk,
        );
        let _ = fs::remove_file(audio);
    }
}

/// Writes at least `n` samples of read sentences in random order, and their text; answers where
/// each word begins.
fn shuffled(episode: &Episode, samples: &[f32], n: usize, audio: &Path, article: &Path) -> Starts {
    // Half of a pause belongs to the sentence before it.
    let (before, after) = (RATE / 5, RATE / 4);
    let at = |time: aloud::time::Timestamp| time.millis() as usize * RATE / 1000;
    let mut file = fs::File::create(audio).unwrap();
    file.write_all(&header(0)).unwrap();
    let (mut random, mut text, mut starts, mut written) =
        (crate::damage::Random(11), String::new(), Starts::new(), 0);
    while written < n {
        let mut order: Vec<usize> =
            (0..episode.is_read.len()).filter(|index| episode.is_read[*index]).collect();
        for last in (1..order.len()).rev() {
            order.swap(last, random.below(last + 1));
        }
        for index in order {
            let sentence = &episode.article.sentences[index];
            let words = sentence.words.clone().filter_map(|word| Some((word, episode.read[word]?)));
            let (Some(first), Some(last)) = (words.clone().next(), words.clone().next_back())
            else {
                continue;
            };
            let piece = at(first.1.start()).saturating_sub(before)
                ..(at(last.1.end()) + after).min(samples.len());
            for (word, span) in words {
                let place =
                    text.len() + episode.article.words[word].bytes.start - sentence.bytes.start;
                starts.insert(
                    place as u64,
                    Some(span.start().secs() + (written as f64 - piece.start as f64) / RATE as f64),
                );
            }
            text += &episode.article.text[sentence.bytes.clone()];
            text += if random.below(5) == 0 { "\n\n" } else { " " };
            file.write_all(&pcm(&samples[piece.clone()]).collect::<Vec<u8>>()).unwrap();
            written += piece.len();
        }
    }
    file.rewind().unwrap();
    file.write_all(&header(written)).unwrap();
    fs::write(article, text.trim_end()).unwrap();
    starts
}

/// Recordings of people, where they lie beside the project.
fn people(aims: &mut Aims, root: &Path, desk: &Path) {
    let folder = root.join("../shared/samples");
    let Ok(samples) = fs::read_dir(&folder) else {
        return println!("skipped: no recordings of people in {}", folder.display());
    };
    for folder in
        samples.flatten().map(|entry| entry.path()).filter(|path| path.join("truth.json").exists())
    {
        let audio = ["audio.mp3", "audio.flac"]
            .map(|name| folder.join(name))
            .into_iter()
            .find(|path| path.exists());
        let Some(audio) = audio else { continue };
        let name = folder.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let (text, wanted) = (folder.join("article.txt"), exact_starts(&folder));
        for (method, aim) in [("estimate", None), ("synth", ENOUGH)] {
            line(
                aims,
                &format!("{name} (a person) {method}"),
                aim,
                &audio,
                &text,
                &["--method", method],
                &wanted,
                desk,
            );
        }
    }
}

/// Starts of lines that follow a pause. The program's own text has the same length as the file's.
fn exact_starts(folder: &Path) -> Starts {
    let truth: Value =
        serde_json::from_slice(&fs::read(folder.join("truth.json")).unwrap()).unwrap();
    let text = fs::read_to_string(folder.join("article.txt")).unwrap();
    let article = aloud::article::from_text(&text);
    let mut starts = Starts::new();
    for sentence in truth["sentences"]
        .as_array()
        .into_iter()
        .flatten()
        .filter(|sentence| sentence["hard"] == true)
    {
        let (Some(at), Some(start)) = (sentence["char_start"].as_u64(), sentence["start"].as_f64())
        else {
            continue;
        };
        // Line breaks are read as paragraphs end or as spaces: the words before are counted in
        // both.
        let before: String = text.chars().take(at as usize).collect();
        let n = before.split_whitespace().count();
        let place = article
            .text
            .split_whitespace()
            .nth(n)
            .map(|word| word.as_ptr() as usize - article.text.as_ptr() as usize);
        starts.extend(place.map(|place| (place as u64, Some(start))));
    }
    starts
}
