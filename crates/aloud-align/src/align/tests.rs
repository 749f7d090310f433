//! The alignment as a whole: tables of small readings, and what must hold for any.

use super::{Alignment, Fit, Status, align, refine, verdict};
use crate::article::{Article, Sentence, WrittenWord};
use crate::speech::Frame;
use crate::time::{Span, Timestamp};
use crate::transcript::characters::{is_spoken, thirds};
use crate::transcript::{Segment, SpokenWord, Transcript, split};
use proptest::prelude::*;

/// An article of a sentence a line.
fn article(lines: &[&str]) -> Article {
    let mut article = Article { text: lines.join("\n"), ..Article::default() };
    let mut at = 0;
    for line in lines {
        let first = article.words.len();
        for range in split::words(line) {
            let word = &line[range.clone()];
            let core = word.trim_matches(|c| !is_spoken(c));
            let start = at + range.start + word.find(core).unwrap_or(0);
            if !core.is_empty() {
                article.words.push(WrittenWord { bytes: start..start + core.len() });
            }
        }
        article.sentences.push(Sentence {
            bytes: at..at + line.len(),
            words: first..article.words.len(),
            skip: None,
        });
        at += line.len() + 1;
    }
    article
}

/// Words said at 80 ms a third of a syllable; "_" is a second of silence.
fn transcript(said: &str) -> Transcript {
    let mut at = 0;
    let mut words = Vec::new();
    for stretch in said.split('_') {
        for range in split::words(stretch) {
            let text = &stretch[range];
            let start = at;
            at += text.chars().map(|c| 80 * u64::from(thirds(c))).sum::<u64>().max(80);
            words.push(SpokenWord {
                text: text.to_owned(),
                span: Span::from_millis(start, at),
                probability: Some(1.0),
            });
        }
        at += 1000;
    }
    let segment = Segment {
        span: Span::from_millis(0, at),
        text: said.to_owned(),
        words,
        is_doubtful: false,
    };
    Transcript { segments: vec![segment], ..Transcript::default() }
}

/// What each written word was matched with, as "word=spoken words"; "word~" where it was placed
/// without any, "word-" where it is not spoken.
fn matches(article: &Article, transcript: &Transcript, alignment: &Alignment) -> String {
    let spoken: Vec<&str> = transcript.words().map(|word| word.text.as_str()).collect();
    let words = alignment.words.iter().enumerate().map(|(index, timing)| match timing.span {
        None => format!("{}-", article.word(index)),
        Some(_) if timing.spoken.is_empty() => format!("{}~", article.word(index)),
        Some(_) => format!("{}={}", article.word(index), spoken[timing.spoken.clone()].join("+")),
    });
    words.collect::<Vec<_>>().join(" ")
}

fn check(lines: &[&str], said: &str, want: &str) {
    let (article, transcript) = (article(lines), transcript(said));
    let alignment = align(&article, &transcript);
    assert_eq!(matches(&article, &transcript, &alignment), want, "{said}");
}

#[test]
fn forms() {
    check(
        &["They would spend $8 trillion on 1,400 houses."],
        "they would spend eight trillion dollars on fourteen hundred houses",
        "They=they would=would spend=spend $8=eight trillion=trillion+dollars on=on 1,400=fourteen+hundred houses=houses",
    );
    check(
        &["他在2024年9月花了8萬億，少了40%。"],
        "他在二零二四年九月花了八万亿少了百分之四十",
        "他=他 在=在 2024=二+零+二+四 年=年 9=九 月=月 花=花 了=了 8=八 萬=万 億=亿 少=少 了=了 40%=百+分+之+四+十",
    );
    check(
        &["We use open source tools here."],
        "we use opensource tools here",
        "We=we use=use open=opensource source~ tools=tools here=here",
    );
    check(
        &["I asked DeepSeek about it."],
        "I asked deep seek about it",
        "I=I asked=asked DeepSeek=deep+seek about=about it=it",
    );
}

