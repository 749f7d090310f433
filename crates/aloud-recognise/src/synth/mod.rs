//! Here is a text; how does it sound?
//!
//! espeak-ng speaks it, when it is installed: not beautifully, but at once, in a hundred languages,
//! and telling when each word and each sound begins. `script` writes sentences out as they are to
//! be said, `sounds` finds the article's words in what was said. The library is loaded (`espeak`)
//! in a child process of the same executable (`child`), of which `speaker` is the near side: it can
//! crash or hang without taking anything along, and its code, which is under the GPL, never becomes
//! a part of this program. This room never knows the recording.

pub mod child;
mod espeak;
pub mod mecab;
pub mod script;
pub mod sounds;
pub mod speaker;
mod voices;

pub use script::Line;
pub use speaker::{Speaker, Trouble};
pub use voices::voice;

use serde::{Deserialize, Serialize};

/// What was spoken, and when what was said.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Utterance {
    /// Samples a second.
    pub rate: u32,
    /// The sound, mono.
    pub samples: Vec<i16>,
    /// For each word its first character's place in the text, counted from 0, and the sample at
    /// which it begins. Words that are said as one ("of the") have one entry, numbers one for each
    /// spoken word.
    pub words: Vec<(u32, u32)>,
    /// The sounds in order.
    pub phones: Vec<Phone>,
}

/// A sound of the synthesiser's; it ends where the next one begins.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Phone {
    /// Its name; those that begin with an underscore are pauses, those in parentheses change the
    /// language.
    pub name: String,
    /// The sample at which it begins.
    pub sample: u32,
}

/// What the near side asks.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Ask {
    /// The first message, once: a voice, and the library's file where it is not in its usual place.
    Load { voice: String, library: Option<String> },
    /// Speak this.
    Speak { text: String },
}

/// What the child answers; sound comes in the body of the message.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Answer {
    /// Ready, with the library's version.
    Loaded { version: String },
    /// It cannot speak, why, and what helps.
    Refused { why: String, hint: Option<String> },
    /// As [`Utterance`].
    Spoken { rate: u32, words: Vec<(u32, u32)>, phones: Vec<Phone> },
}
