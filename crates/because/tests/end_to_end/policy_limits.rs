//! How often: by address, user, path and all together; what is told of it, what it costs, and that the wait told is enough.

use std::time::Duration;

use crate::client::Response;
use crate::folder::Folder;
use crate::policy::{by, serve, users};
use crate::server::Server;

fn folder() -> Folder {
    Folder::with(&[("a.txt", "a"), ("b.txt", "b"), ("d/a.txt", "a"), ("d/b.txt", "b")])
}

fn limited(limit: &str) -> String {
    format!(
        "\nforwarded = [\"127.0.0.1\"]{}[rule.\"/d/**\"]\nguard = {{ allow = \"everyone\" }}\nlimit = {limit}\n",
        users()
    )
}

fn from(server: &Server, address: &str, target: &str, fields: &str) -> Response {
    server.get_with(target, &format!("X-Forwarded-For: {address}\r\n{fields}"))
}

/// What RateLimit says of a limit: what remains, and until when.
fn left(response: &Response, name: &str) -> (u64, u64) {
    let field = response.field("RateLimit");
    let item = field.split(", ").find_map(|item| item.strip_prefix(&format!("\"{name}\";r=")));
    let (remaining, reset) =
        item.and_then(|item| item.split_once(";t=")).unwrap_or_else(|| panic!("{name} in {field}"));
    (remaining.parse().expect("a number"), reset.parse().expect("a number"))
}

/// X65-001, X65-002, X65-003, X65-004
#[test]
fn each_address_has_its_own_and_every_answer_tells_what_is_left() {
    let folder = folder();
    let server = serve(&folder, &limited("{ rate = \"3/hour\", name = \"slow\" }"));
    let one = "192.0.2.1";
    for (target, status, remaining) in [("/d/a.txt", 200, 2), ("/d/none", 404, 1), ("/d", 301, 0)] {
        let response = from(&server, one, target, "");
        assert_eq!(response.status, status);
        assert_eq!(response.field("RateLimit-Policy"), "\"slow\";q=3;w=3600");
        assert_eq!(left(&response, "slow").0, remaining, "{target}");
        assert!(!response.has("Retry-After"));
    }
    let refused = from(&server, one, "/d/a.txt", "Accept: application/json\r\n");
    refused.refuses(429, "address_rate_left").says("slow");
    let wait: u64 = refused.field("Retry-After").parse().expect("seconds");
    let (remaining, reset) = left(&refused, "slow");
    assert_eq!(remaining, 0);
    assert!((1..=1200).contains(&wait) && wait >= reset, "{wait} {reset}");
    // of IPv6 a network is one
    from(&server, "2001:db8::1", "/d/a.txt", "").is(200);
    assert_eq!(left(&from(&server, "2001:db8::2", "/d/a.txt", ""), "slow").0, 1);
    assert_eq!(left(&from(&server, "2001:db8:0:1::1", "/d/a.txt", ""), "slow").0, 2);
    assert_eq!(left(&from(&server, "192.0.2.2", "/d/a.txt", ""), "slow").0, 2);
    // and elsewhere nothing is counted
    for _ in 0..5 {
        assert!(!from(&server, one, "/a.txt", "").is(200).has("RateLimit"));
    }
}

#[test]
fn what_is_told_is_told_on_every_answer_of_that_place() {
    let folder = folder();
    let server = serve(&folder, &limited("\"100/min\""));
    let tag = server.get("/d/a.txt").field("ETag").to_owned();
    for (method, fields, status) in [
        ("GET", format!("If-None-Match: {tag}\r\n"), 304),
        ("GET", "Range: bytes=0-0\r\n".to_owned(), 206),
        ("GET", "Range: bytes=9-\r\n".to_owned(), 416),
        ("GET", "If-Match: \"x\"\r\n".to_owned(), 412),
        ("HEAD", String::new(), 200),
        ("OPTIONS", String::new(), 200),
        ("DELETE", String::new(), 405),
    ] {
        let response = server.ask(method, "/d/a.txt", &fields);
        assert_eq!(response.status, status, "{method} {fields}");
        assert!(response.has("RateLimit") && response.has("RateLimit-Policy"), "{method} {fields}");
    }
}

