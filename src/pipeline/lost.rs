//! What was thrown away, and the likely reason, as a sentence for the user.

use super::window::Text;
use crate::time::Span;
use crate::transcribe::hallucination::CLEAR;
use crate::transcribe::language;
use crate::transcript::{GapReason, Transcript};
use std::collections::BTreeMap;

/// Speech thrown away in all is worth a word from so many milliseconds on.
const WORTH_MS: u64 = 3_000;
/// A language that doubtful windows sound like is named when it is at least so likely, as a mean
/// over their lengths.
const SURE: f64 = 0.7;
/// So many stretches are named.
const NAMED: usize = 3;

/// What doubtful windows sound like.
#[derive(Debug, Default)]
pub(super) struct Lost {
    /// Where, language, probability.
    doubtful: Vec<(Span, String, f32)>,
}

impl Lost {
    /// Notes what the window over `span` came to.
    pub(super) fn note(&mut self, span: Span, text: &Text) {
        let is_doubtful = text.transcript.segments.iter().any(|s| s.is_doubtful)
            || !text.transcript.gaps.is_empty();
        if let Some((code, p)) =
            text.sounds_like.as_ref().filter(|_| is_doubtful || text.transcript.segments.is_empty())
        {
            self.doubtful.push((span, code.clone(), *p));
        }
    }

    /// What the user should know of the whole transcript: which stretches of speech were thrown
    /// away, and whether they were taken for the wrong language (`told` by the user, or found).
    pub(super) fn describe(&self, transcript: &Transcript, told: Option<&str>) -> Option<String> {
        let unclear: Vec<Span> = transcript
            .gaps
            .iter()
            .filter(|gap| gap.reason == GapReason::Unclear)
            .map(|gap| gap.span)
            .collect();
        let lost_ms: u64 = unclear.iter().map(|span| span.millis()).sum();
        let taken_for = transcript.language.as_deref()?;
        let other = self.other(taken_for);
        let clear = self.clear(taken_for).filter(|_| told.is_none() || other.is_none());
        if lost_ms < WORTH_MS && other.is_none() {
            return clear;
        }
        let reason = other.filter(|_| clear.is_none()).map(|(code, p)| {
            let (name, taken) = (language::name(&code), language::name(taken_for));
            let way_out = match told {
                Some(_) => format!(
                    "`--language {code}` takes it for that, without `--language` it is found out"
                ),
                None => format!("`--language {code}` takes all of it for that"),
            };
            format!(
                "it sounds like {name} ({:.0} %) and was taken for {taken}; {way_out}",
                100.0 * p
            )
        });
        let what = (lost_ms >= WORTH_MS).then(|| {
            let named: Vec<String> = unclear
                .iter()
                .take(NAMED)
                .map(|span| format!("{} to {}", span.start(), span.end()))
                .collect();
            let more = unclear.len().saturating_sub(NAMED);
            let more = if more > 0 { format!(" and {more} more") } else { String::new() };
            format!(
                "{} s of speech were thrown away as unclear ({}{more})",
                lost_ms.div_ceil(1000),
                named.join(", ")
            )
        });
        let what = match (what, clear) {
            (Some(what), Some(clear)) => format!("{what}; {clear}"),
            (what, clear) => what.or(clear).unwrap_or_else(|| "some of it is doubtful".to_owned()),
        };
        Some(reason.map_or_else(|| what.clone(), |reason| format!("{what}: {reason}")))
    }

    /// How much of what was taken for one language sounds clearly like another, and where that
    /// begins.
    fn clear(&self, taken_for: &str) -> Option<String> {
        let mut found: BTreeMap<&str, Vec<(Span, f32)>> = BTreeMap::new();
        for (span, code, p) in &self.doubtful {
            if code != taken_for && *p >= CLEAR {
                found.entry(code).or_default().push((*span, *p));
            }
        }
        let ms = |windows: &[(Span, f32)]| windows.iter().map(|(w, _)| w.millis()).sum::<u64>();
        let (code, windows) = found.iter().max_by_key(|(_, windows)| ms(windows))?;
        let first = windows.iter().map(|(span, _)| span.start()).min()?;
        let all_ms = ms(windows);
        let sum: f64 = windows.iter().map(|(w, p)| w.millis() as f64 * f64::from(*p)).sum();
        (all_ms >= WORTH_MS).then(|| {
            format!(
                "{} s from {first} sound like {} ({:.0} %) and were written as {}; \
                 `--language {code}` takes all of it for that",
                all_ms.div_ceil(1000),
                language::name(code),
                100.0 * sum / all_ms as f64,
                language::name(taken_for)
            )
        })
    }

