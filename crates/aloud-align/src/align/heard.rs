//! Which written words were heard, and when?

use super::pace::Pace;
use super::path::{Link, STRONG};
use super::tempo;
use super::texts::{Stretch, Texts};
use std::ops::Range;

/// A written word that the recogniser wrote too, or something that sounds like it.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Heard {
    pub start: f32,
    pub end: f32,
    /// The spoken words, as indices; empty where a word before it has claimed them.
    pub spoken: Range<usize>,
    /// How much of the word was heard, and how exactly, 0 to 1.
    pub likeness: f32,
    /// Its tokens, as indices of the written side's, and which of them from the first to the last
    /// were heard.
    pub tokens: Range<usize>,
    pub heard: Range<usize>,
}

/// The written words with a strong link.
pub(super) fn words(
    texts: &Texts,
    links: &[Link],
    times: &[Stretch],
    n_words: usize,
) -> Vec<Option<Heard>> {
    let mut heard = vec![None; n_words];
    let mut claimed = 0;
    let mut links = links.iter().filter(|link| link.similarity >= STRONG).peekable();
    let mut first = 0;
    for tokens in texts.written.chunk_by(|a, b| a.word == b.word) {
        let range = first..first + tokens.len();
        first = range.end;
        let mut word: Option<Heard> = None;
        let mut sum = 0.0;
        while let Some(link) = links.peek().filter(|link| link.written < range.end) {
            // Of two written words that are one spoken word each gets its share of the time.
            let (time, until) = share(texts, link, &range, times);
            let (from, last) =
                (link.written.max(range.start), (link.written + link.n_written).min(range.end));
            let spoken = texts.spoken[link.spoken].word as usize
                ..texts.spoken[link.spoken + link.n_spoken - 1].word as usize + 1;
            sum += link.similarity * (last - from) as f32;
            match &mut word {
                None => {
                    word = Some(Heard {
                        start: time.start,
                        end: time.end,
                        spoken,
                        likeness: 0.0,
                        tokens: range.clone(),
                        heard: from..last,
                    });
                }
                Some(word) => {
                    word.end = time.end;
                    word.spoken.end = spoken.end;
                    word.heard.end = last;
                }
            }
            if until > range.end {
                break;
            }
            links.next();
        }
        if let Some(mut word) = word {
            word.likeness = sum / range.len() as f32;
            word.spoken.start = word.spoken.start.max(claimed).min(word.spoken.end);
            claimed = claimed.max(word.spoken.end);
            heard[tokens[0].word as usize] = Some(word);
        }
    }
    heard
}

/// Gives words of which only a part was heard (the "twenty five" of 2025) the time of the rest, as
/// far as there is any between the heard words.
pub(super) fn extend(heard: &mut [Option<Heard>], pace: &Pace) {
    let mut room_before = Vec::with_capacity(heard.len() + 1);
    let (mut end, mut unheard) = (0.0, 0.0);
    for (index, word) in heard.iter().enumerate() {
        room_before.push(word.as_ref().map_or(0.0, |word| (word.start - end - unheard).max(0.0)));
        match word {
            Some(word) => (end, unheard) = (word.end, 0.0),
            None => unheard += pace.expected[index],
        }
    }
    for index in 0..heard.len() {
        let Some(word) = &mut heard[index] else { continue };
        let missing: f32 = pace.tokens[word.tokens.start..word.heard.start].iter().sum();
        let taken = missing.min(room_before[index]);
        word.start -= taken;
        let missing: f32 = pace.tokens[word.heard.end..word.tokens.end].iter().sum();
        if missing > 0.0
            && let Some(next) = (index + 1..heard.len()).find(|next| heard[*next].is_some())
            && let Some(word) = &mut heard[index]
        {
            let taken = missing.min(room_before[next]);
            word.end += taken;
            room_before[next] -= taken;
        }
    }
}

/// A heard word that takes longer than so many times what it should has its neighbours' time too.
const TOO_LONG: f32 = 1.3;

/// Takes time from heard words that last too long where unheard ones beside them have none:
/// recognisers swallow small words ("it because it" heard as one long "it").
pub(super) fn share_surplus(heard: &mut [Option<Heard>], pace: &Pace) {
    for hole in tempo::alone(heard) {
        let (Some(before), Some(after)) =
            (hole.start.checked_sub(1), Some(hole.end).filter(|end| *end < heard.len()))
        else {
            continue;
        };
        let (Some(left), Some(right)) = (&heard[before], &heard[after]) else { continue };
        let mut missing = pace.of(hole.clone()) - (right.start - left.end);
        let surplus = |word: &Heard, index: usize| {
            (word.end - word.start - TOO_LONG * pace.expected[index]).max(0.0)
        };
        let from_left = surplus(left, before).min(missing).max(0.0);
        missing -= from_left;
        // A start is surer than an end, unless the word itself is not sure.
        let from_right =
            if right.likeness < 0.9 { surplus(right, after).min(missing).max(0.0) } else { 0.0 };
        // A pause that was counted to the word is no room for a whole passage.
        if from_left + from_right < 0.25 * pace.of(hole) {
            continue;
        }
        if let Some(left) = &mut heard[before] {
            left.end -= from_left;
        }
        if let Some(right) = &mut heard[after] {
            right.start += from_right;
        }
    }
}

/// The part of a link's time that belongs to the written tokens of `range`, and where the link's
/// tokens end.
fn share(texts: &Texts, link: &Link, range: &Range<usize>, times: &[Stretch]) -> (Stretch, usize) {
    let (start, end) = (times[link.spoken].start, times[link.spoken + link.n_spoken - 1].end);
    let tokens = link.written..link.written + link.n_written;
    let length = |tokens: Range<usize>| {
        tokens.map(|index| texts.length(texts.written[index].id)).sum::<f32>()
    };
    let per_length = (end - start) / length(tokens.clone());
    let at = |index: usize| {
        start + per_length * length(tokens.start..index.clamp(tokens.start, tokens.end))
    };
    (Stretch { start: at(range.start), end: at(range.end) }, tokens.end)
}
