//! Expect and 100, Upgrade, and what HTTP/1.0 never gets.

use crate::folder::Folder;
use crate::server::Server;

fn folder() -> Folder {
    Folder::with(&[("a.txt", "a"), ("b.txt", "b")])
}

/// 1XX-006, 1XX-007: nothing here wants content, so the final answer comes at once, and says what becomes of the rest (1XX-011).
#[test]
fn who_waits_for_100_gets_an_answer_at_once() {
    let folder = folder();
    let server = Server::of(&folder);
    for (method, status) in [("GET", 200), ("PUT", 405), ("DANCE", 501)] {
        for expectation in ["100-continue", "100-CONTINUE", "100-Continue, 100-continue"] {
            let mut client = server.connect();
            client.send(format!(
                "{method} /a.txt HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\nExpect: {expectation}\r\n\r\n"
            ));
            let response = client.response();
            response.is(status);
            if response.interim.is_empty() {
                assert!(response.closes(), "whether content follows is not certain: {method}");
                client.ends();
            } else {
                client.send_more("hello");
                client.get("/b.txt").is(200).says("b");
            }
        }
    }
}

#[test]
fn a_refusal_that_is_certain_comes_instead_of_100() {
    let folder = folder();
    let server = Server::of(&folder);
    for (lines, status) in [
        ("Content-Length: 1048577\r\nExpect: 100-continue\r\n", 413),
        ("Transfer-Encoding: chunked\r\nExpect: 100-continue\r\n", 411),
        ("Content-Length: 5\r\nExpect: 100-continue, tea\r\n", 417),
        ("Content-Length: x\r\nExpect: 100-continue\r\n", 400),
    ] {
        let response = server.get_with("/a.txt", lines);
        response.is(status);
        assert_eq!(response.interim, [0_u16; 0], "{lines}");
        assert!(response.closes(), "{lines}");
    }
}

/// 1XX-012, 1XX-013
#[test]
fn other_expectations_are_417() {
    let folder = folder();
    let server = Server::of(&folder);
    for expectation in ["x", "100-continue, x", "x, 100-continue", "200-ok", "100-continue=1", "\"100-continue\""] {
        let response = server.get_with("/a.txt", &format!("Accept: application/json\r\nExpect: {expectation}\r\n"));
        assert_eq!(response.status, 417, "{expectation}");
        assert_eq!(response.json()["cause"], "expectations_known");
    }
    for expectation in ["100-continue", "100-CONTINUE", ""] {
        assert_eq!(server.get_with("/a.txt", &format!("Expect: {expectation}\r\n")).status, 200, "{expectation}");
    }
}

/// 1XX-010
#[test]
fn a_get_that_expects_100_and_brings_nothing_does_not_hang() {
    let folder = folder();
    let server = Server::of(&folder);
    let mut client = server.connect();
    for _ in 0..2 {
        let response = client.exchange("GET /a.txt HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\n\r\n");
        assert!(!response.is(200).closes() && response.interim.is_empty());
    }
}

/// 1XX-001, 1XX-009: the client panics at an interim answer to HTTP/1.0.
#[test]
fn http_1_0_never_gets_an_interim_answer() {
    let folder = folder();
    let server = Server::of(&folder);
    for fields in [
        "Expect: 100-continue\r\n",
        "Expect: tea\r\n",
        "Upgrade: websocket\r\nConnection: upgrade\r\n",
        "Upload-Complete: ?1\r\nExpect: 100-continue\r\n",
    ] {
        for (method, status) in [("GET", 200), ("PUT", 405)] {
            let mut client = server.connect();
            client.send(format!("{method} /a.txt HTTP/1.0\r\nContent-Length: 5\r\n{fields}\r\n"));
            client.send_more("hello");
            let response = client.response();
            response.is(status);
            assert!(response.interim.is_empty() && response.closes());
            client.ends();
        }
    }
}

/// 1XX-019, 1XX-020, 1XX-023
#[test]
fn an_upgrade_that_nobody_wants_is_ignored() {
    let folder = folder();
    let server = Server::of(&folder);
    for upgrade in ["h2c", "websocket", "TLS/1.2", "HTTP/3, foo/9"] {
        let mut client = server.connect();
        let request = format!(
            "GET /a.txt HTTP/1.1\r\nHost: h\r\nConnection: upgrade\r\nUpgrade: {upgrade}\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n"
        );
        let response = client.exchange(request);
        assert!(response.is(200).interim.is_empty() && !response.has("Upgrade"), "{upgrade}");
        client.get("/b.txt").is(200);
    }
}
