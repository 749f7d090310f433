//! What is shown, and when is each word of it said?
//!
//! A reading becomes passages in order of time: the sentences that were read, as they are written,
//! and on request what was said without being written. This room never knows lines or cues.

use super::breaks::{self, Break};
use super::glue::Glue;
use super::hold::Hold;
use super::size::Size;
use super::tongue::Tongue;
use crate::align::Status;
use crate::article::asides;
use crate::reading::Reading;
use crate::time::{Span, Timestamp};
use crate::transcript::characters::{ends_sentence, is_han, is_spoken, thirds};
use crate::transcript::{split, tidy};
use std::ops::Range;

/// What is done with what was said but is not written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Unwritten {
    /// It is shown as the recogniser heard it.
    #[default]
    Keep,
    /// It is left out.
    Drop,
    /// It is shown in square brackets.
    Brackets,
}

/// A sentence, or the part of it that was read; or a stretch that is not written.
#[derive(Clone, Debug, PartialEq)]
pub struct Passage {
    /// Its words, at least one.
    pub pieces: Vec<Piece>,
    /// The article's sentence; `None` for what is not written.
    pub sentence: Option<usize>,
    /// The article's block that it stands in.
    pub block: Option<usize>,
    /// Who says it, where that is known.
    pub speaker: Option<String>,
}

/// A word with its punctuation: what is never divided.
#[derive(Clone, Debug, PartialEq)]
pub struct Piece {
    /// Its text, without white space at either end.
    pub text: String,
    /// Whether a space follows within the text.
    pub is_spaced: bool,
    /// When it is said. Over all passages, spans are in order, apart, and not empty.
    pub span: Span,
    /// How good it is to end a line or cue after it.
    pub end: Break,
    /// How much room it takes.
    pub size: Size,
    /// Whether another speaker begins with it.
    pub is_turn: bool,
}

impl Piece {
    /// Its size with the space after it.
    pub fn spaced(&self) -> Size {
        if self.is_spaced { self.size + Size::SPACE } else { self.size }
    }
}

/// The words of `text` with what stands between them, as nobody has said them yet. White space is
/// single.
pub fn pieces(text: &str, tongue: Tongue) -> Vec<Piece> {
    let words = split::words(text);
    let ends = breaks::between(text, &words, tongue).into_iter().chain([Break::Block]);
    let piece = |(word, end): (&Range<usize>, Break)| Piece {
        text: text[word.clone()].to_owned(),
        is_spaced: text[word.end..].starts_with(' '),
        span: Span::default(),
        end,
        size: Size::of(&text[word.clone()]),
        is_turn: false,
    };
    words.iter().zip(ends).map(piece).collect()
}

impl Passage {
    /// Its text on one line.
    pub fn text(&self) -> String {
        line(&self.pieces)
    }

    /// From its first word to its last.
    pub fn span(&self) -> Span {
        speech(&self.pieces)
    }
}

/// When `pieces` are said, from the first to the last.
pub fn speech(pieces: &[Piece]) -> Span {
    let end = pieces.last().map_or(Timestamp::ZERO, |piece| piece.span.end());
    Span::new(pieces.first().map_or(end, |piece| piece.span.start()), end)
}

/// The text of `pieces` on one line.
pub fn line(pieces: &[Piece]) -> String {
    let mut line = String::new();
    for (index, piece) in pieces.iter().enumerate() {
        line.push_str(&piece.text);
        if piece.is_spaced && index + 1 < pieces.len() {
            line.push(' ');
        }
    }
    line
}

/// A silence this long between two words is a pause, in milliseconds.
pub const PAUSE_MS: u64 = 500;

/// All that is shown of `reading`, in order of time. Linear but for sorting.
pub fn passages(reading: &Reading, unwritten: Unwritten) -> Vec<Passage> {
    let mut passages = written(reading);
    if unwritten != Unwritten::Drop {
        insert(&mut passages, self::unwritten(reading, unwritten == Unwritten::Brackets));
    }
    settle_times(&mut passages, reading.transcript.audio.duration);
    settle_breaks(&mut passages);
    mark_turns(&mut passages);
    passages
}

/// Says where another speaker begins, as far as the text tells.
fn mark_turns(passages: &mut [Passage]) {
    for index in 1..passages.len() {
        let is_turn = passages[index].speaker != passages[index - 1].speaker;
        passages[index].pieces[0].is_turn = is_turn;
    }
}

