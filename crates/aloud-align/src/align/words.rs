//! The written words laid over the spoken ones.

use super::heard::{self, Heard};
use super::holes::{self, Hole, Insertion, Placed};
use super::pace::Pace;
use super::path::Link;
use super::texts::{Stretch, Texts};
use super::{Alignment, Timing, islands, links, summary, tempo};
use crate::article::Article;
use crate::time::{Span, Timestamp};
use crate::transcript::{GapReason, SpokenWord, Transcript};
use std::ops::Range;

/// A sentence of which a smaller share was heard, by length, is believed to be read only for a
/// further reason.
const CHANCE: f32 = 0.3;
/// Beside a passage of which nothing was heard more is needed, and yet more of a short sentence:
/// this, plus
/// [`SHORT`] over the root of its number of words, as the spread of a share goes.
const CHANCE_AT_EDGE: f32 = 0.28;
const SHORT: f32 = 0.7;
/// So many heard words in a row are a reason.
const ROW: usize = 4;
/// Another reason: what is said between the heard words before and after the sentence takes about
/// as long as the sentence should, and this share of it was heard.
const FITTING: Range<f32> = 0.6..1.5;
const HEARD_AT_LEAST: f32 = 0.2;
/// The time from its first heard word to its last may be so many times what they take to say.
const TEMPO: Range<f32> = 0.4..2.2;
/// Sound after the last word that was heard, where the length of the recording is not known, in
/// milliseconds.
const TAIL_MS: f32 = 500.0;
/// How sure one is of a word that another word stands for, and of one that only has room.
const STOOD_FOR: f32 = 0.35;
const GUESSED: f32 = 0.2;

/// When each word of `article` is spoken, if `transcript` says in the same language what is read.
///
/// Takes little more than linear time, and never fails: words that were not read have no span, and
/// [`verdict`](super::verdict) tells whether the two belong together at all.
pub fn align(article: &Article, transcript: &Transcript) -> Alignment {
    let texts = Texts::new(article, transcript);
    let times = texts.times(transcript);
    let links = islands::keep(&texts, links::links(&texts));
    let pace = Pace::new(article, &texts, &links, &times);
    let links = tempo::settle(&texts, &links, &times, &pace);
    let placement = Placement {
        article,
        transcript,
        words: transcript.words().collect(),
        texts: &texts,
        times: &times,
        pace: &pace,
    };
    let mut heard = placement.without_chance(links);
    heard::extend(&mut heard, &pace);
    heard::share_surplus(&mut heard, &pace);
    let placed = placement.place(&heard);
    placement.finish(heard, &placed)
}

/// Everything that is needed to give words their times.
struct Placement<'a> {
    article: &'a Article,
    transcript: &'a Transcript,
    words: Vec<&'a SpokenWord>,
    texts: &'a Texts,
    times: &'a [Stretch],
    pace: &'a Pace,
}

