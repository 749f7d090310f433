//! Recordings of people, where they lie beside the project: which texts are taken for theirs, and
//! what a confidence is worth.
//!
//! Every recording is cut to pieces of 8 to 60 seconds, at pauses as the synthesiser finds them in
//! the whole of it. Each piece is tied to its own text, and to a fitting length of texts in its
//! language that are not read there (of the other recordings, the demo's, and `strangers.txt`).

use crate::aims::Aims;
use crate::damage::Random;
use crate::synth::{RATE, samples, wav};
use serde_json::Value;
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// Seconds of a piece.
const LENGTHS: [usize; 5] = [8, 15, 20, 30, 60];
/// Pieces of each length of a recording, and texts that are not read there for each.
const PIECES: usize = 2;
const STRANGERS: usize = 3;
/// From so many seconds on, at most such a share of wrong texts may be taken for right; of right
/// ones at most so many may be refused.
const WRONG_TAKEN: [(usize, f64); 2] = [(20, 0.02), (60, 0.0)];
const RIGHT_REFUSED: f64 = 0.01;
/// Seconds of a whole recording, and of a text read aloud, that are long.
const LONG_S: usize = 120;
const LONG_TEXT_S: usize = 30;
/// Of words that are at least so sure, this share lies within [`NEAR_S`] of where it was put by
/// hand.
const SURE: f64 = 0.9;
const MEANT: f64 = 0.97;
const NEAR_S: f64 = 0.2;

/// A recording with its text.
struct Source {
    name: String,
    language: String,
    audio: PathBuf,
    text: String,
}

/// A recording, a text, and how many seconds there are.
struct Piece {
    audio: PathBuf,
    text: String,
    seconds: usize,
    language: String,
    name: String,
}

/// Prints the figures.
pub fn report(aims: &mut Aims) {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let folder = root.join("../shared/samples/people");
    if !folder.is_dir() {
        return println!("\nskipped: no recordings of people in {}", folder.display());
    }
    let desk = tempfile::tempdir().unwrap();
    let sources = sources(root, &folder);
    belonging(aims, &sources, desk.path());
    wholes(aims, &sources, desk.path());
    confidence(aims, &sources, desk.path());
}

/// People's recordings, and the demo's.
fn sources(root: &Path, folder: &Path) -> Vec<Source> {
    let mut sources = Vec::new();
    let mut folders: Vec<PathBuf> =
        fs::read_dir(folder).unwrap().flatten().map(|entry| entry.path()).collect();
    folders.extend(["jfk", "sonnet1"].map(|name| folder.join("..").join(name)));
    folders.sort();
    for folder in folders {
        let name = folder.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let text = ["text.txt", "article.txt"]
            .into_iter()
            .find_map(|text| fs::read_to_string(folder.join(text)).ok());
        let is_sound = |path: &PathBuf| {
            !["txt", "json"].iter().any(|end| path.extension().is_some_and(|own| own == *end))
        };
        let audio = fs::read_dir(&folder)
            .into_iter()
            .flatten()
            .flatten()
            .map(|entry| entry.path())
            .find(is_sound);
        let (Some(text), Some(audio)) = (text, audio) else { continue };
        // Folders are named by a kind and a language, Mandarin's by a number.
        let language = match name.split('_').collect::<Vec<_>>()[..] {
            ["zh", ..] => "zh",
            [_, language, ..] => language,
            _ => "en",
        };
        sources.push(Source { language: language.to_owned(), name, audio, text });
    }
    for (name, language, text) in [
        ("open-models.en", "en", "open-models.en.txt"),
        ("old-radio.zh", "zh", "old-radio.zh-Hant.txt"),
    ] {
        let text = fs::read_to_string(root.join("transcripts").join(text)).unwrap();
        sources.push(Source {
            name: name.to_owned(),
            language: language.to_owned(),
            audio: root.join(format!("audio/{name}.mp3")),
            text,
        });
    }
    sources
}

/// Texts that nobody reads in any of the recordings, by language.
fn strangers() -> BTreeMap<String, Vec<String>> {
    let mut texts: BTreeMap<String, Vec<String>> = BTreeMap::new();
    let mut language = "";
    for line in include_str!("strangers.txt").lines() {
        match line.strip_prefix('[').and_then(|line| line.strip_suffix(']')) {
            Some(code) => language = code,
            None => texts.entry(language.to_owned()).or_default().push(line.to_owned()),
        }
    }
    texts
}

