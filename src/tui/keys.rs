//! Which key does what: one table that the keys, the help and the settings are made from.

use crate::reason::Hinted;
use std::collections::{HashMap, HashSet};
use std::fmt;
use std::str::FromStr;

/// A key without what is held down with it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Code {
    /// One that writes a character; upper and lower case are two.
    Char(char),
    /// Return.
    Enter,
    /// Escape.
    Esc,
    /// Deletes to the left.
    Backspace,
    /// Deletes to the right.
    Delete,
    /// The tabulator.
    Tab,
    /// An arrow.
    Left,
    /// An arrow.
    Right,
    /// An arrow.
    Up,
    /// An arrow.
    Down,
    /// To the start.
    Home,
    /// To the end.
    End,
    /// A screen up.
    PageUp,
    /// A screen down.
    PageDown,
    /// A function key.
    F(u8),
}

/// Keys with names, as settings and help write them.
const NAMES: [(&str, Code); 15] = [
    ("space", Code::Char(' ')),
    ("enter", Code::Enter),
    ("esc", Code::Esc),
    ("backspace", Code::Backspace),
    ("delete", Code::Delete),
    ("tab", Code::Tab),
    ("left", Code::Left),
    ("right", Code::Right),
    ("up", Code::Up),
    ("down", Code::Down),
    ("home", Code::Home),
    ("end", Code::End),
    ("pageup", Code::PageUp),
    ("pagedown", Code::PageDown),
    ("comma", Code::Char(',')),
];

/// A key with what is held down with it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Key {
    /// The key.
    pub code: Code,
    /// With Control.
    pub ctrl: bool,
    /// With Alt.
    pub alt: bool,
    /// With Shift; never with a character, which says it by itself.
    pub shift: bool,
}

impl From<Code> for Key {
    fn from(code: Code) -> Self {
        Self { code, ctrl: false, alt: false, shift: false }
    }
}

/// A text that names no key.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no key")]
pub struct NoKey(String);

impl Hinted for NoKey {
    fn hint(&self) -> Option<String> {
        Some("write a character, or a name such as `space`, `ctrl-d`, `shift-left` or `f5`".into())
    }
}

impl FromStr for Key {
    type Err = NoKey;

    fn from_str(text: &str) -> Result<Self, NoKey> {
        let no_key = || NoKey(text.to_owned());
        let mut rest = text;
        let mut key = Key::from(Code::Esc);
        while let Some((held, after)) =
            rest.split_once('-').filter(|(held, after)| !held.is_empty() && !after.is_empty())
        {
            match held {
                "ctrl" => key.ctrl = true,
                "alt" => key.alt = true,
                "shift" => key.shift = true,
                _ => return Err(no_key()),
            }
            rest = after;
        }
        let mut chars = rest.chars();
        key.code = match (chars.next(), chars.next()) {
            (Some(c), None) => Code::Char(c),
            (Some('f'), Some('0'..='9')) => Code::F(rest[1..].parse().map_err(|_| no_key())?),
            _ => NAMES
                .iter()
                .find(|(name, _)| *name == rest)
                .map(|(_, code)| *code)
                .ok_or_else(no_key)?,
        };
        if let (Code::Char(c), true) = (key.code, key.shift) {
            key =
                Key { code: Code::Char(c.to_uppercase().next().unwrap_or(c)), shift: false, ..key };
        }
        Ok(key)
    }
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (is_held, name) in [(self.ctrl, "ctrl-"), (self.alt, "alt-"), (self.shift, "shift-")] {
            f.write_str(if is_held { name } else { "" })?;
        }
        match (NAMES.iter().find(|(name, code)| *code == self.code && *name != "comma"), self.code)
        {
            (Some((name, _)), _) => f.write_str(name),
            (None, Code::F(n)) => write!(f, "f{n}"),
            (None, Code::Char(c)) => write!(f, "{c}"),
            (None, _) => Ok(()),
        }
    }
}

