//! Media overlays: which element of a page is spoken when, as SMIL.

use super::package::resolve;
use super::xml::{Document, escaped};
use crate::time::{Span, Timestamp};
use std::fmt::Write as _;

/// What is spoken, and the clip of a sound that speaks it.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Par {
    /// The page, by its path in the archive.
    pub(super) page: String,
    /// The `id` of the element.
    pub(super) id: String,
    /// The sound, by its path in the archive or its address.
    pub(super) sound: String,
    /// When in the sound; without an end up to the sound's.
    pub(super) start: Timestamp,
    pub(super) end: Option<Timestamp>,
}

/// An overlay of the page at `page`, as addresses from the overlay's own folder: for each element
/// its `id`, the sound's address and the clip.
pub(super) fn print(page: &str, pars: &[(String, String, Span)]) -> String {
    let page = escaped(page);
    let mut text = String::from(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<smil xmlns=\"http://www.w3.org/ns/SMIL\" version=\"3.0\">\n",
    );
    text.push_str("  <body>\n");
    for (index, (id, sound, clip)) in pars.iter().enumerate() {
        let _ = writeln!(text, "    <par id=\"par{}\">", index + 1);
        let _ = writeln!(text, "      <text src=\"{page}#{}\"/>", escaped(id));
        let _ = writeln!(
            text,
            "      <audio src=\"{}\" clipBegin=\"{}\" clipEnd=\"{}\"/>\n    </par>",
            escaped(sound),
            clock(clip.start()),
            clock(clip.end())
        );
    }
    text.push_str("  </body>\n</smil>\n");
    text
}

/// A time as SMIL writes it: hours, minutes, seconds.
pub(super) fn clock(at: Timestamp) -> String {
    let ms = at.millis();
    format!("{}:{:02}:{:02}.{:03}", ms / 3_600_000, ms / 60_000 % 60, ms / 1000 % 60, ms % 1000)
}

/// A time that somebody wrote: `1:02:03.4`, `02:03.4`, `3.4s`, `3400ms`, `1.5min`, `0.1h`, `3.4`;
/// DAISY's `npt=3.4s` too.
pub(super) fn time(text: &str) -> Option<Timestamp> {
    let text = text.trim();
    let text = text.strip_prefix("npt=").unwrap_or(text);
    let number =
        |text: &str| text.trim().parse::<f64>().ok().filter(|n| n.is_finite() && *n >= 0.0);
    if text.contains(':') {
        let parts: Vec<&str> = text.split(':').collect();
        let seconds = parts.iter().try_fold(0.0, |sum, part| Some(sum * 60.0 + number(part)?))?;
        return (parts.len() <= 3).then(|| Timestamp::from_secs(seconds));
    }
    let units = [("ms", 0.001), ("min", 60.0), ("h", 3600.0), ("s", 1.0), ("", 1.0)];
    let (digits, unit) =
        units.iter().find_map(|(unit, seconds)| Some((text.strip_suffix(unit)?, seconds)))?;
    number(digits).map(|n| Timestamp::from_secs(n * unit))
}

/// What the overlay in a file of `folder` says, in its order.
///
/// # Errors
/// Where it is not well-formed.
pub(super) fn parse(source: &str, folder: &str) -> Result<Vec<Par>, String> {
    let document = Document::parse(source)?;
    let mut pars = Vec::new();
    for par in document.elements("par") {
        let inside = par..document.tokens[par].partner;
        let child = |local: &str| inside.clone().find(|&index| document.local(index) == local);
        let (Some(text), Some(audio)) = (child("text"), child("audio")) else { continue };
        let attribute =
            |index, names: [&str; 2]| names.iter().find_map(|name| document.attribute(index, name));
        let (Some(target), Some(sound)) =
            (document.attribute(text, "src"), document.attribute(audio, "src"))
        else {
            continue;
        };
        let Some((page, id)) = target.split_once('#') else { continue };
        pars.push(Par {
            page: resolve(folder, page),
            id: id.to_owned(),
            sound: resolve(folder, &sound),
            start: attribute(audio, ["clipBegin", "clip-begin"])
                .and_then(|at| time(&at))
                .unwrap_or_default(),
            end: attribute(audio, ["clipEnd", "clip-end"]).and_then(|at| time(&at)),
        });
    }
    Ok(pars)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_as_people_write_them() {
        for (text, want) in [
            ("1:02:03.4", Some(3_723_400)),
            ("02:03.456", Some(123_456)),
            ("3.4s", Some(3_400)),
            ("3400ms", Some(3_400)),
            ("1.5min", Some(90_000)),
            ("0.5h", Some(1_800_000)),
            (" 12 ", Some(12_000)),
            ("npt=12.05s", Some(12_050)),
            ("1:2:3:4", None),
            ("-1s", None),
            ("", None),
            ("xs", None),
        ] {
            assert_eq!(time(text).map(Timestamp::millis), want, "{text:?}");
        }
        assert_eq!(clock(Timestamp::from_millis(3_723_045)), "1:02:03.045");
    }

    #[test]
    fn what_is_printed_is_read() {
        let pars =
            [("a&b".to_owned(), "../s%20x.mp3".to_owned(), Span::from_millis(1_500, 61_001))];
        let read = parse(&print("../t/p%201.xhtml", &pars), "o/a/").unwrap();
        let want = Par {
            page: "o/t/p 1.xhtml".into(),
            id: "a&b".into(),
            sound: "o/s x.mp3".into(),
            start: Timestamp::from_millis(1_500),
            end: Some(Timestamp::from_millis(61_001)),
        };
        assert_eq!(read, [want]);
    }
}
