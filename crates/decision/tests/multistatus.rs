//! The content of a 207 as a client reads it: RFC 4918 §13, §14.

use decision::because::Because;
use decision::condition::Condition;
use decision::facts::{Connection, Failure, Reading};
use decision::multistatus::{self, MemberResult, Members};
use decision::record::World;
use proptest::prelude::*;
use semantics::field::Field;
use semantics::method::Method;
use semantics::request::{Head, Line, Request, Span};
use semantics::target::decode_path;
use semantics::text::path::href;
use semantics::text::xml::{text, uri};

/// The content of the answer to a request with this method, which may prefer little to be told.
fn told_of(method: Method, minimal: bool, because: bool, members: &Members) -> String {
    let octets = format!("{method}Preferreturn=minimal");
    let after = |start, length| Span { start, end: start + length };
    let named = method.name().len() as u32;
    let mut head = Head { method: Some(method), method_name: after(0, named), ..Head::EMPTY };
    if minimal {
        head.push(Line { name: after(named, 6), value: after(named + 6, 14), field: Some(Field::PREFER) });
    }
    let request = Request::new(octets.as_bytes(), &head);
    let mut world = World::new(Connection::default(), request, Reading::default());
    world.site.shows_because = because;
    let mut out = Vec::new();
    multistatus::write(&world.facts(), members, &mut out);
    String::from_utf8(out).expect("UTF-8")
}

fn told(members: &Members) -> String {
    told_of(Method::PROPFIND, false, false, members)
}

fn count(text: &str, part: &str) -> usize {
    text.matches(part).count()
}

/// Is each tag closed by its own?
fn is_balanced(xml: &str) -> bool {
    let mut open = Vec::new();
    for tag in xml.split('<').skip(2).filter_map(|part| part.split_once('>')).map(|(tag, _)| tag) {
        if let Some(name) = tag.strip_prefix('/') {
            if open.pop() != Some(name) {
                return false;
            }
        } else if !tag.ends_with('/') {
            open.push(tag.split(' ').next().unwrap_or_default());
        }
    }
    open.is_empty()
}

const PROP: &[u8] = b"<D:getetag>&quot;x&quot;</D:getetag>";

#[test]
fn a_multistatus_is_as_it_should_be() {
    let mut members = Members::new();
    members.begin(b"docs/");
    members.properties(&MemberResult::FOUND, |out| out.extend_from_slice(PROP));
    members.properties(&MemberResult::failed(Failure::SubjectMissing), |out| out.extend_from_slice(b"<D:x/>"));
    members.fate(b"docs/a b", &MemberResult::failed(Failure::SubjectLocked));
    assert_eq!(
        told(&members),
        "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<D:multistatus xmlns:D=\"DAV:\">\n\
         <D:response><D:href>/docs/</D:href><D:propstat><D:prop><D:getetag>&quot;x&quot;</D:getetag></D:prop>\
         <D:status>HTTP/1.1 200 OK</D:status></D:propstat>\
         <D:propstat><D:prop><D:x/></D:prop><D:status>HTTP/1.1 404 Not Found</D:status></D:propstat></D:response>\n\
         <D:response><D:href>/docs/a%20b</D:href><D:status>HTTP/1.1 423 Locked</D:status>\
         <D:error><D:lock-token-submitted/></D:error><D:responsedescription>a lock was met while PROPFIND was carried \
         out, and its token did not come with the request</D:responsedescription></D:response>\n</D:multistatus>\n"
    );
    assert_eq!((members.len(), members.is_empty()), (2, false));
}

#[test]
fn properties_that_there_are_none_of_are_told_only_if_they_must_be() {
    let mut members = Members::new();
    members.begin(b"x");
    assert!(!members.properties_if_any(&MemberResult::FOUND, |_| {}));
    assert!(
        members.properties_if_any(&MemberResult::failed(Failure::SubjectMissing), |out| out.extend_from_slice(PROP))
    );
    members.begin(b"y");
    members.properties(&MemberResult::FOUND, |_| {});
    let told = told(&members);
    assert_eq!((count(&told, " 200 "), count(&told, " 404 "), count(&told, "<D:prop></D:prop>")), (1, 1, 1), "{told}");
    assert!(is_balanced(&told), "{told}");
}

#[test]
fn nothing_told_is_a_document_all_the_same() {
    let members = Members::new();
    assert!(members.is_empty());
    assert!(told(&members).ends_with("<D:multistatus xmlns:D=\"DAV:\">\n</D:multistatus>\n"));
}

