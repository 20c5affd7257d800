//! What is hidden looks as if it were not there: whoever may not pass cannot tell by any answer, and whoever may sees all.

use crate::client::{Client, Response, message};
use crate::folder::Folder;
use crate::policy::{basic, by, line_of, serve, users};
use crate::server::Server;
use crate::webdav_locks::EXCLUSIVE;

const METHODS: &[&str] = &[
    "GET",
    "HEAD",
    "OPTIONS",
    "PUT",
    "DELETE",
    "POST",
    "PROPFIND",
    "PROPPATCH",
    "LOCK",
    "UNLOCK",
    "MKCOL",
    "COPY",
    "MOVE",
    "PATCH",
    "BIND",
    "UNBIND",
    "REBIND",
    "TRACE",
    "FOO",
    "BREW",
    "M-GET",
];

/// Fields and content that might make a difference where something is.
const REQUESTS: &[(&str, &str)] = &[
    ("", ""),
    ("Accept: text/html\r\n", ""),
    ("Accept: application/json\r\n", ""),
    ("If-Match: \"x\"\r\n", ""),
    ("If-Match: *\r\n", "content"),
    ("If-None-Match: *\r\n", "content"),
    ("If-Unmodified-Since: Sun, 06 Nov 1994 08:49:37 GMT\r\n", ""),
    ("Range: bytes=0-0\r\n", ""),
    ("Range: bytes=99999-\r\n", ""),
    ("Content-Type: text/plain\r\n", "content"),
    ("Content-Type: application/json-patch+json\r\n", "[]"),
    ("Content-Type: multipart/form-data; boundary=b\r\n", "--b--\r\n"),
    ("Content-Encoding: br\r\n", "content"),
    ("Content-Range: bytes 0-0/1\r\n", "x"),
    ("If: (<urn:x>)\r\n", ""),
    ("Depth: 1\r\n", ""),
    ("Destination: /elsewhere\r\nOverwrite: F\r\n", ""),
    ("Lock-Token: <urn:x>\r\n", ""),
    ("Origin: http://evil.example\r\n", "content"),
    ("Expect: 100-continue\r\n", "content"),
    ("Early-Data: 1\r\n", ""),
    ("Man: \"tag:because,2026:extension/because\"\r\n", ""),
];

/// What is asked for in place of what: hidden and there, hidden and not, neither. All are equally long.
const TRIPLES: &[[&str; 3]] = &[
    ["/hidden/a.txt", "/hidden/b.txt", "/absent/a.txt"],
    ["/hidden/sub", "/hidden/xyz", "/absent/xyz"],
    ["/hidden/sub/", "/hidden/xyz/", "/absent/xyz/"],
    ["/hidden/sub/c.txt", "/hidden/sub/d.txt", "/absent/sub/d.txt"],
    ["/hidden/a.txt/", "/hidden/b.txt/", "/absent/b.txt/"],
    ["/hidden/link", "/hidden/lxxx", "/absent/link"],
    ["/only.txt", "/only.xyz", "/onlx.txt"],
    ["/hidden", "/hiddex", "/absent"],
];

fn folder() -> Folder {
    let folder =
        Folder::with(&[("open.txt", "o"), ("hidden/a.txt", "a"), ("hidden/sub/c.txt", "c"), ("only.txt", "only")]);
    std::fs::write(folder.beside("outside"), "s").expect("writes");
    folder.link("hidden/link", "../../outside");
    folder
}

fn text(top: &str) -> String {
    format!(
        "\nforwarded = [\"127.0.0.1\"]\nshow-because = true\nextensions = true\n{top}{}[rule.\"/hidden/**\"]\n\
         guard = {{ allow = \"alice\", hide = true }}\n[rule.\"/only.*\"]\nguard = {{ allow = \"alice\", hide = true }}\n",
        users()
    )
}

