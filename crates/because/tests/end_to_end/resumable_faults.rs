//! Uploads that can be resumed, when something comes between: a cut, a restart, a change by somebody else, a lack of room.

use crate::client::chunked;
use crate::folder::{Folder, noise};
use crate::resumable_uploads::{APPEND, DRAFT, append, begin, begun, head, is_forgotten, location, offset, stands_at};
use crate::server::{Server, Start, until};
use crate::webdav_locks::lock;
use crate::writes::strong;

/// The point of it all: what came before the cut is kept.
#[test]
fn what_came_before_the_cut_is_kept() {
    let folder = Folder::new();
    let server = Server::writable(&folder, &[]);
    let content = noise(900_000);
    let mut client = server.connect();
    client.send(head("PUT", "/a", true, "Content-Length: 900000\r\n"));
    let upload = location(&client.interim());
    client.send_more(&content[..500_000]).finish();
    // who still listens is told; that says that the server has seen the end
    client.response().refuses(400, "content_broken");
    client.is_closed();
    let mut client = server.connect();
    assert_eq!(offset(&mut client, &upload), 500_000);
    client.get("/a").is(404);
    // and once more, while it goes on
    client.send(format!(
        "PATCH {upload} HTTP/1.1\r\nHost: h\r\n{DRAFT}{APPEND}Upload-Offset: 500000\r\nUpload-Complete: ?1\r\n\
         Content-Length: 400000\r\n\r\n"
    ));
    client.send_more(&content[500_000..700_001]).finish();
    client.response().refuses(400, "content_broken");
    let mut client = server.connect();
    assert_eq!(offset(&mut client, &upload), 700_001);
    let told = client.ask("HEAD", &upload, DRAFT);
    assert_eq!(told.field("Upload-Length"), "900000", "the length was told by its first content");
    append(&mut client, &upload, 700_001, true, "", &content[700_001..]).is(201);
    assert!(client.get("/a").is(200).content == content && is_forgotten(&folder));
}

/// Whoever asks where to go on must find it as he was told: what was still under way does not count any more.
#[test]
fn who_asks_for_the_offset_can_rely_on_it() {
    let folder = Folder::new();
    let server = Server::writable(&folder, &[]);
    let content = noise(2_000_000);
    for nth in 0..5 {
        let target = format!("/{nth}");
        let mut old = server.connect();
        old.send(head("PUT", &target, true, "Content-Length: 2000000\r\n"));
        let upload = location(&old.interim());
        old.send_more(&content[..1_000_000]);
        let mut client = server.connect();
        let at = offset(&mut client, &upload);
        assert!(at <= 1_000_000);
        // the old connection goes on, as if nothing had happened
        old.try_send_more(&content[1_000_000..]);
        let from = usize::try_from(at).expect("few");
        let done = append(&mut client, &upload, at, true, "", &content[from..]);
        assert_eq!(done.is(201).field("Location"), target);
        if let Some(response) = old.may_be_answered() {
            assert!(response.status >= 400, "it was superseded: {:#?}", response.fields);
        }
        assert!(client.get(&target).is(200).content == content, "{nth}");
    }
    assert!(is_forgotten(&folder));
}

/// A connection that goes without a word, a server that is killed: the rest is sent to the next.
#[test]
fn an_upload_outlives_its_connection_and_its_server() {
    let folder = Folder::new();
    let content = noise(1_500_000);
    let start = || Start::of(folder.root()).args(&["--write"]).start();
    let server = start();
    let mut client = server.connect();
    client.send(head("PUT", "/a", true, "Content-Length: 1500000\r\n"));
    let upload = location(&client.interim());
    client.send_more(&content[..600_000]);
    drop(client); // cut
    let file = folder.path(&upload[1..]);
    let stored = |least: u64| {
        until("some of it is stored", || file.metadata().ok().map(|file| file.len()).filter(|length| *length >= least))
    };
    let least = stored(1);
    let mut client = server.connect();
    let at = offset(&mut client, &upload);
    assert!((least..=600_000).contains(&at), "{least} {at}");
    let from = usize::try_from(at).expect("few");
    let rest = content.len() - from;
    client.send(format!(
        "PATCH {upload} HTTP/1.1\r\nHost: h\r\n{DRAFT}{APPEND}Upload-Offset: {at}\r\nUpload-Complete: ?1\r\n\
         Content-Length: {rest}\r\n\r\n"
    ));
    client.send_more(&content[from..from + 400_000]);
    let least = stored(at + 1);
    drop(server); // killed
    let server = start();
    let mut client = server.connect();
    let at = offset(&mut client, &upload);
    assert!((least..=1_000_000).contains(&at), "{least} {at}");
    let told = client.ask("HEAD", &upload, DRAFT);
    assert_eq!(told.is(204).field("Upload-Length"), "1500000");
    let from = usize::try_from(at).expect("few");
    append(&mut client, &upload, at, true, "", &content[from..]).is(201);
    assert!(client.get("/a").is(200).content == content && is_forgotten(&folder));
    // that it is complete outlives the next one, too
    drop(server);
    let server = start();
    stands_at(server.ask("HEAD", &upload, DRAFT).is(204), 1_500_000, true);
    server.get("/a").is(200);
}

