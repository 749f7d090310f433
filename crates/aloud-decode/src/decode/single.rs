//! The recording in one file as frames at its own rate, each at its exact place.
//!
//! Frame 0 is the first that is heard. What is missing or damaged becomes silence, so that nothing
//! after it moves, and is noted; a jump lands on the very frame that was asked for. It never knows
//! of 16 kHz.

use super::aac;
use super::choice::{Choice, Polarity, Side, SoundTrack};
use super::cut;
use super::demux::{Demux, Next};
use super::error::{DecodeError, Loss, LossKind, Losses, Name};
use super::frames::{Block, Frames};
use super::index::{Mark, Marker, SeekIndex};
use super::inspect::{self, Inspection};
use super::joint::Joint;
use super::known::Known;
use super::length::Length;
use super::list;
use super::media::{self, Media};
use super::stream::{self, Decoded, Stream};
use super::{mp4, tags};
use crate::episode::Tags;
use crate::time::{Span, Timestamp};
use std::io::{Read, Seek};
use std::path::Path;
use std::sync::Arc;
use symphonia::core::packet::Packet;

/// Packets in a row that give nothing before the rest is given up.
const MAX_FRUITLESS: u32 = 4096;
/// Silence is handed out in pieces of at most this many frames.
const SILENCE: u64 = 4096;
/// Padding goes on for so many frames at the most: three packets of MPEG audio.
const MOST_PADDING: u64 = 3 * 1152;
/// A recording that ends this many milliseconds before its header says so was cut short.
const SHORT_MILLIS: u64 = 100;
/// So many seconds of sound are listened to, for whether two channels mirror each other,
const LISTEN_S: u64 = 20;
/// in so many seconds from the start.
const LOOK_S: u64 = 60;
/// Where there was less than a second of sound, in so many.
const MOST_LOOK_S: u64 = 600;

/// Whether the two channels of each file mirror each other.
static OPPOSED: Known<bool> = Known::new();

/// An open file.
pub(super) struct Single {
    name: Name,
    media: Media,
    found: Inspection,
    header: mp4::Header,
    choice: Choice,
    tracks: Vec<SoundTrack>,
    note: Option<tags::Gapless>,
    tags: Tags,
    demux: Demux,
    stream: Stream,
    /// What is handed out next, once `silence` frames have been; empty if nothing is ready.
    block: Block,
    silence: u64,
    /// What was handed out last.
    out: Block,
    /// The place of the next frame that is handed out.
    at: u64,
    /// A packet that was read to see where it is.
    waiting: Option<Packet>,
    /// What may be padding behind the end that the header gives.
    held: Block,
    losses: Losses,
    fruitless: u32,
    is_over: bool,
    /// Where the first sound stands; `None` until there was one.
    begins: Option<i64>,
    /// Whether one stream follows another, so that time stamps say nothing from the start.
    is_chained: bool,
    index: Option<Arc<SeekIndex>>,
    /// Bytes of all packets so far, also of those that nobody wanted.
    n_seen: u64,
    /// Whether damage in the middle was looked for.
    is_mended: bool,
    /// Watches for bytes that the demuxer passes over in silence; `None` after a jump, and where it
    /// does not do that.
    watch: Option<Marker>,
    joint: Joint,
    /// The first byte, among all, of another stream that follows; of a stream of MPEG audio only
    /// once its end was reached.
    rest: Option<u64>,
}

impl Single {
    /// Opens what is chosen of the file at `path`, of which `from` bytes are passed over, and decodes
    /// as much as it takes to know that it has sound.
    ///
    /// # Errors
    /// Whatever can be wrong with a file before its sound begins, and where there is nothing of
    /// what is chosen.
    pub(super) fn open(path: &Path, choice: Choice, from: u64) -> Result<Self, DecodeError> {
        let open = || {
            let name = Name::new(path.to_string_lossy());
            let media = Self::opened(media::open_file(path)?, &name)?;
            Self::of(&media, &name, choice, from)
        };
        let mut file = open()?;
        if choice.side.is_none()
            && file.channels() == 2
            && OPPOSED.get(path, (choice.track, from), || open()?.tells_opposed())?
        {
            file.choice.side = Some(Side::Difference);
        }
        Ok(file)
    }

