//! No way leads round a guard: not by a action to the folder above, by a destination, by a binding, by a form or a listing.

use crate::client::Response;
use crate::folder::Folder;
use crate::policy::{by, serve, users};
use crate::server::Server;
use crate::webdav_locks::EXCLUSIVE;

const RULES: &str = "[rule.\"/guarded/**\"]\nguard = \"alice\"\n[rule.\"/a/inner/**\"]\nguard = \"alice\"\n\
                     [rule.\"/secret.txt\"]\nguard = \"alice\"\n[rule.\"/not-yet.txt\"]\nguard = \"alice\"\n";

fn folder() -> Folder {
    Folder::with(&[
        ("open.txt", "open"),
        ("guarded/g.txt", "treasure"),
        ("a/b.txt", "b"),
        ("a/inner/c.txt", "treasure"),
        ("secret.txt", "treasure"),
        ("plain/p.txt", "p"),
    ])
}

fn server(folder: &Folder) -> Server {
    serve(folder, &format!("\nwrite = true\ndepth-infinity = true\n{}{RULES}", users()))
}

const FORM: &str = "Content-Type: multipart/form-data; boundary=b\r\n";

fn form(name: &str) -> String {
    format!("--b\r\nContent-Disposition: form-data; name=f; filename=\"{name}\"\r\n\r\nnew\r\n--b--\r\n")
}

fn bind(segment: &str, href: &str) -> String {
    format!("<D:bind xmlns:D='DAV:'><D:segment>{segment}</D:segment><D:href>{href}</D:href></D:bind>")
}

/// All that is there, with what it holds.
fn state(folder: &Folder) -> Vec<(String, Vec<u8>)> {
    let mut all = Vec::new();
    let mut left = vec![String::new()];
    while let Some(name) = left.pop() {
        for member in folder.names(&name) {
            let path = format!("{name}/{member}").trim_start_matches('/').to_owned();
            if folder.path(&path).is_dir() {
                left.push(path.clone());
                all.push((path, Vec::new()));
            } else {
                let content = folder.read(&path);
                all.push((path, content));
            }
        }
    }
    all.sort();
    all
}

