//! whisper.cpp through whisper-rs: the only folder that names it.
//!
//! A window is decoded pass by pass, as whisper.cpp's own loop does it, but here: each pass is one
//! `whisper_full` call over the rest of the window. So no text of one pass becomes the prompt of
//! the next (the usual start of a loop), and no pass is ever shorter than [`SHORTEST`] (whisper.cpp
//! 1.8.3 aborts when it warps attention over less than 0.16 s, and reads out of bounds below 201
//! samples).

mod accelerator;
mod aside;
mod attention;
mod int8;
mod memory;
mod processor;

pub use processor::check as check_processor;

use super::protocol::{Heads, Heard, Hearing, How, Load, Pass, SPEECH_HOP};
use super::{DecoderState, Engine};
use crate::reason::Reason;
use aside::Aside;
use std::path::Path;
use std::sync::Arc;
use whisper_rs::{
    DtwAhead, DtwMode, DtwModelPreset, DtwParameters, FullParams, SamplingStrategy, WhisperContext,
    WhisperContextParameters, WhisperState, WhisperVadContext, WhisperVadContextParams,
};

/// Samples in a second.
const RATE: usize = 16_000;
/// No pass gets less sound than this; shorter rests are filled up with silence.
const SHORTEST: usize = RATE;
/// A rest shorter than this holds no word and is not worth a pass.
const REST: usize = RATE / 4;
/// Whisper looks at 30 s at once.
const LONGEST: usize = 30 * RATE;
/// A window needs two or three passes; a model that never advances must not run for ever.
const MAX_PASSES: usize = 24;
/// Tokens of prompt that still leave room for the text (half of Whisper's 448, less the markers).
const MAX_PROMPT: usize = 200;
/// Characters tokenised at once: the tokeniser's regular expression recurses for each of them.
const PROMPT_PIECE: usize = 100;

/// Places of the encoder in a second: it gives one for every 20 ms.
const PLACES: usize = 50;
/// The encoder is given so many places more than the sound has: without silence behind it the end
/// of a text is lost or said twice.
const BEYOND: usize = 64;
/// And never fewer than this: with fewer the models, which never saw less than 30 s, begin to write
/// nonsense.
const FEWEST: usize = 384;
/// Their number is a multiple of this, so that every product of matrices has sides that the tiled
/// kernels take (they ask for multiples of 8 or 16, by the processor; the usual 1,500 is neither,
/// and attention takes twice the time).
const TILE: usize = 32;

/// What is said where a recogniser is asked that was loaded for something else.
const NO_MODEL: &str = "no model is loaded";

/// whisper.cpp's version, as it reports it.
pub fn version() -> &'static str {
    whisper_rs::WHISPER_CPP_VERSION
}

/// Whether this build can use a GPU.
pub fn has_gpu() -> bool {
    WhisperContextParameters::default().use_gpu
}

/// Whether the processor is quicker with weights that are rounded to eight bits.
pub fn is_quick_rounded() -> bool {
    int8::is_quick()
}

/// A Whisper model, a speech detector, or both.
pub struct WhisperEngine {
    context: Option<Arc<WhisperContext>>,
    load: Load,
}

impl Engine for WhisperEngine {
    fn load(load: &Load) -> Result<Self, Reason> {
        processor::check()?;
        if load.model.is_some() {
            accelerator::claim(load.may_round, load.gpu)?;
        }
        let context =
            load.model.as_deref().map(|path| context(path, load)).transpose()?.map(Arc::new);
        Ok(Self { context, load: load.clone() })
    }

    fn state(&self) -> Result<Box<dyn DecoderState>, String> {
        let detector =
            self.load.detector.as_deref().map(|path| detector(path, &self.load)).transpose()?;
        // Made now, so that a machine with too little memory says so before any work is done.
        let unused = self.context.as_deref().map(new_state).transpose()?;
        Ok(Box::new(WhisperDecoder {
            context: self.context.clone(),
            state: None,
            unused,
            detector,
            load: self.load.clone(),
            found: None,
        }))
    }
}

