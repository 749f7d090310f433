//! Names of files that a person recognises and every file system takes.

use super::Item;
use crate::episode::EpisodeId;
use crate::feed::day;
use crate::printable;
use std::collections::HashSet;

/// A name may have 255 bytes; what is still on its way adds a dot, `.part` and `.tag`, what lies
/// beside it `.transcript.json`.
const LONGEST: usize = 160;
/// What Windows does not take as a name, whatever follows the first dot.
const RESERVED: [&str; 4] = ["con", "prn", "aux", "nul"];

/// The ending of a sound's file by its media type.
const ENDINGS: [(&str, &str); 22] = [
    ("audio/mpeg", "mp3"),
    ("audio/mp3", "mp3"),
    ("audio/mpeg3", "mp3"),
    ("audio/x-mp3", "mp3"),
    ("audio/mp4", "m4a"),
    ("audio/m4a", "m4a"),
    ("audio/x-m4a", "m4a"),
    ("audio/x-m4b", "m4b"),
    ("audio/aac", "aac"),
    ("audio/aacp", "aac"),
    ("audio/ogg", "ogg"),
    ("audio/vorbis", "ogg"),
    ("application/ogg", "ogg"),
    ("audio/opus", "opus"),
    ("audio/flac", "flac"),
    ("audio/x-flac", "flac"),
    ("audio/wav", "wav"),
    ("audio/x-wav", "wav"),
    ("audio/webm", "webm"),
    ("video/mp4", "mp4"),
    ("video/quicktime", "mov"),
    ("video/webm", "webm"),
];

/// A name for a show's folder that is none of `taken`, which are in small letters.
pub(super) fn folder(title: &str, taken: &HashSet<String>, id: &EpisodeId) -> String {
    let name = plain(title);
    let name = if name.is_empty() { "show".to_owned() } else { name };
    if taken.contains(&name.to_ascii_lowercase()) {
        format!("{name} {}", &id.to_string()[..8])
    } else {
        name
    }
}

/// A name for the recording of `item` that is free: its day and its title, and a number where
/// others have the same.
pub(super) fn file(item: &Item, is_free: &dyn Fn(&str) -> bool) -> String {
    let title = plain(&item.title);
    let stem = match (item.date, title.is_empty()) {
        (Some(date), false) => format!("{} {title}", day(date)),
        (Some(date), true) => format!("{} episode", day(date)),
        (None, false) => title,
        (None, true) => "episode".to_owned(),
    };
    let ending = ending(item.sound.as_deref().unwrap_or_default(), item.kind.as_deref());
    let named =
        |n: u32| if n == 1 { format!("{stem}.{ending}") } else { format!("{stem} ({n}).{ending}") };
    (1..=9999).map(named).find(|name| is_free(name)).unwrap_or_else(|| named(10_000))
}

/// A file's name without its ending.
pub(super) fn stem(name: &str) -> &str {
    name.rsplit_once('.').map_or(name, |(stem, _)| stem)
}

/// How the name of a sound's file ends, by its address or else its media type.
fn ending(url: &str, kind: Option<&str>) -> &'static str {
    let path = url.split(['?', '#']).next().unwrap_or_default();
    let own = path
        .rsplit('/')
        .next()
        .and_then(|name| name.rsplit_once('.'))
        .map(|(_, ending)| ending.to_lowercase());
    let by_name =
        own.and_then(|own| ENDINGS.iter().map(|(_, ending)| *ending).find(|ending| *ending == own));
    let kind = kind.and_then(|kind| kind.split(';').next()).unwrap_or_default().trim();
    let by_kind = ENDINGS.iter().find(|(name, _)| *name == kind).map(|(_, ending)| *ending);
    by_name.or(by_kind).unwrap_or("mp3")
}

/// `title` as a part of a file's name.
fn plain(title: &str) -> String {
    let line = printable::line(title);
    let kept = line.chars().map(|c| if "/\\:*?\"<>|".contains(c) { ' ' } else { c });
    let text = kept.collect::<String>().split_whitespace().collect::<Vec<_>>().join(" ");
    let text = text.trim_matches(['.', ' ', '-']);
    let mut end = text.len().min(LONGEST);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    let name = text[..end].trim_end_matches(['.', ' ']);
    let first = name.split('.').next().unwrap_or_default().to_lowercase();
    let is_port = |name: &str| {
        first
            .strip_prefix(name)
            .is_some_and(|rest| rest.len() == 1 && rest.bytes().all(|byte| byte.is_ascii_digit()))
    };
    if RESERVED.contains(&first.as_str()) || is_port("com") || is_port("lpt") {
        format!("{name}_")
    } else {
        name.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_have_names_that_every_system_takes() {
        let long = "課".repeat(200);
        for (title, date, sound, kind, want) in [
            (
                "The river & the road",
                Some(1_795_953_600),
                "https://a.net/7.MP3?x=.ogg",
                None,
                "2026-11-29 The river & the road.mp3",
            ),
            ("../../etc/passwd", None, "x", Some("audio/ogg"), "etc passwd.ogg"),
            ("a/b\\c: d*e?f\"g<h>i|j", None, "x.m4a", None, "a b c d e f g h i j.m4a"),
            ("..", Some(0), "x", None, "1970-01-01 episode.mp3"),
            ("", None, "x.exe", Some("video/mp4; codecs=x"), "episode.mp4"),
            ("a\u{202e}3pm\u{1b}[2J\n", None, "x", None, "a3pm[2J.mp3"),
            ("CON", None, "x", None, "CON_.mp3"),
            ("com1.x", None, "x", None, "com1.x_.mp3"),
            (long.as_str(), None, "x", None, &format!("{}.mp3", "課".repeat(53))),
        ] {
            let item = Item {
                title: title.into(),
                date,
                sound: Some(sound.into()),
                kind: kind.map(str::to_owned),
                ..Item::default()
            };
            let name = file(&item, &|_| true);
            assert_eq!(name, want);
            assert!(name.len() < 200 && std::path::Path::new(&name).components().count() == 1);
        }
        let item = Item { title: "x".into(), ..Item::default() };
        assert_eq!(file(&item, &|name| name.contains("(3)")), "x (3).mp3");
    }

    #[test]
    fn folders_are_nobody_else_s() {
        let id = EpisodeId([0xab; 32]);
        for (title, taken, want) in [
            ("Plain: Terms", "other", "Plain Terms"),
            ("Plain Terms", "plain terms", "Plain Terms abababab"),
            ("...", "", "show"),
        ] {
            assert_eq!(folder(title, &HashSet::from([taken.to_owned()]), &id), want);
        }
    }
}
