//! Prepaid tokens: so many credits, until some day, sealed by the operator who issues them.
//!
//! A token is `v1.PAYLOAD.SEAL`, both in base64url: it fits a field, an address and a configuration. What was spent of it is the
//! ledger's.

use std::fmt;

use crate::limits;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};

use crate::secret::{Secret, from_hex, hex, same};

const VERSION: &str = "v1";

/// What a token grants.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Grant {
    /// Its number, random, by which spending is counted.
    pub id: [u8; 16],
    /// How many credits it had when it was issued.
    pub credits: u64,
    /// When it expires, in seconds of Unix time. From then on it is worth nothing, and what was spent of it is forgotten.
    pub expires: i64,
    /// For whom or what it was issued.
    pub note: String,
}

impl Grant {
    /// Its number in hexadecimal. It does not let anybody pay.
    pub fn reference(&self) -> String {
        hex(&self.id)
    }
}

/// Why a text is no token that counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum GrantError {
    /// It is no token.
    Malformed,
    /// It was changed, or sealed with another key.
    ForgedOrOtherKey,
    /// It has expired.
    Expired,
}

impl fmt::Display for GrantError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Malformed => "this is no prepaid token",
            Self::ForgedOrOtherKey => "the token was changed, or sealed with another key",
            Self::Expired => "the token has expired",
        })
    }
}

impl std::error::Error for GrantError {}

/// The keys that tokens may be sealed with: the present one first, then those that were used before and still count.
#[derive(Clone, Debug)]
pub struct Keyring {
    keys: Vec<Secret>,
}

/// There is no key, or there are too many.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KeyringError;

impl fmt::Display for KeyringError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "prepaid tokens are sealed with 1 to {} keys", limits::GRANT_KEYS)
    }
}

impl std::error::Error for KeyringError {}

impl Keyring {
    /// These keys, the present one first.
    pub fn new(keys: Vec<Secret>) -> Result<Self, KeyringError> {
        if (1..=limits::GRANT_KEYS).contains(&keys.len()) { Ok(Self { keys }) } else { Err(KeyringError) }
    }

    /// The present one.
    pub fn present(&self) -> &Secret {
        &self.keys[0]
    }

    /// The grant of a token, if it is one of ours and has not expired.
    ///
    /// ```
    /// use access::payment::{Grant, Keyring, issue};
    /// use access::secret::Secret;
    /// let keys = Keyring::new(vec![Secret::new(&[9; 32]).expect("long enough")]).expect("one key");
    /// let grant = Grant { id: [1; 16], credits: 100, expires: 2_000, note: "alice".to_owned() };
    /// let token = issue(keys.present(), &grant).expect("a note of usual length");
    /// assert_eq!(keys.read(&token, 1_000), Ok(grant));
    /// assert!(keys.read(&token, 2_000).is_err());
    /// ```
    pub fn read(&self, token: &str, now: i64) -> Result<Grant, GrantError> {
        let (payload, seal) = parts(token).ok_or(GrantError::Malformed)?;
        // each key is tried, whichever fits: how long it takes says nothing
        let fits = self.keys.iter().fold(false, |fits, key| fits | same(&seal_of(key, payload), &seal));
        if !fits {
            return Err(GrantError::ForgedOrOtherKey);
        }
        let grant = read_payload(payload).ok_or(GrantError::Malformed)?;
        if now >= grant.expires { Err(GrantError::Expired) } else { Ok(grant) }
    }
}

/// The note of a token is too long.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NoteTooLong;

impl fmt::Display for NoteTooLong {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the note of a token has {} octets at most", limits::GRANT_NOTE)
    }
}

impl std::error::Error for NoteTooLong {}

/// The token that grants this.
pub fn issue(key: &Secret, grant: &Grant) -> Result<String, NoteTooLong> {
    if grant.note.len() > limits::GRANT_NOTE {
        return Err(NoteTooLong);
    }
    let mut payload = json!({ "i": hex(&grant.id), "c": grant.credits, "e": grant.expires });
    if !grant.note.is_empty() {
        payload["n"] = Value::from(grant.note.as_str());
    }
    let payload = URL_SAFE_NO_PAD.encode(payload.to_string());
    let seal = URL_SAFE_NO_PAD.encode(seal_of(key, &payload));
    Ok(format!("{VERSION}.{payload}.{seal}"))
}

/// What a token says, whoever sealed it: to be shown to an operator, never to be believed.
pub fn show(token: &str) -> Option<Grant> {
    parts(token).and_then(|(payload, _)| read_payload(payload))
}

/// Payload and seal of a text that looks like a token.
fn parts(token: &str) -> Option<(&str, [u8; 32])> {
    let rest = Some(token).filter(|token| token.len() <= limits::GRANT)?.strip_prefix(VERSION)?.strip_prefix('.')?;
    let (payload, seal) = rest.split_once('.')?;
    let seal = URL_SAFE_NO_PAD.decode(seal).ok()?;
    Some((payload, seal.try_into().ok()?))
}

