//! A recording as frames at its own rate: one file, or several one after the other on one time
//! line.
//!
//! Of several each takes exactly as many frames as it has by itself: what is decoded beyond that is
//! left out, what is missing is silence. So the place of every file on the time line is the same
//! whether one plays up to it or jumps there. Where their rates differ the recording has the
//! highest of them.
//!
//! One file may hold several streams too, of other rates than the first: MPEG audio that was put
//! together. That shows only where the first ends; from there on they are parts like files, at the
//! first one's rate.

use super::choice::{Choice, Side, SoundTrack};
use super::error::{DecodeError, Loss, LossKind, Name};
use super::frames::{Block, Frames};
use super::index::SeekIndex;
use super::known::Known;
use super::length::Length;
use super::list;
use super::media::Media;
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

/// So many packets are read behind the last frame of a file: its padding, and its end.
const MOST_BEHIND: usize = 8;

/// A rate that holds all that anybody hears, and that every program takes.
const HIGH_RATE: u32 = 48_000;

/// How many frames of each file are heard, and where another stream follows in it.
static MEASURED: Known<(u64, Option<u64>)> = Known::new();

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
    /// Of a recording in several files or streams all of them that are known.
    list: Option<List>,
    /// The file that is being read and what is heard of it, where a playlist names it alone.
    only: Option<(PathBuf, Choice)>,
    index: Option<Arc<SeekIndex>>,
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
    bytes: Bytes,
    /// So many of them are passed over.
    from: u64,
    choice: Choice,
    /// The frame of the recording with which it begins, and how many it has.
    start: u64,
    extent: Extent,
    codec: &'static str,
}

enum Bytes {
    /// A file that a playlist names.
    File(PathBuf),
    /// What is open already, and what messages call it.
    Open(Media, Name),
}

/// How many frames a part has.
#[derive(Clone, Copy)]
enum Extent {
    Known(u64),
    /// Its end was not reached yet; what its header says.
    Open(Option<u64>),
}

