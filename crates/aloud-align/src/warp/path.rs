//! The best way of a recording through a chain of sounds.
//!
//! Dynamic time warping as a Viterbi search (H. Sakoe and S. Chiba, "Dynamic programming algorithm
//! optimization for spoken word recognition", 1978; L. Rabiner, "A tutorial on hidden Markov
//! models", 1989): each frame belongs to a state of the text, to a pause, or to sound that nobody
//! wrote. Hypotheses carry tokens (S. Young and others, "Token passing", 1989), so memory does not
//! grow with the product of the lengths. This file never knows what sounds are: it is told how well
//! each kind fits each frame.

use super::chain::{Chain, NONE};
use super::kind::PAUSE;
use std::ops::Range;

/// What departing from the text costs, in nats.
#[derive(Clone, Copy, Debug)]
pub(super) struct Costs {
    /// Staying in a state for a frame, and leaving one out.
    pub stay: f32,
    pub pass_state: f32,
    /// Beginning to leave sentences out, and passing over a part of one that narrators leave out.
    pub skip: f32,
    pub jump: f32,
    /// Sound that is not written: beginning it between sentences, beginning it inside one, and each
    /// frame of it.
    pub filler: f32,
    pub filler_inside: f32,
    pub filler_frame: f32,
    /// Ending inside a sentence.
    pub cut: f32,
    /// No sound is held for more steps than this.
    pub longest: u32,
    /// Hypotheses so many nats behind the best are given up; and, while more words than `most` are
    /// alive, those behind so many others (V. Steinbiss, B.-H. Tran and H. Ney, "Improvements in
    /// beam search", 1994).
    pub beam: f32,
    pub most: usize,
}

/// What a stretch of the path is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum What {
    /// A phone of the text.
    Phone(u32),
    /// A pause before this word of the chain.
    Pause(u32),
    /// Sound that is not written, before this word of the chain.
    Filler(u32),
}

/// A stretch of the path: it goes on until the next one begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Step {
    pub what: What,
    /// The first frame.
    pub at: u32,
}

#[derive(Clone, Copy)]
struct Token {
    before: u32,
    step: Step,
}

/// A hypothesis: how good it is, and the token of its latest step.
#[derive(Clone, Copy)]
struct Hypothesis {
    score: f32,
    token: u32,
}

const NEVER: f32 = -1e30;
const DEAD: Hypothesis = Hypothesis { score: NEVER, token: NONE };
/// What holding a sound too long costs, in nats a step: more than any fit is worth.
const TOO_LONG: f32 = 6.0;
/// So many tokens beyond those that were needed last time are made before it is looked which are
/// needed now.
const CLEAR_AT: usize = 1 << 18;
/// Scores larger than this are lowered: beside a million, which some hours reach, half a nat is
/// lost on numbers of 32 bits.
const LARGE: f32 = 4096.0;

impl Hypothesis {
    fn or(self, other: Self) -> Self {
        if other.score > self.score { other } else { self }
    }

    fn less(self, cost: f32) -> Self {
        Self { score: self.score - cost, token: self.token }
    }
}

/// A search in progress.
pub(super) struct Search<'a> {
    chain: &'a Chain,
    costs: Costs,
    states: Vec<Hypothesis>,
    /// The best score in each word.
    tops: Vec<f32>,
    /// Before each word, and behind the last: pauses, fillers, and all that may begin the word.
    pauses: Vec<Hypothesis>,
    fillers: Vec<Hypothesis>,
    entries: Vec<Hypothesis>,
    tokens: Vec<Token>,
    n_needed: usize,
    frame: u32,
    /// What scores less than this is given up.
    floor: f32,
    /// By how much all scores were lowered so far.
    lowered: f64,
    window: Range<usize>,
    /// The scores of words that are alive, while they are counted.
    alive: Vec<f32>,
}

impl<'a> Search<'a> {
    /// Before the first frame.
    pub fn new(chain: &'a Chain, costs: Costs) -> Self {
        let n = chain.len() + 1;
        Self {
            chain,
            costs,
            states: vec![DEAD; chain.kinds.len()],
            tops: vec![NEVER; chain.len()],
            pauses: vec![DEAD; n],
            fillers: vec![DEAD; n],
            entries: vec![DEAD; n],
            tokens: Vec::new(),
            n_needed: 0,
            frame: 0,
            floor: -costs.beam,
            lowered: 0.0,
            window: 0..chain.len(),
            alive: Vec::new(),
        }
    }

