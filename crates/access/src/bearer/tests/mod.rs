//! Tokens, signed by keys of the test.

pub(crate) mod signer;

use std::sync::Arc;

use crate::limits;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use proptest::prelude::*;
use serde_json::{Value, json};

use super::issuer::{NoToken, check};
use super::keys::Algorithm::{ES256, EdDSA, HS256, RS256};
use super::*;
use crate::identity::{Identity, Scopes};
use signer::{Signer, message};

const ISSUER: &str = "https://login.example";
const NOW: i64 = 1_000_000;

fn issuer() -> Issuer {
    let audience = vec!["api".to_owned(), "https://api.example".to_owned()];
    Issuer::new(IssuerSettings { audience, ..IssuerSettings::new(ISSUER) }).expect("well formed")
}

fn set(keys: &[Value]) -> String {
    json!({ "keys": keys }).to_string()
}

fn with_keys(keys: &[Value]) -> Vec<Arc<Issuer>> {
    let issuer = issuer();
    issuer.set_keys(Keys::read(&set(keys)).expect("keys"));
    vec![Arc::new(issuer)]
}

fn claims() -> Value {
    json!({ "iss": ISSUER, "aud": "api", "sub": "alice", "exp": NOW + 300, "groups": ["staff", "x y"],
        "scope": "read write" })
}

fn changed(name: &str, value: Value) -> Value {
    let mut claims = claims();
    claims[name] = value;
    claims
}

fn without(name: &str) -> Value {
    let mut claims = claims();
    claims.as_object_mut().expect("an object").remove(name);
    claims
}

fn offence(offence: TokenError) -> Result<Identity, NoToken> {
    Err(NoToken::Invalid(offence))
}

#[test]
fn tokens_of_each_algorithm_are_taken() {
    for algorithm in [RS256, ES256, EdDSA, HS256] {
        let signer = Signer::new(algorithm, 1);
        let issuers = with_keys(&[signer.jwk("a")]);
        let identity = check(&issuers, &signer.token("a", &claims()), NOW).expect("valid");
        let scopes = Scopes::These(vec!["read".to_owned(), "write".to_owned()]);
        let groups = vec!["staff".to_owned(), "x y".to_owned()];
        let issuer = Some(ISSUER.to_owned());
        assert_eq!(identity, Identity { name: "alice".to_owned(), groups, scopes, issuer }, "{algorithm:?}");
    }
}

#[test]
fn a_changed_token_is_refused() {
    for algorithm in [RS256, ES256, EdDSA, HS256] {
        let (signer, other) = (Signer::new(algorithm, 1), Signer::new(algorithm, 2));
        let issuers = with_keys(&[signer.jwk("a")]);
        let token = signer.token("a", &claims());
        let (head, signature) = token.rsplit_once('.').expect("a signature");
        let richer = signer.token("a", &changed("sub", json!("root")));
        let (richer, _) = richer.rsplit_once('.').expect("a signature");
        let wrong = offence(TokenError::BadSignature);
        assert_eq!(check(&issuers, &format!("{richer}.{signature}"), NOW), wrong, "{algorithm:?}");
        assert_eq!(check(&issuers, &format!("{head}."), NOW), wrong);
        assert_eq!(check(&issuers, &format!("{head}.AAAA"), NOW), wrong);
        assert_eq!(check(&issuers, &format!("{head}.!"), NOW), wrong);
        if algorithm != RS256 {
            assert_eq!(check(&issuers, &other.token("a", &claims()), NOW), wrong);
        }
    }
}

