//! Who may be let in, and whose word is believed.

use std::path::PathBuf;

use crate::place::Said;
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
    pub name: Said<String>,
    /// The hash of the password.
    pub password: Option<Said<Secret>>,
    /// The hash for the Digest scheme.
    pub digest: Option<Said<Secret>>,
    /// Hashes of bearer tokens.
    pub tokens: Vec<Said<Secret>>,
    /// The groups, without `@`.
    pub groups: Vec<Said<String>>,
}

/// Who issues tokens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Issuer {
    /// The claim `iss`: mostly a URL.
    pub name: Said<String>,
    /// The keys.
    pub keys: Keys,
    /// For whom a token must be issued; empty: for anybody.
    pub audience: Vec<Said<String>>,
    /// The claim that names the groups.
    pub groups_claim: Option<Said<String>>,
    /// The claim that names the user.
    pub user_claim: Option<Said<String>>,
    /// How far its clock may be from ours, in milliseconds.
    pub leeway: Option<Said<u64>>,
}

/// Where keys are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Keys {
    /// In a file.
    File(Said<PathBuf>),
    /// They are fetched from this URL.
    Url(Said<String>),
}
