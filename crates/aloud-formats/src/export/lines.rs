//! Where does each line of a cue end?
//!
//! One line where the text fits; else as few as it takes, even, and ending where the text allows it
//! best. This room never knows times.

use super::breaks::Break;
use super::passage::Piece;
use super::profile::Profile;
use super::size::Size;
use std::ops::Range;

/// How bad it is to break a rule; everything else is a matter of taste below it.
pub const FAULT: u64 = 1_000_000;

/// How bad it is to part a word or a name: a cue may as well be too fast and too short at once.
pub const HELD: u64 = 3 * FAULT;

/// The most lines of a cue that are tried.
const MOST_LINES: usize = 3;

/// A division into lines.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Wrap {
    /// How bad it is: the less the better.
    pub badness: u64,
    /// The pieces with which the second and later lines begin.
    pub begins: Vec<usize>,
}

impl Wrap {
    /// The pieces of each line, where there are `n` pieces.
    pub fn ranges(&self, n: usize) -> Vec<Range<usize>> {
        let ends = self.begins.iter().copied().chain([n]);
        std::iter::once(0).chain(self.begins.iter().copied()).zip(ends).map(|(a, b)| a..b).collect()
    }
}

/// The size of `pieces` on one line.
pub fn size(pieces: &[Piece]) -> Size {
    let all: Size = pieces.iter().map(Piece::spaced).sum();
    if pieces.last().is_some_and(|piece| piece.is_spaced) { all - Size::SPACE } else { all }
}

/// The best division of `pieces`; `None` where the profile's lines do not hold them. Each speaker
/// has a line.
pub fn wrap(pieces: &[Piece], profile: &Profile) -> Option<Wrap> {
    let turns: Vec<usize> = (1..pieces.len()).filter(|&index| pieces[index].is_turn).collect();
    if !turns.is_empty() {
        return by_turns(pieces, turns, profile);
    }
    let whole = size(pieces);
    if whole.line_share(profile) <= 1000 {
        return Some(Wrap::default());
    }
    (2..=profile.lines.min(MOST_LINES))
        .find_map(|n| divide(pieces, whole, n, whole.line_share(profile) / n as u32, profile))
}

/// The best division of `pieces` where the profile's lines do not hold them: into as many lines, as
/// little too long as can be.
pub fn wrap_over(pieces: &[Piece], profile: &Profile) -> Wrap {
    let scaled = |limit: u32, percent: u32| {
        (u64::from(limit.max(1)) * u64::from(percent) / 100).min(u64::from(u32::MAX)) as u32
    };
    let whole = size(pieces).line_share(profile) / 10 + 100;
    let mut percent = 100;
    while percent < whole {
        let (latin_line, wide_line) =
            (scaled(profile.latin_line, percent), scaled(profile.wide_line, percent));
        if let Some(wrap) = wrap(pieces, &Profile { latin_line, wide_line, ..profile.clone() }) {
            return wrap;
        }
        // Ever longer steps, since a line may be as long as a book.
        percent = percent.saturating_add((percent / 20).max(1));
    }
    Wrap::default()
}

/// What stands before the words of a speaker who shares a cue with another one.
pub const DASH: &str = "-";

/// A line for each speaker, whose turns begin at these pieces; `None` where one needs more.
fn by_turns(pieces: &[Piece], turns: Vec<usize>, profile: &Profile) -> Option<Wrap> {
    let n_turns = turns.len();
    let wrap = Wrap { badness: 0, begins: turns };
    let fits =
        |line: Range<usize>| (size(&pieces[line]) + Size::of(DASH)).line_share(profile) <= 1000;
    (n_turns < profile.lines && wrap.ranges(pieces.len()).into_iter().all(fits)).then_some(wrap)
}

/// The best division into `n` lines, each of about `even` thousandths. Lines are counted in the
/// script of `whole`.
fn divide(pieces: &[Piece], whole: Size, n: usize, even: u32, profile: &Profile) -> Option<Wrap> {
    if n == 1 {
        let share = whole.line_share(profile);
        return (share <= 1000)
            .then(|| Wrap { badness: unevenness(share, even), begins: Vec::new() });
    }
    let mut best: Option<Wrap> = None;
    let mut first = Size::default();
    for (index, piece) in pieces.iter().enumerate().take(pieces.len().saturating_sub(1)) {
        let line = (first + piece.size).counted_as(whole);
        if line.line_share(profile) > 1000 {
            break;
        }
        first = first + piece.spaced();
        let own = unevenness(line.line_share(profile), even) + end_badness(piece.end);
        if best.as_ref().is_some_and(|best| best.badness <= own) {
            continue;
        }
        let Some(rest) =
            divide(&pieces[index + 1..], (whole - first).counted_as(whole), n - 1, even, profile)
        else {
            continue;
        };
        let badness = own + rest.badness;
        if best.as_ref().is_none_or(|best| badness < best.badness) {
            let begins = std::iter::once(index + 1)
                .chain(rest.begins.iter().map(|begin| begin + index + 1))
                .collect();
            best = Some(Wrap { badness, begins });
        }
    }
    best
}

