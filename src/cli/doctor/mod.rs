//! `aloud doctor`: what works on this machine, and what to do about the rest.

mod figures;
mod report;

use super::args::DoctorArgs;
use super::exit::Exit;
use super::report::{Failure, Outcome, bytes, counted, plain};
use super::settings::{KNOWN, Source, variable};
use super::{Context, cache, config, output, recognise, voice};
use crate::media;
use crate::models::{self, catalogue, micro};
use crate::player;
use crate::printable;
use crate::reason::Reason;
use crate::tui::Abilities;
use serde_json::{Value, json};
use std::fmt::Write as _;
use std::io::IsTerminal;
use std::process::{Command, Stdio};

/// How well something is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Health {
    Good,
    /// Works, but the user may want to do something about it.
    Fair,
    Bad,
}

impl Health {
    /// A word, so that no meaning hangs on a colour or a sign.
    fn word(self) -> &'static str {
        match self {
            Health::Good => "ok",
            Health::Fair => "note",
            Health::Bad => "problem",
        }
    }
}

/// One thing that was looked at.
struct Finding {
    what: &'static str,
    health: Health,
    said: String,
    /// What to do about it.
    way_out: Option<String>,
}

impl Finding {
    fn new(what: &'static str, health: Health, said: impl Into<String>) -> Self {
        Self { what, health, said: said.into(), way_out: None }
    }

    /// Of what does not work, with what helps there.
    fn of(what: &'static str, health: Health, why: Reason) -> Self {
        Self { way_out: why.hint, ..Self::new(what, health, why.why) }
    }

    fn way_out(mut self, text: impl Into<String>) -> Self {
        self.way_out = Some(text.into());
        self
    }
}

/// Looks at everything and says what it found. Exit code 1 when something does not work.
pub fn run(args: &DoctorArgs, context: &Context) -> Outcome {
    if let Some(audio) = &args.report {
        return report::run(audio.as_deref(), context);
    }
    let findings = vec![
        program(),
        machine(),
        recogniser(context),
        synthesiser(context),
        sound(),
        media_keys(),
        store(context)?,
        terminal(),
        settings(context),
    ];
    let exit =
        if findings.iter().any(|f| f.health == Health::Bad) { Exit::Failed } else { Exit::Done };
    if args.json {
        let list: Vec<Value> =
            findings.iter().map(|f| json!({ "what": f.what, "health": f.health.word(), "said": f.said, "way_out": f.way_out })).collect();
        let text = serde_json::to_string_pretty(
            &json!({ "format": "aloud-doctor/1", "findings": list, "settings": config::values(context) }),
        );
        output::to_stdout(
            format!("{}\n", printable::json(&text.map_err(anyhow::Error::from)?)).as_bytes(),
        )?;
        return Ok(exit);
    }
    let has_colour = std::io::stdout().is_terminal() && context.voice.has_colour;
    let mut page = String::new();
    for finding in &findings {
        let colour = match finding.health {
            _ if !has_colour => "",
            Health::Good => "\x1b[32m",
            Health::Fair => "\x1b[33m",
            Health::Bad => "\x1b[31m",
        };
        let reset = if has_colour { "\x1b[0m" } else { "" };
        let mut lines = finding.said.lines();
        let _ = writeln!(
            page,
            "{colour}{:<8}{reset}{:<12}{}",
            finding.health.word(),
            finding.what,
            plain(lines.next().unwrap_or_default())
        );
        for line in lines {
            let _ = writeln!(page, "{:20}{}", "", plain(line));
        }
        if let Some(way_out) = &finding.way_out {
            let _ = writeln!(page, "{:20}→ {}", "", plain(way_out));
        }
    }
    output::to_stdout(page.as_bytes())?;
    Ok(exit)
}

