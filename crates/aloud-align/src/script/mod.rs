//! Traditional or Simplified: which script is it, and the same text in the other.
//!
//! Recognisers mix the two at will. Only Chinese is converted; words keep their times. This room
//! alone names the conversion library; it never knows where a text comes from.

mod convert;
mod evidence;

pub use convert::Converter;
pub use evidence::{detect, prevailing};

use crate::reason::Hinted;
use std::str::FromStr;

/// The script that Chinese text is to have.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Script {
    /// Traditional, in the glyphs of Taiwan's standard (裡, not 裏), without change of vocabulary.
    Hant,
    /// Simplified.
    Hans,
    /// As it comes.
    AsIs,
}

/// A name that is no [`Script`].
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("`{0}` is no script")]
pub struct UnknownScript(String);

impl Hinted for UnknownScript {
    fn hint(&self) -> Option<String> {
        Some("use hant, hans or as-is".into())
    }
}

impl Script {
    /// Every choice, as they are listed to users.
    pub const ALL: [Script; 3] = [Script::Hant, Script::Hans, Script::AsIs];

    /// Its name on the command line.
    pub const fn name(self) -> &'static str {
        match self {
            Script::Hant => "hant",
            Script::Hans => "hans",
            Script::AsIs => "as-is",
        }
    }
}

impl FromStr for Script {
    type Err = UnknownScript;

    fn from_str(name: &str) -> Result<Self, UnknownScript> {
        Self::ALL
            .into_iter()
            .find(|script| script.name().eq_ignore_ascii_case(name))
            .ok_or_else(|| UnknownScript(name.to_owned()))
    }
}

/// The script that readers of a locale like `zh_TW.UTF-8` or `zh-Hant-HK` expect; `None` for other
/// languages, and for Chinese of no place.
pub fn from_locale(locale: &str) -> Option<Script> {
    let mut parts = locale.split(['.', '@']).next()?.split(['_', '-']).map(str::to_ascii_lowercase);
    let language =
        parts.next().filter(|language| ["zh", "yue", "cmn"].contains(&language.as_str()))?;
    let named = parts.find_map(|part| match part.as_str() {
        "hant" | "tw" | "hk" | "mo" => Some(Script::Hant),
        "hans" | "cn" | "sg" | "my" => Some(Script::Hans),
        _ => None,
    });
    named.or_else(|| (language == "yue").then_some(Script::Hant))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names() {
        for script in Script::ALL {
            assert_eq!(script.name().to_uppercase().parse(), Ok(script));
        }
        let error = "big5".parse::<Script>().expect_err("unknown");
        assert_eq!(error.to_string(), "`big5` is no script");
        assert_eq!(error.hint().as_deref(), Some("use hant, hans or as-is"));
    }

    #[test]
    fn locales() {
        for (locale, want) in [
            ("zh_TW.UTF-8", Some(Script::Hant)),
            ("zh_HK", Some(Script::Hant)),
            ("zh-MO", Some(Script::Hant)),
            ("zh_CN.GB18030", Some(Script::Hans)),
            ("zh_SG@pinyin", Some(Script::Hans)),
            ("zh-Hant-CN", Some(Script::Hant)),
            ("zh_Hans", Some(Script::Hans)),
            ("yue_HK", Some(Script::Hant)),
            ("yue", Some(Script::Hant)),
            ("zh", None),
            ("en_TW.UTF-8", None),
            ("C", None),
            ("", None),
        ] {
            assert_eq!(from_locale(locale), want, "{locale}");
        }
    }
}
