//! The words of one rule: what cannot be meant.

use std::collections::HashMap;

use super::names::Known;
use super::{lack, names, tell};
use crate::check::Diagnostics;
use crate::diagnostic::Diagnostic;
use crate::model::{Config, Cors, Field, Guard, Origins, Scheme, Word, Words};
use crate::place::{Located, Place};

/// Fields that frame a message or belong to the connection; the server alone writes them (RFC 9110 §7.6.1, RFC 9112 §6).
const FRAMING: &[&str] = &[
    "connection",
    "content-length",
    "date",
    "keep-alive",
    "proxy-connection",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
];

pub(super) fn check(told: &mut Diagnostics, words: &Words, config: &Config, known: &Known<'_>) {
    if let Some((guard, at)) = said(words.guard.as_ref()) {
        self::guard(told, guard, at, config, known);
    }
    if let Some((law, at)) = said(words.law.as_ref()) {
        let country = law.countries.iter().chain(&law.except_countries).next();
        if let (Some(country), None) = (country, &config.server.countries) {
            tell(told, &country.at, |at| {
                let label = "say at the top which file tells them: countries = \"countries.csv\"";
                Diagnostic::at(at, "the countries of networks are not known").label(label)
            });
        }
        if law.blocked_by.is_none() {
            lack(told, at, |at| {
                let label = "RFC 7725 §4 asks for it: blocked-by = \"https://provider.example/\"";
                Diagnostic::at(at, "this `law` does not tell who withholds it").label(label).warning()
            });
        }
    }
    if let Some((closed, _)) = said(words.closed.as_ref())
        && let (Some(from), Some(until)) = (&closed.from, &closed.until)
        && from.value >= until.value
    {
        tell(told, &until.at, |at| Diagnostic::at(at, "this ends before it begins").and(&from.at, "it begins here"));
    }
    if let Some((fields, _)) = said(words.headers.as_ref()) {
        headers(told, fields);
    }
    if let Some((cors, at)) = said(words.cors.as_ref()) {
        self::cors(told, cors, at);
    }
    let empty = [
        ("limit", said(words.limit.as_ref()).filter(|(list, _)| list.is_empty()).map(|(_, at)| at)),
        ("methods", said(words.methods.as_ref()).filter(|(list, _)| list.is_empty()).map(|(_, at)| at)),
        ("types", said(words.types.as_ref()).filter(|(list, _)| list.is_empty()).map(|(_, at)| at)),
    ];
    for (word, at) in empty {
        if let Some(at) = at {
            let label = format!("what is inherited is undone by {word} = false");
            lack(told, at, |at| Diagnostic::at(at, "an empty list says nothing").label(label));
        }
    }
    if let Some((_, at)) = said(words.proxy.as_ref()) {
        tell(told, at, |at| {
            Diagnostic::at(at, "`proxy` sends 305, which RFC 9110 §15.4.6 deprecates: browsers do not follow it")
                .warning()
        });
    }
}

/// What a word says, unless it undoes.
fn said<T>(word: Option<&Located<Word<T>>>) -> Option<(&T, &Place)> {
    word.and_then(|said| said.value.said().map(|value| (value, &said.at)))
}

fn guard(told: &mut Diagnostics, guard: &Guard, at: &Place, config: &Config, known: &Known<'_>) {
    names::known(told, known, &guard.allow);
    names::known(told, known, &guard.deny);
    if guard.allow.is_empty() && guard.deny.is_empty() && guard.from.is_empty() && guard.not_from.is_empty() {
        lack(told, at, |at| {
            let label = "any: any user who proves who it is; false: what is inherited is undone";
            Diagnostic::at(at, "this guard names nobody").label(label)
        });
    }
    let users = &config.users.list;
    let tokens = !config.issuers.is_empty() || users.iter().any(|user| !user.tokens.is_empty());
    let possible = |scheme: Scheme| match scheme {
        Scheme::Bearer => tokens,
        Scheme::Basic => users.iter().any(|user| user.password.is_some()),
        Scheme::Digest => users.iter().any(|user| user.digest.is_some()),
    };
    for scheme in guard.schemes.iter().filter(|scheme| !possible(scheme.value)) {
        let (what, label) = match scheme.value {
            Scheme::Bearer => ("token", "an [issuer.\"https://…\"] has some, or a user with `token`"),
            Scheme::Basic => ("password", "a user has one: alice = \"HASH\" in [users]"),
            Scheme::Digest => ("hash for digest", "a user has one: alice = { digest = \"HASH\" } in [users]"),
        };
        tell(told, &scheme.at, |at| Diagnostic::at(at, format!("nobody has a {what}")).label(label).warning());
    }
}

fn headers(told: &mut Diagnostics, fields: &[Field]) {
    let mut seen: HashMap<String, &Place> = HashMap::new();
    for field in fields {
        let name = field.name.value.to_ascii_lowercase();
        if FRAMING.contains(&name.as_str()) {
            tell(told, &field.name.at, |at| {
                let message = format!("`{}` is written by the server alone", field.name.value);
                Diagnostic::at(at, message).label("take this line away")
            });
        }
        if let Some(first) = seen.insert(name, &field.name.at) {
            tell(told, &field.name.at, |at| {
                Diagnostic::at(at, format!("`{}` is said twice", field.name.value)).and(first, "it is said here too")
            });
        }
    }
}

/// The Fetch standard lets no answer for all origins be read by who brings credentials.
fn cors(told: &mut Diagnostics, cors: &Cors, at: &Place) {
    match &cors.origins {
        Origins::All if cors.credentials => tell(told, at, |at| {
            let message = "with `credentials` browsers want the origins to be named";
            Diagnostic::at(at, message).label("for example: origins = [\"https://app.example\"]")
        }),
        Origins::These(origins) if origins.is_empty() => lack(told, at, |at| {
            Diagnostic::at(at, "this `cors` names no origin").label("what is inherited is undone by cors = false")
        }),
        _ => {}
    }
}
