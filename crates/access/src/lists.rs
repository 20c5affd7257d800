//! Who may and who may not: the words of the lists of a guard, and which of them wins.

use std::fmt;

use crate::identity::Identity;
use crate::users::{is_name, is_user_name};

/// A word of a list.
///
/// ```
/// use access::lists::Who;
/// assert_eq!(Who::parse("@staff"), Some(Who::Group("staff".to_owned())));
/// assert_eq!(Who::parse("everyone"), Some(Who::Everyone));
/// assert_eq!(Who::parse("@"), None);
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Who {
    /// Everybody, proved or not.
    Everyone,
    /// Everybody who has proved who it is.
    Any,
    /// Who is in this group.
    Group(String),
    /// This user.
    User(String),
}

impl Who {
    /// Reads `everyone`, `any`, `@group`, or the name of a user.
    pub fn parse(word: &str) -> Option<Self> {
        match (word, word.strip_prefix('@')) {
            ("everyone", _) => Some(Self::Everyone),
            ("any", _) => Some(Self::Any),
            (_, Some(group)) => is_name(group).then(|| Self::Group(group.to_owned())),
            (user, None) => is_user_name(user).then(|| Self::User(user.to_owned())),
        }
    }

    /// Does it speak of this one, or, of none, of who has not proved who it is?
    fn means(&self, identity: Option<&Identity>) -> bool {
        match (self, identity) {
            (Self::Everyone, _) | (Self::Any, Some(_)) => true,
            (Self::Group(group), Some(identity)) => identity.groups.contains(group),
            (Self::User(name), Some(identity)) => identity.name == *name,
            (Self::Any | Self::Group(_) | Self::User(_), None) => false,
        }
    }

    /// How much it narrows down whom it speaks of.
    const fn rank(&self) -> u8 {
        match self {
            Self::Everyone => 1,
            Self::Any => 2,
            Self::Group(_) => 3,
            Self::User(_) => 4,
        }
    }
}

impl fmt::Display for Who {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Everyone => f.write_str("everyone"),
            Self::Any => f.write_str("any"),
            Self::Group(group) => write!(f, "@{group}"),
            Self::User(name) => f.write_str(name),
        }
    }
}

/// Two lists.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Lists {
    /// Who may. If it is empty: any who has proved who it is.
    pub allow: Vec<Who>,
    /// Who may not.
    pub deny: Vec<Who>,
}

/// What the lists say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Said<'l> {
    /// It may.
    Allowed,
    /// It is in no list.
    NotListed,
    /// This word says that it may not.
    Denied(&'l Who),
}

impl Lists {
    /// Is this identity allowed? None is an anonymous client.
    ///
    /// Of the words that speak of somebody the narrowest wins: a user's own, then that of a group, then `any`, then
    /// `everyone`. So `allow = ["alice"], deny = ["@interns"]` lets in an intern called alice, as it says. Of two equally
    /// narrow, that which denies wins.
    pub(crate) fn say(&self, identity: Option<&Identity>) -> Said<'_> {
        let strongest = |list: &[Who]| list.iter().filter(|who| who.means(identity)).map(Who::rank).max().unwrap_or(0);
        let allowed = match &self.allow[..] {
            [] if identity.is_some() => Who::Any.rank(),
            list => strongest(list),
        };
        let denied = self.deny.iter().filter(|who| who.means(identity)).max_by_key(|who| who.rank());
        match denied {
            Some(who) if who.rank() >= allowed => Said::Denied(who),
            Some(_) | None if allowed > 0 => Said::Allowed,
            Some(_) | None => Said::NotListed,
        }
    }

    /// The users that the lists name.
    pub(crate) fn users(&self) -> impl Iterator<Item = &str> {
        self.allow.iter().chain(&self.deny).filter_map(|who| match who {
            Who::User(name) => Some(name.as_str()),
            Who::Everyone | Who::Any | Who::Group(_) => None,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::identity::Scopes;
    use proptest::prelude::*;

    fn list(words: &str) -> Vec<Who> {
        words.split_whitespace().map(|word| Who::parse(word).expect(word)).collect()
    }

    #[test]
    fn the_narrowest_word_wins() {
        // alice is in @staff and @interns; "-" has not proved who it is
        for (allow, deny, who, may) in [
            ("", "", "alice", true),
            ("", "", "-", false),
            ("any", "", "-", false),
            ("everyone", "", "-", true),
            ("everyone", "alice", "alice", false),
            ("everyone", "any", "-", true),
            ("alice", "", "alice", true),
            ("alice", "", "bob", false),
            ("alice", "everyone", "alice", true),
            ("alice", "@interns", "alice", true),
            ("@staff", "@interns", "alice", false),
            ("@staff", "alice", "alice", false),
            ("any", "@interns", "alice", false),
            ("any", "@interns", "bob", true),
            ("alice", "alice", "alice", false),
            ("", "bob", "alice", true),
            ("", "bob", "bob", false),
            ("", "everyone", "alice", true),
            ("@others", "", "alice", false),
        ] {
            let groups = if who == "alice" { vec!["staff".to_owned(), "interns".to_owned()] } else { Vec::new() };
            let identity = Identity { name: who.to_owned(), groups, scopes: Scopes::All, issuer: None };
            let lists = Lists { allow: list(allow), deny: list(deny) };
            let said = lists.say(Some(&identity).filter(|_| who != "-"));
            assert_eq!(said == Said::Allowed, may, "{allow} / {deny}: {who}");
        }
    }

    #[test]
    fn words_are_read_and_written() {
        for word in ["alice", "@staff", "any", "everyone", "alice@example.org"] {
            assert_eq!(Who::parse(word).expect(word).to_string(), word);
        }
        for word in ["", "@", "a:b", "a\nb"] {
            assert_eq!(Who::parse(word), None, "{word:?}");
        }
    }

    proptest! {
        #[test]
        fn nothing_panics(word in "\\PC{0,10}") {
            let _ = Who::parse(&word);
        }
    }
}
