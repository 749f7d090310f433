//! Which words stand on the screen together?
//!
//! A segment is cut into cues of at most two lines, at the ends of sentences where it can be, else of
//! clauses, else where the speaker pauses; never inside a word. This room never knows how a file
//! writes its cues.

use crate::time::{Span, Timestamp};
use crate::transcript::letters::{ends_clause, ends_sentence, is_closing, is_spoken, is_unprintable};
use crate::transcript::{Segment, Transcript, join, split};
use std::ops::Range;
use unicode_width::UnicodeWidthChar;

/// Lines of text that are shown for a while.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cue {
    /// From when to when; never empty, never into the next cue.
    pub span: Span,
    /// One or two lines, without white space at their ends.
    pub lines: Vec<String>,
}

/// A line holds 42 narrow characters or 16 wide ones (Netflix's guides for English and Chinese), or a
/// mixture: in parts of which either fills a line exactly.
const LINE: u32 = 336;
const NARROW: u32 = LINE / 42;
const WIDE: u32 = LINE / 16;

/// A cue lasts at least 5/6 of a second, where there is room, and at most 7 s (the same guides).
const LEAST_MS: u64 = 834;
const MOST_MS: u64 = 7000;

/// The cues of `transcript`, in order.
pub fn cues(transcript: &Transcript) -> Vec<Cue> {
    let mut cues = Vec::new();
    for segment in &transcript.segments {
        let units = units(segment);
        let cuts = cuts(&units);
        for cut in cuts {
            let (first, last) = (&units[cut.start], &units[cut.end - 1]);
            cues.push(Cue { span: Span::new(first.span.start(), last.span.end()), lines: lines(&units[cut]) });
        }
    }
    settle(&mut cues, transcript.audio.duration);
    cues
}

/// Keeps cues apart, and each on the screen long enough to be read and no longer than it may.
fn settle(cues: &mut [Cue], duration: Option<Timestamp>) {
    let mut free = Timestamp::ZERO;
    for cue in cues.iter_mut() {
        let start = cue.span.start().max(free);
        free = cue.span.end().min(start.plus(MOST_MS)).max(start.plus(1));
        cue.span = Span::new(start, free);
    }
    for index in 0..cues.len() {
        let span = cues[index].span;
        let room = cues.get(index + 1).map(|next| next.span.start()).or(duration);
        let wanted = span.start().plus(LEAST_MS);
        let end = span.end().max(room.map_or(wanted, |room| room.min(wanted)));
        cues[index].span = Span::new(span.start(), end);
    }
}

/// A stretch of text that is never broken.
#[derive(Debug, PartialEq)]
struct Unit {
    text: String,
    span: Span,
    /// What it takes of a line, the space after it not counted.
    cost: u32,
    /// What the space after it takes; 0 if there is none.
    space: u32,
    /// How good a place the end of it is for a cue to end: the less the better.
    end: u32,
}

/// How bad it is to end a cue here.
const AT_SENTENCE: u32 = 0;
const AT_PAUSE: u32 = 15;
const AT_CLAUSE: u32 = 25;
const AT_SPACE: u32 = 50;
const ANYWHERE: u32 = 70;
const BEFORE_PARTICLE: u32 = 90;

/// A silence this long between two words is a pause, in milliseconds.
const PAUSE_MS: u64 = 500;

