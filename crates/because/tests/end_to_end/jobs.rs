//! Long actions that a client does not wait for (RFC 7240 §4.1), and their monitors.
//!
//! Whether a action is seen while it goes on is chance, so what needs that is tried until it was; what must hold in either case
//! is looked at each time.

use crate::client::{Client, Response};
use crate::folder::Folder;
use crate::server::{Server, Start, until};
use crate::webdav_locks::lock;

/// It would rather have a 202 at once.
const ASYNC: &str = "Prefer: respond-async, wait=0\r\n";

/// How many files the tree has.
const FILES: usize = 1_000;

/// A folder with a tree that takes a while.
fn folder() -> Folder {
    let folder = Folder::with(&[("file", "f"), ("small/member", "m")]);
    for nth in 0..FILES {
        folder.write(&format!("tree/{}/{nth}", nth % 10), "x");
    }
    folder
}

fn count(folder: &Folder, name: &str) -> usize {
    folder.names(name).iter().map(|sub| folder.names(&format!("{name}/{sub}")).len()).sum()
}

/// Begins to copy the tree, and says where it is told how it stands.
fn begin(client: &mut Client, to: &str) -> String {
    until("a copy takes its time", || {
        let response = client.ask("COPY", "/tree/", &format!("Destination: {to}\r\n{ASYNC}"));
        match response.status {
            202 => return Some(accepted(&response)),
            // it was done before the server got round to saying that it would be
            201 => drop(client.ask("DELETE", to, "")),
            _ => assert_eq!(response.status, 204, "{:#?}", response.fields),
        }
        None
    })
}

