//! The table of words: one row a word, read by the reader of configurations, by its suggestions, by the manual and by the schema.
//!
//! What a word *means* is not here; where it may stand, what may follow it, and what it is good for is.

mod foreign;
mod headers;
mod rule;
mod server;
mod shape;
mod site;
mod users;

pub(crate) use foreign::foreign;
pub use shape::{Kind, Shape};

/// A place where words stand: each has its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Home {
    /// The top of the file, above the first heading.
    Top,
    /// A site.
    Site,
    /// A rule.
    Rule,
    /// `[limits]`
    Limits,
    /// A user of `[users]`.
    User,
    /// An issuer of tokens.
    Issuer,
    /// `[portal]`
    Portal,
    /// `admin`
    Admin,
    /// `quota`
    Quota,
    /// `guard`
    Guard,
    /// `limit`
    Limit,
    /// `moved`
    Moved,
    /// `price`
    Price,
    /// `law`
    Law,
    /// `require`
    Require,
    /// `closed`
    Closed,
    /// `headers`
    Headers,
    /// `cors`
    Cors,
    /// `proxy`
    Proxy,
}

impl Home {
    /// All of them, those that readers look for first at first.
    pub const ALL: [Self; 19] = [
        Self::Top,
        Self::Site,
        Self::Rule,
        Self::Limits,
        Self::User,
        Self::Issuer,
        Self::Portal,
        Self::Admin,
        Self::Quota,
        Self::Guard,
        Self::Limit,
        Self::Moved,
        Self::Price,
        Self::Law,
        Self::Require,
        Self::Closed,
        Self::Headers,
        Self::Cors,
        Self::Proxy,
    ];

    /// What it is called: "no word of a rule".
    pub const fn name(self) -> &'static str {
        match self {
            Self::Top => "the top of the file",
            Self::Site => "a site",
            Self::Rule => "a rule",
            Self::Limits => "[limits]",
            Self::User => "a user",
            Self::Issuer => "an issuer",
            Self::Portal => "[portal]",
            Self::Admin => "`admin`",
            Self::Quota => "`quota`",
            Self::Guard => "`guard`",
            Self::Limit => "`limit`",
            Self::Moved => "`moved`",
            Self::Price => "`price`",
            Self::Law => "`law`",
            Self::Require => "`require`",
            Self::Closed => "`closed`",
            Self::Headers => "`headers`",
            Self::Cors => "`cors`",
            Self::Proxy => "`proxy`",
        }
    }

    /// Its name in the schema.
    pub const fn id(self) -> &'static str {
        match self {
            Self::Top => "top",
            Self::Site => "site",
            Self::Rule => "rule",
            Self::Limits => "limits",
            Self::User => "user",
            Self::Issuer => "issuer",
            Self::Portal => "portal",
            Self::Admin => "admin",
            Self::Quota => "quota",
            Self::Guard => "guard",
            Self::Limit => "limit",
            Self::Moved => "moved",
            Self::Price => "price",
            Self::Law => "law",
            Self::Require => "require",
            Self::Closed => "closed",
            Self::Headers => "headers",
            Self::Cors => "cors",
            Self::Proxy => "proxy",
        }
    }

    /// The words that may stand here.
    pub fn rows(self) -> impl Iterator<Item = &'static Row> {
        all().filter(move |row| row.at.contains(&self))
    }

    /// The row of this word here.
    pub fn row(self, key: &str) -> Option<&'static Row> {
        self.rows().find(|row| row.key == key)
    }

    /// What follows any other name, where other names may stand too.
    pub const fn others(self) -> Option<&'static Shape> {
        match self {
            Self::Headers => Some(&headers::FIELD),
            _ => None,
        }
    }
}

/// One word.
#[derive(Clone, Copy, Debug)]
pub struct Row {
    /// The word.
    pub key: &'static str,
    /// Where it may stand.
    pub at: &'static [Home],
    /// What may follow it.
    pub shape: Shape,
    /// Must it be said there?
    pub must: bool,
    /// What it is good for, in a sentence.
    pub about: &'static str,
    /// An example, as it is written.
    pub example: &'static str,
    /// The statuses that it brings about.
    pub statuses: &'static [u16],
    /// Words that others use for it.
    pub also: &'static [&'static str],
}

impl Row {
    const fn new(
        key: &'static str,
        at: &'static [Home],
        shape: Shape,
        example: &'static str,
        about: &'static str,
    ) -> Self {
        Self { key, at, shape, must: false, about, example, statuses: &[], also: &[] }
    }

    /// The example on one line, as advice.
    pub(crate) fn for_example(&self) -> String {
        // in a section whose names are chosen freely the heading is there already
        let example = self.example.strip_prefix("[users]\n").unwrap_or(self.example);
        format!("for example: {}", example.replace('\n', " … "))
    }

    const fn must(self) -> Self {
        Self { must: true, ..self }
    }

    const fn statuses(self, statuses: &'static [u16]) -> Self {
        Self { statuses, ..self }
    }

    const fn also(self, also: &'static [&'static str]) -> Self {
        Self { also, ..self }
    }
}

/// Words of the server stand at the top alone.
const SERVER: &[Home] = &[Home::Top];
/// Words of a site stand at the top too, and are then every site's.
const SITE: &[Home] = &[Home::Top, Home::Site];
/// Words of a rule stand in a site and at the top too: the same as in the rule "/**".
const RULE: &[Home] = &[Home::Top, Home::Site, Home::Rule];

/// Every row.
pub fn all() -> impl Iterator<Item = &'static Row> {
    [server::ROWS, site::ROWS, rule::ROWS, rule::INNER, headers::ROWS, server::LIMITS, users::ROWS]
        .into_iter()
        .flatten()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn a_word_has_one_row_at_a_place() {
        let mut seen = HashSet::new();
        for row in all() {
            for home in row.at {
                assert!(seen.insert((home, row.key)), "{} has two rows at {}", row.key, home.name());
            }
        }
        for home in Home::ALL {
            assert!(home.rows().next().is_some(), "{} has no words", home.name());
        }
    }

    #[test]
    fn rows_are_whole() {
        for row in all() {
            assert!(!row.about.is_empty() && !row.about.ends_with('.'), "{}", row.key);
            assert!(row.example.contains(row.key), "{}: {}", row.key, row.example);
            assert!(row.key.len() < crate::limits::CONFIG_WORD / 2, "{}", row.key);
        }
    }

    #[test]
    fn what_others_say_is_no_word_of_ours() {
        for home in Home::ALL {
            for row in home.rows() {
                for also in row.also {
                    assert!(home.row(also).is_none(), "{also} is a word of {}", home.name());
                }
            }
        }
    }

    #[test]
    fn statuses_are_in_the_table() {
        let documented = include_str!("../../../docs/statuses.md");
        for row in all() {
            for &code in row.statuses {
                assert!(documented.contains(&format!("[{code}]")), "{}: {code}", row.key);
            }
        }
    }
}
