//! Tokens: those of users, those of an issuer (RFC 6750, RFC 7519), and those that pay.

use crate::client::Response;
use crate::folder::Folder;
use crate::policy::{KEPT, base64url, by, hmac_sha256, keys_and_token, serve, token, token_hash, users};
use crate::server::Server;

const KEY: &[u8] = b"a key of thirty-two octets, here";

fn folder() -> Folder {
    let folder = Folder::with(&[("api/a.txt", "a"), ("wide/a.txt", "a"), ("staff/a.txt", "a"), ("priced/a.txt", "a")]);
    let key =
        format!("{{\"keys\":[{{\"kty\":\"oct\",\"kid\":\"one\",\"alg\":\"HS256\",\"k\":\"{}\"}}]}}", base64url(KEY));
    std::fs::write(folder.beside("jwks.json"), key).expect("writes");
    folder
}

/// A token with these claims, and this key for its head.
fn jwt(head: &str, claims: &str, key: &[u8]) -> String {
    let message = format!("{}.{}", base64url(head), base64url(claims));
    let seal = base64url(hmac_sha256(key, &[message.as_bytes()]));
    format!("{message}.{seal}")
}

const HEAD: &str = r#"{"alg":"HS256","kid":"one","typ":"JWT"}"#;

fn claims(more: &str) -> String {
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).expect("after 1970").as_secs();
    format!("{{\"iss\":\"https://login.example\",\"sub\":\"dora\",\"aud\":\"api\",\"exp\":{}{more}}}", now + 600)
}

fn bearer(token: &str) -> String {
    format!("Authorization: Bearer {token}\r\n")
}

fn server(folder: &Folder) -> Server {
    serve(
        folder,
        &format!(
            "\nrealm = \"here\"\n[users]\nalice = {{ password = \"{}\", token = [\"{}\", \"{}\"] }}\n\
             [issuer.\"https://login.example\"]\nkeys = \"jwks.json\"\naudience = \"api\"\n\
             [rule.\"/api/**\"]\nguard = \"alice dora\"\n[rule.\"/wide/**\"]\nguard = {{ allow = \"any\", scopes = [\"read\", \"write\"] }}\n\
             [rule.\"/staff/**\"]\nguard = \"@staff\"\n",
            *KEPT,
            token_hash("first-token"),
            token_hash("second-token"),
        ),
    )
}

#[track_caller]
fn challenges(response: &Response, parts: &[&str]) {
    let all: Vec<&str> = response.values("WWW-Authenticate").collect();
    let bearer = all.iter().find(|challenge| challenge.starts_with("Bearer realm=\"here\""));
    let bearer = bearer.unwrap_or_else(|| panic!("Bearer is offered: {all:?}"));
    for part in parts {
        assert!(bearer.contains(part), "{part}: {bearer}");
    }
    assert_eq!(bearer.contains("error"), parts.iter().any(|part| part.contains("error")), "{bearer}");
}

#[test]
fn a_token_of_a_user_is_as_good_as_its_password() {
    let folder = folder();
    let server = server(&folder);
    challenges(server.get("/api/a.txt").refuses(401, "credentials_present"), &[]);
    for token in ["first-token", "second-token"] {
        server.get_with("/api/a.txt", &bearer(token)).is(200);
    }
    server.get_with("/api/a.txt", &by("alice")).is(200);
    assert_eq!(server.log(" 200 ").user.as_deref(), Some("alice"));
    let wrong = server.get_with("/api/a.txt", &bearer("third-token"));
    challenges(wrong.refuses(401, "credentials_valid"), &["error=\"invalid_token\""]);
    let malformed = server.get_with("/api/a.txt", "Authorization: Bearer\r\n");
    challenges(malformed.refuses(401, "credentials_valid"), &["error=\"invalid_request\""]);
    // a token in the query says nothing (RFC 6750 §2.3 is not offered)
    server.get("/api/a.txt?access_token=first-token").is(401);
}

#[test]
fn a_token_of_an_issuer_names_its_user() {
    let folder = folder();
    let server = server(&folder);
    server.get_with("/api/a.txt", &bearer(&jwt(HEAD, &claims(""), KEY))).is(200);
    assert_eq!(server.log(" 200 ").user.as_deref(), Some("dora"));
    server.get_with("/staff/a.txt", &bearer(&jwt(HEAD, &claims(""), KEY))).refuses(403, "permitted");
    server.get_with("/staff/a.txt", &bearer(&jwt(HEAD, &claims(",\"groups\":[\"staff\"]"), KEY))).is(200);
    let other = claims("").replace("dora", "emil");
    server.get_with("/api/a.txt", &bearer(&jwt(HEAD, &other, KEY))).refuses(403, "permitted");
    // a list of audiences, and no `kid`
    let several = claims("").replace("\"api\"", "[\"other\",\"api\"]");
    server.get_with("/api/a.txt", &bearer(&jwt("{\"alg\":\"HS256\"}", &several, KEY))).is(200);
}

