//! Which models exist: names, sizes, checksums, languages, alignment heads, and which one to
//! advise.
//!
//! A table and pure functions over it. This file never knows what is installed (`place`) or how a
//! model is fetched (`download`).
//!
//! Checksums are those of the model card of `ggerganov/whisper.cpp` on Hugging Face, of which
//! whisper.cpp's own `models/README.md` lists a part. Sizes follow from the file format (a test
//! computes each from the network's shape) and agree with the files on Hugging Face.

use super::tensors::Hparams;

/// Where the catalogue's models live, unless a mirror is named.
pub const HOME_URL: &str = "https://huggingface.co/ggerganov/whisper.cpp/resolve/main";

/// The model that commands use when none is named.
pub const DEFAULT: &str = "base";

/// The name of the model that is embedded in this program.
pub const MICRO: &str = "micro";

/// A network that OpenAI trained, or our own very small one. The better it hears the greater it
/// is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Class {
    /// Ours: 4 + 4 layers of width 192, synthetic English only.
    Micro,
    /// 4 + 4 layers of width 384.
    Tiny,
    /// 6 + 6 layers of width 512.
    Base,
    /// 12 + 12 layers of width 768.
    Small,
    /// 24 + 24 layers of width 1024.
    Medium,
    /// 32 + 32 layers of width 1280, first training.
    LargeV1,
    /// Large v3 with 4 decoder layers.
    LargeV3Turbo,
    /// The network of large v1 trained longer.
    LargeV2,
    /// The same with 128 mel bands and Cantonese.
    LargeV3,
}

impl Class {
    /// Memory for each window that is heard at once, in MB, with five candidates and word times.
    /// Measured with `base` where nothing is spared ([`SPARES`]: its peak over nine minutes was 508 MB
    /// with one window, with two 707); for the others by how much more or less whisper.cpp's README
    /// states. For turbo and `micro`, which it does not list, an upper bound.
    const fn window_mb(self) -> u64 {
        match self {
            Class::Micro | Class::Tiny => 154,
            Class::Base => 199,
            Class::Small => 323,
            Class::Medium => 525,
            Class::LargeV1 | Class::LargeV2 | Class::LargeV3 | Class::LargeV3Turbo => 764,
        }
    }
}

/// What a model understands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Languages {
    /// English alone.
    English,
    /// This many languages.
    Many(u32),
}

/// The attention heads of a decoder that follow the sound, which word times are read from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AlignmentHeads {
    /// whisper.cpp knows them under this name, for example `base.en` or `large-v3-turbo`.
    Preset(&'static str),
    /// These, which look at the token just read: decoder layer and head, both counted from 0.
    Heads(&'static [(u32, u32)]),
    /// All heads of the upper half of the decoder's layers, as OpenAI's own program has it for a
    /// network of which nobody has said more.
    UpperHalf {
        /// Layers of the decoder.
        n_layer: u32,
        /// Heads of each.
        n_head: u32,
    },
}

impl AlignmentHeads {
    /// Those of a network whose file the catalogue does not know, by its shape: a network that was
    /// trained further, or quantised at home, still looks where it did.
    pub fn of_shape(shape: &Hparams) -> Self {
        let is_english = shape.n_vocab < 51_865;
        let size = (shape.n_text_state, shape.n_text_head, shape.n_audio_layer, shape.n_text_layer);
        let name = match (size, shape.n_mels) {
            ((192, 3, 4, 4), _) if !is_english => return Self::Heads(MICRO_HEADS),
            ((384, 6, 4, 4), _) => {
                if is_english {
                    "tiny.en"
                } else {
                    "tiny"
                }
            }
            ((512, 8, 6, 6), _) => {
                if is_english {
                    "base.en"
                } else {
                    "base"
                }
            }
            ((768, 12, 12, 12), _) => {
                if is_english {
                    "small.en"
                } else {
                    "small"
                }
            }
            ((1024, 16, 24, 24), _) => {
                if is_english {
                    "medium.en"
                } else {
                    "medium"
                }
            }
            // The first training of this network has few users and the same shape.
            ((1280, 20, 32, 32), 80) => "large-v2",
            ((1280, 20, 32, 32), _) => "large-v3",
            ((1280, 20, 32, 4), 128) => "large-v3-turbo",
            _ => return Self::UpperHalf { n_layer: shape.n_text_layer, n_head: shape.n_text_head },
        };
        Self::Preset(name)
    }
}

/// The model's card: this head alone was trained to look at the token just read.
const MICRO_HEADS: &[(u32, u32)] = &[(0, 0)];

/// One model of the catalogue.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Its name, as whisper.cpp calls it: class, `.en` when English only, and the weights' form.
    pub name: &'static str,
    /// The network.
    pub class: Class,
    /// The size of its file in bytes.
    pub bytes: u64,
    /// The SHA-1 of its file in hexadecimal.
    pub sha1: &'static str,
}

