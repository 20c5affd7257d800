//! What may be stored: how much, of which type, in which coding, with which digest, and how much in all.

use crate::client::{Response, chunked, message};
use crate::folder::{Folder, noise};
use crate::server::Server;
use crate::xml;

/// The first octets of a PNG.
const PNG: &[u8] = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x01\0\0\0\x01\x08\x06\0\0\0";

/// "hello", compressed.
const HELLO: &[u8] = b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x02\x03\xcbH\xcd\xc9\xc9\x07\x00\x86\xa6\x106\x05\x00\x00\x00";

/// 65,536 zeros, compressed: as one member of a gzip that can have many (RFC 1952 §2.2).
const ZEROS: &[u8] = b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x02\x03\xed\xc1\x01\x01\x00\x00\x00\x80\x90\xfe\xaf\xee\x08\x0a\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00j\xeb\x8e\x97\xd7\x00\x00\x01\x00";

fn put_chunked(server: &Server, target: &str, fields: &str, content: impl AsRef<[u8]>) -> Response {
    let mut client = server.connect();
    client.send(format!("PUT {target} HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n{fields}\r\n"));
    // the server may have heard enough before all is sent
    client.try_send_more(chunked(content, 10_000));
    client.response()
}

#[test]
fn what_is_too_long_is_413() {
    let folder = Folder::with(&[("old", "old")]);
    let server = Server::writable(&folder, &["--max-upload", "1M"]);
    for target in ["/old", "/new"] {
        // by its length, before anything of it is read
        let response = server.exchange(format!("PUT {target} HTTP/1.1\r\nHost: h\r\nContent-Length: 1048577\r\n\r\n"));
        response.refuses(413, "content_too_large").says("1,048,576");
        // and by its count, where the length is not told
        let response = put_chunked(&server, target, "", noise(1_048_577));
        assert!(response.refuses(413, "content_grew_too_large").closes());
    }
    assert_eq!((folder.read("old"), folder.names("")), (b"old".to_vec(), vec!["old".to_owned()]));
    server.put("/old", noise(1_048_576)).is(204);
    put_chunked(&server, "/new", "", noise(1_048_576)).is(201);
    assert!(folder.read("new") == noise(1_048_576) && folder.is_tidy());
}

/// Documents have a limit of their own, whatever files may have.
#[test]
fn a_document_that_is_too_long_is_413() {
    let folder = Folder::with(&[("file", "{}")]);
    let server = Server::writable(&folder, &["--max-content", "64k"]);
    let long = format!("<D:propfind xmlns:D='DAV:'><D:prop>{}</D:prop></D:propfind>", " ".repeat(70_000));
    for (method, fields, content) in [
        ("PROPFIND", "Depth: 0\r\n", long.as_str()),
        ("PROPPATCH", "", long.as_str()),
        ("LOCK", "", long.as_str()),
        ("PATCH", "Content-Type: application/merge-patch+json\r\n", long.as_str()),
    ] {
        server.bring(method, "/file", fields, content).refuses(413, "content_too_large");
        let mut client = server.connect();
        client.send(format!("{method} /file HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n{fields}\r\n"));
        client.try_send_more(chunked(format!("{content}{}", " ".repeat(1_100_000)), 100_000));
        client.response().refuses(413, "content_grew_too_large");
    }
    server.put("/file", noise(100_000)).is(204);
}

#[test]
fn a_length_may_be_demanded() {
    let folder = Folder::new();
    let server = Server::writable(&folder, &["--require-length"]);
    let response = put_chunked(&server, "/new", "", "hello");
    response.refuses(411, "length_required").says("Content-Length");
    server.put("/new", "hello").is(201);
    server.put("/empty", "").is(201);
    let lax = Folder::new();
    put_chunked(&Server::writable(&lax, &[]), "/new", "", "hello").is(201);
    assert_eq!((folder.names(""), lax.read("new")), (vec!["empty".into(), "new".into()], b"hello".to_vec()));
}

