//! The text of a recording as the store keeps it, so that whoever opens the recording again need
//! not name it: an article that was tied to it, believed only where all of its parts fit its text.

use super::spelled::{KINDS, REASONS, kind, reason};
use crate::article::{Article, Block, Sentence, Turn, WrittenWord};
use crate::episode::{Episode, EpisodeId, Tags};
use crate::store::{About, Key, Outcome, Store};
use serde::{Deserialize, Serialize};
use std::ops::Range;

/// From and to.
type Part = (usize, usize);

#[derive(Serialize, Deserialize)]
struct Record {
    text: String,
    title: Option<String>,
    language: Option<String>,
    /// Kind, bytes, sentences.
    blocks: Vec<(String, Part, Part)>,
    /// Bytes, words, and why it is not read.
    sentences: Vec<(Part, Part, Option<String>)>,
    words: Vec<Part>,
    /// Sentences and who speaks them.
    speakers: Vec<(Part, String)>,
    /// The lines of each cue.
    cues: Vec<Vec<Part>>,
}

/// Remembers `article` as the text of the recording `id`, whose file is called `file`, where that
/// is news.
///
/// # Errors
/// Why it could not be kept, for a note.
pub(super) fn keep(
    article: &Article,
    id: EpisodeId,
    file: &str,
    store: &Store,
) -> Result<(), String> {
    let bytes = to_bytes(article);
    if store.get(&key(id)).as_ref() == Some(&bytes) {
        return Ok(());
    }
    let episode = Episode {
        file: file.to_owned(),
        id,
        tags: Tags { title: article.title.clone(), ..Tags::default() },
    };
    match store.put(&key(id), &About::new(&episode, None), &bytes) {
        Outcome::Failed(why) => Err(why),
        Outcome::Kept | Outcome::Forgotten => Ok(()),
    }
}

/// The text that was tied to the recording `id` last.
pub fn recall_article(id: EpisodeId, store: &Store) -> Option<Article> {
    read(&store.get(&key(id))?)
}

fn key(id: EpisodeId) -> Key {
    Key::new("article", id)
}

fn part(range: &Range<usize>) -> Part {
    (range.start, range.end)
}

fn to_bytes(article: &Article) -> Vec<u8> {
    let record = Record {
        text: article.text.clone(),
        title: article.title.clone(),
        language: article.language.clone(),
        blocks: article
            .blocks
            .iter()
            .map(|b| (kind(b.kind).to_owned(), part(&b.bytes), part(&b.sentences)))
            .collect(),
        sentences: article
            .sentences
            .iter()
            .map(|s| (part(&s.bytes), part(&s.words), s.skip.map(|skip| reason(skip).to_owned())))
            .collect(),
        words: article.words.iter().map(|word| part(&word.bytes)).collect(),
        speakers: article
            .speakers
            .iter()
            .map(|turn| (part(&turn.sentences), turn.name.clone()))
            .collect(),
        cues: article.cues.iter().map(|lines| lines.iter().map(part).collect()).collect(),
    };
    // Numbers and texts always have a JSON form.
    serde_json::to_vec(&record).unwrap_or_default()
}

/// What `bytes` hold; `None` where they are damaged or another version's.
pub(super) fn read(bytes: &[u8]) -> Option<Article> {
    let Record { text, title, language, blocks, sentences, words, speakers, cues } =
        serde_json::from_slice(bytes).ok()?;
    let slice = |(from, to): Part| text.get(from..to).map(|_| from..to);
    let among = |(from, to): Part, n: usize| (from <= to && to <= n).then_some(from..to);
    let (n_sentences, n_words) = (sentences.len(), words.len());
    let block = |(name, bytes, sentences): (String, Part, Part)| {
        let kind = *KINDS.iter().find(|known| kind(**known) == name)?;
        Some(Block { kind, bytes: slice(bytes)?, sentences: among(sentences, n_sentences)? })
    };
    let sentence = |(bytes, words, why): (Part, Part, Option<String>)| {
        let known = |why: String| REASONS.iter().copied().find(|known| reason(*known) == why);
        let skip = match why {
            Some(why) => Some(known(why)?),
            None => None,
        };
        Some(Sentence { bytes: slice(bytes)?, words: among(words, n_words)?, skip })
    };
    Some(Article {
        title,
        language,
        blocks: blocks.into_iter().map(block).collect::<Option<_>>()?,
        sentences: sentences.into_iter().map(sentence).collect::<Option<_>>()?,
        speakers: speakers
            .into_iter()
            .map(|(sentences, name)| Some(Turn { sentences: among(sentences, n_sentences)?, name }))
            .collect::<Option<_>>()?,
        cues: cues
            .into_iter()
            .map(|lines| lines.into_iter().map(slice).collect::<Option<_>>())
            .collect::<Option<_>>()?,
        words: words
            .into_iter()
            .map(|bytes| Some(WrittenWord { bytes: slice(bytes)? }))
            .collect::<Option<_>>()?,
        text,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::article::from_text;
    use std::collections::HashSet;

    fn article() -> Article {
        let mut article = from_text("雨\n\nIt rained. “Stop,” she said.\n\nPhoto: The river.");
        article.title = Some("雨".into());
        article.speakers = vec![Turn { sentences: 0..1, name: "ANNA".into() }];
        article.cues = vec![vec![0..3]];
        article
    }

    #[test]
    fn as_it_was() {
        for article in [Article::default(), article()] {
            assert_eq!(read(&to_bytes(&article)).as_ref(), Some(&article));
        }
    }

    #[test]
    fn every_name_is_known() {
        let of_kinds: HashSet<&str> = KINDS.iter().map(|known| kind(*known)).collect();
        let of_reasons: HashSet<&str> = REASONS.iter().map(|skip| reason(*skip)).collect();
        assert_eq!((of_kinds.len(), of_reasons.len()), (KINDS.len(), REASONS.len()));
        assert!(read(&to_bytes(&article())).is_some());
    }

    #[test]
    fn damage_is_no_article() {
        let whole = String::from_utf8(to_bytes(&article())).unwrap();
        for (from, to) in [
            ("[0,3]", "[0,2]"),
            ("[0,3]", "[0,999]"),
            ("\"paragraph\"", "\"poem\""),
            ("\"text\"", "\"txt\""),
        ] {
            assert!(whole.contains(from), "{whole}");
            assert_eq!(read(whole.replacen(from, to, 1).as_bytes()), None, "{from} {to}");
        }
    }
}
