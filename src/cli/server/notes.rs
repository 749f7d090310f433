//! What a server was fed, as far as this machine knows: a line for each push, appended once the
//! server has it, and for each that it is to forget.
//!
//! Kept in the cache: without it the server is asked what it has. Nobody's password is in it.

use crate::episode::EpisodeId;
use crate::index::wire::Mark;
use crate::store::Store;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

/// What the first line says that it is.
const FORMAT: &str = "aloud-pushed/1";
/// What the names of such files begin with.
const PREFIX: &str = "pushed-";

/// What one index of one server was fed.
pub struct Notes {
    path: Option<PathBuf>,
    /// The server's address.
    pub base: String,
    /// The name of its index.
    pub index: String,
    /// Pushes that are there.
    there: BTreeMap<EpisodeId, BTreeSet<Mark>>,
    /// Those that it is still to be told to forget.
    owed: BTreeSet<(EpisodeId, Mark)>,
    /// Those that it was told to.
    told: BTreeSet<(EpisodeId, Mark)>,
}

impl Notes {
    /// Those of the index `index` at `base`, of which `uid` tells whether it is still the same one.
    pub fn of(base: &str, index: &str, uid: &str, store: &Store) -> Self {
        let name = format!(
            "{PREFIX}{}",
            &blake3::hash(format!("{base}\n{index}").as_bytes()).to_hex()[..16]
        );
        let path = store.cache_dir().map(|dir| dir.join(name));
        let known = path
            .as_deref()
            .and_then(Self::read)
            .filter(|(_, own)| own == uid)
            .map(|(notes, _)| notes);
        known.unwrap_or_else(|| {
            let head = json!({ "format": FORMAT, "server": base, "index": index, "uid": uid });
            // What cannot be written is asked for the next time.
            let is_new =
                path.as_ref().is_some_and(|path| fs::write(path, format!("{head}\n")).is_ok());
            let (base, index) = (base.to_owned(), index.to_owned());
            Self {
                path: path.filter(|_| is_new),
                base,
                index,
                there: BTreeMap::new(),
                owed: BTreeSet::new(),
                told: BTreeSet::new(),
            }
        })
    }

    /// Those of every server.
    pub fn all(store: &Store) -> Vec<Self> {
        let Some(files) = store.cache_dir().and_then(|dir| fs::read_dir(dir).ok()) else {
            return Vec::new();
        };
        let mut paths: Vec<PathBuf> = files.flatten().map(|file| file.path()).collect();
        paths.retain(|path| {
            path.file_name().is_some_and(|name| name.to_string_lossy().starts_with(PREFIX))
        });
        paths.sort();
        paths.iter().filter_map(|path| Some(Self::read(path)?.0)).collect()
    }

    /// Those in a file, and what told the index then.
    fn read(path: &Path) -> Option<(Self, String)> {
        let text = fs::read_to_string(path).ok()?;
        let mut lines = text.lines();
        let head: Value = serde_json::from_str(lines.next()?).ok()?;
        let own = |name: &str| head[name].as_str().map(str::to_owned);
        if own("format").as_deref() != Some(FORMAT) {
            return None;
        }
        let (path, base, index) = (Some(path.to_owned()), own("server")?, own("index")?);
        let mut notes = Self {
            path,
            base,
            index,
            there: BTreeMap::new(),
            owed: BTreeSet::new(),
            told: BTreeSet::new(),
        };
        for line in lines {
            let mut parts = line.split(' ');
            let (Some(what), Some(episode), Some(mark)) =
                (parts.next(), parts.next(), parts.next())
            else {
                continue;
            };
            let (Some(episode), Some(mark)) = (EpisodeId::parse(episode), Mark::parse(mark)) else {
                continue;
            };
            notes.apply(what, episode, mark);
        }
        Some((notes, own("uid")?))
    }

    fn apply(&mut self, what: &str, episode: EpisodeId, mark: Mark) {
        let there = self.there.entry(episode).or_default();
        match what {
            "+" => drop(there.insert(mark)),
            "-" => {
                there.remove(&mark);
                self.owed.insert((episode, mark));
            }
            // The order was taken.
            "x" => {
                self.owed.remove(&(episode, mark.clone()));
                self.told.insert((episode, mark));
            }
            _ => {}
        }
    }

