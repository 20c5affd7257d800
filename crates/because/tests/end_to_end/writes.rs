//! PUT and DELETE of files: what was written is read, at once and octet for octet.

use std::os::unix::fs::PermissionsExt;

use crate::client::{Response, chunked, message};
use crate::folder::{Folder, noise};
use crate::methods::KNOWN;
use crate::server::{Server, Start};

const PROBLEM: &str = "Accept: application/problem+json\r\n";

/// A tag that If-Match can use (MTH-027).
pub(crate) fn strong(response: &Response) -> String {
    let tag = response.field("ETag");
    assert!(tag.starts_with('"'), "a strong tag: {tag}");
    tag.to_owned()
}

/// MTH-005, MTH-006, MTH-007
#[test]
fn a_put_makes_and_then_replaces() {
    let folder = Folder::new();
    for args in [&["--write"][..], &["--write", "--no-fsync"]] {
        let server = Start::of(folder.root()).args(args).start();
        let mut client = server.connect();
        let made = client.put("/a.txt", "one");
        made.is(201).says("201 Created");
        assert_eq!(made.field("Location"), "/a.txt");
        let read = client.get("/a.txt");
        assert_eq!(read.is(200).text(), "one");
        assert_eq!(read.field("ETag"), strong(&made).as_str());
        // a date after that of its own answer is not told (RFC 9110 §8.8.2.1): the file may be of the second that has just begun
        let told = made.field("Last-Modified");
        assert!(told == read.field("Last-Modified") || told == made.field("Date"), "{told}");
        let replaced = client.put("/a.txt", "three");
        assert!(!replaced.is(204).has("Location") && strong(&replaced) != strong(&made));
        let read = client.get("/a.txt");
        assert_eq!((read.text(), read.field("ETag")), ("three", strong(&replaced).as_str()));
        assert_eq!(folder.read("a.txt"), b"three");
        client.ask("DELETE", "/a.txt", "").is(204);
        client.get("/a.txt").refuses(404, "target_missing");
        assert!(folder.names("").is_empty() && folder.is_tidy());
    }
}

/// MTH-027: who saves twice in a second uses the tag of the first time in the second.
#[test]
fn the_tag_of_a_put_is_good_at_once_for_the_next() {
    let folder = Folder::new();
    let server = Server::writable(&folder, &[]);
    let mut client = server.connect();
    let mut tag = strong(client.put("/a", "0").is(201));
    let mut seen = vec![tag.clone()];
    for nth in 1..40 {
        // the same length each time, so that the time of change alone cannot tell them apart
        let response = client.bring("PUT", "/a", &format!("If-Match: {tag}\r\n"), nth.to_string());
        tag = strong(response.is(204));
        assert!(!seen.contains(&tag), "the tag of another state: {tag}");
        seen.push(tag.clone());
    }
    // DAV-036: nor does a tag come again after the file was away
    client.ask("DELETE", "/a", "").is(204);
    assert!(!seen.contains(&strong(client.put("/a", "0").is(201))));
}

#[test]
fn what_was_written_is_read_by_everybody_at_once() {
    let folder = Folder::with(&[("a.txt", "old")]);
    let server = Start::of(folder.root()).args(&["--write", "--no-fsync"]).threads(4).start();
    let (mut writer, mut readers) = (server.connect(), Vec::new());
    for _ in 0..12 {
        let mut reader = server.connect();
        reader.get("/a.txt").is(200); // each thread has the old state in its memory
        readers.push(reader);
    }
    for nth in 0..20 {
        let text = format!("state {nth}");
        let tag = strong(writer.put("/a.txt", &text).is(204));
        for reader in &mut readers {
            let read = reader.get("/a.txt");
            assert_eq!((read.is(200).text(), read.field("ETag")), (text.as_str(), tag.as_str()));
        }
    }
    // also what was not there a moment ago, and what is no more
    for (nth, reader) in readers.iter_mut().enumerate() {
        let path = format!("/new{nth}");
        reader.get(&path).is(404);
        writer.put(&path, "new").is(201);
        assert_eq!(reader.get(&path).is(200).text(), "new");
        writer.ask("DELETE", &path, "").is(204);
        reader.get(&path).is(404);
        reader.get("/").is(200);
    }
}

