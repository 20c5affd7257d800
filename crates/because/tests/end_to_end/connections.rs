//! Connections: how long they live, in which order they answer, and how they end.

use std::time::{Duration, Instant};

use crate::folder::Folder;
use crate::server::{Server, Start};

fn folder() -> Folder {
    Folder::with(&[("a.txt", "a"), ("b.txt", "b"), ("c.txt", "c")])
}

fn get(name: &str, version: &str, fields: &str) -> String {
    format!("GET /{name}.txt HTTP/{version}\r\nHost: h\r\n{fields}\r\n")
}

/// RFC 9112 §9.3: CON-001, CON-008
#[test]
fn a_connection_goes_on_as_the_version_and_the_client_say() {
    let folder = folder();
    let server = Server::of(&folder);
    for (version, fields, goes_on) in [
        ("1.1", "", true),
        ("1.1", "Connection: keep-alive\r\n", true),
        ("1.1", "Connection: upgrade, x\r\n", true),
        ("1.1", "Proxy-Connection: close\r\n", true),
        ("1.1", "Connection: close\r\n", false),
        ("1.1", "Connection: Close\r\n", false),
        ("1.1", "Connection: keep-alive, close\r\n", false),
        ("1.1", "Connection: x\r\nConnection: close\r\n", false),
        ("1.0", "", false),
        ("1.0", "Connection: keep-alive\r\n", true),
        ("1.0", "Connection: Keep-Alive\r\n", true),
        ("1.0", "Connection: keep-alive, close\r\n", false),
        ("1.0", "Connection: close\r\n", false),
        ("1.0", "Keep-Alive: timeout=5\r\n", false),
    ] {
        let mut client = server.connect();
        let response = client.exchange(get("a", version, fields));
        assert_eq!(response.is(200).closes(), !goes_on, "{version} {fields}");
        if goes_on {
            client.exchange(get("b", version, fields)).is(200).says("b");
        } else {
            client.is_closed();
        }
    }
}

/// CON-004
#[test]
fn pipelined_requests_are_answered_in_their_order() {
    let folder = folder();
    let large = crate::folder::noise(3_000_000);
    folder.write("large.bin", &large);
    folder.folder("list");
    let server = Server::of(&folder);
    let mut client = server.connect();
    client.pipeline(&[
        "GET /large.bin HTTP/1.1\r\nHost: h\r\n\r\n",
        &get("a", "1.1", ""),
        "GET /list/ HTTP/1.1\r\nHost: h\r\nAccept: application/json\r\n\r\n",
        "PUT /a.txt HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\nhello",
        "HEAD /b.txt HTTP/1.1\r\nHost: h\r\n\r\n",
        &get("none", "1.1", ""),
        "\r\n",
        &get("c", "1.1", "Connection: close\r\n"),
        &get("b", "1.1", ""),
    ]);
    assert!(client.response().is(200).content == large, "the first comes whole and first");
    client.response().is(200).says("a");
    assert_eq!(client.response().is(200).json(), serde_json::json!([]));
    client.response().is(405);
    assert_eq!(client.response().is(200).field("Content-Length"), "1");
    client.response().is(404).says("/none.txt");
    client.note_nothing();
    client.response().is(200).says("c");
    client.ends();
}

/// CON-001, MTH-022
#[test]
fn nothing_after_the_last_request_is_answered() {
    let folder = folder();
    let server = Server::of(&folder);
    let second = get("b", "1.1", "");
    for first in [
        get("a", "1.1", "Connection: close\r\n"),
        get("a", "1.0", ""),
        "GET /a.txt HTTP/1.1\r\n\r\n".to_owned(),
        "GET /a.txt HTTP/2.0\r\nHost: h\r\n\r\n".to_owned(),
        "CONNECT h:443 HTTP/1.1\r\nHost: h:443\r\n\r\n".to_owned(),
        "GET /a.txt HTTP/1.1\r\nHost: h\r\nContent-Length: 9999999\r\n\r\n".to_owned(),
    ] {
        assert_eq!(server.converse(format!("{first}{second}")).len(), 1, "{first}");
    }
}

