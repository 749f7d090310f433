//! Two placements of each sentence, a recogniser's and the path's own, judged by the same voice.
//!
//! The recogniser knows what is said but not quite when; the path knows when, if it is that which
//! is said. Each placement is laid over the sound again within its own neighbourhood (forced
//! alignment), and of all ways to take the one, the other or neither of each sentence, in order and
//! apart, the likeliest stands. This file never knows who recognised anything.

use super::chain::{Chain, Start};
use super::chance::NEVER;
use super::kind::PAUSE;
use super::model::{Model, Stats};
use super::path::{Costs, Search, What};
use super::place::{Path, span};
use super::sound::Recording;
use super::text::{Phone, Text};
use super::{FINE, Heard};
use crate::align::{Alignment, Timing};
use crate::article::Article;
use crate::speech;
use crate::time::Span;
use std::collections::{BTreeMap, HashSet};
use std::ops::Range;

/// Nothing may be left out; what lies before and behind the words costs next to nothing.
const FORCED: Costs = Costs {
    skip: NEVER,
    jump: NEVER,
    filler: 1.0,
    filler_inside: NEVER,
    cut: NEVER,
    beam: 300.0,
    ..FINE.costs
};
/// So far, in frames, words may lie before and behind where they were put: recognisers are a second
/// off after a pause.
const BEFORE: usize = 150;
const BEHIND: usize = 100;
/// A sentence that is put over more frames of the recording is put wrongly.
const LONGEST: usize = 12_000;
/// What a word heard in its place is worth, in nats: a recogniser that is right about nineteen
/// words in twenty says twenty times likelier what is said than what is not, and knows nothing of
/// the sounds that the voice here is learnt from.
const HEARD: f32 = 3.0;
/// A word was heard if the recogniser's words match it so surely.
const SURE: f32 = 0.45;
/// Two starts within so many milliseconds mean the same place.
const SAME_MS: u64 = 350;
/// The voice is learnt where both mean the same place, if that is so many frames of the text's
/// sounds.
const ENOUGH: usize = 300;
/// Neighbours may reach into each other by so many frames, and by no more than a quarter of
/// themselves.
const OVERLAP: usize = 20;

/// What is needed to judge placements.
pub(super) struct Join<'a> {
    pub article: &'a Article,
    pub text: &'a Text,
    pub recording: &'a Recording,
    pub frames: &'a [speech::Frame],
    /// The recogniser's placement, and the path's.
    pub heard: &'a Alignment,
    pub synth: &'a Alignment,
}

/// A sentence in its place.
#[derive(Clone, Debug, Default)]
struct Laid {
    /// Its phones in their places, in frames; then its words.
    phones: Vec<(Phone, Range<usize>)>,
    words: Vec<(usize, Range<usize>)>,
    /// From the first to the last of them.
    frames: Range<usize>,
    /// How much likelier they are than any other sound, in nats.
    score: f32,
    is_heard: bool,
}