fn context(path: &Path, load: &Load) -> Result<WhisperContext, String> {
    let heads: Vec<DtwAhead> = match &load.heads {
        Some(Heads::Reading(pairs) | Heads::Foreseeing(pairs)) => {
            pairs.iter().map(|&(n_text_layer, n_head)| DtwAhead { n_text_layer, n_head }).collect()
        }
        _ => Vec::new(),
    };
    // whisper.cpp keeps the pointer and reads the list again for every state, long after the
    // wrapper has let go of it: with a list that is freed here, other heads are used than were
    // asked for and words come out 50 ms late. A child loads once, so a few bytes are left to it
    // for good.
    let heads: &'static [DtwAhead] = Vec::leak(heads);
    let mode = match &load.heads {
        None => DtwMode::None,
        Some(Heads::Reading(_) | Heads::Foreseeing(_)) => DtwMode::Custom { aheads: heads },
        Some(Heads::Preset(name)) => {
            preset(name).map_or(DtwMode::None, |model_preset| DtwMode::ModelPreset { model_preset })
        }
    };
    let mut params = WhisperContextParameters::new();
    params.use_gpu(load.gpu && params.use_gpu);
    // Warping needs the attention weights that flash attention never writes down; and on a
    // processor it takes twice the time.
    params.flash_attn(params.use_gpu && load.flash && matches!(mode, DtwMode::None));
    let usual = DtwParameters::default();
    let dtw_mem_size = usual.dtw_mem_size.max(warping_bytes(heads.len()));
    params.dtw_parameters(DtwParameters { mode, dtw_mem_size });
    WhisperContext::new_with_params(path, params)
        .map_err(|e| format!("whisper.cpp cannot load `{}`: {e}", path.display()))
}

/// What whisper.cpp may need to warp the attention of `n_heads`: it holds four copies of the
/// weights of all heads, of which each has one for every token and every 20 ms, and ends the
/// process where the memory it was given is too small. Memory that is not needed is never touched.
fn warping_bytes(n_heads: usize) -> usize {
    /// Tokens in Whisper's context, places in 30 s, bytes of a number, copies.
    const PER_HEAD: usize = 448 * 1500 * 4 * 4;
    n_heads * PER_HEAD
}

fn preset(name: &str) -> Option<DtwModelPreset> {
    Some(match name {
        "tiny" => DtwModelPreset::Tiny,
        "tiny.en" => DtwModelPreset::TinyEn,
        "base" => DtwModelPreset::Base,
        "base.en" => DtwModelPreset::BaseEn,
        "small" => DtwModelPreset::Small,
        "small.en" => DtwModelPreset::SmallEn,
        "medium" => DtwModelPreset::Medium,
        "medium.en" => DtwModelPreset::MediumEn,
        "large-v1" => DtwModelPreset::LargeV1,
        "large-v2" => DtwModelPreset::LargeV2,
        "large-v3" => DtwModelPreset::LargeV3,
        "large-v3-turbo" => DtwModelPreset::LargeV3Turbo,
        _ => return None,
    })
}

fn detector(path: &Path, load: &Load) -> Result<WhisperVadContext, String> {
    let mut params = WhisperVadContextParams::new();
    params.set_n_threads(threads(load));
    params.set_use_gpu(false);
    let failed = || format!("whisper.cpp cannot load the speech detector `{}`", path.display());
    // The constructor panics on a path that C cannot take.
    let path = path.to_str().filter(|p| !p.contains('\0')).ok_or_else(failed)?;
    WhisperVadContext::new(path, params).map_err(|_| failed())
}

fn new_state(context: &WhisperContext) -> Result<WhisperState, String> {
    context.create_state().map_err(|e| format!("whisper.cpp has no memory for another window: {e}"))
}

fn threads(load: &Load) -> i32 {
    i32::try_from(load.threads.max(1)).unwrap_or(i32::MAX)
}

/// Milliseconds of a number of samples.
fn millis(samples: usize) -> u32 {
    u32::try_from(samples * 1000 / RATE).unwrap_or(u32::MAX)
}

struct WhisperDecoder {
    context: Option<Arc<WhisperContext>>,
    /// The decoder's memory. Never two at once: it is most of what a window costs.
    state: Option<WhisperState>,
    /// The first one, until it is needed.
    unused: Option<WhisperState>,
    detector: Option<WhisperVadContext>,
    load: Load,
    /// The language that was found last.
    found: Option<String>,
}

impl WhisperDecoder {
    /// A memory that nothing was done with, for each request: what whisper.cpp gives depends on
    /// what a state did before. Its beam search draws candidates at random, as sampling with a
    /// temperature does, from a generator that goes on where the last window left it, and the first
    /// search with several candidates lays the attention cache out anew for good.
    fn fresh(&mut self) -> Result<&mut WhisperState, String> {
        let state = match self.unused.take() {
            Some(state) => state,
            None => {
                self.state = None;
                memory::let_go_of_free();
                new_state(self.context.as_deref().ok_or(NO_MODEL)?)?
            }
        };
        Ok(self.state.insert(state))
    }

