//! Tests of the table of statuses: that it is complete, sound in itself, and true to the standards where they are
//! exact.

use super::*;
use Class::*;

const ALL_64: [(u16, &str); COUNT] = [
    (100, "Continue"),
    (101, "Switching Protocols"),
    (102, "Processing"),
    (103, "Early Hints"),
    (104, "Upload Resumption Supported"),
    (200, "OK"),
    (201, "Created"),
    (202, "Accepted"),
    (203, "Non-Authoritative Information"),
    (204, "No Content"),
    (205, "Reset Content"),
    (206, "Partial Content"),
    (207, "Multi-Status"),
    (208, "Already Reported"),
    (226, "IM Used"),
    (300, "Multiple Choices"),
    (301, "Moved Permanently"),
    (302, "Found"),
    (303, "See Other"),
    (304, "Not Modified"),
    (305, "Use Proxy"),
    (306, "(Unused)"),
    (307, "Temporary Redirect"),
    (308, "Permanent Redirect"),
    (400, "Bad Request"),
    (401, "Unauthorized"),
    (402, "Payment Required"),
    (403, "Forbidden"),
    (404, "Not Found"),
    (405, "Method Not Allowed"),
    (406, "Not Acceptable"),
    (407, "Proxy Authentication Required"),
    (408, "Request Timeout"),
    (409, "Conflict"),
    (410, "Gone"),
    (411, "Length Required"),
    (412, "Precondition Failed"),
    (413, "Content Too Large"),
    (414, "URI Too Long"),
    (415, "Unsupported Media Type"),
    (416, "Range Not Satisfiable"),
    (417, "Expectation Failed"),
    (418, "(Unused)"),
    (421, "Misdirected Request"),
    (422, "Unprocessable Content"),
    (423, "Locked"),
    (424, "Failed Dependency"),
    (425, "Too Early"),
    (426, "Upgrade Required"),
    (428, "Precondition Required"),
    (429, "Too Many Requests"),
    (431, "Request Header Fields Too Large"),
    (451, "Unavailable For Legal Reasons"),
    (500, "Internal Server Error"),
    (501, "Not Implemented"),
    (502, "Bad Gateway"),
    (503, "Service Unavailable"),
    (504, "Gateway Timeout"),
    (505, "HTTP Version Not Supported"),
    (506, "Variant Also Negotiates"),
    (507, "Insufficient Storage"),
    (508, "Loop Detected"),
    (510, "Not Extended"),
    (511, "Network Authentication Required"),
];

fn codes(keep: impl Fn(&StatusRow) -> bool) -> impl Iterator<Item = u16> {
    Status::all().filter(move |status| keep(status.row())).map(Status::code)
}

fn assert_codes(keep: impl Fn(&StatusRow) -> bool, expected: &[u16]) {
    assert!(codes(&keep).eq(expected.iter().copied()), "not exactly {expected:?}");
}

#[test]
fn exactly_the_64_codes_under_their_registered_names() {
    assert_eq!(Status::all().len(), COUNT);
    for (status, (code, name)) in Status::all().zip(ALL_64) {
        assert_eq!((status.code(), status.row().name), (code, name));
        assert_eq!(status.row().status, status);
        assert!(status.registered());
    }
}

#[test]
fn constants_work_where_constants_must() {
    const HERE: Status = Status::NOT_FOUND;
    const NAME: &str = HERE.row().name;
    const CLASS: Class = HERE.class();
    assert_eq!(NAME, "Not Found");
    assert_eq!(CLASS, ClientError);
    assert!(matches!(Status::new(404), Some(Status::NOT_FOUND)));
    assert!(Status::OK < Status::NOT_FOUND);
}

