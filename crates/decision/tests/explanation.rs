//! The explanation as a client reads it: valid in each form whatever the request holds, and true to its duties.

use decision::because::Because;
use decision::case::Case;
use decision::condition::Condition;
use decision::drive::{Halt, Known, drive};
use decision::explanation::{self, Cause, Media, Permanence};
use decision::facts::{Connection, Denial, Facts, Failure, Reading};
use decision::graph::Arrow;
use decision::record::World;
use decision::reply::REPLY;
use decision::verdict::{End, Entity, Verdict};
use proptest::prelude::*;
use semantics::connection::Ends;
use semantics::date::Date;
use semantics::fault::{ContentFault, Fault, FieldError, FieldsSize, HostError, RequestLineError};
use semantics::field::Field;
use semantics::method::{Method, Methods};
use semantics::request::{Framing, Head, Line, Request, Span};
use semantics::status::Status;
use semantics::tag::EntityTag;
use semantics::target::Target as TargetForm;
use serde_json::{Value, json};

const FORMS: [Media; 4] = [Media::Html, Media::Problem, Media::Text, Media::Xml];

/// The octets of a request, and where its parts are.
struct Sent {
    octets: Vec<u8>,
    head: Head,
}

impl Sent {
    fn new(method: &str, target: &[u8], fields: &[(&str, &[u8])]) -> Sent {
        let mut sent = Sent { octets: Vec::new(), head: Head::default() };
        sent.head.method_name = sent.put(method.as_bytes());
        sent.head.method = Method::of(method.as_bytes());
        sent.head.target = sent.put(target);
        for (name, value) in fields {
            let line =
                Line { name: sent.put(name.as_bytes()), value: sent.put(value), field: Field::of(name.as_bytes()) };
            sent.head.push(line);
        }
        sent
    }

    fn put(&mut self, part: &[u8]) -> Span {
        let start = self.octets.len() as u32;
        self.octets.extend_from_slice(part);
        Span { start, end: self.octets.len() as u32 }
    }

    fn world(&self) -> World<'_> {
        let request = Request::new(&self.octets, &self.head);
        let target = TargetForm::parse(request.raw_target(), request.is(Method::CONNECT));
        let connection = Connection { octets: &self.octets, ..Connection::default() };
        World::new(connection, request, Reading { target, ..Reading::default() })
    }
}

fn get(target: &str) -> Sent {
    Sent::new("GET", target.as_bytes(), &[("Host", b"example.org")])
}

/// The verdict that this question led to, with this status.
fn verdict(id: &str, code: u16) -> Verdict {
    let mut because = Because::START;
    [true, false, false, true, true].into_iter().for_each(|yes| because.push(yes));
    let last = REPLY.find(id).unwrap_or_else(|| panic!("no question is called {id}")) as u16;
    let entity = if code < 400 { Entity::Pointer } else { Entity::Explanation };
    let sent = get("/");
    let world = sent.world();
    let Halt::Done(mut verdict) = drive(&mut Case::open(world.facts()), &mut Known(world.facts())) else {
        panic!("what is known is decided")
    };
    let status = Status::new(code).expect("a code");
    (verdict.status, verdict.because, verdict.last) = (status, because, last);
    (verdict.entity, verdict.ends) = (entity, Ends::Nothing);
    verdict
}

/// The same verdict with another status and another entity.
fn with(mut verdict: Verdict, code: u16, entity: Entity) -> Verdict {
    (verdict.status, verdict.entity) = (Status::new(code).expect("a code"), entity);
    verdict
}

/// Every error that the graph can end in.
fn errors() -> Vec<Verdict> {
    let ends = REPLY.rows.iter().zip(&REPLY.arrows).flat_map(|(row, arrows)| arrows.iter().map(move |a| (row.id, *a)));
    ends.filter_map(|(id, arrow)| match arrow {
        Arrow::End(End::Status(code, _)) if code >= 400 => Some(verdict(id, code)),
        _ => None,
    })
    .collect()
}

