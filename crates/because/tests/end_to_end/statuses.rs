//! Each status for its real cause: what is sent to bring it about, what comes back in each form, what the log says of it,
//! and what the number in the log tells.

use std::collections::HashMap;

use crate::client::Response;
use crate::folder::Folder;
use crate::server::{LogLine, Server, run, until};

/// One way to a status.
pub(crate) struct Way {
    status: u16,
    reason: &'static str,
    /// What is sent; `{accept}` is where a field line goes. It ends where it ends: nothing is added.
    request: String,
    /// The question that decided it.
    pub(crate) cause: &'static str,
    /// Of errors: whether it lasts.
    permanence: &'static str,
    /// What the explanation holds, in each form.
    says: &'static [&'static str],
    /// Fields that must be there, with these values.
    fields: &'static [(&'static str, &'static str)],
    /// The values of Accept that it is tried with.
    accepts: &'static [&'static str],
    /// Fields whose values are others each time.
    varying: &'static [&'static str],
    /// What stands in the line of the configuration that decides.
    pub(crate) rule: Option<&'static str>,
}

const FORMS: &[&str] = &["text/html", "application/problem+json", "text/plain"];

pub(crate) fn way(status: u16, reason: &'static str, request: impl Into<String>, cause: &'static str) -> Way {
    let mut request = request.into();
    if !request.contains('\n') {
        request = format!("{request} HTTP/1.1\r\nHost: h\r\n{{accept}}\r\n");
    }
    Way {
        status,
        reason,
        request,
        cause,
        permanence: "",
        says: &[],
        fields: &[],
        accepts: FORMS,
        varying: &[],
        rule: None,
    }
}

impl Way {
    pub(crate) fn explained(self, permanence: &'static str, says: &'static [&'static str]) -> Way {
        Way { permanence, says, ..self }
    }

    pub(crate) fn with(self, fields: &'static [(&'static str, &'static str)]) -> Way {
        Way { fields, ..self }
    }

    /// What is wrong is met before any field is read, so no form can be chosen.
    fn in_text(self) -> Way {
        Way { accepts: &["text/plain"], ..self }
    }

    pub(crate) fn accepting(self, accepts: &'static [&'static str]) -> Way {
        Way { accepts, ..self }
    }

    /// Decided by the line of the configuration that holds this.
    pub(crate) fn ruled(self, rule: &'static str) -> Way {
        Way { rule: Some(rule), ..self }
    }

    pub(crate) fn varying(self, varying: &'static [&'static str]) -> Way {
        Way { varying, ..self }
    }

    /// The target that is asked for.
    pub(crate) fn target(&self) -> &str {
        self.request.split(' ').nth(1).expect("there is one")
    }

    /// The fields that must not differ between two answers.
    fn lasting_fields(&self, response: &Response) -> Vec<(String, String)> {
        let mut fields = response.lasting_fields();
        fields.retain(|(name, _)| !self.varying.iter().any(|varying| varying.eq_ignore_ascii_case(name)));
        fields
    }

    fn octets(&self, accept: &str) -> String {
        self.request.replace("{accept}", &format!("Accept: {accept}\r\n"))
    }

    fn check(&self, response: &Response, head: bool) {
        response.is(self.status);
        assert_eq!(response.reason, self.reason);
        for (name, value) in self.fields {
            assert_eq!(&response.field(name), value, "{name} of {}", self.status);
        }
        if self.status < 400 || head {
            return;
        }
        let text = response.text();
        let lasts = match response.field("Content-Type") {
            "application/problem+json" => {
                let problem = response.json();
                // what is hidden is told as missing, and the log alone knows better
                let told = if self.cause == "existence_hidden" { "target_missing" } else { self.cause };
                assert_eq!(problem["cause"], told);
                assert_eq!(problem["title"].as_str().map(str::is_empty), Some(false));
                format!("\"permanence\":\"{}\"", self.permanence)
            }
            "text/html; charset=utf-8" => match self.permanence {
                "temporary" => "<b>Temporary:</b> ".to_owned(),
                "permanent" => "<b>Permanent:</b> ".to_owned(),
                _ => "<dt>Temporary or permanent?</dt>\n<dd>".to_owned(),
            },
            _ => match self.permanence {
                "temporary" => "\nTemporary: ".to_owned(),
                "permanent" => "\nPermanent: ".to_owned(),
                _ => "\nTemporary or permanent? ".to_owned(),
            },
        };
        assert!(text.contains(&lasts), "{lasts:?} was to be told:\n{text}");
        for part in self.says {
            let plain = text.replace("\\\"", "\"").replace("&#34;", "\"").replace("<code>", "").replace("</code>", "");
            assert!(plain.to_lowercase().contains(&part.to_lowercase()), "{part:?} was to be told:\n{text}");
        }
    }
}