/// MTH-009: by what is declared, by the name, and by the look of it.
#[test]
fn types_may_be_restricted() {
    let folder = Folder::with(&[("old.png", "old")]);
    let server = Server::writable(&folder, &["--accept-type", "image/png", "--accept-type", "text/*"]);
    let (png, text) = ("Content-Type: image/png\r\n", "Content-Type: text/plain; charset=utf-8\r\n");
    server.bring("PUT", "/a.png", png, PNG).is(201);
    server.bring("PUT", "/a.txt", text, "text").is(201);
    for (target, fields, content, cause) in [
        ("/b.zip", "Content-Type: application/zip\r\n", b"PK\x03\x04".as_slice(), "media_type_supported"),
        ("/b.png", "Content-Type: image/gif\r\n", PNG, "media_type_supported"),
        ("/b.png", "Content-Type: nonsense\r\n", PNG, "media_type_supported"),
        ("/old.png", png, b"GIF89a\x01\0\x01\0", "media_type_belied"),
        ("/b.png", png, b"%PDF-1.7\n", "media_type_belied"),
        ("/b.exe", text, b"MZ\x90\0", "media_type_belied"),
        // served by its name, it would be a page
        ("/b.svg", png, PNG, "media_type_belied"),
    ] {
        server.bring("PUT", target, fields, content).refuses(415, cause);
    }
    assert_eq!(folder.names(""), ["a.png", "a.txt", "old.png"]);
    assert_eq!((folder.read("old.png"), folder.is_tidy()), (b"old".to_vec(), true));
    // properties and locks are no files
    server.ask("MKCOL", "/dir", "").is(201);
    server.bring("PROPFIND", "/", "Depth: 0\r\nContent-Type: application/xml\r\n", "").is(207);
}

#[test]
fn gzip_is_refused_unless_it_is_wanted() {
    let folder = Folder::new();
    let server = Server::writable(&folder, &[]);
    let gzip = "Content-Encoding: gzip\r\n";
    let response = server.bring("PUT", "/a", gzip, HELLO);
    // RFC 9110 §12.5.3, §15.5.16
    response.refuses(415, "content_coding_supported");
    assert!(!response.field("Accept-Encoding").contains("gzip"));
    assert!(folder.names("").is_empty());
    let folder = Folder::new();
    let server = Server::writable(&folder, &["--accept-gzip"]);
    let made = server.bring("PUT", "/a", gzip, HELLO);
    assert!(!made.is(201).has("ETag") || made.field("ETag") == server.get("/a").field("ETag"), "MTH-007");
    assert_eq!(folder.read("a"), b"hello");
    assert!(!server.get("/a").is(200).has("Content-Encoding"));
    server.bring("PUT", "/b", "Content-Encoding: GZIP\r\n", [HELLO, HELLO].concat()).is(201);
    assert_eq!(folder.read("b"), b"hellohello");
    put_chunked(&server, "/c", gzip, HELLO).is(201);
    server.bring("PUT", "/d", "Content-Encoding: identity\r\n", "d").is(201);
    let response = server.bring("PUT", "/e", "Content-Encoding: br\r\n", "x");
    assert!(response.refuses(415, "content_coding_supported").field("Accept-Encoding").contains("gzip"));
    server.bring("PUT", "/e", "Content-Encoding: gzip, gzip\r\n", HELLO).is(415);
    for broken in [&HELLO[..HELLO.len() - 1], b"hello", &[HELLO, b"x"].concat()] {
        let status = server.bring("PUT", "/e", gzip, broken).status;
        assert_eq!(status, 400, "{}", broken.escape_ascii());
    }
    let mut wrong = HELLO.to_vec();
    let crc = wrong.len() - 8;
    wrong[crc] ^= 1;
    server.bring("PUT", "/f", gzip, wrong).refuses(400, "content_broken");
    assert!(!folder.path("f").exists() && folder.is_tidy());
}

