//! Paths: nothing outside of the folder is reached, nothing hidden is betrayed, nobody is led astray.

use std::os::unix::net::UnixListener;

use crate::client::Response;
use crate::folder::Folder;
use crate::server::Server;

/// A secret beside the folder, and ways that lead out of it.
fn folder() -> Folder {
    let folder =
        Folder::with(&[("a.txt", "a"), ("dir/b.txt", "b"), ("dir/sub/c.txt", "c"), ("evil.example/x/y.txt", "y")]);
    std::fs::write(folder.beside("secret.txt"), "the secret").expect("writes");
    std::fs::create_dir_all(folder.beside("outside/deep")).expect("makes");
    std::fs::write(folder.beside("outside/deep/secret.txt"), "the secret").expect("writes");
    folder.link("out.txt", "../secret.txt");
    folder.link("out", "../outside");
    folder.link("absolute.txt", folder.beside("secret.txt"));
    folder.link("absolute-inside.txt", folder.path("a.txt"));
    folder.link("dir/up.txt", "../../secret.txt");
    folder.link("proc", "/proc/self/root");
    folder.link("inside.txt", "dir/sub/../b.txt");
    folder.link("inside", "dir/sub");
    folder.link("dangling", "nothing");
    folder.link("loop", "loop");
    folder
}

#[test]
fn nothing_outside_of_the_folder_is_reached() {
    let folder = folder();
    let server = Server::of(&folder);
    for target in [
        "/../secret.txt",
        "/dir/../../secret.txt",
        "/./../secret.txt",
        "/%2e%2e/secret.txt",
        "/%2E%2E/secret.txt",
        "/.%2e/secret.txt",
        "/dir/%2e%2e/%2e%2e/secret.txt",
        "/..%2fsecret.txt",
        "/%2e%2e%2fsecret.txt",
        "/..%2Fsecret.txt",
        "/dir/..%2f..%2fsecret.txt",
        "/..\\secret.txt",
        "/..%5csecret.txt",
        "/%5c..%5c..%5csecret.txt",
        "/..%c0%afsecret.txt",
        "/%c0%ae%c0%ae/secret.txt",
        "/%252e%252e/secret.txt",
        "/..;/secret.txt",
        "/..%00/secret.txt",
        "/a.txt%00.html",
        "/%00",
        "/..%0d%0a/secret.txt",
        "//../secret.txt",
        "//secret.txt",
        "/dir//../../secret.txt",
        "/.../secret.txt",
        "/out.txt",
        "/out/deep/secret.txt",
        "/out/",
        "/out",
        "/absolute.txt",
        "/dir/up.txt",
        "/proc/etc/passwd",
        "/proc",
        "/etc/passwd",
        "//etc/passwd",
        "/file:///etc/passwd",
        "http://h/../secret.txt",
        "http://h/%2e%2e/secret.txt",
        "/~root/",
        "/CON",
        "/a.txt/../../secret.txt",
        "/none/../../secret.txt",
        "/a.txt/.",
        "/a.txt/",
        "/a.txt/b",
        "/?../secret.txt/",
    ] {
        for method in ["GET", "HEAD", "OPTIONS"] {
            let response = server.ask(method, target, "");
            let reached = response.status == 200 && target != "/?../secret.txt/";
            assert!(
                !reached && !response.content.windows(10).any(|w| w == b"the secret"),
                "{method} {target}: {}",
                response.status
            );
            assert!([200, 400, 403, 404].contains(&response.status), "{method} {target}: {}", response.status);
        }
    }
    for target in ["/out.txt", "/out/deep/secret.txt", "/out/", "/out", "/absolute.txt", "/dir/up.txt"] {
        let response = server.get_with(target, "Accept: application/json\r\n");
        assert_eq!(response.status, 403, "{target}");
        assert_eq!(response.json()["denial"], "outside", "{target}");
    }
}

#[test]
fn links_and_dots_that_stay_inside_are_followed() {
    let folder = folder();
    let server = Server::of(&folder);
    for (target, text) in [
        ("/inside.txt", "b"),
        ("/inside/c.txt", "c"),
        ("/dir/../a.txt", "a"),
        ("/dir/./b.txt", "b"),
        ("/dir/sub/../b.txt", "b"),
        ("/./a.txt", "a"),
        ("/dir/%2e%2e/a.txt", "a"),
        ("/%2e/a.txt", "a"),
        ("/none/../a.txt", "a"),
        ("/%61%2Etxt", "a"),
    ] {
        assert_eq!(server.get(target).is(200).text(), text, "{target}");
    }
    for target in ["/dangling", "/loop"] {
        server.get(target).is(404);
    }
}