impl Extent {
    /// How many there are at most.
    fn most(self) -> u64 {
        match self {
            Self::Known(frames) => frames,
            Self::Open(_) => u64::MAX,
        }
    }
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
            let mut next = Some(0);
            while let Some(from) = next {
                let file = match Single::open(&path, choice, from) {
                    Err(error) if from == 0 || error.is_of_disk() => return Err(error),
                    // What seemed to follow was no sound.
                    Err(_) => break,
                    Ok(file) => file,
                };
                let (own, rate, codec) = (file.tags().clone(), file.rate(), file.codec());
                // Now, not when it is reached: an hour of sound may stand before it.
                if !(MIN_RATE..=MAX_RATE).contains(&rate) {
                    return Err(odd_rate(&file));
                }
                let (frames, rest) =
                    MEASURED.get(&path, (choice.track, from), || file.measured())?;
                found.push((path.clone(), from, choice, own, rate, codec, frames));
                next = rest;
            }
        }
        let rate = found.iter().map(|(.., rate, _, _)| *rate).max().unwrap_or(0);
        let (mut files, mut start) = (Vec::new(), 0);
        let mut tags = Tags::default();
        for (path, from, choice, file, own_rate, codec, frames) in found {
            let at = Timestamp::from_frames(start, rate);
            let frames = rerate::counted(frames, own_rate, rate);
            let piece = Piece {
                bytes: Bytes::File(path.clone()),
                from,
                choice,
                start,
                extent: Extent::Known(frames),
                codec,
            };
            files.push(piece);
            start += frames;
            if from > 0 {
                continue;
            }
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
        Ok(Self { list: Some(list), ..Self::of(file) })
    }

    fn of(file: Single) -> Self {
        Self { file: Box::new(file), list: None, only: None, index: None }
    }

    /// Opens the file at `path` for what is chosen of it.
    ///
    /// # Errors
    /// As [`open`](Self::open), and where there is nothing of the sort.
    pub fn open_as(path: &Path, choice: Choice) -> Result<Self, DecodeError> {
        Ok(Self::of(Single::open(path, choice, 0)?))
    }

    /// The recording in `bytes` from anywhere; `name` is what messages call them.
    ///
    /// # Errors
    /// As [`open`](Self::open).
    pub fn from_reader(
        bytes: impl Read + Seek + Send + 'static,
        name: &str,
    ) -> Result<Self, DecodeError> {
        Ok(Self::of(Single::from_reader(bytes, name)?))
    }

    /// The files that a playlist names, in order; none where the recording is a file itself.
    pub fn parts(&self) -> Vec<Part> {
        let rate = self.rate();
        let part = |piece: &Piece| {
            let start = Timestamp::from_frames(piece.start, rate);
            let Bytes::File(path) = &piece.bytes else { return None };
            let part = Part { path: path.clone(), start, codec: piece.codec, choice: piece.choice };
            (piece.from == 0).then_some(part)
        };
        let only = self.only.iter().map(|(path, choice)| Part {
            path: path.clone(),
            start: Timestamp::ZERO,
            codec: self.codec(),
            choice: *choice,
        });
        only.chain(self.list.iter().flat_map(|list| &list.files).filter_map(part)).collect()
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
            self.file.set_index(Arc::clone(&index));
            self.index = Some(index);
        }
    }

    /// The codec's name in full.
    pub fn codec(&self) -> &'static str {
        self.file.codec()
    }

    /// How long it is, where that can be said without decoding all of it.
    pub fn length(&self) -> Option<Length> {
        let Some(list) = &self.list else { return self.file.length() };
        let last = list.files.last()?;
        let (frames, is_estimate) = match last.extent {
            Extent::Known(frames) => (frames, false),
            Extent::Open(frames) => (frames?, true),
        };
        Some(Length { at: Timestamp::from_frames(last.start + frames, list.rate), is_estimate })
    }

    /// The place of the next frame, counted from the first that is heard.
    pub fn position(&self) -> u64 {
        let place = |list: &List| {
            list.files[list.current].start
                + list.place(&self.file).min(list.files[list.current].extent.most())
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
        let Some(given) = self.advance()? else { return Ok(None) };
        let frames = match (&self.list, &given) {
            (Some(list), Given::Silence) => list.silence.as_frames(),
            (Some(List { rerate: Some(rerate), .. }), _) => rerate.last_frames(),
            _ => self.file.last_frames(),
        };
        let most = match given {
            Given::Silence => u64::MAX,
            Given::Sound { most } => most,
        };
        let most = usize::try_from(most).unwrap_or(usize::MAX).saturating_mul(frames.channels);
        Ok(Some(Frames { samples: &frames.samples[..frames.samples.len().min(most)], ..frames }))
    }

    /// Makes the next frames ready, going on to the next part where one ends.
    fn advance(&mut self) -> Result<Option<Given>, DecodeError> {
        loop {
            let Some(list) = &mut self.list else {
                if self.file.next_frames()?.is_some() {
                    return Ok(Some(Given::Sound { most: u64::MAX }));
                }
                let at = self.file.position();
                if !self.meets_more() {
                    return Ok(None);
                }
                // After a jump to just behind its end that is not where the next one begins.
                self.seek(at)?;
                continue;
            };
            let at = list.place(&self.file);
            let left = list.files[list.current].extent.most().saturating_sub(at);
            if left == 0 {
                list.read_out(&mut self.file)?;
                let next = list.current + 1;
                if next == list.files.len() {
                    return Ok(None);
                }
                self.turn_to(next)?;
                continue;
            }
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
            if n > 0 {
                return Ok(Some(Given::Sound { most: left }));
            }
            if matches!(list.files[list.current].extent, Extent::Open(_)) {
                let place = list.files[list.current].start + at;
                if !self.meets_more() {
                    self.ends_at(at);
                }
                self.seek(place)?;
                continue;
            }
            // It ends before it should.
            let n = left.min(SILENCE);
            list.silence.channels = channels;
            list.silence.silence(n);
            match &mut list.rerate {
                Some(rerate) => rerate.pass(at + n),
                None => self.file.pass(at + n),
            }
            return Ok(Some(Given::Silence));
        }
    }

    /// Makes `frame` the next one that is handed out; behind the end there is none.
    ///
    /// # Errors
    /// When the disk or the network fails.
    pub fn seek(&mut self, frame: u64) -> Result<(), DecodeError> {
        loop {
            let Some(list) = &mut self.list else {
                self.file.seek(frame)?;
                if self.meets_more() {
                    continue;
                }
                return Ok(());
            };
            let index = list.files.partition_point(|piece| piece.start <= frame).saturating_sub(1);
            if index != list.current {
                self.turn_to(index)?;
                continue;
            }
            let piece = &list.files[index];
            let within = (frame - piece.start).min(piece.extent.most());
            match &mut list.rerate {
                Some(rerate) => rerate.seek(&mut self.file, within)?,
                None => self.file.seek(within)?,
            }
            if !self.meets_more() {
                return Ok(());
            }
        }
    }

    /// Takes up that what is read ends at `frame`, of its own.
    fn ends_at(&mut self, frame: u64) {
        if let Some(list) = &mut self.list {
            list.files[list.current].extent = Extent::Known(frame);
        }
    }

    /// Begins with the part `index` of its list; where that is nothing after all, it stays where it
    /// is.
    fn turn_to(&mut self, index: usize) -> Result<(), DecodeError> {
        let Some(list) = &mut self.list else { return Ok(()) };
        let piece = &list.files[index];
        let (file, rerate) = match opened(piece, list.rate) {
            Err(error) if !error.is_of_disk() && matches!(piece.extent, Extent::Open(_)) => {
                // What seemed to follow was no sound.
                let end = Timestamp::from_frames(piece.start, list.rate);
                let loss = Loss { span: Span::new(end, end), kind: LossKind::CutShort };
                list.files.truncate(index);
                list.losses.push(loss);
                list.n_before = list.losses.len();
                return Ok(());
            }
            opened => opened?,
        };
        *self.file = file;
        if let Some(index) = &self.index {
            self.file.set_index(Arc::clone(index));
        }
        if let Extent::Open(told) = &mut list.files[index].extent {
            let length = self.file.length();
            *told = length.map(|length| length.at.to_frames(list.rate));
        }
        list.rerate = rerate;
        list.current = index;
        list.n_before = list.losses.len();
        Ok(())
    }

    /// Where what is read ended, and nobody knew where: takes up that, and what follows in the same
    /// file. `true` if anything is known now that was not.
    fn meets_more(&mut self) -> bool {
        let rest = self.file.rest();
        if self.list.is_none() && rest.is_some() {
            self.list = Some(List::of(&self.file));
        }
        let Some(list) = &mut self.list else { return false };
        let Some(frames) = self.file.n_frames() else { return false };
        let piece = &mut list.files[list.current];
        let Extent::Open(_) = piece.extent else { return false };
        let frames = rerate::counted(frames, self.file.rate(), list.rate);
        piece.extent = Extent::Known(frames);
        if let Some(from) = rest {
            let next = Piece {
                bytes: Bytes::Open(self.file.media().clone(), self.file.name().clone()),
                from,
                choice: piece.choice,
                start: piece.start + frames,
                extent: Extent::Open(None),
                codec: piece.codec,
            };
            list.files.push(next);
        }
        true
    }
}

