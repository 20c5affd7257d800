//! Explanations: in the form that the client likes best, true to the request, and harmless.

use crate::folder::Folder;
use crate::server::Server;

fn folder() -> Folder {
    Folder::with(&[("a.txt", "a"), ("d/b.txt", "b")])
}

#[test]
fn the_form_is_chosen_by_accept() {
    let folder = folder();
    let server = Server::of(&folder);
    for (accept, media_type) in [
        ("", "text/plain; charset=utf-8"),
        ("Accept:\r\n", "text/plain; charset=utf-8"),
        ("Accept: */*\r\n", "text/plain; charset=utf-8"),
        (
            "Accept: text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,*/*;q=0.8\r\n",
            "text/html; charset=utf-8",
        ),
        ("Accept: TEXT/HTML\r\n", "text/html; charset=utf-8"),
        ("Accept: text/*\r\n", "text/plain; charset=utf-8"),
        ("Accept: application/json\r\n", "application/problem+json"),
        ("Accept: application/problem+json\r\n", "application/problem+json"),
        ("Accept: application/vnd.example+json\r\n", "application/problem+json"),
        ("Accept: application/*\r\n", "application/problem+json"),
        ("Accept: text/html;q=0.5, application/json;q=0.6\r\n", "application/problem+json"),
        ("Accept: text/html;q=0, */*;q=0.1\r\n", "text/plain; charset=utf-8"),
        ("Accept: application/json, text/html\r\n", "application/problem+json"),
        ("Accept: image/png\r\nAccept: text/html\r\n", "text/html; charset=utf-8"),
        ("Accept: image/png\r\n", "text/plain; charset=utf-8"),
        ("Accept: ;;,,q=\"\r\n", "text/plain; charset=utf-8"),
    ] {
        let response = server.get_with("/none", accept);
        assert_eq!(response.is(404).field("Content-Type"), media_type, "{accept}");
    }
}

/// RFC 9457
#[test]
fn a_problem_has_the_members_of_the_standard_and_ours() {
    let folder = folder();
    let server = Server::of(&folder);
    let response = server.get_with("/a.txt", "Accept: application/json\r\nRange: bytes=5-\r\n");
    let problem = response.is(416).json();
    assert_eq!(problem["type"], "tag:because,2026:416/range_satisfiable");
    assert_eq!(problem["instance"], "/a.txt");
    assert_eq!(problem["cause"], "range_satisfiable");
    assert_eq!(problem["section"], "RFC 9110 §15.5.17");
    assert_eq!((problem["range"].as_str(), problem["length"].as_u64()), (Some("bytes=5-"), Some(1)));
    // the title is the same each time, the detail is of this request
    let other = server.get_with("/d/b.txt", "Accept: application/json\r\nRange: bytes=7-\r\n").json();
    assert_eq!(problem["title"], other["title"]);
    assert_ne!(problem["detail"], other["detail"]);
    // who accepts what it is answered anyway: RFC 9457 §3.1.3
    let allowed = server.ask("PUT", "/a.txt", "Accept: application/json\r\n").json();
    assert_eq!(
        (allowed["allow"].clone(), allowed["method"].as_str()),
        (serde_json::json!(["GET", "HEAD", "OPTIONS"]), Some("PUT"))
    );
}

/// What comes from a request is quoted, never obeyed.
#[test]
fn nothing_of_a_request_is_markup() {
    let folder = folder();
    let server = Server::of(&folder);
    let evil = "<script>alert('1')</script>\"><img src=x onerror=alert(1)>&amp;\\";
    let target = evil.replace(' ', "/");
    for accept in ["text/html", "application/json", "text/plain"] {
        for (method, target, fields) in [
            ("GET", format!("/{target}"), String::new()),
            ("GET", "/'onload=alert(1)'&amp;\\`{{}}&lt;%3Cscript%3E".into(), String::new()),
            ("PUT", "/'&amp;\\`".into(), String::new()),
            ("GET", "/d?'onload=alert(1)&amp;\\`".into(), String::new()),
            ("GET", "//evil.example/'&%zz".into(), String::new()),
            ("GET", format!("/?{target}"), String::new()),
            ("GET", "/a.txt".into(), format!("Expect: {evil}\r\n")),
            ("GET", "/a.txt".into(), format!("If-Match: \"{}\"\r\n", evil.replace('"', "'"))),
            ("GET", "/a.txt".into(), format!("If-Match: {evil}\r\n")),
            ("GET", "/a.txt".into(), format!("Range: bytes=9-\r\nX: {evil}\r\n")),
            ("GET", "/a.txt".into(), format!("Transfer-Encoding: {evil}\r\n")),
            ("GET", "/a.txt".into(), "Transfer-Encoding: x;a=\"<script>\", chunked\r\n".into()),
            ("GET", "/a.txt".into(), format!("Content-Length: {evil}\r\n")),
            ("GET", "/a.txt".into(), format!("Cookie: {}\r\n", evil.repeat(400))),
            ("GET", "/a.txt".into(), format!("X-\u{e9}{evil}: y\r\n")),
            ("PUT", format!("/{target}"), String::new()),
            ("GET", "/d".into(), String::new()),
            ("GET", format!("/d?{target}"), String::new()),
            ("GET", format!("/%zz{target}"), String::new()),
        ] {
            let response = server.ask(method, &target, &format!("Accept: {accept}\r\n{fields}"));
            let text = response.text();
            match response.field("Content-Type") {
                "application/problem+json" => {
                    response.json();
                }
                "text/html; charset=utf-8" => {
                    assert!(!text.contains("<script") && !text.contains("<img"), "{method} {target} {fields}\n{text}");
                    assert!(!text.contains("onerror=alert(1)>"), "{text}");
                }
                _ => assert_eq!(
                    response.maybe("X-Content-Type-Options").or(response.maybe("ETag")).map(str::is_empty),
                    Some(false)
                ),
            }
        }
    }
}

