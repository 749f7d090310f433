//! A text in a second language: whether it says what the first one says, and what of it stands
//! beside which sentence.

use super::article::Loaded;
use super::exit::Exit;
use super::report::{Failure, counted, plain};
use super::{Context, article};
use crate::align::Belongs;
use crate::align::across::{self, Bead};
use crate::article::Article;
use crate::export::Options;
use crate::transcript::split;
use std::ffi::OsStr;
use std::fs;

/// Two sentences whose bead is less sure than this may not say the same: on the demo column, in
/// which three of 115 are one off behind a sentence that nobody translated, those have 0.38 to
/// 0.69, and right ones 0.71 and more.
const SURE: f32 = 0.7;
/// So many characters of a sentence tell which it is.
const SHOWN: usize = 30;

/// The text.
pub(super) struct Second {
    article: Article,
    /// It in another language, where it has two.
    other: Option<Article>,
    /// As the user named it; `None` for a text of the very document that the first one is in.
    name: Option<String>,
    /// Whether it is wanted wherever it belongs.
    anyway: bool,
}

/// What of the text stands beside the sentences of a first one.
pub(super) struct Beside {
    /// For each sentence, what says the same; where several share it, the first of them has it.
    pub(super) texts: Vec<Option<String>>,
    /// For each sentence, whether it shares the text of the one before it.
    pub(super) shared: Vec<bool>,
}

/// The text that `source` names, beside `first`, which may be one of the two that it holds.
///
/// # Errors
/// As [`article::load`]; with exit code 2 where the first text's own document is named, and that
/// has no second language.
pub(super) fn load(
    source: &OsStr,
    first: Option<(&OsStr, &Loaded)>,
    anyway: bool,
    context: &Context,
) -> Result<Second, Failure> {
    let name = plain(&source.to_string_lossy());
    match first {
        Some((named, text)) if is_same(named, source) => Second::inside(text).ok_or_else(|| {
            Failure::new(Exit::Usage, format!("`{name}` has no second language"))
                .hint("`--bilingual` names the text in the other one")
        }),
        _ => {
            let Loaded { article, other, .. } = article::load(source, None, None, context)?;
            Ok(Second { article, other, name: Some(name), anyway })
        }
    }
}

/// Whether two names mean one file.
fn is_same(a: &OsStr, b: &OsStr) -> bool {
    a == b || fs::canonicalize(a).is_ok_and(|a| fs::canonicalize(b).is_ok_and(|b| a == b))
}

impl Second {
    /// What the document has in the language that turns out not to be the first; `None` where it is
    /// in one.
    pub(super) fn inside(document: &Loaded) -> Option<Self> {
        let other = Some(document.other.clone()?);
        Some(Self { article: document.article.clone(), other, name: None, anyway: false })
    }

    /// The text of it that stands beside `first`: of two languages the one that `first` is not in.
    fn text(&self, first: &Article) -> &Article {
        let texts = || [Some(&self.article), self.other.as_ref()].into_iter().flatten();
        let is_another = |text: &&Article| text.text != first.text;
        let is_foreign = |text: &&Article| {
            across::is_across(text.language.as_deref(), first.language.as_deref())
        };
        texts()
            .filter(is_another)
            .find(is_foreign)
            .or_else(|| texts().find(is_another))
            .unwrap_or(&self.article)
    }

    /// The language of what stands beside `first`, where that is known.
    pub(super) fn language(&self, first: &Article) -> Option<String> {
        self.text(first).language.clone()
    }

    /// Says where it may not be what `first` is in another language.
    ///
    /// # Errors
    /// With exit code 5 where it is not, unless it is wanted anyway.
    pub(super) fn belongs_to(&self, first: &Article, context: &Context) -> Result<(), Failure> {
        // Whoever divided a document has asked.
        let Some(name) = &self.name else { return Ok(()) };
        let fit = across::pair_fit(first, self.text(first));
        let share = (100.0 * fit.coverage).round();
        match fit.belongs() {
            Belongs::Yes => {}
            Belongs::No if !self.anyway => {
                let why = format!("`{name}` does not seem to say what the first text says: {fit}");
                return Err(
                    Failure::new(Exit::Nothing, why).hint("`--anyway` shows it all the same")
                );
            }
            Belongs::No => context
                .voice
                .warn(format!("`{name}` does not seem to say what the first text says: {fit}")),
            Belongs::Unknown => context.voice.warn(format!(
                "whether `{name}` says what the first text says cannot be told: {fit}"
            )),
        }
        if fit.coverage < 0.5 {
            context.voice.warn(format!(
                "`{name}` has something for {share} % of the sentences of the first text"
            ));
        }
        Ok(())
    }

    /// What says the same as each sentence of `first`. Says how many are doubtful.
    pub(super) fn beside(&self, first: &Article, context: &Context) -> Beside {
        let (beside, doubtful) = self.paired(first);
        if let Some(at) = doubtful.first() {
            let sentence = first.sentence(*at);
            let start: String = sentence.chars().take(SHOWN).collect();
            let more = if start.len() < sentence.len() { "…" } else { "" };
            let n = counted(doubtful.len(), "sentence", "sentences");
            let which = if doubtful.len() == 1 { "" } else { "the first " };
            context.voice.warn(format!(
                "what stands beside {n} is doubtful: {which}“{}{more}”",
                plain(start.trim_end())
            ));
        }
        beside
    }

    /// `options` with what stands beside the sentences of `first`, where it says the same.
    pub(super) fn added_to(&self, options: Options, first: &Article) -> Options {
        let says_it = across::pair_fit(first, self.text(first)).belongs() != Belongs::No;
        if !says_it && !self.anyway {
            return options;
        }
        let Beside { texts, shared } = self.paired(first).0;
        Options { second: texts, shared, second_language: self.language(first), ..options }
    }

    /// What says the same as each sentence of `first`, and of which of them that is doubtful.
    pub(super) fn paired(&self, first: &Article) -> (Beside, Vec<usize>) {
        let second = self.text(first);
        let (mut texts, mut shared) =
            (vec![None; first.sentences.len()], vec![false; first.sentences.len()]);
        let mut doubtful: Vec<usize> = Vec::new();
        for bead in across::pair(first, second) {
            let Some((slot, text)) = shown(&bead, first, second) else { continue };
            if bead.confidence < SURE && first.sentences[slot].skip.is_none() {
                doubtful.push(slot);
            }
            texts[slot] = Some(text);
            shared[slot + 1..bead.a.end].fill(true);
        }
        (Beside { texts, shared }, doubtful)
    }
}

/// Which sentence of the first text has a bead's part of the second, and that part.
fn shown(bead: &Bead, first: &Article, second: &Article) -> Option<(usize, String)> {
    let is_read = |index: &usize| second.sentences[*index].skip.is_none();
    let all_furniture =
        first.sentences[bead.a.clone()].iter().all(|sentence| sentence.skip.is_some());
    // What nobody reads (a credit, "9:21") stands beside its like only.
    let texts: Vec<&str> = bead
        .b
        .clone()
        .filter(|index| all_furniture || is_read(index))
        .map(|index| second.sentence(index))
        .collect();
    if texts.is_empty() {
        return None;
    }
    let slot = bead
        .a
        .clone()
        .find(|&index| first.sentences[index].skip.is_none())
        .or(bead.a.clone().next())?;
    Some((slot, split::spell(texts).split_whitespace().collect::<Vec<_>>().join(" ")))
}
