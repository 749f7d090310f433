//! The demo column in two languages: what the accuracy bench prints is held here.

#[allow(dead_code, reason = "the bench prints what is only measured here")]
#[path = "../benches/accuracy/across.rs"]
mod measured;

use aloud::align::Belongs;
use aloud::align::across::across;
use aloud::article::{Article, from_text};
use aloud::documents::{Document, Hint, read_both};
use std::collections::BTreeSet;

#[test]
fn nineteen_of_twenty_sentences_are_tied_to_the_right_one() {
    let at_least = |(right, all): (usize, usize), what: &str| {
        assert!(right * 100 >= all * 95, "{what}: {right} of {all}");
    };
    at_least(measured::tied_in_text(), "text to text");
    for percent in [0, 20] {
        let got = measured::measure(
            &across(&measured::chinese(), &measured::narration(percent)),
            &measured::chinese(),
        );
        at_least((got.right, got.all), &format!("{percent} % of words wrong: {:#?}", got.mistakes));
        assert!(got.wrong_s < 5.0 && measured::quantile(&got.starts, 0.9) < 0.5);
    }
    at_least(measured::tied_to_chinese(10, 0), "Chinese speech");
}

#[test]
fn what_does_not_belong_is_refused() {
    for (name, belongs, fit) in measured::fits() {
        assert_eq!(fit.belongs() == Belongs::Yes, belongs, "{name}: {fit}");
    }
}

/// The paragraphs of both columns, by turns where both have one.
fn paragraphs() -> Vec<[Option<&'static str>; 2]> {
    const EN: &str = include_str!("../transcripts/open-models.en.txt");
    const ZH: &str = include_str!("../transcripts/open-models.zh-Hant.txt");
    // Its caption stands within a paragraph in Chinese.
    let mut en = EN.split("\n\n").filter(|text| !text.starts_with("Photo:"));
    let mut zh = ZH.split("\n\n");
    std::iter::from_fn(|| match [en.next(), zh.next()] {
        [None, None] => None,
        pair => Some(pair),
    })
    .collect()
}

#[test]
fn a_page_in_two_languages_is_two_texts() {
    let pairs = paragraphs();
    let both = |between: &str, behind: &str| -> String {
        pairs
            .iter()
            .map(|pair| {
                pair.iter().flatten().map(|text| text.trim()).collect::<Vec<_>>().join(between)
                    + behind
            })
            .collect()
    };
    let one = |side: usize, behind: &str| -> String {
        pairs
            .iter()
            .filter_map(|pair| pair[side])
            .map(|text| text.trim().to_owned() + behind)
            .collect()
    };
    let page = |body: &str| format!("<html><body><article>{body}</article></body></html>");
    let [en, zh] = [0, 1].map(|side| from_text(&one(side, "\n\n")));
    for (name, text, first) in [
        ("by paragraphs", both("\n\n", "\n\n"), "en"),
        ("by lines", both("\n", "\n\n"), "en"),
        ("every line a paragraph", both("\n", "\n"), "en"),
        ("one below the other", one(1, "\n\n") + &one(0, "\n\n"), "zh"),
        ("in a paragraph", both(" ", "\n\n"), "en"),
        ("a page", page(&format!("<p>{}</p>", both("</p><p>", "</p><p>"))), "en"),
        ("a page with broken lines", page(&format!("<p>{}</p>", both("<br>", "</p><p>"))), "en"),
        (
            "a page's table",
            page(&format!(
                "<table><tr><td>{}</td></tr></table>",
                both("</td><td>", "</td></tr><tr><td>")
            )),
            "en",
        ),
    ] {
        for wanted in [None, Some("en"), Some("zh-TW")] {
            let hint = Hint { language: wanted, ..Hint::default() };
            let Document { article, other, .. } = read_both(text.as_bytes(), &hint).expect(name);
            let other = other.unwrap_or_else(|| panic!("{name}: one language"));
            let is_chinese = wanted.unwrap_or(first).starts_with("zh");
            let (a, b) = if is_chinese { (&zh, &en) } else { (&en, &zh) };
            for (found, want) in [(&article, a), (&other, b)] {
                assert_eq!(found.language, want.language, "{name}, {wanted:?}");
                let sentences = |text: &Article| -> BTreeSet<String> {
                    (0..text.sentences.len()).map(|i| text.sentence(i).to_owned()).collect()
                };
                let (found, want) = (sentences(found), sentences(want));
                let n = found.intersection(&want).count();
                assert!(
                    n * 100 >= want.len() * 95,
                    "{name}, {wanted:?}: {n} of {}: {:#?}",
                    want.len(),
                    found.difference(&want).collect::<Vec<_>>()
                );
            }
        }
    }
}

#[test]
fn a_text_with_something_in_another_language_is_one() {
    let pairs = paragraphs();
    let side = |side: usize| pairs.iter().filter_map(move |pair| pair[side]).collect::<Vec<_>>();
    let (en, zh) = (side(0), side(1));
    let radio: Vec<&str> =
        include_str!("../transcripts/old-radio.zh-Hant.txt").split("\n\n").collect();
    let turns = |a: &[&str], b: &[&str]| {
        a.iter().zip(b).flat_map(|(a, b)| [*a, *b]).collect::<Vec<_>>().join("\n\n")
    };
    for (name, text) in [
        ("English", en.join("\n\n")),
        ("Chinese", zh.join("\n\n")),
        ("a summary in English", [&en[4..6], &zh[..]].concat().join("\n\n")),
        ("a quotation in Chinese", [&en[..20], &zh[20..22], &en[20..]].concat().join("\n\n")),
        ("two texts by turns", turns(&en[4..], &radio)),
        ("two texts, one below the other", [&en[4..], &radio].concat().join("\n\n")),
        ("Chinese about English", "學英文的三個好方法。\n\n第一，聽 Podcast，例如 The Daily 和 Fresh Air。\n\n第二，跟著唸：“How are you? I am fine.”\n\n第三，寫日記。".into()),
    ] {
        let found = read_both(text.as_bytes(), &Hint::default()).expect(name);
        assert!(found.other.is_none(), "{name}: {:?}", found.other.map(|other| other.text));
    }
}

#[test]
fn short_lines_of_two_languages_in_one_script_take_turns() {
    let lines = [
        (
            "Der Fluss kam über die Straße, und im Gericht gingen die Lichter aus.",
            "The river came over the road, and the lights went out in the courthouse.",
        ),
        ("Guten Morgen!", "Good morning!"),
        (
            "Eine Stunde später schwiegen die Telefone, und niemand kam mehr durch.",
            "An hour later the telephones fell silent, and nobody could get through.",
        ),
        ("Tochter aus Elysium,", "Daughter from Elysium,"),
        (
            "Niemand in der Stadt wusste, dass die Brücke nicht mehr da war.",
            "Nobody in the town knew that the bridge was no longer there.",
        ),
        (
            "Am Abend schliefen vierzehnhundert Menschen in der großen Schule.",
            "By evening fourteen hundred people were sleeping in the big school.",
        ),
    ];
    let text: Vec<&str> = lines.iter().flat_map(|(de, en)| [*de, *en]).collect();
    let found = read_both(text.join("\n\n").as_bytes(), &Hint::default()).expect("a text");
    let all = |side: fn(&(&'static str, &'static str)) -> &'static str| {
        lines.iter().map(side).collect::<Vec<_>>().join("\n\n")
    };
    let other = found.other.expect("a second language");
    assert_eq!((found.article.text, other.text), (all(|pair| pair.0), all(|pair| pair.1)));
}
