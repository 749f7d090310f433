//! `aloud config`: every setting with its value and what it is for, the file they stand in, and
//! what keys chose.

use super::args::{ComputeType, ConfigArgs, ConfigCommand, MethodArgs};
use super::chosen::{self, Chosen};
use super::exit::Exit;
use super::report::{Failure, Outcome, plain};
use super::settings::{KNOWN, SERVER_CA, SERVER_HEADER, SERVER_INDEX, Settings, Source, variable};
use super::{Context, feed, manner, output, recognise, remote, server};
use crate::printable;
use crate::reason::Reason;
use crate::script::Script;
use crate::tui::keys;
use crate::view::{width, wrap};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::io::{self, IsTerminal};
use std::path::Path;
use std::process::Command;
use std::sync::{Arc, OnceLock};
use std::{env, fs};

/// Editors that are tried where the user named none.
const EDITORS: [&str; 3] = ["nano", "vim", "vi"];

/// Lists, edits, or forgets what was chosen with keys.
pub fn run(args: &ConfigArgs, context: &Context) -> Outcome {
    match args.command {
        None => list(args.json, context),
        Some(ConfigCommand::Edit) => edit(context),
        Some(ConfigCommand::Path) => output::say(&format!("{}\n", path(context)?.display())),
        Some(ConfigCommand::Forget) => forget(context),
    }
}

fn path(context: &Context) -> Result<&Path, Failure> {
    context.settings.path().ok_or_else(|| {
        Failure::new(Exit::Failed, "this user has no folder for settings")
            .hint("set HOME or XDG_CONFIG_HOME")
    })
}

fn list(is_json: bool, context: &Context) -> Outcome {
    let chosen = chosen::chosen(&context.store()?);
    if is_json {
        let keys = serde_json::to_value(&chosen).unwrap_or_default();
        let file = context.settings.path().map(|path| path.display().to_string());
        let problems = problems(context);
        let rows = KNOWN.iter().map(|setting| {
            let set = context.settings.shown(setting.name);
            let from = set.as_ref().map(|(_, source)| place(setting.name, *source));
            let row =
                json!({ "value": set.map(|(value, _)| value), "source": from, "default": setting.default, "meaning": setting.meaning });
            (setting.name.to_owned(), row)
        });
        let rows = Value::Object(rows.collect());
        let all = json!({ "format": "aloud-config/1", "file": file, "settings": rows, "chosen": keys, "problems": problems });
        output::to_stdout(printable::json(&format!("{all:#}\n")).as_bytes())?;
        return Ok(if problems.is_empty() { Exit::Done } else { Exit::Usage });
    }
    let heading = ["SETTING", "VALUE", "FROM", "WHAT IT IS FOR"].map(str::to_owned);
    let rows = KNOWN.iter().map(|setting| {
        let (value, from) = match context.settings.shown(setting.name) {
            Some((value, source)) => (value, place(setting.name, source)),
            None => match by_key(setting.name, &chosen) {
                Some(value) => (value, "keys".to_owned()),
                None => (setting.default.to_owned(), String::new()),
            },
        };
        [setting.name.to_owned(), value, from, setting.meaning.to_owned()]
    });
    let rows: Vec<[String; 4]> = std::iter::once(heading).chain(rows).collect();
    let columns = terminal_size::terminal_size().filter(|_| io::stdout().is_terminal());
    let rows =
        columns.map_or_else(|| rows.clone(), |(columns, _)| wrapped(&rows, usize::from(columns.0)));
    output::say(&output::table(rows, &[false, false, false]))?;
    if !chosen.is_empty() {
        context.voice.note(format!(
            "chosen with keys: {} (a setting goes before that, but for the rate); `aloud config forget` forgets it",
            told(&chosen)
        ));
    }
    if let Some(path) = context.settings.path() {
        let is_there = path.exists();
        let what = if is_there {
            "the settings stand in"
        } else {
            "no settings were made; they would stand in"
        };
        context.voice.note(format!("{what} `{}`; `aloud config edit` opens it", path.display()));
    }
    let problems = problems(context);
    problems.iter().for_each(|why| context.voice.warn(why));
    Ok(if problems.is_empty() { Exit::Done } else { Exit::Usage })
}

/// What keys chose in place of the setting `name`, as it would be set.
fn by_key(name: &str, chosen: &Chosen) -> Option<String> {
    match name {
        "volume" => chosen.volume.map(|volume| format!("{:.0}", volume * 100.0)),
        "theme" => chosen.theme.clone(),
        "skip-silence" => chosen.skips_silence.map(|skips| skips.to_string()),
        _ => None,
    }
}