/// What grows out of all proportion fills no disk.
#[test]
fn a_gzip_that_grows_without_end_is_413() {
    let gzip = "Content-Encoding: gzip\r\n";
    let bomb = ZEROS.repeat(400); // 26 MB
    for (args, cause) in [
        (&["--accept-gzip"][..], "content_grew_too_large"),
        (&["--accept-gzip", "--max-upload", "1M"], "content_grew_too_large"),
    ] {
        let folder = Folder::with(&[("old", "old")]);
        let server = Server::writable(&folder, args);
        for target in ["/old", "/new"] {
            server.bring("PUT", target, gzip, &bomb).refuses(413, cause);
            put_chunked(&server, target, gzip, &bomb).refuses(413, cause);
        }
        assert_eq!((folder.read("old"), folder.names("")), (b"old".to_vec(), vec!["old".to_owned()]));
        server.bring("PUT", "/small", gzip, ZEROS.repeat(3)).is(201);
        assert!(folder.read("small") == vec![0; 3 * 65_536] && folder.is_tidy());
    }
}

/// RFC 9530: a digest that is told is held against what came.
#[test]
fn digests_are_proved() {
    let folder = Folder::with(&[("old", "old")]);
    let server = Server::writable(&folder, &["--accept-gzip"]);
    let right = "sha-256=:LPJNul+wow4m6DsqxbninhsWHlwfp0JecwQzYpOLmCQ=:";
    let longer = "sha-512=:m3HSJL1i83hdltRq0+o9czGb+8KJDKra4t/3JRlnPKcjI8PZm6XBHXx6zG4UuMXaDEZjR1wuXDre9G9zvN7AQw==:";
    let wrong = "sha-256=:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=:";
    for (nth, fields) in [
        format!("Content-Digest: {right}\r\n"),
        format!("Repr-Digest: {right}\r\n"),
        format!("Content-Digest: {longer}, {right}\r\nRepr-Digest: {longer}\r\n"),
        // what is not known, or proves nothing, is passed over
        format!("Content-Digest: md5=:AAAA:, {right}\r\n"),
        "Content-Digest: md5=:AAAA:\r\n".to_owned(),
    ]
    .iter()
    .enumerate()
    {
        server.bring("PUT", &format!("/{nth}"), fields, "hello").is(201);
        put_chunked(&server, &format!("/{nth}"), fields, "hello").is(204);
    }
    for fields in [
        format!("Content-Digest: {wrong}\r\n"),
        format!("Repr-Digest: {wrong}\r\n"),
        format!("Content-Digest: {right}, {}\r\n", longer.replace("=:m", "=:n")),
        "Content-Digest: sha-256=:AAAA:\r\n".to_owned(),
        "Content-Digest: sha-256=x\r\n".to_owned(),
        "Repr-Digest: \"\r\n".to_owned(),
    ] {
        for target in ["/old", "/new"] {
            let response = server.bring("PUT", target, &fields, "hello");
            assert_eq!(response.status, 400, "{fields}");
            response.refuses(400, "content_broken");
        }
    }
    // RFC 9530 §2, §3: of what came, and of what it stands for
    let fields = format!("Content-Encoding: gzip\r\nRepr-Digest: {right}\r\n");
    server.bring("PUT", "/zipped", &fields, HELLO).is(201);
    let fields = format!("Content-Encoding: gzip\r\nContent-Digest: {right}\r\n");
    server.bring("PUT", "/new", &fields, HELLO).is(400);
    assert!(folder.read("old") == b"old" && !folder.path("new").exists() && folder.is_tidy());
}

/// DAV-032: which room it was is told.
fn is_full(response: &Response, cause: &str) {
    xml::read(response.refuses(507, cause).text()).child("quota-not-exceeded");
}

