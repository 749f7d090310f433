//! WebVTT (W3C, "WebVTT: The Web Video Text Tracks Format").
//!
//! Comments, styles and regions are passed over; times inside a cue date its words; voices, classes
//! and settings go. A missing header, blank line or hour is no obstacle.

use super::assemble::{Piece, Rough, Words};
use super::notes::Notes;
use super::srt;
use super::stamp::{self, Timing};
use super::text::{self, Tags};

/// What the lines being read belong to.
enum Block<'a> {
    /// The header, an identifier, or nothing yet.
    Outside,
    /// A comment, style or region: until the next blank line.
    Skipped,
    /// A cue with its line number, times, lines and name.
    Cue(usize, Timing<'a>, Vec<&'a str>, Option<String>),
}

/// What a file holds.
pub(super) struct Cues {
    /// Its cues in the order of the file.
    pub(super) cues: Vec<Rough>,
    /// What its header says of the language.
    pub(super) language: Option<String>,
}

/// The cues of `source`.
pub(super) fn read(source: &str, notes: &mut Notes) -> Cues {
    let mut found = Cues { cues: Vec::new(), language: None };
    let mut block = Block::Outside;
    let mut is_head = true;
    // The line before a cue's times is its name.
    let mut name: Option<&str> = None;
    for (number, line) in text::lines(source) {
        if let Some(timing) = stamp::timing(line) {
            if !matches!(block, Block::Skipped) {
                let id = name.take().map(str::to_owned);
                let next = close(
                    std::mem::replace(&mut block, Block::Cue(number, timing, Vec::new(), id)),
                    &mut found.cues,
                    notes,
                    true,
                );
                if let (Some(next), Block::Cue(.., id)) = (next, &mut block) {
                    *id = Some(next);
                }
                is_head = false;
            }
        } else if line.is_empty() || (line.trim().is_empty() && !matches!(block, Block::Cue(..))) {
            close(std::mem::replace(&mut block, Block::Outside), &mut found.cues, notes, false);
            name = None;
        } else if let Block::Cue(.., lines, _) = &mut block {
            lines.push(line);
        } else if is_head && let Some(language) = line.strip_prefix("Language:") {
            found.language = Some(language.trim().to_owned());
        } else if matches!(block, Block::Outside) && begins_skipped(line) {
            block = Block::Skipped;
        } else if !is_head || !line.starts_with("WEBVTT") {
            name = Some(line.trim());
        }
    }
    close(block, &mut found.cues, notes, false);
    found
}

fn begins_skipped(line: &str) -> bool {
    ["NOTE", "STYLE", "REGION"].iter().any(|name| {
        line.strip_prefix(name).is_some_and(|rest| rest.is_empty() || rest.starts_with([' ', '\t']))
    })
}

/// Adds the cue of `block`, if it is one. Where the next cue follows without a blank line, a last
/// line of digits is that cue's number, which is given back.
fn close(
    block: Block<'_>,
    cues: &mut Vec<Rough>,
    notes: &mut Notes,
    is_cut_short: bool,
) -> Option<String> {
    let Block::Cue(number, timing, mut lines, id) = block else { return None };
    let next = lines
        .pop_if(|line| is_cut_short && line.trim().bytes().all(|byte| byte.is_ascii_digit()))
        .map(|line| line.trim().to_owned());
    let raw = lines.join("\n");
    let Some(mut cue) = srt::cue(number, &timing, srt::text_of(&raw, Tags::All), notes) else {
        return next;
    };
    cue.id = id;
    let pieces = pieces(&raw, &cue, notes);
    if pieces.len() > 1 {
        cue.words = Words::Pieces(pieces);
    }
    let voices = voices(&raw);
    match voices.as_slice() {
        [(_, name)] => cue.speaker = Some(name.clone()),
        [] => {}
        _ => cue.turns = turns(&raw, &voices),
    }
    cues.push(cue);
    next
}

/// Where the voices of a cue begin in `raw`, and their names.
fn voices(raw: &str) -> Vec<(usize, String)> {
    let mut found = Vec::new();
    for (at, _) in raw.match_indices("<v") {
        let Some(end) = text::markup_len(&raw[at..], Tags::All).checked_sub(1) else { continue };
        let tag = &raw[at + 2..at + end];
        // Classes come before the name: "<v.loud Ann>".
        let Some((classes, name)) = tag.split_once(char::is_whitespace) else { continue };
        let name = srt::text_of(name, Tags::All).split_whitespace().collect::<Vec<_>>().join(" ");
        if (classes.is_empty() || classes.starts_with('.')) && !name.is_empty() {
            found.push((at, name));
        }
    }
    found
}

/// What each of several voices of a cue says.
fn turns(raw: &str, voices: &[(usize, String)]) -> Vec<(String, String)> {
    let ends = voices.iter().skip(1).map(|(at, _)| *at).chain([raw.len()]);
    let turn = |((at, name), end): (&(usize, String), usize)| {
        let said = srt::text_of(&raw[*at..end], Tags::All);
        // The dash that parts them is no word.
        (name.clone(), said.trim().trim_start_matches(['-', '–', '—']).trim().to_owned())
    };
    voices.iter().zip(ends).map(turn).filter(|(_, said)| !said.is_empty()).collect()
}

/// The stretches of `raw` between times like `<00:01.500>`, each with its start.
fn pieces(raw: &str, cue: &Rough, notes: &mut Notes) -> Vec<Piece> {
    let mut pieces = Vec::new();
    let mut start = cue.start;
    let mut rest = raw;
    let mut from = 0;
    while let Some(open) = rest[from..].find('<').map(|open| from + open) {
        let Some(close) = rest[open..].find('>').map(|close| open + close) else { break };
        let is_stamp = rest[open + 1..].starts_with(|c: char| c.is_ascii_digit());
        let Some(seconds) = is_stamp.then(|| stamp::seconds(&rest[open + 1..close])).flatten()
        else {
            from = close + 1;
            continue;
        };
        pieces.push(piece(&rest[..open], start));
        start = notes.instant(seconds, cue.place).or(start);
        rest = &rest[close + 1..];
        from = 0;
    }
    pieces.push(piece(rest, start));
    pieces.retain(|piece| !piece.text.trim().is_empty());
    pieces
}

fn piece(raw: &str, start: Option<crate::time::Timestamp>) -> Piece {
    Piece { text: srt::text_of(raw, Tags::All), start, ..Piece::default() }
}
