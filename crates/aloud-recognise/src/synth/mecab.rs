//! How is Japanese read? Words and their readings from a dictionary of MeCab's, where one is
//! installed.
//!
//! Kanji do not tell how they sound; dictionaries do, and weigh 50 MB (IPADIC) to 1 GB (UniDic), so
//! that none is a part of this program. The compiled files that MeCab packages install are read as
//! they are: a double array of words, their costs, a matrix of costs between neighbours, kinds of
//! characters. The cheapest way through them is the text (T. Kudo, K. Yamamoto and Y. Matsumoto,
//! "Applying conditional random fields to Japanese morphological analysis", 2004). Nonsense in a
//! file is an error or a missing word, never a panic. This file never knows what readings are for.

use crate::reason::Reason;
use std::collections::HashMap;
use std::fs;
use std::ops::Range;
use std::path::{Path, PathBuf};

/// Where packages put dictionaries: Debian and Ubuntu, Fedora, Homebrew on either kind of machine,
/// MeCab's own.
const PLACES: [&str; 6] = [
    "/var/lib/mecab/dic",
    "/usr/share/mecab/dic",
    "/usr/lib64/mecab/dic",
    "/usr/lib/mecab/dic",
    "/opt/homebrew/lib/mecab/dic",
    "/usr/local/lib/mecab/dic",
];
/// In which of them words have readings in a column that is known, best first.
const NAMES: [&str; 6] = ["ipadic-utf8", "ipadic", "naist-jdic", "unidic", "debian", "juman-utf8"];
const ABSENT: &str =
    "Japanese written with kanji is read with a dictionary of MeCab's, and none is installed";
const INSTALL: &str =
    "`apt install mecab-ipadic-utf8`, or `brew install mecab-ipadic`, installs one";

/// What a dictionary's file begins with: its length, but for these bits.
const MAGIC: u32 = 0xef71_8f77;
/// Bytes of its head, and of a word's entry.
const HEAD: usize = 72;
const ENTRY: usize = 16;
/// Bytes of the name of a kind of characters, and for how many characters kinds are told: the basic
/// plane.
const KIND_NAME: usize = 32;
const CHARACTERS: usize = 0xffff;
/// No unknown word is longer, in characters.
const LONGEST: usize = 24;

/// A word of a text with how it is read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Morpheme {
    /// Where it stands, in bytes.
    pub bytes: Range<usize>,
    /// How it is said, in katakana; `None` where the dictionary does not know.
    pub reading: Option<String>,
    /// Whether it leans on the word before: a particle, or the end of a verb.
    pub leans: bool,
}

/// A dictionary in memory.
pub struct Dictionary {
    known: Lexicon,
    unknown: Lexicon,
    matrix: Matrix,
    kinds: Kinds,
}

impl Dictionary {
    /// The one in the folder `given`, or else the first that is installed.
    ///
    /// # Errors
    /// Why there is none, and where one comes from.
    pub fn find(given: Option<&Path>) -> Result<Self, Reason> {
        if let Some(folder) = given {
            return Self::open(folder).map_err(|why| {
                Reason::new(format!("`{}` is no dictionary of MeCab's: {why}", folder.display()))
            });
        }
        let folders = PLACES
            .iter()
            .flat_map(|place| NAMES.iter().map(move |name| Path::new(place).join(name)));
        let mut why = ABSENT.to_owned();
        for folder in folders.filter(|folder| folder.join("sys.dic").is_file()) {
            match Self::open(&folder) {
                Ok(dictionary) => return Ok(dictionary),
                Err(what) => {
                    why = format!("{ABSENT}; `{}` cannot be used: {what}", folder.display());
                }
            }
        }
        Err(Reason::new(why).hint(INSTALL))
    }