/// By the square, so that one long line and one short one are worse than two that differ a little.
fn unevenness(share: u32, even: u32) -> u64 {
    let off = u64::from(share.abs_diff(even)) / 10;
    off * off / 40
}

fn end_badness(end: Break) -> u64 {
    match end {
        Break::Block | Break::Sentence | Break::Clause => 0,
        Break::Pause => 5,
        Break::Phrase => 12,
        Break::Modifier => 26,
        Break::Space => 30,
        Break::Character => 45,
        Break::Clinging => 90,
        Break::Held(_) => HELD,
    }
}

#[cfg(test)]
mod tests {
    use super::super::passage;
    use super::super::tongue::Tongue;
    use super::*;

    fn pieces(text: &str) -> Vec<Piece> {
        passage::pieces(text, Tongue::default())
    }

    /// The lines of `pieces`, parted by slashes.
    fn shown(pieces: &[Piece], wrap: &Wrap) -> String {
        let lines = wrap.ranges(pieces.len()).into_iter().map(|line| passage::line(&pieces[line]));
        lines.collect::<Vec<_>>().join("/")
    }

    fn check(text: &str, n: usize, want: Option<&str>) {
        let pieces = pieces(text);
        let profile = Profile { lines: n, ..Profile::NETFLIX };
        let got = wrap(&pieces, &profile).map(|wrap| shown(&pieces, &wrap));
        assert_eq!(got.as_deref(), want, "{text}");
    }

    #[test]
    fn what_does_not_fit_is_as_little_too_long_as_can_be() {
        for (text, n, want) in [
            (
                &*"word ".repeat(20),
                2,
                "word word word word word word word word word word/word word word word word word word word word word",
            ),
            (
                "Nothing here is short enough, and yet it has to stand on these two lines, come what may.",
                2,
                "Nothing here is short enough, and yet it has/to stand on these two lines, come what may.",
            ),
            (&*"x".repeat(90), 2, &*"x".repeat(90)),
            ("", 2, ""),
        ] {
            let pieces = pieces(text);
            let wrap = wrap_over(&pieces, &Profile { lines: n, ..Profile::NETFLIX });
            assert_eq!(shown(&pieces, &wrap), want);
        }
    }

    #[test]
    fn lines_end_where_the_text_allows_it() {
        check("One short line.", 2, Some("One short line."));
        check(
            "It drew its power from a truck, and it needed no permission.",
            2,
            Some("It drew its power from a truck,/and it needed no permission."),
        );
        check(
            "Nothing in this one tells where it would be good to end",
            2,
            Some("Nothing in this one tells/where it would be good to end"),
        );
        check(
            "I asked the clerk of the county, who was Helen Marsh of Mill",
            2,
            Some("I asked the clerk of the county,/who was Helen Marsh of Mill"),
        );
        check(
            "裡面裝的是一個開放模型，也就是一種能讀能寫的程式。",
            2,
            Some("裡面裝的是一個開放模型，/也就是一種能讀能寫的程式。"),
        );
        check(
            "這句話沒有標點所以只能在詞與詞之間斷開來",
            2,
            Some("這句話沒有標點所以只能/在詞與詞之間斷開來"),
        );
        for (text, want) in [
            ("要是這一帶的門票全都放在他家那個抽屜裡", "要是這一帶的門票全都/放在他家那個抽屜裡"),
            ("他們在山下那間老房子裡幫小孩補習功課", "他們在山下那間老房子裡/幫小孩補習功課"),
            (
                "放不下的箱子，總要比放得下的收在更乾的地方，",
                "放不下的箱子，/總要比放得下的收在更乾的地方，",
            ),
            (
                "五月五日，老師的隊伍要求七個大型廠商幫忙修好那座橋。",
                "五月五日，老師的隊伍要求/七個大型廠商幫忙修好那座橋。",
            ),
            ("這一批書要交給那些領工資專門修書的人。", "這一批書要交給那些/領工資專門修書的人。"),
        ] {
            check(text, 2, Some(want));
        }
        check(&"word ".repeat(20), 2, None);
        check(
            &"word ".repeat(20),
            3,
            Some(
                "word word word word word word/word word word word word word word/word word word word word word word",
            ),
        );
        check(&"x".repeat(50), 2, None);
    }
}
