//! The keys of an issuer: a JWK Set. RFC 7517
//!
//! A key is for one algorithm, which the set says or its type leaves no choice about. A token that names another is refused:
//! so a public key is never taken for a shared secret, and no token is taken unsigned (RFC 8725 §3.1).

use std::fmt;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::{Algorithm, DecodingKey, crypto};
use semantics::limits;
use serde_json::Value;

/// The keys of an issuer with which tokens can be checked. They are never shown.
///
/// ```
/// use access::bearer::Keys;
/// let jwks = r#"{"keys": [{"kty": "OKP", "crv": "Ed25519", "kid": "a", "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}]}"#;
/// assert_eq!(Keys::read(jwks).map(|keys| keys.len()), Ok(1));
/// assert!(Keys::read("<html>").is_err());
/// ```
#[derive(Clone)]
pub struct Keys {
    keys: Vec<Key>,
}

#[derive(Clone)]
struct Key {
    id: Option<String>,
    algorithm: Algorithm,
    key: DecodingKey,
}

/// Why a text is no set of keys.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum KeysOffence {
    /// It is longer than any set of keys.
    TooLong,
    /// It is no JSON.
    NotJson,
    /// It has no list of `keys`.
    NoKeys,
    /// There are more keys than an issuer has.
    TooMany,
    /// None of the keys can be used.
    NoneUsable,
}

impl fmt::Display for KeysOffence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::TooLong => "this is longer than any set of keys",
            Self::NotJson => "this is no JSON",
            Self::NoKeys => "there is no list of keys in it (RFC 7517 §5)",
            Self::TooMany => "there are more keys in it than an issuer has",
            Self::NoneUsable => "none of its keys can be used: those of RS256, ES256, EdDSA and HS256 can",
        })
    }
}

impl std::error::Error for KeysOffence {}

/// Why no key says that a signature is right.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Unsigned {
    /// There is no such key.
    NoSuchKey,
    /// There is one, but for another algorithm.
    OtherAlgorithm,
    /// The signature is wrong.
    Wrong,
}

/// The algorithm that a token names, if it is one of those taken.
pub(crate) fn algorithm(name: &str) -> Option<Algorithm> {
    match name {
        "RS256" => Some(Algorithm::RS256),
        "ES256" => Some(Algorithm::ES256),
        // RFC 9864 §2.2 has the newer name
        "EdDSA" | "Ed25519" => Some(Algorithm::EdDSA),
        "HS256" => Some(Algorithm::HS256),
        _ => None,
    }
}

impl Keys {
    /// Reads a JWK Set. Keys that are not understood, or are for another use, are passed over (RFC 7517 §5).
    pub fn read(text: &str) -> Result<Self, KeysOffence> {
        if text.len() > limits::JWKS {
            return Err(KeysOffence::TooLong);
        }
        let set: Value = serde_json::from_str(text).map_err(|_| KeysOffence::NotJson)?;
        let keys = set.get("keys").and_then(Value::as_array).ok_or(KeysOffence::NoKeys)?;
        if keys.len() > limits::JWKS_KEYS {
            return Err(KeysOffence::TooMany);
        }
        let keys: Vec<_> = keys.iter().filter_map(Key::read).collect();
        if keys.is_empty() { Err(KeysOffence::NoneUsable) } else { Ok(Self { keys }) }
    }

    /// How many keys can be used.
    pub fn len(&self) -> usize {
        self.keys.len()
    }

    /// Is there none? Never, in a set that was read.
    pub fn is_empty(&self) -> bool {
        self.keys.is_empty()
    }

    /// Is this the signature of the message, by the key of this name, or, if the token names none, by any?
    pub(crate) fn verify(
        &self,
        id: Option<&str>,
        algorithm: Algorithm,
        message: &[u8],
        signature: &str,
    ) -> Result<(), Unsigned> {
        let named = |key: &&Key| id.is_none() || key.id.as_deref() == id;
        let mut found = Unsigned::NoSuchKey;
        let mut tries = 0;
        for key in self.keys.iter().filter(named) {
            if key.algorithm != algorithm {
                found = if tries == 0 { Unsigned::OtherAlgorithm } else { found };
            } else if tries < limits::KEY_TRIES {
                if crypto::verify(signature, message, &key.key, algorithm).unwrap_or(false) {
                    return Ok(());
                }
                found = Unsigned::Wrong;
                tries += 1;
            }
        }
        Err(found)
    }
}

impl fmt::Debug for Keys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.keys.iter().map(|key| (&key.id, key.algorithm))).finish()
    }
}

impl Key {
    fn read(jwk: &Value) -> Option<Self> {
        let text = |name: &str| jwk.get(name).and_then(Value::as_str);
        // RFC 7517 §4.2, §4.3
        let signs = jwk.get("use").is_none_or(|usage| usage == "sig");
        let verifies = jwk.get("key_ops").is_none_or(|operations| {
            operations.as_array().is_some_and(|operations| operations.iter().any(|operation| operation == "verify"))
        });
        if !signs || !verifies {
            return None;
        }
        let octets = |name: &str| text(name).and_then(|value| URL_SAFE_NO_PAD.decode(value).ok());
        let (usual, key) = match (text("kty")?, text("crv")) {
            ("RSA", _) => (Some(Algorithm::RS256), rsa(&octets("n")?, &octets("e")?)?),
            ("EC", Some("P-256")) => {
                let fits = octets("x")?.len() == 32 && octets("y")?.len() == 32;
                let key = DecodingKey::from_ec_components(text("x")?, text("y")?).ok();
                (Some(Algorithm::ES256), key.filter(|_| fits)?)
            }
            ("OKP", Some("Ed25519")) => {
                let fits = octets("x")?.len() == 32;
                (Some(Algorithm::EdDSA), DecodingKey::from_ed_components(text("x")?).ok().filter(|_| fits)?)
            }
            // a shared secret must be said to be one for this, and be as long as the hash (RFC 7518 §3.2)
            ("oct", _) => (None, DecodingKey::from_secret(&octets("k").filter(|secret| secret.len() >= 32)?).ok()?),
            _ => return None,
        };
        let algorithm = match jwk.get("alg") {
            None => usual?,
            Some(name) => algorithm(name.as_str()?)?,
        };
        let fits = algorithm == usual.unwrap_or(Algorithm::HS256);
        // a key that is none, like a point that is not on its curve, is found out by checking with it
        (fits && crypto::verify("AAAA", b"", &key, algorithm).is_ok()).then(|| Self {
            id: text("kid").map(str::to_owned),
            algorithm,
            key,
        })
    }
}

fn rsa(modulus: &[u8], exponent: &[u8]) -> Option<DecodingKey> {
    let start = modulus.iter().position(|&octet| octet != 0)?;
    let bits = (modulus.len() - start) * 8 - modulus[start].leading_zeros() as usize;
    // a larger exponent makes each check slower, and nobody has one
    let fits = limits::RSA_BITS.contains(&bits) && (1..=4).contains(&exponent.len());
    fits.then(|| DecodingKey::from_rsa_raw_components(&modulus[start..], exponent))
}
