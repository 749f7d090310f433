//! Media overlays: which element of a page is spoken when, as SMIL.

use super::package::resolve;
use super::xml::{Document, Kind, escaped};
use crate::time::Timestamp;
use std::fmt::Write as _;
use std::ops::Range;

/// A part of a sound.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Clip {
    /// The sound, by its path in the archive or its address.
    pub(super) sound: String,
    /// When in the sound; without an end up to the sound's.
    pub(super) start: Timestamp,
    pub(super) end: Option<Timestamp>,
}

/// What is spoken, and the clip of a sound that speaks it.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Par {
    /// The page, by its path in the archive.
    pub(super) page: String,
    /// The `id` of the element.
    pub(super) id: String,
    pub(super) clip: Clip,
}

/// An overlay of the page at `page`, as addresses from the overlay's own folder: for each element
/// its `id`, and the clip with its sound's address.
pub(super) fn print(page: &str, pars: &[(String, Clip)]) -> String {
    let page = escaped(page);
    let mut text = String::from(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<smil xmlns=\"http://www.w3.org/ns/SMIL\" version=\"3.0\">\n",
    );
    text.push_str("  <body>\n");
    for (index, (id, clip)) in pars.iter().enumerate() {
        let _ = writeln!(text, "    <par id=\"par{}\">", index + 1);
        let _ = writeln!(text, "      <text src=\"{page}#{}\"/>", escaped(id));
        let end = clip.end.map(|end| format!(" clipEnd=\"{}\"", clock(end))).unwrap_or_default();
        let _ = writeln!(
            text,
            "      <audio src=\"{}\" clipBegin=\"{}\"{end}/>\n    </par>",
            escaped(&clip.sound),
            clock(clip.start)
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

/// What the overlay in a file of `folder` says, in its order. An element that several clips speak
/// in a row, as DAISY has them, is spoken from the first to the last of those in one sound.
///
/// # Errors
/// Where it is not well-formed.
pub(super) fn parse(source: &str, folder: &str) -> Result<Vec<Par>, String> {
    let document = Document::parse(source)?;
    let par = |par: usize| {
        let inside = par..document.tokens[par].partner;
        let (page, id) = text(&document, inside.clone(), folder)?;
        let mut clips = clips(&document, inside, folder);
        let first = clips.next()?;
        let end = clips
            .take_while(|clip| clip.sound == first.sound && clip.start >= first.start)
            .last()
            .map_or(first.end, |last| last.end);
        Some(Par { page, id, clip: Clip { end, ..first } })
    };
    // One that stands in another is a part of it: each tag is looked at once.
    let mut end = 0;
    let outer = document.elements("par").filter(|par| {
        let is_outer = *par >= end;
        end = end.max(document.tokens[*par].partner);
        is_outer
    });
    let outer: Vec<usize> = outer.collect();
    Ok(outer.into_iter().filter_map(par).collect())
}

/// The first element of a page that is named among those `tokens`: the page and its `id`.
pub(super) fn text(
    document: &Document<'_>,
    tokens: Range<usize>,
    folder: &str,
) -> Option<(String, String)> {
    let index = tags(document, tokens, "text").next()?;
    let target = document.attribute(index, "src")?;
    let (page, id) = target.split_once('#')?;
    Some((resolve(folder, page), id.to_owned()))
}

/// The clips among those `tokens`.
pub(super) fn clips<'a>(
    document: &'a Document<'_>,
    tokens: Range<usize>,
    folder: &'a str,
) -> impl Iterator<Item = Clip> + 'a {
    let at = |index: usize, names: [&str; 2]| {
        names.iter().find_map(|name| document.attribute(index, name)).and_then(|at| time(&at))
    };
    tags(document, tokens, "audio").filter_map(move |index| {
        Some(Clip {
            sound: resolve(folder, &document.attribute(index, "src")?),
            start: at(index, ["clipBegin", "clip-begin"]).unwrap_or_default(),
            end: at(index, ["clipEnd", "clip-end"]),
        })
    })
}

fn tags<'a>(
    document: &'a Document<'_>,
    tokens: Range<usize>,
    local: &'a str,
) -> impl Iterator<Item = usize> + 'a {
    tokens.filter(move |&index| {
        matches!(document.tokens[index].kind, Kind::Start | Kind::Empty)
            && document.local(index) == local
    })
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
    fn several_clips_speak_one_element() {
        let clip = |sound: &str, start: f64, end: f64| {
            format!("<audio src='{sound}' clip-begin='npt={start}s' clip-end='npt={end}s'/>")
        };
        let (one, two, back) =
            (clip("a.mp3", 1.0, 2.5), clip("a.mp3", 2.5, 4.0), clip("a.mp3", 0.0, 1.0));
        let other = clip("b.mp3", 0.0, 9.0);
        for (clips, want) in [
            (format!("{one}{two}"), Some((1_000, Some(4_000)))),
            (format!("{one}{other}{two}"), Some((1_000, Some(2_500)))),
            (format!("{one}{back}"), Some((1_000, Some(2_500)))),
            (format!("{one}<audio src='a.mp3' clip-begin='npt=3s'/>"), Some((1_000, None))),
            (String::new(), None),
        ] {
            let smil = format!("<smil><par><text src='p.html#x'/><seq>{clips}</seq></par></smil>");
            let pars = parse(&smil, "").unwrap();
            let found = pars
                .first()
                .map(|par| (par.clip.start.millis(), par.clip.end.map(Timestamp::millis)));
            assert_eq!(found, want, "{clips}");
        }
    }

    #[test]
    fn what_is_printed_is_read() {
        for end in [Some(Timestamp::from_millis(61_001)), None] {
            let clip = |sound: &str| Clip {
                sound: sound.to_owned(),
                start: Timestamp::from_millis(1_500),
                end,
            };
            let pars = [("a&b".to_owned(), clip("../s%20x.mp3"))];
            let read = parse(&print("../t/p%201.xhtml", &pars), "o/a/").unwrap();
            let want =
                Par { page: "o/t/p 1.xhtml".into(), id: "a&b".into(), clip: clip("o/s x.mp3") };
            assert_eq!(read, [want]);
        }
    }
}
