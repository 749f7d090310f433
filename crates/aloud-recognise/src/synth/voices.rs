//! Which of the synthesiser's voices speaks a language?
//!
//! Languages are named as Whisper names them (ISO 639, mostly two letters), voices as espeak-ng
//! lists them (BCP 47, with regions: French is `fr-fr`, and there is no `fr`). Pure: this file
//! never knows the library.

/// A language that a voice speaks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Listed {
    /// As the voice names it ("fr-fr").
    pub language: String,
    /// How far the voice is the usual one for it: less is better.
    pub priority: u8,
    /// The voice's file ("roa/fr").
    pub file: String,
}

/// The language that a voice is asked for, where it is not the one given: Whisper's names for what
/// espeak-ng calls otherwise, and the variety that most recordings are in. Chinese is spoken from
/// pinyin, which `script` writes.
const NAMED: [(&str, &str); 5] = [
    ("en", "en-us"),
    ("zh", "cmn-latn-pinyin"),
    ("no", "nb"),
    // Nynorsk differs from Bokmål by spelling more than by sound; espeak-ng's `nb` is its one
    // Norwegian.
    ("nn", "nb"),
    // Withdrawn codes that files still bear.
    ("iw", "he"),
];

/// What to ask espeak-ng for, for a language given as Whisper's code or a BCP 47 tag.
pub fn voice(language: &str) -> &str {
    NAMED.iter().find(|(code, _)| *code == language).map_or(language, |(_, voice)| voice)
}

/// The voice for `wanted`: that very language; else a variety of it (`fr-fr` for `fr`, and before
/// all others the one of the region that is called as the language is); else what `wanted` is a
/// variety of (`de` for `de-at`). Among equals the usual one.
pub(super) fn best<'a>(listed: &'a [Listed], wanted: &str) -> Option<&'a Listed> {
    let wanted = wanted.to_lowercase();
    let base = |tag: &str| tag.split('-').next().unwrap_or_default().to_owned();
    // Voices of MBROLA need data of their own, and tell no times.
    let own = || {
        listed
            .iter()
            .filter(|voice| !voice.file.starts_with("mb/") && !voice.file.starts_with("!v"))
    };
    let rank = |voice: &Listed| {
        let language = voice.language.to_lowercase();
        let (here, there) = (base(&language), base(&wanted));
        let kind = if language == wanted {
            0
        } else if here != there {
            return None;
        } else if language == format!("{there}-{there}") {
            1
        } else if there == wanted || here == language {
            2
        } else {
            3
        };
        // Shorter tags are more general, and letters other than the language's own are spelled out.
        Some((kind, voice.priority, language.contains("latn"), language.len()))
    };
    own()
        .filter_map(|voice| Some((rank(voice)?, voice)))
        .min_by_key(|(rank, _)| *rank)
        .map(|(_, voice)| voice)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_voice_for_each_language() {
        let voices = [
            ("fr-be", 8, "roa/fr-BE"),
            ("fr-fr", 5, "roa/fr"),
            ("fr", 5, "mb/mb-fr1"),
            ("de", 5, "gmw/de"),
            ("de", 7, "mb/mb-de2"),
            ("en-us", 2, "gmw/en-US"),
            ("en", 3, "gmw/en-US"),
            ("en-gb", 2, "gmw/en"),
            ("es-419", 5, "roa/es-419"),
            ("yue", 5, "sit/yue-Latn-jyutping"),
            ("yue", 4, "sit/yue"),
            ("cmn-latn-pinyin", 5, "sit/cmn-Latn-pinyin"),
            ("cmn", 5, "sit/cmn"),
            ("nb", 5, "gmq/nb"),
            ("pt-br", 6, "roa/pt-BR"),
            ("pt", 5, "roa/pt"),
        ]
        .map(|(language, priority, file)| Listed {
            language: language.to_owned(),
            priority,
            file: file.to_owned(),
        });
        for (language, want) in [
            ("fr", Some("roa/fr")),
            ("fr-CA", Some("roa/fr")),
            ("fr-BE", Some("roa/fr-BE")),
            ("de", Some("gmw/de")),
            ("de-AT", Some("gmw/de")),
            ("en", Some("gmw/en-US")),
            ("en-GB", Some("gmw/en")),
            ("es", Some("roa/es-419")),
            ("zh", Some("sit/cmn-Latn-pinyin")),
            ("yue", Some("sit/yue")),
            ("no", Some("gmq/nb")),
            ("nn", Some("gmq/nb")),
            ("pt-BR", Some("roa/pt-BR")),
            ("tl", None),
            ("f", None),
        ] {
            assert_eq!(
                best(&voices, voice(language)).map(|voice| voice.file.as_str()),
                want,
                "{language}"
            );
        }
    }
}
