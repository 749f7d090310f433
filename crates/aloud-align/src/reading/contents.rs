//! What an episode consists of: the recording's chapters and the text's headings, as one list by
//! time.

use super::Reading;
use crate::article::{Block, BlockKind, Skip};
use crate::episode::Chapter;

/// A heading so near to the beginning of a chapter, in milliseconds, is that chapter's.
const NEAR_MS: u64 = 15_000;

impl Reading {
    /// `chapters`, and the headings that are none of them, in order of time. A heading is where it
    /// is read, or else where what is written below it begins.
    pub fn contents(&self, chapters: &[Chapter]) -> Vec<Chapter> {
        let is_new = |heading: &Chapter| {
            chapters
                .iter()
                .all(|chapter| chapter.start.millis().abs_diff(heading.start.millis()) >= NEAR_MS)
        };
        let mut contents: Vec<Chapter> =
            self.headings().into_iter().filter(is_new).chain(chapters.iter().cloned()).collect();
        contents.sort_by_key(|chapter| chapter.start);
        contents
    }

    fn headings(&self) -> Vec<Chapter> {
        // A link, a caption or a credit that looks like a heading stands over nothing.
        let is_furniture = |block: &Block| {
            let skips = self
                .article
                .sentences
                .get(block.sentences.clone())
                .unwrap_or_default()
                .iter()
                .map(|sentence| sentence.skip);
            skips.flatten().any(|skip| skip != Skip::Title)
        };
        let is_heading = |block: &Block| {
            matches!(block.kind, BlockKind::Title | BlockKind::Heading) && !is_furniture(block)
        };
        let mut found: Vec<Chapter> = Vec::new();
        // Of headings with nothing between them the last one has what follows.
        let mut open = None;
        for block in &self.article.blocks {
            if is_heading(block) {
                open = Some(block);
            }
            let timings = self.alignment.sentences.get(block.sentences.clone()).unwrap_or_default();
            let Some(start) = timings.iter().find_map(|timing| Some(timing.span?.start())) else {
                continue;
            };
            if let Some(heading) = open.take() {
                let title = self.article.text.get(heading.bytes.clone()).unwrap_or_default();
                found.push(Chapter {
                    start,
                    title: title.split_whitespace().collect::<Vec<_>>().join(" "),
                });
            }
        }
        found
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::align::{Alignment, SentenceTiming, Status};
    use crate::article;
    use crate::time::{Span, Timestamp};

    /// A heading at 3 s, one that nobody read above what is said at 21 s, one at 60 s, and a link
    /// above what is said at 90 s.
    fn reading() -> Reading {
        let mut article = article::from_text(
            "One\n\nFirst of all.\n\nTwo\n\nThen this.\n\nThree\n\nA link\n\nAnd last.",
        );
        for block in article
            .blocks
            .iter_mut()
            .filter(|block| !article.text[block.bytes.clone()].ends_with('.'))
        {
            block.kind = BlockKind::Heading;
        }
        article.sentences[5].skip = Some(Skip::Boilerplate);
        let spans = [
            Some((3_000, 4_000)),
            Some((5_000, 9_000)),
            None,
            Some((21_000, 30_000)),
            Some((60_000, 61_000)),
            None,
            Some((90_000, 91_000)),
        ];
        let timing = |span: Option<(u64, u64)>| SentenceTiming {
            status: if span.is_some() { Status::Spoken } else { Status::Unspoken },
            span: span.map(|(start, end)| Span::from_millis(start, end)),
            confidence: 1.0,
        };
        let alignment = Alignment {
            sentences: spans.into_iter().map(timing).collect(),
            ..Alignment::default()
        };
        Reading { article, alignment, ..Reading::default() }
    }

    #[test]
    fn chapters_and_headings() {
        let chapter =
            |ms, title: &str| Chapter { start: Timestamp::from_millis(ms), title: title.into() };
        for (chapters, want) in [
            (vec![], "3000 One, 21000 Two, 60000 Three"),
            // A heading by which a chapter was named is that chapter.
            (
                vec![chapter(0, "Begin"), chapter(40_000, "End")],
                "0 Begin, 21000 Two, 40000 End, 60000 Three",
            ),
            (vec![chapter(20_000, "")], "3000 One, 20000 , 60000 Three"),
        ] {
            let contents = reading().contents(&chapters);
            let shown: Vec<String> = contents
                .iter()
                .map(|chapter| format!("{} {}", chapter.start.millis(), chapter.title))
                .collect();
            assert_eq!(shown.join(", "), want);
        }
        assert_eq!(Reading::default().contents(&[]), []);
    }
}
