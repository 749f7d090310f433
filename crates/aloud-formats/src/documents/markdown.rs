//! Markdown (CommonMark with tables, footnotes and strike-through) to pieces.
//!
//! Addresses of links and code blocks are not part of what is read, an image gives its description as
//! a caption, and raw HTML is left out.

use crate::article::draft::Draft;
use crate::article::{BlockKind, Skip};
use pulldown_cmark::{Event, MetadataBlockKind, Options, Parser, Tag, TagEnd};

/// The pieces of a Markdown text.
pub(super) fn parse(text: &str) -> Draft {
    let options = Options::ENABLE_TABLES
        | Options::ENABLE_FOOTNOTES
        | Options::ENABLE_STRIKETHROUGH
        | Options::ENABLE_TASKLISTS
        | Options::ENABLE_YAML_STYLE_METADATA_BLOCKS;
    let mut walk = Walk::default();
    for event in Parser::new_ext(text, options) {
        walk.take(event);
    }
    walk.flush();
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
    let has_link = |line: &str| line.match_indices("](").any(|(at, _)| line[..at].contains('[') && line[at + 2..].contains(')'));
    text.lines().take(400).any(|line| is_heading(line) || line.starts_with("```") || has_link(line))
}

/// The blocks so far, and the one that is open.
#[derive(Default)]
struct Walk {
    draft: Draft,
    text: String,
    heading: bool,
    n_items: usize,
    n_quotes: usize,
    in_footnote: bool,
    /// Inside code, a metadata block, or what else is not read.
    is_silent: bool,
    is_metadata: bool,
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
            // A tag between two words parts them as little as none; marks of footnotes are not read.
            Event::Html(_) | Event::InlineHtml(_) | Event::FootnoteReference(_) | Event::DisplayMath(_) | Event::TaskListMarker(_) => {}
        }
    }

    fn start(&mut self, tag: &Tag<'_>) {
        match tag {
            Tag::Emphasis | Tag::Strong | Tag::Strikethrough | Tag::Link { .. } | Tag::Superscript | Tag::Subscript => {}
            Tag::Image { .. } => self.image = Some(String::new()),
            Tag::TableCell => self.text.push(' '),
            tag => {
                self.flush();
                match tag {
                    Tag::Heading { .. } => self.heading = true,
                    Tag::Item => self.n_items += 1,
                    Tag::BlockQuote(_) => self.n_quotes += 1,
                    Tag::FootnoteDefinition(_) => self.in_footnote = true,
                    Tag::CodeBlock(_) | Tag::HtmlBlock => self.is_silent = true,
                    Tag::MetadataBlock(kind) => self.is_metadata = *kind == MetadataBlockKind::YamlStyle,
                    _ => {}
                }
            }
        }
    }

    fn end(&mut self, tag: TagEnd) {
        match tag {
            TagEnd::Emphasis | TagEnd::Strong | TagEnd::Strikethrough | TagEnd::Link | TagEnd::Superscript | TagEnd::Subscript => {}
            TagEnd::Image => {
                if let Some(description) = self.image.take() {
                    self.flush();
                    self.draft.push(BlockKind::Caption, &description);
                }
            }
            TagEnd::TableCell => self.text.push(' '),
            tag => {
                self.flush();
                match tag {
                    TagEnd::Heading(_) => self.heading = false,
                    TagEnd::Item => self.n_items = self.n_items.saturating_sub(1),
                    TagEnd::BlockQuote(_) => self.n_quotes = self.n_quotes.saturating_sub(1),
                    TagEnd::FootnoteDefinition => self.in_footnote = false,
                    TagEnd::CodeBlock | TagEnd::HtmlBlock => self.is_silent = false,
                    TagEnd::MetadataBlock(_) => self.is_metadata = false,
                    _ => {}
                }
            }
        }
    }

    fn text(&mut self, text: &str) {
        if let Some(description) = &mut self.image {
            description.push_str(text);
        } else if !self.is_silent {
            self.text.push_str(text);
        }
    }

    /// A line break inside a paragraph: a space, but none beside Chinese.
    fn soft_break(&mut self) {
        let text = self.image.as_mut().unwrap_or(&mut self.text);
        if !text.chars().next_back().is_none_or(crate::transcript::letters::is_unspaced) {
            text.push(' ');
        }
    }

    /// `title:` and `lang:` of the block of settings that sites put in front.
    fn metadata(&mut self, text: &str) {
        for (key, value) in text.lines().filter_map(|line| line.split_once(':')) {
            let value = value.trim().trim_matches(['"', '\'']);
            match key.trim().to_lowercase().as_str() {
                "title" if !value.is_empty() => self.draft.title = Some(value.to_owned()),
                "lang" | "language" if !value.is_empty() => self.draft.language = Some(value.to_owned()),
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
        self.draft.push_skipped(kind, &text, self.in_footnote.then_some(Skip::Footnote));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks() {
        let text = "---\nlang: en-US\n---\n# The *Machine*\n\nBy Ruth\n\nA [link](http://x) and `code`,\nnext line[^1].\n中文\n換行。  \nHard.\n\n![A closet](a.png)\n\n> Quoted.\n\n- one\n- two\n\n  more\n\n## Part &amp; end\n\n```rust\nfn no() {}\n```\n\n<div>raw</div>\n\n| a | b |\n|---|---|\n| c | d |\n\n[^1]: A note.\n";
        let draft = parse(text);
        assert_eq!(draft.title.as_deref(), Some("The Machine"));
        assert_eq!(draft.language.as_deref(), Some("en-US"));
        let got: Vec<String> =
            draft.pieces.iter().map(|p| format!("{:?} {}{}", p.kind, p.text, if p.skip.is_some() { " !" } else { "" })).collect();
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
                "Paragraph a b",
                "Paragraph c d",
                "Paragraph A note. !",
            ]
        );
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
