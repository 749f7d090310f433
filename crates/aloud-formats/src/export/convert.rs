//! What is a file of SRT as WebVTT, and the other way round? What the other format has no place for
//! is counted.

use crate::import::{Document, RawCue, is_times, marked, unescape};
use std::fmt;

/// What a file has lost by its new format.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Lost {
    /// Comments, styles and regions.
    pub others: usize,
    /// Cues whose place on the screen is no longer told.
    pub places: usize,
    /// Cues whose name is no longer told.
    pub names: usize,
    /// Cues with tags that are left out: colours, voices, times of words.
    pub tags: usize,
}

impl fmt::Display for Lost {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let counted = |n: usize, one: &str, many: &str| {
            (n > 0).then(|| format!("{n} {}", if n == 1 { one } else { many }))
        };
        let parts = [
            counted(self.others, "comment or style", "comments and styles"),
            counted(self.places, "cue's place on the screen", "cues' places on the screen"),
            counted(self.names, "cue's name", "cues' names"),
            counted(
                self.tags,
                "cue's tags (colours, voices, times of words)",
                "cues' tags (colours, voices, times of words)",
            ),
        ];
        f.write_str(&parts.into_iter().flatten().collect::<Vec<_>>().join(", "))
    }
}

impl Lost {
    /// Whether everything is still there.
    pub fn is_nothing(&self) -> bool {
        *self == Self::default()
    }
}

/// Makes `document` one of WebVTT, or of SRT, if it is the other.
pub fn convert(document: &mut Document, to_vtt: bool) -> Lost {
    let mut lost = Lost::default();
    if document.is_vtt == to_vtt {
        return lost;
    }
    document.is_vtt = to_vtt;
    lost.others = document.others.iter().filter(|(_, text)| is_other(text)).count();
    document.others.clear();
    for cue in &mut document.cues {
        // The writer of SRT numbers its cues.
        let is_named =
            cue.id.take().is_some_and(|id| !id.trim().bytes().all(|byte| byte.is_ascii_digit()));
        lost.names += usize::from(is_named);
        lost.places += usize::from(!std::mem::take(&mut cue.settings).is_empty());
        let has_lost = if to_vtt { to_webvtt(cue) } else { to_subrip(cue) };
        lost.tags += usize::from(has_lost);
        // An empty line would end the cue.
        cue.lines.retain(|line| !line.trim().is_empty());
    }
    document.cues.retain(|cue| !cue.lines.is_empty());
    lost
}

/// Whether something beside the cues is more than a file's first line.
fn is_other(text: &str) -> bool {
    !text.starts_with("WEBVTT") || text.trim_end().lines().count() > 1
}

/// Whether a tag of `cue` was lost.
fn to_webvtt(cue: &mut RawCue) -> bool {
    let mut has_lost = false;
    let mut settings = String::new();
    for line in &mut cue.lines {
        let text = marked(line, false);
        let escape = |part: &str| {
            unescape(part).replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
        };
        *line = rewritten(&text.plain, &text.marks, escape, |mark| {
            if let Some(place) = mark
                .strip_prefix("{\\an")
                .and_then(|rest| rest.trim_end_matches('}').parse::<u8>().ok())
            {
                settings = placed(place);
                return String::new();
            }
            let kept = simple(mark);
            has_lost |= kept.is_none() && !mark.starts_with("</") && !mark.starts_with("<br");
            kept.unwrap_or_default()
        });
    }
    cue.settings = settings;
    has_lost
}

/// Settings for the place that SubStation's number names, as on the keys of a telephone upside
/// down.
fn placed(place: u8) -> String {
    let line = match place {
        7..=9 => "line:0",
        4..=6 => "line:50%",
        _ => "",
    };
    let align = match place % 3 {
        1 => "align:start",
        0 if place > 0 => "align:end",
        _ => "",
    };
    [line, align].into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" ")
}

/// Whether a tag of `cue` was lost.
fn to_subrip(cue: &mut RawCue) -> bool {
    let mut has_lost = false;
    for line in &mut cue.lines {
        let text = marked(line, true);
        let plain = |part: &str| {
            let shown = unescape(part);
            // What would become a tag stays written as it is.
            if marked(&shown, false).marks.is_empty() { shown } else { part.to_owned() }
        };
        let mut keep = |mark: &str| {
            let kept = simple(mark);
            has_lost |= kept.is_none() && !mark.starts_with("</");
            kept.unwrap_or_default()
        };
        let shown = rewritten(&text.plain, &text.marks, plain, &mut keep);
        // Nor do words become another cue's times.
        *line = if is_times(&shown) {
            rewritten(&text.plain, &text.marks, str::to_owned, keep)
        } else {
            shown
        };
    }
    has_lost
}