/// What a client sees, with the name of the target taken out of it.
fn seen(response: &Response, target: &str) -> (u16, Vec<u16>, Vec<(String, String)>, String) {
    let name = "T".repeat(target.len());
    let fields = response.lasting_fields().into_iter().map(|(name, value)| (name, value.replace(target, "T")));
    let content = response.content_of_any().replace(target, &name);
    (response.status, response.interim.clone(), fields.collect(), content)
}

/// Asks from another address each time, so that no guess is one too many; on one connection, as long as that stays.
struct Asker<'a> {
    server: &'a Server,
    client: Option<Client>,
    nth: u16,
}

impl Asker<'_> {
    fn ask(&mut self, method: &str, target: &str, fields: &str, content: &str) -> Response {
        self.nth += 1;
        let [high, low] = self.nth.to_be_bytes();
        let from = format!("X-Forwarded-For: 10.0.{high}.{low}\r\n{fields}");
        let mut client = self.client.take().unwrap_or_else(|| self.server.connect());
        let response = if content.is_empty() {
            client.ask(method, target, &from)
        } else {
            client.try_send(message(method, target, &from, content));
            client.response()
        };
        self.client = Some(client).filter(|_| !response.closes());
        response
    }
}

/// Compares what stands for each other in all answers; what is not hidden with them, where nothing can be made by a request.
fn compare(server: &Server, triples: &[[&str; 3]], methods: &[&str], with_missing: bool) {
    let mut asker = Asker { server, client: None, nth: 0 };
    let (foreign, malformed) = (by("bob"), "Authorization: Basic !\r\n".to_owned());
    for (nth, triple) in triples.iter().enumerate() {
        // of the first of them all is tried
        let requests = if nth == 0 { REQUESTS } else { &REQUESTS[..7] };
        for method in methods {
            for (fields, content) in requests {
                for credentials in ["", &*foreign, &*malformed] {
                    let fields = format!("{fields}{credentials}");
                    let told = triple.map(|target| seen(&asker.ask(method, target, &fields, content), target));
                    let what = format!("{method} {triple:?} {fields}");
                    assert_eq!(told[0], told[1], "{what}: there, and not there");
                    assert!(!with_missing || told[1] == told[2], "{what}: {:?} {:?}", told[1], told[2]);
                }
            }
        }
        // a wrong password takes its time, and so it is tried less often
        for method in ["GET", "OPTIONS", "DELETE"] {
            let wrong = basic("alice", "wrong");
            let told = triple.map(|target| seen(&asker.ask(method, target, &wrong, ""), target));
            assert_eq!(told[0], told[1], "{method} {triple:?}");
            assert!(!with_missing || told[1] == told[2], "{method} {triple:?}: {:?} {:?}", told[1], told[2]);
        }
    }
}

/// SEM-019
#[test]
fn what_is_hidden_is_not_to_be_told_from_what_is_missing() {
    let folder = folder();
    let server = serve(&folder, &text(""));
    compare(&server, TRIPLES, METHODS, true);
}

/// Where something can be written, what is missing takes a PUT; what is hidden takes none, whether it is there or not.
#[test]
fn where_one_may_write_what_is_hidden_is_all_alike() {
    let folder = folder();
    let server = serve(&folder, &text("write = true\ntrace = false\n"));
    let making = ["PUT", "MKCOL", "LOCK", "BIND", "REBIND", "COPY", "MOVE"];
    let others: Vec<&str> = METHODS.iter().filter(|method| !making.contains(method)).copied().collect();
    // the last is hidden with its name alone
    let triples = &TRIPLES[..TRIPLES.len() - 1];
    compare(&server, triples, &others, true);
    compare(&server, triples, METHODS, false);
    assert_eq!(folder.read("hidden/a.txt"), b"a");
    assert_eq!(folder.names("hidden"), ["a.txt", "link", "sub"]);
}