#[test]
fn content_is_kept_octet_for_octet() {
    let folder = Folder::new();
    let server = Server::writable(&folder, &[]);
    let mut client = server.connect();
    for length in [0, 1, 65_535, 65_536, 262_143, 262_144, 262_145, 1_048_576, 20 * 1_048_576] {
        let content = noise(length);
        let path = format!("/{length}.bin");
        client.put(&path, &content).is(201);
        assert!(client.get(&path).is(200).content == content, "{length}");
        assert!(folder.read(&path[1..]) == content, "{length}");
    }
    for (length, most) in [(0, 1), (5, 1), (300_000, 1_000), (3_000_000, 1_000_000)] {
        let content = noise(length);
        let path = format!("/chunked{length}");
        client.send(format!("PUT {path} HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n"));
        client.send_more(chunked(&content, most));
        client.response().is(201);
        assert!(client.get(&path).is(200).content == content, "{length} in chunks of {most}");
    }
    assert!(folder.is_tidy());
}

#[test]
fn content_may_come_octet_by_octet() {
    let folder = Folder::new();
    let server = Server::writable(&folder, &[]);
    let mut client = server.connect();
    client.send_slowly(message("PUT", "/a", "", "slow but sure"));
    client.response().is(201);
    let chunks = chunked("slow but sure", 4);
    client.send_slowly("PUT /a HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n");
    for octet in chunks {
        client.send_more([octet]);
    }
    client.response().is(204);
    assert_eq!(client.get("/a").text(), "slow but sure");
}

#[test]
fn names_are_kept_as_they_were_sent() {
    let folder = Folder::with(&[("dir/x", "x")]);
    let server = Server::writable(&folder, &[]);
    let mut client = server.connect();
    for (path, name) in [
        ("/.hidden", ".hidden"),
        ("/.because.txt", ".because.txt"),
        ("/dir/.because", "dir/.because"),
        ("/a%20b%25", "a b%"),
        ("/%C3%A4%E2%82%AC", "ä€"),
        ("/dir/../up", "up"),
        ("/%61", "a"),
        ("/q?x=1", "q"),
        ("/semi;colon=1", "semi;colon=1"),
    ] {
        let made = client.put(path, path);
        made.is(201);
        assert_eq!(folder.read(name), path.as_bytes(), "{path}");
        assert_eq!(client.get(made.field("Location")).is(200).text(), path, "{path}");
        assert_eq!(client.get(path).is(200).text(), path);
    }
}

/// DAV-012, DAV-015, DAV-016, MTH-003, MTH-008, MTH-034: each for its cause, and nothing changes.
#[test]
fn a_put_that_has_no_place_is_refused() {
    let folder = Folder::with(&[("file", "f"), ("dir/member", "m")]);
    std::fs::write(folder.beside("secret"), "s").expect("writes");
    folder.link("out", "../secret");
    folder.link("away", "..");
    folder.link("nowhere", "../none");
    let server = Server::writable(&folder, &[]);
    let long = format!("/{}", "n".repeat(256));
    for (path, fields, status, cause) in [
        ("/none/x", "", 409, "parent_exists"),
        ("/dir/none/x", "", 409, "parent_exists"),
        ("/file/x", "", 409, "parent_exists"),
        ("/file/", "", 409, "parent_exists"),
        ("/new/", "", 409, "state_conflict"),
        ("/", "", 405, "method_allowed_on_mapped"),
        ("/dir", "", 405, "method_allowed_on_mapped"),
        ("/dir/", "", 405, "method_allowed_on_mapped"),
        ("/file", "Content-Range: bytes 0-2/10\r\n", 400, "partial_put"),
        (&long, "", 414, "name_storable"),
        ("/.because", "", 403, "lookup_denied"),
        ("/.because/x", "", 403, "lookup_denied"),
        ("/.because/temporary/0", "", 403, "lookup_denied"),
        ("/%2Ebecause/state.redb", "", 403, "lookup_denied"),
        ("/out", "", 403, "lookup_denied"),
        ("/away/x", "", 403, "lookup_denied"),
        ("/../../x%zz", "", 400, "target_form_valid"),
    ] {
        for accept in ["", PROBLEM, "Accept: text/html\r\n"] {
            let response = server.bring("PUT", path, &format!("{fields}{accept}"), "new");
            assert_eq!(response.status, status, "{path}: {}", response.text());
            if accept != "Accept: text/html\r\n" {
                response.refuses(status, cause);
            }
        }
    }
    // names that nothing can have
    for path in ["/a%2Fb", "/a%00b", "//x"] {
        assert!(matches!(server.put(path, "new").status, 403 | 405 | 409), "{path}");
        server.get(path).is(404);
    }
    assert_eq!(folder.names(""), ["away", "dir", "file", "nowhere", "out"]);
    assert_eq!((folder.read("file"), folder.names("dir")), (b"f".to_vec(), vec!["member".to_owned()]));
    assert_eq!(std::fs::read(folder.beside("secret")).expect("is there"), b"s");
    assert!(!folder.beside("none").exists() && folder.is_tidy());
}

