//! Folders: the redirect to their slash, the index, and the list of what is in them.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;

use crate::folder::Folder;
use crate::server::{Server, Start};

fn json(server: &Server, target: &str) -> Vec<serde_json::Value> {
    let response = server.get_with(target, "Accept: application/json\r\n");
    assert_eq!(response.is(200).field("Content-Type"), "application/json");
    response.json().as_array().expect("an array").clone()
}

fn names(list: &[serde_json::Value]) -> Vec<&str> {
    list.iter().map(|member| member["name"].as_str().expect("a name")).collect()
}

#[test]
fn a_folder_without_its_slash_redirects_to_it() {
    let folder = Folder::with(&[("dir/a.txt", "a"), ("ä ö/b.txt", "b"), ("dir/sub/c.txt", "c"), ("100%/d.txt", "d")]);
    let server = Server::of(&folder);
    for (target, location) in [
        ("/dir", "/dir/"),
        ("/dir?x=1&y=%20", "/dir/?x=1&y=%20"),
        ("/dir?", "/dir/?"),
        ("/dir/sub", "/dir/sub/"),
        ("/./dir", "/dir/"),
        ("/x/../dir/./sub", "/dir/sub/"),
        ("/%64ir", "/dir/"),
        ("/%C3%A4%20%C3%B6", "/%C3%A4%20%C3%B6/"),
        ("/%c3%a4%20%c3%b6", "/%C3%A4%20%C3%B6/"),
        ("/100%25", "/100%25/"),
        ("http://other/dir", "/dir/"),
    ] {
        for (method, status) in [("GET", 301), ("HEAD", 301), ("OPTIONS", 308)] {
            let response = server.ask(method, target, "Accept: text/html\r\n");
            assert_eq!((response.status, response.field("Location")), (status, location), "{method} {target}");
            if method != "HEAD" {
                response.says(&format!("<a href=\"{}\">", location.replace('&', "&amp;")));
            }
        }
        let response = server.exchange(format!("GET {target} HTTP/1.0\r\n\r\n"));
        assert_eq!(response.is(301).field("Location"), location);
        server.get(location).is(200);
    }
    let problem = server.get_with("/dir", "Accept: application/json\r\n");
    assert_eq!(problem.is(301).json()["location"], "/dir/");
    server.get_with("/dir", "Accept: text/plain\r\n").is(301).says("/dir/");
}

/// Whatever the name and the query, Location is a reference to this host and nothing else (RFC 9110 §10.2.2, RFC 3986 §4.1).
#[test]
fn a_redirect_is_always_a_valid_reference() {
    let folder = Folder::new();
    let encoded = |name: &[u8]| name.iter().map(|octet| format!("%{octet:02X}")).collect::<String>();
    let names: &[&[u8]] = &[
        b"\\evil.example",
        b"new\r\nX: y",
        b"a b",
        b"q?x",
        b"h#x",
        b"\"quoted\"",
        b"100%",
        b"\xff\xfe",
        b"c:d",
        b"javascript:alert(1)",
        b"&amp;",
        b"{}|^`",
        b"<b>",
    ];
    for name in names {
        std::fs::create_dir(folder.root().join(OsStr::from_bytes(name))).expect("makes");
    }
    folder.folder("dir");
    let server = Server::of(&folder);
    let targets = names.iter().map(|name| format!("/{}", encoded(name)));
    let queries = [
        "a=b&c;d",
        "{}",
        "a|b",
        "a^b",
        "`",
        "\\\\evil",
        "'",
        "[x]",
        "%20%C3%A4",
        "//evil.example",
        "?",
        "!$&'()*+,;=:@/?-._~",
    ];
    let targets = targets.chain(queries.iter().map(|query| format!("/dir?{query}")));
    for target in targets {
        let response = server.get_with(&target, "Accept: text/html\r\n");
        let location = response.is(301).field("Location");
        assert!(!response.has("X"), "{target}");
        let (path, query) = location.split_once('?').unwrap_or((location, ""));
        assert!(
            path.starts_with('/') && path.ends_with('/') && !path.starts_with("//") && !path.contains("\\"),
            "{target} -> {location}"
        );
        let valid = |part: &str, more: &[u8]| {
            part.bytes().all(|b| b.is_ascii_alphanumeric() || b"-._~!$&'()*+,;=:@/%".contains(&b) || more.contains(&b))
                && part
                    .split('%')
                    .skip(1)
                    .all(|rest| rest.get(..2).is_some_and(|two| two.bytes().all(|b| b.is_ascii_hexdigit())))
        };
        assert!(valid(path, b"") && valid(query, b"?"), "no reference by RFC 3986: {target} -> {location}");
        server.get(location).is(200);
    }
}

