//! A page that plays the recording with the words lit.
//!
//! One file that needs no network: style and script are in it, the recording lies beside it or is
//! in it too, and a policy in its head keeps the browser from loading anything else.

use super::passage::{self, Passage};
use super::ttml::escape;
use super::{Options, Sound};
use crate::address::percent;
use crate::article::BlockKind;
use crate::episode::Chapter;
use crate::reading::Reading;
use crate::time::Timestamp;
use base64::engine::general_purpose::STANDARD;
use base64::write::EncoderWriter;
use std::io::{self, Write};

const STYLE: &str = include_str!("page.css");
const SCRIPT: &str = include_str!("page.js");

/// Where the player ends, and what stands beside it.
const CONTROLS: &str = r#""></audio>
<span class="rate"><button id="slower" type="button" aria-label="Slower" title="-">−</button>
<button id="rate" type="button" aria-label="As fast as recorded" title="=">1×</button>
<button id="faster" type="button" aria-label="Faster" title="+">+</button></span>
<input id="find" type="search" aria-label="Find" placeholder="/ find">
<button id="follow" type="button" aria-pressed="true" title="f">Follow</button>
<details id="keys"><summary aria-label="Keys">?</summary>
<p>space plays or pauses · ← → 5 s · ↑ ↓ sentence · ( ) chapter · - = + rate · / find, Enter the next · f follow ·
the address names the sentence that was clicked or copied</p></details>
"#;

/// What the page may load: a recording, and nothing else.
const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; media-src 'self' file: data: http: https:";

/// Writes the page of `reading`: the text that was read, every word with its time.
pub fn write(reading: &Reading, options: &Options, out: &mut dyn Write) -> io::Result<()> {
    let title = escape(options.title(reading));
    let second_language = options
        .second_tag()
        .map_or_else(String::new, |code| format!(" lang=\"{}\"", escape(&code)));
    let language = super::language(reading)
        .map_or_else(String::new, |code| format!(" lang=\"{}\"", escape(&code)));
    write!(
        out,
        "<!DOCTYPE html>\n<html{language}>\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"{POLICY}\">\n\
         <title>{title}</title>\n<style>\n{STYLE}</style>\n</head>\n<body>\n<main>\n"
    )?;
    let passages = passage::passages(reading, options.unwritten);
    let contents = reading.contents(&options.chapters);
    let shows_title =
        passages.iter().any(|passage| kind(reading, passage) == Some(BlockKind::Title));
    if !shows_title && !title.is_empty() {
        writeln!(out, "<h1 dir=\"auto\">{title}</h1>")?;
    }
    if contents.len() > 1 {
        list(&contents, out)?;
    }
    for block in passages.chunk_by(|a, b| a.block == b.block) {
        self::block(block, reading, (options, &second_language), out)?;
    }
    out.write_all(b"</main>\n<footer>\n")?;
    sound(&options.sound, out)?;
    write!(
        out,
        "<button id=\"theme\" type=\"button\" aria-label=\"Dark or light\">◐</button>\n<div id=\"said\" role=\"status\"></div>\n\
         </footer>\n<script>\n{SCRIPT}</script>\n</body>\n</html>\n"
    )
}

fn kind(reading: &Reading, passage: &Passage) -> Option<BlockKind> {
    passage.block.map(|block| reading.article.blocks[block].kind)
}

/// Chapters and headings as links to their moments.
fn list(contents: &[Chapter], out: &mut dyn Write) -> io::Result<()> {
    out.write_all(b"<details id=\"contents\">\n<summary>Contents</summary>\n<ol>\n")?;
    for (index, chapter) in contents.iter().enumerate() {
        let number = format!("Chapter {}", index + 1);
        let title = Some(chapter.title.trim()).filter(|title| !title.is_empty()).unwrap_or(&number);
        let (at, title) = (chapter.start, escape(title));
        writeln!(
            out,
            "<li><a href=\"#t={}\"><time>{at}</time> <span dir=\"auto\">{title}</span></a></li>",
            seconds(at)
        )?;
    }
    out.write_all(b"</ol>\n</details>\n")
}

