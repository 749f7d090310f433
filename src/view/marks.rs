//! Ranges with a meaning: what is to be seen about a stretch of text, apart from how it looks.
//!
//! Each meaning is a layer of ranges; layers are merged only where something is drawn.

use crate::align::Status;
use crate::reading::Reading;
use std::borrow::Cow;
use std::ops::Range;

/// Words less sure than this are doubtful.
const DOUBTFUL_BELOW: f32 = 0.5;

/// What a stretch of text is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Meaning {
    /// It was spoken before.
    Heard,
    /// It is written but not spoken.
    Unread,
    /// Its times are a guess by length; it was not recognised yet.
    Estimate,
    /// It was heard badly, or placed between what was heard.
    Doubtful,
    /// What was said and what was written differ here.
    Differs,
    /// It lies in the part that is being repeated.
    Looped,
    /// It holds a bookmark.
    Bookmark,
    /// It holds the phrase searched for.
    Hit,
    /// It sounds like the phrase searched for, or is spelled nearly so.
    Near,
    /// It is the hit last gone to.
    HitHere,
    /// It is the sentence being spoken.
    Sentence,
    /// It is the word being spoken.
    Word,
    /// It is hidden until it is heard.
    Hidden,
}

/// A set of meanings.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Meanings(u16);

impl Meanings {
    /// This set and `meaning`.
    #[must_use]
    pub const fn with(self, meaning: Meaning) -> Self {
        Self(self.0 | 1 << meaning as u16)
    }

    /// Whether `meaning` is in it.
    pub const fn has(self, meaning: Meaning) -> bool {
        self.0 & (1 << meaning as u16) != 0
    }
}

/// Where one meaning holds: byte ranges in order and apart.
#[derive(Clone, Debug, PartialEq)]
pub struct Layer<'a> {
    /// What they mean.
    pub meaning: Meaning,
    /// Where.
    pub ranges: Cow<'a, [Range<usize>]>,
}

impl<'a> Layer<'a> {
    /// A layer of ranges that are kept elsewhere.
    pub fn of(meaning: Meaning, ranges: &'a [Range<usize>]) -> Self {
        Self { meaning, ranges: Cow::Borrowed(ranges) }
    }

    /// A layer of one range.
    pub fn one(meaning: Meaning, range: Range<usize>) -> Self {
        Self { meaning, ranges: Cow::Owned(vec![range]) }
    }

    /// Its ranges that meet `within`.
    fn meeting(&self, within: &Range<usize>) -> &[Range<usize>] {
        let from = self.ranges.partition_point(|r| r.end <= within.start);
        let to = self.ranges.partition_point(|r| r.start < within.end);
        &self.ranges[from..to.max(from)]
    }
}

/// The stretches of `within` that mean one thing each, in order and without holes.
pub fn merge(layers: &[Layer<'_>], within: &Range<usize>) -> Vec<(Range<usize>, Meanings)> {
    let mut borders = vec![within.start, within.end];
    for range in layers.iter().flat_map(|layer| layer.meeting(within)) {
        borders.extend([range.start, range.end].into_iter().filter(|at| within.contains(at)));
    }
    borders.sort_unstable();
    borders.dedup();
    let stretches = borders.windows(2).map(|pair| pair[0]..pair[1]);
    let meanings = |stretch: &Range<usize>| {
        let holds = layers.iter().filter(|layer| !layer.meeting(stretch).is_empty());
        holds.fold(Meanings::default(), |set, layer| set.with(layer.meaning))
    };
    stretches.map(|stretch| (stretch.clone(), meanings(&stretch))).collect()
}

/// What holds of a reading wherever the listener is.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Standing {
    /// Written but not spoken.
    pub unread: Vec<Range<usize>>,
    /// Not sure.
    pub doubtful: Vec<Range<usize>>,
    /// Spoken, but not as written.
    pub differs: Vec<Range<usize>>,
    /// With guessed times.
    pub estimate: Vec<Range<usize>>,
}

impl Standing {
    /// Of `reading`; `is_estimate` says of a sentence whether its times are a guess. Linear.
    pub fn new(reading: &Reading, is_estimate: impl Fn(usize) -> bool) -> Self {
        let (article, alignment) = (&reading.article, &reading.alignment);
        let mut standing = Self::default();
        for (index, (sentence, timing)) in
            article.sentences.iter().zip(&alignment.sentences).enumerate()
        {
            if timing.status == Status::Unspoken {
                standing.unread.push(sentence.bytes.clone());
                continue;
            }
            if is_estimate(index) {
                standing.estimate.push(sentence.bytes.clone());
                continue;
            }
            for word in sentence.words.clone() {
                let (Some(timing), bytes) = (alignment.words.get(word), &article.words[word].bytes)
                else {
                    continue;
                };
                match timing.span {
                    None if alignment.words[sentence.words.clone()]
                        .iter()
                        .all(|t| t.span.is_none()) => {}
                    None => standing.unread.push(bytes.clone()),
                    Some(_) if timing.confidence < DOUBTFUL_BELOW => {
                        standing.doubtful.push(bytes.clone());
                    }
                    Some(_) => {}
                }
                if timing.spoken.is_empty() && timing.span.is_some() {
                    standing.differs.push(bytes.clone());
                }
            }
        }
        standing
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn merging() {
        let hits = [2..4, 6..9];
        let layers = [
            Layer::one(Meaning::Sentence, 0..8),
            Layer::of(Meaning::Hit, &hits),
            Layer::one(Meaning::Word, 40..50),
        ];
        let set =
            |meanings: &[Meaning]| meanings.iter().fold(Meanings::default(), |set, m| set.with(*m));
        let (sentence, both, hit) = (
            set(&[Meaning::Sentence]),
            set(&[Meaning::Sentence, Meaning::Hit]),
            set(&[Meaning::Hit]),
        );
        for (within, want) in [
            (
                3..10,
                vec![(3..4, both), (4..6, sentence), (6..8, both), (8..9, hit), (9..10, set(&[]))],
            ),
            (20..30, vec![(20..30, set(&[]))]),
            (5..5, vec![]),
        ] {
            assert_eq!(merge(&layers, &within), want);
        }
        assert!(both.has(Meaning::Hit) && !hit.has(Meaning::Sentence));
    }
}
