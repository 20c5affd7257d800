//! Several names of one resource: BIND, UNBIND and REBIND, and what other methods make of them (RFC 5842).

use std::fs;

use crate::client::Response;
use crate::folder::Folder;
use crate::server::Server;
use crate::xml::{self, Element};

/// Folders to bind things in, and some files in them.
fn folder() -> Folder {
    let folder = Folder::with(&[("a/one", "1"), ("a/in/two", "2"), ("b/three", "3"), ("c/four", "4")]);
    folder.folder("d");
    folder
}

fn bind(server: &Server, collection: &str, segment: &str, href: &str) -> Response {
    bind_with(server, collection, segment, href, "")
}

fn bind_with(server: &Server, collection: &str, segment: &str, href: &str, fields: &str) -> Response {
    asking(server, "BIND", collection, fields, &format!("<segment>{segment}</segment><href>{href}</href>"))
}

fn unbind(server: &Server, collection: &str, segment: &str) -> Response {
    asking(server, "UNBIND", collection, "", &format!("<segment>{segment}</segment>"))
}

fn rebind(server: &Server, collection: &str, segment: &str, href: &str, fields: &str) -> Response {
    asking(server, "REBIND", collection, fields, &format!("<segment>{segment}</segment><href>{href}</href>"))
}

fn asking(server: &Server, method: &str, collection: &str, fields: &str, within: &str) -> Response {
    let root = method.to_lowercase();
    let fields = format!("Accept: application/xml\r\n{fields}");
    server.bring(method, collection, &fields, format!("<{root} xmlns=\"DAV:\">{within}</{root}>"))
}

/// What is told of a tree.
fn told(server: &Server, target: &str, depth: &str, fields: &str, names: &str) -> Element {
    let document = format!("<propfind xmlns=\"DAV:\"><prop>{names}</prop></propfind>");
    let response = server.bring("PROPFIND", target, &format!("Depth: {depth}\r\n{fields}"), document);
    xml::read(response.is(207).text())
}

fn paths(server: &Server, target: &str, depth: &str) -> Vec<String> {
    told(server, target, depth, "", "<resourcetype/>").paths().into_iter().map(str::to_owned).collect()
}

/// Sends a request without content to another place.
fn sends(server: &Server, method: &str, from: &str, to: &str) -> Response {
    server.ask(method, from, &format!("Destination: {to}\r\n"))
}

fn content(server: &Server, target: &str) -> String {
    server.get(target).is(200).text().to_owned()
}

/// DAV-039, DAV-040
#[test]
fn a_resource_has_two_names() {
    let folder = folder();
    let server = Server::writable(&folder, &[]);
    assert_eq!(server.ask("OPTIONS", "/a/", "").is(200).field("DAV"), "1, 2, 3, bind");
    let made = bind(&server, "/d/", "x%20y", "http://h/a");
    assert_eq!(made.is(201).field("Location"), "/d/x%20y/");
    bind(&server, "/d", "x%20y", "/a/").is(204);
    bind(&server, "/d/", "f", "/b/three").is(201);
    // written under one name, read under the other
    server.put("/d/x%20y/new", "n").is(201);
    assert_eq!(content(&server, "/a/new"), "n");
    server.put("/a/new", "other").is(204);
    assert_eq!(content(&server, "/d/x%20y/new"), "other");
    server.put("/d/f", "3+").is(204);
    assert_eq!((content(&server, "/b/three"), content(&server, "/d/f")), ("3+".to_owned(), "3+".to_owned()));
    assert_eq!(server.get("/d/f").field("ETag"), server.get("/b/three").field("ETag"));
    assert_eq!(server.ask("MKCOL", "/d/x%20y/made", "").is(201).field("Location"), "/d/x%20y/made/");
    // members of both kinds are told and listed alike
    assert_eq!(paths(&server, "/d/", "1"), ["/d/", "/d/f", "/d/x%20y/"]);
    assert_eq!(
        paths(&server, "/d/x%20y/", "1"),
        ["/d/x%20y/", "/d/x%20y/in/", "/d/x%20y/made/", "/d/x%20y/new", "/d/x%20y/one"]
    );
    server.get_with("/d/", "Accept: text/html\r\n").is(200).says("href=\"x%20y/\"").says("href=\"f\"");
    server.get_with("/d/x%20y/", "Accept: text/html\r\n").is(200).says("href=\"new\"");
    assert_eq!(server.get("/d/x%20y").is(301).field("Location"), "/d/x%20y/");
    // on the disk they are plain
    assert_eq!(folder.names("d"), Vec::<String>::new());
    assert_eq!(folder.names("a"), ["in", "made", "new", "one"]);
    assert_eq!(folder.read("b/three"), b"3+");
    assert!(folder.is_tidy());
}

