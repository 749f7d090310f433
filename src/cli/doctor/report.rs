//! `aloud doctor --report`: what helps to find out why words are wrong, and nothing of what is
//! said, written or named.
//!
//! Whatever comes from a file, a setting or a variable passes [`code`] or is a number: what is no
//! short plain code is not told.

use super::figures;
use super::{is_utf8, probed_cards, program_features, total_memory};
use crate::cli::args::SoundArgs;
use crate::cli::exit::Exit;
use crate::cli::report::{Failure, Outcome};
use crate::cli::settings::{KNOWN, SERVER_CA, SERVER_HEADER, SERVER_INDEX, Source};
use crate::cli::{Context, output, parts, recognise, tracks, voice};
use crate::decode::{self, Source as Sound};
use crate::media;
use crate::models::{self, catalogue};
use crate::pipeline::{self, Content, Kept};
use crate::printable;
use crate::tui::Abilities;
use serde_json::{Value, json};
use std::path::Path;

/// The longest code that is told.
const LONGEST_CODE: usize = 40;
/// So many digits of a hash tell two texts of one report apart, and lead to no text.
const DIGITS: usize = 8;

/// Prints the report; of the recording at `audio` too, where there is one.
pub fn run(audio: Option<&Path>, context: &Context) -> Outcome {
    let mut report = json!({
        "format": "aloud-report/1",
        "program": program(),
        "terminal": terminal(),
        "media_keys": media::reachable().is_ok(),
        "cards": cards(),
        "synthesiser": voice::speaker(context).ok().map(|version| code(&version)),
        "models": installed(context),
        "settings": settings(context),
    });
    if let Some(audio) = audio {
        report["recording"] = recording(audio, context)?;
    }
    let text = serde_json::to_string_pretty(&report).map_err(anyhow::Error::from)?;
    output::to_stdout(printable::json(&format!("{text}\n")).as_bytes())?;
    Ok(Exit::Done)
}

/// `text` where it is a short code as programs write it, such as `zh`, `base-q5_1` or
/// `xterm-256color`; else only that it is none.
fn code(text: &str) -> String {
    let is_code = |c: char| c.is_ascii_alphanumeric() || "._+-:".contains(c);
    match text.len() <= LONGEST_CODE && !text.is_empty() && text.chars().all(is_code) {
        true => text.to_owned(),
        false => "other".to_owned(),
    }
}

/// The beginning of a hash.
fn digits(hash: &str) -> String {
    code(hash.get(..DIGITS.min(hash.len())).unwrap_or_default())
}

fn program() -> Value {
    let features: serde_json::Map<String, Value> = program_features()
        .into_iter()
        .map(|(name, is_in)| (name.to_owned(), Value::Bool(is_in)))
        .collect();
    json!({
        "version": env!("CARGO_PKG_VERSION"),
        "commit": env!("ALOUD_COMMIT"),
        "whisper.cpp": crate::transcribe::version(),
        "features": features,
        "gpu": crate::transcribe::has_gpu(),
        "system": std::env::consts::OS,
        "processor": std::env::consts::ARCH,
        "cores": std::thread::available_parallelism().map_or(1, usize::from),
        "memory_bytes": total_memory(),
    })
}

fn terminal() -> Value {
    let Abilities { has_places, colours, clipboard, .. } = Abilities::of_process();
    let size = terminal_size::terminal_size();
    json!({
        "term": std::env::var("TERM").ok().map(|term| code(&term)),
        "columns": size.map(|(width, _)| width.0),
        "rows": size.map(|(_, height)| height.0),
        "has_places": has_places,
        "colours": colours.name(),
        "clipboard": clipboard.name(),
        "is_utf8": is_utf8(),
    })
}

/// Names of cards are often names of people.
fn cards() -> Value {
    let lines = probed_cards().unwrap_or_default();
    let card = |line: &str| {
        let form: Vec<u32> = line
            .rsplit(", ")
            .take(2)
            .filter_map(|part| part.split(' ').next()?.parse().ok())
            .collect();
        json!({ "rate": form.get(1), "channels": form.first(), "is_default": line.ends_with("(default)") })
    };
    lines.lines().map(card).collect()
}

