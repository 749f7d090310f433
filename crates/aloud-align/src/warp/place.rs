//! From a path to times: of words, of sentences, and of what nobody wrote.

use super::chain::{Chain, NONE};
use super::mfcc::STEP_MS;
use super::path::{Step, What};
use super::text::Text;
use crate::align::Unwritten;
use crate::speech;
use crate::time::{Span, Timestamp};
use std::ops::Range;

/// A path, whose frames may be longer than 10 ms, with all that is asked of it.
pub(super) struct Path {
    steps: Vec<Step>,
    /// Frames of 10 ms: how many belong to one of the path's, and how many there are.
    every: usize,
    n_frames: usize,
    /// Which word of the chain each phone belongs to.
    words: Vec<u32>,
}

impl Path {
    pub fn new(steps: Vec<Step>, every: usize, n_frames: usize, chain: &Chain) -> Self {
        let mut words = Vec::new();
        for (word, states) in chain.firsts.windows(2).enumerate() {
            let phones =
                chain.begins[states[0]..states[1]].iter().filter(|begins| **begins != NONE);
            words.extend(phones.map(|_| word as u32));
        }
        Self { steps, every, n_frames, words }
    }

    /// Its stretches with their frames of 10 ms.
    pub fn stretches(&self) -> impl Iterator<Item = (What, Range<usize>)> + '_ {
        let at = move |step: &Step| (step.at as usize * self.every).min(self.n_frames);
        self.steps.iter().enumerate().map(move |(i, step)| {
            (step.what, at(step)..self.steps.get(i + 1).map_or(self.n_frames, at))
        })
    }

    /// How many frames belong to a sound of the text.
    pub fn n_phones(&self) -> usize {
        self.stretches()
            .filter(|(what, _)| matches!(what, What::Phone(_)))
            .map(|(_, frames)| frames.len())
            .sum()
    }

    /// Which word of the chain it is at.
    pub fn word_at(&self, frame: usize) -> usize {
        let next = self.steps.partition_point(|step| step.at as usize * self.every <= frame);
        let word = |step: &Step| match step.what {
            What::Phone(phone) => self.words.get(phone as usize).copied().unwrap_or(0),
            What::Pause(word) | What::Filler(word) => word,
        };
        next.checked_sub(1).map_or(0, |at| word(&self.steps[at]) as usize)
    }

    /// When each of `n` words of the article is spoken, in frames. What is said in two places has
    /// the first.
    pub fn words(&self, text: &Text, n: usize) -> Vec<Option<Range<usize>>> {
        let mut words: Vec<Option<Range<usize>>> = vec![None; n];
        let mut last = None;
        for (what, frames) in self.stretches() {
            let What::Phone(phone) = what else { continue };
            let word = text.phones[phone as usize].word as usize;
            match words.get_mut(word) {
                Some(Some(span)) if last == Some(word) => span.end = frames.end,
                Some(span @ None) if last.is_none_or(|last| last < word) => *span = Some(frames),
                _ => continue,
            }
            last = Some(word);
        }
        words
    }

    /// Sound that nobody wrote and in which somebody speaks, as far as he does; and that of phones
    /// that are not `read` after all.
    pub fn unwritten(
        &self,
        frames: &[speech::Frame],
        is_read: impl Fn(u32) -> bool,
    ) -> Vec<Unwritten> {
        let mut runs: Vec<Range<usize>> = Vec::new();
        let mut is_open = false;
        for (what, range) in self.stretches() {
            match what {
                What::Phone(phone) if is_read(phone) => is_open = false,
                What::Pause(_) => {}
                What::Phone(_) | What::Filler(_) => {
                    match runs.last_mut().filter(|_| is_open) {
                        Some(run) => run.end = range.end,
                        None => runs.push(range),
                    }
                    is_open = true;
                }
            }
        }
        runs.into_iter().filter_map(|run| spoken(run, frames)).collect()
    }
}

/// Less speech than this is a breath or a click, in frames.
const LEAST_SPEECH: usize = 80;

fn spoken(run: Range<usize>, frames: &[speech::Frame]) -> Option<Unwritten> {
    let speaks = |at: &usize| frames.get(*at).is_some_and(|frame| frame.speech >= 0.5);
    let (first, last) = (run.clone().find(speaks)?, run.clone().rfind(speaks)?);
    let is_long = run.filter(speaks).count() >= LEAST_SPEECH;
    is_long.then(|| Unwritten { span: span(&(first..last + 1)), text: String::new(), spoken: 0..0 })
}

/// Frames as time.
pub(super) fn span(frames: &Range<usize>) -> Span {
    let at = |frame: usize| Timestamp::from_millis(frame as u64 * STEP_MS);
    Span::new(at(frames.start), at(frames.end))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::warp::text::Phone;
    use What::{Filler, Pause, Phone as P};

    fn path(steps: &[(What, u32)], every: usize) -> Path {
        let steps = steps.iter().map(|&(what, at)| Step { what, at }).collect();
        let chain = Chain { firsts: vec![0, 2, 3], begins: vec![0, NONE, 1], ..Chain::default() };
        Path::new(steps, every, 400, &chain)
    }

    #[test]
    fn steps_become_words() {
        let mut text = Text::default();
        text.phones = [0, 1, 2, 1].map(|word| Phone { kind: 3, word, ms: 50 }).to_vec();
        let path =
            path(&[(Pause(0), 0), (P(0), 3), (Pause(1), 5), (P(1), 7), (P(2), 9), (P(3), 10)], 2);
        // Word 1 is said in two places.
        assert_eq!(path.words(&text, 4), [Some(6..10), Some(14..18), Some(18..20), None]);
        assert_eq!([0, 6, 12, 14, 399].map(|frame| path.word_at(frame)), [0, 0, 1, 1, 0]);
    }

    #[test]
    fn sound_that_nobody_wrote() {
        let frame = |at: usize| speech::Frame {
            energy_db: -20.0,
            speech: if (50..390).contains(&at) { 1.0 } else { 0.0 },
        };
        let frames: Vec<speech::Frame> = (0..400).map(frame).collect();
        let spans = |steps: &[(What, u32)]| {
            let found = path(steps, 1).unwritten(&frames, |phone| phone < 7);
            found
                .iter()
                .map(|unwritten| (unwritten.span.start().millis(), unwritten.span.end().millis()))
                .collect::<Vec<_>>()
        };
        assert_eq!(
            spans(&[
                (Filler(0), 0),
                (Pause(0), 100),
                (Filler(0), 110),
                (P(0), 200),
                (Filler(1), 380)
            ]),
            [(500, 2000)]
        );
        assert_eq!(spans(&[(P(0), 0), (Pause(1), 200)]), []);
        // The seventh is not read.
        assert_eq!(spans(&[(P(0), 0), (P(7), 100), (P(7), 200), (P(1), 300)]), [(1000, 3000)]);
    }
}
