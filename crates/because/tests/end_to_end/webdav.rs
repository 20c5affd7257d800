//! PROPFIND and PROPPATCH: what is told of a resource, and what clients keep with it (RFC 4918 §9.1, §9.2, §15).

use crate::client::Response;
use crate::dates;
use crate::folder::Folder;
use crate::server::Server;
use crate::xml::{self, Element};

const LIVE: &[&str] = &[
    "creationdate",
    "displayname",
    "getcontentlength",
    "getcontenttype",
    "getetag",
    "getlastmodified",
    "lockdiscovery",
    "resourcetype",
    "supportedlock",
];

fn folder() -> Folder {
    Folder::with(&[("a.txt", "text"), ("dir/member", "m"), ("dir/sub/deep.html", "<p>")])
}

/// Asks for properties, and reads the answer.
fn find(server: &Server, target: &str, depth: &str, within: &str) -> Element {
    let content = match within {
        "" => String::new(),
        within => format!("<?xml version=\"1.0\"?>\n<D:propfind xmlns:D=\"DAV:\" xmlns:z=\"z:\">{within}</D:propfind>"),
    };
    let response = server.bring("PROPFIND", target, &format!("Depth: {depth}\r\n"), content);
    xml::read(response.is(207).text())
}

/// Changes properties.
fn patch(server: &Server, target: &str, fields: &str, within: &str) -> Response {
    let content = format!("<D:propertyupdate xmlns:D=\"DAV:\" xmlns:z=\"z:\">{within}</D:propertyupdate>");
    server.bring("PROPPATCH", target, fields, content)
}

fn set(properties: &str) -> String {
    format!("<D:set><D:prop>{properties}</D:prop></D:set>")
}

/// A property that a client keeps there, if it is there.
fn kept(server: &Server, target: &str, name: &str) -> Option<Element> {
    let root = find(server, target, "0", &format!("<D:prop><z:{name}/></D:prop>"));
    let response = root.all("response").next().expect("one");
    response.properties(200).and_then(|found| found.children.first().cloned())
}

/// DAV-006; RFC 4918 §15: what is told of a file is what GET tells.
#[test]
fn all_that_is_known_of_a_file_is_told() {
    let (folder, all) = (folder(), "<D:allprop/>");
    let server = Server::writable(&folder, &[]);
    server.put("/a.txt", "text!").is(204);
    let head = server.ask("HEAD", "/a.txt", "");
    for within in ["", all] {
        let root = find(&server, "/a.txt", "0", within);
        assert_eq!(root.paths(), ["/a.txt"]);
        let found = root.about("/a.txt").found();
        for name in LIVE {
            found.child(name);
        }
        assert_eq!(found.child("getcontentlength").text, "5");
        assert_eq!(found.child("getetag").text, head.field("ETag"));
        assert_eq!(found.child("getlastmodified").text, head.field("Last-Modified"));
        assert!(dates::read(&found.child("getlastmodified").text).is_some());
        assert!(
            head.field("Content-Type").starts_with(found.child("getcontenttype").text.split(';').next().expect("one"))
        );
        assert!(found.child("resourcetype").children.is_empty() && found.child("lockdiscovery").children.is_empty());
        let date = &found.child("creationdate").text;
        assert!(date.len() == 20 && date.ends_with('Z') && &date[10..11] == "T", "RFC 3339: {date}");
        let scopes: Vec<_> =
            found.child("supportedlock").all("lockentry").map(|entry| entry.child("lockscope").names()).collect();
        assert_eq!(scopes, [["exclusive"], ["shared"]]);
    }
    let root = find(&server, "/", "0", "");
    let found = root.about("/").found();
    assert_eq!(found.child("resourcetype").names(), ["collection"]);
    assert!(found.maybe("getcontentlength").is_none() && found.maybe("getetag").is_none());
}

