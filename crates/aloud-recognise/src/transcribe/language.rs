//! Which language is spoken?
//!
//! Whisper takes an unknown language code as a token of something else and says nothing, so codes
//! are checked here first; and it looks at the first window only, so what several windows say is
//! weighed here. This file never hears the sound.

use crate::reason::Hinted;

/// The languages Whisper was trained on, by their code: ISO 639-1 where there is one.
pub const LANGUAGES: [(&str, &str); 100] = [
    ("af", "Afrikaans"),
    ("am", "Amharic"),
    ("ar", "Arabic"),
    ("as", "Assamese"),
    ("az", "Azerbaijani"),
    ("ba", "Bashkir"),
    ("be", "Belarusian"),
    ("bg", "Bulgarian"),
    ("bn", "Bengali"),
    ("bo", "Tibetan"),
    ("br", "Breton"),
    ("bs", "Bosnian"),
    ("ca", "Catalan"),
    ("cs", "Czech"),
    ("cy", "Welsh"),
    ("da", "Danish"),
    ("de", "German"),
    ("el", "Greek"),
    ("en", "English"),
    ("es", "Spanish"),
    ("et", "Estonian"),
    ("eu", "Basque"),
    ("fa", "Persian"),
    ("fi", "Finnish"),
    ("fo", "Faroese"),
    ("fr", "French"),
    ("gl", "Galician"),
    ("gu", "Gujarati"),
    ("ha", "Hausa"),
    ("haw", "Hawaiian"),
    ("he", "Hebrew"),
    ("hi", "Hindi"),
    ("hr", "Croatian"),
    ("ht", "Haitian Creole"),
    ("hu", "Hungarian"),
    ("hy", "Armenian"),
    ("id", "Indonesian"),
    ("is", "Icelandic"),
    ("it", "Italian"),
    ("ja", "Japanese"),
    ("jw", "Javanese"),
    ("ka", "Georgian"),
    ("kk", "Kazakh"),
    ("km", "Khmer"),
    ("kn", "Kannada"),
    ("ko", "Korean"),
    ("la", "Latin"),
    ("lb", "Luxembourgish"),
    ("ln", "Lingala"),
    ("lo", "Lao"),
    ("lt", "Lithuanian"),
    ("lv", "Latvian"),
    ("mg", "Malagasy"),
    ("mi", "Maori"),
    ("mk", "Macedonian"),
    ("ml", "Malayalam"),
    ("mn", "Mongolian"),
    ("mr", "Marathi"),
    ("ms", "Malay"),
    ("mt", "Maltese"),
    ("my", "Myanmar"),
    ("ne", "Nepali"),
    ("nl", "Dutch"),
    ("nn", "Nynorsk"),
    ("no", "Norwegian"),
    ("oc", "Occitan"),
    ("pa", "Punjabi"),
    ("pl", "Polish"),
    ("ps", "Pashto"),
    ("pt", "Portuguese"),
    ("ro", "Romanian"),
    ("ru", "Russian"),
    ("sa", "Sanskrit"),
    ("sd", "Sindhi"),
    ("si", "Sinhala"),
    ("sk", "Slovak"),
    ("sl", "Slovenian"),
    ("sn", "Shona"),
    ("so", "Somali"),
    ("sq", "Albanian"),
    ("sr", "Serbian"),
    ("su", "Sundanese"),
    ("sv", "Swedish"),
    ("sw", "Swahili"),
    ("ta", "Tamil"),
    ("te", "Telugu"),
    ("tg", "Tajik"),
    ("th", "Thai"),
    ("tk", "Turkmen"),
    ("tl", "Tagalog"),
    ("tr", "Turkish"),
    ("tt", "Tatar"),
    ("uk", "Ukrainian"),
    ("ur", "Urdu"),
    ("uz", "Uzbek"),
    ("vi", "Vietnamese"),
    ("yi", "Yiddish"),
    ("yo", "Yoruba"),
    ("yue", "Cantonese"),
    ("zh", "Chinese"),
];

