//! What the model is asked besides, while it has a window's sound encoded: which language is spoken
//! in it, and whether anybody speaks at all.
//!
//! Encoding is most of what a window costs, and whisper.cpp's own way to find a language encodes
//! once more. Its filter of logits is called with the state before the first token is chosen, and a
//! state may be asked for a token from there. As for the probability that nobody speaks,
//! whisper.cpp reads it behind the whole prompt, where it means nothing: the model was trained to
//! tell it behind the first token (OpenAI's `decoding.py`, `sot_index`), which is where it is read
//! here.

#![allow(unsafe_code, reason = "whisper-rs hands the state to its callbacks in no other way")]

use std::ffi::{c_int, c_void};
use whisper_rs::{FullParams, WhisperContext, whisper_rs_sys as sys};

/// Languages that Whisper has at most.
const MOST_LANGUAGES: i32 = 100;
/// Tokens of its vocabulary that are not languages, where it has more than one (whisper.cpp,
/// `num_languages`).
const OTHER_TOKENS: i32 = 51_766;
/// Languages that are less likely are not worth a word.
const LEAST: f32 = 0.001;

/// The questions to one pass, and its answers.
pub(super) struct Aside {
    /// The tokens that the pass begins with; the state is asked for them again, so that it stands
    /// where it stood.
    prompt: Vec<i32>,
    first: i32,
    nobody: i32,
    end: i32,
    /// The first language's token and how many there are; none where the model knows one only.
    languages: (i32, i32),
    threads: c_int,
    /// The code that the pass is only to go on with if it is the likeliest.
    only_in: Option<String>,
    is_asked: bool,
    /// Whether the pass was ended: it is in another language, or could not be asked.
    pub(super) is_ended: bool,
    /// The probability that nobody speaks.
    pub(super) no_speech: f32,
    /// Languages and their probabilities, most likely first.
    pub(super) found: Vec<(String, f32)>,
}

impl Aside {
    /// Questions to a pass that begins with `prompt`, as [`params`](super::params) sets it, in
    /// `language`; `is_guess` says that it is to end at once where another language is likelier.
    pub(super) fn new(
        context: &WhisperContext,
        prompt: &[i32],
        language: &str,
        is_guess: bool,
        threads: c_int,
    ) -> Self {
        let mut tokens = Vec::new();
        if !prompt.is_empty() {
            tokens.push(context.token_prev());
            tokens.extend_from_slice(prompt);
        }
        tokens.push(context.token_sot());
        let mut languages = (0, 0);
        if context.is_multilingual() {
            languages = (
                context.token_lang(0),
                (context.n_vocab() - OTHER_TOKENS).clamp(1, MOST_LANGUAGES),
            );
            tokens.push(context.token_lang(whisper_rs::get_lang_id(language).unwrap_or(0)));
            tokens.push(context.token_transcribe());
        }
        // Distilled models of the first release are made to go without timestamps.
        if context.model_n_text_layer() == 2 && context.n_vocab() != 51_866 {
            tokens.push(context.token_not());
        }
        Self {
            prompt: tokens,
            first: context.token_sot(),
            nobody: context.token_nosp(),
            end: context.token_eot(),
            languages,
            threads,
            only_in: is_guess.then(|| language.to_owned()),
            is_asked: false,
            is_ended: false,
            no_speech: 0.0,
            found: Vec::new(),
        }
    }

    /// Has `params` ask while `work` recognises with them.
    pub(super) fn during<T>(
        &mut self,
        params: &mut FullParams<'_, '_>,
        work: impl FnOnce(FullParams<'_, '_>) -> T,
    ) -> T {
        // SAFETY: the callback gets a pointer to `self`, which is borrowed until `work` has
        // returned, and the parameters that hold it are a copy that `work` consumes. Nothing else
        // touches `self` meanwhile: whisper.cpp filters the first token's logits on the thread that
        // called it, and later calls, which several threads make at once, return before they look
        // at `self`.
        let mut params = params.clone();
        unsafe {
            params.set_filter_logits_callback(Some(filter));
            params.set_filter_logits_callback_user_data(std::ptr::from_mut(self).cast());
        }
        work(params)
    }

