//! A recording as frames at its own rate: one file, or several one after the other on one time
//! line.
//!
//! Of several each takes exactly as many frames as it has by itself: what is decoded beyond that is
//! left out, what is missing is silence. So the place of every file on the time line is the same
//! whether one plays up to it or jumps there. Where their rates differ the recording has the
//! highest of them.

use super::choice::{Choice, Side, SoundTrack};
use super::error::{DecodeError, Loss, Name};
use super::frames::{Block, Frames};
use super::index::SeekIndex;
use super::known::Known;
use super::length::Length;
use super::list;
use super::rerate::{self, Rerate};
use super::single::Single;
use crate::episode::{Chapter, Tags};
use crate::pcm::{MAX_RATE, MIN_RATE, SAMPLE_RATE};
use crate::time::{Span, Timestamp};
use std::io::{Read, Seek};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Silence is handed out in pieces of at most this many frames.
const SILENCE: u64 = 4096;

/// A rate that holds all that anybody hears, and that every program takes.
const HIGH_RATE: u32 = 48_000;

/// How many frames of each file are heard.
static MEASURED: Known<u64> = Known::new();

/// A file of a recording, and its place on the recording's time line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Part {
    /// The file.
    pub path: PathBuf,
    /// Where it begins.
    pub start: Timestamp,
    /// The codec's name in full.
    pub codec: &'static str,
    /// What of it is heard.
    pub choice: Choice,
}

/// An open recording.
pub struct Source {
    /// The file that is being read.
    file: Box<Single>,
    /// Of a recording in several files all of them.
    list: Option<List>,
    /// The file that is being read and what is heard of it, where a playlist names it alone.
    only: Option<(PathBuf, Choice)>,
}

struct List {
    files: Vec<Piece>,
    /// Frames per second.
    rate: u32,
    /// Which of them is being read.
    current: usize,
    /// What changes its rate, where it has another one.
    rerate: Option<Rerate>,
    tags: Tags,
    /// Of the files before; those of the current one follow.
    losses: Vec<Loss>,
    /// How many of them are of files before.
    n_before: usize,
    silence: Block,
}

struct Piece {
    path: PathBuf,
    choice: Choice,
    /// The frame of the recording with which it begins, and how many it has.
    start: u64,
    frames: u64,
    codec: &'static str,
}

impl Source {
    /// Opens the file at `path`, or the files that a playlist there names, and decodes as much as
    /// it takes to know that there is sound.
    ///
    /// # Errors
    /// Whatever can be wrong with a file before its sound begins; of several also a rate that no
    /// recording of speech has, which cannot be made that of the others.
    pub fn open(path: &Path) -> Result<Self, DecodeError> {
        if !list::is_list(path) {
            return Self::open_as(path, Choice::default());
        }
        let named = list::files(path)?;
        if let [(path, choice)] = named.as_slice() {
            return Ok(Self {
                only: Some((path.clone(), *choice)),
                ..Self::open_as(path, *choice)?
            });
        }
        let mut found = Vec::new();
        for (path, choice) in named {
            let file = Single::open(&path, choice)?;
            let (own, rate, codec) = (file.tags().clone(), file.rate(), file.codec());
            // Now, not when it is reached: an hour of sound may stand before it.
            if !(MIN_RATE..=MAX_RATE).contains(&rate) {
                return Err(odd_rate(&path, rate));
            }
            let frames = MEASURED.get(&path, choice.track, || file.measured())?;
            found.push((path, choice, own, rate, codec, frames));
        }
        let rate = found.iter().map(|(_, _, _, rate, ..)| *rate).max().unwrap_or(0);
        let (mut files, mut start) = (Vec::new(), 0);
        let mut tags = Tags::default();
        for (path, choice, file, own_rate, codec, frames) in found {
            let at = Timestamp::from_frames(start, rate);
            if tags.show.is_none() {
                tags.show.clone_from(&file.show);
            }
            if tags.artist.is_none() {
                tags.artist.clone_from(&file.artist);
            }
            let own = &file.chapters;
            if own.is_empty() {
                let name = || {
                    path.file_stem()
                        .map(|stem| super::clean::clean(&stem.to_string_lossy()))
                        .unwrap_or_default()
                };
                tags.chapters
                    .push(Chapter { start: at, title: file.title.clone().unwrap_or_else(name) });
            } else {
                tags.chapters.extend(own.iter().map(|chapter| Chapter {
                    start: at.plus(chapter.start.millis()),
                    title: chapter.title.clone(),
                }));
            }
            let frames = rerate::counted(frames, own_rate, rate);
            files.push(Piece { path, choice, start, frames, codec });
            start += frames;
        }
        tags.title.clone_from(&tags.show);
        let first: &Piece =
            files.first().ok_or_else(|| DecodeError::Empty(Name::new(path.to_string_lossy())))?;
        let (file, rerate) = opened(first, rate)?;
        let list = List {
            files,
            rate,
            current: 0,
            rerate,
            tags,
            losses: Vec::new(),
            n_before: 0,
            silence: Block::default(),
        };
        Ok(Self { file: Box::new(file), list: Some(list), only: None })
    }

