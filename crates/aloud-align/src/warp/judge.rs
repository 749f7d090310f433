//! What a path is worth: confidence for each sentence, and whether the text belongs to the sound at
//! all.

use super::Warped;
use super::chance::margin;
use super::evidence::Evidence;
use super::mfcc;
use super::model::{Level, Model};
use super::place::{Path, span};
use super::sound::Recording;
use super::text::{Phone, Text};
use crate::align::{Alignment, Fit, Method, SentenceTiming, Status, Timing, Verdict};
use crate::article::{Article, BlockKind};
use crate::speech;
use crate::time::Span;
use std::ops::Range;

/// From this margin on a sentence is surely read here; below the other it is not.
const SURE: f32 = 1.65;
const LEAST: f32 = 1.0;
/// Where so many frames were put somewhere, the voice is known so well that less says as much.
const MANY: usize = 3_000;
const SURE_OF_MANY: f32 = 1.2;
/// How fast confidence grows with the margin.
const STEEP: f32 = 2.0;
/// At this margin it is as likely wrong as right.
const EVEN: f32 = 1.4;
/// However sure it is that a sentence is read here, so many of its words lie within 0.2 s of where
/// people put them by hand: those that follow another, and those that begin after a pause of so
/// many frames, where a breath or a slow onset is taken for sound (on recordings of people:
/// `benches/accuracy/people.rs` prints the table).
const WITHIN: f32 = 0.97;
const FIRST: f32 = 0.88;
const PAUSED: usize = 20;
/// A short sentence says less about itself than all others do: so many frames' worth.
const SHORT: f32 = 40.0;
/// A sentence with less than this share of its words is read in part.
const PARTLY: f32 = 0.8;
/// So is one without its last word whose sound ends so many frames before the recording's, or
/// later: it breaks off there.
const CUT_OFF: usize = 30;
/// Text and sound belong together from this gain of the text's own order on, less its standard
/// error and times the share that was placed; up to the other, its standard error added, they do
/// not. Of 84 wrong texts over 1 to 30 s of people in five languages none reached more than 0.06 of
/// the first; right ones of 15 s and more had 0.45 to 1.04, but for two Mandarin speakers whose
/// talk the path does not follow (0.02 and less, as wrong ones).
const OWN: f32 = 0.25;
const FOREIGN: f32 = 0.4;
/// Of a minute of speech and more so much: the longer it is, the better are the places that chance
/// finds for each sentence. Of 15 wrong texts of half a minute to seven minutes over two to nine
/// minutes of people and synthetic voices none reached more than 0.34, and none of their passages
/// more than 0.8 (a sonnet over a column of nine minutes: 0.31); right ones had 1.5 to 2.6, and
/// their passages 1.6 to 2.7, as had passages of half a minute alone.
const OWN_OF_LONG: f32 = 0.5;
const LONG: usize = 6_000;
/// Or if a passage gains so much: the rest may be another text.
const PASSAGE: f32 = 1.1;
/// Less speech or text than this does not tell that a text does not belong, in frames: half a
/// minute.
const TELLING: usize = 3_000;
/// Nor does less speech than this, a minute, of a text that is so many times as long: a voice of
/// which little is heard may not be found in so much. Of 18 stretches of 40 and 60 s of a poem of
/// five minutes, recited, nine are not.
const EXCERPT: (usize, u64) = (6_000, 3);

/// A path, and what is needed to judge it.
pub(super) struct Places<'a> {
    pub text: &'a Text,
    pub recording: &'a Recording,
    pub path: &'a Path,
    pub model: &'a Model,
    pub evidence: Evidence,
}

/// Where a sentence was put, in frames, and how much better than chance it fits there.
struct Place {
    frames: Range<usize>,
    margin: f32,
}