    fn note(&mut self, lines: &[(&str, EpisodeId, &Mark)]) {
        let text: String = lines
            .iter()
            .map(|(what, episode, mark)| format!("{what} {episode} {mark}\n"))
            .collect();
        if let Some(path) = &self.path {
            // What cannot be noted is asked for the next time.
            let file = fs::File::options().append(true).open(path);
            let _ = file.and_then(|mut file| file.write_all(text.as_bytes()));
        }
        lines.iter().for_each(|(what, episode, mark)| self.apply(what, *episode, (*mark).clone()));
    }

    /// Whether the server has the episode in this state, and nothing newer.
    pub fn has(&self, episode: EpisodeId, state: &str) -> bool {
        self.there.get(&episode).and_then(BTreeSet::last).is_some_and(|mark| mark.state() == state)
    }

    /// The pushes of an episode that are there.
    pub fn marks(&self, episode: EpisodeId) -> Vec<Mark> {
        self.there.get(&episode).into_iter().flatten().cloned().collect()
    }

    /// The pushes that the server is still to be told to forget.
    pub fn owed(&self) -> Vec<(EpisodeId, Mark)> {
        self.owed.iter().cloned().collect()
    }

    /// Notes that the server has a push, and that those in `old` are to go.
    pub fn add(&mut self, episode: EpisodeId, mark: &Mark, old: &[Mark]) {
        let is_new = |old: &&Mark| !self.told.contains(&(episode, (*old).clone()));
        let mut lines: Vec<(&str, EpisodeId, &Mark)> =
            old.iter().filter(is_new).map(|old| ("-", episode, old)).collect();
        lines.push(("+", episode, mark));
        self.note(&lines);
    }

    /// Notes that a push is to go.
    pub fn owe(&mut self, episode: EpisodeId, mark: &Mark) {
        self.note(&[("-", episode, mark)]);
    }

    /// Notes that all pushes of an episode are to go.
    pub fn drop_all(&mut self, episode: EpisodeId) {
        let marks = self.marks(episode);
        self.note(&marks.iter().map(|mark| ("-", episode, mark)).collect::<Vec<_>>());
    }

    /// Notes that the server was told to forget these.
    pub fn told(&mut self, pushes: &[(EpisodeId, Mark)]) {
        self.note(&pushes.iter().map(|(episode, mark)| ("x", *episode, mark)).collect::<Vec<_>>());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_noted_is_known_again_of_the_same_index_only() {
        let dir = tempfile::tempdir().unwrap();
        let store = Store::open(dir.path());
        fs::create_dir_all(store.cache_dir().unwrap()).unwrap();
        let id = EpisodeId([7; 32]);
        let old = Mark::new(&"a".repeat(32), 1, []);
        let new = Mark::new(&"b".repeat(32), 2, []);
        let of = |uid: &str| Notes::of("http://host", "aloud", uid, &store);
        let mut notes = of("one");
        notes.add(id, &old, &[]);
        assert!(of("one").has(id, old.state()) && !of("one").has(id, new.state()));
        notes.add(id, &new, std::slice::from_ref(&old));
        assert_eq!(
            (of("one").marks(id), of("one").owed()),
            (vec![new.clone()], vec![(id, old.clone())])
        );
        notes.told(&[(id, old.clone())]);
        assert!(of("one").owed().is_empty() && of("one").has(id, new.state()));
        notes.drop_all(id);
        assert_eq!((of("one").marks(id), of("one").owed()), (Vec::new(), vec![(id, new.clone())]));
        assert_eq!(Notes::all(&store).len(), 1);
        // An index that was made anew has nothing.
        assert!(of("two").owed().is_empty());
        assert!(Notes::of("http://host", "other", "one", &store).owed().is_empty());
        // A torn line, and lines of nobody.
        let head = json!({ "format": FORMAT, "server": "s", "index": "i", "uid": "u" });
        fs::write(
            notes.path.as_ref().unwrap(),
            format!("{head}\n+ {id} {new}\n+ {id} 17\n? {id} {old}\n+ "),
        )
        .unwrap();
        assert_eq!(Notes::read(notes.path.as_ref().unwrap()).unwrap().0.marks(id), [new]);
    }
}