#[test]
fn no_deed_reaches_what_is_guarded() {
    let folder = folder();
    let server = server(&folder);
    let before = state(&folder);
    let to = |path: &str| format!("Destination: {path}\r\n");
    let rebind = bind("x", "/guarded/g.txt").replace("bind", "rebind");
    let deeds: Vec<(&str, &str, String, String)> = vec![
        ("COPY", "/guarded/g.txt", to("/out.txt"), String::new()),
        ("MOVE", "/guarded/g.txt", to("/out.txt"), String::new()),
        ("COPY", "/guarded/", to("/out/"), String::new()),
        ("COPY", "/open.txt", to("/guarded/g.txt"), String::new()),
        ("COPY", "/open.txt", to("http://h/guarded/new.txt"), String::new()),
        ("COPY", "/open.txt", to("/%67uarded/new.txt"), String::new()),
        ("COPY", "/open.txt", to("/plain/../guarded/new.txt"), String::new()),
        ("MOVE", "/open.txt", to("/guarded/g.txt"), String::new()),
        ("MOVE", "/open.txt", to("/secret.txt"), String::new()),
        ("MOVE", "/open.txt", to("/not-yet.txt"), String::new()),
        ("MOVE", "/plain/", to("/guarded/"), String::new()),
        ("MOVE", "/plain/", to("/a/"), String::new()),
        ("COPY", "/plain/", to("/a/"), String::new()),
        ("COPY", "/a/", to("/out/"), String::new()),
        ("COPY", "/a", to("/out"), String::new()),
        ("MOVE", "/a/", to("/out/"), String::new()),
        ("DELETE", "/a/", String::new(), String::new()),
        ("DELETE", "/a", String::new(), String::new()),
        ("DELETE", "/a/", "Prefer: respond-async\r\n".to_owned(), String::new()),
        ("DELETE", "/guarded/", String::new(), String::new()),
        ("UNBIND", "/a/", String::new(), "<D:unbind xmlns:D='DAV:'><D:segment>inner</D:segment></D:unbind>".to_owned()),
        ("UNBIND", "/", String::new(), "<D:unbind xmlns:D='DAV:'><D:segment>a</D:segment></D:unbind>".to_owned()),
        ("BIND", "/plain/", String::new(), bind("x", "/guarded/g.txt")),
        ("BIND", "/plain/", String::new(), bind("x", "/guarded/")),
        ("BIND", "/plain/", String::new(), bind("x", "http://h/a/inner/c.txt")),
        ("BIND", "/plain/", String::new(), bind("x", "/a/")),
        ("BIND", "/guarded/", String::new(), bind("x", "/open.txt")),
        ("BIND", "/", String::new(), bind("secret.txt", "/open.txt")),
        ("REBIND", "/plain/", String::new(), rebind),
        ("MKCOL", "/guarded/new", String::new(), String::new()),
        ("PUT", "/guarded/new", String::new(), "x".to_owned()),
        ("PUT", "/not-yet.txt", String::new(), "x".to_owned()),
        ("POST", "/guarded/", FORM.to_owned(), form("x.txt")),
        ("POST", "/", FORM.to_owned(), form("not-yet.txt")),
        ("POST", "/", FORM.to_owned(), form("secret.txt")),
        ("POST", "/", "Content-Type: text/plain\r\nSlug: not-yet.txt\r\n".to_owned(), "new".to_owned()),
        ("PATCH", "/guarded/g.txt", "Content-Type: application/merge-patch+json\r\n".to_owned(), "{}".to_owned()),
        ("LOCK", "/guarded/g.txt", String::new(), EXCLUSIVE.to_owned()),
        ("LOCK", "/a/", "Depth: infinity\r\n".to_owned(), EXCLUSIVE.to_owned()),
        (
            "PROPPATCH",
            "/guarded/g.txt",
            String::new(),
            "<D:propertyupdate xmlns:D='DAV:'><D:set><D:prop><x xmlns='x:'>1</x></D:prop></D:set></D:propertyupdate>"
                .to_owned(),
        ),
        ("GET", "/guarded/g.txt", String::new(), String::new()),
        ("GET", "/guarded/", String::new(), String::new()),
        ("PROPFIND", "/guarded/", "Depth: 1\r\n".to_owned(), String::new()),
        ("PROPFIND", "/a/inner/", "Depth: 0\r\n".to_owned(), String::new()),
    ];
    for (credentials, refused) in [(String::new(), [401, 403]), (by("bob"), [403, 403])] {
        for (method, target, fields, content) in &deeds {
            let response = server.bring(method, target, &format!("{fields}{credentials}"), content);
            let form_lands_elsewhere = *method == "POST" && *target == "/" && response.status == 201;
            if form_lands_elsewhere {
                let location = response.field("Location").to_owned();
                assert!(!["/not-yet.txt", "/secret.txt"].contains(&&*location), "{method} {target} {content}");
                server.ask("DELETE", &location, "").is(204);
            } else {
                assert!(
                    refused.contains(&response.status),
                    "{method} {target} {fields}: {}",
                    response.content_of_any()
                );
                assert_eq!(response.status == 401, response.has("WWW-Authenticate"), "{method} {target}");
            }
            assert!(!response.content_of_any().contains("treasure"));
            assert_eq!(state(&folder), before, "{method} {target} {fields}");
        }
    }
    let read = server.ask("PROPFIND", "/guarded/g.txt", &format!("Depth: 0\r\n{}", by("alice")));
    assert!(!read.is(207).text().contains("x:") && !read.text().contains("activelock"), "{}", read.text());
}

