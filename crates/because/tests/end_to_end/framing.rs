//! Where a request ends: Content-Length, chunks, and everything by which one request could be taken for two.

use std::collections::HashMap;

use crate::folder::Folder;
use crate::server::Server;

const JSON: &str = "Accept: application/problem+json\r\n";

fn folder() -> Folder {
    Folder::with(&[("a.txt", "a"), ("b.txt", "b"), ("smuggled.txt", "s")])
}

#[test]
fn each_length_that_cannot_be_trusted_is_400_with_its_own_words() {
    let folder = folder();
    let server = Server::of(&folder);
    let mut told = HashMap::new();
    for (offence, version, lines) in [
        ("length", "1.1", "Content-Length: +5"), // FRM-002
        ("length", "1.1", "Content-Length: -5"),
        ("length", "1.1", "Content-Length: 0x5"),
        ("length", "1.1", "Content-Length:"),
        ("length", "1.1", "Content-Length: 5 5"),
        ("length", "1.1", "Content-Length: 5.0"),
        ("length", "1.1", "Content-Length: 1e3"),
        ("length", "1.0", "Content-Length: x"),
        ("length_overflow", "1.1", "Content-Length: 99999999999999999999"), // FRM-004
        ("length_overflow", "1.1", "Content-Length: 18446744073709551616"),
        ("length_repeated", "1.1", "Content-Length: 5, 6"),
        ("length_repeated", "1.1", "Content-Length: 5, 5"), // FRM-003
        ("length_repeated", "1.1", "Content-Length: 5\r\nContent-Length: 6"),
        ("length_repeated", "1.1", "Content-Length: 5\r\nContent-Length: 5"),
        ("length_and_coding", "1.1", "Content-Length: 5\r\nTransfer-Encoding: chunked"), // FRM-005
        ("length_and_coding", "1.1", "Transfer-Encoding: chunked\r\nContent-Length: 0"),
        ("coding_in_http10", "1.0", "Transfer-Encoding: chunked"), // FRM-006
        ("chunked_not_last", "1.1", "Transfer-Encoding: gzip"),    // FRM-001
        ("chunked_not_last", "1.1", "Transfer-Encoding: chunked, gzip"),
        ("chunked_not_last", "1.1", "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity"),
        ("chunked_twice", "1.1", "Transfer-Encoding: chunked, chunked"),
        ("chunked_twice", "1.1", "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked"),
        ("empty", "1.1", "Transfer-Encoding:"),
        ("empty", "1.1", "Transfer-Encoding: ,"),
    ] {
        let response = server.exchange(format!("GET /a.txt HTTP/{version}\r\nHost: h\r\n{JSON}{lines}\r\n\r\n"));
        assert_eq!(response.status, 400, "{lines}\n{}", String::from_utf8_lossy(&response.content));
        assert!(response.closes(), "then close: {lines}");
        let problem = response.json();
        assert_eq!(
            (&problem["offence"], &problem["cause"]),
            (&offence.into(), &"framing_contradictory".into()),
            "{lines}"
        );
        told.insert(offence, problem["detail"].to_string());
    }
    let words: std::collections::HashSet<_> = told.values().collect();
    assert_eq!(words.len(), told.len(), "each cause has its own words: {told:#?}");
}

/// FRM-007
#[test]
fn an_unknown_transfer_coding_is_501() {
    let folder = folder();
    let server = Server::of(&folder);
    for (value, coding) in [("foo, chunked", "foo"), ("gzip, chunked", "gzip"), ("foo;a=b, chunked", "foo")] {
        let response = server.get_with("/a.txt", &format!("{JSON}Transfer-Encoding: {value}\r\n"));
        let problem = response.is(501).json();
        assert!(problem["coding"].as_str().expect("is told").contains(coding), "{problem}");
        assert!(response.closes());
    }
}

