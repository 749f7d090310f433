//! Who speaks in a script, an interview or a transcript, and what is only told to the players?
//!
//! A label ("ANNA:", 主持人：, a name on a line of its own) is known by its form and by coming
//! again: a word before a colon in running text is none. It names a speaker and is not read, and
//! neither is a direction ("(laughs)", `[Chorus]`). Hints like all others in this room: the sound
//! decides.

use super::furniture::labelled;
use super::piece::Piece;
use super::{BlockKind, Skip};
use crate::transcript::characters::{is_han, is_kana, is_spoken};
use std::collections::HashMap;

/// A name has so many words, or characters of Chinese and Japanese, at most.
const NAME_WORDS: usize = 4;
const NAME_CHARACTERS: usize = 8;
/// A direction has so many characters at most.
const DIRECTION: usize = 120;

/// Roles that are a label wherever they stand before a colon, in small letters.
const ROLES: [&str; 44] = [
    "q",
    "a",
    "host",
    "guest",
    "interviewer",
    "interviewee",
    "narrator",
    "moderator",
    "speaker",
    "announcer",
    "presenter",
    "audience",
    "all",
    "chorus",
    "moderatorin",
    "erzähler",
    "sprecher",
    "sprecherin",
    "narrateur",
    "journaliste",
    "présentateur",
    "entrevistador",
    "narrador",
    "主持人",
    "主播",
    "嘉賓",
    "嘉宾",
    "來賓",
    "来宾",
    "旁白",
    "記者",
    "记者",
    "受訪者",
    "受访者",
    "訪問者",
    "問",
    "问",
    "答",
    "司会",
    "聞き手",
    "ナレーター",
    "ナレーション",
    "진행자",
    "해설",
];

/// What directions say, in small letters: the first word, or the whole of it in Chinese and
/// Japanese.
const DIRECTIONS: [&str; 62] = [
    "laughs",
    "laughing",
    "laughter",
    "laugh",
    "chuckles",
    "sighs",
    "sighing",
    "sigh",
    "pause",
    "pauses",
    "beat",
    "silence",
    "applause",
    "music",
    "cheering",
    "cheers",
    "crying",
    "cries",
    "sobs",
    "coughs",
    "clears",
    "whispering",
    "whispers",
    "shouting",
    "singing",
    "sings",
    "smiling",
    "smiles",
    "nods",
    "crosstalk",
    "inaudible",
    "unintelligible",
    "exit",
    "exits",
    "exeunt",
    "enter",
    "enters",
    "aside",
    "chorus",
    "verse",
    "bridge",
    "intro",
    "outro",
    "refrain",
    "instrumental",
    "repeat",
    "v.o",
    "o.s",
    "cont",
    "lacht",
    "pausa",
    "rires",
    "risas",
    "笑",
    "大笑",
    "笑聲",
    "笑声",
    "掌聲",
    "掌声",
    "鼓掌",
    "音樂",
    "拍手",
];

/// A label in front of a piece.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Label {
    /// Who speaks.
    pub(super) name: String,
    /// How many bytes of the piece it takes, its mark and a direction behind it included.
    pub(super) len: usize,
}

/// For each of `lines`, cues of a film or the like, the speaker that it names first and how many
/// bytes the label takes.
pub fn of_lines<'a>(lines: impl IntoIterator<Item = &'a str>) -> Vec<Option<(String, usize)>> {
    let piece = |text: &str| Piece::new(BlockKind::Quote, text.to_owned());
    let pieces: Vec<Piece> = lines.into_iter().map(piece).collect();
    labels(&pieces).into_iter().map(|label| label.map(|label| (label.name, label.len))).collect()
}

/// A label that could be one.
struct Candidate {
    label: Label,
    /// Whether its form alone is enough.
    is_sure: bool,
}