#[test]
fn an_index_is_shown_for_its_folder() {
    let folder = Folder::with(&[
        ("index.html", "one"),
        ("old/index.htm", "two"),
        ("both/index.html", "three"),
        ("both/index.htm", "four"),
        ("none/a.txt", "a"),
    ]);
    folder.folder("odd/index.html");
    let server = Server::of(&folder);
    for (target, text) in [("/", "one"), ("/old/", "two"), ("/both/", "three"), ("/?query", "one")] {
        assert_eq!(server.get(target).is(200).text(), text, "{target}");
    }
    server.get_with("/none/", "Accept: text/html\r\n").is(200).says("a.txt");
    assert_eq!(names(&json(&server, "/odd/")), ["index.html"], "a folder is no index");
    let server = Server::with(&folder, &["--index", "a.txt", "--index", "index.htm"]);
    assert_eq!(server.get("/none/").is(200).text(), "a");
    assert_eq!(server.get("/both/").is(200).text(), "four");
}

#[test]
fn a_list_shows_what_is_there_and_every_link_leads_to_it() {
    let folder = Folder::new();
    let odd: &[&[u8]] = &[
        b"plain.txt",
        b"with space",
        b"<script>alert(1)<",
        b"a&b;c=d",
        b"\"quoted\"",
        b"it's",
        b"100%",
        b"%41",
        b"q?x=1",
        b"hash#tag",
        b"semi;colon",
        b"back\\slash",
        b"new\nline",
        b"tab\tbed",
        b"\xff\xfe bad",
        "Grüße 😀".as_bytes(),
        b"colon:first",
        b"-dash",
        b"~tilde",
        b"plus+sign",
        b"[brackets]",
        b"{}|^`",
    ];
    for name in odd {
        std::fs::write(folder.root().join(OsStr::from_bytes(name)), name).expect("writes");
    }
    std::fs::create_dir(folder.path("sub folder")).expect("makes");
    let server = Server::of(&folder);
    let list = json(&server, "/");
    assert_eq!(list.len(), odd.len() + 1);
    let mut found = Vec::new();
    for member in &list {
        let href = member["href"].as_str().expect("a link");
        assert!(!href.contains(':'), "a relative link must not look like a scheme: {href}");
        if member["type"] == "directory" {
            assert_eq!(href, "sub%20folder/");
            assert_eq!(json(&server, "/sub%20folder/"), [serde_json::Value::Null; 0]);
            continue;
        }
        let response = server.get(&format!("/{href}"));
        assert_eq!(response.status, 200, "{href}");
        assert_eq!(member["size"], response.content.len());
        found.push(response.content);
    }
    found.sort();
    let mut wanted: Vec<_> = odd.iter().map(|name| name.to_vec()).collect();
    wanted.sort();
    assert_eq!(found, wanted);
    // the page has the same links, and nothing of a name is markup
    let page = server.get_with("/", "Accept: text/html\r\n");
    for member in &list {
        page.says(&format!(
            "<a href=\"{}\">",
            member["href"].as_str().expect("a link").replace('&', "&amp;").replace('\'', "&#39;")
        ));
    }
    assert!(!page.text().contains("<script>alert"));
}

/// A page that we made runs nothing and loads nothing, and says so; a file of the site says what its author wants.
#[test]
fn a_list_has_the_policy_of_pages_that_we_make() {
    let folder = Folder::with(&[("d/a.txt", "a"), ("page.html", "<!doctype html><title>p</title>")]);
    let server = Server::of(&folder);
    for (method, fields) in [("GET", ""), ("HEAD", ""), ("GET", "Range: bytes=0-9\r\n")] {
        let policy = server.ask(method, "/d/", fields).field("Content-Security-Policy").to_owned();
        assert!(policy.contains("default-src 'none'"), "{method} {fields} {policy}");
    }
    assert!(!server.get("/page.html").has("Content-Security-Policy"));
}

#[test]
fn a_list_is_sorted_as_asked() {
    let folder = Folder::with(&[("b2.txt", "22"), ("b10.txt", "1"), ("A.txt", "4444"), ("z/x", ""), ("c.txt", "333")]);
    let server = Server::of(&folder);
    for (query, order) in [
        ("", ["z", "A.txt", "b2.txt", "b10.txt", "c.txt"]),
        ("?sort=name&order=desc", ["z", "c.txt", "b10.txt", "b2.txt", "A.txt"]),
        ("?sort=size&order=asc", ["z", "b10.txt", "b2.txt", "c.txt", "A.txt"]),
        ("?sort=size&order=desc", ["z", "A.txt", "c.txt", "b2.txt", "b10.txt"]),
        ("?sort=nonsense", ["z", "A.txt", "b2.txt", "b10.txt", "c.txt"]),
    ] {
        assert_eq!(names(&json(&server, &format!("/{query}"))), order, "{query}");
    }
}

