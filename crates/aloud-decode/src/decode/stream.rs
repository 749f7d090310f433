//! One track and its clock: which frame of the recording does a packet begin with?
//!
//! Packets carry a time stamp, exact in most containers and in whole milliseconds in Matroska; MPEG
//! audio and ADTS carry none, so their packets are counted. Headers promise how much at either end
//! is padding.

use super::choice::SoundTrack;
use super::codec::Codec;
use super::demux::Demux;
use super::error::{DecodeError, Name};
use super::frames::Block;
use super::guard::guarded;
use super::inspect::Inspection;
use super::mp4;
use super::mpeg::Header;
use super::tags::Gapless;
use symphonia::core::codecs::CodecParameters;
use symphonia::core::formats::well_known::*;
use symphonia::core::formats::{FormatId, Track, TrackFlags, TrackType};
use symphonia::core::packet::Packet;
use symphonia::core::units::Duration;

/// A gap in the time stamps longer than this many seconds is a jump of the clock, not a loss.
const MAX_GAP_SECONDS: i64 = 3600;
/// Rounded time stamps are believed only where they are off by more than this part of a second.
const ROUNDING: i64 = 25;

/// The track that is heard.
pub(super) struct Stream {
    pub(super) track_id: u32,
    pub(super) codec: Codec,
    /// Frames per second.
    pub(super) rate: u32,
    pub(super) clock: Clock,
    /// Where the sound of the next packet should begin; `None` after a jump.
    pub(super) next: Option<i64>,
    /// Where the sound ends, if a header knows.
    pub(super) end: Option<u64>,
    /// How many frames after `end` are padding as well; `None` where the header is known to be
    /// right.
    pub(super) padding: Option<u64>,
    /// The length that a header promises, whatever else it says.
    pub(super) promised: Option<u64>,
    /// Whether that was only worked out from the first packets.
    pub(super) is_estimate: bool,
    /// The place of this stream's own beginning: not 0 where streams are chained.
    base: i64,
    /// Frames in front of the sound.
    priming: u64,
    /// The time stamp, in frames, of the sound's beginning; `None` until the first packet is seen.
    origin: Option<i64>,
    layout: Layout,
    /// Seconds per tick of its time stamps, as a fraction.
    tick: (u32, u32),
    /// What all packets' beginnings are a multiple of, in frames.
    grid: Option<u64>,
    kind: Option<Header>,
    /// Whether the decoder was given MPEG frames of one channel; `None` before the first.
    is_mono: Option<bool>,
    /// Whether what is decoded next belongs to no time, as Vorbis's first packet.
    drops_output: bool,
    /// Whether any packet was decoded.
    has_begun: bool,
}

/// How a container keeps time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Clock {
    /// Not at all: packets are counted.
    Counted,
    /// By exact time stamps.
    Exact,
    /// By time stamps in coarse units.
    Rounded,
}

/// What is to be known of the container to find the sound's beginning.
#[derive(Clone, Copy, Debug)]
struct Layout {
    format: FormatId,
    /// Whether a picture runs beside it, whose clock counts.
    has_picture: bool,
    /// The beginning, where a header gives it as a time stamp in frames.
    given: Option<i64>,
}

/// What became of a packet.
pub(super) enum Decoded {
    /// The block holds its sound; the frames between these two had impossible samples.
    Sound(Option<(u64, u64)>),
    /// It has none, and takes no time.
    Nothing,
    /// It could not be decoded.
    Failed,
}

/// Whether a length in a container's ticks is none: all bits set, of 32 or of 64, say so (ISO/IEC
/// 14496-12, movie and media headers).
fn is_unknown(ticks: u64) -> bool {
    ticks == u64::from(u32::MAX) || ticks >= i64::MAX.cast_unsigned()
}

/// The tracks that hold sound, in the file's order.
fn sounds<'a>(tracks: &'a [Track], header: &'a mp4::Header) -> impl Iterator<Item = &'a Track> {
    tracks.iter().filter(|track| match track.track_type() {
        None => {
            header.tracks.is_empty() || in_header(header, track).is_some_and(|one| one.is_sound)
        }
        kind => kind == Some(TrackType::Audio),
    })
}

