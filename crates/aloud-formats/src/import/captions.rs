//! Captions of any format, and what has to be known of them before they are a transcript.
//!
//! Which format a file has is seen from its text. Who speaks, what is no speech, what is shown
//! twice, and which of two languages is spoken is settled here for all of them.

use super::assemble::{Rough, Words};
use super::notes::Notes;
use super::{ass, language, lrc, rolling, simple, srt, ttml, vtt};
use crate::article::speaker;
use crate::time::Span;
use crate::transcript::characters::{is_han, is_kana, thirds};

/// The cues of a file as they stand there.
pub(super) struct Captions {
    /// In the order of the file.
    pub(super) cues: Vec<Rough>,
    /// The language that the file declares, as it writes it.
    pub(super) language: Option<String>,
}

/// Whether `source` looks like captions or lyrics of some format.
pub(super) fn is_one(source: &str) -> bool {
    let head: String = source.chars().take(200_000).collect();
    is_vtt(source)
        || ttml::is_one(source)
        || ass::is_one(&head)
        || simple::is_microdvd(&head)
        || simple::is_sbv(&head)
        || lrc::is_one(&head)
        || super::text::lines(&head).any(|(_, line)| {
            super::stamp::timing(line)
                .is_some_and(|timing| timing.start.is_some() && timing.end.is_some())
        })
}

fn is_vtt(source: &str) -> bool {
    source
        .trim_start()
        .strip_prefix("WEBVTT")
        .is_some_and(|rest| rest.is_empty() || rest.starts_with(char::is_whitespace))
}

/// The cues of `source`; `None` for what is no captions.
pub(super) fn parse(source: &str, notes: &mut Notes) -> Option<Captions> {
    let (cues, language) = match () {
        () if source.trim_start().starts_with("WEBVTT") => {
            let vtt::Cues { cues, language } = vtt::read(source, notes);
            return Some(Captions { cues, language });
        }
        () if ttml::is_one(source) => ttml::read(source, notes),
        () if ass::is_one(source) => (ass::read(source, notes), None),
        () if simple::is_microdvd(source) => (simple::microdvd(source, notes), None),
        () if simple::is_sbv(source) => (simple::sbv(source, notes), None),
        () if lrc::is_one(source) => (lrc::read(source, notes), None),
        () => (srt::read(source, notes), None),
    };
    (!cues.is_empty()).then_some(Captions { cues, language })
}

/// What was said, of what is shown: each word once, in one language, by whom, without directions.
pub(super) fn settle(captions: Captions, spoken: Option<&str>, notes: &mut Notes) -> Vec<Rough> {
    let declared = captions.language.as_deref().and_then(language::code);
    let mut cues = captions.cues;
    rolling::unroll(&mut cues, notes);
    if let Some(kept) = choose_language(&mut cues, spoken.or(declared.as_deref()).map(writing_of)) {
        notes.of_file(format!(
            "it has two languages; what is {} was taken for what is said (`--language` says otherwise)",
            kept.letters()
        ));
    }
    let mut cues: Vec<Rough> = cues.into_iter().flat_map(by_speaker).collect();
    name_speakers(&mut cues);
    let n = cues.len();
    // A file of nothing but directions says something all the same: what is in it.
    if cues.iter().any(|cue| !speaker::is_direction(&cue.text)) {
        cues.retain(|cue| !speaker::is_direction(&cue.text));
    }
    if cues.len() < n {
        let what = match n - cues.len() {
            1 => "1 cue that only tells of sounds was left out".to_owned(),
            n => format!("{n} cues that only tell of sounds were left out"),
        };
        notes.of_file(what);
    }
    cues
}

/// Takes the labels of speakers out of the text.
fn name_speakers(cues: &mut [Rough]) {
    let labels = speaker::of_lines(cues.iter().map(|cue| cue.text.as_str()));
    for (cue, label) in cues.iter_mut().zip(labels) {
        let Some((name, len)) = label else { continue };
        rolling::drop_front(cue, len);
        cue.speaker.get_or_insert(name);
    }
}

