//! What content a rule takes: how much of it and of which types, by what is announced and by what comes.

use crate::client::{chunked, message};
use crate::folder::Folder;
use crate::policy::{by, serve, users};
use crate::server::Server;

const RULES: &str = r#"
write = true
[rule."/small/**"]
max-content = "10"
[rule."/pictures/**"]
types = ["image/*"]
[rule."/measured/**"]
require = { length = true }
[rule."/large/**"]
max-content = "2M"
[rule."/careful/**"]
conditional = true
"#;

const GIF: &[u8] = b"GIF89a\x01\x00\x01\x00\x00\x00\x00;";
const FORM: &str = "Content-Type: multipart/form-data; boundary=b\r\n";

fn folder() -> Folder {
    let folder = Folder::new();
    for name in ["small", "pictures", "measured", "large", "careful"] {
        folder.folder(name);
    }
    folder
}

fn in_chunks(server: &Server, target: &str, content: &[u8]) -> crate::client::Response {
    let head = format!("PUT {target} HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n");
    let mut client = server.connect();
    client.send(head);
    client.try_send_more(chunked(content, 4));
    client.response()
}

#[test]
fn what_is_too_large_is_413_however_it_comes() {
    let folder = folder();
    let server = serve(&folder, RULES);
    server.put("/small/a", "0123456789").is(201);
    server.put("/small/b", "0123456789a").refuses(413, "content_too_large");
    in_chunks(&server, "/small/c", b"0123456789").is(201);
    let counted = in_chunks(&server, "/small/d", b"0123456789a");
    assert_eq!(counted.status, 413, "{}", counted.text());
    let form = "--b\r\nContent-Disposition: form-data; name=f; filename=\"e\"\r\n\r\n0123456789a\r\n--b--\r\n";
    server.bring("POST", "/small/", FORM, form).is(413);
    let waits = message("PUT", "/small/f", "Expect: 100-continue\r\n", "0123456789a");
    let mut client = server.connect();
    client.try_send(&waits[..waits.len() - 11]);
    let response = client.response();
    assert_eq!((response.status, response.interim.len()), (413, 0));
    assert_eq!(folder.names("small"), ["a", "c"]);
    assert!(folder.is_tidy());
}

/// An upload in pieces is as long as all of them.
#[test]
fn an_upload_in_pieces_is_measured_as_a_whole() {
    let folder = folder();
    let server = serve(&folder, RULES);
    let draft = "Upload-Draft-Interop-Version: 8\r\n";
    let begun = server.bring("PUT", "/small/a", &format!("{draft}Upload-Complete: ?0\r\n"), "012345");
    let location = begun.is(201).field("Location").to_owned();
    let more = "Content-Type: application/partial-upload\r\nUpload-Offset: 6\r\nUpload-Complete: ?1\r\n";
    let done = server.bring("PATCH", &location, &format!("{draft}{more}"), "6789abcdef");
    assert_eq!(done.status, 413, "{}", done.text());
    assert!(folder.names("small").is_empty());
}

#[test]
fn a_rule_may_take_more_than_is_usual_and_no_more_than_the_server() {
    let folder = folder();
    let server = serve(&folder, &RULES.replacen("[rule", "[limits]\nmax-upload = \"1M\"\n[rule", 1));
    server.put("/large/a", vec![b'x'; 1_000_000]).is(201);
    server.put("/large/b", vec![b'x'; 1_500_000]).is(413);
    let chunks = in_chunks(&server, "/large/c", &vec![b'x'; 1_100_000]);
    assert_eq!(chunks.status, 413, "{}", chunks.text());
}

/// By what it says it is, and by what it is.
#[test]
fn only_the_types_of_a_rule_are_stored() {
    let folder = folder();
    let server = serve(&folder, RULES);
    let put = |target: &str, media_type: &str, content: &[u8]| {
        server.bring("PUT", target, &format!("Content-Type: {media_type}\r\n"), content)
    };
    put("/pictures/a.gif", "image/gif", GIF).is(201);
    put("/pictures/b.txt", "text/plain", b"text").refuses(415, "media_type_supported");
    let belied = put("/pictures/c.gif", "image/gif", b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n");
    assert_eq!(belied.status, 415, "{}", belied.text());
    let form = |media_type: &str, name: &str| {
        format!(
            "--b\r\nContent-Disposition: form-data; name=f; filename=\"{name}\"\r\nContent-Type: {media_type}\r\n\r\nx\r\n--b--\r\n"
        )
    };
    let posted = server.bring("POST", "/pictures/", FORM, form("text/html", "d.html"));
    assert_eq!(posted.status, 415, "{}", posted.text());
    assert_eq!(folder.names("pictures"), ["a.gif"]);
    // elsewhere all are
    put("/e.txt", "text/plain", b"text").is(201);
    server.get("/pictures/a.gif").is(200);
}

#[test]
fn a_length_or_a_condition_is_demanded_where_the_rule_says_so() {
    let folder = folder();
    let server = serve(&folder, RULES);
    in_chunks(&server, "/measured/a", b"x").refuses(411, "length_required");
    server.put("/measured/a", "x").is(201);
    in_chunks(&server, "/b", b"x").is(201);
    for (method, fields, status) in [
        ("PUT", "", 428),
        ("PUT", "If-None-Match: *\r\n", 201),
        ("PUT", "If-None-Match: *\r\n", 412),
        ("PUT", "If-Match: *\r\n", 204),
        ("DELETE", "", 428),
        ("MOVE", "Destination: /c\r\n", 428),
        ("DELETE", "If-Unmodified-Since: Sun, 06 Nov 2094 08:49:37 GMT\r\n", 204),
    ] {
        let response = server.ask(method, "/careful/a", &format!("{fields}Content-Length: 0\r\n"));
        assert_eq!(response.status, status, "{method} {fields}: {}", response.content_of_any());
    }
}

/// What proves who asks is not kept on the disk.
#[test]
fn an_upload_keeps_no_secret() {
    let folder = folder();
    let server = serve(&folder, &format!("\nwrite = true{}[rule.\"/small/**\"]\nguard = \"alice\"\n", users()));
    let fields = "Upload-Draft-Interop-Version: 8\r\nUpload-Complete: ?0\r\nContent-Type: text/plain\r\n";
    let begun = server.bring("PUT", "/small/a", &format!("{fields}Cookie: a-cookie\r\n{}", by("alice")), "012345");
    let location = begun.is(201).field("Location").to_owned();
    let secret = by("alice").trim_end().rsplit(' ').next().expect("a word").to_owned();
    let kept = folder.path(".because/uploads");
    for member in std::fs::read_dir(kept).expect("is there") {
        let path = member.expect("is there").path();
        let octets = std::fs::read(&path).expect("can be read");
        for word in [secret.as_bytes(), b"a-cookie"] {
            assert!(!octets.windows(word.len()).any(|part| part == word), "{}", path.display());
        }
    }
    let more = "Upload-Draft-Interop-Version: 8\r\nContent-Type: application/partial-upload\r\nUpload-Offset: 6\r\n";
    server.bring("PATCH", &location, &format!("{more}Upload-Complete: ?1\r\n"), "789").is(201);
    assert_eq!(folder.read("small/a"), b"012345789");
}