const fn entry(name: &'static str, class: Class, bytes: u64, sha1: &'static str) -> Entry {
    Entry { name, class, bytes, sha1 }
}

/// Every model, small ones first.
pub const CATALOGUE: &[Entry] = &[
    entry(MICRO, Class::Micro, 17_451_053, "385b2b58be1004448e267bd9644f3e37ae9b839a"),
    entry("tiny", Class::Tiny, 77_691_713, "bd577a113a864445d4c299885e0cb97d4ba92b5f"),
    entry("tiny-q5_1", Class::Tiny, 32_152_673, "2827a03e495b1ed3048ef28a6a4620537db4ee51"),
    entry("tiny-q8_0", Class::Tiny, 43_537_433, "19e8118f6652a650569f5a949d962154e01571d9"),
    entry("tiny.en", Class::Tiny, 77_704_715, "c78c86eb1a8faa21b369bcd33207cc90d64ae9df"),
    entry("tiny.en-q5_1", Class::Tiny, 32_166_155, "3fb92ec865cbbc769f08137f22470d6b66e071b6"),
    entry("tiny.en-q8_0", Class::Tiny, 43_550_795, "802d6668e7d411123e672abe4cb6c18f12306abb"),
    entry("base", Class::Base, 147_951_465, "465707469ff3a37a2b9b8d8f89f2f99de7299dac"),
    entry("base-q5_1", Class::Base, 59_707_625, "a3733eda680ef76256db5fc5dd9de8629e62c5e7"),
    entry("base-q8_0", Class::Base, 81_768_585, "7bb89bb49ed6955013b166f1b6a6c04584a20fbe"),
    entry("base.en", Class::Base, 147_964_211, "137c40403d78fd54d454da0f9bd998f78703390c"),
    entry("base.en-q5_1", Class::Base, 59_721_011, "d26d7ce5a1b6e57bea5d0431b9c20ae49423c94a"),
    entry("base.en-q8_0", Class::Base, 81_781_811, "bb1574182e9b924452bf0cd1510ac034d323e948"),
    entry("small", Class::Small, 487_601_967, "55356645c2b361a969dfd0ef2c5a50d530afd8d5"),
    entry("small-q5_1", Class::Small, 190_085_487, "6fe57ddcfdd1c6b07cdcc73aaf620810ce5fc771"),
    entry("small-q8_0", Class::Small, 264_464_607, "bcad8a2083f4e53d648d586b7dbc0cd673d8afad"),
    entry("small.en", Class::Small, 487_614_201, "db8a495a91d927739e50b3fc1cc4c6b8f6c2d022"),
    entry("small.en-q5_1", Class::Small, 190_098_681, "20f54878d608f94e4a8ee3ae56016571d47cba34"),
    entry("small.en-q8_0", Class::Small, 264_477_561, "9d75ff4ccfa0a8217870d7405cf8cef0a5579852"),
    entry("medium", Class::Medium, 1_533_763_059, "fd9727b6e1217c2f614f9b698455c4ffd82463b4"),
    entry("medium-q5_0", Class::Medium, 539_212_467, "7718d4c1ec62ca96998f058114db98236937490e"),
    entry("medium-q8_0", Class::Medium, 823_369_779, "e66645948aff4bebbec71b3485c576f3d63af5d6"),
    entry("medium.en", Class::Medium, 1_533_774_781, "8c30f0e44ce9560643ebd10bbe50cd20eafd3723"),
    entry("medium.en-q5_0", Class::Medium, 539_225_533, "bb3b5281bddd61605d6fc76bc5b92d8f20284c3b"),
    entry("medium.en-q8_0", Class::Medium, 823_382_461, "b1cf48c12c807e14881f634fb7b6c6ca867f6b38"),
    entry("large-v1", Class::LargeV1, 3_094_623_691, "b1caaf735c4cc1429223d5a74f0f4d0b9b59a299"),
    entry("large-v2", Class::LargeV2, 3_094_623_691, "0f4c8e34f21cf1a914c59d8b3ce882345ad349d6"),
    entry(
        "large-v2-q5_0",
        Class::LargeV2,
        1_080_732_091,
        "00e39f2196344e901b3a2bd5814807a769bd1630",
    ),
    entry(
        "large-v2-q8_0",
        Class::LargeV2,
        1_656_129_691,
        "da97d6ca8f8ffbeeb5fd147f79010eeea194ba38",
    ),
    entry("large-v3", Class::LargeV3, 3_095_033_483, "ad82bf6a9043ceed055076d0fd39f5f186ff8062"),
    entry(
        "large-v3-q5_0",
        Class::LargeV3,
        1_081_140_203,
        "e6e2ed78495d403bef4b7cff42ef4aaadcfea8de",
    ),
    entry(
        "large-v3-turbo",
        Class::LargeV3Turbo,
        1_624_555_275,
        "4af2b29d7ec73d781377bfd1758ca957a807e941",
    ),
    entry(
        "large-v3-turbo-q5_0",
        Class::LargeV3Turbo,
        574_041_195,
        "e050f7970618a659205450ad97eb95a18d69c9ee",
    ),
    entry(
        "large-v3-turbo-q8_0",
        Class::LargeV3Turbo,
        874_188_075,
        "01bf15bedffe9f39d65c1b6ff9b687ea91f59e0e",
    ),
];

