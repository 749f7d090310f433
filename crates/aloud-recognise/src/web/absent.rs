//! The place of `http` in a build without the feature `download`: it says so.

use super::{Entry, Failure, Request, Response};

/// Asks nobody.
///
/// # Errors
/// [`Failure::NotBuilt`], always.
pub fn open(_: &Request<'_>) -> Result<Response, Failure> {
    Err(Failure::NotBuilt)
}

/// Nobody is believed.
#[derive(Clone, Debug)]
pub struct Authorities;

impl Authorities {
    /// None.
    ///
    /// # Errors
    /// That there is no use for them, always.
    pub fn of_pem(_: &[u8]) -> Result<Self, String> {
        Err("this `aloud` was built without the net (the feature `download`)".to_owned())
    }
}

/// Asks nobody.
///
/// # Errors
/// [`Failure::NotBuilt`], always.
pub fn exchange(_: &Request<'_>, _: Option<&[u8]>, _: &Entry) -> Result<Response, Failure> {
    Err(Failure::NotBuilt)
}

/// The same bytes, which are sent to nobody.
pub fn packed(bytes: &[u8]) -> Vec<u8> {
    bytes.to_vec()
}

/// Nobody is led anywhere.
pub fn is_led_inside(_: &str, _: &str) -> bool {
    false
}
