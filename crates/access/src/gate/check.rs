//! Are the credentials that came valid?

use std::fmt;
use std::sync::Arc;

use semantics::credentials::{AuthParameters, Credentials};

use super::{Gate, Scheme};
use crate::basic::UserPassword;
use crate::bearer::TokenError;
use crate::bearer::issuer::{self, NoToken};
use crate::digest::response::Response;
use crate::digest::target::designates;
use crate::identity::Identity;
use crate::offence::{AuthError, Malformed};
use crate::secret::same;

/// A request, as far as credentials concern it.
#[derive(Clone, Copy)]
pub struct Attempt<'a> {
    /// The value of Authorization, or of Proxy-Authorization where we are the proxy; None: there is none.
    pub authorization: Option<&'a [u8]>,
    /// The method.
    pub method: &'a [u8],
    /// The request target, as it was sent.
    pub target: &'a [u8],
    /// The value of Host, or the authority that takes its place; empty: there is none.
    pub authority: &'a [u8],
    /// The moment, in seconds of Unix time.
    pub now: i64,
}

impl fmt::Debug for Attempt<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Attempt({} {})", self.method.escape_ascii(), self.target.escape_ascii())
    }
}

/// What was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Checked {
    /// No credentials came.
    Nothing,
    /// They are valid.
    Valid {
        /// Who it is.
        identity: Arc<Identity>,
        /// The value of Authentication-Info for the response: Digest proves the server as well. RFC 7616 §3.5
        info: Option<String>,
    },
    /// They are not valid.
    Invalid(AuthError),
    /// Digest: the password is right, but the nonce is too old, or was used with this count before. RFC 7616 §3.3
    Stale,
    /// Digest: they were made for another target. RFC 7616 §3.4.6
    OtherTarget,
    /// They cannot be checked now: no keys of the issuer are known.
    Unreachable,
}

impl From<AuthError> for Checked {
    fn from(offence: AuthError) -> Self {
        Self::Invalid(offence)
    }
}

impl From<Malformed> for Checked {
    fn from(offence: Malformed) -> Self {
        Self::Invalid(offence.into())
    }
}

impl Checked {
    /// Who it is, if it has proved so.
    pub fn identity(&self) -> Option<&Arc<Identity>> {
        match self {
            Self::Valid { identity, .. } => Some(identity),
            Self::Nothing | Self::Invalid(_) | Self::Stale | Self::OtherTarget | Self::Unreachable => None,
        }
    }

    /// May it come of guessing? Then it is counted against the address.
    pub fn is_guess(&self) -> bool {
        matches!(self, Self::Invalid(offence) if offence.is_guess())
    }
}

impl Gate {
    /// Did credentials come?
    pub fn present(&self, attempt: &Attempt<'_>) -> bool {
        attempt.authorization.is_some()
    }

    /// What can be found out without long work: all but whether a password is right that was not right a moment ago. None: that
    /// is to be found out, by [`check`](Self::check). What takes longest here is the signature of a token that did not come
    /// lately, some hundred microseconds.
    pub fn check_now(&self, attempt: &Attempt<'_>) -> Option<Checked> {
        let recent = |value| self.users.recent.find(self.number, value, attempt.now);
        if let Some(identity) = attempt.authorization.and_then(recent) {
            return Some(Checked::Valid { identity, info: None });
        }
        match self.look(attempt) {
            Err(found) => Some(found),
            Ok(pair) => {
                let identity = self.users.remembered(&pair, attempt.now)?;
                self.remember(attempt, &identity);
                Some(Checked::Valid { identity, info: None })
            }
        }
    }

    /// Remembers for a moment that a value which says the same in each request is valid.
    fn remember(&self, attempt: &Attempt<'_>, identity: &Arc<Identity>) {
        if let Some(value) = attempt.authorization {
            self.users.recent.insert(self.number, value, attempt.now, identity);
        }
    }