/// A cue in which several speak, each under a name or behind a dash, as several; they share its
/// time by length.
fn by_speaker(mut cue: Rough) -> Vec<Rough> {
    let mut turns: Vec<(Option<String>, String)> =
        std::mem::take(&mut cue.turns).into_iter().map(|(name, text)| (Some(name), text)).collect();
    if turns.is_empty() && matches!(cue.words, Words::Unknown) {
        turns =
            behind_dashes(&cue.text).into_iter().map(|text| (cue.speaker.clone(), text)).collect();
    }
    let (Some(start), Some(end)) = (cue.start, cue.end) else { return vec![cue] };
    if turns.len() < 2 || end <= start {
        return vec![cue];
    }
    let weight = |text: &str| text.chars().map(|c| u64::from(thirds(c))).sum::<u64>().max(1);
    let weights: Vec<u64> = turns.iter().map(|(_, text)| weight(text)).collect();
    let part = |((speaker, text), span): ((Option<String>, String), Span)| {
        let rough = Rough::new(cue.place, Some(span.start()), Some(span.end()), text);
        Rough { speaker, ..rough }
    };
    turns.into_iter().zip(Span::new(start, end).shares(&weights)).map(part).collect()
}

/// The lines of a cue of which at least two begin with a dash, those without one put to the one
/// before; else nothing.
fn behind_dashes(text: &str) -> Vec<String> {
    const DASHES: [char; 4] = ['-', '–', '—', '‐'];
    let begins = |line: &str| {
        line.starts_with(DASHES)
            && !line.starts_with("--")
            && line.contains(crate::transcript::characters::is_spoken)
    };
    let lines: Vec<&str> = text.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
    if lines.iter().filter(|line| begins(line)).count() < 2
        || !lines.first().is_some_and(|line| begins(line))
    {
        return Vec::new();
    }
    let mut turns: Vec<String> = Vec::new();
    for line in lines {
        match turns.last_mut().filter(|_| !begins(line)) {
            Some(open) => {
                open.push('\n');
                open.push_str(line);
            }
            None => turns.push(line.to_owned()),
        }
    }
    turns
}

/// The scripts that two languages of one file are told apart by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Writing {
    Wide,
    Latin,
    Other,
}

impl Writing {
    /// What is written so, for messages: "what is in Latin letters".
    pub(super) const fn letters(self) -> &'static str {
        match self {
            Self::Wide => "in Chinese, Japanese or Korean",
            Self::Latin => "in Latin letters",
            Self::Other => "in other letters",
        }
    }
}

/// The script of most of the letters of `text`; `None` where there are none.
pub(crate) fn writing(text: &str) -> Option<Writing> {
    let (mut wide, mut latin, mut other) = (0, 0, 0);
    for c in text.chars().filter(|c| c.is_alphabetic()) {
        match c {
            c if is_han(c) || is_kana(c) || ('\u{ac00}'..='\u{d7a3}').contains(&c) => wide += 2,
            c if c.is_ascii() || ('\u{c0}'..='\u{24f}').contains(&c) => latin += 1,
            _ => other += 1,
        }
    }
    match () {
        () if wide + latin + other == 0 => None,
        () if wide >= latin && wide >= other => Some(Writing::Wide),
        () if latin >= other => Some(Writing::Latin),
        () => Some(Writing::Other),
    }
}

/// Whether a line is in one script, but for a name.
fn is_pure(line: &str) -> bool {
    let Some(kind) = writing(line) else { return false };
    let letters = line.split(|c: char| !c.is_alphabetic()).flat_map(str::chars);
    let (n, own) = letters.fold((0, 0), |(n, own), c| {
        (n + 1, own + usize::from(writing(c.encode_utf8(&mut [0; 4])) == Some(kind)))
    });
    own * 5 >= n * 4
}

