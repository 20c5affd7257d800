//! What every answer carries, whatever it is: the fields that rules add, and leave for pages of other origins to read it.

use crate::client::Response;
use crate::folder::Folder;
use crate::policy::{serve, start, users, write};
use crate::server::{Server, run};

const RULES: &str = r#"
headers = { "X-Frame-Options" = "DENY", hsts = "1y", csp = "default-src 'self'", referrer-policy = "no-referrer" }
[rule."/plain/**"]
headers = { "X-Frame-Options" = false, "X-More" = "more" }
[rule."/bare/**"]
headers = false
[rule."/private/**"]
guard = "alice"
[rule."/closed/**"]
closed = true
[rule."/cached/**"]
cache = "max-age=60"
"#;

fn folder() -> Folder {
    Folder::with(&[
        ("a.txt", "0123456789"),
        ("plain/a.txt", "a"),
        ("bare/a.txt", "a"),
        ("private/a.txt", "a"),
        ("cached/a.txt", "a"),
        ("cached/d/b.txt", "b"),
        ("api/a.txt", "a"),
    ])
}

fn text() -> String {
    RULES.replacen("[rule", &format!("{}[rule", users()), 1)
}

#[track_caller]
fn carries(response: &Response, status: u16) {
    response.is(status);
    for (name, value) in [
        ("X-Frame-Options", "DENY"),
        ("Referrer-Policy", "no-referrer"),
        ("Strict-Transport-Security", "max-age=31536000"),
    ] {
        assert_eq!(response.values(name).collect::<Vec<_>>(), [value], "{name} of {status}: {:#?}", response.fields);
    }
    assert!(response.values("Content-Security-Policy").any(|policy| policy == "default-src 'self'"));
}

#[test]
fn fields_of_the_rules_are_on_every_answer() {
    let folder = folder();
    let server = serve(&folder, &text());
    let tag = server.get("/a.txt").field("ETag").to_owned();
    for (method, target, fields, status) in [
        ("GET", "/a.txt", String::new(), 200),
        ("HEAD", "/a.txt", String::new(), 200),
        ("OPTIONS", "/a.txt", String::new(), 200),
        ("OPTIONS", "*", String::new(), 200),
        ("GET", "/a.txt", "Range: bytes=1-2\r\n".to_owned(), 206),
        ("GET", "/a.txt", "Range: bytes=1-2,4-5\r\n".to_owned(), 206),
        ("GET", "/a.txt", format!("If-None-Match: {tag}\r\n"), 304),
        ("GET", "/none", String::new(), 404),
        ("HEAD", "/none", String::new(), 404),
        ("GET", "/a.txt", "Range: bytes=99-\r\n".to_owned(), 416),
        ("GET", "/a.txt", "If-Match: \"x\"\r\n".to_owned(), 412),
        ("PUT", "/a.txt", String::new(), 405),
        ("GET", "/private/a.txt", String::new(), 401),
        ("GET", "/closed/a.txt", String::new(), 503),
        ("GET", "/a.txt", "Expect: tea\r\n".to_owned(), 417),
        ("FOO", "/a.txt", String::new(), 501),
        ("GET", "/a b", String::new(), 400),
        ("GET", "/a.txt", "X: \u{0}\r\n".to_owned(), 400),
        ("GET", "/a.txt", "Host: h\r\n".to_owned(), 400),
        ("GET", "/%zz", String::new(), 400),
        ("GET", "/a.txt", format!("X: {}\r\n", "x".repeat(20_000)), 431),
    ] {
        carries(&server.ask(method, target, &fields), status);
    }
    for _ in 0..2 {
        // the second is of memory
        carries(&server.get("/a.txt"), 200);
    }
    carries(&server.exchange(format!("GET /{} HTTP/1.1\r\nHost: h\r\n\r\n", "a".repeat(9_000))), 414);
    carries(&server.exchange("GET / HTTP/2.0\r\nHost: h\r\n\r\n"), 505);
    let plain = server.get("/plain/a.txt");
    assert!(!plain.is(200).has("X-Frame-Options") && plain.field("X-More") == "more");
    assert!(plain.has("Referrer-Policy"));
    let bare = server.get("/bare/a.txt");
    for name in ["X-Frame-Options", "Referrer-Policy", "Strict-Transport-Security", "Content-Security-Policy"] {
        assert!(!bare.is(200).has(name), "{name}");
    }
}