/// PRF-002, RFC 9110 §15.3.3
#[track_caller]
fn accepted(response: &Response) -> String {
    response.is(202);
    assert_eq!(response.field("Preference-Applied"), "respond-async");
    assert!(response.field("Retry-After").parse::<u32>().expect("seconds") > 0);
    let monitor = response.field("Location").to_owned();
    let id = monitor.strip_prefix("/.because/jobs/").expect("among the jobs");
    assert!(id.len() >= 16 && id.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_".contains(&b)), "{id}");
    monitor
}

/// Does it go on? What its monitor says of that is the same in all forms.
fn runs(monitor: &Response) -> bool {
    let running = monitor.status == 200 && monitor.json()["state"] == "running";
    assert_eq!(monitor.has("Retry-After"), running, "{:#?}", monitor.fields);
    assert!(!running || monitor.field("Cache-Control") == "no-store");
    running
}

/// What its monitor says in the end.
fn ended(client: &mut Client, monitor: &str) -> Response {
    until("the job ends", || Some(client.get(monitor)).filter(|response| !runs(response)))
}

#[test]
fn a_long_deed_is_accepted_and_its_monitor_leads_to_the_result() {
    let folder = folder();
    let server = Server::writable(&folder, &[]);
    let mut client = server.connect();
    let monitor = begin(&mut client, "/copy/");
    // RFC 9110 §15.4.4: what came of it is read there
    let done = ended(&mut client, &monitor);
    assert_eq!(done.is(303).field("Location"), "/copy/");
    client.get("/copy/").is(200);
    assert_eq!((count(&folder, "copy"), folder.is_tidy()), (FILES, true));
    assert_eq!(client.ask("HEAD", &monitor, "").is(303).field("Location"), "/copy/");
    // who speaks HTTP/1.0 knows no 303
    let old = server.exchange(format!("GET {monitor} HTTP/1.0\r\n\r\n"));
    assert_eq!(old.is(302).field("Location"), "/copy/");
    // over what stands there nothing new is made that it could lead to
    let monitor = begin(&mut client, "/copy/");
    let told = ended(&mut client, &monitor).is(200).json();
    assert_eq!((told["state"].as_str(), told["created"].as_bool()), (Some("done"), Some(false)), "{told}");
    assert_eq!(count(&folder, "copy"), FILES);
}

#[test]
fn a_job_that_goes_on_is_told_in_the_form_that_is_wanted() {
    let folder = folder();
    let server = Server::writable(&folder, &[]);
    let mut client = server.connect();
    until("a job is seen to go on in each form", || {
        let monitor = begin(&mut client, "/copy/");
        let (json, html, head) = (
            client.get(&monitor),
            client.ask("GET", &monitor, "Accept: text/html\r\n"),
            client.ask("HEAD", &monitor, "Accept: application/json\r\n"),
        );
        let went_on = runs(&client.get(&monitor));
        if went_on {
            assert_eq!(json.is(200).field("Content-Type"), "application/json");
            let told = json.json();
            assert_eq!((told["kind"].as_str(), told["target"].as_str()), (Some("copy"), Some("/tree")));
            assert!(monitor.ends_with(told["id"].as_str().expect("an id")) && told["done"].is_u64(), "{told}");
            assert_eq!(html.is(200).field("Content-Type"), "text/html; charset=utf-8");
            html.says("/tree").says("http-equiv=refresh");
            assert_eq!(head.is(200).field("Content-Type"), "application/json");
            for response in [&json, &html, &head] {
                assert_eq!(response.field("Cache-Control"), "no-store");
                assert_eq!(response.field("Vary"), "Accept");
                assert!(response.field("Retry-After").parse::<u32>().expect("seconds") > 0);
            }
        }
        ended(&mut client, &monitor);
        went_on.then_some(())
    });
}

/// RFC 7240 §4.3: who waits a while gets the answer itself, if there is one by then.
#[test]
fn a_short_deed_is_answered_at_once_to_who_waits() {
    let folder = folder();
    let server = Server::writable(&folder, &[]);
    let waits = "Prefer: respond-async, wait=30\r\n";
    let made = server.ask("COPY", "/small/", &format!("Destination: /new/\r\n{waits}"));
    assert_eq!(made.is(201).field("Location"), "/new/");
    assert!(!made.has("Preference-Applied") && !made.has("Retry-After"), "{:#?}", made.fields);
    assert!(!server.ask("COPY", "/small/", &format!("Destination: /new/\r\n{waits}")).is(204).has("Location"));
    assert_eq!(
        server.ask("MOVE", "/new/", &format!("Destination: /moved/\r\n{waits}")).is(201).field("Location"),
        "/moved/"
    );
    server.ask("DELETE", "/moved/", waits).is(204);
    // the longest wait that can be told
    server.ask("DELETE", "/small/", "Prefer: respond-async\r\nPrefer: wait=99999999999\r\n").is(204);
    assert_eq!(folder.names(""), ["file", "tree"]);
    // a refusal is no job, unless only the action can meet what stands in its way
    let refused = server.ask("COPY", "/tree/", &format!("Destination: /none/x\r\n{ASYNC}"));
    refused.refuses(409, "destination_parent_exists");
    server.ask("DELETE", "/none/", ASYNC).refuses(404, "target_missing");
    // what takes no time is done at once
    server.ask("COPY", "/file", &format!("Destination: /again\r\n{ASYNC}")).is(201);
    server.bring("PUT", "/file", ASYNC, "new").is(204);
    server.ask("DELETE", "/again", ASYNC).is(204);
}

/// PRF-001
#[test]
fn what_is_not_preferred_in_known_words_is_passed_over() {
    let folder = Folder::with(&[("small/member", "m")]);
    let server = Server::writable(&folder, &[]);
    for prefer in [
        "xyz",
        "respond-asynchronously, wait=0",
        "wait=0",
        "wait=x, ,;=",
        "return=everything",
        "\"respond-async\"",
        "handling=strict; respond-async",
    ] {
        let response = server.ask("COPY", "/small/", &format!("Destination: /copy/\r\nPrefer: {prefer}\r\n"));
        assert_eq!(response.status, 201, "{prefer}: {}", response.text());
        assert!(!response.has("Preference-Applied"), "{prefer}");
        server.ask("DELETE", "/copy/", &format!("Prefer: {prefer}\r\n")).is(204);
        server.get_with("/small/member", &format!("Prefer: {prefer}\r\n")).is(200);
    }
}

#[test]
fn a_job_that_is_cancelled_leaves_nothing() {
    let folder = folder();
    let server = Server::writable(&folder, &[]);
    let mut client = server.connect();
    until("a job is cancelled", || {
        let monitor = begin(&mut client, "/copy/");
        client.ask("DELETE", &monitor, "").is(204);
        let end = ended(&mut client, &monitor);
        if end.status == 303 {
            // it was done before it could be cancelled
            assert_eq!(count(&folder, "copy"), FILES);
            client.ask("DELETE", "/copy/", "").is(204);
            return None;
        }
        assert_eq!(end.is(200).json()["state"], "cancelled");
        assert!(!folder.path("copy").exists() && folder.is_tidy(), "nothing of it is left");
        client.get("/copy/").is(404);
        client.ask("GET", &monitor, "Accept: text/html\r\n").is(200).says("Stopped copying");
        // what has ended cannot be cancelled, and need not be
        client.ask("DELETE", &monitor, "").is(204);
        assert_eq!(client.get(&monitor).is(200).json()["state"], "cancelled");
        Some(())
    });
    assert_eq!(count(&folder, "tree"), FILES);
}

#[test]
fn a_tree_is_deleted_as_a_job() {
    let folder = folder();
    let server = Server::writable(&folder, &[]);
    let mut client = server.connect();
    let monitor = until("a removal takes its time", || {
        client.ask("COPY", "/tree/", "Destination: /not%20long/\r\n").is(201);
        let response = client.ask("DELETE", "/not%20long/", ASYNC);
        // else it was done before the server got round to saying that it would be
        let later = response.status == 202;
        assert!(later || response.status == 204, "{:#?}", response.fields);
        later.then(|| accepted(&response))
    });
    // nothing is left that it could lead to
    let told = ended(&mut client, &monitor).is(200).json();
    assert_eq!(
        (told["state"].as_str(), told["kind"].as_str(), told["target"].as_str()),
        (Some("done"), Some("delete"), Some("/not%20long"))
    );
    client.get("/not%20long/").is(404);
    client.ask("GET", &monitor, "Accept: text/html\r\n").is(200).says("Deleted");
    assert_eq!((folder.names(""), folder.is_tidy()), (vec!["file".into(), "small".into(), "tree".into()], true));
}

/// A move within one file system takes no time, however large the tree; either answer is true.
#[test]
fn a_tree_is_moved_as_a_job_or_at_once() {
    let folder = folder();
    let server = Server::writable(&folder, &[]);
    let mut client = server.connect();
    let response = client.ask("MOVE", "/tree/", &format!("Destination: /moved/\r\n{ASYNC}"));
    if response.status == 202 {
        assert_eq!(ended(&mut client, &accepted(&response)).is(303).field("Location"), "/moved/");
    } else {
        assert_eq!(response.is(201).field("Location"), "/moved/");
    }
    assert!(!folder.path("tree").exists() && count(&folder, "moved") == FILES && folder.is_tidy());
}

/// What only the action can meet is told by its monitor.
#[test]
fn a_job_that_fails_says_why() {
    let folder = folder();
    let server = Server::writable(&folder, &[]);
    let mut client = server.connect();
    lock(&server, "/tree/3/3", "");
    let response = client.ask("DELETE", "/tree/", ASYNC);
    if response.status == 207 {
        return; // it was done before the server got round to saying that it would be
    }
    let monitor = accepted(&response);
    let told = ended(&mut client, &monitor).is(200).json();
    assert_eq!(told["state"], "failed", "{told}");
    assert!(told["reason"].as_str().is_some_and(|reason| !reason.is_empty()) && told["members"] == 1, "{told}");
    assert_eq!(folder.names("tree"), ["3"]);
    client.ask("GET", &monitor, "Accept: text/html\r\n").is(200).says("Could not delete");
}

/// Whoever comes back after the server was killed is not left waiting.
#[test]
fn a_job_that_ran_when_the_server_was_killed_is_lost() {
    let folder = folder();
    until("a job is killed with its server", || {
        let server = Start::of(folder.root()).args(&["--write"]).start();
        let monitor = begin(&mut server.connect(), "/copy/");
        drop(server); // killed
        let server = Start::of(folder.root()).args(&["--write"]).start();
        let told = server.get(&monitor);
        assert!(folder.is_tidy(), "what was being made is cleared");
        if told.status == 303 {
            assert_eq!(count(&folder, "copy"), FILES);
        }
        if folder.path("copy").exists() {
            // it had come to its name, whether that could be written down or not
            assert_eq!(count(&folder, "copy"), FILES);
            server.ask("DELETE", "/copy/", "").is(204);
            return None;
        }
        let lost = told.is(200).json();
        assert_eq!(lost["state"], "lost", "{lost}");
        assert!(!told.has("Retry-After") && lost["reason"].as_str().is_some_and(|reason| !reason.is_empty()));
        server.get_with(&monitor, "Accept: text/html\r\n").is(200).says("Lost while copying");
        server.ask("DELETE", &monitor, "").is(204);
        Some(())
    });
}

/// What came of a job is known after a restart, too.
#[test]
fn what_came_of_a_job_outlives_the_server() {
    let folder = folder();
    let server = Start::of(folder.root()).args(&["--write"]).start();
    let mut client = server.connect();
    let monitor = begin(&mut client, "/copy/");
    ended(&mut client, &monitor).is(303);
    drop(server); // killed
    let server = Start::of(folder.root()).args(&["--write"]).start();
    assert_eq!(server.get(&monitor).is(303).field("Location"), "/copy/");
}

/// MTH-003, MTH-004, MTH-016: a monitor is looked at and given up, and nothing else.
#[test]
fn a_monitor_is_no_file() {
    let folder = folder();
    let server = Server::writable(&folder, &[]);
    let mut client = server.connect();
    client.ask("COPY", "/tree/", "Destination: /copy/\r\n").is(201);
    let monitor = begin(&mut client, "/copy/");
    ended(&mut client, &monitor).is(200);
    let allowed = |response: &Response| {
        let mut methods: Vec<String> = response.field("Allow").split(", ").map(str::to_owned).collect();
        methods.sort();
        assert_eq!(methods, ["DELETE", "GET", "HEAD", "OPTIONS"]);
    };
    for (method, fields) in [
        ("PUT", ""),
        ("POST", ""),
        ("PATCH", "Content-Type: application/merge-patch+json\r\n"),
        ("MKCOL", ""),
        ("COPY", "Destination: /x\r\n"),
        ("MOVE", "Destination: /x\r\n"),
        ("PROPFIND", "Depth: 0\r\n"),
        ("PROPPATCH", ""),
        ("LOCK", ""),
        ("UNLOCK", "Lock-Token: <urn:x>\r\n"),
    ] {
        for target in [&monitor, "/.because/jobs/none"] {
            allowed(client.ask(method, target, fields).refuses(405, "method_allowed"));
        }
    }
    allowed(client.ask("OPTIONS", &monitor, "").is(200));
    client.get(&monitor).is(200);
    let tag = client.get(&monitor).field("ETag").to_owned();
    client.ask("GET", &monitor, &format!("If-None-Match: {tag}\r\n")).is(304);
    // what nobody began
    for target in
        ["/.because/jobs/none", "/.because/jobs/", "/.because/jobs", "/.because/jobs/a/b", "/.because/jobs/%00"]
    {
        for method in ["GET", "HEAD"] {
            client.ask(method, target, "").is(404);
        }
    }
    client.ask("DELETE", "/.because/jobs/none", "").refuses(404, "target_missing");
    assert_eq!(folder.names(""), ["copy", "file", "small", "tree"]);
}