/// So many cues in two languages are no chance.
const FEWEST: usize = 3;

/// The script that a language is written in, by its code.
pub(super) fn writing_of(language: &str) -> Writing {
    match language {
        "zh" | "yue" | "ja" | "ko" => Writing::Wide,
        "ru" | "uk" | "be" | "bg" | "sr" | "mk" | "el" | "ar" | "fa" | "he" | "hi" | "th"
        | "ur" | "ta" | "te" | "bn" | "ka" | "hy" => Writing::Other,
        _ => Writing::Latin,
    }
}

/// Keeps one of two languages, where most cues have both: as lines of one cue, or as two cues of
/// one time. It is the one in `wanted` letters, where a cue has such, and else the first. Returns
/// what was kept; `None` where there are no two.
pub(super) fn choose_language(cues: &mut Vec<Rough>, wanted: Option<Writing>) -> Option<Writing> {
    let kinds = |cue: &Rough| {
        cue.text.lines().filter(|line| is_pure(line)).filter_map(writing).collect::<Vec<_>>()
    };
    let is_mixed = |cue: &&Rough| {
        let kinds = kinds(cue);
        kinds.len() > 1 && kinds.iter().any(|kind| *kind != kinds[0])
    };
    let n_mixed = cues.iter().filter(is_mixed).count();
    let is_pair = |pair: &[Rough]| {
        let (a, b) = (writing(&pair[0].text), writing(&pair[1].text));
        pair[0].start.is_some()
            && pair[0].start == pair[1].start
            && a.is_some()
            && b.is_some()
            && a != b
    };
    // The second language may follow as a whole after the first.
    let mut by_time: Vec<(u64, Option<Writing>)> =
        cues.iter().filter_map(|cue| Some((cue.start?.millis(), writing(&cue.text)))).collect();
    by_time.sort_by_key(|(start, _)| *start);
    let n_apart = by_time
        .windows(2)
        .filter(|pair| {
            pair[0].0 == pair[1].0
                && pair[0].1 != pair[1].1
                && pair.iter().all(|(_, w)| w.is_some())
        })
        .count();
    let n_pairs = cues.windows(2).filter(|pair| is_pair(pair)).count().max(n_apart);
    // A cue that has only one of them does not tell which is the first.
    let first = cues
        .iter()
        .filter(|cue| n_mixed < FEWEST || is_mixed(cue))
        .find_map(|cue| cue.text.lines().find_map(writing))?;
    let chosen =
        wanted.filter(|kind| cues.iter().any(|cue| kinds(cue).contains(kind))).unwrap_or(first);
    if n_mixed >= FEWEST && n_mixed * 2 > cues.len() {
        for cue in cues.iter_mut().filter(|cue| matches!(cue.words, Words::Unknown)) {
            if cue.text.lines().any(|line| writing(line) == Some(chosen)) {
                let kept: Vec<&str> = cue
                    .text
                    .lines()
                    .filter(|line| writing(line).is_none_or(|kind| kind == chosen))
                    .collect();
                cue.text = kept.join("\n");
            }
        }
    } else if n_pairs >= FEWEST && n_pairs * 3 > cues.len() {
        cues.retain(|cue| writing(&cue.text).is_none_or(|kind| kind == chosen));
    } else {
        return None;
    }
    Some(chosen)
}

/// Of the cues of a file in two languages those in the other one than that in `chosen` letters.
pub(super) fn in_other_language(mut cues: Vec<Rough>, chosen: Writing) -> Vec<Rough> {
    let other = cues
        .iter()
        .flat_map(|cue| cue.text.lines())
        .filter(|line| is_pure(line))
        .find_map(|line| writing(line).filter(|kind| *kind != chosen));
    choose_language(&mut cues, other);
    cues.retain(|cue| writing(&cue.text).is_none_or(|kind| kind != chosen));
    cues
}
