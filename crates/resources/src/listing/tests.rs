//! Lists as clients get them.

use std::ffi::OsString;
use std::fs::{self, File};
use std::os::unix::ffi::OsStringExt;
use std::os::unix::net::UnixListener;
use std::time::{Duration, UNIX_EPOCH};

use crate::limits::Limits;

use super::*;
use crate::resource::Files;
use crate::root::Way;
use crate::testing::{Folder, each_way, find, find_accepted, moment, text};

fn served(folder: &Folder) -> Files {
    folder.served(&listed(), Way::Cached)
}

fn listed() -> Options {
    Options { listing: true, ..Options::default() }
}

/// The links of a list of JSON, in order.
fn links(files: &Files, path: &str) -> Vec<String> {
    let list = text(&find_accepted(files, path, &["application/json"], moment(0)));
    list.split("\"href\":\"").skip(1).filter_map(|rest| Some(rest.split_once('"')?.0.to_owned())).collect()
}

/// Three files and two folders.
fn shelf() -> Folder {
    let folder = Folder::new();
    for (name, size, date) in [("b 10.txt", 1_500, 3), ("B 9.txt", 20, 2), ("a.png", 1_234_567, 1)] {
        let path = folder.file(name, vec![b'x'; size]);
        let file = File::options().write(true).open(path).expect("it is there");
        file.set_modified(UNIX_EPOCH + Duration::from_secs(date * 86_400)).expect("set");
    }
    folder.folder("zoo");
    folder.file("Apes/x", "x");
    folder
}

#[test]
fn people_get_a_page() {
    let folder = shelf();
    each_way(|way| {
        let files = folder.served(&listed(), way);
        let found = find(&files, "", moment(0));
        let facts = found.facts();
        assert_eq!(facts.media_type, Some("text/html; charset=utf-8"));
        assert_eq!((facts.vary, facts.variants, facts.variant_acceptable), (Some("Accept"), 2, true));
        assert!(facts.collection && facts.tag.is_some_and(|tag| !tag.weak) && facts.modified.is_none());
        let page = text(&found);
        assert_eq!(page.len() as u64, facts.length);
        for part in [
            "<title>Files</title>",
            "2 folders · 3 files · <span title=\"1,236,087 bytes\">1.2 MB</span>",
            "<a href=\"Apes/\">",
            "<a href=\"b%2010.txt\">",
            "<td class=s title=\"1,500 bytes\">1.5 kB</td>",
            "<time datetime=\"1970-01-04T00:00:00Z\"",
            "<th class=n scope=col aria-sort=ascending><a href=\"?sort=name&amp;order=desc\">",
            "<a href=\"?sort=size&amp;order=desc\">",
        ] {
            assert!(page.contains(part), "{part}\n{page}");
        }
        assert!(!page.contains("Parent folder") && !page.contains("<script") && !page.contains("http"));
        let inner = text(&find(&files, "Apes/?sort=date", moment(0)));
        for part in ["<title>Apes</title>", "<a href=\"../?sort=date&amp;order=asc\">", "Parent folder"] {
            assert!(inner.contains(part), "{part}\n{inner}");
        }
    });
}

#[test]
fn programs_get_an_array() {
    let folder = shelf();
    let found = find_accepted(&served(&folder), "", &["text/html;q=0.5, application/json"], moment(0));
    assert_eq!(found.facts().media_type, Some("application/json"));
    let list = text(&found);
    assert!(list.starts_with("[\n{\"name\":\"Apes\",\"type\":\"directory\",\"modified\":\""), "{list}");
    let line = r#"{"name":"a.png","type":"file","size":1234567,"modified":"1970-01-02T00:00:00Z","href":"a.png"}"#;
    assert!(list.contains(line) && list.ends_with("}\n]\n"), "{list}");
    folder.folder("none");
    assert_eq!(text(&find_accepted(&served(&folder), "none/", &["application/json"], moment(0))), "[\n]\n");
}

