//! Ranges: one, several, none that fits, and what is no range.

use crate::client::Response;
use crate::folder::{Folder, noise};
use crate::server::Server;

const DIGITS: &str = "0123456789";

fn folder() -> Folder {
    Folder::with(&[("digits.txt", DIGITS), ("empty.txt", "")])
}

fn range(server: &Server, range: &str) -> Response {
    server.get_with("/digits.txt", &format!("Range: {range}\r\n"))
}

/// A part: what its Content-Range says, and its octets.
#[derive(Debug, PartialEq, Eq)]
struct Part {
    content_range: String,
    octets: Vec<u8>,
}

/// Takes multipart/byteranges apart, to the letter (RFC 2046 §5.1.1, RFC 9110 §14.6).
fn parts(response: &Response, media_type: &str) -> Vec<Part> {
    let boundary = response.field("Content-Type").strip_prefix("multipart/byteranges; boundary=").expect("a boundary");
    assert!((1..=70).contains(&boundary.len()) && boundary.bytes().all(|b| b.is_ascii_alphanumeric()), "{boundary}");
    let find = |text: &[u8], part: &[u8]| text.windows(part.len()).position(|w| w == part);
    let delimiter = format!("\r\n--{boundary}");
    let content = [b"\r\n", &response.content[..]].concat();
    let mut rest = &content[find(&content, delimiter.as_bytes()).expect("a first delimiter")..];
    let mut parts = Vec::new();
    loop {
        rest = rest.strip_prefix(delimiter.as_bytes()).expect("a delimiter");
        if let Some(epilogue) = rest.strip_prefix(b"--") {
            assert_eq!(epilogue, b"\r\n", "nothing comes after the end");
            return parts;
        }
        rest = rest.strip_prefix(b"\r\n").expect("a line end");
        let end = find(rest, b"\r\n\r\n").expect("the end of a head");
        let head = std::str::from_utf8(&rest[..end]).expect("text");
        let lines: Vec<&str> = head.split("\r\n").collect();
        let content_range = lines.iter().find_map(|l| l.strip_prefix("Content-Range: ")).expect("RNG-006").to_owned();
        assert!(lines.contains(&format!("Content-Type: {media_type}").as_str()), "{head}");
        rest = &rest[end + 4..];
        let end = find(rest, delimiter.as_bytes()).expect("a next delimiter");
        parts.push(Part { content_range, octets: rest[..end].to_vec() });
        rest = &rest[end..];
    }
}

/// RNG-003, RNG-005, RNG-007, RNG-011
#[test]
fn one_range_is_sent_as_one_part() {
    let folder = folder();
    let server = Server::of(&folder);
    for (asked, first, last) in [
        ("bytes=0-0", 0, 0),
        ("bytes=0-9", 0, 9),
        ("bytes=3-6", 3, 6),
        ("bytes=5-", 5, 9),
        ("bytes=9-", 9, 9),
        ("bytes=-3", 7, 9),
        ("bytes=-1", 9, 9),
        ("bytes=-100", 0, 9),
        ("bytes=0-100", 0, 9),
        ("bytes=2-99999999999999999999", 2, 9),
        ("bytes=-99999999999999999999", 0, 9),
        ("bytes=0-18446744073709551615", 0, 9),
        ("bytes=00-01", 0, 1),
        ("bytes=0-1,", 0, 1),
        ("bytes=,0-1", 0, 1),
        ("Bytes=0-1", 0, 1),
        ("bytes=0-1,20-30", 0, 1),
        ("bytes=20-30, -2", 8, 9),
    ] {
        let response = range(&server, asked);
        assert_eq!(response.status, 206, "{asked}");
        assert_eq!(response.field("Content-Range"), format!("bytes {first}-{last}/10"), "{asked}");
        assert_eq!(response.text(), &DIGITS[first..=last], "{asked}");
        assert_eq!(response.field("Content-Type"), "text/plain; charset=utf-8");
    }
}

/// RNG-003, RNG-004
#[test]
fn a_range_beyond_the_end_is_416_and_tells_the_length() {
    let folder = folder();
    let server = Server::of(&folder);
    for asked in [
        "bytes=10-",
        "bytes=10-20",
        "bytes=99999999999999999999-",
        "bytes=18446744073709551615-18446744073709551615",
        "bytes=-0",
        "bytes=10-,20-30",
        "bytes=-0,11-",
    ] {
        let response = server.get_with("/digits.txt", &format!("Accept: application/json\r\nRange: {asked}\r\n"));
        assert_eq!(response.status, 416, "{asked}");
        assert_eq!(response.field("Content-Range"), "bytes */10");
        let problem = response.json();
        assert_eq!((problem["range"].as_str(), problem["length"].as_u64()), (Some(asked), Some(10)));
    }
    let response = server.get_with("/empty.txt", "Range: bytes=0-\r\n");
    assert_eq!(response.is(416).field("Content-Range"), "bytes */0");
    // RFC 9110 §14.1.2: the last octets of nothing are all of it
    assert_eq!(server.get_with("/empty.txt", "Range: bytes=-5\r\n").is(200).content, b"");
}

