//! Properties as a client reads them.

use super::*;
use decision::facts::{Connection, Facts, Reading};
use semantics::request::{Head, Request};

/// The whole content.
pub(crate) fn told(members: &Members) -> String {
    let (connection, reading, head) = (Connection::default(), Reading::default(), Head::EMPTY);
    let mut out = Vec::new();
    multistatus::write(&Facts::new(&connection, Request::new(&[], &head), &reading), members, &mut out);
    String::from_utf8(out).expect("UTF-8")
}

/// A file.
pub(crate) fn resource() -> Resource<'static> {
    Resource {
        length: 1_204,
        modified: Date::from_unix(784_111_777),
        created: Some(Date::from_unix(784_111_000)),
        tag: Some(EntityTag { weak: false, opaque: b"v1" }),
        media_type: Some("text/plain; charset=utf-8"),
        display_name: b"a & b.txt",
        ..Resource::default()
    }
}

fn name(space: &str, local: &str) -> Name {
    Name { space: space.to_owned(), local: local.to_owned() }
}

fn dead(space: &str, local: &str, content: &str) -> Property {
    Property { name: name(space, local), language: None, content: content.as_bytes().to_vec() }
}

fn asking(locals: &[&str]) -> Propfind {
    Propfind::Prop(locals.iter().map(|local| name("DAV:", local)).collect())
}

fn answer(resource: &Resource<'_>, asked: &Propfind, minimal: bool) -> String {
    let mut members = Members::new();
    LiveProperties::new(asked, minimal, Date::from_unix(1_000)).tell(resource, b"dir/a", &mut members);
    told(&members)
}

/// The property of this name, as it is told.
fn property(resource: &Resource<'_>, local: &str) -> String {
    let told = answer(resource, &asking(&[local]), false);
    let (_, rest) = told.split_once("<D:prop>").expect("a property");
    let (property, rest) = rest.split_once("</D:prop>").expect("its end");
    let status = &rest.split_once("HTTP/1.1 ").expect("a status").1[..3];
    format!("{status} {property}")
}

/// DAV-006: all that RFC 4918 defines, and what clients keep.
#[test]
fn all_properties_are_told() {
    let kept = [dead("E:", "x", "1"), dead("DAV:", "note", "")];
    let resource = Resource { dead: &kept, quota: Some(Quota { available: Some(1), used: 2 }), ..resource() };
    let told = answer(&resource, &Propfind::AllProp { include: Vec::new() }, false);
    let expected = "<D:response><D:href>/dir/a</D:href><D:propstat><D:prop>\
         <D:creationdate>1994-11-06T08:36:40Z</D:creationdate><D:displayname>a &amp; b.txt</D:displayname>\
         <D:getcontentlength>1204</D:getcontentlength><D:getcontenttype>text/plain; charset=utf-8</D:getcontenttype>\
         <D:getetag>\"v1\"</D:getetag><D:getlastmodified>Sun, 06 Nov 1994 08:49:37 GMT</D:getlastmodified>\
         <D:resourcetype/><D:lockdiscovery/><D:supportedlock><D:lockentry>";
    assert!(told.contains(expected), "{told}");
    let expected = "</D:supportedlock><n:x xmlns:n=\"E:\">1</n:x><D:note/></D:prop><D:status>HTTP/1.1 200 OK</D:status>\
         </D:propstat></D:response>";
    assert!(told.contains(expected), "{told}");
    assert!(!told.contains("quota") && !told.contains(" 404 "));
}

/// DAV-006: what there is not is 404, in a propstat of its own.
#[test]
fn what_there_is_not_is_told_apart() {
    let asked = Propfind::Prop(vec![name("DAV:", "getetag"), name("E:<", "x"), name("", "y"), name("DAV:", "nothing")]);
    let told = answer(&resource(), &asked, false);
    let expected = "<D:prop><D:getetag>\"v1\"</D:getetag></D:prop><D:status>HTTP/1.1 200 OK</D:status></D:propstat>\
         <D:propstat><D:prop><n:x xmlns:n=\"E:&lt;\"/><y/><D:nothing/></D:prop>\
         <D:status>HTTP/1.1 404 Not Found</D:status></D:propstat></D:response>";
    assert!(told.contains(expected), "{told}");
    let none = answer(&resource(), &asking(&["nothing"]), false);
    assert!(none.contains(" 404 ") && !none.contains(" 200 "), "{none}");
    let nothing = answer(&resource(), &asking(&[]), false);
    assert!(nothing.contains("<D:prop></D:prop><D:status>HTTP/1.1 200 OK"), "{nothing}");
}

