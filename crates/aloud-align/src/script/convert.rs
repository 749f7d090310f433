//! One script into the other, word by word in time.
//!
//! Conversion looks at phrases, since one Simplified character may stand for several Traditional
//! ones (发 is 發 or 髮). Its dictionaries are compiled into the program; no file is read.

use super::Script;
use super::evidence::{detect, is_shared, looks_chinese};
use crate::transcript::{Segment, Transcript, split};
use ferrous_opencc::OpenCC;
use ferrous_opencc::config::BuiltinConfig;
use std::ops::Range;
use std::sync::OnceLock;

/// Converts Chinese text into one script.
///
/// To Traditional by OpenCC's `s2tw` (phrases, then Taiwan's glyphs, no vocabulary), to Simplified
/// by `tw2s`, which unlike `t2s` also knows that 著 is 着 in 看著. Both change characters one for
/// one.
pub struct Converter {
    script: Script,
    /// Loaded at the first use (some milliseconds); `None` if the library refuses its own data.
    engine: OnceLock<Option<OpenCC>>,
}

impl Converter {
    /// A converter into `script`; costs nothing until it is used.
    pub const fn new(script: Script) -> Self {
        Self { script, engine: OnceLock::new() }
    }

    /// `text` in this converter's script. Text already in it may lose a variant (台 becomes 臺):
    /// see
    /// [`Converter::convert_transcript`] for whole transcripts.
    pub fn convert(&self, text: &str) -> String {
        self.engine
            .get_or_init(|| load(self.script))
            .as_ref()
            .map_or_else(|| text.to_owned(), |engine| engine.convert(text))
    }

    /// Converts the segments and words of a Chinese transcript (`zh`, `yue`, or of no language but
    /// in Han characters without kana or Hangul). Words keep their times and probabilities. A
    /// segment that already has the script is left as it is; one that could be either goes like the
    /// one before it.
    pub fn convert_transcript(&self, transcript: &mut Transcript) {
        if self.script == Script::AsIs || !is_chinese(transcript) {
            return;
        }
        let text: String =
            transcript.segments.iter().map(|segment| segment.text.as_str()).collect();
        let mut current = detect(&text);
        for segment in &mut transcript.segments {
            let converted = self.convert(&segment.text);
            if self.is_foreign(&segment.text, &converted, &mut current) {
                self.replace(segment, converted);
            }
        }
    }

    /// Whether `text` has the other script, judged by what conversion changes in it, then by its
    /// own characters, then by what came before.
    fn is_foreign(&self, text: &str, converted: &str, current: &mut Option<Script>) -> bool {
        let tells = text.chars().zip(converted.chars()).any(|(a, b)| a != b && !is_shared(a));
        let found = if tells { Some(self.other()) } else { detect(text) };
        *current = found.or(*current);
        *current != Some(self.script)
    }

    fn other(&self) -> Script {
        if self.script == Script::Hant { Script::Hans } else { Script::Hant }
    }

    /// Puts `converted` in the place of the segment's text, and its parts in the place of its
    /// words.
    fn replace(&self, segment: &mut Segment, converted: String) {
        let ranges =
            split::locate(&segment.text, segment.words.iter().map(|word| word.text.as_str()));
        match ranges.and_then(|ranges| recut(&segment.text, &converted, &ranges)) {
            Some(words) => {
                for (word, text) in segment.words.iter_mut().zip(words) {
                    word.text = text;
                }
            }
            None => {
                for word in &mut segment.words {
                    word.text = self.convert(&word.text);
                }
            }
        }
        segment.text = converted;
    }
}

fn load(script: Script) -> Option<OpenCC> {
    let config = match script {
        Script::Hant => BuiltinConfig::S2tw,
        Script::Hans => BuiltinConfig::Tw2s,
        Script::AsIs => return None,
    };
    OpenCC::from_config(config)
        .map_err(|error| log::error!("Chinese text stays as it is: {error}"))
        .ok()
}

fn is_chinese(transcript: &Transcript) -> bool {
    match transcript.language.as_deref() {
        Some(language) => matches!(language.split(['-', '_']).next(), Some("zh" | "yue")),
        None => looks_chinese(
            &transcript.segments.iter().map(|segment| segment.text.as_str()).collect::<String>(),
        ),
    }
}

