//! Which fault is told where there are several: a request with all of them is mended one fault at a time, and each step leads to
//! the next status (the pairs of the order of decision, over the wire).

use crate::folder::Folder;
use crate::policy::{by, keys_and_token, serve, start, users};
use crate::server::Server;

/// Sends a request as it is, and mends one fault after the other: the first part of it that is found is replaced.
#[track_caller]
fn ladder(server: &Server, request: &str, steps: &[(u16, &str, &str, &str)]) {
    let mut request = request.to_owned();
    for (status, cause, from, to) in steps {
        let response = server.exchange(&request);
        assert_eq!(response.status, *status, "{cause} was to come:\n{request}\n{}", response.content_of_any());
        if *status >= 400 {
            response.refuses(*status, cause);
        }
        assert!(request.contains(from), "there is no {from:?} in\n{request}");
        request = request.replacen(from, to, 1);
    }
}

const CONFIGURATION: &str = r#"
write = true
extensions = true
[rule."/shop/**"]
guard = "alice"
price = 5
methods = ["GET", "HEAD", "PUT"]
types = ["text/plain"]
max-content = "10"
require = { length = true, conditional = true }
limit = { rate = "1000/hour", name = "many" }
[rule."/law/**"]
law = "https://blocker.example/"
guard = "alice"
[rule."/closed/**"]
closed = true
law = "https://blocker.example/"
guard = "alice"
moved = "/data.txt"
[rule."/few/**"]
limit = "1/hour"
guard = "alice"
[rule."/by-user/**"]
limit = { rate = "1/hour", per = "user" }
guard = "alice"
methods = ["GET", "HEAD"]
[rule."/moved/**"]
moved = "/new/{1}"
guard = "alice"
types = ["image/*"]
max-content = "10"
[rule."/gone/**"]
gone = true
guard = "alice"
conditional = true
[rule."/careful/**"]
conditional = true
[rule."/pot"]
teapot = true
guard = "alice"
[rule."/socket"]
require = { protocol = "websocket" }
guard = "alice"
methods = ["GET"]
"#;

fn folder() -> Folder {
    let names = ["shop", "law", "closed", "few", "by-user", "moved", "gone", "careful"];
    let folder = Folder::with(&[("data.txt", "d")]);
    for name in names {
        folder.write(&format!("{name}/a.txt"), "a");
    }
    keys_and_token(&folder, 100);
    folder
}

fn text() -> String {
    CONFIGURATION.replacen("[rule", &format!("{}[rule", users()), 1)
}

/// Every fault that one PUT can have, from the syntax to the conditions.
#[test]
fn a_put_with_every_fault_is_mended_step_by_step() {
    let folder = folder();
    let paying = keys_and_token(&folder, 100);
    let server = start(&folder, &text()).host("h").start();
    let request = "PUT /shop/none/a.txt HTTP/1.1\r\nHost: other\r\nHost: other\r\nExpect: tea\r\nMan: \"x:unknown\"\r\n\
                   Early-Data: 1\r\nTransfer-Encoding: chunked\r\nContent-Type: image/png\r\nIf-Match: \"x\"\r\n\r\n0\r\n\r\n";
    let (alice, bob) = (by("alice"), by("bob"));
    let length = "Content-Length: 11\r\n";
    ladder(
        &server,
        request,
        &[
            (400, "host_valid", "Host: other\r\n", ""),
            (421, "origin_served", "Host: other", "Host: h"),
            (510, "extensions_known", "Man: \"x:unknown\"\r\n", ""),
            (417, "expectations_known", "Expect: tea\r\n", ""),
            (425, "replay_harmless", "Early-Data: 1\r\n", ""),
            (401, "credentials_present", "Content-Type", &format!("{}Content-Type", by("nobody"))),
            (401, "credentials_valid", &by("nobody"), &bob),
            (402, "payment_presented", "Content-Type", "Payment-Token: v1.e30.AAAA\r\nContent-Type"),
            (403, "permitted", &bob, &alice),
            (402, "payment_made", "v1.e30.AAAA", &paying),
            (411, "length_required", "Transfer-Encoding: chunked\r\n", length),
            (413, "content_too_large", length, "Content-Length: 5\r\n"),
            (415, "media_type_supported", "image/png", "text/plain"),
            (409, "parent_exists", "/shop/none/a.txt", "/shop/a.txt"),
            (412, "if_match_holds", "If-Match: \"x\"\r\n", ""),
            (428, "precondition_missing", "Content-Type", "If-Match: *\r\nContent-Type"),
            (204, "", "PUT", "PUT"),
        ],
    );
}

