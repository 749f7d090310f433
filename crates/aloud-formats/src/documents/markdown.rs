//! Markdown (CommonMark with tables, footnotes, definitions and strike-through) to pieces.
//!
//! Addresses of links, code blocks and what is struck out are not part of what is read, an image
//! gives its description as a caption, a table is hinted at as not read, and HTML between blocks is
//! read as HTML.

use super::html;
use crate::article::draft::{Draft, Piece};
use crate::article::{BlockKind, Skip, speaker};
use pulldown_cmark::{Event, MetadataBlockKind, Options, Parser, Tag, TagEnd};
use std::collections::BTreeMap;

const OPTIONS: Options = Options::ENABLE_TABLES
    .union(Options::ENABLE_FOOTNOTES)
    .union(Options::ENABLE_STRIKETHROUGH)
    .union(Options::ENABLE_TASKLISTS)
    .union(Options::ENABLE_DEFINITION_LIST)
    .union(Options::ENABLE_YAML_STYLE_METADATA_BLOCKS);

/// The pieces of a Markdown text.
pub(super) fn parse(text: &str) -> Draft {
    let mut walk = Walk::default();
    for event in Parser::new_ext(text, OPTIONS) {
        walk.take(event);
    }
    walk.flush();
    walk.part_speakers();
    walk.draft.title_from_heading();
    walk.draft.lead_with_title();
    walk.draft
}

/// Whether a text without a name looks like Markdown: a heading, a fence, a link or an image.
pub(super) fn is_likely(text: &str) -> bool {
    let is_heading = |line: &str| {
        let rest = line.trim_start_matches('#');
        let level = line.len() - rest.len();
        (1..=6).contains(&level) && rest.starts_with(' ') && !rest.trim().is_empty()
    };
    let has_link = |line: &str| {
        line.match_indices("](")
            .any(|(at, _)| line[..at].contains('[') && line[at + 2..].contains(')'))
    };
    text.lines().take(400).any(|line| is_heading(line) || line.starts_with("```") || has_link(line))
}

/// The words of a line without its marks.
fn inline(line: &str) -> String {
    let mut walk = Walk::default();
    // Behind a word nothing on it begins a list, a heading or a table.
    for event in Parser::new_ext(&format!("a {line}"), OPTIONS) {
        walk.take(event);
    }
    walk.flush();
    let text = walk
        .draft
        .pieces
        .first()
        .and_then(|piece| piece.text.strip_prefix("a "))
        .map(str::to_owned);
    text.filter(|text| !text.trim().is_empty()).unwrap_or_else(|| line.to_owned())
}

/// The blocks so far, and the one that is open.
#[derive(Default)]
struct Walk {
    draft: Draft,
    text: String,
    /// Where in the text a line begins that is not its first.
    line_starts: Vec<usize>,
    /// Blocks of several lines, by their place among the draft's.
    broken: BTreeMap<usize, Vec<String>>,
    heading: bool,
    n_items: usize,
    n_quotes: usize,
    in_footnote: bool,
    /// Inside code, a metadata block, or what else is not read.
    is_silent: bool,
    is_metadata: bool,
    in_table: bool,
    /// A term of a list of definitions, which may be who speaks.
    in_term: bool,
    /// How many elements are open whose text is not read: what is struck out, the reading of a
    /// ruby.
    n_unread: usize,
    /// The HTML of the block that is open.
    html: Option<String>,
    /// The description of the image that is open.
    image: Option<String>,
}

impl Walk {
    fn take(&mut self, event: Event<'_>) {
        match event {
            Event::Start(tag) => self.start(&tag),
            Event::End(tag) => self.end(tag),
            Event::Text(text) if self.is_metadata => self.metadata(&text),
            Event::Text(text) | Event::Code(text) | Event::InlineMath(text) => self.text(&text),
            Event::SoftBreak => self.soft_break(),
            Event::HardBreak | Event::Rule => self.flush(),
            // A tag between two words parts them as little as none; marks of footnotes are not
            // read.
            Event::Html(source) if self.html.is_some() => {
                self.html.get_or_insert_default().push_str(&source);
            }
            Event::Html(tag) | Event::InlineHtml(tag) => self.inline_html(&tag),
            Event::FootnoteReference(_) | Event::DisplayMath(_) | Event::TaskListMarker(_) => {}
        }
    }