/// Whether this build gives memory back that whisper.cpp has and does not need, and computes the
/// encoder's attention a block at a time. (It does the latter with AVX2; processors without are rare.)
const SPARES: bool = cfg!(all(target_os = "linux", target_env = "gnu", target_arch = "x86_64"));

/// The endings of names whose weights are quantised.
const FORMS: [&str; 3] = ["-q5_0", "-q5_1", "-q8_0"];

impl Entry {
    /// The name of its file: `ggml-NAME.bin`, as whisper.cpp and its users have it.
    pub fn file_name(&self) -> String {
        format!("ggml-{}.bin", self.name)
    }

    /// Where it is fetched from, below `home` ([`HOME_URL`] or a mirror).
    pub fn url(&self, home: &str) -> String {
        format!("{}/{}", home.trim_end_matches('/'), self.file_name())
    }

    /// Whether it is a part of this program and never fetched.
    pub fn is_embedded(&self) -> bool {
        self.class == Class::Micro
    }

    /// Its name without the form of its weights: `large-v2` of `large-v2-q5_0`.
    pub fn unquantised_name(&self) -> &'static str {
        FORMS.iter().find_map(|form| self.name.strip_suffix(form)).unwrap_or(self.name)
    }

    /// What it understands.
    pub fn languages(&self) -> Languages {
        match self.class {
            Class::Micro => Languages::English,
            _ if self.unquantised_name().ends_with(".en") => Languages::English,
            Class::LargeV3 | Class::LargeV3Turbo => Languages::Many(100),
            _ => Languages::Many(99),
        }
    }

    /// Whether it was trained to translate into English.
    pub fn translates(&self) -> bool {
        self.class != Class::LargeV3Turbo && self.languages() != Languages::English
    }

    /// Memory that running it takes, in MB (10⁶ bytes), where `n_windows` are heard at once: an
    /// estimate, on the safe side.
    pub fn memory_mb(&self, n_windows: usize) -> u64 {
        /// The program itself, the sound, and what whisper.cpp keeps besides weights and windows.
        const REST_MB: u64 = 161;
        /// What of that goes back to the system, and of each window: where `base` takes 348 MB with
        /// one window and 470 with two, weights as they are.
        const SPARED_MB: (u64, u64) = if SPARES { (75, 75) } else { (0, 0) };
        let rest = REST_MB - SPARED_MB.0;
        let window = self.class.window_mb() - SPARED_MB.1;
        self.bytes.div_ceil(1_000_000) + rest + n_windows as u64 * window
    }

    /// The attention heads for word times.
    pub fn alignment_heads(&self) -> AlignmentHeads {
        match self.class {
            Class::Micro => AlignmentHeads::Heads(MICRO_HEADS),
            _ => AlignmentHeads::Preset(self.unquantised_name()),
        }
    }
}

