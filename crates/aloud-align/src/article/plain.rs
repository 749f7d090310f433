//! Plain text: which lines are one paragraph, and which of them are the title and headings?
//!
//! Text comes in three habits: paragraphs parted by empty lines, every line a paragraph, and lines
//! broken at a width as in e-mail. The third is known by its breaks: the next line's first word
//! would not have fitted. Some count cells of a terminal, some characters, whatever these take.

use super::clean::clean;
use super::draft::{Draft, Piece};
use super::skip::{Place, ends_like_sentence, line, width};
use super::{BlockKind, Skip};
use crate::transcript::characters::{is_closing, is_opening, stands_alone};
use crate::transcript::split::needs_space;

/// Text is not broken at less than this many cells, and hardly at more than the second number.
const WRAP: std::ops::RangeInclusive<usize> = 28..=130;
/// Of so many breaks so many in a hundred begin with a capital, or end with a mark: verse. Of the
/// three breaks of a quatrain all do.
const VERSE: usize = 4;
const VERSE_SHARE: usize = 70;
const QUATRAIN: usize = 3;
/// A line that is filled to this share, in percent, and does not end like a sentence goes on behind
/// a break: what counts letters otherwise (bytes, marks that hang over) breaks somewhat sooner.
const FILLED: usize = 90;
/// So does one that is filled to this share before a small letter.
const HALF: usize = 50;
/// Lines that end by a mark of their own are meant so, unless so many follow each other.
const MANY: usize = 9;
/// A title and a heading take no more cells than this.
const TITLE: usize = 120;
const HEADING: usize = 64;
/// What a heading stands over takes at least so many.
const UNDER_HEADING: usize = 60;

/// The pieces of plain text, with title and headings guessed.
pub fn parse(text: &str) -> Draft {
    let mut draft = paragraphs(text);
    mark_title(&mut draft);
    mark_headings(&mut draft.pieces);
    draft
}

/// The paragraphs of plain text, quotations and list items, without a guess at headings.
pub fn paragraphs(text: &str) -> Draft {
    let text = clean(text);
    let lines: Vec<&str> = text.lines().collect();
    let wrap = wrapped(&lines);
    let mut draft = Draft::default();
    for group in lines.split(|line| line.trim().is_empty()).filter(|group| !group.is_empty()) {
        add_group(&mut draft, group, wrap);
    }
    draft
}

/// Lines of a paragraph that end by a mark of their own: those that were broken at a width put
/// together, all others as they are. Few lines tell a width only where each is filled to the last
/// character.
pub fn rejoined(lines: &[&str]) -> Vec<String> {
    let is_full = |wrap: &Wrap| {
        let all_but_last = &lines[..lines.len().saturating_sub(1)];
        wrap.is_blunt
            && all_but_last.len() > 1
            && all_but_last.iter().all(|line| (wrap.measure)(line) == wrap.width)
    };
    let wrap = wrapped(lines).filter(|wrap| lines.len() >= MANY || is_full(wrap));
    let mut paragraphs: Vec<String> = Vec::new();
    for (index, line) in lines.iter().enumerate() {
        let before = index.checked_sub(1).map(|before| lines[before]);
        match before
            .zip(wrap)
            .filter(|(before, wrap)| wrap.goes_on(before, line))
            .zip(paragraphs.last_mut())
        {
            Some(((before, wrap), paragraph)) => wrap.join(paragraph, before, line),
            None => paragraphs.push(line.trim().to_owned()),
        }
    }
    paragraphs
}

/// How lines are broken: no longer than `width`, as `measure` tells.
#[derive(Clone, Copy)]
struct Wrap {
    width: usize,
    measure: fn(&str) -> usize,
    /// Whether a line is broken wherever it is full, within a word too.
    is_blunt: bool,
}

/// How lines are broken, where they are.
fn wrapped(lines: &[&str]) -> Option<Wrap> {
    let by_cells = Wrap::of(lines, width, WRAP);
    // Characters of one cell are as many as their cells.
    let by_characters =
        Wrap::of(lines, |line| line.chars().count(), WRAP.start() / 2..=WRAP.end() / 2);
    let is_wide = || lines.iter().any(|line| line.contains(stands_alone));
    match (by_cells, by_characters.filter(|_| is_wide())) {
        (Some((cells, share)), Some((characters, other)))
            if share >= other && !characters.is_blunt =>
        {
            Some(cells)
        }
        (_, Some((characters, _))) => Some(characters),
        (cells, None) => cells.map(|(wrap, _)| wrap),
    }
}

