//! The place of `fetch` in a build without the feature `download`: it says so.

use super::{DownloadError, Fetched, Hooks, Order, Policy};

/// Fetches nothing, but finds what is there.
///
/// # Errors
/// [`DownloadError::NotBuilt`], always, for a file that is not there.
pub fn fetch(order: &Order, _: &Policy, _: &mut Hooks<'_>) -> Result<Fetched, DownloadError> {
    if order.path.exists() { Ok(Fetched::AlreadyThere) } else { Err(DownloadError::NotBuilt { url: order.url.clone() }) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn says_so() {
        let order = Order { url: "http://x/y.bin".into(), path: "/nonexistent/y.bin".into(), bytes: None, sha1: None };
        let mut hooks = Hooks { on_event: &mut |_| {}, is_cancelled: &|| false, sleep: &|_| {} };
        let error = fetch(&order, &Policy::of_user(), &mut hooks).unwrap_err().to_string();
        assert!(error.contains("http://x/y.bin") && error.contains("another program"), "{error}");
    }
}
