//! Where results lie: what took long in one folder, what can be made again in a moment in another.
//!
//! A store in a folder that somebody named keeps both there. The store of the user keeps the first
//! in the data folder, which nobody empties, and the second in the cache, which anybody may. This
//! part never knows what the stages do: it is told which of them are [`Rules::is_passing`].

use super::moving::{self, Homes};
use super::rules::Rules;
use super::{Key, files};
use etcetera::BaseStrategy;
use std::io;
use std::path::{Path, PathBuf};

/// The folder of records in each of the user's two.
const EPISODES: &str = "episodes";

/// The folders of a store.
#[derive(Clone, Debug)]
pub(super) struct Folders {
    /// Holds what took long.
    pub(super) lasting: PathBuf,
    /// Holds what can be made again in a moment.
    pub(super) passing: PathBuf,
    /// For files beside the records that are a listener's own.
    pub(super) home: PathBuf,
    /// For files beside the records that can be made again.
    pub(super) beside: PathBuf,
    /// What lies in these is read where the others have nothing, and never written.
    others: Vec<PathBuf>,
    is_passing: fn(&str) -> bool,
}

impl Folders {
    /// One folder for everything.
    pub(super) fn one(dir: &Path) -> Self {
        let dir = dir.to_owned();
        Self {
            lasting: dir.clone(),
            passing: dir.clone(),
            home: dir.clone(),
            beside: dir,
            others: Vec::new(),
            is_passing: |_| false,
        }
    }

    /// Those below `data` and `cache`, with what earlier versions left in the latter brought over;
    /// and why nothing can be written. Where only the data folder cannot be written everything goes
    /// to the cache, as it once did, until it can.
    pub(super) fn two(
        data: &Path,
        cache: &Path,
        rules: &Rules,
    ) -> (Self, Option<(PathBuf, io::Error)>) {
        let (lasting, passing, beside) =
            (data.join(EPISODES), cache.join(EPISODES), cache.to_owned());
        let of = |lasting: &Path, others| Self {
            lasting: lasting.to_owned(),
            passing: passing.clone(),
            home: if lasting == cache { cache } else { data }.to_owned(),
            beside: beside.clone(),
            others,
            is_passing: rules.is_passing,
        };
        match files::try_writing(&lasting) {
            Ok(()) => {
                if let Err(error) = files::try_writing(&passing) {
                    log::warn!("nothing will be kept in `{}`: {error}", passing.display());
                }
                let is_left = moving::bring_over(
                    cache,
                    &Homes { lasting: &lasting, passing: &passing, rules },
                );
                (of(&lasting, if is_left { vec![cache.to_owned()] } else { Vec::new() }), None)
            }
            Err(error) if files::try_writing(cache).is_ok() => {
                log::warn!(
                    "cannot write in `{}`: {error}; `{}` is used instead",
                    lasting.display(),
                    cache.display()
                );
                (of(cache, vec![lasting]), None)
            }
            Err(error) => (of(&lasting, vec![cache.to_owned()]), Some((lasting, error))),
        }
    }

    /// The folder that what `key` names is written in.
    pub(super) fn of(&self, key: &Key) -> &Path {
        if (self.is_passing)(&key.stage) { &self.passing } else { &self.lasting }
    }

    /// The folders that `key` is looked for in, the one it is written in first.
    pub(super) fn places(&self, key: &Key) -> impl Iterator<Item = &Path> {
        std::iter::once(self.of(key)).chain(self.others.iter().map(PathBuf::as_path))
    }

    /// Each folder with records once, those that are written in first.
    pub(super) fn all(&self) -> Vec<&Path> {
        let mut all: Vec<&Path> = Vec::new();
        for dir in [&self.lasting, &self.passing].into_iter().chain(&self.others) {
            if !all.contains(&dir.as_path()) {
                all.push(dir);
            }
        }
        all
    }
}

/// `aloud` in the user's data folder (`$XDG_DATA_HOME`) and in the cache (`$XDG_CACHE_HOME`);
/// `None` for a user without a home.
pub(super) fn of_user() -> Option<(PathBuf, PathBuf)> {
    let user = etcetera::choose_base_strategy().ok()?;
    let (data, cache) = (user.data_dir().join("aloud"), user.cache_dir().join("aloud"));
    // An empty `HOME` would lead into the current folder.
    (data.is_absolute() && cache.is_absolute()).then_some((data, cache))
}
