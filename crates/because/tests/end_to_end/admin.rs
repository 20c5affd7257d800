//! The admin listener: who may look on, and what is seen.

use std::net::SocketAddr;

use rustix::process::Signal;

use crate::client::Client;
use crate::folder::Folder;
use crate::server::{Server, Start, run, until};

/// The address of the admin listener, as it was announced.
fn admin(server: &Server) -> SocketAddr {
    let line = server.err.wait_for("  for you: ");
    let address = line.trim_start().strip_prefix("http://").and_then(|rest| rest.split_once('/'));
    let address = address.map(|(address, _)| address.replace("localhost", "127.0.0.1"));
    address.and_then(|address| address.parse().ok()).expect("an address")
}

/// A server that is looked on, and where.
fn watched(folder: &Folder) -> (Server, SocketAddr) {
    let server = Start::of(folder.root()).args(&["--admin", "127.0.0.1:0"]).start();
    let admin = admin(&server);
    (server, admin)
}

fn get(admin: SocketAddr, target: &str) -> crate::client::Response {
    ask(admin, "GET", target, "")
}

fn ask(admin: SocketAddr, method: &str, target: &str, fields: &str) -> crate::client::Response {
    Client::to(admin).exchange(format!("{method} {target} HTTP/1.1\r\nHost: localhost\r\n{fields}\r\n"))
}

#[test]
fn what_was_answered_is_counted_and_kept_with_its_cause() {
    let folder = Folder::with(&[("a.txt", "a")]);
    let (server, admin) = watched(&folder);
    server.get("/a.txt").is(200);
    server.get("/a.txt").is(200);
    server.get_with("/none", "Authorization: Basic c2VjcmV0OnNlY3JldA==\r\n").is(404);
    let metrics = get(admin, "/metrics").is(200).text().to_owned();
    for line in [
        "because_responses_total{status=\"200\",cause=\"representation_available\"} 2",
        "because_responses_total{status=\"404\",cause=\"target_missing\"} 1",
        "because_connections_accepted_total 3",
    ] {
        assert!(metrics.lines().any(|told| told == line), "{line}\n{metrics}");
    }
    let recent: serde_json::Value =
        serde_json::from_str(get(admin, "/recent.json?status=4xx").is(200).text()).expect("JSON");
    let refusals = recent["verdicts"].as_array().expect("a list");
    assert_eq!(refusals.len(), 1);
    assert_eq!((&refusals[0]["target"], &refusals[0]["cause"]), (&"/none".into(), &"target_missing".into()));
    let whole = get(admin, &format!("/verdict/{}.json", refusals[0]["number"]));
    let whole = whole.is(200).text();
    assert!(whole.contains("\"record\":{") && !whole.contains("c2VjcmV0"), "{whole}");
    let walk = refusals[0]["because"].as_str().expect("a number");
    assert_eq!(get(admin, &format!("/walk/{walk}.svg")).is(200).field("Content-Type"), "image/svg+xml");
}

#[test]
fn the_page_is_whole_and_loads_nothing_of_others() {
    let folder = Folder::new();
    let (_server, admin) = watched(&folder);
    let page = get(admin, "/");
    assert_eq!(page.is(200).field("Content-Type"), "text/html; charset=utf-8");
    assert_eq!(page.field("Cache-Control"), "no-cache");
    assert!(page.field("Content-Security-Policy").starts_with("default-src 'none'"));
    let tag = page.field("ETag").to_owned();
    ask(admin, "GET", "/", &format!("If-None-Match: {tag}\r\n")).is(304);
    for (path, media_type) in [
        ("/live.css", "text/css; charset=utf-8"),
        ("/live.js", "text/javascript; charset=utf-8"),
        ("/graph.svg", "image/svg+xml"),
    ] {
        assert_eq!(get(admin, path).is(200).field("Content-Type"), media_type);
    }
    get(admin, "/none").is(404);
    let refused = ask(admin, "POST", "/metrics", "Content-Length: 0\r\n");
    assert_eq!(refused.is(405).field("Allow"), "GET, HEAD, OPTIONS");
    Client::to(admin).exchange("GET / HTTP/1.1\r\nHost: evil.example\r\n\r\n").is(421);
    Client::to(admin).exchange("GET  / HTTP/1.1\r\n\r\n").is(400);
}

