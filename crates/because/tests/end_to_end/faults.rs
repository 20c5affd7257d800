//! Octets that are no request: the dozen causes of 400, each with its own words, and what is nearly one and is taken.

use std::collections::HashMap;

use crate::folder::Folder;
use crate::server::Server;

const JSON: &str = "Accept: application/problem+json\r\n";

fn folder() -> Folder {
    Folder::with(&[("a.txt", "a"), ("index.html", "<!doctype html><title>i</title>")])
}

/// A request with these lines between Accept and the empty line.
fn with(lines: &str) -> String {
    format!("GET /a.txt HTTP/1.1\r\nHost: h\r\n{JSON}{lines}\r\n\r\n")
}

#[test]
fn each_malformed_request_line_is_400_with_its_own_words() {
    let folder = folder();
    let server = Server::of(&folder);
    let mut told = HashMap::new();
    for (offence, octets) in [
        ("empty lines", &b"\r\n\r\n\r\n\r\n\r\nGET / HTTP/1.1\r\nHost: h\r\n\r\n"[..]),
        ("method", b"G@T / HTTP/1.1\r\nHost: h\r\n\r\n"),
        ("method", b" GET / HTTP/1.1\r\nHost: h\r\n\r\n"),
        ("method", b"\x80\x01\x02\r\n\r\n"),
        ("method", b"{\"json\": true}\r\n\r\n"),
        ("incomplete", b"hello\r\n\r\n"),
        ("incomplete", b"GET /\r\n"), // HTTP/0.9
        ("incomplete", b"GET  HTTP/1.1\r\nHost: h\r\n\r\n"),
        ("incomplete", b"GET / \r\nHost: h\r\n\r\n"),
        ("target", b"GET /\x7f HTTP/1.1\r\nHost: h\r\n\r\n"),
        ("target", b"GET /\xc3\xa9 HTTP/1.1\r\nHost: h\r\n\r\n"),
        ("target", b"GET /a#fragment HTTP/1.1\r\nHost: h\r\n\r\n"),
        ("target", b"GET /<a> HTTP/1.1\r\nHost: h\r\n\r\n"),
        ("target", b"GET /\"a\" HTTP/1.1\r\nHost: h\r\n\r\n"),
        ("target", b"GET /a\0b HTTP/1.1\r\nHost: h\r\n\r\n"),
        ("space in target", b"GET /a b HTTP/1.1\r\nHost: h\r\n\r\n"), // MSG-013
        ("space in target", b"GET /a\tb HTTP/1.1\r\nHost: h\r\n\r\n"),
        ("space in target", b"GET  / HTTP/1.1\r\nHost: h\r\n\r\n"),
        ("version", b"GET / HTTP/1.10\r\nHost: h\r\n\r\n"), // MSG-024
        ("version", b"GET / HTTP/11\r\nHost: h\r\n\r\n"),
        ("version", b"GET / http/1.1\r\nHost: h\r\n\r\n"),
        ("version", b"GET / HTTP/1.x\r\nHost: h\r\n\r\n"),
        ("version", b"GET / HTTPS/1.1\r\nHost: h\r\n\r\n"),
        ("version", b"GET / ICY/1.1\r\nHost: h\r\n\r\n"),
        ("tls", b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03abcdefghijklmnop"), // MSG-006
        ("http2", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"),
    ] {
        let response = server.exchange(octets);
        let shown = octets.escape_ascii().to_string();
        assert_eq!(response.status, 400, "{shown}\n{}", response.text());
        assert!(response.closes(), "CON-002: {shown}");
        let text = response.text();
        assert!(text.contains("\nPermanent: ") && text.contains("Cause: request_line_valid, "), "{shown}\n{text}");
        let words = text.lines().nth(1).expect("a second line").split(", at offset").next().expect("words").to_owned();
        let known = told.entry(offence).or_insert_with(|| words.clone());
        assert_eq!(known, &words, "one offence, one sentence: {shown}");
    }
    distinct(&told);
}

fn distinct<T: std::hash::Hash + Eq + std::fmt::Debug>(told: &HashMap<&str, T>) {
    let words: std::collections::HashSet<&T> = told.values().collect();
    assert_eq!(words.len(), told.len(), "each cause has its own words: {told:#?}");
}

#[test]
fn each_malformed_field_is_400_with_its_own_words() {
    let folder = folder();
    let server = Server::of(&folder);
    let mut told = HashMap::new();
    for (offence, lines) in [
        ("no_colon", &b"Nonsense"[..]),
        ("space_before_colon", b"Range : bytes=0-1"), // MSG-007
        ("space_before_colon", b"Range\t: bytes=0-1"),
        ("empty_name", b": value"),
        ("name", b"Ra nge: x"),
        ("name", b"Caf\xc3\xa9: x"),
        ("name", b"X(comment): x"),
        ("value", b"X: a\0b"), // MSG-009
        ("value", b"X: a\x08b"),
        ("value", b"X: a\x7fb"),
        ("folded", b"X: a\r\n b"), // MSG-008
        ("folded", b"X: a\r\n\tb"),
        ("bare_lf", b"X: a\nY: b"),
        ("bare_cr", b"X: a\rY: b"), // MSG-003
        ("repeated", b"Authorization: Basic YTpi\r\nAuthorization: Basic Yzpk"),
    ] {
        let octets = [b"GET /a.txt HTTP/1.1\r\nHost: h\r\n", JSON.as_bytes(), lines, b"\r\n\r\n"].concat();
        let response = server.exchange(&octets);
        let shown = octets.escape_ascii().to_string();
        assert_eq!(response.status, 400, "{shown}\n{}", response.text());
        assert!(response.closes(), "{shown}");
        let problem = response.json();
        assert_eq!(problem["offence"], offence, "{shown} {problem}");
        assert_eq!(
            (&problem["cause"], &problem["permanence"]),
            (&"fields_valid".into(), &"permanent".into()),
            "{shown}"
        );
        let detail = problem["detail"].as_str().expect("words").split(", at offset").next().expect("words").to_owned();
        told.insert(offence, detail);
    }
    // MSG-005
    let response = server.exchange(format!("GET /a.txt HTTP/1.1\r\n X: y\r\nHost: h\r\n{JSON}\r\n"));
    told.insert("space_before_first", response.is(400).json()["detail"].to_string());
    assert_eq!(response.json()["offence"], "space_before_first");
    distinct(&told);
}

/// MSG-002: the strict choice.
#[test]
fn a_line_that_ends_with_lf_alone_is_400() {
    let folder = folder();
    let server = Server::of(&folder);
    for octets in [
        "GET /a.txt HTTP/1.1\nHost: h\n\n",
        "GET /a.txt HTTP/1.1\r\nHost: h\n\n",
        "\nGET /a.txt HTTP/1.1\r\nHost: h\r\n\r\n",
    ] {
        let response = server.exchange(octets);
        response.is(400).says("LF alone");
        assert!(response.closes());
    }
}

#[test]
fn each_wrong_host_is_400_with_its_own_words() {
    let folder = folder();
    let server = Server::of(&folder);
    let mut told = HashMap::new();
    for (offence, version, hosts) in [
        ("missing", "1.1", ""),                        // MSG-015
        ("repeated", "1.1", "Host: h\r\nHost: h\r\n"), // MSG-016
        ("repeated", "1.0", "Host: h\r\nHost: h\r\n"),
        ("repeated", "1.1", "Host: h\r\nhost: other\r\n"),
        ("invalid", "1.1", "Host: a b\r\n"), // MSG-017
        ("invalid", "1.1", "Host: a/b\r\n"),
        ("invalid", "1.1", "Host: [::1\r\n"),
        ("invalid", "1.1", "Host: u@h\r\n"),
        ("invalid", "1.1", "Host: h:x\r\n"),
        ("invalid", "1.1", "Host: h:65536\r\n"),
        ("invalid", "1.1", "Host: h, i\r\n"),
        ("invalid", "1.1", "Host: http://h/\r\n"),
        ("invalid", "1.0", "Host: a b\r\n"),
    ] {
        let response = server.exchange(format!("GET /a.txt HTTP/{version}\r\n{hosts}{JSON}\r\n"));
        assert_eq!(response.status, 400, "{version} {hosts}");
        let problem = response.json();
        assert_eq!((&problem["offence"], &problem["cause"]), (&offence.into(), &"host_valid".into()), "{hosts}");
        assert_eq!(problem["field"], "Host");
        told.insert(offence, problem["detail"].to_string());
    }
    // also where the target names the host: RFC 9112 §3.2
    for hosts in ["", "Host: h\r\nHost: h\r\n", "Host: a b\r\n"] {
        server.exchange(format!("GET http://h/a.txt HTTP/1.1\r\n{hosts}\r\n")).is(400);
    }
    distinct(&told);
}

#[test]
fn hosts_of_every_form_are_taken() {
    let folder = folder();
    let server = Server::of(&folder);
    let mut client = server.connect();
    for host in [
        "h",
        "h:80",
        "h:",
        "",
        "example.org:8080",
        "127.0.0.1",
        "[::1]",
        "[::1]:80",
        "a_b",
        "xn--bcher-kva.example",
        "a%20b",
    ] {
        client.exchange(format!("GET /a.txt HTTP/1.1\r\nHost: {host}\r\n\r\n")).is(200);
    }
    // MSG-018
    server.exchange("GET /a.txt HTTP/1.0\r\n\r\n").is(200);
}

/// MSG-020, MSG-021, MTH-019
#[test]
fn a_target_whose_form_does_not_fit_the_method_is_400() {
    let folder = folder();
    let server = Server::of(&folder);
    for line in [
        "GET *",
        "HEAD *",
        "GET a:80",
        "GET a.txt",
        "GET ?a",
        "GET http://u:p@h/a.txt",
        "GET http://u@h/a.txt",
        "GET http:///a.txt",
        "OPTIONS a:80",
        "CONNECT /a.txt",
        "CONNECT *",
        "CONNECT http://h/",
        "CONNECT u@h:80",
        "GET /%",
        "GET /%2",
        "GET /%zz",
        "GET /../a.txt",
        "GET /%2e%2e/a.txt",
        "GET /x/../../a.txt",
    ] {
        let response = server.exchange(format!("{line} HTTP/1.1\r\nHost: h\r\n{JSON}\r\n"));
        assert_eq!(response.status, 400, "{line}");
        if !line.starts_with("HEAD") {
            assert_eq!(response.json()["cause"], "target_form_valid", "{line}");
        }
    }
    // in a query a percent sign may stand as it was typed
    for line in ["GET /a.txt?q=100%", "GET /a.txt?%zz"] {
        server.exchange(format!("{line} HTTP/1.1\r\nHost: h\r\n\r\n")).is(200);
    }
    for target in ["h:", "h:0", "h:99999", "h", "[::1]", "h:x"] {
        let response = server.exchange(format!("CONNECT {target} HTTP/1.1\r\nHost: h\r\n{JSON}\r\n"));
        assert_eq!(response.status, 400, "CONNECT {target}");
        let cause = response.json()["cause"].clone();
        assert!(cause == "connect_port_valid" || cause == "target_form_valid", "CONNECT {target}: {cause}");
    }
}

#[test]
fn a_head_that_is_cut_short_is_400() {
    let folder = folder();
    let server = Server::of(&folder);
    let mut client = server.connect();
    client.send(format!("GET /a.txt HTTP/1.1\r\nHost: h\r\n{JSON}X: unfinished"));
    client.finish();
    let response = client.response();
    assert_eq!(response.is(400).json()["offence"], "truncated");
    client.is_closed();
}

/// RFC 9112 §2.2: MSG-004; MSG-001
#[test]
fn what_is_nearly_wrong_is_taken() {
    let folder = folder();
    let server = Server::of(&folder);
    for octets in [
        &b"\r\nGET /a.txt HTTP/1.1\r\nHost: h\r\n\r\n"[..],
        b"\r\n\r\n\r\n\r\nGET /a.txt HTTP/1.1\r\nHost: h\r\n\r\n",
        b"GET /a.txt HTTP/1.1\r\nHost: h\r\nX: \x80\xfe\xff \xc3\xa9\r\n\r\n",
        b"GET /a.txt HTTP/1.1\r\nhOST:h\r\nX:\r\nY:    \t z \t\r\n\r\n",
        b"GET /a.txt HTTP/1.1\r\nHost: h\r\n!#$%&'*+-.^_`|~09: x\r\n\r\n",
        b"GET /a.txt?a=[]|^`{}\\' HTTP/1.1\r\nHost: h\r\n\r\n",
        b"GET /%61.txt?query HTTP/1.1\r\nHost: h\r\n\r\n",
        b"GET /./x/../a.txt HTTP/1.1\r\nHost: h\r\n\r\n",
    ] {
        let response = server.exchange(octets);
        assert_eq!(response.status, 200, "{}\n{}", octets.escape_ascii(), String::from_utf8_lossy(&response.content));
    }
}

/// MSG-019
#[test]
fn an_absolute_target_is_served_by_its_path() {
    let folder = folder();
    let server = Server::of(&folder);
    for target in ["http://other/a.txt", "HTTP://other:81/a.txt?q"] {
        let response = server.exchange(format!("GET {target} HTTP/1.1\r\nHost: h\r\n\r\n"));
        assert_eq!(response.is(200).text(), "a");
    }
    // RFC 9110 §7.4: what is asked for by `https` is not had in clear text
    server.get("https://other/a.txt").refuses(421, "origin_served");
    for target in ["http://other", "http://other?q"] {
        let response = server.exchange(format!("GET {target} HTTP/1.1\r\nHost: h\r\n\r\n"));
        assert!(response.is(200).text().contains("<title>i</title>"), "the path of {target} is /");
    }
}

/// MSG-022, MSG-023
#[test]
fn higher_minor_versions_are_served_and_other_major_ones_are_505() {
    let folder = folder();
    let server = Server::of(&folder);
    for minor in 2..=9 {
        server.exchange(format!("GET /a.txt HTTP/1.{minor}\r\nHost: h\r\n\r\n")).is(200);
    }
    for version in ["0.9", "2.0", "2.1", "3.0", "7.1", "9.9"] {
        let response = server.exchange(format!("GET /a.txt HTTP/{version}\r\nHost: h\r\n\r\n"));
        response.is(505).says(version).says("HTTP/1.1").says("HTTP/1.0");
        assert!(response.closes());
    }
}

/// The order in which a head is read: the first fault is told.
#[test]
fn of_several_faults_the_first_is_told() {
    let folder = folder();
    let server = Server::of(&folder);
    server.exchange("GET /a b HTTP/2.0\r\nBad\r\n\r\n").is(400);
    server.exchange("GET / HTTP/2.0\r\nBad\r\n\r\n").is(505);
    let response = server.exchange(with("Bad\r\nContent-Length: x"));
    assert_eq!(response.is(400).json()["cause"], "fields_valid");
    let response = server.exchange(format!("GET / HTTP/1.1\r\n{JSON}Content-Length: x\r\n\r\n"));
    assert_eq!(response.is(400).json()["cause"], "host_valid");
    let response = server.exchange(with("Transfer-Encoding: foo, chunked\r\nContent-Length: x"));
    assert_eq!(response.is(501).json()["cause"], "transfer_coding_known");
}

#[test]
fn a_request_that_comes_octet_by_octet_is_answered_like_one_that_comes_at_once() {
    let folder = folder();
    let server = Server::of(&folder);
    let long = format!("GET /{} HTTP/1.1\r\n", "a".repeat(9_000));
    for octets in [
        "GET /a.txt HTTP/1.1\r\nHost: h\r\nRange: bytes=0-0\r\n\r\n",
        "\r\n\r\nGET /none HTTP/1.1\r\nHost: h\r\n\r\n",
        "GET /a.txt HTTP/1.1\r\nHost : h\r\n\r\n",
        "GET /a.txt HTTP/2.0\r\n",
        &long,
    ] {
        let whole = server.exchange(octets);
        let mut client = server.connect();
        if octets.len() > 1_000 {
            for piece in octets.as_bytes().chunks(1_000) {
                if !client.try_send(piece) {
                    break;
                }
            }
        } else {
            client.send_slowly(octets);
        }
        let slow = client.response();
        assert_eq!(slow.status, whole.status);
        if slow.status != 414 {
            // which tells how much had come when it was too much
            assert_eq!(slow.lasting_fields(), whole.lasting_fields());
            assert_eq!(slow.content_of_any(), whole.content_of_any());
        }
    }
}