/// The sentences that were read.
fn written(reading: &Reading) -> Vec<Passage> {
    let mut passages = Vec::new();
    let mut block = 0;
    let passed_over = passed_over(reading);
    for sentence in 0..reading.article.sentences.len() {
        while reading.article.blocks.get(block).is_some_and(|found| found.sentences.end <= sentence)
        {
            block += 1;
        }
        let found = reading
            .article
            .blocks
            .get(block)
            .filter(|found| found.sentences.contains(&sentence))
            .map(|_| block);
        let after = &reading.article.text[reading.article.sentences[sentence].bytes.end..];
        let first = passed_over
            .partition_point(|words| words.start < reading.article.sentences[sentence].words.start);
        let last = passed_over
            .partition_point(|words| words.start < reading.article.sentences[sentence].words.end);
        for mut pieces in read_parts(reading, sentence, &passed_over[first..last.max(first)]) {
            if let Some(last) = pieces.last_mut() {
                last.is_spaced = last.is_spaced || after.starts_with(char::is_whitespace);
            }
            let speaker = reading.article.speaker(sentence).map(str::to_owned);
            passages.push(Passage { pieces, sentence: Some(sentence), block: found, speaker });
        }
    }
    passages
}

/// A word's text while its time may be unknown.
struct Rough {
    text: String,
    is_spaced: bool,
    span: Option<Span>,
}

/// How much of the time of a stretch a word takes: by its characters, in thirds of a wide one.
pub fn weight(text: &str) -> u64 {
    text.chars().map(|c| u64::from(thirds(c))).sum::<u64>().max(1)
}

/// The stretches of a sentence that were read: all of it, or the runs of words that have times.
fn read_parts(reading: &Reading, sentence: usize, passed_over: &[Range<usize>]) -> Vec<Vec<Piece>> {
    let Some(timing) = reading
        .alignment
        .sentences
        .get(sentence)
        .filter(|timing| timing.status != Status::Unspoken)
    else {
        return Vec::new();
    };
    let whole = &reading.article.sentences[sentence];
    let words: Vec<(Range<usize>, Option<Span>)> = whole
        .words
        .clone()
        .map(|word| {
            let bytes = &reading.article.words[word].bytes;
            let span = reading.alignment.words.get(word).and_then(|timing| timing.span);
            (
                bytes.start.saturating_sub(whole.bytes.start)
                    ..bytes.end.saturating_sub(whole.bytes.start),
                span,
            )
        })
        .collect();
    let mut roughs = roughs(reading.article.sentence(sentence), &words);
    let is_timed = roughs.iter().any(|rough| rough.span.is_some());
    if is_timed {
        let first = whole.words.start;
        let inner = passed_over.iter().map(|words| words.start - first..words.end - first);
        leave_out(&mut roughs, &words, inner, reading.article.sentence(sentence));
    }
    if roughs.iter().all(|rough| rough.span.is_none()) {
        return timing
            .span
            .map(|span| fill(roughs, span))
            .filter(|pieces| !pieces.is_empty())
            .into_iter()
            .collect();
    }
    if ends_inside(&words, reading.transcript.audio.duration) {
        roughs.truncate(
            roughs.iter().rposition(|rough| rough.span.is_some()).map_or(0, |last| last + 1),
        );
    }
    let parts = if timing.status == Status::Partly { runs(roughs) } else { vec![roughs] };
    parts.into_iter().map(|part| fill(part, Span::default())).collect()
}

/// No word takes less, in milliseconds: a quarter of what quick ones do.
const LEAST_MS: u64 = 60;

/// Whether a recording that is `duration` long ends inside a sentence: two words and more without a
/// time stand behind the last one that has one, and too little of it is left to say them in.
fn ends_inside(words: &[(Range<usize>, Option<Span>)], duration: Option<Timestamp>) -> bool {
    let Some((last, span)) =
        words.iter().enumerate().rev().find_map(|(index, (_, span))| Some((index, (*span)?)))
    else {
        return false;
    };
    let n_left = (words.len() - 1 - last) as u64;
    let left = |duration: Timestamp| duration.millis().saturating_sub(span.end().millis());
    n_left >= 2 && duration.is_some_and(|duration| left(duration) < n_left * LEAST_MS)
}

/// What may be passed over in the middle of a sentence, and of which no word has a time: brackets
/// that nobody read.
fn passed_over(reading: &Reading) -> Vec<Range<usize>> {
    let is_bracketed = |words: &Range<usize>| {
        let first = reading.article.words.get(words.start).map_or(0, |word| word.bytes.start);
        reading.article.text[..first].ends_with(['(', '（', '[', '［', '【', '〔'])
    };
    let is_silent = |words: &Range<usize>| {
        let timed = reading.alignment.words.get(words.clone()).unwrap_or_default();
        !timed.is_empty() && timed.iter().all(|timing| timing.span.is_none())
    };
    let mut found: Vec<Range<usize>> =
        asides(&reading.article).into_iter().filter(is_silent).filter(is_bracketed).collect();
    found.sort_by_key(|words| (words.start, words.end));
    found
}

