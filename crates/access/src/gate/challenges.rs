//! What is asked for: the challenges of a gate. RFC 9110 §11.3

use semantics::credentials::Challenge;

use super::{Checked, Gate, Scheme};
use crate::bearer::BearerError;
use crate::digest::Algorithm;
use crate::offence::{AuthError, Malformed};

/// Why credentials are asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Why<'a> {
    /// None came.
    Nothing,
    /// Those that came are not valid.
    Invalid(&'a AuthError),
    /// Digest: those that came are right, with a nonce that can no longer be used.
    Stale,
    /// Bearer: the token that came does not reach far enough. RFC 6750 §3.1
    Scope,
}

impl<'a> From<&'a Checked> for Why<'a> {
    fn from(checked: &'a Checked) -> Self {
        match checked {
            Checked::Invalid(offence) => Self::Invalid(offence),
            Checked::Stale => Self::Stale,
            Checked::Nothing | Checked::Valid { .. } | Checked::OtherTarget | Checked::Unreachable => Self::Nothing,
        }
    }
}

impl Gate {
    /// The challenges, the strongest first: each is the value of a line of WWW-Authenticate, or of Proxy-Authenticate. Digest
    /// has a fresh nonce, and one challenge for each algorithm.
    pub fn challenges(&self, now: i64, why: Why<'_>) -> Vec<String> {
        let one = |scheme: &Scheme| match scheme {
            Scheme::Basic => vec![self.basic_challenge()],
            Scheme::Bearer => vec![self.bearer_challenge(why)],
            Scheme::Digest => {
                let nonce = self.nonces.make(&self.realm, now);
                let algorithms = self.digest.algorithms.iter();
                algorithms.map(|&algorithm| self.digest_challenge(algorithm, &nonce, why)).collect()
            }
        };
        self.schemes.iter().flat_map(one).collect()
    }

    /// RFC 7617 §2, §2.1
    fn basic_challenge(&self) -> String {
        Challenge::new("Basic", &self.realm).quoted("charset", "UTF-8").value()
    }

    /// RFC 6750 §3: where no token came, no error is named.
    fn bearer_challenge(&self, why: Why<'_>) -> String {
        let (error, description) = match why {
            Why::Invalid(AuthError::Token(offence)) => (Some(BearerError::InvalidToken), offence.to_string()),
            Why::Invalid(AuthError::Malformed(offence @ (Malformed::Form | Malformed::Written(_)))) => {
                (Some(BearerError::InvalidRequest), offence.to_string())
            }
            Why::Scope => (Some(BearerError::InsufficientScope), "the token does not reach far enough".to_owned()),
            Why::Nothing | Why::Stale | Why::Invalid(_) => (None, String::new()),
        };
        let mut challenge = Challenge::new("Bearer", &self.realm);
        if !self.scopes.is_empty() {
            challenge = challenge.quoted("scope", &self.scopes.join(" "));
        }
        if let Some(error) = error {
            challenge = challenge.quoted("error", error.name()).quoted("error_description", &description);
        }
        challenge.value()
    }

    /// RFC 7616 §3.3
    fn digest_challenge(&self, algorithm: Algorithm, nonce: &str, why: Why<'_>) -> String {
        let mut challenge = Challenge::new("Digest", &self.realm)
            .quoted("qop", "auth")
            .token("algorithm", algorithm.name())
            .quoted("nonce", nonce)
            .quoted("opaque", &self.nonces.opaque(&self.realm))
            .token("charset", "UTF-8")
            .token("userhash", "true");
        if why == Why::Stale {
            challenge = challenge.token("stale", "true");
        }
        challenge.value()
    }
}