/// Text on one line, fit to print.
fn plain(text: &str) -> String {
    let printable: String = text.chars().filter(|c| !is_unprintable(*c)).collect();
    printable.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Where a word stands in a text, and when it is said.
type TimedRange = (Range<usize>, Span);

/// A segment's text, and where its words stand in it with their times. Where the words do not tell the
/// text, which somebody may have corrected, the text is believed and its words share the segment's time.
fn timed_text(segment: &Segment) -> Option<(String, Vec<TimedRange>)> {
    let text = plain(&segment.text);
    let words: Vec<(String, Span)> = segment.words.iter().map(|word| (plain(&word.text), word.span)).collect();
    let locate = |text: &str, words: &[(String, Span)]| {
        let ranges = split::locate(text, words.iter().map(|(word, _)| word.as_str()))?;
        Some(ranges.into_iter().zip(words.iter().map(|(_, span)| *span)).collect::<Vec<TimedRange>>())
    };
    if let Some(timed) = locate(&text, &words).filter(|timed| !timed.is_empty()) {
        return Some((text, timed));
    }
    let shared = join::share(&text, segment.span)?;
    let words: Vec<(String, Span)> = shared.words.into_iter().map(|word| (word.text, word.span)).collect();
    let timed = locate(&shared.text, &words)?;
    Some((shared.text, timed))
}

/// The unbreakable stretches of a segment with their times.
fn units(segment: &Segment) -> Vec<Unit> {
    let Some((text, timed)) = timed_text(segment) else { return Vec::new() };
    let edges = edges(&text, &timed);
    let mut units: Vec<Unit> = Vec::with_capacity(edges.len());
    let mut next_word = 0;
    for (index, &start) in edges.iter().enumerate() {
        let end = edges.get(index + 1).copied().unwrap_or(text.len());
        let n_words = timed[next_word..].iter().take_while(|(range, _)| range.start < end).count();
        let spans = timed[next_word..next_word + n_words].iter().map(|(_, span)| *span);
        next_word += n_words;
        let span = spans.reduce(|a, b| Span::new(a.start().min(b.start()), a.end().max(b.end()))).unwrap_or(segment.span);
        units.push(unit(&text[start..end], span));
    }
    weigh_ends(&mut units);
    widen(&mut units, segment.span);
    units
}

/// Where in `text` units begin: at words, but not inside what `timed` holds together, not without a
/// time of their own, and not before what may not begin a line.
fn edges(text: &str, timed: &[TimedRange]) -> Vec<usize> {
    let mut edges: Vec<usize> = Vec::new();
    let mut next = 0;
    for word in split::words(text) {
        while timed.get(next).is_some_and(|(range, _)| range.end <= word.start) {
            next += 1;
        }
        let is_inside = timed.get(next).is_some_and(|(range, _)| range.start < word.start);
        let has_time = timed.get(next).is_some_and(|(range, _)| range.start < word.end);
        let may_begin = text[word.start..].chars().next().is_some_and(|c| !is_closing(c) && !CLINGING.contains(c));
        if edges.is_empty() || (has_time && !is_inside && may_begin) {
            edges.push(if edges.is_empty() { 0 } else { word.start });
        }
    }
    edges
}

/// Characters that are words of their own but do not begin a line: iteration and length marks, small kana.
const CLINGING: &str = "々〻ゝゞヽヾーぁぃぅぇぉっゃゅょゎァィゥェォッャュョヮヵヶㇰㇱㇲㇳㇴㇵㇶㇷㇸㇹㇺㇻㇼㇽㇾㇿ";

/// Particles that lean on the word before them: a line may begin with one, but ought not to.
const PARTICLES: &str = "的了著着過过得地嗎吗呢吧啊喔們们";

fn unit(text: &str, span: Span) -> Unit {
    let trimmed = text.trim_end();
    let marks = || trimmed.chars().rev().take_while(|&c| !is_spoken(c));
    let end = if marks().any(ends_sentence) {
        AT_SENTENCE
    } else if marks().any(ends_clause) {
        AT_CLAUSE
    } else if trimmed.len() < text.len() {
        AT_SPACE
    } else {
        ANYWHERE
    };
    let cost: u32 = trimmed.chars().map(cost).sum();
    let space = if trimmed.len() < text.len() { NARROW } else { 0 };
    // At least something, so that the number of units in a cue has a limit.
    Unit { text: trimmed.to_owned(), span, cost: cost.max(NARROW / 2), space, end }
}

fn cost(c: char) -> u32 {
    match c.width() {
        Some(0) | None => 0,
        Some(1) => NARROW,
        Some(_) => WIDE,
    }
}

/// Makes pauses good places to end a cue, and the places before particles bad ones.
fn weigh_ends(units: &mut [Unit]) {
    for index in 1..units.len() {
        let silence = units[index].span.start().millis().saturating_sub(units[index - 1].span.end().millis());
        let leans = units[index].text.starts_with(|c| PARTICLES.contains(c));
        let before = &mut units[index - 1];
        if silence >= PAUSE_MS {
            before.end = before.end.min(AT_PAUSE);
        } else if leans && before.end == ANYWHERE {
            before.end = BEFORE_PARTICLE;
        }
    }
}

/// Lets the first and the last unit reach to the ends of their segment.
fn widen(units: &mut [Unit], span: Span) {
    if let Some(first) = units.first_mut() {
        first.span = Span::new(first.span.start().min(span.start()), first.span.end());
    }
    if let Some(last) = units.last_mut() {
        last.span = Span::new(last.span.start(), last.span.end().max(span.end()));
    }
}

/// The best division into cues: the least sum of [`badness`], found by dynamic programming over the
/// places where a cue may end. Linear, since a cue holds a limited number of units.
fn cuts(units: &[Unit]) -> Vec<Range<usize>> {
    // For each number of units from the front: the least badness, and where the last cue begins.
    let mut best: Vec<(u64, usize)> = vec![(0, 0)];
    for end in 1..=units.len() {
        let mut found = (u64::MAX, end - 1);
        for start in (0..end).rev() {
            let Some(badness) = badness(units, start..end) else { break };
            let sum = best[start].0.saturating_add(badness);
            if sum < found.0 {
                found = (sum, start);
            }
        }
        best.push(found);
    }
    let mut cuts = Vec::new();
    let mut end = units.len();
    while end > 0 {
        let start = best[end].1;
        cuts.push(start..end);
        end = start;
    }
    cuts.reverse();
    cuts
}

/// How bad a cue of these units is; `None` if it, and so any longer one, is not allowed. A single unit
/// is always allowed.
fn badness(units: &[Unit], cue: Range<usize>) -> Option<u64> {
    let is_last = cue.end == units.len();
    let units = &units[cue];
    let (first, last) = (units.first()?, units.last()?);
    let cost = width(units);
    let ms = last.span.end().millis().saturating_sub(first.span.start().millis());
    let fits = cost <= LINE || break_of(units).is_some();
    if units.len() > 1 && (!fits || ms > MOST_MS) {
        return None;
    }
    let ending = if is_last { AT_SENTENCE } else { last.end };
    let shortness = if ms < LEAST_MS { 30 } else { 0 };
    // Empty room counts by its square, so that two cues share a sentence evenly.
    let emptiness = (2 * LINE).saturating_sub(cost) * 10 / LINE;
    // Each cue costs something, so that there are few; text shown through a long silence costs more.
    Some(u64::from(10 + ending + shortness + emptiness * emptiness / 10) + 40 * long_silences(units))
}

/// How many silences of three pauses or more lie between units.
fn long_silences(units: &[Unit]) -> u64 {
    let silence = |pair: &[Unit]| pair[1].span.start().millis().saturating_sub(pair[0].span.end().millis());
    units.windows(2).filter(|pair| silence(pair) >= 3 * PAUSE_MS).count() as u64
}

/// What units take of a line, with the spaces between them.
fn width(units: &[Unit]) -> u32 {
    let all: u32 = units.iter().map(|unit| unit.cost + unit.space).sum();
    all - units.last().map_or(0, |unit| unit.space)
}

/// Where the second line begins; `None` if two lines do not hold the units. Lines are even, and the
/// first one ends with a clause if that costs little.
fn break_of(units: &[Unit]) -> Option<usize> {
    let whole = width(units);
    let mut first = 0;
    let mut best: Option<(u32, usize)> = None;
    for (index, unit) in units.iter().enumerate().take(units.len().saturating_sub(1)) {
        let upper = first + unit.cost;
        first = upper + unit.space;
        let lower = whole - first;
        if upper > LINE {
            break;
        }
        let score = upper.abs_diff(lower) / 2 + 3 * unit.end;
        if lower <= LINE && best.is_none_or(|(least, _)| score < least) {
            best = Some((score, index + 1));
        }
    }
    best.map(|(_, index)| index)
}

/// The lines of a cue.
fn lines(units: &[Unit]) -> Vec<String> {
    let middle = if width(units) <= LINE { None } else { break_of(units) };
    let (upper, lower) = units.split_at(middle.unwrap_or(units.len()));
    [upper, lower].into_iter().filter(|units| !units.is_empty()).map(line).collect()
}

fn line(units: &[Unit]) -> String {
    let mut line = String::new();
    for (index, unit) in units.iter().enumerate() {
        line.push_str(&unit.text);
        if unit.space > 0 && index + 1 < units.len() {
            line.push(' ');
        }
    }
    line
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The cues of `text` said in `ms`, each as `start-end line/line`.
    fn check(text: &str, ms: u64, want: &[&str]) {
        let segment = join::share(text, Span::from_millis(0, ms)).unwrap_or_default();
        let cues = cues(&Transcript { segments: vec![segment], ..Transcript::default() });
        let got: Vec<String> =
            cues.iter().map(|cue| format!("{}-{} {}", cue.span.start().millis(), cue.span.end().millis(), cue.lines.join("/"))).collect();
        assert_eq!(got, want);
    }

    #[test]
    fn cuts_and_lines() {
        check("Short.", 900, &["0-900 Short."]);
        check("", 900, &[]);
        check(
            "The first sentence ends here. The second one is a good deal longer, and it goes on after the comma, until it stops.",
            9000,
            &[
                "0-5360 The first sentence ends here./The second one is a good deal longer,",
                "5360-9000 and it goes on after the comma,/until it stops.",
            ],
        );
        check(
            "Nothing in this sentence tells where it would be good to end a line and so the two of them are simply made even",
            9000,
            &[
                "0-4705 Nothing in this sentence tells/where it would be good to",
                "4705-9000 end a line and so the two/of them are simply made even",
            ],
        );
        check(
            "這句話沒有任何標點符號所以只能在字與字之間斷開並且不會讓的字或了字站在行首",
            9000,
            &["0-4865 這句話沒有任何標點符/號所以只能在字與字之", "4865-9000 間斷開並且不會讓的/字或了字站在行首"],
        );
        check(
            "第一句話到這裡結束。第二句話比較長，逗號以後還繼續說下去，說到這裡才停。",
            9000,
            &["0-2531 第一句話到這裡結束。", "2531-9000 第二句話比較長，逗號以後還/繼續說下去，說到這裡才停。"],
        );
        check("它叫GPT-4，是「大型語言模型」（LLM）的一種。", 5000, &["0-5000 它叫GPT-4，是「大型語言/模型」（LLM）的一種。"]);
        check("one two three four", 28_000, &["0-5600 one", "5600-11200 two", "11200-18200 three", "20533-27533 four"]);
        check(&"x".repeat(100), 3000, &[&format!("0-3000 {}", "x".repeat(100))]);
    }

    #[test]
    fn words_that_are_not_in_the_text() {
        let mut segment = join::share("one two", Span::from_millis(0, 2000)).expect("text");
        segment.text = "something else".to_owned();
        let cues = cues(&Transcript { segments: vec![segment], ..Transcript::default() });
        assert_eq!(cues[0].lines, ["something else"]);
    }

    #[test]
    fn times() {
        let cue = |start, end| Cue { span: Span::from_millis(start, end), lines: vec!["x".to_owned()] };
        let mut cues = vec![cue(0, 100), cue(500, 500), cue(500, 600), cue(2000, 20_000), cue(30_000, 30_100)];
        settle(&mut cues, Some(Timestamp::from_millis(30_500)));
        let got: Vec<_> = cues.iter().map(|cue| (cue.span.start().millis(), cue.span.end().millis())).collect();
        assert_eq!(got, [(0, 500), (500, 501), (501, 1335), (2000, 9000), (30_000, 30_500)]);
    }
}
