//! Where there are no media keys: another system, or a build without them.

use super::{About, Now, Request};

/// Nobody's keys.
#[derive(Debug)]
pub struct MediaKeys(());

impl MediaKeys {
    /// None.
    #[must_use]
    pub fn take(_: About, _: impl Fn(Request) + Send + Sync + 'static) -> Option<Self> {
        None
    }

    /// Tells nobody.
    pub fn tell(&self, _: Now) {}
}

/// That they are not to be had.
///
/// # Errors
/// Always, with the reason.
pub fn reachable() -> Result<String, String> {
    Err(if cfg!(all(unix, not(target_os = "macos"))) {
        "built without them; `cargo install --path . --features media-keys` builds them in"
            .to_owned()
    } else {
        "not on this system; they come by MPRIS, on Linux and its kin".to_owned()
    })
}
