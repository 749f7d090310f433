//! A text as its sounds follow each other, learnt from whoever speaks it.

use super::kind::{PARTS, PAUSE, part};
use super::mfcc::{Frame, Mfcc, STEP_MS};
use super::model::Stats;
use super::sound::point;
use std::collections::HashMap;
use std::ops::Range;

/// How far the synthesiser's voice is made smaller, to be like the recording's (a man's is mostly
/// 1.2 times as large as a woman's), and how much noise is added to it.
pub(super) const VARIANTS: [(f32, f32); SIZES.len() * NOISES.len()] = {
    let mut ways = [(1.0, 0.0); SIZES.len() * NOISES.len()];
    let mut at = 0;
    while at < ways.len() {
        ways[at] = (SIZES[at % SIZES.len()], NOISES[at / SIZES.len()]);
        at += 1;
    }
    ways
};
const SIZES: [f32; 6] = [0.86, 0.93, 1.0, 1.08, 1.17, 1.26];
/// None, and the power of 12 and 6 dB below speech: the synthesiser speaks at about -20 dB.
const NOISES: [f32; 3] = [0.0, 6e-4, 2.4e-3];

/// So much speech, in milliseconds, shows how all sounds sound; later only those are learnt that
/// were rare.
const ENOUGH_MS: u64 = 240_000;
/// A part of a sound is no longer rare after so many frames.
const RARE: f32 = 30.0;
/// No sound is longer than this, in milliseconds.
const LONGEST_MS: u64 = 2_000;

/// A sound of the synthesiser's.
#[derive(Clone, Debug, PartialEq)]
pub struct Sound<'a> {
    /// The phoneme's name; `None` for a pause.
    pub name: Option<&'a str>,
    /// Which word of the article it belongs to.
    pub word: usize,
    /// When, in samples from the start of the sentence.
    pub samples: Range<u32>,
}

/// One sound of the text.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Phone {
    /// The first of its [`PARTS`] kinds.
    pub kind: u16,
    /// Which word of the article it belongs to.
    pub word: u32,
    /// How long the synthesiser takes for it.
    pub ms: u16,
}

impl Phone {
    /// Which kind it is at a frame of those that it lasts.
    pub fn kind_at(&self, at: usize, frames: &Range<usize>) -> usize {
        usize::from(self.kind) + part(at - frames.start, frames.len()).min(PARTS - 1)
    }
}

/// What was spoken so far, and how it sounds. Keeps no sound.
#[derive(Default)]
pub struct Text {
    pub(super) phones: Vec<Phone>,
    /// The phones of each sentence of the article.
    pub(super) sentences: Vec<Range<usize>>,
    /// For each of [`VARIANTS`], how each kind sounds.
    pub(super) stats: [Vec<Stats>; VARIANTS.len()],
    names: HashMap<String, u16>,
    frames: [Vec<Frame>; VARIANTS.len()],
    ms: u64,
}

impl Text {
    /// Adds the next sentence of the article: sound at `rate` samples a second, and what it
    /// consists of in order. One that could not be spoken has neither.
    pub fn push<'a>(
        &mut self,
        samples: &[i16],
        rate: u32,
        sounds: impl IntoIterator<Item = Sound<'a>>,
    ) {
        let first = self.phones.len();
        let sounds: Vec<(u16, Sound<'a>)> =
            sounds.into_iter().map(|sound| (self.kind(sound.name), sound)).collect();
        for (kind, sound) in &sounds {
            if sound.name.is_some() {
                let samples = u64::from(sound.samples.end.saturating_sub(sound.samples.start));
                let ms = (samples * 1000 / u64::from(rate.max(1))).clamp(1, LONGEST_MS) as u16;
                self.phones.push(Phone { kind: *kind, word: sound.word as u32, ms });
                self.ms += u64::from(ms);
            }
        }
        self.sentences.push(first..self.phones.len());
        let is_rare = |kind: u16| {
            self.stats[0][usize::from(kind)..].iter().take(PARTS).any(|stats| stats.n < RARE)
        };
        if self.ms < ENOUGH_MS || sounds.iter().any(|(kind, _)| *kind != PAUSE && is_rare(*kind)) {
            self.learn(samples, rate, &sounds);
        }
    }

    fn kind(&mut self, name: Option<&str>) -> u16 {
        if self.stats[0].is_empty() {
            self.add_kind();
        }
        let Some(name) = name else { return PAUSE };
        if let Some(kind) = self.names.get(name) {
            return *kind;
        }
        let kind = self.add_kind();
        self.names.insert(name.to_owned(), kind);
        kind
    }

    fn add_kind(&mut self) -> u16 {
        let kind = self.stats[0].len();
        for stats in &mut self.stats {
            stats.resize(kind + PARTS, Stats::default());
        }
        // A language has a hundred sounds at most.
        u16::try_from(kind).unwrap_or(PAUSE)
    }

    fn learn(&mut self, samples: &[i16], rate: u32, sounds: &[(u16, Sound<'_>)]) {
        self.frames.iter_mut().for_each(Vec::clear);
        let mut mfcc = Mfcc::new(rate.max(8000), &VARIANTS);
        mfcc.push(samples.iter().map(|&sample| f32::from(sample) / 32768.0), &mut self.frames);
        mfcc.finish(&mut self.frames);
        let frame =
            |sample: u32| (u64::from(sample) * 1000 / STEP_MS / u64::from(rate.max(1))) as usize;
        for (kind, sound) in sounds {
            let (from, to) =
                (frame(sound.samples.start), frame(sound.samples.end).min(self.frames[0].len()));
            for at in from..to {
                let part = if *kind == PAUSE { 0 } else { part(at - from, to - from) };
                for (stats, frames) in self.stats.iter_mut().zip(&self.frames) {
                    stats[usize::from(*kind) + part].add(&point(frames.len(), at, |at| frames[at]));
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sounds_become_phones_and_kinds() {
        let mut text = Text::default();
        let sound = |name, word, from, to| Sound { name, word, samples: from..to };
        let hello = [
            sound(Some("h"), 0, 0, 1600),
            sound(Some("aI"), 0, 1600, 4800),
            sound(None, 0, 4800, 8000),
            sound(Some("h"), 2, 8000, 9600),
        ];
        text.push(&vec![1000; 9600], 16_000, hello);
        text.push(&[], 0, []);
        let want = [(3, 0, 100), (6, 0, 200), (3, 2, 100)].map(|(kind, word, ms)| Phone {
            kind,
            word,
            ms,
        });
        assert_eq!(
            (text.phones.as_slice(), text.sentences.as_slice()),
            (want.as_slice(), [0..3, 3..3].as_slice())
        );
        // Twice 100 ms of h in thirds, 200 ms of pause.
        let n: Vec<f32> = text.stats[0].iter().map(|stats| stats.n).collect();
        assert_eq!(n, [20.0, 0.0, 0.0, 8.0, 6.0, 6.0, 7.0, 7.0, 6.0]);
    }

    #[test]
    fn parts() {
        let of = |n| (0..n).map(|at| part(at, n)).collect::<Vec<_>>();
        assert_eq!(
            (of(1), of(2), of(3), of(5)),
            (vec![1], vec![0, 2], vec![0, 1, 2], vec![0, 0, 1, 1, 2])
        );
    }
}
