//! Changes of properties, from what is sent to what is told.

use super::*;
use crate::dav::live::LiveProperties;
use crate::dav::live::tests::{resource, told};
use crate::dav::propfind::Propfind;
use semantics::date::Date;

fn name_in(space: &str, local: &str) -> Name {
    Name { space: space.to_owned(), local: local.to_owned() }
}

fn set(space: &str, local: &str, language: Option<&str>, content: &str) -> Update {
    let language = language.map(str::to_owned);
    Update::Set(Property { name: name_in(space, local), language, content: content.as_bytes().to_vec() })
}

fn update(within: &str) -> Result<Vec<Update>, DocumentError> {
    read(format!("<D:propertyupdate xmlns:D='DAV:' xmlns:E='E:'>{within}</D:propertyupdate>").as_bytes())
}

/// DAV-008: the steps keep the order of the document.
#[test]
fn a_propertyupdate_is_read_in_order() {
    let within = "<D:set><D:prop><E:a>1</E:a><b/></D:prop></D:set>\n<D:remove><D:prop><E:a>x</E:a><D:c/></D:prop></D:remove>\
         <E:set/><D:set><D:prop><E:a>2</E:a></D:prop></D:set>";
    let expected = vec![
        set("E:", "a", None, "1"),
        set("", "b", None, ""),
        Update::Remove(name_in("E:", "a")),
        Update::Remove(name_in("DAV:", "c")),
        set("E:", "a", None, "2"),
    ];
    assert_eq!(update(within), Ok(expected));
}

/// RFC 4918 §4.3: the language is that in force; one on the property itself counts before one outside.
#[test]
fn the_language_is_that_in_force() {
    let within = "<D:set xml:lang='en'><D:prop><E:a/><E:b xml:lang='de'/><E:c xml:lang=''/></D:prop></D:set>\
         <D:set><D:prop xml:lang='fr'><E:d/></D:prop></D:set><D:set><D:prop><E:e/></D:prop></D:set>";
    let expected = vec![
        set("E:", "a", Some("en"), ""),
        set("E:", "b", Some("de"), ""),
        set("E:", "c", None, ""),
        set("E:", "d", Some("fr"), ""),
        set("E:", "e", None, ""),
    ];
    assert_eq!(update(within), Ok(expected));
}

#[test]
fn what_is_no_propertyupdate_is_refused() {
    for within in ["", "<D:set/>", "<D:set><D:prop/></D:set>", "<D:set><E:prop><a/></E:prop></D:set>", "<E:set/>"] {
        assert_eq!(update(within), Err(DocumentError::Incomplete), "{within}");
    }
    assert_eq!(read(b"<propertyupdate/>"), Err(DocumentError::AnotherRoot));
    for content in
        ["", "<x", "<D:propertyupdate xmlns:D='DAV:'><D:set><D:prop><a>&e;</a></D:prop></D:set></D:propertyupdate>"]
    {
        assert!(matches!(read(content.as_bytes()), Err(DocumentError::Xml(_))), "{content}");
    }
}

/// DAV-008: if one may not be changed none is, and each is told of once.
#[test]
fn a_protected_property_fails_the_others() {
    let within = "<D:set><D:prop><E:a>1</E:a><D:getetag>x</D:getetag><E:a>2</E:a></D:prop></D:set>\
         <D:remove><D:prop><D:lockdiscovery/><D:displayname/></D:prop></D:remove>";
    let updates = update(within).expect("a document");
    assert!(!judge(&updates));
    let mut members = Members::new();
    tell(&updates, None, b"x", &mut members);
    let told = told(&members);
    let refused = "<D:prop><D:getetag/><D:lockdiscovery/></D:prop><D:status>HTTP/1.1 403 Forbidden</D:status>\
         <D:error><D:cannot-modify-protected-property/></D:error>";
    assert!(told.contains(refused), "{told}");
    let failed =
        "<D:prop><n:a xmlns:n=\"E:\"/><D:displayname/></D:prop><D:status>HTTP/1.1 424 Failed Dependency</D:status>";
    assert!(told.contains(failed), "{told}");
    assert!(!told.contains(" 200 "));
}