/// RFC 9112 §9.6: the answer to an overlong upload arrives, instead of a reset. CON-003
#[test]
fn a_refusal_arrives_although_ten_megabytes_are_still_sent() {
    let folder = folder();
    let server = Server::of(&folder);
    let ten = vec![b'x'; 10_000_000];
    for head in [
        "GET /a.txt HTTP/1.1\r\nHost: h\r\nContent-Length: 10000000\r\n\r\n",
        "PUT /a.txt HTTP/1.1\r\nHost: h\r\nContent-Length: 10000000\r\n\r\n",
        "GET /a.txt HTTP/1.1\r\nHost: h\r\nContent-Length: x\r\n\r\n",
        "GET /a.txt HTTP/1.1\r\nHost: h\r\nConnection: close\r\nContent-Length: 1000000\r\n\r\n",
    ] {
        let mut client = server.connect();
        client.send(head);
        assert!(client.try_send_more(&ten), "the server goes on reading");
        let response = client.response();
        assert!([200, 400, 405, 413].contains(&response.status), "{head} {}", response.status);
        assert!(response.closes());
        client.ends();
    }
    // a head that is far too large
    let mut client = server.connect();
    client.send("GET /a.txt HTTP/1.1\r\nHost: h\r\nX: ");
    assert!(client.try_send_more(&ten), "the server goes on reading");
    client.response().is(431);
    client.ends();
}

/// CON-006
#[test]
fn an_idle_connection_is_closed_without_a_word() {
    let folder = folder();
    let server = Server::with(&folder, &["--idle-timeout", "200ms", "--head-timeout", "200ms"]);
    let mut untouched = server.connect();
    let mut line_end = server.connect();
    line_end.send("\r\n");
    let mut half_line_end = server.connect();
    half_line_end.send("\r");
    let mut used = server.connect();
    used.get("/a.txt").is(200);
    let mut used_old = server.connect();
    used_old.exchange(get("a", "1.0", "Connection: keep-alive\r\n")).is(200);
    for client in [&mut untouched, &mut line_end, &mut half_line_end, &mut used, &mut used_old] {
        client.is_closed();
    }
    assert!(!server.out.all().iter().any(|line| line.contains("408")));
}

/// CON-005
#[test]
fn a_head_that_trickles_in_is_408() {
    let folder = folder();
    let server = Server::with(&folder, &["--head-timeout", "300ms"]);
    let start = Instant::now();
    let mut client = server.connect();
    client.send("GET /a.txt HTTP/1.1\r\nHost: h\r\nX: ");
    while start.elapsed() < Duration::from_millis(600) && client.try_send_more("x") {
        std::thread::sleep(Duration::from_millis(20));
    }
    client.response().is(408);
    client.ends();
    // the time is for a head, not for a connection
    let mut client = server.connect();
    for _ in 0..4 {
        client.get("/a.txt").is(200);
        std::thread::sleep(Duration::from_millis(100));
    }
}

/// CON-005: content that was announced and does not come is 408, too, before anything is answered.
#[test]
fn content_that_stops_arriving_is_408() {
    let folder = folder();
    let server = Server::with(&folder, &["--content-timeout", "200ms"]);
    let mut client = server.connect();
    client.send("GET /a.txt HTTP/1.1\r\nHost: h\r\nAccept: application/problem+json\r\nContent-Length: 5\r\n\r\nab");
    let response = client.response();
    let problem = response.is(408).json();
    assert_eq!(
        (problem["cause"].as_str(), problem["permanence"].as_str()),
        (Some("request_stalled"), Some("temporary"))
    );
    assert_eq!((problem["received"].as_u64(), problem["announced"].as_u64()), (Some(2), Some(5)));
    assert!(response.closes());
    // what comes slowly, and comes, is taken; the next request is found behind it
    let mut client = server.connect();
    client.send("GET /a.txt HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\nab");
    client.send("cdeGET /b.txt HTTP/1.1\r\nHost: h\r\n\r\n");
    assert_eq!((client.response().is(200).text(), client.response().is(200).text()), ("a", "b"));
}

/// Content that nobody wants is not waited for without end.
#[test]
fn content_that_stalls_ends_the_connection() {
    let folder = folder();
    let server = Server::with(&folder, &["--content-timeout", "200ms", "--linger-timeout", "200ms"]);
    let mut client = server.connect();
    client.send("PUT /a.txt HTTP/1.1\r\nHost: h\r\nContent-Length: 10\r\n\r\nabc");
    client.response().is(405);
    client.ends();
}