    /// Reads the compiled dictionary in `folder`.
    fn open(folder: &Path) -> Result<Self, String> {
        let file = |name: &str| {
            let path: PathBuf = folder.join(name);
            fs::read(&path).map_err(|error| format!("{name}: {error}"))
        };
        Ok(Self {
            known: Lexicon::new(file("sys.dic")?).map_err(|why| format!("sys.dic: {why}"))?,
            unknown: Lexicon::new(file("unk.dic")?).map_err(|why| format!("unk.dic: {why}"))?,
            matrix: Matrix::new(file("matrix.bin")?).map_err(|why| format!("matrix.bin: {why}"))?,
            kinds: Kinds::new(&file("char.bin")?).map_err(|why| format!("char.bin: {why}"))?,
        })
    }

    /// The words of `text`, which has no line ends, in order. White space is in none.
    pub fn read(&self, text: &str) -> Vec<Morpheme> {
        // For each place in the text the nodes that end there; those of its beginning are none.
        let mut nodes: Vec<Node> = vec![Node::default()];
        let mut ending: HashMap<usize, Vec<usize>> = HashMap::from([(0, vec![0])]);
        for (at, c) in text.char_indices() {
            let Some(before) = ending.remove(&at) else { continue };
            if c.is_whitespace() {
                ending.entry(at + c.len_utf8()).or_default().extend(before);
                continue;
            }
            for (end, word, features) in self.words_at(text, at) {
                let best = before
                    .iter()
                    .map(|&index| {
                        (
                            nodes[index].cost
                                + i64::from(self.matrix.cost(nodes[index].right, word.left)),
                            index,
                        )
                    })
                    .min();
                let Some((cost, from)) = best else { continue };
                nodes.push(Node {
                    cost: cost + i64::from(word.cost),
                    right: word.right,
                    from,
                    bytes: at..end,
                    features,
                });
                ending.entry(end).or_default().push(nodes.len() - 1);
            }
        }
        let end = ending.remove(&text.len()).unwrap_or_default();
        let last = end.into_iter().min_by_key(|&index| {
            nodes[index].cost + i64::from(self.matrix.cost(nodes[index].right, 0))
        });
        let mut found: Vec<Morpheme> =
            std::iter::successors(last.filter(|&index| index > 0), |&index| {
                Some(nodes[index].from).filter(|&from| from > 0)
            })
            .map(|index| self.morpheme(&nodes[index]))
            .collect();
        found.reverse();
        found
    }

    /// The words that may begin at `at`: where each ends, its entry, and what is known of it.
    fn words_at(&self, text: &str, at: usize) -> Vec<(usize, Entry, Features)> {
        let rest = &text[at..];
        let mut found = Vec::new();
        for (length, value) in self.known.prefixes(rest.as_bytes()) {
            found.extend(
                self.known
                    .entries(value)
                    .map(|word| (at + length, word, Features::Known(word.features))),
            );
        }
        let Some(kind) = rest.chars().next().map(|c| self.kinds.of(c)) else { return found };
        if !found.is_empty() && !kind.is_always {
            return found;
        }
        let alike = rest
            .chars()
            .take_while(|c| self.kinds.of(*c).mask & kind.mask != 0)
            .take(LONGEST)
            .count()
            .max(1);
        let lengths = (1..=kind.longest.min(alike)).chain(kind.is_grouped.then_some(alike));
        let mut ends: Vec<usize> = lengths
            .filter_map(|n| rest.char_indices().nth(n - 1))
            .map(|(i, c)| at + i + c.len_utf8())
            .collect();
        if ends.is_empty() && found.is_empty() {
            // Something must be here, or the rest of the text is lost.
            ends.extend(rest.chars().next().map(|c| at + c.len_utf8()));
        }
        ends.dedup();
        let name = self.kinds.names.get(kind.default).map_or(&b"DEFAULT"[..], Vec::as_slice);
        let value =
            self.unknown.prefixes(name).into_iter().find(|(length, _)| *length == name.len());
        let words: Vec<Entry> = match value {
            Some((_, value)) => self.unknown.entries(value).collect(),
            None => vec![Entry::default()],
        };
        found.extend(ends.into_iter().flat_map(|end| {
            words.iter().map(move |word| (end, *word, Features::Unknown(word.features)))
        }));
        found
    }