    /// A tag within a paragraph: what is not read is passed over, and a line break ends a line.
    fn inline_html(&mut self, tag: &str) {
        let inner = tag.trim_start_matches('<').trim_end_matches(['>', '/']);
        let (closes, name) = inner.strip_prefix('/').map_or((false, inner), |name| (true, name));
        let name = name.split(char::is_whitespace).next().unwrap_or_default().to_lowercase();
        match name.as_str() {
            "rt" | "rp" | "del" | "s" | "strike" if closes => {
                self.n_unread = self.n_unread.saturating_sub(1);
            }
            "rt" | "rp" | "del" | "s" | "strike" => self.n_unread += 1,
            // The last reading in it may have no end of its own.
            "ruby" if closes => self.n_unread = 0,
            "br" => self.flush(),
            _ => {}
        }
    }

    /// The blocks of a stretch of HTML; those of pages that are nested without end are none.
    fn html_block(&mut self, source: &str) {
        if let Ok(document) = html::document(&super::limits::tame(source)) {
            html::walk(&document.root(), &mut self.draft, &mut |_, _| {});
        }
    }

    fn start(&mut self, tag: &Tag<'_>) {
        match tag {
            Tag::Emphasis | Tag::Strong | Tag::Link { .. } | Tag::Superscript | Tag::Subscript => {}
            Tag::Strikethrough => self.n_unread += 1,
            Tag::Image { .. } => self.image = Some(String::new()),
            Tag::TableCell => self.text.push(' '),
            tag => {
                self.flush();
                match tag {
                    Tag::Heading { .. } => self.heading = true,
                    Tag::Item | Tag::DefinitionListDefinition => self.n_items += 1,
                    Tag::DefinitionListTitle => {
                        (self.n_items, self.in_term) = (self.n_items + 1, true);
                    }
                    Tag::Table(_) => self.in_table = true,
                    Tag::BlockQuote(_) => self.n_quotes += 1,
                    Tag::FootnoteDefinition(_) => self.in_footnote = true,
                    Tag::CodeBlock(_) => self.is_silent = true,
                    Tag::HtmlBlock => self.html = Some(String::new()),
                    Tag::MetadataBlock(kind) => {
                        self.is_metadata = *kind == MetadataBlockKind::YamlStyle;
                    }
                    _ => {}
                }
            }
        }
    }

    fn end(&mut self, tag: TagEnd) {
        match tag {
            TagEnd::Emphasis
            | TagEnd::Strong
            | TagEnd::Link
            | TagEnd::Superscript
            | TagEnd::Subscript => {}
            TagEnd::Strikethrough => self.n_unread = self.n_unread.saturating_sub(1),
            TagEnd::Image => {
                if let Some(description) = self.image.take() {
                    self.flush();
                    self.draft.push(BlockKind::Caption, &description);
                }
            }
            TagEnd::TableCell => self.text.push(' '),
            tag => {
                self.flush();
                // What was never closed ends with its block.
                self.n_unread = 0;
                match tag {
                    TagEnd::Heading(_) => self.heading = false,
                    TagEnd::Item | TagEnd::DefinitionListDefinition => {
                        self.n_items = self.n_items.saturating_sub(1);
                    }
                    TagEnd::DefinitionListTitle => {
                        (self.n_items, self.in_term) = (self.n_items.saturating_sub(1), false);
                    }
                    TagEnd::Table => self.in_table = false,
                    TagEnd::BlockQuote(_) => self.n_quotes = self.n_quotes.saturating_sub(1),
                    TagEnd::FootnoteDefinition => self.in_footnote = false,
                    TagEnd::CodeBlock => self.is_silent = false,
                    TagEnd::HtmlBlock => {
                        let source = self.html.take().unwrap_or_default();
                        self.html_block(&source);
                    }
                    TagEnd::MetadataBlock(_) => self.is_metadata = false,
                    _ => {}
                }
            }
        }
    }

    fn text(&mut self, text: &str) {
        if self.n_unread > 0 {
            return;
        }
        if let Some(description) = &mut self.image {
            description.push_str(text);
        } else if !self.is_silent {
            self.text.push_str(text);
        }
    }

    /// A line break inside a paragraph: a space, but none beside Chinese.
    fn soft_break(&mut self) {
        let text = self.image.as_mut().unwrap_or(&mut self.text);
        if !text.chars().next_back().is_none_or(crate::transcript::characters::is_unspaced) {
            text.push(' ');
        }
        if self.image.is_none() {
            self.line_starts.push(self.text.len());
        }
    }

