//! A gate: who may pass at one guard, what it must bring, and whether what it brought is valid.
//!
//! `check.rs` looks at credentials, `challenges.rs` writes what is asked for. A gate states what it found; what is answered is
//! the decision's.

mod challenges;
mod check;

use std::fmt;
use std::sync::Arc;

pub use challenges::Why;
pub use check::{Attempt, Checked};

use crate::bearer::Issuer;
use crate::digest::Nonces;
use crate::digest::ha1::is_realm;
use crate::identity::Identity;
use crate::lists::{Lists, Said, Who};
use crate::users::{Realm, Users};

/// A scheme of authentication.
///
/// The order is that of strength, the strongest last. By Digest neither the password nor anything else crosses the wire that
/// could be used for another request. A bearer token can be used by who sees it, but not for long, and not elsewhere. By Basic
/// the password itself comes with each request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Scheme {
    /// RFC 7617
    Basic,
    /// RFC 6750
    Bearer,
    /// RFC 7616
    Digest,
}

impl Scheme {
    /// Every one, the strongest first, as they are offered (RFC 9110 §11.3 leaves the order to us; some clients take the first
    /// that they know).
    pub const ALL: [Self; 3] = [Self::Digest, Self::Bearer, Self::Basic];

    /// Its name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Basic => "Basic",
            Self::Bearer => "Bearer",
            Self::Digest => "Digest",
        }
    }

    /// The scheme of this name, whatever its case.
    pub fn of(name: &[u8]) -> Option<Self> {
        Self::ALL.into_iter().find(|scheme| scheme.name().as_bytes().eq_ignore_ascii_case(name))
    }
}

/// What a guard says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Guard {
    /// The name of the space that is guarded, as a client shows it to its user.
    pub realm: String,
    /// The schemes offered. None: those by which everybody can prove who it is.
    pub schemes: Option<Vec<Scheme>>,
    /// Who may pass.
    pub lists: Lists,
    /// What a token must reach for, all of it.
    pub scopes: Vec<String>,
}

/// Why there can be no such gate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum GateError {
    /// The realm is too long, or has a control in it.
    Realm,
    /// A scope is none: a space, a quote, a backslash or something beyond ASCII is in it, or nothing at all (RFC 6749 §3.3).
    Scope(String),
    /// A list names this user, and there is no such user, nor an issuer that might have it.
    NoSuchUser(String),
    /// By this scheme nobody could pass.
    NobodyCan(Scheme),
    /// Somebody must prove who it is, and nobody can.
    Nobody,
}

impl fmt::Display for GateError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Realm => f.write_str("the realm is too long, or has a control character in it"),
            Self::Scope(scope) => write!(f, "{scope:?} is no scope"),
            Self::NoSuchUser(name) => write!(f, "there is no user called {name:?}"),
            Self::NobodyCan(Scheme::Basic) => f.write_str("Basic is offered, and no user has a password"),
            Self::NobodyCan(Scheme::Bearer) => f.write_str("Bearer is offered, and there is neither issuer nor token"),
            Self::NobodyCan(Scheme::Digest) => {
                f.write_str("Digest is offered, and no user has a digest for this realm")
            }
            Self::Nobody => f.write_str("only who proves who it is may pass, and there is no user and no issuer"),
        }
    }
}

impl std::error::Error for GateError {}

/// A gate, for all threads.
#[derive(Debug)]
pub struct Gate {
    /// Its number among those of its users.
    number: u64,
    realm: String,
    schemes: Vec<Scheme>,
    lists: Lists,
    scopes: Vec<String>,
    users: Arc<Users>,
    issuers: Vec<Arc<Issuer>>,
    nonces: Arc<Nonces>,
    digest: Arc<Realm>,
}

/// Why somebody may not pass.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Denial {
    /// It has not proved who it is, and must.
    NotProved,
    /// It is not in the list of those who may.
    NotListed,
    /// This word of the list of those who may not speaks of it.
    Denied(Who),
    /// Its token does not reach for this scope.
    Scope(String),
}