/// What a key can be bound to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Action {
    /// Play or pause.
    Toggle,
    /// Go back or forward by so many steps of some seconds.
    Step(i32),
    /// The same by leaps.
    Leap(i32),
    /// Go to the sentence before or after.
    Sentence(i32),
    /// Go to the paragraph before or after.
    Paragraph(i32),
    /// Go to the word before or after.
    Word(i32),
    /// Go to the chapter or heading before or after.
    Chapter(i32),
    /// List the chapters and headings.
    Contents,
    /// Say this sentence again.
    Repeat,
    /// Begin, end, or leave a loop.
    Loop,
    /// Go to a tenth of the recording.
    Tenth(u8),
    /// Ask where to go.
    GoTo,
    /// Play from the line under the hand.
    PlayHere,
    /// Back to where the listener was before a jump.
    Back,
    /// And forward again.
    Forward,
    /// Slower or faster by so many steps.
    Faster(i32),
    /// As recorded.
    NormalRate,
    /// Louder or softer by so many steps.
    Louder(i32),
    /// Silent or not.
    Mute,
    /// Pause after a while.
    Sleep,
    /// Ask for a phrase.
    Search,
    /// Go to the hit before or after.
    Hit(i32),
    /// Mark this place.
    Bookmark,
    /// List the marked places.
    Bookmarks,
    /// Copy this sentence.
    Copy,
    /// Write this sentence as sound.
    Clip,
    /// Choose a file to write.
    Export,
    /// Move the text by so many rows.
    Rows(i32),
    /// Move the text by so many half screens.
    HalfScreens(i32),
    /// Move the text by so many screens.
    Screens(i32),
    /// To the top of the text.
    Top,
    /// To its end.
    Bottom,
    /// Back to what is spoken.
    Follow,
    /// The next view.
    View,
    /// Long pauses short, or as they are.
    SkipSilence,
    /// The next theme.
    Theme,
    /// Hide what was not heard yet, or not.
    Dictation,
    /// List the keys.
    Help,
    /// Show what was told.
    Messages,
    /// Leave this episode for another one.
    Shelf,
    /// List what is heard after this.
    Queue,
    /// Leave for the next episode of the queue, or the one before.
    Queued(i32),
    /// Leave the terminal for a while.
    Suspend,
    /// End.
    Quit,
}

/// An action with its keys.
pub struct Binding {
    /// What it does. Of several keys of a [`Action::Tenth`] each is the next tenth.
    pub action: Action,
    /// Its name in the settings.
    pub name: &'static str,
    /// Its keys where the settings say nothing.
    pub keys: &'static [&'static str],
    /// What it does, in words.
    pub help: &'static str,
}

const fn bind(
    action: Action,
    name: &'static str,
    keys: &'static [&'static str],
    help: &'static str,
) -> Binding {
    Binding { action, name, keys, help }
}

/// How many seconds a step and a leap are, unless the listener wants others.
pub const STEPS: (i32, i32) = (5, 30);

