//! What is known so far: aligned where the recording was recognised, a guess everywhere else.

use super::{Alignment, Status, Timing};
use crate::article::Article;
use crate::time::{Span, Timestamp};
use std::ops::Range;

/// Completes `known`, made from what was said within the spans `done` of a recording that ends at
/// `end`, by `guess` for every run of unheard words that may be spoken elsewhere. The guess is
/// squeezed or stretched into the time between the heard words beside it, so that nothing is out of
/// order where the two meet.
pub fn complete(
    known: &mut Alignment,
    guess: &Alignment,
    article: &Article,
    done: &[Span],
    end: Timestamp,
) {
    let is_heard = |timing: &Timing| !timing.spoken.is_empty() && timing.span.is_some();
    let heard: Vec<usize> =
        (0..known.words.len()).filter(|&word| is_heard(&known.words[word])).collect();
    let mut is_guessed = vec![false; known.words.len()];
    let bounds = [None].into_iter().chain(heard.iter().copied().map(Some));
    for (before, after) in bounds.zip(heard.iter().copied().map(Some).chain([None])) {
        let run = before.map_or(0, |word| word + 1)..after.unwrap_or(known.words.len());
        let room = room(
            before.and_then(|word| known.words[word].span),
            after.and_then(|word| known.words[word].span),
            done,
            end,
        );
        if run.is_empty()
            || done.iter().any(|done| done.start() <= room.start() && room.end() <= done.end())
        {
            continue;
        }
        let of = |word: Option<usize>| word.and_then(|word| guess.words.get(word)?.span);
        let old = of(before).map_or(Timestamp::ZERO, Span::end)..of(after).map_or(end, Span::start);
        fill(
            &mut known.words[run.clone()],
            &guess.words[run.start.min(guess.words.len())..run.end.min(guess.words.len())],
            old,
            room,
        );
        is_guessed[run].fill(true);
    }
    for ((sentence, timing), guess) in
        article.sentences.iter().zip(&mut known.sentences).zip(&guess.sentences)
    {
        let guessed = is_guessed.get(sentence.words.clone()).unwrap_or_default();
        if !guessed.contains(&true) {
            continue;
        }
        let spans = || known.words[sentence.words.clone()].iter().filter_map(|timing| timing.span);
        timing.span = spans()
            .next()
            .zip(spans().next_back())
            .map(|(first, last)| Span::new(first.start(), last.end()));
        // A sentence that is being recognised right now is neither: its heard half decides.
        if guessed.contains(&false) {
            timing.status = if timing.span.is_some() { Status::Spoken } else { timing.status };
        } else {
            (timing.status, timing.confidence) = (guess.status, guess.confidence);
        }
    }
}

/// The time that was not recognised yet between two heard words, or the ends of the recording.
fn room(before: Option<Span>, after: Option<Span>, done: &[Span], end: Timestamp) -> Span {
    let (from, to) = (before.map_or(Timestamp::ZERO, Span::end), after.map_or(end, Span::start));
    let within =
        |at: Timestamp| done.iter().find(move |span| span.start() <= at && at <= span.end());
    let (open, close) =
        (within(from).map_or(from, |span| span.end()), within(to).map_or(to, |span| span.start()));
    // All of it was recognised: then the words' own neighbours are the bounds.
    if open < close { Span::new(open, close) } else { Span::new(from, to.max(from)) }
}

/// Gives `words` the times of their `guesses`, moved from the stretch `old` into the stretch `new`.
fn fill(words: &mut [Timing], guesses: &[Timing], old: Range<Timestamp>, new: Span) {
    let length = old.end.millis().saturating_sub(old.start.millis()).max(1) as f64;
    let moved = |at: Timestamp| {
        let share = at.millis().saturating_sub(old.start.millis()) as f64 / length;
        new.start().plus((new.millis() as f64 * share.min(1.0)).round() as u64)
    };
    for (timing, guess) in words.iter_mut().zip(guesses) {
        let span = guess.span.map(|span| Span::new(moved(span.start()), moved(span.end())));
        *timing = Timing { span, confidence: guess.confidence, spoken: 0..0 };
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
        let article = from_text(
            "The river came over the road. The lights went out in the courthouse. Nobody outside the county could reach them.",
        );
        let time = Span::from_millis(0, 9_000);
        let guess = estimate::spread(&article, time);
        assert!(guess.words.iter().all(|timing| timing.span.is_some()));
        let said = join::share(
            "the river came over the road the lights went out in",
            Span::from_millis(1_000, 4_000),
        )
        .expect("text");
        let transcript = Transcript { segments: vec![said], ..Transcript::default() };
        let mut known = align(&article, &transcript);
        let before = known.words.clone();
        complete(&mut known, &guess, &article, &[Span::from_millis(0, 4_000)], time.end());
        assert_eq!(known.words[..11], before[..11]);
        let spans: Vec<Span> =
            known.words.iter().map(|timing| timing.span.expect("a time")).collect();
        assert!(spans.windows(2).all(|pair| pair[0].end() <= pair[1].start()), "{spans:?}");
        assert!(
            spans[11].start() >= Timestamp::from_millis(4_000)
                && spans[spans.len() - 1].end() <= time.end()
        );
        // Nothing known yet: all of it is the estimate.
        let mut nothing = align(&article, &Transcript::default());
        complete(&mut nothing, &guess, &article, &[], time.end());
        assert_eq!(nothing.words, guess.words);
    }
    /// The listener jumped: a part in the middle is known, and what lies before it is still a
    /// guess.
    #[test]
    fn a_known_middle() {
        let article = from_text(
            "The river came over the road. The lights went out in the courthouse. Nobody outside the county could reach them.",
        );
        let guess = estimate::spread(&article, Span::from_millis(0, 9_000));
        let said =
            join::share("the lights went out in the courthouse", Span::from_millis(4_000, 6_000))
                .expect("text");
        let transcript = Transcript { segments: vec![said], ..Transcript::default() };
        let mut known = align(&article, &transcript);
        let before = known.words.clone();
        complete(
            &mut known,
            &guess,
            &article,
            &[Span::from_millis(3_900, 6_200)],
            Timestamp::from_millis(9_000),
        );
        assert_eq!(known.words[6..13], before[6..13]);
        let spans: Vec<Span> =
            known.words.iter().map(|timing| timing.span.expect("a time")).collect();
        assert!(spans.windows(2).all(|pair| pair[0].end() <= pair[1].start()), "{spans:?}");
        assert!(
            spans[5].end() <= Timestamp::from_millis(3_900)
                && spans[13].start() >= Timestamp::from_millis(6_200),
            "{spans:?}"
        );
        assert!(known.sentences.iter().all(|timing| timing.status == Status::Spoken));
        // Where all of the sound was recognised, what nobody said has no time.
        let mut whole = align(&article, &transcript);
        let want = whole.clone();
        complete(
            &mut whole,
            &guess,
            &article,
            &[Span::from_millis(0, 9_000)],
            Timestamp::from_millis(9_000),
        );
        assert_eq!(whole, want);
    }
}
