//! The tokens of a phrase held against those of a text: which of them are alike, and what that
//! tells.
//!
//! What a likeness tells is its information in nats, the logarithm of how seldom it comes by
//! chance: a name that stands once in an hour tells much, "the" next to nothing, and a word that
//! merely sounds like another less than the word itself.

use super::Text;
use super::lattice::{Kind, Lattice, Step};
use crate::words::TokenId;
use std::collections::HashMap;

/// Tokens less alike than this are different words.
const ALIKE: f32 = 0.5;
/// As much for two words of the phrase that one of the text may be.
const ALIKE_JOINED: f32 = 0.85;
/// Counts are held against this many tokens at least: of a word that stands once in a short passage
/// it is not known that it is common.
const LEAST_TOKENS: usize = 1000;
/// Leaving a token of the phrase out, or having another in its place, costs its information and
/// this.
pub(super) const MISSING: f32 = 1.0;
/// A token of the text that the phrase does not have.
pub(super) const ADDED: f32 = 2.0;
/// A word may stand at several places about where it is expected, and is the less telling for it:
/// ln 4.
const ABOUT: f32 = 1.4;
/// No word tells more than this and so much for each of its phones: short ones are common, if not
/// in this text.
const BARE: f32 = 1.0;
const PER_PHONE: f32 = 3.0;
/// More parts than this of one word are not looked for.
const MAX_SPLITS: usize = 4;

/// A step of a lattice with what it tells.
#[derive(Clone, Copy, Debug)]
pub(super) struct Bound {
    pub from: u16,
    pub to: u16,
    /// The column of its likenesses; `None` for a word that is missing.
    want: Option<u16>,
    /// What it tells when the very word is there.
    pub nats: f32,
    is_strict: bool,
    is_letters: bool,
}

impl Bound {
    /// What it tells with something so alike in its place. A word of letters that is even half
    /// alike comes by chance once in four hundred words, at 0.8 once in ten thousand (counted over
    /// pairs of seven thousand English words); a syllable that is like one of four hundred is like
    /// several.
    pub fn telling(&self, likeness: f32) -> f32 {
        match self.is_letters {
            _ if likeness >= 1.0 => self.nats,
            true => self.nats.min(6.0 + 11.0 * (likeness - 0.5) - ABOUT),
            false => self.nats * told(likeness),
        }
    }

    /// What is missing with something so alike in its place.
    pub fn loss(&self, likeness: f32) -> f32 {
        self.nats * (1.0 - told(likeness))
    }

    /// Whether it stands for a word that is missing.
    pub fn is_missing(&self) -> bool {
        self.want.is_none()
    }
}

/// A way to a place before anything was heard: all before it is missing.
#[derive(Clone, Copy, Debug)]
pub(super) struct Fresh {
    pub loss: f32,
    pub total: f32,
    /// How many words are missing.
    pub n_missing: u16,
}

/// A lattice held against a text.
pub(super) struct Binding {
    pub steps: Vec<Bound>,
    pub n_places: usize,
    pub end: u16,
    /// For each place the least cost of beginning there, all before it left out.
    pub fresh: Vec<Fresh>,
    /// Whether nothing may come between the steps into a place and those out of it.
    pub is_tight: Vec<bool>,
    /// A place that costs more is none.
    pub max_loss: f32,
    /// The logarithm of the number of places that there are in the text.
    pub n_nats: f32,
    /// For each token of the text its row of likenesses; none for most.
    rows: Vec<u32>,
    likeness: Vec<f32>,
    n_wants: usize,
}

const NONE: u32 = u32::MAX;

impl Binding {
    /// Holds `lattice` against `text`. Of what its best way tells `share` has to be there.
    pub fn new(text: &Text, lattice: &Lattice, share: f32) -> Self {
        let mut wants = Wants::default();
        let mut steps = Vec::with_capacity(lattice.steps.len());
        let mut n_places = lattice.n_places;
        let worth = Worth::of(text, lattice, &mut wants);
        for step in &lattice.steps {
            let is_missing = matches!(step.kind, Kind::Missing(_));
            let want = (!is_missing).then(|| wants.of(text, lattice, step));
            let nats = worth.nats(text, lattice, step, &mut wants);
            let whole = Bound {
                from: step.from,
                to: step.to,
                want,
                nats,
                is_strict: step.is_strict,
                is_letters: lattice.lexicon.is_letters(step.token),
            };
            for (left, right) in splits(text, lattice, step) {
                let place = n_places as u16;
                n_places += 1;
                let half = Bound { nats: nats / 2.0, is_strict: true, ..whole };
                steps.push(Bound { to: place, want: Some(wants.same(left)), ..half });
                steps.push(Bound { from: place, want: Some(wants.same(right)), ..half });
            }
            steps.push(whole);
        }
        let (rows, likeness) = wants.table(text.lexicon().len());
        let fresh = fresh(&steps, n_places);
        let total = most(&steps, n_places)[usize::from(lattice.end)];
        let is_tight = is_tight(&steps, n_places);
        let is_strict = steps.iter().all(|step| step.is_strict);
        Self {
            n_places,
            end: lattice.end,
            is_tight,
            max_loss: if is_strict { 0.0 } else { (1.0 - share) * total },
            n_nats: (text.n_tokens().max(LEAST_TOKENS) as f32).ln(),
            rows,
            likeness,
            n_wants: wants.columns.len(),
            fresh,
            steps,
        }
    }

