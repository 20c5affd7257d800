//! Conditional requests, in the order of RFC 9110 §13.2.2.

use crate::client::{Client, Response};
use crate::dates;
use crate::folder::{Folder, of_site};
use crate::server::{Server, Start, until};

const FILE: &str = "/images/daylight.png";

/// The sample site, with the strong tag and the date of one of its files.
struct Known {
    client: Client,
    tag: String,
    date: i64,
    _server: Server,
}

fn known() -> Known {
    let server = Server::site();
    let response = until("the sample site has settled", || {
        Some(server.get(FILE)).filter(|response| response.is(200).field("ETag").starts_with('"'))
    });
    let tag = response.field("ETag").to_owned();
    let date = dates::read(response.field("Last-Modified")).expect("a date");
    Known { client: server.connect(), tag, date, _server: server }
}

impl Known {
    fn ask(&mut self, method: &str, fields: &str) -> Response {
        self.client.exchange(format!("{method} {FILE} HTTP/1.1\r\nHost: h\r\n{fields}\r\n"))
    }
}

/// CND-003: each of the four conditions is absent, holds or fails; what comes of it is told by the RFC.
#[test]
fn conditions_are_judged_in_the_order_of_the_rfc() {
    let mut known = known();
    let tag = known.tag.clone();
    let (same, before) = (dates::imf(known.date), dates::imf(known.date - 1));
    let line = |name: &str, holds: Option<bool>, yes: &str, no: &str| match holds {
        None => String::new(),
        Some(true) => format!("{name}: {yes}\r\n"),
        Some(false) => format!("{name}: {no}\r\n"),
    };
    let states = [None, Some(true), Some(false)];
    for number in 0..81 {
        let state = |place: usize| states[number / 3_usize.pow(u32::try_from(place).expect("is small")) % 3];
        let (if_match, unmodified, none_match, modified) = (state(0), state(1), state(2), state(3));
        let fields = [
            line("If-Match", if_match, &tag, "\"other\""),
            line("If-Unmodified-Since", unmodified, &same, &before),
            line("If-None-Match", none_match, "\"other\"", &tag),
            line("If-Modified-Since", modified, &before, &same),
        ];
        let expected = if if_match.or(unmodified) == Some(false) {
            412
        } else if none_match.or(modified) == Some(false) {
            304
        } else {
            200
        };
        // the order of the lines means nothing
        let (forth, back) = (fields.concat(), fields.iter().rev().cloned().collect::<String>());
        for (method, fields) in [("GET", &forth), ("HEAD", &back)] {
            assert_eq!(known.ask(method, fields).status, expected, "{method}\n{fields}");
        }
        // RNG-010: Range comes after all of them
        let part = known.ask("GET", &format!("Range: bytes=0-0\r\n{forth}"));
        assert_eq!(part.status, if expected == 200 { 206 } else { expected }, "{forth}");
        let beyond = known.ask("GET", &format!("{forth}Range: bytes=99999999-\r\n"));
        assert_eq!(beyond.status, if expected == 200 { 416 } else { expected }, "{forth}");
    }
}

/// CND-004, CND-006
#[test]
fn if_match_compares_strongly_and_if_none_match_weakly() {
    let mut known = known();
    let tag = known.tag.clone();
    for (value, matches_strongly, matches_weakly) in [
        (tag.clone(), true, true),
        ("*".to_owned(), true, true),
        (format!("W/{tag}"), false, true),
        ("\"other\"".to_owned(), false, false),
        (format!("\"other\", {tag}"), true, true),
        (format!("W/\"other\" ,\t{tag},"), true, true),
        (format!("\"a,b\", \"c\", W/{tag}"), false, true),
        (format!("\"other\"\r\nX: {tag}"), false, false),
        ("\"\"".to_owned(), false, false),
    ] {
        let status = known.ask("GET", &format!("If-Match: {value}\r\n")).status;
        assert_eq!(status, if matches_strongly { 200 } else { 412 }, "If-Match: {value}");
        let status = known.ask("GET", &format!("If-None-Match: {value}\r\n")).status;
        assert_eq!(status, if matches_weakly { 304 } else { 200 }, "If-None-Match: {value}");
    }
    // several lines are one list
    let status = known.ask("GET", &format!("If-None-Match: \"other\"\r\nIf-None-Match: {tag}\r\n")).status;
    assert_eq!(status, 304);
    let status = known.ask("GET", &format!("If-Match: \"other\"\r\nIf-Match: {tag}\r\n")).status;
    assert_eq!(status, 200);
}

/// CND-008, CND-009
#[test]
fn dates_count_in_each_form_and_garbage_does_not_count() {
    let mut known = known();
    let date = known.date;
    for write in [dates::imf, dates::rfc850, dates::asctime] {
        for (at, modified) in [(date - 1, true), (date, false), (date + 1, false)] {
            let since = known.ask("GET", &format!("If-Modified-Since: {}\r\n", write(at))).status;
            assert_eq!(since, if modified { 200 } else { 304 }, "If-Modified-Since: {}", write(at));
            let since = known.ask("GET", &format!("If-Unmodified-Since: {}\r\n", write(at))).status;
            assert_eq!(since, if modified { 412 } else { 200 }, "If-Unmodified-Since: {}", write(at));
        }
    }
    let garbage = [
        "yesterday",
        "",
        "0",
        "Sun, 06 Nov 1994 08:49:37",
        "Sun, 31 Feb 1994 08:49:37 GMT",
        "1994-11-06T08:49:37Z",
        "Sun, 06 Nov 1994 24:61:00 GMT",
    ];
    for garbage in garbage {
        assert_eq!(known.ask("GET", &format!("If-Modified-Since: {garbage}\r\n")).status, 200, "{garbage}");
        assert_eq!(known.ask("GET", &format!("If-Unmodified-Since: {garbage}\r\n")).status, 200, "{garbage}");
    }
    let now = dates::imf(date + 1_000_000_000);
    assert_eq!(
        known.ask("GET", &format!("If-Modified-Since: {now}\r\n")).status,
        304,
        "the future is later than any change"
    );
}