/// The label of each piece that has one.
pub(super) fn labels(pieces: &[Piece]) -> Vec<Option<Label>> {
    let found: Vec<Option<Candidate>> = pieces.iter().map(candidate).collect();
    let mut counts: HashMap<String, usize> = HashMap::new();
    for candidate in found.iter().flatten() {
        *counts.entry(key(&candidate.label.name)).or_default() += 1;
    }
    let n_labelled = found.iter().flatten().count();
    // Somebody comes to word again, or everybody's form is beyond doubt.
    let is_script = n_labelled >= 2
        && (counts.values().any(|n| *n >= 2)
            || found.iter().flatten().filter(|c| c.is_sure).count() >= 2);
    let kept = |candidate: Candidate| {
        let is_again = counts.get(&key(&candidate.label.name)).is_some_and(|n| *n >= 2);
        let is_alone = candidate.label.name.len() + 2 >= candidate.label.len;
        (is_script
            && (is_again || candidate.is_sure || (n_labelled * 2 >= pieces.len() && !is_alone)))
            .then_some(candidate.label)
    };
    found.into_iter().map(|candidate| candidate.and_then(kept)).collect()
}

/// A speaker's names by which he is counted.
fn key(name: &str) -> String {
    name.to_lowercase()
}

fn candidate(piece: &Piece) -> Option<Candidate> {
    if piece.skip.is_some() && piece.skip != Some(Skip::Speaker) {
        return None;
    }
    let text = piece.text.as_str();
    if piece.skip == Some(Skip::Speaker) {
        // The source says so: a term of a list of definitions.
        let name = bare(text);
        return is_name(name).then(|| Candidate {
            label: Label { name: name.to_owned(), len: text.len() },
            is_sure: false,
        });
    }
    let begin = after_stamp(text);
    let rest = &text[begin..];
    let marked = rest
        .char_indices()
        .take(60)
        .find(|(at, c)| matches!(c, ':' | '：') || (*c == '.' && is_capitals(&rest[..*at])));
    let Some((at, mark)) = marked else { return alone(piece) };
    let (name, direction) = without_direction(&rest[..at]);
    let name = bare(name);
    let mut len = begin + at + mark.len_utf8();
    let is_followed = text[len..].contains(is_spoken);
    let has_space = mark == '：'
        || text[len..].starts_with(char::is_whitespace)
        || text[len..].starts_with(|c: char| is_han(c) || is_kana(c));
    if !is_name(name)
        || !is_followed
        || !has_space
        || labelled(rest).is_some_and(|skip| !is_role(name) || skip != Skip::Byline)
    {
        return None;
    }
    // "Where: at home" and the like are no names; a role is one, and so are capitals.
    let is_sure =
        is_role(name) || (is_capitals(name) && name.chars().count() > 1) || direction || begin > 0;
    if mark == '.' && !(is_sure && text[len..].starts_with(' ')) {
        return None;
    }
    len += text[len..].len() - text[len..].trim_start().len();
    len += leading_direction(&text[len..])
        .filter(|n| text[len + n..].contains(is_spoken))
        .unwrap_or(0);
    Some(Candidate { label: Label { name: name.to_owned(), len }, is_sure })
}

/// A name in capitals that is all of a line, as screenplays have it.
fn alone(piece: &Piece) -> Option<Candidate> {
    let (name, _) = without_direction(&piece.text);
    let name = bare(name);
    let is_line = matches!(piece.kind, BlockKind::Paragraph | BlockKind::Heading | BlockKind::Item);
    let is_one = is_line
        && is_capitals(name)
        && name.chars().filter(|c| c.is_alphabetic()).count() >= 3
        && is_name(name);
    (is_one && !piece.text.ends_with(['.', '!', '?'])).then(|| Candidate {
        label: Label { name: name.to_owned(), len: piece.text.len() },
        is_sure: false,
    })
}

/// Where a line goes on behind the time that transcripts put in front ("[00:01:02] ", "1:02 ").
fn after_stamp(text: &str) -> usize {
    let inner = text.trim_start_matches(['>', '[', '(', ' ', '-', '–', '—']);
    let begin = text.len() - inner.len();
    let n = inner.bytes().take_while(|b| b.is_ascii_digit() || matches!(b, b':' | b'.')).count();
    if n < 4 || !inner[..n].contains(':') {
        return if text.starts_with(">>") { begin } else { 0 };
    }
    begin + n + (inner[n..].len() - inner[n..].trim_start_matches([']', ')', ' ', '-', '–']).len())
}

