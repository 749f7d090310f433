//! The whole room on speech that is made up: two voices that say the same few sounds.

use super::*;
use crate::align::{Belongs, Fit, Status, Timing};
use crate::article::from_text;
use crate::speech::Scorer;
use crate::time::{Span, Timestamp};
use proptest::prelude::*;

const RATE: usize = 16_000;

/// Whose voice it is: pitch in Hz, how large the speaker is, and how fast.
#[derive(Clone, Copy)]
struct Voice {
    pitch: f32,
    size: f32,
    pace: f32,
}

const SYNTH: Voice = Voice { pitch: 90.0, size: 1.0, pace: 1.0 };

/// Sounds by their letter.
const NAMES: &str = "abcdefghijklmnopqr";

/// The two resonances of a sound in Hz; it hisses where the first is 0.
fn resonances(name: char) -> (f32, f32) {
    let at = NAMES.find(name).unwrap_or(0);
    let low = [280.0, 420.0, 600.0, 800.0, 0.0, 0.0][at / 3];
    (low, [900.0, 1500.0, 2300.0][at % 3] * if at >= 15 { 1.9 } else { 1.0 + low / 2000.0 })
}

/// One sound of some 90 ms.
fn sound(name: char, voice: Voice, out: &mut Vec<f32>) {
    let (low, high) = resonances(name);
    let n = (0.09 / voice.pace * RATE as f32) as usize;
    let period = (RATE as f32 / voice.pitch) as usize;
    let mut random = out.len() as u32 ^ 0x9E37_79B9;
    let mut noise = move || {
        random = random.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        random as f32 / u32::MAX as f32 - 0.5
    };
    let source: Vec<f32> = (0..n)
        .map(|i| {
            if low == 0.0 {
                0.05 * noise()
            } else if i % period == 0 {
                0.4
            } else {
                0.002 * noise()
            }
        })
        .collect();
    let mut sum = vec![0.0; n];
    for hz in [low, high].into_iter().filter(|hz| *hz > 0.0) {
        let turn = std::f32::consts::TAU * hz / voice.size / RATE as f32;
        let (radius, mut a, mut b) = (0.97f32, 0.0, 0.0);
        for (sum, x) in sum.iter_mut().zip(&source) {
            let next = x + 2.0 * radius * turn.cos() * a - radius * radius * b;
            (a, b) = (next, a);
            *sum += 0.3 * next;
        }
    }
    out.extend(sum);
}

fn silence(seconds: f32, out: &mut Vec<f32>) {
    let n = (seconds * RATE as f32) as usize;
    out.extend((0..n).map(|i| 1e-4 * ((i * 7919 % 1000) as f32 / 1000.0 - 0.5)));
}

/// Says a word and returns when, in seconds.
fn say(word: &str, voice: Voice, out: &mut Vec<f32>) -> (f64, f64) {
    let at = |out: &Vec<f32>| out.len() as f64 / RATE as f64;
    let start = at(out);
    word.chars().for_each(|name| sound(name, voice, out));
    (start, at(out))
}

/// The text of an article in the synthesiser's voice.
fn spoken(article: &Article) -> Text {
    let mut text = Text::default();
    for sentence in &article.sentences {
        let mut samples = Vec::new();
        let mut sounds = Vec::new();
        for word in sentence.words.clone() {
            for name in article.word(word).to_lowercase().chars() {
                let start = samples.len() as u32;
                sound(name, SYNTH, &mut samples);
                let name = NAMES.find(name).map(|at| &NAMES[at..=at]);
                sounds.push(Sound { name, word, samples: start..samples.len() as u32 });
            }
        }
        let samples: Vec<i16> = samples.iter().map(|sample| (sample * 32767.0) as i16).collect();
        text.push(&samples, RATE as u32, sounds);
    }
    text
}