#[test]
fn codes_outside_100_to_599_are_no_statuses() {
    for code in [0, 42, 99, 600, 999, 1000, u16::MAX] {
        assert!(Status::new(code).is_none(), "{code}");
    }
    for code in 100..=599 {
        let status = Status::new(code).expect("it is within the bounds");
        assert_eq!(status.code(), code);
        assert_eq!(Status::from_digits(status.digits()), Some(status));
        assert_eq!(u16::from(status.class().digit()), code / 100);
    }
    for digits in [*b"099", *b"600", *b"2x0", *b" 20", *b"+20"] {
        assert_eq!(Status::from_digits(digits), None);
    }
}

#[test]
fn an_unregistered_code_is_treated_as_x00_of_its_class() {
    for (code, as_if) in [(199, 100), (299, 200), (399, 300), (471, 400), (599, 500)] {
        let status = Status::new(code).expect("it is within the bounds");
        assert!(!status.registered());
        assert_eq!(status.row().status.code(), as_if);
        assert_eq!(status.reason(), "");
    }
}

#[test]
fn reasons_are_phrases_even_where_the_registry_has_none() {
    assert_eq!(Status::IM_A_TEAPOT.reason(), "I'm a teapot");
    assert_eq!(Status::SWITCH_PROXY.reason(), "Switch Proxy");
    assert_eq!(Status::CONTENT_TOO_LARGE.reason(), "Content Too Large");
    for status in Status::all() {
        assert!(!status.reason().contains('('), "{status}");
        assert!(status.reason().is_ascii(), "{status}");
    }
}

#[test]
fn content_is_forbidden_in_exactly_these() {
    assert_codes(|row| row.content == Content::Forbidden, &[100, 101, 102, 103, 104, 204, 205, 304]);
}

#[test]
fn caches_may_guess_in_exactly_these() {
    // The twelve of RFC 9110 §15.1, and 451 by RFC 7725 §3.
    assert_codes(
        |row| row.stored == Stored::Heuristically,
        &[200, 203, 204, 206, 300, 301, 308, 404, 405, 410, 414, 451, 501],
    );
    assert_codes(|row| row.stored == Stored::Refreshes, &[304]);
    assert_codes(|row| row.stored == Stored::Never, &[100, 101, 102, 103, 104, 428, 429, 431, 511]);
}

#[test]
fn every_status_carries_the_fields_that_the_standards_demand() {
    use Level::{Must, MustNot, Should};
    let demanded = [
        (101, "Upgrade", Must),
        (101, "Connection", Must),
        (104, "Location", Must),
        (201, "Location", Should),
        (203, "Via", Must),
        (204, "Content-Length", MustNot),
        (204, "Transfer-Encoding", MustNot),
        (205, "Content-Length", Should),
        (206, "Content-Range", Must),
        (206, "Content-Type", Must),
        (206, "ETag", Must),
        (206, "Vary", Must),
        (226, "IM", Must),
        (226, "ETag", Must),
        (226, "Delta-Base", Must),
        (300, "Location", Should),
        (301, "Location", Should),
        (302, "Location", Should),
        (303, "Location", Must),
        (304, "ETag", Must),
        (304, "Vary", Must),
        (305, "Location", Must),
        (307, "Location", Should),
        (308, "Location", Should),
        (401, "WWW-Authenticate", Must),
        (405, "Allow", Must),
        (407, "Proxy-Authenticate", Must),
        (408, "Connection", Should),
        (413, "Retry-After", Should),
        (415, "Accept-Encoding", Should),
        (415, "Accept-Patch", Should),
        (416, "Content-Range", Should),
        (426, "Upgrade", Must),
        (426, "Connection", Must),
        (429, "Retry-After", Should),
        (451, "Link", Should),
        (503, "Retry-After", Should),
        (511, "WWW-Authenticate", MustNot),
    ];
    for (code, field, level) in demanded {
        let row = Status::new(code).expect("it is within the bounds").row();
        let carry = row.carries.iter().find(|carry| carry.field == field);
        assert_eq!(carry.map(|carry| carry.level), Some(level), "{code} {field}");
    }
    for row in Status::all().map(Status::row).filter(|row| row.status.is_interim()) {
        for field in ["Content-Length", "Transfer-Encoding"] {
            assert!(row.carries.iter().any(|carry| carry.field == field && carry.level == MustNot), "{row:?}");
        }
    }
}

