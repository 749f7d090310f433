//! How an episode is played and shown: flags over variables over `config.toml` over what was chosen
//! with keys. Of the rate alone the keys count before the file, since each show has its own.

use super::Context;
use super::args::PlayArgs;
use super::chosen::{Chosen, chosen};
use super::exit::Exit;
use super::report::Failure;
use super::settings::Source;
use crate::player::{MAX_SPEED, MAX_VOLUME, MIN_SPEED, Options};
use crate::reason::Reason;
use crate::store::Store;
use crate::tui::keys::STEPS;
use crate::tui::{Abilities, Colours, Keys, Setup, View};
use crate::view::{COLUMN, Theme};
use std::ops::RangeInclusive;

/// How an episode is played and shown.
pub struct Manner {
    /// How fast it was set to be played, and where.
    rate: Option<(f32, Source)>,
    chosen: Chosen,
    /// How loud, 0 to 1.5.
    volume: f32,
    /// Whether long pauses are made short.
    skips_silence: bool,
    /// Whether media keys are heard.
    pub has_media_keys: bool,
    /// A part of the sound card's name.
    device: Option<String>,
    /// Whether no sound card is looked for.
    no_audio: bool,
    /// How the screen looks.
    theme: &'static Theme,
    /// Which text it shows.
    view: View,
    /// The widest column of text, in cells.
    column: u16,
    /// What keys do.
    keys: Keys,
}

impl Manner {
    /// As `args` ask for it.
    ///
    /// # Errors
    /// With exit code 2 for what cannot be.
    pub fn of(args: &PlayArgs, store: &Store, context: &Context) -> Result<Self, Failure> {
        let chosen = chosen(store);
        Ok(Self {
            rate: rate(args.rate, context)?,
            volume: volume(context)?
                .or(chosen.volume.map(|volume| volume as f32).filter(|volume| volume.is_finite()))
                .unwrap_or(1.0)
                .clamp(0.0, MAX_VOLUME),
            skips_silence: skips_silence(args.skip_silence, context)?
                .or(chosen.skips_silence)
                .unwrap_or_default(),
            has_media_keys: has_media_keys(args.no_media_keys, context)?,
            device: device(args.device.clone(), context)?,
            no_audio: args.no_audio,
            theme: look(args.theme.clone(), || Ok(chosen.theme.clone()), context)?,
            view: chosen.view().unwrap_or_default(),
            column: column(context)?,
            keys: keys(context)?,
            chosen,
        })
    }

    /// How the player plays an episode of `show`.
    pub fn options(&self, show: Option<&str>) -> Options {
        Options {
            device: self.device.clone(),
            no_audio: self.no_audio,
            rate: self.rate(show),
            volume: self.volume,
            skip_silence: self.skips_silence,
            ..Options::default()
        }
    }

    /// How the screen looks, before anything is on it.
    pub fn setup(self) -> Setup {
        Setup {
            theme: self.theme,
            view: self.view,
            column: self.column,
            skips_silence: self.skips_silence,
            keys: self.keys,
            ..Setup::default()
        }
    }

    /// How fast an episode of `show` is played, 0.5 to 3.
    fn rate(&self, show: Option<&str>) -> f32 {
        match self.rate {
            Some((rate, Source::Flag | Source::Variable)) => rate,
            set => self
                .chosen
                .rate(show)
                .filter(|rate| RATES.contains(rate))
                .or(set.map(|(rate, _)| rate))
                .unwrap_or(1.0),
        }
    }
}

const RATES: RangeInclusive<f32> = MIN_SPEED..=MAX_SPEED;

fn rate(flag: Option<f32>, context: &Context) -> Result<Option<(f32, Source)>, Failure> {
    context.settings.within("rate", flag, &RATES)
}

fn volume(context: &Context) -> Result<Option<f32>, Failure> {
    Ok(context
        .settings
        .within("volume", None, &(0.0..=MAX_VOLUME * 100.0))?
        .map(|(percent, _)| percent / 100.0))
}

