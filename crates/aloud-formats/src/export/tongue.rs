//! Whose short words are these, and do capitals tell names here?
//!
//! Told from a whole text by the short words that it is full of, since a line or two tell nothing.
//! This room never knows lines or cues.

use crate::transcript::characters::is_spoken;
use std::collections::BTreeSet;

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
    /// Short words are Spanish.
    Spanish,
    /// Short words are Italian.
    Italian,
    /// Short words are Portuguese.
    Portuguese,
}

/// So many different short words of a language there have to be before it is taken for that one. A
/// single word is nobody's sign: Dutch is full of "de", Croatian of "je".
const FEWEST: usize = 3;
/// And of so many words one has to be such a word. In prose of a language it is every third; in
/// that of others, which share a word with it by chance, it is hardly every seventh.
const ONE_OF: usize = 5;
/// No more words are looked at.
const MOST: usize = 20_000;

/// The short words of a language.
struct Habits {
    tongue: Tongue,
    /// Those that it is told by: frequent, and few in the languages that are not its kin. So there
    /// are none that English prose uses ("son", "per", "die"), none that others are full of (Dutch
    /// "en", Croatian "da", "na", "se", "su", Indonesian "di"). What another language may have all
    /// the same ("de") makes no such share of its words.
    frequent: &'static [&'static str],
    /// What is tied to the next word with an apostrophe.
    elided: &'static [&'static str],
    /// Words with which a phrase begins.
    beginners: &'static [&'static str],
    /// Words that lean on the one after them.
    leaners: &'static [&'static str],
    /// Those of them after which nobody stops but to think. Of English and German there are none:
    /// a preposition may be the last word of a clause there.
    binders: &'static [&'static str],
}

impl Habits {
    /// Whether `word` is one of `list`, or begins with one and an apostrophe.
    fn begins(&self, list: &[&str], word: &str) -> bool {
        list.contains(&word) || self.parted(word).is_some_and(|(first, _)| list.contains(&first))
    }

    /// Whether `word` is one of `list`, or ends with one behind an apostrophe ("d'une").
    fn ends(&self, list: &[&str], word: &str) -> bool {
        list.contains(&word) || self.parted(word).is_some_and(|(_, rest)| list.contains(&rest))
    }

    /// The one of the words that the language is told by that `word` is, or begins with.
    fn sign<'a>(&self, word: &'a str) -> Option<&'a str> {
        let elided = || {
            let (first, rest) = self.parted(word)?;
            (self.elided.contains(&first) && rest.len() > 1).then_some(first)
        };
        if self.frequent.contains(&word) { Some(word) } else { elided() }
    }

    /// What an apostrophe parts, in languages that tie words with it.
    fn parted<'a>(&self, word: &'a str) -> Option<(&'a str, &'a str)> {
        word.split_once(['\'', '’']).filter(|_| !self.elided.is_empty())
    }
}

