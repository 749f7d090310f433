//! How much room and time does a text take?
//!
//! Latin text is counted in characters. Text with a Chinese, Japanese or Korean letter in it is
//! counted in halves of a wide character, as subtitlers do: a narrow letter, digit or space is one
//! half. The unit is the grapheme, so that an emoji of several code points counts once. Pure
//! arithmetic.

use super::profile::Profile;
use std::iter::Sum;
use std::ops::{Add, Sub};
use unicode_segmentation::UnicodeSegmentation;
use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

/// The size of a text by both counts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Size {
    /// In characters; an emoji counts two.
    narrow: u32,
    /// In halves of a wide character.
    halves: u32,
    /// How many wide letters there are; with any, `halves` is the count to go by.
    n_wide: u32,
}

impl Size {
    /// A space between two words.
    pub const SPACE: Size = Size { narrow: 1, halves: 1, n_wide: 0 };

    /// The size of `text` on one line.
    pub fn of(text: &str) -> Self {
        text.graphemes(true).map(Self::of_grapheme).sum()
    }

    fn of_grapheme(grapheme: &str) -> Self {
        let is_wide =
            grapheme.chars().next().is_some_and(|c| c.is_alphanumeric() && c.width() == Some(2));
        // Stacked marks of Indic scripts make graphemes wider than two; none is more than two
        // characters.
        let (narrow, halves) = (grapheme.width().min(2), grapheme.width_cjk().min(2));
        Self { narrow: narrow as u32, halves: halves as u32, n_wide: u32::from(is_wide) }
    }

    /// The size counted by the script of the text that it is a part of.
    #[must_use]
    pub fn counted_as(self, whole: Self) -> Self {
        Self { n_wide: self.n_wide.max(whole.n_wide), ..self }
    }

    /// Whether the text is counted as Chinese, Japanese or Korean.
    pub fn is_wide(self) -> bool {
        self.n_wide > 0
    }

    /// How many characters there are, by the count for its script.
    pub fn characters(self) -> f64 {
        if self.is_wide() { f64::from(self.halves) / 2.0 } else { f64::from(self.narrow) }
    }

    /// The most characters of its script that a line holds.
    pub fn line(self, profile: &Profile) -> u32 {
        if self.is_wide() { profile.wide_line.max(1) } else { profile.latin_line.max(1) }
    }

    /// The most characters of its script that are read in a second.
    pub fn speed(self, profile: &Profile) -> u32 {
        if self.is_wide() { profile.wide_speed.max(1) } else { profile.latin_speed.max(1) }
    }

    /// How many thousandths of a line it takes; more than 1000 do not fit.
    pub fn line_share(self, profile: &Profile) -> u32 {
        let (count, whole) = self.count_of(self.line(profile));
        (u64::from(count) * 1000).div_ceil(u64::from(whole)).min(u64::from(u32::MAX)) as u32
    }

    /// How long it takes to read, in milliseconds, rounded up.
    pub fn reading_ms(self, profile: &Profile) -> u64 {
        let (count, whole) = self.count_of(self.speed(profile));
        (u64::from(count) * 1000).div_ceil(u64::from(whole))
    }

    /// The count and a limit in the same measure.
    fn count_of(self, limit: u32) -> (u32, u32) {
        if self.is_wide() { (self.halves, limit.saturating_mul(2)) } else { (self.narrow, limit) }
    }
}

impl Add for Size {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self {
            narrow: self.narrow + other.narrow,
            halves: self.halves + other.halves,
            n_wide: self.n_wide + other.n_wide,
        }
    }
}

impl Sub for Size {
    type Output = Self;

    /// What is left of a text when its beginning is taken away.
    fn sub(self, other: Self) -> Self {
        let less = u32::saturating_sub;
        Self {
            narrow: less(self.narrow, other.narrow),
            halves: less(self.halves, other.halves),
            n_wide: less(self.n_wide, other.n_wide),
        }
    }
}

impl Sum for Size {
    fn sum<I: Iterator<Item = Self>>(sizes: I) -> Self {
        sizes.fold(Self::default(), Add::add)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counting() {
        for (text, characters, is_wide) in [
            ("", 0.0, false),
            ("It’s “so” — 24.3…", 17.0, false),
            ("今天，天氣", 5.0, true),
            ("Gemini 2.5 Pro是", 8.0, true),
            ("「好」……", 5.0, true),
            ("한국", 2.0, true),
            ("שלום", 4.0, false),
            ("e\u{301}", 1.0, false),
            ("👨‍👩‍👧", 2.0, false),
        ] {
            let size = Size::of(text);
            assert_eq!((size.characters(), size.is_wide()), (characters, is_wide), "{text}");
        }
    }

    #[test]
    fn limits() {
        let netflix = Profile::NETFLIX;
        for (text, share, ms) in [
            ("x".repeat(42), 1000, 2100),
            ("字".repeat(16), 1000, 1778),
            ("字x".repeat(11), 1032, 1834),
        ] {
            let size = Size::of(&text);
            assert_eq!(
                (size.line_share(&netflix), size.reading_ms(&netflix)),
                (share, ms),
                "{text}"
            );
        }
    }
}
