//! Gates: what each scheme lets pass, and what it is refused for.

use super::*;
use crate::bearer::keys::Algorithm::EdDSA;
use crate::bearer::tests::signer::Signer;
use crate::bearer::{IssuerSettings, Keys, TokenError};
use crate::digest::{Algorithm, digest_ha1};
use crate::identity::Scopes;
use crate::limits;
use crate::offence::{AuthError, Malformed};
use crate::password::Password;
use crate::secret::{Secret, hex};
use crate::users::{TokenHash, User};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use proptest::prelude::*;
use semantics::credentials::{Credentials, CredentialsError};
use serde_json::json;

const NOW: i64 = 1_000_000;
const REALM: &str = "Example";

fn secret(octet: u8) -> Secret {
    Secret::new(&[octet; 32]).expect("long enough")
}

fn quick(password: &str) -> Option<Password> {
    let line = bcrypt::hash_with_salt(password, 4, [1; 16]).expect("a cost that may be").to_string();
    Some(Password::parse(&line).expect("bcrypt"))
}

/// alice has everything, bob a password alone, robot a token.
fn users() -> Arc<Users> {
    let digests = Algorithm::ALL.map(|algorithm| digest_ha1(algorithm, "alice", REALM, "secret")).to_vec();
    let groups = vec!["staff".to_owned()];
    let alice = User { password: quick("secret"), digests, groups, ..User::default() };
    let bob = User { password: quick("b:b"), ..User::default() };
    let robot = User { tokens: vec![TokenHash::of("sesame")], ..User::default() };
    let list = [("alice", alice), ("bob", bob), ("robot", robot)].map(|(name, user)| (name.to_owned(), user));
    Arc::new(Users::new(list, secret(1)).expect("well formed"))
}

fn issuer(name: &str) -> Arc<Issuer> {
    let settings = IssuerSettings { audience: vec!["api".to_owned()], ..IssuerSettings::new(name) };
    Arc::new(Issuer::new(settings).expect("well formed"))
}

fn lists(allow: &str, deny: &str) -> Lists {
    let list = |words: &str| words.split_whitespace().map(|word| Who::parse(word).expect(word)).collect();
    Lists { allow: list(allow), deny: list(deny) }
}

fn guard(schemes: &[Scheme]) -> Guard {
    let schemes = Some(schemes.to_vec()).filter(|schemes| !schemes.is_empty());
    Guard { realm: REALM.to_owned(), schemes, ..Guard::default() }
}

fn made(guard: Guard, users: Arc<Users>, issuers: Vec<Arc<Issuer>>) -> Result<Gate, GateError> {
    Gate::new(guard, users, issuers, Arc::new(Nonces::new(secret(2), limits::NONCE_TIME)))
}

fn gate(schemes: &[Scheme]) -> Gate {
    made(guard(schemes), users(), Vec::new()).expect("a gate")
}

fn attempt(authorization: &str, now: i64) -> Attempt<'_> {
    let authorization = Some(authorization.as_bytes()).filter(|value| !value.is_empty());
    Attempt { authorization, method: b"GET", target: b"/a?b", authority: b"example.org", now }
}

fn basic(pair: &str) -> String {
    format!("Basic {}", STANDARD.encode(pair))
}

fn wrong() -> Checked {
    Checked::Invalid(AuthError::NoSuchUserOrWrongPassword)
}

/// What a client answers to a challenge of Digest.
struct Client<'a> {
    user: &'a str,
    password: &'a str,
    uri: &'a str,
    count: u32,
    hashed: bool,
}

const ALICE: Client<'static> = Client { user: "alice", password: "secret", uri: "/a?b", count: 1, hashed: false };

impl Client<'_> {
    fn answer(&self, challenge: &str) -> String {
        let challenge = Credentials::parse(challenge.as_bytes()).expect("well formed").parameters().expect("some");
        let text = |name: &str| {
            let word = challenge.get(name.as_bytes()).expect(name);
            String::from_utf8(word.bytes().collect()).expect("UTF-8")
        };
        let (realm, nonce, opaque) = (text("realm"), text("nonce"), text("opaque"));
        let algorithm = Algorithm::of(text("algorithm").as_bytes()).expect("known");
        let hash = |parts: &[&str]| hex(&algorithm.hash(&parts.iter().map(|part| part.as_bytes()).collect::<Vec<_>>()));
        let count = format!("{:08x}", self.count);
        let (ha1, ha2) = (hash(&[self.user, &realm, self.password]), hash(&["GET", self.uri]));
        let response = hash(&[&ha1, &nonce, &count, "cn", "auth", &ha2]);
        let user = if self.hashed { hash(&[self.user, &realm]) } else { self.user.to_owned() };
        let Self { uri, hashed, .. } = self;
        let name = algorithm.name();
        format!(
            "Digest username=\"{user}\", realm=\"{realm}\", uri=\"{uri}\", algorithm={name}, nonce=\"{nonce}\", \
             nc={count}, cnonce=\"cn\", qop=auth, response=\"{response}\", opaque=\"{opaque}\", userhash={hashed}"
        )
    }
}