    /// Recognises `samples` in the language of `how`; where `only_in_it`, nothing but the languages
    /// comes back if another one is likelier.
    fn attempt(&mut self, samples: &[f32], how: &How, only_in_it: bool) -> Result<Hearing, String> {
        let context = self.context.clone().ok_or(NO_MODEL)?;
        let warps = matches!(&self.load.heads, Some(h) if !matches!(h, Heads::Preset(n) if preset(n).is_none()));
        let prompt = prompt_tokens(&context, &how.prompt)?;
        let mut params = params(how, &prompt, &self.load, !warps);
        let threads = threads(&self.load);
        let n_places = usize::try_from(context.n_audio_ctx()).unwrap_or(0);
        let state = self.fresh()?;
        let reader = Reader { context: &context, warps };
        let mut heard = Hearing { language: how.language.clone(), ..Hearing::default() };
        let spoken = how.spoken_ms.map_or(usize::MAX, |ms| ms as usize * RATE / 1000);
        let mut at = 0;
        while samples.len().saturating_sub(at) >= REST && heard.passes.len() < MAX_PASSES {
            let mut slice = samples[at..samples.len().min(at + LONGEST)].to_vec();
            let whole = slice.len();
            slice.resize(whole.max(SHORTEST), 0.0);
            params.set_audio_ctx(if how.is_whole { 0 } else { places(slice.len(), n_places) });
            let is_first = heard.passes.is_empty();
            let mut aside =
                Aside::new(&context, &prompt, &how.language, only_in_it && is_first, threads);
            aside
                .during(&mut params, |params| state.full(params, &slice))
                .map_err(|e| format!("whisper.cpp failed: {e}"))?;
            if is_first {
                heard.languages = aside.found;
            }
            if aside.is_ended {
                if only_in_it && is_first && !heard.languages.is_empty() {
                    return Ok(heard);
                }
                return Err("whisper.cpp failed: it cannot be asked for a token".into());
            }
            let mut tokens = reader.read(state);
            let reached = match unfinished(&tokens) {
                // Too little is left for another pass, or too little was covered to move on: this
                // is all.
                Some((last, reached)) if reached >= REST && reached + REST <= whole => {
                    // A pass over silence costs as much as any, and finds words that nobody says.
                    let is_all = last + 1 == tokens.len() && at + reached + REST > spoken;
                    tokens.truncate(last + 1);
                    if is_all { whole } else { reached }
                }
                _ => whole,
            };
            heard.passes.push(Pass {
                start: millis(at),
                end: millis(at + reached),
                no_speech: aside.no_speech,
                tokens,
            });
            at += reached;
        }
        Ok(heard)
    }
}

/// How many places of the encoder `n_samples` are given, of those `n_places` that it has; 0 for all
/// of them.
///
/// What it costs grows with their number, faster than in proportion.
fn places(n_samples: usize, n_places: usize) -> i32 {
    let needed = (n_samples * PLACES).div_ceil(RATE);
    let most = n_places / TILE * TILE;
    if needed > most {
        return 0;
    }
    let places = (needed + BEYOND).next_multiple_of(TILE).max(FEWEST).min(most);
    i32::try_from(places).unwrap_or(0)
}

impl DecoderState for WhisperDecoder {
    fn recognise(&mut self, samples: &[f32], how: &How) -> Result<Hearing, String> {
        if !how.is_guess {
            return self.attempt(samples, how, false);
        }
        // A recording seldom changes its language. A wrong guess costs time, and changes nothing
        // else.
        let mut how = How {
            language: self.found.clone().unwrap_or_else(|| how.language.clone()),
            ..how.clone()
        };
        let mut heard = self.attempt(samples, &how, true)?;
        if let Some((found, _)) =
            heard.languages.first().filter(|(found, _)| *found != how.language)
        {
            how.language.clone_from(found);
            heard = self.attempt(samples, &how, false)?;
        }
        self.found = Some(how.language);
        Ok(heard)
    }

    fn speech(&mut self, samples: &[f32]) -> Result<Vec<f32>, String> {
        let detector = self.detector.as_mut().ok_or("no speech detector is loaded")?;
        if samples.len() < SPEECH_HOP {
            return Ok(Vec::new());
        }
        detector.detect_speech(samples).map_err(|e| format!("the speech detector failed: {e}"))?;
        Ok(detector.probabilities().to_vec())
    }
}

