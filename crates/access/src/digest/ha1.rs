//! H(A1): what is kept of a password for Digest, one for each realm and algorithm. RFC 7616 §3.4.2
//!
//! Whoever reads it can log in with it where Digest is offered, so it is as secret as a password. MD5 is not offered.

use std::fmt;

use crate::limits;
use sha2::{Digest as _, Sha256, Sha512_256};

use crate::secret::{from_hex, hex};

/// An algorithm of Digest. RFC 7616 §3.3
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Algorithm {
    /// `SHA-256`
    Sha256,
    /// `SHA-512-256`
    Sha512T256,
}

impl Algorithm {
    /// Every one, in the order in which they are offered. Nothing is known against either; the one that more clients know is
    /// first.
    pub const ALL: [Self; 2] = [Self::Sha256, Self::Sha512T256];

    /// Its name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Sha256 => "SHA-256",
            Self::Sha512T256 => "SHA-512-256",
        }
    }

    /// The algorithm of this name, whatever its case. `SHA-256-sess` and the like are others.
    pub fn of(name: &[u8]) -> Option<Self> {
        Self::ALL.into_iter().find(|algorithm| algorithm.name().as_bytes().eq_ignore_ascii_case(name))
    }

    /// The hash of these parts with a colon between each two.
    pub(crate) fn hash(self, parts: &[&[u8]]) -> [u8; 32] {
        fn fed<D: sha2::Digest>(mut hasher: D, parts: &[&[u8]]) -> D {
            for (at, part) in parts.iter().enumerate() {
                if at > 0 {
                    hasher.update(b":");
                }
                hasher.update(part);
            }
            hasher
        }
        match self {
            Self::Sha256 => fed(Sha256::new(), parts).finalize().into(),
            Self::Sha512T256 => fed(Sha512_256::new(), parts).finalize().into(),
        }
    }
}

/// H(A1) of a user. It is never shown but by [`line`](Ha1::line).
#[derive(Clone, PartialEq, Eq)]
pub struct Ha1 {
    /// How it was made.
    pub algorithm: Algorithm,
    /// The realm that it was made for. None: the line does not say, and it is tried in each.
    pub realm: Option<String>,
    pub(crate) hash: [u8; 32],
}

/// Why a line is no H(A1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ha1Error {
    /// It is not 64 hexadecimal digits, alone or after algorithm and realm.
    Malformed,
    /// It is one of MD5, which is not offered.
    Md5,
    /// Its algorithm is unknown.
    Algorithm,
}

impl fmt::Display for Ha1Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Malformed => "a digest is written ALGORITHM:REALM:HEX, with 64 hexadecimal digits",
            Self::Md5 => "MD5 is not offered; make a digest anew with SHA-256",
            Self::Algorithm => "the algorithm of a digest is SHA-256 or SHA-512-256",
        })
    }
}

impl std::error::Error for Ha1Error {}

impl Ha1 {
    /// Reads `ALGORITHM:REALM:HEX`, or 64 hexadecimal digits alone: those of SHA-256, whatever the realm.
    ///
    /// ```
    /// use access::digest::{Algorithm, Ha1, digest_ha1};
    /// let made = digest_ha1(Algorithm::Sha256, "Mufasa", "http-auth@example.org", "Circle of Life");
    /// assert_eq!(Ha1::parse(&made.line()), Ok(made));
    /// ```
    pub fn parse(line: &str) -> Result<Self, Ha1Error> {
        let (before, digits) = line.rsplit_once(':').map_or((None, line), |(before, digits)| (Some(before), digits));
        if digits.len() == 32 && digits.bytes().all(|digit| digit.is_ascii_hexdigit()) {
            return Err(Ha1Error::Md5);
        }
        let hash = from_hex(digits.as_bytes()).ok_or(Ha1Error::Malformed)?;
        let Some(before) = before else { return Ok(Self { algorithm: Algorithm::Sha256, realm: None, hash }) };
        let (algorithm, realm) = before.split_once(':').ok_or(Ha1Error::Malformed)?;
        let algorithm = Algorithm::of(algorithm.as_bytes()).ok_or(Ha1Error::Algorithm)?;
        Ok(Self { algorithm, realm: Some(realm.to_owned()), hash })
    }