/// DAV-006: how deep it goes, and how members are named (DAV-005, RFC 4918 §5.2).
#[test]
fn members_are_told_as_deep_as_is_asked() {
    let folder = folder();
    folder.write("ä b/100% <&>.txt", "odd");
    let server = Server::writable(&folder, &["--depth-infinity"]);
    assert_eq!(find(&server, "/", "0", "").paths(), ["/"]);
    let (one, whole) = (find(&server, "/", "1", ""), find(&server, "/", "infinity", ""));
    let mut paths = one.paths();
    paths.sort_unstable();
    assert_eq!(paths, ["/", "/%C3%A4%20b/", "/a.txt", "/dir/"]);
    let mut paths = whole.paths();
    paths.sort_unstable();
    let odd = "/%C3%A4%20b/100%25%20%3C%26%3E.txt";
    assert_eq!(paths, ["/", "/%C3%A4%20b/", odd, "/a.txt", "/dir/", "/dir/member", "/dir/sub/", "/dir/sub/deep.html"]);
    for path in paths {
        assert_eq!(server.get(path).status, 200, "what is told is there: {path}");
    }
    assert_eq!(whole.about(odd).found().child("displayname").text, "100% <&>.txt");
    // RFC 4918 §9.1: without Depth it is infinity
    let response = server.ask("PROPFIND", "/dir/", "");
    assert_eq!(xml::read(response.is(207).text()).paths().len(), 4);
    // a collection may be named without its slash, and is told with it; a file has no members
    assert_eq!(find(&server, "/dir", "1", "").paths()[0], "/dir/");
    assert_eq!(find(&server, "/a.txt", "1", "").paths(), ["/a.txt"]);
    assert!(!one.paths().iter().any(|path| path.contains("because")), "the server's own is not told");
}

/// DAV-007
#[test]
fn infinite_depth_is_refused_unless_it_is_wanted() {
    let folder = folder();
    let server = Server::writable(&folder, &[]);
    for fields in ["Depth: infinity\r\n", "Depth: Infinity\r\n", ""] {
        let response = server.ask("PROPFIND", "/", fields);
        response.refuses(403, "depth_infinity_refused");
        xml::read(response.text()).child("propfind-finite-depth");
    }
    for depth in ["2", "x", "-1", "1, 1"] {
        server.ask("PROPFIND", "/", &format!("Depth: {depth}\r\n")).refuses(400, "webdav_fields_valid");
    }
}

/// DAV-006, DAV-010
#[test]
fn properties_are_told_by_name() {
    let folder = folder();
    let server = Server::writable(&folder, &[]);
    patch(&server, "/a.txt", "", &set("<z:author>Ann</z:author>")).is(207);
    let asked = "<D:prop><D:getetag/><z:author/><z:none/><D:nothing/><none xmlns=''/></D:prop>";
    let root = find(&server, "/a.txt", "0", asked);
    let about = root.about("/a.txt");
    assert_eq!(about.found().names(), ["author", "getetag"]);
    assert_eq!(about.properties(404).expect("some").names(), ["none", "none", "nothing"]);
    assert_eq!(about.all("propstat").count(), 2);
    // only the names
    let root = find(&server, "/a.txt", "0", "<D:propname/>");
    let found = root.about("/a.txt").found();
    for name in LIVE {
        let element = found.child(name);
        assert!(element.text.is_empty() && element.children.is_empty(), "{name}");
    }
    assert!(found.names().contains(&"author"));
    // all, and some that all does not hold
    let root = find(&server, "/", "0", "<D:allprop/><D:include><D:quota-used-bytes/><D:getetag/></D:include>");
    assert!(root.about("/").found().maybe("quota-used-bytes").is_some());
    assert!(root.about("/").found().maybe("displayname").is_some());
    // what is not known beside it is passed over (RFC 4918 §17)
    find(&server, "/", "0", "<z:odd><D:prop/></z:odd><D:propname z:x='1'/>");
    // who wants little is told only what there is
    let content = format!("<D:propfind xmlns:D='DAV:' xmlns:z='z:'>{asked}</D:propfind>");
    let response = server.bring("PROPFIND", "/a.txt", "Depth: 0\r\nPrefer: return=minimal\r\n", content);
    let root = xml::read(response.is(207).text());
    assert_eq!(response.field("Preference-Applied"), "return=minimal");
    assert!(root.about("/a.txt").properties(404).is_none());
    assert_eq!(root.about("/a.txt").found().names(), ["author", "getetag"]);
}