/// RFC 9110 §13.2.1: what the upload was begun for is judged again at its end. UPL-009: that it ended, is told with the error.
#[test]
fn conditions_are_judged_again_at_the_end() {
    let folder = Folder::new();
    let server = Server::writable(&folder, &[]);
    let mut client = server.connect();
    let tag = strong(client.put("/old", "old").is(201));
    // at the beginning
    for (target, condition) in
        [("/old", "If-None-Match: *\r\n"), ("/old", "If-Match: \"x\"\r\n"), ("/new", "If-Match: *\r\n")]
    {
        assert_eq!(
            begin(&mut client, "PUT", target, condition, b"x").is(412).interim,
            [0_u16; 0],
            "{target} {condition}"
        );
    }
    assert!(is_forgotten(&folder));
    // meanwhile
    let fresh = begun(&mut client, "/new", "If-None-Match: *\r\n", b"mi");
    let same = begun(&mut client, "/old", &format!("If-Match: {tag}\r\n"), b"mi");
    client.put("/new", "theirs").is(201);
    client.put("/old", "theirs").is(204);
    for upload in [&fresh, &same] {
        stands_at(append(&mut client, upload, 2, false, "", b"n").is(204), 3, false);
        let response = append(&mut client, upload, 3, true, "", b"e");
        response.refuses(412, "precondition_lost");
        assert_eq!(response.maybe("Upload-Complete"), Some("?1"), "UPL-009: {:#?}", response.fields);
        assert_eq!(client.ask("HEAD", upload, DRAFT).is(204).field("Upload-Complete"), "?1");
    }
    assert_eq!((folder.read("new"), folder.read("old")), (b"theirs".to_vec(), b"theirs".to_vec()));
    // nobody came between
    let tag = strong(&client.get("/old"));
    let same = begun(&mut client, "/old", &format!("If-Match: {tag}\r\n"), b"mi");
    append(&mut client, &same, 2, true, "", b"ne").is(204);
    assert_eq!((folder.read("old"), is_forgotten(&folder)), (b"mine".to_vec(), true));
}

/// UPL-009: whatever else has come to stand in its way.
#[test]
fn what_stands_in_the_way_at_the_end_is_told() {
    let folder = Folder::with(&[("dir/member", "m"), ("locked", "l"), ("place/x", "x")]);
    let server = Server::writable(&folder, &["--accept-type", "text/*"]);
    let mut client = server.connect();
    let text = "Content-Type: text/plain\r\n";
    let gone = begun(&mut client, "/dir/new", text, b"n");
    let locked = begun(&mut client, "/locked", text, b"n");
    let mapped = begun(&mut client, "/taken", text, b"n");
    let proven = begun(&mut client, "/proven", &format!("{text}Repr-Digest: sha-256=:{}=:\r\n", "A".repeat(43)), b"n");
    let belied = begun(&mut client, "/belied", text, b"%PDF-1.7\n");
    client.ask("DELETE", "/dir/", "").is(204);
    client.ask("MKCOL", "/taken/", "").is(201);
    lock(&server, "/locked", "");
    for (upload, at, status, cause) in [
        (&gone, 1, 409, "state_conflict"),
        (&locked, 1, 423, "subject_locked"),
        (&mapped, 1, 405, "mapped_meanwhile"),
        (&proven, 1, 400, "content_broken"),
        (&belied, 9, 415, "media_type_belied"),
    ] {
        let response = append(&mut client, upload, at, true, "", b"ew");
        response.refuses(status, cause);
        assert_eq!(response.maybe("Upload-Complete"), Some("?1"), "UPL-009: {status} {:#?}", response.fields);
        assert_eq!(client.ask("HEAD", upload, DRAFT).is(204).field("Upload-Complete"), "?1", "{status}");
    }
    // in one piece, too
    let broken = format!("{DRAFT}Upload-Complete: ?1\r\n{text}Repr-Digest: sha-256=:{}=:\r\n", "A".repeat(43));
    let response = client.bring("PUT", "/proven", &broken, "new");
    assert_eq!(response.refuses(400, "content_broken").maybe("Upload-Complete"), Some("?1"), "{:#?}", response.fields);
    assert_eq!(
        (folder.names(""), folder.read("locked")),
        (vec!["locked".into(), "place".into(), "taken".into()], b"l".to_vec())
    );
    assert!(is_forgotten(&folder));
}