/// DAV-034: each fate has the status of its walk, and none is interim.
#[test]
fn each_fate_has_its_status() {
    let status = |fate: &MemberResult| {
        let mut members = Members::new();
        members.fate(b"x", fate);
        told(&members).split_once("HTTP/1.1 ").expect("a status").1[..3].to_owned()
    };
    for (failure, code) in [
        (Failure::ContentStalled, "408"),
        (Failure::ContentGrewTooLarge, "413"),
        (Failure::ContentBroken, "400"),
        (Failure::ContentMalformed, "400"),
        (Failure::MediaTypeBelied, "415"),
        (Failure::ContentUnprocessable, "422"),
        (Failure::StateConflict, "409"),
        (Failure::PreconditionLost, "412"),
        (Failure::BindingOverwriteRefused, "412"),
        (Failure::SubjectMissing, "404"),
        (Failure::SubjectForbidden, "403"),
        (Failure::SubjectLocked, "423"),
        (Failure::DependencyFailed, "424"),
        (Failure::StorageInsufficient, "507"),
        (Failure::BindingLoop, "508"),
        (Failure::StoreUnreachable, "503"),
        (Failure::Internal, "500"),
    ] {
        assert_eq!(status(&MemberResult::failed(failure)), code, "{failure:?}");
    }
    assert_eq!(status(&MemberResult::DONE), "204");
    assert_eq!(status(&MemberResult::FOUND), "200");
    assert_eq!(status(&MemberResult { reported: true, ..MemberResult::DONE }), "208");
}

/// RFC 8144 §2.1: what is preferred is about the answer as a whole, and a property that was found has its 200.
#[test]
fn what_is_preferred_changes_no_status_of_a_member() {
    let mut members = Members::new();
    members.begin(b"x");
    members.properties(&MemberResult::FOUND, |_| {});
    assert!(told_of(Method::PROPFIND, true, false, &members).contains("HTTP/1.1 200 OK"));
}

/// DAV-005: every href has one form, an absolute path with all but the unreserved characters in percent.
#[test]
fn every_href_has_one_form() {
    for (path, written) in [
        (&b""[..], "/"),
        (b"/", "/"),
        (b"a", "/a"),
        (b"a/b/", "/a/b/"),
        (b"a b/100%&<>\"'", "/a%20b/100%25%26%3C%3E%22%27"),
        ("ü/😀".as_bytes(), "/%C3%BC/%F0%9F%98%80"),
        (b"\xff;v=1?q#f", "/%FF%3Bv%3D1%3Fq%23f"),
        (b"A-z_0.9~", "/A-z_0.9~"),
    ] {
        let mut members = Members::new();
        members.fate(path, &MemberResult::DONE);
        assert!(told(&members).contains(&format!("<D:href>{written}</D:href>")), "{path:?}");
    }
}

/// DAV-035: a member that is elsewhere says where, behind its status (RFC 4918 §14.24).
#[test]
fn a_redirected_member_has_its_location() {
    let mut members = Members::new();
    members.fate(b"old", &MemberResult::failed(Failure::StateConflict));
    members.location(b"https://h/new?a&b");
    members.fate(b"next", &MemberResult::DONE);
    let told = told(&members);
    let expected =
        "</D:responsedescription><D:location><D:href>https://h/new?a&amp;b</D:href></D:location></D:response>";
    assert!(told.contains(expected), "{told}");
    assert!(is_balanced(&told), "{told}");
}

/// DAV-037: nothing is told of what lies below a member with 208, and all else is.
#[test]
fn what_is_reported_already_has_no_descendants() {
    let reported = MemberResult { reported: true, ..MemberResult::FOUND };
    let mut members = Members::new();
    members.begin(b"a/");
    members.properties(&MemberResult::FOUND, |out| out.extend_from_slice(PROP));
    members.begin(b"a/loop/");
    members.properties(&reported, |out| out.extend_from_slice(PROP));
    members.begin(b"a/loop/x");
    members.properties(&MemberResult::FOUND, |out| out.extend_from_slice(b"hidden"));
    members.fate(b"a/loop/x/y", &MemberResult::failed(Failure::Internal));
    members.location(b"/hidden");
    members.fate(b"a/loops", &MemberResult::DONE);
    members.fate(b"a/loop/z", &MemberResult::DONE);
    let told = told(&members);
    assert!(told.contains("HTTP/1.1 208 Already Reported"));
    assert!(!told.contains("/a/loop/x") && !told.contains("/a/loop/z") && !told.contains("hidden"), "{told}");
    assert!(told.contains("<D:href>/a/loops</D:href>"));
    assert_eq!((members.len(), count(&told, "<D:response>")), (3, 3));
    assert!(is_balanced(&told), "{told}");
}