/// A name without the bracket behind it ("ANNA (laughing)"), and whether there was one.
fn without_direction(name: &str) -> (&str, bool) {
    let trimmed = name.trim_end();
    match trimmed.rfind(['(', '（', '[']) {
        Some(at) if at > 0 && trimmed.ends_with([')', '）', ']']) => (&trimmed[..at], true),
        _ => (name, false),
    }
}

fn bare(name: &str) -> &str {
    name.trim_matches(|c: char| {
        c.is_whitespace()
            || matches!(c, '*' | '_' | ':' | '：' | '【' | '】' | '[' | ']' | '-' | '–')
    })
}

fn is_role(name: &str) -> bool {
    let lower = name.to_lowercase();
    ROLES.contains(&lower.trim_end_matches(|c: char| c.is_ascii_digit() || c == ' '))
}

fn is_capitals(name: &str) -> bool {
    name.contains(char::is_uppercase) && !name.contains(char::is_lowercase)
}

/// Whether a text could be a name: a few capitalised words, or a few characters without a mark
/// among them.
fn is_name(name: &str) -> bool {
    let is_part = |c: char| c.is_alphanumeric() || c.is_whitespace() || "'’.-·．・&#/".contains(c);
    if name.is_empty() || !name.chars().all(is_part) || !name.contains(char::is_alphabetic) {
        return false;
    }
    if name.contains(|c: char| is_han(c) || is_kana(c)) {
        return name.chars().count() <= NAME_CHARACTERS;
    }
    const LINKS: [&str; 10] = ["van", "von", "de", "der", "da", "di", "of", "and", "the", "la"];
    let begins = |part: &str| {
        part.chars().find(|c| c.is_alphanumeric()).is_none_or(|c| !c.is_lowercase())
            || LINKS.contains(&part)
    };
    name.split_whitespace().count() <= NAME_WORDS
        && (name.split_whitespace().all(begins) || is_role(name))
}

/// Whether `text` is nothing but a direction: in square brackets whatever they hold, in round ones
/// or between stars what directions say, and perhaps how often it is sung (`[Chorus] (x2)`).
pub fn is_direction(text: &str) -> bool {
    let mut rest = text.trim();
    let mut n = 0;
    while let Some(len) = leading_direction(rest) {
        rest = rest[len..].trim_start();
        n += 1;
    }
    (n > 0 && !rest.trim_end_matches(['.', ':', '：', '。']).contains(is_spoken)) || is_notes(text)
}

/// Notes of music, with nothing sung between.
fn is_notes(text: &str) -> bool {
    text.contains(['♪', '♫', '♬', '🎵', '🎶']) && !text.contains(is_spoken)
}

/// The length of the direction that `text` begins with, the space behind it included.
pub(super) fn leading_direction(text: &str) -> Option<usize> {
    const PAIRS: [(char, char); 7] =
        [('(', ')'), ('（', '）'), ('[', ']'), ('［', '］'), ('【', '】'), ('*', '*'), ('♪', '♪')];
    let open = text.chars().next()?;
    let (_, close) = PAIRS.iter().find(|(first, _)| *first == open)?;
    let inside = &text[open.len_utf8()..];
    let end = inside.find(*close).filter(|end| inside[..*end].chars().count() <= DIRECTION)?;
    let inner = inside[..end].trim();
    let is_square = matches!(open, '[' | '［' | '【');
    // A number in brackets is a reference, and a name in them may be read.
    let is_one =
        if is_square { inner.contains(char::is_alphabetic) } else { says_direction(inner) };
    let len = open.len_utf8() + end + close.len_utf8();
    is_one.then(|| len + (text[len..].len() - text[len..].trim_start().len()))
}

fn says_direction(inner: &str) -> bool {
    let lower = inner.to_lowercase();
    let first = lower
        .split(|c: char| c.is_whitespace() || matches!(c, ',' | '，' | ';' | ':'))
        .next()
        .unwrap_or_default();
    let times = first.trim_matches(['x', '×']);
    let is_repeat =
        first.len() > times.len() && !times.is_empty() && times.bytes().all(|b| b.is_ascii_digit());
    DIRECTIONS.contains(&first.trim_end_matches(['.', '…'])) || is_repeat
}

