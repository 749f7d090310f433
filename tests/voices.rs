//! Which languages can be spoken, and Japanese with kanji. Where espeak-ng or a dictionary is not
//! installed, what needs it is skipped, saying so.

use crate::util::{Desk, Ran, skip};
use aloud::article::from_text;
use aloud::synth::mecab::Dictionary;
use aloud::synth::script::Script;
use aloud::synth::{Speaker, Trouble};
use aloud::transcribe::language::LANGUAGES;
use std::process::Command;

fn child() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_aloud"));
    command.arg("synth-child");
    command
}

/// Whisper's languages that no voice of espeak-ng 1.51 speaks. A later one may know some of them.
const NONE: [&str; 21] = [
    "bo", "br", "fo", "gl", "ha", "jw", "km", "ln", "lo", "mg", "mn", "oc", "ps", "sa", "sn", "so",
    "su", "tg", "tl", "yi", "yo",
];

/// Something in a language's own letters, where they are not Latin.
const OWN: [(&str, &str); 14] = [
    ("ru", "Добрый день"),
    ("el", "Καλημέρα"),
    ("ar", "صباح الخير"),
    ("fa", "صبح بخیر"),
    ("hi", "नमस्ते"),
    ("bn", "সুপ্রভাত"),
    ("ta", "வணக்கம்"),
    ("th", "สวัสดี"),
    ("ko", "안녕하세요"),
    ("ja", "おはよう"),
    ("ka", "დილა მშვიდობისა"),
    ("hy", "Բարի լույս"),
    ("am", "ሰላም"),
    ("yue", "早晨"),
];

#[test]
fn every_language_of_whispers_that_has_a_voice_is_spoken() {
    if let Err(Trouble::Refused(why)) = Speaker::start(child, "en", None) {
        return skip(&why.why);
    }
    for (code, name) in LANGUAGES {
        let mut speaker = match Speaker::start(child, code, None) {
            Ok(speaker) => speaker,
            Err(trouble) => {
                assert_eq!(
                    trouble,
                    Trouble::Refused(format!("espeak-ng has no voice for `{code}`").into())
                );
                assert!(NONE.contains(&code), "{name} ({code}) could be spoken");
                continue;
            }
        };
        let own = OWN.iter().find(|(own, _)| *own == code).map(|(_, text)| *text);
        let text = own.unwrap_or("la mano");
        let said = speaker.speak(text).unwrap().unwrap_or_else(|| panic!("{name} brings it down"));
        let n_sounds =
            said.phones.iter().filter(|phone| !phone.name.starts_with(['_', '('])).count();
        assert!(n_sounds >= 3 && said.samples.len() > 3_000, "{name}: {n_sounds} sounds");
        // No letter of its own is called by its name in English.
        assert!(
            own.is_none() || !said.phones.iter().any(|phone| phone.name == "(en)"),
            "{name}: {:?}",
            said.phones
        );
    }
}

/// Runs the program where there is no dictionary.
fn without(desk: &Desk, arguments: &[&str]) -> Ran {
    let output = desk.command(arguments).env("ALOUD_MECAB", "/nowhere/ipadic").output().unwrap();
    Ran::of(arguments, output)
}

#[test]
fn kanji_without_a_dictionary_are_told() {
    let desk = Desk::with_episodes();
    desk.put("ja.txt", "客観的実在の判断的知識が成立するのである。");
    without(&desk, &["align", "radio.mp3", "ja.txt", "--method", "synth"])
        .code(4)
        .says("/nowhere/ipadic");
    without(&desk, &["align", "radio.mp3", "ja.txt", "--method", "auto"]).says("/nowhere/ipadic");
}

#[test]
fn kanji_are_read_by_a_dictionary() {
    let dictionary = match Dictionary::find(None) {
        Ok(dictionary) => dictionary,
        Err(why) => return skip(&why.why),
    };
    for (text, want) in [
        (
            "客観的実在の判断的知識が成立する。",
            "キャッカンテキ ジツザイノ ハンダンテキ チシキガ セイリツ スル.",
        ),
        ("東京へは行かない。", "トーキョーエワ イカナイ."),
        ("Whisper は3時に来る。", "Whisper ワ 3ジニ クル."),
        ("ひらがなだけ。", "ヒラガナダケ."),
    ] {
        let mut article = from_text(text);
        article.language = Some("ja".to_owned());
        let line = Script::new(&article).with_dictionary(Some(&dictionary)).line(0);
        // Where words are parted is the dictionary's taste.
        let bare = |text: &str| text.replace(' ', "");
        assert_eq!(bare(&line.text), bare(want), "{text}");
        assert_eq!(line.words.last().unwrap().1, article.words.len() - 1, "{text}: {line:?}");
    }
}