/// A line with its text by `write` and each of its marks by `mark`. How a base is read stands
/// behind it in brackets.
fn rewritten(
    plain: &str,
    marks: &[(usize, String)],
    write: impl Fn(&str) -> String,
    mut mark: impl FnMut(&str) -> String,
) -> String {
    let mut line = String::new();
    let mut from = 0;
    for (at, own) in marks {
        line.push_str(&write(&plain[from..*at]));
        from = *at;
        match own.as_str() {
            "<rt>" => line.push('('),
            "</rt>" => line.push(')'),
            "<br>" | "<br/>" | "<br />" => line.push(' '),
            own => line.push_str(&mark(own)),
        }
    }
    line.push_str(&write(&plain[from..]));
    line.trim().to_owned()
}

/// The tag that both formats have, without classes; `None` for any other.
fn simple(mark: &str) -> Option<String> {
    let (slash, rest) =
        mark.strip_prefix("</").map_or(("<", mark.strip_prefix('<')?), |rest| ("</", rest));
    let name = rest.split(['.', ' ', '\t', '>']).next()?.to_ascii_lowercase();
    matches!(name.as_str(), "b" | "i" | "u").then(|| format!("{slash}{name}>"))
}

#[cfg(test)]
mod tests {
    use super::super::fix::print;
    use super::*;
    use crate::import;

    /// `source` in the other format, and what it lost.
    fn check(source: &str, want: &str, lost: &str) {
        let mut document = import::document(source.as_bytes(), None).expect("subtitles");
        let to_vtt = !document.is_vtt;
        let got = convert(&mut document, to_vtt);
        assert_eq!((print(&document).as_str(), got.to_string().as_str()), (want, lost));
        // The words are the same.
        let words = |bytes: &str| {
            let (cues, _) = import::cues(bytes.as_bytes(), None).expect("cues");
            cues.into_iter().flat_map(|(_, lines)| lines).collect::<Vec<_>>().join(" ")
        };
        assert_eq!(words(want), words(source));
    }

    #[test]
    fn both_ways() {
        check(
            "1\n00:00:00,000 --> 00:00:02,000\n{\\an8}<I>Good</I> <3 & more\n",
            "WEBVTT\n\n00:00:00.000 --> 00:00:02.000 line:0\n<i>Good</i> &lt;3 &amp; more\n\n",
            "",
        );
        check(
            "7\n00:00:00,000 --> 00:00:02,000 X1:5\n<font color=\"red\">Stop!</font> A -> B &amp; C\n",
            "WEBVTT\n\n00:00:00.000 --> 00:00:02.000\nStop! A -&gt; B &amp; C\n\n",
            "1 cue's place on the screen, 1 cue's tags (colours, voices, times of words)",
        );
        check(
            "WEBVTT - x\n\nNOTE y\n\nintro\n00:00.000 --> 00:02.000 align:start\n<v Ann><b.loud>Good</b> &lt;3\n\n2\n00:02.100 --> 00:03.000\nBye.\n",
            "1\n00:00:00,000 --> 00:00:02,000\n<b>Good</b> <3\n\n2\n00:00:02,100 --> 00:00:03,000\nBye.\n\n",
            "1 comment or style, 1 cue's place on the screen, 1 cue's name, 1 cue's tags (colours, voices, times of words)",
        );
        // A line of markup alone leaves no empty line, which would end the cue.
        check(
            "1\n00:00:00,000 --> 00:00:02,000\n{\\an8}\nHere.\n<font>\n</font>\nThere.\n",
            "WEBVTT\n\n00:00:00.000 --> 00:00:02.000 line:0\nHere.\nThere.\n\n",
            "1 cue's tags (colours, voices, times of words)",
        );
        check(
            "WEBVTT\nKind: captions\n\n00:00.000 --> 00:02.000\n<v Ann>\nHello.\n",
            "1\n00:00:00,000 --> 00:00:02,000\nHello.\n\n",
            "1 comment or style, 1 cue's tags (colours, voices, times of words)",
        );
        check(
            "WEBVTT\n\n00:00.000 --> 00:02.000\n00:05.000 --&gt; 00:06.000\n",
            "1\n00:00:00,000 --> 00:00:02,000\n00:05.000 --&gt; 00:06.000\n\n",
            "",
        );
        // What only looks like a tag does not become one.
        check(
            "WEBVTT\n\n00:00.000 --> 00:02.000\n&lt;i&gt; is a tag\n",
            "1\n00:00:00,000 --> 00:00:02,000\n&lt;i&gt; is a tag\n\n",
            "",
        );
    }

    #[test]
    fn places() {
        for (place, want) in [
            (2, ""),
            (1, "align:start"),
            (3, "align:end"),
            (8, "line:0"),
            (7, "line:0 align:start"),
            (5, "line:50%"),
            (0, ""),
        ] {
            assert_eq!(placed(place), want, "{place}");
        }
    }
}
