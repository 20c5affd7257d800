//! Each status that a rule brings about, for its real cause: in each form, by HEAD, in the log with the line that decided, and
//! told by its number.

use crate::folder::Folder;
use crate::policy::{self, by, keys_and_token, line_of};
use crate::server::{Server, Start};
use crate::statuses::{Way, bring_about, compare_log, tell_why, way};

const CONFIGURATION: &str = r#"
extensions = true
write = true
[rule."/old/**"]
moved = "/new/{1}"
[rule."/away"]
moved = { to = "/data.txt", for-now = true }
[rule."/kept"]
moved = { to = "/data.txt", keep-method = true }
[rule."/kept-for-now"]
moved = { to = "/data.txt", for-now = true, keep-method = true }
[rule."/elsewhere"]
moved = "https://elsewhere.example{path}"
[rule."/thing"]
see = "/data.txt"
[rule."/through"]
proxy = "http://proxy.example:3128"
[rule."/private/**"]
guard = "alice"
[rule."/office/**"]
guard = { from = ["192.0.2.0/24"] }
[rule."/priced"]
price = 5
[rule."/hidden/**"]
guard = { allow = "alice", hide = true }
[rule."/gone"]
gone = true
[rule."/fixed"]
methods = ["GET"]
[rule."/measured"]
require = { length = true }
[rule."/small"]
max-content = "10"
[rule."/pictures/**"]
types = ["image/*"]
[rule."/pot"]
teapot = true
[rule."/socket"]
require = { protocol = "websocket" }
[rule."/careful"]
conditional = true
[rule."/barred"]
law = { blocked-by = "https://blocker.example/", demanded-by = "a court", under = "an act" }
[rule."/closed/**"]
closed = { retry-after = "10m", reason = "we are moving house" }
[rule."/api/**"]
cors = { origins = ["https://app.example"], methods = ["GET", "PUT"], headers = ["X-Asked"], max-age = "1h" }
"#;

fn folder() -> Folder {
    Folder::with(&[
        ("data.txt", "0123456789"),
        ("careful", "c"),
        ("fixed", "f"),
        ("private/a.txt", "a"),
        ("hidden/a.txt", "a"),
        ("api/a.txt", "a"),
        ("closed/a.txt", "a"),
        ("office/a.txt", "a"),
        ("priced", "p"),
        ("barred", "b"),
    ])
}

const JSON_AND_TEXT: &[&str] = &["application/problem+json", "text/html", "text/plain"];

