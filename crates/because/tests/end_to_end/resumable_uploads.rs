//! Uploads that can be resumed (draft-ietf-httpbis-resumable-upload, interop version 8): whatever is cut off, nothing is lost.

use crate::client::{Client, Response, chunked, message};
use crate::folder::{Folder, noise};
use crate::server::{Server, Start};
use crate::writes::strong;

/// What a client says that speaks this version of the draft.
pub(crate) const DRAFT: &str = "Upload-Draft-Interop-Version: 8\r\n";

pub(crate) const APPEND: &str = "Content-Type: application/partial-upload\r\n";

/// The head of a request that begins an upload.
pub(crate) fn head(method: &str, target: &str, complete: bool, fields: &str) -> String {
    let complete = i32::from(complete);
    format!("{method} {target} HTTP/1.1\r\nHost: h\r\n{DRAFT}Upload-Complete: ?{complete}\r\n{fields}\r\n")
}

/// Begins an upload with this piece of it.
pub(crate) fn begin(client: &mut Client, method: &str, target: &str, fields: &str, piece: &[u8]) -> Response {
    client.bring(method, target, &format!("{DRAFT}Upload-Complete: ?0\r\n{fields}"), piece)
}

/// Begins one of a new file, and says where it is.
pub(crate) fn begun(client: &mut Client, target: &str, fields: &str, piece: &[u8]) -> String {
    let response = begin(client, "PUT", target, fields, piece);
    location(response.is(201))
}

