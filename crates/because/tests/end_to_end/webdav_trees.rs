//! MKCOL, DELETE, COPY and MOVE: collections and all that is in them (RFC 4918 §9.3, §9.6, §9.8, §9.9).

use std::os::unix::fs::PermissionsExt;

use crate::client::Response;
use crate::folder::Folder;
use crate::server::{Server, Start};
use crate::webdav_locks::lock;
use crate::xml;

fn folder() -> Folder {
    Folder::with(&[
        ("file", "file"),
        ("other", "other"),
        ("dir/member", "m"),
        ("dir/sub/deep", "d"),
        ("dir/sub/er", "e"),
    ])
}

fn send(server: &Server, method: &str, from: &str, to: &str, fields: &str) -> Response {
    server.ask(method, from, &format!("Destination: {to}\r\n{fields}"))
}

/// Every path below, in order.
fn tree(folder: &Folder, name: &str) -> Vec<String> {
    let mut all = Vec::new();
    for member in folder.names(name) {
        let path = if name.is_empty() { member } else { format!("{name}/{member}") };
        all.push(path.clone());
        if folder.path(&path).is_dir() {
            all.extend(tree(folder, &path));
        }
    }
    all
}

/// DAV-011, DAV-012
#[test]
fn a_collection_is_made_where_it_can_be() {
    let folder = folder();
    let server = Server::writable(&folder, &[]);
    let made = server.ask("MKCOL", "/new", "");
    assert_eq!(made.is(201).field("Location"), "/new/");
    server.ask("MKCOL", "/new/er/", "").is(201);
    server.ask("MKCOL", "/%C3%A4%20b", "").is(201);
    assert!(folder.path("new/er").is_dir() && folder.path("ä b").is_dir());
    server.get("/new/er/").is(200);
    let content = "<x xmlns='x:'/>";
    for (target, content, status, cause) in [
        ("/dir", "", 405, "method_allowed_on_mapped"),
        ("/dir/", "", 405, "method_allowed_on_mapped"),
        ("/file", "", 405, "method_allowed_on_mapped"),
        ("/", "", 405, "method_allowed_on_mapped"),
        ("/none/x/", "", 409, "parent_exists"),
        ("/none/x/y/", "", 409, "parent_exists"),
        ("/file/x", "", 409, "parent_exists"),
        ("/more/", content, 415, "content_ignored"),
        ("/.because", "", 403, "lookup_denied"),
        ("/.because/x", "", 403, "lookup_denied"),
    ] {
        server.bring("MKCOL", target, "", content).refuses(status, cause);
    }
    let long = format!("/{}", "n".repeat(300));
    server.ask("MKCOL", &long, "").refuses(414, "name_storable");
    assert!(!folder.path("none").exists() && !folder.path("more").exists());
}

/// DAV-003: content that would be ignored is no content.
#[test]
fn content_that_means_nothing_is_415() {
    let folder = folder();
    let server = Server::writable(&folder, &[]);
    for (method, fields) in
        [("DELETE", ""), ("COPY", "Destination: /x\r\n"), ("MOVE", "Destination: /x\r\n"), ("MKCOL", "")]
    {
        let target = if method == "MKCOL" { "/x" } else { "/file" };
        server.bring(method, target, fields, "content").refuses(415, "content_ignored");
    }
    assert_eq!(folder.names(""), ["dir", "file", "other"]);
}

/// DAV-013
#[test]
fn a_tree_is_deleted_whole() {
    let folder = folder();
    std::fs::write(folder.beside("secret"), "s").expect("writes");
    folder.link("dir/out", "../../secret");
    folder.link("dir/up", "..");
    let server = Server::writable(&folder, &[]);
    for (fields, status) in [("Depth: 0\r\n", 400), ("Depth: 1\r\n", 400), ("Depth: infinity\r\n", 204)] {
        server.ask("DELETE", "/dir/", fields).is(status);
        assert_eq!(folder.path("dir/sub/deep").exists(), status != 204, "{fields}");
    }
    for (method, target) in [("GET", "/dir/"), ("GET", "/dir/sub/deep"), ("PROPFIND", "/dir/"), ("DELETE", "/dir")] {
        let fields = if method == "PROPFIND" { "Depth: 0\r\n" } else { "" };
        server.ask(method, target, fields).refuses(404, "target_missing");
    }
    assert_eq!(folder.names(""), ["file", "other"]);
    // what a link leads to is not what is deleted
    assert_eq!(std::fs::read(folder.beside("secret")).expect("is there"), b"s");
    assert!(folder.is_tidy());
}

