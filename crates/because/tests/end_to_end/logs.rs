//! The access log: a line an answer, for people or for machines, which no client can forge and no slow reader can hold up.

use crate::client::Client;
use crate::folder::Folder;
use crate::server::{LogLine, Server, Start, until};

fn folder() -> Folder {
    Folder::with(&[("a.txt", "0123456789"), ("large.bin", &"x".repeat(100_000))])
}

#[test]
fn a_line_for_people_tells_who_what_and_why() {
    let folder = folder();
    let server = Server::of(&folder);
    server.get("/a.txt");
    server.ask("HEAD", "/a.txt", "");
    server.get_with("/a.txt", "Range: bytes=0-3\r\n");
    server.get_with("/a.txt", "If-None-Match: *\r\n");
    let missing = server.get("/none?q=1");
    let lines = until("all are logged", || Some(server.out.all()).filter(|lines| lines.len() == 5));
    let lines: Vec<LogLine> = lines.iter().map(|line| LogLine::read(line)).collect();
    let told: Vec<_> =
        lines.iter().map(|l| (l.method.as_str(), l.target.as_str(), l.status, l.cause.as_str(), l.octets)).collect();
    assert_eq!(
        told,
        [
            ("GET", "/a.txt", 200, "representation_available", 10),
            ("HEAD", "/a.txt", 200, "representation_available", 0),
            ("GET", "/a.txt", 200 + 6, "range_satisfiable", 4),
            ("GET", "/a.txt", 304, "if_none_match_on_read", 0),
            ("GET", "/none?q=1", 404, "target_missing", missing.content.len() as u64),
        ]
    );
    assert!(lines.iter().all(|line| line.client == "127.0.0.1" && u128::from_str_radix(&line.because, 16).is_ok()));
    assert_eq!(lines[0].because, lines[1].because, "HEAD walks as GET does");
    assert!(!server.out.all().concat().contains('\x1b'), "no colour in a pipe");
}

