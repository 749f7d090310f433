//! Why not, and what helps: the two halves of every error, kept apart until somebody shows them.

use std::convert::Infallible;
use std::error::Error;
use std::fmt::{self, Display};
use std::io;
use std::num::ParseIntError;
use std::str::ParseBoolError;

/// An error that may know a way out. Its `Display` tells the thing and the reason alone.
pub trait Hinted: Error {
    /// The way out, as a clause that begins small and has no full stop: `name a file in it`.
    fn hint(&self) -> Option<String> {
        None
    }
}

impl<E: Hinted> Hinted for &E {
    fn hint(&self) -> Option<String> {
        (*self).hint()
    }
}

impl Hinted for io::Error {}
impl Hinted for Infallible {}
impl Hinted for ParseBoolError {}
impl Hinted for ParseIntError {}

/// Any error in words.
///
/// ```
/// use aloud_units::reason::Reason;
///
/// let reason = Reason::new("it is a folder").hint("name a file in it").of("cannot read `x`");
/// assert_eq!(reason.to_string(), "cannot read `x`: it is a folder");
/// assert_eq!(reason.one_line(), "cannot read `x`: it is a folder; name a file in it");
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reason {
    /// The thing and the reason.
    pub why: String,
    /// The way out, as in [`Hinted::hint`].
    pub hint: Option<String>,
}

impl Reason {
    /// Without a way out.
    pub fn new(why: impl Into<String>) -> Self {
        Self { why: why.into(), hint: None }
    }

    /// With this way out.
    #[must_use]
    pub fn hint(self, hint: impl Into<String>) -> Self {
        Self { hint: Some(hint.into()), ..self }
    }

    /// The same of `thing`, which is named before the reason.
    #[must_use]
    pub fn of(self, thing: impl Display) -> Self {
        Self { why: format!("{thing}: {}", self.why), ..self }
    }

    /// Both halves, for where there is one line only.
    pub fn one_line(&self) -> String {
        match &self.hint {
            Some(hint) => format!("{}; {hint}", self.why),
            None => self.why.clone(),
        }
    }
}

impl Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.why)
    }
}

impl<E: Hinted> From<E> for Reason {
    fn from(error: E) -> Self {
        Self { why: error.to_string(), hint: error.hint() }
    }
}

impl From<String> for Reason {
    fn from(why: String) -> Self {
        Self::new(why)
    }
}

impl From<&str> for Reason {
    fn from(why: &str) -> Self {
        Self::new(why)
    }
}
