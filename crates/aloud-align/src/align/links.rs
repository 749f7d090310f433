//! All places where the two texts meet, found in little more than linear time.
//!
//! Certain runs first, the longest kind that there is; between them the same again, until a stretch
//! is small enough for the exact path.

use super::anchors;
use super::path::{Link, Paths};
use super::texts::Texts;
use std::ops::Range;

/// Stretches of so many cells (written times spoken tokens) are solved exactly without looking for
/// anchors.
const SMALL: usize = 1 << 16;
/// So many are solved exactly where there are no anchors; above, only a band around the diagonal.
const LARGE: usize = 1 << 20;
/// Lengths of runs that are looked for, in order. Shorter ones agree by chance too often.
const RUNS: [usize; 4] = [8, 6, 4, 3];

/// The links of the best path, in order of both texts.
pub(super) fn links(texts: &Texts) -> Vec<Link> {
    let keys = |tokens: &[crate::words::Token]| {
        tokens.iter().map(|token| texts.lexicon.sound(token.id).index() as u32).collect::<Vec<_>>()
    };
    let (written, spoken) = (keys(&texts.written), keys(&texts.spoken));
    let mut links = Vec::new();
    let mut paths = Paths::default();
    let mut open = vec![(0..written.len(), 0..spoken.len())];
    while let Some((a, b)) = open.pop() {
        let n_cells = a.len().saturating_mul(b.len());
        if n_cells == 0 {
            continue;
        }
        let runs = if n_cells > SMALL {
            certain(&written[a.clone()], &spoken[b.clone()])
        } else {
            Vec::new()
        };
        if runs.is_empty() {
            links.extend(paths.best(
                texts,
                &texts.written[a.clone()],
                &texts.spoken[b.clone()],
                (a.start, b.start),
                band(a.len(), b.len()),
            ));
        } else {
            split(texts, (a, b), &runs, &mut links, &mut open);
        }
    }
    links.sort_unstable_by_key(|link| link.written);
    links
}

/// How far from the diagonal a path may go where there are no anchors, in tokens: what it costs
/// grows with the length of both texts, and never with their product.
fn band(n_written: usize, n_spoken: usize) -> usize {
    if n_written.saturating_mul(n_spoken) <= LARGE {
        usize::MAX
    } else {
        (LARGE / n_written.max(n_spoken) / 2).max(32)
    }
}

/// The longest kind of runs that the two stretches have in common.
fn certain(a: &[u32], b: &[u32]) -> Vec<anchors::Run> {
    RUNS.into_iter()
        .map(|n| anchors::runs(a, b, n))
        .find(|runs| !runs.is_empty())
        .unwrap_or_default()
}

/// Keeps the runs, but for their first and last token, which may agree by chance, and opens what
/// lies between.
fn split(
    texts: &Texts,
    (a, b): (Range<usize>, Range<usize>),
    runs: &[anchors::Run],
    links: &mut Vec<Link>,
    open: &mut Vec<(Range<usize>, Range<usize>)>,
) {
    let (mut i, mut j) = (a.start, b.start);
    for run in runs {
        let (first, last) = (1, run.len - 1);
        let (run_a, run_b) = (a.start + run.a, b.start + run.b);
        open.push((i..run_a + first, j..run_b + first));
        for at in first..last {
            let (written, spoken) = (run_a + at, run_b + at);
            let similarity =
                texts.lexicon.similarity(texts.written[written].id, texts.spoken[spoken].id);
            links.push(Link { written, n_written: 1, spoken, n_spoken: 1, similarity });
        }
        (i, j) = (run_a + last, run_b + last);
    }
    open.push((i..a.end, j..b.end));
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time::Span;
    use crate::transcript::{Transcript, join};

    /// So many words, of few different ones.
    fn words(n: usize, of: &[&str]) -> String {
        (0..n).map(|at| of[(at * at + at / 7) % of.len()]).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn a_text_that_is_forced_onto_a_sound_costs_no_more_than_both_are_long() {
        for (n_written, n_spoken) in
            [(300, 300), (1_000, 1_000), (20_000, 400), (400, 20_000), (20_000, 20_000)]
        {
            let article = crate::article::from_text(&words(
                n_written,
                &["river", "carried", "stones", "along", "its", "bed", "twelve"],
            ));
            let said = join::share(
                &words(
                    n_spoken,
                    &["budget", "vote", "committee", "passed", "whom", "every", "yes"],
                ),
                Span::from_millis(0, 1000),
            );
            let texts = Texts::new(
                &article,
                &Transcript { segments: said.into_iter().collect(), ..Transcript::default() },
            );
            let (n, m) = (texts.written.len(), texts.spoken.len());
            let mut paths = Paths::default();
            paths.best(&texts, &texts.written, &texts.spoken, (0, 0), band(n, m));
            assert!(n > n_written / 2 && m > n_spoken / 2, "{n} and {m} words");
            assert!(
                paths.n_cells() >= n.max(m) && paths.n_cells() <= LARGE + 70 * (n + m),
                "{n} and {m} words: {} cells",
                paths.n_cells()
            );
        }
    }
}
