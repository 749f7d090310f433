//! An alignment as the store keeps it: compact, and believed only where it fits its article and
//! transcript.

use crate::align::{Alignment, Belongs, Method, SentenceTiming, Status, Timing, Unwritten};
use crate::article::Article;
use crate::time::{Span, Timestamp};
use crate::transcript::Transcript;
use serde::{Deserialize, Serialize};
use std::ops::Range;

/// What the store remembers of an article that was tied.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Found {
    pub(super) alignment: Alignment,
    pub(super) reason: String,
    /// Where the sound ends, where it was listened to for this: a header may promise something
    /// else.
    pub(super) length: Option<Timestamp>,
}

impl Found {
    /// An alignment without reasons, of sound that is known elsewhere.
    pub(super) fn bare(alignment: Alignment) -> Self {
        Self { alignment, reason: String::new(), length: None }
    }
}

/// Start and end in milliseconds.
type Times = (u64, u64);

#[derive(Serialize, Deserialize)]
struct Record {
    method: String,
    coverage: f64,
    belongs: String,
    reason: String,
    /// In milliseconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    length: Option<u64>,
    /// Times, confidence, and the spoken words as a range.
    words: Vec<(Option<Times>, f32, usize, usize)>,
    /// Status, times, confidence.
    sentences: Vec<(u8, Option<Times>, f32)>,
    /// Times, text, and the spoken words as a range.
    unwritten: Vec<(Times, String, usize, usize)>,
}

const METHODS: [(&str, Method); 6] = [
    ("words", Method::Words),
    ("sentences", Method::Sentences),
    ("synth", Method::Synth),
    ("together", Method::Together),
    ("estimate", Method::Estimate),
    ("given", Method::Given),
];
const STATUSES: [Status; 3] = [Status::Spoken, Status::Partly, Status::Unspoken];

/// As bytes for the store.
pub(super) fn write(found: &Found) -> Vec<u8> {
    let alignment = &found.alignment;
    let times = |span: Span| (span.start().millis(), span.end().millis());
    let record = Record {
        method: METHODS
            .iter()
            .find(|(_, method)| *method == alignment.method)
            .map_or("", |(name, _)| name)
            .to_owned(),
        coverage: alignment.coverage,
        belongs: alignment.belongs.name().to_owned(),
        reason: found.reason.clone(),
        length: found.length.map(Timestamp::millis),
        words: alignment
            .words
            .iter()
            .map(|w| (w.span.map(times), w.confidence, w.spoken.start, w.spoken.end))
            .collect(),
        sentences: alignment
            .sentences
            .iter()
            .map(|s| (s.status as u8, s.span.map(times), s.confidence))
            .collect(),
        unwritten: alignment
            .unwritten
            .iter()
            .map(|u| (times(u.span), u.text.clone(), u.spoken.start, u.spoken.end))
            .collect(),
    };
    // Numbers and texts always have a JSON form.
    serde_json::to_vec(&record).unwrap_or_default()
}

/// What `bytes` hold; `None` where they are damaged or of another article or transcript.
pub(super) fn read(bytes: &[u8], article: &Article, transcript: &Transcript) -> Option<Found> {
    let n_spoken = transcript.words().count();
    let is_in = |spoken: &Range<usize>| spoken.start <= spoken.end && spoken.end <= n_spoken;
    open(bytes).filter(|Found { alignment, .. }| {
        alignment.words.len() == article.words.len()
            && alignment.sentences.len() == article.sentences.len()
            && alignment.words.iter().all(|w| is_in(&w.spoken))
            && alignment.unwritten.iter().all(|u| is_in(&u.spoken))
    })
}

/// What `bytes` hold, whatever it is of; `None` where they are damaged.
pub(super) fn open(bytes: &[u8]) -> Option<Found> {
    let record: Record = serde_json::from_slice(bytes).ok()?;
    let span = |times: Times| Span::from_millis(times.0, times.1);
    let timing = |w: (Option<Times>, f32, usize, usize)| Timing {
        span: w.0.map(span),
        confidence: w.1,
        spoken: w.2..w.3,
    };
    let sentence = |s: (u8, Option<Times>, f32)| {
        Some(SentenceTiming {
            status: *STATUSES.get(usize::from(s.0))?,
            span: s.1.map(span),
            confidence: s.2,
        })
    };
    let alignment = Alignment {
        method: METHODS.iter().find(|(name, _)| *name == record.method)?.1,
        belongs: Belongs::NAMES.iter().find(|(name, _)| *name == record.belongs)?.1,
        coverage: record.coverage,
        words: record.words.into_iter().map(timing).collect(),
        sentences: record.sentences.into_iter().map(sentence).collect::<Option<_>>()?,
        unwritten: record
            .unwritten
            .into_iter()
            .map(|u| Unwritten { span: span(u.0), text: u.1, spoken: u.2..u.3 })
            .collect(),
    };
    Some(Found {
        alignment,
        reason: record.reason,
        length: record.length.map(Timestamp::from_millis),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::reading::Reading;
    use crate::transcript::join;

    #[test]
    fn what_was_written_is_read_back() {
        let segments =
            vec![join::share("Hello, world.", Span::from_millis(10, 900)).expect("text")];
        let Reading { transcript, article, mut alignment } =
            Reading::of_transcript(Transcript { segments, ..Transcript::default() });
        alignment.unwritten.push(Unwritten {
            span: Span::from_millis(900, 1000),
            text: "bye".into(),
            spoken: 1..2,
        });
        alignment.sentences[0].status = Status::Partly;
        alignment.words[1] = Timing::default();
        let found = Found {
            alignment,
            reason: "it does".into(),
            length: Some(Timestamp::from_millis(1000)),
        };
        let bytes = write(&found);
        assert_eq!(read(&bytes, &article, &transcript), Some(found));
        // Of another article, of another transcript, torn.
        assert_eq!(read(&bytes, &Article::default(), &transcript), None);
        assert_eq!(read(&bytes, &article, &Transcript::default()), None);
        assert_eq!(read(&bytes[..bytes.len() / 2], &article, &transcript), None);
    }
}
