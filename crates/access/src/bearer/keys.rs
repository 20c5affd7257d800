//! The keys of an issuer: a JWK Set. RFC 7517
//!
//! A key is for one algorithm, which the set says or its type leaves no choice about. A token that names another is refused:
//! so a public key is never taken for a shared secret, and no token is taken unsigned (RFC 8725 §3.1).

use std::fmt;

use crate::limits;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::rand::SystemRandom;
use ring::signature::{
    ECDSA_P256_SHA256_FIXED, ED25519, RSA_PKCS1_2048_8192_SHA256, RsaPublicKeyComponents, UnparsedPublicKey,
};
use ring::{agreement, hmac};
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
    keys: Vec<SigningKey>,
}

#[derive(Clone)]
struct SigningKey {
    id: Option<String>,
    algorithm: Algorithm,
    key: Material,
}

/// How a token is signed: the algorithms that are taken (RFC 7518 §3.1, RFC 8037 §3.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Algorithm {
    /// RSASSA-PKCS1-v1_5 with SHA-256.
    RS256,
    /// ECDSA over P-256 with SHA-256.
    ES256,
    /// Ed25519.
    EdDSA,
    /// HMAC with SHA-256.
    HS256,
}

/// What a signature is checked with.
#[derive(Clone)]
enum Material {
    Rsa {
        modulus: Vec<u8>,
        exponent: Vec<u8>,
    },
    /// A point that is not compressed.
    P256(Vec<u8>),
    Ed25519(Vec<u8>),
    Secret(Vec<u8>),
}

impl Material {
    /// Is this the signature of the message?
    fn verifies(&self, message: &[u8], signature: &[u8]) -> bool {
        match self {
            Self::Rsa { modulus, exponent } => RsaPublicKeyComponents { n: modulus, e: exponent }
                .verify(&RSA_PKCS1_2048_8192_SHA256, message, signature)
                .is_ok(),
            Self::P256(point) => {
                UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, point).verify(message, signature).is_ok()
            }
            Self::Ed25519(point) => UnparsedPublicKey::new(&ED25519, point).verify(message, signature).is_ok(),
            Self::Secret(secret) => {
                hmac::verify(&hmac::Key::new(hmac::HMAC_SHA256, secret), message, signature).is_ok()
            }
        }
    }
}

/// Why a text is no set of keys.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum KeysError {
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

impl fmt::Display for KeysError {
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

impl std::error::Error for KeysError {}

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
    pub fn read(text: &str) -> Result<Self, KeysError> {
        if text.len() > limits::JWKS {
            return Err(KeysError::TooLong);
        }
        let set: Value = serde_json::from_str(text).map_err(|_| KeysError::NotJson)?;
        let keys = set.get("keys").and_then(Value::as_array).ok_or(KeysError::NoKeys)?;
        if keys.len() > limits::JWKS_KEYS {
            return Err(KeysError::TooMany);
        }
        let keys: Vec<_> = keys.iter().filter_map(SigningKey::read).collect();
        if keys.is_empty() { Err(KeysError::NoneUsable) } else { Ok(Self { keys }) }
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
        let signature = URL_SAFE_NO_PAD.decode(signature).ok();
        let named = |key: &&SigningKey| id.is_none() || key.id.as_deref() == id;
        let mut found = Unsigned::NoSuchKey;
        let mut tries = 0;
        for key in self.keys.iter().filter(named) {
            if key.algorithm != algorithm {
                found = if tries == 0 { Unsigned::OtherAlgorithm } else { found };
            } else if tries < limits::KEY_TRIES {
                if signature.as_ref().is_some_and(|signature| key.key.verifies(message, signature)) {
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

impl SigningKey {
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
            ("EC", Some("P-256")) => (Some(Algorithm::ES256), p256(&octets("x")?, &octets("y")?)?),
            // octets that are no point sign nothing: each signature by them is wrong
            ("OKP", Some("Ed25519")) => {
                (Some(Algorithm::EdDSA), Material::Ed25519(octets("x").filter(|point| point.len() == 32)?))
            }
            // a shared secret must be said to be one for this, and be as long as the hash (RFC 7518 §3.2)
            ("oct", _) => (None, Material::Secret(octets("k").filter(|secret| secret.len() >= 32)?)),
            _ => return None,
        };
        let algorithm = match jwk.get("alg") {
            None => usual?,
            Some(name) => algorithm(name.as_str()?)?,
        };
        let fits = algorithm == usual.unwrap_or(Algorithm::HS256);
        fits.then(|| Self { id: text("kid").map(str::to_owned), algorithm, key })
    }
}

fn rsa(modulus: &[u8], exponent: &[u8]) -> Option<Material> {
    let start = modulus.iter().position(|&octet| octet != 0)?;
    let bits = (modulus.len() - start) * 8 - modulus[start].leading_zeros() as usize;
    let odd = |number: &[u8]| number.last().is_some_and(|octet| octet & 1 == 1);
    let small =
        exponent.iter().rev().skip(1).all(|&octet| octet == 0) && exponent.last().is_none_or(|&octet| octet < 3);
    // a larger exponent makes each check slower, and nobody has one; both numbers are odd, and an exponent of 1 checks nothing
    let fits = limits::RSA_BITS.contains(&bits) && (1..=4).contains(&exponent.len()) && !small;
    let zeros = exponent.iter().take_while(|&&octet| octet == 0).count();
    (fits && odd(modulus) && odd(exponent))
        .then(|| Material::Rsa { modulus: modulus[start..].to_vec(), exponent: exponent[zeros..].to_vec() })
}

/// A point that is on its curve: an agreement, whose result is not wanted, finds that out.
fn p256(x: &[u8], y: &[u8]) -> Option<Material> {
    if x.len() != 32 || y.len() != 32 {
        return None;
    }
    let point = [&[4], x, y].concat();
    let other = agreement::EphemeralPrivateKey::generate(&agreement::ECDH_P256, &SystemRandom::new()).ok()?;
    let public = agreement::UnparsedPublicKey::new(&agreement::ECDH_P256, &point);
    agreement::agree_ephemeral(other, &public, |_| ()).ok().map(|()| Material::P256(point))
}