impl Wrap {
    /// By this measure, and the share of the breaks inside groups of lines that were forced by it,
    /// in thousandths; where nearly no line is longer and most breaks were forced.
    fn of(
        lines: &[&str],
        measure: fn(&str) -> usize,
        usual: std::ops::RangeInclusive<usize>,
    ) -> Option<(Self, usize)> {
        let mut widths: Vec<usize> = lines
            .iter()
            .filter(|line| !line.trim().is_empty())
            .map(|line| measure(line.trim_end()))
            .collect();
        widths.sort_unstable();
        // A few lines may be longer than the width: addresses, tables.
        let width = *widths.get(widths.len().checked_sub(1)? - widths.len() / 20)?;
        let inside =
            || lines.windows(2).filter(|pair| pair.iter().all(|line| !line.trim().is_empty()));
        let wrap = Self { width, measure, is_blunt: false };
        let n_inside = inside().count();
        let forced = || inside().filter(|pair| wrap.is_forced(pair[0], pair[1]));
        let n_forced = forced().count();
        let is_most = |n: usize| match n_forced {
            0..QUATRAIN => false,
            QUATRAIN..VERSE => n == n_forced,
            _ => n * 100 >= n_forced * VERSE_SHARE,
        };
        // A notice in capitals begins no line with one.
        let begins = |line: &str| {
            line.trim_start().starts_with(char::is_uppercase) && line.contains(char::is_lowercase)
        };
        let is_verse = is_most(forced().filter(|pair| begins(pair[1])).count())
            || is_most(forced().filter(|pair| pair[0].trim_end().ends_with(is_closing)).count());
        let n_full = inside().filter(|pair| measure(pair[0]) == width).count();
        // Where only two lines touch, the longer of them always seems full.
        let is_sure = n_inside > 1 || width >= *usual.end() / 2 - 5;
        let wrap = Self { is_blunt: n_full * 4 >= n_forced * 3, ..wrap };
        let is_wrapped = usual.contains(&width)
            && is_sure
            && !is_verse
            && n_inside > 0
            && n_forced * 2 >= n_inside;
        is_wrapped.then(|| (wrap, n_forced * 1000 / n_inside))
    }

    /// Whether the first word of `next` would not have fitted at the end of `line`.
    fn is_forced(&self, line: &str, next: &str) -> bool {
        let (line, next) = (line.trim_end(), next.trim_start().trim_start_matches(['>', ' ']));
        (self.measure)(line)
            + usize::from(needs_space(line, next))
            + (self.measure)(first_word(next))
            > self.width
    }

    /// Whether a paragraph goes on from `line` to `next`.
    fn goes_on(&self, line: &str, next: &str) -> bool {
        let (end, start) = (line.trim_end(), next.trim_start().trim_start_matches(['>', ' ']));
        // A small letter begins no paragraph, a capital or a number may.
        let filled = match start.chars().next() {
            Some(c) if c.is_lowercase() => HALF,
            Some(c) if c.is_uppercase() || c.is_ascii_digit() => usize::MAX,
            _ => FILLED,
        };
        let is_filled = || {
            (self.measure)(end) * 100 >= self.width.saturating_mul(filled)
                && !ends_like_sentence(end)
        };
        // No paragraph begins with a mark that closes something.
        self.is_forced(line, next) || start.starts_with(is_closing) || is_filled()
    }

    /// Whether the break between two lines stands within a word.
    fn parts_word(&self, line: &str, next: &str) -> bool {
        let is_word = |c: Option<char>| c.is_some_and(|c| c.is_ascii_alphanumeric());
        let is_digit = |c: Option<char>| c.is_some_and(|c| c.is_ascii_digit());
        let (mut before, mut behind) = (line.chars(), next.chars());
        let (end, start) = (before.next_back(), behind.next());
        // A number may have a point ("2.5"), on either side.
        let is_point = |c: Option<char>| matches!(c, Some('.' | ','));
        let is_number = is_point(end) && is_digit(before.next_back()) && is_digit(start)
            || is_digit(end) && is_point(start) && is_digit(behind.next());
        let is_cut = is_word(end) && is_word(start) || is_number;
        // Where cells are counted a line is full now and then behind a word.
        self.is_blunt && line.contains(stands_alone) && (self.measure)(line) == self.width && is_cut
    }

