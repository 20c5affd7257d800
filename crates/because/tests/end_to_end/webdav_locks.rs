//! LOCK and UNLOCK: who may change what, for how long, and how it is told (RFC 4918 §6, §7, §9.10, §9.11, §10.4).

use crate::client::Response;
use crate::folder::Folder;
use crate::server::{Server, until};
use crate::xml::{self, Element};

/// The content of a LOCK that wants to be alone.
pub(crate) const EXCLUSIVE: &str = "<D:lockinfo xmlns:D='DAV:'><D:lockscope><D:exclusive/></D:lockscope>\
     <D:locktype><D:write/></D:locktype><D:owner>ann &amp; co</D:owner></D:lockinfo>";

const SHARED: &str = "<D:lockinfo xmlns:D='DAV:'><D:lockscope><D:shared/></D:lockscope>\
     <D:locktype><D:write/></D:locktype></D:lockinfo>";

/// The token of a lock that was just made (DAV-020).
fn token(response: &Response) -> String {
    let token = response.field("Lock-Token").strip_prefix('<').and_then(|token| token.strip_suffix('>'));
    let token = token.unwrap_or_else(|| panic!("a coded URL: {}", response.field("Lock-Token")));
    assert!(
        token.starts_with("urn:uuid:") && active(response).iter().any(|lock| lock.child("locktoken").href() == token)
    );
    token.to_owned()
}

/// The locks that an answer to LOCK tells.
fn active(response: &Response) -> Vec<Element> {
    let root = xml::read(response.text());
    assert!(root.is("prop"), "{root:#?}");
    root.child("lockdiscovery").all("activelock").cloned().collect()
}

/// Locks what stands there for itself alone, and gives the token.
#[track_caller]
pub(crate) fn lock(server: &Server, target: &str, fields: &str) -> String {
    token(server.bring("LOCK", target, fields, EXCLUSIVE).is(200))
}

fn if_token(token: &str) -> String {
    format!("If: (<{token}>)\r\n")
}

fn unlock(server: &Server, target: &str, token: &str) -> Response {
    server.ask("UNLOCK", target, &format!("Lock-Token: <{token}>\r\n"))
}

/// The locks on a resource, as PROPFIND tells them.
fn discovered(server: &Server, target: &str) -> Vec<Element> {
    let content = "<D:propfind xmlns:D='DAV:'><D:prop><D:lockdiscovery/></D:prop></D:propfind>";
    let response = server.bring("PROPFIND", target, "Depth: 0\r\n", content);
    let root = xml::read(response.is(207).text());
    let response = root.all("response").next().expect("one");
    response.found().child("lockdiscovery").all("activelock").cloned().collect()
}

/// RFC 4918 §16, DAV-027: which lock it was.
#[track_caller]
fn is_locked(response: &Response, condition: &str, root: &str) {
    response.is(423);
    let error = xml::read(response.text());
    let hrefs: Vec<&str> = error.child(condition).all("href").map(|href| href.text.as_str()).collect();
    assert_eq!(hrefs, [root], "{}", response.text());
}

/// DAV-020; RFC 4918 §14.1: all that is told of a lock.
#[test]
fn a_lock_is_told_with_all_its_parts() {
    let folder = Folder::with(&[("file", "f"), ("dir/member", "m")]);
    let server = Server::writable(&folder, &[]);
    let content = EXCLUSIVE;
    let response = server.bring("LOCK", "/dir/", "Timeout: Second-100\r\nDepth: infinity\r\n", content);
    let token = token(response.is(200));
    assert!(!response.has("Location"));
    for locks in [active(&response), discovered(&server, "/dir/"), discovered(&server, "/dir/member")] {
        let [lock] = &locks[..] else { panic!("one lock: {locks:#?}") };
        assert_eq!(lock.child("lockscope").names(), ["exclusive"]);
        assert_eq!(lock.child("locktype").names(), ["write"]);
        assert_eq!(lock.child("depth").text, "infinity");
        assert_eq!(lock.child("owner").text, "ann & co");
        assert_eq!(lock.child("locktoken").href(), token);
        assert_eq!(lock.child("lockroot").href().trim_end_matches('/'), "/dir");
        let left = lock.child("timeout").text.strip_prefix("Second-").and_then(|left| left.parse::<u32>().ok());
        assert!(left.is_some_and(|left| (1..=100).contains(&left)), "{lock:#?}");
    }
    assert!(discovered(&server, "/file").is_empty() && discovered(&server, "/").is_empty());
    // what a client says of itself is kept as it said it, names and all
    let owner = "<D:owner><D:href>http://ann/?a=1&amp;b=2</D:href><x xmlns='x:' y='&lt;'/></D:owner>";
    let content = SHARED.replace("</D:lockinfo>", &format!("{owner}</D:lockinfo>"));
    let response = server.bring("LOCK", "/file", "Depth: 0\r\n", content);
    let owner = active(response.is(200))[0].child("owner").clone();
    assert_eq!(owner.href(), "http://ann/?a=1&b=2");
    let other = &owner.children[1];
    assert_eq!((other.space.as_str(), other.attributes[0].1.as_str()), ("x:", "<"));
}

