//! Podcasting 2.0's chapters: a JSON file of starts and titles.

use crate::episode::Chapter;
use crate::printable;
use crate::time::Timestamp;
use serde_json::Value;

/// More chapters than these are none of one recording.
const MOST: usize = 10_000;

/// The chapters in `bytes` by their start, without those that are kept from lists; `None` for bytes
/// that are no such file.
pub fn chapters(bytes: &[u8]) -> Option<Vec<Chapter>> {
    let value: Value =
        serde_json::from_slice(bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes)).ok()?;
    let chapter = |value: &Value| {
        let start = &value["startTime"];
        let start = start
            .as_f64()
            .or_else(|| start.as_str()?.trim().parse().ok())
            .filter(|start| start.is_finite() && *start >= 0.0)?;
        let is_listed = value["toc"] != Value::Bool(false);
        let title = printable::line(value["title"].as_str().unwrap_or_default()).trim().to_owned();
        is_listed.then(|| Chapter { start: Timestamp::from_secs(start), title })
    };
    let mut found: Vec<Chapter> =
        value["chapters"].as_array()?.iter().take(MOST).filter_map(chapter).collect();
    found.sort_by_key(|chapter| chapter.start);
    Some(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_of_chapters() {
        let chapter = |ms, title: &str| Chapter {
            start: Timestamp::from_millis(ms),
            title: title.to_owned(),
        };
        for (json, want) in [
            (
                r#"{"version": "1.2.0", "chapters": [{"startTime": 62.5, "title": "Two"}, {"startTime": 0, "title": "One"}]}"#,
                Some(vec![chapter(0, "One"), chapter(62_500, "Two")]),
            ),
            (
                "{\"chapters\": [{\"startTime\": \"3\", \"title\": \"a\\u202e\\u001b[2Jb\\n\"}, {\"startTime\": 4}]}",
                Some(vec![chapter(3_000, "a[2Jb"), chapter(4_000, "")]),
            ),
            (
                r#"{"chapters": [{"startTime": 1, "toc": false}, {"startTime": -1}, {"title": "x"}, 7]}"#,
                Some(vec![]),
            ),
            (r#"{"chapters": 7}"#, None),
            ("[]", None),
            ("<html>", None),
        ] {
            assert_eq!(chapters(json.as_bytes()), want, "{json}");
        }
    }
}