impl fmt::Display for Denial {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotProved => f.write_str("only who proves who it is may do this"),
            Self::NotListed => f.write_str("this user is not among those who may do this"),
            // whom else a list speaks of is nobody's business
            Self::Denied(_) => f.write_str("this user is among those who may not do this"),
            Self::Scope(scope) => write!(f, "the token does not reach for {scope}"),
        }
    }
}

impl Gate {
    /// A gate for these users, and for the users of these issuers.
    pub fn new(
        guard: Guard,
        users: Arc<Users>,
        issuers: Vec<Arc<Issuer>>,
        nonces: Arc<Nonces>,
    ) -> Result<Self, GateError> {
        let Guard { realm, schemes, lists, scopes } = guard;
        if !is_realm(&realm) {
            return Err(GateError::Realm);
        }
        if let Some(scope) = scopes.iter().find(|scope| !is_scope(scope)) {
            return Err(GateError::Scope(scope.clone()));
        }
        if let Some(name) = lists.users().find(|name| issuers.is_empty() && !users.has(name)) {
            return Err(GateError::NoSuchUser(name.to_owned()));
        }
        let digest = users.realm(&realm);
        let somebody = |scheme: Scheme| match scheme {
            Scheme::Basic => users.has_passwords(),
            Scheme::Bearer => !issuers.is_empty() || users.has_tokens(),
            Scheme::Digest => !digest.algorithms.is_empty(),
        };
        let mut offered = match schemes {
            Some(schemes) => schemes,
            // a client takes the strongest that it knows: so Digest only if everybody can use it who could use Basic
            None => {
                let fits = |scheme: &Scheme| somebody(*scheme) && (*scheme != Scheme::Digest || digest.complete);
                Scheme::ALL.into_iter().filter(fits).collect()
            }
        };
        offered.sort_unstable_by(|a, b| b.cmp(a));
        offered.dedup();
        if let Some(scheme) = offered.iter().find(|scheme| !somebody(**scheme)) {
            return Err(GateError::NobodyCan(*scheme));
        }
        let gate =
            Self { number: users.number(), realm, schemes: offered, lists, scopes, users, issuers, nonces, digest };
        if gate.schemes.is_empty() && gate.asks() { Err(GateError::Nobody) } else { Ok(gate) }
    }

    /// The name of the space that is guarded.
    pub fn realm(&self) -> &str {
        &self.realm
    }

    /// The schemes that are offered, the strongest first.
    pub fn schemes(&self) -> &[Scheme] {
        &self.schemes
    }

    /// Must somebody prove who it is to pass?
    pub fn asks(&self) -> bool {
        self.lists.say(None) != Said::Allowed
    }

    /// May this one pass, or, of none, somebody who has not proved who it is?
    pub fn permits(&self, identity: Option<&Identity>) -> bool {
        self.denial(identity).is_none()
    }

    /// Why it may not. None: it may.
    pub fn denial(&self, identity: Option<&Identity>) -> Option<Denial> {
        match (self.lists.say(identity), identity) {
            (Said::Allowed, None) => None,
            (Said::Allowed, Some(identity)) => {
                let missing = self.scopes.iter().find(|scope| !identity.scopes.has(scope));
                missing.cloned().map(Denial::Scope)
            }
            (Said::NotListed | Said::Denied(_), None) => Some(Denial::NotProved),
            (Said::NotListed, Some(_)) => Some(Denial::NotListed),
            (Said::Denied(who), Some(_)) => Some(Denial::Denied(who.clone())),
        }
    }
}

/// RFC 6749 §3.3
fn is_scope(scope: &str) -> bool {
    !scope.is_empty() && scope.bytes().all(|byte| matches!(byte, 0x21 | 0x23..=0x5b | 0x5d..=0x7e))
}

#[cfg(test)]
mod tests;
