//! The rules for cues that were asked for: a profile by its name or from a file, and the numbers
//! given beside it.

use super::args::ProfileArgs;
use super::exit::Exit;
use super::report::Failure;
use crate::export::Profile;
use crate::export::profile::{Holds, UnknownProfile};
use crate::reason::{Hinted, Reason};
use std::fs;
use std::path::Path;

/// The profile asked for, with the numbers that were given themselves.
///
/// # Errors
/// With exit code 2 where there is no such profile, or its numbers contradict each other; 3 where
/// its file cannot be read.
pub fn profile(args: &ProfileArgs) -> Result<Profile, Failure> {
    let named: Profile = match args.profile.strip_suffix(".toml") {
        Some(_) => from_file(Path::new(&args.profile))?,
        None => args.profile.parse().map_err(|e: UnknownProfile| {
            let hint = e.hint().map(|hint| format!("{hint}, or a file that ends in `.toml`"));
            Failure::new(Exit::Usage, Reason { why: e.to_string(), hint })
        })?,
    };
    let profile = Profile {
        latin_line: args.latin_line.unwrap_or(named.latin_line),
        wide_line: args.wide_line.unwrap_or(named.wide_line),
        lines: args.max_lines.map_or(named.lines, usize::from),
        latin_speed: args.latin_speed.unwrap_or(named.latin_speed),
        wide_speed: args.wide_speed.unwrap_or(named.wide_speed),
        shortest_ms: args.shortest.map_or(named.shortest_ms, millis),
        longest_ms: args.longest.map_or(named.longest_ms, millis),
        gap_ms: args.gap.map_or(named.gap_ms, millis),
        close_ms: args.close.map_or(named.close_ms, millis),
        ..named
    };
    if profile.longest_ms < profile.shortest_ms.max(500) {
        let (longest, shortest) =
            (profile.longest_ms as f64 / 1000.0, profile.shortest_ms as f64 / 1000.0);
        return Err(Failure::new(
            Exit::Usage,
            format!(
                "the longest time of a cue, {longest} s, is too short beside the shortest, {shortest} s"
            ),
        ));
    }
    Ok(profile)
}

fn millis(seconds: f64) -> u64 {
    (seconds * 1000.0).round() as u64
}

/// A profile that somebody wrote: `base` names the one it begins with, and every other key is an
/// option's name.
fn from_file(path: &Path) -> Result<Profile, Failure> {
    let cannot = |why: Reason| {
        let thing = format!("cannot read the rules in `{}`", path.display());
        Failure::new(Exit::Input, why.of(thing))
    };
    let text = fs::read_to_string(path).map_err(|e| cannot(e.into()))?;
    let table: toml::Table =
        text.parse().map_err(|e: toml::de::Error| cannot(e.message().into()))?;
    let name =
        path.file_stem().map_or_else(String::new, |name| name.to_string_lossy().into_owned());
    let mut profile: Profile = match table.get("base").and_then(toml::Value::as_str) {
        Some(base) => base.parse().map_err(|e: UnknownProfile| cannot(e.into()))?,
        None => Profile::default(),
    };
    for (key, value) in table.iter().filter(|(key, _)| *key != "base") {
        set(&mut profile, key, value).ok_or_else(|| cannot(wrong(key, value)))?;
    }
    // A program reads a file or two of rules in its life, so that the name may stay.
    profile.name = Box::leak(name.into_boxed_str());
    Ok(profile)
}

fn wrong(key: &str, value: &toml::Value) -> Reason {
    const KEYS: &str = "base, latin-line, wide-line, max-lines, latin-speed, wide-speed, shortest, longest, gap, close and holds";
    Reason::new(format!("`{key} = {value}` is no rule")).hint(format!("there are {KEYS}"))
}

/// Sets one number of `profile`, within the limits of the option of that name; `None` for what is
/// none.
fn set(profile: &mut Profile, key: &str, value: &toml::Value) -> Option<()> {
    let number = |least: u32, most: u32| {
        let number = u32::try_from(value.as_integer()?).ok()?;
        (least..=most).contains(&number).then_some(number)
    };
    let seconds = || {
        let seconds = value.as_float().or_else(|| value.as_integer().map(|n| n as f64))?;
        (0.0..=60.0).contains(&seconds).then(|| millis(seconds))
    };
    match key.replace('_', "-").as_str() {
        "latin-line" => profile.latin_line = number(10, 200)?,
        "wide-line" => profile.wide_line = number(4, 100)?,
        "max-lines" => profile.lines = number(1, 3)? as usize,
        "latin-speed" => profile.latin_speed = number(1, 100)?,
        "wide-speed" => profile.wide_speed = number(1, 100)?,
        "shortest" => profile.shortest_ms = seconds()?,
        "longest" => profile.longest_ms = seconds()?,
        "gap" => profile.gap_ms = seconds()?,
        "close" => profile.close_ms = seconds()?,
        "holds" => {
            profile.holds = match value.as_str()? {
                "text" => Holds::Text,
                "sentence" => Holds::Sentence,
                "clause" => Holds::Clause,
                _ => return None,
            }
        }
        _ => return None,
    }
    Some(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_over_profiles() {
        let given = ProfileArgs {
            profile: "bbc".into(),
            latin_line: Some(30),
            shortest: Some(1.5),
            ..ProfileArgs::default()
        };
        let got = profile(&given).unwrap();
        assert_eq!((got.latin_line, got.shortest_ms, got.gap_ms), (30, 1500, Profile::BBC.gap_ms));
        assert!(
            profile(&ProfileArgs { profile: "hbo".into(), ..ProfileArgs::default() })
                .unwrap_err()
                .why
                .one_line()
                .contains("netflix")
        );
    }

    #[test]
    fn files() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("house.toml");
        let asked = |text: &str| {
            fs::write(&path, text).unwrap();
            profile(&ProfileArgs {
                profile: path.to_str().unwrap().to_owned(),
                ..ProfileArgs::default()
            })
        };
        let got = asked(
            "base = \"bbc\"\nlatin-line = 40\nwide_speed = 7\nshortest = 1.2\nholds = \"clause\"",
        )
        .unwrap();
        assert_eq!(
            (got.name, got.latin_line, got.wide_speed, got.shortest_ms),
            ("house", 40, 7, 1200)
        );
        assert_eq!((got.holds, got.gap_ms), (Holds::Clause, Profile::BBC.gap_ms));
        for (text, why) in [
            ("latin-line = 4000", "`latin-line = 4000` is no rule"),
            ("colour = \"red\"", "`colour = \"red\"` is no rule"),
            ("base = \"hbo\"", "`hbo` is no subtitle profile"),
            ("latin-line", "cannot read the rules"),
            ("longest = 0.2", "too short"),
        ] {
            assert!(asked(text).unwrap_err().why.why.contains(why), "{text}");
        }
    }
}
