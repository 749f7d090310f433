//! The demo's articles read as they are written down in its truth: sentences, words, blocks, and
//! what is not read.

use crate::util::root;
use aloud::align::across::pair;
use aloud::article::{Article, BlockKind, from_text};
use aloud::transcript::characters::is_spoken;
use serde_json::Value;
use std::collections::BTreeSet;
use std::fs;
use std::ops::Range;

fn demo(name: &str) -> String {
    fs::read_to_string(root().join("transcripts").join(name)).unwrap()
}

fn truth(name: &str) -> Value {
    serde_json::from_str(&demo(name)).unwrap()
}

fn bytes_of(value: &Value) -> Option<Range<usize>> {
    let at = |index: usize| value[index].as_u64().map(|at| at as usize);
    Some(at(0)?..at(1)?)
}

#[test]
fn demo_sentences_are_those_of_the_truth() {
    for (text, truth_file, n) in [
        ("open-models.en.txt", "open-models.en.truth.json", 118),
        ("old-radio.zh-Hant.txt", "old-radio.zh.truth.json", 28),
    ] {
        let article = from_text(&demo(text));
        assert_eq!(article.text, demo(text).trim_end(), "the text is kept as it is");
        let truth = truth(truth_file);
        let want: Vec<(Range<usize>, &str)> = truth["sentences"]
            .as_array()
            .unwrap()
            .iter()
            .map(|s| (bytes_of(&s["bytes"]).unwrap(), s["text"].as_str().unwrap()))
            .collect();
        let got: Vec<(Range<usize>, &str)> = (0..article.sentences.len())
            .map(|i| (article.sentences[i].bytes.clone(), article.sentence(i)))
            .collect();
        assert_eq!(got, want);
        assert_eq!(got.len(), n);
        // Every spoken word reads exactly one written word.
        for word in truth["words"].as_array().unwrap() {
            if let Some(bytes) = bytes_of(&word["bytes"]) {
                let core = article.text[bytes.clone()].trim_matches(|c| !is_spoken(c));
                let holders: Vec<&str> = (0..article.words.len())
                    .filter(|w| {
                        article.words[*w].bytes.start < bytes.end
                            && bytes.start < article.words[*w].bytes.end
                    })
                    .map(|w| article.word(w))
                    .collect();
                assert!(holders.len() == 1 && holders[0].contains(core), "{core}: {holders:?}");
            }
        }
    }
}

#[test]
fn the_translation_s_sentences_are_those_of_the_pairs() {
    let article = from_text(&demo("open-models.zh-Hant.txt"));
    // The script that the column is made from has a sentence a line, some with a mark in front.
    let script = fs::read_to_string(root().join("audio/make/open-models.zh-Hant.script")).unwrap();
    let lines = script.lines().map(|line| line.trim_start_matches('&').trim_start_matches("2="));
    let want: Vec<&str> = lines
        .filter(|line| !line.is_empty() && *line != "-" && !line.starts_with(['#', '@', '~']))
        .collect();
    let got: Vec<&str> = (0..article.sentences.len()).map(|i| article.sentence(i)).collect();
    assert_eq!(got, want);
    let last = truth("open-models.pairs.json")["pairs"]
        .as_array()
        .unwrap()
        .iter()
        .filter_map(|p| p["zh"].as_array()?.last()?.as_u64())
        .max();
    assert_eq!(last, Some(118));
    assert_eq!(got.len(), 119);
}

#[test]
fn hints_find_what_is_not_read_and_nothing_else() {
    for (text, truth_file) in [
        ("open-models.en.txt", "open-models.en.truth.json"),
        ("old-radio.zh-Hant.txt", "old-radio.zh.truth.json"),
    ] {
        let article = from_text(&demo(text));
        let truth = truth(truth_file);
        let mut found = (0, 0);
        for (sentence, true_sentence) in
            article.sentences.iter().zip(truth["sentences"].as_array().unwrap())
        {
            let is_unspoken = true_sentence["status"] == "unspoken";
            found.1 += usize::from(is_unspoken);
            found.0 += usize::from(is_unspoken && sentence.skip.is_some());
            assert!(
                is_unspoken || sentence.skip.is_none(),
                "{:?} for {}",
                sentence.skip,
                true_sentence["text"]
            );
        }
        assert_eq!(
            found.0, found.1,
            "{} of {} sentences that are not read were found in {text}",
            found.0, found.1
        );
    }
    // The translation leaves out the same.
    let article = from_text(&demo("open-models.zh-Hant.txt"));
    let skipped: Vec<usize> =
        (0..article.sentences.len()).filter(|i| article.sentences[*i].skip.is_some()).collect();
    assert_eq!(skipped, [0, 1, 2, 3, 37, 90, 91, 118]);
}

#[test]
fn demo_blocks() {
    let article = from_text(&demo("open-models.en.txt"));
    assert_eq!(article.title.as_deref(), Some("The Machine in the Closet"));
    assert_eq!(article.language.as_deref(), Some("en"));
    let of_kind = |article: &Article, kind| {
        let blocks = article.blocks.iter().filter(|b| b.kind == kind);
        blocks.map(|b| article.text[b.bytes.clone()].to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(
        of_kind(&article, BlockKind::Heading),
        [
            "What open means",
            "The price of free",
            "A language for 4,000 people",
            "The case for the lock",
            "Who holds the keys"
        ]
    );
    let article = from_text(&demo("open-models.zh-Hant.txt"));
    assert_eq!(
        (article.title.as_deref(), article.language.as_deref()),
        (Some("儲藏室裡的那臺機器"), Some("zh"))
    );
    assert_eq!(
        of_kind(&article, BlockKind::Heading),
        ["「開放」是什麼意思", "免費的代價", "給4,000人的語言", "上鎖的理由", "鑰匙在誰手上"]
    );
    let article = from_text(&demo("old-radio.zh-Hant.txt"));
    assert_eq!(of_kind(&article, BlockKind::Heading), ["放在家裡的好處"]);
}

#[test]
fn the_columns_are_paired_whichever_comes_first() {
    let (en, zh) =
        (from_text(&demo("open-models.en.txt")), from_text(&demo("open-models.zh-Hant.txt")));
    let numbers = |value: &Value| -> Vec<usize> {
        value.as_array().unwrap().iter().filter_map(|n| Some(n.as_u64()? as usize)).collect()
    };
    let pairs = truth("open-models.pairs.json");
    let want: BTreeSet<(usize, usize)> = pairs["pairs"]
        .as_array()
        .unwrap()
        .iter()
        .map(|pair| (numbers(&pair["en"]), numbers(&pair["zh"])))
        .flat_map(|(en, zh)| links(en.into_iter(), &zh))
        .collect();
    for is_english_first in [true, false] {
        let beads = if is_english_first { pair(&en, &zh) } else { pair(&zh, &en) };
        let found: BTreeSet<(usize, usize)> = beads
            .into_iter()
            .map(|bead| if is_english_first { (bead.a, bead.b) } else { (bead.b, bead.a) })
            .flat_map(|(en, zh)| links(en, &zh.collect::<Vec<_>>()))
            .collect();
        let wrong: Vec<_> = found.symmetric_difference(&want).collect();
        assert!(wrong.len() <= 1, "English first: {is_english_first}: {wrong:?}");
    }
}

/// Each of some sentences with each of others.
fn links(en: impl Iterator<Item = usize>, zh: &[usize]) -> Vec<(usize, usize)> {
    en.flat_map(|en| zh.iter().map(move |zh| (en, *zh)).collect::<Vec<_>>()).collect()
}