/// The model called `name`.
pub fn find(name: &str) -> Option<&'static Entry> {
    CATALOGUE.iter().find(|entry| entry.name == name)
}

/// The model whose file has this SHA-1.
pub fn find_sha1(sha1: &str) -> Option<&'static Entry> {
    CATALOGUE.iter().find(|entry| entry.sha1.eq_ignore_ascii_case(sha1))
}

/// The model that `name` was probably meant to be; `None` when nothing is near.
pub fn suggest(name: &str) -> Option<&'static Entry> {
    let lower = name.trim().to_lowercase();
    let stem = lower.strip_prefix("ggml-").unwrap_or(&lower);
    let stem = stem.strip_suffix(".bin").unwrap_or(stem);
    let meant = match stem {
        "large" | "large-v4" | "v3" => "large-v3",
        "turbo" | "large-turbo" | "v3-turbo" => "large-v3-turbo",
        other => other,
    };
    let nearest = CATALOGUE
        .iter()
        .map(|entry| (strsim::osa_distance(meant, entry.name), entry))
        .min_by_key(|(distance, _)| *distance);
    // A third of the letters may be wrong: enough for a slip, too little to turn one model into
    // another.
    nearest
        .filter(|(distance, entry)| *distance <= (entry.name.len() / 3).max(1))
        .map(|(_, entry)| entry)
}

