//! How alike do two words sound?
//!
//! English by a rough spelling-to-sound rule set and a weighted edit distance over its phones,
//! Chinese by toneless pinyin. Rough is enough: recognisers that misspell by ear ("cammles") still
//! write consonants of the right kind in the right order.

use super::pinyin;

/// How one token sounds.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Sound {
    /// A word in letters, as phones.
    Phones { phones: Box<[u8]>, weight: f32, classes: u16 },
    /// A Han character, as the initial and the final of its pinyin.
    Syllable { initial: &'static str, rest: &'static str },
    /// Something that is compared by its writing alone.
    Unknown,
}

/// What two different writings of the same phones are worth: they may be different words.
const SAME_PHONES: f32 = 0.95;
/// Two characters of the same toneless syllable.
pub(super) const SAME_SYLLABLE: f32 = 0.9;
/// Two syllables that speakers of many regions do not keep apart (zh and z, in and ing).
const NEAR_SYLLABLE: f32 = 0.75;
/// Two syllables that share their initial or their final only.
const HALF_SYLLABLE: f32 = 0.35;
/// Longer words than this are compared by their beginning; no word of a language is so long.
const MAX_PHONES: usize = 24;

impl Sound {
    /// The sound of a folded token.
    pub fn of(text: &str) -> Self {
        let mut chars = text.chars();
        if let (Some(c), None) = (chars.next(), chars.next())
            && let Some(spelled) = pinyin::plain(c)
        {
            return syllable(spelled);
        }
        if !text.chars().any(char::is_alphabetic)
            || text.chars().any(crate::transcript::characters::stands_alone)
        {
            return Sound::Unknown;
        }
        let phones: Box<[u8]> = phones(text).into_iter().take(MAX_PHONES).collect();
        let weight = phones.iter().map(|p| weight(*p)).sum();
        let classes = phones.iter().fold(0, |classes, phone| classes | class(*phone));
        Sound::Phones { phones, weight, classes }
    }

    /// How alike two sounds are, 0 to 1, for tokens that are not the same.
    pub fn similarity(&self, other: &Self) -> f32 {
        self.similarity_above(other, 0.0)
    }

    /// As [`similarity`](Self::similarity), and quicker; 0 where it is not above `least`.
    pub fn similarity_above(&self, other: &Self, least: f32) -> f32 {
        match (self, other) {
            (
                Sound::Phones { phones: a, weight: wa, classes: ca },
                Sound::Phones { phones: b, weight: wb, classes: cb },
            ) => {
                // Each class of consonants that only one has costs at least half a phone.
                let mean = (wa + wb) / 2.0;
                let cost = (0.5 * (ca ^ cb).count_ones() as f32).max((wa - wb).abs());
                let similarity = |cost: f32| SAME_PHONES * (1.0 - cost / mean);
                let is_above = cost < mean && similarity(cost) > least;
                if is_above { similarity(distance(a, b)).max(0.0) } else { 0.0 }
            }
            (Sound::Syllable { initial: i, rest: r }, Sound::Syllable { initial: j, rest: s }) => {
                match (near_initial(i, j), near_final(r, s)) {
                    (Near::Same, Near::Same) => SAME_SYLLABLE,
                    (Near::Same | Near::Alike, Near::Same | Near::Alike) => NEAR_SYLLABLE,
                    (Near::Same, _) | (_, Near::Same) => HALF_SYLLABLE,
                    _ => 0.0,
                }
            }
            _ => 0.0,
        }
    }

    /// A key that tokens of the same sound share; `None` where only the writing counts.
    pub fn key(&self) -> Option<String> {
        match self {
            Sound::Phones { phones, .. } if phones.len() > 1 => {
                Some(format!("/{}", String::from_utf8_lossy(phones)))
            }
            Sound::Syllable { initial, rest } => Some(format!("/{initial}{rest}")),
            _ => None,
        }
    }
}

pub(super) fn syllable(plain: &'static str) -> Sound {
    let n_initial = match plain.as_bytes() {
        [b'z' | b'c' | b's', b'h', ..] => 2,
        [b'a' | b'e' | b'o', ..] | [] => 0,
        _ => 1,
    };
    Sound::Syllable { initial: &plain[..n_initial], rest: &plain[n_initial..] }
}

#[derive(Clone, Copy, PartialEq)]
enum Near {
    Same,
    Alike,
    Other,
}

fn near_initial(a: &str, b: &str) -> Near {
    const ALIKE: [(&str, &str); 10] = [
        ("z", "zh"),
        ("c", "ch"),
        ("s", "sh"),
        ("l", "n"),
        ("f", "h"),
        ("j", "q"),
        ("j", "zh"),
        ("b", "p"),
        ("d", "t"),
        ("g", "k"),
    ];
    near(a, b, |a, b| ALIKE.contains(&(a, b)) || (a, b) == ("l", "r"))
}

