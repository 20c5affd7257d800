//! What goes wrong while something is written: content that is cut off, stalls or crawls; servers that stop or meet.

use std::time::Duration;

use rustix::process::Signal;

use crate::client::message;
use crate::folder::{Folder, noise};
use crate::server::{Server, Start, run, until};

/// Whatever is sent of it and then cut off, the old file stays, and nothing else is left behind.
#[test]
fn content_that_is_cut_off_changes_nothing() {
    let folder = Folder::with(&[("old", "old")]);
    let server = Server::writable(&folder, &[]);
    let chunk = "PUT /old HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n";
    let long = message("PUT", "/old", "", noise(600_000));
    for beginning in [
        b"PUT /old HTTP/1.1\r\nHost: h\r\nContent-Length: 10\r\n\r\nhello".as_slice(),
        b"PUT /new HTTP/1.1\r\nHost: h\r\nContent-Length: 10\r\n\r\n",
        chunk.as_bytes(),
        &[chunk.as_bytes(), b"5\r\nwor"].concat(),
        &[chunk.as_bytes(), b"0\r\n"].concat(),
        &long[..500_000],
    ] {
        // who still listens is told; who is gone is not
        let mut client = server.connect();
        client.send(beginning).finish();
        let response = client.response();
        assert!(response.refuses(400, "content_broken").closes(), "{}", beginning.len());
        client.is_closed();
        server.connect().send(beginning);
        server.get("/new").is(404);
        assert_eq!(server.get("/old").is(200).text(), "old");
    }
    until("all is tidy", || folder.is_tidy().then_some(()));
    assert_eq!((folder.read("old"), folder.names("")), (b"old".to_vec(), vec!["old".to_owned()]));
}

#[test]
fn chunks_that_are_none_are_400() {
    let folder = Folder::with(&[("old", "old")]);
    let server = Server::writable(&folder, &[]);
    for chunks in [
        "x\r\nhello\r\n0\r\n\r\n",
        "5\r\nhello!\r\n0\r\n\r\n",
        "-5\r\nhello\r\n0\r\n\r\n",
        "5\nhello\n0\n\n",
        "ffffffffffffffffff\r\n",
    ] {
        let mut client = server.connect();
        client.send(format!("PUT /old HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n{chunks}"));
        let response = client.response();
        assert!(response.refuses(400, "content_broken").closes(), "{chunks:?}");
        client.ends();
        assert_eq!(folder.read("old"), b"old", "{chunks:?}");
    }
    assert!(folder.is_tidy());
}

/// RFC 9110 §15.5.9: who stops sending is told so.
#[test]
fn content_that_stalls_is_408() {
    let folder = Folder::with(&[("old", "old")]);
    let server = Server::writable(&folder, &["--content-timeout", "150ms"]);
    let begun = message("PUT", "/old", "", noise(600_000));
    let waiting = "PUT /old HTTP/1.1\r\nHost: h\r\nContent-Length: 10\r\nExpect: 100-continue\r\n\r\n";
    let cases = [
        (b"PUT /old HTTP/1.1\r\nHost: h\r\nContent-Length: 10\r\n\r\nhello".as_slice(), &[][..]),
        (b"PUT /old HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhel", &[]),
        (&begun[..400_000], &[]),
        (b"PROPFIND /old HTTP/1.1\r\nHost: h\r\nDepth: 0\r\nContent-Length: 10\r\n\r\n<?xml", &[]),
        (b"LOCK /old HTTP/1.1\r\nHost: h\r\nContent-Length: 10\r\n\r\n", &[]),
        // who was invited by 100 and never comes, too
        (waiting.as_bytes(), &[100]),
    ];
    let mut clients = cases.map(|(beginning, interim)| {
        let mut client = server.connect();
        client.send(beginning);
        (client, interim)
    });
    for (client, interim) in &mut clients {
        let response = client.response();
        assert_eq!(response.refuses(408, "content_stalled").interim, *interim);
        client.ends();
    }
    assert_eq!((folder.read("old"), folder.is_tidy()), (b"old".to_vec(), true));
}