/// Every action under its heading, as the help lists them.
pub const TABLE: [(&str, &[Binding]); 5] = [
    (
        "Listening",
        &[
            bind(Action::Toggle, "toggle", &["space"], "play, pause"),
            bind(Action::Step(-1), "back", &["left"], "5 s back"),
            bind(Action::Step(1), "forward", &["right"], "5 s forward"),
            bind(Action::Leap(-1), "back-far", &["shift-left"], "30 s back"),
            bind(Action::Leap(1), "forward-far", &["shift-right"], "30 s forward"),
            bind(Action::Sentence(-1), "sentence-back", &["["], "sentence back"),
            bind(Action::Sentence(1), "sentence-forward", &["]"], "sentence forward"),
            bind(Action::Paragraph(-1), "paragraph-back", &["{"], "paragraph back"),
            bind(Action::Paragraph(1), "paragraph-forward", &["}"], "paragraph forward"),
            bind(Action::Chapter(-1), "chapter-back", &["("], "chapter or heading back"),
            bind(Action::Chapter(1), "chapter-forward", &[")"], "chapter or heading forward"),
            bind(Action::Contents, "contents", &["C"], "list of chapters and headings"),
            bind(Action::Word(-1), "word-back", &[","], "word back"),
            bind(Action::Word(1), "word-forward", &["."], "word forward"),
            bind(Action::Repeat, "repeat", &["r"], "say this sentence again"),
            bind(Action::Loop, "loop", &["A"], "loop: begins, ends, is off"),
            bind(
                Action::Tenth(0),
                "tenth",
                &["0", "1", "2", "3", "4", "5", "6", "7", "8", "9"],
                "go to a tenth of it",
            ),
            bind(Action::Back, "jump-back", &["ctrl-o", "backspace"], "back to before a jump"),
            bind(Action::Forward, "jump-forward", &["tab"], "and forward again"),
            bind(Action::GoTo, "go-to", &["g"], "go to a time or share (gg: top)"),
            bind(Action::PlayHere, "play-here", &["enter"], "play from this line, or a click"),
        ],
    ),
    (
        "Episodes",
        &[
            bind(Action::Shelf, "shelf", &["o"], "another episode, from the shelf"),
            bind(Action::Queue, "queue", &["Q"], "the queue: what is heard after this"),
            bind(Action::Queued(1), "next", &["ctrl-n"], "next of the queue"),
            bind(Action::Queued(-1), "previous", &["ctrl-p"], "the one before"),
        ],
    ),
    (
        "Sound",
        &[
            bind(Action::Faster(-1), "slower", &["<", "-"], "slower"),
            bind(Action::Faster(1), "faster", &[">", "+"], "faster"),
            bind(Action::NormalRate, "normal-rate", &["="], "as fast as recorded"),
            bind(Action::Louder(1), "louder", &["up"], "louder"),
            bind(Action::Louder(-1), "softer", &["down"], "softer"),
            bind(Action::Mute, "mute", &["m"], "mute"),
            bind(Action::SkipSilence, "skip-silence", &["s"], "long pauses short, or as they are"),
            bind(Action::Sleep, "sleep", &["z"], "pause after 15, 30, 60 minutes"),
        ],
    ),
    (
        "Finding and keeping",
        &[
            bind(Action::Search, "search", &["/"], "search"),
            bind(Action::Hit(1), "next-hit", &["n"], "next hit"),
            bind(Action::Hit(-1), "previous-hit", &["N"], "previous hit"),
            bind(Action::Bookmark, "bookmark", &["b"], "note here, or on the loop"),
            bind(Action::Bookmarks, "bookmarks", &["B"], "list of bookmarks"),
            bind(Action::Copy, "copy", &["y"], "copy this sentence and its time"),
            bind(Action::Clip, "clip", &["c"], "save this sentence as sound"),
            bind(Action::Export, "export", &["e"], "write subtitles, text, bookmarks"),
        ],
    ),
    (
        "Reading",
        &[
            bind(Action::Rows(1), "row-down", &["j"], "a row down"),
            bind(Action::Rows(-1), "row-up", &["k"], "a row up"),
            bind(Action::Screens(1), "page-down", &["pagedown", "ctrl-f"], "a screen down"),
            bind(Action::Screens(-1), "page-up", &["pageup", "ctrl-b"], "a screen up"),
            bind(Action::HalfScreens(1), "half-down", &["ctrl-d"], "half a screen down"),
            bind(Action::HalfScreens(-1), "half-up", &["ctrl-u"], "half a screen up"),
            bind(Action::Top, "top", &["home"], "top of the text"),
            bind(Action::Bottom, "bottom", &["G", "end"], "end of the text"),
            bind(Action::Follow, "follow", &["f", "esc"], "back to what is spoken"),
            bind(Action::View, "view", &["v"], "article, transcript, both"),
            bind(Action::Theme, "theme", &["t"], "next theme"),
            bind(Action::Dictation, "dictation", &["l"], "dictation: hidden until heard"),
            bind(Action::Help, "help", &["?", "f1"], "this list"),
            bind(Action::Messages, "messages", &["M"], "the last messages again"),
            bind(Action::Suspend, "suspend", &["ctrl-z"], "back to the shell for a while"),
            bind(Action::Quit, "quit", &["q", "ctrl-c"], "quit"),
        ],
    ),
];

/// Something in the settings that cannot be.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Conflict {
    /// A key has two actions.
    #[error("the key `{key}` is bound to both `{first}` and `{second}`")]
    Taken {
        /// The key.
        key: Key,
        /// One action.
        first: &'static str,
        /// The other.
        second: &'static str,
    },
    /// There is no such action.
    #[error("there is no action `{name}` to bind keys to")]
    NoAction {
        /// As it was written.
        name: String,
    },
    /// There is no such key.
    #[error("cannot bind `{action}`: {why}")]
    NoKey {
        /// The action.
        action: &'static str,
        /// What is wrong with the key.
        #[source]
        why: NoKey,
    },
}

