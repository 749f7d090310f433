//! From the name of a text to an article.

use super::Context;
use super::daisy::Daisy;
use super::exit::Exit;
use super::report::Failure;
use super::threads::{Gone, waited};
use crate::article::Article;
use crate::documents::{self, ArticleError, Document, Doubt, Hint};
use crate::reason::Reason;
use crate::transcribe::language;
use crate::web;
use std::ffi::OsStr;
use std::path::Path;

/// A text that somebody named.
#[derive(Default)]
pub struct Loaded {
    /// The text, of two languages in the one that is named, or else in the first.
    pub article: Article,
    /// It in its other language, where it has two.
    pub other: Option<Article>,
    /// All of a text that was divided.
    pub whole: Option<Article>,
    /// What it was made from.
    pub bytes: Vec<u8>,
}

/// The article that `source` names: a file, an address, or `-` for standard input.
///
/// # Errors
/// With exit code 3 when it cannot be had or is no text, 130 when the user would not wait for it.
pub fn load(
    source: impl AsRef<OsStr>,
    chapter: Option<&str>,
    language: Option<&str>,
    context: &Context,
) -> Result<Loaded, Failure> {
    let source = source.as_ref();
    let shown = source.to_string_lossy();
    let of = if source == "-" { "standard input" } else { &*shown };
    let unusable = |e: ArticleError| {
        Failure::new(Exit::Input, Reason::from(e).of(format!("cannot use the article `{of}`")))
    };
    if let Some(daisy) = Daisy::at(Path::new(source)) {
        let bytes = daisy.load()?.epub.into_owned();
        let hint = Hint { chapter, ..Hint::default() };
        let article = documents::read(&bytes, &hint).map_err(unusable)?;
        return Ok(Loaded { article, bytes, ..Loaded::default() });
    }
    // A pipe may never say anything, and reading it cannot be broken off: the thread is left
    // behind.
    let wanted = source.to_owned();
    let loaded = match waited("article", move || web::load(&wanted), &|| context.is_cancelled()) {
        Ok(loaded) => loaded,
        // Only Ctrl-C is then not obeyed at once.
        Err(Gone::NoThread(_)) => web::load(source),
        Err(gone) => return Err(gone.into()),
    };
    let loaded = loaded.map_err(|e| Failure::new(Exit::Input, e))?;
    let hint = Hint {
        name: loaded.name.as_deref(),
        content_type: loaded.content_type.as_deref(),
        chapter,
        language,
    };
    let Document { article, other, whole } =
        documents::read_both(&loaded.bytes, &hint).map_err(unusable)?;
    if other.is_some() {
        let taken = article.language.as_deref().map_or("first", language::name);
        context.voice.note(format!("`{of}` has two languages: its text is what is in {taken}"));
    }
    // Only of what is a text there is something to be said of its letters.
    let doubt = documents::doubt(&loaded.bytes, &hint).map(|doubt| match doubt {
        Doubt::Damaged(1) => format!("one place in `{of}` is no UTF-8 and was left out"),
        Doubt::Damaged(n) => format!("{n} places in `{of}` are no UTF-8 and were left out"),
        Doubt::Guessed(encoding) => {
            format!("`{of}` is no UTF-8 and does not say what it is; it was read as {encoding}")
        }
        _ => format!("the characters of `{of}` are uncertain"),
    });
    if let Some(doubt) = doubt {
        context.voice.note(doubt);
    }
    Ok(Loaded { article, other, whole, bytes: loaded.bytes })
}