    /// Opens the file at `path` for what is chosen of it.
    ///
    /// # Errors
    /// As [`open`](Self::open), and where there is nothing of the sort.
    pub fn open_as(path: &Path, choice: Choice) -> Result<Self, DecodeError> {
        Ok(Self { file: Box::new(Single::open(path, choice)?), list: None, only: None })
    }

    /// The recording in `bytes` from anywhere; `name` is what messages call them.
    ///
    /// # Errors
    /// As [`open`](Self::open).
    pub fn from_reader(
        bytes: impl Read + Seek + Send + 'static,
        name: &str,
    ) -> Result<Self, DecodeError> {
        Ok(Self { file: Box::new(Single::from_reader(bytes, name)?), list: None, only: None })
    }

    /// The files that a playlist names, in order; none where the recording is a file itself.
    pub fn parts(&self) -> Vec<Part> {
        let rate = self.rate();
        let part = |piece: &Piece| {
            let start = Timestamp::from_frames(piece.start, rate);
            Part { path: piece.path.clone(), start, codec: piece.codec, choice: piece.choice }
        };
        let only = self.only.iter().map(|(path, choice)| Part {
            path: path.clone(),
            start: Timestamp::ZERO,
            codec: self.codec(),
            choice: *choice,
        });
        only.chain(self.list.iter().flat_map(|list| &list.files).map(part)).collect()
    }

    /// What its tags say. Of several files the title is that of the work, and each is a chapter.
    pub fn tags(&self) -> &Tags {
        self.list.as_ref().map_or_else(|| self.file.tags(), |list| &list.tags)
    }

    /// The sound tracks of the file that is being read, in its order.
    pub fn tracks(&self) -> &[SoundTrack] {
        self.file.tracks()
    }

    /// The one channel that is heard of two in the file that is being read, because it was asked
    /// for, or because they mirror each other.
    pub fn side(&self) -> Option<Side> {
        self.file.side()
    }

    /// Frames per second.
    pub fn rate(&self) -> u32 {
        self.list.as_ref().map_or_else(|| self.file.rate(), |list| list.rate)
    }

    /// Channels per frame, as far as the next frames go.
    pub fn channels(&self) -> usize {
        let rerate = self.list.as_ref().and_then(|list| list.rerate.as_ref());
        rerate.map_or_else(|| self.file.channels(), Rerate::channels)
    }

    /// Whether [`seek`](Self::seek) has to count packets from the start, unless it has an index.
    pub fn wants_index(&self) -> bool {
        self.list.is_none() && self.file.wants_index()
    }

    /// Gives it an index to jump by; one of another recording is ignored.
    pub fn set_index(&mut self, index: Arc<SeekIndex>) {
        if self.list.is_none() {
            self.file.set_index(index);
        }
    }