/// The rows with their last column wrapped, so that each fits a terminal of so many columns.
fn wrapped(rows: &[[String; 4]], columns: usize) -> Vec<[String; 4]> {
    let widest = |column: usize| rows.iter().map(|row| width(&row[column])).max().unwrap_or(0);
    let before: usize = (0..3).map(widest).filter(|width| *width > 0).map(|width| width + 2).sum();
    let room = columns.saturating_sub(before).max(20);
    let parts = |row: &[String; 4]| {
        let [name, value, from, meaning] = row.clone();
        let mut parts = wrap(&meaning, room)
            .into_iter()
            .map(|part| meaning[part].to_owned())
            .collect::<Vec<_>>()
            .into_iter();
        let first = [name, value, from, parts.next().unwrap_or_default()];
        std::iter::once(first)
            .chain(parts.map(|part| [String::new(), String::new(), String::new(), part]))
            .collect::<Vec<_>>()
    };
    rows.iter().flat_map(parts).collect()
}

/// What was chosen with keys, in words.
fn told(chosen: &Chosen) -> String {
    let rate = |(show, rate): (&String, &f64)| match show.as_str() {
        "" => format!("rate {rate} without a show"),
        show => format!("rate {rate} for “{}”", plain(show)),
    };
    let mut all: Vec<String> = chosen.rates.iter().map(rate).collect();
    all.extend(chosen.volume.map(|volume| format!("volume {:.0} %", volume * 100.0)));
    all.extend(chosen.theme.as_ref().map(|theme| format!("theme {}", plain(theme))));
    all.extend(chosen.view.as_ref().map(|view| format!("view {}", plain(view))));
    all.extend(
        chosen
            .skips_silence
            .map(|skips| if skips { "long pauses short" } else { "pauses as they are" }.to_owned()),
    );
    all.join(", ")
}

fn place(name: &str, source: Source) -> String {
    if source == Source::Variable { variable(name) } else { "config.toml".to_owned() }
}

/// What was set, by name, and where.
pub fn values(context: &Context) -> Value {
    let rows = KNOWN.iter().filter_map(|setting| {
        let (value, source) = context.settings.shown(setting.name)?;
        Some((
            setting.name.to_owned(),
            json!({ "value": value, "source": place(setting.name, source) }),
        ))
    });
    Value::Object(rows.collect())
}

/// Everything that was set and cannot be used, in words.
pub fn problems(context: &Context) -> Vec<String> {
    let settings = &context.settings;
    let set = KNOWN.iter().filter(|setting| settings.shown(setting.name).is_some());
    let failures = set
        .filter_map(|setting| check(setting.name, context).err())
        .chain(manner::keys(context).err())
        .map(|failure| failure.why);
    let store = context.store().map_err(|failure| failure.why);
    let chosen = store.and_then(|store| chosen::read(&store)).err();
    let mut all: Vec<String> = settings.problem().map(Reason::one_line).into_iter().collect();
    all.extend_from_slice(settings.unknown());
    all.extend(failures.chain(chosen).map(|why| why.one_line()));
    let mut told = BTreeSet::new();
    all.retain(|why| told.insert(why.clone()));
    all
}

/// Whether what was set as `name` can be used, as those judge who use it.
fn check(name: &str, context: &Context) -> Result<(), Failure> {
    let settings = &context.settings;
    match name {
        "model" => recognise::check_model(context),
        "beam" | "jobs" | "threads" => recognise::number(name, None, context).map(drop),
        "compute-type" => settings.get::<ComputeType>(name, None).map(drop),
        "fetched" => remote::room(context).map(drop),
        "feed-auto" => feed::is_auto(context).map(drop),
        "script" => settings.get::<Script>(name, None).map(drop),
        "language" => recognise::language(None, context).map(drop),
        "method" => MethodArgs::default().wanted(context).map(drop),
        "log" => settings.text(name).map_or(Ok(()), |(path, source)| {
            let why = |e| {
                Failure::new(
                    Exit::Usage,
                    format!(
                        "{} is `{path}`, which cannot be written: {e}",
                        settings.place(name, source)
                    ),
                )
            };
            fs::File::options().create(true).append(true).open(&path).map(drop).map_err(why)
        }),
        "espeak" | "mecab" => match settings.text(name) {
            Some((path, source)) if !path.is_empty() && !Path::new(&path).exists() => {
                Err(Failure::new(
                    Exit::Usage,
                    format!("{} is `{path}`, which is not there", settings.place(name, source)),
                ))
            }
            _ => Ok(()),
        },
        SERVER_INDEX => server::index_name(settings).map(drop),
        SERVER_HEADER => settings.header().map(drop),
        SERVER_CA => server::authorities(settings).map(drop),
        _ => manner::check(name, context),
    }
}

