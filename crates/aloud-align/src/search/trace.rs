//! Where in a text is there a way through a lattice, and at what cost?
//!
//! A local alignment of a phrase, whole, to any part of a text (Sellers 1980), with costs in nats
//! and both sides as lattices: of a word with several readings each is tried. What costs more than
//! a hit may is not followed, so that most of a text is passed over.

use super::Text;
use super::bind::{ADDED, Binding, Bound, Fresh, MISSING};
use super::lattice::Lattice;
use crate::words::Token;
use std::ops::Range;

/// A part of a text that reads a lattice from end to end.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Place {
    pub words: Range<usize>,
    /// What is missing of what the phrase tells, in nats, and what is there besides.
    pub loss: f32,
    /// What the phrase tells on this way.
    pub total: f32,
    /// What the words that are there tell, in nats, held against chance.
    pub told: f32,
    /// The likeness of the least alike word; 0 where one is missing or added.
    pub worst: f32,
    /// How many words of the phrase are there, and how many others between them.
    pub n_there: usize,
    pub n_added: usize,
    /// How many words of the phrase are missing before the first that is there.
    pub n_before: usize,
    /// And after the last.
    pub n_after: usize,
}

/// The best way to a place of the lattice that ends at the present token of the text.
#[derive(Clone, Copy)]
struct Cell {
    loss: f32,
    total: f32,
    told: f32,
    worst: f32,
    start: u32,
    /// After the last word that is like one of the phrase.
    end: u32,
    n_there: u16,
    n_added: u16,
    /// How many words of the phrase are missing before the first that is there.
    n_before: u16,
    /// And after the last.
    n_after: u16,
}

const DEAD: Cell = Cell {
    loss: f32::INFINITY,
    total: 0.0,
    told: 0.0,
    worst: 1.0,
    start: 0,
    end: 0,
    n_there: 0,
    n_added: 0,
    n_before: 0,
    n_after: 0,
};

impl Cell {
    fn is_alive(&self) -> bool {
        self.loss < f32::INFINITY
    }

    /// A way that begins with `token`.
    fn fresh(fresh: Fresh, token: &Token) -> Self {
        let worst = if fresh.n_missing == 0 { 1.0 } else { 0.0 };
        let told = -MISSING * f32::from(fresh.n_missing);
        Self {
            loss: fresh.loss,
            total: fresh.total,
            told,
            worst,
            start: token.word,
            n_before: fresh.n_missing,
            ..DEAD
        }
    }

    /// This way with `token` for the word of `step`.
    fn there(self, step: &Bound, likeness: f32, token: &Token) -> Self {
        Self {
            loss: self.loss + step.loss(likeness),
            total: self.total + step.nats,
            told: self.told + step.telling(likeness),
            worst: self.worst.min(likeness),
            end: token.word + 1,
            n_there: self.n_there.saturating_add(1),
            n_after: 0,
            ..self
        }
    }

    /// This way without the word of `step`.
    fn missing(self, step: &Bound) -> Self {
        Self {
            loss: self.loss + step.nats + MISSING,
            total: self.total + step.nats,
            told: self.told - MISSING,
            worst: 0.0,
            n_after: self.n_after + 1,
            ..self
        }
    }

    /// This way with a token that the phrase does not have.
    fn added(self) -> Self {
        Self {
            loss: self.loss + ADDED,
            told: self.told - ADDED,
            worst: 0.0,
            n_added: self.n_added.saturating_add(1),
            ..self
        }
    }

    /// The cheaper way; of two the shorter.
    fn take(&mut self, other: Self) {
        if other.loss < self.loss || other.loss == self.loss && other.start > self.start {
            *self = other;
        }
    }
}

/// All places that cost no more than the binding allows; they may overlap.
pub(super) fn places(text: &Text, binding: &Binding) -> Vec<Place> {
    let mut tracer = Tracer { binding, places: Vec::new() };
    let mut column = vec![DEAD; binding.n_places];
    let [mut here, mut next, mut merged] = [column.clone(), column.clone(), column.clone()];
    let mut is_alive = false;
    for slot in text.phrase().slots() {
        let is_wanted = || slot.clone().flatten().any(|token| binding.row(token.id).is_some());
        if !is_alive && !is_wanted() {
            continue;
        }
        merged.fill(DEAD);
        for reading in slot {
            here.copy_from_slice(&column);
            for token in reading {
                tracer.step(&here, token, &mut next);
                std::mem::swap(&mut here, &mut next);
            }
            for (cell, other) in merged.iter_mut().zip(&here) {
                cell.take(*other);
            }
        }
        std::mem::swap(&mut column, &mut merged);
        is_alive = column.iter().any(Cell::is_alive);
    }
    tracer.places
}

/// Places where just the same words stand.
pub(super) fn exact(text: &Text, lattice: &Lattice) -> Vec<Range<usize>> {
    let places = places(text, &Binding::new(text, lattice, 1.0));
    places.into_iter().filter(|place| place.worst >= 1.0).map(|place| place.words).collect()
}

struct Tracer<'a> {
    binding: &'a Binding,
    places: Vec<Place>,
}

impl Tracer<'_> {
    /// All ways one token further.
    fn step(&mut self, here: &[Cell], token: &Token, next: &mut [Cell]) {
        let binding = self.binding;
        let row = binding.row(token.id);
        for ((cell, before), is_tight) in next.iter_mut().zip(here).zip(&binding.is_tight) {
            *cell = if *is_tight || !before.is_alive() { DEAD } else { before.added() };
        }
        next[usize::from(binding.end)] = DEAD;
        for step in &binding.steps {
            let before = here[usize::from(step.from)];
            let to = &mut next[usize::from(step.to)];
            if step.is_missing() {
                if before.is_alive() {
                    to.take(before.missing(step));
                }
                continue;
            }
            let likeness = binding.likeness(row, step);
            if likeness > 0.0 {
                for way in [before, Cell::fresh(binding.fresh[usize::from(step.from)], token)] {
                    to.take(way.there(step, likeness, token));
                }
            }
        }
        for step in binding.steps.iter().filter(|step| step.is_missing()) {
            let before = next[usize::from(step.from)];
            if before.is_alive() {
                next[usize::from(step.to)].take(before.missing(step));
            }
        }
        for cell in next.iter_mut().filter(|cell| cell.loss > binding.max_loss) {
            *cell = DEAD;
        }
        self.note(next[usize::from(binding.end)], token.word + 1);
    }

    /// Notes a way that has come to the end of the lattice with the word before `end`.
    fn note(&mut self, cell: Cell, end: u32) {
        if cell.is_alive() && cell.end == end {
            let Cell { loss, total, told, worst, start, end, .. } = cell;
            let words = start as usize..end as usize;
            self.places.push(Place {
                words,
                loss,
                total,
                told,
                worst,
                n_there: cell.n_there.into(),
                n_added: cell.n_added.into(),
                n_before: cell.n_before.into(),
                n_after: cell.n_after.into(),
            });
        }
    }
}