/// DAV-002, DAV-004: what cannot be read is refused before anything else is done.
#[test]
fn a_document_that_is_none_is_refused() {
    let folder = folder();
    let server = Server::writable(&folder, &[]);
    let bomb = "<!DOCTYPE x [<!ENTITY a 'aaaaaaaaaa'><!ENTITY b '&a;&a;&a;&a;'>]>";
    let outer = "<!DOCTYPE x [<!ENTITY e SYSTEM 'file:///etc/passwd'>]>";
    let (find, update) = ("<D:propfind xmlns:D='DAV:'><D:allprop/></D:propfind>", "<D:propertyupdate xmlns:D='DAV:'>");
    let deep = format!("<D:propfind xmlns:D='DAV:'>{}{}</D:propfind>", "<x>".repeat(500), "</x>".repeat(500));
    for (method, content, status) in [
        ("PROPFIND", "<a>".to_owned(), 400),
        ("PROPFIND", "{}".to_owned(), 400),
        ("PROPFIND", "<a/>".to_owned(), 400),
        ("PROPFIND", "<D:propfind/>".to_owned(), 400),
        ("PROPFIND", "<D:propfind xmlns:D='DAV:'/>".to_owned(), 400),
        ("PROPFIND", "<propfind xmlns='DAV:'><prop><x:y/></prop></propfind>".to_owned(), 400),
        ("PROPFIND", "<propfind xmlns='DAV:'><allprop/><propname/></propfind>".to_owned(), 400),
        ("PROPFIND", format!("{find}{find}"), 400),
        ("PROPFIND", "<propfind xmlns='DAV:'><prop><a>&e;</a></prop></propfind>".to_owned(), 400),
        ("PROPFIND", deep, 422), // well formed, and more than is taken
        ("PROPFIND", format!("{outer}{find}"), 403),
        ("PROPFIND", format!("{bomb}{find}"), 403),
        ("PROPPATCH", String::new(), 400),
        ("PROPPATCH", find.to_owned(), 400),
        ("PROPPATCH", update.to_owned(), 400),
        ("PROPPATCH", format!("{update}</D:propertyupdate>"), 400),
        ("PROPPATCH", format!("{outer}{update}</D:propertyupdate>"), 403),
    ] {
        let response = server.bring(method, "/a.txt", "Depth: 0\r\n", &content);
        assert_eq!(response.status, status, "{method} {content}: {}", response.text());
        if status == 403 {
            xml::read(response.text()).child("no-external-entities");
        }
    }
    // RFC 4918 §8.2: in what XML is written it may come
    let content: Vec<u8> = find.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let response = server.bring("PROPFIND", "/a.txt", "Depth: 0\r\n", [b"\xff\xfe".as_slice(), &content].concat());
    response.is(207);
    for target in ["/none", "/none/x", "/a.txt/"] {
        server.ask("PROPFIND", target, "Depth: 0\r\n").refuses(404, "target_missing");
    }
}

/// DAV-008: what a client keeps with a resource, it gets back as it gave it.
#[test]
fn properties_are_kept_as_they_are() {
    let folder = folder();
    let server = Server::writable(&folder, &[]);
    let value = "<z:author xml:lang='de'>Ann &amp; Bob &lt;3 <b xmlns='b:' z:c='&quot;1&quot;'>ä<![CDATA[<raw>]]></b> end</z:author>";
    let response = patch(&server, "/a.txt", "", &set(value));
    let root = xml::read(response.is(207).text());
    assert_eq!(root.about("/a.txt").found().names(), ["author"]);
    let author = kept(&server, "/a.txt", "author").expect("is there");
    assert_eq!((author.space.as_str(), author.text.as_str()), ("z:", "Ann & Bob <3  end"));
    assert!(author.attributes.contains(&("xml:lang".to_owned(), "de".to_owned())), "{author:#?}");
    let inner = &author.children[0];
    assert_eq!((inner.space.as_str(), inner.name.as_str(), inner.text.as_str()), ("b:", "b", "ä<raw>"));
    assert_eq!(inner.attributes[0].1, "\"1\"");
    // RFC 4918 §9.2: in the order in which they stand
    let orders = [
        (set("<z:x>1</z:x>") + &set("<z:x>2</z:x>"), Some("2")),
        (set("<z:x>3</z:x>") + "<D:remove><D:prop><z:x/></D:prop></D:remove>", None),
        ("<D:remove><D:prop><z:x/></D:prop></D:remove>".to_owned() + &set("<z:x>4</z:x>"), Some("4")),
        // removing what is not there is no error (RFC 4918 §14.23)
        ("<D:remove><D:prop><z:never/></D:prop></D:remove>".to_owned(), Some("4")),
    ];
    for (within, value) in orders {
        let root = xml::read(patch(&server, "/a.txt", "", &within).is(207).text());
        assert!(root.about("/a.txt").properties(200).is_some(), "{within}");
        assert_eq!(kept(&server, "/a.txt", "x").map(|x| x.text).as_deref(), value, "{within}");
    }
    // the root and collections have them too
    for target in ["/", "/dir/"] {
        patch(&server, target, "", &set("<z:x>c</z:x>")).is(207);
        assert_eq!(kept(&server, target, "x").expect("is there").text, "c");
    }
    let before = folder.read("a.txt");
    assert_eq!(before, b"text", "a property is no content");
    patch(&server, "/none", "", &set("<z:x/>")).refuses(404, "target_missing");
    patch(&server, "/.because/x", "", &set("<z:x/>")).refuses(403, "lookup_denied");
}