/// DAV-039
#[test]
fn what_cannot_be_bound_is_refused_and_nothing_changes() {
    let folder = folder();
    let server = Server::writable(&folder, &[]);
    bind(&server, "/d/", "x", "/a").is(201);
    let overwrite = bind_with(&server, "/d/", "x", "/b", "Overwrite: F\r\n");
    overwrite.refuses(412, "binding_overwrite_refused").says("<D:can-overwrite/>");
    bind_with(&server, "/b/", "three", "/a/one", "Overwrite: F\r\n").is(412).says("<D:can-overwrite/>");
    for (collection, segment, href, status, condition) in [
        ("/d/", "y", "/none", 409, "bind-source-exists"),
        ("/d/", "y", "/a/one/", 409, "bind-source-exists"),
        ("/a/one", "y", "/b", 409, "bind-into-collection"),
        ("/d/", "y", "http://other.example/b", 403, "cross-server-binding"),
        ("/d/", "y%2Fz", "/b", 403, "name-allowed"),
        ("/d/", "..", "/b", 403, "name-allowed"),
        ("/", ".because", "/b", 403, "name-allowed"),
        ("/", "a", "/a/in", 403, "binding-allowed"),
    ] {
        let refused = bind(&server, collection, segment, href);
        refused.is(status).says(&format!("<D:{condition}/>"));
    }
    bind(&server, "/d/", "y", "/.because/state.redb").is(403);
    bind(&server, "/none/", "y", "/a").is(404);
    server.bring("BIND", "/d/", "", "<bind xmlns='DAV:'><segment>y</segment></bind>").is(400);
    assert_eq!(paths(&server, "/d/", "1"), ["/d/", "/d/x/"]);
    assert_eq!(content(&server, "/d/x/one"), "1");
    assert_eq!((folder.read("b/three"), folder.names("a")), (b"3".to_vec(), vec!["in".to_owned(), "one".to_owned()]));
}