fn skips_silence(flag: Option<bool>, context: &Context) -> Result<Option<bool>, Failure> {
    context.settings.get("skip-silence", flag)
}

fn has_media_keys(are_unwanted: bool, context: &Context) -> Result<bool, Failure> {
    Ok(context.settings.get("media-keys", are_unwanted.then_some(false))?.unwrap_or(true))
}

fn column(context: &Context) -> Result<u16, Failure> {
    Ok(context.settings.within("width", None, &(20..=400))?.map_or(COLUMN, |(width, _)| width))
}

/// The sound card that was asked for.
///
/// # Errors
/// Never for a text; see [`Settings::get`](super::settings::Settings::get).
pub fn device(flag: Option<String>, context: &Context) -> Result<Option<String>, Failure> {
    Ok(context.settings.get::<String>("device", flag)?.filter(|name| !name.is_empty()))
}

/// The theme that was asked for, by flag, variable or file, or chosen with keys.
///
/// # Errors
/// With exit code 2 where there is no such theme.
pub fn theme(flag: Option<String>, context: &Context) -> Result<&'static Theme, Failure> {
    look(flag, || Ok(chosen(&context.store()?).theme), context)
}

/// The theme, where `last` tells which was chosen with keys.
fn look(
    flag: Option<String>,
    last: impl FnOnce() -> Result<Option<String>, Failure>,
    context: &Context,
) -> Result<&'static Theme, Failure> {
    let set = context.settings.get::<String>("theme", flag)?;
    if let Some(name) = set.as_deref().filter(|name| Theme::named(name).is_none()) {
        return Err(Failure::new(Exit::Usage, format!("there is no theme `{name}`"))
            .hint("there are dark, light, contrast, plain and bare"));
    }
    let is_set = set.is_some();
    let is_no_color = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
    // Who wants no colours now is not asked what he chose once.
    let wished = match set {
        None if !is_no_color => last()?.filter(|name| Theme::named(name).is_some()),
        set => set,
    };
    let theme = Theme::choose(wished.as_deref(), is_no_color);
    // What was set is shown as it was set, also where the terminal's name promises less.
    Ok(match Abilities::of_process().colours {
        _ if is_set => theme,
        Colours::None => Theme::bare(),
        Colours::Sixteen => theme.of_sixteen(),
        Colours::Table | Colours::All => theme,
    })
}

/// The keys as the settings file binds them.
///
/// # Errors
/// With exit code 2 for what cannot be bound.
pub fn keys(context: &Context) -> Result<Keys, Failure> {
    let (step, leap) = (
        seconds("step", context)?.unwrap_or(STEPS.0),
        seconds("leap", context)?.unwrap_or(STEPS.1),
    );
    let keys = Keys::with_overrides(&context.settings.keys()?).map_err(|conflicts| {
        let all: Vec<String> =
            conflicts.into_iter().map(|conflict| Reason::from(conflict).one_line()).collect();
        Failure::new(
            Exit::Usage,
            format!("the keys in `config.toml` cannot be used: {}", all.join("; ")),
        )
    })?;
    Ok(keys.with_steps(step, leap))
}

fn seconds(name: &str, context: &Context) -> Result<Option<i32>, Failure> {
    Ok(context.settings.within(name, None, &(1..=3600))?.map(|(seconds, _)| seconds))
}

/// Whether what was set as `name` can be used; nothing for what this room does not know.
///
/// # Errors
/// With exit code 2 where it cannot.
pub fn check(name: &str, context: &Context) -> Result<(), Failure> {
    match name {
        "rate" => rate(None, context).map(drop),
        "volume" => volume(context).map(drop),
        "skip-silence" => skips_silence(None, context).map(drop),
        "media-keys" => has_media_keys(false, context).map(drop),
        "theme" => theme(None, context).map(drop),
        "width" => column(context).map(drop),
        "step" | "leap" => seconds(name, context).map(drop),
        _ => Ok(()),
    }
}