    /// Adds `text`, the line behind `line`, to a paragraph that ends with the latter.
    fn join(&self, paragraph: &mut String, line: &str, text: &str) {
        let is_word = self.parts_word(line, text);
        let text = text.trim();
        // A hyphen at a break may be the word's own ("great-/grandmother"); it is kept.
        let is_hyphen = paragraph.ends_with(['-', '‐'])
            && !paragraph.ends_with(" -")
            && text.starts_with(char::is_alphabetic);
        if !is_hyphen && !is_word && needs_space(paragraph, text) {
            paragraph.push(' ');
        }
        paragraph.push_str(text);
    }
}

/// What cannot be broken at the beginning of a line: a word, or a Chinese character with the marks
/// that stick to it.
fn first_word(line: &str) -> &str {
    let mut end = 0;
    for c in line.chars() {
        let has_core = line[..end].contains(|c| !is_opening(c));
        let ends = c.is_whitespace()
            || (has_core && stands_alone(c))
            || (has_core && line[..end].contains(stands_alone) && !is_closing(c));
        if ends {
            break;
        }
        end += c.len_utf8();
    }
    &line[..end]
}

/// Lines between two empty ones: broken text is put together, others are a paragraph each.
fn add_group(draft: &mut Draft, group: &[&str], wrap: Option<Wrap>) {
    let is_quote = group.iter().all(|line| line.trim_start().starts_with('>'));
    let indented = group.iter().filter(|line| line.starts_with(' ')).count();
    let marks_by_indent = indented > 0 && indented * 2 <= group.len();
    let mut paragraph = String::new();
    let mut kind = BlockKind::Paragraph;
    for (index, raw) in group.iter().enumerate() {
        let is_indented = raw.starts_with(' ');
        let (own_kind, text) = if is_quote {
            (BlockKind::Quote, raw.trim_start().trim_start_matches(['>', ' ']))
        } else {
            item(raw.trim())
        };
        let goes_on = index > 0
            && own_kind != BlockKind::Item
            && !(marks_by_indent && is_indented && kind != BlockKind::Item)
            && wrap.is_some_and(|wrap| wrap.goes_on(group[index - 1], raw));
        match wrap.filter(|_| goes_on) {
            Some(wrap) => wrap.join(&mut paragraph, group[index - 1], text),
            None => {
                draft.push(kind, &paragraph);
                text.trim().clone_into(&mut paragraph);
                kind = own_kind;
            }
        }
    }
    draft.push(kind, &paragraph);
}

/// A line of a list without its bullet; a number stays, since it may be read.
fn item(line: &str) -> (BlockKind, &str) {
    for bullet in ["- ", "* ", "+ ", "• ", "‣ ", "◦ ", "▪ ", "● ", "– "] {
        if let Some(rest) = line.strip_prefix(bullet) {
            return (BlockKind::Item, rest);
        }
    }
    let digits = line.bytes().take_while(u8::is_ascii_digit).count();
    let is_numbered = (1..=2).contains(&digits)
        && [". ", ") "].iter().any(|mark| line[digits..].starts_with(mark));
    (if is_numbered { BlockKind::Item } else { BlockKind::Paragraph }, line)
}

/// The first short line that is no furniture and does not end like a sentence.
fn mark_title(draft: &mut Draft) {
    let n_pieces = draft.pieces.len();
    let labels = super::speaker::labels(&draft.pieces);
    if labels.iter().take(3).any(Option::is_some) {
        return;
    }
    let candidate =
        draft.pieces.iter_mut().take(3).find(|piece| {
            piece.kind != BlockKind::Caption && line(&piece.text, Place::Edge).is_none()
        });
    let Some(first) = candidate.filter(|piece| {
        n_pieces > 1 && piece.kind == BlockKind::Paragraph && is_short(&piece.text, TITLE)
    }) else {
        return;
    };
    first.kind = BlockKind::Title;
    draft.title = Some(first.text.clone());
}

/// Whether a text could be a heading: short, no sentence with a full stop, no speech.
fn is_short(text: &str, cells: usize) -> bool {
    let is_question = text.ends_with(['?', '!', '？', '！']);
    let is_speech = text.starts_with(['「', '『', '“', '"', '«', '—', '-'])
        && text.ends_with(['」', '』', '”', '"', '»']);
    width(text) <= cells
        && (is_question || !ends_like_sentence(text))
        && !text.ends_with([',', ';', ':', '，', '；', '：', '、'])
        && !is_speech
}

