//! The language code that a file means.
//!
//! Programs write "en", "English", "zh-TW" or "zh_CN"; a transcript has the code Whisper uses.

/// Whisper's languages: code and English name (the list in `openai/whisper`, `tokenizer.py`).
const LANGUAGES: &str = "en english zh chinese de german es spanish ru russian ko korean fr french ja japanese pt portuguese tr turkish \
    pl polish ca catalan nl dutch ar arabic sv swedish it italian id indonesian hi hindi fi finnish vi vietnamese he hebrew uk ukrainian \
    el greek ms malay cs czech ro romanian da danish hu hungarian ta tamil no norwegian th thai ur urdu hr croatian bg bulgarian \
    lt lithuanian la latin mi maori ml malayalam cy welsh sk slovak te telugu fa persian lv latvian bn bengali sr serbian az azerbaijani \
    sl slovenian kn kannada et estonian mk macedonian br breton eu basque is icelandic hy armenian ne nepali mn mongolian bs bosnian \
    kk kazakh sq albanian sw swahili gl galician mr marathi pa punjabi si sinhala km khmer sn shona yo yoruba so somali af afrikaans \
    oc occitan ka georgian be belarusian tg tajik sd sindhi gu gujarati am amharic yi yiddish lo lao uz uzbek fo faroese ht haitian \
    ps pashto tk turkmen nn nynorsk mt maltese sa sanskrit lb luxembourgish my myanmar bo tibetan tl tagalog mg malagasy as assamese \
    tt tatar haw hawaiian ln lingala ha hausa ba bashkir jw javanese su sundanese yue cantonese";

/// Other names for a few of them, and the present code of Javanese.
const ALIASES: &str = "mandarin zh castilian es flemish nl valencian ca burmese my jv jw";

/// The code of the language that `text` names; `None` for none that is known.
pub(super) fn code(text: &str) -> Option<String> {
    let text = text.trim().to_ascii_lowercase();
    let word =
        text.split(['-', '_', ' ', ',', ';', '.', '@']).next().filter(|word| !word.is_empty())?;
    let word = aloud_units::language::short(word).unwrap_or(word);
    let pairs = |table: &'static str| {
        let mut words = table.split_whitespace();
        std::iter::from_fn(move || Some((words.next()?, words.next()?)))
    };
    let own =
        pairs(LANGUAGES).find(|(code, name)| *code == word || *name == word).map(|(code, _)| code);
    // Cantonese is often written as a kind of Chinese.
    let found = match own
        .or_else(|| pairs(ALIASES).find(|(alias, _)| *alias == word).map(|(_, code)| code))?
    {
        "zh" if text.starts_with("zh-yue") => "yue",
        code => code,
    };
    Some(found.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes() {
        for (text, want) in [
            ("en", Some("en")),
            ("English", Some("en")),
            ("zh-TW", Some("zh")),
            ("zh_Hant_TW", Some("zh")),
            ("zh-yue-HK", Some("yue")),
            ("cmn-Hans", Some("zh")),
            ("haitian creole", Some("ht")),
            ("Cantonese", Some("yue")),
            ("haw", Some("haw")),
            ("ger", Some("de")),
            ("jav", Some("jw")),
            ("xx", None),
            ("", None),
        ] {
            assert_eq!(code(text).as_deref(), want, "{text}");
        }
    }
}