/// Of each of these a careless reader finds the second request in what a careful one takes for content, or for nothing.
#[test]
fn no_request_is_smuggled_in_another() {
    let folder = folder();
    let server = Server::with(&folder, &["--allow-unknown-length"]);
    let hidden = "GET /smuggled.txt HTTP/1.1\r\nHost: h\r\n\r\n";
    let chunk = format!("{:x}\r\n{hidden}\r\n0\r\n\r\n", hidden.len());
    let head = |lines: &str| format!("POST /a.txt HTTP/1.1\r\nHost: h\r\n{lines}\r\n\r\n");
    let length = hidden.len();
    let tries = [
        // one length, one content: the second request is content
        head(&format!("Content-Length: {length}")) + hidden,
        head("Transfer-Encoding: chunked") + &chunk,
        // two lengths
        head("Content-Length: 0\r\nTransfer-Encoding: chunked") + &format!("0\r\n\r\n{hidden}"),
        head(&format!("Transfer-Encoding: chunked\r\nContent-Length: {length}")) + hidden,
        head(&format!("Content-Length: 0\r\nContent-Length: {length}")) + hidden,
        head(&format!("Content-Length: 0, {length}")) + hidden,
        head(&format!("Content-Length: {length}\r\nContent-Length: 0")) + hidden,
        // a coding that one reader knows and another does not
        head("Transfer-Encoding: xchunked") + hidden,
        head("Transfer-Encoding: chunked, identity") + hidden,
        head("Transfer-Encoding: identity, chunked") + &chunk,
        head("Transfer-Encoding: \"chunked\"") + hidden,
        head("Transfer-Encoding: chunked;q=1") + hidden,
        head("Transfer-Encoding:\x0bchunked") + hidden,
        head("Transfer-Encoding: chunked\x0c") + hidden,
        head("Transfer-Encoding: x\r\nTransfer-Encoding: chunked") + &chunk,
        // a field that one reader sees and another does not
        head("Transfer-Encoding : chunked") + hidden,
        head(" Transfer-Encoding: chunked") + hidden,
        head("X: y\r\n Transfer-Encoding: chunked") + hidden,
        head("X: y\rTransfer-Encoding: chunked") + hidden,
        head("X: y\nTransfer-Encoding: chunked") + hidden,
        head("X: y\0\r\nTransfer-Encoding: chunked") + hidden,
        head("Transfer-Encoding\0: chunked") + hidden,
        head(&format!("Content-Length: {length}\0")) + hidden,
        head(&format!("Content-Length\t: {length}")) + hidden,
        head("Content-Length: 00x0") + hidden,
        // an end of the head that one reader sees and another does not
        format!("POST /a.txt HTTP/1.1\r\nHost: h\r\nX: y\n\n{hidden}"),
        format!("POST /a.txt HTTP/1.1\r\nHost: h\r\n\n{hidden}"),
        format!("POST /a.txt HTTP/1.1\r\nHost: h\r\n\r{hidden}"),
        format!("POST /a.txt HTTP/1.1\nHost: h\n\n{hidden}"),
        // an end of a chunk that one reader sees and another does not
        head("Transfer-Encoding: chunked") + &format!("0\n\n{hidden}"),
        head("Transfer-Encoding: chunked") + &format!("0;\n{hidden}\r\n\r\n"),
        head("Transfer-Encoding: chunked") + &format!("1;a=b\nx\r\n0\r\n\r\n{hidden}"),
        head("Transfer-Encoding: chunked") + &format!("1\r\nxy\r\n0\r\n\r\n{hidden}"),
        head("Transfer-Encoding: chunked") + &format!("0x0\r\n\r\n{hidden}"),
        head("Transfer-Encoding: chunked") + &format!("-0\r\n\r\n{hidden}"),
        head("Transfer-Encoding: chunked") + &format!(" 0\r\n\r\n{hidden}"),
        head("Transfer-Encoding: chunked") + &format!("10000000000000000\r\n\r\n{hidden}"),
        head("Transfer-Encoding: chunked") + &format!("0\r\nX: y\n\r\n{hidden}"),
        head("Transfer-Encoding: chunked") + &format!("0\r\n X: y\r\n\r\n{hidden}"),
        // a version whose framing is another
        format!("POST /a.txt HTTP/1.0\r\nConnection: keep-alive\r\nTransfer-Encoding: chunked\r\n\r\n{chunk}"),
        format!("GET /a.txt\r\n{hidden}"),
    ];
    for octets in &tries {
        let responses = server.converse(octets);
        assert_eq!(responses.len(), 1, "{octets:?} is one request: {responses:#?}");
        assert_ne!(responses[0].status, 200, "{octets:?}");
    }
    let marked = "GET /b.txt?all-were-logged HTTP/1.1\r\nHost: h\r\n\r\n";
    server.converse(marked);
    server.out.wait_for("all-were-logged");
    let lines = server.out.all();
    assert_eq!(lines.len(), tries.len() + 1);
    assert!(!lines.iter().any(|line| line.contains("smuggled")), "{lines:#?}");
}

/// FRM-008, FRM-010
#[test]
fn chunks_are_read_to_their_end_and_trailers_mean_nothing() {
    let folder = folder();
    let server = Server::with(&folder, &["--allow-unknown-length"]);
    for content in [
        "0\r\n\r\n",
        "5\r\nhello\r\n0\r\n\r\n",
        "5;a=b\r\nhello\r\n0\r\n\r\n",
        "5 ; a = \"b;\\\"c\" ;d\r\nhello\r\n00000\r\n\r\n",
        "A\r\n0123456789\r\na\r\n0123456789\r\n0\r\n\r\n",
        "0000000000005\r\nhello\r\n0\r\n\r\n",
        "0\r\nAuthorization: Basic YTpi\r\nContent-Length: 100\r\nHost: other\r\n\r\n",
    ] {
        let first = format!("GET /a.txt HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n{content}");
        let second = "GET /b.txt HTTP/1.1\r\nHost: h\r\n\r\n";
        let responses = server.converse(format!("{first}{second}"));
        let texts: Vec<&str> = responses.iter().map(|response| response.is(200).text()).collect();
        assert_eq!(texts, ["a", "b"], "{content:?}");
    }
}