#[test]
fn the_form_is_the_client_s_choice() {
    let json: &[&str] = &["application/json"];
    let forms: [(&[&str], Form, bool); 6] = [
        (&[], Form::Html, true),
        (&["*/*"], Form::Html, true),
        (&["text/*;q=0.1, application/*"], Form::Json, true),
        (&["text/plain", "application/json;q=0.2"], Form::Json, true),
        (&["image/png"], Form::Html, false),
        (json, Form::Json, true),
    ];
    for (accept, form, acceptable) in forms {
        let chosen = Form::choose(accept.iter().map(|line| line.as_bytes()));
        assert_eq!(chosen, (form, acceptable), "{accept:?}");
    }
    let folder = shelf();
    let found = find_accepted(&served(&folder), "", &["image/png"], moment(0));
    assert!(!found.facts().variant_acceptable && found.facts().representation);
}

#[test]
fn folders_come_first_in_every_order() {
    let folder = shelf();
    let files = served(&folder);
    let (nine, ten) = ("B%209.txt", "b%2010.txt");
    for (query, order) in [
        ("", ["Apes/", "zoo/", "a.png", nine, ten]),
        ("?sort=name&order=desc", ["zoo/", "Apes/", ten, nine, "a.png"]),
        ("?sort=size", ["Apes/", "zoo/", nine, ten, "a.png"]),
        ("?order=desc&sort=size", ["zoo/", "Apes/", "a.png", ten, nine]),
        ("?sort=nothing&order=else", ["Apes/", "zoo/", "a.png", nine, ten]),
    ] {
        assert_eq!(links(&files, query), order, "{query}");
    }
    assert_eq!(links(&files, "?sort=date&order=desc")[2..], [ten, nine, "a.png"]);
}

#[test]
fn what_cannot_be_had_is_not_listed() {
    let outside = Folder::new();
    outside.file("secret", "secret");
    let folder = Folder::new();
    folder.file("file", "x");
    folder.file(".hidden", "x");
    folder.file(".well-known/x", "x");
    folder.link("inside", "file");
    folder.link("out", outside.path().join("secret"));
    folder.link("out-folder", outside.path());
    folder.link("dangling", "nowhere");
    folder.link("round", "round");
    folder.link("here", ".");
    let _socket = UnixListener::bind(folder.path().join("socket")).expect("a socket");
    each_way(|way| {
        let files = folder.served(&listed(), way);
        assert_eq!(links(&files, ""), [".well-known/", "here/", "file", "inside"]);
        assert_eq!(links(&files, "here/"), [".well-known/", "here/", "file", "inside"]);
        let all = folder.served(&Options { hidden: true, ..listed() }, way);
        assert!(links(&all, "").contains(&".hidden".to_owned()));
    });
}

#[test]
fn a_long_list_says_that_it_ends() {
    let folder = Folder::new();
    for number in 0..1_300 {
        folder.file(&format!("file {number}"), "");
    }
    folder.folder("zzz");
    let options = Options { limits: Limits { listing: 25, ..Limits::default() }, ..listed() };
    let files = folder.served(&options, Way::Cached);
    let page = text(&find(&files, "", moment(0)));
    assert!(page.contains("and 1,276 more") && page.contains("The first: 1 folder · 24 files"), "{page}");
    let shown = links(&files, "?sort=name&order=desc");
    assert_eq!((shown.len(), shown[0].as_str(), shown[1].as_str()), (25, "zzz/", "file%2023"));
    let list = text(&find_accepted(&files, "", &["application/json"], moment(0)));
    assert!(list.ends_with("{\"type\":\"more\",\"count\":1276}\n]\n"), "{list}");
    let none = Options { limits: Limits { listing: 0, ..Limits::default() }, ..listed() };
    assert!(text(&find(&folder.served(&none, Way::Cached), "", moment(0))).contains("and 1,301 more"));
}

#[test]
fn odd_names_are_shown_and_linked() {
    let folder = Folder::new();
    let names: [&[u8]; 7] = [
        b"<script>alert(1)",
        b"\"'&",
        b"javascript:alert(1)",
        b"a#b?c%d\\",
        b"new\nline",
        b"\xff\xfe",
        "\u{202e}gpj.exe".as_bytes(),
    ];
    for name in names {
        fs::write(folder.path().join(OsString::from_vec(name.to_vec())), "x").expect("a file");
    }
    fs::create_dir(folder.path().join("<b>")).expect("a folder");
    let files = served(&folder);
    let page = text(&find(&files, "", moment(0)));
    for part in [
        "&lt;script&gt;alert(1)</bdi>",
        "<bdi>&quot;&#39;&amp;</bdi>",
        "<a href=\"javascript%3Aalert%281%29\">",
        "<a href=\"a%23b%3Fc%25d%5C\">",
        "<a href=\"new%0Aline\">",
        "<a href=\"%FF%FE\">",
        "<bdi>\u{fffd}\u{fffd}</bdi>",
        "<bdi>\u{fffd}gpj.exe</bdi>",
    ] {
        assert!(page.contains(part), "{part}\n{page}");
    }
    assert!(!page.contains("<script") && !page.contains("<b>"));
    let inner = text(&find(&files, "<b>/", moment(0)));
    assert!(inner.contains("<title>&lt;b&gt;</title>") && !inner.contains("<b>"), "{inner}");
    assert_eq!(links(&files, "").len(), 8);
}

