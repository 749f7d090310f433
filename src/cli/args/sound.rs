//! The arguments that say which sound of a recording is meant.

use clap::{Args as ClapArgs, ValueEnum};

/// Which sound of a file.
#[derive(Clone, Debug, Default, ClapArgs)]
#[command(next_help_heading = "Recording")]
pub struct SoundArgs {
    /// One of several sound tracks, by its number from 1 or its language; otherwise the one in the
    /// text's language, or the file's own choice
    #[arg(long, value_name = "N|LANG")]
    pub track: Option<String>,
    /// One channel of two, where each has another voice or one is damaged
    #[arg(long, value_enum, value_name = "WHICH", default_value_t = ChannelArg::Mix)]
    pub channel: ChannelArg,
}

impl SoundArgs {
    /// As a record keeps it: a track, and a channel by its name.
    pub fn kept(track: Option<&str>, channel: Option<&str>) -> Self {
        let channel =
            [ChannelArg::Left, ChannelArg::Right].into_iter().find(|own| own.name() == channel);
        Self { track: track.map(str::to_owned), channel: channel.unwrap_or_default() }
    }

    /// Whether anything is asked for.
    pub fn is_some(&self) -> bool {
        self.track.is_some() || self.channel != ChannelArg::Mix
    }

    /// What is asked for here, and of the rest what is asked for there.
    #[must_use]
    pub fn or(self, other: Self) -> Self {
        let channel = if self.channel == ChannelArg::Mix { other.channel } else { self.channel };
        Self { track: self.track.or(other.track), channel }
    }

    /// What tells what is made of it from what is made of the rest of a file, in a file's name.
    pub fn suffix(&self) -> String {
        let track = self
            .track
            .as_ref()
            .map(|track| format!(" (track {})", track.replace(['/', '\\'], "_")));
        let channel = self.channel.name().map(|name| format!(" ({name})"));
        [track, channel].into_iter().flatten().collect()
    }
}

impl ChannelArg {
    /// Its name, where it is one of two.
    pub fn name(self) -> Option<&'static str> {
        match self {
            Self::Mix => None,
            Self::Left => Some("left"),
            Self::Right => Some("right"),
        }
    }
}

/// Which channel of two.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum ChannelArg {
    /// Both
    #[default]
    Mix,
    /// The left one
    Left,
    /// The right one
    Right,
}