/// A language code that Whisper does not know.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("unknown language `{given}`")]
pub struct UnknownLanguage {
    /// What was given.
    pub given: String,
}

impl Hinted for UnknownLanguage {
    fn hint(&self) -> Option<String> {
        let codes = LANGUAGES.map(|(code, _)| code).join(" ");
        Some(format!("give its English name, or one of: {codes}"))
    }
}

/// The code for what a user may write: a code in any case, an English name, or a locale such as
/// `zh-TW` or `en_US.UTF-8`.
///
/// # Errors
/// When Whisper knows no such language; the hint lists those it does know.
pub fn parse(given: &str) -> Result<&'static str, UnknownLanguage> {
    let lower = given.trim().to_lowercase();
    let main = lower.split(['-', '_', '.']).next().unwrap_or_default();
    let main = aloud_units::language::short(main).unwrap_or(main);
    // A locale may say Cantonese and Norwegian in more than one way.
    let main = match main {
        "nb" => "no",
        "fil" => "tl",
        "jv" => "jw",
        other => other,
    };
    let is_it = |(code, name): &&(&'static str, &'static str)| {
        *code == main || name.to_lowercase() == lower
    };
    LANGUAGES
        .iter()
        .find(is_it)
        .map(|(code, _)| *code)
        .ok_or_else(|| UnknownLanguage { given: given.to_owned() })
}

/// The English name of a code; the code itself where it is unknown.
pub fn name(code: &str) -> &str {
    LANGUAGES.iter().find(|(c, _)| *c == code).map_or(code, |(_, name)| name)
}

/// Alphabets other than the Latin one, which all languages borrow names in, by the blocks of the
/// Unicode Character Database (Blocks.txt) that hold their letters, and the languages of
/// [`LANGUAGES`] that are written in them.
const ALPHABETS: [(&[(char, char)], &str); 25] = [
    (&[('\u{370}', '\u{3FF}'), ('\u{1F00}', '\u{1FFF}')], "el"),
    (
        &[
            ('\u{400}', '\u{52F}'),
            ('\u{1C80}', '\u{1C8F}'),
            ('\u{2DE0}', '\u{2DFF}'),
            ('\u{A640}', '\u{A69F}'),
        ],
        "az ba be bg bs kk mk mn ru sr tg tk tt uk uz",
    ),
    (&[('\u{530}', '\u{58F}')], "hy"),
    (&[('\u{590}', '\u{5FF}')], "he yi"),
    (
        &[
            ('\u{600}', '\u{6FF}'),
            ('\u{750}', '\u{77F}'),
            ('\u{8A0}', '\u{8FF}'),
            ('\u{FB50}', '\u{FDFF}'),
            ('\u{FE70}', '\u{FEFE}'),
        ],
        "ar az fa ha kk ms pa ps sd ur",
    ),
    (&[('\u{900}', '\u{97F}'), ('\u{A8E0}', '\u{A8FF}')], "hi mr ne sa sd"),
    (&[('\u{980}', '\u{9FF}')], "as bn"),
    (&[('\u{A00}', '\u{A7F}')], "pa"),
    (&[('\u{A80}', '\u{AFF}')], "gu"),
    (&[('\u{B80}', '\u{BFF}')], "ta"),
    (&[('\u{C00}', '\u{C7F}')], "te"),
    (&[('\u{C80}', '\u{CFF}')], "kn"),
    (&[('\u{D00}', '\u{D7F}')], "ml"),
    (&[('\u{D80}', '\u{DFF}')], "si"),
    (&[('\u{E00}', '\u{E7F}')], "th"),
    (&[('\u{E80}', '\u{EFF}')], "lo"),
    (&[('\u{F00}', '\u{FFF}')], "bo"),
    (&[('\u{1000}', '\u{109F}'), ('\u{AA60}', '\u{AA7F}')], "my"),
    (&[('\u{10A0}', '\u{10FF}'), ('\u{1C90}', '\u{1CBF}')], "ka"),
    (&[('\u{1100}', '\u{11FF}'), ('\u{3130}', '\u{318F}'), ('\u{AC00}', '\u{D7AF}')], "ko"),
    (&[('\u{1200}', '\u{139F}')], "am"),
    (&[('\u{1780}', '\u{17FF}')], "km"),
    (&[('\u{3041}', '\u{30FF}'), ('\u{31F0}', '\u{31FF}'), ('\u{FF66}', '\u{FF9F}')], "ja"),
    (&[('\u{3100}', '\u{312F}'), ('\u{31A0}', '\u{31BF}')], "zh yue"),
    (
        &[
            ('\u{3400}', '\u{4DBF}'),
            ('\u{4E00}', '\u{9FFF}'),
            ('\u{F900}', '\u{FAFF}'),
            ('\u{20000}', '\u{3FFFD}'),
        ],
        "zh yue ja ko",
    ),
];

