//! Where two texts certainly agree: runs of words that stand once in each, in the same order in
//! both.
//!
//! After "patience" diff (Bram Cohen) and Moreno et al. 1998, with runs instead of lines. This file
//! compares numbers; it knows no words.

/// A run of equal keys: its start in either text, and its length.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Run {
    pub a: usize,
    pub b: usize,
    pub len: usize,
}

/// The longest chain of runs of at least `n` keys that stand exactly once in `a` and once in `b`,
/// in order and apart. Takes time and memory in proportion to the lengths, but for the sorting.
pub(super) fn runs(a: &[u32], b: &[u32], n: usize) -> Vec<Run> {
    let mut runs: Vec<Run> = Vec::new();
    for (i, j) in increasing(&unique(a, b, n)) {
        match runs.last_mut() {
            Some(last) if i < last.a + last.len || j < last.b + last.len => {
                // On the same diagonal they are one; else the first stays.
                if i - last.a == j - last.b {
                    last.len = i + n - last.a;
                }
            }
            _ => runs.push(Run { a: i, b: j, len: n }),
        }
    }
    runs
}

/// Places of the runs of `n` keys that stand once in each text, in the order of `a`.
fn unique(a: &[u32], b: &[u32], n: usize) -> Vec<(usize, usize)> {
    if a.len() < n || b.len() < n {
        return Vec::new();
    }
    let hashes = |keys: &[u32], is_b: bool| {
        let places = keys.windows(n).enumerate();
        places.map(move |(at, run)| (hash(run), is_b, at as u32)).collect::<Vec<_>>()
    };
    let mut places = hashes(a, false);
    places.extend(hashes(b, true));
    places.sort_unstable();
    let mut found: Vec<(usize, usize)> = places
        .chunk_by(|x, y| x.0 == y.0)
        .filter_map(|same| match same {
            [(_, false, i), (_, true, j)] => Some((*i as usize, *j as usize)),
            _ => None,
        })
        .filter(|(i, j)| a[*i..i + n] == b[*j..j + n])
        .collect();
    found.sort_unstable();
    found
}

/// FNV-1a over whole keys, with a final mixing.
fn hash(run: &[u32]) -> u64 {
    let hash = run.iter().fold(0xcbf2_9ce4_8422_2325u64, |hash, key| {
        (hash ^ u64::from(*key)).wrapping_mul(0x0100_0000_01b3).rotate_left(23)
    });
    (hash ^ (hash >> 32)).wrapping_mul(0x9E37_79B9_7F4A_7C15)
}

/// The longest subsequence whose second numbers increase; the first ones do already.
fn increasing(pairs: &[(usize, usize)]) -> Vec<(usize, usize)> {
    // `ends[k]`: the pair that ends the best chain of length k + 1.
    let mut ends: Vec<usize> = Vec::new();
    let mut before: Vec<Option<usize>> = Vec::with_capacity(pairs.len());
    for (index, pair) in pairs.iter().enumerate() {
        let k = ends.partition_point(|end| pairs[*end].1 < pair.1);
        before.push(k.checked_sub(1).map(|k| ends[k]));
        if k == ends.len() {
            ends.push(index);
        } else {
            ends[k] = index;
        }
    }
    let mut chain: Vec<(usize, usize)> =
        std::iter::successors(ends.last().copied(), |index| before[*index])
            .map(|index| pairs[index])
            .collect();
    chain.reverse();
    chain
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn check(a: &str, b: &str, n: usize, want: &[(usize, usize, usize)]) {
        let keys = |text: &str| text.chars().map(|c| c as u32).collect::<Vec<_>>();
        let got: Vec<_> =
            runs(&keys(a), &keys(b), n).iter().map(|run| (run.a, run.b, run.len)).collect();
        assert_eq!(got, want, "{a} {b}");
    }

    #[test]
    fn chains() {
        check("abcdefg", "xxabcdyyefg", 3, &[(0, 2, 4), (4, 8, 3)]);
        // What stands twice tells nothing.
        check("abcabc", "abc", 3, &[]);
        // The longer chain wins over a run out of order.
        check("abcdefghijk", "ijkabcdxefgh", 3, &[(0, 3, 4), (4, 8, 4)]);
        check("", "abc", 3, &[]);
    }

    proptest! {
        #[test]
        fn in_order_apart_and_equal(a in "[a-d]{0,40}", b in "[a-d]{0,40}", n in 1usize..5) {
            let keys = |text: &str| text.chars().map(|c| c as u32).collect::<Vec<_>>();
            let (a, b) = (keys(&a), keys(&b));
            let runs = runs(&a, &b, n);
            for run in &runs {
                prop_assert!(run.len >= n && a[run.a..run.a + run.len] == b[run.b..run.b + run.len]);
            }
            for pair in runs.windows(2) {
                prop_assert!(pair[0].a + pair[0].len <= pair[1].a && pair[0].b + pair[0].len <= pair[1].b);
            }
        }
    }
}