fn written(verdict: &Verdict, facts: &Facts<'_>, form: Media) -> Vec<u8> {
    let mut out = Vec::new();
    explanation::write(verdict, facts, form, &mut out);
    out
}

fn text(verdict: &Verdict, facts: &Facts<'_>) -> String {
    String::from_utf8(written(verdict, facts, Media::Text)).expect("text is UTF-8")
}

fn problem(verdict: &Verdict, facts: &Facts<'_>) -> Value {
    serde_json::from_slice(&written(verdict, facts, Media::Problem)).expect("a problem is valid JSON")
}

fn xml(verdict: &Verdict, facts: &Facts<'_>) -> String {
    String::from_utf8(written(verdict, facts, Media::Xml)).expect("XML is UTF-8")
}

/// What stands in the first element of this name.
fn child<'x>(xml: &'x str, name: &str) -> Option<&'x str> {
    let (_, rest) = xml.split_once(&format!("<{name}>"))?;
    Some(rest.split_once(&format!("</{name}>"))?.0)
}

/// A world of which every cause has something to tell.
fn talkative(sent: &Sent, fault: Fault) -> World<'_> {
    let mut world = sent.world();
    world.connection.fault = Some(fault);
    world.connection.retry_after = Some(7);
    world.site.shows_because = true;
    world.site.content_limit = Some(1_048_576);
    world.site.media_types = &["text/plain", "image/*"];
    world.site.content_codings = &["gzip"];
    world.site.protocols = &[b"websocket", b"h2c"];
    world.site.price = 5;
    world.storage.left = Some(10);
    world.target.lookup_denied = Some(Denial::Outside);
    world.target.upload_offset = Some(12);
    world.target.tag = Some(EntityTag { weak: true, opaque: sent.world().request.raw_target() });
    world.target.modified = Some(Date::EPOCH);
    world.target.length = 61_204;
    world.outcome.failure = Some(Failure::Internal);
    world.outcome.content_fault = Some(ContentFault::ChunkEnd);
    world
}

/// A request whose every part is this.
fn full_of(octets: &[u8]) -> Sent {
    let fields = [
        "Host",
        "Origin",
        "Range",
        "If-Match",
        "If-None-Match",
        "If-Unmodified-Since",
        "If",
        "Destination",
        "Lock-Token",
        "Expect",
        "Content-Type",
        "Content-Encoding",
        "Upload-Offset",
        "Upgrade",
        "Man",
        ":protocol",
    ];
    let mut sent = Sent::new("", octets, &fields.map(|name| (name, octets)));
    sent.head.method_name = sent.put(octets);
    sent.head.framing = Framing::Length(70_000);
    sent
}

fn faults(sent: &Sent) -> Vec<Fault> {
    let name = Some(sent.head.target);
    vec![
        Fault::FieldsTooLarge { what: FieldsSize::Line, name, size: 70_112, limit: 16_384 },
        Fault::FieldsTooLarge { what: FieldsSize::Count, name, size: 101, limit: 100 },
        Fault::Field { what: FieldError::SpaceBeforeColon, name, at: 17 },
        Fault::TransferCoding { value: sent.head.target },
        Fault::RequestLine { what: RequestLineError::Tls, at: 0 },
        Fault::Stalled { received: 12, limit: 20_000 },
        Fault::ContentStalled { received: 2, announced: 5, limit: 30_000 },
        Fault::Truncated { received: 12 },
        Fault::Version { major: 3, minor: 0 },
        Fault::Host { what: HostError::Repeated },
    ]
}