#[test]
fn a_full_server_and_a_slow_client_get_them_too() {
    let folder = folder();
    let server = start(&folder, &text()).args(&["--max-connections", "1", "--head-timeout", "200ms"]).start();
    let mut first = server.connect();
    carries(&first.get("/a.txt"), 200);
    carries(&server.get("/a.txt"), 503);
    first.send("GET /a.txt HTTP/1.1\r\nHost: h\r\n");
    carries(&first.response(), 408);
}

#[test]
fn what_may_be_kept_is_told_on_success_alone() {
    let folder = folder();
    let server = serve(&folder, &text());
    let kept = |response: &Response| response.values("Cache-Control").collect::<Vec<_>>().join(", ");
    for _ in 0..2 {
        assert_eq!(kept(server.get("/cached/a.txt").is(200)), "max-age=60", "of memory or not");
    }
    assert_eq!(kept(server.ask("HEAD", "/cached/a.txt", "").is(200)), "max-age=60");
    assert_eq!(kept(server.get_with("/cached/a.txt", "Range: bytes=0-0\r\n").is(206)), "max-age=60");
    assert_eq!(kept(server.get("/cached/d/").is(200)), "max-age=60");
    let tag = server.get("/cached/a.txt").field("ETag").to_owned();
    assert_eq!(kept(server.get_with("/cached/a.txt", &format!("If-None-Match: {tag}\r\n")).is(304)), "max-age=60");
    assert_eq!(kept(server.get("/cached/none").is(404)), "");
    assert_eq!(kept(server.get("/a.txt").is(200)), "");
}

const CORS: &str = r#"
write = true
[rule."/api/**"]
cors = { origins = ["https://app.example", "http://other.example:8080"], methods = ["GET", "PUT"], headers = ["X-Asked"], expose = ["ETag"], credentials = true, max-age = "1h" }
[rule."/any/**"]
cors = "*"
[rule."/private/**"]
guard = "alice"
cors = "https://app.example"
"#;

fn cors_server(folder: &Folder) -> Server {
    serve(folder, &CORS.replacen("[rule", &format!("{}[rule", users()), 1))
}

fn varies(response: &Response) -> bool {
    response.values("Vary").flat_map(|value| value.split(',')).any(|name| name.trim().eq_ignore_ascii_case("Origin"))
}

#[test]
fn pages_of_named_origins_may_read_answers_errors_too() {
    let folder = folder();
    let server = cors_server(&folder);
    let app = "Origin: https://app.example\r\n";
    for (method, target, fields, status) in [
        ("GET", "/api/a.txt", "", 200),
        ("HEAD", "/api/a.txt", "", 200),
        ("GET", "/api/none", "", 404),
        ("GET", "/api/a.txt", "Range: bytes=9-\r\n", 416),
        ("GET", "/api/a.txt", "If-Match: \"x\"\r\n", 412),
        ("GET", "/api/a.txt", "If-None-Match: *\r\n", 304),
        ("GET", "/api/a.txt", "Expect: tea\r\n", 417),
        ("OPTIONS", "/api/a.txt", "", 200),
        ("GET", "/private/a.txt", "", 401),
    ] {
        let response = server.ask(method, target, &format!("{app}{fields}"));
        let told: Vec<_> = response.is(status).values("Access-Control-Allow-Origin").collect();
        assert_eq!(told, ["https://app.example"], "{method} {target} {fields}");
        assert_eq!(response.has("Access-Control-Allow-Credentials"), target.starts_with("/api"));
        assert!(varies(&response), "{method} {target} {fields}");
        assert!(!response.has("Access-Control-Allow-Methods"));
        assert_eq!(response.maybe("Access-Control-Expose-Headers"), target.starts_with("/api").then_some("ETag"));
    }
    for origin in [
        "",
        "Origin: https://evil.example\r\n",
        "Origin: null\r\n",
        "Origin: https://app.example.evil.example\r\n",
        "Origin: http://app.example\r\n",
        "Origin: https://app.example:444\r\n",
    ] {
        for (target, status) in [("/api/a.txt", 200), ("/api/none", 404), ("/private/a.txt", 401)] {
            let response = server.get_with(target, origin);
            assert!(!response.is(status).has("Access-Control-Allow-Origin"), "{origin}");
            assert!(varies(&response), "what another origin gets is another answer: {target} {origin}");
        }
    }
    // a page that may ask may change, if it names its origin
    server.bring("PUT", "/api/new.txt", app, "x").is(201);
    server.bring("PUT", "/api/new.txt", "Origin: https://evil.example\r\n", "x").refuses(403, "asked_by_other_site");
    assert!(!server.get_with("/a.txt", app).has("Access-Control-Allow-Origin"));
}