#[test]
fn misheard_and_missed() {
    // Heard by ear, misheard, and not heard at all, each where it stands.
    check(
        &["The old camels came less often to the market."],
        "the old cammles came less zebra to _ market",
        "The=the old=old camels=cammles came=came less=less often=zebra to=to the~ market=market",
    );
    // The last of three equal words is the one that was heard there.
    check(
        &["say it again again again please"],
        "say it _ _ again please",
        "say=say it=it again~ again~ again=again please=please",
    );
}

#[test]
fn statuses() {
    let lines = [
        "The Title of It All",
        "By Somebody Else",
        "The river came over the road and the lights went out.",
        "Photo: the road near the old school last winter.",
        "Nobody outside the county could reach them for three days, as the telephones had failed and the roads were closed.",
    ];
    let said = "you are listening to plain terms a weekly column about many things _ the river came over the road and the lights went out _ \
                nobody outside the county could reach them for three days";
    let alignment = align(&article(&lines), &transcript(said));
    let statuses: Vec<Status> =
        alignment.sentences.iter().map(|sentence| sentence.status).collect();
    assert_eq!(
        statuses,
        [Status::Unspoken, Status::Unspoken, Status::Spoken, Status::Unspoken, Status::Partly]
    );
    let unwritten: Vec<&str> =
        alignment.unwritten.iter().map(|unwritten| unwritten.text.as_str()).collect();
    assert_eq!(unwritten, ["you are listening to plain terms a weekly column about many things"]);
}

#[test]
fn verdicts() {
    let text = "the river came over the road in mill county and the lights went out in the courthouse \
                what kept working was a small computer in a closet that drew its power from a fire truck";
    let other = "every spring the keeper climbs the tower to paint the iron rail although nobody has asked her to do so \
                 and the ships that pass below it blow their horns as they have done for a hundred years or more";
    let long = format!("{other} {text} {other}");
    for (written, said, want) in [
        (text, text, Fit::Whole),
        (text, other, Fit::None),
        (text, long.as_str(), Fit::Within),
        (long.as_str(), text, Fit::Part),
        (text, "", Fit::Short),
        ("", text, Fit::Short),
        ("good morning", "good morning", Fit::Whole),
    ] {
        let (article, transcript) = (article(&[written]), transcript(said));
        let alignment = align(&article, &transcript);
        let verdict = verdict(&article, &transcript, &alignment);
        assert_eq!(verdict.fit, want, "{verdict:?} {written} | {said}");
    }
}

#[test]
fn refining() {
    // One word heard at either end, two placed by length between them; the sound dips 60 ms after
    // their common edge.
    let article = article(&["alpha bravo charlie delta"]);
    let transcript = transcript("alpha _ delta");
    let mut alignment = align(&article, &transcript);
    let spans = |alignment: &Alignment| {
        alignment.words.iter().map(|timing| timing.span.expect("placed")).collect::<Vec<_>>()
    };
    let before = spans(&alignment);
    let edge = before[1].end().millis();
    let dip = (edge + 60) / 10;
    let frames: Vec<Frame> = (0..300)
        .map(|at| Frame { energy_db: if at == dip { -40.0 } else { -20.0 }, speech: 1.0 })
        .collect();
    refine(&mut alignment, &article, &frames);
    let after = spans(&alignment);
    assert_eq!(after[1].end(), Timestamp::from_millis(dip * 10 + 5));
    assert_eq!(
        (after[1].start(), after[2].start(), after[2].end()),
        (before[1].start(), after[1].end(), before[2].end())
    );
    assert_eq!((after[0], after[3]), (before[0], before[3]));
}

