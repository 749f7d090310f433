//! The promises of the room, as tables.

use super::*;
use crate::time::Span;
use crate::transcript::split;
use proptest::prelude::*;

/// A text of which each line is a sentence and each word takes a second.
fn text(lines: &str) -> Text {
    let words: Vec<Range<usize>> =
        split::words(lines).into_iter().map(|range| split::core(lines, range)).collect();
    let spans =
        (0..words.len() as u64).map(|at| Some(Span::from_millis(1000 * at, 1000 * at + 900)));
    let starts = std::iter::once(0).chain(lines.match_indices('\n').map(|(at, _)| at + 1));
    let ends = lines.match_indices('\n').map(|(at, _)| at).chain([lines.len()]);
    Text::new(lines, words, spans.collect::<Vec<_>>(), starts.zip(ends).map(|(a, b)| a..b))
}

/// What a query finds, each with a letter for its kind.
fn found(lines: &str, phrase: &str, options: Options) -> String {
    let text = text(lines);
    let query = Query::new(phrase, options).unwrap_or_else(|e| panic!("{phrase}: {e}"));
    let hits = find(&text, &query);
    let shown = hits.iter().map(|hit| format!("{}:{}", &hit.kind.name()[..1], text.of(&hit.words)));
    shown.collect::<Vec<_>>().join(" ")
}

const ENGLISH: &str = "On Jan. 20, 2025, the river came over the road in Mill County.
Walter Finch said: “It’s ours; we didn’t choose it.”
An open-source model by DeepSeek costs $8 trillion, 40% of what Helen Calloway spent.
The courthouse was dark. The weights are open.
Its library was";
const CHINESE: &str = "我奶奶今年82歲，一個人住在海邊的小鎮。
2024年9月，那臺收音機壞了；是深度求索(DeepSeek)公開的那一種。
全世界要花8萬億美元蓋機房，費用少了40%。
我用Gemini 2.5 Pro寫字
早安。";

fn check(lines: &str, cases: &[(&str, &str)], options: Options) {
    for (phrase, want) in cases {
        assert_eq!(found(lines, phrase, options), *want, "{phrase}");
    }
}

#[test]
fn the_same_words_however_written() {
    check(
        ENGLISH,
        &[
            ("THE RIVER", "e:the river"),
            ("its ours we did not choose", "e:It’s ours; we didn’t choose"),
            ("january twentieth twenty twenty five", "e:Jan. 20, 2025"),
            ("8 trillion", "e:$8 trillion"),
            ("eight trillion dollars", "e:$8 trillion"),
            ("forty percent", "e:40%"),
            ("opensource", "e:open-source"),
            ("open source model", "e:open-source model"),
            ("deep seek", "e:DeepSeek"),
            ("ｃｏｕｒｔｈｏｕｓｅ", "e:courthouse"),
            ("Mill County. Walter", "e:Mill County.\nWalter"),
        ],
        Options { is_exact: true, ..Options::default() },
    );
    check(
        CHINESE,
        &[
            ("八十二岁", "e:82歲"),
            ("二零二四年九月", "e:2024年9月"),
            ("8万亿美元", "e:8萬億美元"),
            ("八萬億", "e:8萬億"),
            ("8兆", "e:8萬億"),
            ("8兆美元", "e:8萬億美元"),
            ("$8兆", "e:8萬億"),
            ("百分之四十", "e:40%"),
            ("收音机", "e:收音機"),
            ("小镇2024", "e:小鎮。\n2024"),
            ("gemini二点五pro", "e:Gemini 2.5 Pro"),
            ("奶奶", "e:奶奶"),
            ("寫字早安", "e:寫字\n早安"),
        ],
        Options { is_exact: true, ..Options::default() },
    );
}

#[test]
fn pinyin() {
    let cases = [
        ("shenduqiusuo", "s:深度求索"),
        ("ㄕㄣㄉㄨˋㄑㄧㄡˊㄙㄨㄛˇ", "s:深度求索"),
        ("shen1 du4 qiu2 suo3", "s:深度求索"),
        ("shēndù qiúsuǒ", "s:深度求索"),
        ("深du求suo", "s:深度求索"),
        ("SHOUYINJI", "s:收音機"),
        ("zaoan", "s:早安"),
        ("shen", ""),
    ];
    check(CHINESE, &cases, Options::default());
    check(ENGLISH, &[("shenduqiusuo", "")], Options::default());
}

