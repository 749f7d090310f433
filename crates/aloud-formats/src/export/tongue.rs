//! Whose short words are these, and do capitals tell names here?
//!
//! Told from a whole text by the short words that it is full of, since a line or two tell nothing.
//! This room never knows lines or cues.

use crate::transcript::characters::is_spoken;

/// The language whose habits a text is broken by. What is none of these goes by English, whose
/// words it does not have.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Tongue {
    /// Short words are English, and a capital inside a sentence begins a name.
    #[default]
    English,
    /// Short words are German, and every noun has a capital.
    German,
    /// Short words are French.
    French,
}

/// So many short words of a language there have to be before it is taken for that one.
const FEWEST: usize = 3;
/// No more words are looked at.
const MOST: usize = 20_000;

/// Short words that are few in the other languages.
const ENGLISH: [&str; 28] = [
    "the", "of", "and", "to", "is", "that", "it", "for", "with", "be", "have", "not", "you",
    "this", "are", "from", "had", "by", "they", "his", "her", "which", "we", "she", "he", "my",
    "at", "or",
];
const GERMAN: [&str; 40] = [
    "der", "die", "das", "und", "nicht", "ist", "ein", "eine", "einen", "einem", "einer", "den",
    "dem", "mit", "auf", "für", "von", "zu", "zum", "zur", "im", "sich", "auch", "wir", "ich",
    "er", "sie", "wie", "wo", "wer", "sein", "ihr", "aus", "bei", "nach", "wird", "sind", "hat",
    "daß", "dass",
];
const FRENCH: [&str; 34] = [
    "le", "la", "les", "un", "une", "des", "de", "du", "au", "aux", "et", "est", "que", "qui",
    "dans", "pour", "par", "sur", "pas", "ne", "je", "il", "elle", "nous", "vous", "ce", "cette",
    "ces", "mais", "avec", "sont", "ainsi", "ma", "où",
];
/// What French words are tied to the next one with.
const ELIDED: [&str; 7] = ["l", "d", "j", "qu", "n", "c", "s"];

impl Tongue {
    /// That of `texts` together. Linear.
    pub fn of<'a>(texts: impl Iterator<Item = &'a str>) -> Self {
        let mut counts = [0, 0, 0];
        for word in texts.flat_map(str::split_whitespace).take(MOST) {
            let word = word.trim_matches(|c| !is_spoken(c)).to_lowercase();
            let is_elided = word
                .split_once(['\'', '’'])
                .is_some_and(|(first, rest)| ELIDED.contains(&first) && rest.len() > 1);
            let is_one = [
                ENGLISH.contains(&word.as_str()),
                GERMAN.contains(&word.as_str()),
                FRENCH.contains(&word.as_str()) || is_elided,
            ];
            for (count, is_one) in counts.iter_mut().zip(is_one) {
                *count += usize::from(is_one);
            }
        }
        let [english, german, french] = counts;
        match () {
            () if german >= FEWEST && german > english.max(french) => Self::German,
            () if french >= FEWEST && french > english.max(german) => Self::French,
            () => Self::English,
        }
    }

    /// Whether a capital inside a sentence is a sign of a name.
    pub fn has_named_capitals(self) -> bool {
        self != Self::German
    }

    /// Words with which a phrase begins.
    pub fn begins_phrase(self, word: &str) -> bool {
        match self {
            Self::English => ENGLISH_BEGINNERS.contains(&word),
            Self::German => GERMAN_BEGINNERS.contains(&word),
            Self::French => {
                FRENCH_BEGINNERS.contains(&word)
                    || word
                        .split_once(['\'', '’'])
                        .is_some_and(|(first, _)| ["d", "qu"].contains(&first))
            }
        }
    }

    /// Words that lean on the one after them.
    pub fn leans(self, word: &str) -> bool {
        match self {
            Self::English => ENGLISH_LEANERS.contains(&word),
            Self::German => GERMAN_LEANERS.contains(&word),
            Self::French => FRENCH_LEANERS.contains(&word),
        }
    }
}

const ENGLISH_BEGINNERS: [&str; 47] = [
    "and", "or", "but", "nor", "because", "that", "which", "who", "whose", "when", "where",
    "while", "if", "unless", "although", "though", "as", "than", "so", "before", "after", "since",
    "until", "of", "in", "on", "at", "for", "from", "with", "without", "to", "by", "into", "onto",
    "over", "under", "about", "between", "through", "during", "against", "among", "within", "like",
    "toward", "towards",
];

