//! Rules hold where the action acts: at its target however that is written, at its destination, at what a binding leads to, and in
//! the trees that it takes along.

use crate::client::Response;
use crate::folder::Folder;
use crate::policy::{by, line_of, serve, users};
use crate::server::{Server, run};

const FORM: &str = "Content-Type: multipart/form-data; boundary=b\r\n";

fn form(name: &str) -> String {
    format!("--b\r\nContent-Disposition: form-data; name=f; filename=\"{name}\"\r\n\r\nnew\r\n--b--\r\n")
}

fn to(path: &str) -> String {
    format!("Destination: {path}\r\n")
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

const LOCK: &str = "<lockinfo xmlns='DAV:'><lockscope><exclusive/></lockscope><locktype><write/></locktype></lockinfo>";
const PROPS: &str =
    "<D:propertyupdate xmlns:D='DAV:'><D:set><D:prop><x xmlns='x:'>1</x></D:prop></D:set></D:propertyupdate>";

/// Every method that changes something, with the fields and the content that it needs.
fn writes() -> Vec<(&'static str, String, String)> {
    vec![
        ("DELETE", String::new(), String::new()),
        ("PUT", String::new(), "forged".to_owned()),
        ("PATCH", "Content-Type: application/merge-patch+json\r\n".to_owned(), "{}".to_owned()),
        ("MOVE", to("/out.txt"), String::new()),
        ("PROPPATCH", "Content-Type: application/xml\r\n".to_owned(), PROPS.to_owned()),
        ("LOCK", "Content-Type: application/xml\r\n".to_owned(), LOCK.to_owned()),
        ("MKCOL", String::new(), String::new()),
        ("POST", FORM.to_owned(), form("x.txt")),
    ]
}

/// Every way to write the target of a dropped file, and of the folder that it is in.
fn spellings(path: &str) -> Vec<String> {
    let (folder, name) = path.split_once('/').expect("a folder and a name");
    vec![
        format!("/{path}"),
        format!("http://h/{path}"),
        format!("HTTP://h/{path}"),
        format!("http://h/{path}?x=1"),
        format!("/./{path}"),
        format!("/x/../{path}"),
        format!("http://h/x/../{path}"),
        format!("http://h/./{path}"),
        format!("/%{:02x}{}/{name}", folder.as_bytes()[0], &folder[1..]),
        format!("http://h/{folder}/%{:02X}{}", name.as_bytes()[0], &name[1..]),
        format!("/{folder}/./{name}"),
        format!("/%2e/{path}"),
        format!("/x/%2e%2E/{path}"),
    ]
}

fn refused(response: &Response, what: &str) {
    assert!((400..500).contains(&response.status), "{what}: {}", response.content_of_any());
}

#[test]
fn what_was_dropped_is_changed_by_nobody_however_its_target_is_written() {
    let folder = Folder::with(&[("inbox/report.txt", "real"), ("x/y.txt", "y")]);
    for args in [&["--write", "--drop", "inbox"][..], &["--drop", "inbox"]] {
        let server = Server::with(&folder, args);
        let before = state(&folder);
        for target in spellings("inbox/report.txt") {
            for (method, fields, content) in writes() {
                let response = server.bring(method, &target, &fields, content);
                assert_eq!(response.status, 405, "{method} {target}: {}", response.content_of_any());
                assert!(!response.field("Allow").contains("PUT"), "{method} {target}");
                assert_eq!(state(&folder), before, "{method} {target}");
            }
        }
        for target in ["/inbox/", "/inbox", "http://h/inbox/", "http://h/inbox", "/%69nbox/", "/./inbox"] {
            for (method, fields, content) in writes() {
                if method != "POST" {
                    server.bring(method, target, &fields, content).is(405);
                    assert_eq!(state(&folder), before, "{method} {target}");
                }
            }
        }
    }
}

#[test]
fn a_drop_folder_takes_what_is_sent_however_its_target_is_written() {
    let folder = Folder::with(&[("inbox/report.txt", "real")]);
    let server = Server::with(&folder, &["--drop", "inbox"]);
    for target in ["/inbox/", "http://h/inbox/", "/%69nbox/", "http://h/./inbox/", "/./inbox/"] {
        server.bring("POST", target, FORM, form("a.txt")).is(201);
        let options = server.ask("OPTIONS", target, "");
        assert!(options.is(200).field("Allow").contains("POST"), "{target}");
    }
    assert_eq!(folder.names("inbox").len(), 6);
    server.bring("POST", "http://h/", FORM, form("a.txt")).is(405);
    server.bring("POST", "http://h/inbox/report.txt", FORM, form("a.txt")).is(405);
}

/// draft-ietf-httpbis-resumable-upload §4: an upload is one resource, whatever form names it.
#[test]
fn an_upload_is_the_same_by_every_form_of_its_target() {
    let folder = Folder::with(&[("inbox/report.txt", "real")]);
    let server = Server::with(&folder, &["--drop", "inbox"]);
    let begin = "Upload-Draft-Interop-Version: 8\r\nUpload-Complete: ?0\r\nContent-Type: text/plain\r\n";
    let go_on = |offset: usize, complete: u8| {
        format!(
            "Upload-Draft-Interop-Version: 8\r\nUpload-Complete: ?{complete}\r\nUpload-Offset: {offset}\r\n\
             Content-Type: application/partial-upload\r\n"
        )
    };
    let begun = server.bring("POST", "http://h/inbox/", begin, "abc");
    let path = begun.is(201).field("Location").to_owned();
    let own = path.strip_prefix("/.because/").expect("it is among what is the server's own");
    let spellings = [
        path.clone(),
        format!("http://h{path}"),
        format!("/./.because/{own}"),
        format!("/%2ebecause/{own}"),
        format!("http://h/%2Ebecause/{own}"),
        format!("/x/../.because/{own}"),
    ];
    let draft = "Upload-Draft-Interop-Version: 8\r\n";
    let mut offset = 3;
    for target in &spellings {
        let found = server.ask("HEAD", target, draft);
        assert_eq!(found.is(204).field("Upload-Offset"), offset.to_string(), "{target}");
        server.bring("PATCH", target, &go_on(offset, 0), "de").is(204);
        offset += 2;
    }
    server.bring("PATCH", &format!("http://h{path}"), &go_on(offset, 1), "!").is(201);
    let name = folder.names("inbox").into_iter().find(|name| name != "report.txt").expect("it was added");
    assert_eq!(folder.read(&format!("inbox/{name}")).len(), offset + 1);
    refused(&server.ask("DELETE", &format!("http://h/inbox/{name}"), ""), "DELETE");
}

fn bind(segment: &str, href: &str) -> String {
    format!("<D:bind xmlns:D='DAV:'><D:segment>{segment}</D:segment><D:href>{href}</D:href></D:bind>")
}

fn rebind(segment: &str, href: &str) -> String {
    bind(segment, href).replace("bind", "rebind")
}

fn unbind(segment: &str) -> String {
    format!("<D:unbind xmlns:D='DAV:'><D:segment>{segment}</D:segment></D:unbind>")
}

const DROPPED: [(&str, &str); 6] = [
    ("a/in/x", "dropped"),
    ("a/other.txt", "other"),
    ("evil", "<script>evil</script>"),
    ("tree/in/x", "evil"),
    ("tree/free.txt", "free"),
    ("plain/p.txt", "p"),
];

fn with_a_drop(folder: &Folder) -> Server {
    Server::with(folder, &["--write", "--drop", "a/in"])
}

#[test]
fn no_destination_changes_what_was_dropped() {
    let folder = Folder::with(&DROPPED);
    let server = with_a_drop(&folder);
    let before = state(&folder);
    for method in ["COPY", "MOVE"] {
        for destination in
            ["/a/in/x", "/a/in/new", "http://h/a/in/x", "/a/%69n/x", "/a/./in/x", "/plain/../a/in/x", "/a/in", "/a/in/"]
        {
            for fields in ["", "Overwrite: T\r\n", "Overwrite: F\r\n", "Depth: 0\r\n"] {
                if method == "MOVE" && fields.starts_with("Depth") {
                    continue;
                }
                let response = server.ask(method, "/evil", &format!("{}{fields}", to(destination)));
                response.is(403);
                assert_eq!(state(&folder), before, "{method} {destination} {fields}");
            }
        }
        // the target is in question here, and not the destination
        server.ask(method, "/a/in/x", &to("/out")).is(405);
        assert_eq!(state(&folder), before, "{method}");
    }
    let response = server.ask("COPY", "/evil", &to("/a/in/x"));
    response.refuses(403, "destination_barred").says("/a/in/x").says("dropped");
}

#[test]
fn what_was_dropped_is_changed_through_no_binding() {
    let folder = Folder::with(&DROPPED);
    let server = with_a_drop(&folder);
    server.bring("BIND", "/", "", bind("alias", "/a/in/x")).is(201);
    server.bring("BIND", "/", "", bind("up", "/a")).is(201);
    server.bring("BIND", "/plain/", "", bind("again", "/up/in")).is(201);
    server.bring("BIND", "/plain/", "", bind("more", "/alias")).is(201);
    let before = state(&folder);
    for target in ["/alias", "/up/in/x", "/plain/again/x", "/plain/more", "http://h/alias", "/%61lias", "/up/./in/x"] {
        assert_eq!(server.get(target).is(200).text(), "dropped");
        for (method, fields, content) in writes() {
            server.bring(method, target, &fields, &content).is(405);
            assert_eq!(state(&folder), before, "{method} {target}");
        }
        for method in ["COPY", "MOVE"] {
            server.ask(method, "/evil", &to(target)).is(403);
            assert_eq!(state(&folder), before, "{method} to {target}");
        }
    }
    for target in ["/up/in/new", "/plain/again/new"] {
        server.put(target, "forged").is(405);
        server.ask("MKCOL", target, "").is(405);
        server.ask("COPY", "/evil", &to(target)).is(403);
    }
    for (target, content) in [
        ("/up/in/", unbind("x")),
        ("/plain/again/", unbind("x")),
        ("/a/in/", unbind("x")),
        ("/a/", unbind("in")),
        ("/up/", unbind("in")),
    ] {
        refused(&server.bring("UNBIND", target, "", content), target);
        assert_eq!(state(&folder), before, "UNBIND {target}");
    }
    for (target, content) in [
        ("/plain/", rebind("y", "/a/in/x")),
        ("/plain/", rebind("y", "/up/in/x")),
        ("/plain/", rebind("y", "/a/in")),
        ("/plain/", rebind("y", "/a")),
        ("/a/in/", rebind("x", "/evil")),
        ("/up/in/", rebind("x", "/evil")),
        ("/plain/again/", rebind("x", "/evil")),
        ("/a/", rebind("in", "/tree")),
    ] {
        refused(&server.bring("REBIND", target, "", &content), &content);
        assert_eq!(state(&folder), before, "REBIND {target} {content}");
    }
    for (target, content) in [
        ("/a/in/", bind("x", "/evil")),
        ("/a/", bind("in", "/tree")),
        ("/up/", bind("in", "/evil")),
        ("/", bind("a", "/tree")),
    ] {
        refused(&server.bring("BIND", target, "", &content), &content);
        assert_eq!(state(&folder), before, "BIND {target} {content}");
    }
    assert_eq!(folder.read("a/in/x"), b"dropped");
    server.bring("POST", "/up/in/", FORM, form("new.txt")).is(201);
}

#[test]
fn a_tree_does_not_take_along_what_was_dropped() {
    let folder = Folder::with(&DROPPED);
    let server = with_a_drop(&folder);
    let before = state(&folder);
    let deeds: Vec<(&str, &str, String, String)> = vec![
        ("DELETE", "/a/", String::new(), String::new()),
        ("DELETE", "/a", String::new(), String::new()),
        ("DELETE", "http://h/a/", String::new(), String::new()),
        ("DELETE", "/a/", "Prefer: respond-async, wait=5\r\n".to_owned(), String::new()),
        ("MOVE", "/a/", to("/b/"), String::new()),
        ("MOVE", "/a", to("/plain/a"), String::new()),
        ("MOVE", "/plain/", to("/a/"), String::new()),
        ("COPY", "/plain/", to("/a/"), String::new()),
        ("COPY", "/plain/", format!("{}Depth: 0\r\n", to("/a/")), String::new()),
        ("COPY", "/tree/", to("/a/"), String::new()),
        ("MOVE", "/tree/", to("/a/"), String::new()),
        ("COPY", "/evil", to("/a"), String::new()),
        ("LOCK", "/a/", "Content-Type: application/xml\r\n".to_owned(), LOCK.to_owned()),
        ("UNBIND", "/", String::new(), unbind("a")),
        ("REBIND", "/plain/", String::new(), rebind("z", "/a")),
    ];
    for (method, target, fields, content) in &deeds {
        let response = server.bring(method, target, fields, content);
        refused(&response, &format!("{method} {target} {fields}"));
        assert_eq!(state(&folder), before, "{method} {target} {fields}");
    }
    server.ask("DELETE", "/a/", "").refuses(403, "member_barred").says("/a/in");
    // what is beside it is as free as ever
    server.ask("DELETE", "/a/other.txt", "").is(204);
    server.ask("COPY", "/a/", &to("/c/")).is(201);
    server.ask("DELETE", "/c/", "").is(204);
    server.ask("MOVE", "/plain/", &to("/d/")).is(201);
}

/// A tree may bring a drop folder's name to where there is one, or to where it would be.
#[test]
fn a_tree_brings_nothing_to_where_things_are_dropped() {
    let folder = Folder::with(&[("a/in/x", "dropped"), ("tree/in/y", "evil"), ("up/a/in/z", "evil")]);
    let server = with_a_drop(&folder);
    let before = state(&folder);
    for (method, target, destination) in [
        ("COPY", "/tree/in/", "/a/in/"),
        ("MOVE", "/tree/in/y", "/a/in/y"),
        ("COPY", "/up/a/", "/a/"),
        ("MOVE", "/up/a", "/a"),
    ] {
        server.ask(method, target, &to(destination)).is(403);
        assert_eq!(state(&folder), before, "{method} {target} {destination}");
    }
}

const RULED: &str = "\nwrite = true\ndepth-infinity = true\n\
    [rule.\"/ro/**\"]\nmethods = [\"GET\", \"HEAD\"]\n\
    [rule.\"/images/**\"]\ntypes = [\"image/*\"]\n\
    [rule.\"/cond/**\"]\nconditional = true\n\
    [rule.\"/shut/**\"]\nclosed = { retry-after = \"77s\" }\n\
    [rule.\"/small/**\"]\nmax-content = \"4\"\n\
    [rule.\"/law/**\"]\nlaw = \"https://isp.example/\"\n\
    [rule.\"/old/**\"]\nmoved = \"/new/{1}\"\n\
    [rule.\"/gone/**\"]\ngone = true\n\
    [rule.\"/slow/**\"]\nlimit = \"1/1h\"\n";

/// Where a PUT is refused, the status that a action gets whose destination is there, and why.
const PLACES: [(&str, u16, u16, &str); 8] = [
    ("ro", 405, 403, "destination_barred"),
    ("images", 415, 415, "destination_type_supported"),
    ("cond", 428, 428, "precondition_missing"),
    ("shut", 503, 503, "in_maintenance"),
    ("small", 413, 413, "destination_content_too_large"),
    ("law", 451, 451, "legally_barred"),
    ("old", 308, 403, "destination_barred"),
    ("gone", 410, 403, "destination_barred"),
];

fn ruled() -> (Folder, Server) {
    let mut files: Vec<(String, &str)> = PLACES.iter().map(|(name, ..)| (format!("{name}/z.html"), "held")).collect();
    files.push(("evil.html".to_owned(), "<script>evil</script>"));
    files.push(("plain/p.txt".to_owned(), "p"));
    files.push(("slow/z.html".to_owned(), "held"));
    let files: Vec<(&str, &str)> = files.iter().map(|(name, content)| (&**name, *content)).collect();
    let folder = Folder::with(&files);
    let server = serve(&folder, RULED);
    (folder, server)
}

#[test]
fn every_rule_holds_at_a_destination() {
    let (folder, server) = ruled();
    let before = state(&folder);
    for (name, put, copied, cause) in PLACES {
        let path = format!("/{name}/z.html");
        let response = server.bring("PUT", &path, "Content-Type: text/html\r\n", "<script>x");
        assert_eq!(response.status, put, "PUT {path}: {}", response.content_of_any());
        for method in ["COPY", "MOVE"] {
            for destination in [
                path.clone(),
                format!("http://h{path}"),
                format!("/plain/..{path}"),
                format!("/%{:02x}{}", path.as_bytes()[1], &path[2..]),
            ] {
                let response = server.ask(method, "/evil.html", &to(&destination));
                response.refuses(copied, cause);
                assert_eq!(state(&folder), before, "{method} {destination}");
                match name {
                    "shut" => assert_eq!(response.field("Retry-After"), "77"),
                    // told as it was sent
                    "cond" => assert!(response.content_of_any().contains("z.html"), "{}", response.text()),
                    "law" => assert!(response.field("Link").contains("isp.example"), "{:?}", response.fields),
                    _ => assert!(response.content_of_any().contains(&format!("/{name}/z.html")), "{}", response.text()),
                }
            }
        }
    }
    // what lands where nothing refuses it lands
    server.ask("COPY", "/evil.html", &to("/plain/e.html")).is(201);
    server.ask("COPY", "/evil.html", &to("/cond/new.html")).is(201);
    server.ask("COPY", "/evil.html", &format!("{}If: </cond/z.html> ([\"no\"])\r\n", to("/cond/z.html"))).is(412);
    let holds = format!("{}If: </cond/z.html> (Not <DAV:no-lock>)\r\n", to("/cond/z.html"));
    server.ask("COPY", "/evil.html", &holds).is(204);
}

#[test]
fn a_limit_counts_what_comes_to_its_place() {
    let (_folder, server) = ruled();
    server.ask("COPY", "/plain/p.txt", &to("/slow/a")).is(201);
    server.ask("COPY", "/plain/p.txt", &to("/slow/b")).is(429);
    server.get("/slow/z.html").is(429);
}

#[test]
fn the_log_names_the_line_of_the_place_that_refused() {
    let (_folder, server) = ruled();
    for (name, ..) in PLACES.iter().filter(|(name, ..)| *name != "cond") {
        let target = format!("/evil.html?{name}");
        server.ask("COPY", &target, &to(&format!("/{name}/z.html")));
        let line = server.log(&target);
        let rule = line.rule.unwrap_or_else(|| panic!("{name}: no rule in the log"));
        let word = match *name {
            "ro" => "methods =",
            "images" => "types =",
            "shut" => "closed =",
            "small" => "max-content",
            "law" => "law =",
            "old" => "moved =",
            _ => "gone =",
        };
        assert!(rule.ends_with(&line_of(RULED, word)), "{name}: {rule}");
    }
}

#[test]
fn members_of_a_tree_do_not_come_to_where_they_would_be_refused() {
    let folder = Folder::with(&[
        ("tree/ro/new.txt", "x"),
        ("types/images/evil.html", "<script>"),
        ("large/small/five", "12345"),
        ("into/shut/x", "x"),
        ("old/old/x", "x"),
        ("fine/free/x", "x"),
        ("site/ro/z.html", "held"),
        ("site/cond/z.html", "held"),
    ]);
    let text = RULED.replace("[rule.\"/", "[rule.\"/site/");
    let text = text.split("[rule.\"/site/slow").next().expect("what is before").to_owned();
    let server = serve(&folder, &text);
    let before = state(&folder);
    for tree in ["tree", "types", "large", "into", "old"] {
        for method in ["COPY", "MOVE"] {
            let response = server.ask(method, &format!("/{tree}/"), &to("/site/"));
            refused(&response, &format!("{method} {tree}"));
            assert_eq!(state(&folder), before, "{method} {tree}");
        }
    }
    for (method, fields) in [("DELETE", String::new()), ("MOVE", to("/away/"))] {
        server.ask(method, "/site/", &fields).is(403);
        assert_eq!(state(&folder), before, "{method}");
    }
    server.ask("DELETE", "/site/cond/", "").is(428);
    server.ask("COPY", "/fine/", &to("/site/fine/")).is(201);
    server.ask("MOVE", "/fine/", &to("/also/")).is(201);
}

#[test]
fn what_a_binding_leads_to_keeps_its_rules() {
    let (folder, server) = ruled();
    for (name, ..) in PLACES.iter().filter(|(name, ..)| !["shut", "law", "old", "gone"].contains(name)) {
        server.bring("BIND", "/plain/", "", bind(name, &format!("/{name}/z.html"))).is(201);
    }
    for name in ["shut", "law", "old", "gone"] {
        refused(&server.bring("BIND", "/plain/", "", bind("no", &format!("/{name}/z.html"))), name);
    }
    let before = state(&folder);
    for (name, put, ..) in PLACES.iter().filter(|(name, ..)| !["shut", "law", "old", "gone"].contains(name)) {
        let path = format!("/plain/{name}");
        let response = server.bring("PUT", &path, "Content-Type: text/html\r\n", "<script>x");
        assert_eq!(response.status, *put, "PUT {path}: {}", response.content_of_any());
        for method in ["COPY", "MOVE"] {
            refused(&server.ask(method, "/evil.html", &to(&path)), &format!("{method} {path}"));
            assert_eq!(state(&folder), before, "{method} {path}");
        }
    }
    refused(&server.bring("BIND", "/ro/", "", bind("new", "/evil.html")), "BIND");
    refused(&server.bring("BIND", "/images/", "", bind("new.html", "/evil.html")), "BIND");
    refused(&server.bring("REBIND", "/images/", "", rebind("new.html", "/evil.html")), "REBIND");
    refused(&server.bring("REBIND", "/plain/", "", rebind("taken", "/ro/z.html")), "REBIND");
    refused(&server.bring("UNBIND", "/ro/", "", unbind("z.html")), "UNBIND");
    refused(&server.bring("UNBIND", "/", "", unbind("ro")), "UNBIND");
    assert_eq!(state(&folder), before);
}

#[test]
fn what_is_hidden_or_guarded_is_so_at_every_place() {
    let folder = Folder::with(&[("secret/s.txt", "treasure"), ("kept/k.txt", "kept"), ("plain/p.txt", "p")]);
    let text = format!(
        "\nwrite = true\n{}[rule.\"/secret/**\"]\nguard = {{ allow = \"alice\", hide = true }}\n\
         [rule.\"/kept/**\"]\nguard = \"alice\"\n",
        users()
    );
    let server = serve(&folder, &text);
    let alice = by("alice");
    server.bring("BIND", "/plain/", &alice, bind("s", "/secret/s.txt")).is(201);
    server.bring("BIND", "/plain/", &alice, bind("k", "/kept/k.txt")).is(201);
    let before = state(&folder);
    for credentials in [String::new(), by("bob")] {
        let with =
            |method: &str, target: &str, fields: &str| server.ask(method, target, &format!("{fields}{credentials}"));
        let missing = with("COPY", "/plain/p.txt", &to("/nothing/s.txt"));
        let hidden = with("COPY", "/plain/p.txt", &to("/secret/s.txt"));
        assert_eq!((missing.status, hidden.status), (409, 409), "{}", hidden.content_of_any());
        with("COPY", "/secret/s.txt", &to("/out")).is(404);
        with("MOVE", "/secret/s.txt", &to("/out")).is(404);
        with("GET", "/plain/s", "").is(404);
        with("COPY", "/plain/s", &to("/out")).is(404);
        with("DELETE", "/plain/s", "").is(404);
        let status = if credentials.is_empty() { 401 } else { 403 };
        with("GET", "/plain/k", "").is(status);
        with("COPY", "/plain/p.txt", &to("/kept/new")).is(status);
        with("COPY", "/plain/p.txt", &to("/plain/k")).is(status);
        server.bring("PUT", "/plain/k", &credentials, "forged").is(status);
        let all = with("PROPFIND", "/plain/", "Depth: 1\r\n").content_of_any();
        assert!(!all.contains("/plain/s<"), "{all}");
        assert_eq!(state(&folder), before);
    }
    server.get_with("/plain/s", &alice).is(200);
    server.ask("COPY", "/plain/s", &format!("{}{alice}", to("/out"))).is(201);
    let refusal = server.ask("COPY", "/plain/p.txt", &format!("{}{}", to("/kept/new"), by("bob")));
    refusal.refuses(403, "permitted").says("/kept/new");
}

#[test]
fn a_price_is_paid_wherever_it_stands() {
    let folder = Folder::with(&[("paid/z", "held"), ("plain/p.txt", "p")]);
    crate::policy::keys_and_token(&folder, 0);
    let text = "\nwrite = true\n[rule.\"/paid/**\"]\nprice = 5\n";
    let server = serve(&folder, text);
    server.put("/paid/z", "x").is(402);
    server.ask("COPY", "/plain/p.txt", &to("/paid/z")).is(402).says("/paid/z");
    server.ask("DELETE", "/paid/", "").is(402);
    assert_eq!(folder.read("paid/z"), b"held");
}

#[test]
fn a_file_of_a_form_keeps_to_the_rule_of_its_own_name() {
    let folder = Folder::with(&[("up/a.txt", "a")]);
    let text = "\nwrite = true\n[rule.\"/up/*.cgi\"]\nmethods = [\"GET\"]\n[rule.\"/up/*.png\"]\ntypes = [\"image/*\"]\n\
                [rule.\"/posts/**\"]\nmethods = [\"GET\", \"POST\"]\n";
    folder.folder("posts");
    let server = serve(&folder, text);
    refused(&server.bring("POST", "/up/", FORM, form("x.cgi")), "a name whose rule takes no PUT");
    refused(&server.bring("POST", "/up/", FORM, form("x.png")), "content of another type");
    assert_eq!(folder.names("up"), ["a.txt"]);
    server.bring("POST", "/up/", FORM, form("x.txt")).is(201);
    server.bring("POST", "/posts/", FORM, form("x.txt")).is(201);
}

#[test]
fn the_configuration_is_explained_by_the_line_of_the_place_that_refuses() {
    let (folder, _server) = ruled();
    let file = folder.beside("because.toml");
    for (name, word) in [("ro", "methods ="), ("images", "types ="), ("small", "max-content"), ("shut", "closed =")] {
        let destination = format!("Destination: /{name}/z.html");
        let file = file.to_str().expect("text");
        let told = run(&["config", "explain", file, "COPY", "/evil.html", "-H", &destination]);
        let told = String::from_utf8_lossy(&told.stdout).into_owned();
        assert!(told.contains(&line_of(RULED, word)), "{name}: {told}");
    }
}

/// A MOVE takes the aliases in a tree along by their names, and what they lead to stays.
#[test]
fn what_is_bound_in_a_tree_is_reached_as_far_as_the_deed_goes() {
    let folder = Folder::with(&[("secret/s.txt", "treasure"), ("tree/t.txt", "t"), ("in/x", "dropped")]);
    let text = format!("\nwrite = true\ndrop = \"in\"\n{}[rule.\"/secret/**\"]\nguard = \"alice\"\n", users());
    let server = serve(&folder, &text);
    server.bring("BIND", "/tree/", &by("alice"), bind("s", "/secret")).is(201);
    server.bring("BIND", "/tree/", &by("alice"), bind("x", "/in/x")).is(201);
    let before = state(&folder);
    server.ask("COPY", "/tree/", &to("/copy/")).is(401);
    server.bring("LOCK", "/tree/", "Content-Type: application/xml\r\n", LOCK).is(401);
    assert_eq!(state(&folder), before);
    server.ask("MOVE", "/tree/", &to("/moved/")).is(201);
    assert_eq!((folder.read("in/x"), folder.read("secret/s.txt")), (b"dropped".to_vec(), b"treasure".to_vec()));
    server.put("/moved/x", "forged").is(405);
    server.get("/moved/s/s.txt").is(401);
}

/// What no length announces is measured as it comes, and looked at, by the rules of both places.
#[test]
fn content_that_comes_through_a_binding_keeps_to_both_rules() {
    let folder = Folder::with(&[("small/z", "held"), ("images/z", "held"), ("plain/p.txt", "p")]);
    let server = serve(&folder, RULED);
    server.bring("BIND", "/plain/", "", bind("small", "/small/z")).is(201);
    server.bring("BIND", "/plain/", "", bind("image", "/images/z")).is(201);
    let before = state(&folder);
    let chunked = crate::client::chunked("too long for that", 5);
    let head = "PUT /plain/small HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n";
    refused(&server.exchange([head.as_bytes(), &chunked].concat()), "chunked");
    let forged = server.bring("PUT", "/plain/image", "Content-Type: image/png\r\n", "<script>no image</script>");
    assert_eq!(forged.status, 415, "{}", forged.content_of_any());
    let begin = "Upload-Draft-Interop-Version: 8\r\nUpload-Complete: ?0\r\nContent-Type: image/png\r\n";
    let begun = server.bring("PUT", "/plain/image", begin, "<script>");
    let go_on = "Upload-Draft-Interop-Version: 8\r\nUpload-Complete: ?1\r\nUpload-Offset: 8\r\n\
                 Content-Type: application/partial-upload\r\n";
    let end = server.bring("PATCH", begun.is(201).field("Location"), go_on, "forged");
    refused(&end, "an upload in pieces");
    assert_eq!(state(&folder), before);
}