impl Places<'_> {
    pub fn judge(&self, article: &Article, level: &Level, frames: &[speech::Frame]) -> Warped {
        let words = self.path.words(self.text, article.words.len());
        let mut places: Vec<Option<Place>> =
            (0..article.sentences.len()).map(|index| self.place(article, index, &words)).collect();
        steady(&mut places);
        let verdict = self.verdict(article, &places, level);
        for (index, place) in places.iter_mut().enumerate() {
            // What narrators pass over has to be surely there: sounds that nobody wrote are like
            // some title or caption.
            let least = if may_be_passed_over(article, index) { SURE } else { LEAST };
            place.take_if(|place| place.margin < least);
        }
        let mut alignment = nothing(article, verdict.fit).alignment;
        let is_read: Vec<bool> = self
            .text
            .sentences
            .iter()
            .zip(&places)
            .flat_map(|(phones, place)| phones.clone().map(|_| place.is_some()))
            .collect();
        alignment.unwritten = self
            .path
            .unwritten(frames, |phone| is_read.get(phone as usize).is_some_and(|is_read| *is_read));
        for ((sentence, timing), place) in
            article.sentences.iter().zip(&mut alignment.sentences).zip(&places)
        {
            let Some(place) = place else { continue };
            let confidence = confidence(place.margin);
            for word in sentence.words.clone() {
                let Some(frames) = &words[word] else { continue };
                let follows = word.checked_sub(1).and_then(|before| words[before].as_ref());
                let is_first = follows.is_none_or(|before| frames.start >= before.end + PAUSED);
                let confidence = confidence * if is_first { FIRST } else { WITHIN };
                alignment.words[word] =
                    Timing { span: Some(span(frames)), confidence, spoken: 0..0 };
            }
            *timing = summed(&alignment.words[sentence.words.clone()], confidence);
            let has_last =
                sentence.words.clone().next_back().is_some_and(|word| words[word].is_some());
            if timing.status == Status::Spoken
                && !has_last
                && place.frames.end + CUT_OFF >= self.recording.len()
            {
                timing.status = Status::Partly;
            }
        }
        alignment.coverage = coverage(article, &alignment);
        Warped { alignment, verdict, joined: None }
    }

    fn place(
        &self,
        article: &Article,
        index: usize,
        words: &[Option<Range<usize>>],
    ) -> Option<Place> {
        let mut timed = words[article.sentences[index].words.clone()].iter().flatten();
        let first = timed.next()?;
        let frames = first.start..timed.next_back().unwrap_or(first).end;
        // What is not said of a sentence says nothing against the rest.
        let is_said = |phone: &&Phone| words.get(phone.word as usize).is_some_and(Option::is_some);
        let phones: Vec<Phone> = self.text.phones[self.text.sentences.get(index)?.clone()]
            .iter()
            .filter(is_said)
            .copied()
            .collect();
        Some(Place { margin: margin(&phones, self.recording, &frames, self.model), frames })
    }

    fn verdict(&self, article: &Article, places: &[Option<Place>], level: &Level) -> Verdict {
        let sentences = || article.sentences.iter().zip(&self.text.sentences).zip(places);
        let ms = |phones: &Range<usize>| {
            self.text.phones[phones.clone()].iter().map(|phone| u64::from(phone.ms)).sum::<u64>()
        };
        let n_frames: usize = places.iter().flatten().map(|place| place.frames.len()).sum();
        let sure = if n_frames >= MANY { SURE_OF_MANY } else { SURE };
        let is_sure =
            |place: &Option<Place>| place.as_ref().is_some_and(|place| place.margin >= sure);
        let likely = || sentences().filter(|((sentence, _), _)| sentence.skip.is_none());
        let wanted: u64 = likely().map(|((_, phones), _)| ms(phones)).sum();
        let found: u64 =
            likely().filter(|(_, place)| is_sure(place)).map(|((_, phones), _)| ms(phones)).sum();
        let heard: usize = places
            .iter()
            .filter(|place| is_sure(place))
            .flatten()
            .map(|place| level.speech_in(&place.frames))
            .sum();
        let share = |part: f64, whole: f64| if whole > 0.0 { (part / whole).min(1.0) } else { 0.0 };
        let (written, spoken) =
            (share(found as f64, wanted as f64), share(heard as f64, level.n_speech() as f64));
        let runs = places.split(|place| !is_sure(place)).map(<[_]>::len);
        let Evidence { gain, error, share, passage, n_frames } = self.evidence;
        let is_long = n_frames.max(level.n_speech()) >= LONG;
        let own = if is_long { OWN_OF_LONG } else { OWN };
        let is_excerpt = level.n_speech() < EXCERPT.0
            && wanted / mfcc::STEP_MS > EXCERPT.1 * level.n_speech() as u64;
        let fit = match ((gain - error) * share, (gain + error) * share) {
            (low, _) if low >= own || passage >= PASSAGE => Fit::of(written, spoken),
            _ if n_frames < TELLING || is_excerpt => Fit::Short,
            (_, high) if high < FOREIGN => Fit::None,
            _ => Fit::Unclear,
        };
        Verdict { fit, written, spoken, longest: runs.max().unwrap_or(0) }
    }
}