#[rustfmt::skip]
fn ways() -> Vec<Way> {
    let get = |target: &str, fields: &str| format!("GET {target} HTTP/1.1\r\nHost: h\r\n{{accept}}{fields}\r\n");
    let put = |target: &str, fields: &str| format!("PUT {target} HTTP/1.1\r\nHost: h\r\n{{accept}}Content-Length: 11\r\n{fields}\r\n0123456789a");
    vec![
        way(301, "Moved Permanently", "GET /old/a/b.txt", "permanent_keeps_method").with(&[("Location", "/new/a/b.txt")]).ruled("/new/{1}"),
        way(301, "Moved Permanently", "GET /old/a?q=1", "permanent_keeps_method").with(&[("Location", "/new/a?q=1")]).ruled("/new/{1}"),
        way(308, "Permanent Redirect", put("/old/a/b.txt", ""), "permanent_keeps_method").with(&[("Location", "/new/a/b.txt")]).ruled("/new/{1}"),
        way(301, "Moved Permanently", "POST /old/a", "permanent_keeps_method").with(&[("Location", "/new/a")]).ruled("/new/{1}"),
        way(302, "Found", "GET /away", "temporary_keeps_method").with(&[("Location", "/data.txt")]).ruled("{ to = \"/data.txt\", for-now = true }"),
        way(307, "Temporary Redirect", "DELETE /away", "temporary_keeps_method").with(&[("Location", "/data.txt")]).ruled("{ to = \"/data.txt\", for-now = true }"),
        way(308, "Permanent Redirect", "GET /kept", "permanent_keeps_method").with(&[("Location", "/data.txt")]).ruled("{ to = \"/data.txt\", keep-method = true }"),
        way(307, "Temporary Redirect", "POST /kept-for-now", "temporary_keeps_method").with(&[("Location", "/data.txt")]).ruled("for-now = true, keep-method = true"),
        way(303, "See Other", "GET /thing", "see_other_known").with(&[("Location", "/data.txt")]).ruled("see = "),
        way(305, "Use Proxy", "GET /through", "proxy_required").with(&[("Location", "http://proxy.example:3128")]).ruled("proxy = "),
        way(401, "Unauthorized", "GET /private/a.txt", "credentials_present").explained("temporary", &["/private/a.txt", "no credentials came"]).with(&[("WWW-Authenticate", "Basic realm=\"because\", charset=\"UTF-8\"")]).ruled("guard = \"alice\""),
        way(401, "Unauthorized", "GET /private/none", "credentials_present").explained("temporary", &["no credentials came"]).ruled("guard = \"alice\""),
        way(401, "Unauthorized", get("/private/a.txt", "Authorization: Basic !\r\n"), "credentials_valid").explained("temporary", &["credentials"]).ruled("guard = \"alice\""),
        way(402, "Payment Required", "GET /priced", "payment_presented").explained("temporary", &["has a price", "5", "credits"]).with(&[("Cache-Control", "no-store")]).varying(&["WWW-Authenticate"]).ruled("price = "),
        way(402, "Payment Required", get("/priced", "Payment-Token: v1.e30.AAAA\r\n"), "payment_made").explained("temporary", &["cannot be understood", "5"]).varying(&["WWW-Authenticate"]).ruled("price = "),
        way(403, "Forbidden", get("/private/a.txt", &by("bob")), "permitted").explained("unknown", &["bob", "GET", "/private/a.txt"]).ruled("guard = \"alice\""),
        way(403, "Forbidden", "GET /office/a.txt", "permitted").explained("unknown", &["your address"]).ruled("192.0.2.0/24"),
        way(404, "Not Found", "GET /hidden/a.txt", "existence_hidden").explained("unknown", &["/hidden/a.txt"]).ruled("hide = true"),
        way(405, "Method Not Allowed", "DELETE /fixed", "method_allowed").explained("unknown", &["DELETE"]).with(&[("Allow", "GET, HEAD, OPTIONS")]).ruled("methods = [\"GET\"]"),
        way(410, "Gone", "GET /gone", "gone").explained("permanent", &["removed for good"]).ruled("gone = true"),
        way(410, "Gone", put("/gone", ""), "gone").explained("permanent", &["removed for good"]).ruled("gone = true"),
        way(411, "Length Required", "PUT /measured HTTP/1.1\r\nHost: h\r\n{accept}Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n", "length_required").explained("permanent", &["Content-Length"]).ruled("length = true"),
        way(413, "Content Too Large", put("/small", ""), "content_too_large").explained("permanent", &["11", "10"]).ruled("max-content"),
        way(415, "Unsupported Media Type", put("/pictures/a", "Content-Type: text/plain\r\n"), "media_type_supported").explained("permanent", &["text/plain", "image/*"]).ruled("types = "),
        way(418, "I'm a teapot", "BREW /pot", "teapot_asked_to_brew").explained("permanent", &["teapot"]).ruled("teapot = true"),
        way(425, "Too Early", "POST /data.txt HTTP/1.1\r\nHost: h\r\n{accept}Early-Data: 1\r\nContent-Length: 0\r\n\r\n", "replay_harmless").explained("temporary", &["POST"]),
        way(425, "Too Early", "DELETE /none HTTP/1.1\r\nHost: h\r\n{accept}Early-Data: 0\r\n\r\n", "replay_harmless").explained("temporary", &["DELETE"]),
        way(426, "Upgrade Required", "GET /socket", "upgrade_expressible").explained("permanent", &["websocket"]).with(&[("Upgrade", "websocket"), ("Connection", "Upgrade")]).ruled("websocket"),
        way(428, "Precondition Required", put("/careful", ""), "precondition_missing").explained("permanent", &["/careful"]).with(&[("Cache-Control", "no-store")]).ruled("conditional = true"),
        way(451, "Unavailable For Legal Reasons", "GET /barred", "legally_barred").explained("unknown", &["a court", "an act", "/barred"]).with(&[("Link", "<https://blocker.example/>; rel=\"blocked-by\"")]).ruled("law = "),
        way(503, "Service Unavailable", "GET /closed/a.txt", "in_maintenance").explained("temporary", &["we are moving house"]).with(&[("Retry-After", "600")]).ruled("closed = "),
        way(510, "Not Extended", "M-GET /data.txt HTTP/1.1\r\nHost: h\r\n{accept}Man: \"http://unknown.example/\"; ns=16\r\n\r\n", "extensions_known").explained("permanent", &["http://unknown.example/"]),
        way(510, "Not Extended", "M-GET /data.txt", "extensions_known").explained("permanent", &["mandatory"]),
        way(510, "Not Extended", get("/data.txt", "C-Man: \"http://unknown.example/\"\r\n"), "extensions_known").explained("permanent", &["http://unknown.example/"]),
        way(200, "OK", "M-GET /data.txt HTTP/1.1\r\nHost: h\r\n{accept}Man: \"tag:because,2026:extension/because\"; ns=16\r\n\r\n", "representation_available").with(&[("Ext", ""), ("Cache-Control", "no-cache=\"Ext\""), ("Content-Length", "10")]),
        way(204, "No Content", "OPTIONS /api/a.txt HTTP/1.1\r\nHost: h\r\n{accept}Origin: https://app.example\r\nAccess-Control-Request-Method: PUT\r\nAccess-Control-Request-Headers: x-asked\r\n\r\n", "cors_permitted").with(&[("Access-Control-Allow-Origin", "https://app.example"), ("Access-Control-Allow-Methods", "GET, PUT"), ("Access-Control-Allow-Headers", "X-Asked"), ("Access-Control-Max-Age", "3600"), ("Vary", "Origin")]).ruled("cors = "),
        way(403, "Forbidden", "OPTIONS /api/a.txt HTTP/1.1\r\nHost: h\r\n{accept}Origin: https://evil.example\r\nAccess-Control-Request-Method: PUT\r\n\r\n", "cors_permitted").explained("unknown", &["https://evil.example"]).ruled("cors = "),
    ].into_iter().map(|way| way.accepting(JSON_AND_TEXT)).collect()
}