/// The parts of `converted` that stand where `ranges` stand in `text`, character by character;
/// `None` where the two differ in their number of characters. `ranges` are in order.
fn recut(text: &str, converted: &str, ranges: &[Range<usize>]) -> Option<Vec<String>> {
    if text.chars().count() != converted.chars().count() {
        return None;
    }
    let mut pairs = text.char_indices().zip(converted.chars()).peekable();
    let parts = ranges.iter().map(|range| {
        while pairs.next_if(|((at, _), _)| *at < range.start).is_some() {}
        std::iter::from_fn(|| pairs.next_if(|((at, _), _)| *at < range.end))
            .map(|(_, c)| c)
            .collect()
    });
    Some(parts.collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time::Span;
    use crate::transcript::join;

    fn check(script: Script, cases: &[(&str, &str)]) {
        let converter = Converter::new(script);
        for (text, want) in cases {
            assert_eq!(converter.convert(text), *want);
        }
    }

    #[test]
    fn one_character_for_many() {
        check(
            Script::Hant,
            &[
                ("后来他剪了头发，才发现皇后就在里面。", "後來他剪了頭髮，才發現皇后就在裡面。"),
                ("离村子三公里的面馆，一碗面条八块钱", "離村子三公里的麵館，一碗麵條八塊錢"),
                ("干部说衣服晒干了，大家干杯", "幹部說衣服曬乾了，大家乾杯"),
                ("一只干净的杯子只要一元", "一隻乾淨的杯子只要一元"),
                ("时钟和钟爱、历史和日历", "時鐘和鍾愛、歷史和日曆"),
                ("著名作家看着书", "著名作家看著書"),
                ("GPT-4 的参数是 24.3%", "GPT-4 的參數是 24.3%"),
            ],
        );
        check(
            Script::Hans,
            &[
                ("後來他剪了頭髮，才發現皇后就在裡面。", "后来他剪了头发，才发现皇后就在里面。"),
                ("他看著一部顯著的著作", "他看着一部显著的著作"),
                ("乾隆皇帝把衣服曬乾", "乾隆皇帝把衣服晒干"),
                ("爲了裏面的羣衆", "为了里面的群众"),
            ],
        );
        check(Script::AsIs, &[("后来後來", "后来後來")]);
    }

    fn transcript(language: Option<&str>, texts: &[&str]) -> Transcript {
        let mut at = 0;
        let segments = texts.iter().map(|text| {
            at += 1000;
            join::share(text, Span::from_millis(at - 1000, at)).expect("text")
        });
        Transcript {
            segments: segments.collect(),
            language: language.map(str::to_owned),
            ..Transcript::default()
        }
    }

    fn check_transcript(script: Script, language: Option<&str>, texts: &[&str], want: &[&str]) {
        let before = transcript(language, texts);
        let mut after = before.clone();
        Converter::new(script).convert_transcript(&mut after);
        assert_eq!(
            after.segments.iter().map(|segment| segment.text.as_str()).collect::<Vec<_>>(),
            want
        );
        for (segment, old) in after.segments.iter().zip(&before.segments) {
            let spans =
                |segment: &Segment| segment.words.iter().map(|word| word.span).collect::<Vec<_>>();
            assert_eq!(spans(segment), spans(old));
            assert_eq!(
                split::spell(segment.words.iter().map(|word| word.text.as_str())).replace(' ', ""),
                segment.text.replace(' ', "")
            );
        }
    }

    #[test]
    fn words_keep_their_times() {
        check_transcript(
            Script::Hant,
            Some("zh"),
            &["他用GPT-4写了「头发」，后来发表。"],
            &["他用GPT-4寫了「頭髮」，後來發表。"],
        );
        check_transcript(
            Script::Hans,
            Some("yue"),
            &["佢用 GPT-4 寫咗頭髮。"],
            &["佢用 GPT-4 写咗头发。"],
        );
    }

    #[test]
    fn what_has_the_script_is_left_alone() {
        // 台 and 里 alone prove nothing; the neighbours decide.
        check_transcript(
            Script::Hant,
            Some("zh"),
            &["台灣的颱風", "台里面"],
            &["台灣的颱風", "台里面"],
        );
        check_transcript(
            Script::Hant,
            Some("zh"),
            &["台湾的台风", "面条里面"],
            &["臺灣的颱風", "麵條裡面"],
        );
        check_transcript(
            Script::Hant,
            Some("zh"),
            &["面条里面", "這是繁體", "里面", "这是简体", "里面"],
            &["麵條裡面", "這是繁體", "里面", "這是簡體", "裡面"],
        );
        check_transcript(Script::Hant, Some("zh"), &["這是混合的简体"], &["這是混合的簡體"]);
    }

    #[test]
    fn only_chinese() {
        check_transcript(Script::Hant, Some("ja"), &["国会の会議"], &["国会の会議"]);
        check_transcript(Script::Hant, None, &["国会の会議"], &["国会の会議"]);
        check_transcript(Script::Hant, None, &["国会开会"], &["國會開會"]);
        check_transcript(Script::Hant, Some("en"), &["Say 国会."], &["Say 国会."]);
        check_transcript(Script::AsIs, Some("zh"), &["国会"], &["国会"]);
    }

    #[test]
    fn recutting() {
        assert_eq!(
            recut("a发，b", "a發，b", &[0..1, 1..7, 7..8]),
            Some(vec!["a".to_owned(), "發，".to_owned(), "b".to_owned()])
        );
        assert_eq!(recut("发b", "發發b", &[0..3, 3..4]), None);
    }

    #[test]
    fn words_that_are_not_in_the_text_are_converted_alone() {
        let mut transcript = transcript(Some("zh"), &["头发"]);
        transcript.segments[0].text = "发".to_owned();
        Converter::new(Script::Hant).convert_transcript(&mut transcript);
        assert_eq!(transcript.words().map(|word| word.text.as_str()).collect::<String>(), "頭發");
    }
}
