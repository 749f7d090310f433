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
mod tests;