/// CND-011, CND-012, SEM-014
#[test]
fn a_304_has_the_fields_that_a_cache_needs_and_no_others() {
    let server = Start::of(crate::folder::site()).args(&["--cache-control", "max-age=60"]).start();
    for target in [FILE, "/files/"] {
        let whole = server.get(target);
        let fields = format!("If-None-Match: {}\r\n", whole.is(200).field("ETag"));
        for method in ["GET", "HEAD"] {
            let short = server.ask(method, target, &fields);
            short.is(304);
            for name in ["ETag", "Vary", "Cache-Control", "Expires", "Content-Location"] {
                assert_eq!(short.maybe(name), whole.maybe(name), "{name} of {target}");
            }
            assert!(!short.has("Last-Modified"), "there is a tag");
            assert!(short.maybe("Content-Length").is_none_or(|length| length == whole.field("Content-Length")));
        }
    }
}

#[test]
fn a_412_tells_both_tags() {
    let mut known = known();
    let tag = known.tag.clone();
    let response = known.ask("GET", "Accept: application/json\r\nIf-Match: \"old\", \"older\"\r\n");
    let problem = response.is(412).json();
    assert_eq!(
        (problem["if_match"].as_str(), problem["tag"].as_str()),
        (Some("\"old\", \"older\""), Some(tag.as_str()))
    );
    assert_eq!(response.field("ETag"), tag);
    let text = known.ask("GET", "If-Match: \"old\"\r\n");
    text.is(412).says("\"old\"").says(&tag);
}

/// CND-001
#[test]
fn conditions_do_not_count_where_the_answer_is_another_anyway() {
    let folder = Folder::with(&[("dir/a.txt", "a")]);
    std::fs::write(folder.beside("secret"), "s").expect("writes");
    folder.link("out", "../secret");
    let server = Server::of(&folder);
    let conditions = [
        "If-Match: \"x\"",
        "If-Match: *",
        "If-None-Match: *",
        "If-None-Match: \"x\"",
        "If-Unmodified-Since: Sun, 06 Nov 1994 08:49:37 GMT",
        "If-Modified-Since: Fri, 01 Jan 2100 00:00:00 GMT",
    ];
    for condition in conditions {
        for (target, status) in [("/none", 404), ("/dir", 301), ("/out", 403)] {
            let response = server.get_with(target, &format!("{condition}\r\n"));
            assert_eq!(response.status, status, "{target} {condition}");
        }
        let response = server.ask("PUT", "/dir/a.txt", &format!("{condition}\r\n"));
        assert_eq!(response.status, 405, "{condition}");
    }
}

/// CND-013
#[test]
fn if_range_asks_for_exactly_what_stands_there() {
    let mut known = known();
    let file = of_site(FILE.trim_start_matches('/'));
    let (tag, date) = (known.tag.clone(), known.date);
    for (value, holds) in [
        (tag.clone(), true),
        (format!("W/{tag}"), false),
        ("\"other\"".to_owned(), false),
        ("*".to_owned(), false),
        (format!("{tag}, \"other\""), false),
        (dates::imf(date), true),
        (dates::rfc850(date), true),
        (dates::imf(date - 1), false),
        (dates::imf(date + 1), false),
        ("yesterday".to_owned(), false),
    ] {
        let response = known.ask("GET", &format!("Range: bytes=5-9\r\nIf-Range: {value}\r\n"));
        assert_eq!(response.status, if holds { 206 } else { 200 }, "If-Range: {value}");
        assert_eq!(response.content, if holds { &file[5..10] } else { &file[..] }, "If-Range: {value}");
        // where it does not hold, Range does not count, not even one that cannot be met
        let beyond = known.ask("GET", &format!("Range: bytes=99999999-\r\nIf-Range: {value}\r\n"));
        assert_eq!(beyond.status, if holds { 416 } else { 200 }, "If-Range: {value}");
        // without Range it means nothing
        assert_eq!(known.ask("GET", &format!("If-Range: {value}\r\n")).status, 200, "If-Range: {value}");
    }
}

/// A young file has a weak tag: its parts are not mixed with those of another state (MTH-027, RFC 9110 §13.1.5).
#[test]
fn a_file_that_was_just_written_has_a_weak_tag_that_if_range_does_not_trust() {
    let folder = Folder::with(&[("young.txt", "0123456789")]);
    let server = Server::of(&folder);
    let response = server.get("/young.txt");
    let tag = response.field("ETag").to_owned();
    assert!(tag.starts_with("W/"), "{tag}");
    for value in [tag.as_str(), tag.trim_start_matches("W/")] {
        server.get_with("/young.txt", &format!("Range: bytes=0-1\r\nIf-Range: {value}\r\n")).is(200);
    }
    server.get_with("/young.txt", &format!("If-Match: {tag}\r\n")).is(412);
    server.get_with("/young.txt", &format!("If-None-Match: {tag}\r\n")).is(304);
}