/// Every line of the log names the rule that decided, and no other does.
fn rules_are_named(server: &Server, ways: &[Way], text: &str) {
    let expected = bring_about(server, ways);
    let lines = compare_log(server, &expected);
    tell_why(&lines);
    for way in ways {
        let mut found = lines.iter().filter(|line| line.target == way.target() && line.cause == way.cause).peekable();
        assert!(found.peek().is_some(), "{} is not in the log", way.target());
        for line in found {
            match way.rule {
                Some(rule) => {
                    let (told, wanted) = (line.rule.clone().unwrap_or_default(), line_of(text, rule));
                    assert!(told.ends_with(&wanted), "{line:?} is decided at {wanted}");
                }
                None => assert_eq!(line.rule, None, "{line:?}"),
            }
        }
    }
}

#[test]
fn each_status_of_a_rule_is_explained_and_logged_with_its_line() {
    let folder = folder();
    keys_and_token(&folder, 5);
    let text = CONFIGURATION.replace("\n[rule.\"/old/**\"]", &format!("{}[rule.\"/old/**\"]", policy::users()));
    let server = policy::serve(&folder, &text);
    rules_are_named(&server, &ways(), &format!("{text}\n"));
    let moved = server.get("/elsewhere");
    assert_eq!(moved.is(301).field("Location"), "https://elsewhere.example/elsewhere");
}

#[test]
fn what_is_asked_of_another_server_is_421_or_handed_over() {
    let folder = folder();
    let ways =
        [way(421, "Misdirected Request", "GET / HTTP/1.1\r\nHost: other.example\r\n{accept}\r\n", "origin_served")
            .explained("unknown", &["other.example"])];
    let server = policy::start(&folder, "\n").host("h").start();
    tell_why(&compare_log(&server, &bring_about(&server, &ways)));
    let text = "\nhand-over = \"http://next.example:3128\"\n";
    let server = policy::start(&folder, text).host("h").start();
    tell_why(&compare_log(&server, &bring_about(&server, &ways)));
    let switched = server.get("http://other.example/a?b");
    assert_eq!(switched.is(306).field("Set-Proxy"), "http://next.example:3128");
    let line = server.log(" 306 ");
    assert_eq!(line.cause, "proxy_switched");
    tell_why(&[line]);
    server.get("http://h/data.txt").is(200);
}

#[test]
fn a_limit_is_429() {
    let folder = Folder::with(&[("data.txt", "d"), ("few.txt", "f")]);
    let text = "\n[rule.\"/few.txt\"]\nlimit = { rate = \"1/hour\", name = \"few\" }\n";
    let server = policy::serve(&folder, text);
    server.get("/few.txt").is(200);
    let ways = [way(429, "Too Many Requests", "GET /few.txt", "address_rate_left")
        .explained("temporary", &["1 in", "seconds", "few"])
        .varying(&["Retry-After", "RateLimit"])
        .ruled("limit = ")];
    let mut expected = vec![(200, "representation_available")];
    expected.extend(bring_about(&server, &ways));
    let lines = compare_log(&server, &expected);
    tell_why(&lines);
    assert!(lines.iter().filter(|l| l.status == 429).all(|l| l.rule.as_ref().is_some_and(|r| r.ends_with(".toml:3"))));
}

