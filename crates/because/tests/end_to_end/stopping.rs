//! Stopping: what has begun is finished, nothing new begins, and whoever is in a hurry says it twice.

use std::net::TcpStream;
use std::time::{Duration, Instant};

use rustix::process::Signal;

use crate::folder::{Folder, noise};
use crate::server::{Server, until};

#[test]
fn a_server_without_work_stops_at_once() {
    for signal in [Signal::TERM, Signal::INT] {
        let folder = Folder::with(&[("a.txt", "a")]);
        let mut server = Server::of(&folder);
        server.get("/a.txt").is(200);
        server.signal(signal);
        assert_eq!(server.end().code(), Some(0));
        assert!(server.out.to_the_end().iter().any(|line| line.contains("/a.txt")), "the log is written to its end");
    }
}

#[test]
fn what_has_begun_is_finished_and_nothing_new_begins() {
    let folder = Folder::with(&[("a.txt", "a")]);
    let file = noise(20 << 20);
    folder.write("large.bin", &file);
    let mut server = Server::of(&folder);
    let mut idle = server.connect();
    idle.get("/a.txt").is(200);
    let mut untouched = server.connect();
    let mut half = server.connect();
    half.send("GET /a.txt HTTP/1.1\r\nHos");
    let mut loading = server.connect();
    loading.send("GET /large.bin HTTP/1.1\r\nHost: h\r\n\r\n");
    loading.pending_head();
    server.get("/a.txt").is(200); // by now all have been accepted, and the half has been read
    let address = server.addresses()[0];
    server.signal(Signal::TERM);
    server.err.wait_for("finishing what has begun");
    until("nobody new is let in", || TcpStream::connect(address).is_err().then_some(()));
    idle.is_closed();
    untouched.is_closed();
    half.send_more("t: h\r\n\r\n");
    let last = half.response();
    assert!(last.is(200).closes(), "the last answer says that it is the last");
    half.is_closed();
    assert!(!server.has_ended(), "it waits for what has begun");
    assert!(loading.response().is(200).content == file, "a download is finished");
    loading.ends();
    assert_eq!(server.end().code(), Some(0));
    assert!(server.out.to_the_end().iter().any(|line| line.contains("/large.bin 200")), "and logged");
}

#[test]
fn the_second_signal_ends_it_at_once() {
    let folder = Folder::new();
    folder.write("large.bin", noise(20 << 20));
    let mut server = Server::of(&folder);
    let mut loading = server.connect();
    loading.send("GET /large.bin HTTP/1.1\r\nHost: h\r\n\r\n");
    loading.pending_head();
    server.signal(Signal::TERM);
    server.err.wait_for("finishing what has begun");
    assert!(!server.has_ended());
    server.signal(Signal::INT);
    let start = Instant::now();
    let code = server.end().code();
    assert!(code.is_some_and(|code| code != 0) && start.elapsed() < Duration::from_secs(2), "{code:?}");
}

#[test]
fn a_drain_does_not_wait_for_ever() {
    let folder = Folder::new();
    folder.write("large.bin", noise(20 << 20));
    let mut server = Server::with(&folder, &["--drain-timeout", "300ms"]);
    let mut loading = server.connect();
    loading.send("GET /large.bin HTTP/1.1\r\nHost: h\r\n\r\n");
    loading.pending_head();
    server.signal(Signal::TERM);
    assert_eq!(server.end().code(), Some(0));
}