fn name(checked: Option<Checked>) -> Option<String> {
    checked.as_ref().and_then(Checked::identity).map(|identity| identity.name.clone())
}

#[test]
fn basic_is_hashed_once_and_then_remembered() {
    let gate = gate(&[Scheme::Basic]);
    let alice = basic("alice:secret");
    assert_eq!(gate.check_now(&attempt(&alice, NOW)), None, "it must be hashed");
    assert_eq!(name(Some(gate.check(&attempt(&alice, NOW)))).as_deref(), Some("alice"));
    assert_eq!(name(gate.check_now(&attempt(&alice, NOW + 1))).as_deref(), Some("alice"));
    assert_eq!(gate.check_now(&attempt(&alice, NOW + limits::VERIFIED_TIME + 1)), None);
    assert_eq!(name(Some(gate.check(&attempt(&basic("bob:b:b"), NOW)))).as_deref(), Some("bob"));
    for pair in ["alice:secre", "bob:b", "carol:secret", "robot:sesame", "robot:", ":", "alice:"] {
        assert_eq!(gate.check_now(&attempt(&basic(pair), NOW)), None, "{pair}: nothing is told before it was hashed");
        assert_eq!(gate.check(&attempt(&basic(pair), NOW)), wrong(), "{pair}");
        assert_eq!(gate.check_now(&attempt(&basic(pair), NOW)), None, "{pair}: what is wrong is not remembered");
    }
    assert!(wrong().is_guess());
    // users that were loaded anew begin anew
    let again = made(guard(&[Scheme::Basic]), users(), Vec::new()).expect("a gate");
    assert_eq!(again.check_now(&attempt(&alice, NOW)), None);
}

#[test]
fn what_is_malformed_or_not_offered_is_told_at_once() {
    let gate = gate(&[Scheme::Basic, Scheme::Digest]);
    let malformed = |offence: Malformed| Checked::Invalid(offence.into());
    for (authorization, found) in [
        ("", Checked::Nothing),
        ("Basic !", malformed(Malformed::Written(CredentialsError::NoValue))),
        ("\"", malformed(Malformed::Written(CredentialsError::NoScheme))),
        ("Basic", malformed(Malformed::Form)),
        ("Basic a=b", malformed(Malformed::Form)),
        ("Basic YWI=", malformed(Malformed::NoColon)),
        ("Basic ~~~~", malformed(Malformed::Base64)),
        ("Digest abc", malformed(Malformed::Form)),
        ("Digest a=b", malformed(Malformed::Missing("realm"))),
        ("Bearer abc", Checked::Invalid(AuthError::SchemeNotOffered)),
        ("Negotiate abc", Checked::Invalid(AuthError::SchemeNotOffered)),
    ] {
        assert_eq!(gate.check_now(&attempt(authorization, NOW)), Some(found.clone()), "{authorization}");
        assert_eq!(gate.check(&attempt(authorization, NOW)), found);
        assert!(!found.is_guess());
    }
    assert!(!gate.present(&attempt("", NOW)) && gate.present(&attempt("x", NOW)));
}

#[test]
fn digest_proves_both_sides() {
    let gate = gate(&[Scheme::Digest]);
    for (at, algorithm) in Algorithm::ALL.into_iter().enumerate() {
        for hashed in [false, true] {
            let challenge = gate.challenges(NOW, Why::Nothing).swap_remove(at);
            let checked = gate.check_now(&attempt(&Client { hashed, ..ALICE }.answer(&challenge), NOW));
            let Some(Checked::Valid { identity, info: Some(info) }) = checked else { panic!("valid: {checked:?}") };
            assert_eq!(identity.name, "alice");
            let parameters = semantics::credentials::AuthParameters::parse(info.as_bytes()).expect("well formed");
            let nonce = Credentials::parse(challenge.as_bytes()).expect("well formed").parameters().expect("some");
            let nonce: Vec<u8> = nonce.get(b"nonce").expect("a nonce").bytes().collect();
            let hash = |parts: &[&[u8]]| hex(&algorithm.hash(parts));
            let (ha1, ha2) = (hash(&[b"alice", REALM.as_bytes(), b"secret"]), hash(&[b"", b"/a?b"]));
            let expected = hash(&[ha1.as_bytes(), &nonce, b"00000001", b"cn", b"auth", ha2.as_bytes()]);
            assert!(parameters.get(b"rspauth").is_some_and(|word| word.equals(expected.as_bytes())), "{info}");
            assert!(parameters.get(b"nextnonce").is_none());
        }
    }
}