    fn morpheme(&self, node: &Node) -> Morpheme {
        let (features, is_known) = match node.features {
            Features::Known(at) => (self.known.features(at), true),
            Features::Unknown(at) => (self.unknown.features(at), false),
        };
        let columns: Vec<&str> = features.split(',').collect();
        // How it is said, in IPADIC and its kin, UniDic, and JUMAN's dictionary.
        let places: &[usize] = match columns.len() {
            0..=7 => &[5],
            8..=9 => &[8, 7],
            _ => &[9],
        };
        let is_reading = |text: &&&str| !text.is_empty() && text.chars().all(is_kana);
        let reading = places
            .iter()
            .filter_map(|&place| columns.get(place))
            .find(is_reading)
            .filter(|_| is_known);
        let leans = matches!(columns.first(), Some(&("助詞" | "助動詞")))
            || matches!(columns.get(1), Some(&("接尾" | "非自立")));
        Morpheme {
            bytes: node.bytes.clone(),
            reading: reading.map(|text| text.chars().map(katakana).collect()),
            leans,
        }
    }
}

/// Whether a letter is one of the Japanese syllabaries', the sign of a long vowel included.
pub fn is_kana(c: char) -> bool {
    matches!(c, '\u{3041}'..='\u{3096}' | '\u{30A1}'..='\u{30FA}' | 'ー')
}

/// Hiragana as katakana; others as they are.
pub fn katakana(c: char) -> char {
    match c {
        '\u{3041}'..='\u{3096}' => char::from_u32(c as u32 + 0x60).unwrap_or(c),
        _ => c,
    }
}

/// A word on a way through the text.
#[derive(Default)]
struct Node {
    cost: i64,
    right: u16,
    from: usize,
    bytes: Range<usize>,
    features: Features,
}

/// Where what is known of a word stands, and in which of the two dictionaries.
#[derive(Clone, Copy)]
enum Features {
    Known(u32),
    Unknown(u32),
}

impl Default for Features {
    fn default() -> Self {
        Self::Unknown(u32::MAX)
    }
}

/// A word's entry: what it is towards the words before and after it, and its cost.
#[derive(Clone, Copy, Default)]
struct Entry {
    left: u16,
    right: u16,
    cost: i16,
    features: u32,
}

/// Numbers of a file, little-endian.
fn u16_at(bytes: &[u8], at: usize) -> Option<u16> {
    Some(u16::from_le_bytes(bytes.get(at..at.checked_add(2)?)?.try_into().ok()?))
}

fn u32_at(bytes: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_le_bytes(bytes.get(at..at.checked_add(4)?)?.try_into().ok()?))
}

/// A file of words.
struct Lexicon {
    bytes: Vec<u8>,
    array: Range<usize>,
    entries: Range<usize>,
    features: Range<usize>,
}

impl Lexicon {
    fn new(bytes: Vec<u8>) -> Result<Self, String> {
        let number = |at: usize| u32_at(&bytes, at).map_or(0, |number| number as usize);
        if bytes.len() < HEAD || number(0) as u32 ^ MAGIC != bytes.len() as u32 {
            return Err("it is damaged, or of another program".to_owned());
        }
        let charset =
            String::from_utf8_lossy(&bytes[40..HEAD]).trim_end_matches('\0').to_lowercase();
        if !matches!(charset.as_str(), "utf-8" | "utf8") {
            return Err(format!("it is written in {charset}, not in UTF-8"));
        }
        let array = HEAD..HEAD.saturating_add(number(24));
        let entries = array.end..array.end.saturating_add(number(28));
        let features = entries.end..entries.end.saturating_add(number(32));
        if features.end > bytes.len() {
            return Err("it is cut off".to_owned());
        }
        Ok(Self { array, entries, features, bytes })
    }