/// DAV-026, DAV-027: every way to change it, and the token that allows it.
#[test]
fn a_lock_bars_every_change_without_its_token() {
    let folder = Folder::with(&[("file.json", "{}"), ("other", "o")]);
    let server = Server::writable(&folder, &[]);
    let mut client = server.connect();
    let made = token(&client.bring("LOCK", "/file.json", "", EXCLUSIVE));
    let patch = "Content-Type: application/merge-patch+json\r\n";
    let update = "<D:propertyupdate xmlns:D='DAV:'><D:set><D:prop><x/></D:prop></D:set></D:propertyupdate>";
    let changes = [
        ("PUT", "/file.json", "", "{}"),
        ("PATCH", "/file.json", patch, "{\"a\":1}"),
        ("PROPPATCH", "/file.json", "", update),
        ("COPY", "/other", "Destination: /file.json\r\n", ""),
        ("MOVE", "/file.json", "Destination: /moved\r\n", ""),
        ("MOVE", "/other", "Destination: /file.json\r\n", ""),
        ("DELETE", "/file.json", "", ""),
    ];
    for (method, target, fields, content) in changes {
        let destination = if target == "/other" { "<http://h/file.json> " } else { "" };
        for submitted in [
            String::new(),
            // known tokens only, and only of this lock
            format!("If: {destination}(Not <urn:uuid:00000000-0000-0000-0000-000000000000>)\r\n"),
        ] {
            let response = client.bring(method, target, &format!("{fields}{submitted}"), content);
            is_locked(&response, "lock-token-submitted", "/file.json");
            response.refuses(423, "locked");
        }
        for accept in ["text/html", "application/problem+json"] {
            let fields = format!("{fields}Accept: {accept}\r\n");
            client.bring(method, target, &fields, content).is(423).says("/file.json");
        }
    }
    // reads are free
    client.get("/file.json").is(200);
    client.ask("COPY", "/file.json", "Destination: /copy\r\n").is(201);
    assert!(discovered(&server, "/copy").is_empty(), "a lock is not copied (RFC 4918 §7.6)");
    for (method, target, fields, content) in &changes[..4] {
        let tagged = if *target == "/other" { "<http://h/file.json> " } else { "" };
        let fields = format!("{fields}If: {tagged}(<{made}>)\r\n");
        let status = client.bring(method, target, &fields, content).status;
        assert!((200..300).contains(&status), "{method}: {status}");
    }
    assert_eq!(discovered(&server, "/file.json").len(), 1, "it outlives what was done");
    client.ask("MOVE", "/file.json", &format!("Destination: /moved\r\n{}", if_token(&made))).is(201);
    assert!(discovered(&server, "/moved").is_empty(), "a lock is not moved (RFC 4918 §7.6)");
    client.put("/file.json", "free").is(201);
}

#[test]
fn who_deletes_with_the_token_removes_the_lock_too() {
    let folder = Folder::with(&[("file", "f")]);
    let server = Server::writable(&folder, &[]);
    let made = lock(&server, "/file", "");
    server.ask("DELETE", "/file", &if_token(&made)).is(204);
    server.put("/file", "new").is(201);
    assert!(discovered(&server, "/file").is_empty());
    unlock(&server, "/file", &made).is(409);
}