fn folder() -> Folder {
    let folder = Folder::with(&[("data.txt", "0123456789"), ("dir/member.txt", "m")]);
    std::fs::write(folder.beside("secret.txt"), "secret").expect("writes");
    folder.link("out.txt", "../secret.txt");
    folder
}

#[rustfmt::skip]
fn ways() -> Vec<Way> {
    let get = |fields: &str| format!("GET /data.txt HTTP/1.1\r\nHost: h\r\n{{accept}}{fields}\r\n\r\n");
    vec![
        way(200, "OK", "GET /data.txt", "representation_available").with(&[("Content-Length", "10"), ("Accept-Ranges", "bytes"), ("Content-Type", "text/plain; charset=utf-8")]),
        way(206, "Partial Content", get("Range: bytes=2-4"), "range_satisfiable").with(&[("Content-Range", "bytes 2-4/10"), ("Content-Length", "3")]),
        way(206, "Partial Content", get("Range: bytes=0-0,-1"), "range_satisfiable"),
        way(301, "Moved Permanently", "GET /dir", "permanent_keeps_method").with(&[("Location", "/dir/")]),
        way(308, "Permanent Redirect", "OPTIONS /dir", "permanent_keeps_method").with(&[("Location", "/dir/")]),
        way(304, "Not Modified", get("If-None-Match: *"), "if_none_match_on_read"),
        way(400, "Bad Request", "GET / HTTP/1.1\r\nHost: a b\r\n{accept}\r\n", "host_valid").explained("permanent", &["Host is no host and port"]),
        way(403, "Forbidden", "GET /out.txt", "lookup_denied").explained("unknown", &["/out.txt", "outside of what this site serves"]),
        way(404, "Not Found", "GET /no/such.txt", "target_missing").explained("unknown", &["nothing stands at /no/such.txt"]),
        way(405, "Method Not Allowed", "DELETE /data.txt", "method_allowed").explained("unknown", &["DELETE", "GET", "HEAD", "OPTIONS"]).with(&[("Allow", "GET, HEAD, OPTIONS")]),
        way(406, "Not Acceptable", "GET /dir/", "unacceptable_refused").explained("permanent", &["2 representations of /dir/"]).accepting(&["image/png", "text/plain", "application/problem+json"]),
        way(411, "Length Required", "GET /data.txt HTTP/1.1\r\nHost: h\r\n{accept}Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n", "length_required").explained("permanent", &["Content-Length"]),
        way(412, "Precondition Failed", get("If-Match: \"old\""), "if_match_holds").explained("unknown", &["\"old\"", "If-Match", "entity tag"]),
        way(412, "Precondition Failed", get("If-Unmodified-Since: Sun, 06 Nov 1994 08:49:37 GMT"), "if_unmodified_since_holds").explained("unknown", &["Sun, 06 Nov 1994 08:49:37 GMT", "/data.txt"]),
        way(413, "Content Too Large", get("Content-Length: 1048577"), "content_too_large").explained("permanent", &["1,048,577", "1,048,576"]),
        way(414, "URI Too Long", format!("GET /{} HTTP/1.1\r\nHost: h\r\n{{accept}}\r\n", "a".repeat(8_192)), "target_too_long").explained("permanent", &["8,193", "8,192"]).in_text(),
        way(416, "Range Not Satisfiable", get("Range: bytes=10-"), "range_satisfiable").explained("unknown", &["bytes=10-", "10 octets"]).with(&[("Content-Range", "bytes */10")]),
        way(416, "Range Not Satisfiable", get(&format!("Range: bytes=0-0{}", ",2-2".repeat(16))), "ranges_reasonable").explained("permanent", &["16"]).with(&[("Content-Range", "bytes */10")]),
        way(417, "Expectation Failed", get("Expect: tea"), "expectations_known").explained("permanent", &["tea", "100-continue"]),
        way(431, "Request Header Fields Too Large", get(&format!("Cookie: {}", "c".repeat(16_384))), "fields_too_large").explained("permanent", &["Cookie"]),
        way(501, "Not Implemented", "DANCE /data.txt", "method_known").explained("permanent", &["DANCE"]),
        way(501, "Not Implemented", format!("{} / HTTP/1.1\r\nHost: h\r\n{{accept}}\r\n", "M".repeat(200)), "method_too_long").explained("permanent", &["32 octets"]).in_text(),
        way(501, "Not Implemented", get("Transfer-Encoding: foo, chunked"), "transfer_coding_known").explained("permanent", &["foo", "chunked"]),
        way(505, "HTTP Version Not Supported", "GET / HTTP/2.0\r\nHost: h\r\n{accept}\r\n", "version_supported").explained("permanent", &["HTTP/1.1", "HTTP/1.0"]).in_text(),
    ]
}

