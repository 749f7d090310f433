//! Subtitle formats of one idea: SubViewer as YouTube writes it (SBV), and MicroDVD, which counts
//! frames.

use super::assemble::Rough;
use super::notes::{Notes, Place};
use super::srt;
use super::stamp;
use super::text::{self, Tags};

/// Frames a second where a MicroDVD file does not say so: film on a disc.
const FRAMES: f64 = 23.976;

/// Whether `source` begins with two times parted by a comma on a line.
pub(super) fn is_sbv(source: &str) -> bool {
    text::lines(source)
        .map(|(_, line)| line)
        .find(|line| !line.trim().is_empty())
        .is_some_and(|line| sbv_times(line).is_some())
}

fn sbv_times(line: &str) -> Option<(f64, f64)> {
    let (start, end) = line.trim().split_once(',')?;
    let is_time = |text: &str| {
        text.contains(':') && text.contains('.') && text.starts_with(|c: char| c.is_ascii_digit())
    };
    if is_time(start) && is_time(end) {
        Some((stamp::seconds(start)?, stamp::seconds(end)?))
    } else {
        None
    }
}

/// The cues of an SBV file.
pub(super) fn sbv(source: &str, notes: &mut Notes) -> Vec<Rough> {
    let mut roughs: Vec<Rough> = Vec::new();
    for (number, line) in text::lines(source) {
        if let Some(times) = sbv_times(line) {
            roughs.extend(cue(number, times, notes));
        } else if let Some(rough) = roughs.last_mut().filter(|_| !line.trim().is_empty()) {
            if !rough.text.is_empty() {
                rough.text.push('\n');
            }
            rough.text.push_str(&srt::text_of(line, Tags::Known));
        }
    }
    roughs
}

fn cue(number: usize, (start, end): (f64, f64), notes: &mut Notes) -> Option<Rough> {
    let place = Place::Line(number);
    let start = Some(notes.instant(start, place)?);
    Some(Rough::new(place, start, notes.instant(end, place), String::new()))
}

/// Whether `source` begins with two frame numbers in braces.
pub(super) fn is_microdvd(source: &str) -> bool {
    text::lines(source)
        .map(|(_, line)| line)
        .find(|line| !line.trim().is_empty())
        .is_some_and(|line| frames(line).is_some())
}

/// The frames of a line, the second one where it says so, and its text.
fn frames(line: &str) -> Option<(f64, Option<f64>, &str)> {
    let number = |text: &str| {
        (text.len() <= 9 && text.bytes().all(|b| b.is_ascii_digit()))
            .then(|| text.parse::<f64>().ok())
            .flatten()
    };
    let (start, rest) = line.trim().strip_prefix('{')?.split_once('}')?;
    let (end, text) = rest.strip_prefix('{')?.split_once('}')?;
    if end.is_empty() {
        Some((number(start)?, None, text))
    } else {
        Some((number(start)?, Some(number(end)?), text))
    }
}

/// The cues of a MicroDVD file. A first line `{1}{1}25` says how many frames a second has.
pub(super) fn microdvd(source: &str, notes: &mut Notes) -> Vec<Rough> {
    let mut rate = None;
    let mut roughs = Vec::new();
    for (number, line) in text::lines(source) {
        let Some((start, end, body)) = frames(line) else { continue };
        let named = body
            .trim()
            .replace(',', ".")
            .parse::<f64>()
            .ok()
            .filter(|rate| (1.0..=1000.0).contains(rate));
        if let Some(named) = named.filter(|_| start <= 1.0 && rate.is_none() && roughs.is_empty()) {
            rate = Some(named);
            continue;
        }
        let scale = 1.0 / rate.unwrap_or(FRAMES);
        let place = Place::Line(number);
        let lines: Vec<String> =
            body.split('|').map(|line| srt::text_of(&without_codes(line), Tags::Known)).collect();
        let text = lines
            .iter()
            .map(|line| line.trim().trim_start_matches('/'))
            .filter(|line| !line.is_empty())
            .collect::<Vec<_>>()
            .join("\n");
        let start = notes.instant(start * scale, place);
        let end = end.and_then(|end| notes.instant(end * scale, place));
        roughs.push(Rough::new(place, start, end, text));
    }
    if rate.is_none() && !roughs.is_empty() {
        notes.of_file(format!(
            "it counts frames and does not say how many a second has; {FRAMES} were assumed"
        ));
    }
    roughs
}

/// `line` without codes like `{y:i}`.
fn without_codes(line: &str) -> String {
    let mut bare = String::with_capacity(line.len());
    let mut rest = line;
    while let Some(at) = rest.find('{') {
        bare.push_str(&rest[..at]);
        // Up to the next brace only, so that a line of many is not read again for each.
        let end = rest[at + 1..].find(['{', '}']).map(|n| at + 1 + n);
        match end.filter(|end| rest[*end..].starts_with('}') && rest[at..*end].contains(':')) {
            Some(end) => rest = &rest[end + 1..],
            None => {
                bare.push('{');
                rest = &rest[at + 1..];
            }
        }
    }
    bare + rest
}
