//! TTML subtitles (W3C, "Timed Text Markup Language"), in the subset that players share.

use super::Options;
use super::cue::{Cue, Line};
use super::stamp::clock;
use crate::printable;
use crate::reading::Reading;
use std::io::{self, Write};

/// Writes `cues`, which are of `reading`.
pub fn write(
    cues: &[Cue],
    reading: &Reading,
    options: &Options,
    out: &mut dyn Write,
) -> io::Result<()> {
    let language = super::language(reading).unwrap_or_default();
    let second_language = options
        .second_tag()
        .map_or_else(String::new, |code| format!(r#" xml:lang="{}""#, escape(&code)));
    let mut names: Vec<&str> = Vec::new();
    for name in cues.iter().flat_map(|cue| &cue.lines).filter_map(|line| line.speaker.as_deref()) {
        if !names.contains(&name) {
            names.push(name);
        }
    }
    write!(
        out,
        r#"<?xml version="1.0" encoding="UTF-8"?>
<tt xmlns="http://www.w3.org/ns/ttml" xmlns:ttp="http://www.w3.org/ns/ttml#parameter" xmlns:tts="http://www.w3.org/ns/ttml#styling" xmlns:ttm="http://www.w3.org/ns/ttml#metadata" xml:lang="{}" ttp:timeBase="media">
  <head>
    <metadata><ttm:title>{}</ttm:title>{}</metadata>
    <styling><style xml:id="text" tts:color="white" tts:textAlign="center"/></styling>
    <layout><region xml:id="below" tts:origin="10% 10%" tts:extent="80% 80%" tts:displayAlign="after"/></layout>
  </head>
  <body style="text" region="below">
    <div>
"#,
        escape(&language),
        escape(options.title(reading)),
        agents(&names),
    )?;
    let agent = |name: Option<&str>| {
        let number = name.and_then(|name| names.iter().position(|known| *known == name));
        number.map_or_else(String::new, |number| format!(r#" ttm:agent="speaker{}""#, number + 1))
    };
    for cue in cues {
        let (start, end) = (clock(cue.span.start(), '.'), clock(cue.span.end(), '.'));
        write!(out, r#"      <p begin="{start}" end="{end}"{}>"#, agent(cue.speaker()))?;
        let is_shared = cue.speaker().is_none();
        let line = |line: &Line| match line.speaker.as_deref().filter(|_| is_shared) {
            Some(name) => format!("<span{}>{}</span>", agent(Some(name)), escape(&line.text)),
            None => escape(&line.text),
        };
        let lines: Vec<String> =
            cue.lines.iter().map(line).chain(second(cue, &second_language)).collect();
        writeln!(out, "{}</p>", lines.join("<br/>"))?;
    }
    out.write_all(b"    </div>\n  </body>\n</tt>\n")
}

/// Who speaks, each under a number.
fn agents(names: &[&str]) -> String {
    let agent = |(number, name): (usize, &&str)| {
        format!(
            r#"<ttm:agent type="person" xml:id="speaker{number}"><ttm:name type="full">{}</ttm:name></ttm:agent>"#,
            escape(name)
        )
    };
    (1..).zip(names).map(agent).collect()
}

/// The lines of the second language, each marked with it.
fn second<'a>(cue: &'a Cue, language: &'a str) -> impl Iterator<Item = String> + 'a {
    cue.second.iter().map(move |line| format!("<span{language}>{}</span>", escape(line)))
}

/// `text` with references for what is markup, in text and in attributes.
pub(super) fn escape(text: &str) -> String {
    printable::text(text)
        .replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
}
