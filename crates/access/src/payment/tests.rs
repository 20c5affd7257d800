//! Paying from challenge to receipt.

use super::pay as pay_by;
use super::*;
use crate::payment::journal::decode_entries;
use crate::secret::Secret;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use proptest::prelude::*;
use semantics::credentials::Credentials;
use serde_json::{Value, json};
use std::sync::{Arc, Mutex};

#[derive(Clone, Default)]
struct File(Arc<Mutex<Vec<u8>>>);

impl Journal for File {
    fn append(&self, entry: &[u8]) -> Result<(), Unwritten> {
        self.0.lock().expect("sound").extend(entry);
        Ok(())
    }
}

struct Broken;

impl Journal for Broken {
    fn append(&self, _entry: &[u8]) -> Result<(), Unwritten> {
        Err(Unwritten)
    }
}

fn key(octet: u8) -> Secret {
    Secret::new(&[octet; 32]).expect("long enough")
}

fn prepaid(journal: impl Journal + 'static) -> Prepaid {
    let keys = Keyring::new(vec![key(1)]).expect("one key");
    Prepaid::new(keys, Arc::new(Ledger::new(Box::new(journal), &[], 0)))
}

fn price() -> Price {
    Price { amount: 5, unit: "credits".to_owned(), realm: "Example".to_owned() }
}

fn token(octet: u8, credits: u64) -> String {
    let grant = Grant { id: [2; 16], credits, expires: 100_000, note: String::new() };
    issue(&key(octet), &grant).expect("short")
}

/// The members of the challenge, as a client sends them back.
fn parameters(challenge: &str) -> Value {
    let read = Credentials::parse(challenge.as_bytes()).expect("well formed").parameters().expect("parameters");
    let text = |octets: Vec<u8>| String::from_utf8(octets).expect("UTF-8");
    let member = |name: &[u8], value: Vec<u8>| (text(name.to_vec()), Value::from(text(value)));
    Value::Object(read.iter().map(|pair| member(pair.name, pair.value.expect("a value").bytes().collect())).collect())
}

fn credentials(object: &Value) -> String {
    format!("Payment {}", URL_SAFE_NO_PAD.encode(object.to_string()))
}

fn by(authorization: &str) -> Presented<'_> {
    Presented { authorization: Some(authorization.as_bytes()), payment_token: None }
}

