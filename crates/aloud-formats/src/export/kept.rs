//! Cues that stay as they were, with new times.
//!
//! For a text that came as subtitles or lyrics. What a cue says, and where its lines end, is its
//! author's; a cue of which no word was heard is left out, since nobody knows where it belongs, and
//! told by [`unheard`].

use super::cue::{Cue, Line, Word};
use super::cut;
use super::profile::Profile;
use super::size::Size;
use crate::reading::Reading;
use crate::time::{Span, Timestamp};
use crate::transcript::split;
use std::ops::Range;

/// The article's own cues, each as long as its words are said and take to read.
pub fn cues(reading: &Reading, profile: &Profile) -> Vec<Cue> {
    let mut found: Vec<(Span, &Vec<Range<usize>>)> = Vec::new();
    let mut free = Timestamp::ZERO;
    for lines in &reading.article.cues {
        let (Some(first), Some(last)) = (lines.first(), lines.last()) else { continue };
        let Some(speech) = speech(reading, first.start..last.end) else { continue };
        // Texts are tied in order; what is not is put after what it follows.
        let start = speech.start().max(free);
        let speech = Span::new(start, speech.end().max(start.plus(1)));
        free = start.plus(1);
        found.push((speech, lines));
    }
    let duration = reading.transcript.audio.duration;
    let nexts: Vec<Option<Timestamp>> =
        (1..=found.len()).map(|next| found.get(next).map(|(span, _)| span.start())).collect();
    let cue = |((speech, lines), next): ((Span, &Vec<Range<usize>>), Option<Timestamp>)| {
        let text = split::spell(lines.iter().map(|line| &reading.article.text[line.clone()]));
        // It cannot be divided: however long it takes to say, it stays, and closes a gap behind it.
        let longest_ms = match speech.millis() {
            said if said > profile.longest_ms => said + profile.close_ms,
            _ => profile.longest_ms,
        };
        let profile = Profile { longest_ms, ..profile.clone() };
        let reading_ms = Size::of(&text).reading_ms(&profile);
        let span = cut::shown(speech, reading_ms, next, duration, &profile);
        Cue {
            span,
            lines: lines.iter().map(|line| line_of(reading, line, span)).collect(),
            begins_block: begins_block(reading, lines),
            ..Cue::default()
        }
    };
    found.into_iter().zip(nexts).map(cue).collect()
}

/// What the article's own cues say of which no word was heard, in order.
pub fn unheard(reading: &Reading) -> Vec<String> {
    let is_unheard = |lines: &&Vec<Range<usize>>| {
        let ends = lines.first().zip(lines.last());
        ends.is_some_and(|(first, last)| speech(reading, first.start..last.end).is_none())
    };
    let text = |lines: &Vec<Range<usize>>| {
        split::spell(lines.iter().map(|line| &reading.article.text[line.clone()]))
    };
    reading.article.cues.iter().filter(is_unheard).map(text).collect()
}

/// When what stands in `bytes` of the article is said; `None` where none of it was heard.
fn speech(reading: &Reading, bytes: Range<usize>) -> Option<Span> {
    words(reading, bytes)
        .map(|(_, span)| span)
        .reduce(|a, b| Span::new(a.start().min(b.start()), a.end().max(b.end())))
}

/// The article's words that begin within `bytes` and have a time.
fn words(
    reading: &Reading,
    bytes: Range<usize>,
) -> impl Iterator<Item = (Range<usize>, Span)> + '_ {
    let first = reading.article.words.partition_point(|word| word.bytes.start < bytes.start);
    let inside = move |(word, _): &(&crate::article::WrittenWord, _)| word.bytes.start < bytes.end;
    let timed = reading.article.words[first..]
        .iter()
        .zip(reading.alignment.words.get(first..).unwrap_or_default())
        .take_while(inside);
    timed.filter_map(|(word, timing)| Some((word.bytes.clone(), timing.span?)))
}

fn line_of(reading: &Reading, line: &Range<usize>, span: Span) -> Line {
    let text = reading.article.text[line.clone()].to_owned();
    let places = split::words(&text);
    let mut timed = words(reading, line.clone()).peekable();
    let mut found = Vec::new();
    for bytes in places {
        let mut when: Option<Span> = None;
        while let Some((_, span)) = timed.next_if(|(word, _)| word.start < line.start + bytes.end) {
            when = Some(
                when.map_or(span, |first| Span::new(first.start(), span.end().max(first.start()))),
            );
        }
        found.extend(when.map(|when| Word { bytes, span: when.clamp_to(span) }));
    }
    let sentence =
        reading.article.sentences.partition_point(|sentence| sentence.bytes.end <= line.start);
    Line { text, words: found, speaker: reading.article.speaker(sentence).map(str::to_owned) }
}

fn begins_block(reading: &Reading, lines: &[Range<usize>]) -> bool {
    lines.first().is_some_and(|first| {
        reading.article.blocks.binary_search_by_key(&first.start, |block| block.bytes.start).is_ok()
    })
}
