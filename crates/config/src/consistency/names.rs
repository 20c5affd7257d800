//! Users and groups: their own names, and those that guards name.

use std::collections::HashSet;

use super::{lack, tell};
use crate::check::Diagnostics;
use crate::diagnostic::Diagnostic;
use crate::model::{Config, Name};
use crate::nearest::nearest;
use crate::place::{Located, Place};

/// Names that mean something else.
const RESERVED: [&str; 3] = ["any", "everyone", "anyone"];

/// Users and groups that there are.
pub(super) struct Known<'c> {
    users: HashSet<&'c str>,
    groups: HashSet<&'c str>,
    /// With issuers of tokens users may come that are not of the file.
    others: bool,
}

impl<'c> Known<'c> {
    pub(super) fn of(config: &'c Config) -> Self {
        let users = &config.users.list;
        Self {
            users: users.iter().map(|user| user.name.value.as_str()).collect(),
            groups: users.iter().flat_map(|user| &user.groups).map(|group| group.value.as_str()).collect(),
            others: !config.issuers.is_empty(),
        }
    }
}

/// Can each user be named, and prove who it is?
pub(super) fn users(told: &mut Diagnostics, config: &Config) {
    for user in &config.users.list {
        let name = user.name.value.as_str();
        let why = if RESERVED.contains(&name) {
            "has a meaning of its own in a guard"
        } else if name.starts_with('@') {
            "would be the name of a group"
        } else if name.contains(':') {
            // RFC 7617 §2
            "holds a colon, which no name of a user can"
        } else if name.is_empty() || name.contains(|c: char| c.is_whitespace() || c.is_control()) {
            "cannot be named in a guard: spaces divide names there"
        } else {
            if user.password.is_none() && user.digest.is_none() && user.tokens.is_empty() {
                lack(told, &user.name.at, |at| {
                    let label = "it needs `password`, `digest` or `token`";
                    Diagnostic::at(at, format!("`{name}` has no way to prove who it is")).label(label).warning()
                });
            }
            continue;
        };
        tell(told, &user.name.at, |at| Diagnostic::at(at, format!("`{name}` {why}")).label("choose another name"));
    }
}

/// Are these known?
pub(super) fn known(told: &mut Diagnostics, known: &Known<'_>, names: &[Located<Name>]) {
    if known.others {
        return;
    }
    for said in names {
        match &said.value {
            Name::User(name) if !known.users.contains(name.as_str()) => {
                tell(told, &said.at, |at| user(at, name, known));
            }
            Name::Group(name) if !known.groups.contains(name.as_str()) => {
                tell(told, &said.at, |at| group(at, name, known));
            }
            _ => {}
        }
    }
}

/// A user that is not known.
fn user(at: &Place, name: &str, known: &Known<'_>) -> Diagnostic {
    let diagnostic = Diagnostic::at(at, format!("`{name}` is no user of [users]"));
    match name {
        "anyone" | "all" | "public" | "anonymous" | "*" => {
            diagnostic.label("everyone: no proof is needed; any: any user who proves who it is")
        }
        "authenticated" | "valid-user" | "users" | "user" => diagnostic.label("any user who proves who it is: any"),
        name if known.groups.contains(name) => diagnostic.label(format!("it is a group: write @{name}")),
        name if name.contains([',', ';']) => diagnostic.label("spaces divide names, no commas"),
        name => near(diagnostic, name, known),
    }
}

/// A group that nobody is in.
fn group(at: &Place, name: &str, known: &Known<'_>) -> Diagnostic {
    let diagnostic = Diagnostic::at(at, format!("nobody is in the group `{name}`"));
    if known.users.contains(name) {
        return diagnostic.label(format!("it is a user: write {name}, without @"));
    }
    match nearest(name, sorted(&known.groups)) {
        Some(near) => diagnostic.label(format!("did you mean @{near}?")),
        None => {
            let example = format!("alice = {{ password = \"…\", groups = [\"{name}\"] }}");
            diagnostic.label(format!("a user is put in it so: {example}"))
        }
    }
}

fn sorted<'c>(names: &HashSet<&'c str>) -> Vec<&'c str> {
    let mut names: Vec<&str> = names.iter().copied().collect();
    names.sort_unstable();
    names
}

/// The nearest name, or all of them if they are few.
fn near(diagnostic: Diagnostic, name: &str, known: &Known<'_>) -> Diagnostic {
    const FEW: usize = 8;
    let all = sorted(&known.users);
    if let Some(near) = nearest(name, all.iter().copied()) {
        return diagnostic.label(format!("did you mean {near}?"));
    }
    match all.len() {
        0 => diagnostic.label(format!("no users are known; add [users] with {name} = \"…\"")),
        1..=FEW => diagnostic.label(format!("users are {}", all.join(", "))),
        _ => diagnostic.label("it is not among them"),
    }
}