/// DAV-014: what is locked stays, with all above it, and the rest goes.
#[test]
fn a_tree_with_a_locked_member_is_deleted_but_for_that() {
    let folder = folder();
    let server = Server::writable(&folder, &[]);
    let token = lock(&server, "/dir/sub/deep", "");
    let response = server.ask("DELETE", "/dir/", "");
    let root = xml::read(response.is(207).text());
    assert_eq!(root.paths(), ["/dir/sub/deep"], "no ancestors, no 204, no 424");
    assert_eq!(root.about("/dir/sub/deep").code(), 423);
    assert_eq!(root.about("/dir/sub/deep").child("error").child("lock-token-submitted").href(), "/dir/sub/deep");
    assert_eq!(tree(&folder, "dir"), ["dir/sub", "dir/sub/deep"]);
    server.ask("DELETE", "/dir/", &format!("If: <http://h/dir/sub/deep> (<{token}>)\r\n")).is(204);
    assert!(!folder.path("dir").exists());
}

/// DAV-017
#[test]
fn a_copy_and_a_move_of_a_file() {
    for method in ["COPY", "MOVE"] {
        let folder = folder();
        let server = Server::writable(&folder, &[]);
        let stays = |name: &str| folder.path(name).exists() == (method == "COPY");
        let tag = server.put("/file", "file").field("ETag").to_owned();
        let made = send(&server, method, "/file", "/new", "");
        assert_eq!(made.is(201).field("Location"), "/new");
        assert!(folder.read("new") == b"file" && stays("file"));
        let read = server.get("/new");
        assert!(read.is(200).text() == "file");
        assert!(method == "MOVE" || read.field("ETag") != tag, "DAV-036: another resource has another tag");
        // the whole address, of this server
        send(&server, method, "/new", "http://h/dir/new", "").is(201);
        assert_eq!(folder.read("dir/new"), b"file");
        // over what is there
        let replaced = send(&server, method, "/dir/new", "/other", "");
        assert!(!replaced.is(204).has("Location"));
        assert_eq!(folder.read("other"), b"file");
        server.put("/again", "again").is(201);
        send(&server, method, "/again", "/other", "Overwrite: T\r\n").is(204);
        server.put("/again", "no").is(if method == "COPY" { 204 } else { 201 });
        let refused = send(&server, method, "/again", "/other", "Overwrite: F\r\n");
        refused.refuses(412, "overwrite_refused");
        send(&server, method, "/again", "/free", "Overwrite: F\r\n").is(201);
        assert_eq!((folder.read("other"), folder.read("free")), (b"again".to_vec(), b"no".to_vec()));
        assert_eq!(server.get("/other").text(), "again", "read at once");
        assert!(folder.is_tidy());
    }
}