    /// The codec's name in full.
    pub fn codec(&self) -> &'static str {
        self.file.codec()
    }

    /// How long it is, where that can be said without decoding all of it.
    pub fn length(&self) -> Option<Length> {
        match self.list.as_ref().map(|list| list.files.last()) {
            None => self.file.length(),
            Some(last) => last.map(|last| Length {
                at: Timestamp::from_frames(last.start + last.frames, self.rate()),
                is_estimate: false,
            }),
        }
    }

    /// The place of the next frame, counted from the first that is heard.
    pub fn position(&self) -> u64 {
        let place = |list: &List| {
            list.files[list.current].start
                + list.place(&self.file).min(list.files[list.current].frames)
        };
        self.list.as_ref().map_or_else(|| self.file.position(), place)
    }

    /// What was lost up to here, by time.
    pub fn losses(&self) -> &[Loss] {
        self.list.as_ref().map_or_else(|| self.file.losses(), |list| &list.losses)
    }

    /// The next frames, as many as are at hand; `None` at the end.
    ///
    /// # Errors
    /// When the disk or the network fails. Damage is no error: see [`losses`](Self::losses).
    pub fn next_frames(&mut self) -> Result<Option<Frames<'_>>, DecodeError> {
        let Some(list) = &mut self.list else { return self.file.next_frames() };
        loop {
            let piece = &list.files[list.current];
            let left = piece.frames.saturating_sub(list.place(&self.file));
            if left == 0 {
                let Some(next) = list.files.get(list.current + 1) else { return Ok(None) };
                (*self.file, list.rerate) = opened(next, list.rate)?;
                list.current += 1;
                list.n_before = list.losses.len();
                continue;
            }
            let at = list.place(&self.file);
            let channels =
                list.rerate.as_ref().map_or_else(|| self.file.channels(), Rerate::channels);
            let n = match &mut list.rerate {
                Some(rerate) => rerate.next(&mut self.file)?,
                None => match self.file.next_frames()? {
                    Some(frames) => (frames.samples.len() / frames.channels) as u64,
                    None => 0,
                },
            };
            list.note(self.file.losses());
            if n == 0 {
                // It ends before it should.
                let n = left.min(SILENCE);
                list.silence.channels = channels;
                list.silence.silence(n);
                match &mut list.rerate {
                    Some(rerate) => rerate.pass(at + n),
                    None => self.file.pass(at + n),
                }
                return Ok(Some(list.silence.as_frames()));
            }
            let frames = match &list.rerate {
                Some(rerate) => rerate.last_frames(),
                None => self.file.last_frames(),
            };
            let samples = &frames.samples[..frames
                .samples
                .len()
                .min(usize::try_from(left).unwrap_or(usize::MAX).saturating_mul(frames.channels))];
            return Ok(Some(Frames { samples, ..frames }));
        }
    }

    /// Makes `frame` the next one that is handed out; behind the end there is none.
    ///
    /// # Errors
    /// When the disk or the network fails.
    pub fn seek(&mut self, frame: u64) -> Result<(), DecodeError> {
        let Some(list) = &mut self.list else { return self.file.seek(frame) };
        let index = list.files.partition_point(|piece| piece.start <= frame).saturating_sub(1);
        if index != list.current {
            (*self.file, list.rerate) = opened(&list.files[index], list.rate)?;
            list.current = index;
            list.n_before = list.losses.len();
        }
        let piece = &list.files[index];
        let frame = (frame - piece.start).min(piece.frames);
        match &mut list.rerate {
            Some(rerate) => rerate.seek(&mut self.file, frame),
            None => self.file.seek(frame),
        }
    }
}

/// The file of `piece`, and what makes its rate `rate` where it has another one.
fn opened(piece: &Piece, rate: u32) -> Result<(Single, Option<Rerate>), DecodeError> {
    let file = Single::open(&piece.path, piece.choice)?;
    // Both rates were looked at before; only a file that was changed since can have an odd one.
    let rerate = Rerate::of(&file, rate).map_err(|_| odd_rate(&piece.path, file.rate()))?;
    Ok((file, rerate))
}