/// Brings each about on a connection of its own, in each form, and by HEAD where it was GET; gives the expected lines of the
/// log.
pub(crate) fn bring_about(server: &Server, ways: &[Way]) -> Vec<(u16, &'static str)> {
    let mut lines = Vec::new();
    for way in ways {
        for accept in way.accepts {
            let octets = way.octets(accept);
            let by_get = server.exchange(&octets);
            way.check(&by_get, false);
            if way.status >= 400 {
                let form = if *accept == "image/png" { "text/plain" } else { accept };
                assert!(by_get.field("Content-Type").starts_with(form), "{} in {accept}", way.status);
            }
            lines.push((way.status, way.cause));
            let Some(rest) = octets.strip_prefix("GET ") else { continue };
            if octets.contains("\r\nRange: ") {
                continue; // it means nothing to HEAD
            }
            let mut client = server.connect();
            let by_head = client.exchange(format!("HEAD {rest}"));
            way.check(&by_head, true);
            let (of_head, of_get) = (way.lasting_fields(&by_head), way.lasting_fields(&by_get));
            assert_eq!(of_head, of_get, "SEM-009: HEAD has the fields of GET: {octets}");
            lines.push((way.status, way.cause));
            if by_head.closes() {
                client.ends();
            } else {
                client.get("/data.txt").is(200);
                lines.push((200, "representation_available"));
            }
        }
    }
    lines
}

/// Every number of the log, told by `because why`, leads to the same status by the same question.
pub(crate) fn tell_why(lines: &[LogLine]) {
    let distinct: HashMap<&str, &LogLine> = lines.iter().map(|line| (line.because.as_str(), line)).collect();
    for (because, line) in distinct {
        let told = run(&["why", because]);
        let text = String::from_utf8(told.stdout).expect("text");
        assert!(told.status.success(), "because why {because}: {}", String::from_utf8_lossy(&told.stderr));
        assert!(text.contains(&line.status.to_string()), "{because} leads to {}:\n{text}", line.status);
        assert!(text.contains('?') && text.contains("RFC 9"), "questions and sections are told:\n{text}");
        assert!(!text.contains('\x1b'), "no colour in a pipe");
        let json = run(&["why", because, "--format", "json"]);
        let json: serde_json::Value = serde_json::from_slice(&json.stdout).expect("valid JSON");
        assert!(json.to_string().contains(&format!("\"{}\"", line.cause)), "{because} ends at {}: {json}", line.cause);
    }
}