/// Draft §4.5
#[test]
fn an_upload_is_given_up() {
    let folder = Folder::new();
    let server = Server::writable(&folder, &[]);
    let mut client = server.connect();
    let upload = begun(&mut client, "/a", "", &noise(300_000));
    assert!(!is_forgotten(&folder));
    client.ask("DELETE", &upload, DRAFT).is(204);
    assert!(is_forgotten(&folder), "what had come of it is gone");
    for method in ["HEAD", "GET", "DELETE"] {
        client.ask(method, &upload, DRAFT).is(404);
    }
    append(&mut client, &upload, 300_000, true, "", b"x").refuses(404, "target_missing");
    client.get("/a").is(404);
    // while content comes
    let mut old = server.connect();
    old.send(head("PUT", "/b", true, "Content-Length: 1000000\r\n"));
    let upload = location(&old.interim());
    old.send_more(noise(400_000));
    client.ask("DELETE", &upload, DRAFT).is(204);
    old.try_send_more(noise(600_000));
    if let Some(response) = old.may_be_answered() {
        assert!(response.status >= 400, "it was given up: {:#?}", response.fields);
    }
    client.get("/b").is(404);
    assert!(folder.names("").is_empty() && is_forgotten(&folder));
}

/// What a share has no room for is not taken in pieces either.
#[test]
fn an_upload_keeps_within_the_quota() {
    let folder = Folder::with(&[("old", "old")]);
    let server = Server::writable(&folder, &["--quota", "1000"]);
    let mut client = server.connect();
    let upload = begun(&mut client, "/a", "", &noise(600));
    append(&mut client, &upload, 600, true, "", &noise(600)).is(507);
    assert!(!folder.path("a").exists() && folder.read("old") == b"old");
    let fields = format!("{DRAFT}Upload-Complete: ?1\r\n");
    client.send(format!("PUT /b HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n{fields}\r\n"));
    client.send_more(chunked(noise(1_200), 100));
    client.response().is(507);
    assert_eq!((folder.names(""), folder.is_tidy()), (vec!["old".to_owned()], true));
}

/// There are as many uploads as there may be: then a whole is taken as any, and a piece is not taken for a whole.
#[test]
fn a_piece_is_never_taken_for_the_whole() {
    const MOST: usize = 1_024;
    let folder = Folder::with(&[("old", "old")]);
    let server = Server::writable(&folder, &[]);
    let mut client = server.connect();
    let mut first = None;
    for _ in 0..MOST {
        let upload = begun(&mut client, "/old", "", b"x");
        first.get_or_insert(upload);
    }
    let response = begin(&mut client, "PUT", "/old", "", b"half");
    assert!(matches!(response.status, 500..=599 | 429), "{:#?}", response.fields);
    assert_eq!(folder.read("old"), b"old");
    let mut client = server.connect();
    let whole = client.bring("PUT", "/new", &format!("{DRAFT}Upload-Complete: ?1\r\n"), "whole");
    assert_eq!((whole.is(201).interim.as_slice(), folder.read("new")), (&[][..], b"whole".to_vec()));
    client.ask("DELETE", &first.expect("one"), DRAFT).is(204);
    begun(&mut client, "/old", "", b"x");
    // nor where it cannot be kept as a piece for another reason
    let coded = begin(&mut client, "PUT", "/new", "Content-Encoding: gzip\r\n", b"\x1f\x8b\x08");
    assert!(coded.status >= 400, "{:#?}", coded.fields);
    assert_eq!(folder.read("new"), b"whole");
}
