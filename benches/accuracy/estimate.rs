//! The estimate that needs no recognition, against the exact times.

#![allow(clippy::print_stdout, reason = "this is what it is for")]

use crate::across::quantile;
use crate::aims::Aims;
use crate::column::{article, narrated, stretches as stretches_of, text, truth};
use crate::sound::frames;
use aloud::align::estimate::{estimate, stretches};
use aloud::align::{Alignment, Status};
use std::time::Instant;

/// Errors of the starts of read sentences, in seconds, sorted; one that got no time counts as a
/// minute off.
pub fn errors(alignment: &Alignment, starts: &[Option<f64>]) -> Vec<f64> {
    let of = |(got, want): (&aloud::align::SentenceTiming, &Option<f64>)| {
        want.map(|want| got.span.map_or(60.0, |span| (span.start().secs() - want).abs()))
    };
    let mut errors: Vec<f64> = alignment.sentences.iter().zip(starts).filter_map(of).collect();
    errors.sort_by(f64::total_cmp);
    errors
}

/// The same for speech that is made up, at a pace that varies by this many percent from sentence to
/// sentence.
pub fn errors_at_a_varied_pace(vary: usize) -> Vec<f64> {
    let article = crate::across::english();
    let (said, spans) = narrated(&article, vary, 5);
    let starts: Vec<Option<f64>> =
        spans.iter().map(|span| span.map(|span| span.start().secs())).collect();
    errors(&estimate(&article, &stretches_of(&said)), &starts)
}

/// Sentences begin within so many seconds, in the median.
const MEDIAN_S: f64 = 2.0;

/// Prints how far off sentences begin.
pub fn report(aims: &mut Aims) {
    for (name, language) in [("open-models.en", "en"), ("old-radio.zh", "zh")] {
        let truth = truth(&format!("{name}.truth.json"));
        let article_file =
            if language == "en" { "open-models.en.txt" } else { "old-radio.zh-Hant.txt" };
        let sentences: Vec<_> = truth.sentences.iter().map(|(bytes, _)| bytes.clone()).collect();
        let article = article(&text(article_file), language, &sentences);
        let frames = frames(&format!("{name}.mp3"));
        let begun = Instant::now();
        let alignment = estimate(&article, &stretches(&frames));
        let took = begun.elapsed();
        let starts: Vec<Option<f64>> =
            truth.sentences.iter().map(|(_, span)| span.map(|span| span.start().secs())).collect();
        let errors = errors(&alignment, &starts);
        let unspoken = |i: &usize| {
            (alignment.sentences[*i].status == Status::Unspoken) == starts[*i].is_none()
        };
        let right = (0..starts.len()).filter(unspoken).count();
        println!(
            "estimate  {name:<16}sentences begin within {:.2} s (median) and {:.2} s (90 %), {right}/{} rightly read or not, {} ms",
            quantile(&errors, 0.5),
            quantile(&errors, 0.9),
            starts.len(),
            took.as_millis()
        );
        aims.at_most(
            &format!("estimate, {name}, median in seconds"),
            quantile(&errors, 0.5),
            MEDIAN_S,
        );
    }
    for vary in [10, 20, 30] {
        let errors = errors_at_a_varied_pace(vary);
        println!(
            "estimate  made-up speech at a pace varied by {vary} %: sentences begin within {:.2} s (median) and {:.2} s (90 %)",
            quantile(&errors, 0.5),
            quantile(&errors, 0.9)
        );
        aims.at_most(
            &format!("estimate, pace varied by {vary} %, median in seconds"),
            quantile(&errors, 0.5),
            MEDIAN_S,
        );
    }
}
