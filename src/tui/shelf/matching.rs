//! Which episodes are meant by what was typed: every part of it stands in the title, the show or
//! the file's name, however it is written. Chinese in either script, or by its pinyin.

use crate::episode::file_name;
use crate::script::{Converter, Script};
use crate::transcript::characters::is_han;
use crate::view::Item;
use crate::words::{Lexicon, pinyin};

/// One for all, because its dictionaries take milliseconds to unpack.
static SIMPLIFIED: Converter = Converter::new(Script::Hans);

/// A text in the one way of writing in which texts are compared here: small letters without
/// accents, simplified characters.
pub fn folded(text: &str) -> String {
    fold(text, &mut Lexicon::default())
}

fn fold(text: &str, lexicon: &mut Lexicon) -> String {
    let mut folded = String::with_capacity(text.len());
    for word in text.split_inclusive(char::is_whitespace) {
        let id = lexicon.whole(word.trim_end());
        let plain = lexicon.text(id);
        if plain.chars().any(is_han) {
            folded.push_str(&SIMPLIFIED.convert(plain));
        } else {
            folded.push_str(plain);
        }
        folded.extend(word.chars().next_back().filter(|c| c.is_whitespace()));
    }
    folded
}

/// What is searched of each episode: see [`folded`]; what is Chinese in it also as pinyin. Words
/// are folded once for all of them.
pub fn of_items<'a>(items: impl IntoIterator<Item = &'a Item>) -> Vec<String> {
    let mut lexicon = Lexicon::default();
    items.into_iter().map(|item| of_item(item, &mut lexicon)).collect()
}

fn of_item(item: &Item, lexicon: &mut Lexicon) -> String {
    let name = item.place.path().map(file_name).unwrap_or_default();
    let mut text = fold(
        &format!("{}\n{}\n{name}", item.title, item.show.as_deref().unwrap_or_default()),
        lexicon,
    );
    let mut syllables = String::new();
    for c in text.chars() {
        match pinyin::plain(c) {
            Some(syllable) => syllables.push_str(syllable),
            None if !syllables.ends_with('\n') => syllables.push('\n'),
            None => {}
        }
    }
    if syllables.chars().any(char::is_alphabetic) {
        text.push('\n');
        text.push_str(&syllables);
    }
    text
}

/// Whether every part of `wanted` stands in `text`, both as [`folded`] gives them.
pub fn matches(text: &str, wanted: &str) -> bool {
    wanted.split_whitespace().all(|part| text.contains(part))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::episode::EpisodeId;
    use crate::view::{Text, Where};

    #[test]
    fn who_is_meant() {
        let item = |title: &str, show: Option<&str>, path: &str| Item {
            id: EpisodeId([0; 32]),
            title: title.into(),
            show: show.map(str::to_owned),
            length: None,
            at: None,
            text: Text::None,
            place: Where::Missing(path.into()),
            entry: None,
        };
        let radio = item("老收音機", Some("Café Zürich"), "/talks/old-radio.zh.mp3");
        for (wanted, want) in [
            ("", true),
            ("老收音機", true),
            ("收音机", true),
            ("收音 OLD", true),
            ("shouyinji", true),
            ("laoshōu", true),
            ("cafe zurich", true),
            ("zh.mp3", true),
            ("talks", false),
            ("電視", false),
            ("radio tv", false),
            ("音收", false),
        ] {
            assert_eq!(matches(&of_items([&radio])[0], &folded(wanted)), want, "{wanted:?}");
        }
    }
}