/// DAV-012, DAV-017, DAV-019: each for its cause, and nothing changes.
#[test]
fn what_cannot_be_copied_or_moved_is_refused() {
    let folder = folder();
    std::fs::write(folder.beside("secret"), "s").expect("writes");
    folder.link("out", "../secret");
    folder.link("away", "..");
    let server = Server::writable(&folder, &[]);
    let before = tree(&folder, "");
    for method in ["COPY", "MOVE"] {
        for (from, fields, status, cause) in [
            ("/file", "", 400, "destination_valid"),
            ("/file", "Destination: not a URI\r\n", 400, "destination_valid"),
            ("/file", "Destination: \r\n", 400, "destination_valid"),
            ("/file", "Destination: /x\r\nOverwrite: maybe\r\n", 400, "webdav_fields_valid"),
            ("/file", "Destination: /x\r\nDepth: 1\r\n", 400, "webdav_fields_valid"),
            ("/file", "Destination: http://elsewhere/x\r\n", 502, "destination_on_server"),
            ("/file", "Destination: http://h:81/x\r\n", 502, "destination_on_server"),
            ("/file", "Destination: ftp://h/x\r\n", 502, "destination_on_server"),
            ("/file", "Destination: /file\r\n", 403, "destination_is_source"),
            ("/file", "Destination: http://h/%66ile\r\n", 403, "destination_is_source"),
            ("/dir/", "Destination: /dir\r\n", 403, "destination_is_source"),
            ("/file", "Destination: /none/x\r\n", 409, "destination_parent_exists"),
            ("/file", "Destination: /other/x\r\n", 409, "destination_parent_exists"),
            ("/none", "Destination: /x\r\n", 404, "target_missing"),
            ("/none/", "Destination: /x\r\n", 404, "target_missing"),
            ("/out", "Destination: /x\r\n", 403, "lookup_denied"),
            ("/.because/state.redb", "Destination: /x\r\n", 403, "lookup_denied"),
        ] {
            let response = server.ask(method, from, fields);
            assert_eq!(response.status, status, "{method} {from} {fields}: {}", response.text());
            response.refuses(status, cause);
        }
        for to in ["/away/x", "/.because/x", "/.because", "/"] {
            let response = send(&server, method, "/file", to, "");
            assert!(matches!(response.status, 403 | 409), "{method} {to}: {}", response.status);
        }
        let long = format!("/{}", "n".repeat(300));
        assert!(matches!(send(&server, method, "/file", &long, "").status, 403 | 409 | 414), "{method}");
        assert_eq!(tree(&folder, ""), before, "{method}");
    }
    // a collection is no member of itself
    for to in ["/dir/x", "/dir/sub/x", "/dir/sub"] {
        assert!(matches!(send(&server, "MOVE", "/dir/", to, "").status, 403 | 409), "{to}");
    }
    // nor does a member take the place of what it is in
    assert!(matches!(send(&server, "MOVE", "/dir/sub/deep", "/dir", "").status, 403 | 409));
    assert!(matches!(send(&server, "COPY", "/dir/sub/", "/dir/", "").status, 403 | 409));
    assert_eq!(tree(&folder, ""), before);
    assert!(!folder.beside("x").exists() && folder.is_tidy());
}

/// DAV-019: it ends, and what is copied is what was there before.
#[test]
fn a_collection_copied_into_itself_is_copied_once() {
    let folder = folder();
    let server = Server::writable(&folder, &[]);
    let response = send(&server, "COPY", "/dir/", "/dir/copy/", "");
    if response.status == 201 {
        assert_eq!(
            tree(&folder, "dir/copy"),
            ["member", "sub", "sub/deep", "sub/er"].map(|name| format!("dir/copy/{name}"))
        );
    } else {
        response.is(403);
        assert!(!folder.path("dir/copy").exists());
    }
    send(&server, "COPY", "/", "/all/", "Depth: 0\r\n").is(201);
    assert!(folder.path("all").is_dir() && tree(&folder, "all").is_empty());
    assert!(folder.is_tidy());
}