/// Who sends an octet now and then does not hold a connection for ever.
#[test]
fn content_that_crawls_is_408() {
    let folder = Folder::with(&[("old", "old")]);
    let server = Server::writable(&folder, &["--content-timeout", "200ms", "--content-rate", "1M"]);
    let mut client = server.connect();
    client.send("PUT /old HTTP/1.1\r\nHost: h\r\nContent-Length: 1000000\r\n\r\n");
    let crawl = || {
        std::thread::sleep(Duration::from_millis(20));
        (!client.try_send_more("x") || client.has_answer()).then_some(())
    };
    until("the server has had enough", crawl);
    client.response().refuses(408, "content_stalled");
    assert_eq!((folder.read("old"), folder.is_tidy()), (b"old".to_vec(), true));
}

/// A drain lets what has begun come to its end (RFC 9110 §15.6.4).
#[test]
fn a_server_that_stops_finishes_what_is_being_written() {
    let folder = Folder::new();
    let mut server = Server::writable(&folder, &[]);
    let mut client = server.connect();
    client.send("PUT /new HTTP/1.1\r\nHost: h\r\nContent-Length: 10\r\nExpect: 100-continue\r\n\r\n");
    client.pending_head();
    server.signal(Signal::TERM);
    server.err.wait_for("finishing");
    client.send_more("0123456789");
    client.response().is(201);
    // the response may have been on its way before the thread heard of the drain; then the connection ends as an idle one does
    client.ends();
    assert_eq!(server.end().code(), Some(0));
    assert_eq!((folder.read("new"), folder.is_tidy()), (b"0123456789".to_vec(), true));
}

/// What a server that was killed had begun is cleared by the next one; what it had finished is there.
#[test]
fn a_server_that_is_killed_leaves_no_debris_for_ever() {
    let folder = Folder::with(&[("old", "old")]);
    let server = Server::writable(&folder, &[]);
    server.put("/done", "done").is(201);
    let mut client = server.connect();
    client.send(&message("PUT", "/old", "", noise(3_000_000))[..2_000_000]);
    until("something is being made", || (!folder.is_tidy()).then_some(()));
    drop(server); // killed
    assert!(!folder.is_tidy());
    let server = Server::writable(&folder, &[]);
    assert!(folder.is_tidy());
    assert_eq!(server.get("/old").is(200).text(), "old");
    assert_eq!(server.get("/done").is(200).text(), "done");
}

#[test]
fn two_servers_do_not_write_to_one_folder() {
    let folder = Folder::with(&[("a.txt", "a")]);
    let server = Server::writable(&folder, &[]);
    let root = folder.root();
    let output = run(&["serve", root.to_str().expect("text"), "--write", "--listen", "127.0.0.1:0"]);
    let said = String::from_utf8(output.stderr).expect("text");
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert!(said.starts_with("because: cannot write to the folder") && said.lines().count() == 1, "{said}");
    assert!(said.contains("another"), "it says why: {said}");
    assert!(!said.contains("os error") && !said.contains("redb"), "in words: {said}");
    // one that only reads may
    Server::of(&folder).get("/a.txt").is(200);
    server.put("/a.txt", "b").is(204);
    drop(server);
    // and when the first is gone, the next may write
    Server::writable(&folder, &[]).put("/a.txt", "c").is(204);
}

#[test]
fn a_folder_that_cannot_be_written_to_is_told_at_the_start() {
    let folder = Folder::with(&[("a.txt", "a")]);
    folder.write(".because", "a file where the folder should be");
    let root = folder.root();
    let output = run(&["serve", root.to_str().expect("text"), "--write", "--listen", "127.0.0.1:0"]);
    let said = String::from_utf8(output.stderr).expect("text");
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert!(said.starts_with("because: cannot write to the folder") && said.lines().count() == 1, "{said}");
    assert!(!said.contains("os error") && !said.contains("panicked"), "in words: {said}");
}

#[test]
fn who_lets_everybody_write_is_warned() {
    let folder = Folder::new();
    let both = &["127.0.0.1:0", "0.0.0.0:0"];
    let server = Start::of(folder.root()).args(&["--write"]).listen(both).start();
    server.err.wait_for("WARNING");
    server.err.wait_for("asks for a password");
    server.err.wait_for("clients may write");
    drop(server);
    for (args, addresses) in [(&["--write"][..], &both[..1]), (&[], both)] {
        let mut server = Start::of(folder.root()).args(args).listen(addresses).start();
        server.get("/none").is(404);
        server.signal(Signal::TERM);
        server.end();
        assert!(!server.err.to_the_end().join("\n").contains("WARNING"), "{args:?} {addresses:?}");
    }
}