    /// The same for bytes from anywhere; `name` is what messages call them.
    ///
    /// # Errors
    /// As [`open`](Self::open).
    pub(super) fn from_reader(
        bytes: impl Read + Seek + Send + 'static,
        name: &str,
    ) -> Result<Self, DecodeError> {
        let name = Name::new(name);
        Self::of(&Self::opened(bytes, &name)?, &name, Choice::default(), 0)
    }

    fn opened(bytes: impl Read + Seek + Send + 'static, name: &Name) -> Result<Media, DecodeError> {
        Media::new(bytes).map_err(|source| DecodeError::Open { name: name.clone(), source })
    }

    /// The same for all bytes of `media` but the first `from`.
    ///
    /// # Errors
    /// As [`open`](Self::open).
    pub(super) fn of(
        media: &Media,
        name: &Name,
        choice: Choice,
        mut from: u64,
    ) -> Result<Self, DecodeError> {
        loop {
            let mut file = Self::begun(media, name.clone(), choice, from)?;
            if file.make_ready()? {
                return Ok(file);
            }
            // What it began with may have been no stream.
            from = file.rest.ok_or_else(|| DecodeError::NoSound(name.clone()))?;
        }
    }

    /// The same, with nothing decoded yet.
    fn begun(media: &Media, name: Name, choice: Choice, from: u64) -> Result<Self, DecodeError> {
        let cannot_read = |source| DecodeError::Open { name: name.clone(), source };
        let mut media = media.all().map_err(cannot_read)?;
        media.skip(from);
        if media.len() == 0 {
            return Err(DecodeError::Empty(name));
        }
        let mut found = inspect::inspect(&mut media, &name)?;
        let header = if found.is_mp4 {
            mp4::read_header(&mut media).map_err(cannot_read)?
        } else {
            mp4::Header::default()
        };
        let mut demux = match Demux::open(&media, &name) {
            Err(DecodeError::Damaged { .. }) if found.is_mp4 && !header.is_there => {
                return Err(DecodeError::NoHeader(name));
            }
            Err(_)
                if found.is_matroska && cut::hide_chapters(&mut media).map_err(cannot_read)? =>
            {
                Demux::open(&media, &name)?
            }
            opened => opened?,
        };
        let (mut tags, note) = tags::take(&mut demux);
        if tags.chapters.is_empty() {
            tags.chapters.clone_from(&header.chapters);
        }
        let pick = |demux: &mut _, found: Inspection| {
            Stream::pick(demux, &found, &header, note, choice.track, &name)
        };
        let mut stream = pick(&mut demux, found)?;
        if stream.codec.may_hide_bands() && hides_bands(&media, &stream, &name)? {
            found.has_bands = true;
            stream = pick(&mut demux, found)?;
        }
        let tracks = stream::sound_tracks(&mut demux, &header, stream.track_id);
        let watch = (!stream.can_seek()).then(|| Marker::new(&media));
        Ok(Self {
            rest: found.next.map(|next| media.place_in_all(next)),
            name,
            media,
            found,
            header,
            choice,
            tracks,
            note,
            tags,
            demux,
            stream,
            block: Block::default(),
            silence: 0,
            out: Block::default(),
            at: 0,
            waiting: None,
            held: Block::default(),
            losses: Losses::default(),
            fruitless: 0,
            is_over: false,
            begins: None,
            is_chained: false,
            index: None,
            n_seen: 0,
            is_mended: false,
            watch,
            joint: Joint::default(),
        })
    }

    /// The bytes that it is read from.
    pub(super) fn media(&self) -> &Media {
        &self.media
    }

    /// What messages call it.
    pub(super) fn name(&self) -> &Name {
        &self.name
    }

    /// What of it is heard.
    pub(super) fn choice(&self) -> Choice {
        self.choice
    }

    /// What its tags say.
    pub(super) fn tags(&self) -> &Tags {
        &self.tags
    }

    /// Frames per second.
    pub(super) fn rate(&self) -> u32 {
        self.stream.rate
    }

    /// Channels per frame, as far as the next frames go.
    pub(super) fn channels(&self) -> usize {
        match self.block.channels {
            2 if self.choice.side.is_some() => 1,
            channels => channels.max(1),
        }
    }

    /// Its sound tracks, in the file's order.
    pub(super) fn tracks(&self) -> &[SoundTrack] {
        &self.tracks
    }