impl Tongue {
    /// That of `texts` together. Linear.
    pub fn of<'a>(texts: impl Iterator<Item = &'a str>) -> Self {
        let mut counts = [0; HABITS.len()];
        let mut signs = [const { BTreeSet::<String>::new() }; HABITS.len()];
        let mut n_words = 0;
        for word in texts.flat_map(str::split_whitespace).take(MOST) {
            let word = word.trim_matches(|c| !is_spoken(c)).to_lowercase();
            n_words += usize::from(!word.is_empty());
            for ((count, signs), habits) in counts.iter_mut().zip(&mut signs).zip(&HABITS) {
                let Some(sign) = habits.sign(&word) else { continue };
                *count += 1;
                if signs.len() < FEWEST && !signs.contains(sign) {
                    signs.insert(sign.to_owned());
                }
            }
        }
        let most = counts.into_iter().max().unwrap_or(0);
        // English goes before what is no surer.
        let found = HABITS.iter().zip(counts).zip(signs).find(|((_, count), _)| *count == most);
        found
            .filter(|(_, signs)| signs.len() >= FEWEST && most * ONE_OF >= n_words)
            .map_or(Self::English, |((habits, _), _)| habits.tongue)
    }

    fn habits(self) -> &'static Habits {
        &HABITS[self as usize]
    }

    /// Whether a capital inside a sentence is a sign of a name.
    pub fn has_named_capitals(self) -> bool {
        self != Self::German
    }

    /// Whether what describes a noun stands behind it, so that a phrase's last word leans on the
    /// one before.
    pub fn describes_behind(self) -> bool {
        !matches!(self, Self::English | Self::German)
    }

    /// Words with which a phrase begins.
    pub fn begins_phrase(self, word: &str) -> bool {
        let habits = self.habits();
        habits.begins(habits.beginners, word)
    }

    /// Words that lean on the one after them.
    pub fn leans(self, word: &str) -> bool {
        let habits = self.habits();
        habits.ends(habits.leaners, word) || self.binds(word)
    }

    /// Words that lean on the one after them though the speaker stops between them: articles,
    /// prepositions and conjunctions where those end no clause.
    pub fn binds(self, word: &str) -> bool {
        let habits = self.habits();
        habits.ends(habits.binders, word)
    }
}