#[test]
fn a_condition_and_its_subject_are_told() {
    let mut fate = MemberResult::refused(Failure::SubjectLocked, Condition::LockTokenSubmitted);
    fate.subject = Some(b"/a&b%20c/".to_vec());
    let mut members = Members::new();
    members.fate(b"x", &fate);
    let expected = "<D:error><D:lock-token-submitted><D:href>/a&amp;b%20c/</D:href></D:lock-token-submitted></D:error>";
    assert!(told(&members).contains(expected));
    let mut members = Members::new();
    members.begin(b"x");
    let protected = MemberResult::refused(Failure::SubjectForbidden, Condition::CannotModifyProtectedProperty);
    members.properties(&protected, |out| out.extend_from_slice(PROP));
    members.properties(&MemberResult::failed(Failure::DependencyFailed), |_| {});
    let told = told_of(Method::PROPPATCH, false, false, &members);
    let refused = "<D:status>HTTP/1.1 403 Forbidden</D:status><D:error><D:cannot-modify-protected-property/></D:error>\
        <D:responsedescription>what PROPPATCH is about is protected from such a change</D:responsedescription>";
    assert!(told.contains(refused), "{told}");
    assert!(told.contains("<D:status>HTTP/1.1 424 Failed Dependency</D:status><D:responsedescription>"));
}

/// The number of a member's walk begins elsewhere than that of a request, and says so.
#[test]
fn the_number_of_a_walk_is_shown_only_where_the_site_says_so() {
    let mut members = Members::new();
    members.fate(b"x", &MemberResult::failed(Failure::Internal));
    let told = |because| told_of(Method::COPY, false, because, &members);
    assert!(!told(false).contains("because="));
    let shown = told(true);
    let number = shown.split_once("(because=m:").and_then(|(_, rest)| rest.split_once(')'));
    assert!(number.is_some_and(|(number, _)| number.parse::<Because>().is_ok()), "{shown}");
}

#[test]
fn many_fates_are_told_each_with_its_own() {
    let mut members = Members::new();
    for nth in 0..100_u32 {
        let mut fate = MemberResult::failed(Failure::SubjectLocked);
        fate.subject = Some(format!("/{nth}").into_bytes());
        members.fate(nth.to_string().as_bytes(), &fate);
        members.fate(b"same", &MemberResult::DONE);
    }
    let told = told(&members);
    for nth in 0..100 {
        let (_, member) = told.split_once(&format!("<D:response><D:href>/{nth}</D:href>")).expect("a member");
        let member = member.split_once("</D:response>").expect("its end").0;
        assert!(member.contains(&format!("<D:lock-token-submitted><D:href>/{nth}</D:href>")), "{member}");
    }
    assert_eq!((count(&told, " 423 "), count(&told, " 204 ")), (100, 100));
}

#[test]
fn text_has_no_markup_and_no_character_that_xml_lacks() {
    let written = |octets: &[u8]| {
        let mut out = Vec::new();
        text(octets, &mut out);
        String::from_utf8(out).expect("UTF-8")
    };
    assert_eq!(written(b"a<b>&\"'c"), "a&lt;b&gt;&amp;&quot;'c");
    assert_eq!(written(b"\t\n\r"), "&#9;&#10;&#13;");
    assert_eq!(written(b"\0\x1f\x7f"), "\u{fffd}\u{fffd}\u{7f}");
    assert_eq!(written(b"x\xffy\xc3"), "x\u{fffd}y\u{fffd}");
    let odd = "\u{fffe}z\u{ffff}\u{fffd}\u{fef}\u{10000}";
    assert_eq!(written(odd.as_bytes()), "\u{fffd}z\u{fffd}\u{fffd}\u{fef}\u{10000}");
    let mut out = Vec::new();
    uri(b"/a%20b&c d<\xc3\xbc\"?x#y", &mut out);
    assert_eq!(out, b"/a%20b&amp;c%20d%3C%C3%BC%22?x#y");
}

proptest! {
    /// Whatever the names are, the document is well formed, and each name comes back from its href.
    #[test]
    fn any_name_is_told(names in proptest::collection::vec(proptest::collection::vec(any::<u8>(), 0..40), 0..8)) {
        let mut members = Members::new();
        for name in &names {
            members.fate(name, &MemberResult::failed(Failure::Internal));
        }
        let told = told(&members);
        prop_assert!(is_balanced(&told), "{}", told);
        prop_assert_eq!(count(&told, "<D:response>"), names.len());
        // a name that no path has need not come back
        for name in names.iter().filter(|n| !n.contains(&0) && !n.contains(&b'/') && !matches!(&n[..], b"." | b"..")) {
            let mut written = Vec::new();
            href(name, &mut written);
            let mut room = vec![0; written.len()];
            prop_assert_eq!(decode_path(&written, &mut room).expect("a path").path, &name[..]);
        }
    }
}
