//! Conditions on what changes something, and Expect: what is decided before content is asked for, and in which order.

use crate::client::{Response, message};
use crate::dates;
use crate::folder::Folder;
use crate::server::Server;
use crate::webdav_locks::{EXCLUSIVE, lock};
use crate::writes::strong;

/// What each method needs besides, so that it could be done to a file.
const CHANGES: &[(&str, &str, &str)] = &[
    ("PUT", "", "new"),
    ("DELETE", "", ""),
    ("PATCH", "Content-Type: application/merge-patch+json\r\n", "{\"a\":2}"),
    ("MOVE", "Destination: /moved\r\n", ""),
    ("COPY", "Destination: /copied\r\n", ""),
    ("PROPPATCH", "", PROPPATCH),
    ("LOCK", "", EXCLUSIVE),
];

const PROPPATCH: &str =
    "<D:propertyupdate xmlns:D='DAV:'><D:set><D:prop><x xmlns='x:'>1</x></D:prop></D:set></D:propertyupdate>";

fn is_success(response: &Response) -> bool {
    (200..300).contains(&response.status)
}

/// CND-004, CND-005, CND-006, CND-007, CND-009
#[test]
fn nothing_is_changed_if_a_condition_fails() {
    let folder = Folder::with(&[("file.json", "{\"a\":1}")]);
    let server = Server::writable(&folder, &[]);
    let mut client = server.connect();
    let made = client.put("/file.json", "{\"a\":1}");
    let tag = strong(made.is(204));
    let date = dates::read(made.field("Last-Modified")).expect("a date");
    let failing = [
        ("If-Match: \"other\"\r\n".to_owned(), "if_match_holds"),
        (format!("If-Match: W/{tag}\r\n"), "if_match_holds"),
        (format!("If-None-Match: {tag}\r\n"), "if_none_match_on_read"),
        (format!("If-None-Match: W/{tag}\r\n"), "if_none_match_on_read"),
        ("If-None-Match: *\r\n".to_owned(), "if_none_match_on_read"),
        (format!("If-Unmodified-Since: {}\r\n", dates::imf(date - 1)), "if_unmodified_since_holds"),
        (format!("If-Match: {tag}\r\nIf-None-Match: *\r\n"), "if_none_match_on_read"),
    ];
    for (method, fields, content) in CHANGES {
        for (condition, cause) in &failing {
            let response = client.bring(method, "/file.json", &format!("{fields}{condition}"), content);
            response.refuses(412, cause);
            assert_eq!(response.field("ETag"), tag, "what stands there now: {method} {condition}");
        }
    }
    assert_eq!((folder.read("file.json"), folder.names("")), (b"{\"a\":1}".to_vec(), vec!["file.json".to_owned()]));
    let read = client.ask("PROPFIND", "/file.json", "Depth: 0\r\n");
    assert!(!read.is(207).text().contains("x:") && !read.text().contains("activelock"), "{}", read.text());
}

#[test]
fn it_is_changed_if_they_hold() {
    for (method, fields, content) in CHANGES {
        let folder = Folder::new();
        let server = Server::writable(&folder, &["--require-conditions"]);
        let mut client = server.connect();
        for nth in 0..5 {
            let made = client.bring("PUT", "/file.json", "If: (Not <DAV:no-lock>)\r\n", "{\"a\":1}");
            let (tag, modified) = (strong(&made), made.field("Last-Modified"));
            let earlier = dates::imf(dates::read(modified).expect("a date") - 1);
            let condition = match nth {
                0 => format!("If-Match: \"other\", {tag}\r\n"),
                1 => "If-Match: *\r\n".to_owned(),
                2 => format!("If-Match: {tag}\r\nIf-Unmodified-Since: {earlier}\r\n"),
                3 => format!("If-Unmodified-Since: {modified}\r\n"),
                _ => "If-None-Match: \"other\"\r\nIf-Match: *\r\n".to_owned(),
            };
            let response = client.bring(method, "/file.json", &format!("{fields}{condition}"), content);
            assert!(is_success(&response), "{method} {condition}: {} {}", response.status, response.text());
            if *method == "LOCK" {
                let token = response.field("Lock-Token").to_owned();
                client.ask("UNLOCK", "/file.json", &format!("Lock-Token: {token}\r\n")).is(204);
            }
        }
    }
}