/// RED-005: HTTP/1.0 knows neither 303 nor 307 nor 308.
#[test]
fn to_http_1_0_a_redirect_is_301_or_302() {
    let folder = folder();
    keys_and_token(&folder, 5);
    let server = policy::serve(
        &folder,
        &CONFIGURATION.replace("guard = \"alice\"", "").replace("{ allow = \"alice\", hide = true }", "false"),
    );
    for (target, status) in
        [("/old/a", 301), ("/away", 302), ("/kept", 301), ("/kept-for-now", 302), ("/thing", 302), ("/elsewhere", 301)]
    {
        for method in ["GET", "POST"] {
            if (method, target) == ("POST", "/thing") {
                continue;
            }
            let response = server.exchange(format!("{method} {target} HTTP/1.0\r\nContent-Length: 0\r\n\r\n"));
            assert_eq!(response.status, status, "{method} {target}");
        }
    }
}

/// X65-010, X65-011, X65-012
#[test]
fn early_data_is_for_what_a_replay_does_no_harm_to() {
    let folder = folder();
    let server = Start::of(folder.root()).args(&["--write", "--no-fsync"]).start();
    for early in [
        "Early-Data: 1\r\n",
        "Early-Data: 0\r\n",
        "Early-Data: 1\r\nEarly-Data: 1\r\n",
        "Early-Data: x\r\n",
        "Early-Data:\r\n",
    ] {
        for method in ["GET", "HEAD", "OPTIONS"] {
            server.ask(method, "/data.txt", early).is(200);
        }
        for method in ["PUT", "POST", "PATCH", "DELETE", "MKCOL", "LOCK"] {
            server.bring(method, "/data.txt", early, "").refuses(425, "replay_harmless");
        }
    }
    server.bring("PUT", "/data.txt", "", "x").is(204);
    assert_eq!(folder.read("data.txt"), b"x");
}

/// A law, a closure and a proxy may be for some addresses alone, and for some time.
#[test]
fn rules_may_be_for_some_addresses_and_for_some_time() {
    let folder =
        Folder::with(&[("law", "l"), ("closed", "c"), ("past", "p"), ("future", "f"), ("through", "t"), ("fr", "f")]);
    std::fs::write(folder.beside("countries.csv"), "203.0.113.0/24,FR\n198.51.100.0/24,DE\n").expect("writes");
    let text = r#"
forwarded = ["127.0.0.1"]
countries = "countries.csv"
[rule."/law"]
law = { blocked-by = "https://blocker.example/", from = ["192.0.2.0/24"] }
[rule."/fr"]
law = { blocked-by = "https://blocker.example/", countries = ["FR"] }
[rule."/closed"]
closed = { from = 2020-01-01T00:00:00Z, until = 2100-01-01T00:00:00Z, except = ["192.0.2.1"] }
[rule."/past"]
closed = { until = 2020-01-01T00:00:00Z }
[rule."/future"]
closed = { from = 2100-01-01T00:00:00Z }
[rule."/through"]
proxy = { through = "http://proxy.example:3128", from = ["192.0.2.1"] }
"#;
    let server = policy::serve(&folder, text);
    let from = |target: &str, address: &str| server.get_with(target, &format!("X-Forwarded-For: {address}\r\n"));
    let barred = from("/law", "192.0.2.7");
    assert_eq!(barred.refuses(451, "legally_barred").values("Cache-Control").collect::<Vec<_>>(), ["private"]);
    from("/law", "198.51.100.7").is(200);
    from("/fr", "203.0.113.9").is(451);
    from("/fr", "198.51.100.7").is(200);
    from("/fr", "2001:db8::1").is(200);
    let closed = from("/closed", "192.0.2.7");
    let wait: u64 = closed.refuses(503, "in_maintenance").field("Retry-After").parse().expect("seconds");
    assert!(wait > 1_000_000_000, "{wait}");
    from("/closed", "192.0.2.1").is(200);
    server.get("/past").is(200);
    server.get("/future").is(200);
    assert_eq!(from("/through", "192.0.2.2").is(305).field("Location"), "http://proxy.example:3128");
    from("/through", "192.0.2.1").is(200);
}
