//! How long a recording is of which a part is here, and how far so many of its bytes reach.

use crate::decode::Source;
use crate::episode::Tags;
use crate::time::Timestamp;
use std::fs::File;
use std::io::{Cursor, Read};
use std::path::Path;

/// From so many bytes at the beginning it is measured how long a byte sounds. Pictures in tags are
/// seldom longer.
const SAMPLE: u64 = 1 << 20;
/// A guess of the length is told anew when it is so much another one.
pub const NEAR: Timestamp = Timestamp::from_millis(1_000);

/// What is known of a recording of which a part is here.
pub struct Extent {
    pub tags: Tags,
    /// Of all of it, as well as can be said.
    pub length: Timestamp,
    /// Whether it does not say so itself. Where nobody knows how many bytes it has, its length is
    /// that of what is there.
    pub is_guess: bool,
    /// So many bytes at the beginning sound for so many seconds.
    sample: (u64, f64),
    /// How many seconds a byte sounds behind them.
    pace: f64,
}

impl Extent {
    /// Of the file at `part`, which has `have` bytes of `total`.
    pub fn of(part: &Path, have: u64, total: Option<u64>) -> Result<Self, String> {
        let why = |error: &dyn std::fmt::Display| error.to_string();
        let source = Source::open(part).map_err(|e| why(&e))?;
        let mut head = Vec::new();
        File::open(part)
            .and_then(|file| file.take((have / 2).min(SAMPLE)).read_to_end(&mut head))
            .map_err(|e| why(&e))?;
        let n = head.len() as u64;
        let mut sample =
            Source::from_reader(Cursor::new(head), "the beginning").map_err(|e| why(&e))?;
        let lengths = sample
            .length()
            .zip(source.length())
            .map(|(less, more)| (less.at.secs(), more.at.secs()));
        let (mut n_frames, rate) = (0, f64::from(sample.rate()));
        while let Some(frames) = sample.next_frames().map_err(|e| why(&e))? {
            n_frames += frames.samples.len() / frames.channels.max(1);
        }
        let sounds = n_frames as f64 / rate;
        let rest = |of: u64| of.saturating_sub(n).max(1) as f64;
        // A header tells of all of it, so that half of it says the same; else it is told how long
        // that is which is there.
        let even = sounds / n.max(1) as f64;
        let (pace, told) = match lengths {
            Some((less, more)) if (more - less).abs() <= more * 0.02 => {
                (total.map_or(even, |total| (more - sounds) / rest(total)), Some(more))
            }
            Some((less, more)) if more > less => ((more - less) / rest(have), None),
            _ => (even, None),
        };
        let pace = pace.max(0.0);
        let length = told.unwrap_or_else(|| sounds + pace * rest(total.unwrap_or(have)));
        Ok(Self {
            tags: source.tags().clone(),
            length: Timestamp::from_secs(length),
            is_guess: told.is_none(),
            sample: (n, sounds),
            pace,
        })
    }

    /// How far so many bytes reach.
    pub fn loaded(&self, bytes: u64) -> Timestamp {
        let (n, sounds) = self.sample;
        let at = Timestamp::from_secs((sounds + self.pace * (bytes as f64 - n as f64)).max(0.0));
        // It may well be longer than was guessed.
        if self.is_guess { at } else { at.min(self.length) }
    }

    /// Takes in that so many bytes reach to `at`.
    pub fn reaches(&mut self, bytes: u64, at: Timestamp) {
        let (n, sounds) = self.sample;
        if bytes > n && at.secs() > sounds {
            self.pace = (at.secs() - sounds) / (bytes - n) as f64;
        }
        // What it says may be meant of another one.
        self.is_guess |= at > self.length.plus(NEAR.millis());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// An ID3 tag of so many bytes, as a picture makes it.
    fn tag(n: usize) -> Vec<u8> {
        let size = [n >> 21, n >> 14 & 127, n >> 7 & 127, n & 127].map(|part| part as u8);
        [b"ID3\x04\0\0".as_slice(), &size, &vec![0; n]].concat()
    }

    #[test]
    fn how_long_all_is_and_how_far_a_part_reaches() {
        let folder = tempfile::tempdir().unwrap();
        let mp3 = include_bytes!("../../../../audio/old-radio.zh.mp3");
        let n_tag = mp3[6..10].iter().fold(0, |n, byte| n << 7 | usize::from(*byte)) + 10;
        let plain = &mp3[n_tag..];
        let seconds = 130.0;
        let n = 8_000 * 130;
        let mut wav =
            b"RIFF\0\0\0\0WAVEfmt \x10\0\0\0\x01\0\x01\0\x40\x1f\0\0\x80\x3e\0\0\x02\0\x10\0data"
                .to_vec();
        wav.extend((n as u32 * 2).to_le_bytes());
        wav.extend((0..n).flat_map(|i| ((i % 99) as i16 * 100).to_le_bytes()));
        for (name, file) in [
            ("as it is", mp3.to_vec()),
            // Without the frame that says how long all of it is.
            ("without a header", plain[100..].to_vec()),
            ("a picture", [tag(300_000), plain.to_vec()].concat()),
            ("a picture and no header", [tag(300_000), plain[100..].to_vec()].concat()),
            ("wave", wav),
        ] {
            for share in [0.15, 0.3, 0.6, 0.95] {
                let have = (file.len() as f64 * share) as usize;
                let path = folder.path().join(".x.part");
                std::fs::write(&path, &file[..have]).unwrap();
                // What is only the tag so far does not open.
                let Ok(extent) = Extent::of(&path, have as u64, Some(file.len() as u64)) else {
                    assert!(name.contains("picture") && have < 620_000, "{name} {share}");
                    continue;
                };
                let what = format!(
                    "{name}: {} and {} at {share}",
                    extent.length,
                    extent.loaded(have as u64)
                );
                assert!((extent.length.secs() - seconds).abs() < 7.0, "{what}");
                let tags = if name.contains("picture") { 300_010 } else { 0 };
                let truth =
                    seconds * (have.saturating_sub(tags)) as f64 / (file.len() - tags) as f64;
                assert!((extent.loaded(have as u64).secs() - truth).abs() < 6.0, "{what}");
                assert!(
                    extent.loaded(0).secs() < 5.0
                        && (extent.is_guess || extent.loaded(u64::MAX) == extent.length),
                    "{what}"
                );
                // Where nobody knows how many bytes it has, it is as long as what is there, unless
                // it says more.
                let mut bare = Extent::of(&path, have as u64, None).unwrap();
                let (length, more) = (bare.length, bare.loaded(2 * have as u64));
                let what = format!("{name}: {length} and {more} at {share}, of nobody knows what");
                if bare.is_guess {
                    assert!((length.secs() - truth).abs() < 7.0 && more > length, "{what}");
                } else {
                    assert!((length.secs() - seconds).abs() < 7.0 && more <= length, "{what}");
                }
                // What is heard is there.
                let heard = length.plus(20_000);
                bare.reaches(have as u64, heard);
                assert!(bare.is_guess, "{what}");
                assert!(bare.loaded(have as u64).millis().abs_diff(heard.millis()) < 2, "{what}");
                assert!(bare.loaded(2 * have as u64) > heard, "{what}");
            }
        }
        std::fs::write(folder.path().join(".x.part"), "<html>").unwrap();
        assert!(Extent::of(&folder.path().join(".x.part"), 6, None).is_err());
    }
}
