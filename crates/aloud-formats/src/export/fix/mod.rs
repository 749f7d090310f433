//! What would make this file of subtitles keep the rules, without touching a word of it?
//!
//! Times: cues do not overlap, stay long enough to be read and no longer than is allowed, and leave
//! even gaps; starts stay where they are, and so do times that break no rule. Lines: those that are
//! too long, too many, or end in the middle of a word or name are broken anew; a cue that cannot
//! hold its text is divided, its words sharing its time, and what is free behind it, by length
//! (`rewrap`); one that stays too short is put together with its neighbour (`join`). Markup stays
//! with its words (`markup`), and lines of two languages are not one text. What cannot be mended so
//! stays as it is, and `check` lists it. Cues that roll stay as they are.

mod join;
mod markup;
mod print;
mod rewrap;
#[cfg(test)]
mod tests;

pub use print::{print, written_like};

use super::check::Habits;
use super::cue::Cue;
use super::profile::Profile;
use super::size::Size;
use super::{check, cut};
use crate::import::{Document, RawCue, marked, shown, writing};
use crate::time::{Span, Timestamp};
use crate::transcript::split;
use rewrap::Room;
use std::collections::{BTreeMap, HashSet};

/// What was done to a file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Changes {
    /// Cues that are shown for another time.
    pub timed: usize,
    /// Cues whose lines end elsewhere.
    pub wrapped: usize,
    /// Cues that were divided.
    pub divided: usize,
    /// Cues that were put together with the one before.
    pub joined: usize,
    /// Empty cues that were left out.
    pub dropped: usize,
    /// Cues that stood in another order than their times.
    pub sorted: usize,
}

/// By what a file is mended.
struct Rules<'a> {
    profile: &'a Profile,
    is_vtt: bool,
    habits: Habits,
}

impl Rules<'_> {
    /// A cue as `check` reads it.
    fn plain(&self, cue: &RawCue) -> Cue {
        plain(cue, self.is_vtt)
    }

    /// Whether lines are in different scripts, and so not one text.
    fn is_mixed(&self, lines: &[String]) -> bool {
        let shown = shown(lines, self.is_vtt);
        let mut kinds = shown.iter().filter_map(|line| writing(line));
        let first = kinds.next();
        kinds.any(|kind| Some(kind) != first)
    }
}

/// Mends `document` by the rules of `profile`. Linear but for sorting. Cues that roll are left
/// alone: what one shows of the one before is no text of its own.
pub fn fix(document: &mut Document, profile: &Profile) -> Changes {
    let mut changes = Changes::default();
    if document.rolls {
        return changes;
    }
    let is_vtt = document.is_vtt;
    // Each with its number in the file.
    let mut cues: Vec<(usize, RawCue)> =
        std::mem::take(&mut document.cues).into_iter().enumerate().collect();
    put_in_order(&mut cues, is_vtt, &mut changes);
    // Times that were turned round are others than the file's.
    let before: BTreeMap<usize, Span> = cues
        .iter()
        .filter(|(_, cue)| !cue.is_swapped)
        .map(|(index, cue)| (*index, cue.span))
        .collect();
    // Lines of two languages are not one text.
    let (seen, is_bilingual) = judged(cues.iter().map(|(_, cue)| cue), is_vtt);
    let rules = Rules { profile, is_vtt, habits: Habits::of(&seen) };
    if !is_bilingual {
        cues = rewrapped(cues, &rules, &mut changes);
    }
    settle(&mut cues, &rules);
    let mut joints = HashSet::new();
    if !is_bilingual {
        joints = join::join(&mut cues, &rules, &mut changes);
        settle(&mut cues, &rules);
    }
    let mut after: BTreeMap<usize, Span> = BTreeMap::new();
    for (index, cue) in cues.iter().filter(|(index, _)| !joints.contains(index)) {
        let whole = after.entry(*index).or_insert(cue.span);
        *whole = Span::new(whole.start().min(cue.span.start()), whole.end().max(cue.span.end()));
    }
    changes.timed = after.iter().filter(|(index, span)| before.get(index) != Some(span)).count();
    move_comments(&mut document.others, &cues);
    document.cues = cues.into_iter().map(|(_, cue)| cue).collect();
    changes
}

