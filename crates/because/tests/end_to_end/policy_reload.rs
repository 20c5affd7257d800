//! A configuration that changes while it is served, and the file of redirections.

use rustix::process::Signal;

use crate::folder::{Folder, noise};
use crate::policy::{by, line_of, serve, start, users, write};
use crate::server::{Server, run, until};

fn folder() -> Folder {
    Folder::with(&[("a.txt", "a"), ("b.txt", "b")])
}

fn says(server: &Server, part: &str, times: usize) {
    until(part, || (server.err.all().iter().filter(|line| line.contains(part)).count() >= times).then_some(()));
}

/// An open connection goes on, and asks by the new rules at once.
#[test]
fn a_signal_brings_a_new_rule_into_force() {
    let folder = folder();
    let server = start(&folder, "\n[rule.\"/a.txt\"]\ngone = true\n").threads(2).start();
    let mut client = server.connect();
    client.get("/a.txt").is(410);
    client.get("/b.txt").is(200);
    let text = "\n[rule.\"/b.txt\"]\n# a line more\ngone = true\n";
    write(&folder, text);
    server.signal(Signal::HUP);
    says(&server, "is in force", 1);
    client.get("/a.txt").is(200);
    client.get("/b.txt").is(410);
    server.get("/b.txt").is(410);
    let rule = until("the log", || server.out.all().into_iter().find(|l| l.contains("/b.txt 410")));
    assert!(rule.contains(&line_of(text, "gone = true")), "{rule}");
}

#[test]
fn a_change_of_the_file_is_seen() {
    let folder = folder();
    let server = serve(&folder, "\n");
    let mut client = server.connect();
    client.get("/a.txt").is(200);
    write(&folder, "\n[rule.\"/a.txt\"]\ngone = true\n");
    says(&server, "is in force", 1);
    client.get("/a.txt").is(410);
}

#[test]
fn a_file_with_mistakes_changes_nothing() {
    let folder = folder();
    let server = serve(&folder, "\n[rule.\"/a.txt\"]\ngone = true\n");
    let mut times = 0;
    for (bad, told) in [
        ("\n[rule.\"/a.txt\"]\ngonne = true\n", "`gonne`"),
        ("\n[rule.\"/a.txt\"]\nguard = \"nobody\"\n", "nobody"),
        ("\n[rule.\"/a.txt\"\n", "because.toml:2"),
        ("\n[site.\"x\"]\nfolder = \"not-there\"\n", "there is no folder"),
        ("\nredirects = \"not-there\"\n", "not-there"),
        ("\n[rule.\"/a.txt\"]\nmoved = \"/b.txt\"\n[rule.\"/b.txt\"]\nmoved = \"/a.txt\"\n", "leads back"),
        ("\n[rule.\"/a.txt\"]\nlimit = \"5/week\"\n", "because.toml:3"),
    ] {
        write(&folder, bad);
        server.signal(Signal::HUP);
        times += 1;
        says(&server, "has mistakes; what was in force before stays so", times);
        says(&server, told, 1);
        server.get("/a.txt").is(410);
        server.get("/b.txt").is(200);
    }
    std::fs::remove_file(folder.beside("because.toml")).expect("is there");
    server.signal(Signal::HUP);
    says(&server, "has mistakes", times + 1);
    server.get("/a.txt").is(410);
}

/// The same mistakes keep a server from starting.
#[test]
fn a_file_with_mistakes_is_not_begun_with() {
    let folder = folder();
    let path = write(&folder, "\n[rule.\"/a.txt\"]\ngonne = true\n");
    let out = run(&["serve", path.to_str().expect("text"), "--listen", "127.0.0.1:0"]);
    assert!(!out.status.success() && out.stdout.is_empty());
    let told = String::from_utf8_lossy(&out.stderr);
    assert!(told.contains("because.toml:3:1") && told.contains("did you mean `gone`?"), "{told}");
}

/// A response under way is sent to its end, as it was begun.
#[test]
fn a_response_under_way_is_not_touched() {
    let folder = folder();
    let content = noise(24 * 1024 * 1024);
    folder.write("large", &content);
    let server = serve(&folder, "\n");
    let mut client = server.connect();
    client.send("GET /large HTTP/1.1\r\nHost: h\r\n\r\n");
    client.pending_head();
    write(&folder, "\n[rule.\"/large\"]\ngone = true\n");
    server.signal(Signal::HUP);
    says(&server, "is in force", 1);
    server.get("/large").is(410);
    assert!(client.response().is(200).content == content);
    client.get("/large").is(410);
}