/// Whoever guesses at what is hidden gets the same answer as long as he likes, and no password in that time.
#[test]
fn guessing_at_what_is_hidden_tells_nothing() {
    let folder = folder();
    let server = serve(&folder, &text(""));
    let wrong = basic("alice", "wrong");
    for _ in 0..12 {
        server.get_with("/hidden/a.txt", &wrong).refuses(404, "target_missing");
    }
    server.get_with("/hidden/a.txt", &by("alice")).refuses(404, "target_missing");
    server.get_with("/absent/a.txt", &by("alice")).refuses(404, "target_missing");
}

#[test]
fn who_may_pass_sees_all() {
    let folder = folder();
    let text = text("write = true\n");
    let server = serve(&folder, &text);
    let alice = by("alice");
    let show = "Accept: application/json\r\n";
    for (target, status) in [
        ("/hidden/a.txt", 200),
        ("/hidden/b.txt", 404),
        ("/hidden/sub", 301),
        ("/hidden/sub/", 200),
        ("/hidden/link", 403),
        ("/only.txt", 200),
    ] {
        assert_eq!(server.get_with(target, &format!("{show}{alice}")).status, status, "{target}");
    }
    server.bring("PUT", "/hidden/b.txt", &alice, "b").is(201);
    server.ask("PROPFIND", "/hidden/", &format!("Depth: 1\r\n{alice}")).is(207).says("/hidden/b.txt");
    server.get_with("/hidden/", &format!("{show}{alice}")).is(200).says("b.txt");
    server.ask("DELETE", "/hidden/b.txt", &alice).is(204);
    // the log knows better than the client
    server.get("/hidden/a.txt").refuses(404, "target_missing");
    let line = server.out.wait_for("existence_hidden");
    assert!(line.contains(&line_of(&text, "guard = {")), "{line}");
}

fn json_names(server: &Server, target: &str, fields: &str) -> Vec<String> {
    let list = server.get_with(target, &format!("Accept: application/json\r\n{fields}"));
    let members = list.is(200).json();
    let members = members.as_array().expect("an array").iter();
    members.map(|member| member["name"].as_str().expect("a name").trim_end_matches('/').to_owned()).collect()
}

#[test]
fn no_list_names_what_is_hidden() {
    let folder = folder();
    for top in ["", "write = true\n"] {
        let server = serve(&folder, &text(top));
        for fields in [String::new(), by("bob"), "Authorization: Basic !\r\n".to_owned()] {
            assert_eq!(json_names(&server, "/", &fields), ["open.txt"], "{fields}");
            let page = server.get_with("/", &format!("Accept: text/html\r\n{fields}"));
            assert!(!page.is(200).text().contains("hidden/") && !page.text().contains("only.txt"), "{}", page.text());
        }
        let all = json_names(&server, "/", &by("alice"));
        assert!(all.contains(&"hidden".to_owned()) && all.contains(&"only.txt".to_owned()), "{all:?}");
    }
}

#[test]
fn no_multistatus_names_what_is_hidden() {
    let folder = folder();
    let server = serve(&folder, &text("write = true\ndepth-infinity = true\n"));
    server.bring("LOCK", "/hidden/a.txt", &by("alice"), EXCLUSIVE).is(200);
    for fields in [String::new(), by("bob")] {
        for depth in ["0", "1", "infinity"] {
            let told = server.ask("PROPFIND", "/", &format!("Depth: {depth}\r\n{fields}"));
            assert!(!told.text().contains("hidden") && !told.text().contains("only.txt"), "{depth}: {}", told.text());
        }
        for (method, more, content) in
            [("LOCK", "Depth: infinity\r\n", EXCLUSIVE), ("COPY", "Destination: /copy/\r\n", ""), ("DELETE", "", "")]
        {
            let told = server.bring(method, "/", &format!("{more}{fields}"), content);
            assert!(!told.text().contains("hidden/") && told.status >= 400, "{method}: {}", told.text());
        }
    }
    let all = server.ask("PROPFIND", "/", &format!("Depth: infinity\r\n{}", by("alice")));
    all.is(207).says("/hidden/sub/c.txt").says("/only.txt");
}