/// How many of these octets stand there.
fn count(page: &[u8], octets: &[u8]) -> usize {
    page.iter().filter(|octet| octets.contains(octet)).count()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    /// Whatever stands in a request, a problem is valid JSON and has no member twice.
    #[test]
    fn a_problem_is_valid_whatever_the_request_holds(octets in proptest::collection::vec(any::<u8>(), 0..300)) {
        let sent = full_of(&octets);
        for fault in faults(&sent) {
            let world = talkative(&sent, fault);
            for verdict in errors() {
                let octets = written(&verdict, &world.facts(), Media::Problem);
                let value: Value = serde_json::from_slice(&octets).expect("valid JSON");
                prop_assert_eq!(&value["status"], &json!(verdict.status.code()));
                prop_assert!(value["detail"].as_str().is_some_and(|detail| detail.len() > 10));
                let again = serde_json::to_vec(&value).expect("JSON");
                prop_assert_eq!(again.len() + 1, octets.len(), "a member stands there twice");
            }
        }
    }

    /// What stands in a request is never markup: a page has as much of it as if the request were all letters.
    #[test]
    fn a_page_takes_no_markup_from_the_request(octets in "x[<>&\"'=/a-c;\u{0}-\u{1f}é]{1,300}") {
        let (sent, harmless) = (full_of(octets.as_bytes()), full_of(&vec![b'x'; octets.len()]));
        for (fault, other) in faults(&sent).into_iter().zip(faults(&harmless)) {
            let (world, other) = (talkative(&sent, fault), talkative(&harmless, other));
            for verdict in errors() {
                let page = written(&verdict, &world.facts(), Media::Html);
                let tame = written(&verdict, &other.facts(), Media::Html);
                prop_assert_eq!(count(&page, b"<>\"'"), count(&tame, b"<>\"'"), "{}", Cause::of(&verdict, &world.facts()).id);
                prop_assert!(std::str::from_utf8(&page).is_ok());
            }
        }
    }

    /// Nor is it markup of XML, and each reference is one that XML knows.
    #[test]
    fn xml_takes_no_markup_from_the_request(octets in "x[<>&\"'=/a-c;\u{0}-\u{1f}é]{1,300}") {
        let (sent, harmless) = (full_of(octets.as_bytes()), full_of(&vec![b'x'; octets.len()]));
        for (fault, other) in faults(&sent).into_iter().zip(faults(&harmless)) {
            let (mut world, mut other) = (talkative(&sent, fault), talkative(&harmless, other));
            world.target.lock_root = Some(octets.as_bytes());
            other.target.lock_root = Some(b"x");
            for verdict in errors() {
                let told = xml(&verdict, &world.facts());
                let tame = xml(&verdict, &other.facts());
                prop_assert_eq!(count(told.as_bytes(), b"<>\""), count(tame.as_bytes(), b"<>\""), "{}", told);
                prop_assert!(told.chars().all(|c| c == '\n' || !c.is_control()));
                let bare = ["&amp;", "&lt;", "&gt;", "&quot;"].iter().fold(told.clone(), |t, known| t.replace(known, ""));
                prop_assert!(!bare.contains('&'), "{}", told);
                prop_assert!(told.ends_with("</D:error>\n"));
            }
        }
    }

    /// Text holds nothing that could command a terminal.
    #[test]
    fn text_commands_no_terminal(octets in proptest::collection::vec(any::<u8>(), 1..300)) {
        let sent = full_of(&octets);
        for fault in faults(&sent) {
            let world = talkative(&sent, fault);
            for verdict in errors() {
                let text = text(&verdict, &world.facts());
                prop_assert!(text.chars().all(|c| c == '\n' || !c.is_control()));
                prop_assert!(text.ends_with('\n') && text.lines().count() <= 8);
            }
        }
    }

    /// A link of a pointer stays one link, whatever Location holds.
    #[test]
    fn a_link_stays_one_link(location in proptest::collection::vec(any::<u8>(), 0..300)) {
        let sent = get("/old");
        let mut world = sent.world();
        world.target.location = Some(&location);
        let verdict = verdict("permanent_keeps_method", 301);
        let page = String::from_utf8(written(&verdict, &world.facts(), Media::Html)).expect("UTF-8");
        let mut links = page.split("href=\"").skip(1);
        let first = links.next().expect("a link");
        prop_assert!(links.count() <= 1);
        let value = first.split('"').next().expect("a value");
        prop_assert!(!value.contains(['<', '>', ' ', '\'']) && value.is_ascii());
        problem(&verdict, &world.facts());
    }
}

