//! What a listener chose with keys, kept beside places and bookmarks for next time. Never holds what was set by hand: flags,
//! variables and `config.toml` stand elsewhere.

use crate::store::Store;
use crate::tui::{Choices, View};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;

/// The file in the folder of the listener's own.
const FILE: &str = "chosen.json";

/// What was chosen, as far as anything was.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Chosen {
    /// How fast each show is heard, by its name; without one, what belongs to none.
    pub rates: BTreeMap<String, f32>,
    /// How loud, 1 being as recorded.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub volume: Option<f32>,
    /// The theme's name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub theme: Option<String>,
    /// Which text is shown.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub view: Option<String>,
    /// Whether long pauses are made short.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub skips_silence: Option<bool>,
}

/// The views by their names.
const VIEWS: [(&str, View); 3] = [("article", View::Article), ("transcript", View::Transcript), ("both", View::Both)];

impl Chosen {
    /// How fast `show` is heard.
    pub fn rate(&self, show: Option<&str>) -> Option<f32> {
        self.rates.get(show.unwrap_or_default()).copied()
    }

    /// Which text is shown.
    pub fn view(&self) -> Option<View> {
        VIEWS.iter().find(|(name, _)| self.view.as_deref() == Some(name)).map(|(_, view)| *view)
    }

    /// Whether nothing was chosen.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    fn take(&mut self, choices: &Choices, show: Option<&str>) {
        if let Some(rate) = choices.rate {
            self.rates.insert(show.unwrap_or_default().to_owned(), rate);
        }
        self.volume = choices.volume.or(self.volume);
        self.theme = choices.theme.map(str::to_owned).or(self.theme.take());
        let view = choices.view.and_then(|view| VIEWS.iter().find(|(_, other)| *other == view));
        self.view = view.map(|(name, _)| (*name).to_owned()).or(self.view.take());
        self.skips_silence = choices.skips_silence.or(self.skips_silence);
    }
}

fn path(store: &Store) -> Option<PathBuf> {
    Some(store.home()?.join(FILE))
}

/// What was kept; nothing where that cannot be read.
pub fn chosen(store: &Store) -> Chosen {
    let read = |path: PathBuf| serde_json::from_slice(&fs::read(path).ok()?).ok();
    path(store).and_then(read).unwrap_or_default()
}

/// Keeps what was chosen while an episode of `show` was heard, over what was chosen before.
pub fn keep(store: &Store, choices: &Choices, show: Option<&str>) -> Result<(), String> {
    let Some(path) = path(store) else { return Ok(()) };
    let mut all = chosen(store);
    all.take(choices, show);
    // Numbers and texts always have a JSON form.
    let bytes = serde_json::to_vec_pretty(&all).unwrap_or_default();
    let written = path.parent().map_or(Ok(()), fs::create_dir_all).map_err(|e| e.to_string());
    written
        .and_then(|()| super::output::to_file(&path, &bytes, true).map(drop).map_err(|failure| failure.why))
        .map_err(|why| format!("what was chosen is not kept: {why}"))
}

/// Forgets all of it.
///
/// # Errors
/// When the file cannot be removed.
pub fn forget(store: &Store) -> std::io::Result<()> {
    match path(store).map(fs::remove_file) {
        Some(Err(e)) if e.kind() != std::io::ErrorKind::NotFound => Err(e),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_chosen_is_found_again() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(&folder.path().join("not yet"));
        assert!(chosen(&store).is_empty());
        let rate = |rate| Choices { rate: Some(rate), ..Choices::default() };
        keep(&store, &rate(1.5), Some("News")).unwrap();
        keep(&store, &Choices { theme: Some("light"), view: Some(View::Both), ..rate(0.8) }, None).unwrap();
        keep(&store, &Choices { volume: Some(0.7), skips_silence: Some(false), ..Choices::default() }, Some("News")).unwrap();
        let all = chosen(&store);
        assert_eq!([all.rate(Some("News")), all.rate(None), all.rate(Some("Other"))], [Some(1.5), Some(0.8), None]);
        assert_eq!((all.theme.as_deref(), all.view(), all.volume), (Some("light"), Some(View::Both), Some(0.7)));
        fs::write(path(&store).unwrap(), "{").unwrap();
        assert!(chosen(&store).is_empty());
        forget(&store).and_then(|()| forget(&store)).unwrap();
        assert_eq!(keep(&Store::forgetful(), &rate(2.0), None), Ok(()));
    }
}
