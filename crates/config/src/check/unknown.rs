//! A word that does not stand where it may: what was meant, or where it belongs.

use toml::Spanned;
use toml::de::{DeString, DeTable, DeValue};

use super::{Diagnostics, Node};
use crate::diagnostic::Diagnostic;
use crate::nearest::nearest;
use crate::place::Place;
use crate::words::{self, Home, Row};

/// What to say of a word that is not known at this home.
pub(super) fn diagnostic(at: &Place, word: &str, value: &Node<'_>, home: Home) -> Diagnostic {
    let message = match home {
        // words of rules are most of those that may stand at the top and in a site
        Home::Top | Home::Site if looks_like_rule(word) => format!("`{word}` is no word of a rule"),
        home => format!("`{word}` is no word of {}", home.name()),
    };
    if let (Home::Site, DeValue::Table(inner)) = (home, value.get_ref())
        && let Some(label) = dotted(at, word, inner)
    {
        return Diagnostic::at(at, message).label(label);
    }
    let plain = normal(word);
    let diagnostic = Diagnostic::at(at, message);
    if word.starts_with("--") && home == Home::Top {
        // the flag of that name, and not the word of a rule
        if let Some(row) = Home::Limits.row(&plain) {
            return diagnostic.label(format!("words have no hyphens before them: `limits.{}`", row.key));
        }
    }
    if let Some(row) = home.row(&plain) {
        return diagnostic.label(format!("did you mean `{}`?", row.key));
    }
    if let Some(label) = within(&plain, home) {
        return diagnostic.label(label);
    }
    if let Some(label) = elsewhere(&plain, home) {
        return diagnostic.label(label);
    }
    if let Some(row) = home.rows().find(|row| row.also.contains(&plain.as_str())) {
        return diagnostic.label(meant(row, &plain));
    }
    if let Some(advice) = words::foreign(&plain) {
        return diagnostic.label(advice);
    }
    if let Some(near) = nearest(&plain, home.rows().map(|row| row.key)) {
        return diagnostic.label(format!("did you mean `{near}`?"));
    }
    if let Some(row) = words::all().find(|row| row.also.contains(&plain.as_str()) && !row.at.contains(&home))
        && let Some(label) = elsewhere(row.key, home)
    {
        return diagnostic.label(format!("did you mean `{}`? {label}", row.key));
    }
    let mut all: Vec<&str> = home.rows().map(|row| row.key).collect();
    all.sort_unstable();
    diagnostic.note(format!("words of {}: {}", home.name(), all.join(", ")))
}

/// As we write words: small letters, hyphens between, none before.
fn normal(word: &str) -> String {
    let mut plain = String::with_capacity(word.len());
    let mut small = false;
    for c in word.trim_start_matches('-').chars() {
        if c.is_uppercase() && small {
            plain.push('-');
        }
        small = c.is_lowercase();
        match c {
            '_' | ' ' => plain.push('-'),
            c => plain.extend(c.to_lowercase()),
        }
    }
    plain
}

/// Is it near a word of a rule, and of none of a site or of the server?
fn looks_like_rule(word: &str) -> bool {
    let plain = normal(word);
    let near = |home: Home| nearest(&plain, home.rows().map(|row| row.key));
    let named = |home: Home| home.rows().find(|row| row.also.contains(&plain.as_str())).map(|row| row.key);
    let meant = named(Home::Top).or_else(|| near(Home::Top));
    meant.is_some_and(|meant| Home::Rule.row(meant).is_some())
}

/// A word of another server's, and ours for the same.
fn meant(row: &Row, word: &str) -> String {
    match word.strip_prefix("no-") {
        Some(positive) if positive == row.key => format!("write: {} = false", row.key),
        _ => format!("did you mean `{}`? {}", row.key, row.for_example()),
    }
}