fn in_header<'a>(header: &'a mp4::Header, track: &Track) -> Option<&'a mp4::Track> {
    header.tracks.iter().find(|one| one.id == track.id)
}

/// What the file says of its sound tracks, of which `heard` is heard.
pub(super) fn sound_tracks(demux: &mut Demux, header: &mp4::Header, heard: u32) -> Vec<SoundTrack> {
    let Some(reader) = demux.reader() else { return Vec::new() };
    let described = |track: &Track| {
        let language = track
            .language
            .clone()
            .or_else(|| in_header(header, track).and_then(|one| one.language.clone()));
        // Files say "undetermined" in place of nothing.
        SoundTrack {
            language: language.filter(|language| !language.is_empty() && language != "und"),
            is_heard: track.id == heard,
        }
    };
    sounds(reader.tracks(), header).map(described).collect()
}

impl Stream {
    /// Picks the track to listen to: the default one, or the first that can be decoded.
    ///
    /// # Errors
    /// When there is none; the error names the codec of the default track.
    pub(super) fn pick(
        demux: &mut Demux,
        found: &Inspection,
        header: &mp4::Header,
        note: Option<Gapless>,
        choice: Option<usize>,
        name: &Name,
    ) -> Result<Self, DecodeError> {
        let Some(reader) = demux.reader() else { return Err(DecodeError::NoSound(name.clone())) };
        let format = reader.format_info().format;
        let mut tracks: Vec<&Track> = sounds(reader.tracks(), header).collect();
        if let Some(number) = choice {
            let chosen = tracks
                .get(number)
                .copied()
                .ok_or_else(|| DecodeError::OtherTrack { name: name.clone(), n: tracks.len() })?;
            tracks = vec![chosen];
        }
        tracks.sort_by_key(|track| !track.flags.contains(TrackFlags::DEFAULT));
        let has_picture = header.has_video
            || reader.tracks().iter().any(|track| track.track_type() == Some(TrackType::Video));
        let mut refusal = None;
        for track in tracks {
            let of_track = in_header(header, track);
            match guarded(|| Codec::new(track, of_track, found.has_bands, name)) {
                Some(Ok(codec)) => {
                    return Ok(Self::new(track, codec, format, has_picture, found, of_track, note));
                }
                Some(Err(error)) => refusal = refusal.or(Some(error)),
                None => {}
            }
        }
        Err(refusal.unwrap_or_else(|| DecodeError::NoTrack(name.clone())))
    }

    fn new(
        track: &Track,
        codec: Codec,
        format: FormatId,
        has_picture: bool,
        found: &Inspection,
        header: Option<&mp4::Track>,
        note: Option<Gapless>,
    ) -> Self {
        let params = match &track.codec_params {
            Some(CodecParameters::Audio(params)) => params.sample_rate,
            _ => None,
        };
        let rate = codec.decoder.codec_params().sample_rate.or(params).unwrap_or(0);
        let tick =
            track.time_base.map_or((1, rate.max(1)), |base| (base.numer.get(), base.denom.get()));
        // Packets of HE-AAC may be told in ticks of the lower rate, which are whole ones all the same.
        let ticks = u64::from(tick.1) << u32::from(codec.is_doubled());
        let is_exact = ticks % u64::from(rate.max(1)) == 0 && tick.0 == 1;
        let is_counted =
            matches!(format, FORMAT_ID_MP1 | FORMAT_ID_MP2 | FORMAT_ID_MP3 | FORMAT_ID_ADTS);
        let clock = if is_counted {
            Clock::Counted
        } else if is_exact {
            Clock::Exact
        } else {
            Clock::Rounded
        };
        let is_mp4 = format == FORMAT_ID_ISOMP4;
        let mut stream = Self {
            track_id: track.id,
            rate,
            clock,
            next: None,
            end: None,
            padding: None,
            promised: None,
            is_estimate: false,
            base: 0,
            priming: codec.priming(is_mp4),
            origin: None,
            layout: Layout { format, has_picture, given: None },
            tick,
            grid: codec.grid(),
            kind: None,
            is_mono: None,
            drops_output: codec.is_vorbis() && format != FORMAT_ID_OGG,
            has_begun: false,
            codec,
        };
        let ticks =
            |n: u64| stream.frames_of(i64::try_from(n).unwrap_or(i64::MAX)).max(0).unsigned_abs();
        let duration = track.duration.map(Duration::get).filter(|&n| !is_unknown(n));
        let length =
            track.num_frames.filter(|_| !is_mp4).or(duration.map(ticks)).filter(|&n| n > 0);
        match format {
            _ if is_counted => {
                let times = if stream.codec.is_doubled() { 2 } else { 1 };
                let length = length.map(|n| n.saturating_mul(times));
                stream.trust_counts(track, length, found.has_mpeg_length);
            }
            FORMAT_ID_ISOMP4 => stream.trust_edits(length, header, note),
            FORMAT_ID_CAF => {
                stream.end = length.filter(|_| {
                    track.padding.is_some_and(|n| n > 0) || track.delay.is_some_and(|n| n > 0)
                });
                stream.promised = length;
            }
            FORMAT_ID_MKV => {}
            _ => stream.promised = length,
        }
        stream
    }

