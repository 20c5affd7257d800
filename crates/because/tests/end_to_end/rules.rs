//! What every answer keeps to, whatever the test is about. Each is a rule of an RFC, or of the mission.

use crate::client::Response;
use crate::dates;
use crate::folder::MARK;
use crate::xml;

/// How the content of an answer is delimited.
pub(crate) enum Content {
    None,
    Length(usize),
    ToTheEnd,
}

/// RFC 9112 §6.3, read as strictly as it can be.
pub(crate) fn content(response: &Response, method: &str, old: bool) -> Content {
    let status = response.status;
    let length = response.maybe("Content-Length").map(|v| v.parse::<usize>().expect("a length is a number"));
    if method == "HEAD" || status == 304 {
        return Content::None;
    }
    if status == 204 {
        assert!(length.is_none(), "SEM-013: no Content-Length in 204");
        return Content::None;
    }
    match length {
        Some(length) => Content::Length(length),
        // FRM-016: what HTTP/1.1 gets is delimited
        None => {
            assert!(old, "the content of a {status} to HTTP/1.1 is not delimited: {:#?}", response.fields);
            assert!(response.closes(), "content ended by the close must say so");
            Content::ToTheEnd
        }
    }
}

/// Fields that may stand in an answer only once.
const ONCE: &[&str] = &[
    "Accept-Ranges",
    "Allow",
    "Content-Length",
    "Content-Range",
    "Content-Security-Policy",
    "Content-Type",
    "Date",
    "ETag",
    "Last-Modified",
    "Location",
    "Retry-After",
    "Server",
    "X-Content-Type-Options",
];

/// 1XX-002, MIS-001
pub(crate) fn of_interim(response: &Response) {
    if response.status < 200 {
        for name in ["Content-Length", "Transfer-Encoding", "Content-Type"] {
            assert!(!response.has(name), "no {name} in an interim answer");
        }
    }
}

/// The rules of final answers.
pub(crate) fn of_final(response: &Response, method: &str, old: bool) {
    let Response { status, fields, .. } = response;
    for name in ONCE {
        assert!(response.values(name).count() <= 1, "{name} stands there twice: {fields:#?}");
    }
    // FRM-015, FRM-014, SEM-015: nothing here is made while it is sent but the stream of events
    let streams = !old && response.maybe("Content-Type") == Some("text/event-stream");
    assert_eq!(response.has("Transfer-Encoding"), streams, "Transfer-Encoding: {fields:#?}");
    // SEM-011
    let date = dates::read(response.field("Date")).expect("Date is an IMF-fixdate");
    // MTH-026
    if let Some(modified) = response.maybe("Last-Modified") {
        let modified = dates::read(modified).expect("Last-Modified is an IMF-fixdate");
        assert!(modified <= date, "nothing was modified in the future: {fields:#?}");
    }
    if let Some(tag) = response.maybe("ETag") {
        entity_tag(tag);
    }
    // SEM-018
    let server = response.field("Server");
    assert!(!server.contains([' ', '(']), "Server names one product and no details: {server}");
    connection(response, old);
    required(response, method);
    if *status >= 400 {
        explained(response, method);
    } else {
        // RFC 7240 §4.1: what is not done yet is asked for again
        let pending = *status == 202 || *status == 200 && response.maybe("Cache-Control") == Some("no-store");
        assert!(pending || !response.has("Retry-After"), "there is nothing to retry: {fields:#?}");
    }
    if *status < 400
        && *status != 206
        && response.maybe("Content-Type").is_some_and(|t| t.starts_with("text/html"))
        && generated(response)
    {
        page(response, method);
    }
    let content = String::from_utf8_lossy(&response.content);
    assert!(*status < 300 || !content.contains(MARK), "no path of the file system may show: {content}");
    assert!(!fields.iter().any(|(_, value)| value.contains(MARK)), "no path of the file system may show: {fields:#?}");
}

fn entity_tag(tag: &str) {
    let opaque = tag.strip_prefix("W/").unwrap_or(tag);
    let inside = opaque.strip_prefix('"').and_then(|o| o.strip_suffix('"'));
    assert!(inside.is_some_and(|o| !o.contains(['"', ' '])), "an entity tag: {tag}");
}

