//! What is kept, what is tried again, and what is said of it.

use super::*;
use crate::transcript::SpokenWord;

fn line(text: &str, start: u64, mean_plog: f32) -> Line {
    let word = |(i, w): (usize, &str)| {
        let at = start + 300 * i as u64;
        SpokenWord { text: w.into(), span: Span::from_millis(at, at + 300), probability: Some(0.9) }
    };
    let words: Vec<_> = text.split(' ').enumerate().map(word).collect();
    Line {
        segment: Segment { span: outer(&words), text: text.into(), words, is_doubtful: false },
        mean_plog,
        no_speech: 0.1,
    }
}

fn how() -> How {
    How {
        language: "en".into(),
        beam: 5,
        temperature: 0.0,
        prompt: "Ada".into(),
        is_guess: false,
        is_whole: false,
        spoken_ms: None,
    }
}

fn attempts() -> Attempts {
    Attempts::new(Span::from_millis(0, 28_000), how(), Known::Only)
}

fn done(next: Next) -> Settled {
    match next {
        Next::Done(settled) => settled,
        other => panic!("{other:?}"),
    }
}

#[test]
fn good_text_is_kept_at_once() {
    let settled = done(attempts().take(vec![line("the cat sat on the mat", 0, -0.3)], |_| 100));
    assert_eq!(settled.segments.len(), 1);
    assert!(!settled.segments[0].is_doubtful && settled.gaps.is_empty());
}

#[test]
fn a_loop_is_tried_again_and_then_cut() {
    let looping = || {
        vec![line(
            "so we begin and on we go and on we go and on we go and on we go and on we go",
            0,
            -0.2,
        )]
    };
    let mut tries = attempts();
    let Next::Again(second) = tries.take(looping(), |_| 100) else { panic!() };
    assert_eq!(
        (second.beam, second.prompt.as_str(), second.temperature, second.is_whole),
        (1, "", 0.0, true)
    );
    let Next::Again(third) = tries.clone().take(looping(), |_| 100) else { panic!() };
    assert!(third.temperature > 0.0);
    // A retry without the loop wins.
    let good = done(tries.clone().take(vec![line("so we begin", 0, -0.4)], |_| 100));
    assert_eq!(good.segments[0].text, "so we begin");
    // Loops all the way: two turns stay, marked.
    let _ = tries.take(looping(), |_| 100);
    let cut = done(tries.take(looping(), |_| 100));
    assert_eq!(cut.segments[0].text, "so we begin and on we go and on we go");
    assert!(cut.segments[0].is_doubtful);
    assert_eq!(cut.gaps, [Gap { span: Span::from_millis(3300, 6900), reason: GapReason::Unclear }]);
}

#[test]
fn loops() {
    for (text, want) in [
        ("no no no no no", None),
        ("no no no no no no no no", Some((0, 1, 8))),
        ("never again , never again , never again", None),
        ("a b c a b c a b c a b c d", Some((0, 3, 4))),
        ("x A, b c. a b c a b c a B c", Some((1, 3, 4))),
        ("", None),
    ] {
        let words: Vec<_> = text.split_whitespace().collect();
        assert_eq!(find_loop(&words).map(|l| (l.start, l.period, l.repeats)), want, "{text}");
    }
}

#[test]
fn letters_in_a_row() {
    for (word, want) in [
        ("hmmmm", false),
        ("bodddddddside", true),
        ("OooOooo", true),
        ("1000000", false),
        ("哈哈哈哈", false),
    ] {
        assert_eq!(is_stutter(word), want, "{word}");
    }
}

#[test]
fn no_words_where_nobody_speaks() {
    for (text, spoken) in [
        ("[Music]", false),
        ("(applause)", false),
        ("♪ la la ♪", false),
        ("...", false),
        ("*sighs*", false),
        ("（音樂）", false),
        ("[Bob] said (so)", true),
    ] {
        assert_eq!(!is_annotation(text), spoken, "{text}");
    }
    assert_eq!(
        done(attempts().take(vec![line("thanks for watching", 0, -0.2)], |_| 0)).segments,
        []
    );
    let mut silent = line("you", 0, -1.5);
    silent.no_speech = 0.9;
    assert_eq!(done(attempts().take(vec![silent], |_| 100)).segments, []);
}