    /// MPEG audio and ADTS. Only encoders that write LAME's extension say how much is padding.
    fn trust_counts(&mut self, track: &Track, length: Option<u64>, is_known: bool) {
        self.is_estimate = !is_known;
        match track.delay.filter(|&delay| delay > 0 && is_known) {
            Some(delay) => {
                self.priming = u64::from(delay);
                self.end = length;
                self.padding = track.padding.map(u64::from).or(Some(0));
                self.promised = length;
            }
            None => {
                self.promised = length.map(|n| n.saturating_sub(self.priming)).filter(|&n| n > 0);
            }
        }
        self.next = Some(-self.priming.cast_signed());
    }

    /// MP4: iTunes' note is exact; an edit list is what everybody else writes.
    fn trust_edits(
        &mut self,
        length: Option<u64>,
        header: Option<&mp4::Track>,
        note: Option<Gapless>,
    ) {
        let rate = f64::from(self.rate);
        let frames = |seconds: f64| (seconds * rate).round() as i64;
        let edit = header.and_then(|track| track.edit);
        // Whoever noted the padding of a lossless codec copied the note from another file.
        let note = note.filter(|note| {
            self.priming > 0 && length.is_none_or(|all| note.delay + note.frames <= all)
        });
        let (begin, heard) = match (note, edit) {
            (Some(note), _) => {
                // Of HE-AAC some count at the lower rate.
                let is_low = self.codec.is_doubled()
                    && length
                        .is_some_and(|all| 2 * (note.delay + note.frames) <= all + self.priming);
                let times = if is_low { 2 } else { 1 };
                ((times * note.delay).cast_signed(), Some(times * note.frames))
            }
            (None, Some(edit)) => {
                (frames(edit.from), edit.length.map(|length| frames(length).max(0).unsigned_abs()))
            }
            (None, None) if self.layout.has_picture => (0, None),
            (None, None) => (self.priming.cast_signed(), None),
        };
        let wait = edit.filter(|_| self.layout.has_picture).map_or(0, |edit| frames(edit.wait));
        let wait = if wait > MAX_GAP_SECONDS * i64::from(self.rate) { 0 } else { wait };
        let all = length.and_then(|all| all.checked_add_signed(-begin));
        self.end = heard.into_iter().chain(all).min().map(|n| n + wait.unsigned_abs());
        self.promised = self.end;
        self.layout.given = Some(begin - wait);
    }

    /// Goes on with the decoder of `old`, which is the same stream, where that has to know more than
    /// the header says: HE-AAC tells what its bands are within its packets, and not in each of them.
    pub(super) fn inherit(&mut self, old: Self) {
        if self.codec.is_doubled() && old.codec.is_doubled() && self.rate == old.rate {
            self.codec = old.codec;
            self.restart();
        }
    }

    /// Lets this stream's sound begin at `place`, where another one ended.
    pub(super) fn chain_at(&mut self, place: i64) {
        self.base = place;
        if self.clock == Clock::Counted {
            self.next = Some(place - self.priming.cast_signed());
        }
        self.end = self.end.and_then(|end| end.checked_add_signed(place));
        self.promised = None;
    }

