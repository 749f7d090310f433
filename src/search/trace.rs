//! Where in a text is there a way through a net, and at what cost?
//!
//! A local alignment of a phrase, whole, to any part of a text (Sellers 1980), with costs in nats and both sides as nets: of a
//! word with several readings each is tried. What costs more than a hit may is not followed, so that most of a text is passed over.

use super::Text;
use super::bind::{ADDED, Binding, MISSING, told};
use super::net::Net;
use crate::words::Token;
use std::ops::Range;

/// A part of a text that reads a net from end to end.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Place {
    pub words: Range<usize>,
    /// What is missing of what the phrase tells, in nats, and what is there besides.
    pub loss: f32,
    /// What the phrase tells on this way.
    pub total: f32,
    /// The likeness of the least alike word; 0 where one is missing or added.
    pub worst: f32,
}

/// The best way to a place of the net that ends at the present token of the text.
#[derive(Clone, Copy)]
struct Cell {
    loss: f32,
    total: f32,
    worst: f32,
    start: u32,
    /// After the last word that is like one of the phrase.
    end: u32,
}

const DEAD: Cell = Cell { loss: f32::INFINITY, total: 0.0, worst: 1.0, start: 0, end: 0 };

impl Cell {
    fn is_alive(&self) -> bool {
        self.loss < f32::INFINITY
    }

    /// This way with a step that costs `loss`.
    fn with(self, loss: f32, total: f32, worst: f32) -> Self {
        Self { loss: self.loss + loss, total: self.total + total, worst: self.worst.min(worst), ..self }
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
pub(super) fn exact(text: &Text, net: &Net) -> Vec<Range<usize>> {
    let places = places(text, &Binding::new(text, net, 1.0));
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
            *cell = if *is_tight || !before.is_alive() { DEAD } else { before.with(ADDED, 0.0, 0.0) };
        }
        next[usize::from(binding.end)] = DEAD;
        for step in &binding.steps {
            let likeness = binding.likeness(row, step);
            let before = here[usize::from(step.from)];
            let to = &mut next[usize::from(step.to)];
            if likeness > 0.0 {
                let loss = step.nats * (1.0 - told(likeness));
                let fresh = binding.fresh[usize::from(step.from)];
                let worst = if step.from == 0 || fresh.loss == 0.0 { 1.0 } else { 0.0 };
                let begun = Cell { loss: fresh.loss, total: fresh.total, worst, start: token.word, end: 0 };
                for way in [before, begun] {
                    to.take(Cell { end: token.word + 1, ..way.with(loss, step.nats, likeness) });
                }
            } else if !step.is_needed && before.is_alive() {
                to.take(before.with(step.nats + MISSING, step.nats, 0.0));
            }
        }
        for step in binding.steps.iter().filter(|step| !step.is_needed) {
            let before = next[usize::from(step.from)];
            if before.is_alive() {
                next[usize::from(step.to)].take(before.with(step.nats + MISSING, step.nats, 0.0));
            }
        }
        for cell in next.iter_mut().filter(|cell| cell.loss > binding.max_loss) {
            *cell = DEAD;
        }
        self.note(next[usize::from(binding.end)], token.word + 1);
    }

    /// Notes a way that has come to the end of the net with the word before `end`.
    fn note(&mut self, cell: Cell, end: u32) {
        if cell.is_alive() && cell.end == end {
            let words = cell.start as usize..cell.end as usize;
            self.places.push(Place { words, loss: cell.loss, total: cell.total, worst: cell.worst });
        }
    }
}