fn installed(context: &Context) -> Value {
    let Ok(places) = recognise::places(context) else { return Value::Null };
    let model = |(entry, path): (&catalogue::Entry, std::path::PathBuf)| {
        let bytes = models::header::check(&path).ok().map(|info| info.bytes);
        // The file is not read through for this: `models verify` does that.
        json!({ "name": entry.name, "sha1": entry.sha1, "bytes": bytes, "has_its_length": bytes == Some(entry.bytes) })
    };
    places.installed().map(model).collect()
}

/// What was set. Of what may name a place or a device, only that it was.
fn settings(context: &Context) -> Value {
    const NAMING: [&str; 10] = [
        "espeak",
        "mecab",
        "cache",
        "models",
        "device",
        "log",
        "model",
        SERVER_INDEX,
        SERVER_HEADER,
        SERVER_CA,
    ];
    let rows = KNOWN.iter().filter_map(|setting| {
        let (value, source) = context.settings.text(setting.name)?;
        let value = match setting.name {
            "model" => model(&value),
            name if NAMING.contains(&name) => "set".to_owned(),
            _ => code(&value),
        };
        Some((setting.name.to_owned(), json!({ "value": value, "by": if source == Source::Variable { "variable" } else { "file" } })))
    });
    Value::Object(rows.collect())
}

/// A model's name where the catalogue has it: others are files, whose names are their owners'.
fn model(name: &str) -> String {
    catalogue::find(name).map_or("other", |entry| entry.name).to_owned()
}

fn recording(audio: &Path, context: &Context) -> Result<Value, Failure> {
    let whole = parts::recording(audio, context)?;
    let audio = tracks::one(&whole.path, &SoundArgs::default(), None, context)?.path;
    let sound = Sound::open(&audio).map_err(|e| Failure::new(Exit::Input, e))?;
    let id = decode::episode_id(&audio).map_err(|e| {
        Failure::new(Exit::Input, format!("cannot read `{}`: {e}", audio.display()))
    })?;
    let store = context.store()?;
    let tags = sound.tags();
    let entries = store.list();
    let count =
        |state| entries.iter().filter(|entry| entry.episode == id && entry.state == state).count();
    Ok(json!({
        "codec": sound.codec(),
        "rate": sound.rate(),
        "channels": sound.channels(),
        "length": sound.length().map(|length| length.at.secs()),
        "files": whole.files.len(),
        "tracks": sound.tracks().len(),
        "tags": { "title": tags.title.is_some(), "show": tags.show.is_some(), "artist": tags.artist.is_some(), "chapters": tags.chapters.len() },
        "kept": pipeline::results(id, &store).iter().map(kept).collect::<Vec<_>>(),
        "unfinished": count(crate::store::State::Unfinished),
        "damaged": count(crate::store::State::Damaged),
    }))
}

/// A result of the store: how it was made, and what it came to.
fn kept(kept: &Kept) -> Value {
    let part = |(name, value): &(String, String)| {
        let value = match name.as_str() {
            "method" | "beam" | "gpu" | "language" => json!(code(value)),
            "model" | "detector" | "article" | "transcript" | "heard" => json!(digits(value)),
            "prompt" => json!(!value.is_empty()),
            "only" => json!(value.split_whitespace().count()),
            _ => json!("set"),
        };
        (code(name), value)
    };
    json!({
        "stage": code(&kept.stage),
        "from": Value::Object(kept.parts.iter().map(part).collect()),
        "model": kept.model.as_deref().map(model),
        "bytes": kept.bytes,
        "holds": match &kept.content {
            Content::Transcript(transcript) => figures::transcript(transcript, &code),
            Content::Article(article) => figures::article(article, &code),
            // Why it belongs or not is a sentence that may come from another machine.
            Content::Alignment(alignment) => figures::alignment(alignment),
            Content::Other => Value::Null,
        },
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_codes_are_told() {
        for text in ["zh", "base-q5_1", "xterm-256color", "1.52", "hant", "20"] {
            assert_eq!(code(text), text);
        }
        for text in ["", "a word", "/home/anna", "Ännchen", "早安", "~/x", "a\nb", &"a".repeat(41)]
        {
            assert_eq!(code(text), "other", "{text}");
        }
        assert_eq!(
            (digits("0123456789abcdef").as_str(), digits("own").as_str(), digits("").as_str()),
            ("01234567", "own", "other")
        );
        assert_eq!(
            (model("base").as_str(), model("/home/anna/anna.bin").as_str()),
            ("base", "other")
        );
    }
}
