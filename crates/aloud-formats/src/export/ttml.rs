//! TTML subtitles (W3C, "Timed Text Markup Language"), in the subset that players share.

use super::Options;
use super::cue::Cue;
use super::stamp::clock;
use crate::printable;
use crate::reading::Reading;
use std::io::{self, Write};

/// Writes `cues`, which are of `reading`.
pub fn write(cues: &[Cue], reading: &Reading, options: &Options, out: &mut dyn Write) -> io::Result<()> {
    let language = reading.article.language.as_deref().unwrap_or("");
    write!(
        out,
        r#"<?xml version="1.0" encoding="UTF-8"?>
<tt xmlns="http://www.w3.org/ns/ttml" xmlns:ttp="http://www.w3.org/ns/ttml#parameter" xmlns:tts="http://www.w3.org/ns/ttml#styling" xmlns:ttm="http://www.w3.org/ns/ttml#metadata" xml:lang="{}" ttp:timeBase="media">
  <head>
    <metadata><ttm:title>{}</ttm:title></metadata>
    <styling><style xml:id="text" tts:color="white" tts:textAlign="center"/></styling>
    <layout><region xml:id="below" tts:origin="10% 10%" tts:extent="80% 80%" tts:displayAlign="after"/></layout>
  </head>
  <body style="text" region="below">
    <div>
"#,
        escape(language),
        escape(options.title(reading)),
    )?;
    for cue in cues {
        write!(out, r#"      <p begin="{}" end="{}">"#, clock(cue.span.start(), '.'), clock(cue.span.end(), '.'))?;
        let lines: Vec<String> = cue.lines.iter().map(|line| escape(&line.text)).chain(second(cue, options)).collect();
        writeln!(out, "{}</p>", lines.join("<br/>"))?;
    }
    out.write_all(b"    </div>\n  </body>\n</tt>\n")
}

/// The lines of the second language, each marked with it.
fn second<'a>(cue: &'a Cue, options: &'a Options) -> impl Iterator<Item = String> + 'a {
    let language = options.second_language.as_deref().map_or_else(String::new, |code| format!(r#" xml:lang="{}""#, escape(code)));
    cue.second.iter().map(move |line| format!("<span{language}>{}</span>", escape(line)))
}

/// `text` with references for what is markup, in text and in attributes.
pub(super) fn escape(text: &str) -> String {
    printable::text(text).replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}