    /// The one channel of two that is heard.
    pub(super) fn side(&self) -> Option<Side> {
        self.choice.side
    }

    /// Whether its first sounds tell that two channels mirror each other.
    fn tells_opposed(mut self) -> Result<bool, DecodeError> {
        let mut polarity = Polarity::default();
        let second = u64::from(self.rate());
        while polarity.n_frames() < LISTEN_S * second {
            // What is too little to tell is looked on from.
            let look = if polarity.n_frames() < second { MOST_LOOK_S } else { LOOK_S };
            if self.at >= look * second {
                break;
            }
            let Some(frames) = self.next_frames()? else { break };
            if frames.channels != 2 {
                continue;
            }
            polarity.note(frames.samples);
            if polarity.n_frames() > second && polarity.is_usual() {
                break;
            }
        }
        Ok(polarity.n_frames() >= second && polarity.is_opposed())
    }

    /// Whether [`seek`](Self::seek) has to count packets from the start, unless it has an index.
    pub(super) fn wants_index(&self) -> bool {
        !self.stream.can_seek()
    }

    /// Gives it an index to jump by; one of another recording is ignored.
    pub(super) fn set_index(&mut self, index: Arc<SeekIndex>) {
        self.index = (self.wants_index() && index.fits(&self.media, self.rate())).then_some(index);
    }

