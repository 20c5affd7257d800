//! What can be wrong with credentials. What a client is told of it, and by which status, is the decision's.

use std::fmt;

use semantics::credentials::CredentialsError;

use crate::bearer::TokenError;

/// Why credentials are not valid.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum AuthError {
    /// They cannot be understood.
    Malformed(Malformed),
    /// They are of a scheme that is not offered here.
    SchemeNotOffered,
    /// Digest: they were made for another realm.
    OtherRealm,
    /// Digest: they were made by an algorithm that is not offered here.
    AlgorithmNotOffered,
    /// There is no such user, or the password is wrong. Which of the two it is nobody learns.
    NoSuchUserOrWrongPassword,
    /// Bearer: the token is not valid.
    Token(TokenError),
}

/// Why credentials cannot be understood.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Malformed {
    /// The field is not written as credentials are.
    Written(CredentialsError),
    /// What follows the scheme has another form than the scheme has.
    Form,
    /// Basic: what follows is no base64.
    Base64,
    /// Basic: no colon stands between user and password. RFC 7617 §2
    NoColon,
    /// Basic: a control stands in the user or the password. RFC 7617 §2
    Control,
    /// Digest: this parameter is missing.
    Missing(&'static str),
    /// Digest: this parameter has a value that it cannot have.
    Value(&'static str),
}

impl fmt::Display for AuthError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Malformed(offence) => return fmt::Display::fmt(offence, f),
            Self::SchemeNotOffered => "the credentials are of a scheme that is not offered here",
            Self::OtherRealm => "the credentials were made for another realm",
            Self::AlgorithmNotOffered => "the credentials were made by an algorithm that is not offered here",
            Self::NoSuchUserOrWrongPassword => "there is no such user, or the password is wrong",
            Self::Token(offence) => return fmt::Display::fmt(offence, f),
        })
    }
}

impl fmt::Display for Malformed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Written(offence) => return write!(f, "the credentials are malformed: {offence}"),
            Self::Form => "the credentials have not the form that their scheme has",
            Self::Base64 => "the credentials are no base64",
            Self::NoColon => "no colon stands between user and password",
            Self::Control => "a control character stands in the user or the password",
            Self::Missing(name) => return write!(f, "the credentials lack the parameter {name}"),
            Self::Value(name) => return write!(f, "the parameter {name} has a value that it cannot have"),
        })
    }
}

impl std::error::Error for AuthError {}

impl From<Malformed> for AuthError {
    fn from(offence: Malformed) -> Self {
        Self::Malformed(offence)
    }
}

impl From<CredentialsError> for AuthError {
    fn from(offence: CredentialsError) -> Self {
        Self::Malformed(Malformed::Written(offence))
    }
}

impl From<TokenError> for AuthError {
    fn from(offence: TokenError) -> Self {
        Self::Token(offence)
    }
}

impl AuthError {
    /// May it come of guessing? Such attempts are counted against the address. A token that has expired, or a request that
    /// cannot be understood, is no guess.
    pub const fn is_guess(&self) -> bool {
        match self {
            Self::NoSuchUserOrWrongPassword => true,
            Self::Token(offence) => offence.is_guess(),
            Self::Malformed(_) | Self::SchemeNotOffered | Self::OtherRealm | Self::AlgorithmNotOffered => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn offences_are_told_in_plain_words() {
        let missing: AuthError = Malformed::Missing("nonce").into();
        assert_eq!(missing.to_string(), "the credentials lack the parameter nonce");
        let twice: AuthError = CredentialsError::Twice.into();
        assert_eq!(twice.to_string(), "the credentials are malformed: a parameter is given twice");
    }

    #[test]
    fn only_guesses_are_guesses() {
        assert!(AuthError::NoSuchUserOrWrongPassword.is_guess());
        assert!(AuthError::Token(TokenError::BadSignature).is_guess());
        assert!(!AuthError::Token(TokenError::Expired).is_guess() && !AuthError::SchemeNotOffered.is_guess());
    }
}
