//! A file of SRT or WebVTT with everything that is in it, to be written again with other times and
//! line breaks.
//!
//! Markup, settings, identifiers and comments stay as they stand there.

use super::{srt, stamp, text};
use crate::time::{Span, Timestamp};

/// A file of subtitles.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Document {
    /// Whether it is WebVTT; else SubRip.
    pub is_vtt: bool,
    /// What stands above the first cue and between cues: headers, comments, styles; the number of
    /// cues before it.
    pub others: Vec<(usize, String)>,
    /// Its cues in the order of the file.
    pub cues: Vec<RawCue>,
    /// Whether its cues roll: each shows again what the ones before it showed.
    pub rolls: bool,
}

/// A cue with its markup.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RawCue {
    /// Its identifier; SubRip's are numbers, and given anew.
    pub id: Option<String>,
    /// When it is shown.
    pub span: Span,
    /// Whether its end stands before its start in the file, and `span` is the two turned round.
    pub is_swapped: bool,
    /// What follows its times on their line (`align:start`).
    pub settings: String,
    /// Its lines as they stand there.
    pub lines: Vec<String>,
}

/// The document in `source`; cues whose start cannot be read are left out.
pub(super) fn read(source: &str) -> Document {
    let mut document =
        Document { is_vtt: source.trim_start().starts_with("WEBVTT"), ..Document::default() };
    let mut pending: Vec<String> = Vec::new();
    let mut open: Option<RawCue> = None;
    let mut is_comment = false;
    // Cleaned first, so that what is written of it means the same when it is read again.
    for (_, raw) in text::lines(source) {
        let line = text::clean(raw);
        let line = line.trim_end();
        // In a cue of WebVTT a line of spaces is a line as any other.
        let is_blank = if document.is_vtt {
            raw.is_empty() || (raw.trim().is_empty() && open.is_none())
        } else {
            line.is_empty()
        };
        match stamp::timing(line).filter(|_| !is_comment) {
            Some(timing) => {
                // The line above is the cue's name, unless an empty one lies between.
                let id = match &mut open {
                    Some(cue) => cue.lines.pop_if(|line| is_number(line)),
                    None if is_head(&document, &pending) => None,
                    None => pending.pop().filter(|line| !line.is_empty()),
                };
                close(&mut document, open.take(), &mut pending);
                let seconds =
                    |time: Option<f64>| time.filter(|time| *time >= 0.0).map(Timestamp::from_secs);
                let before = document.cues.last().map_or(Timestamp::ZERO, |cue| cue.span.start());
                let times =
                    seconds(timing.start).map(|start| span(start, seconds(timing.end), before));
                let settings = line
                    .split_once("-->")
                    .and_then(|(_, after)| after.trim().split_once(char::is_whitespace));
                open = times.map(|(span, is_swapped)| RawCue {
                    id,
                    span,
                    is_swapped,
                    settings: settings
                        .map_or_else(String::new, |(_, settings)| settings.trim().to_owned()),
                    lines: Vec::new(),
                });
            }
            None if is_blank && (document.is_vtt || open.is_none()) => {
                close(&mut document, open.take(), &mut pending);
                if pending.last().is_some_and(|line| !line.is_empty()) {
                    pending.push(String::new());
                }
                is_comment = false;
            }
            None => match &mut open {
                Some(cue) => cue.lines.push(line.to_owned()),
                None if line.is_empty() => {}
                None => {
                    is_comment |= document.is_vtt && begins_comment(line);
                    pending.push(line.to_owned());
                }
            },
        }
    }
    close(&mut document, open, &mut pending);
    let n = document.cues.len();
    keep(&mut document, n, &mut pending);
    document
}

/// The span of a cue behind one that begins at `before`, and whether its times were turned round:
/// an end before the start that would still be in order is the start. Any other is no end.
fn span(start: Timestamp, end: Option<Timestamp>, before: Timestamp) -> (Span, bool) {
    match end {
        Some(end) if end < start && end > before => (Span::new(end, start), true),
        end => (Span::new(start, end.unwrap_or(start).max(start)), false),
    }
}

/// Whether what stands above the first cue is the head of the file alone, of which no line names
/// the cue.
fn is_head(document: &Document, pending: &[String]) -> bool {
    let is_first = document.cues.is_empty() && document.others.is_empty();
    document.is_vtt
        && is_first
        && pending.first().is_some_and(|line| line.starts_with("WEBVTT"))
        && !pending.iter().any(String::is_empty)
}

fn begins_comment(line: &str) -> bool {
    ["NOTE", "STYLE", "REGION"].iter().any(|name| {
        line.strip_prefix(name).is_some_and(|rest| rest.is_empty() || rest.starts_with([' ', '\t']))
    })
}

fn is_number(line: &str) -> bool {
    !line.trim().is_empty() && line.trim().bytes().all(|byte| byte.is_ascii_digit())
}

/// Adds an open cue, after what stood above it.
fn close(document: &mut Document, open: Option<RawCue>, pending: &mut Vec<String>) {
    if let Some(mut cue) = open {
        while cue.lines.last().is_some_and(|line| line.trim().is_empty()) {
            cue.lines.pop();
        }
        cue.lines.retain(|line| !line.trim().is_empty());
        document.cues.push(cue);
    } else {
        let n = document.cues.len();
        keep(document, n, pending);
    }
}

/// Keeps what stands between cues; of SubRip nothing is known to stand there.
fn keep(document: &mut Document, n_before: usize, pending: &mut Vec<String>) {
    let text = std::mem::take(pending).join("\n");
    if document.is_vtt && !text.trim().is_empty() {
        document.others.push((n_before, text.trim().to_owned()));
    }
}

/// A text and the markup that stands in it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Marked {
    /// The text alone; its character references stay.
    pub plain: String,
    /// Tags and position codes, each with the byte of `plain` that it stands before.
    pub marks: Vec<(usize, String)>,
}

/// The lines that a cue shows, as [`super::cues`] reads them.
pub(crate) fn shown(lines: &[String], is_vtt: bool) -> Vec<String> {
    let tags = if is_vtt { text::Tags::All } else { text::Tags::Known };
    let text = srt::text_of(&lines.join("\n"), tags);
    text.lines().map(str::trim).filter(|line| !line.is_empty()).map(str::to_owned).collect()
}

/// Whether a line of text would be read as the times of a cue.
pub(crate) fn is_times(line: &str) -> bool {
    stamp::timing(line).is_some()
}

/// The text of a line with its markup apart.
pub fn marked(raw: &str, is_vtt: bool) -> Marked {
    let tags = if is_vtt { text::Tags::All } else { text::Tags::Known };
    let mut found = Marked::default();
    let mut rest = raw;
    while let Some(c) = rest.chars().next() {
        let len = text::markup_len(rest, tags);
        if len > 0 {
            found.marks.push((found.plain.len(), rest[..len].to_owned()));
        } else {
            found.plain.push(c);
        }
        rest = &rest[len.max(if len > 0 { 0 } else { c.len_utf8() })..];
    }
    found
}