/// DAV-023; RFC 4918 §6.2: which locks stand beside each other.
#[test]
fn locks_that_conflict_are_refused() {
    let folder = Folder::with(&[("alone", "a"), ("shared", "s"), ("dir/sub/member", "m")]);
    let server = Server::writable(&folder, &[]);
    lock(&server, "/alone", "");
    for content in [EXCLUSIVE, SHARED] {
        is_locked(&server.bring("LOCK", "/alone", "", content), "no-conflicting-lock", "/alone");
    }
    let first = token(server.bring("LOCK", "/shared", "", SHARED).is(200));
    let response = server.bring("LOCK", "/shared", "", SHARED);
    let second = token(response.is(200));
    assert!(first != second && active(&response).len() == 2 && discovered(&server, "/shared").len() == 2);
    is_locked(&server.bring("LOCK", "/shared", "", EXCLUSIVE), "no-conflicting-lock", "/shared");
    // of shared locks one token is enough (RFC 4918 §7.5), none is not
    is_locked(&server.put("/shared", "x"), "lock-token-submitted", "/shared");
    for token in [&first, &second] {
        server.bring("PUT", "/shared", &if_token(token), "x").is(204);
    }
    unlock(&server, "/shared", &first).is(204);
    is_locked(&server.put("/shared", "x"), "lock-token-submitted", "/shared");
    unlock(&server, "/shared", &second).is(204);
    server.put("/shared", "x").is(204);
    // a lock from above reaches what is below
    let above = lock(&server, "/dir", "Depth: infinity\r\n");
    for target in ["/dir/sub/member", "/dir/sub/", "/dir/new"] {
        let response = server.bring("LOCK", target, "", EXCLUSIVE);
        response.is(423);
        assert!(response.text().contains("<D:href>/dir"), "{target}: {}", response.text());
    }
    assert!(!folder.path("dir/new").exists());
    unlock(&server, "/dir/sub/member", &above).is(204);
    server.put("/dir/sub/member", "free").is(204);
}

/// DAV-021, DAV-022: all or nothing, and 207 where the trouble is further down.
#[test]
fn a_lock_on_a_tree_is_all_or_nothing() {
    let folder = Folder::with(&[("dir/free", "f"), ("dir/sub/taken", "t")]);
    let server = Server::writable(&folder, &[]);
    let taken = lock(&server, "/dir/sub/taken", "");
    let response = server.bring("LOCK", "/dir/", "Depth: infinity\r\n", EXCLUSIVE);
    let root = xml::read(response.is(207).text());
    assert!(!response.has("Lock-Token"));
    assert_eq!(root.about("/dir/sub/taken").code(), 423);
    assert_eq!(root.about("/dir/sub/taken").child("error").child("no-conflicting-lock").href(), "/dir/sub/taken");
    let target =
        root.all("response").find(|response| response.href().trim_end_matches('/') == "/dir").expect("the target");
    assert_eq!(target.code(), 424);
    assert_eq!(root.paths().len(), 2);
    assert!(discovered(&server, "/dir/").is_empty() && discovered(&server, "/dir/free").is_empty());
    server.put("/dir/free", "x").is(204);
    // a lock of the collection alone is no conflict
    let alone = lock(&server, "/dir/", "Depth: 0\r\n");
    unlock(&server, "/dir/", &alone).is(204);
    // two shared ones are none either
    unlock(&server, "/dir/sub/taken", &taken).is(204);
    server.bring("LOCK", "/dir/sub/taken", "", SHARED).is(200);
    server.bring("LOCK", "/dir/", "Depth: infinity\r\n", SHARED).is(200);
    assert_eq!(discovered(&server, "/dir/sub/taken").len(), 2);
}

/// DAV-028
#[test]
fn a_lock_on_a_collection_guards_its_members() {
    let folder = Folder::with(&[("dir/member", "m"), ("dir/sub/deep", "d"), ("file", "f"), ("other/x", "x")]);
    let server = Server::writable(&folder, &[]);
    let made = lock(&server, "/dir/", "Depth: 0\r\n");
    for (method, target, fields) in [
        ("PUT", "/dir/new", ""),
        ("MKCOL", "/dir/new", ""),
        ("LOCK", "/dir/new", ""),
        ("DELETE", "/dir/member", ""),
        ("DELETE", "/dir/sub/", ""),
        ("MOVE", "/dir/member", "Destination: /away\r\n"),
        ("MOVE", "/dir/member", "Destination: /dir/renamed\r\n"),
        ("MOVE", "/file", "Destination: /dir/new\r\n"),
        ("COPY", "/file", "Destination: /dir/new\r\n"),
        ("DELETE", "/dir/", ""),
        ("MOVE", "/dir/", "Destination: /away\r\n"),
    ] {
        let content = if method == "LOCK" { EXCLUSIVE } else { "" };
        let response = server.bring(method, target, fields, content);
        assert_eq!(response.status, 423, "{method} {target} {fields}: {}", response.text());
        assert!(response.text().contains("<D:lock-token-submitted><D:href>/dir"), "{}", response.text());
    }
    // what does not change who is a member is free: depth 0 protects no content of members
    server.put("/dir/member", "new").is(204);
    server.put("/dir/sub/new", "new").is(201);
    server.ask("DELETE", "/dir/sub/deep", "").is(204);
    server.ask("COPY", "/dir/member", "Destination: /copied\r\n").is(201);
    assert_eq!(folder.names("dir"), ["member", "sub"]);
    // and who has the token may
    let tagged = format!("If: <http://h/dir/> (<{made}>)\r\n");
    server.bring("PUT", "/dir/new", &tagged, "new").is(201);
    server.bring("LOCK", "/dir/locked", &tagged, EXCLUSIVE).is(201);
    server.ask("MOVE", "/dir/new", &format!("{tagged}Destination: /dir/newer\r\n")).is(201);
    server.ask("DELETE", "/dir/newer", &tagged).is(204);
}

