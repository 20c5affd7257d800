//! Several sites: which of them an authority means, and that no other is served.

use crate::folder::Folder;
use crate::policy::{start, write};
use crate::server::{Server, Start, run};

fn folder() -> Folder {
    let folder = Folder::with(&[("who.txt", "default")]);
    for name in ["org", "www", "port", "wild", "deep"] {
        std::fs::create_dir_all(folder.beside(name)).expect("makes");
        std::fs::write(folder.beside(name).join("who.txt"), name).expect("writes");
    }
    folder
}

const SITES: &str = r#"
[rule."/moved"]
moved = "/who.txt"
[site."example.org"]
folder = "org"
[site."www.example.org www.example.com"]
folder = "www"
[site."www.example.org www.example.com".rule."/moved"]
moved = "https://elsewhere.example/"
[site."example.org:8443"]
folder = "port"
[site."*.example.org"]
folder = "wild"
[site."*.deep.example.org"]
folder = "deep"
"#;

fn serve(folder: &Folder, text: &str) -> Server {
    Start::of(write(folder, text)).host("").start()
}

#[track_caller]
fn who(server: &Server, request: &str, expected: &str) {
    let response = server.exchange(request);
    match expected {
        "" => assert_eq!(response.status, 421, "{request}"),
        _ => assert_eq!(response.is(200).text(), expected, "{request}"),
    }
}

const HOSTS: &[(&str, &str)] = &[
    ("example.org", "org"),
    ("EXAMPLE.org", "org"),
    ("example.org.", "org"),
    ("example.org:80", "org"),
    ("example.org:8080", "org"),
    ("example.org:8443", "port"),
    ("www.example.org", "www"),
    ("www.example.com", "www"),
    ("www.example.org:8443", "www"),
    ("a.example.org", "wild"),
    ("a.b.example.org", "wild"),
    ("deep.example.org", "wild"),
    ("a.deep.example.org", "deep"),
    ("example.com", ""),
    ("xexample.org", ""),
    ("org", ""),
    ("127.0.0.1", ""),
    ("[::1]", ""),
    ("localhost", ""),
];

#[test]
fn the_most_specific_authority_is_meant() {
    let folder = folder();
    let server = serve(&folder, SITES);
    for (host, site) in HOSTS {
        who(&server, &format!("GET /who.txt HTTP/1.1\r\nHost: {host}\r\n\r\n"), site);
        who(&server, &format!("GET /who.txt HTTP/1.0\r\nHost: {host}\r\n\r\n"), site);
        // the target names it, whatever Host says (MSG-019)
        who(&server, &format!("GET http://{host}/who.txt HTTP/1.1\r\nHost: www.example.com\r\n\r\n"), site);
    }
    for method in ["GET", "HEAD", "OPTIONS", "PUT", "FOO"] {
        let response = server.exchange(format!("{method} / HTTP/1.1\r\nHost: example.com\r\n\r\n"));
        assert_eq!(response.status, 421, "{method}");
    }
    // rules are a site's own
    for (host, location) in [("example.org", "/who.txt"), ("www.example.org", "https://elsewhere.example/")] {
        let response = server.exchange(format!("GET /moved HTTP/1.1\r\nHost: {host}\r\n\r\n"));
        assert_eq!(response.is(301).field("Location"), location);
    }
    // a query goes on behind its second question mark (RFC 3986 §3.4)
    let response = server.exchange("GET /moved?a=1?b=2 HTTP/1.1\r\nHost: example.org\r\n\r\n");
    assert_eq!(response.is(301).field("Location"), "/who.txt?a=1?b=2");
}

/// RFC 9112 §3.2.2: what a 421 names is the authority that was asked for, wherever it stands.
#[test]
fn a_misdirected_request_is_told_which_host_it_named() {
    let folder = folder();
    let server = serve(&folder, SITES);
    let asks = "GET http://nope.example:81/ HTTP/1.1\r\nHost: example.org\r\nAccept: text/plain\r\n\r\n";
    let response = server.exchange(asks);
    let text = response.is(421).text();
    assert!(text.contains("nope.example:81") && !text.contains("serve example.org"), "{text}");
}

#[test]
fn one_connection_may_ask_several_sites() {
    let folder = folder();
    let server = serve(&folder, SITES);
    let mut client = server.connect();
    for (host, site) in HOSTS.iter().filter(|(_, site)| !site.is_empty()) {
        let response = client.exchange(format!("GET /who.txt HTTP/1.1\r\nHost: {host}\r\n\r\n"));
        assert_eq!(response.is(200).text(), *site, "{host}");
    }
}