/// Takes the words of `inner`, as indices of `words`, out of a sentence: those whose pieces hold
/// nothing else.
fn leave_out(
    roughs: &mut Vec<Rough>,
    words: &[(Range<usize>, Option<Span>)],
    inner: impl Iterator<Item = Range<usize>>,
    text: &str,
) {
    let bytes: Vec<Range<usize>> =
        inner.map(|range| words[range.start].0.start..words[range.end - 1].0.end).collect();
    let places = joined(split::words(text), words);
    let is_out = |place: &Range<usize>| {
        let core = split::core(text, place.clone());
        bytes.iter().any(|out| out.start <= core.start && core.end <= out.end)
    };
    let keep: Vec<bool> = places.iter().map(|place| !is_out(place)).collect();
    if keep.iter().all(|keep| *keep) || !keep.contains(&true) {
        return;
    }
    // The mark behind a bracket goes with the word before it.
    for index in 1..roughs.len() {
        let after_bracket = !keep[index] && keep.get(index + 1).copied().unwrap_or(true);
        let mark: String = roughs[index]
            .text
            .chars()
            .rev()
            .take_while(|c| !is_spoken(*c) && !is_bracket(*c))
            .collect();
        if let Some(before) = (0..index)
            .rev()
            .find(|before| keep[*before])
            .filter(|_| after_bracket && !mark.is_empty())
        {
            roughs[before].text.extend(mark.chars().rev());
        }
        if let Some(before) = (0..index).rev().find(|before| keep[*before]).filter(|_| !keep[index])
        {
            roughs[before].is_spaced = roughs[index].is_spaced;
        }
    }
    let mut keep = keep.into_iter();
    roughs.retain(|_| keep.next().unwrap_or(true));
}

fn is_bracket(c: char) -> bool {
    "()（）[]［］【】〔〕{}*".contains(c)
}

/// The words of `text` with their punctuation, each with the time of the article's words in it.
fn roughs(text: &str, words: &[(Range<usize>, Option<Span>)]) -> Vec<Rough> {
    let mut roughs: Vec<Rough> = Vec::new();
    let ranges = joined(split::words(text), words);
    let mut next = 0;
    for (index, range) in ranges.iter().enumerate() {
        let n_inside =
            words[next..].iter().take_while(|(bytes, _)| bytes.start < range.end).count();
        let spans = words[next..next + n_inside].iter().filter_map(|(_, span)| *span);
        next += n_inside;
        let span = spans.reduce(|a, b| Span::new(a.start().min(b.start()), a.end().max(b.end())));
        let is_spaced = ranges.get(index + 1).is_some_and(|after| after.start > range.end);
        let text = text[range.clone()].split_whitespace().collect::<Vec<_>>().join(" ");
        roughs.push(Rough { text, is_spaced, span });
    }
    roughs
}

/// `ranges` with those put together that one of `words` reaches over.
fn joined(ranges: Vec<Range<usize>>, words: &[(Range<usize>, Option<Span>)]) -> Vec<Range<usize>> {
    let mut joined: Vec<Range<usize>> = Vec::with_capacity(ranges.len());
    let mut next = 0;
    for range in ranges {
        while words.get(next).is_some_and(|(bytes, _)| bytes.end <= range.start) {
            next += 1;
        }
        match joined.last_mut() {
            Some(last) if words.get(next).is_some_and(|(bytes, _)| bytes.start < range.start) => {
                last.end = range.end;
            }
            _ => joined.push(range),
        }
    }
    joined
}

/// The runs of words with times; a mark that is no word goes with the word before it.
fn runs(roughs: Vec<Rough>) -> Vec<Vec<Rough>> {
    let mut runs: Vec<Vec<Rough>> = Vec::new();
    let mut is_open = false;
    for rough in roughs {
        let is_mark = !rough.text.contains(is_spoken);
        if rough.span.is_some() && !is_open {
            runs.push(Vec::new());
            is_open = true;
        } else if rough.span.is_none() && !is_mark {
            is_open = false;
        }
        if let Some(run) = runs.last_mut().filter(|_| is_open) {
            run.push(rough);
        }
    }
    runs
}

