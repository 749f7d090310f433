//! Any bytes as an article: reading never panics, and what is read is clean, in order and whole.
//!
//! The first byte chooses what is said of the others.

#![no_main]

use aloud::documents::{self, Hint};
use aloud::transcript::letters::{is_spoken, is_unprintable};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let Some((choice, bytes)) = bytes.split_first() else { return };
    let hint = match choice % 6 {
        0 => Hint::default(),
        1 => Hint { name: Some("a.md"), ..Hint::default() },
        2 => Hint { name: Some("a.html"), ..Hint::default() },
        3 => Hint { name: Some("a.txt"), content_type: Some("text/plain; charset=gb18030"), ..Hint::default() },
        4 => Hint { content_type: Some("text/html; charset=big5"), ..Hint::default() },
        _ => Hint { chapter: Some("1"), ..Hint::default() },
    };
    let Ok(article) = documents::read(bytes, &hint) else { return };
    assert!(article.text.chars().all(|c| c == '\n' || !(c.is_control() || is_unprintable(c))));
    let mut end = 0;
    for word in &article.words {
        assert!(end <= word.bytes.start && word.bytes.start < word.bytes.end);
        assert!(article.text[word.bytes.clone()].contains(is_spoken));
        end = word.bytes.end;
    }
    let (mut end, mut n_sentences, mut n_words) = (0, 0, 0);
    for block in &article.blocks {
        assert!(end <= block.bytes.start && block.sentences.start == n_sentences);
        for sentence in &article.sentences[block.sentences.clone()] {
            assert!(block.bytes.start <= sentence.bytes.start && sentence.bytes.end <= block.bytes.end);
            assert_eq!(sentence.words.start, n_words);
            n_words = sentence.words.end;
        }
        n_sentences = block.sentences.end;
        end = block.bytes.end;
    }
    assert_eq!((n_sentences, n_words), (article.sentences.len(), article.words.len()));
});
