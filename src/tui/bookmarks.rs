//! Places that the listener wants to find again.

use crate::time::Timestamp;
use std::fmt::Write;

/// A place in a recording, or a stretch of it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Bookmark {
    /// Where, or from where on.
    pub at: Timestamp,
    /// Up to where, for a stretch.
    pub end: Option<Timestamp>,
    /// What the listener wrote; may be empty.
    pub note: String,
    /// The sentence spoken there, or all that is said of the text within the stretch; may be empty.
    pub text: String,
}

impl Bookmark {
    /// When, as it is shown.
    pub fn when(&self) -> String {
        self.end.map_or_else(|| self.at.to_string(), |end| format!("{} – {end}", self.at))
    }
}

/// Bookmarks as a Markdown list with times, for a note-taking program.
pub fn markdown(title: &str, bookmarks: &[Bookmark]) -> String {
    section(1, title, bookmarks)
}

/// The same under a heading of a level.
pub fn section(level: usize, title: &str, bookmarks: &[Bookmark]) -> String {
    let mut page = format!("{} {}\n", "#".repeat(level), one_line(title));
    for bookmark in bookmarks {
        let note = if bookmark.note.is_empty() {
            String::new()
        } else {
            format!(" {}", one_line(&bookmark.note))
        };
        // Writing to a string cannot fail.
        let _ = writeln!(page, "\n- **{}**{note}", bookmark.when());
        if !bookmark.text.is_empty() {
            let _ = writeln!(page, "  > {}", one_line(&bookmark.text));
        }
    }
    page
}

/// A text on one line that Markdown does not take for markup.
fn one_line(text: &str) -> String {
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    line.chars()
        .flat_map(|c| {
            matches!(c, '*' | '_' | '`' | '<' | '[' | ']' | '\\' | '#')
                .then_some('\\')
                .into_iter()
                .chain([c])
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn as_markdown() {
        let at = Timestamp::from_millis;
        let bookmarks = [
            Bookmark {
                at: at(83_000),
                note: "check *this*".into(),
                text: "The river\ncame over.".into(),
                ..Bookmark::default()
            },
            Bookmark {
                at: at(3_700_000),
                end: Some(at(3_720_000)),
                text: "電話也斷了。".into(),
                ..Bookmark::default()
            },
            Bookmark { at: at(3_800_000), ..Bookmark::default() },
        ];
        insta::assert_snapshot!(markdown("Plain [Terms]", &bookmarks), @r"
        # Plain \[Terms\]

        - **1:23** check \*this\*
          > The river came over.

        - **1:01:40 – 1:02:00**
          > 電話也斷了。

        - **1:03:20**
        ");
    }
}
