//! Each status of a change for its real cause: explained in each form, logged with its cause, and told by `because why`.

use crate::client::{Response, message};
use crate::folder::Folder;
use crate::server::{LogLine, Server, run, until};
use crate::webdav_locks::lock;

const FORMS: &[&str] = &["text/html", "application/problem+json", "text/plain", "application/xml"];

const MERGE: &str = "Content-Type: application/merge-patch+json\r\n";

/// A request, what it is answered, for which cause, and what the answer says.
struct Way(u16, &'static str, &'static str, &'static str, &'static str, &'static str, &'static [&'static str]);

#[rustfmt::skip]
const WAYS: &[Way] = &[
    Way(400, "PUT", "/file", "Content-Range: bytes 0-1/5\r\n", "ab", "partial_put", &["part"]),
    Way(400, "PUT", "/file", "Content-Digest: sha-256=:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=:\r\n", "x", "content_broken", &["digest"]),
    Way(400, "PATCH", "/file", MERGE, "{", "content_malformed", &["merge-patch"]),
    Way(400, "COPY", "/file", "", "", "destination_valid", &["Destination"]),
    Way(400, "UNLOCK", "/file", "", "", "lock_token_present", &["Lock-Token"]),
    Way(400, "LOCK", "/file", "Depth: 1\r\n", "", "webdav_fields_valid", &["Depth"]),
    Way(403, "PROPFIND", "/", "Depth: infinity\r\n", "", "depth_infinity_refused", &["Depth"]),
    Way(403, "MOVE", "/file", "Destination: /file\r\n", "", "destination_is_source", &["/file"]),
    Way(403, "PUT", "/.because/x", "", "x", "lookup_denied", &["/.because/"]),
    Way(403, "DELETE", "/", "", "", "subject_forbidden", &["protected"]),
    Way(403, "PUT", "/file", "Origin: http://evil.example\r\n", "x", "asked_by_other_site", &["another site"]),
    Way(404, "DELETE", "/none", "", "", "target_missing", &["/none"]),
    Way(405, "MKCOL", "/dir/", "", "", "method_allowed_on_mapped", &["/dir", "MKCOL"]),
    Way(405, "PUT", "/dir/", "", "x", "method_allowed_on_mapped", &["/dir"]),
    Way(409, "PUT", "/none/x", "", "x", "parent_exists", &["/none"]),
    Way(409, "COPY", "/file", "Destination: /none/x\r\n", "", "destination_parent_exists", &["/none/x"]),
    Way(409, "UNLOCK", "/file", "Lock-Token: <urn:x>\r\n", "", "lock_token_matches", &["urn:x"]),
    Way(412, "PUT", "/file", "If-Match: \"old\"\r\n", "x", "if_match_holds", &["\"old\""]),
    Way(412, "PUT", "/file", "If-None-Match: *\r\n", "x", "if_none_match_on_read", &["If-None-Match"]),
    Way(412, "PUT", "/file", "If: ([\"old\"])\r\n", "x", "if_header_holds", &["If"]),
    Way(412, "COPY", "/file", "Destination: /dir\r\nOverwrite: F\r\n", "", "overwrite_refused", &["Overwrite"]),
    Way(413, "PUT", "/new", "Content-Encoding: identity\r\nX: y\r\nContent-Type: text/plain\r\n", "LONG", "content_too_large", &["1,024"]),
    Way(415, "PATCH", "/file", "Content-Type: text/plain\r\n", "x", "media_type_supported", &["text/plain", "merge-patch"]),
    Way(415, "PUT", "/file", "Content-Encoding: br\r\n", "x", "content_coding_supported", &["br"]),
    Way(415, "DELETE", "/file", "", "x", "content_ignored", &["DELETE"]),
    Way(422, "PATCH", "/file", "Content-Type: application/json-patch+json\r\n", "[{\"op\":\"remove\",\"path\":\"/none\"}]", "content_unprocessable", &["/file"]),
    Way(423, "PUT", "/locked", "", "x", "locked", &["/locked", "locked"]),
    Way(423, "LOCK", "/locked", "", crate::webdav_locks::EXCLUSIVE, "lock_conflicts", &["/locked"]),
    Way(502, "MOVE", "/file", "Destination: http://elsewhere/x\r\n", "", "destination_on_server", &["elsewhere"]),
    Way(507, "PUT", "/new", "", "ROOM", "storage_quota_left", &["room"]),
];

impl Way {
    fn octets(&self, accept: &str) -> Vec<u8> {
        let Way(_, method, target, fields, content, ..) = self;
        let content = match *content {
            "LONG" => "x".repeat(1_025),
            "ROOM" => "x".repeat(1_000),
            content => content.to_owned(),
        };
        message(method, target, &format!("{fields}Accept: {accept}\r\n"), content)
    }

    fn check(&self, response: &Response, accept: &str) {
        let Way(status, method, target, _, _, cause, says) = self;
        assert_eq!(response.status, *status, "{method} {target}: {}", response.text());
        assert!(response.field("Content-Type").starts_with(accept), "{method} {target} in {accept}");
        match accept {
            "text/html" => drop(response.is(*status).says(cause).text()),
            _ => drop(response.refuses(*status, cause).text()),
        }
        let text = response.text().replace("\\\"", "\"").replace("&#34;", "\"").replace("&quot;", "\"");
        let plain = text.replace("<code>", "").replace("</code>", "").to_lowercase();
        for part in *says {
            assert!(plain.contains(&part.to_lowercase()), "{method} {target} was to say {part:?}: {}", response.text());
        }
    }
}

/// What the log says of each, told again by `because why`.
fn told(line: &LogLine) {
    let output = run(&["why", &line.because]);
    let text = String::from_utf8(output.stdout).expect("text");
    assert!(output.status.success() && text.contains(&line.status.to_string()), "{line:?}: {text}");
    let json = run(&["why", &line.because, "--format", "json"]);
    assert!(String::from_utf8_lossy(&json.stdout).contains(&format!("\"{}\"", line.cause)), "{line:?}");
}

#[test]
fn each_refusal_comes_about_for_its_real_cause_and_is_explained_and_logged() {
    let folder = Folder::with(&[("file", "{}"), ("locked", "l"), ("dir/member", "m")]);
    let server = Server::writable(&folder, &["--max-upload", "1k", "--quota", "600"]);
    lock(&server, "/locked", "");
    let mut expected = vec![(200, "LOCK", "/locked", "result_present")];
    for way in WAYS {
        for accept in FORMS {
            way.check(&server.exchange(way.octets(accept)), accept);
            expected.push((way.0, way.1, way.2, way.5));
        }
    }
    assert_eq!(
        (folder.read("file"), folder.names("")),
        (b"{}".to_vec(), vec!["dir".into(), "file".into(), "locked".into()])
    );
    let lines = until("the log is complete", || Some(server.out.all()).filter(|lines| lines.len() >= expected.len()));
    let lines: Vec<LogLine> = lines.iter().map(|line| LogLine::read(line)).collect();
    let got: Vec<_> = lines
        .iter()
        .map(|line| (line.status, line.method.as_str(), line.target.as_str(), line.cause.as_str()))
        .collect();
    assert_eq!(got, expected);
    lines.iter().step_by(FORMS.len()).for_each(told);
}