/// Some sentences of four words, that differ by their number and `seed`.
fn sentences(n: usize, seed: u32) -> Vec<String> {
    let mut random = seed.wrapping_mul(2_654_435_761).wrapping_add(12_345);
    let mut next = move |n: usize| {
        random = random.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (random >> 16) as usize % n
    };
    // No sound twice in a row: nobody could hear where the one ends.
    let mut last = 0;
    let mut word = move || -> String {
        let mut sound = || {
            last = (last + 1 + next(NAMES.len() - 1)) % NAMES.len();
            last
        };
        (0..4).map(|_| sound()).map(|at| &NAMES[at..=at]).collect()
    };
    let capital = |word: String| word[..1].to_uppercase() + &word[1..];
    (0..n).map(|_| format!("{} {} {} {}.", capital(word()), word(), word(), word())).collect()
}

fn heard(samples: &[f32]) -> (Recording, Vec<speech::Frame>) {
    let (mut recording, mut scorer, mut frames) = (Recording::default(), Scorer::new(), Vec::new());
    recording.push(samples);
    recording.finish();
    scorer.push(samples, &mut frames);
    scorer.finish(&mut frames);
    (recording, frames)
}

fn tie(article: &Article, samples: &[f32]) -> Warped {
    let (recording, frames) = heard(samples);
    warp(article, &spoken(article), &recording, &frames, &mut |_| true).unwrap()
}

fn in_order(words: &[Timing], end: usize) -> bool {
    let spans: Vec<Span> = words.iter().filter_map(|timing| timing.span).collect();
    let end = (end as u64 * 1000).div_ceil(RATE as u64) + 10;
    spans.windows(2).all(|pair| pair[0].end() <= pair[1].start())
        && spans.last().is_none_or(|last| last.end().millis() <= end)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(6))]
    #[test]
    fn another_voice_is_followed(seed in 0u32..1000, size in 0.85f32..1.0, pace in 0.8f32..1.3, pause in 0.2f32..0.8) {
        let article = from_text(&sentences(10, seed).join(" "));
        let voice = Voice { pitch: 190.0, size, pace };
        let (mut samples, mut truth) = (Vec::new(), Vec::new());
        silence(0.7, &mut samples);
        for sentence in &article.sentences {
            for word in sentence.words.clone() {
                truth.push(say(&article.word(word).to_lowercase(), voice, &mut samples).0);
            }
            silence(pause, &mut samples);
        }
        let warped = tie(&article, &samples);
        prop_assert!(in_order(&warped.alignment.words, samples.len()));
        let is_near = |(timing, start): &(&Timing, &f64)| timing.span.is_some_and(|span| (span.start().secs() - **start).abs() < 0.06);
        let near = warped.alignment.words.iter().zip(&truth).filter(is_near).count();
        prop_assert!(near * 10 >= truth.len() * 9, "{} of {} words", near, truth.len());
    }

    /// What was recognised is about half a second off, and a sentence of it was never said.
    #[test]
    fn words_that_are_known_are_put_in_their_place(seed in 0u32..1000, size in 0.85f32..1.0, off in -0.5f64..0.5, wrong in 2usize..8) {
        let article = from_text(&sentences(10, seed).join(" "));
        let voice = Voice { pitch: 190.0, size, pace: 1.1 };
        let (mut samples, mut truth) = (Vec::new(), Vec::new());
        silence(0.7, &mut samples);
        for (index, sentence) in article.sentences.iter().enumerate() {
            for word in sentence.words.clone() {
                let text = article.word(word).to_lowercase();
                let said: String = if index == wrong { text.chars().rev().collect() } else { text };
                truth.push(say(&said, voice, &mut samples));
            }
            silence(0.4, &mut samples);
        }
        let time = |seconds: f64| Timestamp::from_secs(seconds.max(0.0));
        let rough: Vec<Option<Span>> = truth.iter().map(|(a, b)| Some(Span::new(time(a + off), time(b + off)))).collect();
        let (recording, frames) = heard(&samples);
        let placed = lay(&article, &spoken(&article), &recording, &frames, &rough, &mut |_| true).unwrap();
        let spans: Vec<Span> = placed.iter().copied().flatten().collect();
        prop_assert!(spans.windows(2).all(|pair| pair[0].end() <= pair[1].start()));
        let others = (0..truth.len()).filter(|at| !article.sentences[wrong].words.contains(at));
        let near = others.clone().filter(|at| placed[*at].is_some_and(|span| (span.start().secs() - truth[*at].0).abs() < 0.06)).count();
        prop_assert!(near * 10 >= others.count() * 9, "{} of {} words", near, truth.len());
        // Whoever says no is heard.
        prop_assert!(lay(&article, &spoken(&article), &recording, &frames, &rough, &mut |_| false).is_none());
    }

    #[test]
    fn anything_is_survived(noise in prop::collection::vec(-1.0f32..1.0, 0..40_000), n in 0usize..4) {
        let article = from_text(&sentences(n, 1).join(" "));
        prop_assert!(in_order(&tie(&article, &noise).alignment.words, noise.len()));
        let rough = vec![Some(Span::from_millis(500, 900)); article.words.len()];
        let (recording, frames) = heard(&noise);
        prop_assert!(lay(&article, &spoken(&article), &recording, &frames, &rough, &mut |_| true).is_some());
    }
}