/// What is ready.
enum Given {
    /// So many frames at the most of what was decoded.
    Sound { most: u64 },
    /// Silence for what is missing.
    Silence,
}

/// The file of `piece`, and what makes its rate `rate` where it has another one.
fn opened(piece: &Piece, rate: u32) -> Result<(Single, Option<Rerate>), DecodeError> {
    let file = match &piece.bytes {
        Bytes::File(path) => Single::open(path, piece.choice, piece.from)?,
        Bytes::Open(media, name) => Single::of(media, name, piece.choice, piece.from)?,
    };
    // Both rates were looked at before; only a file that was changed since can have an odd one.
    let rerate = Rerate::of(&file, rate).map_err(|_| odd_rate(&file))?;
    Ok((file, rerate))
}

/// That a file has a rate that cannot be made another one.
fn odd_rate(file: &Single) -> DecodeError {
    // Where it is too high much of it may be worth keeping, where it is too low nothing is there.
    let wanted = if file.rate() > MAX_RATE { HIGH_RATE } else { SAMPLE_RATE };
    DecodeError::OtherRate { name: file.name().clone(), rate: file.rate(), wanted }
}

impl List {
    /// Of what is read alone so far.
    fn of(file: &Single) -> Self {
        let piece = Piece {
            bytes: Bytes::Open(file.media().clone(), file.name().clone()),
            from: 0,
            choice: file.choice(),
            start: 0,
            extent: Extent::Open(None),
            codec: file.codec(),
        };
        Self {
            files: vec![piece],
            rate: file.rate(),
            current: 0,
            rerate: None,
            tags: file.tags().clone(),
            losses: file.losses().to_vec(),
            n_before: 0,
            silence: Block::default(),
        }
    }

    /// The place of the next frame of `file`, which is the current one.
    fn place(&self, file: &Single) -> u64 {
        self.rerate.as_ref().map_or_else(|| file.position(), Rerate::position)
    }