fn near_final(a: &str, b: &str) -> Near {
    near(a, b, |a, b| {
        b.strip_suffix('g') == Some(a)
            || matches!(
                (a, b),
                ("e", "uo") | ("o", "uo") | ("an", "uan") | ("e", "en") | ("eng", "ong")
            )
    })
}

fn near(a: &str, b: &str, alike: impl Fn(&str, &str) -> bool) -> Near {
    match a {
        _ if a == b => Near::Same,
        _ if alike(a, b) || alike(b, a) => Near::Alike,
        _ => Near::Other,
    }
}

/// The phones of a word in letters: a small letter a vowel or the consonant it usually is; `T` th,
/// `S` sh, `C` ch, `j` as in jam, `N` ng. Marks are skipped; letters of other alphabets stand for
/// themselves, hashed to a byte.
fn phones(word: &str) -> Vec<u8> {
    let letters: Vec<u8> = word.chars().filter(|c| c.is_alphanumeric()).map(byte).collect();
    let mut phones: Vec<u8> = Vec::with_capacity(letters.len());
    let mut at = 0;
    while at < letters.len() {
        let (found, n) = rule(&letters[at..], at == 0, phones.last().copied());
        for phone in found.bytes() {
            if phones.last() != Some(&phone) {
                phones.push(phone);
            }
        }
        if found.is_empty() && !letters[at].is_ascii() {
            phones.push(letters[at]);
        }
        at += n;
    }
    phones
}

fn byte(c: char) -> u8 {
    if c.is_ascii() { c as u8 } else { 0x80 | (c as u32 % 0x7F) as u8 }
}

/// The phones that the beginning of `rest` stands for, and how many letters it takes.
fn rule(rest: &[u8], is_first: bool, before: Option<u8>) -> (&'static str, usize) {
    let next = rest.get(1).copied().unwrap_or(b' ');
    let is_last = rest.len() == 1;
    let is_soft = matches!(next, b'e' | b'i' | b'y');
    match rest {
        [b'k' | b'g', b'n', ..] if is_first => ("n", 2),
        [b'w', b'r', ..] if is_first => ("r", 2),
        [b'p', b's', ..] if is_first => ("s", 2),
        [b't', b'c', b'h', ..] => ("C", 3),
        [b's', b'c', b'h', ..] => ("sk", 3),
        [b't', b'i', b'o', b'n', ..]
        | [b's', b'i', b'o', b'n', ..]
        | [b'c', b'i', b'o', b'n', ..] => ("Son", 4),
        [b't' | b'c', b'i', b'a', ..] => ("Sa", 3),
        [b't', b'u', b'r', b'e', ..] => ("Cr", 4),
        [b'd', b'g', b'e', ..] => ("j", 3),
        [b'e', b'i', b'g', b'h', ..] => ("e", 4),
        [b'i', b'g', b'h', ..] => ("i", 3),
        [b'o' | b'a', b'u', b'g', b'h', b't', ..] => ("ot", 5),
        [b'o' | b'a', b'u', b'g', b'h', ..] => ("o", 4),
        [b'g', b'h', ..] if is_first => ("g", 2),
        [b'g', b'h', ..] => ("", 2),
        [b'c', b'h', ..] => ("C", 2),
        [b's', b'h', ..] => ("S", 2),
        [b't', b'h', ..] => ("T", 2),
        [b'p', b'h', ..] => ("f", 2),
        [b'w', b'h', ..] => ("w", 2),
        [b'c', b'k', ..] => ("k", 2),
        [b'q', b'u', ..] => ("kw", 2),
        [b'n', b'g'] | [b'n', b'g', b's'] => ("N", 2),
        [b'm', b'b'] | [b'm', b'n'] => ("m", 2),
        [b's', b'c', b'e' | b'i', ..] => ("s", 2),
        [b'c', ..] if is_soft => ("s", 1),
        [b'c' | b'q', ..] => ("k", 1),
        [b'g', ..] if is_soft => ("j", 1),
        [b'x', ..] => (if is_first { "z" } else { "ks" }, 1),
        // Silent at the end, and before the s and d that end a word.
        [b'e'] | [b'e', b's' | b'd'] if before.is_some_and(|p| !is_vowel(p)) && !is_first => {
            ("", 1)
        }
        [b'y', ..] if is_first => ("y", 1),
        [b'y', ..] => ("i", 1),
        [b'w', ..] if is_last || !is_vowel(next) && !is_first => ("", 1),
        [b'h', ..] if !is_first && before.is_none_or(is_vowel) && is_last => ("", 1),
        [b'e', b'i', b'r', ..] => ("er", 3),
        [b'e', b'e' | b'a' | b'i' | b'y', ..] | [b'i', b'e', ..] => ("i", 2),
        [b'o', b'o' | b'u', ..] | [b'e' | b'u', b'w' | b'e', ..] => ("u", 2),
        [b'a', b'i' | b'y', ..] => ("e", 2),
        [b'a' | b'o', b'l', b'k' | b'm' | b'f', ..]
        | [b'o', b'a' | b'w' | b'e', ..]
        | [b'a', b'u' | b'w', ..] => ("o", 2),
        [c, ..] if c.is_ascii() => (single(*c), 1),
        _ => ("", 1),
    }
}