/// An open redirect: `//evil.example/` at the start of a Location is another host.
#[test]
fn nobody_is_led_to_another_host() {
    let folder = folder();
    let server = Server::of(&folder);
    for target in [
        "//evil.example",
        "//evil.example/",
        "//evil.example/x",
        "//evil.example/x/..",
        "//evil.example/%2e%2e",
        "///evil.example/x",
        "/%2fevil.example/x",
        "/%2f%2fevil.example",
        "/\\evil.example/x",
        "/%5cevil.example/x",
        "/.//evil.example/x",
        "/dir/..//evil.example/x",
        "/x/..//evil.example",
        "//evil.example/x?y",
        "http://h//evil.example/x",
        "/%09/evil.example",
        "/;//evil.example/x",
        "/evil.example/x",
        "http://evil.example/dir",
        "/dir?//evil.example",
    ] {
        let response = server.get(target);
        // that it begins with one slash is held by the rules of every answer
        if response.has("Location") {
            assert_eq!(response.status, 301, "{target}");
            let location = response.field("Location");
            assert!(
                ["/evil.example/", "/evil.example/x/", "/dir/", "/dir/?//evil.example"].contains(&location),
                "{target} -> {location}"
            );
        }
    }
}

#[test]
fn what_is_neither_file_nor_folder_is_403() {
    let folder = folder();
    rustix::fs::mkfifoat(rustix::fs::CWD, folder.path("pipe"), rustix::fs::Mode::RUSR | rustix::fs::Mode::WUSR)
        .expect("a pipe");
    let _listener = UnixListener::bind(folder.path("socket")).expect("a socket");
    let server = Server::of(&folder);
    for target in ["/pipe", "/socket"] {
        let response = server.get_with(target, "Accept: application/json\r\n");
        assert_eq!(response.is(403).json()["denial"], "special", "{target}");
    }
    server.get("/pipe/").is(404);
}

fn without_date(response: &Response, name: &str, other: &str) -> (u16, Vec<(String, String)>, String) {
    (response.status, response.lasting_fields(), response.content_of_any().replace(name, other))
}

/// SEM-019
#[test]
fn a_hidden_name_is_answered_exactly_like_a_missing_one() {
    let folder = Folder::with(&[(".secret", "s"), (".git/config", "c"), ("dir/.env", "e"), ("zfile/x", "")]);
    folder.folder(".empty");
    folder.link(".link", "/etc/passwd");
    let server = Server::with(&folder, &["--show-because"]);
    for (hidden, missing) in [
        ("/.secret", "/zsecret"),
        ("/.secret/", "/zsecret/"),
        ("/.git", "/zgit"),
        ("/.git/", "/zgit/"),
        ("/.git/config", "/zgit/config"),
        ("/.git/nothing", "/zgit/nothing"),
        ("/.nothing", "/znothing"),
        ("/dir/.env", "/dir/zenv"),
        ("/.link", "/zlink"),
        ("/.empty/", "/zempty/"),
        ("/%2esecret", "/%7asecret"),
    ] {
        for method in ["GET", "HEAD", "OPTIONS", "POST", "DELETE", "PROPFIND"] {
            for fields in [
                "",
                "Accept: text/html\r\n",
                "Accept: application/json\r\n",
                "If-Match: *\r\n",
                "If-None-Match: *\r\n",
                "Range: bytes=0-0\r\n",
                "Content-Length: 1048577\r\n",
            ] {
                let one = server.ask(method, hidden, fields);
                let two = server.ask(method, missing, fields);
                assert_eq!(
                    without_date(&one, hidden, missing),
                    without_date(&two, missing, missing),
                    "{method} {hidden} {fields}"
                );
            }
        }
        server.get(hidden).is(404);
    }
    let lines = server.out.all();
    assert!(lines.len() > 100, "all of it is in the log");
}

#[test]
fn hidden_names_are_served_where_the_operator_says_so() {
    let folder = Folder::with(&[(".secret", "s"), (".well-known/security.txt", "w"), (".well-known/.x", "x")]);
    let server = Server::of(&folder);
    server.get("/.secret").is(404);
    assert_eq!(server.get("/.well-known/security.txt").is(200).text(), "w");
    server.get("/.well-known/.x").is(404);
    let server = Server::with(&folder, &["--hidden"]);
    assert_eq!(server.get("/.secret").is(200).text(), "s");
}

#[test]
fn names_that_no_file_can_have_are_404() {
    let folder = folder();
    let server = Server::of(&folder);
    for target in [
        "/%00",
        "/a%00b",
        "/%2f",
        "/dir%2fb.txt",
        "//",
        "///",
        "/dir//b.txt",
        &format!("/{}", "n".repeat(300)),
        &format!("/{}", "n/".repeat(3_000)),
        "/%ff%fe",
        "/a.txt%20",
        "/%0d%0aX:%20y",
    ] {
        let response = server.get(target);
        assert_eq!(response.status, 404, "{target}");
        assert!(!response.has("X"));
    }
}