/// RFC 5842 §4: a lock on the collection, and one on what would be replaced.
#[test]
fn a_lock_bars_bindings() {
    let folder = folder();
    let server = Server::writable(&folder, &[]);
    let lock = |target: &str, depth: &str| {
        let document =
            "<lockinfo xmlns='DAV:'><lockscope><exclusive/></lockscope><locktype><write/></locktype></lockinfo>";
        let response = server.bring("LOCK", target, &format!("Depth: {depth}\r\n"), document);
        response.is(200).field("Lock-Token").to_owned()
    };
    bind(&server, "/d/", "x", "/a/in").is(201);
    let token = lock("/d/", "0");
    bind(&server, "/d/", "y", "/b").is(423).says("lock-token-submitted");
    unbind(&server, "/d/", "x").is(423);
    server.ask("DELETE", "/d/x", "").is(423);
    sends(&server, "MOVE", "/d/x", "/moved").is(423);
    rebind(&server, "/c/", "x", "/d/x", "").is(423).says("<D:href>/d</D:href>");
    bind_with(&server, "/d/", "y", "/b", &format!("If: ({token})\r\n")).is(201);
    server.ask("UNLOCK", "/d/", &format!("Lock-Token: {token}\r\n")).is(204);
    let token = lock("/c/four", "0");
    bind(&server, "/c/", "four", "/b").is(423);
    rebind(&server, "/c/", "four", "/d/x", "").is(423);
    unbind(&server, "/c/", "four").is(423);
    assert_eq!(folder.read("c/four"), b"4");
    server.ask("UNLOCK", "/c/four", &format!("Lock-Token: {token}\r\n")).is(204);
    // a lock on a collection reaches what is bound in it, under every name
    let token = lock("/d/", "infinity");
    server.put("/a/in/two", "barred").is(423).says("/d");
    server.bring("PUT", "/a/in/two", &format!("If: </d> ({token})\r\n"), "let in").is(204);
    assert_eq!(folder.read("a/in/two"), b"let in");
    let inner = server.bring(
        "LOCK",
        "/a/in",
        "",
        "<lockinfo xmlns='DAV:'><lockscope><exclusive/></lockscope><locktype><write/></locktype></lockinfo>",
    );
    inner.is(423);
    server.ask("UNLOCK", "/d/", &format!("Lock-Token: {token}\r\n")).is(204);
    let token = lock("/a/in/two", "0");
    let outer = server.bring(
        "LOCK",
        "/d/",
        "",
        "<lockinfo xmlns='DAV:'><lockscope><exclusive/></lockscope><locktype><write/></locktype></lockinfo>",
    );
    outer.is(423);
    // RFC 5842 §9.1: another name than the one that was locked may go
    server.ask("DELETE", "/d/x", "").is(204);
    server.ask("DELETE", "/a/in/two", "").is(423);
    server.ask("DELETE", "/a/in/two", &format!("If: ({token})\r\n")).is(204);
}

/// RFC 5842 §2.4
#[test]
fn what_loses_one_name_lives_on_under_another() {
    let folder = folder();
    let server = Server::writable(&folder, &[]);
    bind(&server, "/d/", "x", "/a").is(201);
    bind(&server, "/d/", "y", "/a").is(201);
    bind(&server, "/d/", "two", "/a/in/two").is(201);
    bind(&server, "/c/", "in", "/a/in").is(201);
    server
        .bring(
            "PROPPATCH",
            "/d/x/one",
            "",
            "<propertyupdate xmlns='DAV:'><set><prop><z xmlns='u:'>p</z></prop></set></propertyupdate>",
        )
        .is(207);
    let tag = server.get("/a/one").field("ETag").to_owned();
    server.ask("DELETE", "/a", "").is(204);
    server.get("/a/one").is(404);
    assert_eq!((content(&server, "/d/x/one"), content(&server, "/d/y/in/two")), ("1".to_owned(), "2".to_owned()));
    assert_eq!((content(&server, "/c/in/two"), content(&server, "/d/two")), ("2".to_owned(), "2".to_owned()));
    assert_eq!(server.get("/d/x/one").field("ETag"), tag);
    assert_eq!(folder.names("d"), ["x"], "the first of its names is where it stands");
    let dead = told(&server, "/d/y/one", "0", "", "<z xmlns='u:'/>");
    assert_eq!(dead.about("/d/y/one").found().names(), ["z"]);
    // of a collection that goes for good, what has names outside of it stays
    server.ask("DELETE", "/d/x", "").is(204);
    server.ask("DELETE", "/d/y", "").is(204);
    assert_eq!((content(&server, "/c/in/two"), content(&server, "/d/two")), ("2".to_owned(), "2".to_owned()));
    assert_eq!((folder.names("c"), folder.names("d")), (vec!["four".to_owned(), "in".to_owned()], Vec::new()));
    server.ask("DELETE", "/c", "").is(204);
    assert_eq!((folder.names("d"), folder.read("d/two")), (vec!["two".to_owned()], b"2".to_vec()));
    server.ask("DELETE", "/d/two", "").is(204);
    server.get("/d/two").is(404);
    assert!(folder.is_tidy());
}

