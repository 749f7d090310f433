//! The places where a phrase stands in some episodes.

use super::texts::Known;
use crate::cli::args::{InArg, SoundArgs};
use crate::cli::tracks::Chosen;
use crate::decode::Part;
use crate::reading::Reading;
use crate::search::{self, Context, Hit, Match, Passage, Query, Side, Text};
use crate::time::Span;
use std::path::Path;

/// How many suggestions one text makes.
const SUGGESTIONS: usize = 3;

/// A place where the phrase is heard.
#[derive(Clone)]
pub struct Place<'a> {
    /// The recording as it was named, what is heard of it, and by which choice.
    pub audio: &'a Path,
    pub heard: &'a Path,
    pub which: SoundArgs,
    pub reading: &'a Reading,
    pub hit: Hit,
    pub span: Span,
    pub passage: Passage,
}

impl<'a> Place<'a> {
    /// The same as it is in the file of `parts` that it begins in; in none, as it is.
    pub fn in_part(&self, parts: &'a [Part]) -> Self {
        let behind = parts.partition_point(|part| part.start <= self.span.start());
        let Some(part) = behind.checked_sub(1).map(|index| &parts[index]) else {
            return self.clone();
        };
        let (start, end) = (self.span.start(), self.span.end());
        let by = part.start.millis();
        Self { audio: &part.path, span: Span::new(start.minus(by), end.minus(by)), ..self.clone() }
    }
}

/// An episode with its texts ready to be searched.
pub struct Searched {
    known: Known,
    /// What was written and is read.
    written: Option<Text>,
    said: Option<Text>,
}

impl Searched {
    /// The texts of `known` that are to be searched.
    pub fn new(known: Known, wanted: InArg) -> Self {
        let has_written = known.has_article && wanted != InArg::Said;
        let written = has_written.then(|| Text::heard(&known.reading));
        let said = (wanted != InArg::Written).then(|| match known.has_article {
            true => Text::said(&known.reading.transcript),
            false => Text::written(&known.reading),
        });
        Self { known, written, said }
    }

    /// Whether anybody has listened to it.
    pub fn is_recognised(&self) -> bool {
        !self.known.reading.transcript.segments.is_empty()
    }

    /// Where `query` is heard, in order of time.
    pub fn find(&self, query: &Query, context: Context) -> Vec<Place<'_>> {
        let hits = |text: &Option<Text>| {
            text.as_ref().map(|text| search::find(text, query)).unwrap_or_default()
        };
        let found = match (&self.written, &self.said) {
            (Some(_), Some(_)) => {
                search::spoken(&self.known.reading, hits(&self.written), hits(&self.said))
            }
            (Some(_), None) => {
                hits(&self.written).into_iter().map(|hit| (Side::Written, hit)).collect()
            }
            _ => hits(&self.said).into_iter().map(|hit| (Side::Said, hit)).collect(),
        };
        let place = |(side, hit): (Side, Hit)| {
            let text =
                if side == Side::Written { self.written.as_ref() } else { self.said.as_ref() }?;
            let passage = Passage::around(text, &hit.words, context);
            let (audio, Chosen { path: heard, which }) = (&self.known.audio, &self.known.chosen);
            Some(Place {
                audio,
                heard,
                which: which.clone(),
                reading: &self.known.reading,
                span: hit.span?,
                passage,
                hit,
            })
        };
        found.into_iter().filter_map(place).collect()
    }

    /// What is least unlike `query`, each with its time where it has one.
    pub fn nearest(&self, query: &Query) -> Vec<String> {
        let of = |text: &Text| {
            let shown = |hit: Hit| {
                let words = Passage::around(text, &hit.words, Context::default());
                let words: String = words
                    .marks
                    .first()
                    .map(|mark| words.text[mark.clone()].chars().take(60).collect())
                    .unwrap_or_default();
                hit.span.map_or_else(
                    || format!("“{words}”"),
                    |span| format!("“{words}” ({})", span.start()),
                )
            };
            search::nearest(text, query, SUGGESTIONS).into_iter().map(shown).collect::<Vec<_>>()
        };
        self.written.iter().chain(&self.said).flat_map(of).collect()
    }

    /// Whether what `query` looks for is only beside what it excludes.
    pub fn is_barred(&self, query: &Query) -> bool {
        self.written.iter().chain(&self.said).any(|text| search::is_barred(text, query))
    }

    /// The first place where `query` is written but not read.
    pub fn unread(&self, query: &Query) -> Option<String> {
        self.written.as_ref()?;
        unread(&Text::written(&self.known.reading), query)
    }
}

/// The first place of `text` where `query` is written, and no time is known.
pub fn unread(text: &Text, query: &Query) -> Option<String> {
    let hit = search::find(text, query)
        .into_iter()
        .find(|hit| hit.span.is_none() && hit.kind == Match::Exact)?;
    Some(Passage::around(text, &hit.words, Context::default()).text)
}

/// The best `limit` of `places`, in the order in which they are given.
pub fn best(places: Vec<Place<'_>>, limit: usize) -> Vec<Place<'_>> {
    if places.len() <= limit {
        return places;
    }
    let mut ranked: Vec<(usize, Place<'_>)> = places.into_iter().enumerate().collect();
    ranked.sort_by(|(_, a), (_, b)| {
        (a.hit.kind.cmp(&b.hit.kind)).then(b.hit.score.total_cmp(&a.hit.score))
    });
    ranked.truncate(limit);
    ranked.sort_by_key(|(index, _)| *index);
    ranked.into_iter().map(|(_, place)| place).collect()
}
