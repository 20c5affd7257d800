//! Bearer: who holds the token, is let in. RFC 6750
//!
//! `keys.rs` reads the keys of an issuer, `token.rs` a token of the form of JWT, `issuer.rs` says whether a token is one of an
//! issuer's, and whose. Keys come from the caller, who may change them at any time.

pub mod issuer;
pub mod keys;
pub(crate) mod token;

use std::fmt;

pub use issuer::{Issuer, IssuerError, IssuerSettings};
pub use keys::{Keys, KeysError};

/// Why a token is not valid.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum TokenError {
    /// It is no JWT, and no user has it.
    Unknown,
    /// It is longer than any token is.
    TooLong,
    /// A part of it is malformed.
    Malformed,
    /// It is not signed, or by an algorithm that is not taken.
    Algorithm,
    /// It is a token for another use, by its `typ`. RFC 8725 §3.11
    Type,
    /// It demands an extension that is not known. RFC 7515 §4.1.11
    Critical,
    /// It names no issuer, or one that is not known here.
    UnknownIssuer,
    /// Its issuer has no such key.
    UnknownKey,
    /// Its signature is wrong.
    BadSignature,
    /// It does not say when it ends.
    NoExpiry,
    /// It has ended.
    Expired,
    /// Its time has not begun.
    NotYetValid,
    /// It is for somebody else to take.
    WrongAudience,
    /// It does not name a user.
    NoUser,
    /// It names more groups than a user can have.
    TooManyGroups,
}

impl fmt::Display for TokenError {
    /// In characters that an `error_description` may have (RFC 6750 §3): no quote, no backslash.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Unknown => "the token is not known",
            Self::TooLong => "the token is too long",
            Self::Malformed => "the token is malformed",
            Self::Algorithm => "the token is not signed by an algorithm that is taken here",
            Self::Type => "the token is meant for another use",
            Self::Critical => "the token demands an extension that is not known here",
            Self::UnknownIssuer => "the issuer of the token is not known here",
            Self::UnknownKey => "the token was signed by a key that its issuer does not have",
            Self::BadSignature => "the signature of the token is wrong",
            Self::NoExpiry => "the token does not say when it expires",
            Self::Expired => "the token has expired",
            Self::NotYetValid => "the token is not valid yet",
            Self::WrongAudience => "the token is for another audience",
            Self::NoUser => "the token does not name a user",
            Self::TooManyGroups => "the token names too many groups",
        })
    }
}

impl std::error::Error for TokenError {}

impl TokenError {
    /// May it come of guessing?
    pub(crate) const fn is_guess(&self) -> bool {
        matches!(self, Self::Unknown | Self::BadSignature)
    }
}

/// The errors that a challenge of Bearer names. RFC 6750 §3.1
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum BearerError {
    /// The request is malformed.
    InvalidRequest,
    /// The token has expired, was changed, or is no token.
    InvalidToken,
    /// The token is valid, but does not reach far enough.
    InsufficientScope,
}

impl BearerError {
    /// Its name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::InvalidRequest => "invalid_request",
            Self::InvalidToken => "invalid_token",
            Self::InsufficientScope => "insufficient_scope",
        }
    }
}

#[cfg(test)]
pub(crate) mod tests;
