//! LRC lyrics, with or without a time before each word (the A2 extension), and our own text with
//! times.
//!
//! A line is sung until the next one begins; an empty line ends the one before it.

use super::assemble::{Piece, Rough, Words};
use super::notes::{Notes, Place};
use super::stamp;
use super::text;

/// A line of lyrics with its times.
struct Line<'a> {
    number: usize,
    /// When it is sung, in seconds; a refrain has several.
    starts: Vec<f64>,
    text: &'a str,
}

/// Bytes of a line times how often it is sung.
const MOST_REPEATED: usize = 1 << 16;
/// No time between angle brackets has more characters.
const LONGEST_STAMP: usize = 16;

/// Whether most lines with text begin with a time in square brackets.
pub(super) fn is_one(source: &str) -> bool {
    let lines = || {
        text::lines(source).map(|(_, line)| line.trim()).filter(|line| !line.is_empty()).take(200)
    };
    let is_tag = |line: &str| {
        line.starts_with('[')
            && line.ends_with(']')
            && line.contains(':')
            && stamps(line).0.is_empty()
    };
    let n_timed = lines().filter(|line| !stamps(line).0.is_empty()).count();
    n_timed > 0 && n_timed * 2 > lines().filter(|line| !is_tag(line)).count()
}

/// The lines of `source`, in order of time.
pub(super) fn read(source: &str, notes: &mut Notes) -> Vec<Rough> {
    let mut lines: Vec<Line<'_>> = Vec::new();
    let mut shift = 0.0;
    for (number, line) in text::lines(source) {
        let (starts, rest) = stamps(line.trim());
        if starts.is_empty() {
            let tag = line.trim().strip_prefix("[offset:").and_then(|rest| rest.strip_suffix(']'));
            // Positive: everything earlier.
            shift = tag
                .and_then(|ms| ms.trim().parse::<f64>().ok())
                .filter(|ms| ms.is_finite())
                .map_or(shift, |ms| -ms / 1000.0);
        } else {
            let mut starts = starts;
            if starts.len() * rest.len().max(1) > MOST_REPEATED {
                notes.at(
                    Place::Line(number),
                    "it is repeated more often than anybody sings; only the first time was kept",
                );
                starts.truncate(1);
            }
            lines.push(Line { number, starts, text: rest });
        }
    }
    let mut sung: Vec<(f64, &Line<'_>)> =
        lines.iter().flat_map(|line| line.starts.iter().map(move |start| (*start, line))).collect();
    sung.sort_by(|a, b| a.0.total_cmp(&b.0));
    // When the next line begins that is not sung at once with it.
    let mut nexts: Vec<Option<f64>> = vec![None; sung.len()];
    for index in (1..sung.len()).rev() {
        nexts[index - 1] =
            if sung[index].0 > sung[index - 1].0 { Some(sung[index].0) } else { nexts[index] };
    }
    let mut roughs = Vec::new();
    for ((start, line), next) in sung.iter().zip(nexts) {
        let place = Place::Line(line.number);
        let is_repeated = line.starts.len() > 1;
        let pieces = pieces(line.text, place, if is_repeated { None } else { Some(shift) }, notes);
        let words: String = pieces.iter().map(|piece| piece.text.as_str()).collect();
        if words.trim().is_empty() {
            continue;
        }
        let start = notes.instant(start + shift, place);
        let last = pieces
            .iter()
            .rev()
            .find(|piece| piece.text.trim().is_empty())
            .and_then(|piece| piece.start);
        let end = last.or_else(|| next.and_then(|next| notes.instant(next + shift, place)));
        let is_timed = pieces.iter().any(|piece| piece.start.is_some());
        let words_of = pieces.into_iter().filter(|piece| !piece.text.trim().is_empty()).collect();
        let text = words.split_whitespace().collect::<Vec<_>>().join(" ");
        let words = if is_timed { Words::Pieces(words_of) } else { Words::Unknown };
        roughs.push(Rough { words, ..Rough::new(place, start, end, text) });
    }
    roughs
}

/// The times that a line begins with, in seconds, and what follows them.
fn stamps(line: &str) -> (Vec<f64>, &str) {
    let mut found = Vec::new();
    let mut rest = line;
    while let Some((inner, after)) = rest.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
        let Some(seconds) = stamp::seconds(inner)
            .filter(|_| inner.trim().starts_with(|c: char| c.is_ascii_digit()))
        else {
            break;
        };
        found.push(seconds);
        rest = after.trim_start();
    }
    let rest = if found.is_empty() { line } else { rest };
    (found, rest)
}

/// The words of a line, each with the time in angle brackets before it, moved by `shift`; without
/// one they have none. A last piece without text says when the line ends.
fn pieces(line: &str, place: Place, shift: Option<f64>, notes: &mut Notes) -> Vec<Piece> {
    let mut found = Vec::new();
    let mut start = None;
    let mut open = String::new();
    let mut rest = line;
    while let Some(at) = rest.find('<') {
        open.push_str(&rest[..at]);
        rest = &rest[at..];
        let inner = &rest[1..]
            .char_indices()
            .nth(LONGEST_STAMP)
            .map_or(&rest[1..], |(end, _)| &rest[1..=end]);
        let inner = inner
            .split_once('>')
            .map(|(inner, _)| (inner, &rest[inner.len() + 2..]))
            .and_then(|(inner, after)| Some((stamp::seconds(inner)?, after)));
        let Some((seconds, after)) = inner else {
            open.push('<');
            rest = &rest[1..];
            continue;
        };
        if !open.is_empty() {
            found.push(Piece {
                text: text::clean(&std::mem::take(&mut open)),
                start,
                ..Piece::default()
            });
        }
        start = shift.and_then(|shift| notes.instant(seconds + shift, place));
        rest = after;
    }
    open.push_str(rest);
    found.push(Piece { text: text::clean(&open), start, ..Piece::default() });
    found
}