#[test]
fn a_token_that_is_not_valid_is_401_and_says_so() {
    let folder = folder();
    let server = server(&folder);
    let replaced = |from: &str, to: &str| {
        let claims = claims("");
        assert!(claims.contains(from), "{from}");
        jwt(HEAD, &claims.replace(from, to), KEY)
    };
    let good = jwt(HEAD, &claims(""), KEY);
    let expired = {
        let claims = claims("");
        let at = claims.find("\"exp\":").expect("is there");
        jwt(HEAD, &format!("{}\"exp\":1000}}", &claims[..at]), KEY)
    };
    for token in [
        expired,
        replaced("\"exp\":", "\"nbf\":4000000000,\"exp\":"),
        replaced("\"aud\":\"api\"", "\"aud\":\"other\""),
        replaced("\"aud\":\"api\",", ""),
        replaced("https://login.example", "https://evil.example"),
        replaced("\"exp\":", "\"x\":"),
        replaced("\"sub\":\"dora\",", ""),
        jwt(&HEAD.replace("one", "two"), &claims(""), KEY),
        jwt(HEAD, &claims(""), b"another key of thirty-two octets"),
        jwt(&HEAD.replace("HS256", "HS512"), &claims(""), KEY),
        jwt(&HEAD.replace("HS256", "RS256"), &claims(""), KEY),
        jwt(&HEAD.replace("HS256", "none"), &claims(""), KEY),
        format!("{}.", jwt(&HEAD.replace("HS256", "none"), &claims(""), KEY).rsplit_once('.').expect("a seal").0),
        good[..good.len() - 1].to_owned(),
        good.rsplit_once('.').expect("a seal").0.to_owned(),
    ] {
        let response = server.get_with("/api/a.txt", &bearer(&token));
        challenges(response.refuses(401, "credentials_valid"), &["error=\"invalid_token\"", "error_description=\""]);
    }
    server.get_with("/api/a.txt", &bearer(&good)).is(200);
}

/// RFC 6750 §3.1
#[test]
fn a_token_that_does_not_reach_far_enough_is_403() {
    let folder = folder();
    let server = server(&folder);
    challenges(server.get("/wide/a.txt").is(401), &["scope=\"read write\""]);
    for (scope, status) in [("", 403), (",\"scope\":\"read\"", 403), (",\"scope\":\"write more read\"", 200)] {
        let response = server.get_with("/wide/a.txt", &bearer(&jwt(HEAD, &claims(scope), KEY)));
        assert_eq!(response.status, status, "{scope}");
        if status == 403 {
            challenges(&response, &["error=\"insufficient_scope\"", "scope=\"read write\""]);
        }
    }
}

/// AUT-016, AUT-017, AUT-018: 401 before 402 before 403, and nobody pays for a refusal.
#[test]
fn a_prepaid_token_pays_once_for_each_answer() {
    let folder = folder();
    let paying = keys_and_token(&folder, 12);
    let text = format!("{}[rule.\"/priced/**\"]\nprice = 5\nguard = \"alice\"\n", users());
    let server = serve(&folder, &text);
    let pay = |more: &str| server.get_with("/priced/a.txt", &format!("Payment-Token: {paying}\r\n{more}"));
    server.get("/priced/a.txt").refuses(401, "credentials_present");
    pay("").refuses(401, "credentials_present");
    let alone = server.get_with("/priced/a.txt", &by("alice"));
    alone.refuses(402, "payment_presented");
    assert!(alone.field("WWW-Authenticate").starts_with("Payment realm="), "{:#?}", alone.fields);
    assert_eq!(alone.values("Cache-Control").collect::<Vec<_>>(), ["no-store"]);
    assert!(!alone.has("Payment-Receipt"));
    // bob may not, whatever he pays; and keeps it
    for _ in 0..3 {
        let refused = pay(&by("bob"));
        assert!(!refused.refuses(403, "permitted").has("Payment-Receipt"));
    }
    for _ in 0..2 {
        assert!(pay(&by("alice")).is(200).has("Payment-Receipt"));
    }
    let empty = pay(&by("alice"));
    assert!(!empty.refuses(402, "payment_made").has("Payment-Receipt"));
    assert!(empty.has("WWW-Authenticate"));
    // who is not let in is not asked to pay without being told how
    let bob = server.get_with("/priced/a.txt", &by("bob"));
    assert!(bob.status == 403 || bob.has("WWW-Authenticate"), "{} {:#?}", bob.status, bob.fields);
}

#[test]
fn a_price_alone_is_paid_in_either_field() {
    let folder = folder();
    let paying = keys_and_token(&folder, 15);
    let text = "\n[rule.\"/priced/**\"]\nprice = 5\n";
    let server = serve(&folder, text);
    server.get("/priced/a.txt").refuses(402, "payment_presented");
    server.get_with("/priced/a.txt", &format!("Authorization: Payment {paying}\r\n")).is(200);
    server.get_with("/priced/a.txt", &format!("Payment-Token: {paying}\r\n")).is(200);
    let forged = token(&[1; 32], 100, 4_000_000_000);
    server.get_with("/priced/a.txt", &format!("Payment-Token: {forged}\r\n")).refuses(402, "payment_made");
    let old = token(&[0x5a; 32], 100, 1_000);
    server.get_with("/priced/a.txt", &format!("Payment-Token: {old}\r\n")).refuses(402, "payment_made").says("expired");
    // what was spent stays spent over a new start
    drop(server);
    let server = serve(&folder, text);
    server.get_with("/priced/a.txt", &format!("Payment-Token: {paying}\r\n")).is(200);
    server.get_with("/priced/a.txt", &format!("Payment-Token: {paying}\r\n")).refuses(402, "payment_made");
}