    /// Time stamps are what the container counts in; this is the same in frames.
    fn frames_of(&self, ticks: i64) -> i64 {
        let (numer, denom) =
            (i128::from(self.tick.0) * i128::from(self.rate), i128::from(self.tick.1));
        let scaled = i128::from(ticks) * numer;
        let rounded = (scaled + denom / 2).div_euclid(denom);
        // No sound is so long; sums of such numbers stay in range.
        rounded.clamp(-(1 << 60), 1 << 60) as i64
    }

    /// The time stamp at or before `place`; `None` before the first.
    pub(super) fn ticks_at(&self, place: u64) -> Option<i64> {
        let frame = i128::from(place) - i128::from(self.base) + i128::from(self.origin?);
        let (numer, denom) =
            (i128::from(self.tick.0) * i128::from(self.rate.max(1)), i128::from(self.tick.1));
        i64::try_from((frame * denom).div_euclid(numer)).ok().filter(|&ticks| ticks > 0)
    }

    /// Where the sound of `packet` begins; `None` if it is not of this stream at all.
    pub(super) fn place(&mut self, packet: &Packet) -> Option<i64> {
        if self.clock == Clock::Counted {
            if self.layout.format != FORMAT_ID_ADTS {
                let header = Header::read(&packet.data)?;
                if !self.kind.get_or_insert(header).is_like(header) {
                    return None;
                }
            }
            return self.next;
        }
        let stamp = self.frames_of(packet.pts.get());
        let origin = match self.origin {
            Some(origin) => origin,
            None => self.set_origin(stamp),
        };
        let place = stamp - origin + self.base;
        let Some(next) = self.next else { return Some(self.snapped(place)) };
        let gap = place - next;
        let slack = if self.clock == Clock::Rounded { i64::from(self.rate) / ROUNDING } else { 2 };
        if gap > MAX_GAP_SECONDS * i64::from(self.rate) {
            // The clock was set anew; from here on it counts from there.
            self.origin = Some(origin + gap);
        } else if gap > slack {
            return Some(place);
        }
        // Packets that overlap are not seen in good files; their sound is simply put one after the
        // other.
        Some(next)
    }

    fn set_origin(&mut self, first: i64) -> i64 {
        let origin = self.find_origin(first);
        self.origin = Some(origin);
        // What Ogg promises is a time stamp, not a length.
        if self.is_ogg() {
            self.promised = self.promised.and_then(|end| end.checked_add_signed(-origin));
        }
        origin
    }

    /// The time stamp at which the sound begins, if the first packet has the stamp `first`.
    fn find_origin(&self, first: i64) -> i64 {
        let priming = self.priming.cast_signed();
        match self.layout {
            Layout { given: Some(given), .. } => given,
            // The pre-skip of Opus is part of its time stamps, Vorbis begins before zero by as
            // much.
            Layout { format: FORMAT_ID_OGG, .. } => first.max(0) + priming,
            // Muxers differ in whether they count the priming; the first packet begins with it
            // anyway.
            Layout { format: FORMAT_ID_MKV, has_picture, .. } => {
                if has_picture && first.abs() < MAX_GAP_SECONDS * i64::from(self.rate) {
                    0
                } else {
                    first + priming
                }
            }
            // Its first frame is the recording's, unless it was damaged; what was cut out of a longer
            // one begins where that was.
            Layout { format: FORMAT_ID_FLAC, .. } if first < i64::from(self.rate) => 0,
            _ => first.max(0),
        }
    }

    /// Coarse time stamps after a jump: the nearest place at which a packet can begin.
    fn snapped(&self, place: i64) -> i64 {
        let Some(grid) = self.grid.map(u64::cast_signed).filter(|&grid| grid > 0) else {
            return place;
        };
        // With a picture the first packet may begin anywhere, and then nothing is known.
        if self.clock == Clock::Exact || self.layout.has_picture {
            return place;
        }
        let first = -self.priming.cast_signed();
        let nearest = first + (place - first + grid / 2).div_euclid(grid) * grid;
        let is_sure = (nearest - place).abs() <= i64::from(self.rate) / 1000 + 1;
        if is_sure { nearest } else { place }
    }