/// Octets beyond ASCII, control characters and everything that JSON escapes.
#[test]
fn problems_are_valid_json_whatever_was_sent() {
    let folder = folder();
    let server = Server::of(&folder);
    for octet in (0x21..=0xff).filter(|octet| *octet != 0x7f) {
        let mut request = b"GET /a.txt HTTP/1.1\r\nHost: h\r\nAccept: application/json\r\nIf-Match: \"x".to_vec();
        request.extend([octet, octet, b'"', b'\r', b'\n', b'\r', b'\n']);
        let response = server.exchange(&request);
        let problem = response.is(412).json();
        assert!(problem["if_match"].as_str().is_some_and(|value| value.len() > 3), "{octet:#x} {problem}");
    }
}

#[test]
fn long_values_are_shown_in_part() {
    let folder = folder();
    let server = Server::of(&folder);
    for accept in ["text/html", "application/json", "text/plain"] {
        for fields in [
            format!("If-Match: \"{}\"\r\n", "t".repeat(15_000)),
            format!("Expect: {}\r\n", "e".repeat(15_000)),
            format!("X: {}\r\n", "x".repeat(17_000)),
        ] {
            let response = server.get_with("/a.txt", &format!("Accept: {accept}\r\n{fields}"));
            assert!(response.content.len() < 8_000, "{} octets", response.content.len());
        }
    }
}

/// 3xx have a short entity with the link, 2xx and 304 explain nothing.
#[test]
fn a_redirect_carries_its_link() {
    let folder = folder();
    let server = Server::of(&folder);
    server.get_with("/d", "Accept: text/html\r\n").is(301).says("<a href=\"/d/\">");
    server.get_with("/d", "Accept: text/plain\r\n").is(301).says("Address: /d/");
    let old = server.exchange("GET /d HTTP/1.0\r\n\r\n");
    old.is(301).says("/d/");
}

/// SEM-006, RFC 9110 §15: whatever is sent, there is one final answer for a request.
#[test]
fn there_is_one_final_answer_for_each_request() {
    let folder = folder();
    let server = Server::of(&folder);
    let requests = [
        "GET /a.txt HTTP/1.1\r\nHost: h\r\n\r\n",
        "GET /none HTTP/1.1\r\nHost: h\r\n\r\n",
        "PUT /a.txt HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\n\r\nabc",
        "GET /a.txt HTTP/1.1\r\nHost: h\r\nIf-Match: \"x\"\r\n\r\n",
        "DANCE / HTTP/1.1\r\nHost: h\r\n\r\n",
        "GET /d HTTP/1.1\r\nHost: h\r\n\r\n",
        "GET /a.txt HTTP/1.1\r\nHost: h\r\nIf-None-Match: *\r\n\r\n",
    ];
    let responses = server.converse(requests.concat());
    let codes: Vec<u16> = responses.iter().map(|response| response.status).collect();
    assert_eq!(codes, [200, 404, 405, 412, 501, 301, 304]);
}

/// SEM-012
#[test]
fn nothing_happens_before_the_head_is_complete() {
    let folder = folder();
    let server = Server::of(&folder);
    let mut client = server.connect();
    client.send("DELETE /a.txt HTTP/1.1\r\nHost: h\r\n");
    client.is_silent();
    assert!(folder.path("a.txt").exists());
    client.send_more("\r\n");
    client.response().is(405);
    assert!(folder.path("a.txt").exists());
}