/// DAV-008, DAV-009; RFC 4918 §9.2.1: all or nothing.
#[test]
fn a_property_that_is_protected_keeps_all_from_being_set() {
    let folder = folder();
    let server = Server::writable(&folder, &[]);
    for protected in
        ["getetag", "getcontentlength", "resourcetype", "lockdiscovery", "creationdate", "quota-used-bytes"]
    {
        let within =
            set("<z:before>1</z:before>") + &set(&format!("<D:{protected}>x</D:{protected}>")) + &set("<z:after/>");
        for fields in ["", "Prefer: return=minimal\r\n"] {
            let response = patch(&server, "/a.txt", fields, &within);
            let root = xml::read(response.is(207).text());
            let about = root.about("/a.txt");
            assert_eq!(about.properties(403).expect("one").names(), [protected]);
            assert_eq!(about.properties(424).expect("two").names(), ["after", "before"]);
            assert!(about.properties(200).is_none());
            let refused = about.all("propstat").find(|propstat| propstat.code() == 403).expect("one");
            refused.child("error").child("cannot-modify-protected-property");
        }
        for name in ["before", "after"] {
            assert!(kept(&server, "/a.txt", name).is_none(), "nothing is stored: {name}");
        }
    }
    let short = patch(&server, "/a.txt", "Prefer: return=minimal\r\n", &set("<z:x>1</z:x>"));
    assert!(matches!(short.status, 200 | 204) && short.content.is_empty());
    assert_eq!(short.field("Preference-Applied"), "return=minimal");
    assert_eq!(kept(&server, "/a.txt", "x").expect("is there").text, "1");
    // the name that is shown is the client's to choose
    patch(&server, "/a.txt", "", &set("<D:displayname>Nice</D:displayname>")).is(207);
    let root = find(&server, "/a.txt", "0", "<D:prop><D:displayname/></D:prop>");
    assert_eq!(root.about("/a.txt").found().child("displayname").text, "Nice");
}

/// RFC 4918 §9.2.1: what has no room is told so, and nothing of it is kept.
#[test]
fn properties_have_a_room_of_their_own() {
    let folder = folder();
    let server = Server::writable(&folder, &[]);
    let many: String = (0..1_000).map(|nth| format!("<z:x{nth}/>")).collect();
    for within in [set(&format!("<z:first>1</z:first><z:x>{}</z:x>", "y".repeat(300_000))), set(&many)] {
        let response = patch(&server, "/a.txt", "", &within);
        let root = xml::read(response.is(207).text());
        let part = root.about("/a.txt").child("propstat");
        assert_eq!(part.code(), 507, "{}", response.text());
        part.child("error").child("quota-not-exceeded");
        assert!(kept(&server, "/a.txt", "first").is_none() && kept(&server, "/a.txt", "x0").is_none());
    }
    patch(&server, "/a.txt", "", &set("<z:x>small</z:x>")).is(207);
    assert_eq!(kept(&server, "/a.txt", "x").expect("is there").text, "small");
}