#[test]
fn a_site_for_all_others_is_one_that_says_so() {
    let folder = folder();
    let server = serve(&folder, &format!("{SITES}[site.\"*\"]\nfolder = \"root\"\n"));
    for (host, site) in HOSTS {
        let site = if site.is_empty() { "default" } else { site };
        who(&server, &format!("GET /who.txt HTTP/1.1\r\nHost: {host}\r\n\r\n"), site);
    }
    who(&server, "GET /who.txt HTTP/1.1\r\nHost:\r\n\r\n", "default");
    who(&server, "GET /who.txt HTTP/1.0\r\n\r\n", "default");
}

/// Without names of its own it answers to those of this machine: no page of another site can have a browser ask it by a name
/// that leads here (DNS rebinding).
#[test]
fn a_server_on_loopback_is_nobody_elses() {
    let folder = folder();
    for text in ["\n", "\n[rule.\"/x\"]\ngone = true\n"] {
        let server = serve(&folder, text);
        let port = server.addresses()[0].port();
        for (host, served) in [
            (format!("127.0.0.1:{port}"), true),
            (format!("localhost:{port}"), true),
            (format!("LOCALHOST:{port}"), true),
            (format!("[::1]:{port}"), true),
            ("evil.example".to_owned(), false),
            (format!("evil.example:{port}"), false),
            ("192.0.2.1".to_owned(), false),
        ] {
            who(
                &server,
                &format!("GET /who.txt HTTP/1.1\r\nHost: {host}\r\n\r\n"),
                if served { "default" } else { "" },
            );
        }
        who(&server, "GET /who.txt HTTP/1.0\r\n\r\n", "default");
    }
}

#[test]
fn the_flag_names_the_hosts_of_the_only_site() {
    let folder = folder();
    let server = start(&folder, "\n").host("example.org").start();
    for (host, served) in [("example.org", true), ("example.org:99", true), ("www.example.org", false)] {
        who(&server, &format!("GET /who.txt HTTP/1.1\r\nHost: {host}\r\n\r\n"), if served { "default" } else { "" });
    }
}

/// RFC 9110 §7.4: what is asked for by `https` came over TLS, or it is not served.
#[test]
fn https_is_not_served_in_clear_text() {
    let folder = folder();
    let server = serve(&folder, SITES);
    let response = server.exchange("GET https://example.org/who.txt HTTP/1.1\r\nHost: example.org\r\n\r\n");
    assert_eq!(response.status, 421, "{}", response.text());
}

/// RED-003: a redirect leads nowhere that a request names.
#[test]
fn no_host_of_a_request_gets_into_a_redirect() {
    let folder = folder();
    folder.write("d/a.txt", "a");
    let server = start(&folder, "\n[rule.\"/moved/**\"]\nmoved = \"/{1}\"\n").start();
    for host in ["evil.example", "evil.example:80"] {
        for (target, location) in [
            ("/d", "/d/"),
            ("/moved/a", "/a"),
            ("/moved/a/b?c=d", "/a/b?c=d"),
            ("/moved/%2Fevil.example", ""),
            ("/moved//evil.example", ""),
            ("/moved/%5Cevil.example", "/%5Cevil.example"),
            ("/moved/a%0D%0AX:y", "/a%0D%0AX:y"),
            ("/moved/", "/"),
            ("/moved", "/"),
        ] {
            let response = server.exchange(format!("GET {target} HTTP/1.1\r\nHost: {host}\r\n\r\n"));
            match location {
                "" => assert_eq!(response.status, 404, "{target} {:?}", response.maybe("Location")),
                _ => assert_eq!(response.is(301).field("Location"), location, "{target}"),
            }
        }
    }
}

#[test]
fn what_tells_secrets_is_not_served_though_it_lies_in_the_folder() {
    let folder = Folder::with(&[("a.txt", "a"), ("because.toml", "write = true\nrecord = 'record.jsonl'\n")]);
    let key = folder.write("tokens.key", "");
    std::fs::remove_file(key).expect("is removed");
    run(&["token", "--new-key", folder.path("tokens.key").to_str().expect("text")]);
    let text = "fsync = false\nwrite = true\nrecord = 'record.jsonl'\n[rule.'/paid']\nprice = 5\n";
    let server = Start::of(folder.write("because.toml", text)).start();
    for name in ["because.toml", "tokens.key", "tokens.key.spent", "record.jsonl"] {
        server.get(&format!("/{name}")).is(403);
        server.put(&format!("/{name}"), "x").is(403);
        server.ask("DELETE", &format!("/{name}"), "").is(403);
        server.ask("COPY", &format!("/{name}"), "Destination: /copy\r\n").is(403);
        server.ask("COPY", "/a.txt", &format!("Destination: /{name}\r\n")).is(403);
    }
    server.get("/a.txt").is(200);
    server.put("/b.txt", "b").is(201);
    drop(server);
    let server = Start::of(folder.root()).start();
    server.get("/because.toml").is(403).says("the server's own");
    server.err.wait_for("because.toml is not served, nor followed");
    let listed = server.get("/");
    assert!(listed.is(200).text().contains("a.txt"));
}
