//! Files: their types and validators, HEAD beside GET, large ones, and ones that change while they are sent.

use std::fs::{self, File};
use std::time::{Duration, SystemTime};

use crate::dates;
use crate::folder::{Folder, noise, of_site, site};
use crate::server::{Server, until};

/// MTH-001, MTH-025
#[test]
fn a_file_is_sent_with_its_type_its_length_and_its_validators() {
    let server = Server::site();
    for (target, name, media_type) in [
        ("/", "index.html", "text/html; charset=utf-8"),
        ("/index.html", "index.html", "text/html; charset=utf-8"),
        ("/sunrise.csv", "sunrise.csv", "text/csv; charset=utf-8"),
        ("/images/daylight.png", "images/daylight.png", "image/png"),
        ("/images/walk.svg", "images/walk.svg", "image/svg+xml"),
        ("/files/classes.json", "files/classes.json", "application/json"),
        ("/files/paper.css", "files/paper.css", "text/css; charset=utf-8"),
        ("/files/notes.md", "files/notes.md", "text/markdown; charset=utf-8"),
        ("/files/serving-men.txt", "files/serving-men.txt", "text/plain; charset=utf-8"),
        ("/files/Gr%C3%BC%C3%9Fe%20aus%20K%C3%B6ln.txt", "files/Grüße aus Köln.txt", "text/plain; charset=utf-8"),
    ] {
        let response = server.get(target);
        assert!(response.is(200).content == of_site(name), "{target}");
        assert_eq!(response.field("Content-Type"), media_type, "{target}");
        assert_eq!(response.field("Accept-Ranges"), "bytes");
        assert!(response.has("ETag") && response.has("Last-Modified"), "{target}");
        let modified = fs::metadata(site().join(name)).and_then(|m| m.modified()).expect("is there");
        let seconds = modified.duration_since(SystemTime::UNIX_EPOCH).expect("is later").as_secs();
        assert_eq!(dates::read(response.field("Last-Modified")), i64::try_from(seconds).ok(), "{target}");
    }
}

/// SEM-008, SEM-009, SEM-014
#[test]
fn head_is_get_without_content() {
    let server = Server::site();
    let mut client = server.connect();
    for target in [
        "/",
        "/index.html",
        "/sunrise.csv",
        "/images/daylight.png",
        "/files/",
        "/files",
        "/none",
        "/none/",
        "/.hidden",
        "/files/notes.md/",
        "/files%2Fnotes.md",
        "/%00",
        "/files/letters/",
        "/files/letters?x=1",
        "/files/?sort=size&order=desc",
        "/images/",
        "/files/classes.json?q",
    ] {
        for fields in [
            "",
            "Accept: text/html\r\n",
            "Accept: application/json\r\n",
            "Accept: image/png\r\n",
            "If-None-Match: *\r\n",
            "If-Match: \"x\"\r\n",
        ] {
            let get = client.exchange(format!("GET {target} HTTP/1.1\r\nHost: h\r\n{fields}\r\n"));
            let head = client.exchange(format!("HEAD {target} HTTP/1.1\r\nHost: h\r\n{fields}\r\n"));
            assert_eq!(head.lasting_fields(), get.lasting_fields(), "{target} {fields}");
            assert_eq!((head.status, head.content.len()), (get.status, 0), "{target} {fields}");
        }
    }
}

#[test]
fn an_empty_file_is_a_file() {
    let folder = Folder::with(&[("empty.txt", ""), ("empty", "")]);
    let server = Server::of(&folder);
    let mut client = server.connect();
    for target in ["/empty.txt", "/empty"] {
        assert_eq!(client.get(target).is(200).field("Content-Length"), "0");
    }
}

/// Sizes around every limit at which a file is sent in another way.
#[test]
fn files_of_every_size_arrive_whole() {
    let folder = Folder::new();
    let sizes = [
        1, 100, 4_095, 4_096, 4_097, 8_192, 32_767, 32_768, 65_535, 65_536, 65_537, 131_072, 1_048_575, 1_048_577,
        2_500_000,
    ];
    for size in sizes {
        folder.write(&format!("{size}.bin"), noise(size));
    }
    let server = Server::of(&folder);
    let mut client = server.connect();
    for round in 0..2 {
        for size in sizes {
            let response = client.get(&format!("/{size}.bin"));
            assert!(response.is(200).content == noise(size), "{size}, round {round}");
        }
    }
    // all at once on one connection
    let requests: Vec<String> =
        sizes.iter().map(|size| format!("GET /{size}.bin HTTP/1.1\r\nHost: h\r\n\r\n")).collect();
    client.pipeline(&requests.iter().map(String::as_str).collect::<Vec<_>>());
    for size in sizes {
        assert!(client.response().is(200).content == noise(size), "{size}, pipelined");
    }
}

#[test]
fn twenty_mebibytes_arrive_whole_also_through_a_slow_reader() {
    let folder = Folder::new();
    let file = noise(20 << 20);
    folder.write("large.bin", &file);
    let server = Server::of(&folder);
    assert!(server.get("/large.bin").is(200).content == file);
    let mut slow = server.connect();
    slow.send("GET /large.bin HTTP/1.1\r\nHost: h\r\n\r\n");
    slow.final_head().is(200);
    let mut at = 0;
    let mut pauses = 0;
    while at < file.len() {
        let piece = slow.take(usize::MAX);
        assert!(!piece.is_empty() && piece == file[at..at + piece.len()], "at {at}");
        at += piece.len();
        if at > pauses << 20 {
            pauses += 1;
            std::thread::sleep(Duration::from_millis(5));
            server.get("/none").is(404); // others are not held up
        }
    }
    assert_eq!(server.log("/large.bin").octets, 20 << 20);
}