impl Hinted for Conflict {
    fn hint(&self) -> Option<String> {
        match self {
            Self::Taken { .. } => Some("give one of them another key".into()),
            Self::NoAction { .. } => {
                Some(format!("the names are: {}", names().collect::<Vec<_>>().join(", ")))
            }
            Self::NoKey { why, .. } => why.hint(),
        }
    }
}

fn bindings() -> impl Iterator<Item = &'static Binding> {
    TABLE.iter().flat_map(|(_, bindings)| bindings.iter())
}

/// The names of all actions.
pub fn names() -> impl Iterator<Item = &'static str> {
    bindings().map(|binding| binding.name)
}

/// The keys of every action.
#[derive(Clone, Debug)]
pub struct Keys {
    actions: HashMap<Key, Action>,
    by_name: HashMap<&'static str, Vec<Key>>,
    /// How many seconds a step and a leap are.
    steps: (i32, i32),
}

impl Default for Keys {
    fn default() -> Self {
        // The table itself is free of conflicts; a test says so.
        Self::with_overrides(&[]).unwrap_or_else(|_| Self {
            actions: HashMap::new(),
            by_name: HashMap::new(),
            steps: STEPS,
        })
    }
}

impl Keys {
    /// The table's keys, but for each `(action, keys)` those keys instead; none to unbind it. A key
    /// that is bound so is no longer another action's, so that a new action never takes what a
    /// listener chose. All that is wrong is named together.
    pub fn with_overrides(overrides: &[(String, Vec<String>)]) -> Result<Self, Vec<Conflict>> {
        let mut conflicts: Vec<Conflict> = Vec::new();
        for (name, _) in overrides.iter().filter(|(name, _)| !names().any(|known| known == name)) {
            conflicts.push(Conflict::NoAction { name: name.clone() });
        }
        let mut keys = Self { actions: HashMap::new(), by_name: HashMap::new(), steps: STEPS };
        let mut owners: HashMap<Key, &'static str> = HashMap::new();
        let own: HashSet<Key> = overrides
            .iter()
            .flat_map(|(_, keys)| keys.iter().filter_map(|key| key.parse().ok()))
            .collect();
        for binding in bindings() {
            let wished = overrides
                .iter()
                .rfind(|(name, _)| name == binding.name)
                .map(|(_, keys)| keys.iter().map(String::as_str));
            let is_default = wished.is_none();
            let texts: Vec<&str> = wished.map_or_else(|| binding.keys.to_vec(), Iterator::collect);
            for (index, text) in texts.into_iter().enumerate() {
                let key = match text.parse::<Key>() {
                    Ok(key) => key,
                    Err(why) => {
                        conflicts.push(Conflict::NoKey { action: binding.name, why });
                        continue;
                    }
                };
                if is_default && own.contains(&key) {
                    continue;
                }
                if let Some(first) =
                    owners.insert(key, binding.name).filter(|first| *first != binding.name)
                {
                    conflicts.push(Conflict::Taken { key, first, second: binding.name });
                }
                let tenth = u8::try_from(index).unwrap_or(u8::MAX).min(9);
                keys.actions.insert(
                    key,
                    if let Action::Tenth(_) = binding.action {
                        Action::Tenth(tenth)
                    } else {
                        binding.action
                    },
                );
                keys.by_name.entry(binding.name).or_default().push(key);
            }
        }
        if conflicts.is_empty() { Ok(keys) } else { Err(conflicts) }
    }

    /// The same with steps and leaps in the sound of so many seconds.
    #[must_use]
    pub fn with_steps(mut self, step: i32, leap: i32) -> Self {
        self.steps = (step, leap);
        self
    }

    /// What `key` does.
    pub fn action(&self, key: Key) -> Option<Action> {
        self.actions.get(&key).copied()
    }

    /// How many seconds an action goes on in the sound, or back; `None` for those that do not.
    pub fn seconds(&self, action: Action) -> Option<i32> {
        match action {
            Action::Step(n) => Some(n * self.steps.0),
            Action::Leap(n) => Some(n * self.steps.1),
            _ => None,
        }
    }

    /// What a binding does, in words.
    pub fn help(&self, binding: &Binding) -> String {
        match self.seconds(binding.action) {
            Some(seconds) => {
                format!("{} s {}", seconds.abs(), if seconds < 0 { "back" } else { "forward" })
            }
            None => binding.help.to_owned(),
        }
    }