/// The server's own folder is nobody's: not to read, nor to list.
#[test]
fn the_state_of_the_server_is_not_served() {
    let folder = Folder::with(&[("file", "f")]);
    for args in [&["--write", "--no-fsync"][..], &["--hidden"]] {
        let server = Start::of(folder.root()).args(args).start();
        for path in
            ["/.because", "/.because/", "/.because/state.redb", "/%2ebecause/state.redb", "/x/../.because/temporary/"]
        {
            for method in ["GET", "HEAD"] {
                server.ask(method, path, "").is(404);
            }
        }
        let listing = server.get_with("/", "Accept: application/json\r\n");
        assert!(!listing.is(200).says("file").text().contains("because"), "{}", listing.text());
    }
    let server = Server::writable(&folder, &[]);
    for method in ["DELETE", "MKCOL", "PROPPATCH", "LOCK", "PATCH"] {
        assert!(matches!(server.ask(method, "/.because/state.redb", "").status, 403 | 415), "{method}");
    }
    for (method, from, to) in [("COPY", "/.because/state.redb", "/x"), ("MOVE", "/file", "/.because/x")] {
        server.ask(method, from, &format!("Destination: {to}\r\n")).is(403);
    }
    assert_eq!(folder.names(""), ["file"]);
}

#[test]
fn what_a_file_was_allowed_it_stays_allowed() {
    let folder = Folder::with(&[("tool.sh", "old"), ("private", "old")]);
    let mode = |name: &str| std::fs::metadata(folder.path(name)).expect("is there").permissions().mode() & 0o777;
    for (name, mode) in [("tool.sh", 0o755), ("private", 0o600)] {
        std::fs::set_permissions(folder.path(name), std::fs::Permissions::from_mode(mode)).expect("changes");
    }
    let server = Server::writable(&folder, &[]);
    for name in ["tool.sh", "private"] {
        let before = mode(name);
        server.put(&format!("/{name}"), "new").is(204);
        assert_eq!((mode(name), folder.read(name)), (before, b"new".to_vec()), "{name}");
    }
    server.put("/new", "new").is(201);
    assert_eq!(mode("new") & 0o111, 0, "nothing that comes by HTTP can be run");
}

/// A name that was a link becomes a file of its own; what it led to stays as it was.
#[test]
fn a_put_replaces_a_link_and_not_what_it_leads_to() {
    let folder = Folder::with(&[("real.txt", "old"), ("dir/member", "m")]);
    folder.link("link.txt", "real.txt");
    folder.link("way", "dir");
    let server = Server::writable(&folder, &[]);
    server.put("/way/new", "new").is(201);
    assert_eq!(folder.read("dir/new"), b"new");
    server.put("/link.txt", "new").is(204);
    assert_eq!(server.get("/link.txt").is(200).text(), "new");
    assert_eq!((server.get("/real.txt").text(), folder.read("real.txt")), ("old", b"old".to_vec()));
}

/// MTH-014, DAV-013
#[test]
fn a_delete_removes_and_says_nothing() {
    let folder = Folder::with(&[("a.txt", "a"), ("b.txt", "b")]);
    let server = Server::writable(&folder, &[]);
    let mut client = server.connect();
    client.get("/a.txt").is(200);
    client.ask("DELETE", "/a.txt", "").is(204);
    for (method, fields) in [("GET", ""), ("HEAD", ""), ("PROPFIND", "Depth: 0\r\n"), ("DELETE", "")] {
        client.ask(method, "/a.txt", fields).is(404);
    }
    client.ask("DELETE", "/", "").refuses(403, "subject_forbidden");
    client.get("/b.txt").is(200);
}

