//! Keys that never leave the program, what is sealed with them, and comparing without telling by time.
//!
//! A seal is HMAC-SHA256 (RFC 2104) over a purpose and parts, each with its length before it: no two lists of parts have the
//! same seal but by chance, and what is sealed for one purpose is nothing for another.

use std::fmt;

use crate::limits;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use subtle::ConstantTimeEq;

/// A secret key. It is never shown.
///
/// ```
/// use access::secret::Secret;
/// assert!(Secret::new(b"short").is_err());
/// let secret = Secret::new(&[7; 32]).expect("long enough");
/// assert_eq!(format!("{secret:?}"), "Secret");
/// ```
#[derive(Clone)]
pub struct Secret {
    /// The state after the key: a seal need not begin with it each time.
    keyed: Hmac<Sha256>,
}

/// The key is so short that it can be guessed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TooShort;

impl fmt::Display for TooShort {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "a secret key has {} octets at least", limits::SECRET)
    }
}

impl std::error::Error for TooShort {}

impl Secret {
    /// A key of these octets, which should come from a source that nobody can foresee.
    pub fn new(octets: &[u8]) -> Result<Self, TooShort> {
        if octets.len() < limits::SECRET {
            return Err(TooShort);
        }
        Ok(Self { keyed: Hmac::new_from_slice(octets).map_err(|_| TooShort)? })
    }

    /// The seal of these parts for a purpose.
    pub(crate) fn seal(&self, purpose: &str, parts: &[&[u8]]) -> [u8; 32] {
        let mut mac = self.keyed.clone();
        for part in [purpose.as_bytes()].iter().chain(parts) {
            mac.update(&(part.len() as u64).to_be_bytes());
            mac.update(part);
        }
        mac.finalize().into_bytes().into()
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret")
    }
}

/// Are they the same? Takes the same time wherever they differ; lengths are no secret.
pub(crate) fn same(a: &[u8], b: &[u8]) -> bool {
    a.ct_eq(b).into()
}

/// Octets in hexadecimal, in lower case as RFC 7616 §3.1.3 has it.
pub(crate) fn hex(octets: &[u8]) -> String {
    let digit = |value: u8| char::from_digit(u32::from(value), 16).unwrap_or('0');
    octets.iter().flat_map(|octet| [digit(octet >> 4), digit(octet & 15)]).collect()
}

/// The octets that so many hexadecimal digits stand for.
pub(crate) fn from_hex<const N: usize>(digits: &[u8]) -> Option<[u8; N]> {
    let mut octets = [0; N];
    if digits.len() != 2 * N {
        return None;
    }
    for (octet, pair) in octets.iter_mut().zip(digits.chunks_exact(2)) {
        *octet = semantics::syntax::hex_value(pair[0])? << 4 | semantics::syntax::hex_value(pair[1])?;
    }
    Some(octets)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_seal_depends_on_key_purpose_and_each_part() {
        let secret = Secret::new(&[1; 32]).expect("long enough");
        let seal = secret.seal("a", &[b"bc", b"d"]);
        assert_eq!(seal, secret.seal("a", &[b"bc", b"d"]));
        let others: [(&str, &[&[u8]]); 4] =
            [("a", &[b"b", b"cd"]), ("a", &[b"bcd"]), ("b", &[b"bc", b"d"]), ("a", &[b"bc", b"d", b""])];
        for (purpose, parts) in others {
            assert_ne!(seal, secret.seal(purpose, parts));
        }
        assert_ne!(seal, Secret::new(&[2; 32]).expect("long enough").seal("a", &[b"bc", b"d"]));
        assert!(Secret::new(&[1; limits::SECRET]).is_ok());
        assert_eq!(Secret::new(&[1; limits::SECRET - 1]).map(drop), Err(TooShort));
    }

    proptest! {
        #[test]
        fn octets_come_back_from_hexadecimal(octets: [u8; 8]) {
            prop_assert_eq!(from_hex(hex(&octets).as_bytes()), Some(octets));
            prop_assert_eq!(from_hex(hex(&octets).to_uppercase().as_bytes()), Some(octets));
        }

        #[test]
        fn what_is_no_hexadecimal_is_refused(text: Vec<u8>) {
            let sound = text.len() == 8 && text.iter().all(u8::is_ascii_hexdigit);
            prop_assert_eq!(from_hex::<4>(&text).is_some(), sound);
        }
    }
}
