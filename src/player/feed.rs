//! The writing side of the ring: decode, change the rate, shorten pauses, change the speed, push.
//!
//! It keeps about [`AHEAD`] of sound ready. Whatever changes what is to be heard (a seek, another
//! speed, another device) begins a new *run*: the recording is sought, a little of the new sound is
//! pushed behind the old, and only then the callback is told to jump; so there is no gap between
//! the two. Everything is done by the caller's thread, in small steps and without a clock of its
//! own.

use super::callback::{FADE, Form};
use super::pauses::{Cut, Pauses};
use super::shared::{NO_END, Segment, Shared};
use super::stretch::Stretch;
use crate::decode::{DecodeError, Frames, SeekIndex, Source};
use crate::pcm::{self, Resampler};
use rtrb::Producer;
use std::sync::Arc;
use std::sync::atomic::Ordering;

/// How much sound is kept ready, in seconds: longer than a busy machine keeps this thread waiting.
pub(super) const AHEAD: f64 = 0.3;
/// What a ring holds, in seconds: what is ready, and new sound behind it.
pub(super) const RING: f64 = 1.0;
/// How much new sound there has to be before the callback jumps to it, in seconds.
const START: f64 = 0.04;
/// How far behind the place that is played now a change of speed begins, in seconds: so long it may
/// take.
const MARGIN: f64 = 0.02;

/// No callback has this epoch.
const NOBODY: u64 = u64::MAX;

/// Decodes into a ring.
pub(super) struct Feed {
    source: Source,
    shared: Arc<Shared>,
    n_channels: usize,
    speed: f64,
    shortens: bool,
    seek: u64,
    /// `None` until there is a device, real or silent.
    line: Option<Line>,
    /// Frames pushed so far, over all rings.
    pushed: u64,
    /// Where the first run begins, in seconds.
    start: f64,
}

/// A ring and the sound that is on its way to it.
struct Line {
    ring: Producer<f32>,
    form: Form,
    run: Run,
}

/// Sound of one speed from one place on.
struct Run {
    /// The frame of the ring with which it begins, and the frame of the recording at the device's
    /// rate.
    first: u64,
    start: u64,
    resamplers: Vec<Resampler>,
    pauses: Option<Pauses>,
    stretch: Stretch,
    /// Frames at the device's rate that were left out so far.
    removed: u64,
    planes: Vec<Vec<f32>>,
    resampled: Vec<Vec<f32>>,
    frames: Vec<f32>,
    kept: Vec<f32>,
    cuts: Vec<Cut>,
    /// What is ready to be pushed.
    ready: Vec<f32>,
    is_over: bool,
}

impl Feed {
    /// Of `source`, from `start` seconds on.
    pub(super) fn new(
        source: Source,
        shared: Arc<Shared>,
        start: f64,
        speed: f64,
        shortens: bool,
    ) -> Self {
        let n_channels = lanes_of(&source);
        Self { source, shared, n_channels, speed, shortens, seek: 0, line: None, pushed: 0, start }
    }

    /// Jumps to `seconds`; `seek` is the number under which the map knows it.
    pub(super) fn seek(&mut self, seconds: f64, seek: u64) -> Result<(), DecodeError> {
        (self.start, self.seek) = (seconds, seek);
        self.begin(seconds, 0)
    }

    /// Goes on at another speed.
    pub(super) fn set_speed(&mut self, speed: f64) -> Result<(), DecodeError> {
        if speed == self.speed {
            return Ok(());
        }
        self.speed = speed;
        self.begin_here()
    }

    /// Goes on with long pauses shortened or not.
    pub(super) fn set_shortens(&mut self, shortens: bool) -> Result<(), DecodeError> {
        if shortens == self.shortens {
            return Ok(());
        }
        self.shortens = shortens;
        self.begin_here()
    }

    /// Goes on with another source of the same recording, where it is heard now. One of another
    /// form is not taken.
    pub(super) fn replace(&mut self, source: Source) -> Result<(), DecodeError> {
        if lanes_of(&source) != self.n_channels || source.rate() != self.source.rate() {
            return Ok(());
        }
        self.source = source;
        self.begin_here()
    }

    /// Lets later jumps use an index.
    pub(super) fn set_index(&mut self, index: Arc<SeekIndex>) {
        self.source.set_index(index);
    }

    /// Goes on into another ring, with what is heard at `now_ns`, and begins the epoch of its
    /// outlet.
    pub(super) fn attach(
        &mut self,
        ring: Producer<f32>,
        form: Form,
        epoch: u64,
        now_ns: u64,
    ) -> Result<(), DecodeError> {
        let seconds = self.heard(now_ns);
        let run = Run::new(form, self.source.rate(), self.n_channels, self.speed, self.shortens);
        self.line = Some(Line { ring, form, run });
        // What the last device was given and nobody has heard is not waited for; it has to keep
        // still meanwhile.
        self.shared.epoch.store(NOBODY, Ordering::Release);
        self.shared.base.store(self.pushed, Ordering::Release);
        self.shared.taken.store(self.pushed, Ordering::Release);
        let result = self.begin(seconds, 0);
        self.shared.epoch.store(epoch, Ordering::Release);
        result
    }