/// Fetch Metadata: what a page of another site makes a browser send is not what its user wants.
#[test]
fn a_page_of_another_site_may_not_write() {
    let folder = Folder::with(&[("file", "f")]);
    let server = Server::writable(&folder, &[]);
    for (fields, own) in [
        ("Origin: http://evil.example\r\n", false),
        ("Origin: null\r\n", false),
        ("Origin: http://h:8080\r\n", false),
        ("Sec-Fetch-Site: cross-site\r\n", false),
        ("Sec-Fetch-Site: same-site\r\nOrigin: http://h\r\n", false),
        ("Sec-Fetch-Site: same-origin\r\nOrigin: http://h\r\n", true),
        ("Origin: http://h\r\n", true),
        ("Sec-Fetch-Site: none\r\n", true),
    ] {
        for method in ["PUT", "DELETE", "MKCOL", "LOCK", "PROPPATCH"] {
            let response = server.ask(method, "/none/file", fields);
            assert_eq!(response.status != 403, own, "{method} {fields}");
            if !own {
                response.refuses(403, "asked_by_other_site");
            }
        }
        server.get_with("/file", fields).is(200);
        server.ask("PROPFIND", "/file", &format!("Depth: 0\r\n{fields}")).is(207);
    }
}

#[test]
fn requests_that_write_can_be_pipelined() {
    let folder = Folder::new();
    let server = Server::writable(&folder, &[]);
    let mut client = server.connect();
    let put = |path: &str, content: &str| String::from_utf8(message("PUT", path, "", content)).expect("text");
    let get = "GET /a HTTP/1.1\r\nHost: h\r\n\r\n";
    let (first, second, other) = (put("/a", "first"), put("/a", "second"), put("/none/b", "x"));
    let gone = "DELETE /a HTTP/1.1\r\nHost: h\r\n\r\n";
    client.pipeline(&[&first, get, &second, get, &other, gone, get, &first]);
    client.response().is(201);
    assert_eq!(client.response().is(200).text(), "first");
    client.response().is(204);
    assert_eq!(client.response().is(200).text(), "second");
    client.response().is(409);
    client.response().is(204);
    client.response().is(404);
    client.response().is(201);
}

/// MTH-016: what OPTIONS tells is what there is.
#[test]
fn a_folder_that_can_be_written_to_says_so() {
    let folder = Folder::with(&[("file", "f"), ("dir/member", "m")]);
    let server = Server::writable(&folder, &[]);
    for target in ["/", "/file", "/dir/", "*"] {
        let response = server.ask("OPTIONS", target, "");
        response.is(200);
        // DAV-033
        let classes: Vec<&str> = response.field("DAV").split(',').map(str::trim).collect();
        assert_eq!(classes[..3], ["1", "2", "3"], "{target}");
        assert_eq!(response.field("MS-Author-Via"), "DAV");
    }
    // MTH-033
    let patches: Vec<String> =
        server.ask("OPTIONS", "/file", "").field("Accept-Patch").split(", ").map(str::to_owned).collect();
    assert!(patches.contains(&"application/json-patch+json".to_owned()), "{patches:?}");
    assert!(patches.contains(&"application/merge-patch+json".to_owned()), "{patches:?}");
}

/// MTH-004: Allow names exactly what is not answered 405.
#[test]
fn allow_is_the_truth() {
    for target in ["/file", "/dir/"] {
        let folder = Folder::with(&[("file", "f"), ("dir/member", "m")]);
        let server = Server::writable(&folder, &[]);
        let told = server.ask("OPTIONS", target, "");
        let allowed: Vec<&str> = told.field("Allow").split(", ").collect();
        // CONNECT has no such target
        for &method in KNOWN.iter().filter(|method| **method != "CONNECT") {
            // a precondition that fails, so that nothing is done
            let response = server.ask(method, target, "If-Match: \"none\"\r\n");
            assert_eq!(response.status != 405, allowed.contains(&method), "{method} {target}: {}", response.status);
            if let Some(allow) = response.maybe("Allow").filter(|_| method != "OPTIONS") {
                assert_eq!(allow, told.field("Allow"), "{method} {target}");
            }
        }
    }
}

/// Without --write nothing writes, and nothing promises it.
#[test]
fn a_folder_that_is_only_read_has_no_webdav() {
    let folder = Folder::with(&[("file", "f")]);
    let server = Server::of(&folder);
    for target in ["/", "/file", "*"] {
        let response = server.ask("OPTIONS", target, "");
        response.is(200);
        for name in ["DAV", "MS-Author-Via", "Accept-Patch"] {
            assert!(!response.has(name), "{name} of {target}");
        }
    }
    for method in ["PUT", "DELETE", "PATCH", "PROPFIND", "PROPPATCH", "MKCOL", "COPY", "MOVE", "LOCK", "UNLOCK"] {
        let response = server.ask(method, "/file", "If-Match: *\r\n");
        assert_eq!(response.refuses(405, "method_allowed").field("Allow"), "GET, HEAD, OPTIONS", "{method}");
    }
    assert!(!folder.path(".because").exists(), "a reader leaves nothing behind");
}