#[test]
fn verdicts_are_told_as_they_come_and_the_stream_ends_with_the_server() {
    let folder = Folder::with(&[("a.txt", "a")]);
    let (mut server, admin) = watched(&folder);
    let mut follower = Client::to(admin);
    follower.send("GET /events HTTP/1.1\r\nHost: localhost\r\nLast-Event-ID: 0\r\n\r\n");
    let head = follower.final_head();
    assert_eq!(head.is(200).field("Content-Type"), "text/event-stream");
    assert_eq!((head.field("Transfer-Encoding"), head.maybe("Content-Length")), ("chunked", None));
    let mut seen = String::new();
    let mut wait = |part: &str| {
        while !seen.contains(part) {
            let more = follower.take(4_096);
            assert!(!more.is_empty(), "the stream ended before {part:?}: {seen}");
            seen.push_str(str::from_utf8(&more).expect("text"));
        }
    };
    wait("event: server");
    server.get("/a.txt").is(200);
    wait("id: 1\ndata: {\"number\":1,");
    server.get("/none").is(404);
    wait("\"cause\":\"target_missing\"");
    server.signal(Signal::TERM);
    wait("\r\n0\r\n\r\n");
    assert!(server.end().success());
}

#[test]
fn probes_are_answered_and_old_clients_are_served() {
    let folder = Folder::new();
    let (mut server, admin) = watched(&folder);
    assert_eq!(get(admin, "/healthz").is(200).text(), "alive\n");
    assert_eq!(get(admin, "/readyz").is(200).text(), "ready\n");
    assert_eq!(ask(admin, "HEAD", "/events", "").is(200).maybe("Content-Length"), None);
    Client::to(admin).exchange("GET /healthz HTTP/1.0\r\n\r\n").is(200);
    // as long as something is to be finished, whoever asks is told that nothing more is taken
    let mut busy = server.connect();
    busy.send("GET /a.txt HTTP/1.1\r\nHost: h\r\n");
    until("the server has seen it", || get(admin, "/metrics").text().contains("because_connections 1\n").then_some(()));
    server.signal(Signal::TERM);
    server.err.wait_for("finishing what has begun");
    get(admin, "/readyz").refuses(503, "in_maintenance").says("takes nothing new");
    get(admin, "/healthz").is(200);
    busy.send_more("\r\n").response().is(404);
    assert!(server.end().success());
}

#[test]
fn where_others_reach_it_somebody_must_be_named() {
    let folder = Folder::new();
    let output = run(&["serve", folder.root().to_str().expect("text"), "--admin", "0.0.0.0:0"]);
    let said = String::from_utf8(output.stderr).expect("text");
    assert!(!output.status.success() && said.contains("others reach 0.0.0.0:0"), "{said}");
    let config = |allow: &str| {
        let token = "sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"; // of "test"
        format!(
            "folder = '.'\n[admin]\nlisten = '0.0.0.0:0'\n{allow}\n[users.ops]\ntoken = '{token}'\n[users.other]\ntoken = 'sha256:{}'\n",
            "0".repeat(64)
        )
    };
    let file = folder.write("open.toml", config(""));
    let output = run(&["serve", file.to_str().expect("text")]);
    let said = String::from_utf8(output.stderr).expect("text");
    assert!(!output.status.success() && said.contains("open.toml:3") && said.contains("allow"), "{said}");
    let file = folder.write("because.toml", config("allow = ['ops']"));
    let server = Start::of(file).start();
    let address = SocketAddr::from(([127, 0, 0, 1], admin(&server).port()));
    assert_eq!(get(address, "/metrics").is(401).field("WWW-Authenticate"), "Bearer realm=\"because admin\"");
    ask(address, "GET", "/metrics", "Authorization: Bearer test\r\n").is(200);
    get(address, "/healthz").is(200);
    get(address, "/readyz").is(200);
}