/// Which texts are taken, by the length of the recording.
fn belonging(aims: &mut Aims, sources: &[Source], desk: &Path) {
    let strangers = strangers();
    let mut random = Random(5);
    // For each length: right and wrong texts, and of each how many were taken, refused, and left
    // open.
    let mut counts: BTreeMap<usize, [[usize; 3]; 2]> = BTreeMap::new();
    for source in sources {
        let others = |piece: &Piece| -> Vec<String> {
            let theirs = sources
                .iter()
                .filter(|other| other.language == source.language && other.name != source.name);
            let theirs = theirs
                .map(|other| other.text.clone())
                .chain(strangers.get(&source.language).into_iter().flatten().cloned());
            theirs.filter(|text| 2 * text.chars().count() > piece.text.chars().count()).collect()
        };
        for piece in pieces(source, desk) {
            let others = others(&piece);
            let wrong = (0..STRANGERS.min(others.len())).map(|_| {
                fitting(
                    &others[random.below(others.len())],
                    piece.text.chars().count(),
                    &mut random,
                )
            });
            let texts = std::iter::once((0, piece.text.clone()))
                .chain(wrong.map(|text| (1, text)).collect::<Vec<_>>());
            for (which, text) in texts {
                let answer = answer(&piece, &text, desk);
                let Some(at) = ["yes", "no", "unknown"].iter().position(|name| *name == answer)
                else {
                    println!("  {} of {} s: {answer}", piece.name, piece.seconds);
                    continue;
                };
                counts.entry(piece.seconds).or_default()[which][at] += 1;
                if (which, at) == (0, 1) || (which, at) == (1, 0) {
                    println!(
                        "  {} of {} s: {} `{}`",
                        piece.name,
                        piece.seconds,
                        ["refuses its own", "takes"][which],
                        start_of(&text)
                    );
                }
            }
        }
    }
    println!(
        "\nWhose text is it? (texts that were taken, refused, and left open, by seconds of sound; synth)"
    );
    println!("{:>8} {:>22} {:>22}", "seconds", "its own", "another's");
    for (seconds, [right, wrong]) in &counts {
        println!("{seconds:>8} {:>22} {:>22}", format!("{right:?}"), format!("{wrong:?}"));
    }
    let share = |of: usize, from: usize, which: usize| {
        let rows = || counts.range(from..).map(|(_, both)| both[which]);
        rows().map(|row| row[of]).sum::<usize>() as f64
            / rows().flatten().sum::<usize>().max(1) as f64
    };
    for (from, most) in WRONG_TAKEN {
        aims.at_most(
            &format!("people, wrong texts that are taken from {from} s on"),
            share(0, from, 1),
            most,
        );
    }
    aims.at_most("people, right texts that are refused", share(1, 0, 0), RIGHT_REFUSED);
}

/// Whole recordings of [`LONG_S`] and more with the whole texts of all others, in whatever language
/// they are: the longer both are, the better are the places that chance finds for each sentence.
fn wholes(aims: &mut Aims, sources: &[Source], desk: &Path) {
    let (mut n, mut n_taken) = (0, 0);
    for source in sources {
        let seconds = samples(&source.audio).len() / RATE;
        if seconds < LONG_S {
            continue;
        }
        for other in sources.iter().filter(|other| read_s(&other.text) >= LONG_TEXT_S) {
            // The text's language says whose voice reads it.
            let language = other.language.clone();
            let piece = Piece {
                audio: source.audio.clone(),
                text: String::new(),
                seconds,
                language,
                name: source.name.clone(),
            };
            let answer = answer(&piece, &other.text, desk);
            if other.name == source.name {
                println!("  {} of {seconds} s and its own text: {answer}", source.name);
                continue;
            }
            n += 1;
            if answer == "yes" {
                n_taken += 1;
                println!("  {} of {seconds} s: takes the text of {}", source.name, other.name);
            }
        }
    }
    println!(
        "\nWhole recordings of {LONG_S} s and more: {n_taken} of {n} wrong texts of {LONG_TEXT_S} s and more were taken"
    );
    aims.at_most(
        "people, wrong texts over whole recordings that are taken",
        n_taken as f64 / f64::max(n as f64, 1.0),
        0.0,
    );
}

/// About how many seconds it takes to read `text` aloud: 4 Chinese or Japanese characters or 14
/// letters a second.
fn read_s(text: &str) -> usize {
    let n_wide = text.chars().filter(|c| ('\u{3040}'..='\u{9fff}').contains(c)).count();
    n_wide / 4 + (text.chars().count() - n_wide) / 14
}

fn start_of(text: &str) -> String {
    text.chars().take(40).collect()
}