#[test]
fn a_field_stands_once_in_a_row_and_is_a_token() {
    for row in Status::all().map(Status::row) {
        for (at, carry) in row.carries.iter().enumerate() {
            let token = carry.field.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
            assert!(token && carry.field.as_bytes()[0].is_ascii_uppercase(), "{} {}", row.status, carry.field);
            assert!(row.carries[..at].iter().all(|other| other.field != carry.field), "{} {}", row.status, carry.field);
        }
    }
}

#[test]
fn permanence_is_told_of_every_error_and_agrees_with_retry_after() {
    for row in Status::all().map(Status::row) {
        assert!(!row.status.is_error() || row.permanence != Permanence::NotApplicable, "{}", row.status);
        let retry = row.carries.iter().any(|carry| carry.field == "Retry-After");
        assert!(!(retry && row.permanence == Permanence::Permanent), "{}", row.status);
        let word = match row.permanence {
            Permanence::Temporary => "Temporary",
            Permanence::Permanent => "Permanent",
            Permanence::Depends => "Depends",
            Permanence::NotApplicable => "",
        };
        assert!(row.permanence_note.starts_with(word), "{}", row.status);
    }
    assert_codes(|row| row.status.class() == Redirection && row.permanence == Permanence::Permanent, &[301, 308]);
    assert_codes(
        |row| row.permanence == Permanence::Temporary,
        &[302, 307, 401, 402, 407, 408, 423, 425, 429, 502, 503, 504, 507, 511],
    );
}

#[test]
fn standing_is_that_of_the_registry() {
    assert_codes(|row| row.standing == Standing::Experimental, &[103, 208, 506, 508]);
    assert_codes(|row| row.standing == Standing::Draft, &[104]);
    assert_codes(|row| row.standing == Standing::Historic, &[102, 510]);
    assert_codes(|row| row.standing == Standing::Deprecated, &[305]);
    assert_codes(|row| row.standing == Standing::Reserved, &[306, 418]);
}

#[test]
fn only_the_five_redirects_in_use_are_followed() {
    assert_codes(
        |row| matches!(row.react, React::Follow | React::FollowAsGet | React::FollowSame),
        &[301, 302, 303, 307, 308],
    );
    assert_eq!(Status::USE_PROXY.row().react, React::Show);
}

#[test]
fn every_text_is_there_and_short() {
    const LONGEST: usize = 240;
    for row in Status::all().map(Status::row) {
        let code = row.status;
        let one = |text: &str| {
            assert!(!text.is_empty() && text.trim() == text && !text.contains("  "), "{code}: {text:?}");
            assert!(text.chars().count() <= LONGEST, "{code}: {text:?}");
            assert!(!text.contains('\n'), "{code}: {text:?}");
        };
        let sentence = |text: &str| {
            one(text);
            assert!(text.ends_with('.'), "{code}: {text:?}");
        };
        [row.name, row.spec, row.gist].into_iter().for_each(one);
        assert!(row.gist.len() <= 29 && !row.gist.ends_with('.'), "{code}: {:?}", row.gist);
        row.former.iter().copied().for_each(one);
        row.carries.iter().for_each(|carry| one(carry.note));
        [row.meaning, row.permanence_note, row.client, row.server, row.proxy].into_iter().for_each(sentence);
        row.causes.iter().chain(row.pitfalls).copied().for_each(sentence);
        sentence(row.react.sentence());
        sentence(row.stored.sentence());
        assert!((1..=6).contains(&row.causes.len()), "{code}: causes");
        assert!((1..=3).contains(&row.pitfalls.len()), "{code}: pitfalls");
    }
    for class in Class::ALL {
        assert!(class.meaning().ends_with('.'));
    }
}