/// Every field that matters is set: the documented defaults of the wrapper are stale.
fn params<'a>(
    how: &'a How,
    prompt: &'a [i32],
    load: &Load,
    token_timestamps: bool,
) -> FullParams<'a, 'a> {
    let beam = i32::try_from(how.beam.clamp(1, 8)).unwrap_or(1);
    let strategy = if how.temperature > 0.0 || beam == 1 {
        SamplingStrategy::Greedy { best_of: if how.temperature > 0.0 { 5 } else { 1 } }
    } else {
        SamplingStrategy::BeamSearch { beam_size: beam, patience: -1.0 }
    };
    let mut params = FullParams::new(strategy);
    params.set_n_threads(threads(load));
    params.set_language(Some(&how.language));
    params.set_translate(false);
    params.set_no_context(true);
    params.set_n_max_text_ctx(
        i32::try_from(prompt.len()).map_or(0, |n| if n == 0 { 0 } else { n + 1 }),
    );
    params.set_tokens(prompt);
    params.set_single_segment(true);
    params.set_no_timestamps(false);
    params.set_token_timestamps(token_timestamps);
    params.set_max_len(0);
    params.set_suppress_blank(true);
    // Would forbid 「」 too.
    params.set_suppress_nst(false);
    params.set_temperature(how.temperature);
    // Retries are decided on our side, where more is known.
    params.set_temperature_inc(0.0);
    params.set_no_speech_thold(2.0);
    params.set_print_special(false);
    params.set_print_progress(false);
    params.set_print_realtime(false);
    params.set_print_timestamps(false);
    params
}

/// The prompt in tokens: piece by piece because of the tokeniser's recursion, the last ones kept.
fn prompt_tokens(context: &WhisperContext, prompt: &str) -> Result<Vec<i32>, String> {
    let characters: Vec<char> = prompt.chars().filter(|c| !c.is_control()).collect();
    let mut tokens = Vec::new();
    for piece in characters.chunks(PROMPT_PIECE) {
        let piece: String = piece.iter().collect();
        // With room for every byte the wrapper's mistake about too small buffers cannot happen.
        tokens.extend(
            context
                .tokenize(&piece, piece.len() + 1)
                .map_err(|e| format!("the prompt cannot be used: {e}"))?,
        );
    }
    Ok(tokens.split_off(tokens.len().saturating_sub(MAX_PROMPT)))
}

/// Reads what a state holds after a pass.
struct Reader<'a> {
    context: &'a WhisperContext,
    warps: bool,
}

impl Reader<'_> {
    /// The tokens of the pass.
    fn read(&self, state: &WhisperState) -> Vec<Heard> {
        let (begin, end_of_text) = (self.context.token_beg(), self.context.token_eot());
        let mut tokens = Vec::new();
        for segment in state.as_iter() {
            for token in (0..segment.n_tokens()).filter_map(|i| segment.get_token(i)) {
                let data = token.token_data();
                if data.id >= begin {
                    tokens.push(Heard::Time(u32::try_from(data.id - begin).unwrap_or(0) * 20));
                } else if data.id < end_of_text {
                    let hundredths = |t: i64| u32::try_from(t).ok().map(|t| t * 10);
                    let rough = (!self.warps)
                        .then(|| hundredths(data.t0).zip(hundredths(data.t1)))
                        .flatten();
                    let warped = if self.warps { hundredths(data.t_dtw) } else { None };
                    let bytes = token.to_bytes().unwrap_or_default().to_vec();
                    // A number that is none would not pass the pipe.
                    let (p, plog) = (finite(data.p, 0.0), finite(data.plog, -20.0));
                    tokens.push(Heard::Text { bytes, p, plog, warped, rough });
                }
            }
        }
        tokens
    }
}

/// `value`, or `otherwise` where it is infinite or no number.
fn finite(value: f32, otherwise: f32) -> f32 {
    if value.is_finite() { value } else { otherwise }
}

/// Where the text of a pass breaks off: the place of its last timestamp among the tokens and its
/// time in samples; `None` when the pass covers all of its sound.
///
/// As in whisper.cpp: a lone closing timestamp says that nothing follows; otherwise what is written
/// after the last timestamp is unfinished, and the next pass begins there.
fn unfinished(tokens: &[Heard]) -> Option<(usize, usize)> {
    let time = |t: &Heard| match t {
        Heard::Time(ms) if *ms > 0 => Some(*ms as usize * RATE / 1000),
        _ => None,
    };
    match tokens {
        [.., a, b] if time(a).is_none() && time(b).is_some() => None,
        _ => tokens.iter().enumerate().rev().find_map(|(i, t)| Some((i, time(t)?))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_by_need() {
        for (seconds, n_places, want) in [
            // A third of the context at least.
            (0.5, 1500, 384),
            (6.0, 1500, 384),
            (10.0, 1500, 576),
            // All that the tiled kernels take.
            (28.0, 1500, 1472),
            (29.4, 1500, 1472),
            // All there is.
            (29.5, 1500, 0),
            (30.0, 1500, 0),
            // A model that hears less.
            (3.0, 200, 192),
            (4.0, 200, 0),
        ] {
            assert_eq!(
                places((seconds * RATE as f64) as usize, n_places),
                want,
                "{seconds} s of {n_places}"
            );
        }
    }
}