    /// The same, whatever it takes: a password is hashed, which takes some ten milliseconds and some megabytes. It is for a
    /// thread that may be kept waiting, and of those not for more at a time than there is memory for.
    pub fn check(&self, attempt: &Attempt<'_>) -> Checked {
        let pair = match self.look(attempt) {
            Err(found) => return found,
            Ok(pair) => pair,
        };
        // another request of the same page may have proved it while this one waited for its turn
        let identity = self.users.remembered(&pair, attempt.now).or_else(|| self.users.verify(&pair, attempt.now));
        match identity {
            Some(identity) => Checked::Valid { identity, info: None },
            None => AuthError::NoSuchUserOrWrongPassword.into(),
        }
    }

    /// Who has this name and this password, and may pass: for a form, which brings them without a scheme. It takes as long as
    /// [`check`](Self::check).
    pub fn check_password(&self, user: &str, password: &str, now: i64) -> Option<Arc<Identity>> {
        let pair = UserPassword::new(user, password);
        let identity = self.users.remembered(&pair, now).or_else(|| self.users.verify(&pair, now))?;
        self.permits(Some(&identity)).then_some(identity)
    }

    /// What is found, or the user and password that are to be looked at.
    fn look(&self, attempt: &Attempt<'_>) -> Result<UserPassword, Checked> {
        let value = attempt.authorization.ok_or(Checked::Nothing)?;
        let credentials = Credentials::parse(value).map_err(|refusal| AuthError::from(refusal.what))?;
        let scheme = Scheme::of(credentials.scheme).filter(|scheme| self.schemes.contains(scheme));
        match scheme.ok_or(AuthError::SchemeNotOffered)? {
            Scheme::Basic => Ok(UserPassword::read(credentials.token68().ok_or(Malformed::Form)?)?),
            Scheme::Bearer => Err(self.bearer(&credentials, attempt)),
            Scheme::Digest => {
                let parameters = credentials.parameters().ok_or(Malformed::Form)?;
                Err(self.digest(&parameters, attempt).unwrap_or_else(Checked::Invalid))
            }
        }
    }

    fn bearer(&self, credentials: &Credentials<'_>, attempt: &Attempt<'_>) -> Checked {
        let Some(token) = credentials.token68().and_then(|token| str::from_utf8(token).ok()) else {
            return Malformed::Form.into();
        };
        if let Some(identity) = self.users.by_token(token) {
            self.remember(attempt, &identity);
            return Checked::Valid { identity, info: None };
        }
        if self.issuers.is_empty() {
            return AuthError::from(TokenError::Unknown).into();
        }
        match issuer::check(&self.issuers, token, attempt.now) {
            Ok(identity) => Checked::Valid { identity: Arc::new(identity), info: None },
            Err(NoToken::Invalid(offence)) => AuthError::from(offence).into(),
            Err(NoToken::Unreachable) => Checked::Unreachable,
        }
    }

    /// The same is computed whether or not there is such a user: only at the end it counts.
    fn digest(&self, parameters: &AuthParameters<'_>, attempt: &Attempt<'_>) -> Result<Checked, AuthError> {
        let opaque = self.nonces.opaque(&self.realm);
        let response = Response::read(parameters, &self.realm, &self.digest.algorithms, &opaque)?;
        if !designates(&response.uri, attempt.target, attempt.method, attempt.authority) {
            return Ok(Checked::OtherTarget);
        }
        let (ha1, identity) = self.users.digest(&response.user, &self.digest, &self.realm, response.algorithm);
        let right = same(&response.expected(&ha1, attempt.method), &response.answer);
        let Some(identity) = identity.filter(|_| right) else { return Err(AuthError::NoSuchUserOrWrongPassword) };
        // the counts of a nonce are touched by nobody who does not know the password
        let nonce = self.nonces.read(&response.nonce, &self.realm, attempt.now);
        let Some(nonce) = nonce.filter(|nonce| self.nonces.take(*nonce, response.count)) else {
            return Ok(Checked::Stale);
        };
        let aging = self.nonces.is_aging(nonce, attempt.now);
        let next = aging.then(|| self.nonces.make(&self.realm, attempt.now));
        let info = Some(response.authentication_info(&ha1, next.as_deref()));
        Ok(Checked::Valid { identity, info })
    }
}