/// RFC 4918 §6.1, §7.6: what a lock on everything reaches, and what becomes of a lock whose root is moved.
#[test]
fn a_lock_on_a_collection_stays_with_its_place() {
    let folder = Folder::with(&[("dir/sub/deep", "d"), ("file", "f")]);
    let server = Server::writable(&folder, &[]);
    let made = lock(&server, "/", "Depth: infinity\r\n");
    is_locked(&server.put("/dir/sub/deep", "x"), "lock-token-submitted", "/");
    server.bring("PUT", "/dir/sub/deep", &if_token(&made), "x").is(204);
    server.bring("PUT", "/dir/new", &if_token(&made), "x").is(201);
    server.ask("MOVE", "/file", &format!("Destination: /moved\r\n{}", if_token(&made))).is(201);
    server.put("/moved", "x").is(423);
    unlock(&server, "/dir/sub/deep", &made).is(204);
    server.put("/moved", "x").is(204);
    // what is moved out leaves its lock; what is moved in comes under the one that is there
    let made = lock(&server, "/dir/", "");
    server.ask("MOVE", "/dir/sub/", &format!("Destination: /out/\r\n{}", if_token(&made))).is(201);
    server.put("/out/deep", "x").is(204);
    let tagged = format!("Destination: /dir/in/\r\nIf: <http://h/dir/> (<{made}>)\r\n");
    server.ask("MOVE", "/out/", &tagged).is(201);
    server.put("/dir/in/deep", "x").is(423);
    server.ask("MOVE", "/dir/", &format!("Destination: /renamed/\r\n{}", if_token(&made))).is(201);
    server.put("/renamed/in/deep", "x").is(204);
    unlock(&server, "/renamed/", &made).is(409);
    server.ask("MKCOL", "/dir/", "").is(201);
    server.put("/dir/new", "x").is(201);
}

/// RFC 4918 §7.3
#[test]
fn a_lock_on_nothing_makes_an_empty_file() {
    let folder = Folder::with(&[("dir/member", "m")]);
    let server = Server::writable(&folder, &[]);
    let response = server.bring("LOCK", "/new", "", EXCLUSIVE);
    let made = token(response.is(201));
    assert_eq!(response.field("Location"), "/new");
    assert_eq!(server.get("/new").is(200).content, b"");
    is_locked(&server.put("/new", "x"), "lock-token-submitted", "/new");
    server.bring("PUT", "/new", &if_token(&made), "x").is(204);
    unlock(&server, "/new", &made).is(204);
    assert_eq!(folder.read("new"), b"x", "it stays when the lock goes");
    server.bring("LOCK", "/none/new", "", EXCLUSIVE).refuses(409, "parent_exists");
    server.bring("LOCK", "/new/", "", EXCLUSIVE).is(409);
    server.bring("LOCK", "/.because/new", "", EXCLUSIVE).refuses(403, "lookup_denied");
    assert_eq!(folder.names(""), ["dir", "new"]);
}