/// What loses its place goes where one of its members went before.
#[test]
fn what_is_bound_beneath_its_own_member_keeps_all_members() {
    let folder = folder();
    let server = Server::writable(&folder, &["--depth-infinity"]);
    bind(&server, "/d/", "in", "/a/in").is(201);
    bind(&server, "/a/in/", "up", "/a").is(201);
    server.ask("DELETE", "/a", "").is(204);
    for (target, is) in [("/d/in/two", "2"), ("/d/in/up/one", "1"), ("/d/in/up/in/up/in/two", "2")] {
        assert_eq!(content(&server, target), is, "{target}");
    }
    assert_eq!(
        (folder.names("d/in"), folder.names("d/in/up")),
        (vec!["two".to_owned(), "up".to_owned()], vec!["one".to_owned()])
    );
    server.ask("DELETE", "/d/in", "").is(204);
    assert_eq!((folder.names("d"), folder.is_tidy()), (Vec::new(), true));
}

#[test]
fn a_name_is_unbound() {
    let folder = folder();
    let server = Server::writable(&folder, &[]);
    bind(&server, "/d/", "x", "/a").is(201);
    bind(&server, "/d/", "f", "/a/one").is(201);
    unbind(&server, "/d/", "x").is(204);
    server.get("/d/x/one").is(404);
    assert_eq!(content(&server, "/a/one"), "1");
    unbind(&server, "/d/", "x").is(409).says("<D:unbind-source-exists/>");
    unbind(&server, "/a/one", "x").is(409).says("<D:unbind-from-collection/>");
    unbind(&server, "/a/", "one").is(204);
    assert_eq!((content(&server, "/d/f"), folder.read("d/f")), ("1".to_owned(), b"1".to_vec()));
    unbind(&server, "/d/", "f").is(204);
    server.get("/d/f").is(404);
    unbind(&server, "/", "a").is(204);
    assert!(!folder.path("a").exists() && folder.is_tidy());
}

#[test]
fn a_name_is_bound_elsewhere() {
    let folder = folder();
    let server = Server::writable(&folder, &[]);
    bind(&server, "/d/", "x", "/a").is(201);
    // an alias
    let made = rebind(&server, "/c/", "y", "/d/x", "");
    assert_eq!(made.is(201).field("Location"), "/c/y/");
    assert_eq!((content(&server, "/c/y/one"), server.get("/d/x/one").status), ("1".to_owned(), 404));
    // what stands there itself; the alias goes on leading to it
    rebind(&server, "/c/y/", "moved", "/b", "").is(201);
    assert_eq!((content(&server, "/a/moved/three"), server.get("/b/three").status), ("3".to_owned(), 404));
    rebind(&server, "/d/", "a", "/a", "").is(201);
    assert_eq!((content(&server, "/c/y/moved/three"), folder.names("d")), ("3".to_owned(), vec!["a".to_owned()]));
    // in the place of something
    rebind(&server, "/c/", "four", "/d/a/one", "Overwrite: F\r\n").is(412).says("<D:can-overwrite/>");
    rebind(&server, "/c/", "four", "/d/a/one", "").is(204);
    assert_eq!(
        (content(&server, "/c/four"), folder.names("d/a")),
        ("1".to_owned(), vec!["in".to_owned(), "moved".to_owned()])
    );
    rebind(&server, "/c/", "four", "/c/y", "").is(204);
    assert_eq!(content(&server, "/c/four/in/two"), "2");
    assert_eq!((folder.names("c"), folder.is_tidy()), (Vec::new(), true));
    // to its own alias
    rebind(&server, "/c/", "four", "/d/a", "").is(204);
    assert_eq!((content(&server, "/c/four/in/two"), server.get("/d/a/in/two").status), ("2".to_owned(), 404));
    for (collection, href, condition, status) in [
        ("/c/", "/none", "rebind-source-exists", 409),
        ("/c/four/in", "/c/four", "cycle-allowed", 403),
        ("/c/", "http://other.example/", "cross-server-binding", 403),
    ] {
        rebind(&server, collection, "z", href, "").is(status).says(&format!("<D:{condition}/>"));
    }
    rebind(&server, "/c/", "z", "/", "").is(403);
    rebind(&server, "/c/", "four", "/c/four/in", "").is(403).says("<D:binding-allowed/>");
}

