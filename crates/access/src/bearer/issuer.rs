//! An issuer of tokens: whose tokens they are, for whom, and which keys are known at present.
//!
//! Nothing here fetches keys: the program sets them, at the start and whenever they have changed.

use std::fmt;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, PoisonError, RwLock};

use crate::limits;
use sha2::{Digest as _, Sha256};

use super::TokenError;
use super::keys::{Keys, Unsigned};
use super::token::Token;
use crate::identity::{Identity, Scopes};
use crate::verified::Verified;

/// What is said of an issuer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IssuerSettings {
    /// Its name, as its tokens have it in `iss`.
    pub name: String,
    /// The names that we go by: a token must be for one of them. If there is none, it must be for nobody in particular
    /// (RFC 7519 §4.1.3).
    pub audience: Vec<String>,
    /// The claim that names the user, commonly `sub`.
    pub user_claim: String,
    /// The claim that lists groups, commonly `groups`. Dots lead into an object: `realm_access.roles`.
    pub groups_claim: String,
    /// How far its clock and ours may differ, in seconds.
    pub leeway: i64,
}

impl IssuerSettings {
    /// An issuer with claims and leeway as they commonly are, and no audience.
    pub fn new(name: &str) -> Self {
        let (user_claim, groups_claim) = ("sub".to_owned(), "groups".to_owned());
        Self { name: name.to_owned(), audience: Vec::new(), user_claim, groups_claim, leeway: 60 }
    }
}

/// Why these settings are none of an issuer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum IssuerError {
    /// It has no name.
    NoName,
    /// A claim has no name.
    NoClaim,
    /// The leeway is negative, or so large that no clock is meant.
    Leeway,
}

impl fmt::Display for IssuerError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoName => f.write_str("an issuer has a name"),
            Self::NoClaim => f.write_str("a claim has a name"),
            Self::Leeway => write!(f, "the leeway for a clock is 0 to {} seconds", limits::LEEWAY),
        }
    }
}

impl std::error::Error for IssuerError {}

/// An issuer, for all threads.
#[derive(Debug)]
pub struct Issuer {
    settings: IssuerSettings,
    known: RwLock<Option<Arc<IssuerKey>>>,
    wanted: AtomicBool,
}

/// Keys, and the signatures that they have shown to be right lately: to check one again would take some hundred
/// microseconds.
#[derive(Debug)]
struct IssuerKey {
    keys: Keys,
    verified: Verified,
}

/// Why a token says nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum NoToken {
    /// It is not valid.
    Invalid(TokenError),
    /// No keys are known yet.
    Unreachable,
}

impl From<TokenError> for NoToken {
    fn from(offence: TokenError) -> Self {
        Self::Invalid(offence)
    }
}

impl Issuer {
    /// An issuer of whom no keys are known yet: until they are, nobody can tell whether a token of his is valid.
    pub fn new(settings: IssuerSettings) -> Result<Self, IssuerError> {
        if settings.name.is_empty() {
            return Err(IssuerError::NoName);
        }
        if settings.user_claim.is_empty() || settings.groups_claim.is_empty() {
            return Err(IssuerError::NoClaim);
        }
        if !(0..=limits::LEEWAY).contains(&settings.leeway) {
            return Err(IssuerError::Leeway);
        }
        Ok(Self { settings, known: RwLock::new(None), wanted: AtomicBool::new(true) })
    }

    /// Its name.
    pub fn name(&self) -> &str {
        &self.settings.name
    }

    /// From now on these are its keys. Those that it had before are worth nothing any more.
    pub fn set_keys(&self, keys: Keys) {
        let known = IssuerKey { keys, verified: Verified::new(limits::VERIFIED) };
        *self.known.write().unwrap_or_else(PoisonError::into_inner) = Some(Arc::new(known));
    }

    /// Are keys of it known?
    pub fn has_keys(&self) -> bool {
        self.known().is_some()
    }

