//! PATCH: a document of JSON is changed as another tells, whole or not at all (RFC 5789, RFC 6902, RFC 7396).

use crate::client::Response;
use crate::folder::Folder;
use crate::server::{Server, Start};
use crate::writes::strong;

const MERGE: &str = "Content-Type: application/merge-patch+json\r\n";
const LIST: &str = "Content-Type: application/json-patch+json\r\n";

const DOCUMENT: &str = r#"{"name":"ann","tags":["a","b"],"n":1}"#;

fn patch(server: &Server, fields: &str, content: &str) -> Response {
    server.bring("PATCH", "/doc.json", fields, content)
}

#[test]
fn both_formats_change_a_document() {
    let folder = Folder::with(&[("doc.json", DOCUMENT)]);
    for args in [&["--write"][..], &["--write", "--no-fsync"]] {
        folder.write("doc.json", DOCUMENT);
        let server = Start::of(folder.root()).args(args).start();
        let mut client = server.connect();
        let before = client.get("/doc.json").field("ETag").to_owned();
        let merged = client.bring("PATCH", "/doc.json", MERGE, r#"{"name":"bob","n":null,"new":{"x":[1]}}"#);
        let tag = strong(merged.is(204));
        assert!(tag != before && merged.content.is_empty());
        let read = client.get("/doc.json");
        assert_eq!((&read.json()["name"], &read.json()["new"]["x"][0]), (&"bob".into(), &1.into()));
        assert!(read.json()["n"].is_null() && read.field("ETag") == tag, "read at once");
        let operations = r#"[{"op":"test","path":"/name","value":"bob"},{"op":"add","path":"/tags/-","value":"c"},
            {"op":"remove","path":"/new"},{"op":"move","from":"/name","path":"/who"},
            {"op":"copy","from":"/tags/0","path":"/first"},{"op":"replace","path":"/tags/1","value":"B"}]"#;
        let listed = client.bring("PATCH", "/doc.json", &format!("{LIST}If-Match: {tag}\r\n"), operations);
        assert!(strong(listed.is(204)) != tag);
        let read = client.get("/doc.json").json();
        assert_eq!(read.to_string(), r#"{"tags":["a","B","c"],"who":"bob","first":"a"}"#);
        assert!(folder.is_tidy());
    }
}

/// MTH-031: what is taken is told.
#[test]
fn another_format_is_415() {
    let folder = Folder::with(&[("doc.json", DOCUMENT)]);
    let server = Server::writable(&folder, &[]);
    for fields in ["Content-Type: text/plain\r\n", "Content-Type: application/json\r\n", "", "Content-Type: x\r\n"] {
        let response = patch(&server, fields, "{}");
        response.refuses(415, "media_type_supported");
        let told: Vec<&str> = response.field("Accept-Patch").split(", ").collect();
        assert!(
            told.contains(&"application/merge-patch+json") && told.contains(&"application/json-patch+json"),
            "{told:?}"
        );
    }
    // names of types have no case, and may have parameters
    patch(&server, "Content-Type: APPLICATION/Merge-Patch+JSON; charset=utf-8\r\n", "{}").is(204);
    let coded = patch(&server, &format!("{MERGE}Content-Encoding: gzip\r\n"), "{}");
    coded.refuses(415, "content_coding_supported");
    assert_eq!(folder.read("doc.json"), server.get("/doc.json").content);
}

/// MTH-029, MTH-030, MTH-032: each for its cause, and nothing of it is done.
#[test]
fn a_patch_that_cannot_be_done_changes_nothing() {
    let folder = Folder::with(&[("doc.json", DOCUMENT), ("text.txt", "no JSON"), ("dir/member", "m")]);
    let server = Server::writable(&folder, &[]);
    let before = server.get("/doc.json").field("ETag").to_owned();
    let first = r#"{"op":"replace","path":"/n","value":2}"#;
    for (fields, content, status, cause) in [
        (MERGE, "{".to_owned(), 400, "content_malformed"),
        (MERGE, String::new(), 400, "content_malformed"),
        (LIST, "[{]".to_owned(), 400, "content_malformed"),
        (LIST, "{}".to_owned(), 400, "content_malformed"),
        (LIST, r#"[{"op":"fly","path":"/n"}]"#.to_owned(), 400, "content_malformed"),
        (LIST, r#"[{"op":"add","path":"/n"}]"#.to_owned(), 400, "content_malformed"),
        (LIST, r#"[{"op":"add","path":"n","value":1}]"#.to_owned(), 400, "content_malformed"),
        (LIST, format!(r#"[{first},{{"op":"remove","path":"/none"}}]"#), 422, "content_unprocessable"),
        (LIST, format!(r#"[{first},{{"op":"test","path":"/name","value":"eve"}}]"#), 422, "content_unprocessable"),
        (LIST, format!(r#"[{first},{{"op":"add","path":"/tags/9","value":1}}]"#), 422, "content_unprocessable"),
        (LIST, format!(r#"[{first},{{"op":"move","from":"/tags","path":"/tags/0"}}]"#), 422, "content_unprocessable"),
    ] {
        let response = patch(&server, fields, &content);
        assert_eq!(response.status, status, "{content}: {}", response.text());
        response.refuses(status, cause);
    }
    server.bring("PATCH", "/text.txt", MERGE, "{}").refuses(422, "content_unprocessable");
    for target in ["/dir/", "/dir", "/"] {
        // there is no document
        let status = server.bring("PATCH", target, MERGE, "{}").status;
        assert!(matches!(status, 405 | 409), "{target}: {status}");
    }
    for target in ["/none", "/none/x", "/doc.json/"] {
        server.bring("PATCH", target, MERGE, "{}").refuses(404, "target_missing");
    }
    server.bring("PATCH", "/.because/state.redb", MERGE, "{}").refuses(403, "lookup_denied");
    assert_eq!((folder.read("doc.json"), folder.read("text.txt")), (DOCUMENT.into(), b"no JSON".to_vec()));
    let after = server.get("/doc.json").field("ETag").to_owned();
    assert_eq!(after.trim_start_matches("W/"), before.trim_start_matches("W/"));
    assert!(folder.is_tidy());
}

/// PRF-001, PRF-004; RFC 7240 §4.2
#[test]
fn a_client_may_prefer_the_new_state_or_nothing() {
    let folder = Folder::with(&[("doc.json", DOCUMENT)]);
    let server = Server::writable(&folder, &[]);
    let whole = patch(&server, &format!("{MERGE}Prefer: return=representation\r\n"), r#"{"n":2}"#);
    assert_eq!(whole.is(200).json(), serde_json::json!({ "name": "ann", "tags": ["a", "b"], "n": 2 }));
    assert_eq!(whole.field("Preference-Applied"), "return=representation");
    let read = server.get("/doc.json");
    assert_eq!((read.content.as_slice(), read.field("ETag")), (whole.content.as_slice(), whole.field("ETag")));
    assert!(whole.field("Content-Type").starts_with("application/json"));
    let minimal = patch(&server, &format!("{MERGE}Prefer: respond-maybe, return=minimal\r\n"), r#"{"n":3}"#);
    assert_eq!(minimal.is(204).field("Preference-Applied"), "return=minimal");
    for prefer in ["return=something", "xyz", "return=\"", "handling=lenient; a=b"] {
        let response = patch(&server, &format!("{MERGE}Prefer: {prefer}\r\n"), r#"{"n":4}"#);
        assert!(!response.is(204).has("Preference-Applied"), "{prefer}");
    }
    // a preference is no condition, and no error is kept back
    patch(&server, &format!("{MERGE}Prefer: return=minimal\r\n"), "{").refuses(400, "content_malformed");
    // PUT, too
    let put = server.bring("PUT", "/new", "Prefer: return=minimal\r\n", "x");
    assert_eq!((put.is(201).content.len(), put.field("Location")), (0, "/new"));
    server.bring("PUT", "/new", "Prefer: return=minimal\r\n", "y").is(204);
}

/// What is patched keeps the order of its members, and the digits of its numbers.
#[test]
fn what_is_not_patched_stays_as_it_is() {
    let document = r#"{"z":1,"a":12345678901234567890123,"m":[1.10,-0.0],"ä":"\u20ac"}"#;
    let folder = Folder::with(&[("doc.json", document)]);
    let server = Server::writable(&folder, &[]);
    patch(&server, MERGE, r#"{"new":true}"#).is(204);
    let read = server.get("/doc.json");
    let (first, large) = (read.text().find("\"z\""), read.text().find("12345678901234567890123"));
    assert!(first < read.text().find("\"a\"") && large.is_some() && read.text().contains("1.10"), "{}", read.text());
    assert!(read.text().contains('€') || read.text().contains("\\u20ac"), "{}", read.text());
}
