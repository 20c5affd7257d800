//! Digest (RFC 7616): the answer of a client is computed here, and what the server proves of itself is checked.

use std::collections::HashMap;

use crate::client::Response;
use crate::folder::Folder;
use crate::policy::{ha1, serve, sha256};
use crate::server::Server;

/// What stands in a challenge, or in Authentication-Info.
fn parameters(value: &str) -> HashMap<String, String> {
    let value = value.strip_prefix("Digest ").unwrap_or(value);
    let pairs = value.split(", ").map(|pair| pair.split_once('=').expect("a parameter"));
    pairs.map(|(name, value)| (name.to_owned(), value.trim_matches('"').to_owned())).collect()
}

/// A client that has been told a nonce.
#[derive(Clone)]
struct Login {
    nonce: String,
    opaque: String,
    user: &'static str,
    password: &'static str,
    realm: &'static str,
    method: &'static str,
    uri: &'static str,
    count: u32,
    more: &'static str,
    /// The name as it is sent.
    name: String,
}

const CNONCE: &str = "0a4f113b";

impl Login {
    fn answer(&self, method: &str) -> String {
        let a1 = sha256(&format!("{}:{}:{}", self.user, self.realm, self.password));
        let a2 = sha256(&format!("{method}:{}", self.uri));
        sha256(&format!("{a1}:{}:{:08x}:{CNONCE}:auth:{a2}", self.nonce, self.count))
    }

    fn field(&self) -> String {
        format!(
            "Authorization: Digest {}, realm=\"{}\", nonce=\"{}\", uri=\"{}\", algorithm=SHA-256, nc={:08x}, \
             cnonce=\"{CNONCE}\", qop=auth, response=\"{}\", opaque=\"{}\"{}\r\n",
            self.name,
            self.realm,
            self.nonce,
            self.uri,
            self.count,
            self.answer(self.method),
            self.opaque,
            self.more
        )
    }

    fn ask(&self, server: &Server, target: &str) -> Response {
        server.ask(self.method, target, &self.field())
    }

    fn next(&mut self) -> &Login {
        self.count += 1;
        self
    }
}

const REALM: &str = "The realm";

fn folder() -> Folder {
    Folder::with(&[("private/a.txt", "a"), ("private/b c.txt", "b"), ("open.txt", "o")])
}

fn server(folder: &Folder) -> Server {
    let text = format!(
        "\nwrite = true\nrealm = \"{REALM}\"\n[users]\nalice = {{ digest = \"{}\" }}\nbob = {{ digest = \"{}\" }}\n\
         [rule.\"/private/**\"]\nguard = {{ allow = \"alice\" }}\n",
        ha1("alice", REALM),
        ha1("bob", REALM),
    );
    serve(folder, &text)
}

fn login(server: &Server) -> Login {
    let challenge = server.get("/private/a.txt");
    let told = parameters(challenge.is(401).field("WWW-Authenticate"));
    Login {
        nonce: told["nonce"].clone(),
        opaque: told["opaque"].clone(),
        user: "alice",
        password: "secret",
        realm: REALM,
        method: "GET",
        uri: "/private/a.txt",
        count: 1,
        more: "",
        name: "username=\"alice\"".to_owned(),
    }
}

/// AUT-006
#[test]
fn a_challenge_is_written_as_the_standard_has_it() {
    let folder = folder();
    let server = server(&folder);
    let response = server.get("/private/a.txt");
    let challenge = response.is(401).field("WWW-Authenticate");
    assert!(
        challenge.starts_with("Digest realm=\"The realm\", qop=\"auth\", algorithm=SHA-256, nonce=\""),
        "{challenge}"
    );
    assert!(challenge.contains(", opaque=\"") && !challenge.contains("stale"), "{challenge}");
    assert!(challenge.contains("charset=UTF-8") && challenge.contains("userhash=true"), "{challenge}");
    assert_ne!(login(&server).nonce, login(&server).nonce);
}

#[test]
fn a_right_answer_opens_and_the_server_proves_itself() {
    let folder = folder();
    let server = server(&folder);
    let login = login(&server);
    let response = login.ask(&server, "/private/a.txt");
    let info = parameters(response.is(200).field("Authentication-Info"));
    assert_eq!((&*info["rspauth"], &*info["nc"], &*info["cnonce"]), (&*login.answer(""), "00000001", CNONCE));
    assert_eq!(server.log(" 200 ").user.as_deref(), Some("alice"));
    // other targets, other methods, other spellings of the same
    let mut other = login.clone();
    other.uri = "/private/b%20c.txt";
    other.next().ask(&server, "/private/b%20c.txt").is(200);
    other.next().ask(&server, "/private/b%20%63.txt").is(200);
    other.uri = "/private/a.txt?q=1";
    other.next().ask(&server, "/private/a.txt?q=1").is(200);
    other.uri = "http://h/private/a.txt";
    other.next().ask(&server, "/private/a.txt").is(200);
    other.uri = "/private/new.txt";
    other.method = "PUT";
    server.bring("PUT", "/private/new.txt", &other.next().field(), "new").is(201);
    assert_eq!(folder.read("private/new.txt"), b"new");
    // and HEAD
    other.method = "HEAD";
    other.next().ask(&server, "/private/new.txt").is(200);
}