/// Whether narrators often leave the sentence out: what is hinted at, and headings.
fn may_be_passed_over(article: &Article, index: usize) -> bool {
    let at = article.blocks.partition_point(|block| block.sentences.end <= index);
    article.sentences[index].skip.is_some()
        || article.blocks.get(at).is_some_and(|block| block.kind == BlockKind::Heading)
}

/// Pulls the margins of short sentences towards the mean of all.
fn steady(places: &mut [Option<Place>]) {
    let weight = |place: &Place| place.frames.len() as f32;
    let n: f32 = places.iter().flatten().map(weight).sum();
    let mean =
        places.iter().flatten().map(|place| weight(place) * place.margin).sum::<f32>() / n.max(1.0);
    for place in places.iter_mut().flatten() {
        place.margin = (weight(place) * place.margin + SHORT * mean) / (weight(place) + SHORT);
    }
}

fn confidence(margin: f32) -> f32 {
    1.0 / (1.0 + (-STEEP * (margin - EVEN)).exp())
}

fn summed(words: &[Timing], confidence: f32) -> SentenceTiming {
    let spans = || words.iter().filter_map(|timing| timing.span);
    let span = spans()
        .next()
        .zip(spans().next_back())
        .map(|(first, last)| Span::new(first.start(), last.end()));
    let share = spans().count() as f32 / words.len().max(1) as f32;
    let status = match span {
        None => Status::Unspoken,
        Some(_) if share < PARTLY => Status::Partly,
        Some(_) => Status::Spoken,
    };
    SentenceTiming { status, span, confidence: span.map_or(0.0, |_| confidence * share) }
}

/// The share of the words a narrator would read that have times.
fn coverage(article: &Article, alignment: &Alignment) -> f64 {
    let words = || {
        article
            .sentences
            .iter()
            .filter(|sentence| sentence.skip.is_none())
            .flat_map(|sentence| sentence.words.clone())
    };
    let timed = words().filter(|word| alignment.words[*word].span.is_some()).count();
    timed as f64 / words().count().max(1) as f64
}

/// Nothing is read, and whether it would be cannot be told.
pub(super) fn nothing(article: &Article, fit: Fit) -> Warped {
    let unspoken = SentenceTiming { status: Status::Unspoken, span: None, confidence: 0.0 };
    let verdict = Verdict { fit, written: 0.0, spoken: 0.0, longest: 0 };
    let alignment = Alignment {
        method: Method::Synth,
        belongs: verdict.belongs(),
        words: vec![Timing::default(); article.words.len()],
        sentences: vec![unspoken; article.sentences.len()],
        ..Alignment::default()
    };
    Warped { alignment, verdict, joined: None }
}
