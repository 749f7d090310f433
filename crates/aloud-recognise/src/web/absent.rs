//! The place of `http` in a build without the feature `download`: it says so.

use super::{Failure, Request, Response};

/// Asks nobody.
///
/// # Errors
/// [`Failure::NotBuilt`], always.
pub fn open(_: &Request<'_>) -> Result<Response, Failure> {
    Err(Failure::NotBuilt)
}

/// Asks nobody.
///
/// # Errors
/// [`Failure::NotBuilt`], always.
pub fn post(_: &Request<'_>, _: &[u8]) -> Result<Response, Failure> {
    Err(Failure::NotBuilt)
}

/// Nobody is led anywhere.
pub fn is_led_inside(_: &str, _: &str) -> bool {
    false
}