pub(crate) fn compare_log(server: &Server, expected: &[(u16, &'static str)]) -> Vec<LogLine> {
    let lines = until("the log is complete", || Some(server.out.all()).filter(|lines| lines.len() >= expected.len()));
    let lines: Vec<LogLine> = lines.iter().map(|line| LogLine::read(line)).collect();
    let got: Vec<(u16, &str)> = lines.iter().map(|line| (line.status, line.cause.as_str())).collect();
    assert_eq!(got, expected);
    assert!(lines.iter().all(|line| line.client == "127.0.0.1" && !line.broken));
    lines
}

#[test]
fn each_status_comes_about_for_its_real_cause_and_is_explained_and_logged() {
    let folder = folder();
    let server = Server::of(&folder);
    let expected = bring_about(&server, &ways());
    let lines = compare_log(&server, &expected);
    tell_why(&lines);
}

#[test]
fn a_head_that_stalls_is_408() {
    let folder = folder();
    let server = Server::with(&folder, &["--head-timeout", "300ms"]);
    let stalled = way(408, "Request Timeout", "GET /data.txt HTTP/1.1\r\n{accept}Host: h\r\n", "request_stalled")
        .explained("temporary", &["octets of the request had arrived"])
        .with(&[("Connection", "close")]);
    for accept in FORMS {
        let octets = stalled.octets(accept);
        let response = server.exchange(&octets);
        stalled.check(&response, false);
        assert!(response.field("Content-Type").starts_with(accept));
        assert!(response.text().contains(&octets.len().to_string()), "it says how much came: {}", response.text());
    }
    tell_why(&compare_log(&server, &[(408, "request_stalled"); 3]));
}

#[test]
fn a_full_server_is_503_and_says_when_to_come_back() {
    let folder = folder();
    let server = Server::with(&folder, &["--max-connections", "1"]);
    let mut first = server.connect();
    first.get("/data.txt").is(200);
    let full = way(503, "Service Unavailable", "GET /data.txt", "overloaded")
        .explained("temporary", &["no room for another request"])
        .with(&[("Connection", "close"), ("Retry-After", "5")]);
    for accept in FORMS {
        let response = server.exchange(full.octets(accept));
        full.check(&response, false);
        assert!(response.field("Content-Type").starts_with(accept));
    }
    let head = server.ask("HEAD", "/data.txt", "");
    full.check(&head, true);
    first.get("/data.txt").is(200);
    drop(first);
    let served = until("there is room again", || Some(server.get("/data.txt")).filter(|r| r.status != 503));
    served.is(200);
    let expected = server.out.wait_for(" 503 ");
    tell_why(&[LogLine::read(&expected)]);
}

#[test]
fn what_nobody_may_read_is_403() {
    use std::os::unix::fs::PermissionsExt;
    let folder = Folder::with(&[("open.txt", "o"), ("closed.txt", "c"), ("closed/member.txt", "m")]);
    for name in ["closed.txt", "closed"] {
        std::fs::set_permissions(folder.path(name), std::fs::Permissions::from_mode(0o000)).expect("changes");
    }
    let server = crate::server::Start::of(folder.root()).without_rights(&folder).start();
    server.get("/open.txt").is(200);
    for target in ["/closed.txt", "/closed/", "/closed/member.txt", "/closed/nothing.txt"] {
        let response = server.get_with(target, "Accept: application/problem+json\r\n");
        let problem = response.is(403).json();
        assert_eq!((&problem["denial"], &problem["permanence"]), (&"permission".into(), &"unknown".into()), "{target}");
        assert_eq!(problem["instance"], target);
    }
    assert_eq!(server.log("/closed.txt").cause, "lookup_denied");
    std::fs::set_permissions(folder.path("closed"), std::fs::Permissions::from_mode(0o755)).expect("changes");
}