#[test]
fn a_method_that_is_not_taken_is_told_to_who_may_come_here() {
    let folder = folder();
    let paying = keys_and_token(&folder, 100);
    let server = serve(&folder, &text());
    let request = "FOO /shop/none HTTP/1.1\r\nHost: h\r\nContent-Length: 11\r\nExpect: 100-continue\r\n\r\n";
    ladder(
        &server,
        request,
        &[
            (501, "method_known", "FOO", "DELETE"),
            (401, "credentials_present", "Expect", &format!("{}Expect", by("alice"))),
            (402, "payment_presented", "Expect", &format!("Payment-Token: {paying}\r\nExpect")),
            (405, "method_allowed", "DELETE", "PUT"),
            (413, "content_too_large", "Content-Length: 11", "Content-Length: 5"),
            (415, "media_type_supported", "Expect", "Content-Type: text/plain\r\nExpect"),
        ],
    );
}

/// 451 before 401, whether anything is there or not (X65-009); 503 of what is closed before all but syntax and place.
#[test]
fn the_law_comes_before_access_and_what_is_closed_before_the_law() {
    let folder = folder();
    let server = serve(&folder, &text());
    for target in ["/law/a.txt", "/law/none", "/law/", "/law"] {
        for (method, fields) in
            [("GET", ""), ("GET", &*by("alice")), ("PUT", ""), ("GET", "If-Match: \"x\"\r\n"), ("PROPFIND", "")]
        {
            server.ask(method, target, fields).refuses(451, "legally_barred");
        }
    }
    for target in ["/closed/a.txt", "/closed/none"] {
        for (method, fields) in [
            ("GET", ""),
            ("FOO", ""),
            ("GET", "Expect: tea\r\n"),
            ("POST", "Early-Data: 1\r\n"),
            ("M-GET", "Man: \"x:y\"\r\n"),
        ] {
            server.ask(method, target, fields).refuses(503, "in_maintenance");
        }
    }
    ladder(
        &server,
        "GET /closed/a.txt HTTP/1.1\r\nHost: a b\r\n\r\n",
        &[(400, "host_valid", "a b", "h"), (503, "in_maintenance", "GET", "GET")],
    );
    server.exchange("GET /closed/a.txt HTTP/2.0\r\nHost: h\r\n\r\n").refuses(505, "version_supported");
    drop(server);
    let server = start(&folder, &text()).host("h").start();
    ladder(&server, "GET /closed/a.txt HTTP/1.1\r\nHost: other\r\n\r\n", &[(503, "in_maintenance", "other", "h")]);
}

#[test]
fn too_many_is_told_before_who_asks_is_looked_at() {
    let folder = folder();
    let server = serve(&folder, &text());
    server.get("/few/a.txt").refuses(401, "credentials_present");
    for fields in [String::new(), by("alice"), by("nobody"), "Early-Data: 1\r\n".to_owned()] {
        for method in ["GET", "POST", "PROPFIND"] {
            server.ask(method, "/few/a.txt", &fields).refuses(429, "address_rate_left");
        }
    }
    server.get_with("/few/a.txt", "Expect: tea\r\n").refuses(417, "expectations_known");
    server.ask("FOO", "/few/a.txt", "").refuses(501, "method_known");
    // a user's limit is known only when the user is: after 401 and 403, before 405
    for fields in [String::new(), by("nobody"), by("bob")] {
        let status = server.get_with("/by-user/a.txt", &fields).status;
        assert_eq!(status, if fields == by("bob") { 403 } else { 401 });
    }
    server.ask("DELETE", "/by-user/a.txt", &by("alice")).refuses(405, "method_allowed");
    server.ask("DELETE", "/by-user/a.txt", &by("alice")).refuses(429, "user_rate_left");
    server.get_with("/by-user/none", &by("alice")).refuses(429, "user_rate_left");
}