/// About `n` characters of `text` from the start of a sentence on.
fn fitting(text: &str, n: usize, random: &mut Random) -> String {
    let article = aloud::article::from_text(text);
    let starts: Vec<usize> =
        article.sentences.iter().map(|sentence| sentence.bytes.start).collect();
    let left = |start: &usize| article.text[*start..].chars().count();
    let enough: Vec<usize> =
        starts.iter().copied().filter(|start| 10 * left(start) >= 9 * n).collect();
    let start = if enough.is_empty() { 0 } else { enough[random.below(enough.len())] };
    article.text[start..].chars().take(n).collect()
}

/// Pieces of a recording with what is read there; the whole of it, where it is short.
fn pieces(source: &Source, desk: &Path) -> Vec<Piece> {
    let sound = samples(&source.audio);
    let piece = |at: std::ops::Range<usize>, text: &str, seconds: usize| {
        let audio = desk.join(format!("{}-{seconds}-{}.wav", source.name, at.start));
        fs::write(&audio, wav(&sound[at.start.min(sound.len())..at.end.min(sound.len())])).unwrap();
        Piece {
            audio,
            text: text.to_owned(),
            seconds,
            language: source.language.clone(),
            name: source.name.clone(),
        }
    };
    let length = sound.len() / RATE;
    if length < LENGTHS[1] + 1 {
        return vec![piece(0..sound.len(), &source.text, length)];
    }
    let whole = piece(0..sound.len(), &source.text, length);
    let Some(json) = aligned(&whole, &source.text, desk).json else { return Vec::new() };
    let words: Vec<(usize, usize, f64, f64)> = timed_words(&json);
    let text = aloud::article::from_text(&source.text).text;
    let mut pieces = Vec::new();
    for seconds in LENGTHS.into_iter().filter(|seconds| *seconds <= length) {
        for n in 0..PIECES {
            let from = ((length - seconds) * (2 * n + 1) / (2 * PIECES)) as f64;
            let inside: Vec<_> = words
                .iter()
                .filter(|word| word.2 >= from && word.3 <= from + seconds as f64)
                .collect();
            let (Some(first), Some(last)) = (inside.first(), inside.last()) else { continue };
            let at = |time: f64| (time.max(0.0) * RATE as f64) as usize;
            if last.3 - first.2 > 0.6 * seconds as f64 {
                pieces.push(piece(
                    at(first.2 - 0.15)..at(last.3 + 0.15),
                    &text[first.0..last.1],
                    seconds,
                ));
            }
        }
    }
    pieces
}

/// Where each word with a time stands, and when it is said.
fn timed_words(json: &Value) -> Vec<(usize, usize, f64, f64)> {
    let words = json["sentences"]
        .as_array()
        .into_iter()
        .flatten()
        .flat_map(|sentence| sentence["words"].as_array().into_iter().flatten());
    let number = |value: &Value| value.as_u64().map(|n| n as usize);
    words
        .filter_map(|word| {
            Some((
                number(&word["bytes"][0])?,
                number(&word["bytes"][1])?,
                word["start"].as_f64()?,
                word["end"].as_f64()?,
            ))
        })
        .collect()
}

struct Aligned {
    json: Option<Value>,
    said: String,
}

/// `aloud align` by synthesis, in a store of its own.
fn aligned(piece: &Piece, text: &str, desk: &Path) -> Aligned {
    let cache = tempfile::tempdir_in(desk).unwrap();
    let file = cache.path().join("text.txt");
    fs::write(&file, text).unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_aloud"));
    command.arg("align").arg(&piece.audio).arg(&file).args([
        "--method",
        "synth",
        "--json",
        "-l",
        &piece.language,
    ]);
    let output = command
        .arg("--cache")
        .arg(cache.path().join("store"))
        .stdin(Stdio::null())
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stderr).trim().replace('\n', "; ");
    Aligned { json: serde_json::from_slice(&output.stdout).ok(), said }
}

/// Whether the text belongs to the piece, or what was said instead.
fn answer(piece: &Piece, text: &str, desk: &Path) -> String {
    let aligned = aligned(piece, text, desk);
    aligned
        .json
        .and_then(|json| json["belongs"].as_str().map(str::to_owned))
        .unwrap_or(aligned.said)
}