#[test]
fn a_quota_of_octets_is_kept() {
    let folder = Folder::with(&[("old", "0123456789")]);
    let server = Server::writable(&folder, &["--quota", "1000"]);
    let mut client = server.connect();
    client.put("/a", noise(900)).is(201);
    // by its length, before it comes: who asks first sends none of it
    client.send("PUT /b HTTP/1.1\r\nHost: h\r\nContent-Length: 200\r\nExpect: 100-continue\r\n\r\n");
    let response = client.response();
    is_full(&response, "storage_quota_left");
    assert!(response.interim.is_empty() && response.closes());
    is_full(&server.put("/b", noise(200)), "storage_quota_left");
    is_full(&server.bring("PUT", "/b", "Accept: application/xml\r\n", noise(200)), "storage_quota_left");
    // as it grows, where the length is not told
    is_full(&put_chunked(&server, "/b", "", noise(200)), "storage_insufficient");
    is_full(&put_chunked(&server, "/b", "", noise(600_000)), "storage_insufficient");
    assert_eq!(folder.names(""), ["a", "old"]);
    // a copy takes room too
    is_full(&server.ask("COPY", "/a", "Destination: /b\r\n"), "storage_insufficient");
    server.ask("COPY", "/old", "Destination: /small\r\n").is(201);
    // to the last octet, and no further
    server.put("/b", noise(80)).is(201);
    is_full(&server.put("/c", "x"), "storage_quota_left");
    server.put("/c", "").is(201);
    // what replaces needs only the difference
    server.put("/a", noise(900)).is(204);
    put_chunked(&server, "/a", "", noise(900)).is(204);
    is_full(&put_chunked(&server, "/a", "", noise(901)), "storage_insufficient");
    server.ask("MOVE", "/a", "Destination: /moved\r\n").is(201);
    // what goes makes room
    server.ask("DELETE", "/moved", "").is(204);
    server.put("/a", noise(900)).is(201);
    server.put("/a", noise(1)).is(204);
    server.put("/b", noise(900)).is(204);
    assert!(folder.is_tidy());
}

#[test]
fn a_quota_that_is_broken_already_lets_room_be_made() {
    let folder = Folder::new();
    folder.write("large", noise(5_000));
    let server = Server::writable(&folder, &["--quota", "1000"]);
    is_full(&server.put("/new", "x"), "storage_quota_left");
    server.put("/large", noise(4_000)).is(204);
    server.ask("MOVE", "/large", "Destination: /renamed\r\n").is(201);
    server.put("/renamed", noise(10)).is(204);
    server.put("/new", "x").is(201);
}

#[test]
fn a_quota_of_files_is_kept() {
    let folder = Folder::with(&[("old", "o"), ("dir/member", "m")]);
    let server = Server::writable(&folder, &["--quota-files", "4"]);
    let full = |response: &Response| xml::read(response.is(507).text()).child("quota-not-exceeded").clone();
    let mut made = 0;
    while server.put(&format!("/new{made}"), "x").status == 201 {
        made += 1;
        assert!(made < 4, "it is kept");
    }
    assert!(made > 0);
    full(&server.put("/more", "x"));
    full(&server.put("/more", ""));
    full(&server.ask("COPY", "/old", "Destination: /more\r\n"));
    server.put("/old", "replaced").is(204);
    server.ask("MOVE", "/old", "Destination: /moved\r\n").is(201);
    server.ask("COPY", "/moved", "Destination: /new0\r\n").is(204);
    server.ask("DELETE", "/moved", "").is(204);
    server.put("/more", "x").is(201);
    full(&server.put("/evenmore", "x"));
}

/// What is refused before it is read does not spoil the next request.
#[test]
fn a_connection_goes_on_after_a_refusal() {
    let folder = Folder::with(&[("file", "f")]);
    let server = Server::writable(&folder, &["--quota", "100", "--accept-type", "text/*"]);
    let mut client = server.connect();
    let text = "Content-Type: text/plain\r\n";
    for (target, fields, content, status) in [
        ("/b", text, "x".repeat(200), 507),
        ("/b", "Content-Type: image/png\r\n", "x".repeat(50), 415),
        ("/none/b", text, "GET / HTTP/1.1\r\nHost: h\r\n\r\n".to_owned(), 409),
        ("/file", "Content-Type: text/plain\r\nIf-Match: \"x\"\r\n", "x".repeat(50), 412),
        ("/", text, "x".repeat(50), 405),
    ] {
        client.send(message("PUT", target, fields, content));
        let response = client.response();
        assert!(!response.is(status).closes(), "{target} {status}");
        client.get("/file").is(200);
    }
}
