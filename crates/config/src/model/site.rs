//! A site: what it serves, and how.

use std::path::PathBuf;

use super::{Rule, said};
use crate::place::{Located, Place};

said! {
    /// What a site is told.
    Settings {
        /// `folder`
        folder: PathBuf,
        /// `index`, in order of preference.
        index: Vec<Located<String>>,
        /// `listing`
        listing: bool,
        /// `hidden`: are names served that begin with a dot?
        hidden: bool,
        /// `trace`
        trace: bool,
        /// `show-because`
        show_because: bool,
        /// `write`
        write: bool,
        /// `drop`
        drop: Vec<Located<String>>,
        /// `fsync`
        fsync: bool,
        /// `quota`
        quota: Quota,
        /// `gzip`
        gzip: bool,
        /// `depth-infinity`
        depth_infinity: bool,
        /// `redirects`: a file.
        redirects: PathBuf,
        /// `realm`
        realm: String,
    }
}

/// How much all files together may be. Neither: there is no quota.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Quota {
    /// Octets.
    pub size: Option<Located<u64>>,
    /// How many files.
    pub files: Option<Located<u64>>,
}

impl Quota {
    /// Lays this over what is below: what is not said here is as it is said there.
    pub fn over(&mut self, below: &Self) {
        self.size = self.size.take().or_else(|| below.size.clone());
        self.files = self.files.take().or_else(|| below.files.clone());
    }
}

/// A site.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Site {
    /// The authorities that it answers for, as they are written.
    pub authorities: Vec<Located<String>>,
    /// Its heading; of the only site without one the beginning of the file.
    pub at: Place,
    /// What it is told, or every site is.
    pub settings: Settings,
    /// Its own rules. The words that stand in no rule are one with the pattern `/**`.
    pub rules: Vec<Rule>,
}