    /// Whether less is ready than should be, there is room for more, and there is more.
    pub(super) fn has_work(&self) -> bool {
        let Some(line) = &self.line else { return false };
        let has_room = line.ring.slots() >= line.form.frames(START) as usize * line.form.n_channels;
        !line.run.is_done() && has_room && self.ahead() < line.form.frames(AHEAD)
    }

    /// Does a little, if there is something to do.
    pub(super) fn work(&mut self) -> Result<(), DecodeError> {
        if self.has_work() { self.step().map(|_| ()) } else { Ok(()) }
    }

    /// Whether the whole recording has been pushed.
    pub(super) fn is_over(&self) -> bool {
        self.line.as_ref().is_some_and(|line| line.run.is_done())
    }

    /// Frames that wait to be played.
    fn ahead(&self) -> u64 {
        let next = self.shared.taken.load(Ordering::Acquire).max(self.shared.jumps().0);
        self.pushed.saturating_sub(next)
    }

    /// The time that is heard, or that the last seek asked for if that has not been heard yet.
    fn heard(&self, now_ns: u64) -> f64 {
        let frame = self.shared.frame_at(now_ns);
        let segment = self.shared.segment_of(frame);
        segment
            .filter(|segment| segment.seek == self.seek)
            .map_or(self.start, |segment| segment.time_of(frame))
    }

    /// Begins anew, with new settings, where the callback is now.
    fn begin_here(&mut self) -> Result<(), DecodeError> {
        let Some(line) = &self.line else { return Ok(()) };
        let taken = self.shared.taken.load(Ordering::Acquire);
        let (to, pending) = self.shared.jumps();
        let is_playing = self.shared.wants_play.load(Ordering::Relaxed);
        // Of a jump that is still to come the aim counts, and it comes no later than it would have:
        // up to its aim lies old sound that nobody is to hear any more.
        let (place, from) = if taken < to {
            (to, pending)
        } else if is_playing {
            let place = (taken + line.form.frames(MARGIN)).min(self.pushed);
            (place, place)
        } else {
            (taken, taken)
        };
        let seconds = self
            .shared
            .segment_of(place as f64)
            .map_or(self.start, |segment| segment.time_of(place as f64));
        self.begin(seconds, from)
    }

    /// Begins a run at `seconds`, to which the callback jumps once it has come to the frame `from`.
    fn begin(&mut self, seconds: f64, from: u64) -> Result<(), DecodeError> {
        let Some(line) = &mut self.line else { return Ok(()) };
        let end = self
            .source
            .length()
            .filter(|length| !length.is_estimate)
            .map(|length| length.at.secs());
        let seconds = end.map_or(seconds, |end| seconds.min(end)).max(0.0);
        let first = self.pushed;
        line.run =
            Run::new(line.form, self.source.rate(), self.n_channels, self.speed, self.shortens);
        let frame = line.run.begin(first, (seconds * f64::from(line.form.rate)).round() as u64);
        self.shared.end.store(NO_END, Ordering::Relaxed);
        let segment = line.run.segment(first, line.form, self.speed, self.seek);
        self.shared.log_segment(segment);
        let sought = self.source.seek(frame);
        let enough = first + line.form.frames(START);
        let filled = sought.and_then(|()| {
            while self.pushed < enough && self.step()? {}
            Ok(())
        });
        self.shared.jump(from, first);
        filled
    }

    /// Decodes a little more and pushes what there is room for; `false` if nothing could be done.
    fn step(&mut self) -> Result<bool, DecodeError> {
        let Some(line) = &mut self.line else { return Ok(false) };
        if line.run.has_more_than_a_fade(line.form) || line.run.is_over {
            let n = line.push();
            self.pushed += n;
            return Ok(n > 0);
        }
        let mut result = Ok(true);
        match self.source.next_frames() {
            Ok(Some(frames)) => line.run.take(frames),
            Ok(None) => line.run.finish(line.form),
            Err(error) => {
                line.run.finish(line.form);
                result = Err(error);
            }
        }
        for cut in std::mem::take(&mut line.run.cuts) {
            line.run.removed += cut.frames;
            let frame = line.run.first + (cut.at as f64 / self.speed).ceil() as u64;
            self.shared.log_segment(line.run.segment(frame, line.form, self.speed, self.seek));
        }
        if line.run.is_over {
            self.shared.end.store(self.pushed + line.run.ready_frames(), Ordering::Release);
        }
        self.pushed += line.push();
        result
    }
}

/// One channel or two: more are mixed to one.
pub(super) fn lanes_of(source: &Source) -> usize {
    if source.channels() == 2 { 2 } else { 1 }
}