    /// The codec's name in full.
    pub(super) fn codec(&self) -> &'static str {
        self.stream.codec.name
    }

    /// How long it is, where that can be said without decoding all of it.
    pub(super) fn length(&self) -> Option<Length> {
        let mut frames = self.stream.end.or(self.stream.promised)?;
        let mut is_estimate = self.stream.is_estimate;
        // A header that tells of less than is there is that of the first of several recordings.
        if let Some((told, there)) = self.found.bytes.filter(|(told, there)| *told < there / 10 * 9)
        {
            frames = (u128::from(frames) * u128::from(there) / u128::from(told)) as u64;
            is_estimate = true;
        }
        Some(Length { at: Timestamp::from_frames(frames, self.rate()), is_estimate })
    }

    /// The place of the next frame, counted from the first that is heard.
    pub(super) fn position(&self) -> u64 {
        self.at
    }

    /// What was lost up to here, by time.
    pub(super) fn losses(&self) -> &[Loss] {
        self.losses.as_slice()
    }

    /// The next frames, as many as are at hand; `None` at the end.
    ///
    /// # Errors
    /// When the disk or the network fails. Damage is no error: see [`losses`](Self::losses).
    pub(super) fn next_frames(&mut self) -> Result<Option<Frames<'_>>, DecodeError> {
        if !self.make_ready()? {
            return Ok(None);
        }
        if self.silence > 0 {
            let n = self.silence.min(SILENCE);
            self.silence -= n;
            self.out.channels = self.block.channels;
            self.out.silence(n);
        } else {
            std::mem::swap(&mut self.block, &mut self.out);
            self.block.samples.clear();
            self.block.channels = self.out.channels;
        }
        if let Some(side) = self.choice.side {
            self.out.keep(side);
        }
        self.at += self.out.frames();
        Ok(Some(self.out.as_frames()))
    }

    /// What [`next_frames`](Self::next_frames) gave last.
    pub(super) fn last_frames(&self) -> Frames<'_> {
        self.out.as_frames()
    }

    /// Counts on to `frame`, behind the end, where somebody else gave what is missing.
    pub(super) fn pass(&mut self, frame: u64) {
        self.at = frame;
    }

    /// Makes `frame` the next one that is handed out; behind the end there is none.
    ///
    /// # Errors
    /// When the disk or the network fails.
    pub(super) fn seek(&mut self, frame: u64) -> Result<(), DecodeError> {
        self.block.samples.clear();
        self.held.samples.clear();
        self.waiting = None;
        self.silence = 0;
        self.fruitless = 0;
        self.watch = None;
        let was_over = std::mem::replace(&mut self.is_over, false);
        self.at = frame;
        if self.stream.padding.is_none() && self.stream.end.is_some_and(|end| frame >= end) {
            self.is_over = true;
            return Ok(());
        }
        let warm_up = self.stream.codec.warm_up(self.rate());
        if self.jump(frame, frame.saturating_sub(warm_up))? {
            return Ok(());
        }
        // Before the first sound stands what the decoder has to hear first, so this may be
        // negative.
        self.walk(frame.cast_signed() - warm_up.cast_signed(), was_over)
    }

    /// Lets the demuxer find the place. `false` if it cannot.
    fn jump(&mut self, frame: u64, aim: u64) -> Result<bool, DecodeError> {
        // In an Ogg file with several streams the demuxer can look for one of them for ever.
        let n_tracks = self.demux.reader().map_or(0, |reader| reader.tracks().len());
        let is_safe =
            self.stream.can_seek() && !self.is_chained && (n_tracks == 1 || !self.stream.is_ogg());
        let Some(ticks) = self.stream.ticks_at(aim).filter(|_| is_safe) else { return Ok(false) };
        if !self.demux.seek(self.stream.track_id, ticks) {
            return Ok(false);
        }
        self.stream.jump();
        let losses = self.losses.clone();
        let Some(packet) = self.next_packet()? else {
            // An end that is none: where the demuxer stood at the end, it may give nothing more.
            self.losses = losses;
            return Ok(false);
        };
        let is_before =
            self.stream.place(&packet).is_some_and(|start| start <= frame.cast_signed());
        self.waiting = Some(packet);
        Ok(is_before)
    }

    /// Goes there packet by packet, from the start if need be. Time stamps that are missing or
    /// wrong, and headers that lie, do not matter on this way.
    fn walk(&mut self, aim: i64, was_over: bool) -> Result<(), DecodeError> {
        let here =
            self.stream.next.filter(|&next| !was_over && !self.stream.can_seek() && next <= aim);
        let mark = self.index.as_ref().and_then(|index| index.before(aim));
        match mark.filter(|mark| here.is_none_or(|here| here < mark.place)) {
            Some(mark) if self.begin_at(mark) => {}
            _ if here.is_some() => {}
            _ => self.start_over()?,
        }
        if self.stream.is_ogg() {
            // Streams may be chained here; only decoding tells where each of them ends.
            return Ok(());
        }
        self.is_over = false;
        while let Some(packet) = self.next_packet()? {
            let Some(start) = self.stream.place(&packet) else { continue };
            let end = start.saturating_add_unsigned(self.stream.frames_in(&packet));
            if end > aim {
                self.waiting = Some(packet);
                break;
            }
            self.stream.skip_to(end);
        }
        self.stream.restart();
        Ok(())
    }

    /// Goes on from a mark of the index; `false`, and nothing has changed, if that cannot be.
    fn begin_at(&mut self, mark: Mark) -> bool {
        let Ok(demux) = Demux::open(&self.media.from(mark.byte), &self.name) else { return false };
        self.demux = demux;
        self.stream.skip_to(mark.place);
        self.joint = Joint::default();
        true
    }

    /// How many frames are heard of it: as its header says where that is exact, else counted,
    /// packet by packet. And the byte with which what follows it begins, as [`rest`](Self::rest).
    ///
    /// # Errors
    /// When the disk or the network fails.
    pub(super) fn measured(mut self) -> Result<(u64, Option<u64>), DecodeError> {
        if self.stream.can_seek() {
            if let Some(frames) =
                self.stream.end.or(self.stream.promised).filter(|_| !self.stream.is_estimate)
            {
                return Ok((frames, self.rest));
            }
            // Packets that tell their time do not tell what is cut off at the end: only decoding
            // does.
            self.seek(0)?;
            while self.next_frames()?.is_some() {}
            return Ok((self.at, None));
        }
        self.start_over()?;
        while let Some(packet) = self.next_packet()? {
            if let Some(start) = self.stream.place(&packet) {
                self.stream.skip_to(start.saturating_add_unsigned(self.stream.frames_in(&packet)));
            }
        }
        Ok((self.n_counted(), self.rest))
    }

    /// How many frames are heard of a stream whose packets were counted to the end.
    fn n_counted(&self) -> u64 {
        let counted = self.stream.next.unwrap_or(0).max(0).unsigned_abs();
        let most_padding = self.stream.padding.unwrap_or(0) + MOST_PADDING;
        // A header may speak of another recording, or of one that breaks off: it says no more than
        // where padding begins.
        let is_right = |end: &u64| (*end..=*end + most_padding).contains(&counted);
        self.stream.end.filter(is_right).unwrap_or(counted)
    }

    /// How many frames are heard of it, once its end was reached; of a stream whose packets are
    /// counted, or whose header tells.
    pub(super) fn n_frames(&self) -> Option<u64> {
        let is_at_end = self.is_over && self.silence == 0 && self.block.samples.is_empty();
        match self.stream.can_seek() {
            _ if !is_at_end => None,
            true => self.stream.end.or(self.stream.promised),
            false => Some(self.n_counted()),
        }
    }

    /// Where its end was reached, and another stream follows: with which byte of the file
    /// that begins.
    pub(super) fn rest(&self) -> Option<u64> {
        self.rest.filter(|_| self.n_frames().is_some())
    }

    /// Reads all packets without decoding them and notes where some of them are. `None` if `go_on`
    /// said no.
    pub(super) fn count_packets(
        mut self,
        go_on: &dyn Fn() -> bool,
    ) -> Result<Option<SeekIndex>, DecodeError> {
        self.start_over()?;
        let mut marker = Marker::new(&self.media);
        let mut count = 0u32;
        while let Some(packet) = self.next_packet()? {
            let place = self.stream.place(&packet);
            let at = Timestamp::from_frames(place.unwrap_or(0).max(0).unsigned_abs(), self.rate());
            marker.see(&packet.data, place).map_err(|source| DecodeError::Read {
                name: self.name.clone(),
                at,
                source,
            })?;
            if let Some(start) = place {
                self.stream.skip_to(start.saturating_add_unsigned(self.stream.frames_in(&packet)));
            }
            count = count.wrapping_add(1);
            if count.is_multiple_of(1024) && !go_on() {
                return Ok(None);
            }
        }
        Ok(Some(marker.finish(self.rate())))
    }

    fn start_over(&mut self) -> Result<(), DecodeError> {
        self.waiting = None;
        self.demux = Demux::open(&self.media, &self.name)?;
        // Pictures are not kept this time either.
        tags::take(&mut self.demux);
        let stream = Stream::pick(
            &mut self.demux,
            &self.found,
            &self.header,
            self.note,
            self.choice.track,
            &self.name,
        )?;
        let old = std::mem::replace(&mut self.stream, stream);
        self.stream.inherit(old);
        self.joint = Joint::default();
        Ok(())
    }

    /// Decodes until something can be handed out; `false` at the end.
    fn make_ready(&mut self) -> Result<bool, DecodeError> {
        while self.silence == 0 && self.block.samples.is_empty() {
            if self.is_over {
                return Ok(false);
            }
            self.pull()?;
        }
        Ok(true)
    }

    /// The next packet of the track; `None` at the end, which is noted if it comes too early.
    fn next_packet(&mut self) -> Result<Option<Packet>, DecodeError> {
        loop {
            if self.waiting.is_some() || self.is_over {
                return Ok(self.waiting.take());
            }
            let next = self.read()?;
            match next {
                // Of another track.
                Next::Packet(packet) if packet.track_id != self.stream.track_id => {}
                Next::Packet(packet) if self.fruitless < MAX_FRUITLESS => {
                    if self.meets_other(&packet)? {
                        self.finish(false);
                        return Ok(None);
                    }
                    return Ok(Some(packet));
                }
                Next::Garbled | Next::Cut if self.mend(matches!(next, Next::Cut))? => {}
                // An end may be none: the demuxer takes it for one where an element has a false
                // length.
                Next::End if self.n_seen < self.media.len() / 10 * 9 && self.mend(false)? => {}
                Next::Garbled if self.fruitless < MAX_FRUITLESS => {
                    self.fruitless += 1;
                    self.lose(self.stream.next.unwrap_or(0), 1, LossKind::Damaged);
                }
                Next::NewStream if self.chain() => {}
                // All that is left is an end: a proper one, or one that comes too early.
                _ => {
                    self.finish(!matches!(next, Next::End));
                    return Ok(None);
                }
            }
        }
    }

    /// What the demuxer gives next.
    fn read(&mut self) -> Result<Next, DecodeError> {
        let at = Timestamp::from_frames(self.at, self.rate());
        let next = self.demux.next().map_err(|source| DecodeError::Read {
            name: self.name.clone(),
            at,
            source,
        })?;
        if let Next::Packet(packet) = &next {
            self.n_seen += packet.data.len() as u64;
        }
        Ok(next)
    }

    /// Goes on behind damage that its demuxer does not find the end of; `false` if there is none of
    /// that kind. `is_cut` if the file seemed to end in the middle of something.
    fn mend(&mut self, is_cut: bool) -> Result<bool, DecodeError> {
        if !self.found.is_matroska || std::mem::replace(&mut self.is_mended, true) {
            return Ok(false);
        }
        let cannot_read = |source| DecodeError::Open { name: self.name.clone(), source };
        if !cut::mend_matroska(&mut self.media).map_err(cannot_read)? {
            return Ok(false);
        }
        let (aim, losses) =
            (self.stream.next.unwrap_or(self.at.cast_signed()), self.losses.clone());
        self.walk(aim, true)?;
        if self.is_over {
            // Nothing stands behind it: it ends as it did.
            (self.stream.next, self.losses) = (Some(aim), losses);
            self.finish(is_cut);
        }
        Ok(true)
    }

    /// Whether a stream of another kind that can be opened began some packets ago.
    fn meets_other(&mut self, packet: &Packet) -> Result<bool, DecodeError> {
        if !self.stream.kind().is_some_and(|own| self.joint.sees(&packet.data, own)) {
            return Ok(false);
        }
        if self.rest.is_none() {
            let cannot_read = |source| DecodeError::Open { name: self.name.clone(), source };
            let first = self.joint.first_byte(&mut self.media).map_err(cannot_read)?;
            let first = first.map(|first| self.media.place_in_all(first));
            // One that begins where this one does would be opened for ever.
            let begins = first.filter(|&first| first > self.media.place_in_all(0));
            self.rest = begins.filter(|&first| {
                Self::begun(&self.media, self.name.clone(), self.choice, first)
                    .is_ok_and(|rest| !rest.stream.can_seek())
            });
        }
        self.joint = Joint::default();
        Ok(self.rest.is_some())
    }

    /// Goes on with a stream that follows in the same file; `false` if that has another rate.
    fn chain(&mut self) -> bool {
        let place = self.stream.next.unwrap_or(self.at.cast_signed());
        match Stream::pick(
            &mut self.demux,
            &self.found,
            &self.header,
            None,
            self.choice.track,
            &self.name,
        ) {
            Ok(mut stream) if stream.rate == self.stream.rate => {
                stream.chain_at(place);
                self.stream = stream;
                self.is_chained = true;
                true
            }
            _ => false,
        }
    }

    /// Decodes one packet.
    fn pull(&mut self) -> Result<(), DecodeError> {
        let Some(packet) = self.next_packet()? else { return Ok(()) };
        let Some(start) = self.stream.place(&packet) else {
            self.fruitless += 1;
            self.lose(self.stream.next.unwrap_or(0), 1, LossKind::Damaged);
            return Ok(());
        };
        if let Some(Ok(passed)) =
            self.watch.as_mut().map(|watch| watch.see(&packet.data, Some(start)))
            && passed > packet.data.len() as u64 / 2
        {
            self.lose(start, 0, LossKind::LeftOut);
        }
        match self.stream.decode(&packet, &mut self.block) {
            Decoded::Sound(bad) => {
                self.fruitless = 0;
                self.stream.next = Some(start.saturating_add_unsigned(self.block.frames()));
                self.fit(start);
                if let Some((first, last)) = bad {
                    self.lose(
                        start.saturating_add_unsigned(first),
                        last - first + 1,
                        LossKind::Samples,
                    );
                }
            }
            Decoded::Nothing => {
                self.fruitless += 1;
                self.block.samples.clear();
            }
            Decoded::Failed => {
                self.fruitless += 1;
                self.block.samples.clear();
                let n = self.stream.frames_in(&packet);
                self.stream.next = Some(start.saturating_add_unsigned(n));
                self.lose(start, n, LossKind::Damaged);
            }
        }
        Ok(())
    }

    /// Cuts the block, whose sound begins at `start`, to what is wanted, and fills what is missing
    /// before it.
    fn fit(&mut self, start: i64) {
        let at = self.at + self.held.frames();
        let reach = start.saturating_add_unsigned(self.block.frames()).max(0).unsigned_abs();
        let begins = *self.begins.get_or_insert(start);
        let gap = start.saturating_sub_unsigned(at).max(0).unsigned_abs();
        if gap == 0 {
            self.block.drop_front(at.cast_signed().abs_diff(start));
        } else if self.held.samples.is_empty() {
            self.silence = gap;
        } else {
            self.held.lengthen(gap);
        }
        // Before the first sound of all nothing is missing.
        if gap > 0 && at.cast_signed() >= begins {
            self.lose(at.cast_signed(), gap, LossKind::Damaged);
        }
        let Some(end) = self.stream.end else { return };
        let keep = end.saturating_sub(at + gap);
        let Some(padding) = self.stream.padding else { return self.block.truncate(keep) };
        // Padding goes on for a packet or two. If there is more, the header spoke of another
        // recording, as when several were put together, and all of it is heard.
        if reach.saturating_sub(end) > padding + MOST_PADDING {
            self.block.put_in_front(&mut self.held);
            (self.stream.end, self.stream.promised) = (None, None);
        } else {
            self.held.take_end_of(&mut self.block, keep);
        }
    }

    /// Notes a loss of `frames` from `start` on, unless nobody asked for what stands there.
    fn lose(&mut self, start: i64, frames: u64, kind: LossKind) {
        let end = start.saturating_add_unsigned(frames);
        // Packets at the beginning may lean on others that were cut away before; nothing is lost
        // there.
        if self.begins.is_none()
            || end < self.at.cast_signed()
            || (end == self.at.cast_signed() && frames > 0)
        {
            return;
        }
        let time = |frame: i64| Timestamp::from_frames(frame.max(0).unsigned_abs(), self.rate());
        let span = Span::new(time(start), time(end));
        self.losses.add(span, kind);
    }

    /// The end was reached. `is_cut` if that was in the middle of something.
    fn finish(&mut self, is_cut: bool) {
        self.is_over = true;
        self.held.samples.clear();
        let heard = self.stream.next.unwrap_or(0).max(0).unsigned_abs();
        let time = |frames| Timestamp::from_frames(frames, self.rate());
        let promised = match self.found.promise {
            Some((promised, there)) => {
                Some((u128::from(heard) * u128::from(promised) / u128::from(there.max(1))) as u64)
            }
            None => self.stream.promised.filter(|_| !self.stream.is_estimate),
        };
        let (end, promised) = (time(heard), promised.map(time));
        // What could not be decoded behind the last sound is a tag or the like, or part of what was
        // cut off.
        self.losses.forget_damage_from(end);
        match promised {
            Some(promised) if promised.millis() > end.millis() + SHORT_MILLIS => {
                self.losses.add(Span::new(end, promised), LossKind::CutShort);
            }
            None if is_cut => self.losses.add(Span::new(end, end), LossKind::CutShort),
            _ => {}
        }
    }
}