    /// Parts blocks of several lines where another speaks: who writes down a dialogue seldom
    /// leaves a line empty between two of them.
    fn part_speakers(&mut self) {
        if self.broken.is_empty() {
            return;
        }
        let pieces = std::mem::take(&mut self.draft.pieces);
        let lines = |(place, piece): (usize, &Piece)| match self.broken.remove(&place) {
            Some(lines) => lines,
            None if piece.skip.is_some() => Vec::new(),
            None => vec![piece.text.clone()],
        };
        let lines: Vec<Vec<String>> = pieces.iter().enumerate().map(lines).collect();
        let labels = speaker::of_lines(lines.iter().flatten().map(String::as_str));
        let mut labels = labels.into_iter().map(|label| label.is_some());
        for (piece, lines) in pieces.into_iter().zip(lines) {
            let is_labelled: Vec<bool> = labels.by_ref().take(lines.len()).collect();
            if lines.len() < 2 || is_labelled.iter().filter(|is_one| **is_one).count() < 2 {
                self.draft.pieces.push(piece);
                continue;
            }
            let mut turn = String::new();
            for (line, begins) in lines.iter().zip(is_labelled) {
                if begins {
                    self.draft.push(piece.kind, &std::mem::take(&mut turn));
                }
                turn.push_str(line);
            }
            self.draft.push(piece.kind, &turn);
        }
    }

    /// `title:` and `lang:` of the block of settings that sites put in front.
    fn metadata(&mut self, text: &str) {
        for (key, value) in text.lines().filter_map(|line| line.split_once(':')) {
            let value = value.trim().trim_matches(['"', '\'']);
            match key.trim().to_lowercase().as_str() {
                "title" if !value.is_empty() => self.draft.title = Some(inline(value)),
                "lang" | "language" if !value.is_empty() => {
                    self.draft.language = Some(value.to_owned());
                }
                _ => {}
            }
        }
    }