#[test]
fn one_doubtful_line_among_good_ones_is_marked_at_once() {
    let lines = || vec![line("the cat sat on the mat", 0, -0.3), line("Tu", 2000, -1.2)];
    let settled = done(attempts().take(lines(), |_| 100));
    assert_eq!(settled.segments.iter().map(|s| s.is_doubtful).collect::<Vec<_>>(), [false, true]);
    let mostly = vec![line("the cat sat on the mat", 0, -1.3), line("Tu", 2000, -0.2)];
    assert!(matches!(attempts().take(mostly, |_| 100), Next::Again(_)));
}

#[test]
fn speech_without_words_is_tried_again_and_then_told() {
    // Somebody speaks from 0 to 18 s.
    let spoken_ms = |span: Span| span.clamp_to(Span::from_millis(0, 18_000)).millis();
    let early = || vec![line("the cat sat on the mat", 0, -0.3)];
    let whole = || {
        vec![
            line("the cat sat", 0, -0.3),
            line(
                "a b c d e f g h i j k l m n o p q r s t u v w x y z a b c d e f g h i j k l m n o p q r s t u v",
                2000,
                -0.3,
            ),
        ]
    };
    let mut tries = attempts();
    assert!(matches!(tries.take(early(), spoken_ms), Next::Again(_)));
    let found = done(tries.clone().take(whole(), spoken_ms));
    assert!(found.segments.len() == 2 && found.gaps.is_empty(), "{:?}", found.gaps);
    let _ = tries.take(early(), spoken_ms);
    let lost = done(tries.take(early(), spoken_ms));
    assert_eq!(
        lost.gaps,
        [Gap { span: Span::from_millis(2100, 28_000), reason: GapReason::Unclear }]
    );
    assert!(!lost.segments[0].is_doubtful);
}

#[test]
fn what_stays_doubtful_is_marked() {
    let mut tries = attempts();
    for _ in 0..2 {
        assert!(matches!(
            tries.take(vec![line("mumble mumble", 0, -2.0)], |_| 100),
            Next::Again(_)
        ));
    }
    let settled = done(tries.take(vec![line("mumble rumble", 0, -1.5)], |_| 100));
    assert_eq!(settled.segments[0].text, "mumble rumble");
    assert!(settled.segments[0].is_doubtful);
}

fn zh() -> How {
    How { language: "zh".into(), prompt: String::new(), ..how() }
}

fn sounds(found: &[(&str, f32)]) -> Vec<(String, f32)> {
    found.iter().map(|(code, p)| ((*code).to_owned(), *p)).collect()
}

#[test]
fn another_language_needs_better_evidence() {
    let mumble = || vec![line("mumble mumble", 0, -1.5)];
    for (known, found, plog, want) in [
        (Known::Heard(0.7), &[("es", 0.95)][..], -0.3, Some("es")),
        // Not as sure as the recording is; not sure at all; its words are no likelier; nobody
        // knows.
        (Known::Heard(0.97), &[("es", 0.95)], -0.3, None),
        (Known::Heard(0.4), &[("es", 0.6)], -0.3, None),
        (Known::Heard(0.7), &[("es", 0.95)], -1.45, None),
        (Known::Heard(0.7), &[("en", 0.95)], -0.3, None),
        (Known::Heard(0.7), &[], -0.3, None),
        // What the user says stands.
        (Known::Told, &[("es", 0.95)], -0.3, None),
    ] {
        let mut tries = Attempts::new(Span::from_millis(0, 28_000), how(), known);
        tries.sounds_like(sounds(found));
        let mut next = tries.take(mumble(), |_| 100);
        while let Next::Again(how) = next {
            let spanish = how.language == "es";
            next = tries
                .take(if spanish { vec![line("hola amigos", 0, plog)] } else { mumble() }, |_| 100);
        }
        let settled = done(next);
        assert_eq!(settled.language, want.unwrap_or("en"), "{known:?} {found:?}");
        assert_eq!(settled.segments[0].is_doubtful, want.is_none());
        let told = sounds(found).first().filter(|_| want.is_none()).cloned();
        assert_eq!(settled.sounds_like, told);
    }
}

