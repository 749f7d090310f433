//! Does the text belong to the sound at all?
//!
//! Any two texts of one language share words; runs of them agree only where one is read from the
//! other.

use super::Alignment;
use crate::article::Article;
use crate::transcript::Transcript;
use std::fmt;

/// How much of each belongs to the other.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Fit {
    /// The text is read, as good as whole.
    Whole,
    /// All that is said stands in the text, but the text has more: an excerpt or an abridged
    /// reading.
    Part,
    /// The text is read within a longer recording.
    Within,
    /// Both have much that the other has not.
    Overlap,
    /// They do not belong together.
    None,
    /// It cannot be told: there is too little of either to tell by.
    Short,
    /// It cannot be told: they agree better than chance, but not so well as texts do that are read.
    Unclear,
    /// Nobody speaks.
    Silent,
}

/// Whether a text belongs to a recording, as far as that can be told.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Belongs {
    /// Surely, wholly or in part.
    Yes,
    /// Surely not.
    No,
    /// It cannot be told.
    #[default]
    Unknown,
}

impl Belongs {
    /// All answers, with their names in files.
    pub const NAMES: [(&'static str, Self); 3] =
        [("yes", Self::Yes), ("no", Self::No), ("unknown", Self::Unknown)];

    /// As files have it.
    pub fn name(self) -> &'static str {
        Self::NAMES.iter().find(|(_, belongs)| *belongs == self).map_or("unknown", |(name, _)| name)
    }
}

impl Fit {
    /// Of texts that belong together, by the share of each that agrees with the other.
    pub fn of(written: f64, spoken: f64) -> Self {
        match (written >= WHOLE, spoken >= WHOLE) {
            (true, true) => Self::Whole,
            (false, true) => Self::Part,
            (true, false) if spoken > 0.5 => Self::Whole,
            (true, false) => Self::Within,
            (false, false) => Self::Overlap,
        }
    }
}

/// Whether a text belongs to a recording, and why. `Display` gives the reason in a sentence without
/// its full stop.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Verdict {
    /// How much of each belongs to the other.
    pub fit: Fit,
    /// The share, 0 to 1, of the written words that stand in runs that agree.
    pub written: f64,
    /// The share of the spoken words that do.
    pub spoken: f64,
    /// The longest such run, in written words.
    pub longest: usize,
}

impl Verdict {
    /// Whether the text belongs to the recording, wholly or in part.
    pub fn belongs(&self) -> Belongs {
        match self.fit {
            Fit::Whole | Fit::Part | Fit::Within | Fit::Overlap => Belongs::Yes,
            Fit::None => Belongs::No,
            Fit::Short | Fit::Unclear | Fit::Silent => Belongs::Unknown,
        }
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (written, spoken) = (self.written * 100.0, self.spoken * 100.0);
        match self.fit {
            Fit::Whole => write!(f, "{written:.0} % of the text is read"),
            Fit::Part => write!(f, "{written:.0} % of the text is read, and little else is said"),
            Fit::Within => write!(
                f,
                "the text is read within a longer recording, {spoken:.0} % of which it fills"
            ),
            Fit::Overlap => write!(
                f,
                "{written:.0} % of the text is read, and fills {spoken:.0} % of what is said"
            ),
            Fit::None => write!(
                f,
                "only {written:.0} % of the text and {spoken:.0} % of what is said agree, as in any two texts"
            ),
            Fit::Short => write!(f, "there is too little of the text or of speech to tell by"),
            Fit::Silent => write!(f, "nobody speaks in it, as far as can be heard"),
            Fit::Unclear => write!(
                f,
                "{written:.0} % of the text and {spoken:.0} % of what is said agree: more than by chance, and too little to be sure"
            ),
        }
    }
}

/// A run that agrees has so many heard words in a row at least; other words may stand between them
/// singly.
const RUN: usize = 4;
/// Text and sound belong together if this share of the shorter of the two agrees. Unrelated texts
/// reach some hundredths, right ones recognised with 40 % errors three quarters.
const ENOUGH: f64 = 0.2;
/// Or if a run is so long: nobody quotes that much.
const LONG: usize = 80;
/// Fewer words than this, of the shorter of the two, that do not agree may be misheard: they tell
/// nothing.
const FEW: usize = 15;
/// From this share on, chance is no explanation.
const MORE_THAN_CHANCE: f64 = 0.1;
/// What is as good as whole.
const WHOLE: f64 = 0.7;
/// From this confidence on a word counts as heard.
const SURE: f32 = 0.45;

/// Judges an alignment made by [`align`](super::align).
pub fn verdict(article: &Article, transcript: &Transcript, alignment: &Alignment) -> Verdict {
    let read: Vec<usize> = (0..article.sentences.len())
        .filter(|index| article.sentences[*index].skip.is_none())
        .collect();
    let n_written: usize = read.iter().map(|index| article.sentences[*index].words.len()).sum();
    let n_spoken = transcript.words().count();
    let mut n_agreeing = (0, 0);
    let mut longest = 0;
    for (words, spoken) in runs(alignment) {
        if words >= RUN.min(n_written.max(1)) {
            n_agreeing = (n_agreeing.0 + words, n_agreeing.1 + spoken);
            longest = longest.max(words);
        }
    }
    let share = |part: usize, whole: usize| {
        if whole == 0 { 0.0 } else { (part as f64 / whole as f64).min(1.0) }
    };
    let (written, spoken) = (share(n_agreeing.0, n_written), share(n_agreeing.1, n_spoken));
    let fit = match written.max(spoken) {
        share if share >= ENOUGH || longest >= LONG => Fit::of(written, spoken),
        _ if n_written.min(n_spoken) < FEW => Fit::Short,
        share if share >= MORE_THAN_CHANCE => Fit::Unclear,
        _ => Fit::None,
    };
    Verdict { fit, written, spoken, longest }
}

/// The written and spoken lengths of the runs of words that agree, at most one other word between
/// any two.
fn runs(alignment: &Alignment) -> Vec<(usize, usize)> {
    let mut runs: Vec<(usize, usize)> = Vec::new();
    let mut last: Option<(usize, usize)> = None;
    for (index, timing) in alignment.words.iter().enumerate() {
        if timing.confidence < SURE || timing.spoken.is_empty() {
            continue;
        }
        let goes_on = last
            .is_some_and(|(word, spoken)| index - word <= 2 && timing.spoken.start <= spoken + 1);
        match runs.last_mut() {
            Some(run) if goes_on => *run = (run.0 + 1, run.1 + timing.spoken.len()),
            _ => runs.push((1, timing.spoken.len())),
        }
        last = Some((index, timing.spoken.end));
    }
    runs
}