/// RNG-002, RNG-009: what is no range of octets is as if it were not there.
#[test]
fn what_is_no_range_is_ignored() {
    let folder = folder();
    let server = Server::of(&folder);
    for asked in [
        "lines=1-2",
        "bytes",
        "bytes=",
        "bytes=a-b",
        "bytes=5-2",
        "bytes=-",
        "bytes=--1",
        "bytes=1",
        "bytes=1-2-3",
        "bytes 0-1",
        "=0-1",
        "bytes=0x0-1",
        "bytes=0-1;2-3",
        "bytes=+0-1",
        "bytes=0-1, 5-2",
        "bytes=0-1, lines",
        "0-1",
        "",
        "bytes=0-1=",
        "none=",
    ] {
        let response = range(&server, asked);
        assert_eq!((response.status, response.text()), (200, DIGITS), "Range: {asked}");
    }
}

/// RNG-001, RNG-012
#[test]
fn ranges_are_for_get_alone() {
    let folder = folder();
    let server = Server::of(&folder);
    let head = server.ask("HEAD", "/digits.txt", "Range: bytes=0-1\r\n");
    assert_eq!(head.is(200).field("Content-Length"), "10");
    server.ask("HEAD", "/digits.txt", "Range: bytes=99-\r\n").is(200);
    server.ask("POST", "/digits.txt", "Range: bytes=99-\r\n").is(405);
    let get = server.get_with("/digits.txt", "Content-Range: bytes 0-1/10\r\n");
    assert_eq!(get.is(200).text(), DIGITS);
}

/// RNG-006
#[test]
fn several_ranges_are_sent_as_a_multipart() {
    let folder = folder();
    let server = Server::of(&folder);
    for (asked, ranges) in [
        ("bytes=0-0,-1", &[(0, 0), (9, 9)][..]),
        ("bytes=0-1, 4-5 ,8-", &[(0, 1), (4, 5), (8, 9)]),
        ("bytes=0-1,,20-30,5-6", &[(0, 1), (5, 6)]),
        ("bytes=7-8,0-1", &[(7, 8), (0, 1)]),
    ] {
        let response = range(&server, asked);
        assert_eq!(response.status, 206, "{asked}");
        let parts = parts(&response, "text/plain; charset=utf-8");
        let part = |&(first, last): &(usize, usize)| Part {
            content_range: format!("bytes {first}-{last}/10"),
            octets: DIGITS.as_bytes()[first..=last].to_vec(),
        };
        assert_eq!(parts, ranges.iter().map(part).collect::<Vec<_>>(), "{asked}");
    }
}

/// RFC 9110 §14.2: ranges that overlap or touch may be sent as one; whatever is done, each octet asked for is there.
#[test]
fn ranges_that_overlap_are_not_sent_twice() {
    let folder = folder();
    let server = Server::of(&folder);
    for asked in ["bytes=0-5,3-8", "bytes=3-8,0-5", "bytes=0-4,5-8", "bytes=0-8,2-3"] {
        let response = range(&server, asked);
        assert_eq!(response.status, 206, "{asked}");
        assert_eq!((response.field("Content-Range"), response.text()), ("bytes 0-8/10", "012345678"), "{asked}");
    }
}

/// RNG-009, RFC 9110 §17.15
#[test]
fn a_flood_of_ranges_is_not_served() {
    let folder = folder();
    folder.write("large.bin", noise(1 << 20));
    let server = Server::of(&folder);
    for flood in
        ["0-0,".repeat(500), (0..500).map(|k| format!("{}-{},", k * 1_000, k * 1_000 + 1)).collect(), "0-,".repeat(500)]
    {
        let response = server.get_with("/large.bin", &format!("Range: bytes={flood}5-5\r\n"));
        assert!([200, 416].contains(&response.status), "{}", response.status);
        if response.status == 416 {
            assert_eq!(response.field("Content-Range"), "bytes */1048576");
        }
    }
}

/// RNG-008
#[test]
fn a_206_has_the_fields_of_the_200() {
    let folder = folder();
    let server = Server::with(&folder, &["--cache-control", "max-age=60"]);
    let whole = server.get("/digits.txt");
    for asked in ["bytes=0-1", "bytes=0-1,5-6"] {
        let part = range(&server, asked);
        part.is(206);
        for name in ["ETag", "Cache-Control", "Expires", "Content-Location", "Vary", "Last-Modified"] {
            assert_eq!(part.maybe(name), whole.maybe(name), "{name}");
        }
        assert_eq!(part.field("Cache-Control"), "max-age=60");
    }
}

#[test]
fn parts_of_a_large_file_are_sent_in_the_right_place() {
    let folder = Folder::new();
    let file = noise(3_000_000);
    folder.write("large.bin", &file);
    let server = Server::of(&folder);
    let mut client = server.connect();
    for (first, last) in [(0, 0), (65_535, 65_536), (1_000_000, 2_499_999), (2_999_999, 2_999_999), (0, 2_999_999)] {
        let response =
            client.exchange(format!("GET /large.bin HTTP/1.1\r\nHost: h\r\nRange: bytes={first}-{last}\r\n\r\n"));
        assert_eq!(response.status, 206);
        assert!(response.content == file[first..=last], "{first}-{last}");
    }
    let response =
        client.exchange("GET /large.bin HTTP/1.1\r\nHost: h\r\nRange: bytes=10-70009,1000000-1999999,-5\r\n\r\n");
    let parts = parts(&response, "application/octet-stream");
    let ranges = [(10, 70_009), (1_000_000, 1_999_999), (2_999_995, 2_999_999)];
    assert_eq!(parts.len(), 3);
    for (part, (first, last)) in parts.iter().zip(ranges) {
        assert_eq!(part.content_range, format!("bytes {first}-{last}/3000000"));
        assert!(part.octets == file[first..=last], "{first}-{last}");
    }
    client.get("/none").is(404);
}