fn single(c: u8) -> &'static str {
    const LETTERS: &str = "abcdefghijklmnopqrstuvwxyz0123456789";
    LETTERS.find(c as char).map_or("", |at| &LETTERS[at..=at])
}

fn is_vowel(phone: u8) -> bool {
    matches!(phone, b'a' | b'e' | b'i' | b'o' | b'u')
}

/// What leaving a phone out costs.
fn weight(phone: u8) -> f32 {
    match phone {
        b'a' | b'e' | b'i' | b'o' | b'u' => 0.4,
        b'h' | b'w' | b'y' | b'r' => 0.5,
        _ => 0.8,
    }
}

/// A bit for each kind of consonant; none for those that come and go (vowels, h, w, y).
fn class(phone: u8) -> u16 {
    match phone {
        b'p' | b'b' => 1,
        b't' | b'd' | b'T' => 2,
        b'k' | b'g' => 4,
        b'f' | b'v' => 8,
        b's' | b'z' | b'S' | b'C' | b'j' => 16,
        b'm' | b'n' | b'N' => 32,
        b'l' | b'r' => 64,
        _ => 0,
    }
}

/// What taking one phone for another costs.
fn change(a: u8, b: u8) -> f32 {
    if a == b {
        0.0
    } else if is_vowel(a) && is_vowel(b) {
        0.25
    } else if class(a) & class(b) != 0 {
        0.4
    } else if matches!(
        (a, b),
        (b'T', b'f' | b's')
            | (b'f' | b's', b'T')
            | (b'w', b'v')
            | (b'v', b'w')
            | (b'i', b'y')
            | (b'y', b'i')
    ) {
        0.5
    } else {
        1.0
    }
}

/// The least cost of changing one run of phones into the other (Wagner and Fischer 1974, with
/// weights).
fn distance(a: &[u8], b: &[u8]) -> f32 {
    let mut row = [0.0f32; MAX_PHONES + 1];
    for (j, phone) in b.iter().enumerate() {
        row[j + 1] = row[j] + weight(*phone);
    }
    for &x in a {
        let mut diagonal = row[0];
        row[0] += weight(x);
        for (j, &y) in b.iter().enumerate() {
            let best =
                (diagonal + change(x, y)).min(row[j + 1] + weight(x)).min(row[j] + weight(y));
            diagonal = std::mem::replace(&mut row[j + 1], best);
        }
    }
    row[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn similarity(a: &str, b: &str) -> f32 {
        Sound::of(a).similarity(&Sound::of(b))
    }

    #[test]
    fn alike() {
        for (a, b) in [
            ("their", "there"),
            ("night", "knight"),
            ("write", "right"),
            ("colour", "color"),
            ("cammles", "camels"),
            ("courthouse", "corthouse"),
            ("physics", "fisics"),
            ("calloway", "callaway"),
            ("church", "cherch"),
            ("北", "备"),
            ("他", "她"),
            ("是", "四"),
            ("经", "金"),
            ("牛", "刘"),
        ] {
            assert!(
                similarity(a, b) > 0.7,
                "{a} {b} {} {:?} {:?}",
                similarity(a, b),
                Sound::of(a),
                Sound::of(b)
            );
            assert_eq!(similarity(a, b), similarity(b, a), "{a} {b}");
        }
    }

    #[test]
    fn unlike() {
        for (a, b) in [
            ("the", "a"),
            ("machine", "telephone"),
            ("county", "model"),
            ("open", "weights"),
            ("she", "he"),
            ("and", "of"),
            ("bank", "letter"),
            ("我", "机"),
            ("ai", "爱"),
            ("が", "か"),
            ("", "a"),
            ("привет", "hello"),
        ] {
            assert!(similarity(a, b) < 0.5, "{a} {b} {}", similarity(a, b));
        }
    }

    #[test]
    fn keys() {
        assert_eq!(Sound::of("there").key(), Sound::of("their").key());
        assert_eq!(Sound::of("机").key(), Sound::of("鸡").key());
        assert_ne!(Sound::of("机").key(), Sound::of("器").key());
    }

    #[test]
    fn the_quick_bound_never_says_less_than_the_distance() {
        let words = [
            "statistics",
            "a",
            "schedule",
            "xylophone",
            "thought",
            "wrong",
            "queue",
            "psychology",
            "ñandu",
            "hh",
            "yes",
        ];
        for a in words {
            for b in words {
                if let (
                    Sound::Phones { phones: p, classes: c, .. },
                    Sound::Phones { phones: q, classes: d, .. },
                ) = (Sound::of(a), Sound::of(b))
                {
                    assert!(
                        distance(&p, &q) >= 0.5 * f32::from((c ^ d).count_ones() as u16) - 1e-5,
                        "{a} {b}"
                    );
                }
            }
        }
    }
}