/// A moment as an address of the page names it.
fn seconds(at: Timestamp) -> String {
    let (whole, rest) = (at.millis() / 1000, at.millis() % 1000);
    let text = format!("{whole}.{rest:03}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

/// A paragraph, heading or the like. What stands beside it has the attribute `second_language`.
fn block(
    passages: &[Passage],
    reading: &Reading,
    (options, second_language): (&Options, &str),
    out: &mut dyn Write,
) -> io::Result<()> {
    let is_written = passages.iter().any(|passage| passage.sentence.is_some());
    let (name, class) = match passages.first().and_then(|first| kind(reading, first)) {
        Some(BlockKind::Title) => ("h1", ""),
        Some(BlockKind::Heading) => ("h2", ""),
        Some(BlockKind::Quote) => ("blockquote", ""),
        Some(BlockKind::Item) => ("p", " class=\"item\""),
        Some(BlockKind::Caption) => ("p", " class=\"caption\""),
        None if !is_written => ("p", " class=\"unwritten\""),
        Some(BlockKind::Paragraph) | None => ("p", ""),
    };
    write!(out, "<{name}{class} dir=\"auto\">")?;
    for (index, passage) in passages.iter().enumerate() {
        sentence(passage, out)?;
        let is_end = passages.get(index + 1).is_none_or(|next| next.sentence != passage.sentence);
        let second = passage
            .sentence
            .filter(|_| is_end)
            .and_then(|sentence| options.second.get(sentence)?.as_deref());
        if let Some(text) = second {
            write!(
                out,
                "<span class=\"second\"{second_language} dir=\"auto\">{}</span>",
                escape(text)
            )?;
        }
        if index + 1 < passages.len() && passage.pieces.last().is_some_and(|piece| piece.is_spaced)
        {
            out.write_all(b" ")?;
        }
    }
    writeln!(out, "</{name}>")
}

fn sentence(passage: &Passage, out: &mut dyn Write) -> io::Result<()> {
    out.write_all(b"<span class=\"s\">")?;
    for (index, piece) in passage.pieces.iter().enumerate() {
        let (start, end) = (piece.span.start().millis(), piece.span.end().millis());
        write!(
            out,
            "<span class=\"w\" data-start=\"{start}\" data-end=\"{end}\">{}</span>",
            escape(&piece.text)
        )?;
        if piece.is_spaced && index + 1 < passage.pieces.len() {
            out.write_all(b" ")?;
        }
    }
    out.write_all(b"</span>")
}

/// The player.
fn sound(sound: &Sound, out: &mut dyn Write) -> io::Result<()> {
    let name = match sound {
        Sound::None => return Ok(()),
        Sound::File(path) => path,
        Sound::Embedded { file, .. } => file,
    };
    write!(out, "<audio controls preload=\"auto\" data-name=\"{}\" src=\"", escape(name))?;
    match sound {
        Sound::None => {}
        Sound::File(path) => out.write_all(reference(path).as_bytes())?,
        Sound::Embedded { file, bytes } => {
            write!(out, "data:{};base64,", media_type(file))?;
            let mut encoder = EncoderWriter::new(&mut *out, &STANDARD);
            encoder.write_all(bytes)?;
            encoder.finish()?;
        }
    }
    out.write_all(CONTROLS.as_bytes())
}

/// A path as a reference relative to the page: everything but unreserved characters (RFC 3986, 2.3)
/// and slashes as percent codes.
fn reference(path: &str) -> String {
    // "a:b.mp3" would read as a scheme.
    let begin = if path.starts_with(['/', '.']) { "" } else { "./" };
    format!(
        "{begin}{}",
        percent(path, |byte| byte.is_ascii_alphanumeric() || b"-._~/".contains(&byte))
    )
}

/// The media type by a file's extension (IANA); MP3 where it tells nothing, and browsers look
/// themselves.
fn media_type(file: &str) -> &'static str {
    match file.rsplit('.').next().unwrap_or("").to_ascii_lowercase().as_str() {
        "m4a" | "m4b" | "mp4" => "audio/mp4",
        "ogg" | "oga" | "opus" => "audio/ogg",
        "wav" => "audio/wav",
        "flac" => "audio/flac",
        "aac" => "audio/aac",
        "webm" | "mka" => "audio/webm",
        _ => "audio/mpeg",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references_are_relative_and_safe() {
        for (path, want) in [
            ("a.mp3", "./a.mp3"),
            ("../talks/日 \"a\"#1?.mp3", "../talks/%E6%97%A5%20%22a%22%231%3F.mp3"),
            ("a:b.mp3", "./a%3Ab.mp3"),
            ("/x/y.wav", "/x/y.wav"),
        ] {
            assert_eq!(reference(path), want);
        }
    }

    #[test]
    fn moments_as_an_address_names_them() {
        for (ms, want) in [
            (0, "0"),
            (83_000, "83"),
            (83_450, "83.45"),
            (100, "0.1"),
            (7, "0.007"),
            (600_000, "600"),
        ] {
            assert_eq!(seconds(Timestamp::from_millis(ms)), want);
        }
    }

    #[test]
    fn media_types() {
        for (file, want) in [
            ("a.MP3", "audio/mpeg"),
            ("b.m4b", "audio/mp4"),
            ("c.opus", "audio/ogg"),
            ("d", "audio/mpeg"),
        ] {
            assert_eq!(media_type(file), want);
        }
    }
}
