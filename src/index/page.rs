//! A stretch of a text with its times, small enough to be searched in a moment, as it is packed and
//! as it is cut.
//!
//! Pages overlap: each has the words whose hits are its own, and beyond them enough of the text
//! that a phrase which begins in the last of them is there whole. Pure: this file never knows where
//! pages are kept.

use crate::search::Text;
use crate::time::{Span, Timestamp};
use std::ops::Range;

/// How many words a page has of its own, about.
const OWN: usize = 220;
/// A page may be longer by this to end with a sentence.
const SLACK: usize = 40;
/// How many words before its own a page shows: numbers are read by what stands before them.
const HEAD: usize = 4;
/// How many words after its own a page shows. A phrase of [`MAX_SLOTS`](super::terms::MAX_SLOTS)
/// words fits in, with what the text has between them.
const TAIL: usize = 56;

/// How many words on either side are many.
const AROUND: usize = 400;

/// A stretch of a text. Byte ranges index its own text.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Page {
    /// The text, whole sentences where they are not endless.
    pub text: String,
    /// Its words, without the punctuation around them.
    pub words: Vec<Range<u32>>,
    /// When each of them is spoken.
    pub spans: Vec<Option<Span>>,
    /// Its sentences.
    pub sentences: Vec<Range<u32>>,
    /// The words whose hits belong to this page and to no other.
    pub own: Range<usize>,
    /// Which word of the whole text its first one is.
    pub first: usize,
}

impl Page {
    /// All of `text` as one page.
    pub fn whole(text: &Text) -> Self {
        let small = |range: Range<usize>| range.start as u32..range.end as u32;
        Self {
            text: text.text().to_owned(),
            words: (0..text.len()).map(|word| small(text.bytes(&(word..word + 1)))).collect(),
            spans: (0..text.len()).map(|word| text.span(&(word..word + 1))).collect(),
            sentences: (0..text.n_sentences()).map(|index| small(text.sentence(index))).collect(),
            own: 0..text.len(),
            first: 0,
        }
    }

    /// Lets the words that are not `kept` be text without words. Of a whole text only.
    pub fn keep_words(&mut self, kept: &[bool]) {
        let mut keep = kept.iter();
        self.words.retain(|_| keep.next() != Some(&false));
        let mut keep = kept.iter();
        self.spans.retain(|_| keep.next() != Some(&false));
        self.own = 0..self.words.len();
    }

    /// As a text to be searched.
    pub fn to_text(&self) -> Text {
        let wide = |range: &Range<u32>| range.start as usize..range.end as usize;
        Text::new(
            self.text.as_str(),
            self.words.iter().map(wide),
            self.spans.iter().copied(),
            self.sentences.iter().map(wide),
        )
    }

    /// The pages of this text. Each of its words belongs to one of them.
    pub fn cut(&self) -> Vec<Page> {
        let starts: Vec<usize> = self
            .sentences
            .iter()
            .map(|sentence| self.words.partition_point(|word| word.start < sentence.start))
            .collect();
        let mut pages = Vec::with_capacity(self.words.len() / OWN + 1);
        let mut begin = 0;
        while begin < self.words.len() {
            let wanted = begin + OWN;
            let by_sentence = starts[..starts.partition_point(|start| *start <= wanted + SLACK)]
                .last()
                .copied()
                .filter(|start| *start > begin + OWN / 2);
            // A last page of a few words is worth none of its own.
            let end = if self.words.len() <= wanted + SLACK {
                self.words.len()
            } else {
                by_sentence.unwrap_or(wanted)
            };
            pages.push(self.part(begin..end));
            begin = end;
        }
        pages
    }

    /// A page with the words `words` and many around them.
    pub fn around(&self, words: &Range<usize>) -> Page {
        self.part(words.start.saturating_sub(AROUND)..(words.end + AROUND).min(self.words.len()))
    }