/// RFC 5842 §2.5
#[test]
fn a_move_changes_one_name() {
    let folder = folder();
    let server = Server::writable(&folder, &[]);
    bind(&server, "/d/", "x", "/a").is(201);
    bind(&server, "/d/", "two", "/a/in/two").is(201);
    let moved = sends(&server, "MOVE", "/a", "/c/a");
    assert_eq!(moved.is(201).field("Location"), "/c/a/");
    assert_eq!((content(&server, "/d/x/one"), content(&server, "/d/two")), ("1".to_owned(), "2".to_owned()));
    assert_eq!(sends(&server, "MOVE", "/d/x", "/d/y").is(201).field("Location"), "/d/y/");
    assert_eq!((content(&server, "/d/y/one"), server.get("/d/x/one").status), ("1".to_owned(), 404));
    // in the place of one that has another name, and of one that has none
    sends(&server, "MOVE", "/b/three", "/c/a/in/two").is(204);
    assert_eq!((content(&server, "/d/y/in/two"), content(&server, "/d/two")), ("3".to_owned(), "2".to_owned()));
    sends(&server, "MOVE", "/d/two", "/c/a/in/two").is(204);
    assert_eq!((content(&server, "/d/y/in/two"), server.get("/d/two").status), ("2".to_owned(), 404));
    sends(&server, "MOVE", "/c/four", "/d/y").is(204);
    assert_eq!((content(&server, "/d/y"), content(&server, "/c/a/one")), ("4".to_owned(), "1".to_owned()));
    // to another name of itself it cannot be moved (RFC 4918 §9.9.4), but bound
    bind(&server, "/d/", "z", "/d/y").is(201);
    sends(&server, "MOVE", "/d/z", "/d/y").is(403);
    rebind(&server, "/d/", "y", "/d/z", "").is(204);
    assert_eq!((content(&server, "/d/y"), server.get("/d/z").status), ("4".to_owned(), 404));
    bind(&server, "/d/", "c", "/c").is(201);
    sends(&server, "MOVE", "/d/c/a", "/c/a").is(403);
    sends(&server, "MOVE", "/c/a", "/d/c/a/b").is(409);
    assert_eq!((folder.names("d"), folder.is_tidy()), (vec!["y".to_owned()], true));
}

/// RFC 5842 §2.3
#[test]
fn a_copy_has_as_many_resources_and_the_same_circles() {
    let folder = folder();
    let server = Server::writable(&folder, &["--depth-infinity"]);
    bind(&server, "/a/", "same", "/a/one").is(201);
    bind(&server, "/a/in/", "up", "/a").is(201);
    bind(&server, "/a/", "b", "/b").is(201);
    bind(&server, "/a/in/", "b2", "/b").is(201);
    bind(&server, "/b/", "back", "/a/in").is(201);
    sends(&server, "COPY", "/a", "/copy").is(201);
    server.put("/copy/same", "changed").is(204);
    for (target, is) in [
        ("/copy/one", "changed"),
        ("/copy/in/up/in/up/one", "changed"),
        ("/copy/b/three", "3"),
        ("/copy/in/b2/back/two", "2"),
        ("/a/one", "1"),
    ] {
        assert_eq!(content(&server, target), is, "{target}");
    }
    server.put("/copy/b/three", "apart").is(204);
    assert_eq!(
        (content(&server, "/copy/in/b2/three"), content(&server, "/b/three")),
        ("apart".to_owned(), "3".to_owned())
    );
    assert_eq!(folder.names("copy"), ["b", "in", "one"]);
    assert_eq!((folder.names("copy/b"), folder.names("copy/in")), (vec!["three".to_owned()], vec!["two".to_owned()]));
    // what is updated keeps its names, and its members that have others live on
    bind(&server, "/d/", "x", "/b").is(201);
    bind(&server, "/d/", "three", "/b/three").is(201);
    sends(&server, "COPY", "/c", "/b").is(204);
    assert_eq!((content(&server, "/d/x/four"), content(&server, "/d/three")), ("4".to_owned(), "3".to_owned()));
    server.get("/d/x/three").is(404);
    sends(&server, "COPY", "/c/four", "/d/three").is(204);
    assert_eq!(folder.read("d/three"), b"4");
    sends(&server, "COPY", "/b", "/d/x").is(403);
    let alone = server.ask("COPY", "/a", "Destination: /alone\r\nDepth: 0\r\n");
    alone.is(201);
    assert_eq!(paths(&server, "/alone/", "1"), ["/alone/"]);
    assert!(folder.is_tidy());
}

