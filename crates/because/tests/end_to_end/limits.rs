//! Sizes: what is just small enough is served, one octet more is refused, and the refusal tells what was too large.

use crate::folder::Folder;
use crate::server::Server;

const JSON: &str = "Accept: application/json\r\n";

fn folder() -> Folder {
    Folder::with(&[("a.txt", "a")])
}

/// MSG-010, MSG-011
#[test]
fn a_target_may_have_8192_octets() {
    let folder = folder();
    let server = Server::of(&folder);
    for length in [7_990, 8_191, 8_192] {
        let target = format!("/{}", "a".repeat(length - 1));
        server.get(&target).is(404);
        server.get(&format!("/a.txt?{}", "q".repeat(length - 7))).is(200);
    }
    for length in [8_193, 9_000, 100_000] {
        let mut client = server.connect();
        client.try_send(format!("GET /{} HTTP/1.1\r\nHost: h\r\n\r\n", "a".repeat(length - 1)));
        client.response().is(414).says("8,192");
        client.ends();
    }
    // also without the end of the line
    for rest in [9_000, 100_000] {
        let mut client = server.connect();
        client.try_send(format!("GET /{}", "a".repeat(rest)));
        client.response().is(414);
        client.ends();
    }
}

#[test]
fn the_limit_of_the_target_is_the_operators() {
    let folder = folder();
    let server = Server::with(&folder, &["--max-target", "20"]);
    server.get("/a.txt?0123456789abc").is(200);
    server.get("/a.txt?0123456789abcd").is(414).says("21").says("20");
    assert_eq!(server.log(" 414 ").cause, "target_too_long");
}

/// MSG-014, X65-006
#[test]
fn each_size_of_the_fields_has_its_limit_and_the_field_is_named() {
    let folder = folder();
    let server = Server::of(&folder);
    let cookie = |length: usize| format!("Cookie: {}\r\n", "c".repeat(length - 8));
    // one line
    server.get_with("/a.txt", &cookie(16_384)).is(200);
    let problem = server.get_with("/a.txt", &format!("{JSON}{}", cookie(16_385))).is(431).json();
    assert_eq!((problem["offence"].as_str(), problem["field"].as_str()), (Some("line"), Some("Cookie")), "{problem}");
    assert_eq!((problem["size"].as_u64(), problem["limit"].as_u64()), (Some(16_385), Some(16_384)), "{problem}");
    // all lines
    let many = |count: usize| (0..count).map(|k| format!("X-{k}: {}\r\n", "x".repeat(10_000))).collect::<String>();
    server.get_with("/a.txt", &many(6)).is(200);
    let problem = server.get_with("/a.txt", &format!("{JSON}{}", many(7))).is(431).json();
    assert_eq!((problem["offence"].as_str(), problem["field"].as_str()), (Some("section"), Some("X-6")), "{problem}");
    assert_eq!(problem["limit"], 65_536);
    // their number
    let small = |count: usize| (0..count).map(|k| format!("X-{k}: x\r\n")).collect::<String>();
    server.get_with("/a.txt", &small(99)).is(200); // Host is one, too
    let problem = server.get_with("/a.txt", &format!("{JSON}{}", small(10_000))).is(431).json();
    assert_eq!((problem["offence"].as_str(), problem["field"].as_str()), (Some("count"), Some("X-98")), "{problem}");
    assert_eq!((problem["size"].as_u64(), problem["limit"].as_u64()), (Some(101), Some(100)), "{problem}");
}

#[test]
fn a_head_without_end_is_431() {
    let folder = folder();
    let server = Server::of(&folder);
    for (start, piece, says) in [
        ("GET /a.txt HTTP/1.1\r\nHost: h\r\nX-Endless: ", "x", "X-Endless"),
        ("GET /a.txt HTTP/1.1\r\nHost: h\r\n", "X-Many: y\r\n", "X-Many"),
        ("GET /a.txt HTTP/1.1\r\nHost: h\r\n", "n", "a field"),
    ] {
        let mut client = server.connect();
        client.send(start);
        client.try_send_more(piece.repeat(100_000));
        client.response().is(431).says(says);
        client.ends();
    }
}

#[test]
fn the_limits_of_the_fields_are_the_operators() {
    let folder = folder();
    let server = Server::with(&folder, &["--max-field", "100", "--max-fields", "300", "--max-field-count", "5"]);
    server.get_with("/a.txt", &format!("X: {}\r\n", "x".repeat(97))).is(200);
    server.get_with("/a.txt", &format!("X: {}\r\n", "x".repeat(98))).is(431).says("100");
    server.get_with("/a.txt", &format!("X: {}\r\n", "x".repeat(90)).repeat(4)).is(431).says("300");
    server.get_with("/a.txt", &"X: x\r\n".repeat(4)).is(200);
    server.get_with("/a.txt", &"X: x\r\n".repeat(5)).is(431).says(" 5");
}

#[test]
fn the_limit_of_content_is_the_operators() {
    let folder = folder();
    let server = Server::with(&folder, &["--max-content", "1000"]);
    let with = |length: usize| {
        format!("GET /a.txt HTTP/1.1\r\nHost: h\r\n{JSON}Content-Length: {length}\r\n\r\n{}", "x".repeat(length))
    };
    server.exchange(with(1_000)).is(200);
    let response = server.exchange(with(1_001));
    let problem = response.is(413).json();
    assert_eq!((problem["size"].as_u64(), problem["limit"].as_u64()), (Some(1_001), Some(1_000)));
    // FRM-004
    let huge = server.get_with("/a.txt", &format!("{JSON}Content-Length: 18446744073709551615\r\n"));
    assert_eq!(huge.is(413).json()["size"].as_u64(), Some(u64::MAX));
}
