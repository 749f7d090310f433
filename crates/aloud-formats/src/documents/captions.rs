//! Subtitles or lyrics as a text: what they say in sentences, with the cues and lines that it stood
//! in.
//!
//! Their times are not believed: whoever gives them as a text wants new ones.

use crate::article::BlockKind;
use crate::article::Skip;
use crate::article::clean::clean_line;
use crate::article::draft::{Draft, Piece};
use crate::article::speaker;
use crate::import::{self, Caption, ImportError};
use crate::transcript::characters::ends_sentence;
use crate::transcript::split::needs_space;

/// A silence this long between two cues begins a paragraph, in milliseconds, and half of it where a
/// sentence has ended.
const PARAGRAPH_MS: u64 = 4000;
/// A paragraph of so many bytes ends with the next sentence.
const LONG: usize = 1200;

/// The pieces of captions: cues put together to paragraphs by pauses and speakers.
pub(super) fn parse(bytes: &[u8]) -> Result<Draft, ImportError> {
    let (captions, language) = import::captions(bytes, None)?;
    let mut draft = Draft { language, ..Draft::default() };
    let labels = speaker::of_lines(
        captions.iter().map(|caption| caption.lines.first().map_or("", String::as_str)),
    );
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
        let is_open = last.is_some_and(|last| !begins_paragraph(last, caption))
            && label.is_none()
            && skip.is_none();
        match draft.pieces.last_mut().filter(|open| {
            is_open
                && open.skip.is_none()
                && !(open.text.len() > LONG && open.text.ends_with(ends_sentence))
        }) {
            Some(open) => add(open, &lines),
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
    Ok(draft)
}

fn begins_paragraph(last: &Caption, next: &Caption) -> bool {
    let pause = next.span.start().millis().saturating_sub(last.span.end().millis());
    let has_ended = last.lines.last().is_some_and(|line| line.trim_end().ends_with(ends_sentence));
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