fn edit(context: &Context) -> Outcome {
    let path = path(context)?;
    let editor = editor().filter(|_| io::stdin().is_terminal() && io::stdout().is_terminal());
    let Some(editor) = editor else {
        let why = "an editor needs a terminal, and a name in EDITOR";
        return Err(Failure::new(Exit::Usage, why)
            .hint(format!("the settings stand in `{}`", path.display())));
    };
    if !path.exists() {
        path.parent().map_or(Ok(()), fs::create_dir_all)?;
        output::to_file(path, template().as_bytes(), false)?;
    }
    let mut words = editor.split_whitespace();
    let program = words.next().unwrap_or_default();
    let status = Command::new(program).args(words).arg(path).status();
    let failed = |why: &dyn std::fmt::Display| {
        Failure::new(Exit::Failed, format!("the editor `{}` failed: {why}", plain(&editor)))
    };
    match status {
        Ok(status) if !status.success() => return Err(failed(&status)),
        Err(e) => return Err(failed(&e)),
        Ok(_) => {}
    }
    let (global, cancelled) = (context.global.clone(), Arc::clone(&context.cancelled));
    let read = Context {
        voice: context.voice.clone(),
        settings: Settings::load()?,
        global,
        cancelled,
        store: OnceLock::new(),
    };
    match problems(&read).as_slice() {
        [] => Ok(Exit::Done),
        problems => Err(Failure::new(Exit::Usage, problems.join("; "))),
    }
}

/// The user's editor, or one that lies on the path.
fn editor() -> Option<String> {
    let named = ["VISUAL", "EDITOR"]
        .iter()
        .filter_map(|name| env::var(name).ok())
        .find(|name| !name.trim().is_empty());
    let is_there = |name: &str| {
        env::split_paths(&env::var_os("PATH").unwrap_or_default())
            .any(|folder| folder.join(name).is_file())
    };
    named.or_else(|| EDITORS.iter().find(|name| is_there(name)).map(|name| (*name).to_owned()))
}

/// A file in which every setting stands, and none is set.
fn template() -> String {
    let mut text =
        "# Settings of aloud. Take the sign before a line away to set it; ALOUD_* variables and flags go before these.\n".to_owned();
    for setting in KNOWN {
        let _ = write!(
            text,
            "\n# {} [{}]\n# {} = {}\n",
            setting.meaning, setting.default, setting.name, setting.example
        );
    }
    let names: Vec<&str> = keys::names().collect();
    let _ = write!(
        text,
        "\n# Keys: an action, and a key or a list of keys. The actions are: {}.\n# [keys]\n# repeat = \"r\"\n",
        names.join(", ")
    );
    text
}

fn forget(context: &Context) -> Outcome {
    if let Some(problem) = context.settings.problem() {
        // It may name another folder for all that is kept.
        return Err(Failure::new(Exit::Usage, problem.clone()));
    }
    chosen::forget(&context.store()?)?;
    context.voice.note("what was chosen with keys is forgotten");
    Ok(Exit::Done)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_fit_the_terminal() {
        let row = |cells: [&str; 4]| cells.map(str::to_owned);
        let rows = [
            row(["NAME", "VALUE", "", "MEANING"]),
            row(["theme", "dark", "", "how the reading screen looks"]),
        ];
        let got = output::table(wrapped(&rows, 34), &[false, false, false]);
        assert_eq!(
            got,
            "NAME   VALUE  MEANING\ntheme  dark   how the reading\n              screen looks\n"
        );
    }

    #[test]
    fn the_template_sets_nothing_and_names_everything() {
        let text = template();
        assert_eq!(text.parse::<toml::Table>().unwrap(), toml::Table::new());
        let set: Vec<&str> = text
            .lines()
            .filter_map(|line| line.strip_prefix("# "))
            .filter(|line| line.contains(" = "))
            .collect();
        let table: toml::Table = set.join("\n").parse().unwrap();
        assert!(KNOWN.iter().all(|setting| table.contains_key(setting.name)), "{table}");
    }
}