/// CND-001, CND-002, MTH-034: a condition counts only where the request would be done without it.
#[test]
fn a_condition_does_not_hide_another_cause() {
    let folder = Folder::with(&[("dir/member", "m"), ("file", "f")]);
    let server = Server::writable(&folder, &[]);
    for (method, target, fields, status) in [
        ("GET", "/none", "If-Match: *\r\n", 404),
        ("DELETE", "/none", "If-Match: \"x\"\r\n", 404),
        ("PATCH", "/none", "Content-Type: application/merge-patch+json\r\nIf-Match: \"x\"\r\n", 404),
        ("COPY", "/none", "Destination: /x\r\nIf-Match: *\r\n", 404),
        ("PROPFIND", "/none", "Depth: 0\r\nIf-None-Match: *\r\n", 404),
        ("PUT", "/none", "If-Match: *\r\n", 412),
        ("PUT", "/none", "If-Match: \"x\"\r\n", 412),
        ("LOCK", "/none", "If-Match: *\r\n", 412),
        ("MKCOL", "/none", "If-Match: *\r\n", 412),
        ("PUT", "/none/x", "If-Match: \"x\"\r\n", 409),
        ("MKCOL", "/none/x", "If-Match: \"x\"\r\n", 409),
        ("PUT", "/dir", "If-Match: \"x\"\r\n", 405),
        ("MKCOL", "/dir", "If-None-Match: *\r\n", 405),
        ("PUT", "/.because/x", "If-Match: \"x\"\r\n", 403),
        ("MOVE", "/file", "Destination: http://other/x\r\nIf-Match: \"x\"\r\n", 502),
        ("MOVE", "/file", "If-Match: \"x\"\r\n", 400),
        ("COPY", "/file", "Destination: /file\r\nIf-Match: \"x\"\r\n", 403),
        ("COPY", "/file", "Destination: /dir\r\nOverwrite: F\r\nIf-None-Match: \"x\"\r\n", 412),
    ] {
        assert_eq!(server.ask(method, target, fields).status, status, "{method} {target} {fields}");
    }
    server.bring("PUT", "/file", "Content-Range: bytes 0-1/5\r\nIf-Match: \"x\"\r\n", "ab").refuses(400, "partial_put");
    // CND-010
    server.ask("OPTIONS", "/file", "If-Match: \"x\"\r\n").is(200);
    // CND-008, and the pairs "PUT, IMS current" and "PUT existing, Accept unacceptable"
    let modified = server.get("/file").field("Last-Modified").to_owned();
    server.bring("PUT", "/file", &format!("If-Modified-Since: {modified}\r\n"), "1").is(204);
    server.bring("PUT", "/file", "Accept: image/png\r\n", "2").is(204);
    server.bring("PUT", "/file", "If-Unmodified-Since: yesterday\r\n", "3").is(204);
    server.bring("PUT", "/new", "If-Unmodified-Since: Sun, 06 Nov 1994 08:49:37 GMT\r\n", "4").is(201);
    server.bring("PUT", "/newer", "If-None-Match: *\r\n", "5").is(201);
    server.bring("PUT", "/newest", "If-None-Match: \"x\"\r\n", "6").is(201);
    assert_eq!(folder.read("file"), b"3");
}

