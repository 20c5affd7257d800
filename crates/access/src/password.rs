//! Passwords: their hashes, read and checked, and new ones made.
//!
//! Argon2id (RFC 9106) in the form of PHC, and bcrypt as other servers keep it. What else there is was broken long ago or
//! cannot be told from a mistake, and is refused when it is read. Who has which password is not known here.

use std::fmt;

use crate::limits;
use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher, PasswordVerifier};
use argon2::{Algorithm, Argon2, Params, Version};
use bcrypt::HashParts;

/// The hash of a password. It is never shown.
///
/// ```
/// use access::password::{Password, hash};
/// let line = hash("open sesame", &[7; 16]).expect("a salt of 16 octets fits");
/// assert!(line.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"));
/// let password = Password::parse(&line).expect("what was written is read");
/// assert!(password.verify(b"open sesame") && !password.verify(b"open says me"));
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct Password {
    kind: PasswordKind,
}

#[derive(Clone, PartialEq, Eq)]
enum PasswordKind {
    Argon2id(Box<PasswordHash>),
    Bcrypt(Box<str>),
}

/// Why a line is not the hash of a password.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PasswordError {
    /// It is no hash at all; perhaps the password itself.
    NotAHash,
    /// It is a hash of a kind that is not taken.
    PasswordKind,
    /// It is cut off, or a character of it is wrong.
    Malformed,
    /// To check it takes more memory or time than there may be.
    Cost,
    /// The salt is too short or too long.
    Salt,
    /// The password is too long, or empty.
    Length,
}

impl fmt::Display for PasswordError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NotAHash => "this is no hash of a password; `because hash` makes one",
            Self::PasswordKind => {
                "this kind of hash is not taken: argon2id ($argon2id$) and bcrypt ($2b$, $2y$, $2a$) are"
            }
            Self::Malformed => "the hash is cut off, or a character of it is wrong",
            Self::Cost => "to check this hash takes more memory or time than there may be",
            Self::Salt => "the salt is too short or too long",
            Self::Length => "the password is empty or too long",
        })
    }
}

impl std::error::Error for PasswordError {}

impl Password {
    /// Reads a hash: argon2id in the form of PHC, or bcrypt.
    pub fn parse(line: &str) -> Result<Self, PasswordError> {
        let kind = match line.strip_prefix('$').and_then(|rest| rest.split_once('$')) {
            None => return Err(PasswordError::NotAHash),
            Some(("argon2id", _)) => PasswordKind::Argon2id(Box::new(argon2id(line)?)),
            Some(("2a" | "2b" | "2y", _)) => PasswordKind::Bcrypt(bcrypt_line(line)?),
            Some(_) => return Err(PasswordError::PasswordKind),
        };
        Ok(Self { kind })
    }

    /// Is this the password? Takes milliseconds and, for argon2id, megabytes: not for a thread that serves.
    pub fn verify(&self, password: &[u8]) -> bool {
        match &self.kind {
            PasswordKind::Argon2id(hash) => Argon2::default().verify_password(password, &**hash).is_ok(),
            PasswordKind::Bcrypt(hash) => bcrypt::verify(password, hash).unwrap_or(false),
        }
    }

    /// A hash that no password has, as costly as one that is made here.
    pub(crate) fn nobody() -> Self {
        let line = format!("$argon2id$v=19$m=19456,t=2,p=1${}${}", "A".repeat(22), "A".repeat(43));
        Self::parse(&line).expect("the form is that of a hash made here")
    }
}

impl fmt::Debug for Password {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.kind {
            PasswordKind::Argon2id(_) => "Password(argon2id)",
            PasswordKind::Bcrypt(_) => "Password(bcrypt)",
        })
    }
}

fn argon2id(line: &str) -> Result<PasswordHash, PasswordError> {
    let hash = PasswordHash::new(line).map_err(|_| PasswordError::Malformed)?;
    if hash.salt.is_none() || hash.hash.is_none() {
        return Err(PasswordError::Malformed);
    }
    let params = Params::try_from(&hash).map_err(|_| PasswordError::Malformed)?;
    let work = u64::from(params.m_cost()) * u64::from(params.t_cost());
    if params.m_cost() > limits::ARGON2_MEMORY || work > limits::ARGON2_WORK {
        return Err(PasswordError::Cost);
    }
    Ok(hash)
}

fn bcrypt_line(line: &str) -> Result<Box<str>, PasswordError> {
    let parts: HashParts = line.parse().map_err(|_| PasswordError::Malformed)?;
    match parts.get_cost() {
        4..=limits::BCRYPT_COST => Ok(line.into()),
        _ => Err(PasswordError::Cost),
    }
}

