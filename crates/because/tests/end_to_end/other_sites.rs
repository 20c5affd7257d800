//! Changes that a page of another site has a browser ask for (Fetch Metadata §2.4, RFC 6454): nobody wanted them.

use crate::client::{Response, message};
use crate::folder::Folder;
use crate::server::Server;
use crate::webdav_locks::{EXCLUSIVE, lock};

/// What a browser says of a page that is not of this server.
const OTHERS: &[&str] = &[
    "Origin: http://evil.example\r\n",
    "Origin: http://h.evil.example\r\n",
    "Origin: http://evil.example:80\r\n",
    // another port is another origin
    "Origin: http://h:8080\r\n",
    // a page in a sandbox, or one whose origin is kept secret
    "Origin: null\r\n",
    "Sec-Fetch-Site: cross-site\r\n",
    "Sec-Fetch-Site: same-site\r\n",
    // what both say counts, and the less trusted of them
    "Origin: http://evil.example\r\nSec-Fetch-Site: cross-site\r\nSec-Fetch-Mode: no-cors\r\n",
    "Origin: http://h\r\nSec-Fetch-Site: same-site\r\n",
];

/// And of one that is, or of no page at all.
const OWN: &[&str] = &[
    "",
    "Origin: http://h\r\n",
    "Origin: http://h:80\r\n",
    "Origin: HTTP://H\r\n",
    "Sec-Fetch-Site: same-origin\r\n",
    "Sec-Fetch-Site: none\r\n",
    "Origin: http://h\r\nSec-Fetch-Site: same-origin\r\nSec-Fetch-Mode: cors\r\n",
];

const PROPPATCH: &str =
    "<D:propertyupdate xmlns:D='DAV:'><D:set><D:prop><x xmlns='x:'>1</x></D:prop></D:set></D:propertyupdate>";

const FORM: &str = "Content-Type: multipart/form-data; boundary=b\r\n";

const ONE_FILE: &str = "--b\r\nContent-Disposition: form-data; name=f; filename=\"new.txt\"\r\n\r\nnew\r\n--b--\r\n";

/// A change: what it needs besides, so that it could be done.
const CHANGES: &[(&str, &str, &str, &str)] = &[
    ("PUT", "/file", "", "new"),
    ("PUT", "/new", "", "new"),
    ("POST", "/", FORM, ONE_FILE),
    ("POST", "/?then=see", FORM, ONE_FILE),
    ("POST", "/", "Content-Type: text/plain\r\n", "new"),
    ("DELETE", "/file", "", ""),
    ("DELETE", "/dir/", "Prefer: respond-async\r\n", ""),
    ("PATCH", "/file", "Content-Type: application/merge-patch+json\r\n", "{\"a\":2}"),
    ("MKCOL", "/made", "", ""),
    ("COPY", "/dir/", "Destination: /copied/\r\n", ""),
    ("MOVE", "/file", "Destination: /moved\r\n", ""),
    ("PROPPATCH", "/file", "", PROPPATCH),
    ("LOCK", "/file", "", EXCLUSIVE),
    ("UNLOCK", "/file", "Lock-Token: <urn:x>\r\n", ""),
];

fn folder() -> Folder {
    Folder::with(&[("file", "{\"a\":1}"), ("dir/member", "m")])
}

#[track_caller]
fn is_refused(response: &Response, what: &str) {
    assert_eq!(response.status, 403, "{what}: {:#?}", response.fields);
    response.refuses(403, "asked_by_other_site").says("another site");
    assert_eq!(response.interim, [0_u16; 0], "{what}");
}

#[test]
fn a_change_that_a_page_of_another_site_asks_for_is_refused() {
    let folder = folder();
    let server = Server::writable(&folder, &[]);
    for (method, target, needed, content) in CHANGES {
        for fields in OTHERS {
            let response = server.bring(method, target, &format!("{needed}{fields}"), content);
            is_refused(&response, &format!("{method} {target} {fields}"));
        }
    }
    assert_eq!((folder.read("file"), folder.names("")), (b"{\"a\":1}".to_vec(), vec!["dir".into(), "file".into()]));
    let read = server.ask("PROPFIND", "/file", "Depth: 0\r\n");
    assert!(!read.is(207).text().contains("x:") && !read.text().contains("activelock"), "{}", read.text());
    assert!(folder.is_tidy());
}

#[test]
fn a_change_that_its_own_page_or_no_page_asks_for_is_done() {
    for fields in OWN {
        let folder = folder();
        let server = Server::writable(&folder, &[]);
        for (method, target, needed, content) in CHANGES.iter().filter(|change| change.0 != "UNLOCK") {
            folder.write("file", "{\"a\":1}");
            folder.write("dir/member", "m");
            let response = server.bring(method, target, &format!("{needed}{fields}"), content);
            assert!(matches!(response.status, 200..=399), "{method} {target} {fields}: {}", response.text());
        }
    }
}