    /// Reads `file` to its end, of which all frames were handed out: there it says whether it breaks
    /// off.
    fn read_out(&mut self, file: &mut Single) -> Result<(), DecodeError> {
        let mut n = 0;
        while n < MOST_BEHIND && file.next_frames()?.is_some() {
            n += 1;
        }
        self.note(file.losses());
        Ok(())
    }

    /// Takes over what the current file lost, on the time line of all.
    fn note(&mut self, own: &[Loss]) {
        if self.losses.len() - self.n_before == own.len() {
            return;
        }
        let by = Timestamp::from_frames(self.files[self.current].start, self.rate).millis();
        self.losses.truncate(self.n_before);
        let moved = |loss: &Loss| {
            let (start, end) = (loss.span.start().plus(by), loss.span.end().plus(by));
            // What it would have gone on for is no place of the recording: there the next one is.
            let end = if loss.kind == LossKind::CutShort { start } else { end };
            Loss { span: Span::new(start, end), ..*loss }
        };
        self.losses.extend(own.iter().map(moved));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::reason::Hinted;
    use proptest::prelude::*;
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

    fn data(name: &str) -> PathBuf {
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/data/audio").join(name)
    }

    fn sample(name: &str) -> Vec<u8> {
        fs::read(data(name)).unwrap()
    }

    /// All that follows as one channel.
    fn mixed(source: &mut Source) -> Vec<f32> {
        let mut samples = Vec::new();
        while let Some(frames) = source.next_frames().unwrap() {
            samples.extend(frames.samples.chunks_exact(frames.channels).map(|frame| frame[0]));
        }
        samples
    }

    /// Whether both are the same but for rounding.
    fn is_close(a: &[f32], b: &[f32]) -> bool {
        a.len() == b.len() && a.iter().zip(b).all(|(a, b)| (a - b).abs() < 1e-6)
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

    /// One file that was put together from recordings of several rates is what a playlist of them
    /// is: nothing of it is lost, whether it is played, jumped in, or named by a playlist itself.
    #[test]
    fn streams_of_other_rates_in_one_file() {
        let folder = tempfile::tempdir().unwrap();
        // The first of 44.1 kHz, as what is put together has the rate of its first stream.
        let names =
            ["mp3-44k.mp3", "mp3-vbr-xing.mp3", "mp3-lame.mp3", "mp3-44k.mp3", "mp3-vbr.mp3"];
        for (index, name) in names.iter().enumerate() {
            fs::write(folder.path().join(format!("{index}.mp3")), sample(name)).unwrap();
        }
        let put = |name: &str, bytes: &[u8]| {
            fs::write(folder.path().join(name), bytes).unwrap();
            folder.path().join(name)
        };
        let joined = put("joined.mp3", &names.map(sample).concat());
        // Two of one rate are one stream there, without what the second's header says of padding.
        put("two.mp3", &[sample(names[1]), sample(names[2])].concat());
        let apart = put("apart.m3u8", b"0.mp3\ntwo.mp3\n3.mp3\n4.mp3\n");
        let mut list = Source::open(&apart).unwrap();
        let want = all(&mut list);
        let from_file = || Source::open(&joined).unwrap();
        let from_bytes = || {
            let bytes = std::io::Cursor::new(names.map(sample).concat());
            Source::from_reader(bytes, "joined.mp3").unwrap()
        };
        for (what, mut source) in [("a file", from_file()), ("bytes", from_bytes())] {
            let told = source.length().unwrap();
            assert!(told.is_estimate, "{what}");
            assert!(all(&mut source) == want, "{what}");
            assert_eq!(source.losses(), list.losses(), "{what}");
            let length = Timestamp::from_frames(want.len() as u64, 44_100);
            assert_eq!(source.length(), Some(Length { at: length, is_estimate: false }), "{what}");
            assert!(source.parts().is_empty(), "{what}");
        }
        let n = want.len() as u64;
        for from in [0, 1, 60_000, 70_000, 66_000, n - 1, n, n + 100_000, 150_000, n / 2, 5] {
            let rest = &want[(from as usize).min(want.len())..];
            // In one that nobody read to its end yet, and in one that somebody did.
            let (mut fresh, mut read) = (from_file(), from_file());
            all(&mut read);
            for (what, source) in [("fresh", &mut fresh), ("read", &mut read), ("list", &mut list)]
            {
                source.seek(from).unwrap();
                assert_eq!(source.position(), from.min(n), "{what} {from}");
                assert!(is_close(&all(source), rest), "{what} {from}");
            }
        }
        let twice = put("twice.m3u8", b"joined.mp3\njoined.mp3\n");
        let mut source = Source::open(&twice).unwrap();
        assert_eq!((source.parts().len(), source.tags().chapters.len()), (2, 2));
        assert!(all(&mut source) == [&want[..], &want].concat());
    }
    /// Behind a header that tells of the first alone all is heard, too, and a jump there lands where
    /// playing does.
    #[test]
    fn streams_of_one_rate_in_one_file() {
        let mono = "mp3-vbr-xing.mp3";
        for names in [[mono, "mp3-lame.mp3"], [mono, "mp3-vbr.mp3"], [mono, "mp3-cbr.mp3"]] {
            let bytes = names.map(sample).concat();
            let new = || Source::from_reader(std::io::Cursor::new(bytes.clone()), "x").unwrap();
            let mut source = new();
            let want = mixed(&mut source);
            let second = mixed(&mut Source::open(&data(names[1])).unwrap());
            // The second's beginning stands behind the first's padding, not silence.
            let energy = |samples: &[f32]| samples.iter().map(|x| x * x).sum::<f32>();
            let behind = energy(&want[35_840..][..8_000]);
            assert!(behind > 0.5 * energy(&second[..4_000]), "{names:?}: {behind}");
            let lost: u64 = source.losses().iter().map(|loss| loss.span.millis()).sum();
            assert!(lost <= 1, "{names:?}: {:?}", source.losses());
            assert!(want.len() > 71_680, "{names:?}: {}", want.len());
            for from in (0..want.len()).step_by(3_000) {
                let mut source = new();
                source.seek(from as u64).unwrap();
                let got = mixed(&mut source);
                assert!(is_close(&got, &want[from..]), "{names:?} from {from}");
            }
        }
    }

    #[test]
    fn a_file_of_several_that_breaks_off_is_told() {
        let folder = tempfile::tempdir().unwrap();
        let put = |name: &str, bytes: &[u8]| fs::write(folder.path().join(name), bytes).unwrap();
        let whole = sample("mp3-44k.mp3");
        put("whole.mp3", &whole);
        put("short.mp3", &whole[..whole.len() / 2]);
        put("all.m3u8", b"whole.mp3\nshort.mp3\nwhole.mp3\n");
        let mut source = Source::open(&folder.path().join("all.m3u8")).unwrap();
        all(&mut source);
        let starts: Vec<_> = source.parts().iter().map(|part| part.start).collect();
        let [loss] = source.losses() else { panic!("{:?}", source.losses()) };
        assert_eq!((loss.kind, loss.span.is_empty()), (LossKind::CutShort, true));
        // It breaks off where the next one begins.
        assert!(loss.span.start().millis().abs_diff(starts[2].millis()) <= 1, "{loss:?}");
    }

    #[test]
    fn wave_files_in_one_file() {
        let folder = tempfile::tempdir().unwrap();
        let put = |name: &str, bytes: &[u8]| {
            fs::write(folder.path().join(name), bytes).unwrap();
            folder.path().join(name)
        };
        let wave = |n: i16| (0..n).map(|i| i % 997 * 20).collect::<Vec<i16>>();
        let (high, low) = (wav(11_025, &wave(9_001)), wav(8_000, &wave(5_000)));
        put("high.wav", &high);
        put("low.wav", &low);
        let list = put("list.m3u8", b"high.wav\nlow.wav\nhigh.wav\n");
        let want = all(&mut Source::open(&list).unwrap());
        let odd = wav(500, &wave(3_000));
        let n = (2 * want.len() as u64).min(30_000);
        for (what, bytes, is_whole) in [
            ("three", [&high[..], &low, &high].concat(), true),
            (
                "junk that looks like one",
                [&high[..], &low, &high, b"RIFF\0\0\0\0WAVE"].concat(),
                false,
            ),
            ("a rate that none can be made of", [&high[..], &low, &high, &odd].concat(), false),
        ] {
            let path = put("joined.wav", &bytes);
            let mut source = Source::open(&path).unwrap();
            assert!(source.length().unwrap().is_estimate, "{what}");
            assert!(is_close(&all(&mut source), &want), "{what}");
            assert_eq!(source.losses().is_empty(), is_whole, "{what}: {:?}", source.losses());
            for from in (0..n).step_by(1_499) {
                let mut source = Source::open(&path).unwrap();
                source.seek(from).unwrap();
                let rest = &want[(from as usize).min(want.len())..];
                assert!(is_close(&all(&mut source), rest), "{what} {from}");
            }
            put("named.m3u8", b"joined.wav\nhigh.wav\n");
            let named = Source::open(&folder.path().join("named.m3u8"));
            let both = [&want[..], &want[want.len() - 9_001..]].concat();
            match named {
                Ok(mut named) => assert!(is_close(&all(&mut named), &both), "{what}"),
                Err(DecodeError::OtherRate { rate: 500, .. }) => assert!(!is_whole),
                Err(error) => panic!("{what}: {error}"),
            }
        }
    }

    /// Streams without sound, one behind the other, are passed over without end or a full stack.
    /// A damaged header that tells of other channels costs its own packet, not all that follow.
    #[test]
    fn a_packet_of_other_channels() {
        let mut bytes = sample("mp3-vbr.mp3").repeat(4);
        let is_frame =
            |n: &usize| bytes[*n..].starts_with(&[0xff, 0xf3]) && bytes[*n + 3] >> 6 == 3;
        let frame = (4_000..bytes.len()).find(is_frame).unwrap();
        bytes[frame + 3] &= 0x3f;
        let mut source = Source::from_reader(std::io::Cursor::new(bytes), "x").unwrap();
        let n = mixed(&mut source).len();
        let lost: u64 = source.losses().iter().map(|loss| loss.span.millis()).sum();
        assert!(n > 140_000 && lost < 150, "{n}: {:?}", source.losses());
    }

    /// What follows a first packet that is damaged stays where it is.
    #[test]
    fn a_damaged_beginning() {
        let bytes = sample("source.flac");
        let want = mixed(&mut Source::open(&data("source.flac")).unwrap());
        let is_frame = |n: &usize| bytes[*n..].starts_with(&[0xff, 0xf8]);
        let frame = (8_000..bytes.len()).find(is_frame).unwrap();
        let mut damaged = bytes.clone();
        damaged[frame..frame + 40].fill(0x55);
        let mut source = Source::from_reader(std::io::Cursor::new(damaged), "x").unwrap();
        let got = mixed(&mut source);
        assert!(got.len() == want.len() && is_close(&got[4_608..], &want[4_608..]));
    }

    /// However many streams follow each other, none needs the stack of the one before.
    #[test]
    fn many_streams() {
        let frames = |kind: u8| {
            // 8 kbit/s at 24 and 12 kHz.
            let len = if kind == 0xf3 { 24 } else { 48 };
            [&[0xff, kind, 0x14, 0xc0][..], &vec![0xaa; len - 4]].concat().repeat(17)
        };
        let bytes = [frames(0xf3), frames(0xe3)].concat().repeat(300);
        let mut source = Source::from_reader(std::io::Cursor::new(bytes), "x.mp3").unwrap();
        let at_once = all(&mut source);
        assert!(at_once.len() > 300 * 17 * 3 * 500, "{}", at_once.len());
        assert_eq!(source.losses(), []);
        let from = at_once.len() - 100_000;
        source.seek(from as u64).unwrap();
        assert!(is_close(&all(&mut source), &at_once[from..]));
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(32))]

        /// Whatever was put together, cut and damaged: it ends, and a jump leaves as much as playing
        /// does.
        #[test]
        fn anything_that_was_put_together(
            parts in prop::collection::vec((0usize..6, 0usize..20_000, prop::collection::vec(any::<u8>(), 0..40)), 1..5),
            from in 0usize..400_000,
        ) {
            let names = ["mp3-44k.mp3", "mp3-vbr-xing.mp3", "mp3-vbr.mp3", "mp3-cbr.mp3", "mpeg.mp2", "wav-16.wav"];
            let bytes: Vec<u8> = parts.iter().flat_map(|(index, len, junk)| {
                let mut part = sample(names[*index]);
                part.truncate(*len);
                part.extend(junk);
                part
            }).collect();
            let new = || Source::from_reader(std::io::Cursor::new(bytes.clone()), "x");
            let Ok(mut source) = new() else { return Ok(()) };
            let whole = mixed(&mut source).len();
            let mut source = new().unwrap();
            source.seek(from as u64).unwrap();
            prop_assert_eq!(mixed(&mut source).len(), whole.saturating_sub(from));
            // And back, once all of it is known.
            source.seek(from as u64 / 2).unwrap();
            prop_assert_eq!(mixed(&mut source).len(), whole.saturating_sub(from / 2));
        }
    }
}