/// A strong tag must change with the content, and only with it. RFC 9110 §8.8.1
#[test]
fn the_tag_is_that_of_the_octets() {
    let folder = shelf();
    let files = served(&folder);
    let tag = |path: &str, accept: &[&str]| format!("{:?}", find_accepted(&files, path, accept, moment(0)).facts().tag);
    let first = tag("", &[]);
    assert_eq!(first, tag("", &[]));
    assert_ne!(first, tag("", &["application/json"]));
    assert_ne!(first, tag("?sort=size", &[]));
    let grown = File::options().append(true).open(folder.path().join("a.png")).expect("it is there");
    grown.set_len(7).expect("cut");
    assert_ne!(first, tag("", &[]), "the folder's own date has not changed, but its list has");
}

#[test]
fn a_folder_that_can_be_written_to_has_a_form() {
    let folder = shelf();
    let options = Options { writable: true, drops: vec!["Apes".to_owned()], ..listed() };
    let files = folder.served(&options, Way::Cached);
    let found = find(&files, "", moment(0));
    let page = text(&found);
    for part in [
        "<form id=up method=post action=\"?then=see\" enctype=\"multipart/form-data\">",
        "<input id=files type=file name=file multiple required>",
        "<form id=make hidden>",
        "</main>\n<script>(() => {",
        "</script>\n</body>",
    ] {
        assert!(page.contains(part), "{part}\n{page}");
    }
    assert!(page.find("<form id=up").expect("a form") < page.find("<table>").expect("a table"));
    assert_eq!(page.matches("<script").count(), 1);
    assert_eq!(found.facts().policy, Some(upload_policy()));

    let drop = text(&find(&files, "Apes/", moment(0)));
    assert!(
        drop.contains("<form id=up method=post action=\"?then=see\" enctype=\"multipart/form-data\" data-add>"),
        "{drop}"
    );
    assert!(!drop.contains("id=make") && drop.contains("<script>"), "{drop}");

    let json = find_accepted(&files, "", &["application/json"], moment(0));
    assert_eq!(json.facts().policy, None);
    assert_eq!(text(&json), text(&find_accepted(&served(&folder), "", &["application/json"], moment(0))));
    let plain = find(&served(&folder), "", moment(0));
    assert!(plain.facts().policy.is_none() && !text(&plain).contains("<form"));
}

/// What the server keeps for itself is not listed, even where hidden names are.
#[test]
fn the_server_s_own_folder_is_not_listed() {
    let folder = Folder::new();
    for name in [".because/state.redb", ".becausex", "a/.because", "b"] {
        folder.file(name, "x");
    }
    let files = folder.served(&Options { hidden: true, ..listed() }, Way::Cached);
    assert_eq!(links(&files, ""), ["a/", ".becausex", "b"]);
    assert_eq!(links(&files, "a/"), [".because"]);
}

#[test]
fn names_are_sorted_as_people_do() {
    for (one, two) in [
        ("a", "B"),
        ("file 9", "file 10"),
        ("file 09", "file 10"),
        ("a1b", "a1c"),
        ("A", "a"),
        ("a", "aa"),
        ("1.9.0", "1.10.0"),
        ("99999999999999999999998", "99999999999999999999999"),
        ("v007", "v7"),
    ] {
        assert_eq!(natural(one.as_bytes(), two.as_bytes()), Ordering::Less, "{one} {two}");
        assert_eq!(natural(two.as_bytes(), one.as_bytes()), Ordering::Greater, "{two} {one}");
        assert_eq!(natural(one.as_bytes(), one.as_bytes()), Ordering::Equal);
    }
}