/// `roughs` with times: words without one share the room between their neighbours, or `outer` where
/// there are none, in proportion to their length.
fn fill(roughs: Vec<Rough>, outer: Span) -> Vec<Piece> {
    let mut spans: Vec<Span> = Vec::with_capacity(roughs.len());
    while spans.len() < roughs.len() {
        let rest = &roughs[spans.len()..];
        if let Some(span) = rest[0].span {
            spans.push(span);
            continue;
        }
        let group = &rest[..rest.iter().take_while(|rough| rough.span.is_none()).count()];
        let after = rest.get(group.len()).and_then(|rough| rough.span).map(Span::start);
        let before = spans.last().map(|span| span.end());
        let from = before.or(after).unwrap_or(outer.start());
        let until = after.or(before).unwrap_or(outer.end()).max(from);
        let weights: Vec<u64> = group.iter().map(|rough| weight(&rough.text)).collect();
        spans.extend(Span::new(from, until).shares(&weights));
    }
    let piece = |(rough, span): (Rough, Span)| {
        let size = Size::of(&rough.text);
        Piece {
            text: rough.text,
            is_spaced: rough.is_spaced,
            span,
            end: Break::Space,
            size,
            is_turn: false,
        }
    };
    roughs.into_iter().zip(spans).map(piece).collect()
}

/// What was said but is not written, sentence by sentence.
fn unwritten(reading: &Reading, in_brackets: bool) -> Vec<Passage> {
    let heard: Vec<_> = reading.transcript.words().collect();
    let mut passages = Vec::new();
    for stretch in &reading.alignment.unwritten {
        let words = heard.get(stretch.spoken.clone()).unwrap_or_default();
        let located = split::locate(&stretch.text, words.iter().map(|word| word.text.as_str()))
            .unwrap_or_default();
        let timed: Vec<(Range<usize>, Option<Span>)> =
            located.into_iter().zip(words.iter().map(|word| Some(word.span))).collect();
        let pieces = fill(roughs(&stretch.text, &timed), stretch.span);
        for mut pieces in sentences(pieces) {
            if in_brackets {
                bracket(&mut pieces);
            }
            passages.push(Passage { pieces, sentence: None, block: None, speaker: None });
        }
    }
    passages
}

/// `pieces` cut where a sentence ends.
fn sentences(pieces: Vec<Piece>) -> Vec<Vec<Piece>> {
    // Where sentences end is the same in all.
    let breaks = breaks_of(&pieces.iter().collect::<Vec<_>>(), Tongue::default());
    let mut sentences: Vec<Vec<Piece>> = Vec::new();
    let mut is_new = true;
    for (index, piece) in pieces.into_iter().enumerate() {
        if is_new {
            sentences.push(Vec::new());
        }
        is_new = breaks.get(index) == Some(&Break::Sentence);
        if let Some(last) = sentences.last_mut() {
            last.push(piece);
        }
    }
    sentences
}

/// Puts brackets around `pieces`, wide ones around Chinese.
fn bracket(pieces: &mut [Piece]) {
    let is_wide = pieces.iter().any(|piece| piece.text.contains(is_han));
    let (open, close) = if is_wide { ('［', '］') } else { ('[', ']') };
    if let Some(first) = pieces.first_mut() {
        first.text.insert(0, open);
        first.size = Size::of(&first.text);
    }
    if let Some(last) = pieces.last_mut() {
        last.text.push(close);
        last.size = Size::of(&last.text);
    }
}

/// Puts `others` among `passages` by time. One that falls into the middle of a sentence divides it.
fn insert(passages: &mut Vec<Passage>, others: Vec<Passage>) {
    let mut merged: Vec<Passage> = Vec::with_capacity(passages.len() + others.len());
    let mut others = others.into_iter().peekable();
    for mut passage in std::mem::take(passages) {
        while let Some(other) = others.next_if(|other| other.span().start() < passage.span().end())
        {
            let at = passage
                .pieces
                .iter()
                .position(|piece| piece.span.start() >= other.span().start())
                .unwrap_or(passage.pieces.len());
            let rest = passage.pieces.split_off(at);
            if !passage.pieces.is_empty() {
                merged.push(passage.clone());
            }
            merged.push(other);
            passage.pieces = rest;
            if passage.pieces.is_empty() {
                break;
            }
        }
        if !passage.pieces.is_empty() {
            merged.push(passage);
        }
    }
    merged.extend(others);
    *passages = merged;
}