/// DAV-037, DAV-038
#[test]
fn a_circle_is_told_once_or_refused() {
    let folder = folder();
    let server = Server::writable(&folder, &["--depth-infinity"]);
    bind(&server, "/a/in/", "up", "/a").is(201);
    let known = |target: &str| told(&server, target, "infinity", "DAV: 1, bind\r\n", "<displayname/>");
    let all = known("/a/");
    assert_eq!(all.paths(), ["/a/", "/a/in/", "/a/in/two", "/a/in/up/", "/a/one"]);
    assert_eq!(all.about("/a/in/up/").properties(208).expect("it is told").child("displayname").text, "a");
    assert_eq!(all.about("/a/in/").found().child("displayname").text, "in");
    // RFC 5842 §7.1.2: whoever does not know 208 is told that it has no end
    let unknown = |target: &str| server.bring("PROPFIND", target, "Depth: infinity\r\nAccept: application/xml\r\n", "");
    unknown("/a/").refuses(508, "binding_loop");
    unknown("/a/in/up/in/up/").refuses(508, "binding_loop");
    let outer = xml::read(unknown("/").is(207).text());
    assert_eq!(outer.about("/a/in/up/").code(), 508);
    assert_eq!(outer.about("/b/three").found().child("getcontentlength").text, "1");
    // one level has an end in any case, and 208 is not for it
    assert_eq!(paths(&server, "/a/in/", "1"), ["/a/in/", "/a/in/two", "/a/in/up/"]);
    let one = told(&server, "/a/in/", "1", "DAV: bind\r\n", "<displayname/>");
    assert_eq!(one.about("/a/in/up/").found().child("displayname").text, "a");
    // a circle through the root, with what is the server's own left out
    bind(&server, "/d/", "top", "/").is(201);
    let all = known("/d/");
    assert_eq!(all.about("/d/top/d/").properties(208).map(|_| ()), Some(()));
    assert!(all.paths().iter().all(|path| !path.contains(".because")) && all.paths().contains(&"/d/top/c/four"));
    server.get("/d/top/.because/state.redb").is(404);
    server.put("/d/top/.because/x", "x").is(409);
    assert!(!folder.path(".because/x").exists());
}

/// DAV-037
#[test]
fn what_is_bound_twice_without_a_circle_is_told_twice_unless_the_client_knows() {
    let folder = folder();
    let server = Server::writable(&folder, &["--depth-infinity"]);
    bind(&server, "/d/", "x", "/a/in").is(201);
    bind(&server, "/d/", "y", "/a/in").is(201);
    assert_eq!(paths(&server, "/d/", "infinity"), ["/d/", "/d/x/", "/d/x/two", "/d/y/", "/d/y/two"]);
    let known = told(&server, "/d/", "infinity", "DAV: bind\r\n", "<resource-id/>");
    assert_eq!(known.paths(), ["/d/", "/d/x/", "/d/x/two", "/d/y/"]);
    let reported = known.about("/d/y/").properties(208).expect("it is told");
    assert_eq!(known.about("/d/x/").found(), reported, "it is the same resource");
}

