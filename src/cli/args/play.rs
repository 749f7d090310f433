//! The arguments that say how something is played and shown.

use clap::Args;

/// How something is played and shown.
#[derive(Clone, Debug, Default, Args)]
pub struct PlayArgs {
    /// Begin paused
    #[arg(long)]
    pub paused: bool,
    /// How fast, 0.5 to 3, without change of pitch [variable: ALOUD_RATE; default: as chosen with
    /// keys for the show, or `rate` in config.toml, or 1]
    #[arg(long, value_name = "N")]
    pub rate: Option<f32>,
    /// Make long pauses short [variable: ALOUD_SKIP_SILENCE]
    #[arg(long, num_args = 0..=1, require_equals = true, default_missing_value = "true", value_name = "true|false")]
    pub skip_silence: Option<bool>,
    /// A sound card's name or a part of it (`aloud doctor` lists them) [variable: ALOUD_DEVICE]
    #[arg(long, value_name = "NAME")]
    pub device: Option<String>,
    /// Let the text go on without sound
    #[arg(long)]
    pub no_audio: bool,
    /// Without media keys, and without showing the desktop what plays [variable:
    /// ALOUD_MEDIA_KEYS=false]
    #[arg(long)]
    pub no_media_keys: bool,
    /// dark, light, contrast, plain or bare [variable: ALOUD_THEME; default: as chosen last, or
    /// dark]
    #[arg(long, value_name = "NAME")]
    pub theme: Option<String>,
}