    /// The keys of the action called `name`, as help shows them: arrows as arrows.
    pub fn shown(&self, name: &str) -> String {
        let keys = self.by_name.get(name).map(Vec::as_slice).unwrap_or_default();
        match keys {
            [first, .., last] if keys.len() > 4 => format!("{first} … {last}"),
            keys => keys.iter().map(|key| picture(*key)).collect::<Vec<_>>().join(" "),
        }
    }
}

fn picture(key: Key) -> String {
    let name = key.to_string();
    let arrows = [("left", "←"), ("right", "→"), ("up", "↑"), ("down", "↓")];
    let (held, last) = name
        .rsplit_once('-')
        .filter(|(_, last)| !last.is_empty())
        .map_or(("", name.as_str()), |(held, last)| (held, last));
    match arrows.iter().find(|(arrow, _)| *arrow == last) {
        Some((_, sign)) if held.is_empty() => (*sign).to_owned(),
        Some((_, sign)) => format!("{held}-{sign}"),
        None => name,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::reason::Reason;

    #[test]
    fn names_of_keys() {
        for text in [
            "space",
            "a",
            "G",
            "ctrl-d",
            "shift-left",
            "ctrl-alt-x",
            "f12",
            "-",
            "ctrl--",
            "?",
            "pageup",
            "中",
            ",",
        ] {
            assert_eq!(text.parse::<Key>().map(|key| key.to_string()), Ok(text.to_owned()));
        }
        assert_eq!("shift-g".parse(), Ok(Key::from(Code::Char('G'))));
        assert_eq!("comma".parse(), Ok(Key::from(Code::Char(','))));
        for text in ["", "spaec", "hyper-x", "ctrl-", "f0x"] {
            assert!(text.parse::<Key>().is_err(), "{text:?}");
        }
    }

    #[test]
    fn the_table_is_without_conflicts() {
        let keys = Keys::with_overrides(&[]).expect("no conflict");
        for binding in bindings() {
            assert!(!binding.keys.is_empty() && !binding.help.is_empty());
            assert!(
                binding.keys.iter().all(|key| keys.action(key.parse().expect("a key")).is_some()),
                "{}",
                binding.name
            );
        }
        let mut all: Vec<_> = names().collect();
        all.sort_unstable();
        all.dedup();
        assert_eq!(all.len(), bindings().count());
        assert_eq!(keys.action(Code::Char('7').into()), Some(Action::Tenth(7)));
        assert_eq!(keys.shown("tenth"), "0 … 9");
    }

    #[test]
    fn overriding() {
        let with = |list: &[(&str, &[&str])]| {
            let owned: Vec<_> = list
                .iter()
                .map(|(n, keys)| ((*n).to_owned(), keys.iter().map(|k| (*k).to_owned()).collect()))
                .collect();
            let one_line = |conflict| Reason::from(conflict).one_line();
            Keys::with_overrides(&owned)
                .map_err(|conflicts| conflicts.into_iter().map(one_line).collect::<Vec<_>>())
        };
        let keys = with(&[("quit", &["x", "f10"]), ("mute", &[])]).expect("fine");
        assert_eq!(keys.action(Code::Char('x').into()), Some(Action::Quit));
        assert_eq!(
            (keys.action(Code::Char('q').into()), keys.action(Code::Char('m').into())),
            (None, None)
        );
        let swapped = with(&[("row-down", &["k"]), ("row-up", &["j"])]).expect("fine");
        assert_eq!(swapped.action(Code::Char('k').into()), Some(Action::Rows(1)));
        let taken = with(&[("mute", &["q"])]).expect("fine");
        assert_eq!(taken.action(Code::Char('q').into()), Some(Action::Mute));
        assert_eq!(taken.shown("quit"), "ctrl-c");
        let conflicts = with(&[("mute", &["x", "hyper-q"]), ("quit", &["x"]), ("jump", &["y"])])
            .expect_err("three things are wrong");
        assert!(
            conflicts[0].starts_with(
                "there is no action `jump` to bind keys to; the names are: toggle, back"
            )
        );
        assert_eq!(
            conflicts[1],
            "cannot bind `mute`: `hyper-q` is no key; write a character, or a name such as `space`, `ctrl-d`, `shift-left` or `f5`"
        );
        assert_eq!(
            conflicts[2],
            "the key `x` is bound to both `mute` and `quit`; give one of them another key"
        );
    }
}