#[test]
fn all_origins_may_read_what_is_for_all() {
    let folder = folder();
    let server = cors_server(&folder);
    for origin in ["https://app.example", "https://evil.example", "null"] {
        let response = server.get_with("/any/none", &format!("Origin: {origin}\r\n"));
        assert_eq!(response.is(404).field("Access-Control-Allow-Origin"), "*");
        assert!(!response.has("Access-Control-Allow-Credentials") && !varies(&response));
    }
    let asked = "Origin: https://evil.example\r\nAccess-Control-Request-Method: GET\r\n";
    assert_eq!(server.ask("OPTIONS", "/any/x", asked).is(204).field("Access-Control-Allow-Origin"), "*");
}

#[test]
fn a_preflight_is_answered_before_access() {
    let folder = folder();
    let server = cors_server(&folder);
    let ask = |target: &str, fields: &str| server.ask("OPTIONS", target, fields);
    let app = "Origin: https://app.example\r\nAccess-Control-Request-Method: PUT\r\n";
    for target in ["/api/a.txt", "/api/none", "/private/a.txt"] {
        let response = ask(target, app);
        assert_eq!(response.is(204).field("Access-Control-Allow-Origin"), "https://app.example", "{target}");
    }
    let told = ask("/api/a.txt", app);
    assert_eq!(told.field("Access-Control-Allow-Methods"), "GET, PUT");
    assert_eq!(told.field("Access-Control-Allow-Headers"), "X-Asked");
    assert_eq!(told.field("Access-Control-Max-Age"), "3600");
    assert_eq!(told.field("Access-Control-Allow-Credentials"), "true");
    // others are refused, and told nothing
    let evil = ask("/api/a.txt", "Origin: https://evil.example\r\nAccess-Control-Request-Method: PUT\r\n");
    evil.refuses(403, "cors_permitted");
    assert!(!evil.fields.iter().any(|(name, _)| name.starts_with("Access-Control-")), "{:#?}", evil.fields);
    // what is none is answered as what it is
    ask("/api/a.txt", "Origin: https://app.example\r\n").is(200);
    ask("/api/a.txt", "Access-Control-Request-Method: PUT\r\n").is(200);
    ask("/a.txt", app).is(200);
    ask("/private/a.txt", "Origin: https://app.example\r\n").is(401);
}

/// No page of any origin may use the credentials of whoever looks at it.
#[test]
fn credentials_are_not_for_all_origins() {
    let folder = folder();
    let path = write(&folder, "\n[rule.\"/api/**\"]\ncors = { origins = \"*\", credentials = true }\n");
    let out = run(&["serve", path.to_str().expect("text"), "--listen", "127.0.0.1:0"]);
    assert!(!out.status.success());
    assert!(String::from_utf8_lossy(&out.stderr).contains("because.toml:3:"), "{out:?}");
}