const ENGLISH_LEANERS: [&str; 64] = [
    "a", "an", "the", "my", "your", "his", "her", "its", "our", "their", "this", "these", "those",
    "some", "any", "no", "every", "each", "i", "we", "he", "she", "they", "you", "is", "are",
    "was", "were", "be", "been", "am", "has", "have", "had", "will", "would", "can", "could",
    "should", "may", "might", "must", "not", "do", "does", "did", "to", "of", "in", "on", "at",
    "for", "from", "with", "by", "and", "or", "but", "very", "more", "most", "million", "billion",
    "trillion",
];

const GERMAN_BEGINNERS: [&str; 52] = [
    "und", "oder", "aber", "denn", "sondern", "weil", "dass", "daß", "ob", "wenn", "als",
    "während", "bevor", "nachdem", "obwohl", "damit", "in", "im", "ins", "an", "am", "ans", "auf",
    "aufs", "aus", "bei", "beim", "mit", "nach", "von", "vom", "zu", "zum", "zur", "für", "gegen",
    "ohne", "um", "durch", "über", "unter", "vor", "hinter", "neben", "zwischen", "seit", "bis",
    "wie", "wo", "wer", "wegen", "trotz",
];

const GERMAN_LEANERS: [&str; 82] = [
    "der", "die", "das", "den", "dem", "des", "ein", "eine", "einen", "einem", "einer", "eines",
    "mein", "meine", "dein", "deine", "sein", "seine", "ihr", "ihre", "unser", "unsere", "kein",
    "keine", "dieser", "diese", "dieses", "diesen", "diesem", "jeder", "jede", "jedes", "in", "im",
    "ins", "an", "am", "auf", "aus", "bei", "beim", "mit", "nach", "von", "vom", "zu", "zum",
    "zur", "für", "gegen", "ohne", "um", "durch", "über", "unter", "vor", "und", "oder", "aber",
    "dass", "daß", "ich", "du", "er", "es", "wir", "ist", "sind", "war", "waren", "hat", "haben",
    "wird", "werden", "nicht", "sehr", "so", "zwei", "drei", "vier", "als", "wie",
];

const FRENCH_BEGINNERS: [&str; 44] = [
    "et", "ou", "mais", "car", "donc", "ni", "que", "qui", "dont", "où", "quand", "comme", "si",
    "lorsque", "parce", "puisque", "afin", "ainsi", "de", "du", "des", "à", "au", "aux", "dans",
    "en", "sur", "sous", "pour", "par", "avec", "sans", "chez", "entre", "vers", "depuis",
    "pendant", "avant", "après", "contre", "malgré", "selon", "jusqu", "devant",
];

const FRENCH_LEANERS: [&str; 76] = [
    "le", "la", "les", "un", "une", "des", "du", "de", "à", "au", "aux", "mon", "ma", "mes", "ton",
    "ta", "tes", "son", "sa", "ses", "notre", "nos", "votre", "vos", "leur", "leurs", "ce", "cet",
    "cette", "ces", "je", "tu", "il", "elle", "on", "nous", "vous", "ils", "elles", "est", "sont",
    "a", "ont", "ai", "as", "était", "étaient", "ne", "se", "me", "te", "et", "ou", "mais", "que",
    "qui", "dont", "dans", "en", "sur", "sous", "pour", "par", "avec", "sans", "chez", "entre",
    "vers", "très", "plus", "moins", "si", "deux", "trois", "quelques", "chaque",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn told_by_short_words() {
        for (text, want) in [
            ("The river came over the road, and it was the end of that.", Tongue::English),
            (
                "Der Zug fährt in Richtung Norden, und die Leute auf dem Bahnsteig winken.",
                Tongue::German,
            ),
            ("J'ai fait une bonne partie de ma carrière en traduction.", Tongue::French),
            ("L’eau n’est pas d’ici.", Tongue::French),
            // Too little to go by.
            ("Die Hard", Tongue::English),
            ("今天天氣很好", Tongue::English),
            ("", Tongue::English),
        ] {
            assert_eq!(Tongue::of([text].into_iter()), want, "{text}");
        }
    }
}