/// What must hold for any alignment.
fn assert_sound(
    article: &Article,
    transcript: &Transcript,
    alignment: &Alignment,
) -> Result<(), TestCaseError> {
    let n_spoken = transcript.words().count();
    prop_assert_eq!(alignment.words.len(), article.words.len());
    prop_assert_eq!(alignment.sentences.len(), article.sentences.len());
    prop_assert!((0.0..=1.0).contains(&alignment.coverage));
    let spans: Vec<Span> = alignment.words.iter().filter_map(|timing| timing.span).collect();
    prop_assert!(spans.windows(2).all(|pair| pair[0].end() <= pair[1].start()), "{:?}", spans);
    let mut n_uses = vec![0; n_spoken];
    let matched = alignment.words.iter().map(|timing| timing.spoken.clone());
    for index in matched
        .chain(alignment.unwritten.iter().map(|unwritten| unwritten.spoken.clone()))
        .flatten()
    {
        n_uses[index] += 1;
    }
    prop_assert!(n_uses.iter().all(|n| *n <= 1), "{:?}", n_uses);
    for timing in &alignment.words {
        prop_assert!((0.0..=1.0).contains(&timing.confidence));
        prop_assert!(timing.span.is_some() || timing.spoken.is_empty());
    }
    for (sentence, timing) in article.sentences.iter().zip(&alignment.sentences) {
        let is_timed =
            alignment.words[sentence.words.clone()].iter().any(|timing| timing.span.is_some());
        prop_assert_eq!(timing.span.is_some(), is_timed);
        prop_assert_eq!(timing.status == Status::Unspoken, !is_timed);
    }
    Ok(())
}

fn text() -> impl Strategy<Value = Vec<String>> {
    let word = prop::sample::select(vec![
        "the",
        "river",
        "road",
        "open",
        "source",
        "opensource",
        "open-source",
        "$8",
        "trillion",
        "eight",
        "dollars",
        "2025",
        "twenty",
        "five",
        "it's",
        "its",
        "40%",
        "U.S.",
        "會",
        "会",
        "聊",
        "天",
        "深",
        "DeepSeek",
        "deep",
        "seek",
        "九",
        "9:21",
        "—",
        "é",
        "…",
    ]);
    prop::collection::vec(prop::collection::vec(word, 0..9).prop_map(|words| words.join(" ")), 0..7)
}

#[test]
fn one_spoken_word_may_end_a_sentence_and_begin_the_next() {
    // "opensource" is "open" and "source", of which the second sentence was then not read.
    let lines = [
        "深 it's seek 2025 深 it's its",
        "九 trillion 會 open",
        "source dollars twenty open U.S.",
        "five 深 é the five seek deep 会",
        "會 DeepSeek seek é … open 九 九",
    ];
    let said = [
        "U.S. dollars the",
        "twenty é twenty 2025 會 opensource opensource U.S.",
        "",
        "open its road opensource open-source open",
    ];
    let (article, transcript) = (article(&lines), transcript(&said.join(" _ ")));
    assert_sound(&article, &transcript, &align(&article, &transcript)).unwrap();
}

#[test]
fn a_spoken_word_stands_in_one_place() {
    let lines = ["the 40% dollars five open", "dollars the U.S. the the", "$8 open the"];
    let (article, transcript) = (article(&lines), transcript("the 40% it's $8 U.S. _ twenty open"));
    let alignment = align(&article, &transcript);
    assert_sound(&article, &transcript, &alignment).unwrap();
}

proptest! {
    #[test]
    fn any_two_texts(lines in text(), said in text()) {
        let lines: Vec<&str> = lines.iter().map(String::as_str).collect();
        let (article, transcript) = (article(&lines), transcript(&said.join(" _ ")));
        let alignment = align(&article, &transcript);
        assert_sound(&article, &transcript, &alignment)?;
        let _ = verdict(&article, &transcript, &alignment).to_string();
    }

    #[test]
    fn any_times(lines in text(), times in prop::collection::vec((0u64..20_000, 0u64..20_000), 0..40), frames in prop::collection::vec(-90f32..0.0, 0..2500)) {
        let lines: Vec<&str> = lines.iter().map(String::as_str).collect();
        let article = article(&lines);
        let words: Vec<String> = (0..article.words.len()).map(|index| article.word(index).to_owned()).collect();
        let words = words.into_iter().zip(times).map(|(text, (a, b))| SpokenWord { text, span: Span::from_millis(a, b), probability: None });
        let transcript = Transcript { segments: vec![Segment { words: words.collect(), ..Segment::default() }], ..Transcript::default() };
        let mut alignment = align(&article, &transcript);
        assert_sound(&article, &transcript, &alignment)?;
        let frames: Vec<Frame> = frames.into_iter().map(|energy_db| Frame { energy_db, speech: 0.5 }).collect();
        refine(&mut alignment, &article, &frames);
        assert_sound(&article, &transcript, &alignment)?;
    }
}
