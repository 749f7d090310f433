//! The numbers that subtitles keep to.
//!
//! Plain data: which text is shown, and how it is divided, is decided elsewhere by these numbers,
//! and `check` judges by the same ones.

use crate::reason::Hinted;
use std::str::FromStr;

/// Rules for cues. Every number may be changed; zero for a line length or a speed means one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Profile {
    /// What it is called in messages.
    pub name: &'static str,
    /// Characters that a line of Latin, Cyrillic and the like holds, spaces counted.
    pub latin_line: u32,
    /// Characters that a line with Chinese, Japanese or Korean holds; narrow ones count half.
    pub wide_line: u32,
    /// Lines of a cue; 1 to 3. Of a bilingual cue each language has half of them, at least one.
    pub lines: usize,
    /// Characters per second that a reader of Latin script manages.
    pub latin_speed: u32,
    /// Characters per second that a reader of Chinese, Japanese or Korean manages; narrow ones
    /// count half.
    pub wide_speed: u32,
    /// The shortest time that a cue is shown, in milliseconds.
    pub shortest_ms: u64,
    /// The longest time that a cue is shown, in milliseconds.
    pub longest_ms: u64,
    /// The shortest gap between two cues, in milliseconds.
    pub gap_ms: u64,
    /// A gap shorter than this, in milliseconds, flickers, and is closed down to
    /// [`gap_ms`](Self::gap_ms).
    pub close_ms: u64,
    /// What a cue would best hold.
    pub holds: Holds,
}

/// What a cue would best hold, where the numbers allow it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Holds {
    /// What is pleasant to read at once: short sentences may share a cue.
    Text,
    /// One sentence.
    Sentence,
    /// One clause.
    Clause,
}

/// A name that is no profile.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("`{0}` is no subtitle profile")]
pub struct UnknownProfile(String);

impl Hinted for UnknownProfile {
    fn hint(&self) -> Option<String> {
        Some("use netflix, bbc, podcast or karaoke".into())
    }
}

impl Profile {
    /// Netflix's guides for English and for Chinese (partnerhelp.netflixstudios.com, 215758617 and
    /// 360051554394): 5/6 s to 7 s, two frames of 24 a second between cues, half a second closed.
    pub const NETFLIX: Profile = Profile {
        name: "netflix",
        latin_line: 42,
        wide_line: 16,
        lines: 2,
        latin_speed: 20,
        wide_speed: 9,
        shortest_ms: 834,
        longest_ms: 7000,
        gap_ms: 84,
        close_ms: 500,
        holds: Holds::Text,
    };

    /// The BBC's Subtitle Guidelines: 37 characters, a sentence a cue, 180 words a minute of six
    /// characters with their space, and no gap under a second. They have no numbers for Chinese.
    pub const BBC: Profile = Profile {
        name: "bbc",
        latin_line: 37,
        latin_speed: 18,
        shortest_ms: 1000,
        gap_ms: 0,
        close_ms: 1000,
        holds: Holds::Sentence,
        ..Self::NETFLIX
    };

    /// Transcripts in podcast players: single lines of about 65 characters (Podcasting 2.0's
    /// example for WebVTT), one after the other without flicker.
    pub const PODCAST: Profile = Profile {
        name: "podcast",
        latin_line: 65,
        wide_line: 25,
        lines: 1,
        gap_ms: 0,
        holds: Holds::Sentence,
        ..Self::NETFLIX
    };

    /// A sentence or clause at a time, to sing or to speak along.
    pub const KARAOKE: Profile = Profile { name: "karaoke", holds: Holds::Clause, ..Self::NETFLIX };

    /// Every profile, as they are listed to users.
    pub const ALL: [Profile; 4] = [Self::NETFLIX, Self::BBC, Self::PODCAST, Self::KARAOKE];

    /// This profile for one of the two languages of a bilingual cue.
    #[must_use]
    pub fn halved(&self) -> Self {
        Self { lines: (self.lines / 2).max(1), ..self.clone() }
    }
}

impl Default for Profile {
    fn default() -> Self {
        Self::NETFLIX
    }
}

impl FromStr for Profile {
    type Err = UnknownProfile;

    fn from_str(name: &str) -> Result<Self, UnknownProfile> {
        Self::ALL
            .into_iter()
            .find(|profile| profile.name.eq_ignore_ascii_case(name))
            .ok_or_else(|| UnknownProfile(name.to_owned()))
    }
}
