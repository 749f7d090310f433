//! What a listener chose with keys, to be found so again next time. Never knows where that is kept.

use super::app::App;
use super::event::Effect;
use super::text::View;

/// What was chosen of late; nothing where the listener left it as it was.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Choices {
    /// How fast, 0.5 to 3.
    pub rate: Option<f32>,
    /// How loud, 0 to 1.5.
    pub volume: Option<f32>,
    /// The theme's name.
    pub theme: Option<&'static str>,
    /// Which text is shown.
    pub view: Option<View>,
    /// Whether long pauses are made short.
    pub skips_silence: Option<bool>,
}

/// Where the listener is, and what was chosen since this was asked last: they are kept together, so
/// that a key that is held costs one writing and not thirty.
pub(super) fn remember(app: &mut App) -> Vec<Effect> {
    let mut effects = vec![Effect::Remember(app.position.at)];
    let choices = std::mem::take(&mut app.choices);
    if choices != Choices::default() {
        effects.push(Effect::Choose(choices));
    }
    effects
}