#[test]
fn an_algorithm_is_that_of_the_key_or_none() {
    let rsa = Signer::new(RS256, 1);
    let jwk = rsa.jwk("a");
    let issuers = with_keys(std::slice::from_ref(&jwk));
    // the public key as a shared secret, in each form in which somebody might have it
    for secret in [jwk["n"].as_str().expect("a text").to_owned(), jwk.to_string()] {
        let signed = message(&json!({ "alg": "HS256", "kid": "a" }), &claims());
        let signature = URL_SAFE_NO_PAD.encode(signer::mac(secret.as_bytes(), &signed));
        assert_eq!(check(&issuers, &format!("{signed}.{signature}"), NOW), offence(TokenError::Algorithm));
    }
    for name in ["none", "None", "nOnE", "RS512", "PS256", "ES384", ""] {
        let unsigned = format!("{}.", message(&json!({ "alg": name, "kid": "a" }), &claims()));
        assert_eq!(check(&issuers, &unsigned, NOW), offence(TokenError::Algorithm), "{name}");
    }
    // a key that is said to be for another algorithm than its type has is no key
    let mut mixed = rsa.jwk("a");
    mixed["alg"] = json!("HS256");
    assert_eq!(Keys::read(&set(&[mixed])).err(), Some(KeysError::NoneUsable));
}

#[test]
fn a_key_is_found_by_its_name_or_tried() {
    let (one, two) = (Signer::new(EdDSA, 1), Signer::new(EdDSA, 2));
    let issuers = with_keys(&[one.jwk("a"), Signer::new(RS256, 1).jwk("r"), two.jwk("b")]);
    assert!(check(&issuers, &two.token("b", &claims()), NOW).is_ok());
    assert_eq!(check(&issuers, &two.token("a", &claims()), NOW), offence(TokenError::BadSignature));
    assert!(!issuers[0].wants_keys() || !issuers[0].wants_keys());
    assert_eq!(check(&issuers, &two.token("c", &claims()), NOW), offence(TokenError::UnknownKey));
    assert!(issuers[0].wants_keys(), "the program had better look for new keys");
    assert!(!issuers[0].wants_keys());
    let nameless = two.sign(&json!({ "alg": "EdDSA" }), &claims());
    assert!(check(&issuers, &nameless, NOW).is_ok());
    // RFC 9864 §2.2
    assert!(check(&issuers, &two.sign(&json!({ "alg": "Ed25519", "kid": "b" }), &claims()), NOW).is_ok());
    let many: Vec<_> = (1..=5u8).map(|number| Signer::new(EdDSA, number).jwk("x")).collect();
    let nameless = Signer::new(EdDSA, 5).sign(&json!({ "alg": "EdDSA" }), &claims());
    assert_eq!(check(&with_keys(&many), &nameless, NOW), offence(TokenError::BadSignature), "the fifth is not tried");
    assert!(many.len() > limits::KEY_TRIES && check(&with_keys(&many[1..]), &nameless, NOW).is_ok());
}

#[test]
fn keys_may_come_late_and_change() {
    let (old, new) = (Signer::new(ES256, 1), Signer::new(ES256, 2));
    let issuers = vec![Arc::new(issuer())];
    assert!(!issuers[0].has_keys() && issuers[0].wants_keys());
    assert_eq!(check(&issuers, &old.token("a", &claims()), NOW), Err(NoToken::Unreachable));
    assert!(issuers[0].wants_keys());
    for (signer, other) in [(&old, &new), (&new, &old)] {
        issuers[0].set_keys(Keys::read(&set(&[signer.jwk("a")])).expect("keys"));
        assert!(check(&issuers, &signer.token("a", &claims()), NOW).is_ok());
        assert!(check(&issuers, &other.token("a", &claims()), NOW).is_err());
    }
}

#[test]
fn what_was_right_a_moment_ago_ends_in_time_and_with_its_key() {
    let (old, new) = (Signer::new(ES256, 1), Signer::new(ES256, 2));
    let issuers = with_keys(&[old.jwk("a")]);
    let token = old.token("a", &changed("exp", json!(NOW + 2)));
    assert!(check(&issuers, &token, NOW).is_ok() && check(&issuers, &token, NOW + 1).is_ok());
    assert_eq!(check(&issuers, &token, NOW + 62), offence(TokenError::Expired));
    issuers[0].set_keys(Keys::read(&set(&[new.jwk("a")])).expect("keys"));
    assert_eq!(check(&issuers, &token, NOW), offence(TokenError::BadSignature));
}