    /// A unit of the double array: where its successors begin, and whose successor it is.
    fn unit(&self, at: usize) -> Option<(i32, u32)> {
        let units = &self.bytes[self.array.clone()];
        let at = at.checked_mul(8)?;
        Some((u32_at(units, at)? as i32, u32_at(units, at + 4)?))
    }

    /// The words that `key` begins with: how many bytes, and where their entries are.
    fn prefixes(&self, key: &[u8]) -> Vec<(usize, u32)> {
        let mut found = Vec::new();
        let Some((first, _)) = self.unit(0) else { return found };
        let mut base = first as u32;
        for length in 0..=key.len() {
            // A unit at the base itself is the end of a word, its number below zero.
            if let Some((value, check)) = self.unit(base as usize)
                && check == base
                && value < 0
                && length > 0
            {
                found.push((length, (-i64::from(value) - 1) as u32));
            }
            let Some(byte) = key.get(length) else { break };
            match self.unit(base as usize + usize::from(*byte) + 1) {
                Some((next, check)) if check == base && next >= 0 => base = next as u32,
                _ => break,
            }
        }
        found
    }

    /// The entries at `value`: their place, and their number in the lowest byte.
    fn entries(&self, value: u32) -> impl Iterator<Item = Entry> + '_ {
        let entries = &self.bytes[self.entries.clone()];
        let first = (value >> 8) as usize;
        (first..first + (value & 0xff) as usize).filter_map(move |index| {
            let at = index.checked_mul(ENTRY)?;
            Some(Entry {
                left: u16_at(entries, at)?,
                right: u16_at(entries, at + 2)?,
                cost: u16_at(entries, at + 6)? as i16,
                features: u32_at(entries, at + 8)?,
            })
        })
    }

    /// What is known of a word, in columns.
    fn features(&self, at: u32) -> &str {
        let rest = self.bytes[self.features.clone()].get(at as usize..).unwrap_or_default();
        let end = rest.iter().position(|byte| *byte == 0).unwrap_or(rest.len());
        std::str::from_utf8(&rest[..end]).unwrap_or_default()
    }
}

/// What it costs that one word follows another.
struct Matrix {
    bytes: Vec<u8>,
    n_left: usize,
}

impl Matrix {
    fn new(bytes: Vec<u8>) -> Result<Self, String> {
        let size = |at: usize| u16_at(&bytes, at).map_or(0, usize::from);
        let (n_left, n_right) = (size(0), size(2));
        if n_left * n_right == 0 || bytes.len() != 4 + 2 * n_left * n_right {
            return Err("it is damaged, or of another program".to_owned());
        }
        Ok(Self { bytes, n_left })
    }

    fn cost(&self, right: u16, left: u16) -> i16 {
        u16_at(&self.bytes, 4 + 2 * (usize::from(right) + self.n_left * usize::from(left)))
            .map_or(i16::MAX, |cost| cost as i16)
    }
}

/// What kind of letter a character is, as far as unknown words go.
#[derive(Clone, Copy)]
struct Kind {
    /// All kinds it is of, a bit each, and the usual one.
    mask: u32,
    default: usize,
    /// Unknown words have up to so many characters; or all that are alike.
    longest: usize,
    is_grouped: bool,
    /// Whether a word may be unknown although known ones begin here.
    is_always: bool,
}

struct Kinds {
    names: Vec<Vec<u8>>,
    infos: Vec<u32>,
}

impl Kinds {
    fn new(bytes: &[u8]) -> Result<Self, String> {
        let n = u32_at(bytes, 0).map_or(0, |n| n as usize);
        let names =
            bytes.get(4..4usize.saturating_add(n.saturating_mul(KIND_NAME))).unwrap_or_default();
        let infos = bytes.get(4 + names.len()..).unwrap_or_default();
        if names.is_empty() || infos.len() < 4 * CHARACTERS {
            return Err("it is damaged, or of another program".to_owned());
        }
        let name = |name: &[u8]| name.iter().copied().take_while(|byte| *byte != 0).collect();
        Ok(Self {
            names: names.chunks(KIND_NAME).map(name).collect(),
            infos: infos.chunks_exact(4).map(|info| u32_at(info, 0).unwrap_or(0)).collect(),
        })
    }