#[test]
fn a_language_that_is_clear_is_tried_however_good_the_text_looks() {
    const LOOP: &str = "he said so he said so he said so he said so he said so";
    let sure = Known::Heard(0.99);
    let es = &[("es", 0.96), ("en", 0.01)][..];
    // Known how, sounds like, how long somebody speaks, what is written in English, how likely its
    // words and the Spanish ones are; then the languages asked for, that of the text, and whether
    // it is doubtful.
    for (known, found, ms, english, plogs, tried, want, is_doubtful) in [
        // A translation is less likely.
        (sure, es, 6_000, "hello friends", (-0.7, -0.3), "en es", "es", false),
        (Known::Heard(0.6), es, 6_000, "hello friends", (-0.7, -0.3), "en es", "es", false),
        // A loop is likely by itself, and does not count.
        (sure, es, 6_000, LOOP, (-0.1, -0.6), "en es", "es", false),
        // Neither is clearly better: what the recording speaks stays, and is marked.
        (sure, es, 6_000, "hello friends", (-0.4, -0.3), "en es", "en", true),
        (sure, es, 6_000, "hello friends", (-0.4, -1.2), "en es", "en", true),
        (sure, es, 6_000, LOOP, (-0.1, -1.2), "en es en en", "en", true),
        // Not clear, too short, or somebody knows better: once is enough.
        (sure, &[("es", 0.85)], 6_000, "hello friends", (-0.7, -0.3), "en", "en", false),
        (sure, es, 4_000, "hello friends", (-0.7, -0.3), "en", "en", false),
        (sure, &[("en", 0.96)], 6_000, "hello friends", (-0.7, -0.3), "en", "en", false),
        (sure, &[], 6_000, "hello friends", (-0.7, -0.3), "en", "en", false),
        (Known::Told, es, 6_000, "hello friends", (-0.7, -0.3), "en", "en", false),
        (Known::Only, es, 6_000, "hello friends", (-0.7, -0.3), "en", "en", false),
    ] {
        let name = format!("{known:?} {found:?} {ms} {english} {plogs:?}");
        let window = Span::from_millis(0, 28_000);
        let spoken_ms = |span: Span| if span == window { ms } else { 100 };
        let mut tries = Attempts::new(window, how(), known);
        tries.sounds_like(sounds(found));
        let mut asked = vec!["en".to_owned()];
        let mut next = tries.take(vec![line(english, 0, plogs.0)], spoken_ms);
        while let Next::Again(how) = next {
            let spanish = how.language == "es";
            asked.push(how.language);
            let (text, plog) = if spanish { ("hola amigos", plogs.1) } else { (english, plogs.0) };
            next = tries.take(vec![line(text, 0, plog)], spoken_ms);
        }
        let settled = done(next);
        assert_eq!(asked.join(" "), tried, "{name}");
        assert_eq!(settled.language, want, "{name}");
        assert_eq!(settled.segments[0].is_doubtful, is_doubtful, "{name}");
        let told = sounds(found).first().filter(|_| is_doubtful).cloned();
        assert_eq!(settled.sounds_like, told, "{name}");
    }
}

#[test]
fn letters_of_another_alphabet_are_doubtful() {
    let thai = || vec![line("你 好", 0, -0.2), line("สวัดี ครับ", 3000, -0.2)];
    for (found, is_kept) in [
        (&[("zh", 0.9), ("th", 0.05)][..], false),
        (&[("zh", 0.6), ("th", 0.3)], true),
        (&[], true),
    ] {
        let mut tries = Attempts::new(Span::from_millis(0, 28_000), zh(), Known::Told);
        tries.sounds_like(sounds(found));
        assert!(matches!(tries.take(thai(), |_| 100), Next::Again(_)));
        assert!(matches!(tries.take(thai(), |_| 100), Next::Again(_)));
        let settled = done(tries.take(thai(), |_| 100));
        let kept: Vec<(&str, bool)> =
            settled.segments.iter().map(|s| (s.text.as_str(), s.is_doubtful)).collect();
        if is_kept {
            assert_eq!(kept, [("你 好", false), ("สวัดี ครับ", true)]);
        } else {
            assert_eq!(kept, [("你 好", false)]);
            assert_eq!(
                settled.gaps,
                [Gap { span: Span::from_millis(3000, 3600), reason: GapReason::Unclear }]
            );
        }
    }
    // One letter is a sign, and Latin letters are everybody's.
    for text in ["圓周 率 π", "の 屋", "GPT 模型"] {
        let settled = done(
            Attempts::new(Span::from_millis(0, 28_000), zh(), Known::Told)
                .take(vec![line(text, 0, -0.2)], |_| 100),
        );
        assert!(!settled.segments[0].is_doubtful, "{text}");
    }
}

#[test]
fn an_attempt_may_be_the_last() {
    let settled = attempts().end(vec![line("mumble mumble", 0, -2.0)], |_| 100);
    assert!(settled.segments[0].is_doubtful);
}