#[test]
fn what_may_be_changed_is_told_as_done() {
    let updates =
        update("<D:set><D:prop><E:a>1</E:a><D:displayname>x</D:displayname></D:prop></D:set>").expect("a document");
    assert!(judge(&updates));
    let mut members = Members::new();
    tell(&updates, None, b"x", &mut members);
    let expected = "<D:prop><n:a xmlns:n=\"E:\"/><D:displayname/></D:prop><D:status>HTTP/1.1 200 OK</D:status>";
    assert!(told(&members).contains(expected));
    let mut members = Members::new();
    tell(&updates, Some(&MemberResult::failed(Failure::StorageInsufficient)), b"x", &mut members);
    let expected =
        "<D:status>HTTP/1.1 507 Insufficient Storage</D:status><D:error><D:sufficient-disk-space/></D:error>";
    assert!(told(&members).contains(expected));
}

#[test]
fn all_that_the_server_tells_is_protected_but_the_name_shown() {
    for (local, allowed) in [
        ("creationdate", false),
        ("displayname", true),
        ("getcontentlength", false),
        ("getcontenttype", false),
        ("getcontentlanguage", true),
        ("getetag", false),
        ("getlastmodified", false),
        ("lockdiscovery", false),
        ("resourcetype", false),
        ("supportedlock", false),
        ("quota-available-bytes", false),
        ("quota-used-bytes", false),
        ("resource-id", false),
        ("parent-set", false),
        ("current-user-principal", false),
        ("supported-report-set", false),
        ("sync-token", false),
    ] {
        assert_eq!(judge(&[set("DAV:", local, None, "")]), allowed, "{local}");
        assert!(judge(&[set("other:", local, None, "")]), "{local}");
    }
}

/// What is set is told again as it was: namespaces, letters beyond the first plane, attributes, languages.
#[test]
fn what_is_set_is_told_as_it_was_set() {
    for (within, expected) in [
        ("<E:a>&#65536;\u{10000}</E:a>", "<n:a xmlns:n=\"E:\">&#65536;\u{10000}</n:a>"),
        ("<a xmlns='http://example.com/kappa'>x</a>", "<n:a xmlns:n=\"http://example.com/kappa\">x</n:a>"),
        ("<a>none</a>", "<a>none</a>"),
        (
            "<E:a xml:lang='de'><E:b D:c='&quot;'><x/></E:b></E:a>",
            "<n:a xmlns:n=\"E:\" xml:lang=\"de\"><E:b xmlns:E=\"E:\" xmlns:D=\"DAV:\" D:c='&quot;'><x/></E:b></n:a>",
        ),
        (
            "<a xmlns='&lt;\"&amp;'><b/></a>".replace("\"", "&quot;").as_str(),
            "<n:a xmlns:n=\"&lt;&quot;&amp;\"><b xmlns=\"&lt;&quot;&amp;\"/></n:a>",
        ),
    ] {
        let updates = update(&format!("<D:set><D:prop>{within}</D:prop></D:set>")).expect("a document");
        let [Update::Set(property)] = &updates[..] else { panic!("one step") };
        let dead = [property.clone()];
        let mut members = Members::new();
        let asked = Propfind::Prop(vec![property.name.clone()]);
        let mut resource = resource();
        resource.dead = &dead;
        LiveProperties::new(&asked, false, Date::EPOCH).tell(&resource, b"x", &mut members);
        let told = told(&members);
        assert!(told.contains(expected), "{told}");
        // and means the same where it stands now
        let again = told.split_once("<D:prop>").expect("a property").1.split_once("</D:prop>").expect("its end").0;
        assert_eq!(update(&format!("<D:set><D:prop>{again}</D:prop></D:set>")), Ok(updates));
    }
}