#[test]
fn digest_refuses_what_was_sent_before_and_what_is_for_elsewhere() {
    let gate = gate(&[Scheme::Digest]);
    let challenge = gate.challenges(NOW, Why::Nothing).swap_remove(0);
    let found = |client: &Client<'_>, now| gate.check_now(&attempt(&client.answer(&challenge), now)).expect("at once");
    let valid = |checked: &Checked| checked.identity().is_some();
    assert!(valid(&found(&ALICE, NOW)));
    assert_eq!(found(&ALICE, NOW), Checked::Stale, "the same request again");
    assert!(valid(&found(&Client { count: 3, ..ALICE }, NOW)) && valid(&found(&Client { count: 2, ..ALICE }, NOW)));
    assert_eq!(found(&Client { count: 2, ..ALICE }, NOW), Checked::Stale);
    assert_eq!(found(&Client { uri: "/other", ..ALICE }, NOW), Checked::OtherTarget);
    assert_eq!(found(&Client { uri: "/a", ..ALICE }, NOW), Checked::OtherTarget);
    assert!(valid(&found(&Client { uri: "http://example.org/%61?b", count: 9, ..ALICE }, NOW)));
    for (user, password) in [("alice", "wrong"), ("bob", "b:b"), ("carol", "secret"), ("", "")] {
        for hashed in [false, true] {
            assert_eq!(found(&Client { user, password, hashed, ..ALICE }, NOW), wrong(), "{user}");
        }
    }
    // a wrong password with an old nonce is wrong, and no more is said
    let late = NOW + limits::NONCE_TIME + 1;
    assert_eq!(found(&Client { password: "wrong", ..ALICE }, late), wrong());
    assert_eq!(found(&Client { count: 10, ..ALICE }, late), Checked::Stale);
    let other = made(guard(&[Scheme::Digest]), users(), Vec::new()).expect("a gate");
    assert!(valid(&other.check_now(&attempt(&ALICE.answer(&challenge), NOW)).expect("at once")), "the same secret");
    let elsewhere = Nonces::new(secret(9), limits::NONCE_TIME);
    let elsewhere = Gate::new(guard(&[Scheme::Digest]), users(), Vec::new(), Arc::new(elsewhere)).expect("a gate");
    let without_opaque = ALICE.answer(&challenge).replace("opaque=", "other=");
    assert_eq!(elsewhere.check_now(&attempt(&without_opaque, NOW)), Some(Checked::Stale), "another secret");
}

#[test]
fn a_nonce_that_grows_old_is_followed_by_another() {
    let gate = gate(&[Scheme::Digest]);
    let challenge = gate.challenges(NOW, Why::Nothing).swap_remove(0);
    let checked = gate.check_now(&attempt(&ALICE.answer(&challenge), NOW + limits::NONCE_TIME / 2 + 1));
    let Some(Checked::Valid { info: Some(info), .. }) = checked else { panic!("valid") };
    let next = info.split("nextnonce=\"").nth(1).expect("a nonce").trim_end_matches('"');
    let (head, tail) = challenge.split_once("nonce=\"").expect("a nonce");
    let followed = format!("{head}nonce=\"{next}\"{}", &tail[tail.find('"').expect("an end") + 1..]);
    let late = NOW + limits::NONCE_TIME + 10;
    assert_eq!(name(gate.check_now(&attempt(&ALICE.answer(&followed), late))).as_deref(), Some("alice"));
}