    /// Takes the next frame: how well each kind fits it, in nats better than chance, and how well a
    /// single sound that is held there and need not be of the text. Only words in `window` are
    /// looked at; windows may not go back.
    pub fn step(&mut self, fits: &[f32], held: f32, window: Range<usize>) {
        self.move_to(window);
        self.open_entries();
        self.pass_between(fits[usize::from(PAUSE)], held);
        for word in self.window.clone() {
            self.pass_through(word, fits);
        }
        let best = self.raise_floor();
        if best > LARGE {
            self.lower_by(best);
        }
        self.frame += 1;
        if self.tokens.len() > 2 * self.n_needed + CLEAR_AT {
            self.clear();
        }
    }

    /// The word that the best hypothesis is at, and those that any is at.
    pub fn at(&self) -> (usize, Range<usize>) {
        let mut best = self.window.start;
        let mut alive = self.window.end..self.window.start;
        for at in self.window.start..=self.window.end {
            if self.score(at) > self.score(best) {
                best = at;
            }
            if self.score(at) >= self.floor {
                alive = alive.start.min(at)..at + 1;
            }
        }
        (best, alive)
    }

    /// The best in a word or before it.
    fn score(&self, at: usize) -> f32 {
        self.pauses[at]
            .score
            .max(self.fillers[at].score)
            .max(self.tops.get(at).copied().unwrap_or(NEVER))
    }

    /// Finds out which hypotheses are too far behind, and the score of the best.
    fn raise_floor(&mut self) -> f32 {
        let best =
            (self.window.start..=self.window.end).map(|at| self.score(at)).fold(NEVER, f32::max);
        self.floor = best - self.costs.beam;
        if self.window.len() < self.costs.most {
            return best;
        }
        let mut alive = std::mem::take(&mut self.alive);
        alive.clear();
        alive.extend(
            (self.window.start..=self.window.end)
                .map(|at| self.score(at))
                .filter(|score| *score >= self.floor),
        );
        if alive.len() > self.costs.most {
            let (_, last, _) = alive.select_nth_unstable_by(self.costs.most, |a, b| b.total_cmp(a));
            self.floor = *last;
        }
        self.alive = alive;
        best
    }

    /// Lowers all scores alike.
    fn lower_by(&mut self, by: f32) {
        let states = self.chain.firsts[self.window.start]..self.chain.firsts[self.window.end];
        let between = self.window.start..=self.window.end;
        for way in self.states[states]
            .iter_mut()
            .chain(&mut self.pauses[between.clone()])
            .chain(&mut self.fillers[between])
        {
            way.score -= by;
        }
        self.tops[self.window.clone()].iter_mut().for_each(|top| *top -= by);
        self.floor -= by;
        self.lowered += f64::from(by);
    }

    /// The best path, and how much better than chance it is, in nats. Empty where there is none.
    pub fn finish(mut self) -> (Vec<Step>, f32) {
        self.open_entries();
        let mut best = DEAD;
        let end = self.window.end;
        if end == self.chain.len() {
            best = self.entries[end].or(self.pauses[end]).or(self.fillers[end]);
        }
        for at in self.window.clone() {
            let states = &self.states[self.chain.firsts[at]..self.chain.firsts[at + 1]];
            for way in states.iter().chain([&self.pauses[at], &self.fillers[at]]) {
                best = best.or(way.less(self.costs.cut));
            }
        }
        let mut steps: Vec<Step> = self.trace(best).collect();
        steps.reverse();
        (steps, (f64::from(best.score) + self.lowered) as f32)
    }

    /// The steps of a hypothesis, backwards.
    fn trace(&self, way: Hypothesis) -> impl Iterator<Item = Step> {
        let token = |index: u32| self.tokens.get(index as usize);
        std::iter::successors(token(way.token), move |last| token(last.before))
            .map(|token| token.step)
    }

