//! What the user set, and where: flags over `ALOUD_*` variables over `config.toml`.

use super::exit::Exit;
use super::report::Failure;
use crate::reason::Reason;
use std::fmt::Display;
use std::ops::RangeInclusive;
use std::path::{Path, PathBuf};
use std::str::FromStr;

/// Every setting that a variable or the file may hold. `config` lists them.
pub const KNOWN: [Setting; 27] = [
    Setting::new("model", "base", r#""base""#, "the model to recognise with"),
    Setting::new("language", "found out", r#""en""#, "the language spoken"),
    Setting::new("script", "the article's", r#""hant""#, "Chinese characters: hant, hans or as-is"),
    Setting::new("beam", "5", "5", "candidates of the search"),
    Setting::new(
        "compute-type",
        "auto",
        r#""float16""#,
        "numbers to recognise with: auto (eight bits where the processor is quicker so) or float16",
    ),
    Setting::new("jobs", "by the machine", "2", "windows recognised at once"),
    Setting::new("threads", "by the machine", "4", "threads of them all together"),
    Setting::new(
        "method",
        "auto",
        r#""auto""#,
        "how text is tied to sound: auto, whisper, synth or estimate",
    ),
    Setting::new(
        "espeak",
        "found out",
        r#""/usr/lib/libespeak-ng.so.1""#,
        "the file of libespeak-ng, where it is not in its usual place",
    ),
    Setting::new(
        "mecab",
        "found out",
        r#""/var/lib/mecab/dic/ipadic-utf8""#,
        "the folder of a MeCab dictionary, by which kanji are read, where it is not in its usual place",
    ),
    Setting::new(
        "cache",
        "the user's",
        r#""/data/aloud""#,
        "one folder for finished work, places and bookmarks, in place of the user's data and cache folders",
    ),
    Setting::new(
        "fetched",
        "20 GB",
        r#""20 GB""#,
        "how much room recordings take that were fetched by their address, such as 20 GB",
    ),
    Setting::new(
        "feed-auto",
        "off",
        r#""update""#,
        "whether the shelf asks the feeds of shows for new entries when it opens, no more often than every half hour: off or update; no episode is fetched by itself",
    ),
    Setting::new("models", "the user's", r#""/data/models""#, "where models lie"),
    Setting::new(
        "rate",
        "1",
        "1.0",
        "how fast a show begins that was not heard at another rate, 0.5 to 3",
    ),
    Setting::new("volume", "100", "100", "how loud, in percent, up to 150"),
    Setting::new(
        "skip-silence",
        "false",
        "false",
        "whether long pauses are made short: true or false",
    ),
    Setting::new("device", "the system's", r#""USB""#, "a sound card's name or a part of it"),
    Setting::new(
        "media-keys",
        "true",
        "true",
        "whether media keys are heard, and the desktop shows what plays: true or false",
    ),
    Setting::new("step", "5", "5", "seconds of a step in the sound (← →)"),
    Setting::new("leap", "30", "30", "seconds of a leap in the sound (shift-← shift-→)"),
    Setting::new("width", "72", "72", "the widest column of text, in cells"),
    Setting::new(
        "theme",
        "dark",
        r#""dark""#,
        "how the reading screen looks: dark, light, contrast, plain or bare",
    ),
    Setting::new(
        SERVER_INDEX,
        "aloud",
        r#""aloud""#,
        "the index of a server that is fed and asked",
    ),
    Setting {
        is_secret: true,
        ..Setting::new(
            SERVER_HEADER,
            "none",
            r#""Authorization: Bearer TOKEN""#,
            "a header by which a server knows who asks",
        )
    },
    Setting::new(
        SERVER_CA,
        "the public ones",
        r#""/etc/ssl/own.pem""#,
        "a PEM file of those who sign a server's certificate, where they are not public",
    ),
    Setting::new("log", "none", r#""/tmp/aloud.log""#, "a file for what goes on inside"),
];

/// The setting of the index on a server.
pub const SERVER_INDEX: &str = "server-index";
/// The setting of the header that servers want.
pub const SERVER_HEADER: &str = "server-header";
/// The setting of those who sign for servers.
pub const SERVER_CA: &str = "server-ca";

/// A setting.
#[derive(Clone, Copy, Debug)]
pub struct Setting {
    /// As the file calls it.
    pub name: &'static str,
    /// What holds where nobody set it.
    pub default: &'static str,
    /// What it may be set to, as the file says it.
    pub example: &'static str,
    /// What it is for.
    pub meaning: &'static str,
    /// Whether its value is shown to nobody.
    pub is_secret: bool,
}

impl Setting {
    const fn new(
        name: &'static str,
        default: &'static str,
        example: &'static str,
        meaning: &'static str,
    ) -> Self {
        Self { name, default, example, meaning, is_secret: false }
    }
}

/// The table of the file that binds keys.
const KEYS: &str = "keys";

/// Where a value came from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
    /// The command line.
    Flag,
    /// An `ALOUD_*` variable.
    Variable,
    /// `config.toml`.
    File,
}

/// The layers below the command line.
#[derive(Clone, Debug, Default)]
pub struct Settings {
    variables: Vec<(String, String)>,
    file: toml::Table,
    path: Option<PathBuf>,
    /// Why the file could not be used.
    problem: Option<Reason>,
    /// What stands in it that nobody knows, in words.
    unknown: Vec<String>,
}

impl Settings {
    /// From the environment alone, because the user's `config.toml` cannot be used.
    pub fn unread(problem: Reason) -> Self {
        Self {
            variables: variables(),
            path: config_path(),
            problem: Some(problem),
            ..Self::default()
        }
    }

    /// What stands in the file and is no setting, in words. It may be of another version, so that
    /// it stops nothing.
    pub fn unknown(&self) -> &[String] {
        &self.unknown
    }

    /// Why the file could not be used.
    pub fn problem(&self) -> Option<&Reason> {
        self.problem.as_ref()
    }

    /// From the environment and the user's `config.toml`.
    ///
    /// # Errors
    /// With exit code 2 when the file is there and cannot be read, or is not TOML.
    pub fn load() -> Result<Self, Failure> {
        let path = config_path();
        let file = match path.as_deref() {
            Some(path) if path.exists() => read(path)?,
            _ => toml::Table::new(),
        };
        let unknown = path.as_deref().map_or_else(Vec::new, |path| unknown(&file, path));
        Ok(Self { variables: variables(), file, path, problem: None, unknown })
    }

    /// The value of `name`, and where it came from; `None` when nobody set it.
    ///
    /// # Errors
    /// With exit code 2 when what was set does not parse; the message names the place.
    pub fn pick<T>(&self, name: &str, flag: Option<T>) -> Result<Option<(T, Source)>, Failure>
    where
        T: FromStr,
        T::Err: Into<Reason>,
    {
        if let Some(value) = flag {
            return Ok(Some((value, Source::Flag)));
        }
        let Some((text, source)) = self.text(name) else { return Ok(None) };
        let place = self.place(name, source);
        text.parse().map(|value| Some((value, source))).map_err(|why: T::Err| {
            Failure::new(Exit::Usage, why.into().of(format!("{place} is `{text}`")))
        })
    }

    /// As [`Self::pick`], of a number within what can be.
    ///
    /// # Errors
    /// As [`Self::pick`], and where it is out of `range`.
    pub fn within<T>(
        &self,
        name: &str,
        flag: Option<T>,
        range: &RangeInclusive<T>,
    ) -> Result<Option<(T, Source)>, Failure>
    where
        T: FromStr + PartialOrd + Display,
    {
        let (set, source) = match flag {
            Some(value) => (Ok(value), Source::Flag),
            None => match self.text(name) {
                Some((text, source)) => (text.parse::<T>().map_err(|_| text), source),
                None => return Ok(None),
            },
        };
        let is = match set {
            Ok(value) if range.contains(&value) => return Ok(Some((value, source))),
            Ok(value) => value.to_string(),
            Err(text) => format!("`{text}`"),
        };
        let (place, least, most) = (self.place(name, source), range.start(), range.end());
        Err(Failure::new(Exit::Usage, format!("{place} is {is} and can be {least} to {most}")))
    }

    /// Where `name` was set, for messages.
    pub fn place(&self, name: &str, source: Source) -> String {
        match source {
            Source::Flag => format!("`--{name}`"),
            Source::Variable => format!("the variable `{}`", variable(name)),
            Source::File => format!(
                "`{name}` in `{}`",
                self.path.as_deref().unwrap_or(Path::new("config.toml")).display()
            ),
        }
    }

    /// As [`Self::pick`], without the source.
    ///
    /// # Errors
    /// As [`Self::pick`].
    pub fn get<T>(&self, name: &str, flag: Option<T>) -> Result<Option<T>, Failure>
    where
        T: FromStr,
        T::Err: Into<Reason>,
    {
        Ok(self.pick(name, flag)?.map(|(value, _)| value))
    }

    /// What a layer below the command line says of `name`.
    pub fn text(&self, name: &str) -> Option<(String, Source)> {
        if let Some((_, value)) = self.variables.iter().find(|(n, _)| n == name) {
            return Some((value.clone(), Source::Variable));
        }
        let value = self.file.get(name)?;
        Some((value.as_str().map_or_else(|| value.to_string(), str::to_owned), Source::File))
    }

    /// As [`Self::text`], as it may be shown: of a secret only that it is set.
    pub fn shown(&self, name: &str) -> Option<(String, Source)> {
        let is_secret = KNOWN.iter().any(|setting| setting.name == name && setting.is_secret);
        self.text(name)
            .map(|(value, source)| (if is_secret { "(set)".to_owned() } else { value }, source))
    }

    /// The header that says to servers who asks: its name and its value. A message about it has
    /// neither.
    ///
    /// # Errors
    /// With exit code 2 for what is no header.
    pub fn header(&self) -> Result<Option<(String, String)>, Failure> {
        let Some((text, source)) = self.pick::<String>(SERVER_HEADER, None)? else {
            return Ok(None);
        };
        let is_name = |name: &str| {
            !name.is_empty()
                && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte))
        };
        let is_value = |value: &str| {
            !value.is_empty() && value.bytes().all(|byte| (0x20..0x7F).contains(&byte))
        };
        let line = text
            .split_once(':')
            .map(|(name, value)| (name.trim().to_owned(), value.trim().to_owned()));
        let line = line.filter(|(name, value)| is_name(name) && is_value(value));
        let wrong = || {
            Failure::new(Exit::Usage, format!("{} is no header", self.place(SERVER_HEADER, source)))
                .hint("write it as in `Authorization: Bearer TOKEN`")
        };
        line.map(Some).ok_or_else(wrong)
    }

    /// The keys that the table `[keys]` of the file binds: an action's name, and a key or a list of
    /// keys.
    ///
    /// # Errors
    /// With exit code 2 for what is neither.
    pub fn keys(&self) -> Result<Vec<(String, Vec<String>)>, Failure> {
        let Some(table) = self.file.get(KEYS) else { return Ok(Vec::new()) };
        let place = self.path.as_deref().unwrap_or(Path::new("config.toml")).display().to_string();
        let wrong = |what: &str| {
            let why = format!("{what} in `{place}` is no key and no list of keys");
            Failure::new(Exit::Usage, why).hint("write it as in `repeat = \"r\"`")
        };
        let table = table.as_table().ok_or_else(|| wrong("`keys`"))?;
        let texts = |value: &toml::Value| match value {
            toml::Value::String(key) => Some(vec![key.clone()]),
            toml::Value::Array(keys) => {
                keys.iter().map(|key| key.as_str().map(str::to_owned)).collect()
            }
            _ => None,
        };
        let bind = |(name, value): (&String, &toml::Value)| {
            Ok((name.clone(), texts(value).ok_or_else(|| wrong(&format!("`keys.{name}`")))?))
        };
        table.iter().map(bind).collect()
    }

    /// Where `config.toml` would be.
    pub fn path(&self) -> Option<&Path> {
        self.path.as_deref()
    }
}

/// An empty variable is as good as none.
fn variables() -> Vec<(String, String)> {
    KNOWN
        .iter()
        .filter_map(|setting| {
            Some((
                setting.name.to_owned(),
                std::env::var(variable(setting.name)).ok().filter(|value| !value.is_empty())?,
            ))
        })
        .collect()
}

/// The variable that sets `name`.
pub fn variable(name: &str) -> String {
    format!("ALOUD_{}", name.to_uppercase().replace('-', "_"))
}

fn config_path() -> Option<PathBuf> {
    use etcetera::BaseStrategy;
    etcetera::choose_base_strategy()
        .ok()
        .map(|base| base.config_dir().join("aloud").join("config.toml"))
}

fn read(path: &Path) -> Result<toml::Table, Failure> {
    let failed = |why: &dyn Display| {
        Failure::new(Exit::Usage, format!("cannot use `{}`: {why}", path.display()))
    };
    let text = std::fs::read_to_string(path).map_err(|e| failed(&e))?;
    let broken = |e: toml::de::Error| {
        let line =
            e.span().map_or(1, |span| text[..span.start.min(text.len())].matches('\n').count() + 1);
        failed(&format!("line {line}: {}", e.message()))
    };
    text.parse().map_err(broken)
}

fn unknown(table: &toml::Table, path: &Path) -> Vec<String> {
    let told = |name: &String| {
        let near = KNOWN
            .iter()
            .map(|setting| (strsim::osa_distance(name, setting.name), setting.name))
            .min();
        // As of models: a third of the letters may be wrong.
        let near = near.filter(|(distance, near)| *distance <= (near.len() / 3).max(1));
        let hint = near.map_or_else(
            || "`aloud config` lists all".to_owned(),
            |(_, near)| format!("did you mean `{near}`?"),
        );
        format!("unknown setting `{name}` in `{}`, which nothing uses; {hint}", path.display())
    };
    table
        .keys()
        .filter(|name| *name != KEYS && !KNOWN.iter().any(|setting| setting.name == *name))
        .map(told)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings(variables: &[(&str, &str)], file: &str) -> Settings {
        let variables = variables.iter().map(|(n, v)| ((*n).to_owned(), (*v).to_owned())).collect();
        Settings { variables, file: file.parse().unwrap(), ..Settings::default() }
    }

    #[test]
    fn flags_over_variables_over_file() {
        for (flag, variables, file, want) in [
            (None, &[][..], "", None),
            (None, &[], "beam = 2", Some((2, Source::File))),
            (None, &[("beam", "3")], "beam = 2", Some((3, Source::Variable))),
            (Some(4), &[("beam", "3")], "beam = 2", Some((4, Source::Flag))),
        ] {
            assert_eq!(settings(variables, file).pick("beam", flag).unwrap(), want);
        }
    }

    #[test]
    fn a_secret_is_shown_to_nobody() {
        let set = settings(&[("server-header", "X-Token: 123")], "");
        assert_eq!(set.shown("server-header").unwrap().0, "(set)");
        assert_eq!(set.header().unwrap(), Some(("X-Token".to_owned(), "123".to_owned())));
        for text in ["123", ": 123", "a b: 123", "X-Token:", "X-Token: 1\u{1b}23"] {
            let why = settings(&[("server-header", text)], "").header().unwrap_err().why;
            let why = why.one_line();
            assert!(why.contains("ALOUD_SERVER_HEADER") && !why.contains("123"), "{why}");
        }
    }

    #[test]
    fn keys_are_bound_in_the_file() {
        let bound =
            settings(&[], "[keys]\nrepeat = \"x\"\nquit = [\"q\", \"esc\"]").keys().unwrap();
        assert_eq!(
            bound,
            [
                ("quit".to_owned(), vec!["q".to_owned(), "esc".to_owned()]),
                ("repeat".to_owned(), vec!["x".to_owned()])
            ]
        );
        assert!(
            settings(&[], "[keys]\nrepeat = 3").keys().unwrap_err().why.why.contains("keys.repeat")
        );
        assert!(settings(&[], "keys = 3").keys().unwrap_err().why.why.contains("`keys`"));
    }

    #[test]
    fn what_does_not_parse_is_named() {
        let failure = settings(&[("jobs", "many")], "").get::<usize>("jobs", None).unwrap_err();
        assert_eq!(failure.exit, Exit::Usage);
        assert!(
            failure.why.why.starts_with("the variable `ALOUD_JOBS` is `many`"),
            "{}",
            failure.why
        );
        assert!(
            settings(&[], "jobs = []")
                .get::<usize>("jobs", None)
                .unwrap_err()
                .why
                .why
                .contains("config.toml")
        );
    }
}
