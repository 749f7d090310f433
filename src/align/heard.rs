//! Which written words were heard, and when?

use super::path::{Link, STRONG};
use super::sides::{Sides, Stretch};
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
    /// Tokens at its beginning, and at its end, that were not heard.
    pub missing: (usize, usize),
}

/// The written words with a strong link.
pub(super) fn words(sides: &Sides, links: &[Link], times: &[Stretch], n_words: usize) -> Vec<Option<Heard>> {
    let mut heard = vec![None; n_words];
    let mut claimed = 0;
    let mut links = links.iter().filter(|link| link.similarity >= STRONG).peekable();
    let mut first = 0;
    for tokens in sides.written.chunk_by(|a, b| a.word == b.word) {
        let range = first..first + tokens.len();
        first = range.end;
        let mut word: Option<Heard> = None;
        let mut sum = 0.0;
        while let Some(link) = links.peek().filter(|link| link.written < range.end) {
            // Of two written words that are one spoken word each gets its share of the time.
            let (time, until) = share(sides, link, &range, times);
            let (from, last) = (link.written.max(range.start), (link.written + link.n_written).min(range.end));
            let spoken = sides.spoken[link.spoken].word as usize..sides.spoken[link.spoken + link.n_spoken - 1].word as usize + 1;
            sum += link.similarity * (last - from) as f32;
            let missing = (from - range.start, range.end - last);
            match &mut word {
                None => word = Some(Heard { start: time.start, end: time.end, spoken, likeness: 0.0, missing }),
                Some(word) => {
                    word.end = time.end;
                    word.spoken.end = spoken.end;
                    word.missing.1 = missing.1;
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

/// The part of a link's time that belongs to the written tokens of `range`, and where the link's tokens end.
fn share(sides: &Sides, link: &Link, range: &Range<usize>, times: &[Stretch]) -> (Stretch, usize) {
    let (start, end) = (times[link.spoken].start, times[link.spoken + link.n_spoken - 1].end);
    let tokens = link.written..link.written + link.n_written;
    let length = |tokens: Range<usize>| tokens.map(|index| sides.length(sides.written[index].id)).sum::<f32>();
    let per_length = (end - start) / length(tokens.clone());
    let at = |index: usize| start + per_length * length(tokens.start..index.clamp(tokens.start, tokens.end));
    (Stretch { start: at(range.start), end: at(range.end) }, tokens.end)
}
