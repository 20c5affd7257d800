//! A JWT taken apart, nothing of it believed. RFC 7519, RFC 7515 §3.1

use crate::limits;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::Value;

use super::TokenError;
use super::keys::{Algorithm, algorithm};

/// A token in the compact form of a JWS. Its claims are what somebody claims, until the signature was checked.
pub(crate) struct Token<'a> {
    /// What was signed.
    pub(crate) message: &'a [u8],
    /// The signature, in base64url.
    pub(crate) signature: &'a str,
    /// How it was signed.
    pub(crate) algorithm: Algorithm,
    /// By which key.
    pub(crate) key: Option<String>,
    claims: Value,
}

impl<'a> Token<'a> {
    /// Takes a token apart.
    pub(crate) fn read(text: &'a str) -> Result<Self, TokenError> {
        if text.len() > limits::BEARER {
            return Err(TokenError::TooLong);
        }
        let (message, signature) = text.rsplit_once('.').ok_or(TokenError::Unknown)?;
        let (header, payload) = message.split_once('.').ok_or(TokenError::Unknown)?;
        let header = object(header)?;
        if header.get("crit").is_some() {
            return Err(TokenError::Critical);
        }
        // RFC 9068 §2.1 has the second, which may stand with its prefix (RFC 7515 §4.1.9)
        let kind =
            |kind: &str| ["JWT", "at+jwt", "application/at+jwt"].iter().any(|own| own.eq_ignore_ascii_case(kind));
        if !header.get("typ").is_none_or(|value| value.as_str().is_some_and(kind)) {
            return Err(TokenError::Type);
        }
        let name = header.get("alg").and_then(Value::as_str).ok_or(TokenError::Malformed)?;
        let algorithm = algorithm(name).ok_or(TokenError::Algorithm)?;
        let key = match header.get("kid") {
            None => None,
            Some(key) => Some(key.as_str().ok_or(TokenError::Malformed)?.to_owned()),
        };
        Ok(Self { message: message.as_bytes(), signature, algorithm, key, claims: object(payload)? })
    }

    /// A claim, by its name; or, if there is none of that name, by a path of names with dots between them: some issuers keep
    /// groups in an object.
    pub(crate) fn claim(&self, name: &str) -> Option<&Value> {
        let direct = self.claims.get(name);
        direct.or_else(|| name.split('.').try_fold(&self.claims, |value, name| value.get(name)))
    }

    /// A claim that is a text.
    pub(crate) fn text(&self, name: &str) -> Option<&str> {
        self.claim(name).and_then(Value::as_str)
    }

    /// A claim that is a time, in seconds of Unix time. It may have a fraction (RFC 7519 §2), which is dropped.
    pub(crate) fn time(&self, name: &str) -> Result<Option<i64>, TokenError> {
        let Some(value) = self.claim(name) else { return Ok(None) };
        let whole = value.as_i64().or_else(|| value.as_f64().map(|seconds| seconds as i64));
        whole.map(Some).ok_or(TokenError::Malformed)
    }

    /// The texts of a claim that is a list of texts, or one text.
    pub(crate) fn texts(&self, name: &str) -> impl Iterator<Item = &str> {
        let claim = self.claim(name);
        let list = claim.and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
        list.iter().filter_map(Value::as_str).chain(claim.and_then(Value::as_str))
    }
}

/// A part that is a JSON object in base64url.
fn object(part: &str) -> Result<Value, TokenError> {
    let octets = URL_SAFE_NO_PAD.decode(part).map_err(|_| TokenError::Malformed)?;
    let value: Value = serde_json::from_slice(&octets).map_err(|_| TokenError::Malformed)?;
    if value.is_object() { Ok(value) } else { Err(TokenError::Malformed) }
}