    fn of(&self, c: char) -> Kind {
        // Characters beyond the basic plane are of the kind of the first one, which is the default.
        let info = self.infos.get(c as usize).or(self.infos.first()).copied().unwrap_or(0);
        Kind {
            mask: info & 0x3_ffff,
            default: (info >> 18 & 0xff) as usize,
            longest: (info >> 26 & 0xf) as usize,
            is_grouped: info >> 30 & 1 == 1,
            is_always: info >> 31 & 1 == 1,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Words with their values.
    type Words<'a> = Vec<(&'a [u8], u32)>;

    /// A double array of `words` with their values.
    fn array(words: &[(&[u8], u32)]) -> Vec<u8> {
        let mut units: Vec<(i32, u32, bool)> = vec![(0, 0, true)];
        let mut waiting: Vec<(usize, Words<'_>)> = vec![(0, words.to_vec())];
        while let Some((unit, words)) = waiting.pop() {
            let mut next: Vec<(usize, Words<'_>)> = Vec::new();
            for (word, value) in words {
                let (code, rest) = word
                    .split_first()
                    .map_or((0, word), |(byte, rest)| (usize::from(*byte) + 1, rest));
                match next.iter_mut().find(|(known, _)| *known == code) {
                    Some((_, words)) => words.push((rest, value)),
                    None => next.push((code, vec![(rest, value)])),
                }
            }
            let is_free = |at: usize| units.get(at).is_none_or(|unit| !unit.2);
            // A base is of one unit only.
            let is_base = |at: usize| units.iter().any(|unit| unit.2 && unit.0 == at as i32);
            let base = (1..)
                .find(|base| !is_base(*base) && next.iter().all(|(code, _)| is_free(base + code)))
                .unwrap();
            units[unit].0 = base as i32;
            for (code, words) in next {
                let at = base + code;
                units.resize(units.len().max(at + 1), (0, 0, false));
                units[at] =
                    (if code == 0 { -(words[0].1 as i32) - 1 } else { 0 }, base as u32, true);
                if code > 0 {
                    waiting.push((at, words));
                }
            }
        }
        units
            .iter()
            .flat_map(|unit| [unit.0.to_le_bytes(), unit.1.to_le_bytes()].concat())
            .collect()
    }

    /// A dictionary's file: each word with its attribute, cost and features.
    fn lexicon(words: &[(&str, u16, i16, &str)]) -> Vec<u8> {
        let keys: Vec<(&[u8], u32)> = words
            .iter()
            .enumerate()
            .map(|(i, word)| (word.0.as_bytes(), (i as u32) << 8 | 1))
            .collect();
        let (array, mut entries, mut features) = (array(&keys), Vec::new(), Vec::new());
        for (_, attribute, cost, text) in words {
            entries.extend(
                [attribute.to_le_bytes(), attribute.to_le_bytes(), [0; 2], cost.to_le_bytes()]
                    .concat(),
            );
            entries.extend([(features.len() as u32).to_le_bytes(), [0; 4]].concat());
            features.extend(text.bytes().chain([0]));
        }
        let length = HEAD + array.len() + entries.len() + features.len();
        let sizes = [array.len(), entries.len(), features.len(), 0].map(|n| n as u32);
        let head =
            [length as u32 ^ MAGIC, 102, 0, words.len() as u32, 2, 2].into_iter().chain(sizes);
        let mut file: Vec<u8> = head.flat_map(u32::to_le_bytes).collect();
        file.extend(*b"UTF-8\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0");
        [file, array, entries, features].concat()
    }

    /// Kanji are of kind 1, all else of kind 0; both make unknown words.
    fn kinds() -> Vec<u8> {
        let mut file = 2u32.to_le_bytes().to_vec();
        for name in [&b"DEFAULT"[..], b"KANJI"] {
            file.extend(name.iter().copied().chain(std::iter::repeat(0)).take(KIND_NAME));
        }
        for c in 0..CHARACTERS as u32 {
            let kind = u32::from((0x4E00..=0x9FFF).contains(&c));
            file.extend(
                (1 << kind | kind << 18 | 1 << 26 | u32::from(kind == 0) << 30).to_le_bytes(),
            );
        }
        file
    }

    fn dictionary() -> Dictionary {
        let known = [
            ("行", 1, 900, "名詞,一般,*,*,*,*,行,ギョウ,ギョー"),
            ("行か", 1, 500, "動詞,自立,*,*,*,*,行く,イカ,イカ"),
            ("東", 1, 700, "名詞,一般,*,*,*,*,東,ヒガシ,ヒガシ"),
            ("東京", 1, 800, "名詞,固有名詞,*,*,*,*,東京,トウキョウ,トーキョー"),
            ("へ", 0, 100, "助詞,格助詞,*,*,*,*,へ,ヘ,エ"),
        ];
        Dictionary {
            known: Lexicon::new(lexicon(&known)).unwrap(),
            unknown: Lexicon::new(lexicon(&[
                ("DEFAULT", 1, 3000, "名詞,*"),
                ("KANJI", 1, 3000, "名詞,*"),
            ]))
            .unwrap(),
            // Two content words beside each other cost 500.
            matrix: Matrix::new(
                [2u16, 2, 0, 0, 0, 500].iter().flat_map(|n| n.to_le_bytes()).collect(),
            )
            .unwrap(),
            kinds: Kinds::new(&kinds()).unwrap(),
        }
    }

    #[test]
    fn the_cheapest_words_are_the_text() {
        let dictionary = dictionary();
        for (text, want) in [
            ("東京へ行かX", "東京=トーキョー へ+エ 行か=イカ X"),
            ("東 京行", "東=ヒガシ 京 行=ギョー"),
            ("京都ABC", "京 都 ABC"),
            ("𠮟", "𠮟"),
            ("", ""),
            (" ", ""),
        ] {
            let told =
                dictionary.read(text).into_iter().map(|Morpheme { bytes, reading, leans }| {
                    match reading {
                        Some(reading) => {
                            format!("{}{}{reading}", &text[bytes], if leans { '+' } else { '=' })
                        }
                        None => text[bytes].to_owned(),
                    }
                });
            assert_eq!(told.collect::<Vec<_>>().join(" "), want, "{text}");
        }
    }

    #[test]
    fn what_is_no_dictionary() {
        let whole = lexicon(&[("行", 1, 0, "")]);
        let cut = whole[..whole.len() - 1].to_vec();
        let foreign = [&whole[..40], b"EUC-JP", &whole[46..]].concat();
        for (file, want) in [(vec![], "damaged"), (cut, "damaged"), (foreign, "euc-jp")] {
            let why = Lexicon::new(file).err().unwrap();
            assert!(why.contains(want), "{why}");
        }
        assert!(Matrix::new(vec![2, 0, 2, 0, 1]).is_err() && Kinds::new(&[9; 100]).is_err());
        assert!(
            Dictionary::find(Some(Path::new("/nowhere"))).err().unwrap().why.contains("/nowhere")
        );
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]
        #[test]
        fn nonsense_in_a_file_is_survived(damage in prop::collection::vec((HEAD..600usize, any::<u8>()), 1..30), text in "[東京行かへA ]{0,12}") {
            let mut dictionary = dictionary();
            let mut file = dictionary.known.bytes.clone();
            for (at, byte) in damage {
                let at = at % file.len();
                file[at.max(HEAD)] = byte;
            }
            dictionary.known.bytes = file;
            let words = dictionary.read(&text);
            prop_assert!(words.windows(2).all(|pair| pair[0].bytes.end <= pair[1].bytes.start));
            prop_assert!(words.iter().all(|word| text.get(word.bytes.clone()).is_some()));
        }
    }
}
