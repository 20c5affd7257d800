//! Rules hold where the deed acts: at its target however that is written, at its destination, at what a binding leads to, and in
//! the trees that it takes along.

use crate::client::Response;
use crate::folder::Folder;
use crate::server::Server;

const FORM: &str = "Content-Type: multipart/form-data; boundary=b\r\n";

fn form(name: &str) -> String {
    format!("--b\r\nContent-Disposition: form-data; name=f; filename=\"{name}\"\r\n\r\nnew\r\n--b--\r\n")
}

fn to(path: &str) -> String {
    format!("Destination: {path}\r\n")
}

/// All that is there, with what it holds.
fn state(folder: &Folder) -> Vec<(String, Vec<u8>)> {
    let mut all = Vec::new();
    let mut left = vec![String::new()];
    while let Some(name) = left.pop() {
        for member in folder.names(&name) {
            let path = format!("{name}/{member}").trim_start_matches('/').to_owned();
            if folder.path(&path).is_dir() {
                left.push(path.clone());
                all.push((path, Vec::new()));
            } else {
                let content = folder.read(&path);
                all.push((path, content));
            }
        }
    }
    all.sort();
    all
}

const LOCK: &str = "<lockinfo xmlns='DAV:'><lockscope><exclusive/></lockscope><locktype><write/></locktype></lockinfo>";
const PROPS: &str =
    "<D:propertyupdate xmlns:D='DAV:'><D:set><D:prop><x xmlns='x:'>1</x></D:prop></D:set></D:propertyupdate>";

/// Every method that changes something, with the fields and the content that it needs.
fn writes() -> Vec<(&'static str, String, String)> {
    vec![
        ("DELETE", String::new(), String::new()),
        ("PUT", String::new(), "forged".to_owned()),
        ("PATCH", "Content-Type: application/merge-patch+json\r\n".to_owned(), "{}".to_owned()),
        ("MOVE", to("/out.txt"), String::new()),
        ("PROPPATCH", "Content-Type: application/xml\r\n".to_owned(), PROPS.to_owned()),
        ("LOCK", "Content-Type: application/xml\r\n".to_owned(), LOCK.to_owned()),
        ("MKCOL", String::new(), String::new()),
        ("POST", FORM.to_owned(), form("x.txt")),
    ]
}

/// Every way to write the target of a dropped file, and of the folder that it is in.
fn spellings(path: &str) -> Vec<String> {
    let (folder, name) = path.split_once('/').expect("a folder and a name");
    vec![
        format!("/{path}"),
        format!("http://h/{path}"),
        format!("HTTP://h/{path}"),
        format!("http://h/{path}?x=1"),
        format!("/./{path}"),
        format!("/x/../{path}"),
        format!("http://h/x/../{path}"),
        format!("http://h/./{path}"),
        format!("/%{:02x}{}/{name}", folder.as_bytes()[0], &folder[1..]),
        format!("http://h/{folder}/%{:02X}{}", name.as_bytes()[0], &name[1..]),
        format!("/{folder}/./{name}"),
        format!("/%2e/{path}"),
        format!("/x/%2e%2E/{path}"),
    ]
}

fn refused(response: &Response, what: &str) {
    assert!((400..500).contains(&response.status), "{what}: {}", response.content_of_any());
}

#[test]
fn what_was_dropped_is_changed_by_nobody_however_its_target_is_written() {
    let folder = Folder::with(&[("inbox/report.txt", "real"), ("x/y.txt", "y")]);
    for args in [&["--write", "--drop", "inbox"][..], &["--drop", "inbox"]] {
        let server = Server::with(&folder, args);
        let before = state(&folder);
        for target in spellings("inbox/report.txt") {
            for (method, fields, content) in writes() {
                let response = server.bring(method, &target, &fields, content);
                assert_eq!(response.status, 405, "{method} {target}: {}", response.content_of_any());
                assert!(!response.field("Allow").contains("PUT"), "{method} {target}");
                assert_eq!(state(&folder), before, "{method} {target}");
            }
        }
        for target in ["/inbox/", "/inbox", "http://h/inbox/", "http://h/inbox", "/%69nbox/", "/./inbox"] {
            for (method, fields, content) in writes() {
                if method != "POST" {
                    server.bring(method, target, &fields, content).is(405);
                    assert_eq!(state(&folder), before, "{method} {target}");
                }
            }
        }
    }
}

#[test]
fn a_drop_folder_takes_what_is_sent_however_its_target_is_written() {
    let folder = Folder::with(&[("inbox/report.txt", "real")]);
    let server = Server::with(&folder, &["--drop", "inbox"]);
    for target in ["/inbox/", "http://h/inbox/", "/%69nbox/", "http://h/./inbox/", "/./inbox/"] {
        server.bring("POST", target, FORM, form("a.txt")).is(201);
        let options = server.ask("OPTIONS", target, "");
        assert!(options.is(200).field("Allow").contains("POST"), "{target}");
    }
    assert_eq!(folder.names("inbox").len(), 6);
    server.bring("POST", "http://h/", FORM, form("a.txt")).is(405);
    server.bring("POST", "http://h/inbox/report.txt", FORM, form("a.txt")).is(405);
}

/// draft-ietf-httpbis-resumable-upload §4: an upload is one resource, whatever form names it.
#[test]
fn an_upload_is_the_same_by_every_form_of_its_target() {
    let folder = Folder::with(&[("inbox/report.txt", "real")]);
    let server = Server::with(&folder, &["--drop", "inbox"]);
    let begin = "Upload-Draft-Interop-Version: 8\r\nUpload-Complete: ?0\r\nContent-Type: text/plain\r\n";
    let go_on = |offset: usize, complete: u8| {
        format!(
            "Upload-Draft-Interop-Version: 8\r\nUpload-Complete: ?{complete}\r\nUpload-Offset: {offset}\r\n\
             Content-Type: application/partial-upload\r\n"
        )
    };
    let begun = server.bring("POST", "http://h/inbox/", begin, "abc");
    let path = begun.is(201).field("Location").to_owned();
    let own = path.strip_prefix("/.because/").expect("it is among what is the server's own");
    let spellings = [
        path.clone(),
        format!("http://h{path}"),
        format!("/./.because/{own}"),
        format!("/%2ebecause/{own}"),
        format!("http://h/%2Ebecause/{own}"),
        format!("/x/../.because/{own}"),
    ];
    let draft = "Upload-Draft-Interop-Version: 8\r\n";
    let mut offset = 3;
    for target in &spellings {
        let found = server.ask("HEAD", target, draft);
        assert_eq!(found.is(204).field("Upload-Offset"), offset.to_string(), "{target}");
        server.bring("PATCH", target, &go_on(offset, 0), "de").is(204);
        offset += 2;
    }
    server.bring("PATCH", &format!("http://h{path}"), &go_on(offset, 1), "!").is(201);
    let name = folder.names("inbox").into_iter().find(|name| name != "report.txt").expect("it was added");
    assert_eq!(folder.read(&format!("inbox/{name}")).len(), offset + 1);
    refused(&server.ask("DELETE", &format!("http://h/inbox/{name}"), ""), "DELETE");
}
