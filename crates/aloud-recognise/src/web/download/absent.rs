//! The place of `fetch` in a build without the feature `download`: it says so.

use super::{DownloadError, Fetched, Hooks, Order, Policy};
use std::path::Path;

/// Fetches nothing, but finds what is there.
///
/// # Errors
/// [`DownloadError::NotBuilt`], always, for a file that is not there.
pub fn fetch(order: &Order<'_>, _: &Policy, _: &mut Hooks<'_>) -> Result<Fetched, DownloadError> {
    if order.path.exists() { Ok(Fetched::AlreadyThere) } else { Err(not_built(order)) }
}

fn not_built(order: &Order<'_>) -> DownloadError {
    let folder = order.path.parent().unwrap_or(Path::new(".")).to_owned();
    DownloadError::NotBuilt { url: order.url.clone(), folder }
}

#[cfg(test)]
mod tests {
    use super::super::Advice;
    use super::*;
    use crate::reason::Hinted;

    #[test]
    fn says_so() {
        let advice = Advice { folder: "`--cache DIR`", address: "the address" };
        let (url, path) = ("http://x/y.bin".into(), "/nonexistent/y.bin".into());
        let order = Order {
            url,
            named_by: None,
            path,
            replaces: false,
            bytes: None,
            most: None,
            advice,
            refuse: |_| None,
            judge: &|_| Ok(()),
        };
        let mut hooks = Hooks { on_event: &mut |_| {}, is_cancelled: &|| false, sleep: &|_| {} };
        let error = fetch(&order, &Policy::of_user(), &mut hooks).unwrap_err();
        assert!(error.to_string().contains("http://x/y.bin"), "{error}");
        assert!(error.hint().is_some_and(|hint| hint.contains("another program")));
    }
}