/// CND-016, CND-017; RFC 6585 §3
#[test]
fn a_folder_may_demand_conditions() {
    let folder = Folder::with(&[("file", "f"), ("dir/member", "m")]);
    let server = Server::writable(&folder, &["--require-conditions"]);
    for (method, fields, content) in CHANGES.iter().filter(|(method, ..)| *method != "LOCK") {
        let response = server.bring(method, "/file", fields, content);
        assert_eq!(response.status, if *method == "COPY" { 201 } else { 428 }, "{method}: {}", response.text());
        if response.status == 428 {
            response.refuses(428, "precondition_missing").says("If-Match");
        }
    }
    assert_eq!(folder.names(""), ["copied", "dir", "file"]);
    for (method, target, fields, status) in [
        // nobody's work is lost by these
        ("MKCOL", "/new/", "", 201),
        ("LOCK", "/file", "", 400),
        // other causes come first
        ("PATCH", "/none", "Content-Type: application/merge-patch+json\r\n", 404),
        ("DELETE", "/none", "", 404),
        ("PUT", "/none/x", "", 409),
        ("PUT", "/dir/", "", 405),
        ("PUT", "/file", "If-Match: \"x\"\r\n", 412),
        ("PUT", "/new/member", "If-None-Match: *\r\n", 201),
        // RFC 9110 §13.1.3: it protects nothing
        ("PUT", "/file", "If-Modified-Since: Sun, 06 Nov 1994 08:49:37 GMT\r\n", 428),
        ("DELETE", "/file", "If: ([\"x\"])\r\n", 412),
        ("DELETE", "/file", "If: (Not <DAV:no-lock>)\r\n", 204),
        ("COPY", "/dir/member", "Destination: /copied\r\n", 428),
    ] {
        let response = server.ask(method, target, fields);
        assert_eq!(response.status, status, "{method} {target} {fields}: {}", response.text());
    }
    assert_eq!(folder.read("copied"), b"f");
}

/// 1XX-006, RFC 9110 §10.1.1: leave is asked for and given once, and what follows is stored.
#[test]
fn who_asks_first_gets_100_and_then_201() {
    let folder = Folder::new();
    let server = Server::writable(&folder, &[]);
    let mut client = server.connect();
    for (path, framing, content) in
        [("/a", "Content-Length: 5", "hello"), ("/b", "Transfer-Encoding: chunked", "5\r\nhello\r\n0\r\n\r\n")]
    {
        client.send(format!("PUT {path} HTTP/1.1\r\nHost: h\r\n{framing}\r\nExpect: 100-continue\r\n\r\n"));
        client.pending_head();
        assert!(!folder.path(path.trim_start_matches('/')).exists(), "nothing is there before the content is");
        client.send_more(content);
        let response = client.response();
        assert_eq!((response.is(201).interim.as_slice(), response.closes()), (&[100][..], false), "{path}");
        assert_eq!(client.get(path).text(), "hello");
    }
    // RFC 9110 §10.1.1: the content may be there before the leave is; and what has none needs none
    let response = client.exchange(message("PUT", "/a", "Expect: 100-continue\r\n", "there"));
    response.is(204);
    assert!(response.interim.is_empty() || response.interim == [100]);
    let response = client.exchange(message("PUT", "/a", "Expect: 100-continue\r\n", ""));
    assert!(response.is(204).interim.is_empty(), "there is nothing to wait for");
    // 1XX-009: the client panics at an interim answer to HTTP/1.0
    let mut old = server.connect();
    old.send("PUT /old HTTP/1.0\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\nhello");
    assert!(old.response().is(201).closes());
    old.ends();
    assert_eq!(folder.read("old"), b"hello");
}