#[test]
fn the_form_of_a_list_is_chosen_by_accept() {
    let folder = Folder::with(&[("d/a.txt", "a")]);
    let server = Server::of(&folder);
    for (accept, media_type) in [
        ("", "text/html; charset=utf-8"),
        ("Accept: */*\r\n", "text/html; charset=utf-8"),
        ("Accept: text/html,application/xhtml+xml,*/*;q=0.8\r\n", "text/html; charset=utf-8"),
        ("Accept: application/json\r\n", "application/json"),
        ("Accept: application/json;q=0.9, text/html;q=0.1\r\n", "application/json"),
        ("Accept: application/*\r\n", "application/json"),
        ("Accept: text/html;q=0, */*\r\n", "application/json"),
        ("Accept: image/png\r\nAccept: application/json\r\n", "application/json"),
    ] {
        let response = server.get_with("/d/", accept);
        assert_eq!(response.is(200).field("Content-Type"), media_type, "{accept}");
        assert_eq!(response.field("Vary"), "Accept");
    }
    for accept in ["image/png", "text/plain", "*/*;q=0", "application/xml, image/*"] {
        let response = server.get_with("/d/", &format!("Accept: {accept}\r\n"));
        assert_eq!(response.status, 406, "{accept}");
    }
    server.get_with("/d/a.txt", "Accept: image/png\r\n").is(200); // a file has one form
    server.get_with("/d", "Accept: image/png\r\n").is(301);
}

/// MTH-028
#[test]
fn the_forms_of_a_list_have_different_tags() {
    let folder = Folder::with(&[("a.txt", "a")]);
    let server = Server::of(&folder);
    let html = server.get_with("/", "Accept: text/html\r\n").field("ETag").to_owned();
    let json = server.get_with("/", "Accept: application/json\r\n").field("ETag").to_owned();
    assert_ne!(html, json);
    server.get_with("/", &format!("Accept: application/json\r\nIf-None-Match: {json}\r\n")).is(304);
    server.get_with("/", &format!("Accept: application/json\r\nIf-None-Match: {html}\r\n")).is(200);
    folder.write("b.txt", "b");
    server.get_with("/", &format!("Accept: application/json\r\nIf-None-Match: {json}\r\n")).is(200);
}

#[test]
fn folders_are_not_listed_where_the_operator_says_so() {
    let folder = Folder::with(&[("d/a.txt", "a"), ("i/index.html", "i")]);
    let server = Server::with(&folder, &["--no-listing"]);
    let problem = server.get_with("/d/", "Accept: application/json\r\n").is(403).json();
    assert_eq!((problem["cause"].as_str(), problem["permanence"].as_str()), (Some("lookup_denied"), Some("unknown")));
    server.get("/").is(403).says("does not list the members of /");
    server.get("/none/").is(404);
    server.get("/d/a.txt").is(200);
    server.get("/i/").is(200);
}

#[test]
fn a_list_shows_nothing_that_leads_nowhere() {
    let folder = Folder::with(&[("a.txt", "a"), (".hidden", "h"), (".git/config", "c"), (".well-known/x", "w")]);
    std::fs::write(folder.beside("secret"), "s").expect("writes");
    folder.link("out", "../secret");
    folder.link("dangling", "nothing");
    folder.link("loop", "loop");
    folder.link("inside", "a.txt");
    let server = Server::of(&folder);
    let list = json(&server, "/");
    let shown = names(&list);
    assert!(shown.contains(&"a.txt") && shown.contains(&"inside"), "{shown:?}");
    for hidden in [".hidden", ".git", "out", "dangling", "loop", ".", ".."] {
        assert!(!shown.contains(&hidden), "{shown:?}");
    }
    let server = Server::with(&folder, &["--hidden"]);
    let list = json(&server, "/");
    assert!(names(&list).contains(&".hidden") && names(&list).contains(&".git"));
}

#[test]
fn a_long_list_is_cut_and_says_so() {
    let folder = Folder::new();
    for k in 0..30 {
        folder.write(&format!("{k}.txt"), "x");
    }
    let server = Start::of(folder.root()).args(&["--max-listing", "10"]).start();
    let list = json(&server, "/");
    assert_eq!(list.len(), 11);
    assert_eq!((list[10]["type"].as_str(), list[10]["count"].as_u64()), (Some("more"), Some(20)));
    server.get_with("/", "Accept: text/html\r\n").is(200).says("20 more");
}