    fn part(&self, own: Range<usize>) -> Page {
        let shown = own.start.saturating_sub(HEAD)..(own.end + TAIL).min(self.words.len());
        let (Some(first), Some(last)) =
            (self.words.get(shown.start), self.words[shown.clone()].last())
        else {
            return Page::default();
        };
        // With the punctuation around them: from the sentence's start where that is shown, to its
        // end where that is.
        let mut bytes = first.start..last.end;
        for sentence in &self.sentences {
            let touches = |range: &Range<u32>| range.start < bytes.end && bytes.start < range.end;
            let is_near = |a: u32, b: u32| a.abs_diff(b) < 16;
            if touches(sentence)
                && sentence.start < bytes.start
                && is_near(sentence.start, bytes.start)
                && (shown.start == 0 || self.words[shown.start - 1].end <= sentence.start)
            {
                bytes.start = sentence.start;
            }
            let next = self.words.get(shown.end).map_or(u32::MAX, |word| word.start);
            if sentence.start < bytes.end && bytes.end < sentence.end && sentence.end <= next {
                bytes.end = sentence.end;
            }
        }
        let local = |range: &Range<u32>| {
            range.start.max(bytes.start) - bytes.start..range.end.min(bytes.end) - bytes.start
        };
        let sentences = self
            .sentences
            .iter()
            .filter(|sentence| sentence.start < bytes.end && bytes.start < sentence.end)
            .map(local)
            .collect();
        Page {
            text: self.text[bytes.start as usize..bytes.end as usize].to_owned(),
            words: self.words[shown.clone()].iter().map(local).collect(),
            spans: self.spans[shown.clone()].to_vec(),
            sentences,
            own: own.start - shown.start..own.end - shown.start,
            first: self.first + shown.start,
        }
    }

    /// As few bytes, for [`unpack`](Self::unpack).
    pub fn pack(&self, bytes: &mut Vec<u8>) {
        let mut put = |n: u64| varint(n, bytes);
        for n in [
            self.first,
            self.own.start,
            self.own.len(),
            self.words.len(),
            self.sentences.len(),
            self.text.len(),
        ] {
            put(n as u64);
        }
        for ranges in [&self.words, &self.sentences] {
            let mut at = 0;
            for range in ranges {
                put(u64::from(range.start.saturating_sub(at)));
                put(u64::from(range.end - range.start));
                at = range.end;
            }
        }
        let mut at = 0i64;
        for span in &self.spans {
            match span {
                None => put(0),
                Some(span) => {
                    // Times are in order nearly always; where they are not, the step back is
                    // spelled by its sign.
                    let step = span.start().millis() as i64 - at;
                    put(1 + ((step << 1) ^ (step >> 63)) as u64);
                    put(span.millis());
                    at = span.end().millis() as i64;
                }
            }
        }
        bytes.extend_from_slice(self.text.as_bytes());
    }

    /// The page at the beginning of `bytes`, and what follows it; `None` for anything but a page.
    pub fn unpack(bytes: &[u8]) -> Option<(Page, &[u8])> {
        let mut rest = bytes;
        let mut heads = [0usize; 6];
        for head in &mut heads {
            *head = usize::try_from(take(&mut rest)?).ok()?;
        }
        let [first, own, n_own, n_words, n_sentences, n_text] = heads;
        // Each has a byte at least; what claims more is no page, and gets no memory.
        if n_words.checked_add(n_sentences)?.checked_add(n_text)? > rest.len() {
            return None;
        }
        let own = own..own.checked_add(n_own).filter(|end| *end <= n_words)?;
        let words = ranges(n_words, n_text, &mut rest)?;
        let sentences = ranges(n_sentences, n_text, &mut rest)?;
        let mut spans = Vec::with_capacity(n_words);
        let mut at = 0i64;
        for _ in 0..n_words {
            spans.push(match take(&mut rest)? {
                0 => None,
                n => {
                    let step = ((n - 1) >> 1) as i64 ^ -(((n - 1) & 1) as i64);
                    let start = Timestamp::from_millis(
                        at.checked_add(step).filter(|start| *start >= 0)? as u64,
                    );
                    let end = start.plus(take(&mut rest)?);
                    at = i64::try_from(end.millis()).ok()?;
                    Some(Span::new(start, end))
                }
            });
        }
        let (text, rest) = rest.split_at_checked(n_text)?;
        let text = std::str::from_utf8(text).ok()?.to_owned();
        let is_whole =
            |range: &Range<u32>| text.get(range.start as usize..range.end as usize).is_some();
        let is_sound = words.iter().chain(&sentences).all(is_whole);
        is_sound.then_some((Page { text, words, spans, sentences, own, first }, rest))
    }
}

