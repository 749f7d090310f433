//! Which sound of a file is meant, where it has several: one of its tracks, one of its channels.
//!
//! A playlist says so in VLC's words, so that other players understand it too. This file never
//! opens anything.

/// What is to be heard of a file.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Choice {
    /// One of its sound tracks by its number in the file, from 0; its default track otherwise.
    pub track: Option<usize>,
    /// One of two channels; both otherwise.
    pub side: Option<Side>,
}

/// One channel out of two.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// The first.
    Left,
    /// The second.
    Right,
    /// Half of the first less the second: of two channels that mirror each other their sound, where
    /// the sum is silence.
    Difference,
}

/// A sound track of a file, as its header describes it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SoundTrack {
    /// The language that it is in, as the file has it: ISO 639 or BCP 47.
    pub language: Option<String>,
    /// Whether it is the one that is heard.
    pub is_heard: bool,
}

/// How VLC writes options of a playlist's next entry.
const OPTION: &str = "#EXTVLCOPT:";

impl Choice {
    /// The lines that say so in a playlist, before the file's own.
    pub fn lines(&self) -> String {
        let track = self.track.map(|track| format!("{OPTION}audio-track={track}\n"));
        let mode = match self.side {
            Some(Side::Left) => Some(3),
            Some(Side::Right) => Some(4),
            Some(Side::Difference) | None => None,
        };
        let side = mode.map(|mode| format!("{OPTION}stereo-mode={mode}\n"));
        [track, side].into_iter().flatten().collect()
    }

    /// Takes up what a playlist's `line` says; others are passed over.
    pub(super) fn read(&mut self, line: &str) {
        let Some((name, value)) =
            line.strip_prefix(OPTION).and_then(|option| option.split_once('='))
        else {
            return;
        };
        match (name.trim(), value.trim()) {
            ("audio-track", number) => self.track = number.parse().ok(),
            ("stereo-mode", "3") => self.side = Some(Side::Left),
            ("stereo-mode", "4") => self.side = Some(Side::Right),
            _ => {}
        }
    }
}

/// Two channels are opposed where their sum has less than this share of the energy that it would
/// have were they equal.
const OPPOSED: f64 = 0.03;
/// Where the sum has more than this share nobody needs to listen on.
const USUAL: f64 = 0.2;
/// Frames that are quieter than 80 dB below full scale tell nothing.
const QUIET: f64 = 1e-8;

/// Whether two channels mirror each other, so that half of their sum is silence: a cable was wired
/// the wrong way round.
#[derive(Debug, Default)]
pub(super) struct Polarity {
    sum: f64,
    both: f64,
    /// Frames with a sound.
    n: u64,
}

impl Polarity {
    /// Takes note of stereo frames.
    pub(super) fn note(&mut self, interleaved: &[f32]) {
        for [left, right] in interleaved.as_chunks::<2>().0 {
            let (left, right) = (f64::from(*left), f64::from(*right));
            let both = left * left + right * right;
            if both > QUIET {
                self.both += both;
                self.sum += (left + right) * (left + right);
                self.n += 1;
            }
        }
    }

    /// Frames with a sound so far.
    pub(super) fn n_frames(&self) -> u64 {
        self.n
    }

    /// Whether it is plain that they do not.
    pub(super) fn is_usual(&self) -> bool {
        self.sum > USUAL * 2.0 * self.both
    }

    /// Whether they do.
    pub(super) fn is_opposed(&self) -> bool {
        self.both > 0.0 && self.sum < OPPOSED * 2.0 * self.both
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_playlist_says_which() {
        for (choice, lines) in [
            (Choice::default(), ""),
            (Choice { track: Some(1), side: None }, "#EXTVLCOPT:audio-track=1\n"),
            (
                Choice { track: Some(0), side: Some(Side::Right) },
                "#EXTVLCOPT:audio-track=0\n#EXTVLCOPT:stereo-mode=4\n",
            ),
            (Choice { track: None, side: Some(Side::Left) }, "#EXTVLCOPT:stereo-mode=3\n"),
        ] {
            assert_eq!(choice.lines(), lines);
            let mut read = Choice::default();
            lines.lines().for_each(|line| read.read(line));
            assert_eq!(read, choice);
        }
        let mut read = Choice::default();
        for line in [
            "#EXTVLCOPT:audio-track=-1",
            "#EXTVLCOPT:stereo-mode=9",
            "#EXTVLCOPT:x",
            "#EXTINF:1,audio-track=2",
        ] {
            read.read(line);
            assert_eq!(read, Choice::default(), "{line}");
        }
    }

    #[test]
    fn mirrored_channels_are_noticed() {
        let voice = |n: usize| (n as f32 * 0.37).sin() * (n as f32 * 0.011).sin();
        let other = |n: usize| (n as f32 * 0.91).sin();
        for (name, right, is_usual, is_opposed) in [
            ("the same", Box::new(voice) as Box<dyn Fn(usize) -> f32>, true, false),
            ("mirrored", Box::new(move |n| -voice(n)), false, true),
            (
                "mirrored, a little quieter, with noise",
                Box::new(move |n| -0.9 * voice(n) + 0.03 * other(n)),
                false,
                true,
            ),
            ("another sound", Box::new(other), true, false),
            ("nothing", Box::new(|_| 0.0), true, false),
        ] {
            let mut polarity = Polarity::default();
            let frames: Vec<f32> = (0..20_000).flat_map(|n| [voice(n), right(n)]).collect();
            polarity.note(&frames);
            assert_eq!(
                (polarity.is_usual(), polarity.is_opposed()),
                (is_usual, is_opposed),
                "{name}"
            );
        }
        let mut silence = Polarity::default();
        silence.note(&[0.0; 2000]);
        assert!(!silence.is_opposed() && silence.n_frames() == 0);
    }
}
