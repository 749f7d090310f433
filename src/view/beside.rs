//! A second text tied to the first by sentence: its translation, or what was heard in its place.

use crate::align::Method;
use crate::reading::Reading;
use crate::time::Span;
use crate::transcript::characters::is_han;
use crate::transcript::split::needs_space;
use std::ops::Range;

/// For each sentence of an article a piece of another text.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Beside {
    /// All of it.
    pub text: String,
    /// For each sentence of the article its piece; empty where there is none.
    pub sentences: Vec<Range<usize>>,
    /// Where it says something else than the article.
    pub differs: Vec<Range<usize>>,
    /// Whether it is what was heard, so that what was said but not written belongs to it.
    pub is_heard: bool,
}

impl Beside {
    /// Of a translation that gives a text, or none, for each sentence.
    pub fn translation<'a>(sentences: impl IntoIterator<Item = Option<&'a str>>) -> Self {
        let mut beside = Self::default();
        for sentence in sentences {
            let start = beside.text.len();
            beside.text.push_str(sentence.map(str::trim).unwrap_or_default());
            beside.sentences.push(start..beside.text.len());
            beside.text.push('\n');
        }
        beside
    }

    /// Of what was heard where each sentence of `reading` is spoken. Words that belong to no
    /// written one differ.
    pub fn heard(reading: &Reading) -> Self {
        let owners = owners(reading);
        let mut by_sentence: Vec<Vec<usize>> = vec![Vec::new(); reading.article.sentences.len()];
        for (word, owner) in owners.iter().enumerate() {
            if let Some(words) = owner.sentence.and_then(|s| by_sentence.get_mut(s)) {
                words.push(word);
            }
        }
        let spoken: Vec<&str> = reading.transcript.words().map(|word| word.text.as_str()).collect();
        let mut beside = Self { is_heard: true, ..Self::default() };
        for words in by_sentence {
            let start = beside.text.len();
            for word in words {
                if needs_space(&beside.text[start..], spoken[word]) {
                    beside.text.push(' ');
                }
                let at = beside.text.len();
                beside.text.push_str(spoken[word]);
                if !owners[word].is_matched {
                    beside.differs.push(at..beside.text.len());
                }
            }
            beside.sentences.push(start..beside.text.len());
            beside.text.push('\n');
        }
        beside
    }

    /// The piece beside the sentence `index`, where there is one.
    pub fn piece(&self, index: usize) -> Option<Range<usize>> {
        self.sentences.get(index).filter(|piece| !piece.is_empty()).cloned()
    }
}

/// Where a spoken word belongs.
#[derive(Clone, Copy, Default)]
struct Owner {
    sentence: Option<usize>,
    is_matched: bool,
    is_insert: bool,
}

/// For each spoken word the sentence that it belongs to: that of the written word it was matched
/// with, else the one being spoken; none for passages that are not written at all.
fn owners(reading: &Reading) -> Vec<Owner> {
    let alignment = &reading.alignment;
    let mut owners = vec![Owner::default(); reading.transcript.words().count()];
    for unwritten in &alignment.unwritten {
        for owner in owners.get_mut(unwritten.spoken.clone()).unwrap_or_default() {
            owner.is_insert = true;
        }
    }
    for (index, sentence) in reading.article.sentences.iter().enumerate() {
        for timing in alignment.words.get(sentence.words.clone()).unwrap_or_default() {
            for owner in owners.get_mut(timing.spoken.clone()).unwrap_or_default() {
                *owner = Owner { sentence: Some(index), is_matched: true, is_insert: false };
            }
        }
    }
    if !owners.iter().any(|owner| owner.is_matched) {
        by_time(reading, &mut owners);
        return owners;
    }
    let mut before: Option<usize> = None;
    for (index, word) in reading.transcript.words().enumerate() {
        if owners[index].is_matched {
            before = owners[index].sentence;
        } else if !owners[index].is_insert {
            let is_over = before
                .and_then(|s| alignment.sentences.get(s)?.span)
                .is_none_or(|span| span.end() <= word.span.start());
            let after = || owners[index..].iter().find(|o| o.is_matched).and_then(|o| o.sentence);
            owners[index].sentence = if is_over { after().or(before) } else { before };
        }
    }
    owners
}