#[test]
fn claims_are_looked_at() {
    let signer = Signer::new(EdDSA, 1);
    let issuers = with_keys(&[signer.jwk("a")]);
    let found = |claims: &Value| check(&issuers, &signer.token("a", claims), NOW).map(drop);
    let invalid = |offence| Err(NoToken::Invalid(offence));
    use TokenError::*;
    for (claims, expected) in [
        (changed("aud", json!(["x", "https://api.example"])), Ok(())),
        (changed("aud", json!("other")), invalid(WrongAudience)),
        (changed("aud", json!([])), invalid(WrongAudience)),
        (changed("aud", json!(5)), invalid(WrongAudience)),
        (without("aud"), invalid(WrongAudience)),
        (changed("iss", json!("https://other.example")), invalid(UnknownIssuer)),
        (without("iss"), invalid(UnknownIssuer)),
        (changed("exp", json!(NOW - 59)), Ok(())),
        (changed("exp", json!(NOW - 60)), invalid(Expired)),
        (changed("exp", json!(NOW as f64 + 0.5)), Ok(())),
        (changed("exp", json!("soon")), invalid(Malformed)),
        (changed("exp", json!(u64::MAX)), Ok(())),
        (without("exp"), invalid(NoExpiry)),
        (changed("nbf", json!(NOW + 60)), Ok(())),
        (changed("nbf", json!(NOW + 61)), invalid(NotYetValid)),
        (without("sub"), invalid(NoUser)),
        (changed("sub", json!("")), invalid(NoUser)),
        (changed("sub", json!("a\nb")), invalid(NoUser)),
        (changed("sub", json!(5)), invalid(NoUser)),
        (changed("sub", json!("x".repeat(limits::USER_NAME + 1))), invalid(NoUser)),
        (changed("groups", json!(vec!["g"; limits::USER_GROUPS])), Ok(())),
        (changed("groups", json!(vec!["g"; limits::USER_GROUPS + 1])), invalid(TooManyGroups)),
    ] {
        assert_eq!(found(&claims), expected, "{claims}");
    }
}

#[test]
fn groups_and_scopes_stand_where_issuers_put_them() {
    let signer = Signer::new(EdDSA, 1);
    let settings = IssuerSettings {
        user_claim: "preferred_username".to_owned(),
        groups_claim: "realm_access.roles".to_owned(),
        ..IssuerSettings::new(ISSUER)
    };
    let issuer = Issuer::new(settings).expect("well formed");
    issuer.set_keys(Keys::read(&set(&[signer.jwk("a")])).expect("keys"));
    let issuers = [Arc::new(issuer)];
    let claims = json!({ "iss": ISSUER, "preferred_username": "bob", "exp": NOW + 1,
        "realm_access": { "roles": ["staff", 5] }, "scp": ["read", "write all"] });
    let identity = check(&issuers, &signer.token("a", &claims), NOW).expect("valid");
    assert_eq!((identity.name.as_str(), &identity.groups[..]), ("bob", &["staff".to_owned()][..]));
    assert_eq!(identity.scopes, Scopes::These(["read", "write", "all"].map(str::to_owned).to_vec()));
    let mut for_somebody = claims.clone();
    for_somebody["aud"] = json!("api");
    let wrong = offence(TokenError::WrongAudience);
    assert_eq!(check(&issuers, &signer.token("a", &for_somebody), NOW), wrong, "we have no name here");
}