#[test]
fn lines_for_machines_are_json() {
    let folder = folder();
    let server = Server::with(&folder, &["--log", "json"]);
    server.get("/a.txt");
    server.exchange("GET /none?\"q\\=<é>\x7f HTTP/1.1\r\nHost: h\r\n\r\n");
    server.get("/none?'quoted\\`");
    server.exchange(b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03aaaaaaaa");
    server.exchange("GET /a.txt HTTP/1.0\r\n\r\n");
    server.connect().send("GET / HTTP/1.1\r\nHos").finish();
    let lines = until("all are logged", || Some(server.out.all()).filter(|lines| lines.len() == 6));
    for line in &lines {
        let line: serde_json::Value = serde_json::from_str(line).unwrap_or_else(|e| panic!("{e}: {line}"));
        for name in ["time", "client", "method", "target", "version", "cause", "because"] {
            assert!(line[name].is_string(), "{name}: {line}");
        }
        for name in ["status", "bytes", "micros"] {
            assert!(line[name].is_u64(), "{name}: {line}");
        }
        let time = line["time"].as_str().expect("a text");
        assert!(time.len() == 24 && time.ends_with('Z') && &time[10..11] == "T", "{time}");
        assert_eq!(line["client"], "127.0.0.1");
    }
    let line = |nth: usize| serde_json::from_str::<serde_json::Value>(&lines[nth]).expect("valid");
    assert_eq!((line(0)["status"].as_u64(), line(0)["cause"].as_str()), (Some(200), Some("representation_available")));
    assert_eq!((line(2)["status"].as_u64(), line(2)["target"].as_str()), (Some(404), Some("/none?'quoted\\`")));
    assert_eq!(line(4)["version"], "HTTP/1.0");
    assert_eq!((line(5)["status"].as_u64(), line(5)["cause"].as_str()), (Some(400), Some("head_truncated")));
}

/// The moment, the level and the words of a message.
fn message(line: &str) -> (&str, &str, &str) {
    let (time, rest) = line.split_once(' ').expect("a moment");
    let (level, words) = rest.split_once(' ').expect("a level");
    assert!(semantics::date::Date::parse_rfc3339(time.as_bytes()).is_ok(), "{line}");
    (time, level, words)
}

#[test]
fn messages_have_their_moment_and_their_level() {
    let folder = folder();
    let mut server = Server::of(&folder);
    server.signal(rustix::process::Signal::HUP);
    let line = server.err.wait_for("to read again");
    assert_eq!(message(&line).1, "warn");
    assert_eq!(message(&line).2, "because: there is no configuration to read again");
    server.signal(rustix::process::Signal::TERM);
    let line = server.err.wait_for("finishing");
    assert_eq!(message(&line).1, "info");
    assert_eq!(server.end().code(), Some(0));
}

#[test]
fn where_the_log_is_json_all_that_is_said_is() {
    let folder = folder();
    let mut server = Server::with(&folder, &["--log", "json"]);
    server.signal(rustix::process::Signal::HUP);
    server.err.wait_for("to read again");
    server.signal(rustix::process::Signal::TERM);
    assert_eq!(server.end().code(), Some(0));
    let objects: Vec<serde_json::Value> = server
        .err
        .to_the_end()
        .iter()
        .map(|line| serde_json::from_str(line).unwrap_or_else(|e| panic!("{e}: {line}")))
        .collect();
    for object in &objects {
        let time = object["time"].as_str().expect("a moment");
        assert!(time.len() == 24 && semantics::date::Date::parse_rfc3339(time.as_bytes()).is_ok(), "{object}");
        assert!(["info", "warn", "error"].contains(&object["level"].as_str().expect("a level")), "{object}");
        assert!(object["message"].as_str().is_some_and(|message| !message.is_empty()), "{object}");
    }
    let address = format!("http://{}/", server.addresses()[0]);
    assert!(objects.iter().any(|object| object["address"] == address.as_str()), "{objects:#?}");
    let reload = objects.iter().find(|object| object["level"] == "warn").expect("a warning");
    assert_eq!(reload["target"], "because::commands::serve::signals");
}

#[test]
fn what_keeps_a_server_from_starting_is_an_object_too() {
    let folder = folder();
    let nowhere = folder.beside("nowhere");
    let output = crate::server::run(&["serve", &nowhere.display().to_string(), "--log", "json"]);
    let said = String::from_utf8(output.stderr).expect("text");
    let object: serde_json::Value = serde_json::from_str(&said).expect("one object");
    assert_eq!((output.status.code(), &object["level"]), (Some(1), &"error".into()));
    assert!(object["message"].as_str().is_some_and(|message| message.contains("there is no folder")), "{said}");
    std::fs::write(folder.beside("wrong.toml"), "threads = 'two'\nfolder = '.'\n").expect("is written");
    let wrong = folder.beside("wrong.toml");
    let output = crate::server::run(&["serve", &wrong.display().to_string(), "--log", "json"]);
    let said = String::from_utf8(output.stderr).expect("text");
    let object: serde_json::Value = serde_json::from_str(said.lines().next().expect("a line")).expect("an object");
    assert_eq!(
        (&object["level"], &object["message"].as_str().is_some_and(|m| m.contains("threads"))),
        (&"error".into(), &true)
    );
    assert!(object["place"].as_str().is_some_and(|place| place.ends_with("wrong.toml:1")), "{said}");
    assert!(object["detail"].as_str().is_some_and(|detail| detail.contains("^^^^^")), "{said}");
}

/// What stands in a word of a request, a user or a file, and would divide a line, is escaped and read back.
#[test]
fn a_line_is_words_whatever_was_sent() {
    let folder = folder();
    let server = Server::of(&folder);
    server.exchange(b"GET /a\\x20b HTTP/1.1\r\nHost: h\r\n\r\n");
    let line = server.out.wait_for("/a\\x5cx20b");
    assert_eq!(LogLine::read(&line).target, "/a\\x5cx20b");
}

#[test]
fn a_log_that_is_off_says_nothing() {
    let folder = folder();
    let mut server = Server::with(&folder, &["--log", "off"]);
    server.get("/a.txt").is(200);
    server.get("/none").is(404);
    server.signal(rustix::process::Signal::TERM);
    assert_eq!(server.end().code(), Some(0));
    assert_eq!(server.out.to_the_end(), [""; 0]);
}

/// What a client sends can neither end a line nor speak to a terminal.
#[test]
fn no_client_can_forge_a_line() {
    let folder = folder();
    let server = Server::of(&folder);
    let mut sent = 0;
    for hostile in [
        &b"GET /a\x1b[2Jb HTTP/1.1\r\nHost: h\r\n\r\n"[..],
        b"GET /a\rb HTTP/1.1\r\nHost: h\r\n\r\n",
        b"GET /\xe2\x80\xae HTTP/1.1\r\nHost: h\r\n\r\n",
        b"G\x1b[31mT / HTTP/1.1\r\n\r\n",
        b"GET /%0a%0d%1b[31m HTTP/1.1\r\nHost: h\r\n\r\n",
        b"GET /a 200 representation_available 2f2b3 1B 1\xc2\xb5s HTTP/1.1\r\nHost: h\r\n\r\n",
    ] {
        server.exchange(hostile);
        sent += 1;
    }
    server.get("/the-last");
    server.out.wait_for("/the-last");
    let lines = server.out.all();
    assert_eq!(lines.len(), sent + 1);
    for line in &lines {
        let line = LogLine::read(line);
        assert_ne!(line.status, 200);
        assert!((line.target + &line.method).bytes().all(|b| (0x21..0x7f).contains(&b) || b >= 0x80));
    }
}

/// A long target is shown in part, so that a line is a line.
#[test]
fn long_targets_are_cut() {
    let folder = folder();
    let server = Server::of(&folder);
    server.get(&format!("/{}", "long".repeat(2_000)));
    let line = server.out.wait_for("/longlong");
    assert!(line.chars().count() < 400, "{line}");
    assert_eq!(LogLine::read(&line).status, 404);
}

#[test]
fn a_reader_that_goes_away_does_not_stop_the_server() {
    let folder = folder();
    let mut server = Start::of(folder.root()).start_unread();
    server.close();
    let mut client = Client::to(server.address);
    for _ in 0..500 {
        client.get("/a.txt").is(200);
    }
    std::thread::sleep(std::time::Duration::from_millis(120)); // past the next look at the log
    for _ in 0..500 {
        client.get("/a.txt").is(200);
    }
}

#[test]
fn a_reader_that_is_slow_holds_nobody_up_and_is_told_what_it_missed() {
    let folder = folder();
    let mut server = Start::of(folder.root()).args(&["--log", "json"]).start_unread();
    let mut client = Client::to(server.address);
    let long = format!("/none?{}", "q".repeat(200));
    for _ in 0..200 {
        // 100 answers of some 400 octets of log each: more than pipe, channel and buffer hold after a while
        let request = format!("HEAD {long} HTTP/1.1\r\nHost: h\r\n\r\n");
        client.pipeline(&vec![request.as_str(); 100]);
        for _ in 0..100 {
            client.response().is(404);
        }
    }
    let lines = server.read();
    lines.wait_for("{\"time\":");
    let mut more = 0;
    let lines = until("a line gets through again", || {
        client.get("/the-last").is(404);
        more += 1;
        Some(lines.all()).filter(|all| all.last().is_some_and(|line| line.contains("/the-last")))
    });
    let written = lines.iter().filter(|line| line.contains("\"time\"")).count();
    let dropped: u64 = lines
        .iter()
        .map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap_or_else(|e| panic!("{e}: {line}")))
        .filter_map(|line| line["dropped"].as_u64())
        .sum();
    assert!(dropped > 0, "it was too slow");
    let logged = written + usize::try_from(dropped).expect("is small");
    assert!(
        (20_001..=20_000 + more).contains(&logged),
        "each line is written or counted: {written} and {dropped} of {more} more"
    );
}

#[test]
fn the_number_is_shown_to_clients_only_where_the_site_says_so() {
    let folder = folder();
    let server = Server::with(&folder, &["--show-because"]);
    let response = server.get_with("/a.txt", "Accept: application/json\r\nIf-Match: \"old\"\r\n");
    let line = server.log(" 412 ");
    assert_eq!(response.field("Because"), line.because);
    assert_eq!(response.json()["because"], line.because.as_str());
    assert_eq!(server.get("/a.txt").field("Because"), server.log(" 200 ").because);
    let server = Server::of(&folder);
    let response = server.get_with("/a.txt", "Accept: application/json\r\nIf-Match: \"old\"\r\n");
    assert!(!response.has("Because") && response.json()["because"].is_null());
}
