//! SubRip (`.srt`), as written by programs and by hand.
//!
//! Only the lines of times are trusted: numbers may be wrong or missing, blank lines may be missing
//! or stand inside a text. What follows a line of times, up to the next one and its number, is its
//! text.

use super::assemble::Rough;
use super::notes::{Notes, Place};
use super::stamp::{self, Timing};
use super::text::{self, Tags};

/// The cues of `source`.
pub(super) fn read(source: &str, notes: &mut Notes) -> Vec<Rough> {
    let mut cues = Vec::new();
    let mut open: Option<(usize, Timing<'_>)> = None;
    let mut id: Option<String> = None;
    let mut lines: Vec<&str> = Vec::new();
    for (number, line) in text::lines(source) {
        let Some(timing) = stamp::timing(line) else {
            lines.push(line);
            continue;
        };
        let next = number_of_next(&mut lines, open.is_some()).map(|line| bare(line).to_owned());
        close(open.take(), id.take(), &lines, &mut cues, notes);
        lines.clear();
        (open, id) = (Some((number, timing)), next);
    }
    close(open, id, &lines, &mut cues, notes);
    cues
}

/// Adds the cue whose times stand in `open`; text before the first one belongs to none.
fn close(
    open: Option<(usize, Timing<'_>)>,
    id: Option<String>,
    lines: &[&str],
    cues: &mut Vec<Rough>,
    notes: &mut Notes,
) {
    let Some((number, timing)) = open else {
        if lines.iter().any(|line| !line.trim().is_empty()) {
            notes.of_file("text above the first line of times was left out");
        }
        return;
    };
    // Tags of ASS are used in SubRip too, and so is its line break.
    let text = text_of(&lines.join("\n").replace("\\N", "\n"), Tags::Known);
    cues.extend(cue(number, &timing, text, notes).map(|cue| Rough { id, ..cue }));
}

/// The cue with these times; one whose start cannot be read is left out.
pub(super) fn cue(
    number: usize,
    timing: &Timing<'_>,
    text: String,
    notes: &mut Notes,
) -> Option<Rough> {
    let place = Place::Line(number);
    if let Some(bad) = timing.bad {
        let fate =
            if timing.start.is_some() { "its end was guessed" } else { "its text was left out" };
        notes.at(place, &format!("the time `{}` cannot be read; {fate}", text::excerpt(bad)));
    }
    if let Some(arrow) = timing.arrow {
        notes.at(place, &format!("`{arrow}` stands where players want `-->`"));
    }
    let start = notes.instant(timing.start?, place)?;
    let end = timing.end.and_then(|end| notes.instant(end, place));
    Some(Rough::new(place, Some(start), end, text))
}

/// Cue text without markup.
pub(super) fn text_of(raw: &str, tags: Tags) -> String {
    text::clean(&text::unescape(&text::untag(raw, tags)))
}

/// Takes the number of the next cue off the end of `lines`. Between it and its times there may be
/// blank lines, where every line is parted from the next; then something other than it must have
/// been said in the cue that `is_open`, and a blank line stand above it.
fn number_of_next<'a>(lines: &mut Vec<&'a str>, is_open: bool) -> Option<&'a str> {
    let is_blank = |line: &&str| line.trim().is_empty();
    let last = lines.iter().rposition(|line| !is_blank(line))?;
    let is_near = last + 1 == lines.len();
    let above = &lines[..last];
    let is_apart =
        || !is_open || (above.last().is_some_and(is_blank) && !above.iter().all(is_blank));
    if !is_number(lines[last]) || !(is_near || is_apart()) {
        return None;
    }
    let number = lines[last];
    lines.truncate(last);
    Some(number)
}

/// A line without white space around it, nor the byte order mark of a file that was put behind
/// another.
fn bare(line: &str) -> &str {
    line.trim_matches(|c: char| c.is_whitespace() || c == '\u{feff}')
}

fn is_number(line: &str) -> bool {
    let line = bare(line);
    !line.is_empty() && line.bytes().all(|byte| byte.is_ascii_digit())
}