#[test]
fn trees_are_copied_and_moved_whole() {
    let folder = folder();
    let members = ["member", "sub", "sub/deep", "sub/er"];
    let within = |name: &str| members.map(|member| format!("{name}/{member}"));
    let server = Server::writable(&folder, &[]);
    assert_eq!(send(&server, "COPY", "/dir/", "/copy/", "").is(201).field("Location"), "/copy/");
    assert_eq!((tree(&folder, "copy"), tree(&folder, "dir")), (within("copy").to_vec(), within("dir").to_vec()));
    assert_eq!(server.get("/copy/sub/deep").is(200).text(), "d");
    // it may be named with a slash or without
    send(&server, "COPY", "/dir", "/again", "Depth: infinity\r\n").is(201);
    assert_eq!(tree(&folder, "again"), within("again"));
    // RFC 4918 §9.8.3: the collection, and no member
    send(&server, "COPY", "/dir/", "/empty/", "Depth: 0\r\n").is(201);
    assert!(folder.path("empty").is_dir() && tree(&folder, "empty").is_empty());
    // RFC 4918 §9.8.4, §9.9.3: what is replaced is gone, with all that was in it
    folder.write("old/stale", "stale");
    assert!(!send(&server, "COPY", "/dir/", "/old/", "").is(204).has("Location"));
    assert_eq!(tree(&folder, "old"), within("old"));
    folder.write("old/stale", "stale");
    send(&server, "MOVE", "/dir/", "/old/", "Overwrite: F\r\n").is(412);
    send(&server, "MOVE", "/dir/", "/old/", "").is(204);
    assert_eq!(tree(&folder, "old"), within("old"));
    server.get("/dir/member").is(404);
    // of one kind over the other
    send(&server, "COPY", "/old/", "/file", "").is(204);
    assert_eq!(tree(&folder, "file"), within("file"));
    send(&server, "MOVE", "/other", "/file", "").is(204);
    assert_eq!(folder.read("file"), b"other");
    for (fields, status) in [("Depth: 0\r\n", 400), ("Depth: 1\r\n", 400), ("Depth: infinity\r\n", 201)] {
        send(&server, "MOVE", "/old/", "/new/", fields).is(status);
    }
    assert_eq!(folder.names(""), ["again", "copy", "empty", "file", "new"]);
    assert!(folder.is_tidy());
}

/// RFC 4918 §9.8.5, §9.9.4: two names of one thing are no source and destination, and nothing is lost by trying.
#[test]
fn what_is_reached_by_two_names_is_not_lost() {
    let folder = folder();
    folder.link("link", "file");
    folder.link("way", "dir");
    let server = Server::writable(&folder, &[]);
    let before = tree(&folder, "");
    for (method, from, to) in [
        ("MOVE", "/link", "/file"),
        ("COPY", "/link", "/file"),
        ("MOVE", "/way/sub/", "/dir/sub/"),
        ("COPY", "/way/sub/", "/dir/sub/"),
        ("MOVE", "/way/member", "/dir/member"),
        ("COPY", "/way/member", "/dir/member"),
        ("MOVE", "/dir/", "/way/into/"),
    ] {
        let response = send(&server, method, from, to, "");
        assert!(matches!(response.status, 403 | 409 | 204), "{method} {from} {to}: {}", response.text());
        assert_eq!(tree(&folder, ""), before, "{method} {from} {to}");
        assert_eq!(
            (server.get(to).status, folder.read("file")),
            (if to == "/way/into/" { 404 } else { 200 }, b"file".to_vec())
        );
        assert_eq!((folder.read("dir/member"), folder.read("dir/sub/deep")), (b"m".to_vec(), b"d".to_vec()));
    }
    assert!(folder.is_tidy());
}

/// A link is removed, and not what it leads to; a copy of it reads as it does, wherever it stands.
#[test]
fn links_are_names_of_what_they_lead_to() {
    let folder = folder();
    folder.link("link", "file");
    folder.link("way", "dir");
    let server = Server::writable(&folder, &[]);
    send(&server, "COPY", "/link", "/dir/copy", "").is(201);
    assert_eq!(server.get("/dir/copy").is(200).text(), "file");
    // a move keeps it readable, or is not done
    let moved = send(&server, "MOVE", "/link", "/dir/sub/moved", "");
    let now = if moved.status == 201 { "/dir/sub/moved" } else { "/link" };
    assert_eq!(server.get(now).is(200).text(), "file", "{}", moved.status);
    server.ask("DELETE", now, "").is(204);
    server.ask("DELETE", "/way/", "").is(204);
    server.get("/way/").is(404);
    assert_eq!((server.get("/file").text(), server.get("/dir/member").text()), ("file", "m"));
}

#[test]
fn what_a_file_was_allowed_its_copy_is_allowed() {
    let folder = Folder::with(&[("dir/tool", "t")]);
    std::fs::set_permissions(folder.path("dir/tool"), std::fs::Permissions::from_mode(0o755)).expect("changes");
    let server = Server::writable(&folder, &[]);
    send(&server, "COPY", "/dir/", "/copy/", "").is(201);
    send(&server, "MOVE", "/dir/tool", "/moved", "").is(201);
    for name in ["copy/tool", "moved"] {
        let mode = std::fs::metadata(folder.path(name)).expect("is there").permissions().mode();
        assert_eq!(mode & 0o777, 0o755, "{name}");
    }
}