#[test]
fn properties_stay_with_the_resource_and_go_with_it() {
    let folder = folder();
    {
        let server = Server::writable(&folder, &[]);
        patch(&server, "/a.txt", "", &set("<z:x>kept</z:x>")).is(207);
        patch(&server, "/dir/member", "", &set("<z:x>member</z:x>")).is(207);
    }
    let server = Server::writable(&folder, &[]);
    let text = |target: &str| kept(&server, target, "x").map(|x| x.text);
    assert_eq!(text("/a.txt").as_deref(), Some("kept"), "they outlive the server");
    server.put("/a.txt", "new").is(204);
    assert_eq!(text("/a.txt").as_deref(), Some("kept"), "and what is put in its place (RFC 4918 §9.7.1)");
    server.ask("MOVE", "/a.txt", "Destination: /b.txt\r\n").is(201);
    server.put("/a.txt", "another").is(201);
    assert_eq!((text("/b.txt").as_deref(), text("/a.txt")), (Some("kept"), None));
    server.ask("COPY", "/b.txt", "Destination: /c.txt\r\n").is(201);
    patch(&server, "/b.txt", "", &set("<z:x>changed</z:x>")).is(207);
    assert_eq!((text("/b.txt").as_deref(), text("/c.txt").as_deref()), (Some("changed"), Some("kept")));
    // what a copy replaces loses its own (RFC 4918 §9.8.4)
    server.ask("COPY", "/a.txt", "Destination: /c.txt\r\n").is(204);
    assert_eq!(text("/c.txt"), None);
    server.ask("MOVE", "/dir/", "Destination: /moved\r\n").is(201);
    assert_eq!(text("/moved/member").as_deref(), Some("member"));
    server.ask("COPY", "/moved/", "Destination: /copied\r\n").is(201);
    assert_eq!(text("/copied/member").as_deref(), Some("member"));
    for target in ["/b.txt", "/moved/"] {
        server.ask("DELETE", target, "").is(204);
    }
    server.put("/b.txt", "new").is(201);
    server.ask("MKCOL", "/moved", "").is(201);
    server.put("/moved/member", "new").is(201);
    assert_eq!((text("/b.txt"), text("/moved/member")), (None, None), "a new resource begins without");
}

/// RFC 4331 §3, §4
#[test]
fn the_quota_is_told() {
    let folder = Folder::with(&[("dir/member", "12345")]);
    let asked = "<D:prop><D:quota-available-bytes/><D:quota-used-bytes/></D:prop>";
    let number =
        |root: &Element, name: &str| root.about("/").found().child(name).text.parse::<u64>().expect("a number");
    let server = Server::writable(&folder, &["--quota", "1000"]);
    let root = find(&server, "/", "0", asked);
    let (left, used) = (number(&root, "quota-available-bytes"), number(&root, "quota-used-bytes"));
    assert_eq!((left, used), (995, 5));
    server.put("/new", "0123456789").is(201);
    let root = find(&server, "/", "0", asked);
    assert_eq!((number(&root, "quota-available-bytes"), number(&root, "quota-used-bytes")), (985, 15));
    // who asks for all is not told it (RFC 4331 §3)
    let root = find(&server, "/", "0", "");
    assert!(!root.about("/").found().names().iter().any(|name| name.starts_with("quota")));
    drop(server);
    let server = Server::writable(&folder, &[]);
    let root = find(&server, "/", "0", asked);
    assert!(number(&root, "quota-available-bytes") > 0 && number(&root, "quota-used-bytes") > 0);
}

/// Who has changed something sees it, though answers are kept for a moment.
#[test]
fn a_change_is_told_at_once() {
    let folder = folder();
    let server = Server::writable(&folder, &[]);
    for nth in 0..10 {
        let length = |root: &Element| root.about("/a.txt").found().child("getcontentlength").text.clone();
        server.put("/a.txt", "x".repeat(nth)).is(204);
        assert_eq!(length(&find(&server, "/a.txt", "0", "")), nth.to_string());
        assert_eq!(length(&find(&server, "/", "1", "")), nth.to_string());
        server.ask("MKCOL", &format!("/new{nth}"), "").is(201);
        assert!(find(&server, "/", "1", "").paths().contains(&format!("/new{nth}/").as_str()));
        server.ask("DELETE", &format!("/new{nth}"), "").is(204);
        assert!(!find(&server, "/", "1", "").paths().contains(&format!("/new{nth}/").as_str()));
    }
}