    /// How alike `token` is to each step's, or nothing where it is like none.
    pub fn row(&self, token: TokenId) -> Option<&[f32]> {
        let row = *self.rows.get(token.index()).filter(|row| **row != NONE)? as usize;
        self.likeness.get(row * self.n_wants..(row + 1) * self.n_wants)
    }

    /// The likeness of a step in a row.
    pub fn likeness(&self, row: Option<&[f32]>, step: &Bound) -> f32 {
        let likeness = row.zip(step.want).map_or(0.0, |(row, want)| row[usize::from(want)]);
        if step.is_strict && likeness < 1.0 { 0.0 } else { likeness }
    }
}

/// Which share of a token's information is there when something so alike stands in its place.
fn told(likeness: f32) -> f32 {
    if likeness >= 1.0 { 1.0 } else { (2.0 * likeness - 1.0).max(0.0) }
}

/// The tokens that a lattice asks for, each with the tokens of the text that are like it.
#[derive(Default)]
struct Wants {
    columns: Vec<Vec<(TokenId, f32)>>,
    index: HashMap<(TokenId, Option<Kind>), u16>,
}

impl Wants {
    fn column(
        &mut self,
        key: (TokenId, Option<Kind>),
        make: impl FnOnce() -> Vec<(TokenId, f32)>,
    ) -> u16 {
        let next = self.columns.len() as u16;
        let index = *self.index.entry(key).or_insert(next);
        if index == next {
            self.columns.push(make());
        }
        index
    }

    /// A token of the text itself.
    fn same(&mut self, token: TokenId) -> u16 {
        self.column((token, None), || vec![(token, 1.0)])
    }

    fn of(&mut self, text: &Text, lattice: &Lattice, step: &Step) -> u16 {
        self.column((step.token, Some(step.kind)), || {
            let letters = lattice.lexicon.text(step.token);
            let least = if matches!(step.kind, Kind::Joined(..)) { ALIKE_JOINED } else { ALIKE };
            let likeness = |token| match step.kind {
                Kind::Begun => f32::from(u8::from(text.lexicon().begins(token, letters))),
                _ => lattice.lexicon.likeness(step.token, text.lexicon(), token, least),
            };
            let all = text.lexicon().tokens().map(|token| (token, likeness(token)));
            all.filter(|(_, likeness)| *likeness > 0.0).collect()
        })
    }

    /// What the word itself tells, by how often it stands in the text.
    fn nats(&self, text: &Text, want: u16, token: &str) -> f32 {
        let same = self.columns[usize::from(want)].iter().filter(|(_, likeness)| *likeness >= 1.0);
        let n: u32 = text
            .n_in_body(token)
            .unwrap_or_else(|| same.map(|(token, _)| text.counts()[token.index()]).sum());
        (once(text) - (n.max(1) as f32).ln()).max(0.3)
    }

    /// The likenesses as a table with a row for each token that is like any.
    fn table(&self, n_tokens: usize) -> (Vec<u32>, Vec<f32>) {
        let (mut rows, mut likeness) = (vec![NONE; n_tokens], Vec::new());
        for (want, column) in self.columns.iter().enumerate() {
            for (token, how) in column {
                let row = &mut rows[token.index()];
                if *row == NONE {
                    *row = (likeness.len() / self.columns.len()) as u32;
                    likeness.resize(likeness.len() + self.columns.len(), 0.0);
                }
                likeness[*row as usize * self.columns.len() + want] = *how;
            }
        }
        (rows, likeness)
    }
}

/// What a word tells that stands once in the text.
fn once(text: &Text) -> f32 {
    (text.n_tokens().max(LEAST_TOKENS) as f32).ln() - ABOUT
}

