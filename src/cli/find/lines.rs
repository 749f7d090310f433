//! Places as lines for people, editors and pipes, and as JSON.

use super::places::Place;
use crate::address::percent;
use crate::export::hits::{self, Told};
use crate::printable;
use crate::time::Timestamp;
use crate::tui::Abilities;
use std::fmt::Write as _;
use std::io::{self, IsTerminal};
use std::path::Path;

/// How lines look where they are printed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Look {
    /// The phrase is bold.
    pub is_bold: bool,
    /// Paths lead to their files.
    pub has_links: bool,
}

impl Look {
    /// As standard output and the environment have it.
    pub fn of_stdout() -> Self {
        let has = |name: &str| std::env::var_os(name).is_some_and(|value| !value.is_empty());
        let is_terminal = io::stdout().is_terminal() && Abilities::of_process().has_places;
        Self { is_bold: is_terminal && !has("NO_COLOR"), has_links: is_terminal }
    }
}

/// `mm:ss.mmm`, from an hour on `h:mm:ss.mmm`.
pub fn time(at: Timestamp) -> String {
    let ms = at.millis();
    let (hours, minutes, seconds, rest) =
        (ms / 3_600_000, ms / 60_000 % 60, ms / 1000 % 60, ms % 1000);
    if hours > 0 {
        format!("{hours}:{minutes:02}:{seconds:02}.{rest:03}")
    } else {
        format!("{minutes:02}:{seconds:02}.{rest:03}")
    }
}

/// A line `path:time: text` for each place; where not all of the phrase is there as it was asked
/// for, a `~` stands before the text.
pub fn list(places: &[Place<'_>], look: Look) -> String {
    let mut page = String::new();
    for place in places {
        page.push_str(&line(place, look));
    }
    page
}

/// The line of one place.
pub fn line(place: &Place<'_>, look: Look) -> String {
    let mut line = String::new();
    let path = printable::line(&place.audio.to_string_lossy()).into_owned();
    match link(place.audio).filter(|_| look.has_links) {
        Some(address) => line.extend(["\x1b]8;;", &address, "\x1b\\", &path, "\x1b]8;;\x1b\\"]),
        None => line.push_str(&path),
    }
    let (open, close) = if look.is_bold { ("\x1b[1m", "\x1b[22m") } else { ("", "") };
    let near = if place.hit.is_near() { "~ " } else { "" };
    let _ = writeln!(
        line,
        ":{}: {near}{}",
        time(place.span.start()),
        place.passage.marked(open, close)
    );
    line
}

/// The address of a file as terminals follow it (RFC 8089).
fn link(path: &Path) -> Option<String> {
    let path = std::fs::canonicalize(path).ok()?;
    let path = path.to_string_lossy().replace('\\', "/");
    Some(format!(
        "file://{}",
        percent(&path, |byte| byte.is_ascii_alphanumeric() || b"/-._~:".contains(&byte))
    ))
}

/// The places as `aloud-hits/1`.
pub fn json(phrase: &str, places: &[Place<'_>]) -> Vec<u8> {
    let files: Vec<_> = places.iter().map(|place| place.audio.to_string_lossy()).collect();
    let told = |(place, file)| {
        let place: &Place<'_> = place;
        let file: &std::borrow::Cow<'_, str> = file;
        Told { file, span: place.span, hit: &place.hit, passage: &place.passage }
    };
    let told: Vec<Told<'_>> = places.iter().zip(&files).map(told).collect();
    let mut bytes = Vec::new();
    // Writing to memory does not fail.
    let _ = hits::write(phrase, &told, &mut bytes);
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::args::SoundArgs;
    use crate::search::{Hit, Match, Passage};
    use crate::time::Span;

    #[test]
    fn times() {
        for (ms, want) in [
            (0, "00:00.000"),
            (422_755, "07:02.755"),
            (3_599_999, "59:59.999"),
            (3_600_000, "1:00:00.000"),
        ] {
            assert_eq!(time(Timestamp::from_millis(ms)), want);
        }
    }

    #[test]
    fn lines_of_all_looks() {
        let span = Span::from_millis(61_005, 62_000);
        let passage =
            Passage { text: "one two three".into(), marks: std::iter::once(4..7).collect() };
        let reading = <_>::default();
        let place = |kind| Place {
            audio: Path::new("no such/a\x1b.mp3"),
            heard: Path::new("no such/a\x1b.mp3"),
            which: SoundArgs::default(),
            reading: &reading,
            hit: Hit {
                words: 1..2,
                span: Some(span),
                kind,
                score: if kind == Match::Exact { 1.0 } else { 0.9 },
            },
            span,
            passage: passage.clone(),
        };
        let bold = Look { is_bold: true, has_links: true };
        assert_eq!(
            line(&place(Match::Exact), Look::default()),
            "no such/a.mp3:01:01.005: one two three\n"
        );
        assert_eq!(
            line(&place(Match::Near), bold),
            "no such/a.mp3:01:01.005: ~ one \x1b[1mtwo\x1b[22m three\n"
        );
    }

    #[test]
    fn links_lead_to_the_file() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("早 a.mp3");
        std::fs::write(&path, "").unwrap();
        let address = link(&path).unwrap();
        assert!(
            address.starts_with("file:///") && address.ends_with("/%E6%97%A9%20a.mp3"),
            "{address}"
        );
    }
}