#[test]
fn what_is_no_token_is_named() {
    let signer = Signer::new(EdDSA, 1);
    let issuers = with_keys(&[signer.jwk("a")]);
    let with = |header: Value| signer.sign(&header, &claims());
    let no_object = URL_SAFE_NO_PAD.encode("[]");
    let long = changed("x", json!("x".repeat(limits::BEARER)));
    use TokenError::*;
    for (token, expected) in [
        ("opaque".to_owned(), Unknown),
        ("a.b".to_owned(), Unknown),
        ("a.b.c".to_owned(), Malformed),
        ("....".to_owned(), Malformed),
        (format!("{no_object}.{no_object}.x"), Malformed),
        (with(json!({ "kid": "a" })), Malformed),
        (with(json!({ "alg": "EdDSA", "kid": 5 })), Malformed),
        (with(json!({ "alg": "EdDSA", "crit": ["b64"], "b64": false })), Critical),
        (with(json!({ "alg": "EdDSA", "typ": "dpop+jwt" })), Type),
        (with(json!({ "alg": "EdDSA", "typ": 5 })), Type),
        (signer.token("a", &long), TooLong),
    ] {
        assert_eq!(check(&issuers, &token, NOW), offence(expected), "{token}");
    }
    for kind in ["JWT", "jwt", "at+jwt", "application/at+jwt"] {
        assert!(check(&issuers, &with(json!({ "alg": "EdDSA", "typ": kind })), NOW).is_ok());
    }
}

#[test]
fn of_a_set_of_keys_the_usable_are_read() {
    let [rsa, ec, ed, oct] = [RS256, ES256, EdDSA, HS256].map(|algorithm| Signer::new(algorithm, 1).jwk("a"));
    let count = |keys: &[Value]| Keys::read(&set(keys)).map_or(0, |keys| keys.len());
    assert_eq!(count(&[rsa.clone(), ec.clone(), ed.clone(), oct.clone()]), 4);
    let with = |jwk: &Value, name: &str, value: Value| {
        let mut jwk = jwk.clone();
        jwk[name] = value;
        jwk
    };
    let but = |jwk: &Value, name: &str| {
        let mut jwk = jwk.clone();
        jwk.as_object_mut().expect("an object").remove(name);
        jwk
    };
    for (jwk, usable) in [
        (but(&rsa, "alg"), true),
        (but(&ec, "alg"), true),
        (but(&oct, "alg"), false),
        (with(&rsa, "use", json!("enc")), false),
        (with(&rsa, "use", json!("sig")), true),
        (with(&rsa, "key_ops", json!(["sign"])), false),
        (with(&rsa, "key_ops", json!(["verify"])), true),
        (with(&rsa, "alg", json!("RS512")), false),
        (with(&rsa, "alg", json!(5)), false),
        (with(&rsa, "n", json!(URL_SAFE_NO_PAD.encode([0xff; 128]))), false),
        (with(&rsa, "n", json!(URL_SAFE_NO_PAD.encode([0; 256]))), false),
        (with(&rsa, "n", json!(URL_SAFE_NO_PAD.encode([0xff; 1_025]))), false),
        (with(&rsa, "n", json!(URL_SAFE_NO_PAD.encode([0xfe; 256]))), false),
        (with(&rsa, "e", json!("")), false),
        (with(&rsa, "e", json!(URL_SAFE_NO_PAD.encode([1]))), false),
        (with(&rsa, "e", json!(URL_SAFE_NO_PAD.encode([1, 0]))), false),
        (with(&rsa, "e", json!(URL_SAFE_NO_PAD.encode([1; 5]))), false),
        (with(&ec, "crv", json!("P-384")), false),
        (with(&ec, "x", json!(URL_SAFE_NO_PAD.encode([1; 31]))), false),
        (with(&ec, "y", json!(URL_SAFE_NO_PAD.encode([1; 32]))), false),
        (with(&ed, "x", json!("AAAA")), false),
        (with(&ed, "crv", json!("Ed448")), false),
        (with(&oct, "k", json!(URL_SAFE_NO_PAD.encode([1; 31]))), false),
        (json!({ "kty": "XYZ" }), false),
        (json!(5), false),
    ] {
        assert_eq!(count(std::slice::from_ref(&jwk)) == 1, usable, "{jwk}");
    }
    let error = |text: &str| Keys::read(text).err();
    assert_eq!(error("<html>"), Some(KeysError::NotJson));
    assert_eq!(error("{}"), Some(KeysError::NoKeys));
    assert_eq!(error("{\"keys\": []}"), Some(KeysError::NoneUsable));
    assert_eq!(error(&set(&vec![ed.clone(); limits::JWKS_KEYS + 1])), Some(KeysError::TooMany));
    assert_eq!(count(&vec![ed; limits::JWKS_KEYS]), limits::JWKS_KEYS);
    assert_eq!(error(&" ".repeat(limits::JWKS + 1)), Some(KeysError::TooLong));
    let shown = format!("{:?}", Keys::read(&set(&[oct])).expect("a key"));
    assert_eq!(shown, "[(Some(\"a\"), HS256)]");
}

