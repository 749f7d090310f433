//! What the program and its recogniser child say to each other over pipes.
//!
//! A message is a frame: four bytes `AL` + version + a reserved zero, the length of a JSON header
//! and of a binary body (both `u32`, little-endian), then the header and the body. Sound travels in
//! the body as little-endian `f32`. Both sides come from one executable, so the version only has to
//! catch a child that is not ours, or one that printed something of its own into the pipe.
//!
//! This file never knows processes: it reads from and writes to any stream.

use serde::{Deserialize, Serialize};
use std::io::{self, Read, Write};
use std::path::PathBuf;

/// The version in each frame; another one is refused.
pub const VERSION: u8 = 3;
/// A header longer than this is nonsense: the longest real one, a window full of tokens, is far
/// below.
const MAX_HEADER: u32 = 4 << 20;
/// A body longer than this is nonsense: a minute of sound is 3.8 MB.
const MAX_BODY: u32 = 16 << 20;
/// How many samples one probability of [`Reply::Speech`] stands for (32 ms at 16 kHz, Silero's own
/// step).
pub const SPEECH_HOP: usize = 512;

/// What to load before anything is recognised.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Load {
    /// The Whisper model; `None` when only speech is to be detected.
    pub model: Option<PathBuf>,
    /// The Silero model, when there is one.
    pub detector: Option<PathBuf>,
    /// Which attention heads tell when a token is spoken; `None` falls back to token timestamps.
    pub heads: Option<Heads>,
    /// How many windows are recognised at once, 1 or more.
    pub jobs: usize,
    /// Threads for each of them, 1 or more.
    pub threads: usize,
    /// Whether a GPU may be used where the build has one.
    pub gpu: bool,
    /// Whether a model's weights may be rounded to eight bits, where the processor is quicker so; a
    /// process can load no other model afterwards.
    pub may_round: bool,
    /// Whether attention may be computed the fast way, which leaves nothing to warp. It gives
    /// slightly other numbers, so a retry with safer settings keeps what the first try had.
    pub flash: bool,
}

/// Attention heads for word times by dynamic time warping.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Heads {
    /// whisper.cpp's own list for a published model, by its name ("tiny.en", "large-v3-turbo").
    /// These heads look at the token to come, so a token's time is its end.
    Preset(String),
    /// (decoder layer, head) pairs counted from 0 that look at the token to come, as a preset's do.
    Foreseeing(Vec<(i32, i32)>),
    /// (decoder layer, head) pairs counted from 0 that look at the token just read, so a token's
    /// time is its start.
    Reading(Vec<(i32, i32)>),
}

/// How one window is to be recognised.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct How {
    /// Whisper's language code.
    pub language: String,
    /// Candidates kept by the beam search; 1 is greedy.
    pub beam: usize,
    /// Sampling temperature, 0 to 1; above 0 the result depends on a seed that is always the same.
    pub temperature: f32,
    /// Names and terms to expect; empty for none.
    pub prompt: String,
    /// Whether `language` is only a guess: where the sound is likelier to be in another one, that
    /// one is taken.
    pub is_guess: bool,
    /// Whether the model looks at as much as it can, 30 s with silence where there is no more
    /// sound. Otherwise at little more than the sound, which takes less time, and now and then
    /// costs a word.
    pub is_whole: bool,
    /// Behind this, in milliseconds from the first sample, nobody speaks as far as is known; `None`
    /// where nothing is.
    pub spoken_ms: Option<u32>,
}

/// Asked by the program.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Request {
    /// The first message, once.
    Load(Load),
    /// Recognise the samples in the body.
    Recognise {
        /// Comes back with the answer.
        id: u64,
        /// How.
        how: How,
    },
    /// Where in the body does somebody speak?
    Speech {
        /// Comes back with the answer.
        id: u64,
    },
}

/// Answered by the child.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reply {
    /// Ready for work.
    Loaded,
    /// Nothing can be recognised; both are for the user. The child ends.
    LoadFailed {
        /// The reason.
        why: String,
        /// The way out, where there is one.
        hint: Option<String>,
    },
    /// What was heard.
    Heard {
        /// Of which request.
        id: u64,
        /// What.
        heard: Hearing,
    },
    /// Speech probabilities, one for each [`SPEECH_HOP`] samples.
    Speech {
        /// Of which request.
        id: u64,
        /// 0 to 1 each.
        probabilities: Vec<f32>,
    },
    /// This one request failed; the child goes on.
    Failed {
        /// Of which request.
        id: u64,
        /// The engine's reason.
        why: String,
    },
}

/// What was heard in a window.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Hearing {
    /// In order of time.
    pub passes: Vec<Pass>,
    /// The code of the language that it was taken for.
    pub language: String,
    /// Codes of the languages that it sounds like and their probabilities (0 to 1), most likely
    /// first; none from a model that knows one.
    pub languages: Vec<(String, f32)>,
}

/// One run of the decoder over the rest of a window.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Pass {
    /// Where in the window it starts, in milliseconds.
    pub start: u32,
    /// How far it reached, in milliseconds of the window.
    pub end: u32,
    /// Whisper's probability that nobody speaks here, 0 to 1.
    pub no_speech: f32,
    /// Text and timestamp tokens in order.
    pub tokens: Vec<Heard>,
}