impl Line {
    /// Pushes what is ready, as far as there is room. The last few milliseconds stay back, to be
    /// faded if they turn out to be the end.
    fn push(&mut self) -> u64 {
        let n_channels = self.form.n_channels;
        let held = if self.run.is_over { 0 } else { self.form.frames(FADE) as usize };
        let n = (self.run.ready.len() / n_channels)
            .saturating_sub(held)
            .min(self.ring.slots() / n_channels);
        let (_, left) = self.ring.push_partial_slice(&self.run.ready[..n * n_channels]);
        debug_assert!(left.is_empty());
        self.run.ready.drain(..n * n_channels);
        n as u64
    }
}

impl Run {
    fn new(form: Form, source_rate: u32, n_channels: usize, speed: f64, shortens: bool) -> Self {
        // Rates were checked when the recording and the device were opened.
        let resampler = || Resampler::between(source_rate, form.rate).ok();
        Self {
            first: 0,
            start: 0,
            resamplers: (0..n_channels).filter_map(|_| resampler()).collect(),
            pauses: shortens.then(|| Pauses::new(form.rate, n_channels)),
            stretch: Stretch::new(form.rate, n_channels, speed),
            removed: 0,
            planes: vec![Vec::new(); n_channels],
            resampled: vec![Vec::new(); n_channels],
            frames: Vec::new(),
            kept: Vec::new(),
            cuts: Vec::new(),
            ready: Vec::new(),
            is_over: false,
        }
    }

    /// Sets where it begins, in the ring and in the recording at the device's rate; returns the
    /// frame of the recording from which it has to be fed.
    fn begin(&mut self, first: u64, start: u64) -> u64 {
        (self.first, self.start) = (first, start);
        self.resamplers
            .iter_mut()
            .map(|resampler| resampler.restart_at(start))
            .max()
            .unwrap_or(start)
    }

    /// The map from `frame` of the ring on.
    fn segment(&self, frame: u64, form: Form, speed: f64, seek: u64) -> Segment {
        let rate = f64::from(form.rate);
        let place = (self.start + self.removed) as f64 + (frame - self.first) as f64 * speed;
        Segment { first: frame, seconds: place / rate, seconds_per_frame: speed / rate, seek }
    }

    fn is_done(&self) -> bool {
        self.is_over && self.ready.is_empty()
    }

    fn ready_frames(&self) -> u64 {
        (self.ready.len() / self.planes.len()) as u64
    }

    fn has_more_than_a_fade(&self, form: Form) -> bool {
        self.ready_frames() > form.frames(FADE)
    }

    fn take(&mut self, frames: Frames<'_>) {
        split(frames, &mut self.planes);
        for ((resampler, plane), resampled) in
            self.resamplers.iter_mut().zip(&mut self.planes).zip(&mut self.resampled)
        {
            resampler.push(plane, resampled);
            plane.clear();
        }
        self.pass_on();
    }

    /// Takes all that is left in the stages, and fades the end.
    fn finish(&mut self, form: Form) {
        for (resampler, resampled) in self.resamplers.iter_mut().zip(&mut self.resampled) {
            resampler.finish(resampled);
        }
        self.pass_on();
        if let Some(pauses) = &mut self.pauses {
            pauses.finish(&mut self.kept, &mut self.cuts);
            self.stretch.push(&self.kept, &mut self.ready);
            self.kept.clear();
        }
        self.stretch.finish(&mut self.ready);
        let n_channels = self.planes.len();
        let n = (form.frames(FADE) as usize).min(self.ready.len() / n_channels);
        let tail = self.ready.len() - n * n_channels;
        for (i, frame) in self.ready[tail..].chunks_exact_mut(n_channels).enumerate() {
            let gain = 1.0 - (i + 1) as f32 / n as f32;
            frame.iter_mut().for_each(|x| *x *= gain);
        }
        self.is_over = true;
    }

    /// From the resamplers to what is ready.
    fn pass_on(&mut self) {
        self.frames.clear();
        match &mut self.resampled[..] {
            [only] => self.frames.append(only),
            [left, right] => self.frames.extend(
                left.drain(..).zip(right.drain(..)).flat_map(|(left, right)| [left, right]),
            ),
            _ => {}
        }
        let Some(pauses) = &mut self.pauses else {
            return self.stretch.push(&self.frames, &mut self.ready);
        };
        pauses.push(&self.frames, &mut self.kept, &mut self.cuts);
        self.stretch.push(&self.kept, &mut self.ready);
        self.kept.clear();
    }
}

/// Appends frames of any number of channels to one plane or two.
fn split(frames: Frames<'_>, planes: &mut [Vec<f32>]) {
    match planes {
        [left, right] if frames.channels == 2 => {
            for [l, r] in frames.samples.as_chunks::<2>().0 {
                left.push(*l);
                right.push(*r);
            }
        }
        [first, rest @ ..] => {
            pcm::mix(frames.samples, frames.channels, frames.lfe, first);
            rest.iter_mut().for_each(|plane| plane.clone_from(first));
        }
        [] => {}
    }
}