impl Placement<'_> {
    /// The heard words, without those that agree by chance in sentences that were not read.
    fn without_chance(&self, mut links: Vec<Link>) -> Vec<Option<Heard>> {
        loop {
            let heard = heard::words(self.texts, &links, self.times, self.article.words.len());
            let unread: Vec<Range<usize>> = self.unread(&heard);
            if unread.is_empty() {
                return heard;
            }
            // A link of two written words may reach from one sentence into the next ("open. Source"
            // heard as "opensource").
            let is_unread = |token: &crate::words::Token| {
                let word = token.word as usize;
                let first = unread.partition_point(|words| words.end <= word);
                unread.get(first).is_some_and(|words| words.contains(&word))
            };
            let n_before = links.len();
            links.retain(|link| {
                let tokens = link.written..link.written + link.n_written;
                !self.texts.written[tokens].iter().any(is_unread)
            });
            if links.len() == n_before {
                return heard;
            }
        }
    }

    /// The words of sentences of which too little was heard, in which some still are.
    fn unread(&self, heard: &[Option<Heard>]) -> Vec<Range<usize>> {
        let nearest = Nearest::of(heard);
        let sentences: Vec<Range<usize>> = self
            .article
            .sentences
            .iter()
            .map(|sentence| sentence.words.clone())
            .filter(|words| !words.is_empty())
            .collect();
        let is_heard = |index: Option<usize>| {
            index
                .and_then(|index| sentences.get(index))
                .is_some_and(|words| heard[words.clone()].iter().any(Option::is_some))
        };
        let unread = sentences.iter().enumerate().filter(|(index, words)| {
            let is_at_edge = !is_heard(index.checked_sub(1)) || !is_heard(Some(index + 1));
            is_heard(Some(*index)) && self.is_chance(words, heard, &nearest, is_at_edge)
        });
        unread.map(|(_, words)| words.clone()).collect()
    }

    /// Whether what was `heard` of the sentence `words` only agrees with it by chance: too little of
    /// it, nowhere a few words in a row, and not in the time that the sentence would take. At the
    /// edge of what was read, where chance has more to choose from, it takes more.
    fn is_chance(
        &self,
        words: &Range<usize>,
        heard: &[Option<Heard>],
        nearest: &Nearest,
        is_at_edge: bool,
    ) -> bool {
        if longest_run(&heard[words.clone()]) >= ROW {
            return false;
        }
        let known =
            || words.clone().filter_map(|index| heard[index].as_ref().map(|word| (index, word)));
        let (Some((first, from)), Some((last, until))) = (known().next(), known().next_back())
        else {
            return false;
        };
        let share = summary::share(words.clone(), self.pace, |word| heard[word].is_some());
        let expected = self.pace.of(words.clone());
        let window = (
            nearest.end_before(words.start).unwrap_or(0.0),
            nearest.start_from(words.end).unwrap_or_else(|| self.end()),
        );
        let voice = self.voice(window);
        let is_silent = voice < FITTING.start * expected && window.1 - window.0 > 0.75 * expected;
        if share >= HEARD_AT_LEAST && (FITTING.contains(&(voice / expected)) || is_silent) {
            return false;
        }
        if is_at_edge {
            let tempo = (until.end - from.start) / self.pace.of(first..last + 1).max(1.0);
            return share < CHANCE_AT_EDGE + SHORT / (words.len() as f32).sqrt()
                || !TEMPO.contains(&tempo);
        }
        // Where next to nothing was heard the time alone must do.
        share < CHANCE && !(is_silent && voice < CHANCE * expected)
    }

    /// How long somebody speaks in `window`, in milliseconds, going by the spoken words.
    fn voice(&self, window: (f32, f32)) -> f32 {
        let first = self.words.partition_point(|word| word.span.end().millis() as f32 <= window.0);
        let inside = self.words[first..]
            .iter()
            .map(|word| (word.span.start().millis() as f32, word.span.end().millis() as f32));
        inside
            .take_while(|(start, _)| *start < window.1)
            .map(|(start, end)| end.min(window.1) - start.max(window.0))
            .sum()
    }

    /// The end of the recording, in milliseconds, as far as it is known.
    fn end(&self) -> f32 {
        let last = self.words.last().map_or(0.0, |word| word.span.end().millis() as f32);
        self.transcript.audio.duration.map_or(last + TAIL_MS, |end| (end.millis() as f32).max(last))
    }

    /// Times for the words that were not heard but spoken.
    fn place(&self, heard: &[Option<Heard>]) -> Vec<Placed> {
        let insertions = self.insertions(heard);
        let silences = self.silences();
        let mut placed = Vec::new();
        let (mut at, mut from) = (0, 0.0);
        while at < heard.len() {
            if let Some(word) = &heard[at] {
                from = word.end;
                at += 1;
                continue;
            }
            let n = heard[at..].iter().take_while(|word| word.is_none()).count();
            let until = heard
                .get(at + n)
                .and_then(Option::as_ref)
                .map_or_else(|| self.end(), |word| word.start)
                .max(from);
            let first = insertions.partition_point(|insertion| insertion.end <= from);
            let last = insertions.partition_point(|insertion| insertion.start < until).max(first);
            let hole = Hole {
                words: at..at + n,
                window: (from, until),
                silent: overlap(&silences, (from, until)),
                has_before: at > 0,
                has_after: at + n < heard.len(),
                insertions: &insertions[first..last],
            };
            placed
                .extend(holes::fill(&hole, self.pace, &|word, spoken| self.likeness(word, spoken)));
            at += n;
        }
        placed
    }

    /// How alike a written and a spoken word sound: the best of their tokens.
    fn likeness(&self, word: usize, spoken: usize) -> f32 {
        let of = |tokens: &[crate::words::Token], word: usize| {
            let start = tokens.partition_point(|token| (token.word as usize) < word);
            start
                ..start
                    + tokens[start..].iter().take_while(|token| token.word as usize == word).count()
        };
        let (a, b) = (of(&self.texts.written, word), of(&self.texts.spoken, spoken));
        let pairs = self.texts.written[a]
            .iter()
            .flat_map(|x| self.texts.spoken[b.clone()].iter().map(move |y| (x.id, y.id)));
        pairs.map(|(x, y)| self.texts.lexicon.similarity(x, y)).fold(0.0, f32::max)
    }

    /// The spoken words that no written word has.
    fn insertions(&self, heard: &[Option<Heard>]) -> Vec<Insertion> {
        let mut is_taken = vec![false; self.words.len()];
        for word in heard.iter().flatten() {
            is_taken[word.spoken.clone()].fill(true);
        }
        let free = self.words.iter().enumerate().filter(|(index, _)| !is_taken[*index]);
        free.map(|(index, word)| Insertion {
            index,
            start: word.span.start().millis() as f32,
            end: word.span.end().millis() as f32,
        })
        .collect()
    }

    /// Where nobody speaks, as the transcript says.
    fn silences(&self) -> Vec<Stretch> {
        let is_silent = |reason| matches!(reason, GapReason::Silence | GapReason::Music);
        let gaps = self.transcript.gaps.iter().filter(|gap| is_silent(gap.reason));
        gaps.map(|gap| Stretch {
            start: gap.span.start().millis() as f32,
            end: gap.span.end().millis() as f32,
        })
        .collect()
    }

    fn finish(&self, heard: Vec<Option<Heard>>, placed: &[Placed]) -> Alignment {
        let mut timings = vec![Timing::default(); heard.len()];
        let mut is_used = vec![false; self.words.len()];
        for (index, word) in heard.into_iter().enumerate() {
            if let Some(word) = word {
                is_used[word.spoken.clone()].fill(true);
                timings[index] = self.heard(&word);
            }
        }
        for word in placed {
            let spoken = word.spoken.map_or(0..0, |index| index..index + 1);
            let confidence = if word.spoken.is_some() { STOOD_FOR } else { GUESSED };
            timings[word.word] =
                Timing { span: Some(span(word.start, word.end)), confidence, spoken };
            self.cover(word, &mut is_used);
        }
        in_order(&mut timings);
        let sentences = summary::sentences(self.article, self.pace, &mut timings);
        let unwritten = summary::unwritten(self.transcript, &is_used);
        let mut alignment =
            Alignment { words: timings, sentences, unwritten, ..Alignment::default() };
        alignment.coverage = summary::coverage(self.article, &alignment);
        alignment
    }

    fn heard(&self, word: &Heard) -> Timing {
        let probabilities =
            self.words[word.spoken.clone()].iter().filter_map(|word| word.probability);
        let least = probabilities.fold(1.0, f32::min);
        let confidence = (word.likeness * (0.5 + 0.5 * least)).clamp(0.0, 1.0);
        Timing { span: Some(span(word.start, word.end)), confidence, spoken: word.spoken.clone() }
    }

    /// Marks the spoken words in whose time a word was placed.
    fn cover(&self, word: &Placed, is_used: &mut [bool]) {
        let middle = |word: &SpokenWord| {
            (word.span.start().millis() + word.span.end().millis()) as f32 / 2.0
        };
        let first = self.words.partition_point(|spoken| middle(spoken) < word.start);
        let last = self.words.partition_point(|spoken| middle(spoken) < word.end).max(first);
        is_used[first..last].fill(true);
        if let Some(index) = word.spoken {
            is_used[index] = true;
        }
    }
}

