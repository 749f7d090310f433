//! A phrase as its steps, for whoever has to find likely texts without reading them all.

use super::Query;
use super::lattice::{Kind, Lattice};

/// One token of one reading.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// The place before it; places on a way go up.
    pub from: usize,
    /// The place after it.
    pub to: usize,
    /// The token's folded text.
    pub text: String,
    /// What tokens of the same sound share; `None` where only the writing counts.
    pub sound: Option<String>,
    /// Whether it is a word in letters.
    pub is_letters: bool,
    /// Whether it stands for two neighbours written as one.
    pub is_joined: bool,
    /// Whether only the same word will do.
    pub is_strict: bool,
}

/// A phrase in all its readings: each way from place 0 to `end` is one.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Outline {
    /// The steps.
    pub steps: Vec<Step>,
    /// The place where every way ends.
    pub end: usize,
    /// Whether its words are spelled by their sound, as pinyin.
    pub is_pinyin: bool,
}

impl Outline {
    fn of(lattice: &Lattice) -> Self {
        let step = |step: &super::lattice::Step| Step {
            from: usize::from(step.from),
            to: usize::from(step.to),
            text: lattice.lexicon.text(step.token).to_owned(),
            sound: lattice.lexicon.sound_key(step.token),
            is_letters: lattice.lexicon.is_letters(step.token),
            is_joined: matches!(step.kind, Kind::Joined(..)),
            is_strict: step.is_strict,
        };
        Self {
            steps: lattice
                .steps
                .iter()
                .filter(|step| !matches!(step.kind, Kind::Missing(_)))
                .map(step)
                .collect(),
            end: usize::from(lattice.end),
            is_pinyin: lattice.is_pinyin,
        }
    }
}

impl Query {
    /// The phrase as each kind of text may have it: with English numbers, with Chinese ones, and
    /// where it can be that, as pinyin. None for a pattern.
    pub fn outlines(&self) -> Vec<Outline> {
        let mut outlines: Vec<Outline> = self.all_nets().map(Outline::of).collect();
        outlines.dedup();
        outlines
    }
}
