//! What the server is told: where it listens, its limits, its portal.

use std::path::PathBuf;

use crate::limits::Limits;

use super::{Name, said};
use crate::place::Located;

said! {
    /// The server.
    Server {
        /// `listen`: where, as it is written.
        listen: Vec<Located<String>>,
        /// The authorities of a site that the file does not name. Only a flag says them.
        hosts: Vec<Located<String>>,
        /// `admin`
        admin: Admin,
        /// `threads`
        threads: u64,
        /// `log`
        log: Log,
        /// `record`: a file for the facts of each decision.
        record: PathBuf,
        /// `forwarded`: networks whose word on the client is believed. None: `false` was said.
        forwarded: Vec<Located<String>>,
        /// `hand-over`: a URL.
        hand_over: String,
        /// `extensions`: those of RFC 2774.
        extensions: bool,
        /// `countries`: a file.
        countries: PathBuf,
        /// `[limits]`
        limits: Limiting,
    }
}

/// How the access log looks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Log {
    /// For people.
    Text,
    /// For programs.
    Json,
    /// There is none.
    Off,
}

/// The side for operators.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Admin {
    /// Where it listens.
    pub listen: Vec<Located<String>>,
    /// Who may look; empty: everybody who reaches it.
    pub allow: Vec<Located<Name>>,
}

/// A captive portal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Portal {
    /// Where the requests of those who have not signed in arrive; empty: where the server listens.
    pub listen: Vec<Located<String>>,
    /// The host of the page to sign in.
    pub host: Located<String>,
    /// Who may sign in.
    pub allow: SignIn,
    /// How long that lasts, in milliseconds.
    pub session: Option<Located<u64>>,
    /// A page about the place.
    pub venue: Option<Located<String>>,
    /// What is to be accepted.
    pub terms: Option<Located<String>>,
}

/// Who may sign in to a portal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SignIn {
    /// Whoever accepts the terms: `"anyone"`, or nothing was said.
    Anyone,
    /// These, once they have proved who they are.
    These(Vec<Located<Name>>),
}

macro_rules! limiting {
    ($($key:literal $name:ident $limit:ident: $kind:ty,)+) => {
        said! {
            /// Limits: counts, octets and milliseconds, as in [`Limits`].
            Limiting {
                $(#[doc = concat!("`", $key, "`")] $name: u64,)+
            }
        }

        impl Limiting {
            /// The words.
            #[cfg(test)]
            pub(crate) const WORDS: &[&str] = &[$($key),+];

            /// Where the value of a word is kept.
            pub(crate) fn slot(&mut self, key: &str) -> Option<&mut Option<Located<u64>>> {
                match key {
                    $($key => Some(&mut self.$name),)+
                    _ => None,
                }
            }

            /// These limits, but for what was said.
            ///
            /// ```
            /// let (config, _) = config::Config::read("[limits]\nmax-target = '4k'", "because.toml").unwrap();
            /// let limits = config.server.limits.as_ref().unwrap().limits(&semantics::limits::DEFAULT);
            /// assert_eq!((limits.target, limits.fields), (4096, 65536));
            /// ```
            pub fn limits(&self, below: &Limits) -> Limits {
                let mut limits = below.clone();
                $(if let Some(said) = &self.$name {
                    limits.$limit = <$kind>::try_from(said.value).unwrap_or(<$kind>::MAX);
                })+
                limits
            }

            #[cfg(test)]
            pub(crate) fn of(limits: &Limits, key: &str) -> Option<u64> {
                match key {
                    $($key => u64::try_from(limits.$limit).ok(),)+
                    _ => None,
                }
            }
        }
    };
}

limiting! {
    "queue-delay" queue_delay queue_delay: u64,
    "max-connections" max_connections connections: usize,
    "max-requests" max_requests requests: u64,
    "max-target" max_target target: usize,
    "max-field" max_field field_line: usize,
    "max-fields" max_fields fields: usize,
    "max-field-count" max_field_count field_count: usize,
    "max-content" max_content content: u64,
    "max-upload" max_upload upload: u64,
    "content-rate" content_rate content_rate: u64,
    "head-timeout" head_timeout head_time: u64,
    "content-timeout" content_timeout content_time: u64,
    "idle-timeout" idle_timeout idle_time: u64,
    "write-timeout" write_timeout write_time: u64,
    "linger-timeout" linger_timeout linger_time: u64,
    "drain-timeout" drain_timeout drain_time: u64,
    "processing-after" processing_after processing_after: u64,
    "processing-interval" processing_interval processing_interval: u64,
    "cache-file" cache_file cached_file: usize,
    "cache-size" cache_size cache: usize,
    "cache-time" cache_time cache_time: u64,
    "max-listing" max_listing listing: usize,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::limits::DEFAULT;
    use crate::words::Home;

    #[test]
    fn every_limit_has_a_word_and_its_example_is_its_default() {
        let mut limiting = Limiting::default();
        for row in Home::Limits.rows() {
            assert!(limiting.slot(row.key).is_some(), "{}", row.key);
            let text = format!("[limits]\n{}", row.example);
            let (config, _) = crate::Config::read(&text, "a.toml").expect("an example");
            let said = config.server.limits.expect("is said");
            if let Some(default) = Limiting::of(&DEFAULT, row.key) {
                assert_eq!(Limiting::of(&said.limits(&DEFAULT), row.key), Some(default), "{}", row.example);
                assert!(!said.is_empty());
            }
        }
        for word in Limiting::WORDS {
            assert!(Home::Limits.row(word).is_some(), "{word}");
        }
    }
}