#[test]
fn what_is_not_read_and_what_is_not_written() {
    let article = from_text(&sentences(14, 5).join(" "));
    let unwritten = sentences(4, 77).join(" ");
    let voice = Voice { pitch: 180.0, size: 0.9, pace: 1.1 };
    let mut samples = Vec::new();
    silence(0.5, &mut samples);
    for (index, sentence) in article.sentences.iter().enumerate() {
        if index == 6 {
            for word in unwritten.to_lowercase().split([' ', '.']).filter(|word| !word.is_empty()) {
                say(word, voice, &mut samples);
            }
            silence(0.6, &mut samples);
        }
        if !(9..11).contains(&index) {
            sentence.words.clone().for_each(|word| {
                say(&article.word(word).to_lowercase(), voice, &mut samples);
            });
            silence(0.5, &mut samples);
        }
    }
    let warped = tie(&article, &samples);
    let unread: Vec<usize> = (0..14)
        .filter(|index| warped.alignment.sentences[*index].status == Status::Unspoken)
        .collect();
    assert_eq!(unread, [9, 10]);
    assert_eq!(warped.alignment.unwritten.len(), 1, "{:?}", warped.alignment.unwritten);
    assert_eq!(warped.verdict.belongs(), Belongs::Yes, "{}", warped.verdict);
}

#[test]
fn a_sentence_in_which_the_recording_breaks_off() {
    // Sentences of eight words, of the sixth of which some are said.
    let longer =
        |pair: &[String]| format!("{} {}", pair[0].trim_end_matches('.'), pair[1].to_lowercase());
    let article = from_text(&sentences(16, 5).chunks(2).map(longer).collect::<Vec<_>>().join(" "));
    for n in [3, 5, 7] {
        let mut samples = Vec::new();
        for word in (0..5 * 8 + n).map(|word| article.word(word).to_lowercase()) {
            say(&word, Voice { pitch: 180.0, size: 0.9, pace: 1.1 }, &mut samples);
        }
        let alignment = tie(&article, &samples).alignment;
        let statuses: Vec<Status> =
            alignment.sentences.iter().map(|sentence| sentence.status).collect();
        use Status::{Partly, Spoken, Unspoken};
        assert_eq!(
            statuses,
            [Spoken, Spoken, Spoken, Spoken, Spoken, Partly, Unspoken, Unspoken],
            "{n} words"
        );
        assert_eq!(
            alignment.words[40..48].iter().filter(|timing| timing.span.is_some()).count(),
            n
        );
    }
}

