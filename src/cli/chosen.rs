//! What a listener chose with keys, kept beside places and bookmarks for next time. Never holds
//! what was set by hand: flags, variables and `config.toml` stand elsewhere.

use super::own::Own;
use crate::reason::Reason;
use crate::store::Store;
use crate::tui::{Choices, View};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

const OWN: Own =
    Own { file: "chosen.json", what: "what was chosen with keys", anew: "aloud config forget" };

/// What was chosen, as far as anything was.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Chosen {
    /// How fast each show is heard, by its name; without one, what belongs to none.
    pub rates: BTreeMap<String, f64>,
    /// How loud, 1 being as recorded.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub volume: Option<f64>,
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
const VIEWS: [(&str, View); 3] =
    [("article", View::Article), ("transcript", View::Transcript), ("both", View::Both)];

impl Chosen {
    /// How fast `show` is heard.
    pub fn rate(&self, show: Option<&str>) -> Option<f32> {
        self.rates.get(show.unwrap_or_default()).map(|rate| *rate as f32)
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
            self.rates.insert(show.unwrap_or_default().to_owned(), hundredths(rate));
        }
        self.volume = choices.volume.map(hundredths).or(self.volume);
        self.theme = choices.theme.map(str::to_owned).or(self.theme.take());
        let view = choices.view.and_then(|view| VIEWS.iter().find(|(_, other)| *other == view));
        self.view = view.map(|(name, _)| (*name).to_owned()).or(self.view.take());
        self.skips_silence = choices.skips_silence.or(self.skips_silence);
    }
}

/// As it is shown; a number of 32 bits has more digits than anybody chose.
fn hundredths(number: f32) -> f64 {
    (f64::from(number) * 100.0).round() / 100.0
}

/// What was kept.
///
/// # Errors
/// Where it is there and cannot be read.
pub fn read(store: &Store) -> Result<Chosen, Reason> {
    OWN.read(store)
}

/// What was kept, as far as it can be read.
pub fn chosen(store: &Store) -> Chosen {
    OWN.read_or_default(store)
}

/// Keeps what was chosen while an episode of `show` was heard, over what was chosen before.
///
/// # Errors
/// Where it cannot be kept, or would take the place of what cannot be read.
pub fn keep(store: &Store, choices: &Choices, show: Option<&str>) -> Result<(), Reason> {
    OWN.change(store, |all: &mut Chosen| all.take(choices, show))
}

/// Forgets all of it.
///
/// # Errors
/// When the file cannot be removed.
pub fn forget(store: &Store) -> std::io::Result<()> {
    OWN.forget(store)
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
        keep(&store, &Choices { theme: Some("light"), view: Some(View::Both), ..rate(0.8) }, None)
            .unwrap();
        keep(
            &store,
            &Choices { volume: Some(0.7), skips_silence: Some(false), ..Choices::default() },
            Some("News"),
        )
        .unwrap();
        let all = chosen(&store);
        assert_eq!(
            [all.rate(Some("News")), all.rate(None), all.rate(Some("Other"))],
            [Some(1.5), Some(0.8), None]
        );
        assert_eq!(
            (all.theme.as_deref(), all.view(), all.volume),
            (Some("light"), Some(View::Both), Some(0.7))
        );
    }
}
