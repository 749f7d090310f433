//! Words that are known to be said, and about when: when exactly?
//!
//! What a recogniser heard is led along the sound as an article is, but in the neighbourhood of its
//! own times, so that nothing has to be found first. This file never knows who heard the words.

use super::chain::Chain;
use super::model::{Level, Model};
use super::pace::Pace;
use super::path::{Step, What};
use super::place::{Path, span};
use super::sound::Recording;
use super::text::Text;
use super::{FINE, Heard, learn, search};
use crate::article::Article;
use crate::speech;
use crate::time::Span;

/// So many paths are sought: the first in the synthesiser's voice, the others in the recording's
/// own.
const PASSES: usize = 3;

/// When each word of `article` is spoken, of which `rough` tells about when: to some tenths of a
/// second. `text` is the article spoken sentence by sentence, `frames` are [`speech::Scorer`]'s
/// from the start of `recording` on. A word that has no place there has none. `watch` hears which
/// share of the work is done, and says whether to go on; `None` once it says no.
pub fn lay(
    article: &Article,
    text: &Text,
    recording: &Recording,
    frames: &[speech::Frame],
    rough: &[Option<Span>],
    watch: &mut dyn FnMut(f32) -> bool,
) -> Option<Vec<Option<Span>>> {
    let n = article.words.len();
    let level = Level::of(recording, frames);
    if !level.has_speech() || text.phones.is_empty() {
        return Some(vec![None; n]);
    }
    let candidates = text.stats.iter().map(|stats| Model::from_synth(stats, &level)).collect();
    let Some(mut model) = Model::best_of(candidates, recording, &level) else {
        return Some(vec![None; n]);
    };
    let heard = Heard { recording, frames };
    let mut chain = Chain::of_text(text, article, FINE.state_ms, |_| 1.0);
    let mut path = about(text, &chain, rough, recording.len());
    for pass in 0..PASSES {
        let mut watch = |share: f32| watch((pass as f32 + share) / PASSES as f32);
        path = search(&heard, recording.len(), &chain, &model, &FINE, Some(&path), &mut watch)?.0;
        if pass + 1 < PASSES {
            model = model.adapted(&learn(text, recording, &path));
            let pace = Pace::of(text, &path);
            chain = Chain::of_text(text, article, FINE.state_ms, |phone| pace.at(phone));
        }
    }
    Some(path.words(text, n).iter().map(|frames| frames.as_ref().map(span)).collect())
}

/// A path that is at each word when `rough` says.
fn about(text: &Text, chain: &Chain, rough: &[Option<Span>], n_frames: usize) -> Path {
    let mut steps = vec![Step { what: What::Pause(0), at: 0 }];
    for first in chain.firsts.iter().filter_map(|state| chain.begins.get(*state)) {
        let word = text.phones.get(*first as usize).map_or(0, |phone| phone.word as usize);
        if let Some(span) = rough.get(word).copied().flatten() {
            let last = steps.last().map_or(0, |step| step.at);
            let at =
                u32::try_from(span.start().millis() / super::mfcc::STEP_MS).unwrap_or(u32::MAX);
            steps.push(Step { what: What::Phone(*first), at: at.max(last) });
        }
    }
    Path::new(steps, 1, n_frames, chain)
}
