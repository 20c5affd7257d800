//! The challenge, the credentials and the receipt of the "Payment" scheme. draft-httpauth-payment §5
//!
//! A challenge is not kept: its `id` is a seal of all that it says, so that it can be known again. It may be answered more than
//! once: what is taken each time is taken from what was proved, like the credits of a token.

use crate::limits;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use semantics::credentials::{Challenge, Credentials};
use semantics::date::Date;
use serde_json::{Value, json};

use super::{PaymentError, Price};
use crate::secret::{Secret, same};

const INTENT: &str = "charge";

/// The challenge that asks for a price by a method.
pub(crate) fn challenge(secret: &Secret, method: &str, price: &Price, now: i64) -> String {
    let (request, expires) = (request(price), timestamp(now.saturating_add(limits::OFFER_TIME)));
    Challenge::new("Payment", &price.realm)
        .quoted("id", &id(secret, &price.realm, method, &request, &expires))
        .quoted("method", method)
        .quoted("intent", INTENT)
        .quoted("expires", &expires)
        .quoted("request", &request)
        .value()
}

/// Was this the challenge, as a client sends it back, made for this price, and does it still hold?
pub(crate) fn check(
    secret: &Secret,
    method: &str,
    price: &Price,
    challenge: &Value,
    now: i64,
) -> Result<(), PaymentError> {
    let text = |name: &str| challenge.get(name).and_then(Value::as_str).ok_or(PaymentError::Malformed);
    let (request, expires) = (request(price), text("expires")?);
    let ours = id(secret, &price.realm, method, &request, expires);
    if !same(ours.as_bytes(), text("id")?.as_bytes()) {
        return Err(PaymentError::OtherChallenge);
    }
    // it is ours, so it is written as ours are: the later is the greater
    if expires < timestamp(now).as_str() { Err(PaymentError::ChallengeExpired) } else { Ok(()) }
}

/// The receipt. draft-httpauth-payment §5.3
pub(crate) fn receipt(method: &str, reference: &str, left: Option<u64>, now: i64) -> String {
    let mut receipt =
        json!({ "status": "success", "method": method, "timestamp": timestamp(now), "reference": reference });
    if let Some(left) = left {
        receipt["left"] = Value::from(left.to_string());
    }
    URL_SAFE_NO_PAD.encode(receipt.to_string())
}

/// Credentials of the scheme.
#[derive(Clone, PartialEq, Eq)]
pub(crate) enum Sent {
    /// A token as it is.
    Token(String),
    /// An object, as the draft has it.
    Object(Value),
    /// Neither.
    Malformed,
}

/// What came by the scheme. None: other credentials came, or none.
pub(crate) fn sent(authorization: Option<&[u8]>) -> Option<Sent> {
    let value = authorization?;
    let scheme = value.split(|&byte| byte == b' ').next();
    if !scheme.is_some_and(|scheme| scheme.eq_ignore_ascii_case(b"Payment")) {
        return None;
    }
    let credentials = Credentials::parse(value).ok();
    let Some(word) = credentials.and_then(|read| read.token68()).and_then(|word| str::from_utf8(word).ok()) else {
        return Some(Sent::Malformed);
    };
    // no base64 has a dot, and each token has
    if word.contains('.') {
        return Some(Sent::Token(word.to_owned()));
    }
    let octets = URL_SAFE_NO_PAD.decode(word.trim_end_matches('=')).ok();
    let object = octets.and_then(|octets| serde_json::from_slice(&octets).ok()).filter(Value::is_object);
    Some(object.map_or(Sent::Malformed, Sent::Object))
}

/// What a method needs to know of a price. All values are texts, so that no reader rounds them.
fn request(price: &Price) -> String {
    URL_SAFE_NO_PAD.encode(json!({ "amount": price.amount.to_string(), "unit": price.unit }).to_string())
}

/// 128 bits, as draft-httpauth-payment §5.1.1 asks for.
fn id(secret: &Secret, realm: &str, method: &str, request: &str, expires: &str) -> String {
    let parts = [realm, method, INTENT, request, expires].map(str::as_bytes);
    URL_SAFE_NO_PAD.encode(&secret.seal("payment challenge", &parts)[..16])
}

/// RFC 3339
fn timestamp(unix: i64) -> String {
    String::from_utf8_lossy(&Date::from_unix(unix).write_rfc3339()).into_owned()
}
