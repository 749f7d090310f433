//! What the episode consists of: the recording's chapters and the text's headings, as one list by time.

use super::app::{App, List};
use super::event::Effect;
use super::{jumps, lists};
use crate::article::BlockKind;
use crate::episode::Chapter;
use crate::reading::Reading;
use crate::time::Timestamp;
use crate::view::Timeline;

/// A heading so near to the beginning of a chapter, in milliseconds, is that chapter's.
const NEAR_MS: u64 = 15_000;
/// Going back from further inside a chapter than this goes to its own start, in milliseconds.
const GRACE_MS: u64 = 3_000;

/// The chapters, and the headings that are none of them, in order. A heading is where it is read, or else what is written below it.
pub(super) fn of(chapters: &[Chapter], reading: &Reading) -> Vec<Chapter> {
    let is_new = |heading: &Chapter| chapters.iter().all(|chapter| chapter.start.millis().abs_diff(heading.start.millis()) >= NEAR_MS);
    let mut contents: Vec<Chapter> = headings(reading).into_iter().filter(is_new).chain(chapters.iter().cloned()).collect();
    contents.sort_by_key(|chapter| chapter.start);
    contents
}

fn headings(reading: &Reading) -> Vec<Chapter> {
    let article = &reading.article;
    let is_heading = |kind: BlockKind| matches!(kind, BlockKind::Title | BlockKind::Heading);
    let mut found: Vec<Chapter> = Vec::new();
    // Of headings with nothing between them the last one has what follows.
    let mut open = None;
    for block in &article.blocks {
        if is_heading(block.kind) {
            open = Some(block);
        }
        let timings = reading.alignment.sentences.get(block.sentences.clone()).unwrap_or_default();
        let Some(start) = timings.iter().find_map(|timing| Some(timing.span?.start())) else { continue };
        if let Some(heading) = open.take() {
            let title = article.text.get(heading.bytes.clone()).unwrap_or_default();
            found.push(Chapter { start, title: title.split_whitespace().collect::<Vec<_>>().join(" ") });
        }
    }
    found
}

/// The chapter that `at` lies in, as its number.
pub(super) fn here(contents: &[Chapter], at: Timestamp) -> Option<usize> {
    contents.partition_point(|chapter| chapter.start <= at).checked_sub(1)
}

/// Goes to the chapter or heading before or after.
pub(super) fn step(app: &mut App, steps: i32) -> Vec<Effect> {
    let starts: Vec<Timestamp> = app.text.contents.iter().map(|chapter| chapter.start).collect();
    match Timeline::step_among(&starts, app.position.at, steps, GRACE_MS).and_then(|at| Some((at, here(&app.text.contents, at)?))) {
        Some((at, chapter)) => {
            let title = app.text.contents[chapter].title.clone();
            app.say(if title.is_empty() { format!("chapter {}", chapter + 1) } else { title });
            jumps::jump(app, at)
        }
        None => {
            app.say(if starts.is_empty() { "there are no chapters, and no headings" } else { "there is no further chapter or heading" });
            Vec::new()
        }
    }
}

/// Lists them, if there are any.
pub(super) fn list(app: &mut App) {
    if app.text.contents.is_empty() {
        app.say("there are no chapters, and no headings");
    } else {
        lists::open(app, List::Contents);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::view::sample;

    #[test]
    fn chapters_and_headings() {
        let chapter = |ms, title: &str| Chapter { start: Timestamp::from_millis(ms), title: title.into() };
        let list = |chapters: &[Chapter]| {
            let contents = of(chapters, &sample::english());
            contents.iter().map(|chapter| format!("{} {}", chapter.start.millis(), chapter.title)).collect::<Vec<_>>().join(", ")
        };
        assert_eq!(list(&[]), "2900 The Machine in the Closet, 21300 What “open” means");
        // A heading by which a chapter was named is that chapter.
        assert_eq!(list(&[chapter(0, "Begin"), chapter(40_000, "End")]), "0 Begin, 21300 What “open” means, 40000 End");
        assert_eq!(list(&[chapter(21_000, "")]), "2900 The Machine in the Closet, 21000 ");
        assert_eq!(of(&[], &Reading::default()), []);
    }
}