    /// How many frames `packet` takes, without decoding it.
    pub(super) fn frames_in(&self, packet: &Packet) -> u64 {
        match (self.clock, self.kind) {
            (Clock::Counted, Some(kind)) => kind.frames(),
            (Clock::Counted, None) => self.codec.packet(),
            _ => self
                .frames_of(i64::try_from(packet.block_dur().get()).unwrap_or(0))
                .clamp(0, i64::from(self.rate))
                .unsigned_abs(),
        }
    }

    /// Decodes `packet` into `block`.
    pub(super) fn decode(&mut self, packet: &Packet, block: &mut Block) -> Decoded {
        self.follow_channels(packet);
        let codec = &mut self.codec;
        let decoded = guarded(|| match codec.decoder.decode(packet) {
            Ok(sound) if sound.spec().rate() == self.rate || self.rate == 0 => {
                Ok((sound.spec().rate(), block.fill(&sound)))
            }
            Ok(sound) => Err(format!("a sample rate of {} Hz", sound.spec().rate())),
            Err(error) => Err(error.to_string()),
        });
        let bad = match decoded {
            Some(Ok((rate, bad))) => {
                self.rate = rate;
                bad
            }
            Some(Err(reason)) => {
                log::debug!("a packet was lost: {reason}");
                return Decoded::Failed;
            }
            None => {
                // What a panic leaves behind is of no use.
                self.renew_decoder();
                return Decoded::Failed;
            }
        };
        let is_first = !std::mem::replace(&mut self.has_begun, true);
        if std::mem::take(&mut self.drops_output) {
            // Time begins with the second packet where no picture tells otherwise.
            let shift =
                if is_first && !self.layout.has_picture { block.frames().cast_signed() } else { 0 };
            self.origin = self.origin.map(|origin| origin + shift);
            return Decoded::Nothing;
        }
        if block.samples.is_empty() {
            return Decoded::Nothing;
        }
        if self.clock == Clock::Exact && packet.trim_end.get() > 0 {
            let trim =
                i64::try_from(packet.trim_end.get()).map_or(0, |ticks| self.frames_of(ticks));
            block.truncate(block.frames().saturating_sub(trim.max(0).unsigned_abs()));
        }
        if self.grid.is_none() {
            self.grid = Some(block.frames());
        }
        Decoded::Sound(bad)
    }

    /// An MPEG decoder refuses packets with another number of channels than its first; recordings
    /// that were put together from several have them, and so has junk that is taken for a packet.
    fn follow_channels(&mut self, packet: &Packet) {
        if self.kind.is_none() {
            return;
        }
        let Some(header) = Header::read(&packet.data) else { return };
        if self.is_mono.is_some_and(|is_mono| is_mono != header.is_mono) {
            self.renew_decoder();
        }
        self.is_mono = Some(header.is_mono);
    }

    /// The kind of its MPEG frames, once there was one.
    pub(super) fn kind(&self) -> Option<Header> {
        self.kind
    }

    fn renew_decoder(&mut self) {
        let mut track = Track::new(self.track_id);
        track.with_codec_params(CodecParameters::Audio(self.codec.params.clone()));
        let has_bands = self.codec.is_doubled();
        if let Some(Ok(codec)) = guarded(|| Codec::new(&track, None, has_bands, &Name::new(""))) {
            self.codec = codec;
        }
    }

    /// Makes the decoder ready for a packet that does not follow the last one.
    pub(super) fn restart(&mut self) {
        if guarded(|| self.codec.decoder.reset()).is_none() {
            self.renew_decoder();
        }
        self.drops_output = self.codec.is_vorbis() && !self.is_ogg();
    }

    /// The same after the demuxer went to another place, which the next packet's time stamp will
    /// tell.
    pub(super) fn jump(&mut self) {
        self.restart();
        self.next = None;
    }

    /// Notes that the sound up to `place` was passed over.
    pub(super) fn skip_to(&mut self, place: i64) {
        self.next = (self.clock == Clock::Counted).then_some(place);
    }

    /// Whether packets tell where they are, so that the demuxer's own seeking can be relied on.
    pub(super) fn can_seek(&self) -> bool {
        self.clock != Clock::Counted
    }

    pub(super) fn is_ogg(&self) -> bool {
        self.layout.format == FORMAT_ID_OGG
    }
}