/// DAV-010: who prefers little is not told of what there is not, but that all is well.
#[test]
fn who_prefers_little_is_told_little() {
    let told = answer(&resource(), &asking(&["getetag", "nothing"]), true);
    assert!(told.contains("<D:getetag>") && !told.contains("nothing") && !told.contains(" 404 "), "{told}");
    let told = answer(&resource(), &asking(&["nothing"]), true);
    assert!(told.contains("<D:propstat><D:prop></D:prop><D:status>HTTP/1.1 200 OK</D:status></D:propstat>"), "{told}");
}

#[test]
fn names_are_told_without_values() {
    let kept = [dead("E:", "x", "1"), dead("DAV:", "displayname", "other")];
    let resource = Resource { dead: &kept, collection: true, media_type: None, executable: Some(true), ..resource() };
    let told = answer(&resource, &Propfind::PropName, false);
    let expected = "<D:prop><D:creationdate/><D:displayname/><D:getetag/><D:getlastmodified/><D:resourcetype/>\
         <D:lockdiscovery/><D:supportedlock/><n:executable xmlns:n=\"http://apache.org/dav/props/\"/>\
         <D:supported-report-set/><n:x xmlns:n=\"E:\"/></D:prop>";
    assert!(told.contains(expected), "{told}");
}

#[test]
fn what_is_included_is_told_beside_all_and_nothing_twice() {
    let kept = [dead("E:", "x", "1")];
    let resource = Resource { dead: &kept, quota: Some(Quota { available: None, used: 2 }), ..resource() };
    let dav = |local| name("DAV:", local);
    let include = vec![dav("quota-used-bytes"), dav("quota-available-bytes"), dav("getetag"), name("E:", "x")];
    let told = answer(&resource, &Propfind::AllProp { include }, false);
    assert_eq!(told.matches("<D:getetag>").count(), 1);
    assert_eq!(told.matches("<n:x ").count(), 1);
    assert!(told.contains("<D:quota-used-bytes>2</D:quota-used-bytes></D:prop><D:status>HTTP/1.1 200 OK"), "{told}");
    assert!(told.contains("<D:prop><D:quota-available-bytes/></D:prop><D:status>HTTP/1.1 404"), "{told}");
}

/// RFC 4918 §15, RFC 4331 §3, RFC 5842 §3: each as it is defined, and 404 where it is not known.
#[test]
fn each_property_has_its_form() {
    let bare = Resource::default();
    let parents = [Parent { path: b"a b", segment: b"c&d/" }, Parent { path: b"", segment: b"x" }];
    let full = Resource {
        quota: Some(Quota { available: Some(7), used: 8 }),
        resource_id: Some("urn:uuid:1"),
        parents: &parents,
        executable: Some(false),
        collection: true,
        ..resource()
    };
    for (local, expected) in [
        ("quota-available-bytes", "<D:quota-available-bytes>7</D:quota-available-bytes>"),
        ("quota-used-bytes", "<D:quota-used-bytes>8</D:quota-used-bytes>"),
        ("resource-id", "<D:resource-id><D:href>urn:uuid:1</D:href></D:resource-id>"),
        (
            "parent-set",
            "<D:parent-set><D:parent><D:href>/a%20b/</D:href><D:segment>c%26d%2F</D:segment></D:parent>\
             <D:parent><D:href>/</D:href><D:segment>x</D:segment></D:parent></D:parent-set>",
        ),
    ] {
        assert_eq!(property(&full, local), format!("200 {expected}"));
        assert_eq!(property(&bare, local), format!("404 <D:{local}/>"));
    }
    assert_eq!(property(&full, "resourcetype"), "200 <D:resourcetype><D:collection/></D:resourcetype>");
    assert_eq!(property(&bare, "resourcetype"), "200 <D:resourcetype/>");
    assert_eq!(property(&full, "getcontentlength"), "404 <D:getcontentlength/>");
    assert_eq!(property(&bare, "getcontentlength"), "200 <D:getcontentlength>0</D:getcontentlength>");
    assert_eq!(property(&bare, "supported-report-set"), "200 <D:supported-report-set/>");
    assert_eq!(property(&bare, "getetag"), "404 <D:getetag/>");
    assert_eq!(property(&bare, "creationdate"), "404 <D:creationdate/>");
    let executable = Propfind::Prop(vec![name(APACHE, "executable"), name("DAV:", "executable")]);
    let told = answer(&full, &executable, false);
    assert!(told.contains("<n:executable xmlns:n=\"http://apache.org/dav/props/\">F</n:executable>"), "{told}");
    assert!(told.contains("<D:prop><D:executable/></D:prop><D:status>HTTP/1.1 404"), "{told}");
}