/// AUT-009
#[test]
fn an_answer_for_another_target_is_400() {
    let folder = folder();
    let server = server(&folder);
    let mut login = login(&server);
    for target in ["/private/b%20c.txt", "/private/a.txt?q", "/private/A.txt", "/private/none"] {
        login.ask(&server, target).refuses(400, "credentials_for_target");
    }
    login.uri = "http://other.example/private/a.txt";
    login.next().ask(&server, "/private/a.txt").refuses(400, "credentials_for_target");
    login.uri = "/private/a.txt";
    login.next().ask(&server, "/private/a.txt").is(200);
}

/// AUT-007, AUT-008
#[test]
fn no_count_is_taken_twice_and_an_old_nonce_is_stale() {
    let folder = folder();
    let server = server(&folder);
    let mut login = login(&server);
    login.ask(&server, "/private/a.txt").is(200);
    let again = login.ask(&server, "/private/a.txt");
    again.refuses(401, "nonce_fresh");
    let told = parameters(again.field("WWW-Authenticate"));
    assert!(again.field("WWW-Authenticate").contains(", stale=true"), "{told:?}");
    assert_ne!(told["nonce"], login.nonce);
    assert!(!again.has("Authentication-Info"));
    // counts may arrive in any order, each once
    for (count, status) in [(5, 200), (3, 200), (3, 401), (4, 200), (5, 401), (0, 401), (6, 200)] {
        login.count = count;
        assert_eq!(login.ask(&server, "/private/a.txt").status, status, "{count}");
    }
    // what is not of this server is old; with a wrong password it is not even that
    let mut foreign = login.clone();
    foreign.nonce = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA".to_owned();
    let stale = foreign.next().ask(&server, "/private/a.txt");
    assert!(stale.refuses(401, "nonce_fresh").field("WWW-Authenticate").contains("stale=true"));
    foreign.password = "wrong";
    let wrong = foreign.next().ask(&server, "/private/a.txt");
    assert!(!wrong.refuses(401, "credentials_valid").field("WWW-Authenticate").contains("stale"));
    // the new nonce goes on at once
    login.nonce.clone_from(&told["nonce"]);
    login.count = 1;
    login.ask(&server, "/private/a.txt").is(200);
}

#[test]
fn a_wrong_answer_is_401() {
    let folder = folder();
    let server = server(&folder);
    let right = login(&server);
    let wrong = |change: &dyn Fn(&mut Login)| {
        let mut login = right.clone();
        change(&mut login);
        server.ask("GET", "/private/a.txt", &login.field())
    };
    wrong(&|login| login.password = "Secret").refuses(401, "credentials_valid");
    wrong(&|login| login.user = "nobody").refuses(401, "credentials_valid");
    wrong(&|login| login.method = "HEAD").refuses(401, "credentials_valid");
    wrong(&|login| login.realm = "Another").refuses(401, "credentials_valid").says("realm");
    wrong(&|login| login.opaque = "x".to_owned()).refuses(401, "credentials_valid");
    wrong(&|login| {
        (login.user, login.name, login.count) = ("bob", "username=\"bob\"".to_owned(), 9);
    })
    .refuses(403, "permitted");
    let field = right.field();
    for (from, to) in [
        ("algorithm=SHA-256", "algorithm=MD5"),
        ("algorithm=SHA-256, ", ""),
        ("qop=auth, ", ""),
        ("qop=auth,", "qop=auth-int,"),
        ("nc=00000001", "nc=1"),
        ("response=\"", "response=\"0"),
        ("cnonce=", "x="),
        ("uri=", "x="),
    ] {
        assert!(field.contains(from), "{from}");
        let response = server.get_with("/private/a.txt", &field.replacen(from, to, 1));
        response.refuses(401, "credentials_valid");
    }
    // nobody used it up meanwhile
    right.ask(&server, "/private/a.txt").is(200);
}

/// RFC 7616 §3.4.4
#[test]
fn the_name_may_be_hashed() {
    let folder = folder();
    let server = server(&folder);
    let mut login = login(&server);
    login.name = format!("username=\"{}\", userhash=true", sha256(&format!("alice:{REALM}")));
    login.ask(&server, "/private/a.txt").is(200);
    login.name = format!("username=\"{}\", userhash=true", sha256("alice:Another"));
    login.next().ask(&server, "/private/a.txt").refuses(401, "credentials_valid");
    login.name = "username*=UTF-8''%61lice".to_owned();
    login.next().ask(&server, "/private/a.txt").is(200);
}