    /// Reads the answers off the logits behind the first token.
    fn take(&mut self, logits: &[f32]) {
        let at = |token: i32| {
            usize::try_from(token)
                .ok()
                .and_then(|i| logits.get(i))
                .copied()
                .unwrap_or(f32::NEG_INFINITY)
        };
        self.no_speech = share(logits, at(self.nobody));
        let (first, n) = self.languages;
        let each: Vec<f32> = (0..n).map(|id| at(first + id)).collect();
        let code = |id: usize| i32::try_from(id).ok().and_then(whisper_rs::get_lang_str);
        let named = each
            .iter()
            .enumerate()
            .filter_map(|(id, logit)| Some((code(id)?.to_owned(), share(&each, *logit))));
        self.found = named.filter(|(_, p)| *p > LEAST).collect();
        self.found.sort_by(|a, b| b.1.total_cmp(&a.1));
    }
}

/// The probability of what has `logit` among `logits`.
fn share(logits: &[f32], logit: f32) -> f32 {
    let most = logits.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    let all: f64 = logits.iter().map(|l| f64::from(l - most).exp()).sum();
    let share = (f64::from(logit - most).exp() / all) as f32;
    if share.is_finite() { share } else { 0.0 }
}

/// Called for each token of each candidate before it is chosen, by several threads at once behind
/// the first one.
unsafe extern "C" fn filter(
    context: *mut sys::whisper_context,
    state: *mut sys::whisper_state,
    _tokens: *const sys::whisper_token_data,
    n_tokens: c_int,
    logits: *mut f32,
    aside: *mut c_void,
) {
    // SAFETY: whisper.cpp gives its own context and state, which live as long as the call, and as
    // many logits as the vocabulary has words. `aside` is what `during` set. It is only written to
    // before the first token, when no other thread works for the call. The state's own functions
    // may be called here: the logits at hand are a copy, batches are filled anew for each token,
    // and the attention cache holds the same cells in the same order once the prompt was decoded
    // again.
    unsafe {
        if n_tokens > 0 {
            return;
        }
        let aside = &mut *aside.cast::<Aside>();
        let Ok(n_vocab) = usize::try_from(sys::whisper_n_vocab(context)) else { return };
        if !aside.is_asked {
            aside.is_asked = true;
            let decode = |tokens: &[i32]| {
                let n_tokens = c_int::try_from(tokens.len()).unwrap_or(0);
                sys::whisper_decode_with_state(
                    context,
                    state,
                    tokens.as_ptr(),
                    n_tokens,
                    0,
                    aside.threads,
                ) == 0
            };
            let mut is_done = decode(&[aside.first]);
            if is_done {
                let behind_first = sys::whisper_get_logits_from_state(state);
                let behind_first = std::slice::from_raw_parts(behind_first, n_vocab).to_vec();
                is_done = decode(&aside.prompt);
                aside.take(&behind_first);
            }
            let is_other = aside
                .only_in
                .as_ref()
                .is_some_and(|code| aside.found.first().is_some_and(|(found, _)| found != code));
            aside.is_ended = !is_done || is_other;
        }
        if aside.is_ended {
            let logits = std::slice::from_raw_parts_mut(logits, n_vocab);
            logits.fill(f32::NEG_INFINITY);
            if let Some(end) = usize::try_from(aside.end).ok().and_then(|end| logits.get_mut(end)) {
                *end = 0.0;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares() {
        for (logits, logit, want) in [
            (&[0.0, 0.0, 0.0, 0.0][..], 0.0, 0.25),
            (&[1000.0, 0.0], 1000.0, 1.0),
            (&[f32::NEG_INFINITY, 3.0], f32::NEG_INFINITY, 0.0),
            (&[f32::NEG_INFINITY], f32::NEG_INFINITY, 0.0),
            (&[], 1.0, 0.0),
        ] {
            assert_eq!(share(logits, logit), want, "{logits:?}");
        }
    }
}