/// Ranges in order, as they are packed.
fn ranges(n: usize, n_text: usize, rest: &mut &[u8]) -> Option<Vec<Range<u32>>> {
    let mut ranges = Vec::with_capacity(n);
    let mut at = 0u32;
    for _ in 0..n {
        let start = at.checked_add(u32::try_from(take(rest)?).ok()?)?;
        at = start
            .checked_add(u32::try_from(take(rest)?).ok()?)
            .filter(|end| *end as usize <= n_text)?;
        ranges.push(start..at);
    }
    Some(ranges)
}

/// LEB128: seven bits a byte, the lowest first.
fn varint(mut n: u64, bytes: &mut Vec<u8>) {
    while n > 0x7F {
        bytes.push(n as u8 | 0x80);
        n >>= 7;
    }
    bytes.push(n as u8);
}

fn take(rest: &mut &[u8]) -> Option<u64> {
    let mut n = 0u64;
    for (index, byte) in rest.iter().enumerate().take(10) {
        n |= u64::from(byte & 0x7F) << (7 * index);
        if byte & 0x80 == 0 {
            *rest = &rest[index + 1..];
            return Some(n);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::transcript::split;
    use proptest::prelude::*;

    /// A text of sentences; a word every 300 ms, none for each seventh.
    fn text(sentences: &[String]) -> Text {
        let (mut all, mut ends) = (String::new(), Vec::new());
        for sentence in sentences.iter().filter(|sentence| !sentence.trim().is_empty()) {
            let from = all.len();
            all.push_str(sentence);
            ends.push(from..all.len());
            all.push(' ');
        }
        let words: Vec<Range<usize>> =
            split::words(&all).into_iter().map(|range| split::core(&all, range)).collect();
        let spans: Vec<Option<Span>> = (0..words.len() as u64)
            .map(|n| (n % 7 != 6).then(|| Span::from_millis(n * 300, n * 300 + 250)))
            .collect();
        Text::new(all.clone(), words, spans, ends)
    }

    fn any_sentences() -> impl Strategy<Value = Vec<String>> {
        prop::collection::vec("([a-z]{1,7}[,]? ){1,60}[.]|[一-十0-9]{1,80}[。]|[\\PC]{0,6}", 0..40)
    }

    proptest! {
        #[test]
        fn each_word_is_some_pages_own(sentences in any_sentences()) {
            let whole = Page::whole(&text(&sentences));
            let mut next = 0;
            for page in whole.cut() {
                prop_assert_eq!(page.first + page.own.start, next);
                next = page.first + page.own.end;
                for (index, word) in page.words.iter().enumerate() {
                    let of_whole = &whole.words[page.first + index];
                    prop_assert_eq!(&page.text[word.start as usize..word.end as usize], &whole.text[of_whole.start as usize..of_whole.end as usize]);
                    prop_assert_eq!(page.spans[index], whole.spans[page.first + index]);
                }
                prop_assert!(page.words.len() <= OWN + SLACK + HEAD + TAIL);
                prop_assert!(page.words.len() - page.own.end >= TAIL.min(whole.words.len() - next));
            }
            prop_assert_eq!(next, whole.words.len());
        }

        #[test]
        fn what_is_packed_is_unpacked(sentences in any_sentences(), more: Vec<u8>) {
            for page in Page::whole(&text(&sentences)).cut() {
                let mut bytes = Vec::new();
                page.pack(&mut bytes);
                bytes.extend(&more);
                prop_assert_eq!(Page::unpack(&bytes), Some((page, more.as_slice())));
            }
        }

        #[test]
        fn nonsense_is_no_page(bytes: Vec<u8>, at: prop::sample::Index, byte: u8) {
            let _ = Page::unpack(&bytes);
            let mut packed = Vec::new();
            Page::whole(&text(&["one, two 三四.".to_owned(), "five".to_owned()])).pack(&mut packed);
            let at = at.index(packed.len());
            prop_assert_eq!(Page::unpack(&packed[..at]), None);
            packed[at] = byte;
            if let Some((page, _)) = Page::unpack(&packed) {
                let _ = page.to_text();
            }
        }
    }
}
