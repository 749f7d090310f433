//! Files of subtitles as others write them, mended.

use super::super::check;
use super::super::profile::Profile;
use super::super::stamp::clock;
use super::*;
use crate::import;
use crate::time::Timestamp;

/// `source` mended by Netflix's rules, and how often each thing was done.
fn fixed(source: &str) -> (String, Changes) {
    let mut document = import::document(source.as_bytes(), None).expect("subtitles");
    let changes = fix(&mut document, &Profile::NETFLIX);
    (print(&document), changes)
}

#[test]
fn what_overlaps_or_speaks_in_turn() {
    let long = "It drew its power from a fire truck. ".repeat(8);
    let (text, _) = fixed(&format!(
        "1\n00:00:00,000 --> 00:00:20,000\n{long}\n\n2\n00:00:03,000 --> 00:00:05,000\nNobody knew.\n"
    ));
    let starts: Vec<&str> = text.lines().filter(|line| line.contains("-->")).collect();
    assert!(starts.is_sorted() && starts.len() > 2, "{text}");
    // Who speaks in turn stays on a line of his own.
    let (text, _) = fixed(
        "1\n00:00:00,000 --> 00:00:01,000\n- Hi.\n- Yo.\n\n2\n00:00:01,050 --> 00:00:01,300\nGo on now.\n",
    );
    assert!(text.contains("- Hi.\n- Yo.\n"), "{text}");
    // A tag before a space stays with its end.
    let (text, _) = fixed(&format!(
        "1\n00:00:00,000 --> 00:00:06,000\n<i> {} </i>\n",
        "It drew its power from a fire truck. ".repeat(2)
    ));
    assert!(text.contains("<i>") && text.contains("</i>"), "{text}");
}