#[test]
fn users_and_paths_and_all_have_theirs() {
    let folder = folder();
    let server = serve(&folder, &limited("{ rate = \"2/hour\", per = \"user\", name = \"u\" }"));
    for _ in 0..2 {
        from(&server, "192.0.2.1", "/d/a.txt", &by("alice")).is(200);
    }
    // wherever she asks from
    from(&server, "192.0.2.2", "/d/b.txt", &by("alice")).refuses(429, "user_rate_left");
    from(&server, "192.0.2.1", "/d/a.txt", &by("bob")).is(200);
    for _ in 0..5 {
        from(&server, "192.0.2.1", "/d/a.txt", "").is(200);
    }
    let server = serve(&folder, &limited("{ rate = \"2/hour\", per = \"path\", name = \"p\" }"));
    for address in ["192.0.2.1", "192.0.2.2"] {
        from(&server, address, "/d/a.txt", "").is(200);
    }
    from(&server, "192.0.2.3", "/d/a.txt", "").refuses(429, "address_rate_left").says("at this address than it bears");
    for spelling in ["/d/%61.txt", "/d/./a.txt", "/d/x/../a.txt", "/d/a.txt?q", "http://h/d/a.txt"] {
        from(&server, "192.0.2.3", spelling, "").is(429);
    }
    from(&server, "192.0.2.3", "/d/b.txt", "").is(200);
    let server = serve(&folder, &limited("{ rate = \"2/hour\", per = \"all\", name = \"all\" }"));
    from(&server, "192.0.2.1", "/d/a.txt", "").is(200);
    from(&server, "192.0.2.2", "/d/b.txt", "").is(200);
    from(&server, "192.0.2.3", "/d/none", "").is(429);
    let server = serve(&folder, &limited("{ rate = \"1/hour\", per = [\"user\", \"path\"], name = \"both\" }"));
    for target in ["/d/a.txt", "/d/b.txt"] {
        from(&server, "192.0.2.1", target, &by("alice")).is(200);
        from(&server, "192.0.2.1", target, &by("alice")).is(429);
        from(&server, "192.0.2.1", target, &by("bob")).is(200);
    }
}

/// Of several each must leave room, and a request that one of them refuses takes nothing of the others.
#[test]
fn several_limits_hold_together() {
    let folder = folder();
    let server = serve(
        &folder,
        &limited(
            "[{ rate = \"2/hour\", per = \"path\", name = \"p\" }, { rate = \"5/hour\", name = \"a\", burst = 5 }]",
        ),
    );
    let ask = |target: &str| from(&server, "192.0.2.1", target, "");
    ask("/d/a.txt").is(200);
    let second = ask("/d/a.txt");
    assert_eq!((left(&second, "p").0, left(&second, "a").0), (0, 3));
    for _ in 0..20 {
        let refused = ask("/d/a.txt");
        assert_eq!((refused.is(429).status, left(&refused, "a").0), (429, 3));
        refused.says("p");
        let wait: u64 = refused.field("Retry-After").parse().expect("seconds");
        assert!(left(&refused, "p").1 <= wait && left(&refused, "a").1 <= wait, "{:#?}", refused.fields);
    }
    for remaining in [2, 1] {
        assert_eq!(left(&ask("/d/b.txt"), "a").0, remaining);
    }
    assert_eq!(left(&ask("/d/none"), "a").0, 0);
    ask("/d/other").is(429);
}

#[test]
fn a_burst_is_more_than_the_rate_at_once() {
    let folder = folder();
    let server = serve(&folder, &limited("{ rate = \"1/hour\", burst = 4, name = \"b\" }"));
    for remaining in [3, 2, 1, 0] {
        assert_eq!(left(&server.get("/d/a.txt"), "b").0, remaining);
    }
    server.get("/d/a.txt").is(429);
}

/// Who waits as long as he is told is let in, and who does not is told the same.
#[test]
fn the_wait_that_is_told_is_enough() {
    let folder = folder();
    let server = serve(&folder, &limited("{ rate = \"2/1s\", name = \"quick\" }"));
    let mut refused = None;
    for _ in 0..10 {
        let response = server.get("/d/a.txt");
        if response.status == 429 {
            refused = Some(response);
            break;
        }
    }
    let refused = refused.expect("ten at once are too many");
    let wait: u64 = refused.field("Retry-After").parse().expect("seconds");
    assert_eq!(wait, 1);
    std::thread::sleep(Duration::from_secs(wait));
    server.get("/d/a.txt").is(200);
}

/// One limit counts over all threads and connections.
#[test]
fn all_threads_count_together() {
    let folder = folder();
    let text = limited("\"20/hour\"");
    let server = crate::policy::start(&folder, &text).threads(4).start();
    let statuses: Vec<u16> = (0..40).map(|_| server.get("/d/a.txt").status).collect();
    assert_eq!(statuses.iter().filter(|status| **status == 200).count(), 20, "{statuses:?}");
}
