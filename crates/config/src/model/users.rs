//! Who may be let in, and whose word is believed.

use std::path::PathBuf;

use crate::place::Located;
use crate::secret::Secret;

/// All users.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Users {
    /// In the order of the file.
    pub list: Vec<User>,
}

impl Users {
    /// The user of this name.
    pub fn get(&self, name: &str) -> Option<&User> {
        self.list.iter().find(|user| user.name.value == name)
    }

    /// Is somebody in this group?
    pub fn has_group(&self, name: &str) -> bool {
        self.list.iter().any(|user| user.groups.iter().any(|group| group.value == name))
    }
}

/// A user.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct User {
    /// The name.
    pub name: Located<String>,
    /// The hash of the password.
    pub password: Option<Located<Secret>>,
    /// The hash for the Digest scheme.
    pub digest: Option<Located<Secret>>,
    /// Hashes of bearer tokens.
    pub tokens: Vec<Located<Secret>>,
    /// The groups, without `@`.
    pub groups: Vec<Located<String>>,
}

/// Who issues tokens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Issuer {
    /// The claim `iss`: mostly a URL.
    pub name: Located<String>,
    /// The keys.
    pub keys: Keys,
    /// For whom a token must be issued; empty: for anybody.
    pub audience: Vec<Located<String>>,
    /// The claim that names the groups.
    pub groups_claim: Option<Located<String>>,
    /// The claim that names the user.
    pub user_claim: Option<Located<String>>,
    /// How far its clock may be from ours, in milliseconds.
    pub leeway: Option<Located<u64>>,
}

/// Where keys are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Keys {
    /// In a file.
    File(Located<PathBuf>),
    /// They are fetched from this URL.
    Url(Located<String>),
}