#[test]
fn each_error_names_its_code_and_says_whether_it_lasts() {
    let sent = get("/x");
    for verdict in errors() {
        let world = sent.world();
        let digits = verdict.status.to_string();
        for form in FORMS {
            let entity = String::from_utf8(written(&verdict, &world.facts(), form)).expect("UTF-8");
            let program = matches!(form, Media::Problem | Media::Xml);
            assert!(entity.contains(&digits) && (entity.contains(verdict.status.reason()) || program));
            let lower = entity.to_ascii_lowercase();
            assert!(lower.contains("temporary") || lower.contains("permanen"), "{entity}");
        }
        assert!(text(&verdict, &world.facts()).contains("\nbecause "));
    }
}

#[test]
fn nothing_is_permanent_and_to_be_tried_again() {
    let sent = get("/x");
    let world = talkative(&sent, Fault::Nothing);
    for verdict in errors() {
        let cause = Cause::of(&verdict, &world.facts());
        assert!(cause.retry_after.is_none() || cause.permanence == Permanence::Temporary, "{}", cause.id);
        assert_eq!(cause.retry_after, explanation::retry_after(&verdict, &world.facts()), "{}", cause.id);
        let problem = problem(&verdict, &world.facts());
        assert!(problem["retry_after"].is_null() || problem["permanence"] == "temporary");
    }
}

#[test]
fn an_explanation_is_short() {
    let sent = get("/some/where?of=usual&length=1");
    for verdict in errors() {
        let world = talkative(&sent, Fault::Nothing);
        for (form, most) in FORMS.into_iter().zip([3_584, 1_536, 1_024, 1_536]) {
            let length = written(&verdict, &world.facts(), form).len();
            assert!(length <= most, "{form:?} of {} has {length} octets", Cause::of(&verdict, &world.facts()).id);
        }
    }
    let sent = full_of(&[0xff; 70_000]);
    for verdict in errors() {
        let world = talkative(&sent, faults(&sent)[0]);
        assert!(FORMS.iter().all(|form| written(&verdict, &world.facts(), *form).len() < 8_192));
    }
}

#[test]
fn a_404_that_hides_something_is_a_true_one_to_the_octet() {
    let sent = get("/secret/diary.txt");
    let mut hidden = sent.world();
    hidden.site.shows_because = true;
    hidden.site.access_rules = true;
    hidden.site.existence_hidden = true;
    hidden.client.permitted = false;
    let mut missing = sent.world();
    missing.site.shows_because = true;
    missing.target.exists = false;
    missing.target.parent_exists = false;
    let (lie, truth) = (verdict("existence_hidden", 404), verdict("target_missing", 404));
    let mut longer = lie;
    longer.because.push(true);
    for form in FORMS {
        let truth = written(&truth, &missing.facts(), form);
        assert_eq!(written(&lie, &hidden.facts(), form), truth);
        assert_eq!(written(&longer, &hidden.facts(), form), truth);
        let number = [&b"because="[..], b"<B:because>"].map(|n| truth.windows(n.len()).any(|w| w == n));
        assert_eq!(number, [false; 2], "the number would tell one from the other");
    }
    assert_eq!(Cause::of(&lie, &hidden.facts()).id, "target_missing");
    assert_eq!(explanation::shown_because(&lie, &hidden.facts()), None);
    assert_eq!(explanation::shown_because(&truth, &missing.facts()), None);
}

#[test]
fn the_number_is_shown_only_where_the_site_says_so() {
    let sent = get("/x");
    let mut world = sent.world();
    let verdict = verdict("if_match_holds", 412);
    assert!(!text(&verdict, &world.facts()).contains("because="));
    world.site.shows_because = true;
    assert!(text(&verdict, &world.facts()).contains(&format!("because={}\n", verdict.because)));
    assert_eq!(problem(&verdict, &world.facts())["because"], verdict.because.to_string());
    assert_eq!(child(&xml(&verdict, &world.facts()), "B:because"), Some(verdict.because.to_string().as_str()));
}