/// RFC 4918 §9.1: what a client may not see is left out, or told as refused; its names and properties are not shown.
#[test]
fn a_look_at_the_folder_above_shows_nothing_of_what_is_guarded() {
    let folder = folder();
    let server = server(&folder);
    for credentials in [String::new(), by("bob")] {
        for (target, depth) in
            [("/", "1"), ("/", "infinity"), ("/a/", "1"), ("/a/", "infinity"), ("/a/", "0"), ("/", "0")]
        {
            let told = server.ask("PROPFIND", target, &format!("Depth: {depth}\r\n{credentials}"));
            let text = told.content_of_any();
            assert!(!text.contains("c.txt") && !text.contains("g.txt"), "{target} {depth}: {text}");
        }
    }
    server.ask("PROPFIND", "/", &format!("Depth: infinity\r\n{}", by("alice"))).is(207).says("/a/inner/c.txt");
}

#[test]
fn who_may_pass_does_all_of_it() {
    let folder = folder();
    let server = server(&folder);
    let alice = by("alice");
    let with = |method: &str, target: &str, fields: &str| server.ask(method, target, &format!("{fields}{alice}"));
    with("COPY", "/guarded/g.txt", "Destination: /out.txt\r\n").is(201);
    assert_eq!(server.get("/out.txt").is(200).text(), "treasure");
    with("MOVE", "/out.txt", "Destination: /guarded/h.txt\r\n").is(201);
    with("COPY", "/a/", "Destination: /copy/\r\n").is(201);
    with("MOVE", "/open.txt", "Destination: /not-yet.txt\r\n").is(201);
    server.bring("BIND", "/plain/", &alice, bind("x", "/guarded/g.txt")).is(201);
    with("DELETE", "/a/", "").is(204);
    assert_eq!(folder.names(""), ["copy", "guarded", "not-yet.txt", "plain", "secret.txt"]);
}

/// What no guard is over stays as open as it is without any.
#[test]
fn what_is_not_guarded_is_as_open_as_ever() {
    let folder = folder();
    folder.write("a/inner/pub/d.txt", "d");
    folder.write("docs/e.txt", "e");
    let text = format!(
        "\nwrite = true\ndepth-infinity = true\n{}{RULES}[rule.\"/a/inner/pub/**\"]\nguard = false\n\
         [rule.\"PUT DELETE /docs/**\"]\nguard = \"alice\"\n",
        users()
    );
    let server = serve(&folder, &text);
    let ok = |response: Response, what: &str| assert!(response.status < 300, "{what}: {}", response.text());
    ok(server.ask("PROPFIND", "/plain/", "Depth: infinity\r\n"), "PROPFIND /plain/");
    ok(server.ask("COPY", "/plain/", "Destination: /other/\r\n"), "COPY /plain/");
    ok(server.ask("MOVE", "/other/", "Destination: /another/\r\n"), "MOVE /other/");
    ok(server.ask("DELETE", "/another/", ""), "DELETE /another/");
    ok(server.ask("COPY", "/a/inner/pub/", "Destination: /plain/pub/\r\n"), "COPY of what is open in what is guarded");
    ok(server.ask("DELETE", "/a/inner/pub/d.txt", ""), "DELETE of what is open in what is guarded");
    ok(server.ask("PROPFIND", "/a/inner/pub/", "Depth: 1\r\n"), "PROPFIND of what is open in what is guarded");
    ok(server.ask("PROPFIND", "/docs/", "Depth: 1\r\n"), "PROPFIND where only changes are guarded");
    ok(server.ask("PROPFIND", "/", "Depth: 0\r\n"), "PROPFIND of the root alone");
    ok(server.ask("PROPFIND", "/a/", "Depth: 0\r\n"), "PROPFIND of a folder alone");
    ok(server.ask("COPY", "/docs/e.txt", "Destination: /plain/e.txt\r\n"), "COPY of what may be read");
    server.ask("DELETE", "/docs/e.txt", "").is(401);
}
