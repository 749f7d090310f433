//! Advanced SubStation Alpha, with karaoke tags.
//!
//! Every word is behind a `\k` that says for how many hundredths of a second it is sung; together
//! they are as long as the cue.

use super::cue::Cue;
use super::stamp::hundredths;
use crate::time::Timestamp;
use std::io::{self, Write};

/// Everything above the cues but the title: a screen of 1920 by 1080, white words that are grey
/// before they are said.
const HEAD: &str = "\
ScriptType: v4.00+
PlayResX: 1920
PlayResY: 1080
WrapStyle: 2
ScaledBorderAndShadow: yes

[V4+ Styles]
Format: Name, Fontname, Fontsize, PrimaryColour, SecondaryColour, OutlineColour, BackColour, Bold, Italic, Underline, StrikeOut, ScaleX, \
ScaleY, Spacing, Angle, BorderStyle, Outline, Shadow, Alignment, MarginL, MarginR, MarginV, Encoding
Style: Default,Arial,64,&H00FFFFFF,&H00A0A0A0,&H00000000,&H80000000,0,0,0,0,100,100,0,0,1,3,1,2,60,60,60,1

[Events]
Format: Layer, Start, End, Style, Name, MarginL, MarginR, MarginV, Effect, Text
";

/// Writes `cues`.
pub fn write(cues: &[Cue], title: &str, out: &mut dyn Write) -> io::Result<()> {
    let title = title.split_whitespace().collect::<Vec<_>>().join(" ");
    write!(out, "[Script Info]\nTitle: {title}\n{HEAD}")?;
    for cue in cues {
        let (start, end) = (stamp(cue.span.start()), stamp(cue.span.end()));
        // A comma would end the field.
        let name = cue.speaker().unwrap_or_default().replace(',', ";");
        writeln!(out, "Dialogue: 0,{start},{end},Default,{name},0,0,0,,{}", text(cue))?;
    }
    Ok(())
}

/// The lines of a cue with their tags.
fn text(cue: &Cue) -> String {
    let mut lines: Vec<String> = Vec::new();
    let starts: Vec<u64> = cue
        .lines
        .iter()
        .flat_map(|line| &line.words)
        .map(|word| hundredths(word.span.start()))
        .collect();
    let end = hundredths(cue.span.end());
    let mut sung = hundredths(cue.span.start());
    let mut next = 0;
    for line in &cue.lines {
        let mut text = String::new();
        let mut from = 0;
        for word in &line.words {
            text.push_str(&escape(&line.text[from..word.bytes.start]));
            next += 1;
            // A word is sung until the next one begins, so that rounding never adds up.
            let until = starts.get(next).copied().unwrap_or(end).clamp(sung, end.max(sung));
            text.push_str(&format!(
                "{{\\k{}}}{}",
                until - sung,
                escape(&line.text[word.bytes.clone()])
            ));
            sung = until;
            from = word.bytes.end;
        }
        lines.push(text + &escape(&line.text[from..]));
    }
    if !cue.second.is_empty() {
        // A new block without tags would be grey to the end.
        let second = cue.second.iter().map(|line| escape(line)).collect::<Vec<_>>().join("\\N");
        lines.push(format!("{{\\k0}}{second}"));
    }
    lines.join("\\N")
}

/// `text` without override blocks and codes. A backslash has no escape; a word joiner after it
/// keeps it from making a code.
fn escape(text: &str) -> String {
    text.replace('\\', "\\\u{2060}").replace('{', "\\{").replace('}', "\\}")
}

fn stamp(at: Timestamp) -> String {
    let t = hundredths(at);
    format!("{}:{:02}:{:02}.{:02}", t / 360_000, t / 6000 % 60, t / 100 % 60, t % 100)
}