/// Short lines that stand over a much longer paragraph, with a paragraph before.
fn mark_headings(pieces: &mut [Piece]) {
    let skips: Vec<Option<Skip>> =
        pieces.iter().map(|piece| line(&piece.text, Place::Edge)).collect();
    let mut under: Option<usize> = None;
    for index in (0..pieces.len()).rev() {
        let piece = &pieces[index];
        if skips[index].is_some() {
            continue;
        }
        let cells = width(&piece.text);
        let is_heading = index > 0
            && piece.kind == BlockKind::Paragraph
            && is_short(&piece.text, HEADING)
            && under.is_some_and(|under| under >= UNDER_HEADING && under >= 2 * cells);
        if is_heading {
            pieces[index].kind = BlockKind::Heading;
        }
        under = Some(cells);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The pieces of `text`, a line each, with a letter for their kind.
    fn shape(text: &str) -> Vec<String> {
        let letter = |kind| match kind {
            BlockKind::Title => 'T',
            BlockKind::Heading => 'H',
            BlockKind::Paragraph => 'P',
            BlockKind::Item => 'I',
            BlockKind::Quote => 'Q',
            BlockKind::Caption => 'C',
        };
        parse(text)
            .pieces
            .iter()
            .map(|piece| format!("{} {}", letter(piece.kind), piece.text))
            .collect()
    }

    #[test]
    fn broken_lines_are_put_together() {
        let mail = "Dear reader,\n\nOn the twentieth of January the river came over the road\nin Mill County, and the lights went out in the court-\nhouse, where 1,400 people were sleeping on the floor of\nthe hall.\nNobody outside could reach them.\n\n> What kept working was a small computer in a closet of\n> the building.\n\n- one thing that is so long that it has to go on in the\n  next line\n- another\n\nBest\nRuth";
        let want = [
            "P Dear reader,",
            "P On the twentieth of January the river came over the road in Mill County, and the lights went out in the court-house, where 1,400 people were sleeping on the floor of the hall.",
            "P Nobody outside could reach them.",
            "Q What kept working was a small computer in a closet of the building.",
            "I one thing that is so long that it has to go on in the next line",
            "I another",
            "P Best",
            "P Ruth",
        ];
        assert_eq!(shape(mail), want);
        let chinese = "　　我奶奶今年82歲，一個人住在海邊的小鎮。2024\n年9月，她那臺老收音機終於壞了。我捨不得丟，就\n在木殼裡裝了一臺小電腦。\n　　第一天晚上，奶奶問它：「明天會下雨嗎？」它老\n實地說：「我沒有連上網路，不知道。」";
        assert_eq!(
            shape(chinese),
            [
                "P 我奶奶今年82歲，一個人住在海邊的小鎮。2024年9月，她那臺老收音機終於壞了。我捨不得丟，就在木殼裡裝了一臺小電腦。",
                "P 第一天晚上，奶奶問它：「明天會下雨嗎？」它老實地說：「我沒有連上網路，不知道。」",
            ]
        );
    }

    #[test]
    fn characters_may_be_counted_instead_of_cells() {
        let text = "我奶奶今年82歲，一個人住在海邊的小鎮。2024年9月，她那臺老收音機終於壞了。我捨不得丟，就在木殼裡裝了一臺小電腦，再放進一個開放的語言模型，是DeepSeek公開的那一種，版本2.5。";
        let second =
            "第一天晚上，奶奶問它：「明天會下雨嗎？」它老實地說：「我沒有連上網路，不知道。」";
        for n in 14..=40 {
            let broken = |text: &str| -> String {
                let characters: Vec<char> = text.chars().collect();
                characters
                    .chunks(n)
                    .map(|line| line.iter().collect::<String>())
                    .collect::<Vec<_>>()
                    .join("\n")
            };
            let want = [format!("P {text}"), format!("P {second}")];
            assert_eq!(
                shape(&format!("{}\n\n{}", broken(text), broken(second))),
                want,
                "{n} to a line"
            );
            let indented = broken(&format!("　　{text}\n")) + &broken(&format!("　　{second}"));
            assert_eq!(shape(&indented), want, "{n} to a line, indented");
        }
    }

    #[test]
    fn lines_that_are_meant_stay() {
        let body = "It rained for three days, and nobody in the whole county knew what to do about\nit. On the second evening the telephones failed in the whole valley, one after\nanother, and what kept working was a small computer in a closet of the hall.\nSomebody had put a model of a language on it, for his children.";
        for (name, front, want) in [
            (
                "a title above its author",
                "How a small computer in a closet helped a whole town in the flood\nBy Jo Lee",
                2,
            ),
            (
                "an agenda",
                "Welcome by the mayor and the fire brigade of the county\nThe water, and what it left\nQuestions from the audience, as long as there is light\nCoffee",
                4,
            ),
        ] {
            let pieces = shape(&format!("{front}\n\n{body}"));
            assert_eq!(pieces.len(), want + 1, "{name}: {pieces:#?}");
        }
        let capitals = body.to_uppercase();
        assert_eq!(shape(&format!("{capitals}\n\n{capitals}")).len(), 2);
        // By marks of their own, which a page has for each line.
        for (name, lines, want) in [
            (
                "a quatrain",
                &[
                    "Loveliest of trees, the cherry now",
                    "Is hung with bloom along the bough,",
                    "And stands about the woodland ride",
                    "Wearing white for Eastertide.",
                ][..],
                4,
            ),
            (
                "an address",
                &["Institut für Physik", "Hauptstraße 12, 69117 Heidelberg", "Telefon 06221"][..],
                3,
            ),
            (
                "a text that somebody broke",
                &[
                    "我奶奶今年82歲，一個人住在海邊的小鎮",
                    "。她那臺老收音機終於壞了，我捨不得丟，",
                    "就修好了。",
                ][..],
                1,
            ),
        ] {
            assert_eq!(rejoined(lines).len(), want, "{name}: {:?}", rejoined(lines));
        }
    }

    #[test]
    fn verse_keeps_its_lines() {
        for verse in [
            "From fairest creatures we desire increase,\nThat thereby beauty’s rose might never die,\nBut as the riper should by time decease,\nHis tender heir might bear his memory:\nBut thou contracted to thine own bright eyes,\nFeed’st thy light’s flame with self-substantial fuel,\nMaking a famine where abundance lies.",
            "朝辭白帝彩雲間，千里江陵一日還。\n兩岸猿聲啼不住，輕舟已過萬重山。\n故人西辭黃鶴樓，煙花三月下揚州。\n孤帆遠影碧空盡，唯見長江天際流。\n月落烏啼霜滿天，江楓漁火對愁眠。\n姑蘇城外寒山寺，夜半鐘聲到客船。",
        ] {
            assert_eq!(shape(verse).len(), verse.lines().count(), "{verse}");
        }
    }

    #[test]
    fn every_line_a_paragraph() {
        let text = "會聊天的舊收音機\n文／沈若川\n我奶奶今年82歲，一個人住在海邊的小鎮。她那臺老收音機終於壞了，我捨不得丟，就在木殼裡裝了一臺小電腦。\n好處\n其實，也有省錢的辦法。鎮上的圖書館改用開放的模型，費用就少了，館員告訴我，這個模型很便宜。\n當然。";
        assert_eq!(
            shape(text)
                .iter()
                .map(|line| line.chars().take(5).collect::<String>())
                .collect::<Vec<_>>(),
            ["T 會聊天", "P 文／沈", "P 我奶奶", "H 好處", "P 其實，", "P 當然。"]
        );
    }

    #[test]
    fn titles_and_headings() {
        let body =
            "It rained for three days, and nobody in the whole county knew what to do about it.";
        assert_eq!(
            shape(&format!(
                "A Title\nBy Jo Lee\n\n{body}\n\nWhat now?\n\n{body}\n\n“Go!”\n\n{body}"
            )),
            [
                "T A Title".to_owned(),
                "P By Jo Lee".to_owned(),
                format!("P {body}"),
                "H What now?".to_owned(),
                format!("P {body}"),
                "P “Go!”".to_owned(),
                format!("P {body}"),
            ]
        );
        assert_eq!(shape("Only one line"), ["P Only one line"]);
        assert_eq!(shape(&format!("{body}\n\n{body}"))[0], format!("P {body}"));
        assert_eq!(
            shape("Roses are red\nViolets are blue\n\nSugar is sweet\nAnd so are you"),
            ["T Roses are red", "P Violets are blue", "P Sugar is sweet", "P And so are you"]
        );
        assert!(shape(" \n\n\t").is_empty());
    }
}