#[test]
fn what_is_merely_alike() {
    check(
        ENGLISH,
        &[
            ("walter fynch", "s:Walter Finch"),
            ("the corthouse was dark", "n:The courthouse was dark"),
            ("its libary was", "n:Its library was"),
            ("river came across the road in mill", "n:river came over the road in Mill"),
            ("quantum computers", ""),
            ("closed source", ""),
            ("walter finch never said it’s ours", "n:Walter Finch said: “It’s ours"),
        ],
        Options::default(),
    );
    check(
        CHINESE,
        &[("守音雞壞了", "s:收音機壞了"), ("股票市場", ""), ("量子力學", "")],
        Options::default(),
    );
}

#[test]
fn quotes_and_dashes() {
    let cases = [
        ("\"walter fynch\"", ""),
        ("\"Walter Finch\" sayed", "e:Walter Finch said"),
        ("open -weights", "e:open-source"),
        ("open -\"the weights\"", "e:open-source"),
        ("open", "e:open-source e:open"),
        ("“open source”", "e:open-source"),
    ];
    check(ENGLISH, &cases[2..], Options::default());
    check(ENGLISH, &cases[..1], Options::default());
}

#[test]
fn another_number_is_not_nearly_this_one() {
    let chinese = "全世界要花八萬億美元來蓋機房。\n它下載了2430萬次。";
    for (phrase, want) in [
        ("八萬億美元", true),
        ("8兆美元", true),
        ("三萬億美元", false),
        ("3兆美元", false),
        ("3億美元", false),
        ("下載了2430萬次", true),
        ("下載了2530萬次", false),
        // In a long phrase the rest of it is enough.
        ("全世界要花三萬億美元來蓋機房", true),
    ] {
        let query = Query::parse(phrase).expect("a phrase");
        assert_eq!(!find(&text(chinese), &query).is_empty(), want, "{phrase}");
    }
    let english = "The world would spend $8 trillion on it, eight trillion dollars in ten years.";
    for (phrase, want) in [
        ("8 trillion dollars", true),
        ("three trillion dollars", false),
        ("5 trillion", false),
        ("the world would spend 5 trillion on it", true),
    ] {
        let query = Query::parse(phrase).expect("a phrase");
        assert_eq!(!find(&text(english), &query).is_empty(), want, "{phrase}");
    }
}

#[test]
fn what_stands_only_where_it_is_excluded() {
    for (phrase, want) in [
        ("courthouse -dark", true),
        ("open -weights", false),
        ("courthouse -river", false),
        ("quantum -river", false),
        ("courthouse", false),
    ] {
        let query = Query::parse(phrase).expect("a phrase");
        let text = text(ENGLISH);
        assert_eq!(is_barred(&text, &query), want, "{phrase}");
        // What was excluded is no suggestion.
        let is_there = |hit: &Hit| text.of(&hit.words) == "courthouse";
        assert!(!want || !nearest(&text, &query, 3).iter().any(is_there), "{phrase}");
    }
}

#[test]
fn a_word_that_is_being_typed() {
    let typing = Options { is_typing: true, ..Options::default() };
    check(
        ENGLISH,
        &[
            ("walter fin", "e:Walter Finch"),
            ("courth", "e:courthouse"),
            ("walter fin ", "n:Walter Finch"),
        ],
        typing,
    );
    check(CHINESE, &[("shenduq", "s:深度求"), ("gem", "e:Gemini"), ("深度q", "e:深度求")], typing);
}

#[test]
fn patterns() {
    let regex = Options { is_regex: true, ..Options::default() };
    let cases = [
        ("m\\w+ county", "e:Mill County"),
        ("\\d+%", "e:40%"),
        ("x*", ""),
        ("finch said: “it", "e:Finch said: “It’s"),
    ];
    check(ENGLISH, &cases, regex);
    check(CHINESE, &[("收.機", "e:收音機"), ("^早", "")], regex);
}