fn seal_of(key: &Secret, payload: &str) -> [u8; 32] {
    key.seal("prepaid token", &[VERSION.as_bytes(), payload.as_bytes()])
}

fn read_payload(payload: &str) -> Option<Grant> {
    let value: Value = serde_json::from_slice(&URL_SAFE_NO_PAD.decode(payload).ok()?).ok()?;
    let note = value.get("n").map_or(Some(""), Value::as_str)?;
    Some(Grant {
        id: from_hex(value.get("i")?.as_str()?.as_bytes())?,
        credits: value.get("c")?.as_u64()?,
        expires: value.get("e")?.as_i64()?,
        note: note.to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn key(octet: u8) -> Secret {
        Secret::new(&[octet; 32]).expect("long enough")
    }

    fn grant() -> Grant {
        Grant { id: [0xab; 16], credits: 100, expires: 2_000, note: "caf\u{e9}".to_owned() }
    }

    #[test]
    fn a_token_counts_until_it_expires() {
        let keys = Keyring::new(vec![key(1)]).expect("one key");
        let token = issue(&key(1), &grant()).expect("short");
        assert!(token.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte)), "{token}");
        assert_eq!(keys.read(&token, 1_999), Ok(grant()));
        assert_eq!(keys.read(&token, 2_000), Err(GrantError::Expired));
        assert_eq!(show(&token), Some(grant()));
        assert_eq!(grant().reference(), "ab".repeat(16));
    }

    #[test]
    fn keys_are_changed_one_after_the_other() {
        let old = issue(&key(1), &grant()).expect("short");
        let both = Keyring::new(vec![key(2), key(1)]).expect("two keys");
        assert_eq!(both.read(&old, 0), Ok(grant()));
        assert_eq!(both.read(&issue(both.present(), &grant()).expect("short"), 0), Ok(grant()));
        let new = Keyring::new(vec![key(2)]).expect("one key");
        assert_eq!(new.read(&old, 0), Err(GrantError::ForgedOrOtherKey));
        assert!(Keyring::new(Vec::new()).is_err());
        assert!(Keyring::new(vec![key(1); limits::GRANT_KEYS]).is_ok());
        assert!(Keyring::new(vec![key(1); limits::GRANT_KEYS + 1]).is_err());
    }

    #[test]
    fn no_character_of_a_token_can_be_changed() {
        let keys = Keyring::new(vec![key(1)]).expect("one key");
        let token = issue(&key(1), &grant()).expect("short");
        for at in 0..token.len() {
            let mut forged = token.clone().into_bytes();
            forged[at] = if forged[at] == b'A' { b'B' } else { b'A' };
            let forged = String::from_utf8(forged).expect("ASCII");
            assert!(keys.read(&forged, 0).is_err(), "{forged}");
        }
        let richer = issue(&key(3), &Grant { credits: 1_000, ..grant() }).expect("short");
        let payload = richer.split('.').nth(1).expect("a payload");
        let seal = token.split('.').nth(2).expect("a seal");
        assert_eq!(keys.read(&format!("v1.{payload}.{seal}"), 0), Err(GrantError::ForgedOrOtherKey));
    }

    #[test]
    fn what_is_no_token_is_malformed() {
        let keys = Keyring::new(vec![key(1)]).expect("one key");
        let long = "A".repeat(limits::GRANT);
        for token in ["", "v1", "v1.", "v1..", "v2.e30.AAAA", "v1.e30.AAAA", &format!("v1.{long}.{}", "A".repeat(43))] {
            assert_eq!(keys.read(token, 0), Err(GrantError::Malformed), "{token}");
        }
        let note = |length| issue(&key(1), &Grant { note: "x".repeat(length), ..grant() });
        assert_eq!(note(limits::GRANT_NOTE + 1), Err(NoteTooLong));
        assert!(note(limits::GRANT_NOTE).is_ok_and(|token| keys.read(&token, 0).is_ok()));
    }

    #[test]
    fn the_longest_note_in_its_longest_form_fits() {
        let keys = Keyring::new(vec![key(1)]).expect("one key");
        let note = "\u{1}".repeat(limits::GRANT_NOTE);
        let grant = Grant { credits: u64::MAX, expires: i64::MAX, note, ..grant() };
        assert_eq!(keys.read(&issue(&key(1), &grant).expect("short"), 0), Ok(grant));
    }

    proptest! {
        #[test]
        fn nothing_panics(token in "(v1\\.)?[A-Za-z0-9_-]{0,60}\\.?[A-Za-z0-9_-]{42,44}") {
            let keys = Keyring::new(vec![key(1)]).expect("one key");
            prop_assert!(keys.read(&token, 0).is_err());
            let _ = show(&token);
        }

        #[test]
        fn what_is_issued_is_read(id: [u8; 16], credits: u64, expires in 1i64.., note in "\\PC{0,20}") {
            let keys = Keyring::new(vec![key(1)]).expect("one key");
            let grant = Grant { id, credits, expires, note };
            prop_assert_eq!(keys.read(&issue(&key(1), &grant).expect("short"), 0), Ok(grant));
        }
    }
}
