//! Methods: which are taken, which are known, and what OPTIONS and TRACE tell.

use crate::folder::Folder;
use crate::server::Server;

pub(crate) const KNOWN: &[&str] = &[
    "GET",
    "HEAD",
    "POST",
    "PUT",
    "DELETE",
    "CONNECT",
    "OPTIONS",
    "TRACE",
    "PATCH",
    "QUERY",
    "PROPFIND",
    "PROPPATCH",
    "MKCOL",
    "COPY",
    "MOVE",
    "LOCK",
    "UNLOCK",
    "BIND",
    "UNBIND",
    "REBIND",
    "REPORT",
    "SEARCH",
];

fn folder() -> Folder {
    Folder::with(&[("a.txt", "0123456789"), ("dir/b.txt", "b")])
}

fn request(method: &str, target: &str) -> String {
    let target = if method == "CONNECT" { "h:80" } else { target };
    format!("{method} {target} HTTP/1.1\r\nHost: h\r\n\r\n")
}

/// MTH-003, MTH-004: each method that Allow lists is not answered 405, and each other one is.
#[test]
fn allow_lists_exactly_what_is_not_405() {
    let folder = folder();
    for args in [&[][..], &["--trace"]] {
        let server = Server::with(&folder, args);
        for target in ["/a.txt", "/dir/", "/", "/dir", "/none", "/none/"] {
            let refused = server.ask("DELETE", target, "");
            let allow: Vec<&str> = refused.is(405).field("Allow").split(", ").collect();
            assert_eq!(allow.contains(&"TRACE"), !args.is_empty());
            for method in KNOWN {
                let response = server.exchange(request(method, target));
                assert_eq!(response.status != 405, allow.contains(method), "{method} {target} {}", response.status);
                if response.status == 405 {
                    assert_eq!(response.field("Allow"), refused.field("Allow"), "{method} {target}");
                }
            }
            for field in ["Depth: 1", "If: (<x>)", "Destination: /b.txt", "Content-Range: bytes 0-4/10", "Overwrite: F"]
            {
                assert_eq!(server.ask("DELETE", target, &format!("{field}\r\n")).status, 405, "{target} {field}");
            }
        }
    }
}

/// MTH-002, MSG-012
#[test]
fn unknown_methods_are_501() {
    let folder = folder();
    let server = Server::of(&folder);
    let mut client = server.connect();
    for method in ["FOO", "get", "Get", "M-GET", "M-SEARCH", "BREW", "GETS", "G", "!#$%&'*+-.^_`|~", &"X".repeat(32)] {
        let response = client.exchange(request(method, "/a.txt"));
        response.is(501).says(method);
        assert!(!response.closes(), "the request was understood: {method}");
    }
    for length in [33, 200, 100_000] {
        let mut client = server.connect();
        client.try_send(request(&"X".repeat(length), "/a.txt"));
        assert!(client.response().is(501).closes());
    }
    // also where there is no end of a line, and no second word
    let mut client = server.connect();
    client.send("X".repeat(33));
    client.response().is(501);
}

/// MTH-015, RNG-012: what is refused is refused, whatever it brings.
#[test]
fn a_refused_method_is_refused_whatever_it_brings() {
    let folder = folder();
    let server = Server::of(&folder);
    for fields in [
        "Range: bytes=0-1\r\n",
        "If-None-Match: *\r\n",
        "If-Match: \"x\"\r\n",
        "If-Modified-Since: Sun, 06 Nov 1994 08:49:37 GMT\r\n",
        "Content-Range: bytes 0-4/10\r\n",
        "Expect: 100-continue\r\n",
    ] {
        for method in ["POST", "PUT", "PATCH"] {
            assert_eq!(server.ask(method, "/a.txt", fields).status, 405, "{method} {fields}");
        }
    }
    assert_eq!(std::fs::read(folder.path("a.txt")).expect("is there"), b"0123456789");
}

/// MTH-016
#[test]
fn options_tells_what_the_target_and_the_server_can_do() {
    let folder = folder();
    let server = Server::of(&folder);
    for target in ["*", "/a.txt", "/dir/", "/"] {
        let mut client = server.connect();
        let response = client.exchange(request("OPTIONS", target));
        assert_eq!(response.is(200).field("Allow"), "GET, HEAD, OPTIONS", "{target}");
        assert_eq!(response.field("Content-Length"), "0");
        client.get("/a.txt").is(200);
    }
    assert_eq!(server.exchange(request("OPTIONS", "/a.txt")).field("Accept-Ranges"), "bytes");
    server.exchange(request("OPTIONS", "/none")).is(404);
    server.exchange("OPTIONS * HTTP/1.0\r\n\r\n").is(200);
    server.exchange("OPTIONS http://h HTTP/1.1\r\nHost: h\r\n\r\n").is(200);
    // CND-010
    for condition in [
        "If-Match: \"x\"",
        "If-None-Match: *",
        "If-Unmodified-Since: Sun, 06 Nov 1994 08:49:37 GMT",
        "Range: bytes=99-",
    ] {
        assert_eq!(server.ask("OPTIONS", "/a.txt", &format!("{condition}\r\n")).status, 200, "{condition}");
        assert_eq!(server.ask("OPTIONS", "*", &format!("{condition}\r\n")).status, 200, "{condition}");
    }
}

/// MTH-017
#[test]
fn trace_is_refused_unless_enabled_and_never_shows_a_secret() {
    let folder = folder();
    let request = "TRACE /a.txt?q=1 HTTP/1.1\r\nHost: h\r\nX-Mine: one\r\nx-mine: two\r\nAuthorization: Basic c2VjcmV0\r\n\
        Cookie: secret=1\r\nProxy-Authorization: Basic c2VjcmV0\r\nMax-Forwards: 0\r\n\r\n";
    let server = Server::of(&folder);
    let refused = server.exchange(request);
    assert_eq!(refused.is(405).field("Allow"), "GET, HEAD, OPTIONS");
    let server = Server::with(&folder, &["--trace"]);
    let response = server.exchange(request);
    assert_eq!(response.is(200).field("Content-Type"), "message/http");
    let text = response.text();
    assert!(text.starts_with("TRACE /a.txt?q=1 HTTP/1.1\r\nHost: h\r\nX-Mine: one\r\nx-mine: two\r\n"), "{text}");
    assert!(
        text.ends_with("\r\n\r\n") && !text.to_ascii_lowercase().contains("secret") && !text.contains("c2VjcmV0"),
        "{text}"
    );
    for name in ["Authorization", "Cookie", "Proxy-Authorization"] {
        assert!(!text.contains(name), "{text}");
    }
    // what stands at the target does not matter, nor do conditions (CND-010)
    for fields in ["If-Match: \"x\"\r\n", "If-None-Match: *\r\n"] {
        server.ask("TRACE", "/none", fields).is(200).says(fields.trim_end());
    }
    let old = server.exchange("TRACE /a.txt HTTP/1.0\r\n\r\n");
    old.is(200).says("TRACE /a.txt HTTP/1.0\r\n");
}

/// SEM-020: the rules of errors hold for every method.
#[test]
fn errors_are_explained_to_every_method() {
    let folder = folder();
    let server = Server::of(&folder);
    for method in KNOWN.iter().chain(&["FOO", "M-GET"]) {
        let response = server.exchange(format!("{method} /a.txt HTTP/1.1\r\nHost: a b\r\n\r\n"));
        assert_eq!(response.status, 400, "{method}");
        assert_eq!(response.content.is_empty(), *method == "HEAD", "{method}");
    }
}
