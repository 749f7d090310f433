//! The article's words in what the synthesiser said.

use super::{Line, Phone, Utterance};
use crate::warp::Sound;
use std::ops::Range;

/// What `said` consists of, if it is `line`: sounds with the word of the article that each belongs
/// to, and pauses.
///
/// The synthesiser tells when a word begins, but says some together ("of the"): those share its
/// sounds by their length in letters.
pub fn sounds<'a>(said: &'a Utterance, line: &Line) -> Vec<Sound<'a>> {
    let phones: Vec<&Phone> = said.phones.iter().filter(|phone| !is_mark(phone)).collect();
    // A number of several words has an event for each of them, all at its one place.
    let groups: Vec<(u32, u32)> =
        said.words.chunk_by(|a, b| a.0 == b.0).map(|group| group[0]).collect();
    let mut sounds = Vec::new();
    for (i, &(place, sample)) in groups.iter().enumerate() {
        let (next_place, next_sample) = groups.get(i + 1).copied().unwrap_or((u32::MAX, u32::MAX));
        let index = |sample: u32| phones.partition_point(|phone| phone.sample < sample);
        let range = index(sample)..index(next_sample).max(index(sample));
        let end = phones
            .get(range.end)
            .map_or(said.samples.len() as u32, |next| next.sample.min(next_sample));
        let first = line.words.partition_point(|(at, _)| *at <= place).saturating_sub(1);
        let last = line.words.partition_point(|(at, _)| *at < next_place).max(first + 1);
        share(&phones[range], sample..end, line, first..last.min(line.words.len()), &mut sounds);
    }
    sounds
}

/// Signs of the synthesiser's own: "(en)" changes the language, "_|" parts words.
fn is_mark(phone: &Phone) -> bool {
    phone.name.starts_with('(') || phone.name == "_|" || phone.name.is_empty()
}

/// Gives the phones of one event to the pieces of the line that it says.
fn share<'a>(
    phones: &[&'a Phone],
    samples: Range<u32>,
    line: &Line,
    pieces: Range<usize>,
    sounds: &mut Vec<Sound<'a>>,
) {
    let is_pause = |phone: &Phone| phone.name.starts_with('_');
    let n_said = phones.iter().filter(|phone| !is_pause(phone)).count();
    let mut n = 0;
    for (i, phone) in phones.iter().enumerate() {
        let end = phones.get(i + 1).map_or(samples.end, |next| next.sample).max(phone.sample);
        if is_pause(phone) {
            sounds.push(Sound { name: None, word: 0, samples: phone.sample..end });
            continue;
        }
        let Some(piece) = owner(n, n_said, line, pieces.clone()) else { return };
        // What is before a word's first sound, such as the silence in which lips close, is its own.
        let start = if n == 0 { samples.start.min(phone.sample) } else { phone.sample };
        sounds.push(Sound {
            name: Some(&phone.name),
            word: line.words[piece].1,
            samples: start..end.max(start + 1),
        });
        n += 1;
    }
}

/// Which piece the `n`th of `n_said` sounds belongs to: each has its share by letters, and one at
/// least.
fn owner(n: usize, n_said: usize, line: &Line, pieces: Range<usize>) -> Option<usize> {
    let begin = |piece: usize| line.words.get(piece).map_or_else(|| line.n_chars, |(at, _)| *at);
    let (from, to) = (begin(pieces.start), begin(pieces.end));
    let place = from as f64 + f64::from(to - from) * (n as f64 + 0.5) / n_said as f64;
    let by_letters =
        pieces.clone().rfind(|piece| f64::from(begin(*piece)) <= place).unwrap_or(pieces.start);
    let (first, left) = (pieces.start, n_said - n);
    let piece =
        by_letters.max((pieces.end + 1).saturating_sub(left).saturating_sub(1)).min(first + n);
    pieces.contains(&piece).then_some(piece)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(words: &[(u32, u32)], phones: &[(&str, u32)]) -> Utterance {
        let phones = phones
            .iter()
            .map(|(name, sample)| Phone { name: (*name).to_owned(), sample: *sample })
            .collect();
        Utterance { rate: 16_000, samples: vec![0; 1000], words: words.to_vec(), phones }
    }

    fn line(text: &str) -> Line {
        let mut line =
            Line { text: text.to_owned(), n_chars: text.len() as u32, ..Line::default() };
        let places = text.match_indices(' ').map(|(at, _)| at + 1);
        line.words = std::iter::once(0)
            .chain(places)
            .enumerate()
            .map(|(word, at)| (at as u32, word))
            .collect();
        line
    }

    fn told(said: &Utterance, line: &Line) -> String {
        let tell = |sound: Sound<'_>| match sound.name {
            Some(name) => {
                format!("{name}{}@{}-{}", sound.word, sound.samples.start, sound.samples.end)
            }
            None => format!("_@{}-{}", sound.samples.start, sound.samples.end),
        };
        sounds(said, line).into_iter().map(tell).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn words_have_their_sounds() {
        for (words, phones, text, want) in [
            (
                &[(0, 0), (3, 400)][..],
                &[("h", 20), ("i", 100), ("(en)", 300), ("D", 420), ("_:", 900)][..],
                "Hi the.",
                "h0@0-100 i0@100-400 D1@400-900 _@900-1000",
            ),
            // Two words with one event.
            (
                &[(0, 0), (7, 500)],
                &[("V", 0), ("v", 100), ("D", 200), ("@", 300), ("k", 510)],
                "of the cat",
                "V0@0-100 v0@100-200 D1@200-300 @1@300-500 k2@500-1000",
            ),
            // One word with two events.
            (&[(0, 0), (0, 300)], &[("t", 0), ("f", 300)], "25", "t0@0-300 f0@300-1000"),
            // More words than sounds.
            (&[(0, 0)], &[("a", 0)], "a b c", "a0@0-1000"),
            (&[], &[("a", 0)], "", ""),
        ] {
            assert_eq!(told(&said(words, phones), &line(text)), want, "{text}");
        }
    }
}