#[test]
fn tokens_of_users_and_of_issuers_are_taken() {
    let (one, two) = (issuer("one"), issuer("two"));
    let issuers = vec![Arc::clone(&one), Arc::clone(&two)];
    let gate = made(guard(&[Scheme::Bearer]), users(), issuers).expect("a gate");
    let signer = Signer::new(EdDSA, 1);
    let claims = |issuer: &str| json!({ "iss": issuer, "aud": "api", "sub": "carol", "exp": NOW + 9, "scope": "read" });
    let found = |token: &str| gate.check_now(&attempt(&format!("Bearer {token}"), NOW)).expect("at once");
    let token = signer.token("a", &claims("two"));
    assert_eq!(found(&token), Checked::Unreachable, "no keys are known yet");
    two.set_keys(Keys::read(&json!({ "keys": [signer.jwk("a")] }).to_string()).expect("keys"));
    let identity = found(&token).identity().map(|identity| (**identity).clone()).expect("valid");
    assert_eq!((identity.name.as_str(), identity.issuer.as_deref()), ("carol", Some("two")));
    assert_eq!(found(&signer.token("a", &claims("one"))), Checked::Unreachable);
    assert_eq!(found("sesame").identity().map(|identity| identity.name.clone()).as_deref(), Some("robot"));
    assert_eq!(found("other"), Checked::Invalid(AuthError::Token(TokenError::Unknown)));
    assert!(found("other").is_guess());
    let forged = format!("{token}AAAA");
    assert_eq!(found(&forged), Checked::Invalid(AuthError::Token(TokenError::BadSignature)));
    assert_eq!(found("a=b"), Checked::Invalid(Malformed::Form.into()));
    let gate = made(guard(&[Scheme::Bearer]), users(), Vec::new()).expect("a gate");
    let unknown = Checked::Invalid(AuthError::Token(TokenError::Unknown));
    assert_eq!(gate.check_now(&attempt(&format!("Bearer {token}"), NOW)), Some(unknown));
}

#[test]
fn challenges_say_what_is_needed_and_what_was_wrong() {
    let with_scopes = Guard { scopes: vec!["read".to_owned(), "write".to_owned()], ..guard(&Scheme::ALL) };
    let gate = made(with_scopes, users(), Vec::new()).expect("a gate");
    let all = gate.challenges(NOW, Why::Nothing);
    let schemes: Vec<_> = all.iter().map(|value| value.split(' ').next().unwrap_or("")).collect();
    assert_eq!(schemes, ["Digest", "Digest", "Bearer", "Basic"]);
    assert_eq!(all[2], "Bearer realm=\"Example\", scope=\"read write\"");
    assert_eq!(all[3], "Basic realm=\"Example\", charset=\"UTF-8\"");
    for (value, algorithm) in all.iter().zip(["SHA-256", "SHA-512-256"]) {
        let (head, tail) = (value.split("nonce=").next().unwrap_or(""), value.split("charset").nth(1).unwrap_or(""));
        assert_eq!(head, format!("Digest realm=\"Example\", qop=\"auth\", algorithm={algorithm}, "));
        assert_eq!(tail, "=UTF-8, userhash=true");
    }
    let bearer = |why| gate.challenges(NOW, why).swap_remove(2);
    let head = "Bearer realm=\"Example\", scope=\"read write\"";
    let expired = AuthError::Token(TokenError::Expired);
    let form = AuthError::from(Malformed::Form);
    for (why, error, description) in [
        (Why::Invalid(&expired), "invalid_token", "the token has expired"),
        (Why::Invalid(&form), "invalid_request", "the credentials have not the form that their scheme has"),
        (Why::Scope, "insufficient_scope", "the token does not reach far enough"),
    ] {
        assert_eq!(bearer(why), format!("{head}, error=\"{error}\", error_description=\"{description}\""));
    }
    assert_eq!(bearer(Why::Invalid(&AuthError::NoSuchUserOrWrongPassword)), head);
    let stale = gate.challenges(NOW, Why::from(&Checked::Stale));
    assert!(stale[..2].iter().all(|value| value.ends_with(", stale=true")) && stale[2] == head);
}