/// Whether a letter belongs to an alphabet that the language of `code` is not written in. Latin
/// letters never do.
pub fn is_foreign(letter: char, code: &str) -> bool {
    let holds = |blocks: &[(char, char)]| {
        blocks.iter().any(|(first, last)| (*first..=*last).contains(&letter))
    };
    // The blocks have marks and digits too, some of them everybody's.
    letter.is_alphabetic()
        && ALPHABETS
            .iter()
            .find(|(blocks, _)| holds(blocks))
            .is_some_and(|(_, codes)| !codes.split(' ').any(|c| c == code))
}

/// How long a window is, and how likely each language is to be spoken in it.
pub type Vote = (f64, Vec<(String, f32)>);

/// The first windows agree when their votes are for one language by this share,
const AGREED_SHARE: f32 = 0.9;
/// and they are at least so many and so long in seconds. One alone may be a greeting in another
/// language.
const AGREED_WINDOWS: usize = 2;
const AGREED_S: f64 = 20.0;

/// The language that the first of `votes` agree on so well that the others need not be waited for,
/// with its share.
///
/// `votes` are in order of time, so that the answer is the same however many more there are.
pub fn agreed(votes: &[Vote]) -> Option<(String, f32)> {
    let enough =
        |first: &&[Vote]| first.iter().map(|(seconds, _)| seconds).sum::<f64>() >= AGREED_S;
    let firsts = (AGREED_WINDOWS..=votes.len()).map(|n| &votes[..n]).filter(enough);
    firsts.filter_map(weigh).find(|(_, share)| *share >= AGREED_SHARE)
}

