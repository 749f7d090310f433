//! Places that the listener wants to find again.

use crate::time::Timestamp;
use std::fmt::Write;

/// A place in a recording.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bookmark {
    /// Where.
    pub at: Timestamp,
    /// What the listener wrote; may be empty.
    pub note: String,
    /// The sentence spoken there; may be empty.
    pub text: String,
}

/// Bookmarks as a Markdown list with times, for a note-taking program.
pub fn markdown(title: &str, bookmarks: &[Bookmark]) -> String {
    let mut page = format!("# {}\n", one_line(title));
    for bookmark in bookmarks {
        let note = if bookmark.note.is_empty() { String::new() } else { format!(" {}", one_line(&bookmark.note)) };
        // Writing to a string cannot fail.
        let _ = writeln!(page, "\n- **{}**{note}", bookmark.at);
        if !bookmark.text.is_empty() {
            let _ = writeln!(page, "  > {}", one_line(&bookmark.text));
        }
    }
    page
}

/// A text on one line that Markdown does not take for markup.
fn one_line(text: &str) -> String {
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    line.chars().flat_map(|c| matches!(c, '*' | '_' | '`' | '<' | '[' | ']' | '\\' | '#').then_some('\\').into_iter().chain([c])).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn as_markdown() {
        let at = Timestamp::from_millis;
        let bookmarks = [
            Bookmark { at: at(83_000), note: "check *this*".into(), text: "The river\ncame over.".into() },
            Bookmark { at: at(3_700_000), note: String::new(), text: "電話也斷了。".into() },
            Bookmark { at: at(3_800_000), note: String::new(), text: String::new() },
        ];
        insta::assert_snapshot!(markdown("Plain [Terms]", &bookmarks), @r"
        # Plain \[Terms\]

        - **1:23** check \*this\*
          > The river came over.

        - **1:01:40**
          > 電話也斷了。

        - **1:03:20**
        ");
    }
}