/// What was counted stays counted, what was proved stays proved.
#[test]
fn counters_go_on() {
    let folder = folder();
    let text = format!("{}[rule.\"/a.txt\"]\nlimit = \"3/hour\"\n[rule.\"/b.txt\"]\nguard = \"alice\"\n", users());
    let server = serve(&folder, &text);
    server.get("/a.txt").is(200);
    server.get("/a.txt").is(200);
    for _ in 0..10 {
        server.get_with("/b.txt", &crate::policy::basic("alice", "wrong")).is(401);
    }
    write(&folder, &format!("\n# moved by a line{text}"));
    server.signal(Signal::HUP);
    says(&server, "is in force", 1);
    server.get("/a.txt").is(200);
    server.get("/a.txt").is(429);
    server.get_with("/b.txt", &by("alice")).refuses(429, "login_attempts_left");
}

/// Users, sites and folders that are written to change with the file.
#[test]
fn users_and_sites_change_too() {
    let folder = folder();
    std::fs::create_dir_all(folder.beside("other")).expect("makes");
    std::fs::write(folder.beside("other/a.txt"), "other").expect("writes");
    let guarded = format!("\nwrite = true{}[rule.\"/b.txt\"]\nguard = \"alice\"\n", users());
    let server = start(&folder, &guarded).host("h other").start();
    server.get_with("/b.txt", &by("alice")).is(200);
    server.put("/a.txt", "new").is(204);
    write(&folder, &guarded.replace("\"alice\"", "\"bob\""));
    server.signal(Signal::HUP);
    says(&server, "is in force", 1);
    server.get_with("/b.txt", &by("alice")).is(403);
    server.put("/a.txt", "newer").is(204);
    write(&folder, "\n[site.\"h\"]\nfolder = \"root\"\n[site.\"other\"]\nfolder = \"other\"\n");
    server.signal(Signal::HUP);
    says(&server, "is in force", 2);
    assert_eq!(server.get("/a.txt").is(200).text(), "newer");
    assert_eq!(server.exchange("GET /a.txt HTTP/1.1\r\nHost: other\r\n\r\n").is(200).text(), "other");
    server.put("/a.txt", "newest").is(405);
    server.exchange("GET /a.txt HTTP/1.1\r\nHost: third\r\n\r\n").is(421);
}

const REDIRECTS: &str = "\
# comments and empty lines

/old.html       /new.html
/blog/*         /posts/:splat   301
/for-now        /a.txt          302
/kept           /a.txt          307
/forever        /a.txt          308
/users/:id/x    /people/:id
/dropped        /               410
/abroad/*       https://elsewhere.example/:splat 301
/b.txt          /a.txt          301!
";

#[test]
fn redirects_of_the_usual_form_are_kept_to() {
    let folder = folder();
    std::fs::write(folder.beside("_redirects"), REDIRECTS).expect("writes");
    let server = serve(&folder, "\nredirects = \"_redirects\"\n");
    for (target, status, location) in [
        ("/old.html", 301, "/new.html"),
        ("/blog/2026/a%20b?x=y", 301, "/posts/2026/a%20b?x=y"),
        ("/blog/", 301, "/posts/"),
        ("/for-now", 302, "/a.txt"),
        ("/kept", 307, "/a.txt"),
        ("/forever", 308, "/a.txt"),
        ("/users/7/x", 301, "/people/7"),
        ("/abroad/a", 301, "https://elsewhere.example/a"),
        ("/b.txt", 301, "/a.txt"),
    ] {
        let response = server.get(target);
        assert_eq!((response.status, response.field("Location")), (status, location), "{target}");
    }
    server.get("/dropped").is(410);
    server.get("/users/7/y").is(404);
    server.get("/a.txt").is(200);
    let line = server.out.wait_for("/for-now 302");
    assert!(line.contains("_redirects:5"), "{line}");
}

#[test]
fn a_line_that_cannot_be_kept_to_is_told() {
    let folder = folder();
    std::fs::write(folder.beside("_redirects"), "/a /b\n/c /d 200\n").expect("writes");
    let path = write(&folder, "\nredirects = \"_redirects\"\n");
    let out = run(&["serve", path.to_str().expect("text"), "--listen", "127.0.0.1:0"]);
    let told = String::from_utf8_lossy(&out.stderr);
    assert!(!out.status.success() && told.contains("_redirects:2"), "{told}");
}
