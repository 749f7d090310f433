//! Are these two words the same?
//!
//! The one room that decides it, for alignment and for search alike: case, marks, contractions,
//! numbers in digits and in words, traditional and simplified characters, and what merely sounds
//! alike. It never knows times, nor in which text a word stands.
//!
//! A [`Lexicon`] folds words to a [`Phrase`] of tokens as they are spoken: "$8" becomes "eight
//! dollars", 40% 百分之四十. Where one writing can be read in several ways ("2025", "it's", "Jan.")
//! the phrase holds them all, and [`Phrase::settle`] picks those that the other side says. Two
//! tokens are the same if their
//! [`TokenId`]s are; below that, [`Lexicon::similarity`] compares how they sound.

mod atoms;
mod calendar;
mod chinese;
mod english;
mod fold;
mod lexicon;
mod numbers;
mod phrase;
pub mod pinyin;
mod sound;
mod spelling;
pub(crate) mod zhuyin;

pub use calendar::MONTHS;
pub use lexicon::{Lexicon, Numerals, TokenId};
pub use numbers::{ONES, TENS};
pub use phrase::{Pairs, Phrase, Token};