    /// The language that the doubtful windows sound like, where that is another than they were
    /// taken for.
    fn other(&self, taken_for: &str) -> Option<(String, f64)> {
        let all: u64 = self.doubtful.iter().map(|(span, ..)| span.millis()).sum();
        let share = |code: &str| {
            let sum: f64 = self
                .doubtful
                .iter()
                .filter(|(_, c, _)| c == code)
                .map(|(span, _, p)| span.millis() as f64 * f64::from(*p))
                .sum();
            sum / (all as f64).max(1.0)
        };
        let longest = self.doubtful.iter().map(|(_, code, _)| (code.clone(), share(code)));
        longest
            .max_by(|a, b| a.1.total_cmp(&b.1))
            .filter(|(code, share)| code != taken_for && *share >= SURE)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::transcript::{Gap, Segment};

    #[test]
    fn what_was_thrown_away_and_why() {
        let gap =
            |start, end| Gap { span: Span::from_millis(start, end), reason: GapReason::Unclear };
        let music = Gap { span: Span::from_millis(0, 60_000), reason: GapReason::Music };
        for (gaps, sounds, told, want) in [
            (vec![], None, None, None),
            (vec![music], None, None, None),
            (vec![gap(0, 2000)], Some(("en", 0.9)), None, None),
            (
                vec![gap(1000, 12_000)],
                Some(("en", 0.9)),
                Some("en"),
                Some("11 s of speech were thrown away as unclear (0:01 to 0:12)"),
            ),
            (
                vec![gap(1000, 12_000)],
                Some(("es", 0.94)),
                Some("en"),
                Some(
                    "11 s of speech were thrown away as unclear (0:01 to 0:12): it sounds like Spanish (94 %) and was taken for English; \
                     `--language es` takes it for that, without `--language` it is found out",
                ),
            ),
            (
                vec![],
                Some(("es", 0.84)),
                None,
                Some(
                    "some of it is doubtful: it sounds like Spanish (84 %) and was taken for \
                     English; `--language es` takes all of it for that",
                ),
            ),
            (
                vec![],
                Some(("es", 0.94)),
                None,
                Some(
                    "28 s from 0:00 sound like Spanish (94 %) and were written as English; \
                     `--language es` takes all of it for that",
                ),
            ),
            (
                vec![gap(1000, 12_000)],
                Some(("es", 0.94)),
                None,
                Some(
                    "11 s of speech were thrown away as unclear (0:01 to 0:12); 28 s from 0:00 \
                     sound like Spanish (94 %) and were written as English; \
                     `--language es` takes all of it for that",
                ),
            ),
            (
                (0..5).map(|i| gap(10_000 * i, 10_000 * i + 2500)).collect(),
                Some(("es", 0.5)),
                None,
                Some(
                    "13 s of speech were thrown away as unclear (0:00 to 0:02, 0:10 to 0:12, 0:20 to 0:22 and 2 more)",
                ),
            ),
        ] {
            let doubtful = Segment { is_doubtful: true, ..Segment::default() };
            let transcript = Transcript {
                language: Some("en".into()),
                gaps,
                segments: vec![doubtful],
                ..Transcript::default()
            };
            let mut lost = Lost::default();
            let sounds_like = sounds.map(|(code, p): (&str, f32)| (code.to_owned(), p));
            lost.note(
                Span::from_millis(0, 28_000),
                &Text { transcript: transcript.clone(), sounds_like },
            );
            assert_eq!(lost.describe(&transcript, told).as_deref(), want);
        }
    }

    #[test]
    fn what_is_clearly_in_another_language_is_told_beside_other_doubts() {
        let at = |from: u64| Span::from_millis(1000 * from, 1000 * from + 20_000);
        let said = "sound like Chinese (97 %) and were written as English; \
                    `--language zh` takes all of it for that";
        for (sounds, want) in [
            (&[(0, "en", 0.99), (40, "zh", 0.97)][..], Some(format!("20 s from 0:40 {said}"))),
            // In whatever order they end; the longest is told.
            (
                &[(60, "zh", 0.97), (0, "en", 0.9), (20, "fr", 0.95), (40, "zh", 0.97)],
                Some(format!("40 s from 0:40 {said}")),
            ),
            (&[(0, "en", 0.99), (40, "zh", 0.85)], None),
            (&[(0, "en", 0.99)], None),
        ] {
            let doubtful = Segment { is_doubtful: true, ..Segment::default() };
            let transcript = Transcript {
                language: Some("en".into()),
                segments: vec![doubtful],
                ..Transcript::default()
            };
            let mut lost = Lost::default();
            for (from, code, p) in sounds {
                let sounds_like = Some(((*code).to_owned(), *p));
                lost.note(at(*from), &Text { transcript: transcript.clone(), sounds_like });
            }
            assert_eq!(lost.describe(&transcript, None), want, "{sounds:?}");
        }
    }
}