/// Where an upload is: a place that nobody can guess.
#[track_caller]
pub(crate) fn location(response: &Response) -> String {
    let location = response.field("Location");
    let id = location.strip_prefix("/.because/uploads/").unwrap_or_else(|| panic!("no upload: {location}"));
    assert!(id.len() >= 16 && id.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_".contains(&b)), "{id}");
    location.to_owned()
}

/// Appends to an upload.
pub(crate) fn append(
    client: &mut Client,
    upload: &str,
    offset: u64,
    complete: bool,
    fields: &str,
    piece: &[u8],
) -> Response {
    let complete = i32::from(complete);
    let told = format!("{DRAFT}{APPEND}Upload-Offset: {offset}\r\nUpload-Complete: ?{complete}\r\n{fields}");
    client.bring("PATCH", upload, &told, piece)
}

/// How far an upload has come (UPL-005).
#[track_caller]
pub(crate) fn offset(client: &mut Client, upload: &str) -> u64 {
    let response = client.ask("HEAD", upload, DRAFT);
    response.is(204);
    assert_eq!(response.field("Cache-Control"), "no-store");
    assert_eq!(response.field("Upload-Complete"), "?0");
    limited(&response);
    response.field("Upload-Offset").parse().expect("a number")
}

/// Upload-Limit is a dictionary of numbers, and tells what is taken.
#[track_caller]
fn limited(response: &Response) {
    let limits = response.field("Upload-Limit").split(", ").map(|member| {
        let (key, value) = member.split_once('=').unwrap_or_else(|| panic!("a member: {member}"));
        (key, value.parse::<u64>().expect("a number"))
    });
    let limits: Vec<_> = limits.collect();
    for key in ["max-size", "max-age"] {
        assert!(limits.iter().any(|(name, value)| *name == key && *value > 0), "{key}: {limits:?}");
    }
}

#[track_caller]
pub(crate) fn stands_at(response: &Response, offset: u64, complete: bool) {
    assert_eq!(response.field("Upload-Offset"), offset.to_string());
    assert_eq!(response.field("Upload-Complete"), if complete { "?1" } else { "?0" });
}

/// All of an upload that is there now, as files beside the share.
pub(crate) fn is_forgotten(folder: &Folder) -> bool {
    folder.names(".because/uploads").is_empty() && folder.is_tidy()
}

/// UPL-001, UPL-002: who speaks another version gets no 104, and who speaks ours learns at once where it can go on.
#[test]
fn who_speaks_the_draft_is_told_where_to_go_on() {
    let folder = Folder::new();
    let server = Server::writable(&folder, &[]);
    for (nth, version) in ["", "7", "9", "08", "8.0", "?1", "\"8\"", "8, 8"].into_iter().enumerate() {
        let version =
            if version.is_empty() { String::new() } else { format!("Upload-Draft-Interop-Version: {version}\r\n") };
        let mut client = server.connect();
        let made = client.bring("PUT", &format!("/{nth}"), &format!("{version}Upload-Complete: ?1\r\n"), "content");
        assert_eq!(made.is(201).interim, [0_u16; 0], "{version}");
        assert_eq!(made.field("Location"), format!("/{nth}"));
    }
    let mut client = server.connect();
    client.send(head("PUT", "/a", true, "Content-Length: 7\r\n"));
    let interim = client.interim();
    assert_eq!((interim.status, interim.field("Upload-Draft-Interop-Version")), (104, "8"));
    let upload = location(&interim);
    limited(&interim);
    client.send_more("content");
    // UPL-009
    let made = client.response();
    assert_eq!(made.is(201).field("Location"), "/a");
    assert_eq!(made.field("Upload-Complete"), "?1");
    assert_eq!(folder.read("a"), b"content");
    assert_eq!(strong(&made), client.get("/a").field("ETag"), "MTH-007");
    // whoever missed the answer is told that it is complete
    let told = client.ask("HEAD", &upload, DRAFT);
    stands_at(told.is(204), 7, true);
    assert_eq!(told.field("Upload-Length"), "7");
    // who does not offer one gets none
    assert_eq!(client.bring("PUT", "/b", DRAFT, "x").is(201).interim, [0_u16; 0]);
    assert!(is_forgotten(&folder));
}

/// 1XX-001: to HTTP/1.0 nothing is said before the answer.
#[test]
fn who_speaks_http_1_0_is_told_nothing_meanwhile() {
    let folder = Folder::new();
    let server = Server::writable(&folder, &[]);
    let request = |complete| head("PUT", "/a", complete, "Content-Length: 7\r\n").replace("HTTP/1.1", "HTTP/1.0");
    let made = server.exchange(request(true) + "content");
    assert!(made.is(201).interim.is_empty());
    assert_eq!(folder.read("a"), b"content");
    // a piece is no whole, whoever sends it
    let response = server.exchange(request(false) + "another");
    assert!(response.interim.is_empty());
    assert_eq!(folder.read("a"), b"content", "{}: {:#?}", response.status, response.fields);
}

/// UPL-004
#[test]
fn who_waits_for_100_gets_both() {
    let folder = Folder::new();
    let server = Server::writable(&folder, &[]);
    for complete in [true, false] {
        let mut client = server.connect();
        client.send(head("PUT", "/a", complete, "Content-Length: 7\r\nExpect: 100-continue\r\n"));
        let mut interim = [client.interim(), client.interim()];
        interim.sort_by_key(|response| response.status);
        assert_eq!(interim.each_ref().map(|response| response.status), [100, 104]);
        location(&interim[1]);
        client.send_more("content");
        client.response().is(201);
    }
    // neither, where it is refused before
    let mut client = server.connect();
    client.send(head("PUT", "/none/a", true, "Content-Length: 7\r\nExpect: 100-continue\r\n"));
    assert_eq!(client.response().refuses(409, "parent_exists").interim, [0_u16; 0]);
    assert_eq!(folder.read("a"), b"content");
}

/// UPL-003, UPL-005: a piece at a time, and what is made is what was sent.
#[test]
fn a_file_comes_in_pieces() {
    let folder = Folder::new();
    let server = Server::writable(&folder, &[]);
    let mut client = server.connect();
    let content = noise(1_000_000);
    let response = begin(&mut client, "PUT", "/a.bin", "Upload-Length: 1000000\r\n", &content[..300_000]);
    let upload = location(response.is(201));
    stands_at(&response, 300_000, false);
    limited(&response);
    client.get("/a.bin").is(404);
    let told = client.ask("HEAD", &upload, DRAFT);
    stands_at(told.is(204), 300_000, false);
    assert_eq!((told.field("Upload-Length"), told.field("Cache-Control")), ("1000000", "no-store"));
    limited(&told);
    // also without the word of the draft, and to GET
    stands_at(client.ask("HEAD", &upload, "").is(204), 300_000, false);
    stands_at(client.get(&upload).is(204), 300_000, false);
    for (from, to) in [(300_000, 300_001), (300_001, 300_001), (300_001, 900_000)] {
        let response = append(&mut client, &upload, from as u64, false, "", &content[from..to]);
        stands_at(response.is(204), to as u64, false);
        assert!(!response.has("Location"));
        assert_eq!(response.interim, [0_u16; 0]);
        assert_eq!(offset(&mut client, &upload), to as u64);
    }
    client.get("/a.bin").is(404);
    let done = append(&mut client, &upload, 900_000, true, "", &content[900_000..]);
    assert_eq!(done.is(201).field("Location"), "/a.bin");
    assert_eq!(done.field("Upload-Complete"), "?1");
    assert!(client.get("/a.bin").is(200).content == content);
    assert!(is_forgotten(&folder));
    stands_at(client.ask("HEAD", &upload, DRAFT).is(204), 1_000_000, true);
}

#[test]
fn the_pieces_may_be_of_any_length() {
    let folder = Folder::with(&[("old", "old")]);
    let server = Server::writable(&folder, &[]);
    let mut client = server.connect();
    // nothing at first (draft §4.2), nothing at last, nothing at all
    for (target, pieces) in [
        ("/a", &["", "content", ""][..]),
        ("/b", &["", "", ""]),
        ("/c", &["c", "o", "n", "t", "e", "n", "t"]),
        ("/old", &["", "new"]),
    ] {
        let response = begin(&mut client, "PUT", target, "", pieces[0].as_bytes());
        let upload = location(response.is(201));
        assert_eq!(
            client.get(target).status,
            if target == "/old" { 200 } else { 404 },
            "nothing is there before its end"
        );
        let mut at = pieces[0].len() as u64;
        for (nth, piece) in pieces.iter().enumerate().skip(1) {
            let last = nth + 1 == pieces.len();
            let response = append(&mut client, &upload, at, last, "", piece.as_bytes());
            let status = if !last || target == "/old" { 204 } else { 201 };
            assert_eq!(response.is(status).field("Upload-Complete"), if last { "?1" } else { "?0" });
            at += piece.len() as u64;
        }
        assert_eq!(client.get(target).is(200).text(), pieces.concat());
    }
    // in chunks, whose length nobody tells
    client.send(head("PUT", "/d", false, "Transfer-Encoding: chunked\r\n")).send_more(chunked(noise(400_000), 1_000));
    let upload = location(client.response().is(201));
    let fields =
        format!("{DRAFT}{APPEND}Upload-Offset: 400000\r\nUpload-Complete: ?1\r\nTransfer-Encoding: chunked\r\n");
    client.send(format!("PATCH {upload} HTTP/1.1\r\nHost: h\r\n{fields}\r\n")).send_more(chunked("end", 1));
    client.response().is(201);
    assert!(folder.read("d") == [&noise(400_000)[..], b"end"].concat());
    assert!(is_forgotten(&folder));
}

/// MTH-006
#[test]
fn an_upload_replaces_what_stands_there() {
    let folder = Folder::with(&[("old", "old")]);
    let server = Server::writable(&folder, &[]);
    let mut client = server.connect();
    let replaced = client.bring("PUT", "/old", &format!("{DRAFT}Upload-Complete: ?1\r\n"), "at once");
    assert_eq!((replaced.is(204).field("Upload-Complete"), replaced.interim.as_slice()), ("?1", &[104][..]));
    assert!(!replaced.has("Location"));
    assert_eq!(folder.read("old"), b"at once");
    let upload = begun(&mut client, "/old", "", b"in ");
    assert_eq!(client.get("/old").is(200).text(), "at once");
    let replaced = append(&mut client, &upload, 3, true, "", b"pieces");
    assert_eq!(replaced.is(204).field("Upload-Complete"), "?1");
    assert_eq!(
        (strong(&replaced), "in pieces"),
        (client.get("/old").field("ETag").to_owned(), client.get("/old").text())
    );
    assert!(is_forgotten(&folder));
}

/// UPL-006
#[test]
fn who_goes_on_at_another_place_is_told_which() {
    let folder = Folder::new();
    let server = Server::writable(&folder, &[]);
    let mut client = server.connect();
    let upload = begun(&mut client, "/a", "", b"0123456789");
    for at in [0, 9, 11, 1_000_000, 999_999_999_999_999] {
        for complete in [false, true] {
            let response = append(&mut client, &upload, at, complete, "", b"x");
            stands_at(response.refuses(409, "upload_offset_matches"), 10, false);
            response.says("10");
            assert_eq!(offset(&mut client, &upload), 10);
        }
    }
    // 1XX-006: before its content is asked for
    client.send(format!(
        "PATCH {upload} HTTP/1.1\r\nHost: h\r\n{DRAFT}{APPEND}Upload-Offset: 3\r\nUpload-Complete: ?1\r\n\
         Content-Length: 5\r\nExpect: 100-continue\r\n\r\n"
    ));
    let response = client.response();
    stands_at(response.is(409), 10, false);
    assert_eq!(response.interim, [0_u16; 0]);
    let mut client = server.connect();
    append(&mut client, &upload, 10, true, "", b"").is(201);
    assert_eq!(folder.read("a"), b"0123456789");
}

/// UPL-009: nothing is appended to what is complete, and it stays as it was.
#[test]
fn what_is_complete_stays_as_it_is() {
    let folder = Folder::new();
    let server = Server::writable(&folder, &[]);
    let mut client = server.connect();
    let upload = begun(&mut client, "/a", "", b"01234");
    append(&mut client, &upload, 5, true, "", b"56789").is(201);
    for at in [0, 5, 10] {
        for (complete, piece) in [(false, "x"), (true, "x"), (true, "")] {
            let response = append(&mut client, &upload, at, complete, "", piece.as_bytes());
            assert!(matches!(response.status, 400 | 409), "{at}: {}", response.text());
            assert_ne!(response.maybe("Upload-Complete"), Some("?0"), "it is complete: {:#?}", response.fields);
        }
    }
    stands_at(client.ask("HEAD", &upload, DRAFT).is(204), 10, true);
    assert_eq!(folder.read("a"), b"0123456789");
}

/// MTH-031
#[test]
fn what_is_appended_says_what_it_is() {
    let folder = Folder::with(&[("a.json", "{}")]);
    let server = Server::writable(&folder, &[]);
    let mut client = server.connect();
    let upload = begun(&mut client, "/a", "", b"01234");
    let place = "Upload-Offset: 5\r\nUpload-Complete: ?1\r\n";
    for media_type in
        ["", "Content-Type: application/octet-stream\r\n", "Content-Type: application/merge-patch+json\r\n"]
    {
        let response = client.bring("PATCH", &upload, &format!("{DRAFT}{place}{media_type}"), "x");
        let accepted = response.refuses(415, "media_type_supported").field("Accept-Patch");
        assert_eq!(accepted, "application/partial-upload");
    }
    // and a file is no upload
    let fields = format!("{DRAFT}{APPEND}Upload-Offset: 2\r\nUpload-Complete: ?1\r\n");
    let response = client.bring("PATCH", "/a.json", &fields, "x");
    let accepted = response.refuses(415, "media_type_supported").field("Accept-Patch");
    assert!(!accepted.contains("partial-upload"), "{accepted}");
    assert_eq!((offset(&mut client, &upload), folder.read("a.json")), (5, b"{}".to_vec()));
}

/// UPL-007: what cannot all be true is refused, before anything is stored.
#[test]
fn lengths_that_disagree_are_400() {
    let folder = Folder::new();
    let server = Server::writable(&folder, &[]);
    let mut client = server.connect();
    for fields in [
        "Upload-Complete: ?1\r\nUpload-Length: 4\r\n",
        "Upload-Complete: ?1\r\nUpload-Length: 6\r\n",
        "Upload-Complete: ?0\r\nUpload-Length: 4\r\n",
        "Upload-Complete: ?0\r\nUpload-Offset: 3\r\n",
        "Upload-Complete: yes\r\n",
        "Upload-Complete: 1\r\n",
        "Upload-Complete: ?0\r\nUpload-Length: -1\r\n",
        "Upload-Complete: ?0\r\nUpload-Length: many\r\n",
        "Upload-Complete: ?0\r\nUpload-Length: 1000000000000000\r\n",
    ] {
        let response = client.bring("PUT", "/a", &format!("{DRAFT}{fields}"), "01234");
        assert_eq!(response.status, 400, "{fields}: {}", response.text());
        assert_eq!(response.refuses(400, "upload_fields_valid").interim, [0_u16; 0], "{fields}");
    }
    assert!(folder.names("").is_empty() && is_forgotten(&folder));
    let upload = begun(&mut client, "/a", "Upload-Length: 10\r\n", b"01234");
    for (fields, piece) in [
        // goes beyond
        ("Upload-Offset: 5\r\nUpload-Complete: ?0\r\n", "567890"),
        ("Upload-Offset: 5\r\nUpload-Complete: ?1\r\n", "567890"),
        // ends before
        ("Upload-Offset: 5\r\nUpload-Complete: ?1\r\n", "5678"),
        // is another
        ("Upload-Offset: 5\r\nUpload-Complete: ?0\r\nUpload-Length: 11\r\n", "56789"),
        ("Upload-Offset: 5\r\nUpload-Complete: ?0\r\nUpload-Length: 9\r\n", "5678"),
        ("Upload-Offset: 11\r\nUpload-Complete: ?0\r\nUpload-Length: 10\r\n", "x"),
        // is not told
        ("Upload-Offset: 5\r\n", "56789"),
        ("Upload-Complete: ?1\r\n", "56789"),
        ("Upload-Offset: five\r\nUpload-Complete: ?1\r\n", "56789"),
        ("Upload-Offset: -5\r\nUpload-Complete: ?1\r\n", "56789"),
    ] {
        let response = client.bring("PATCH", &upload, &format!("{DRAFT}{APPEND}{fields}"), piece);
        assert_eq!(response.status, 400, "{fields}{piece}: {}", response.text());
        assert!(offset(&mut client, &upload) == 5, "{fields}{piece}");
    }
    // in chunks, where it only shows as it comes
    for (complete, piece) in [(1, "567890"), (0, "567890"), (1, "5678")] {
        let fields = format!("{DRAFT}{APPEND}Upload-Offset: 5\r\nUpload-Complete: ?{complete}\r\n");
        let mut client = server.connect();
        client.send(format!("PATCH {upload} HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n{fields}\r\n"));
        client.send_more(chunked(piece, 2));
        assert_eq!(client.response().status, 400, "{complete} {piece}");
        let now = offset(&mut server.connect(), &upload);
        assert!((5..=10).contains(&now), "never beyond its length: {now}");
        assert!(!folder.path("a").exists(), "{complete} {piece}");
        if now > 5 {
            // what came of it is kept, and goes on to be the upload
            let rest = &b"0123456789"[usize::try_from(now).expect("few")..];
            append(&mut server.connect(), &upload, now, true, "", rest).is(201);
            assert_eq!(folder.read("a"), b"0123456789");
            return;
        }
    }
    append(&mut client, &upload, 5, true, "", b"56789").is(201);
    assert_eq!(folder.read("a"), b"0123456789");
}

/// MTH-012, UPL-002: what is added to a collection can be resumed, too.
#[test]
fn a_post_to_a_collection_is_resumed() {
    let folder = Folder::with(&[("dir/member", "m")]);
    let server = Server::writable(&folder, &[]);
    let mut client = server.connect();
    let text = "Content-Type: text/plain\r\n";
    let at_once = client.bring("POST", "/dir/", &format!("{DRAFT}{text}Upload-Complete: ?1\r\n"), "at once");
    assert_eq!((at_once.is(201).interim.as_slice(), at_once.field("Upload-Complete")), (&[104][..], "?1"));
    let response = begin(&mut client, "POST", "/dir/", text, b"in ");
    let upload = location(response.is(201));
    let pieces = append(&mut client, &upload, 3, true, "", b"pieces");
    assert_eq!(pieces.is(201).field("Upload-Complete"), "?1");
    for (made, content) in [(&at_once, "at once"), (&pieces, "in pieces")] {
        let location = made.field("Location");
        assert!(location.starts_with("/dir/20") && location.contains(".txt"), "{location}");
        let read = client.get(location);
        assert_eq!((read.is(200).text(), read.field("Content-Type")), (content, "text/plain; charset=utf-8"));
    }
    assert_eq!((folder.names("dir").len(), is_forgotten(&folder)), (3, true));
    // a piece of a form is no form
    let fields = format!("{}Upload-Length: 1000\r\n", crate::forms::FORM);
    let response =
        begin(&mut client, "POST", "/dir/", &fields, &crate::forms::form(&[("a", "text/plain", b"a")])[..50]);
    assert!(response.status >= 400, "{:#?}", response.fields);
    assert_eq!(folder.names("dir").len(), 3);
}

/// Where files are only dropped, that can be resumed as well.
#[test]
fn what_is_dropped_is_resumed() {
    let folder = Folder::new();
    folder.folder("in");
    let server = Server::with(&folder, &["--drop", "in", "--no-fsync"]);
    let mut client = server.connect();
    let text = "Content-Type: text/plain\r\n";
    let upload = location(begin(&mut client, "POST", "/in/", text, b"in ").is(201));
    assert_eq!(offset(&mut client, &upload), 3);
    append(&mut client, &upload, 3, true, "", b"pieces").is(201);
    let names = folder.names("in");
    assert_eq!((names.len(), folder.read(&format!("in/{}", names[0]))), (1, b"in pieces".to_vec()));
    let upload = location(begin(&mut client, "POST", "/in/", text, b"in ").is(201));
    client.ask("DELETE", &upload, DRAFT).is(204);
    assert!(is_forgotten(&folder));
    client.send(head("POST", "/in/", true, "Content-Length: 1\r\n"));
    limited(&client.interim());
    client.send_more("x");
    client.response().is(201);
}

/// MTH-004, MTH-016, UPL-008: an upload is looked at, gone on with and given up, and nothing else.
#[test]
fn an_upload_is_no_file() {
    let folder = Folder::new();
    let server = Server::writable(&folder, &[]);
    let mut client = server.connect();
    let upload = begun(&mut client, "/a", "", b"01234");
    let allowed = |response: &Response| {
        let mut methods: Vec<String> = response.field("Allow").split(", ").map(str::to_owned).collect();
        methods.sort();
        assert_eq!(methods, ["DELETE", "GET", "HEAD", "OPTIONS", "PATCH"]);
    };
    for (method, fields) in [
        ("PUT", ""),
        ("POST", ""),
        ("MKCOL", ""),
        ("COPY", "Destination: /x\r\n"),
        ("MOVE", "Destination: /x\r\n"),
        ("PROPFIND", "Depth: 0\r\n"),
        ("PROPPATCH", ""),
        ("LOCK", ""),
        ("UNLOCK", "Lock-Token: <urn:x>\r\n"),
    ] {
        for target in [upload.as_str(), "/.because/uploads/none"] {
            allowed(client.ask(method, target, fields).refuses(405, "method_allowed"));
        }
    }
    for (method, to) in [("COPY", upload.as_str()), ("MOVE", "/.because/uploads/x"), ("COPY", "/.because/jobs/x")] {
        client.put("/file", "f");
        client.ask(method, "/file", &format!("Destination: {to}\r\n")).is(403);
    }
    let options = client.ask("OPTIONS", &upload, "");
    allowed(options.is(200));
    assert_eq!(options.field("Accept-Patch"), "application/partial-upload");
    limited(&options);
    // what nobody began, and what is beside
    for target in
        ["/.because/uploads/none", "/.because/uploads/", "/.because/uploads", "/.because/uploads/../state.redb"]
    {
        client.get(target).is(404);
        client.ask("HEAD", target, DRAFT).is(404);
    }
    let none = append(&mut client, "/.because/uploads/none", 0, true, "", b"x");
    none.refuses(404, "target_missing");
    assert_eq!(client.get(&upload).is(204).content, b"", "nobody reads what has come so far");
    assert_eq!(offset(&mut client, &upload), 5);
    append(&mut client, &upload, 5, true, "", b"").is(201);
}

/// RFC 3986 §5.2.4: dots are taken out before anything is looked for.
#[test]
fn a_path_through_the_servers_own_space_leads_where_it_leads() {
    let folder = Folder::with(&[("file", "f"), ("dir/member", "m")]);
    let server = Server::writable(&folder, &[]);
    for path in
        ["/.because/../file", "/.because/uploads/../../file", "/.because/%2e%2e/file", "/.because/jobs/x/../../../file"]
    {
        let mut client = server.connect();
        assert_eq!(client.get(path).is(200).text(), "f", "{path}");
        assert_eq!(client.ask("HEAD", path, "").is(200).field("Content-Length"), "1", "{path}");
        client.ask("PROPFIND", path, "Depth: 0\r\n").is(207);
    }
    server.get("/.because/../dir/").is(200).says("member");
    for path in ["/.because//file", "/.because/uploads/%00", "/.because/uploads/a%2Fb", "/.because/jobs//"] {
        server.get(path).is(404);
    }
    let mut client = server.connect();
    let upload = begun(&mut client, "/a", "", b"01");
    let dotted = upload.replace("/uploads/", "/jobs/../uploads/./");
    assert_eq!(offset(&mut client, &dotted), 2);
    append(&mut client, &dotted.replace("because", "%62ecause"), 2, true, "", b"2").is(201);
}

/// Draft §4.1.4: what is taken is told beforehand.
#[test]
fn options_tells_the_limits() {
    let folder = Folder::with(&[("file", "f"), ("dir/member", "m")]);
    let server = Server::writable(&folder, &["--max-upload", "1000"]);
    for target in ["/", "/file", "/dir/", "*"] {
        let response = server.ask("OPTIONS", target, DRAFT);
        limited(response.is(200));
        assert!(response.field("Upload-Limit").contains("max-size=1000,"), "{}", response.field("Upload-Limit"));
    }
    assert!(!Server::of(&folder).ask("OPTIONS", "/", "").is(200).has("Upload-Limit"));
    // and it is true
    let mut client = server.connect();
    let upload = begun(&mut client, "/a", "", &noise(600));
    for (fields, piece) in [("Upload-Length: 1001\r\n", 1), ("", 401)] {
        let response = append(&mut client, &upload, 600, false, fields, &noise(piece));
        assert_eq!(response.status, 413, "{fields}{piece}: {}", response.text());
        assert_eq!(offset(&mut client, &upload), 600);
    }
    let response = begin(&mut client, "PUT", "/b", "Upload-Length: 1001\r\n", b"x");
    assert_eq!((response.is(413).interim.as_slice(), folder.path("b").exists()), (&[][..], false));
    append(&mut client, &upload, 600, true, "", &noise(400)).is(201);
}

/// Several at once, each as it comes.
#[test]
fn uploads_do_not_meet() {
    let folder = Folder::new();
    let server = Start::of(folder.root()).args(&["--write", "--no-fsync"]).threads(2).start();
    let (one, other) = (noise(300_000), noise(300_007).split_off(7));
    let (mut left, mut right) = (server.connect(), server.connect());
    let first = begun(&mut left, "/one", "", &one[..1_000]);
    let second = begun(&mut right, "/other", "", &other[..2_000]);
    assert_ne!(first, second);
    // whose connection it is does not matter
    append(&mut right, &first, 1_000, false, "", &one[1_000..290_000]).is(204);
    append(&mut left, &second, 2_000, true, "", &other[2_000..]).is(201);
    append(&mut left, &first, 290_000, true, "", &one[290_000..]).is(201);
    assert!(folder.read("one") == one && folder.read("other") == other);
    // two of one file: the last to end counts
    let (first, second) = (begun(&mut left, "/one", "", b"a"), begun(&mut right, "/one", "", b"b"));
    append(&mut left, &second, 1, true, "", b"2").is(204);
    append(&mut right, &first, 1, true, "", b"1").is(204);
    assert_eq!((folder.read("one"), is_forgotten(&folder)), (b"a1".to_vec(), true));
    // requests in one go, each with its 104
    let put = |target: &str| {
        let octets = message("PUT", target, &format!("{DRAFT}Upload-Complete: ?1\r\n"), "content");
        String::from_utf8(octets).expect("text")
    };
    left.pipeline(&[&put("/x"), &put("/y"), "GET /x HTTP/1.1\r\nHost: h\r\n\r\n"]);
    for _ in 0..2 {
        assert_eq!(left.response().is(201).interim, [104]);
    }
    assert_eq!(left.response().is(200).text(), "content");
}