/// The model to advise for speech in `language` (ISO 639-1; `None` when not known) on a machine
/// with `memory_bytes` of memory.
///
/// English is understood well by the small English models, which run faster than real time on a
/// laptop's processor. Other languages gain much from the large network, of which the quantised
/// turbo is the only form that such a processor can run. A model may take half of the memory, with
/// `n_windows` heard at once.
pub fn advise(language: Option<&str>, memory_bytes: u64, n_windows: usize) -> &'static Entry {
    let ladder: &[&str] = match language {
        Some("en") => &["small.en", "base.en", "base.en-q5_1"],
        // Cantonese came with large v3; older networks take it for Mandarin.
        Some("yue") => &["large-v3-turbo-q5_0"],
        Some(_) => &["large-v3-turbo-q5_0", "small", "small-q5_1", "base"],
        None => &["small", "base", "base-q5_1"],
    };
    let budget_mb = memory_bytes / 2_000_000;
    let entries = || ladder.iter().filter_map(|name| find(name));
    entries()
        .find(|entry| entry.memory_mb(n_windows) <= budget_mb)
        .or_else(|| entries().next_back())
        .unwrap_or(&CATALOGUE[1])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::models::tensors::{self, Hparams, Weights};

    #[test]
    fn names_and_sums_are_well_formed_and_different() {
        for (i, a) in CATALOGUE.iter().enumerate() {
            assert!(
                a.sha1.len() == 40
                    && a.sha1.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f')),
                "{}",
                a.name
            );
            assert!(
                CATALOGUE[..i].iter().all(|b| a.name != b.name && a.sha1 != b.sha1),
                "{}",
                a.name
            );
            assert_eq!(find(a.name), Some(a));
            assert_eq!(find_sha1(&a.sha1.to_uppercase()), Some(a));
        }
        assert!(find(DEFAULT).is_some() && find(MICRO).is_some_and(Entry::is_embedded));
    }

    /// Every size is what the format makes of the network's shape and the vocabulary, whose bytes
    /// were counted in the files.
    #[test]
    fn sizes_follow_from_the_format() {
        let (many, english) = (508_085, 508_085 + 13_770);
        for entry in CATALOGUE {
            let (state, heads, audio_layers, text_layers) = match entry.class {
                Class::Micro => (192, 3, 4, 4),
                Class::Tiny => (384, 6, 4, 4),
                Class::Base => (512, 8, 6, 6),
                Class::Small => (768, 12, 12, 12),
                Class::Medium => (1024, 16, 24, 24),
                Class::LargeV1 | Class::LargeV2 | Class::LargeV3 => (1280, 20, 32, 32),
                Class::LargeV3Turbo => (1280, 20, 32, 4),
            };
            let (n_vocab, words) = match entry.languages() {
                Languages::English if entry.class != Class::Micro => (51_864, english),
                Languages::Many(100) => (51_866, many),
                _ => (51_865, many),
            };
            let weights = match entry.name.rsplit_once('-').map(|(_, form)| form) {
                Some("q5_0") => Weights::Q5_0,
                Some("q5_1") => Weights::Q5_1,
                Some("q8_0") => Weights::Q8_0,
                _ if entry.class == Class::Micro => Weights::Q8_0,
                _ => Weights::F16,
            };
            let hparams = Hparams {
                n_vocab,
                n_audio_ctx: 1500,
                n_audio_state: state,
                n_audio_head: heads,
                n_audio_layer: audio_layers,
                n_text_ctx: 448,
                n_text_state: state,
                n_text_head: heads,
                n_text_layer: text_layers,
                n_mels: if n_vocab == 51_866 { 128 } else { 80 },
                weights,
            };
            let heads = if entry.name == "large-v1" {
                AlignmentHeads::Preset("large-v2")
            } else {
                entry.alignment_heads()
            };
            assert_eq!(AlignmentHeads::of_shape(&hparams), heads, "{}", entry.name);
            let header = 48 + 8 + u64::from(hparams.n_mels) * 201 * 4 + 4 + words;
            let tensors: u64 = tensors::expected(&hparams)
                .iter()
                .map(|(name, tensor)| tensor.bytes_in_file(name))
                .sum();
            assert_eq!(header + tensors, entry.bytes, "{}", entry.name);
        }
    }

    #[test]
    fn what_a_name_says() {
        for (name, languages, translates, heads) in [
            ("tiny", Languages::Many(99), true, AlignmentHeads::Preset("tiny")),
            ("small.en-q5_1", Languages::English, false, AlignmentHeads::Preset("small.en")),
            ("large-v2-q8_0", Languages::Many(99), true, AlignmentHeads::Preset("large-v2")),
            ("large-v3", Languages::Many(100), true, AlignmentHeads::Preset("large-v3")),
            (
                "large-v3-turbo-q5_0",
                Languages::Many(100),
                false,
                AlignmentHeads::Preset("large-v3-turbo"),
            ),
            ("micro", Languages::English, false, AlignmentHeads::Heads(&[(0, 0)])),
        ] {
            let entry = find(name).unwrap();
            assert_eq!(
                (entry.languages(), entry.translates(), entry.alignment_heads()),
                (languages, translates, heads),
                "{name}"
            );
        }
        let base = find("base").unwrap();
        assert_eq!(base.url("http://mirror/"), "http://mirror/ggml-base.bin");
        for (name, spared, not) in [
            ("micro", (183, 262), (333, 487)),
            ("tiny", (243, 322), (393, 547)),
            ("base", (358, 482), (508, 707)),
            ("small", (822, 1070), (972, 1295)),
            ("large-v3-turbo", (2400, 3089), (2550, 3314)),
        ] {
            let entry = find(name).unwrap();
            let memory = (entry.memory_mb(1), entry.memory_mb(2));
            assert_eq!(memory, if SPARES { spared } else { not }, "{name}");
        }
    }

    #[test]
    fn slips_find_their_model() {
        for (typed, meant) in [
            ("bas", Some("base")),
            ("Base", Some("base")),
            ("ggml-small.en.bin", Some("small.en")),
            ("smal.en", Some("small.en")),
            ("tiny_en", Some("tiny.en")),
            ("meduim", Some("medium")),
            ("large", Some("large-v3")),
            ("turbo", Some("large-v3-turbo")),
            ("large-v3-turbo-q5", Some("large-v3-turbo-q5_0")),
            ("gpt", None),
            ("", None),
            ("完全不同的名字", None),
        ] {
            assert_eq!(suggest(typed).map(|entry| entry.name), meant, "{typed}");
        }
        assert!(suggest(&"x".repeat(100_000)).is_none());
    }

    #[test]
    fn advice_fits_the_machine() {
        for (language, gb, name) in [
            (Some("en"), 8, "small.en"),
            (Some("en"), 1, if SPARES { "base.en" } else { "base.en-q5_1" }),
            (Some("zh"), 16, "large-v3-turbo-q5_0"),
            (Some("zh"), 2, "small"),
            (Some("zh"), 0, "base"),
            (Some("yue"), 1, "large-v3-turbo-q5_0"),
            (None, 4, "small"),
            (None, 0, "base-q5_1"),
        ] {
            assert_eq!(advise(language, gb * 1_000_000_000, 1).name, name, "{language:?} {gb} GB");
        }
    }
}
