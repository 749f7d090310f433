//! Whether feeds are asked by themselves, and how often.

use crate::cli::Context;
use crate::cli::own::Own;
use crate::cli::report::Failure;
use crate::feeds::Show;
use crate::store::Store;
use serde::{Deserialize, Serialize};
use std::str::FromStr;

/// Feeds are not asked by themselves again before so many seconds. Shows come once a day at the
/// most as a rule, and many servers ask for an hour between two questions (`ttl`); half of that
/// finds what came while somebody was out, and costs an unchanged feed a few hundred bytes.
const PAUSE: u64 = 30 * 60;

const OWN: Own = Own {
    file: "feed-auto.json",
    what: "when feeds were asked by themselves",
    anew: "aloud feed update",
};

/// What the shelf does by itself when it opens.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Auto {
    /// Nothing is asked.
    #[default]
    Off,
    /// Feeds are asked for new entries; no episode is fetched.
    Update,
}

impl FromStr for Auto {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "off" => Ok(Self::Off),
            "update" => Ok(Self::Update),
            _ => Err("it can be off or update"),
        }
    }
}

/// When that was done last.
#[derive(Default, Serialize, Deserialize)]
struct Last {
    /// In seconds since 1970.
    asked: u64,
}

/// Whether the user wants feeds to be asked by themselves.
///
/// # Errors
/// With exit code 2 where what was set says neither.
pub fn is_auto(context: &Context) -> Result<bool, Failure> {
    Ok(context.settings.get::<Auto>("feed-auto", None)? == Some(Auto::Update))
}

/// Those of `shows` that may be asked by themselves at the time `now`, in seconds since 1970, which
/// is remembered: another shelf does not ask them too.
pub fn due(shows: &[Show], store: &Store, now: u64) -> Vec<Show> {
    // A clock that was put back must not keep them from being asked.
    let is_due = |last: u64| last > now || now - last >= PAUSE;
    let due: Vec<Show> =
        shows.iter().filter(|show| show.asked.is_none_or(is_due)).cloned().collect();
    if due.is_empty() {
        return due;
    }
    let turn = OWN.change(store, |last: &mut Last| {
        let is_due = is_due(last.asked);
        last.asked = if is_due { now } else { last.asked };
        is_due
    });
    match turn {
        Ok(true) => due,
        Ok(false) => Vec::new(),
        Err(why) => {
            log::warn!("{why}");
            // The next time finds none, and begins anew.
            OWN.forget(store).err().into_iter().for_each(|error| log::warn!("{error}"));
            Vec::new()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn feeds_are_asked_no_more_often_than_that() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(folder.path());
        let show = |asked| Show { asked, ..Show::new("https://a.net/feed", "") };
        for (now, asked, want) in [
            (10_000, Some(9_999), 0),
            (10_000, None, 1),
            // Whether it could be asked or not.
            (10_001, None, 0),
            (10_000 + PAUSE - 1, None, 0),
            (10_000 + PAUSE, Some(9_999), 1),
            // The clock was put back.
            (500, Some(9_999), 1),
            (501, None, 0),
        ] {
            assert_eq!(due(&[show(asked)], &store, now).len(), want, "{now} {asked:?}");
        }
        std::fs::write(folder.path().join(OWN.file), "{").unwrap();
        assert_eq!(due(&[show(None)], &store, 90_000).len(), 0);
        assert_eq!(due(&[show(None)], &store, 90_001).len(), 1, "a damaged file heals");
    }

    #[test]
    fn what_may_be_set() {
        assert_eq!(
            ["off", "update", "get", ""].map(|text| text.parse::<Auto>().ok()),
            [Some(Auto::Off), Some(Auto::Update), None, None]
        );
    }
}