/// The line to be kept for a password: argon2id with 19 MiB of memory, two passes, one lane, as OWASP advises; about 20 ms.
///
/// The salt must come from a source that nobody can foresee, anew for each password: 8 to 64 octets, 16 are usual.
pub fn hash(password: &str, salt: &[u8]) -> Result<String, PasswordError> {
    if password.is_empty() || password.len() > limits::PASSWORD {
        return Err(PasswordError::Length);
    }
    let hasher = Argon2::new(Algorithm::Argon2id, Version::V0x13, Params::DEFAULT);
    let made = hasher.hash_password_with_salt(password.as_bytes(), salt);
    made.map(|hash| hash.to_string()).map_err(|_| PasswordError::Salt)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// `bcrypt` of "abc", "U*U" and an umlaut, as htpasswd and others write them.
    const BCRYPT: &str = "$2a$06$If6bvum7DFjUnE9p2uDeDu0YHzrHM6tf.iqN8.yx.jNN1ILEf7h0i";

    #[test]
    fn bcrypt_is_checked() {
        for prefix in ["$2a$", "$2b$", "$2y$"] {
            let password = Password::parse(&BCRYPT.replace("$2a$", prefix)).expect("bcrypt");
            assert!(password.verify(b"abc") && !password.verify(b"abd") && !password.verify(b""));
            assert_eq!(format!("{password:?}"), "Password(bcrypt)");
        }
    }

    #[test]
    fn argon2id_is_made_and_checked() {
        let line = hash("p\u{e4}ss", b"0123456789abcdef").expect("a salt");
        assert_ne!(line, hash("p\u{e4}ss", b"0123456789abcdeg").expect("a salt"));
        let password = Password::parse(&line).expect("argon2id");
        assert!(password.verify("p\u{e4}ss".as_bytes()) && !password.verify(b"pass"));
        assert_eq!(format!("{password:?}"), "Password(argon2id)");
        assert_eq!(hash("x", b"short"), Err(PasswordError::Salt));
        assert_eq!(hash("x", &[1; 65]), Err(PasswordError::Salt));
        assert_eq!(hash("", &[1; 16]), Err(PasswordError::Length));
        assert_eq!(hash(&"x".repeat(limits::PASSWORD + 1), &[1; 16]), Err(PasswordError::Length));
        assert!(!Password::nobody().verify(b"x"));
    }

    #[test]
    fn what_is_not_taken_is_named() {
        use PasswordError::{Cost, Malformed, NotAHash, PasswordKind};
        let salt_and_hash = format!("{}${}", "A".repeat(22), "A".repeat(43));
        for (line, offence) in [
            ("secret".to_owned(), NotAHash),
            (String::new(), NotAHash),
            ("$".to_owned(), NotAHash),
            ("{SHA}W6ph5Mm5Pz8GgiULbPgzG37mj9g=".to_owned(), NotAHash),
            ("$apr1$x$y".to_owned(), PasswordKind),
            ("$6$x$y".to_owned(), PasswordKind),
            ("$2x$06$x".to_owned(), PasswordKind),
            ("$argon2i$v=19$m=16,t=2,p=1$MTIzNDU2Nzg$x".to_owned(), PasswordKind),
            ("$argon2id$v=19$m=19456,t=2,p=1$".to_owned(), Malformed),
            (format!("$argon2id$v=19$m=19456,t=2,p=1${}", "A".repeat(22)), Malformed),
            (format!("$argon2id$v=19$m=262145,t=1,p=1${salt_and_hash}"), Cost),
            (format!("$argon2id$v=19$m=262144,t=5,p=1${salt_and_hash}"), Cost),
            (format!("$argon2id$v=19$m=1,t=0,p=1${salt_and_hash}"), Malformed),
            (BCRYPT[..59].to_owned(), Malformed),
            (BCRYPT.replace("$06$", "$16$"), Cost),
            (BCRYPT.replace("$06$", "$03$"), Cost),
            (BCRYPT.replace("$06$", "$xx$"), Malformed),
        ] {
            assert_eq!(Password::parse(&line).err(), Some(offence), "{line}");
        }
        assert!(Password::parse(&format!("$argon2id$v=19$m=262144,t=4,p=1${salt_and_hash}")).is_ok());
    }

    proptest! {
        #[test]
        fn nothing_panics(line in "(\\$(argon2id|2[aby])\\$)?\\PC{0,70}") {
            let _ = Password::parse(&line);
        }
    }
}