impl Join<'_> {
    /// The words of the likeliest placements. `path` is the path's own; `voice` the synthesiser's,
    /// before it was learnt again.
    pub fn words(&self, path: &Path, voice: &Model) -> Vec<Timing> {
        let model = self.learn(path, voice);
        let mut placements: Vec<Vec<Laid>> = Vec::new();
        for index in 0..self.article.sentences.len() {
            let mut both = Vec::new();
            for (is_heard, alignment) in [(false, self.synth), (true, self.heard)] {
                let Some(mut laid) = self.lay(index, alignment, &model) else { continue };
                laid.is_heard = is_heard;
                // What was found once is better than nothing.
                laid.score = (laid.score + HEARD * self.n_heard(&laid.words) as f32).max(0.1);
                both.push(laid);
            }
            placements.push(both);
        }
        let mut words = vec![Timing::default(); self.article.words.len()];
        likeliest(&placements).into_iter().for_each(|laid| self.take(laid, &mut words));
        words
    }

    /// The voice, learnt where both mean the same place; where they hardly do, from what was heard.
    fn learn(&self, path: &Path, voice: &Model) -> Model {
        let mut stats = vec![Stats::default(); self.text.stats[0].len()];
        let agreed: HashSet<u32> = (0..self.article.sentences.len())
            .filter(|index| self.is_agreed(self.article.sentences[*index].words.clone()))
            .flat_map(|index| self.article.sentences[index].words.clone().map(|word| word as u32))
            .collect();
        let mut n = 0;
        for (what, frames) in path.stretches() {
            let What::Phone(phone) = what else { continue };
            let phone = self.text.phones[phone as usize];
            if agreed.contains(&phone.word) {
                n += frames.len();
                self.count(phone, &frames, &mut stats);
            }
        }
        if n >= ENOUGH {
            return voice.adapted(&stats);
        }
        let mut stats = vec![Stats::default(); self.text.stats[0].len()];
        for index in 0..self.article.sentences.len() {
            let Some(laid) = self.lay(index, self.heard, voice) else { continue };
            laid.phones.iter().for_each(|(phone, frames)| self.count(*phone, frames, &mut stats));
        }
        voice.adapted(&stats)
    }

    fn is_agreed(&self, words: Range<usize>) -> bool {
        let pairs = self.heard.words[words.clone()]
            .iter()
            .zip(&self.synth.words[words])
            .filter_map(|(a, b)| Some((a.span?, b.span?)));
        let (n, n_same) =
            pairs.fold((0, 0), |(n, n_same), (a, b)| (n + 1, n_same + usize::from(is_same(a, b))));
        n > 0 && 2 * n_same > n
    }

    fn count(&self, phone: Phone, frames: &Range<usize>, stats: &mut [Stats]) {
        for at in frames.clone() {
            stats[phone.kind_at(at, frames)].add(&self.recording.point(at));
        }
    }

    /// A sentence laid over the neighbourhood where `alignment` puts it; only those of its words
    /// that have a place there.
    fn lay(&self, index: usize, alignment: &Alignment, model: &Model) -> Option<Laid> {
        let frame = |millis: u64| (millis / super::mfcc::STEP_MS) as usize;
        let sentence = self.article.sentences.get(index)?;
        let timed = |word: usize| alignment.words.get(word).and_then(|timing| timing.span);
        let spans = || sentence.words.clone().filter_map(timed);
        let (first, last) = spans().next().zip(spans().next_back())?;
        let around = frame(first.start().millis()).saturating_sub(BEFORE)
            ..(frame(last.end().millis()) + BEHIND).min(self.recording.len());
        let phones = self.text.sentences.get(index)?.clone();
        let phones: Vec<Phone> = self.text.phones[phones]
            .iter()
            .copied()
            .filter(|phone| timed(phone.word as usize).is_some())
            .collect();
        if phones.is_empty() || around.is_empty() || around.len() > LONGEST {
            return None;
        }
        let mut chain = Chain::of_phones(&phones, FINE.state_ms);
        chain.starts[0] = Some(Start { cost: 0.0, is_optional: false });
        let mut search = Search::new(&chain, FORCED);
        let sound = Heard { recording: self.recording, frames: self.frames };
        let mut fits: Vec<Vec<f32>> = Vec::with_capacity(around.len());
        for at in around.clone() {
            let fit = sound.fits(at, model, &FINE);
            search.step(&fit, 0.0, 0..chain.len());
            fits.push(fit);
        }
        let path = Path::new(search.finish().0, 1, around.len(), &chain);
        let mut laid = Laid::default();
        for (what, frames) in path.stretches() {
            let moved = frames.start + around.start..frames.end + around.start;
            match what {
                What::Phone(phone) => {
                    let phone = phones[phone as usize];
                    laid.score +=
                        frames.clone().map(|at| fits[at][phone.kind_at(at, &frames)]).sum::<f32>();
                    match laid.words.last_mut().filter(|(word, _)| *word == phone.word as usize) {
                        Some((_, span)) => span.end = moved.end,
                        None => laid.words.push((phone.word as usize, moved.clone())),
                    }
                    laid.phones.push((phone, moved));
                }
                // A pause is no evidence for words, but sound where there should be none is
                // evidence against them.
                What::Pause(_) if !laid.words.is_empty() => {
                    laid.score +=
                        frames.map(|at| fits[at][usize::from(PAUSE)].min(0.0)).sum::<f32>();
                }
                What::Pause(_) | What::Filler(_) => {}
            }
        }
        laid.frames = laid.words.first()?.1.start..laid.words.last()?.1.end;
        Some(laid)
    }

    /// How many words were heard where they lie.
    fn n_heard(&self, words: &[(usize, Range<usize>)]) -> usize {
        let is_heard = |(word, frames): &&(usize, Range<usize>)| {
            let timing = &self.heard.words[*word];
            timing.confidence >= SURE
                && !timing.spoken.is_empty()
                && timing.span.is_some_and(|heard| is_same(heard, span(frames)))
        };
        words.iter().filter(is_heard).count()
    }

    /// Writes a sentence's words down. The path's own keep its times, which it found with all of
    /// the sound in view.
    fn take(&self, laid: &Laid, words: &mut [Timing]) {
        let own = if laid.is_heard { self.heard } else { self.synth };
        for (word, frames) in &laid.words {
            let place = if laid.is_heard {
                span(frames)
            } else {
                self.synth.words[*word].span.unwrap_or_else(|| span(frames))
            };
            let sure = |alignment: &Alignment| {
                let timing = &alignment.words[*word];
                timing.span.filter(|other| is_same(*other, place)).map(|_| timing.confidence)
            };
            let confidence = match (sure(self.heard), sure(self.synth)) {
                // Wrong only if both are.
                (Some(a), Some(b)) => 1.0 - (1.0 - a) * (1.0 - b),
                _ => own.words[*word].confidence.min(ALONE),
            };
            words[*word] = Timing {
                span: Some(place),
                confidence,
                spoken: self.heard.words[*word].spoken.clone(),
            };
        }
    }
}

