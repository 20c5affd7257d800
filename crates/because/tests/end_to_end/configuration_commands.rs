//! The commands around a configuration: hash, token, config check, explain, diff, words and schema.

use std::io::Write;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use crate::folder::Folder;
use crate::server::{program, run};

/// What a run said.
pub(crate) struct Said {
    pub(crate) code: i32,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl Said {
    pub(crate) fn of(output: Output) -> Said {
        let text = |octets| String::from_utf8(octets).expect("text");
        Said {
            code: output.status.code().expect("it ended by itself"),
            out: text(output.stdout),
            err: text(output.stderr),
        }
    }

    /// It ended so, and said these on standard output.
    #[track_caller]
    pub(crate) fn says(&self, code: i32, parts: &[&str]) -> &Said {
        assert_eq!(self.code, code, "{}{}", self.out, self.err);
        assert!(!self.out.contains('\x1b') && !self.err.contains('\x1b'), "no colour in a pipe");
        for part in parts {
            assert!(self.out.contains(part), "{part:?} was to be said:\n{}{}", self.out, self.err);
        }
        self
    }

    /// It refused in one line, which holds this.
    #[track_caller]
    pub(crate) fn refuses(&self, part: &str) {
        assert_eq!((self.code, self.out.as_str()), (2, ""), "{}", self.err);
        let lines: Vec<&str> = self.err.lines().collect();
        assert!(
            lines.len() == 1 && lines[0].starts_with("because: ") && lines[0].contains(part),
            "{part:?}: {}",
            self.err
        );
    }
}

/// Runs the program in this folder, with this on its standard input.
pub(crate) fn run_in(folder: &Path, args: &[&str], input: &str) -> Said {
    let mut child = Command::new(program())
        .args(args)
        .current_dir(folder)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the program starts");
    // a program that refuses its arguments reads nothing
    let _ = child.stdin.take().expect("is piped").write_all(input.as_bytes());
    Said::of(child.wait_with_output().expect("the program ends"))
}

/// The hash of `secret` for these tests.
fn hashed(folder: &Folder) -> String {
    run_in(&folder.root(), &["hash"], "secret\n").says(0, &["$argon2id$"]).out.trim().to_owned()
}

/// A folder with a site, and a configuration beside it.
fn configured() -> Folder {
    let folder =
        Folder::with(&[("index.html", "hi"), ("private/a.txt", "a"), ("shop/b.txt", "b"), ("docs/c.txt", "c")]);
    let hash = hashed(&folder);
    let text = format!(
        r#"folder = "root"
listing = true
write = true
headers = {{ "X-Frame-Options" = "DENY", hsts = "1y" }}
cache = "max-age=60"

[users]
alice = {{ password = "{hash}", groups = ["staff"] }}
bob = "{hash}"

[rule."/private/**"]
guard = "@staff"
limit = "100/min"
headers = {{ "X-Frame-Options" = "SAMEORIGIN" }}

[rule."GET HEAD /private/logo.png"]
guard = false

[rule."/old/**"]
moved = "/new/{{1}}"

[rule."/shop/**"]
price = 5
cors = "https://app.example"

[rule."/closed/**"]
closed = {{ reason = "we move house", except = ["192.0.2.1"] }}
"#
    );
    std::fs::write(folder.beside("because.toml"), text).expect("is written");
    std::fs::remove_file(folder.beside("tokens.key")).ok();
    run_in(&folder.beside(""), &["token", "--new-key", "tokens.key"], "").says(0, &[]);
    folder
}

/// Runs a command in the folder of the configuration.
fn config(folder: &Folder, args: &[&str]) -> Said {
    run_in(&folder.beside(""), &[&["config"], args].concat(), "")
}

fn explained(folder: &Folder, args: &[&str]) -> Said {
    config(folder, &[&["explain", "because.toml"], args].concat())
}

#[test]
fn a_hash_is_made_and_believed() {
    let folder = Folder::new();
    let said = run_in(&folder.root(), &["hash", "--user", "bob.smith"], "secret\n");
    said.says(0, &["$argon2id$v=19$"]);
    assert!(said.err.contains(&format!("\n[users]\n\"bob.smith\" = \"{}\"\n", said.out.trim())), "{}", said.err);
    let said = run_in(&folder.root(), &["hash", "--user", "alice", "--digest", "My Site"], "secret");
    let lines: Vec<&str> = said.says(0, &[]).out.lines().collect();
    assert!(lines[0].starts_with("SHA-256:My Site:") && lines[1].starts_with("SHA-512-256:My Site:"), "{lines:?}");
    let pasted = format!(
        "folder = \"root\"\nrealm = \"My Site\"\nguard = {{ allow = \"alice\", schemes = [\"digest\"] }}\n{}",
        said.err.replace("A site asks", "# A site asks")
    );
    std::fs::write(folder.beside("because.toml"), pasted).expect("is written");
    config(&folder, &["check", "because.toml"]).says(0, &["because.toml is right: 1 site, 1 rule, 1 user"]);
    let token = run_in(&folder.root(), &["hash", "--user", "robot", "--token"], "");
    let lines: Vec<&str> = token.says(0, &[]).out.lines().collect();
    assert!(lines.len() == 2 && lines[0].len() == 43 && lines[1].starts_with("sha256:"), "{lines:?}");
    assert!(token.err.contains(&format!("robot = {{ token = \"{}\" }}", lines[1])), "{}", token.err);
    run_in(&folder.root(), &["hash"], "").refuses("no line");
    run_in(&folder.root(), &["hash", "--user", "bob smith"], "secret").refuses("spaces divide names");
    run_in(&folder.root(), &["hash", "--digest", "x"], "").refuses("--user");
    run_in(&folder.root(), &["hash"], &format!("{}\n", "x".repeat(2_000))).refuses("too long");
}

#[test]
fn prepaid_tokens_are_issued_and_shown() {
    use std::os::unix::fs::PermissionsExt;
    let folder = Folder::new();
    let at = |args: &[&str]| run_in(&folder.root(), &[&["token"], args].concat(), "");
    at(&["--new-key", "t.key"]).says(0, &[]);
    let mode = std::fs::metadata(folder.path("t.key")).expect("is there").permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    at(&["--new-key", "t.key"]).refuses("is there already");
    let token = at(&["--key", "t.key", "--credits", "100", "--expires", "30d", "--note", "order 4711"]);
    let token = token.says(0, &["v1."]).out.trim().to_owned();
    at(&["show", &token, "--key", "t.key"]).says(0, &["credits: 100\n", "note:    order 4711\n", "seal:    valid\n"]);
    at(&["show", &token]).says(0, &["not checked"]);
    run_in(&folder.root(), &["token", "show", "-"], &format!("{token}\n")).says(0, &["credits: 100"]);
    at(&["--new-key", "u.key"]).says(0, &[]);
    at(&["show", &token, "--key", "u.key"]).says(0, &["sealed with another key"]);
    at(&["show", "x"]).refuses("no prepaid token");
    at(&["--key", "nowhere", "--credits", "1"]).refuses("nowhere");
    at(&["--key", "t.key"]).refuses("--credits");
    at(&["--key", "t.key", "--credits", "1", "--expires", "soon"]).refuses("begins with a number");
}

#[test]
fn mistakes_are_told_as_serve_tells_them() {
    let folder = configured();
    config(&folder, &["check"])
        .says(0, &["because.toml is right: 1 site, 6 rules, 2 users; it listens on 127.0.0.1:8080\n"]);
    for (text, parts) in [
        ("folder = 'nowhere'", &["no folder `nowhere`", "/nowhere"][..]),
        (
            "folder = 'root'\n[rule.'/a/**']\nmoved = '/b/{1}'\n[rule.'/b/**']\nmoved = '/a/{1}'",
            &["leads back", "/a/x/y"],
        ),
        ("folder = 'root'\n[rule.'/a*']\ncache = 'x'\n[rule.'/*a']\ncache = 'y'", &["neither is more specific"]),
        ("folder = 'root'\n[rule.'/x']\nguard = 'any'", &["because hash --user NAME"]),
        ("folder = 'root'\n[rule.'/x/*']\nmoved = '/y/{2}'", &["`/x/*` has one: {1}"]),
        ("folder = 'root'\n[issuer.'https://a']\nkeys = 'ftp://a/b'", &["https or http"]),
        ("folder = 'root'\nrecord = 'no/facts'", &["no folder for it"]),
        (
            "folder = 'root'\n[rule.'/x']\nlimit = { rate = '5/s', name = 'öffnen' }",
            &["bad.toml:3:", "not printable ASCII"],
        ),
        ("folder = 'root'\n[site.'http://a.example/']\n", &["write: \"a.example\""]),
    ] {
        std::fs::write(folder.beside("bad.toml"), text).expect("is written");
        let said = config(&folder, &["check", "bad.toml"]);
        assert_eq!((said.code, said.out.as_str()), (1, ""), "{}", said.err);
        assert!(parts.iter().all(|part| said.err.contains(part)), "{text}: {}", said.err);
        let served = Said::of(run(&["serve", folder.beside("bad.toml").to_str().expect("text"), "-l", "127.0.0.1:0"]));
        assert_eq!(served.code, 1);
        assert!(parts.iter().all(|part| served.err.contains(part)), "{text}: {}", served.err);
    }
    std::fs::write(folder.beside("warned.toml"), "folder = 'root'\n[rule.'PUT /a']\nconditional = true")
        .expect("is written");
    let said = config(&folder, &["check", "warned.toml"]);
    said.says(0, &["is right, with 1 warning"]);
    assert!(said.err.contains("nothing reaches this rule"), "{}", said.err);
    assert!(!folder.path(".because").exists(), "nothing is touched");
}

#[test]
fn the_language_is_told() {
    let said = config(&Folder::new(), &["words"]);
    said.says(0, &["guard", "At the top of the file", "Of a rule: in [rule.\"/path/**\"]"]);
    assert!(said.out.lines().all(|line| line.chars().count() <= 100));
    config(&Folder::new(), &["words", "guard"]).says(0, &["guard = \"alice @staff\"", "401 Unauthorized"]);
    config(&Folder::new(), &["words", "redirect"]).says(0, &["moved", "301 Moved Permanently"]);
    config(&Folder::new(), &["words", "gaurd"]).refuses("did you mean guard?");
    let schema = config(&Folder::new(), &["schema"]);
    let schema: serde_json::Value = serde_json::from_str(&schema.says(0, &[]).out).expect("JSON");
    assert!(schema["$defs"]["rule"]["properties"]["guard"].is_object());
}

#[test]
fn a_request_is_explained_by_its_rules() {
    let folder = configured();
    explained(&folder, &["GET", "/private/a.txt"]).says(
        0,
        &[
            "GET /private/a.txt\nto localhost, from 192.0.2.1, by nobody who says who it is\n",
            "\n401 Unauthorized\nbecause /private/a.txt is only for those who prove who they are",
            "Decided by guard in because.toml:12\n    guard = \"@staff\"\n",
            "WWW-Authenticate: Basic realm=\"because\"",
            "X-Frame-Options: SAMEORIGIN",
            "Did it bring credentials? ← decided",
            "because.toml:14  in /private/**: X-Frame-Options\n",
            "    over      because.toml:4  in /**\n",
        ],
    );
    explained(&folder, &["get", "/private/a.txt", "--as", "alice"])
        .says(0, &["\n200 OK\n", "alice, in staff", "No rule decided it."]);
    explained(&folder, &["GET", "/private/a.txt", "--as", "bob"]).says(0, &["\n403 Forbidden\n", "bob, in no group"]);
    explained(&folder, &["GET", "/private/a.txt", "--as", "bob", "--group", "staff"]).says(0, &["\n200 OK\n"]);
    explained(&folder, &["GET", "/private/logo.png"])
        .says(0, &["\n404 Not Found\n", "in GET /private/logo.png, undone\n"]);
    explained(&folder, &["GET", "/old/x?y"])
        .says(0, &["\n301 Moved Permanently\n", "Location: /new/x?y", "Decided by moved in because.toml:20"]);
    explained(&folder, &["GET", "/shop/b.txt"]).says(0, &["\n402 Payment Required\n", "Decided by price"]);
    explained(&folder, &["GET", "/shop/b.txt", "--paid"]).says(0, &["\n200 OK\n", "Cache-Control: max-age=60"]);
    let cors =
        ["OPTIONS", "/shop/b.txt", "-H", "Origin: https://other.example", "-H", "Access-Control-Request-Method: GET"];
    explained(&folder, &cors).says(0, &["\n403 Forbidden\n", "Decided by cors"]);
    explained(&folder, &["GET", "/closed/x", "--from", "198.51.100.7"])
        .says(0, &["\n503 Service Unavailable\n", "we move house", "Retry-After"]);
    explained(&folder, &["GET", "/closed/x"]).says(0, &["\n404 Not Found\n"]);
    explained(&folder, &["GET", "/docs/c.txt", "-H", "If-Match: \"x\""]).says(0, &["\n412 Precondition Failed\n"]);
    explained(&folder, &["GET", "/private/a.txt", "-H", "Authorization: Basic YWxpY2U6c2VjcmV0"])
        .says(0, &["\n200 OK\n"]);
    explained(&folder, &["GET", "/private/a.txt", "-H", "Authorization: Basic YWxpY2U6c2VjcmU="])
        .says(0, &["\n401 Unauthorized\n"]);
    assert!(!folder.path(".because").exists(), "nothing is touched");
}

#[test]
fn a_change_is_explained_and_not_made() {
    let folder = configured();
    explained(&folder, &["PUT", "/docs/new.txt", "-H", "Content-Length: 5"])
        .says(0, &["\n201 Created\n", "if it succeeds"]);
    explained(&folder, &["PUT", "/docs/c.txt", "-H", "Content-Length: 5"]).says(0, &["\n204 No Content\n"]);
    explained(&folder, &["PUT", "/nowhere/new.txt", "-H", "Content-Length: 5"]).says(0, &["\n409 Conflict\n"]);
    explained(&folder, &["DELETE", "/docs"]).says(0, &["\n204 No Content\n"]);
    explained(&folder, &["DELETE", "/"]).says(0, &[]);
    explained(&folder, &["MOVE", "/docs/c.txt", "-H", "Destination: /docs/d.txt"]).says(0, &["\n201 Created\n"]);
    // a action is ruled where it reaches, too
    let into = ["MOVE", "/docs/c.txt", "-H", "Destination: /private/d.txt"];
    explained(&folder, &into).says(0, &["\n401 Unauthorized\n"]);
    explained(&folder, &[&into[..], &["--as", "bob"]].concat()).says(0, &["\n403 Forbidden\n"]);
    explained(&folder, &[&into[..], &["--as", "alice"]].concat()).says(0, &["\n201 Created\n"]);
    explained(&folder, &["MKCOL", "/docs"]).says(0, &["\n405 Method Not Allowed\n"]);
    explained(&folder, &["BREW", "/"]).says(0, &["\n501 Not Implemented\n"]);
    assert_eq!(folder.names("docs"), ["c.txt"]);
    assert!(!folder.path(".because").exists(), "nothing is touched");
}

#[test]
fn programs_get_an_explanation_too() {
    let folder = configured();
    let said = explained(&folder, &["GET", "/private/a.txt", "--as", "bob", "--format", "json"]);
    let json: serde_json::Value = serde_json::from_str(&said.says(0, &[]).out).expect("JSON");
    assert_eq!((&json["status"], &json["cause"]), (&403.into(), &"permitted".into()));
    assert_eq!(json["rule"]["line"], 12);
    assert_eq!(json["walk"].as_array().and_then(|walk| walk.last()).map(|last| &last["decided"]), Some(&true.into()));
    let frame = json["rules"].as_array().expect("a list").iter().find(|rule| rule["word"] == "headers X-Frame-Options");
    assert_eq!(frame.map(|rule| (&rule["heard"]["line"], &rule["over"][0]["line"])), Some((&14.into(), &4.into())));
    // the number is one that `why` tells
    let number = json["because"].as_str().expect("a number");
    Said::of(run(&["why", number])).says(0, &["403 Forbidden", "permitted"]);
}

#[test]
fn sites_are_told_apart() {
    let folder = Folder::with(&[("a", "a")]);
    let text = "folder = 'root'\nguard = 'any'\n[users]\nalice = '$2b$04$AAAAAAAAAAAAAAAAAAAAAOkbtbqoR5Iua0mVcyKqqdgp2oDvmHiWK'\n[site.'one.example']\n[site.'*.two.example'.rule.'/**']\nguard = false\n";
    std::fs::write(folder.beside("because.toml"), text).expect("is written");
    explained(&folder, &["GET", "/a"]).says(0, &["to one.example,", "\n401 "]);
    explained(&folder, &["GET", "https://www.two.example/a"])
        .says(0, &["to www.two.example,", "\n200 ", "in /** of the site, undone"]);
    explained(&folder, &["GET", "/a", "--host", "three.example"]).says(0, &["\n421 Misdirected Request\n"]);
}

#[test]
fn what_cannot_be_explained_is_refused_in_a_line() {
    let folder = configured();
    explained(&folder, &["GET", "/", "--as", "carol"]).refuses("no user called \"carol\"; it has alice, bob");
    explained(&folder, &["GET", "private"]).refuses("a target begins with a slash: /private");
    explained(&folder, &["GE T", "/"]).refuses("no method");
    explained(&folder, &["GET", "/", "-H", "x"]).refuses("no field line");
    explained(&folder, &["GET", "/", "--from", "nowhere"]).refuses("--from");
    explained(&folder, &["GET", "/", "--as", "bob", "-H", "Authorization: x"]).refuses("twice");
    std::fs::write(folder.beside("bad.toml"), "folder = 'nowhere'").expect("is written");
    let said = config(&folder, &["explain", "bad.toml", "GET", "/"]);
    assert!(
        said.code == 2 && said.err.contains("no folder `nowhere`") && said.err.contains("has mistakes"),
        "{}",
        said.err
    );
}

#[test]
fn what_another_configuration_would_change_is_told() {
    let folder = configured();
    let old = std::fs::read_to_string(folder.beside("because.toml")).expect("is there");
    let new =
        old.replace("\"@staff\"", "\"alice bob\"").replace("/new/{1}", "/newer/{1}").replace("100/min", "200/min");
    std::fs::write(folder.beside("new.toml"), new).expect("is written");
    let log = "2026-01-01T05:41:48.123Z 192.0.2.1 GET /private/a.txt 403 permitted 2f2b3 12B 87µs user=bob id=1\n\
        2026-01-01T05:41:49.123Z 192.0.2.1 GET /private/a.txt 403 permitted 2f2b3 12B 87µs user=bob id=2\n\
        2026-01-01T05:41:49.123Z 192.0.2.1 GET /private/a.txt 200 x 2f2b3 12B 87µs user=alice\n\
        {\"time\":\"2026-01-01T00:00:00Z\",\"client\":\"local\",\"method\":\"GET\",\"target\":\"/old/x\",\"host\":\"localhost\",\"status\":301,\
        \"cause\":\"x\",\"because\":\"2f\"}\n\
        2026-01-01T05:41:50.123Z 192.0.2.1 - - 400 x 2f 0B 1µs\n\
        (3 lines dropped: output is too slow)\n\
        hello\n";
    std::fs::write(folder.beside("access.log"), log).expect("is written");
    let diff = |new: &str, log: &str, input: &str| {
        run_in(&folder.beside(""), &["config", "diff", "because.toml", new, "--requests", log], input)
    };
    let said = diff("new.toml", "access.log", "");
    said.says(
        1,
        &[
            "GET /private/a.txt  by bob  from 192.0.2.1",
            "×2\n  403 Forbidden, permitted  because.toml:12  guard = \"@staff\"\n→ 200 OK, representation_available\n",
            "301 Moved Permanently to /new/x",
            "→ 301 Moved Permanently to /newer/x",
            "2 of 3 different requests (3 of 4 in all) are decided otherwise.",
            "Passed over: 1, not understood",
            "Passed over: 1, no lines of a log of `serve`, the first is line 7.",
        ],
    );
    diff("because.toml", "-", log).says(0, &["None of 3 different requests (4 in all) is decided otherwise."]);
    diff("new.toml", "nowhere.log", "").refuses("nowhere.log cannot be read");
}