#[cfg(test)]
mod tests {
    use crate::article::{Skip, from_text};

    /// Each sentence behind the speaker it is of, `!` before labels and `*` before directions.
    fn check(text: &str, want: &[&str]) {
        let article = from_text(text);
        let shown = |index: usize| {
            let sign = match article.sentences[index].skip {
                Some(Skip::Speaker) => "!",
                Some(Skip::Direction) => "*",
                Some(_) => "?",
                None => "",
            };
            format!("{}|{sign}{}", article.speaker(index).unwrap_or("-"), article.sentence(index))
        };
        assert_eq!((0..article.sentences.len()).map(shown).collect::<Vec<_>>(), want, "{text}");
    }

    #[test]
    fn labels() {
        check(
            "ANNA: Where is he? Tell me.\nBEN: At home.",
            &["ANNA|!ANNA:", "ANNA|Where is he?", "ANNA|Tell me.", "BEN|!BEN:", "BEN|At home."],
        );
        check(
            "主持人：歡迎收聽。\n林美華：謝謝。我很高興。\n主持人：請說。",
            &[
                "主持人|!主持人：",
                "主持人|歡迎收聽。",
                "林美華|!林美華：",
                "林美華|謝謝。",
                "林美華|我很高興。",
                "主持人|!主持人：",
                "主持人|請說。",
            ],
        );
        check(
            "Anna (laughing): It is here.\n\n(applause)\n\nBen: [sighs] No.\n\nIt is not.\n\nAnna: Yes.",
            &[
                "Anna|!Anna (laughing):",
                "Anna|It is here.",
                "Anna|*(applause)",
                "Ben|!Ben: [sighs]",
                "Ben|No.",
                "Ben|It is not.",
                "Anna|!Anna:",
                "Anna|Yes.",
            ],
        );
        check(
            "[00:00:01] Ann Lee: Hello.\n[00:00:04] Bo: Hi.",
            &["Ann Lee|![00:00:01] Ann Lee:", "Ann Lee|Hello.", "Bo|![00:00:04] Bo:", "Bo|Hi."],
        );
        check(
            "Q: Where were you?\nA: At home.",
            &["Q|!Q:", "Q|Where were you?", "A|!A:", "A|At home."],
        );
        check(
            "HAMLET. To be.\nHORATIO. My lord?",
            &["HAMLET|!HAMLET.", "HAMLET|To be.", "HORATIO|!HORATIO.", "HORATIO|My lord?"],
        );
        check(
            "ANNA\nWhere is he?\nBEN\nAt home.\nANNA\nGo.\nBEN\nYes, now.",
            &[
                "ANNA|!ANNA",
                "ANNA|Where is he?",
                "BEN|!BEN",
                "BEN|At home.",
                "ANNA|!ANNA",
                "ANNA|Go.",
                "BEN|!BEN",
                "BEN|Yes, now.",
            ],
        );
    }

    #[test]
    fn directions() {
        check(
            "[Chorus] (x2)\nWe go on.\n[Verse 1: Anna]\nI said so. (laughs)",
            &["-|*[Chorus] (x2)", "-|We go on.", "-|*[Verse 1: Anna]", "-|I said so. (laughs)"],
        );
        check("（笑）\n他走了。\n♪ ♪", &["-|*（笑）", "-|他走了。", "-|*♪ ♪"]);
    }

    #[test]
    fn running_text_has_no_labels() {
        check(
            "The first point: it is ours.\nMonday: it rained all day.",
            &["-|The first point: it is ours.", "-|Monday: it rained all day."],
        );
        check(
            "(It was dark.)\nHe said: go.\nThen, at 9:21, he went.",
            &["-|(It was dark.)", "-|He said: go.", "-|Then, at 9:21, he went."],
        );
        check(
            "重點是：它是我們的。\n他問：「為什麼？」",
            &["-|重點是：它是我們的。", "-|他問：「為什麼？」"],
        );
    }
}