    fn flush(&mut self) {
        let kind = match () {
            () if self.heading => BlockKind::Heading,
            () if self.n_items > 0 => BlockKind::Item,
            () if self.n_quotes > 0 => BlockKind::Quote,
            () => BlockKind::Paragraph,
        };
        let text = std::mem::take(&mut self.text);
        let starts = std::mem::take(&mut self.line_starts);
        let place = self.draft.pieces.len();
        let skip = match () {
            () if self.in_footnote => Some(Skip::Footnote),
            () if self.in_table => Some(Skip::Table),
            () if self.in_term => Some(Skip::Speaker),
            () => None,
        };
        self.draft.push_skipped(kind, &text, skip);
        let may_be_speech = skip.is_none() && !self.heading && !starts.is_empty();
        if may_be_speech && self.draft.pieces.len() > place {
            let from = std::iter::once(0).chain(starts.iter().copied());
            let to = starts.iter().copied().chain([text.len()]);
            let lines = from.zip(to).map(|(from, to)| text[from..to].to_owned());
            self.broken.insert(place, lines.collect());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn titles_in_front_have_no_marks() {
        for (written, want) in [
            ("The *Machine*", "The Machine"),
            ("\"A **bold** `word` &amp; [link](http://x)\"", "A bold word & link"),
            ("1. Begin", "1. Begin"),
            ("# 3 * 4", "# 3 * 4"),
            ("snake_case_name", "snake_case_name"),
            ("***", "***"),
        ] {
            let draft = parse(&format!("---\ntitle: {written}\n---\nText.\n"));
            assert_eq!(draft.title.as_deref(), Some(want), "{written}");
        }
    }

    #[test]
    fn blocks() {
        let text = "---\nlang: en-US\n---\n# The *Machine*\n\nBy Ruth\n\nA [link](http://x) and `code`,\nnext line[^1].\n中文\n換行。  \nHard.\n\n![A closet](a.png)\n\n> Quoted.\n\n- one\n- two\n\n  more\n\n## Part &amp; end\n\n```rust\nfn no() {}\n```\n\n<div>raw</div>\n\n| a | b |\n|---|---|\n| c | d |\n\n[^1]: A note.\n";
        let draft = parse(text);
        assert_eq!(draft.title.as_deref(), Some("The Machine"));
        assert_eq!(draft.language.as_deref(), Some("en-US"));
        let got: Vec<String> = draft
            .pieces
            .iter()
            .map(|p| format!("{:?} {}{}", p.kind, p.text, if p.skip.is_some() { " !" } else { "" }))
            .collect();
        assert_eq!(
            got,
            [
                "Title The Machine",
                "Paragraph By Ruth",
                "Paragraph A link and code, next line. 中文換行。",
                "Paragraph Hard.",
                "Caption A closet",
                "Quote Quoted.",
                "Item one",
                "Item two",
                "Item more",
                "Heading Part & end",
                "Paragraph raw",
                "Paragraph a b !",
                "Paragraph c d !",
                "Paragraph A note. !",
            ]
        );
    }

    #[test]
    fn what_html_and_extensions_say() {
        for (text, want) in [
            ("He ~~was~~ is <del>not</del> here.", &["Paragraph He is here."][..]),
            (
                "<ruby>漢<rp>(</rp><rt>かん</rt><rp>)</rp></ruby>字を書く。",
                &["Paragraph 漢字を書く。"],
            ),
            ("Two<br>lines.", &["Paragraph Two", "Paragraph lines."]),
            (
                "<div>\n<p>One <b>bold</b>.</p>\n<p hidden>no</p>\n</div>\n\nTwo.",
                &["Paragraph One bold.", "Paragraph Two."],
            ),
            (
                "<details><summary>More</summary>\n\nInner *text*.\n\n</details>",
                &["Paragraph More", "Paragraph Inner text."],
            ),
            (
                "Anna\n: Where is he?\n\nBen\n: At home.",
                &["Item Anna !", "Item Where is he?", "Item Ben !", "Item At home."],
            ),
            ("Note.[^1]\n\n[^1]: Not read.", &["Paragraph Note.", "Paragraph Not read. !"]),
        ] {
            let draft = parse(text);
            let got: Vec<String> = draft
                .pieces
                .iter()
                .map(|p| {
                    format!("{:?} {}{}", p.kind, p.text, if p.skip.is_some() { " !" } else { "" })
                })
                .collect();
            assert_eq!(got, want, "{text}");
        }
    }

    #[test]
    fn lines_of_a_dialogue() {
        for (text, want) in [
            (
                "ANNA: Welcome\nback.\n**BEN:** Thank you, *Anna*.\nANNA: Go on.",
                &[
                    "Paragraph ANNA: Welcome back.",
                    "Paragraph BEN: Thank you, Anna.",
                    "Paragraph ANNA: Go on.",
                ][..],
            ),
            (
                "主持人：歡迎\n收聽。\n林美華：謝謝。\n主持人：請說。",
                &[
                    "Paragraph 主持人：歡迎收聽。",
                    "Paragraph 林美華：謝謝。",
                    "Paragraph 主持人：請說。",
                ],
            ),
            // Who comes again in another paragraph, and what stands in front.
            (
                "A talk.\nAnna: Hello.\nBen: Hi.\n\nMore.\n\n> Anna: Well?\n> Ben: Well.",
                &[
                    "Paragraph A talk.",
                    "Paragraph Anna: Hello.",
                    "Paragraph Ben: Hi.",
                    "Paragraph More.",
                    "Quote Anna: Well?",
                    "Quote Ben: Well.",
                ],
            ),
            // One label is none, nor is a word before a colon in running text, nor a heading's.
            ("We asked\nANNA: she knew.", &["Paragraph We asked ANNA: she knew."]),
            (
                "It has\nWhere: at home.\nWhat: a lamp\nand a chair.",
                &["Paragraph It has Where: at home. What: a lamp and a chair."],
            ),
            (
                "ANNA: Hello.\nBEN: Hi.\n===\n\nText.",
                &["Title ANNA: Hello. BEN: Hi.", "Paragraph Text."],
            ),
        ] {
            let pieces = parse(text).pieces;
            let got: Vec<String> =
                pieces.iter().map(|p| format!("{:?} {}", p.kind, p.text)).collect();
            assert_eq!(got, want, "{text}");
        }
    }

    #[test]
    fn likeness() {
        for (text, want) in [
            ("# Title\n\ntext", true),
            ("text [a](http://b) text", true),
            ("```\ncode\n```", true),
            ("#1 is best", false),
            ("# \n", false),
            ("A plain text (with brackets) [and more].", false),
        ] {
            assert_eq!(is_likely(text), want, "{text}");
        }
    }
}