#[test]
fn the_end_of_a_long_text() {
    let article = from_text(&sentences(260, 9).join(" "));
    let mut samples = Vec::new();
    silence(0.5, &mut samples);
    for word in article.sentences[240..252].iter().flat_map(|sentence| sentence.words.clone()) {
        say(
            &article.word(word).to_lowercase(),
            Voice { pitch: 180.0, size: 0.9, pace: 1.1 },
            &mut samples,
        );
    }
    let warped = tie(&article, &samples);
    let is_read = |index: &usize| warped.alignment.sentences[*index].status != Status::Unspoken;
    assert_eq!((0..260).filter(is_read).collect::<Vec<_>>(), (240..252).collect::<Vec<_>>());
}

#[test]
fn another_text_is_refused() {
    let (said, written) = (sentences(30, 3).join(" "), from_text(&sentences(30, 4).join(" ")));
    let mut samples = Vec::new();
    for word in said.to_lowercase().split([' ', '.']).filter(|word| !word.is_empty()) {
        say(word, Voice { pitch: 150.0, size: 0.95, pace: 1.0 }, &mut samples);
    }
    let verdict = tie(&written, &samples).verdict;
    assert_eq!(verdict.belongs(), Belongs::No, "{verdict}");
}

#[test]
fn too_little_to_tell() {
    let (said, written) = (sentences(2, 3).join(" "), from_text(&sentences(2, 4).join(" ")));
    let mut samples = Vec::new();
    for word in said.to_lowercase().split([' ', '.']).filter(|word| !word.is_empty()) {
        say(word, Voice { pitch: 150.0, size: 0.95, pace: 1.0 }, &mut samples);
    }
    let verdict = tie(&written, &samples).verdict;
    assert_eq!(verdict.belongs(), Belongs::Unknown, "{verdict}");
}

/// A recogniser that is right about what is said and half a second late after each pause, and whose
/// third sentence was not read; the narrator read all others. Every word comes to lie where it is,
/// and nothing where nothing is.
#[test]
fn what_was_heard_stands_where_it_fits() {
    let article = from_text(&sentences(10, 21).join(" "));
    let (mut samples, mut truth) = (Vec::new(), vec![None; article.words.len()]);
    silence(0.6, &mut samples);
    let mut by_ear = Alignment {
        words: vec![Timing::default(); article.words.len()],
        ..judge::nothing(&article, Fit::None).alignment
    };
    for (index, sentence) in article.sentences.iter().enumerate().filter(|(index, _)| *index != 2) {
        for (at, word) in sentence.words.clone().enumerate() {
            let (start, end) = say(
                &article.word(word).to_lowercase(),
                Voice { pitch: 180.0, size: 0.9, pace: 1.1 },
                &mut samples,
            );
            truth[word] = Some(start);
            let late = if at == 0 { 0.3 } else { 0.1 };
            let span = Span::from_millis(
                ((start + late) * 1000.0) as u64,
                ((end + late.min(0.1)) * 1000.0) as u64 + 200,
            );
            by_ear.words[word] =
                Timing { span: Some(span), confidence: 0.8, spoken: word..word + 1 };
        }
        by_ear.sentences[index].status = Status::Spoken;
        silence(0.6, &mut samples);
    }
    let (recording, frames) = heard(&samples);
    let warped =
        warp_beside(&article, &spoken(&article), &recording, &frames, Some(&by_ear), &mut |_| true)
            .unwrap();
    let joined = warped.joined.unwrap();
    assert!(in_order(&joined.words, samples.len()));
    for (word, (timing, start)) in joined.words.iter().zip(&truth).enumerate() {
        match (timing.span, start) {
            (Some(span), Some(start)) => {
                assert!((span.start().secs() - start).abs() < 0.1, "{word}: {span:?} for {start}");
            }
            (span, start) => assert_eq!((span, *start), (None, None), "{word}"),
        }
    }
}

#[test]
fn it_can_be_stopped() {
    let article = from_text(&sentences(3, 1).join(" "));
    let mut samples = Vec::new();
    for word in article.text.to_lowercase().split([' ', '.']).filter(|word| !word.is_empty()) {
        say(word, SYNTH, &mut samples);
    }
    let (recording, frames) = heard(&samples);
    assert_eq!(warp(&article, &spoken(&article), &recording, &frames, &mut |_| false), None);
}