/// DAV-018: a move of a tree with a locked member tells which, and a copy over one is refused.
#[test]
fn a_locked_member_keeps_its_place() {
    let folder = folder();
    let server = Server::writable(&folder, &[]);
    let token = lock(&server, "/dir/sub/deep", "");
    let response = send(&server, "MOVE", "/dir/", "/moved/", "");
    let root = xml::read(response.is(207).text());
    assert_eq!(root.about("/dir/sub/deep").code(), 423);
    assert!(!root.paths().contains(&"/dir/"), "its ancestors are not told (RFC 4918 §9.9.2)");
    assert!(folder.path("dir/sub/deep").exists());
    // over it
    let response = send(&server, "COPY", "/file", "/dir/", "");
    assert!(matches!(response.status, 207 | 423), "{}", response.text());
    assert!(folder.path("dir/sub/deep").exists());
    // who has the token may
    let submitted = format!("If: <http://h/dir/sub/deep> (<{token}>)\r\n");
    let back = if folder.path("dir/member").exists() { 201 } else { 204 };
    send(&server, "MOVE", "/dir/", "/moved/", &submitted).is(back);
    assert!(folder.path("moved/sub/deep").exists() && !folder.path("dir").exists());
}

/// DAV-018: what cannot be read is told, and the rest is done.
#[test]
fn a_member_that_cannot_be_read_is_told() {
    let folder = folder();
    for (name, mode) in [("dir/sub/deep", 0o000), ("", 0o777), ("dir", 0o777)] {
        std::fs::set_permissions(folder.path(name), std::fs::Permissions::from_mode(mode)).expect("changes");
    }
    let start = Start::of(folder.root()).args(&["--write", "--no-fsync"]);
    let server = start.without_rights(&folder).start();
    let response = send(&server, "COPY", "/dir/", "/copy/", "");
    let root = xml::read(response.is(207).text());
    assert_eq!(root.about("/dir/sub/deep").code(), 403);
    assert_eq!(root.paths().len(), 1, "{}", response.text());
    assert_eq!(tree(&folder, "copy"), ["copy/member", "copy/sub", "copy/sub/er"]);
}

/// RFC 2518 §10.1: a client that waits is told that it is not forgotten; one of HTTP/1.0 never is (1XX-001).
#[test]
fn what_takes_long_is_told_meanwhile() {
    let folder = Folder::new();
    for sub in 0..20 {
        for nth in 0..30 {
            folder.write(&format!("dir/{sub}/{nth}"), "x");
        }
    }
    let server = Server::writable(&folder, &["--processing-after", "1ms", "--processing-interval", "1ms"]);
    let mut client = server.connect();
    let response = client.ask("COPY", "/dir/", "Destination: /copy/\r\n");
    response.is(201);
    assert!(
        !response.interim.is_empty() && response.interim.iter().all(|status| *status == 102),
        "{:?}",
        response.interim
    );
    client.get("/copy/0/0").is(200);
    let response = client.ask("DELETE", "/copy/", "");
    assert!(response.is(204).interim.iter().all(|status| *status == 102));
    let mut old = server.connect();
    let copied = old.exchange("COPY /dir/ HTTP/1.0\r\nDestination: /copy/\r\n\r\n");
    assert!(copied.is(201).interim.is_empty() && copied.closes());
    // nor is one whose request takes no time
    let patient = client.ask("COPY", "/dir/0/0", "Destination: /file\r\n");
    assert!(patient.is(201).interim.is_empty());
    assert_eq!(tree(&folder, "copy").len(), 20 * 31);
}

/// HTTP/1.0 needs no Host, so a destination is on this server only if it is a path.
#[test]
fn a_destination_may_be_a_path_in_http_1_0() {
    let folder = folder();
    let server = Server::writable(&folder, &[]);
    server.exchange("MOVE /file HTTP/1.0\r\nDestination: /moved\r\n\r\n").is(201);
    assert_eq!(folder.read("moved"), b"file");
}
