//! Users, and who issues tokens that are believed.

use std::path::PathBuf;
use std::sync::Arc;

use access::bearer::issuer::{Issuer, IssuerSettings};
use access::bearer::keys::Keys;
use access::digest::Nonces;
use access::digest::ha1::Ha1;
use access::gate::{Gate, GateError, Guard};
use access::password::{Password, PasswordError};
use access::users::{TokenHash, User, Users};
use config::Config;
use config::model;

use super::{Diagnostics, State};
use crate::issuers;

/// Everybody who can prove who it is.
pub(crate) struct People {
    users: Arc<Users>,
    issuers: Vec<(Arc<Issuer>, Where)>,
    nonces: Arc<Nonces>,
    /// All could be read.
    whole: bool,
}

/// Where the keys of an issuer are.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Where {
    /// In this file.
    File(PathBuf),
    /// At this URL.
    Url(String),
}

impl People {
    pub(super) fn of(config: &Config, state: &State, told: &mut Diagnostics) -> People {
        let before = told.all.len();
        let users =
            config.users.list.iter().map(|said| (said.name.value.clone(), user(said, told))).collect::<Vec<_>>();
        let users = Users::new(users, state.secret()).unwrap_or_else(|offence| {
            told.all.push(config::Diagnostic::of(offence.to_string()));
            Users::new([], state.secret()).expect("nobody is no mistake")
        });
        let issuers = config.issuers.iter().filter_map(|said| issuer(said, state, told)).collect();
        let whole = !told.all[before..].iter().any(|told| told.severity() == config::Severity::Error);
        People { users: Arc::new(users), issuers, nonces: Arc::clone(&state.nonces), whole }
    }

    /// Could all of them be read? If not, nobody knows yet who can pass where.
    pub(super) fn are_whole(&self) -> bool {
        self.whole
    }

    /// The gate of a guard.
    pub(super) fn gate(&self, guard: Guard) -> Result<Gate, GateError> {
        let issuers = self.issuers.iter().map(|(issuer, _)| Arc::clone(issuer)).collect();
        Gate::new(guard, Arc::clone(&self.users), issuers, Arc::clone(&self.nonces))
    }

    /// The issuers, and where their keys are to be fetched now and then.
    pub(super) fn remote(&self) -> Vec<(Arc<Issuer>, Where)> {
        self.issuers.clone()
    }
}

fn user(said: &model::User, told: &mut Diagnostics) -> User {
    let password = said.password.as_ref().and_then(|said| {
        Password::parse(said.value.expose())
            .map_err(|offence| {
                let mistake = config::Diagnostic::at(&said.at, offence.to_string());
                told.all.push(match offence {
                    PasswordError::NotAHash => mistake,
                    _ => mistake.note("`because hash` makes the line of a password"),
                });
            })
            .ok()
    });
    let digests = said.digest.iter().flat_map(|said| digest_lines(said.value.expose()).map(move |line| (said, line)));
    let digests = digests
        .filter_map(|(said, line)| Ha1::parse(line).map_err(|offence| told.error(&said.at, offence.to_string())).ok());
    let digests = digests.collect();
    let tokens = said.tokens.iter().filter_map(|said| {
        let hash = TokenHash::parse(said.value.expose());
        if hash.is_none() {
            told.error(
                &said.at,
                "a token is kept as `sha256:` and 64 hexadecimal digits; `because hash --token` makes one",
            );
        }
        hash
    });
    User { password, digests, tokens: tokens.collect(), groups: said.groups.iter().map(|g| g.value.clone()).collect() }
}

fn issuer(said: &model::Issuer, state: &State, told: &mut Diagnostics) -> Option<(Arc<Issuer>, Where)> {
    let text =
        |said: &Option<config::Located<String>>, usual: String| said.as_ref().map_or(usual, |said| said.value.clone());
    let usual = IssuerSettings::new(&said.name.value);
    let settings = IssuerSettings {
        audience: said.audience.iter().map(|said| said.value.clone()).collect(),
        user_claim: text(&said.user_claim, usual.user_claim),
        groups_claim: text(&said.groups_claim, usual.groups_claim),
        leeway: said.leeway.as_ref().map_or(usual.leeway, |said| i64::try_from(said.value / 1_000).unwrap_or(i64::MAX)),
        ..IssuerSettings::new(&said.name.value)
    };
    let issuer = Issuer::new(settings).map_err(|offence| told.error(&said.name.at, offence.to_string())).ok()?;
    let at = match &said.keys {
        model::Keys::File(file) => {
            let path = file.resolved();
            let text = std::fs::read_to_string(&path).map_err(|error| crate::diagnose::plain(&error));
            match text.and_then(|text| Keys::read(&text).map_err(|offence| offence.to_string())) {
                Ok(keys) => issuer.set_keys(keys),
                Err(why) => told.error(&file.at, format!("the keys cannot be read: {why}")),
            }
            Where::File(path)
        }
        model::Keys::Url(url) => {
            match issuers::offence(&url.value) {
                Some(why) => {
                    told.all.push(config::Diagnostic::at(&url.at, why).label("such as https://login.example/jwks"));
                }
                None if issuers::is_open(&url.value) => {
                    let message = "whoever is on the way can exchange keys that come by http, and so let anybody in";
                    told.all.push(config::Diagnostic::at(&url.at, message).warning().label("https is safe"));
                }
                None => {}
            }
            // those of the plan before, so that nobody is refused until they are fetched again
            if let Some(keys) = state.known_keys(&url.value) {
                issuer.set_keys(keys);
            }
            Where::Url(url.value.clone())
        }
    };
    Some((Arc::new(issuer), at))
}

/// The lines of a text: each ends with 64 hexadecimal digits, and may have spaces in its realm.
fn digest_lines(text: &str) -> impl Iterator<Item = &str> {
    let mut rest = text.trim();
    std::iter::from_fn(move || {
        let whole = |end: &usize| {
            let line = &rest.as_bytes()[..*end];
            line.len() >= 64 && line[line.len() - 64..].iter().all(u8::is_ascii_hexdigit)
        };
        let blanks = rest.char_indices().filter(|(_, c)| c.is_whitespace()).map(|(at, _)| at);
        let end = blanks.into_iter().find(whole).unwrap_or(rest.len());
        let (line, after) = rest.split_at(end);
        rest = after.trim_start();
        (!line.is_empty()).then_some(line)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_realm_may_have_spaces() {
        let hex = "0a".repeat(32);
        let text = format!(" SHA-256:My Site:{hex}  SHA-512-256:My Site:{hex}\n{hex} ");
        let lines: Vec<&str> = digest_lines(&text).collect();
        assert_eq!(lines, [format!("SHA-256:My Site:{hex}"), format!("SHA-512-256:My Site:{hex}"), hex]);
        assert_eq!(digest_lines("no digest").collect::<Vec<_>>(), ["no digest"]);
        assert_eq!(digest_lines(" ").count(), 0);
    }
}