/// RFC 9112 §8: what was promised and cannot be sent is cut, never made up. FRM-017
#[test]
fn a_file_that_shrinks_while_it_is_sent_ends_the_connection() {
    let folder = Folder::new();
    let file = noise(20 << 20);
    let path = folder.write("shrinking.bin", &file);
    let server = Server::of(&folder);
    let mut client = server.connect();
    client.send("GET /shrinking.bin HTTP/1.1\r\nHost: h\r\n\r\n");
    let head = client.final_head();
    assert_eq!(head.is(200).field("Content-Length"), file.len().to_string());
    File::options().write(true).open(&path).expect("opens").set_len(1 << 20).expect("shrinks");
    let mut got = Vec::new();
    loop {
        let piece = client.take(usize::MAX);
        if piece.is_empty() {
            break;
        }
        got.extend(piece);
    }
    assert!(got.len() < file.len(), "it ends early");
    assert!(got[..1 << 20] == file[..1 << 20], "what is still there is sent");
    // beyond the new end the kernel may blank what is on its way, as it sends from the pages of the file; nothing else may come
    let differs = got.iter().zip(&file).position(|(one, two)| one != two && *one != 0);
    assert_eq!(differs, None, "of {} octets none is made up", got.len());
    assert!(server.log("/shrinking.bin").broken);
    server.get("/none").is(404);
}

#[test]
fn a_file_that_grows_while_it_is_sent_is_sent_as_long_as_promised() {
    use std::io::Write;
    let folder = Folder::new();
    let file = noise(8 << 20);
    let path = folder.write("growing.bin", &file);
    let server = Server::of(&folder);
    let mut client = server.connect();
    client.send("GET /growing.bin HTTP/1.1\r\nHost: h\r\n\r\n");
    client.pending_head();
    File::options().append(true).open(&path).expect("opens").write_all(&noise(1 << 20)).expect("grows");
    assert!(client.response().is(200).content == file);
    client.get("/none").is(404);
}

#[test]
fn a_file_that_is_replaced_while_it_is_sent_is_sent_as_it_was() {
    let folder = Folder::new();
    let (old, new) = (noise(8 << 20), vec![b'n'; 9 << 20]);
    let path = folder.write("file.bin", &old);
    let server = Server::of(&folder);
    let mut client = server.connect();
    client.send("GET /file.bin HTTP/1.1\r\nHost: h\r\n\r\n");
    client.pending_head();
    fs::write(folder.beside("new"), &new).expect("writes");
    fs::rename(folder.beside("new"), &path).expect("renames");
    assert!(client.response().is(200).content == old, "one state, not two");
    let fresh =
        until("the new one is served", || Some(server.get("/file.bin")).filter(|r| r.content.len() == new.len()));
    assert!(fresh.content == new);
    let mut client = server.connect();
    client.send("GET /file.bin HTTP/1.1\r\nHost: h\r\n\r\n");
    client.pending_head();
    fs::remove_file(&path).expect("removes");
    assert!(client.response().is(200).content == new, "also when it is gone");
    until("it is gone", || (server.get("/file.bin").status == 404).then_some(()));
}

/// MTH-026: the client checks that no Last-Modified is later than its Date.
#[test]
fn nothing_was_modified_in_the_future() {
    let folder = Folder::with(&[("future.txt", "f"), ("past.txt", "p")]);
    let set = |name: &str, time| File::open(folder.path(name)).and_then(|f| f.set_modified(time)).expect("sets");
    set("future.txt", SystemTime::now() + Duration::from_secs(86_400 * 365));
    set("past.txt", SystemTime::UNIX_EPOCH + Duration::from_secs(784_111_777));
    let server = Server::of(&folder);
    server.get("/future.txt").is(200).field("Last-Modified");
    assert_eq!(server.get("/past.txt").field("Last-Modified"), "Sun, 06 Nov 1994 08:49:37 GMT");
    let since = "If-Modified-Since: Sun, 06 Nov 1994 08:49:37 GMT\r\n";
    server.get_with("/past.txt", since).is(304);
    server.get_with("/future.txt", since).is(200);
}

/// MTH-027: two states never share a strong tag.
#[test]
fn each_state_of_a_file_has_its_own_tag_or_a_weak_one() {
    let folder = Folder::with(&[("a.txt", "0")]);
    let server = Server::with(&folder, &["--cache-time", "0"]);
    let mut strong = std::collections::HashMap::new();
    for state in 0..200 {
        let content = format!("{:03}", state % 10);
        folder.write("a.txt", &content);
        let response = server.get("/a.txt");
        assert_eq!(response.is(200).text(), content);
        let tag = response.field("ETag").to_owned();
        if !tag.starts_with("W/") {
            assert_eq!(strong.entry(tag).or_insert(content.clone()), &content);
        }
    }
}

#[test]
fn the_operator_says_how_long_answers_may_be_kept() {
    let folder = Folder::with(&[("a.txt", "a"), ("d/b.txt", "b")]);
    let server = Server::with(&folder, &["--cache-control", "public, max-age=31536000, immutable"]);
    for target in ["/a.txt", "/d/"] {
        assert_eq!(server.get(target).field("Cache-Control"), "public, max-age=31536000, immutable", "{target}");
    }
    assert_ne!(
        server.get("/none").maybe("Cache-Control"),
        Some("public, max-age=31536000, immutable"),
        "an error is no success"
    );
}