/// RFC 4918 §15.2: the name to be shown is the client's, if it has set one; no other live property is.
#[test]
fn a_name_to_be_shown_may_be_set() {
    let kept = [dead("DAV:", "displayname", "Mine"), dead("DAV:", "getetag", "forged")];
    let resource = Resource { dead: &kept, ..resource() };
    assert_eq!(property(&resource, "displayname"), "200 <D:displayname>Mine</D:displayname>");
    assert_eq!(property(&resource, "getetag"), "200 <D:getetag>\"v1\"</D:getetag>");
    let told = answer(&resource, &Propfind::AllProp { include: Vec::new() }, false);
    assert_eq!(told.matches("<D:displayname>").count(), 1, "{told}");
    assert!(told.contains("<D:displayname>Mine</D:displayname>") && !told.contains("forged"));
    assert_eq!(
        property(&Resource { display_name: b"\xff<", ..Resource::default() }, "displayname"),
        "200 <D:displayname>\u{fffd}&lt;</D:displayname>"
    );
}

/// DAV-020: what LOCK answers, with the time that is left of each lock (RFC 4918 §15.8).
#[test]
fn locks_are_told_with_the_time_they_have_left() {
    let exclusive = Lock {
        token: "urn:uuid:1".to_owned(),
        root: b"dir/a b".to_vec(),
        infinite: true,
        exclusive: true,
        owner: b"<D:href xmlns:D=\"DAV:\">me</D:href>".to_vec(),
        seconds: 600,
        expires: 1_300,
    };
    let shared = Lock {
        token: "urn:uuid:2&".to_owned(),
        root: Vec::new(),
        infinite: false,
        exclusive: false,
        owner: Vec::new(),
        expires: 900,
        ..exclusive.clone()
    };
    let locks = [Arc::new(exclusive), Arc::new(shared)];
    let mut out = Vec::new();
    lock_discovery(&locks, Date::from_unix(1_000), &mut out);
    let expected = "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<D:prop xmlns:D=\"DAV:\"><D:lockdiscovery>\
         <D:activelock><D:lockscope><D:exclusive/></D:lockscope><D:locktype><D:write/></D:locktype>\
         <D:depth>infinity</D:depth><D:owner><D:href xmlns:D=\"DAV:\">me</D:href></D:owner><D:timeout>Second-300</D:timeout>\
         <D:locktoken><D:href>urn:uuid:1</D:href></D:locktoken><D:lockroot><D:href>/dir/a%20b</D:href></D:lockroot>\
         </D:activelock><D:activelock><D:lockscope><D:shared/></D:lockscope><D:locktype><D:write/></D:locktype>\
         <D:depth>0</D:depth><D:timeout>Second-0</D:timeout><D:locktoken><D:href>urn:uuid:2&amp;</D:href></D:locktoken>\
         <D:lockroot><D:href>/</D:href></D:lockroot></D:activelock></D:lockdiscovery></D:prop>\n";
    assert_eq!(String::from_utf8(out), Ok(expected.to_owned()));
    let told = property(&Resource { locks: &locks, ..resource() }, "lockdiscovery");
    assert!(told.starts_with("200 <D:lockdiscovery><D:activelock>") && told.contains("Second-300"), "{told}");
}

/// DAV-037: a collection that was told under another binding has its properties, and a 208.
#[test]
fn a_collection_that_was_told_before_says_so() {
    let resource = Resource { reported: true, collection: true, ..resource() };
    let told = answer(&resource, &asking(&["getetag", "nothing"]), false);
    assert!(told.contains("</D:getetag></D:prop><D:status>HTTP/1.1 208 Already Reported</D:status>"), "{told}");
    assert!(told.contains("HTTP/1.1 404 Not Found"), "{told}");
}

#[test]
fn what_is_told_to_all_comes_first() {
    let named = |live: &Live| *live as usize >= Is::QuotaAvailable as usize;
    assert!(!of_all().any(|live| named(&live)) && NAMES[OF_ALL..].iter().all(|(live, _)| named(live)));
}