/// The nearest heard word on either side of any place.
struct Nearest {
    ends_before: Vec<Option<f32>>,
    starts_from: Vec<Option<f32>>,
}

impl Nearest {
    fn of(heard: &[Option<Heard>]) -> Self {
        let mut ends_before = vec![None];
        for word in heard {
            ends_before
                .push(word.as_ref().map(|word| word.end).or(ends_before.last().copied().flatten()));
        }
        let mut starts_from = vec![None];
        for word in heard.iter().rev() {
            starts_from.push(
                word.as_ref().map(|word| word.start).or(starts_from.last().copied().flatten()),
            );
        }
        starts_from.reverse();
        Self { ends_before, starts_from }
    }

    fn end_before(&self, word: usize) -> Option<f32> {
        self.ends_before[word]
    }

    fn start_from(&self, word: usize) -> Option<f32> {
        self.starts_from[word]
    }
}

fn longest_run(heard: &[Option<Heard>]) -> usize {
    heard
        .chunk_by(|a, b| a.is_some() == b.is_some())
        .filter(|run| run[0].is_some())
        .map(<[_]>::len)
        .max()
        .unwrap_or(0)
}

/// How much of `window` the stretches cover, which are in order.
fn overlap(stretches: &[Stretch], window: (f32, f32)) -> f32 {
    let first = stretches.partition_point(|stretch| stretch.end <= window.0);
    let inside = stretches[first..].iter().take_while(|stretch| stretch.start < window.1);
    inside.map(|stretch| stretch.end.min(window.1) - stretch.start.max(window.0)).sum()
}

fn span(start: f32, end: f32) -> Span {
    let at = |ms: f32| Timestamp::from_millis(ms.max(0.0).round() as u64);
    Span::new(at(start), at(end.max(start)))
}

/// Sees to it that spans are in order and apart, whatever the transcript's were.
fn in_order(timings: &mut [Timing]) {
    let mut from = Timestamp::ZERO;
    for span in timings.iter_mut().filter_map(|timing| timing.span.as_mut()) {
        let start = span.start().max(from);
        from = span.end().max(start);
        *span = Span::new(start, from);
    }
}
