//! Times as subtitle files write them.
//!
//! SubRip and WebVTT differ in a comma; people's files differ in everything else. This room never
//! knows the text of a cue.

/// What a line of cue times says, in seconds; `None` for an end or start that cannot be read.
pub(super) struct Timing<'a> {
    pub(super) start: Option<f64>,
    pub(super) end: Option<f64>,
    /// The first piece that could not be read.
    pub(super) bad: Option<&'a str>,
    /// The arrow between them, where it is another one than the formats'.
    pub(super) arrow: Option<&'static str>,
}

/// Reads a line like `00:00:01,000 --> 00:00:02,500 align:start`, also with another arrow between
/// two good times; `None` if it is no line of times.
pub(super) fn timing(line: &str) -> Option<Timing<'_>> {
    let (&arrow, (before, after)) = ["-->", "->", "–>", "—>", "→", "-- >"]
        .iter()
        .find_map(|arrow| Some((arrow, line.split_once(arrow)?)))?;
    // An arrow may be longer.
    let before = before.trim_end_matches('-').trim();
    let rest = after;
    let after = rest.split_whitespace().next().unwrap_or("");
    let start = seconds(before).or_else(|| spaced(before));
    let end = seconds(after).or_else(|| spaced(rest));
    // An arrow in a sentence is no timing: one side must at least begin like a time.
    let resembles_time =
        before.starts_with(|c: char| c.is_ascii_digit() || c == '-') && before.contains(':');
    let is_sloppy = arrow != "-->";
    if (!resembles_time && end.is_none())
        || (is_sloppy && (!resembles_time || start.is_none() || end.is_none()))
    {
        return None;
    }
    let bad = if start.is_none() { Some(before) } else { end.is_none().then_some(after) };
    Some(Timing { start, end, bad, arrow: is_sloppy.then_some(arrow) })
}

/// A time with spaces in it, as programs that pad with them write it (` 0: 1: 2,345`), up to what is
/// no part of one.
fn spaced(text: &str) -> Option<f64> {
    let end = text.find(|c: char| !c.is_ascii_digit() && !matches!(c, ' ' | ':' | ',' | '.'));
    let text = &text[..end.unwrap_or(text.len())];
    let is_whole = end.is_none() || text.ends_with(' ');
    is_whole.then(|| seconds(&text.replace(' ', ""))).flatten()
}

/// Reads `[-][h:]mm:ss[.,]fff`, also with `:` before the milliseconds. Parts beyond 59 are added up
/// as they are.
pub(super) fn seconds(text: &str) -> Option<f64> {
    let text = text.trim();
    let (sign, text) = text.strip_prefix(['-', '−']).map_or((1.0, text), |rest| (-1.0, rest));
    let (whole, fraction) = text.split_once(['.', ',']).unwrap_or((text, ""));
    let mut parts: Vec<f64> = Vec::with_capacity(4);
    for part in whole.split(':') {
        if parts.len() == 4 {
            return None;
        }
        parts.push(number(part.trim())?);
    }
    let millis = match fraction {
        "" if parts.len() == 4 => parts.pop().unwrap_or(0.0),
        "" => 0.0,
        digits => number(digits)? * 1000.0 / 10f64.powi(digits.len() as i32),
    };
    match parts.as_slice() {
        [m, s] => Some(sign * (m * 60.0 + s + millis / 1000.0)),
        [h, m, s] => Some(sign * (h * 3600.0 + m * 60.0 + s + millis / 1000.0)),
        _ => None,
    }
}

/// Up to 12 digits.
fn number(digits: &str) -> Option<f64> {
    let is_number = !digits.is_empty()
        && digits.len() <= 12
        && digits.bytes().all(|byte| byte.is_ascii_digit());
    is_number.then(|| digits.parse().ok()).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stamps() {
        for (text, want) in [
            ("00:00:01,500", Some(1.5)),
            ("00:00:01.500", Some(1.5)),
            ("01:02:03.004", Some(3723.004)),
            ("1:02.5", Some(62.5)),
            ("00:01", Some(1.0)),
            ("00:00:01:250", Some(1.25)),
            ("00:00:01,25", Some(1.25)),
            ("-00:00:01,000", Some(-1.0)),
            ("00:75:90,000", Some(4590.0)),
            ("100:00:00.000", Some(360_000.0)),
            (" 0 : 0 : 1 , 5", None),
            ("", None),
            ("12", None),
            ("1:2:3:4:5", None),
            ("aa:bb", None),
            ("9999999999999:00", None),
        ] {
            assert_eq!(seconds(text), want, "{text:?}");
        }
    }

    #[test]
    fn timings() {
        for (line, want) in [
            ("00:00:01,000 --> 00:00:02,000", Some((Some(1.0), Some(2.0), false))),
            ("00:01.000-->00:02.000 position:10% X1:3", Some((Some(1.0), Some(2.0), false))),
            ("00:00:01,000 --> oops", Some((Some(1.0), None, true))),
            ("0:0x --> 00:00:02,000", Some((None, Some(2.0), true))),
            ("00:00:01,000 -->", Some((Some(1.0), None, true))),
            ("A --> B", None),
            ("00:00:01,000 -> 00:00:02,000", Some((Some(1.0), Some(2.0), false))),
            ("00:00:09,00 → 00:00:08,00", Some((Some(9.0), Some(8.0), false))),
            ("3 -> 4:00 in the afternoon", None),
            ("see 12:30 -> later", None),
            ("plain", None),
        ] {
            let got = timing(line).map(|timing| (timing.start, timing.end, timing.bad.is_some()));
            assert_eq!(got, want, "{line:?}");
        }
    }
}