/// Slowloris, the other way round: who takes nothing of an answer does not hold its place for ever.
#[test]
fn a_client_that_takes_nothing_is_given_up() {
    let folder = Folder::new();
    folder.write("large.bin", vec![b'x'; 20 << 20]);
    let server = Server::with(&folder, &["--write-timeout", "200ms"]);
    let mut client = server.connect();
    client.send("GET /large.bin HTTP/1.1\r\nHost: h\r\n\r\n");
    let line = server.log(" broken");
    assert_eq!((line.status, line.broken), (200, true));
    let head = client.final_head();
    let promised: usize = head.field("Content-Length").parse().expect("a number");
    let mut got = 0;
    loop {
        let piece = client.take(usize::MAX).len();
        if piece == 0 {
            break;
        }
        got += piece;
    }
    assert!(got < promised, "what was not sent is missing");
}

/// SEM-011: the date is that of the answer, not that of the last connection.
#[test]
fn the_date_is_the_present() {
    let folder = folder();
    let server = Server::of(&folder);
    let mut client = server.connect();
    for _ in 0..3 {
        let now = || std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).expect("is later").as_secs();
        let before = now();
        let response = client.get("/a.txt");
        let date = crate::dates::read(response.field("Date")).expect("a date").unsigned_abs();
        assert!((before.saturating_sub(1)..=now()).contains(&date), "{before} {date}");
        std::thread::sleep(Duration::from_millis(550));
    }
}

#[test]
fn a_connection_ends_after_as_many_requests_as_are_allowed() {
    let folder = folder();
    let server = Server::with(&folder, &["--max-requests", "3"]);
    let mut client = server.connect();
    assert!(!client.get("/a.txt").is(200).closes());
    assert!(!client.get("/none").is(404).closes());
    assert!(client.get("/a.txt").is(200).closes());
    client.is_closed();
}

/// CON-011
#[test]
fn a_crowd_is_refused_one_by_one_and_served_when_there_is_room() {
    let folder = folder();
    let server = Server::with(&folder, &["--max-connections", "4"]);
    let mut inside: Vec<_> = (0..4).map(|_| server.connect()).collect();
    for client in &mut inside {
        client.get("/a.txt").is(200);
    }
    for _ in 0..20 {
        let response = server.get("/a.txt");
        assert_eq!(response.is(503).field("Retry-After"), "5");
        assert!(response.closes());
    }
    // nobody waits for the content of a request for which there is no room
    let mut client = server.connect();
    client.send("GET /a.txt HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\n");
    client.response().is(503);
    drop(client);
    for client in &mut inside {
        client.get("/b.txt").is(200);
    }
    drop(inside);
    crate::server::until("there is room again", || (server.get("/a.txt").status == 200).then_some(()));
}

/// Far more clients than there are descriptors: who can be answered is told 503, nobody makes the server fall.
#[test]
fn running_out_of_descriptors_is_survived() {
    let folder = folder();
    let server = Start::of(folder.root()).descriptors(48).start();
    server.get("/a.txt").is(200);
    let mut crowd: Vec<_> = (0..120).map(|_| server.connect()).collect();
    for client in &mut crowd {
        client.try_send(get("a", "1.1", ""));
    }
    assert!([200, 503].contains(&crowd[0].response().status));
    drop(crowd);
    crate::server::until("it serves again", || {
        let mut client = server.connect();
        client.try_send(get("a", "1.1", ""));
        client.may_be_answered().filter(|response| response.status == 200)
    });
}

/// RFC 9112 §9.5: a client that goes away in the middle harms nobody.
#[test]
fn clients_may_go_at_any_moment() {
    let folder = folder();
    folder.write("large.bin", vec![b'x'; 4 << 20]);
    let server = Server::of(&folder);
    for octets in [
        "",
        "G",
        "GET /a.txt HTTP/1.1\r\n",
        "GET /large.bin HTTP/1.1\r\nHost: h\r\n\r\n",
        "PUT / HTTP/1.1\r\nHost: h\r\nContent-Length: 9\r\n\r\nabc",
    ] {
        for _ in 0..5 {
            server.connect().send(octets);
        }
    }
    server.get("/a.txt").is(200);
}
