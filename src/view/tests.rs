//! Pages and timelines of whole readings.

use super::page::inserts_by_block;
use super::sample::{self, Builder};
use super::*;
use crate::article::BlockKind;
use crate::reading::Reading;
use crate::time::{Span, Timestamp};
use proptest::prelude::*;

/// The page's rows as text, each run at its column.
fn rows(reading: &Reading, beside: Option<&Beside>, width: u16) -> Vec<String> {
    let texts = Texts { reading, beside };
    let page = Page::new(texts, width);
    let row = |row: &Row| {
        let mut line = String::new();
        for run in row.runs.iter().flatten() {
            let text = &texts.text(run.source)[run.bytes.clone()];
            let sign =
                if run.sign.trim().is_empty() { String::new() } else { format!("{} ", run.sign) };
            let room = usize::from(run.x).saturating_sub(cells::width(&line) + cells::width(&sign));
            line += &format!("{}{sign}{text}", " ".repeat(room));
        }
        line
    };
    page.rows.iter().map(row).collect()
}

#[test]
fn a_page() {
    insta::assert_snapshot!(rows(&sample::english(), None, 44).join("\n"), @r"
    + You are listening to Plain Terms, a
      weekly column.

    The Machine in the Closet

    By Ruth Callaway

    On Jan. 20, 2025, the river came over
    the roads of Mill County and the
    courthouse went dark. An hour later the
    phones died too. By evening 1,400 people
    were asleep in the high school, and
    nobody outside the county could reach
    them.

    + This show is brought to you by nobody
      at all.

    What “open” means

    • A model you rent lives in someone
      else’s house, and answers when its
      owner lets it.
    • A model you keep is yours.

    │ “We didn’t choose it because it was
    │ the best,” said Helen Marsh.

      The Mill County courthouse on Jan. 22.
    ");
}

#[test]
fn a_list_that_kept_its_marks() {
    let reading = Builder::default()
        .block(BlockKind::Item, &["1. Take the model home."])
        .block(BlockKind::Item, &["• Keep it."])
        .block(BlockKind::Paragraph, &["One line", "and another."])
        .done();
    insta::assert_snapshot!(rows(&reading, None, 24).join("\n"), @r"
      1. Take the model
      home.
      • Keep it.

    One line and
    another.
    ");
}

/// Every byte of each text that is seen stands on one row, rows are in order, and the mouse finds
/// each again.
#[test]
fn pages_are_complete() {
    let translation = Beside::translation(sample::translation());
    for reading in [
        sample::english(),
        sample::chinese(),
        sample::mixed(),
        sample::misheard(),
        Reading::default(),
    ] {
        for (beside, width) in
            [(None, 40), (None, 80), (Some(&translation), 40), (Some(&translation), 120), (None, 9)]
        {
            let texts = Texts { reading: &reading, beside };
            let page = Page::new(texts, width);
            let mut seen = vec![0; reading.article.text.len()];
            assert!(page.rows.windows(2).all(|pair| pair[0].at <= pair[1].at));
            for (index, row) in page.rows.iter().enumerate() {
                for run in row.runs.iter().flatten() {
                    assert!(
                        usize::from(run.x)
                            + cells::width(&texts.text(run.source)[run.bytes.clone()])
                            <= usize::from(width).max(10)
                    );
                    if run.source == Source::Written {
                        run.bytes.clone().for_each(|at| seen[at] += 1);
                        assert_eq!(page.row_of(run.bytes.start), index);
                        let first = cells::glyphs(&reading.article.text[run.bytes.clone()])
                            .next()
                            .map(|glyph| run.bytes.start + glyph.at);
                        assert_eq!(
                            page.byte_at(texts, index, run.x),
                            first.map(|at| (run.source, at))
                        );
                    }
                }
            }
            for (at, c) in reading.article.text.char_indices() {
                assert!(
                    seen[at] == 1
                        || (seen[at] == 0
                            && (c.is_whitespace() || cells::width(&c.to_string()) == 0)),
                    "{c:?} at {at}: {}",
                    seen[at]
                );
            }
        }
    }
}

#[test]
fn the_place_in_the_text() {
    let reading = sample::misheard();
    let timeline = Timeline::new(&reading);
    let place = |ms| timeline.place(&reading, Timestamp::from_millis(ms));
    let word =
        |ms| place(ms).word.map(|word| reading.article.word(word)).unwrap_or_default().to_owned();
    for (ms, passage, want, is_sounding) in [
        (0, Some(Passage::Sentence(1)), "The", true),
        (1_000, Some(Passage::Sentence(1)), "over", true),
        (1_999, Some(Passage::Sentence(1)), "road", true),
        (2_000, Some(Passage::Sentence(2)), "All", true),
        (3_749, Some(Passage::Sentence(2)), "out", true),
        (3_751, Some(Passage::Sentence(2)), "out", false),
    ] {
        assert_eq!(
            (place(ms).passage, word(ms).as_str(), place(ms).is_sounding),
            (passage, want, is_sounding),
            "{ms}"
        );
    }
    let english = sample::english();
    let timeline = Timeline::new(&english);
    assert_eq!(timeline.place(&english, Timestamp::ZERO).passage, Some(Passage::Insert(0)));
    assert_eq!(inserts_by_block(&english), [(0, 0), (3, 1)]);
    assert_eq!(
        timeline
            .words_in(Span::from_millis(4_700, 5_300))
            .map(|(a, b)| (english.article.word(a), english.article.word(b))),
        Some(("On", "20"))
    );
    assert_eq!(timeline.words_in(Span::from_millis(0, 100)), None);
}

proptest! {
    /// Between two moments at which the timeline says that something may change, nothing does.
    #[test]
    fn changes_are_foretold(ms in 0u64..35_000) {
        let reading = sample::english();
        let timeline = Timeline::new(&reading);
        let at = Timestamp::from_millis(ms);
        let until = timeline.next_change(at).unwrap_or(at.plus(5_000));
        prop_assert!(until > at);
        let here = timeline.place(&reading, at);
        prop_assert_eq!(timeline.place(&reading, until.minus(1)), here);
        prop_assert_eq!(timeline.place(&reading, Timestamp::from_millis((ms + until.millis()) / 2)), here);
    }
}