/// Access before place (AUT-004, RFC 4918 §8.1), content before place, place before conditions.
#[test]
fn what_is_elsewhere_is_told_to_who_may_come_and_brings_the_right_content() {
    let folder = folder();
    let server = serve(&folder, &text());
    let alice = by("alice");
    ladder(
        &server,
        "PUT /moved/a.txt HTTP/1.1\r\nHost: h\r\nContent-Length: 11\r\nIf-Match: \"x\"\r\n\r\n0123456789a",
        &[
            (401, "credentials_present", "If-Match", &format!("{alice}If-Match")),
            (413, "content_too_large", "Content-Length: 11", "Content-Length: 10"),
            (415, "media_type_supported", "If-Match", "Content-Type: image/png\r\nIf-Match"),
            (308, "", "PUT", "PUT"),
        ],
    );
    ladder(
        &server,
        "GET /gone/a.txt HTTP/1.1\r\nHost: h\r\nIf-None-Match: *\r\n\r\n",
        &[
            (401, "credentials_present", "If-None-Match", &format!("{alice}If-None-Match")),
            (410, "gone", "GET", "DELETE"),
            (410, "gone", "If-None-Match: *\r\n", ""),
            (410, "gone", "DELETE", "DELETE"),
        ],
    );
    for (method, target, fields, status) in [
        ("GET", "/moved/a.txt", "If-None-Match: *\r\n", 301),
        ("GET", "/moved/a.txt", "Range: bytes=99-\r\n", 301),
        ("GET", "/moved/a.txt", "If-Match: \"x\"\r\n", 301),
        ("GET", "/moved/a.txt", "Accept: image/png\r\n", 301),
        ("DELETE", "/careful/none", "", 404),
        ("DELETE", "/careful/a.txt", "", 428),
        ("DELETE", "/careful/a.txt", "If-Match: \"x\"\r\n", 412),
        ("PATCH", "/careful/none", "", 404),
        ("MKCOL", "/careful/none/x", "", 409),
        ("GET", "/careful/a.txt", "", 200),
    ] {
        let response = server.ask(method, target, &format!("{alice}{fields}"));
        assert_eq!(response.status, status, "{method} {target} {fields}");
    }
}

#[test]
fn a_teapot_and_another_protocol_are_for_who_may_come_here() {
    let folder = folder();
    let server = serve(&folder, &text());
    let alice = by("alice");
    ladder(
        &server,
        "BREW /pot HTTP/1.1\r\nHost: h\r\n\r\n",
        &[
            (401, "credentials_present", "Host", &format!("{alice}Host")),
            (418, "teapot_asked_to_brew", "/pot", "/data.txt"),
            (501, "method_known", "BREW", "BREW"),
        ],
    );
    ladder(
        &server,
        "DELETE /socket HTTP/1.1\r\nHost: h\r\n\r\n",
        &[
            (401, "credentials_present", "Host", &format!("{alice}Host")),
            (405, "method_allowed", "DELETE", "GET"),
            (426, "upgrade_expressible", "GET", "GET"),
        ],
    );
}

/// AUT-004: a lock, and a condition, are for who may come here.
#[test]
fn a_lock_is_told_to_who_may_come_here() {
    let folder = folder();
    let text = format!("\nwrite = true{}[rule.\"/private/**\"]\nguard = \"alice bob\"\n", users());
    folder.write("private/a.txt", "a");
    let server = serve(&folder, &text);
    let document = crate::webdav_locks::EXCLUSIVE;
    server.bring("LOCK", "/private/a.txt", &by("alice"), document).is(200);
    for fields in ["", "If-Match: \"x\"\r\n", "If: (<urn:x>)\r\n"] {
        server.bring("PUT", "/private/a.txt", fields, "x").refuses(401, "credentials_present");
    }
    server.bring("PUT", "/private/a.txt", &by("bob"), "x").refuses(423, "locked");
    server.bring("PUT", "/private/a.txt", &format!("{}If-Match: \"x\"\r\n", by("bob")), "x").refuses(423, "locked");
    server.bring("PUT", "/private/a.txt", &format!("{}If: (<urn:x>)\r\n", by("bob")), "x").is(412);
}