#[test]
fn issuers_have_names_and_sane_clocks() {
    let error = |settings| Issuer::new(settings).map(drop).err();
    assert_eq!(error(IssuerSettings::new("")), Some(IssuerError::NoName));
    let leeway = |leeway| error(IssuerSettings { leeway, ..IssuerSettings::new("x") });
    assert_eq!((leeway(-1), leeway(limits::LEEWAY + 1)), (Some(IssuerError::Leeway), Some(IssuerError::Leeway)));
    assert_eq!((leeway(0), leeway(limits::LEEWAY)), (None, None));
    let claim = IssuerSettings { user_claim: String::new(), ..IssuerSettings::new("x") };
    assert_eq!(error(claim), Some(IssuerError::NoClaim));
}

#[test]
fn descriptions_fit_a_challenge() {
    use TokenError::*;
    for offence in [
        Unknown,
        TooLong,
        Malformed,
        Algorithm,
        Type,
        Critical,
        UnknownIssuer,
        UnknownKey,
        BadSignature,
        NoExpiry,
        Expired,
        NotYetValid,
        WrongAudience,
        NoUser,
        TooManyGroups,
    ] {
        // RFC 6750 §3
        assert!(offence.to_string().bytes().all(|byte| matches!(byte, 0x20..=0x7e) && !b"\"\\".contains(&byte)));
    }
}

proptest! {
    #[test]
    fn nothing_panics(token in "[A-Za-z0-9_-]{0,20}(\\.[A-Za-z0-9_-]{0,20}){0,4}", jwks in "\\PC{0,60}") {
        let _ = (check(&[], &token, NOW), Keys::read(&jwks));
    }

    #[test]
    fn no_header_and_no_claims_panic(header in "\\{(\"(alg|kid|typ|crit)\":(\"EdDSA\"|5|\\[\\]|null),?){0,4}\\}",
            claims in "\\{(\"(exp|nbf|aud|iss|sub)\":(\"x\"|-?[0-9]{1,25}|1e999|\\[\"x\"\\]|null),?){0,5}\\}") {
        let part = |text: &str| URL_SAFE_NO_PAD.encode(text);
        let token = format!("{}.{}.AAAA", part(&header), part(&claims));
        let issuer = Issuer::new(IssuerSettings::new("x")).expect("well formed");
        issuer.set_keys(Keys::read(&set(&[Signer::new(EdDSA, 1).jwk("a")])).expect("keys"));
        prop_assert!(check(&[Arc::new(issuer)], &token, NOW).is_err());
    }

    #[test]
    fn whatever_is_signed_is_read_without_a_panic(value in "(-?[0-9]{1,25}(\\.[0-9]{1,3})?|\"x\"|\\[\\]|null|1e30)") {
        let signer = Signer::new(HS256, 1);
        let issuers = with_keys(&[signer.jwk("a")]);
        let value: Value = serde_json::from_str(&value).unwrap_or(Value::Null);
        for name in ["exp", "nbf", "aud", "groups", "scope", "sub"] {
            let _ = check(&issuers, &signer.token("a", &changed(name, value.clone())), NOW);
        }
    }
}