#[test]
fn times() {
    let (text, changes) = fixed(
        "7\n00:00:00,000 --> 00:00:00,300\nHi.\n\n9\n00:00:02,000 --> 00:00:05,000\nIt is late.\n\n3\n00:00:04,000 --> 00:00:04,800\n\
         He went home early today.\n\n4\n00:00:10,000 --> 00:00:30,000\nBye.\n\n5\n00:00:40,000 --> 00:00:41,000\n\n",
    );
    insta::assert_snapshot!(text, @r"
    1
    00:00:00,000 --> 00:00:00,834
    Hi.

    2
    00:00:02,000 --> 00:00:03,916
    It is late.

    3
    00:00:04,000 --> 00:00:05,250
    He went home early today.

    4
    00:00:10,000 --> 00:00:17,000
    Bye.
    ");
    assert_eq!(changes, Changes { timed: 4, dropped: 1, ..Changes::default() });
}

#[test]
fn times_that_were_swapped_and_arrows_of_other_lengths() {
    let (text, changes) = fixed(
        "1\n00:00:01,000 -> 00:00:02,500\nIt is late.\n\n2\n00:00:05,000 --> 00:00:03,000\nHe went home.\n\n\
         3\n00:00:05,084 --> 00:00:07,000\nSo did I.\n\n4\n00:01:09,000 --> 00:00:02,000\nBye.\n",
    );
    insta::assert_snapshot!(text, @r"
    1
    00:00:01,000 --> 00:00:02,500
    It is late.

    2
    00:00:03,000 --> 00:00:05,000
    He went home.

    3
    00:00:05,084 --> 00:00:07,000
    So did I.

    4
    00:01:09,000 --> 00:01:09,834
    Bye.
    ");
    assert_eq!(changes, Changes { timed: 2, ..Changes::default() });
}

#[test]
fn what_has_no_time_to_be_divided_has_lines_all_the_same() {
    let (text, changes) = fixed(
        "1\n00:00:01,000 --> 00:00:02,500\nThey went down to the river <i>at once</i>, since nobody on the hill had told them of the road.\n\n\
         2\n00:00:02,500 --> 00:00:05,000\nAnd then it rained.\n",
    );
    insta::assert_snapshot!(text, @r"
    1
    00:00:01,000 --> 00:00:02,416
    They went down to the river <i>at once</i>, since
    nobody on the hill had told them of the road.

    2
    00:00:02,500 --> 00:00:05,000
    And then it rained.
    ");
    assert_eq!(changes, Changes { timed: 1, wrapped: 1, ..Changes::default() });
}

#[test]
fn lines_keep_their_markup() {
    let (text, changes) = fixed(
        "1\n00:00:00,000 --> 00:00:04,000\n{\\an8}<i>It drew its power from a truck, and it needed</i> no permission.\n\n\
         2\n00:00:05,000 --> 00:00:08,000\n價格更親\n民，開箱即用。\n",
    );
    insta::assert_snapshot!(text, @r"
    1
    00:00:00,000 --> 00:00:04,000
    {\an8}<i>It drew its power from a truck,
    and it needed</i> no permission.

    2
    00:00:05,000 --> 00:00:08,000
    價格更親民，開箱即用。
    ");
    assert_eq!(changes, Changes { wrapped: 2, ..Changes::default() });
}

#[test]
fn long_cues_are_divided_and_short_ones_joined() {
    let long = "<i>One sentence is here for you to read. Another one comes after it, and it is longer. A third one ends it all.</i>";
    let (text, changes) = fixed(&format!(
        "WEBVTT - x\n\nNOTE kept\n\na\n00:00.000 --> 00:09.000 align:start\n{long}\n\n00:20.000 --> 00:20.300\nAnd\n\n00:20.300 --> 00:22.000\nso it was.\n"
    ));
    insta::assert_snapshot!(text, @r"
    WEBVTT - x

    NOTE kept

    a
    00:00:00.000 --> 00:00:03.098 align:start
    <i>One sentence is here for you to read.</i>

    00:00:03.182 --> 00:00:06.940 align:start
    <i>Another one comes after it,
    and it is longer.</i>

    00:00:07.024 --> 00:00:09.000 align:start
    <i>A third one ends it all.</i>

    00:00:20.000 --> 00:00:22.000
    And so it was.
    ");
    assert_eq!((changes.divided, changes.joined), (2, 1));
}

/// The words that a file shows, in order.
fn words(source: &str) -> Vec<String> {
    let (cues, _) = import::cues(source.as_bytes(), None).expect("cues");
    cues.iter()
        .flat_map(|(_, lines)| lines)
        .flat_map(|line| line.split_whitespace())
        .map(str::to_owned)
        .collect()
}

/// A file of which each cue is one of these, by the digits of `seed`.
fn made(seed: u64, is_vtt: bool) -> String {
    const TEXTS: [&str; 14] = [
        " \nhello there friend\n",
        "bye\n",
        "one <i>line of\ntwo</i> words\n \n",
        "这是第二条\nand then some more of it, which is far too long for one line\n",
        "It drew its power from a fire truck, and nobody knew how long that would last or who would pay. It went on.\n",
        "- Hi.\n- Yo.\n",
        "2024\n",
        "\u{7}\n<c.x>late</c> &amp; later\n",
        "from 00:01 --&gt; 00:02 it said nothing at all, and that was all that there was to be said of it by us\n",
        "價格更親\n民，開箱即用，而且電腦壞了也沒有人知道，所以我們把它放在卡車上，開到了河邊。\n",
        "<v Ann>hello <00:00:01.500>there\n",
        "",
        "{\\an8}AI\n界\n",
        " \t \n \nЭто вторая строка\nand the first one\n",
    ];
    let mut text = if is_vtt { "WEBVTT\nKind: captions\n\n".to_owned() } else { String::new() };
    let (mut seed, mut at) = (seed, 0u64);
    for n in 0..6 {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let (which, wait, length) = (
            (seed >> 33) as usize % TEXTS.len(),
            (seed >> 40) % 4 * 300,
            (seed >> 50) % 5 * 900 + 50,
        );
        at += wait;
        let comma = if is_vtt { '.' } else { ',' };
        let stamp = |ms| clock(Timestamp::from_millis(ms), comma);
        let number = if is_vtt { String::new() } else { format!("{}\n", n + 1) };
        text.push_str(&format!(
            "{number}{} --> {}\n{}\n",
            stamp(at),
            stamp(at + length),
            TEXTS[which]
        ));
        at += length * ((seed >> 60) % 3) / 2;
    }
    text
}

#[test]
fn nothing_is_lost_whatever_is_in_a_file() {
    for (seed, is_vtt) in (0..3000).flat_map(|seed| [(seed, true), (seed, false)]) {
        for profile in [Profile::NETFLIX, Profile::PODCAST] {
            let source = made(seed, is_vtt);
            let mut document = import::document(source.as_bytes(), None).expect("subtitles");
            let before = document.clone();
            fix(&mut document, &profile);
            let text = print(&document);
            if document.cues.is_empty() {
                continue;
            }
            let glued = |text: &str| words(text).concat();
            assert_eq!(glued(&text), glued(&source), "{source}\nbecame\n{text}");
            let n_timed = text.lines().filter(|line| line.contains("-->")).count();
            let n_read = import::cues(text.as_bytes(), None).expect("cues").0.len();
            assert_eq!(
                (n_timed, n_read),
                (document.cues.len(), document.cues.len()),
                "{source}\nbecame\n{text}"
            );
            // Words of Latin letters stand apart as they did.
            let is_latin = |word: &String| word.bytes().all(|byte| byte.is_ascii_lowercase());
            let latin = |text: &str| words(text).into_iter().filter(is_latin).collect::<Vec<_>>();
            assert_eq!(latin(&text), latin(&source), "{source}\nbecame\n{text}");
            // What keeps all rules keeps its times.
            let judged = check::check(&cues(&before), &profile);
            if judged.is_empty() {
                assert_eq!(
                    before.cues.iter().map(|cue| cue.span).collect::<Vec<_>>(),
                    document.cues.iter().map(|cue| cue.span).collect::<Vec<_>>()
                );
            }
        }
    }
}

#[test]
fn what_others_write() {
    for (source, want) in [
        // A line of spaces is one, as YouTube writes it.
        (
            "WEBVTT\n\n00:01.000 --> 00:03.000\n \nhello there friend\n\n00:03.500 --> 00:05.000\nbye\n",
            "WEBVTT\n\n00:00:01.000 --> 00:00:03.000\nhello there friend\n\n00:00:03.500 --> 00:00:05.000\nbye\n\n",
        ),
        // Two languages are two texts.
        (
            "1\n00:00:02,900 --> 00:00:09,900\nThis is one line that is much too long for any one of the profiles, and then some\n这是第二条\n",
            "1\n00:00:02,900 --> 00:00:09,900\nThis is one line that is much too long for any one of the profiles, and then some\n这是第二条\n\n",
        ),
        (
            "1\n00:00:00,000 --> 00:00:00,400\nYes,\n\n2\n00:00:00,400 --> 00:00:02,000\nэто так.\n",
            "1\n00:00:00,000 --> 00:00:00,316\nYes,\n\n2\n00:00:00,400 --> 00:00:02,000\nэто так.\n\n",
        ),
        // What is free behind a cue belongs to all that it is divided into.
        (
            "1\n00:00:02,900 --> 00:00:03,100\nOne sentence is here for you to read right now. Another one comes after it, and it is longer than that, as it was to be.\n\n\
             2\n00:00:20,000 --> 00:00:22,000\nBye.\n",
            "1\n00:00:02,900 --> 00:00:05,250\nOne sentence is here\nfor you to read right now.\n\n2\n00:00:05,334 --> 00:00:08,934\nAnother one comes after it, and it\n\
             is longer than that, as it was to be.\n\n3\n00:00:20,000 --> 00:00:22,000\nBye.\n\n",
        ),
        // What rolls a little is not said twice.
        (
            "1\n00:00:00,000 --> 00:00:00,500\nto the show\n\n2\n00:00:00,500 --> 00:00:02,000\nto the show today\n",
            "1\n00:00:00,000 --> 00:00:00,416\nto the show\n\n2\n00:00:00,500 --> 00:00:02,000\nto the show today\n\n",
        ),
        // The head is no cue's name, and a number between cues is no text.
        (
            "WEBVTT\n00:00.000 --> 00:02.000\na\n2\n00:02.084 --> 00:04.000\nb\n",
            "WEBVTT\n\n00:00:00.000 --> 00:00:02.000\na\n\n2\n00:00:02.084 --> 00:00:04.000\nb\n\n",
        ),
    ] {
        assert_eq!(fixed(source).0, want);
    }
}

#[test]
fn what_rolls_stays_as_it_is() {
    let cue = |n: u64, text: &str| {
        format!(
            "{} --> {}\n{text}\n\n",
            clock(Timestamp::from_millis(n * 900), '.'),
            clock(Timestamp::from_millis(n * 900 + 900), '.')
        )
    };
    let lines = [
        " \nhello and welcome",
        "hello and welcome\nto the show",
        "to the show\nof today where",
        "of today where\nwe talk of",
        "we talk of\nthe sea",
    ];
    let source: String = std::iter::once("WEBVTT\n\n".to_owned())
        .chain(lines.iter().enumerate().map(|(n, text)| cue(n as u64, text)))
        .collect();
    let (text, changes) = fixed(&source);
    assert_eq!((text, changes), (source.replace(" \nhello", "hello"), Changes::default()));
}

#[test]
fn what_keeps_the_rules_stays_as_it_is() {
    let source = "1\n00:00:00,000 --> 00:00:02,000\n<b>Good</b> <3\n\n2\n00:00:02,084 --> 00:00:04,000\n- Where?\n- Here.\n\n";
    assert_eq!(fixed(source), (source.to_owned(), Changes::default()));
}

#[test]
fn a_mended_file_is_written_as_it_was() {
    for (original, want) in [
        ("1\n", "a\nb\n"),
        ("1\r\n2\n", "a\r\nb\r\n"),
        ("\u{feff}1\r\n", "\u{feff}a\r\nb\r\n"),
        ("\u{feff}1", "\u{feff}a\nb\n"),
    ] {
        assert_eq!(written_like(original.as_bytes(), "a\nb\n".into()), want, "{original:?}");
    }
}