/// The sentence of a problem.
fn detail(verdict: &Verdict, facts: &Facts<'_>) -> String {
    problem(verdict, facts)["detail"].as_str().expect("a sentence").to_owned()
}

#[test]
fn a_431_names_the_field_and_never_its_value() {
    let sent = Sent::new("GET", b"/", &[("Cookie", b"session=s3cr3t")]);
    let mut world = sent.world();
    let name = Some(sent.head.lines[0].name);
    world.connection.fault = Some(Fault::FieldsTooLarge { what: FieldsSize::Line, name, size: 70_112, limit: 16_384 });
    let verdict = verdict("fields_too_large", 431);
    assert_eq!(
        detail(&verdict, &world.facts()),
        "The field Cookie has 70,112 octets or more, and this server reads 16,384."
    );
    let problem = problem(&verdict, &world.facts());
    assert_eq!(problem["field"], "Cookie");
    assert_eq!((&problem["size"], &problem["limit"]), (&json!(70_112), &json!(16_384)));
    for form in FORMS {
        assert!(!String::from_utf8_lossy(&written(&verdict, &world.facts(), form)).contains("s3cr3t"));
    }
}

#[test]
fn a_412_shows_what_was_sent_and_what_stands_there() {
    let sent = Sent::new(
        "PUT",
        b"/doc",
        &[("If-Match", b"\"v1\""), ("If-Unmodified-Since", b"Thu, 01 Jan 1970 00:00:00 GMT")],
    );
    let mut world = sent.world();
    world.target.tag = Some(EntityTag { weak: false, opaque: b"v2" });
    world.target.modified = Some(Date::from_unix(86_400));
    let by_tag = verdict("if_match_holds", 412);
    assert_eq!(
        detail(&by_tag, &world.facts()),
        r#"If-Match names "v1", and what stands there now has the entity tag "v2"."#
    );
    assert_eq!(problem(&by_tag, &world.facts())["tag"], "\"v2\"");
    let by_date = verdict("if_unmodified_since_holds", 412);
    assert_eq!(problem(&by_date, &world.facts())["last_modified"], "Fri, 02 Jan 1970 00:00:00 GMT");
    world.target.exists = false;
    assert_eq!(detail(&by_tag, &world.facts()), r#"If-Match names "v1", and nothing stands at /doc."#);
}

#[test]
fn sizes_ranges_and_methods_are_told() {
    let mut sent = Sent::new("PUT", b"/doc", &[("Range", b"bytes=900-")]);
    sent.head.framing = Framing::Length(2_000_000);
    let mut world = sent.world();
    world.site.content_limit = Some(1_048_576);
    world.site.methods = Methods::of(&[Method::GET, Method::HEAD]);
    world.target.length = 800;
    let told = |id, code| problem(&verdict(id, code), &world.facts());
    assert_eq!(told("content_too_large", 413)["size"], 2_000_000);
    assert_eq!(told("content_too_large", 413)["limit"], 1_048_576);
    assert_eq!(told("range_satisfiable", 416)["range"], "bytes=900-");
    assert_eq!(told("range_satisfiable", 416)["length"], 800);
    assert_eq!(told("method_allowed", 405)["allow"], json!(["GET", "HEAD"]));
    assert_eq!(told("method_allowed", 405)["section"], "RFC 9110 §15.5.6");
}

#[test]
fn where_a_request_is_malformed_is_told() {
    let sent = get("/");
    let mut world = sent.world();
    world.connection.fault = Some(Fault::RequestLine { what: RequestLineError::SpaceInTarget, at: 17 });
    let told = problem(&verdict("request_line_valid", 400), &world.facts());
    assert_eq!((&told["offence"], &told["offset"]), (&json!("space_in_target"), &json!(17)));
    let sent = get("/a\"b");
    let told = problem(&verdict("target_form_valid", 400), &sent.world().facts());
    assert_eq!(told["offset"], 2);
    assert_eq!(told["detail"], "A byte that a target cannot have, at offset 2 of the target: /a\"b.");
    assert!(told["instance"].is_null(), "it is no reference");
}

#[test]
fn overload_and_maintenance_are_told_apart() {
    let sent = get("/");
    let mut world = sent.world();
    world.site.in_service = false;
    let (full, closed) = (verdict("overloaded", 503), verdict("in_maintenance", 503));
    assert_eq!(detail(&closed, &world.facts()), "The site is closed for maintenance.");
    assert_eq!(problem(&closed, &world.facts())["reason"], "maintenance");
    assert!(problem(&closed, &world.facts())["retry_after"].is_null(), "nobody knows");
    world.site.retry_after = Some(3_600);
    assert!(text(&closed, &world.facts()).contains("Try again in 3,600 seconds."));
    world.site.retry_after = None;
    world.connection.overloaded = true;
    assert_eq!(problem(&full, &world.facts())["retry_after"], 5);
    assert_eq!(problem(&full, &world.facts())["reason"], "overload");
}

#[test]
fn a_long_target_is_cut() {
    let sent = get(&format!("/{}", "a".repeat(5_000)));
    for form in FORMS {
        let entity =
            String::from_utf8(written(&verdict("target_missing", 404), &sent.world().facts(), form)).expect("UTF-8");
        assert!(entity.contains(&format!("/{}…", "a".repeat(255))) && !entity.contains(&"a".repeat(256)));
    }
}

#[test]
fn a_pointer_has_its_link() {
    let sent = get("/old");
    let mut world = sent.world();
    world.target.location = Some(b"/new?a=1&b=\"2\"");
    let verdict = verdict("permanent_keeps_method", 308);
    let page = String::from_utf8(written(&verdict, &world.facts(), Media::Html)).expect("UTF-8");
    assert!(page.contains(r#"<a href="/new?a=1&amp;b=%222%22">/new?a=1&amp;b=&#34;2&#34;</a>"#), "{page}");
    assert_eq!(problem(&verdict, &world.facts())["location"], "/new?a=1&b=%222%22");
    assert!(text(&verdict, &world.facts()).contains("\nAddress: /new?a=1&b=%222%22\n"));
    for never in ["javascript:alert(1)", "data:text/html,x", "\u{1}javascript:alert(1)", "vbscript:x"] {
        world.target.location = Some(never.as_bytes());
        let page = String::from_utf8(written(&verdict, &world.facts(), Media::Html)).expect("UTF-8");
        assert!(!page.contains("<a href=\"j") && page.matches("<a ").count() == 1, "{page}");
    }
}

#[test]
fn what_has_no_entity_of_this_kind_gets_none() {
    let sent = get("/");
    for (code, entity) in [
        (200, Entity::Representation),
        (204, Entity::Nothing),
        (205, Entity::Nothing),
        (206, Entity::Ranges),
        (207, Entity::Members),
        (304, Entity::Nothing),
    ] {
        let verdict = with(verdict("representation_available", 500), code, entity);
        assert!(FORMS.iter().all(|form| written(&verdict, &sent.world().facts(), *form).is_empty()), "{code}");
    }
    let relayed = with(verdict("reply_fixed", 410), 410, Entity::Relayed);
    let mut world = sent.world();
    assert!(written(&relayed, &world.facts(), Media::Text).is_empty(), "what an upstream answered explains itself");
    world.site.fixed_reply = Some(relayed.status);
    assert!(text(&relayed, &world.facts()).contains("because a rule of this site fixes this answer for /.\n"));
    let accepted = with(verdict("accepted_for_later", 500), 202, Entity::Result);
    assert!(text(&accepted, &sent.world().facts()).contains("taken on"));
}

fn chosen(method: &str, lines: &[&str]) -> Media {
    let fields: Vec<_> = lines.iter().map(|line| ("Accept", line.as_bytes())).collect();
    let sent = Sent::new(method, b"/", &fields);
    Media::choose(sent.world().request)
}

#[test]
fn the_form_is_the_one_that_the_client_prefers() {
    for (lines, form) in [
        (&[][..], Media::Text),
        (&["*/*"], Media::Text),
        (&["text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,*/*;q=0.8"], Media::Html),
        (&["application/json"], Media::Problem),
        (&["application/json, text/plain, */*"], Media::Problem),
        (&["application/problem+json"], Media::Problem),
        (&["application/vnd.api+JSON;q=0.5, */*;q=0.1"], Media::Problem),
        (&["application/*"], Media::Problem),
        (&["text/*"], Media::Text),
        (&["text/plain;q=0.5, TEXT/HTML"], Media::Html),
        (&["text/html;q=0.5, application/json;q=0.500, */*;q=0.1"], Media::Html),
        (&["text/html;q=0.3", "application/json;q=0.7"], Media::Problem),
        (&["text/plain;q=0, */*"], Media::Html),
        (&["text/html;q=0, text/plain;q=0, */*;q=0.1"], Media::Problem),
        (&["image/avif,image/webp,*/*;q=0.8"], Media::Text),
        (&["image/png"], Media::Text),
        (&["text/html;q=0"], Media::Text),
        (&["", " , ;q=1,text"], Media::Text),
        (&["application/xml"], Media::Xml),
        (&["Text/XML;q=0.5, application/json;q=0.4"], Media::Xml),
        (&["application/xhtml+xml"], Media::Text),
    ] {
        for method in ["GET", "PUT", "DELETE", "OPTIONS"] {
            assert_eq!(chosen(method, lines), form, "{lines:?}");
        }
    }
}

/// RFC 4918 §8.2, §16: a client of WebDAV reads XML, if it asks for nothing else by name.
#[test]
fn a_method_of_webdav_is_answered_in_xml() {
    for (lines, form) in [
        (&[][..], Media::Xml),
        (&["*/*"], Media::Xml),
        (&["application/xml, text/xml"], Media::Xml),
        (&["text/xml"], Media::Xml),
        (&["application/*"], Media::Xml),
        (&["image/png"], Media::Xml),
        (&["image/avif,*/*;q=0.8"], Media::Xml),
        (&["text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"], Media::Html),
        (&["application/json"], Media::Problem),
        (&["application/json, */*"], Media::Problem),
        (&["text/plain"], Media::Text),
        (&["application/xml;q=0, */*"], Media::Text),
    ] {
        for method in ["PROPFIND", "PROPPATCH", "MKCOL", "COPY", "LOCK", "BIND", "REPORT"] {
            assert_eq!(chosen(method, lines), form, "{method} {lines:?}");
        }
    }
}

/// DAV-027: PUT and DELETE come from clients of WebDAV too; a condition with a name is told by its element, unless the
/// client names another form.
#[test]
fn a_condition_is_told_in_xml_where_webdav_is_spoken() {
    let form = |method: &str, accept: &str, id: &str, code: u16, webdav: bool| {
        let sent = Sent::new(method, b"/doc", &[("Accept", accept.as_bytes())]);
        let mut world = sent.world();
        world.site.webdav = webdav;
        Media::of(&verdict(id, code), &world.facts())
    };
    assert_eq!(form("PUT", "*/*", "locked", 423, true), Media::Xml);
    assert_eq!(form("DELETE", "*/*", "locked", 423, true), Media::Xml);
    assert_eq!(form("PUT", "text/html, */*;q=0.1", "locked", 423, true), Media::Html);
    assert_eq!(form("PUT", "application/json", "storage_insufficient", 507, true), Media::Problem);
    assert_eq!(form("PUT", "*/*", "locked", 423, false), Media::Text);
    assert_eq!(form("PUT", "*/*", "if_match_holds", 412, true), Media::Text, "it has no condition with a name");
    assert_eq!(form("PROPFIND", "*/*", "target_missing", 404, false), Media::Xml);
}

/// DAV-007, DAV-023, DAV-024, DAV-025, DAV-032: each condition follows from its cause.
#[test]
fn a_cause_has_its_condition() {
    for (id, code, element) in [
        ("depth_infinity_refused", 403, "<D:propfind-finite-depth/>"),
        ("storage_quota_left", 507, "<D:quota-not-exceeded/>"),
        ("if_header_holds", 412, "<D:lock-token-matches-request-uri/>"),
        ("locked", 423, "<D:lock-token-submitted><D:href>/doc</D:href></D:lock-token-submitted>"),
        ("lock_conflicts", 423, "<D:no-conflicting-lock/>"),
        ("lock_token_matches", 409, "<D:lock-token-matches-request-uri/>"),
        ("binding_overwrite_refused", 412, "<D:can-overwrite/>"),
        ("subject_locked", 423, "<D:lock-token-submitted><D:href>/doc</D:href></D:lock-token-submitted>"),
        ("storage_insufficient", 507, "<D:sufficient-disk-space/>"),
    ] {
        let sent = Sent::new("LOCK", b"/doc?v", &[]);
        let told = xml(&verdict(id, code), &sent.world().facts());
        assert_eq!(told.lines().nth(2), Some(element), "{id}");
        assert_eq!(child(&told, "B:cause"), Some(id));
    }
    let put = Sent::new("PUT", b"/doc", &[]);
    for (id, code) in [("if_header_holds", 412), ("if_match_holds", 412), ("target_missing", 404)] {
        let told = xml(&verdict(id, code), &put.world().facts());
        assert_eq!(told.matches("<D:").count(), 1, "{id} has no condition: {told}");
    }
}

/// DAV-027: 423 names the resource that is locked, which may be another than the target.
#[test]
fn a_lock_is_named_by_its_root() {
    let sent = Sent::new("PUT", b"/a/b", &[]);
    let mut world = sent.world();
    world.target.lock_root = Some(b"/a&b%20c/");
    let told = xml(&verdict("locked", 423), &world.facts());
    assert_eq!(child(&told, "D:lock-token-submitted"), Some("<D:href>/a&amp;b%20c/</D:href>"));
    world.outcome.subject = Some(b"/a/b/<x");
    let told = xml(&verdict("lock_conflicts", 423), &world.facts());
    assert_eq!(child(&told, "D:no-conflicting-lock"), Some("<D:href>/a/b/%3Cx</D:href>"));
}

/// DAV-004: what the action told of itself goes before what the cause says.
#[test]
fn the_deed_has_the_first_word_on_its_condition() {
    let sent = Sent::new("PROPFIND", b"/", &[]);
    let mut world = sent.world();
    world.outcome.condition = Some(Condition::NoExternalEntities);
    let told = xml(&verdict("subject_forbidden", 403), &world.facts());
    assert_eq!(
        told.lines().take(4).collect::<Vec<_>>(),
        [
            r#"<?xml version="1.0" encoding="utf-8"?>"#,
            r#"<D:error xmlns:D="DAV:" xmlns:B="https://because.invalid/ns">"#,
            "<D:no-external-entities/>",
            "<B:status>403</B:status>",
        ]
    );
}

#[test]
fn what_is_no_error_is_no_error_in_xml() {
    let sent = Sent::new("PROPFIND", b"/dir", &[]);
    let mut world = sent.world();
    world.target.location = Some(b"/dir/?a&b");
    let told = xml(&verdict("permanent_keeps_method", 308), &world.facts());
    assert!(!told.contains("D:error") && told.contains("<B:answer ") && told.ends_with("</B:answer>\n"), "{told}");
    assert_eq!(child(&told, "B:location"), Some("/dir/?a&amp;b"));
}
