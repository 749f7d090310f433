//! How alike are two words written?
//!
//! For what fingers do and ears do not: letters left out, doubled, changed or swapped.

/// What one slip in a long word is worth at most: less than the same sound.
const MOST: f32 = 0.88;
/// Longer words than this are not compared letter by letter.
const MAX_LETTERS: usize = 24;

/// A bit for each letter that `text` holds; letters outside a to z share six bits.
pub(super) fn letters(text: &str) -> u32 {
    text.chars().fold(0, |bits, c| {
        let bit = if c.is_ascii_lowercase() { c as u32 - 'a' as u32 } else { 26 + c as u32 % 6 };
        bits | 1 << bit
    })
}

/// How alike two folded words are, given their [`characters`], 0 to 1: 0 with more slips than
/// fingers make in a word so long.
pub(super) fn similarity(a: &str, has_a: u32, b: &str, has_b: u32) -> f32 {
    let (longer, shorter) = (a.len().max(b.len()), a.len().min(b.len()));
    let allowed = match longer {
        0..4 => return 0.0,
        4..6 => 1,
        6..10 => 2,
        _ => 3,
    };
    // A slip changes two of the letters at most.
    if longer - shorter > allowed || (has_a ^ has_b).count_ones() > 2 * allowed as u32 {
        return 0.0;
    }
    match slips(a, b) {
        Some(n) if n <= allowed => {
            MOST * (1.0 - n as f32 / longer as f32) / (1.0 - 1.0 / MAX_LETTERS as f32)
        }
        _ => 0.0,
    }
}

/// The number of slips between two words: the optimal string alignment distance (Damerau 1964), in
/// which neighbours that changed places are one. `None` for very long words.
fn slips(a: &str, b: &str) -> Option<usize> {
    let mut letters = [['\0'; MAX_LETTERS]; 2];
    let mut lengths = [0; 2];
    for (index, text) in [a, b].into_iter().enumerate() {
        for c in text.chars() {
            *letters[index].get_mut(lengths[index])? = c;
            lengths[index] += 1;
        }
    }
    let (a, b) = (&letters[0][..lengths[0]], &letters[1][..lengths[1]]);
    let mut rows = [[0usize; MAX_LETTERS + 1]; 3];
    rows[0].iter_mut().enumerate().for_each(|(j, cell)| *cell = j);
    for (i, x) in a.iter().enumerate() {
        let (before, above, here) = ((i + 2) % 3, i % 3, (i + 1) % 3);
        rows[here][0] = i + 1;
        for (j, y) in b.iter().enumerate() {
            let mut best = (rows[above][j] + usize::from(x != y))
                .min(rows[above][j + 1] + 1)
                .min(rows[here][j] + 1);
            if i > 0 && j > 0 && *x == b[j - 1] && a[i - 1] == *y {
                best = best.min(rows[before][j - 1] + 1);
            }
            rows[here][j + 1] = best;
        }
    }
    Some(rows[a.len() % 3][b.len()])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slips_of_the_finger() {
        for (a, b, n) in [
            ("machine", "mahcine", 1),
            ("machine", "machien", 1),
            ("recieve", "receive", 1),
            ("libary", "library", 1),
            ("telefone", "telephone", 2),
            ("weight", "weights", 1),
            ("ca", "abc", 3),
            ("", "abc", 3),
            ("naive", "naïve", 1),
        ] {
            assert_eq!(slips(a, b), Some(n), "{a} {b}");
            assert_eq!(slips(b, a), Some(n), "{b} {a}");
        }
        assert_eq!(slips(&"a".repeat(25), "a"), None);
    }

    #[test]
    fn alike() {
        let similarity = |a: &str, b: &str| similarity(a, letters(a), b, letters(b));
        for (a, b) in [
            ("machine", "mahcine"),
            ("library", "libary"),
            ("chinese", "chineese"),
            ("привет", "привит"),
        ] {
            assert!((0.7..0.9).contains(&similarity(a, b)), "{a} {b} {}", similarity(a, b));
        }
        for (a, b) in [("cat", "car"), ("open", "pond"), ("model", "table"), ("house", "mouses")] {
            assert!(similarity(a, b) < 0.7, "{a} {b} {}", similarity(a, b));
        }
    }
}