#[test]
fn what_is_no_lock_is_refused() {
    let folder = Folder::with(&[("file", "f")]);
    let server = Server::writable(&folder, &[]);
    let read = EXCLUSIVE.replace("<D:write/>", "<D:read/>");
    let entity = format!("<!DOCTYPE x [<!ENTITY e SYSTEM 'file:///etc/passwd'>]>{}", EXCLUSIVE.replace("ann", "&e;"));
    for (fields, content, status) in [
        ("", "<D:lockinfo", 400),
        ("", "{}", 400),
        ("", "", 400),
        ("", "<D:lockinfo xmlns:D='DAV:'/>", 400),
        ("Depth: 1\r\n", EXCLUSIVE, 400),
        ("Depth: x\r\n", EXCLUSIVE, 400),
        ("If: x\r\n", EXCLUSIVE, 400),
        ("", &read, 422),
        ("", &entity, 403),
    ] {
        let response = server.bring("LOCK", "/file", fields, content);
        assert_eq!(response.status, status, "{fields}{content}: {}", response.text());
    }
    // DAV-004
    let response = server.bring("LOCK", "/file", "", &entity);
    xml::read(response.text()).child("no-external-entities");
    assert!(discovered(&server, "/file").is_empty());
    server.put("/file", "free").is(204);
}

/// DAV-025
#[test]
fn an_unlock_names_its_lock() {
    let folder = Folder::with(&[("file", "f"), ("other", "o"), ("dir/member", "m")]);
    let server = Server::writable(&folder, &[]);
    let (made, other) = (lock(&server, "/file", ""), lock(&server, "/other", ""));
    server.ask("UNLOCK", "/file", "").refuses(400, "lock_token_present");
    server.ask("UNLOCK", "/file", "Lock-Token: nonsense\r\n").is(400);
    server.bring("UNLOCK", "/file", &format!("Lock-Token: <{made}>\r\n"), "content").refuses(415, "content_ignored");
    for wrong in [&other, "urn:uuid:00000000-0000-0000-0000-000000000000"] {
        let response = unlock(&server, "/file", wrong);
        response.refuses(409, "lock_token_matches");
        xml::read(response.text()).child("lock-token-matches-request-uri");
    }
    unlock(&server, "/none", &made).refuses(404, "target_missing");
    server.put("/file", "x").is(423);
    unlock(&server, "/file", &made).is(204);
    unlock(&server, "/file", &made).is(409);
    server.put("/file", "x").is(204);
    server.put("/other", "x").is(423);
}

/// DAV-024; RFC 4918 §9.10.2: a lock begins anew, and keeps its token.
#[test]
fn a_lock_can_be_refreshed() {
    let folder = Folder::with(&[("file", "f"), ("other", "o"), ("dir/member", "m")]);
    let server = Server::writable(&folder, &[]);
    let made = lock(&server, "/file", "Timeout: Second-50\r\n");
    let seconds = |response: &Response| {
        let timeout = active(response.is(200))[0].child("timeout").text.clone();
        timeout.strip_prefix("Second-").and_then(|left| left.parse::<u32>().ok()).expect("seconds")
    };
    let response = server.ask("LOCK", "/file", &format!("Timeout: Second-1000\r\n{}", if_token(&made)));
    assert!((900..=1000).contains(&seconds(&response)), "{}", response.text());
    assert!(!response.has("Lock-Token"), "RFC 4918 §9.10.2: there is no new one");
    assert_eq!(active(&response)[0].child("locktoken").href(), made);
    // what cannot be granted is not: a time without end gets one
    let response = server.ask("LOCK", "/file", &format!("Timeout: Infinite, Second-4100000000\r\n{}", if_token(&made)));
    assert!(seconds(&response) < 1_000_000);
    for (target, token) in [("/other", made.as_str()), ("/file", "urn:uuid:00000000-0000-0000-0000-000000000000")] {
        server.ask("LOCK", target, &if_token(token)).is(412);
    }
    // from below, too: the lock of a tree is that of each member
    let tree = lock(&server, "/dir/", "Depth: infinity\r\n");
    server.ask("LOCK", "/dir/member", &if_token(&tree)).is(200);
}

#[test]
fn a_lock_runs_out() {
    let folder = Folder::with(&[("file", "f")]);
    let server = Server::writable(&folder, &[]);
    let made = lock(&server, "/file", "Timeout: Second-1\r\n");
    until("the lock runs out", || (server.put("/file", "x").status == 204).then_some(()));
    assert!(discovered(&server, "/file").is_empty());
    unlock(&server, "/file", &made).is(409);
    server.ask("LOCK", "/file", &if_token(&made)).is(412);
    lock(&server, "/file", "");
}

