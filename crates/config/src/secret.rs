//! What nobody may be shown: hashes of passwords, tokens.

use std::fmt;

/// A text that is never shown: it is compared, and that is all.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    pub(crate) fn new(text: &str) -> Self {
        Self(text.to_owned())
    }

    /// The text itself, for who verifies it.
    ///
    /// ```
    /// let (config, _) = config::Config::read("[users]\nalice = '$argon2id$x'", "because.toml").unwrap();
    /// let password = config.users.list[0].password.as_ref().unwrap();
    /// assert_eq!(password.value.expose(), "$argon2id$x");
    /// assert!(!format!("{config:?}").contains("argon2id"));
    /// ```
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("(secret)")
    }
}
