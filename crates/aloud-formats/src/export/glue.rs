//! Which Chinese characters belong together in this text, though no dictionary knows them?
//!
//! The names of foreigners and their places are spelt with characters that mean nothing together
//! (米爾郡); what stands side by side again and again, and hardly apart, is taken for a part of
//! such a name. Pure.

use super::breaks::Break;
use super::passage::Piece;
use crate::transcript::characters::is_han;
use std::collections::{HashMap, HashSet};

/// Two characters have to stand together so often before that means anything.
const OFTEN: u32 = 3;
/// And at least in this share of the places where the rarer of them stands.
const SHARE: f32 = 0.6;

/// Pairs of characters that belong together.
#[derive(Clone, Debug, Default)]
pub struct Glue(HashSet<(char, char)>);

impl Glue {
    /// Learnt from the pieces of one text. Linear.
    pub fn of<'a>(pieces: impl Iterator<Item = &'a str>) -> Self {
        let (mut single, mut pairs) =
            (HashMap::<char, u32>::new(), HashMap::<(char, char), u32>::new());
        let mut before = None;
        for c in pieces.flat_map(str::chars) {
            let han = is_han(c).then_some(c);
            if let Some(c) = han {
                *single.entry(c).or_default() += 1;
            }
            if let (Some(before), Some(c)) = (before, han) {
                *pairs.entry((before, c)).or_default() += 1;
            }
            before = han;
        }
        let is_glued = |&((a, b), n): &((char, char), u32)| {
            n >= OFTEN && n as f32 >= SHARE * single[&a].min(single[&b]) as f32
        };
        Self(pairs.into_iter().filter(is_glued).map(|(pair, _)| pair).collect())
    }

    /// Holds together what belongs together among `pieces` in a row.
    pub fn cling(&self, pieces: &mut [&mut Piece]) {
        for index in 1..pieces.len() {
            if pieces[index - 1].end == Break::Character
                && self.holds(&pieces[index - 1].text, &pieces[index].text)
            {
                pieces[index - 1].end = Break::Clinging;
            }
        }
    }

    /// Whether `after` belongs to what ends in `before`.
    pub fn holds(&self, before: &str, after: &str) -> bool {
        before
            .chars()
            .next_back()
            .zip(after.chars().next())
            .is_some_and(|pair| self.0.contains(&pair))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_learnt() {
        let glue = Glue::of(
            [
                "河水漫過米爾郡的道路。",
                "米爾郡沒有電，",
                "他回到米爾郡，說：郡裡的路不好走，爾後再來。",
            ]
            .into_iter(),
        );
        for (before, after, want) in [
            ("米", "爾", true),
            ("爾", "郡", true),
            ("郡", "的", false),
            ("道", "路", false),
            ("", "郡", false),
        ] {
            assert_eq!(glue.holds(before, after), want, "{before}|{after}");
        }
    }
}
