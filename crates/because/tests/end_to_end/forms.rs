//! POST to a collection: forms and plain content, what they are answered with, and folders where files may only be dropped.

use crate::client::{Response, chunked, message};
use crate::folder::{Folder, noise};
use crate::server::Server;
use crate::webdav_locks::lock;

/// The media type of a form.
pub(crate) const FORM: &str = "Content-Type: multipart/form-data; boundary=\"=_b\"\r\n";

/// A form: for each file its name, its media type and its content.
pub(crate) fn form(files: &[(&str, &str, &[u8])]) -> Vec<u8> {
    let mut octets = Vec::new();
    for (name, media_type, content) in files {
        octets.extend(b"--=_b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"");
        octets.extend(name.as_bytes());
        octets.extend(format!("\"\r\nContent-Type: {media_type}\r\n\r\n").as_bytes());
        octets.extend(*content);
        octets.extend(b"\r\n");
    }
    octets.extend(b"--=_b--\r\n");
    octets
}

fn post(server: &Server, target: &str, files: &[(&str, &str, &[u8])]) -> Response {
    server.bring("POST", target, FORM, form(files))
}

/// A part with this Content-Disposition, as a form of its own.
fn part(disposition: &str) -> String {
    format!("--=_b\r\nContent-Disposition: {disposition}\r\n\r\ncontent\r\n--=_b--\r\n")
}

/// The methods that an answer allows, in order.
fn allowed(response: &Response) -> Vec<&str> {
    let mut methods: Vec<&str> = response.field("Allow").split(", ").collect();
    methods.sort_unstable();
    methods
}

const TEXT: &str = "text/plain";

/// MTH-012
#[test]
fn a_form_with_one_file_makes_it() {
    let folder = Folder::with(&[("dir/member", "m"), ("dir/ä ö/x", "x")]);
    let server = Server::writable(&folder, &[]);
    for (target, location, name) in [
        ("/", "/a.txt", "a.txt"),
        ("/dir/", "/dir/a.txt", "dir/a.txt"),
        ("/dir/%C3%A4%20%C3%B6/", "/dir/%C3%A4%20%C3%B6/a.txt", "dir/ä ö/a.txt"),
    ] {
        let made = post(&server, target, &[("a.txt", TEXT, b"content\r\n--=_\r\n")]);
        assert_eq!(made.is(201).field("Location"), location);
        assert_eq!(folder.read(name), b"content\r\n--=_\r\n");
        let read = server.get(location);
        assert_eq!(read.is(200).content, b"content\r\n--=_\r\n");
        assert!(made.maybe("ETag").is_none_or(|tag| tag == read.field("ETag")), "MTH-007");
    }
    // the collection may be named without its slash
    assert_eq!(post(&server, "/dir", &[("b.txt", TEXT, b"")]).is(201).field("Location"), "/dir/b.txt");
    assert_eq!(folder.read("dir/b.txt"), b"");
    assert!(folder.is_tidy());
}

#[test]
fn a_form_is_kept_octet_for_octet_however_it_comes() {
    let folder = Folder::new();
    let server = Server::writable(&folder, &[]);
    let (large, odd) = (noise(3_000_001), b"\r\n--=_\n--=_b\r\r\n\r\n--".repeat(100));
    let content = form(&[("large", "application/octet-stream", &large), ("odd", TEXT, &odd), ("empty", TEXT, b"")]);
    // with what may stand before and behind (RFC 2046 §5.1.1)
    let content = [b"preamble\r\n", &content[..], b"epilogue\r\n--=_b"].concat();
    let head = format!("POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n{FORM}\r\n");
    for (most, nth) in [(1_000, 1), (content.len(), 2)] {
        let mut client = server.connect();
        client.send(&head).send_more(chunked(&content, most));
        client.response().is(201);
        assert_eq!(folder.names("").len(), 3 * nth);
    }
    assert_eq!(folder.names(""), ["empty", "empty (2)", "large", "large (2)", "odd", "odd (2)"]);
    for name in ["large", "large (2)"] {
        assert!(folder.read(name) == large, "{name}");
    }
    for name in ["odd", "odd (2)"] {
        assert_eq!(folder.read(name), odd, "{name}");
    }
    let mut client = server.connect();
    client.send_slowly(message("POST", "/", FORM, form(&[("slow", TEXT, b"slow but sure")])));
    client.response().is(201);
    assert_eq!((folder.read("slow"), folder.is_tidy()), (b"slow but sure".to_vec(), true));
}

/// RFC 9110 §15.3.2: of several, the collection is what names them all.
#[test]
fn a_form_with_several_files_makes_them_all() {
    let folder = Folder::with(&[("dir/member", "m")]);
    let server = Server::writable(&folder, &[]);
    let made = post(&server, "/dir/", &[("a", TEXT, b"1"), ("b", "image/png", b"2"), ("c", "nonsense", b"3")]);
    assert_eq!(made.is(201).field("Location"), "/dir/");
    assert_eq!(folder.names("dir"), ["a", "b", "c", "member"]);
    assert_eq!((folder.read("dir/a"), folder.read("dir/c")), (b"1".to_vec(), b"3".to_vec()));
    // fields that are no files are passed over
    let content = [
        b"--=_b\r\nContent-Disposition: form-data; name=\"who\"\r\n\r\nme\r\n".as_slice(),
        &form(&[("d", TEXT, b"4"), ("", "application/octet-stream", b"")]),
    ];
    assert_eq!(server.bring("POST", "/", FORM, content.concat()).is(201).field("Location"), "/d");
    assert_eq!(folder.names(""), ["d", "dir"]);
}

/// RFC 9110 §9.3.3: what is there is not replaced.
#[test]
fn names_that_are_taken_are_numbered() {
    let folder = Folder::with(&[("a.txt", "old"), (".profile", "old"), ("dir/member", "m"), ("a.tar.gz", "old")]);
    let server = Server::writable(&folder, &[]);
    for (name, location, is) in [
        ("a.txt", "/a%20%282%29.txt", "a (2).txt"),
        ("a.txt", "/a%20%283%29.txt", "a (3).txt"),
        ("a (2).txt", "/a%20%282%29%20%282%29.txt", "a (2) (2).txt"),
        (".profile", "/.profile%20%282%29", ".profile (2)"),
        ("a.tar.gz", "/a.tar%20%282%29.gz", "a.tar (2).gz"),
        // a folder takes a name, too
        ("dir", "/dir%20%282%29", "dir (2)"),
    ] {
        let made = post(&server, "/", &[(name, TEXT, is.as_bytes())]);
        assert_eq!(made.is(201).field("Location"), location);
        assert_eq!(folder.read(is), is.as_bytes());
        assert_eq!(server.get(location).is(200).text(), is);
    }
    // of two files with one name in one form, too
    post(&server, "/dir/", &[("x", TEXT, b"1"), ("x", TEXT, b"2")]).is(201);
    assert_eq!((folder.read("dir/x"), folder.read("dir/x (2)")), (b"1".to_vec(), b"2".to_vec()));
    assert_eq!((folder.read("a.txt"), folder.read(".profile")), (b"old".to_vec(), b"old".to_vec()));
}

/// MTH-013: what a page wants its browser to do next.
#[test]
fn a_form_says_what_it_is_answered_with() {
    let folder = Folder::with(&[("d r/member", "m")]);
    let server = Server::writable(&folder, &[]);
    let files: &[(&str, &str, &[u8])] = &[("a", TEXT, b"a")];
    for (query, status) in [
        ("?then=see", 303),
        ("?x=1&then=see", 303),
        ("?then=reset", 205),
        ("?then=reset&then=see", 205),
        ("?then=other", 201),
        ("?then", 201),
        ("?", 201),
        ("?xthen=see", 201),
    ] {
        let before = folder.names("d r").len();
        let response = post(&server, &format!("/d%20r/{query}"), files);
        response.is(status);
        assert_eq!(folder.names("d r").len(), before + 1, "{query}");
        match status {
            303 => assert_eq!(response.field("Location"), "/d%20r/", "{query}"),
            205 => assert!(response.content.is_empty() && !response.has("Location"), "{query}"),
            _ => assert!(response.field("Location").starts_with("/d%20r/a"), "{query}"),
        }
    }
    server.get("/d%20r/").is(200);
    // who speaks HTTP/1.0 knows no 303 (RFC 9110 §15.4.4)
    let content = form(files);
    for (query, status) in [("?then=see", 302), ("?then=reset", 205), ("", 201)] {
        let length = content.len();
        let head = format!("POST /d%20r/{query} HTTP/1.0\r\nContent-Length: {length}\r\n{FORM}\r\n");
        let response = server.exchange([head.as_bytes(), &content].concat());
        response.is(status);
        assert!(status != 302 || response.field("Location") == "/d%20r/");
    }
    // a refusal is a refusal, whatever shall follow
    for query in ["?then=see", "?then=reset"] {
        server.bring("POST", &format!("/d%20r/{query}"), FORM, "no form").refuses(400, "content_malformed");
        post(&server, &format!("/none/{query}"), files).refuses(404, "target_missing");
    }
}

/// RFC 7578 §4.2: of what a client tells of its own folders, nothing is taken but the last name.
#[test]
fn a_name_leads_nowhere_else() {
    let folder = Folder::with(&[("dir/sub/x", "x")]);
    let server = Server::writable(&folder, &[]);
    for (told, name) in [
        ("../up.txt", "up.txt"),
        ("../../../etc/passwd", "passwd"),
        ("/etc/hosts", "hosts"),
        ("sub/deep.txt", "deep.txt"),
        ("C:\\fakepath\\win.txt", "win.txt"),
        ("..\\..\\back.txt", "back.txt"),
        ("ä €.txt", "ä €.txt"),
        ("a%22b%41.txt", "a\"b%41.txt"),
        ("...", "..."),
        (".because", ".because"),
    ] {
        let made = post(&server, "/dir/", &[(told, TEXT, told.as_bytes())]);
        made.is(201);
        assert_eq!(folder.read(&format!("dir/{name}")), told.as_bytes());
        assert_eq!(server.get(made.field("Location")).is(200).text(), told);
    }
    assert_eq!((folder.names(""), folder.names("dir/sub")), (vec!["dir".to_owned()], vec!["x".to_owned()]));
    assert!(!folder.beside("up.txt").exists() && !folder.beside("back.txt").exists());
    let before = folder.names("dir");
    let long = "n".repeat(256);
    for told in ["..", ".", "../..", "a/", "dir/..", "..\\", "/", "a\0b", "a\tb", "a%0Ab", &long] {
        let content = form(&[("first", TEXT, b"1"), (told, TEXT, b"2")]);
        server.bring("POST", "/dir/", FORM, content).refuses(400, "content_malformed");
    }
    assert_eq!(folder.names("dir"), before, "of a form all is made, or nothing");
    assert!(folder.is_tidy());
}

/// The server's own folder is nobody's, and of a form all is made, or nothing.
#[test]
fn a_form_cannot_bring_the_state_of_the_server() {
    let folder = Folder::new();
    let server = Server::writable(&folder, &[]);
    post(&server, "/", &[("a", TEXT, b"a"), (".because", TEXT, b"b"), ("c", TEXT, b"c")])
        .refuses(403, "subject_forbidden");
    assert!(folder.names("").is_empty() && folder.path(".because").is_dir() && folder.is_tidy());
    for target in ["/.because/", "/.because", "/.because/temporary/", "/.because/uploads/", "/.because/jobs/"] {
        let response = post(&server, target, &[("a", TEXT, b"a")]);
        assert!(matches!(response.status, 403..=405), "{target}: {}", response.text());
    }
    server.get("/a").is(404);
}

/// RFC 3986 §3.3: what no name can be names nothing, and the root least of all.
#[test]
fn a_path_that_nothing_can_have_is_not_the_root() {
    let folder = Folder::with(&[("file", "f"), ("dir/member", "m")]);
    let server = Server::writable(&folder, &[]);
    for path in ["/x%00y/", "/x%2Fy/", "//dir/", "/dir//", "/%00", "/dir/%2F"] {
        post(&server, path, &[("a", TEXT, b"a")]).is(404);
        server.bring("POST", path, "Content-Type: text/plain\r\n", "x").is(404);
        server.ask("COPY", path, "Destination: /copy/\r\n").is(404);
        server.ask("MOVE", path, "Destination: /moved/\r\n").is(404);
        server.ask("DELETE", path, "").is(404);
        server.ask("PROPFIND", path, "Depth: 0\r\n").is(404);
        let response = server.bring("LOCK", path, "", crate::webdav_locks::EXCLUSIVE);
        assert!(matches!(response.status, 403..=409), "{path}: {}", response.text());
    }
    for to in ["/x%00y", "/x%2Fy", "//x"] {
        let response = server.ask("COPY", "/file", &format!("Destination: {to}\r\n"));
        assert!(matches!(response.status, 400..=409), "{to}: {}", response.text());
    }
    assert_eq!((folder.names(""), folder.names("dir")), (vec!["dir".into(), "file".into()], vec!["member".to_owned()]));
    // nothing is locked
    server.put("/new", "new").is(201);
}

#[test]
fn what_is_no_form_is_400() {
    let folder = Folder::new();
    let server = Server::writable(&folder, &[]);
    let whole = String::from_utf8(form(&[("a", TEXT, b"a")])).expect("text");
    let file = "form-data; name=f; filename=a";
    for content in [
        "",
        "no form",
        "--other\r\n\r\n",
        whole.strip_suffix("--\r\n").expect("ends so"),
        &whole.replace("--=_b--", "--=_b"),
        &whole.replace("\r\n", "\n"),
        &whole.replace("--=_b\r\n", "--=_bx\r\n--=_b x\r\n"),
        &part("attachment; filename=a"),
        &part("form-data; filename=a"),
        &part("form-data; name=f; filename=\"a"),
        &part(&format!("{file}\r\nContent-Disposition: {file}")),
        &part(&format!("{file}\r\nno field")),
        &part(&format!("{file}\r\nContent-Transfer-Encoding: base64")),
        &part(&format!("{file}\r\nX: {}", "x".repeat(9_000))),
        "--=_b\r\nContent-Type: text/plain\r\n\r\nx\r\n--=_b--\r\n",
    ] {
        let response = server.bring("POST", "/", FORM, content);
        assert_eq!(response.status, 400, "{content:?}: {}", response.text());
        response.refuses(400, "content_malformed");
    }
    for media_type in [
        "multipart/form-data",
        "multipart/form-data; boundary=",
        "multipart/form-data; boundary=\"a b \"",
        &format!("multipart/form-data; boundary={}", "b".repeat(71)),
        "multipart/mixed; boundary=\"=_b\"",
    ] {
        let fields = format!("Content-Type: {media_type}\r\n");
        let response = server.bring("POST", "/", &fields, &whole);
        assert!(matches!(response.status, 400 | 415), "{media_type}: {}", response.text());
    }
    // what is cut off, too
    let mut client = server.connect();
    client.send(format!("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 10000\r\n{FORM}\r\n{whole}")).finish();
    client.response().refuses(400, "content_broken");
    assert!(folder.names("").is_empty() && folder.is_tidy());
}

#[test]
fn a_form_in_which_no_file_was_chosen_is_422() {
    let folder = Folder::new();
    let server = Server::writable(&folder, &[]);
    for content in
        [form(&[("", "application/octet-stream", b"")]), form(&[]), part("form-data; name=\"comment\"").into_bytes()]
    {
        server.bring("POST", "/", FORM, content).refuses(422, "content_unprocessable");
    }
    assert!(folder.names("").is_empty() && folder.is_tidy());
}

/// MTH-003, MTH-004: files are added to collections, and to nothing else.
#[test]
fn a_form_needs_a_collection() {
    let folder = Folder::with(&[("file", "f"), ("dir/member", "m")]);
    let server = Server::writable(&folder, &[]);
    for (fields, content) in [(FORM, form(&[("a", TEXT, b"a")])), ("Content-Type: text/plain\r\n", b"a".to_vec())] {
        let response = server.bring("POST", "/file", fields, &content);
        let methods = response.refuses(405, "method_allowed_on_mapped").field("Allow").split(", ");
        let methods: Vec<&str> = methods.collect();
        assert!(!methods.contains(&"POST") && !methods.contains(&"MKCOL"), "{methods:?}");
        for method in ["GET", "HEAD", "OPTIONS", "PUT", "DELETE", "PATCH", "COPY", "MOVE", "PROPFIND", "LOCK"] {
            assert!(methods.contains(&method), "{method}: {methods:?}");
        }
        for target in ["/none/", "/none", "/none/x/", "/file/x/"] {
            server.bring("POST", target, fields, &content).refuses(404, "target_missing");
        }
        // 1XX-006: before its content is asked for
        for (target, status) in [("/file", 405), ("/none/", 404)] {
            let response = server.exchange(format!(
                "POST {target} HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\nExpect: 100-continue\r\n{fields}\r\n"
            ));
            assert_eq!(response.is(status).interim, [0_u16; 0], "{target}");
        }
    }
    let response = server.ask("OPTIONS", "/dir/", "");
    assert!(allowed(&response).contains(&"POST") && !allowed(&response).contains(&"PUT"), "{:?}", allowed(&response));
    assert_eq!((folder.names(""), folder.names("dir").len()), (vec!["dir".into(), "file".into()], 1));
}

/// A name from the moment and the type, since nothing else is told.
#[test]
fn plain_content_is_a_file_and_gets_a_name() {
    let folder = Folder::with(&[("dir/member", "m")]);
    let server = Server::writable(&folder, &[]);
    for (fields, extension) in [
        ("Content-Type: text/plain\r\n", ".txt"),
        ("Content-Type: text/plain; charset=utf-8\r\n", ".txt"),
        ("Content-Type: image/png\r\n", ".png"),
        ("Content-Type: application/json\r\n", ".json"),
        ("Content-Type: x/unheard-of\r\n", ".bin"),
        ("Content-Type: nonsense\r\n", ".bin"),
        ("", ".bin"),
    ] {
        let made = server.bring("POST", "/dir/", fields, "content");
        let location = made.is(201).field("Location");
        let name = location.strip_prefix("/dir/").expect("a member");
        let plain = |b: u8| b.is_ascii_alphanumeric() || b"-._%".contains(&b);
        assert!(name.starts_with("20") && name.ends_with(extension) && name.bytes().all(plain), "{fields}: {name}");
        assert_eq!(server.get(location).is(200).content, b"content");
    }
    assert_eq!(folder.names("dir").len(), 8, "each has a name of its own");
    // content that proves itself (RFC 9530)
    let digest = "Content-Digest: sha-256=:7XACtDnprIRfIjV9giusFERzD722AW0+yUMil7nsn3M=:\r\n";
    server.bring("POST", "/dir/", digest, "content").is(201);
    server.bring("POST", "/dir/", digest, "Content").refuses(400, "content_broken");
    assert_eq!(folder.names("dir").len(), 9);
    assert!(folder.is_tidy());
}

#[test]
fn a_form_that_does_not_fit_is_507_and_leaves_nothing() {
    let folder = Folder::with(&[("old", "old")]);
    let server = Server::writable(&folder, &["--quota", "1000", "--quota-files", "3"]);
    let small = noise(600);
    let files: &[(&str, &str, &[u8])] = &[("a", TEXT, &small), ("b", TEXT, &small)];
    // by its length, before anything of it is read
    post(&server, "/", files).refuses(507, "storage_quota_left");
    // and by its count, where the length is not told
    let post_chunked = |content: &[u8]| {
        let mut client = server.connect();
        client.send(format!("POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n{FORM}\r\n"));
        client.try_send_more(chunked(content, 100));
        client.response()
    };
    post_chunked(&form(files)).refuses(507, "storage_insufficient");
    assert_eq!((folder.names(""), folder.is_tidy()), (vec!["old".to_owned()], true));
    // nor may there be more files than are allowed
    let many: &[(&str, &str, &[u8])] = &[("a", TEXT, b"1"), ("b", TEXT, b"2"), ("c", TEXT, b"3")];
    post(&server, "/", many).refuses(507, "storage_insufficient");
    assert_eq!((folder.names(""), folder.is_tidy()), (vec!["old".to_owned()], true));
    post(&server, "/", &many[..2]).is(201);
    server.bring("POST", "/", "Content-Type: text/plain\r\n", "x").refuses(507, "storage_quota_left");
    assert_eq!((folder.names(""), folder.is_tidy()), (vec!["a".into(), "b".into(), "old".into()], true));
}

#[test]
fn a_form_that_is_too_long_is_413() {
    let folder = Folder::new();
    let server = Server::writable(&folder, &["--max-upload", "64k"]);
    let content = form(&[("a", TEXT, b"a"), ("b", TEXT, &noise(70_000))]);
    server.bring("POST", "/", FORM, &content).refuses(413, "content_too_large");
    let mut client = server.connect();
    client.send(format!("POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n{FORM}\r\n"));
    client.try_send_more(chunked(content, 10_000));
    client.response().refuses(413, "content_grew_too_large");
    assert!(folder.names("").is_empty() && folder.is_tidy());
}

/// The first octets of a PNG.
const PNG: &[u8] = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x01\0\0\0\x01\x08\x06\0\0\0";

/// MTH-009: each file of a form by what is declared of it, by its name, and by the look of it.
#[test]
fn types_may_be_restricted_in_forms_too() {
    let folder = Folder::new();
    let server = Server::writable(&folder, &["--accept-type", "image/png", "--accept-type", "text/*"]);
    post(&server, "/", &[("a.png", "image/png", PNG), ("a.txt", "text/plain; charset=utf-8", b"text")]).is(201);
    let good: (&str, &str, &[u8]) = ("b.png", "image/png", PNG);
    for bad in [
        ("b.zip", "application/zip", b"PK\x03\x04".as_slice()),
        ("c.png", "image/png", b"GIF89a\x01\0\x01\0"),
        ("c.exe", "text/plain", b"MZ\x90\0"),
        // served by its name, it would be a page
        ("c.svg", "image/png", PNG),
        // what is declared, as with PUT
        ("c.png", "application/zip", PNG),
        ("c.txt", "application/zip", b"text"),
    ] {
        let response = post(&server, "/", &[good, bad]);
        assert_eq!(response.status, 415, "{bad:?}: {}", response.text());
        assert_eq!((folder.names(""), folder.is_tidy()), (vec!["a.png".into(), "a.txt".into()], true), "{bad:?}");
    }
    // plain content, too
    server.bring("POST", "/", "Content-Type: text/plain\r\n", "text").is(201);
    server.bring("POST", "/", "Content-Type: image/png\r\n", b"GIF89a\x01\0\x01\0").refuses(415, "media_type_belied");
    post(&server, "/", &[good, ("c.png", "image/png", b"GIF89a")]).refuses(415, "media_type_belied");
    let response = server.bring("POST", "/", "Content-Type: application/zip\r\n", b"PK\x03\x04");
    // RFC 9110 §15.5.16, and what would be taken instead
    let types: Vec<&str> = response.refuses(415, "media_type_supported").field("Accept-Post").split(", ").collect();
    assert_eq!(types, ["image/png", "text/*", "multipart/form-data"]);
    assert_eq!(folder.names("").len(), 3);
}

/// RFC 4918 §7.4: a lock on a collection protects which members it has.
#[test]
fn a_locked_collection_takes_no_form() {
    let folder = Folder::with(&[("dir/member", "m"), ("dir/sub/x", "x")]);
    let server = Server::writable(&folder, &[]);
    for depth in ["0", "infinity"] {
        let token = lock(&server, "/dir/", &format!("Depth: {depth}\r\n"));
        let files: &[(&str, &str, &[u8])] = &[("a", TEXT, b"a")];
        post(&server, "/dir/", files).refuses(423, "locked");
        server.bring("POST", "/dir/", "Content-Type: text/plain\r\n", "x").refuses(423, "locked");
        // what is beneath it only if the lock is deep
        post(&server, "/dir/sub/", files).is(if depth == "0" { 201 } else { 423 });
        assert_eq!(folder.names("dir"), ["member", "sub"]);
        let submitted = format!("{FORM}If: (<{token}>)\r\n");
        server.bring("POST", "/dir/", &submitted, form(files)).is(201);
        server.ask("DELETE", "/dir/a", &format!("If: </dir/> (<{token}>)\r\n")).is(204);
        server.ask("UNLOCK", "/dir/", &format!("Lock-Token: <{token}>\r\n")).is(204);
    }
    assert!(folder.is_tidy());
}

/// A folder where anybody may put files, and change nothing.
#[test]
fn where_files_are_dropped_nothing_else_is_changed() {
    let folder = Folder::with(&[("in/old.txt", "old"), ("in/sub/x", "x"), ("file", "f"), ("other/x", "x")]);
    let server = Server::with(&folder, &["--drop", "in", "--no-fsync"]);
    let files: &[(&str, &str, &[u8])] = &[("old.txt", TEXT, b"new")];
    for target in ["/in/", "/in", "/i%6E/"] {
        let made = post(&server, target, files);
        assert!(made.is(201).field("Location").starts_with("/in/old%20"), "{target}");
        assert_eq!(server.get(made.field("Location")).is(200).text(), "new");
    }
    server.bring("POST", "/in/", "Content-Type: text/plain\r\n", "x").is(201);
    assert_eq!(post(&server, "/in/?then=see", files).is(303).field("Location"), "/in/");
    assert_eq!((folder.read("in/old.txt"), folder.names("in").len()), (b"old".to_vec(), 7));
    let (reads, drops) = (["GET", "HEAD", "OPTIONS"], ["GET", "HEAD", "OPTIONS", "POST"]);
    for (method, fields) in [
        ("PUT", ""),
        ("DELETE", ""),
        ("PATCH", "Content-Type: application/merge-patch+json\r\n"),
        ("MKCOL", ""),
        ("COPY", "Destination: /in/copy\r\n"),
        ("MOVE", "Destination: /in/moved\r\n"),
        ("PROPFIND", "Depth: 0\r\n"),
        ("PROPPATCH", ""),
        ("LOCK", ""),
        ("UNLOCK", "Lock-Token: <urn:x>\r\n"),
    ] {
        for target in ["/in/", "/in/old.txt", "/in/new", "/in/sub/", "/file", "/new", "/other/", "/"] {
            let response = server.ask(method, target, fields);
            let methods = if target == "/in/" { &drops[..] } else { &reads };
            assert_eq!(allowed(response.refuses(405, "method_allowed")), methods, "{method} {target}");
        }
    }
    for target in ["/", "/other/", "/file", "/in/sub/", "/in/old.txt", "/none/"] {
        let response = post(&server, target, files);
        assert_eq!(allowed(response.refuses(405, "method_allowed")), reads, "{target}");
    }
    for (target, methods) in [("/in/", &drops[..]), ("/", &reads), ("/in/sub/", &reads), ("/file", &reads)] {
        let response = server.ask("OPTIONS", target, "");
        assert_eq!(allowed(response.is(200)), methods, "{target}");
        assert!(!response.has("DAV"), "{target}");
    }
    assert_eq!((folder.names(""), folder.names("in").len()), (vec!["file".into(), "in".into(), "other".into()], 7));
    assert_eq!(folder.read("file"), b"f");
}

/// What stops a form elsewhere stops it there, too.
#[test]
fn what_is_dropped_is_judged_as_any_form() {
    let folder = Folder::new();
    folder.folder("in");
    let gone = folder.folder("gone");
    let args = ["--drop", "/in/", "--drop", "gone", "--no-fsync", "--quota", "400", "--accept-type", "text/plain"];
    let server = Server::with(&folder, &args);
    post(&server, "/in/", &[("a.txt", TEXT, b"a")]).is(201);
    std::fs::remove_dir(gone).expect("is there");
    post(&server, "/gone/", &[("a.txt", TEXT, b"a")]).refuses(404, "target_missing");
    post(&server, "/in/", &[("a.png", "image/png", PNG)]).refuses(415, "media_type_belied");
    post(&server, "/in/", &[("b.txt", TEXT, &[b'x'; 400])]).refuses(507, "storage_quota_left");
    server.bring("POST", "/in/", FORM, "no form").refuses(400, "content_malformed");
    post(&server, "/in/", &[("..", TEXT, b"a")]).refuses(400, "content_malformed");
    assert_eq!((folder.names("in"), folder.is_tidy()), (vec!["a.txt".to_owned()], true));
}

/// The whole folder may be such a one; what is the server's own in it is neither listed nor served.
#[test]
fn files_may_be_dropped_at_the_root() {
    let folder = Folder::with(&[("old", "old"), ("dir/member", "m")]);
    let server = Server::with(&folder, &["--drop", "/", "--no-fsync", "--hidden"]);
    assert_eq!(post(&server, "/", &[("a", TEXT, b"a")]).is(201).field("Location"), "/a");
    post(&server, "/", &[(".because", TEXT, b"a")]).refuses(403, "subject_forbidden");
    post(&server, "/dir/", &[("a", TEXT, b"a")]).refuses(405, "method_allowed");
    server.put("/b", "b").refuses(405, "method_allowed");
    for target in ["/.because", "/.because/", "/.because/state.redb", "/.because/uploads/"] {
        server.get(target).is(404);
    }
    for accept in ["application/json", "text/html"] {
        let listing = server.get_with("/", &format!("Accept: {accept}\r\n"));
        assert!(!listing.is(200).text().contains(".because"), "{}", listing.text());
    }
    assert_eq!(folder.names(""), ["a", "dir", "old"]);
}

/// The script of a page, as it stands in it.
fn script(page: &str) -> &str {
    let (_, rest) = page.split_once("<script>").expect("a script");
    rest.split_once("</script>").expect("it ends").0
}

/// CSP3 §2.3.1: the page allows the script that is in it, by its digest, and no other.
#[test]
fn the_page_of_a_folder_has_a_form_and_allows_its_own_script_alone() {
    let folder = Folder::with(&[("in/file", "f"), ("other/file", "f")]);
    let writable = Folder::with(&[("in/file", "f")]);
    let writes = Server::writable(&writable, &[]);
    let drops = Server::with(&folder, &["--drop", "in", "--no-fsync"]);
    for (server, only) in [(&writes, false), (&drops, true)] {
        let page = server.get_with("/in/", "Accept: text/html\r\n");
        let text = page.is(200).text();
        let form = &text[text.find("<form ").expect("a form")..];
        let form = &form[..form.find("</form>").expect("it ends")];
        for part in ["method=post", "action=\"?then=see\"", "enctype=\"multipart/form-data\"", "type=file", "<button>"]
        {
            assert!(form.contains(part), "{part}: {form}");
        }
        assert_eq!(form.contains(" data-add"), only, "{form}");
        let policy = page.field("Content-Security-Policy");
        let digest = policy.split_once("script-src 'sha256-").expect("a digest").1;
        let digest = digest.split_once('\'').expect("it ends").0;
        assert_eq!(policy.matches("script-src").count(), 1, "{policy}");
        for part in ["default-src 'none'", "form-action 'self'", "base-uri 'none'", "frame-ancestors 'none'"] {
            assert!(policy.contains(part), "{part}: {policy}");
        }
        // the server takes content only with the digest that it has (RFC 9530 §2)
        let proof = format!("Content-Digest: sha-256=:{digest}:\r\n");
        writes.bring("PUT", "/script", &proof, script(text)).is(if only { 204 } else { 201 });
        writes.bring("PUT", "/script", &proof, format!("{} ", script(text))).refuses(400, "content_broken");
    }
    // where nothing can be added there is neither
    for target in ["/", "/other/"] {
        let page = drops.get_with(target, "Accept: text/html\r\n");
        assert!(!page.is(200).text().contains("<form") && !page.text().contains("<script"), "{target}");
        assert!(!page.field("Content-Security-Policy").contains("script-src"), "{target}");
    }
}