/// FRM-008, FRM-009: content that cannot be read to its end ends the connection; what follows is never taken for a request.
#[test]
fn broken_chunks_end_the_connection() {
    let folder = folder();
    let server = Server::with(&folder, &["--allow-unknown-length"]);
    let many_extensions = format!("1;{}\r\nx\r\n", "e".repeat(200)).repeat(100) + "0\r\n\r\n";
    for content in [
        "FFFFFFFFFFFFFFFFF\r\nx\r\n0\r\n\r\n",
        "G\r\nx\r\n0\r\n\r\n",
        "\r\n\r\n",
        "5\r\nhello0\r\n\r\n",
        &format!("1;{}\r\nx\r\n0\r\n\r\n", "e".repeat(65_536)),
        &many_extensions,
        &format!("0\r\nX: {}\r\n\r\n", "t".repeat(65_536)),
    ] {
        let first = format!("GET /a.txt HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n{content}");
        let responses = server.converse(format!("{first}GET /b.txt HTTP/1.1\r\nHost: h\r\n\r\n"));
        assert_eq!(responses.len(), 1, "{:?}", &content[..content.len().min(60)]);
    }
}

/// FRM-011
#[test]
fn content_of_unknown_length_is_411_unless_it_is_allowed() {
    let folder = folder();
    let chunked = "GET /a.txt HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n";
    let next = "GET /b.txt HTTP/1.1\r\nHost: h\r\n\r\n";
    let server = Server::of(&folder);
    let mut client = server.connect();
    let response = client.exchange(chunked);
    response.is(411).says("length");
    if response.closes() {
        client.is_closed();
    } else {
        assert_eq!(client.exchange(next).is(200).text(), "b");
    }
    let server = Server::with(&folder, &["--allow-unknown-length"]);
    let mut client = server.connect();
    assert_eq!(client.exchange(chunked).is(200).text(), "a");
    assert_eq!(client.exchange(next).is(200).text(), "b");
}

/// FRM-012: neither length nor coding is no content, and no reason for 411.
#[test]
fn a_post_without_a_length_has_no_content() {
    let folder = folder();
    let server = Server::of(&folder);
    let mut client = server.connect();
    client.exchange("POST /a.txt HTTP/1.1\r\nHost: h\r\n\r\n").is(405);
    assert_eq!(client.get("/b.txt").is(200).text(), "b");
}

/// FRM-013: content that nobody wants is read, or the connection ends.
#[test]
fn content_is_read_or_the_connection_ends() {
    let folder = folder();
    let server = Server::of(&folder);
    for (method, status, length, goes_on) in [
        ("GET", 200, 5, true),
        ("HEAD", 200, 5, true),
        ("OPTIONS", 200, 5, true),
        ("PUT", 405, 5, true),
        ("PUT", 405, 1_048_576, true),
        ("POST", 405, 0, true),
        ("DANCE", 501, 70_000, true),
        ("PUT", 405, 3_000_000, false),
        ("GET", 413, 1_048_577, false),
    ] {
        let mut client = server.connect();
        client.send(format!("{method} /a.txt HTTP/1.1\r\nHost: h\r\nContent-Length: {length}\r\n\r\n"));
        let sent_all = client.try_send_more(vec![b'x'; length]);
        let response = client.response();
        response.is(status);
        assert_eq!(!response.closes(), goes_on, "1XX-011: {method} {length}");
        if goes_on {
            assert!(sent_all, "{method} {length}");
            assert_eq!(client.get("/b.txt").is(200).text(), "b", "{method} {length}");
        } else {
            client.ends();
        }
    }
}

/// FRM-013, in the order of a careful client: the refusal comes before the content does.
#[test]
fn a_refusal_comes_before_the_content_and_the_next_request_after_it() {
    let folder = folder();
    let server = Server::of(&folder);
    let mut client = server.connect();
    client.send("PUT /a.txt HTTP/1.1\r\nHost: h\r\nContent-Length: 8\r\n\r\n");
    client.response().is(405);
    client.send_more("GET /x H"); // the content
    client.is_silent();
    assert_eq!(client.get("/b.txt").is(200).text(), "b");
}

/// FRM-014, FRM-016
#[test]
fn answers_to_http_1_0_have_no_transfer_coding() {
    let folder = Folder::with(&[("d/a.txt", "a"), ("a.txt", "a")]);
    let server = Server::of(&folder);
    for target in ["/d/", "/a.txt", "/none", "/d"] {
        let response = server.exchange(format!("GET {target} HTTP/1.0\r\n\r\n"));
        assert!(response.has("Content-Length") && response.closes(), "{target}");
    }
}