    /// What a window leaves behind, on either side, is forgotten: it must not be found again later.
    fn move_to(&mut self, window: Range<usize>) {
        let end = window.end.min(self.chain.len());
        let start = window.start.max(self.window.start).min(end);
        let old = std::mem::replace(&mut self.window, start..end);
        for left in [old.start..start.min(old.end), end.max(old.start)..old.end] {
            if !left.is_empty() {
                self.states[self.chain.firsts[left.start]..self.chain.firsts[left.end]].fill(DEAD);
                self.tops[left].fill(NEVER);
            }
        }
        for places in [&mut self.pauses, &mut self.fillers] {
            places[old.start..start.max(old.start)].fill(DEAD);
            places[(end + 1).min(old.end + 1)..=old.end].fill(DEAD);
        }
    }

    fn is_start(&self, at: usize) -> bool {
        self.chain.starts.get(at).is_none_or(Option::is_some)
    }

    /// The best ways to the places between words, pauses aside, as of the frame before.
    fn open_entries(&mut self) {
        let mut skipping = DEAD;
        let mut optional = DEAD;
        for at in self.window.start..=self.window.end {
            let mut entry = match self.frame {
                0 if at == 0 => Hypothesis { score: 0.0, token: NONE },
                // A recording may begin anywhere in its text.
                0 if self.is_start(at) => Hypothesis { score: -self.costs.skip, token: NONE },
                _ => DEAD,
            };
            if at > self.window.start {
                entry = entry.or(self.states[self.chain.firsts[at] - 1]);
            }
            if self.is_start(at) {
                entry = entry.or(optional).or(skipping);
            }
            for from in self.chain.jumps.get(at).into_iter().flatten().map(|from| *from as usize) {
                if from >= self.window.start {
                    let all = self.entries[from].or(self.pauses[from]).or(self.fillers[from]);
                    entry = entry.or(all.less(self.costs.jump));
                }
            }
            self.entries[at] = entry;
            if let Some(Some(start)) = self.chain.starts.get(at) {
                let all = entry.or(self.pauses[at]).or(self.fillers[at]);
                // Leaving sentences out, once begun, goes on from sentence to sentence.
                skipping = skipping.or(all.less(self.costs.skip)).less(start.cost);
                optional = if start.is_optional { all.less(start.cost) } else { DEAD };
            }
        }
    }

    /// Pauses and what is not written; then everything that was between the words may begin one.
    fn pass_between(&mut self, pause: f32, held: f32) {
        for at in self.window.start..=self.window.end {
            let (entry, was_pause, was_filler) =
                (self.entries[at], self.pauses[at], self.fillers[at]);
            let filler =
                if self.is_start(at) { self.costs.filler } else { self.costs.filler_inside };
            self.pauses[at] =
                self.enter(was_pause, entry.or(was_filler), What::Pause(at as u32)).less(-pause);
            self.fillers[at] = self
                .enter(was_filler, entry.or(was_pause).less(filler), What::Filler(at as u32))
                .less(self.costs.filler_frame - held);
            self.entries[at] = entry.or(was_pause).or(was_filler);
        }
    }

    /// Stays, or begins a new step where that is better; unless all hope is lost.
    fn enter(&mut self, here: Hypothesis, from: Hypothesis, what: What) -> Hypothesis {
        if from.score <= here.score || from.score < self.floor {
            return if here.score < self.floor { DEAD } else { here };
        }
        let token = self.tokens.len() as u32;
        self.tokens.push(Token { before: from.token, step: Step { what, at: self.frame } });
        Hypothesis { score: from.score, token }
    }

    /// The states of a word; none of them where all hope is lost.
    fn pass_through(&mut self, word: usize, fits: &[f32]) {
        let states = self.chain.firsts[word]..self.chain.firsts[word + 1];
        let entry = self.entries[word];
        if self.tops[word].max(entry.score) < self.floor {
            if self.tops[word] > NEVER {
                self.states[states].fill(DEAD);
                self.tops[word] = NEVER;
            }
            return;
        }
        let mut top = NEVER;
        // From the last to the first, so that what stands before is still that of the frame before.
        for s in states.clone().rev() {
            let here = self.stay(self.states[s]);
            let before = if s == states.start { entry } else { self.states[s - 1] };
            let begins = self.chain.begins[s];
            let mut way = if begins == NONE {
                here.or(before)
            } else {
                self.enter(here, before, What::Phone(begins))
            };
            if begins == NONE && s >= states.start + 2 {
                let passed_on = self.states[s - 2].less(self.costs.pass_state);
                // The state that is left out may be the first of its phone, which begins here then.
                let passed = self.chain.begins[s - 1];
                way = if passed == NONE {
                    way.or(passed_on)
                } else {
                    self.enter(way, passed_on, What::Phone(passed))
                };
            }
            way.score += fits[usize::from(self.chain.kinds[s])];
            self.states[s] = if way.score < self.floor { DEAD } else { way };
            top = top.max(way.score);
        }
        self.tops[word] = top;
    }