    /// Since this was last asked: did a token name a key that is not known, or were no keys known at all? Then the program had
    /// better fetch them, though not at once each time: anybody can send such a token.
    pub fn wants_keys(&self) -> bool {
        self.wanted.swap(false, Ordering::Relaxed)
    }

    fn known(&self) -> Option<Arc<IssuerKey>> {
        self.known.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Whose token is it, at this moment? The signature is looked at first: what is not signed is not worth a word.
    fn check(&self, token: &Token<'_>, now: i64) -> Result<Identity, NoToken> {
        let Some(known) = self.known() else {
            self.wanted.store(true, Ordering::Relaxed);
            return Err(NoToken::Unreachable);
        };
        let seal = Sha256::new().chain_update(token.message).chain_update(".").chain_update(token.signature);
        let seal = seal.finalize().into();
        if !known.verified.has(&seal, now) {
            self.check_signature(&known.keys, token)?;
            known.verified.insert(&seal, now);
        }
        self.check_times(token, now)?;
        self.check_audience(token)?;
        Ok(self.identity(token)?)
    }

    fn check_signature(&self, keys: &Keys, token: &Token<'_>) -> Result<(), TokenError> {
        let checked = keys.verify(token.key.as_deref(), token.algorithm, token.message, token.signature);
        checked.map_err(|unsigned| match unsigned {
            Unsigned::NoSuchKey => {
                self.wanted.store(true, Ordering::Relaxed);
                TokenError::UnknownKey
            }
            Unsigned::OtherAlgorithm => TokenError::Algorithm,
            Unsigned::Wrong => TokenError::BadSignature,
        })
    }

    /// RFC 7519 §4.1.4, §4.1.5
    fn check_times(&self, token: &Token<'_>, now: i64) -> Result<(), TokenError> {
        let end = token.time("exp")?.ok_or(TokenError::NoExpiry)?;
        if now >= end.saturating_add(self.settings.leeway) {
            return Err(TokenError::Expired);
        }
        match token.time("nbf")? {
            Some(start) if now.saturating_add(self.settings.leeway) < start => Err(TokenError::NotYetValid),
            Some(_) | None => Ok(()),
        }
    }

    /// RFC 7519 §4.1.3
    fn check_audience(&self, token: &Token<'_>) -> Result<(), TokenError> {
        let ours = |name: &str| self.settings.audience.iter().any(|own| own == name);
        let fits = match token.claim("aud") {
            Some(_) => token.texts("aud").any(ours),
            None => self.settings.audience.is_empty(),
        };
        if fits { Ok(()) } else { Err(TokenError::WrongAudience) }
    }

    fn identity(&self, token: &Token<'_>) -> Result<Identity, TokenError> {
        let name = token.text(&self.settings.user_claim).filter(|name| is_name(name)).ok_or(TokenError::NoUser)?;
        let groups: Vec<_> =
            token.texts(&self.settings.groups_claim).take(limits::USER_GROUPS + 1).map(str::to_owned).collect();
        if groups.len() > limits::USER_GROUPS {
            return Err(TokenError::TooManyGroups);
        }
        // RFC 8693 §4.2 has one text with spaces; some issuers write a list, or call it `scp`
        let scopes = token.texts("scope").chain(token.texts("scp")).flat_map(|text| text.split(' '));
        let scopes = scopes.filter(|scope| !scope.is_empty()).map(str::to_owned).collect();
        let issuer = Some(self.settings.name.clone());
        Ok(Identity { name: name.to_owned(), groups, scopes: Scopes::These(scopes), issuer })
    }
}

fn is_name(name: &str) -> bool {
    !name.is_empty() && name.len() <= limits::USER_NAME && !name.chars().any(char::is_control)
}

/// Whose token is it, if it is one of these issuers'?
pub(crate) fn check(issuers: &[Arc<Issuer>], text: &str, now: i64) -> Result<Identity, NoToken> {
    let token = Token::read(text)?;
    let name = token.text("iss");
    let issuer = issuers.iter().find(|issuer| name == Some(issuer.name())).ok_or(TokenError::UnknownIssuer)?;
    issuer.check(&token, now)
}