/// Whether the first packets of `stream` are of HE-AAC.
fn hides_bands(media: &Media, stream: &Stream, name: &Name) -> Result<bool, DecodeError> {
    let mut demux = Demux::open(media, name)?;
    let mut failed = None;
    let packets = std::iter::from_fn(|| match demux.next() {
        Ok(Next::Packet(packet)) => Some(packet),
        Ok(_) => None,
        Err(source) => {
            failed = Some(DecodeError::Open { name: name.clone(), source });
            None
        }
    });
    let of_stream = packets.filter(|packet| packet.track_id == stream.track_id);
    let hides = aac::hides_bands(&stream.codec.params, of_stream.map(|packet| packet.data));
    failed.map_or(Ok(hides), Err)
}

impl SeekIndex {
    /// Counts the packets of the recording at `path`, which means reading all of it: a second or so
    /// for ten hours. `Ok(None)` if it needs no index, or `go_on`, asked now and then, said no.
    ///
    /// # Errors
    /// As [`Source::open`](super::Source::open), and when the disk or the network fails.
    pub fn build(path: &Path, go_on: &dyn Fn() -> bool) -> Result<Option<Self>, DecodeError> {
        let named = if list::is_list(path) {
            list::files(path)?
        } else {
            vec![(path.to_owned(), Choice::default())]
        };
        // Several files are jumped to by their lengths.
        let [(path, choice)] = named.as_slice() else { return Ok(None) };
        let source = Single::open(path, *choice, 0)?;
        if !source.wants_index() {
            return Ok(None);
        }
        source.count_packets(go_on)
    }
}