/// A word that stands within another one of this home: `allow` within `guard`.
fn within(word: &str, home: Home) -> Option<String> {
    let mut found: Vec<String> = Vec::new();
    for row in home.rows() {
        let inner = row.shape.home().filter(|inner| inner.row(word).is_some());
        if inner.is_some() {
            found.push(format!("`{}.{word}`", row.key));
        }
    }
    match found.as_slice() {
        [] => None,
        [one] => Some(format!("did you mean {one}?")),
        [first @ .., last] => Some(format!("did you mean {} or {last}?", first.join(", "))),
    }
}

/// A word that stands at another place.
fn elsewhere(word: &str, home: Home) -> Option<String> {
    let here = |other: Home| other != home && other.row(word).is_some();
    let is_rule_word = here(Home::Rule);
    match home {
        Home::Rule if here(Home::Site) => {
            Some(format!("`{word}` is a word of a site: it stands at the top of the file or in [site.\"…\"]"))
        }
        _ if is_rule_word && !matches!(home, Home::Top | Home::Site) => Some(format!(
            "`{word}` is a word of a rule: it stands in [rule.\"/…\"], in a site, or at the top of the file"
        )),
        _ if here(Home::Site) => {
            Some(format!("`{word}` is a word of a site: it stands at the top of the file or in [site.\"…\"]"))
        }
        _ if here(Home::Top) => Some(format!(
            "`{word}` is a word of the server: it stands at the top of the file, above the first [heading]"
        )),
        _ if here(Home::Limits) => Some(format!("`{word}` is a word of [limits]")),
        _ => None,
    }
}

/// `[site.example.org]`: dots divide keys, so that this is `org` in `example`.
fn dotted(at: &Place, word: &str, inner: &DeTable<'_>) -> Option<String> {
    let before = &at.source.text[at.source.line_around(at.span().start).start..at.span().start];
    let (_, host) = before.rsplit_once("site.")?;
    if !host.ends_with('.') || host.contains(['"', '\'', ' ']) {
        return None;
    }
    let mut name = format!("{host}{word}");
    let mut table = inner;
    while table.len() == 1 {
        let Some((key, DeValue::Table(deeper))) = table.iter().next().map(|(key, value)| (key, value.get_ref())) else {
            break;
        };
        if Home::Site.row(key.get_ref()).is_some() {
            break;
        }
        name.push('.');
        name.push_str(key.get_ref());
        table = deeper;
    }
    Some(format!("dots divide keys; in quotes it is one name: [site.\"{name}\"]"))
}

/// A word that stands where names are chosen freely, but is a word and no name: told, and true.
pub(super) fn misplaced(told: &mut Diagnostics, key: &Spanned<DeString<'_>>, value: &Node<'_>, section: &str) -> bool {
    let word: &str = key.get_ref();
    let plain = normal(word);
    match section {
        "site" | "rule" => {
            let home = if section == "site" { Home::Site } else { Home::Rule };
            let known = home.row(&plain).or_else(|| Home::Top.row(&plain));
            let Some(row) = known.filter(|_| !value.get_ref().is_table()) else { return false };
            told.tell(key.span(), |at| {
                let name = if section == "site" { "[site.\"example.org\"]" } else { "[rule.\"/private/**\"]" };
                let (message, key) = (format!("a {section} has a name, and `{word}` stands in none"), row.key);
                let label = format!("write {name} above it; what holds everywhere stands at the top: `{key}`");
                Diagnostic::at(at, message).label(label)
            });
            true
        }
        "users" => {
            let Some(row) = Home::Top.row(&plain).filter(|_| !is_user(value)) else { return false };
            told.tell(key.span(), |at| {
                let message = format!("in [users] `{word}` would be the name of a user");
                let label =
                    format!("if the word `{}` is meant: it stands at the top, above the first [heading]", row.key);
                Diagnostic::at(at, message).label(label)
            });
            true
        }
        _ => false,
    }
}

/// Does this look like what is said of a user: a hash, or a table with the words of one?
fn is_user(value: &Node<'_>) -> bool {
    match value.get_ref() {
        DeValue::String(text) => text.starts_with(['$', '{']),
        DeValue::Table(inner) => inner.iter().all(|(key, _)| Home::User.row(key.get_ref()).is_some()),
        _ => false,
    }
}
