//! That the index misses nothing that `search` finds, on texts made to be awkward.

use super::terms::{self, Need, Terms};
use crate::search::{self, Match, Options, Query, Text};
use crate::transcript::split;
use proptest::prelude::*;

fn text(words: &str) -> Text {
    let ranges: Vec<_> =
        split::words(words).into_iter().map(|range| split::core(words, range)).collect();
    Text::new(words, ranges, [], std::iter::once(0..words.len()))
}

/// Whether a page with these terms may hold what needs `need`.
fn has(page: &Terms, need: &Need) -> bool {
    let is_in = |list: &str, term: &str| list.split(' ').any(|known| known == term);
    match need {
        Need::Word(word) => is_in(&page.words, word),
        Need::Sound(sound) => is_in(&page.sounds, sound),
        Need::Run(run) => is_in(&page.runs, run),
        Need::Any(needs) => needs.iter().any(|need| has(page, need)),
        Need::All(needs) => needs.iter().all(|need| has(page, need)),
    }
}

/// Whether the index would name a page of `text` for `query`.
fn is_named(text: &Text, query: &Query) -> bool {
    let page = terms::of_text(text);
    let is_there = |need: &Need| has(&page, need);
    query
        .outlines()
        .iter()
        .any(|outline| terms::needs(outline, Some(&is_there)).is_none_or(|need| is_there(&need)))
}

#[test]
fn what_is_written_otherwise_is_named() {
    for (written, typed) in [
        ("they spent $8 trillion on it", "eight trillion dollars"),
        ("they spent eight trillion dollars", "$8 trillion"),
        ("on Jan. 20, 2025, the", "january twentieth twenty twenty five"),
        ("open source models", "opensource models"),
        ("an opensource model", "an open source model"),
        ("deep seek r one", "DeepSeek R1"),
        ("用8萬億美元買的", "八万亿美元"),
        ("用8萬億美元買的", "8兆美元"),
        ("用8兆美元買的", "8萬億美元"),
        ("有1.5億人", "一億五千萬人"),
        ("深度求索公司", "shenduqiusuo"),
        ("我們九分二十一秒後見", "9:21"),
        ("It won’t do", "it will not do"),
        ("GPT-4 and AT&T", "g p t four and a t and t"),
        ("人工智慧", "人工智慧"),
        ("說了三次", "三次"),
        ("中", "中"),
    ] {
        let (text, query) = (text(written), Query::parse(typed).expect("a phrase"));
        assert!(!search::find(&text, &query).is_empty(), "{typed} is not in {written}");
        assert!(
            is_named(&text, &query),
            "{typed} is missed in {written}: {:?} {:?}",
            query.outlines(),
            terms::of_text(&text)
        );
    }
}

#[test]
fn terms_of_a_text() {
    let terms = terms::of_text(&text("深度 learning"));
    assert_eq!(terms.words, "深 度 learning 深度 度_learning");
    assert!(
        terms.sounds.starts_with("/l") && terms.sounds.ends_with(" /sen/du"),
        "{}",
        terms.sounds
    );
    assert_eq!(terms.runs.len(), 3, "{}", terms.runs);
}

#[test]
fn other_pages_are_not_named() {
    for (typed, page, want) in [
        ("the open models of today", "so the open models of today are", true),
        ("the open models of today", "the models of today are open", false),
        ("the open models of today", "today", false),
        ("the open models of today", "", false),
        ("one of the", "it is one of them, and of the best", false),
        ("不是說", "不是，是說", false),
        ("不是說", "不是我，他是說過", false),
    ] {
        assert_eq!(
            is_named(&text(page), &Query::parse(typed).expect("a phrase")),
            want,
            "{typed}: {page}"
        );
    }
}

proptest! {
    #[test]
    fn every_exact_hit_is_named(
        words in prop::collection::vec("[ab]{1,2}|open|source|opensource|[0-9]{1,4}|\\$[0-9]|[0-9]%|[0-9]:[0-5][0-9]|[人工智慧八万萬點]|U\\.S\\.|GPT-4|it's|can't|Jan\\.|X|II", 1..14),
        first: prop::sample::Index,
        n in 1usize..8,
    ) {
        let first = first.index(words.len());
        let (page, phrase) = (text(&words.join(" ")), words[first..(first + n).min(words.len())].join(" "));
        for is_exact in [false, true] {
            let query = Query::new(&phrase, Options { is_literal: true, is_exact, ..Options::default() });
            if let Ok(query) = query {
                let has_exact = search::find(&page, &query).iter().any(|hit| hit.kind == Match::Exact);
                prop_assert!(!has_exact || is_named(&page, &query), "{phrase:?} in {:?}", words.join(" "));
            }
        }
    }
}