#[test]
fn a_challenge_says_what_it_costs() {
    let challenge = prepaid(File::default()).challenge(&price(), 0);
    let members = parameters(&challenge);
    for (name, value) in
        [("realm", "Example"), ("method", "prepaid"), ("intent", "charge"), ("expires", "1970-01-01T01:00:00Z")]
    {
        assert_eq!(members[name], value);
    }
    let request = URL_SAFE_NO_PAD.decode(members["request"].as_str().expect("a text")).expect("base64url");
    assert_eq!(request, br#"{"amount":"5","unit":"credits"}"#);
    assert!(members["id"].as_str().is_some_and(|id| id.len() == 22));
    assert_eq!(challenges([&prepaid(File::default()) as &dyn Proof], &price(), 0), [challenge]);
}

#[test]
fn a_token_pays_in_each_of_three_ways() {
    let file = File::default();
    let prepaid = prepaid(file.clone());
    let token = token(1, 15);
    let challenge = parameters(&prepaid.challenge(&price(), 1_000));
    let whole = credentials(&json!({ "challenge": challenge, "payload": { "token": token } }));
    let (bare, short) = (format!("payment {token}"), credentials(&json!({ "payload": { "token": token } })));
    let field = Presented { authorization: Some(b"Basic YTpi"), payment_token: Some(token.as_bytes()) };
    for (presented, left) in [(by(&whole), 10), (by(&bare), 5), (field, 0)] {
        assert!(prepaid.presents(&presented));
        let Paid::Paid(receipt) = prepaid.pay(&presented, &price(), 1_000) else { panic!("it is paid") };
        assert_eq!((receipt.left, &receipt.reference), (Some(left), &"02".repeat(16)));
        let value: Value =
            serde_json::from_slice(&URL_SAFE_NO_PAD.decode(&receipt.value).expect("base64url")).expect("JSON");
        let expected = json!({ "status": "success", "method": "prepaid", "timestamp": "1970-01-01T00:16:40Z",
            "reference": "02".repeat(16), "left": left.to_string() });
        assert_eq!(value, expected);
    }
    let exhausted = Paid::Refused(PaymentError::Exhausted { left: 0 });
    assert_eq!(prepaid.pay(&by(&short), &price(), 1_000), exhausted);
    assert_eq!(decode_entries(&file.0.lock().expect("sound")).map(|read| read.entries.len()), Ok(3));
}

#[test]
fn nothing_presented_and_presented_and_refused_are_told_apart() {
    let prepaid = prepaid(File::default());
    let pay = |presented: &Presented<'_>, now| pay_by([&prepaid as &dyn Proof], presented, &price(), now);
    let refused = Paid::Refused;
    let good = token(1, 100);
    let challenge = parameters(&prepaid.challenge(&price(), 0));
    let changed = |name: &str, value: &str| {
        let mut challenge = challenge.clone();
        challenge[name] = Value::from(value);
        credentials(&json!({ "challenge": challenge, "payload": { "token": good } }))
    };
    let bare = |token: &str| format!("Payment {token}");
    for (authorization, now, found) in [
        ("Basic YTpi".to_owned(), 0, Paid::Nothing),
        ("Paymentx YTpi".to_owned(), 0, Paid::Nothing),
        (changed("method", "tempo"), 0, Paid::Nothing),
        ("Payment".to_owned(), 0, refused(PaymentError::Malformed)),
        (bare("a=b"), 0, refused(PaymentError::Malformed)),
        (bare("AAAA"), 0, refused(PaymentError::Malformed)),
        (credentials(&json!([])), 0, refused(PaymentError::Malformed)),
        (credentials(&json!({ "payload": { "token": 5 } })), 0, refused(PaymentError::Malformed)),
        (bare("v1.e30.AAAA"), 0, refused(PaymentError::Malformed)),
        (bare(&token(3, 100)), 0, refused(PaymentError::ForgedOrOtherKey)),
        (bare(&good), 100_000, refused(PaymentError::Expired)),
        (bare(&token(1, 4)), 0, refused(PaymentError::Exhausted { left: 4 })),
        (changed("id", "x"), 0, refused(PaymentError::OtherChallenge)),
        (changed("expires", "2999-01-01T00:00:00Z"), 0, refused(PaymentError::OtherChallenge)),
        (changed("realm", "Example"), 3_601, refused(PaymentError::ChallengeExpired)),
    ] {
        assert_eq!(pay(&by(&authorization), now), found, "{authorization}");
    }
    assert_eq!(pay(&Presented::default(), 0), Paid::Nothing);
    let dearer = Price { amount: 6, ..price() };
    let whole = changed("realm", "Example");
    assert_eq!(prepaid.pay(&by(&whole), &dearer, 0), refused(PaymentError::OtherChallenge));
    assert_eq!(pay_by([], &by(&bare(&good)), &price(), 0), Paid::Nothing);
}

#[test]
fn what_cannot_be_written_down_is_not_paid() {
    let authorization = format!("Payment {}", token(1, 100));
    assert_eq!(prepaid(Broken).pay(&by(&authorization), &price(), 0), Paid::Unreachable);
}

#[test]
fn nothing_that_pays_is_shown() {
    let authorization = format!("Payment {}", token(1, 100));
    assert_eq!(format!("{:?} {:?}", by(&authorization), prepaid(Broken)), "Presented Prepaid");
}

proptest! {
    #[test]
    fn nothing_panics(scheme in "(?i)payment ", rest: Vec<u8>, field: Option<Vec<u8>>) {
        let authorization = [scheme.as_bytes(), &rest].concat();
        let presented = Presented { authorization: Some(&authorization), payment_token: field.as_deref() };
        let paid = prepaid(File::default()).pay(&presented, &price(), 0);
        prop_assert!(matches!(paid, Paid::Refused(_)), "{paid:?}");
    }
}
