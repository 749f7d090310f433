//! Subtitles or lyrics as a text: what they say in sentences, with the cues and lines that it stood
//! in.
//!
//! Their times are not believed: whoever gives them as a text wants new ones.

use crate::article::BlockKind;
use crate::article::Skip;
use crate::article::clean::clean_line;
use crate::article::draft::{Draft, Piece};
use crate::article::speaker;
use crate::import::{self, Caption, CaptionText, ImportError};
use crate::transcript::characters::{ends_sentence, ends_with_sentence};
use crate::transcript::split::needs_space;

/// A silence this long between two cues begins a paragraph, in milliseconds, and half of it where a
/// sentence has ended.
const PARAGRAPH_MS: u64 = 4000;
/// A paragraph of so many bytes ends with the next sentence.
const LONG: usize = 1200;

/// Captions have no marks, as is the custom in Chinese, if fewer than one cue in so many ends with
/// one.
const MARKED: usize = 8;

/// The text that captions are, in one language: the one that is `wanted`, by its code, or else the
/// first (see [`import::captions`]). With it the same in the other, where there are two.
pub(super) fn parse(
    bytes: &[u8],
    wanted: Option<&str>,
) -> Result<(Draft, Option<Draft>), ImportError> {
    let CaptionText { captions, other, language } = import::captions(bytes, None, wanted)?;
    let other = (!other.is_empty()).then(|| draft(&other, None));
    Ok((draft(&captions, language), other))
}

/// The pieces of captions: cues put together to paragraphs by pauses and speakers. Where they are
/// written without marks each cue is a sentence.
fn draft(captions: &[Caption], language: Option<String>) -> Draft {
    let mut draft = Draft { language, ..Draft::default() };
    let labels = speaker::of_lines(
        captions.iter().map(|caption| caption.lines.first().map_or("", String::as_str)),
    );
    let n_marked = captions.iter().filter(|caption| is_ended(caption)).count();
    let is_unmarked = MARKED * n_marked < captions.len();
    let mut last: Option<&Caption> = None;
    for (caption, label) in captions.iter().zip(labels) {
        let lines: Vec<String> = caption
            .lines
            .iter()
            .map(|line| clean_line(line))
            .filter(|line| !line.is_empty())
            .collect();
        if lines.is_empty() {
            continue;
        }
        let skip = speaker::is_direction(&lines.join(" ")).then_some(Skip::Direction);
        let is_open = last
            .is_some_and(|last| !begins_paragraph(last, caption, is_unmarked || is_ended(last)))
            && label.is_none()
            && skip.is_none();
        match draft.pieces.last_mut().filter(|open| {
            is_open
                && open.skip.is_none()
                && !(open.text.len() > LONG && (is_unmarked || open.text.ends_with(ends_sentence)))
        }) {
            Some(open) => {
                if is_unmarked {
                    open.breaks.push(open.text.len());
                    // A space is what parts sentences where no marks do, in Chinese as well.
                    open.text.push(' ');
                }
                add(open, &lines);
            }
            None => {
                let mut piece = Piece {
                    skip,
                    speaker: caption.speaker.clone(),
                    ..Piece::new(BlockKind::Paragraph, String::new())
                };
                add(&mut piece, &lines);
                draft.pieces.push(piece);
            }
        }
        last = Some(caption);
    }
    draft
}

/// Whether a sentence ends with it.
fn is_ended(caption: &Caption) -> bool {
    caption.lines.last().is_some_and(|line| ends_with_sentence(line))
}

/// Whether a paragraph begins with `next`, behind `last`, with which a sentence `has_ended`.
fn begins_paragraph(last: &Caption, next: &Caption, has_ended: bool) -> bool {
    let pause = next.span.start().millis().saturating_sub(last.span.end().millis());
    // A dash begins what somebody else says.
    let is_answer = next.lines.first().is_some_and(|line| line.starts_with(['-', '–', '—', '♪']));
    pause >= if has_ended { PARAGRAPH_MS / 2 } else { PARAGRAPH_MS }
        || last.speaker != next.speaker
        || is_answer
}

/// Adds a cue to a paragraph.
fn add(piece: &mut Piece, lines: &[String]) {
    let mut cue = Vec::with_capacity(lines.len());
    for line in lines {
        if needs_space(&piece.text, line) {
            piece.text.push(' ');
        }
        let start = piece.text.len();
        piece.text.push_str(line);
        cue.push(start..piece.text.len());
    }
    piece.cues.push(cue);
}