/// Where no word was matched with a written one, since the text is in another language or only
/// synthesised speech found it: a word belongs to the sentence that is spoken then. In the text's
/// own language it is matched if the sentence has it.
fn by_time(reading: &Reading, owners: &mut [Owner]) {
    let Reading { article, alignment, .. } = reading;
    let starts = alignment
        .sentences
        .iter()
        .enumerate()
        .filter_map(|(index, timing)| Some((timing.span?, index)));
    let mut starts: Vec<(Span, usize)> = starts.collect();
    starts.sort_by_key(|(span, _)| span.start());
    let plain = |text: &str| {
        text.chars()
            .filter(|c| c.is_alphanumeric())
            .flat_map(char::to_lowercase)
            .collect::<String>()
    };
    let is_across = alignment.method == Method::Sentences;
    // Words come in order of time, so that a sentence's are folded once.
    let mut written: (usize, Vec<String>) = (usize::MAX, Vec::new());
    for (owner, word) in
        owners.iter_mut().zip(reading.transcript.words()).filter(|(owner, _)| !owner.is_insert)
    {
        let middle = word.span.start().plus(word.span.millis() / 2);
        let last = starts.partition_point(|(span, _)| span.start() <= middle).saturating_sub(1);
        let Some((_, sentence)) = starts.get(last) else { continue };
        if written.0 != *sentence && !is_across {
            written = (
                *sentence,
                article.sentences[*sentence]
                    .words
                    .clone()
                    .map(|word| plain(article.word(word)))
                    .collect(),
            );
        }
        // Chinese words are characters in writing, and several together in speech.
        let said = plain(&word.text);
        let n = said.chars().count();
        let is_written = match said.chars().any(is_han) {
            true => written.1.windows(n).any(|run| run.concat() == said),
            false => written.1.contains(&said),
        };
        *owner = Owner {
            sentence: Some(*sentence),
            is_matched: is_across || is_written,
            is_insert: false,
        };
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::view::sample;

    #[test]
    fn without_matched_words_time_decides() {
        let mut reading = sample::misheard();
        reading.alignment.words.iter_mut().for_each(|timing| timing.spoken = 0..0);
        for (method, want) in
            [(Method::Synth, vec!["roads", "and", "it"]), (Method::Sentences, vec![])]
        {
            reading.alignment.method = method;
            let beside = Beside::heard(&reading);
            let pieces: Vec<&str> =
                beside.sentences.iter().map(|piece| &beside.text[piece.clone()]).collect();
            assert_eq!(pieces, ["", "the river came over roads", "and it lights went out"]);
            let differs: Vec<&str> =
                beside.differs.iter().map(|range| &beside.text[range.clone()]).collect();
            assert_eq!(differs, want, "{method:?}");
        }
    }

    #[test]
    fn what_was_heard_stands_by_its_sentence() {
        let beside = Beside::heard(&sample::misheard());
        let pieces: Vec<&str> =
            beside.sentences.iter().map(|piece| &beside.text[piece.clone()]).collect();
        assert_eq!(pieces, ["", "the river came over roads", "and it lights went out"]);
        let differs: Vec<&str> =
            beside.differs.iter().map(|range| &beside.text[range.clone()]).collect();
        assert_eq!(differs, ["roads", "and", "it"]);
    }

    #[test]
    fn a_translation_may_have_holes() {
        let beside = Beside::translation([Some("一。 "), None, Some("三。")]);
        assert_eq!(beside.piece(0).map(|p| &beside.text[p]), Some("一。"));
        assert_eq!((beside.piece(1), beside.piece(7)), (None, None));
        assert_eq!(beside.piece(2).map(|p| &beside.text[p]), Some("三。"));
    }
}