/// A word that only one found, or both in different places, is at most so sure.
const ALONE: f32 = 0.8;

fn is_same(a: Span, b: Span) -> bool {
    a.start().millis().abs_diff(b.start().millis()) <= SAME_MS
}

/// At most one placement of each sentence, in order and apart, so that the sum of their scores is
/// the highest.
fn likeliest(placements: &[Vec<Laid>]) -> Vec<&Laid> {
    /// The best way that ends with some placement.
    struct Hypothesis<'a> {
        score: f32,
        laid: &'a Laid,
        before: Option<usize>,
    }
    let mut ways: Vec<Hypothesis<'_>> = Vec::new();
    // The best way so far that ends at a frame or before it; better ones only end later.
    let mut ends: BTreeMap<usize, usize> = BTreeMap::new();
    for both in placements {
        let first = ways.len();
        for laid in both {
            let before = ends.range(..=laid.frames.start).next_back().map(|(_, way)| *way);
            ways.push(Hypothesis {
                score: laid.score + before.map_or(0.0, |way: usize| ways[way].score),
                laid,
                before,
            });
        }
        for new in first..ways.len() {
            let laid = ways[new].laid;
            let end = laid.frames.end - OVERLAP.min(laid.frames.len() / 4);
            if ends
                .range(..=end)
                .next_back()
                .is_some_and(|(_, way)| ways[*way].score >= ways[new].score)
            {
                continue;
            }
            let worse: Vec<usize> = ends
                .range(end..)
                .take_while(|(_, way)| ways[**way].score <= ways[new].score)
                .map(|(end, _)| *end)
                .collect();
            for end in worse {
                ends.remove(&end);
            }
            ends.insert(end, new);
        }
    }
    let best = ends.values().next_back().copied();
    let mut chosen: Vec<&Laid> =
        std::iter::successors(best, |way| ways[*way].before).map(|way| ways[way].laid).collect();
    chosen.reverse();
    chosen
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_likeliest_of_all_ways() {
        let laid = |frames: Range<usize>, score: f32| Laid { frames, score, ..Laid::default() };
        for (name, placements, want) in [
            ("nothing is placed", vec![vec![], vec![]], vec![]),
            ("the better one", vec![vec![laid(0..100, 5.0), laid(300..400, 9.0)]], vec![300]),
            (
                "order is worth more than one sentence",
                vec![vec![laid(0..100, 5.0), laid(300..400, 9.0)], vec![laid(110..200, 8.0)]],
                vec![0, 110],
            ),
            (
                "neighbours may touch",
                vec![vec![laid(0..100, 5.0)], vec![laid(85..200, 8.0)]],
                vec![0, 85],
            ),
            (
                "and not share their sound",
                vec![vec![laid(0..100, 5.0)], vec![laid(40..200, 8.0)]],
                vec![40],
            ),
            (
                "one may be left out",
                vec![vec![laid(0..100, 5.0)], vec![laid(50..150, 2.0)], vec![laid(120..200, 5.0)]],
                vec![0, 120],
            ),
        ] {
            let starts: Vec<usize> =
                likeliest(&placements).iter().map(|laid| laid.frames.start).collect();
            assert_eq!(starts, want, "{name}");
        }
    }
}