/// How often words lie where they should, by how sure they are.
fn confidence(aims: &mut Aims, sources: &[Source], desk: &Path) {
    // How sure, and how far off in seconds.
    let mut words: Vec<(f64, f64)> = Vec::new();
    for source in sources {
        let Some(truth) = fs::read(source.audio.with_file_name("truth.json"))
            .ok()
            .and_then(|bytes| serde_json::from_slice::<Value>(&bytes).ok())
        else {
            continue;
        };
        let length = samples(&source.audio).len() / RATE;
        let whole = Piece {
            audio: source.audio.clone(),
            text: source.text.clone(),
            seconds: length,
            language: source.language.clone(),
            name: source.name.clone(),
        };
        let Some(json) = aligned(&whole, &source.text, desk).json else { continue };
        words.extend(offs(&truth, &json));
    }
    println!(
        "\nWhat a confidence is worth (words of people whose start is known, and how many of them are within {NEAR_S} s; synth)"
    );
    for tenth in 0..10 {
        let (from, to) = (f64::from(tenth) / 10.0, f64::from(tenth + 1) / 10.0);
        let inside =
            || words.iter().filter(|(sure, _)| *sure >= from && (*sure < to || tenth == 9));
        let near = inside().filter(|(_, off)| *off <= NEAR_S).count();
        if inside().count() > 0 {
            println!(
                "  {from:.1} to {to:.1} {:>6} words {:>5.1} %",
                inside().count(),
                100.0 * near as f64 / inside().count() as f64
            );
        }
    }
    let sure = || words.iter().filter(|(sure, _)| *sure >= SURE);
    let near =
        sure().filter(|(_, off)| *off <= NEAR_S).count() as f64 / sure().count().max(1) as f64;
    println!("  of {} words at {SURE} or more: {:.1} %", sure().count(), 100.0 * near);
    if sure().count() > 0 {
        aims.at_least("people, words of a confidence of 0.9 within 0.2 s", near, MEANT);
    }
}

/// The confidence and error of each item of `truth` whose first letter is that of a word in `json`.
fn offs(truth: &Value, json: &Value) -> Vec<(f64, f64)> {
    let kind = ["words", "phrases", "sentences"]
        .into_iter()
        .find(|kind| truth[*kind].as_array().is_some_and(|items| !items.is_empty()));
    let items = kind
        .and_then(|kind| truth[kind].as_array())
        .into_iter()
        .flatten()
        .filter(|item| item["hard"] != false);
    let wanted = letters(items.map(|item| {
        (
            item["text"].as_str().unwrap_or_default(),
            item["start"].as_f64().map(|start| (start, 1.0)),
        )
    }));
    let words = json["sentences"].as_array().into_iter().flatten().flat_map(|sentence| {
        match sentence["words"].as_array() {
            Some(words) => words.clone(),
            None => vec![sentence.clone()],
        }
    });
    let words: Vec<Value> = words.collect();
    let found = letters(words.iter().map(|word| {
        (
            word["text"].as_str().unwrap_or_default(),
            word["start"].as_f64().zip(word["confidence"].as_f64()),
        )
    }));
    let mut offs = Vec::new();
    for (a, b) in common(&wanted, &found) {
        if let (Some((want, _)), Some((got, sure))) = (wanted[a].1, found[b].1) {
            offs.push((sure, (want - got).abs()));
        }
    }
    offs
}

/// Letters and digits one by one, the first of each text with what is known of it.
type Letters = Vec<(char, Option<(f64, f64)>)>;

fn letters<'a>(texts: impl Iterator<Item = (&'a str, Option<(f64, f64)>)>) -> Letters {
    let spell = |(text, known): (&str, Option<(f64, f64)>)| {
        let mut known = known;
        text.to_lowercase()
            .chars()
            .filter(|c| c.is_alphanumeric())
            .map(|c| (c, known.take()))
            .collect::<Vec<_>>()
    };
    texts.flat_map(spell).collect()
}

/// The longest common subsequence, as pairs of places.
fn common(a: &Letters, b: &Letters) -> Vec<(usize, usize)> {
    let mut longest = vec![vec![0u32; b.len() + 1]; a.len() + 1];
    for i in (0..a.len()).rev() {
        for j in (0..b.len()).rev() {
            longest[i][j] = if a[i].0 == b[j].0 {
                longest[i + 1][j + 1] + 1
            } else {
                longest[i + 1][j].max(longest[i][j + 1])
            };
        }
    }
    let (mut i, mut j, mut pairs) = (0, 0, Vec::new());
    while i < a.len() && j < b.len() {
        match (a[i].0 == b[j].0, longest[i + 1][j] >= longest[i][j + 1]) {
            (true, _) => {
                pairs.push((i, j));
                (i, j) = (i + 1, j + 1);
            }
            (false, true) => i += 1,
            (false, false) => j += 1,
        }
    }
    pairs
}