/// RFC 9112 §9.3, §9.6: to HTTP/1.0 it is always said what becomes of the connection, to HTTP/1.1 only that it ends.
fn connection(response: &Response, old: bool) {
    let options = response.maybe("Connection").map(|options| {
        let of_fields = ["Upgrade", "C-Ext"].into_iter().filter(|name| response.has(name));
        let own: Vec<&str> = options.split(", ").filter(|o| !["Upgrade", "C-Ext"].contains(o)).collect();
        let named = of_fields.clone().all(|name| options.split(", ").any(|option| option == name));
        assert!(named, "RFC 9110 §7.6.1: what is for the next hop is named: {:#?}", response.fields);
        own.join(", ")
    });
    assert!(options.is_some() || !(response.has("Upgrade") || response.has("C-Ext")), "{:#?}", response.fields);
    match options.as_deref().filter(|own| !own.is_empty()) {
        None => assert!(!old, "an answer to HTTP/1.0 says what becomes of the connection"),
        Some("close") => {}
        Some("keep-alive") => assert!(old, "needless in HTTP/1.1"),
        Some(other) => panic!("Connection: {other}"),
    }
}

/// What a status demands, and what it forbids.
fn required(response: &Response, method: &str) {
    let status = response.status;
    match status {
        200 if method == "TRACE" => assert_eq!(response.field("Content-Type"), "message/http"),
        // RFC 9110 §15.3.2: what was made is named; and there it can be read
        201 => assert!(response.field("Location").starts_with('/'), "{:#?}", response.fields),
        // RFC 9110 §15.3.3, RFC 7240 §4.1: where it is told how it stands
        202 => assert!(response.field("Location").starts_with('/'), "{:#?}", response.fields),
        // RFC 9110 §15.3.6
        205 => assert_eq!(response.field("Content-Length"), "0"),
        206 => {
            let several = response.field("Content-Type").starts_with("multipart/byteranges");
            assert_eq!(response.has("Content-Range"), !several, "RNG-005, RNG-006: {:#?}", response.fields);
        }
        207 => multistatus(response),
        301 | 302 | 303 | 307 | 308 => {
            let location = response.field("Location");
            let here = location.starts_with('/') && !location.starts_with("//");
            // where a configuration of these tests leads to
            let meant = location.starts_with("https://elsewhere.example/");
            assert!(here || meant, "it leads nowhere else: {location}");
        }
        304 => {
            for name in ["Content-Type", "Content-Encoding", "Content-Range", "Accept-Ranges"] {
                assert!(!response.has(name), "CND-012: no {name} in 304");
            }
            assert_ne!(response.maybe("Content-Length"), Some("0"), "SEM-014");
        }
        405 => {
            response.field("Allow");
        }
        416 => assert!(response.field("Content-Range").starts_with("bytes */"), "RNG-004"),
        // CND-016
        428 => assert_eq!(response.field("Cache-Control"), "no-store"),
        503 => {
            let seconds: u32 = response.field("Retry-After").parse().expect("seconds");
            assert!(seconds > 0);
        }
        _ => {}
    }
    if status != 206 && status != 416 {
        assert!(!response.has("Content-Range"), "Content-Range means nothing in {status}");
    }
    // RFC 9110 §15.5.9, and conflict 12 of the rules
    assert!(status != 408 || response.closes(), "408 closes");
}

/// RFC 4918 §13, §14.24: well formed, each member once, all paths in one form (DAV-005), and no interim status (DAV-034).
fn multistatus(response: &Response) {
    assert_eq!(response.field("Content-Type"), "application/xml; charset=utf-8");
    let root = xml::read(response.text());
    assert!(root.is("multistatus"), "{root:#?}");
    let mut paths = root.paths();
    paths.sort_unstable();
    assert!(paths.windows(2).all(|two| two[0] != two[1]), "a member is told twice: {paths:?}");
    for path in paths {
        let plain = |b: u8| b.is_ascii_alphanumeric() || b"-._~/%".contains(&b);
        assert!(path.starts_with('/') && path.bytes().all(plain), "DAV-005: {path}");
    }
    for member in root.all("response") {
        assert!(member.children[0].is("href"), "{member:#?}");
        let parts: Vec<_> = member.all("propstat").collect();
        assert!(parts.is_empty() == member.maybe("status").is_some(), "a status, or properties: {member:#?}");
        for code in parts.iter().map(|part| part.code()).chain(member.maybe("status").map(|_| member.code())) {
            assert!((200..600).contains(&code), "DAV-034: {code}");
        }
        assert!(parts.iter().all(|part| part.maybe("prop").is_some()), "{member:#?}");
    }
}