#[test]
fn times_and_sentences() {
    let text = text(CHINESE);
    let [hit] = &find(&text, &Query::parse("深度求索").expect("a phrase"))[..] else {
        panic!("one hit")
    };
    let first = hit.span.expect("a time").start().millis() as usize / 1000;
    assert_eq!((first, hit.score), (hit.words.start, 1.0));
    let sentences = text.sentences_of(&hit.words);
    assert_eq!(sentences, 1..2);
    assert!(CHINESE[text.sentence(1)].starts_with("2024年"));
    assert_eq!(text.sentence(9), 0..0);
}

#[test]
fn nothing_to_search() {
    let query = Query::parse("a word").expect("a phrase");
    assert_eq!(find(&text(""), &query), []);
    assert_eq!(find(&text("— …"), &query), []);
    assert_eq!(nearest(&text(""), &query, 3), []);
    let text = text(ENGLISH);
    let near = nearest(&text, &Query::parse("the cortouse door").expect("a phrase"), 2);
    assert!(near.iter().any(|hit| text.of(&hit.words).contains("courthouse")), "{near:?}");
}

#[test]
fn what_stands_around() {
    let text = text(ENGLISH);
    let [hit] = &find(&text, &Query::parse("finch said").expect("a phrase"))[..] else {
        panic!("one hit")
    };
    let around = |context| Passage::around(&text, &hit.words, context).marked("[", "]");
    let own = "Walter [Finch said]: “It’s ours; we didn’t choose it.”";
    assert_eq!(around(Context::default()), own);
    assert_eq!(around(Context::Millis(0)), own);
    let wide = around(Context::Sentences(1));
    assert!(
        wide.starts_with("On Jan. 20, 2025,") && wide.contains(own) && wide.ends_with("spent."),
        "{wide}"
    );
    assert_eq!(
        around(Context::Millis(4000)),
        format!("On Jan. 20, 2025, the river came over the road in Mill County. {own}")
    );
    assert_eq!(around(Context::Sentences(usize::MAX)), around(Context::Millis(u64::MAX)));
}

proptest! {
    #[test]
    fn every_run_of_words_is_found(
        words in prop::collection::vec("[a-z]{1,8}|[A-Z]{2,4}|[0-9]{1,5}|[$€]?[0-9]{1,3}[.,:][0-9]{2,3}%?|don't|Jan\\.|[一二十百萬億年月的奶機]|[\\PC]{1,4}", 1..40),
        from in 0usize..40,
        n in 1usize..12,
    ) {
        let text = text(&split::spell(words.iter().map(String::as_str)));
        let from = from % text.len().max(1);
        let run = from..(from + n).min(text.len());
        let phrase = text.of(&run).to_owned();
        // A run of marks alone is no phrase, and one that begins with an accent has lost its letter.
        let is_cut = phrase.starts_with(unicode_normalization::char::is_combining_mark);
        if !is_cut && let Ok(query) = Query::new(&phrase, Options { is_literal: true, is_exact: true, ..Options::default() }) {
            let hits = find(&text, &query);
            prop_assert!(
                hits.iter().any(|hit| hit.kind == Match::Exact && hit.words.start < run.end && run.start < hit.words.end),
                "{phrase:?} of {:?}: {hits:?}", text.text()
            );
        }
    }

    #[test]
    fn anything_may_be_asked(lines in "[\\PC\n]{0,80}", phrase in "[\\PC]{0,40}|[-\"“” a-c1-9$%.]{0,20}", is_typing: bool, is_regex: bool) {
        let text = text(&lines);
        if let Ok(query) = Query::new(&phrase, Options { is_typing, is_regex, ..Options::default() }) {
            let hits = find(&text, &query);
            for hit in hits.iter().chain(&nearest(&text, &query, 3)) {
                prop_assert!(hit.words.start < hit.words.end && hit.words.end <= text.len() && (0.0..=1.0).contains(&hit.score));
                let passage = Passage::around(&text, &hit.words, Context::Sentences(1));
                prop_assert!(passage.marks.iter().all(|mark| passage.text.get(mark.clone()).is_some()), "{passage:?}");
            }
            prop_assert!(hits.windows(2).all(|pair| pair[0].words.end <= pair[1].words.start));
        }
    }
}