#[test]
fn a_lock_outlives_the_server() {
    let folder = Folder::with(&[("file", "f"), ("dir/member", "m")]);
    let (made, gone) = {
        let server = Server::writable(&folder, &[]);
        let gone = lock(&server, "/dir/member", "");
        unlock(&server, "/dir/member", &gone).is(204);
        (lock(&server, "/file", ""), gone)
    };
    let server = Server::writable(&folder, &[]);
    is_locked(&server.put("/file", "x"), "lock-token-submitted", "/file");
    assert_eq!(discovered(&server, "/file")[0].child("locktoken").href(), made);
    server.put("/dir/member", "x").is(204);
    unlock(&server, "/dir/member", &gone).is(409);
    server.bring("PUT", "/file", &if_token(&made), "x").is(204);
    unlock(&server, "/file", &made).is(204);
}

/// DAV-029, DAV-030: what the If header says, and of what.
#[test]
fn the_if_header_is_judged() {
    let folder = Folder::with(&[("free", "f"), ("locked", "l"), ("other", "o")]);
    let server = Server::writable(&folder, &[]);
    let (made, other) = (lock(&server, "/locked", ""), lock(&server, "/other", ""));
    let tag = |target: &str| server.ask("HEAD", target, "").field("ETag").to_owned();
    let free = server.put("/free", "f").is(204).field("ETag").to_owned();
    let locked = server.bring("PUT", "/locked", &if_token(&made), "l").field("ETag").to_owned();
    assert_eq!((tag("/free"), tag("/locked")), (free.clone(), locked.clone()));
    for (method, target, header, status) in [
        ("PROPFIND", "/free", format!("([{free}])"), 207),
        ("PROPFIND", "/free", "([\"x\"])".to_owned(), 412),
        ("PROPFIND", "/free", format!("(Not [{free}])"), 412),
        ("PROPFIND", "/free", "(Not [\"x\"])".to_owned(), 207),
        ("PROPFIND", "/free", format!("([\"x\"]) ([{free}])"), 207),
        ("PROPFIND", "/free", format!("([{free}] [\"x\"])"), 412),
        ("PROPFIND", "/free", "(<DAV:no-lock>)".to_owned(), 412),
        ("PROPFIND", "/free", "(Not <DAV:no-lock>)".to_owned(), 207),
        ("PROPFIND", "/locked", format!("(<{made}> [{locked}])"), 207),
        ("PROPFIND", "/locked", format!("(<{other}>)"), 412),
        // tagged: it is about that resource, and the full address or the path alone may name it
        ("PROPFIND", "/free", format!("<http://h/locked> (<{made}>)"), 207),
        ("PROPFIND", "/free", format!("</locked> (<{made}>)"), 207),
        ("PROPFIND", "/free", format!("<http://h/other> (<{made}>)"), 412),
        ("PROPFIND", "/free", format!("<http://elsewhere/locked> (<{made}>)"), 412),
        ("PROPFIND", "/free", format!("<http://h/none> (<{made}>) <http://h/locked> ([{locked}])"), 207),
        // DAV-030
        ("PUT", "/none", "([\"x\"])".to_owned(), 412),
        ("PUT", "/none", format!("(<{made}>)"), 412),
        ("PUT", "/none", "(Not [\"x\"])".to_owned(), 201),
        // a token counts as submitted wherever it stands, even in a list that is false (RFC 4918 §10.4.1)
        ("PUT", "/locked", format!("(<{made}> [\"x\"]) (Not <DAV:no-lock>)"), 204),
        ("PUT", "/locked", format!("(Not <{other}>)"), 423),
        ("PUT", "/locked", "(x)".to_owned(), 400),
        ("PUT", "/locked", "()".to_owned(), 400),
        ("PUT", "/locked", format!("(<{made}>"), 400),
    ] {
        let response = server.bring(method, target, &format!("If: {header}\r\nDepth: 0\r\n"), "");
        assert_eq!(response.status, status, "{method} {target} If: {header}: {}", response.text());
    }
    server.bring("PUT", "/free", "If: ([\"x\"])\r\n", "").refuses(412, "if_header_holds");
}

/// RFC 4918 §10.4: it counts with every method, also with those that are not of WebDAV.
#[test]
fn the_if_header_counts_for_reads_too() {
    let folder = Folder::with(&[("file", "f")]);
    let server = Server::writable(&folder, &[]);
    let made = lock(&server, "/file", "");
    for (header, status) in
        [("([\"x\"])".to_owned(), 412), (format!("(<{made}>)"), 200), ("(<DAV:no-lock>)".to_owned(), 412)]
    {
        for method in ["GET", "HEAD"] {
            let response = server.ask(method, "/file", &format!("If: {header}\r\n"));
            assert_eq!(response.status, status, "{method} If: {header}");
        }
    }
}