    /// The line to be kept. It is a secret.
    pub fn line(&self) -> String {
        match &self.realm {
            Some(realm) => format!("{}:{realm}:{}", self.algorithm.name(), hex(&self.hash)),
            None => hex(&self.hash),
        }
    }

    /// Was it made for this?
    pub(crate) fn is_for(&self, algorithm: Algorithm, realm: &str) -> bool {
        self.algorithm == algorithm && self.realm.as_deref().is_none_or(|own| own == realm)
    }
}

impl fmt::Debug for Ha1 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Ha1({} for {:?})", self.algorithm.name(), self.realm)
    }
}

/// H(A1) of a user in a realm: `H(user ":" realm ":" password)`. RFC 7616 §3.4.2
pub fn digest_ha1(algorithm: Algorithm, user: &str, realm: &str, password: &str) -> Ha1 {
    let hash = algorithm.hash(&[user.as_bytes(), realm.as_bytes(), password.as_bytes()]);
    Ha1 { algorithm, realm: Some(realm.to_owned()), hash }
}

/// The name that a client sends instead of the user's: `H(user ":" realm)`. RFC 7616 §3.4.4
pub(crate) fn userhash(algorithm: Algorithm, user: &str, realm: &str) -> [u8; 32] {
    algorithm.hash(&[user.as_bytes(), realm.as_bytes()])
}

/// Can this be a realm of ours? What is beyond ASCII is sent as UTF-8; a control cannot be sent at all.
pub(crate) fn is_realm(realm: &str) -> bool {
    realm.len() <= limits::USER_NAME && !realm.chars().any(char::is_control)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn lines_are_read() {
        let digits = "0123456789abcdef".repeat(4);
        let bare = Ha1::parse(&digits).expect("well formed");
        assert_eq!((bare.algorithm, bare.realm.as_deref()), (Algorithm::Sha256, None));
        assert!(bare.is_for(Algorithm::Sha256, "x") && !bare.is_for(Algorithm::Sha512T256, "x"));
        let full = Ha1::parse(&format!("sha-512-256:a:b c:{digits}")).expect("well formed");
        assert_eq!((full.algorithm, full.realm.as_deref()), (Algorithm::Sha512T256, Some("a:b c")));
        assert!(full.is_for(Algorithm::Sha512T256, "a:b c") && !full.is_for(Algorithm::Sha512T256, "a"));
        assert!(!format!("{full:?}").contains(&digits));
        for (line, offence) in [
            (String::new(), Ha1Error::Malformed),
            (digits[1..].to_owned(), Ha1Error::Malformed),
            (format!("SHA-256:{digits}"), Ha1Error::Malformed),
            (format!("SHA-256:x:{}", digits.replace('a', "g")), Ha1Error::Malformed),
            (format!("SHA-1:x:{digits}"), Ha1Error::Algorithm),
            (format!("SHA-256-sess:x:{digits}"), Ha1Error::Algorithm),
            (digits[..32].to_owned(), Ha1Error::Md5),
            (format!("user:realm:{}", &digits[..32]), Ha1Error::Md5),
        ] {
            assert_eq!(Ha1::parse(&line), Err(offence), "{line}");
        }
    }

    #[test]
    fn realms_can_be_sent() {
        assert!(is_realm("Caf\u{e9}") && is_realm("") && !is_realm("a\nb"));
        assert!(is_realm(&"x".repeat(limits::USER_NAME)) && !is_realm(&"x".repeat(limits::USER_NAME + 1)));
    }

    proptest! {
        #[test]
        fn nothing_panics(line in "\\PC{0,20}:?[0-9a-f]{62,66}") {
            let _ = Ha1::parse(&line);
        }

        #[test]
        fn what_is_written_is_read(user in "\\PC{0,8}", realm in "\\PC{0,8}", password in "\\PC{0,8}") {
            for algorithm in Algorithm::ALL {
                let made = digest_ha1(algorithm, &user, &realm, &password);
                prop_assert_eq!(Ha1::parse(&made.line()), Ok(made));
            }
        }
    }
}