/// Makes the times of all pieces ordered, apart, and not empty.
fn settle_times(passages: &mut [Passage], duration: Option<Timestamp>) {
    let mut spans: Vec<Span> =
        passages.iter().flat_map(|passage| &passage.pieces).map(|piece| piece.span).collect();
    let last = spans.iter().map(|span| span.end()).max().unwrap_or_default();
    let end =
        last.max(duration.unwrap_or_default()).max(Timestamp::from_millis(spans.len() as u64));
    tidy::spans(&mut spans, Span::new(Timestamp::ZERO, end));
    for (piece, span) in passages.iter_mut().flat_map(|passage| &mut passage.pieces).zip(spans) {
        piece.span = span;
    }
}

/// The breaks between `pieces`.
fn breaks_of(pieces: &[&Piece], tongue: Tongue) -> Vec<Break> {
    let mut text = String::new();
    let mut words = Vec::with_capacity(pieces.len());
    for piece in pieces {
        let start = text.len();
        text.push_str(&piece.text);
        words.push(start..text.len());
        if piece.is_spaced {
            text.push(' ');
        }
    }
    breaks::between(&text, &words, tongue)
}

/// What ends each run of passages of one block: the block, or a clause where something unwritten
/// falls into the middle of one.
fn lasts(passages: &[Passage]) -> Vec<Break> {
    let runs: Vec<&[Passage]> = passages.chunk_by(|a, b| a.block == b.block).collect();
    let block = |at: usize| runs.get(at).and_then(|run| run[0].block);
    let is_aside = |at: usize| {
        at > 0 && block(at).is_none() && block(at - 1).is_some() && block(at - 1) == block(at + 1)
    };
    let last = |at: usize| {
        let ends_here = runs[at]
            .last()
            .and_then(|passage| passage.pieces.last())
            .is_some_and(|piece| piece.text.ends_with(ends_sentence));
        match is_aside(at) || is_aside(at + 1) {
            true if ends_here => Break::Sentence,
            true => Break::Clause,
            false => Break::Block,
        }
    };
    (0..runs.len()).map(last).collect()
}

/// Whether a piece leans on the next one though a recogniser's segment ends between them, or the
/// speaker stops to think.
fn binds(piece: &Piece, end: Break, tongue: Tongue) -> bool {
    let word = piece.text.trim_matches(|c| !is_spoken(c));
    end == Break::Clinging && tongue.binds(&word.to_lowercase())
}

/// Says of every piece how good an end it is. Passages of a block are looked at together, since a
/// recogniser's segment may end in the middle of a name.
fn settle_breaks(passages: &mut [Passage]) {
    for index in 1..passages.len() {
        let next = passages[index].pieces[0].text.clone();
        if let Some(last) = passages[index - 1].pieces.last_mut() {
            last.is_spaced = last.is_spaced || split::needs_space(&last.text, &next);
        }
    }
    let glue = Glue::of(
        passages.iter().flat_map(|passage| &passage.pieces).map(|piece| piece.text.as_str()),
    );
    let tongue = Tongue::of(
        passages.iter().flat_map(|passage| &passage.pieces).map(|piece| piece.text.as_str()),
    );
    let lasts = lasts(passages);
    for (group, last) in passages.chunk_by_mut(|a, b| a.block == b.block).zip(lasts) {
        let breaks = breaks_of(
            &group.iter().flat_map(|passage| &passage.pieces).collect::<Vec<_>>(),
            tongue,
        );
        let mut breaks = breaks.into_iter().chain([last]);
        for passage in group {
            let n = passage.pieces.len();
            for (index, (piece, found)) in
                passage.pieces.iter_mut().zip(breaks.by_ref()).enumerate()
            {
                let is_held = matches!(found, Break::Held(_))
                    && (!piece.text.ends_with(ends_sentence)
                        || found == Break::Held(Hold::Number)
                            && breaks::ends_in_number(&piece.text));
                let is_last = index + 1 == n && !is_held && !binds(piece, found, tongue);
                piece.end = if is_last { found.min(Break::Clause) } else { found };
            }
        }
    }
    let mut pieces: Vec<&mut Piece> =
        passages.iter_mut().flat_map(|passage| &mut passage.pieces).collect();
    glue.cling(&mut pieces);
    for index in 1..pieces.len() {
        let silence = pieces[index]
            .span
            .start()
            .millis()
            .saturating_sub(pieces[index - 1].span.end().millis());
        let before = &mut pieces[index - 1];
        let is_tied = matches!(before.end, Break::Held(_)) || binds(before, before.end, tongue);
        if silence >= PAUSE_MS && !is_tied {
            before.end = before.end.min(Break::Pause);
        }
    }
}