/// Was it made by the server, and is it not a file?
fn generated(response: &Response) -> bool {
    response.has("Content-Security-Policy")
}

/// SEM-007, MIS-004: an error explains itself and says whether it is temporary or permanent.
fn explained(response: &Response, method: &str) {
    let status = response.status;
    let media_type = response.field("Content-Type");
    assert!(response.field("Content-Length").parse::<u64>().expect("a number") > 0, "an explanation is not empty");
    assert_eq!(response.field("X-Content-Type-Options"), "nosniff");
    assert!(response.values("Vary").any(|v| v.contains("Accept")), "it was chosen by Accept: {:#?}", response.fields);
    if method == "HEAD" {
        return;
    }
    let text = response.text();
    match media_type {
        "application/problem+json" => {
            let problem = response.json();
            let member =
                |name: &str| problem[name].as_str().unwrap_or_else(|| panic!("{name} is missing: {text}")).to_owned();
            assert_eq!(problem["status"], status, "PRF-007");
            for name in ["type", "title", "detail", "cause", "remedy", "section"] {
                assert!(!member(name).is_empty(), "{name} says nothing");
            }
            let permanence = member("permanence");
            assert!(["temporary", "permanent", "unknown"].contains(&permanence.as_str()), "{permanence}");
            assert!(!(permanence == "permanent" && response.has("Retry-After")), "MIS-004");
            if let Some(seconds) = response.maybe("Retry-After") {
                assert_eq!(problem["retry_after"].to_string(), seconds);
            }
        }
        "text/html; charset=utf-8" => {
            page(response, method);
            assert!(text.contains("Temporary or permanent?"), "{text}");
        }
        "text/plain; charset=utf-8" => {
            assert!(text.starts_with(&format!("{status} {}\nbecause ", response.reason)), "{text}");
            assert!(["\nTemporary: ", "\nPermanent: ", "\nTemporary or permanent? "].iter().any(|w| text.contains(w)));
            assert!(text.contains("\nWhat you can do: ") && text.contains("\nCause: "), "{text}");
        }
        "application/xml; charset=utf-8" => {
            for name in ["status", "title", "why", "permanence", "lasts", "remedy", "cause", "section"] {
                assert!(text.contains(&format!("<B:{name}>")), "{name} is not told: {text}");
            }
            assert!(xml::read(text).is("error"), "RFC 4918 §16: {text}");
        }
        other => panic!("an explanation of type {other}"),
    }
    assert!(text.contains(&status.to_string()), "it names its code: {text}");
}

/// A page of ours loads nothing, and runs nothing but the one script of a page that writes, which its policy knows by digest; but
/// the live page, which loads its own files.
fn page(response: &Response, method: &str) {
    let policy = response.field("Content-Security-Policy");
    assert!(policy.contains("default-src 'none'") && !policy.contains("script-src 'unsafe"), "{policy}");
    if method == "HEAD" {
        return;
    }
    let mut text = response.text().to_ascii_lowercase();
    assert!(text.starts_with("<!doctype html>"));
    if policy.contains("script-src 'self'") {
        text = text.replace("<script src=\"live.js\" defer></script>", "");
    }
    let writes = policy.contains("script-src 'sha256-");
    let sends = writes || policy.contains("form-action 'none'");
    if let Some((before, rest)) = text.split_once("<script>").filter(|_| writes) {
        text = before.to_owned() + rest.split_once("</script>").expect("a script ends").1;
    }
    for tag in text.split('<').skip(1).map(|rest| rest.split('>').next().unwrap_or_default()) {
        let name = tag.split([' ', '/']).next().unwrap_or_default();
        assert!(
            !["script", "iframe", "object", "embed", "img", "base"].contains(&name) && (sends || name != "form"),
            "<{tag}> in a page of ours"
        );
        let event = tag.split(' ').skip(1).any(|attribute| attribute.starts_with("on") && attribute.contains('='));
        assert!(!event && !tag.contains("src=") && !tag.contains("javascript:"), "<{tag}> in a page of ours");
    }
    for forbidden in ["@import", "url(http"] {
        assert!(!text.contains(forbidden), "a page of ours holds {forbidden}: {text}");
    }
}