/// That the file at `path` has a `rate` that cannot be made another one.
fn odd_rate(path: &Path, rate: u32) -> DecodeError {
    // Where it is too high much of it may be worth keeping, where it is too low nothing is there.
    let wanted = if rate > MAX_RATE { HIGH_RATE } else { SAMPLE_RATE };
    DecodeError::OtherRate { name: Name::new(path.to_string_lossy()), rate, wanted }
}

impl List {
    /// The place of the next frame of `file`, which is the current one.
    fn place(&self, file: &Single) -> u64 {
        self.rerate.as_ref().map_or_else(|| file.position(), Rerate::position)
    }

    /// Takes over what the current file lost, on the time line of all.
    fn note(&mut self, own: &[Loss]) {
        if self.losses.len() - self.n_before == own.len() {
            return;
        }
        let by = Timestamp::from_frames(self.files[self.current].start, self.rate).millis();
        self.losses.truncate(self.n_before);
        let moved = |loss: &Loss| Loss {
            span: Span::new(loss.span.start().plus(by), loss.span.end().plus(by)),
            ..*loss
        };
        self.losses.extend(own.iter().map(moved));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::reason::Hinted;
    use std::fs;

    fn wav(rate: u32, samples: &[i16]) -> Vec<u8> {
        let n = samples.len() as u32 * 2;
        let mut bytes =
            [&b"RIFF"[..], &(36 + n).to_le_bytes(), b"WAVEfmt \x10\0\0\0\x01\0\x01\0"].concat();
        bytes.extend([rate.to_le_bytes(), (rate * 2).to_le_bytes()].concat());
        bytes.extend([&b"\x02\0\x10\0data"[..], &n.to_le_bytes()].concat());
        bytes.extend(samples.iter().flat_map(|sample| sample.to_le_bytes()));
        bytes
    }

    fn all(source: &mut Source) -> Vec<f32> {
        let mut samples = Vec::new();
        while let Some(frames) = source.next_frames().unwrap() {
            samples.extend_from_slice(frames.samples);
        }
        samples
    }

    #[test]
    fn several_files_are_one_recording() {
        let folder = tempfile::tempdir().unwrap();
        let put = |name: &str, bytes: &[u8]| fs::write(folder.path().join(name), bytes).unwrap();
        let ramp = |from: i16, n: i16| (from..from + n).collect::<Vec<i16>>();
        put("a.wav", &wav(8000, &ramp(1, 10_000)));
        put("b.wav", &wav(8000, &ramp(10_001, 5)));
        put("c.wav", &wav(8000, &ramp(10_006, 9_000)));
        put("all.m3u8", b"#EXTM3U\na.wav\nb.wav\nc.wav\n");
        let path = folder.path().join("all.m3u8");
        let mut source = Source::open(&path).unwrap();
        assert_eq!(
            source.length(),
            Some(Length { at: Timestamp::from_frames(19_005, 8000), is_estimate: false })
        );
        assert_eq!(
            source.parts().iter().map(|part| part.start.millis()).collect::<Vec<_>>(),
            [0, 1250, 1251]
        );
        assert_eq!(
            source.tags().chapters.iter().map(|chapter| chapter.title.as_str()).collect::<Vec<_>>(),
            ["a", "b", "c"]
        );
        let whole = all(&mut source);
        let want: Vec<f32> =
            ramp(1, 19_005).iter().map(|sample| f32::from(*sample) / 32768.0).collect();
        assert_eq!(whole, want);
        for from in [0, 9_999, 10_000, 10_003, 10_005, 15_000, 1, 19_004, 19_005, 30_000] {
            source.seek(from).unwrap();
            assert_eq!(all(&mut source), want[(from as usize).min(want.len())..], "{from}");
        }
        // One alone is that file, with its own name, index and length.
        put("one.m3u8", b"#EXTVLCOPT:stereo-mode=3\na.wav\n");
        let one = Source::open(&folder.path().join("one.m3u8")).unwrap();
        let choice = Choice { track: None, side: Some(Side::Left) };
        let part = Part {
            path: folder.path().join("a.wav"),
            start: Timestamp::ZERO,
            codec: one.codec(),
            choice,
        };
        assert_eq!(
            (one.parts(), one.tags().chapters.len(), one.side()),
            (vec![part], 0, Some(Side::Left))
        );
        let one = list::episode_id(&path).unwrap();
        put("again.m3u", b"./a.wav\nb.wav\nc.wav");
        assert_eq!(list::episode_id(&folder.path().join("again.m3u")).unwrap(), one);
    }

    #[test]
    fn a_rate_that_none_can_be_made_of_is_told_at_once() {
        let folder = tempfile::tempdir().unwrap();
        let put = |name: &str, bytes: &[u8]| fs::write(folder.path().join(name), bytes).unwrap();
        put("a.wav", &wav(8000, &[1; 9_000]));
        put("high.wav", &wav(1_000_000, &[1; 9_000]));
        put("low.wav", &wav(500, &[1; 9_000]));
        put("edge.wav", &wav(768_000, &[1; 9_000]));
        for (list, want) in [
            ("a.wav\nhigh.wav\n", Some(("high.wav", 1_000_000, 48_000))),
            ("high.wav\na.wav\n", Some(("high.wav", 1_000_000, 48_000))),
            ("a.wav\na.wav\nlow.wav\n", Some(("low.wav", 500, 16_000))),
            ("low.wav\nhigh.wav\n", Some(("low.wav", 500, 16_000))),
            ("a.wav\nedge.wav\n", None),
        ] {
            put("all.m3u8", list.as_bytes());
            let error = Source::open(&folder.path().join("all.m3u8")).err();
            let (got, hint) = match &error {
                Some(DecodeError::OtherRate { name, rate, wanted }) => {
                    (Some((name.to_string(), *rate, *wanted)), error.as_ref().unwrap().hint())
                }
                None => (None, None),
                Some(other) => panic!("{list}: {other}"),
            };
            let path = |name: &str| folder.path().join(name).to_string_lossy().into_owned();
            assert_eq!(got, want.map(|(name, rate, to)| (path(name), rate, to)), "{list}");
            if let Some((_, _, to)) = want {
                assert!(hint.unwrap().contains(&format!(" -ar {to} ")), "{list}");
            }
        }
    }

    #[test]
    fn files_of_other_rates_are_made_the_highest() {
        let folder = tempfile::tempdir().unwrap();
        let put = |name: &str, bytes: &[u8]| fs::write(folder.path().join(name), bytes).unwrap();
        let wave = |n: u32| (0..n).map(|i| (i * i % 997 * 20) as i16).collect::<Vec<i16>>();
        let sound = |wave: &[i16]| wave.iter().map(|s| f32::from(*s) / 32768.0).collect::<Vec<_>>();
        let (low, high) = (wave(10_001), wave(7_000));
        put("a.wav", &wav(8000, &low));
        put("b.wav", &wav(11_025, &high));
        put("c.wav", &wav(8000, &low));
        put("all.m3u8", b"a.wav\nb.wav\nc.wav\n");
        let mut source = Source::open(&folder.path().join("all.m3u8")).unwrap();
        let mut made = Vec::new();
        let mut resampler = crate::pcm::Resampler::between(8000, 11_025).unwrap();
        resampler.push(&sound(&low), &mut made);
        resampler.finish(&mut made);
        let want = [made.clone(), sound(&high), made.clone()].concat();
        assert_eq!((source.rate(), made.len()), (11_025, 13_783));
        let length = Timestamp::from_frames(want.len() as u64, 11_025);
        assert_eq!(source.length(), Some(Length { at: length, is_estimate: false }));
        let starts = source.parts().iter().map(|part| part.start.millis()).collect::<Vec<_>>();
        assert_eq!(starts, [0, 1250, 1885]);
        assert!(all(&mut source) == want);
        for from in [0, 1, 5_000, 13_782, 13_783, 13_790, 20_782, 20_783, 30_000, 40_000] {
            source.seek(from).unwrap();
            assert_eq!(source.position(), from.min(want.len() as u64));
            assert!(all(&mut source) == want[(from as usize).min(want.len())..], "{from}");
        }
    }
}