/// 1XX-011, decision order 6: what is decided by the head alone is said without 100, and nothing is read or stored.
#[test]
fn who_asks_first_is_refused_without_100() {
    let folder = Folder::with(&[("file", "f"), ("locked", "l"), ("dir/member", "m")]);
    let args = ["--max-upload", "1k", "--accept-type", "text/*", "--quota", "600"];
    let server = Server::writable(&folder, &args);
    lock(&server, "/locked", "");
    let text = "Content-Type: text/plain\r\nContent-Length: 5\r\n";
    for (target, fields, status) in [
        ("/file", format!("{text}If-Match: \"x\"\r\n"), 412),
        ("/file", format!("{text}If: ([\"x\"])\r\n"), 412),
        ("/none/x", text.to_owned(), 409),
        ("/dir/", text.to_owned(), 405),
        ("/.because/x", text.to_owned(), 403),
        ("/locked", text.to_owned(), 423),
        ("/new", "Content-Type: text/plain\r\nContent-Length: 1025\r\n".to_owned(), 413),
        ("/new", "Content-Type: text/plain\r\nContent-Length: 1000\r\n".to_owned(), 507),
        ("/new", "Content-Type: image/png\r\nContent-Length: 5\r\n".to_owned(), 415),
        ("/new", format!("{text}Content-Encoding: gzip\r\n"), 415),
        ("/file", format!("{text}Content-Range: bytes 0-4/9\r\n"), 400),
        ("/file", format!("{text}Expect: tea\r\n"), 417),
    ] {
        let mut client = server.connect();
        client.send(format!("PUT {target} HTTP/1.1\r\nHost: h\r\n{fields}Expect: 100-continue\r\n\r\n"));
        let response = client.response();
        assert_eq!(response.status, status, "{target} {fields}: {}", response.text());
        assert!(response.interim.is_empty() && response.closes(), "{target} {fields}");
        client.ends();
    }
    assert_eq!(
        (folder.read("file"), folder.names("")),
        (b"f".to_vec(), vec!["dir".into(), "file".into(), "locked".into()])
    );
    assert!(folder.is_tidy());
}

/// The pairs of the decision's order that are about writing: two faults, and the answer to the first.
#[test]
fn of_two_faults_the_first_is_answered() {
    let folder = Folder::with(&[("file", "f"), ("locked", "l")]);
    let server = Server::writable(&folder, &["--max-upload", "1k", "--accept-type", "image/*"]);
    let token = lock(&server, "/locked", "");
    let image = "Content-Type: image/png\r\n";
    for (method, target, fields, content, status) in [
        // RFC 9110 §13.2.1, RFC 4918 §10.4.3
        ("PUT", "/locked", format!("{image}If-Match: \"x\"\r\n"), "", 423),
        ("PUT", "/locked", format!("{image}If: ([\"x\"])\r\n"), "", 412),
        ("PUT", "/locked", format!("{image}If: (Not <urn:x>)\r\n"), "", 423),
        ("PUT", "/locked", format!("{image}If: (<{token}>)\r\nIf-Match: \"x\"\r\n"), "", 412),
        ("DELETE", "/locked", "If-Match: \"x\"\r\n".to_owned(), "", 423),
        // by its declaration before its place
        ("PUT", "/none/x", "Content-Type: text/plain\r\n".to_owned(), "text", 415),
        ("PUT", "/none/x", format!("{image}Content-Encoding: br\r\n"), "text", 415),
        ("PUT", "/none/x", format!("{image}Content-Range: bytes 0-1/4\r\n"), "text", 400),
        ("COPY", "/none", "Destination: /x\r\n".to_owned(), "content", 415),
        ("COPY", "/none", "Destination: http://other/\r\n".to_owned(), "", 404),
        ("COPY", "/none", String::new(), "", 400),
        ("COPY", "/file", "Destination: /none/x\r\nIf: ([\"x\"])\r\n".to_owned(), "", 409),
        ("COPY", "/file", "Destination: /locked\r\nOverwrite: F\r\n".to_owned(), "", 423),
        ("UNLOCK", "/none", String::new(), "", 400),
        ("UNLOCK", "/none", format!("Lock-Token: <{token}>\r\n"), "", 404),
        ("PATCH", "/none", "Content-Type: text/plain\r\n".to_owned(), "x", 415),
    ] {
        let response = server.bring(method, target, &fields, content);
        assert_eq!(response.status, status, "{method} {target} {fields}: {}", response.text());
    }
    // before it is known what is wanted
    server.bring("DANCE", "/locked", "", "x").is(501);
    server.exchange("PUT /none/x HTTP/1.1\r\nContent-Length: 1\r\n\r\nx").is(400);
    let large = format!("PUT /none/x HTTP/1.1\r\nHost: h\r\n{image}Content-Length: 2000\r\n\r\n");
    server.exchange(large).is(413);
    assert_eq!((folder.read("locked"), folder.names("")), (b"l".to_vec(), vec!["file".into(), "locked".into()]));
}
