//! Stands in for `fetch.rs` in a program without the feature `issuer-urls`: it knows keys in files alone.

use access::bearer::keys::Keys;

/// Why keys cannot be fetched from a URL.
pub(crate) fn offence(_url: &str) -> Option<String> {
    Some("this program was built without the feature `issuer-urls`; name a file instead".to_owned())
}

/// Nothing is fetched, so nobody can exchange it on its way.
pub(crate) fn is_open(_url: &str) -> bool {
    false
}

/// A client that fetches nothing.
pub(super) struct Agents;

impl Agents {
    pub(super) fn new() -> Agents {
        Agents
    }

    /// Never called: a configuration with a URL is refused by [`offence`].
    pub(super) fn fetch(&self, url: &str) -> Result<Keys, String> {
        Err(offence(url).unwrap_or_default())
    }
}
