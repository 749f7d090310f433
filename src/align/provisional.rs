//! What is known so far: aligned as far as the recording was recognised, estimated from there on.

use super::{Alignment, Timing};
use crate::article::Article;
use crate::time::{Span, Timestamp};

/// Completes `known`, made from what was said before `reached`, by `estimate` for everything behind its last heard
/// word. The estimate of the rest is squeezed or stretched into the time that is left until `end`, so that nothing
/// is out of order where the two meet.
pub fn complete(known: &mut Alignment, estimate: &Alignment, article: &Article, reached: Timestamp, end: Timestamp) {
    let heard = known.words.iter().rposition(|timing| !timing.spoken.is_empty() && timing.span.is_some());
    let from = heard.map_or(0, |word| word + 1);
    let begin = heard.and_then(|word| known.words[word].span).map_or(reached, |span| span.end().max(reached));
    let rest = || estimate.words[from.min(estimate.words.len())..].iter().filter_map(|timing| timing.span);
    let (Some(first), Some(last)) = (rest().next(), rest().next_back()) else { return };
    let (old, new) = (Span::new(first.start(), last.end()), Span::new(begin, end.max(begin)));
    let moved = |at: Timestamp| {
        let share = at.millis().saturating_sub(old.start().millis()) as f64 / old.millis().max(1) as f64;
        new.start().plus((new.millis() as f64 * share.min(1.0)).round() as u64)
    };
    for (timing, guess) in known.words.iter_mut().zip(&estimate.words).skip(from) {
        let span = guess.span.map(|span| Span::new(moved(span.start()), moved(span.end())));
        *timing = Timing { span, confidence: guess.confidence, spoken: 0..0 };
    }
    // A sentence that is being recognised right now is neither: its heard half decides.
    for ((sentence, timing), guess) in article.sentences.iter().zip(&mut known.sentences).zip(&estimate.sentences) {
        if sentence.words.end <= from {
            continue;
        }
        let spans = || known.words[sentence.words.clone()].iter().filter_map(|timing| timing.span);
        let span = spans().next().zip(spans().next_back()).map(|(first, last)| Span::new(first.start(), last.end()));
        timing.span = span;
        if sentence.words.start >= from {
            (timing.status, timing.confidence) = (guess.status, guess.confidence);
        } else if span.is_some() {
            timing.status = super::Status::Spoken;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::align::{align, estimate};
    use crate::article::from_text;
    use crate::transcript::{Transcript, join};

    #[test]
    fn known_times_stay_and_the_rest_follows_in_order() {
        let article =
            from_text("The river came over the road. The lights went out in the courthouse. Nobody outside the county could reach them.");
        let time = Span::from_millis(0, 9_000);
        let guess = estimate::spread(&article, time);
        assert!(guess.words.iter().all(|timing| timing.span.is_some()));
        let said = join::share("the river came over the road the lights went out in", Span::from_millis(1_000, 4_000)).expect("text");
        let transcript = Transcript { segments: vec![said], ..Transcript::default() };
        let mut known = align(&article, &transcript);
        let before = known.words.clone();
        complete(&mut known, &guess, &article, Timestamp::from_millis(4_000), time.end());
        assert_eq!(known.words[..11], before[..11]);
        let spans: Vec<Span> = known.words.iter().map(|timing| timing.span.expect("a time")).collect();
        assert!(spans.windows(2).all(|pair| pair[0].end() <= pair[1].start()), "{spans:?}");
        assert!(spans[11].start() >= Timestamp::from_millis(4_000) && spans[spans.len() - 1].end() <= time.end());
        // Nothing known yet: all of it is the estimate.
        let mut nothing = align(&article, &Transcript::default());
        complete(&mut nothing, &guess, &article, Timestamp::ZERO, time.end());
        assert_eq!(nothing.words, guess.words);
    }
}
