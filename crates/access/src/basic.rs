//! Basic: user and password as they are, in base64. RFC 7617
//!
//! Whose password it is, is not known here.

use std::fmt;

use base64::Engine;
use base64::alphabet::STANDARD;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};

use crate::offence::Malformed;

/// Padding may be missing: it says nothing that the length does not say.
const LENIENT: GeneralPurpose = GeneralPurpose::new(
    &STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// A user and a password. The password is never shown.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct UserPassword {
    octets: Vec<u8>,
    colon: usize,
}

impl UserPassword {
    /// Of a form. A name with a colon is nobody's.
    pub(crate) fn new(user: &str, password: &str) -> Self {
        Self { octets: [user, ":", password].concat().into_bytes(), colon: user.len() }
    }

    /// Reads what follows the scheme.
    pub(crate) fn read(token: &[u8]) -> Result<Self, Malformed> {
        let octets = LENIENT.decode(token).map_err(|_| Malformed::Base64)?;
        // RFC 7617 §2: the first colon divides; a user has none, a password may
        let colon = octets.iter().position(|&octet| octet == b':').ok_or(Malformed::NoColon)?;
        if octets.iter().any(u8::is_ascii_control) {
            return Err(Malformed::Control);
        }
        Ok(Self { octets, colon })
    }

    /// The name, if it is UTF-8, as the challenge asks for (RFC 7617 §2.1). Another is nobody's.
    pub(crate) fn user(&self) -> Option<&str> {
        str::from_utf8(self.user_octets()).ok()
    }

    pub(crate) fn user_octets(&self) -> &[u8] {
        &self.octets[..self.colon]
    }

    pub(crate) fn password(&self) -> &[u8] {
        &self.octets[self.colon + 1..]
    }
}

impl fmt::Debug for UserPassword {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "UserPassword({})", self.user_octets().escape_ascii())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn read(token: &str) -> Result<(String, String), Malformed> {
        let read = UserPassword::read(token.as_bytes())?;
        let text = |octets| String::from_utf8(octets).expect("UTF-8");
        Ok((text(read.user_octets().to_vec()), text(read.password().to_vec())))
    }

    #[test]
    fn the_examples_of_the_standard_are_read() {
        let pair = |user: &str, password: &str| Ok((user.to_owned(), password.to_owned()));
        assert_eq!(read("QWxhZGRpbjpvcGVuIHNlc2FtZQ=="), pair("Aladdin", "open sesame"));
        assert_eq!(read("dGVzdDoxMjPCow=="), pair("test", "123\u{a3}"));
        assert_eq!(read("dGVzdDoxMjPCow"), pair("test", "123\u{a3}"));
        assert_eq!(read("Og=="), pair("", ""));
        assert_eq!(read("YTpiOmM="), pair("a", "b:c"));
    }

    #[test]
    fn what_is_malformed_is_named() {
        assert_eq!(read("!"), Err(Malformed::Base64));
        assert_eq!(read("YTpi-_"), Err(Malformed::Base64));
        assert_eq!(read("YWI="), Err(Malformed::NoColon));
        assert_eq!(read("YToKYg=="), Err(Malformed::Control));
        let latin = UserPassword::read(b"5DrkYg==").expect("octets of another charset");
        assert_eq!(latin.user(), None);
        assert_eq!(format!("{latin:?}"), "UserPassword(\\xe4)");
    }

    proptest! {
        #[test]
        fn nothing_panics(token: Vec<u8>) {
            let _ = UserPassword::read(&token);
        }

        /// What is sent in base64 is read as it was, unless it has no colon or a control character.
        #[test]
        fn near_misses_are_named(user in "[a-z\u{e4}]{0,4}", rest in "[:a\n\x7f\u{e4}]{0,4}", padded: bool) {
            let sent = format!("{user}{rest}");
            let token = base64::engine::general_purpose::STANDARD.encode(&sent);
            let token = if padded { &token } else { token.trim_end_matches('=') };
            let wanted = match sent.split_once(':') {
                None => Err(Malformed::NoColon),
                Some(_) if sent.bytes().any(|octet| octet.is_ascii_control()) => Err(Malformed::Control),
                Some((user, password)) => Ok((user.to_owned(), password.to_owned())),
            };
            prop_assert_eq!(read(token), wanted);
        }

        #[test]
        fn what_looks_like_base64_is_read_or_named(token in "[A-Za-z0-9+/_-]{0,24}={0,3}") {
            if let Ok(read) = UserPassword::read(token.as_bytes()) {
                prop_assert!(!read.user_octets().contains(&b':'));
            }
        }
    }
}