/// Leaves out empty cues, and sorts the others by their starts.
fn put_in_order(cues: &mut Vec<(usize, RawCue)>, is_vtt: bool, changes: &mut Changes) {
    let n = cues.len();
    cues.retain(|(_, cue)| {
        cue.lines.iter().any(|line| !marked(line, is_vtt).plain.trim().is_empty())
    });
    changes.dropped = n - cues.len();
    changes.sorted =
        cues.windows(2).filter(|pair| pair[1].1.span.start() < pair[0].1.span.start()).count();
    cues.sort_by_key(|(_, cue)| cue.span.start());
}

/// The cues with lines as they should be; several may have the same number then.
fn rewrapped(
    cues: Vec<(usize, RawCue)>,
    rules: &Rules<'_>,
    changes: &mut Changes,
) -> Vec<(usize, RawCue)> {
    let nexts = nexts(&cues);
    let starts: Vec<Timestamp> = cues.iter().skip(1).map(|(_, cue)| cue.span.start()).collect();
    let following = starts.into_iter().map(Some).chain([None]);
    let mut rewrapped = Vec::with_capacity(cues.len());
    for (((index, cue), following), next) in cues.into_iter().zip(following).zip(nexts) {
        // What begins at once with the next one cannot go on behind it.
        let room = match next {
            _ if following == Some(cue.span.start()) => Room::None,
            Some(next) => Room::Until(next),
            None => Room::Endless,
        };
        let parts = rewrap::rewrap(cue, room, rules, changes);
        rewrapped.extend(parts.into_iter().map(|cue| (index, cue)));
    }
    // What was divided may reach into what began before its end.
    rewrapped.sort_by_key(|(_, cue)| cue.span.start());
    rewrapped
}

/// For each cue, when the next one begins that does not begin at once with it.
fn nexts(cues: &[(usize, RawCue)]) -> Vec<Option<Timestamp>> {
    let mut nexts = vec![None; cues.len()];
    for index in (1..cues.len()).rev() {
        let (here, next) = (cues[index - 1].1.span.start(), cues[index].1.span.start());
        nexts[index - 1] = if next > here { Some(next) } else { nexts[index] };
    }
    nexts
}

/// Gives each cue whose times break a rule its end, by its own, its reader, and the next one's
/// start.
fn settle(cues: &mut [(usize, RawCue)], rules: &Rules<'_>) {
    let (judged, _) = judged(cues.iter().map(|(_, cue)| cue), rules.is_vtt);
    for (index, next) in nexts(cues).into_iter().enumerate() {
        let following = cues.get(index + 1).map(|(_, cue)| cue.span);
        if check::is_timed_well(&judged[index], following, rules.profile) {
            continue;
        }
        let reading_ms = reading_ms(&judged[index], rules.profile);
        let cue = &mut cues[index].1;
        cue.span = cut::shown(cue.span, reading_ms, next, None, rules.profile);
    }
}

/// Keeps comments before the cue that they stood before.
fn move_comments(comments: &mut [(usize, String)], cues: &[(usize, RawCue)]) {
    let reached = cues.iter().scan(0, |most, (index, _)| {
        *most = (*most).max(*index);
        Some(*most)
    });
    let reached: Vec<usize> = reached.collect();
    for (place, _) in comments {
        *place = reached.partition_point(|index| index < place);
    }
}

/// A cue as `check` reads it.
fn plain(cue: &RawCue, is_vtt: bool) -> Cue {
    Cue::plain(cue.span, shown(&cue.lines, is_vtt))
}

/// Cues as `check` reads them, and whether they are bilingual.
fn judged<'a>(cues: impl Iterator<Item = &'a RawCue>, is_vtt: bool) -> (Vec<Cue>, bool) {
    let mut judged: Vec<Cue> = cues.map(|cue| plain(cue, is_vtt)).collect();
    let is_bilingual = check::part_languages(&mut judged);
    (judged, is_bilingual)
}

/// The cues of `document` without markup, to be judged.
pub fn cues(document: &Document) -> Vec<Cue> {
    judged(document.cues.iter(), document.is_vtt).0
}

/// How long a cue takes to read, which is as long as the longer one of its languages does.
fn reading_ms(cue: &Cue, profile: &Profile) -> u64 {
    let first = cue.lines.iter().map(|line| line.text.as_str());
    let second = cue.second.iter().map(String::as_str);
    let of = |text: String| Size::of(&text).reading_ms(profile);
    of(split::spell(first)).max(of(split::spell(second)))
}

/// Whether each line of a cue is somebody else's.
fn is_dialogue(cue: &RawCue, is_vtt: bool) -> bool {
    cue.lines
        .iter()
        .filter(|line| marked(line, is_vtt).plain.trim_start().starts_with(['-', '–', '—']))
        .count()
        > 1
}