/// In the order of [`Tongue`].
static HABITS: [Habits; 6] = [
    Habits {
        tongue: Tongue::English,
        frequent: &[
            "the", "of", "and", "to", "is", "that", "it", "for", "with", "be", "have", "not",
            "you", "this", "are", "from", "had", "by", "they", "his", "her", "which", "we", "she",
            "he", "my", "at", "or",
        ],
        elided: &[],
        beginners: &[
            "and", "or", "but", "nor", "because", "that", "which", "who", "whose", "when", "where",
            "while", "if", "unless", "although", "though", "as", "than", "so", "before", "after",
            "since", "until", "of", "in", "on", "at", "for", "from", "with", "without", "to", "by",
            "into", "onto", "over", "under", "about", "between", "through", "during", "against",
            "among", "within", "like", "toward", "towards",
        ],
        leaners: &[
            "a", "an", "the", "my", "your", "his", "her", "its", "our", "their", "this", "these",
            "those", "some", "any", "no", "every", "each", "i", "we", "he", "she", "they", "you",
            "is", "are", "was", "were", "be", "been", "am", "has", "have", "had", "will", "would",
            "can", "could", "should", "may", "might", "must", "not", "do", "does", "did", "to",
            "of", "in", "on", "at", "for", "from", "with", "by", "and", "or", "but", "very",
            "more", "most", "million", "billion", "trillion",
        ],
        binders: &[],
    },
    Habits {
        tongue: Tongue::German,
        frequent: &[
            "der", "das", "und", "nicht", "ist", "ein", "eine", "einen", "einem", "einer", "dem",
            "mit", "auf", "für", "von", "zu", "zum", "zur", "im", "sich", "auch", "wir", "ich",
            "sie", "wie", "wo", "wer", "sein", "ihr", "aus", "bei", "nach", "wird", "sind", "daß",
            "dass", "als", "habe", "es", "aber", "noch", "nur", "vom", "dir", "mir", "oder",
            "wenn", "haben", "kein", "mein", "meine", "meinem", "ihre", "ihren", "uns", "ihm",
            "viele", "diese",
        ],
        elided: &[],
        beginners: &[
            "und", "oder", "aber", "denn", "sondern", "weil", "dass", "daß", "ob", "wenn", "als",
            "während", "bevor", "nachdem", "obwohl", "damit", "in", "im", "ins", "an", "am", "ans",
            "auf", "aufs", "aus", "bei", "beim", "mit", "nach", "von", "vom", "zu", "zum", "zur",
            "für", "gegen", "ohne", "um", "durch", "über", "unter", "vor", "hinter", "neben",
            "zwischen", "seit", "bis", "wie", "wo", "wer", "wegen", "trotz",
        ],
        leaners: &[
            "der", "die", "das", "den", "dem", "des", "ein", "eine", "einen", "einem", "einer",
            "eines", "mein", "meine", "dein", "deine", "sein", "seine", "ihr", "ihre", "unser",
            "unsere", "kein", "keine", "dieser", "diese", "dieses", "diesen", "diesem", "jeder",
            "jede", "jedes", "in", "im", "ins", "an", "am", "auf", "aus", "bei", "beim", "mit",
            "nach", "von", "vom", "zu", "zum", "zur", "für", "gegen", "ohne", "um", "durch",
            "über", "unter", "vor", "und", "oder", "aber", "dass", "daß", "ich", "du", "er", "es",
            "wir", "ist", "sind", "war", "waren", "hat", "haben", "wird", "werden", "nicht",
            "sehr", "so", "zwei", "drei", "vier", "als", "wie",
        ],
        binders: &[],
    },
    Habits {
        tongue: Tongue::French,
        frequent: &[
            "le", "la", "les", "un", "une", "de", "du", "au", "aux", "et", "est", "que", "qui",
            "dans", "ne", "je", "il", "elle", "nous", "vous", "ce", "cette", "ces", "mais", "avec",
            "sont", "ainsi", "où", "mes", "leur", "quand", "tout", "tous", "très", "fait", "était",
            "ils", "elles", "bien", "comme", "si", "été", "sans", "deux",
        ],
        elided: &["l", "d", "j", "qu", "n", "c", "s"],
        beginners: &[
            "et", "ou", "mais", "car", "donc", "ni", "que", "qui", "dont", "où", "quand", "comme",
            "si", "lorsque", "parce", "puisque", "afin", "ainsi", "de", "du", "des", "à", "au",
            "aux", "dans", "en", "sur", "sous", "pour", "par", "avec", "sans", "chez", "entre",
            "vers", "depuis", "pendant", "avant", "après", "contre", "malgré", "selon", "jusqu",
            "devant", "d", "qu", "lorsqu", "puisqu",
        ],
        leaners: &[
            "je", "tu", "il", "elle", "on", "nous", "vous", "ils", "elles", "est", "sont", "a",
            "ont", "ai", "as", "était", "étaient", "ne", "se", "me", "te", "très", "plus", "moins",
            "si", "deux", "trois", "quelques", "chaque",
        ],
        binders: &[
            "le", "la", "les", "un", "une", "des", "du", "de", "à", "au", "aux", "mon", "ma",
            "mes", "ton", "ta", "tes", "son", "sa", "ses", "notre", "nos", "votre", "vos", "leur",
            "leurs", "ce", "cet", "cette", "ces", "et", "ou", "mais", "que", "qui", "dont", "dans",
            "en", "sur", "sous", "pour", "par", "avec", "sans", "chez", "entre", "vers", "car",
            "ni", "comme", "quand", "où", "lorsque", "depuis", "contre", "selon", "malgré",
        ],
    },
    Habits {
        tongue: Tongue::Spanish,
        frequent: &[
            "el", "la", "los", "las", "un", "una", "de", "del", "al", "y", "que", "es", "por",
            "para", "con", "como", "más", "pero", "sus", "este", "esta", "cuando", "muy", "sobre",
            "también", "hasta", "donde", "fue", "mi", "había", "cada", "nos", "otros", "hoy",
            "todo", "todos", "algo", "así", "porque",
        ],
        elided: &[],
        beginners: &[
            "y", "e", "o", "u", "ni", "pero", "sino", "que", "quien", "quienes", "cuyo", "cuya",
            "donde", "cuando", "como", "porque", "aunque", "mientras", "si", "pues", "de", "del",
            "a", "al", "en", "con", "por", "para", "sin", "sobre", "entre", "desde", "hasta",
            "hacia", "según", "contra", "durante", "mediante", "bajo", "tras", "ante", "antes",
            "después",
        ],
        leaners: &[
            "este", "esta", "estos", "estas", "ese", "esa", "esos", "esas", "cada", "muy", "más",
            "tan", "me", "te", "se", "nos", "no", "es", "son", "era", "fue", "ha", "han", "he",
            "había", "hay", "está", "están", "dos", "tres",
        ],
        binders: &[
            "el", "la", "los", "las", "lo", "un", "una", "unos", "unas", "mi", "mis", "tu", "tus",
            "su", "sus", "nuestro", "nuestra", "nuestros", "nuestras", "de", "del", "a", "al",
            "en", "con", "por", "para", "sin", "sobre", "entre", "desde", "hasta", "hacia",
            "según", "contra", "bajo", "tras", "ante", "y", "e", "o", "u", "ni", "pero", "que",
            "si", "como", "cuando", "donde", "porque", "aunque",
        ],
    },
    Habits {
        tongue: Tongue::Italian,
        frequent: &[
            "il", "lo", "la", "gli", "le", "un", "uno", "una", "del", "della", "dei", "delle",
            "degli", "dal", "dalla", "nel", "nella", "sul", "sulla", "al", "alla", "che", "e", "è",
            "non", "con", "più", "anche", "sono", "questo", "questa", "nei", "nelle", "dai", "suo",
            "sua", "loro", "quando", "perché", "così", "molto", "mia", "mio", "nostro", "tutti",
            "hanno", "cosa", "quello",
        ],
        elided: &["l", "d", "c", "s", "un", "dell", "all", "nell", "dall", "sull", "quell", "anch"],
        beginners: &[
            "e", "ed", "o", "ma", "che", "cui", "dove", "quando", "come", "perché", "mentre", "se",
            "poiché", "di", "del", "dello", "della", "dei", "degli", "delle", "dell", "d", "da",
            "dal", "dallo", "dalla", "dai", "dagli", "dalle", "dall", "in", "nel", "nello",
            "nella", "nei", "negli", "nelle", "nell", "a", "al", "allo", "alla", "ai", "agli",
            "alle", "all", "con", "su", "sul", "sullo", "sulla", "sui", "sugli", "sulle", "sull",
            "per", "tra", "fra", "senza", "verso", "contro", "durante", "dopo", "prima", "secondo",
            "fino", "sotto", "sopra",
        ],
        leaners: &[
            "mio", "mia", "miei", "mie", "tuo", "tua", "suo", "sua", "suoi", "sue", "nostro",
            "nostra", "loro", "questo", "questa", "questi", "queste", "quel", "quella", "quei",
            "ogni", "non", "è", "sono", "era", "ha", "hanno", "ho", "mi", "ti", "si", "ci", "vi",
            "ne", "molto", "più", "due", "tre",
        ],
        binders: &[
            "il", "lo", "la", "i", "gli", "le", "un", "uno", "una", "di", "del", "dello", "della",
            "dei", "degli", "delle", "da", "dal", "dallo", "dalla", "dai", "dagli", "dalle", "in",
            "nel", "nello", "nella", "nei", "negli", "nelle", "a", "al", "allo", "alla", "ai",
            "agli", "alle", "con", "su", "sul", "sullo", "sulla", "sui", "sugli", "sulle", "per",
            "tra", "fra", "e", "ed", "o", "ma", "che", "se", "come", "quando", "dove", "perché",
        ],
    },
    Habits {
        tongue: Tongue::Portuguese,
        frequent: &[
            "o", "os", "uma", "de", "dos", "das", "em", "nos", "nas", "e", "é", "que", "não",
            "por", "para", "com", "mais", "como", "mas", "ao", "à", "pelo", "pela", "seu", "sua",
            "ele", "ela", "foi", "são", "minha", "meu", "eu", "muito", "quando", "aos", "isso",
            "esta", "isto", "também", "já", "onde", "todos", "nós", "pelos", "te", "num", "numa",
        ],
        elided: &[],
        beginners: &[
            "e", "ou", "mas", "nem", "que", "quem", "cujo", "cuja", "onde", "quando", "como",
            "porque", "embora", "enquanto", "se", "pois", "de", "do", "da", "dos", "das", "em",
            "no", "na", "nos", "nas", "ao", "aos", "à", "às", "por", "pelo", "pela", "pelos",
            "pelas", "para", "com", "sem", "sobre", "entre", "desde", "até", "contra", "durante",
            "após", "antes", "depois", "segundo",
        ],
        leaners: &[
            "este", "esta", "estes", "estas", "esse", "essa", "cada", "me", "te", "não", "é",
            "são", "era", "foi", "tem", "têm", "há", "muito", "mais", "tão", "dois", "duas",
            "três",
        ],
        binders: &[
            "o", "a", "os", "as", "um", "uma", "uns", "umas", "meu", "minha", "teu", "tua", "seu",
            "sua", "seus", "suas", "nosso", "nossa", "de", "do", "da", "dos", "das", "em", "no",
            "na", "nos", "nas", "num", "numa", "ao", "aos", "à", "às", "por", "pelo", "pela",
            "pelos", "pelas", "para", "com", "sem", "sobre", "entre", "desde", "até", "e", "ou",
            "mas", "que", "se", "como", "quando", "onde", "porque",
        ],
    },
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
            ("El río creció por la noche, y nadie sabía que el puente no estaba.", Tongue::Spanish),
            (
                "Il fiume è salito nella notte, e nessuno sapeva che il ponte non c’era.",
                Tongue::Italian,
            ),
            (
                "O rio subiu durante a noite, e ninguém sabia que a ponte não estava.",
                Tongue::Portuguese,
            ),
            // Ordinary sentences, without more short words than usual.
            (
                "Mi abuela vivía en una casa pequeña cerca del puerto, donde los barcos llegaban \
                 cada mañana.",
                Tongue::Spanish,
            ),
            (
                "Mia nonna viveva in una piccola casa vicino al porto, dove le barche arrivavano \
                 ogni mattina con il pesce fresco.",
                Tongue::Italian,
            ),
            (
                "Minha avó morava em uma casa pequena perto do porto, onde os barcos chegavam \
                 todas as manhãs.",
                Tongue::Portuguese,
            ),
            (
                "Als der Krieg zu Ende war, kehrten viele in ihre Dörfer zurück, aber andere \
                 blieben in der Stadt.",
                Tongue::German,
            ),
            // Prose of others, which has a word or two of theirs, however long it is.
            (
                "De rivier kwam in de nacht over de weg, en niemand wist dat de brug er niet meer \
                 was. De man en de vrouw liepen naar de winkel en kochten brood.",
                Tongue::English,
            ),
            (
                "Rekao je da se vratio na otok, a ona mu nije vjerovala. Je li to istina, ne zna \
                 se, jer su svi na brodu i da ih pitamo ne bi nam rekli.",
                Tongue::English,
            ),
            (
                "Dia bekerja di kantor di Jakarta, tetapi keluarganya tinggal di desa, di rumah \
                 kecil di dekat pelabuhan.",
                Tongue::English,
            ),
            (
                "Floden steg om natten, og der er ingen der vidste at broen var væk.",
                Tongue::English,
            ),
            // English words that others have as well.
            (
                "Her son cut hay, sur par, per acre: ha! Ma, pour a pint; das is bad.",
                Tongue::English,
            ),
            // Too little to go by.
            ("de la mer", Tongue::English),
            ("De de de de de de", Tongue::English),
            ("Die Hard", Tongue::English),
            ("今天天氣很好", Tongue::English),
            ("", Tongue::English),
        ] {
            assert_eq!(Tongue::of([text].into_iter()), want, "{text}");
        }
    }

    #[test]
    fn habits_stand_in_the_order_of_their_tongues() {
        for habits in &HABITS {
            assert_eq!(habits.tongue.habits().tongue, habits.tongue);
        }
    }
}