/// The language that several windows agree on, with its share of their weighted votes, 0 to 1.
///
/// A window counts by its length in seconds, so that a jingle or a greeting in another language
/// does not decide. `None` when no window said anything.
pub fn weigh(votes: &[Vote]) -> Option<(String, f32)> {
    let mut sums: Vec<(&str, f64)> = Vec::new();
    for (seconds, found) in votes {
        for (code, p) in found {
            let add = seconds * f64::from(*p);
            match sums.iter_mut().find(|(c, _)| c == code) {
                Some((_, sum)) => *sum += add,
                None => sums.push((code, add)),
            }
        }
    }
    let total: f64 =
        votes.iter().filter(|(_, found)| !found.is_empty()).map(|(seconds, _)| seconds).sum();
    // The first of equals wins, so that the answer does not depend on the order of a sort.
    let best = sums.iter().fold(None::<&(&str, f64)>, |best, this| {
        if best.is_some_and(|b| b.1 >= this.1) { best } else { Some(this) }
    })?;
    Some((best.0.to_owned(), (best.1 / total.max(f64::MIN_POSITIVE)) as f32))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes() {
        for (given, want) in [
            ("en", Some("en")),
            ("ZH", Some("zh")),
            ("zh-TW", Some("zh")),
            ("zh_Hant_HK", Some("zh")),
            ("en_US.UTF-8", Some("en")),
            ("yue", Some("yue")),
            ("Haitian Creole", Some("ht")),
            ("nb-NO", Some("no")),
            ("ger", Some("de")),
            ("deu", Some("de")),
            ("chi", Some("zh")),
            ("cmn-Hans", Some("zh")),
            ("nep", Some("ne")),
            ("jav", Some("jw")),
            ("xx", None),
            ("", None),
        ] {
            assert_eq!(parse(given).ok(), want, "{given}");
        }
        assert!(parse("klingon").unwrap_err().hint().unwrap().contains(" yue "));
        assert!(LANGUAGES.is_sorted());
    }

    #[test]
    fn letters_of_other_alphabets() {
        for (letters, code, want) in [
            ("aéßŁ09.,", "zh", false),
            ("中々，。ㄅ", "zh", false),
            ("สวัดี", "zh", true),
            ("สวัดี", "th", false),
            ("かカ", "zh", true),
            ("かカ中ー", "ja", false),
            ("한국", "zh", true),
            ("한국韓", "ko", false),
            ("привет", "en", true),
            ("привет", "uk", false),
            ("中", "en", true),
            ("π", "en", true),
            ("سلام", "fa", false),
            ("سلام", "he", true),
            ("א", "xx", true),
            ("฿৳", "en", false),
        ] {
            let n_foreign = letters.chars().filter(|c| is_foreign(*c, code)).count();
            assert_eq!(n_foreign > 0, want, "{letters} in {code}");
        }
        let codes: Vec<&str> = ALPHABETS.iter().flat_map(|(_, codes)| codes.split(' ')).collect();
        assert!(
            codes.iter().all(|code| parse(code).is_ok_and(|known| known == *code)),
            "{codes:?}"
        );
        let blocks = || ALPHABETS.iter().flat_map(|(blocks, _)| blocks.iter());
        let overlap = |a: &(char, char), b: &(char, char)| a != b && a.0 <= b.1 && b.0 <= a.1;
        assert!(!blocks().any(|a| blocks().any(|b| overlap(a, b))));
    }

    #[test]
    fn several_windows_decide() {
        let says = |code: &str, p: f32| vec![(code.to_owned(), p), ("cy".to_owned(), 1.0 - p)];
        let cases: [(&[Vote], Option<&str>); 4] = [
            (&[], None),
            (
                &[(2.0, says("en", 0.9)), (25.0, says("zh", 0.8)), (28.0, says("zh", 0.9))],
                Some("zh"),
            ),
            (&[(10.0, says("en", 0.4))], Some("cy")),
            (&[(10.0, vec![])], None),
        ];
        for (votes, want) in cases {
            assert_eq!(weigh(votes).map(|(code, _)| code).as_deref(), want, "{votes:?}");
        }
    }

    #[test]
    fn the_first_windows_decide_where_they_agree() {
        let says = |code: &str, seconds: f64, p: f32| {
            (seconds, vec![(code.to_owned(), p), ("cy".to_owned(), 1.0 - p)])
        };
        for (votes, want) in [
            (vec![], None),
            (vec![says("de", 28.0, 0.99)], None),
            (vec![says("de", 6.0, 0.99), says("de", 8.0, 0.99)], None),
            (vec![says("de", 6.0, 0.99), says("de", 26.0, 0.99)], Some("de")),
            // A greeting in another language, and doubt.
            (vec![says("en", 28.0, 0.99), says("de", 28.0, 0.99)], None),
            (vec![says("de", 28.0, 0.95), says("de", 28.0, 0.6)], None),
            (
                vec![says("de", 28.0, 0.95), says("de", 28.0, 0.8), says("de", 28.0, 0.98)],
                Some("de"),
            ),
            // What comes later changes nothing.
            (
                vec![says("de", 28.0, 0.99), says("de", 28.0, 0.99), says("en", 28.0, 0.99)],
                Some("de"),
            ),
            (vec![(28.0, vec![]), (28.0, vec![])], None),
        ] {
            assert_eq!(agreed(&votes).map(|(code, _)| code).as_deref(), want, "{votes:?}");
        }
    }
}