/// What a build may lack, and whether this one has it.
fn program_features() -> [(&'static str, bool); 5] {
    [
        ("recogniser", cfg!(feature = "whisper")),
        ("sound", cfg!(feature = "playback")),
        ("Opus", cfg!(feature = "opus")),
        ("downloads", cfg!(feature = "download")),
        ("media keys", cfg!(feature = "media-keys")),
    ]
}

fn program() -> Finding {
    let features = program_features();
    let missing: Vec<&str> =
        features.iter().filter(|(_, is_in)| !is_in).map(|(name, _)| *name).collect();
    let said = format!(
        "aloud {}, whisper.cpp {}",
        env!("CARGO_PKG_VERSION"),
        crate::transcribe::version()
    );
    if missing.is_empty() {
        return Finding::new("program", Health::Good, said);
    }
    Finding::new("program", Health::Fair, format!("{said}; built without {}", missing.join(", ")))
        .way_out("`cargo install --path .` builds it with everything")
}

fn machine() -> Finding {
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let memory = total_memory().map(|m| format!(", {} of memory", bytes(m))).unwrap_or_default();
    let eight =
        if crate::transcribe::is_quick_rounded() { ", quick with eight-bit numbers" } else { "" };
    Finding::new(
        "machine",
        Health::Good,
        format!("{cores} {}{memory}{eight}", if cores == 1 { "core" } else { "cores" }),
    )
}

/// The machine's memory in bytes, where the system tells it as Linux does.
fn total_memory() -> Option<u64> {
    let text = std::fs::read_to_string("/proc/meminfo").ok()?;
    let line = text.lines().find(|line| line.starts_with("MemTotal:"))?;
    line.split_whitespace().nth(1)?.parse::<u64>().ok().map(|kib| kib * 1024)
}

fn recogniser(context: &Context) -> Finding {
    let places = match recognise::places(context) {
        Ok(places) => places,
        Err(failure) => return Finding::of("models", Health::Bad, failure.why),
    };
    let installed: Vec<_> = places.installed().collect();
    let language = context.settings.text("language").map(|(text, _)| text);
    let advised = catalogue::advise(
        language.as_deref(),
        total_memory().unwrap_or(4 << 30),
        recognise::usual_jobs(),
    );
    let advice = format!(
        "`aloud models pull {}` ({}) suits this machine",
        advised.name,
        bytes(advised.bytes)
    );
    if installed.is_empty() {
        let demo =
            if micro::is_embedded() { "; the embedded `micro` serves the demo only" } else { "" };
        return Finding::new(
            "models",
            Health::Fair,
            format!("none in `{}`{demo}", places.home().display()),
        )
        .way_out(advice);
    }
    let mut said = format!("{} in `{}`", installed.len(), places.home().display());
    let mut health = Health::Good;
    for (entry, path) in &installed {
        let state = match models::header::check(path) {
            Ok(info) => bytes(info.bytes),
            Err(e) => {
                health = Health::Bad;
                Reason::from(e).one_line()
            }
        };
        let _ = write!(said, "\n{:<24}{state}", entry.name);
    }
    let finding = Finding::new("models", health, said);
    match health {
        Health::Bad => finding.way_out("`aloud models pull NAME` fetches a model again"),
        _ => finding,
    }
}

fn synthesiser(context: &Context) -> Finding {
    match voice::speaker(context) {
        Ok(version) => Finding::new(
            "espeak-ng",
            Health::Good,
            format!("{version}: text is tied to sound within seconds, without a model"),
        ),
        Err(trouble) => Finding::new("espeak-ng", Health::Fair, Reason::from(trouble).one_line())
            .way_out("with it, text is tied to sound within seconds and without a model"),
    }
}

fn sound() -> Finding {
    match probed_cards() {
        Ok(cards) if !cards.is_empty() => Finding::new("sound", Health::Good, cards),
        silent => {
            let why = silent.map_or_else(|why| why, |_| "no sound card".to_owned());
            Finding::new("sound", Health::Fair, why)
                .way_out("everything but hearing works without a sound card")
        }
    }
}

/// A line for each sound card, or why none can be asked.
fn probed_cards() -> Result<String, String> {
    let probe = Command::new(std::env::current_exe().unwrap_or_else(|_| "aloud".into()))
        .arg("sound-probe")
        .stdin(Stdio::null())
        .stderr(Stdio::null())
        .output()
        .map_err(|e| e.to_string())?;
    let text = String::from_utf8_lossy(&probe.stdout).trim().to_owned();
    if probe.status.success() { Ok(text) } else { Err(text) }
}

/// The hidden subcommand behind [`probed_cards`]: sound libraries print to the terminal and may end
/// the process.
pub fn probe_sound() -> Outcome {
    let (text, exit) = match player::cards() {
        Ok(cards) => {
            let line = |card: player::Card| {
                let form = card
                    .form
                    .map(|(rate, channels)| format!(", {rate} Hz, {channels} channels"))
                    .unwrap_or_default();
                format!("{}{form}{}\n", card.name, if card.is_default { " (default)" } else { "" })
            };
            (cards.into_iter().map(line).collect(), Exit::Done)
        }
        Err(why) => (why, Exit::Failed),
    };
    output::say(&text)?;
    Ok(exit)
}

fn media_keys() -> Finding {
    match media::reachable() {
        Ok(how) => Finding::new("media keys", Health::Good, how),
        Err(why) => Finding::new("media keys", Health::Fair, why)
            .way_out("everything but media keys works without them"),
    }
}

fn store(context: &Context) -> Result<Finding, Failure> {
    let store = context.store()?;
    let (size, count) = store.size();
    let place = cache::place(&store).unwrap_or_else(|| "nowhere".to_owned());
    let said = format!("{}, {} in {place}", counted(count, "result", "results"), bytes(size));
    let is_named = context.named_store()?.is_some();
    Ok(match store.problem() {
        None if is_named || store.dir() != store.cache_dir() => Finding::new("store", Health::Good, said),
        None => Finding::new("store", Health::Fair, format!("{said}: the user's data folder cannot be written"))
            .way_out("what lies in a cache may be emptied by anybody; `XDG_DATA_HOME` names another data folder"),
        Some(why) => Finding::of("store", Health::Bad, why.clone().of("finished work is not kept")),
    })
}

fn terminal() -> Finding {
    let Some((width, height)) = terminal_size::terminal_size() else {
        return Finding::new("terminal", Health::Fair, "standard output is no terminal");
    };
    let term = std::env::var("TERM").unwrap_or_else(|_| "unknown".into());
    let Abilities { has_places, colours, clipboard, .. } = Abilities::of_process();
    let said =
        format!("{} × {}, {term}, {}; {}", width.0, height.0, colours.name(), clipboard.name());
    if !has_places {
        return Finding::new(
            "terminal",
            Health::Fair,
            format!("{said}; it goes on line by line, so `listen` prints what is said"),
        )
        .way_out("another terminal shows the screen");
    }
    if is_utf8() {
        return Finding::new("terminal", Health::Good, said);
    }
    Finding::new("terminal", Health::Fair, format!("{said}; the locale is not UTF-8"))
        .way_out("`export LC_ALL=C.UTF-8` shows every script")
}

fn is_utf8() -> bool {
    ["LC_ALL", "LC_CTYPE", "LANG"]
        .iter()
        .find_map(|name| std::env::var(name).ok().filter(|v| !v.is_empty()))
        .is_some_and(|v| v.to_lowercase().replace('-', "").contains("utf8"))
}

fn settings(context: &Context) -> Finding {
    let path = context.settings.path().map_or_else(
        || "no settings file".to_owned(),
        |path| match path.exists() {
            true => format!("`{}`", path.display()),
            false => format!("no `{}`", path.display()),
        },
    );
    let mut said = path;
    for setting in KNOWN {
        let value = match context.settings.shown(setting.name) {
            Some((value, Source::Variable)) => {
                format!("{value}  (from `{}`)", variable(setting.name))
            }
            Some((value, _)) => value,
            None => continue,
        };
        let _ = write!(said, "\n{:<13}{value}  {}", setting.name, setting.meaning);
    }
    let wrong = config::problems(context);
    if wrong.is_empty() {
        return Finding::new("settings", Health::Good, said);
    }
    for why in wrong {
        let _ = write!(said, "\n{why}");
    }
    Finding::new("settings", Health::Bad, said)
        .way_out("correct what is named here (`aloud config edit`), or take it away: every setting has a default")
}
