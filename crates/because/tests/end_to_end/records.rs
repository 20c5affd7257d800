//! What is recorded of decisions, and that it is decided the same again.

use crate::configuration_commands::{Said, run_in};
use crate::folder::Folder;
use crate::server::{Server, Start, run};

/// Serves, asks for all sorts of things, and stops; returns what was recorded.
fn recorded(folder: &Folder, server: Server, path: &str) -> Vec<String> {
    for (method, target, fields) in [
        ("GET", "/a.txt", ""),
        ("GET", "/a.txt", "If-None-Match: *\r\n"),
        ("GET", "/a.txt", "If-Match: \"x\"\r\nAuthorization: Basic c2VjcmV0\r\n"),
        ("GET", "/none%FF", "Range: bytes=0-1\r\n"),
        ("OPTIONS", "*", ""),
        ("DELETE", "/gone", ""),
        ("BREW", "/a.txt", ""),
        ("PROPFIND", "/", "Depth: 1\r\n"),
    ] {
        server.ask(method, target, fields);
    }
    server.put("/new.txt", "new");
    server.bring("PUT", "/none/new.txt", "", "new");
    server.exchange("GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n").is(400);
    server.exchange("GET / HTTP/3.7\r\n\r\n").is(505);
    let lines = stopped(server, folder, path);
    assert_eq!(lines.len(), 12, "{lines:#?}");
    lines
}

fn stopped(mut server: Server, folder: &Folder, path: &str) -> Vec<String> {
    server.signal(rustix::process::Signal::INT);
    assert!(server.end().success());
    let text = std::fs::read_to_string(folder.beside(path)).expect("was recorded");
    text.lines().map(str::to_owned).collect()
}

#[test]
fn every_decision_is_recorded_and_decided_the_same_again() {
    let folder = Folder::with(&[("a.txt", "a")]);
    let path = folder.beside("facts.jsonl");
    let server = Server::writable(&folder, &["--record", path.to_str().expect("text")]);
    let lines = recorded(&folder, server, "facts.jsonl");
    let all = lines.join("\n");
    assert!(all.contains("(secret)") && !all.contains("c2VjcmV0"), "no secret is written down");
    assert!(all.contains("\"cause\":\"if_match_holds\"") && all.contains("\"status\":201"), "{all}");
    let replay = |input: &str| run_in(&folder.root(), &["replay", "-"], input);
    Said::of(run(&["replay", path.to_str().expect("text")])).says(0, &["12 decisions, each decided as it was\n"]);
    let changed = all.replacen("\"status\":412", "\"status\":200", 1);
    let said = replay(&format!("{changed}\nhello\n\n{{\"dropped\":5}}\n"));
    said.says(
        1,
        &[
            "line 3: GET /a.txt\n  then 200 if_match_holds",
            "\n  now  412 if_match_holds",
            "12 decisions, of which 1 would",
        ],
    );
    said.says(1, &["1 line is no record", "5 were not recorded"]);
    assert_eq!(said.err, "because: line 13 is no record: it is no JSON\n");
    run_in(&folder.root(), &["replay", "nowhere"], "").refuses("nowhere cannot be read");
}

#[test]
fn a_configuration_says_where_to_record() {
    let folder = Folder::with(&[("a.txt", "a")]);
    std::fs::write(folder.beside("because.toml"), "folder = 'root'\nrecord = 'told.jsonl'\n").expect("is written");
    let server = Start::of(folder.beside("because.toml")).start();
    server.get("/a.txt").is(200);
    let lines = stopped(server, &folder, "told.jsonl");
    assert!(lines.len() == 1 && lines[0].starts_with("{\"method\":\"GET\",\"target\":\"/a.txt\""), "{lines:#?}");
    let said = Said::of(run(&["serve", folder.root().to_str().expect("text"), "-l", "127.0.0.1:0", "--record", "/"]));
    assert!(said.code == 1 && said.err.starts_with("because: cannot record to '/'"), "{}", said.err);
}