    /// Another step in the same state. A single sound may fit music better than all others do for
    /// minutes.
    fn stay(&self, way: Hypothesis) -> Hypothesis {
        let held =
            self.tokens.get(way.token as usize).map_or(0, |token| self.frame - token.step.at);
        way.less(if held > self.costs.longest { TOO_LONG } else { self.costs.stay })
    }

    /// Forgets tokens that no hypothesis needs.
    fn clear(&mut self) {
        // Where each token goes; for now, whether it stays.
        let mut places = vec![NONE; self.tokens.len()];
        for way in self.states.iter().chain(&self.pauses).chain(&self.fillers) {
            let mut token = way.token;
            while token != NONE && places[token as usize] == NONE {
                places[token as usize] = 0;
                token = self.tokens[token as usize].before;
            }
        }
        let place =
            |places: &[u32], token: u32| if token == NONE { NONE } else { places[token as usize] };
        let mut n = 0;
        for at in 0..self.tokens.len() {
            if places[at] != NONE {
                places[at] = n as u32;
                let Token { before, step } = self.tokens[at];
                self.tokens[n] = Token { before: place(&places, before), step };
                n += 1;
            }
        }
        self.tokens.truncate(n);
        for way in self.states.iter_mut().chain(&mut self.pauses).chain(&mut self.fillers) {
            way.token = place(&places, way.token);
        }
        self.n_needed = n;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const COSTS: Costs = Costs { filler_frame: 0.1, beam: 60.0, ..super::super::COSTS };
    const N_KINDS: u16 = 40;
    const N_WORDS: u32 = 2_000;

    /// Words of two states of one of some kinds; each word may be left out.
    fn chain() -> Chain {
        let mut chain = Chain { firsts: vec![0], ..Chain::default() };
        for word in 0..N_WORDS {
            chain.kinds.extend([kind(word); 2]);
            chain.begins.extend([word, NONE]);
            chain.firsts.push(chain.kinds.len());
            chain.starts.push(Some(super::super::chain::Start { cost: 0.3, is_optional: false }));
            chain.ends_ms.push(u64::from(word + 1) * 100);
        }
        chain
    }

    fn kind(word: u32) -> u16 {
        // No two neighbours are alike, and nothing repeats itself soon.
        let half = N_KINDS / 2;
        (word % 2) as u16 * half + (word * word % 1_009 + word) as u16 % (half - 1) + 1
    }

    /// The path through the words `read`, each of six frames that fit by 5 nats.
    fn found(costs: Costs, read: Range<u32>) -> (Vec<Step>, f32) {
        let chain = chain();
        let mut search = Search::new(&chain, costs);
        for word in read {
            let fits: Vec<f32> =
                (0..N_KINDS).map(|other| if other == kind(word) { 5.0 } else { -5.0 }).collect();
            for _ in 0..6 {
                search.step(&fits, 0.0, 0..chain.len());
            }
        }
        search.finish()
    }

    #[test]
    fn the_best_path_is_found_among_many_and_few() {
        for (read, begins_late) in [(0..N_WORDS, 0.0), (700..1_900, 6.0)] {
            let n = (read.end - read.start) as f32;
            let ends_early = if read.end < N_WORDS {
                COSTS.cut.min(COSTS.skip + 0.3 * (N_WORDS - read.end) as f32)
            } else {
                0.0
            };
            for most in [usize::MAX, 200] {
                let (steps, score) = found(Costs { most, ..COSTS }, read.clone());
                let want: Vec<Step> = read
                    .clone()
                    .map(|word| Step { what: What::Phone(word), at: (word - read.start) * 6 })
                    .collect();
                assert!(steps == want, "{read:?}, no more than {most}");
                // Four of six frames stay in their state. The sum is one of which 32 bits would
                // have lost much.
                let sure = n * (6.0 * 5.0 - 4.0 * COSTS.stay) - begins_late - ends_early;
                assert!((score - sure).abs() < 1.0, "{score} is not {sure}");
            }
        }
    }
}