/// A port is part of an origin, and 80 is the one that is not told (RFC 6454 §4, §6.1).
#[test]
fn an_origin_is_held_against_the_authority_that_was_asked() {
    let folder = folder();
    let server = Server::writable(&folder, &[]);
    let port = server.addresses()[0].port();
    for (host, origin, own) in [
        ("h:8080".to_owned(), "http://h:8080".to_owned(), true),
        ("h:8080".into(), "http://h".into(), false),
        ("h:80".into(), "http://h".into(), true),
        ("H".into(), "http://h".into(), true),
        (format!("127.0.0.1:{port}"), format!("http://127.0.0.1:{port}"), true),
        (format!("127.0.0.1:{port}"), format!("http://localhost:{port}"), false),
        ("[::1]:8080".into(), "http://[::1]:8080".into(), true),
        ("h".into(), "h".into(), false),
        ("h".into(), "http://h@evil.example".into(), false),
        ("h".into(), "http://evil.example/http://h".into(), false),
        ("h".into(), "".into(), false),
    ] {
        let request = format!("PUT /file HTTP/1.1\r\nHost: {host}\r\nContent-Length: 1\r\nOrigin: {origin}\r\n\r\nx");
        let response = server.exchange(request);
        assert_eq!(response.status, if own { 204 } else { 403 }, "{host} {origin}: {}", response.text());
        if !own {
            is_refused(&response, &origin);
        }
    }
    // in HTTP/1.0 nobody need say who was asked
    let old = server.exchange("DELETE /file HTTP/1.0\r\nOrigin: http://evil.example\r\n\r\n");
    old.refuses(403, "asked_by_other_site");
    assert_eq!(folder.read("file"), b"x");
}

/// Whoever is refused learns nothing: not whether anything is there, nor what would become of the request otherwise.
#[test]
fn nothing_is_looked_at_or_read_before() {
    let folder = folder();
    let server = Server::writable(&folder, &["--max-upload", "1k", "--quota", "10", "--require-conditions"]);
    lock(&server, "/dir/member", "If-Match: *\r\n");
    let other = "Origin: http://evil.example\r\n";
    let large = "x".repeat(2_000);
    for (method, target, needed, content) in [
        ("PUT", "/none/x", "", "x"),
        ("PUT", "/dir/", "", "x"),
        ("PUT", "/dir/member", "", "x"),
        ("PUT", "/file", "If-Match: \"x\"\r\n", "x"),
        ("PUT", "/file", "If-Match: *\r\nContent-Encoding: br\r\n", "x"),
        ("PUT", "/file", "If-Match: *\r\nContent-Range: bytes 0-0/2\r\n", "x"),
        ("PUT", "/file", "If-Match: *\r\n", large.as_str()),
        ("PUT", "/.because/state.redb", "", "x"),
        ("POST", "/", FORM, "no form"),
        ("POST", "/file", FORM, ONE_FILE),
        ("PATCH", "/file", "Content-Type: text/plain\r\n", "x"),
        ("DELETE", "/none", "", ""),
        ("DELETE", "/", "", ""),
        ("MKCOL", "/dir/", "", ""),
        ("COPY", "/file", "", ""),
        ("MOVE", "/file", "Destination: http://elsewhere/\r\n", ""),
        ("LOCK", "/dir/member", "Depth: 1\r\n", "no document"),
        ("DELETE", "/.because/jobs/none", "", ""),
        ("PATCH", "/.because/uploads/none", "Content-Type: application/partial-upload\r\n", "x"),
    ] {
        let response = server.exchange(message(method, target, &format!("{needed}{other}"), content));
        is_refused(&response, &format!("{method} {target}"));
    }
    assert_eq!((folder.read("file"), folder.names("")), (b"{\"a\":1}".to_vec(), vec!["dir".into(), "file".into()]));
}

/// 1XX-006: content that nobody will read is not asked for, and no upload is begun with it.
#[test]
fn content_is_not_asked_for() {
    let folder = folder();
    let server = Server::writable(&folder, &[]);
    for fields in OTHERS {
        let mut client = server.connect();
        client.send(format!(
            "PUT /new HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\nExpect: 100-continue\r\n{fields}\
             Upload-Complete: ?1\r\nUpload-Draft-Interop-Version: 8\r\n\r\n"
        ));
        let response = client.response();
        is_refused(&response, fields);
        assert!(response.closes(), "whether content follows is not certain");
        client.ends();
    }
    assert!(!folder.path("new").exists() && folder.names(".because/uploads").is_empty());
}

/// What is safe is no change (RFC 9110 §9.2.1): a link on any page may lead here.
#[test]
fn a_read_is_anybodys() {
    let folder = folder();
    let server = Server::writable(&folder, &[]);
    for fields in OTHERS.iter().chain(OWN) {
        server.get_with("/file", fields).is(200);
        server.get_with("/dir/", fields).is(200);
        server.ask("HEAD", "/file", fields).is(200);
        server.ask("OPTIONS", "/file", fields).is(200);
        server.ask("PROPFIND", "/file", &format!("Depth: 0\r\n{fields}")).is(207);
        server.get_with("/.because/jobs/none", fields).is(404);
    }
}

/// A folder that nobody can write to has nothing to guard: there it is the method that is refused.
#[test]
fn where_nothing_can_be_changed_nothing_is_guarded() {
    let folder = folder();
    let server = Server::of(&folder);
    for fields in OTHERS.iter().chain(OWN) {
        server.bring("PUT", "/file", fields, "x").refuses(405, "method_allowed");
    }
    folder.folder("in");
    let server = Server::with(&folder, &["--drop", "in", "--no-fsync"]);
    for fields in OTHERS {
        is_refused(&server.bring("POST", "/in/", &format!("{FORM}{fields}"), ONE_FILE), fields);
    }
    assert!(folder.names("in").is_empty());
    for fields in OWN {
        server.bring("POST", "/in/", &format!("{FORM}{fields}"), ONE_FILE).is(201);
    }
    assert_eq!(folder.names("in").len(), OWN.len());
}