#[test]
fn schemes_are_those_by_which_everybody_can() {
    use Scheme::{Basic, Bearer, Digest};
    let digest = |name: &str| User {
        digests: Algorithm::ALL.map(|algorithm| digest_ha1(algorithm, name, REALM, "x")).to_vec(),
        ..User::default()
    };
    let with = |user: User| Arc::new(Users::new([("alice".to_owned(), user)], secret(1)).expect("well formed"));
    let offered = |users, issuers| made(guard(&[]), users, issuers).map(|gate| gate.schemes().to_vec());
    assert_eq!(offered(users(), vec![]), Ok(vec![Bearer, Basic]), "bob could not use Digest");
    let both = User { password: quick("x"), ..digest("alice") };
    assert_eq!(offered(with(both.clone()), vec![]), Ok(vec![Digest, Basic]));
    assert_eq!(offered(with(digest("alice")), vec![]), Ok(vec![Digest]));
    assert_eq!(offered(with(both), vec![issuer("i")]), Ok(vec![Digest, Bearer, Basic]));
    assert_eq!(offered(with(User::default()), vec![]), Err(GateError::Nobody));
    let error = |guard| made(guard, with(User::default()), Vec::new()).map(drop).err();
    for scheme in Scheme::ALL {
        assert_eq!(error(guard(&[scheme])), Some(GateError::NobodyCan(scheme)));
    }
    let listed = Guard { lists: lists("carol", ""), ..guard(&[]) };
    assert_eq!(error(listed.clone()), Some(GateError::NoSuchUser("carol".to_owned())));
    assert!(made(listed, with(User::default()), vec![issuer("i")]).is_ok(), "an issuer may know carol");
    assert_eq!(error(Guard { realm: "a\n".to_owned(), ..guard(&[]) }), Some(GateError::Realm));
    let scopes = vec!["a b".to_owned()];
    assert_eq!(error(Guard { scopes, ..guard(&[]) }), Some(GateError::Scope("a b".to_owned())));
    let open = made(Guard { lists: lists("everyone", ""), ..guard(&[]) }, with(User::default()), Vec::new());
    assert!(open.is_ok_and(|gate| !gate.asks() && gate.schemes().is_empty()), "nobody need prove anything");
}

#[test]
fn who_may_not_pass_is_told_why() {
    let gate = |allow: &str, deny: &str, scopes: &[&str]| {
        let scopes = scopes.iter().map(|scope| (*scope).to_owned()).collect();
        made(Guard { lists: lists(allow, deny), scopes, ..guard(&[]) }, users(), vec![issuer("i")]).expect("a gate")
    };
    let scopes = Scopes::These(vec!["read".to_owned()]);
    let carol = Identity { name: "carol".to_owned(), groups: Vec::new(), scopes, issuer: Some("i".to_owned()) };
    let alice = Identity { name: "alice".to_owned(), groups: vec![], scopes: Scopes::All, issuer: None };
    assert_eq!(gate("", "", &[]).denial(None), Some(Denial::NotProved));
    assert_eq!(gate("everyone", "", &["read"]).denial(None), None);
    assert_eq!(gate("alice", "", &[]).denial(Some(&carol)), Some(Denial::NotListed));
    let denied = Some(Denial::Denied(Who::User("carol".to_owned())));
    assert_eq!(gate("any", "carol", &[]).denial(Some(&carol)), denied);
    assert_eq!(gate("any", "", &["read"]).denial(Some(&carol)), None);
    let missing = Some(Denial::Scope("write".to_owned()));
    assert_eq!(gate("any", "", &["read", "write"]).denial(Some(&carol)), missing);
    assert!(gate("any", "", &["read", "write"]).permits(Some(&alice)), "alice is here in person");
    assert!(gate("", "", &[]).asks() && !gate("everyone", "", &[]).asks());
}

#[test]
fn nothing_secret_is_shown() {
    let gate = gate(&Scheme::ALL);
    let alice = basic("alice:secret");
    let shown = format!("{gate:?} {:?} {:?}", attempt(&alice, NOW), gate.check(&attempt(&alice, NOW)));
    assert!(!shown.contains("secret") && !shown.contains("sesame") && !shown.contains("$2b$"), "{shown}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn nothing_panics(authorization: Vec<u8>, target: Vec<u8>, now: i64) {
        let gate = gate(&Scheme::ALL);
        for scheme in ["", "Basic ", "Bearer ", "Digest "] {
            let authorization = [scheme.as_bytes(), &authorization].concat();
            let attempt =
                Attempt { authorization: Some(&authorization), method: b"GET", target: &target, authority: b"", now };
            prop_assert!(gate.check(&attempt).identity().is_none());
        }
        let _ = gate.challenges(now, Why::Nothing);
    }

    #[test]
    fn no_answer_that_was_changed_is_valid(at in 0usize..200, octet in any::<u8>()) {
        let gate = gate(&[Scheme::Digest]);
        let challenge = gate.challenges(NOW, Why::Nothing).swap_remove(0);
        let answer = ALICE.answer(&challenge).into_bytes();
        let mut changed = answer.clone();
        let at = at % changed.len();
        changed[at] = octet;
        let attempt = |value| Attempt { authorization: Some(value), ..attempt("x", NOW) };
        // case of scheme, names and hexadecimal, and white space may change nothing; else who it is must not change
        if let Some(identity) = gate.check_now(&attempt(&changed[..])).as_ref().and_then(Checked::identity) {
            prop_assert_eq!(identity.name.as_str(), "alice");
        }
    }
}