/// The two words of the text that a word of the phrase is when it is parted ("opensource" and "open
/// source").
fn splits(text: &Text, lattice: &Lattice, step: &Step) -> Vec<(TokenId, TokenId)> {
    if step.kind != Kind::Word || !lattice.lexicon.is_letters(step.token) {
        return Vec::new();
    }
    let word = lattice.lexicon.text(step.token);
    let places = word.char_indices().map(|(at, _)| at).filter(|at| *at > 1 && at + 1 < word.len());
    places
        .filter_map(|at| Some((text.lexicon().get(&word[..at])?, text.lexicon().get(&word[at..])?)))
        .take(MAX_SPLITS)
        .collect()
}

/// What each word of a lattice tells. All readings of a word tell the same, that of the least
/// telling: what is spelled out ("a t and t") says no more than what is not.
struct Worth {
    /// For each slot the sums of its readings.
    sums: Vec<Vec<f32>>,
}

impl Worth {
    fn of(text: &Text, lattice: &Lattice, wants: &mut Wants) -> Self {
        let mut sums: Vec<Vec<f32>> = Vec::new();
        for step in lattice.steps.iter().filter(|step| step.kind == Kind::Word) {
            let (slot, reading) = (usize::from(step.slot), usize::from(step.reading));
            sums.resize_with(sums.len().max(slot + 1), Vec::new);
            let slot = &mut sums[slot];
            slot.resize(slot.len().max(reading + 1), 0.0);
            slot[reading] += own(text, lattice, step, wants);
        }
        Self { sums }
    }

    fn least(&self, slot: u16) -> Option<f32> {
        self.sums.get(usize::from(slot))?.iter().copied().reduce(f32::min)
    }

    fn nats(&self, text: &Text, lattice: &Lattice, step: &Step, wants: &mut Wants) -> f32 {
        match step.kind {
            Kind::Missing(0) => self.least(step.slot).unwrap_or(0.0),
            Kind::Missing(more) => {
                let sum = (step.slot..=step.slot + more).filter_map(|slot| self.least(slot)).sum();
                // A number says what no other does, however common its parts are.
                once(text).max(sum)
            }
            Kind::Begun => self.least(step.slot).unwrap_or_else(|| own(text, lattice, step, wants)),
            Kind::Word => {
                let sum = self.sums[usize::from(step.slot)][usize::from(step.reading)];
                own(text, lattice, step, wants) * self.least(step.slot).unwrap_or(sum) / sum
            }
            Kind::Joined(first, second) => {
                let nats = |token| {
                    own(text, lattice, &Step { token, kind: Kind::Word, ..step.clone() }, wants)
                };
                [first, second].map(nats).iter().sum()
            }
        }
    }
}

/// What a step's own token tells, by how often it stands in the text, and how short it is.
fn own(text: &Text, lattice: &Lattice, step: &Step, wants: &mut Wants) -> f32 {
    let most = BARE + PER_PHONE * lattice.lexicon.weight(step.token);
    let want = wants.of(text, lattice, step);
    wants.nats(text, want, lattice.lexicon.text(step.token)).min(most)
}

/// The cheapest way to each place with nothing there at all.
fn fresh(steps: &[Bound], n_places: usize) -> Vec<Fresh> {
    let mut fresh = vec![Fresh { loss: f32::INFINITY, total: 0.0, n_missing: 0 }; n_places];
    fresh[0].loss = 0.0;
    for step in steps.iter().filter(|step| step.is_missing()) {
        let from = fresh[usize::from(step.from)];
        let to = &mut fresh[usize::from(step.to)];
        if from.loss + step.nats + MISSING < to.loss {
            *to = Fresh {
                loss: from.loss + step.nats + MISSING,
                total: from.total + step.nats,
                n_missing: from.n_missing + 1,
            };
        }
    }
    fresh
}

/// What the most telling way to each place tells.
fn most(steps: &[Bound], n_places: usize) -> Vec<f32> {
    let mut most = vec![0.0f32; n_places];
    for step in steps {
        most[usize::from(step.to)] =
            most[usize::from(step.to)].max(most[usize::from(step.from)] + step.nats);
    }
    most
}

fn is_tight(steps: &[Bound], n_places: usize) -> Vec<bool> {
    let (mut before, mut after) = (vec![false; n_places], vec![false; n_places]);
    for step in steps.iter().filter(|step| step.is_strict) {
        after[usize::from(step.from)] = true;
        before[usize::from(step.to)] = true;
    }
    before.into_iter().zip(after).map(|(before, after)| before && after).collect()
}