/// A token with all that the engine knows of its time. Times are milliseconds from the window's
/// start.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Heard {
    /// A piece of text.
    Text {
        /// Its bytes, not necessarily whole characters.
        bytes: Vec<u8>,
        /// 0 to 1.
        p: f32,
        /// Natural logarithm of the probability among all tokens.
        plog: f32,
        /// Where warping the attention places it (see [`Heads`] for what this means).
        warped: Option<u32>,
        /// Where token timestamps place it: start and end.
        rough: Option<(u32, u32)>,
    },
    /// A timestamp that the model wrote.
    Time(u32),
}

/// Writes one frame and flushes it.
///
/// # Errors
/// Whatever the stream says; a body beyond the limit is `InvalidInput`.
pub fn write<T: Serialize>(out: &mut impl Write, message: &T, samples: &[f32]) -> io::Result<()> {
    let header = serde_json::to_vec(message)?;
    let body: Vec<u8> = samples.iter().flat_map(|s| s.to_le_bytes()).collect();
    let length = |n: usize, max: u32| {
        u32::try_from(n)
            .ok()
            .filter(|n| *n <= max)
            .ok_or_else(|| io::Error::new(io::ErrorKind::InvalidInput, "message too long"))
    };
    let (h, b) = (length(header.len(), MAX_HEADER)?, length(body.len(), MAX_BODY)?);
    let mut frame = Vec::with_capacity(12 + header.len() + body.len());
    frame.extend_from_slice(&[b'A', b'L', VERSION, 0]);
    frame.extend_from_slice(&h.to_le_bytes());
    frame.extend_from_slice(&b.to_le_bytes());
    frame.extend_from_slice(&header);
    frame.extend_from_slice(&body);
    out.write_all(&frame)?;
    out.flush()
}

/// Reads one frame; `None` at a clean end of the stream.
///
/// # Errors
/// `InvalidData` for anything that is not a frame of this version; `UnexpectedEof` for a frame cut
/// short.
pub fn read<T: for<'de> Deserialize<'de>>(
    input: &mut impl Read,
) -> io::Result<Option<(T, Vec<f32>)>> {
    let mut start = [0u8; 12];
    // Only an end before the first byte is a clean one.
    if input.read(&mut start[..1])? == 0 {
        return Ok(None);
    }
    input.read_exact(&mut start[1..])?;
    let nonsense = |what: &str| io::Error::new(io::ErrorKind::InvalidData, what.to_owned());
    if start[..2] != *b"AL" {
        return Err(nonsense("not a message of the recogniser"));
    }
    if start[2] != VERSION {
        return Err(nonsense("the recogniser speaks another version"));
    }
    let number =
        |at: usize| u32::from_le_bytes([start[at], start[at + 1], start[at + 2], start[at + 3]]);
    let (header, body) = (number(4), number(8));
    if header > MAX_HEADER || body > MAX_BODY || !body.is_multiple_of(4) {
        return Err(nonsense("a message of an impossible length"));
    }
    let header = read_exactly(input, header)?;
    let message = serde_json::from_slice(&header)
        .map_err(|e| nonsense(&format!("an unreadable message: {e}")))?;
    let body = read_exactly(input, body)?;
    let samples =
        body.chunks_exact(4).map(|b| f32::from_le_bytes([b[0], b[1], b[2], b[3]])).collect();
    Ok(Some((message, samples)))
}

/// Reads `n` bytes without trusting `n` for the allocation.
fn read_exactly(input: &mut impl Read, n: u32) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    input.take(u64::from(n)).read_to_end(&mut bytes)?;
    if bytes.len() == n as usize { Ok(bytes) } else { Err(io::ErrorKind::UnexpectedEof.into()) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn ask() -> Request {
        let how = How {
            language: "zh".into(),
            beam: 5,
            temperature: 0.0,
            prompt: "深度求索".into(),
            is_guess: false,
            is_whole: true,
            spoken_ms: Some(8_000),
        };
        Request::Recognise { id: 7, how }
    }

    #[test]
    fn there_and_back() {
        let mut wire = Vec::new();
        write(&mut wire, &ask(), &[0.0, -1.0, f32::MIN_POSITIVE]).unwrap();
        write(&mut wire, &Reply::Loaded, &[]).unwrap();
        let mut input = wire.as_slice();
        assert_eq!(
            read::<Request>(&mut input).unwrap().unwrap(),
            (ask(), vec![0.0, -1.0, f32::MIN_POSITIVE])
        );
        assert_eq!(read::<Reply>(&mut input).unwrap().unwrap(), (Reply::Loaded, vec![]));
        assert!(read::<Reply>(&mut input).unwrap().is_none());
    }

    #[test]
    fn every_cut_is_noticed() {
        let mut wire = Vec::new();
        write(&mut wire, &ask(), &[0.5; 3]).unwrap();
        for end in 1..wire.len() {
            assert!(read::<Request>(&mut &wire[..end]).is_err(), "cut at {end}");
        }
    }

    #[test]
    fn nonsense_is_refused() {
        let cases: [&[u8]; 5] = [
            b"whisper_init_from_file: loading\n",
            b"AL\x03\0\x02\0\0\0\0\0\0\0{}",
            b"AL\x02\0\xff\xff\xff\xff\0\0\0\0",
            b"AL\x02\0\x02\0\0\0\x03\0\0\0{}abc",
            b"AL\x02\0\x02\0\0\0\0\0\0\0{}",
        ];
        for case in cases {
            assert_eq!(
                read::<Reply>(&mut &*case).unwrap_err().kind(),
                io::ErrorKind::InvalidData,
                "{case:?}"
            );
        }
    }

    proptest! {
        #[test]
        fn any_bytes_are_survived(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
            let _ = read::<Reply>(&mut bytes.as_slice());
        }
    }
}
