//! Cues that are too short or too fast apart, or begin at once, put together.

use super::super::{check, lines};
use super::markup::{Lines, joined};
use super::rewrap::pieces;
use super::{Changes, Rules, is_dialogue, reading_ms};
use crate::import::{RawCue, is_times, n_shared, shown};
use crate::time::Span;
use std::collections::HashSet;

/// Two cues that begin this close together, in milliseconds, are meant to be read together.
const TOGETHER_MS: u64 = 50;

/// Puts cues together where both fit in one. The numbers of those that took in another one.
pub fn join(
    cues: &mut Vec<(usize, RawCue)>,
    rules: &Rules<'_>,
    changes: &mut Changes,
) -> HashSet<usize> {
    let mut joints = HashSet::new();
    let mut joined: Vec<(usize, RawCue)> = Vec::with_capacity(cues.len());
    for (index, cue) in std::mem::take(cues) {
        let one = joined.last_mut().and_then(|(first, last)| {
            *last = together(last, &cue, rules)?;
            Some(*first)
        });
        match one {
            Some(first) => {
                joints.insert(first);
                changes.joined += 1;
            }
            None => joined.push((index, cue)),
        }
    }
    *cues = joined;
    joints
}

/// Two cues as one, where they are better so.
fn together(a: &RawCue, b: &RawCue, rules: &Rules<'_>) -> Option<RawCue> {
    let begin_at_once =
        b.span.start().millis().saturating_sub(a.span.start().millis()) < TOGETHER_MS;
    if !may_join(a, b, begin_at_once, rules) {
        return None;
    }
    let span = Span::new(a.span.start(), a.span.end().max(b.span.end()));
    let lines: Vec<String> = a.lines.iter().chain(&b.lines).cloned().collect();
    let both = RawCue { span, lines, ..a.clone() };
    let judged = rules.plain(&both);
    let fits = span.millis() <= rules.profile.longest_ms
        && span.millis() >= reading_ms(&judged, rules.profile);
    if !fits {
        return None;
    }
    if begin_at_once {
        // Each keeps its lines, since two may speak.
        return check::is_wrapped_well(&judged, rules.profile, rules.habits).then_some(both);
    }
    // Another language is another text, and what is shown twice is not said twice.
    let said = |cue: &RawCue| shown(&cue.lines, rules.is_vtt).join(" ");
    if rules.is_mixed(&both.lines) || n_shared(&said(a), &said(b)) > 0 {
        return None;
    }
    let text = joined(&both, rules.is_vtt);
    let pieces = pieces(&text.plain, span, rules);
    let ranges = lines::wrap(&pieces, rules.profile)?.ranges(pieces.len());
    let mut lines = Lines::of(&text);
    let lines: Vec<String> =
        ranges.into_iter().map(|line| lines.line(line, false, false)).collect();
    (!lines.iter().any(|line| is_times(line))).then_some(RawCue { lines, ..both })
}

/// Whether two cues mean one text, and one of them needs the other.
fn may_join(a: &RawCue, b: &RawCue, begin_at_once: bool, rules: &Rules<'_>) -> bool {
    let profile = rules.profile;
    let is_bad = |cue: &RawCue| {
        let needed = profile.shortest_ms.max(reading_ms(&rules.plain(cue), profile));
        cue.span.millis() + 1 < needed
    };
    let are_near = b.span.start().millis().saturating_sub(a.span.end().millis())
        < profile.close_ms.max(profile.gap_ms + 1);
    // A name of its own would be lost.
    let is_named =
        b.id.as_ref().is_some_and(|id| !id.trim().bytes().all(|byte| byte.is_ascii_digit()));
    let same_voice = voice(a) == voice(b) && a.settings == b.settings;
    let speak_several = || is_dialogue(a, rules.is_vtt) || is_dialogue(b, rules.is_vtt);
    !is_named
        && same_voice
        && (begin_at_once || (!speak_several() && are_near && (is_bad(a) || is_bad(b))))
}

/// The voice tag that a cue begins with.
fn voice(cue: &RawCue) -> Option<&str> {
    let first = cue.lines.first()?;
    first.starts_with("<v").then(|| first.split('>').next()).flatten()
}