/// RFC 5842 §3
#[test]
fn a_resource_is_the_same_under_all_names() {
    let folder = folder();
    let server = Server::writable(&folder, &[]);
    bind(&server, "/d/", "x", "/a").is(201);
    bind(&server, "/d/", "f", "/a/one").is(201);
    let identity = |target: &str| {
        let told = told(&server, target, "0", "", "<resource-id/>");
        told.children[0].found().child("resource-id").href().to_owned()
    };
    let one = identity("/d/f");
    assert!(one.starts_with("urn:uuid:"));
    assert_eq!((identity("/a/one"), identity("/d/x/one")), (one.clone(), one.clone()));
    assert_ne!(identity("/a/in/two"), one);
    server.put("/a/one", "anew").is(204);
    sends(&server, "MOVE", "/a/one", "/c/one").is(201);
    sends(&server, "COPY", "/c/one", "/c/copy").is(201);
    assert_eq!(identity("/c/one"), one);
    assert_ne!(identity("/c/copy"), one);
    server.ask("DELETE", "/c/one", "").is(204);
    assert_eq!(identity("/d/f"), one);
    server.ask("DELETE", "/d/f", "").is(204);
    server.put("/d/f", "another").is(201);
    assert_ne!(identity("/d/f"), one);
    let parents = |target: &str| {
        let told = told(&server, target, "0", "", "<parent-set/>");
        let all = told.children[0].found().child("parent-set").clone();
        all.all("parent")
            .map(|parent| format!("{} {}", parent.href(), parent.child("segment").text))
            .collect::<Vec<_>>()
    };
    assert_eq!(parents("/d/x/"), ["/ a", "/d/ x"]);
    assert_eq!(parents("/d/x/in/two"), ["/a/in/ two"]);
    // only who names them is told
    assert!(!server.bring("PROPFIND", "/d/x/", "Depth: 0\r\n", "").is(207).text().contains("parent-set"));
}

#[test]
fn bindings_outlive_the_server() {
    let folder = folder();
    let server = Server::writable(&folder, &[]);
    bind(&server, "/d/", "x", "/a").is(201);
    bind(&server, "/d/", "y", "/b").is(201);
    drop(server);
    let server = Server::writable(&folder, &[]);
    assert_eq!(content(&server, "/d/x/one"), "1");
    drop(server);
    // cut off after the rename that made an alias the place itself
    fs::rename(folder.path("a"), folder.path("d/x")).expect("is renamed");
    let server = Server::writable(&folder, &[]);
    assert_eq!((content(&server, "/d/x/one"), content(&server, "/d/y/three")), ("1".to_owned(), "3".to_owned()));
    server.put("/a/one", "both").is(204);
    assert_eq!(folder.read("d/x/one"), b"both");
    server.ask("DELETE", "/a", "").is(204);
    server.ask("DELETE", "/d/x", "").is(204);
    server.get("/d/x/one").is(404);
    drop(server);
    // another program has removed what was bound
    fs::remove_dir_all(folder.path("b")).expect("is removed");
    let server = Server::writable(&folder, &[]);
    assert_eq!(paths(&server, "/d/", "1"), ["/d/"]);
    server.get("/d/y").is(404);
    unbind(&server, "/d/", "y").is(204);
    server.ask("DELETE", "/d", "").is(204);
    assert_eq!(folder.names(""), ["c"]);
}

/// The depth of a tree has a limit, and what is bound in it has the same.
#[test]
fn a_long_chain_of_bindings_ends() {
    let folder = Folder::new();
    for nth in 0..1_100 {
        folder.folder(&format!("n{nth}"));
    }
    let server = Server::writable(&folder, &["--depth-infinity"]);
    let mut client = server.connect();
    for nth in 0..1_099 {
        let document = format!("<bind xmlns='DAV:'><segment>x</segment><href>/n{}</href></bind>", nth + 1);
        client.bring("BIND", &format!("/n{nth}"), "", document).is(201);
    }
    let all = client.bring("PROPFIND", "/n0", "Depth: infinity\r\n", "");
    assert_eq!(all.is(207).text().matches("<D:response>").count(), 1_025);
}
